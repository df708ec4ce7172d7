"""What an explorer shows: lines, bars, images, scatter plots and diagrams.

A panel says what to draw, never how: ``explorer.js`` draws it on a page, ``picture.py`` in the stored picture.
An argument that stands for data is the key of a result (a string) or a constant array. Panels check their
arguments when they are made, and every result's shapes when it arrives.
"""

from __future__ import annotations

import hashlib

import numpy as np

from .limits import box, common, roomy


class Panel:
    """What the five kinds share: references to data, checks of shapes, limits of axes."""

    def __init__(self, **spec):
        self.kind = type(self).__name__
        self.spec = {"kind": self.kind.lower(), **spec}
        self.constants = {}  # made-up key -> constant data
        self.needs = {}      # key -> (argument, allowed shapes or None for strings)
        self.bits = {}       # key -> width of its codes, where not 16
        for name in ("title", "x", "y"):
            if not isinstance(spec.get(name, ""), str):
                raise TypeError(f"{self.kind}: {name} must be a string, but is {spec[name]!r}")

    def data(self, argument, value, *shapes, bits=16):
        """Register a piece of data and return the key under which it will be found; None stays None."""
        if value is None:
            return None
        key = value
        if not isinstance(value, str):
            if shapes:
                value = self._array(argument, value)
                content = repr(value.shape).encode() + value.tobytes()
            else:
                value = self._strings(argument, value)
                content = repr(value).encode()
            key = (
                "=" + hashlib.sha1(content).hexdigest()[:10]
            )  # the same constant gets the same key everywhere
            self.constants[key] = value
        self.needs[key] = (argument, shapes)
        if bits != 16:
            self.bits[key] = bits
        if key in self.constants:
            self._check_shape(key, value)
        return key

    def named(self, argument, values, *shapes):
        """Register series: keys, arrays, or pairs (label, key or array). Return ``[{"label", "key"}, …]``."""
        out = []
        for value in values:
            label = value if isinstance(value, str) else ""
            if isinstance(value, tuple) and len(value) == 2 and isinstance(value[0], str):
                label, value = value
            out.append({"label": label, "key": self.data(argument, value, *shapes)})
        return out

    def check(self, result, whole=True):
        """Check the shapes of a result. A run that diverged is not whole: its keys may be missing."""
        for key, (argument, shapes) in self.needs.items():
            if key in self.constants:
                continue
            if key in result:
                if shapes and isinstance(result[key], (str, list)):
                    raise ValueError(
                        f"{self.kind}: {argument} {key!r} must be numbers, but is {result[key]!r}"
                    )
                self._check_shape(key, result[key])
            elif whole:
                raise ValueError(f"{self.kind}: {argument} refers to {key!r}, but the run returned "
                                 f"{', '.join(map(repr, result)) or 'nothing'}")
        self.check_together({**self.constants, **result})

    def check_together(self, cell):
        """Check what has to agree between several pieces of data."""

    def limits(self, cells):
        """Return the limits of the axes that suit all the given cells."""
        return {}

    def get(self, cell, key):
        """The data behind a key, or None where a run has none."""
        return self.constants.get(key, cell.get(key)) if key else None

    def _array(self, argument, value):
        try:
            return np.array(value, float)
        except (TypeError, ValueError):
            raise TypeError(f"{self.kind}: {argument} must be a key (a string) or an array of numbers, "
                            f"but is {type(value).__name__}") from None

    def _strings(self, argument, value):
        if isinstance(value, (list, tuple)) and all(isinstance(item, str) for item in value):
            return list(value)
        raise TypeError(f"{self.kind}: {argument} must be a key or a list of strings, but is {value!r}")

    def _check_shape(self, key, value):
        argument, shapes = self.needs[key]
        if not shapes:
            if not isinstance(value, list):
                raise ValueError(
                    f"{self.kind}: {argument} {key!r} must be a list of strings, but is {value!r}"
                )
            return
        shape = np.shape(value)
        for wanted in shapes:
            if len(wanted) == len(shape) and all(a == b for a, b in zip(wanted, shape) if isinstance(a, int)):
                return
        expected = " or ".join(
            "(" + ", ".join(map(str, w)) + ("," if len(w) == 1 else "") + ")" for w in shapes
        )
        name = "" if key in self.constants else f" {key!r}"
        raise ValueError(f"{self.kind}: {argument}{name} must have shape {expected}, but is {shape}")

    def _option(self, argument, value, allowed):
        if value not in allowed:
            raise ValueError(
                f"{self.kind}: {argument} must be one of {', '.join(map(repr, allowed))}, but is {value!r}"
            )
        return value

    def _interval(self, argument, value, count=2):
        """Check (low, high), or for an extent (left, right, bottom, top)."""
        if value is None:
            return None
        value = [float(v) for v in value]
        if len(value) != count or not all(np.isfinite(value)) or any(
                low >= high for low, high in zip(value[::2], value[1::2])):
            expected = "(low, high)" if count == 2 else "(left, right, bottom, top)"
            raise ValueError(
                f"{self.kind}: {argument} must be {expected}, finite and increasing, but is {tuple(value)}"
            )
        return value

    def _agree(self, cell, first, second, what):
        """Check that two pieces of data have equally many entries."""
        a, b = self.get(cell, first), self.get(cell, second)
        if a is not None and b is not None and len(a) != len(b):
            raise ValueError(f"{self.kind}: {what} must be equally many, but are {len(a)} and {len(b)}")


class Lines(Panel):
    """Curves.

    Parameters
    ----------
    *series : str, array or (label, str or array)
        Each of shape (n,), drawn over first, first + 1, …; or (2, n), drawn as x and y. NaN leaves a gap.
    x, y, title : str
        Names of the axes, with their unit, and of the panel.
    log, log_x : bool
        Logarithmic y or x axis.
    xlim, ylim : (low, high), optional
        Limits of the axes; by default they suit all runs, and one exploding run does not flatten the others.
    first : number
        Place of a series' first value.
    points : sequence of str, array or (label, str or array)
        The same, drawn as dots.
    marks, vmarks : dict of str to number or key
        Horizontal and vertical lines with their labels.

    Examples
    --------
    >>> Lines("train loss", "test loss", x="epoch", y="loss", log=True, marks={"chance": 2.3}).kind
    'Lines'
    """

    def __init__(self, *series, x="", y="", title="", log=False, log_x=False, xlim=None, ylim=None, first=1,
                 points=(), marks=None, vmarks=None):
        super().__init__(x=x, y=y, title=title, log=bool(log), logX=bool(log_x), first=first)
        curve = (("n",), (2, "n"))
        if isinstance(points, str):
            points = (points,)
        if not series and not len(points):
            raise ValueError("Lines: at least one series or points must be given, but there is none")
        self.spec["series"] = self.named("a series", series, *curve)
        self.spec["points"] = self.named("points", points, *curve)
        for name, given in (("marks", marks), ("vmarks", vmarks)):
            if given is not None and not isinstance(given, dict):
                raise TypeError(f"Lines: {name} must be a dict from label to value or key, but is {given!r}")
            self.spec[name] = [{"label": label, "key": self.data(name, value, ())} for label, value in
                               (given or {}).items()]
        self.xlim, self.ylim = self._interval("xlim", xlim), self._interval("ylim", ylim)
        for name, limits, logarithmic in (("xlim", self.xlim, log_x), ("ylim", self.ylim, log)):
            if limits and logarithmic and limits[0] <= 0:
                raise ValueError(
                    f"Lines: {name} must be positive on a logarithmic axis, but is {tuple(limits)}"
                )

    def curve(self, cell, key):
        """The x and y of a series."""
        values = self.get(cell, key)
        if values is None:
            return np.zeros(0), np.zeros(0)
        return values if values.ndim == 2 else (self.spec["first"] + np.arange(len(values)), values)

    def limits(self, cells):
        xs, ys = [], []
        for cell in cells:
            curves = [self.curve(cell, s["key"]) for s in self.spec["series"] + self.spec["points"]]
            marks, vmarks = ([v for m in self.spec[name] if (v := self.get(cell, m["key"])) is not None]
                             for name in ("marks", "vmarks"))
            xs.append(np.concatenate([x for x, _ in curves] + [np.ravel(v) for v in vmarks]))
            ys.append(np.concatenate([y for _, y in curves] + [np.ravel(v) for v in marks]))
        return {"x": self.xlim or common(xs, log=self.spec["logX"]),
                "y": self.ylim or roomy(common(ys, log=self.spec["log"]), self.spec["log"])}


class Bars(Panel):
    """Grouped bars, or a histogram.

    Parameters
    ----------
    *series : str, array or (label, str or array)
        Heights, shape (n,).
    labels : list of str, str or array
        Names of the n groups; or n + 1 numbers, the edges of a histogram's bins.
    x, y, title, ylim, log
        As in :class:`Lines`.

    Examples
    --------
    >>> Bars("error", labels=["train", "test"], y="error (%)").kind
    'Bars'
    """

    def __init__(self, *series, labels=None, x="", y="", title="", ylim=None, log=False):
        super().__init__(x=x, y=y, title=title, log=bool(log))
        if not series:
            raise ValueError("Bars: at least one series must be given, but there is none")
        if labels is None:
            raise ValueError("Bars: labels must be given: the groups' names, or the edges of the bins")
        self.spec["series"] = self.named("a series", series, ("n",))
        names = isinstance(labels, (list, tuple)) and any(isinstance(label, str) for label in labels)
        if isinstance(labels, str):  # which of the two it is, the result says
            self.spec["labels"], self.needs[labels] = labels, ("labels", None)
        else:
            self.spec["labels"] = self.data("labels", labels, *([] if names else [("n+1",)]))
        self.ylim = self._interval("ylim", ylim)
        if self.ylim and log and self.ylim[0] <= 0:
            raise ValueError(f"Bars: ylim must be positive on a logarithmic axis, but is {tuple(self.ylim)}")

    def _check_shape(self, key, value):
        if self.needs[key][1] is not None:
            super()._check_shape(key, value)
        elif not isinstance(value, list) and np.ndim(value) != 1:
            raise ValueError(
                f"Bars: labels {key!r} must be a list of strings or (n+1,) edges, but is {value!r}"
            )

    def check_together(self, cell):
        labels = self.get(cell, self.spec["labels"])
        if labels is None:
            return
        count, what = (len(labels), "labels") if isinstance(labels, list) else (len(labels) - 1, "bins")
        for series in self.spec["series"]:
            values = self.get(cell, series["key"])
            if values is not None and len(values) != count:
                raise ValueError(
                    f"Bars: {series['label']!r} must have one value for each of the {count} {what}, "
                    f"but has {len(values)}"
                )

    def limits(self, cells):
        ys = [np.concatenate([v for s in self.spec["series"] if (v := self.get(cell, s["key"])) is not None]
                             or [np.zeros(0)]) for cell in cells]
        if not self.spec["log"]:
            ys = [np.append(y, 0.0) for y in ys]
        edges = [e for cell in cells if isinstance(e := self.get(cell, self.spec["labels"]), np.ndarray)]
        return {"x": common(edges) if edges else None,
                "y": self.ylim or roomy(common(ys, log=self.spec["log"]), self.spec["log"])}


class Image(Panel):
    """A picture or heat map of shape (H, W), or n of them, (n, H, W), beside each other.

    Parameters
    ----------
    key : str or array
        The values. Row 0 is at the top; with an extent it is at the lowest y.
    colors : {"sequential", "diverging", "gray"}
        Diverging colours are centred at 0; gray runs from black (low) to white (high).
    limits : (low, high), optional
        Values of the first and last colour; by default they suit all runs.
    extent : (left, right, bottom, top), optional
        Draw axes in these units.
    annotate : bool
        Write the values into the cells.
    colorbar : bool
        Show what the colours mean.
    captions : list of str or key, optional
        One per picture.
    columns : int, optional
        Pictures in a row.
    x_labels, y_labels : list of str or key, optional
        Names of the columns and rows.

    Examples
    --------
    >>> Image("weights", title="First layer", colors="diverging", columns=4).kind
    'Image'
    """

    def __init__(
        self,
        key,
        title="",
        x="",
        y="",
        colors="sequential",
        limits=None,
        extent=None,
        annotate=False,
        colorbar=True,
        captions=None,
        columns=None,
        x_labels=None,
        y_labels=None,
    ):
        super().__init__(title=title, x=x, y=y, annotate=bool(annotate), colorbar=bool(colorbar))
        self.spec["colors"] = self._option("colors", colors, ("sequential", "diverging", "gray"))
        self.spec["image"] = self.data(
            "the image", key, ("H", "W"), ("n", "H", "W"), bits=16 if annotate else 8
        )
        self.spec["extent"] = self._interval("extent", extent, 4)
        self.spec["captions"] = self.data("captions", captions)
        self.spec["xLabels"], self.spec["yLabels"] = (
            self.data("x_labels", x_labels),
            self.data("y_labels", y_labels),
        )
        if columns is not None and (not isinstance(columns, int) or columns < 1):
            raise ValueError(f"Image: columns must be a whole number above 0, but is {columns!r}")
        self.spec["columns"] = columns
        self.colour_limits = self._interval("limits", limits)

    def check_together(self, cell):
        image = self.get(cell, self.spec["image"])
        if image is None:
            return
        captions = self.get(cell, self.spec["captions"])
        count = len(image) if image.ndim == 3 else 1
        if captions is not None and len(captions) != count:
            raise ValueError(
                f"Image: captions must be one for each of the {count} pictures, but are {len(captions)}"
            )
        for name, size in (("xLabels", image.shape[-1]), ("yLabels", image.shape[-2])):
            labels = self.get(cell, self.spec[name])
            if labels is not None and len(labels) != size:
                raise ValueError(f"Image: {name[0]}_labels must be {size}, as the image is {image.shape}, "
                                 f"but are {len(labels)}")

    def limits(self, cells):
        values = [np.ravel(v) for cell in cells if (v := self.get(cell, self.spec["image"])) is not None]
        low, high = self.colour_limits or common(values)
        if self.spec["colors"] == "diverging" and not self.colour_limits:
            high = max(abs(low), abs(high))
            low = -high
        return {"v": [low, high]}


class Scatter(Panel):
    """Points of the plane, the regions a classifier makes of it, paths, and a surface's level lines.

    Parameters
    ----------
    points : str or array, shape (N, 2), optional
    classes : str or array, shape (N,), optional
        Class 0, 1, … of each point: gives colour and shape.
    region : str or array, shape (H, W), optional
        For two classes the probability of class 1, for more the index of the class. Row 0 is the lowest y.
        :func:`~course_lib.explorer.region_grid` gives the places where it is to be computed.
    extent : (left, right, bottom, top), optional
        Limits of the axes, and corners of the region; by default those of
        :func:`~course_lib.explorer.region_grid`.
    paths : sequence of str, array or (label, str or array), shapes (2, n)
        Drawn over the points: a decision line, the way of the weights. Several have colours, if the points have none.
    arrows : bool
        Whether paths end in an arrow head.
    levels : str or array, shape (2, n), optional
        Thin lines under the points: :func:`~course_lib.explorer.level_lines` of a surface.

    Examples
    --------
    >>> Scatter(np.zeros((5, 2)) + np.arange(5)[:, None], classes=[0, 0, 1, 1, 1], region="region").kind
    'Scatter'
    """

    def __init__(self, points=None, classes=None, region=None, extent=None, paths=(), x="", y="", title="",
                 arrows=False, levels=None):
        super().__init__(x=x, y=y, title=title, arrows=bool(arrows))
        paths = (paths,) if isinstance(paths, str) else paths
        self.spec["scatter"] = self.data("points", points, ("N", 2))
        self.spec["classes"] = self.data("classes", classes, ("N",))
        self.spec["region"] = self.data("region", region, ("H", "W"), bits=8)
        self.spec["levels"] = self.data("levels", levels, (2, "n"))
        self.spec["paths"] = self.named("paths", paths, (2, "n"))
        self.extent = self._interval("extent", extent, 4)
        if points is None and not len(paths):
            raise ValueError("Scatter: points or paths must be given, but there is neither")
        if points is None and extent is None:
            raise ValueError("Scatter: extent must be given when there are no points")
        if region is not None and extent is None and isinstance(points, str):
            raise ValueError("Scatter: extent must be given with a region when the points are a result, "
                             "else nobody knows where the region lies")

    def check_together(self, cell):
        self._agree(cell, self.spec["scatter"], self.spec["classes"], "points and classes")

    def limits(self, cells):
        extent = self.extent
        if not extent:
            points = [v for cell in cells if (v := self.get(cell, self.spec["scatter"])) is not None]
            extent = box(np.concatenate(points)) if points else [0, 1, 0, 1]
        return {"x": list(extent[:2]), "y": list(extent[2:])}


class Diagram(Panel):
    """Nodes and edges: networks, computational graphs, timelines.

    Parameters
    ----------
    nodes : str or array, shape (n, 2)
        Places; y points up.
    edges : str or array, shape (m, 2), optional
        Indices of the two nodes of each edge.
    weights : str or array, shape (m,), optional
        Colour (blue above 0, red below) and width of the edges.
    values : str or array, shape (n,), optional
        Colour of the nodes.
    labels, edge_labels : list of str or key, optional
        Text in the nodes and on the edges; may contain line breaks.
    x, y : str
        Where given, that axis is drawn.
    arrows : bool
        Whether edges point to their second node.

    Examples
    --------
    >>> Diagram([[0, 0], [1, 0]], edges=[[0, 1]], weights="weights", labels=["x", "y"]).kind
    'Diagram'
    """

    def __init__(self, nodes, edges=None, weights=None, values=None, labels=None, title="", x="", y="",
                 edge_labels=None, arrows=False):
        super().__init__(title=title, x=x, y=y, arrows=bool(arrows))
        self.spec["nodes"] = self.data("nodes", nodes, ("n", 2))
        self.spec["edges"] = self.data("edges", edges, ("m", 2))
        self.spec["weights"] = self.data("weights", weights, ("m",))
        self.spec["values"] = self.data("values", values, ("n",))
        self.spec["labels"] = self.data("labels", labels)
        self.spec["edgeLabels"] = self.data("edge_labels", edge_labels)
        if edges is None and (weights is not None or edge_labels is not None):
            raise ValueError("Diagram: weights and edge_labels need edges, but edges is None")

    def check_together(self, cell):
        for first, second in (
            ("nodes", "values"),
            ("nodes", "labels"),
            ("edges", "weights"),
            ("edges", "edgeLabels"),
        ):
            self._agree(cell, self.spec[first], self.spec[second], f"{first} and {second}")
        nodes, edges = self.get(cell, self.spec["nodes"]), self.get(cell, self.spec["edges"])
        if nodes is not None and edges is not None and edges.size and not (
                0 <= edges.min() and edges.max() < len(nodes)):
            raise ValueError(f"Diagram: edges must be indices from 0 to {len(nodes) - 1}, but run from "
                             f"{edges.min():g} to {edges.max():g}")

    def limits(self, cells):
        nodes = [v for cell in cells if (v := self.get(cell, self.spec["nodes"])) is not None]
        extent = box(np.concatenate(nodes), 0.0) if nodes else [0, 1, 0, 1]
        scale = {}
        for name in ("weights", "values"):
            sizes = [np.abs(v) for cell in cells if (v := self.get(cell, self.spec[name])) is not None]
            scale[name] = max(common(sizes)[1], 1e-300) if sizes else 1.0
        return {"x": extent[:2], "y": extent[2:], **scale}
