"""Is this gradient right? Compare it with finite differences (chapter 5)."""
import numpy as np

from .tensor import Tensor


def numerical_gradient(f, theta, eps=1e-5):
    r"""The gradient of ``f`` by central differences, one coordinate at a time (A18).

    .. math:: \frac{\partial f}{\partial\theta_i} \approx
              \frac{f(\theta + \epsilon e_i) - f(\theta - \epsilon e_i)}{2\epsilon}

    Parameters
    ----------
    f : callable
        Maps an array like ``theta`` to a number.
    theta : ndarray of float64, any shape
        Where to measure; not changed.
    eps : float
        Step :math:`\epsilon`. Too large and the curve bends, too small and round-off wins.

    Returns
    -------
    ndarray, same shape as ``theta``

    Raises
    ------
    TypeError
        If ``theta`` is not float64: float32 has too few digits for differences.

    Examples
    --------
    >>> numerical_gradient(lambda t: (t ** 2).sum(), np.array([1.0, -3.0])).round(6)
    array([ 2., -6.])
    """
    theta = np.asarray(theta)
    if theta.dtype != np.float64:
        raise TypeError("numerical_gradient: theta must be float64, "
                        f"but is {theta.dtype}")
    grad = np.empty_like(theta)
    for i in np.ndindex(theta.shape):
        shift = np.zeros_like(theta)
        shift[i] = eps
        rise = float(f(theta + shift)) - float(f(theta - shift))
        grad[i] = rise / (2 * eps)
    return grad


def relative_error(a, b):
    r"""How far two numbers (or arrays) are apart: :math:`\max|a-b| / \max(|a|, |b|, 10^{-12})`."""
    a, b = np.asarray(a, np.float64), np.asarray(b, np.float64)
    scale = max(np.abs(a).max(initial=0), np.abs(b).max(initial=0), 1e-12)
    return float(np.abs(a - b).max(initial=0) / scale)


def gradcheck(f, inputs, *, rng, eps=1e-6, directions=4, tries=50):
    r"""The worst relative error of ``f``'s gradient along random directions, away from kinks (A18).

    With an arbitrary upstream gradient :math:`u` and direction :math:`v`, the number
    :math:`v^\top \nabla_\theta (u^\top f(\theta))` that ``backward`` gives is compared with the central
    difference of :math:`u^\top f`. One direction tests all coordinates at once.

    Parameters
    ----------
    f : callable
        Maps ``*inputs`` to a Tensor of any shape. It may also ignore its arguments and use them
        through a model that holds them.
    inputs : sequence of Tensor
        float64 tensors with ``requires_grad=True``; their values are put back afterwards.
    rng : numpy.random.Generator
    eps : float
        Step length along a direction.
    directions : int
        How many directions to test.
    tries : int
        How many directions to draw before giving up on finding ``directions`` that cross no kink.

    Returns
    -------
    float
        Right gradients give 1e-6 or less, wrong ones about 1.

    Raises
    ------
    TypeError
        If an input is not a float64 tensor that requires a gradient.
    ValueError
        If ``f`` has kinks in every direction tried, for example ReLU exactly at 0.

    Examples
    --------
    >>> x = Tensor(np.array([0.5, -2.0]), requires_grad=True)
    >>> gradcheck(lambda x: (x * x).exp(), [x], rng=np.random.default_rng(0)) < 1e-6
    True
    """
    for x in inputs:
        if not (isinstance(x, Tensor) and x.dtype == np.float64
                and x.requires_grad):
            raise TypeError("gradcheck: inputs must be float64 tensors with "
                            f"requires_grad=True, but got {x!r}")

    here = [x.data for x in inputs]
    out = f(*inputs)
    upstream = rng.standard_normal(out.shape)

    def value(step, direction):
        for x, data, v in zip(inputs, here, direction):
            x.data = data + step * v
        try:
            return float((f(*inputs).data * upstream).sum())
        finally:
            for x, data in zip(inputs, here):
                x.data = data

    for x in inputs:
        x.grad = None
    out.backward(upstream)
    grads = [np.zeros_like(x.data) if x.grad is None else x.grad for x in inputs]

    errors = []
    for _ in range(tries):
        direction = [rng.standard_normal(x.shape) for x in inputs]
        middle, right, left = (value(step, direction) for step in (0, eps, -eps))
        slope = (right - left) / (2 * eps)
        # How the slope jumps: about eps where f is smooth, more at a kink.
        bend = abs(right - 2 * middle + left) / eps
        if bend > 1e-3 * max(1.0, abs(slope)):
            continue
        analytic = sum(float((g * v).sum()) for g, v in zip(grads, direction))
        scale = max(abs(slope), abs(analytic), 1e-3 * _length(upstream))
        errors.append(abs(slope - analytic) / scale if scale else 0.0)
        if len(errors) == directions:
            return max(errors)
    raise ValueError(f"gradcheck: {len(errors)} of {tries} directions cross no "
                     f"kink, but {directions} are needed; move the inputs off "
                     "the kink (for example add 0.01)")


def _length(v):
    return float(np.sqrt((v * v).sum()))
