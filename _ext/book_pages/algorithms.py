"""`{algorithms}`: every algorithm of the syllabus with its section, functions, tests and papers.

Names come from the docstrings of `course_lib` that name an id such as (A65), papers from their References, tests from
the functions of `tests/` that name it.
"""

from __future__ import annotations

import ast
import re
from pathlib import Path
from typing import NamedTuple

import yaml
from docutils import nodes

from . import ledger
from .directive import PageDirective, cell, row, table, tools
from .places import place


class Function(NamedTuple):
    """A public function or class that names an algorithm: where it is, and the references of its docstring."""

    file: str
    line: int
    name: str
    references: list


def references(docstring):
    """The lines below "References" of a docstring.

    >>> references('''Do.
    ...
    ... References
    ... ----------
    ... Polyak, B. (1964). Some methods of speeding up
    ...     the convergence.
    ... Nesterov, Y. (1983). A method.
    ... ''')
    ['Polyak, B. (1964). Some methods of speeding up the convergence.', 'Nesterov, Y. (1983). A method.']
    """
    match = re.search(r"^References\n-+\n(.*?)(?=\n[A-Z]\w+\n---|\Z)", docstring, re.M | re.S)
    found = []
    for line in filter(str.strip, (match[1] if match else "").split("\n")):
        if line.startswith(" ") and found:
            found[-1] += " " + line.strip()
        else:
            found.append(re.sub(r"^\.\. \[\w+\] |^\[\w+\] ", "", line.strip()))
    return found


def named_functions(path, name):
    """For each algorithm that a module's public docstrings name, the functions that do."""
    found = {}

    def visit(node, stem):
        for child in ast.iter_child_nodes(node):
            if isinstance(child, (ast.FunctionDef, ast.ClassDef)) and not child.name.startswith("_"):
                docstring = ast.get_docstring(child) or ""
                function = Function(name, child.lineno, stem + child.name, references(docstring))
                for key in ledger.named_ids(docstring):
                    found.setdefault(key, []).append(function)
                visit(child, f"{stem}{child.name}.")

    visit(ast.parse(path.read_text(encoding="utf-8")), "")
    return found


def named_tests(path):
    """For each id that a test file names, the tests that do; an empty name for the file itself."""
    source = path.read_text(encoding="utf-8")
    found, lines = {key: [] for key in ledger.named_ids(source)}, source.split("\n")
    for node in ast.walk(ast.parse(source)):
        if isinstance(node, ast.FunctionDef) and node.name.startswith("test_"):
            first = min([node.lineno, *(decorator.lineno for decorator in node.decorator_list)])
            for key in ledger.named_ids("\n".join(lines[first - 1:node.end_lineno])):
                found[key].append(node.name)
    return found


def papers(cite, functions):
    """References of the functions that the syllabus cites too; all of them where it cites none of them."""
    listed = list(dict.fromkeys(line for function in functions for line in function.references))
    both = [line for line in listed if (match := re.match(r"(?:de |van )?([\w-]+).*?\((\d{4})", line))
            and match[1] in cite and match[2] in cite]
    return both or listed


class Algorithms(PageDirective):
    def run(self):
        syllabus = self.syllabus()
        self.chapters = {chapter["id"]: chapter for chapter in syllabus["chapters"]}
        self.homes = {item["id"]: item["home"] for item in syllabus["items"]}
        self.functions, self.tests = {}, {}
        root = Path(self.env.srcdir)
        for path in sorted((root / "course_lib").rglob("*.py")):
            for key, found in named_functions(self.file(path.relative_to(root)), str(path.relative_to(root))).items():
                self.functions.setdefault(key, []).extend(found)
        for path in sorted((root / "tests").glob("test_*.py")):
            if path.name not in ("test_ledger.py", "test_book_pages.py"):
                for key, found in named_tests(self.file(path.relative_to(root))).items():
                    self.tests.setdefault(key, []).append((path.name, found))
        found = [tools("Search the algorithms", "algorithms")]
        parts = yaml.safe_load(self.file("_toc.yml").read_text(encoding="utf-8"))["parts"]
        for part in parts:
            inside = [entry["file"] for entry in part["chapters"]]
            rows = [self.entry(algorithm) for algorithm in syllabus["algorithms"]
                    if ledger.document(self.chapters[algorithm["home"]]) in inside]
            if rows:
                section = nodes.section("", nodes.title("", part["caption"]), names=[],
                                        ids=[nodes.make_id("algorithms " + part["caption"])])
                section += table(["Algorithm", "Code and tests", "Papers"], rows, classes=["stacked"],
                                 widths=[30, 35, 35])
                found.append(section)
        return found

    def entry(self, algorithm):
        key, chapter = algorithm["id"], self.chapters[algorithm["home"]]
        self.file(chapter["file"])
        functions = self.functions.get(key, [])
        if not functions or key not in self.tests:
            raise self.error(f"algorithms: {key} must be named by a public docstring of course_lib and by a test")
        main = [function for function in functions
                if function.references and "explorer" not in function.file] or functions
        others = [function for function in functions if function not in main]
        items = [item for item in ledger.named_ids(algorithm["items"].replace(",", ", "))
                 if self.homes[item] == chapter["id"]]
        name = nodes.entry("", nodes.paragraph("", "", nodes.inline("", key, classes=["page-id"]), nodes.Text(" "),
                                               *self.markdown(algorithm["name"])),
                           nodes.paragraph("", "", place(ledger.document(chapter), key, *items)))
        code = nodes.entry("", *self.code(main))
        if others:
            code += nodes.paragraph("", "", nodes.Text("also "), *self.names(others))
        code += nodes.paragraph("", "", nodes.Text("tested in "), *self.proofs(key))
        lines = papers(algorithm["cite"], main)
        paper = nodes.entry("", *(nodes.paragraph("", line) for line in lines)) if lines else cell("–")
        return row(name, code, paper, name=key, classes=["page-item"])

    def code(self, functions):
        """A line for each file, with the functions in it."""
        for file in dict.fromkeys(function.file for function in functions):
            inside = [function for function in functions if function.file == file]
            yield nodes.paragraph("", "", *self.names(inside), nodes.Text(f" in {file.removeprefix('course_lib/')}"))

    def names(self, functions):
        """The functions' names, links to their source where the repository is known."""
        options = self.config.html_theme_options
        for number, function in enumerate(functions):
            if number:
                yield nodes.Text(", ")
            name = nodes.literal("", function.name)
            if options.get("repository_url"):
                name = nodes.reference("", "", name, internal=False, refuri=f"{options['repository_url']}/blob/"
                                       f"{options['repository_branch']}/{function.file}#L{function.line}")
            yield name

    def proofs(self, key):
        for number, (file, names) in enumerate(self.tests[key]):
            label = file + (f" ({len(names)} tests)" if len(names) > 1 else "")
            yield nodes.inline("", (", " if number else "") + label, classes=["page-file"])
