"""One author's call, three faces: a live widget, a static page, a picture."""

from __future__ import annotations

import base64
import inspect
import itertools
import json
import math
import re

import numpy as np
from tqdm import tqdm

from ..training import Diverged
from . import packing, picture
from .controls import Control
from .element import Element
from .panels import Panel
from .runs import Run, clean, plain

MOST_RUNS = 120            # a grid that can be computed in 20 s and stored in
MOST_BYTES = 60 * 1024     # this much of a page


class Explorer(Element):
    """Controls, the run behind them, and panels that show what it returns.

    Parameters
    ----------
    run : callable
        ``run(**settings)`` is called with the controls' names as keywords (spaces become underscores) and
        returns a dict: numbers, arrays (NaN is a gap), strings, lists of strings. The key "note" is text to
        show. The same settings must give the same result: fix the seeds. If it raises
        :class:`course_lib.training.Diverged`, that is shown, with the history until then.
    controls : dict of str to list
        Numbers in increasing order make a slider, strings a choice, ``[False, True]`` a switch; :class:`Text` is a
        choice beside which, with a kernel, any text may be typed.
    view : panel or list of panels
        :class:`Lines`, :class:`Bars`, :class:`Image`, :class:`Scatter`, :class:`Diagram`.
    say : str or callable
        The summary, shown and spoken: a format string over results and settings (spaces become underscores),
        or a function of the dict of both (names as they are).
    title : str
    look_for : str
        What the reader should try to see.
    name : str
        The explorer's anchor, unique in the book: lower-case letters, digits and hyphens. The page's address
        ``#name:learning-rate=0.1;dropout=0.2`` opens it at this setting.
    start : dict, optional
        Settings to begin with; the first value of a control where nothing is said.
    check : list of dict, optional
        Settings that the tests compute again, named like ``start`` and completed by it; by default the first, the
        middle and the last of the grid. Name calm ones where training is chaotic: there, the last digits of
        another processor grow into another curve.

    Notes
    -----
    The environment variable ``COURSE_LIB_EXPLORER`` chooses the face. ``live`` (default in a notebook): a
    widget; a move calls ``run``. ``static``: HTML with all runs, at most 120. ``start``: HTML with the run of
    the starting settings alone.

    Examples
    --------
    >>> from course_lib.explorer import Lines
    >>> def decay(rate):
    ...     return {"weight": (1 - rate) ** np.arange(20)}
    >>> explorer = Explorer(decay, {"rate": [0.1, 0.5, 1.5]}, view=Lines("weight", x="step", y="weight"),
    ...                     say=lambda r: f"The last weight is {r['weight'][-1]:.2f}.",
    ...                     title="One weight", name="one-weight", start={"rate": 0.5})
    >>> explorer.run_at(rate=0.1).summary
    'The last weight is 0.14.'
    """

    element, hint = "explorer", "The controls need"

    def __init__(self, run, controls, *, view, say, title, look_for="", name, start=None, check=None):
        super().__init__(name, title, look_for)
        if not callable(run):
            self._fail(f"run must be a function, but is {run!r}", TypeError)
        if not isinstance(say, str) and not callable(say):
            self._fail(f"say must be a format string or a function, but is {say!r}", TypeError)
        self._run, self.say = run, say
        self.controls = self._make_controls(controls)
        self.view = [view] if isinstance(view, Panel) else list(view)
        for panel in self.view:
            if not isinstance(panel, Panel):
                self._fail(
                    f"view must hold Lines, Bars, Image, Scatter or Diagram, but holds {panel!r}", TypeError
                )
        if not self.view:
            self._fail("view must hold at least one panel, but is empty")
        self.start = self._settings(start or {}, [control.values[0] for control in self.controls])
        grid = self.grid
        self.check = [grid[0], grid[len(grid) // 2], grid[-1]]
        if check is not None:
            if not isinstance(check, list) or not all(isinstance(settings, dict) for settings in check):
                self._fail(f"check must be a list of dicts from control to value, but is {check!r}", TypeError)
            self.check = [self._settings(settings, self.start) for settings in check]
        if not self.check:
            self._fail("check must name settings of the grid, but is []")
        self._runs = {}
        self._display()

    # ------------------------------------------------------------------------------------------- settings, runs

    @property
    def grid(self):
        """All settings, as tuples of values in the order of the controls."""
        return list(itertools.product(*(control.values for control in self.controls)))

    def run_at(self, **settings):
        """The :class:`Run` at these settings, named as ``run`` names them; the start's where none is given."""
        names = {control.argument: control.name for control in self.controls}
        return self._at(
            self._settings({names.get(key, key): value for key, value in settings.items()}, self.start)
        )

    def _make_controls(self, controls):
        if not isinstance(controls, dict) or not controls:
            self._fail(f"controls must be a dict from name to values, but is {controls!r}")
        try:
            made = [Control.of(name, values) for name, values in controls.items()]
        except ValueError as error:
            self._fail(error)
        for key in (lambda c: c.argument, lambda c: slug(c.name)):
            names = [key(control) for control in made]
            if twice := [name for name in names if names.count(name) > 1]:
                self._fail(f"controls must have different names, but two are {twice[0]!r}")
        signature = inspect.signature(self._run)
        try:
            signature.bind(**dict.fromkeys(control.argument for control in made))
        except TypeError as error:
            self._fail(
                f"run must take the controls {', '.join(c.argument for c in made)}, but its signature is "
                f"{signature}: {error}"
            )
        return made

    def _settings(self, given, base):
        """The full tuple of values, from some by control name and the rest from a base."""
        if not isinstance(given, dict):
            self._fail(f"start must be a dict from control to value, but is {given!r}", TypeError)
        names = [control.name for control in self.controls]
        for name in given:
            if name not in names:
                self._fail(f"there is no control {name!r}, only {', '.join(map(repr, names))}")
        try:
            return tuple(control.accept(given.get(control.name, value))
                         for control, value in zip(self.controls, base, strict=True))
        except ValueError as error:
            self._fail(error)

    def describe(self, values):
        """The settings as a phrase: ``learning rate 0.1, dropout 0.2``."""
        return ", ".join(f"{control.name} {control.text(value)}"
                         for control, value in zip(self.controls, values, strict=True))

    def _at(self, values):
        if values not in self._runs:
            settings = {control.argument: value for control, value in zip(self.controls, values, strict=True)}
            try:
                self._runs[values] = self._execute(settings, values)
            except Exception as error:
                error.add_note(f"Explorer {self.name!r} at {self.describe(values)}")
                raise
        return self._runs[values]

    def _execute(self, settings, values):
        try:
            with np.errstate(all="ignore"):  # explosions are among what explorers show
                result, diverged = self._run(**settings), None
        except Diverged as error:
            result, diverged = error.history, error
        if not isinstance(result, dict):
            self._fail(f"run must return a dict, but returned {type(result).__name__}", TypeError)
        data = {key: clean(key, value) for key, value in result.items()}
        note = data.pop("note", "")
        for panel in self.view:
            panel.check(data, whole=diverged is None)
        if diverged:
            return Run(data, str(diverged), note, True)
        if callable(self.say):
            named = {control.name: value for control, value in zip(self.controls, values, strict=True)}
            summary = self.say({**named, **result})
        else:
            known = {**settings, **{key.replace(" ", "_"): plain(value) for key, value in result.items()}}
            try:
                summary = self.say.format(**known)
            except (KeyError, IndexError) as error:
                self._fail(f"say names {error}, but there is {', '.join(known)}")
            except (TypeError, ValueError) as error:
                self._fail(f"say cannot be filled in ({error}): {self.say!r}")
        if not isinstance(summary, str):
            self._fail(f"say must return a string, but returned {summary!r}", TypeError)
        return Run(data, summary, note)

    # ------------------------------------------------------------------------------------------------ the faces

    def html(self, face="static"):
        """The element of a page: with all runs ("static"), the starting one ("start"), or none ("picture")."""
        settings = {"static": self._whole_grid, "start": lambda: [self.start], "picture": list}[face]()
        data = json.dumps({"packed": base64.b64encode(self.payload(settings)).decode()}) if settings else ""
        run = self._at(self.start)
        image = picture.png(self.view, run, self._limits(self._seen(settings or [self.start])))
        return self._page(data, image, f"{self.title}: {self.describe(self.start)}. {run.summary}",
                          " ".join((run.summary, run.note)).strip())

    def payload(self, settings):
        """The packed description and runs that JavaScript draws from."""
        constants, bits, keys = {}, {}, {}
        for panel in self.view:
            constants.update(panel.constants)
            for key in panel.needs:
                keys[key] = None
                bits[key] = max(bits.get(key, 0), panel.bits.get(key, 16))
        runs = self._seen(settings)
        spec = {
            "name": self.name,
            "title": self.title,
            "lookFor": self.look_for,
            "controls": [control.spec() for control in self.controls],
            "start": self.start,
            "panels": [panel.spec for panel in self.view],
            "limits": self._limits(runs),
            "runs": list(settings),
        }
        cells = [
            constants,
            *(run.cell(keys) for run in runs),
        ]  # the constants are stored once, as the first cell
        blob = packing.pack(cells, spec, bits=bits)
        if len(blob) > MOST_BYTES:
            sizes = {key: len(packing.pack([{key: cell[key]} for cell in cells if key in cell], bits=bits))
                     for cell in cells for key in cell}
            biggest = max(sizes, key=sizes.get)
            self._fail(
                f"the {len(runs)} runs take {len(blob) / 1024:.0f} KB, more than {MOST_BYTES // 1024}; the "
                f"biggest part is {biggest!r} with {sizes[biggest] / 1024:.0f} KB: make it coarser, or drop "
                "values of a control"
            )
        return blob

    def answer(self, values):
        """The packed run at these values, off the grid too: what the live face gets for a move."""
        values = tuple(control.accept(value, off_grid=True)
                       for control, value in zip(self.controls, values, strict=True))
        run = self._at(values)
        keys = [key for panel in self.view for key in panel.needs]
        bits = {key: width for panel in self.view for key, width in panel.bits.items()}
        return packing.pack([run.cell(keys)], {"limits": self._limits(list(self._runs.values()))}, bits=bits)

    def _whole_grid(self):
        counts = [len(control.values) for control in self.controls]
        if math.prod(counts) > MOST_RUNS:
            longest = max(self.controls, key=lambda control: len(control.values))
            keep = MOST_RUNS * len(longest.values) // math.prod(counts)
            advice = (
                f"keep {keep} of the {len(longest.values)} values of {longest.name!r}"
                if keep
                else "drop a control"
            )
            self._fail(
                f"{' × '.join(map(str, counts))} = {math.prod(counts)} runs, but at most {MOST_RUNS} can be "
                f"stored: {advice}"
            )
        for values in tqdm(self.grid, desc=self.name, unit="run", leave=False):
            self._at(values)
        return self.grid

    def _seen(self, settings):
        return [self._at(values) for values in settings]

    def _limits(self, runs):
        """Each panel's axes; runs that diverged do not count where others did not."""
        whole = [run for run in runs if not run.diverged] or runs
        return [panel.limits([run.result for run in whole]) for panel in self.view]

    # --------------------------------------------------------------------------------------------- stored pages

    def check_stored(self, page, settings=None, *, rtol=1e-3):
        """Recompute runs and compare them with those stored in a static page.

        Parameters
        ----------
        page : str
            The stored HTML.
        settings : list of tuple, optional
            Which; by default those of ``check``.
        rtol : float
            Allowed difference beyond that of packing, in parts of an array's largest value: processors round
            differently.

        Raises
        ------
        ValueError
            Naming the setting, the key and the difference.
        """
        runs, grid = stored(page), self.grid
        bits = {key: width for panel in self.view for key, width in panel.bits.items()}
        if list(runs) != grid:
            self._fail("the stored settings differ from the controls'")
        for values in settings or self.check:
            old, new = (
                runs[values],
                self._at(values).cell([key for panel in self.view for key in panel.needs]),
            )
            if set(old) != set(new):
                self._fail(f"at {self.describe(values)}: stored are {sorted(old)}, recomputed {sorted(new)}")
            for key, value in new.items():
                if isinstance(value, (str, list)):
                    words = [re.sub(r"[\d.,]+", "#", str(text)) for text in (value, old[key])]
                    if words[0] != words[1]:
                        self._fail(
                            f"at {self.describe(values)}: {key!r} is stored as {old[key]!r}, but is {value!r}"
                        )
                    continue
                finite = np.abs(value[np.isfinite(value)])
                allowed = packing.error_bound(value, bits.get(key, 16)) + rtol * (
                    finite.max() if finite.size else 0
                )
                with np.errstate(invalid="ignore"):
                    same = old[key].shape == value.shape and np.all(
                        (np.abs(old[key] - value) <= allowed)
                        | (old[key] == value)
                        | np.isnan(value) & np.isnan(old[key])
                    )
                if not same:
                    self._fail(f"at {self.describe(values)}: {key!r} differs from what is stored")


def stored(page):
    """The runs in a static explorer's HTML: a dict from settings (tuples of values) to results by key.

    Examples
    --------
    >>> from course_lib.explorer import Lines
    >>> explorer = Explorer(lambda rate: {"w": rate ** np.arange(3)}, {"rate": [1, 2]}, view=Lines("w"), say="",
    ...                     title="Powers", name="powers")
    >>> stored(explorer.html("static"))[(2,)]["w"].tolist()
    [1.0, 2.0, 4.0]
    """
    found = re.findall(r'<script type="application/json">(\{"packed".*?)</script>', page)
    if len(found) != 1:
        raise ValueError(f"stored: page must hold one explorer with its runs, but holds {len(found)}")
    cells, spec = packing.unpack(base64.b64decode(json.loads(found[0])["packed"]))
    return {tuple(values): cell for values, cell in zip(spec["runs"], cells[1:], strict=True)}


def slug(name):
    """A control's name in the page's address."""
    return re.sub(r"[^\w.]+", "-", name.lower()).strip("-")

