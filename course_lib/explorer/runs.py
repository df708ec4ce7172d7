"""What one setting gave."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True)
class Run:
    """What one setting gave: the results by key, and what is said about them."""

    result: dict
    summary: str
    note: str = ""
    diverged: bool = False

    def cell(self, keys):
        """The part of it that is stored; keys that start with # cannot be a panel's."""
        texts = {"#summary": self.summary, "#note": self.note, "#diverged": "yes" if self.diverged else ""}
        return {**{key: self.result[key] for key in keys if key in self.result},
                **{key: text for key, text in texts.items() if text}}


def plain(value):
    """A number where the value is one, so that a format string can format it."""
    return np.asarray(value).item() if not isinstance(value, (str, list)) and np.ndim(value) == 0 else value


def clean(key, value):
    """A result as panels and packing take it: a float array, a string or a list of strings."""
    if not isinstance(key, str) or key.startswith(("#", "=")):
        raise ValueError(f"result keys must be strings that do not begin with # or =, but one is {key!r}")
    if key == "note" and not isinstance(value, str):
        raise TypeError(f"the result 'note' must be a string, but is {value!r}")
    strings = isinstance(value, list) and value and all(isinstance(item, str) for item in value)
    if strings or isinstance(value, str):
        return value
    try:
        array = np.array(value)
    except (TypeError, ValueError):
        array = np.array(None)
    if array.dtype.kind not in "biuf":
        raise TypeError(f"the result {key!r} must be numbers, a string or a list of strings, "
                        f"but is {type(value).__name__}")
    return array.astype(float)
