"""Cost against size: how the time and the memory of a training step grow with one quantity, all others fixed.

    python -m benchmarks sizes
"""
import statistics
import time
import tracemalloc

import numpy as np

# quantity: what grows, its values, and from where on the work (not Python) should dominate
SWEEPS = {
    "batch": ("examples in a batch; dense 64-128-128-10", [1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 1024], 256),
    "width": ("units in both hidden layers; batch 64", [16, 32, 64, 128, 256, 512, 1024], 256),
    "depth": ("hidden layers of 64 units; batch 64", [1, 2, 5, 10, 20, 50, 100], 10),
    "T": ("steps of an LSTM with 64 inputs and 64 units, all outputs read; batch 32", [10, 20, 50, 100, 200, 500, 1000], 50),
    "image": ("pixels along each side of an image; two convolutions as above, batch 16", [8, 16, 24, 32, 48, 64], 16),
}
LINEAR = ("batch", "depth", "T")
REPEATS, SECONDS = 9, 0.2


def arguments(quantity, value):
    """What the network of one point is: kind, sizes, and shape of the inputs."""
    if quantity == "batch":
        return "dense", [64, 128, 128, 10], (value, 64)
    if quantity == "width":
        return "dense", [64, value, value, 10], (64, 64)
    if quantity == "depth":
        return "dense", [64, *[64] * value, 10], (64, 64)
    if quantity == "T":
        return "lstm", [64, 64], (value, 32, 64)
    return "conv", [16, 32], (16, 1, value, value)


def course_lib(kind, sizes, X, y):
    """A forward pass and all that follows, as two functions: memory is looked at between them."""
    from course_lib import F, nn, optim
    rng = np.random.default_rng(0)
    if kind == "dense":
        model = nn.mlp(sizes, rng=rng)
        forward, parameters = model, model.parameters()
    elif kind == "conv":
        model = nn.cnn(X.shape[1:], sizes, 10, rng=rng)
        forward, parameters = model, model.parameters()
    else:
        body, head = nn.LSTM(*sizes, rng=rng), nn.Linear(sizes[-1], 10, rng=rng)
        parameters = body.parameters() + head.parameters()

        def forward(X):                              # every step counts: an error that vanishes over a thousand
            return head(body(X)[0].mean(0))           # steps ends in subnormal numbers, on which processors crawl
    optimizer = optim.SGD(parameters, lr=0.001)

    def rest(loss):
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return lambda: F.cross_entropy(forward(X), y), rest, sum(p.data.nbytes for p in parameters)


def torch(kind, sizes, X, y):
    import torch
    from torch import nn
    X, y = torch.from_numpy(X), torch.from_numpy(y)
    if kind == "dense":
        layers = [layer for a, b in zip(sizes[:-2], sizes[1:-1]) for layer in (nn.Linear(a, b), nn.ReLU())]
        forward = nn.Sequential(*layers, nn.Linear(*sizes[-2:]))
        parameters = list(forward.parameters())
    elif kind == "conv":
        forward = nn.Sequential(*[layer for a, b in zip([X.shape[1], *sizes], sizes) for layer in
                                  (nn.Conv2d(a, b, 3, padding="same"), nn.ReLU(), nn.MaxPool2d(2))],
                                nn.Flatten(), nn.Linear(sizes[-1] * (X.shape[2] // 4) ** 2, 10))
        parameters = list(forward.parameters())
    else:
        body, head = nn.LSTM(*sizes), nn.Linear(sizes[-1], 10)
        parameters = [*body.parameters(), *head.parameters()]

        def forward(X):
            return head(body(X)[0].mean(0))
    optimizer = torch.optim.SGD(parameters, lr=0.001)

    def rest(loss):
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return lambda: nn.functional.cross_entropy(forward(X), y), rest, 0


def seconds(forward, rest, repeats=REPEATS):
    """Median of repeats that last about 0.2 s each, or one step."""
    rest(forward())
    start = time.process_time()
    rest(forward())
    count = max(1, round(SECONDS / repeats / (time.process_time() - start)))
    times = []
    for _ in range(repeats):
        start = time.process_time()
        for _ in range(count):
            rest(forward())
        times.append((time.process_time() - start) / count)
    return statistics.median(times)


def memory(make):
    """(peak, kept) bytes of a step. Kept: parameters, their gradients, and what the tape holds after the forward pass."""
    tracemalloc.start()
    try:
        forward, rest, parameters = make()
        rest(forward())
        tracemalloc.reset_peak()
        loss = forward()                              # the gradients of the step before are still there
        kept = tracemalloc.get_traced_memory()[0]
        rest(loss)
        return tracemalloc.get_traced_memory()[1], kept
    finally:
        tracemalloc.stop()


def slope(x, y):
    """Exponent of the power law that fits best: of y = a x^s.

    >>> round(slope([1, 2, 4], [3.0, 12.0, 48.0]), 6)
    2.0
    """
    return float(np.polyfit(np.log(x), np.log(y), 1)[0])


def sweep(quantity, library, repeats=REPEATS, smallest=False):
    """One curve: values, seconds, and for course_lib peak and kept bytes; the slope where the work dominates."""
    _, values, dominates = SWEEPS[quantity]
    values = values[:2] if smallest else values
    points = {"values": values, "seconds": []}
    if library == "course_lib":
        points.update(peak=[], kept=[])
    for value in values:
        kind, sizes, shape = arguments(quantity, value)
        rng = np.random.default_rng(0)
        X = rng.standard_normal(shape, dtype=np.float32)
        y = rng.integers(0, 10, shape[1] if kind == "lstm" else shape[0])
        make = {"course_lib": course_lib, "torch": torch}[library]
        points["seconds"].append(seconds(*make(kind, sizes, X, y)[:2], repeats))
        if library == "course_lib":
            peak, kept = memory(lambda: make(kind, sizes, X, y))
            points["peak"].append(peak)
            points["kept"].append(kept)
    large = [k for k, value in enumerate(values) if value >= dominates]
    if len(large) > 1:
        points["slope"] = slope([values[k] for k in large], [points["seconds"][k] for k in large])
    return points
