"""Side-by-side speed: `make bench`. Each library runs in its own process; the table shows ratios of medians.

    python -m benchmarks                 all rows, one BLAS thread
    python -m benchmarks conv lstm       these rows
    python -m benchmarks --threads 2
    python -m benchmarks --run dense course_lib      one measurement, as JSON
"""
import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time

import numpy as np

from . import steps

SGD = "training step with SGD, float32"
# row: what it is, the libraries (course_lib first), steps per repeat
ROWS = {
    "dense": (f"{SGD}: dense 64-128-128-10, batch 64", ["course_lib", "torch"], 300),
    "conv": (f"{SGD}: 28 x 28, two blocks of conv 3 x 3 (16, 32 maps), ReLU, max pooling; dense; batch 64",
             ["course_lib", "torch"], 20),
    "lstm": (f"{SGD}: LSTM over 50 steps, 64 inputs, 64 units; batch 32", ["course_lib", "torch", "torch_cells"], 30),
    "transformer": (f"{SGD}: Transformer encoder layer, length 64, d_model 64, 4 heads, 256; batch 32",
                    ["course_lib", "torch"], 30),
}
REPEATS = 15


def measure(row, library, threads):
    """Median and quartiles of the seconds per step, in this process."""
    if library.startswith("torch"):
        import torch
        torch.set_num_threads(threads)
    step = getattr(steps, library)(row, *steps.batch(row, np.random.default_rng(0)))
    count = ROWS[row][2]
    for _ in range(count):
        step()                                       # warm up
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        for _ in range(count):
            step()
        times.append((time.perf_counter() - start) / count)
    low, median, high = statistics.quantiles(times, n=4)
    return {"median": median, "low": low, "high": high}


def in_own_process(row, library, threads):
    environment = {**os.environ, **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"),
                                                 str(threads))}
    command = [sys.executable, "-m", "benchmarks", "--run", row, library, "--threads", str(threads)]
    return json.loads(subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("rows", nargs="*", metavar="ROW", help=f"of {', '.join(ROWS)}; all by default")
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--run", nargs=2, metavar=("ROW", "LIBRARY"))
    arguments = parser.parse_args()
    if unknown := set(arguments.rows) - set(ROWS):
        parser.error(f"unknown row {', '.join(sorted(unknown))}; there are {', '.join(ROWS)}")
    if arguments.run:
        print(json.dumps(measure(*arguments.run, arguments.threads)))
        return
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
          f"{arguments.threads} thread(s) each; medians of {REPEATS} repeats [quartiles]")
    for row in arguments.rows or ROWS:
        description, libraries, _ = ROWS[row]
        print(f"\n{row}: {description}")
        results = {library: in_own_process(row, library, arguments.threads) for library in libraries}
        ours = results["course_lib"]["median"]
        for library, r in results.items():
            ratio = "" if library == "course_lib" else f"   course_lib is {r['median'] / ours:.2f} times as fast"
            print(f"  {library:12}{1e6 * r['median']:8.0f} µs  [{1e6 * r['low']:.0f} … {1e6 * r['high']:.0f}]{ratio}")


if __name__ == "__main__":
    main()
