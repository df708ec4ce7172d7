"""What several test files share: the chapters, the syllabus, and where things are."""

import json
import os
import shutil
import sys
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import sync_playwright

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


@pytest.fixture(scope="module")         # not longer: while playwright runs, no other test of the process can use asyncio
def browser():
    """The system's Chromium; a test without it fails rather than being skipped."""
    names = [os.environ.get("CHROMIUM"), "chromium", "chromium-browser", "google-chrome"]
    path = next(filter(None, (shutil.which(name) for name in names if name)), None)
    if not path:
        pytest.fail("no Chromium: apt-get install chromium, or set CHROMIUM=/path/to/chrome")
    with sync_playwright() as playwright:
        chromium = playwright.chromium.launch(executable_path=path, args=[
            "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
            "--disable-component-update", "--disable-sync"])
        yield chromium
        chromium.close()
