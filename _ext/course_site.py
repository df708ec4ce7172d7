"""The site's Sphinx extension: what ``_config.yml`` cannot say.

1. No Thebe: it would load from another host, and Jupyter Book declares its constants twice (a script error a page).
2. MathJax comes from the installed package `sphinx-mathjax-offline`, the explorers' scripts (as one file) and style from
   ``course_lib/explorer``: both are copied into the site, neither is committed twice.
3. The repository's address comes from ``git remote``: on GitHub the pages get Binder, Colab, "Repository" and
   "Suggest edit" buttons; without a remote they get none, rather than dead ones.
4. Pages without what makes them slow or noisy: Font Awesome's script, and font preloads, which are refused with three
   errors a page when the book is opened from file://.
"""

from __future__ import annotations

import hashlib
import importlib.metadata
import re
import subprocess
from pathlib import Path

from sphinx.errors import ExtensionError
from sphinx.util.fileutil import copy_asset

EXPLORER_FILES = ("element.js", "panels.js", "explorer.js", "attentionpad.js", "kernelpad.js", "sketchpad.js", "explorer.css")
EXPLORER_SCRIPT = "explorer/explorers.js"       # all of them behind each other, for a page needs all
# Of MathJax only what `tex-chtml` may ask for: fonts, TeX extensions, and the speech that its menu offers.
MATHJAX_FILES = ("tex-chtml.js", "output/chtml/fonts", "input/tex/extensions", "a11y", "sre")


def drop_thebe(app, config):
    """Remove the listeners of sphinx-thebe, which Jupyter Book always loads; its style sheet stays, pages link it."""
    for listeners in app.events.listeners.values():
        listeners[:] = [entry for entry in listeners
                        if not entry.handler.__module__.startswith("sphinx_thebe")
                        or entry.handler.__name__ == "st_static_path"]


def git(root, *arguments):
    """Answer of a git command, or "" where there is no git, no repository, or no answer."""
    try:
        done = subprocess.run(["git", "-C", str(root), *arguments], capture_output=True, text=True, check=False)
    except FileNotFoundError:
        return ""
    return done.stdout.strip() if done.returncode == 0 else ""


def github_address(remote):
    """``https://github.com/owner/name`` of a git remote's address, or "" when it is not on GitHub.

    >>> github_address("git@github.com:someone/deep-book.git")
    'https://github.com/someone/deep-book'
    >>> github_address("https://token@github.com/someone/deep-book")
    'https://github.com/someone/deep-book'
    >>> github_address("/srv/git/deep-book")
    ''
    """
    match = re.search(r"(?:^|[@/])github\.com[:/]([\w.-]+)/([\w.-]+?)(?:\.git)?/?$", remote)
    return f"https://github.com/{match[1]}/{match[2]}" if match else ""


def set_repository(app, config):
    """Turn on the buttons that work for this clone, and only those."""
    remotes = git(app.srcdir, "remote").split()
    name = "origin" if "origin" in remotes else next(iter(remotes), "")
    url = github_address(git(app.srcdir, "remote", "get-url", name)) if name else ""
    options = config.html_theme_options
    options["repository_url"] = url
    options["repository_branch"] = git(app.srcdir, "branch", "--show-current") or "main"
    options["use_repository_button"] = options["use_edit_page_button"] = bool(url)
    options["launch_buttons"] = {"notebook_interface": "jupyterlab",
                                 "binderhub_url": "https://mybinder.org" if url else ""}
    # The deploy workflow pushes copies that install course_lib first to the branch `colab` (tools/colab.py).
    config.course_colab = bool(url and git(app.srcdir, "rev-parse", "--verify", f"refs/remotes/{name}/colab"))


def add_colab_button(app, pagename, templatename, context, doctree):
    """Put Colab beside Binder; the theme would point it at the branch of the book, where course_lib is missing."""
    launch = [group for group in context.get("header_buttons", []) if group.get("label") == "launch-buttons"]
    if app.config.course_colab and launch:
        url = app.config.html_theme_options["repository_url"].replace("https://github.com", "/github")
        launch[0]["buttons"].append({
            "type": "link", "text": "Colab", "tooltip": "Launch on Colab", "icon": "_static/images/logo_colab.png",
            "url": f"https://colab.research.google.com{url}/blob/colab/{pagename}.ipynb"})


def mathjax_folder():
    """Where the installed package keeps MathJax 3."""
    try:
        package = importlib.metadata.distribution("sphinx-mathjax-offline")
    except importlib.metadata.PackageNotFoundError:
        raise ExtensionError("course_site: sphinx-mathjax-offline is missing; run `make book` or "
                             "`pip install -r requirements.txt -c constraints.txt`") from None
    return Path(package.locate_file("sphinx-mathjax-offline/static/mathjax"))


def explorer_files(app):
    """The explorers' script and style, those that exist."""
    folder = Path(app.srcdir) / "course_lib" / "explorer"
    return [folder / name for name in EXPLORER_FILES if (folder / name).is_file()]


def watch_assets(app, config):
    """Make the assets' content part of the configuration: a change re-writes every page, and so re-copies them."""
    assets = [path for folder in config.html_static_path for path in sorted((Path(app.srcdir) / folder).rglob("*"))]
    digest = hashlib.sha256()
    for path in filter(Path.is_file, [*assets, *explorer_files(app), Path(__file__)]):
        digest.update(path.name.encode() + path.read_bytes())
    config.course_assets = digest.hexdigest()


def copy_shared_files(app):
    """Put MathJax and the explorers' files into the site before pages are written: Sphinx stamps their hash."""
    if app.builder.format != "html":
        return
    static = Path(app.outdir) / "_static"
    for name in MATHJAX_FILES:
        source, target = mathjax_folder() / name, static / "mathjax" / name
        if not source.exists():
            raise ExtensionError(f"course_site: {source} is missing from sphinx-mathjax-offline")
        if not target.exists():
            target.parent.mkdir(parents=True, exist_ok=True)
            copy_asset(str(source), str(target if source.is_dir() else target.parent))
    (static / "explorer").mkdir(parents=True, exist_ok=True)
    scripts = [source.read_text(encoding="utf-8") for source in explorer_files(app) if source.suffix == ".js"]
    (static / EXPLORER_SCRIPT).write_text("\n".join(scripts), encoding="utf-8")
    app.add_js_file(EXPLORER_SCRIPT, loading_method="async")         # an explorer answers while the page still loads
    for source in explorer_files(app):
        if source.suffix == ".css":
            copy_asset(str(source), str(static / "explorer"))
            app.add_css_file(f"explorer/{source.name}")


def lighten(page):
    """A page without the theme's font preloads (its style sheet asks for the same fonts, without the error) and without
    Font Awesome's script: 540 kB compressed before anything is shown, for icons that the style sheet draws as well.
    MathJax is fetched at once and started by ``_assets/math.js``, when the explorers have drawn.
    """
    page = re.sub(r'<link rel="preload" as="font"[^>]*>\s*', "", page)
    page = page.replace('role="doc-biblioentry"', 'role="listitem"')     # a list must hold items, says ARIA of today
    page = re.sub(r'<(?:script|link)[^>]*fontawesome/[^>]*all\.min\.js[^>]*>(?:</script>)?\s*', "", page)
    return re.sub(r'<script defer="defer" src="([^"]*mathjax/[^"]*)"></script>',
                  r'<link rel="preload" as="script" fetchpriority="low" id="mathjax" href="\1">', page)


def lighten_pages(app, exception):
    """When all pages are written."""
    if exception is None and app.builder.format == "html":
        for page in Path(app.outdir).rglob("*.html"):
            old = page.read_text(encoding="utf-8")
            new = lighten(old)
            if new != old:
                page.write_text(new, encoding="utf-8")


def setup(app):
    app.add_config_value("course_assets", "", "html")
    app.add_config_value("course_colab", False, "html")
    app.connect("config-inited", drop_thebe, priority=900)
    app.connect("config-inited", set_repository, priority=901)
    app.connect("config-inited", watch_assets, priority=902)
    app.connect("builder-inited", copy_shared_files)
    app.connect("html-page-context", add_colab_button, priority=900)
    app.connect("build-finished", lighten_pages)
    app.config.mathjax_path = "mathjax/tex-chtml.js"
    return {"version": "1", "parallel_read_safe": True, "parallel_write_safe": True}
