"""The live faces: JavaScript asks for a setting, Python runs it and answers; and the pads, which ask nothing."""

from __future__ import annotations

from importlib.resources import files

import anywidget
import traitlets

_HERE = files(__package__)


class ExplorerWidget(anywidget.AnyWidget):
    """The ipywidget of an :class:`~course_lib.explorer.Explorer`.

    A request is ``{"id": …, "values": […]}``; its answer repeats the id and carries the packed run, or the
    text of an error. JavaScript has at most one request under way.
    """

    _esm = (_HERE / "explorer.js").read_text(
        encoding="utf-8"
    ) + "\nexport default { render: courseExplorer.live };\n"
    _css = (_HERE / "explorer.css").read_text(encoding="utf-8")
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


class SketchpadWidget(anywidget.AnyWidget):
    """The ipywidget of a :class:`~course_lib.explorer.Sketchpad`; JavaScript computes all by itself."""

    _esm = (_HERE / "sketchpad.js").read_text(encoding="utf-8") + "\nexport default { render: courseSketchpad.live };\n"
    _css = ExplorerWidget._css
    book = traitlets.Unicode().tag(sync=True)

    def __init__(self, pad):
        super().__init__(book=pad.book())
        self.pad = pad

    def __repr__(self):
        return repr(self.pad)


class KernelPadWidget(anywidget.AnyWidget):
    """The ipywidget of a :class:`~course_lib.explorer.KernelPad`; JavaScript computes all by itself."""

    _esm = (_HERE / "kernelpad.js").read_text(encoding="utf-8") + "\nexport default { render: courseKernelpad.live };\n"
    _css = ExplorerWidget._css
    book = traitlets.Unicode().tag(sync=True)

    def __init__(self, pad):
        super().__init__(book=pad.book())
        self.pad = pad

    def __repr__(self):
        return repr(self.pad)
