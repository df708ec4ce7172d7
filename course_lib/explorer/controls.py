"""The controls of an explorer: a name and its values."""

from __future__ import annotations

from dataclasses import dataclass
from numbers import Integral, Real


class Text(tuple):
    """Choices beside which a reader with a kernel may type any text; a page without a kernel has the choices.

    The run must answer a text that it cannot read with a ``ValueError`` of one line: it is shown as it is. What is empty
    or too long does not reach the run.

    Parameters
    ----------
    choices : list of str
    longest : int
        Characters a typed text may have.

    Examples
    --------
    >>> dates = Text(["4 February 2020", "4.2.2020"], longest=30)
    >>> dates[0], dates.longest
    ('4 February 2020', 30)
    """

    def __new__(cls, choices, longest=40):
        text = super().__new__(cls, choices)
        if isinstance(choices, str) or not all(isinstance(choice, str) and choice.strip() for choice in text):
            raise ValueError(f"Text: choices must be a list of texts, none of them empty, but is {choices!r:.60}")
        if not isinstance(longest, int) or longest < max(map(len, text), default=1):
            raise ValueError(f"Text: longest must be a whole number, at least {max(map(len, text), default=1)} as the choices "
                             f"have, but is {longest!r}")
        text.longest = longest
        return text


@dataclass(frozen=True)
class Control:
    """A slider (numbers in increasing order), a choice (strings), a :class:`Text` or a switch (False and True)."""

    name: str
    values: tuple
    kind: str
    longest: int = 0

    @classmethod
    def of(cls, name, values):
        """Make the control that suits the values; ``ValueError`` says what is wrong with them."""
        longest = getattr(values, "longest", 0)
        if not isinstance(name, str) or not name.strip():
            raise ValueError(f"a control's name must be a string, but is {name!r}")
        try:
            values = tuple(value.item() if hasattr(value, "item") else value for value in values)
        except TypeError:
            raise ValueError(f"control {name!r} must have a list of values, but has {values!r}") from None
        if not values:
            raise ValueError(f"control {name!r} must have at least one value, but its list is empty")
        if len(set(values)) < len(values):
            raise ValueError(f"control {name!r} must have different values, but has {list(values)}")
        if all(isinstance(value, str) for value in values):
            return cls(name, values, "text" if longest else "choice", longest)
        if any(isinstance(value, bool) for value in values):
            if set(values) != {False, True} or not all(isinstance(value, bool) for value in values):
                raise ValueError(
                    f"control {name!r}: a switch has the values [False, True], but this has {list(values)}"
                )
            return cls(name, (False, True), "switch")
        if not all(isinstance(value, Real) for value in values):
            raise ValueError(f"control {name!r} must have only numbers, only strings, or [False, True], "
                             f"but has {list(values)}")
        if list(values) != sorted(values) or any(
            abs(value) == float("inf") or value != value for value in values
        ):
            raise ValueError(
                f"control {name!r}: numbers must be finite and increasing, but are {list(values)}"
            )
        return cls(name, values, "slider")

    @property
    def argument(self):
        """The keyword under which the run receives the value."""
        return self.name.replace(" ", "_")

    @property
    def whole(self):
        """Whether only whole numbers make sense."""
        return self.kind == "slider" and all(isinstance(value, Integral) for value in self.values)

    def accept(self, value, off_grid=False):
        """Return the value as the run is to receive it; ``ValueError`` if it is none of this control's."""
        if off_grid and self.kind == "slider" and isinstance(value, Real) and not isinstance(value, bool):
            if not self.values[0] <= value <= self.values[-1]:
                raise ValueError(f"{self.name} must be between {self.values[0]:g} and {self.values[-1]:g}, "
                                 f"but is {value:g}")
            if self.whole and value != int(value):
                raise ValueError(f"{self.name} must be a whole number, but is {value:g}")
            value = int(value) if self.whole else value
            return next((known for known in self.values if known == value), value)
        if off_grid and self.kind == "text" and isinstance(value, str):
            if not value.strip():
                raise ValueError(f"{self.name} must have at least one character that is not a space, but is {value!r}")
            if len(value) > self.longest:
                raise ValueError(f"{self.name} must have at most {self.longest} characters, but has {len(value)}")
            return value
        for known in self.values:
            if known == value and isinstance(known, bool) == isinstance(value, bool):
                return known
        raise ValueError(f"{self.name} must be one of {list(self.values)}, but is {value!r}")

    def text(self, value):
        """The value as a sentence shows it."""
        if self.kind == "switch":
            return "on" if value else "off"
        return f"{value:g}" if self.kind == "slider" else value

    def spec(self):
        """What JavaScript needs to know."""
        return {"name": self.name, "kind": self.kind, "values": list(self.values), "whole": self.whole}
