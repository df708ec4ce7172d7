"""Mark notebooks as the teacher's machine will, and say why a mark is lost.

    python -m grader 04_losses.ipynb            a student's own: the checks that it shows
    python -m grader --source 04_losses.ipynb answers/*.ipynb
                                                a teacher's: the source's checks, hidden ones too, as a table
"""
import argparse
import ast
import sys
from pathlib import Path

import nbformat

from . import notebooks
from .examiner import MEGABYTES, SECONDS, exercise_of, kind_of, mark


def report(marks):
    """Lines: an exercise and its points, below it the reasons of what was lost.

    >>> from grader.examiner import Mark
    >>> print("\\n".join(report([Mark("relu-values", 2, 2), Mark("relu-zero", 1, 0, "relu(0) is 1, expected 0")])))
    relu                    2 of 3
      ✗ relu-zero: relu(0) is 1, expected 0
    total                   2 of 3
    """
    lines = []
    for exercise in dict.fromkeys(exercise_of(mark.grade_id) for mark in marks):
        own = [mark for mark in marks if exercise_of(mark.grade_id) == exercise]
        lines.append(_line(exercise, own))
        lines += [f"  ✗ {mark.grade_id}: {mark.message}" for mark in own if mark.message]
    return [*lines, _line("total", marks)]


def _line(name, marks):
    earned, points = sum(mark.earned for mark in marks), sum(mark.points for mark in marks)
    return f"{name:<20} {earned:>4g} of {points:g}"


def main():
    parser = argparse.ArgumentParser(prog="python -m grader", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("notebooks", nargs="+", type=Path, metavar="NOTEBOOK")
    parser.add_argument("--source", type=Path, help="the teacher's notebook, whose checks are to be used")
    parser.add_argument("--seconds", type=float, default=SECONDS, help="processor time of one check (default %(default)s)")
    parser.add_argument("--megabytes", type=int, default=MEGABYTES, help="memory of the answers (default %(default)s)")
    options = parser.parse_args()
    missing = [str(path) for path in [*options.notebooks, options.source] if path and not path.is_file()]
    if missing:
        sys.exit(f"python -m grader: no file {', '.join(missing)}")
    for path in options.notebooks:
        notebook, remarks = notebooks.read(path)
        if options.source:
            notebook, more = notebooks.clean_copy(nbformat.read(options.source, as_version=4), notebook)
            remarks += more
        if not any(kind_of(cell) == "check" for cell in notebook.cells):
            sys.exit(f"python -m grader: {path} has no checks: is it an assignment? {' '.join(remarks)}".rstrip())
        hidden = [cell for cell in notebook.cells if kind_of(cell) == "check" and not ast.parse(cell.source).body]
        notebook.cells = [cell for cell in notebook.cells if cell not in hidden]
        lines = [f"  ! {remark}" for remark in remarks]
        lines += report(mark(notebook, options.seconds, options.megabytes))
        if hidden:
            worth = sum(cell.metadata.nbgrader.points for cell in hidden)
            lines.append(f"and {worth:g} points of hidden checks, when it is handed in")
        print(path, *lines, sep="\n", end="\n\n")


if __name__ == "__main__":
    main()
