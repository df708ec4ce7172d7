"""Features made by hand: edges and histograms of their orientations (chapter 14)."""
import math

import numpy as np

from . import _check


def gradients(images):
    r"""How fast, and in which direction, the brightness changes at every pixel (A58).

    .. math:: g_x = I_{i,j+1} - I_{i,j-1}, \quad g_y = I_{i+1,j} - I_{i-1,j}, \qquad
              m = \sqrt{g_x^2 + g_y^2}, \quad \theta = \operatorname{atan2}(g_y, g_x)

    At the border the outermost pixels are repeated.

    Parameters
    ----------
    images : array_like, shape (..., H, W)

    Returns
    -------
    magnitude : ndarray, shape (..., H, W)
    angle : ndarray, shape (..., H, W)
        In degrees, from 0 to 360 (excluded): 0 points right, 90 down, as rows are counted. 0 where there is no
        gradient.

    Raises
    ------
    ValueError, TypeError
        If the images are not finite numbers of at least two axes.

    Examples
    --------
    >>> bar = np.zeros((3, 4)); bar[:, 2:] = 1                    # dark on the left, bright on the right
    >>> magnitude, angle = gradients(bar)
    >>> magnitude[0].tolist(), angle[0].tolist()
    ([0.0, 1.0, 1.0, 0.0], [0.0, 0.0, 0.0, 0.0])
    """
    images = _images("gradients", images)
    frame = [(0, 0)] * (images.ndim - 2) + [(1, 1), (1, 1)]
    padded = np.pad(images, frame, mode="edge")
    gx = padded[..., 1:-1, 2:] - padded[..., 1:-1, :-2]
    gy = padded[..., 2:, 1:-1] - padded[..., :-2, 1:-1]
    return np.hypot(gx, gy), np.degrees(np.arctan2(gy, gx)) % 360


def orientation_histogram(images, bins=8, *, cell=None, signed=False):
    r"""How much edge there is in each direction, cell by cell (A58).

    .. math:: h_b = \sum_{\text{pixels}} m \, \max\Bigl(0,\; 1 - \frac{|\theta - \theta_b|}{\Delta}\Bigr),
              \qquad \theta_b = b\,\Delta

    Every pixel votes with its magnitude, and shares its vote between the two bins around its angle. The distance is
    measured round the circle.

    Parameters
    ----------
    images : array_like, shape (..., H, W)
    bins : int
        At least 2, centred at multiples of :math:`\Delta` = 180 (or 360) degrees / ``bins``.
    cell : int, optional
        Side of the square cells in pixels; must divide H and W. By default one cell, the whole image.
    signed : bool
        Whether dark-to-bright and bright-to-dark differ: angles over 360 degrees instead of 180.

    Returns
    -------
    ndarray, shape (..., bins), or (..., H // cell, W // cell, bins) with ``cell``

    Raises
    ------
    ValueError, TypeError
        If cells do not tile the image, or there are too few bins.

    Examples
    --------
    >>> bar = np.zeros((6, 6)); bar[:, 2:4] = 1                   # upright: its edges point left and right
    >>> orientation_histogram(bar, 4).tolist()
    [24.0, 0.0, 0.0, 0.0]
    >>> orientation_histogram(bar.T, 4).tolist()                  # lying: half the bins further
    [0.0, 0.0, 24.0, 0.0]
    """
    images = _images("orientation_histogram", images)
    _check.whole("orientation_histogram", at_least=2, bins=bins)
    magnitude, angle = gradients(images)
    turn = 360 if signed else 180
    step = turn / bins
    centres = step * np.arange(bins, dtype=images.dtype)
    away = np.abs(angle[..., None] % turn - centres)
    away = np.minimum(away, turn - away)               # round the circle
    share = np.maximum(0, 1 - away / step)             # (..., H, W, bins)
    votes = magnitude[..., None] * share
    if cell is None:
        return votes.sum(axis=(-3, -2))
    H, W = images.shape[-2:]
    _check.whole("orientation_histogram", at_least=1, cell=cell)
    if H % cell or W % cell:
        raise ValueError("orientation_histogram: cell must divide the image's "
                         f"{H} x {W} pixels, but is {cell}")
    tiles = votes.reshape(*images.shape[:-2], H // cell, cell,
                          W // cell, cell, bins)
    return tiles.sum(axis=(-4, -2))


def hog(images, bins=8, *, cell=4, block=2, signed=False, eps=1e-3):
    r"""Histograms of oriented gradients: the most famous features made by hand (A58).

    Blocks of ``block`` x ``block`` neighbouring cells, overlapping by all but one, are each brought to length 1,
    so that contrast does not matter:

    .. math:: v \leftarrow \frac{v}{\sqrt{\lVert v \rVert^2 + \epsilon^2}}

    A block without any edge stays 0.

    Parameters
    ----------
    images : array_like, shape (..., H, W)
    bins, cell, signed
        See :func:`orientation_histogram`.
    block : int
        Cells on each side of a block.
    eps : float
        Keeps the division finite, :math:`\epsilon > 0`.

    Returns
    -------
    ndarray, shape (..., blocks * block * block * bins)

    Raises
    ------
    ValueError, TypeError
        If cells do not tile the image, or a block is larger than it.

    Examples
    --------
    >>> hog(np.eye(8)).shape                                      # 1 block of 2 x 2 cells, 8 bins
    (32,)
    >>> hog(np.zeros((5, 8, 8)), cell=2, block=2).any()           # 5 images without edges
    np.False_

    References
    ----------
    Dalal, N. & Triggs, B. (2005). Histograms of oriented gradients for human detection. CVPR.
    """
    _check.number("hog", above=0, eps=eps)
    _check.whole("hog", at_least=1, cell=cell, block=block)
    cells = orientation_histogram(images, bins, cell=cell, signed=signed)
    rows, columns = cells.shape[-3:-1]
    if block > min(rows, columns):
        raise ValueError(f"hog: block must fit into the {rows} x {columns} "
                         f"cells, but is {block}")
    down, across = rows - block + 1, columns - block + 1
    blocks = np.stack([cells[..., u:u + down, v:v + across, :]
                       for u in range(block) for v in range(block)], axis=-2)
    length = np.sqrt((blocks ** 2).sum(axis=(-2, -1), keepdims=True) + eps ** 2)
    flat = math.prod(blocks.shape[-4:])
    return (blocks / length).reshape(*cells.shape[:-3], flat)


def _images(operation, images):
    images = _check.array(operation, "images", images, (..., "H", "W"))
    return images if images.dtype.kind == "f" else images.astype(np.float32)
