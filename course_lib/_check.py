"""One-line errors for wrong input: every public function calls these first.

Each check names the operation, the argument, what was expected and what came.
"""
import math

import numpy as np


def number(operation, *, above=None, at_least=None, below=None, at_most=None, **arguments):
    """Raise unless every argument is a finite real number within the given limits."""
    limits = [("greater than", above, float.__gt__), ("at least", at_least, float.__ge__),
              ("less than", below, float.__lt__), ("at most", at_most, float.__le__)]
    limits = [limit for limit in limits if limit[1] is not None]
    wanted = " and ".join(["a finite number", *(f"{word} {bound:g}" for word, bound, _ in limits)])
    if len(limits) == 2:
        wanted = (f"a number in {'[' if above is None else '('}{limits[0][1]:g}, {limits[1][1]:g}"
                  f"{']' if below is None else ')'}")
    for name, value in arguments.items():
        if isinstance(value, (bool, str)) or np.ndim(value) or not isinstance(value, (int, float, np.number)):
            raise TypeError(f"{operation}: {name} must be {wanted}, but is {_brief(value)}")
        value = float(value)
        if not math.isfinite(value) or not all(holds(value, float(bound)) for _, bound, holds in limits):
            raise ValueError(f"{operation}: {name} must be {wanted}, but is {value:g}")


def whole(operation, *, at_least, **arguments):
    """Raise unless every argument is a whole number of at least ``at_least``."""
    for name, value in arguments.items():
        if isinstance(value, (bool, np.bool_)) or not isinstance(value, (int, np.integer)):
            raise TypeError(f"{operation}: {name} must be a whole number, but is {_brief(value)}")
        if value < at_least:
            raise ValueError(f"{operation}: {name} must be at least {at_least}, but is {value}")


def array(operation, name, value, shape, *, finite=True):
    """Return ``value`` as an array of numbers of the given shape.

    ``shape`` is a tuple such as ``("N", 2)``: letters stand for any size of at least 1, ``...``
    (first only) for any number of axes.
    """
    try:
        value = np.asarray(value)
    except ValueError:
        raise ValueError(f"{operation}: {name} must have shape {_shape(shape)}, "
                         "but its rows differ in length") from None
    if value.dtype.kind not in "fiub":
        raise TypeError(f"{operation}: {name} must hold numbers, but has dtype {value.dtype}")
    open_start = shape[:1] == (...,)
    axes = shape[open_start:]
    sizes = value.shape[max(value.ndim - len(axes), 0):] if open_start else value.shape
    fits = len(sizes) == len(axes) and all(size == axis if isinstance(axis, int) else size > 0
                                           for size, axis in zip(sizes, axes))
    if not fits:
        raise ValueError(f"{operation}: {name} must have shape {_shape(shape)}, but is {value.shape}")
    if finite and value.dtype.kind == "f" and not np.isfinite(value).all():
        place = tuple(int(i) for i in np.argwhere(~np.isfinite(value))[0])
        raise ValueError(f"{operation}: {name} must be finite, but is {value[place]} at index {place}")
    return value


def labels(operation, name, value, count, *, classes=None):
    """Return ``value`` as ``count`` class labels, int64 from 0 (below ``classes`` if given)."""
    value = array(operation, name, value, (count,))
    top = "" if classes is None else f" to {classes - 1}"
    bad = (value != np.floor(value)) | (value < 0) | (value >= (np.inf if classes is None else classes))
    if bad.any():
        raise ValueError(f"{operation}: {name} must hold class numbers from 0{top}, "
                         f"but has {value[bad][0]:g}")
    return value.astype(np.int64)


def generator(operation, rng):
    """Raise unless ``rng`` is a NumPy random generator."""
    if not isinstance(rng, np.random.Generator):
        raise TypeError(f"{operation}: rng must be a numpy.random.Generator such as "
                        f"np.random.default_rng(0), but is {_brief(rng)}")


def choice(operation, name, value, names):
    """Raise unless ``value`` is one of ``names``."""
    if not any(value is option or (type(value) is type(option) and value == option) for option in names):
        raise ValueError(f"{operation}: {name} must be one of {', '.join(map(repr, names))}, "
                         f"but is {value!r}")


def _brief(value):
    return f"an array of shape {value.shape}" if getattr(value, "ndim", 0) else f"{value!r:.60}"


def _shape(shape):
    axes = ["..." if axis is ... else str(axis) for axis in shape]
    return f"({axes[0]},)" if len(axes) == 1 else f"({', '.join(axes)})"
