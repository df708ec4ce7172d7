"""Checks that say what is wrong. An assignment's cells import these; a student reads their messages.

    >>> import numpy as np
    >>> close([2.0, 4.0], [1.0, 2.0], "the gradient")
    Traceback (most recent call last):
    grader.checks.Wrong: the gradient has the right direction but is 2 times too large: mean or sum?
"""
import os
import zlib
from urllib.parse import unquote

import numpy as np


class Wrong(AssertionError):
    """A check that failed; Jupyter shows its sentence instead of a traceback."""

    def _render_traceback_(self):
        return [f"✗ {self}"]


def close(actual, expected, what="the result", *, rtol=1e-6, atol=1e-9, mistakes=None):
    """Pass if an answer returned the expected numbers; else raise `Wrong`, naming the likely mistake.

    Parameters
    ----------
    actual : object
        What the answer returned.
    expected : array_like
        The right numbers; their shape is part of the answer.
    what : str
        Starts the message: "the loss", "w after 3 steps".
    rtol, atol : float
        Relative and absolute room.
    mistakes : dict of str to array_like, optional
        The numbers that typical mistakes give; their names are told.

    Examples
    --------
    >>> close(0.25, 0.25)
    >>> close(4.0, 1.0, "the loss", mistakes={"it is the sum, not the mean": 4.0})
    Traceback (most recent call last):
    grader.checks.Wrong: the loss is wrong: it is the sum, not the mean
    >>> close([[1.0], [2.0]], [1.0, 2.0], "Z")
    Traceback (most recent call last):
    grader.checks.Wrong: Z has shape (2, 1), expected (2,)
    """
    expected = np.asarray(expected)
    actual = numbers(actual, what)
    same = actual.shape == expected.shape
    if same and _near(actual, expected, rtol, atol):
        return
    for name, value in (mistakes or {}).items():
        if np.shape(value) == actual.shape and _near(actual, np.asarray(value), rtol, atol):
            raise Wrong(f"{what} is wrong: {name}")
    if not same:
        turned = actual.ndim > 1 and actual.T.shape == expected.shape and _near(actual.T, expected, rtol, atol)
        raise Wrong(f"{what} has shape {actual.shape}, expected {expected.shape}" + (": it is transposed" if turned else ""))
    if np.isfinite(expected).all() and not np.isfinite(actual).all():
        raise Wrong(f"{what} holds {_first_unfinite(actual)}")
    raise Wrong(f"{what} {_difference(actual, expected, rtol, atol)}")


def equal(actual, expected, what="the result", *, mistakes=None):
    """Pass if an answer returned exactly this: whole numbers, text, a list, a truth value.

    Examples
    --------
    >>> equal("relu", "relu")
    >>> equal([1, 2], [2, 1], "the order")
    Traceback (most recent call last):
    grader.checks.Wrong: the order is [1, 2], expected [2, 1]
    """
    got, wanted = plain(actual), plain(expected)
    if type(got) is type(wanted) and got == wanted or (_is_number(got) and _is_number(wanted) and got == wanted):
        return
    for name, value in (mistakes or {}).items():
        if plain(value) == got:
            raise Wrong(f"{what} is wrong: {name}")
    if actual is None:
        raise Wrong(f"{what} is None: is a `return` missing?")
    raise Wrong(f"{what} is {_brief(actual)}, expected {_brief(expected)}")


def raises(kind, function, *args, what="the call", says=None, **kwargs):
    """Pass if a call raises this kind of exception, with these words in its message.

    Examples
    --------
    >>> raises(ZeroDivisionError, lambda x: 1 / x, 0)
    >>> raises(ValueError, abs, -1, what="a negative number")
    Traceback (most recent call last):
    grader.checks.Wrong: a negative number must raise ValueError, but returned 1
    """
    try:
        result = function(*args, **kwargs)
    except kind as error:
        if says and says.lower() not in str(error).lower():
            raise Wrong(f"{what} raises {kind.__name__}, but its message does not name {says!r}: {error}") from None
        return
    except NotImplementedError:
        raise
    except Exception as error:
        raise Wrong(f"{what} must raise {kind.__name__}, but raised {type(error).__name__}: {error}") from None
    raise Wrong(f"{what} must raise {kind.__name__}, but returned {_brief(result)}")


def number(actual, what="the result", *, low=-np.inf, high=np.inf, hint=""):
    """Pass if an answer is one number between two bounds; return it as a float.

    Examples
    --------
    >>> number(0.97, "the accuracy", low=0.9)
    0.97
    >>> number(1.2, "the accuracy", high=1)
    Traceback (most recent call last):
    grader.checks.Wrong: the accuracy is 1.2, expected at most 1
    """
    value = numbers(actual, what)
    if value.shape != ():
        raise Wrong(f"{what} has shape {value.shape}, expected one number")
    value = float(value)
    if not low <= value <= high:
        wanted = " and ".join(f"{word} {bound:g}" for word, bound in (("at least", low), ("at most", high))
                              if np.isfinite(bound))
        wanted = f"{low:g}" if low == high else wanted
        raise Wrong(f"{what} is {value:.4g}, expected {wanted}" + (f": {hint}" if hint else ""))
    return value


def unchanged(after, before, what="the argument"):
    """Pass if a function left an array as it was.

    Examples
    --------
    >>> unchanged([1, 3], [1, 2], "x")
    Traceback (most recent call last):
    grader.checks.Wrong: x was changed: work on a copy
    """
    if not np.array_equal(np.asarray(after), np.asarray(before), equal_nan=True):
        raise Wrong(f"{what} was changed: work on a copy")


def numbers(actual, what="the result"):
    """What an answer returned, as an array of numbers; else raise `Wrong`.

    Examples
    --------
    >>> numbers(None, "the loss")
    Traceback (most recent call last):
    grader.checks.Wrong: the loss is None: is a `return` missing?
    """
    if actual is None:
        raise Wrong(f"{what} is None: is a `return` missing?")
    data = plain(actual)
    if data is not Ellipsis:
        try:
            array = np.asarray(actual if type(actual) is np.ndarray else data)
        except ValueError:
            raise Wrong(f"{what} has rows of different length") from None
        if array.dtype.kind in "biufc":
            return array
    raise Wrong(f"{what} is {_brief(actual)}, expected numbers")


def plain(value):
    """A value of Python's and NumPy's own types as nested lists; ``...`` for anything that is more than data."""
    if type(value) is np.ndarray or isinstance(value, np.generic):
        return value.tolist() if value.dtype.kind != "O" else ...
    if type(value) in (list, tuple):
        items = [plain(item) for item in value]
        return ... if ... in items else items
    if type(value) is dict:
        items = {key: plain(item) for key, item in value.items()}
        return ... if ... in items.values() else items
    own = type(value).__module__ in ("builtins", "fractions") and not callable(value)
    return value if own else ...


def setting(answer, controls, what="the setting"):
    """The setting of an explorer that a student pasted, as keywords for its run.

    Parameters
    ----------
    answer : str or dict
        A link (*Copy link* on the website), the text of *Copy settings* in a notebook, or a dictionary.
    controls : dict
        The explorer's controls, as its call has them; numbers between two values of a slider are fine.

    Examples
    --------
    >>> controls = {"learning rate": [0.01, 0.1, 1.0], "init": ["zeros", "He"]}
    >>> setting("https://…/06.html#race:learning-rate=0.1;init=He", controls)
    {'learning_rate': 0.1, 'init': 'He'}
    >>> setting('learning_rate=0.3, init="zeros"', controls)
    {'learning_rate': 0.3, 'init': 'zeros'}
    >>> setting({"learning rate": 5, "init": "He"}, controls)
    Traceback (most recent call last):
    grader.checks.Wrong: the setting cannot be used: learning rate must be between 0.01 and 1, but is 5
    """
    from course_lib.explorer.controls import Control
    from course_lib.explorer.explorer import slug

    def short(text):                                # of a control or a value, as the address or as Python writes it
        return slug(str(text).replace("_", " "))

    if isinstance(answer, str):
        listed = answer.rpartition("#")[2].partition(":")[2].split(";") if "#" in answer else answer.split(",")
        pairs = [part.partition("=") for part in listed if part.strip()]
        answer = {unquote(key).strip(): unquote(value).strip(" '\"") for key, _, value in pairs}
    if not isinstance(answer, dict):
        raise Wrong(f"{what} is {_brief(answer)}, expected a copied link or a dictionary")
    given, found = {short(key): value for key, value in answer.items()}, {}
    for control in (Control.of(name, values) for name, values in controls.items()):
        if short(control.name) not in given:
            raise Wrong(f"{what} does not say the {control.name}")
        value = given.pop(short(control.name))
        if isinstance(value, str) and control.kind == "slider":
            try:
                value = float(value)
            except ValueError:
                raise Wrong(f"{what} cannot be used: {control.name} must be a number, but is {value!r}") from None
        if isinstance(value, str):
            value = next((known for known in control.values if short(known) == short(value)), value)
        try:
            found[control.argument] = control.accept(value, off_grid=True)
        except ValueError as error:
            raise Wrong(f"{what} cannot be used: {error}") from None
    if given:
        raise Wrong(f"{what} names {', '.join(given)}, which this explorer does not have")
    return found


def variant():
    """The class whose hidden numbers are drawn: the environment's ``COURSE_VARIANT``, a whole number, or 0."""
    text = os.environ.get("COURSE_VARIANT", "0")
    if not text.isdecimal():
        raise ValueError(f"COURSE_VARIANT must be a whole number from 0, but is {text!r}")
    return int(text)


def draw(name, of=None):
    """The random numbers of a hidden test: others for each class, the same for every student of a class.

    The class is `variant`, or the one given as ``of``.

    Examples
    --------
    >>> bool(draw("softmax", 1).integers(10**9) == draw("softmax", 1).integers(10**9))
    True
    >>> bool(draw("softmax", 1).integers(10**9) == draw("softmax", 2).integers(10**9))
    False
    """
    return np.random.default_rng([variant() if of is None else of, zlib.crc32(name.encode())])


def _near(actual, expected, rtol, atol):
    return np.allclose(actual, expected, rtol=rtol, atol=atol, equal_nan=True)


def _difference(actual, expected, rtol, atol):
    """How two arrays of one shape differ: a factor, a constant, the order, or where first."""
    a, e = actual.ravel().astype(complex if "c" in actual.dtype.kind + expected.dtype.kind else float), expected.ravel()
    if a.size and np.abs(e).max() > 0:
        factor = (np.vdot(e, a) / np.vdot(e, e)).real
        if abs(factor) > 1e-12 and _near(a, factor * e, rtol, atol):
            if np.isclose(factor, -1):
                return "has the wrong sign"
            if a.size > 1:
                times, size = (factor, "large") if abs(factor) > 1 else (1 / factor, "small")
                guess = "mean or sum" if any(np.isclose(times, n) for n in (*actual.shape, a.size)) else "is a factor missing"
                return f"has the right direction but is {times:.4g} times too {size}: {guess}?"
    if a.size > 1 and _near(a - a[0] + e[0], e, rtol, atol):
        return f"is off by {_brief(a[0] - e[0])} everywhere"
    if actual.ndim == 2 and actual.shape[0] == actual.shape[1] and _near(actual.T, expected, rtol, atol):
        return "is transposed"
    if actual.ndim and len(actual) > 1 and _near(actual[::-1], expected, rtol, atol):
        return "is in reverse order"
    if actual.ndim == 0:
        return f"is {_brief(actual)}, expected {_brief(expected)}"
    wrong = ~np.isclose(actual, expected, rtol=rtol, atol=atol, equal_nan=True)
    place = tuple(int(i) for i in np.argwhere(wrong)[0])
    return (f"is wrong at {list(place)}: {_brief(actual[place])}, expected {_brief(expected[place])} "
            f"({wrong.sum()} of {wrong.size} numbers are wrong)")


def _first_unfinite(array):
    place = tuple(int(i) for i in np.argwhere(~np.isfinite(array))[0])
    return f"{array[place]}" + (f" at {list(place)}" if place else "")


def _is_number(value):
    return isinstance(value, (int, float)) and not isinstance(value, bool)


def _brief(value):
    if isinstance(value, np.generic) or (isinstance(value, np.ndarray) and value.ndim == 0):
        value = value.item()
    if isinstance(value, (float, complex)):
        return f"{value:.4g}"
    text = np.array2string(value, precision=4, threshold=8) if isinstance(value, np.ndarray) else repr(value)
    return text if len(text) <= 80 else text[:77] + "…"
