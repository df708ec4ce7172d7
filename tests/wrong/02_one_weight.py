"""Typical wrong answers to exercises 2, and words of the message that must name each mistake."""

# %% predict: the 2 of the square is missing
def predict(w, x):
    return w * x

def squared_error(w, x, g):
    return (predict(w, x) - g) ** 2

def slope(w, x, g):
    return x * (predict(w, x) - g)

# %% predict: the inner derivative, x, is missing
def predict(w, x):
    return w * x

def squared_error(w, x, g):
    return (predict(w, x) - g) ** 2

def slope(w, x, g):
    return 2 * (predict(w, x) - g)

# %% predict: it has the wrong sign
def predict(w, x):
    return w * x

def squared_error(w, x, g):
    return (g - predict(w, x)) ** 2

def slope(w, x, g):
    return 2 * x * (g - predict(w, x))

# %% predict: the miss is not squared
def predict(w, x):
    return w * x

def squared_error(w, x, g):
    return predict(w, x) - g

def slope(w, x, g):
    return 2 * x * (predict(w, x) - g)

# %% predict: added, not multiplied
def predict(w, x):
    return w + x

def squared_error(w, x, g):
    return (predict(w, x) - g) ** 2

def slope(w, x, g):
    return 2 * x * (predict(w, x) - g)

# %% gd_one_weight: you used the true derivative
def gd_one_weight(w, x, g, alpha, steps):
    weights = [w]
    for _ in range(steps):
        w = w - alpha * 2 * x * (x * w - g)
        weights.append(w)
    return weights

def diverges(x, alpha):
    return alpha * x * x > 1

# %% gd_one_weight: expected (3,)
def gd_one_weight(w, x, g, alpha, steps):
    weights = []
    for _ in range(steps):
        w = w - alpha * x * (x * w - g)
        weights.append(w)
    return weights

def diverges(x, alpha):
    return alpha * x * x > 2

# %% gd_one_weight: the weight climbs: subtract
def gd_one_weight(w, x, g, alpha, steps):
    weights = [w]
    for _ in range(steps):
        w += alpha * x * (x * w - g)
        weights.append(w)
    return weights

def diverges(x, alpha):
    return alpha * x * x > 2

# %% gd_one_weight: alpha times the square of the input counts
def gd_one_weight(w, x, g, alpha, steps):
    weights = [w]
    for _ in range(steps):
        w = w - alpha * x * (x * w - g)
        weights.append(w)
    return weights

def diverges(x, alpha):
    return alpha * x > 2

# %% gd_one_weight: it hops between two places, and does not grow
def gd_one_weight(w, x, g, alpha, steps):
    weights = [w]
    for _ in range(steps):
        w = w - alpha * x * (x * w - g)
        weights.append(w)
    return weights

def diverges(x, alpha):
    return alpha * x * x >= 2

# %% hot_and_cold: does a loop never end?
def hot_and_cold(w, x, g, step, tol):
    n = 0
    while (x * w - g) ** 2 >= tol:
        up, down = (x * (w + step) - g) ** 2, (x * (w - step) - g) ** 2
        w, n = (w + step if up <= down else w - step), n + 1
    return w, n

# %% hot_and_cold: say so after 10,000 steps
def hot_and_cold(w, x, g, step, tol):
    n = 0
    while (x * w - g) ** 2 >= tol and n < 10_000:
        up, down = (x * (w + step) - g) ** 2, (x * (w - step) - g) ** 2
        w, n = (w + step if up <= down else w - step), n + 1
    return w, n

# %% hot_and_cold: look at the error before the first step
def hot_and_cold(w, x, g, step, tol):
    for n in range(1, 10_001):
        up, down = (x * (w + step) - g) ** 2, (x * (w - step) - g) ** 2
        w = w + step if up <= down else w - step
        if (x * w - g) ** 2 < tol:
            return w, n
    return w, "not reached"

# %% hot_and_cold: does a loop never end?
def hot_and_cold(w, x, g, step, tol):
    n = 0
    while (x * w - g) ** 2 >= tol:
        w, n = w + step, n + 1
    return w, n

# %% hot_and_cold: return the weight
def hot_and_cold(w, x, g, step, tol):
    for n in range(10_001):
        if (x * w - g) ** 2 < tol:
            return x * w, n
        up, down = (x * (w + step) - g) ** 2, (x * (w - step) - g) ** 2
        w = w + step if up <= down else w - step
    return x * w, "not reached"

# %% gd_linear: it sums over the examples
def gd_linear(X, y, lr, steps):
    w = np.zeros(X.shape[1])
    for _ in range(steps):
        w = w - lr * X.T @ (X @ w - y)
    return w

# %% gd_linear: it uses the true derivative
def gd_linear(X, y, lr, steps):
    w = np.zeros(X.shape[1])
    for _ in range(steps):
        w = w - lr * 2 * X.T @ (X @ w - y) / len(y)
    return w

# %% gd_linear: predict again in every step
def gd_linear(X, y, lr, steps):
    w = np.zeros(X.shape[1])
    misses = X @ w - y
    for _ in range(steps):
        w = w - lr * X.T @ misses / len(y)
    return w

# %% gd_linear: averaged over the weights too
def gd_linear(X, y, lr, steps):
    w = np.zeros(X.shape[1])
    for _ in range(steps):
        w = w - lr * X.T @ (X @ w - y) / X.size
    return w

# %% gd_linear: w after one step has shape
def gd_linear(X, y, lr, steps):
    return np.linalg.lstsq(X, y, rcond=None)[0][:, None]

# %% one_step: the input counts squared
one_step = (1 / 4, 1 / 8)

# %% one_step: half the rate, not twice
one_step = (0.0625, 0.125)

# %% one_step: these are the borders of divergence
one_step = (0.125, 0.0625)

# %% products: hop between two places for ever
products = {"A": 2, "B": 1.7, "C": 2.1, "D": 0.2}

# %% products: alpha x² is 1 minus that
products = {"A": -1.1, "B": -0.7, "C": -1, "D": 0.8}

# %% products: ever closer
products = {"A": 1.7, "B": 2.1, "C": 2, "D": 0.2}

# %% products: must be a dictionary
products = [2.1, 1.7, 2, 0.2]

# %% found: it explodes: a smaller learning rate
found = 'inputs="standardised", learning_rate=1'

# %% found: the flat directions are still on their way
found = 'inputs="raw", learning_rate=0.0005'

# %% found: learning rate must be a number
found = 'inputs="standardised", learning_rate="large"'
