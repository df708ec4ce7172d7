"""Every algorithm of the course, in NumPy: small enough to read, fast enough to use.

>>> import numpy as np
>>> from course_lib import Tensor
>>> w = Tensor(np.array([1.0, 2.0]), requires_grad=True)
>>> loss = (w * w).sum()
>>> loss.backward()
>>> w.grad
array([2., 4.])
"""
from . import functional as F
from . import init, nn, optim
from ._memory import keep_freed_memory
from .evaluation import accuracy
from .tensor import Tensor, no_grad
from .training import Diverged, fit

__all__ = ["Diverged", "F", "Tensor", "accuracy", "fit", "init", "nn", "no_grad", "optim"]
__version__ = "0.1.0"

keep_freed_memory()
