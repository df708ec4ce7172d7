"""Typical wrong answers to exercises 13, and words of the message that must name each mistake."""

# %% conv2d: turned by 180°
def conv2d(x, w, b, stride=1, pad=0):
    x, w = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad))), w[:, :, ::-1, ::-1]
    K, L = w.shape[2:]
    OH, OW = (x.shape[2] - K) // stride + 1, (x.shape[3] - L) // stride + 1
    y = np.zeros((len(x), len(w), OH, OW))
    for i in range(OH):
        for j in range(OW):
            window = x[:, :, i * stride:i * stride + K, j * stride:j * stride + L]
            y[:, :, i, j] = np.einsum("nckl,fckl->nf", window, w) + b
    return y

# %% conv2d: the biases are missing
def conv2d(x, w, b, stride=1, pad=0):
    x = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    K, L = w.shape[2:]
    OH, OW = (x.shape[2] - K) // stride + 1, (x.shape[3] - L) // stride + 1
    y = np.zeros((len(x), len(w), OH, OW))
    for i in range(OH):
        for j in range(OW):
            window = x[:, :, i * stride:i * stride + K, j * stride:j * stride + L]
            y[:, :, i, j] = np.einsum("nckl,fckl->nf", window, w)
    return y

# %% conv2d: only the first channel counts
def conv2d(x, w, b, stride=1, pad=0):
    x = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    K, L = w.shape[2:]
    OH, OW = (x.shape[2] - K) // stride + 1, (x.shape[3] - L) // stride + 1
    y = np.zeros((len(x), len(w), OH, OW))
    for i in range(OH):
        for j in range(OW):
            window = x[:, 0, i * stride:i * stride + K, j * stride:j * stride + L]
            y[:, :, i, j] = np.einsum("nkl,fkl->nf", window, w[:, 0]) + b
    return y

# %% conv2d: expected (1, 2, 3, 3)
def conv2d(x, w, b, stride=1, pad=0):
    x = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    K, L = w.shape[2:]
    OH, OW = x.shape[2] - K + 1, x.shape[3] - L + 1
    y = np.zeros((len(x), len(w), OH, OW))
    for i in range(OH):
        for j in range(OW):
            y[:, :, i, j] = np.einsum("nckl,fckl->nf", x[:, :, i:i + K, j:j + L], w) + b
    return y

# %% conv2d_backward: do not overwrite it
def conv2d_backward(g, x, w, stride=1, pad=0):
    (K, L), (H, W) = w.shape[2:], x.shape[2:]
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    dx, dw = np.zeros_like(padded), np.zeros_like(w)
    for i in range(g.shape[2]):
        for j in range(g.shape[3]):
            rows, columns = slice(i * stride, i * stride + K), slice(j * stride, j * stride + L)
            dw += np.einsum("nf,nckl->fckl", g[:, :, i, j], padded[:, :, rows, columns])
            dx[:, :, rows, columns] = np.einsum("nf,fckl->nckl", g[:, :, i, j], w)
    return dx[:, :, pad:pad + H, pad:pad + W], dw, g.sum(axis=(0, 2, 3))

# %% conv2d_backward: images with stride 2 and padding 1 has shape (2, 1, 8, 8), expected (2, 1, 6, 6)
def conv2d_backward(g, x, w, stride=1, pad=0):
    K, L = w.shape[2:]
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    dx, dw = np.zeros_like(padded), np.zeros_like(w)
    for i in range(g.shape[2]):
        for j in range(g.shape[3]):
            rows, columns = slice(i * stride, i * stride + K), slice(j * stride, j * stride + L)
            dw += np.einsum("nf,nckl->fckl", g[:, :, i, j], padded[:, :, rows, columns])
            dx[:, :, rows, columns] += np.einsum("nf,fckl->nckl", g[:, :, i, j], w)
    return dx, dw, g.sum(axis=(0, 2, 3))

# %% conv2d_backward: mean or sum?
def conv2d_backward(g, x, w, stride=1, pad=0):
    (K, L), (H, W) = w.shape[2:], x.shape[2:]
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    dx, dw = np.zeros_like(padded), np.zeros_like(w)
    for i in range(g.shape[2]):
        for j in range(g.shape[3]):
            rows, columns = slice(i * stride, i * stride + K), slice(j * stride, j * stride + L)
            dw += np.einsum("nf,nckl->fckl", g[:, :, i, j], padded[:, :, rows, columns]) / len(x)
            dx[:, :, rows, columns] += np.einsum("nf,fckl->nckl", g[:, :, i, j], w)
    return dx[:, :, pad:pad + H, pad:pad + W], dw, g.sum(axis=(0, 2, 3)) / len(x)

# %% conv2d_backward: the bias went into every place
def conv2d_backward(g, x, w, stride=1, pad=0):
    (K, L), (H, W) = w.shape[2:], x.shape[2:]
    padded = np.pad(x, ((0, 0), (0, 0), (pad, pad), (pad, pad)))
    dx, dw = np.zeros_like(padded), np.zeros_like(w)
    for i in range(g.shape[2]):
        for j in range(g.shape[3]):
            rows, columns = slice(i * stride, i * stride + K), slice(j * stride, j * stride + L)
            dw += np.einsum("nf,nckl->fckl", g[:, :, i, j], padded[:, :, rows, columns])
            dx[:, :, rows, columns] += np.einsum("nf,fckl->nckl", g[:, :, i, j], w)
    return dx[:, :, pad:pad + H, pad:pad + W], dw, g[:, :, 0, 0].sum(axis=0)

# %% pool2d: all of them get it
def pool2d(x, k, s, mode):
    N, C, H, W = x.shape
    y = np.empty((N, C, (H - k) // s + 1, (W - k) // s + 1))
    for i in range(y.shape[2]):
        for j in range(y.shape[3]):
            window = x[:, :, i * s:i * s + k, j * s:j * s + k]
            y[:, :, i, j] = window.max(axis=(2, 3)) if mode == "max" else window.mean(axis=(2, 3))
    return y

def pool2d_backward(g, x, k, s, mode):
    dx, y = np.zeros(x.shape), pool2d(x, k, s, mode)
    for i in range(g.shape[2]):
        for j in range(g.shape[3]):
            window = x[:, :, i * s:i * s + k, j * s:j * s + k]
            share = window == y[:, :, i, j, None, None] if mode == "max" else 1 / k**2
            dx[:, :, i * s:i * s + k, j * s:j * s + k] += share * g[:, :, i, j, None, None]
    return dx

# %% pool2d: a 0 from nowhere wins
def pool2d(x, k, s, mode):
    N, C, H, W = x.shape
    y = np.zeros((N, C, (H - k) // s + 1, (W - k) // s + 1))
    for i in range(y.shape[2]):
        for j in range(y.shape[3]):
            window = x[:, :, i * s:i * s + k, j * s:j * s + k]
            if mode == "average":
                y[:, :, i, j] = window.mean(axis=(2, 3))
            else:
                for u in range(k):
                    for v in range(k):
                        y[:, :, i, j] = np.maximum(y[:, :, i, j], window[:, :, u, v])
    return y

def pool2d_backward(g, x, k, s, mode):
    return np.kron(g, np.ones((k, k)))

# %% pool2d: everyone gets the whole gradient
def pool2d(x, k, s, mode):
    N, C, H, W = x.shape
    y = np.empty((N, C, (H - k) // s + 1, (W - k) // s + 1))
    for i in range(y.shape[2]):
        for j in range(y.shape[3]):
            window = x[:, :, i * s:i * s + k, j * s:j * s + k]
            y[:, :, i, j] = window.max(axis=(2, 3)) if mode == "max" else window.mean(axis=(2, 3))
    return y

def pool2d_backward(g, x, k, s, mode):
    return np.kron(g, np.ones((k, k)))

# %% pool2d: wins twice gets both gradients
def pool2d(x, k, s, mode):
    N, C, H, W = x.shape
    y = np.empty((N, C, (H - k) // s + 1, (W - k) // s + 1))
    for i in range(y.shape[2]):
        for j in range(y.shape[3]):
            window = x[:, :, i * s:i * s + k, j * s:j * s + k]
            y[:, :, i, j] = window.max(axis=(2, 3)) if mode == "max" else window.mean(axis=(2, 3))
    return y

def pool2d_backward(g, x, k, s, mode):
    N, C = x.shape[:2]
    dx = np.zeros(x.shape)
    for i in range(g.shape[2]):
        for j in range(g.shape[3]):
            best = x[:, :, i * s:i * s + k, j * s:j * s + k].reshape(N, C, -1).argmax(axis=2)
            share = (np.arange(k * k) == best[..., None]).reshape(N, C, k, k) if mode == "max" else np.full((N, C, k, k), k**-2.0)
            dx[:, :, i * s:i * s + k, j * s:j * s + k] = share * g[:, :, i, j, None, None]
    return dx

# %% out_size: the lecture's formula (S0-38), which is wrong
def out_size(n, k, s=1, p=0):
    return (n + 2 * p - k + 1) / (s + 1)

def receptive_field(layers):
    return 1 + sum(k - 1 for k, s in layers)

# %% out_size: round down
def out_size(n, k, s=1, p=0):
    if k > n + 2 * p:
        raise ValueError("the kernel is too large")
    size = (n + 2 * p - k) / s + 1
    return int(size) if size == int(size) else size

def receptive_field(layers):
    field, jump = 1, 1
    for k, s in layers:
        field, jump = field + (k - 1) * jump, jump * s
    return field

# %% out_size: strides are ignored
def out_size(n, k, s=1, p=0):
    if k > n + 2 * p:
        raise ValueError("the kernel is too large")
    return (n + 2 * p - k) // s + 1

def receptive_field(layers):
    return 1 + sum(k - 1 for k, s in layers)

# %% out_size: own stride counts from the next layer on
def out_size(n, k, s=1, p=0):
    return (n + 2 * p - k) // s + 1

def receptive_field(layers):
    field, jump = 1, 1
    for k, s in layers:
        jump *= s
        field += (k - 1) * jump
    return field

# %% train_digits_cnn: draw them
def train_digits_cnn(seed, X, y):
    kernels, kernel_biases = np.full((4, 1, 3, 3), 0.1), np.zeros(4)
    weights, biases = np.zeros((10, 64)), np.zeros(10)
    rng = np.random.default_rng(seed)
    for rows in np.array_split(rng.permutation(len(X)), len(X) // 32):
        flat = pool2d(np.maximum(conv2d(X[rows][:, None], kernels, kernel_biases, 1, 1), 0), 2, 2, "max").reshape(len(rows), -1)
        p = np.exp(flat @ weights.T + biases)
        p = p / p.sum(axis=1, keepdims=True) - np.eye(10)[y[rows]]
        weights -= 0.1 * p.T @ flat / len(rows)
    return {"kernels": kernels, "kernel biases": kernel_biases, "weights": weights, "biases": biases}

# %% train_digits_cnn: expected at least 0.94
def train_digits_cnn(seed, X, y):
    rng = np.random.default_rng(seed)
    return {"kernels": rng.normal(0, 0.5, (8, 1, 3, 3)), "kernel biases": np.zeros(8),
            "weights": rng.normal(0, 0.1, (10, 128)), "biases": np.zeros(10)}

# %% train_digits_cnn: the kernels have shape (8, 3, 3), expected (8, 1, 3, 3)
def train_digits_cnn(seed, X, y):
    rng = np.random.default_rng(seed)
    return {"kernels": rng.normal(0, 0.5, (8, 3, 3)), "kernel biases": np.zeros(8),
            "weights": rng.normal(0, 0.1, (10, 128)), "biases": np.zeros(10)}

# %% train_digits_cnn: trained again
def train_digits_cnn(seed, X, y):
    rng = np.random.default_rng()
    return {"kernels": rng.normal(0, 0.5, (8, 1, 3, 3)), "kernel biases": np.zeros(8),
            "weights": np.linalg.lstsq(X.reshape(len(X), -1)[:, :, None].repeat(2, 2).reshape(len(X), -1),
                                       np.eye(10)[y], rcond=None)[0].T, "biases": np.zeros(10)}

# %% shifted: it does not know where it was
shifted = ("moves", "changes", "moves")

# %% shifted: other numbers are partners
shifted = ("moves", "stays", "stays")

# %% shifted: (equivariance)
shifted = ("stays", "changes", "stays")

# %% shifted: three of the words
shifted = ("equivariant", "neither", "invariant")

# %% found: the dense layer behind flatten knows places
found = 'head="flatten", learning_rate=0.03, initialization="He"'

# %% found: does the loss fall at all?
found = 'head="global max", learning_rate=0.0003, initialization="small normal"'

# %% found: does not say the initialization
found = 'head="global max", learning_rate=0.03'

# %% found: must be between
found = 'head="global max", learning_rate=3, initialization="He"'
