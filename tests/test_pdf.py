"""tools/pdf.py: the order of the book, and a PDF of two of its pages with contents, numbers, bookmarks and links."""

import re

import pdf
import pytest
from pypdf import PdfReader

TOC = """
format: jb-book
root: chapters/index
parts:
  - caption: First
    chapters:
      - file: chapters/01_one
      - file: chapters/02_two
  - caption: Second
    chapters:
      - file: chapters/glossary
"""


def test_the_order_is_that_of_the_table_of_contents():
    assert pdf.documents(TOC) == [(None, "chapters/index"), ("First", "chapters/01_one"), ("First", "chapters/02_two"),
                                  ("Second", "chapters/glossary")]


def test_without_the_site_it_says_what_to_do(tmp_path):
    with pytest.raises(SystemExit, match=r"chapters/index\.html is not built; run: make book"):
        pdf.main(tmp_path, tmp_path / "book.pdf")
    assert not list(tmp_path.iterdir())


@pytest.fixture(scope="module")
def printed(root, tmp_path_factory):
    """Chapter 2 and the glossary as a PDF."""
    target = tmp_path_factory.mktemp("pdf") / "book.pdf"
    pdf.main(root / "_build" / "html", target, ["02_", "glossary"])
    assert not target.with_name("book.pdf.partial").exists()
    return PdfReader(target)


def marks(reader, entries, level=0):
    """``[(level, title, page from 0), …]`` of the bookmarks."""
    found = []
    for entry in entries:
        if isinstance(entry, list):
            found += marks(reader, entry, level + 1)
        else:
            found.append((level, entry.title, reader.get_destination_page_number(entry)))
    return found


@pytest.mark.site
def test_bookmarks_contents_and_numbers_agree(printed):
    found = marks(printed, printed.outline)
    assert [title for level, title, _ in found if level == 0] == ["From a neuron to a gradient", "Around the chapters"]
    assert [title for level, title, _ in found if level == 1] == ["One weight that learns: predict, compare, correct", "Glossary"]
    sections = [(title, page) for level, title, page in found if level == 2]
    assert len(sections) >= 10 and [page for _, page in sections] == sorted(page for _, page in sections)
    contents = printed.pages[1].extract_text()
    for title, page in sections:
        assert re.search(re.escape(title) + rf"\s*{page + 1}\b", contents), f"{title}: not on page {page + 1} by the contents"
        assert title.split(". ")[-1][:20] in printed.pages[page].extract_text()
    for number, page in enumerate(printed.pages[1:], 2):
        assert page.extract_text().strip().splitlines()[-1].strip() == str(number) or f"\n{number}" in page.extract_text()


@pytest.mark.site
def test_links_stay_inside(printed):
    inside, outside = 0, []
    for page in printed.pages:
        for annotation in page.get("/Annots", ()):
            link = annotation.get_object()
            assert not isinstance(link.get("/Dest"), str), "names are shared by the chapters"
            if "/Dest" in link:
                assert any(link["/Dest"][0].get_object() == other for other in printed.pages)
                inside += 1
            elif "/A" in link:
                outside.append(link["/A"].get_object().get("/URI", "a name"))
    assert inside >= 30 and all(re.match(r"https?://(?!book\.invalid)", address) for address in outside), outside


@pytest.mark.site
def test_formulas_and_figures_are_printed_and_buttons_are_not(printed):
    fonts = [font.get_object() for page in printed.pages for font in page["/Resources"]["/Font"].values()]
    assert any("MathJax" in str(font.get("/FontDescriptor", {})) for font in fonts)
    assert sum(len(page.images) for page in printed.pages) >= 3
    text = "\n".join(page.extract_text() for page in printed.pages)
    assert "Copy link" not in text and "Full screen" not in text and "Show code cell source" not in text
