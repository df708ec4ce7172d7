"""What several test files share: the chapters, the syllabus, and where things are."""

import json
import os
import sys
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT / "tools"))

# Tests and doctests that draw must not need a screen.
os.environ.setdefault("MPLBACKEND", "agg")


@pytest.fixture(scope="session")
def root():
    """The repository's folder."""
    return ROOT


@pytest.fixture(scope="session")
def syllabus():
    """The content ledger: items, algorithms, experiments, errata, chapters."""
    return json.loads((ROOT / "tests" / "syllabus.json").read_text(encoding="utf-8"))


@pytest.fixture(scope="session")
def notebooks():
    """All notebooks of the book by file name, as stored."""
    return {path.name: nbformat.read(path, as_version=4) for path in sorted((ROOT / "chapters").glob("*.ipynb"))}
