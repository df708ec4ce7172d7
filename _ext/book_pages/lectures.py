"""`{lecture} S1`: the items of a lecture in slide order, each with a link to the place that teaches it."""

from __future__ import annotations

import html as markup
import re

from docutils import nodes

from . import ledger
from .directive import PageDirective, cell, html, row, table, tools
from .places import place


class Lecture(PageDirective):
    required_arguments = 1                      # S0 to S4, or `tools`: the search

    def run(self):
        lecture, syllabus = self.arguments[0], self.syllabus()
        if lecture == "tools":
            return [tools("Search all slides", "slide items")]
        chapters = {chapter["id"]: chapter for chapter in syllabus["chapters"]}
        items = [item for item in syllabus["items"] if item["id"].startswith(lecture + "-")]
        heads = self.yaml("chapters/lectures.yml")[lecture]
        unknown = set(heads) - {item["id"] for item in items}
        if unknown or items[0]["id"] not in heads:
            raise self.error(f"lectures.yml: {lecture} must begin with {items[0]['id']} and name slide items alone, "
                             f"but has {', '.join(sorted(unknown)) or next(iter(heads))}")
        for chapter in {item["home"] for item in items}:
            self.file(chapters[chapter]["file"])                   # read again when the places move
        groups = []
        for item in items:
            if item["id"] in heads:
                groups.append((heads[item["id"]], []))
            groups[-1][1].append(item)
        found = []
        for title, group in groups:
            homes = list(dict.fromkeys(chapters[item["home"]]["number"] for item in group))
            found += [html(
                f'<details class="page-group" open><summary>'
                f'<span class="page-group-title">{markup.escape(title)}</span> '
                f'<span class="page-group-note">{ledger.ids_in_short([item["id"] for item in group])}; chapter'
                f'{"s" if homes[1:] else ""} {", ".join(map(str, homes))}</span></summary>'),
                table(["Item", "On the slide", "Taught in"],
                      [self.item(item, chapters) for item in group], classes=["slides", "stacked"], widths=[12, 60, 28]),
                html("</details>")]
        return found

    def item(self, item, chapters):
        home = ledger.document(chapters[item["home"]])
        slide = nodes.inline("", item["id"], classes=["page-id"])
        words = re.sub(r"\bc0?(\d+)–c0?(\d+)\b", r"chapters \1–\2", item["text"])
        words = re.sub(r"\bc(\d\d)\b", lambda match: f"chapter {int(match[1])}", words)
        return row(cell(slide), cell(*self.markdown(words)), cell(place(home, item["id"])), name=item["id"],
                   classes=["page-item"])
