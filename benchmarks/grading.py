"""How long does marking take?  python -m benchmarks.grading [ASSIGNMENT] [SUBMISSIONS]

Lets nbgrader mark a class that hands in right answers, typical mistakes and nothing, a third each, and writes the
sentence that the page *Teaching with this book* shows (benchmarks/grading.md).
"""
import os
import resource
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from tqdm import tqdm

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tests"))

from classroom import nbgrader, open_course, with_answer  # noqa: E402
from test_exercises import release, source, wrong_answers  # noqa: E402


def main(name="04_losses", count=200):
    with tempfile.TemporaryDirectory() as folder:
        course = open_course(Path(folder), name)
        solution, stub, wrong = source(name), release(name), wrong_answers(name)
        for number in tqdm(range(count), desc="handing in", disable=None):
            exercise, _, code = wrong[number % len(wrong)]
            place = course / "submitted" / f"s{number:03d}" / name
            place.mkdir(parents=True)
            nbformat.write((solution, with_answer(solution, exercise, code), stub)[number % 3], place / f"{name}.ipynb")
        nbgrader(course, "generate_assignment", name)
        begin = time.monotonic()
        nbgrader(course, "autograde", name)
        seconds = time.monotonic() - begin
        megabytes = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss / 1024
    text = (f"Marking {count} submissions of assignment {name[:2]} took {seconds / 60:.1f} minutes on one core of a "
            f"{os.cpu_count()}-core machine, {seconds / count:.1f} s each, and at most {megabytes:,.0f} MB of memory "
            "per process (`python -m benchmarks.grading`).\n")
    (ROOT / "benchmarks" / "grading.md").write_text(text, encoding="utf-8")
    print(text, end="")


if __name__ == "__main__":
    main(*sys.argv[1:2], *map(int, sys.argv[2:3]))
