"""The pages around the chapters, made when the book is built: nothing on them is typed twice.

`{lecture}` (lectures.md), `{claims-on-trial}` (claims.md), `{errata}` (errata.md), `{algorithms}` (algorithms.md),
`{history-line}` (history.md) and `{gallery}` (gallery.md) read the syllabus, the notebooks as stored, the library's
docstrings and the tests. A page is read again when one of the files it was made from changes.
"""

from __future__ import annotations

import hashlib
from pathlib import Path

from . import places
from .algorithms import Algorithms
from .claims import ClaimsOnTrial
from .errata import Errata
from .gallery import Gallery
from .history import HistoryLine
from .lectures import Lecture

DIRECTIVES = {"lecture": Lecture, "claims-on-trial": ClaimsOnTrial, "errata": Errata,
              "algorithms": Algorithms, "history-line": HistoryLine, "gallery": Gallery}


def watch_extension(app, config):
    """A change in this folder makes every page read again: the anchors are in the chapters."""
    digest = hashlib.sha256()
    for path in sorted(Path(__file__).parent.glob("*.py")):
        digest.update(path.read_bytes())
    config.book_pages = digest.hexdigest()


def add_assets(app, page, template, context, doctree):
    """The lists' script and style, on these pages only."""
    if doctree is not None and app.env.metadata.get(page, {}).get("book_page"):
        app.add_css_file("pages.css")
        app.add_js_file("pages.js", loading_method="defer")


def setup(app):
    app.add_config_value("book_pages", "", "env")
    app.connect("config-inited", watch_extension)
    app.connect("html-page-context", add_assets)
    app.setup_extension("book_pages.places")
    app.setup_extension("book_pages.gallery")
    for name, directive in DIRECTIVES.items():
        app.add_directive(name, directive)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
