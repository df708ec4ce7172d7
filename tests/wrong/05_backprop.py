"""Typical wrong answers to exercises 5, and words of the message that must name each mistake."""

# %% Value: contributions must add
class Value:
    def __init__(self, data, made_from=()):
        self.data, self.grad, self.made_from = float(data), 0.0, made_from
    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data + other.data, [(self, 1.0), (other, 1.0)])
    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data * other.data, [(self, other.data), (other, self.data)])
    __radd__, __rmul__ = __add__, __mul__
    def tanh(self):
        return Value(np.tanh(self.data), [(self, 1 - np.tanh(self.data) ** 2)])
    def relu(self):
        return Value(max(self.data, 0), [(self, 1.0 * (self.data > 0))])
    def backward(self, upstream=1.0):
        self.grad = upstream
        for parent, local in self.made_from:
            parent.backward(local * upstream)

# %% Value: raises RecursionError
class Value:
    def __init__(self, data, made_from=()):
        self.data, self.grad, self.made_from = float(data), 0.0, made_from
    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data + other.data, [(self, 1.0), (other, 1.0)])
    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data * other.data, [(self, other.data), (other, self.data)])
    __radd__, __rmul__ = __add__, __mul__
    def tanh(self):
        return Value(np.tanh(self.data), [(self, 1 - np.tanh(self.data) ** 2)])
    def relu(self):
        return Value(max(self.data, 0), [(self, 1.0 * (self.data > 0))])
    def backward(self):
        order, seen = [], set()
        def visit(node):
            if id(node) not in seen:
                seen.add(id(node))
                for parent, _ in node.made_from:
                    visit(parent)
                order.append(node)
        visit(self)
        self.grad = 1.0
        for node in reversed(order):
            for parent, local in node.made_from:
                parent.grad += local * node.grad

# %% Value: a node was passed on before all its users had reported
class Value:
    def __init__(self, data, made_from=()):
        self.data, self.grad, self.made_from = float(data), 0.0, made_from
    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data + other.data, [(self, 1.0), (other, 1.0)])
    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data * other.data, [(self, other.data), (other, self.data)])
    __radd__, __rmul__ = __add__, __mul__
    def tanh(self):
        return Value(np.tanh(self.data), [(self, 1 - np.tanh(self.data) ** 2)])
    def relu(self):
        return Value(max(self.data, 0), [(self, 1.0 * (self.data > 0))])
    def backward(self):
        self.grad = 1.0
        todo = [self]
        while todo:
            node = todo.pop(0)
            for parent, local in node.made_from:
                parent.grad += local * node.grad
                todo.append(parent)

# %% Value: multiplication swaps
class Value:
    def __init__(self, data, made_from=()):
        self.data, self.grad, self.made_from = float(data), 0.0, made_from
    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data + other.data, [(self, 1.0), (other, 1.0)])
    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data * other.data, [(self, self.data), (other, other.data)])
    __radd__, __rmul__ = __add__, __mul__
    def tanh(self):
        return Value(np.tanh(self.data), [(self, 1 - np.tanh(self.data) ** 2)])
    def relu(self):
        return Value(max(self.data, 0), [(self, 1.0 * (self.data > 0))])
    def backward(self):
        self.grad = 1.0
        for parent, local in self.made_from:
            parent.grad += local

# %% Value: unsupported operand
class Value:
    def __init__(self, data, made_from=()):
        self.data, self.grad, self.made_from = float(data), 0.0, made_from
    def __add__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data + other.data, [(self, 1.0), (other, 1.0)])
    def __mul__(self, other):
        other = other if isinstance(other, Value) else Value(other)
        return Value(self.data * other.data, [(self, other.data), (other, self.data)])
    def tanh(self):
        return Value(np.tanh(self.data), [(self, 1 - np.tanh(self.data) ** 2)])
    def relu(self):
        return Value(max(self.data, 0), [(self, 1.0 * (self.data > 0))])
    def backward(self):
        self.grad = 1.0

# %% mlp_backward: the slope of the sigmoid is missing
def mlp_backward(params, cache, dout):
    grads = []
    for l in reversed(range(len(params))):
        grads.insert(0, (dout.T @ cache[l], dout.sum(axis=0)))
        dout = dout @ params[l][0]
    return grads

# %% mlp_backward: averaged over the examples
def mlp_backward(params, cache, dout):
    grads = []
    for l in reversed(range(len(params))):
        delta = dout * cache[l + 1] * (1 - cache[l + 1])
        grads.insert(0, (delta.T @ cache[l] / len(delta), delta.mean(axis=0)))
        dout = delta @ params[l][0]
    return grads

# %% mlp_backward: delta, not dout, goes back through the weights
def mlp_backward(params, cache, dout):
    grads = []
    for l in reversed(range(len(params))):
        delta = dout * cache[l + 1] * (1 - cache[l + 1])
        grads.insert(0, (delta.T @ cache[l], delta.sum(axis=0)))
        dout = dout @ params[l][0]
    return grads

# %% mlp_backward: the layers are in reverse order
def mlp_backward(params, cache, dout):
    grads = []
    for l in reversed(range(len(params))):
        delta = dout * cache[l + 1] * (1 - cache[l + 1])
        grads.append((delta.T @ cache[l], delta.sum(axis=0)))
        dout = delta @ params[l][0]
    return grads

# %% mlp_backward: half of the slope is missing
def mlp_backward(params, cache, dout):
    grads = []
    for l in reversed(range(len(params))):
        delta = dout * cache[l + 1]
        grads.insert(0, (delta.T @ cache[l], delta.sum(axis=0)))
        dout = delta @ params[l][0]
    return grads

# %% count_paths: inputs and outputs are layers, too
def count_paths(k, w):
    return w ** k, w ** (k - 2)

def enumerate_gradient(Ws, i):
    total = np.eye(Ws[0].shape[1])[i]
    for W in Ws:
        total = W @ total
    return total.sum()

# %% count_paths: the first weight fixes two units, not one
def count_paths(k, w):
    return w ** (k + 2), w ** (k + 1)

def enumerate_gradient(Ws, i):
    total = np.eye(Ws[0].shape[1])[i]
    for W in Ws:
        total = W @ total
    return total.sum()

# %% count_paths: the matrices are in the wrong order
def count_paths(k, w):
    return w ** (k + 2), w ** k

def enumerate_gradient(Ws, i):
    total = np.eye(Ws[-1].shape[1])[i]
    for W in Ws[::-1]:
        total = W @ total
    return total.sum()

# %% count_paths: only the first output counts
def count_paths(k, w):
    return w ** (k + 2), w ** k

def enumerate_gradient(Ws, i):
    total = np.eye(Ws[0].shape[1])[i]
    for W in Ws:
        total = W @ total
    return total[0]

# %% count_paths: it does not add
def count_paths(k, w):
    return w ** (k + 2), w ** k

def enumerate_gradient(Ws, i):
    from itertools import product
    total = 0.0
    for path in product(*(range(len(W)) for W in Ws)):
        before = i
        for W, j in zip(Ws, path):
            total += W[j][before]
            before = j
    return float(total)

# %% grad_check: these are one-sided differences
def grad_check(f, theta, grad, eps):
    g = np.zeros(theta.shape)
    for i in np.ndindex(theta.shape):
        up = theta.copy()
        up[i] += eps
        g[i] = (f(up) - f(theta)) / eps
    return np.abs(g - grad).max() / max(np.abs(g).max(), np.abs(grad).max(), 1e-12)

# %% grad_check: the two points are 2 eps apart
def grad_check(f, theta, grad, eps):
    g = np.zeros(theta.shape)
    for i in np.ndindex(theta.shape):
        up, down = theta.copy(), theta.copy()
        up[i], down[i] = up[i] + eps, down[i] - eps
        g[i] = (f(up) - f(down)) / eps
    return np.abs(g - grad).max() / max(np.abs(g).max(), np.abs(grad).max(), 1e-12)

# %% grad_check: it is the absolute error
def grad_check(f, theta, grad, eps):
    g = np.zeros(theta.shape)
    for i in np.ndindex(theta.shape):
        up, down = theta.copy(), theta.copy()
        up[i], down[i] = up[i] + eps, down[i] - eps
        g[i] = (f(up) - f(down)) / (2 * eps)
    return np.abs(g - grad).max()

# %% grad_check: theta was changed
def grad_check(f, theta, grad, eps):
    g = np.zeros(theta.shape)
    for i in np.ndindex(theta.shape):
        theta[i] += eps
        up = f(theta)
        theta[i] -= 2 * eps
        g[i] = (up - f(theta)) / (2 * eps)
    return np.abs(g - grad).max() / max(np.abs(g).max(), np.abs(grad).max(), 1e-12)

# %% grad_check: move one at a time
def grad_check(f, theta, grad, eps):
    g = (f(theta + eps) - f(theta - eps)) / (2 * eps)
    return np.abs(g - grad).max() / max(np.abs(g), np.abs(grad).max(), 1e-12)

# %% bias_grad: it is the mean over the batch
def bias_grad(delta):
    return delta.reshape(-1, delta.shape[-1]).mean(axis=0)

# %% bias_grad: not over the examples
def bias_grad(delta):
    return delta.sum(axis=-1)

# %% bias_grad: (4, 5, 2)
def bias_grad(delta):
    return delta.sum(axis=0)

# %% diamond: the path by b alone is missing
diamond = 30

# %% diamond: the path by a and b is missing
diamond = 24

# %% diamond: that is the value of L
diamond = 54.0

# %% first: this check would reject a right gradient
first = ("A", 1)

# %% first: leaves no digit at all
first = ("C", 2)

# %% first: with it, the error grows again
first = ("B", 2)

# %% found: look at the gradients
found = 'learning_rate=0.3, initialization="small normal"'

# %% found: try the rate, or a better start
found = {"learning rate": 0.01, "initialization": "He"}

# %% found: cannot be used
found = 'learning_rate=10, initialization="He"'
