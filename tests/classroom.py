"""A class of thirty, made up: what they hand in for an assignment, and the marks that each must get.

Some answer rightly, some not at all, some make the typical mistakes, some cheat, some hand in files that are barely
notebooks. `open_course` makes a course's folder, `hand_in` writes submissions into it, `nbgrader` runs a command there.
"""
import copy
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path

import nbformat

from grader import examiner
from grader.examiner import exercise_of, kind_of

ROOT = Path(__file__).resolve().parent.parent

# Each stands before a right answer, earns nothing for that exercise, and changes nothing else.
CHEATS = {
    "imports torch": "import torch",
    "imports course_lib": "from course_lib import F",
    "hides its import": "try:\n    import sklearn\nexcept ImportError:\n    pass",
    "uses importlib": "import importlib\nimportlib.import_module('course_lib')",
    "uses __import__": "__import__('scipy')",
    "looks into sys.modules": "import sys\nsys.modules['course_lib']",
    "inspects": "import inspect\ninspect.stack()",
    "reads a file": "open('/etc/hostname').read()",
    "writes the gradebook": "open('../../gradebook.db', 'wb').write(b'')",
    "loads with NumPy": "np.load('solution.npy', allow_pickle=True)",
    "changes NumPy": "np.allclose = lambda *args, **kwargs: True",
    "redefines a helper": "def close(*args, **kwargs):\n    pass",
    "walks to the builtins": "().__class__.__base__.__subclasses__()",
    "ends the process": "raise SystemExit",
    "crashes the process": "np.lib.stride_tricks.as_strided(np.zeros(1), (10 ** 9,), (10 ** 6,)).sum()",
    "eats memory": "hoard = np.ones(10 ** 10)",
}
# Each stands after the answer; NAME is what the exercise defines.
TRICKS = {
    "never ends": "def NAME(*args, **kwargs):\n    while True:\n        pass",
    "equals everything": "class Yes:\n    def __eq__(self, other):\n        return True\n    __getattr__ = __call__ = "
                         "__getitem__ = lambda self, *args, **kwargs: self\nNAME = Yes()",
}


def open_course(folder, *names):
    """A course's folder, as an instructor has it before the term, with these assignments."""
    for part in ("header.ipynb", "nbgrader_config.py"):
        shutil.copy(ROOT / "exercises" / part, folder)
    for name in names:
        shutil.copytree(ROOT / "exercises" / "source" / name, folder / "source" / name)
    return folder


def nbgrader(course, *command):
    """One of nbgrader's commands, run where an instructor runs it. Returns what it says; AssertionError when it fails."""
    beside = os.path.dirname(sys.executable)
    environment = dict(os.environ, PATH=f"{beside}{os.pathsep}{os.environ['PATH']}", PYTHONPATH=str(ROOT), OMP_NUM_THREADS="1")
    run = subprocess.run([sys.executable, "-m", "nbgrader", *command], cwd=course, env=environment,
                         capture_output=True, text=True)
    assert run.returncode == 0, run.stderr[-3000:]
    return run.stderr


def cells_of(notebook, kind):
    return [cell for cell in notebook.cells if kind_of(cell) == kind]


def with_answer(notebook, exercise, code):
    """The notebook with another answer to one exercise."""
    notebook = copy.deepcopy(notebook)
    for cell in cells_of(notebook, "answer"):
        if cell.metadata.nbgrader.grade_id == exercise:
            cell.source = code
    return notebook


def worth(notebook, exercise=None):
    """Points of an exercise, or of the whole assignment."""
    return sum(cell.metadata.nbgrader.points for cell in cells_of(notebook, "check")
               if exercise in (None, exercise_of(cell.metadata.nbgrader.grade_id)))


def lonely(notebook):
    """Exercises whose functions no other answer uses: {exercise: (their names, its answer)}.

    None of them whose checks may take longer than usual: a loop that never ends takes all of it.
    """
    slow = {exercise_of(cell.metadata.nbgrader.grade_id) for cell in cells_of(notebook, "check")
            if cell.metadata.get("course", {}).get("seconds", 0) > examiner.SECONDS}
    answers, found = cells_of(notebook, "answer"), {}
    for cell in answers:
        names = re.findall(r"^(?:def|class) (\w+)", cell.source, re.M)
        others = "\n".join(other.source for other in answers if other is not cell)
        used = any(re.search(rf"\b{name}\b", others) for name in names)
        if names and not used and cell.metadata.nbgrader.grade_id not in slow:
            found[cell.metadata.nbgrader.grade_id] = names, cell.source
    return found


def hand_in(folder, source, release, wrong, turn=0):
    """Write thirty submissions of an assignment; return the marks that each must get, by student.

    Parameters
    ----------
    folder : Path
        The course: submissions go to ``submitted/STUDENT/ASSIGNMENT/``.
    source, release : Path
        The teacher's and the student's notebook.
    wrong : list of (exercise, words, code)
        Typical mistakes; some of them are handed in, with the marks that `grader.examiner` gives them.
    turn : int
        Which of the cheats come to this assignment: other ones each time.
    """
    name, solution, stub = source.stem, nbformat.read(source, 4), nbformat.read(release, 4)
    answers = {cell.metadata.nbgrader.grade_id: cell.source for cell in cells_of(solution, "answer")}
    best, student = copy.deepcopy(stub), copy.deepcopy(stub)    # right answers, in the notebook that students get
    functions = {name for name, code in answers.items() if re.search(r"^(?:def|class) ", code, re.M)}
    for cell in cells_of(best, "answer"):
        cell.source = answers[cell.metadata.nbgrader.grade_id]
    for cell in cells_of(student, "answer"):        # most have no time for the questions, some of which train a network
        if cell.metadata.nbgrader.grade_id in functions:
            cell.source = answers[cell.metadata.nbgrader.grade_id]
    alone, most = lonely(solution), sum(worth(solution, name) for name in functions)
    exercise = list(alone)[turn % len(alone)]
    names, answer = alone[exercise]
    rest = most - worth(solution, exercise)

    handed = [(nbformat.writes(best), worth(solution))]
    handed += [(text, most) for text in _untidy(student)]
    handed += [(nbformat.writes(stub), 0), ("", 0), (nbformat.writes(student)[:-200], 0),
               ('{"nbformat": 4, "cells": 7}', 0)]
    missing = copy.deepcopy(student)
    missing.cells = [cell for cell in missing.cells if kind_of(cell) != "answer"
                     or cell.metadata.nbgrader.grade_id != exercise]
    handed.append((nbformat.writes(missing), rest))

    mistakes = {task: code for task, _, code in wrong if task in alone}
    for task, code in list(mistakes.items())[:5]:
        notebook = with_answer(solution, task, code)
        notebook.cells = [cell for cell in notebook.cells if kind_of(cell) != "check"
                          or exercise_of(cell.metadata.nbgrader.grade_id) == task]
        earned = sum(mark.earned for mark in examiner.mark(notebook))
        handed.append((nbformat.writes(with_answer(student, task, code)), most - worth(solution, task) + earned))

    codes = [f"{cheat}\n{answer}" for cheat in CHEATS.values()]
    codes += ["\n".join([answer, *(trick.replace("NAME", each) for each in names)]) for trick in TRICKS.values()]
    start = turn * (30 - len(handed))
    for k in range(30 - len(handed)):
        code = codes[(start + k) % len(codes)]
        handed.append((nbformat.writes(with_answer(student, exercise, code)), rest))

    expected = {}
    for number, (text, marks) in enumerate(handed, 1):
        place = folder / "submitted" / f"s{number:02d}" / name
        place.mkdir(parents=True)
        file = "my homework (final).ipynb" if number == 3 else f"{name}.ipynb"
        (place / file).write_text(text, encoding="utf-8")
        expected[f"s{number:02d}"] = marks
    return expected


def _untidy(notebook):
    """Right answers in seven notebooks that are more or less what was handed out."""
    def changed(change):
        copied = copy.deepcopy(notebook)
        change(copied)
        return nbformat.writes(copied)

    def checks_changed(copied):
        for cell in cells_of(copied, "check"):
            cell.source = "pass"

    def only_answers(copied):
        copied.cells = cells_of(copied, "answer")

    def names_lost(copied):
        for cell in copied.cells:
            cell.metadata.clear()

    doubled = json.loads(nbformat.writes(notebook))
    doubled["cells"] *= 2                           # ids and all
    return [changed(checks_changed), changed(lambda copied: None),
            changed(lambda copied: copied.cells.reverse()), json.dumps(doubled),
            changed(only_answers), changed(names_lost), json.dumps(nbformat.convert(copy.deepcopy(notebook), 3))]
