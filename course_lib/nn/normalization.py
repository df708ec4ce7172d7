"""Batch and layer normalization: keep the numbers inside a network in range (chapter 9)."""
import math

import numpy as np

from .. import _check
from ..tensor import Tensor, as_tensor
from .module import Module, Parameter


def batch_norm(x, running_mean=None, running_var=None, weight=None, bias=None,
               training=False, momentum=0.1, eps=1e-5):
    r"""Standardise every feature over the batch, then scale and shift it (A33).

    .. math:: \hat x = \frac{x - \mu_B}{\sqrt{\sigma_B^2 + \epsilon}}, \qquad y = \gamma\hat x + \beta, \qquad
              \frac{\partial L}{\partial x} = \frac{\gamma}{\sqrt{\sigma_B^2 + \epsilon}}
              \Bigl(d - \overline{d} - \hat x\,\overline{d\,\hat x}\Bigr), \quad d = \frac{\partial L}{\partial y}

    with the mean :math:`\mu_B`, the variance :math:`\sigma_B^2` and the bars over the batch (and over the pixels of
    a channel). In evaluation :math:`\mu` and :math:`\sigma^2` are the running averages: constants.

    Parameters
    ----------
    x : Tensor or array_like, shape (N, D) or (N, C, ...)
    running_mean, running_var : ndarray, shape (D,), optional
        Averages over earlier batches. Training updates them in place:
        ``running = (1 - momentum) * running + momentum * batch``, with the unbiased variance.
    weight, bias : Tensor, shape (D,), optional
        :math:`\gamma` and :math:`\beta`; 1 and 0 if absent.
    training : bool
        Whether to use the batch's own statistics.
    momentum : float
        The share of the newest batch in the running averages, in [0, 1].
    eps : float
        Keeps the division finite, :math:`\epsilon > 0`.

    Returns
    -------
    Tensor, shape of ``x``

    Raises
    ------
    ValueError
        If the shapes do not fit, if training gets a single value per feature (its variance is 0 and says
        nothing), if evaluation lacks the running averages, or for ``momentum`` or ``eps`` out of range.

    Examples
    --------
    >>> batch_norm([[1.0], [2.0], [3.0], [4.0]], training=True).data.ravel().round(3)
    array([-1.342, -0.447,  0.447,  1.342], dtype=float32)

    References
    ----------
    Ioffe, S. & Szegedy, C. (2015). Batch normalization: accelerating deep network training by reducing
    internal covariate shift. ICML.
    """
    x = as_tensor(x, None if weight is None else weight.dtype)
    _check_batch_norm(x, running_mean, running_var, weight, bias, training,
                      momentum, eps)
    batch = (0, *range(2, x.ndim))            # every axis but the features'
    shape = (1, -1) + (1,) * (x.ndim - 2)     # of one number per feature
    if training:
        mean, var = x.data.mean(batch), x.data.var(batch)
        if running_mean is not None:
            n = x.size // x.shape[1]          # values per feature
            running_mean += momentum * (mean - running_mean)
            running_var += momentum * (var * (n / (n - 1)) - running_var)
    else:
        mean = running_mean.astype(x.dtype)
        var = running_var.astype(x.dtype)

    scale = (1 / np.sqrt(var + eps)).reshape(shape)
    hat = (x.data - mean.reshape(shape)) * scale
    gamma = None if weight is None else weight.data.reshape(shape)
    out = hat if weight is None else gamma * hat
    if bias is not None:
        out = out + bias.data.reshape(shape)

    def backward(grad):
        d = grad if weight is None else grad * gamma
        if training:                          # the statistics depend on x too
            d = (d - d.mean(batch, keepdims=True)
                 - hat * (d * hat).mean(batch, keepdims=True))
        grads = [d * scale]
        if weight is not None:
            grads.append((grad * hat).sum(batch))
        if bias is not None:
            grads.append(grad.sum(batch))
        return tuple(grads)
    parents = tuple(t for t in (x, weight, bias) if t is not None)
    return Tensor.from_op(out, parents, backward)


def layer_norm(x, normalized_shape, weight=None, bias=None, eps=1e-5):
    r"""Standardise every example over its own features, then scale and shift (A33).

    The formula of :func:`batch_norm`, with mean and variance over the last axes of one example instead of over the
    batch: nothing depends on the other examples, and training and evaluation are the same.

    Parameters
    ----------
    x : Tensor or array_like, shape (..., *normalized_shape)
    normalized_shape : int or tuple of int
        Sizes of the last axes, which are normalised together.
    weight, bias : Tensor, shape ``normalized_shape``, optional
    eps : float
        Keeps the division finite, :math:`\epsilon > 0`.

    Returns
    -------
    Tensor, shape of ``x``

    Raises
    ------
    ValueError
        If the shapes do not fit.

    Examples
    --------
    >>> layer_norm([[1.0, 2.0, 3.0, 4.0]], 4).data.round(3)
    array([[-1.342, -0.447,  0.447,  1.342]], dtype=float32)

    References
    ----------
    Ba, J. L., Kiros, J. R. & Hinton, G. (2016). Layer normalization. arXiv:1607.06450.
    """
    x = as_tensor(x, None if weight is None else weight.dtype)
    sizes = _sizes(normalized_shape)
    _check_layer_norm(x, sizes, weight, bias, eps)
    D = math.prod(sizes)
    mean = np.full(D, 1 / D, x.dtype)         # as a product: five times as fast
    rows = x.data.reshape(-1, D)              # one per example
    hat = rows - (rows @ mean)[:, None]
    scale = 1 / np.sqrt((hat * hat) @ mean + eps)[:, None]
    hat *= scale
    gamma = None if weight is None else weight.data.reshape(D)
    out = hat if weight is None else gamma * hat
    if bias is not None:
        out = out + bias.data.reshape(D)

    def backward(grad):
        grad = grad.reshape(-1, D)
        d = grad if weight is None else grad * gamma
        through = hat * ((d * hat) @ mean)[:, None]    # the deviation's part
        d = d - (d @ mean)[:, None]
        d -= through
        d *= scale
        grads, ones = [d.reshape(x.shape)], np.ones(len(d), d.dtype)
        if weight is not None:
            grads.append((ones @ (grad * hat)).reshape(sizes))
        if bias is not None:
            grads.append((ones @ grad).reshape(sizes))
        return tuple(grads)
    parents = tuple(t for t in (x, weight, bias) if t is not None)
    return Tensor.from_op(out.reshape(x.shape), parents, backward)


def _sizes(normalized_shape):
    return (normalized_shape,) if isinstance(normalized_shape, (int, np.integer)) else tuple(normalized_shape)


def _check_batch_norm(x, running_mean, running_var, weight, bias, training, momentum, eps):
    if x.ndim < 2:
        raise ValueError(f"batch_norm: x must have shape (N, D) or (N, C, ...), but is {x.shape}")
    if training and x.size == x.shape[1]:
        raise ValueError(f"batch_norm: training needs at least two values per feature, but x is {x.shape}; "
                         "use a larger batch or eval()")
    if not training and (running_mean is None or running_var is None):
        raise ValueError("batch_norm: evaluation needs running_mean and running_var, but one is missing")
    for name, value in (("running_mean", running_mean), ("running_var", running_var), ("weight", weight),
                        ("bias", bias)):
        if value is not None and value.shape != x.shape[1:2]:
            raise ValueError(f"batch_norm: {name} must have shape {x.shape[1:2]} because x is {x.shape}, "
                             f"but is {value.shape}")
    if not 0 <= momentum <= 1:
        raise ValueError(f"batch_norm: momentum must lie in [0, 1], but is {momentum}")
    if not eps > 0:
        raise ValueError(f"batch_norm: eps must be positive, but is {eps}")


def _check_layer_norm(x, sizes, weight, bias, eps):
    if x.shape[x.ndim - len(sizes):] != sizes or not sizes:
        raise ValueError(f"layer_norm: x must end in the axes {sizes}, but is {x.shape}")
    for name, value in (("weight", weight), ("bias", bias)):
        if value is not None and value.shape != sizes:
            raise ValueError(f"layer_norm: {name} must have shape {sizes}, but is {value.shape}")
    if not eps > 0:
        raise ValueError(f"layer_norm: eps must be positive, but is {eps}")


class BatchNorm1d(Module):
    """:func:`batch_norm` with its own weight, bias and running averages: batch in ``train()``, averages in ``eval()``.

    Parameters
    ----------
    num_features : int
        D of inputs (N, D).
    eps, momentum : float
        See :func:`batch_norm`.

    Examples
    --------
    >>> layer = BatchNorm1d(3)
    >>> layer(np.ones((5, 3))).shape
    (5, 3)
    >>> layer.running_mean
    array([0.1, 0.1, 0.1], dtype=float32)
    """

    buffers = ("running_mean", "running_var")
    expects, axes = "(N, D)", (2,)

    def __init__(self, num_features, eps=1e-5, momentum=0.1):
        _check.whole(type(self).__name__, at_least=1, num_features=num_features)
        self.eps, self.momentum = eps, momentum
        self.weight = Parameter(np.ones(num_features, np.float32))
        self.bias = Parameter(np.zeros(num_features, np.float32))
        self.running_mean = np.zeros(num_features, np.float32)
        self.running_var = np.ones(num_features, np.float32)

    def forward(self, x):
        if np.ndim(x) not in self.axes:
            raise ValueError(f"{type(self).__name__}: x must have shape {self.expects}, but is {np.shape(x)}")
        return batch_norm(x, self.running_mean, self.running_var, self.weight, self.bias, self.training,
                          self.momentum, self.eps)

    def __repr__(self):
        return f"{type(self).__name__}({len(self.running_mean)})"


class BatchNorm2d(BatchNorm1d):
    """:class:`BatchNorm1d` for images (N, C, H, W): one mean and one variance per channel."""

    expects, axes = "(N, C, H, W)", (4,)


class LayerNorm(Module):
    """:func:`layer_norm` with its own weight and bias.

    Examples
    --------
    >>> LayerNorm(4)(np.ones((2, 3, 4))).shape
    (2, 3, 4)
    """

    def __init__(self, normalized_shape, eps=1e-5):
        self.normalized_shape, self.eps = _sizes(normalized_shape), eps
        self.weight = Parameter(np.ones(self.normalized_shape, np.float32))
        self.bias = Parameter(np.zeros(self.normalized_shape, np.float32))

    def forward(self, x):
        return layer_norm(x, self.normalized_shape, self.weight, self.bias, self.eps)

    def __repr__(self):
        return f"LayerNorm({self.normalized_shape})"
