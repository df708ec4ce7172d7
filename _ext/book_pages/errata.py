"""`{errata} slip`: what the slides print and what it should be, side by side, and the place that proves it."""

from __future__ import annotations

from docutils import nodes

from . import ledger
from .directive import PageDirective, tools
from .places import place

KINDS = ("slip", "unclear", "simplification", "outdated", "OCR", "right")
TITLES = {"right": ("The slide says", "What we found"), "simplification": ("The slide says", "More exactly")}


def spoken(erratum):
    """The items that an erratum is about."""
    return list(ledger.named_ids(erratum["items"].replace(",", ", ")))


class Errata(PageDirective):
    required_arguments = 1                      # one of KINDS, or `tools`: search and filters

    def run(self):
        kind, syllabus = self.arguments[0], self.syllabus()
        if kind == "tools":
            return [tools("Search the errata", "entries", {"Lecture": ledger.LECTURES})]
        if kind not in KINDS:
            raise self.error(f"errata: kind must be one of {', '.join(KINDS)}, but is {kind}")
        self.homes = {item["id"]: item["home"] for item in syllabus["items"]}
        self.chapters = {chapter["id"]: chapter for chapter in syllabus["chapters"]}
        words = self.yaml("chapters/errata.yml")
        return [self.entry(erratum, words[erratum["id"]]) for erratum in syllabus["errata"]
                if words[erratum["id"]]["kind"] == kind]

    def entry(self, erratum, words):
        items = spoken(erratum)
        lectures = sorted({item.split("-")[0] for item in items})
        said = ", ".join(ledger.LECTURES[lecture] for lecture in lectures)
        head = nodes.paragraph("", "", nodes.strong("", erratum["id"]),
                               nodes.Text(f" {said} ({ledger.ids_in_short(items)})"), classes=["erratum-head"])
        left, right = TITLES.get(words["kind"], ("The slide says", "It should be"))
        sides = nodes.container("", *(
            nodes.container("", nodes.paragraph("", title, classes=["erratum-side"]),
                            nodes.paragraph("", "", *self.markdown(words[field])), classes=[f"erratum-{field}"])
            for title, field in ((left, "printed"), (right, "corrected"))), classes=["erratum-sides"])
        why = nodes.paragraph("", "", *self.markdown(words["why"]), nodes.Text(" "), classes=["erratum-why"])
        documents = []
        for item in items:
            chapter = self.chapters[self.homes[item]]
            self.file(chapter["file"])
            documents.append(ledger.document(chapter))
        for number, document in enumerate(dict.fromkeys(documents)):
            why += [nodes.Text("; " if number else "Proof: "), place(document, erratum["id"])]
        why += nodes.Text(".")
        return nodes.container("", head, sides, why, ids=[erratum["id"]],
                               classes=["erratum", "page-item", *(f"is-{lecture}" for lecture in lectures)])
