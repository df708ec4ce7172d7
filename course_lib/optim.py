"""How to use a gradient, in order of growing complexity (chapter 6)."""
import math

import numpy as np

from . import _check
from .lr_scheduler import (CosineAnnealingLR, CosineAnnealingWarmRestarts, ExponentialLR, LinearLR, Schedule,
                           SequentialLR, StepLR)

__all__ = ["Adadelta", "Adagrad", "Adam", "AdamW", "CosineAnnealingLR", "CosineAnnealingWarmRestarts",
           "ExponentialLR", "LinearLR", "Optimizer", "RMSprop", "SGD", "Schedule", "SequentialLR", "StepLR",
           "clip_grad_norm"]


class Optimizer:
    """What all optimizers share: the parameters, the learning rate, and forgetting old gradients.

    An optimizer only *uses* gradients; ``loss.backward()`` computes them.

    Parameters
    ----------
    params : iterable of Parameter
    lr : float
        Learning rate, at least 0.

    Raises
    ------
    ValueError
        If there are no parameters, or the learning rate is negative or not finite.
    """

    weight_decay = 0.0

    def __init__(self, params, lr):
        self.params, self.lr = list(params), lr
        name = type(self).__name__
        if not self.params:
            raise ValueError(f"{name}: expected at least one parameter, but got none")
        _check.number(name, at_least=0, lr=lr)

    def zeros(self):
        """Arrays of zeros, one like each parameter: the memory of an optimizer at the start."""
        return [np.zeros_like(p.data) for p in self.params]

    def zero_grad(self):
        """Forget the gradients of the last step."""
        for p in self.params:
            p.grad = None

    def gradient(self, p):
        """The gradient of ``p``, plus that of the penalty: weight decay pulls every weight towards 0 (chapter 11)."""
        return p.grad + self.weight_decay * p.data if self.weight_decay else p.grad

    def step(self):
        """Change every parameter that has a gradient."""
        for i, p in enumerate(self.params):
            if p.grad is not None:
                self.update(i, p)

    def update(self, i, p):
        """Change parameter number ``i``; each optimizer defines its own rule."""
        raise NotImplementedError(f"{type(self).__name__} has no update rule")


class SGD(Optimizer):
    r"""Gradient descent, plain or with a memory: momentum (A20, A21), Nesterov's look ahead (A22).

    .. math:: v \leftarrow \mu v + \nabla L, \qquad \theta \leftarrow \theta - \eta\, v
              \quad\text{or, with Nesterov,}\quad \theta \leftarrow \theta - \eta\,(\nabla L + \mu v)

    Called *stochastic* when the gradient comes from a mini-batch, *batch* when it comes from all data.

    Parameters
    ----------
    params : iterable of Parameter
    lr : float
        Learning rate :math:`\eta`.
    momentum : float
        How much of the last step is kept, :math:`\mu` in [0, 1).
    nesterov : bool
        Take the gradient's step after the momentum's; needs momentum.
    weight_decay : float
        :math:`\lambda \ge 0`: adds :math:`\lambda\theta`, the gradient of :math:`\tfrac\lambda2\lVert\theta\rVert^2`,
        to the gradient of every parameter (A39).

    Raises
    ------
    ValueError
        If ``momentum`` is outside [0, 1), ``nesterov`` is asked for without it, or ``weight_decay`` is negative.

    Examples
    --------
    >>> from course_lib.nn import Parameter
    >>> w = Parameter(1.0)
    >>> ((w - 3.0) ** 2).backward()
    >>> SGD([w], lr=0.25).step()
    >>> w.item()
    2.0

    References
    ----------
    Cauchy, A. (1847). Méthode générale pour la résolution des systèmes d'équations simultanées.
    Robbins, H. & Monro, S. (1951). A stochastic approximation method.
    Polyak, B. (1964). Some methods of speeding up the convergence of iteration methods.
    Nesterov, Y. (1983). A method of solving a convex programming problem with convergence rate O(1/k^2).
    """

    def __init__(self, params, lr=1e-3, momentum=0.0, *, nesterov=False, weight_decay=0.0):
        super().__init__(params, lr)
        _check.number("SGD", at_least=0, below=1, momentum=momentum)
        _check.number("SGD", at_least=0, weight_decay=weight_decay)
        if nesterov and not momentum:
            raise ValueError("SGD: nesterov needs momentum above 0, but momentum is 0")
        self.momentum, self.nesterov, self.weight_decay = momentum, nesterov, weight_decay
        self.velocity = self.zeros() if momentum else None

    def update(self, i, p):
        step = grad = self.gradient(p)
        if self.momentum:
            v = self.velocity[i]
            v *= self.momentum
            v += grad
            step = grad + self.momentum * v if self.nesterov else v
        p.data -= self.lr * step


class Adagrad(Optimizer):
    r"""A learning rate of its own for every parameter, smaller the more it has moved (A23).

    .. math:: s \leftarrow s + (\nabla L)^2, \qquad \theta \leftarrow \theta - \eta\,\frac{\nabla L}{\sqrt s + \epsilon}

    Parameters
    ----------
    params : iterable of Parameter
    lr : float
        Learning rate :math:`\eta`.
    eps : float
        Keeps the division finite, :math:`\epsilon > 0`.

    Examples
    --------
    >>> from course_lib.nn import Parameter
    >>> w = Parameter(1.0)
    >>> (100 * w).backward()
    >>> Adagrad([w], lr=0.25).step()         # the first step is lr, however large the gradient
    >>> w.item()
    0.75

    References
    ----------
    Duchi, J., Hazan, E. & Singer, Y. (2011). Adaptive subgradient methods for online learning and
    stochastic optimization. JMLR 12.
    """

    def __init__(self, params, lr=1e-2, eps=1e-10):
        super().__init__(params, lr)
        _check.number("Adagrad", above=0, eps=eps)
        self.eps, self.squares = eps, self.zeros()

    def update(self, i, p):
        s = self.squares[i]
        s += p.grad * p.grad
        p.data -= self.lr * p.grad / (np.sqrt(s) + self.eps)


class Adadelta(Optimizer):
    r"""Steps in the parameter's own units: as large as the recent ones, relative to the recent gradients (A24).

    .. math:: s \leftarrow \rho s + (1-\rho)(\nabla L)^2, \quad
              \Delta = \sqrt{\frac{u + \epsilon}{s + \epsilon}}\,\nabla L, \quad
              u \leftarrow \rho u + (1-\rho)\Delta^2, \quad \theta \leftarrow \theta - \eta\Delta

    Parameters
    ----------
    params : iterable of Parameter
    lr : float
        Learning rate :math:`\eta`, 1 in the paper.
    rho : float
        How much of the past is kept, in [0, 1).
    eps : float
        Sets the size of the first steps, :math:`\epsilon > 0`.

    Examples
    --------
    >>> from course_lib.nn import Parameter
    >>> w = Parameter(1.0)
    >>> (100 * w).backward()
    >>> Adadelta([w]).step()                 # the first step is sqrt(eps / (1 - rho))
    >>> round(1 - w.item(), 4)
    0.0032

    References
    ----------
    Zeiler, M. (2012). ADADELTA: an adaptive learning rate method. arXiv:1212.5701.
    """

    def __init__(self, params, lr=1.0, rho=0.9, eps=1e-6):
        super().__init__(params, lr)
        _check.number("Adadelta", at_least=0, below=1, rho=rho)
        _check.number("Adadelta", above=0, eps=eps)
        self.rho, self.eps = rho, eps
        self.squares, self.steps = self.zeros(), self.zeros()

    def update(self, i, p):
        s, u = self.squares[i], self.steps[i]
        blend(s, p.grad * p.grad, self.rho)
        step = np.sqrt((u + self.eps) / (s + self.eps)) * p.grad
        blend(u, step * step, self.rho)
        p.data -= self.lr * step


class RMSprop(Optimizer):
    r"""Adagrad that forgets: the gradient divided by its recent root mean square (A25).

    .. math:: s \leftarrow \alpha s + (1-\alpha)(\nabla L)^2, \qquad
              \theta \leftarrow \theta - \eta\,\frac{\nabla L}{\sqrt s + \epsilon}

    Parameters
    ----------
    params : iterable of Parameter
    lr : float
        Learning rate :math:`\eta`.
    alpha : float
        How much of the past is kept, in [0, 1).
    eps : float
        Keeps the division finite, :math:`\epsilon > 0`.

    Examples
    --------
    >>> from course_lib.nn import Parameter
    >>> w = Parameter(1.0)
    >>> (100 * w).backward()
    >>> RMSprop([w], lr=0.01, alpha=0.75).step()       # the first step is lr / sqrt(1 - alpha)
    >>> round(1 - w.item(), 4)
    0.02

    References
    ----------
    Tieleman, T. & Hinton, G. (2012). Lecture 6.5: RMSprop. COURSERA: Neural networks for machine learning.
    """

    def __init__(self, params, lr=1e-2, alpha=0.99, eps=1e-8):
        super().__init__(params, lr)
        _check.number("RMSprop", at_least=0, below=1, alpha=alpha)
        _check.number("RMSprop", above=0, eps=eps)
        self.alpha, self.eps, self.squares = alpha, eps, self.zeros()

    def update(self, i, p):
        s = self.squares[i]
        blend(s, p.grad * p.grad, self.alpha)
        p.data -= self.lr * p.grad / (np.sqrt(s) + self.eps)


class Adam(Optimizer):
    r"""Momentum over RMSprop, both corrected for starting at 0 (A26).

    .. math:: m \leftarrow \beta_1 m + (1-\beta_1)\nabla L, \quad
              s \leftarrow \beta_2 s + (1-\beta_2)(\nabla L)^2, \quad
              \theta \leftarrow \theta - \eta\,\frac{m / (1-\beta_1^t)}{\sqrt{s / (1-\beta_2^t)} + \epsilon}

    Parameters
    ----------
    params : iterable of Parameter
    lr : float
        Learning rate :math:`\eta`.
    betas : tuple of two floats
        How much of the past both averages keep, :math:`\beta_1` and :math:`\beta_2` in [0, 1).
    eps : float
        Keeps the division finite, :math:`\epsilon > 0`.
    weight_decay : float
        As in :class:`SGD`; :class:`AdamW` decays instead of adding to the gradient.

    Examples
    --------
    >>> from course_lib.nn import Parameter
    >>> w = Parameter(1.0)
    >>> (100 * w).backward()
    >>> Adam([w], lr=0.25).step()            # the first step is lr, thanks to the correction
    >>> w.item()
    0.75

    References
    ----------
    Kingma, D. & Ba, J. (2015). Adam: a method for stochastic optimization. ICLR.
    """

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
        super().__init__(params, lr)
        name = type(self).__name__
        _check.number(name, at_least=0, below=1, beta1=betas[0], beta2=betas[1])
        _check.number(name, above=0, eps=eps)
        _check.number(name, at_least=0, weight_decay=weight_decay)
        self.betas, self.eps, self.weight_decay = betas, eps, weight_decay
        self.means, self.squares, self.t = self.zeros(), self.zeros(), [0] * len(self.params)

    def update(self, i, p):
        m, s, (beta1, beta2) = self.means[i], self.squares[i], self.betas
        grad = self.gradient(p)
        self.t[i] += 1
        blend(m, grad, beta1)
        blend(s, grad * grad, beta2)
        lr = self.lr / (1 - beta1 ** self.t[i])
        scale = math.sqrt(1 - beta2 ** self.t[i])
        p.data -= lr * m / (np.sqrt(s) / scale + self.eps)


class AdamW(Adam):
    r"""Adam with decoupled weight decay: the weights shrink by a fixed share, whatever their gradients (A39).

    .. math:: \theta \leftarrow (1 - \eta\lambda)\,\theta, \qquad \text{then the step of Adam}

    Added to the gradient, as in :class:`Adam`, the penalty would be divided by :math:`\sqrt s` as well: weights with
    large gradients would hardly decay.

    Parameters
    ----------
    params, lr, betas, eps
        As in :class:`Adam`.
    weight_decay : float
        :math:`\lambda \ge 0`.

    Examples
    --------
    >>> from course_lib.nn import Parameter
    >>> w = Parameter(1.0)
    >>> (100 * w).backward()
    >>> AdamW([w], lr=0.25, weight_decay=0.5).step()       # 1 - 0.25 * 0.5, then the first step of Adam
    >>> w.item()
    0.625

    References
    ----------
    Loshchilov, I. & Hutter, F. (2019). Decoupled weight decay regularization. ICLR.
    """

    def __init__(self, params, lr=1e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=1e-2):
        super().__init__(params, lr, betas, eps, weight_decay)

    def gradient(self, p):
        return p.grad

    def update(self, i, p):
        p.data *= 1 - self.lr * self.weight_decay
        super().update(i, p)


def clip_grad_norm(params, max_norm):
    r"""Shorten the gradient of all parameters together to at most ``max_norm``; its direction stays (A27, A64).

    .. math:: g \leftarrow g \cdot \min\Bigl(1, \frac{\text{max norm}}{\lVert g \rVert + 10^{-6}}\Bigr)

    Parameters
    ----------
    params : iterable of Parameter
        Those without a gradient count as 0.
    max_norm : float
        Greater than 0.

    Returns
    -------
    float
        The norm before.

    Raises
    ------
    ValueError
        If ``max_norm`` is not greater than 0.

    Examples
    --------
    >>> from course_lib.nn import Parameter
    >>> w = Parameter(np.array([3.0, 4.0]))
    >>> (w * w * 0.5).sum().backward()
    >>> round(clip_grad_norm([w], max_norm=1.0), 4), w.grad.round(3)
    (5.0, array([0.6, 0.8]))

    References
    ----------
    Pascanu, R., Mikolov, T. & Bengio, Y. (2013). On the difficulty of training recurrent neural networks. ICML.
    """
    if not max_norm > 0:
        raise ValueError("clip_grad_norm: max_norm must be greater than 0, "
                         f"but is {max_norm}")
    grads = [p.grad for p in params if p.grad is not None]
    norm = math.sqrt(sum(float((g * g).sum()) for g in grads))
    if norm > max_norm:
        for g in grads:
            g *= max_norm / (norm + 1e-6)
    return norm


# -- shared parts ------------------------------------------------------------------------------------

def blend(average, value, keep):
    """Move a running average, in place: ``keep`` of the old, the rest of the new."""
    average *= keep
    average += (1 - keep) * value
