"""Attention by hand: a query, the states, and every number to be edited; computed in the page."""

from __future__ import annotations

import json
import math

import numpy as np
from matplotlib.figure import Figure

from ..functional import softmax
from .element import Pad
from .picture import PALETTE, shrink

REACH = 100                                              # numbers from -REACH to REACH
TEMPERATURES = (0.1, 0.2, 0.5, 1, 2, 5, 10, 20, 50, 100)  # of the slider; in between, any can be typed
MOST_STATES, MOST_NUMBERS = 8, 4                         # that a phone can show


class AttentionPad(Pad):
    r"""A decoder's query, the encoder's states, and what attention makes of them, step by step (A69).

    .. math:: e_t = q^\top h_t, \qquad a = \mathrm{softmax}(e / T), \qquad c = \textstyle\sum_t a_t h_t

    Scaled, :math:`e_t` is divided by :math:`\sqrt d`. JavaScript computes what :func:`course_lib.functional.softmax` does,
    so that any number may be typed, on a static page as well as in a notebook.

    Parameters
    ----------
    query : array_like, shape (D,)
        At most 4 numbers from -100 to 100; four decimals are kept.
    states : array_like, shape (T, D)
        At most 8 states.
    start : dict, optional
        "temperature" (0.1 to 100) and "scaled"; else 1 and False.
    title : str
    look_for : str
        What the reader should try to see.
    name : str
        The pad's anchor, unique in the book: lower-case letters, digits and hyphens.

    Raises
    ------
    ValueError
        If a name, a shape, a range or the start is not as above.

    Notes
    -----
    ``COURSE_LIB_EXPLORER`` chooses the face as for :class:`Explorer`; "start" is the same as "static" here.

    Examples
    --------
    >>> pad = AttentionPad([10, 5, 10], [[0, 1, 1], [5, 0, 1]], title="By hand", name="doctest-attention")
    >>> scores, weights, context = pad.attend()
    >>> scores.tolist(), context.round(3).tolist()
    ([15.0, 60.0], [5.0, 0.0, 1.0])
    """

    element, hint = "attentionpad", "Editing the numbers needs"

    def __init__(self, query, states, start=None, *, title, look_for="", name):
        super().__init__(name, title, look_for)
        self.query, self.states = self._numbers("query", query, 1), self._numbers("states", states, 2)
        T, D = self.states.shape
        if not (1 <= D <= MOST_NUMBERS and 1 <= T <= MOST_STATES):
            self._fail(f"states must be (T, D) with T from 1 to {MOST_STATES} and D from 1 to {MOST_NUMBERS}, but is {(T, D)}")
        if self.query.shape != (D,):
            self._fail(f"query must have shape ({D},) because states is {(T, D)}, but is {self.query.shape}")
        self.start = {"temperature": 1.0, "scaled": False}
        for key, value in (start or {}).items():
            known = (key == "scaled" and isinstance(value, bool)) or (
                key == "temperature" and not isinstance(value, bool) and TEMPERATURES[0] <= value <= TEMPERATURES[-1])
            if not known:
                self._fail(f"start must give temperature from {TEMPERATURES[0]:g} to {TEMPERATURES[-1]:g} and scaled, False or "
                           f"True, but gives {key!r}: {value!r}")
            self.start[key] = value
        self._display()

    def _numbers(self, what, values, axes):
        try:
            array = np.asarray(values, float)
        except (TypeError, ValueError):
            self._fail(f"{what} must be an array of numbers, but is {values!r:.60}")
        if array.ndim != axes:
            self._fail(f"{what} must have shape {'(D,)' if axes == 1 else '(T, D)'}, but is {array.shape}")
        if not (np.abs(array) <= REACH).all():
            self._fail(f"{what} must have values from -{REACH} to {REACH}, but has {array.min():g} to {array.max():g}")
        return np.round(array, 4) + 0.0

    def attend(self):
        """Scores (T,), weights (T,) and context (D,) of the start."""
        scores = self.states @ self.query / (math.sqrt(len(self.query)) if self.start["scaled"] else 1)
        weights = softmax(scores, temperature=self.start["temperature"]).data
        return scores, weights, weights @ self.states

    def book(self):
        """What JavaScript draws from: title, numbers and the start; as JSON."""
        return json.dumps({"title": self.title, "lookFor": self.look_for, "query": self.query.tolist(), "states": self.states.tolist(),
                           "start": self.start, "temperatures": TEMPERATURES, "reach": REACH}, separators=(",", ":"))

    def words(self):
        """What the picture shows (after the title), and the sentence below it."""
        scores, weights, context = self.attend()
        winner = weights.argmax()
        return (f"three panels of bars for the query {_row(self.query)}: the scores {_row(scores)} of the states "
                f"{', '.join(map(_row, self.states))}; their weights; the context {_row(context.round(4))}.",
                f"State {winner + 1} has {weights[winner]:.1%} of the weight. Context {_row(context.round(2))}.")

    def png(self):
        """The picture of the start."""
        names = [_row(state) for state in self.states]
        places = [str(i + 1) for i in range(len(self.query))]
        figure = Figure(figsize=(7.4, 2.6), layout="constrained", facecolor="white")
        for i, (place, title, labels, values) in enumerate(zip(
                figure.subplots(1, 3), ("1. scores", "2. weights", "3–4. context"), (names, names, places), self.attend())):
            place.bar(labels, values, color=PALETTE[i])
            place.axhline(0, color="black", linewidth=0.8)
            place.set_title(title, fontsize=10, loc="left")
            place.tick_params(labelsize=8)
            place.tick_params(axis="x", labelrotation=0 if labels is places else 25)
            place.spines[["top", "right"]].set_visible(False)
        figure.axes[1].set_ylim(0, 1)
        return shrink(figure, dpi=100, colours=32)


def _row(values):
    """[10, 0.5]"""
    return f"[{', '.join(f'{value:g}' for value in values)}]"
