r"""A stack of any height in one number, and a recurrent network that uses it (A63, chapter 15).

The bits of a stack are the digits of a fraction to base 4: 0 is written as 1 and 1 as 3, the top first,

.. math:: q = \sum_{i=1}^{n} \frac{2 b_i + 1}{4^i}, \qquad b_1 \text{ on top.}

So q is 0 if the stack is empty, in [1/4, 1/2) if the top is 0, in [3/4, 1) if it is 1. The gaps between are what makes
the top readable by a saturated-linear unit: no stack lies in them.
"""
from fractions import Fraction
from numbers import Rational, Real
from typing import NamedTuple

import numpy as np

from . import _check

BRACKETS = "()[]"


def saturate(x):
    """The saturated-linear activation: x between 0 and 1, and no further; keeps fractions exact (A63).

    >>> saturate(Fraction(-3)), saturate(Fraction(1, 3)), saturate(7.5)
    (Fraction(0, 1), Fraction(1, 3), 1.0)
    """
    kind = type(x)
    return kind(0) if x < 0 else kind(1) if x > 1 else x


def push(q, bit):
    r"""Lay a bit on the stack: :math:`q \leftarrow q/4 + (2b + 1)/4` (A63).

    Parameters
    ----------
    q : Fraction or float
        The stack, in [0, 1]. A Fraction stays exact at any height; a float64 up to 26 bits (rounding makes 1 of more).
    bit : {0, 1}

    Returns
    -------
    of the type of q

    Raises
    ------
    ValueError, TypeError
        If q is no number in [0, 1], or the bit neither 0 nor 1.

    Examples
    --------
    >>> push(push(Fraction(0), 1), 0)
    Fraction(7, 16)

    References
    ----------
    Siegelmann, H. & Sontag, E. (1995). On the computational power of neural nets. Journal of Computer and System
    Sciences 50.
    """
    _check_stack("push", q)
    _check.choice("push", "bit", bit, (0, 1))
    return q / 4 + type(q)(2 * bit + 1) / 4


def top(q):
    r"""The bit on top, :math:`\text{sat}(4q - 2)`; of an empty stack 0 (A63).

    >>> top(Fraction(7, 16)), top(0.75)
    (0, 1)
    """
    _check_stack("top", q)
    return round(saturate(4 * q - 2))


def pop(q):
    r"""The stack without its top: :math:`q \leftarrow 4q - (2b + 1)` (A63).

    Raises
    ------
    ValueError
        If the stack is empty, or q no number in [0, 1].

    Examples
    --------
    >>> pop(Fraction(7, 16))
    Fraction(3, 4)
    """
    _check_stack("pop", q)
    if is_empty(q):
        raise ValueError("pop: the stack must not be empty")
    return 4 * q - (2 * top(q) + 1)


def is_empty(q):
    r"""Whether nothing is there, :math:`\text{sat}(4q) = 0`: every stack with a bit is at least 1/4 (A63).

    >>> is_empty(Fraction(0)), is_empty(Fraction(1, 4))
    (True, False)
    """
    _check_stack("is_empty", q)
    return saturate(4 * q) < 1


def bits(q, most=1000):
    """All bits of a stack, the top first; of a stack that rounding has damaged, at most so many of what comes out.

    >>> bits(Fraction(7, 16)), bits(0.0)
    ([0, 1], [])
    """
    found = []
    while not is_empty(q) and len(found) < most:
        found.append(top(q))
        q = saturate(pop(q))                                 # back into [0, 1] if damaged
    return found


def rounded(q, precision):
    """The nearest number with so many significant binary digits: 11, 24 and 53 are float16, float32 and float64 (A63).

    Parameters
    ----------
    q : Fraction
    precision : int or None
        At least 1; None leaves q as it is.

    Examples
    --------
    >>> rounded(Fraction(1, 3), 2), rounded(Fraction(1, 3), 53) == Fraction(1 / 3)
    (Fraction(3, 8), True)
    """
    if precision is None or not q:
        return q
    _check.whole("rounded", at_least=1, precision=precision)
    exponent = abs(q.numerator).bit_length() - q.denominator.bit_length()       # of 2, right or one too small
    exponent += abs(q) >= Fraction(2) ** exponent
    unit = Fraction(2) ** (exponent - precision)
    return round(q / unit) * unit                            # halves to even, as processors do


# -- a recurrent network on top of it -------------------------------------------------------------------

class Weights(NamedTuple):
    """Weights of :func:`bracket_network`: arrays of Fractions."""
    W: np.ndarray
    U: np.ndarray
    b: np.ndarray
    stack: np.ndarray
    errors: np.ndarray


def bracket_network():
    r"""Eight units with rational weights that check brackets of two kinds, nested as deep as you like (A63).

    .. math:: h_t = \text{sat}(W x_t + U h_{t-1} + b), \qquad q_t = s^\top h_t, \qquad e_t = r^\top h_t

    x is the one-hot code of "(", ")", "[" or "]". The stack q is a sum over units: one for a push, three for a pop
    (exactly one of the two is at work, the others are pushed below 0). Three units see a wrong top, and the last one
    remembers that there was an error.

    Returns
    -------
    Weights
        W (8, 4), U (8, 8), b (8,), and the two read-outs ``stack`` s and ``errors`` r, both (8,); dtype object.

    Examples
    --------
    >>> network = bracket_network()
    >>> network.U.shape, max(abs(network.U.ravel()))
    ((8, 8), Fraction(4, 1))

    References
    ----------
    Siegelmann, H. & Sontag, E. (1995). On the computational power of neural nets. Journal of Computer and System
    Sciences 50.
    """
    stack = np.array([1, 1, 1, -1, 0, 0, 0, 0])              # q = pushed + (low + high - top of the pop)
    errors = np.array([0, 0, 0, 0, 1, 1, 1, 1])
    # How each unit sees the last stack, and what every input adds:
    #                     q   "("        ")"  "["        "]"
    rows = [(Fraction(1, 4), Fraction(1, 4), -1, Fraction(3, 4), -1),     # pushed:    q/4 + (2b + 1)/4
            (4, -5, -1, -5, -1),                             # popped, top 0:  4q - 1   (1 if the top is 1)
            (4, -7, -3, -7, -3),                             # popped, top 1:  4q - 3   (0 if the top is 0)
            (4, -6, -2, -6, -2),                             # popped, top:    4q - 2
            (4, -6, -2, -6, -6),                             # ")" on a 1:     4q - 2
            (-4, -3, 1, -3, -3),                             # ")" on nothing: 1 - 4q
            (-4, -1, -1, -1, 3),                             # "]" on a 0 or on nothing: 3 - 4q
            (0, 0, 0, 0, 0)]                                 # there was an error
    table = np.array(rows, dtype=object) + Fraction(0)
    U = np.outer(table[:, 0], stack) + Fraction(0)
    U[7] = errors + Fraction(0)
    return Weights(table[:, 1:], U, np.full(8, Fraction(0), dtype=object), stack + Fraction(0), errors + Fraction(0))


class Trace(NamedTuple):
    """What :func:`check_brackets` saw: the verdict; after each character the stack, and whether there was an error."""
    balanced: bool
    stacks: list
    errors: list


def check_brackets(text, precision=None):
    """Run :func:`bracket_network` over a text, exactly or with the rounding of a computer (A63).

    Parameters
    ----------
    text : str
        Of the characters ``()[]``.
    precision : int, optional
        After every step each unit is rounded to so many significant binary digits, as by a float; by default not.

    Returns
    -------
    Trace
        ``balanced``: no error, and the stack is empty in the end.

    Raises
    ------
    ValueError, TypeError
        If the text holds other characters, or the precision is no positive whole number.

    Examples
    --------
    >>> [check_brackets(text).balanced for text in ("([])[]", "([)]", "((", ")")]
    [True, False, False, False]
    >>> deep = 30 * "[" + 30 * "]"
    >>> check_brackets(deep).balanced, check_brackets(deep, precision=53).balanced
    (True, False)
    """
    if not isinstance(text, str) or set(text) - set(BRACKETS):
        raise ValueError(f"check_brackets: text must consist of {BRACKETS}, "
                         f"but is {text!r:.60}")
    if precision is not None:
        _check.whole("check_brackets", at_least=1, precision=precision)
    W, U, b, stack, errors = bracket_network()
    h, trace = np.full(8, Fraction(0), dtype=object), Trace(True, [], [])
    for character in text:
        a = W[:, BRACKETS.index(character)] + U @ h + b
        h = np.array([rounded(saturate(value), precision) for value in a],
                     dtype=object)
        trace.stacks.append(stack @ h)
        trace.errors.append(bool(saturate(errors @ h) >= Fraction(1, 2)))
    return trace._replace(balanced=not text or (not trace.errors[-1]
                                                and trace.stacks[-1] == 0))


def _check_stack(operation, q):
    if isinstance(q, bool) or not isinstance(q, Real):
        raise TypeError(f"{operation}: q must be a Fraction or a float, but is {q!r:.60}")
    if isinstance(q, Rational) and not isinstance(q, Fraction):
        raise TypeError(f"{operation}: q must be a Fraction or a float, but is the whole number {q}")
    if not 0 <= q <= 1:
        raise ValueError(f"{operation}: q must be in [0, 1], but is {q}")
