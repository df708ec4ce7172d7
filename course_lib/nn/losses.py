"""One number that says how wrong the network is (chapter 4). Means are over the batch, as in PyTorch."""
import math

import numpy as np

from ..tensor import Tensor, as_tensor

REDUCTIONS = ("mean", "sum", "batchmean", "none")


def mse_loss(input, target, reduction="mean"):
    r"""Squared error, averaged (A12).

    .. math:: \ell(x, y) = (x - y)^2, \qquad \frac{\partial\ell}{\partial x} = 2(x - y)

    Parameters
    ----------
    input : Tensor or array_like, any shape
    target : array_like, same shape
    reduction : {"mean", "sum", "batchmean", "none"}
        "mean" divides the sum by the number of *elements*, "batchmean" by the number of rows: with C
        outputs per row the second is C times the first.

    Returns
    -------
    Tensor, a scalar, or the shape of ``input`` for "none"

    Raises
    ------
    ValueError
        If the shapes differ: (N,) against (N, 1) would broadcast to (N, N) in silence.

    Examples
    --------
    >>> mse_loss([[1.0, 2.0]], [[0.0, 0.0]]).item(), mse_loss([[1.0, 2.0]], [[0.0, 0.0]], "batchmean").item()
    (2.5, 5.0)

    References
    ----------
    Legendre, A.-M. (1805). Nouvelles méthodes pour la détermination des orbites des comètes.
    """
    x, y = _inputs("mse_loss", input, target)
    scale = _scale("mse_loss", reduction, x.shape)
    difference = x.data - y
    out = _reduce(difference * difference, reduction, scale)

    def backward(grad):
        return (grad * scale * 2 * difference,)
    return Tensor.from_op(out, (x,), backward)


def binary_cross_entropy_with_logits(input, target, reduction="mean"):
    r"""Cross-entropy of yes/no answers, from scores before the sigmoid (A13).

    .. math:: -y\log\sigma(z) - (1-y)\log(1-\sigma(z)) = \max(z, 0) - zy + \log(1 + e^{-|z|}), \qquad
              \frac{\partial}{\partial z} = \sigma(z) - y

    The second form never takes the logarithm of 0. With several columns each is a yes/no question of its
    own: the multi-label loss.

    Parameters
    ----------
    input : Tensor or array_like, any shape
        Scores (logits) :math:`z`.
    target : array_like, same shape
        Answers :math:`y`, 0 or 1, or anything between.
    reduction : {"mean", "sum", "batchmean", "none"}

    Raises
    ------
    ValueError
        If the shapes differ or a target lies outside [0, 1].

    Examples
    --------
    >>> round(binary_cross_entropy_with_logits([0.0], [1.0]).item(), 4)      # log 2
    0.6931

    References
    ----------
    Cox, D. R. (1958). The regression analysis of binary sequences. JRSS B, 20(2).
    """
    name = "binary_cross_entropy_with_logits"
    x, y = _inputs(name, input, target)
    _check_probabilities(name, y)
    scale = _scale(name, reduction, x.shape)
    z = x.data
    e = np.exp(-np.abs(z))
    loss = np.maximum(z, 0) - z * y + np.log1p(e)

    def backward(grad):
        sigmoid = np.where(z >= 0, 1, e) / (1 + e)
        return (grad * scale * (sigmoid - y),)
    return Tensor.from_op(_reduce(loss, reduction, scale), (x,), backward)


def cross_entropy(input, target, reduction="mean"):
    r"""Softmax and cross-entropy in one operation: one of C classes is right (A14).

    .. math:: H(y, \hat y) = -\sum_i y_i \log \hat y_i, \quad \hat y = \text{softmax}(z), \qquad
              \frac{\partial H}{\partial z} = \hat y - y

    Parameters
    ----------
    input : Tensor or array_like, shape (N, C)
        Scores (logits) :math:`z`.
    target : array_like, shape (N,) of class indices, or (N, C) of class probabilities
    reduction : {"mean", "sum", "batchmean", "none"}
        "mean" and "batchmean" are the same here: the loss of a row is one number.

    Returns
    -------
    Tensor, a scalar in nats, or shape (N,) for "none"

    Raises
    ------
    ValueError
        If the shapes do not fit, the batch is empty, or a target is not a class.

    Examples
    --------
    >>> round(cross_entropy([[2.0, 1.0, 0.1]], [0]).item(), 4)
    0.417

    References
    ----------
    Bridle, J. (1990). Probabilistic interpretation of feedforward classification network outputs.
    Good, I. J. (1952). Rational decisions. JRSS B, 14(1).
    """
    z = as_tensor(input)
    y = target.data if isinstance(target, Tensor) else np.asarray(target)
    _check_classes("cross_entropy", z, y)
    scale = _scale("cross_entropy", reduction, z.shape[:1])

    shifted = z.data - z.data.max(axis=1, keepdims=True)  # exp cannot overflow
    probs = np.exp(shifted)
    total = probs.sum(axis=1, keepdims=True)
    probs /= total
    log_probs = shifted - np.log(total)
    rows, one_class = np.arange(len(y)), y.ndim == 1
    loss = -log_probs[rows, y] if one_class else -(y * log_probs).sum(axis=1)
    out = _reduce(loss.astype(z.dtype, copy=False), reduction, scale)

    def backward(grad):
        if one_class:
            dz = probs.copy()
            dz[rows, y] -= 1
        else:
            dz = probs * y.sum(axis=1, keepdims=True) - y
        upstream = grad * scale
        return (dz * (upstream[:, None] if upstream.ndim else upstream),)
    return Tensor.from_op(out, (z,), backward)


def _check_classes(name, z, y):
    if z.ndim != 2 or y.shape not in (z.shape[:1], z.shape):
        raise ValueError(f"{name}: expected input (N, C) and target (N,) or (N, C), "
                         f"but input is {z.shape} and target is {y.shape}")
    if y.ndim == 2:
        _check_probabilities(name, y)
    elif y.dtype.kind not in "iu":
        raise TypeError(f"{name}: class indices must be whole numbers, but target is {y.dtype}")
    elif y.size and (y.min() < 0 or y.max() >= z.shape[1]):
        raise ValueError(f"{name}: classes must lie in 0 … {z.shape[1] - 1}, "
                         f"but target holds {y.min()} … {y.max()}")


def _inputs(name, input, target):
    x = as_tensor(input)
    y = target.data if isinstance(target, Tensor) else np.asarray(target, x.dtype)
    if x.shape != y.shape:
        raise ValueError(f"{name}: input and target must have the same shape, but are {x.shape} and {y.shape}")
    return x, y


def _scale(name, reduction, shape):
    """By what the sum of all losses is multiplied."""
    if reduction not in REDUCTIONS:
        raise ValueError(f"{name}: unknown reduction {reduction!r}; there are {', '.join(REDUCTIONS)}")
    if 0 in shape:
        raise ValueError(f"{name}: the batch is empty (shape {shape})")
    return 1 / {"mean": math.prod(shape), "batchmean": shape[0] if shape else 1}.get(reduction, 1)


def _reduce(loss, reduction, scale):
    return loss if reduction == "none" else loss.sum() * scale


def _check_probabilities(name, target):
    if not ((target >= 0) & (target <= 1)).all():
        raise ValueError(f"{name}: targets must lie in [0, 1], but range over [{target.min()}, {target.max()}]")
