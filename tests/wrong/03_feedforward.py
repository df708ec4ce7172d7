"""Typical wrong answers to exercises 3, and words of the message that must name each mistake."""

# %% sigmoid: overflow
def sigmoid(x, beta=1.0):
    return 1 / (1 + np.exp(-beta * x))

def d_sigmoid(x, beta=1.0):
    return beta * sigmoid(x, beta) * (1 - sigmoid(x, beta))

def tanh(x):
    return np.tanh(x)

def d_tanh(x):
    return 1 - np.tanh(x) ** 2

def relu(x):
    return np.maximum(x, 0)

def d_relu(x):
    return np.where(x > 0, 1.0, 0.0)

def leaky_relu(x, negative_slope=0.01):
    return np.where(x > 0, x, negative_slope * x)

def d_leaky_relu(x, negative_slope=0.01):
    return np.where(x > 0, 1.0, negative_slope)

# %% sigmoid: the minus in the exponent is missing
def sigmoid(x, beta=1.0):
    return 1 / (1 + np.exp(beta * x))

def d_sigmoid(x, beta=1.0):
    return beta * sigmoid(x, beta) * (1 - sigmoid(x, beta))

def tanh(x):
    return np.tanh(x)

def d_tanh(x):
    return 1 - np.tanh(x) ** 2

def relu(x):
    return np.maximum(x, 0)

def d_relu(x):
    return np.where(x > 0, 1.0, 0.0)

def leaky_relu(x, negative_slope=0.01):
    return np.where(x > 0, x, negative_slope * x)

def d_leaky_relu(x, negative_slope=0.01):
    return np.where(x > 0, 1.0, negative_slope)

# %% sigmoid: the inner derivative, beta, is missing
def sigmoid(x, beta=1.0):
    return 0.5 + 0.5 * np.tanh(beta * x / 2)

def d_sigmoid(x, beta=1.0):
    return sigmoid(x, beta) * (1 - sigmoid(x, beta))

def tanh(x):
    return np.tanh(x)

def d_tanh(x):
    return 1 - np.tanh(x) ** 2

def relu(x):
    return np.maximum(x, 0)

def d_relu(x):
    return np.where(x > 0, 1.0, 0.0)

def leaky_relu(x, negative_slope=0.01):
    return np.where(x > 0, x, negative_slope * x)

def d_leaky_relu(x, negative_slope=0.01):
    return np.where(x > 0, 1.0, negative_slope)

# %% sigmoid: the formula wants sigmoid(x) in it
def sigmoid(x, beta=1.0):
    return 0.5 + 0.5 * np.tanh(beta * x / 2)

def d_sigmoid(x, beta=1.0):
    return beta * x * (1 - x)

def tanh(x):
    return np.tanh(x)

def d_tanh(x):
    return 1 - x ** 2

def relu(x):
    return np.maximum(x, 0)

def d_relu(x):
    return np.where(x >= 0, 1.0, 0.0)

def leaky_relu(x, negative_slope=0.01):
    return np.where(x > 0, x, negative_slope * x)

def d_leaky_relu(x, negative_slope=0.01):
    return np.where(x > 0, 1.0, negative_slope)

# %% sigmoid: take that of the left side
def sigmoid(x, beta=1.0):
    return 0.5 + 0.5 * np.tanh(beta * x / 2)

def d_sigmoid(x, beta=1.0):
    return beta * sigmoid(x, beta) * (1 - sigmoid(x, beta))

def tanh(x):
    return np.tanh(x)

def d_tanh(x):
    return 1 - np.tanh(x) ** 2

def relu(x):
    return x * (x > 0)

def d_relu(x):
    return 1.0 * (x >= 0)

def leaky_relu(x, negative_slope=0.01):
    return np.maximum(x, negative_slope * x)

def d_leaky_relu(x, negative_slope=0.01):
    return np.where(x >= 0, 1.0, negative_slope)

# %% dense_forward: W is the wrong way round
def dense_forward(X, W, b):
    return X @ W + b

# %% dense_forward: the biases are missing
def dense_forward(X, W, b):
    return X @ W.T

# %% dense_forward: expected (3, 2): it is transposed
def dense_forward(X, W, b):
    return W @ X.T + b[:, None]

# %% forward: the inputs come first
def forward(X, params, acts):
    out = []
    for (W, b), act in zip(params, acts):
        X = act(X @ W.T + b)
        out.append(X)
    return out

def xor_params():
    return [(np.ones((2, 2)), np.array([0.0, -1.0])), (np.array([[1.0, -2.0]]), np.zeros(1))]

# %% forward: must return a list
def forward(X, params, acts):
    for (W, b), act in zip(params, acts):
        X = act(X @ W.T + b)
    return X

def xor_params():
    return [(np.ones((2, 2)), np.array([0.0, -1.0])), (np.array([[1.0, -2.0]]), np.zeros(1))]

# %% forward: each layer has its own activation
def forward(X, params, acts):
    activations = [X]
    for W, b in params:
        activations.append(acts[0](activations[-1] @ W.T + b))
    return activations

def xor_params():
    return [(np.ones((2, 2)), np.array([0.0, -1.0])), (np.array([[1.0, -2.0]]), np.zeros(1))]

# %% forward: both together must be 0
def forward(X, params, acts):
    activations = [X]
    for (W, b), act in zip(params, acts):
        activations.append(act(activations[-1] @ W.T + b))
    return activations

def xor_params():
    return [(np.ones((2, 2)), np.array([0.0, -1.0])), (np.array([[1.0, -1.0]]), np.zeros(1))]

# %% forward: W2 has shape (2, 1), expected (1, 2)
def forward(X, params, acts):
    activations = [X]
    for (W, b), act in zip(params, acts):
        activations.append(act(activations[-1] @ W.T + b))
    return activations

def xor_params():
    return [(np.ones((2, 2)), np.array([0.0, -1.0])), (np.array([[1.0], [-2.0]]), np.zeros(1))]

# %% count_params: the biases are missing
def count_params(sizes, bias=True):
    return sum(m * n for m, n in zip(sizes, sizes[1:]))

# %% count_params: the inputs have no biases
def count_params(sizes, bias=True):
    return sum(m * n for m, n in zip(sizes, sizes[1:])) + (sum(sizes) if bias else 0)

# %% count_params: bias=False is ignored
def count_params(sizes, bias=True):
    return sum((m + 1) * n for m, n in zip(sizes, sizes[1:]))

# %% count_params: the output units have biases, too
def count_params(sizes, bias=True):
    return sum(m * n for m, n in zip(sizes, sizes[1:])) + (sum(sizes[1:-1]) if bias else 0)

# %% collapse_linear: the later one stands on the left
def collapse_linear(Ws, bs):
    W, b = Ws[0], bs[0]
    for W_next, b_next in zip(Ws[1:], bs[1:]):
        W, b = W @ W_next, W_next @ b + b_next
    return W, b

# %% collapse_linear: the first bias passes the second matrix, too
def collapse_linear(Ws, bs):
    W = Ws[0]
    for W_next in Ws[1:]:
        W = W_next @ W
    return W, sum(bs)

# %% collapse_linear: multiplied with @, not number by number
def collapse_linear(Ws, bs):
    W, b = Ws[0], bs[0]
    for W_next, b_next in zip(Ws[1:], bs[1:]):
        W, b = W_next * W, W_next @ b + b_next
    return W, b

# %% collapse_linear: the first bias is multiplied with the wrong matrix
def collapse_linear(Ws, bs):
    W, b = Ws[0], bs[0]
    for W_next, b_next in zip(Ws[1:], bs[1:]):
        b = W @ b + b_next
        W = W_next @ W
    return W, b

# %% curves: whose slope is a hill of height
curves = {"A": "tanh", "B": "step", "C": "sigmoid", "D": "leaky ReLU"}

# %% curves: whose slope is 0 on the left and 1 on the right
curves = {"A": "sigmoid", "B": "step", "C": "tanh", "D": "relu"}

# %% curves: use the words
curves = {"A": "sigmoid", "B": "step", "C": "tanh", "D": "LeakyReLU"}

# %% curves: whose slope is 0.2 on the left
curves = {"A": "sigmoid", "B": "leaky ReLU", "C": "tanh", "D": "step"}

# %% behind_step: does a gradient get through
behind_step = (1, 3)

# %% behind_step: the derivative exists almost everywhere
behind_step = (0, 1)

# %% behind_step: the hidden layer stands still from the first step on
behind_step = (0, 4)

# %% found: change the start first
found = 'learning_rate=0.3, dropout=0, initialization="zeros"'

# %% found: try the rate, and less dropout
found = 'learning_rate=0.1, dropout=0.5, initialization="He"'

# %% found: must be
found = 'learning_rate=0.3, dropout=0, initialization="Kaiming"'

# %% found: does not say the dropout
found = 'learning_rate=0.3, initialization="He"'
