r"""Smaller networks: pruning by weight and by neuron; 8-bit, ternary, binary, power-of-two weights (chapter 12).

Nothing here changes the model it is given: every function returns a new one.
"""
import copy
from dataclasses import dataclass

import numpy as np

from . import _check
from .nn import BatchNorm1d, Dropout, Identity, LeakyReLU, Linear, Parameter, ReLU, Sequential, Sigmoid, Tanh
from .nn.linear import linear
from .regularization import named_weights as weights
from .tensor import Tensor, as_tensor

SCHEMES = ("symmetric", "affine")
ELEMENTWISE = (ReLU, LeakyReLU, Sigmoid, Tanh, Identity, Dropout)    # a neuron's output passes alone


# ---------------------------------------------------------------- pruning

def sparsity(model):
    """The share of the model's weights that are exactly 0 (A49).

    Examples
    --------
    >>> from course_lib import nn
    >>> sparsity(nn.Linear(4, 2, init="zeros", rng=None))
    1.0
    """
    values = [p.data for p in weights(model).values()]
    return sum(int((w == 0).sum()) for w in values) / sum(w.size for w in values)


def magnitude_mask(weight, fraction):
    r"""Keep the largest weights (A49).

    .. math:: m_{ij} = \mathbb 1\bigl[\,|w_{ij}| \text{ is not among the } f \text{ smallest}\,\bigr]

    Parameters
    ----------
    weight : array_like, any shape
    fraction : float
        The share :math:`f` to remove, in [0, 1]; of n weights exactly ``round(fraction * n)`` go. Of equal
        ones the first go first.

    Returns
    -------
    ndarray of bool, shape of ``weight``
        True for the weights that stay.

    Raises
    ------
    ValueError
        If ``fraction`` is outside [0, 1].

    Examples
    --------
    >>> magnitude_mask([[0.1, -3.0], [2.0, -0.5]], 0.5)
    array([[False,  True],
           [ True, False]])

    References
    ----------
    LeCun, Y., Denker, J. & Solla, S. (1990). Optimal brain damage. NeurIPS 2.
    Han, S., Pool, J., Tran, J. & Dally, W. (2015). Learning both weights and connections for efficient
    neural networks. NeurIPS 28.
    """
    _check_fraction("magnitude_mask", fraction)
    weight = _check.array("magnitude_mask", "weight", weight, (...,))
    return without_the_lowest(np.abs(weight), fraction)


def random_mask(weight, fraction, rng):
    """As :func:`magnitude_mask`, but which weights go is left to chance: the baseline to beat (A49).

    Examples
    --------
    >>> int(random_mask(np.ones((4, 5)), 0.25, np.random.default_rng(0)).sum())
    15
    """
    _check.generator("random_mask", rng)
    _check_fraction("random_mask", fraction)
    return without_the_lowest(rng.random(np.shape(weight)), fraction)


def prune_weights(model, fraction, *, by="magnitude", rng=None):
    r"""Set a share of every weight matrix to 0 (A49).

    .. math:: W \leftarrow m \odot W

    Pruning again with a larger fraction first takes what is 0 already: iterative pruning only ever removes more.

    Parameters
    ----------
    model : Module
    fraction : float
        In [0, 1].
    by : {"magnitude", "random"}
    rng : numpy.random.Generator, optional
        For "random".

    Returns
    -------
    model : Module
        A pruned copy.
    masks : dict of str to ndarray of bool
        By the weight's name, for :func:`keep_zeros`.

    Raises
    ------
    ValueError
        If ``fraction`` is outside [0, 1] or ``by`` unknown.

    Examples
    --------
    >>> from course_lib import nn
    >>> pruned, masks = prune_weights(nn.mlp([10, 20, 10], rng=np.random.default_rng(0)), 0.9)
    >>> sparsity(pruned)
    0.9
    """
    _check.choice("prune_weights", "by", by, ("magnitude", "random"))
    _check_fraction("prune_weights", fraction)
    model, masks = copy.deepcopy(model), {}
    for name, p in weights(model).items():
        if by == "magnitude":
            masks[name] = magnitude_mask(p.data, fraction)
        else:
            masks[name] = random_mask(p.data, fraction, rng)
    keep_zeros(model, masks)()
    return model, masks


def keep_zeros(model, masks):
    """Give the result to ``fit`` as ``after_step``: what is 0 stays 0 (A49).

    Parameters
    ----------
    model : Module
    masks : dict of str to ndarray of bool
        From :func:`prune_weights`.

    Returns
    -------
    callable
        Sets the masked weights of ``model`` to 0 whenever it is called.

    Raises
    ------
    ValueError
        If a name or a shape does not fit.

    Examples
    --------
    >>> from course_lib import nn
    >>> model = nn.Linear(2, 1, init="constant", rng=None)
    >>> keep_zeros(model, {"weight": np.array([[True, False]])})()
    >>> model.weight.data[0, 1].item()
    0.0
    """
    found = weights(model)
    _check_masks(masks, found)

    def zero(step=None, loss=None):
        for name, mask in masks.items():
            found[name].data *= mask
    return zero


def _check_masks(masks, found):
    for name, mask in masks.items():
        if name not in found or np.shape(mask) != found[name].shape:
            raise ValueError(f"keep_zeros: masks must fit the weights { {k: p.shape for k, p in found.items()} }, "
                             f"but {name!r} has shape {np.shape(mask)}")


def neuron_scores(weight, norm="l2"):
    r"""How much each neuron seems to contribute: the length of its incoming weights (A49).

    .. math:: c_j = \sum_i |w_{ji}| \quad\text{("l1")} \qquad\text{or}\qquad c_j = \sqrt{\textstyle\sum_i w_{ji}^2}
              \quad\text{("l2")}

    Parameters
    ----------
    weight : array_like, shape (F, D)
        One row for each of F neurons.
    norm : {"l1", "l2"}

    Returns
    -------
    ndarray, shape (F,)

    Examples
    --------
    >>> neuron_scores([[3.0, -4.0], [1.0, 1.0]], "l1")
    array([7., 2.])

    References
    ----------
    Li, H., Kadav, A., Durdanovic, I., Samet, H. & Graf, H. P. (2017). Pruning filters for efficient ConvNets. ICLR.
    """
    _check.choice("neuron_scores", "norm", norm, ("l1", "l2"))
    return np.linalg.norm(_check.array("neuron_scores", "weight", weight, ("F", "D")), ord=int(norm[1]), axis=1)


def prune_neurons(model, fraction, *, by="l2", rng=None):
    """Remove the lowest-ranking neurons of every hidden layer (A49).

    What remains is a smaller dense network. Its answers are those of the large one with the outputs of the removed
    neurons set to 0.

    Parameters
    ----------
    model : Sequential
        Linear layers, with element-wise layers and batch normalization between them.
    fraction : float
        In [0, 1); of n neurons ``round(fraction * n)`` go, and at least one has to stay.
    by : {"l1", "l2", "random"}
        See :func:`neuron_scores`.
    rng : numpy.random.Generator, optional
        For "random".

    Returns
    -------
    Sequential

    Raises
    ------
    ValueError
        If ``fraction`` is out of range or leaves a layer empty, or ``by`` is unknown.
    TypeError
        If the model holds other layers.

    Examples
    --------
    >>> from course_lib import nn
    >>> prune_neurons(nn.mlp([64, 100, 10], rng=np.random.default_rng(0)), 0.75)
    Sequential(
      0: Linear(64, 25)
      1: ReLU()
      2: Linear(25, 10)
    )
    """
    _check_prune_neurons(model, fraction, by, rng)
    model = copy.deepcopy(model)
    places = [i for i, layer in enumerate(model) if isinstance(layer, Linear)]
    kept = []
    for i in places[:-1]:                    # ranked before anything is cut
        weight = model[i].weight.data
        luck = by == "random"
        scores = rng.random(len(weight)) if luck else neuron_scores(weight, by)
        kept.append(without_the_lowest(scores, fraction))
    for i, after, keep in zip(places, places[1:], kept):
        for layer in model[i:after]:
            _narrow(layer, keep)             # its rows and biases
        weight = model[after].weight.data
        model[after].weight = Parameter(weight[:, keep])
    return model


def without_the_lowest(scores, fraction):
    """Mark every score but the ``round(fraction * n)`` lowest (A49).

    Parameters
    ----------
    scores : ndarray, any shape
        Of equal ones the first count as lower.
    fraction : float
        In [0, 1].

    Returns
    -------
    ndarray of bool, shape of ``scores``

    Examples
    --------
    >>> without_the_lowest(np.array([3.0, 1.0, 2.0, 1.0]), 0.5)
    array([ True, False,  True, False])
    """
    mask = np.ones(scores.size, bool)
    order = np.argsort(scores, axis=None, kind="stable")
    mask[order[:round(fraction * scores.size)]] = False
    return mask.reshape(scores.shape)


def _narrow(layer, keep):
    """Leave a layer only the features ``keep``."""
    if isinstance(layer, (Linear, BatchNorm1d)):
        layer.weight = Parameter(layer.weight.data[keep])
        layer.bias = None if layer.bias is None else Parameter(layer.bias.data[keep])
    for name in layer.buffers:
        setattr(layer, name, getattr(layer, name)[keep])


def _check_prune_neurons(model, fraction, by, rng):
    _check.choice("prune_neurons", "by", by, ("l1", "l2", "random"))
    _check_fraction("prune_neurons", fraction)
    if by == "random":
        _check.generator("prune_neurons", rng)
    _check_layers("prune_neurons", model, (Linear, BatchNorm1d, *ELEMENTWISE))
    for i, layer in enumerate(model[:-1]):
        if isinstance(layer, Linear) and round(fraction * len(layer.weight)) == len(layer.weight):
            raise ValueError(f"prune_neurons: fraction must leave at least one neuron of {len(layer.weight)} "
                             f"in layer {i}, but is {fraction}")


def _check_fraction(operation, fraction):
    _check.number(operation, at_least=0, at_most=1, **{"fraction, the share to remove,": fraction})


def _check_layers(operation, model, allowed):
    if not isinstance(model, Sequential):
        raise TypeError(f"{operation}: model must be an nn.Sequential, but is {type(model).__name__}")
    for layer in model:
        if not isinstance(layer, allowed):
            raise TypeError(f"{operation}: the layers must be among {', '.join(k.__name__ for k in allowed)}, "
                            f"but one is {type(layer).__name__}")
    for which, layer in (("first", model[0]), ("last", model[-1])):
        if not isinstance(layer, Linear):
            raise TypeError(f"{operation}: the {which} layer must be Linear, but is {type(layer).__name__}")


# ---------------------------------------------------------------- few bits: uniform

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


# ---------------------------------------------------------------- fewer bits: binary, ternary, powers of two

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


def _floats(operation, weight, name="weight"):
    weight = _check.array(operation, name, weight, (...,))
    if not weight.size:
        raise ValueError(f"{operation}: {name} must hold at least one number, but has shape {weight.shape}")
    return weight if weight.dtype.kind == "f" else weight.astype(np.float32)


def _same_shape(operation, name, value, weight):
    value = np.asarray(value)
    if value.shape != weight.shape:
        raise ValueError(f"{operation}: function must keep the shape {weight.shape} of {name}, "
                         f"but gives {value.shape}")
    return value.astype(weight.dtype, copy=False)
