"""Three ways to the same gradient: path by path, layer by layer, and the numbers of each (chapter 5).

All are for a fully connected network of sigmoid units in the lecture's notation,
``z = W a + b`` and ``a = sigmoid(z)``, layer after layer. :class:`course_lib.Tensor` does the same for any graph.
"""
import itertools
import math

import numpy as np

from .nn.activations import sigmoid


def forward(x, weights, biases):
    """All activations of a sigmoid network, input first (A17).

    Parameters
    ----------
    x : ndarray, shape (N, n_0)
    weights : list of ndarray, shapes (n_l, n_{l-1})
    biases : list of ndarray, shapes (n_l,)

    Returns
    -------
    list of ndarray, shapes (N, n_l)

    Examples
    --------
    >>> [a.shape for a in forward(np.ones((5, 2)), [np.ones((3, 2)), np.ones((1, 3))], [np.zeros(3), np.zeros(1)])]
    [(5, 2), (5, 3), (5, 1)]
    """
    activations = [np.asarray(x)]
    _check_layers(activations[0], weights, biases)
    for W, b in zip(weights, biases):
        z = activations[-1] @ W.T + b
        activations.append(sigmoid(z).data)
    return activations


def backward(activations, weights, dC_da):
    r"""The gradient of every weight and bias, layer by layer (A17).

    .. math:: \delta^{(L)} = \frac{\partial C}{\partial a^{(L)}} \odot \sigma'(z^{(L)}), \quad
              \delta^{(l)} = \bigl(W^{(l+1)\top}\delta^{(l+1)}\bigr) \odot \sigma'(z^{(l)}), \quad
              \frac{\partial C}{\partial W^{(l)}} = \delta^{(l)} a^{(l-1)\top}, \quad
              \frac{\partial C}{\partial b^{(l)}} = \delta^{(l)}

    summed over the N examples, with :math:`\sigma'(z) = a(1-a)`.

    Parameters
    ----------
    activations : list of ndarray
        What :func:`forward` returned.
    weights : list of ndarray, shapes (n_l, n_{l-1})
    dC_da : ndarray, shape (N, n_L)
        Derivative of the cost with respect to the last activations.

    Returns
    -------
    (dweights, dbiases, dx)
        Lists of the shapes of the weights and biases; ``dx`` has the shape of the input.

    References
    ----------
    Rumelhart, D., Hinton, G. & Williams, R. (1986). Learning representations by back-propagating errors.
    """
    _check_activations(activations, weights, dC_da)
    dweights, dbiases = [], []
    da = dC_da
    for l in reversed(range(len(weights))):
        W, a_in, a_out = weights[l], activations[l], activations[l + 1]
        delta = da * a_out * (1 - a_out)
        dweights.insert(0, delta.T @ a_in)
        dbiases.insert(0, delta.sum(axis=0))
        da = delta @ W
    return dweights, dbiases, da


def path_gradient(activations, weights, dC_da, i):
    r"""The slope of the cost along input ``i``, adding up every path (A19).

    .. math:: \frac{\partial C}{\partial x_i} = \sum_{j_1, \dots, j_L}
              \frac{\partial C}{\partial a^{(L)}_{j_L}} \prod_{l=1}^{L} \sigma'(z^{(l)}_{j_l})\, W^{(l)}_{j_l j_{l-1}},
              \qquad j_0 = i

    The right answer in the wrong way: the number of paths multiplies with every layer.

    Parameters
    ----------
    activations, weights, dC_da
        As for :func:`backward`, with a batch of one example.
    i : int

    Returns
    -------
    float

    References
    ----------
    Bauer, F. L. (1974). Computational graphs and rounding error. SIAM Journal on Numerical Analysis 11(1).
    """
    _check_one_example(activations[0])
    # what each edge multiplies by; lists, because single numbers are read faster
    slopes = [a * (1 - a) for a in activations[1:]]
    edges = [(slope.T * W).tolist() for slope, W in zip(slopes, weights)]
    end = dC_da[0].tolist()
    total = 0.0
    for path in itertools.product(*(range(len(W)) for W in weights)):
        product, unit = end[path[-1]], i
        for edge, next_unit in zip(edges, path):
            product *= edge[next_unit][unit]
            unit = next_unit
        total += product
    return total


def count_paths(sizes):
    """How many ways lead from an input to an output of a fully connected network: the product of the sizes (A19).

    With k hidden layers and all k + 2 layers of width w that is w^(k+2).

    >>> count_paths([4, 4, 4, 4, 4])
    1024
    """
    return math.prod(_sizes("count_paths", sizes))


def count_parameters(sizes, bias=True):
    r"""How many numbers a fully connected network learns, :math:`\sum_l (n_l + 1)\, n_{l+1}` (A19).

    >>> count_parameters([3, 25, 12]), count_parameters([3, 25, 12], bias=False)
    (412, 375)
    """
    sizes = _sizes("count_parameters", sizes)
    return sum((n_in + bool(bias)) * n_out for n_in, n_out in itertools.pairwise(sizes))


def _check_layers(x, weights, biases):
    if len(weights) != len(biases):
        raise ValueError(f"forward: expected one bias per weight matrix, but got {len(biases)} and {len(weights)}")
    n = x.shape[-1] if x.ndim == 2 else None
    for W, b in zip(weights, biases):
        if W.shape != (len(b), n):
            raise ValueError(f"forward: a layer with weight {W.shape} needs inputs (N, {W.shape[1]}) and a bias "
                             f"({W.shape[0]},), but got {x.shape if W is weights[0] else (len(x), n)} and {b.shape}")
        n = len(W)


def _check_activations(activations, weights, dC_da):
    if len(activations) != len(weights) + 1 or dC_da.shape != activations[-1].shape:
        raise ValueError(f"backward: expected {len(weights) + 1} activations and dC_da of the last one's shape "
                         f"{activations[-1].shape}, but got {len(activations)} and {dC_da.shape}")


def _check_one_example(x):
    if len(x) != 1:
        raise ValueError(f"path_gradient: expected a batch of one example, but got {len(x)}")


def _sizes(name, sizes):
    if len(sizes) < 2 or any(not isinstance(n, (int, np.integer)) or n < 1 for n in sizes):
        raise ValueError(f"{name}: sizes must be at least two positive whole numbers, but are {list(sizes)}")
    return [int(n) for n in sizes]
