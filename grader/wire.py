"""What may pass between the examiner and the answers: plain data, and calls.

The tests run in one process, the student's answers in another, and this is the only door between them. Numbers,
strings, arrays and containers pass as copies; everything else (a function, an object) stays at home and is reached
through a `Remote` that asks for it. So an answer cannot bring its own ``==``, its own ``assert`` or its own NumPy to
the test, however it was written: what arrives was built on this side, from data.

Copies behave as if there were one process. An array, list, dictionary or generator of random numbers keeps one
*twin* on the other side: passed twice, it is the same object there; changed there, it is changed here when the call
returns.

This file imports nothing of the course: it also runs inside the sandbox.
"""
import builtins
import io
import itertools
import operator
import os
import pickle
import select
import struct
from fractions import Fraction

import numpy as np

PLAIN = (type(None), bool, int, float, complex, str, bytes)
DTYPES = "biufcU"                   # kinds of arrays that pass: numbers, truth values, text
LARGEST = 256 * 2 ** 20             # bytes of one message
OPERATIONS = {name: getattr(operator, name) for name in (
    "add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul", "neg", "pos", "abs", "getitem", "setitem",
    "lt", "le", "gt", "ge")}
OPERATIONS |= {
    "call": lambda f, *args, **kwargs: f(*args, **kwargs), "getattr": getattr, "setattr": setattr,
    "len": len, "iter": iter, "next": next,
}


class Broken(BaseException):
    """The line is of no more use. No ``except Exception`` of a check may take this for an answer's error."""


class Closed(Broken):
    """The other side is gone: its process ended."""


class TimeLimit(Broken):
    """The other side did not answer in time."""


class Unreadable(Broken):
    """The other side sent something that is no message."""


class Raised(Exception):
    """The other side raised an exception that is not one of Python's own."""


class Remote:
    """An object of the other side: a function can be called, an attribute read, operators work; it equals only itself.

    What comes back from it is plain data or another `Remote`.
    """

    def __init__(self, line, handle, kind, name):
        self.__dict__.update(_line=line, _handle=handle, _kind=kind, _name=name)

    def __repr__(self):
        return f"<{self._kind} {self._name}>" if self._name != self._kind else f"<a {self._kind}>"

    def __getattr__(self, name):
        if name.startswith("_") and name != "__name__":
            raise AttributeError(name)              # NumPy and copy ask for protocols: they shall not cross
        return self._name if name == "__name__" else self._line.ask("getattr", self, name)

    def __setattr__(self, name, value):
        self._line.ask("setattr", self, name, value)

    def __call__(self, *args, **kwargs):
        return self._line.ask("call", self, *args, **kwargs)

    def __iter__(self):
        return self._line.ask("iter", self)

    def __next__(self):
        return self._line.ask("next", self)

    def __len__(self):
        return self._line.ask("len", self)

    __array_ufunc__ = None                          # array + remote asks the remote


def _forward(name, mirrored=False):
    def method(self, *others):
        return self._line.ask(name, *((*others, self) if mirrored else (self, *others)))
    return method


for _name in ("add", "sub", "mul", "truediv", "floordiv", "mod", "pow", "matmul"):
    setattr(Remote, f"__{_name}__", _forward(_name))
    setattr(Remote, f"__r{_name}__", _forward(_name, mirrored=True))
for _name in ("neg", "pos", "abs", "getitem", "setitem", "lt", "le", "gt", "ge"):
    setattr(Remote, f"__{_name}__", _forward(_name))


class Line:
    """One end of the connection.

    Parameters
    ----------
    reading, writing : int
        File descriptors of two pipes.
    trusting : bool
        Whether the other side may do more here than call the functions it was given. Only the sandbox trusts.
    """

    def __init__(self, reading, writing, trusting=False):
        self.reading, self.writing, self.trusting = reading, writing, trusting
        self.over = lambda: False                   # whether the other side has had its time
        self.side = "sandbox" if trusting else "examiner"
        self.asked = 0
        self.notes = []                             # what the other side reported besides its answers
        self.objects, self.handles, self.remotes = {}, {}, {}
        self.twins, self.keys, self.numbers = {}, {}, itertools.count()

    # -- messages ------------------------------------------------------------------------------------------

    def ask(self, operation, *args, **kwargs):
        """Let the other side do something; its result, or its exception."""
        self.asked += 1
        if self.asked % 256 == 0 and self.over():   # ever more answers, each in time, are no answer
            raise TimeLimit()
        self.send(("ask", operation, self.pack(args), self.pack(kwargs), np.geterr()))
        while True:
            message = self.receive()
            kind = message[0]
            if kind == "ask":
                self.serve(message)
            elif kind == "note":
                self.notes.append(message[1:])
            elif kind == "reply":
                for changed in message[2]:
                    self.unpack(changed)
                return self.unpack(message[1])
            elif kind == "raise":
                raise self.exception(*message[1:])
            else:
                raise Unreadable(f"a message of kind {kind!r}")

    def serve(self, message):
        """Do what the other side asked for, and answer."""
        _, operation, args, kwargs, errors = message
        received = {}
        try:
            args, kwargs = self.unpack(args, received), self.unpack(kwargs, received)
            if not self.trusting and not (operation == "call" and callable(args[0]) and id(args[0]) in self.handles):
                raise TypeError(f"{operation} is not possible here")
            with np.errstate(**errors):
                result = OPERATIONS[operation](*args, **kwargs)
            changed = [self.pack(value) for value in received.values()] if self.trusting else []
            self.send(("reply", self.pack(result), changed))
        except Broken:
            raise
        except BaseException as error:              # SystemExit and KeyboardInterrupt of an answer are answers, too
            self.send(("raise", *describe(error)))

    def send(self, message):
        data = pickle.dumps(message, protocol=5)
        data = memoryview(struct.pack("<Q", len(data)) + data)
        try:
            while data:
                self._wait(self.writing, for_writing=True)
                data = data[os.write(self.writing, data[:65536]):]
        except (BrokenPipeError, OSError) as error:
            raise Closed(str(error)) from None

    def receive(self):
        size, = struct.unpack("<Q", self._read(8))
        if size > LARGEST:
            raise Unreadable(f"a message of {size:,} bytes; {LARGEST:,} are allowed")
        try:
            message = _Unpickler(io.BytesIO(self._read(size))).load()
        except Exception as error:                  # bytes from a process that nobody trusts can fail in any way
            raise Unreadable(f"{type(error).__name__}: {error}") from None
        if not (isinstance(message, tuple) and message):
            raise Unreadable("not a message")
        return message

    def _read(self, size):
        parts = bytearray()
        while len(parts) < size:
            self._wait(self.reading)
            part = os.read(self.reading, min(size - len(parts), 1 << 20))
            if not part:
                raise Closed("its process ended")
            parts += part
        return bytes(parts)

    def _wait(self, descriptor, for_writing=False):
        wanted = ([], [descriptor], []) if for_writing else ([descriptor], [], [])
        while not any(select.select(*wanted, 0.1)):
            if self.over():
                raise TimeLimit()

    # -- values --------------------------------------------------------------------------------------------

    def pack(self, value):
        """A value as a tree of plain data."""
        if type(value) in PLAIN:
            return value
        if isinstance(value, np.generic) and value.dtype.kind in DTYPES:
            return ("scalar", value.dtype.str, value.tobytes())
        if type(value) is tuple:
            return ("tuple", [self.pack(item) for item in value])
        if isinstance(value, tuple):                # a named tuple
            return ("tuple", [self.pack(item) for item in tuple(value)])
        if type(value) is Fraction:
            return ("fraction", value.numerator, value.denominator)
        if type(value) in (set, frozenset):
            return ("set", [self.pack(item) for item in value])
        if isinstance(value, np.ndarray) and value.dtype.kind in DTYPES:
            array = np.ascontiguousarray(np.asarray(value))
            return ("array", self._key(value), value.dtype.str, value.shape, array.tobytes())
        if isinstance(value, list):
            return ("list", self._key(value), [self.pack(item) for item in value])
        if isinstance(value, dict):
            return ("dict", self._key(value), [(self.pack(k), self.pack(v)) for k, v in value.items()])
        if type(value) is np.random.Generator and type(value.bit_generator) is np.random.PCG64:
            return ("generator", self._key(value), value.bit_generator.state)
        if isinstance(value, Remote):
            return ("yours", value._handle)
        return ("mine", *self._handle(value))

    def unpack(self, tree, received=None):
        """The value of a tree; changeable ones are noted in `received`, by key."""
        if type(tree) in PLAIN:
            return tree
        kind, *rest = tree
        if kind == "scalar":
            return np.frombuffer(rest[1], np.dtype(rest[0]))[0]
        if kind == "tuple":
            return tuple(self.unpack(item, received) for item in rest[0])
        if kind == "fraction":
            return Fraction(*rest)
        if kind == "set":
            return {self.unpack(item, received) for item in rest[0]}
        if kind == "yours":
            return self.objects[rest[0]]
        if kind == "mine":
            handle = rest[0]
            return self.remotes.setdefault(handle, Remote(self, *rest))
        key, *content = rest
        value = self._twin(key, *getattr(self, f"_unpack_{kind}")(*content, received))
        if received is not None:
            received[key] = value
        return value

    def _unpack_array(self, dtype, shape, data, received):
        fresh = np.frombuffer(data, np.dtype(dtype)).reshape(shape).copy()

        def update(old):
            fits = isinstance(old, np.ndarray) and (old.dtype, old.shape) == (fresh.dtype, fresh.shape)
            if fits and old.tobytes() != data:
                old[...] = fresh
            return fits
        return fresh, update

    def _unpack_list(self, items, received):
        fresh = [self.unpack(item, received) for item in items]

        def update(old):
            old[:] = fresh
            return True
        return fresh, update

    def _unpack_dict(self, items, received):
        fresh = {self.unpack(key, received): self.unpack(value, received) for key, value in items}

        def update(old):
            if list(old) != list(fresh) or any(old[key] is not fresh[key] for key in fresh):
                old.clear()
                old.update(fresh)
            return True
        return fresh, update

    def _unpack_generator(self, state, received):
        fresh = np.random.Generator(np.random.PCG64())
        fresh.bit_generator.state = state

        def update(old):
            old.bit_generator.state = state
            return True
        return fresh, update

    def _key(self, value):
        """The name of a changeable value, the same on both sides; a new one belongs to this side."""
        if id(value) not in self.keys:
            key = (self.side, next(self.numbers))
            self.keys[id(value)], self.twins[key] = key, value      # held, so that its id stays its own
        return self.keys[id(value)]

    def _twin(self, key, fresh, update):
        old = self.twins.get(key)
        if old is not None and update(old):
            return old
        self.keys.pop(id(old), None)                # let go, and its id with it
        self.twins[key], self.keys[id(fresh)] = fresh, key
        return fresh

    def _handle(self, value):
        if id(value) not in self.handles:
            self.handles[id(value)] = handle = f"{self.side} {len(self.objects)}"
            self.objects[handle] = value
        kind = "function" if callable(value) and not isinstance(value, type) else type(value).__name__
        if isinstance(value, type):
            kind = "class"
        return self.handles[id(value)], kind, str(getattr(value, "__name__", type(value).__name__))

    def forget(self):
        """Let the copies go; objects reached by handle stay."""
        self.twins.clear()
        self.keys.clear()

    @staticmethod
    def exception(name, text, where):
        """What the other side raised, as the same exception of Python's own, or as `Raised`."""
        kind = getattr(builtins, name, None)
        known = isinstance(kind, type) and issubclass(kind, Exception) and not issubclass(kind, UnicodeError)
        error = kind(text) if known else Raised(f"{name}: {text}")
        error.answer = (name, text, where)
        return error


class _Unpickler(pickle.Unpickler):
    """Containers and plain values only: no byte stream makes this side import or call anything."""

    def find_class(self, module, name):
        raise pickle.UnpicklingError(f"{module}.{name} does not pass")


def describe(error):
    """Name, text and place (cell and line of the answer) of an exception."""
    where, trace = None, error.__traceback__
    while trace:
        filename = trace.tb_frame.f_code.co_filename
        if filename.startswith("<answer "):
            where = (filename[8:-1], trace.tb_lineno)
        trace = trace.tb_next
    if isinstance(error, SyntaxError) and where is None:
        where = (str(error.filename)[8:-1], error.lineno)
    name = type(error).__name__
    if name == "_ArrayMemoryError":
        name = "MemoryError"
    text = error.msg if isinstance(error, SyntaxError) else str(error)
    return name, str(text)[:2000], where
