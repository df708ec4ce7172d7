"""What several test files share: the chapters, the syllabus, and where things are."""

import json
import os
import shutil
import sys
from pathlib import Path

import nbformat
import pytest
from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import sync_playwright

ROOT = Path(__file__).resolve().parent.parent
sys.path[:0] = [str(ROOT / "tools"), str(ROOT / "_ext")]

import chromium  # noqa: E402

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
    with sync_playwright() as playwright:
        started = chromium.launch(playwright)
        yield started
        started.close()


@pytest.fixture
def quiet(browser):
    """Open pages, each in a context of its own; fails at the end on an error of a page or a request to the outside."""
    contexts, problems = [], []

    def open_page(address, inside=("file:", "data:"), **options):
        contexts.append(browser.new_context(**options))
        page = contexts[-1].new_page()
        page.on("console", lambda message: message.type in ("error", "warning") and problems.append(message.text))
        page.on("pageerror", lambda error: problems.append(str(error)))
        page.on("request", lambda request: request.url.startswith(inside) or problems.append(request.url))
        page.goto(address)
        return page
    yield open_page
    for context in contexts:
        context.close()
    assert problems == []


@pytest.fixture(scope="session")
def accessible():
    """Ask axe about a page as it stands: nothing serious or critical."""
    def check(page):
        violations = Axe().run(page, options={"preload": False}).response["violations"]
        assert [(one["id"], [node["html"][:120] for node in one["nodes"]]) for one in violations
                if one["impact"] in ("serious", "critical")] == []
    return check


@pytest.fixture(scope="session")
def mount():
    """Put a pad's live face into a page as anywidget would, at #live; `close_()` takes it down. What it copies is `copied`."""
    def put(page, widget):
        page.evaluate("""book => { const el = document.createElement("section"); el.id = "live"; document.body.append(el);
            window.model = { get: (name) => ({ book })[name] };
            navigator.clipboard.writeText = async text => { window.copied = text; }; }""", widget.book)
        page.add_script_tag(type="module", content=widget._esm.replace("export default", "const widget =")
                            + "window.close_ = widget.render({ model, el: document.getElementById('live') });")
    return put


@pytest.fixture(scope="session")
def page_of(tmp_path_factory):
    """Write a page outside the book, with an element's script, what it needs, and the style; returns its address."""
    def write(script, title, body):
        folder, scripts = tmp_path_factory.mktemp("page"), ("element.js", "panels.js", script)
        for name in (*scripts, "explorer.css"):
            shutil.copy(ROOT / "course_lib" / "explorer" / name, folder)
        tags = "".join(f'<script defer src="{name}"></script>' for name in scripts)
        (folder / "page.html").write_text(
            f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{title}</title>'
            '<meta name="viewport" content="width=device-width, initial-scale=1"><link rel="stylesheet" href="explorer.css">'
            f"{tags}{tags}"                                                                  # twice: must do no harm
            f"</head><body><main><h1>{title}</h1>{body}</main></body></html>", encoding="utf-8")
        return (folder / "page.html").as_uri()
    return write
