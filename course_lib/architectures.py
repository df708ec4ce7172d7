"""Famous networks as lists of layers: shapes, parameters, work; and small ones to run (chapter 14).

A layer is a tuple with names, such as ``Conv(64)``; an architecture is a sequence of layers. From the same list,
:func:`layer_table` counts and :func:`build` makes a network of :mod:`course_lib.nn`.
"""
import math
from typing import NamedTuple

from . import _check
from .nn import (AvgPool2d, BatchNorm2d, Conv2d, Flatten, GlobalAvgPool2d, Linear, MaxPool2d, ReLU, Residual,
                 Sequential)
from .nn.convolution import conv_output_size


class Row(NamedTuple):
    """What one layer does to one image.

    Attributes
    ----------
    layer : str
    shape : tuple of int
        Of its output, (C, H, W) or (D,).
    parameters : int
    multiplications : int
        Products of an input and a weight, for one image; normalization, activation and pooling are not counted.
    """
    layer: str
    shape: tuple
    parameters: int
    multiplications: int


class Conv(NamedTuple):
    """A convolution and a ReLU.

    ``padding=None`` keeps the size (at stride 1). ``norm`` puts batch normalization between the two, which makes the
    bias superfluous.
    """
    channels: int
    kernel: int = 3
    stride: int = 1
    padding: int | None = None
    groups: int = 1
    norm: bool = False
    relu: bool = True

    @property
    def name(self):
        return f"Conv-{self.channels}"

    @property
    def edge(self):
        return (self.kernel - 1) // 2 if self.padding is None else self.padding

    def row(self, shape):
        C, H, W = _image(self.name, shape, self.groups, self.channels)
        size = [conv_output_size(n, self.kernel, self.stride, self.edge)
                for n in (H, W)]
        weights = self.channels * C // self.groups * self.kernel ** 2
        extra = self.channels * (2 if self.norm else 1)  # scale, shift; or bias
        return Row(self.name, (self.channels, *size), weights + extra,
                   weights * math.prod(size))

    def build(self, shape, rng):
        layers = [Conv2d(shape[0], self.channels, self.kernel, self.stride,
                         self.edge, groups=self.groups, bias=not self.norm,
                         init="he", rng=rng)]
        if self.norm:
            layers.append(BatchNorm2d(self.channels))
        return [*layers, ReLU()] if self.relu else layers


class Pool(NamedTuple):
    """Max pooling, or average pooling."""
    kernel: int = 2
    stride: int | None = None
    padding: int = 0
    average: bool = False

    @property
    def name(self):
        return "AvgPool" if self.average else "MaxPool"

    def row(self, shape):
        C, H, W = _image(self.name, shape)
        stride = self.stride or self.kernel
        size = [conv_output_size(n, self.kernel, stride, self.padding)
                for n in (H, W)]
        return Row(self.name, (C, *size), 0, 0)

    def build(self, shape, rng):
        pool = AvgPool2d if self.average else MaxPool2d
        return [pool(self.kernel, self.stride, self.padding)]


class GlobalAverage(NamedTuple):
    """The mean of every feature map."""
    name = "global average"

    def row(self, shape):
        return Row(self.name, _image(self.name, shape)[:1], 0, 0)

    def build(self, shape, rng):
        return [GlobalAvgPool2d()]


class Dense(NamedTuple):
    """A dense layer and a ReLU (not after the last); feature maps are flattened first."""
    units: int
    relu: bool = True

    @property
    def name(self):
        return f"FC-{self.units}"

    def row(self, shape):
        _check.whole("layer_table", at_least=1, units=self.units)
        weights = math.prod(shape) * self.units
        return Row(self.name, (self.units,), weights + self.units, weights)

    def build(self, shape, rng):
        layers = [Flatten()] if len(shape) > 1 else []
        layers.append(Linear(math.prod(shape), self.units, init="he", rng=rng))
        return [*layers, ReLU()] if self.relu else layers


class Block(NamedTuple):
    """A residual block: convolutions, and a shortcut around them.

    Two convolutions of 3 x 3; or, as ``bottleneck``, 1 x 1, 3 x 3, and 1 x 1 to four times the channels. Where the
    shape changes, the shortcut is a 1 x 1 convolution (with the stride in the 3 x 3 one, as in today's libraries).
    """
    channels: int
    stride: int = 1
    bottleneck: bool = False

    @property
    def name(self):
        return f"Block-{self.path[-1].channels}"

    @property
    def path(self):
        """The layers around which the shortcut leads."""
        C, K3 = self.channels, Conv(self.channels, 3, self.stride, norm=True)
        if self.bottleneck:
            return [Conv(C, 1, norm=True), K3,
                    Conv(4 * C, 1, norm=True, relu=False)]
        return [K3, Conv(C, norm=True, relu=False)]

    def shortcut(self, shape):
        """Its layers: none, or one convolution."""
        channels = self.path[-1].channels
        if self.stride == 1 and shape[0] == channels:
            return []
        return [Conv(channels, 1, self.stride, norm=True, relu=False)]

    def row(self, shape):
        inside = layer_table(self.path, shape)
        beside = layer_table(self.shortcut(shape), shape)
        return Row(self.name, inside[-1].shape, *totals(inside + beside))

    def build(self, shape, rng):
        path = build(self.path, shape, rng=rng)
        shortcut = build(self.shortcut(shape), shape, rng=rng)
        return [Residual(path, shortcut if len(shortcut) else None), ReLU()]


LAYERS = (Conv, Pool, GlobalAverage, Dense, Block)


def layer_table(layers, image):
    r"""Shape, parameters and multiplications of every layer, from the image on (A56).

    .. math:: \text{convolution: } F\,(C K^2 / G + 1), \qquad \text{dense: } (D + 1)\,F

    parameters, and every weight of a convolution is used once for every place of its output.

    Parameters
    ----------
    layers : sequence of Conv, Pool, GlobalAverage, Dense, Block
    image : tuple of int
        (C, H, W).

    Returns
    -------
    list of Row

    Raises
    ------
    ValueError
        If a kernel does not fit, or a convolution comes after a dense layer.

    Examples
    --------
    >>> for row in layer_table([Conv(8), Pool(), Dense(10, relu=False)], (1, 8, 8)):
    ...     print(*row)
    Conv-8 (8, 8, 8) 80 4608
    MaxPool (8, 4, 4) 0 0
    FC-10 (10,) 1290 1280
    """
    rows, shape = [], tuple(image)
    for layer in layers:
        if not isinstance(layer, LAYERS):
            raise TypeError("layer_table: layers must hold Conv, Pool, "
                            f"GlobalAverage, Dense or Block, but hold {layer!r}")
        rows.append(layer.row(shape))
        shape = rows[-1].shape
    return rows


def totals(rows):
    """Parameters and multiplications of all rows.

    >>> totals(layer_table(*ARCHITECTURES["VGG-13"]))
    (133047848, 11308466176)
    """
    return sum(row.parameters for row in rows), sum(row.multiplications for row in rows)


def depth(layers):
    """How many layers with weights lie on the way from the image to the answer; shortcuts do not count.

    >>> {name: depth(layers) for name, (layers, _) in ARCHITECTURES.items() if name[-1].isdigit()}
    {'LeNet-5': 5, 'VGG-13': 13, 'VGG-16': 16, 'ResNet-18': 18, 'ResNet-34': 34, 'ResNet-50': 50, 'ResNet-152': 152}
    """
    return sum(len(layer.path) if isinstance(layer, Block)
               else isinstance(layer, (Conv, Dense)) for layer in layers)


def build(layers, image, *, rng):
    """The network itself, with He's initialization (A56).

    Parameters
    ----------
    layers, image
        As in :func:`layer_table`. Take small ones: VGG-13 fills half a gigabyte.
    rng : numpy.random.Generator

    Returns
    -------
    Sequential

    Raises
    ------
    ValueError, TypeError
        As :func:`layer_table`; if ``rng`` is no generator.

    Examples
    --------
    >>> import numpy as np
    >>> layers = [Conv(4, norm=True), Block(4), GlobalAverage(), Dense(10, relu=False)]
    >>> model = build(layers, (1, 8, 8), rng=np.random.default_rng(0))
    >>> model(np.zeros((2, 1, 8, 8))).shape
    (2, 10)
    >>> sum(p.size for p in model.parameters()) == totals(layer_table(layers, (1, 8, 8)))[0]
    True

    References
    ----------
    Simonyan, K. & Zisserman, A. (2015). Very deep convolutional networks for large-scale image recognition. ICLR.
    He, K., Zhang, X., Ren, S. & Sun, J. (2016). Deep residual learning for image recognition. CVPR.
    """
    _check.generator("build", rng)
    made, shape = [], tuple(image)
    for layer, row in zip(layers, layer_table(layers, image)):
        made += layer.build(shape, rng)
        shape = row.shape
    return Sequential(*made)


def vgg(repeats, head=(Dense(4096), Dense(4096), Dense(1000, relu=False))):
    """VGG: 3 x 3 convolutions, doubled channels after every pooling, a heavy dense head (S2-82).

    >>> sum(isinstance(layer, Conv) for layer in vgg([2, 2, 2, 2, 2]))
    10
    """
    layers = []
    for channels, count in zip((64, 128, 256, 512, 512), repeats):
        layers += [Conv(channels)] * count + [Pool()]
    return [*layers, *head]


def resnet(repeats, bottleneck=False):
    """ResNet: residual blocks in four stages, and a light head."""
    layers = [Conv(64, 7, 2, norm=True), Pool(3, 2, 1)]
    for channels, count in zip((64, 128, 256, 512), repeats):
        for i in range(count):
            stride = 2 if i == 0 and channels > 64 else 1   # halve the image
            layers.append(Block(channels, stride, bottleneck))
    return [*layers, GlobalAverage(), Dense(1000, relu=False)]


IMAGENET = (3, 224, 224)
ARCHITECTURES = {             # name: (layers, image)
    "LeNet-5": ([Conv(6, 5, padding=2), Pool(average=True), Conv(16, 5, padding=0), Pool(average=True),
                 Dense(120), Dense(84), Dense(10, relu=False)], (1, 28, 28)),
    "AlexNet": ([Conv(96, 11, 4, 2), Pool(3, 2), Conv(256, 5, groups=2), Pool(3, 2), Conv(384), Conv(384, groups=2),
                 Conv(256, groups=2), Pool(3, 2), Dense(4096), Dense(4096), Dense(1000, relu=False)], IMAGENET),
    "VGG-13": (vgg([2, 2, 2, 2, 2]), IMAGENET),
    "VGG-16": (vgg([2, 2, 3, 3, 3]), IMAGENET),
    "ResNet-18": (resnet([2, 2, 2, 2]), IMAGENET),
    "ResNet-34": (resnet([3, 4, 6, 3]), IMAGENET),
    "ResNet-50": (resnet([3, 4, 6, 3], bottleneck=True), IMAGENET),
    "ResNet-152": (resnet([3, 8, 36, 3], bottleneck=True), IMAGENET),
}


def _image(name, shape, groups=1, channels=1):
    """The shape, if it is that of an image and the groups divide the channels before and after."""
    if len(shape) != 3:
        raise ValueError(f"layer_table: {name} needs an image (C, H, W), but gets {shape}")
    _check.whole("layer_table", at_least=1, channels=channels, groups=groups)
    if shape[0] % groups or channels % groups:
        raise ValueError(f"layer_table: groups of {name} must divide {shape[0]} and {channels} channels, but is {groups}")
    return shape
