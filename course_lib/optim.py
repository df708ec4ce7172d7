"""How to use a gradient, in order of growing complexity (chapter 6)."""
import math


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

    def __init__(self, params, lr):
        self.params, self.lr = list(params), lr
        name = type(self).__name__
        if not self.params:
            raise ValueError(f"{name}: expected at least one parameter, but got none")
        if not (math.isfinite(lr) and lr >= 0):
            raise ValueError(f"{name}: lr must be finite and at least 0, but is {lr}")

    def zero_grad(self):
        """Forget the gradients of the last step."""
        for p in self.params:
            p.grad = None

    def step(self):
        """Change every parameter that has a gradient."""
        for i, p in enumerate(self.params):
            if p.grad is not None:
                self.update(i, p)

    def update(self, i, p):
        """Change parameter number ``i``; each optimizer defines its own rule."""
        raise NotImplementedError(f"{type(self).__name__} has no update rule")


class SGD(Optimizer):
    r"""Gradient descent, :math:`\theta \leftarrow \theta - \eta\,\nabla L` (A20).

    Called *stochastic* when the gradient comes from a mini-batch, *batch* when it comes from all data.

    Parameters
    ----------
    params : iterable of Parameter
    lr : float
        Learning rate :math:`\eta`.

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
    """

    def __init__(self, params, lr=1e-3):
        super().__init__(params, lr)

    def update(self, i, p):
        p.data -= self.lr * p.grad
