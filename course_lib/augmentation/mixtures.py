"""New examples between two, or beyond one: mixup and extrapolation (A44, chapter 11)."""
import numpy as np

from .. import _check
from .images import _floats


def mixup(X, Y, alpha=0.2, *, rng):
    r"""Blend every example with another one, and their targets in the same proportion (A44).

    .. math:: \tilde x = \lambda x_i + (1-\lambda) x_j, \quad \tilde y = \lambda y_i + (1-\lambda) y_j, \quad
              \lambda \sim \mathrm{Beta}(\alpha, \alpha)

    Parameters
    ----------
    X : array_like, shape (N, ...)
    Y : array_like, shape (N, C)
        Probabilities of the classes, for example one-hot.
    alpha : float
        Near 0: hardly a blend; 1: any share is as likely; large: halves.
    rng : numpy.random.Generator

    Returns
    -------
    X, Y : ndarray
        Same shapes.

    Raises
    ------
    ValueError, TypeError
        If the shapes do not fit or ``alpha`` is not positive.

    Examples
    --------
    >>> X, Y = mixup(np.eye(4), np.eye(4), alpha=1.0, rng=np.random.default_rng(0))
    >>> bool(np.allclose(X, Y)), Y.sum(axis=1).tolist()
    (True, [1.0, 1.0, 1.0, 1.0])

    References
    ----------
    Zhang, H., Cisse, M., Dauphin, Y. & Lopez-Paz, D. (2018). mixup: beyond empirical risk minimization. ICLR.
    """
    Y = _floats(_check.array("mixup", "Y", Y, ("N", "C")))
    X = _floats(_check.array("mixup", "X", X, (...,)))
    if X.ndim < 1 or len(X) != len(Y):
        raise ValueError(f"mixup: X and Y must be equally many, but are {X.shape} and {Y.shape}")
    _check.number("mixup", above=0, alpha=alpha)
    _check.generator("mixup", rng)
    share, other = rng.beta(alpha, alpha, len(X)), rng.permutation(len(X))

    def blend(values):
        part = share.reshape(-1, *[1] * (values.ndim - 1)).astype(values.dtype)
        return part * values + (1 - part) * values[other]

    return blend(X), blend(Y)


def extrapolate(X, y, factor=0.5, *, rng):
    r"""Push every example away from another one of its class (A44).

    .. math:: \tilde x = x_i + \lambda (x_i - x_j), \qquad y_j = y_i

    Between -1 and 0, :math:`\lambda` interpolates instead, as SMOTE does.

    Parameters
    ----------
    X : array_like, shape (N, ...)
    y : array_like of int, shape (N,)
    factor : float
        :math:`\lambda`.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray, shape of ``X``

    Examples
    --------
    >>> extrapolate([[0.0], [1.0], [10.0]], [0, 0, 1], rng=np.random.default_rng(1)).ravel().tolist()
    [-0.5, 1.5, 10.0]

    References
    ----------
    DeVries, T. & Taylor, G. (2017). Dataset augmentation in feature space. ICLR workshop.
    Chawla, N. et al. (2002). SMOTE: synthetic minority over-sampling technique. JAIR 16.
    """
    X = _floats(_check.array("extrapolate", "X", X, (...,)))
    y = _check.labels("extrapolate", "y", y, len(X))
    _check.number("extrapolate", factor=factor)
    _check.generator("extrapolate", rng)
    other = np.empty(len(X), int)
    for label in np.unique(y):
        members = rng.permutation(np.flatnonzero(y == label))
        other[members] = np.roll(members, 1)                 # everyone a different one, unless alone
    return X + np.asarray(factor, X.dtype) * (X - X[other])
