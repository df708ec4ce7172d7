"""The convolutional network: convolution, activation, pooling, again; then a dense layer (chapter 13)."""
from .. import _check
from .convolution import Conv2d, Flatten, GlobalAvgPool2d, GlobalMaxPool2d, MaxPool2d
from .dropout import Dropout
from .linear import Linear
from .mlp import activation_named
from .module import Sequential

HEADS = {"flatten": None, "global max": GlobalMaxPool2d, "global average": GlobalAvgPool2d}


def cnn(image, channels, classes, *, kernel_size=3, head="flatten",
        activation="relu", dropout=0.0, init="he", rng):
    """A convolutional classifier (A56).

    Each block convolves with padding "same", applies the activation and
    halves the image by max pooling; a dense layer gives one logit per class.

    Parameters
    ----------
    image : tuple of int
        (C, H, W) of one image.
    channels : sequence of int
        Feature maps of each block.
    classes : int
        Number of logits.
    kernel_size : int
        Height and width of every kernel.
    head : {"flatten", "global max", "global average"}
        What the dense layer sees: every place of the last, pooled maps, or one number per map, taken over all its
        places (then the last block does not pool).
    activation : str or callable
        A name of ``nn.ACTIVATIONS``, or a function that makes a layer.
    dropout : float
        Probability of dropping an input of the dense layer, in [0, 1); 0 adds no dropout layer.
    init : str or callable
        Where the weights start; see :mod:`course_lib.init`.
    rng : numpy.random.Generator

    Returns
    -------
    Sequential

    Raises
    ------
    ValueError
        If the image is too small for so many blocks, or a name is unknown.

    Examples
    --------
    >>> import numpy as np
    >>> cnn((1, 8, 8), [4, 6], 10, rng=np.random.default_rng(0))
    Sequential(
      0: Conv2d(1, 4, 3, padding=same)
      1: ReLU()
      2: MaxPool2d(2)
      3: Conv2d(4, 6, 3, padding=same)
      4: ReLU()
      5: MaxPool2d(2)
      6: Flatten()
      7: Linear(24, 10)
    )

    References
    ----------
    LeCun, Y. et al. (1998). Gradient-based learning applied to document recognition. Proceedings of the IEEE 86.
    Lin, M., Chen, Q. & Yan, S. (2014). Network in network. ICLR. (Global pooling.)
    """
    activation = _check_cnn(image, channels, classes, head, activation)
    (depth, height, width), layers = image, []
    for filters in channels:
        layers += [Conv2d(depth, filters, kernel_size, padding="same",
                          init=init, rng=rng),
                   activation(), MaxPool2d(2)]
        depth, height, width = filters, height // 2, width // 2
    if head == "flatten":
        layers.append(Flatten())
        depth *= height * width
    else:
        layers[-1] = HEADS[head]()
    if dropout:
        layers.append(Dropout(dropout, rng=rng))
    return Sequential(*layers, Linear(depth, classes, init=init, rng=rng))


def _check_cnn(image, channels, classes, head, activation):
    if len(image) != 3:
        raise ValueError(f"cnn: image must be (C, H, W), but is {tuple(image)}")
    _check.whole("cnn", at_least=1, classes=classes)
    if not channels:
        raise ValueError("cnn: channels needs at least one block, but is empty")
    _check.choice("cnn", "head", head, tuple(HEADS))
    smallest = 2 ** (len(channels) - (head != "flatten"))
    if min(image[1:]) < smallest:
        raise ValueError(f"cnn: {len(channels)} blocks need images of at least {smallest} x {smallest}, "
                         f"but image is {tuple(image)}")
    return activation_named("cnn", activation)
