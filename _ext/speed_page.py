"""The page *How fast is it?*: tables, plots and numbers from benchmarks/results.json; none is typed.

`{speed}` is a number in the text (`` {speed}`ratio lstm torch` ``), `{speed-table}` a table, `{speed-plot}` the steps
in one picture or a curve of cost against size, `{speed-part}` what is said only once a part has been measured.
"""

from __future__ import annotations

import html as markup
import json
import math
from pathlib import Path

from docutils import nodes
from docutils.parsers.rst import directives
from sphinx.util.docutils import SphinxDirective, SphinxRole

RESULTS = "benchmarks/results.json"
NAMES = {"course_lib": "course_lib", "torch": "torch", "torch_channels_last": "torch, channels last",
         "torch_compile": "torch.compile", "torch_cells": "torch, a loop of cells", "autograd": "HIPS autograd",
         "mygrad": "MyGrad", "by_hand": "NumPy by hand", "numpy": "NumPy alone"}
ROWS = {"dense_sgd": "Dense, gradient descent", "dense_adam": "Dense, Adam", "conv": "Convolutional", "lstm": "LSTM",
        "gru": "GRU", "transformer": "Transformer layer"}
# What DESIGN.md asks: row, library, at least so many times as fast.
TARGETS = [("dense_sgd", "torch", 1.5), ("dense_adam", "torch", 1.5), ("conv", "torch", 1.0), ("lstm", "torch_cells", 2.0),
           ("lstm", "torch", 0.5), ("transformer", "torch", 0.8)]
PEERS = ("autograd", "mygrad")
BUSY = 3                                                     # load average; measuring alone makes one or two of it
PARTS = ("machine", "steps", "overhead", "sizes", "chapters", "site")


def load(path):
    """The results so far; {} before the first."""
    return json.loads(Path(path).read_text(encoding="utf-8")) if Path(path).is_file() else {}


def duration(seconds):
    """A time with three digits and its unit, which stays on the same line.

    >>> [duration(seconds).replace("\N{NO-BREAK SPACE}", " ") for seconds in (0.0042, 83e-6, 312.0)]
    ['4.20 ms', '83.0 µs', '5.2 minutes']
    """
    if seconds >= 60:
        return f"{seconds / 60:.1f}\N{NO-BREAK SPACE}minutes"
    for unit, size in (("s", 1), ("ms", 1e-3), ("µs", 1e-6)):
        if seconds >= size or unit == "µs":
            value = seconds / size
            return f"{value:.{max(0, 2 - math.floor(math.log10(max(value, 1e-9))))}f}\N{NO-BREAK SPACE}{unit}"
    raise AssertionError


def between(low, high):
    """Two times, the unit once where both have it.

    >>> between(0.0042, 0.005).replace("\N{NO-BREAK SPACE}", " "), between(9e-4, 0.002).replace("\N{NO-BREAK SPACE}", " ")
    ('4.20 – 5.00 ms', '900 µs – 2.00 ms')
    """
    low, high = duration(low), duration(high)
    (number, unit), known = low.split("\N{NO-BREAK SPACE}"), high.split("\N{NO-BREAK SPACE}")[1]
    return f"{number if unit == known else low}\N{NO-BREAK SPACE}–\N{NO-BREAK SPACE}{high}"


def ratio(value):
    """How many times as fast, two digits behind the point; one from 10 on."""
    return f"{value:.2f}" if value < 10 else f"{value:.0f}"


def percent(value):
    return f"{100 * value:.0f} %"


# -- the numbers ---------------------------------------------------------------------------------------------

def row_of(results, row, threads="1"):
    return results["steps"]["threads"][threads][row]


def share(results, row, library, threads="1"):
    """Part of the machine's own matrix-product speed that a row reaches, counting its products alone."""
    used = results["steps"]["products"][row] / row_of(results, row, threads)[library]["median"]
    return used / results["machine"]["peak"][threads]


def nearest_peer(results):
    """The smallest lead over another NumPy library: (ratio, row, library)."""
    return min((r["ratio"], row, name) for row, found in results["steps"]["threads"]["1"].items()
               for name, r in found.items() if name in PEERS and "ratio" in r)


def largest_memory(results):
    """The largest peak of a step, in arrays that it must keep: (how many times, quantity)."""
    return max((peak / kept, quantity) for quantity, found in results["sizes"].items() if isinstance(found, dict)
               for peak, kept in zip(found["course_lib"]["peak"], found["course_lib"]["kept"]))


def slowest(results):
    return max((chapter["seconds"], name) for name, chapter in results["chapters"]["chapters"].items())


def heaviest(results):
    return max((weight, name) for name, weight in results["site"]["weights"].items())


def all_grids(results):
    """Every explorer's grid: (seconds, runs, explorer, chapter), the slowest first."""
    return sorted(((seconds, runs, name, chapter) for chapter, found in results["chapters"]["chapters"].items()
                   for name, (runs, seconds) in found["with_grids"]["grids"].items()), reverse=True)


QUESTIONS = {
    "ratio": lambda r, row, library, threads="1": ratio(row_of(r, row, threads)[library]["ratio"]),
    "time": lambda r, row, library, threads="1": duration(row_of(r, row, threads)[library]["median"]),
    "share": lambda r, row, library, threads="1": percent(share(r, row, library, threads)),
    "peak": lambda r, threads: f"{r['machine']['peak'][threads] / 1e9:.0f}",
    "processor": lambda r: r["machine"]["processor"],
    "cores": lambda r: str(r["machine"]["cores"]),
    "repeats": lambda r: str(r["steps"]["repeats"]),
    "peer": lambda r: ratio(nearest_peer(r)[0]),
    "peer-row": lambda r: ROWS[nearest_peer(r)[1]],
    "peer-name": lambda r: NAMES[nearest_peer(r)[2]],
    "overhead": lambda r, library, way="both": duration(r["overhead"][library][way]),
    "slope": lambda r, quantity, library="course_lib": f"{r['sizes'][quantity][library]['slope']:.2f}",
    "memory": lambda r: f"{largest_memory(r)[0]:.2f}",
    "whole": lambda r: duration(r["chapters"]["whole"]),
    "slowest": lambda r: duration(slowest(r)[0]),
    "slowest-name": lambda r: slowest(r)[1].replace("_", " "),
    "grids": lambda r: duration(sum(grid[0] for grid in all_grids(r))),
    "build": lambda r: duration(r["site"]["build"]),
    "heaviest": lambda r: f"{heaviest(r)[0] / 1000:.0f} KB",
    "heaviest-name": lambda r: heaviest(r)[1].replace("_", " "),
    "repaint": lambda r, slower="1": f"{r['site']['repaint'][slower]['median']:.1f} ms",
}


def answer(results, question):
    """The text that stands on the page for a question such as "ratio lstm torch".

    >>> answer({"machine": {"peak": {"1": 1.5e11}}}, "peak 1")
    '150'
    """
    name, *words = question.split()
    if name not in QUESTIONS:
        raise ValueError(f"speed: unknown question {name!r}; there are {', '.join(QUESTIONS)}")
    try:
        return QUESTIONS[name](results, *words)
    except (KeyError, TypeError):
        raise ValueError(f"speed: {RESULTS} has no answer to {question!r}; run python -m benchmarks") from None


# -- tables: a head, and rows of texts -----------------------------------------------------------------------

def steps_table(results, threads="1"):
    found = results["steps"]["threads"].get(threads, {})
    yield "Step", "Library", "Median", "Quartiles", "course_lib is … times as fast"
    for row, title in ROWS.items():
        for k, (name, r) in enumerate(found.get(row, {}).items()):
            head = title if not k else ""
            if "error" in r:
                yield head, NAMES[name], "did not run", r["error"], ""
            else:
                lead = "" if name == "course_lib" else ratio(r["ratio"])
                yield head, NAMES[name], duration(r["median"]), between(r["low"], r["high"]), lead


def targets_table(results):
    yield "Step", "Compared with", "Asked at least", "Measured", "Verdict"
    for row, library, asked in TARGETS:
        measured = row_of(results, row)[library]["ratio"]
        yield ROWS[row], NAMES[library], f"{asked:g}", ratio(measured), "reached" if measured >= asked else "missed"
    lead, row, library = nearest_peer(results)
    yield f"Every step; nearest in: {ROWS[row]}", f"{NAMES[library]}", "1", ratio(lead), "reached" if lead > 1 else "missed"


def share_table(results):
    yield "Step", "Products, millions of operations", "course_lib", "NumPy by hand", "torch"
    for row, title in ROWS.items():
        yield (title, f"{results['steps']['products'][row] / 1e6:.1f}",
               *(percent(share(results, row, library)) for library in ("course_lib", "by_hand", "torch")))


def slopes_table(results):
    yield "Quantity", "Slope, course_lib", "Slope, torch", "Largest peak of memory, in what must be kept"
    for quantity, found in results["sizes"].items():
        if isinstance(found, dict):
            ours = found["course_lib"]
            peak = max(a / b for a, b in zip(ours["peak"], ours["kept"]))
            yield PLOTS[quantity][0], f"{ours.get('slope', math.nan):.2f}", f"{found['torch'].get('slope', math.nan):.2f}", f"{peak:.2f}"


def overhead_table(results):
    yield "Library", "Forward", "Backward", "Both"
    for name, title in NAMES.items():
        if name in results["overhead"]:
            r = results["overhead"][name]
            forward, backward = duration(r["forward"]), duration(r["backward"])
            if name == "autograd":                           # it records and walks back in one call
                forward = backward = "–"
            elif name == "numpy":
                backward = "–"
            yield title, forward, backward, duration(r["both"])


def chapters_table(results):
    yield "Chapter", "Under nbval", "With all grids", "Its grids"
    for name, chapter in results["chapters"]["chapters"].items():
        grids = chapter["with_grids"]["grids"]
        texts = [f"{explorer} ({runs} runs) {duration(seconds)}" for explorer, (runs, seconds) in grids.items()]
        seconds = duration(chapter["seconds"]) + ("" if chapter["passed"] else " (outputs differ)")
        yield name.replace("_", " "), seconds, duration(chapter["with_grids"]["seconds"]), "; ".join(texts)


def site_table(results):
    yield "Page", "Compressed"
    for name, weight in results["site"]["weights"].items():
        yield name.replace("_", " "), f"{weight / 1000:.0f} KB"


TABLES = {"steps": steps_table, "two-threads": lambda r: steps_table(r, "2"), "targets": targets_table, "share": share_table,
          "slopes": slopes_table, "overhead": overhead_table, "chapters": chapters_table, "site": site_table}


# -- plots ---------------------------------------------------------------------------------------------------

PLOTS = {"batch": ("Batch", "examples in a batch"), "width": ("Width", "units in both hidden layers"),
         "depth": ("Depth", "hidden layers"), "T": ("Length", "steps of the sequence"),
         "image": ("Image", "pixels along a side")}
WIDTH, HEIGHT, LEFT, RIGHT, TOP, BOTTOM = 340, 240, 58, 16, 26, 40
COLOURS = {"course_lib": "var(--pst-color-link)", "torch": "var(--box-slide)"}        # the site knows both for dark pages


def ticks(low, high):
    """Round numbers from `low` to `high`: powers of ten, or also twice and five times these where there is but one.

    >>> ticks(1, 1024), ticks(8, 64)
    ([1.0, 10.0, 100.0, 1000.0], [10.0, 20.0, 50.0])
    """
    powers = [10.0 ** k for k in range(math.floor(math.log10(low)), math.ceil(math.log10(high)) + 1)]
    found = [power for power in powers if low <= power <= high]
    return found if len(found) > 1 else [m * power for power in powers for m in (1, 2, 5) if low <= m * power <= high]


def _time(seconds):
    return duration(seconds).replace(".00", "").replace(".0", "")


def chart(title, x_label, x, curves, slopes=None):
    """A log-log plot as SVG, in the page's colours: {name: seconds}; one line whole, one dashed."""
    heights = [y for curve in curves.values() for y in curve]
    left, right, bottom, top = min(x), max(x), min(heights) / 1.5, max(heights) * 3       # room for the legend
    inner_w, inner_h = WIDTH - LEFT - RIGHT, HEIGHT - TOP - BOTTOM

    def across(value):
        return LEFT + inner_w * math.log(value / left) / math.log(right / left)

    def down(value):
        return TOP + inner_h * (1 - math.log(value / bottom) / math.log(top / bottom))

    words = "; ".join(f"{NAMES[name]} from {duration(y[0])} to {duration(y[-1])}" for name, y in curves.items())
    label = f"{title}: time of a training step against {x_label}, from {x[0]} to {x[-1]}, both axes logarithmic. {words}."
    parts = [f'<svg class="speed-plot" role="img" aria-label="{markup.escape(label)}" viewBox="0 0 {WIDTH} {HEIGHT}" '
             'font-size="11" fill="var(--pst-color-text-base)">']
    for value in ticks(left, right):
        at = across(value)
        parts.append(f'<path d="M{at:.1f} {TOP}V{TOP + inner_h}" stroke="var(--pst-color-border)"/>'
                     f'<text x="{at:.1f}" y="{HEIGHT - BOTTOM + 15}" text-anchor="middle">{value:g}</text>')
    for value in ticks(bottom, top):
        at = down(value)
        parts.append(f'<path d="M{LEFT} {at:.1f}H{WIDTH - RIGHT}" stroke="var(--pst-color-border)"/>'
                     f'<text x="{LEFT - 6}" y="{at + 4:.1f}" text-anchor="end">{_time(value)}</text>')
    for k, (name, y) in enumerate(curves.items()):
        points = " ".join(f"{across(a):.1f},{down(b):.1f}" for a, b in zip(x, y))
        dashes, colour = ' stroke-dasharray="5 3"' if k else "", COLOURS[name]
        parts.append(f'<polyline points="{points}" fill="none" stroke="{colour}" stroke-width="2"{dashes}/>')
        parts += [f'<circle cx="{across(a):.1f}" cy="{down(b):.1f}" r="3" fill="{colour}"/>' for a, b in zip(x, y)]
        slope = f", slope {slopes[name]:.2f}" if slopes and name in slopes else ""
        parts.append(f'<text x="{LEFT + 8}" y="{TOP + 14 + 15 * k}" fill="{colour}" font-weight="600">'
                     f'{"– –" if k else "——"} {NAMES[name]}{slope}</text>')
    parts.append(f'<text x="{LEFT}" y="14" font-size="13" font-weight="600">{markup.escape(title)}</text>'
                 f'<text x="{LEFT + inner_w / 2:.0f}" y="{HEIGHT - 6}" text-anchor="middle">{markup.escape(x_label)}</text></svg>')
    return "".join(parts)


def size_chart(results, quantity):
    found = {name: results["sizes"][quantity][name] for name in COLOURS}
    slopes = {name: r["slope"] for name, r in found.items() if "slope" in r}
    return chart(*PLOTS[quantity], found["course_lib"]["values"], {name: r["seconds"] for name, r in found.items()}, slopes)


MARKS = {"torch": ("●", COLOURS["torch"], "torch"),
         **dict.fromkeys(("torch_channels_last", "torch_compile", "torch_cells"), ("○", COLOURS["torch"], "torch otherwise")),
         "autograd": ("▲", "var(--pst-color-text-base)", "autograd"), "mygrad": ("◆", "var(--pst-color-text-base)", "MyGrad"),
         "by_hand": ("■", COLOURS["course_lib"], "NumPy by hand")}


def steps_chart(results):
    """Every library's time of every step, in course_lib's, as SVG: left of the line it is faster, right of it slower."""
    found = {row: {name: r["median"] / libraries["course_lib"]["median"] for name, r in libraries.items()
                   if name in MARKS and "median" in r} for row, libraries in results["steps"]["threads"]["1"].items()}
    times = [time for row in found.values() for time in row.values()]
    left, right, wide, line, first, top = min(*times, 1) / 1.2, max(*times, 1) * 1.2, 400, 24, 142, 46
    foot = top + line * len(found)

    def across(value):
        return first + (wide - RIGHT - first) * math.log(value / left) / math.log(right / left)

    words = "; ".join(f"{ROWS[row]}: " + ", ".join(f"{NAMES[name]} {ratio(time)}" for name, time in row_times.items())
                      for row, row_times in found.items())
    label = f"Time of a training step, as a multiple of course_lib's, logarithmic. {words}."
    parts = [f'<svg class="speed-plot" role="img" aria-label="{markup.escape(label)}" viewBox="0 0 {wide} {foot + 36}" '
             'font-size="12" fill="var(--pst-color-text-base)" style="grid-column: 1 / -1; max-width: 34rem">']
    at = 0
    for mark, colour, name in dict.fromkeys(MARKS.values()):
        parts.append(f'<text x="{at}" y="14"><tspan fill="{colour}">{mark}</tspan> {name}</text>')
        at += 24 + 6 * len(name)
    for value in (0.2, 0.5, 1, 2, 5, 10, 20, 50):
        if left <= value <= right:
            thick = ' stroke-width="2"' if value == 1 else ""
            colour = "text-base" if value == 1 else "border"
            parts.append(f'<path d="M{across(value):.1f} {top - 14}V{foot - 8}" stroke="var(--pst-color-{colour})"{thick}/>'
                         f'<text x="{across(value):.1f}" y="{foot + 8}" text-anchor="middle">{value:g}</text>')
    for k, (row, row_times) in enumerate(found.items()):
        y = top + line * k
        parts.append(f'<text x="0" y="{y + 4}">{ROWS[row]}</text>')
        parts += [f'<text x="{across(time):.1f}" y="{y + 5}" text-anchor="middle" font-size="15" fill="{MARKS[name][1]}">'
                  f"<title>{NAMES[name]}: {ratio(time)}</title>{MARKS[name][0]}</text>" for name, time in row_times.items()]
    parts.append(f'<text x="{wide - RIGHT}" y="{foot + 28}" text-anchor="end">← faster · time of a step, in course_lib’s · '
                 "slower →</text></svg>")
    return "".join(parts)


# -- what Sphinx sees ----------------------------------------------------------------------------------------

class Speed(SphinxRole):
    def run(self):
        path = Path(self.env.srcdir) / RESULTS
        self.env.note_dependency(str(path))
        try:
            return [nodes.Text(answer(load(path), self.text))], []
        except ValueError as error:
            return [], [self.inliner.reporter.error(str(error), line=self.lineno)]


class SpeedDirective(SphinxDirective):
    required_arguments = 1
    final_argument_whitespace = True

    def results(self):
        path = Path(self.env.srcdir) / RESULTS
        self.env.note_dependency(str(path))
        return load(path)


class SpeedTable(SpeedDirective):
    def run(self):
        if self.arguments[0] not in TABLES:
            raise self.error(f"speed-table: unknown table {self.arguments[0]!r}; there are {', '.join(TABLES)}")
        head, *rows = TABLES[self.arguments[0]](self.results())
        if not rows:                                         # steps with two threads were not asked for
            return [nodes.paragraph("", "Not measured yet.")]
        group = nodes.tgroup("", *(nodes.colspec(colwidth=1) for _ in head), cols=len(head))
        group += nodes.thead("", self.row(head))
        group += nodes.tbody("", *map(self.row, rows))
        return [nodes.table("", group, classes=["speed-table"])]

    @staticmethod
    def row(texts):
        return nodes.row("", *(nodes.entry("", nodes.paragraph("", text)) for text in texts))


class SpeedPlot(SpeedDirective):
    """All steps in one picture, or curves of cost against size, beside each other where there is room."""

    def run(self):
        charts = "".join(steps_chart(self.results()) if name == "steps" else size_chart(self.results(), name)
                         for name in self.arguments[0].split())
        grid = "display: grid; grid-template-columns: repeat(auto-fill, minmax(17rem, 1fr)); gap: 1rem; margin-bottom: 1.2rem"
        return [nodes.raw("", f'<div style="{grid}">{charts}</div>', format="html")]


class SpeedPart(SpeedDirective):
    """What it holds is shown once the part is measured; before, a sentence says how to measure it."""

    has_content = True
    option_spec = {"class": directives.class_option}

    def run(self):
        part, results = self.arguments[0], self.results()
        if part not in PARTS:
            raise self.error(f"speed-part: unknown part {part!r}; there are {', '.join(PARTS)}")
        if part not in results:
            return [nodes.paragraph("", "", nodes.Text("Not measured yet: "), nodes.literal("", f"python -m benchmarks {part}"),
                                    nodes.Text("."))]
        found = self.parse_content_to_nodes()
        when = f"Run of {results[part]['measured']}"
        if results[part]["quick"]:
            when += ", with few repeats: a trial run, the numbers only show that everything works"
        if results[part]["load"] > BUSY:
            when += f"; other work was waiting for the processors (load {results[part]['load']:.1f})"
        return [*found, nodes.paragraph("", f"{when}.", classes=["speed-when"])]


def setup(app):
    app.add_role("speed", Speed())
    app.add_directive("speed-table", SpeedTable)
    app.add_directive("speed-plot", SpeedPlot)
    app.add_directive("speed-part", SpeedPart)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
