"""Sequence tasks with known answers: how far back does a network remember? (A67, chapters 15 and 16)

Sequences are arrays of shape (T, N, D): T time steps, N sequences side by side, D numbers at each step. Each call draws
new ones. The task with a grammar is in :mod:`course_lib.reber`.
"""
import numpy as np

from . import _check


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
    _check.number("latch", at_least=0, at_most=1, pulses=pulses)
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


def adding_problem(n, length, *, rng):
    r"""Two of many numbers are marked: what is their sum? (A67)

    .. math:: y = x_i + x_j, \qquad x_t \sim U(0, 1), \quad i < \lfloor T/2 \rfloor \le j

    Who always says 1 has a mean squared error of 1/6, the variance of the sum.

    Parameters
    ----------
    n : int
        Number of sequences N.
    length : int
        Time steps T, at least 2.
    rng : numpy.random.Generator

    Returns
    -------
    X : ndarray, float32, (length, n, 2)
        Numbers, and marks: 1 at one step of the first half and one of the second, else 0.
    y : ndarray, float32, (n, 1)

    Raises
    ------
    ValueError, TypeError
        If an argument is out of its range or of the wrong type.

    Examples
    --------
    >>> X, y = adding_problem(1000, 40, rng=np.random.default_rng(0))
    >>> X.shape, bool(np.allclose((X[..., 0] * X[..., 1]).sum(axis=0), y[:, 0]))
    ((40, 1000, 2), True)

    References
    ----------
    Hochreiter, S. & Schmidhuber, J. (1997). Long short-term memory. Neural Computation 9.
    """
    _check_draw("adding_problem", n, length, rng)
    X = np.zeros((length, n, 2), np.float32)
    X[..., 0] = rng.random((length, n))
    half, row = length // 2, np.arange(n)
    X[rng.integers(half, size=n), row, 1] = 1
    X[rng.integers(half, length, size=n), row, 1] = 1
    return X, (X[..., 0] * X[..., 1]).sum(axis=0)[:, None]


def first_symbol(n, length, *, symbols=2, rng):
    r"""The first symbol is the answer, everything after it a distraction (A67).

    Parameters
    ----------
    n : int
        Number of sequences N.
    length : int
        Time steps T, at least 2.
    symbols : int
        Possible answers C, at least 2.
    rng : numpy.random.Generator

    Returns
    -------
    X : ndarray, float32, (length, n, symbols + 2)
        One-hot. The first ``symbols`` channels are for the first step; then one of two distractors comes at each step.
    y : ndarray, int64, (n,)
        The first symbol: as many of each as possible, in random order.

    Raises
    ------
    ValueError, TypeError
        If an argument is out of its range or of the wrong type.

    Examples
    --------
    >>> X, y = first_symbol(6, 5, rng=np.random.default_rng(0))
    >>> X.shape, bool(np.all(X[0].argmax(axis=1) == y))
    ((5, 6, 4), True)
    """
    _check_draw("first_symbol", n, length, rng)
    _check.whole("first_symbol", at_least=2, symbols=symbols)
    which = symbols + rng.integers(2, size=(length, n))
    which[0] = y = rng.permutation(np.arange(n) % symbols)
    return np.eye(symbols + 2, dtype=np.float32)[which], y


def copy(n, symbols, delay, *, alphabet=4, rng):
    r"""Listen, wait, repeat: the word heard at the start is to be said after the bell (A67).

    The input is the word (``symbols`` letters), ``delay`` - 1 blanks, the bell, and ``symbols`` blanks. The target is
    blank until after the bell, then the word. Who always answers with the right number of blanks and guesses the letters
    has a cross-entropy of :math:`\frac{S \log A}{2S + \text{delay}}` (S letters out of A).

    Parameters
    ----------
    n : int
        Number of sequences N.
    symbols : int
        Letters S of the word, at least 1.
    delay : int
        Steps from the word's end to the bell, at least 1.
    alphabet : int
        Different letters A, at least 2.
    rng : numpy.random.Generator

    Returns
    -------
    X : ndarray, float32, (2 * symbols + delay, n, alphabet + 2)
        One-hot: letters, then blank, then bell.
    y : ndarray, int64, (2 * symbols + delay, n)
        The letter's number, or ``alphabet`` for blank.

    Raises
    ------
    ValueError, TypeError
        If an argument is out of its range or of the wrong type.

    Examples
    --------
    >>> X, y = copy(1, 3, 4, rng=np.random.default_rng(0))
    >>> "".join("ABCD_!"[i] for i in X[:, 0].argmax(axis=1)), "".join("ABCD_"[i] for i in y[:, 0])
    ('DCC___!___', '_______DCC')

    References
    ----------
    Arjovsky, M., Shah, A. & Bengio, Y. (2016). Unitary evolution recurrent neural networks. ICML.
    """
    _check.whole("copy", at_least=1, n=n, symbols=symbols, delay=delay)
    _check.whole("copy", at_least=2, alphabet=alphabet)
    _check.generator("copy", rng)
    word = rng.integers(alphabet, size=(symbols, n))
    which, y = np.full((2, 2 * symbols + delay, n), alphabet)
    which[:symbols], y[-symbols:] = word, word
    which[symbols + delay - 1] = alphabet + 1
    return np.eye(alphabet + 2, dtype=np.float32)[which], y


def _check_draw(operation, n, length, rng, at_least=2):
    _check.whole(operation, at_least=1, n=n)
    _check.whole(operation, at_least=at_least, length=length)
    _check.generator(operation, rng)
