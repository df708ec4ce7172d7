"""The benchmarks compare the same work, and the page *How fast is it?* says what their results say.

Nothing here is timed: a slow machine is no defect.
"""
import copy
import json
import re
import subprocess
import sys
from pathlib import Path

import numpy as np
import pytest
import speed_page

from benchmarks import __main__ as bench
from benchmarks import book, machine, overhead, peers, sizes, steps

ROOT = Path(__file__).resolve().parent.parent
NEEDED = {"autograd": "autograd", "mygrad": "mygrad"}        # requirements-bench.txt; not needed for the other tests


def losses(row, library, count=4):
    step = bench.maker(library)(row, *steps.batch(row, np.random.default_rng(0)), steps.weights(row, np.random.default_rng(1)))
    return [step().item() for _ in range(count)]


# -- the same work -------------------------------------------------------------------------------------------

# torch.compile needs a C++ compiler, and half a minute; it compiles the network that torch runs eagerly.
@pytest.mark.parametrize(("row", "library"), [(row, name) for row in steps.ROWS for name in bench.libraries(row, 1)
                                              if name not in ("course_lib", "torch_compile")])
def test_every_library_computes_the_same_losses(row, library, monkeypatch):
    """Long steps, so that a gradient wrong by one per cent shows in the losses."""
    if library in NEEDED:
        pytest.importorskip(NEEDED[library])
    if row != "dense_adam":
        monkeypatch.setattr(steps, "LR", 0.2)
        monkeypatch.setattr(peers, "LR", 0.2)
    np.testing.assert_allclose(losses(row, library), losses(row, "course_lib"), rtol=2e-6)


@pytest.mark.parametrize("row", steps.ROWS)
def test_weights_have_the_shapes_that_torch_lists(row):
    _, parameters = steps._torch_model(row)
    assert [tuple(p.shape) for p in parameters] == steps.shapes(row)


def test_products_are_counted_by_hand():
    assert steps.products("dense_sgd") == 2 * 64 * (2 * 64 * 128 + 3 * 128 * 128 + 3 * 128 * 10)
    step = 2 * 32 * 256 * (64 + 64)                          # the LSTM's two products, forward
    assert steps.products("lstm") == 50 * (3 * step - 2 * 32 * 256 * 64) + 3 * 2 * 32 * 64 * 10


def test_every_sweep_gives_both_libraries_the_same_network():
    for quantity, (_, values, dominates) in sizes.SWEEPS.items():
        assert dominates in values and sum(value >= dominates for value in values) >= 3
        kind, widths, shape = sizes.arguments(quantity, values[1])
        X, y = np.ones(shape, np.float32), np.zeros(shape[1] if kind == "lstm" else shape[0], int)
        count = sizes.course_lib(kind, widths, X, y)[2] // 4
        forward, rest, _ = sizes.torch(kind, widths, X, y)
        loss = forward()
        rest(loss)
        seen, found = [loss.grad_fn], 0                      # torch's parameters are the leaves of its graph
        known = set()
        while seen:
            node = seen.pop()
            if node is None or node in known:
                continue
            known.add(node)
            found += node.variable.numel() if hasattr(node, "variable") else 0
            seen += [parent for parent, _ in node.next_functions]
        assert found == count


def test_memory_of_a_step_stays_within_twice_what_it_must_keep():
    """Bytes do not depend on the machine: DESIGN.md's bound can be a test."""
    for quantity, (_, values, _) in sizes.SWEEPS.items():
        value = values[len(values) // 2]
        kind, widths, shape = sizes.arguments(quantity, value)
        X, y = np.ones(shape, np.float32), np.zeros(shape[1] if kind == "lstm" else shape[0], int)
        peak, kept = sizes.memory(lambda: sizes.course_lib(kind, widths, X, y))
        assert kept < peak <= 2 * kept, (quantity, value, peak / kept)


def test_slope_of_a_power_law():
    x = [1, 3, 10, 70]
    assert sizes.slope(x, [5 * value ** 1.3 for value in x]) == pytest.approx(1.3)


def test_overhead_counts_every_addition():
    """A chain of LENGTH additions to the first number: its gradient is LENGTH + 1."""
    from course_lib import Tensor
    first = Tensor(overhead.ONE, requires_grad=True)
    x = first
    for _ in range(overhead.LENGTH):
        x = x + first
    x.backward()
    assert first.grad == overhead.LENGTH + 1
    forward, backward = overhead.course_lib()
    assert forward().item() == overhead.LENGTH + 1
    backward(forward())


# -- results -------------------------------------------------------------------------------------------------

def test_a_part_is_stored_whole_or_not_at_all(tmp_path):
    path = tmp_path / "results.json"
    bench.store("machine", {"cores": 2}, False, path)
    bench.store("site", {"build": 1.0}, True, path)
    before = path.read_text(encoding="utf-8")
    found = json.loads(before)
    assert found["machine"]["cores"] == 2 and not found["machine"]["quick"] and found["site"]["quick"]
    with pytest.raises(TypeError):
        bench.store("steps", {"what JSON cannot hold": {1, 2}}, False, path)
    assert path.read_text(encoding="utf-8") == before
    assert list(tmp_path.iterdir()) == [path]


def test_a_library_that_cannot_run_is_reported_and_the_others_go_on(monkeypatch, capsys):
    monkeypatch.setattr(bench, "libraries", lambda row, threads: ["course_lib", "no_such_library"])
    monkeypatch.setattr(bench, "SECONDS", 0.001)
    monkeypatch.chdir(ROOT)
    found = bench.compare("dense_sgd", 1, 3)
    assert found["course_lib"]["ratio"] == 1 and 0 < found["course_lib"]["low"] <= found["course_lib"]["median"]
    assert "no library 'no_such_library'" in found["no_such_library"]["error"]
    bench.show("dense_sgd", found, 1)
    assert "did not run" in capsys.readouterr().out


def test_unknown_parts_and_rows_are_named():
    for given, message in ((["speed"], "unknown part speed"), (["--rows", "rnn"], "unknown row rnn")):
        done = subprocess.run([sys.executable, "-m", "benchmarks", *given], cwd=ROOT, capture_output=True, text=True, check=False)
        assert done.returncode == 2 and message in done.stderr


def test_machine_facts():
    found = machine.facts()
    assert found["cores"] >= 1 and found["processor"] and found["packages"]["numpy"] == np.__version__


def test_weight_of_a_page_counts_its_own_pictures(tmp_path):
    (tmp_path / "a.png").write_bytes(b"x" * 5000)
    page = tmp_path / "page.html"
    page.write_text("<p>text</p>", encoding="utf-8")
    alone = book.weight(page)
    page.write_text('<p>text</p><img src="a.png"><img src="a.png"><img src="data:x"><img src="_static/logo.svg">', encoding="utf-8")
    assert 5000 < book.weight(page) < 5000 + alone + 200


# -- the page ------------------------------------------------------------------------------------------------

@pytest.fixture(scope="module")
def results():
    """Every part, with numbers of which no two are alike."""
    numbers = iter(np.linspace(1.1, 9.7, 4000))

    def timing():
        low, median, high = sorted(float(next(numbers)) * 1e-3 for _ in range(3))
        return {"low": low, "median": median, "high": high, "ratio": float(next(numbers))}
    run = {"measured": "2026-11-21", "quick": False, "load": 0.1}
    threads = {str(t): {row: {name: timing() for name in bench.libraries(row, t)} for row in steps.ROWS} for t in (1, 2)}
    threads["1"]["conv"]["torch_compile"] = {"error": "no compiler"}
    curves = {quantity: {name: {"values": values, "seconds": [1e-4 + 1e-6 * v for v in values], "slope": float(next(numbers)),
                                "peak": [150 * v for v in values], "kept": [100 * v for v in values]}
                         for name in ("course_lib", "torch")} for quantity, (_, values, _) in sizes.SWEEPS.items()}
    grids = {"with_grids": {"seconds": 30.0, "grids": {"gates": [120, 15.2]}}, "passed": True}
    return {"machine": {**run, **machine.facts(), "peak": {"1": 1.5e11, "2": 2.9e11}},
            "steps": {**run, "repeats": 15, "threads": threads, "products": {row: steps.products(row) for row in steps.ROWS}},
            "overhead": {**run, **{name: {"forward": 1e-6, "backward": 2e-6, "both": 3e-6} for name in overhead.LIBRARIES}},
            "sizes": {**run, **curves},
            "chapters": {**run, "whole": 321.0, "cores": 2, "chapters": {"02_a": {"seconds": 21.0, **grids}}},
            "site": {**run, "build": 44.0, "weights": {"02_a": 123456}, "repaint": {"1": {"median": 3.0}, "4": {"median": 9.0}}}}


def page():
    return (ROOT / "chapters" / "speed.md").read_text(encoding="utf-8")


def test_every_number_of_the_page_comes_from_the_results(results):
    """Also when a result changes: the answer is the number's, with its unit."""
    questions = re.findall(r"\{speed\}`([^`]+)`", page())
    assert len(questions) >= 15
    for question in questions:
        assert speed_page.answer(results, question)
    assert speed_page.answer(results, "whole") == "5.3\N{NO-BREAK SPACE}minutes"
    assert speed_page.answer(results, "build") == "44.0\N{NO-BREAK SPACE}s"
    lstm = results["steps"]["threads"]["1"]["lstm"]
    assert speed_page.answer(results, "ratio lstm torch_cells") == f"{lstm['torch_cells']['ratio']:.2f}"
    share = steps.products("lstm") / lstm["course_lib"]["median"] / 1.5e11
    assert speed_page.answer(results, "share lstm course_lib") == f"{100 * share:.0f} %"
    with pytest.raises(ValueError, match="unknown question 'fast'"):
        speed_page.answer(results, "fast")
    with pytest.raises(ValueError, match="no answer to 'whole'"):
        speed_page.answer({}, "whole")


def test_no_measured_number_is_typed():
    """Digits are left only where they name something: types, chapters, the index of a sum."""
    text = re.sub(r"```bash.*?```|`[^`]*`|\$[^$]*\$|\]\([^)]*\)", "", page(), flags=re.DOTALL)
    text = re.sub(r"float32|\(chapter \d+\)", "", text)
    assert not re.findall(r".{0,20}\d.{0,20}", text)


def test_tables_hold_the_results(results):
    head, *rows = speed_page.steps_table(results)
    assert len(rows) == sum(len(found) for found in results["steps"]["threads"]["1"].values())
    assert rows[0][0] == "Dense, gradient descent" and rows[1][0] == ""
    first = results["steps"]["threads"]["1"]["dense_sgd"]
    assert rows[0][2] == speed_page.duration(first["course_lib"]["median"]) and rows[1][4] == speed_page.ratio(first["torch"]["ratio"])
    assert ("", "torch.compile", "did not run", "no compiler", "") in rows
    for name, table in speed_page.TABLES.items():
        head, *rows = table(results)
        assert rows and all(len(row) == len(head) for row in rows), name


def test_targets_say_what_was_missed(results):
    _, *rows = speed_page.targets_table(results)
    assert len(rows) == len(speed_page.TARGETS) + 1
    for (row, library, asked), (*_, measured, verdict) in zip(speed_page.TARGETS, rows):
        assert verdict == ("reached" if results["steps"]["threads"]["1"][row][library]["ratio"] >= asked else "missed")


def test_every_plot_can_be_read_without_seeing_it(results):
    for quantity in sizes.SWEEPS:
        svg = speed_page.size_chart(results, quantity)
        label = re.search(r'role="img" aria-label="([^"]+)"', svg)[1]
        assert speed_page.PLOTS[quantity][1] in label and "torch from" in label
        assert svg.count("<circle") == 2 * len(sizes.SWEEPS[quantity][1])
        assert not re.search(r"#[0-9a-fA-F]{3,6}\b", svg), "colours are the theme's: they change on dark pages"


def test_the_picture_of_the_steps_says_all_that_the_table_says(results):
    results = copy.deepcopy(results)
    found = results["steps"]["threads"]["1"]["dense_sgd"]
    found["by_hand"]["median"], found["autograd"]["median"] = (found["course_lib"]["median"] * times for times in (0.5, 9))
    svg = speed_page.steps_chart(results)
    label = re.search(r'role="img" aria-label="([^"]+)"', svg)[1]
    ran = [(row, name, r["median"] / found["course_lib"]["median"]) for row, found in results["steps"]["threads"]["1"].items()
           for name, r in found.items() if name != "course_lib" and "median" in r]
    places = re.findall(r'<text x="([\d.]+)" y="(\d+)"[^>]*><title>([^<]+): ([\d.]+)</title>', svg)
    assert [(name, time) for *_, name, time in places] == [(speed_page.NAMES[name], speed_page.ratio(time)) for _, name, time in ran]
    assert all(f"{name} {time}" in label for *_, name, time in places)
    slower = [float(x) for x, *_, time in places if float(time) > 1.05]
    faster = [float(x) for x, *_, time in places if float(time) < 0.95]
    line = float(re.search(r'<path d="M([\d.]+) [^>]*stroke-width="2"', svg)[1])
    assert faster and slower and max(faster) < line < min(slower) and max(slower) < 400
    assert not re.search(r"#[0-9a-fA-F]{3,6}\b", svg)


def test_stored_results_are_what_the_page_expects():
    stored = speed_page.load(ROOT / speed_page.RESULTS)
    assert set(stored) <= set(bench.PARTS) == set(speed_page.PARTS)
    parts = re.findall(r"````\{speed-part\} (\w+)\n(.*?)````", page(), flags=re.DOTALL)
    assert {part for part, _ in parts} == set(bench.PARTS)
    for part, text in parts:
        if part in stored:
            for question in re.findall(r"\{speed\}`([^`]+)`", text):
                assert speed_page.answer(stored, question)
