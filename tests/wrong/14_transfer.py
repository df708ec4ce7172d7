"""Typical wrong answers to exercises 14, and words of the message that must name each mistake."""

# %% replace_head: share their arrays
def replace_head(net, n_classes, rng):
    n_in = net[-1][0].shape[1]
    return net[:-1] + [(rng.normal(0, np.sqrt(2 / (n_in + n_classes)), (n_classes, n_in)), np.zeros(n_classes))]

# %% replace_head: not on top
def replace_head(net, n_classes, rng):
    n_in = len(net[-1][1])
    head = rng.normal(0, np.sqrt(2 / (n_in + n_classes)), (n_classes, n_in)), np.zeros(n_classes)
    return [(W.copy(), b.copy()) for W, b in net] + [head]

# %% replace_head: is transposed; it is (out, in)
def replace_head(net, n_classes, rng):
    n_in = net[-1][0].shape[1]
    head = rng.normal(0, np.sqrt(2 / (n_in + n_classes)), (n_in, n_classes)), np.zeros(n_classes)
    return [(W.copy(), b.copy()) for W, b in net[:-1]] + [head]

# %% replace_head: that is the variance
def replace_head(net, n_classes, rng):
    n_in = net[-1][0].shape[1]
    head = rng.normal(0, 2 / (n_in + n_classes), (n_classes, n_in)), np.zeros(n_classes)
    return [(W.copy(), b.copy()) for W, b in net[:-1]] + [head]

# %% replace_head: draw from `rng`
def replace_head(net, n_classes, rng):
    n_in = net[-1][0].shape[1]
    rng = np.random.default_rng(0)
    head = rng.normal(0, np.sqrt(2 / (n_in + n_classes)), (n_classes, n_in)), np.zeros(n_classes)
    return [(W.copy(), b.copy()) for W, b in net[:-1]] + [head]

# %% train_transfer: must stay as it is, bit for bit
def train_transfer(net, X, y, frozen, lr, steps=150):
    net = [(W.copy(), b.copy()) for W, b in net]
    for step in range(steps):
        inputs, h = [], X
        for W, b in net:
            inputs.append(h)
            h = np.maximum(h @ W.T + b, 0)
        logits = inputs[-1] @ net[-1][0].T + net[-1][1]
        d = np.exp(logits - logits.max(axis=1, keepdims=True))
        d = (d / d.sum(axis=1, keepdims=True) - np.eye(len(b))[y]) / len(y)
        for (W, b), x in zip(net[::-1], inputs[::-1]):
            dW, db = d.T @ x, d.sum(axis=0)
            d = (d @ W) * (x > 0)
            W -= lr * dW
            b -= lr * db
    return net

# %% train_transfer: divide by the number of examples
def train_transfer(net, X, y, frozen, lr, steps=150):
    net = [(W.copy(), b.copy()) for W, b in net]
    for step in range(steps):
        inputs, h = [], X
        for W, b in net:
            inputs.append(h)
            h = np.maximum(h @ W.T + b, 0)
        logits = inputs[-1] @ net[-1][0].T + net[-1][1]
        d = np.exp(logits - logits.max(axis=1, keepdims=True))
        d = d / d.sum(axis=1, keepdims=True) - np.eye(len(b))[y]
        for l in range(len(net) - 1, frozen - 1, -1):
            (W, b), x = net[l], inputs[l]
            dW, db = d.T @ x, d.sum(axis=0)
            d = (d @ W) * (x > 0)
            W -= lr * dW
            b -= lr * db
    return net

# %% train_transfer: of the network that came in was changed
def train_transfer(net, X, y, frozen, lr, steps=150):
    for step in range(steps):
        inputs, h = [], X
        for W, b in net:
            inputs.append(h)
            h = np.maximum(h @ W.T + b, 0)
        logits = inputs[-1] @ net[-1][0].T + net[-1][1]
        d = np.exp(logits - logits.max(axis=1, keepdims=True))
        d = (d / d.sum(axis=1, keepdims=True) - np.eye(len(b))[y]) / len(y)
        for l in range(len(net) - 1, frozen - 1, -1):
            (W, b), x = net[l], inputs[l]
            dW, db = d.T @ x, d.sum(axis=0)
            d = (d @ W) * (x > 0)
            W -= lr * dW
            b -= lr * db
    return net

# %% train_transfer: biases learn, too
def train_transfer(net, X, y, frozen, lr, steps=150):
    net = [(W.copy(), b.copy()) for W, b in net]
    for step in range(steps):
        inputs, h = [], X
        for W, b in net:
            inputs.append(h)
            h = np.maximum(h @ W.T + b, 0)
        logits = inputs[-1] @ net[-1][0].T + net[-1][1]
        d = np.exp(logits - logits.max(axis=1, keepdims=True))
        d = (d / d.sum(axis=1, keepdims=True) - np.eye(len(b))[y]) / len(y)
        for l in range(len(net) - 1, frozen - 1, -1):
            (W, b), x = net[l], inputs[l]
            dW = d.T @ x
            d = (d @ W) * (x > 0)
            W -= lr * dW
    return net

# %% train_transfer: with frozen=0 everything learns
def train_transfer(net, X, y, frozen, lr, steps=150):
    net = [(W.copy(), b.copy()) for W, b in net]
    features = X
    for W, b in net[:-1]:
        features = np.maximum(features @ W.T + b, 0)
    W, b = net[-1]
    for step in range(steps):
        logits = features @ W.T + b
        d = np.exp(logits - logits.max(axis=1, keepdims=True))
        d = (d / d.sum(axis=1, keepdims=True) - np.eye(len(b))[y]) / len(y)
        W -= lr * d.T @ features
        b -= lr * d.sum(axis=0)
    return net

# %% hog: shares its vote between two
def hog(img, bins):
    H, W = img.shape
    padded = np.pad(img, 1, mode="edge")
    gx, gy = padded[1:-1, 2:] - padded[1:-1, :-2], padded[2:, 1:-1] - padded[:-2, 1:-1]
    theta = np.degrees(np.arctan2(gy, gx)) % 180
    nearest = np.round(theta / (180 / bins)).astype(int) % bins
    votes = np.hypot(gx, gy)[..., None] * (nearest[..., None] == np.arange(bins))
    vector = votes.reshape(H // 4, 4, W // 4, 4, bins).sum(axis=(1, 3)).ravel()
    return vector / max(np.linalg.norm(vector), 1e-12)

# %% hog: the last bin is next to bin 0
def hog(img, bins):
    H, W = img.shape
    padded = np.pad(img, 1, mode="edge")
    gx, gy = padded[1:-1, 2:] - padded[1:-1, :-2], padded[2:, 1:-1] - padded[:-2, 1:-1]
    theta, step = np.degrees(np.arctan2(gy, gx)) % 180, 180 / bins
    away = np.abs(theta[..., None] - step * np.arange(bins))
    votes = np.hypot(gx, gy)[..., None] * np.maximum(0, 1 - away / step)
    vector = votes.reshape(H // 4, 4, W // 4, 4, bins).sum(axis=(1, 3)).ravel()
    return vector / max(np.linalg.norm(vector), 1e-12)

# %% hog: which axis is x?
def hog(img, bins):
    H, W = img.shape
    padded = np.pad(img, 1, mode="edge")
    gy, gx = padded[1:-1, 2:] - padded[1:-1, :-2], padded[2:, 1:-1] - padded[:-2, 1:-1]
    theta, step = np.degrees(np.arctan2(gy, gx)) % 180, 180 / bins
    away = np.abs(theta[..., None] - step * np.arange(bins))
    away = np.minimum(away, 180 - away)
    votes = np.hypot(gx, gy)[..., None] * np.maximum(0, 1 - away / step)
    vector = votes.reshape(H // 4, 4, W // 4, 4, bins).sum(axis=(1, 3)).ravel()
    return vector / max(np.linalg.norm(vector), 1e-12)

# %% hog: its length is not 1
def hog(img, bins):
    H, W = img.shape
    padded = np.pad(img, 1, mode="edge")
    gx, gy = padded[1:-1, 2:] - padded[1:-1, :-2], padded[2:, 1:-1] - padded[:-2, 1:-1]
    theta, step = np.degrees(np.arctan2(gy, gx)) % 180, 180 / bins
    away = np.abs(theta[..., None] - step * np.arange(bins))
    away = np.minimum(away, 180 - away)
    votes = np.hypot(gx, gy)[..., None] * np.maximum(0, 1 - away / step)
    return votes.reshape(H // 4, 4, W // 4, 4, bins).sum(axis=(1, 3)).ravel()

# %% hog: holds nan
def hog(img, bins):
    H, W = img.shape
    padded = np.pad(img, 1, mode="edge")
    gx, gy = padded[1:-1, 2:] - padded[1:-1, :-2], padded[2:, 1:-1] - padded[:-2, 1:-1]
    theta, step = np.degrees(np.arctan2(gy, gx)) % 180, 180 / bins
    away = np.abs(theta[..., None] - step * np.arange(bins))
    away = np.minimum(away, 180 - away)
    votes = np.hypot(gx, gy)[..., None] * np.maximum(0, 1 - away / step)
    vector = votes.reshape(H // 4, 4, W // 4, 4, bins).sum(axis=(1, 3)).ravel()
    return vector / np.linalg.norm(vector)

# %% vgg_table: the biases are missing
def vgg_table(cfg, image=(3, 224, 224)):
    rows, shape = [], image
    for word in cfg:
        kind, _, size = word.partition("-")
        if kind == "Conv":
            count, shape = int(size) * 9 * shape[0], (int(size), *shape[1:])
        elif kind == "MaxPool":
            count, shape = 0, (shape[0], shape[1] // 2, shape[2] // 2)
        else:
            count, shape = int(np.prod(shape)) * int(size), (int(size),)
        rows.append((word, shape, count))
    return rows, sum(row[2] for row in rows)

# %% vgg_table: for every channel that comes in
def vgg_table(cfg, image=(3, 224, 224)):
    rows, shape = [], image
    for word in cfg:
        kind, _, size = word.partition("-")
        if kind == "Conv":
            count, shape = int(size) * 10, (int(size), *shape[1:])
        elif kind == "MaxPool":
            count, shape = 0, (shape[0], shape[1] // 2, shape[2] // 2)
        else:
            count, shape = (int(np.prod(shape)) + 1) * int(size), (int(size),)
        rows.append((word, shape, count))
    return rows, sum(row[2] for row in rows)

# %% vgg_table: padding 1 keeps height and width
def vgg_table(cfg, image=(3, 224, 224)):
    rows, shape = [], image
    for word in cfg:
        kind, _, size = word.partition("-")
        if kind == "Conv":
            count, shape = int(size) * (9 * shape[0] + 1), (int(size), shape[1] - 2, shape[2] - 2)
        elif kind == "MaxPool":
            count, shape = 0, (shape[0], shape[1] // 2, shape[2] // 2)
        else:
            count, shape = (int(np.prod(shape)) + 1) * int(size), (int(size),)
        rows.append((word, shape, count))
    return rows, sum(row[2] for row in rows)

# %% learns: has a bias, too
learns = 40_960

# %% learns: the new one has ten classes
learns = 4_097_000

# %% learns: that is the whole network
learns = 133_047_848

# %% advice: 20 images cannot teach all layers
advice = [("fine-tune", "many labels, same factors"), ("fine-tune", "many labels, same factors"), ("scratch", "other factors")]

# %% advice: wasted on a head alone
advice = [("freeze", "few labels, same factors"), ("freeze", "few labels, same factors"), ("scratch", "other factors")]

# %% advice: strokes of digits explain no spectrograms
advice = [("freeze", "few labels, same factors"), ("fine-tune", "many labels, same factors"),
          ("fine-tune", "many labels, same factors")]

# %% advice: a reason does not lead to its way
advice = [("freeze", "few labels, same factors"), ("scratch", "many labels, same factors"), ("scratch", "other factors")]

# %% advice: in the words of the task
advice = ["freeze", "fine-tune", "scratch"]

# %% found: start from a network that knows digits
found = 'start="He", frozen_layers=0, learning_rate=0.3'

# %% found: bends to the noise of twenty images
found = 'start="old network", frozen_layers=0, learning_rate=0.1'

# %% found: look at the learning rate
found = 'start="old network", frozen_layers=2, learning_rate=0.001'
