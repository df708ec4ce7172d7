"""Numbers along an axis: curves, bars, histograms."""
import numpy as np

from .. import _check
from .style import GREY, INK, _array, _axes, _digits, _named


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
    return _finished(ax, x, y, log, marks, marks_x, legend=len(lines) > 1)


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
        Lay the bars down: for long labels. The legend then stands above; in axes of your own it is for you to draw.
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
    own = ax is None
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
    if len(series) > 1 and not horizontal:
        ax.legend()
    elif len(series) > 1 and own:                            # lying bars leave no corner free
        ax.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=len(series))
        ax.set_title(title, pad=30)
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
    return _finished(ax, x, y, log, None, marks, legend=len(groups) > 1)


def _curve(name, line):
    if isinstance(line, tuple) and len(line) == 2 and np.ndim(_array(line[0])) == 1:
        across, up = map(_array, line)
    else:
        up = _array(line)
        across = np.arange(up.size)
    up = _check.array("curves", f"lines[{name!r}]", up, ("N",), finite=False)
    return _check.array("curves", f"x of lines[{name!r}]", across, (len(up),)), up


def _finished(ax, x, y, log, across, up, legend):
    log = {True: "y", False: ""}.get(log, log)
    if "x" in log:
        ax.set_xscale("log")
    if "y" in log:
        ax.set_yscale("log")
    ax.set(xlabel=x, ylabel=y)
    _mark(ax, across, up)
    if legend:
        ax.legend()
    return ax.figure


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
