"""Small pages at the addresses of pages that were renamed, from ``_assets/redirects.txt``: "old new" in each line."""

from __future__ import annotations

import html
import os
from pathlib import Path

from sphinx.errors import ExtensionError

PAGE = """<!doctype html>
<html lang="en"><head><meta charset="utf-8"><title>{title}</title>
<meta http-equiv="refresh" content="0; url={target}"><link rel="canonical" href="{target}"><meta name="robots" content="noindex">
<script>location.replace("{target}" + location.search + location.hash);</script></head>
<body><p>This page is now at <a href="{target}">{target}</a>.</p></body></html>
"""


def read(text):
    """``{old: new}`` of a list of redirects.

    >>> read("# comment\\n\\nchapters/99_old chapters/01_new\\n")
    {'chapters/99_old': 'chapters/01_new'}
    """
    redirects = {}
    for number, line in enumerate(text.splitlines(), 1):
        if line.strip() and not line.startswith("#"):
            pages = line.split()
            if len(pages) != 2 or pages[0] in redirects:
                raise ValueError(f"redirects: line {number} must be an old page, a space and its new page, each old page "
                                 f"once, but is {line!r}")
            redirects[pages[0]] = pages[1]
    return redirects


def write(redirects, site):
    """Write the pages; an old page must be gone, a new one must be there."""
    for old, new in redirects.items():
        page = site / f"{old}.html"
        if page.exists() and 'http-equiv="refresh"' not in page.read_text(encoding="utf-8"):
            raise ValueError(f"redirects: {old} is still a page of the book")
        if not (site / f"{new}.html").is_file() or new in redirects:
            raise ValueError(f"redirects: {old} must lead to a page of the book, but {new} is none")
        page.parent.mkdir(parents=True, exist_ok=True)
        target = html.escape(os.path.relpath(f"{new}.html", Path(old).parent))
        page.write_text(PAGE.format(target=target, title=html.escape(new)), encoding="utf-8")


def finish(app, exception):
    """When all pages are written."""
    if exception is None and app.builder.format == "html":
        try:
            write(read((Path(app.srcdir) / "_assets" / "redirects.txt").read_text(encoding="utf-8")), Path(app.outdir))
        except ValueError as error:
            raise ExtensionError(str(error)) from None


def setup(app):
    app.connect("build-finished", finish)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
