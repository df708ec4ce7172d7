"""Addresses last: a published page stays or leads on; what links outside the book is known."""

import re
from pathlib import Path

import links
import pytest
import redirects

ROOT = Path(__file__).resolve().parent.parent
PAGES = re.findall(r"^\s*(?:- file|root): (\S+)", (ROOT / "_toc.yml").read_text(encoding="utf-8"), re.M)
PUBLISHED = (ROOT / "tests" / "published_pages.txt").read_text(encoding="utf-8").split()
REDIRECTS = redirects.read((ROOT / "_assets" / "redirects.txt").read_text(encoding="utf-8"))


def test_every_published_page_is_there_or_leads_on():
    gone = set(PUBLISHED) - set(PAGES) - set(REDIRECTS)
    assert not gone, f"renamed or removed: add to _assets/redirects.txt: {sorted(gone)}"


def test_every_page_is_published():
    new = [page for page in PAGES if page not in PUBLISHED]
    assert not new, f"add to tests/published_pages.txt, where nothing is ever removed: {new}"


def test_no_published_address_was_dropped():
    """The addresses of the first edition, by pattern: a line deleted from the list does not hide a page."""
    assert len(PUBLISHED) == len(set(PUBLISHED)) >= 22
    assert {int(page[9:11]) for page in PUBLISHED if re.match(r"chapters/\d\d_", page)} == set(range(1, 19))


def page(site, name, text="a page"):
    path = site / f"{name}.html"
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
    return path


def test_a_redirect_leads_on_and_keeps_the_rest_of_the_address(tmp_path):
    page(tmp_path, "chapters/02_new")
    redirects.write({"old": "chapters/02_new", "chapters/01_old": "chapters/02_new"}, tmp_path)
    top, beside = (tmp_path / "old.html").read_text(), (tmp_path / "chapters" / "01_old.html").read_text()
    assert 'href="chapters/02_new.html"' in top and 'url=chapters/02_new.html"' in top
    assert 'href="02_new.html"' in beside and "location.hash" in beside
    redirects.write({"old": "chapters/02_new"}, tmp_path)           # a second build


@pytest.mark.site
def test_a_browser_follows_it(tmp_path, quiet):
    page(tmp_path, "chapters/02_new", "<!doctype html><title>new</title>")
    redirects.write({"chapters/01_old": "chapters/02_new"}, tmp_path)
    opened = quiet((tmp_path / "chapters" / "01_old.html").as_uri() + "#part")
    opened.wait_for_url((tmp_path / "chapters" / "02_new.html").as_uri() + "#part")


@pytest.mark.parametrize("listed, error", [
    ({"chapters/02_new": "chapters/03_other"}, "redirects: chapters/02_new is still a page of the book"),
    ({"old": "chapters/99_nowhere"}, "redirects: old must lead to a page of the book, but chapters/99_nowhere is none"),
    ({"old": "older", "older": "chapters/02_new"}, "redirects: old must lead to a page of the book, but older is none")])
def test_a_wrong_redirect_is_refused(tmp_path, listed, error):
    page(tmp_path, "chapters/02_new")
    page(tmp_path, "chapters/03_other")
    with pytest.raises(ValueError, match=re.escape(error)):
        redirects.write(listed, tmp_path)


@pytest.mark.parametrize("text", ["one\n", "one two three\n", "one two\none three\n"])
def test_a_wrong_list_is_refused(text):
    with pytest.raises(ValueError, match=r"redirects: line \d must be an old page, a space and its new page"):
        redirects.read(text)


# --------------------------------------------------------------------------------------------------- external links

def test_external_links_are_listed():
    """Checked without a network: the list is what the sources hold. `make links` asks the hosts."""
    listed = (ROOT / "tests" / "external_links.txt").read_text(encoding="utf-8").splitlines()
    found = links.external_links()
    assert listed == sorted(set(listed)), "sorted, each once"
    assert listed == found, (f"run `python tools/links.py --write`; new: {sorted(set(found) - set(listed))}, "
                             f"gone: {sorted(set(listed) - set(found))}")


def test_links_are_found_in_all_their_forms():
    text = "[a](https://a.example/x_(y)), <https://b.example/>. `https://not.example` \\n\" https://c.example/d, ok"
    assert links.addresses(text) == {"https://a.example/x_(y)", "https://b.example/", "https://c.example/d"}


@pytest.mark.parametrize("status, bad", [(200, False), (301, False), (403, False), (429, False), (404, True), (410, True)])
def test_a_dead_link_is_told_from_a_shy_host(status, bad):
    assert bool(links.verdict(status)) is bad
