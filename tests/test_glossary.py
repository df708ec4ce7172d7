"""The glossary and its links: what is a use, what is not, which term wins; every entry is written and placed right."""

import re
from pathlib import Path

import glossary_links as links
import pytest
from docutils import nodes
from docutils.core import publish_doctree

ROOT = Path(__file__).resolve().parent.parent
SOURCE = (ROOT / "chapters" / "glossary.md").read_text(encoding="utf-8")
ENTRIES = [([line for line in entry.splitlines() if line[0] != " "], " ".join(re.findall(r"^  (.*)", entry, re.M)))
           for entry in re.search(r":::\{glossary\}\n(.*)\n:::", SOURCE, re.S)[1].split("\n\n")]


def terms(*names, entry=None, only=frozenset()):
    return [links.Term(name, f"term-{name}", entry or f"term-{name}", "What it is.", only) for name in names]


def linked(text, *names, **options):
    """Text as a page -> [(words that became a link, its target)] in reading order."""
    doctree = publish_doctree(text, settings_overrides={"report_level": 5})
    links.link_first_uses(doctree, terms(*names, **options), "glossary.html")
    return [(link.astext(), link["refuri"]) for link in doctree.findall(nodes.reference)
            if "glossary-term" in link["classes"]]


def test_the_first_use_is_linked_and_only_that():
    assert linked("Title\n=====\n\nA gradient, a gradient.\n\nThe gradient.", "gradient") == [
        ("gradient", "glossary.html#term-gradient")]


def test_the_text_stays_as_it_was():
    text = "The gradient, a Gradient descent and *gradient* descent."
    doctree = publish_doctree(text)
    links.link_first_uses(doctree, terms("gradient", "gradient descent", "descent"), "")
    assert doctree.astext() == publish_doctree(text).astext()


def test_the_longest_term_wins_and_does_not_use_up_the_short_one():
    assert [words for words, _ in linked("Gradient descent; gradient descent again; a gradient.",
                                         "gradient", "gradient descent")] == ["Gradient descent", "gradient"]


@pytest.mark.parametrize("text, name, found", [
    ("Two penalties.", "penalty", "penalties"),
    ("Classes of pictures.", "class", "Classes"),
    ("gradient\ndescent here", "gradient descent", "gradient\ndescent"),
    ("by Adam.", "Adam", "Adam"),
    ("by adam.", "Adam", None),
    ("A mini-batch.", "batch", None),
    ("The batch-wise mean.", "batch", None),
    ("Overfitting.", "fitting", None),
    ("epochal", "epoch", None)])
def test_what_counts_as_a_use(text, name, found):
    assert [words for words, _ in linked(text, name)] == ([found] if found else [])


@pytest.mark.parametrize("text", [
    "gradient\n========\n\nText.\n\nMore\n----\n\nText.",
    "`gradient <https://example.org>`_",
    "``gradient``",
    "::\n\n  gradient",
    ":math:`gradient`",
    ".. rubric:: gradient"])
def test_headings_links_code_and_formulas_stay_alone(text):
    assert linked(text, "gradient") == []


def test_the_output_of_a_cell_stays_alone():
    doctree = publish_doctree("A gradient.")
    paragraph = doctree[0]
    doctree.replace(paragraph, nodes.container("", paragraph, classes=["cell_output"]))
    assert links.link_first_uses(doctree, terms("gradient"), "x") == []


def test_synonyms_share_one_link():
    assert [words for words, _ in linked("An LSTM is a long short-term memory.", "long short-term memory", "LSTM",
                                         entry="term-lstm")] == ["LSTM"]


def test_a_name_in_brackets_is_not_looked_for():
    assert linked("A kernel.", "kernel (of a convolution)") == [("kernel", "glossary.html#term-kernel (of a convolution)")]


def test_the_link_says_what_the_word_means():
    doctree = publish_doctree("A gradient.")
    assert links.link_first_uses(doctree, terms("gradient"), "x") == ["gradient"]
    link, = doctree.findall(nodes.reference)
    assert link["reftitle"] == "What it is." and link["internal"]


def test_no_terms_no_links():
    assert linked("A gradient.") == []


# ------------------------------------------------------------------------------------------------ the glossary's page

def test_there_are_enough_entries():
    assert len(ENTRIES) >= 150


def test_entries_are_in_order_and_unique():
    first = [names[0].casefold() for names, _ in ENTRIES]
    assert first == sorted(first)
    names = [name for names, _ in ENTRIES for name in names]
    assert len(set(names)) == len(names)
    # A word with two meanings has two entries with brackets, never one with and one without.
    assert len({links.plain(name) for name in names if "(" not in name} & {links.plain(name) for name in names if "(" in name}) == 0


@pytest.mark.parametrize("names, definition", ENTRIES, ids=[names[0] for names, _ in ENTRIES])
def test_an_entry_is_a_sentence_or_two_and_leads_to_its_section(names, definition):
    text, arrow, targets = definition.partition(" → ")
    assert arrow and text[0].isupper() and text.endswith(".") and 1 <= len(re.findall(r"\.(?= |$)", text)) <= 3
    assert re.fullmatch(r"\[\]\(\d\d_\w+\.ipynb#[\w–’-]+\)(, \[\]\(\d\d_\w+\.ipynb#[\w–’-]+\))*", targets), targets


def test_every_word_of_the_glossary_is_used(notebooks):
    text = "\n".join(cell.source for notebook in notebooks.values() for cell in notebook.cells).replace("_", " ")

    def used(name):
        return re.search(r"(?<!\w)" + links.forms(links.plain(name)).replace(r"\-", "[- ]"), text, re.I)

    assert not [names[0] for names, _ in ENTRIES if not any(map(used, names))]
