"""Every explorer of the book: what its page stores is what its function returns today."""

from pathlib import Path

import matplotlib.pyplot as plt
import pytest
from IPython.core.interactiveshell import InteractiveShell

from course_lib.explorer import Explorer, stored

# Beyond the rounding of packing: processors differ in the last digits, and long training magnifies them.
TOLERANCE = 0.02
FILES = [path.name for path in sorted((Path(__file__).resolve().parent.parent / "chapters").glob("*.ipynb"))]


def stored_pages(notebook):
    """The stored HTML of each explorer, by name."""
    pages = {}
    for cell in notebook.cells:
        for output in cell.get("outputs", []):
            page = output.get("data", {}).get("text/html", "")
            if page.startswith("<course-explorer id="):
                pages[page.split('"')[1]] = page
    return pages


@pytest.mark.slow
@pytest.mark.parametrize("file", FILES)
def test_stored_grids_are_what_the_code_computes(notebooks, root, file, monkeypatch):
    """Run the notebook's code, collect its explorers, recompute their first, middle and last settings."""
    monkeypatch.setenv("COURSE_LIB_EXPLORER", "start")
    monkeypatch.setenv("TQDM_DISABLE", "1")
    monkeypatch.chdir(root / "chapters")
    explorers, make = [], Explorer.__init__

    def collect(self, *arguments, **keywords):
        make(self, *arguments, **keywords)
        explorers.append(self)

    monkeypatch.setattr(Explorer, "__init__", collect)
    shell = InteractiveShell()
    for cell in notebooks[file].cells:
        if cell.cell_type == "code":
            shell.run_cell(cell.source, silent=True).raise_error()
            plt.close("all")

    pages = stored_pages(notebooks[file])
    assert [explorer.name for explorer in explorers] == list(pages), "stored explorers are not those of the code"
    for explorer in explorers:
        assert len(stored(pages[explorer.name])) == len(explorer.grid), f"{explorer.name}: stored without its whole grid"
        explorer.check_stored(pages[explorer.name], rtol=TOLERANCE)
