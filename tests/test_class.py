"""A term in small: every assignment made, handed in by thirty, marked, returned and exported by nbgrader's own commands."""
import csv
import os
import shutil
import subprocess
import sys

import pytest

from classroom import hand_in
from conftest import ROOT
from test_exercises import ASSIGNMENTS, wrong_answers

pytestmark = pytest.mark.slow


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """A copy of the course's folder, as an instructor has it before the term."""
    folder = tmp_path_factory.mktemp("course")
    for name in ("source", "header.ipynb", "nbgrader_config.py"):
        path = ROOT / "exercises" / name
        (shutil.copytree if path.is_dir() else shutil.copy)(path, folder / name)
    return folder


def nbgrader(course, *command):
    """One of nbgrader's commands, run where an instructor runs it."""
    beside = os.path.dirname(sys.executable)
    environment = dict(os.environ, PATH=f"{beside}{os.pathsep}{os.environ['PATH']}", PYTHONPATH=str(ROOT), OMP_NUM_THREADS="1")
    run = subprocess.run([sys.executable, "-m", "nbgrader", *command], cwd=course, env=environment,
                         capture_output=True, text=True)
    assert run.returncode == 0, run.stderr[-3000:]
    return run.stderr


@pytest.mark.parametrize("turn, name", list(enumerate(ASSIGNMENTS)))
def test_a_class_of_thirty_gets_exactly_the_marks_it_must(course, turn, name):
    nbgrader(course, "generate_assignment", name)
    expected = hand_in(course, ROOT / "exercises" / "source" / name / f"{name}.ipynb",
                       course / "release" / name / f"{name}.ipynb", wrong_answers(name), turn)
    assert len(expected) == 30
    nbgrader(course, "autograde", name, "--MarkAnswers.seconds=4")
    nbgrader(course, "generate_feedback", name)
    nbgrader(course, "export", "--assignment", f"['{name}']")
    with open(course / "grades.csv", newline="") as file:
        marks = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    assert marks == expected
    feedback = sorted((course / "feedback").glob(f"*/{name}/{name}.html"))
    assert len(feedback) == 30
    assert not any("HIDDEN TESTS" in page.read_text(encoding="utf-8") for page in feedback)
