"""Points in the plane, and parity: problems small enough to look at."""
import math

import numpy as np

from .. import _check


def moons(n, noise=0.2, *, rng):
    r"""Draw two half circles that interlock, one per class.

    Class 0 lies on :math:`(\cos t, \sin t)`, class 1 on :math:`(1-\cos t, \tfrac12-\sin t)`, :math:`0 \le t
    \le \pi`.

    Parameters
    ----------
    n : int
        Number of points, at least 2; the classes differ by one point at most.
    noise : float
        Standard deviation of the Gaussian noise on each coordinate; the circles have radius 1.
    rng : numpy.random.Generator

    Returns
    -------
    X : ndarray, float32, (n, 2)
    y : ndarray, int64, (n,)
        0 or 1, in random order.

    Raises
    ------
    ValueError, TypeError
        If ``n`` is not a whole number of at least 2, ``noise`` is negative or ``rng`` no generator.

    Examples
    --------
    >>> X, y = moons(100, rng=np.random.default_rng(0))
    >>> X.shape, np.bincount(y)
    ((100, 2), array([50, 50]))
    """
    _check_toy("moons", n, noise, rng, classes=2)
    y, t = _along(n, classes=2)
    X = np.where(y == 0, (np.cos(math.pi * t), np.sin(math.pi * t)),
                 (1 - np.cos(math.pi * t), 0.5 - np.sin(math.pi * t))).T
    return _noisy(X, y, noise, rng)


def spirals(n, noise=0.1, turns=1.0, classes=2, *, rng):
    r"""Draw spiral arms, one per class, that start at the centre and end at radius 2.

    Arm :math:`c` of :math:`C` lies at radius :math:`2t` and angle :math:`2\pi\,(\mathrm{turns}\cdot t +
    c/C)`, :math:`0 \le t \le 1`.

    Parameters
    ----------
    n : int
        Number of points, at least one per class.
    noise : float
        Standard deviation of the Gaussian noise on each coordinate.
    turns : float
        How often each arm winds round the centre; 0 gives straight rays.
    classes : int
        Number of arms, at least 2.
    rng : numpy.random.Generator

    Returns
    -------
    X : ndarray, float32, (n, 2)
    y : ndarray, int64, (n,)
        0 to ``classes - 1``, in random order.

    Raises
    ------
    ValueError, TypeError
        If an argument is out of its range or of the wrong type.

    Examples
    --------
    >>> X, y = spirals(90, noise=0.0, classes=3, rng=np.random.default_rng(0))
    >>> np.bincount(y), float(np.hypot(*X.T).max())
    (array([30, 30, 30]), 2.0)
    """
    _check.whole("spirals", classes=classes, at_least=2)
    _check.number("spirals", turns=turns, at_least=0)
    _check_toy("spirals", n, noise, rng, classes)
    y, t = _along(n, classes)
    angle = 2 * math.pi * (turns * t + y / classes)
    return _noisy(2 * t[:, None] * np.stack([np.cos(angle), np.sin(angle)], axis=1), y, noise, rng)


def blobs(n, centers=3, std=0.5, *, rng):
    """Draw Gaussian clouds, one per class.

    Parameters
    ----------
    n : int
        Number of points, at least one per class.
    centers : int or array_like, (K, D)
        The centre of each cloud; a number K stands for K centres at equal distances on the circle
        of radius 2.
    std : float or array_like, (K,)
        Standard deviation of each coordinate, for all clouds or for each.
    rng : numpy.random.Generator

    Returns
    -------
    X : ndarray, float32, (n, D)
    y : ndarray, int64, (n,)
        0 to K - 1, in random order.

    Raises
    ------
    ValueError, TypeError
        If an argument is out of its range or of the wrong type.

    Examples
    --------
    >>> X, y = blobs(200, [[-2, 0], [2, 0]], rng=np.random.default_rng(0))
    >>> X[y == 1].mean(axis=0).round(1)
    array([2., 0.], dtype=float32)
    """
    if isinstance(centers, (int, np.integer)):
        _check.whole("blobs", centers=centers, at_least=1)
        angle = 2 * math.pi * np.arange(centers) / centers
        centers = 2 * np.stack([np.cos(angle), np.sin(angle)], axis=1)
    centers = _check.array("blobs", "centers", centers, ("K", "D"))
    std = [std] * len(centers) if np.isscalar(std) else std
    std = _check.array("blobs", "std", std, (len(centers),))
    _check.number("blobs", std=std.min(), at_least=0)
    _check_toy("blobs", n, 0.0, rng, len(centers))
    y = np.arange(n) % len(centers)
    return _noisy(centers[y], y, std[y][:, None], rng)


def xor(n, noise=0.1, *, rng):
    r"""Draw points round the corners of the unit square: class 1 where exactly one coordinate is 1.

    :math:`y = x_1 \oplus x_2` before noise. No straight line separates the classes (chapter 1).

    Parameters
    ----------
    n : int
        Number of points, at least 2, spread evenly over the corners.
    noise : float
        Standard deviation of the Gaussian noise on each coordinate.
    rng : numpy.random.Generator

    Returns
    -------
    X : ndarray, float32, (n, 2)
    y : ndarray, int64, (n,)
        0 or 1, in random order.

    Raises
    ------
    ValueError, TypeError
        If ``n`` is not a whole number of at least 2, ``noise`` is negative or ``rng`` no generator.

    See Also
    --------
    parity : ``parity(2)`` is the noiseless truth table.

    Examples
    --------
    >>> X, y = xor(8, noise=0.0, rng=np.random.default_rng(0))
    >>> bool(np.all(y == (X[:, 0] != X[:, 1])))
    True
    """
    _check_toy("xor", n, noise, rng, classes=2)
    corners, classes = parity(2)
    corner = np.arange(n) % 4
    return _noisy(corners[corner], classes[corner], noise, rng)


def parity(bits):
    r"""List every row of ``bits`` zeros and ones; the class is 1 where the number of ones is odd.

    :math:`y = (x_1 + \dots + x_D) \bmod 2`; two bits make exclusive or.

    Parameters
    ----------
    bits : int
        Number of inputs D, from 1 to 20.

    Returns
    -------
    X : ndarray, float32, (2**bits, bits)
        Rows in counting order, the last column changing fastest.
    y : ndarray, int64, (2**bits,)

    Raises
    ------
    ValueError, TypeError
        If ``bits`` is not a whole number from 1 to 20.

    Examples
    --------
    >>> X, y = parity(2)
    >>> X.astype(int).tolist(), y.tolist()
    ([[0, 0], [0, 1], [1, 0], [1, 1]], [0, 1, 1, 0])
    """
    _check.whole("parity", bits=bits, at_least=1)
    _check.number("parity", bits=bits, below=21)            # 2**20 rows: about 80 MB
    X = np.arange(2 ** bits)[:, None] >> np.arange(bits)[::-1] & 1
    return X.astype(np.float32), X.sum(axis=1) % 2


def _check_toy(operation, n, noise, rng, classes):
    _check.whole(operation, n=n, at_least=classes)
    _check.number(operation, noise=noise, at_least=0)
    _check.generator(operation, rng)


def _along(n, classes):
    """Classes in turn, and the place of each point on its curve, evenly from 0 to 1."""
    y = np.arange(n) % classes
    place = np.arange(n) // classes
    return y, place / np.maximum(np.bincount(y)[y] - 1, 1)


def _noisy(X, y, noise, rng):
    order = rng.permutation(len(X))
    X = X + noise * rng.standard_normal(X.shape)
    return X[order].astype(np.float32), y[order].astype(np.int64)
