"""The bibliography: every work that is cited has an entry, every entry is cited, and numbers look like what they are."""

import re
from pathlib import Path

import bibliography
import pytest
from pybtex.database import parse_file
from pybtex.richtext import Text

ROOT = Path(__file__).resolve().parent.parent
BIB = ROOT / "chapters" / "references.bib"
ENTRIES = parse_file(str(BIB)).entries
WORKS = bibliography.entries(BIB)
REFERENCES = bibliography.docstring_references(ROOT / "course_lib")
CITED = bibliography.chapters_citing(ROOT / "chapters")


def test_every_reference_of_a_docstring_has_an_entry():
    assert len(REFERENCES) > 100
    missing = [reference for reference in REFERENCES if bibliography.key_of(reference, WORKS) is None]
    assert not missing


def test_every_citation_of_a_chapter_has_an_entry():
    assert len(CITED) > 150 and not set(CITED) - set(ENTRIES)


def test_every_entry_is_cited(notebooks):
    pages = "\n".join(path.read_text(encoding="utf-8") for path in (ROOT / "chapters").glob("*.md"))
    used = {bibliography.key_of(reference, WORKS) for reference in REFERENCES} | set(CITED)
    assert not [key for key in ENTRIES if key not in used and key not in pages]


@pytest.mark.parametrize("key", ENTRIES)
def test_an_entry_is_whole(key):
    entry = ENTRIES[key]
    assert re.fullmatch(r"[a-z]+\d{4}[a-z0-9]+", key) and entry.fields["year"] in key
    people = "".join(str(person) for person in entry.persons["author"]) + entry.fields.get("howpublished", "")
    assert re.match(r"[a-z]+", key)[0] in bibliography.plain(str(Text.from_latex(people))).replace(" ", "")
    if "doi" in entry.fields:
        assert re.fullmatch(r"10\.\d{4,5}/\S+", entry.fields["doi"])
    if "eprint" in entry.fields:
        number = re.fullmatch(r"(\d\d)(\d\d)\.\d{4,5}", entry.fields["eprint"])
        assert number and entry.fields["archiveprefix"] == "arXiv"
        # A preprint appears in the years before the work, or just after it.
        assert -1 <= int(entry.fields["year"]) - 2000 - int(number[1]) <= 3 and 1 <= int(number[2]) <= 12
    assert "arXiv:" not in entry.fields.get("howpublished", "") + entry.fields.get("note", ""), "use eprint"


def test_no_number_twice():
    for field in ("doi", "eprint"):
        numbers = [entry.fields[field].lower() for entry in ENTRIES.values() if field in entry.fields]
        assert len(set(numbers)) == len(numbers)


@pytest.mark.parametrize("text, found", [
    ("Good, I. J. (1952). Rational decisions. JRSS B, 14(1).", [("Good", "1952", "Rational decisions")]),
    ("Cho, K. et al. (2014). Learning phrase representations. EMNLP. Le, Q. (2015). A simple way. X.",
     [("Cho", "2014", "Learning phrase representations"), ("Le", "2015", "A simple way")]),
    ('Ribeiro, M. (2016). "Why should I trust you?": explaining. KDD.', [("Ribeiro", "2016", '"Why should I trust you?": explaining')])])
def test_references_are_read(text, found):
    assert [match.groups() for match in bibliography.REFERENCE.finditer(text)] == found


def test_a_reference_in_another_form_is_refused(tmp_path):
    (tmp_path / "one.py").write_text('def f():\n    """One.\n\n    References\n    ----------\n    Good (1952), Rational.\n    """\n')
    with pytest.raises(ValueError, match="bibliography: one.f has a reference that is not"):
        bibliography.docstring_references(tmp_path)
