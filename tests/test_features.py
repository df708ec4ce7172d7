"""Edges and histograms of their orientations (A58)."""
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from hypothesis.extra import numpy as hnp

from course_lib import datasets
from course_lib.features import gradients, hog, orientation_histogram


def by_loops(image, bins, signed):
    """The histogram of one cell, pixel by pixel, as the formula says."""
    H, W = image.shape
    turn = 360 if signed else 180
    step, histogram = turn / bins, np.zeros(bins)
    at = lambda i, j: image[min(max(i, 0), H - 1), min(max(j, 0), W - 1)]      # noqa: E731
    for i in range(H):
        for j in range(W):
            gx, gy = at(i, j + 1) - at(i, j - 1), at(i + 1, j) - at(i - 1, j)
            place = math.degrees(math.atan2(gy, gx)) % turn / step
            low = math.floor(place)
            histogram[low % bins] += math.hypot(gx, gy) * (1 - (place - low))
            histogram[(low + 1) % bins] += math.hypot(gx, gy) * (place - low)
    return histogram


IMAGES = hnp.arrays(np.float64, st.tuples(st.integers(1, 6), st.integers(1, 7)), elements=st.integers(-5, 5).map(float))


@settings(deadline=None, max_examples=60)
@given(IMAGES, st.integers(2, 12), st.booleans())
def test_histogram_is_the_formula(image, bins, signed):
    np.testing.assert_allclose(orientation_histogram(image, bins, signed=signed), by_loops(image, bins, signed),
                               atol=1e-9)


def bar():
    image = np.zeros((8, 8))
    image[:, 3:5] = 1
    return image


@pytest.mark.parametrize("bins", [2, 4, 8, 12])
def test_turning_a_bar_by_90_degrees_shifts_the_bins_by_half(bins):
    upright, lying = orientation_histogram(bar(), bins), orientation_histogram(np.rot90(bar()), bins)
    np.testing.assert_array_equal(np.roll(upright, bins // 2), lying)
    assert upright.argmax() == 0 and (upright > 0).sum() == 1 and lying.argmax() == bins // 2


@settings(deadline=None, max_examples=40)
@given(IMAGES)
def test_turning_any_image_shifts_the_signed_bins_by_a_quarter(image):
    before = orientation_histogram(image, 8, signed=True)
    turned = orientation_histogram(np.rot90(image, -1), 8, signed=True)            # clockwise: right becomes down
    np.testing.assert_allclose(np.roll(before, 2), turned, atol=1e-9)


def test_sign_is_kept_only_if_asked():
    edge = np.zeros((6, 6))
    edge[:, 3:] = 1                                                  # dark to bright
    np.testing.assert_array_equal(orientation_histogram(edge, 8), orientation_histogram(1 - edge, 8))
    assert orientation_histogram(edge, 8, signed=True).argmax() == 0
    assert orientation_histogram(1 - edge, 8, signed=True).argmax() == 4


def test_angles_point_right_down_left_up():
    ramp = np.arange(5.0)[None] + np.zeros((5, 1))
    for turned, expected in ((ramp, 0), (ramp.T, 90), (-ramp, 180), (-ramp.T, 270)):
        magnitude, angle = gradients(turned)
        assert angle[2, 2] == expected and magnitude[2, 2] == 2 and 0 <= angle.min() and angle.max() < 360


def test_cells_are_histograms_of_their_own_pixels():
    image = np.random.default_rng(0).random((3, 8, 12))
    cells = orientation_histogram(image, 6, cell=4)
    assert cells.shape == (3, 2, 3, 6)
    np.testing.assert_allclose(cells.sum(axis=(1, 2)), orientation_histogram(image, 6))
    other = image.copy()
    other[:, :, 6:] = 0                                              # pixels that no gradient of cell 0 sees
    np.testing.assert_array_equal(orientation_histogram(other, 6, cell=4)[:, :, 0], cells[:, :, 0])


def test_hog_length_and_blocks():
    digits = datasets.digits().X_test.reshape(-1, 8, 8)
    assert hog(digits, 8, cell=4, block=2).shape == (450, 1 * 1 * 4 * 8)
    assert hog(digits, 9, cell=2, block=2).shape == (450, 3 * 3 * 4 * 9)
    assert hog(digits, 9, cell=2, block=1).shape == (450, 4 * 4 * 9)
    assert hog(digits[0], 9, cell=2, block=1).shape == (4 * 4 * 9,)
    assert hog(digits).dtype == np.float32                           # of the images
    blocks = hog(digits[:5].astype(float), 6, cell=2, block=2, eps=1e-9).reshape(5, 9, 24)
    np.testing.assert_allclose((blocks ** 2).sum(axis=-1), 1, atol=1e-9)
    cells = orientation_histogram(digits[0].astype(float), 6, cell=2)
    corner = cells[1:3, 2:4].ravel()                                 # the block in row 1, column 2
    np.testing.assert_allclose(blocks[0, 1 * 3 + 2], corner / np.linalg.norm(corner), atol=1e-9)


def test_blocks_of_an_image_that_is_no_square():
    image = np.random.default_rng(0).random((4, 10))
    cells, blocks = orientation_histogram(image, 4, cell=2), hog(image, 4, cell=2, block=2, eps=1e-9).reshape(1, 4, 16)
    for j in range(4):
        corner = cells[:2, j:j + 2].ravel()
        np.testing.assert_allclose(blocks[0, j], corner / np.linalg.norm(corner), atol=1e-9)


@pytest.mark.parametrize("eps", [0.01, 0.5, 3.0])
def test_eps_is_squared_like_the_length(eps):
    bins = orientation_histogram(bar(), 4)
    np.testing.assert_allclose(hog(bar(), 4, cell=8, block=1, eps=eps), bins / np.sqrt((bins ** 2).sum() + eps ** 2))


def test_contrast_and_brightness_do_not_matter():
    digits = datasets.digits().X_test[:20].reshape(-1, 8, 8).astype(float)
    np.testing.assert_allclose(hog(0.2 * digits + 0.5, eps=1e-9), hog(digits, eps=1e-9), atol=1e-6)


def test_cells_without_any_edge_stay_zero():
    """Zero gradients: no direction, no vote, no division by zero."""
    flat = np.full((2, 8, 8), 0.7)
    assert not hog(flat).any()
    half = flat.copy()
    half[:, :4, :2] = 0
    cells = hog(half, cell=4, block=1).reshape(2, 4, 8)
    assert np.isfinite(cells).all() and cells[:, 0].any() and not cells[:, 1].any()


@pytest.mark.parametrize("act, error, text", [
    (lambda: gradients([1.0, 2.0]), ValueError, "gradients: images must have shape (..., H, W), but is (2,)"),
    (lambda: gradients([[np.nan]]), ValueError, "gradients: images must be finite, but is nan at index (0, 0)"),
    (lambda: hog(np.zeros((8, 8)), 1), ValueError, "orientation_histogram: bins must be at least 2, but is 1"),
    (lambda: hog(np.zeros((8, 9))), ValueError,
     "orientation_histogram: cell must divide the image's 8 x 9 pixels, but is 4"),
    (lambda: hog(np.zeros((8, 8)), block=3), ValueError, "hog: block must fit into the 2 x 2 cells, but is 3"),
    (lambda: hog(np.zeros((8, 8)), block=0), ValueError, "hog: block must be at least 1, but is 0"),
    (lambda: hog(np.zeros((8, 8)), cell=None), TypeError, "hog: cell must be a whole number, but is None"),
    (lambda: hog(np.zeros((8, 8)), eps=0), ValueError,
     "hog: eps must be a finite number and greater than 0, but is 0"),
])
def test_errors(act, error, text):
    with pytest.raises(error) as caught:
        act()
    assert str(caught.value) == text
