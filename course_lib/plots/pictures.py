"""Matrices and images as pictures, and several figures in one."""
import math

import numpy as np
from matplotlib.colors import to_rgb
from matplotlib.ticker import MaxNLocator

from .. import _check
from .style import DIVERGING, WIDTH, _array, _axes, _digits, _figure, _legend_below, _named


def heatmap(matrix, *, annotate=None, rows=None, columns=None, x="", y="", label="", limits=None, title="",
            ax=None):
    """Draw a matrix as coloured cells, the first row on top.

    Parameters
    ----------
    matrix : array_like, (N, M)
        If some are negative, blue is above 0, white 0 and vermillion below; else dark is small.
    annotate : bool, optional
        Write each value into its cell; by default if there are at most 100 cells.
    rows, columns : sequence of str, optional
        Names of the rows (N) and columns (M).
    x, y, label : str
        What the columns, the rows and the colours stand for.
    limits : tuple of two floats, optional
        The values at the ends of the colour bar.
    title : str
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    Figure

    Raises
    ------
    ValueError, TypeError
        If ``matrix`` is not a finite (N, M) or the names do not fit.

    Examples
    --------
    >>> figure = heatmap([[0.2, -0.2], [-0.2, 0.2]], label="derivative")
    """
    matrix = _check.array("heatmap", "matrix", _array(matrix), ("N", "M")).astype(float)
    for name, given, count in (("rows", rows, len(matrix)), ("columns", columns, matrix.shape[1])):
        if given is not None and len(given) != count:
            raise ValueError(f"heatmap: {name} must be {count} names, but is {list(given)!r:.60}")
    if limits is None:
        largest = np.abs(matrix).max() or 1.0
        limits = (-largest if matrix.min() < 0 else 0.0, largest)
    cell = min(0.5, 4.6 / matrix.shape[1])                   # inches
    ax = _axes(ax, float(np.clip(cell * len(matrix) + 0.8, 1.4, 5.5)), title)
    image = ax.imshow(matrix, cmap=DIVERGING if limits[0] < 0 else "viridis", vmin=limits[0], vmax=limits[1],
                      interpolation="nearest")
    ax.figure.colorbar(image, ax=ax, label=label)
    ax.set(xlabel=x, ylabel=y)
    ax.grid(visible=False)
    for axis, names in ((ax.xaxis, columns), (ax.yaxis, rows)):
        axis.set_major_locator(MaxNLocator(integer=True))
        if names is not None:
            axis.set_ticks(range(len(names)), names)
    if annotate if annotate is not None else matrix.size <= 100:
        for (i, j), value in np.ndenumerate(matrix):
            red, green, blue = to_rgb(image.to_rgba(value)[:3])
            light = 0.299 * red + 0.587 * green + 0.114 * blue > 0.5
            ax.text(j, i, _digits(value), ha="center", va="center", fontsize=10,
                    color="black" if light else "white")
    return ax.figure


def image_grid(images, captions=None, columns=8, *, rows=None, limits=None, cmap="gray_r"):
    """Draw small pictures in rows.

    Parameters
    ----------
    images : array_like, (N, H, W), (N, H, W, 3) or (N, D)
        Grey pictures, colour pictures (0 to 1), or flat square pictures of D pixels.
    captions : sequence, (N,), optional
        What to write above each.
    columns : int
    rows : sequence of str, optional
        What to write to the left of each row.
    limits : tuple of two floats, optional
        Values drawn white and black; by default the smallest and the largest of all pictures.
    cmap : str
        Matplotlib's colour map for grey pictures; by default dark is large, as ink on paper.

    Returns
    -------
    Figure

    Raises
    ------
    ValueError, TypeError
        If the pictures have none of the shapes above, the captions are not N, or ``rows`` not as many as there are.

    Examples
    --------
    >>> figure = image_grid(np.eye(64)[:8], captions=range(8))
    """
    images = _check.array("image_grid", "images", _array(images), (...,))
    _check.whole("image_grid", columns=columns, at_least=1)
    if images.ndim == 2 and math.isqrt(images.shape[1]) ** 2 == images.shape[1]:
        images = images.reshape(len(images), math.isqrt(images.shape[1]), -1)
    if not (images.ndim == 3 or images.ndim == 4 and images.shape[3] == 3) or images.size == 0:
        raise ValueError("image_grid: images must have shape (N, H, W), (N, H, W, 3) or (N, D) with D a "
                         f"square, but is {images.shape}")
    if captions is not None and len(captions) != len(images):
        raise ValueError(f"image_grid: captions must be {len(images)}, but are {len(captions)}")
    low, high = limits if limits is not None else (images.min(), images.max())
    columns = min(columns, len(images))
    count = -(-len(images) // columns)
    if rows is not None and len(rows) != count:
        raise ValueError(f"image_grid: rows must be {count}, but are {len(rows)}")
    left = 0.08 * max(map(len, rows)) + 0.1 if rows is not None else 0       # inches, at 10 points
    side = min((WIDTH - left) / columns, 1.6)
    caption = 0.22 if captions is not None else 0.04
    fig = _figure(count * (side * images.shape[1] / images.shape[2] + caption))
    for i, ax in enumerate(fig.subplots(count, columns, squeeze=False).flat):
        ax.set_axis_off()
        if rows is not None and i % columns == 0:
            ax.annotate(rows[i // columns], (0, 0.5), (-5, 0), xycoords="axes fraction", textcoords="offset points",
                        ha="right", va="center", fontsize=10)
        if i < len(images):
            ax.imshow(images[i], cmap=cmap, vmin=low, vmax=high, interpolation="nearest")
            if captions is not None:
                ax.set_title(str(captions[i]), fontsize=10, pad=2)
    return fig


def side_by_side(panels, *, columns=None, height=None):
    """Draw several figures of this module in one, with one legend for all points.

    Parameters
    ----------
    panels : dict of str to callable
        By title, what draws into the axes given as ``ax``, such as ``functools.partial(heatmap, matrix)``.
    columns : int, optional
        By default two or three.
    height : float, optional
        Of each row, inches.

    Returns
    -------
    Figure

    Raises
    ------
    ValueError, TypeError
        If there is no panel or one cannot be called.

    Examples
    --------
    >>> figure = side_by_side({"before": lambda ax: heatmap(np.eye(2), ax=ax),
    ...                        "after": lambda ax: heatmap(1 - np.eye(2), ax=ax)})
    """
    panels = _named("side_by_side", "panels", panels)
    for title, draw in panels.items():
        if not callable(draw):
            raise TypeError(f"side_by_side: panels[{title!r}] must be a function of ax, but is {draw!r:.60}")
    columns = {1: 1, 2: 2, 4: 2}.get(len(panels), 3) if columns is None else columns
    _check.whole("side_by_side", columns=columns, at_least=1)
    rows = -(-len(panels) // columns)
    fig = _figure(rows * (height or {1: 3.0, 2: 2.9}.get(columns, 2.4)))
    grid = fig.subplots(rows, columns, squeeze=False).ravel()
    for ax in grid[len(panels):]:
        ax.set_visible(False)
    for ax, (title, draw) in zip(grid, panels.items()):
        draw(ax=ax)
        ax.set_title(title)
    return _legend_below(fig)
