"""Augmentation: identities, bounds, and references in NumPy and SciPy (A43, A44, A45, A46)."""
import numpy as np
import pytest
import scipy.ndimage
import scipy.signal
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib import augmentation as aug
from course_lib import datasets

DRAW = dict(max_examples=25, deadline=None, derandomize=True)


def rng(seed=0):
    return np.random.default_rng(seed)


def images(n=4, height=7, width=7):
    return rng().random((n, height, width))


# -- images (A43) -----------------------------------------------------------------------------------

@settings(**DRAW)
@given(down=st.integers(-3, 3), right=st.integers(-3, 3), fill=st.sampled_from([0.0, 0.5]))
def test_a_whole_shift_is_a_roll_with_a_filled_edge(down, right, fill):
    before = images()
    expected = np.roll(before, (down, right), (1, 2))
    expected[:, :down] = fill if down > 0 else expected[:, :down]
    expected[:, 7 + down if down < 0 else 7:] = fill
    expected[:, :, :right] = fill if right > 0 else expected[:, :, :right]
    expected[:, :, 7 + right if right < 0 else 7:] = fill
    np.testing.assert_allclose(aug.shift(before, down, right, fill), expected, atol=1e-12)


@settings(**DRAW)
@given(seed=st.integers(0, 2**32 - 1), height=st.integers(3, 8), width=st.integers(3, 8))
def test_affine_equals_scipy(seed, height, width):
    """Any matrix and offset, against scipy.ndimage.affine_transform with linear interpolation."""
    draw = rng(seed)
    before = draw.random((height, width))
    matrix, offset = np.eye(2) + 0.4 * draw.standard_normal((2, 2)), draw.uniform(-2, 2, 2)
    middle = np.array([(height - 1) / 2, (width - 1) / 2])
    back = np.linalg.inv(matrix)
    expected = scipy.ndimage.affine_transform(np.pad(before, 9), back, order=1, mode="constant",
                                              offset=middle + 9 - back @ (middle + 9 + offset))[9:-9, 9:-9]
    np.testing.assert_allclose(aug.affine(before, matrix, offset), expected, atol=1e-6)


def test_turns_and_mirrors_are_numpys():
    before = images()
    for quarters in (1, 2, 3, -1):
        np.testing.assert_allclose(aug.rotate(before, 90 * quarters), np.rot90(before, quarters, (1, 2)), atol=1e-12)
    np.testing.assert_array_equal(aug.flip(before), before[:, :, ::-1])
    np.testing.assert_array_equal(aug.flip(before, "vertical"), before[:, ::-1])
    np.testing.assert_array_equal(aug.flip(aug.flip(before)), before)
    np.testing.assert_array_equal(aug.zoom(before, 1), before)
    np.testing.assert_array_equal(aug.rotate(before, 0), before)
    np.testing.assert_allclose(aug.affine(before, [[1, 0], [0, -1]]), aug.flip(before), atol=1e-12)


def test_zoom_enlarges_about_the_middle():
    dot = np.zeros((9, 9))
    dot[4, 6] = 1.0
    assert np.unravel_index(aug.zoom(dot, 2).argmax(), (9, 9)) == (4, 8)
    assert np.unravel_index(aug.zoom(dot, 0.5).argmax(), (9, 9)) == (4, 5)
    assert aug.zoom(dot, 0.5, fill=7.0)[0, 0] == 7.0


def test_every_image_may_have_its_own_transform():
    before = images(2)
    matrices = np.stack([np.eye(2), -np.eye(2)])
    out = aug.affine(before, matrices, [[0, 0], [0, 0]])
    np.testing.assert_allclose(out, [before[0], np.rot90(before[1], 2)], atol=1e-12)


def test_inputs_stay_and_dtypes_are_kept():
    before = images().astype(np.float32)
    copy = before.copy()
    for change in (lambda x: aug.shift(x, 1, 1), aug.flip, lambda x: aug.rotate(x, 10), lambda x: aug.zoom(x, 1.2),
                   lambda x: aug.add_noise(x, 0.1, rng=rng()), lambda x: aug.augment(x, shift=1, mirror=True, rng=rng())):
        out = change(before)
        assert out.dtype == np.float32 and out.shape == before.shape and not np.shares_memory(out, before)
        np.testing.assert_array_equal(before, copy)
    assert aug.flip(np.ones((3, 3), int)).dtype == np.float32


def test_augment_stays_within_its_bounds_and_repeats():
    dot = np.zeros((400, 15, 15))
    dot[:, 7, 11] = 1.0                                                  # four pixels right of the middle
    moved = aug.augment(dot, shift=1, degrees=30, zoom=0.25, rng=rng())
    np.testing.assert_array_equal(moved, aug.augment(dot, shift=1, degrees=30, zoom=0.25, rng=rng()))
    down, right = (np.mgrid[:15, :15] - 7)[:, None] * moved
    total = moved.sum((1, 2))
    centre = np.hypot(down.sum((1, 2)) / total, right.sum((1, 2)) / total)
    assert 4 / 1.25 - 2 < centre.min() and centre.max() < 4 * 1.25 + 2
    turned = aug.augment(dot, degrees=30, rng=rng())
    angles = np.degrees(np.arctan2(-(down := (np.mgrid[:15, :15][0] - 7) * turned).sum((1, 2)),
                                   ((np.mgrid[:15, :15][1] - 7) * turned).sum((1, 2))))
    assert np.abs(angles).max() < 32 and angles.min() < -20 and angles.max() > 20 and down.any()
    mirrored = aug.augment(dot, mirror=True, rng=rng())[:, 7, 3] > 0.5
    assert 0.4 < mirrored.mean() < 0.6
    assert aug.augment(dot, noise=0.1, rng=rng())[:, 0, 0].std() == pytest.approx(0.1, rel=0.1)
    np.testing.assert_array_equal(aug.augment(dot, rng=rng()), dot)


def test_noise_has_mean_zero_and_the_deviation_asked_for():
    noise = aug.add_noise(np.full((50, 20, 20), 3.0), 0.5, rng=rng()) - 3
    assert abs(noise.mean()) < 0.01 and noise.std() == pytest.approx(0.5, rel=0.02)


@pytest.mark.parametrize("transform, classes, safe", [
    ("half turn", range(10), False), ("half turn", "69", False), ("half turn", [0, 8], True), ("half turn", "68", True),
    ("mirror", "bd", False), ("mirror", "69", True), ("upside down", "bp", False), ("upside down", "bd", True),
    ("shift", "69bd", True), ("small turn", range(10), True), ("quarter turn", "NZ", False)])
def test_which_transforms_change_the_class(transform, classes, safe):
    assert aug.label_safe(transform, classes) == safe


def test_symmetries_are_applied_by_name_if_safe():
    before = images()
    np.testing.assert_allclose(aug.symmetry(before, "half turn", [0, 8]), before[:, ::-1, ::-1], atol=1e-12)
    np.testing.assert_array_equal(aug.symmetry(before, "upside down", "o"), before[:, ::-1])
    np.testing.assert_array_equal(aug.symmetry(before, "mirror", "o"), before[:, :, ::-1])
    np.testing.assert_allclose(aug.symmetry(before, "quarter turn", "o"), np.rot90(before, 1, (1, 2)), atol=1e-12)


# -- mixtures (A44) ----------------------------------------------------------------------------------

def test_mixup_blends_examples_and_targets_alike():
    X, Y = rng().random((200, 3, 2)), np.eye(4)[rng().integers(0, 4, 200)]
    mixed, targets = aug.mixup(X, Y, alpha=1.0, rng=rng())
    np.testing.assert_allclose(targets.sum(axis=1), 1, atol=1e-12)
    assert targets.min() >= 0 and X.min() <= mixed.min() and mixed.max() <= X.max()      # convex
    assert (np.abs(mixed - X).max(axis=(1, 2)) > 1e-3).mean() > 0.9
    both, same = aug.mixup(Y, Y, alpha=1.0, rng=rng())
    np.testing.assert_array_equal(both, same)
    nearly, _ = aug.mixup(X, Y, alpha=1e-3, rng=rng())
    distance = np.abs(nearly[:, None] - X[None]).max((2, 3)).min(1)
    assert np.median(distance) < 1e-6                                    # alpha near 0: originals


def test_extrapolation_moves_away_within_the_class():
    X, y = rng().random((9, 2)), np.array([0, 0, 0, 0, 1, 1, 1, 1, 2])
    out = aug.extrapolate(X, y, 0.5, rng=rng())
    np.testing.assert_array_equal(out[8], X[8])                          # alone in its class
    for k in range(8):
        partners = [j for j in range(9) if j != k and y[j] == y[k]]
        assert min(np.abs(out[k] - X[k] - 0.5 * (X[k] - X[j])).max() for j in partners) < 1e-12
    np.testing.assert_allclose(aug.extrapolate(X, y, -1.0, rng=rng())[:8].sum(0), X[:8].sum(0))     # λ = -1: each other's


# -- sound (A45) -------------------------------------------------------------------------------------

def test_spectrogram_equals_scipys_stft():
    sound = datasets.chirps(3, rng=rng())[0]
    ours = aug.spectrogram(sound, window=128, hop=32)
    window = np.hanning(128)
    _, _, theirs = scipy.signal.stft(sound, window=window, nperseg=128, noverlap=96, boundary=None, padded=False)
    expected = 20 * np.log10(np.maximum(np.abs(theirs) * window.sum(), 1e-5))
    assert ours.shape == (3, 65, 59) == expected.shape
    np.testing.assert_allclose(ours, expected, atol=2e-3)
    assert (aug.spectrogram(np.zeros(300)) == -100).all()


def test_chirps_rise_fall_and_stay():
    """The loudest frequency over time, read from the spectrogram."""
    X, y = datasets.chirps(80, noise=0.1, rng=rng())
    pitch = aug.spectrogram(X, window=256, hop=64).argmax(axis=1)
    change = pitch[:, -1].astype(int) - pitch[:, 0]
    assert (change[y == 0] > 5).all() and (change[y == 1] < -5).all() and (np.abs(change[y == 2]) <= 2).all()
    assert (np.ptp(pitch[y == 3], axis=1) > 5).all() and (np.abs(change[y == 3]) < np.ptp(pitch[y == 3], axis=1)).all()
    assert np.bincount(y).tolist() == [20] * 4 and datasets.chirps(3, rng=rng())[0].dtype == np.float32


@settings(**DRAW)
@given(F=st.integers(0, 10), T=st.integers(0, 14), masks=st.integers(0, 2), seed=st.integers(0, 2**32 - 1))
def test_masks_are_no_wider_than_asked_and_leave_the_rest(F, T, masks, seed):
    S = rng(seed).random((12, 20)) + 1
    out = aug.spec_augment(S, F=F, T=T, frequency_masks=masks, time_masks=masks, fill=0.0, rng=rng(seed))
    hidden = out == 0
    rows, columns = hidden.all(axis=1), hidden.all(axis=0)
    assert rows.sum() <= F * masks and columns.sum() <= T * masks
    np.testing.assert_array_equal(hidden, rows[:, None] | columns[None])
    np.testing.assert_array_equal(out[~hidden], S[~hidden])


def test_masks_of_every_width_and_the_mean_as_filling():
    S = rng().random((8, 10))
    widths = [(aug.spec_augment(S, F=3, T=0, fill=-1.0, rng=rng(k)) == -1).all(axis=1).sum() for k in range(200)]
    assert set(widths) == {0, 1, 2, 3} and min(widths.count(w) for w in range(4)) > 25
    starts = {int((aug.spec_augment(S, F=0, T=2, fill=-1.0, rng=rng(k)) == -1).any(axis=0).argmax()) for k in range(100)}
    assert starts == set(range(10))                                      # masks lie anywhere, the last time included
    out = aug.spec_augment(S, F=8, T=0, frequency_masks=5, rng=rng(1))
    assert set(np.setdiff1d(out, S)) == {S.mean()}


def test_warp_moves_one_moment_keeps_the_ends_and_the_order():
    ramp = np.tile(np.arange(21.0), (3, 1))
    for by in (-4, 0, 5):
        out = aug.time_warp(ramp, 9, by)
        assert out[0, 0] == 0 and out[0, -1] == 20 and out[0, 9 + by] == 9
        assert (np.diff(out[0]) > 0).all()                               # time never runs backwards
    np.testing.assert_array_equal(aug.time_warp(ramp, 9, 0), ramp)
    np.testing.assert_array_equal(aug.spec_augment(ramp, F=0, T=0, W=0, rng=rng()), ramp)
    warped = [aug.spec_augment(ramp, F=0, T=0, W=9, rng=rng(k)) for k in range(30)]
    assert max(np.abs(out - ramp).max() for out in warped) <= 9 and any((out != ramp).any() for out in warped)


# -- text (A46) --------------------------------------------------------------------------------------

SENTENCE = "i have a new car and a new house".split()
SYNONYMS = {"new": ["fresh", "recent"], "car": ["vehicle"]}


def edits(rate, seed=0):
    return {"replace": aug.synonym_replacement(SENTENCE, rate, SYNONYMS, rng=rng(seed)),
            "insert": aug.random_insertion(SENTENCE, rate, SYNONYMS, rng=rng(seed)),
            "swap": aug.random_swap(SENTENCE, rate, rng=rng(seed)),
            "delete": aug.random_deletion(SENTENCE, rate, rng=rng(seed))}


def test_rate_zero_is_the_identity_and_seeds_repeat():
    assert all(words == SENTENCE for words in edits(0.0).values())
    assert edits(0.4) == edits(0.4) and SENTENCE[4] == "car"
    assert sum(edits(0.4, seed)["swap"] != SENTENCE for seed in range(20)) > 10


@pytest.mark.parametrize("seed", range(5))
def test_text_edits_keep_what_they_should(seed):
    out = edits(0.5, seed)
    allowed = {"new": {"new", "fresh", "recent"}, "car": {"car", "vehicle"}}
    assert len(out["replace"]) == len(SENTENCE)
    assert all(b in allowed.get(a, {a}) for a, b in zip(SENTENCE, out["replace"]))
    assert sorted(out["swap"]) == sorted(SENTENCE)
    added = list(out["insert"])
    for word in SENTENCE:
        added.remove(word)
    assert set(added) <= {"fresh", "recent", "vehicle"} and len(added) <= len(SENTENCE)
    words = iter(SENTENCE)
    assert out["delete"] and all(word in words for word in out["delete"])       # the order stays


def test_rate_one_and_unknown_words():
    assert aug.synonym_replacement(["car", "sun"], 1.0, SYNONYMS, rng=rng()) == ["vehicle", "sun"]
    assert len(aug.random_insertion(["car", "sun"], 1.0, SYNONYMS, rng=rng())) == 4
    assert aug.random_insertion(["sun"], 1.0, SYNONYMS, rng=rng()) == ["sun"]
    assert aug.random_deletion(["a", "b"], 1.0, rng=rng()) in (["a"], ["b"])
    assert aug.random_swap(["one"], 1.0, rng=rng()) == ["one"]


def test_a_typo_exchanges_two_neighbours():
    seen = {aug.typo("car", rng=rng(k)) for k in range(20)}
    assert seen == {"acr", "cra"} and aug.typo("a", rng=rng()) == "a"


@pytest.mark.parametrize("act, error, text", [
    (lambda: aug.shift(np.ones(3), 1, 0), ValueError, r"affine: images must have shape \(..., H, W\), but is \(3,\)"),
    (lambda: aug.flip(np.ones((1, 1, 3, 3))), ValueError,
     r"flip: images must have shape \(H, W\) or \(N, H, W\), but is \(1, 1, 3, 3\)"),
    (lambda: aug.flip(np.ones((3, 3)), "both"), ValueError, "flip: axis must be one of 'horizontal', 'vertical', but is 'both'"),
    (lambda: aug.affine(np.ones((3, 3)), np.zeros((2, 2))), ValueError, "affine: matrix must be invertible"),
    (lambda: aug.zoom(np.ones((3, 3)), 0), ValueError, "zoom: factor must be a finite number and greater than 0, but is 0"),
    (lambda: aug.add_noise(np.ones(3), -1, rng=rng()), ValueError, "add_noise: std must be a finite number and at least 0"),
    (lambda: aug.augment(np.ones((2, 3, 3)), shift=-1, rng=rng()), ValueError, "augment: shift must be a finite number and at"),
    (lambda: aug.augment(np.ones((2, 3, 3)), rng=0), TypeError, "augment: rng must be a numpy.random.Generator"),
    (lambda: aug.label_safe("somersault", "69"), ValueError, "label_safe: transform must be one of 'shift', 'small turn'"),
    (lambda: aug.symmetry(np.ones((3, 3)), "half turn", range(10)), ValueError,
     "symmetry: a half turn makes 6 into 9, and both are classes; it would teach the wrong labels"),
    (lambda: aug.symmetry(np.ones((3, 3)), "shift", range(10)), ValueError, "symmetry: transform must be one of 'mirror'"),
    (lambda: aug.mixup(np.ones((2, 3)), np.ones((3, 2)), rng=rng()), ValueError, "mixup: X and Y must be equally many"),
    (lambda: aug.mixup(np.ones((2, 3)), np.ones((2, 2)), alpha=0, rng=rng()), ValueError, "mixup: alpha must be"),
    (lambda: aug.extrapolate(np.ones((2, 3)), [0], rng=rng()), ValueError, "extrapolate: y must have shape"),
    (lambda: aug.spectrogram(np.ones(100)), ValueError, "spectrogram: signal must have at least 256 samples, but has 100"),
    (lambda: aug.spec_augment(np.ones((4, 5)), F=5, T=0, rng=rng()), ValueError,
     r"spec_augment: F and T must be at most 4 and 5 because S is \(4, 5\), but are 5 and 0"),
    (lambda: aug.spec_augment(np.ones((4, 5)), F=0, T=0, W=2, rng=rng()), ValueError,
     "spec_augment: W must be at most 1 because there are 5 times, but is 2"),
    (lambda: aug.time_warp(np.ones((2, 5)), 0, 1), ValueError, "time_warp: moment and moment \\+ by must lie from 1 to 3"),
    (lambda: aug.random_swap("a sentence", 0.1, rng=rng()), TypeError, "random_swap: words must be a list of at least one word"),
    (lambda: aug.random_deletion(["a"], 1.5, rng=rng()), ValueError, r"random_deletion: rate must be a number in \[0, 1\], but is 1.5"),
    (lambda: aug.typo(3, rng=rng()), TypeError, "typo: word must be a string, but is 3"),
    (lambda: datasets.chirps(0, rng=rng()), ValueError, "chirps: n must be at least 1, but is 0"),
])
def test_bad_settings(act, error, text):
    with pytest.raises(error, match=text):
        act()
