"""Single neurons: the threshold unit and the perceptron, Hebb and Oja, a spiking neuron, one weight.

Chapters 1 and 2, before there are layers or back-propagation: the learning rules stand here as
their inventors wrote them, one example at a time, and every step is kept for looking at.
"""
import math
from typing import NamedTuple

import numpy as np

from . import _check


# ---------------------------------------------------------------- A01: threshold unit, perceptron

def threshold_unit(X, weights, bias):
    r"""Fire (1) where the weighted sum of the inputs reaches the threshold, else stay silent (0) (A01).

    :math:`y = \mathbb 1[w^\top x + b \ge 0]`: a sum of exactly 0 fires. The threshold is :math:`-b`.

    Parameters
    ----------
    X : array_like, (..., D)
        Inputs, one example per row.
    weights : array_like, (D,)
    bias : float

    Returns
    -------
    ndarray, int64, (...)
        0 or 1 for each example.

    Raises
    ------
    ValueError, TypeError
        If the last axis of ``X`` and ``weights`` differ in length, or a number is not finite.

    References
    ----------
    McCulloch, W. S. & Pitts, W. (1943). A logical calculus of the ideas immanent in nervous activity.

    Examples
    --------
    >>> corners = [[0, 0], [0, 1], [1, 0], [1, 1]]
    >>> threshold_unit(corners, [1, 1], -2)                # AND
    array([0, 0, 0, 1])
    >>> threshold_unit(corners, [1, 1], -1)                # OR
    array([0, 1, 1, 1])
    """
    weights = _check.array("threshold_unit", "weights", weights, ("D",))
    weights = weights.astype(np.float64)
    X = _check.array("threshold_unit", "X", X, (..., len(weights)))
    _check.number("threshold_unit", bias=bias)
    return (X @ weights + bias >= 0).astype(np.int64)


class Update(NamedTuple):
    """One correction of the perceptron: which example was wrong, and the weights after the correction."""
    epoch: int
    example: int
    target: int
    output: int
    weights: np.ndarray
    bias: float


class Perceptron(NamedTuple):
    """What :func:`perceptron` learned, and how.

    Attributes
    ----------
    weights : ndarray, float64, (D,)
    bias : float
    mistakes : list of int
        Mistakes in each epoch; their sum is the number of updates.
    updates : list of Update
        Every correction, in order.
    converged : bool
        Whether the last epoch passed without a mistake.
    """
    weights: np.ndarray
    bias: float
    mistakes: list
    updates: list
    converged: bool


def perceptron(X, y, lr=1.0, epochs=100, rng=None):
    r"""Learn a threshold unit by correcting it after every mistake (A01).

    :math:`w \leftarrow w + \eta\,(t - y)\,x` and :math:`b \leftarrow b + \eta\,(t - y)`, starting at 0;
    stops after an epoch without mistakes. If a line separates the classes, there is such an epoch (Novikoff
    1962).

    Parameters
    ----------
    X : array_like, (N, D)
        Inputs, one example per row.
    y : array_like, (N,)
        Targets, 0 or 1.
    lr : float
        Learning rate :math:`\eta > 0`. Starting at 0 it only scales the weights, not the decisions.
    epochs : int
        Passes through the data at most: on inseparable data the rule never ends by itself.
    rng : numpy.random.Generator, optional
        Draws a new order of the examples for each epoch; without it they come as they stand.

    Returns
    -------
    Perceptron

    Raises
    ------
    ValueError, TypeError
        If the shapes do not fit, a target is not 0 or 1, or a number is out of its range.

    References
    ----------
    Rosenblatt, F. (1957). The perceptron: a perceiving and recognizing automaton (Project Para).

    Examples
    --------
    >>> X, y = [[0, 0], [0, 1], [1, 0], [1, 1]], [0, 0, 0, 1]
    >>> learned = perceptron(X, y)
    >>> learned.mistakes, learned.converged
    ([2, 3, 3, 2, 1, 0], True)
    >>> threshold_unit(X, learned.weights, learned.bias)
    array([0, 0, 0, 1])
    """
    X = _check.array("perceptron", "X", X, ("N", "D")).astype(np.float64)
    y = _check.labels("perceptron", "y", y, len(X), classes=2)
    _check.number("perceptron", lr=lr, above=0)
    _check.whole("perceptron", epochs=epochs, at_least=1)
    if rng is not None:
        _check.generator("perceptron", rng)

    weights, bias = np.zeros(X.shape[1]), 0.0
    mistakes, updates = [], []
    for epoch in range(epochs):
        before = len(updates)
        for i in range(len(X)) if rng is None else rng.permutation(len(X)):
            output = int(weights @ X[i] + bias >= 0)
            if output != y[i]:
                weights = weights + lr * (y[i] - output) * X[i]
                bias = bias + lr * float(y[i] - output)
                updates.append(Update(epoch, int(i), int(y[i]), output, weights, bias))
        mistakes.append(len(updates) - before)
        if mistakes[-1] == 0:
            break
    return Perceptron(weights, bias, mistakes, updates, converged=mistakes[-1] == 0)


def perceptron_bound(X, y, weights, bias):
    r"""Bound the number of updates the perceptron needs, from any line that separates the classes (A01).

    At most :math:`(R/\gamma)^2` updates, where :math:`R = \max_i \lVert\tilde x_i\rVert` and :math:`\gamma
    = \min_i \pm\tilde w^\top \tilde x_i / \lVert\tilde w\rVert` (plus for class 1, minus for class 0);
    :math:`\tilde x = (x, 1)` and :math:`\tilde w = (w, b)` count the bias as the weight of a constant input
    1.

    Parameters
    ----------
    X : array_like, (N, D)
    y : array_like, (N,)
        Targets, 0 or 1.
    weights : array_like, (D,)
        A separating line; the wider its margin :math:`\gamma`, the sharper the bound.
    bias : float

    Returns
    -------
    float
        ``inf`` if the line does not separate the classes: then it promises nothing.

    Raises
    ------
    ValueError, TypeError
        If the shapes do not fit, a target is not 0 or 1, or a number is not finite.

    References
    ----------
    Novikoff, A. B. J. (1962). On convergence proofs on perceptrons.

    Examples
    --------
    >>> round(perceptron_bound([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 0, 0, 1], [1, 1], -1.5), 6)
    51.0
    """
    X = _check.array("perceptron_bound", "X", X, ("N", "D"))
    y = _check.labels("perceptron_bound", "y", y, len(X), classes=2)
    weights = _check.array("perceptron_bound", "weights", weights, (X.shape[1],))
    _check.number("perceptron_bound", bias=bias)
    X = np.column_stack([X, np.ones(len(X))])
    weights = np.append(weights, bias).astype(np.float64)
    radius = np.linalg.norm(X, axis=1).max()
    smallest = np.min((2 * y - 1) * (X @ weights))          # margin times the length of the weights
    return float(radius ** 2 * (weights @ weights) / smallest ** 2) if smallest > 0 else math.inf


# ---------------------------------------------------------------- A02: Hebb and Oja

class WeightPath(NamedTuple):
    """Where the weights of a neuron went.

    Attributes
    ----------
    weights : ndarray, float64, (T + 1, D)
        The weights at the start and after each of T presentations.
    diverged : bool
        Whether their length passed the cap, which ended the run early.
    """
    weights: np.ndarray
    diverged: bool


def hebb(X, lr, epochs=1, *, weights=None, cap=1e6, rng):
    r"""Strengthen the weights of inputs that are active together with the neuron (A02).

    :math:`\Delta w = \eta\,y\,x` with :math:`y = w^\top x`. Nothing holds the weights back: their length
    grows like :math:`e^{\eta\lambda_1 t}`, :math:`\lambda_1` the largest eigenvalue of :math:`\frac1N
    X^\top X` and :math:`t` the presentations.

    Parameters
    ----------
    X : array_like, (N, D)
        Inputs, one example per row; with centred data :math:`\frac1N X^\top X` is their covariance.
    lr : float
        Learning rate :math:`\eta > 0`.
    epochs : int
        Passes through the data, each in a new random order.
    weights : array_like, (D,), optional
        The start; by default a random direction of length 1.
    cap : float
        The run ends when the length of the weights passes this value.
    rng : numpy.random.Generator

    Returns
    -------
    WeightPath
        ``diverged`` tells whether the cap was reached.

    Raises
    ------
    ValueError, TypeError
        If the shapes do not fit or a number is out of its range.

    References
    ----------
    Hebb, D. O. (1949). The organization of behavior.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> path = hebb(rng.standard_normal((1000, 2)), lr=0.1, rng=rng)
    >>> path.diverged, bool(np.linalg.norm(path.weights[-1]) > 1e6)
    (True, True)
    """
    return _hebbian("hebb", X, lr, epochs, weights, cap, rng,
                    rule=lambda w, x, y: y * x)


def oja(X, lr, epochs=1, *, weights=None, cap=1e6, rng):
    r"""Learn as Hebb does, and forget just enough to keep the weights at length 1 (A02).

    :math:`\Delta w = \eta\,y\,(x - y\,w)` with :math:`y = w^\top x`. The weights turn to the first
    principal component of centred data (of either sign).

    Parameters
    ----------
    X : array_like, (N, D)
        Inputs, one example per row. Centre them: the rule finds the leading eigenvector of
        :math:`\frac1N X^\top X`, which for data far from 0 is close to their mean.
    lr : float
        Learning rate :math:`\eta > 0`; too large for the data (about :math:`\eta\lVert x\rVert^2 > 1`) and
        it diverges.
    epochs : int
        Passes through the data, each in a new random order.
    weights : array_like, (D,), optional
        The start; by default a random direction of length 1.
    cap : float
        The run ends when the length of the weights passes this value.
    rng : numpy.random.Generator

    Returns
    -------
    WeightPath

    Raises
    ------
    ValueError, TypeError
        If the shapes do not fit or a number is out of its range.

    References
    ----------
    Oja, E. (1982). A simplified neuron model as a principal component analyzer.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> X = rng.standard_normal((1000, 2)) * [3, 1]        # widest along the first axis
    >>> path = oja(X, lr=0.01, rng=rng)
    >>> np.abs(path.weights[-1]).round(1)
    array([1., 0.])
    """
    return _hebbian("oja", X, lr, epochs, weights, cap, rng,
                    rule=lambda w, x, y: y * (x - y * w))


def _hebbian(operation, X, lr, epochs, weights, cap, rng, rule):
    X = _check.array(operation, "X", X, ("N", "D")).astype(np.float64)
    _check.number(operation, lr=lr, cap=cap, above=0)
    _check.whole(operation, epochs=epochs, at_least=1)
    _check.generator(operation, rng)
    if weights is None:
        weights = rng.standard_normal(X.shape[1])
        weights /= np.linalg.norm(weights)
    path = [_check.array(operation, "weights", weights, (X.shape[1],)).astype(np.float64)]
    for _ in range(epochs):
        for x in X[rng.permutation(len(X))]:
            w = path[-1]
            path.append(w + lr * rule(w, x, w @ x))
            if not np.linalg.norm(path[-1]) <= cap:         # also true for nan
                return WeightPath(np.array(path), diverged=True)
    return WeightPath(np.array(path), diverged=False)


# ---------------------------------------------------------------- A03: a neuron that spikes

class Spikes(NamedTuple):
    """The record of a spiking neuron.

    Attributes
    ----------
    times : ndarray, float64, (T + 1,)
        Milliseconds, from 0.
    voltages : ndarray, float64, (T + 1,)
        Millivolts; at a spike the value that crossed the threshold, the reset follows.
    spike_times : ndarray, float64, (S,)
        Milliseconds.
    """
    times: np.ndarray
    voltages: np.ndarray
    spike_times: np.ndarray


def leaky_integrate_and_fire(current, duration=200.0, dt=0.1, *, tau=10.0,
                             v_rest=-70.0, v_threshold=-55.0,
                             v_reset=-70.0, resistance=10.0, refractory=2.0):
    r"""Charge a leaky membrane with a current; above a critical level it spikes and starts again (A03).

    :math:`\tau\,\dot v = -(v - v_{\text{rest}}) + R\,I`; where :math:`v \ge v_{\text{threshold}}`: a spike,
    :math:`v` stays at :math:`v_{\text{reset}}` for the refractory time. Solved by Euler steps of length
    ``dt``.

    Parameters
    ----------
    current : float or array_like, (T,)
        :math:`I` in nanoamperes, constant or one value per step, T = duration / dt.
    duration, dt : float
        Length of the record and of one step, milliseconds; ``dt`` at most ``tau`` / 2.
    tau : float
        Time constant of the membrane, milliseconds.
    v_rest, v_threshold, v_reset : float
        Voltage at rest, at which it spikes, and after a spike, millivolts.
    resistance : float
        :math:`R` in megaohms (times nanoamperes gives millivolts).
    refractory : float
        Time after a spike in which the neuron does not charge, milliseconds.

    Returns
    -------
    Spikes

    Raises
    ------
    ValueError, TypeError
        If a number is out of its range, or ``current`` has another length than T.

    References
    ----------
    Lapicque, L. (1907). Recherches quantitatives sur l'excitation électrique des nerfs traitée comme une
    polarisation.

    Examples
    --------
    >>> leaky_integrate_and_fire(2.0, duration=50).spike_times.round(1)
    array([13.8, 29.6, 45.4])
    >>> leaky_integrate_and_fire(1.5).spike_times.size     # RI just reaches the threshold: never over it
    0
    """
    _check_membrane("leaky_integrate_and_fire", tau, v_rest, v_threshold,
                    v_reset, resistance, refractory)
    _check.number("leaky_integrate_and_fire", duration=duration, dt=dt, above=0)
    if dt > tau / 2:                # Euler's steps overshoot from dt = tau on
        raise ValueError("leaky_integrate_and_fire: dt must be at most tau / 2 "
                         f"= {tau / 2:g} ms, but is {dt:g}")
    steps = round(duration / dt)
    if np.ndim(current) == 0:
        _check.number("leaky_integrate_and_fire", current=current)
        current = np.full(steps, float(current))
    current = _check.array("leaky_integrate_and_fire", "current", current,
                           (steps,))

    v, silent, voltages, spikes = float(v_rest), 0, [float(v_rest)], []
    for step, drive in enumerate((resistance * current).tolist(), start=1):
        if silent:
            silent -= 1
        else:
            v += dt / tau * (-(v - v_rest) + drive)
        voltages.append(v)
        if v >= v_threshold:
            spikes.append(step)
            v, silent = float(v_reset), round(refractory / dt)
    return Spikes(dt * np.arange(steps + 1), np.array(voltages),
                  dt * np.array(spikes, dtype=float))


def firing_rate(current, *, tau=10.0, v_rest=-70.0, v_threshold=-55.0, v_reset=-70.0, resistance=10.0,
                refractory=2.0):
    r"""Give the rate at which a leaky integrate-and-fire neuron spikes under a constant current (A03).

    .. math:: f = \Bigl(t_{\text{refractory}} + \tau \ln
        \frac{RI - (v_{\text{reset}} - v_{\text{rest}})}{RI - (v_{\text{threshold}} -
        v_{\text{rest}})}\Bigr)^{-1}

    and 0 if :math:`RI \le v_{\text{threshold}} - v_{\text{rest}}`.

    Parameters
    ----------
    current : float or array_like, (...)
        :math:`I` in nanoamperes.
    tau, v_rest, v_threshold, v_reset, resistance, refractory : float
        As in :func:`leaky_integrate_and_fire`: milliseconds, millivolts, megaohms.

    Returns
    -------
    float or ndarray, float64, (...)
        Spikes per second (hertz).

    Raises
    ------
    ValueError, TypeError
        If a number is out of its range.

    References
    ----------
    Lapicque, L. (1907). Recherches quantitatives sur l'excitation électrique des nerfs traitée comme une
    polarisation.

    Examples
    --------
    >>> firing_rate([1.0, 1.5, 2.0, 4.0]).round(1)
    array([  0. ,   0. ,  63. , 149.3])
    """
    _check_membrane("firing_rate", tau, v_rest, v_threshold, v_reset, resistance, refractory)
    current = _check.array("firing_rate", "current", current, (...,))
    drive = resistance * current.astype(np.float64)
    fires = drive > v_threshold - v_rest
    drive = np.where(fires, drive, np.inf)                  # the silent ones must not meet the logarithm
    interval = refractory + tau * np.log1p((v_threshold - v_reset) / (drive - (v_threshold - v_rest)))
    rate = np.where(fires, 1000 / np.where(fires, interval, 1.0), 0.0)
    return rate if rate.ndim else float(rate)


def _check_membrane(operation, tau, v_rest, v_threshold, v_reset, resistance, refractory):
    _check.number(operation, tau=tau, resistance=resistance, above=0)
    _check.number(operation, refractory=refractory, at_least=0)
    _check.number(operation, v_threshold=v_threshold)
    _check.number(operation, v_rest=v_rest, v_reset=v_reset, below=v_threshold)


# ---------------------------------------------------------------- A04: a network with one weight

class OneWeight(NamedTuple):
    """The record of a single weight that learns.

    Attributes
    ----------
    weights, predictions, errors : ndarray, float64, (T + 1,)
        The weight at the start and after each of T steps, with its prediction and squared error.
    reached : bool
        Whether the last error is below the tolerance asked for.
    """
    weights: np.ndarray
    predictions: np.ndarray
    errors: np.ndarray
    reached: bool

    @property
    def steps(self):
        """The number of steps taken, T."""
        return len(self.weights) - 1


def one_weight(x, goal, weight, lr, steps, factor=1, *, tolerance=0.0):
    r"""Let one weight learn one example: predict, compare, correct (A04).

    :math:`\hat y = xw`, :math:`E = (\hat y - g)^2`, :math:`w \leftarrow w - c\,\alpha\,x\,(\hat y - g)`.
    The lecture writes the derivative without its factor 2 (:math:`c = 1`, the 2 hides in :math:`\alpha`);
    :math:`c = 2` is :math:`dE/dw`.

    Parameters
    ----------
    x, goal : float
        Input and target.
    weight : float
        The start.
    lr : float
        Learning rate :math:`\alpha > 0`; converges if :math:`0 < c\,\alpha x^2 < 2`.
    steps : int
        Corrections to make, fewer if the error falls below ``tolerance`` or is no longer finite.
    factor : {1, 2}
        The convention :math:`c`.
    tolerance : float
        Stop as soon as :math:`E` is smaller; at 0 never.

    Returns
    -------
    OneWeight
        A run that diverges past the largest number ends with the error ``inf``.

    Raises
    ------
    ValueError, TypeError
        If a number is out of its range.

    References
    ----------
    Cauchy, A. (1847). Méthode générale pour la résolution des systèmes d'équations simultanées.
    Trask, A. W. (2019). Grokking deep learning, chapter 4.

    Examples
    --------
    >>> one_weight(2.0, 0.8, weight=0.5, lr=0.1, steps=3).weights.round(4)
    array([0.5   , 0.46  , 0.436 , 0.4216])
    >>> one_weight(0.5, 0.8, weight=0.5, lr=1.0, steps=1000, tolerance=1e-6).steps
    22
    """
    _check_one_weight("one_weight", x, goal, weight, lr, steps, factor)
    _check.number("one_weight", tolerance=tolerance, at_least=0)
    x, goal, weight, lr = float(x), float(goal), float(weight), float(lr)

    def update(weight, prediction):
        return weight - factor * lr * x * (prediction - goal)

    return _follow(x, goal, weight, steps, tolerance, update)


def one_weight_closed_form(x, goal, weight, lr, steps, factor=1):
    r"""Give the weights of :func:`one_weight` without taking the steps (A04).

    :math:`w_t = w^* + (1 - c\,\alpha x^2)^t\,(w_0 - w^*)` with :math:`w^* = g/x`; for :math:`x = 0` nothing
    is learned.

    Parameters
    ----------
    x, goal, weight, lr, steps, factor
        As in :func:`one_weight`.

    Returns
    -------
    ndarray, float64, (steps + 1,)
        :math:`w_0` to :math:`w_T`.

    Raises
    ------
    ValueError, TypeError
        If a number is out of its range.

    References
    ----------
    Cauchy, A. (1847). Méthode générale pour la résolution des systèmes d'équations simultanées.

    Examples
    --------
    >>> one_weight_closed_form(2.0, 0.8, weight=0.5, lr=0.1, steps=3).round(4)
    array([0.5   , 0.46  , 0.436 , 0.4216])
    """
    _check_one_weight("one_weight_closed_form", x, goal, weight, lr, steps, factor)
    if x == 0:
        return np.full(steps + 1, float(weight))
    best = goal / x
    with np.errstate(over="ignore"):                        # a diverging weight may pass the largest number
        return best + np.power(1.0 - factor * lr * x * x, np.arange(steps + 1)) * (weight - best)


def hot_and_cold(x, goal, weight, step, tolerance=1e-6, max_steps=10_000):
    r"""Learn by trial and error: step up or down, whichever is better (A04).

    :math:`w \leftarrow w \pm s`, whichever of :math:`E(w+s)` and :math:`E(w-s)` is smaller (up if equal),
    :math:`E = (xw - g)^2`, until :math:`E` is below the tolerance. The step never shrinks: it may hop over
    the goal for ever.

    Parameters
    ----------
    x, goal : float
        Input and target.
    weight : float
        The start.
    step : float
        Length :math:`s > 0` of every step.
    tolerance : float
        Squared error at which to stop.
    max_steps : int
        Steps after which to give up.

    Returns
    -------
    OneWeight
        ``reached`` tells whether the tolerance was met, ``steps`` after how many steps.

    Raises
    ------
    ValueError, TypeError
        If a number is out of its range.

    References
    ----------
    Trask, A. W. (2019). Grokking deep learning, chapter 4.

    Examples
    --------
    >>> found = hot_and_cold(0.5, 0.8, weight=0.5, step=0.1)
    >>> found.steps, found.reached
    (11, True)
    >>> hot_and_cold(0.5, 0.8, weight=0.5, step=0.03).reached
    False
    """
    _check.number("hot_and_cold", x=x, goal=goal, weight=weight)
    _check.number("hot_and_cold", step=step, tolerance=tolerance, above=0)
    _check.whole("hot_and_cold", max_steps=max_steps, at_least=1)

    x, goal, weight, step = float(x), float(goal), float(weight), float(step)

    def update(weight, _):
        up, down = weight + step, weight - step
        return up if (x * up - goal) ** 2 <= (x * down - goal) ** 2 else down

    return _follow(x, goal, weight, max_steps, tolerance, update)


def _follow(x, goal, weight, steps, tolerance, update):
    """Predict, compare, correct until done; keep every weight on the way."""
    weights, predictions, errors = [], [], []
    while True:
        prediction = x * weight
        miss = prediction - goal
        error = miss * miss            # ** would raise on overflow, * gives inf
        weights.append(weight)
        predictions.append(prediction)
        errors.append(error)
        if error < tolerance or len(weights) > steps or not math.isfinite(error):
            record = map(np.array, (weights, predictions, errors))
            return OneWeight(*record, reached=error < tolerance)
        weight = update(weight, prediction)


def _check_one_weight(operation, x, goal, weight, lr, steps, factor):
    _check.number(operation, x=x, goal=goal, weight=weight)
    _check.number(operation, lr=lr, above=0)
    _check.whole(operation, steps=steps, at_least=0)
    _check.choice(operation, "factor", factor, (1, 2))
