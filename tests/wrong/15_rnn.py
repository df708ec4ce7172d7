"""Typical wrong answers to exercises 15, and words of the message that must name each mistake."""

# %% elman_forward: every step sees h0
def elman_forward(x, params, h0):
    h = np.array([np.tanh(params["W"] @ x_t + params["U"] @ h0 + params["b"]) for x_t in x])
    return h, h @ params["V"].T + params["c"]

def jordan_forward(x, params, y0):
    h = np.array([np.tanh(params["W"] @ x_t + params["U"] @ y0 + params["b"]) for x_t in x])
    return h, h @ params["V"].T + params["c"]

# %% elman_forward: starts with 0, not with h0
def elman_forward(x, params, h0):
    h, states = np.zeros(len(params["b"])), []
    for x_t in x:
        h = np.tanh(params["W"] @ x_t + params["U"] @ h + params["b"])
        states.append(h)
    return np.array(states), np.array(states) @ params["V"].T + params["c"]

def jordan_forward(x, params, y0):
    return elman_forward(x, params, y0)

# %% elman_forward: no tanh
def elman_forward(x, params, h0):
    h, states = h0, []
    for x_t in x:
        h = np.tanh(params["W"] @ x_t + params["U"] @ h + params["b"])
        states.append(h)
    return np.array(states), np.tanh(np.array(states) @ params["V"].T + params["c"])

def jordan_forward(x, params, y0):
    y, states, outputs = y0, [], []
    for x_t in x:
        h = np.tanh(params["W"] @ x_t + params["U"] @ y + params["b"])
        y = np.tanh(params["V"] @ h + params["c"])
        states.append(h)
        outputs.append(y)
    return np.array(states), np.array(outputs)

# %% elman_forward: the memory is V h without c
def elman_forward(x, params, h0):
    h, states = h0, []
    for x_t in x:
        h = np.tanh(params["W"] @ x_t + params["U"] @ h + params["b"])
        states.append(h)
    return np.array(states), np.array(states) @ params["V"].T + params["c"]

def jordan_forward(x, params, y0):
    y, states, outputs = y0, [], []
    for x_t in x:
        h = np.tanh(params["W"] @ x_t + params["U"] @ y + params["b"])
        y = params["V"] @ h
        states.append(h)
        outputs.append(y + params["c"])
    return np.array(states), np.array(outputs)

# %% bptt: nothing comes back from later steps
def bptt(params, x, targets):
    T, H = len(x), len(params["b"])
    h = np.zeros((T + 1, H))
    for t in range(T):
        h[t + 1] = np.tanh(params["W"] @ x[t] + params["U"] @ h[t] + params["b"])
    y = h[1:] @ params["V"].T + params["c"]
    dy = np.exp(y) / np.exp(y).sum(axis=1, keepdims=True) - np.eye(len(params["c"]))[targets]
    delta = (1 - h[1:] ** 2) * (dy @ params["V"])
    return {"W": delta.T @ x, "U": delta.T @ h[:-1], "b": delta.sum(axis=0), "V": dy.T @ h[1:], "c": dy.sum(axis=0)}

# %% bptt: it is the mean over the steps
def bptt(params, x, targets):
    T, H = len(x), len(params["b"])
    h = np.zeros((T + 1, H))
    for t in range(T):
        h[t + 1] = np.tanh(params["W"] @ x[t] + params["U"] @ h[t] + params["b"])
    y = h[1:] @ params["V"].T + params["c"]
    dy = (np.exp(y) / np.exp(y).sum(axis=1, keepdims=True) - np.eye(len(params["c"]))[targets]) / T
    delta, later = np.zeros((T, H)), np.zeros(H)
    for t in reversed(range(T)):
        delta[t] = (1 - h[t + 1] ** 2) * (dy[t] @ params["V"] + later)
        later = params["U"].T @ delta[t]
    return {"W": delta.T @ x, "U": delta.T @ h[:-1], "b": delta.sum(axis=0), "V": dy.T @ h[1:], "c": dy.sum(axis=0)}

# %% bptt: the slope of the tanh, 1 − h², is missing
def bptt(params, x, targets):
    T, H = len(x), len(params["b"])
    h = np.zeros((T + 1, H))
    for t in range(T):
        h[t + 1] = np.tanh(params["W"] @ x[t] + params["U"] @ h[t] + params["b"])
    y = h[1:] @ params["V"].T + params["c"]
    dy = np.exp(y) / np.exp(y).sum(axis=1, keepdims=True) - np.eye(len(params["c"]))[targets]
    delta, later = np.zeros((T, H)), np.zeros(H)
    for t in reversed(range(T)):
        delta[t] = dy[t] @ params["V"] + later
        later = params["U"].T @ delta[t]
    return {"W": delta.T @ x, "U": delta.T @ h[:-1], "b": delta.sum(axis=0), "V": dy.T @ h[1:], "c": dy.sum(axis=0)}

# %% bptt: nothing came before
def bptt(params, x, targets):
    T, H = len(x), len(params["b"])
    h = np.zeros((T + 1, H))
    for t in range(T):
        h[t + 1] = np.tanh(params["W"] @ x[t] + params["U"] @ h[t] + params["b"])
    y = h[1:] @ params["V"].T + params["c"]
    dy = np.exp(y) / np.exp(y).sum(axis=1, keepdims=True) - np.eye(len(params["c"]))[targets]
    delta, later = np.zeros((T, H)), np.zeros(H)
    for t in reversed(range(T)):
        delta[t] = (1 - h[t + 1] ** 2) * (dy[t] @ params["V"] + later)
        later = params["U"].T @ delta[t]
    before = h[:-1] if T > 1 else h[1:]
    return {"W": delta.T @ x, "U": delta.T @ before, "b": delta.sum(axis=0), "V": dy.T @ h[1:], "c": dy.sum(axis=0)}

# %% one_hot: must raise ValueError
def one_hot(s, vocab):
    P = np.zeros((len(s), len(vocab)))
    for t, character in enumerate(s):
        P[t, vocab.find(character)] = 1
    return P

def decode(P, vocab):
    return "".join(vocab[k] for k in P.argmax(axis=1))

# %% one_hot: the vocabulary was sorted
def one_hot(s, vocab):
    vocab = sorted(vocab)
    for character in s:
        if character not in vocab:
            raise ValueError(f"{character} is unknown")
    return np.eye(len(vocab))[[vocab.index(character) for character in s]].reshape(len(s), len(vocab))

def decode(P, vocab):
    return "".join(sorted(vocab)[k] for k in P.argmax(axis=1))

# %% one_hot: it is transposed
def one_hot(s, vocab):
    P = np.zeros((len(vocab), len(s)))
    for t, character in enumerate(s):
        P[vocab.index(character), t] = 1
    return P

def decode(P, vocab):
    return "".join(vocab[k] for k in P.argmax(axis=0))

# %% one_hot: join it to a string
def one_hot(s, vocab):
    return np.eye(len(vocab))[[vocab.index(character) for character in s]]

def decode(P, vocab):
    return [vocab[k] for k in P.argmax(axis=1)]

# %% sample_text: scores are multiplied by T
def sample_text(model, start, n, temperature, rng):
    state, written = None, ""
    for character in start:
        scores, state = model(character, state)
    for _ in range(n):
        z = np.array(list(scores.values())) * temperature
        p = np.exp(z - z.max())
        character = list(scores)[rng.choice(len(p), p=p / p.sum())]
        written += character
        scores, state = model(character, state)
    return written

# %% sample_text: it has read only the last character
def sample_text(model, start, n, temperature, rng):
    scores, state = model(start[-1], None)
    written = ""
    for _ in range(n):
        z = np.array(list(scores.values())) / max(temperature, 1e-3)
        p = np.exp(z - z.max())
        character = list(scores)[rng.choice(len(p), p=p / p.sum())]
        written += character
        scores, state = model(character, state)
    return written

# %% sample_text: `start` is not part of what it writes
def sample_text(model, start, n, temperature, rng):
    state = None
    for character in start:
        scores, state = model(character, state)
    for _ in range(n):
        z = np.array(list(scores.values())) / max(temperature, 1e-3)
        p = np.exp(z - z.max())
        start += list(scores)[rng.choice(len(p), p=p / p.sum())]
        scores, state = model(start[-1], state)
    return start

# %% sample_text: always the best; draw
def sample_text(model, start, n, temperature, rng):
    state, written = None, ""
    for character in start:
        scores, state = model(character, state)
    for _ in range(n):
        character = max(scores, key=scores.get)
        written += character
        scores, state = model(character, state)
    return written

# %% sample_text: overflow
def sample_text(model, start, n, temperature, rng):
    state, written = None, ""
    for character in start:
        scores, state = model(character, state)
    for _ in range(n):
        p = np.exp(np.array(list(scores.values())) / max(temperature, 0.01))
        character = list(scores)[rng.choice(len(p), p=p / p.sum())]
        written += character
        scores, state = model(character, state)
    return written

# %% stack_push: only fractions are exact
def stack_push(q, b):
    return 0.25 * q + 0.25 * (2 * b + 1)

def stack_top(q):
    if q == 0:
        raise ValueError("empty")
    return int(min(max(4 * q - 2, 0), 1))

def stack_pop(q):
    return 4 * q - (2 * stack_top(q) + 1)

# %% stack_push: must raise ValueError
def stack_push(q, b):
    return (q + 2 * b + 1) / 4

def stack_top(q):
    return int(min(max(4 * q - 2, 0), 1))

def stack_pop(q):
    return 4 * q - (2 * stack_top(q) + 1)

# %% stack_push: the digit of bit b is 2b + 1
def stack_push(q, b):
    return (q + b) / 4

def stack_top(q):
    if q == 0:
        raise ValueError("empty")
    return int(4 * q)

def stack_pop(q):
    return 4 * q - stack_top(q)

# %% stack_push: must be subtracted
def stack_push(q, b):
    return (q + 2 * b + 1) / 4

def stack_top(q):
    if q == 0:
        raise ValueError("empty")
    return int(min(max(4 * q - 2, 0), 1))

def stack_pop(q):
    if q == 0:
        raise ValueError("empty")
    return 4 * q

# %% weights: the length does not matter
weights = 4000

# %% weights: the memory, is missing
weights = 31

# %% weights: the biases are missing
weights = 33

# %% temperatures: it repeats itself, so it is the coldest
temperatures = (0.1, 1, 5)

# %% temperatures: its pairs are common ones
temperatures = (5, 1, 0.1)

# %% temperatures: in some order
temperatures = ("bold", "boldest", "timid")

# %% found: only by luck
found = 'hidden_units=1, learning_rate=0.03, initialization="zeros"'

# %% found: throws the weights about
found = 'hidden_units=8, learning_rate=1.0, initialization="orthogonal"'

# %% found: does not get there in time
found = 'hidden_units=8, learning_rate=0.0003, initialization="orthogonal"'
