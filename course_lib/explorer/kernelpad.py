"""Convolution with a kernel that the reader edits, computed in the page."""

from __future__ import annotations

import base64
import json

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from ..functional import conv2d
from ..tensor import Tensor
from .element import Pad
from .picture import MAPS, shrink

SIDE = 3                                                 # of a kernel
MOST_PIXELS = 64 * 64                                    # of an image: a byte each, in the page


class KernelPad(Pad):
    """Images, kernels to choose from or to edit, stride, padding, and the feature map.

    JavaScript convolves as :func:`course_lib.functional.conv2d` does, so that any weights may be typed, on a static page
    as well as in a notebook.

    Parameters
    ----------
    images : dict of str to array_like (H, W)
        Grey levels from 0 to 1; the page keeps 256 of them.
    kernels : dict of str to array_like (3, 3)
        Presets; weights from -100 to 100, kept to four decimals.
    start : dict, optional
        Some of "image", "kernel", "stride" (1 to 3) and "padding" (0 to 2); else the first image and kernel, 1 and 0.
    title : str
    look_for : str
        What the reader should try to see.
    name : str
        The pad's anchor, unique in the book: lower-case letters, digits and hyphens.

    Attributes
    ----------
    images, kernels : dict
        As the page has them, rounded.

    Raises
    ------
    ValueError
        If a name, a shape, a range or the start is not as above.

    Notes
    -----
    ``COURSE_LIB_EXPLORER`` chooses the face as for :class:`Explorer`; "start" is the same as "static" here.

    Examples
    --------
    >>> KernelPad({"a dot": np.eye(5)}, {"copy": np.eye(3)}, title="Filters", name="doctest-kernels")
    KernelPad: Filters
    """

    element, hint = "kernelpad", "Editing the kernel needs"

    def __init__(self, images, kernels, start=None, *, title, look_for="", name):
        super().__init__(name, title, look_for)
        for argument, given in (("images", images), ("kernels", kernels)):
            if not isinstance(given, dict) or not given:
                self._fail(f"{argument} must be a dict of arrays with at least one, but is {given!r:.60}")
        self.images, self.kernels = {}, {}
        for key, image in images.items():
            image = self._array(f"image {key!r}", image, 0, 1)
            if image.ndim != 2 or not 1 <= image.size <= MOST_PIXELS:
                self._fail(f"image {key!r} must be (H, W) with at most {MOST_PIXELS} pixels, but has shape {image.shape}")
            self.images[key] = np.round(image * 255) / 255
        for key, kernel in kernels.items():
            kernel = self._array(f"kernel {key!r}", kernel, -100, 100)
            if kernel.shape != (SIDE, SIDE):
                self._fail(f"kernel {key!r} must have shape ({SIDE}, {SIDE}), but has {kernel.shape}")
            self.kernels[key] = np.round(kernel, 4) + 0.0
        self.start = {"image": next(iter(images)), "kernel": next(iter(kernels)), "stride": 1, "padding": 0}
        allowed = {"image": list(images), "kernel": list(kernels), "stride": [1, 2, 3], "padding": [0, 1, 2]}
        for key, value in (start or {}).items():
            if value not in allowed.get(key, []):
                self._fail(f"start must give {', '.join(f'{k} from {v}' for k, v in allowed.items())}, "
                           f"but gives {key!r}: {value!r}")
            self.start[key] = allowed[key][allowed[key].index(value)]                  # 1, where 1.0 was given
        self._display()

    def _array(self, what, values, low, high):
        try:
            array = np.asarray(values, float)
        except (TypeError, ValueError):
            self._fail(f"{what} must be an array of numbers, but is {values!r:.60}")
        if not ((low <= array) & (array <= high)).all():
            self._fail(f"{what} must have values from {low} to {high}, but has {array.min():g} to {array.max():g}")
        return array

    def book(self):
        """What JavaScript draws from: title, images in bytes, kernels and the start; as JSON."""
        images = {key: {"rows": len(image), "columns": image.shape[1], "pixels": base64.b64encode(
            np.round(image * 255).astype(np.uint8).tobytes()).decode()} for key, image in self.images.items()}
        return json.dumps({"title": self.title, "lookFor": self.look_for, "images": images, "start": self.start,
                           "kernels": {key: kernel.tolist() for key, kernel in self.kernels.items()}},
                          separators=(",", ":"))

    def words(self):
        """What the picture shows (after the title), and the sentence below it."""
        return (f"the image {self.start['image']} with the first window outlined, the nine weights of the kernel "
                f"{self.start['kernel']}, and the feature map, blue where it is positive and orange where it is negative.",
                "An image, a kernel, and its feature map.")

    def png(self):
        """The picture of the start."""
        image, kernel = self.images[self.start["image"]], self.kernels[self.start["kernel"]]
        stride, padding = self.start["stride"], self.start["padding"]
        padded = np.pad(image, padding)
        panels = [("image, and the window", padded, "gray", (0, 1)), ("kernel", kernel, MAPS["diverging"], None)]
        if min(padded.shape) >= SIDE:
            response = conv2d(image[None, None], Tensor(kernel[None, None]), stride=stride, padding=padding).data[0, 0]
            panels.append(("feature map", response, MAPS["diverging"], None))
        figure = Figure(figsize=(6.2, 2.4), layout="constrained", facecolor="white")
        for place, (title, values, colours, limits) in zip(figure.subplots(1, len(panels)), panels):
            low, high = limits or (-(np.abs(values).max() or 1), np.abs(values).max() or 1)
            place.imshow(values, cmap=colours, vmin=low, vmax=high)
            place.set(xticks=[], yticks=[])
            place.set_title(title, fontsize=10)
            for (i, j), value in np.ndenumerate(values) if max(values.shape) <= 12 else ():
                share = (value - low) / (high - low)
                light = share > 0.5 if colours == "gray" else abs(share - 0.5) < 0.3
                place.text(j, i, f"{value:.3g}".replace("-", "−"), ha="center", va="center", fontsize=8,
                           color="black" if light else "white")
        figure.axes[0].add_patch(Rectangle((-0.5, -0.5), SIDE, SIDE, fill=False, edgecolor="#a94f88", linewidth=2.5))
        return shrink(figure, dpi=100, colours=64)
