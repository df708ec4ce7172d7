"""Levenberg and Marquardt's method on small tanh networks."""
import numpy as np
import pytest
import torch

from course_lib.curvefit import TanhNetworks, _slopes, fit_tanh
from course_lib.gradcheck import numerical_gradient


def rng(seed=0):
    return np.random.default_rng(seed)


def sinusoid(n, sets, noise=0.25):
    x = np.linspace(0, 1, n)
    return x, np.sin(2 * np.pi * x) + noise * rng().standard_normal((sets, n))


def test_slopes_equal_differences():
    theta, x, y = rng().standard_normal((1, 10)), rng(1).random((1, 4)), rng(2).random((1, 4))
    misses, J, _ = _slopes(theta, x, y, np.zeros(10))
    for n in range(4):
        reference = numerical_gradient(lambda t: _slopes(t.reshape(1, -1), x, y, np.zeros(10))[0][0, n], theta[0])
        np.testing.assert_allclose(J[0, n], reference, atol=1e-7)
    np.testing.assert_allclose(TanhNetworks(theta, None)(x[0]) - y, misses, atol=1e-12)


@pytest.mark.parametrize("weight_decay, lower", [(0.0, 2e-3), (0.01, 1e-6)])     # 0: the minimum may lie at infinity
def test_it_reaches_a_minimum_that_lbfgs_cannot_lower(weight_decay, lower):
    x, y = sinusoid(15, 3)
    networks = fit_tanh(x, y, 2, weight_decay=weight_decay, restarts=8, steps=300, rng=rng())
    for i in range(3):
        parameters = [torch.tensor(a[i], requires_grad=True) for a in (networks.v, networks.b, networks.w, networks.c)]
        v, b, w, c = parameters
        xt, yt = torch.tensor(x)[:, None], torch.tensor(y[i])

        def objective():
            misses = (torch.tanh(xt * v + b) * w).sum(1) + c - yt
            return ((misses**2).sum() + weight_decay * ((v**2).sum() + (w**2).sum())) / 2

        start = objective()
        assert start.item() == pytest.approx(networks.objective[i], rel=1e-10)
        start.backward()
        if weight_decay:
            assert max(p.grad.abs().max().item() for p in parameters) < 1e-3 * start.item()
        optimizer = torch.optim.LBFGS(parameters, max_iter=200, line_search_fn="strong_wolfe")

        def closure():
            optimizer.zero_grad()
            value = objective()
            value.backward()
            return value
        optimizer.step(closure)
        assert objective().item() > (1 - lower) * networks.objective[i]


def test_more_restarts_never_do_worse_and_each_data_set_keeps_its_best():
    x, y = sinusoid(12, 6)
    few, many = (fit_tanh(x, y, 3, restarts=n, steps=200, rng=rng()).objective for n in (1, 20))
    assert many.shape == (6,) and (many <= few * 1.01).all() and many.sum() < few.sum()


def test_the_penalty_belongs_to_the_curvature_too():
    """A huge penalty leaves the mean; Newton's step is there at once, the gradient's overshoots."""
    x, y = sinusoid(10, 20)
    objective = fit_tanh(x, y, 4, weight_decay=100.0, restarts=1, steps=10, rng=rng()).objective
    np.testing.assert_allclose(objective, 5 * y.var(axis=1), rtol=1e-4)


def test_ten_units_reach_every_one_of_ten_points():
    x, y = sinusoid(10, 20)
    networks = fit_tanh(x, y, 10, restarts=5, rng=rng())
    assert ((networks(x) - y) ** 2).mean() < 1e-3
    assert networks(np.linspace(0, 1, 7)).shape == (20, 7)


def test_places_may_differ_between_data_sets():
    x = np.sort(rng().random((4, 9)), axis=1)
    y = np.tanh(3 * x - 1)
    networks = fit_tanh(x, y, 1, rng=rng())
    assert networks.objective.max() < 1e-10


@pytest.mark.parametrize("act, error, text", [
    (lambda: fit_tanh([0.0, 1.0], [0.0], 2, rng=rng()), ValueError,
     r"^fit_tanh: x must have shape \(1, 1\) or \(1,\), as y has, but is \(1, 2\)$"),
    (lambda: fit_tanh([[0.0]] * 2, [[0.0]] * 3, 2, rng=rng()), ValueError, "^fit_tanh: x must have shape"),
    (lambda: fit_tanh([0.0, np.nan], [0.0, 1.0], 2, rng=rng()), ValueError, "^fit_tanh: x must be finite"),
    (lambda: fit_tanh([0.0], [0.0], 0, rng=rng()), ValueError, "^fit_tanh: hidden must be at least 1, but is 0$"),
    (lambda: fit_tanh([0.0], [0.0], 1, weight_decay=-1, rng=rng()), ValueError,
     "^fit_tanh: weight_decay must be a finite number and at least 0, but is -1$"),
    (lambda: fit_tanh([0.0], [0.0], 1, spread=0, rng=rng()), ValueError, "^fit_tanh: spread must be"),
    (lambda: fit_tanh([0.0], [0.0], 1, rng=1), TypeError, "^fit_tanh: rng must be"),
    (lambda: fit_tanh([0.0], [0.0], 1, rng=rng())([[1.0]]), ValueError,
     r"^TanhNetworks: x must have shape \(K,\), but is \(1, 1\)$"),
])
def test_bad_settings(act, error, text):
    with pytest.raises(error, match=text):
        act()
