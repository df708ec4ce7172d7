"""The figures of the book, one small function each, and :func:`show`, which prints the code of the library.

Importing this module gives every Matplotlib figure of the session the book's look (:data:`STYLE`): six
inches wide, nothing smaller than 10 points, white (the site inverts it in dark mode), and colours that
colour-blind readers can tell apart. Functions return the figure; a notebook shows it once, whether the call
is the last line of a cell, ends in a semicolon or stands in the middle. Pass ``ax`` to draw into axes you
have.

Colours: Okabe, M. & Ito, K. (2008). Color universal design.
"""
import io
import math
import textwrap

import matplotlib
import matplotlib.figure
import numpy as np
from cycler import cycler
from IPython import get_ipython
from IPython.display import display
from matplotlib.collections import LineCollection
from matplotlib.colors import LinearSegmentedColormap, to_rgb
from matplotlib.patches import FancyBboxPatch
from matplotlib.ticker import MaxNLocator

from . import _check
from ._layout import layered
from ._source import show, source
from .claims import few_digits

__all__ = ["activation", "bars", "curves", "decision_regions", "graph", "heatmap", "histogram", "image_grid",
           "network", "scatter", "show", "side_by_side", "source", "surface"]

COLOURS = {"blue": "#0072B2", "vermillion": "#D55E00", "green": "#009E73", "orange": "#E69F00",
           "purple": "#CC79A7", "sky": "#56B4E9", "black": "#000000"}
GREY, INK = "#666666", "#333333"
DIVERGING = LinearSegmentedColormap.from_list(
    "diverging", [COLOURS["vermillion"], "#F7F7F7", COLOURS["blue"]])
MARKERS = "os^DvP*"
WIDTH, DPI = 6.0, 150                                        # inches; dots per inch

STYLE = {
    "figure.figsize": (WIDTH, 3.2), "figure.constrained_layout.use": True,
    "figure.dpi": DPI, "savefig.dpi": DPI,
    "figure.facecolor": "white", "savefig.facecolor": "white", "axes.facecolor": "white",
    "font.size": 11, "axes.titlesize": 11, "axes.labelsize": 11, "legend.fontsize": 10,
    "xtick.labelsize": 10, "ytick.labelsize": 10,
    "axes.spines.top": False, "axes.spines.right": False, "axes.grid": True, "axes.axisbelow": True,
    "grid.color": "#DDDDDD", "grid.linewidth": 0.6, "lines.linewidth": 1.8, "legend.frameon": True,
    "legend.framealpha": 0.8, "legend.edgecolor": "none", "image.cmap": "viridis",
    # All colours with full lines first, then all with dashes: seven curves differ by colour, more by both.
    "axes.prop_cycle": cycler(linestyle=["-", "--", ":"]) * cycler(color=list(COLOURS.values())),
}
matplotlib.rcParams.update(STYLE)


class Figure(matplotlib.figure.Figure):
    """A Matplotlib figure that a notebook shows once: where a cell returns it, else when the cell ends."""
    _waiting = []

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        if getattr(get_ipython(), "kernel", None) is not None:
            get_ipython().events.register("post_execute", Figure._show_waiting)     # once, however often
            self._waiting.append(self)

    @classmethod
    def _show_waiting(cls):
        for figure in list(cls._waiting):
            display(figure)

    def _ipython_display_(self):
        if self in self._waiting:
            self._waiting.remove(self)
        png = io.BytesIO()
        self.savefig(png, format="png", metadata={"Software": None})
        display({"image/png": png.getvalue(), "text/plain": "<Figure>"}, raw=True,     # no size: it may change
                metadata={"image/png": {"width": round(100 * self.get_figwidth())}})


def _figure(height, width=WIDTH):
    return Figure(figsize=(width, height), layout="compressed")      # constrained, and right for equal scales


def _axes(ax, height=3.2, title=""):
    ax = _figure(height).subplots() if ax is None else ax
    if title:
        ax.set_title(title)
    return ax


def _digits(value):
    return few_digits(value).replace("-", "−")              # as Matplotlib writes it


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
        ax.plot(across, np.where(np.isfinite(up), up, np.nan), label=name, marker="o" if len(up) == 1 else "")
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
        ax.bar_label(drawn, [_digits(float(value)) for value in one.values()], padding=2, fontsize=10)
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
        raise ValueError(f"histogram: values must be positive on a logarithmic axis, "
                         f"but the smallest is {low:g}")
    if low == high:                                          # all equal: a bin round them
        low, high = (low / 2, low * 2) if "x" in log else (low - 0.5, low + 0.5)
    edges = np.geomspace(low, high, bins + 1) if "x" in log else np.linspace(low, high, bins + 1)
    ax = _axes(ax, title=title)
    for name, group in groups.items():
        ax.hist(group, edges, label=name, alpha=0.6 if len(groups) > 1 else 0.9, edgecolor="white",
                linestyle="-")
    _log_axes(ax, log)
    ax.set(xlabel=x, ylabel=y)
    _mark(ax, None, marks)
    if len(groups) > 1:
        ax.legend()
    return ax.figure


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
        raise ValueError("image_grid: images must have shape (N, H, W), (N, H, W, 3) or (N, D) with D a "
                         f"square, but is {images.shape}")
    if captions is not None and len(captions) != len(images):
        raise ValueError(f"image_grid: captions must be {len(images)}, but are {len(captions)}")
    low, high = limits if limits is not None else (images.min(), images.max())
    columns = min(columns, len(images))
    rows = -(-len(images) // columns)
    side = min(WIDTH / columns, 1.6)
    caption = 0.22 if captions is not None else 0.04
    fig = _figure(rows * (side * images.shape[1] / images.shape[2] + caption))
    for i, ax in enumerate(fig.subplots(rows, columns, squeeze=False).flat):
        ax.set_axis_off()
        if i < len(images):
            ax.imshow(images[i], cmap=cmap, vmin=low, vmax=high, interpolation="nearest")
            if captions is not None:
                ax.set_title(str(captions[i]), fontsize=10, pad=2)
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

        def draw(*, ax):
            ax.plot(x, value, label="$f(x)$")
            ax.plot(x, slope, "--", label="$f'(x)$")
            ax.set(xlabel="$x$", ylim=(max(ax.get_ylim()[0], -3), min(ax.get_ylim()[1], 3)))
            ax.axhline(0, color=GREY, linewidth=0.8)
            ax.axvline(0, color=GREY, linewidth=0.8)
        return draw

    return side_by_side({name: panel(f) for name, f in function.items()})


def _operation(name):
    from . import functional
    if not callable(getattr(functional, name, None)):
        there = ", ".join(n for n in dir(functional) if n[0] != "_" and callable(getattr(functional, n)))
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
    count = f"{weights:,} weights"
    if bias:
        count += f" + {biases:,} biases = {weights + biases:,} parameters"
    shown = 9                                                # of a larger layer: four units, dots, four units
    tallest = min(max(sizes), shown)
    ax = _axes(ax, 0.3 * tallest + 0.9, "-".join(map(str, sizes)) + ": " + count if title is None else title)
    for k, (size, name) in enumerate(zip(sizes, names)):
        ax.text(k, -tallest / 2 - 0.1, f"{size}\n{name}", ha="center", va="top")
        if size > shown:
            ax.text(k, 0, "⋮", ha="center", va="center", fontsize=13)
    layers = [np.array([(k, up) for up in _heights(size, shown)]) for k, size in enumerate(sizes)]
    for left, right in zip(layers, layers[1:]):
        ax.add_collection(LineCollection([(a, b) for a in left for b in right], colors=GREY, linewidths=0.5,
                                         zorder=1))
    for k, layer in enumerate(layers):
        colour = COLOURS["sky" if k == 0 else "orange" if k < len(layers) - 1 else "green"]
        ax.scatter(*layer.T, s=130, color=colour, edgecolors="black", linewidths=0.8, zorder=2)
    ax.set(xlim=(-0.4, len(sizes) - 0.6), ylim=(-tallest / 2 - 1.7, tallest / 2))
    ax.set_axis_off()
    return ax.figure


def _heights(size, shown):
    """Where the units of a layer stand; of a tall layer all but the middle of ``shown`` places."""
    count = min(size, shown)
    return [count // 2 - i if count % 2 else (count - 1) / 2 - i for i in range(count)
            if size <= shown or i != shown // 2]


_SYMBOLS = {"add": "+", "sub": "−", "mul": "×", "truediv": "÷", "matmul": "@", "pow": "power"}


def graph(tensor, *, names=None, title="", ax=None):
    """Draw how a tensor was computed: every operation with its value, and gradients where there are any.

    Parameters
    ----------
    tensor : Tensor
        The result. ``backward`` releases the graph as it walks it: draw before, or call
        ``backward(retain_graph=True)``, with ``retain_grad()`` on the intermediate tensors whose gradients
        are to be seen.
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
        raise ValueError("graph: tensor must have been computed from others, but has no parents (a leaf, or "
                         "backward released the graph: call backward(retain_graph=True))")
    layers, edges = layered(tensor)
    names = {id(node): name for name, node in (names or {}).items()}
    boxes = {node: _inscription(node, names.get(id(node))) for layer in layers for node in layer
             if not isinstance(node, tuple)}
    letters = max(len(line) for lines in boxes.values() for line in lines)
    width, height = 0.08 * letters + 0.12, 0.2 * max(map(len, boxes.values())) + 0.12          # inches
    place = {node: (k * (width + 0.22), -(i - (len(layer) - 1) / 2) * (height + 0.25))
             for k, layer in enumerate(layers) for i, node in enumerate(layer)}
    right, top = (len(layers) - 1) * (width + 0.22), (max(map(len, layers)) - 1) / 2 * (height + 0.25)
    size = (right + width + 0.2, 2 * top + height + 0.2)
    if ax is None:
        ax = _figure(size[1] + (0.25 if title else 0.0), width=max(WIDTH, size[0])).subplots()

    for node, lines in boxes.items():
        x, y = place[node]
        colour = "#FBE3B5" if node._parents else "#CFE8F7" if node.requires_grad else "#EEEEEE"
        ax.add_patch(FancyBboxPatch((x - width / 2, y - height / 2), width, height, facecolor=colour,
                                    edgecolor=GREY, boxstyle="round,pad=0,rounding_size=0.06", zorder=2))
        ax.text(x, y, "\n".join(lines), ha="center", va="center", fontsize=10, linespacing=1.3, zorder=3)
    entering = {node: [chain[-2] for chain in edges if chain[-1] is node] for node in boxes}
    used = {}
    for chain in sorted(edges, key=lambda chain: -place[chain[-2]][1]):
        child, count = chain[-1], len(entering[chain[-1]])
        used[child] = used.get(child, -1) + 1                # edges enter from top to bottom, side by side
        port = height * 0.6 * (0.5 - (used[child] + 0.5) / count) if count > 1 else 0.0
        way = [(place[chain[0]][0] + width / 2, place[chain[0]][1]), *(place[stop] for stop in chain[1:-1]),
               (place[child][0] - width / 2, place[child][1] + port)]
        ax.plot(*np.transpose(way[:-1]), color=GREY, linestyle="-", linewidth=1.2, zorder=1)
        ax.annotate("", way[-1], way[-2], arrowprops={"arrowstyle": "-|>", "color": GREY, "lw": 1.2,
                                                      "shrinkA": 0, "shrinkB": 0}, zorder=1)
    middle, half = right / 2, max(size[0], WIDTH) / 2
    ax.set(xlim=(middle - half, middle + half), ylim=(-size[1] / 2, size[1] / 2), title=title, aspect="equal")
    ax.set_axis_off()
    return ax.figure


def _inscription(node, name):
    """The lines in a node's box: what it is, its value, its gradient."""
    op = getattr(node, "op", "").replace("_", " ") if node._parents else ""
    op = _SYMBOLS.get(op, op)
    lines = textwrap.wrap(f"{name} = {op}" if name and op else name or op, 10) or \
        ["leaf" if node.requires_grad else "constant"]
    gradient = [] if getattr(node, "grad", None) is None else ["∇ " + _brief(node.grad)]
    return [*lines, _brief(node.data), *gradient]


def _brief(array):
    array = np.asarray(array)
    return _digits(array.item()) if array.size == 1 else "×".join(map(str, array.shape))


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
    paper = {"facecolor": "white", "edgecolor": "none", "alpha": 0.8, "pad": 1.5}
    for name, value in (across or {}).items():
        ax.axhline(value, color=GREY, linestyle="--", linewidth=1.2)
        ax.annotate(name, (1, value), (-3, 3), xycoords=("axes fraction", "data"), textcoords="offset points",
                    ha="right", va="bottom", color=INK, fontsize=10, bbox=paper)
    for name, value in (up or {}).items():
        ax.axvline(value, color=GREY, linestyle="--", linewidth=1.2)
        ax.annotate(name, (value, 1), (4, -3), xycoords=("data", "axes fraction"), textcoords="offset points",
                    ha="left", va="top", color=INK, fontsize=10, bbox=paper)


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


def _legend_below(figure):
    """One legend for all axes that have none of their own: beside points there is no free corner."""
    handles = {}
    for ax in figure.axes:
        if ax.get_legend() is None:
            handles.update(zip(*reversed(ax.get_legend_handles_labels())))
    if handles:
        figure.legend(handles.values(), handles.keys(), loc="outside lower center",
                      ncols=min(len(handles), 4))
    return figure
