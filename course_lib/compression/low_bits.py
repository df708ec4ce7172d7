"""One or two bits a weight: binary, ternary and powers of two, and how to train with them (chapter 12)."""
import copy

import numpy as np

from .. import _check
from ..nn import Linear, Sequential
from ..nn.linear import linear
from ..regularization import named_weights as weights
from ..tensor import Tensor, as_tensor
from .quantization import _floats


def binarize(weight):
    r"""One bit for each weight: its sign, and one common size (A51).

    .. math:: \hat W = \alpha\,\mathrm{sign}(W), \qquad \alpha = \overline{|W|}

    This :math:`\alpha` minimises :math:`\lVert W - \alpha\,\mathrm{sign}(W)\rVert^2`. The sign of 0 is taken as +.

    Parameters
    ----------
    weight : array_like, any shape

    Returns
    -------
    ndarray, shape and dtype of ``weight``

    Examples
    --------
    >>> binarize([0.3, -0.1, 0.0, 0.8])
    array([ 0.3, -0.3,  0.3,  0.3])

    References
    ----------
    Courbariaux, M., Bengio, Y. & David, J.-P. (2015). BinaryConnect. NeurIPS 28.
    Rastegari, M., Ordonez, V., Redmon, J. & Farhadi, A. (2016). XNOR-Net. ECCV.
    """
    weight = _floats("binarize", weight)
    alpha = np.abs(weight).mean()
    return np.where(weight >= 0, alpha, -alpha)


def ternarize(weight, threshold=0.7):
    r"""Minus, nothing or plus, and one common size (A51).

    .. math:: \hat w = \alpha\,\mathrm{sign}(w)\,\mathbb 1[|w| > \Delta], \qquad \Delta = 0.7\,\overline{|W|},
              \qquad \alpha = \text{mean of } |w| \text{ above } \Delta

    Parameters
    ----------
    weight : array_like, any shape
    threshold : float
        :math:`\Delta` in units of the mean size, at least 0.

    Returns
    -------
    ndarray, shape and dtype of ``weight``

    Examples
    --------
    >>> ternarize([0.5, -0.1, 0.0, -0.7]).round(3)
    array([ 0.6,  0. ,  0. , -0.6])

    References
    ----------
    Li, F., Zhang, B. & Liu, B. (2016). Ternary weight networks. arXiv:1605.04711.
    """
    _check.number("ternarize", at_least=0, threshold=threshold)
    weight = _floats("ternarize", weight)
    size = np.abs(weight)
    large = size > threshold * size.mean()
    alpha = size[large].mean() if large.any() else 0
    return np.where(large, np.sign(weight) * alpha, 0).astype(weight.dtype)


def power_of_two(weight, low=None, high=None):
    r"""Round every weight to a signed power of two (A52).

    .. math:: \hat w = \mathrm{sign}(w)\,2^{k}, \qquad k = \mathrm{clip}\bigl(\mathrm{round}(\log_2 |w|),
              k_\text{low}, k_\text{high}\bigr)

    A multiplication becomes a shift of bits. The rounding is in the exponent: up from :math:`\sqrt 2 \cdot 2^k`, not
    from :math:`1.5 \cdot 2^k`. 0 stays 0.

    Parameters
    ----------
    weight : array_like, any shape
    low, high : int, optional
        Limits of the exponent :math:`k`; by default there are none.

    Returns
    -------
    ndarray, shape and dtype of ``weight``

    Raises
    ------
    ValueError
        If ``low`` is above ``high``.

    Examples
    --------
    >>> power_of_two([-0.38, 1.27, 3.71, 0.0])
    array([-0.5,  1. ,  4. ,  0. ])

    References
    ----------
    Marchesi, M., Orlandi, G., Piazza, F. & Uncini, A. (1993). Fast neural networks without multipliers.
    Zhou, A., Yao, A., Guo, Y., Xu, L. & Chen, Y. (2017). Incremental network quantization. ICLR.
    """
    weight = _floats("power_of_two", weight)
    _check_exponents(low, high)
    size = np.abs(weight)
    exponent = np.rint(np.log2(np.where(size > 0, size, 1)))
    if low is not None or high is not None:
        exponent = np.clip(exponent, low, high)
    return np.sign(weight) * np.exp2(exponent).astype(weight.dtype)


def _check_exponents(low, high):
    for name, limit in (("low", low), ("high", high)):
        if limit is not None:
            _check.whole("power_of_two", at_least=-1000, **{name: limit})
    if low is not None and high is not None and low > high:
        raise ValueError(f"power_of_two: low must be at most high, but they are {low} and {high}")


def shift_linear(x, weight):
    r"""Multiply by powers of two with shifts and sums alone (A52).

    .. math:: \sum_d x_{nd}\,w_{fd} = 2^{k_\text{min}} \sum_k \Bigl(\sum_{d:\,|w_{fd}| = 2^k} \pm x_{nd}\Bigr)
              \ll (k - k_\text{min})

    Parameters
    ----------
    x : ndarray of int, shape (N, D)
    weight : array_like, shape (F, D)
        Signed powers of two, or 0; see :func:`power_of_two`.

    Returns
    -------
    total : ndarray of int64, shape (N, F)
    k_min : int
        The products are ``total * 2.0**k_min``.

    Raises
    ------
    ValueError
        If a weight is no power of two, or the shapes do not fit.

    Examples
    --------
    >>> shift_linear(np.array([[3, 5]]), [[0.5, -2.0]])              # 3 / 2 - 10 = -17 / 2
    (array([[-17]]), -1)
    """
    x, weight = _check_shift_linear(x, weight)
    exponent = np.frexp(weight)[1] - 1
    used = np.unique(exponent[weight != 0])
    k_min = int(used[0]) if used.size else 0
    total = np.zeros((len(x), len(weight)), np.int64)
    for k in used:
        sign = (np.sign(weight) * (exponent == k)).astype(np.int64)
        total += (x @ sign.T) << int(k - k_min)      # -1, 0, 1: only sums
    return total, k_min


def _check_shift_linear(x, weight):
    x, weight = np.asarray(x), _check.array("shift_linear", "weight", weight, ("F", "D"))
    if x.dtype.kind not in "iu" or x.ndim != 2 or x.shape[1] != weight.shape[1]:
        raise ValueError(f"shift_linear: x must be whole numbers of shape (N, {weight.shape[1]}) because weight is "
                         f"{weight.shape}, but is {x.dtype} of shape {x.shape}")
    odd = ~np.isin(np.abs(np.frexp(weight)[0]), (0, 0.5))
    if odd.any():
        raise ValueError(f"shift_linear: weight must hold powers of two, but has {weight[odd][0]:g}")
    return x.astype(np.int64), weight


def map_weights(model, function):
    """A copy of the model with ``function`` applied to every weight matrix (A50, A51, A52): rounded after training.

    Parameters
    ----------
    model : Module
    function : callable
        From an ndarray to one of the same shape, such as :func:`ternarize`.

    Returns
    -------
    Module

    Examples
    --------
    >>> from course_lib import nn
    >>> model = map_weights(nn.mlp([4, 3, 2], rng=np.random.default_rng(0)), binarize)
    >>> len(np.unique(model[0].weight.data))
    2
    """
    model = copy.deepcopy(model)
    for name, p in weights(model).items():
        p.data = _same_shape("map_weights", name, function(p.data), p)
    return model


def straight_through(weight, function):
    r"""Compute with rounded weights, train the exact ones (A51).

    .. math:: \hat W = f(W), \qquad \frac{\partial L}{\partial W} := \frac{\partial L}{\partial \hat W}

    Called the straight-through estimator. The true derivative of a rounding is 0 nearly everywhere, and would teach
    nothing.

    Parameters
    ----------
    weight : Tensor, any shape
    function : callable
        From an ndarray to one of the same shape, such as :func:`binarize`.

    Returns
    -------
    Tensor, shape of ``weight``

    Examples
    --------
    >>> w = Tensor(np.array([0.3, -0.1]), requires_grad=True)
    >>> straight_through(w, np.sign).sum().backward()
    >>> w.grad
    array([1., 1.])

    References
    ----------
    Bengio, Y., Léonard, N. & Courville, A. (2013). Estimating or propagating gradients through stochastic
    neurons for conditional computation. arXiv:1308.3432.
    """
    weight = as_tensor(weight)

    def backward(grad):
        return (grad,)
    value = function(weight.data)
    out = _same_shape("straight_through", "weight", value, weight)
    return Tensor.from_op(out, (weight,), backward)


class LowBitLinear(Linear):
    """A dense layer that computes with ``function(weight)`` and trains ``weight`` (A51); see :func:`straight_through`.

    Examples
    --------
    >>> layer = LowBitLinear(3, 2, function=binarize, rng=np.random.default_rng(0))
    >>> layer(np.ones((5, 3))).shape
    (5, 2)
    """

    def __init__(self, in_features, out_features, bias=True, *, function, init="default", rng):
        super().__init__(in_features, out_features, bias, init=init, rng=rng)
        self.function = function

    def forward(self, x):
        return linear(x, straight_through(self.weight, self.function), self.bias)


def low_bit(model, function):
    """A copy of the model whose dense layers are :class:`LowBitLinear`, ready for fine-tuning (A51).

    :func:`map_weights` with the same function then writes the rounded weights down.

    Parameters
    ----------
    model : Sequential
    function : callable
        Such as :func:`binarize`.

    Returns
    -------
    Sequential

    Examples
    --------
    >>> from course_lib import nn
    >>> model = low_bit(nn.mlp([4, 3, 2], rng=np.random.default_rng(0)), ternarize)
    >>> type(model[0]).__name__
    'LowBitLinear'
    """
    if not isinstance(model, Sequential):
        raise TypeError(f"low_bit: model must be an nn.Sequential, but is {type(model).__name__}")
    layers = list(copy.deepcopy(model))
    for i, layer in enumerate(layers):
        if isinstance(layer, Linear):
            rows, columns = layer.weight.shape
            layers[i] = LowBitLinear(columns, rows, function=function, init="zeros", rng=None)
            layers[i].weight, layers[i].bias = layer.weight, layer.bias
    return Sequential(*layers)


def _same_shape(operation, name, value, weight):
    value = np.asarray(value)
    if value.shape != weight.shape:
        raise ValueError(f"{operation}: function must keep the shape {weight.shape} of {name}, "
                         f"but gives {value.shape}")
    return value.astype(weight.dtype, copy=False)
