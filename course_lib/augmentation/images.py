"""Images moved, turned, scaled, mirrored, with noise, and which of that keeps the label (A43, chapter 11)."""
import math

import numpy as np

from .. import _check


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
