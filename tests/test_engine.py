"""The engine itself: order, accumulation, release, and its errors; the gradient checker; backprop by hand."""
import itertools

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib import F, Tensor, backprop, nn, no_grad
from course_lib.gradcheck import gradcheck, numerical_gradient, relative_error


def leaf(value):
    return Tensor(np.array(value, np.float64), requires_grad=True)


def test_gradients_add_where_a_value_is_used_twice():
    """A16: a diamond, and a node used three times."""
    x = leaf(3.0)
    a, b = x * 2, x * x
    (a * b + x).backward()                       # 2x^3 + x
    assert x.grad == 6 * 9 + 1


@settings(max_examples=40, deadline=None, derandomize=True)
@given(st.lists(st.tuples(st.sampled_from("+-*/t"), st.integers(0, 30), st.integers(0, 30)), min_size=1, max_size=25),
       st.integers(0, 2**32 - 1))
def test_random_graphs_equal_torch(steps, seed):
    """A16 on random graphs in which values are re-used at random."""
    rng = np.random.default_rng(seed)
    start = rng.uniform(0.5, 1.5, (3, 2))
    mine, theirs = [leaf(v) for v in start], [torch.tensor(v, requires_grad=True) for v in start]
    ours, other = list(mine), list(theirs)
    for op, i, j in steps:
        for values, tanh in ((ours, F.tanh), (other, torch.tanh)):
            a, b = values[i % len(values)], values[j % len(values)]
            values.append({"+": lambda: a + b, "-": lambda: a - b, "*": lambda: tanh(a) * b,
                           "/": lambda: a / (b * b + 1), "t": lambda: tanh(a)}[op]())
    sum(ours[1:], ours[0]).sum().backward()
    sum(other[1:], other[0]).sum().backward()
    for a, b in zip(mine, theirs):
        np.testing.assert_allclose(a.grad, b.grad.numpy(), rtol=1e-10, atol=1e-12)


def test_a_very_deep_graph_needs_no_recursion():
    x = leaf(1.0)
    y = x
    for _ in range(50_000):
        y = y + 0.0
    y.backward()
    assert x.grad == 1


def test_gradients_accumulate_until_they_are_cleared():
    x = leaf([1.0, 2.0])
    for _ in range(2):
        (x * x).sum().backward()
    assert x.grad.tolist() == [4, 8]


def test_two_parents_never_share_a_gradient_array():
    a, b = leaf([1.0]), leaf([1.0])
    (a + b).backward(np.ones(1))
    a.grad += 5
    assert b.grad == 1


def test_backward_twice_is_refused_unless_the_graph_is_kept():
    x = leaf(2.0)
    y = x * x
    y.backward(retain_graph=True)
    y.backward()
    assert x.grad == 8
    with pytest.raises(RuntimeError, match=r"already walked and released.*retain_graph=True"):
        y.backward()
    with pytest.raises(RuntimeError, match="already walked"):
        (y * 2).backward()


def test_inner_gradients_are_kept_on_request():
    x = leaf(2.0)
    y = (x * x).retain_grad()
    (y * 3).backward()
    assert y.grad == 3 and x.grad == 12


def test_no_grad_and_detach_stop_the_record():
    x = leaf(2.0)
    with no_grad():
        assert not (x * x).requires_grad
    with pytest.raises(ZeroDivisionError), no_grad():
        1 / 0
    y = x * x
    (y.detach() * x).backward()
    assert x.grad == 4


@pytest.mark.parametrize("act, error, text", [
    (lambda: leaf([1.0, 2.0]).backward(), ValueError, r"backward: expected a scalar .* shape \(2,\)"),
    (lambda: leaf([1.0, 2.0]).backward(np.ones(3)), ValueError, r"grad must have shape \(2,\), but has \(3,\)"),
    (lambda: Tensor(1.0).backward(), RuntimeError, "backward: nothing to differentiate"),
    (lambda: Tensor("abc"), TypeError, "Tensor: data must be real numbers, but its dtype is <U3"),
    (lambda: Tensor(np.array([1j])), TypeError, "real numbers, but its dtype is complex128"),
    (lambda: leaf(np.ones(2)) + np.ones(3), ValueError, r"add: shapes \(2,\) and \(3,\) do not broadcast"),
    (lambda: leaf(np.ones(2)) @ np.ones((2, 2)), ValueError, r"matmul: expected .* but got \(2,\) @ \(2, 2\)"),
    (lambda: leaf(np.ones((2, 3))) @ np.ones((2, 3)), ValueError, r"matmul: expected"),
    (lambda: leaf(2.0) ** leaf(2.0), TypeError, "pow: the exponent must be a number, but is Tensor"),
    (lambda: leaf(np.ones(2)).T, ValueError, r"T: expected a matrix, but this tensor has shape \(2,\)"),
    (lambda: F.linear(np.ones((2, 5)), Tensor(np.ones((3, 4)))), ValueError,
     r"linear: x must have shape \(..., 4\) because weight is \(3, 4\), but x is \(2, 5\)"),
    (lambda: F.linear(Tensor(np.ones((2, 4))), Tensor(np.ones((3, 4), np.float32))), TypeError,
     "linear: x is float64 but weight is float32"),
    (lambda: F.linear(np.ones((2, 4)), Tensor(np.ones((3, 4))), Tensor(np.ones((1, 3)))), ValueError,
     r"linear: bias must have shape \(3,\)"),
    (lambda: F.softmax([1.0], temperature=0), ValueError, "softmax: temperature must be positive, but is 0"),
    (lambda: F.dropout([1.0], 1.0, rng=None), ValueError, r"dropout: p, .* must be a number in \[0, 1\), but is 1$"),
    (lambda: nn.Dropout(-0.1, rng=None), ValueError, r"Dropout: p, .* must be a number in \[0, 1\), but is -0.1"),
    (lambda: F.mse_loss(np.ones(3), np.ones((3, 1))), ValueError, r"mse_loss: .* \(3,\) and \(3, 1\)"),
    (lambda: F.mse_loss([1.0], [1.0], "average"), ValueError, "unknown reduction 'average'; there are mean, sum,"),
    (lambda: F.mse_loss(np.ones((0, 2)), np.ones((0, 2))), ValueError, r"mse_loss: the batch is empty"),
    (lambda: F.cross_entropy(np.ones((0, 2)), np.ones(0, int)), ValueError, "cross_entropy: the batch is empty"),
    (lambda: F.cross_entropy(np.ones((2, 3)), [0, 3]), ValueError, r"classes must lie in 0 … 2, but target holds 0 … 3"),
    (lambda: F.cross_entropy(np.ones((2, 3)), [0, -1]), ValueError, "target holds -1 … 0"),
    (lambda: F.cross_entropy(np.ones((2, 3)), [0.0, 1.0]), TypeError, "must be whole numbers, but target is float64"),
    (lambda: F.cross_entropy(np.ones((2, 3)), [0]), ValueError, r"input is \(2, 3\) and target is \(1,\)"),
    (lambda: F.cross_entropy(np.ones((1, 2)), [[2.0, -1.0]]), ValueError, r"targets must lie in \[0, 1\]"),
    (lambda: F.binary_cross_entropy_with_logits([1.0], [2.0]), ValueError, r"targets must lie in \[0, 1\]"),
])
def test_bad_input_answers_with_one_clear_line(act, error, text):
    with pytest.raises(error, match=text) as raised:
        act()
    assert "\n" not in str(raised.value)


def test_how_a_tensor_looks():
    x = leaf([1.0, 2.0])
    assert repr(x) == "Tensor([1., 2.], requires_grad=True)"
    assert repr(x * 2) == "Tensor([2., 4.], made by mul)"
    assert F.relu(x).op == "relu" and x.op == ""
    assert len(x) == 2 and float(x[1]) == 2.0


# -- the gradient checker (A18) ---------------------------------------------------------------------

def test_numerical_gradient_is_exact_on_a_quadratic():
    A = np.array([[2.0, 1.0], [1.0, 3.0]])
    theta = np.array([1.0, -2.0])
    assert relative_error(numerical_gradient(lambda t: t @ A @ t / 2, theta), A @ theta) < 1e-9
    with pytest.raises(TypeError, match="theta must be float64, but is float32"):
        numerical_gradient(lambda t: t.sum(), theta.astype(np.float32))


def wrong_sigmoid(x):
    """A planted bug: the derivative forgets one factor."""
    out = 1 / (1 + np.exp(-x.data))
    return Tensor.from_op(out, (x,), lambda grad: (grad * out,))


def test_gradcheck_finds_a_planted_bug_and_accepts_the_right_gradient():
    rng = np.random.default_rng(0)
    x = leaf(rng.standard_normal(5))
    assert gradcheck(wrong_sigmoid, [x], rng=rng) > 0.1
    assert gradcheck(F.sigmoid, [x], rng=rng) < 1e-6


def test_gradcheck_names_kinks_and_wrong_inputs():
    rng = np.random.default_rng(0)
    with pytest.raises(ValueError, match="cross no kink.*move the inputs"):
        gradcheck(F.relu, [leaf(np.zeros(3))], rng=rng)
    with pytest.raises(TypeError, match="must be float64 tensors with requires_grad=True"):
        gradcheck(F.relu, [Tensor(np.ones(3))], rng=rng)


def test_gradcheck_leaves_the_inputs_as_they_were():
    x = leaf([0.3, 0.4])
    before = x.data
    gradcheck(F.tanh, [x], rng=np.random.default_rng(0))
    assert x.data is before


@pytest.mark.parametrize("activation", ["sigmoid", "tanh", "relu", "leaky relu"])
def test_a_whole_network(activation):
    rng = np.random.default_rng(3)
    model = nn.mlp([5, 7, 6, 3], activation, init="xavier", rng=rng).to(np.float64)
    for p in model.parameters():
        p.data = p.data + 0.01 * rng.standard_normal(p.shape)          # off the kinks of zero biases
    X, y = rng.standard_normal((4, 5)), rng.integers(0, 3, 4)
    assert gradcheck(lambda *_: F.cross_entropy(model(X), y), model.parameters(), rng=rng) <= 1e-6


# -- backpropagation by hand (A17, A19) ---------------------------------------------------------------

def network(sizes, rng):
    weights = [rng.standard_normal((n_out, n_in)) for n_in, n_out in itertools.pairwise(sizes)]
    return weights, [rng.standard_normal(n) for n in sizes[1:]]


@pytest.mark.parametrize("sizes, n", [([2, 3, 1], 1), ([4, 4, 4, 4], 5), ([3, 1, 5, 2], 7)])
def test_layerwise_backprop_equals_torch_and_differences(sizes, n):
    """A17."""
    rng = np.random.default_rng(0)
    weights, biases = network(sizes, rng)
    x, y = rng.standard_normal((n, sizes[0])), rng.random((n, sizes[-1]))
    activations = backprop.forward(x, weights, biases)
    dweights, dbiases, dx = backprop.backward(activations, weights, 2 * (activations[-1] - y))

    ours = [torch.tensor(a, requires_grad=True) for a in (*weights, *biases, x)]
    a = ours[-1]
    for W, b in zip(ours[:len(weights)], ours[len(weights):-1]):
        a = torch.sigmoid(a @ W.T + b)
    ((a - torch.tensor(y)) ** 2).sum().backward()
    for mine, theirs in zip((*dweights, *dbiases, dx), ours):
        np.testing.assert_allclose(mine, theirs.grad.numpy(), atol=1e-12)

    def cost(b):
        return ((backprop.forward(x, weights, [b, *biases[1:]])[-1] - y) ** 2).sum()
    assert relative_error(dbiases[0], numerical_gradient(cost, biases[0])) < 1e-7


@pytest.mark.parametrize("hidden, width", [(0, 3), (1, 2), (3, 4), (6, 2)])
def test_adding_up_all_paths_gives_the_same_gradient(hidden, width):
    """A19: as many paths as the formula says, and their sum is the gradient."""
    rng = np.random.default_rng(1)
    sizes = [width] * (hidden + 2)
    weights, biases = network(sizes, rng)
    activations = backprop.forward(rng.standard_normal((1, width)), weights, biases)
    upstream = rng.standard_normal((1, width))
    dx = backprop.backward(activations, weights, upstream)[2][0]
    for i in range(width):
        assert backprop.path_gradient(activations, weights, upstream, i) == pytest.approx(dx[i], rel=1e-12, abs=1e-14)
    adjacency = np.linalg.matrix_power(np.ones((width, width), int), hidden + 1)
    assert backprop.count_paths(sizes) == adjacency.sum() == width ** (hidden + 2)


def test_parameters_are_counted_as_torch_counts_them():
    """A19: 412 for the slide's network, and every other one."""
    assert backprop.count_parameters([3, 25, 12]) == 412
    assert backprop.count_parameters([4] * 5, bias=False) == 64 == 4**2 * (3 + 1)
    for sizes in ([2, 1], [7, 3, 3, 9]):
        layers = torch.nn.Sequential(*(torch.nn.Linear(*pair) for pair in itertools.pairwise(sizes)))
        assert backprop.count_parameters(sizes) == sum(p.numel() for p in layers.parameters())


@pytest.mark.parametrize("act, text", [
    (lambda: backprop.count_paths([4]), r"count_paths: sizes must be at least two positive whole numbers, but are \[4\]"),
    (lambda: backprop.count_parameters([4, 0]), "count_parameters: sizes must be"),
    (lambda: backprop.forward(np.ones((1, 2)), [np.ones((3, 4))], [np.ones(3)]), r"needs inputs \(N, 4\) and a bias \(3,\), but got \(1, 2\)"),
    (lambda: backprop.forward(np.ones((1, 2)), [np.ones((3, 2))], []), "one bias per weight matrix, but got 0 and 1"),
    (lambda: backprop.backward([np.ones((1, 2))], [np.ones((3, 2))], np.ones((1, 2))), "expected 2 activations"),
    (lambda: backprop.path_gradient([np.ones((2, 1))] * 2, [np.ones((1, 1))], np.ones((2, 1)), 0), "batch of one"),
])
def test_backprop_errors(act, text):
    with pytest.raises(ValueError, match=text):
        act()
