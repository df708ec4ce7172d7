"""Sequence tasks with known answers: how far back does a network remember? (A67, chapters 15 and 16)

Sequences are arrays of shape (T, N, D): T time steps, N sequences side by side, D numbers at each step. Nothing is
stored; each call draws new ones.
"""
import numpy as np

from . import _check


# -- what must be held -------------------------------------------------------------------------------

def latch(n, length, *, pulses=0.2, rng):
    r"""A switch to be remembered: set and reset pulses come at random, the last step asks for its position (A67).

    .. math:: s_t = \begin{cases} 1 & \text{after a set pulse} \\ 0 & \text{after a reset pulse} \\
              s_{t-1} & \text{otherwise} \end{cases} \qquad y = s_{T-1}

    The first step always holds a pulse, so the position is defined.

    Parameters
    ----------
    n : int
        Number of sequences N.
    length : int
        Time steps T, at least 2.
    pulses : float
        The chance of a pulse at every step between the first and the last, from 0 to 1. With 0 only the first counts.
    rng : numpy.random.Generator

    Returns
    -------
    X : ndarray, float32, (length, n, 3)
        Channels "set", "reset" and "ask": 1 or 0; the last is 1 at the last step alone.
    y : ndarray, int64, (n,)
        The position at the end, 0 or 1: as many of each as possible, in random order.

    Raises
    ------
    ValueError, TypeError
        If an argument is out of its range or of the wrong type.

    Examples
    --------
    >>> X, y = latch(4, 8, rng=np.random.default_rng(0))
    >>> X.shape, sorted(y.tolist())
    ((8, 4, 3), [0, 0, 1, 1])

    References
    ----------
    Bengio, Y., Simard, P. & Frasconi, P. (1994). Learning long-term dependencies with gradient descent is
    difficult. IEEE Transactions on Neural Networks 5.
    """
    _check_draw("latch", n, length, rng)
    _check.number("latch", pulses=pulses, at_least=0)
    if pulses > 1:
        raise ValueError(f"latch: pulses must be a chance from 0 to 1, but is {pulses}")
    pulse = rng.random((length, n)) < pulses
    pulse[0], pulse[-1] = True, False
    up = rng.random((length, n)) < 0.5
    last = length - 1 - pulse[::-1].argmax(axis=0)
    y = rng.permutation(np.arange(n) % 2)
    up ^= up[last, np.arange(n)] != y                        # swap set and reset where the end came out wrong
    X = np.zeros((length, n, 3), np.float32)
    X[..., 0], X[..., 1] = pulse & up, pulse & ~up
    X[-1, :, 2] = 1
    return X, y


def majority(n, length, *, rng):
    r"""Which sign came more often? (A67)

    .. math:: y = \bigl[\, x_1 + x_2 + \dots + x_T > 0 \,\bigr], \qquad x_t = \pm 1

    Parameters
    ----------
    n : int
        Number of sequences N.
    length : int
        Time steps T, an odd number (so that there is no draw).
    rng : numpy.random.Generator

    Returns
    -------
    X : ndarray, float32, (length, n, 1)
        Ones of either sign.
    y : ndarray, int64, (n,)
        0 or 1: as many of each as possible, in random order.

    Raises
    ------
    ValueError, TypeError
        If an argument is out of its range or of the wrong type.

    Examples
    --------
    >>> X, y = majority(4, 11, rng=np.random.default_rng(0))
    >>> X.shape, bool(np.all((X.sum(axis=0)[:, 0] > 0) == y))
    ((11, 4, 1), True)
    """
    _check_draw("majority", n, length, rng, at_least=1)
    if length % 2 == 0:
        raise ValueError(f"majority: length must be odd, so that there is no draw, but is {length}")
    X = rng.choice(np.array([-1, 1], np.float32), (length, n, 1))
    y = rng.permutation(np.arange(n) % 2)
    X[:, (X.sum(axis=0)[:, 0] > 0) != y] *= -1
    return X, y


def _check_draw(operation, n, length, rng, at_least=2):
    _check.whole(operation, at_least=1, n=n)
    _check.whole(operation, at_least=at_least, length=length)
    _check.generator(operation, rng)
