"""New training examples from old ones: images, mixtures, sound, text (chapter 11).

Every random transform takes an explicit ``rng``, and none changes its input. Whether a transform keeps the
*class* is for a person to say: :func:`label_safe` collects what is known about digits and letters.
"""
import math

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from . import _check


# ---------------------------------------------------------------- images (A43)

def affine(images, matrix, offset=(0.0, 0.0), fill=0.0):
    r"""Move, turn, stretch or mirror images about their centre, with bilinear interpolation (A43).

    .. math:: I'(u) = I\bigl(A^{-1}(u - t)\bigr)

    Each new pixel :math:`u`, measured from the centre, looks up where it came from, and mixes the four pixels
    around that place.

    Parameters
    ----------
    images : array_like, shape (H, W) or (N, H, W)
    matrix : array_like, shape (2, 2) or (N, 2, 2)
        :math:`A`, from old to new places (down, right), in pixels.
    offset : array_like, shape (2,) or (N, 2)
        :math:`t`: how far to move down and right, in pixels.
    fill : float
        The value of places outside the old image.

    Returns
    -------
    ndarray, shape of ``images``
        Floats keep their dtype; whole numbers become float32.

    Raises
    ------
    ValueError, TypeError
        If a shape does not fit or a matrix cannot be inverted.

    Examples
    --------
    >>> affine([[1.0, 2.0], [3.0, 4.0]], np.eye(2), offset=(0, 1)).tolist()
    [[0.0, 1.0], [0.0, 3.0]]

    References
    ----------
    Simard, P., Steinkraus, D. & Platt, J. (2003). Best practices for convolutional neural networks applied to
    visual document analysis. ICDAR.
    """
    stack, single = _images("affine", images)
    n, height, width = stack.shape
    matrix, offset = _check_affine(matrix, offset, n, fill)
    middle = np.array([(height - 1) / 2, (width - 1) / 2])[:, None]
    grid = np.mgrid[:height, :width].reshape(2, -1) - middle     # (2, H*W)
    came_from = np.linalg.inv(matrix) @ (grid - offset[..., None]) + middle
    came_from = came_from.round(9)               # a quarter turn hits pixels
    corner = np.floor(came_from).astype(int)                     # (N, 2, H*W)
    down, right = np.moveaxis(came_from - corner, 1, 0)
    framed = np.pad(stack, ((0, 0), (1, 1), (1, 1)), constant_values=fill)
    each = np.arange(n)[:, None]

    def pixel(i, j):                  # outside the image lies the frame
        return framed[each, np.clip(corner[:, 0] + i + 1, 0, height + 1),
                      np.clip(corner[:, 1] + j + 1, 0, width + 1)]

    above = (1 - right) * pixel(0, 0) + right * pixel(0, 1)
    below = (1 - right) * pixel(1, 0) + right * pixel(1, 1)
    out = (1 - down) * above + down * below
    out = out.reshape(stack.shape).astype(stack.dtype)
    return out[0] if single else out


def _check_affine(matrix, offset, n, fill):
    """One matrix and one offset for each of n images."""
    matrix = _check.array("affine", "matrix", matrix, (..., 2, 2))
    offset = _check.array("affine", "offset", offset, (..., 2))
    _check.number("affine", fill=fill)
    if not np.linalg.det(matrix).all():
        raise ValueError("affine: matrix must be invertible, but its determinant is 0")
    return np.broadcast_to(matrix, (n, 2, 2)), np.broadcast_to(offset, (n, 2))


def shift(images, down, right, fill=0.0):
    """Move images by whole or broken numbers of pixels (A43); see :func:`affine`.

    >>> shift([[1.0, 2.0], [3.0, 4.0]], 1, 0).tolist()
    [[0.0, 0.0], [1.0, 2.0]]
    """
    _check.number("shift", down=down, right=right)
    return affine(images, np.eye(2), (down, right), fill)


def rotate(images, degrees, fill=0.0):
    """Turn images about their centre, counter-clockwise (A43); see :func:`affine`.

    >>> rotate([[1.0, 2.0], [3.0, 4.0]], 90).tolist()
    [[2.0, 4.0], [1.0, 3.0]]
    """
    _check.number("rotate", degrees=degrees)
    return affine(images, _rotation(math.radians(degrees)), fill=fill)


def zoom(images, factor, fill=0.0):
    """Enlarge images about their centre, or shrink them if ``factor`` is below 1 (A43); see :func:`affine`.

    >>> zoom([[1.0, 2.0], [3.0, 4.0]], 1).tolist()
    [[1.0, 2.0], [3.0, 4.0]]
    """
    _check.number("zoom", above=0, factor=factor)
    return affine(images, factor * np.eye(2), fill=fill)


def flip(images, axis="horizontal"):
    """Mirror images: left and right exchanged, or top and bottom (A43).

    Parameters
    ----------
    images : array_like, shape (H, W) or (N, H, W)
    axis : {"horizontal", "vertical"}
        The direction in which pixels move.

    >>> flip([[1.0, 2.0], [3.0, 4.0]]).tolist()
    [[2.0, 1.0], [4.0, 3.0]]
    """
    stack, single = _images("flip", images)
    _check.choice("flip", "axis", axis, ("horizontal", "vertical"))
    out = stack[..., ::-1] if axis == "horizontal" else stack[..., ::-1, :]
    return (out[0] if single else out).copy()


def add_noise(images, std, *, rng):
    """Add to every pixel its own Gaussian number of standard deviation ``std`` (A42, A43).

    Parameters
    ----------
    images : array_like, any shape
    std : float
        In the units of the pixels, at least 0.
    rng : numpy.random.Generator
    """
    images = _floats(_check.array("add_noise", "images", images, (...,)))
    _check.number("add_noise", at_least=0, std=std)
    _check.generator("add_noise", rng)
    return images + std * rng.standard_normal(images.shape, images.dtype)


def augment(images, *, shift=0.0, degrees=0.0, zoom=0.0, mirror=False,
            noise=0.0, fill=0.0, rng):
    r"""Give every image its own random transform (A43).

    Each is moved by up to ``shift`` pixels in both directions, turned by up to ``degrees``, enlarged or shrunk by up
    to the factor 1 + ``zoom``, mirrored in half of the cases, and made noisy.

    Parameters
    ----------
    images : array_like, shape (N, H, W)
    shift, degrees, zoom : float
        The most; the amount is drawn evenly from both sides.
    mirror : bool
        Whether to exchange left and right, in every other image on average.
    noise : float
        Standard deviation, in the units of the pixels.
    fill : float
        The value of places outside the old image.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray, shape (N, H, W)

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> augment(np.ones((5, 8, 8)), shift=1, degrees=12, rng=rng).shape
    (5, 8, 8)
    """
    images = _check.array("augment", "images", images, ("N", "H", "W"))
    _check.number("augment", at_least=0, shift=shift, degrees=degrees,
                  zoom=zoom, noise=noise)
    _check.generator("augment", rng)
    n = len(images)
    matrix = _rotation(np.radians(rng.uniform(-degrees, degrees, n)))
    factor = np.exp(rng.uniform(-1, 1, n) * math.log1p(zoom))
    matrix = matrix * factor[:, None, None]
    if mirror:
        matrix[:, :, 1] *= rng.choice([-1.0, 1.0], n)[:, None]
    out = affine(images, matrix, rng.uniform(-shift, shift, (n, 2)), fill)
    return add_noise(out, noise, rng=rng) if noise else out


# What turns one sign into another. (transform, sign, what it becomes)
CONFUSIONS = [("half turn", "6", "9"), ("half turn", "b", "q"), ("half turn", "d", "p"), ("half turn", "n", "u"),
              ("half turn", "M", "W"), ("mirror", "b", "d"), ("mirror", "p", "q"),
              ("upside down", "b", "p"), ("upside down", "d", "q"), ("upside down", "M", "W"),
              ("upside down", "n", "u"), ("quarter turn", "N", "Z"), ("quarter turn", "1", "-")]
TRANSFORMS = ("shift", "small turn", "zoom", "noise", "mirror", "upside down", "quarter turn", "half turn")


def label_safe(transform, classes):
    """Whether a transform leaves every one of these signs in its class (A43).

    Parameters
    ----------
    transform : str
        One of ``TRANSFORMS``: "shift", "small turn", "zoom", "noise" keep every sign what it is; "mirror",
        "upside down" (top and bottom exchanged), "quarter turn" and "half turn" make some signs into others.
    classes : sequence of str or int
        The signs that occur.

    Returns
    -------
    bool
        False if one of the classes becomes *another of them*. That the mirrored sign may be no sign at all, as with
        a mirrored 3, is a lesser evil and not counted.

    Raises
    ------
    ValueError
        If the transform is unknown.

    Examples
    --------
    >>> label_safe("half turn", "689"), label_safe("half turn", "38"), label_safe("mirror", ["b", "d"])
    (False, True, False)
    """
    _check.choice("label_safe", "transform", transform, TRANSFORMS)
    classes = {str(sign) for sign in classes}
    return not any(name == transform and {a, b} <= classes for name, a, b in CONFUSIONS)


def symmetry(images, transform, classes):
    """Mirror or turn images by name, unless that makes one of the classes into another (A43).

    Parameters
    ----------
    images : array_like, shape (H, W) or (N, H, W); H = W for a quarter turn
    transform : {"mirror", "upside down", "quarter turn", "half turn"}
    classes : sequence of str or int
        The signs that occur in the data.

    Returns
    -------
    ndarray, shape of ``images``

    Raises
    ------
    ValueError
        If the transform is unknown or not :func:`label_safe` for the classes.

    Examples
    --------
    >>> symmetry([[1.0, 2.0], [3.0, 4.0]], "half turn", classes=[0, 8]).tolist()
    [[4.0, 3.0], [2.0, 1.0]]
    >>> symmetry([[1.0, 2.0], [3.0, 4.0]], "half turn", classes=range(10))
    Traceback (most recent call last):
    ...
    ValueError: symmetry: a half turn makes 6 into 9, and both are classes; it would teach the wrong labels
    """
    apply = {"mirror": flip, "upside down": lambda images: flip(images, "vertical"),
             "quarter turn": lambda images: rotate(images, 90), "half turn": lambda images: rotate(images, 180)}
    _check.choice("symmetry", "transform", transform, tuple(apply))
    if not label_safe(transform, classes):
        signs = {str(sign) for sign in classes}
        a, b = next((a, b) for name, a, b in CONFUSIONS if name == transform and {a, b} <= signs)
        raise ValueError(f"symmetry: a {transform} makes {a} into {b}, and both are classes; it would teach the "
                         "wrong labels")
    return apply[transform](images)


# ---------------------------------------------------------------- mixtures (A44)

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


# ---------------------------------------------------------------- sound (A45)

def spectrogram(signal, window=256, hop=64):
    r"""Which frequencies sound when: the short-time Fourier transform's magnitude, in decibels (A45).

    .. math:: S_{ft} = 20 \log_{10} \Bigl| \sum_n w_n\, s_{n + t\,\mathrm{hop}}\, e^{-2\pi i f n / N} \Bigr|

    with a Hann window :math:`w` of N samples.

    Parameters
    ----------
    signal : array_like, shape (..., T)
        Samples.
    window, hop : int
        N and the step from one window to the next, in samples.

    Returns
    -------
    ndarray, shape (..., N // 2 + 1, 1 + (T - N) // hop)
        Row f is the frequency f/N of the sampling rate, the lowest first. Silence is -100 dB.

    Raises
    ------
    ValueError, TypeError
        If the signal is shorter than a window.

    Examples
    --------
    >>> tone = np.sin(2 * np.pi * 0.25 * np.arange(1024))            # a quarter of the sampling rate
    >>> S = spectrogram(tone, window=64, hop=32)
    >>> S.shape, int(S.mean(axis=1).argmax())
    ((33, 31), 16)
    """
    signal = _check.array("spectrogram", "signal", signal, (..., "T"))
    _check.whole("spectrogram", at_least=2, window=window)
    _check.whole("spectrogram", at_least=1, hop=hop)
    if signal.shape[-1] < window:
        raise ValueError(f"spectrogram: signal must have at least {window} "
                         f"samples, but has {signal.shape[-1]}")
    frames = sliding_window_view(signal, window, axis=-1)[..., ::hop, :]
    magnitude = np.abs(np.fft.rfft(frames * np.hanning(window)))
    decibels = 20 * np.log10(np.maximum(magnitude, 1e-5))
    return decibels.swapaxes(-1, -2).astype(np.float32)


def spec_augment(S, *, F, T, W=0, frequency_masks=1, time_masks=1, fill=None,
                 rng):
    r"""Warp in time, then blank out bands of frequencies and stretches of time (A45).

    Widths are drawn, :math:`f \sim U\{0, \dots, F\}` and :math:`t \sim U\{0, \dots, T\}`, and so are places. For the
    warp a moment in the middle moves by up to W steps, and what lies on either side is stretched or pressed evenly.

    Parameters
    ----------
    S : array_like, shape (frequencies, times)
    F, T, W : int
        The most: rows and columns of a mask, steps of the warp.
    frequency_masks, time_masks : int
        How many masks.
    fill : float, optional
        The value of masked cells; by default the mean of ``S``.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray, shape of ``S``

    Raises
    ------
    ValueError, TypeError
        If a mask may be larger than the spectrogram, or the warp reaches over half of it.

    Examples
    --------
    >>> out = spec_augment(np.ones((20, 30)), F=5, T=8, fill=0.0, rng=np.random.default_rng(3))
    >>> rows, columns = (out == 0).all(axis=1), (out == 0).all(axis=0)
    >>> bool(rows.sum() <= 5 and columns.sum() <= 8)
    True

    References
    ----------
    Park, D. S. et al. (2019). SpecAugment: a simple data augmentation method for automatic speech recognition.
    Interspeech.
    """
    S = _check_spec_augment(S, F, T, W, frequency_masks, time_masks, rng)
    rows, columns = S.shape
    fill = S.mean() if fill is None else fill
    out = S.copy()
    if W:
        moment = rng.integers(W + 1, columns - W - 1)
        out = time_warp(S, moment, rng.integers(-W, W + 1))
    for _ in range(frequency_masks):
        width = rng.integers(0, F + 1)
        start = rng.integers(0, rows - width + 1)
        out[start:start + width] = fill
    for _ in range(time_masks):
        width = rng.integers(0, T + 1)
        start = rng.integers(0, columns - width + 1)
        out[:, start:start + width] = fill
    return out


def _check_spec_augment(S, F, T, W, frequency_masks, time_masks, rng):
    S = _floats(_check.array("spec_augment", "S", S, ("frequencies", "times")))
    _check.whole("spec_augment", at_least=0, F=F, T=T, W=W, frequency_masks=frequency_masks, time_masks=time_masks)
    _check.generator("spec_augment", rng)
    rows, columns = S.shape
    if F > rows or T > columns:
        raise ValueError(f"spec_augment: F and T must be at most {rows} and {columns} because S is {S.shape}, "
                         f"but are {F} and {T}")
    if W and 2 * W + 3 > columns:
        raise ValueError(f"spec_augment: W must be at most {max((columns - 3) // 2, 0)} because there are {columns} "
                         f"times, but is {W}")
    return S


def time_warp(S, moment, by):
    """Move one moment of a spectrogram to another time; both ends stay (A45).

    Parameters
    ----------
    S : ndarray, shape (frequencies, times)
    moment : int
        The column that moves.
    by : int
        How far; it must stay between the ends.

    Examples
    --------
    >>> time_warp(np.arange(5.0)[None], moment=2, by=1).round(2).tolist()
    [[0.0, 0.67, 1.33, 2.0, 4.0]]
    """
    S = _floats(_check.array("time_warp", "S", S, ("frequencies", "times")))
    last = S.shape[1] - 1
    if not (0 < moment < last and 0 < moment + by < last):
        raise ValueError(f"time_warp: moment and moment + by must lie from 1 to {last - 1}, but are {moment} and "
                         f"{moment + by}")
    came_from = np.interp(np.arange(last + 1), [0, moment + by, last], [0, moment, last])
    before = np.minimum(came_from.astype(int), last - 1)     # interpolate between this column and the next
    share = came_from - before
    return ((1 - share) * S[:, before] + share * S[:, before + 1]).astype(S.dtype)


# ---------------------------------------------------------------- text (A46)

def synonym_replacement(words, rate, synonyms, *, rng):
    """Exchange words for synonyms, each with probability ``rate`` (A46).

    Parameters
    ----------
    words : sequence of str
    rate : float
        In [0, 1].
    synonyms : dict of str to sequence of str
        Words that are not in it stay.
    rng : numpy.random.Generator

    Returns
    -------
    list of str
        As many words.

    Examples
    --------
    >>> synonym_replacement("i have a new car".split(), 1.0, {"car": ["vehicle"]}, rng=np.random.default_rng(0))
    ['i', 'have', 'a', 'new', 'vehicle']

    References
    ----------
    Wei, J. & Zou, K. (2019). EDA: easy data augmentation techniques for boosting performance on text
    classification tasks. EMNLP.
    """
    words = _words("synonym_replacement", words, rate, rng)
    return [str(rng.choice(synonyms[word])) if word in synonyms and chosen else word
            for word, chosen in zip(words, rng.random(len(words)) < rate)]


def random_insertion(words, rate, synonyms, *, rng):
    """Put synonyms of its own words at random places, about ``rate`` per word (A46).

    Parameters as in :func:`synonym_replacement`; words without synonyms add nothing.

    >>> random_insertion(["new", "car"], 0.5, {"car": ["vehicle"]}, rng=np.random.default_rng(0))
    ['new', 'vehicle', 'car']
    """
    words = _words("random_insertion", words, rate, rng)
    known = [word for word in words if word in synonyms]
    for _ in range(rng.binomial(len(words), rate) if known else 0):
        words.insert(rng.integers(0, len(words) + 1), str(rng.choice(synonyms[rng.choice(known)])))
    return words


def random_swap(words, rate, *, rng):
    """Exchange pairs of words, about ``rate`` swaps per word (A46).

    >>> sorted(random_swap(["a", "b", "c"], 1.0, rng=np.random.default_rng(0)))
    ['a', 'b', 'c']
    """
    words = _words("random_swap", words, rate, rng)
    for _ in range(rng.binomial(len(words), rate) if len(words) > 1 else 0):
        i, j = rng.choice(len(words), 2, replace=False)
        words[i], words[j] = words[j], words[i]
    return words


def random_deletion(words, rate, *, rng):
    """Leave out words, each with probability ``rate``; one always stays (A46).

    >>> random_deletion(["only"], 1.0, rng=np.random.default_rng(0))
    ['only']
    """
    words = _words("random_deletion", words, rate, rng)
    kept = [word for word, stays in zip(words, rng.random(len(words)) >= rate) if stays]
    return kept or [str(rng.choice(words))]


def typo(word, *, rng):
    """Exchange two neighbouring letters of a word (A46); a word of one letter stays.

    >>> typo("car", rng=np.random.default_rng(0))
    'cra'
    """
    if not isinstance(word, str):
        raise TypeError(f"typo: word must be a string, but is {word!r:.60}")
    _check.generator("typo", rng)
    if len(word) < 2:
        return word
    i = rng.integers(0, len(word) - 1)
    return word[:i] + word[i + 1] + word[i] + word[i + 2:]


# ---------------------------------------------------------------- shared parts

def _rotation(angle):
    """Matrices that turn places (down, right) counter-clockwise by ``angle``, in radians."""
    c, s = np.cos(angle), np.sin(angle)
    return np.moveaxis(np.array([[c, -s], [s, c]]), (0, 1), (-2, -1))


def _images(operation, images):
    """As floats (N, H, W), and whether it was a single one."""
    images = _floats(_check.array(operation, "images", images, (..., "H", "W")))
    if images.ndim > 3:
        raise ValueError(f"{operation}: images must have shape (H, W) or (N, H, W), but is {images.shape}")
    return (images[None], True) if images.ndim == 2 else (images, False)


def _floats(array):
    return array if array.dtype.kind == "f" else array.astype(np.float32)


def _words(operation, words, rate, rng):
    """A list of its own, checked."""
    if isinstance(words, str) or not len(words) or not all(isinstance(word, str) for word in words):
        raise TypeError(f"{operation}: words must be a list of at least one word, but is {words!r:.60}")
    _check.number(operation, at_least=0, at_most=1, rate=rate)
    _check.generator(operation, rng)
    return list(words)
