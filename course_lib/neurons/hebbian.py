"""Learning without a teacher: Hebb's rule, and Oja's, which keeps the weights short (chapter 1)."""
from typing import NamedTuple

import numpy as np

from .. import _check


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
