"""Train the models whose weights are stored, and store them: course_lib/weights/NAME.npz.

    python tools/weights.py                list the models and what is stored
    python tools/weights.py NAME …         train, print what was measured, store
    python tools/weights.py --all

Each trainer below is the whole provenance of its file: data, seed, settings. Another processor gives other last
digits, so the checksum in weights/SHA256.json names the file that the chapters were run with.
"""

from __future__ import annotations

import argparse
import sys
import time
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from course_lib import pretrained  # noqa: E402

BUDGET = 2_000_000              # bytes of all stored weights together

# name -> (function that trains and returns a Module, dtype to store)
TRAINERS = {}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--all", action="store_true", help="every model")
    arguments = parser.parse_args()
    unknown = set(arguments.names) - set(TRAINERS)
    if unknown:
        parser.error(f"unknown model {', '.join(sorted(unknown))}; there are {', '.join(TRAINERS)}")
    for name in TRAINERS if arguments.all else arguments.names:
        train, dtype = TRAINERS[name]
        start = time.perf_counter()
        state = {key: value.astype(dtype) for key, value in train().state_dict().items()}
        path = pretrained.save(name, state)
        print(f"{name}: {time.perf_counter() - start:.0f} s, {path.stat().st_size / 1e3:.0f} KB")
    stored = sorted(pretrained.FOLDER.glob("*.npz"))
    total = sum(path.stat().st_size for path in stored)
    print(f"stored: {', '.join(path.stem for path in stored) or 'nothing'}; {total / 1e6:.2f} of {BUDGET / 1e6:.0f} MB")
    return total > BUDGET


if __name__ == "__main__":
    sys.exit(main())
