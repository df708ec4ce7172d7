"""Link each glossary term where a chapter first uses it: when pages are written, so that notebooks stay as they are.

The terms are those of the ``{glossary}`` in ``chapters/glossary.md``. In running text the longest term wins
("gradient descent" is not a "gradient"), plurals count, and a word that something already explains stays alone:
headings, links, code, formulas, the outputs of cells. A term with a word in brackets, *kernel (of a convolution)*,
means too many things to be looked for everywhere; only the chapters that its definition links to get the link.
"""

from __future__ import annotations

import hashlib
import re
from dataclasses import dataclass

from docutils import nodes
from sphinx import addnodes

GLOSSARY = "chapters/glossary"
CHAPTER = re.compile(r"chapters/\d\d_\w+$")
TAKEN = (nodes.title, nodes.rubric, nodes.thead, nodes.caption, nodes.reference, addnodes.pending_xref, nodes.citation,
         nodes.footnote, nodes.literal, nodes.literal_block, nodes.math, nodes.math_block, nodes.raw, nodes.comment)


@dataclass(frozen=True)
class Term:
    """A term; its entry, shared by synonyms; what a pointer resting on a link shows; the chapters that alone link it."""

    name: str
    anchor: str
    entry: str
    tip: str
    only: frozenset[str]


def plain(name):
    """The words to look for: a term without what stands in brackets.

    >>> plain("kernel (of a convolution)")
    'kernel'
    """
    return re.sub(r"\s*\(.*\)$", "", name)


def forms(name):
    """A regular expression for a term and its plural; lower-case terms may begin a sentence.

    >>> [bool(re.fullmatch(forms("penalty"), word)) for word in ("penalty", "Penalties", "penaltys")]
    [True, True, False]
    >>> [bool(re.fullmatch(forms("Adam"), word)) for word in ("Adam", "adam")]
    [True, False]
    """
    *head, last = name.split(" ")
    first = (head or [last])[0][0]
    if re.search(r"[^aeiou]y$", last):
        last = re.escape(last[:-1]) + "(?:y|ies)"
    else:
        last = re.escape(last) + ("(?:es)?" if re.search(r"(?:s|x|ch)$", last) else "s?")
    pattern = r"\s+".join([*map(re.escape, head), last])
    return f"[{first}{first.upper()}]{pattern[1:]}" if first.islower() else pattern


def collect(glossary):
    """Terms of the glossary's page: one for each name, synonyms too."""
    terms = []
    for item in glossary.findall(nodes.definition_list_item):
        definition = next(item.findall(nodes.definition))
        tip = re.sub(r"\s+", " ", definition.astext()).split(" →")[0].strip()
        targets = [link.get("reftarget", "") for link in definition.findall(addnodes.pending_xref)]
        chapters = frozenset(match[0] for target in targets if (match := CHAPTER.match(target)))
        names = list(item.findall(nodes.term))
        for name in names:
            text = name.astext()
            only = chapters if text != plain(text) else frozenset()
            terms.append(Term(text, name["ids"][0], names[0]["ids"][0], tip, only))
    return terms


def places(doctree):
    """The pieces of running text in which a term may be linked, in reading order."""
    def free(node):
        while node is not None:
            if isinstance(node, TAKEN) or "cell_output" in node.get("classes", ()):
                return False
            node = node.parent
        return True
    return [text for text in doctree.findall(nodes.Text) if text.parent is not None and free(text.parent)]


def link_first_uses(doctree, terms, address):
    """Turn the first use of each term into a link below `address`; returns the names that were linked."""
    by_name = {plain(term.name): term for term in terms}
    if not by_name:
        return []
    names = sorted(by_name, key=len, reverse=True)
    either = "|".join(f"(?P<t{number}>{forms(name)})" for number, name in enumerate(names))
    pattern = re.compile(rf"(?<![\w-])(?:{either})(?![\w-])")
    seen, linked = set(), []
    for text in places(doctree):
        pieces, end = [], 0
        for match in pattern.finditer(text.astext()):
            term = by_name[names[int(match.lastgroup[1:])]]
            if term.entry in seen:
                continue
            seen.add(term.entry)
            linked.append(term.name)
            link = nodes.reference("", match[0], internal=True, refuri=f"{address}#{term.anchor}", reftitle=term.tip,
                                   classes=["glossary-term"])
            pieces += [nodes.Text(text.astext()[end:match.start()]), link]
            end = match.end()
        if pieces:
            text.parent.replace(text, [piece for piece in [*pieces, nodes.Text(text.astext()[end:])] if piece.astext()])
    return linked


def read_glossary(app, env):
    """After reading: keep the terms; where they changed, all chapters must be written again."""
    if GLOSSARY not in env.found_docs:
        env.course_terms = []
        return []
    env.course_terms = collect(env.get_doctree(GLOSSARY))
    digest = hashlib.sha256(repr(env.course_terms).encode()).hexdigest()
    if digest == getattr(env, "course_terms_digest", None):
        return []
    env.course_terms_digest = digest
    return [name for name in env.found_docs if CHAPTER.match(name)]


def link_page(app, doctree, docname):
    """Link the terms of one chapter."""
    if CHAPTER.match(docname) and app.builder.format == "html":
        terms = [term for term in app.env.course_terms if not term.only or docname in term.only]
        link_first_uses(doctree, terms, app.builder.get_relative_uri(docname, GLOSSARY))


def setup(app):
    app.connect("env-updated", read_glossary)
    app.connect("doctree-resolved", link_page, priority=900)
    return {"version": "1", "env_version": 1, "parallel_read_safe": True, "parallel_write_safe": True}
