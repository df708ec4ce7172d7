"""How far axes reach: far enough for every run, and the same for all of them, so that a move is seen."""

from __future__ import annotations

import numpy as np
from contourpy import contour_generator


def region_grid(points, size=40):
    """Return the size² places of a region under points, and its extent.

    Parameters
    ----------
    points : array, shape (N, 2)
    size : int
        Places along each axis.

    Returns
    -------
    places : array, shape (size², 2)
        Row by row, the lowest y first: ``predict(places).reshape(size, size)`` is the region of a
        :class:`Scatter`.
    extent : list of float
        (left, right, bottom, top): the points' range and 8 % of it on each side.

    Examples
    --------
    >>> places, extent = region_grid(np.array([[0.0, 0.0], [100.0, 10.0]]), size=2)
    >>> extent
    [-8.0, 108.0, -0.8, 10.8]
    >>> places.round(3).tolist()
    [[21.0, 2.1], [79.0, 2.1], [21.0, 7.9], [79.0, 7.9]]
    """
    points = np.asarray(points, float)
    if points.ndim != 2 or points.shape[1] != 2 or not len(points):
        raise ValueError(f"region_grid: points must have shape (N, 2), but is {points.shape}")
    left, right, bottom, top = extent = box(points)
    share = (np.arange(size) + 0.5) / size  # the middles of the cells
    x, y = np.meshgrid(left + (right - left) * share, bottom + (top - bottom) * share)
    return np.stack([x.ravel(), y.ravel()], 1), extent


def level_lines(f, extent, levels, size=80):
    """Where a surface has given heights: the lines of a map.

    Parameters
    ----------
    f : callable
        ``f(x, y) -> array`` of heights, for arrays x and y of the same shape.
    extent : (left, right, bottom, top)
    levels : sequence of float
        Heights.
    size : int
        Places along each axis at which ``f`` is computed.

    Returns
    -------
    ndarray, shape (2, n)
        x and y of all lines, one after the other, with NaN between them.

    Examples
    --------
    >>> x, y = level_lines(lambda x, y: x**2 + y**2, (-2, 2, -2, 2), [1.0])
    >>> bool(np.allclose(x**2 + y**2, 1, atol=0.01))
    True
    """
    left, right, bottom, top = extent
    x, y = np.meshgrid(np.linspace(left, right, size), np.linspace(bottom, top, size))
    heights = contour_generator(x, y, f(x, y))
    lines = [line.T for level in levels for line in heights.lines(level)]
    if not lines:
        raise ValueError(f"level_lines: the surface has none of the heights {list(levels)} within {tuple(extent)}")
    gap = np.full((2, 1), np.nan)
    return np.concatenate([part for line in lines for part in (line, gap)][:-1], axis=1)


def box(points, margin=0.08):
    """(left, right, bottom, top) around points, with a margin in parts of their range."""
    low, high = np.nanmin(points, axis=0), np.nanmax(points, axis=0)
    room = np.where(high > low, (high - low) * margin, 0.5)
    low, high = (low - room).tolist(), (high + room).tolist()
    return [low[0], high[0], low[1], high[1]]


def common(arrays, log=False):
    """Limits that suit all runs: everything, unless a few runs would flatten all others.

    If the whole range is more than four times what four of five runs need, it ends a little beyond these.
    """
    ranges = []
    for array in arrays:
        finite = array[np.isfinite(array) & ((array > 0) | (not log))]
        if finite.size:
            ranges.append((finite.min(), finite.max()))
    if not ranges:
        return [0.1, 1.0] if log else [0.0, 1.0]
    low, high = np.log10(ranges).T if log else np.transpose(ranges) / 1.0
    lowest, highest = np.quantile(low, 0.2, method="lower"), np.quantile(high, 0.8, method="higher")
    room = max(highest - lowest, 1e-12 * max(abs(highest), abs(lowest)), 1e-300)
    low = low.min() if low.min() > lowest - 3 * room else lowest - 0.2 * room
    high = high.max() if high.max() < highest + 3 * room else highest + 0.2 * room
    if low == high:
        low, high = low - (0.5 if log else abs(low) / 2 or 0.5), high + (0.5 if log else abs(high) / 2 or 0.5)
    return [float(10**low), float(10**high)] if log else [float(low), float(high)]


def roomy(limits, log):
    """A little room above and below; an axis that nearly reaches 0 starts there."""
    low, high = limits
    if log:
        room = (high / low) ** 0.04
        return [low / room, high * room]
    room = 0.04 * (high - low)
    bottom = 0.0 if 0 <= low < 0.4 * high else low - room
    top = 0.0 if 0 >= high > 0.4 * low else high + room
    return [bottom, top]
