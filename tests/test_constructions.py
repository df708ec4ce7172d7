"""Networks built by hand (A29, A30): exhaustive truth tables, exact counts, closed-form bounds."""
import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib import constructions as c
from course_lib import datasets, nn


def parity_table(bits):
    return c.truth_rows(bits).sum(axis=1) % 2


# ---------------------------------------------------------------- A29

@pytest.mark.parametrize("bits", [1, 2, 3, 7])
def test_truth_rows_are_those_of_the_parity_data(bits):
    X, y = datasets.parity(bits)
    np.testing.assert_array_equal(c.truth_rows(bits), X)
    np.testing.assert_array_equal(parity_table(bits), y)


@pytest.mark.parametrize("table", [np.array(list(np.binary_repr(code, rows)), int)
                                   for rows in (2, 4, 8) for code in range(2 ** rows)],
                         ids=lambda table: "".join(map(str, table)))
def test_dnf_of_every_function_of_one_to_three_bits(table):
    bits = int(math.log2(len(table)))
    network = c.dnf_network(table)
    np.testing.assert_array_equal(network(c.truth_rows(bits)).data[:, 0], table)
    assert c.count_units(network) == max(table.sum(), 1) + 1


@given(st.integers(4, 6), st.integers(0, 2 ** 32))
def test_dnf_of_drawn_functions(bits, seed):
    table = np.random.default_rng(seed).integers(0, 2, 2 ** bits)
    network = c.dnf_network(table)
    np.testing.assert_array_equal(network(c.truth_rows(bits)).data[:, 0], table)
    hidden = network[:2](c.truth_rows(bits)).data
    assert (hidden.sum(axis=1) == table).all()               # one minterm fires for its row, and no other


@pytest.mark.parametrize("bits", range(1, 11))
def test_parity_as_dnf_and_as_tree(bits):
    rows, table = c.truth_rows(bits), parity_table(bits)
    network, tree = c.dnf_network(table), c.xor_tree(bits)
    np.testing.assert_array_equal(network(rows).data[:, 0], table)
    np.testing.assert_array_equal(tree(rows), table)
    assert network[0].weight.shape == (2 ** (bits - 1), bits)
    assert c.count_units(network) == 2 ** (bits - 1) + 1
    counting = c.parity_network(bits)
    np.testing.assert_array_equal(counting(rows).data[:, 0], table)
    assert c.count_units(counting) == bits + 1
    assert len(tree.gates) == 3 * (bits - 1)
    assert max(tree.layers()) == 2 * math.ceil(math.log2(bits))


@pytest.mark.parametrize("value", [0, 1])
def test_constant_functions(value):
    network = c.dnf_network([value] * 8)
    assert (network(c.truth_rows(3)).data == value).all()


def test_every_gate_of_the_tree_is_a_perceptron_of_what_came_before():
    tree = c.xor_tree(5)
    wires = tree.wires(c.truth_rows(5))
    assert wires.shape == (32, 5 + 12)
    for place, gate in enumerate(tree.gates, start=5):
        assert max(gate.wires) < place
        sums = wires[:, gate.wires] @ np.array(gate.weights) + gate.bias
        np.testing.assert_array_equal(wires[:, place], sums >= 0)
    assert tree.layers()[:5] == [0] * 5


# ---------------------------------------------------------------- A30

FUNCTIONS = {"sine": (lambda x: np.sin(2 * np.pi * x), 2 * np.pi), "absolute": (lambda x: np.abs(x - 0.4), 1.0),
             "line": (lambda x: 3 * x - 1, 3.0)}


@pytest.mark.parametrize("name", FUNCTIONS)
def test_bumps_keep_the_lipschitz_bound(name):
    f, slope = FUNCTIONS[name]
    x = np.linspace(0, 1, 4001)
    errors = []
    for n in (1, 2, 5, 20, 100, 400):
        network = c.bump_network(f, n)
        assert c.count_units(network) == 2 * n + 1
        errors.append(np.abs(network(x[:, None]).data[:, 0] - f(x)).max())
        assert errors[-1] <= slope / (2 * n) + 1e-12
    assert errors[-1] < errors[0] / 50


def test_bumps_of_a_line_miss_by_exactly_half_a_bump():
    x = np.linspace(0, 1, 1001)
    error = np.abs(c.bump_network(lambda x: 3 * x, 10)(x[:, None]).data[:, 0] - 3 * x).max()
    assert error == pytest.approx(3 / 20)


@given(st.integers(1, 60), st.floats(-50, 50), st.floats(0.01, 100))
@settings(deadline=None)
def test_bumps_cover_the_interval_with_both_ends_and_nothing_else(n, low, width):
    high = low + width
    network = c.bump_network(np.ones_like, n, low, high)
    inside = network(np.linspace(low, high, 301)[:, None]).data
    np.testing.assert_allclose(inside, 1.0, atol=1e-12)
    assert (network(np.array([[low - width], [low - 1e-6], [high + 1e-6], [high + width]])).data == 0).all()


def test_a_discontinuous_function_is_missed_at_its_jump_however_many_bumps():
    def jump(x):
        return (x >= 1 / 3).astype(float)

    x = np.linspace(0, 1, 30001)
    for n in (10, 100, 1000):
        assert np.abs(c.bump_network(jump, n)(x[:, None]).data[:, 0] - jump(x)).max() == 1.0


def test_steep_sigmoids_become_steps():
    f, x = FUNCTIONS["sine"][0], np.linspace(0.013, 0.987, 300)[:, None]      # no edge among them
    steps = c.bump_network(f, 10)(x).data
    gaps = [np.abs(c.bump_network(f, 10, steepness=k)(x).data - steps).mean() for k in (20, 200, 20000)]
    assert gaps[0] > 3 * gaps[1] > 9 * gaps[2] and gaps[2] < 1e-3


@given(st.integers(2, 30), st.integers(0, 2 ** 32))
def test_interpolation_is_numpys(n, seed):
    rng = np.random.default_rng(seed)
    x, y = np.cumsum(rng.uniform(0.1, 1.0, n)), rng.standard_normal(n)
    network = c.interpolating_network(x, y)
    between = np.linspace(x[0] - 1, x[-1], 200)
    np.testing.assert_allclose(network(between[:, None]).data[:, 0], np.interp(between, x, y), atol=1e-9)
    assert network[0].weight.shape == (n - 1, 1)


@pytest.mark.parametrize("folds, pieces", [(1, 2), (2, 4), (3, 8), (4, 16), (6, 64), (8, 256), (12, 4096)])
def test_tent_has_exactly_so_many_pieces(folds, pieces):
    network = c.tent_network(folds)
    places = c.linear_pieces(network, 0, 1)
    np.testing.assert_array_equal(places, np.arange(pieces + 1) / pieces)
    np.testing.assert_array_equal(network(places[:, None]).data[:, 0], np.arange(pieces + 1) % 2)
    assert c.count_units(network) == 2 * folds + 1


@pytest.mark.parametrize("folds", [1, 3, 6])
def test_a_shallow_saw_needs_a_unit_for_every_line(folds):
    deep, lines = c.tent_network(folds), 2 ** folds
    x = np.arange(lines + 1) / lines
    shallow = c.interpolating_network(x, deep(x[:, None]).data[:, 0])
    assert shallow[0].weight.shape[0] == lines
    dense_grid = np.linspace(0, 1, 3001)[:, None]
    np.testing.assert_allclose(shallow(dense_grid).data, deep(dense_grid).data, atol=1e-9)


@given(st.lists(st.integers(1, 6), min_size=1, max_size=3), st.integers(0, 2 ** 32))
@settings(deadline=None)
def test_linear_pieces_of_random_networks(widths, seed):
    """Between the places the network is straight, and at each it bends."""
    rng = np.random.default_rng(seed)
    network = nn.mlp([1, *widths, 1], "relu", init="default", rng=rng).to(np.float64)
    places = c.linear_pieces(network, -2, 3)
    assert places[0] == -2 and places[-1] == 3 and (np.diff(places) > 0).all()
    x = np.linspace(-2, 3, 2001)
    exact, joined = network(x[:, None]).data[:, 0], network(places[:, None]).data[:, 0]
    np.testing.assert_allclose(np.interp(x, places, joined), exact, atol=1e-5)
    if len(widths) == 1:
        assert len(places) - 1 <= widths[0] + 1              # one bend per unit at most


def test_linear_pieces_of_known_bends():
    network = c.interpolating_network([0, 1, 2, 4, 5], [0, 1, 2, 0, 0])      # no bend at 1: 0, 1, 2 lie in line
    np.testing.assert_allclose(c.linear_pieces(network, -1, 6), [-1, 0, 2, 4, 6])


# ---------------------------------------------------------------- what comes back for wrong input

@pytest.mark.parametrize("call, kind, message", [
    (lambda: c.dense(activation=nn.ReLU), ValueError, "dense: pairs must be at least one"),
    (lambda: c.dense(([[1, 1]], [0]), ([[1, 1]], [0]), activation=nn.ReLU), ValueError,
     r"dense: weight must have shape \(F, 1\), but is \(1, 2\)"),
    (lambda: c.dense(([[1, 1]], [0, 1]), activation=nn.ReLU), ValueError, r"dense: bias must have shape \(1,\)"),
    (lambda: c.truth_rows(0), ValueError, "truth_rows: bits must be at least 1, but is 0"),
    (lambda: c.truth_rows(21), ValueError, "truth_rows: bits must be at most 20"),
    (lambda: c.dnf_network([0, 1, 1]), ValueError,
     r"dnf_network: truth_table must have shape \(2\*\*D,\) with D from 1, but is \(3,\)"),
    (lambda: c.dnf_network([1]), ValueError, r"but is \(1,\)"),
    (lambda: c.dnf_network([0, 2]), ValueError, "dnf_network: truth_table must hold class numbers from 0 to 1"),
    (lambda: c.xor_tree(0), ValueError, "xor_tree: bits must be at least 1, but is 0"),
    (lambda: c.xor_tree(2.0), TypeError, "xor_tree: bits must be a whole number, but is 2.0"),
    (lambda: c.parity_network(0), ValueError, "parity_network: bits must be at least 1, but is 0"),
    (lambda: c.xor_tree(3)([[0, 1]]), ValueError, r"Circuit: X must have shape \(N, 3\), but is \(1, 2\)"),
    (lambda: c.xor_tree(2)([[0, 0.5]]), ValueError, "Circuit: X must hold zeros and ones, but has 0.5"),
    (lambda: c.bump_network(np.sin, 0), ValueError, "bump_network: n must be at least 1, but is 0"),
    (lambda: c.bump_network(np.sin, 3, 1.0, 1.0), ValueError, "bump_network: high must be .* greater than 1"),
    (lambda: c.bump_network(np.sin, 3, steepness=0), ValueError, "bump_network: steepness must be"),
    (lambda: c.bump_network(lambda x: 1 / (x - 0.5), 1), ValueError, r"bump_network: f\(x\) must be finite"),
    (lambda: c.bump_network(lambda x: x[:1], 3), ValueError, r"bump_network: f\(x\) must have shape \(3,\)"),
    (lambda: c.interpolating_network([0, 0], [1, 2]), ValueError, "interpolating_network: x must be two or more"),
    (lambda: c.interpolating_network([0, 1], [1]), ValueError, r"interpolating_network: y must have shape \(2,\)"),
    (lambda: c.tent_network(0), ValueError, "tent_network: folds must be at least 1, but is 0"),
    (lambda: c.linear_pieces(nn.Sequential(nn.Sigmoid()), 0, 1), TypeError,
     "linear_pieces: network must consist of Linear and ReLU layers, but has Sigmoid"),
    (lambda: c.linear_pieces(c.dense(([[1, 1]], [0]), activation=nn.ReLU), 0, 1), ValueError,
     "linear_pieces: network must have one input and one output"),
    (lambda: c.linear_pieces(c.tent_network(1), 1, 0), ValueError, "linear_pieces: high must be .* greater than 1"),
])
@pytest.mark.filterwarnings("ignore:divide by zero")
def test_errors(call, kind, message):
    with pytest.raises(kind, match=message) as error:
        call()
    assert "\n" not in str(error.value)
