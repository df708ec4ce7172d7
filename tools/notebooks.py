"""Execute the chapters' notebooks and store their outputs.

    python tools/notebooks.py                       what changed since the outputs were stored
    python tools/notebooks.py --all                 everything
    python tools/notebooks.py chapters/04_losses.ipynb
    python tools/notebooks.py --check               name the stale ones, execute nothing

A notebook is stale when its code, or `course_lib`, is no longer what its outputs came from. A file is replaced only
when its run was complete and clean: an error, Ctrl-C or too large an output leaves it as it was.
"""

from __future__ import annotations

import argparse
import asyncio
import base64
import hashlib
import io
import os
import re
import signal
import sys
import tempfile
import time
from pathlib import Path

import nbformat
from nbclient import NotebookClient
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError
from PIL import Image
from tqdm import tqdm

ROOT = Path(__file__).resolve().parent.parent
BUDGET = 1_000_000              # bytes of a stored notebook
CELL_TIMEOUT = 600              # seconds
ENVIRONMENT = {"COURSE_LIB_EXPLORER": "static", "TQDM_DISABLE": "1"}
KERNELSPEC = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
LANGUAGE_INFO = {"file_extension": ".py", "mimetype": "text/x-python", "name": "python", "pygments_lexer": "ipython3"}
CELL_METADATA_OF_A_RUN = ("execution", "ExecuteTime", "collapsed", "scrolled", "trusted", "outputId")
WIDGET_VIEW = "application/vnd.jupyter.widget-view+json"


class NotebookFailed(Exception):
    """A notebook whose outputs could not be stored; the message says which cell and why."""


def library_digest(root=ROOT):
    """Hash of course_lib's sources, as text."""
    digest = hashlib.sha256()
    for path in sorted((root / "course_lib").rglob("*.py")):
        digest.update(str(path.relative_to(root)).encode() + b"\0" + path.read_bytes())
    return digest.hexdigest()


def notebook_digest(notebook, library):
    """Hash of what the outputs depend on: the code cells in order, and the library."""
    digest = hashlib.sha256(library.encode())
    for cell in notebook.cells:
        if cell.cell_type == "code":
            digest.update(cell.source.encode() + b"\0")
    return digest.hexdigest()[:16]


def is_stale(notebook, library):
    """Whether the stored outputs are absent or come from other code."""
    return notebook.metadata.get("course", {}).get("executed") != notebook_digest(notebook, library)


def smaller_png(data):
    """A base64 PNG with 256 colours, when that saves a tenth: figures are flat, and pages have a budget."""
    old = base64.b64decode(data)
    with Image.open(io.BytesIO(old)) as image:
        if image.mode == "P" or (image.mode == "RGBA" and image.getextrema()[3][0] < 255):
            return data                             # reduced already, or truly transparent
        new = io.BytesIO()
        image.convert("RGB").quantize(256, dither=Image.Dither.NONE).save(new, "PNG", optimize=True)
    return base64.b64encode(new.getvalue()).decode() if new.tell() < 0.9 * len(old) else data


def merge_streams(outputs):
    """Outputs in which consecutive pieces of one stream are one: how a kernel chunks its text is chance.

    (nbclient's own coalesce_streams takes minutes on a long line.)
    """
    merged = []
    for output in outputs:
        if output.output_type == "stream" and merged and merged[-1].get("name") == output.name:
            merged[-1].text += output.text
        else:
            merged.append(output)
    return merged


def normalise(notebook):
    """Remove from an executed notebook, in place, what differs from run to run or machine to machine."""
    for name in ("widgets", "jupytext", "signature"):
        notebook.metadata.pop(name, None)
    notebook.metadata.kernelspec = dict(KERNELSPEC)
    notebook.metadata.language_info = dict(LANGUAGE_INFO)
    for cell in notebook.cells:
        for name in CELL_METADATA_OF_A_RUN:
            cell.metadata.pop(name, None)
        if cell.cell_type != "code":
            continue
        cell.outputs = merge_streams(cell.outputs)
        for output in cell.outputs:
            data = output.get("data", {})
            data.pop(WIDGET_VIEW, None)             # names a model that died with the kernel
            if "image/png" in data:
                data["image/png"] = smaller_png(data["image/png"])


def without_colours(text):
    return re.sub(r"\x1b\[[0-9;]*m", "", text)


def execute(notebook, folder, *, name, timeout=CELL_TIMEOUT, quiet=False):
    """Run every cell in a fresh kernel with the working directory `folder`; outputs land in `notebook`.

    Raises
    ------
    NotebookFailed
        When a cell raises, takes longer than `timeout` seconds, or its kernel dies; names the cell.
    KeyboardInterrupt
        When interrupted; the kernel is shut down first.
    """
    environment = {**os.environ, **ENVIRONMENT,
                   "PYTHONPATH": os.pathsep.join(filter(None, [str(ROOT), os.environ.get("PYTHONPATH")]))}
    code_cells = [index for index, cell in enumerate(notebook.cells) if cell.cell_type == "code" and cell.source.strip()]
    current = [-1]
    bar = tqdm(total=len(code_cells), desc=name, unit="cell", leave=False, disable=quiet or None)

    def started(cell, cell_index):
        current[0] = cell_index

    def finished(cell, cell_index, execute_reply):
        bar.update(1)

    async def run():
        client = NotebookClient(notebook, timeout=timeout, kernel_name="python3", record_timing=False,
                                extra_arguments=["--log-level=40"],
                                store_widget_state=False, resources={"metadata": {"path": str(folder)}},
                                on_cell_start=started, on_cell_executed=finished)
        async with client.async_setup_kernel(env=environment):
            # Not client.execute(): there, Ctrl-C kills the kernel and leaves the client waiting for it. Without nbclient's
            # handler it raises KeyboardInterrupt here, and this block shuts the kernel down.
            asyncio.get_running_loop().remove_signal_handler(signal.SIGINT)
            for index, cell in enumerate(notebook.cells):
                await client.async_execute_cell(cell, index)

    def where():
        cell = notebook.cells[current[0]]
        return f"cell {current[0] + 1} of {len(notebook.cells)} (id {cell.id})"

    try:
        asyncio.run(run())
    except CellExecutionError as error:
        raise NotebookFailed(f"{where()} raised {error.ename}: {without_colours(error.evalue)}\n"
                             + without_colours(error.traceback)) from None
    except CellTimeoutError:
        raise NotebookFailed(f"{where()} took longer than {timeout} s") from None
    except DeadKernelError:
        raise NotebookFailed(f"{where()} killed its kernel (out of memory?)") from None
    finally:
        bar.close()


def largest_outputs(notebook, count=3):
    """"cell 7: 412 kB, …", for the message about a notebook that is too large."""
    sizes = sorted(((len(str(cell.outputs)), index + 1) for index, cell in enumerate(notebook.cells)
                    if cell.cell_type == "code"), reverse=True)
    return ", ".join(f"cell {index}: {size // 1000} kB" for size, index in sizes[:count])


def write_whole(path, text):
    """Replace `path` by `text` at once: a reader, or a crash, sees the old file or the new one, never a part."""
    handle, name = tempfile.mkstemp(dir=path.parent, prefix=f".{path.stem}-", suffix=".partial")
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            file.write(text)
            file.flush()
            os.fsync(file.fileno())
        os.chmod(name, path.stat().st_mode & 0o777)
        os.replace(name, path)
    except BaseException:
        Path(name).unlink(missing_ok=True)
        raise


def store(path, *, library, timeout=CELL_TIMEOUT, quiet=False):
    """Execute the notebook at `path` and replace the file by the executed one, whole or not at all."""
    notebook = nbformat.read(path, as_version=4)
    if (notebook.nbformat, notebook.nbformat_minor) < (4, 5):
        raise NotebookFailed(f"is nbformat {notebook.nbformat}.{notebook.nbformat_minor}; cells need ids (4.5): open and "
                             "save it in JupyterLab 4")
    for cell in notebook.cells:
        if cell.cell_type == "code":
            cell.outputs, cell.execution_count = [], None
    execute(notebook, path.parent, name=path.stem, timeout=timeout, quiet=quiet)
    normalise(notebook)
    notebook.metadata.course = {"executed": notebook_digest(notebook, library)}
    nbformat.validate(notebook)
    text = nbformat.writes(notebook)
    if len(text.encode()) > BUDGET:
        raise NotebookFailed(f"would be {len(text.encode()) / 1e6:.2f} MB, more than {BUDGET / 1e6:.0f} MB "
                             f"({largest_outputs(notebook)})")
    write_whole(path, text if text.endswith("\n") else text + "\n")


def main(arguments=None):
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("notebooks", nargs="*", type=Path, help="default: chapters/*.ipynb")
    parser.add_argument("--all", action="store_true", help="execute also what is up to date")
    parser.add_argument("--check", action="store_true", help="only say which notebooks are stale; exit 1 if any")
    options = parser.parse_args(arguments)

    library = library_digest()
    paths = options.notebooks or sorted((ROOT / "chapters").glob("*.ipynb"))
    missing = [str(path) for path in paths if not path.is_file()]
    if missing:
        parser.error(f"no such notebook: {', '.join(missing)}")
    stale = [path for path in paths if options.all or is_stale(nbformat.read(path, as_version=4), library)]
    if options.check:
        for path in stale:
            print(f"stale: {path}")
        print(f"{len(stale)} of {len(paths)} notebooks are stale")
        return 1 if stale else 0

    failed = []
    for path in stale:
        start = time.perf_counter()
        try:
            store(path, library=library)
        except NotebookFailed as error:
            failed.append(path)
            print(f"FAILED   {path} (file unchanged): {error}", file=sys.stderr, flush=True)
        except KeyboardInterrupt:
            print(f"\ninterrupted in {path}; the file is unchanged", file=sys.stderr)
            return 130
        else:
            print(f"executed {path} in {time.perf_counter() - start:.0f} s, {path.stat().st_size // 1000} kB", flush=True)
    print(f"{len(stale) - len(failed)} executed, {len(paths) - len(stale)} up to date, {len(failed)} failed")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
