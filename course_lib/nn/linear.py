"""The dense layer: every output adds up every input (chapter 3)."""
import numpy as np

from .. import init as schemes
from ..tensor import Tensor, as_tensor
from .module import Module, Parameter


def linear(x, weight, bias=None):
    r"""A dense (affine) layer (A05).

    .. math:: Z = X W^\top + b, \qquad
              \frac{\partial L}{\partial X} = \frac{\partial L}{\partial Z} W, \qquad
              \frac{\partial L}{\partial W} = \frac{\partial L}{\partial Z}^{\top} X, \qquad
              \frac{\partial L}{\partial b} = \sum_n \frac{\partial L}{\partial z_n}

    Parameters
    ----------
    x : Tensor or array_like, shape (..., D)
        Inputs; an array is taken in the dtype of ``weight``.
    weight : Tensor, shape (F, D)
        One row for each of the F outputs.
    bias : Tensor, shape (F,), optional

    Returns
    -------
    Tensor, shape (..., F)

    Raises
    ------
    ValueError
        If the shapes do not fit.
    TypeError
        If ``x`` is a tensor of another dtype than ``weight``.

    Examples
    --------
    >>> linear([[1.0, 2.0]], Tensor([[3.0, 4.0], [5.0, 6.0]]), Tensor([0.5, 0.0])).data
    array([[11.5, 17. ]], dtype=float32)

    References
    ----------
    Rumelhart, D., Hinton, G. & Williams, R. (1986). Learning representations by back-propagating errors.
    """
    x = as_tensor(x, weight.dtype)
    _check_linear(x, weight, bias)
    F, D = weight.shape
    rows = x.data.reshape(-1, D)                     # leading axes: one batch
    out = rows @ weight.data.T
    if bias is not None:
        out += bias.data

    def backward(grad):
        grad = grad.reshape(-1, F)
        dx = (grad @ weight.data).reshape(x.shape) if x.requires_grad else None
        db = np.ones(len(grad), grad.dtype) @ grad   # a sum, five times as fast
        return (dx, grad.T @ rows, db)[:len(parents)]
    parents = (x, weight) if bias is None else (x, weight, bias)
    return Tensor.from_op(out.reshape(*x.shape[:-1], F), parents, backward)


def _check_linear(x, weight, bias):
    if weight.ndim != 2 or x.ndim < 1 or x.shape[-1] != weight.shape[1]:
        raise ValueError(f"linear: x must have shape (..., {weight.shape[-1]}) because weight is {weight.shape}, "
                         f"but x is {x.shape}")
    if x.dtype != weight.dtype:
        raise TypeError(f"linear: x is {x.dtype} but weight is {weight.dtype}; use .to({x.dtype}) on the module")
    if bias is not None and bias.shape != weight.shape[:1]:
        raise ValueError(f"linear: bias must have shape {weight.shape[:1]} because weight is {weight.shape}, "
                         f"but bias is {bias.shape}")


class Linear(Module):
    """:func:`linear` with its own weight and bias.

    Parameters
    ----------
    in_features, out_features : int
    bias : bool
        Whether to add a bias. It starts at 0, except with ``init="default"``, where it is drawn as in PyTorch.
    init : str or callable
        Where the weights start; see :mod:`course_lib.init`.
    rng : numpy.random.Generator

    Examples
    --------
    >>> layer = Linear(3, 2, rng=np.random.default_rng(0))
    >>> layer(np.ones((5, 3))).shape
    (5, 2)
    """

    def __init__(self, in_features, out_features, bias=True, *, init="default", rng):
        for name, value in (("in_features", in_features), ("out_features", out_features)):
            if not isinstance(value, (int, np.integer)) or value < 1:
                raise ValueError(f"Linear: {name} must be a positive whole number, but is {value!r}")
        self.weight = Parameter(schemes.get(init)((out_features, in_features), rng))
        self.bias = None
        if bias and init == "default":
            self.bias = Parameter(schemes.default((out_features, in_features), rng)[:, 0].copy())
        elif bias:
            self.bias = Parameter(np.zeros(out_features, np.float32))

    def forward(self, x):
        return linear(x, self.weight, self.bias)

    def __repr__(self):
        return f"Linear({self.weight.shape[1]}, {self.weight.shape[0]}{'' if self.bias else ', bias=False'})"
