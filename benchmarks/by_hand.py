"""The same steps in plain NumPy, gradients by hand, no tape: the bound of what NumPy gives.

Not code to learn from: nothing is reused, nothing is checked, everything stays in the layout that is fastest.
"""
import math

import numpy as np

from course_lib._memory import keep_freed_memory

from .peers import _rule
from .steps import HEADS, H


def by_hand(row, X, y, start):
    keep_freed_memory()
    parameters, update = [w.copy() for w in start], _rule(row, start)
    network, rows = NETWORKS[row.split("_")[0]], np.arange(len(y))
    if row == "conv":
        X = np.ascontiguousarray(X.transpose(1, 2, 3, 0))
    elif X.ndim == 3 and row != "transformer":
        X = np.ascontiguousarray(X.swapaxes(1, 2))

    def step():
        z, backward = network(X, *parameters)
        z = z - z.max(axis=1, keepdims=True)
        probabilities = np.exp(z)
        total = probabilities.sum(axis=1, keepdims=True)
        loss = (np.log(total[:, 0]) - z[rows, y]).mean()
        probabilities /= total
        probabilities[rows, y] -= 1
        probabilities *= 1 / len(y)
        update(parameters, backward(probabilities))
        return loss
    return step


def dense(x, W1, b1, W2, b2, W3, b3):
    a1 = x @ W1.T
    a1 += b1
    np.maximum(a1, 0, out=a1)
    a2 = a1 @ W2.T
    a2 += b2
    np.maximum(a2, 0, out=a2)

    def backward(d3):
        d2 = d3 @ W3
        d2 *= a2 > 0
        d1 = d2 @ W2
        d1 *= a1 > 0
        return d1.T @ x, d1.sum(0), d2.T @ a1, d2.sum(0), d3.T @ a2, d3.sum(0)
    return a2 @ W3.T + b3, backward


def _conv_block(x, kernel, bias, first):
    """Convolution, ReLU, pooling of (C, H, W, N), the batch innermost."""
    (C, height, width, N), F = x.shape, len(kernel)
    padded = np.zeros((C, height + 2, width + 2, N), x.dtype)
    padded[:, 1:-1, 1:-1] = x
    offsets = [(u, v) for u in range(3) for v in range(3)]
    patches = np.empty((C, 3, 3, height, width, N), x.dtype)
    for u, v in offsets:
        patches[:, u, v] = padded[:, u:u + height, v:v + width]
    patches, kernel = patches.reshape(C * 9, -1), kernel.reshape(F, -1)
    a = (kernel @ patches).reshape(F, height, width, N)
    a += bias[:, None, None, None]
    corners = [a[:, i::2, j::2] for i in (0, 1) for j in (0, 1)]
    out = np.maximum(np.maximum(corners[0], corners[1]), np.maximum(corners[2], corners[3]))
    np.maximum(out, 0, out=out)                         # pooling first: a quarter of the work, the same values

    def backward(grad):
        grad = grad * (out > 0)
        d, free = np.empty_like(a), np.ones(out.shape, bool)
        for k, corner in enumerate(corners):            # the first maximum gets the gradient
            here = free & (corner == out)
            free &= ~here
            np.multiply(grad, here, out=d[:, k // 2::2, k % 2::2])
        d = d.reshape(F, -1)
        dx = None
        if not first:
            dpatches, dpadded = (kernel.T @ d).reshape(C, 3, 3, height, width, N), np.zeros_like(padded)
            for u, v in offsets:
                dpadded[:, u:u + height, v:v + width] += dpatches[:, u, v]
            dx = dpadded[:, 1:-1, 1:-1]
        return dx, (d @ patches.T).reshape(F, C, 3, 3), d @ np.ones(d.shape[1], d.dtype)
    return out, backward


def conv(x, K1, b1, K2, b2, W, b):
    a1, back1 = _conv_block(x, K1, b1, first=True)
    a2, back2 = _conv_block(a1, K2, b2, first=False)
    flat = a2.reshape(-1, a2.shape[-1])

    def backward(d):
        da1, dK2, db2 = back2((W.T @ d.T).reshape(a2.shape))
        _, dK1, db1 = back1(da1)
        return dK1, db1, dK2, db2, d.T @ flat.T, d.sum(0)
    return flat.T @ W.T + b, backward


def _flat(values):
    """(T, K, N) as (K, T * N)."""
    return values.swapaxes(0, 1).reshape(values.shape[1], -1)


def _total(delta, seen):
    """What all times together say to the weights, ten at a time, so that the copies stay in the cache."""
    tens = [slice(t, t + 10) for t in range(0, len(delta), 10)]
    return sum(_flat(delta[ten]) @ _flat(seen[ten]).T for ten in tens)


def lstm(x, W, U, b, e, V, s):
    T, D, N = x.shape
    half = np.repeat(np.array([0.5, 0.5, 1, 0.5], x.dtype), H)[:, None]
    WbU = (half * np.column_stack([W, b + e, U])).reshape(4, H, -1)
    half = np.repeat(half, N, axis=1).reshape(4, H, N)
    seen, a = np.empty((T + 1, D + 1 + H, N), x.dtype), np.empty((T, 4, H, N), x.dtype)
    seen[:T, :D], seen[:, D], seen[0, D + 1:] = x, 1, 0
    rest, h, c, q = 1 - half, seen[:, D + 1:], np.zeros((T + 1, H, N), x.dtype), np.empty((T, H, N), x.dtype)
    for t in range(T):
        i, f, g, o = gates = np.matmul(WbU, seen[t], out=a[t])
        np.tanh(gates, out=gates)
        gates *= half
        gates += rest
        np.multiply(f, c[t], out=c[t + 1])
        c[t + 1] += i * g
        np.tanh(c[t + 1], out=q[t])
        np.multiply(o, q[t], out=h[t + 1])

    def backward(d):
        dh, dc, delta = V.T @ d.T, np.zeros((H, N), x.dtype), np.empty_like(a)
        dV, flat = d.T @ h[T].T, delta.reshape(T, 4 * H, N)
        for t in reversed(range(T)):
            it, ft, gt, ot = a[t]
            di, df, dg, do = np.subtract(1, a[t], out=delta[t])
            do *= dh * h[t + 1]
            dc += dh * (ot - h[t + 1] * q[t])
            dci = dc * it
            dcig = dci * gt
            di *= dcig
            dg *= dci + dcig
            dc *= ft
            df *= dc * c[t]
            np.dot(U.T, flat[t], out=dh)
        both = _total(flat, seen[:T])
        db = both[:, D]
        return both[:, :D], both[:, D + 1:], db, db, dV, d.sum(0)
    return h[T].T @ V.T + s, backward


def gru(x, W, U, b, e, V, s):
    T, D, N = x.shape
    bias = b + np.concatenate([e[:2 * H], np.zeros(H, x.dtype)])
    WbU = np.column_stack([W, bias, U]).reshape(3, H, -1)
    WbU[:2] *= 0.5
    WbU[2, :, D + 1:] = 0
    eU, en = np.ascontiguousarray(U[2 * H:]), np.repeat(e[2 * H:, None], N, axis=1)
    seen, a, q = (np.empty(shape, x.dtype) for shape in ((T + 1, D + 1 + H, N), (T, 3, H, N), (T, H, N)))
    seen[:T, :D], seen[:, D], seen[0, D + 1:] = x, 1, 0
    h = seen[:, D + 1:]
    for t in range(T):
        r, z, n = gates = np.matmul(WbU, seen[t], out=a[t])
        rz = gates[:2]
        np.tanh(rz, out=rz)
        rz *= 0.5
        rz += 0.5
        np.matmul(eU, h[t], out=q[t])
        q[t] += en
        n += r * q[t]
        np.tanh(n, out=n)
        np.subtract(h[t], n, out=h[t + 1])
        h[t + 1] *= z
        h[t + 1] += n

    def backward(d):
        dh, delta, below = V.T @ d.T, np.empty_like(a), np.empty_like(a)
        dV, flat = d.T @ h[T].T, below.reshape(T, 3 * H, N)
        for t in reversed(range(T)):
            r, z, n = a[t]
            dr, dz, dn = np.subtract(1, a[t], out=delta[t])
            dn *= dh * dz * (1 + n)
            dz *= dh * (h[t] - n) * z
            dnr = np.multiply(dn, r, out=below[t, 2])
            dr *= dnr * q[t]
            below[t, :2] = delta[t, :2]
            dh *= z
            dh += U.T @ flat[t]
        both, hidden = _total(delta.reshape(T, 3 * H, N), seen[:T, :D + 1]), _total(flat, seen[:T, D:])
        return both[:, :D], hidden[:, 1:], both[:, D], hidden[:, 0], dV, d.sum(0)
    return h[T].T @ V.T + s, backward


def _norm(x, scale, shift):
    mean = np.full(x.shape[1], 1 / x.shape[1], x.dtype)
    hat = x - (x @ mean)[:, None]
    wide = 1 / np.sqrt((hat * hat) @ mean + 1e-5)[:, None]
    hat *= wide
    out = hat * scale
    out += shift

    def backward(grad):
        d, ones = grad * scale, np.ones(len(grad), grad.dtype)
        scaled = grad * hat
        through = hat * (scaled @ (scale * mean))[:, None]
        d -= (d @ mean)[:, None]
        d -= through
        d *= wide
        return d, ones @ scaled, ones @ grad
    return out, backward


def transformer(x, W, b, Wo, bo, W1, b1, W2, b2, s1, t1, s2, t2, V, e):
    T, N, D = x.shape
    E, ones = D // HEADS, np.ones(T * N, x.dtype)
    rows = x.reshape(-1, D)
    qkv = rows @ W.T
    qkv += b
    q, k, v = np.ascontiguousarray(qkv.reshape(T, N, 3, HEADS, E).transpose(2, 1, 3, 0, 4))
    A = k @ np.ascontiguousarray(q.swapaxes(-1, -2))
    A *= 1 / math.sqrt(E)
    A -= A.max(axis=-2, keepdims=True)
    np.exp(A, out=A)
    A /= (np.ones(T, x.dtype) @ A)[..., None, :]
    out = A.swapaxes(-1, -2) @ v
    mixed = out.transpose(2, 0, 1, 3).reshape(-1, D)
    part = mixed @ Wo.T
    part += bo
    part += rows
    x1, back1 = _norm(part, s1, t1)
    inside = x1 @ W1.T
    inside += b1
    np.maximum(inside, 0, out=inside)
    part = inside @ W2.T
    part += b2
    part += x1
    x2, back2 = _norm(part, s2, t2)
    last = x2[-N:]

    def backward(d):
        dx2 = np.zeros_like(x2)
        dx2[-N:] = d @ V
        d2, ds2, dt2 = back2(dx2)
        dinside = d2 @ W2
        dinside *= inside > 0
        dx1 = dinside @ W1
        dx1 += d2
        d1, ds1, dt1 = back1(dx1)
        grad = np.ascontiguousarray((d1 @ Wo).reshape(T, N, HEADS, E).transpose(1, 2, 0, 3))
        dA = v @ np.ascontiguousarray(grad.swapaxes(-1, -2))
        dA -= np.einsum("...v,...v->...", grad, out)[..., None, :]
        dA *= A
        dA *= 1 / math.sqrt(E)
        dqkv = np.stack([dA.swapaxes(-1, -2) @ k, dA @ q, A @ grad]).transpose(3, 1, 0, 2, 4).reshape(-1, 3 * D)
        return (dqkv.T @ rows, ones @ dqkv, d1.T @ mixed, ones @ d1, dinside.T @ x1, ones @ dinside,
                d2.T @ inside, ones @ d2, ds1, dt1, ds2, dt2, d.T @ last, d.sum(0))
    return last @ V.T + e, backward


NETWORKS = {"dense": dense, "conv": conv, "lstm": lstm, "gru": gru, "transformer": transformer}
