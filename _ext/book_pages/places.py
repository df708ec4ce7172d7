"""Where a chapter speaks of a slide item, an erratum or an algorithm: an anchor for each, and links that find it.

While a chapter is read, the paragraph that teaches `S1-36` gets that id; `Place` nodes on other pages become links
to it when the pages are written. A place that no chapter has is a warning, and so stops the build.
"""

from __future__ import annotations

import re

from docutils import nodes
from sphinx.util import logging

from . import ledger

logger = logging.getLogger(__name__)
# Parts of a chapter that name an item again after it was taught, or before.
ELSEWHERE = re.compile(r"(Quiz|Exercises|Summary|Common mistakes|In PyTorch|Labs?\b)")


class Place(nodes.Inline, nodes.TextElement):
    """A link to be: `key` is an id of the syllabus or a box (`verdict-E08`), `document` the chapter it is in."""


def sections(node):
    """The sections around a node, from the outermost, without the page's own."""
    found = []
    while node is not None:
        if isinstance(node, nodes.section):
            found.append(node)
        node = node.parent
    return found[-2::-1]


def rank(node, around):
    """How well a mention suits as the place to send a reader to; less is better."""
    title = around[0][0].astext() if around else ""
    if not around:
        return 3                                                   # the chapter's opening
    if ELSEWHERE.match(title):
        return 2
    words = re.sub(r"\b(to|and|AI|Society|tutorial|lecture|with)\b|S\d-\d\d|[^\w]", " ", node.astext()).split()
    return 1 if len(words) <= 6 else 0                             # "Cummins, S1-69." alone teaches nothing


def mentions(doctree):
    """Paragraphs, titles and shown sources of a chapter that name ids, with the ids."""
    for node in doctree.findall(lambda n: isinstance(n, (nodes.paragraph, nodes.title, nodes.literal_block))):
        names = ledger.named_ids(node.astext())
        if isinstance(node, nodes.literal_block):
            # Of code only what is shown of the library, in an output: its docstring names the algorithm.
            shown = node.parent is not None and "cell_output" in node.parent.get("classes", []) \
                or any("cell_output" in p.get("classes", []) for p in ancestors(node))
            names = [name for name in names if shown and name.startswith("A")]
        if names:
            yield node, names


def ancestors(node):
    while node.parent is not None:
        node = node.parent
        if isinstance(node, nodes.Element):
            yield node


def note_places(app, doctree):
    """Give every id that a chapter names an anchor at its best place, and remember where that is."""
    env, document = app.env, app.env.docname
    chapter = re.fullmatch(r"chapters/(?:index|(\d\d_\w+))", document)
    if not chapter:
        return
    best = {}
    for node, names in mentions(doctree) if chapter[1] else ():
        around = sections(node)
        for name in names:
            value = rank(node, around)
            if name.startswith("A"):
                value = (0 if isinstance(node, nodes.literal_block) else 1, value)
            else:
                value = (0, value)
            if name not in best or value < best[name][0]:
                best[name] = value, node, around
    places = {}
    for name, (_, node, around) in best.items():
        if isinstance(node, nodes.title):
            anchor = node.parent["ids"][0]
        else:
            anchor = name
            node["ids"].append(name)
        places[name] = anchor, [section["ids"][0] for section in around]
    # Boxes and explorers bring their own ids; where they stand is read off the raw output.
    for raw in doctree.findall(nodes.raw):
        for anchor in re.findall(r'<(?:div class="verdict[^>]*|course-\w+) id="([^"]+)"', raw.astext()):
            places[anchor] = anchor, [section["ids"][0] for section in sections(raw)]
    if not hasattr(env, "book_places"):
        env.book_places = {}
    env.book_places[document] = places


def forget_places(app, env, document):
    getattr(env, "book_places", {}).pop(document, None)


def merge_places(app, env, documents, other):
    if not hasattr(env, "book_places"):
        env.book_places = {}
    env.book_places |= {name: places for name, places in getattr(other, "book_places", {}).items() if name in documents}


def section_title(env, document, section):
    """Number and title of a chapter's section, "15.2 Why memory: hello"; of the chapter without a section."""
    numbers = env.toc_secnumbers.get(document, {})
    number = numbers.get(f"#{section}" if section else "", ())
    if section is None:
        return f"{'.'.join(map(str, number))} {env.titles[document].astext()}".strip()
    for entry in env.tocs[document].findall(nodes.reference):
        if entry.get("anchorname") == f"#{section}":
            return f"{'.'.join(map(str, number))} {entry.astext()}".strip()
    return section


def link_places(app, doctree, page):
    """Turn `Place` nodes into links; their text, where they have none, is the section's number and title."""
    for node in list(doctree.findall(Place)):
        places = getattr(app.env, "book_places", {}).get(node["document"], {})
        key = next((key for key in node["keys"] if key in places), None)
        if key is None:
            logger.warning("no place in %s names %s", node["document"], " or ".join(node["keys"]), location=node)
            node.replace_self(nodes.inline("", node.astext()))
            continue
        anchor, around = places[key]
        uri = app.builder.get_relative_uri(page, node["document"]) + f"#{anchor}"
        link = nodes.reference("", "", internal=True, refuri=uri, classes=node["classes"])
        link += node.children or [nodes.Text(section_title(app.env, node["document"], around[0] if around else None))]
        node.replace_self(link)


def place(document, *keys, label=""):
    """A link to the first of these ids that the chapter has; its text is the section's title, or `label`."""
    node = Place("", "", document=document, keys=list(keys), classes=["place"])
    if label:
        node += nodes.Text(label)
    return node


def setup(app):
    app.add_node(Place)
    app.connect("doctree-read", note_places)
    app.connect("env-purge-doc", forget_places)
    app.connect("env-merge-info", merge_places)
    app.connect("doctree-resolved", link_places)
