"""Data small enough to look at: two-dimensional toys, handwritten digits, MNIST.

The toys return ``X``, float32 of shape (N, D), and ``y``, int64 class numbers of shape (N,).
Digits and MNIST come divided into a training and a test part, a :class:`Split`.
"""
import contextlib
import gzip
import hashlib
import math
import os
import struct
import tempfile
import urllib.request
import zlib
from pathlib import Path
from typing import NamedTuple

import numpy as np

from . import _check


class Split(NamedTuple):
    """Examples to learn from and examples to be judged on.

    Attributes
    ----------
    X_train, X_test : ndarray, float32, (N, D)
        Inputs, one example per row.
    y_train, y_test : ndarray, int64, (N,)
        Class numbers from 0.
    """
    X_train: np.ndarray
    y_train: np.ndarray
    X_test: np.ndarray
    y_test: np.ndarray


# ---------------------------------------------------------------- toys in two dimensions

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


# ---------------------------------------------------------------- handwritten digits

def digits(seed=0):
    """Return scikit-learn's 1797 handwritten digits of 8 x 8 pixels, a quarter of each kept for testing.

    The division is stratified: every digit has the same share in both parts.

    Parameters
    ----------
    seed : int
        Which division: the same seed gives the same one.

    Returns
    -------
    Split
        X float32 in [0, 1], 1347 and 450 rows of 64 pixels (row by row); y int64 from 0 to 9.

    Raises
    ------
    ValueError, TypeError
        If ``seed`` is not a whole number of at least 0.

    References
    ----------
    Alpaydin, E. & Kaynak, C. (1998). Optical recognition of handwritten digits. UCI Machine Learning
    Repository.

    Examples
    --------
    >>> data = digits()
    >>> data.X_train.shape, data.X_test.shape, float(data.X_train.max())
    ((1347, 64), (450, 64), 1.0)
    """
    _check.whole("digits", seed=seed, at_least=0)
    from sklearn.datasets import load_digits                # scikit-learn takes a second to import
    from sklearn.model_selection import train_test_split
    X, y = load_digits(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(
        (X / 16).astype(np.float32), y.astype(np.int64), test_size=0.25, stratify=y, random_state=int(seed))
    return Split(X_train, y_train, X_test, y_test)


def standardize(X_train, *others):
    r"""Shift and scale features to mean 0 and deviation 1 *in training* (A28).

    :math:`\tilde x = (x - \mu_{\text{train}}) / \sigma_{\text{train}}`. Mean and deviation of the test part
    are never looked at. A feature that is constant in training is only shifted (divided by 1).

    Parameters
    ----------
    X_train : array_like, (N, D)
        What mean and deviation are measured on.
    *others : array_like, (M, D)
        Scaled by the same numbers.

    Returns
    -------
    ndarray or tuple of ndarray
        One array for one, else a tuple in the order given; floats keep their dtype, whole numbers
        become float32.

    Raises
    ------
    ValueError, TypeError
        If an array is not (N, D) with the same D, or not finite.

    Examples
    --------
    >>> train, test = standardize([[0.0, 7.0], [2.0, 7.0]], [[4.0, 8.0]])
    >>> train.tolist(), test.tolist()
    ([[-1.0, 0.0], [1.0, 0.0]], [[3.0, 1.0]])
    """
    X_train, others = _matrices("standardize", X_train, others)
    mean = X_train.mean(axis=0, dtype=np.float64)
    # Compare the extremes: rounding gives a constant float32 feature a tiny
    # deviation, and 1/tiny is huge.
    constant = X_train.max(axis=0) == X_train.min(axis=0)
    std = np.where(constant, 1.0, X_train.std(axis=0, dtype=np.float64))
    return _in_their_dtype(lambda X: (X - mean) / std, (X_train, *others))


def whiten(X_train, *others):
    r"""Turn and scale the features so that *on the training part* they are uncorrelated with deviation 1 (A28).

    With the covariance :math:`C = V \Lambda V^\top` of the training part,
    :math:`\tilde x = \Lambda^{-1/2} V^\top (x - \mu_{\text{train}})`: principal components, each divided by its
    standard deviation, the widest first. A direction in which nothing varies is only shifted (divided by 1).

    Parameters
    ----------
    X_train : array_like, (N, D)
        What mean and covariance are measured on.
    *others : array_like, (M, D)
        Turned and scaled by the same numbers.

    Returns
    -------
    ndarray or tuple of ndarray
        One array for one, else a tuple in the order given, D columns each; floats keep their dtype, whole
        numbers become float32.

    Raises
    ------
    ValueError, TypeError
        If an array is not (N, D) with the same D, or not finite.

    References
    ----------
    LeCun, Y., Bottou, L., Orr, G. & Müller, K.-R. (1998). Efficient BackProp.

    Examples
    --------
    >>> X = np.array([[3.0, 1.0], [1.0, 3.0], [-3.0, -1.0], [-1.0, -3.0]])      # wide along the diagonal
    >>> np.cov(X.T, bias=True).tolist()
    [[5.0, 3.0], [3.0, 5.0]]
    >>> np.abs(np.cov(whiten(X).T, bias=True).round(9)).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    X_train, others = _matrices("whiten", X_train, others)
    mean = X_train.mean(axis=0, dtype=np.float64)
    centred = X_train - mean
    variance, axes = np.linalg.eigh(centred.T @ centred / len(X_train))
    variance, axes = variance[::-1], axes[:, ::-1]          # widest first
    axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), range(len(axes))])      # one of two signs, always the same
    flat = variance <= variance[0] * max(X_train.shape) * np.finfo(float).eps       # 0 but for rounding
    std = np.sqrt(np.where(flat, 1.0, variance))
    return _in_their_dtype(lambda X: (X - mean) @ axes / std, (X_train, *others))


def _matrices(operation, X_train, others):
    X_train = _check.array(operation, "X_train", X_train, ("N", "D"))
    return X_train, [_check.array(operation, f"others[{i}]", X, ("N", X_train.shape[1]))
                     for i, X in enumerate(others)]


def _in_their_dtype(transform, arrays):
    """The transformed arrays, one alone or a tuple; what was no float becomes float32."""
    out = tuple(transform(X).astype(X.dtype if X.dtype.kind == "f" else np.float32) for X in arrays)
    return out if len(out) > 1 else out[0]


# ---------------------------------------------------------------- sounds

CHIRPS = ("rising", "falling", "steady", "wobbling")
CHIRP_RATE = 4000                                            # samples per second


def chirps(n, noise=0.3, *, rng):
    r"""Short whistles whose pitch rises, falls, stays or wobbles.

    :math:`s(t) = a \sin\bigl(2\pi \int_0^t f(u)\,du\bigr)` plus noise, half a second at 4,000 samples per second. The
    middle of the pitch is drawn from 500 to 1,500 Hz, its change from 300 to 800 Hz.

    Parameters
    ----------
    n : int
        How many, the classes as equally many as possible, in random order.
    noise : float
        Standard deviation of white noise; the whistles have amplitudes from 0.5 to 1.
    rng : numpy.random.Generator

    Returns
    -------
    X : ndarray, float32, (n, 2000)
        Samples.
    y : ndarray, int64, (n,)
        Index into ``CHIRPS``.

    Raises
    ------
    ValueError, TypeError
        If ``n`` is no positive whole number, ``noise`` negative or ``rng`` no generator.

    Examples
    --------
    >>> X, y = chirps(8, rng=np.random.default_rng(0))
    >>> X.shape, sorted(y.tolist())
    ((8, 2000), [0, 0, 1, 1, 2, 2, 3, 3])
    """
    _check.whole("chirps", at_least=1, n=n)
    _check.number("chirps", at_least=0, noise=noise)
    _check.generator("chirps", rng)
    y = rng.permutation(np.arange(n) % len(CHIRPS))
    t = np.linspace(-0.5, 0.5, CHIRP_RATE // 2)              # the half second, from -0.5 to 0.5
    shapes = np.stack([t, -t, 0 * t, 0.5 * np.sin(4 * np.pi * t)])
    middle, change = rng.uniform(500, 1500, (n, 1)), rng.uniform(300, 800, (n, 1))
    phase = 2 * np.pi * np.cumsum(middle + change * shapes[y], axis=1) / CHIRP_RATE
    X = rng.uniform(0.5, 1, (n, 1)) * np.sin(phase + rng.uniform(0, 2 * np.pi, (n, 1)))
    return (X + noise * rng.standard_normal(X.shape)).astype(np.float32), y


# ---------------------------------------------------------------- MNIST

# MD5 finds a damaged or incomplete file; it is no protection against a forged one.
MNIST_MD5 = {
    "train-images-idx3-ubyte.gz": "f68b3c2dcbeaaa9fbdd348bbdeb94873",
    "train-labels-idx1-ubyte.gz": "d53e105ee54ea40749a09fcbcd1e9432",
    "t10k-images-idx3-ubyte.gz": "9fb629c4189551a2d022fa330f9573f3",
    "t10k-labels-idx1-ubyte.gz": "ec29112dd5afa0611ce80d1b7f02629c",
}
MNIST_MIRRORS = ("https://ossci-datasets.s3.amazonaws.com/mnist/",
                 "https://storage.googleapis.com/cvdf-datasets/mnist/")


def mnist(folder, download=False, *, mirrors=MNIST_MIRRORS):
    """Read MNIST, 70 000 handwritten digits of 28 x 28 pixels, from its four files in ``folder``.

    Nothing is fetched unless asked. Every file's MD5 sum is checked, after a download and on every read.

    Parameters
    ----------
    folder : path
        Where the four ``.gz`` files are, or shall be put (12 MB).
    download : bool
        Fetch the files that are missing or damaged.
    mirrors : sequence of str
        Addresses to try in turn, each ending in ``/``.

    Returns
    -------
    Split
        X float32 in [0, 1], 60 000 and 10 000 rows of 784 pixels (row by row); y int64 from 0 to 9.

    Raises
    ------
    FileNotFoundError
        If a file is missing and ``download`` is false.
    ValueError
        If a file is damaged and ``download`` is false.
    OSError
        If no mirror delivers an undamaged file.

    References
    ----------
    LeCun, Y., Bottou, L., Bengio, Y. & Haffner, P. (1998). Gradient-based learning applied to document
    recognition.

    Examples
    --------
    >>> data = mnist("data/mnist", download=True)                    # doctest: +SKIP
    >>> data.X_train.shape                                           # doctest: +SKIP
    (60000, 784)
    """
    folder = Path(folder)
    for name, md5 in MNIST_MD5.items():
        path = folder / name
        if path.is_file() and _md5(path) == md5:
            continue
        if download:
            _download(name, path, md5, mirrors)
        elif path.exists():
            raise ValueError(f"mnist: {path} must have MD5 sum {md5}, but has {_md5(path)}; "
                             "mnist(folder, download=True) replaces it")
        else:
            raise FileNotFoundError(f"mnist: {path} must exist, but does not; "
                                    "mnist(folder, download=True) fetches it (12 MB in all)")
    parts = []
    for images, labels in zip(*[iter(MNIST_MD5)] * 2):       # the names come in pairs
        X, y = read_idx(folder / images), read_idx(folder / labels)
        parts += [X.reshape(len(X), -1).astype(np.float32) / 255, y.astype(np.int64)]
    return Split(*parts)


_IDX_DTYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


def read_idx(path):
    """Read an array from an IDX file, gzipped or plain.

    The file holds two zero bytes, a byte for the type of number, a byte for the number of axes, the
    length of each axis (4 bytes, most significant first), then the numbers, last axis fastest.

    Parameters
    ----------
    path : path

    Returns
    -------
    ndarray
        Of the shape and type the file states, in the machine's byte order.

    Raises
    ------
    ValueError
        If the file is no IDX file, is cut off, or goes on after its last number.
    OSError
        If the file cannot be opened.

    References
    ----------
    LeCun, Y., Cortes, C. & Burges, C. J. C. (1998). The MNIST database of handwritten digits.

    Examples
    --------
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "three").write_bytes(bytes([0, 0, 0x08, 1, 0, 0, 0, 3, 10, 20, 30]))
    >>> read_idx(folder / "three")
    array([10, 20, 30], dtype=uint8)
    """
    content = Path(path).read_bytes()
    if content[:2] == b"\x1f\x8b":                           # what every gzip file starts with
        try:
            content = gzip.decompress(content)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise ValueError(f"read_idx: {path} must be a whole gzip file, but: {error}") from None
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] not in _IDX_DTYPES:
        raise ValueError(f"read_idx: {path} must start with 00 00, a type (08 09 0b 0c 0d or 0e) and the number "
                         f"of axes, but starts with {content[:4].hex(' ') or 'nothing'}")
    dtype, ndim = np.dtype(_IDX_DTYPES[content[2]]), content[3]
    start = 4 + 4 * ndim
    if len(content) < start:
        raise ValueError(f"read_idx: {path} must state {ndim} axis lengths in {start} bytes, "
                         f"but has {len(content)}")
    shape = struct.unpack(f">{ndim}I", content[4:start])
    expected = start + math.prod(shape) * dtype.itemsize
    if len(content) != expected:
        fault = "is cut off at" if len(content) < expected else "goes on to"
        raise ValueError(f"read_idx: {path} must have {expected} bytes for shape {shape}, "
                         f"but {fault} {len(content)}")
    return np.frombuffer(content, dtype, offset=start).reshape(shape).astype(dtype.newbyteorder("="))


def _md5(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def _download(name, path, md5, mirrors):
    """Fetch ``name`` to ``path``: whole and checked, or not at all."""
    from tqdm import tqdm
    path.parent.mkdir(parents=True, exist_ok=True)
    faults = []
    for mirror in mirrors:
        handle, part = tempfile.mkstemp(prefix=name, suffix=".part", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file, urllib.request.urlopen(mirror + name, timeout=30) as answer:
                size = answer.headers.get("Content-Length")
                with tqdm(desc=name, total=int(size) if size else None, unit="B", unit_scale=True) as bar:
                    while chunk := answer.read(1 << 16):
                        file.write(chunk)
                        bar.update(len(chunk))
            if _md5(part) != md5:
                faults.append(f"{mirror}: MD5 sum {_md5(part)} instead of {md5}")
                continue
            os.replace(part, path)                           # readers see the old file or the whole new one
            return
        except OSError as error:                             # includes urllib's errors and timeouts
            faults.append(f"{mirror}: {error}")
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(part)
    raise OSError(f"mnist: no mirror delivered {name} ({'; '.join(faults) or 'none given'})")
