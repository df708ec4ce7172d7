"""Typical wrong answers to exercises 12, and words of the message that must name each mistake."""

# %% dropout: p is the probability to drop, not to keep
def dropout_forward(x, p, rng, train, inverted):
    factor = (rng.random(x.shape) < p) / (p if inverted else 1) if train else np.full(x.shape, 1.0 if inverted else p)
    return x * factor, factor

def dropout_backward(dout, cache):
    return dout * cache

# %% dropout: training must divide by 1 - p
def dropout_forward(x, p, rng, train, inverted):
    if not 0 <= p <= 1:
        raise ValueError(p)
    factor = (rng.random(x.shape) >= p) * 1.0 if train else np.full(x.shape, 1 - p)
    return x * factor, factor

def dropout_backward(dout, cache):
    return dout * cache

# %% dropout: use the mask of the way forward
def dropout_forward(x, p, rng, train, inverted):
    if not 0 <= p <= 1:
        raise ValueError(p)
    scale = 1 / (1 - p) if inverted and p < 1 else 1
    if not train:
        return x * (1 if inverted else 1 - p), (1 if inverted else 1 - p)
    return x * (rng.random(x.shape) >= p) * scale, scale

def dropout_backward(dout, cache):
    return dout * cache

# %% dropout: share one mask: draw it for every number
def dropout_forward(x, p, rng, train, inverted):
    if not train:
        return x * (1 if inverted else 1 - p), (1 if inverted else 1 - p)
    factor = (rng.random(x.shape[1:]) >= p) / (1 - p if inverted else 1) + 0 * x
    return x * factor, factor

def dropout_backward(dout, cache):
    return dout * cache

# %% dropout: encountered in divide
def dropout_forward(x, p, rng, train, inverted):
    if not 0 <= p <= 1:
        raise ValueError(p)
    if train:
        factor = (rng.random(x.shape) >= p) / np.full(x.shape, 1 - p if inverted else 1)
    else:
        factor = np.full(x.shape, 1.0 if inverted else 1 - p)
    return x * factor, factor

def dropout_backward(dout, cache):
    return dout * cache

# %% ensemble_predict: these are the votes; average the probabilities
def ensemble_predict(probs):
    return np.eye(probs.shape[2])[probs.argmax(axis=2)].mean(axis=0)

def ambiguity(predictions, target):
    mean = predictions.mean(axis=0)
    return ((mean - target) ** 2).mean(), ((predictions - target) ** 2).mean(), ((predictions - mean) ** 2).mean()

# %% ensemble_predict: that is the geometric mean
def ensemble_predict(probs):
    p = np.exp(np.log(np.maximum(probs, 1e-12)).mean(axis=0))
    return p / p.sum(axis=1, keepdims=True)

def ambiguity(predictions, target):
    mean = predictions.mean(axis=0)
    return ((mean - target) ** 2).mean(), ((predictions - target) ** 2).mean(), ((predictions - mean) ** 2).mean()

# %% ensemble_predict: measured from the ensemble, not from the truth
def ensemble_predict(probs):
    return probs.mean(axis=0)

def ambiguity(predictions, target):
    mean, average = predictions.mean(axis=0), ((predictions - target) ** 2).mean()
    return ((mean - target) ** 2).mean(), average, average

# %% ensemble_predict: ambiguity divides by K, not by K - 1
def ensemble_predict(probs):
    return probs.mean(axis=0)

def ambiguity(predictions, target):
    mean = predictions.mean(axis=0)
    return ((mean - target) ** 2).mean(), ((predictions - target) ** 2).mean(), predictions.var(axis=0, ddof=1).mean()

# %% prune_weights: choose exactly n places
def prune_weights(W, f):
    sizes = np.sort(np.abs(W), axis=None)
    return np.where(np.abs(W) <= sizes[max(round(f * W.size) - 1, 0)], 0, W)

def prune_neurons(W1, W2, f, norm):
    keep = np.sort(np.argsort(np.linalg.norm(W1, ord=int(norm[1]), axis=1))[round(f * len(W1)):])
    return W1[keep], W2[:, keep]

# %% prune_weights: sort by absolute value
def prune_weights(W, f):
    W = W.copy()
    W.ravel()[np.argsort(W, axis=None)[:round(f * W.size)]] = 0
    return W

def prune_neurons(W1, W2, f, norm):
    keep = np.sort(np.argsort(np.linalg.norm(W1, ord=int(norm[1]), axis=1))[round(f * len(W1)):])
    return W1[keep], W2[:, keep]

# %% prune_weights: W2 still has a column for every neuron
def prune_weights(W, f):
    W = W.copy()
    W.ravel()[np.argsort(np.abs(W), axis=None)[:round(f * W.size)]] = 0
    return W

def prune_neurons(W1, W2, f, norm):
    keep = np.sort(np.argsort(np.linalg.norm(W1, ord=int(norm[1]), axis=1))[round(f * len(W1)):])
    return W1[keep], W2

# %% prune_weights: remove it, do not only set it to 0
def prune_weights(W, f):
    W = W.copy()
    W.ravel()[np.argsort(np.abs(W), axis=None)[:round(f * W.size)]] = 0
    return W

def prune_neurons(W1, W2, f, norm):
    W1 = W1.copy()
    W1[np.argsort(np.linalg.norm(W1, ord=int(norm[1]), axis=1))[:round(f * len(W1))]] = 0
    return W1, W2

# %% prune_weights: the neurons that stay have changed places
def prune_weights(W, f):
    W = W.copy()
    W.ravel()[np.argsort(np.abs(W), axis=None)[:round(f * W.size)]] = 0
    return W

def prune_neurons(W1, W2, f, norm):
    keep = np.argsort(np.linalg.norm(W1, ord=int(norm[1]), axis=1))[round(f * len(W1)):]
    return W1[keep], W2[:, keep]

# %% quantise_uniform: one bit is for the sign
def quantise_uniform(W, bits):
    s = np.abs(W).max() / (2**bits - 1)
    return np.rint(W / s).astype(int), s

def quantise_pow2(W, lo, hi):
    size = np.where(W == 0, 1, np.abs(W))
    return np.sign(W) * 2.0 ** np.clip(np.rint(np.log2(size)), lo, hi)

# %% quantise_uniform: numbers are cut off, not rounded
def quantise_uniform(W, bits):
    s = np.abs(W).max() / (2 ** (bits - 1) - 1)
    return (W / s).astype(int), s

def quantise_pow2(W, lo, hi):
    size = np.where(W == 0, 1, np.abs(W))
    return np.sign(W) * 2.0 ** np.clip(np.rint(np.log2(size)), lo, hi)

# %% quantise_uniform: the exponents are rounded down
def quantise_uniform(W, bits):
    s = np.abs(W).max() / (2 ** (bits - 1) - 1)
    return np.rint(W / s).astype(int), s

def quantise_pow2(W, lo, hi):
    size = np.where(W == 0, 1, np.abs(W))
    return np.sign(W) * 2.0 ** np.clip(np.floor(np.log2(size)), lo, hi)

# %% quantise_uniform: divide by zero
def quantise_uniform(W, bits):
    s = np.abs(W).max() / (2 ** (bits - 1) - 1)
    return np.rint(W / s).astype(int), s

def quantise_pow2(W, lo, hi):
    return np.sign(W) * 2.0 ** np.clip(np.rint(np.log2(np.abs(W))), lo, hi)

# %% quantise_uniform: the limits are ignored
def quantise_uniform(W, bits):
    s = np.abs(W).max() / (2 ** (bits - 1) - 1)
    return np.rint(W / s).astype(int), s

def quantise_pow2(W, lo, hi):
    size = np.where(W == 0, 1, np.abs(W))
    return np.sign(W) * 2.0 ** np.rint(np.log2(size))

# %% mc_dropout: the network was asked once
def mc_dropout(net, X, n):
    answers = np.array([net(X)] * n)
    return answers.mean(axis=0), answers.std(axis=0)

# %% mc_dropout: divide by n, not by n - 1
def mc_dropout(net, X, n):
    answers = np.array([net(X) for _ in range(n)])
    return answers.mean(axis=0), answers.std(axis=0, ddof=1)

# %% mc_dropout: that is the error of the mean
def mc_dropout(net, X, n):
    answers = np.array([net(X) for _ in range(n)])
    return answers.mean(axis=0), answers.std(axis=0) / np.sqrt(n)

# %% mc_dropout: that is the variance
def mc_dropout(net, X, n):
    answers = np.array([net(X) for _ in range(n)])
    return answers.mean(axis=0), answers.var(axis=0)

# %% sent_on: read as the p that drops
sent_on = 1.0

# %% sent_on: classic dropout scales at test time
sent_on = 5.0

# %% sent_on: what the inverted form does
sent_on = 6.25

# %% faster: multiplied like any other number
faster = ("weights", 0.1)

# %% faster: the shares multiply
faster = ("neurons", 0.1)

# %% faster: that is the share that is gone
faster = ("neurons", 0.99)

# %% found: wrong labels are learnt by heart
found = "dropout=0.0, units=128"

# %% found: so few units cannot spare any
found = "dropout=0.5, units=8"

# %% found: too much is missing
found = "dropout=0.8, units=128"

# %% prune_weights: those stay by the other norm
def prune_weights(W, f):
    W = W.copy()
    W.ravel()[np.argsort(np.abs(W), axis=None)[:round(f * W.size)]] = 0
    return W

def prune_neurons(W1, W2, f, norm):
    keep = np.sort(np.argsort(np.linalg.norm(W1, axis=1))[round(f * len(W1)):])
    return W1[keep], W2[:, keep]
