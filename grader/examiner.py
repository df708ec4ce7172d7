"""Marks a notebook: the checks run here, the answers behind the wall, one limit of time and memory for each check.

Time is the processor's, so that a busy machine costs nobody marks.
"""
import contextlib
import io
import os
import subprocess
import sys
import tempfile
import time
from dataclasses import dataclass
from pathlib import Path

from . import rules, wire
from .checks import Wrong, variant

SECONDS, MEGABYTES = 10, 1500       # processor time and memory of one check, if its cell does not say more
STARTING = 30                       # seconds until a sandbox answers


@dataclass
class Mark:
    """What a check earned, and the one message that explains a loss."""
    grade_id: str
    points: float
    earned: float
    message: str = ""


def exercise_of(grade_id):
    """The exercise that a cell belongs to: ``softmax-extremes`` checks the answer ``softmax``.

    >>> exercise_of("softmax-extremes"), exercise_of("softmax")
    ('softmax', 'softmax')
    """
    return grade_id.split("-")[0]


def kind_of(cell):
    """"answer", "check", "given" (locked code) or None."""
    grading = cell.metadata.get("nbgrader") or {}
    if cell.cell_type != "code" or not grading:
        return None
    if grading.get("solution"):
        return "answer"
    if grading.get("grade"):
        return "check"
    return "given" if grading.get("locked") else None


def mark(notebook, seconds=SECONDS, megabytes=MEGABYTES):
    """Mark a clean copy (see `notebooks.clean_copy`) of a student's notebook.

    Parameters
    ----------
    notebook : NotebookNode
        Given cells and checks as the teacher wrote them; the answers are the student's.
    seconds, megabytes : float
        Limits of each check, in processor seconds; a check's metadata ``course: {seconds: …}`` wins.

    Returns
    -------
    list of Mark
        One for each check, in order. Nothing that an answer does raises here.
    """
    with Examiner(notebook, seconds, megabytes) as examiner:
        return [examiner.mark(cell) for cell in notebook.cells if kind_of(cell) == "check"]


class Examiner:
    """Holds the names of the assignment (here) and of the answers (in the sandbox) while a notebook is marked."""

    def __init__(self, notebook, seconds=SECONDS, megabytes=MEGABYTES):
        variant()                                   # a class that cannot be read must not cost marks
        self.seconds, self.megabytes = seconds, megabytes
        self.answers = {cell.metadata.nbgrader.grade_id: rules.unmagic(cell.source)
                        for cell in notebook.cells if kind_of(cell) == "answer"}
        self.refused = {}                           # exercise -> why its answer earns nothing
        self.broken = {}                            # exercise -> why its cell did not run
        self.sandbox = None
        self.given = {"__name__": "__main__"}
        with _silence():
            for cell in notebook.cells:
                if kind_of(cell) == "given":
                    exec(compile(cell.source, f"<given {cell.metadata.nbgrader.grade_id}>", "exec"), self.given)
        protected = {name for name in self.given if not name.startswith("_")} - {"np"}
        for name, source in self.answers.items():
            found = rules.violations(source, protected)
            if found:
                self.refused[exercise_of(name)] = found[0]

    def __enter__(self):
        return self

    def __exit__(self, *error):
        if self.sandbox:
            self.sandbox.close()

    def mark(self, cell):
        """Run one check."""
        grade_id, points = cell.metadata.nbgrader.grade_id, float(cell.metadata.nbgrader.points)
        exercise = exercise_of(grade_id)
        seconds = cell.metadata.get("course", {}).get("seconds", self.seconds)
        message = self.refused.get(exercise)
        if not message:
            try:
                message = self._run(cell.source, grade_id, seconds)
            except wire.Broken as error:
                self._lose()
                message = self._told(error, seconds)
            self._note_reports()
            message = self.refused.get(exercise) or message
        return Mark(grade_id, points, 0.0 if message else points, message or "")

    def _run(self, source, grade_id, seconds):
        """None, or why the check failed."""
        exercise = exercise_of(grade_id)
        if self.sandbox is None:
            self._start()
        if exercise in self.broken:
            return self.broken[exercise]
        line = self.sandbox.line
        self.sandbox.allow(seconds)
        line.ask("forget")                          # the copies of the check before
        line.forget()
        names = {**line.ask("names"), **self.given}
        try:
            with _silence():
                exec(compile(source, f"<check {grade_id}>", "exec"), names)
        except Wrong as error:
            return str(error)
        except Exception as error:                  # a check meets whatever an answer returns
            return self._explain(error)
        return None

    @staticmethod
    def _told(error, seconds):
        """Why a line broke, in one sentence."""
        if isinstance(error, wire.TimeLimit):
            return f"no result after {seconds:g} seconds: does a loop never end?"
        if isinstance(error, wire.Closed):
            return "the answer ended the process that it ran in"
        return f"the answer returned something that cannot be read: {error}"

    def _explain(self, error):
        """A failure that is not a check's own sentence, in one line."""
        name, text, where = getattr(error, "answer", (None, None, None))
        if name == "NotImplementedError":
            return "not answered yet"
        if name == "MemoryError":
            return f"needs more memory than the {self.megabytes:,} MB there are"
        if name == "NameError":
            text += "; an answer sees np, its arguments and the answers before it: define helpers inside the answer"
        if name:
            place = f" (line {where[1]} of {where[0]})" if where else ""
            return f"raises {name}{place}: {text}".rstrip(": ")
        if isinstance(error, NameError):
            return f"{error}: the answer does not define it"
        if isinstance(error, AssertionError):
            return str(error) or "a check failed"
        return f"what it returns cannot be used: {type(error).__name__}: {error}"

    def _start(self):
        """A fresh sandbox with all answers in it that may and can run."""
        self.sandbox = Sandbox(self.megabytes)
        for name, source in self.answers.items():
            exercise = exercise_of(name)
            if exercise in self.refused or exercise in self.broken:
                continue
            self.sandbox.allow(self.seconds)
            try:
                self.sandbox.line.ask("run", name, source)
            except wire.Broken as error:
                self.broken[exercise] = self._told(error, self.seconds)
                self._lose()
                return self._start()
            except Exception as error:              # whatever the cell raised
                self.broken[exercise] = self._explain(error)
        self._note_reports()

    def _lose(self):
        self._note_reports()
        self.sandbox.close()
        self.sandbox = None

    def _note_reports(self):
        """What the sandbox's walls reported: those answers earn nothing."""
        if self.sandbox:
            for name, number, what in self.sandbox.line.notes:
                self.refused.setdefault(exercise_of(str(name)), f"line {number} {what}")


class Sandbox:
    """The process of `sandbox.py` and the line to it."""

    def __init__(self, megabytes):
        self.folder = tempfile.TemporaryDirectory(prefix="answers-")
        to_read, to_write = os.pipe(), os.pipe()
        environment = {name: "1" for name in ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")}
        self.process = subprocess.Popen(
            [sys.executable, "-I", str(Path(__file__).with_name("sandbox.py")), str(to_read[0]), str(to_write[1]),
             str(megabytes)],
            pass_fds=(to_read[0], to_write[1]), cwd=self.folder.name, env=environment,
            stdin=subprocess.DEVNULL, stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True)
        os.close(to_read[0])
        os.close(to_write[1])
        self.line = wire.Line(to_write[0], to_read[1])
        self.allow(STARTING)
        try:
            self.line.ask("names")
        except (wire.Closed, wire.TimeLimit):
            self.close()
            raise RuntimeError(f"the sandbox of the answers did not start within {STARTING} seconds: "
                               "is NumPy there, and enough memory?") from None

    def allow(self, seconds):
        """From now on, so many seconds of the processor, and six times as long by the clock."""
        begin, used = time.monotonic(), self._processor_seconds()
        self.line.over = lambda: (self._processor_seconds() > used + seconds
                                  or time.monotonic() > begin + 6 * seconds)

    def _processor_seconds(self):
        fields = Path(f"/proc/{self.process.pid}/stat").read_text().rpartition(")")[2].split()
        return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")

    def close(self):
        self.process.kill()
        self.process.wait()
        os.close(self.line.reading)
        os.close(self.line.writing)
        self.folder.cleanup()


@contextlib.contextmanager
def _silence():
    """What given cells and checks print belongs to the student's screen, not to the grader's."""
    with contextlib.redirect_stdout(io.StringIO()):
        yield
