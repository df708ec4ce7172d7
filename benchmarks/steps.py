"""What is timed: for every row and library a function that returns one training step.

Both libraries get the same batch, the same architecture, loss and plain gradient descent. Weights are drawn
by each library in its own way: the time does not depend on them.
"""
import numpy as np


def batch(row, rng):
    """Inputs and labels of one row."""
    X = {"dense": (64, 64), "conv": (64, 1, 28, 28), "lstm": (50, 32, 64), "transformer": (64, 32, 64)}[row]
    N = X[1] if row in ("lstm", "transformer") else X[0]              # sequences are (T, N, D)
    return rng.standard_normal(X, dtype=np.float32), rng.integers(0, 10, N)


# -- course_lib ------------------------------------------------------------------------------------------

def course_lib(row, X, y):
    from course_lib import F, optim
    forward, parameters = _course_lib_model(row, np.random.default_rng(0))
    optimizer = optim.SGD(parameters, lr=0.01)

    def step():
        loss = F.cross_entropy(forward(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return step


def _course_lib_model(row, rng):
    from course_lib import nn
    if row == "dense":
        model = nn.mlp([64, 128, 128, 10], rng=rng)
        return model, model.parameters()
    if row == "conv":
        model = nn.cnn((1, 28, 28), [16, 32], 10, rng=rng)
        return model, model.parameters()
    head = nn.Linear(64, 10, rng=rng)
    if row == "lstm":
        body = nn.LSTM(64, 64, rng=rng)
        return lambda X: head(body(X)[0][-1]), body.parameters() + head.parameters()
    body = nn.TransformerEncoderLayer(64, 4, 256, dropout=0.0, rng=rng)
    return lambda X: head(body(X)[-1]), body.parameters() + head.parameters()


# -- torch -----------------------------------------------------------------------------------------------

def torch(row, X, y):
    import torch
    forward, parameters = _torch_model(row)
    optimizer = torch.optim.SGD(parameters, lr=0.01)
    X, y = torch.from_numpy(X), torch.from_numpy(y)

    def step():
        loss = torch.nn.functional.cross_entropy(forward(X), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return step


def torch_cells(row, X, y):
    """The LSTM written as torch's users write their own cells: a loop over the sequence."""
    import torch
    cell, head = torch.nn.LSTMCell(64, 64), torch.nn.Linear(64, 10)
    optimizer = torch.optim.SGD([*cell.parameters(), *head.parameters()], lr=0.01)
    X, y = torch.from_numpy(X), torch.from_numpy(y)

    def step():
        state = None
        for x in X:
            state = cell(x, state)
        loss = torch.nn.functional.cross_entropy(head(state[0]), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return step


def _torch_model(row):
    from torch import nn
    if row == "dense":
        model = nn.Sequential(nn.Linear(64, 128), nn.ReLU(), nn.Linear(128, 128), nn.ReLU(), nn.Linear(128, 10))
        return model, model.parameters()
    if row == "conv":
        model = nn.Sequential(nn.Conv2d(1, 16, 3, padding="same"), nn.ReLU(), nn.MaxPool2d(2),
                              nn.Conv2d(16, 32, 3, padding="same"), nn.ReLU(), nn.MaxPool2d(2),
                              nn.Flatten(), nn.Linear(32 * 7 * 7, 10))
        return model, model.parameters()
    head = nn.Linear(64, 10)
    if row == "lstm":
        body = nn.LSTM(64, 64)
        return lambda X: head(body(X)[0][-1]), [*body.parameters(), *head.parameters()]
    body = nn.TransformerEncoderLayer(64, 4, 256, dropout=0.0)
    return lambda X: head(body(X)[-1]), [*body.parameters(), *head.parameters()]
