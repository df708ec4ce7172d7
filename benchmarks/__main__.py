"""How fast is it?  `make bench`, or in parts:

    python -m benchmarks                        everything (about 40 minutes); results go to benchmarks/results.json
    python -m benchmarks steps sizes            these parts, of machine, steps, overhead, sizes, chapters, site
    python -m benchmarks steps --rows lstm gru  these rows only, printed and not stored
    python -m benchmarks --quick                few repeats, small sizes, one chapter: does it run?

Every library has a process of its own; they take turns, so that a busy moment of the machine hits all alike. One thread
is timed in processor time, on an idle machine the same as the clock's; two threads by the clock. A part is written as
soon as it is measured.
"""
import argparse
import json
import os
import statistics
import subprocess
import sys
import tempfile
import time
from pathlib import Path

import numpy as np

from . import machine, overhead, sizes, steps

RESULTS = Path(__file__).with_name("results.json")
PARTS = ("machine", "steps", "overhead", "sizes", "chapters", "site")
REPEATS, SECONDS = 15, 0.15                                 # a repeat of a row lasts about so long
OTHERS = {"conv": ["torch_channels_last"], "lstm": ["torch_cells"], "gru": ["torch_cells"]}
COMPILED = ("dense_sgd", "conv", "transformer")             # rows without a loop of Python's own


def libraries(row, threads):
    """Who takes part: with two threads only those of which the issue asks it."""
    found = ["course_lib", "torch", *OTHERS.get(row, [])]
    if threads == 1:
        found += [*(["torch_compile"] if row in COMPILED else []), "autograd", "mygrad", "by_hand"]
    return found


# -- in the process of one library ---------------------------------------------------------------------------

def serve(row, library, threads):
    """Answer every line on standard input with the seconds per step of one more repeat."""
    if library.startswith("torch"):
        import torch
        torch.set_num_threads(threads)
    step = maker(library)(row, *steps.batch(row, np.random.default_rng(0)), steps.weights(row, np.random.default_rng(1)))
    step()                                                  # imports, compiles
    now = machine.clock(threads)
    start = now()
    for _ in range(3):
        step()
    count = max(3, round(SECONDS * 3 / (now() - start)))
    print("ready", flush=True)
    for _ in sys.stdin:
        start = now()
        for _ in range(count):
            step()
        print((now() - start) / count, flush=True)


def maker(library):
    """The function that makes the steps of a library."""
    from . import by_hand, peers
    for module in (steps, peers, by_hand):
        if hasattr(module, library):
            return getattr(module, library)
    raise ValueError(f"maker: there is no library {library!r}")


# -- in the process that compares ----------------------------------------------------------------------------

def environment(threads):
    names = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS")
    return {**os.environ, **dict.fromkeys(names, str(threads))}


class Server:
    """A library at work in its own process; `error` says why it is not."""

    def __init__(self, row, library, threads):
        self.messages = tempfile.TemporaryFile("w+", encoding="utf-8")
        command = [sys.executable, "-m", "benchmarks", "--serve", row, library, str(threads)]
        self.process = subprocess.Popen(command, env=environment(threads), stdin=subprocess.PIPE, stdout=subprocess.PIPE,
                                        stderr=self.messages, text=True)
        self.error, self.times = "", []
        self._line()

    def repeat(self):
        if not self.error:
            self.process.stdin.write("\n")
            self.process.stdin.flush()
            line = self._line()
            if line:
                self.times.append(float(line))

    def _line(self):
        line = self.process.stdout.readline()
        if not line:
            self.process.wait()
            self.messages.seek(0)
            text = [row for row in self.messages.read().splitlines() if row.strip()]
            self.error = text[-1].strip()[:200] if text else f"exit status {self.process.returncode}"
        return line

    def close(self):
        self.process.stdin.close()
        self.process.wait()
        self.process.stdout.close()
        self.messages.close()


def compare(row, threads, repeats):
    """Seconds per step of every library: median, quartiles, and how many times as long as course_lib (median of rounds)."""
    servers = {name: Server(row, name, threads) for name in libraries(row, threads)}
    for turn in range(repeats + 1):
        for server in servers.values():
            server.repeat()
            if not turn:
                server.times.clear()                        # the first round warms up
    found, ours = {}, servers["course_lib"].times
    for name, server in servers.items():
        server.close()
        if server.error:
            found[name] = {"error": server.error}
            continue
        low, median, high = statistics.quantiles(server.times, n=4)
        ratios = [theirs / own for theirs, own in zip(server.times, ours)]
        found[name] = {"median": median, "low": low, "high": high, "ratio": statistics.median(ratios)}
    return found


def show(row, found, threads):
    print(f"\n{row} ({steps.ROWS[row]}), float32, {threads} thread{'s' * (threads > 1)}")
    for name, r in found.items():
        if "error" in r:
            print(f"  {name:20} did not run: {r['error']}")
        else:
            ratio = "" if name == "course_lib" else f"   course_lib is {r['ratio']:.2f} times as fast"
            print(f"  {name:20}{1e6 * r['median']:9.0f} µs  [{1e6 * r['low']:.0f} … {1e6 * r['high']:.0f}]{ratio}", flush=True)


def measure_steps(quick, rows=None, counts=(1, 2)):
    found = {}
    for threads in counts:
        found[str(threads)] = {}
        for row in rows or steps.ROWS:
            found[str(threads)][row] = compare(row, threads, 3 if quick else REPEATS)
            show(row, found[str(threads)][row], threads)
    return {"threads": found, "repeats": 3 if quick else REPEATS,
            "products": {row: steps.products(row) for row in steps.ROWS}}


def own_process(code, threads=1):
    """The JSON that a line of Python prints in a process of its own."""
    done = subprocess.run([sys.executable, "-c", f"import json; from benchmarks import machine, overhead, sizes; print(json.dumps({code}))"],
                          env=environment(threads), check=True, capture_output=True, text=True,
                          cwd=Path(__file__).parent.parent)
    return json.loads(done.stdout.splitlines()[-1])


def measure_machine(quick):
    peaks = {threads: own_process(f"machine.peak({threads})", threads) for threads in ("1", "2")}
    print(f"one product of large matrices: {peaks['1'] / 1e9:.0f} GFLOP/s with one thread, {peaks['2'] / 1e9:.0f} with two")
    return {**machine.facts(), "peak": peaks}


def measure_overhead(quick):
    found = {name: own_process(f"overhead.measure({name!r})") for name in overhead.LIBRARIES}
    for name, r in found.items():
        print(f"  an addition, {name:12}{1e6 * r['both']:8.2f} µs forward and backward")
    return found


def measure_sizes(quick):
    found = {}
    for quantity in sizes.SWEEPS:
        found[quantity] = {name: own_process(f"sizes.sweep({quantity!r}, {name!r}, {3 if quick else sizes.REPEATS}, {quick})")
                           for name in ("course_lib", "torch")}
        exponents = {name: round(r.get("slope", float("nan")), 2) for name, r in found[quantity].items()}
        print(f"  {quantity}: slopes {exponents}", flush=True)
    return found


def measure_chapters(quick):
    from . import book
    return book.chapters(quick)


def measure_site(quick):
    from . import book
    return book.site(quick)


def store(part, found, quick, path=RESULTS):
    """Put one part into the results, whole or not at all."""
    results = json.loads(path.read_text(encoding="utf-8")) if path.exists() else {}
    results[part] = {"measured": time.strftime("%Y-%m-%d"), "quick": quick, "load": round(os.getloadavg()[0], 2), **found}
    handle, temporary = tempfile.mkstemp(dir=path.parent, prefix=path.name)
    try:
        with os.fdopen(handle, "w", encoding="utf-8") as file:
            json.dump(results, file, indent=1, ensure_ascii=False)
            file.write("\n")
        os.chmod(temporary, 0o644)
        os.replace(temporary, path)
    except BaseException:
        os.unlink(temporary)
        raise


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("parts", nargs="*", metavar="PART", help=f"of {', '.join(PARTS)}; all by default")
    parser.add_argument("--rows", nargs="*", metavar="ROW", help=f"of {', '.join(steps.ROWS)}: only these steps, not stored")
    parser.add_argument("--threads", nargs="+", type=int, choices=(1, 2), default=(1, 2), help="of the steps; 1 2 by default")
    parser.add_argument("--quick", action="store_true", help="few repeats: says that everything runs, not how fast")
    parser.add_argument("--serve", nargs=3, metavar=("ROW", "LIBRARY", "THREADS"), help=argparse.SUPPRESS)
    arguments = parser.parse_args()
    if arguments.serve:
        serve(*arguments.serve[:2], int(arguments.serve[2]))
        return
    for what, given, known in (("part", arguments.parts, PARTS), ("row", arguments.rows or [], steps.ROWS)):
        if unknown := set(given) - set(known):
            parser.error(f"unknown {what} {', '.join(sorted(unknown))}; there are {', '.join(known)}")
    if arguments.rows:
        measure_steps(arguments.quick, arguments.rows, arguments.threads)
        return
    for part in arguments.parts or PARTS:
        print(f"\n== {part}", flush=True)
        more = {"counts": arguments.threads} if part == "steps" else {}
        store(part, globals()[f"measure_{part}"](arguments.quick, **more), arguments.quick)


if __name__ == "__main__":
    main()
