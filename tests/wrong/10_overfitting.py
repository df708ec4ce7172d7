"""Typical wrong answers to exercises 10, and words of the message that must name each mistake."""

# %% split: inputs and labels do not belong together any more
def split(X, y, fractions, stratify, rng):
    X, y = rng.permutation(X), rng.permutation(y)
    ends = np.cumsum([int(f * len(y) + 1e-9) for f in fractions])[:-1]
    return list(zip(np.split(X, ends), np.split(y, ends)))

# %% split: the first part is the first rows
def split(X, y, fractions, stratify, rng):
    ends = (np.cumsum(fractions) * len(y) + 1e-9).astype(int)[:-1]
    return list(zip(np.split(X, ends), np.split(y, ends)))

# %% split: it is not stratified
def split(X, y, fractions, stratify, rng):
    if abs(sum(fractions) - 1) > 1e-9:
        raise ValueError(fractions)
    order = rng.permutation(len(y))
    ends = (np.cumsum(fractions) * len(y) + 1e-9).astype(int)[:-1]
    return [(X[rows], y[rows]) for rows in np.split(order, ends)]

# %% split: are in no part
def split(X, y, fractions, stratify, rng):
    order, parts, start = rng.permutation(len(y)), [], 0
    for f in fractions:
        rows = order[start:start + int(f * len(y))]
        parts.append((X[rows], y[rows]))
        start += len(rows)
    return parts

# %% split: an example is in two parts
def split(X, y, fractions, stratify, rng):
    parts = []
    for f in fractions:
        rows = rng.choice(len(y), int(f * len(y) + 1e-9), replace=False)
        parts.append((X[rows], y[rows]))
    return parts

# %% split: take your random numbers from rng
def split(X, y, fractions, stratify, rng):
    order = np.random.default_rng(0).permutation(len(y))
    ends = (np.cumsum(fractions) * len(y) + 1e-9).astype(int)[:-1]
    return [(X[rows], y[rows]) for rows in np.split(order, ends)]

# %% bias_variance: variance is the distance from the average prediction
def bias_variance(fit, sample, x, f, n):
    P = np.array([fit(*sample())(x) for _ in range(n)])
    return ((P.mean(axis=0) - f(x)) ** 2).mean(), ((P - f(x)) ** 2).mean()

# %% bias_variance: call it n times
def bias_variance(fit, sample, x, f, n):
    X, y = sample()
    P = np.array([fit(X, y)(x) for _ in range(n)])
    return ((P.mean(axis=0) - f(x)) ** 2).mean(), P.var(axis=0).mean()

# %% bias_variance: square the distances at each place
def bias_variance(fit, sample, x, f, n):
    P = np.array([fit(*sample())(x) for _ in range(n)])
    return (P - f(x)).mean() ** 2, P.var(axis=0).mean()

# %% bias_variance: it varies over data sets, not over places
def bias_variance(fit, sample, x, f, n):
    P = np.array([fit(*sample())(x) for _ in range(n)])
    return ((P.mean(axis=0) - f(x)) ** 2).mean(), P.var(axis=1).mean()

# %% learning_curve: the last quarter, not all the rest
def learning_curve(make_net, X, y, sizes):
    train, test = [], []
    for size in sizes:
        predict = make_net(X[:size], y[:size])
        train.append(np.mean(predict(X[:size]) != y[:size]))
        test.append(np.mean(predict(X[size:]) != y[size:]))
    return np.array(train), np.array(test)

# %% learning_curve: these are accuracies
def learning_curve(make_net, X, y, sizes):
    free, train, test = len(y) - len(y) // 4, [], []
    for size in sizes:
        predict = make_net(X[:size], y[:size])
        train.append(np.mean(predict(X[:size]) == y[:size]))
        test.append(np.mean(predict(X[free:]) == y[free:]))
    return np.array(train), np.array(test)

# %% learning_curve: not on those that trained the network
def learning_curve(make_net, X, y, sizes):
    free, train, test = len(y) - len(y) // 4, [], []
    for size in sizes:
        predict = make_net(X[:size], y[:size])
        train.append(np.mean(predict(X[:free]) != y[:free]))
        test.append(np.mean(predict(X[free:]) != y[free:]))
    return np.array(train), np.array(test)

# %% learning_curve: reaches into the test part
def learning_curve(make_net, X, y, sizes):
    free, train, test = len(y) - len(y) // 4, [], []
    for size in sizes:
        predict = make_net(X[:size], y[:size])
        train.append(np.mean(predict(X[:size]) != y[:size]))
        test.append(np.mean(predict(X[free:]) != y[free:]))
    return np.array(train), np.array(test)

# %% select_lambda: judge each example by a fit without it
def select_lambda(X, y, grid):
    Xc, scores = X - X.mean(axis=0), []
    for lam in grid:
        w = np.linalg.solve(Xc.T @ Xc + lam * np.eye(X.shape[1]), Xc.T @ y)
        scores.append(((y - y.mean() - Xc @ w) ** 2).sum())
    return grid[np.argmin(scores)]

# %% select_lambda: there is no intercept
def select_lambda(X, y, grid):
    scores = []
    for lam in grid:
        H = X @ np.linalg.solve(X.T @ X + lam * np.eye(X.shape[1]), X.T)
        scores.append((((y - H @ y) / (1 - np.diag(H))) ** 2).sum())
    return grid[np.argmin(scores)]

# %% select_lambda: the example's λ is 0, expected 0.1
def select_lambda(X, y, grid):
    N, D = X.shape
    Xc, scores = X - X.mean(axis=0), []
    for lam in grid:
        H = 1 / N + Xc @ np.linalg.solve(Xc.T @ Xc + lam * np.eye(D), Xc.T)
        scores.append((((y - H @ y) / (1 - np.diag(H))) ** 2).sum())
    return np.argmin(scores)

# %% diagnose: the curves still fall
def diagnose(train_curve, val_curve):
    train, val = np.array(train_curve), np.array(val_curve)
    if train[-1] - train.min() > 0.2:
        return "diverged"
    if val[-1] - train[-1] > 0.1:
        return "overfitting"
    if train[-1] > 0.3:
        return "underfitting"
    return "not trained yet" if train[-1 - len(train) // 4] - train[-1] > 0.05 else "healthy"

# %% diagnose: a small gap is normal
def diagnose(train_curve, val_curve):
    train, val = np.array(train_curve), np.array(val_curve)
    if train[-1] - train.min() > 0.2:
        return "diverged"
    if train[-1 - len(train) // 4] - train[-1] > 0.05:
        return "not trained yet"
    if train[-1] > 0.3:
        return "underfitting"
    return "overfitting" if val[-1] > train[-1] else "healthy"

# %% diagnose: its best is not its end
def diagnose(train_curve, val_curve):
    train, val = np.array(train_curve), np.array(val_curve)
    if val[-1] - train[-1] > 0.25:
        return "overfitting"
    if train[-1 - len(train) // 4] - train[-1] > 0.05:
        return "not trained yet"
    return "underfitting" if train[-1] > 0.3 else "healthy"

# %% variance_of_mean: that is the standard deviation of the mean
variance_of_mean = 0.125

# %% variance_of_mean: square the standard deviation first
variance_of_mean = 0.03125

# %% variance_of_mean: but it does vary
variance_of_mean = 0.0

# %% verdict: learnt by heart
verdict = ("A", 0.87)

# %% verdict: the test is no test any more
verdict = ("C", 0.90)

# %% verdict: which flatters the winner
verdict = ("B", 0.91)
