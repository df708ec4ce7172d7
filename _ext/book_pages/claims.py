"""`{claims-on-trial}`: the verdicts that the chapters store, one box each, and how many of each kind."""

from __future__ import annotations

import html as markup
import re
from collections import Counter

from docutils import nodes

from . import ledger
from .directive import PageDirective, cell, html, row, table, tools
from .places import place

VERDICTS = ("confirmed", "limited", "refuted")


def lectures(by):
    """Who said it: the lectures of the items that a verdict names.

    >>> lectures("UCL, S0-22; Cummins, S1-71")
    ['S0', 'S1']
    """
    return sorted({f"S{number}" for number in re.findall(r"\bS(\d)-\d\d", by)})


class ClaimsOnTrial(PageDirective):
    """A section for every chapter, a box for every verdict; first a table of how the lectures fared."""

    def run(self):
        found, counts, totals = [], Counter(), Counter()
        for chapter in self.syllabus()["chapters"]:
            verdicts = ledger.verdicts(self.notebook(chapter))
            for verdict in verdicts:
                totals[verdict["verdict"]] += 1
                counts.update((lecture, verdict["verdict"]) for lecture in lectures(verdict["by"]))
            if verdicts:
                title = f"Chapter {chapter['number']}: {chapter['title']}"
                section = nodes.section("", nodes.title("", title), ids=[f"claims-{chapter['id']}"], names=[])
                section += [self.box(verdict, ledger.document(chapter)) for verdict in verdicts]
                found.append(section)
        return [*self.score(counts, totals), *found]

    def score(self, counts, totals):
        everything = sum(totals.values())
        sentence = (f"Of {everything} claims, {totals['confirmed']} were confirmed, {totals['limited']} hold with "
                    f"limits, and {totals['refuted']} were refuted. A claim that two lectures make counts for each.")
        rows = [row(cell(name), *(cell(str(counts[lecture, verdict])) for verdict in VERDICTS))
                for lecture, name in ledger.LECTURES.items()]
        rows.append(row(cell("All claims"), *(cell(str(totals[verdict])) for verdict in VERDICTS)))
        filters = {"Lecture": ledger.LECTURES,
                   "Verdict": {verdict: f"{verdict} ({totals[verdict]})" for verdict in VERDICTS}}
        return [nodes.paragraph("", sentence),
                table(["Lecture", *map(str.capitalize, VERDICTS)], rows, classes=["page-score"]),
                tools("Search the claims", "claims", filters)]

    def box(self, verdict, document):
        kind = verdict["verdict"]
        head = nodes.paragraph("", "", nodes.strong("", kind.capitalize(), classes=["verdict-word"]), nodes.Text(" "),
                               nodes.inline("", verdict["id"], classes=["verdict-id"]), nodes.Text(" · "),
                               place(document, f"verdict-{verdict['id']}"), classes=["verdict-head"])
        rows = "".join(f'<tr><th scope="row">{markup.escape(label)}</th><td>{markup.escape(value)}</td></tr>'
                       for label, value in verdict["evidence"].items())
        return nodes.container(
            "", head,
            html(f'<blockquote class="verdict-claim"><p>{markup.escape(verdict["claim"])}</p>'
                 f'<footer>{markup.escape(verdict["by"])}</footer></blockquote>'
                 f'<table class="verdict-evidence"><caption>Measured</caption><tbody>{rows}</tbody></table>'
                 f'<p class="verdict-falsified">What would have falsified this verdict: '
                 f'{markup.escape(verdict["falsified_if"])}.</p>'),
            ids=[verdict["id"]],
            classes=["verdict", f"verdict-{kind}", "page-item", f"is-{kind}",
                     *(f"is-{lecture}" for lecture in lectures(verdict["by"]))])
