"""The live faces: JavaScript asks for a setting, Python runs it and answers; and the pads, which ask nothing."""

from __future__ import annotations

from importlib.resources import files

import anywidget
import traitlets

from .element import Pad

_HERE = files(__package__)
_CSS = (_HERE / "explorer.css").read_text(encoding="utf-8")


def module(element):
    """The JavaScript of an element as one module, which anywidget loads."""
    names = ["element.js", *(["panels.js"] if element == "explorer" else []), f"{element}.js"]
    scripts = [(_HERE / name).read_text(encoding="utf-8") for name in names]
    return "\n".join([*scripts, f"export default {{ render: course{element.capitalize()}.live }};\n"])


def widget_of(element):
    """The ipywidget of an element."""
    return PadWidget(element) if isinstance(element, Pad) else ExplorerWidget(element)


class ExplorerWidget(anywidget.AnyWidget):
    """The ipywidget of an :class:`~course_lib.explorer.Explorer`.

    A request is ``{"id": …, "values": […]}``; its answer repeats the id and carries the packed run, or the
    text of an error. JavaScript has at most one request under way.
    """

    _esm = module("explorer")
    _css = _CSS
    payload = traitlets.Bytes().tag(sync=True)

    def __init__(self, explorer):
        super().__init__(payload=explorer.payload([explorer.start]))
        self.explorer = explorer
        self.on_msg(self._answer)

    def __repr__(self):
        return repr(self.explorer)

    def _answer(self, _, request, buffers):
        try:
            answer, buffers = {}, [self.explorer.answer(request["values"])]
        except (
            Exception,
            KeyboardInterrupt,
        ) as error:  # whatever it is, the reader sees it and the controls go on
            text = " ".join(str(error).split()) or "no message"
            answer, buffers = {"error": f"{type(error).__name__}: {text}"}, None
        self.send({"id": request["id"], **answer}, buffers)


class PadWidget(anywidget.AnyWidget):
    """The ipywidget of a :class:`~course_lib.explorer.element.Pad`; JavaScript computes all by itself."""

    _css = _CSS
    book = traitlets.Unicode().tag(sync=True)

    def __init__(self, pad):
        self._esm = module(pad.element)                    # anywidget makes a trait of it
        super().__init__(book=pad.book())
        self.pad = pad

    def __repr__(self):
        return repr(self.pad)
