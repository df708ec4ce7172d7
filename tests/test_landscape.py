"""Slices through the loss and flat places: against closed forms; the model is never changed."""
import math
from itertools import combinations

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from course_lib import F, landscape, nn
from course_lib.gradcheck import numerical_gradient
from course_lib.training import evaluate


def rng(seed=0):
    return np.random.default_rng(seed)


def small(seed=0, dropout=0.0):
    model = nn.mlp([3, 5, 2], "tanh", dropout=dropout, rng=rng(seed))
    return model, rng(1).standard_normal((20, 3)).astype(np.float32), rng(2).integers(0, 2, 20)


def frozen(model):
    return [(p, p.data, p.data.tobytes(), p.grad) for p in model.parameters()]


def assert_unchanged(model, before):
    for p, (same, array, content, grad) in zip(model.parameters(), before, strict=True):
        assert p is same and p.data is array and p.data.tobytes() == content and p.grad is grad


# ---------------------------------------------------------------- slices

def test_plane_of_a_linear_model_is_the_paraboloid_it_must_be():
    model = nn.Linear(2, 1, rng=rng()).to(np.float64)
    X, y = rng(1).standard_normal((30, 2)), rng(2).standard_normal((30, 1))
    d1 = {"weight": np.array([[1.0, -2.0]])}
    d2 = {"weight": np.array([[0.5, 0.0]]), "bias": np.array([3.0])}
    s, t = np.linspace(-1, 2, 5), np.linspace(-2, 1, 4)
    values = landscape.loss_plane(model, X, y, d1, d2, s, t, loss=F.mse_loss)
    residual = model(X).data - y
    wanted = [[np.mean((residual + a * X @ [[1.0], [-2.0]] + b * (X @ [[0.5], [0.0]] + 3)) ** 2) for a in s] for b in t]
    np.testing.assert_allclose(values, wanted, rtol=1e-12)


def test_line_is_the_first_row_of_the_plane_and_passes_through_the_model():
    model, X, y = small()
    d = landscape.random_direction(model, rng(5))
    steps = [-1.0, 0.0, 0.5]
    line = landscape.loss_line(model, X, y, d, steps)
    np.testing.assert_array_equal(line, landscape.loss_plane(model, X, y, d, {}, steps, [0.0])[0])
    assert line[1] == evaluate(model, X, y)["loss"]


def test_line_between_two_states_ends_at_them():
    model, X, y = small(0)
    other, _, _ = small(7)
    d = landscape.difference(model.state_dict(), other.state_dict())
    line = landscape.loss_line(model, X, y, d, [0.0, 1.0])
    np.testing.assert_allclose(line, [evaluate(m, X, y)["loss"] for m in (model, other)], rtol=1e-6)


@pytest.mark.parametrize("training", [True, False])
def test_a_slice_leaves_the_model_unchanged_and_drops_nothing(training):
    model, X, y = small(dropout=0.5)
    F.cross_entropy(model(X), y).backward()                  # gradients that must survive
    model.train(training)
    before, d = frozen(model), landscape.random_direction(model, rng(3))
    first, again = (landscape.loss_plane(model, X, y, d, d, [-1, 0, 1], [0, 1]) for _ in range(2))
    np.testing.assert_array_equal(first, again)              # dropout would draw anew
    assert_unchanged(model, before)
    assert model.training is training


def test_a_slice_that_fails_leaves_the_model_unchanged():
    model, X, y = small()
    before = frozen(model)
    calls = []

    def breaks(output, target):
        calls.append(1)
        if len(calls) == 3:
            raise RuntimeError("third call")
        return F.cross_entropy(output, target)

    with pytest.raises(RuntimeError, match="third call"):
        landscape.loss_line(model, X, y, landscape.random_direction(model, rng()), [0, 1, 2, 3], loss=breaks)
    assert_unchanged(model, before)


def test_random_direction_has_the_length_of_every_filter():
    model = nn.mlp([4, 6, 3], rng=rng())
    model[2].weight.data[1] = 0.0                            # a filter of length 0 does not move
    model[0].bias.data[:] = 1.0                              # biases stay, whatever they are
    d = landscape.random_direction(model, rng(1))
    assert list(d) == list(model.state_dict())
    for name, p in model.named_parameters():
        assert d[name].shape == p.shape and d[name].dtype == p.dtype
        if p.ndim == 2:
            np.testing.assert_allclose(np.linalg.norm(d[name], axis=1), np.linalg.norm(p.data, axis=1), rtol=1e-5)
        else:
            assert not d[name].any()
    assert any((d[n] != landscape.random_direction(model, rng(2))[n]).any() for n in d)


def test_a_rescaled_relu_network_has_the_same_slices():
    """What filter normalization is for: ten times the first layer, a tenth of the second, same function, same slice."""
    model, X, y = nn.mlp([3, 5, 2], "relu", rng=rng()).to(np.float64), *small()[1:]
    d = landscape.random_direction(model, rng(4))
    lines = [landscape.loss_line(model, X, y, d, np.linspace(-1, 1, 7))]
    model[0].weight.data = model[0].weight.data * 10
    model[2].weight.data = model[2].weight.data / 10
    d = landscape.random_direction(model, rng(4))
    lines.append(landscape.loss_line(model, X, y, d, np.linspace(-1, 1, 7)))
    np.testing.assert_allclose(*lines, rtol=1e-10)


# ---------------------------------------------------------------- Hessians

@given(st.integers(1, 5), st.integers(0, 2 ** 32))
def test_hessian_of_a_quadratic(n, seed):
    A = rng(seed).standard_normal((n, n))
    H = landscape.hessian(lambda t: t @ A @ t / 2, rng(seed + 1).standard_normal(n))
    np.testing.assert_allclose(H, (A + A.T) / 2, atol=1e-6)
    np.testing.assert_array_equal(H, H.T)


def test_hessian_of_rosenbrock_in_a_matrix_shape():
    def rosenbrock(t):
        return (1 - t[0, 0]) ** 2 + 100 * (t[0, 1] - t[0, 0] ** 2) ** 2

    x, y = 0.7, 0.3
    theta = np.array([[x, y]])
    H = landscape.hessian(rosenbrock, theta)
    np.testing.assert_allclose(H, [[2 - 400 * (y - 3 * x ** 2), -400 * x], [-400 * x, 200]], rtol=1e-5)
    np.testing.assert_array_equal(theta, [[x, y]])


@given(st.lists(st.sampled_from([-2.0, -0.5, 0.0, 0.1, 3.0]), min_size=1, max_size=5), st.integers(0, 2 ** 32))
def test_index_counts_negative_eigenvalues_and_no_zeros(eigenvalues, seed):
    Q, _ = np.linalg.qr(rng(seed).standard_normal((len(eigenvalues),) * 2))
    A = Q @ np.diag(eigenvalues) @ Q.T
    index = landscape.hessian_index(lambda t: t @ A @ t / 2, np.zeros(len(eigenvalues)))
    assert index == sum(value < 0 for value in eigenvalues)


# ---------------------------------------------------------------- the linear auto-encoder

def covariances():
    Q, _ = np.linalg.qr(rng(3).standard_normal((4, 4)))
    return {"diagonal": np.diag([4.0, 3.0, 2.0, 1.0]), "turned": Q @ np.diag([4.0, 3.0, 2.0, 1.0]) @ Q.T}


@pytest.mark.parametrize("name", ["diagonal", "turned"])
def test_the_eleven_critical_points(name):
    covariance = covariances()[name]
    points = landscape.linear_autoencoder_critical_points(covariance, hidden=2)
    assert len(points) == sum(math.comb(4, r) for r in range(3)) == 11
    assert {p.kept for p in points} == {s for r in range(3) for s in combinations(range(4), r)}

    def loss(theta):
        return landscape.linear_autoencoder_loss(covariance, theta)

    for p in points:
        wanted = sum(v for i, v in enumerate((4, 3, 2, 1)) if i not in p.kept)
        assert p.loss == pytest.approx(wanted) and loss(p.theta) == pytest.approx(wanted)
        np.testing.assert_allclose(numerical_gradient(loss, p.theta), 0, atol=1e-8)
    assert [round(p.loss) for p in points] == [3, 4, 5, 5, 6, 6, 7, 7, 8, 9, 10]
    indices = [landscape.hessian_index(loss, p.theta) for p in points]
    # closed form: every kept component that a dropped larger one could replace, and each unused hidden unit
    # can pick up any dropped component
    closed = [sum(j not in p.kept and j < i for i in p.kept for j in range(4))
              + (2 - len(p.kept)) * (4 - len(p.kept)) for p in points]
    assert indices == closed
    assert indices.count(0) == 1 and points[indices.index(0)].kept == (0, 1)


def test_linear_autoencoder_loss_is_the_mean_squared_error_of_data():
    X, theta = rng().standard_normal((50, 4)), rng(1).standard_normal((2, 3, 4))
    A, B = theta[0], theta[1].T
    direct = np.mean(np.sum((X - X @ A.T @ B.T) ** 2, axis=1))
    assert landscape.linear_autoencoder_loss(X.T @ X / 50, theta) == pytest.approx(direct)


# ---------------------------------------------------------------- what comes back for wrong input

@pytest.mark.parametrize("call, kind, message", [
    (lambda m, X, y: landscape.random_direction(m, 0), TypeError, "random_direction: rng must be a numpy.random"),
    (lambda m, X, y: landscape.difference({"a": 1}, {"b": 1}), ValueError,
     r"difference: end must have the names \['a'\], but has \['b'\]"),
    (lambda m, X, y: landscape.difference({"a": np.zeros(2)}, {"a": np.zeros(3)}), ValueError,
     r"difference: end\['a'\] must have shape \(2,\), but is \(3,\)"),
    (lambda m, X, y: landscape.loss_line(m, X, y, {"9.weight": np.zeros(1)}, [0]), ValueError,
     "loss_plane: first names '9.weight', but the model has 0.weight, 0.bias"),
    (lambda m, X, y: landscape.loss_plane(m, X, y, {}, {"0.bias": np.zeros(4)}, [0], [0]), ValueError,
     r"loss_plane: second\['0.bias'\] must have shape \(5,\), but is \(4,\)"),
    (lambda m, X, y: landscape.loss_line(m, X, y, {}, []), ValueError, "loss_plane: steps_1 must have shape"),
    (lambda m, X, y: landscape.hessian(np.sum, np.zeros(2, np.float32)), TypeError,
     "hessian: theta must be float64, but is float32"),
    (lambda m, X, y: landscape.hessian(np.sum, np.array([np.nan])), ValueError, "hessian: theta must be finite"),
    (lambda m, X, y: landscape.hessian(np.sum, np.zeros(0)), ValueError, "hessian: theta must have shape"),
    (lambda m, X, y: landscape.hessian(np.sum, np.zeros(2), eps=0), ValueError, "hessian: eps must be"),
    (lambda m, X, y: landscape.hessian_index(np.sum, np.zeros(2), tolerance=-1), ValueError,
     "hessian_index: tolerance must be"),
    (lambda m, X, y: landscape.linear_autoencoder_loss(np.eye(3), np.zeros((2, 1, 4))), ValueError,
     r"linear_autoencoder_loss: theta must have shape \(2, h, 3\)"),
    (lambda m, X, y: landscape.linear_autoencoder_loss(np.ones((2, 3)), np.zeros((2, 1, 2))), ValueError,
     "covariance must be square"),
    (lambda m, X, y: landscape.linear_autoencoder_critical_points([[1, 2], [0, 1]], 1), ValueError,
     "covariance must be symmetric, but differs from its transpose by 2"),
    (lambda m, X, y: landscape.linear_autoencoder_critical_points(np.eye(2), 1), ValueError,
     r"positive eigenvalues that differ, but they are \[1.0, 1.0\]"),
    (lambda m, X, y: landscape.linear_autoencoder_critical_points(np.diag([2, 1]), 3), ValueError,
     "hidden must be at most 2, but is 3"),
])
def test_errors(call, kind, message):
    with pytest.raises(kind, match=message) as error:
        call(*small())
    assert "\n" not in str(error.value)
