"""A chapter's skeleton: every part that the template asks for, ready to be filled: `make chapter NAME=19_graphs`.

It runs as it stands. Nothing is overwritten; CONTRIBUTING.md names the files that a new chapter touches besides.
"""

from __future__ import annotations

import argparse
import re
import sys
from pathlib import Path

import nbformat
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook

ROOT = Path(__file__).resolve().parent.parent
KERNEL = {"display_name": "Python 3 (ipykernel)", "language": "python", "name": "python3"}
LANGUAGE = {"file_extension": ".py", "mimetype": "text/x-python", "name": "python", "pygments_lexer": "ipython3"}
ALT = "A straight line through the origin; replace this by what the figure shows."

OPENING = """# {title}

*One sentence of promise: what the reader will understand or build.*

**You will be able to**

- name a thing that you can do after the chapter, with a verb;
- and another.

**You need** {{doc}}`05_backprop`. **Time:** 40 minutes."""
IMPORTS = """import numpy as np

from course_lib import F, Tensor, claims, plots
from course_lib.explorer import Explorer, Lines"""
PICTURE = """## The picture that makes one want the answer

Say in three sentences what the reader sees and should try."""
EXPLORER = """x = np.linspace(-1, 1, 21)


def run(slope, activation):
    \"\"\"Settings -> what the panels show, and what is said.\"\"\"
    bend = {{"none": lambda z: z, "tanh": np.tanh}}[activation]
    y = bend(slope * x)
    return {{"answer": y, "top": y.max()}}


Explorer(run, {{"slope": [0.5, 1.0, 2.0, 4.0], "activation": ["none", "tanh"]}},
         view=[Lines("answer", x="step", y="answer")],
         say="The largest answer is {{top:.2f}}.",
         title="Replace me", name="{name}-first",
         look_for="what changes, and what never does.")"""
IDEA = """## An idea

Plain words first. Then the formula (S1-01):

$$y = wx$$ (eq-{name}-idea)

then the code that is that formula, and a number that shows it. A slide that errs gets its box:

:::{{admonition}} The slide says…
:class: slide
What it prints (R01), what is right, and the proof below.
:::"""
FIGURE = """plots.curves({{"wx": 2 * x}}, x="step", y="answer")"""
CLAIM = """### Claim on trial: the words of the lecture

*Cummins, S1-01.*

**Predict first.** What will the run below show? Write a number down."""
VERDICT = """measured = float(F.relu(Tensor(np.array(-1.0))).data)
claims.verdict(
    "E01", "confirmed", by="Cummins, S1-01", claim="Replace me",
    evidence={{"relu(-1)": measured}}, holds=measured == 0,
    falsified_if="the number had not been 0")"""
PYTORCH = """## In PyTorch

The same weights, the same numbers, side by side."""
TORCH = """import torch

theirs = torch.relu(torch.tensor(-1.0)).item()
assert theirs == measured"""
CLOSING = """## Lab: one more explorer

What to look for, as a list of tasks.

## Common mistakes

- **The mistake.** What it looks like, and how to see it.

## Quiz

**1.** A question?

:::{{admonition}} Answer
:class: dropdown
The answer, and why.
:::

## Exercises

Graded, in NumPy only; each checks itself.

1. `replace_me(x)`: what it returns, and what is checked.

## Summary

- Five lines that somebody could learn by heart {{footcite:p}}`goodfellow2016deep`.

**Next:** {{doc}}`index`.

```{{footbibliography}}
```"""


def skeleton(name, title):
    """The notebook of a new chapter, not yet executed."""
    label = re.sub(r"^\d\d_", "", name).replace("_", "-")
    cells = []
    for kind, source, metadata in [
            (new_markdown_cell, OPENING, {}), (new_code_cell, IMPORTS, {}), (new_markdown_cell, PICTURE, {}),
            (new_code_cell, EXPLORER, {"tags": ["hide-input"]}), (new_markdown_cell, IDEA, {}),
            (new_code_cell, FIGURE, {"mystnb": {"image": {"alt": ALT}}}), (new_markdown_cell, CLAIM, {}),
            (new_code_cell, VERDICT, {}), (new_markdown_cell, PYTORCH, {}), (new_code_cell, TORCH, {}),
            (new_markdown_cell, CLOSING, {})]:
        cells.append(kind(source.format(name=label, title=title), metadata=metadata))
    return new_notebook(cells=cells, metadata={"kernelspec": KERNEL, "language_info": LANGUAGE})


def main(name, title="", folder=ROOT / "chapters"):
    """Write `folder/name.ipynb`; returns its path."""
    if not re.fullmatch(r"\d\d_[a-z0-9]+(_[a-z0-9]+)*", name):
        sys.exit(f"chapter: NAME must be two digits and words like 19_graph_networks, but is {name!r}")
    path = Path(folder) / f"{name}.ipynb"
    taken = sorted(Path(folder).glob(f"{name[:2]}_*"))
    if taken:
        sys.exit(f"chapter: {taken[0].name} exists already; choose another number")
    nbformat.write(skeleton(name, title or name[3:].replace("_", " ").capitalize()), path)
    print(f"{path.name} written. Next: fill it, `make notebooks`, and see CONTRIBUTING.md for the files beside it.")
    return path


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("name", help="two digits and words: 19_graphs")
    parser.add_argument("--title", default="", help="the title; else made from the name")
    arguments = parser.parse_args()
    main(arguments.name, arguments.title)
