"""The stored notebooks: complete, clean, in order, small. That their outputs are still true, nbval shows (make test)."""

import re
from pathlib import Path

import pytest

BUDGET = 1_000_000          # bytes of a notebook
FILES = sorted((Path(__file__).resolve().parent.parent / "chapters").glob("*.ipynb"))
every_notebook = pytest.mark.parametrize("file", [path.name for path in FILES])


def code_cells(notebook):
    """(number, cell) of the cells that hold code."""
    return [(number, cell) for number, cell in enumerate(notebook.cells, 1)
            if cell.cell_type == "code" and cell.source.strip()]


@every_notebook
def test_every_cell_ran_once_and_in_order(notebooks, file):
    counts = [cell.execution_count for _, cell in code_cells(notebooks[file])]
    assert counts == list(range(1, len(counts) + 1)), "run: make notebooks"


@every_notebook
def test_outputs_are_stored_and_clean(notebooks, file):
    assert any(cell.outputs for _, cell in code_cells(notebooks[file])), "no outputs; run: make notebooks"
    for number, cell in code_cells(notebooks[file]):
        for output in cell.outputs:
            assert output.output_type != "error" or "raises-exception" in cell.metadata.get("tags", []), \
                f"cell {number} stores an error: {output.get('ename')}"
            assert output.get("name") != "stderr", f"cell {number} wrote to stderr: {output.text[:200]}"


@every_notebook
def test_no_widget_state_and_no_progress_bars(notebooks, file):
    assert "widgets" not in notebooks[file].metadata
    for number, cell in code_cells(notebooks[file]):
        for output in cell.outputs:
            data = output.get("data", {})
            assert "application/vnd.jupyter.widget-view+json" not in data, f"cell {number} shows a live widget"
            text = output.get("text", "") + str(data.get("text/plain", ""))
            assert not re.search(r"\d+%\|.*\| *\d+/\d+", text), f"cell {number} stores a progress bar"


@every_notebook
def test_metadata(notebooks, file):
    notebook = notebooks[file]
    assert (notebook.nbformat, notebook.nbformat_minor) >= (4, 5)
    ids = [cell.id for cell in notebook.cells]
    assert len(set(ids)) == len(ids)
    assert notebook.metadata.kernelspec.name == "python3"
    assert "executed" in notebook.metadata.course, "the outputs were not stored by tools/notebooks.py"


@every_notebook
def test_size(root, file):
    size = (root / "chapters" / file).stat().st_size
    assert size <= BUDGET, f"{size / 1e6:.2f} MB"


@every_notebook
def test_what_nbval_overlooks_is_asserted(notebooks, file):
    """A cell whose output may differ between machines must itself say what may not."""
    for number, cell in code_cells(notebooks[file]):
        if "nbval-ignore-output" in cell.metadata.get("tags", []) or "NBVAL_IGNORE_OUTPUT" in cell.source:
            assert re.search(r"^\s*(assert\b|np\.testing\.assert|claims\.verdict\()", cell.source, re.M), \
                f"cell {number} is tagged nbval-ignore-output but holds neither an assert nor a verdict"
        assert "nbval-skip" not in cell.metadata.get("tags", []), f"cell {number} is never run by nbval"
