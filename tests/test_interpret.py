"""LIME, saliency, occlusion, galleries (A73, A75, A76)."""
import numpy as np
import pytest
import torch
from sklearn.linear_model import Ridge

from course_lib import F, Tensor, nn
from course_lib.gradcheck import numerical_gradient
from course_lib.interpret import (input_gradient, lime, lime_image, occlusion, saliency, selectivity, top_k,
                                  weighted_ridge)


def rng(seed=0):
    return np.random.default_rng(seed)


def linear_images(seed=0, classes=3):
    """A model of (N, 1, 4, 4) images that is linear, and its weights (classes, 1, 4, 4)."""
    model = nn.Sequential(nn.Flatten(), nn.Linear(16, classes, rng=rng(seed))).to(np.float64)
    return model, model[1].weight.data.reshape(classes, 1, 4, 4)


def small_cnn(seed=0):
    return nn.cnn((1, 8, 8), [3, 4], 5, dropout=0.3, rng=rng(seed)).to(np.float64)


# --------------------------------------------------------------------------------------------------- LIME

@pytest.mark.parametrize("strength", [0.0, 0.1, 30.0])
def test_weighted_ridge_equals_scikit_learn_and_the_normal_equations(strength):
    """A73: the closed form with an unpenalised intercept, two ways."""
    Z, answers, weights = rng().standard_normal((60, 4)) + 3, rng(1).standard_normal(60), rng(2).random(60)
    weights[:5] = 0
    ours = weighted_ridge(Z, answers, weights, strength)
    theirs = Ridge(alpha=strength).fit(Z, answers, sample_weight=weights)
    np.testing.assert_allclose(ours.coefficients, theirs.coef_, atol=1e-12)
    assert ours.intercept == pytest.approx(theirs.intercept_, abs=1e-12)
    assert ours.fidelity == pytest.approx(theirs.score(Z, answers, sample_weight=weights), abs=1e-12)
    A = np.column_stack([Z, np.ones(60)])                     # the same, with the intercept as a column of ones
    both = np.linalg.solve((A.T * weights) @ A + strength * np.diag([1, 1, 1, 1, 0]), (A.T * weights) @ answers)
    np.testing.assert_allclose([*ours.coefficients, ours.intercept], both, atol=1e-12)


def test_lime_is_exact_on_a_linear_box():
    """A73: without a penalty, for any kernel width and spread."""
    w = rng(3).standard_normal(6)
    for width, spread, n in [(None, 1.0, 200), (2.0, 1.0, 500), (0.02, 0.01, 200), (9.0, 3.0, 7)]:
        told = lime(lambda Z: Z @ w - 0.7, rng(1).standard_normal(6), n=n, spread=spread, kernel_width=width,
                    strength=0, rng=rng())
        np.testing.assert_allclose(told.coefficients, w, atol=1e-8)
        assert told.intercept == pytest.approx(-0.7) and told.fidelity == pytest.approx(1)


def test_lime_near_a_point_is_the_gradient():
    """A73: small perturbations of a smooth box."""
    def box(Z):
        return np.tanh(Z @ [1.0, -2.0, 0.5]) + Z[:, 1] ** 2
    x = np.array([0.3, -0.2, 0.1])
    told = lime(box, x, spread=1e-3, kernel_width=1.0, strength=0, n=500, rng=rng())
    slope = numerical_gradient(lambda z: box(z[None])[0], x)
    np.testing.assert_allclose(told.coefficients, slope, atol=1e-3)


def test_the_kernel_weighs_by_squared_distance():
    """A73: the weights are exp(-D²/κ²), seen through scikit-learn; the default κ is 3/4 √D."""
    def box(Z):
        return np.sin(3 * Z[:, 0]) * Z[:, 1] + Z[:, 2] ** 3
    x = np.array([0.5, 1.0, -1.0])
    for width in (0.7, None):
        told = lime(box, x, n=300, spread=0.8, kernel_width=width, strength=2.0, rng=rng(5))
        Z = x + 0.8 * rng(5).standard_normal((300, 3))
        weights = np.exp(-((Z - x) ** 2).sum(1) / (0.75**2 * 3 if width is None else width**2))
        theirs = Ridge(alpha=2.0).fit(Z, box(Z), sample_weight=weights)
        np.testing.assert_allclose(told.coefficients, theirs.coef_, atol=1e-10)


def test_a_penalty_shares_between_twins():
    """A73's collinear features: without a penalty twins are refused; with one each takes half."""
    Z = np.repeat(rng().standard_normal((50, 1)), 2, axis=1)
    with pytest.raises(ValueError, match="50 examples with weight do not determine 2 coefficients"):
        weighted_ridge(Z, Z[:, 0], np.ones(50))
    np.testing.assert_allclose(weighted_ridge(Z, Z[:, 0], np.ones(50), 1e-6).coefficients, [0.5, 0.5], atol=1e-6)


def test_lime_image_finds_what_each_patch_adds():
    """A73 on patches: a linear box of patch sums, every channel blanked together, any baseline."""
    w = rng(1).standard_normal((2, 4, 6))
    image = rng(2).random((2, 4, 6))
    told = lime_image(lambda images: (images * w).sum(axis=(1, 2, 3)), image, patch=2, baseline=0.3, strength=0,
                      n=200, rng=rng())
    adds = (w * (image - 0.3)).sum(axis=0).reshape(2, 2, 3, 2).sum(axis=(1, 3))
    np.testing.assert_allclose(told.coefficients, adds, atol=1e-10)
    assert told.coefficients.shape == (2, 3)


def test_lime_image_kernel_and_first_mask():
    """The image itself is always among the perturbations; the distance counts blanked patches."""
    seen = []

    def box(images):
        seen.append(images)
        return images.sum(axis=(1, 2, 3)) ** 2
    image = 1 + rng(2).random((1, 4, 4))
    told = lime_image(box, image, patch=2, n=40, kernel_width=1.5, strength=0.5, rng=rng())
    images = seen[0]
    assert (images[0] == image).all()
    kept = (images[:, 0, ::2, ::2] > 0).reshape(40, 4).astype(float)
    theirs = Ridge(alpha=0.5).fit(kept, box(images), sample_weight=np.exp(-(1 - kept).sum(1) / 1.5**2))
    np.testing.assert_allclose(told.coefficients.ravel(), theirs.coef_, atol=1e-9)


def test_lime_takes_tensors_and_repeats_with_the_seed():
    model = nn.mlp([3, 4, 2], rng=rng()).to(np.float64)
    a, b = (lime(lambda Z: model(Z)[:, 1], np.ones(3), n=50, rng=rng(4)) for _ in range(2))
    assert (a.coefficients == b.coefficients).all()


@pytest.mark.parametrize("call, text", [
    (lambda: lime(lambda Z: Z[:, 0], np.ones((2, 2)), rng=rng()), "lime: x must have shape (D,), but is (2, 2)"),
    (lambda: lime(lambda Z: Z, np.ones(2), rng=rng()), "lime: f(z) must have shape (1000,), but is (1000, 2)"),
    (lambda: lime(lambda Z: Z[:, 0], np.ones(2), spread=0, rng=rng()), "lime: spread must be a finite number and greater"),
    (lambda: lime(lambda Z: Z[:, 0], np.ones(2), kernel_width=-1, rng=rng()), "lime: kernel_width must be a finite number"),
    (lambda: lime(lambda Z: Z[:, 0], np.ones(2), kernel_width=1e-6, rng=rng()),
     "lime: no perturbation is near enough to count, kernel_width 1e-06 is too small"),
    (lambda: lime(lambda Z: Z[:, 0], np.ones(2), strength=-1, rng=rng()), "strength must be a finite number and at least 0"),
    (lambda: lime(lambda Z: Z[:, 0], np.ones(2), n=1, rng=rng()), "lime: n must be at least 2, but is 1"),
    (lambda: lime(lambda Z: Z[:, 0], np.ones(2), rng=0), "lime: rng must be a numpy.random.Generator"),
    (lambda: lime_image(lambda i: i[:, 0, 0, 0], np.ones((1, 8, 8)), patch=3, rng=rng()),
     "lime_image: patch must divide 8 and 8, but is 3"),
    (lambda: lime_image(lambda i: i, np.ones((8, 8)), rng=rng()), "lime_image: image must have shape (C, H, W)"),
    (lambda: weighted_ridge(np.eye(2), [1, 2], [1, -1]), "weights must be at least 0 and not all 0, but run from -1 to 1"),
    (lambda: weighted_ridge(np.eye(2), [1, 2], [0, 0]), "weights must be at least 0 and not all 0, but run from 0 to 0"),
    (lambda: weighted_ridge(np.eye(2), [1, 2, 3], [1, 1]), "answers must have shape (2,), but is (3,)"),
])
def test_lime_errors(call, text):
    with pytest.raises((ValueError, TypeError)) as caught:
        call()
    assert text in str(caught.value) and "\n" not in str(caught.value)


# --------------------------------------------------------------------------------------------- saliency, occlusion

def test_saliency_of_a_linear_model_is_the_size_of_its_weights():
    """A75: |w|, the same for every image; one class for all, or one each."""
    model, w = linear_images()
    x = rng(1).random((5, 1, 4, 4))
    np.testing.assert_array_equal(saliency(model, x, 2), np.abs(np.stack(5 * [w[2]])))
    k = [0, 2, 1, 1, 0]
    np.testing.assert_array_equal(input_gradient(model, x, k), w[k])


def test_input_gradient_equals_differences_and_torch():
    """A75, in evaluation mode although the model is training."""
    model = small_cnn()
    x = rng(1).random((2, 1, 8, 8))
    got = input_gradient(model, x, [3, 0])
    assert model.training and all(p.grad is None and p.requires_grad for p in model.parameters())
    model.eval()
    for n, k in enumerate([3, 0]):
        slope = numerical_gradient(lambda one: model(one[None]).data[0, k], x[n])
        np.testing.assert_allclose(got[n], slope, atol=1e-8)
    conv1, _, _, conv2, *_, dense = model
    parts = [torch.tensor(p.data) for layer in (conv1, conv2, dense) for p in (layer.weight, layer.bias)]
    t, fun = torch.tensor(x, requires_grad=True), torch.nn.functional
    h = fun.max_pool2d(fun.conv2d(t, *parts[:2], padding=1).relu(), 2)
    h = fun.max_pool2d(fun.conv2d(h, *parts[2:4], padding=1).relu(), 2)
    fun.linear(h.flatten(1), *parts[4:])[[0, 1], [3, 0]].sum().backward()
    np.testing.assert_allclose(got, t.grad, atol=1e-12)


def test_occlusion_of_a_linear_model():
    """A75: a square is worth its weights times what was there; pixels without weight are worth 0."""
    model, w = linear_images()
    model[1].weight.data[1].reshape(4, 4)[:, 2:] = 0
    x = rng(1).random((3, 1, 4, 4))
    single = occlusion(model, x, 1, patch=1, baseline=0.25)
    np.testing.assert_allclose(single, (w[1] * (x - 0.25))[:, 0], atol=1e-12)
    assert not single[:, :, 2:].any()
    squares = occlusion(model, x, 1, patch=2, stride=2)
    np.testing.assert_allclose(squares, (w[1] * x).reshape(3, 2, 2, 2, 2).sum(axis=(2, 4)), atol=1e-12)
    np.testing.assert_allclose(occlusion(model, x, [1, 0, 2], patch=4)[:, 0, 0], (w[[1, 0, 2]] * x).sum((1, 2, 3)))
    assert occlusion(model, x, 1, patch=2, stride=1).shape == (3, 3, 3)


def test_occlusion_and_saliency_leave_the_images_alone():
    model, x = small_cnn(), rng(1).random((2, 1, 8, 8))
    before = x.copy()
    occlusion(model, x, 0)
    saliency(model, x, 0)
    assert (x == before).all() and model.training


def test_tensors_and_float32_are_taken():
    model = nn.cnn((1, 8, 8), [3], 5, rng=rng())
    x = Tensor(rng(1).random((2, 1, 8, 8)))
    assert saliency(model, x, 0).dtype == occlusion(model, x.data, 0).dtype == np.float32


@pytest.mark.parametrize("call, text", [
    (lambda m, x: saliency(m, 16 * x, 0), "input_gradient: x must lie in the trained range 0 to 1, but runs from"),
    (lambda m, x: occlusion(m, -x, 0), "occlusion: x must lie in the trained range 0 to 1, but runs from"),
    (lambda m, x: saliency(m, x, 5), "input_gradient: there are classes 0 to 4, but 5 was asked for"),
    (lambda m, x: saliency(m, x, [0, -1]), "input_gradient: there are classes 0 to 4, but -1 was asked for"),
    (lambda m, x: saliency(m, x, "cat"), "input_gradient: the class must be a whole number or 2 of them, but is"),
    (lambda m, x: saliency(m, x, [1, 2, 3]), "the class must be a whole number or 2 of them"),
    (lambda m, x: occlusion(m, x, 12), "occlusion: there are classes 0 to 4, but 12 was asked for"),
    (lambda m, x: occlusion(m, x, 0, patch=9), "with H and W at least patch = 9, but is (2, 1, 8, 8)"),
    (lambda m, x: occlusion(m, x, 0, stride=0), "occlusion: stride must be at least 1, but is 0"),
    (lambda m, x: saliency(m, x[0, 0, 0], 0), "x must have shape (N, ...) with at least one example, but is (8,)"),
    (lambda m, x: saliency(m, x * np.nan, 0), "x must be finite, but is nan"),
])
def test_saliency_errors(call, text):
    with pytest.raises((ValueError, TypeError)) as caught:
        call(small_cnn(), np.full((2, 1, 8, 8), 0.5))
    assert text in str(caught.value) and "\n" not in str(caught.value)


def test_without_limits_anything_goes():
    model, w = linear_images()
    np.testing.assert_array_equal(input_gradient(model, np.full((1, 1, 4, 4), 99.0), 0, limits=None), w[:1])
    with pytest.raises(ValueError, match="must lie in the trained range -1 to 0.5, but runs from 0.6 to 0.6"):
        input_gradient(model, np.full((1, 1, 4, 4), 0.6), 0, limits=(-1, 0.5))


# -------------------------------------------------------------------------------------------------------- galleries

def test_top_k_equals_argsort_and_ties_go_to_the_earlier():
    """A76."""
    a = rng().random(50)
    assert top_k(a, 7).tolist() == a.argsort()[::-1][:7].tolist()
    assert top_k([1, 5, 5, 0, 5], 4).tolist() == [1, 2, 4, 0]
    many = np.tile([0.0, 1.0], 500)                           # an unstable sort shuffles so many ties
    assert top_k(many, 500).tolist() == list(range(1, 1000, 2))
    with pytest.raises(ValueError, match="top_k: k must be at most 3, the number of examples, but is 4"):
        top_k([1, 2, 3], 4)


def test_selectivity():
    """A76: 1 for a detector, 0 for a constant or silent unit, and the formula between; small classes count as much."""
    y = np.array([0, 0, 0, 1, 2])
    a = np.array([[0, 2, 0, 1], [0, 2, 0, 1], [0, 2, 0, 1], [4, 2, 0, 3], [0, 2, 0, 2.0]])
    np.testing.assert_allclose(selectivity(a, y), [1, 0, 0, (3 - 1.5) / (3 + 1.5)])


@pytest.mark.parametrize("activation, y, text", [
    ([[-1.0], [1.0]], [0, 1], "selectivity: activation must be at least 0 (after a ReLU), but has -1"),
    ([[1.0], [1.0]], [3, 3], "selectivity: y must hold at least two classes, but holds only 3"),
    ([[1.0], [1.0]], [0], "selectivity: y must have shape (2,), but is (1,)"),
])
def test_selectivity_errors(activation, y, text):
    with pytest.raises((ValueError, TypeError)) as caught:
        selectivity(activation, y)
    assert text in str(caught.value)
