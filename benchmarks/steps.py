"""What is timed: for every row and library a function that does one training step and returns the loss.

All libraries get the same batch and start from the same weights (PyTorch's layouts), so tests/test_benchmarks.py can
ask that they compute the same losses. `peers.py` has the steps of other NumPy libraries, `by_hand.py` those without any.
"""
import numpy as np

ROWS = {
    "dense_sgd": "dense 64-128-128-10, batch 64; gradient descent",
    "dense_adam": "dense 64-128-128-10, batch 64; Adam",
    "conv": "images 1 x 28 x 28; convolution 3 x 3 (16 maps), pooling, convolution 3 x 3 (32), pooling, dense; batch 64",
    "lstm": "LSTM over 50 steps, 64 inputs, 64 units; batch 32",
    "gru": "GRU over 50 steps, 64 inputs, 64 units; batch 32",
    "transformer": "Transformer encoder layer, length 64, width 64, 4 heads, 256 inside; batch 32",
}
LR, HEADS = 0.01, 4
T, N, D, H, INSIDE, CLASSES = 50, 32, 64, 64, 256, 10        # of the sequences


def shapes(row):
    """The parameters' shapes, in the order in which both torch and course_lib list them."""
    head = [(CLASSES, H), (CLASSES,)]
    if row.startswith("dense"):
        return [(128, 64), (128,), (128, 128), (128,), (CLASSES, 128), (CLASSES,)]
    if row == "conv":
        return [(16, 1, 3, 3), (16,), (32, 16, 3, 3), (32,), (CLASSES, 32 * 7 * 7), (CLASSES,)]
    if row in ("lstm", "gru"):
        gates = {"lstm": 4, "gru": 3}[row] * H
        return [(gates, D), (gates, H), (gates,), (gates,), *head]
    return [(3 * D, D), (3 * D,), (D, D), (D,), (INSIDE, D), (INSIDE,), (D, INSIDE), (D,), (D,), (D,), (D,), (D,), *head]


def weights(row, rng):
    """Where every library starts."""
    found = []
    for shape in shapes(row):
        scale = 0.1 if len(shape) == 1 else 1 / np.sqrt(np.prod(shape[1:]))
        found.append((scale * rng.uniform(-1, 1, shape)).astype(np.float32))
    if row == "transformer":
        found[8] += 1                                                # the normalizations' scales
        found[10] += 1
    return found


def batch(row, rng):
    """Inputs and labels of one row; sequences are (T, N, D)."""
    shape = {"conv": (64, 1, 28, 28), "lstm": (T, N, D), "gru": (T, N, D), "transformer": (64, N, D)}.get(row, (64, 64))
    count = shape[0] if len(shape) != 3 else shape[1]
    return rng.standard_normal(shape, dtype=np.float32), rng.integers(0, CLASSES, count)


def products(row):
    """Floating-point operations of the matrix products alone, in one step: what no library can avoid.

    A product forward, and one for each of the two gradients; the inputs' own gradient is not needed.
    """
    def chain(rows, *sizes, first=2):
        counts = [2 * rows * a * b for a, b in zip(sizes, sizes[1:])]
        return first * counts[0] + 3 * sum(counts[1:])
    if row.startswith("dense"):
        return chain(64, 64, 128, 128, CLASSES)
    if row == "conv":
        pixels = 64 * 28 * 28
        return 2 * 2 * pixels * 9 * 16 + 3 * (2 * pixels // 4 * 9 * 16 * 32 + 2 * 64 * 32 * 49 * CLASSES)
    head = 3 * 2 * N * H * CLASSES
    if row in ("lstm", "gru"):
        gates = {"lstm": 4, "gru": 3}[row] * H
        return 2 * T * N * gates * (2 * D + 3 * H) + head
    tokens = 64 * N
    dense = 2 * tokens * (2 * 3 * D * D + 3 * D * D + 3 * 2 * D * INSIDE)
    return dense + 3 * 2 * 2 * tokens * 64 * D + head


# -- course_lib ------------------------------------------------------------------------------------------

def course_lib(row, X, y, start):
    from course_lib import F, optim
    forward, parameters = _course_lib_model(row)
    for p, w in zip(parameters, start, strict=True):
        p.data[...] = w
    optimizer = optim.Adam(parameters, lr=LR) if row == "dense_adam" else optim.SGD(parameters, lr=LR)

    def step():
        loss = F.cross_entropy(forward(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss
    return step


def _course_lib_model(row):
    from course_lib import nn
    rng = np.random.default_rng(0)
    if row.startswith("dense"):
        model = nn.mlp([64, 128, 128, CLASSES], rng=rng)
        return model, model.parameters()
    if row == "conv":
        model = nn.cnn((1, 28, 28), [16, 32], CLASSES, rng=rng)
        return model, model.parameters()
    head = nn.Linear(H, CLASSES, rng=rng)
    if row == "lstm":
        body = nn.LSTM(D, H, rng=rng)
        return lambda X: head(body(X)[1][0][0]), body.parameters() + head.parameters()
    if row == "gru":
        body = nn.GRU(D, H, rng=rng)
        return lambda X: head(body(X)[1][0]), body.parameters() + head.parameters()
    body = nn.TransformerEncoderLayer(D, HEADS, INSIDE, dropout=0.0, rng=rng)
    return lambda X: head(body(X)[-1]), body.parameters() + head.parameters()


# -- torch -----------------------------------------------------------------------------------------------

def torch(row, X, y, start, *, channels_last=False, compiled=False):
    """Eager, with the layers of torch.nn."""
    import torch
    forward, parameters = _torch_model(row, channels_last)
    X, y = torch.from_numpy(X), torch.from_numpy(y)
    if channels_last:
        X = X.to(memory_format=torch.channels_last)
    return _torch_step(torch.compile(forward) if compiled else forward, parameters, X, y, start, row)


def torch_channels_last(row, X, y, start):
    return torch(row, X, y, start, channels_last=True)


def torch_compile(row, X, y, start):
    return torch(row, X, y, start, compiled=True)


def torch_cells(row, X, y, start):
    """The recurrent network as torch's users write one with cells of their own: a loop over the sequence."""
    import torch
    cell, head = (torch.nn.LSTMCell if row == "lstm" else torch.nn.GRUCell)(D, H), torch.nn.Linear(H, CLASSES)

    def forward(X):
        state = None
        for x in X:
            state = cell(x, state)
        return head(state[0] if row == "lstm" else state)
    parameters = [*cell.parameters(), *head.parameters()]
    return _torch_step(forward, parameters, torch.from_numpy(X), torch.from_numpy(y), start, row)


def _torch_step(forward, parameters, X, y, start, row):
    import torch
    parameters = list(parameters)
    with torch.no_grad():
        for p, w in zip(parameters, start, strict=True):
            p.copy_(torch.from_numpy(w))
    optimizer = (torch.optim.Adam if row == "dense_adam" else torch.optim.SGD)(parameters, lr=LR)

    def step():
        loss = torch.nn.functional.cross_entropy(forward(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        return loss
    return step


def _torch_model(row, channels_last=False):
    import torch
    from torch import nn
    if row.startswith("dense"):
        model = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, CLASSES))
        return model, model.parameters()
    if row == "conv":
        model = nn.Sequential(nn.Conv2d(1, 16, 3, padding="same"), nn.ReLU(), nn.MaxPool2d(2),
                              nn.Conv2d(16, 32, 3, padding="same"), nn.ReLU(), nn.MaxPool2d(2),
                              nn.Flatten(), nn.Linear(32 * 7 * 7, CLASSES))
        return model.to(memory_format=torch.channels_last) if channels_last else model, model.parameters()
    head = nn.Linear(H, CLASSES)
    if row == "lstm":
        body = nn.LSTM(D, H)
        return lambda X: head(body(X)[1][0][-1]), [*body.parameters(), *head.parameters()]
    if row == "gru":
        body = nn.GRU(D, H)
        return lambda X: head(body(X)[1][-1]), [*body.parameters(), *head.parameters()]
    body = nn.TransformerEncoderLayer(D, HEADS, INSIDE, dropout=0.0)
    return lambda X: head(body(X)[-1]), [*body.parameters(), *head.parameters()]
