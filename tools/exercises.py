"""Make the student edition of the exercises: exercises/release/, a zip per chapter, a table of points.

    python tools/exercises.py               all of them
    python tools/exercises.py 04_losses     these

nbgrader makes the notebooks from exercises/source/ and knows them in exercises/gradebook.db from then on. A release is
replaced only when it was made without an error.
"""

import argparse
import csv
import io
import os
import sys
import zipfile
from pathlib import Path

import nbformat
from nbgrader.apps import NbGraderAPI
from tqdm import tqdm
from traitlets.config.loader import PyFileConfigLoader

ROOT = Path(__file__).resolve().parent.parent
COURSE = ROOT / "exercises"
sys.path.insert(0, str(ROOT))

from grader.examiner import exercise_of, kind_of  # noqa: E402 (a plain checkout has no installed grader)


def assignments():
    """Names of all assignments, in order."""
    return sorted(path.name for path in (COURSE / "source").iterdir() if path.is_dir())


def points(name):
    """(exercise, points) of an assignment, in order."""
    total = {}
    for cell in nbformat.read(COURSE / "source" / name / f"{name}.ipynb", as_version=4).cells:
        if kind_of(cell) == "check":
            exercise = exercise_of(cell.metadata.nbgrader.grade_id)
            total[exercise] = total.get(exercise, 0) + cell.metadata.nbgrader.points
    return list(total.items())


def release(names):
    """Let nbgrader make the student notebooks; the names of those that failed."""
    os.environ["PATH"] = f"{Path(sys.executable).parent}{os.pathsep}{os.environ['PATH']}"    # nbgrader starts alembic
    config = PyFileConfigLoader("nbgrader_config.py", path=str(COURSE)).load_config()
    config.CourseDirectory.root = str(COURSE)
    config.GenerateAssignmentApp.log_level = config.Application.log_level = "ERROR"
    api, failed = NbGraderAPI(config=config), []
    for name in tqdm(names, desc="student edition", unit="chapter", disable=None):
        result = api.generate_assignment(name, force=True)
        if not result["success"]:
            failed.append(name)
            print(result["log"], result.get("error", ""), file=sys.stderr)
    return failed


def write(path, data):
    """Replace a file whole."""
    path.parent.mkdir(exist_ok=True)
    partial = path.with_name(path.name + ".partial")
    partial.write_bytes(data)
    os.replace(partial, path)


def pack(name):
    """The zip that an instructor hands out: the notebook in its folder. Equal notebooks give equal zips."""
    buffer = io.BytesIO()
    with zipfile.ZipFile(buffer, "w", zipfile.ZIP_DEFLATED) as archive:
        for path in sorted((COURSE / "release" / name).iterdir()):
            archive.writestr(zipfile.ZipInfo(f"{name}/{path.name}"), path.read_bytes(), zipfile.ZIP_DEFLATED)
    write(COURSE / "release" / f"{name}.zip", buffer.getvalue())


def table():
    """The points: exercises/release/points.csv for programs, points.md for the page *Teaching with this book*."""
    text = io.StringIO()
    rows = csv.writer(text, lineterminator="\n")
    rows.writerow(["assignment", "exercise", "points"])
    lines = ["| Chapter | Points | for |", "|:---|---:|:---|"]
    for name in assignments():
        listed = points(name)
        total = sum(worth for _, worth in listed)
        rows.writerows((name, exercise, f"{worth:g}") for exercise, worth in [*listed, ("total", total)])
        lines.append(f"| {{doc}}`/chapters/{name}` | {total:g} | "
                     f"{', '.join(f'`{exercise}` {worth:g}' for exercise, worth in listed)} |")
    write(COURSE / "release" / "points.csv", text.getvalue().encode())
    write(COURSE / "release" / "points.md", ("\n".join(lines) + "\n").encode())


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NN_slug")
    options = parser.parse_args()
    unknown = sorted(set(options.names) - set(assignments()))
    if unknown:
        sys.exit(f"tools/exercises.py: no assignment {', '.join(unknown)}; there are {', '.join(assignments())}")
    names = options.names or assignments()
    failed = release(names)
    for name in names:
        if name not in failed:
            pack(name)
    table()
    print(f"{len(names) - len(failed)} of {len(assignments())} assignments made: {COURSE / 'release'}")
    if failed:
        sys.exit(f"tools/exercises.py: {', '.join(failed)} failed")


if __name__ == "__main__":
    main()
