"""The multilayer perceptron: dense layers with an activation between them (chapter 3)."""
from .activations import Identity, LeakyReLU, ReLU, Sigmoid, Step, Tanh
from .dropout import Dropout
from .linear import Linear
from .module import Sequential
from .normalization import BatchNorm1d
from .residual import Residual

ACTIVATIONS = {"linear": Identity, "step": Step, "sigmoid": Sigmoid, "tanh": Tanh, "relu": ReLU,
               "leaky relu": LeakyReLU}


def mlp(sizes, activation="relu", *, dropout=0.0, batch_norm=False,
        residual=False, init="he", rng):
    r"""A fully connected network, linear at the output.

    :math:`a^{(l)} = f(W^{(l)} a^{(l-1)} + b^{(l)})` for every hidden layer :math:`l`.

    Parameters
    ----------
    sizes : sequence of int
        Units per layer from input to output: ``[64, 128, 10]`` has one hidden layer of 128 units.
    activation : str or callable
        A name of ``ACTIVATIONS`` (upper or lower case), or a function that makes a layer.
    dropout : float
        Probability of dropping a hidden unit, in [0, 1); 0 adds no dropout layers.
    batch_norm : bool
        Whether every hidden layer normalises over the batch before its activation (chapter 9).
    residual : bool
        Whether every hidden layer as wide as the one before gets a shortcut; with L of them, each adds
        :math:`1/\sqrt L` of its output (chapter 9).
    init : str or callable
        Where the weights start; see :mod:`course_lib.init`.
    rng : numpy.random.Generator

    Returns
    -------
    Sequential

    Raises
    ------
    ValueError
        If there are fewer than two sizes, or the activation is unknown.

    Examples
    --------
    >>> import numpy as np
    >>> mlp([3, 25, 12], "sigmoid", rng=np.random.default_rng(0))
    Sequential(
      0: Linear(3, 25)
      1: Sigmoid()
      2: Linear(25, 12)
    )
    """
    activation = _check_mlp(sizes, activation)
    shortcuts = sum(a == b for a, b in zip(sizes[1:-2], sizes[2:-1]))
    layers = []
    for i, (n_in, n_out) in enumerate(zip(sizes[:-2], sizes[1:-1])):
        hidden = [Linear(n_in, n_out, init=init, rng=rng)]
        if batch_norm:
            hidden.append(BatchNorm1d(n_out))
        hidden.append(activation())
        if dropout:
            hidden.append(Dropout(dropout, rng=rng))
        if residual and i and n_in == n_out:
            hidden = [Residual(Sequential(*hidden), scale=shortcuts ** -0.5)]
        layers += hidden
    return Sequential(*layers, Linear(sizes[-2], sizes[-1], init=init, rng=rng))


def activation_named(operation, activation):
    """The function that makes the layers of ``activation``: itself, or the one of that name."""
    if callable(activation):
        return activation
    if str(activation).lower() not in ACTIVATIONS:
        raise ValueError(f"{operation}: unknown activation {activation!r}; there are {', '.join(ACTIVATIONS)}")
    return ACTIVATIONS[activation.lower()]


def _check_mlp(sizes, activation):
    if len(sizes) < 2:
        raise ValueError(f"mlp: sizes needs an input and an output, but is {list(sizes)}")
    return activation_named("mlp", activation)
