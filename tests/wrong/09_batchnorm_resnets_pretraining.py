"""Typical wrong answers to exercises 9, and words of the message that must name each mistake."""

# %% batchnorm: evaluation must use the running averages
def batchnorm_forward(x, gamma, beta, state, train):
    mean, var = x.mean(axis=0), x.var(axis=0)
    if train:
        if len(x) == 1:
            raise ValueError("one example")
        state["mean"] = 0.9 * state["mean"] + 0.1 * mean
        state["var"] = 0.9 * state["var"] + 0.1 * x.var(axis=0, ddof=1)
    scale = 1 / np.sqrt(var + 1e-5)
    hat = (x - mean) * scale
    return gamma * hat + beta, (hat, gamma, scale)

def batchnorm_backward(dy, cache):
    hat, gamma, scale = cache
    d = dy * gamma
    return (d - d.mean(0) - hat * (d * hat).mean(0)) * scale, (dy * hat).sum(0), dy.sum(0)

# %% batchnorm: the average stores the unbiased one
def batchnorm_forward(x, gamma, beta, state, train):
    mean, var = (x.mean(axis=0), x.var(axis=0)) if train else (state["mean"], state["var"])
    if train:
        state["mean"] = 0.9 * state["mean"] + 0.1 * mean
        state["var"] = 0.9 * state["var"] + 0.1 * var
    scale = 1 / np.sqrt(var + 1e-5)
    hat = (x - mean) * scale
    return gamma * hat + beta, (hat, gamma, scale)

def batchnorm_backward(dy, cache):
    hat, gamma, scale = cache
    d = dy * gamma
    return (d - d.mean(0) - hat * (d * hat).mean(0)) * scale, (dy * hat).sum(0), dy.sum(0)

# %% batchnorm: mean and variance are taken for constants
def batchnorm_forward(x, gamma, beta, state, train):
    mean, var = (x.mean(axis=0), x.var(axis=0)) if train else (state["mean"], state["var"])
    if train:
        if len(x) == 1:
            raise ValueError("one example")
        state["mean"] = 0.9 * state["mean"] + 0.1 * mean
        state["var"] = 0.9 * state["var"] + 0.1 * x.var(axis=0, ddof=1)
    scale = 1 / np.sqrt(var + 1e-5)
    hat = (x - mean) * scale
    return gamma * hat + beta, (hat, gamma, scale)

def batchnorm_backward(dy, cache):
    hat, gamma, scale = cache
    return dy * gamma * scale, (dy * hat).sum(0), dy.sum(0)

# %% batchnorm: the mean is that of each example
def batchnorm_forward(x, gamma, beta, state, train):
    hat = (x - x.mean(axis=1, keepdims=True)) / np.sqrt(x.var(axis=1, keepdims=True) + 1e-5)
    return gamma * hat + beta, None

def batchnorm_backward(dy, cache):
    return dy, dy.sum(0), dy.sum(0)

# %% batchnorm: 0.9 and 0.1 are exchanged
def batchnorm_forward(x, gamma, beta, state, train):
    mean, var = (x.mean(axis=0), x.var(axis=0)) if train else (state["mean"], state["var"])
    if train:
        state["mean"] = 0.1 * state["mean"] + 0.9 * mean
        state["var"] = 0.1 * state["var"] + 0.9 * x.var(axis=0, ddof=1)
    scale = 1 / np.sqrt(var + 1e-5)
    hat = (x - mean) * scale
    return gamma * hat + beta, (hat, gamma, scale)

def batchnorm_backward(dy, cache):
    hat, gamma, scale = cache
    d = dy * gamma
    return (d - d.mean(0) - hat * (d * hat).mean(0)) * scale, (dy * hat).sum(0), dy.sum(0)

# %% residual: the gradient through the shortcut is missing
def residual_forward(x, block):
    h = np.tanh(x @ block["W1"].T + block["b1"])
    return x + h @ block["W2"].T + block["b2"], (x, h)

def residual_backward(dy, block, cache):
    x, h = cache
    dz = (dy @ block["W2"]) * (1 - h**2)
    return dz @ block["W1"], {"W1": dz.T @ x, "b1": dz.sum(0), "W2": dy.T @ h, "b2": dy.sum(0)}

# %% residual: the shortcut is missing
def residual_forward(x, block):
    h = np.tanh(x @ block["W1"].T + block["b1"])
    return h @ block["W2"].T + block["b2"], (x, h)

def residual_backward(dy, block, cache):
    x, h = cache
    dz = (dy @ block["W2"]) * (1 - h**2)
    return dy + dz @ block["W1"], {"W1": dz.T @ x, "b1": dz.sum(0), "W2": dy.T @ h, "b2": dy.sum(0)}

# %% residual: the slope of tanh is missing
def residual_forward(x, block):
    h = np.tanh(x @ block["W1"].T + block["b1"])
    return x + h @ block["W2"].T + block["b2"], (x, h)

def residual_backward(dy, block, cache):
    x, h = cache
    dz = dy @ block["W2"]
    return dy + dz @ block["W1"], {"W1": dz.T @ x, "b1": dz.sum(0), "W2": dy.T @ h, "b2": dy.sum(0)}

# %% residual: it is the mean over the batch
def residual_forward(x, block):
    h = np.tanh(x @ block["W1"].T + block["b1"])
    return x + h @ block["W2"].T + block["b2"], (x, h)

def residual_backward(dy, block, cache):
    x, h = cache
    dz = (dy @ block["W2"]) * (1 - h**2)
    n = len(x)
    return dy + dz @ block["W1"], {"W1": dz.T @ x / n, "b1": dz.mean(0), "W2": dy.T @ h / n, "b2": dy.mean(0)}

# %% train_autoencoder: smaller batches, a larger rate or Adam
def train_autoencoder(X, h, epochs, activation="linear"):
    N, D = X.shape
    rng = np.random.default_rng(0)
    W, b, V, c = 0.1 * rng.standard_normal((h, D)), np.zeros(h), 0.1 * rng.standard_normal((D, h)), X.mean(axis=0)
    for _ in range(epochs):
        H = X @ W.T + b
        d = 2 * (H @ V.T + c - X) / N
        dz = d @ V
        W, b, V, c = W - 0.03 * dz.T @ X, b - 0.03 * dz.sum(0), V - 0.03 * d.T @ H, c - 0.03 * d.sum(0)
    return W, b, V, c

# %% train_autoencoder: is it gradient descent, and does it read `epochs`?
def train_autoencoder(X, h, epochs, activation="linear"):
    c = X.mean(axis=0)
    V = np.linalg.svd(X - c, full_matrices=False)[2][:h]
    return V, -V @ c, V.T, c

# %% train_autoencoder: the code is linear although sigmoids are asked for
def train_autoencoder(X, h, epochs, activation="linear"):
    N, D = X.shape
    rng = np.random.default_rng(0)
    W, b, V, c = 0.2 * rng.standard_normal((h, D)), np.zeros(h), 0.2 * rng.standard_normal((D, h)), X.mean(axis=0)
    for _ in range(epochs):
        for rows in np.array_split(rng.permutation(N), N // 32):
            x = X[rows]
            H = x @ W.T + b
            d = 2 * (H @ V.T + c - x) / len(x)
            dz = d @ V
            W, b, V, c = W - 0.01 * dz.T @ x, b - 0.01 * dz.sum(0), V - 0.01 * d.T @ H, c - 0.01 * d.sum(0)
    return W, b, V, c

# %% train_autoencoder: which do not fit (h, D), (h,), (D, h), (D,)
def train_autoencoder(X, h, epochs, activation="linear"):
    rng = np.random.default_rng(0)
    D = X.shape[1]
    return rng.standard_normal((h, D)), np.zeros(h), rng.standard_normal((h, D)), np.zeros(D)

# %% stack_pretrain: it should read the codes below it
def stack_pretrain(X, sizes):
    return [train_autoencoder(X, size, 20, "sigmoid")[:2] for size in sizes]

# %% stack_pretrain: is the encoder trained?
def stack_pretrain(X, sizes):
    rng, n, encoders = np.random.default_rng(0), X.shape[1], []
    for size in sizes:
        encoders.append((rng.standard_normal((size, n)) * np.sqrt(2 / (n + size)), np.zeros(size)))
        n = size
    return encoders

# %% stack_pretrain: must give a list of two pairs (W, b)
def stack_pretrain(X, sizes):
    encoders = []
    for size in sizes:
        W, b, V, c = train_autoencoder(X, size, 1, "sigmoid")
        encoders.append((W, b, V, c))
        X = 1 / (1 + np.exp(-(X @ W.T + b)))
    return encoders

# %% two_outputs: that is γx + β
two_outputs = (7, 2007)

# %% two_outputs: γ and β are missing
two_outputs = (-1, 1)

# %% two_outputs: unbiased variance
two_outputs = (-0.4142, 2.4142)

# %% scale_for_forty: the gradient explodes
scale_for_forty = ("1", 7523)

# %% scale_for_forty: a larger scale is, too
scale_for_forty = ("1/40", 1.28)

# %% scale_for_forty: that is the factor of one block
scale_for_forty = ("1/sqrt(40)", 1.04)

# %% found: twenty plain layers learn at no setting
found = "network=plain, initialization=He, learning_rate=0.1"

# %% found: no way leads round
found = "network=batch norm, initialization=Xavier, learning_rate=0.1"

# %% found: now the learning rate
found = "network=both, initialization=He, learning_rate=0.001"
