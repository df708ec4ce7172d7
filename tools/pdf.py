"""Make one PDF of the built book, `_build/book.pdf`: `make pdf`.

Chromium prints each page of the table of contents as the reader's browser would (``_assets/print.css``); pypdf puts the
pages behind a title and a table of contents, numbers them, and turns links between pages into links within the PDF.
"""

from __future__ import annotations

import argparse
import html
import io
import os
import re
import sys
from pathlib import Path
from typing import NamedTuple
from urllib.parse import unquote, urldefrag, urlsplit

import chromium
import yaml
from playwright.sync_api import sync_playwright
from pypdf import PdfReader, PdfWriter
from pypdf.generic import ArrayObject, DictionaryObject, FloatObject, NameObject, NullObject
from tqdm import tqdm

ROOT = Path(__file__).resolve().parent.parent
PAPER = {"format": "A4", "print_background": True, "prefer_css_page_size": False,
         "margin": {"top": "18mm", "bottom": "20mm", "left": "16mm", "right": "16mm"}}
WIDTH = 673                     # pixels between the margins of A4: explorers are drawn at this width
SETTLED = """() => [...document.querySelectorAll("div.math, span.math")].every(m => m.querySelector("mjx-container"))
    && [...document.querySelectorAll("course-explorer")].every(e => e.querySelector(".ce-panels svg, .ce-error:not(:empty)"))
    && [...document.images].every(i => i.complete)"""
TITLES = """() => [...document.querySelectorAll("h1, article h2")].map(h => [...h.childNodes].filter(
    n => !n.classList?.contains("headerlink")).map(n => n.textContent).join("").trim())"""


class Heading(NamedTuple):
    """A line of the table of contents; `page` counts from 0 within its chapter."""

    level: int
    title: str
    page: int
    top: float


class Chapter(NamedTuple):
    """A printed page of the site."""

    document: str
    reader: PdfReader
    headings: list[Heading]


def documents(toc):
    """``[(part or None, document), …]`` of a `_toc.yml`, in reading order."""
    toc = yaml.safe_load(toc)
    found = [(None, toc["root"])]
    for part in toc.get("parts", [{"chapters": toc.get("chapters", [])}]):
        found += [(part.get("caption"), chapter["file"]) for chapter in part["chapters"]]
    return found


def headings(reader, titles):
    """The outline that Chromium made of a page's headings: the title, and the sections right below it.

    Chromium forgets the space where a title's lines break; `titles` are those that the page shows.
    """
    whole = {re.sub(r"\s", "", title): title for title in titles}
    found = []

    def walk(entries, level):
        for entry in entries:
            if isinstance(entry, list):
                walk(entry, level + 1)
            elif level < 2 and (title := whole.get(re.sub(r"\s", "", entry.title))):   # not the theme's own "Contents"
                found.append(Heading(level, title, reader.get_destination_page_number(entry), float(entry.top or 0)))
    walk(reader.outline, 0)
    return found


def print_page(page, document, address):
    """One page of the site as a chapter of the PDF."""
    page.goto(address, wait_until="load")
    page.evaluate("() => document.querySelectorAll('img').forEach(image => { image.loading = 'eager'; })")
    page.wait_for_function(SETTLED, timeout=60_000)
    page.evaluate("() => document.fonts.ready.then(() => true)")
    titles = page.evaluate(TITLES)
    reader = PdfReader(io.BytesIO(page.pdf(outline=True, tagged=True, **PAPER)))
    return Chapter(document, reader, headings(reader, titles))


def contents(title, author, parts, first):
    """The title page and the table of contents as HTML; `first` maps documents to the number of their first page."""
    rows, caption = [], None
    for part, chapter in parts:
        if part != caption:
            caption = part
            rows.append(f"<h2>{html.escape(part)}</h2>")
        for heading in chapter.headings:
            number = first.get(chapter.document, 0) + heading.page
            rows.append(f'<p class="level{heading.level}"><a href="https://book.invalid/{number - 1}/{heading.top}">'
                        f"<span>{html.escape(heading.title)}</span><i></i><b>{number}</b></a></p>")
    return f"""<!doctype html><html lang="en"><meta charset="utf-8"><title>{html.escape(title)}</title><style>
        body {{ font: 10pt/1.4 system-ui, sans-serif; margin: 0; }}
        .cover {{ height: 255mm; display: flex; flex-direction: column; justify-content: center; break-after: page; }}
        h1 {{ font-size: 30pt; line-height: 1.15; margin: 0 0 6mm; }} h2 {{ font-size: 12pt; margin: 6mm 0 1mm; break-after: avoid; }}
        p {{ margin: 0; break-inside: avoid; }} a {{ display: flex; color: inherit; text-decoration: none; }}
        i {{ flex: 1; border-bottom: 1px dotted #888; margin: 0 2mm 1.2mm; }} b {{ font-weight: normal; }}
        .level0 {{ font-weight: 600; margin-top: 1.5mm; break-after: avoid; }} .level1 {{ padding-left: 6mm; font-size: 9pt; }}
        </style><div class="cover"><h1>{html.escape(title)}</h1><p>{html.escape(author)}</p></div>
        <h1 style="font-size: 20pt">Contents</h1>{"".join(rows)}</html>"""


def numbers(count):
    """Pages that are empty but for their number, as HTML."""
    sheets = "".join(f"<div>{number}</div>" for number in range(1, count + 1))
    return ("<!doctype html><style>@page { margin: 0; } body { margin: 0; } div { height: 297mm; box-sizing: border-box; "
            "padding-top: 283mm; text-align: center; font: 9pt system-ui, sans-serif; color: #333; overflow: hidden; "
            f"break-after: page; }} div:last-child {{ break-after: auto; }}</style>{sheets}")


def destination(page, top):
    """An explicit destination: no names, which the chapters share ("id1")."""
    return ArrayObject([page.indirect_reference, NameObject("/XYZ"), NullObject(), FloatObject(top), NullObject()])


def named(reader):
    """``{name: (page, top)}`` of a chapter's anchors."""
    return {name.lstrip("/"): (reader.get_destination_page_number(place), float(place.top or 0))
            for name, place in reader.named_destinations.items()}


def relink(writer, pages, places, base):
    """Point the links of `pages` (the chapter `base`) into the PDF; `places` maps documents to (first page, anchors)."""
    first, anchors = places[base]
    for page in pages:
        for annotation in page.get("/Annots", ()):
            link = annotation.get_object()
            action = link.get("/A", DictionaryObject())
            action = action.get_object()
            name, address = link.get("/Dest", action.get("/D")), str(action.get("/URI", ""))
            if isinstance(name, str):
                target = anchors.get(str(name).lstrip("/"))
                place = target and (first + target[0], target[1])
            elif address.startswith("https://book.invalid/"):
                number, top = address.removeprefix("https://book.invalid/").split("/")
                place = int(number), float(top)
            elif urlsplit(address).scheme == "file":
                path, fragment = urldefrag(address)
                document = next((known for known in places if unquote(path).endswith(f"/{known}.html")), None)
                start, there = places.get(document, (None, {}))
                number, top = there.get(unquote(fragment), (0, 842.0))
                place = start is not None and (start + number, top)
            else:
                continue
            if place:
                for key in ("/A", "/Dest"):
                    link.pop(NameObject(key), None)
                link[NameObject("/Dest")] = destination(writer.pages[place[0]], place[1])
            elif address.startswith("file:"):
                link.pop(NameObject("/A"), None)          # a download beside the page: nothing to open on paper


def assemble(chapters, parts, page, title, author):
    """One writer from printed chapters."""
    page.set_content(contents(title, author, parts, {}))
    front = len(PdfReader(io.BytesIO(page.pdf(**PAPER))).pages)
    first, count = {}, front
    for chapter in chapters:
        first[chapter.document] = count + 1
        count += len(chapter.reader.pages)
    page.set_content(contents(title, author, parts, first))
    opening = PdfReader(io.BytesIO(page.pdf(**PAPER)))
    page.set_content(numbers(count))
    stamps = PdfReader(io.BytesIO(page.pdf(format="A4", print_background=True)))
    if (len(opening.pages), len(stamps.pages)) != (front, count):
        raise RuntimeError(f"pdf: {front} pages of contents and {count} in all expected, but Chromium printed "
                           f"{len(opening.pages)} and {len(stamps.pages)}")

    writer = PdfWriter()
    places = {"": (0, {})} | {chapter.document: (first[chapter.document] - 1, named(chapter.reader)) for chapter in chapters}
    for reader in [opening, *[chapter.reader for chapter in chapters]]:
        for sheet in reader.pages:
            writer.add_page(sheet)
    for base, start, length in [("", 0, front), *[(chapter.document, places[chapter.document][0], len(chapter.reader.pages))
                                                  for chapter in chapters]]:
        relink(writer, writer.pages[start:start + length], places, base)
    for number, sheet in enumerate(writer.pages):
        if number:                                        # the title has no number
            sheet.merge_page(stamps.pages[number])
            sheet.compress_content_streams()
    outline(writer, parts, first)
    writer.add_metadata({"/Title": title, "/Author": author})
    writer.compress_identical_objects(remove_duplicates=True, remove_unreferenced=True)
    return writer


def outline(writer, parts, first):
    """Bookmarks: parts, chapters, sections."""
    caption, part_mark = None, None
    for part, chapter in parts:
        start = first[chapter.document] - 1
        if part != caption:
            caption, part_mark = part, writer.add_outline_item(title=part, page_number=start)
        parent = chapter_mark = part_mark
        for heading in chapter.headings:
            parent = chapter_mark if heading.level else part_mark
            mark = writer.add_outline_item(title=heading.title, page_number=start + heading.page, parent=parent)
            if not heading.level:
                chapter_mark = mark


def main(site, target, only=()):
    """Print the site's pages into `target`; it is replaced when all went well."""
    config = yaml.safe_load((ROOT / "_config.yml").read_text(encoding="utf-8"))
    wanted = [(part, document) for part, document in documents((ROOT / "_toc.yml").read_text(encoding="utf-8"))
              if not only or any(name in document for name in only)]
    missing = [document for _, document in wanted if not (site / f"{document}.html").is_file()]
    if missing or not wanted:
        sys.exit(f"pdf: {site / missing[0] if missing else site}{'.html' if missing else ''} is not built; run: make book")
    with sync_playwright() as playwright:
        try:
            browser = chromium.launch(playwright)
        except FileNotFoundError as error:
            sys.exit(f"pdf: {error}")
        page = browser.new_page(viewport={"width": WIDTH, "height": 950}, color_scheme="light")
        page.emulate_media(media="print", color_scheme="light")
        parts = []
        for part, document in tqdm(wanted, desc="pages", unit="page"):
            parts.append((part, print_page(page, document, (site / f"{document}.html").resolve().as_uri())))
        writer = assemble([chapter for _, chapter in parts], parts, page, config["title"], config["author"])
        browser.close()
    partial = target.with_name(target.name + ".partial")
    partial.parent.mkdir(parents=True, exist_ok=True)
    with partial.open("wb") as file:
        writer.write(file)
    os.replace(partial, target)
    print(f"{target}: {len(writer.pages)} pages, {target.stat().st_size / 1e6:.1f} MB")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--site", type=Path, default=ROOT / "_build" / "html", help="the built site")
    parser.add_argument("--to", type=Path, default=ROOT / "_build" / "book.pdf", help="the PDF to write")
    parser.add_argument("only", nargs="*", help="parts of names of pages; all when none is given")
    arguments = parser.parse_args()
    main(arguments.site, arguments.to, arguments.only)
