"""The figures of the book, one small function each, and :func:`show`, which prints the code of the library.

Importing this module gives every Matplotlib figure of the session the book's look (:data:`STYLE`): seven
inches wide, nothing smaller than 9 points, white (the site inverts it in dark mode), and colours that
colour-blind readers can tell apart. Functions return the figure; a notebook shows it once, whether the call is
the last line of a cell, ends in a semicolon or stands in the middle. Pass ``ax`` to draw into axes you have.

Colours: Okabe, M. & Ito, K. (2008). Color universal design.
"""
import ast
import inspect
import io
import math
import textwrap

import matplotlib
import matplotlib.figure
import numpy as np
from cycler import cycler
from IPython.display import display
from matplotlib import pyplot as plt
from matplotlib.collections import LineCollection
from matplotlib.colors import to_rgb

from . import _check
from .claims import few_digits

COLOURS = {"blue": "#0072B2", "vermillion": "#D55E00", "green": "#009E73", "orange": "#E69F00",
           "purple": "#CC79A7", "sky": "#56B4E9", "black": "#000000"}
GREY = "#666666"
MARKERS = "os^DvP*"
WIDTH, DPI = 7.0, 150                                        # inches; dots per inch

STYLE = {
    "figure.figsize": (WIDTH, 3.4), "figure.dpi": DPI, "savefig.dpi": DPI, "figure.constrained_layout.use": True,
    "figure.facecolor": "white", "savefig.facecolor": "white", "axes.facecolor": "white",
    "font.size": 10, "axes.titlesize": 10, "axes.labelsize": 10, "legend.fontsize": 9,
    "xtick.labelsize": 9, "ytick.labelsize": 9,
    "axes.spines.top": False, "axes.spines.right": False, "axes.grid": True, "axes.axisbelow": True,
    "grid.color": "#DDDDDD", "grid.linewidth": 0.6, "lines.linewidth": 1.8, "legend.frameon": True,
    "legend.framealpha": 0.8, "legend.edgecolor": "none", "image.cmap": "viridis",
    # All colours with full lines first, then all with dashes: seven curves differ by colour, more by both.
    "axes.prop_cycle": cycler(linestyle=["-", "--", ":"]) * cycler(color=list(COLOURS.values())),
}
matplotlib.rcParams.update(STYLE)


class Figure(matplotlib.figure.Figure):
    """A Matplotlib figure that a notebook shows exactly once, as a PNG image of fixed width."""

    def _ipython_display_(self):
        plt.close(self)                                      # else pyplot shows it again when the cell ends
        png = io.BytesIO()
        self.savefig(png, format="png", metadata={"Software": None})
        display({"image/png": png.getvalue(), "text/plain": repr(self)}, raw=True,
                metadata={"image/png": {"width": round(100 * self.get_figwidth())}})


def _figure(height, width=WIDTH):
    # Under a notebook's inline backend pyplot shows what no cell returned; elsewhere nobody would close it.
    if "inline" in matplotlib.get_backend():
        return plt.figure(FigureClass=Figure, figsize=(width, height))
    return Figure(figsize=(width, height))


def _axes(ax, height=3.4, title=""):
    ax = _figure(height).subplots() if ax is None else ax
    if title:
        ax.set_title(title)
    return ax


def _array(value):
    """The numbers of a Tensor, array or list."""
    return np.asarray(value.data if hasattr(value, "requires_grad") else value)


# ---------------------------------------------------------------- numbers

def curves(lines, *, x="", y="", log="", marks=None, marks_x=None, title="", ax=None):
    """Draw curves over a common axis.

    Parameters
    ----------
    lines : dict of str to array_like (N,) or to tuple (x, y) of array_like (N,)
        Curves by name; without x they are drawn over 0, 1, 2, … Gaps where a value is not finite.
    x, y : str
        What the axes measure, with unit.
    log : {"", "x", "y", "xy"} or bool
        Logarithmic axes; True is "y".
    marks, marks_x : dict of str to float, optional
        Horizontal and vertical dashed lines by name.
    title : str
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    Figure

    Raises
    ------
    ValueError, TypeError
        If there is no curve, or one is not made of N numbers over N.

    Examples
    --------
    >>> figure = curves({"loss": [4.0, 2.0, 1.0]}, x="epoch", y="loss", marks={"goal": 0.0})
    """
    lines = {name: _curve(name, line) for name, line in _named("curves", "lines", lines).items()}
    _check.choice("curves", "log", log, ("", "x", "y", "xy", True, False))
    ax = _axes(ax, title=title)
    for name, (across, up) in lines.items():
        ax.plot(across, np.where(np.isfinite(up), up, np.nan), label=name, marker="o" if len(up) == 1 else None)
    _log_axes(ax, log)
    ax.set(xlabel=x, ylabel=y)
    _mark(ax, marks, marks_x)
    if len(lines) > 1:
        ax.legend()
    return ax.figure


def bars(values, *, x="", y="", marks=None, horizontal=False, title="", ax=None):
    """Draw labelled bars, each with its value written at its end.

    Parameters
    ----------
    values : dict of str to float, or dict of str to dict of str to float
        Bars by label; or series by name, each with the same labels, drawn side by side.
    x, y : str
        What the axes measure; ``y`` belongs to the length of the bars, also when they lie.
    marks : dict of str to float, optional
        Dashed lines across the bars by name.
    horizontal : bool
        Lay the bars down: for long labels.
    title : str
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    Figure

    Raises
    ------
    ValueError, TypeError
        If there is no bar, a value is no finite number, or the series differ in their labels.

    Examples
    --------
    >>> figure = bars({"sigmoid": 0.91, "ReLU": 0.97}, y="test accuracy")
    """
    values = _named("bars", "values", values)
    series = values if isinstance(next(iter(values.values())), dict) else {"": values}
    labels = list(next(iter(series.values())))
    for name, one in series.items():
        if not isinstance(one, dict) or list(one) != labels:
            raise ValueError(f"bars: every series must have the labels {labels}, but {name!r} is {one!r:.60}")
        for label, value in one.items():
            _check.number("bars", **{f"values[{label!r}]": value})
    ax = _axes(ax, 0.8 + 0.35 * len(labels) * len(series) ** 0.5 if horizontal else 3.2, title)
    places, thick = np.arange(len(labels)), 0.8 / len(series)
    draw = ax.barh if horizontal else ax.bar
    for i, (name, one) in enumerate(series.items()):
        shift = (i - (len(series) - 1) / 2) * thick
        drawn = draw(places + shift, list(one.values()), thick * 0.95, label=name)
        ax.bar_label(drawn, [few_digits(float(value)) for value in one.values()], padding=2, fontsize=9)
    ax.margins(**{"x" if horizontal else "y": 0.12})
    if horizontal:
        ax.set_yticks(places, labels)
        ax.invert_yaxis()                                    # the first bar on top, as one reads
        ax.set(xlabel=y, ylabel=x)
        _mark(ax, None, marks)
    else:
        ax.set_xticks(places, labels)
        ax.set(xlabel=x, ylabel=y)
        _mark(ax, marks, None)
    ax.grid(visible=False, axis="y" if horizontal else "x")
    if len(series) > 1:
        ax.legend()
    return ax.figure


def histogram(values, *, bins=30, x="", y="count", log="", marks=None, title="", ax=None):
    """Draw how often values of each size occur.

    Parameters
    ----------
    values : array_like of any shape, or dict of str to array_like
        One set of numbers, or several by name, over common bins.
    bins : int
    x, y : str
        What the axes measure.
    log : {"", "x", "y", "xy"}
        Logarithmic axes; with "x" the bins are equally wide on the logarithmic axis.
    marks : dict of str to float, optional
        Vertical dashed lines by name.
    title : str
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    Figure

    Raises
    ------
    ValueError, TypeError
        If there is no number, one is not finite, or not positive on a logarithmic axis.

    Examples
    --------
    >>> figure = histogram({"errors": [1e-11, 2e-11, 5e-10]}, x="relative error", log="x")
    """
    groups = values if isinstance(values, dict) else {"": values}
    groups = {name: _check.array("histogram", name or "values", _array(group), (...,)).ravel()
              for name, group in _named("histogram", "values", groups).items()}
    _check.whole("histogram", bins=bins, at_least=1)
    _check.choice("histogram", "log", log, ("", "x", "y", "xy"))
    low = min((group.min() for group in groups.values() if group.size), default=None)
    if low is None:
        raise ValueError("histogram: values must hold at least one number, but is empty")
    high = max(group.max() for group in groups.values() if group.size)
    if "x" in log and low <= 0:
        raise ValueError(f"histogram: values must be positive on a logarithmic axis, but the smallest is {low:g}")
    if low == high:                                          # all equal: a bin round them
        low, high = (low / 2, low * 2) if "x" in log else (low - 0.5, low + 0.5)
    edges = np.geomspace(low, high, bins + 1) if "x" in log else np.linspace(low, high, bins + 1)
    ax = _axes(ax, title=title)
    for name, group in groups.items():
        ax.hist(group, edges, label=name, alpha=0.6 if len(groups) > 1 else 0.9, edgecolor="white", linestyle="-")
    _log_axes(ax, log)
    ax.set(xlabel=x, ylabel=y)
    _mark(ax, None, marks)
    if len(groups) > 1:
        ax.legend()
    return ax.figure


def heatmap(matrix, *, annotate=None, rows=None, columns=None, x="", y="", label="", limits=None, title="", ax=None):
    """Draw a matrix as coloured cells, the first row on top.

    Parameters
    ----------
    matrix : array_like, (N, M)
        If it has both signs, blue is negative, white 0 and red positive; else dark is small.
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
    two_signs = matrix.min() < 0
    if limits is None:
        largest = np.abs(matrix).max() or 1.0
        limits = (-largest, largest) if two_signs else (min(matrix.min(), 0.0), largest)
    height = float(np.clip(5 * len(matrix) / matrix.shape[1], 1.6, 5))
    ax = _axes(ax, height, title)
    image = ax.imshow(matrix, cmap="RdBu_r" if two_signs else "viridis", vmin=limits[0], vmax=limits[1],
                      interpolation="nearest")
    ax.figure.colorbar(image, ax=ax, label=label)
    ax.set(xlabel=x, ylabel=y)
    ax.grid(visible=False)
    ax.set_xticks(range(matrix.shape[1]), columns) if columns is not None else None
    ax.set_yticks(range(len(matrix)), rows) if rows is not None else None
    if annotate if annotate is not None else matrix.size <= 100:
        for (i, j), value in np.ndenumerate(matrix):
            red, green, blue = to_rgb(image.to_rgba(value)[:3])
            light = 0.299 * red + 0.587 * green + 0.114 * blue > 0.5
            ax.text(j, i, few_digits(value), ha="center", va="center", fontsize=9,
                    color="black" if light else "white")
    return ax.figure


# ---------------------------------------------------------------- points and pictures

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
    labels = np.zeros(len(X), int) if labels is None else _check.labels("scatter", "labels", labels, len(X))
    names = [f"class {k}" for k in range(labels.max() + 1)] if names is None else list(names)
    if len(names) <= labels.max():
        raise ValueError(f"scatter: names must be {labels.max() + 1} or more, but is {names!r:.60}")
    ax = _axes(ax, 4.2, title)
    with_legend = labels.any() or paths or arrows or lines
    _points(ax, X, labels, names if labels.any() else ["_data"])
    arrows = {name: _check.array("scatter", f"arrows[{name!r}]", end, (2,)) for name, end in (arrows or {}).items()}
    _frame(ax, np.concatenate([X, *(end[None] for end in arrows.values())]))
    colours = list(COLOURS.values())[labels.max() + 1:] + list(COLOURS.values())
    for (name, end), colour in zip(arrows.items(), colours):
        ax.annotate("", end, (0, 0), arrowprops={"arrowstyle": "-|>", "color": colour, "lw": 2.5}, zorder=5)
        ax.plot([], [], color=colour, linestyle="-", marker=">", label=name)
    colours = colours[len(arrows):]
    for (name, path), colour in zip((paths or {}).items(), colours):
        path = _check.array("scatter", f"paths[{name!r}]", _array(path), ("T", 2))
        ax.plot(*path.T, color=colour, linestyle="-", label=name, zorder=4)
        ax.plot(*path[0], "o", color=colour, markerfacecolor="white", zorder=4)
        ax.plot(*path[-1], "o", color=colour, zorder=4)
    for (name, (weights, bias)), colour in zip((lines or {}).items(), colours[len(paths or {}):]):
        weights = _check.array("scatter", f"lines[{name!r}]", weights, (2,)).astype(float)
        if weights.any():                                    # through the foot of the perpendicular, along the line
            foot = -bias * weights / (weights @ weights)
            ax.axline(foot, foot + [-weights[1], weights[0]], color=colour, linestyle="-", label=name, zorder=3)
    ax.set(xlabel=axes[0], ylabel=axes[1], aspect="equal")
    if with_legend:
        ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return ax.figure


def decision_regions(predict, X, y, *, names=None, resolution=200, axes=("$x_1$", "$x_2$"), title="", ax=None):
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
    ax = _axes(ax, 4.2, title)
    _frame(ax, X)
    across, up = np.linspace(*ax.get_xlim(), resolution), np.linspace(*ax.get_ylim(), resolution)
    points = np.stack(np.meshgrid(across, up), axis=-1).reshape(-1, 2)
    region = _array(predict(points.astype(X.dtype if X.dtype.kind == "f" else np.float32)))
    region = region.argmax(axis=1) if region.ndim == 2 and region.shape[1] > 1 else region
    region = _check.labels("decision_regions", "predict(points)", region, len(points))
    classes = max(region.max(), y.max()) + 1
    names = [f"class {k}" for k in range(classes)] if names is None else list(names)
    if len(names) < classes:
        raise ValueError(f"decision_regions: names must be {classes} or more, but is {names!r:.60}")
    colours = np.array([to_rgb(c) for c in COLOURS.values()])
    tint = 0.72 + 0.28 * colours                             # light enough for the points to stand out
    ax.imshow(tint[region % len(tint)].reshape(resolution, resolution, 3), origin="lower", aspect="equal",
              extent=(*ax.get_xlim(), *ax.get_ylim()), interpolation="nearest")
    _points(ax, X, y, names)
    ax.grid(visible=False)
    ax.set(xlabel=axes[0], ylabel=axes[1])
    ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0))
    return ax.figure


def image_grid(images, captions=None, columns=8, *, limits=None, cmap="gray_r"):
    """Draw small pictures in rows.

    Parameters
    ----------
    images : array_like, (N, H, W), (N, H, W, 3) or (N, D)
        Grey pictures, colour pictures (0 to 1), or flat square pictures of D pixels.
    captions : sequence, (N,), optional
        What to write above each.
    columns : int
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
        If the pictures have none of the shapes above, or the captions are not N.

    Examples
    --------
    >>> figure = image_grid(np.eye(64)[:8], captions=range(8))
    """
    images = _check.array("image_grid", "images", _array(images), (...,))
    _check.whole("image_grid", columns=columns, at_least=1)
    if images.ndim == 2 and math.isqrt(images.shape[1]) ** 2 == images.shape[1]:
        images = images.reshape(len(images), math.isqrt(images.shape[1]), -1)
    if not (images.ndim == 3 or images.ndim == 4 and images.shape[3] == 3) or images.size == 0:
        raise ValueError("image_grid: images must have shape (N, H, W), (N, H, W, 3) or (N, D) with D a square, "
                         f"but is {images.shape}")
    if captions is not None and len(captions) != len(images):
        raise ValueError(f"image_grid: captions must be {len(images)}, but are {len(captions)}")
    low, high = limits if limits is not None else (images.min(), images.max())
    columns = min(columns, len(images))
    rows = -(-len(images) // columns)
    side = min(WIDTH / columns, 1.6)
    fig = _figure(rows * (side * images.shape[1] / images.shape[2] + (0.22 if captions is not None else 0.04)),
                  width=max(side * columns, WIDTH))
    for i, ax in enumerate(fig.subplots(rows, columns, squeeze=False).flat):
        ax.set_axis_off()
        if i < len(images):
            ax.imshow(images[i], cmap=cmap, vmin=low, vmax=high, interpolation="nearest")
            if captions is not None:
                ax.set_title(str(captions[i]), fontsize=9, pad=2)
    return fig


# ---------------------------------------------------------------- functions and networks

def activation(function, derivative=None, *, low=-5.0, high=5.0):
    """Draw an activation function and its derivative; several make a gallery.

    Parameters
    ----------
    function : callable, str, or dict of str to callable
        An operation of :mod:`course_lib.functional` (or its name): its derivative comes from ``backward``.
        With ``derivative``, any function of an array. A dict draws one panel each.
    derivative : callable, optional
    low, high : float
        Where to begin and end.

    Returns
    -------
    Figure

    Raises
    ------
    ValueError, TypeError
        If the name is unknown or ``low`` is not below ``high``.

    Examples
    --------
    >>> figure = activation("sigmoid")
    >>> figure = activation(np.sin, np.cos)
    """
    _check.number("activation", low=low, below=high)
    if isinstance(function, str):
        function = {function: _operation(function)}
    elif not isinstance(function, dict):
        function = {getattr(function, "__name__", "f"): function}
    if derivative is not None and len(function) != 1:
        raise ValueError(f"activation: derivative must come with one function, but there are {len(function)}")
    x = np.linspace(low, high, 1001)                         # odd: 0 is among them

    def panel(f):
        value, slope = (f(x), derivative(x)) if derivative is not None else _with_slope(f, x)

        def draw(ax):
            ax.plot(x, value, label="$f(x)$")
            ax.plot(x, slope, "--", label="$f'(x)$")
            ax.set(xlabel="$x$", ylim=(max(ax.get_ylim()[0], -3), min(ax.get_ylim()[1], 3)))
            ax.axhline(0, color=GREY, linewidth=0.8)
            ax.axvline(0, color=GREY, linewidth=0.8)
            ax.legend(loc="upper left")
        return draw

    return side_by_side({name: panel(f) for name, f in function.items()}, columns=min(len(function), 3), height=2.4)


def _operation(name):
    from . import functional
    if not callable(getattr(functional, name, None)):
        there = ", ".join(n for n in dir(functional) if not n.startswith("_") and callable(getattr(functional, n)))
        raise ValueError(f"activation: function must be one of {there}, but is {name!r}")
    return getattr(functional, name)


def _with_slope(f, x):
    from .tensor import Tensor
    x = Tensor(x, requires_grad=True)
    value = f(x)
    value.sum().backward()
    return value.data, np.zeros_like(x.data) if x.grad is None else x.grad


def network(sizes, *, bias=True, names=None, title=None, ax=None):
    r"""Draw a fully connected network and count its parameters.

    :math:`\sum_l (n_l + 1)\,n_{l+1}`: a weight for every line, a bias for every unit after the inputs.

    Parameters
    ----------
    sizes : sequence of int
        Units in each layer, from the inputs to the outputs; two layers or more.
    bias : bool
        Count biases.
    names : sequence of str, optional
        Names of the layers.
    title : str, optional
        By default the count.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    Figure

    Raises
    ------
    ValueError, TypeError
        If there are fewer than two layers or a size is not a positive whole number.

    Examples
    --------
    >>> network([3, 25, 12]).axes[0].get_title()
    '3-25-12: 375 weights + 37 biases = 412 parameters'
    """
    sizes = list(sizes)
    if len(sizes) < 2:
        raise ValueError(f"network: sizes must be two layers or more, but is {sizes}")
    for size in sizes:
        _check.whole("network", sizes=size, at_least=1)
    if names is not None and len(names) != len(sizes):
        raise ValueError(f"network: names must be {len(sizes)}, but is {list(names)!r:.60}")
    names = names or ["inputs", *["hidden"] * (len(sizes) - 2), "outputs"]
    weights, biases = sum(a * b for a, b in zip(sizes, sizes[1:])), sum(sizes[1:])
    count = f"{weights:,} weights" + (f" + {biases:,} biases = {weights + biases:,} parameters" if bias else "")
    ax = _axes(ax, 3.6, "-".join(map(str, sizes)) + ": " + count if title is None else title)

    shown = 9                                                # more units than this: four, dots, four
    layers = []
    for k, size in enumerate(sizes):
        up = np.arange(min(size, shown))[::-1] - (min(size, shown) - 1) / 2
        layers.append(np.column_stack([np.full(len(up), float(k)), up])[np.arange(len(up)) != 4 if size > shown
                                                                        else slice(None)])
        if size > shown:
            ax.text(k, 0, "⋮", ha="center", va="center", fontsize=13)
        ax.text(k, -(shown + 1) / 2 - 0.15, f"{size}\n{names[k]}", ha="center", va="top")
    for left, right in zip(layers, layers[1:]):
        ax.add_collection(LineCollection([(a, b) for a in left for b in right], colors=GREY, linewidths=0.5, zorder=1))
    for k, layer in enumerate(layers):
        colour = COLOURS["sky" if k == 0 else "orange" if k < len(layers) - 1 else "green"]
        ax.scatter(*layer.T, s=130, color=colour, edgecolors="black", linewidths=0.8, zorder=2)
    ax.set(xlim=(-0.4, len(sizes) - 0.6), ylim=(-shown / 2 - 2.1, shown / 2 + 0.2))
    ax.set_axis_off()
    return ax.figure


_SYMBOLS = {"add": "+", "sub": "−", "mul": "×", "truediv": "÷", "matmul": "@", "pow": "power"}


def graph(tensor, *, names=None, title="", ax=None):
    """Draw how a tensor was computed: every operation with its value, and gradients where there are any.

    Parameters
    ----------
    tensor : Tensor
        The result. ``backward`` releases the graph as it walks it: draw before, or call
        ``backward(retain_graph=True)``, with ``retain_grad()`` on intermediate tensors to see their gradients.
    names : dict of str to Tensor, optional
        Names for some of the tensors.
    title : str
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    Figure

    Raises
    ------
    TypeError
        If ``tensor`` is no Tensor.
    ValueError
        If it was not computed from anything, or from more than 60 tensors.

    Examples
    --------
    >>> from course_lib import Tensor
    >>> x, w = Tensor(2.0), Tensor(0.5, requires_grad=True)
    >>> figure = graph((x * w - 0.8) ** 2, names={"x": x, "w": w})
    """
    if not hasattr(tensor, "_parents"):
        raise TypeError(f"graph: tensor must be a Tensor, but is {type(tensor).__name__}")
    if not tensor._parents:
        raise ValueError("graph: tensor must have been computed from others, but has no parents (a leaf, or the graph "
                         "was released: call backward(retain_graph=True))")
    layers, edges = _layers(tensor)
    names = {id(node): name for name, node in (names or {}).items()}
    tallest = max(len(layer) for layer in layers)
    if ax is None:
        ax = _figure(max(1.0 * tallest, 1.8), width=max(WIDTH, 1.05 * len(layers))).subplots()
    place = {key: (float(k), (len(layer) - 1) / 2 - i) for k, layer in enumerate(layers)
             for i, key in enumerate(layer)}
    for chain in edges:                                      # from parent to child, through the gaps between boxes
        for a, b in zip(chain, chain[1:]):
            ax.annotate("", place[b], place[a], zorder=1, arrowprops={
                "arrowstyle": "-|>" if b is chain[-1] else "-", "color": GREY, "lw": 1.2,
                "shrinkA": 0, "shrinkB": 24 if b is chain[-1] else 0})
    for layer in layers:
        for node in layer:
            if isinstance(node, tuple):                      # only a bend of a long edge
                continue
            _box(ax, node, place[node], names.get(id(node)))
    ax.set(xlim=(-0.5, len(layers) - 0.5), ylim=(-tallest / 2, tallest / 2), title=title)
    ax.set_axis_off()
    return ax.figure


def _box(ax, node, place, name):
    leaf, learns = not node._parents, getattr(node, "requires_grad", False)
    op = "" if leaf else getattr(node, "op", "")
    head = " = ".join(filter(None, [name, _SYMBOLS.get(op, op)])) or ("leaf" if learns else "constant")
    lines = [head, _brief(node.data)]
    if getattr(node, "grad", None) is not None:
        lines.append("∇ " + _brief(node.grad))
    colour = "#FBE3B5" if not leaf else "#CFE8F7" if learns else "#EEEEEE"
    ax.text(*place, "\n".join(lines), ha="center", va="center", fontsize=9, zorder=2, linespacing=1.3,
            bbox={"boxstyle": "round,pad=0.35", "facecolor": colour, "edgecolor": GREY})


def _brief(array):
    array = np.asarray(array)
    return few_digits(array.item()) if array.size == 1 else "×".join(map(str, array.shape))


def _layers(root):
    """Nodes in layers from the inputs to ``root``, and each edge as a chain with one stop per layer.

    A node stands one layer before the first that needs it; long edges get a stop, a tuple, in each layer
    they cross; the order within layers follows the mean place of the neighbours (Sugiyama et al. 1981).
    """
    order, stack, seen = [], [(root, False)], set()
    while stack:                                             # depth first, parents before children
        node, done = stack.pop()
        if done:
            order.append(node)
        elif id(node) not in seen:
            seen.add(id(node))
            stack.append((node, True))
            stack.extend((parent, False) for parent in reversed(node._parents))
        if len(seen) > 60:
            raise ValueError("graph: tensor must come from at most 60 tensors to be drawn, but there are more")
    depth = {id(root): 0}
    for node in reversed(order):
        for parent in node._parents:
            depth[id(parent)] = max(depth.get(id(parent), 0), depth[id(node)] + 1)
    last = max(depth.values())
    layers = [[node for node in order if depth[id(node)] == last - k] for k in range(last + 1)]
    edges = []
    for node in order:
        for i, parent in enumerate(node._parents):
            start, end = last - depth[id(parent)], last - depth[id(node)]
            stops = [(id(parent), id(node), i, k) for k in range(start + 1, end)]
            for stop in stops:
                layers[stop[-1]].append(stop)
            edges.append([parent, *stops, node])
    neighbours = {}
    for chain in edges:
        for a, b in zip(chain, chain[1:]):
            neighbours.setdefault(b, {}).setdefault("before", []).append(a)
            neighbours.setdefault(a, {}).setdefault("after", []).append(b)
    for _ in range(8):
        for side, sweep in (("before", layers), ("after", layers[::-1])):
            place = {}
            for layer in sweep:
                def mean(key, place=place, side=side, layer=layer):
                    others = [place[other] for other in neighbours.get(key, {}).get(side, ())]
                    return np.mean(others) if others else layer.index(key) - (len(layer) - 1) / 2
                layer[:] = sorted(list(layer), key=dict(zip(layer, map(mean, layer))).get)
                place.update({key: i - (len(layer) - 1) / 2 for i, key in enumerate(layer)})
    return layers, edges


def side_by_side(panels, *, columns=None, height=3.0):
    """Draw several figures of this module in one.

    Parameters
    ----------
    panels : dict of str to callable
        By title, functions that draw into the axes they are given.
    columns : int, optional
        By default up to three.
    height : float
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
            raise TypeError(f"side_by_side: panels[{title!r}] must be a function of axes, but is {draw!r:.60}")
    columns = min(3, len(panels)) if columns is None else columns
    _check.whole("side_by_side", columns=columns, at_least=1)
    rows = -(-len(panels) // columns)
    fig = _figure(rows * height)
    for ax in fig.subplots(rows, columns, squeeze=False).flat:
        ax.set_visible(False)
    for ax, (title, draw) in zip(list(fig.axes), panels.items()):
        ax.set_visible(True)
        draw(ax)
        ax.set_title(title)
    return fig


# ---------------------------------------------------------------- the code of the library

def source(item):
    '''Give the code of a function or class, its docstrings cut to their first sentence.

    Parameters
    ----------
    item : function, method or class

    Returns
    -------
    str

    Raises
    ------
    TypeError
        If it is not written in Python.

    Examples
    --------
    >>> print(source(_array))
    def _array(value):
        """The numbers of a Tensor, array or list."""
        return np.asarray(value.data if hasattr(value, "requires_grad") else value)
    '''
    try:
        code = textwrap.dedent(inspect.getsource(item))
    except (OSError, TypeError):
        raise TypeError(f"source: item must be a function or class written in Python, but is {item!r:.60}") from None
    lines = code.rstrip().split("\n")
    documented = [node for node in ast.walk(ast.parse(code))
                  if isinstance(node, (ast.FunctionDef, ast.ClassDef)) and ast.get_docstring(node)]
    for node in sorted(documented, key=lambda node: -node.lineno):          # from below: line numbers stay valid
        text, place = ast.get_docstring(node), node.body[0]
        first = text.split("\n\n")[0].replace("\n", " ")
        first = first.split(". ")[0].rstrip(".") + "."
        quote = lines[place.lineno - 1].lstrip()
        prefix = quote[:quote.index(quote.strip("rRuU")[0])]
        lines[place.lineno - 1:place.end_lineno] = [" " * place.col_offset + f'{prefix}"""{first}"""']
    return "\n".join(lines)


class _Code:
    def __init__(self, code):
        self.code = code

    def __repr__(self):
        return self.code

    def _repr_markdown_(self):
        fence = "```" if "```" not in self.code else "````"
        return f"{fence}python\n{self.code}\n{fence}"


def show(*items):
    """Display the code of functions and classes, as they are in the library today.

    Long docstrings are cut to their first sentence: ``help(item)`` has the rest.

    Parameters
    ----------
    *items : function, method or class

    Returns
    -------
    None

    Raises
    ------
    TypeError
        If an item is not written in Python.

    Examples
    --------
    >>> show(_array)                                                       # doctest: +ELLIPSIS
    def _array(value):
    ...
    """
    for code in [source(item) for item in items]:
        display(_Code(code))


# ---------------------------------------------------------------- shared parts

def _named(operation, argument, items):
    if not isinstance(items, dict) or not items:
        raise TypeError(f"{operation}: {argument} must be a dict of name and value, but is {items!r:.60}")
    return items


def _curve(name, line):
    if isinstance(line, tuple) and len(line) == 2 and np.ndim(_array(line[0])) == 1:
        across, up = map(_array, line)
    else:
        up = _array(line)
        across = np.arange(up.size)
    up = _check.array("curves", f"lines[{name!r}]", up, ("N",), finite=False)
    return _check.array("curves", f"x of lines[{name!r}]", across, (len(up),)), up


def _log_axes(ax, log):
    log = {True: "y", False: ""}.get(log, log)
    if "x" in log:
        ax.set_xscale("log")
    if "y" in log:
        ax.set_yscale("log")


def _mark(ax, across, up):
    for name, value in (across or {}).items():
        ax.axhline(value, color=GREY, linestyle="--", linewidth=1.2)
        ax.annotate(name, (1, value), (-3, 2), xycoords=("axes fraction", "data"), textcoords="offset points",
                    ha="right", va="bottom", color=GREY, fontsize=9)
    for name, value in (up or {}).items():
        ax.axvline(value, color=GREY, linestyle="--", linewidth=1.2)
        ax.annotate(name, (value, 1), (3, -3), xycoords=("data", "axes fraction"), textcoords="offset points",
                    ha="left", va="top", color=GREY, fontsize=9)


def _points(ax, X, labels, names):
    for k in np.unique(labels):
        ax.scatter(*X[labels == k].T, s=22, color=list(COLOURS.values())[k % 7], marker=MARKERS[k % 7],
                   edgecolors="white", linewidths=0.5, label=names[k], zorder=2)


def _frame(ax, X):
    """Limits a little wider than the points."""
    low, high = X.min(axis=0), X.max(axis=0)
    pad = 0.1 * np.maximum(high - low, (high - low).max() / 4 or 1.0)
    ax.set(xlim=(low[0] - pad[0], high[0] + pad[0]), ylim=(low[1] - pad[1], high[1] + pad[1]))
