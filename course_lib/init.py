"""Where the weights start (chapter 8, A31). Every scheme is a function ``(shape, rng) -> float32 array``.

Weights have shape (out, in) or (out, in, *kernel): ``fan_in`` is the number of inputs that one unit adds up,
``fan_out`` the number of units that one input reaches.
"""
import math

import numpy as np


def zeros(shape, rng=None):
    """All weights 0: every unit of a layer stays a copy of its neighbour (A31)."""
    return np.zeros(shape, np.float32)


def constant(shape, rng=None, value=0.1):
    """All weights ``value``."""
    return np.full(shape, value, np.float32)


def normal(shape, rng, std=0.01):
    """Small Gaussian weights, whatever the width of the layer (A31)."""
    return (std * rng.standard_normal(shape)).astype(np.float32)


def default(shape, rng):
    r"""PyTorch's default for linear and convolutional layers: uniform in :math:`\pm 1/\sqrt{\text{fan in}}`."""
    bound = 1 / math.sqrt(fans(shape)[0])
    return rng.uniform(-bound, bound, shape).astype(np.float32)


def lecun(shape, rng):
    """Gaussian with variance 1 / fan in: sums keep the size of inputs (A31).

    Often called Xavier; the two are the same in layers with as many inputs as outputs.

    Examples
    --------
    >>> bool(abs(lecun((100, 400), np.random.default_rng(0)).std() - 1 / 20) < 0.001)
    True

    References
    ----------
    LeCun, Y., Bottou, L., Orr, G. & Müller, K.-R. (1998). Efficient BackProp.
    """
    return normal(shape, rng, math.sqrt(1 / fans(shape)[0]))


def xavier(shape, rng, gain=1.0):
    """Gaussian with variance 2 / (fan in + fan out), made for tanh (A31).

    A compromise: answers keep their size forward with 1 / fan in, gradients backward with 1 / fan out.

    References
    ----------
    Glorot, X. & Bengio, Y. (2010). Understanding the difficulty of training deep feedforward neural
    networks. AISTATS.
    """
    return normal(shape, rng, gain * math.sqrt(2 / sum(fans(shape))))


def xavier_uniform(shape, rng, gain=1.0):
    """Uniform, with the variance of :func:`xavier` (A31).

    Between minus and plus the square root of 6 / (fan in + fan out).

    Examples
    --------
    >>> bool(np.abs(xavier_uniform((2, 4), np.random.default_rng(0))).max() < 1)
    True

    References
    ----------
    Glorot, X. & Bengio, Y. (2010). Understanding the difficulty of training deep feedforward neural
    networks. AISTATS.
    """
    bound = gain * math.sqrt(6 / sum(fans(shape)))
    return rng.uniform(-bound, bound, shape).astype(np.float32)


def he(shape, rng):
    """Gaussian with variance 2 / fan in, made for ReLU (A31).

    ReLU silences half of its inputs; the 2 makes up for it.

    References
    ----------
    He, K., Zhang, X., Ren, S. & Sun, J. (2015). Delving deep into rectifiers. ICCV.
    """
    return normal(shape, rng, math.sqrt(2 / fans(shape)[0]))


def orthogonal(shape, rng, gain=1.0):
    """A random orthogonal matrix (rows or columns orthonormal), times ``gain``.

    References
    ----------
    Saxe, A., McClelland, J. & Ganguli, S. (2014). Exact solutions to the nonlinear dynamics of learning
    in deep linear neural networks. ICLR.
    """
    rows, columns = shape[0], math.prod(shape[1:])
    q, r = np.linalg.qr(rng.standard_normal((max(rows, columns), min(rows, columns))))
    q *= np.sign(np.diag(r))                             # without this, not every rotation is equally likely
    return (gain * (q if rows >= columns else q.T)).reshape(shape).astype(np.float32)


def fans(shape):
    """``(fan_in, fan_out)`` of a weight of shape (out, in, *kernel).

    >>> fans((16, 3, 5, 5))
    (75, 400)
    """
    if len(shape) < 2:
        raise ValueError(f"init: a weight needs shape (out, in, ...), but got {tuple(shape)}")
    kernel = math.prod(shape[2:])
    return shape[1] * kernel, shape[0] * kernel


SCHEMES = {"zeros": zeros, "constant": constant, "small normal": normal, "default": default,
           "lecun": lecun, "xavier": xavier, "xavier uniform": xavier_uniform, "he": he, "orthogonal": orthogonal}


def get(name):
    """The scheme called ``name``, upper or lower case; a callable is returned as it is.

    >>> get("Xavier") is xavier
    True
    """
    if callable(name):
        return name
    if str(name).lower() not in SCHEMES:
        raise ValueError(f"init: unknown scheme {name!r}; there are {', '.join(SCHEMES)}")
    return SCHEMES[name.lower()]
