"""What the pages around the chapters are made from: the syllabus, the notebooks as stored, the ids in a text."""

from __future__ import annotations

import functools
import html
import json
import re
from pathlib import Path

VERDICT = "application/vnd.course-lib.verdict+json"
# How the lectures are named on the pages; the slides of S0 and S3 name no lecturer.
LECTURES = {"S0": "UCL AI Society", "S1": "Cummins", "S2": "Wichert", "S3": "NUS CS3244", "S4": "Cieliebak"}


def named_ids(text):
    """Ids of the syllabus in a text, in order; ranges written out.

    >>> list(named_ids("S1-36 to S1-38, A01–A03 and E08"))
    ['S1-36', 'S1-37', 'S1-38', 'A01', 'A02', 'A03', 'E08']
    """
    found = {}
    for stem, first, other, last in re.findall(
            r"\b(S\d-|[AER])(\d\d+)\b(?:\s*(?:to|until|–|—|\.\.\.|…)\s*(S\d-|[AER])?(\d\d+)\b)?", text):
        end = int(last) if last and other in ("", stem) else int(first)
        found |= dict.fromkeys(f"{stem}{number:02d}" for number in range(int(first), max(end, int(first)) + 1))
        if last and other not in ("", stem):
            found[other + last] = None
    return found


def syllabus_path(root):
    return Path(root) / "tests" / "syllabus.json"


@functools.lru_cache(maxsize=4)
def _load(path, changed):
    with open(path, encoding="utf-8") as file:
        return json.load(file)


def load(path):
    """A JSON file, read once as long as it does not change."""
    return _load(str(path), Path(path).stat().st_mtime_ns)


def syllabus(root):
    """The content ledger: items, algorithms, experiments, errata, chapters."""
    return load(syllabus_path(root))


def document(chapter):
    """The Sphinx document of a chapter's row: ``chapters/04_losses``."""
    return chapter["file"].removesuffix(".ipynb")


def outputs(notebook):
    """Cell number and data of every stored output of a notebook that has any."""
    for number, cell in enumerate(notebook["cells"]):
        for output in cell.get("outputs", []):
            if "data" in output:
                yield number, output["data"]


def text(lines):
    """A field of a notebook's file: a string, or a list of lines."""
    return lines if isinstance(lines, str) else "".join(lines)


def verdicts(notebook):
    """The verdicts that a notebook stores, in order; the evidence in the order of the box (the JSON is sorted)."""
    found = []
    for _, data in outputs(notebook):
        if VERDICT in data:
            shown, verdict = text(data["text/html"]), dict(data[VERDICT])
            labels = sorted(verdict["evidence"], key=lambda label: shown.find(f">{html.escape(label)}</th>"))
            found.append(verdict | {"evidence": {label: verdict["evidence"][label] for label in labels}})
    return found


def ids_in_short(ids):
    """Consecutive ids as ranges.

    >>> ids_in_short(["S0-01", "S0-02", "S0-03", "S0-05", "S0-06"])
    'S0-01 to S0-03, S0-05, S0-06'
    """
    runs = []
    for name in ids:
        stem, number = name.rsplit("-", 1)
        if runs and runs[-1][0] == stem and runs[-1][-1] == int(number) - 1:
            runs[-1][2] = int(number)
        else:
            runs.append([stem, int(number), int(number)])
    parts = []
    for stem, first, last in runs:
        names = [f"{stem}-{first:02d}", f"{stem}-{last:02d}"]
        parts.append(" to ".join(names) if last > first + 1 else ", ".join(dict.fromkeys(names)))
    return ", ".join(parts)
