"""Typical wrong answers to exercises 6, and words of the message that must name each mistake."""

# %% minibatches: the last batch, shorter than the others, is missing
def minibatches(X, y, size, rng):
    order = rng.permutation(len(X))
    for i in range(len(X) // size):
        rows = order[i * size:(i + 1) * size]
        yield X[rows], y[rows]

# %% minibatches: inputs and targets of different examples
def minibatches(X, y, size, rng):
    X, y = rng.permutation(X), rng.permutation(y)
    for start in range(0, len(X), size):
        yield X[start:start + size], y[start:start + size]

# %% minibatches: an epoch shows every example once
def minibatches(X, y, size, rng):
    for start in range(0, len(X), size):
        rows = rng.integers(0, len(X), min(size, len(X) - start))
        yield X[rows], y[rows]

# %% minibatches: draw from rng alone
def minibatches(X, y, size, rng):
    order = np.random.permutation(len(X))
    for start in range(0, len(X), size):
        yield X[order[start:start + size]], y[order[start:start + size]]

# %% minibatches: not from a generator of your own
def minibatches(X, y, size, rng):
    order = np.random.default_rng(0).permutation(len(X))
    for start in range(0, len(X), size):
        yield X[order[start:start + size]], y[order[start:start + size]]

# %% minibatches: X was changed
def minibatches(X, y, size, rng):
    order = rng.permutation(len(X))
    X[:], y[:] = X[order], y[order]
    return [(X[start:start + size].copy(), y[start:start + size].copy()) for start in range(0, len(X), size)]

# %% sgd_momentum_step: PyTorch's sum of gradients
def sgd_momentum_step(state, grad_fn):
    v = state["mu"] * state["v"] + grad_fn(state["w"])
    return state | {"w": state["w"] - state["lr"] * v, "v": v}

def nesterov_step(state, grad_fn):
    v = state["mu"] * state["v"] - state["lr"] * grad_fn(state["w"] + state["mu"] * state["v"])
    return state | {"w": state["w"] + v, "v": v}

# %% sgd_momentum_step: as one slide prints it
def sgd_momentum_step(state, grad_fn):
    v = state["mu"] * state["v"] - state["lr"] * grad_fn(state["w"])
    return state | {"w": state["w"] + v, "v": v}

def nesterov_step(state, grad_fn):
    v = state["mu"] * state["v"] - state["lr"] * grad_fn(state["w"] + state["v"])
    return state | {"w": state["w"] + v, "v": v}

# %% sgd_momentum_step: was changed
def sgd_momentum_step(state, grad_fn):
    state["v"] *= state["mu"]
    state["v"] -= state["lr"] * grad_fn(state["w"])
    state["w"] += state["v"]
    return state

def nesterov_step(state, grad_fn):
    v = state["mu"] * state["v"] - state["lr"] * grad_fn(state["w"] + state["mu"] * state["v"])
    return state | {"w": state["w"] + v, "v": v}

# %% sgd_momentum_step: the old v moves the weights
def sgd_momentum_step(state, grad_fn):
    v = state["mu"] * state["v"] - state["lr"] * grad_fn(state["w"])
    return state | {"w": state["w"] + state["v"], "v": v}

def nesterov_step(state, grad_fn):
    v = state["mu"] * state["v"] - state["lr"] * grad_fn(state["w"] + state["mu"] * state["v"])
    return state | {"w": state["w"] + v, "v": v}

# %% sgd_momentum_step: the step starts at w
def sgd_momentum_step(state, grad_fn):
    v = state["mu"] * state["v"] - state["lr"] * grad_fn(state["w"])
    return state | {"w": state["w"] + v, "v": v}

def nesterov_step(state, grad_fn):
    ahead = state["w"] + state["mu"] * state["v"]
    v = state["mu"] * state["v"] - state["lr"] * grad_fn(ahead)
    return state | {"w": ahead + v, "v": v}

# %% adam_step: the hats must be variables of their own
def adagrad_step(state, g):
    s = state["s"] + g ** 2
    return state | {"s": s, "w": state["w"] - state["lr"] * g / (np.sqrt(s) + state["eps"])}

def rmsprop_step(state, g):
    s = state["rho"] * state["s"] + (1 - state["rho"]) * g ** 2
    return state | {"s": s, "w": state["w"] - state["lr"] * g / (np.sqrt(s) + state["eps"])}

def adadelta_step(state, g):
    rho, eps = state["rho"], state["eps"]
    s = rho * state["s"] + (1 - rho) * g ** 2
    step = np.sqrt((state["u"] + eps) / (s + eps)) * g
    return state | {"s": s, "u": rho * state["u"] + (1 - rho) * step ** 2, "w": state["w"] - state["lr"] * step}

def adam_step(state, g):
    t = state["t"] + 1
    m = (state["beta1"] * state["m"] + (1 - state["beta1"]) * g) / (1 - state["beta1"] ** t)
    s = (state["beta2"] * state["s"] + (1 - state["beta2"]) * g ** 2) / (1 - state["beta2"] ** t)
    return state | {"t": t, "m": m, "s": s, "w": state["w"] - state["lr"] * m / (np.sqrt(s) + state["eps"])}

# %% adam_step: the corrections are missing
def adagrad_step(state, g):
    s = state["s"] + g ** 2
    return state | {"s": s, "w": state["w"] - state["lr"] * g / (np.sqrt(s) + state["eps"])}

def rmsprop_step(state, g):
    s = state["rho"] * state["s"] + (1 - state["rho"]) * g ** 2
    return state | {"s": s, "w": state["w"] - state["lr"] * g / (np.sqrt(s) + state["eps"])}

def adadelta_step(state, g):
    rho, eps = state["rho"], state["eps"]
    s = rho * state["s"] + (1 - rho) * g ** 2
    step = np.sqrt((state["u"] + eps) / (s + eps)) * g
    return state | {"s": s, "u": rho * state["u"] + (1 - rho) * step ** 2, "w": state["w"] - state["lr"] * step}

def adam_step(state, g):
    m = state["beta1"] * state["m"] + (1 - state["beta1"]) * g
    s = state["beta2"] * state["s"] + (1 - state["beta2"]) * g ** 2
    return state | {"t": state["t"] + 1, "m": m, "s": s, "w": state["w"] - state["lr"] * m / (np.sqrt(s) + state["eps"])}

# %% adam_step: epsilon stands outside the root
def adagrad_step(state, g):
    s = state["s"] + g ** 2
    return state | {"s": s, "w": state["w"] - state["lr"] * g / np.sqrt(s + state["eps"])}

def rmsprop_step(state, g):
    s = state["rho"] * state["s"] + (1 - state["rho"]) * g ** 2
    return state | {"s": s, "w": state["w"] - state["lr"] * g / np.sqrt(s + state["eps"])}

def adadelta_step(state, g):
    rho, eps = state["rho"], state["eps"]
    s = rho * state["s"] + (1 - rho) * g ** 2
    step = np.sqrt((state["u"] + eps) / (s + eps)) * g
    return state | {"s": s, "u": rho * state["u"] + (1 - rho) * step ** 2, "w": state["w"] - state["lr"] * step}

def adam_step(state, g):
    t = state["t"] + 1
    m = state["beta1"] * state["m"] + (1 - state["beta1"]) * g
    s = state["beta2"] * state["s"] + (1 - state["beta2"]) * g ** 2
    m_hat, s_hat = m / (1 - state["beta1"] ** t), s / (1 - state["beta2"] ** t)
    return state | {"t": t, "m": m, "s": s, "w": state["w"] - state["lr"] * m_hat / np.sqrt(s_hat + state["eps"])}

# %% adam_step: epsilon stands under both roots here
def adagrad_step(state, g):
    s = state["s"] + g ** 2
    return state | {"s": s, "w": state["w"] - state["lr"] * g / (np.sqrt(s) + state["eps"])}

def rmsprop_step(state, g):
    s = state["rho"] * state["s"] + (1 - state["rho"]) * g ** 2
    return state | {"s": s, "w": state["w"] - state["lr"] * g / (np.sqrt(s) + state["eps"])}

def adadelta_step(state, g):
    rho, eps = state["rho"], state["eps"]
    s = rho * state["s"] + (1 - rho) * g ** 2
    step = np.sqrt(state["u"] + eps) / (np.sqrt(s) + eps) * g
    return state | {"s": s, "u": rho * state["u"] + (1 - rho) * step ** 2, "w": state["w"] - state["lr"] * step}

def adam_step(state, g):
    t = state["t"]
    m = state["beta1"] * state["m"] + (1 - state["beta1"]) * g
    s = state["beta2"] * state["s"] + (1 - state["beta2"]) * g ** 2
    m_hat, s_hat = m / (1 - state["beta1"] ** t), s / (1 - state["beta2"] ** t)
    return state | {"t": t + 1, "m": m, "s": s, "w": state["w"] - state["lr"] * m_hat / (np.sqrt(s_hat) + state["eps"])}

# %% adam_step: t must be 1 in the first correction
def adagrad_step(state, g):
    s = state["s"] + g ** 2
    return state | {"s": s, "w": state["w"] - state["lr"] * g / (np.sqrt(s) + state["eps"])}

def rmsprop_step(state, g):
    s = state["rho"] * state["s"] + (1 - state["rho"]) * g ** 2
    return state | {"s": s, "w": state["w"] - state["lr"] * g / (np.sqrt(s) + state["eps"])}

def adadelta_step(state, g):
    rho, eps = state["rho"], state["eps"]
    s = rho * state["s"] + (1 - rho) * g ** 2
    step = np.sqrt((state["u"] + eps) / (s + eps)) * g
    return state | {"s": s, "u": rho * state["u"] + (1 - rho) * step ** 2, "w": state["w"] - state["lr"] * step}

def adam_step(state, g):
    t = state["t"]
    m = state["beta1"] * state["m"] + (1 - state["beta1"]) * g
    s = state["beta2"] * state["s"] + (1 - state["beta2"]) * g ** 2
    m_hat, s_hat = m / (1 - state["beta1"] ** t), s / (1 - state["beta2"] ** t)
    return state | {"t": t + 1, "m": m, "s": s, "w": state["w"] - state["lr"] * m_hat / (np.sqrt(s_hat) + state["eps"])}

# %% adam_step: the new state lacks
def adagrad_step(state, g):
    s = state["s"] + g ** 2
    return {"w": state["w"] - state["lr"] * g / (np.sqrt(s) + state["eps"]), "s": s}

def rmsprop_step(state, g):
    return {"s": state["s"]}

def adadelta_step(state, g):
    return state

def adam_step(state, g):
    return state

# %% standardise: it uses its own mean and deviation
def standardise(train, test):
    scale = lambda X: (X - X.mean(axis=0)) / X.std(axis=0)
    return scale(train), scale(test)

# %% standardise: those of train and test together
def standardise(train, test):
    both = np.concatenate([train, test])
    return (train - both.mean(axis=0)) / both.std(axis=0), (test - both.mean(axis=0)) / both.std(axis=0)

# %% standardise: raises FloatingPointError
def standardise(train, test):
    mean, sd = train.mean(axis=0), train.std(axis=0)
    return (train - mean) / sd, (test - mean) / sd

# %% standardise: use axis=0
def standardise(train, test):
    return (train - train.mean()) / train.std(), (test - train.mean()) / train.std()

# %% standardise: not divided by 1e-08
def standardise(train, test):
    mean, sd = train.mean(axis=0), train.std(axis=0) + 1e-8
    return (train - mean) / sd, (test - mean) / sd

# %% step_decay: round t / k down
def step_decay(t, eta0, gamma, k):
    return eta0 * gamma ** (t / k)

# %% step_decay: it counts from 1
def step_decay(t, eta0, gamma, k):
    return eta0 * gamma ** ((t + 1) // k)

# %% step_decay: k is ignored
def step_decay(t, eta0, gamma, k):
    return eta0 * gamma ** t

# %% final_step: a step without momentum
final_step = 0.02

# %% final_step: the gradient is missing
final_step = 0.1

# %% final_step: not shorter
final_step = 0.002

# %% curves: whose steps grow
curves = {"A": "momentum", "B": "RMSProp", "C": "Adam", "D": "AdaGrad"}

# %% curves: begin three times too long
curves = {"A": "RMSProp", "B": "Adam", "C": "momentum", "D": "AdaGrad"}

# %% curves: use the words
curves = {"A": "Adam", "B": "RMSProp", "C": "SGD", "D": "AdaGrad"}

# %% found: it explodes across the ravine
found = "learning_rate=0.03, momentum=0"

# %% found: it still swings: less momentum
found = "learning_rate=0.03, momentum=0.9"

# %% found: it is late along the ravine
found = {"learning rate": 0.019, "momentum": 0.0}
