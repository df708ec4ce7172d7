"""The loss as a landscape: slices through it, and what its flat places are (chapter 7).

A slice leaves the model as it was. Directions are dicts from parameter name to array, like a ``state_dict``,
so the way from one trained network to another is a direction too (:func:`difference`).
"""
import itertools
from typing import NamedTuple

import numpy as np

from . import _check
from .nn.losses import cross_entropy
from .regularization import named_weights
from .training import evaluate


# ---------------------------------------------------------------- slices through the loss of a model

def random_direction(model, rng):
    r"""Draw a direction whose steps suit the model: as long, filter by filter, as the weights themselves.

    :math:`d_{j} \leftarrow \frac{d_{j}}{\lVert d_{j}\rVert}\lVert w_{j}\rVert` for the weights :math:`w_j` that lead
    into unit j (a row of the matrix); biases stay where they are. Without it, a network with large weights
    looks flat and its twin with small ones rough.

    Parameters
    ----------
    model : Module
    rng : numpy.random.Generator

    Returns
    -------
    dict of str to ndarray

    References
    ----------
    Li, H., Xu, Z., Taylor, G., Studer, C. & Goldstein, T. (2018). Visualizing the loss landscape of neural
    nets. NeurIPS.

    Examples
    --------
    >>> from course_lib import nn
    >>> model = nn.mlp([2, 3, 1], rng=np.random.default_rng(0))
    >>> d = random_direction(model, np.random.default_rng(1))
    >>> np.allclose(np.linalg.norm(d["0.weight"], axis=1), np.linalg.norm(model[0].weight.data, axis=1))
    True
    """
    _check.generator("random_direction", rng)
    direction = {name: np.zeros(p.shape, p.dtype) for name, p in model.named_parameters()}
    for name, p in named_weights(model).items():
        weights = p.data.reshape(len(p.data), -1)
        rows = rng.standard_normal(weights.shape)
        rows *= (np.linalg.norm(weights, axis=1) / np.linalg.norm(rows, axis=1))[:, None]
        direction[name] = rows.reshape(p.shape).astype(p.dtype)
    return direction


def difference(start, end):
    """The direction from one state of a model to another: step 0 is the start, step 1 the end.

    Parameters
    ----------
    start, end : dict of str to ndarray
        As ``model.state_dict()`` gives them.

    Examples
    --------
    >>> difference({"w": np.array([1.0, 2.0])}, {"w": np.array([1.0, 5.0])})
    {'w': array([0., 3.])}
    """
    if start.keys() != end.keys():
        raise ValueError(f"difference: end must have the names {sorted(start)}, but has {sorted(end)}")
    for name in start:
        if np.shape(start[name]) != np.shape(end[name]):
            raise ValueError(f"difference: end[{name!r}] must have shape {np.shape(start[name])}, "
                             f"but is {np.shape(end[name])}")
    return {name: end[name] - start[name] for name in start}


def loss_plane(model, X, y, first, second, steps_1, steps_2, *, loss=cross_entropy):
    r"""Measure the loss on a plane through the model's weights.

    :math:`L(\theta + s\,d_1 + t\,d_2)` for every s in ``steps_1`` and t in ``steps_2``, in evaluation mode.
    The model is left as it was.

    Parameters
    ----------
    model : Module
    X, y : ndarray, (N, ...)
        The examples that the loss is measured on.
    first, second : dict of str to ndarray
        The directions :math:`d_1, d_2`; parameters that are not named stay.
    steps_1, steps_2 : array_like, (A,) and (B,)
    loss : callable
        ``loss(output, target) -> scalar Tensor``.

    Returns
    -------
    ndarray, float64, (B, A)
        One row for each t, one column for each s, as a picture with s to the right.

    Raises
    ------
    ValueError, TypeError
        If a direction does not fit the model's parameters.

    References
    ----------
    Goodfellow, I., Vinyals, O. & Saxe, A. (2015). Qualitatively characterizing neural network optimization
    problems. ICLR.

    Examples
    --------
    >>> from course_lib import F, nn
    >>> model = nn.Linear(1, 1, init="zeros", rng=None)
    >>> d = {"weight": np.ones((1, 1))}, {"bias": np.ones(1)}
    >>> loss_plane(model, np.ones((1, 1)), np.zeros((1, 1)), *d, [0, 1, 2], [0, 1], loss=F.mse_loss)
    array([[0., 1., 4.],
           [1., 4., 9.]])
    """
    parameters = dict(model.named_parameters())
    for argument, direction in (("first", first), ("second", second)):
        _check_direction(argument, direction, parameters)
    steps_1 = _check.array("loss_plane", "steps_1", steps_1, ("A",)).tolist()
    steps_2 = _check.array("loss_plane", "steps_2", steps_2, ("B",)).tolist()
    here = {name: p.data for name, p in parameters.items()}
    values = np.empty((len(steps_2), len(steps_1)))
    try:
        for (b, t), (a, s) in itertools.product(enumerate(steps_2), enumerate(steps_1)):
            for name, p in parameters.items():               # a new array: the old ones wait in `here`
                p.data = (here[name] + s * first.get(name, 0.0) + t * second.get(name, 0.0)).astype(p.dtype)
            values[b, a] = evaluate(model, X, y, loss=loss, metrics={})["loss"]
    finally:
        for name, p in parameters.items():
            p.data = here[name]
    return values


def loss_line(model, X, y, direction, steps, *, loss=cross_entropy):
    r"""Measure the loss on a line through the model's weights: :math:`L(\theta + s\,d)` for every s.

    Parameters and errors as in :func:`loss_plane`.

    Returns
    -------
    ndarray, float64, (A,)

    Examples
    --------
    >>> from course_lib import F, nn
    >>> model = nn.Linear(1, 1, init="zeros", rng=None)
    >>> loss_line(model, np.ones((1, 1)), np.zeros((1, 1)), {"weight": np.ones((1, 1))}, [-1, 0, 2],
    ...           loss=F.mse_loss)
    array([1., 0., 4.])
    """
    return loss_plane(model, X, y, direction, {}, steps, [0.0], loss=loss)[0]


def _check_direction(argument, direction, parameters):
    for name, d in direction.items():
        if name not in parameters:
            raise ValueError(f"loss_plane: {argument} names {name!r}, but the model has {', '.join(parameters)}")
        _check.array("loss_plane", f"{argument}[{name!r}]", d, parameters[name].shape)


# ---------------------------------------------------------------- flat places

def hessian(f, theta, eps=1e-4):
    r"""All second derivatives of ``f`` by central differences.

    .. math:: H_{ij} \approx \frac{f(\theta + \epsilon e_i + \epsilon e_j) - f(\theta + \epsilon e_i - \epsilon e_j)
              - f(\theta - \epsilon e_i + \epsilon e_j) + f(\theta - \epsilon e_i - \epsilon e_j)}{4\epsilon^2}

    Parameters
    ----------
    f : callable
        Maps an array like ``theta`` to a number.
    theta : ndarray of float64, any shape with n numbers
        Where to measure; not changed.
    eps : float
        Step :math:`\epsilon`.

    Returns
    -------
    ndarray, float64, (n, n)
        Symmetric; rows and columns in the order of ``theta.ravel()``.

    Raises
    ------
    ValueError, TypeError
        If ``theta`` is not float64 (float32 has too few digits for differences), not finite, or empty.

    Examples
    --------
    >>> hessian(lambda t: t[0] ** 2 - 3 * t[0] * t[1], np.array([1.0, 2.0])).round(3) + 0.0
    array([[ 2., -3.],
           [-3.,  0.]])
    """
    theta = np.asarray(theta)
    if theta.dtype != np.float64:
        raise TypeError(f"hessian: theta must be float64, but is {theta.dtype}")
    _check.array("hessian", "theta", theta.ravel(), ("n",))
    _check.number("hessian", eps=eps, above=0)
    n = theta.size

    def at(i, step_i, j, step_j):
        moved = theta.flatten()
        moved[i] += step_i
        moved[j] += step_j
        return float(f(moved.reshape(theta.shape)))

    H = np.empty((n, n))
    for i, j in itertools.combinations_with_replacement(range(n), 2):
        rise = at(i, eps, j, eps) - at(i, eps, j, -eps)
        rise -= at(i, -eps, j, eps) - at(i, -eps, j, -eps)
        H[i, j] = H[j, i] = rise / (4 * eps ** 2)
    return H


def hessian_index(f, theta, eps=1e-4, tolerance=1e-4):
    """Count the directions in which ``f`` bends down: none at a minimum.

    Parameters
    ----------
    f, theta, eps
        As for :func:`hessian`; ``theta`` should be a critical point.
    tolerance : float
        Eigenvalues above ``-tolerance`` times the largest count as 0: directions in which ``f`` stays level.

    Returns
    -------
    int

    References
    ----------
    Dauphin, Y. et al. (2014). Identifying and attacking the saddle point problem in high-dimensional
    non-convex optimization. NeurIPS.

    Examples
    --------
    >>> hessian_index(lambda t: t[0] ** 2 - t[1] ** 2, np.zeros(2))
    1
    """
    _check.number("hessian_index", tolerance=tolerance, at_least=0)
    eigenvalues = np.linalg.eigvalsh(hessian(f, theta, eps))
    level = tolerance * np.abs(eigenvalues).max()
    return int((eigenvalues < -level).sum())


class CriticalPoint(NamedTuple):
    """A place where the gradient of the linear auto-encoder's loss is 0.

    Attributes
    ----------
    kept : tuple of int
        Which principal components pass, 0 the largest.
    theta : ndarray, float64, (2, h, d)
        Encoder A (h, d) and the transpose of decoder B.
    loss : float
        The sum of the variances that do not pass.
    """
    kept: tuple
    theta: np.ndarray
    loss: float


def linear_autoencoder_loss(covariance, theta):
    r"""The mean squared error of a linear auto-encoder, from the covariance of its data alone.

    .. math:: L(A, B) = \mathbb E\lVert x - BAx\rVert^2 = \operatorname{tr}\bigl((I - BA)\,\Sigma\,(I - BA)^\top\bigr)

    Parameters
    ----------
    covariance : array_like, (d, d)
        :math:`\Sigma = \mathbb E[xx^\top]`.
    theta : array_like, (2, h, d)
        Encoder A (h, d) and the transpose of decoder B (d, h).

    Returns
    -------
    float

    Examples
    --------
    >>> linear_autoencoder_loss(np.diag([2.0, 1.0]), np.array([[[1.0, 0.0]], [[1.0, 0.0]]]))
    1.0
    """
    covariance = _check_covariance("linear_autoencoder_loss", covariance)
    d = len(covariance)
    encoder, decoder = _check.array("linear_autoencoder_loss", "theta", theta, (2, "h", d))
    missed = np.eye(d) - decoder.T @ encoder
    return float(np.sum(missed @ covariance * missed))


def linear_autoencoder_critical_points(covariance, hidden):
    r"""List the critical points of the linear auto-encoder, one for each set of at most h components.

    At a critical point the network projects onto some of the principal components (eigenvectors of
    :math:`\Sigma`), each kept or dropped, and the loss is the sum of the dropped eigenvalues. If the eigenvalues
    differ, there are :math:`\sum_{r\le h}\binom dr` sets. Every other critical point of the same set computes
    the same function (multiply A by an invertible matrix and B by its inverse, for example).

    Parameters
    ----------
    covariance : array_like, (d, d)
        Symmetric, with positive eigenvalues that differ.
    hidden : int
        h, the number of hidden units, at most d.

    Returns
    -------
    list of CriticalPoint
        By increasing loss.

    Raises
    ------
    ValueError, TypeError
        If the covariance is not of this kind or ``hidden`` is not in 1 … d.

    References
    ----------
    Baldi, P. & Hornik, K. (1989). Neural networks and principal component analysis: learning from examples
    without local minima. Neural Networks 2(1).

    Examples
    --------
    >>> points = linear_autoencoder_critical_points(np.diag([3.0, 2.0, 1.0]), hidden=1)
    >>> [(point.kept, point.loss) for point in points]
    [((0,), 3.0), ((1,), 4.0), ((2,), 5.0), ((), 6.0)]
    """
    covariance = _check_covariance("linear_autoencoder_critical_points", covariance)
    _check.whole("linear_autoencoder_critical_points", hidden=hidden, at_least=1)
    d = len(covariance)
    if hidden > d:
        raise ValueError(f"linear_autoencoder_critical_points: hidden must be at most {d}, but is {hidden}")
    eigenvalues, vectors = np.linalg.eigh(covariance)
    eigenvalues, vectors = eigenvalues[::-1], vectors.T[::-1]                # largest first, one per row
    if eigenvalues[-1] <= 0 or (np.diff(eigenvalues) > -1e-9 * eigenvalues[0]).any():
        raise ValueError("linear_autoencoder_critical_points: covariance must have positive eigenvalues that "
                         f"differ, but they are {eigenvalues.round(6).tolist()}")
    points = []
    for count in range(hidden + 1):
        for kept in itertools.combinations(range(d), count):
            theta = np.zeros((2, hidden, d))
            theta[:, :count] = vectors[list(kept)]
            points.append(CriticalPoint(kept, theta, float(np.delete(eigenvalues, kept).sum())))
    return sorted(points, key=lambda point: (round(point.loss, 9), -len(point.kept), point.kept))


def _check_covariance(operation, covariance):
    covariance = _check.array(operation, "covariance", covariance, ("d", "d")).astype(np.float64)
    if covariance.shape[0] != covariance.shape[1]:
        raise ValueError(f"{operation}: covariance must be square, but is {covariance.shape}")
    if not np.allclose(covariance, covariance.T):
        raise ValueError(f"{operation}: covariance must be symmetric, but differs from its transpose by "
                         f"{np.abs(covariance - covariance.T).max():g}")
    return covariance
