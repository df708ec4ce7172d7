"""A network with one weight, and two ways to learn it (chapter 2)."""
import math
from typing import NamedTuple

import numpy as np

from .. import _check


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
