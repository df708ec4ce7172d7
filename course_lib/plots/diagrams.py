"""Activation functions, networks and graphs of operations, drawn."""
import textwrap

import numpy as np
from matplotlib.collections import LineCollection
from matplotlib.patches import FancyBboxPatch

from .. import _check
from .._layout import layered
from .pictures import side_by_side
from .style import COLOURS, GREY, WIDTH, _axes, _digits, _figure


def activation(function, derivative=None, *, low=-5.0, high=5.0):
    """Draw an activation function and its derivative; several make a gallery.

    Parameters
    ----------
    function : callable, str, or dict of str to callable
        An operation of :mod:`course_lib.functional` (or its name): its derivative comes from ``backward``.
        With ``derivative``, any function of an array. A dict draws one panel each.
    derivative : callable, optional
    low, high : float
        Where to begin and end.

    Returns
    -------
    Figure

    Raises
    ------
    ValueError, TypeError
        If the name is unknown or ``low`` is not below ``high``.

    Examples
    --------
    >>> figure = activation("sigmoid")
    >>> figure = activation(np.sin, np.cos)
    """
    _check.number("activation", low=low, below=high)
    if isinstance(function, str):
        function = {function: _operation(function)}
    elif not isinstance(function, dict):
        function = {getattr(function, "__name__", "f"): function}
    if derivative is not None and len(function) != 1:
        raise ValueError(f"activation: derivative must come with one function, but there are {len(function)}")
    x = np.linspace(low, high, 1001)                         # odd: 0 is among them

    def panel(f):
        value, slope = (f(x), derivative(x)) if derivative is not None else _with_slope(f, x)

        def draw(*, ax):
            ax.plot(x, value, label="$f(x)$")
            ax.plot(x, slope, "--", label="$f'(x)$")
            ax.set(xlabel="$x$", ylim=(max(ax.get_ylim()[0], -3), min(ax.get_ylim()[1], 3)))
            ax.axhline(0, color=GREY, linewidth=0.8)
            ax.axvline(0, color=GREY, linewidth=0.8)
        return draw

    return side_by_side({name: panel(f) for name, f in function.items()})


def _operation(name):
    from .. import functional
    if not callable(getattr(functional, name, None)):
        there = ", ".join(n for n in dir(functional) if n[0] != "_" and callable(getattr(functional, n)))
        raise ValueError(f"activation: function must be one of {there}, but is {name!r}")
    return getattr(functional, name)


def _with_slope(f, x):
    from ..tensor import Tensor
    x = Tensor(x, requires_grad=True)
    value = f(x)
    value.sum().backward()
    return value.data, np.zeros_like(x.data) if x.grad is None else x.grad


def network(sizes, *, bias=True, names=None, title=None, ax=None):
    r"""Draw a fully connected network and count its parameters.

    :math:`\sum_l (n_l + 1)\,n_{l+1}`: a weight for every line, a bias for every unit after the inputs.

    Parameters
    ----------
    sizes : sequence of int
        Units in each layer, from the inputs to the outputs; two layers or more.
    bias : bool
        Count biases.
    names : sequence of str, optional
        Names of the layers.
    title : str, optional
        By default the count.
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    Figure

    Raises
    ------
    ValueError, TypeError
        If there are fewer than two layers or a size is not a positive whole number.

    Examples
    --------
    >>> network([3, 25, 12]).axes[0].get_title()
    '3-25-12: 375 weights + 37 biases = 412 parameters'
    """
    sizes = list(sizes)
    if len(sizes) < 2:
        raise ValueError(f"network: sizes must be two layers or more, but is {sizes}")
    for size in sizes:
        _check.whole("network", sizes=size, at_least=1)
    if names is not None and len(names) != len(sizes):
        raise ValueError(f"network: names must be {len(sizes)}, but is {list(names)!r:.60}")
    names = names or ["inputs", *["hidden"] * (len(sizes) - 2), "outputs"]
    weights, biases = sum(a * b for a, b in zip(sizes, sizes[1:])), sum(sizes[1:])
    count = f"{weights:,} weights"
    if bias:
        count += f" + {biases:,} biases = {weights + biases:,} parameters"
    shown = 9                                                # of a larger layer: four units, dots, four units
    tallest = min(max(sizes), shown)
    ax = _axes(ax, 0.3 * tallest + 0.9, "-".join(map(str, sizes)) + ": " + count if title is None else title)
    for k, (size, name) in enumerate(zip(sizes, names)):
        ax.text(k, -tallest / 2 - 0.1, f"{size}\n{name}", ha="center", va="top")
        if size > shown:
            ax.text(k, 0, "⋮", ha="center", va="center", fontsize=13)
    layers = [np.array([(k, up) for up in _heights(size, shown)]) for k, size in enumerate(sizes)]
    for left, right in zip(layers, layers[1:]):
        ax.add_collection(LineCollection([(a, b) for a in left for b in right], colors=GREY, linewidths=0.5,
                                         zorder=1))
    for k, layer in enumerate(layers):
        colour = COLOURS["sky" if k == 0 else "orange" if k < len(layers) - 1 else "green"]
        ax.scatter(*layer.T, s=130, color=colour, edgecolors="black", linewidths=0.8, zorder=2)
    ax.set(xlim=(-0.4, len(sizes) - 0.6), ylim=(-tallest / 2 - 1.7, tallest / 2))
    ax.set_axis_off()
    return ax.figure


def _heights(size, shown):
    """Where the units of a layer stand; of a tall layer all but the middle of ``shown`` places."""
    count = min(size, shown)
    return [count // 2 - i if count % 2 else (count - 1) / 2 - i for i in range(count)
            if size <= shown or i != shown // 2]


_SYMBOLS = {"add": "+", "sub": "−", "mul": "×", "truediv": "÷", "matmul": "@", "pow": "power"}


def graph(tensor, *, names=None, title="", ax=None):
    """Draw how a tensor was computed: every operation with its value, and gradients where there are any.

    Parameters
    ----------
    tensor : Tensor
        The result. ``backward`` releases the graph as it walks it: draw before, or call
        ``backward(retain_graph=True)``, with ``retain_grad()`` on the intermediate tensors whose gradients
        are to be seen.
    names : dict of str to Tensor, optional
        Names for some of the tensors.
    title : str
    ax : matplotlib.axes.Axes, optional

    Returns
    -------
    Figure

    Raises
    ------
    TypeError
        If ``tensor`` is no Tensor.
    ValueError
        If it was not computed from anything, or from more than 60 tensors.

    Examples
    --------
    >>> from course_lib import Tensor
    >>> x, w = Tensor(2.0), Tensor(0.5, requires_grad=True)
    >>> figure = graph((x * w - 0.8) ** 2, names={"x": x, "w": w})
    """
    if not hasattr(tensor, "_parents"):
        raise TypeError(f"graph: tensor must be a Tensor, but is {type(tensor).__name__}")
    if not tensor._parents:
        raise ValueError("graph: tensor must have been computed from others, but has no parents (a leaf, or "
                         "backward released the graph: call backward(retain_graph=True))")
    layers, edges = layered(tensor)
    names = {id(node): name for name, node in (names or {}).items()}
    boxes = {node: _inscription(node, names.get(id(node))) for layer in layers for node in layer
             if not isinstance(node, tuple)}
    letters = max(len(line) for lines in boxes.values() for line in lines)
    width, height = 0.08 * letters + 0.12, 0.2 * max(map(len, boxes.values())) + 0.12          # inches
    place = {node: (k * (width + 0.22), -(i - (len(layer) - 1) / 2) * (height + 0.25))
             for k, layer in enumerate(layers) for i, node in enumerate(layer)}
    right, top = (len(layers) - 1) * (width + 0.22), (max(map(len, layers)) - 1) / 2 * (height + 0.25)
    size = (right + width + 0.2, 2 * top + height + 0.2)
    if ax is None:
        ax = _figure(size[1] + (0.25 if title else 0.0), width=max(WIDTH, size[0])).subplots()

    for node, lines in boxes.items():
        x, y = place[node]
        colour = "#FBE3B5" if node._parents else "#CFE8F7" if node.requires_grad else "#EEEEEE"
        ax.add_patch(FancyBboxPatch((x - width / 2, y - height / 2), width, height, facecolor=colour,
                                    edgecolor=GREY, boxstyle="round,pad=0,rounding_size=0.06", zorder=2))
        ax.text(x, y, "\n".join(lines), ha="center", va="center", fontsize=10, linespacing=1.3, zorder=3)
    entering = {node: [chain[-2] for chain in edges if chain[-1] is node] for node in boxes}
    used = {}
    for chain in sorted(edges, key=lambda chain: -place[chain[-2]][1]):
        child, count = chain[-1], len(entering[chain[-1]])
        used[child] = used.get(child, -1) + 1                # edges enter from top to bottom, side by side
        port = height * 0.6 * (0.5 - (used[child] + 0.5) / count) if count > 1 else 0.0
        way = [(place[chain[0]][0] + width / 2, place[chain[0]][1]), *(place[stop] for stop in chain[1:-1]),
               (place[child][0] - width / 2, place[child][1] + port)]
        ax.plot(*np.transpose(way[:-1]), color=GREY, linestyle="-", linewidth=1.2, zorder=1)
        ax.annotate("", way[-1], way[-2], arrowprops={"arrowstyle": "-|>", "color": GREY, "lw": 1.2,
                                                      "shrinkA": 0, "shrinkB": 0}, zorder=1)
    middle, half = right / 2, max(size[0], WIDTH) / 2
    ax.set(xlim=(middle - half, middle + half), ylim=(-size[1] / 2, size[1] / 2), title=title, aspect="equal")
    ax.set_axis_off()
    return ax.figure


def _inscription(node, name):
    """The lines in a node's box: what it is, its value, its gradient."""
    op = getattr(node, "op", "").replace("_", " ") if node._parents else ""
    op = _SYMBOLS.get(op, op)
    lines = textwrap.wrap(f"{name} = {op}" if name and op else name or op, 10) or \
        ["leaf" if node.requires_grad else "constant"]
    gradient = [] if getattr(node, "grad", None) is None else ["∇ " + _brief(node.grad)]
    return [*lines, _brief(node.data), *gradient]


def _brief(array):
    array = np.asarray(array)
    return _digits(array.item()) if array.size == 1 else "×".join(map(str, array.shape))
