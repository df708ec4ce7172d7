"""Notebooks as students hand them in: read whatever came, and put the answers into a clean copy of the assignment."""
import ast
import copy
import json
from pathlib import Path

import nbformat

from .examiner import exercise_of, kind_of

STUB = "raise NotImplementedError"


def read(path):
    """A notebook, and what was wrong with the file; a file that is none gives an empty notebook.

    Returns
    -------
    notebook : NotebookNode
        In nbformat 4; cells of old formats are converted.
    remarks : list of str
    """
    try:
        text = Path(path).read_bytes().decode("utf-8-sig")
    except UnicodeDecodeError:
        return nbformat.v4.new_notebook(), ["the file is not text: it cannot be a notebook"]
    if not text.strip():
        return nbformat.v4.new_notebook(), ["the file is empty"]
    try:
        data = json.loads(text)
    except (ValueError, RecursionError) as error:
        return nbformat.v4.new_notebook(), [f"the file is no notebook: {str(error)[:100]}"]
    if not isinstance(data, dict) or not ("cells" in data or "worksheets" in data):
        return nbformat.v4.new_notebook(), ["the file is no notebook: it has no cells"]
    remarks = []
    if "worksheets" in data or data.get("nbformat", 4) != 4:
        remarks.append(f"saved in format {data.get('nbformat', 3)}, converted to 4")
        try:
            data = nbformat.convert(nbformat.from_dict(data), 4)
        except Exception as error:                  # nbformat raises what the broken part makes it raise
            return nbformat.v4.new_notebook(), [f"its old format cannot be read: {type(error).__name__}: {error}"]
    notebook = nbformat.v4.new_notebook()
    skipped = 0
    for cell in data["cells"] if isinstance(data["cells"], list) else []:
        source = cell.get("source", "") if isinstance(cell, dict) else None
        if isinstance(source, list) and all(isinstance(line, str) for line in source):
            source = "".join(source)
        metadata = cell.get("metadata", {}) if isinstance(cell, dict) else {}
        if not isinstance(source, str) or cell.get("cell_type") not in ("code", "markdown", "raw"):
            skipped += 1
            continue
        made = getattr(nbformat.v4, f"new_{cell['cell_type']}_cell")(source)
        made.metadata = nbformat.from_dict(metadata if isinstance(metadata, dict) else {})
        notebook.cells.append(made)
    return notebook, remarks + ([f"{skipped} damaged cells were left out"] if skipped else [])


def clean_copy(source, submitted):
    """The assignment as the teacher wrote it, with the student's answers in their places.

    Whatever was deleted, moved, doubled or changed around the answers does not matter. An answer is found by its cell's
    id; if that is gone, by the name it defines.

    Parameters
    ----------
    source : NotebookNode
        The teacher's notebook, solutions and hidden tests included.
    submitted : NotebookNode
        Anything.

    Returns
    -------
    notebook : NotebookNode
    remarks : list of str
        What was put right.
    """
    clean, remarks = copy.deepcopy(source), []
    by_id, used = {}, set()
    for place, cell in enumerate(submitted.cells):
        grading = cell.metadata.get("nbgrader")
        grade_id = grading.get("grade_id") if isinstance(grading, dict) else None
        if cell.cell_type == "code" and isinstance(grade_id, str):
            by_id.setdefault(grade_id, []).append(place)
    order = []
    for cell in clean.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
        if kind_of(cell) != "answer":
            continue
        name = cell.metadata.nbgrader.grade_id
        places = by_id.get(name) or _defining(submitted, _names(cell.source), used)
        stub = f"{STUB}(\"this cell was not handed in\")"
        if not places:
            cell.source = stub
            remarks.append(f"{exercise_of(name)}: its cell was not handed in")
            continue
        if name not in by_id:
            remarks.append(f"{exercise_of(name)}: its cell had lost its name; found by what it defines")
        answered = [place for place in places if STUB not in submitted.cells[place].source] or places
        if len(places) > 1:
            remarks.append(f"{exercise_of(name)}: {len(places)} cells carry its name; the last answered one counts")
        cell.source = submitted.cells[answered[-1]].source
        used.update(places)
        order.append(answered[-1])
    if order != sorted(order):
        remarks.append("the answers came in another order")
    return clean, remarks


def _names(source):
    """What a cell defines at its top level; nothing if it is no Python."""
    try:
        body = ast.parse(source).body
    except SyntaxError:
        return set()
    names = {node.name for node in body if isinstance(node, (ast.FunctionDef, ast.ClassDef))}
    return names | {target.id for node in body if isinstance(node, ast.Assign)
                    for target in node.targets if isinstance(target, ast.Name)}


def _defining(notebook, names, used):
    return [place for place, cell in enumerate(notebook.cells)
            if cell.cell_type == "code" and place not in used and kind_of(cell) not in ("check", "given")
            and _names(cell.source) & names]
