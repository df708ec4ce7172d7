"""The ledger: nothing of the five lectures gets lost.

`syllabus.json` lists what the lectures hold: items (S…), algorithms (A…), experiments (E…), errata (R…), and the chapter
where each is at home. This file demands each of them there, and the parts of the chapter template.
"""

import ast
import re

import pytest
import yaml
from book_pages.ledger import named_ids

every_chapter = pytest.mark.parametrize("chapter", [f"c{number:02d}" for number in range(1, 19)])
# Who speaks in the items S0-…, S1-…, …: the slides of S0 and S3 name no lecturer.
LECTURERS = {"S0": "UCL", "S1": "Cummins", "S2": "Wichert", "S3": "NUS", "S4": "Cieliebak"}


# ------------------------------------------------------------------------------------------------- reading

class Chapter:
    """A chapter's row of the syllabus and its notebook."""

    def __init__(self, row, notebook):
        self.row, self.notebook = row, notebook
        self.cells = notebook.cells if notebook else []

    def text(self, kind=None):
        """All sources of the cells of a kind."""
        return "\n\n".join(cell.source for cell in self.cells if kind in (None, cell.cell_type))

    def section(self, title):
        """The Markdown below a heading of level 2 that starts with `title`, up to the next one of level 1 or 2."""
        match = re.search(rf"^## (?:\d+\.\d+ )?{title}\b.*?$(.*?)(?=^##? |\Z)", self.text("markdown"), re.M | re.S)
        return match and match[1]


@pytest.fixture(scope="module")
def chapters(syllabus, notebooks):
    return {row["id"]: Chapter(row, notebooks.get(row["file"].removeprefix("chapters/"))) for row in syllabus["chapters"]}


def at_home(syllabus, kind, chapter):
    return {row["id"] for row in syllabus[kind] if row["home"] == chapter}


# ------------------------------------------------------------------------------------------------- the lists

def test_every_chapter_is_in_the_table_of_contents_in_order(syllabus, root):
    listed = re.findall(r"file: chapters/(\d\d_\w+)", (root / "_toc.yml").read_text())
    assert [f"chapters/{name}.ipynb" for name in listed] == [row["file"] for row in syllabus["chapters"]]


@every_chapter
def test_file_and_title(chapters, chapter):
    row, cells = chapters[chapter].row, chapters[chapter].cells
    assert cells, f"{row['file']} is missing"
    assert cells[0].source.splitlines()[0] == f"# {row['title']}"


# ----------------------------------------------------------------------------------------------- the contents

@every_chapter
def test_every_item_is_named_in_its_home_chapter(syllabus, chapters, chapter):
    missing = at_home(syllabus, "items", chapter) - named_ids(chapters[chapter].text()).keys()
    assert not missing, f"not named in {chapters[chapter].row['file']}: {sorted(missing)}"


@every_chapter
def test_every_experiment_has_its_verdict(syllabus, chapters, chapter):
    """A call `claims.verdict("E08", …)`, and what it displayed, stored."""
    code = chapters[chapter].text("code")
    called = set(re.findall(r"""\bverdict\(\s*["'](E\d\d)["']""", code))
    stored = {output.data["application/vnd.course-lib.verdict+json"]["id"]
              for cell in chapters[chapter].cells if cell.cell_type == "code" for output in cell.outputs
              if "application/vnd.course-lib.verdict+json" in output.get("data", {})}
    wanted = at_home(syllabus, "experiments", chapter)
    assert not wanted - called, f"no verdict in {chapters[chapter].row['file']}: {sorted(wanted - called)}"
    assert not wanted - stored, f"the verdict is not stored: {sorted(wanted - stored)}; run make notebooks"


@every_chapter
def test_every_erratum_is_stated_in_its_home_chapter(syllabus, chapters, chapter):
    wanted = {erratum for item in syllabus["items"] if item["home"] == chapter for erratum in item["errata"]}
    missing = wanted - named_ids(chapters[chapter].text("markdown")).keys()
    assert not missing, f"not stated in {chapters[chapter].row['file']}: {sorted(missing)}"


def test_every_erratum_is_on_its_page(syllabus, root):
    """errata.md prints what errata.yml holds, a kind at a time."""
    words = yaml.safe_load((root / "chapters" / "errata.yml").read_text(encoding="utf-8"))
    page = (root / "chapters" / "errata.md").read_text(encoding="utf-8")
    printed = {name for name, entry in words.items() if f"{{errata}} {entry['kind']}\n" in page}
    missing = {row["id"] for row in syllabus["errata"]} - printed
    assert not missing, f"not on errata.md: {sorted(missing)}"


def test_every_item_is_on_the_page_of_lectures(syllabus, root):
    """lectures.md prints all items of a lecture; tests/test_book_pages.py follows their links on the built page."""
    page = (root / "chapters" / "lectures.md").read_text(encoding="utf-8")
    missing = [row["id"] for row in syllabus["items"] if f"{{lecture}} {row['id'][:2]}\n" not in page]
    assert not missing, f"not on lectures.md: {missing}"


def public_docstrings(root):
    """All docstrings of course_lib's modules and of what they define without a leading underscore."""
    found = []
    for path in sorted((root / "course_lib").rglob("*.py")):
        tree = ast.parse(path.read_text(encoding="utf-8"))
        for node in ast.walk(tree):
            if isinstance(node, (ast.Module, ast.ClassDef, ast.FunctionDef)) \
                    and not getattr(node, "name", "").startswith("_"):
                found.append(ast.get_docstring(node) or "")
    return "\n".join(found)


@every_chapter
def test_every_algorithm_is_documented_and_tested(syllabus, root, chapter):
    wanted = at_home(syllabus, "algorithms", chapter)
    undocumented = wanted - named_ids(public_docstrings(root)).keys()
    assert not undocumented, f"named by no public docstring of course_lib: {sorted(undocumented)}"
    tests = "\n".join(path.read_text(encoding="utf-8") for path in sorted((root / "tests").glob("test_*.py"))
                      if path.name != "test_ledger.py")
    untested = wanted - named_ids(tests).keys()
    assert not untested, f"named by no test: {sorted(untested)}"


@every_chapter
def test_words_are_put_into_the_right_mouth(chapters, chapter):
    """ "Cummins, S1-58": no other name before an item of his slides, and nobody who is not there."""
    wrong = [f"{name}, {lecture}-…" for name, lecture in
             re.findall(r"([A-Z]\w+(?: \w+){0,2}), (S[0-4])-\d\d", chapters[chapter].text())
             if LECTURERS[lecture] not in name]
    assert not wrong


# ----------------------------------------------------------------------------------------------- the template

@every_chapter
def test_opening(chapters, chapter):
    opening = "\n".join(cell.source for cell in chapters[chapter].cells[:3] if cell.cell_type == "markdown")
    for part in ("You will be able to", "You need", "minutes"):
        assert part in opening, f"{chapters[chapter].row['file']}: the opening must have '{part}'"


@every_chapter
def test_template_parts(chapters, chapter):
    text = chapters[chapter].text("markdown")
    for title in ("In PyTorch", "Labs?", "Common mistakes", "Quiz", "Exercises", "Summary"):
        assert chapters[chapter].section(title), f"{chapters[chapter].row['file']} has no section '## {title}'"
    assert re.search(r"Claims? on trial", text), "no claim on trial"
    assert re.search(r"predict first", text, re.I), "no prediction asked for"
    assert re.search(r"\{(foot)?bibliography\}", text), "no references"


@every_chapter
def test_every_quiz_question_has_a_folded_answer(chapters, chapter):
    quiz = chapters[chapter].section("Quiz") or ""
    answers = len(re.findall(r":class:.*\bdropdown\b", quiz))
    wanted = len(chapters[chapter].row["quiz"])
    assert answers >= wanted, f"{answers} folded answers for {wanted} questions"


@every_chapter
def test_every_graded_exercise_is_named(chapters, chapter):
    exercises = chapters[chapter].section("Exercises") or ""
    wanted = {name for signature, _ in chapters[chapter].row["exercises"] for name in re.findall(r"\b(\w+)\(", signature)}
    missing = {name for name in wanted if not re.search(rf"(?<![a-z]){name}\b", exercises)}
    assert not missing, f"not in the section Exercises: {sorted(missing)}"


@every_chapter
def test_there_is_an_explorer_for_every_widget(chapters, chapter):
    names = explorer_names(chapters[chapter].notebook)
    wanted = chapters[chapter].row["widgets"]
    assert len(names) >= len(wanted), f"explorers {names} for the widgets {wanted}"


@every_chapter
def test_torch_is_imported_in_its_section_alone(chapters, chapter):
    section = None
    for number, cell in enumerate(chapters[chapter].cells, 1):
        if cell.cell_type == "markdown":
            section = (re.findall(r"^## (?:\d+\.\d+ )?(.*)", cell.source, re.M) or [section])[-1]
        elif re.search(r"^\s*(import|from) torch\b", cell.source, re.M):
            assert section == "In PyTorch", f"cell {number} imports torch in the section {section!r}"


# ------------------------------------------------------------------------------------------- figures, explorers

def explorer_names(notebook):
    """Names of the explorers in the stored outputs, in order."""
    return [name for cell in (notebook.cells if notebook else []) if cell.cell_type == "code" for output in cell.outputs
            for name in re.findall(r'<course-\w+ id="([^"]+)"', output.get("data", {}).get("text/html", ""))]


def test_explorer_names_are_unique_in_the_book(notebooks):
    names = [name for notebook in notebooks.values() for name in explorer_names(notebook)]
    twice = sorted({name for name in names if names.count(name) > 1})
    assert not twice


def test_every_figure_says_what_it_shows(notebooks):
    silent = []
    for file, notebook in notebooks.items():
        for number, cell in enumerate(notebook.cells, 1):
            figure = cell.cell_type == "code" and any({"image/png", "image/svg+xml"} & set(output.get("data", {}))
                                                      for output in cell.outputs)
            alt = cell.metadata.get("mystnb", {}).get("image", {}).get("alt", "")
            if figure and len(alt) < 20:
                silent.append(f"{file} cell {number}")
    assert not silent, f"no alt text in the cells' metadata (mystnb.image.alt): {silent}"
