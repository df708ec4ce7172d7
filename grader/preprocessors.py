"""What nbgrader's commands call, set in ``exercises/nbgrader_config.py``.

``nbgrader autograde`` reads a submission (`AnyNotebook`), makes a clean copy with the answers in their places
(`CleanCopy`), and marks it in the sandbox (`MarkAnswers`) where it would have run a kernel. Its own code writes the
gradebook. ``nbgrader generate_feedback`` leaves the hidden tests out (`WithoutHiddenTests`).
"""
from pathlib import Path

import nbformat
from nbconvert.exporters import NotebookExporter
from nbgrader.preprocessors import ClearHiddenTests, NbGraderPreprocessor
from traitlets import Float, Integer

from . import examiner, notebooks


class AnyNotebook(NotebookExporter):
    """Reads a submission in whatever state it is; no file stops the others' grading."""

    def from_filename(self, filename, resources=None, **kwargs):
        notebook, remarks = notebooks.read(filename)
        if "course" in notebook.metadata:           # not a submission, but our own clean copy
            notebook.metadata.pop("course")
        resources = dict(resources or {}, course_remarks=remarks)
        resources.setdefault("metadata", {"name": Path(filename).stem})
        return self.from_notebook_node(notebook, resources=resources, **kwargs)


class CleanCopy(NbGraderPreprocessor):
    """The teacher's notebook with the student's answers, and a first cell that says what had to be put right."""

    def preprocess(self, notebook, resources):
        names = resources["nbgrader"]
        source = Path(self.parent.parent.coursedir.format_path("source", ".", names["assignment"]))
        clean, remarks = notebooks.clean_copy(
            nbformat.read(source / f"{names['notebook']}.ipynb", as_version=4), notebook)
        remarks = resources["course_remarks"] + remarks
        for remark in remarks:
            self.log.warning("%s, %s: %s", names["student"], names["notebook"], remark)
        if remarks:
            text = "**What had to be put right before marking**\n\n" + "\n".join(f"- {remark}" for remark in remarks)
            clean.cells.insert(0, nbformat.v4.new_markdown_cell(text))
        return clean, resources


class MarkAnswers(NbGraderPreprocessor):
    """Runs every check; a lost mark becomes an error output with one sentence, as nbgrader counts it."""

    seconds = Float(examiner.SECONDS, help="processor time of one check, and of loading one answer").tag(config=True)
    megabytes = Integer(examiner.MEGABYTES, help="memory of the process of the answers").tag(config=True)

    def preprocess(self, notebook, resources):
        marks = {mark.grade_id: mark for mark in examiner.mark(notebook, self.seconds, self.megabytes)}
        for cell in notebook.cells:
            if examiner.kind_of(cell) == "check":
                cell.outputs = [output(marks[cell.metadata.nbgrader.grade_id])]
        return notebook, resources


class WithoutHiddenTests(ClearHiddenTests):
    """For feedback: the hidden tests stay hidden, so that the next class can meet them."""


def output(mark):
    """A mark as the output of its cell."""
    if mark.earned:
        return nbformat.v4.new_output("stream", name="stdout", text=f"✓ {mark.earned:g} of {mark.points:g} points\n")
    text = f"✗ 0 of {mark.points:g} points: {mark.message}"
    return nbformat.v4.new_output("error", ename="Mark", evalue=mark.message, traceback=[text])


def adopt(assignment, student, notebooks):
    """nbgrader's pre-convert hook: a single notebook under another name is taken for the one that was asked for.

    nbgrader passes its own list of paths and reads it again afterwards.
    """
    if len(notebooks) == 1:
        path = Path(notebooks[0])
        wanted = path.with_name(f"{path.parent.name}.ipynb")
        if path != wanted:
            wanted.write_bytes(path.read_bytes())
            notebooks[0] = str(wanted)
