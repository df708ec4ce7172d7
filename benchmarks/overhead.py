"""What an operation costs when there is nothing to compute: a chain of additions of single numbers, and back."""
import statistics
import time

import numpy as np

LENGTH, REPEATS = 1000, 15
ONE = np.ones(1, np.float32)


def course_lib():
    from course_lib import Tensor

    def forward():
        x = first = Tensor(ONE, requires_grad=True)
        for _ in range(LENGTH):
            x = x + first
        return x
    return forward, lambda x: x.backward()


def torch():
    import torch
    one = torch.ones(1, requires_grad=True)

    def forward():
        x = one
        for _ in range(LENGTH):
            x = x + one
        return x
    return forward, lambda x: x.backward()


def autograd():
    """It records and walks back in one call: all time counts as forward and backward together."""
    from autograd import grad

    def chain(first):
        x = first
        for _ in range(LENGTH):
            x = x + first
        return x[0]
    gradient = grad(chain)
    return lambda: None, lambda _: gradient(ONE)


def mygrad():
    import mygrad

    def forward():
        x = first = mygrad.tensor(ONE)
        for _ in range(LENGTH):
            x = x + first
        return x
    return forward, lambda x: x.backward()


def numpy():
    """The additions alone, nothing recorded."""
    def forward():
        x = ONE
        for _ in range(LENGTH):
            x = x + ONE
        return x
    return forward, lambda x: None


LIBRARIES = {"course_lib": course_lib, "torch": torch, "autograd": autograd, "mygrad": mygrad, "numpy": numpy}


def measure(library):
    """Seconds per operation, forward and backward, medians."""
    forward, backward = LIBRARIES[library]()
    there, back = [], []
    for _ in range(REPEATS):
        start = time.process_time()
        x = forward()
        middle = time.process_time()
        backward(x)
        back.append((time.process_time() - middle) / LENGTH)
        there.append((middle - start) / LENGTH)
    return {"forward": statistics.median(there), "backward": statistics.median(back),
            "both": statistics.median([a + b for a, b in zip(there, back)])}
