"""Typical wrong answers to exercises 11, and words of the message that must name each mistake."""

# %% l2_step: the decay is not multiplied by the learning rate
def l2_step(w, g, lr, lam):
    return w - lr * g - lam * w

def l1_subgrad_step(w, g, lr, lam):
    return w - lr * (g + lam * np.sign(w))

def l1_prox_step(w, g, lr, lam):
    u = w - lr * g
    return np.sign(u) * np.maximum(np.abs(u) - lr * lam, 0)

# %% l2_step: the threshold is ηλ, not λ
def l2_step(w, g, lr, lam):
    return w - lr * (g + lam * w)

def l1_subgrad_step(w, g, lr, lam):
    return w - lr * (g + lam * np.sign(w))

def l1_prox_step(w, g, lr, lam):
    u = w - lr * g
    return np.sign(u) * np.maximum(np.abs(u) - lam, 0)

# %% l2_step: it must stop at 0, not jump over it
def l2_step(w, g, lr, lam):
    return w - lr * (g + lam * w)

def l1_subgrad_step(w, g, lr, lam):
    return w - lr * (g + lam * np.sign(w))

def l1_prox_step(w, g, lr, lam):
    u = w - lr * g
    return np.sign(u) * (np.abs(u) - lr * lam)

# %% l2_step: the data come first, then the threshold
def l2_step(w, g, lr, lam):
    return w - lr * (g + lam * w)

def l1_subgrad_step(w, g, lr, lam):
    return w - lr * (g + lam * np.sign(w))

def l1_prox_step(w, g, lr, lam):
    return np.sign(w) * np.maximum(np.abs(w) - lr * lam, 0) - lr * g

# %% EarlyStopper: of the arrays and not of the list alone
class EarlyStopper:
    def __init__(self, patience):
        self.patience, self.waited, self.best_loss, self.best_params = patience, 0, np.inf, None

    def update(self, loss, params):
        if loss < self.best_loss:
            self.best_loss, self.best_params, self.waited = loss, list(params), 0
        else:
            self.waited += 1
        return self.waited >= self.patience

# %% EarlyStopper: begin to count anew with each best
class EarlyStopper:
    def __init__(self, patience):
        self.patience, self.waited, self.best_loss, self.best_params = patience, 0, np.inf, None

    def update(self, loss, params):
        if loss < self.best_loss:
            self.best_loss, self.best_params = loss, [p.copy() for p in params]
        else:
            self.waited += 1
        return self.waited >= self.patience

# %% EarlyStopper: stop when the patience is reached, not when it is exceeded
class EarlyStopper:
    def __init__(self, patience):
        self.patience, self.waited, self.best_loss, self.best_params = patience, 0, np.inf, None

    def update(self, loss, params):
        if loss < self.best_loss:
            self.best_loss, self.best_params, self.waited = loss, [p.copy() for p in params], 0
        else:
            self.waited += 1
        return self.waited > self.patience

# %% EarlyStopper: an equal loss is no better
class EarlyStopper:
    def __init__(self, patience):
        self.patience, self.waited, self.best_loss, self.best_params = patience, 0, np.inf, None

    def update(self, loss, params):
        if loss > self.best_loss:
            self.waited += 1
        else:
            self.best_loss, self.best_params, self.waited = loss, [p.copy() for p in params], 0
        return self.waited >= self.patience

# %% augment_image: the new pixel u comes from u - t
def augment_image(img, shift, angle, zoom, flip):
    img = img[:, ::-1] if flip else img
    H, W = img.shape
    a, out, cy, cx = np.deg2rad(angle), np.zeros((H, W)), (H - 1) / 2, (W - 1) / 2
    A = np.linalg.inv(zoom * np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]]))
    framed = np.pad(img, 1)
    for r in range(H):
        for c in range(W):
            y, x = A @ [r - cy + shift[0], c - cx + shift[1]] + [cy, cx]
            y, x = np.clip(round(y, 9) + 1, 0, H + 1), np.clip(round(x, 9) + 1, 0, W + 1)
            i, j = min(int(y), H), min(int(x), W)
            p, q = y - i, x - j
            out[r, c] = ((1 - p) * ((1 - q) * framed[i, j] + q * framed[i, j + 1])
                         + p * ((1 - q) * framed[i + 1, j] + q * framed[i + 1, j + 1]))
    return out

# %% augment_image: it turned clockwise
def augment_image(img, shift, angle, zoom, flip):
    img = img[:, ::-1] if flip else img
    H, W = img.shape
    a, out, cy, cx = np.deg2rad(angle), np.zeros((H, W)), (H - 1) / 2, (W - 1) / 2
    A = np.linalg.inv(zoom * np.array([[np.cos(a), np.sin(a)], [-np.sin(a), np.cos(a)]]))
    framed = np.pad(img, 1)
    for r in range(H):
        for c in range(W):
            y, x = A @ [r - cy - shift[0], c - cx - shift[1]] + [cy, cx]
            y, x = np.clip(round(y, 9) + 1, 0, H + 1), np.clip(round(x, 9) + 1, 0, W + 1)
            i, j = min(int(y), H), min(int(x), W)
            p, q = y - i, x - j
            out[r, c] = ((1 - p) * ((1 - q) * framed[i, j] + q * framed[i, j + 1])
                         + p * ((1 - q) * framed[i + 1, j] + q * framed[i + 1, j + 1]))
    return out

# %% augment_image: it takes the nearest pixel instead of mixing
def augment_image(img, shift, angle, zoom, flip):
    img = img[:, ::-1] if flip else img
    H, W = img.shape
    a, out, cy, cx = np.deg2rad(angle), np.zeros((H, W)), (H - 1) / 2, (W - 1) / 2
    A = np.linalg.inv(zoom * np.array([[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]]))
    for r in range(H):
        for c in range(W):
            y, x = np.round(A @ [r - cy - shift[0], c - cx - shift[1]] + [cy, cx]).astype(int)
            if 0 <= y < H and 0 <= x < W:
                out[r, c] = img[y, x]
    return out

# %% augment_image: what leaves on one side comes in on the other
def augment_image(img, shift, angle, zoom, flip):
    img = img[:, ::-1] if flip else img
    return np.rot90(np.roll(img, shift, (0, 1)), int(angle) // 90)

# %% spec_augment: it is 0; use the mean of S
def spec_augment(S, F, T, rng):
    out = S.copy()
    f, t = rng.integers(0, F + 1), rng.integers(0, T + 1)
    i, j = rng.integers(0, len(S) - f + 1), rng.integers(0, S.shape[1] - t + 1)
    out[i:i + f] = 0
    out[:, j:j + t] = 0
    return out

# %% spec_augment: was changed: work on a copy
def spec_augment(S, F, T, rng):
    f, t = rng.integers(0, F + 1), rng.integers(0, T + 1)
    i, j = rng.integers(0, len(S) - f + 1), rng.integers(0, S.shape[1] - t + 1)
    mean = S.mean()
    S[i:i + f] = mean
    S[:, j:j + t] = mean
    return S

# %% spec_augment: F itself is allowed
def spec_augment(S, F, T, rng):
    out = S.copy()
    f, t = rng.integers(0, F), rng.integers(0, T)
    i, j = rng.integers(0, len(S) - f), rng.integers(0, S.shape[1] - t)
    out[i:i + f] = S.mean()
    out[:, j:j + t] = S.mean()
    return out

# %% spec_augment: from end to end, and no others
def spec_augment(S, F, T, rng):
    out = S.copy()
    f, t = rng.integers(0, F + 1), rng.integers(0, T + 1)
    i, j = rng.integers(0, len(S) - f + 1), rng.integers(0, S.shape[1] - t + 1)
    out[i:i + f, j:j + t] = S.mean()
    return out

# %% spec_augment: a band may reach the edge
def spec_augment(S, F, T, rng):
    out = S.copy()
    f, t = rng.integers(0, F + 1), rng.integers(0, T + 1)
    i, j = rng.integers(0, len(S) - F), rng.integers(0, S.shape[1] - T)
    out[i:i + f] = S.mean()
    out[:, j:j + t] = S.mean()
    return out

# %% label_safe: also if a pixel changes
def label_safe(transform, class_pair):
    return all((transform(img) == img).all() for img in class_pair)

# %% label_safe: ask about both classes
def label_safe(transform, class_pair):
    a, b = class_pair
    return ((transform(a) - a) ** 2).sum() < ((transform(a) - b) ** 2).sum()

# %% label_safe: it must notice that one sign becomes the other
def label_safe(transform, class_pair):
    return True

# %% label_safe: it must notice that one sign becomes the other
def label_safe(transform, class_pair):
    a, b = class_pair
    return ((transform(a) - a) ** 2).sum() > ((transform(a) - b) ** 2).sum()

# %% after_ten: a share is lost each time, not an amount
after_ten = 0.5

# %% after_ten: that is one step
after_ten = 0.95

# %% after_ten: the decay is ηλ, not λ
after_ten = 0.000977

# %% where_it_ends: in steps of ηλ
where_it_ends = ("subgradient", 0.2)

# %% where_it_ends: never gets to 0
where_it_ends = ("L2", 0.0)

# %% where_it_ends: where the data alone would have it
where_it_ends = ("proximal", 0.3)

# %% found: wrong labels are still learnt by heart
found = "penalty=0.0, dropout=0.0"

# %% found: too hard to learn at all
found = "penalty=0.3, dropout=0.5"

# %% found: cannot be used
found = "penalty=0.02, dropout=1.5"
