"""Every exercise, proven: the solution earns everything, the stub nothing, each typical mistake is named.

The assignments are in ``exercises/source``, the typical wrong answers in ``tests/wrong`` (one file per assignment: a line
``# %% exercise: words of the message``, below it the answer's cell).
"""
import re

import nbformat
import pytest
from nbclient import NotebookClient

from grader import examiner, notebooks
from grader.examiner import exercise_of, kind_of

from classroom import cells_of, with_answer
from conftest import ROOT

ASSIGNMENTS = sorted(path.name for path in (ROOT / "exercises" / "source").iterdir() if path.is_dir())
every_assignment = pytest.mark.parametrize("name", ASSIGNMENTS)
pytestmark = pytest.mark.term
SECONDS = 60                    # of one check: the machine may be busy; students' limit is in nbgrader_config.py


def source(name):
    return nbformat.read(ROOT / "exercises" / "source" / name / f"{name}.ipynb", as_version=4)


def release(name):
    return nbformat.read(ROOT / "exercises" / "release" / name / f"{name}.ipynb", as_version=4)


def wrong_answers(name):
    """(exercise, words, code) of an assignment's typical mistakes."""
    text = (ROOT / "tests" / "wrong" / f"{name}.py").read_text(encoding="utf-8")
    parts = re.split(r"^# %% (\w+): (.+)\n", text, flags=re.M)[1:]
    return list(zip(parts[::3], parts[1::3], parts[2::3]))


def only(notebook, exercise):
    """The notebook with the checks of one exercise alone."""
    notebook.cells = [cell for cell in notebook.cells
                      if kind_of(cell) != "check" or exercise_of(cell.metadata.nbgrader.grade_id) == exercise]
    return notebook


@pytest.mark.parametrize("variant", ["0", "1", "2"])
@every_assignment
def test_the_solution_earns_everything_in_every_class(name, variant, monkeypatch):
    monkeypatch.setenv("COURSE_VARIANT", variant)
    lost = [mark for mark in examiner.mark(source(name), SECONDS) if mark.earned < mark.points]
    assert not lost


@every_assignment
def test_every_cell_runs_in_a_student_s_kernel(name, monkeypatch):
    """Checks, plots and explorers, with the solution in place."""
    monkeypatch.setenv("COURSE_LIB_EXPLORER", "start")
    notebook = source(name)
    NotebookClient(notebook, timeout=300, resources={"metadata": {"path": str(ROOT)}}).execute()     # raises on an error
    assert all(cell.execution_count for cell in notebook.cells if cell.cell_type == "code")


@every_assignment
def test_the_stub_earns_nothing(name):
    clean, _ = notebooks.clean_copy(source(name), release(name))
    for mark in examiner.mark(clean, SECONDS):
        assert (mark.earned, mark.message) == (0, "not answered yet"), mark


@every_assignment
def test_typical_mistakes_lose_marks_and_are_named(name):
    solution, seen = source(name), []
    for exercise, words, code in wrong_answers(name):
        marks = examiner.mark(only(with_answer(solution, exercise, code), exercise), SECONDS)
        lost = [mark for mark in marks if not mark.earned]
        assert lost, f"this wrong answer to {exercise} earns everything:\n{code}"
        assert any(words in mark.message for mark in lost), f"{words!r} is in none of {[mark.message for mark in lost]}"
        seen.append(exercise)
    for cell in cells_of(solution, "answer"):
        exercise = cell.metadata.nbgrader.grade_id
        assert seen.count(exercise) >= 3, f"{exercise} has {seen.count(exercise)} typical mistakes in tests/wrong/{name}.py"


@every_assignment
def test_each_exercise_has_what_a_student_needs(name):
    """Hints in three steps, a visible check, hidden numbers from `draw`, cells that stand alone."""
    notebook = source(name)
    text = "\n".join(cell.source for cell in notebook.cells if cell.cell_type == "markdown")
    answers = [cell.metadata.nbgrader.grade_id for cell in cells_of(notebook, "answer")]
    assert text.count("<summary>Hint 1") == text.count("<summary>Hint 2") == text.count("<summary>Hint 3") == len(answers)
    checked = {exercise_of(cell.metadata.nbgrader.grade_id) for cell in cells_of(notebook, "check")}
    assert checked == set(answers)
    for cell in cells_of(notebook, "answer"):
        assert "### BEGIN SOLUTION" in cell.source
    hidden = "\n".join(re.findall(r"BEGIN HIDDEN TESTS(.*?)END HIDDEN TESTS", "\n".join(
        cell.source for cell in cells_of(notebook, "check")), re.S))
    assert "draw(" in hidden, "no hidden test draws its numbers"


@every_assignment
def test_every_graded_exercise_of_the_syllabus_is_there(name, syllabus):
    row = next(row for row in syllabus["chapters"] if row["file"].endswith(f"{name}.ipynb"))
    defined = set(re.findall(r"(?:def|class) (\w+)", "\n".join(cell.source for cell in cells_of(source(name), "answer"))))
    for signature, _ in row["exercises"]:
        names = re.findall(r"\b[a-z]\w*(?=\()|\bclass (\w+)|\b\w+_\w+\b", signature)
        listed = set(re.findall(r"\b\w+", signature))
        assert defined & listed, f"{signature} is missing"


@every_assignment
def test_no_solution_and_no_hidden_test_is_in_the_release(name):
    """Searched for by content: the lines themselves, not the markers around them."""
    teacher, student = source(name), release(name)
    secret = []
    for cell in teacher.cells:
        for block in re.findall(r"### BEGIN (?:SOLUTION|HIDDEN TESTS)\n(.*?)\s*### END", cell.source, re.S):
            secret += [line.strip() for line in block.split("\n")]
    shown = "\n".join(re.sub(r"### BEGIN (SOLUTION|HIDDEN TESTS)\n.*?### END \1", "", cell.source, flags=re.S)
                      for cell in teacher.cells)
    everything = nbformat.writes(student)
    student_text = "\n".join(cell.source for cell in student.cells)
    assert "BEGIN SOLUTION" not in everything and "HIDDEN TESTS" not in everything
    for line in secret:
        if len(line) > 8 and line not in shown:         # a line that the student is shown anyway gives nothing away
            assert line not in student_text, f"{line!r} is in the release"
    assert not any(cell.get("outputs") for cell in student.cells)


@every_assignment
def test_student_and_teacher_have_the_same_notebook(name):
    """Besides the header, the solutions and the hidden tests."""
    def shown(cell):
        text = re.sub(r"( *)### BEGIN SOLUTION\n.*?### END SOLUTION", r"\1raise NotImplementedError  # your answer here",
                      cell.source, flags=re.S)
        return re.sub(r"### BEGIN HIDDEN TESTS\n.*?### END HIDDEN TESTS\n?", "", text, flags=re.S).strip()

    teacher, student = source(name), release(name)
    header = len(student.cells) - len(teacher.cells)
    assert header == 1
    assert [cell.source.strip() for cell in student.cells[header:]] == [shown(cell) for cell in teacher.cells]
    assert [kind_of(cell) for cell in student.cells[header:]] == [kind_of(cell) for cell in teacher.cells]
