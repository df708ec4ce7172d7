"""The picture of one state, for readers without JavaScript: small, on white, colour-blind safe."""

from __future__ import annotations

import io
import math

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.colors import LinearSegmentedColormap, to_rgb
from matplotlib.figure import Figure
from PIL import Image as Pillow

# The same as in explorer.css (light) and explorer.js: Okabe and Ito's colours, darkened to be seen on white.
PALETTE = ("#0072b2", "#d55e00", "#00805e", "#a94f88", "#8a6a00", "#444444", "#2b95cc")
DASHES = ("-", (0, (6, 3)), (0, (2, 2)), (0, (8, 3, 2, 3)), (0, (12, 3)), (0, (1, 3)),
          (0, (5, 2, 1, 2, 1, 2)))
MARKERS = "os^DXPv"
MAPS = {"sequential": "viridis", "gray": "gray",
        "diverging": LinearSegmentedColormap.from_list("blue-white-red", ["#d55e00", "#f7f7f7", "#0072b2"])}
MOST_BYTES = 14 * 1024


def png(view, run, limits):
    """Return the bytes of a PNG of at most 14 KB.

    Parameters
    ----------
    view : list of Panel
    run : Run
        What to show.
    limits : list of dict
        The limits of each panel's axes.
    """
    columns = 2 if len(view) in (2, 4) else min(len(view), 3)
    rows = math.ceil(len(view) / columns)
    figure = Figure(figsize=(max(3.7 * columns, 4.6), 2.9 * rows), layout="constrained", facecolor="white")
    for i, (panel, bounds) in enumerate(zip(view, limits, strict=True)):
        place = figure.add_subplot(rows, columns, i + 1)
        _DRAW[panel.kind](place, panel, run.result, bounds)
        if place.get_legend_handles_labels()[0]:  # above the panel, where no curve runs
            place.legend(
                fontsize=8,
                frameon=False,
                loc="lower left",
                bbox_to_anchor=(0, 1),
                borderaxespad=0.1,
                ncols=3,
                handlelength=2.4,
                columnspacing=1,
            )
        place.set_title(panel.spec["title"], fontsize=10, loc="left", pad=22 if place.get_legend() else 6)
        place.set_xlabel(panel.spec["x"], fontsize=9)
        place.set_ylabel(panel.spec["y"], fontsize=9)
        place.tick_params(labelsize=8)
        place.spines[["top", "right"]].set_visible(False)
    for dpi, colours in ((144, 128), (120, 96), (110, 64), (100, 48), (90, 32), (80, 16), (64, 12), (52, 8)):
        out = shrink(figure, dpi, colours)
        if len(out) <= MOST_BYTES:
            break
    return out


def shrink(figure, dpi, colours):
    """Return the bytes of a figure as a PNG of few colours."""
    buffer, out = io.BytesIO(), io.BytesIO()
    figure.savefig(buffer, format="png", dpi=dpi)
    buffer.seek(0)
    # Maximum coverage keeps the colours of a few small dots, which the median cut would mix away.
    small = Pillow.open(buffer).convert("RGB").quantize(colours, Pillow.Quantize.MAXCOVERAGE)
    small.save(out, "png", optimize=True)
    return out.getvalue()


def _lines(place, panel, cell, bounds):
    spec = panel.spec
    place.set(xscale="log" if spec["logX"] else "linear", yscale="log" if spec["log"] else "linear",
              xlim=bounds["x"], ylim=bounds["y"])
    for i, series in enumerate(spec["series"]):
        place.plot(
            *panel.curve(cell, series["key"]),
            color=PALETTE[i % 7],
            linestyle=DASHES[i % 7],
            linewidth=1.6,
            label=series["label"] or None,
        )
    for i, series in enumerate(spec["points"], len(spec["series"])):
        place.plot(*panel.curve(cell, series["key"]), MARKERS[i % 7], color=PALETTE[i % 7], markersize=4,
                   label=series["label"] or None)
    for name, draw in (("marks", place.axhline), ("vmarks", place.axvline)):
        for mark in spec[name]:
            if (value := panel.get(cell, mark["key"])) is not None:
                draw(float(value), color="#666666", linewidth=1, linestyle=":")
                where = (
                    {"xy": (1, value), "xycoords": ("axes fraction", "data"), "ha": "right", "va": "bottom"}
                    if name == "marks"
                    else {"xy": (value, 1), "xycoords": ("data", "axes fraction"), "va": "top"}
                )
                place.annotate(mark["label"], fontsize=8, color="#444444", annotation_clip=True, **where)


def _bars(place, panel, cell, bounds):
    labels, series = panel.get(cell, panel.spec["labels"]), panel.spec["series"]
    place.set(yscale="log" if panel.spec["log"] else "linear", ylim=bounds["y"])
    if labels is None:
        return
    for i, one in enumerate(series):
        heights = panel.get(cell, one["key"])
        if heights is None:
            continue
        low, high = bounds["y"]
        heights = np.clip(
            np.nan_to_num(heights, nan=0.0), 2 * min(low, -high), 2 * high
        )  # far outside is enough
        style = {"color": PALETTE[i % 7], "label": one["label"] if len(series) > 1 else None}
        if isinstance(labels, list):
            width = 0.8 / len(series)
            place.bar(np.arange(len(labels)) + (i - (len(series) - 1) / 2) * width, heights, width, **style)
        else:
            place.bar(
                labels[:-1],
                heights,
                np.diff(labels),
                align="edge",
                alpha=1 if len(series) == 1 else 0.6,
                **style,
            )
    if isinstance(labels, list):
        crowded = sum(map(len, labels)) + 2 * len(labels) > 44
        place.set_xticks(
            range(len(labels)), labels, rotation=30 if crowded else 0, ha="right" if crowded else "center"
        )
    else:
        place.set_xlim(bounds["x"])


def _image(place, panel, cell, bounds):
    spec, images = panel.spec, panel.get(cell, panel.spec["image"])
    if images is None:
        place.set_axis_off()
        return
    captions = panel.get(cell, spec["captions"])
    style = {
        "cmap": MAPS[spec["colors"]],
        "vmin": bounds["v"][0],
        "vmax": bounds["v"][1],
        "interpolation": "nearest",
    }
    if images.ndim == 3:  # small multiples
        columns = spec["columns"] or math.ceil(math.sqrt(len(images) * 1.4))
        rows = math.ceil(len(images) / columns)
        place.set_axis_off()
        for i, one in enumerate(images):
            small = place.inset_axes([i % columns / columns, 1 - (i // columns + 1) / rows, 0.92 / columns,
                                      (0.78 if captions else 0.92) / rows])
            shown = small.imshow(one, **style)
            small.set(xticks=[], yticks=[])
            if captions:
                small.set_title(captions[i], fontsize=7, pad=1)
    else:
        shown = place.imshow(images, extent=spec["extent"], origin="lower" if spec["extent"] else "upper",
                             aspect="auto" if spec["extent"] else _aspect(images.shape), **style)
        for name, ticks in (("xLabels", place.set_xticks), ("yLabels", place.set_yticks)):
            if (labels := panel.get(cell, spec[name])) is not None:
                ticks(range(len(labels)), labels)
            elif not spec["extent"]:
                ticks([])
        if spec["annotate"] and not spec["extent"]:
            for (row, column), value in np.ndenumerate(images):
                dark = sum(shown.to_rgba(value)[:3]) < 1.6
                place.text(column, row, f"{value:.3g}", fontsize=7, ha="center", va="center",
                           color="white" if dark else "black")
    if spec["colorbar"]:
        place.figure.colorbar(shown, ax=place, shrink=0.8).ax.tick_params(labelsize=7)


def _aspect(shape):
    return "equal" if 1 / 3 <= shape[0] / shape[1] <= 3 else "auto"


def _scatter(place, panel, cell, bounds):
    spec, extent = panel.spec, [*bounds["x"], *bounds["y"]]
    points, classes, region = (panel.get(cell, spec[name]) for name in ("scatter", "classes", "region"))
    count = int(np.nanmax(classes)) + 1 if classes is not None and len(classes) else 1
    if region is not None:
        place.imshow(pastel(region, max(count, 2)), extent=extent, origin="lower", aspect="auto",
                     interpolation="bilinear" if count <= 2 else "nearest")
        x, y = (
            (np.arange(n) + 0.5) / n * (b - a) + a
            for n, a, b in zip(region.shape[::-1], extent[::2], extent[1::2])
        )
        for one in ([region] if count <= 2 else [1.0 * (region == k) for k in range(count)]):
            if min(one.shape) > 1 and np.nanmin(one) < 0.5 < np.nanmax(one):
                place.contour(x, y, one, [0.5], colors="#333333", linewidths=1.2)
    levels, coloured = panel.get(cell, spec["levels"]), len(spec["paths"]) > 1 and classes is None
    if levels is not None:
        place.plot(*levels, color="#a0a0a0", linewidth=0.6)
    for k in range(count):
        if points is not None:
            chosen = points if classes is None else points[classes == k]
            place.plot(*chosen.T, MARKERS[k % 7], color=PALETTE[k % 7], markersize=4, markeredgecolor="white",
                       markeredgewidth=0.5)
    for i, path in enumerate(spec["paths"]):
        line = panel.get(cell, path["key"])
        if line is not None:
            ink = PALETTE[i % 7] if coloured else "black"
            place.plot(*line, color=ink, linestyle=DASHES[i % 7], linewidth=1.6, label=path["label"] or None)
            if spec["arrows"] and line.shape[1] > 1:
                place.annotate("", line[:, -1], line[:, -2], arrowprops={"arrowstyle": "-|>", "color": ink})
    place.set(xlim=extent[:2], ylim=extent[2:])


def pastel(region, count):
    """The colours of a region: by probability for two classes, else each class's own; mixed with white."""
    colours = np.array([to_rgb(colour) for colour in PALETTE])
    if count <= 2:
        strength = np.abs(2 * np.nan_to_num(region, nan=0.5) - 1)[..., None].clip(0, 1)
        own, share = colours[(region > 0.5).astype(int)], 0.06 + 0.28 * strength
    else:
        own, share = colours[np.nan_to_num(region).round().astype(int) % 7], 0.3
    return 1 - share * (1 - own)


def _diagram(place, panel, cell, bounds):
    spec = panel.spec
    nodes, edges, weights, values, labels = (panel.get(cell, spec[name]) for name in
                                             ("nodes", "edges", "weights", "values", "labels"))
    room = [0.14 * (high - low) for low, high in (bounds["x"], bounds["y"])]
    place.set(xlim=(bounds["x"][0] - room[0], bounds["x"][1] + room[0]),
              ylim=(bounds["y"][0] - room[1], bounds["y"][1] + room[1]))
    place.spines[:].set_visible(False)
    place.spines["bottom"].set_visible(bool(spec["x"]))
    place.spines["left"].set_visible(bool(spec["y"]))
    if not spec["x"]:
        place.set_xticks([])
    if not spec["y"]:
        place.set_yticks([])
    if nodes is None:
        return
    if edges is not None and len(edges):
        size = (
            np.zeros(len(edges))
            if weights is None
            else np.clip(np.nan_to_num(weights) / bounds["weights"], -1, 1)
        )
        colour = (
            ["#666666"] * len(edges)
            if weights is None
            else [PALETTE[0] if s >= 0 else PALETTE[1] for s in size]
        )
        ends = nodes[edges.astype(int)]
        place.add_collection(LineCollection(ends, colors=colour, linewidths=0.8 + 3 * np.abs(size), zorder=1,
                                            alpha=0.7 if weights is None else 0.25 + 0.7 * np.abs(size)))
        for (a, b) in ends if spec["arrows"] else ():
            place.annotate("", b, a, arrowprops={"arrowstyle": "-|>", "color": "#666666", "shrinkB": 14})
        if (texts := panel.get(cell, spec["edgeLabels"])) is not None:
            for (x, y), text in zip(ends.mean(1), texts, strict=True):
                place.text(
                    x,
                    y,
                    text,
                    fontsize=7,
                    ha="center",
                    va="center",
                    bbox={"fc": "white", "ec": "none", "pad": 1},
                )
    share = (
        np.zeros(len(nodes)) if values is None else np.clip(np.nan_to_num(values) / bounds["values"], -1, 1)
    )
    fill = [1 - 0.55 * abs(s) * (1 - np.array(to_rgb(PALETTE[0 if s >= 0 else 1]))) for s in share]
    if labels is None:
        place.scatter(*nodes.T, s=120, c=fill, edgecolors="#444444", zorder=2)
    for i, (x, y) in enumerate(nodes if labels is not None else ()):
        place.text(x, y, labels[i] or " ", fontsize=8, ha="center", va="center", zorder=3,
                   bbox={"boxstyle": "round,pad=0.4", "fc": fill[i], "ec": "#444444"})


_DRAW = {"Lines": _lines, "Bars": _bars, "Image": _image, "Scatter": _scatter, "Diagram": _diagram}
