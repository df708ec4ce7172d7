"""Draw, and it continues: a recurrent network that runs in the page, from stored weights."""

from __future__ import annotations

import base64
import json

import numpy as np
from matplotlib.figure import Figure

from .. import sketch
from ..compression import quantize
from .element import Pad
from .picture import PALETTE, shrink

MOST_BYTES = 40 * 1024                                   # what the weights may take of a page
ARRAYS = {"weight_ih": "gru.weight_ih_l0", "weight_hh": "gru.weight_hh_l0", "bias_ih": "gru.bias_ih_l0",
          "bias_hh": "gru.bias_hh_l0", "weight": "head.weight", "bias": "head.bias"}


class Sketchpad(Pad):
    """A paper to draw on; a network goes on with what the reader began, several times (A71).

    The weights are stored in the page, the large matrix with 8 bits each (chapter 12), and JavaScript computes what
    :func:`course_lib.sketch.mixture` computes: there is nothing to ask Python for, so that the pad works the same
    on a static page and in a notebook.

    Parameters
    ----------
    model : course_lib.sketch.SketchRNN
    starts : dict of str to array_like (T, 3)
        Beginnings to choose from, in stroke-3 format; the first is shown first.
    title : str
    look_for : str
        What the reader should try to see.
    name : str
        The pad's anchor, unique in the book: lower-case letters, digits and hyphens.

    Attributes
    ----------
    model : course_lib.sketch.SketchRNN
        The model with the rounded weights, as the page has it.

    Raises
    ------
    ValueError, TypeError
        If there is no start, a name is not one, or the weights take more than 40 KB.

    Notes
    -----
    ``COURSE_LIB_EXPLORER`` chooses the face as for :class:`Explorer`; "start" is the same as "static" here.

    Examples
    --------
    >>> model = sketch.SketchRNN(16, 2, rng=np.random.default_rng(0))
    >>> Sketchpad(model, {"a line": [[1, 0, 0], [1, 0, 0]]}, title="Draw", name="doctest-pad")
    Sketchpad: Draw
    """

    element, hint = "sketchpad", "Drawing needs"

    def __init__(self, model, starts, *, title, look_for="", name):
        super().__init__(name, title, look_for)
        if not isinstance(model, sketch.SketchRNN):
            self._fail(f"model must be a SketchRNN, but is {model!r:.60}", TypeError)
        if not isinstance(starts, dict) or not starts:
            self._fail(f"starts must be a dict of beginnings, but is {starts!r:.60}")
        self.starts = {key: np.asarray(moves, float) for key, moves in starts.items()}
        for key, moves in self.starts.items():
            if moves.ndim != 2 or moves.shape[1] != 3 or len(moves) < 2 or moves[:, 2].any():
                self._fail(f"start {key!r} must be at least 2 moves (dx, dy, 0) with the pen down, but has shape "
                           f"{moves.shape}")
        state, hidden = model.state_dict(), model.gru.hidden_size
        self._parts = [(short, quantize(part, bits)) for short, long in ARRAYS.items()
                       for bits, part in _parts(short, np.atleast_2d(state[long]))]
        self.model = sketch.SketchRNN(hidden, len(state["head.bias"]) // 6, rng=np.random.default_rng(0))
        self.model.load_state_dict({
            long: np.concatenate([few.q * np.float32(few.scale) for key, few in self._parts if key == short])
            .reshape(state[long].shape) for short, long in ARRAYS.items()})
        self._display()

    def book(self):
        """What JavaScript draws from: title, beginnings in the paper's units, and the weights; as JSON."""
        weights = base64.b64encode(b"".join(
            few.q.astype("<i2" if few.bits > 8 else "i1").tobytes() for _, few in self._parts)).decode()
        if len(weights) > MOST_BYTES:
            self._fail(f"the weights take {len(weights) / 1024:.0f} KB, more than {MOST_BYTES // 1024}: take a smaller "
                       "hidden_size")
        parts = [{"name": key, "rows": len(few.q), "columns": few.q.shape[1], "bits": 16 if few.bits > 8 else 8,
                  "scale": float(np.float32(few.scale))} for key, few in self._parts]
        starts = {key: self._on_paper(moves).round(2).tolist() for key, moves in self.starts.items()}
        return json.dumps({"title": self.title, "lookFor": self.look_for, "starts": starts, "parts": parts,
                           "weights": weights, "sigmaMin": sketch.SIGMA_MIN, "rhoMax": sketch.RHO_MAX},
                          separators=(",", ":"))

    @staticmethod
    def _on_paper(moves):
        """Where the pen goes, in the middle of a paper of 40 by 27 steps, with room to go on at the right."""
        line = sketch.to_lines(moves)[0]
        low, high = line.min(axis=0), line.max(axis=0)
        return line - (low + high) / 2 + [15, 13.5]

    def words(self):
        """What the picture shows (after the title), and the sentence below it."""
        return (f"begun is {next(iter(self.starts))}, in black; three coloured lines go on with it, each a little differently.",
                "A beginning, and three ways in which the network goes on with it.")

    def png(self):
        """The picture of the first beginning with three continuations."""
        figure = Figure(figsize=(5.2, 3.5), layout="constrained", facecolor="white")
        place = figure.add_subplot()
        moves = next(iter(self.starts.values()))
        line = self._on_paper(moves)
        ways = sketch.continuations(self.model, moves, 3, temperature=0.3, rng=np.random.default_rng(1))
        for i, way in enumerate(ways):
            for one in sketch.to_lines(way, line[-1]):
                place.plot(*one.T, color=PALETTE[i], linewidth=1.4)
        place.plot(*line.T, color="black", linewidth=3)
        place.set(xlim=(0, 40), ylim=(27, 0), aspect="equal", xticks=[], yticks=[])
        return shrink(figure, dpi=110, colours=32)


def _parts(name, array):
    """Which parts of an array get a step of their own, and how many bits: few for the largest matrix, gate by gate."""
    return [(8, gate) for gate in np.split(array, 3)] if name == "weight_hh" else [(16, array)]
