"""Transfer learning: keep what a network has learned, replace its head, train some of it (chapter 14)."""
import copy

import numpy as np

from . import _check
from .nn import BatchNorm1d, LayerNorm, Linear, Sequential
from .optim import Optimizer
from .tensor import no_grad


class Frozen(Sequential):
    """Layers that no longer learn: constant weights, evaluation mode for good (A57).

    Evaluation mode matters for batch normalization: its running averages are not weights, no optimizer touches
    them, and in training mode they would follow the new data all the same.

    Parameters
    ----------
    *layers : Module
        Not copied. Their parameters get ``requires_grad = False``: back-propagation stops here, and saves its time.

    Examples
    --------
    >>> layers = Frozen(Linear(4, 3, rng=np.random.default_rng(0)), BatchNorm1d(3))
    >>> layers.train().training, layers[1].training
    (False, False)
    >>> layers(np.ones((2, 4))).requires_grad
    False
    """

    def __init__(self, *layers):
        super().__init__(*layers)
        for p in self.parameters():
            p.requires_grad, p.grad = False, None
        self.train()

    def train(self, mode=True):
        """Stay in evaluation mode, whatever the rest of the network does."""
        return super().train(False)


def freeze(model, depth):
    r"""Stop the lowest layers from learning (A57).

    .. math:: \hat y = W_{\text{new}}\,\phi_{\theta}(x), \qquad \theta = (\theta_{\text{frozen}},
              \theta_{\text{fine-tuned}})

    Parameters
    ----------
    model : Sequential
        Its layers are used, not copied.
    depth : int
        How many of the layers with weights, from the input up; each takes what follows it along (its normalization,
        activation and pooling). 0 thaws everything. At most all but the last, which must learn.

    Returns
    -------
    Sequential
        ``Frozen(...)`` and then the layers that learn.

    Raises
    ------
    ValueError
        If ``depth`` is negative or leaves nothing to learn.
    TypeError
        If the model is no Sequential.

    Examples
    --------
    >>> from course_lib import nn
    >>> model = nn.cnn((1, 8, 8), [4], 10, rng=np.random.default_rng(0))
    >>> freeze(model, 1)
    Sequential(
      0: Frozen(
        0: Conv2d(1, 4, 3, padding=same)
        1: ReLU()
        2: MaxPool2d(2)
        3: Flatten()
      )
      1: Linear(64, 10)
    )
    >>> len(trainable(model)), len(trainable(freeze(model, 0)))
    (2, 4)

    References
    ----------
    Donahue, J. et al. (2014). DeCAF: a deep convolutional activation feature for generic visual recognition. ICML.
    Razavian, A. et al. (2014). CNN features off-the-shelf: an astounding baseline for recognition. CVPR workshops.
    Yosinski, J., Clune, J., Bengio, Y. & Lipson, H. (2014). How transferable are features in deep neural networks?
    NIPS 27.
    """
    layers = _layers("freeze", model)
    starts = [i for i, layer in enumerate(layers) if has_weights(layer)]
    _check.whole("freeze", at_least=0, depth=depth)
    if depth >= len(starts):
        raise ValueError(f"freeze: depth must be less than {len(starts)}, the "
                         f"number of layers with weights, but is {depth}")
    for p in Sequential(*layers).parameters():
        p.requires_grad = True
    if depth == 0:
        return Sequential(*layers)
    cut = starts[depth]
    return Sequential(Frozen(*layers[:cut]), *layers[cut:])


def replace_head(model, n_classes, *, init="xavier", rng):
    """A copy with a new, untrained last layer (A57).

    Parameters
    ----------
    model : Sequential
        Ends with a :class:`Linear`; left as it is.
    n_classes : int
        Logits of the new head; need not be as many as before.
    init : str or callable
        Where the new weights start; see :mod:`course_lib.init`.
    rng : numpy.random.Generator

    Returns
    -------
    Sequential
        Everything that can learn may learn; :func:`freeze` it as needed.

    Raises
    ------
    ValueError, TypeError
        If the model does not end with a Linear, or ``n_classes`` is no positive whole number.

    Examples
    --------
    >>> from course_lib import nn
    >>> rng = np.random.default_rng(0)
    >>> model = nn.mlp([64, 32, 5], rng=rng)
    >>> new = replace_head(model, 3, rng=rng)
    >>> new[-1], bool((new[0].weight.data == model[0].weight.data).all())
    (Linear(32, 3), True)
    """
    layers = _layers("replace_head", model)
    _check.whole("replace_head", at_least=1, n_classes=n_classes)
    head = _head("replace_head", layers)
    below = copy.deepcopy(Sequential(*layers[:-1]))
    new = Linear(head.weight.shape[1], n_classes, init=init, rng=rng)
    return freeze(Sequential(*below, new), 0)


def embed(model, X):
    r"""What the layers below the head make of the inputs: the features :math:`\phi_\theta(x)` (A57).

    A head trained on these is the same as the network trained with everything below it frozen, and much cheaper:
    the features are computed once. It is logistic regression on learned features.

    Parameters
    ----------
    model : Sequential
        Ends with a :class:`Linear`. It is run in evaluation mode, and left as it is.
    X : array_like, shape (N, ...)

    Returns
    -------
    ndarray, shape (N, inputs of the head)

    Examples
    --------
    >>> from course_lib import nn
    >>> embed(nn.mlp([64, 32, 5], rng=np.random.default_rng(0)), np.ones((7, 64))).shape
    (7, 32)
    """
    layers = _layers("embed", model)
    _head("embed", layers)
    x = np.asarray(X, layers[-1].weight.dtype)
    with no_grad():
        for layer in copy.deepcopy(layers[:-1]):
            x = layer.eval()(x)
    return x if isinstance(x, np.ndarray) else x.data


def trainable(model):
    """The parameters that are not frozen, for an optimizer (A57).

    Examples
    --------
    >>> from course_lib import nn
    >>> model = freeze(nn.mlp([64, 32, 5], rng=np.random.default_rng(0)), 1)
    >>> [p.shape for p in trainable(model)]
    [(5, 32), (5,)]
    """
    return [p for p in model.parameters() if p.requires_grad]


class Together(Optimizer):
    r"""Several optimizers as one: a small step for old layers, a larger one for the new head (A57).

    .. math:: \theta \leftarrow \theta - \eta_{\text{old}} \nabla_\theta L, \qquad
              W_{\text{new}} \leftarrow W_{\text{new}} - \eta_{\text{new}} \nabla_W L, \qquad
              \eta_{\text{old}} < \eta_{\text{new}}

    Parameters
    ----------
    *optimizers : Optimizer
        Each with its own parameters.

    Raises
    ------
    ValueError
        If there is none, or two share a parameter (it would be changed twice).

    Examples
    --------
    >>> from course_lib import nn, optim
    >>> model = nn.mlp([64, 32, 5], rng=np.random.default_rng(0))
    >>> optimizer = Together(optim.SGD(model[:-1].parameters(), lr=0.01), optim.SGD(model[-1].parameters(), lr=0.1))
    >>> len(optimizer.params)
    4

    References
    ----------
    Howard, J. & Ruder, S. (2018). Universal language model fine-tuning for text classification. ACL.
    """

    def __init__(self, *optimizers):
        self.optimizers = optimizers
        self.params = [p for optimizer in optimizers for p in optimizer.params]
        if not self.params:
            raise ValueError("Together: expected at least one optimizer, "
                             "but got none")
        if len({id(p) for p in self.params}) < len(self.params):
            raise ValueError("Together: every parameter must belong to one "
                             "optimizer, but one belongs to two")

    def step(self):
        """Let each take its step."""
        for optimizer in self.optimizers:
            optimizer.step()


def few_per_class(y, k, *, rng):
    """Rows of ``k`` examples of every class: a small target set (A57).

    Parameters
    ----------
    y : array_like of int, shape (N,)
    k : int
        The same draw with a larger ``k`` contains the one with a smaller.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of int, shape (classes * k,)
        In random order within each class, the classes in turn.

    Raises
    ------
    ValueError
        If a class has fewer than ``k`` examples.

    Examples
    --------
    >>> y = np.array([0, 1, 1, 0, 0, 1])
    >>> y[few_per_class(y, 2, rng=np.random.default_rng(0))]
    array([0, 1, 0, 1])
    """
    y = _check.labels("few_per_class", "y", y, len(np.atleast_1d(y)))
    _check.whole("few_per_class", at_least=1, k=k)
    _check.generator("few_per_class", rng)
    rows = []
    for label in np.unique(y):
        members = np.flatnonzero(y == label)
        if len(members) < k:
            raise ValueError(f"few_per_class: k must be at most {len(members)},"
                             f" the examples of class {label}, but is {k}")
        rows.append(rng.permutation(members)[:k])
    return np.ravel(rows, order="F")


def has_weights(layer):
    """Whether a layer starts a new stage of the network: it has parameters and does not just normalise."""
    return bool(layer.parameters()) and not isinstance(layer, (BatchNorm1d, LayerNorm))


def _layers(operation, model):
    """The layers in a flat list, out of :class:`Frozen` parts too."""
    if not isinstance(model, Sequential):
        raise TypeError(f"{operation}: model must be an nn.Sequential, but is {type(model).__name__}")
    layers = []
    for layer in model:
        layers += list(layer) if isinstance(layer, Frozen) else [layer]
    return layers


def _head(operation, layers):
    if not layers or not isinstance(layers[-1], Linear):
        last = type(layers[-1]).__name__ if layers else "nothing"
        raise ValueError(f"{operation}: model must end with a Linear, but ends with {last}")
    return layers[-1]
