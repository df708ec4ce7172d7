"""Sliders that answer: with a kernel, on a static page, and as a picture where neither runs.

>>> import numpy as np
>>> def decay(rate):
...     return {"weight": (1 - rate) ** np.arange(20)}
>>> Explorer(decay, {"rate": [0.1, 0.5, 1.5, 2.5]}, view=[Lines("weight", x="step", y="weight")],
...          say="", title="One weight", name="doctest-decay")
Explorer: One weight
"""

from .attentionpad import AttentionPad
from .controls import Text
from .explorer import Explorer, stored
from .kernelpad import KernelPad
from .limits import level_lines, region_grid
from .panels import Bars, Diagram, Image, Lines, Scatter
from .sketchpad import Sketchpad

__all__ = ["Explorer", "Text", "Lines", "Bars", "Image", "Scatter", "Diagram", "AttentionPad", "KernelPad", "Sketchpad",
           "level_lines", "region_grid", "stored"]
