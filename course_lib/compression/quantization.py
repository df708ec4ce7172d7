"""Weights and activations in whole numbers of 8 bits or fewer, at equal steps (chapter 12)."""
from dataclasses import dataclass

import numpy as np

from .. import _check
from ..nn import Dropout, Identity, Linear, ReLU
from .pruning import _check_layers

SCHEMES = ("symmetric", "affine")


@dataclass(frozen=True, eq=False)
class Quantized:
    r"""Whole numbers that stand for real ones: :math:`\hat x = s\,(q - z)` (A50).

    Attributes
    ----------
    q : ndarray of int8 (up to 8 bits) or int16
    scale : float
        The step :math:`s` between neighbouring values.
    zero_point : int
        The whole number :math:`z` that stands for 0.
    bits : int
    """
    q: np.ndarray
    scale: float
    zero_point: int
    bits: int

    def dequantize(self):
        """The real numbers these stand for, float32."""
        return ((self.q.astype(np.int32) - self.zero_point) * self.scale).astype(np.float32)


def quantize(x, bits=8, scheme="symmetric"):
    r"""Write numbers with few bits, in equal steps (A50).

    .. math:: q = \mathrm{clip}\bigl(\mathrm{round}(x / s) + z\bigr), \qquad \hat x = s\,(q - z), \qquad
              |x - \hat x| \le s / 2

    Symmetric: :math:`z = 0`, :math:`s = \max|x| / (2^{b-1} - 1)`. Affine: the :math:`2^b` values span
    :math:`[\min(x, 0), \max(x, 0)]`, so that 0 is exact (a ReLU gives many) and no value is wasted.

    Parameters
    ----------
    x : array_like, any shape
    bits : int
        :math:`b`, from 2 to 16. For one bit see :func:`binarize`.
    scheme : {"symmetric", "affine"}

    Returns
    -------
    Quantized

    Raises
    ------
    ValueError
        If ``bits`` is out of range, ``scheme`` unknown, or a number not finite.

    Examples
    --------
    >>> few = quantize([-1.0, 0.3, 0.5, 1.0], bits=3)
    >>> few.q, round(few.scale, 3)
    (array([-3,  1,  2,  3], dtype=int8), 0.333)

    References
    ----------
    Vanhoucke, V., Senior, A. & Mao, M. (2011). Improving the speed of neural networks on CPUs.
    Jacob, B. et al. (2018). Quantization and training of neural networks for efficient integer-arithmetic-only
    inference. CVPR.
    """
    x = _floats("quantize", x, "x")
    _check_bits("quantize", bits, 16)
    _check.choice("quantize", "scheme", scheme, SCHEMES)
    scale, zero_point = choose_steps(x, bits, scheme)
    return to_steps(x, scale, zero_point, bits)


def choose_steps(x, bits, scheme):
    """The scale and the zero point that suit ``x`` (A50).

    Examples
    --------
    >>> choose_steps(np.array([-127.0, 1.0]), 8, "symmetric"), choose_steps(np.array([0.0, 51.0]), 8, "affine")
    ((1.0, 0), (0.2, -128))
    """
    low, high = min(float(x.min()), 0.0), max(float(x.max()), 0.0)
    if scheme == "symmetric":
        scale, zero_point = max(-low, high) / (2 ** (bits - 1) - 1), 0
    else:
        scale = (high - low) / (2**bits - 1)
        zero_point = round(-low / (scale or 1.0)) - 2 ** (bits - 1)
    return scale or 1.0, zero_point          # all 0: any step will do


def to_steps(x, scale, zero_point, bits):
    """The nearest steps to ``x``; what lies outside them is clipped (A50).

    Examples
    --------
    >>> to_steps(np.array([0.26, 9.0]), 0.1, 0, 4).q
    array([3, 7], dtype=int8)
    """
    top = 2 ** (bits - 1) - 1
    q = np.clip(np.rint(x / scale) + zero_point, -top - 1, top)
    q = q.astype(np.int8 if bits <= 8 else np.int16)
    return Quantized(q, scale, zero_point, bits)


def _check_bits(operation, bits, most):
    if isinstance(bits, (bool, np.bool_)) or not isinstance(bits, (int, np.integer)) or not 2 <= bits <= most:
        raise ValueError(f"{operation}: bits must be a whole number from 2 to {most}, but is {bits!r}")


def integer_linear(x, weight, bias=None):
    r"""A dense layer of int8 products, added up in int32 (A50).

    .. math:: a_{nf} = \sum_d (q^x_{nd} - z_x)\,q^w_{fd} + q^b_f, \qquad y_{nf} \approx s_x s_w\, a_{nf}

    Parameters
    ----------
    x : Quantized, shape (N, D)
        With at most 8 bits.
    weight : Quantized, shape (F, D)
        Symmetric, with at most 8 bits.
    bias : array_like of int32, shape (F,), optional
        In units of :math:`s_x s_w`.

    Returns
    -------
    ndarray of int32, shape (N, F)

    Raises
    ------
    ValueError
        If the shapes do not fit, ``weight`` has a zero point, or there are so many inputs that int32 could overflow.
    TypeError
        If the numbers are not int8.

    Examples
    --------
    >>> x, w = quantize([[1.0, 0.5]]), quantize([[-1.0, 1.0]])
    >>> integer_linear(x, w), x.q, w.q
    (array([[-8001]], dtype=int32), array([[127,  64]], dtype=int8), array([[-127,  127]], dtype=int8))
    """
    _check_integer_linear(x, weight)
    out = np.matmul(x.q, weight.q.T, dtype=np.int32)         # sum of q w
    out -= x.zero_point * weight.q.sum(axis=1, dtype=np.int32)
    return out if bias is None else out + np.asarray(bias, np.int32)


def _check_integer_linear(x, weight):
    for name, value in (("x", x), ("weight", weight)):
        if not isinstance(value, Quantized) or value.q.dtype != np.int8:
            raise TypeError(f"integer_linear: {name} must be Quantized with at most 8 bits")
    if x.q.ndim != 2 or weight.q.ndim != 2 or x.q.shape[1] != weight.q.shape[1]:
        raise ValueError(f"integer_linear: x must have shape (N, {weight.q.shape[-1]}) because weight is "
                         f"{weight.q.shape}, but x is {x.q.shape}")
    if weight.zero_point:
        raise ValueError(f"integer_linear: weight must have zero point 0, but has {weight.zero_point}")
    if x.q.shape[1] >= 2**31 // (2 * 256 * 128):
        raise ValueError(f"integer_linear: int32 holds the sum of at most 32767 products, but there are {x.q.shape[1]}")


def rescale(total, factor):
    r"""Multiply by a real factor: one whole-number product, one shift (A50).

    .. math:: \mathrm{round}(a M) \approx \bigl(a\,M_0 + 2^{n-1}\bigr) \gg n, \qquad
              M_0 = \mathrm{round}(M\,2^n) \le 2^{31}

    Parameters
    ----------
    total : array_like of int32, any shape
    factor : float
        :math:`M`, above 0 and below :math:`2^{30}`.

    Returns
    -------
    ndarray of int64, shape of ``total``

    Examples
    --------
    >>> rescale([1000, -1000, 7], 0.0123)
    array([ 12, -12,   0])
    """
    _check.number("rescale", above=0, below=2**30, factor=factor)
    n = 31 - int(np.frexp(factor)[1])        # the multiplier has 31 bits
    if n > 62:                               # nothing would be left of an int32
        return np.zeros(np.shape(total), np.int64)
    multiplier = round(float(factor) * 2**n)
    return (np.asarray(total, np.int64) * multiplier + (1 << (n - 1))) >> n


class IntegerNetwork:
    r"""A trained network, run in whole numbers from its first layer to its last (A50).

    Weights are symmetric, activations affine, biases int32 in units of :math:`s_x s_w`. Between the layers
    :func:`rescale` brings int32 back to the next layer's int8: :math:`M = s_x s_w / s_y`. A ReLU costs nothing: the
    range of what follows it begins at 0, and everything below is clipped.

    Parameters
    ----------
    model : Sequential
        Linear and ReLU layers (dropout, off in evaluation, is skipped), trained.
    X : array_like, shape (N, D)
        Examples to measure the range of every layer's input on.
    bits : int
        From 2 to 8, for weights and activations.

    Raises
    ------
    ValueError
        If ``bits`` is out of range or ``X`` has another shape.
    TypeError
        If the model holds other layers.

    Examples
    --------
    >>> from course_lib import nn
    >>> rng = np.random.default_rng(0)
    >>> model, X = nn.mlp([8, 16, 3], rng=rng), rng.standard_normal((50, 8))
    >>> integers = IntegerNetwork(model, X)
    >>> bool(np.abs(integers(X) - model(X).data).max() < 0.1)
    True
    """

    def __init__(self, model, X, bits=8):
        _check_bits("IntegerNetwork", bits, 8)
        _check_layers("IntegerNetwork", model, (Linear, ReLU, Dropout, Identity))
        X = _check.array("IntegerNetwork", "X", X, ("N", model[0].weight.shape[1]))
        self.bits, self.layers = bits, []
        for layer in model:
            if isinstance(layer, Linear):
                weight = quantize(layer.weight.data, bits)
                scale, zero_point = choose_steps(X, bits, "affine")            # of what goes in
                bias = 0 if layer.bias is None else np.rint(layer.bias.data / (scale * weight.scale))
                self.layers.append((weight, np.asarray(bias).astype(np.int32), scale, zero_point))
            X = X if isinstance(layer, Dropout) else layer(X).data

    def __call__(self, X):
        """The logits, shape (N, classes), float32: the only step back from whole numbers."""
        low, high = -2 ** (self.bits - 1), 2 ** (self.bits - 1) - 1
        total = None
        for weight, bias, scale, zero_point in self.layers:
            if total is None:
                x = to_steps(np.asarray(X), scale, zero_point, self.bits)
            else:
                q = np.clip(rescale(total, unit / scale) + zero_point, low, high)
                x = Quantized(q.astype(np.int8), scale, zero_point, self.bits)
            total, unit = integer_linear(x, weight, bias), scale * weight.scale
        return (total * unit).astype(np.float32)


def linear_error_bound(x, weight, x_scale, weight_scale):
    r"""How far an output of :func:`integer_linear` can be from the exact one (A50).

    .. math:: |y_{nf} - \hat y_{nf}| \le \frac{s_x}{2}\sum_d |w_{fd}| + \frac{s_w}{2}\sum_d |x_{nd}|
              + \frac{D\,s_x s_w}{4} \;\Bigl(+ \frac{s_x s_w}{2} \text{ for the rounded bias}\Bigr)

    Parameters
    ----------
    x : array_like, shape (N, D)
    weight : array_like, shape (F, D)
        The exact numbers.
    x_scale, weight_scale : float
        The steps :math:`s_x, s_w` they are rounded to.

    Returns
    -------
    ndarray, shape (N, F)
        The bias's share included.

    Examples
    --------
    >>> linear_error_bound([[1.0, 2.0]], [[0.5, -0.5]], 0.02, 0.01).round(4)
    array([[0.0252]])
    """
    x, weight = np.abs(np.asarray(x, np.float64)), np.abs(np.asarray(weight, np.float64))
    both = x_scale * weight_scale
    return (x_scale / 2 * weight.sum(axis=1) + weight_scale / 2 * x.sum(axis=1, keepdims=True)
            + x.shape[1] * both / 4 + both / 2)


def _floats(operation, weight, name="weight"):
    weight = _check.array(operation, name, weight, (...,))
    if not weight.size:
        raise ValueError(f"{operation}: {name} must hold at least one number, but has shape {weight.shape}")
    return weight if weight.dtype.kind == "f" else weight.astype(np.float32)
