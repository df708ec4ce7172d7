"""Reverse-mode automatic differentiation: an array that remembers how it was made (chapter 5).

An operation computes its value in plain NumPy and leaves behind one function, ``backward(grad)``, that
multiplies the gradient arriving from above by its own local gradient. :meth:`Tensor.backward` walks the
record once, in reverse. It alone orders, adds up and un-broadcasts gradients; no operation repeats that.
"""
from contextlib import contextmanager

import numpy as np

_recording = True
RELEASED = ("backward: this graph was already walked and released; recompute the loss, "
            "or call backward(retain_graph=True) the first time")


@contextmanager
def no_grad():
    """Compute without recording: faster, and nothing to walk back through.

    Examples
    --------
    >>> w = Tensor(2.0, requires_grad=True)
    >>> with no_grad():
    ...     (w * w).requires_grad
    False
    """
    global _recording
    before, _recording = _recording, False
    try:
        yield
    finally:
        _recording = before


class Tensor:
    r"""A NumPy array that remembers how it was computed, so that gradients can flow back (A16).

    For every value :math:`x` that was used in :math:`u_1, u_2, \dots`, :meth:`backward` computes

    .. math:: \frac{\partial L}{\partial x} = \sum_k \frac{\partial L}{\partial u_k}\frac{\partial u_k}{\partial x}

    in reverse topological order, so that each partial derivative is computed once and re-used.

    Parameters
    ----------
    data : array_like of any shape
        float32 and float64 arrays keep their dtype; everything else becomes float32.
    requires_grad : bool
        Whether ``backward`` should leave the gradient of this tensor in ``grad``.

    Attributes
    ----------
    data : ndarray
    grad : ndarray or None
        Same shape as ``data``; gradients of several ``backward`` calls add up.

    Raises
    ------
    TypeError
        If ``data`` is not made of real numbers.

    Examples
    --------
    >>> x = Tensor(3.0, requires_grad=True)
    >>> y = x * x + 2 * x                    # x is used three times: three gradients are added
    >>> y.backward()
    >>> float(x.grad)
    8.0

    References
    ----------
    Linnainmaa, S. (1970). The representation of the cumulative rounding error of an algorithm as a
    Taylor expansion of the local rounding errors. Master's thesis, University of Helsinki.
    """
    __slots__ = ("data", "grad", "requires_grad", "_parents", "_backward", "_keeps_grad")
    __array_ufunc__ = None                           # ndarray + Tensor calls Tensor.__radd__

    def __init__(self, data, requires_grad=False):
        data = data.data if isinstance(data, Tensor) else data
        keeps_dtype = isinstance(data, (np.ndarray, np.generic)) and data.dtype in (np.float32, np.float64)
        array = np.asarray(data)
        if array.dtype.kind not in "fiub":
            raise TypeError(f"Tensor: data must be real numbers, but its dtype is {array.dtype}")
        self.data = array if keeps_dtype else array.astype(np.float32)
        self.grad, self.requires_grad = None, requires_grad
        self._parents, self._backward, self._keeps_grad = (), None, True

    @classmethod
    def from_op(cls, data, parents, backward):
        """Wrap ``data``, the result of an operation on the tensors ``parents``.

        ``backward(grad)`` takes the gradient of the loss with respect to ``data`` and returns one
        gradient per parent: the local gradient times ``grad``, or None for a parent that needs none.
        """
        out = cls.__new__(cls)
        out.data, out.grad = np.asarray(data), None
        out.requires_grad = _recording and any([p.requires_grad for p in parents])
        out._parents, out._backward = (parents, backward) if out.requires_grad else ((), None)
        out._keeps_grad = False
        return out

    # -- the engine -------------------------------------------------------------------------------

    def backward(self, grad=None, retain_graph=False):
        """Leave the gradient in ``.grad`` of every leaf behind this tensor (A16).

        Parameters
        ----------
        grad : array_like, same shape as this tensor, optional
            The gradient arriving from above; 1 for a scalar.
        retain_graph : bool
            Keep the record, to walk it again or to draw it; by default it is released as it is used.

        Raises
        ------
        ValueError
            If the tensor is not a scalar and no ``grad`` is given, or ``grad`` has another shape.
        RuntimeError
            If nothing here requires a gradient, or if the record has been released already.
        """
        grads = {self: self._upstream(grad)}
        for node in reversed(topological_order(self)):
            grad = grads.pop(node)
            if node._keeps_grad:
                node._add_grad(grad)
            for parent, g in zip(node._parents, node._backward(grad)):
                if parent.requires_grad:
                    if g.shape != parent.data.shape:
                        g = sum_to_shape(g, parent.data.shape)
                    if parent._keeps_grad:
                        g = _owned(g, grad)
                    grads[parent] = grads[parent] + g if parent in grads else g
            if not retain_graph:
                node._parents, node._backward = (), _released
        for leaf, grad in grads.items():     # what is left: where the record begins
            leaf._add_grad(grad)

    def _upstream(self, grad):
        if not self.requires_grad:
            raise RuntimeError("backward: nothing to differentiate, no input was made with requires_grad=True")
        if grad is None and self.data.size != 1:
            raise ValueError(f"backward: expected a scalar (take .mean() or .sum() first) or grad=..., "
                             f"but this tensor has shape {self.shape}")
        grad = np.ones_like(self.data) if grad is None else np.array(grad, self.dtype)
        if grad.shape != self.shape:
            raise ValueError(f"backward: grad must have shape {self.shape}, but has {grad.shape}")
        return grad

    def _add_grad(self, grad):
        self.grad = grad if self.grad is None else self.grad + grad

    def retain_grad(self):
        """Keep this intermediate tensor's gradient too; returns the tensor."""
        self._keeps_grad = True
        return self

    def detach(self):
        """The same values with no past: gradients stop here."""
        return Tensor(self.data)

    # -- what it looks like -----------------------------------------------------------------------

    shape = property(lambda self: self.data.shape)
    ndim = property(lambda self: self.data.ndim)
    dtype = property(lambda self: self.data.dtype)
    size = property(lambda self: self.data.size)
    is_leaf = property(lambda self: self._backward is None)

    @property
    def op(self):
        """The name of the operation that made this tensor ("" for a leaf)."""
        return "" if self.is_leaf else self._backward.__qualname__.split(".<locals>")[0].split(".")[-1].strip("_")

    def item(self):
        """The value of a tensor with one element, as a Python number."""
        return self.data.item()

    def __len__(self):
        return len(self.data)

    def __float__(self):
        return float(self.data)

    def __repr__(self):
        made = f", made by {self.op}" if self.op else ", requires_grad=True" if self.requires_grad else ""
        return f"Tensor({np.array2string(self.data, precision=4, separator=', ', prefix='Tensor(')}{made})"

    # -- arithmetic: the value, and below it the local gradients ------------------------------------

    def __add__(self, other):
        other = as_tensor(other, self.dtype)
        out = _broadcast(np.add, self, other)

        def backward(grad):
            return grad, grad
        return Tensor.from_op(out, (self, other), backward)

    def __mul__(self, other):
        other = as_tensor(other, self.dtype)
        out = _broadcast(np.multiply, self, other)

        def backward(grad):
            return grad * other.data, grad * self.data
        return Tensor.from_op(out, (self, other), backward)

    def __sub__(self, other):
        other = as_tensor(other, self.dtype)
        out = _broadcast(np.subtract, self, other)

        def backward(grad):
            return grad, -grad
        return Tensor.from_op(out, (self, other), backward)

    def __truediv__(self, other):
        other = as_tensor(other, self.dtype)
        out = _broadcast(np.divide, self, other)

        def backward(grad):
            return grad / other.data, -grad * out / other.data
        return Tensor.from_op(out, (self, other), backward)

    def __pow__(self, exponent):
        if not isinstance(exponent, (int, float)):
            raise TypeError(f"pow: the exponent must be a number, but is {type(exponent).__name__}")

        def backward(grad):
            return (grad * exponent * self.data ** (exponent - 1),)
        return Tensor.from_op(self.data ** exponent, (self,), backward)

    def __matmul__(self, other):
        other = as_tensor(other, self.dtype)
        if self.ndim < 2 or other.ndim < 2 or self.shape[-1] != other.shape[-2]:
            raise ValueError(f"matmul: expected (..., n, k) @ (..., k, m), but got {self.shape} @ {other.shape}")

        def backward(grad):
            return grad @ other.data.swapaxes(-1, -2), self.data.swapaxes(-1, -2) @ grad
        return Tensor.from_op(self.data @ other.data, (self, other), backward)

    __radd__ = __add__
    __rmul__ = __mul__

    def __neg__(self):
        return self * -1

    def __rsub__(self, other):
        return as_tensor(other, self.dtype) - self

    def __rtruediv__(self, other):
        return as_tensor(other, self.dtype) / self

    def __rmatmul__(self, other):
        return as_tensor(other, self.dtype) @ self

    def exp(self):
        """Element by element :math:`e^x`."""
        out = np.exp(self.data)

        def backward(grad):
            return (grad * out,)
        return Tensor.from_op(out, (self,), backward)

    def log(self):
        """Element by element natural logarithm."""
        def backward(grad):
            return (grad / self.data,)
        return Tensor.from_op(np.log(self.data), (self,), backward)

    # -- sums and shapes ---------------------------------------------------------------------------

    def sum(self, dim=None, keepdim=False):
        """The sum over ``dim`` (all axes if None): every element summed gets the same gradient."""
        def backward(grad):
            if dim is not None and not keepdim:
                grad = np.expand_dims(grad, dim)
            return (np.broadcast_to(grad, self.shape),)
        return Tensor.from_op(self.data.sum(axis=dim, keepdims=keepdim), (self,), backward)

    def mean(self, dim=None, keepdim=False):
        """The mean over ``dim`` (all axes if None)."""
        total = self.sum(dim, keepdim)
        return total * (total.size / self.size)

    def reshape(self, *shape):
        """The same elements in another shape."""
        def backward(grad):
            return (grad.reshape(self.shape),)
        return Tensor.from_op(self.data.reshape(*shape), (self,), backward)

    def transpose(self, dim0, dim1):
        """Two axes exchanged."""
        def backward(grad):
            return (grad.swapaxes(dim0, dim1),)
        return Tensor.from_op(self.data.swapaxes(dim0, dim1), (self,), backward)

    @property
    def T(self):
        """The transpose of a matrix."""
        if self.ndim != 2:
            raise ValueError(f"T: expected a matrix, but this tensor has shape {self.shape}")
        return self.transpose(0, 1)

    def __getitem__(self, index):
        def backward(grad):
            out = np.zeros_like(self.data)
            if _is_basic(index):
                out[index] = grad
            else:
                np.add.at(out, index, grad)          # an element picked twice gets both gradients
            return (out,)
        return Tensor.from_op(self.data[index], (self,), backward)


def cat(tensors, dim=0):
    """Tensors one after the other along an axis; each gets its own part of the gradient back.

    >>> cat([Tensor([[1.0]]), Tensor([[2.0, 3.0]])], dim=1).data.tolist()
    [[1.0, 2.0, 3.0]]
    """
    tensors = tuple(as_tensor(t) for t in tensors)
    try:
        out = np.concatenate([t.data for t in tensors], axis=dim)
    except ValueError:
        raise ValueError(f"cat: tensors must agree in every axis but {dim}, but their shapes are "
                         f"{[t.shape for t in tensors]}") from None
    ends = np.cumsum([t.shape[dim] for t in tensors])[:-1]

    def backward(grad):
        return tuple(np.split(grad, ends, axis=dim))
    return Tensor.from_op(out, tensors, backward)


def stack(tensors, dim=0):
    """Tensors of one shape beside each other along a new axis.

    >>> stack([Tensor([1.0, 2.0]), Tensor([3.0, 4.0])]).data.tolist()
    [[1.0, 2.0], [3.0, 4.0]]
    """
    tensors = tuple(as_tensor(t) for t in tensors)
    if len({t.shape for t in tensors}) != 1:
        raise ValueError(f"stack: tensors must have one shape, but have {[t.shape for t in tensors]}")

    def backward(grad):
        return tuple(np.moveaxis(grad, dim, 0))
    return Tensor.from_op(np.stack([t.data for t in tensors], axis=dim), tensors, backward)


def topological_order(root):
    """Every operation between the leaves and ``root``, parents before children."""
    order, visited = [], set()
    stack = [] if root.is_leaf else [(root, False)]  # no recursion: too deep
    while stack:
        node, parents_done = stack.pop()
        if parents_done:
            order.append(node)
        elif node not in visited:
            if node._backward is _released:
                raise RuntimeError(RELEASED)
            visited.add(node)
            stack.append((node, True))
            stack += [(p, False) for p in node._parents
                      if p._backward is not None]
    return order


def sum_to_shape(grad, shape):
    """Undo broadcasting: an element that was used many times gets the sum of its gradients."""
    extra = grad.ndim - len(shape)
    axes = tuple(range(extra)) + tuple(i + extra for i, n in enumerate(shape) if n == 1)
    return grad.sum(axis=axes).reshape(shape)


def _owned(g, grad):
    """``g`` as an array of its own, writable: no view, and not the ``grad`` that others hold too."""
    return np.array(g) if g is grad or g.base is not None or g.ndim == 0 else g


def as_tensor(x, dtype=None):
    """``x`` itself if it is a tensor; else a constant, of ``dtype`` if that is given."""
    if isinstance(x, Tensor):
        return x
    array = np.asarray(x)
    return Tensor(array.astype(dtype, copy=False) if dtype and array.dtype.kind in "fiub" else x)


def _is_basic(index):
    """Whether an index picks no element twice: whole numbers, slices, None and ... alone."""
    parts = index if isinstance(index, tuple) else (index,)
    return all(part is None or part is ... or isinstance(part, (int, np.integer, slice)) for part in parts)


def _broadcast(ufunc, a, b):
    try:
        return ufunc(a.data, b.data)
    except ValueError:
        raise ValueError(f"{ufunc.__name__}: shapes {a.shape} and {b.shape} do not broadcast") from None


def _released(grad):
    """Stands where a local gradient stood until ``backward`` used it."""
