"""A term in small: every assignment made, handed in by thirty, marked, returned and exported by nbgrader's own commands."""
import csv
import re
import shlex
import shutil

import nbformat
import pytest

from grader.examiner import kind_of

from classroom import hand_in, nbgrader, open_course
from conftest import ROOT
from test_exercises import ASSIGNMENTS, wrong_answers

pytestmark = pytest.mark.term


@pytest.fixture(scope="module")
def course(tmp_path_factory):
    """The folder with all assignments."""
    return open_course(tmp_path_factory.mktemp("course"), *ASSIGNMENTS)


@pytest.mark.parametrize("turn, name", list(enumerate(ASSIGNMENTS)))
def test_a_class_of_thirty_gets_exactly_the_marks_it_must(course, turn, name):
    nbgrader(course, "generate_assignment", name)
    expected = hand_in(course, ROOT / "exercises" / "source" / name / f"{name}.ipynb",
                       course / "release" / name / f"{name}.ipynb", wrong_answers(name), turn)
    assert len(expected) == 30
    nbgrader(course, "autograde", name, "--MarkAnswers.seconds=3")
    nbgrader(course, "generate_feedback", name)
    nbgrader(course, "export", "--assignment", f"['{name}']")
    with open(course / "grades.csv", newline="") as file:
        marks = {row["student_id"]: float(row["score"]) for row in csv.DictReader(file)}
    assert marks == expected
    feedback = sorted((course / "feedback").glob(f"*/{name}/{name}.html"))
    assert len(feedback) == 30
    assert not any("HIDDEN TESTS" in page.read_text(encoding="utf-8") for page in feedback)


def test_the_commands_of_the_page_for_teachers_work_as_they_stand(tmp_path):
    """Every nbgrader command of *Teaching with this book* that stands in its boxes."""
    name = "04_losses"
    page = (ROOT / "chapters" / "teaching.md").read_text(encoding="utf-8")
    commands = [line.split("#")[0] for block in re.findall(r"```bash\n(.*?)```", page, re.S) for line in block.splitlines()
                if line.startswith("nbgrader")]
    assert len(commands) >= 8
    open_course(tmp_path, name)
    place = tmp_path / "submitted" / "bitdiddle" / name
    place.mkdir(parents=True)
    shutil.copy(ROOT / "exercises" / "source" / name / f"{name}.ipynb", place)
    (tmp_path / "students.csv").write_text("id,first_name,last_name,email\nbitdiddle,Ben,Bitdiddle,ben@example.org\n")
    nbgrader(tmp_path, "generate_assignment", name)

    def marks():
        with open(tmp_path / "grades.csv", newline="") as file:
            row, = csv.DictReader(file)
        assert (row["last_name"], row["duedate"][:10]) == ("Bitdiddle", "2027-03-01")
        return float(row["score"]), float(row["max_score"])

    before = [command for command in commands if "--force" not in command]
    again = [command for command in commands if "--force" in command or command.startswith("nbgrader export")]
    for command in before:
        nbgrader(tmp_path, *shlex.split(command)[1:])
    assert marks() == (28, 28)
    changed = nbformat.read(tmp_path / "source" / name / f"{name}.ipynb", as_version=4)
    check = next(cell for cell in changed.cells if kind_of(cell) == "check")
    check.source, check.metadata.nbgrader.points = "assert False", 7         # a check that was wrong, or is now
    worth = 7 - 2
    nbformat.write(changed, tmp_path / "source" / name / f"{name}.ipynb")
    nbgrader(tmp_path, "generate_assignment", name, "--force")
    for command in again:
        nbgrader(tmp_path, *shlex.split(command)[1:])
    assert marks() == (26, 28 + worth)
