"""Side-by-side speed: `make bench`. Each library runs in its own process; the table shows ratios of medians.

    python -m benchmarks                 all rows, one BLAS thread
    python -m benchmarks --threads 2
    python -m benchmarks --run dense course_lib      one measurement: prints seconds per step
"""
import argparse
import json
import os
import platform
import statistics
import subprocess
import sys
import time

ROWS = {"dense": "training step, dense 64-128-128-10, batch 64, SGD, float32"}
LIBRARIES = ("course_lib", "torch")
STEPS, REPEATS = 300, 15


def dense_course_lib(X, y):
    import numpy as np
    from course_lib import F, nn, optim
    model = nn.mlp([64, 128, 128, 10], rng=np.random.default_rng(0))
    optimizer = optim.SGD(model.parameters(), lr=0.01)

    def step():
        loss = F.cross_entropy(model(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss
    return step


def dense_torch(X, y):
    import torch
    model = torch.nn.Sequential(torch.nn.Linear(64, 128), torch.nn.ReLU(), torch.nn.Linear(128, 128), torch.nn.ReLU(),
                                torch.nn.Linear(128, 10))
    optimizer = torch.optim.SGD(model.parameters(), lr=0.01)
    X, y = torch.from_numpy(X), torch.from_numpy(y)

    def step():
        loss = torch.nn.functional.cross_entropy(model(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss
    return step


def measure(row, library, threads):
    """Median and quartiles of the seconds per step, in this process."""
    import numpy as np
    rng = np.random.default_rng(0)
    X, y = rng.standard_normal((64, 64), dtype=np.float32), rng.integers(0, 10, 64)
    if library == "torch":
        import torch
        torch.set_num_threads(threads)
    step = {("dense", "course_lib"): dense_course_lib, ("dense", "torch"): dense_torch}[row, library](X, y)
    for _ in range(STEPS):
        step()                                       # warm up
    times = []
    for _ in range(REPEATS):
        start = time.perf_counter()
        for _ in range(STEPS):
            step()
        times.append((time.perf_counter() - start) / STEPS)
    low, median, high = statistics.quantiles(times, n=4)
    return {"median": median, "low": low, "high": high}


def in_own_process(row, library, threads):
    environment = {**os.environ, **dict.fromkeys(("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS"),
                                                 str(threads))}
    command = [sys.executable, "-m", "benchmarks", "--run", row, library, "--threads", str(threads)]
    return json.loads(subprocess.run(command, env=environment, check=True, capture_output=True, text=True).stdout)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--threads", type=int, default=1)
    parser.add_argument("--run", nargs=2, metavar=("ROW", "LIBRARY"))
    arguments = parser.parse_args()
    if arguments.run:
        print(json.dumps(measure(*arguments.run, arguments.threads)))
        return
    print(f"{platform.processor() or platform.machine()}, {os.cpu_count()} cores, Python {platform.python_version()}, "
          f"{arguments.threads} thread(s) each; medians of {REPEATS} x {STEPS} steps [quartiles]")
    for row, description in ROWS.items():
        print(f"\n{description}")
        results = {library: in_own_process(row, library, arguments.threads) for library in LIBRARIES}
        for library, r in results.items():
            print(f"  {library:12}{1e6 * r['median']:8.0f} µs  [{1e6 * r['low']:.0f} … {1e6 * r['high']:.0f}]"
                  f"   {results['torch']['median'] / r['median']:.2f} x torch's speed")


if __name__ == "__main__":
    main()
