"""Looking into recurrent cells: what the gates did, and how much of each step is left at the end (chapter 16)."""
import numpy as np

from . import _check
from .nn.activations import sigmoid
from .nn.recurrent import GRU, LSTM, RNN
from .tensor import Tensor, no_grad


def set_forget_bias(lstm, value):
    r"""Let an LSTM start with open forget gates: set both forget biases of every layer to add up to ``value`` (A65).

    With all else near zero the gates start at :math:`f = \sigma(\text{value})`, so that a memory fades by this factor
    at every step.

    Parameters
    ----------
    lstm : LSTM
        Changed in place.
    value : float
        0 forgets half at each step, 1 about a quarter, 3 a twentieth.

    Returns
    -------
    LSTM
        The same.

    Raises
    ------
    TypeError, ValueError
        If ``lstm`` is no LSTM or ``value`` no finite number.

    Examples
    --------
    >>> from course_lib import nn
    >>> lstm = set_forget_bias(nn.LSTM(2, 3, rng=np.random.default_rng(0)), 1.0)
    >>> lstm.bias_ih_l0.data[3:6] + lstm.bias_hh_l0.data[3:6]
    array([1., 1., 1.], dtype=float32)

    References
    ----------
    Gers, F., Schmidhuber, J. & Cummins, F. (2000). Learning to forget: continual prediction with LSTM. Neural
    Computation 12.
    Jozefowicz, R., Zaremba, W. & Sutskever, I. (2015). An empirical exploration of recurrent network architectures. ICML.
    """
    if not isinstance(lstm, LSTM):
        raise TypeError(f"set_forget_bias: lstm must be an nn.LSTM, but is {type(lstm).__name__}")
    _check.number("set_forget_bias", value=value)
    H = lstm.hidden_size
    for layer in range(lstm.num_layers):
        _, _, bias_ih, bias_hh = lstm.weights(layer)
        bias_ih.data[H:2 * H], bias_hh.data[H:2 * H] = value, 0                  # gates in the order i, f, g, o
    return lstm


def influence(cell, x):
    r"""How much the last state still depends on each step's input.

    .. math:: \left\lVert \frac{\partial h_T}{\partial x_t} \right\rVert, \qquad
              \frac{\partial h_T}{\partial x_t} = \Bigl(\prod_{k=t+1}^{T} \frac{\partial h_k}{\partial h_{k-1}}\Bigr)
              \frac{\partial h_t}{\partial x_t}

    Exact, in one backward pass: the sequence is read H times side by side, and each copy asks for one unit's gradient.
    (The product is written for a cell without a second state; for an LSTM the paths along c are included.)

    Parameters
    ----------
    cell : RNN, LSTM or GRU
    x : array_like, shape (T, D)
        One sequence, for cells with or without ``batch_first``.

    Returns
    -------
    ndarray, shape (T,)
        Frobenius norms of the H by D Jacobians.

    Raises
    ------
    TypeError, ValueError
        If ``cell`` is of another kind, or ``x`` does not fit it.

    Examples
    --------
    >>> from course_lib import nn
    >>> cell = nn.RNN(1, 1, rng=np.random.default_rng(0)).to(np.float64)
    >>> for weight in cell.parameters():
    ...     weight.data[...] = 0.5 if weight.ndim == 2 else 0.0
    >>> influence(cell, np.zeros((4, 1)))                                # 0.5 per step, as tanh'(0) = 1
    array([0.0625, 0.125 , 0.25  , 0.5   ])

    References
    ----------
    Pascanu, R., Mikolov, T. & Bengio, Y. (2013). On the difficulty of training recurrent neural networks. ICML.
    """
    x = _sequence("influence", cell, x, (RNN, LSTM, GRU))
    H, time = cell.hidden_size, 1 if cell.batch_first else 0
    copies = Tensor(np.stack([x] * H, axis=1 - time), requires_grad=True)
    states, _ = cell(copies)
    last = states[:, -1] if cell.batch_first else states[-1]
    last.backward(np.eye(H, dtype=x.dtype))
    return np.sqrt((copies.grad**2).sum(axis=(1 - time, 2)))


def trace(cell, x):
    r"""What every gate did at every step of a sequence (A65, A66).

    The states come from the cell itself; each gate is then computed once more from the states around it.

    Parameters
    ----------
    cell : LSTM or GRU
        With one layer.
    x : array_like, shape (T, D)
        One sequence.

    Returns
    -------
    dict of str to ndarray, shape (T, H)
        LSTM: "input", "forget", "candidate", "output", "cell", "hidden". GRU: "reset", "update", "candidate", "hidden".

    Raises
    ------
    TypeError, ValueError
        If ``cell`` is of another kind or has several layers, or ``x`` does not fit it.

    Examples
    --------
    >>> from course_lib import nn
    >>> gates = trace(nn.LSTM(2, 3, rng=np.random.default_rng(0)), np.ones((5, 2)))
    >>> list(gates), gates["forget"].shape
    (['input', 'forget', 'candidate', 'output', 'cell', 'hidden'], (5, 3))
    """
    x = _sequence("trace", cell, x, (LSTM, GRU))
    if cell.num_layers != 1:
        raise ValueError(f"trace: cell must have one layer, but has {cell.num_layers}")
    with no_grad():
        hidden = cell(x[None] if cell.batch_first else x[:, None])[0].data.reshape(len(x), -1)
    before = np.concatenate([np.zeros_like(hidden[:1]), hidden[:-1]])
    W, U, b, b2 = (p.data for p in cell.weights(0))
    if isinstance(cell, GRU):
        (r, z, n), (r2, z2, n2) = (np.split(a, 3, axis=1) for a in (x @ W.T + b, before @ U.T + b2))
        r, z = sigmoid(r + r2).data, sigmoid(z + z2).data
        if cell.reset_after:
            n2 = r * n2
        else:
            n2 = (r * before) @ U[2 * cell.hidden_size:].T + b2[2 * cell.hidden_size:]
        return {"reset": r, "update": z, "candidate": np.tanh(n + n2), "hidden": hidden}
    i, f, g, o = np.split(x @ W.T + b + before @ U.T + b2, 4, axis=1)
    i, f, g, o = sigmoid(i).data, sigmoid(f).data, np.tanh(g), sigmoid(o).data
    c = np.zeros((len(x) + 1, cell.hidden_size), x.dtype)
    for t in range(len(x)):
        c[t + 1] = f[t] * c[t] + i[t] * g[t]
    return {"input": i, "forget": f, "candidate": g, "output": o, "cell": c[1:], "hidden": hidden}


def _sequence(operation, cell, x, kinds):
    # RNN is the base of the two others, so the kind is compared, not asked for with isinstance
    if type(cell) not in kinds:
        raise TypeError(f"{operation}: cell must be {' or '.join(kind.__name__ for kind in kinds)}, "
                        f"but is {type(cell).__name__}")
    x = _check.array(operation, "x", x, ("T", cell.weight_ih_l0.shape[1]))
    return x.astype(cell.weight_ih_l0.dtype)
