"""What every element of a page has: a name, and the faces it shows with a kernel, without one, and without JavaScript."""

from __future__ import annotations

import base64
import html
import os
import re
import sys

FACES = ("live", "static", "start")


class Element:
    """Something that a reader moves.

    A subclass names its script (``element``: "kernelpad" stands for kernelpad.js and the tag course-kernelpad), says
    what is needed to move it (``hint``), and defines ``html(face)`` for the faces "static", "start" and "picture".
    Its constructor calls this one first and :meth:`_display` last.

    Parameters
    ----------
    name : str
        The element's anchor, unique in the book: lower-case letters, digits and hyphens.
    title, look_for : str
    """

    element = hint = ""

    def __init__(self, name, title, look_for):
        _face()                                            # a mistake in the environment is told before anything else
        if not isinstance(name, str) or not re.fullmatch(r"[a-z][a-z0-9]*(-[a-z0-9]+)*", name):
            raise ValueError(f"{type(self).__name__}: name must be lower-case letters, digits and hyphens, but is {name!r}")
        self.name = name
        for argument, text in (("title", title), ("look_for", look_for)):
            if not isinstance(text, str):
                self._fail(f"{argument} must be a string, but is {text!r}", TypeError)
        self.title, self.look_for = title, look_for
        self._widget = self._bundle = None

    def __repr__(self):
        return f"{type(self).__name__}: {self.title}"

    def _fail(self, message, kind=ValueError):
        raise kind(f"{type(self).__name__} {self.name!r}: {message}")

    def _display(self):
        """In a notebook, make what it will show: an exception here fails the cell; one while displaying is only printed."""
        self._bundle = self._make(_face()) if _in_kernel() else None

    def _repr_mimebundle_(self, include=None, exclude=None):
        return self._bundle or self._make(_face())

    def _make(self, face):
        text = {"text/plain": repr(self)}
        if face != "live":
            return {**text, "text/html": self.html(face)}
        bundle = self.widget()._repr_mimebundle_()
        bundle = bundle[0] if isinstance(bundle, tuple) else bundle
        return {**bundle, **text, "text/html": self.html("picture")}

    def widget(self):
        """The live face, an ipywidget; made once."""
        if self._widget is None:
            from . import live               # anywidget is slow to import, and only this face needs it
            self._widget = live.widget_of(self)
        return self._widget

    def _page(self, data, image, alt, sentence):
        """The element of a page: the JSON that JavaScript reads, and what to show without it."""
        data = data.replace("</", "<\\/")                  # text must not end the script
        script = f'<script type="application/json">{data}</script>' if data else ""
        return (f'<course-{self.element} id="{self.name}" class="course-explorer">{script}'
                f'<img class="dark-light" style="background:#fff;max-width:100%" alt="{html.escape(alt)}" '
                f'src="data:image/png;base64,{base64.b64encode(image).decode()}">'
                f"<p>{html.escape(sentence)} <small>{self.hint} the published page with JavaScript, or the notebook "
                f"with a running kernel.</small></p></course-{self.element}>")


class Pad(Element):
    """An element that computes in the page what Python computes here: it asks Python for nothing.

    A subclass defines :meth:`book`, :meth:`png`, and :meth:`words`.
    """

    def book(self):
        """All that JavaScript draws from, as JSON."""
        raise NotImplementedError

    def png(self):
        """The picture of the start."""
        raise NotImplementedError

    def words(self):
        """What the picture shows (after the title), and the sentence below it."""
        raise NotImplementedError

    def html(self, face="static"):
        """The element of a page; the face "picture" is the one without the data."""
        shows, sentence = self.words()
        return self._page("" if face == "picture" else self.book(), self.png(), f"{self.title}: {shows}", sentence)


def _face():
    face = os.environ.get("COURSE_LIB_EXPLORER") or ("live" if _in_kernel() else "start")
    if face not in FACES:
        raise ValueError(
            f"COURSE_LIB_EXPLORER must be {', '.join(FACES[:-1])} or {FACES[-1]}, but is {face!r}"
        )
    return face


def _in_kernel():
    """Whether a notebook runs this."""
    if "ipykernel" not in sys.modules:
        return False
    from IPython import get_ipython
    return hasattr(get_ipython(), "kernel")
