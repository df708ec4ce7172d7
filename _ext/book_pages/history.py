"""`{history-line}`: the years of the lectures as a drawing and as a table, from chapters/history.yml."""

from __future__ import annotations

import html as markup

from docutils import nodes

from . import ledger
from .directive import PageDirective, cell, html, row, table
from .places import place

LANES = {"neurons": "neurons", "gradients": "gradients", "networks": "deep networks", "architectures": "architectures"}
LEFT, LANE, TEXT, WIDTH, TOP = 44, 22, 146, 430, 84         # in the units of the drawing


def heights(years):
    """Where each event stands: at least a line below the one before, and more where years went by.

    >>> heights([1943, 1949, 1949, 1990])
    [0, 26, 45, 79]
    """
    found = [0]
    for before, year in zip(years, years[1:]):
        found.append(found[-1] + 19 + min(round(1.2 * (year - before)), 15))
    return found


def drawing(events):
    """Lanes from top to bottom, a sign for every event, its year on the left and who on the right."""
    y = [TOP + height for height in heights([event["year"] for event in events])]
    bottom = y[-1] + 22
    x = {lane: LEFT + 14 + LANE * number for number, lane in enumerate(LANES)}
    parts = []
    for number, (lane, title) in enumerate(LANES.items()):
        first = min(height for height, event in zip(y, events) if event["lane"] == lane)
        parts.append(f'<line class="lane lane-{number}" x1="{x[lane]}" x2="{x[lane]}" y1="{first}" y2="{bottom}"/>'
                     f'<text class="lane-{number}" transform="translate({x[lane] - 3} {TOP - 14}) rotate(-38)">'
                     f'{title}</text>')
    year = None
    for height, event in zip(y, events):
        number, across = list(LANES).index(event["lane"]), x[event["lane"]]
        if event["year"] != year:
            year = event["year"]
            parts.append(f'<text class="year" x="{LEFT - 6}" y="{height + 4}" text-anchor="end">{year}</text>')
        parts.append(f'<line class="lead" x1="{across}" x2="{TEXT - 6}" y1="{height}" y2="{height}"/>')
        sign = (f'<path d="M{across} {height - 8}l8 8l-8 8l-8-8z" class="lane-{number} mended"/>' if event.get("erratum")
                else f'<circle cx="{across}" cy="{height}" r="5.5" class="lane-{number}'
                     f'{"" if event.get("items") else " between"}"/>')
        old = f' <tspan class="printed">{event["printed"]}</tspan>' if "printed" in event else ""
        parts.append(f'{sign}<text x="{TEXT}" y="{height + 4}">{markup.escape(event["who"])}{old}</text>')
    said = (f"Timeline from {events[0]['year']} to {events[-1]['year']} in four lanes: {', '.join(LANES.values())}. "
            + "; ".join(f"{event['year']} {event['who']}" for event in events) + ".")
    return (f'<svg class="history-line" role="img" aria-label="{markup.escape(said)}" '
            f'viewBox="0 0 {WIDTH} {bottom + 4}">{"".join(parts)}</svg>')


class HistoryLine(PageDirective):
    def run(self):
        syllabus, events = self.syllabus(), self.yaml("chapters/history.yml")
        years = [event["year"] for event in events]
        if years != sorted(years) or {event["lane"] for event in events} != set(LANES):
            raise self.error(f"history.yml: events must be in order, and their lanes {', '.join(LANES)}")
        self.homes = {item["id"]: item["home"] for item in syllabus["items"]}
        self.errata = {erratum["id"]: erratum for erratum in syllabus["errata"]}
        self.chapters = {chapter["id"]: chapter for chapter in syllabus["chapters"]}
        key = nodes.paragraph("", "", *self.markdown(
            "A disc is named by a slide, a ring is not, a diamond comes with a correction; "
            "a year crossed out is the slide's."),
            classes=["history-key"])
        rows = [self.entry(event) for event in events]
        return [html(f'<figure class="history">{drawing(events)}</figure>'), key,
                table(["Year", "Who and what", "On the slides", "Source"], rows, classes=["stacked"],
                      widths=[12, 46, 22, 20])]

    def entry(self, event):
        slides = [node for number, item in enumerate(event.get("items", []))
                  for node in (nodes.Text(", " if number else ""), self.link(item, self.homes[item]))]
        if "printed" in event:
            slides.append(nodes.Text(f" as {event['printed']}"))
        if "erratum" in event:
            home = self.homes[next(iter(ledger.named_ids(self.errata[event["erratum"]]["items"])))]
            slides += [nodes.Text("; " if slides else "see "), self.link(event["erratum"], home)]
        return row(cell(str(event["year"])),
                   cell(nodes.strong("", event["who"]), nodes.Text(" "), *self.markdown(event["what"] + ".")),
                   cell(*(slides or ["–"])), cell(*self.markdown(f"{{footcite:t}}`{event['cite']}`")))

    def link(self, key, home):
        chapter = self.chapters[home]
        self.file(chapter["file"])
        return place(ledger.document(chapter), key, label=key)
