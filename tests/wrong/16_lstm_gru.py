"""Typical wrong answers to exercises 16, and words of the message that must name each mistake."""

# %% lstm_step: it is i, f, g, o
def lstm_step(x, h, c, params):
    a = x @ params["W"].T + h @ params["U"].T + params["b"]
    f, i, g, o = np.split(a, 4, axis=1)
    i, f, o = (1 / (1 + np.exp(-gate)) for gate in (i, f, o))
    c = f * c + i * np.tanh(g)
    return o * np.tanh(c), c

# %% lstm_step: the fourth the output gate
def lstm_step(x, h, c, params):
    a = x @ params["W"].T + h @ params["U"].T + params["b"]
    i, f, o, g = np.split(a, 4, axis=1)
    i, f, o = (1 / (1 + np.exp(-gate)) for gate in (i, f, o))
    c = f * c + i * np.tanh(g)
    return o * np.tanh(c), c

# %% lstm_step: the tanh of the memory is missing
def lstm_step(x, h, c, params):
    a = x @ params["W"].T + h @ params["U"].T + params["b"]
    i, f, g, o = np.split(a, 4, axis=1)
    i, f, o = (1 / (1 + np.exp(-gate)) for gate in (i, f, o))
    c = f * c + i * np.tanh(g)
    return o * c, c

# %% lstm_step: returned the other way round
def lstm_step(x, h, c, params):
    a = x @ params["W"].T + h @ params["U"].T + params["b"]
    i, f, g, o = np.split(a, 4, axis=1)
    i, f, o = (1 / (1 + np.exp(-gate)) for gate in (i, f, o))
    c = f * c + i * np.tanh(g)
    return c, o * np.tanh(c)

# %% lstm_step: where is U?
def lstm_step(x, h, c, params):
    a = x @ params["W"].T + params["b"]
    i, f, g, o = np.split(a, 4, axis=1)
    i, f, o = (1 / (1 + np.exp(-gate)) for gate in (i, f, o))
    c = f * c + i * np.tanh(g)
    return o * np.tanh(c), c

# %% gru_step: this is PyTorch's candidate
def gru_step(x, h, params, variant="lecture"):
    a, past = np.split(x @ params["W"].T + params["b"], 3, axis=1), np.split(h @ params["U"].T + params["d"], 3, axis=1)
    r, z = (1 / (1 + np.exp(-(a[k] + past[k]))) for k in (0, 1))
    return z * h + (1 - z) * np.tanh(a[2] + r * past[2])

# %% gru_step: 1 − z lets the new one in
def gru_step(x, h, params, variant="lecture"):
    H = h.shape[1]
    a, past = np.split(x @ params["W"].T + params["b"], 3, axis=1), np.split(h @ params["U"].T + params["d"], 3, axis=1)
    r, z = (1 / (1 + np.exp(-(a[k] + past[k]))) for k in (0, 1))
    before = (r * h) @ params["U"][2 * H:].T + params["d"][2 * H:]
    n = np.tanh(a[2] + (before if variant == "lecture" else r * past[2]))
    return (1 - z) * h + z * n

# %% gru_step: the order is r, z, n
def gru_step(x, h, params, variant="lecture"):
    H = h.shape[1]
    a, past = np.split(x @ params["W"].T + params["b"], 3, axis=1), np.split(h @ params["U"].T + params["d"], 3, axis=1)
    z, r = (1 / (1 + np.exp(-(a[k] + past[k]))) for k in (0, 1))
    before = (r * h) @ params["U"][2 * H:].T + params["d"][2 * H:]
    n = np.tanh(a[2] + (before if variant == "lecture" else r * past[2]))
    return z * h + (1 - z) * n

# %% gru_step: the bias d of the candidate is reset, too
def gru_step(x, h, params, variant="lecture"):
    H = h.shape[1]
    a, past = np.split(x @ params["W"].T + params["b"], 3, axis=1), np.split(h @ params["U"].T + params["d"], 3, axis=1)
    r, z = (1 / (1 + np.exp(-(a[k] + past[k]))) for k in (0, 1))
    before = (r * h) @ params["U"][2 * H:].T if variant == "lecture" else r * (h @ params["U"][2 * H:].T)
    return z * h + (1 - z) * np.tanh(a[2] + before + params["d"][2 * H:])

# %% lstm_backward: what comes from the new state is missing
def lstm_backward(dh_new, dc_new, x, h, c, params):
    a = x @ params["W"].T + h @ params["U"].T + params["b"]
    i, f, g, o = np.split(a, 4, axis=1)
    i, f, o, g = *(1 / (1 + np.exp(-gate)) for gate in (i, f, o)), np.tanh(g)
    shown, dc = np.tanh(f * c + i * g), dc_new
    da = np.concatenate([dc * g * i * (1 - i), dc * c * f * (1 - f), dc * i * (1 - g**2), dh_new * shown * o * (1 - o)], axis=1)
    return {"x": da @ params["W"], "h": da @ params["U"], "c": f * dc, "W": da.T @ x, "U": da.T @ h, "b": da.sum(axis=0)}

# %% lstm_backward: the slopes of the gates, s (1 − s), are missing
def lstm_backward(dh_new, dc_new, x, h, c, params):
    a = x @ params["W"].T + h @ params["U"].T + params["b"]
    i, f, g, o = np.split(a, 4, axis=1)
    i, f, o, g = *(1 / (1 + np.exp(-gate)) for gate in (i, f, o)), np.tanh(g)
    shown = np.tanh(f * c + i * g)
    dc = dc_new + dh_new * o * (1 - shown**2)
    da = np.concatenate([dc * g, dc * c, dc * i * (1 - g**2), dh_new * shown], axis=1)
    return {"x": da @ params["W"], "h": da @ params["U"], "c": f * dc, "W": da.T @ x, "U": da.T @ h, "b": da.sum(axis=0)}

# %% lstm_backward: 1 − tanh² c', is missing
def lstm_backward(dh_new, dc_new, x, h, c, params):
    a = x @ params["W"].T + h @ params["U"].T + params["b"]
    i, f, g, o = np.split(a, 4, axis=1)
    i, f, o, g = *(1 / (1 + np.exp(-gate)) for gate in (i, f, o)), np.tanh(g)
    shown = np.tanh(f * c + i * g)
    dc = dc_new + dh_new * o
    da = np.concatenate([dc * g * i * (1 - i), dc * c * f * (1 - f), dc * i * (1 - g**2), dh_new * shown * o * (1 - o)], axis=1)
    return {"x": da @ params["W"], "h": da @ params["U"], "c": f * dc, "W": da.T @ x, "U": da.T @ h, "b": da.sum(axis=0)}

# %% lstm_backward: the forget gate is missing
def lstm_backward(dh_new, dc_new, x, h, c, params):
    a = x @ params["W"].T + h @ params["U"].T + params["b"]
    i, f, g, o = np.split(a, 4, axis=1)
    i, f, o, g = *(1 / (1 + np.exp(-gate)) for gate in (i, f, o)), np.tanh(g)
    shown = np.tanh(f * c + i * g)
    dc = dc_new + dh_new * o * (1 - shown**2)
    da = np.concatenate([dc * g * i * (1 - i), dc * c * f * (1 - f), dc * i * (1 - g**2), dh_new * shown * o * (1 - o)], axis=1)
    return {"x": da @ params["W"], "h": da @ params["U"], "c": dc, "W": da.T @ x, "U": da.T @ h, "b": da.sum(axis=0)}

# %% lstm_backward: take the sum
def lstm_backward(dh_new, dc_new, x, h, c, params):
    a = x @ params["W"].T + h @ params["U"].T + params["b"]
    i, f, g, o = np.split(a, 4, axis=1)
    i, f, o, g = *(1 / (1 + np.exp(-gate)) for gate in (i, f, o)), np.tanh(g)
    shown = np.tanh(f * c + i * g)
    dc = dc_new + dh_new * o * (1 - shown**2)
    da = np.concatenate([dc * g * i * (1 - i), dc * c * f * (1 - f), dc * i * (1 - g**2), dh_new * shown * o * (1 - o)], axis=1)
    return {"x": da @ params["W"], "h": da @ params["U"], "c": f * dc, "W": da.T @ x / len(x), "U": da.T @ h / len(x), "b": da.mean(axis=0)}

# %% clip_grad_norm: clipped by itself
def clip_grad_norm(grads, c):
    if c <= 0:
        raise ValueError("c must be above 0")
    norms = [np.linalg.norm(g) for g in grads]
    return [g * min(1, c / norm) if norm else g for g, norm in zip(grads, norms)], np.sqrt(sum(n**2 for n in norms))

# %% clip_grad_norm: cut off at c
def clip_grad_norm(grads, c):
    if c <= 0:
        raise ValueError("c must be above 0")
    return [np.clip(g, -c, c) for g in grads], np.sqrt(sum((g**2).sum() for g in grads))

# %% clip_grad_norm: it was made longer
def clip_grad_norm(grads, c):
    if c <= 0:
        raise ValueError("c must be above 0")
    norm = np.sqrt(sum((g**2).sum() for g in grads))
    return [g * c / norm for g in grads], norm

# %% clip_grad_norm: was changed: work on a copy
def clip_grad_norm(grads, c):
    if c <= 0:
        raise ValueError("c must be above 0")
    norm = np.sqrt(sum((g**2).sum() for g in grads))
    for g in grads:
        g *= min(1, c / max(norm, 1e-12))
    return grads, norm

# %% adding_problem: all sequences have the same marks
def adding_problem(T, B, rng):
    X = np.zeros((T, B, 2))
    X[..., 0] = rng.random((T, B))
    X[rng.integers(T // 2), :, 1] = 1
    X[rng.integers(T // 2, T), :, 1] = 1
    return X, (X[..., 0] * X[..., 1]).sum(axis=0)

# %% adding_problem: the number of marks of each sequence
def adding_problem(T, B, rng):
    X = np.zeros((T, B, 2))
    X[..., 0] = rng.random((T, B))
    for _ in range(2):
        X[rng.integers(T, size=B), np.arange(B), 1] = 1
    return X, (X[..., 0] * X[..., 1]).sum(axis=0)

# %% adding_problem: only the marked ones count
def adding_problem(T, B, rng):
    X = np.zeros((T, B, 2))
    X[..., 0] = rng.random((T, B))
    X[rng.integers(T // 2, size=B), np.arange(B), 1] = 1
    X[rng.integers(T // 2, T, size=B), np.arange(B), 1] = 1
    return X, X[..., 0].sum(axis=0)

# %% adding_problem: time comes first
def adding_problem(T, B, rng):
    X = np.zeros((B, T, 2))
    X[..., 0] = rng.random((B, T))
    X[np.arange(B), rng.integers(T // 2, size=B), 1] = 1
    X[np.arange(B), rng.integers(T // 2, T, size=B), 1] = 1
    return X, (X[..., 0] * X[..., 1]).sum(axis=1)

# %% baseline: that is the variance of one number
baseline = 1 / 12

# %% baseline: that is the mean, not the error
baseline = 1

# %% baseline: makes errors
baseline = 0

# %% gates: this counts sets
gates = {"set": (1, 1, 1), "reset": (0, 0, 0), "nothing": (0, 1, 0)}

# %% gates: keep the forget gate open
gates = {"set": (1, 0, 1), "reset": (0, 0, 0), "nothing": (0, 0, 0)}

# %% gates: forget instead
gates = {"set": (1, 0, 1), "reset": (1, 1, -1), "nothing": (0, 1, 0)}

# %% gates: the reset does not clear it
gates = {"set": (1, 0, 1), "reset": (0, 1, 0), "nothing": (0, 1, 0)}

# %% found: starts too far closed
found = "forget_bias=0, learning_rate=0.003"

# %% found: look at the learning rate
found = "forget_bias=4, learning_rate=0.3"

# %% found: does not say the forget bias
found = "learning_rate=0.003"
