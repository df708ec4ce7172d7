"""Looking into recurrent cells (A65, A66): against closed forms, step-by-step networks and finite differences."""
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib import F, nn
from course_lib.gates import influence, set_forget_bias, trace

DRAW = dict(max_examples=25, deadline=None, derandomize=True)
CELLS = {"RNN": nn.RNN, "LSTM": nn.LSTM, "GRU": nn.GRU, "lecture's GRU": lambda *a, **k: nn.GRU(*a, reset_after=False, **k)}
sizes = dict(T=st.integers(1, 6), D=st.integers(1, 3), H=st.integers(1, 4), seed=st.integers(0, 2**32 - 1))


def cell_and_sequence(name, T, D, H, seed, **options):
    rng = np.random.default_rng(seed)
    cell = CELLS[name](D, H, rng=rng, **options).to(np.float64)
    return cell, rng.standard_normal((T, D))


@pytest.mark.parametrize("name", CELLS)
@settings(**DRAW)
@given(**sizes, first=st.booleans())
def test_influence_is_the_norm_of_the_jacobian(name, T, D, H, seed, first):
    cell, x = cell_and_sequence(name, T, D, H, seed, batch_first=first)

    def last(sequence):
        states, _ = cell(sequence[None] if first else sequence[:, None])
        return states.data.reshape(T, H)[-1]

    expected = np.zeros(T)
    for t, d in np.ndindex(T, D):
        up, down = x.copy(), x.copy()
        up[t, d] += 1e-5
        down[t, d] -= 1e-5
        expected[t] += (((last(up) - last(down)) / 2e-5) ** 2).sum()
    np.testing.assert_allclose(influence(cell, x), np.sqrt(expected), rtol=1e-4, atol=1e-9)


def test_influence_of_a_linear_chain_is_a_power():
    cell, _ = cell_and_sequence("RNN", 1, 2, 2, 0)
    W, U, b, c = cell.weights(0)
    W.data[...], U.data[...], b.data[...], c.data[...] = np.eye(2), np.diag([0.5, 0.25]), 0, 0
    got = influence(cell, np.zeros((6, 2)))                               # tanh is the identity at 0
    lag = np.arange(6)[::-1]
    np.testing.assert_allclose(got, np.sqrt(0.25**lag + 0.0625**lag), rtol=1e-12)


@pytest.mark.parametrize("name", ["LSTM", "GRU", "lecture's GRU"])
@settings(**DRAW)
@given(**sizes, first=st.booleans())
def test_traced_gates_make_the_states(name, T, D, H, seed, first):
    cell, x = cell_and_sequence(name, T, D, H, seed, batch_first=first)
    gates = trace(cell, x)
    states = cell(x[None] if first else x[:, None])[0].data.reshape(T, H)
    before = np.vstack([np.zeros((1, H)), states[:-1]])
    W, U, b, c = (p.data for p in cell.weights(0))
    if name == "LSTM":
        made, memory = [], np.zeros(H)
        for t in range(T):                                                # S1-80, line by line
            i, f, g, o = np.split(W @ x[t] + b + U @ before[t] + c, 4)
            memory = F.sigmoid(f).data * memory + F.sigmoid(i).data * np.tanh(g)
            np.testing.assert_allclose(gates["cell"][t], memory, atol=1e-12)
            np.testing.assert_allclose(gates["forget"][t], F.sigmoid(f).data, atol=1e-12)
            np.testing.assert_allclose(gates["input"][t], F.sigmoid(i).data, atol=1e-12)
            np.testing.assert_allclose(gates["candidate"][t], np.tanh(g), atol=1e-12)
            made.append(F.sigmoid(o).data * np.tanh(memory))
            np.testing.assert_allclose(gates["output"][t], F.sigmoid(o).data, atol=1e-12)
    else:
        z = gates["update"]
        made = z * before + (1 - z) * gates["candidate"]
        r, _, _ = np.split(x @ W.T + b + before @ U.T + c, 3, axis=1)
        np.testing.assert_allclose(gates["reset"], F.sigmoid(r).data, atol=1e-12)
    np.testing.assert_allclose(gates["hidden"], states, atol=1e-12)
    np.testing.assert_allclose(made, states, atol=1e-12)


def test_the_forget_bias_reaches_every_layer_and_nothing_else():
    lstm = nn.LSTM(2, 3, num_layers=2, rng=np.random.default_rng(0))
    before = lstm.state_dict()
    assert set_forget_bias(lstm, 2.5) is lstm
    for name, value in lstm.state_dict().items():
        other = np.r_[0:3, 6:12] if "bias" in name else slice(None)
        np.testing.assert_array_equal(value[other], before[name][other])
    for layer in range(2):
        _, _, b, c = lstm.weights(layer)
        np.testing.assert_array_equal(b.data[3:6] + c.data[3:6], [2.5] * 3)
    zero = nn.LSTM(1, 4, rng=np.random.default_rng(0))
    for p in zero.parameters():
        p.data[...] = 0
    np.testing.assert_allclose(trace(set_forget_bias(zero, 3.0), np.ones((2, 1)))["forget"], 1 / (1 + np.exp(-3)), 1e-6)


def rng():
    return np.random.default_rng(0)


ERRORS = [
    (lambda: set_forget_bias(nn.GRU(2, 3, rng=rng()), 1.0), TypeError,
     "set_forget_bias: lstm must be an nn.LSTM, but is GRU"),
    (lambda: set_forget_bias(nn.LSTM(2, 3, rng=rng()), np.inf), ValueError,
     "set_forget_bias: value must be a finite number, but is inf"),
    (lambda: influence(nn.Linear(2, 3, rng=rng()), np.ones((4, 2))), TypeError,
     "influence: cell must be RNN or LSTM or GRU, but is Linear"),
    (lambda: influence(nn.RNN(2, 3, rng=rng()), np.ones((4, 3))), ValueError,
     "influence: x must have shape (T, 2), but is (4, 3)"),
    (lambda: trace(nn.RNN(2, 3, rng=rng()), np.ones((4, 2))), TypeError, "trace: cell must be LSTM or GRU, but is RNN"),
    (lambda: trace(nn.GRU(2, 3, num_layers=2, rng=rng()), np.ones((4, 2))), ValueError,
     "trace: cell must have one layer, but has 2"),
    (lambda: trace(nn.GRU(2, 3, rng=rng()), np.ones(2)), ValueError, "trace: x must have shape (T, 2), but is (2,)"),
]


@pytest.mark.parametrize("call, kind, message", ERRORS, ids=[message for _, _, message in ERRORS])
def test_wrong_input_is_named(call, kind, message):
    with pytest.raises(kind) as error:
        call()
    assert str(error.value) == message
