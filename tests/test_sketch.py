"""Drawings and the mixture head (A71): against torch.distributions, differences, closed forms."""
import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st
from torch import distributions as D

from course_lib import Diverged, Tensor, sketch
from course_lib.gradcheck import gradcheck
from test_gradients import DRAW, seeds


def torch_nll(params, target):
    """The same loss from torch.distributions, for each move."""
    M = params.shape[-1] // 6
    weight, mx, my, sx, sy, r = params[..., :6 * M].reshape(*params.shape[:-1], 6, M).unbind(-2)
    rho = sketch.RHO_MAX * torch.tanh(r)
    sx, sy = sketch.SIGMA_MIN + sx.exp(), sketch.SIGMA_MIN + sy.exp()
    covariance = torch.stack([sx * sx, rho * sx * sy, rho * sx * sy, sy * sy], -1).reshape(*rho.shape, 2, 2)
    parts = D.MultivariateNormal(torch.stack([mx, my], -1), covariance)
    move = D.MixtureSameFamily(D.Categorical(logits=weight), parts).log_prob(target[..., :2])
    return -move - D.Categorical(logits=params[..., 6 * M:]).log_prob(target[..., 2])


def moves(draw, *shape):
    return np.concatenate([draw.normal(0, 1.5, (*shape, 2)), draw.integers(0, 3, (*shape, 1))], axis=-1)


@settings(**DRAW)
@given(T=st.integers(1, 4), N=st.integers(1, 3), M=st.integers(1, 5), seed=seeds)
def test_the_loss_equals_torch_distributions(T, N, M, seed):
    """A71: value, gradient, mask; any number of Gaussians, batch of one."""
    draw = np.random.default_rng(seed)
    params, target = draw.standard_normal((T, N, 6 * M + 3)), moves(draw, T, N)
    mask = draw.random((T, N)) < 0.7
    mask[0, 0] = True
    mine, theirs = Tensor(params, requires_grad=True), torch.tensor(params, requires_grad=True)
    loss = sketch.mdn_nll(mine, target, mask)
    expected = torch_nll(theirs, torch.tensor(target))[torch.tensor(mask)].mean()
    assert loss.item() == pytest.approx(expected.item(), rel=1e-10)
    loss.backward(np.array(-1.7))
    (-1.7 * expected).backward()
    np.testing.assert_allclose(mine.grad, theirs.grad.numpy(), rtol=1e-8, atol=1e-10)
    assert not mine.grad[~mask].any()
    assert gradcheck(lambda p: sketch.mdn_nll(p, target, mask), [Tensor(params, requires_grad=True)], rng=draw) <= 1e-6


def test_one_gaussian_is_the_gaussian():
    """A71, M = 1 without correlation: the closed form."""
    params = np.array([[0.3, 0.5, -1.0, 0.2, -0.4, 0.0, 0.0, 0.0, 0.0]])
    sx, sy = sketch.SIGMA_MIN + np.exp([0.2, -0.4])
    expected = (0.7 / sx) ** 2 / 2 + (2.0 / sy) ** 2 / 2 + math.log(2 * math.pi * sx * sy) + math.log(3)
    assert sketch.mdn_nll(params, [[1.2, 1.0, 2]]).item() == pytest.approx(expected, rel=1e-12)


def test_far_off_and_collapsed_gaussians_stay_finite():
    """A71's edges: sigma towards 0, rho towards 1, a move that no Gaussian expects."""
    params = np.zeros((2, 15))
    params[:, 6:10], params[:, 10:12] = -60, 40
    loss = sketch.mdn_nll(p := Tensor(params, requires_grad=True), [[30.0, -30, 0], [0, 0, 1]])
    loss.backward()
    assert np.isfinite(loss.item()) and np.isfinite(p.grad).all()
    mix = sketch.mixture(params)
    assert mix.sigma.min() == pytest.approx(sketch.SIGMA_MIN) and mix.rho.max() <= sketch.RHO_MAX


def test_mixture_is_a_distribution_and_its_density_the_loss():
    rng = np.random.default_rng(0)
    params, target = rng.standard_normal((4, 33)), moves(rng, 4)
    mix = sketch.mixture(params)
    np.testing.assert_allclose(mix.weight.sum(-1), 1)
    np.testing.assert_allclose(mix.pen.sum(-1), 1)
    pen = mix.pen[np.arange(4), target[:, 2].astype(int)]
    assert -np.log(mix.density(target[:, :2]) * pen).mean() == pytest.approx(sketch.mdn_nll(params, target).item())
    fine = np.linspace(-40, 40, 801)
    grid = np.stack(np.meshgrid(fine, fine), axis=-1)
    wide = sketch.mixture(np.r_[rng.normal(0, 1, 6), np.ones(4), 0.3, -0.5, np.zeros(3)])    # sigmas of about e
    assert wide.density(grid).sum() * 0.1**2 == pytest.approx(1, abs=1e-6)


def test_temperature_narrows_and_sharpens_but_leaves_the_pen():
    params = np.random.default_rng(0).standard_normal(33)
    cold, warm = sketch.mixture(params, 0.25), sketch.mixture(params, 1.0)
    np.testing.assert_allclose(cold.sigma, warm.sigma / 2)
    assert cold.weight.max() > warm.weight.max()
    np.testing.assert_array_equal(cold.pen, warm.pen)


def test_samples_have_the_mixtures_mean_and_covariance():
    """A71: 20,000 draws of one mixture."""
    params = np.array([0.0, 1.0, -2.0, 1.0, 0.5, -1.0, -1.0, 0.0, 0.0, -0.5, 0.8, -0.3, 1.0, 0.0, 0.5])
    mix = sketch.mixture(np.tile(params, (20_000, 1)))
    drawn = sketch.sample(mix, np.random.default_rng(0))
    weight, mean, sigma, rho = (part[0] for part in mix[:4])
    expected = weight @ mean
    covariance = sum(w * (np.outer(m, m) + np.array([[s[0]**2, r * s[0] * s[1]], [r * s[0] * s[1], s[1]**2]]))
                     for w, m, s, r in zip(weight, mean, sigma, rho)) - np.outer(expected, expected)
    np.testing.assert_allclose(drawn[:, :2].mean(0), expected, atol=0.05)
    np.testing.assert_allclose(np.cov(drawn[:, :2].T), covariance, atol=0.1)
    np.testing.assert_allclose(np.bincount(drawn[:, 2].astype(int)) / 20_000, mix.pen[0], atol=0.02)


@pytest.mark.parametrize("kind", sketch.KINDS)
def test_every_drawing_is_whole_steps_and_ends_once(kind):
    for seed in range(20):
        one = sketch.draw(kind, rng=np.random.default_rng(seed))
        drawn = np.r_[True, one[:-1, 2] != sketch.LIFT]                     # moves with the pen on the paper
        assert (one[:, 2] == sketch.END).sum() == 1 and one[-1, 2] == sketch.END
        lengths = np.hypot(*one[drawn, :2].T)
        assert np.median(lengths) == pytest.approx(1, abs=0.05) and lengths.max() < 1.3
        assert len(sketch.to_lines(one)) == (4 if kind == "face" else 1)
        if kind in ("circle", "square", "triangle", "star"):
            assert np.hypot(*one[:, :2].sum(0)) < 1.6
        assert len(one) <= 80


def test_lines_and_strokes_are_each_others_inverse():
    lines = [np.array([[2.0, 1], [3, 1], [3, 2]]), np.array([[5.0, 5]]), np.array([[0.0, 0], [1, 1]])]
    back = sketch.to_lines(sketch.to_strokes(lines), (2.0, 1.0))
    assert [line.tolist() for line in back] == [line.tolist() for line in lines]


def test_resampling_leaves_equal_steps():
    line = np.random.default_rng(0).normal(0, 2, (60, 2)).cumsum(0)
    marks = sketch.resample(line)
    np.testing.assert_allclose(np.hypot(*np.diff(marks, axis=0).T), 1, atol=1e-9)
    assert math.dist(marks[-1], line[-1]) < 1
    assert sketch.resample([[0, 0], [0, 0], [0.4, 0]]).tolist() == [[0, 0]]     # too short for a step


def test_the_batch_teaches_the_next_move():
    one, two = sketch.draw("circle", rng=np.random.default_rng(0)), sketch.draw("face", rng=np.random.default_rng(0))
    inputs, targets, mask = sketch.batch([one, two])
    np.testing.assert_array_equal(inputs[1:len(one), 0], one[:-1])
    assert not inputs[0].any()
    np.testing.assert_array_equal(targets[mask[:, 1], 1], two)
    assert mask.sum(0).tolist() == [len(one), len(two)]


def test_a_model_learns_and_continues_reproducibly():
    """Training lowers the loss; the same seed draws the same; gradients flow through the whole model."""
    rng = np.random.default_rng(0)
    model = sketch.SketchRNN(12, 3, rng=rng)
    losses = sketch.train(model, sketch.drawings(32, rng=rng)[0], updates=30, lr=0.01, batch_size=16, rng=rng)
    assert np.mean(losses[-5:]) < np.mean(losses[:5]) - 1
    start = sketch.draw("wave", rng=rng)[:9]
    first, again = (sketch.continuations(model, start, 4, temperature=0.5, longest=30, rng=np.random.default_rng(1))
                    for _ in range(2))
    assert len(first) == 4 and all(np.array_equal(a, b) for a, b in zip(first, again))
    assert all((one[:-1, 2] != sketch.END).all() for one in first)
    model.parameters()[0].data[:] = np.nan
    with pytest.raises(Diverged, match="diverged at step 1: the loss is nan"):
        sketch.train(model, sketch.drawings(4, rng=rng)[0], updates=3, rng=rng)
    small = sketch.SketchRNN(3, 1, rng=rng).to(np.float64)
    inputs, targets, mask = sketch.batch([start[:3], start[:2]])
    assert gradcheck(lambda *p: sketch.mdn_nll(small(inputs)[0], targets, mask), small.parameters(), rng=rng) <= 1e-6


def test_continuing_from_a_state_is_reading_the_whole():
    rng = np.random.default_rng(0)
    model, one = sketch.SketchRNN(8, 2, rng=rng), sketch.draw("star", rng=rng)[:, None]
    whole, _ = model(one)
    _, state = model(one[:7])
    np.testing.assert_allclose(model(one[7:], state)[0].data, whole.data[7:], atol=1e-6)


@pytest.mark.parametrize("call, message", [
    (lambda: sketch.mixture(np.zeros(10)), r"mixture: params must have shape \(..., 6M \+ 3\), but is \(10,\)"),
    (lambda: sketch.mixture(np.zeros(9), 0), "mixture: temperature must be a finite number and greater than 0, but is 0"),
    (lambda: sketch.mdn_nll(np.zeros((2, 9)), np.zeros((3, 3))), r"mdn_nll: target must have shape \(2, 3\), but is \(3, 3\)"),
    (lambda: sketch.mdn_nll(np.zeros((1, 9)), [[0, 0, 3]]), "mdn_nll: the pen .* must be 0, 1 or 2"),
    (lambda: sketch.mdn_nll(np.zeros((1, 9)), [[0, 0, 0]], [False]), "mdn_nll: mask leaves no move that counts"),
    (lambda: sketch.mdn_nll(np.zeros((1, 9)), [[0, 0, 0]], [[True]]), r"mdn_nll: mask must have shape \(1,\), but is \(1, 1\)"),
    (lambda: sketch.draw("dragon", rng=np.random.default_rng(0)), "draw: kind must be one of 'circle', .* but is 'dragon'"),
    (lambda: sketch.resample([[0, 0]], step=0), "resample: step must be a finite number and greater than 0, but is 0"),
    (lambda: sketch.to_strokes([]), "to_strokes: lines must hold at least one line, but is empty"),
    (lambda: sketch.to_strokes([[[0, 0]]]), "to_strokes: the first line must have at least 2 points, but has 1"),
])
def test_wrong_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
