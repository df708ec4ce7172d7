"""A unit that fires above a threshold, and the rule that teaches it: the perceptron (chapter 1)."""
import math
from typing import NamedTuple

import numpy as np

from .. import _check


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
