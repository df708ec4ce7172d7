"""Typical wrong answers to exercises 4, and words of the message that must name each mistake."""

# %% softmax: overflow
def softmax(z, T=1.0, axis=-1):
    e = np.exp(z / T)
    return e / e.sum(axis=axis, keepdims=True)

# %% softmax: not each row
def softmax(z, T=1.0, axis=-1):
    e = np.exp(z / T - np.max(z / T))
    return e / e.sum()

# %% softmax: the temperature is ignored
def softmax(z, T=1.0, axis=-1):
    e = np.exp(z - z.max(axis=axis, keepdims=True))
    return e / e.sum(axis=axis, keepdims=True)

# %% softmax: is a `return` missing?
def softmax(z, T=1.0, axis=-1):
    e = np.exp(z / T)
    e / e.sum(axis=axis, keepdims=True)

# %% cross_entropy: it is the sum over the examples
def cross_entropy(logits, targets):
    z = logits - logits.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    gradient = np.exp(log_p)
    gradient[np.arange(len(z)), targets] -= 1
    return -log_p[np.arange(len(z)), targets].sum(), gradient

# %% cross_entropy: divide by the number of examples
def cross_entropy(logits, targets):
    z = logits - logits.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    gradient = np.exp(log_p)
    gradient[np.arange(len(z)), targets] -= 1
    return -log_p[np.arange(len(z)), targets].mean(), gradient

# %% cross_entropy: divide by zero
def cross_entropy(logits, targets):
    p = np.exp(logits - logits.max(axis=1, keepdims=True))
    p /= p.sum(axis=1, keepdims=True)
    gradient = p.copy()
    gradient[np.arange(len(p)), targets] -= 1
    return -np.log(p[np.arange(len(p)), targets]).mean(), gradient / len(p)

# %% cross_entropy: in bits
def cross_entropy(logits, targets):
    z = logits - logits.max(axis=1, keepdims=True)
    log_p = z - np.log(np.exp(z).sum(axis=1, keepdims=True))
    gradient = np.exp(log_p)
    gradient[np.arange(len(z)), targets] -= 1
    return -log_p[np.arange(len(z)), targets].mean() / np.log(2), gradient / len(z)

# %% bce_with_logits: overflow
def bce_with_logits(z, y):
    p = 1 / (1 + np.exp(-z))
    return -(y * np.log(p) + (1 - y) * np.log(1 - p)).mean(), (p - y) / len(z)

# %% bce_with_logits: for labels of 0, is missing
def bce_with_logits(z, y):
    p = 1 / (1 + np.exp(-z))
    return -(y * np.log(p)).mean(), (p - y) / len(z)

# %% bce_with_logits: labels are rounded
def bce_with_logits(z, y):
    y = np.round(y)
    loss = np.maximum(z, 0) - z * y + np.log1p(np.exp(-np.abs(z)))
    return loss.mean(), (0.5 + 0.5 * np.tanh(z / 2) - y) / len(z)

# %% mse: divided by the examples, not by all entries
def mse(pred, y, reduction="mean"):
    total = ((pred - y) ** 2).sum()
    return total if reduction == "sum" else total / len(pred)

# %% mse: must raise ValueError
def mse(pred, y, reduction="mean"):
    errors = (pred - y) ** 2
    if reduction == "sum":
        return errors.sum()
    return errors.mean() if reduction == "mean" else errors.sum() / len(pred)

# %% mse: differences are not squared
def mse(pred, y, reduction="mean"):
    if pred.shape != y.shape or reduction not in ("sum", "mean", "batchmean"):
        raise ValueError
    total = (pred - y).sum()
    return total / {"sum": 1, "mean": pred.size, "batchmean": len(pred)}[reduction]

# %% pick_head: a sigmoid per digit
def pick_head(task):
    return ("identity", "mse") if task == "tomorrow's temperature" else ("sigmoid", "bce")

# %% pick_head: a softmax allows only one label
def pick_head(task):
    return ("identity", "mse") if "temperature" in task or "price" in task else ("softmax", "cross-entropy")

# %% pick_head: use the words of the task
def pick_head(task):
    if task == "tomorrow's temperature":
        return "identity", "mse"
    return ("softmax", "cross-entropy") if "digit" in task else ("logistic", "log loss")

# %% first_loss: natural logarithm
first_loss = 3.322

# %% first_loss: not the surprise
first_loss = 0.1

# %% first_loss: a guess has a loss
first_loss = 0.0

# %% found: expected at least 0.945
found = "learning_rate=0.001"

# %% found: expected at least 0.945
found = "https://example.org/04.html#exercise-4-rate:learning-rate=100"

# %% found: cannot be used
found = "learning_rate=-1"

# %% found: does not say the learning rate
found = "rate=2.0"
