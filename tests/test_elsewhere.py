"""Binder, Colab and other folders, as far as they can be had without either: the packages that are listed suffice, the
package that pip builds is whole, and a notebook runs with it from a folder that knows nothing of the repository."""

import ast
import importlib.metadata
import json
import os
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import colab
import nbformat
import pytest
import yaml
from IPython.core.interactiveshell import InteractiveShell
from nbclient import NotebookClient
from packaging.requirements import Requirement

ROOT = Path(__file__).resolve().parent.parent
BINDER = yaml.safe_load((ROOT / "binder" / "environment.yml").read_text(encoding="utf-8"))
PYPI = {"matplotlib-base": "matplotlib", "pytorch-cpu": "torch"}           # conda-forge's names of the same packages
MODULES = {"sklearn": "scikit-learn", "IPython": "ipython", "PIL": "pillow"}                # imported under another name


def imports(source):
    """Top-level names that Python code imports."""
    tree = ast.parse(source)
    return {alias.name.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.Import) for alias in node.names} \
        | {node.module.split(".")[0] for node in ast.walk(tree) if isinstance(node, ast.ImportFrom) and not node.level}


def conda_to_pip(line):
    """A requirement of the environment under its name on the package index."""
    name, rest = re.match(r"([\w-]+)(.*)", line).groups()
    return Requirement(PYPI.get(name, name) + re.sub(r"^=(?!=)", "==", rest))


def with_their_own(names):
    """The packages, and what they require themselves."""
    return {Requirement(line).name.lower() for name in names for line in (name, *(importlib.metadata.requires(name) or ()))}


def third_party(sources):
    """Packages that pieces of code import, by their name on the package index."""
    names = set().union(*map(imports, sources)) - set(sys.stdlib_module_names) - {"course_lib"}
    return {MODULES.get(name, name).lower() for name in names}


@pytest.fixture(scope="module")
def binder():
    """What Binder installs, by name."""
    found = {requirement.name: requirement for requirement in map(conda_to_pip, BINDER["dependencies"])}
    assert str(found.pop("python").specifier) == "==3.11"
    return found


def test_binder_asks_for_what_the_book_was_tested_with(binder):
    tested = {Requirement(line.split("#")[0]).name: Requirement(line.split("#")[0])
              for line in (ROOT / "requirements.txt").read_text(encoding="utf-8").splitlines()
              if re.match(r"[\w-]+\s*[<>=]", line)}
    for name, requirement in binder.items():
        assert requirement.specifier == tested[name].specifier, f"binder/environment.yml and requirements.txt differ on {name}"
        installed = importlib.metadata.version(name)
        assert requirement.specifier.contains(installed, prereleases=True), f"{name} {installed} is here, not {requirement}"


def test_binder_has_all_that_notebooks_and_library_import(binder):
    code = [cell.source for path in (ROOT / "chapters").glob("*.ipynb") for cell in nbformat.read(path, as_version=4).cells
            if cell.cell_type == "code"]
    code += [path.read_text(encoding="utf-8") for path in (ROOT / "course_lib").rglob("*.py")]
    missing = third_party(code) - with_their_own(binder)
    assert not missing, f"imported, and not installed by binder/environment.yml: {missing}"


def test_the_package_declares_what_it_imports():
    project = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
    declared = [Requirement(line).name for line in project["dependencies"]]
    wanted = third_party(path.read_text(encoding="utf-8") for path in (ROOT / "course_lib").rglob("*.py"))
    assert not wanted - with_their_own(declared) - {"torch"}, "torch is optional; everything else must be declared"


# -------------------------------------------------------------------------------------------------- Colab's first cell

class Shell(InteractiveShell):
    """IPython without a terminal that notes its magic commands."""

    def run_line_magic(self, name, line, *rest, **options):
        self.asked = [*getattr(self, "asked", []), f"{name} {line}"]


@pytest.mark.parametrize("there", [True, False], ids=["course_lib is there", "course_lib is missing"])
def test_colab_installs_what_is_missing_and_nothing_else(monkeypatch, there):
    source = "".join(colab.first_cell("https://github.com/someone/book")["source"])
    if not there:
        monkeypatch.setitem(sys.modules, "course_lib", None)               # import raises ModuleNotFoundError
    shell = Shell()
    shell.run_cell(source).raise_error()
    assert getattr(shell, "asked", []) == ([] if there else ["pip install -q git+https://github.com/someone/book"])


# --------------------------------------------------------------------------------------------------- the installed package

@pytest.fixture(scope="module")
def installed(tmp_path_factory):
    """A folder with course_lib as `pip install git+…` leaves it: built, not linked."""
    folder = tmp_path_factory.mktemp("package")
    source = folder / "source"
    shutil.copytree(ROOT / "course_lib", source / "course_lib", ignore=shutil.ignore_patterns("__pycache__"))
    for name in ("pyproject.toml", "README.md", "LICENSE"):
        shutil.copy(ROOT / name, source)
    subprocess.run([sys.executable, "-m", "pip", "install", "--quiet", "--disable-pip-version-check", "--no-deps",
                    "--target", folder / "site", source], check=True)
    return folder / "site"


@pytest.mark.slow
def test_the_installed_package_is_whole(installed):
    def files(folder):
        return {str(path.relative_to(folder)) for path in folder.rglob("*")
                if path.is_file() and "__pycache__" not in path.parts}
    missing = files(ROOT / "course_lib") - files(installed / "course_lib")
    assert not missing, f"not packaged, see package-data in pyproject.toml: {missing}"


@pytest.mark.slow
def test_a_notebook_runs_from_another_folder(installed, tmp_path):
    notebook = nbformat.read(ROOT / "chapters" / "02_one_weight.ipynb", as_version=4)
    where = f"import course_lib; assert course_lib.__file__.startswith({str(installed)!r}), course_lib.__file__"
    notebook.cells.insert(0, nbformat.v4.new_code_cell(where))
    environment = {**os.environ, "PYTHONPATH": str(installed), "COURSE_LIB_EXPLORER": "start", "TQDM_DISABLE": "1"}
    client = NotebookClient(notebook, timeout=120, kernel_name="python3", resources={"metadata": {"path": str(tmp_path)}})
    client.execute(env=environment)
    assert not list(tmp_path.iterdir()), "nothing is written where the reader happens to be"
    assert json.dumps(notebook).count("verdict-confirmed") + json.dumps(notebook).count("verdict-limited") >= 1
