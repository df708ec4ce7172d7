"""Below each entry of the bibliography's page: the chapters that cite it, and the functions whose docstrings do.

A docstring's reference ("Author, A. (1990). Title. …") belongs to the entry of ``references.bib`` with the same first
author, year and beginning of the title; ``tests/test_bibliography.py`` holds that every reference has one.
"""

from __future__ import annotations

import ast
import json
import re
import unicodedata
from collections import defaultdict
from pathlib import Path
from typing import NamedTuple

from docutils import nodes
from pybtex.database import parse_file
from pybtex.richtext import Text

PAGE = "chapters/bibliography"
CITES = re.compile(r"\{footcite:[pt]\}`([^`]+)`")
REFERENCE = re.compile(r"([^\W\d_][\w'’-]*(?: [A-Z][\w-]+)?), [A-Z]\.[^()]*?\((\d{4})\)\. (.+?)(?=[.?](?: |$))")


class Reference(NamedTuple):
    """What a docstring says of a work, and where."""

    author: str
    year: str
    title: str
    function: str


def plain(text):
    """Lower-case letters, digits and spaces, without accents: what two ways of writing a title share.

    >>> plain("Méthode générale: {BackProp}")
    'methode generale backprop'
    """
    text = unicodedata.normalize("NFKD", text).encode("ascii", "ignore").decode().lower()
    return re.sub(r"\s+", " ", re.sub(r"[^a-z0-9 ]", "", text)).strip()


def docstring_references(package):
    """All references in the "References" sections of a package's docstrings."""
    found = []
    for path in sorted(Path(package).rglob("*.py")):
        for node in ast.walk(ast.parse(path.read_text(encoding="utf-8"))):
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)):
                text = re.search(r"References\n-+\n(.*?)(?=\n\n|\n[^\n]+\n-{3,}|\Z)", ast.get_docstring(node) or "", re.S)
                if text:
                    name = f"{path.stem}.{node.name}" if hasattr(node, "name") else path.stem
                    text = re.sub(r"\s+", " ", text[1])
                    references = [Reference(*match.groups(), name) for match in REFERENCE.finditer(text)]
                    if len(references) != len(re.findall(r"\(\d{4}\)", text)):
                        raise ValueError(f"bibliography: {name} has a reference that is not "
                                         f"'Author, A. (year). Title.': {text}")
                    found += references
    return found


def entries(bib):
    """``{key: (first author, year, title)}`` of a BibTeX file, plain."""
    def read(text):
        return plain(str(Text.from_latex(text)))
    works = {}
    for key, entry in parse_file(str(bib)).entries.items():
        first = entry.persons["author"][0]
        name = " ".join(first.prelast_names + first.last_names)
        works[key] = read(name), entry.fields["year"], read(entry.fields["title"])
    return works


def key_of(reference, works):
    """The entry that a docstring means, or None. A title may be shortened, as may be the list of authors."""
    for key, (author, year, title) in works.items():
        beginning = plain(reference.title.partition(", chapter ")[0])
        if (author, year) == (plain(reference.author), reference.year) and title.startswith(beginning):
            return key
    return None


def chapters_citing(folder):
    """``{key: [chapter's document, …]}`` from the notebooks' text, in reading order."""
    found = defaultdict(list)
    for path in sorted(Path(folder).glob("[0-9][0-9]_*.ipynb")):
        cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
        text = "\n".join("".join(cell["source"]) for cell in cells if cell["cell_type"] == "markdown")
        for key in dict.fromkeys(key.strip() for keys in CITES.findall(text) for key in keys.split(",")):
            found[key].append(f"chapters/{path.stem}")
    return found


def used_in(app, chapters, functions):
    """A paragraph that names and links the chapters, and names the functions."""
    paragraph = nodes.paragraph(classes=["cited-in"])
    for number, document in enumerate(chapters):
        paragraph += nodes.Text(", " if number else "Chapter " if len(chapters) == 1 else "Chapters ")
        paragraph += nodes.reference("", str(int(document.split("/")[1][:2])), internal=True,
                                     refuri=app.builder.get_relative_uri(PAGE, document))
    for number, function in enumerate(functions):
        paragraph += nodes.Text(", " if number else "; " if chapters else "")
        paragraph += nodes.literal("", function)
    return paragraph


def annotate(app, doctree, docname):
    """Add the paragraphs to the bibliography's page."""
    if docname != PAGE or app.builder.format != "html":
        return
    root = Path(app.srcdir)
    works, functions = entries(root / "chapters" / "references.bib"), defaultdict(list)
    for reference in docstring_references(root / "course_lib"):
        functions[key_of(reference, works)].append(reference.function)
    chapters = chapters_citing(root / "chapters")
    keys = {citation.citation_id: citation.key for citation in app.env.get_domain("cite").citations}
    for citation in doctree.findall(nodes.citation):
        key = next((keys[name] for name in citation["ids"] if name in keys), None)
        if chapters.get(key) or functions.get(key):
            citation += used_in(app, chapters.get(key, []), functions.get(key, []))


def setup(app):
    app.connect("doctree-resolved", annotate, priority=910)
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
