"""Typical wrong answers to exercises 1, and words of the message that must name each mistake."""

# %% threshold_gate: a sum of exactly 0 must fire
def threshold_gate(weights, bias, X):
    return (X @ weights + bias > 0).astype(int)

def gate(name, n):
    if name == "NAND":
        return -np.ones(n), n - 0.5
    return np.ones(n), -{"AND": n - 0.5, "OR": 0.5, "MAJORITY": n / 2 + 0.25}[name]

# %% threshold_gate: the bias is ignored, or subtracted
def threshold_gate(weights, bias, X):
    return (X @ weights >= bias).astype(int)

def gate(name, n):
    if name == "NAND":
        return -np.ones(n), 1 - n
    return np.ones(n), {"AND": n, "OR": 1, "MAJORITY": n // 2 + 1}[name]

# %% threshold_gate: return 1 where they reach 0
def threshold_gate(weights, bias, X):
    return X @ weights + bias

def gate(name, n):
    if name == "NAND":
        return -np.ones(n), n - 1
    return np.ones(n), -{"AND": n, "OR": 1, "MAJORITY": n // 2 + 1}[name]

# %% threshold_gate: your AND of 3 inputs is wrong for the inputs [0, 1, 1]
def threshold_gate(weights, bias, X):
    return (X @ weights + bias >= 0).astype(int)

def gate(name, n):
    if name == "NAND":
        return -np.ones(n), 1
    return np.ones(n), {"AND": -2, "OR": -1, "MAJORITY": -(n // 2 + 1)}[name]

# %% threshold_gate: your MAJORITY of 2 inputs is wrong
def threshold_gate(weights, bias, X):
    return (X @ weights + bias >= 0).astype(int)

def gate(name, n):
    if name == "NAND":
        return -np.ones(n), n - 1
    return np.ones(n), -{"AND": n, "OR": 1, "MAJORITY": n / 2}[name]

# %% perceptron_fit: the bias learns as well
def perceptron_fit(X, y, lr=1.0, epochs=100):
    w, mistakes = np.zeros(X.shape[1]), []
    for _ in range(epochs):
        count = 0
        for x, t in zip(X, y):
            error = t - int(w @ x >= 0)
            w = w + lr * error * x
            count += int(error != 0)
        mistakes.append(count)
        if count == 0:
            break
    return w, 0.0, mistakes

# %% perceptron_fit: the push goes the wrong way
def perceptron_fit(X, y, lr=1.0, epochs=100):
    w, b, mistakes = np.zeros(X.shape[1]), 0.0, []
    for _ in range(epochs):
        count = 0
        for x, t in zip(X, y):
            error = int(w @ x + b >= 0) - t
            w, b = w + lr * error * x, b + lr * error
            count += int(error != 0)
        mistakes.append(count)
        if count == 0:
            break
    return w, b, mistakes

# %% perceptron_fit: does a sum of exactly 0 fire?
def perceptron_fit(X, y, lr=1.0, epochs=100):
    w, b, mistakes = np.zeros(X.shape[1]), 0.0, []
    for _ in range(epochs):
        count = 0
        for x, t in zip(X, y):
            error = t - int(w @ x + b > 0)
            w, b = w + lr * error * x, b + lr * error
            count += int(error != 0)
        mistakes.append(count)
        if count == 0:
            break
    return w, b, mistakes

# %% perceptron_fit: stop after the first pass without a mistake
def perceptron_fit(X, y, lr=1.0, epochs=100):
    w, b, mistakes = np.zeros(X.shape[1]), 0.0, []
    for _ in range(epochs):
        count = 0
        for x, t in zip(X, y):
            error = t - int(w @ x + b >= 0)
            w, b = w + lr * error * x, b + lr * error
            count += int(error != 0)
        mistakes.append(count)
    return w, b, mistakes

# %% perceptron_fit: does a loop never end?
def perceptron_fit(X, y, lr=1.0, epochs=100):
    w, b, mistakes = np.zeros(X.shape[1]), 0.0, []
    while not mistakes or mistakes[-1] > 0:
        count = 0
        for x, t in zip(X, y):
            error = t - int(w @ x + b >= 0)
            w, b = w + lr * error * x, b + lr * error
            count += int(error != 0)
        mistakes = mistakes[-99:] + [count]
    return w, b, mistakes

# %% perceptron_fit: mistakes on AND is
def perceptron_fit(X, y, lr=1.0, epochs=100):
    w, b, mistakes = np.zeros(X.shape[1]), 0.0, []
    for _ in range(epochs):
        errors = y - (X @ w + b >= 0)
        w, b = w + lr * errors @ X, b + lr * errors.sum()
        mistakes.append(int((errors != 0).sum()))
        if mistakes[-1] == 0:
            break
    return w, float(b), mistakes

# %% oja_step: the forgetting is missing
def oja_step(w, x, lr):
    return w + lr * (w @ x) * x

# %% oja_step: the forgetting needs y twice
def oja_step(w, x, lr):
    return w + lr * (w @ x) * (x - w)

# %% oja_step: add it to w
def oja_step(w, x, lr):
    y = w @ x
    return lr * y * (x - y * w)

# %% oja_step: w was changed
def oja_step(w, x, lr):
    y = w @ x
    w += lr * y * (x - y * w)
    return w

# %% trivial_baseline: commonest class of the test data
def trivial_baseline(y_train, y_test):
    classes, counts = np.unique(y_test, return_counts=True)
    return counts.max() / len(y_test)

# %% trivial_baseline: scored on the training data
def trivial_baseline(y_train, y_test):
    classes, counts = np.unique(y_train, return_counts=True)
    return counts.max() / len(y_train)

# %% trivial_baseline: raises TypeError
def trivial_baseline(y_train, y_test):
    return (y_test == np.bincount(y_train).argmax()).mean()

# %% trivial_baseline: the number of hits, not their share
def trivial_baseline(y_train, y_test):
    classes, counts = np.unique(y_train, return_counts=True)
    return float((y_test == classes[counts.argmax()]).sum())

# %% trivial_baseline: the first in sorted order
def trivial_baseline(y_train, y_test):
    values = list(y_train)
    return float(np.mean(y_test == max(values, key=values.count)))

# %% at_ten: larger pushes do not save mistakes
at_ten = (1, 20)

# %% at_ten: every sum keeps its sign
at_ten = (110, 20)

# %% at_ten: the pushes are larger
at_ten = (11, 2)

# %% separable: few mistakes are not none
separable = ("A", 1)

# %% separable: may only need more passes
separable = ("B", 4)

# %% separable: falls, too, at first
separable = ("B", 2)

# %% found: the length of the weights with your setting
found = 'rule="Hebb", learning_rate=0.01, centred=True'

# %% found: the angle to the first principal component
found = 'rule="Oja", learning_rate=0.1, centred=True'

# %% found: the angle to the first principal component
found = {"rule": "Oja", "learning rate": 0.01, "centred": False}

# %% found: does not say the rule
found = "learning_rate=0.01"
