"""Dropout: train a different thinned network on every mini-batch (chapter 12)."""
from ..tensor import Tensor, as_tensor
from .module import Module


def dropout(x, p=0.5, training=True, *, rng):
    r"""Set each element to 0 with probability ``p`` and scale the others by :math:`1/(1-p)`.

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


def check_rate(name, p):
    """Raise ValueError unless the dropping probability lies in [0, 1)."""
    if not 0 <= p < 1:
        raise ValueError(f"{name}: p is the probability of dropping and must lie in [0, 1), but is {p}")


class Dropout(Module):
    """:func:`dropout` as a layer: active after ``train()``, silent after ``eval()``."""

    def __init__(self, p=0.5, *, rng):
        check_rate("Dropout", p)
        self.p, self.rng = p, rng

    def forward(self, x):
        return dropout(x, self.p, self.training, rng=self.rng)

    def __repr__(self):
        return f"Dropout(p={self.p})"
