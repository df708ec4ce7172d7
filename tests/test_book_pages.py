"""The pages around the chapters say what the chapters, the syllabus, the docstrings and the tests say, and no more."""

import ast
import base64
import doctest
import importlib
import json
import os
import re
import shutil
import subprocess
import sys
from pathlib import Path
from urllib.parse import urldefrag

import pytest
import yaml
from book_pages import algorithms, claims, errata, gallery, history, ledger
from bs4 import BeautifulSoup

ROOT = Path(__file__).resolve().parent.parent
SITE = ROOT / "_build" / "html" / "chapters"
VERDICT = "application/vnd.course-lib.verdict+json"


def data(name):
    return yaml.safe_load((ROOT / "chapters" / name).read_text(encoding="utf-8"))


# ------------------------------------------------------------------------------------------------- what they are made of

@pytest.mark.parametrize("module", [algorithms, claims, errata, gallery, history, ledger], ids=lambda m: m.__name__)
def test_examples(module):
    assert not doctest.testmod(module).failed


@pytest.mark.parametrize("text, ids", [
    ("S1-36 to S1-38", ["S1-36", "S1-37", "S1-38"]), ("S1-09, S1-10", ["S1-09", "S1-10"]),
    ("A01–A03", ["A01", "A02", "A03"]),
    ("S1-30 to S2-02", ["S1-30", "S2-02"]), ("R100", ["R100"]), ("ResNet-152, C64", [])])
def test_named_ids(text, ids):
    assert list(ledger.named_ids(text)) == ids


def test_errata_are_complete(syllabus):
    words = data("errata.yml")
    assert list(words) == [erratum["id"] for erratum in syllabus["errata"]]
    for name, entry in words.items():
        assert set(entry) == {"kind", "printed", "corrected", "why"}, name
        assert entry["kind"] in errata.KINDS, name
        assert all(isinstance(text, str) and text.strip() for text in entry.values()), name
        assert entry["printed"] != entry["corrected"], name
    page = (ROOT / "chapters" / "errata.md").read_text(encoding="utf-8")
    assert sorted(re.findall(r"^```\{errata\} (\w+)", page, re.M)) == sorted(("tools", *errata.KINDS))


def test_what_only_the_scan_spoilt_is_not_called_a_slip(syllabus):
    words = data("errata.yml")
    for erratum in syllabus["errata"]:
        if erratum["origin"].startswith("OCR") and "lecturer" not in erratum["origin"]:
            assert words[erratum["id"]]["kind"] in ("OCR", "unclear"), erratum["id"]


def test_slides_are_grouped_in_order(syllabus):
    for lecture, heads in data("lectures.yml").items():
        items = [item["id"] for item in syllabus["items"] if item["id"].startswith(lecture)]
        assert list(heads) == sorted(heads, key=items.index) and next(iter(heads)) == items[0]
        assert len(set(heads.values())) == len(heads), "two groups of a lecture with one title"


def test_history_has_sources_and_agrees_with_them(syllabus):
    bibliography = (ROOT / "chapters" / "references.bib").read_text(encoding="utf-8")
    known = {row["id"] for kind in ("items", "errata") for row in syllabus[kind]}
    for event in data("history.yml"):
        entry = re.search(rf"^@\w+\{{{event['cite']},(.*?)(?=^@|\Z)", bibliography, re.M | re.S)
        assert entry, f"{event['cite']} is not in references.bib"
        assert re.search(r"year\s*=\s*[{\"]?(\d{4})", entry[1])[1] == str(event["year"]), event
        assert known >= {*event.get("items", []), *filter(None, [event.get("erratum")])}, event
        assert "printed" not in event or event["printed"] != event["year"] and "erratum" in event, event


def test_history_agrees_with_chapter_1(notebooks):
    """Its explorer "Who had which idea": the same people in the same years."""
    source = next(cell.source for cell in notebooks["01_what_is_deep_learning.ipynb"].cells if "EVENTS = [" in cell.source)
    told = next(ast.literal_eval(node.value) for node in ast.parse(source).body
                if isinstance(node, ast.Assign) and node.targets[0].id == "EVENTS")
    page = [(event["year"], event["who"]) for event in data("history.yml")]
    for year, _, who, *_ in told:
        surname = re.split(r",| and ", who)[0].split()[-1]
        assert [1 for when, people in page if when == year and (surname in people or "Aizenberg" in who)], f"{year} {who}"


def test_history_draws_every_event():
    events = data("history.yml")
    drawing = BeautifulSoup(history.drawing(events), "html.parser").svg
    assert len(drawing.select("circle, path")) == len(events)
    heights = [int(text["y"]) for text in drawing.select("text[x='146']")]
    assert len(heights) == len(events) and all(b - a >= 19 for a, b in zip(heights, heights[1:])), "two lines overlap"
    assert all(str(event["year"]) in drawing["aria-label"] and event["who"] in drawing["aria-label"] for event in events)
    assert [text.get_text() for text in drawing.select(".printed")] \
        == [str(event["printed"]) for event in events if "printed" in event]


def test_algorithms_find_functions_tests_and_papers():
    functions = algorithms.named_functions(ROOT / "course_lib" / "optim.py", "course_lib/optim.py")
    sgd = functions["A21"][0]
    assert (sgd.name, sgd.file) == ("SGD", "course_lib/optim.py")
    assert (ROOT / sgd.file).read_text().splitlines()[sgd.line - 1].startswith("class SGD")
    assert [line[:13] for line in algorithms.papers("Polyak 1964", functions["A21"])] == ["Polyak, B. (1"]
    assert len(algorithms.papers("Nobody 1964", functions["A21"])) == len(sgd.references)
    tests = algorithms.named_tests(ROOT / "tests" / "test_optim.py")
    assert "test_nesterov_stores_the_place_it_looks_at" in tests["A22"], tests["A22"]


def test_gallery_reads_the_head_of_a_packed_explorer(notebooks):
    from course_lib.explorer import packing
    for name in ("04_losses.ipynb", "13_cnn.ipynb"):
        for _, html in ledger.outputs(notebooks[name]):
            for _, _, payload, _ in gallery.ELEMENT.findall(html.get("text/html", "")):
                packed = json.loads(payload).get("packed")
                if packed:
                    _, spec = packing.unpack(base64.b64decode(packed))
                    assert gallery.description(payload) == (spec["title"], spec["lookFor"])


# ------------------------------------------------------------------------------------------------------ the built pages

@pytest.fixture(scope="module")
def page():
    """A built page of chapters/, parsed once."""
    pages = {}

    def parsed(name):
        assert (SITE / f"{name}.html").exists(), f"{SITE / name}.html is missing: run make book"
        if name not in pages:
            pages[name] = BeautifulSoup((SITE / f"{name}.html").read_text(encoding="utf-8"), "html.parser").article
        return pages[name]
    return parsed


def target(page, link):
    """The element that a link to another page of chapters/ leads to."""
    file, fragment = urldefrag(link["href"])
    found = page(file.removesuffix(".html")).find(id=fragment)
    assert found, f"{link['href']} leads nowhere"
    return found.parent if found.name == "span" and not found.get_text() else found


def texts(element, selector):
    return [" ".join(found.get_text().split()) for found in element.select(selector)]


@pytest.mark.site
def test_claims_page_holds_what_the_cells_hold(page, notebooks):
    boxes = {box["id"]: box for box in page("claims").select(".page-item")}
    stored = {}
    for file, notebook in notebooks.items():
        for cell in notebook.cells:
            for output in cell.get("outputs", []):
                if VERDICT in output.get("data", {}):
                    verdict = output.data[VERDICT]
                    stored[verdict["id"]] = file, verdict, output.data["text/html"]
    assert list(boxes) == [name for name in boxes if name in stored] and len(boxes) == len(stored)
    for name, (file, verdict, html) in stored.items():
        box, cell = boxes[name], BeautifulSoup(html, "html.parser")
        assert box.select_one(".verdict-word").get_text() == verdict["verdict"].capitalize()
        assert {f"verdict-{verdict['verdict']}", f"is-{verdict['verdict']}"} <= set(box["class"])
        for part in (".verdict-claim p", ".verdict-claim footer", ".verdict-evidence :is(th, td)", ".verdict-falsified"):
            assert texts(box, part) == texts(cell, part) != [], f"{name}: {part}"
        link = box.select_one("a.place")
        assert link["href"] == file.replace(".ipynb", f".html#verdict-{name}")
        assert "verdict" in target(page, link)["class"]
        assert {c for c in box["class"] if re.fullmatch(r"is-S\d", c)} == {
            f"is-S{lecture}" for lecture in re.findall(r"S(\d)-\d\d", verdict["by"])}


@pytest.mark.site
def test_claims_are_counted(page, notebooks):
    verdicts = [verdict for notebook in notebooks.values() for verdict in ledger.verdicts(notebook)]

    def count(kind, lecture=""):
        return sum(verdict["verdict"] == kind and f"{lecture}-" in verdict["by"] + "-" for verdict in verdicts)

    wanted = [[name, *(str(count(kind, lecture)) for kind in claims.VERDICTS)] for lecture, name in ledger.LECTURES.items()]
    wanted.append(["All claims", *(str(count(kind)) for kind in claims.VERDICTS)])
    assert [texts(row, "td") for row in page("claims").select(".page-score tbody tr")] == wanted


@pytest.mark.site
def test_every_slide_item_leads_to_where_it_is_taught(page, syllabus):
    rows = page("lectures").select("table.slides tbody tr")
    assert [row["id"] for row in rows] == [item["id"] for item in syllabus["items"]]
    homes = {item["id"]: item["home"] for item in syllabus["items"]}
    files = {chapter["id"]: Path(chapter["file"]).stem for chapter in syllabus["chapters"]}
    for row in rows:
        link = row.select_one("a.place")
        assert link["href"].startswith(f"{files[homes[row['id']]]}.html#"), row["id"]
        assert row["id"] in ledger.named_ids(target(page, link).get_text()), f"{link['href']} does not speak of {row['id']}"
        assert link.get_text(strip=True)


@pytest.mark.site
def test_every_erratum_leads_to_its_proof(page, syllabus):
    entries = {entry["id"]: entry for entry in page("errata").select(".erratum")}
    assert sorted(entries) == sorted(erratum["id"] for erratum in syllabus["errata"])
    words = data("errata.yml")
    for name, entry in entries.items():
        links = entry.select("a.place")
        assert links, name
        for link in links:
            assert name in ledger.named_ids(target(page, link).get_text()), f"{link['href']} does not speak of {name}"
        section = entry.find_parent("section")
        assert all(words[other["id"]]["kind"] == words[name]["kind"] for other in section.select(".erratum")), \
            f"{name}: {words[name]['kind']} stands with other kinds"


@pytest.mark.site
def test_algorithms_are_where_the_page_says(page, syllabus):
    rows = page("algorithms").select("tr.page-item")
    assert sorted(row["id"] for row in rows) == [algorithm["id"] for algorithm in syllabus["algorithms"]]
    for row in rows:
        target(page, row.select_one("a.place"))
        line = row.select("td")[1].p
        file = re.search(r"in ([\w/]+)\.py$", line.get_text())[1]
        module = importlib.import_module(f"course_lib.{file.replace('/', '.')}")
        for name in line.select("code"):
            owner = module
            for part in name.get_text().split("."):
                owner = getattr(owner, part)
            assert row["id"] in ledger.named_ids(owner.__doc__), f"{name.get_text()} does not name {row['id']}"
        for file in row.select(".page-file"):
            test = re.search(r"test_\w+\.py", file.get_text())[0]
            assert row["id"] in ledger.named_ids((ROOT / "tests" / test).read_text(encoding="utf-8"))


@pytest.mark.site
def test_gallery_shows_every_explorer(page, notebooks):
    names = [name for _, notebook in sorted(notebooks.items(), key=lambda pair: (pair[0] != "index.ipynb", pair[0]))
             for _, output in ledger.outputs(notebook)
             for name in re.findall(r'<course-\w+ id="([^"]+)"', output.get("text/html", ""))]
    links = page("gallery").select(".gallery-card a.place")
    assert [link["href"].split("#")[1] for link in links] == names
    for link in links:
        assert target(page, link).name.startswith("course-")
        picture = (SITE / link.img["src"]).read_bytes()
        assert picture[8:12] == b"WEBP" and link.img["loading"] == "lazy"
        assert link.img["width"] and link.img["height"], "the page must not jump while pictures come in"


# ---------------------------------------------------------------------------------------------------- search and filters

@pytest.mark.site
def test_claims_are_filtered_by_keyboard_and_by_address(quiet):
    address = (SITE / "claims.html").as_uri()
    page = quiet(address)
    boxes = page.locator(".page-item:visible")
    everything = boxes.count()
    page.get_by_role("button", name="Cieliebak").press("Enter")
    of_lecture = boxes.count()
    page.get_by_role("button", name="limited").press("Space")
    both = boxes.count()
    assert everything > of_lecture > both > 0
    assert both == page.locator(".page-item.is-S4.is-limited").count()
    assert page.get_by_role("button", name="limited").get_attribute("aria-pressed") == "true"
    assert page.get_by_role("button", name="refuted").get_attribute("aria-pressed") == "false"
    assert page.locator(".page-tools output").inner_text() == f"{both} of {everything} claims"
    sections = page.locator("section section:visible")
    assert sections.count() == sections.filter(has=page.locator(".page-item:visible")).count()

    again = quiet(page.url)
    assert again.locator(".page-item:visible").count() == both
    again.get_by_role("button", name="limited").press("Enter")           # pressed again: released
    again.get_by_role("button", name="Cieliebak").press("Enter")
    assert again.locator(".page-item:visible").count() == everything and again.url == address


@pytest.mark.site
def test_slides_are_found_and_folded(quiet):
    address = (SITE / "lectures.html").as_uri()
    page = quiet(address)
    assert page.locator("table.slides tr:visible").count() == 0, "groups begin folded"
    page.get_by_label("Search all slides").fill("xavier")
    rows = page.locator("tr.page-item:visible")
    assert 0 < rows.count() < 20 and all("xavier" in text.lower() for text in rows.all_inner_texts())
    again = quiet(page.url)
    assert again.locator("tr.page-item:visible").count() == rows.count()
    page.get_by_label("Search all slides").fill("")
    page.get_by_role("button", name="Open all").press("Enter")
    assert rows.count() == page.locator("tr.page-item").count()
    direct = quiet(address + "#S2-64")
    assert direct.locator("tr#S2-64").is_visible()


@pytest.mark.site
@pytest.mark.parametrize("name", ["lectures", "claims", "errata", "algorithms", "gallery"])
def test_without_scripts_everything_shows(quiet, name):
    page = quiet((SITE / f"{name}.html").as_uri(), java_script_enabled=False)
    assert page.locator(".page-item:visible").count() == page.locator(".page-item").count() > 50
    assert not page.locator(".page-tools:visible").count()


# -------------------------------------------------------------------------------------------------- nothing goes stale

SYLLABUS = {
    "items": [{"id": "S0-01", "lines": "1", "kind": "claim", "home": "c01", "text": "Two is $1+1$ (c01).", "algorithms": [],
               "experiments": [], "errata": ["R01"]}],
    "algorithms": [], "experiments": [],
    "errata": [{"id": "R01", "where": "", "items": "S0-01", "printed": "", "correction": "", "proof": "", "origin": ""}],
    "chapters": [{"id": "c01", "number": 1, "title": "One", "file": "chapters/01_one.ipynb"}]}


@pytest.fixture
def small_book(tmp_path):
    """A book of one chapter and three of the pages; returns its folder, its notebook's writer, and a build."""
    for name in ("_config.yml", "_ext", "_assets", "chapters/references.bib"):
        (tmp_path / name).parent.mkdir(exist_ok=True)
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, tmp_path / name)
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests" / "syllabus.json").write_text(json.dumps(SYLLABUS))
    files = {"index.md": "# Book\n", "lectures.md": "# Lectures\n\n```{lecture} S0\n```\n",
             "lectures.yml": "S0: {S0-01: Sums}\n",
             "claims.md": "# Claims\n\n```{claims-on-trial}\n```\n", "errata.md": "# Errata\n\n```{errata} slip\n```\n",
             "errata.yml": "R01: {kind: slip, printed: three, corrected: two, why: Count.}\n"}
    for name, text in files.items():
        (tmp_path / "chapters" / name).write_text(text)
    listed = "".join(f"  - file: chapters/{name}\n" for name in ("01_one", "lectures", "claims", "errata"))
    (tmp_path / "_toc.yml").write_text(
        f"format: jb-book\nroot: chapters/index\nparts:\n- caption: One\n  chapters:\n{listed}")

    def write(verdict, section):
        from course_lib.claims import Verdict
        box = Verdict("E01", verdict, "Two is two.", "Somebody, S0-01", {"sum": "2"}, "it was not")
        cells = [{"cell_type": "markdown", "id": "a", "metadata": {}, "source": f"# One\n\n## {section}\n\nTwo (S0-01, R01)."},
                 {"cell_type": "code", "id": "b", "metadata": {}, "source": "1 + 1", "execution_count": 1, "outputs": [
                     {"output_type": "display_data", "metadata": {}, "data": box._repr_mimebundle_()}]}]
        (tmp_path / "chapters" / "01_one.ipynb").write_text(json.dumps(
            {"nbformat": 4, "nbformat_minor": 5, "cells": cells, "metadata": {
                "kernelspec": {"name": "python3", "display_name": "P"}, "language_info": {"name": "python"}}}))

    def build():
        done = subprocess.run([Path(sys.executable).parent / "jupyter-book", "build", tmp_path, "-W", "--keep-going"],
                              capture_output=True, text=True, stdin=subprocess.DEVNULL, env={**os.environ, "NO_COLOR": "1"})
        pages = {path.stem: path.read_text() for path in (tmp_path / "_build" / "html" / "chapters").glob("*.html")}
        return done.returncode, done.stdout + done.stderr, pages
    return tmp_path, write, build


@pytest.mark.slow
def test_pages_follow_the_notebooks(small_book):
    folder, write, build = small_book
    write("confirmed", "Sums")
    status, log, pages = build()
    assert status == 0, log
    assert 'href="01_one.html#S0-01">Sums</a>' in pages["lectures"] and 'href="01_one.html#R01">Sums</a>' in pages["errata"]
    assert "(chapter 1)" in pages["lectures"]
    assert "verdict-confirmed" in pages["claims"] and "pages.js" in pages["claims"]

    write("refuted", "Adding up")                  # only the notebook changes; the pages must not go stale
    status, log, pages = build()
    assert status == 0, log
    assert "verdict-refuted" in pages["claims"] and "verdict-confirmed" not in pages["claims"]
    assert all("Adding up</a>" in pages[name] for name in ("lectures", "claims", "errata"))

    notebook = folder / "chapters" / "01_one.ipynb"
    notebook.write_text(notebook.read_text().replace("S0-01, R01", "S0-01"))
    status, log, _ = build()
    assert status != 0 and "no place in chapters/01_one names R01" in log
