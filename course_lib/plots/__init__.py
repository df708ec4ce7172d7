"""The figures of the book, one small function each, and :func:`show`, which prints the code of the library.

Importing this module gives every Matplotlib figure of the session the book's look (:data:`STYLE`): six
inches wide, nothing smaller than 10 points, white (the site inverts it in dark mode), and colours that
colour-blind readers can tell apart. Functions return the figure; a notebook shows it once, whether the call
is the last line of a cell, ends in a semicolon or stands in the middle. Pass ``ax`` to draw into axes you
have.

Colours: Okabe, M. & Ito, K. (2008). Color universal design.
"""
from .._source import show, source
from .diagrams import activation, graph, network
from .numbers import bars, curves, histogram
from .pictures import heatmap, image_grid, side_by_side
from .planes import decision_regions, scatter, surface
from .style import COLOURS, DIVERGING, DPI, GREY, INK, MARKERS, STYLE, WIDTH, Figure

__all__ = ["activation", "bars", "curves", "decision_regions", "graph", "heatmap", "histogram", "image_grid",
           "network", "scatter", "show", "side_by_side", "source", "surface"]
