"""Activation functions: one number in, one number out (chapter 3); softmax: a vector in, a vector out (chapter 4)."""
import numpy as np

from ..tensor import Tensor, as_tensor
from .module import Module


def identity(x, slope=1.0):
    r"""The linear activation (A06).

    .. math:: f(x) = a x, \qquad f'(x) = a

    Parameters
    ----------
    x : Tensor or array_like, any shape
    slope : float
        The factor :math:`a`.

    Examples
    --------
    >>> identity([1.0, -2.0], slope=3.0).data
    array([ 3., -6.], dtype=float32)
    """
    x = as_tensor(x)

    def backward(grad):
        return (grad * slope,)
    return Tensor.from_op(x.data * slope, (x,), backward)


def step(x):
    r"""The threshold: 1 from 0 on, else 0 (A06).

    .. math:: f(x) = \mathbb 1[x \ge 0], \qquad f'(x) = 0

    The derivative is 0 wherever it exists, so no gradient passes: a network cannot learn through it.

    Examples
    --------
    >>> step([-0.1, 0.0, 5.0]).data
    array([0., 1., 1.], dtype=float32)

    References
    ----------
    McCulloch, W. S. & Pitts, W. (1943). A logical calculus of the ideas immanent in nervous activity.
    """
    x = as_tensor(x)

    def backward(grad):
        return (np.zeros_like(grad),)
    return Tensor.from_op((x.data >= 0).astype(x.dtype), (x,), backward)


def sigmoid(x, slope=1.0):
    r"""The logistic function (A07).

    .. math:: \sigma(x) = \frac{1}{1 + e^{-ax}}, \qquad \sigma'(x) = a\,\sigma(x)(1 - \sigma(x))

    Parameters
    ----------
    x : Tensor or array_like, any shape
    slope : float
        Steepness :math:`a`; the slope at 0 is :math:`a/4`.

    Examples
    --------
    >>> sigmoid([0.0, 2.0, -1000.0]).data.round(3)
    array([0.5  , 0.881, 0.   ], dtype=float32)

    References
    ----------
    Verhulst, P.-F. (1838). Notice sur la loi que la population poursuit dans son accroissement.
    """
    x = as_tensor(x)
    z = x.data * slope
    out = np.exp(np.minimum(z, 0))       # times e^z where z < 0, above and
    out /= 1 + np.exp(-np.abs(z))        # below the line: nothing overflows

    def backward(grad):
        return (grad * slope * out * (1 - out),)
    return Tensor.from_op(out, (x,), backward)


def tanh(x, slope=1.0):
    r"""The hyperbolic tangent (A08).

    .. math:: f(x) = \tanh(ax) = 2\sigma(2ax) - 1, \qquad f'(x) = a\,(1 - f(x)^2)

    Examples
    --------
    >>> tanh([0.0, 1.0]).data.round(3)
    array([0.   , 0.762], dtype=float32)

    References
    ----------
    LeCun, Y., Bottou, L., Orr, G. & Müller, K.-R. (1998). Efficient BackProp.
    """
    x = as_tensor(x)
    out = np.tanh(x.data * slope)

    def backward(grad):
        return (grad * slope * (1 - out * out),)
    return Tensor.from_op(out, (x,), backward)


def relu(x):
    r"""The rectified linear unit (A09).

    .. math:: f(x) = \max(0, x), \qquad f'(x) = \mathbb 1[x > 0]

    At the kink any value in [0, 1] would do; like PyTorch, this takes 0.

    Examples
    --------
    >>> relu([-1.0, 0.0, 2.0]).data
    array([0., 0., 2.], dtype=float32)

    References
    ----------
    Nair, V. & Hinton, G. (2010). Rectified linear units improve restricted Boltzmann machines. ICML.
    """
    x = as_tensor(x)
    out = np.maximum(x.data, 0)

    def backward(grad):
        return (grad * (out > 0),)
    return Tensor.from_op(out, (x,), backward)


def leaky_relu(x, negative_slope=0.01):
    r"""ReLU with a leak for negative inputs (A10).

    .. math:: f(x) = x \text{ for } x > 0, \text{ else } a x; \qquad f'(x) = 1 \text{ or } a

    Examples
    --------
    >>> leaky_relu([-100.0, 2.0]).data
    array([-1.,  2.], dtype=float32)

    References
    ----------
    Maas, A., Hannun, A. & Ng, A. (2013). Rectifier nonlinearities improve neural network acoustic models.
    """
    x = as_tensor(x)
    out = np.maximum(x.data, 0) + negative_slope * np.minimum(x.data, 0)

    def backward(grad):
        return (np.where(x.data > 0, grad, negative_slope * grad),)
    return Tensor.from_op(out, (x,), backward)


def softmax(x, dim=-1, temperature=1.0):
    r"""Positive numbers that sum to 1, the largest for the largest input (A11).

    .. math:: p_i = \frac{e^{x_i / T}}{\sum_j e^{x_j / T}}, \qquad
              \frac{\partial p_i}{\partial x_j} = \frac{p_i (\delta_{ij} - p_j)}{T}

    Parameters
    ----------
    x : Tensor or array_like, any shape
        Scores (logits). An entry of minus infinity gets probability 0.
    dim : int
        The axis that sums to 1.
    temperature : float
        :math:`T > 0`: towards 0 only the winner remains, towards infinity all become equal.

    Raises
    ------
    ValueError
        If ``temperature`` is not positive.

    Examples
    --------
    >>> softmax([2.0, 1.0, 0.1]).data.round(3)
    array([0.659, 0.242, 0.099], dtype=float32)

    References
    ----------
    Bridle, J. (1990). Probabilistic interpretation of feedforward classification network outputs.
    """
    if not temperature > 0:
        raise ValueError(f"softmax: temperature must be positive, but is {temperature}")
    x = as_tensor(x)
    shifted = x.data - x.data.max(axis=dim, keepdims=True)  # exp cannot overflow
    out = np.exp(shifted / temperature)
    out /= out.sum(axis=dim, keepdims=True)

    def backward(grad):
        inner = (grad * out).sum(axis=dim, keepdims=True)
        return (out * (grad - inner) / temperature,)
    return Tensor.from_op(out, (x,), backward)


def hardmax(x, dim=-1):
    """The "max layer": 1 for the largest input (the first of several), 0 for the others (A11).

    Its gradient is 0 wherever it exists, which is why networks use :func:`softmax` instead.

    Examples
    --------
    >>> hardmax([1.0, 3.0, 2.0]).data
    array([0., 1., 0.], dtype=float32)
    """
    x = as_tensor(x)
    out = np.zeros_like(x.data)
    np.put_along_axis(out, x.data.argmax(axis=dim, keepdims=True), 1, axis=dim)

    def backward(grad):
        return (np.zeros_like(grad),)
    return Tensor.from_op(out, (x,), backward)


class Identity(Module):
    """:func:`identity` as a layer."""

    def __init__(self, slope=1.0):
        self.slope = slope

    def forward(self, x):
        return identity(x, self.slope)


class Step(Module):
    """:func:`step` as a layer."""

    def forward(self, x):
        return step(x)


class Sigmoid(Module):
    """:func:`sigmoid` as a layer."""

    def __init__(self, slope=1.0):
        self.slope = slope

    def forward(self, x):
        return sigmoid(x, self.slope)


class Tanh(Module):
    """:func:`tanh` as a layer."""

    def __init__(self, slope=1.0):
        self.slope = slope

    def forward(self, x):
        return tanh(x, self.slope)


class ReLU(Module):
    """:func:`relu` as a layer."""

    def forward(self, x):
        return relu(x)


class LeakyReLU(Module):
    """:func:`leaky_relu` as a layer."""

    def __init__(self, negative_slope=0.01):
        self.negative_slope = negative_slope

    def forward(self, x):
        return leaky_relu(x, self.negative_slope)
