"""What all layers share: finding their parameters, switching mode, saving and loading."""
import numpy as np

from ..tensor import Tensor


class Parameter(Tensor):
    """A tensor that an optimizer may change."""
    __slots__ = ()

    def __init__(self, data):
        super().__init__(data, requires_grad=True)


class Module:
    """A layer or a network: it holds parameters and other modules, and calls operations in ``forward``.

    Examples
    --------
    >>> class Scale(Module):
    ...     def __init__(self):
    ...         self.factor = Parameter(2.0)
    ...     def forward(self, x):
    ...         return self.factor * x
    >>> Scale()(Tensor(3.0)).item()
    6.0
    """
    training = True
    buffers = ()                             # names of arrays that are saved but not trained

    def __call__(self, *inputs, **options):
        return self.forward(*inputs, **options)

    def forward(self, *inputs):
        """Compute the output; every module defines its own."""
        raise NotImplementedError(f"{type(self).__name__} has no forward method yet")

    def children(self):
        """The modules inside this one, as pairs (name, module)."""
        for name, value in vars(self).items():
            if isinstance(value, Module):
                yield name, value
            elif isinstance(value, (list, tuple)):
                yield from ((f"{name}.{i}", item) for i, item in enumerate(value) if isinstance(item, Module))

    def named_parameters(self, prefix=""):
        """All parameters here and inside, as pairs (name, parameter)."""
        for name, value in vars(self).items():
            if isinstance(value, Parameter):
                yield prefix + name, value
        for name, child in self.children():
            yield from child.named_parameters(f"{prefix}{name}.")

    def named_buffers(self, prefix=""):
        """All arrays here and inside that training changes without a gradient, as pairs (name, array)."""
        for name in self.buffers:
            yield prefix + name, getattr(self, name)
        for name, child in self.children():
            yield from child.named_buffers(f"{prefix}{name}.")

    def parameters(self):
        """All parameters, as a list for an optimizer."""
        return [p for _, p in self.named_parameters()]

    def train(self, mode=True):
        """Switch to training (dropout drops, ...), or to evaluation if ``mode`` is False; returns the module."""
        self.training = mode
        for _, child in self.children():
            child.train(mode)
        return self

    def eval(self):
        """Switch to evaluation; returns the module."""
        return self.train(False)

    def to(self, dtype):
        """Turn all parameters and buffers into ``dtype`` (float64 to check gradients); returns the module."""
        for p in self.parameters():
            p.data = p.data.astype(dtype)
        self._buffers_to(dtype)
        return self

    def _buffers_to(self, dtype):
        for name in self.buffers:
            setattr(self, name, getattr(self, name).astype(dtype))
        for _, child in self.children():
            child._buffers_to(dtype)

    def state_dict(self):
        """A copy of every parameter's and buffer's values, by name."""
        return {name: array.copy() for name, array in self._arrays()}

    def _arrays(self):
        yield from ((name, p.data) for name, p in self.named_parameters())
        yield from self.named_buffers()

    def load_state_dict(self, state):
        """Set every parameter and buffer from ``state``; nothing is changed unless all names and shapes fit."""
        arrays = dict(self._arrays())
        if state.keys() != arrays.keys():
            raise ValueError(f"load_state_dict: expected {sorted(arrays)}, but got {sorted(state)}")
        for name, array in arrays.items():
            if np.shape(state[name]) != array.shape:
                raise ValueError(f"load_state_dict: {name} must have shape {array.shape}, "
                                 f"but has {np.shape(state[name])}")
        values = {name: np.array(state[name], array.dtype) for name, array in arrays.items()}
        for name, p in self.named_parameters():
            p.data = values[name]
        for name, buffer in self.named_buffers():
            buffer[...] = values[name]

    def __repr__(self):
        inside = [f"  {name}: " + repr(child).replace("\n", "\n  ") for name, child in self.children()]
        return type(self).__name__ + ("(\n" + "\n".join(inside) + "\n)" if inside else "()")


class Sequential(Module):
    """Layers one after the other: the output of each is the input of the next.

    Index or iterate over it to reach single layers.
    """

    def __init__(self, *layers):
        self.layers = layers

    def forward(self, x):
        for layer in self.layers:
            x = layer(x)
        return x

    def __getitem__(self, index):
        chosen = self.layers[index]
        return Sequential(*chosen) if isinstance(index, slice) else chosen

    def __len__(self):
        return len(self.layers)

    def __iter__(self):
        return iter(self.layers)

    def children(self):
        return ((str(i), layer) for i, layer in enumerate(self.layers))      # named as in PyTorch: "0.weight"
