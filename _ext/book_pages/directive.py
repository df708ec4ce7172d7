"""What the pages' directives share: files they depend on, Markdown in a cell, tables, plain HTML."""

from __future__ import annotations

import functools
import html as markup
import json
from pathlib import Path

import yaml
from docutils import nodes
from docutils.statemachine import StringList
from sphinx.util.docutils import SphinxDirective

from . import ledger


class PageDirective(SphinxDirective):
    """A part of a page that is made from other files; the page is read again when one of them changes."""

    def file(self, name):
        """A file of the repository, noted as something that the page depends on."""
        path = Path(self.env.srcdir) / name
        self.env.note_dependency(str(path))
        self.env.metadata[self.env.docname]["book_page"] = True
        return path

    def syllabus(self):
        return ledger.load(self.file("tests/syllabus.json"))

    def notebook(self, chapter):
        return ledger.load(self.file(chapter["file"]))

    def yaml(self, name):
        return parsed(self.file(name).read_text(encoding="utf-8"))

    def markdown(self, text):
        """Markdown of one line or paragraph, as inline nodes."""
        holder = nodes.container()
        self.state.nested_parse(StringList([text], source=self.env.docname), self.content_offset, holder)
        if len(holder) == 1 and isinstance(holder[0], nodes.paragraph):
            return holder[0].children
        return holder.children


@functools.lru_cache(maxsize=8)
def parsed(text):
    """The data of a YAML file; a page asks for the same one several times."""
    return yaml.safe_load(text)


def html(text):
    return nodes.raw("", text, format="html")


def cell(*content):
    """A cell of a table: nodes, or plain text."""
    paragraph = nodes.paragraph()
    for part in content:
        paragraph += nodes.Text(part) if isinstance(part, str) else part
    return nodes.entry("", paragraph)


def row(*cells, name="", classes=()):
    found = nodes.row("", *cells)
    found["ids"] += [name] if name else []
    found["classes"] += classes
    return found


def table(titles, rows, *, classes=(), widths=None):
    """A table with a head; `widths` are in relation to each other."""
    group = nodes.tgroup(cols=len(titles))
    for width in widths or [1] * len(titles):
        group += nodes.colspec(colwidth=width)
    group += nodes.thead("", row(*map(cell, titles)))
    group += nodes.tbody("", *rows)
    return nodes.table("", group, classes=["page-table", *classes, *(["colwidths-given"] if widths else [])])


def tools(label, things, filters=None):
    """An empty box; `pages.js` puts a search field and filter buttons into it. Without scripts it stays away.

    `filters` maps a heading to the buttons below it, class (without ``is-``) and text.
    """
    return html(f'<div class="page-tools" data-label="{markup.escape(label)}" data-things="{things}" '
                f'data-filters="{markup.escape(json.dumps(filters or {}))}"></div>')
