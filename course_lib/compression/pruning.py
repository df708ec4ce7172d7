"""Fewer weights: the smallest go, or whole neurons (chapter 12)."""
import copy

import numpy as np

from .. import _check
from ..nn import BatchNorm1d, Dropout, Identity, LeakyReLU, Linear, Parameter, ReLU, Sequential, Sigmoid, Tanh
from ..regularization import named_weights as weights

ELEMENTWISE = (ReLU, LeakyReLU, Sigmoid, Tanh, Identity, Dropout)    # a neuron's output passes alone


def sparsity(model):
    """The share of the model's weights that are exactly 0 (A49).

    Examples
    --------
    >>> from course_lib import nn
    >>> sparsity(nn.Linear(4, 2, init="zeros", rng=None))
    1.0
    """
    values = [p.data for p in weights(model).values()]
    return sum(int((w == 0).sum()) for w in values) / sum(w.size for w in values)


def magnitude_mask(weight, fraction):
    r"""Keep the largest weights (A49).

    .. math:: m_{ij} = \mathbb 1\bigl[\,|w_{ij}| \text{ is not among the } f \text{ smallest}\,\bigr]

    Parameters
    ----------
    weight : array_like, any shape
    fraction : float
        The share :math:`f` to remove, in [0, 1]; of n weights exactly ``round(fraction * n)`` go. Of equal
        ones the first go first.

    Returns
    -------
    ndarray of bool, shape of ``weight``
        True for the weights that stay.

    Raises
    ------
    ValueError
        If ``fraction`` is outside [0, 1].

    Examples
    --------
    >>> magnitude_mask([[0.1, -3.0], [2.0, -0.5]], 0.5)
    array([[False,  True],
           [ True, False]])

    References
    ----------
    LeCun, Y., Denker, J. & Solla, S. (1990). Optimal brain damage. NeurIPS 2.
    Han, S., Pool, J., Tran, J. & Dally, W. (2015). Learning both weights and connections for efficient
    neural networks. NeurIPS 28.
    """
    _check_fraction("magnitude_mask", fraction)
    weight = _check.array("magnitude_mask", "weight", weight, (...,))
    return without_the_lowest(np.abs(weight), fraction)


def random_mask(weight, fraction, rng):
    """As :func:`magnitude_mask`, but which weights go is left to chance: the baseline to beat (A49).

    Examples
    --------
    >>> int(random_mask(np.ones((4, 5)), 0.25, np.random.default_rng(0)).sum())
    15
    """
    _check.generator("random_mask", rng)
    _check_fraction("random_mask", fraction)
    return without_the_lowest(rng.random(np.shape(weight)), fraction)


def prune_weights(model, fraction, *, by="magnitude", rng=None):
    r"""Set a share of every weight matrix to 0 (A49).

    .. math:: W \leftarrow m \odot W

    Pruning again with a larger fraction first takes what is 0 already: iterative pruning only ever removes more.

    Parameters
    ----------
    model : Module
    fraction : float
        In [0, 1].
    by : {"magnitude", "random"}
    rng : numpy.random.Generator, optional
        For "random".

    Returns
    -------
    model : Module
        A pruned copy.
    masks : dict of str to ndarray of bool
        By the weight's name, for :func:`keep_zeros`.

    Raises
    ------
    ValueError
        If ``fraction`` is outside [0, 1] or ``by`` unknown.

    Examples
    --------
    >>> from course_lib import nn
    >>> pruned, masks = prune_weights(nn.mlp([10, 20, 10], rng=np.random.default_rng(0)), 0.9)
    >>> sparsity(pruned)
    0.9
    """
    _check.choice("prune_weights", "by", by, ("magnitude", "random"))
    _check_fraction("prune_weights", fraction)
    model, masks = copy.deepcopy(model), {}
    for name, p in weights(model).items():
        if by == "magnitude":
            masks[name] = magnitude_mask(p.data, fraction)
        else:
            masks[name] = random_mask(p.data, fraction, rng)
    keep_zeros(model, masks)()
    return model, masks


def keep_zeros(model, masks):
    """Give the result to ``fit`` as ``after_step``: what is 0 stays 0 (A49).

    Parameters
    ----------
    model : Module
    masks : dict of str to ndarray of bool
        From :func:`prune_weights`.

    Returns
    -------
    callable
        Sets the masked weights of ``model`` to 0 whenever it is called.

    Raises
    ------
    ValueError
        If a name or a shape does not fit.

    Examples
    --------
    >>> from course_lib import nn
    >>> model = nn.Linear(2, 1, init="constant", rng=None)
    >>> keep_zeros(model, {"weight": np.array([[True, False]])})()
    >>> model.weight.data[0, 1].item()
    0.0
    """
    found = weights(model)
    _check_masks(masks, found)

    def zero(step=None, loss=None):
        for name, mask in masks.items():
            found[name].data *= mask
    return zero


def _check_masks(masks, found):
    for name, mask in masks.items():
        if name not in found or np.shape(mask) != found[name].shape:
            raise ValueError(f"keep_zeros: masks must fit the weights { {k: p.shape for k, p in found.items()} }, "
                             f"but {name!r} has shape {np.shape(mask)}")


def neuron_scores(weight, norm="l2"):
    r"""How much each neuron seems to contribute: the length of its incoming weights (A49).

    .. math:: c_j = \sum_i |w_{ji}| \quad\text{("l1")} \qquad\text{or}\qquad c_j = \sqrt{\textstyle\sum_i w_{ji}^2}
              \quad\text{("l2")}

    Parameters
    ----------
    weight : array_like, shape (F, D)
        One row for each of F neurons.
    norm : {"l1", "l2"}

    Returns
    -------
    ndarray, shape (F,)

    Examples
    --------
    >>> neuron_scores([[3.0, -4.0], [1.0, 1.0]], "l1")
    array([7., 2.])

    References
    ----------
    Li, H., Kadav, A., Durdanovic, I., Samet, H. & Graf, H. P. (2017). Pruning filters for efficient ConvNets. ICLR.
    """
    _check.choice("neuron_scores", "norm", norm, ("l1", "l2"))
    return np.linalg.norm(_check.array("neuron_scores", "weight", weight, ("F", "D")), ord=int(norm[1]), axis=1)


def prune_neurons(model, fraction, *, by="l2", rng=None):
    """Remove the lowest-ranking neurons of every hidden layer (A49).

    What remains is a smaller dense network. Its answers are those of the large one with the outputs of the removed
    neurons set to 0.

    Parameters
    ----------
    model : Sequential
        Linear layers, with element-wise layers and batch normalization between them.
    fraction : float
        In [0, 1); of n neurons ``round(fraction * n)`` go, and at least one has to stay.
    by : {"l1", "l2", "random"}
        See :func:`neuron_scores`.
    rng : numpy.random.Generator, optional
        For "random".

    Returns
    -------
    Sequential

    Raises
    ------
    ValueError
        If ``fraction`` is out of range or leaves a layer empty, or ``by`` is unknown.
    TypeError
        If the model holds other layers.

    Examples
    --------
    >>> from course_lib import nn
    >>> prune_neurons(nn.mlp([64, 100, 10], rng=np.random.default_rng(0)), 0.75)
    Sequential(
      0: Linear(64, 25)
      1: ReLU()
      2: Linear(25, 10)
    )
    """
    _check_prune_neurons(model, fraction, by, rng)
    model = copy.deepcopy(model)
    places = [i for i, layer in enumerate(model) if isinstance(layer, Linear)]
    kept = []
    for i in places[:-1]:                    # ranked before anything is cut
        weight = model[i].weight.data
        luck = by == "random"
        scores = rng.random(len(weight)) if luck else neuron_scores(weight, by)
        kept.append(without_the_lowest(scores, fraction))
    for i, after, keep in zip(places, places[1:], kept):
        for layer in model[i:after]:
            _narrow(layer, keep)             # its rows and biases
        weight = model[after].weight.data
        model[after].weight = Parameter(weight[:, keep])
    return model


def without_the_lowest(scores, fraction):
    """Mark every score but the ``round(fraction * n)`` lowest (A49).

    Parameters
    ----------
    scores : ndarray, any shape
        Of equal ones the first count as lower.
    fraction : float
        In [0, 1].

    Returns
    -------
    ndarray of bool, shape of ``scores``

    Examples
    --------
    >>> without_the_lowest(np.array([3.0, 1.0, 2.0, 1.0]), 0.5)
    array([ True, False,  True, False])
    """
    mask = np.ones(scores.size, bool)
    order = np.argsort(scores, axis=None, kind="stable")
    mask[order[:round(fraction * scores.size)]] = False
    return mask.reshape(scores.shape)


def _narrow(layer, keep):
    """Leave a layer only the features ``keep``."""
    if isinstance(layer, (Linear, BatchNorm1d)):
        layer.weight = Parameter(layer.weight.data[keep])
        layer.bias = None if layer.bias is None else Parameter(layer.bias.data[keep])
    for name in layer.buffers:
        setattr(layer, name, getattr(layer, name)[keep])


def _check_prune_neurons(model, fraction, by, rng):
    _check.choice("prune_neurons", "by", by, ("l1", "l2", "random"))
    _check_fraction("prune_neurons", fraction)
    if by == "random":
        _check.generator("prune_neurons", rng)
    _check_layers("prune_neurons", model, (Linear, BatchNorm1d, *ELEMENTWISE))
    for i, layer in enumerate(model[:-1]):
        if isinstance(layer, Linear) and round(fraction * len(layer.weight)) == len(layer.weight):
            raise ValueError(f"prune_neurons: fraction must leave at least one neuron of {len(layer.weight)} "
                             f"in layer {i}, but is {fraction}")


def _check_fraction(operation, fraction):
    _check.number(operation, at_least=0, at_most=1, **{"fraction, the share to remove,": fraction})


def _check_layers(operation, model, allowed):
    if not isinstance(model, Sequential):
        raise TypeError(f"{operation}: model must be an nn.Sequential, but is {type(model).__name__}")
    for layer in model:
        if not isinstance(layer, allowed):
            raise TypeError(f"{operation}: the layers must be among {', '.join(k.__name__ for k in allowed)}, "
                            f"but one is {type(layer).__name__}")
    for which, layer in (("first", model[0]), ("last", model[-1])):
        if not isinstance(layer, Linear):
            raise TypeError(f"{operation}: the {which} layer must be Linear, but is {type(layer).__name__}")
