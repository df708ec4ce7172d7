"""Points, surfaces and decisions in a plane."""
import numpy as np
from matplotlib.colors import to_rgb

from .. import _check
from .style import COLOURS, MARKERS, _array, _axes, _legend_below


def scatter(X, labels=None, *, names=None, paths=None, arrows=None, lines=None, axes=("$x_1$", "$x_2$"),
            title="", ax=None):
    r"""Draw points in the plane, each class with its own colour and shape.

    Parameters
    ----------
    X : array_like, (N, 2)
    labels : array_like, (N,), optional
        Class numbers from 0.
    names : sequence of str, optional
        Names of the classes, for the legend.
    paths : dict of str to array_like (T, 2), optional
        Ways through the plane by name; the start is a ring, the end a dot. They may leave the frame.
    arrows : dict of str to array_like (2,), optional
        Arrows from the origin by name.
    lines : dict of str to tuple (weights (2,), bias), optional
        Straight lines :math:`w^\top x + b = 0` by name.
    axes : tuple of two str
        What the axes measure.
    title : str
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    Figure

    Raises
    ------
    ValueError, TypeError
        If the points are no finite (N, 2) or the labels no N class numbers.

    Examples
    --------
    >>> figure = scatter([[0, 0], [1, 1]], [0, 1], lines={"separates": ([1, 1], -1)})
    """
    X = _check.array("scatter", "X", _array(X), ("N", 2))
    labels = None if labels is None else _check.labels("scatter", "labels", labels, len(X))
    classes = 0 if labels is None else labels.max() + 1
    names = _class_names("scatter", names, classes)
    arrows = {name: _check.array("scatter", f"arrows[{name!r}]", end, (2,))
              for name, end in (arrows or {}).items()}
    own = ax is None
    ax = _plane(ax, np.concatenate([X, *(end[None] for end in arrows.values())]), axes, title)
    if classes:
        _points(ax, X, labels, names)
    else:
        ax.scatter(*X.T, s=16, color="#AAAAAA", edgecolors="white", linewidths=0.5, zorder=2)
    colours = list(COLOURS.values())[classes:] + list(COLOURS.values())
    for (name, end), colour in zip(arrows.items(), colours):
        ax.annotate("", end, (0, 0), arrowprops={"arrowstyle": "-|>", "color": colour, "lw": 2.5}, zorder=5)
        ax.plot([], [], color=colour, linestyle="-", marker=">", label=name)
    colours = colours[len(arrows):]
    _paths(ax, "scatter", paths, colours)
    for (name, (weights, bias)), colour in zip((lines or {}).items(), colours[len(paths or {}):]):
        weights = _check.array("scatter", f"lines[{name!r}]", weights, (2,)).astype(float)
        if weights.any():                                    # through its point nearest to the origin
            foot = -bias * weights / (weights @ weights)
            ax.axline(foot, foot + [-weights[1], weights[0]], color=colour, linestyle="-", label=name)
    for artist in (*ax.lines, *ax.texts):                    # what leaves the frame must not move it
        artist.set_in_layout(False)
    return _legend_below(ax.figure) if own else ax.figure


def surface(f, extent, *, levels=12, paths=None, x="", y="", title="", ax=None):
    """Draw a surface over the plane as a map: level lines, and ways over it.

    Parameters
    ----------
    f : callable
        ``f(x, y) -> array`` of heights, for arrays x and y of the same shape.
    extent : tuple (left, right, bottom, top)
        Limits of the axes.
    levels : int or sequence of float
        How many lines, evenly spaced in the logarithm of the height above the lowest; or the heights themselves.
    paths : dict of str to array_like (T, 2), optional
        Ways over the surface by name; the start is a ring, the end a dot. They may leave the frame.
    x, y, title : str
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    Figure

    Raises
    ------
    ValueError, TypeError
        If the limits do not increase or a path is not made of pairs of numbers.

    Examples
    --------
    >>> figure = surface(lambda x, y: x**2 + 10 * y**2, (-2, 2, -1, 1), paths={"way": [[1.5, 0.5], [0, 0]]})
    """
    left, right, bottom, top = extent = _check.array("surface", "extent", extent, (4,)).astype(float)
    if not (left < right and bottom < top):
        raise ValueError(f"surface: extent must be (left, right, bottom, top), increasing, but is {tuple(extent.tolist())}")
    across, up = np.meshgrid(np.linspace(left, right, 160), np.linspace(bottom, top, 160))
    heights = _check.array("surface", "f(x, y)", f(across, up), (160, 160))
    if np.ndim(levels) == 0:
        _check.whole("surface", at_least=1, levels=levels)
        low, span = heights.min(), np.ptp(heights) or 1.0
        levels = low + span * np.geomspace(1e-4, 0.9, levels)
    own = ax is None
    ax = _axes(ax, 3.8, title)
    ax.grid(False)
    ax.contour(across, up, heights, np.unique(levels), colors="#9A9A9A", linewidths=0.7)
    ax.set(xlim=(left, right), ylim=(bottom, top), xlabel=x, ylabel=y)
    _paths(ax, "surface", paths, list(COLOURS.values()))
    for artist in ax.lines:                                  # what leaves the frame must not move it
        artist.set_in_layout(False)
    return _legend_below(ax.figure) if own and paths else ax.figure


def decision_regions(predict, X, y, *, names=None, resolution=200, axes=("$x_1$", "$x_2$"), title="",
                     ax=None):
    """Draw which class a classifier gives to every place in the plane, with the points it learned from.

    Parameters
    ----------
    predict : callable
        ``predict(points)`` gives class numbers (M,) or scores (M, C), of which the largest wins, for
        points (M, 2) of X's dtype; a Tensor will do.
    X : array_like, (N, 2)
    y : array_like, (N,)
        Class numbers from 0.
    names : sequence of str, optional
        Names of the classes, for the legend.
    resolution : int
        Points to ask for along each axis.
    axes : tuple of two str
        What the axes measure.
    title : str
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    Figure

    Raises
    ------
    ValueError, TypeError
        If the points do not fit or the predictions are neither class numbers nor scores.

    Examples
    --------
    >>> figure = decision_regions(lambda X: X[:, 0] > 0.5, [[0, 0], [1, 1]], [0, 1])
    """
    X = _check.array("decision_regions", "X", _array(X), ("N", 2))
    y = _check.labels("decision_regions", "y", y, len(X))
    _check.whole("decision_regions", resolution=resolution, at_least=2)
    own = ax is None
    ax = _plane(ax, X, axes, title)
    across, up = np.linspace(*ax.get_xlim(), resolution), np.linspace(*ax.get_ylim(), resolution)
    points = np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2)
    region = _array(predict(points.astype(X.dtype if X.dtype.kind == "f" else np.float32)))
    region = region.argmax(axis=1) if region.ndim == 2 and region.shape[1] > 1 else region
    region = _check.labels("decision_regions", "predict(points)", region, len(points))
    classes = max(region.max(), y.max()) + 1
    names = _class_names("decision_regions", names, classes)
    colours = np.array([to_rgb(c) for c in COLOURS.values()])
    tint = 0.72 + 0.28 * colours                             # light enough for the points to stand out
    ax.imshow(tint[region % len(tint)].reshape(resolution, resolution, 3), origin="lower", aspect="equal",
              extent=(*ax.get_xlim(), *ax.get_ylim()), interpolation="nearest")
    _points(ax, X, y, names)
    ax.grid(visible=False)
    return _legend_below(ax.figure) if own else ax.figure


def _points(ax, X, labels, names):
    for k in np.unique(labels):
        ax.scatter(*X[labels == k].T, s=22, color=list(COLOURS.values())[k % 7], marker=MARKERS[k % 7],
                   edgecolors="white", linewidths=0.5, label=names[k], zorder=2)


def _paths(ax, operation, paths, colours):
    for (name, path), colour in zip((paths or {}).items(), colours):
        path = _check.array(operation, f"paths[{name!r}]", _array(path), ("T", 2), finite=False)
        ax.plot(*path.T, color=colour, linestyle="-", label=name, zorder=4)
        ax.plot(*path[0], "o", color=colour, markerfacecolor="white", zorder=4)
        ax.plot(*path[-1], "o", color=colour, zorder=4)


def _class_names(operation, names, classes):
    names = [f"class {k}" for k in range(classes)] if names is None else list(names)
    if len(names) < classes:
        raise ValueError(f"{operation}: names must be {classes} or more, but is {names!r:.60}")
    return names


def _plane(ax, X, names, title):
    """Axes of equal scale, a little wider than the points ``X``."""
    low, high = X.min(axis=0), X.max(axis=0)
    pad = 0.1 * np.maximum(high - low, (high - low).max() / 4 or 1.0)
    low, high = low - pad, high + pad
    ax = _axes(ax, float(np.clip(5.2 * (high - low)[1] / (high - low)[0] + 0.9, 2.4, 4.6)), title)
    ax.set(xlim=(low[0], high[0]), ylim=(low[1], high[1]), aspect="equal", xlabel=names[0], ylabel=names[1])
    return ax
