"""Recurrent networks: against PyTorch, a composition step by step, differences and closed forms (A59, A60, A61, A65, A66)."""
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib import F, Tensor, nn
from course_lib.gradcheck import gradcheck
from test_gradients import DRAW, compare, seeds

GATES = {"rnn": 1, "lstm": 4, "gru": 3}
sizes = dict(T=st.integers(1, 5), N=st.integers(1, 3), D=st.integers(1, 3), H=st.integers(1, 4), seed=seeds)


def rng():
    return np.random.default_rng(0)


def arrays(cell, T, N, D, H, draw):
    """x, the first state(s), W, U and both biases."""
    G = GATES[cell] * H
    shapes = [(T, N, D), (N, H), *([(N, H)] if cell == "lstm" else []), (G, D), (G, H), (G,), (G,)]
    return [draw.standard_normal(shape) for shape in shapes]


def torchs(cell, **settings):
    """PyTorch's cell as a function of the same tensors, with the same outputs."""
    def run(x, *rest):
        states, weights = rest[:-4], rest[-4:]
        make = {"rnn": torch.nn.RNN, "lstm": torch.nn.LSTM, "gru": torch.nn.GRU}[cell]
        module = make(x.shape[2], weights[1].shape[1], **settings).double()
        names = ("weight_ih_l0", "weight_hh_l0", "bias_ih_l0", "bias_hh_l0")
        first = tuple(s[None] for s in states) if cell == "lstm" else states[0][None]
        out, last = torch.func.functional_call(module, dict(zip(names, weights)), (x, first))
        return torch.cat([out, last[1]]) if cell == "lstm" else out
    return run


@pytest.mark.parametrize("cell, ours, settings_", [
    ("rnn", F.rnn, {}), ("rnn", lambda *t: F.rnn(*t, nonlinearity="relu"), {"nonlinearity": "relu"}),
    ("lstm", F.lstm, {}), ("gru", F.gru, {})])
@settings(**DRAW)
@given(**sizes)
def test_a_sequence_equals_torch(cell, ours, settings_, T, N, D, H, seed):
    """A59, A61, A65, A66: all states, and the gradients of the input, the first state and every weight."""
    draw = np.random.default_rng(seed)
    values = arrays(cell, T, N, D, H, draw)
    compare(ours, torchs(cell, **settings_), values, draw)
    if not settings_:
        assert gradcheck(ours, [Tensor(a, requires_grad=True) for a in values], rng=draw) <= 1e-6


@settings(**DRAW)
@given(**sizes)
def test_the_lectures_gru(T, N, D, H, seed):
    """A66 with the reset before the product: equal to its composition, and not to PyTorch's."""
    draw = np.random.default_rng(seed)
    values = arrays("gru", T, N, D, H, draw)
    ours = [Tensor(a, requires_grad=True) for a in values]
    composed = [Tensor(a, requires_grad=True) for a in values]
    out = F.gru(*ours, reset_after=False)
    x, h, W, U, b, c = composed
    states = []
    for t in range(T):
        r = F.sigmoid(F.linear(x[t], W[:H], b[:H]) + F.linear(h, U[:H], c[:H]))
        z = F.sigmoid(F.linear(x[t], W[H:2 * H], b[H:2 * H]) + F.linear(h, U[H:2 * H], c[H:2 * H]))
        n = F.tanh(F.linear(x[t], W[2 * H:], b[2 * H:]) + F.linear(r * h, U[2 * H:], c[2 * H:]))
        h = z * h + (1 - z) * n
        states.append(h)
    upstream = draw.standard_normal(out.shape)
    out.backward(upstream)
    expected = F.stack(states)
    np.testing.assert_allclose(out.data, expected.data, atol=1e-12)
    expected.backward(upstream)
    for a, b in zip(ours, composed):
        np.testing.assert_allclose(a.grad, b.grad, atol=1e-10)
    assert not np.allclose(out.data, F.gru(*values[:1], *map(Tensor, values[1:])).data, atol=1e-8)


@pytest.mark.parametrize("make, theirs", [(nn.RNN, torch.nn.RNN), (nn.LSTM, torch.nn.LSTM), (nn.GRU, torch.nn.GRU)])
@pytest.mark.parametrize("batch_first", [False, True])
def test_stacked_layers_load_from_torch_and_carry_their_state(make, theirs, batch_first):
    ours = make(3, 4, num_layers=2, batch_first=batch_first, rng=rng()).to(np.float64)
    other = theirs(3, 4, num_layers=2, batch_first=batch_first).double()
    other.load_state_dict({name: torch.tensor(value) for name, value in ours.state_dict().items()})
    x = rng().standard_normal((2, 6, 3) if batch_first else (6, 2, 3))
    mine, last = ours(x)
    out, their_last = other(torch.tensor(x))
    np.testing.assert_allclose(mine.data, out.detach().numpy(), atol=1e-12)
    their_last = their_last if make is nn.LSTM else (their_last,)
    for layer, state in enumerate(last):
        for part, expected in zip(state if make is nn.LSTM else (state,), their_last):
            np.testing.assert_allclose(part.data, expected[layer].detach().numpy(), atol=1e-12)
    halves = np.split(x, 2, axis=1 if batch_first else 0)
    first, state = ours(halves[0])
    second, _ = ours(halves[1], state)
    np.testing.assert_allclose(np.concatenate([first.data, second.data], axis=1 if batch_first else 0), mine.data, atol=1e-12)


def test_gradients_flow_through_a_carried_memory():
    """Two calls of an LSTM, the second starting where the first ended: the gradient of one call over both."""
    values = arrays("lstm", 6, 2, 3, 4, rng())
    whole, parts = ([Tensor(a, requires_grad=True) for a in values] for _ in range(2))
    F.lstm(*whole)[:-1].sum().backward()
    x, h, c, *weights = parts
    first = F.lstm(x[:3], h, c, *weights)
    second = F.lstm(x[3:], first[2], first[3], *weights)
    (first[:-1].sum() + second[:-1].sum()).backward()
    for a, b in zip(whole, parts):
        np.testing.assert_allclose(a.grad, b.grad, atol=1e-12)


def test_backpropagation_through_time_is_the_double_sum():
    """A61 on one unit: dL/du = sum over t, k <= t of dL/dh_t (product of dh_j/dh_{j-1}) times the immediate derivative."""
    draw, T, u, w = rng(), 5, 0.8, 1.3
    x = draw.standard_normal(T)
    h = [0.3]
    for t in range(T):
        h.append(np.tanh(w * x[t] + u * h[-1]))
    slope = [0] + [1 - v * v for v in h[1:]]
    double = sum(np.prod([slope[j] * u for j in range(k + 1, t + 1)]) * slope[k] * h[k - 1]
                 for t in range(1, T + 1) for k in range(1, t + 1))
    weight = Tensor(np.array([[u]]), requires_grad=True)
    zero = Tensor(np.zeros(1))
    F.rnn(x.reshape(T, 1, 1), Tensor(np.array([[0.3]])), Tensor(np.array([[w]])), weight, zero, zero).sum().backward()
    assert weight.grad.item() == pytest.approx(double, abs=1e-12)


def test_both_biases_own_their_gradient():
    """Clipping scales gradients in place: one array under two names would be scaled twice."""
    for cell, f in (("rnn", F.rnn), ("lstm", F.lstm)):
        tensors = [Tensor(a, requires_grad=True) for a in arrays(cell, 3, 2, 2, 2, rng())]
        f(*tensors).sum().backward()
        assert not np.shares_memory(tensors[-1].grad, tensors[-2].grad)


def test_jordan_is_elman_with_a_longer_way_back():
    """A60 with a linear answer and no output bias: U_elman = U_jordan W_y."""
    jordan = nn.JordanRNN(3, 4, 2, rng=rng()).to(np.float64)
    jordan.answer.bias.data[:] = 0
    x = rng().standard_normal((5, 2, 3))
    zero = Tensor(np.zeros((2, 4)))
    elman = F.rnn(x, zero, jordan.read.weight, Tensor(jordan.remember.weight.data @ jordan.answer.weight.data),
                  jordan.read.bias, Tensor(np.zeros(4)))
    np.testing.assert_allclose(jordan(x).data, elman.data @ jordan.answer.weight.data.T, atol=1e-12)
    assert gradcheck(lambda *_: jordan(x), jordan.parameters(), rng=rng()) <= 1e-6
    right = jordan(x).data
    np.testing.assert_allclose(jordan(x, targets=right).data, right, atol=1e-12)        # its own answers as targets
    assert not np.allclose(jordan(x, targets=right + 1).data[1:], right[1:])


def test_float32_stays():
    for make in (nn.RNN, nn.LSTM, nn.GRU):
        model = make(2, 3, rng=rng())
        out, _ = model(np.ones((4, 1, 2)))
        out.sum().backward()
        assert out.dtype == model.weight_hh_l0.grad.dtype == np.float32


@settings(**DRAW)
@given(lengths=st.lists(st.integers(1, 3), min_size=1, max_size=4), dim=st.integers(0, 2), seed=seeds)
def test_cat_and_stack(lengths, dim, seed):
    draw = np.random.default_rng(seed)
    parts = [draw.standard_normal(tuple(n if axis == dim else 2 for axis in range(3))) for n in lengths]
    compare(lambda *t: F.cat(t, dim), lambda *t: torch.cat(t, dim), parts, draw)
    equal = [draw.standard_normal((2, 3)) for _ in lengths]
    compare(lambda *t: F.stack(t, dim), lambda *t: torch.stack(t, dim), equal, draw)


@pytest.mark.parametrize("index", [0, -1, slice(1, None), (slice(None), 2), (..., None, 1), ([0, 0, 1],), np.array([True, False, True])])
def test_indexing_gradient_equals_torch(index):
    x = rng().standard_normal((3, 4))
    other = index if not isinstance(index, np.ndarray) else torch.tensor(index)
    compare(lambda x: x[index], lambda x: x[other], [x], rng())


@pytest.mark.parametrize("act, text", [
    (lambda: nn.RNN(2, 3, rng=rng())(np.ones((0, 1, 2))), r"rnn: x must have shape \(T, N, 2\) with T > 0 .* but is \(0, 1, 2\)"),
    (lambda: nn.LSTM(2, 3, rng=rng())(np.ones((4, 1, 5))), r"lstm: x must have shape \(T, N, 2\)"),
    (lambda: nn.GRU(2, 3, batch_first=True, rng=rng())(np.ones((4, 2))), r"GRU: x must have shape \(N, T, D\), but is \(4, 2\)"),
    (lambda: nn.RNN(2, 3, nonlinearity="step", rng=rng())(np.ones((4, 1, 2))), "rnn: nonlinearity must be one of 'tanh', 'relu'"),
    (lambda: nn.RNN(2, 3, rng=rng())(np.ones((4, 1, 2)), [Tensor(np.zeros((2, 3)))]),
     r"rnn: the first state must have shape \(1, 3\), but is \(2, 3\)"),
    (lambda: nn.LSTM(2, 0, rng=rng()), "LSTM: hidden_size must be at least 1, but is 0"),
    (lambda: F.cat([np.ones((2, 2)), np.ones((3, 3))]), r"cat: tensors must agree in every axis but 0, but their shapes are"),
    (lambda: F.stack([np.ones(2), np.ones(3)]), r"stack: tensors must have one shape, but have \[\(2,\), \(3,\)\]"),
])
def test_bad_input(act, text):
    with pytest.raises(ValueError, match=text):
        act()
