"""Dropout in its forms: train a different thinned network on every mini-batch (chapter 12)."""
import copy

import numpy as np

from .. import _check
from ..tensor import Tensor, as_tensor, no_grad
from .activations import softmax
from .linear import Linear, linear
from .module import Module


def dropout(x, p=0.5, training=True, *, rng):
    r"""Drop elements with probability ``p``, divide others by 1 - p (A47).

    .. math:: \tilde x = \frac{m \odot x}{1 - p}, \qquad m_i \sim \mathrm{Bernoulli}(1 - p)

    The scaling keeps the expected value, so that nothing has to change when dropout is off.

    Parameters
    ----------
    x : Tensor or array_like, any shape
    p : float
        Probability of *dropping* an element, in [0, 1).
    training : bool
        If False, ``x`` passes unchanged.
    rng : numpy.random.Generator

    Raises
    ------
    ValueError
        If ``p`` is outside [0, 1).

    Examples
    --------
    >>> import numpy as np
    >>> dropout(np.ones(8), 0.5, rng=np.random.default_rng(1)).data
    array([2., 2., 0., 2., 0., 0., 2., 0.])

    References
    ----------
    Hinton, G. et al. (2012). Improving neural networks by preventing co-adaptation of feature detectors.
    Srivastava, N. et al. (2014). Dropout: a simple way to prevent neural networks from overfitting. JMLR 15.
    """
    check_rate("dropout", p)
    x = as_tensor(x)
    if not training or p == 0:
        return x
    mask = (rng.random(x.shape, dtype=x.dtype) >= p).astype(x.dtype)
    mask *= 1 / (1 - p)

    def backward(grad):
        return (grad * mask,)
    return Tensor.from_op(x.data * mask, (x,), backward)


def classic_dropout(x, p=0.5, training=True, *, rng, scale_at_test=True):
    r"""Dropout as first published: scaled by 1 - p at test time (A47).

    .. math:: \tilde x = m \odot x \quad\text{in training}, \qquad \tilde x = (1 - p)\,x \quad\text{at test time}

    Scaling a unit's output or its outgoing weights is the same. :func:`dropout` ("inverted") scales in training
    instead.

    Parameters
    ----------
    x : Tensor or array_like, any shape
    p : float
        Probability of *dropping* an element, in [0, 1).
    training : bool
    rng : numpy.random.Generator
    scale_at_test : bool
        Without it, the next layer gets :math:`1/(1-p)` times as much at test time as it was trained on.

    Raises
    ------
    ValueError
        If ``p`` is outside [0, 1).

    Examples
    --------
    >>> import numpy as np
    >>> classic_dropout(np.ones(8), 0.2, rng=np.random.default_rng(1)).data
    array([1., 1., 0., 1., 1., 1., 1., 1.])
    >>> classic_dropout(np.ones(3), 0.2, training=False, rng=None).data
    array([0.8, 0.8, 0.8])

    References
    ----------
    Hinton, G. et al. (2012). Improving neural networks by preventing co-adaptation of feature detectors.
    """
    check_rate("classic_dropout", p)
    x = as_tensor(x)
    if not training:
        return x * (1 - p) if scale_at_test else x
    mask = (rng.random(x.shape, dtype=x.dtype) >= p).astype(x.dtype)

    def backward(grad):
        return (grad * mask,)
    return Tensor.from_op(x.data * mask, (x,), backward)


def check_rate(name, p):
    """Raise unless the dropping probability lies in [0, 1)."""
    _check.number(name, at_least=0, below=1, **{"p, the probability of dropping,": p})


class Dropout(Module):
    """:func:`dropout` as a layer: active after ``train()``, silent after ``eval()``."""

    def __init__(self, p=0.5, *, rng):
        check_rate("Dropout", p)
        self.p, self.rng = p, rng

    def forward(self, x):
        return dropout(x, self.p, self.training, rng=self.rng)

    def __repr__(self):
        return f"Dropout(p={self.p})"


class ClassicDropout(Dropout):
    """:func:`classic_dropout` as a layer.

    Examples
    --------
    >>> import numpy as np
    >>> layer = ClassicDropout(0.2, rng=np.random.default_rng(1))
    >>> layer.eval()(np.ones(3)).data
    array([0.8, 0.8, 0.8])
    """

    def __init__(self, p=0.5, *, rng, scale_at_test=True):
        super().__init__(p, rng=rng)
        self.scale_at_test = scale_at_test

    def forward(self, x):
        return classic_dropout(x, self.p, self.training, rng=self.rng, scale_at_test=self.scale_at_test)

    def __repr__(self):
        return f"ClassicDropout(p={self.p}, scale_at_test={self.scale_at_test})"


class DropConnect(Linear):
    r"""A dense layer that drops weights instead of units (A47).

    .. math:: \tilde z = \frac{m \odot W}{1 - p}\,x + b

    One mask serves the whole mini-batch; the original draws one for every example.

    Parameters
    ----------
    in_features, out_features, bias, init
        As in :class:`Linear`.
    p : float
        Probability of dropping a weight, in [0, 1).
    rng : numpy.random.Generator

    Examples
    --------
    >>> import numpy as np
    >>> layer = DropConnect(4, 2, p=0.5, init="constant", rng=np.random.default_rng(0))
    >>> layer(np.eye(4)).shape
    (4, 2)

    References
    ----------
    Wan, L., Zeiler, M., Zhang, S., LeCun, Y. & Fergus, R. (2013). Regularization of neural networks using
    DropConnect. ICML.
    """

    def __init__(self, in_features, out_features, bias=True, *, p=0.5, init="default", rng):
        check_rate("DropConnect", p)
        super().__init__(in_features, out_features, bias, init=init, rng=rng)
        self.p, self.rng = p, rng

    def forward(self, x):
        weight = dropout(self.weight, self.p, self.training, rng=self.rng)
        return linear(x, weight, self.bias)


def mc_dropout(model, X, n=100, *, rng):
    r"""Ask n thinned networks: the mean of their probabilities, and how much they disagree (A47).

    .. math:: \bar p = \frac1n \sum_{k=1}^{n} \mathrm{softmax}\bigl(z(x; m_k)\bigr)

    Parameters
    ----------
    model : Module
        With dropout layers. Not changed: a copy is run, in evaluation mode but for its dropout layers.
    X : array_like, shape (N, ...)
    n : int
        Passes, at least 1.
    rng : numpy.random.Generator
        Draws the masks.

    Returns
    -------
    mean, std : ndarray, shape (N, C)

    Raises
    ------
    ValueError
        If ``n`` is below 1 or the model has no dropout layer.

    Examples
    --------
    >>> from course_lib import nn
    >>> rng = np.random.default_rng(0)
    >>> mean, std = mc_dropout(nn.mlp([4, 16, 3], dropout=0.5, rng=rng), np.ones((2, 4)), rng=rng)
    >>> mean.sum(axis=1).round(3), bool((std > 0).all())
    (array([1., 1.], dtype=float32), True)

    References
    ----------
    Gal, Y. & Ghahramani, Z. (2016). Dropout as a Bayesian approximation. ICML.
    """
    _check.whole("mc_dropout", at_least=1, n=n)
    _check.generator("mc_dropout", rng)
    model = copy.deepcopy(model).eval()
    layers = [layer for layer in _inside(model) if isinstance(layer, (Dropout, DropConnect))]
    if not layers:
        raise ValueError(f"mc_dropout: model must have a dropout layer, but is {type(model).__name__} without one")
    for layer in layers:
        layer.training, layer.rng = True, rng
    with no_grad():
        p = np.stack([softmax(model(X)).data for _ in range(n)])
    return p.mean(axis=0), p.std(axis=0)


def _inside(module):
    """The module and all modules in it."""
    yield module
    for _, child in module.children():
        yield from _inside(child)
