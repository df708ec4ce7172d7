"""What is measured on, and how fast it multiplies matrices: the ceiling of every row."""
import importlib.metadata
import os
import platform
import statistics
import time

import numpy as np

PACKAGES = ("numpy", "torch", "autograd", "mygrad")
SIZE, REPEATS = 1024, 9                                      # of the product that finds the ceiling


def facts():
    """Processor, cores, memory, versions, and how busy the machine was."""
    found = {"processor": _processor(), "cores": os.cpu_count(), "system": f"{platform.system()} {platform.machine()}",
             "python": platform.python_version(), "packages": {}, "blas": _blas(), "load": round(os.getloadavg()[0], 2)}
    for name in PACKAGES:
        try:
            found["packages"][name] = importlib.metadata.version(name)
        except importlib.metadata.PackageNotFoundError:
            found["packages"][name] = None
    return found


def _processor():
    try:
        with open("/proc/cpuinfo", encoding="utf-8") as lines:
            names = [line.partition(":")[2].strip() for line in lines if line.startswith("model name")]
    except FileNotFoundError:                                # not Linux
        names = []
    return names[0] if names else platform.processor() or platform.machine()


def _blas():
    blas = np.show_config(mode="dicts")["Build Dependencies"]["blas"]
    return f"{blas['name']} {blas['version']}"


def clock(threads):
    """What to measure time with: a busy machine lets a process wait, which processor time does not count."""
    return time.process_time if threads == 1 else time.perf_counter


def peak(threads):
    """Floating-point operations per second of one large float32 matrix product in NumPy, the median of repeats."""
    rng = np.random.default_rng(0)
    a, b = rng.standard_normal((2, SIZE, SIZE), dtype=np.float32)
    out, times, now = a @ b, [], clock(threads)
    for _ in range(REPEATS):
        start = now()
        np.matmul(a, b, out=out)
        times.append(now() - start)
    return 2 * SIZE ** 3 / statistics.median(times)
