"""tools/notebooks.py: outputs are stored whole or not at all."""

import base64
import io
import os
import signal
import subprocess
import sys
import time

import nbformat
import notebooks as tool
import pytest
from PIL import Image


def write(path, *sources, **metadata):
    """Write a notebook with these code cells and return its path."""
    notebook = nbformat.v4.new_notebook(metadata=metadata)
    notebook.cells = [nbformat.v4.new_code_cell(source, id=f"cell-{index}") for index, source in enumerate(sources, 1)]
    nbformat.write(notebook, path)
    return path


def run(*arguments, **options):
    return subprocess.run([sys.executable, tool.__file__, *map(str, arguments)], capture_output=True, text=True, timeout=120,
                          stdin=subprocess.DEVNULL, **options)


def outputs(path):
    return [cell.outputs for cell in nbformat.read(path, as_version=4).cells]


@pytest.fixture(scope="module")
def executed(tmp_path_factory):
    """A small notebook after one run of the tool, and what the tool said."""
    path = write(tmp_path_factory.mktemp("notebooks") / "small.ipynb",
                 "import os, sys\nprint('one')\nprint('two', flush=True)\nsys.stdout.flush(); print('three')",
                 "print(os.environ['COURSE_LIB_EXPLORER'], os.environ['TQDM_DISABLE'], os.path.basename(os.getcwd()) != '')",
                 "%matplotlib inline\nimport matplotlib.pyplot as plt\nplt.plot([0, 1, 0]);",
                 "import ipywidgets\nipywidgets.IntSlider()",
                 kernelspec={"name": "python3", "display_name": "Anything", "language": "python"},
                 jupytext={"formats": "ipynb,md"}, widgets={"state": "random"})
    return path, run(path)


def test_it_stores_outputs_in_order(executed):
    path, done = executed
    assert done.returncode == 0, done.stderr
    notebook = nbformat.read(path, as_version=4)
    assert [cell.execution_count for cell in notebook.cells] == [1, 2, 3, 4]
    assert [output.text for output in notebook.cells[0].outputs] == ["one\ntwo\nthree\n"], "consecutive streams are one"
    assert notebook.cells[1].outputs[0].text == "static 1 True\n"


def test_it_stores_nothing_that_changes_from_run_to_run(executed):
    path, _ = executed
    notebook = nbformat.read(path, as_version=4)
    assert set(notebook.metadata) == {"kernelspec", "language_info", "course"}
    assert notebook.metadata.kernelspec == tool.KERNELSPEC
    assert "version" not in notebook.metadata.language_info
    assert not any("execution" in cell.metadata for cell in notebook.cells)
    assert "widget-view" not in path.read_text()


def test_a_second_run_does_nothing_and_a_forced_one_changes_nothing(executed):
    path, _ = executed
    before, stamp = path.read_bytes(), path.stat().st_mtime_ns
    done = run(path)
    assert "0 executed, 1 up to date" in done.stdout and path.stat().st_mtime_ns == stamp
    assert run("--check", path).returncode == 0
    assert "1 executed" in run("--all", path).stdout
    assert path.read_bytes() == before


def test_figures_become_small_and_stay_themselves(executed):
    path, _ = executed
    png = next(output.data["image/png"] for output in outputs(path)[2] if "image/png" in output.get("data", {}))
    image = Image.open(io.BytesIO(base64.b64decode(png)))
    assert image.mode == "P" and image.convert("RGB").getpixel((1, 1)) == (255, 255, 255)
    assert tool.smaller_png(png) == png, "a reduced figure is left alone"


def test_changed_code_is_stale(executed, tmp_path):
    path, _ = executed
    notebook = nbformat.read(path, as_version=4)
    library = tool.library_digest()
    assert not tool.is_stale(notebook, library)
    assert tool.is_stale(notebook, library + "changed")
    notebook.cells[1].source += "\n1 + 1"
    assert tool.is_stale(notebook, library)
    changed = tmp_path / "changed.ipynb"
    nbformat.write(notebook, changed)
    done = run("--check", changed)
    assert done.returncode == 1 and f"stale: {changed}" in done.stdout


def test_an_error_names_the_cell_and_loses_nothing(tmp_path):
    good = write(tmp_path / "good.ipynb", "print('fine')")
    bad = write(tmp_path / "bad.ipynb", "x = 1", "x / 0")
    before = bad.read_bytes()
    done = run(bad, good)
    assert done.returncode == 1
    assert "cell 2 of 2 (id cell-2) raised ZeroDivisionError: division by zero" in done.stderr
    assert bad.read_bytes() == before
    assert outputs(good)[0], "the other notebooks still run"
    assert sorted(path.name for path in tmp_path.iterdir()) == ["bad.ipynb", "good.ipynb"]


def test_an_interrupt_loses_nothing(tmp_path):
    path = write(tmp_path / "slow.ipynb", "open('started', 'w').write(str(__import__('os').getpid()))",
                 "import time\ntime.sleep(60)")
    before = path.read_bytes()
    process = subprocess.Popen([sys.executable, tool.__file__, str(path)], stderr=subprocess.PIPE, text=True,
                               stdout=subprocess.DEVNULL, stdin=subprocess.DEVNULL)
    deadline = time.monotonic() + 60
    while not (tmp_path / "started").exists() or not (tmp_path / "started").read_text():
        assert time.monotonic() < deadline and process.poll() is None
        time.sleep(0.1)
    time.sleep(0.5)
    process.send_signal(signal.SIGINT)
    _, said = process.communicate(timeout=30)
    assert process.returncode == 130, said
    assert f"interrupted in {path}; the file is unchanged" in said
    assert path.read_bytes() == before
    assert not list(tmp_path.glob(".*"))
    kernel = int((tmp_path / "started").read_text())
    with pytest.raises(ProcessLookupError):
        os.kill(kernel, 0)


def test_a_crash_while_writing_keeps_the_old_file(tmp_path, monkeypatch):
    path = write(tmp_path / "a.ipynb", "1")
    before = path.read_bytes()

    def crash(*arguments):
        raise OSError("the disk is full")

    monkeypatch.setattr(os, "fsync", crash)
    with pytest.raises(OSError, match="disk is full"):
        tool.write_whole(path, "half a notebook")
    assert path.read_bytes() == before
    assert [entry.name for entry in tmp_path.iterdir()] == ["a.ipynb"]


def test_too_large_an_output_is_refused_with_the_cell(tmp_path):
    path = write(tmp_path / "large.ipynb", "1", "print('x' * 1_100_000)")
    before = path.read_bytes()
    done = run(path)
    assert done.returncode == 1
    assert "would be 1.10 MB, more than 1 MB (cell 2: 1100 kB" in done.stderr
    assert path.read_bytes() == before


def test_a_dead_kernel_and_a_slow_cell_are_named(tmp_path):
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell("import os; os._exit(1)", id="fatal")])
    with pytest.raises(tool.NotebookFailed, match=r"cell 1 of 1 \(id fatal\) killed its kernel"):
        tool.execute(notebook, tmp_path, name="fatal", quiet=True)
    notebook.cells[0].source = "import time; time.sleep(30)"
    with pytest.raises(tool.NotebookFailed, match="took longer than 1 s"):
        tool.execute(notebook, tmp_path, name="slow", timeout=1, quiet=True)


def test_a_missing_file_is_one_clear_line(tmp_path):
    done = run(tmp_path / "none.ipynb")
    assert done.returncode == 2 and "no such notebook" in done.stderr
