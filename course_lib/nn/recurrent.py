"""Recurrent networks: the same weights at every step of a sequence (chapters 15 and 16).

A whole sequence is one operation, and a step of it one product: input, 1 and state stand below each other, as W, b and U
stand beside each other. A state has a column per example, (H, N), so that the code reads as the formula. Its backward is
back-propagation through time, written out.
"""
import math

import numpy as np

from .. import _check
from ..tensor import Tensor, as_tensor, stack
from .activations import tanh
from .linear import Linear
from .module import Module, Parameter


def rnn(x, h0, weight_ih, weight_hh, bias_ih, bias_hh, nonlinearity="tanh"):
    r"""An Elman network over a sequence (A59), with back-propagation through time (A61).

    .. math:: h_t = f\bigl(W x_t + b + U h_{t-1} + b'\bigr), \qquad
              \delta_t = f'_t \odot \Bigl(\frac{\partial L}{\partial h_t} + U^\top \delta_{t+1}\Bigr)

    The total derivative with respect to a weight adds, over all times, the *immediate* one:
    :math:`\partial L/\partial U = \sum_t \delta_t h_{t-1}^\top`.

    Parameters
    ----------
    x : Tensor or array_like, shape (T, N, D)
    h0 : Tensor, shape (N, H)
        The state before the first step.
    weight_ih, weight_hh : Tensor, shapes (H, D), (H, H)
        W and U.
    bias_ih, bias_hh : Tensor, shape (H,)
        b and b'; PyTorch has both, and one would do.
    nonlinearity : {"tanh", "relu"}
        f.

    Returns
    -------
    Tensor, shape (T, N, H)
        All states; the last one is ``[-1]``.

    Raises
    ------
    ValueError
        If the shapes do not fit, or the sequence is empty.

    References
    ----------
    Elman, J. (1990). Finding structure in time. Cognitive Science 14.
    Werbos, P. (1990). Backpropagation through time: what it does and how to do it. Proceedings of the IEEE 78.
    """
    x = as_tensor(x, weight_ih.dtype)
    _check_sequence("rnn", 1, x, h0, weight_ih, weight_hh, bias_ih, bias_hh)
    _check.choice("rnn", "nonlinearity", nonlinearity, ("tanh", "relu"))
    (T, N, D), H = x.shape, weight_hh.shape[1]
    W, U = weight_ih.data, weight_hh.data
    WbU = np.column_stack([W, bias_ih.data + bias_hh.data, U])
    seen, h = _seen(x, h0, T + 1)
    for t in range(T):
        a = WbU @ seen[t]
        h[t + 1] = np.tanh(a) if nonlinearity == "tanh" else np.maximum(a, 0)

    def backward(grad):
        grad = grad.swapaxes(1, 2)
        slope = 1 - h[1:] * h[1:] if nonlinearity == "tanh" else h[1:] > 0
        delta, dh = np.empty((T, H, N), x.dtype), np.zeros((H, N), x.dtype)
        for t in reversed(range(T)):
            delta[t] = slope[t] * (grad[t] + dh)
            dh = U.T @ delta[t]
        return _gradients(x, seen, delta, W, dh)
    parents = (x, h0, weight_ih, weight_hh, bias_ih, bias_hh)
    return Tensor.from_op(h[1:].swapaxes(1, 2), parents, backward)


def lstm(x, h0, c0, weight_ih, weight_hh, bias_ih, bias_hh):
    r"""Long short-term memory over a sequence (A65).

    .. math:: i, f, o = \sigma(\cdot), \quad g = \tanh(\cdot) \quad\text{of}\quad W x_t + b + U h_{t-1} + b', \qquad
              c_t = f_t \odot c_{t-1} + i_t \odot g_t, \qquad h_t = o_t \odot \tanh(c_t)

    Along :math:`c` the error flows back through a product of forget gates only,
    :math:`\partial c_t / \partial c_{t-1} \ni f_t`.

    Parameters
    ----------
    x : Tensor or array_like, shape (T, N, D)
    h0, c0 : Tensor, shape (N, H)
        Output and memory before the first step.
    weight_ih, weight_hh : Tensor, shapes (4H, D), (4H, H)
        The gates below each other, in PyTorch's order i, f, g, o.
    bias_ih, bias_hh : Tensor, shape (4H,)

    Returns
    -------
    Tensor, shape (T + 1, N, H)
        The outputs :math:`h_1, \dots, h_T` and, as the last row, the memory :math:`c_T`.

    Raises
    ------
    ValueError
        If the shapes do not fit, or the sequence is empty.

    References
    ----------
    Hochreiter, S. & Schmidhuber, J. (1997). Long short-term memory. Neural Computation 9.
    Gers, F., Schmidhuber, J. & Cummins, F. (2000). Learning to forget. Neural Computation 12.
    """
    x = as_tensor(x, weight_ih.dtype)
    _check_sequence("lstm", 4, x, h0, weight_ih, weight_hh, bias_ih, bias_hh)
    (T, N, D), H = x.shape, weight_hh.shape[1]
    W, U = weight_ih.data, weight_hh.data
    half = np.array([0.5, 0.5, 1, 0.5], x.dtype).reshape(4, 1, 1)
    WbU = np.column_stack([W, bias_ih.data + bias_hh.data, U])
    WbU = half * WbU.reshape(4, H, -1)             # a product per gate: BLAS is faster with small matrices
    half = np.broadcast_to(half, (4, H, N)).copy()               # σ(a) = (1 + tanh(a/2)) / 2
    rest = 1 - half
    seen, h = _seen(x, h0, T + 2)
    gates, c, tanh_c = (np.empty(shape, x.dtype) for shape in ((T, 4, H, N), (T + 1, H, N), (T, H, N)))
    c[0] = c0.data.T
    for t in range(T):
        a = np.matmul(WbU, seen[t], out=gates[t])
        np.tanh(a, out=a)
        a *= half
        a += rest
        i, f, g, o = a
        np.multiply(f, c[t], out=c[t + 1])
        c[t + 1] += i * g
        np.tanh(c[t + 1], out=tanh_c[t])
        np.multiply(o, tanh_c[t], out=h[t + 1])
    h[T + 1] = c[T]                                # returned below the outputs

    def backward(grad):
        grad = grad.swapaxes(1, 2)
        delta, dh, dc = np.empty_like(gates), np.zeros((H, N), x.dtype), grad[T].copy()
        flat, U_T = delta.reshape(T, 4 * H, N), U.T              # views
        for t in reversed(range(T)):
            i, f, g, o = gates[t]
            # A slope is i (1 - i), or (1 + g) (1 - g): first the last factor.
            di, df, dg, do = np.subtract(1, gates[t], out=delta[t])
            dh += grad[t]
            do *= dh * h[t + 1]                    # dh tanh(c) o (1 - o)
            dc += dh * (o - h[t + 1] * tanh_c[t])  # dh o (1 - tanh² c)
            dci = dc * i
            dcig = dci * g
            di *= dcig                             # dc g i (1 - i)
            dg *= dci + dcig                       # dc i (1 + g) (1 - g)
            dc *= f                                # the constant error carousel
            df *= dc * c[t]                        # dc c f (1 - f)
            np.matmul(U_T, flat[t], out=dh)
        dx, dh0, *dweights = _gradients(x, seen, delta, W, dh)
        return dx, dh0, dc.T, *dweights
    parents = (x, h0, c0, weight_ih, weight_hh, bias_ih, bias_hh)
    return Tensor.from_op(h[1:].swapaxes(1, 2), parents, backward)


def gru(x, h0, weight_ih, weight_hh, bias_ih, bias_hh, reset_after=True):
    r"""Gated recurrent units over a sequence, PyTorch's or the lecture's (A66).

    .. math:: r, z = \sigma(W x_t + b + U h_{t-1} + b'), \qquad h_t = (1 - z_t) \odot n_t + z_t \odot h_{t-1}

    and the candidate

    .. math:: n_t = \begin{cases}
              \tanh\bigl(W_n x_t + b_n + r_t \odot (U_n h_{t-1} + b'_n)\bigr) & \text{reset after (PyTorch)} \\
              \tanh\bigl(W_n x_t + b_n + U_n (r_t \odot h_{t-1}) + b'_n\bigr) & \text{reset before (Cho 2014)}
              \end{cases}

    Parameters
    ----------
    x : Tensor or array_like, shape (T, N, D)
    h0 : Tensor, shape (N, H)
    weight_ih, weight_hh : Tensor, shapes (3H, D), (3H, H)
        The gates below each other, in PyTorch's order r, z, n.
    bias_ih, bias_hh : Tensor, shape (3H,)
    reset_after : bool
        Which candidate.

    Returns
    -------
    Tensor, shape (T, N, H)
        All states.

    Raises
    ------
    ValueError
        If the shapes do not fit, or the sequence is empty.

    References
    ----------
    Cho, K. et al. (2014). Learning phrase representations using RNN encoder-decoder for statistical machine
    translation. EMNLP.
    Chung, J. et al. (2014). Empirical evaluation of gated recurrent neural networks on sequence modeling.
    """
    x = as_tensor(x, weight_ih.dtype)
    _check_sequence("gru", 3, x, h0, weight_ih, weight_hh, bias_ih, bias_hh)
    (T, N, D), H = x.shape, weight_hh.shape[1]
    W, U, b = weight_ih.data, weight_hh.data, bias_hh.data.copy()
    U_n, b_n = U[2 * H:], b[2 * H:, None].copy()
    b[2 * H:] *= not reset_after                   # added inside r * (...)
    WbU = np.column_stack([W, bias_ih.data + b, U]).reshape(3, H, -1)
    WbU[:2] *= 0.5                                 # as in lstm
    WbU[2, :, -H:] = 0                             # n's own state comes later
    seen, h = _seen(x, h0, T + 1)
    gates, q = np.empty((T, 3, H, N), x.dtype), np.empty((T, H, N), x.dtype)
    for t in range(T):
        a = np.matmul(WbU, seen[t], out=gates[t])[:2]            # a view: one tanh for both
        np.tanh(a, out=a)
        a *= 0.5
        a += 0.5
        r, z, n = gates[t]
        if reset_after:
            q[t] = U_n @ h[t] + b_n                # what r multiplies
            n += r * q[t]
        else:
            q[t] = h[t]
            n += U_n @ (r * q[t])
        np.tanh(n, out=n)
        h[t + 1] = n + z * (h[t] - n)

    def backward(grad):
        grad = grad.swapaxes(1, 2)
        delta, dh = np.empty_like(gates), np.zeros((H, N), x.dtype)
        for t in reversed(range(T)):
            r, z, n = gates[t]
            # Slopes as in lstm: first their factors 1 - r, 1 - z, 1 - n.
            dr, dz, dn = np.subtract(1, gates[t], out=delta[t])
            dh += grad[t]
            dn *= dh * dz * (1 + n)                # dh (1 - z) (1 - n²)
            dz *= dh * (h[t] - n) * z              # dh (h - n) z (1 - z)
            dq = dn if reset_after else U_n.T @ dn               # at r * q
            dr *= dq * q[t] * r                    # dq q r (1 - r)
            dh *= z
            dq = dq * r
            dh += U_n.T @ dq if reset_after else dq
            dh += U[:2 * H].T @ delta[t, :2].reshape(2 * H, N)
        dx, dh0, dW, dU, db, _ = _gradients(x, seen, delta, W, dh)
        dn, r, db_hh = _over_time(delta[:, 2]), gates[:, 0], db.copy()
        if reset_after:
            dn = dn * _over_time(r)
            db_hh[2 * H:] = dn.sum(axis=1)
        dU[2 * H:] = dn @ _over_time(h[:T] if reset_after else r * q).T
        return dx, dh0, dW, dU, db, db_hh
    parents = (x, h0, weight_ih, weight_hh, bias_ih, bias_hh)
    return Tensor.from_op(h[1:].swapaxes(1, 2), parents, backward)


def _seen(x, h0, steps):
    """What a step multiplies, (steps, D + 1 + H, N): x_t, 1 for the bias, the state before. And the states, a view."""
    T, N, D = x.shape
    seen = np.empty((steps, D + 1 + h0.shape[1], N), x.dtype)
    seen[:T, :D], seen[:, D], seen[0, D + 1:] = x.data.swapaxes(1, 2), 1, h0.data.T
    return seen, seen[:, D + 1:]


def _over_time(values):
    """(T, K, N) as (K, T * N): a weight's gradient adds up all times and examples in one product."""
    return values.swapaxes(0, 1).reshape(values.shape[1], -1)


def _gradients(x, seen, delta, W, dh):
    """From delta, (T, K, N), the gradient of what enters the units: those of x, h0, both weights, both biases."""
    T, N, D = x.shape
    delta, seen = delta.reshape(T, -1, N), seen[:T]
    dx = (W.T @ delta).swapaxes(1, 2) if x.requires_grad else None
    # Ten steps at a time: what they copy stays in the processor's cache.
    tens = [slice(t, t + 10) for t in range(0, T, 10)]
    dWbU = sum(_over_time(delta[ten]) @ _over_time(seen[ten]).T for ten in tens)
    dW, db, dU = np.split(dWbU, [D, D + 1], axis=1)
    return dx, dh.T, dW, dU, db[:, 0], db[:, 0].copy()


def _check_sequence(operation, gates, x, h0, weight_ih, weight_hh, bias_ih, bias_hh):
    H = weight_hh.shape[-1]
    if x.ndim != 3 or not len(x) or x.shape[2] != weight_ih.shape[-1]:
        raise ValueError(f"{operation}: x must have shape (T, N, {weight_ih.shape[-1]}) with T > 0 because weight_ih is "
                         f"{weight_ih.shape}, but is {x.shape}")
    if h0.shape != (x.shape[1], H):
        raise ValueError(f"{operation}: the first state must have shape {(x.shape[1], H)}, but is {h0.shape}")
    for name, value, shape in (("weight_ih", weight_ih, (gates * H, x.shape[2])), ("weight_hh", weight_hh, (gates * H, H)),
                               ("bias_ih", bias_ih, (gates * H,)), ("bias_hh", bias_hh, (gates * H,))):
        if value.shape != shape:
            raise ValueError(f"{operation}: {name} must have shape {shape}, but is {value.shape}")


# -- layers ----------------------------------------------------------------------------------------------

class RNN(Module):
    r"""Layers of :func:`rnn`, each reading the states of the one below (A59).

    Parameters
    ----------
    input_size, hidden_size : int
        D and H.
    num_layers : int
    nonlinearity : {"tanh", "relu"}
    batch_first : bool
        Whether sequences are (N, T, D) instead of (T, N, D).
    rng : numpy.random.Generator
        Weights and biases are drawn as in PyTorch, uniform in :math:`\pm 1/\sqrt H`.

    Returns
    -------
    output : Tensor, shape (T, N, H) or (N, T, H)
        All states of the topmost layer.
    h_n : list of Tensor (N, H)
        The last state of each layer; to be given to the next call.

    Examples
    --------
    >>> output, state = RNN(3, 5, rng=np.random.default_rng(0))(np.ones((7, 2, 3)))
    >>> output.shape, state[0].shape
    ((7, 2, 5), (2, 5))
    """

    gates = 1

    def __init__(self, input_size, hidden_size, num_layers=1, nonlinearity="tanh", batch_first=False, *, rng):
        name = type(self).__name__
        _check.whole(name, at_least=1, input_size=input_size, hidden_size=hidden_size, num_layers=num_layers)
        self.hidden_size, self.num_layers, self.batch_first = hidden_size, num_layers, batch_first
        self.nonlinearity = nonlinearity
        bound = 1 / math.sqrt(hidden_size)
        for layer in range(num_layers):
            rows, columns = self.gates * hidden_size, hidden_size if layer else input_size
            for name, shape in (("weight_ih", (rows, columns)), ("weight_hh", (rows, hidden_size)),
                                ("bias_ih", (rows,)), ("bias_hh", (rows,))):
                setattr(self, f"{name}_l{layer}", Parameter(rng.uniform(-bound, bound, shape).astype(np.float32)))

    def weights(self, layer):
        """weight_ih, weight_hh, bias_ih and bias_hh of a layer."""
        return [getattr(self, f"{name}_l{layer}") for name in ("weight_ih", "weight_hh", "bias_ih", "bias_hh")]

    def forward(self, x, state=None):
        x = as_tensor(x, self.weight_ih_l0.dtype)
        if x.ndim != 3:
            axes = "(N, T, D)" if self.batch_first else "(T, N, D)"
            raise ValueError(f"{type(self).__name__}: x must have shape {axes}, but is {x.shape}")
        x = x.transpose(0, 1) if self.batch_first else x
        state = self.first_state(x) if state is None else state
        last = []
        for layer in range(self.num_layers):
            x, end = self.run(x, state[layer], layer)
            last.append(end)
        return (x.transpose(0, 1) if self.batch_first else x), last

    def zeros(self, x):
        """A state of zeros for every sequence of the batch."""
        return Tensor(np.zeros((x.shape[1], self.hidden_size), x.dtype))

    def first_state(self, x):
        """The state of every layer before the first step."""
        return [self.zeros(x) for _ in range(self.num_layers)]

    def run(self, x, state, layer):
        """One layer over the whole sequence: all states, and what the next call needs."""
        out = rnn(x, state, *self.weights(layer), self.nonlinearity)
        return out, out[-1]

    def __repr__(self):
        return f"{type(self).__name__}({self.weight_ih_l0.shape[1]}, {self.hidden_size}, num_layers={self.num_layers})"


class LSTM(RNN):
    """Layers of :func:`lstm` (A65). Parameters as in :class:`RNN`; a layer's state is the pair (h, c).

    Examples
    --------
    >>> output, state = LSTM(3, 5, rng=np.random.default_rng(0))(np.ones((7, 2, 3)))
    >>> output.shape, [part.shape for part in state[0]]
    ((7, 2, 5), [(2, 5), (2, 5)])
    """

    gates = 4

    def __init__(self, input_size, hidden_size, num_layers=1, batch_first=False, *, rng):
        super().__init__(input_size, hidden_size, num_layers, batch_first=batch_first, rng=rng)

    def first_state(self, x):
        return [(self.zeros(x), self.zeros(x)) for _ in range(self.num_layers)]

    def run(self, x, state, layer):
        states = lstm(x, *state, *self.weights(layer))
        return states[:-1], (states[-2], states[-1])


class GRU(RNN):
    """Layers of :func:`gru` (A66). Parameters as in :class:`RNN`, and ``reset_after``: PyTorch's or the lecture's form.

    Examples
    --------
    >>> output, state = GRU(3, 5, rng=np.random.default_rng(0))(np.ones((7, 2, 3)))
    >>> output.shape, state[0].shape
    ((7, 2, 5), (2, 5))
    """

    gates = 3

    def __init__(self, input_size, hidden_size, num_layers=1, batch_first=False, *, reset_after=True, rng):
        super().__init__(input_size, hidden_size, num_layers, batch_first=batch_first, rng=rng)
        self.reset_after = reset_after

    def run(self, x, state, layer):
        out = gru(x, state, *self.weights(layer), self.reset_after)
        return out, out[-1]


class JordanRNN(Module):
    r"""A network that remembers what it *said*, not what it thought (A60).

    .. math:: h_t = \tanh(W_h x_t + U_h y_{t-1} + b_h), \qquad y_t = W_y h_t + b_y

    Parameters
    ----------
    input_size, hidden_size, output_size : int
    rng : numpy.random.Generator

    Examples
    --------
    >>> JordanRNN(3, 5, 2, rng=np.random.default_rng(0))(np.ones((7, 4, 3))).shape
    (7, 4, 2)

    References
    ----------
    Jordan, M. (1986). Serial order: a parallel distributed processing approach. ICS report 8604, UC San Diego.
    """

    def __init__(self, input_size, hidden_size, output_size, *, rng):
        self.read = Linear(input_size, hidden_size, rng=rng)
        self.remember = Linear(output_size, hidden_size, bias=False, rng=rng)
        self.answer = Linear(hidden_size, output_size, rng=rng)

    def forward(self, x, y0=None, targets=None):
        """All answers, shape (T, N, output_size); with ``targets``, these are remembered (teacher forcing)."""
        x = as_tensor(x, self.read.weight.dtype)
        if y0 is None:
            size = len(self.answer.weight)
            y0 = Tensor(np.zeros((x.shape[1], size), x.dtype))
        y, answers = y0, []
        for t in range(len(x)):
            y = self.answer(tanh(self.read(x[t]) + self.remember(y)))
            answers.append(y)
            y = y if targets is None else as_tensor(targets[t], x.dtype)
        return stack(answers)
