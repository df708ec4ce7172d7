"""The grader: what passes between examiner and answers, what the walls hold, what is made of damaged files."""
import json
import time
from fractions import Fraction

import nbformat
import numpy as np
import pytest

from grader import checks, examiner, notebooks, rules, wire


def notebook(*cells):
    """A notebook of (kind, id, source) cells; every check is worth a point."""
    made = nbformat.v4.new_notebook()
    for kind, grade_id, source in cells:
        cell = nbformat.v4.new_code_cell(source)
        cell.metadata.nbgrader = {"grade_id": grade_id, "grade": kind == "check", "solution": kind == "answer",
                                  "locked": kind != "answer", "task": False, "schema_version": 3}
        if kind == "check":
            cell.metadata.nbgrader.points = 1
        made.cells.append(cell)
    return made


def marks(*cells, **limits):
    return examiner.mark(notebook(("given", "setup", "import numpy as np\nfrom grader.checks import *\n"
                                   "from grader.checks import close, equal, raises"), *cells), **limits)


def message(answer, check, **limits):
    """The message of one check of one answer, named f."""
    mark, = marks(("answer", "f", answer), ("check", "f-1", check), **limits)
    assert bool(mark.message) == (mark.earned == 0)
    return mark.message


# ------------------------------------------------------------------------------------------------ what passes

@pytest.mark.parametrize("value", [
    None, True, 3, -2.5, 1 + 2j, "déjà", b"\0", (1, "a"), [1, [2.0]], {"a": [1]}, {1, 2}, Fraction(1, 3), np.float32(0.1),
    np.int64(7), np.arange(6.0).reshape(2, 3)[:, ::-1], np.array(["a", "bc"]), np.zeros((0, 3)), np.array(True)],
    ids=lambda value: type(value).__name__)
def test_data_passes_unchanged(value):
    line = wire.Line(0, 0)
    back = wire.Line(0, 0).unpack(line.pack(value))
    assert type(back) is type(value)
    assert back.dtype == value.dtype if isinstance(value, (np.ndarray, np.generic)) else True
    assert np.array_equal(back, value) if isinstance(value, np.ndarray) else back == value


def test_no_bytes_make_the_examiner_import_or_call():
    import io
    import os
    import pickle
    stream = pickle.dumps(os.getcwd)
    with pytest.raises(pickle.UnpicklingError, match="does not pass"):
        wire._Unpickler(io.BytesIO(stream)).load()


def test_changes_in_place_come_back_and_identity_holds():
    assert not message(
        "def f(x, state, rng):\n    x += 1\n    state['t'] = state.get('t', 0) + 1\n    rng.random()\n    return x",
        "x, state, rng = np.zeros(3), {}, np.random.default_rng(0)\n"
        "other = np.random.default_rng(0); other.random()\n"
        "assert f(x, state, rng) is x\n"
        "close(x, [1, 1, 1])\n"
        "equal(state, {'t': 1})\n"
        "assert rng.random() == other.random()")


def test_what_an_answer_keeps_is_what_it_was_given():
    """A shallow copy is found out: the examiner changes its own array, and the answer's changes with it."""
    check = "w = np.zeros(2)\nkeeper = f()\nkeeper.keep({'w': w})\nw += 5\nkeeper.touch({'w': w})\nclose(keeper.best['w'], [0, 0])"
    shallow = "class f:\n    def keep(self, p): self.best = dict(p)\n    def touch(self, p): pass"
    assert "expected" in message(shallow, check) or "off" in message(shallow, check)
    deep = "class f:\n    def keep(self, p): self.best = {k: v.copy() for k, v in p.items()}\n    def touch(self, p): pass"
    assert not message(deep, check)


def test_functions_objects_operators_and_iterators_cross():
    assert not message(
        "class f:\n    def __init__(self, data): self.data = data\n"
        "    def __add__(self, other): return f(self.data + (other.data if isinstance(other, f) else other))\n"
        "    __radd__ = __add__\n    def each(self, g): return (g(v) for v in self.data)",
        "v = f(np.array([1.0, 2.0])) + f(1)\nclose(v.data, [2, 3])\nclose((1 + v).data, [3, 4])\n"
        "equal(list(v.each(lambda x: x * 10)), [20.0, 30.0])\nv.data = np.zeros(1)\nclose(v.data, [0])")


def test_an_exception_crosses_as_itself():
    assert not message("def f(x):\n    raise ValueError('f: x must be positive')", "raises(ValueError, f, -1, says='positive')")
    assert message("def f(x):\n    return 1 / x", "f(0)") == "raises ZeroDivisionError (line 2 of f): division by zero"


def test_floating_point_errors_follow_the_check():
    assert "overflow" in message("def f(x):\n    return np.exp(x)", "with np.errstate(over='raise'):\n    f(1e4)")
    assert not message("def f(x):\n    return np.exp(x)", "f(1e4)")


# --------------------------------------------------------------------------------------------------- the walls

@pytest.mark.parametrize("code, words", [
    ("import torch", "imports torch"), ("from sklearn import svm", "imports sklearn"),
    ("import numpy as np, scipy.special as s", "imports scipy.special"),
    ("import importlib", "importlib"), ("__import__('os')", "__import__"), ("import sys", "imports sys"),
    ("from numpy import load", "numpy.load"), ("import numpy.ctypeslib", "ctypeslib"),
    ("open('x')", "uses open"), ("eval('1')", "uses eval"), ("x = ().__class__.__mro__", "__mro__"),
    ("np.load('x')", ".load"), ("np.allclose = all", "changes np.allclose"), ("del np.sum", "changes np.sum"),
    ("setattr(np, 'sum', 1)", "changes np.sum"), ("getattr(np, 'lo' + 'ad')", "cannot be read"),
    ("def close(): pass", "defines close again"), ("equal = 1", "defines equal again"),
    ("(lambda: 0).__globals__", "__globals__"), ("import numpy as n\nn.sum = 0", "changes n.sum"),
])
def test_the_source_is_read_first(code, words):
    mistake = message(f"{code}\ndef f():\n    return 1", "equal(f(), 1)")
    assert words in mistake and mistake.startswith("line ")


@pytest.mark.parametrize("code", [
    "import numpy as np\nfrom math import exp", "import itertools, functools\nfrom collections import namedtuple\n"
    "P = namedtuple('P', 'a b')", "from dataclasses import dataclass\n@dataclass\nclass D:\n    a: int = 0",
    "from numpy.lib.stride_tricks import sliding_window_view", "from fractions import Fraction",
    "%matplotlib inline\n!pip list", "np.linalg.svd(np.eye(3)); np.fft.fft(np.ones(4)); np.random.default_rng(0).normal(size=3)",
    "import warnings\nwarnings.warn('hm')", "print(np.arange(10000))",
    "def helper(x): return x.mean() + x.std() + np.median(x)\nhelper(np.ones(3))",
])
def test_what_is_allowed_works(code):
    assert not message(f"{code}\ndef f():\n    return 1", "equal(f(), 1)")


@pytest.mark.parametrize("code", [                # sources that the rules cannot see through: the wall itself
    "def f():\n    g = [c for c in [np]][0]\n    return vars",
    "def f():\n    return np.genfromtxt",
])
def test_names_that_reach_out_are_refused(code):
    assert message(code, "f()")


def wall(monkeypatch, code):
    """The message when the rules see nothing, and only the sandbox's walls stand."""
    monkeypatch.setattr(rules, "violations", lambda source, protected=(): [])
    return message(f"def f():\n    try:\n        {code}\n    except BaseException:\n        pass\n    return 1", "equal(f(), 1)")


@pytest.mark.parametrize("code", [
    "import torch", "import os", "import ctypes", "import importlib", "__import__('course_lib')", "open('/etc/hostname')",
    "eval('1')", "np.load('/etc/hostname')", "np.fromfile('/etc/hostname')", "np.lib._npyio_impl.os.listdir('/')",
    "np.lib._utils_impl.sys.modules['os'].system('true')", "np.ctypeslib.ctypes.CDLL(None)",
    "().__class__.__base__.__subclasses__() and open('x', 'w')",
])
def test_what_is_caught_and_hidden_is_reported_all_the_same(monkeypatch, code):
    assert wall(monkeypatch, code), code


@pytest.mark.parametrize("code, words", [
    ("while True: pass", "no result after 1 seconds"), ("import time; time.sleep(100)", "no result after 1 seconds"), ("return np.ones(10 ** 10).sum()", "memory"),
    ("return [0] * 10 ** 10", "memory"), ("raise SystemExit", "SystemExit"), ("raise KeyboardInterrupt", "KeyboardInterrupt"),
    ("return f()", "RecursionError"), ("np.lib.stride_tricks.as_strided(np.zeros(1), (10 ** 9,), (10 ** 6,)).sum()", "ended the process"),
    ("return 1 +", "SyntaxError"), ("return nothing", "define helpers inside the answer"), ("return close", "not defined"),
    ("return np.zeros(10 ** 8)", "memory"), ("raise NotImplementedError", "not answered yet"), ("return f", "expected numbers"),
])
def test_an_accident_costs_only_its_own_check(code, words):
    first, second, third = marks(
        ("answer", "f", f"def f():\n    {code}"), ("check", "f-1", "close(f(), 1)"),
        ("answer", "g", "def g():\n    return 2"), ("check", "g-1", "close(g(), 2)"), ("check", "g-2", "close(g(), 3)"), seconds=1)
    assert first.earned == 0 and words in first.message
    assert second.earned == 1 and third.message == "the result is 2, expected 3"


def test_a_cell_that_never_ends_while_it_is_read():
    begin = time.monotonic()
    first, second = marks(("answer", "f", "while True: pass"), ("check", "f-1", "f()"),
                          ("answer", "g", "def g():\n    return 2"), ("check", "g-1", "close(g(), 2)"), seconds=1)
    assert "does a loop never end" in first.message and second.earned == 1
    assert time.monotonic() - begin < 60


@pytest.mark.parametrize("check", ["list(f())", "raises(ValueError, lambda: list(f()))", "try: list(f())\nexcept Exception: pass"])
def test_answers_without_end_end_and_nothing_swallows_the_limit(check):
    endless = "import itertools\ndef f():\n    return itertools.count()"
    first, second = marks(("answer", "f", endless), ("check", "f-1", check), ("answer", "g", "def g():\n    return 2"),
                          ("check", "g-1", "close(g(), 2)"), seconds=1)
    assert "no result after 1 seconds" in first.message and second.earned == 1


def test_an_object_that_equals_everything_earns_nothing():
    yes = "class Yes:\n    def __eq__(self, other): return True\n    def __array__(self, *a, **k): return np.ones(1)\nf = Yes()"
    assert "expected numbers" in message(yes, "close(f, 1)")
    assert message(yes, "equal(f, 'a')") and message(yes, "assert f == 1")


def test_a_reported_answer_loses_earlier_checks_too_late_is_not_too_late():
    """The wall reports while the second check runs: the exercise's later checks earn nothing, and say why."""
    answer = "n = [0]\ndef f():\n    n[0] += 1\n    if n[0] == 2:\n        try:\n            open('x')\n        except OSError: pass\n    return 1"
    assert all(mark.earned == 0 and "uses open" in mark.message
               for mark in marks(("answer", "f", answer), ("check", "f-1", "f()"), ("check", "f-2", "f()"), ("check", "f-3", "f()")))


def test_answers_see_neither_the_given_cells_nor_the_checks():
    cells = ("given", "secret", "key = 42"), ("answer", "f", "def f():\n    return key"), ("check", "f-1", "close(f(), key)")
    mark, = marks(*cells)
    assert "name 'key' is not defined" in mark.message


@pytest.mark.parametrize("setting", ["two", "-1", ""])
def test_a_class_that_cannot_be_read_costs_nobody_marks(monkeypatch, setting):
    monkeypatch.setenv("COURSE_VARIANT", setting)
    with pytest.raises(ValueError, match="COURSE_VARIANT must be a whole number"):
        marks(("answer", "f", "f = 1"), ("check", "f-1", "close(f, 1)"))


def test_a_sandbox_that_does_not_start_costs_nobody_marks(monkeypatch):
    monkeypatch.setattr("sys.executable", "/bin/false")
    with pytest.raises(RuntimeError, match="did not start"):
        marks(("answer", "f", "f = 1"), ("check", "f-1", "close(f, 1)"))


# -------------------------------------------------------------------------------------------------- damaged files

@pytest.mark.parametrize("text, remark", [
    ("", "empty"), ("{", "no notebook"), ("[]", "no cells"), ('{"cells": 5}', None), ("\ufeff{}", "no cells"),
    ('{"cells": [5, {"cell_type": "code"}, {"cell_type": "code", "source": [1]}, {"cell_type": "x", "source": ""}]}', "3 damaged"),
    ("[" * 100000, "no notebook"), ('{"nbformat": 3, "worksheets": 3}', "cannot be read"),
])
def test_any_file_is_read(tmp_path, text, remark):
    path = tmp_path / "a.ipynb"
    path.write_text(text, encoding="utf-8")
    made, remarks = notebooks.read(path)
    nbformat.validate(made)
    assert remark is None or any(remark in line for line in remarks), remarks


def test_a_file_that_is_not_text(tmp_path):
    (tmp_path / "a.ipynb").write_bytes(b"\xff\xfe\x00PK")
    assert notebooks.read(tmp_path / "a.ipynb")[1] == ["the file is not text: it cannot be a notebook"]


def test_answers_find_their_places_and_nothing_else_comes_along():
    teacher = notebook(("given", "setup", "x = 1"), ("answer", "f", "def f(): pass"), ("check", "f-1", "assert f()"),
                       ("answer", "g", "g = 2"))
    student = notebook(("answer", "g", "g = 3"), ("answer", "f", "raise NotImplementedError"), ("answer", "f", "def f(): return 1"),
                       ("check", "f-1", "pass"), ("given", "setup", "x = 2"))
    clean, remarks = notebooks.clean_copy(teacher, student)
    assert [cell.source for cell in clean.cells] == ["x = 1", "def f(): return 1", "assert f()", "g = 3"]
    assert remarks == ["f: 2 cells carry its name; the last answered one counts", "the answers came in another order"]


def test_a_cell_without_its_name_is_found_by_what_it_defines():
    teacher = notebook(("answer", "f", "def f(): pass"), ("answer", "g", "g = 2"))
    student = notebook(("answer", "f", "def f(): return 1"))
    student.cells[0].metadata.clear()
    clean, remarks = notebooks.clean_copy(teacher, student)
    assert clean.cells[0].source == "def f(): return 1" and "not handed in" in clean.cells[1].source
    assert [line.split(":")[0] for line in remarks] == ["f", "g"]


# ---------------------------------------------------------------------------------------------------- messages

@pytest.mark.parametrize("actual, expected, words", [
    (None, 1, "is a `return` missing"), ("a", 1, "expected numbers"), ([[1], [1, 2]], [1], "different length"),
    ([1, 2], [[1, 2]], "has shape (2,), expected (1, 2)"), (np.ones((3, 2)), np.ones((2, 3)), "it is transposed"),
    ([np.nan, 1], [1, 1], "holds nan at [0]"), ([2, 4, 6], [1, 2, 3], "2 times too large: is a factor missing"),
    ([3, 6, 9], [1, 2, 3], "3 times too large: mean or sum"), ([-1, -2], [1, 2], "wrong sign"),
    ([2, 3], [1, 2], "off by 1 everywhere"), ([[1, 2], [3, 5]], [[1, 3], [2, 5]], "is transposed"),
    ([3, 1, 2], [2, 1, 3], "reverse order"), ([1, 2, 4], [1, 2, 3], "wrong at [2]: 4, expected 3 (1 of 3 numbers"),
    (2.0, 1.0, "is 2, expected 1"), (object(), 1, "expected numbers"),
])
def test_close_names_the_mistake(actual, expected, words):
    with pytest.raises(checks.Wrong, match=None) as error:
        checks.close(actual, expected, "y")
    assert words in str(error.value) and str(error.value).startswith("y ")


def test_jupyter_shows_the_sentence_alone():
    assert checks.Wrong("y is 2, expected 1")._render_traceback_() == ["✗ y is 2, expected 1"]


def test_command_line(tmp_path, capsys, monkeypatch):
    from grader import __main__ as command
    path = tmp_path / "a.ipynb"
    made = notebook(("given", "setup", "from grader.checks import close"), ("answer", "f", "def f(): return 1"),
                    ("check", "f-1", "close(f(), 1)"), ("check", "f-2", "close(f(), 2)"), ("check", "f-3", "# Hidden: more"))
    path.write_text(json.dumps(made), encoding="utf-8")
    monkeypatch.setattr("sys.argv", ["grader", str(path)])
    command.main()
    shown = capsys.readouterr().out
    assert "f                       1 of 2" in shown and "✗ f-2: the result is 1, expected 2" in shown
    assert "and 1 points of hidden checks" in shown
    for argument, words in (("nothing.ipynb", "no file"), (str(tmp_path / "b.ipynb"), "has no checks")):
        (tmp_path / "b.ipynb").write_text("{}")
        monkeypatch.setattr("sys.argv", ["grader", argument])
        with pytest.raises(SystemExit, match=words):
            command.main()
