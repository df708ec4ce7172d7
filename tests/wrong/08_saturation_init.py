"""Typical wrong answers to exercises 8, and words of the message that must name each mistake."""

# %% init_weights: that is the variance; multiply by its square root
def init_weights(n_in, n_out, scheme, rng):
    variance = {"zeros": 0, "small normal": 0.01**2, "lecun": 1 / n_in, "xavier": 2 / (n_in + n_out), "he": 2 / n_in}
    return variance[scheme] * rng.standard_normal((n_out, n_in))

# %% init_weights: fan-in and fan-out are mixed up
def init_weights(n_in, n_out, scheme, rng):
    if scheme == "xavier uniform":
        bound = np.sqrt(6 / (n_in + n_out))
        return rng.uniform(-bound, bound, (n_out, n_in))
    std = {"zeros": 0, "small normal": 0.01, "lecun": np.sqrt(1 / n_out), "xavier": np.sqrt(2 / (n_in + n_out)),
           "he": np.sqrt(2 / n_out)}
    return std[scheme] * rng.standard_normal((n_out, n_in))

# %% init_weights: have shape (300, 100), expected (100, 300)
def init_weights(n_in, n_out, scheme, rng):
    std = {"zeros": 0, "small normal": 0.01, "lecun": np.sqrt(1 / n_in), "he": np.sqrt(2 / n_in)}
    return std[scheme] * rng.standard_normal((n_in, n_out) if std[scheme] else (n_out, n_in))

# %% init_weights: the bound is the deviation
def init_weights(n_in, n_out, scheme, rng):
    xavier = np.sqrt(2 / (n_in + n_out))
    if scheme == "xavier uniform":
        return rng.uniform(-xavier, xavier, (n_out, n_in))
    std = {"zeros": 0, "small normal": 0.01, "lecun": np.sqrt(1 / n_in), "xavier": xavier, "he": np.sqrt(2 / n_in)}
    return std[scheme] * rng.standard_normal((n_out, n_in))

# %% init_weights: two layers got the same weights
def init_weights(n_in, n_out, scheme, rng):
    rng = np.random.default_rng(0)
    xavier = np.sqrt(2 / (n_in + n_out))
    if scheme == "xavier uniform":
        return rng.uniform(-3 ** 0.5 * xavier, 3 ** 0.5 * xavier, (n_out, n_in))
    std = {"zeros": 0, "small normal": 0.01, "lecun": np.sqrt(1 / n_in), "xavier": xavier, "he": np.sqrt(2 / n_in)}
    if scheme not in std:
        raise ValueError(scheme)
    return std[scheme] * rng.standard_normal((n_out, n_in))

# %% activation_stats: that is the root of the mean square
def activation_stats(X, Ws, act):
    sizes = []
    for W in Ws:
        X = act(X @ W.T)
        sizes.append(np.sqrt((X ** 2).mean()))
    return sizes

# %% activation_stats: that is the variance
def activation_stats(X, Ws, act):
    sizes = []
    for W in Ws:
        X = act(X @ W.T)
        sizes.append(X.var())
    return sizes

# %% activation_stats: the sums are measured
def activation_stats(X, Ws, act):
    sizes = []
    for W in Ws:
        z = X @ W.T
        sizes.append((z ** 2).mean())
        X = act(z)
    return sizes

# %% gradient_norms: the slope of the sigmoid is missing
def gradient_norms(net, X, y):
    hs = [X]
    for W, b in net[:-1]:
        hs.append(1 / (1 + np.exp(-(hs[-1] @ W.T + b))))
    e = np.exp(hs[-1] @ net[-1][0].T + net[-1][1])
    delta = e / e.sum(axis=1, keepdims=True)
    delta[np.arange(len(y)), y] -= 1
    delta /= len(y)
    norms = []
    for (W, b), h in zip(net[::-1], hs[::-1]):
        norms.insert(0, np.linalg.norm(delta.T @ h))
        delta = delta @ W
    return norms

# %% gradient_norms: is in reverse order
def gradient_norms(net, X, y):
    hs = [X]
    for W, b in net[:-1]:
        hs.append(1 / (1 + np.exp(-(hs[-1] @ W.T + b))))
    e = np.exp(hs[-1] @ net[-1][0].T + net[-1][1])
    delta = e / e.sum(axis=1, keepdims=True)
    delta[np.arange(len(y)), y] -= 1
    delta /= len(y)
    norms = []
    for (W, b), h in zip(net[::-1], hs[::-1]):
        norms.append(np.linalg.norm(delta.T @ h))
        delta = (delta @ W) * h * (1 - h)
    return norms

# %% gradient_norms: the loss is the mean over the examples
def gradient_norms(net, X, y):
    hs = [X]
    for W, b in net[:-1]:
        hs.append(1 / (1 + np.exp(-(hs[-1] @ W.T + b))))
    e = np.exp(hs[-1] @ net[-1][0].T + net[-1][1])
    delta = e / e.sum(axis=1, keepdims=True)
    delta[np.arange(len(y)), y] -= 1
    norms = []
    for (W, b), h in zip(net[::-1], hs[::-1]):
        norms.insert(0, np.linalg.norm(delta.T @ h))
        delta = (delta @ W) * h * (1 - h)
    return norms

# %% gradient_norms: that is the squared norm
def gradient_norms(net, X, y):
    hs = [X]
    for W, b in net[:-1]:
        hs.append(1 / (1 + np.exp(-(hs[-1] @ W.T + b))))
    e = np.exp(hs[-1] @ net[-1][0].T + net[-1][1])
    delta = e / e.sum(axis=1, keepdims=True)
    delta[np.arange(len(y)), y] -= 1
    delta /= len(y)
    norms = []
    for (W, b), h in zip(net[::-1], hs[::-1]):
        norms.insert(0, ((delta.T @ h) ** 2).sum())
        delta = (delta @ W) * h * (1 - h)
    return norms

# %% dead_fraction: that is the share of zeros
def dead_fraction(net, X):
    zeros, all_ = 0, 0
    for W, b in net[:-1]:
        X = np.maximum(X @ W.T + b, 0)
        zeros, all_ = zeros + (X == 0).sum(), all_ + X.size
    return zeros / all_

# %% dead_fraction: that is the mean of the layers' shares
def dead_fraction(net, X):
    shares = []
    for W, b in net[:-1]:
        X = np.maximum(X @ W.T + b, 0)
        shares.append((X == 0).all(axis=0).mean())
    return np.mean(shares)

# %% dead_fraction: the output layer counts as well
def dead_fraction(net, X):
    dead = []
    for W, b in net:
        X = np.maximum(X @ W.T + b, 0)
        dead.extend((X == 0).all(axis=0))
    return np.mean(dead)

# %% dead_fraction: a unit counts as dead if one example silences it
def dead_fraction(net, X):
    dead = []
    for W, b in net[:-1]:
        X = np.maximum(X @ W.T + b, 0)
        dead.extend((X == 0).any(axis=0))
    return np.mean(dead)

# %% fix_the_net: see which of activation, scheme and optimizer
def fix_the_net(net):
    return {**net, "learning rate": 1.0}

# %% fix_the_net: see which of activation, scheme and optimizer
def fix_the_net(net):
    return {**net, "activation": "relu", "optimizer": "Adam", "learning rate": 0.003}

# %% fix_the_net: the number of hidden layers is 2, expected 10
def fix_the_net(net):
    return {**net, "hidden layers": 2, "init": "xavier", "learning rate": 1.0}

# %% fix_the_net: the dictionary that was given was changed
def fix_the_net(net):
    net["activation"] = "relu"
    net["init"] = "he"
    net["optimizer"] = "Adam"
    net["learning rate"] = 0.003
    return net

# %% fix_the_net: of another network
def fix_the_net(net):
    return {"hidden layers": 10, "units": 32, "activation": "relu", "init": "he", "optimizer": "Adam",
            "learning rate": 0.003}

# %% after_fifteen: the slide has lost a zero
after_fifteen = 0.0003

# %% after_fifteen: root mean square
after_fifteen = 0.0055

# %% after_fifteen: ReLU takes half of it away
after_fifteen = 1.0

# %% found: the answers fade on their way
found = "standard_deviation=0.01, learning_rate=0.1"

# %% found: saturated from the start
found = "standard_deviation=1.0, learning_rate=0.1"

# %% found: now the learning rate
found = "standard_deviation=0.125, learning_rate=0.001"

# %% found: does not say the learning rate
found = "standard_deviation=0.125"
