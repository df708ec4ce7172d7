"""Typical wrong answers to exercises 18, and words of the message that must name each mistake."""

# %% lime_explain: return the coefficients alone
def lime_explain(f, x, n, sigma, kernel, rng):
    Z = x + sigma * rng.standard_normal((n, len(x)))
    root = np.sqrt(np.exp(-((Z - x) ** 2).sum(axis=1) / kernel ** 2))
    A = np.column_stack([Z, np.ones(n)])
    return np.linalg.lstsq(root[:, None] * A, root * f(Z), rcond=None)[0]

# %% lime_explain: all copies count alike
def lime_explain(f, x, n, sigma, kernel, rng):
    Z = x + sigma * rng.standard_normal((n, len(x)))
    A = np.column_stack([Z, np.ones(n)])
    return np.linalg.lstsq(A, f(Z), rcond=None)[0][:-1]

# %% lime_explain: multiply by its root
def lime_explain(f, x, n, sigma, kernel, rng):
    Z = x + sigma * rng.standard_normal((n, len(x)))
    weights = np.exp(-((Z - x) ** 2).sum(axis=1) / kernel ** 2)
    A = np.column_stack([Z, np.ones(n)])
    return np.linalg.lstsq(weights[:, None] * A, weights * f(Z), rcond=None)[0][:-1]

# %% lime_explain: the explanation of a linear box is wrong
def lime_explain(f, x, n, sigma, kernel, rng):
    Z = x + sigma * rng.standard_normal((n, len(x)))
    root = np.sqrt(np.exp(-((Z - x) ** 2).sum(axis=1) / kernel ** 2))
    return np.linalg.lstsq(root[:, None] * Z, root * f(Z), rcond=None)[0]

# %% saliency: take the absolute value
def saliency(net, x, k):
    h, on = x, []
    for W, b in net[:-1]:
        on.append(W @ h + b > 0)
        h = np.maximum(W @ h + b, 0)
    d = net[-1][0][k]
    for (W, b), mask in zip(net[-2::-1], on[::-1]):
        d = (d * mask) @ W
    return d

# %% saliency: the ReLUs are missing on the way back
def saliency(net, x, k):
    d = net[-1][0][k]
    for W, b in net[-2::-1]:
        d = d @ W
    return np.abs(d)

# %% saliency: product of slope and input
def saliency(net, x, k):
    h, on = x, []
    for W, b in net[:-1]:
        on.append(W @ h + b > 0)
        h = np.maximum(W @ h + b, 0)
    d = net[-1][0][k]
    for (W, b), mask in zip(net[-2::-1], on[::-1]):
        d = (d * mask) @ W
    return np.abs(d * x)

# %% saliency: return what is lost
def saliency(net, x, k):
    h, on = x, []
    for W, b in net[:-1]:
        on.append(W @ h + b > 0)
        h = np.maximum(W @ h + b, 0)
    d = net[-1][0][k]
    for (W, b), mask in zip(net[-2::-1], on[::-1]):
        d = (d * mask) @ W
    return np.abs(d)

def occlusion(net, image, k, patch):
    out = np.zeros((len(image) // patch, len(image[0]) // patch))
    for r in range(len(out)):
        for c in range(len(out[0])):
            h = image.copy()
            h[r * patch:(r + 1) * patch, c * patch:(c + 1) * patch] = 0
            h = h.ravel()
            for W, b in net[:-1]:
                h = np.maximum(W @ h + b, 0)
            out[r, c] = net[-1][0][k] @ h + net[-1][1][k]
    return out

# %% saliency: the image was changed
def saliency(net, x, k):
    h, on = x, []
    for W, b in net[:-1]:
        on.append(W @ h + b > 0)
        h = np.maximum(W @ h + b, 0)
    d = net[-1][0][k]
    for (W, b), mask in zip(net[-2::-1], on[::-1]):
        d = (d * mask) @ W
    return np.abs(d)

def occlusion(net, image, k, patch):
    def score(x):
        h = x.ravel()
        for W, b in net[:-1]:
            h = np.maximum(W @ h + b, 0)
        return net[-1][0][k] @ h + net[-1][1][k]
    whole = score(image)
    out = np.zeros((len(image) // patch, len(image[0]) // patch))
    for r in range(len(out)):
        for c in range(len(out[0])):
            tile = image[r * patch:(r + 1) * patch, c * patch:(c + 1) * patch]
            kept = tile.copy()
            tile[:] = 0
            out[r, c] = whole - score(image)
            tile[:] = kept
    image[0, 0] = 0
    return out

# %% maximise_activation: it went down
def maximise_activation(net, unit, start, steps, lr, constraint):
    x, scores = start.copy(), []
    for step in range(steps + 1):
        h, on = x, []
        for W, b in net[:-1]:
            on.append(W @ h + b > 0)
            h = np.maximum(W @ h + b, 0)
        scores.append(net[-1][0][unit] @ h + net[-1][1][unit])
        d = net[-1][0][unit]
        for (W, b), mask in zip(net[-2::-1], on[::-1]):
            d = (d * mask) @ W
        if step < steps:
            x = x - lr * d
            x = x / max(1, np.linalg.norm(x)) if constraint == "ball" else np.clip(x, 0, 1)
    return x, scores

# %% maximise_activation: it left the ball
def maximise_activation(net, unit, start, steps, lr, constraint):
    x, scores = start.copy(), []
    for step in range(steps + 1):
        h, on = x, []
        for W, b in net[:-1]:
            on.append(W @ h + b > 0)
            h = np.maximum(W @ h + b, 0)
        scores.append(net[-1][0][unit] @ h + net[-1][1][unit])
        d = net[-1][0][unit]
        for (W, b), mask in zip(net[-2::-1], on[::-1]):
            d = (d * mask) @ W
        if step < steps:
            x = x + lr * d
    return x, scores

# %% maximise_activation: the start was changed
def maximise_activation(net, unit, start, steps, lr, constraint):
    if constraint not in ("ball", "box"):
        raise ValueError
    x, scores = start, []
    for step in range(steps + 1):
        h, on = x, []
        for W, b in net[:-1]:
            on.append(W @ h + b > 0)
            h = np.maximum(W @ h + b, 0)
        scores.append(net[-1][0][unit] @ h + net[-1][1][unit])
        d = net[-1][0][unit]
        for (W, b), mask in zip(net[-2::-1], on[::-1]):
            d = (d * mask) @ W
        if step < steps:
            x += lr * d
            x[:] = x / max(1, np.linalg.norm(x)) if constraint == "ball" else np.clip(x, 0, 1)
    return x.copy(), scores

# %% subgroup_audit: a small group would count as much
def subgroup_audit(pred, y, groups):
    if not len(pred):
        raise ValueError
    right, groups = np.array(pred) == np.array(y), np.array(groups)
    found = {g: right[groups == g].mean() for g in np.unique(groups).tolist()}
    return np.mean(list(found.values())), found

# %% subgroup_audit: divided by all examples
def subgroup_audit(pred, y, groups):
    if not len(pred):
        raise ValueError
    right, groups = np.array(pred) == np.array(y), np.array(groups)
    return right.mean(), {g: (right & (groups == g)).mean() for g in np.unique(groups).tolist()}

# %% subgroup_audit: must raise ValueError
def subgroup_audit(pred, y, groups):
    right, groups = np.array(pred) == np.array(y), np.array(groups)
    return right.mean() if len(right) else 0.0, {g: right[groups == g].mean() for g in np.unique(groups).tolist()}

# %% membership_auc: it is turned round
def membership_auc(loss_in, loss_out):
    a, b = np.array(loss_in)[:, None], np.array(loss_out)
    return (a > b).mean() + 0.5 * (a == b).mean()

# %% membership_auc: a tie counts half, not nothing
def membership_auc(loss_in, loss_out):
    return (np.array(loss_in)[:, None] < np.array(loss_out)).mean()

# %% membership_auc: it counts the pairs
def membership_auc(loss_in, loss_out):
    return sum((a < b) + 0.5 * (a == b) for a in loss_in for b in loss_out)

# %% hidden_failure: the digit that it fails
hidden_failure = (8, 0.9)

# %% hidden_failure: not a percentage
hidden_failure = (3, 57)

# %% hidden_failure: must be a pair
hidden_failure = 3

# %% found: AUC with your setting
found = "dropout=0, weight_decay=0, epochs=60"

# %% found: the test accuracy
found = "dropout=0.7, weight_decay=0, epochs=5"

# %% found: does not say the epochs
found = "dropout=0.5, weight_decay=1"
