"""Looking into a network layer by layer: how large, how saturated, how steep (chapters 8 and 9)."""
import copy

import numpy as np

from . import _check
from .datasets import standardize
from .evaluation import accuracy
from .nn import BatchNorm1d, BatchNorm2d, Conv2d, Dropout, Flatten, LayerNorm, Linear, Sequential
from .nn.losses import cross_entropy
from .optim import Adam
from .regularization import named_weights
from .tensor import no_grad
from .training import fit_batches

# parts of a hidden layer, not yet its output; and what only changes the shape
PARTS = (Linear, Conv2d, BatchNorm1d, BatchNorm2d, LayerNorm, Dropout, Flatten)


def activations(model, X):
    """What each hidden layer hands to the next (A32).

    Parameters
    ----------
    model : Sequential
        Not changed: a copy is run. Batch norm and dropout behave according to its mode.
    X : array_like, shape (N, D), or (N, C, H, W) if the model is convolutional

    Returns
    -------
    list of ndarray, each shape (N, units) or (N, channels, H, W)
        The output of every activation function, pooling and residual block, from the input to the output.

    Raises
    ------
    TypeError
        If the model is no Sequential.

    Examples
    --------
    >>> from course_lib import nn
    >>> model = nn.mlp([3, 5, 4, 2], rng=np.random.default_rng(0))
    >>> [hidden.shape for hidden in activations(model, np.ones((7, 3)))]
    [(7, 5), (7, 4)]
    """
    if not isinstance(model, Sequential):
        raise TypeError(f"activations: model must be an nn.Sequential, but is {type(model).__name__}")
    x, hidden, model = X, [], copy.deepcopy(model)
    with no_grad():
        for layer in model:
            x = layer(x)
            if not isinstance(layer, PARTS):
                hidden.append(x.data)
    return hidden


def weight_gradients(model, X, y, loss=cross_entropy):
    r"""The gradient :math:`\partial L / \partial W` of every weight matrix, from the input to the output (A32).

    Parameters
    ----------
    model : Module
        Not changed: a copy is differentiated. Batch norm and dropout behave according to its mode.
    X, y : array_like, shape (N, ...)
    loss : callable
        ``loss(output, target) -> scalar Tensor``.

    Returns
    -------
    dict of str to ndarray
        By the name of the weight. Biases and the scales of normalization layers are left out.

    Examples
    --------
    >>> from course_lib import nn
    >>> model = nn.mlp([3, 5, 2], rng=np.random.default_rng(0))
    >>> {name: grad.shape for name, grad in weight_gradients(model, np.ones((4, 3)), [0, 1, 1, 0]).items()}
    {'0.weight': (5, 3), '2.weight': (2, 5)}

    References
    ----------
    Hochreiter, S. (1991). Untersuchungen zu dynamischen neuronalen Netzen. Diploma thesis, TU München.
    """
    model = copy.deepcopy(model)
    for p in model.parameters():
        p.grad = None
    loss(model(X), y).backward()
    return {name: np.zeros_like(p.data) if p.grad is None else p.grad
            for name, p in named_weights(model).items()}


def gradient_norms(model, X, y, loss=cross_entropy):
    r"""The length :math:`\lVert\partial L / \partial W^{(l)}\rVert` of every layer's gradient (A32).

    Parameters, returned names and errors as in :func:`weight_gradients`.

    Examples
    --------
    >>> from course_lib import nn
    >>> deep = nn.mlp([3] + 15 * [8] + [2], "sigmoid", init="xavier", rng=np.random.default_rng(0))
    >>> norms = list(gradient_norms(deep, np.ones((4, 3)), [0, 1, 1, 1]).values())
    >>> norms[0] < 1e-6 * norms[-1]                       # hardly anything reaches the first layer
    True
    """
    return {name: float(np.linalg.norm(grad)) for name, grad in weight_gradients(model, X, y, loss).items()}


def saturation(hidden, low=-1.0, high=1.0, margin=0.01):
    """The share of values in the flat ends of a squashing function (A32).

    Parameters
    ----------
    hidden : array_like, any shape
    low, high : float
        The function's limits: -1 and 1 for tanh, 0 and 1 for the sigmoid.
    margin : float
        How near to a limit counts, as a share of the distance from the middle to it.

    Returns
    -------
    float in [0, 1]

    Raises
    ------
    ValueError
        If ``low`` is not below ``high``, ``margin`` is not positive, or there are no values.

    Examples
    --------
    >>> saturation([-0.999, 0.2, 0.995, 0.9])
    0.5
    >>> saturation([0.001, 0.5], low=0.0)
    0.5
    """
    _check.number("saturation", above=0, margin=margin)
    _check.number("saturation", below=high, low=low)
    hidden = np.asarray(hidden)
    if not hidden.size:
        raise ValueError("saturation: hidden must hold values, but is empty")
    return float((np.abs(2 * (hidden - low) / (high - low) - 1) > 1 - margin).mean())


def dead_fraction(hidden):
    """The share of units that are 0 for every example (A32).

    Parameters
    ----------
    hidden : array_like, shape (N, units)
        As :func:`activations` gives them.

    Returns
    -------
    float in [0, 1]

    Examples
    --------
    >>> dead_fraction([[0.0, 2.0], [0.0, 0.0]])
    0.5
    """
    hidden = _check.array("dead_fraction", "hidden", hidden, ("N", "units"), finite=False)
    return float((hidden == 0).all(axis=0).mean())


def linear_probe(features_train, y_train, features_test, y_test, *, steps=200, lr=0.05):
    r"""How much of the classes can a linear layer read from these features? (A32)

    A softmax classifier is trained on the frozen features, standardised, with :math:`10^{-3}\lVert W\rVert^2`
    against overfitting, from zeros, on all examples at once: nothing is random.

    Parameters
    ----------
    features_train, features_test : array_like, shapes (N, D), (M, D)
        For example :func:`activations` of a layer.
    y_train, y_test : array_like of int, shapes (N,), (M,)
    steps : int
        Updates by Adam.
    lr : float
        Its learning rate.

    Returns
    -------
    float
        Accuracy on the test examples.

    Examples
    --------
    >>> X = np.random.default_rng(0).standard_normal((200, 2))
    >>> y = (X[:, 0] > 0).astype(int)
    >>> linear_probe(X[:150], y[:150], X[150:], y[150:]) > 0.9
    True

    References
    ----------
    Alain, G. & Bengio, Y. (2017). Understanding intermediate layers using linear classifier probes. ICLR
    workshop.
    """
    train, test = (_check.array("linear_probe", name, value, ("N", "D")) for name, value in
                   (("features_train", features_train), ("features_test", features_test)))
    y_train = _check.labels("linear_probe", "y_train", y_train, len(train))
    y_test = _check.labels("linear_probe", "y_test", y_test, len(test))
    train, test = standardize(train, test)
    layer = Linear(train.shape[1], int(max(y_train.max(), y_test.max())) + 1, init="zeros", rng=None)

    def loss(step):
        return cross_entropy(layer(train), y_train) + 1e-3 * (layer.weight * layer.weight).sum()

    fit_batches(layer, loss, steps, optimizer=Adam(layer.parameters(), lr))
    return accuracy(layer(test), y_test)
