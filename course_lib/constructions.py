"""Networks built by hand, with weights from formulas: what a network *can* do, before it learns (chapter 7).

Truth tables as two layers of perceptrons or as a tree of them, functions as sums of bumps or of bends, and
the tent map, folded once more by every layer.
"""
from typing import NamedTuple

import numpy as np

from . import _check
from .neurons import threshold_unit
from .nn import Linear, ReLU, Sequential, Sigmoid, Step


def dense(*pairs, activation, output=None):
    """Chain given weights and biases to a network, with an activation between the layers.

    Parameters
    ----------
    *pairs : tuple (weight (F, D), bias (F,))
        One per layer, from input to output.
    activation : callable
        Makes a layer, such as ``nn.Step``.
    output : callable, optional
        Makes a layer behind the last one, which is linear without it.

    Returns
    -------
    Sequential
        Its parameters are float64: weights built by hand are exact.

    Raises
    ------
    ValueError, TypeError
        If there is no layer, or two neighbours do not fit.

    Examples
    --------
    >>> from course_lib import nn
    >>> dense(([[1, 1]], [-2]), activation=nn.Step, output=nn.Step)([[1.0, 1.0], [1.0, 0.0]]).data.ravel()
    array([1., 0.])
    """
    if not pairs:
        raise ValueError("dense: pairs must be at least one (weight, bias), but there is none")
    layers, wanted = [], "D"
    for weight, bias in pairs:
        weight = _check.array("dense", "weight", weight, ("F", wanted))
        bias = _check.array("dense", "bias", bias, (len(weight),))
        layer = Linear(*weight.shape[::-1], init="zeros", rng=None)
        layer.weight.data, layer.bias.data = weight.astype(np.float64), bias.astype(np.float64)
        layers += [layer, activation()]
        wanted = len(weight)
    return Sequential(*layers[:-1], *([output()] if output else []))


def count_units(network):
    """How many units compute something: the rows of all weight matrices; inputs are not counted (A29).

    >>> count_units(dnf_network([0, 1, 1, 0]))          # two ANDs and one OR
    3
    """
    return sum(p.shape[0] for p in network.parameters() if p.ndim == 2)


# ---------------------------------------------------------------- A29: Boolean functions

def truth_rows(bits):
    """All rows of ``bits`` zeros and ones, in the order in which one counts in binary (A29).

    >>> truth_rows(2).tolist()
    [[0, 0], [0, 1], [1, 0], [1, 1]]
    """
    _check.whole("truth_rows", bits=bits, at_least=1)
    if bits > 20:
        raise ValueError(f"truth_rows: bits must be at most 20 (a million rows), but is {bits}")
    return np.arange(2 ** bits)[:, None] >> np.arange(bits)[::-1] & 1


def dnf_network(truth_table):
    r"""Write a truth table as OR of ANDs, one unit per row that is 1 (A29).

    The perceptron of the row with ones at :math:`P` and zeros at :math:`N` is the AND of its literals,
    :math:`\mathbb 1[\sum_{i\in P} x_i - \sum_{i\in N} x_i \ge |P|]`; one more perceptron is the OR,
    :math:`\mathbb 1[\sum_j h_j \ge 1]`.

    Parameters
    ----------
    truth_table : array_like, (2**D,)
        0 or 1 for each row of :func:`truth_rows`.

    Returns
    -------
    Sequential
        D inputs, one hidden unit per row that is 1, one output, all of them threshold units. If no row is 1,
        one hidden unit that never fires.

    Raises
    ------
    ValueError, TypeError
        If the length is no power of two from 2 on, or a value is not 0 or 1.

    References
    ----------
    McCulloch, W. S. & Pitts, W. (1943). A logical calculus of the ideas immanent in nervous activity.

    Examples
    --------
    >>> xor = dnf_network([0, 1, 1, 0])
    >>> xor[0].weight.data, xor[0].bias.data
    (array([[-1.,  1.],
           [ 1., -1.]]), array([-1., -1.]))
    >>> xor(truth_rows(2)).data.ravel()
    array([0., 1., 1., 0.])
    """
    table = np.asarray(truth_table)
    bits = max(table.size - 1, 0).bit_length()
    if table.ndim != 1 or table.size < 2 or table.size != 2 ** bits:
        raise ValueError("dnf_network: truth_table must have shape (2**D,) "
                         f"with D from 1, but is {table.shape}")
    _check.labels("dnf_network", "truth_table", table, table.size, classes=2)
    rows = truth_rows(bits)[table == 1]
    literals = 2 * rows - 1                      # +1 where the row has a 1
    bias = -rows.sum(axis=1)
    if not len(rows):
        literals, bias = np.zeros((1, bits)), [-1]
    return dense((literals, bias), (np.ones((1, len(literals))), [-1]),
                 activation=Step, output=Step)


def parity_network(bits):
    r"""Compute parity with one hidden layer of D perceptrons that count (A29).

    Unit k of the hidden layer fires from k ones on, :math:`h_k = \mathbb 1[\sum_i x_i \ge k]`; the output is
    :math:`\mathbb 1[h_1 - h_2 + h_3 - \dots \ge 1]`. With n ones, the sum has n terms and is 1 for odd n, else 0.

    Parameters
    ----------
    bits : int
        The number of inputs D.

    Returns
    -------
    Sequential

    Raises
    ------
    ValueError, TypeError
        If ``bits`` is no positive whole number.

    References
    ----------
    Rumelhart, D., Hinton, G. & Williams, R. (1986). Learning internal representations by error propagation.
    In: Parallel distributed processing, vol. 1.

    Examples
    --------
    >>> network = parity_network(3)
    >>> count_units(network), network(truth_rows(3)).data.ravel()
    (4, array([0., 1., 1., 0., 1., 0., 0., 1.]))
    """
    _check.whole("parity_network", bits=bits, at_least=1)
    counts = np.arange(1, bits + 1)
    return dense((np.ones((bits, bits)), -counts),
                 ((-1.0) ** (counts[None] + 1), [-1]),
                 activation=Step, output=Step)


class Gate(NamedTuple):
    """One perceptron of a circuit.

    Attributes
    ----------
    wires : tuple of int
        What it reads: 0 … D-1 are the inputs, D … the gates before it.
    weights : tuple of float
    bias : float
    """
    wires: tuple
    weights: tuple
    bias: float


class Circuit(NamedTuple):
    """Perceptrons, each reading inputs or perceptrons before it; the last wire is the answer.

    Attributes
    ----------
    bits : int
        The number of inputs D.
    gates : list of Gate
    """
    bits: int
    gates: list

    def wires(self, X):
        """The value of every input and gate: X (N, D) gives int64 (N, D + gates)."""
        X = _check.array("Circuit", "X", X, ("N", self.bits))
        if not np.isin(X, (0, 1)).all():
            raise ValueError(f"Circuit: X must hold zeros and ones, but has {X[~np.isin(X, (0, 1))][0]:g}")
        values = list(X.T.astype(np.int64))
        for gate in self.gates:
            read = np.stack([values[wire] for wire in gate.wires], axis=-1)
            values.append(threshold_unit(read, gate.weights, gate.bias))
        return np.stack(values, axis=-1)

    def __call__(self, X):
        """The answer for each row of X (N, D), int64 (N,)."""
        return self.wires(X)[:, -1]

    def layers(self):
        """How many gates in a row lie behind every wire, itself included; inputs have 0."""
        depth = [0] * self.bits
        for gate in self.gates:
            depth.append(1 + max(depth[wire] for wire in gate.wires))
        return depth


def xor_tree(bits):
    r"""Build parity as a tree of exclusive ors: 3 (D - 1) perceptrons (A29).

    :math:`x \oplus y = \text{AND}(\text{OR}(x, y), \text{NAND}(x, y))`; the tree joins neighbours, then the
    results, until one is left. Its depth is :math:`2\lceil\log_2 D\rceil`.

    Parameters
    ----------
    bits : int
        The number of inputs D.

    Returns
    -------
    Circuit
        Without gates if D = 1: the parity of one bit is that bit.

    Raises
    ------
    ValueError, TypeError
        If ``bits`` is no positive whole number.

    References
    ----------
    Håstad, J. (1986). Almost optimal lower bounds for small depth circuits. STOC.

    Examples
    --------
    >>> tree = xor_tree(3)
    >>> len(tree.gates), tree(truth_rows(3))
    (6, array([0, 1, 1, 0, 1, 0, 0, 1]))
    """
    _check.whole("xor_tree", bits=bits, at_least=1)
    gates, waiting = [], list(range(bits))
    while len(waiting) > 1:
        joined = []
        for x, y in zip(waiting[::2], waiting[1::2]):
            either = bits + len(gates)
            gates += [Gate((x, y), (1, 1), -1),                  # OR
                      Gate((x, y), (-1, -1), 1),                 # NAND
                      Gate((either, either + 1), (1, 1), -2)]    # AND
            joined.append(either + 2)
        waiting = joined + waiting[2 * len(joined):]     # an odd one waits
    return Circuit(bits, gates)


# ---------------------------------------------------------------- A30: functions of one number

def bump_network(f, n, low=0.0, high=1.0, steepness=None):
    r"""Approximate a function by n bumps: one hidden layer of 2n units (A30).

    .. math:: f(x) \approx \sum_{j=1}^{n} c_j \bigl[\sigma(k(x - a_j)) - \sigma(k(x - b_j))\bigr]

    with :math:`[a_j, b_j)` the n equal parts of [low, high] and :math:`c_j` the value of f in the middle of
    each. With steps for :math:`\sigma`, a function of Lipschitz constant L is missed by at most
    :math:`L\,(\mathrm{high} - \mathrm{low}) / 2n`, and the answer outside [low, high] is 0.

    Parameters
    ----------
    f : callable
        Takes and returns an array of numbers.
    n : int
        Bumps.
    low, high : float
        The interval.
    steepness : float, optional
        :math:`k` of sigmoid units; steps (infinitely steep) without it.

    Returns
    -------
    Sequential
        Takes (N, 1), gives (N, 1).

    Raises
    ------
    ValueError, TypeError
        If a number is out of its range, or f does not give one finite number for each place.

    References
    ----------
    Cybenko, G. (1989). Approximation by superpositions of a sigmoidal function.
    Hornik, K. (1991). Approximation capabilities of multilayer feedforward networks.

    Examples
    --------
    >>> x = np.linspace(0, 1, 1001)[:, None]
    >>> for n in (2, 20):
    ...     print(round(float(np.abs(bump_network(np.square, n)(x).data - x ** 2).max()), 4))
    0.4375
    0.0494
    """
    _check.whole("bump_network", n=n, at_least=1)
    _check.number("bump_network", low=low)
    _check.number("bump_network", high=high, above=low)
    if steepness is not None:
        _check.number("bump_network", steepness=steepness, above=0)
    edges = np.linspace(low, high, n + 1)
    middles = (edges[:-1] + edges[1:]) / 2
    heights = _check.array("bump_network", "f(x)", f(middles), (n,))
    edges[-1] = np.nextafter(edges[-1], np.inf)  # x = high is in the last bump
    k = 1.0 if steepness is None else steepness
    a_and_b = np.concatenate([edges[:-1], edges[1:]])
    return dense((np.full((2 * n, 1), k), -k * a_and_b),
                 (np.concatenate([heights, -heights])[None], [0.0]),
                 activation=Step if steepness is None else Sigmoid)


def interpolating_network(x, y):
    r"""Join given points by straight lines: one hidden layer, one ReLU for every line (A30).

    :math:`\hat f(t) = y_0 + \sum_i (m_i - m_{i-1})\,\mathrm{relu}(t - x_i)` with :math:`m_i` the slope from
    point i to the next, :math:`m_{-1} = 0`. Constant to the left of the points, the last line goes on to the
    right.

    Parameters
    ----------
    x : array_like, (N,)
        Increasing, two or more.
    y : array_like, (N,)

    Returns
    -------
    Sequential
        N - 1 hidden units; takes (M, 1), gives (M, 1).

    Raises
    ------
    ValueError, TypeError
        If ``x`` does not increase or ``y`` differs in length.

    Examples
    --------
    >>> tent = interpolating_network([0, 0.5, 1], [0, 1, 0])
    >>> tent[0].bias.data, tent[2].weight.data
    (array([ 0. , -0.5]), array([[ 2., -4.]]))
    """
    x = _check.array("interpolating_network", "x", x, ("N",)).astype(np.float64)
    y = _check.array("interpolating_network", "y", y, (len(x),)).astype(np.float64)
    if len(x) < 2 or not (np.diff(x) > 0).all():
        raise ValueError(f"interpolating_network: x must be two or more increasing numbers, but is {x!r:.60}")
    bends = np.diff(np.diff(y) / np.diff(x), prepend=0.0)
    return dense((np.ones((len(bends), 1)), 0.0 - x[:-1]), (bends[None], y[:1]), activation=ReLU)


def tent_network(folds):
    r"""Fold [0, 1] again and again: 2 ReLU units per layer, 2^k lines (A30).

    The tent :math:`T(x) = 2\,\mathrm{relu}(x) - 4\,\mathrm{relu}(x - \frac12)` maps both halves of [0, 1] onto
    the whole; composed k times it is a saw of :math:`2^{k-1}` teeth. A network with one hidden layer needs a
    unit for every line.

    Parameters
    ----------
    folds : int
        k, the number of hidden layers.

    Returns
    -------
    Sequential
        Takes (N, 1), gives (N, 1).

    Raises
    ------
    ValueError, TypeError
        If ``folds`` is no positive whole number.

    References
    ----------
    Telgarsky, M. (2016). Benefits of depth in neural networks. COLT.

    Examples
    --------
    >>> saw = tent_network(3)
    >>> count_units(saw) - 1, len(linear_pieces(saw, 0, 1)) - 1          # hidden units, lines
    (6, 8)
    """
    _check.whole("tent_network", folds=folds, at_least=1)
    tent, bias = np.array([2.0, -4.0]), [0.0, -0.5]
    first, again = (np.ones((2, 1)), bias), (np.stack([tent, tent]), bias)
    return dense(first, *[again] * (folds - 1), (tent[None], [0.0]),
                 activation=ReLU)


def linear_pieces(network, low, high):
    r"""Find where a ReLU network of one input bends: it is straight between these places (A30).

    Layer after layer: between two neighbouring places every sum is a straight line, so a unit switches on or
    off at most once, at the zero of that line. The zeros of all units are the new places.

    Parameters
    ----------
    network : Sequential
        Of ``Linear`` and ``ReLU`` layers alone, one input, one output, float64.
    low, high : float
        Where to look.

    Returns
    -------
    ndarray, float64, (P + 1,)
        The ends of the P pieces: low, every bend of the output, high.

    Raises
    ------
    ValueError, TypeError
        If the network has other layers, or other than one input and one output.

    Examples
    --------
    >>> linear_pieces(tent_network(2), 0, 1)
    array([0.  , 0.25, 0.5 , 0.75, 1.  ])
    """
    _check.number("linear_pieces", low=low)
    _check.number("linear_pieces", high=high, above=low)
    layers = list(network)
    if not layers or not all(isinstance(layer, (Linear, ReLU)) for layer in layers):
        raise TypeError("linear_pieces: network must consist of Linear and ReLU layers, but has "
                        + ", ".join(type(layer).__name__ for layer in layers))
    sizes = [layer.weight.shape for layer in layers if isinstance(layer, Linear)]
    if not sizes or sizes[0][1] != 1 or sizes[-1][0] != 1:
        raise ValueError("linear_pieces: network must have one input and one output, but its weights have "
                         f"shapes {sizes}")
    places = np.array([low, high], np.float64)
    for i, layer in enumerate(layers):
        if isinstance(layer, ReLU):
            sums = Sequential(*layers[:i])(places[:, None]).data                      # (places, units)
            left, right = sums[:-1], sums[1:]
            start, unit = np.nonzero(left * right < 0)
            share = left[start, unit] / (left[start, unit] - right[start, unit])
            zeros = places[start] + share * (places[start + 1] - places[start])
            places = np.unique(np.concatenate([places, zeros]))
            places = places[np.diff(places, prepend=-np.inf) > 1e-12 * (high - low)]  # rounding makes twins
    slopes = np.diff(network(places[:, None]).data[:, 0]) / np.diff(places)
    bend = np.abs(np.diff(slopes)) > 1e-6 * max(1.0, np.abs(slopes).max())
    return places[np.concatenate([[True], bend, [True]])]
