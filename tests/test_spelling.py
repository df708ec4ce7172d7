"""Spelling, with codespell: chapters, pages, docstrings, code and its comments.

tests/words.txt holds the words that codespell takes for slips and that are none: British hyphens, names of variables,
letters of the hello example, slips of the slides that the book quotes.
"""

import shutil
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parent.parent
NAMES = r"\b(Teh|Hava|AER|TE)\b"          # people and gates of the Reber grammar; the slips are in lower case
FILES = [*sorted(ROOT.glob("*.md")), *sorted((ROOT / "chapters").glob("*.md")), *sorted((ROOT / "chapters").glob("*.yml")),
         *(path for folder in ("course_lib", "_ext", "tools", "tests", "grader", "benchmarks", "_assets")
           for path in sorted((ROOT / folder).rglob("*"))
           if path.suffix in (".py", ".js", ".css", ".md", ".txt") and path.name not in ("words.txt", Path(__file__).name))]


def slips(*paths):
    """What codespell finds, a line each."""
    command = [sys.executable, "-m", "codespell_lib", "--builtin", "clear,rare", "--ignore-words", ROOT / "tests" / "words.txt",
               "--ignore-regex", NAMES, *paths]
    done = subprocess.run(command, capture_output=True, text=True)
    assert done.returncode in (0, 65), done.stderr
    return done.stdout


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    """The sources of the notebooks' cells, and of the exercises', as text files."""
    folder = tmp_path_factory.mktemp("spelling")
    for path in [*(ROOT / "chapters").glob("*.ipynb"), *(ROOT / "exercises" / "source").rglob("*.ipynb")]:
        cells = nbformat.read(path, as_version=4).cells
        (folder / f"{path.parent.name}-{path.stem}.txt").write_text("\n\n".join(cell.source for cell in cells), encoding="utf-8")
    return folder


def test_chapters_and_exercises(written):
    assert len(list(written.iterdir())) >= 19
    assert slips(written) == ""


def test_pages_code_and_docstrings():
    assert len(FILES) > 100 and slips(*FILES) == ""


def test_a_slip_is_found(tmp_path):
    page = tmp_path / "page.md"
    shutil.copy(ROOT / "README.md", page)
    assert slips(page) == ""
    page.write_text(page.read_text(encoding="utf-8") + "\nTo recieve teh gradient.\n", encoding="utf-8")
    assert "recieve ==> receive" in slips(page) and "teh ==> the" in slips(page)


def test_every_allowed_word_is_needed(written):
    """The list may not grow into a hiding place."""
    text = "\n".join(path.read_text(encoding="utf-8", errors="ignore") for path in [*FILES, *written.iterdir()]).lower()
    words = (ROOT / "tests" / "words.txt").read_text(encoding="utf-8").split()
    assert words == sorted(words) and not [word for word in words if word not in text]
