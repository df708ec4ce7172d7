"""_ext/course_site.py and tools/colab.py: the buttons that fit the repository, shared files, incremental builds."""

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from types import SimpleNamespace

import colab
import course_site
import pytest

ROOT = Path(__file__).resolve().parent.parent


@pytest.mark.parametrize("remote, address", [
    ("https://github.com/someone/deep-book", "https://github.com/someone/deep-book"),
    ("https://github.com/someone/deep-book.git/", "https://github.com/someone/deep-book"),
    ("https://x-access-token:secret@github.com/someone/deep.book.git", "https://github.com/someone/deep.book"),
    ("git@github.com:someone/deep-book.git", "https://github.com/someone/deep-book"),
    ("ssh://git@github.com/someone/deep-book", "https://github.com/someone/deep-book"),
    ("https://git.example.org/someone/deep-book", ""),
    ("https://notgithub.com/someone/deep-book", ""),
    ("/srv/git/deep-book", ""),
    ("", "")])
def test_github_address(remote, address):
    assert course_site.github_address(remote) == address


def git(folder, *arguments):
    subprocess.run(["git", "-C", folder, "-c", "user.name=t", "-c", "user.email=t@example.org", *arguments], check=True,
                   capture_output=True)


@pytest.fixture
def repository(tmp_path):
    git(tmp_path, "init", "--initial-branch=trunk")
    git(tmp_path, "commit", "--allow-empty", "-m", "first")
    return tmp_path


def configured(folder):
    config = SimpleNamespace(html_theme_options={}, course_colab=None)
    course_site.set_repository(SimpleNamespace(srcdir=str(folder)), config)
    return config


def test_without_a_remote_there_is_no_button(repository):
    config = configured(repository)
    assert config.html_theme_options["repository_url"] == ""
    assert config.html_theme_options["use_repository_button"] is config.html_theme_options["use_edit_page_button"] is False
    assert not config.html_theme_options["launch_buttons"]["binderhub_url"] and not config.course_colab


def test_a_remote_elsewhere_gets_no_button(repository):
    git(repository, "remote", "add", "origin", "/srv/git/book")
    assert not configured(repository).html_theme_options["launch_buttons"]["binderhub_url"]


def test_without_git_there_is_no_button(tmp_path, monkeypatch):
    monkeypatch.setenv("PATH", "")
    assert not configured(tmp_path).html_theme_options["use_repository_button"]


def test_on_github_there_are_buttons_and_colab_once_its_branch_is_there(repository):
    git(repository, "remote", "add", "upstream", "git@github.com:someone/book.git")
    config = configured(repository)
    assert config.html_theme_options["repository_url"] == "https://github.com/someone/book"
    assert config.html_theme_options["repository_branch"] == "trunk"
    assert config.html_theme_options["launch_buttons"]["binderhub_url"] and not config.course_colab
    git(repository, "update-ref", "refs/remotes/upstream/colab", "HEAD")
    assert configured(repository).course_colab


def test_colab_copies_install_the_library_first(tmp_path):
    colab.main("https://github.com/someone/book", tmp_path)
    copies = sorted((tmp_path / "chapters").iterdir())
    assert [copy.name for copy in copies] == sorted(path.name for path in (ROOT / "chapters").glob("*.ipynb"))
    for copy in copies:
        first, *rest = json.loads(copy.read_text(encoding="utf-8"))["cells"]
        assert "    %pip install -q git+https://github.com/someone/book\n" in first["source"]
        assert rest == json.loads((ROOT / "chapters" / copy.name).read_text(encoding="utf-8"))["cells"]


# ------------------------------------------------------------------------------------------------ a small book

@pytest.fixture(scope="module")
def small_book(tmp_path_factory):
    """The book's configuration around two small pages, in a repository on GitHub; returns (folder, build)."""
    folder = tmp_path_factory.mktemp("book")
    for name in ("_config.yml", "_ext", "_assets", "chapters/references.bib"):
        (folder / name).parent.mkdir(exist_ok=True)
        (shutil.copytree if (ROOT / name).is_dir() else shutil.copy)(ROOT / name, folder / name)
    explorer = folder / "course_lib" / "explorer"
    explorer.mkdir(parents=True)
    (explorer / "element.js").write_text("// before\n")
    (explorer / "explorer.js").write_text("// first\n")
    (explorer / "explorer.css").write_text("/* first */\n")
    (folder / "_toc.yml").write_text("format: jb-book\nroot: chapters/index\nchapters:\n- file: chapters/01_what_is_deep_learning\n")
    (folder / "chapters" / "index.md").write_text("# Book\n\n$x^2$, {doc}`01_what_is_deep_learning`.\n")
    notebook = {"nbformat": 4, "nbformat_minor": 5, "metadata": {"kernelspec": {"name": "python3", "display_name": "Python 3"}},
                "cells": [{"cell_type": "markdown", "id": "a", "metadata": {}, "source": "# One\n\nText."}]}
    (folder / "chapters" / "01_what_is_deep_learning.ipynb").write_text(json.dumps(notebook))
    git(folder, "init", "--initial-branch=main")
    git(folder, "remote", "add", "origin", "https://github.com/someone/book.git")
    git(folder, "commit", "--allow-empty", "-m", "first")
    git(folder, "update-ref", "refs/remotes/origin/colab", "HEAD")

    def build():
        command = Path(sys.executable).parent / "jupyter-book"
        return subprocess.run([command, "build", folder, "-W", "--keep-going"], capture_output=True, text=True,
                              stdin=subprocess.DEVNULL, env={**os.environ, "NO_COLOR": "1"})

    return folder, build


@pytest.mark.slow
def test_a_small_book(small_book):
    folder, build = small_book
    site = folder / "_build" / "html"
    done = build()
    assert done.returncode == 0, done.stdout + done.stderr
    index, chapter = ((site / "chapters" / name).read_text() for name in ("index.html", "01_what_is_deep_learning.html"))

    assert "https://mybinder.org/v2/gh/someone/book/main?urlpath=lab/tree/chapters/01_what_is_deep_learning.ipynb" in chapter
    assert "https://colab.research.google.com/github/someone/book/blob/colab/chapters/01_what_is_deep_learning.ipynb" in chapter
    assert "https://github.com/someone/book/edit/main/chapters/01_what_is_deep_learning.ipynb" in chapter
    assert "thebe" not in chapter.replace("sphinx-thebe.css", "").lower()
    assert 'rel="preload" as="font"' not in chapter
    assert (site / "_static" / "mathjax" / "tex-chtml.js").stat().st_size > 500_000
    assert "_static/mathjax/tex-chtml.js" in index

    # An asset changes, no page does: the next build must carry it to the readers, past their caches.
    (folder / "course_lib" / "explorer" / "explorer.js").write_text("// second\n")
    (folder / "_assets" / "site.css").write_text("/* second */\n")
    assert build().returncode == 0
    assert (site / "_static" / "explorer" / "explorers.js").read_text() == "// before\n\n// second\n"
    assert (site / "_static" / "site.css").read_text() == "/* second */\n"
    assert index != (site / "chapters" / "index.html").read_text(), "the pages must name the new version"
    assert 'rel="preload" as="font"' not in (site / "chapters" / "index.html").read_text()


@pytest.mark.slow
def test_a_warning_stops_the_build(small_book):
    folder, build = small_book
    page = folder / "chapters" / "index.md"
    old = page.read_text()
    page.write_text(old + "\n{doc}`99_nowhere`\n")
    done = build()
    page.write_text(old)
    assert done.returncode != 0 and "99_nowhere" in done.stdout + done.stderr


@pytest.mark.parametrize("old, new", [
    ('<link rel="preload" as="font" type="font/woff2" crossorigin href="../_static/vendor/fontawesome/6/webfonts/fa.woff2" />\n<p>', "<p>"),
    ('<script src="../_static/vendor/fontawesome/6.5.2/js/all.min.js?digest=1"></script>\n<p>', "<p>"),
    ('<link href="../_static/vendor/fontawesome/6.5.2/css/all.min.css?digest=1" rel="stylesheet" />',) * 2,
    ('<script defer="defer" src="../_static/mathjax/tex-chtml.js?v=1"></script>',
     '<link rel="preload" as="script" fetchpriority="low" id="mathjax" href="../_static/mathjax/tex-chtml.js?v=1">'),
    ('<div class="citation" id="id1" role="doc-biblioentry">', '<div class="citation" id="id1" role="listitem">'),
    ('<script async="async" src="../_static/explorer/explorers.js?v=1"></script>',) * 2])
def test_pages_are_lightened(old, new):
    assert course_site.lighten(old) == new
