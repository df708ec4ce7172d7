"""Penalties and noise (A39, A40, A42)."""
import numpy as np
import pytest
import torch
from sklearn.datasets import load_diabetes
from sklearn.linear_model import Lasso, Ridge

from course_lib import F, Tensor, datasets, fit, nn, optim
from course_lib.gradcheck import gradcheck
from course_lib.regularization import (GaussianNoise, NoisyGradients, NoisyWeights, flip_labels, gaussian_noise, l1_penalty,
                                       l2_penalty, lasso, proximal_step, ridge, soft_threshold, weights)


def rng(seed=0):
    return np.random.default_rng(seed)


@pytest.fixture(scope="module")
def diabetes():
    X, y = load_diabetes(return_X_y=True)
    return datasets.standardize(X), y - y.mean()


def parameters(seed=0, dtype=np.float64):
    away = rng(seed)                                                    # from 0, where |w| has a kink
    return [nn.Parameter((np.sign(away.standard_normal(shape)) * away.uniform(0.1, 2, shape)).astype(dtype))
            for shape in ((3, 4), (2, 3), (5,))]


# ------------------------------------------------------------------------------------------------- penalties

@pytest.mark.parametrize("penalty, torch_norm", [(l2_penalty, lambda w: (w ** 2).sum() / 2),
                                                 (l1_penalty, lambda w: w.abs().sum())])
def test_penalties_and_their_gradients_equal_torch(penalty, torch_norm):
    """A39, A40, with an upstream gradient that is not 1."""
    ours = parameters()
    theirs = [torch.tensor(w.data, requires_grad=True) for w in ours]
    value = penalty(ours, 0.3) * 1.7
    expected = 1.7 * 0.3 * sum(torch_norm(w) for w in theirs)
    value.backward()
    expected.backward()
    assert value.item() == pytest.approx(expected.item(), rel=1e-12)
    for w, t in zip(ours, theirs):
        np.testing.assert_allclose(w.grad, t.grad, rtol=1e-12)
    assert gradcheck(lambda *_: penalty(ours, 0.3), ours, rng=rng()) <= 1e-6


@pytest.mark.parametrize("penalty", [l1_penalty, l2_penalty])
def test_penalties_keep_the_dtype_and_stay_out_of_the_way_at_strength_0(penalty):
    params = parameters(dtype=np.float32)
    value = penalty(params, 0.0)
    value.backward()
    assert value.dtype == np.float32 and value.item() == 0
    assert all(p.grad.dtype == np.float32 and not p.grad.any() for p in params)


def test_l1_has_no_slope_at_zero():
    w = Tensor(np.array([0.0, 2.0, -2.0]), requires_grad=True)
    l1_penalty([w], 1.0).backward()
    assert w.grad.tolist() == [0.0, 1.0, -1.0]


def test_weights_leaves_biases_out():
    model = nn.mlp([4, 3, 2], batch_norm=True, rng=rng())
    assert [w.shape for w in weights(model)] == [(3, 4), (2, 3)]


def test_penalty_in_the_loss_is_weight_decay_of_sgd():
    """A39: two roads to the same weights, with momentum too."""
    def train(penalised):
        model = nn.mlp([5, 4, 3], rng=rng()).to(np.float64)
        params = model.parameters()
        optimizer = optim.SGD(params, 0.1, momentum=0.5, weight_decay=0.0 if penalised else 0.2)
        X, y = rng(1).standard_normal((30, 5)), rng(2).integers(0, 3, 30)
        fit(model, X, y, optimizer=optimizer, epochs=5, batch_size=10, rng=rng(3), progress=False,
            loss=lambda z, t: F.cross_entropy(z, t) + l2_penalty(params, 0.2) if penalised else F.cross_entropy(z, t))
        return model.state_dict()
    a, b = train(True), train(False)
    for name in a:
        np.testing.assert_allclose(a[name], b[name], rtol=1e-10, atol=1e-14)


def test_ridge_equals_scikit_learn_and_gradient_descent(diabetes):
    """A39: the closed form is where gradient descent on the penalised error ends."""
    X, y = diabetes
    for strength in (0.0, 1.0, 100.0):
        np.testing.assert_allclose(ridge(X, y, strength), Ridge(strength, fit_intercept=False).fit(X, y).coef_, rtol=1e-8)
    w = Tensor(np.zeros((1, 10)), requires_grad=True)
    for _ in range(3000):
        w.grad = None
        (0.5 * F.mse_loss(F.linear(X, w), y[:, None], "sum") + l2_penalty([w], 50.0)).backward()
        w.data = w.data - 4e-4 * w.grad
    np.testing.assert_allclose(w.data[0], ridge(X, y, 50.0), rtol=1e-8)


def test_lasso_equals_scikit_learn_with_the_same_zeros(diabetes):
    """A40, ISTA: coefficients and exact zeros."""
    X, y = diabetes
    counts = []
    for strength in (10.0, 1000.0, 4000.0, 10000.0):
        expected = Lasso(strength / len(X), fit_intercept=False, tol=1e-14, max_iter=1_000_000).fit(X, y).coef_
        ours = lasso(X, y, strength)
        np.testing.assert_allclose(ours, expected, atol=1e-6)
        np.testing.assert_array_equal(ours == 0, expected == 0)
        counts.append((ours == 0).sum())
    assert counts == sorted(counts) and counts[0] == 0 and counts[-1] > 5


def test_lasso_and_ridge_on_an_orthonormal_design_have_closed_forms():
    """A40: each coefficient is soft-thresholded; A39: each is divided by 1 + λ."""
    X, y = np.linalg.qr(rng().standard_normal((20, 6)))[0], rng(1).standard_normal(20)
    np.testing.assert_allclose(lasso(X, y, 0.3), soft_threshold(X.T @ y, 0.3), atol=1e-12)
    np.testing.assert_allclose(ridge(X, y, 0.3), X.T @ y / 1.3, atol=1e-12)


def test_soft_threshold_minimises_its_definition():
    """A40: the best w for ½(w - u)² + t|w|, found by trying many."""
    tried = np.linspace(-3, 3, 60001)
    for u, t in [(1.7, 0.4), (-1.7, 0.4), (0.3, 0.4), (-0.3, 0.4), (0.4, 0.4), (1.2, 0.0)]:
        best = tried[(0.5 * (tried - u) ** 2 + t * np.abs(tried)).argmin()]
        assert soft_threshold(u, t) == pytest.approx(best, abs=1e-4)
    u = rng().standard_normal((3, 4)).astype(np.float32)
    kept = u.copy()
    assert soft_threshold(u, np.float64(0.5)).dtype == np.float32 and soft_threshold([1, -3], 1).tolist() == [0.0, -2.0]
    np.testing.assert_array_equal(u, kept)                              # never writes into what it got


def test_only_the_proximal_step_gives_exact_zeros():
    """A40 (and E42): the same network, once with the subgradient in the loss, once with the proximal step."""
    split, lr, strength = datasets.digits(), 0.1, 0.003

    def train(proximal):
        model = nn.mlp([64, 16, 10], rng=rng())
        params = weights(model)
        fit(model, split.X_train, split.y_train, optimizer=optim.SGD(model.parameters(), lr), epochs=5, rng=rng(1),
            loss=F.cross_entropy if proximal else lambda z, t: F.cross_entropy(z, t) + l1_penalty(params, strength),
            after_step=(lambda step, loss: proximal_step(params, lr, strength)) if proximal else None, progress=False)
        return np.concatenate([w.data.ravel() for w in params])
    subgradient, proximal = train(False), train(True)
    assert not (subgradient == 0).any()
    assert (proximal == 0).mean() > 0.03


def test_proximal_step_touches_only_what_it_is_given_and_keeps_the_dtype():
    a, b = (nn.Parameter(np.full(3, 0.2, np.float32)) for _ in range(2))
    before = a.data
    proximal_step([a], lr=0.1, strength=1.0)
    np.testing.assert_allclose(a.data, 0.1, rtol=1e-6)
    assert a.dtype == np.float32 and (b.data == np.float32(0.2)).all() and (before == np.float32(0.2)).all()


# ----------------------------------------------------------------------------------------------------- noise

def test_noise_has_mean_0_and_the_deviation_asked_for():
    """A42"""
    x = rng().standard_normal((400, 500)).astype(np.float32)
    noise = gaussian_noise(x, 0.3, rng=rng(1)) - x
    assert noise.dtype == np.float32
    assert abs(noise.mean()) < 0.003 and noise.std() == pytest.approx(0.3, rel=0.01)
    assert abs(np.corrcoef(noise[:, 0], noise[:, 1])[0, 1]) < 0.2       # white: neighbours know nothing of each other
    np.testing.assert_array_equal(gaussian_noise(x, 0.3, rng=rng(1)) - x, noise)
    np.testing.assert_array_equal(gaussian_noise([1, 2], 0.0, rng=rng()), [1.0, 2.0])


def test_noise_on_the_inputs_of_a_linear_model_is_ridge(diabetes):
    """A42: least squares on many noisy copies has the coefficients of ridge with λ = N σ² (Bishop 1995)."""
    X, y = diabetes
    copies, std, generator = 2000, 0.5, rng()
    gram, target = np.zeros((10, 10)), np.zeros(10)
    for _ in range(copies):
        noisy = gaussian_noise(X, std, rng=generator)
        gram += noisy.T @ noisy / copies
        target += noisy.T @ y / copies
    expected = ridge(X, y, len(X) * std ** 2)
    found = np.linalg.solve(gram, target)
    np.testing.assert_allclose(found, expected, atol=0.02 * np.abs(expected).max())
    assert np.abs(found - ridge(X, y, 0.0)).max() > 0.2 * np.abs(expected).max()       # and far from no penalty


def test_noise_passes_gradients_and_is_off_in_evaluation():
    x = Tensor(np.ones((2, 3)), requires_grad=True)
    layer = GaussianNoise(0.5, rng=rng())
    (layer(x) * np.arange(3.0)).sum().backward()
    np.testing.assert_array_equal(x.grad, [[0, 1, 2]] * 2)
    first, second = layer(x).data, layer(x).data
    assert (first != second).all() and (first != 1).all()               # new noise every time
    np.testing.assert_array_equal(layer.eval()(x).data, 1)
    assert layer.eval()(np.ones(3)).data is not None and repr(layer) == "GaussianNoise(0.5)"


def test_noisy_weights_take_the_gradient_at_the_noisy_and_keep_the_steady_ones():
    """A42 on weights: the input's gradient belongs to the noisy weights that made the output."""
    layer = nn.Linear(3, 2, rng=rng()).to(np.float64)
    noisy, steady = NoisyWeights(layer, 0.5, rng=rng(1)), layer.weight.data.copy()
    x = Tensor(np.eye(3), requires_grad=True)
    out = noisy(x)
    used = (out.data - layer.bias.data).T                               # W + noise, because x is the identity
    assert (used != steady).all()
    out.sum().backward()
    np.testing.assert_allclose(x.grad, np.tile(used.sum(axis=0), (3, 1)))
    np.testing.assert_array_equal(layer.weight.grad, np.ones((2, 3)))
    np.testing.assert_array_equal(layer.weight.data, steady)
    np.testing.assert_array_equal(noisy.eval()(x).data, layer(x).data)
    assert [p.shape for p in noisy.parameters()] == [(2, 3), (2,)] and repr(noisy) == "NoisyWeights(Linear(3, 2), 0.5)"


def test_gradient_noise_fades_as_it_says():
    """A42 on gradients: with lr 1 and no gradient of its own, a step is minus the noise."""
    w = nn.Parameter(np.zeros(20000))
    optimizer = NoisyGradients(optim.SGD([w], 1.0), std=0.4, decay=1.0, rng=rng())
    for t in range(4):
        before = w.data.copy()
        w.grad = np.zeros_like(w.data)
        optimizer.step()
        assert (w.data - before).std() == pytest.approx(0.4 / np.sqrt(1 + t), rel=0.03)
    optimizer.zero_grad()
    assert w.grad is None
    optimizer.step()                                                    # nothing to disturb, nothing to do
    optimizer.lr = 0.5
    assert optimizer.optimizer.lr == 0.5 == optimizer.lr and optimizer.params == [w]


def test_every_kind_of_noise_trains():
    """A42: inputs, activations, weights, gradients, targets, in one network."""
    split, generator = datasets.digits(), rng(1)
    one, two = nn.Linear(64, 32, init="he", rng=rng()), nn.Linear(32, 10, init="he", rng=rng())
    model = nn.Sequential(GaussianNoise(0.1, rng=generator), NoisyWeights(one, 0.05, rng=generator), nn.ReLU(),
                          GaussianNoise(0.1, rng=generator), two)
    history = fit(model, split.X_train, flip_labels(split.y_train, 0.05, 10, rng=generator), epochs=20, rng=rng(),
                  optimizer=NoisyGradients(optim.SGD(model.parameters(), 0.1), 0.01, rng=generator),
                  validation=(split.X_test, split.y_test), progress=False)
    assert max(history["test accuracy"][-5:]) > 0.9


@pytest.mark.parametrize("rate, expected", [(0.0, 0), (0.3, 30), (1.0, 100)])
def test_flipped_labels_are_exactly_as_many_as_asked_for(rate, expected):
    y = np.arange(100) % 5
    noisy = flip_labels(y, rate, 5, rng=rng())
    assert (noisy != y).sum() == expected and noisy.min() >= 0 and noisy.max() <= 4 and noisy.dtype == np.int64
    np.testing.assert_array_equal(y, np.arange(100) % 5)
    if rate == 1.0:                                                     # every other class is as likely
        assert len({(a, b) for a, b in zip(y, noisy)}) == 20


# ------------------------------------------------------------------------------------------------ wrong input

W = [Tensor([1.0])]


@pytest.mark.parametrize("act, error, text", [
    (lambda: l2_penalty([], 0.1), ValueError, "l2_penalty: params must hold at least one tensor, but is empty"),
    (lambda: l1_penalty(W, -1), ValueError, "l1_penalty: strength must be a finite number and at least 0, but is -1"),
    (lambda: l2_penalty([np.ones(2)], 1.0), TypeError, "l2_penalty: params must hold tensors, but holds a ndarray"),
    (lambda: proximal_step(W, -0.1, 1), ValueError, "proximal_step: lr must be a finite number and at least 0, but is -0.1"),
    (lambda: soft_threshold([1.0], -2), ValueError, "soft_threshold: t must be a finite number and at least 0, but is -2"),
    (lambda: ridge([[1.0]], [1.0, 2.0], 1), ValueError, "ridge: y must have shape (1,), but is (2,)"),
    (lambda: ridge([1.0], [1.0], 1), ValueError, "ridge: X must have shape (N, D), but is (1,)"),
    (lambda: lasso([[1.0]], [1.0], np.nan), ValueError,
     "lasso: strength must be a finite number and at least 0, but is nan"),
    (lambda: lasso([[1.0]], [1.0], 1, steps=0), ValueError, "lasso: steps must be at least 1, but is 0"),
    (lambda: gaussian_noise([1.0], -0.1, rng=rng()), ValueError,
     "gaussian_noise: std must be a finite number and at least 0, but is -0.1"),
    (lambda: GaussianNoise(0.1, rng=0), TypeError,
     "GaussianNoise: rng must be a numpy.random.Generator such as np.random.default_rng(0), but is 0"),
    (lambda: NoisyWeights(nn.ReLU(), 0.1, rng=rng()), TypeError, "NoisyWeights: layer must be a Linear, but is ReLU"),
    (lambda: NoisyGradients(optim.SGD(W, 1), 0.1, decay=-1, rng=rng()), ValueError,
     "NoisyGradients: decay must be a finite number and at least 0, but is -1"),
    (lambda: flip_labels([0, 1], 1.5, 2, rng=rng()), ValueError,
     "flip_labels: rate must be a share of the labels, at most 1, but is 1.5"),
    (lambda: flip_labels([0, 7], 0.5, 2, rng=rng()), ValueError, "flip_labels: y must hold class numbers from 0 to 1, but has 7"),
    (lambda: flip_labels([0, 0], 0.5, 1, rng=rng()), ValueError, "flip_labels: classes must be at least 2, but is 1"),
    (lambda: flip_labels(3, 0.5, 4, rng=rng()), ValueError, "flip_labels: y must have shape (N,), but is ()"),
])
def test_wrong_input_is_answered_in_one_line(act, error, text):
    with pytest.raises(error) as caught:
        act()
    assert str(caught.value) == text
