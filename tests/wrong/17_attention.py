"""Typical wrong answers to exercises 17, and words of the message that must name each mistake."""

# %% attention: not divided by √E
def attention(q, K, V, mask=None, scale=True):
    scores = q @ K.T
    if mask is not None:
        scores = np.where(mask, scores, -np.inf)
    w = np.exp(scores - scores.max(axis=1, keepdims=True))
    w /= w.sum(axis=1, keepdims=True)
    return w @ V, w

# %% attention: not each column, must sum to 1
def attention(q, K, V, mask=None, scale=True):
    scores = q @ K.T / (np.sqrt(q.shape[1]) if scale else 1)
    if mask is not None:
        scores = np.where(mask, scores, -np.inf)
    w = np.exp(scores - scores.max(axis=0, keepdims=True))
    w /= w.sum(axis=0, keepdims=True)
    return w @ V, w

# %% attention: mask the scores
def attention(q, K, V, mask=None, scale=True):
    scores = q @ K.T / (np.sqrt(q.shape[1]) if scale else 1)
    w = np.exp(scores - scores.max(axis=1, keepdims=True))
    w /= w.sum(axis=1, keepdims=True)
    if mask is not None:
        w = w * mask
    return w @ V, w

# %% attention: use minus infinity
def attention(q, K, V, mask=None, scale=True):
    scores = q @ K.T / (np.sqrt(q.shape[1]) if scale else 1)
    if mask is not None:
        scores = scores * mask
    w = np.exp(scores - scores.max(axis=1, keepdims=True))
    w /= w.sum(axis=1, keepdims=True)
    return w @ V, w

# %% attention: overflow
def attention(q, K, V, mask=None, scale=True):
    scores = q @ K.T / (np.sqrt(q.shape[1]) if scale else 1)
    w = np.exp(scores) * (1 if mask is None else mask)
    w /= w.sum(axis=1, keepdims=True)
    return w @ V, w

# %% encode_decode_greedy: it does not stop
def encode_decode_greedy(model, src):
    s, token, written = np.zeros(len(model["Ue"])), model["start"], []
    for x in src:
        s = np.tanh(model["We"][:, x] + model["Ue"] @ s)
    for _ in range(model["longest"]):
        s = np.tanh(model["Wd"][:, token] + model["Ud"] @ s)
        token = int(np.argmax(model["V"] @ s + model["c"]))
        written.append(token)
    return written

# %% encode_decode_greedy: the stop token is not part of it
def encode_decode_greedy(model, src):
    s, token, written = np.zeros(len(model["Ue"])), model["start"], []
    for x in src:
        s = np.tanh(model["We"][:, x] + model["Ue"] @ s)
    while token != model["stop"] and len(written) < model["longest"]:
        s = np.tanh(model["Wd"][:, token] + model["Ud"] @ s)
        token = int(np.argmax(model["V"] @ s + model["c"]))
        written.append(token)
    return written

# %% encode_decode_greedy: does not read what it wrote
def encode_decode_greedy(model, src):
    s, written = np.zeros(len(model["Ue"])), []
    for x in src:
        s = np.tanh(model["We"][:, x] + model["Ue"] @ s)
    for _ in range(model["longest"]):
        s = np.tanh(model["Wd"][:, model["start"]] + model["Ud"] @ s)
        token = int(np.argmax(model["V"] @ s + model["c"]))
        if token == model["stop"]:
            break
        written.append(token)
    return written

# %% encode_decode_greedy: `longest` is ignored
def encode_decode_greedy(model, src):
    s, token, written = np.zeros(len(model["Ue"])), model["start"], []
    for x in src:
        s = np.tanh(model["We"][:, x] + model["Ue"] @ s)
    while len(written) < 100:
        s = np.tanh(model["Wd"][:, token] + model["Ud"] @ s)
        token = int(np.argmax(model["V"] @ s + model["c"]))
        if token == model["stop"]:
            break
        written.append(token)
    return written

# %% encode_decode_greedy: give it the encoder's last state
def encode_decode_greedy(model, src):
    s = np.zeros(len(model["Ue"]))
    for x in src:
        s = np.tanh(model["We"][:, x] + model["Ue"] @ s)
    s, token, written = np.zeros(len(model["Ud"])), model["start"], []
    for _ in range(model["longest"]):
        s = np.tanh(model["Wd"][:, token] + model["Ud"] @ s)
        token = int(np.argmax(model["V"] @ s + model["c"]))
        if token == model["stop"]:
            break
        written.append(token)
    return written

# %% multi_head_attention: a head has E/h features
def multi_head_attention(x, params, heads):
    T, E = x.shape
    if E % heads:
        raise ValueError("heads must divide E")
    Q, K, V = np.split(x @ params["W_in"].T + params["b_in"], 3, axis=1)
    out = []
    for q, k, v in zip(*(np.split(part, heads, axis=1) for part in (Q, K, V))):
        w = np.exp(q @ k.T / np.sqrt(E))
        out.append(w / w.sum(axis=1, keepdims=True) @ v)
    return np.concatenate(out, axis=1) @ params["W_out"].T + params["b_out"]

# %% multi_head_attention: this is one large head
def multi_head_attention(x, params, heads):
    T, E = x.shape
    if E % heads:
        raise ValueError("heads must divide E")
    q, k, v = np.split(x @ params["W_in"].T + params["b_in"], 3, axis=1)
    w = np.exp(q @ k.T / np.sqrt(E))
    return w / w.sum(axis=1, keepdims=True) @ v @ params["W_out"].T + params["b_out"]

# %% multi_head_attention: W_out and b_out are missing
def multi_head_attention(x, params, heads):
    T, E = x.shape
    if E % heads:
        raise ValueError("heads must divide E")
    Q, K, V = np.split(x @ params["W_in"].T + params["b_in"], 3, axis=1)
    out = []
    for q, k, v in zip(*(np.split(part, heads, axis=1) for part in (Q, K, V))):
        w = np.exp(q @ k.T / np.sqrt(E / heads))
        out.append(w / w.sum(axis=1, keepdims=True) @ v)
    return np.concatenate(out, axis=1)

# %% multi_head_attention: W_out is transposed
def multi_head_attention(x, params, heads):
    T, E = x.shape
    if E % heads:
        raise ValueError("heads must divide E")
    Q, K, V = np.split(x @ params["W_in"].T + params["b_in"], 3, axis=1)
    out = []
    for q, k, v in zip(*(np.split(part, heads, axis=1) for part in (Q, K, V))):
        w = np.exp(q @ k.T / np.sqrt(E / heads))
        out.append(w / w.sum(axis=1, keepdims=True) @ v)
    return np.concatenate(out, axis=1) @ params["W_out"] + params["b_out"]

# %% positional_encoding: they take turns
def positional_encoding(T, d):
    if d % 2:
        raise ValueError("d must be even")
    angle = np.arange(T)[:, None] / 10000 ** (np.arange(0, d, 2) / d)
    return np.concatenate([np.sin(angle), np.cos(angle)], axis=1)

# %% positional_encoding: the exponent is 2i/d, not i/d
def positional_encoding(T, d):
    if d % 2:
        raise ValueError("d must be even")
    angle = np.arange(T)[:, None] / 10000 ** (np.arange(d // 2) / d)
    return np.stack([np.sin(angle), np.cos(angle)], axis=2).reshape(T, d)

# %% positional_encoding: positions count from 0
def positional_encoding(T, d):
    if d % 2:
        raise ValueError("d must be even")
    angle = np.arange(1, T + 1)[:, None] / 10000 ** (np.arange(0, d, 2) / d)
    return np.stack([np.sin(angle), np.cos(angle)], axis=2).reshape(T, d)

# %% positional_encoding: an odd d must raise ValueError
def positional_encoding(T, d):
    angle = np.arange(T)[:, None] / 10000 ** (np.arange(0, d, 2) / d)
    P = np.empty((T, d))
    P[:, 0::2], P[:, 1::2] = np.sin(angle), np.cos(angle[:, :d // 2])
    return P

# %% mdn_nll: it is the sum over the moves
def mdn_nll(params, target):
    rho, sigma = params["rho"], params["sigma"]
    pi = np.exp(params["logits"])
    pi = pi / pi.sum(axis=1, keepdims=True)
    z = (target[:, None] - params["mean"]) / sigma
    q = (z[..., 0]**2 + z[..., 1]**2 - 2 * rho * z[..., 0] * z[..., 1]) / (2 * (1 - rho**2))
    p = np.exp(-q) / (2 * np.pi * sigma.prod(axis=2) * np.sqrt(1 - rho**2))
    return -np.log((pi * p).sum(axis=1)).sum()

# %% mdn_nll: divide by zero
def mdn_nll(params, target):
    rho, sigma = params["rho"], params["sigma"]
    pi = np.exp(params["logits"])
    pi = pi / pi.sum(axis=1, keepdims=True)
    z = (target[:, None] - params["mean"]) / sigma
    q = (z[..., 0]**2 + z[..., 1]**2 - 2 * rho * z[..., 0] * z[..., 1]) / (2 * (1 - rho**2))
    p = np.exp(-q) / (2 * np.pi * sigma.prod(axis=2) * np.sqrt(1 - rho**2))
    return -np.log((pi * p).sum(axis=1)).mean()

# %% mdn_nll: the logarithm comes after the sum over the Gaussians
def mdn_nll(params, target):
    rho, sigma = params["rho"], params["sigma"]
    pi = np.exp(params["logits"])
    pi = pi / pi.sum(axis=1, keepdims=True)
    z = (target[:, None] - params["mean"]) / sigma
    q = (z[..., 0]**2 + z[..., 1]**2 - 2 * rho * z[..., 0] * z[..., 1]) / (2 * (1 - rho**2))
    log_p = -q - np.log(2 * np.pi * sigma.prod(axis=2) * np.sqrt(1 - rho**2))
    return -(pi * log_p).sum(axis=1).mean()

# %% mdn_nll: ρ is ignored
def mdn_nll(params, target):
    sigma = params["sigma"]
    pi = np.exp(params["logits"])
    pi = pi / pi.sum(axis=1, keepdims=True)
    z = (target[:, None] - params["mean"]) / sigma
    p = np.exp(-(z**2).sum(axis=2) / 2) / (2 * np.pi * sigma.prod(axis=2))
    return -np.log((pi * p).sum(axis=1)).mean()

# %% mdn_nll: the weights are the softmax of the logits
def mdn_nll(params, target):
    rho, sigma = params["rho"], params["sigma"]
    z = (target[:, None] - params["mean"]) / sigma
    q = (z[..., 0]**2 + z[..., 1]**2 - 2 * rho * z[..., 0] * z[..., 1]) / (2 * (1 - rho**2))
    p = np.exp(-q) / (2 * np.pi * sigma.prod(axis=2) * np.sqrt(1 - rho**2))
    return -np.log((np.exp(params["logits"]) * p).sum(axis=1)).mean()

# %% deviation: that is the variance
deviation = 64

# %% deviation: after the division
deviation = 1

# %% deviation: that is the mean
deviation = 0

# %% maps: must not know the future
maps = ("no positions", "reverses", "predicts")

# %% maps: in some order
maps = ("no positions", "predicts", "no positions")

# %% maps: all its weights are equal
maps = ("reverses", "predicts", "no positions")

# %% found: what is first and what is last
found = 'learning_rate=0.01, dropout=0, initialization="Xavier", positions=False'

# %% found: zeros learn nothing
found = 'learning_rate=0.01, dropout=0, initialization="zeros", positions=True'

# %% found: look at the learning rate
found = 'learning_rate=0.1, dropout=0, initialization="Xavier", positions=True'
