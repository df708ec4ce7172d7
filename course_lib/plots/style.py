"""The look of every figure, and the parts that figures share."""
import io

import matplotlib.figure
import numpy as np
from cycler import cycler
from IPython import get_ipython
from IPython.display import display
from matplotlib.colors import LinearSegmentedColormap

from ..claims import few_digits

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


def _named(operation, argument, items):
    if not isinstance(items, dict) or not items:
        raise TypeError(f"{operation}: {argument} must be a dict of name and value, but is {items!r:.60}")
    return items


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
