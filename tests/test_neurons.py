"""Single neurons (A01 to A04) against truth tables, closed forms, eigenvectors and scikit-learn."""
import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from sklearn.linear_model import Perceptron as SklearnPerceptron

from course_lib import datasets, neurons


def rng(seed=0):
    return np.random.default_rng(seed)


CORNERS = [[0, 0], [0, 1], [1, 0], [1, 1]]


# ---------------------------------------------------------------- A01

@pytest.mark.parametrize("weights, bias, table", [
    ([1, 1], -2, [0, 0, 0, 1]),                                    # AND
    ([1, 1], -1, [0, 1, 1, 1]),                                    # OR
    ([-1, -1], 1, [1, 1, 1, 0]),                                   # NAND
    ([-1, -1], 0, [1, 0, 0, 0]),                                   # NOR
])
def test_threshold_unit_computes_logic(weights, bias, table):
    assert neurons.threshold_unit(CORNERS, weights, bias).tolist() == table


def test_threshold_unit_majority_of_three():
    X, _ = datasets.parity(3)
    np.testing.assert_array_equal(neurons.threshold_unit(X, [1, 1, 1], -2), X.sum(axis=1) >= 2)


def test_threshold_unit_fires_on_a_tie_and_keeps_leading_axes():
    assert neurons.threshold_unit([0.0, 0.0], [3, -2], 0).tolist() == 1
    out = neurons.threshold_unit(np.zeros((4, 5, 2)), [1, 1], -1e-9)
    assert out.shape == (4, 5) and out.dtype == np.int64 and not out.any()
    assert neurons.threshold_unit([[True, True]], np.array([True, True]), -2).tolist() == [1]    # 1 + 1


def blobs(seed):
    r = rng(seed)
    direction = r.normal(size=2)
    direction *= 1.5 / np.linalg.norm(direction)
    return datasets.blobs(40, [direction, -direction], 0.4, rng=r)


@pytest.mark.parametrize("seed", range(20))
def test_perceptron_converges_within_novikoffs_bound(seed):
    X, y = blobs(seed)
    learned = neurons.perceptron(X, y, rng=rng(seed))
    assert learned.converged and learned.mistakes[-1] == 0
    np.testing.assert_array_equal(neurons.threshold_unit(X, learned.weights, learned.bias), y)
    assert sum(learned.mistakes) == len(learned.updates)
    bound = neurons.perceptron_bound(X, y, learned.weights, learned.bias)
    assert len(learned.updates) <= bound < math.inf


@pytest.mark.parametrize("seed", range(5))
def test_perceptron_decides_as_scikit_learns(seed):
    X, y = blobs(seed)
    learned = neurons.perceptron(X, y)
    theirs = SklearnPerceptron(shuffle=False, tol=None, max_iter=100).fit(X, y)
    np.testing.assert_array_equal(neurons.threshold_unit(X, learned.weights, learned.bias), theirs.predict(X))


def test_perceptron_table_of_updates_follows_the_rule():
    X, y = np.array(CORNERS, float), np.array([0, 0, 0, 1])
    learned = neurons.perceptron(X, y, lr=0.5)
    weights, bias = np.zeros(2), 0.0
    for update in learned.updates:
        x = X[update.example]
        assert update.output == int(weights @ x + bias >= 0) != update.target == y[update.example]
        change = 0.5 * (update.target - update.output)
        weights, bias = weights + change * x, bias + change
        np.testing.assert_array_equal(update.weights, weights)
        assert update.bias == bias
    np.testing.assert_array_equal(learned.weights, weights)
    epochs = [update.epoch for update in learned.updates]
    assert [epochs.count(e) for e in range(len(learned.mistakes))] == learned.mistakes


def test_perceptron_never_solves_xor():
    X, y = datasets.parity(2)
    for seed in range(5):
        learned = neurons.perceptron(X, y, epochs=200, rng=rng(seed))
        assert not learned.converged and len(learned.mistakes) == 200 and min(learned.mistakes) > 0


def test_perceptron_from_zero_the_learning_rate_only_scales():
    X, y = blobs(3)
    a, b = neurons.perceptron(X, y, lr=1.0), neurons.perceptron(X, y, lr=0.25)
    assert a.mistakes == b.mistakes
    np.testing.assert_allclose(a.weights, 4 * b.weights, rtol=1e-12)


def test_perceptron_bound_by_hand_and_when_nothing_is_separated():
    # x~ = (1, 1), (-1, 1), w~ = (1, 0): R^2 = 2, margin 1
    assert neurons.perceptron_bound([[1], [-1]], [1, 0], [1], 0) == pytest.approx(2)
    assert neurons.perceptron_bound([[1], [-1]], [1, 0], [17], 0) == pytest.approx(2)     # whatever length
    assert neurons.perceptron_bound([[1], [-1]], [0, 1], [1], 0) == math.inf
    assert neurons.perceptron_bound([[1], [0]], [1, 0], [1], 0) == math.inf             # on the line
    assert neurons.perceptron_bound([[1], [0]], [1, 0], [0], 0) == math.inf


# ---------------------------------------------------------------- A02

def cloud(n=500, seed=0):
    X = rng(seed).multivariate_normal([0, 0], [[2.0, 1.2], [1.2, 1.0]], n)
    return X - X.mean(axis=0)


def second_moment(X):
    return np.linalg.eigh(X.T @ X / len(X))


@pytest.mark.parametrize("seed", range(5))
def test_oja_finds_the_first_principal_component(seed):
    X = cloud(seed=seed)
    path = neurons.oja(X, 0.005, epochs=10, rng=rng(seed))
    w = path.weights[-1]
    assert path.weights.shape == (5001, 2) and not path.diverged
    assert abs(w @ second_moment(X)[1][:, -1]) / np.linalg.norm(w) > 0.99
    assert np.linalg.norm(w) == pytest.approx(1, abs=0.05)


def test_oja_and_hebb_take_the_steps_of_their_formulas():
    X, w = cloud(1), np.array([0.3, -0.2])
    x = X[0] + [1, 0]
    y = w @ x
    for rule, change in ((neurons.hebb, y * x), (neurons.oja, y * (x - y * w))):
        np.testing.assert_allclose(rule([x], 0.1, weights=w, rng=rng()).weights, [w, w + 0.1 * change])


def test_hebb_grows_like_the_exponential_of_the_largest_eigenvalue():
    X, lr = cloud(), 1e-4
    values, vectors = second_moment(X)
    path = neurons.hebb(X, lr, epochs=60, weights=vectors[:, -1], rng=rng())
    growth = np.log(np.linalg.norm(path.weights[-1])) / (lr * (len(path.weights) - 1))
    assert growth == pytest.approx(values[-1], rel=0.01)


def test_hebb_stops_at_the_cap_and_says_so():
    path = neurons.hebb(cloud(), 0.1, epochs=50, cap=1e3, rng=rng())
    lengths = np.linalg.norm(path.weights, axis=1)
    assert path.diverged and lengths[-1] > 1e3 and np.all(lengths[:-1] <= 1e3)
    assert len(lengths) < 25_000
    assert not neurons.hebb(cloud(), 1e-3, rng=rng()).diverged


def test_oja_with_too_large_a_rate_says_so_instead_of_warning():
    path = neurons.oja(100 * cloud(), 0.5, rng=rng())
    assert path.diverged


def test_hebbian_paths_repeat_with_the_seed_and_start_at_length_one():
    a, b = (neurons.oja(cloud(), 0.01, rng=rng(3)) for _ in range(2))
    np.testing.assert_array_equal(a.weights, b.weights)
    assert np.linalg.norm(a.weights[0]) == pytest.approx(1)


def test_every_epoch_comes_in_another_random_order():
    one, other = (neurons.oja(cloud(20), 0.01, weights=[1, 0], rng=rng(s)).weights[1] for s in (0, 1))
    assert not np.array_equal(one, other)


# ---------------------------------------------------------------- A03

@pytest.mark.parametrize("current", [1.6, 2.0, 3.0, 5.0])
@pytest.mark.parametrize("membrane", [{}, {"refractory": 0.0}, {"tau": 20.0, "v_reset": -75.0}])
def test_spike_rate_agrees_with_the_closed_form(current, membrane):
    spikes = neurons.leaky_integrate_and_fire(current, 2000.0, 0.02, **membrane).spike_times
    measured = 1000 / np.diff(spikes).mean()
    assert measured == pytest.approx(neurons.firing_rate(current, **membrane), rel=0.02)


@pytest.mark.filterwarnings("error")
def test_firing_rate_is_the_syllabus_formula_in_hertz():
    tau, drive, gap = 10.0, 10.0 * 2.0, 15.0
    expected = 1000 / (tau * math.log(drive / (drive - gap)))
    assert neurons.firing_rate(2.0, refractory=0.0) == pytest.approx(expected, rel=1e-12)
    assert isinstance(neurons.firing_rate(2.0), float)
    assert neurons.firing_rate(1e9) == pytest.approx(500, rel=1e-6)          # a refractory time of 2 ms
    np.testing.assert_array_equal(neurons.firing_rate([[-1.0, 0.0], [1.0, 1.5]]), 0)


def test_no_spike_up_to_the_critical_current_and_the_voltage_settles():
    record = neurons.leaky_integrate_and_fire(1.5, 500.0)
    assert record.spike_times.size == 0
    assert record.voltages[-1] == pytest.approx(-55, abs=1e-3) and record.voltages.max() < -55
    assert neurons.leaky_integrate_and_fire(1.51, 500.0).spike_times.size > 0


def test_voltage_follows_the_exponential():
    record = neurons.leaky_integrate_and_fire(1.0, 50.0, 0.001)
    exact = -70 + 10 * (1 - np.exp(-record.times / 10))
    np.testing.assert_allclose(record.voltages, exact, atol=1e-3)


def test_record_of_a_spike():
    record = neurons.leaky_integrate_and_fire(3.0, 30.0, 0.1, refractory=1.0)
    assert record.times.shape == record.voltages.shape == (301,)
    at = np.round(record.spike_times / 0.1).astype(int)
    assert np.all(record.voltages[at] >= -55)
    for k in at[:-1]:
        np.testing.assert_array_equal(record.voltages[k + 1:k + 11], -70)    # silent for 1 ms
        assert record.voltages[k + 11] > -70
    assert np.sum(record.voltages >= -55) == len(at)


def test_current_may_change_with_time():
    current = np.where(np.arange(2000) < 1000, 0.0, 2.0)
    spikes = neurons.leaky_integrate_and_fire(current, 200.0, 0.1).spike_times
    assert spikes.min() > 100 and len(spikes) > 3


# ---------------------------------------------------------------- A04

finite = st.floats(-3, 3)


@given(x=finite, goal=finite, weight=finite, rate=st.floats(0.01, 1.9), factor=st.sampled_from([1, 2]))
def test_one_weight_equals_its_closed_form(x, goal, weight, rate, factor):
    if abs(x) < 0.1:
        x = 0.1
    lr = rate / (factor * x * x)
    path = neurons.one_weight(x, goal, weight, lr, 50, factor)
    closed = neurons.one_weight_closed_form(x, goal, weight, lr, 50, factor)
    scale = 1 + abs(goal / x) + abs(weight)
    assert np.abs(path.weights - closed).max() / scale < 1e-12
    np.testing.assert_allclose(path.predictions, x * path.weights)
    np.testing.assert_allclose(path.errors, (path.predictions - goal) ** 2, atol=1e-300)
    assert path.steps == 50 and not path.reached


@given(x=finite, goal=finite, weight=finite)
def test_factor_two_is_the_true_derivative(x, goal, weight):
    h, lr = 1e-5, 1e-3
    slope = ((x * (weight + h) - goal) ** 2 - (x * (weight - h) - goal) ** 2) / (2 * h)
    step = neurons.one_weight(x, goal, weight, lr, 1, factor=2).weights[1] - weight
    assert step == pytest.approx(-lr * slope, abs=1e-8)
    half = neurons.one_weight(x, goal, weight, lr, 1).weights[1] - weight
    assert half == pytest.approx(step / 2, abs=1e-12)


def test_one_weight_edges():
    still = neurons.one_weight(0.0, 0.8, 0.5, 0.1, 5)
    assert np.all(still.weights == 0.5) and np.all(neurons.one_weight_closed_form(0, 0.8, 0.5, 0.1, 5) == 0.5)
    assert neurons.one_weight(2.0, 0.8, 0.5, 0.25, 1).weights[1] == pytest.approx(0.4)    # lr x^2 = 1
    hops = neurons.one_weight(1.0, 0.0, 1.0, 2.0, 6).weights                              # lr x^2 = 2
    assert hops.tolist() == [1, -1, 1, -1, 1, -1, 1]
    assert neurons.one_weight(-2.0, 0.8, 0.5, 0.1, 100).weights[-1] == pytest.approx(-0.4)
    assert neurons.one_weight(2.0, 0.8, 0.5, 0.1, 0).weights.tolist() == [0.5]


@pytest.mark.parametrize("alpha_x2, converges", [(0.1, True), (1.0, True), (1.99, True), (2.01, False),
                                                 (5.0, False)])
def test_one_weight_converges_below_two_only(alpha_x2, converges):
    path = neurons.one_weight(3.0, 1.0, 0.0, alpha_x2 / 9, 2000)
    assert (path.errors[-1] < 1e-12) == converges
    if not converges:
        assert path.errors[-1] > path.errors[0]


@pytest.mark.filterwarnings("error")
def test_one_weight_that_diverges_ends_with_an_infinite_error_and_no_warning():
    path = neurons.one_weight(10.0, 1.0, 0.0, 1.0, 10_000)
    assert path.errors[-1] == math.inf and np.all(np.isfinite(path.errors[:-1])) and path.steps < 200
    assert not np.isfinite(neurons.one_weight_closed_form(10.0, 1.0, 0.0, 1.0, 10_000)[-1])


@pytest.mark.parametrize("lr, steps", [(0.1, 250), (1.0, 22), (4.0, 1)])
def test_gradient_descent_takes_the_pilots_steps(lr, steps):
    path = neurons.one_weight(0.5, 0.8, 0.5, lr, 10_000, tolerance=1e-6)
    assert path.steps == steps and path.reached and path.errors[-1] < 1e-6 <= path.errors[-2]


@pytest.mark.parametrize("step, steps", [(0.001, 1099), (0.01, 110), (0.1, 11)])
def test_hot_and_cold_takes_the_pilots_steps(step, steps):
    found = neurons.hot_and_cold(0.5, 0.8, 0.5, step)
    assert found.steps == steps and found.reached and found.errors[-1] < 1e-6
    np.testing.assert_allclose(np.diff(found.weights), step)


def test_hot_and_cold_may_hop_over_the_goal_for_ever():
    found = neurons.hot_and_cold(0.5, 0.8, 0.5, 0.03, max_steps=500)
    assert found.steps == 500 and not found.reached
    assert np.ptp(found.weights[-20:]) == pytest.approx(0.03)
    assert neurons.hot_and_cold(-0.5, 0.8, 0.5, 0.1, max_steps=500).weights[-1] == pytest.approx(-1.6)


# ---------------------------------------------------------------- wrong input

@pytest.mark.parametrize("call, error, message", [
    (lambda: neurons.threshold_unit([[1, 2, 3]], [1, 1], 0), ValueError,
     r"threshold_unit: X must have shape \(..., 2\), but is \(1, 3\)"),
    (lambda: neurons.threshold_unit([[1, 2]], [[1, 1]], 0), ValueError,
     r"threshold_unit: weights must have shape \(D,\), but is \(1, 2\)"),
    (lambda: neurons.threshold_unit([[1, np.nan]], [1, 1], 0), ValueError,
     r"threshold_unit: X must be finite, but is nan at index \(0, 1\)"),
    (lambda: neurons.threshold_unit([[1, 2]], [1, 1], [0]), TypeError,
     "threshold_unit: bias must be a finite number"),
    (lambda: neurons.perceptron([1, 2], [0, 1]), ValueError,
     r"perceptron: X must have shape \(N, D\), but is \(2,\)"),
    (lambda: neurons.perceptron(CORNERS, [0, 1]), ValueError,
     r"perceptron: y must have shape \(4,\), but is \(2,\)"),
    (lambda: neurons.perceptron(CORNERS, [-1, 1, 1, 1]), ValueError,
     "perceptron: y must hold class numbers from 0 to 1, but has -1"),
    (lambda: neurons.perceptron(CORNERS, [0, 1, 1, 0.5]), ValueError,
     "y must hold class numbers from 0 to 1, but has 0.5"),
    (lambda: neurons.perceptron(CORNERS, [0, 1, 1, 1], lr=-1), ValueError,
     "perceptron: lr must be a finite number and greater than 0, but is -1"),
    (lambda: neurons.perceptron(CORNERS, [0, 1, 1, 1], epochs=0), ValueError,
     "epochs must be at least 1, but is 0"),
    (lambda: neurons.perceptron(CORNERS, [0, 1, 1, 1], rng=0), TypeError, "perceptron: rng must be"),
    (lambda: neurons.perceptron_bound(CORNERS, [0, 1, 1, 1], [1], 0), ValueError,
     r"perceptron_bound: weights must have shape \(2,\), but is \(1,\)"),
    (lambda: neurons.hebb(CORNERS, 0, rng=rng()), ValueError, "hebb: lr must be .* greater than 0, but is 0"),
    (lambda: neurons.hebb(CORNERS, 0.1, rng=None), TypeError, "hebb: rng must be"),
    (lambda: neurons.oja(CORNERS, 0.1, weights=[1], rng=rng()), ValueError,
     r"oja: weights must have shape \(2,\), but is \(1,\)"),
    (lambda: neurons.oja([[np.nan, 0]], 0.1, rng=rng()), ValueError,
     r"oja: X must be finite, but is nan at index \(0, 0\)"),
    (lambda: neurons.leaky_integrate_and_fire(1.0, dt=6.0), ValueError,
     "leaky_integrate_and_fire: dt must be at most tau / 2 = 5 ms, but is 6"),
    (lambda: neurons.leaky_integrate_and_fire([1.0, 2.0], 1.0), ValueError,
     r"leaky_integrate_and_fire: current must have shape \(10,\), but is \(2,\)"),
    (lambda: neurons.leaky_integrate_and_fire(1.0, v_reset=-50.0), ValueError,
     "leaky_integrate_and_fire: v_reset must be a finite number and less than -55, but is -50"),
    (lambda: neurons.leaky_integrate_and_fire(1.0, tau=0), ValueError,
     "tau must be .* greater than 0, but is 0"),
    (lambda: neurons.firing_rate(1.0, refractory=-1), ValueError,
     "firing_rate: refractory must be .* at least 0"),
    (lambda: neurons.one_weight(1.0, 0.0, 1.0, 0.0, 5), ValueError,
     "one_weight: lr must be .* greater than 0, but is 0"),
    (lambda: neurons.one_weight(1.0, 0.0, 1.0, 0.1, -1), ValueError,
     "one_weight: steps must be at least 0, but is -1"),
    (lambda: neurons.one_weight(1.0, 0.0, 1.0, 0.1, 5, 3), ValueError,
     "one_weight: factor must be one of 1, 2, but is 3"),
    (lambda: neurons.one_weight(np.nan, 0.0, 1.0, 0.1, 5), ValueError,
     "one_weight: x must be a finite number, but is nan"),
    (lambda: neurons.hot_and_cold(1.0, 0.0, 1.0, -0.1), ValueError,
     "hot_and_cold: step must be .* greater than 0"),
    (lambda: neurons.hot_and_cold(1.0, 0.0, 1.0, 0.1, max_steps=0), ValueError,
     "max_steps must be at least 1"),
])
def test_wrong_input_gets_one_clear_line(call, error, message):
    with pytest.raises(error, match=message) as caught:
        call()
    assert "\n" not in str(caught.value)
