"""How long the book takes: its chapters under nbval, its explorers' grids, the site's build; and what its pages weigh."""
import gzip
import json
import os
import re
import subprocess
import sys
import tempfile
import time
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path

import nbformat

ROOT = Path(__file__).resolve().parent.parent
CORES = 2
TIMER = """
import json, time
from course_lib.explorer.explorer import Explorer
def timed(explorer, whole=Explorer._whole_grid):
    start = time.perf_counter()
    grid = whole(explorer)
    with open({path!r}, "a") as file:
        print(json.dumps([explorer.name, len(grid), time.perf_counter() - start]), file=file)
    return grid
Explorer._whole_grid = timed
"""


def notebooks():
    return sorted((ROOT / "chapters").glob("[0-9][0-9]_*.ipynb"))


def _environment(**more):
    return {**os.environ, "PYTHONPATH": str(ROOT), "OMP_NUM_THREADS": "1", "TQDM_DISABLE": "1", **more}


def nbval(path):
    """Seconds in which a chapter runs and its outputs are compared, as in `make test`; and whether they still agree."""
    command = [sys.executable, "-m", "pytest", "-p", "no:cacheprovider", "-q", "--nbval", "--nbval-sanitize-with",
               "tests/nbval_sanitize.cfg", str(path)]
    start = time.perf_counter()
    done = subprocess.run(command, cwd=ROOT, env=_environment(COURSE_LIB_EXPLORER="start"), capture_output=True, text=True,
                          check=False)
    return {"seconds": time.perf_counter() - start, "passed": done.returncode == 0}


def grids(path):
    """Seconds in which a chapter runs with all its grids, and those of each grid: {name: [runs, seconds]}."""
    sys.path.insert(0, str(ROOT / "tools"))
    import notebooks as tool
    with tempfile.TemporaryDirectory() as folder:
        log = Path(folder) / "grids"
        log.touch()
        notebook = nbformat.read(path, as_version=4)
        notebook.cells.insert(0, nbformat.v4.new_code_cell(TIMER.format(path=str(log))))
        start = time.perf_counter()
        tool.execute(notebook, path.parent, name=path.stem, quiet=True)
        seconds = time.perf_counter() - start
        lines = [json.loads(line) for line in log.read_text(encoding="utf-8").splitlines()]
    return {"seconds": seconds, "grids": {name: [runs, taken] for name, runs, taken in lines}}


def chapters(quick=False):
    """All chapters under nbval, two at a time; then again with their grids, one at a time."""
    os.environ["OMP_NUM_THREADS"] = "1"
    paths = notebooks()[1:2] if quick else notebooks()
    start = time.perf_counter()
    with ThreadPoolExecutor(CORES) as pool:
        found = dict(zip((path.stem for path in paths), pool.map(nbval, paths)))
    whole = time.perf_counter() - start
    for path in paths:
        print(f"  {path.stem}: {found[path.stem]['seconds']:.0f} s", end="", flush=True)
        found[path.stem]["with_grids"] = grids(path)
        print(f", with grids {found[path.stem]['with_grids']['seconds']:.0f} s", flush=True)
    return {"chapters": found, "whole": whole, "cores": CORES}


def weight(page):
    """Compressed bytes of a page and of its own pictures, without the shared theme: what a reader's browser fetches."""
    html = page.read_bytes()
    sources = re.findall(r'<img[^>]*?\bsrc="([^"]+)"', html.decode("utf-8"))
    pictures = {source for source in sources if not source.startswith("data:") and "_static" not in source}
    return len(gzip.compress(html)) + sum((page.parent / source).stat().st_size for source in pictures)


def site(quick=False):
    """Seconds of a build from stored outputs, page weights, and how long a control's move takes to be drawn."""
    from . import explorer_repaint
    with tempfile.TemporaryDirectory() as folder:
        start = time.perf_counter()
        done = subprocess.run([Path(sys.executable).with_name("jupyter-book"), "build", ROOT, "--path-output", folder, "-q"],
                              env=_environment(), capture_output=True, text=True, check=False)
        seconds = time.perf_counter() - start
        if done.returncode:
            raise RuntimeError(f"site: the book does not build:\n{done.stderr.strip()[-2000:]}")
        pages = sorted((Path(folder) / "_build" / "html" / "chapters").glob("*.html"))
        weights = {page.stem: weight(page) for page in pages}
    return {"build": seconds, "weights": weights,
            "repaint": {str(slower): explorer_repaint.measure(slower) for slower in (1, 4)}}
