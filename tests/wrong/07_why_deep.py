"""Typical wrong answers to exercises 7, and words of the message that must name each mistake."""

# %% dnf_network: each must recognise one row only
def dnf_network(truth_table):
    from itertools import product
    table = np.asarray(truth_table)
    D = len(table).bit_length() - 1
    rows = np.array(list(product([0, 1], repeat=D)))[table == 1]
    return rows, -rows.sum(axis=1), np.ones((1, len(rows))), np.array([-1.0])

# %% dnf_network: W2 has shape
def dnf_network(truth_table):
    from itertools import product
    table = np.asarray(truth_table)
    D = len(table).bit_length() - 1
    rows = np.array(list(product([0, 1], repeat=D)))[table == 1]
    return 2 * rows - 1, -rows.sum(axis=1), np.ones(len(rows)), -1.0

# %% dnf_network: the rows are read in reverse order
def dnf_network(truth_table):
    from itertools import product
    table = np.asarray(truth_table)
    D = len(table).bit_length() - 1
    rows = np.array(list(product([1, 0], repeat=D)))[table == 1]
    return 2 * rows - 1, -rows.sum(axis=1), np.ones((1, len(rows))), np.array([-1.0])

# %% dnf_network: one for each row that is 1
def dnf_network(truth_table):
    from itertools import product
    table = np.asarray(truth_table)
    rows = np.array(list(product([0, 1], repeat=len(table).bit_length() - 1)))
    return 2 * rows - 1, -rows.sum(axis=1), 1.0 * table[None], np.array([-1.0])

# %% dnf_network: the answers to
def dnf_network(truth_table):
    from itertools import product
    table = np.asarray(truth_table)
    D = len(table).bit_length() - 1
    rows = np.array(list(product([0, 1], repeat=D)))[table == 1]
    return 2 * rows - 1, -rows.sum(axis=1), np.ones((1, len(rows))), np.array([-2.0])

# %% xor_tree: that is OR
def perceptron(x, weights, bias):
    return int(sum(xi * wi for xi, wi in zip(x, weights)) + bias >= 0)

def xor_tree(bits, perceptron=perceptron):
    return perceptron(bits, [1] * len(bits), -1)

# %% xor_tree: never calls the perceptron
def xor_tree(bits, perceptron=None):
    return sum(bits) % 2

# %% xor_tree: turn it round
def perceptron(x, weights, bias):
    return int(sum(xi * wi for xi, wi in zip(x, weights)) + bias >= 0)

def xor_tree(bits, perceptron=perceptron):
    result = bits[0]
    for bit in bits[1:]:
        either = perceptron([result, bit], [1, 1], -1)
        both = perceptron([result, bit], [1, 1], -2)
        neither = perceptron([either, either], [-1, -1], 0)
        result = perceptron([both, neither], [1, 1], -1)
    return result

# %% xor_tree: the number of perceptrons for 2 bits
def perceptron(x, weights, bias):
    return int(sum(xi * wi for xi, wi in zip(x, weights)) + bias >= 0)

def xor_tree(bits, perceptron=perceptron):
    result = bits[0]
    for bit in bits[1:]:
        either = perceptron([result, bit], [1, 1], -1)
        both = perceptron([result, bit], [1, 1], -2)
        not_both = perceptron([both], [-1], 0)
        result = perceptron([either, not_both], [1, 1], -2)
    return result

# %% bump_approximator: take the middles
def bump_approximator(f, n):
    heights = f(np.arange(n) / n)
    def g(x):
        j = np.floor(x * n).astype(int)
        return np.where((j >= 0) & (j < n), heights[np.clip(j, 0, n - 1)], 0.0)
    return g

# %% bump_approximator: there are no bumps outside
def bump_approximator(f, n):
    heights = f((np.arange(n) + 0.5) / n)
    return lambda x: heights[np.clip(np.floor(x * n).astype(int), 0, n - 1)]

# %% bump_approximator: must return a function
def bump_approximator(f, n):
    return f((np.arange(n) + 0.5) / n)

# %% bump_approximator: this is f itself
def bump_approximator(f, n):
    return f

# %% bump_approximator: an edge belongs to the bump on its right
def bump_approximator(f, n):
    heights = f((np.arange(n) + 0.5) / n)
    def g(x):
        j = np.ceil(x * n).astype(int) - 1
        return np.where((j >= 0) & (j < n), heights[np.clip(j, 0, n - 1)], 0.0)
    return g

# %% stuck_fraction: the share that learned it
def stuck_fraction(width, seeds):
    X, y = np.array([[-1.0, -1], [-1, 1], [1, -1], [1, 1]]), np.array([0.0, 1, 1, 0])
    good = 0
    for seed in seeds:
        rng = np.random.default_rng(seed)
        W, v = rng.normal(size=(width, 2)), rng.normal(size=width) * np.sqrt(2 / width)
        b, c = np.zeros(width), 0.0
        for _ in range(400):
            H = np.maximum(0, X @ W.T + b)
            d = (1 / (1 + np.exp(-(H @ v + c))) - y) / 4
            D = np.outer(d, v) * (H > 0)
            v, c = v - 0.5 * H.T @ d, c - 0.5 * d.sum()
            W, b = W - 0.5 * D.T @ X, b - 0.5 * D.sum(axis=0)
        z = np.maximum(0, X @ W.T + b) @ v + c
        good += np.mean(np.log1p(np.exp(z)) - y * z) <= 0.1
    return good / len(seeds)

# %% stuck_fraction: that is their number
def stuck_fraction(width, seeds):
    X, y = np.array([[-1.0, -1], [-1, 1], [1, -1], [1, 1]]), np.array([0.0, 1, 1, 0])
    stuck = 0
    for seed in seeds:
        rng = np.random.default_rng(seed)
        W, v = rng.normal(size=(width, 2)), rng.normal(size=width) * np.sqrt(2 / width)
        b, c = np.zeros(width), 0.0
        for _ in range(400):
            H = np.maximum(0, X @ W.T + b)
            d = (1 / (1 + np.exp(-(H @ v + c))) - y) / 4
            D = np.outer(d, v) * (H > 0)
            v, c = v - 0.5 * H.T @ d, c - 0.5 * d.sum()
            W, b = W - 0.5 * D.T @ X, b - 0.5 * D.sum(axis=0)
        z = np.maximum(0, X @ W.T + b) @ v + c
        stuck += np.mean(np.log1p(np.exp(z)) - y * z) > 0.1
    return stuck

# %% stuck_fraction: does the loss fall at all
def stuck_fraction(width, seeds):
    X, y = np.array([[-1.0, -1], [-1, 1], [1, -1], [1, 1]]), np.array([0.0, 1, 1, 0])
    stuck = 0
    for seed in seeds:
        rng = np.random.default_rng(seed)
        W, v = rng.normal(size=(width, 2)), rng.normal(size=width) * np.sqrt(2 / width)
        b, c = np.zeros(width), 0.0
        for _ in range(400):
            H = np.maximum(0, X @ W.T + b)
            d = (1 / (1 + np.exp(-(H @ v + c))) - y) / 4
            D = np.outer(d, v) * (H > 0)
            v, c = v + 0.5 * H.T @ d, c + 0.5 * d.sum()
            W, b = W + 0.5 * D.T @ X, b + 0.5 * D.sum(axis=0)
        z = np.clip(np.maximum(0, X @ W.T + b) @ v + c, -50, 50)
        stuck += np.mean(np.log1p(np.exp(z)) - y * z) > 0.1
    return stuck / len(seeds)

# %% stuck_fraction: the stuck share
def stuck_fraction(width, seeds):
    X, y = np.array([[-1.0, -1], [-1, 1], [1, -1], [1, 1]]), np.array([0.0, 1, 1, 0])
    stuck = 0
    for seed in seeds:
        rng = np.random.default_rng(seed)
        W, v = rng.normal(size=(width, 2)), rng.normal(size=width) * np.sqrt(2 / width)
        b, c = np.zeros(width), 0.0
        for _ in range(400):
            H = np.maximum(0, X @ W.T + b)
            d = (1 / (1 + np.exp(-(H @ v + c))) - y) / 4
            v, c = v - 0.5 * H.T @ d, c - 0.5 * d.sum()
        z = H @ v + c
        stuck += np.mean(np.log1p(np.exp(z)) - y * z) > 0.1
    return stuck / len(seeds)

# %% hessian_index: leave a tolerance for noise
def hessian_index(f, theta):
    theta, eps = np.asarray(theta, float), 1e-3
    E, n = eps * np.eye(theta.size), theta.size
    at = lambda step: f(theta + step.reshape(theta.shape))
    H = np.zeros((n, n))
    for i in range(n):
        for j in range(i + 1):
            four = at(E[i] + E[j]) - at(E[i] - E[j]) - at(E[j] - E[i]) + at(-E[i] - E[j])
            H[i, j] = H[j, i] = four / (4 * eps ** 2)
    return int((np.linalg.eigvalsh(H) < 0).sum())

# %% hessian_index: these are the ways up
def hessian_index(f, theta):
    theta, eps = np.asarray(theta, float), 1e-3
    E, n = eps * np.eye(theta.size), theta.size
    at = lambda step: f(theta + step.reshape(theta.shape))
    H = np.zeros((n, n))
    for i in range(n):
        for j in range(i + 1):
            four = at(E[i] + E[j]) - at(E[i] - E[j]) - at(E[j] - E[i]) + at(-E[i] - E[j])
            H[i, j] = H[j, i] = four / (4 * eps ** 2)
    values = np.linalg.eigvalsh(H)
    return int((values > 1e-3 * np.abs(values).max()).sum())

# %% hessian_index: only the diagonal of the Hessian is there
def hessian_index(f, theta):
    theta, eps = np.asarray(theta, float), 1e-3
    E = eps * np.eye(theta.size)
    at = lambda step: f(theta + step.reshape(theta.shape))
    values = np.array([(at(e) - 2 * at(0 * e) + at(-e)) / eps ** 2 for e in E])
    return int((values < -1e-3 * np.abs(values).max()).sum())

# %% list_and_tree: only the odd ones need an AND
list_and_tree = (1024, 27)

# %% list_and_tree: joined by nine exclusive ors
list_and_tree = (512, 30)

# %% list_and_tree: an exclusive or takes three perceptrons
list_and_tree = (512, 9)

# %% advice: still stand there after three times the steps
advice = ("A", 1)

# %% advice: gets stuck just as often
advice = ("C", 3)

# %% advice: exercise 3 of chapter 3
advice = ("B", 4)

# %% found: it has not left the saddle
found = "learning_rate=0.08, initialization=0"

# %% found: it explodes: a smaller rate
found = "learning_rate=0.3, initialization=0.1"

# %% found: it is still on its way
found = {"learning rate": 0.01, "initialization": 0.1}
