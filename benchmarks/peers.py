"""The same steps in two other libraries that differentiate NumPy code: HIPS autograd and MyGrad.

The networks are written once, with the functions that a library offers (`ops`), as its users write them; where a library
has its own layer or loss (MyGrad: convolution, pooling, softmax, cross-entropy), that is taken.
"""
from types import SimpleNamespace

import numpy as np

from .steps import HEADS, LR, D, H

HALF, EPS = np.float32(0.5), np.float32(1e-5)                # MyGrad makes float64 of plain numbers


def autograd(row, X, y, start):
    import autograd.numpy as xp
    from autograd import grad
    from autograd.scipy.special import logsumexp
    rows = np.arange(len(y))

    def conv(x, weight, bias):
        (height, width), F = x.shape[2:], len(weight)
        x = xp.pad(x, ((0, 0), (0, 0), (1, 1), (1, 1)), mode="constant")
        patches = [x[:, :, u:u + height, v:v + width] for u in range(3) for v in range(3)]
        weight = xp.reshape(xp.transpose(weight, (0, 2, 3, 1)), (F, -1))
        out = xp.tensordot(weight, xp.concatenate(patches, axis=1), axes=([1], [1]))         # (F, N, H, W)
        return xp.transpose(out, (1, 0, 2, 3)) + bias[:, None, None]

    def pool(x):
        n, c, height, width = x.shape
        return xp.max(xp.reshape(x, (n, c, height // 2, 2, width // 2, 2)), axis=(3, 5))

    def softmax(x):
        return xp.exp(x - logsumexp(x, axis=-1, keepdims=True))

    ops = SimpleNamespace(xp=xp, conv=conv, pool=pool, softmax=softmax, relu=lambda x: xp.maximum(x, 0))
    last = []

    def loss(parameters):
        z = NETWORKS[row.split("_")[0]](ops, X, parameters)
        out = xp.mean(logsumexp(z, axis=1) - z[rows, y])
        last[:] = [getattr(out, "_value", out)]
        return out

    parameters, gradient, update = [w.copy() for w in start], grad(loss), _rule(row, start)

    def step():
        update(parameters, gradient(parameters))
        return last[0]
    return step


def mygrad(row, X, y, start):
    import mygrad as xp
    from mygrad.nnet.activations import relu, softmax
    from mygrad.nnet.layers import conv_nd, max_pool
    from mygrad.nnet.losses import softmax_crossentropy

    def conv(x, weight, bias):
        return conv_nd(x, weight, stride=1, padding=1) + bias.reshape(1, -1, 1, 1)

    ops = SimpleNamespace(xp=xp, conv=conv, pool=lambda x: max_pool(x, (2, 2), 2), softmax=lambda x: softmax(x, axis=-1),
                          relu=relu)
    parameters, update = [xp.tensor(w.copy()) for w in start], _rule(row, start)

    def step():
        loss = softmax_crossentropy(NETWORKS[row.split("_")[0]](ops, X, parameters), y)
        loss.backward()
        update([p.data for p in parameters], [p.grad for p in parameters])
        for p in parameters:
            p.null_grad()
        return loss
    return step


def _rule(row, start):
    """Gradient descent or Adam, in place; neither library brings an optimizer."""
    if row != "dense_adam":
        def sgd(parameters, gradients):
            for p, g in zip(parameters, gradients):
                p -= LR * g
        return sgd
    means, squares, t = [np.zeros_like(w) for w in start], [np.zeros_like(w) for w in start], [0]

    def adam(parameters, gradients):
        t[0] += 1
        for p, g, m, s in zip(parameters, gradients, means, squares):
            m += 0.1 * (g - m)
            s += 0.001 * (g * g - s)
            p -= LR / (1 - 0.9 ** t[0]) * m / (np.sqrt(s / (1 - 0.999 ** t[0])) + 1e-8)
    return adam


# -- the networks, written once ----------------------------------------------------------------------------

def dense(ops, x, parameters):
    W1, b1, W2, b2, W3, b3 = parameters
    x = ops.relu(ops.xp.matmul(x, W1.T) + b1)
    x = ops.relu(ops.xp.matmul(x, W2.T) + b2)
    return ops.xp.matmul(x, W3.T) + b3


def conv(ops, x, parameters):
    K1, b1, K2, b2, W, b = parameters
    x = ops.pool(ops.relu(ops.conv(x, K1, b1)))
    x = ops.pool(ops.relu(ops.conv(x, K2, b2)))
    return ops.xp.matmul(ops.xp.reshape(x, (len(x), -1)), W.T) + b


def _sigmoid(ops, x):
    return HALF * ops.xp.tanh(HALF * x) + HALF


def lstm(ops, x, parameters):
    W, U, b, d, V, e = parameters
    h = c = np.zeros((x.shape[1], H), x.dtype)
    inputs = ops.xp.matmul(x, W.T) + (b + d)
    for t in range(len(x)):
        a = inputs[t] + ops.xp.matmul(h, U.T)
        i, f, o = (_sigmoid(ops, a[:, k * H:(k + 1) * H]) for k in (0, 1, 3))
        c = f * c + i * ops.xp.tanh(a[:, 2 * H:3 * H])
        h = o * ops.xp.tanh(c)
    return ops.xp.matmul(h, V.T) + e


def gru(ops, x, parameters):
    W, U, b, d, V, e = parameters
    h = np.zeros((x.shape[1], H), x.dtype)
    inputs = ops.xp.matmul(x, W.T) + b
    for t in range(len(x)):
        a, u = inputs[t], ops.xp.matmul(h, U.T) + d
        r, z = (_sigmoid(ops, a[:, k * H:(k + 1) * H] + u[:, k * H:(k + 1) * H]) for k in (0, 1))
        n = ops.xp.tanh(a[:, 2 * H:] + r * u[:, 2 * H:])
        h = n + z * (h - n)
    return ops.xp.matmul(h, V.T) + e


def _layer_norm(ops, x, scale, shift):
    x = x - ops.xp.mean(x, axis=-1, keepdims=True)
    return scale * x / ops.xp.sqrt(ops.xp.mean(x * x, axis=-1, keepdims=True) + EPS) + shift


def transformer(ops, x, parameters):
    W, b, Wo, bo, W1, b1, W2, b2, s1, t1, s2, t2, V, e = parameters
    xp, (length, count, _) = ops.xp, x.shape
    qkv = xp.matmul(x, W.T) + b
    q, k, v = (xp.transpose(xp.reshape(qkv[:, :, i * D:(i + 1) * D], (length, count, HEADS, -1)), (1, 2, 0, 3))
               for i in range(3))
    weights = ops.softmax(xp.matmul(q, xp.swapaxes(k, 2, 3)) * np.float32((HEADS / D) ** 0.5))
    mixed = xp.reshape(xp.transpose(xp.matmul(weights, v), (2, 0, 1, 3)), (length, count, D))
    x = _layer_norm(ops, x + xp.matmul(mixed, Wo.T) + bo, s1, t1)
    x = _layer_norm(ops, x + xp.matmul(ops.relu(xp.matmul(x, W1.T) + b1), W2.T) + b2, s2, t2)
    return xp.matmul(x[-1], V.T) + e


NETWORKS = {"dense": dense, "conv": conv, "lstm": lstm, "gru": gru, "transformer": transformer}
