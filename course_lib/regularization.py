"""Keep the weights small, or the data noisy: penalties and noise that make a network generalise (chapter 11)."""
import math

import numpy as np

from . import _check
from .nn.linear import Linear, linear
from .nn.module import Module
from .tensor import Tensor, as_tensor


def named_weights(model):
    """The weights of ``model`` by name: all parameters but biases and other one-dimensional ones.

    Parameters
    ----------
    model : Module

    Returns
    -------
    dict of str to Parameter

    Examples
    --------
    >>> from course_lib import nn
    >>> list(named_weights(nn.mlp([4, 3, 2], rng=np.random.default_rng(0))))
    ['0.weight', '2.weight']
    """
    return {name: p for name, p in model.named_parameters() if p.ndim > 1}


def weights(model):
    """The parameters of ``model`` that deserve a penalty: its :func:`named_weights`, as a list.

    Parameters
    ----------
    model : Module

    Returns
    -------
    list of Parameter

    Examples
    --------
    >>> from course_lib import nn
    >>> [w.shape for w in weights(nn.mlp([4, 3, 2], rng=np.random.default_rng(0)))]
    [(3, 4), (2, 3)]
    """
    return list(named_weights(model).values())


# ---------------------------------------------------------------- penalties

def l2_penalty(params, strength):
    r"""Half the sum of the squared weights, times the strength (A39).

    Added to the loss, it shrinks them:

    .. math:: \frac\lambda2 \lVert w \rVert_2^2 = \frac\lambda2 \sum_j w_j^2, \qquad
              \frac{\partial}{\partial w_j} = \lambda w_j

    With plain gradient descent this is *weight decay*: every step multiplies the weights by
    :math:`1 - \eta\lambda`, as ``optim.SGD(..., weight_decay=λ)`` does. With Adam it is not: see ``optim.AdamW``.

    Parameters
    ----------
    params : list of Tensor, any shapes
        What is penalised: usually :func:`weights`, without the biases.
    strength : float
        :math:`\lambda \ge 0`, beside a loss that is a mean over examples.

    Returns
    -------
    Tensor, a scalar

    Raises
    ------
    ValueError
        If there are no parameters, or the strength is negative or not finite.

    Examples
    --------
    >>> w = Tensor([3.0, 4.0], requires_grad=True)
    >>> penalty = l2_penalty([w], strength=1.0)
    >>> penalty.backward()
    >>> penalty.item(), w.grad.tolist()
    (12.5, [3.0, 4.0])

    References
    ----------
    Hoerl, A. & Kennard, R. (1970). Ridge regression: biased estimation for nonorthogonal problems. Technometrics 12.
    Krogh, A. & Hertz, J. (1992). A simple weight decay can improve generalization. NIPS 4.
    """
    params = _penalised("l2_penalty", params, strength)
    value = strength / 2 * sum(np.vdot(w.data, w.data) for w in params)

    def backward(grad):
        return tuple(grad * (strength * w.data) for w in params)
    return Tensor.from_op(np.asarray(value, params[0].dtype), params, backward)


def l1_penalty(params, strength):
    r"""The sum of the absolute weights, times the strength (A40).

    Its gradient has the same size for every weight:

    .. math:: \lambda \lVert w \rVert_1 = \lambda \sum_j |w_j|, \qquad
              \frac{\partial}{\partial w_j} = \lambda\,\mathrm{sign}(w_j), \quad \mathrm{sign}(0) = 0

    At 0 this is one of many subgradients. A gradient step jumps over the 0 instead of stopping there; for exact
    zeros see :func:`proximal_step`.

    Parameters
    ----------
    params : list of Tensor, any shapes
    strength : float
        :math:`\lambda \ge 0`.

    Returns
    -------
    Tensor, a scalar

    Raises
    ------
    ValueError
        If there are no parameters, or the strength is negative or not finite.

    Examples
    --------
    >>> w = Tensor([3.0, -4.0, 0.0], requires_grad=True)
    >>> penalty = l1_penalty([w], strength=2.0)
    >>> penalty.backward()
    >>> penalty.item(), w.grad.tolist()
    (14.0, [2.0, -2.0, 0.0])

    References
    ----------
    Tibshirani, R. (1996). Regression shrinkage and selection via the lasso. JRSS B, 58(1).
    """
    params = _penalised("l1_penalty", params, strength)
    value = strength * sum(np.abs(w.data).sum() for w in params)

    def backward(grad):
        return tuple(grad * (strength * np.sign(w.data)) for w in params)
    return Tensor.from_op(np.asarray(value, params[0].dtype), params, backward)


def soft_threshold(u, t):
    r"""Pull every number towards 0 by ``t``, and stop there (A40).

    The proximal operator of the L1 penalty:

    .. math:: S_t(u) = \mathrm{sign}(u)\,\max(|u| - t, 0) = \arg\min_w \tfrac12 (w - u)^2 + t\,|w|

    Parameters
    ----------
    u : array_like, any shape
    t : float
        Threshold, at least 0.

    Returns
    -------
    ndarray, shape of ``u``

    Raises
    ------
    ValueError
        If ``t`` is negative or not finite.

    Examples
    --------
    >>> soft_threshold([1.5, -0.25, -2.0], 0.5).tolist()
    [1.0, 0.0, -1.5]

    References
    ----------
    Donoho, D. & Johnstone, I. (1994). Ideal spatial adaptation by wavelet shrinkage. Biometrika 81.
    """
    _check.number("soft_threshold", t=t, at_least=0)
    u = np.asarray(u)
    u = u if u.dtype.kind == "f" else u.astype(float)
    t = u.dtype.type(t)
    return np.where(np.abs(u) > t, u - np.copysign(t, u), 0)


def proximal_step(params, lr, strength):
    r"""Finish a gradient step with the L1 penalty's own step: exact zeros (A40).

    .. math:: w \leftarrow S_{\eta\lambda}(w - \eta\,\nabla E)

    The optimizer has done the inner part, on the loss alone; this does the outer one, in place. In ``fit`` it is the look after every
    update: ``after_step=lambda step, loss: proximal_step(weights(model), lr, strength)``.

    Parameters
    ----------
    params : list of Tensor
    lr : float
        Learning rate :math:`\eta` of the optimizer (plain SGD).
    strength : float
        :math:`\lambda \ge 0`.

    Raises
    ------
    ValueError
        If there are no parameters, or a number is negative or not finite.

    Examples
    --------
    >>> w = Tensor([1.0, -0.0625], requires_grad=True)
    >>> proximal_step([w], lr=0.5, strength=0.25)
    >>> w.data.tolist()
    [0.875, 0.0]

    References
    ----------
    Daubechies, I., Defrise, M. & De Mol, C. (2004). An iterative thresholding algorithm for linear inverse problems
    with a sparsity constraint. CPAM 57.
    """
    params = _penalised("proximal_step", params, strength)
    _check.number("proximal_step", lr=lr, at_least=0)
    for w in params:
        w.data = soft_threshold(w.data, lr * strength)


def _penalised(operation, params, strength):
    _check.number(operation, strength=strength, at_least=0)
    params = tuple(params)
    if not params:
        raise ValueError(f"{operation}: params must hold at least one tensor, but is empty")
    for w in params:
        if not isinstance(w, Tensor):
            raise TypeError(f"{operation}: params must hold tensors, but holds a {type(w).__name__}")
    return params


# ---------------------------------------------------------------- linear models, solved

def ridge(X, y, strength):
    r"""The weights of the linear model with the smallest squared error plus L2 penalty, in closed form (A39).

    .. math:: \arg\min_w \tfrac12 \lVert y - Xw \rVert^2 + \tfrac\lambda2 \lVert w \rVert^2
              = (X^\top X + \lambda I)^{-1} X^\top y

    Parameters
    ----------
    X : array_like, shape (N, D)
        Centred, if the model is to have an intercept: it is not penalised.
    y : array_like, shape (N,)
    strength : float
        :math:`\lambda \ge 0`; the error is a sum, not a mean. The ``alpha`` of scikit-learn's ``Ridge``.

    Returns
    -------
    ndarray, shape (D,)

    Raises
    ------
    ValueError
        If the shapes do not fit, or the strength is negative or not finite.

    Examples
    --------
    >>> ridge([[1.0, 0.0], [0.0, 1.0]], [2.0, 4.0], strength=1.0).tolist()
    [1.0, 2.0]

    References
    ----------
    Hoerl, A. & Kennard, R. (1970). Ridge regression: biased estimation for nonorthogonal problems. Technometrics 12.
    """
    X, y = _regression("ridge", X, y, strength)
    return np.linalg.solve(X.T @ X + strength * np.eye(X.shape[1]), X.T @ y)


def lasso(X, y, strength, *, steps=100_000, tolerance=1e-12):
    r"""The linear model with the smallest squared error plus L1 penalty, by proximal steps (A40).

    .. math:: \arg\min_w \tfrac12 \lVert y - Xw \rVert^2 + \lambda \lVert w \rVert_1, \qquad
              w \leftarrow S_{\eta\lambda}\bigl(w - \eta\,X^\top (Xw - y)\bigr), \quad
              \eta = 1 / \lVert X^\top X \rVert_2

    Parameters
    ----------
    X : array_like, shape (N, D)
    y : array_like, shape (N,)
    strength : float
        :math:`\lambda \ge 0`; the error is a sum: N times the ``alpha`` of scikit-learn's ``Lasso``.
    steps : int
        At most so many.
    tolerance : float
        Stop when no weight moves more than this share of the largest.

    Returns
    -------
    ndarray, shape (D,)

    Raises
    ------
    ValueError
        If the shapes do not fit, or a number is out of range.

    Examples
    --------
    >>> lasso([[1.0, 0.0], [0.0, 1.0]], [2.0, 0.5], strength=1.0).tolist()
    [1.0, 0.0]

    References
    ----------
    Tibshirani, R. (1996). Regression shrinkage and selection via the lasso. JRSS B, 58(1).
    Daubechies, I., Defrise, M. & De Mol, C. (2004). An iterative thresholding algorithm for linear inverse problems
    with a sparsity constraint. CPAM 57.
    """
    X, y = _regression("lasso", X, y, strength)
    _check.whole("lasso", steps=steps, at_least=1)
    _check.number("lasso", tolerance=tolerance, at_least=0)
    gram, target = X.T @ X, X.T @ y
    w, lr = np.zeros(X.shape[1]), 1 / (np.linalg.norm(gram, 2) or 1.0)
    for _ in range(steps):
        before, w = w, soft_threshold(w - lr * (gram @ w - target), lr * strength)
        if np.abs(w - before).max() <= tolerance * np.abs(w).max():
            break
    return w


def _regression(operation, X, y, strength):
    X = _check.array(operation, "X", X, ("N", "D")).astype(float)
    y = _check.array(operation, "y", y, (len(X),)).astype(float)
    _check.number(operation, strength=strength, at_least=0)
    return X, y


# ---------------------------------------------------------------- noise

def gaussian_noise(x, std, *, rng):
    r"""Add white noise: a fresh normal number to every element (A42).

    .. math:: \tilde x = x + \sigma\varepsilon, \qquad \varepsilon \sim \mathcal N(0, 1)

    On the inputs of a linear model with squared error this is, on average, ridge regression with
    :math:`\lambda = N\sigma^2` (:func:`ridge`). How much :math:`\sigma` is depends on the scale of ``x``.

    Parameters
    ----------
    x : Tensor or array_like, any shape
        Inputs, activations, or the targets of a regression.
    std : float
        Standard deviation :math:`\sigma \ge 0`, in the units of ``x``.
    rng : numpy.random.Generator

    Returns
    -------
    Tensor if ``x`` is one (its gradient passes unchanged), else ndarray

    Raises
    ------
    ValueError, TypeError
        If ``std`` is negative or not finite, or ``rng`` is no generator.

    Examples
    --------
    >>> gaussian_noise(np.zeros(3), 0.1, rng=np.random.default_rng(0)).round(2).tolist()
    [0.01, -0.01, 0.06]

    References
    ----------
    Bishop, C. (1995). Training with noise is equivalent to Tikhonov regularization. Neural Computation 7.
    """
    _check_noise("gaussian_noise", std, rng)
    if isinstance(x, Tensor):
        return x + _noise(x, std, rng)
    x = np.asarray(x)
    x = x if x.dtype.kind == "f" else x.astype(float)
    return x + _noise(x, std, rng)


class GaussianNoise(Module):
    """:func:`gaussian_noise` as a layer: active after ``train()``, silent after ``eval()`` (A42).

    First in a network it disturbs the inputs, further up the activations.

    Parameters
    ----------
    std : float
    rng : numpy.random.Generator

    Examples
    --------
    >>> layer = GaussianNoise(1.0, rng=np.random.default_rng(0)).eval()
    >>> layer(Tensor([1.0, 2.0])).data.tolist()
    [1.0, 2.0]
    """

    def __init__(self, std, *, rng):
        _check_noise("GaussianNoise", std, rng)
        self.std, self.rng = std, rng

    def forward(self, x):
        return gaussian_noise(as_tensor(x), self.std, rng=self.rng) if self.training and self.std else x

    def __repr__(self):
        return f"GaussianNoise({self.std:g})"


class NoisyWeights(Module):
    r"""A dense layer whose weights tremble while it trains (A42).

    .. math:: Z = X (W + \sigma\varepsilon)^\top + b, \qquad \text{new } \varepsilon \text{ in every batch}

    The gradient is taken at the trembling weights and applied to the steady ones; evaluation uses the steady ones.

    Parameters
    ----------
    layer : Linear
    std : float
    rng : numpy.random.Generator

    Raises
    ------
    TypeError
        If ``layer`` is no dense layer.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> NoisyWeights(Linear(3, 2, rng=rng), 0.1, rng=rng)(np.ones((5, 3))).shape
    (5, 2)

    References
    ----------
    Murray, A. & Edwards, P. (1994). Enhanced MLP performance and fault tolerance resulting from synaptic weight noise
    during training. IEEE Transactions on Neural Networks 5.
    """

    def __init__(self, layer, std, *, rng):
        if not isinstance(layer, Linear):
            raise TypeError("NoisyWeights: layer must be a Linear, "
                            f"but is {type(layer).__name__}")
        _check_noise("NoisyWeights", std, rng)
        self.layer, self.std, self.rng = layer, std, rng

    def forward(self, x):
        if not self.training or not self.std:
            return self.layer(x)
        weight = gaussian_noise(self.layer.weight, self.std, rng=self.rng)
        return linear(x, weight, self.layer.bias)

    def __repr__(self):
        return f"NoisyWeights({self.layer!r}, {self.std:g})"


class NoisyGradients:
    r"""An optimizer whose gradients are disturbed before every step, less and less (A42).

    .. math:: g_t \leftarrow g_t + \sigma_t\varepsilon, \qquad \sigma_t^2 = \frac{\sigma^2}{(1 + t)^\gamma}

    Parameters
    ----------
    optimizer : Optimizer
        Does the steps.
    std : float
        :math:`\sigma` of the first step.
    decay : float
        :math:`\gamma \ge 0`; 0 keeps the noise as strong as it begins.
    rng : numpy.random.Generator

    Examples
    --------
    >>> from course_lib import nn, optim
    >>> w = nn.Parameter(np.zeros(2))
    >>> optimizer = NoisyGradients(optim.SGD([w], lr=0.5), std=1.0, rng=np.random.default_rng(0))
    >>> w.sum().backward()
    >>> optimizer.step()
    >>> bool((w.data != -0.5).all())
    True

    References
    ----------
    Neelakantan, A. et al. (2015). Adding gradient noise improves learning for very deep networks. arXiv:1511.06807.
    """

    def __init__(self, optimizer, std, *, decay=0.55, rng):
        _check_noise("NoisyGradients", std, rng)
        _check.number("NoisyGradients", decay=decay, at_least=0)
        self.optimizer, self.std, self.decay, self.rng, self.t = optimizer, std, decay, rng, 0

    @property
    def params(self):
        return self.optimizer.params

    @property
    def lr(self):
        """Learning rate of the optimizer, for schedules."""
        return self.optimizer.lr

    @lr.setter
    def lr(self, value):
        self.optimizer.lr = value

    def zero_grad(self):
        """Forget the gradients of the last step."""
        self.optimizer.zero_grad()

    def step(self):
        """Disturb the gradients, then let the optimizer step."""
        std = self.std / math.sqrt((1 + self.t) ** self.decay)
        self.t += 1
        for p in self.params:
            if p.grad is not None:
                p.grad = p.grad + _noise(p.grad, std, self.rng)
        self.optimizer.step()


def flip_labels(y, rate, classes, *, rng):
    r"""Replace a share of the labels by random other classes: noise on the targets of a classifier (A42).

    Parameters
    ----------
    y : array_like of int, shape (N,)
        Class numbers from 0.
    rate : float in [0, 1]
        Exactly ``round(rate * N)`` labels change.
    classes : int
        How many there are, at least 2.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of int64, shape (N,)

    Raises
    ------
    ValueError, TypeError
        If ``rate`` is outside [0, 1] or the labels are no classes.

    Examples
    --------
    >>> noisy = flip_labels(np.zeros(10, int), 0.3, 4, rng=np.random.default_rng(0))
    >>> int((noisy != 0).sum())
    3

    References
    ----------
    Zhang, C. et al. (2017). Understanding deep learning requires rethinking generalization. ICLR.
    """
    y = np.asarray(y)
    _check.whole("flip_labels", classes=classes, at_least=2)
    y = _check.labels("flip_labels", "y", y, len(y) if y.ndim else "N", classes=classes)
    _check.number("flip_labels", rate=rate, at_least=0)
    if rate > 1:
        raise ValueError(f"flip_labels: rate must be a share of the labels, at most 1, but is {rate:g}")
    _check.generator("flip_labels", rng)
    noisy, chosen = y.copy(), rng.permutation(len(y))[:round(rate * len(y))]
    noisy[chosen] = (y[chosen] + rng.integers(1, classes, len(chosen))) % classes      # never the same class
    return noisy


def _noise(like, std, rng):
    return rng.standard_normal(like.shape, dtype=like.dtype) * like.dtype.type(std)


def _check_noise(operation, std, rng):
    _check.number(operation, std=std, at_least=0)
    _check.generator(operation, rng)
