"""Whom does it fail, what does it give away, how little fools it: bias, privacy, robustness (chapter 18)."""
from typing import NamedTuple

import numpy as np

from . import _check
from .interpret import classes, frozen, inputs
from .nn.losses import cross_entropy
from .tensor import Tensor


# ---------------------------------------------------------------- bias (A76)

class Audit(NamedTuple):
    """Accuracy of a whole and of its parts (A76)."""
    overall: float
    accuracy: dict                  # by group; None where there is nobody
    size: dict                      # by group


def subgroup_audit(predicted, y, groups, expected=()):
    """Accuracy in every subgroup: one good average can hide a bad part (A76).

    Parameters
    ----------
    predicted, y : array_like, shape (N,)
        Classes, given and right.
    groups : array_like, shape (N,)
        The group of each example: names or numbers.
    expected : sequence
        Groups that should be there; one without examples is reported with size 0 and accuracy None.

    Returns
    -------
    Audit
        The accuracies, weighted by the sizes, average to ``overall``.

    Raises
    ------
    ValueError
        If the lengths differ or there are no examples.

    Examples
    --------
    >>> subgroup_audit([1, 1, 0], [1, 0, 0], ["a", "a", "b"], expected=["a", "b", "c"])
    Audit(overall=0.6666666666666666, accuracy={'a': 0.5, 'b': 1.0, 'c': None}, size={'a': 2, 'b': 1, 'c': 0})

    References
    ----------
    Buolamwini, J. & Gebru, T. (2018). Gender shades: intersectional accuracy disparities in commercial gender
    classification. FAT*.
    """
    predicted, y, groups = (np.asarray(a) for a in (predicted, y, groups))
    if not predicted.shape == y.shape == groups.shape == (predicted.size,) or not predicted.size:
        raise ValueError("subgroup_audit: predicted, y and groups must have one shape (N,) with N > 0, but have "
                         f"{predicted.shape}, {y.shape} and {groups.shape}")
    right, size, accuracy = predicted == y, {}, {}
    for group in dict.fromkeys([*expected, *np.unique(groups).tolist()]):
        inside = groups == group
        size[group] = int(inside.sum())
        accuracy[group] = float(right[inside].mean()) if size[group] else None
    return Audit(float(right.mean()), accuracy, size)


# ---------------------------------------------------------------- privacy (A76)

def roc(loss_in, loss_out):
    """How many members and strangers a loss threshold takes for members, for every threshold.

    Parameters
    ----------
    loss_in, loss_out : array_like, shapes (N,), (M,)
        Losses of the examples the network was trained on, and of others.

    Returns
    -------
    ndarray, shape (2, thresholds)
        False alarms (share of strangers) and hits (share of members), from (0, 0) to (1, 1).

    Examples
    --------
    >>> roc([0.1, 0.3], [0.2, 0.9]).tolist()
    [[0.0, 0.0, 0.5, 0.5, 1.0], [0.0, 0.5, 0.5, 1.0, 1.0]]
    """
    loss_in, loss_out = _losses("roc", loss_in, loss_out)
    at = np.unique(np.concatenate([loss_in, loss_out]))
    return np.array([np.append(0, np.searchsorted(np.sort(loss), at, "right") / len(loss))
                     for loss in (loss_out, loss_in)])


def membership_auc(loss_in, loss_out):
    r"""How well a loss tells members of the training set from strangers: the area under :func:`roc`.

    .. math:: \text{AUC} = P(\ell_\text{in} < \ell_\text{out}) + \tfrac12 P(\ell_\text{in} = \ell_\text{out})

    Parameters
    ----------
    loss_in, loss_out : array_like, shapes (N,), (M,)

    Returns
    -------
    float
        0.5: no better than tossing a coin. 1: every member is found.

    Raises
    ------
    ValueError, TypeError
        If one is empty or not finite.

    Examples
    --------
    >>> membership_auc([0.1, 0.3], [0.2, 0.9])
    0.75

    References
    ----------
    Shokri, R., Stronati, M., Song, C. & Shmatikov, V. (2017). Membership inference attacks against machine learning
    models. IEEE Symposium on Security and Privacy.
    Yeom, S., Giacomelli, I., Fredrikson, M. & Jha, S. (2018). Privacy risk in machine learning: analyzing the
    connection to overfitting. IEEE Computer Security Foundations Symposium.
    """
    loss_in, loss_out = _losses("membership_auc", loss_in, loss_out)
    strangers = np.sort(loss_out)
    not_above, below = (np.searchsorted(strangers, loss_in, side)
                        for side in ("right", "left"))
    return float(1 - (not_above + below).mean() / (2 * len(strangers)))


def _losses(operation, *losses):
    return [_check.array(operation, name, loss, ("N",))
            for name, loss in zip(("loss_in", "loss_out"), losses)]


# ---------------------------------------------------------------- robustness

def fgsm(model, x, y, epsilon, *, steps=1, limits=(0.0, 1.0)):
    r"""An adversarial example: every pixel moved a little, in the direction that hurts most.

    .. math:: x' = \Pi_{[0, 1]}\bigl(x + \varepsilon\,\text{sign}\,\nabla_x L(x, y)\bigr)

    Parameters
    ----------
    model : Module
    x : array_like, shape (N, ...)
    y : array_like of int, shape (N,)
        The right classes.
    epsilon : float
        The most that a pixel may change.
    steps : int
        1: the fast gradient sign method. More: as many steps of :math:`\varepsilon/\text{steps}`, each with a new
        gradient.
    limits : (float, float) or None
        As in :func:`input_gradient`; the result stays within them.

    Returns
    -------
    ndarray, shape of x

    Raises
    ------
    ValueError, TypeError
        If a class does not exist, ``x`` leaves the limits or a setting is out of range.

    Examples
    --------
    >>> from course_lib import nn
    >>> model = nn.Sequential(nn.Linear(3, 2, rng=np.random.default_rng(0)))
    >>> x = np.full((1, 3), 0.5)
    >>> bool(np.allclose(np.abs(fgsm(model, x, [0], 0.1) - x), 0.1))
    True

    References
    ----------
    Goodfellow, I., Shlens, J. & Szegedy, C. (2015). Explaining and harnessing adversarial examples. ICLR.
    Kurakin, A., Goodfellow, I. & Bengio, S. (2017). Adversarial examples in the physical world. ICLR workshop.
    """
    _check.number("fgsm", at_least=0, epsilon=epsilon)
    _check.whole("fgsm", at_least=1, steps=steps)
    model, x = frozen(model), inputs("fgsm", model, x, limits)
    for _ in range(steps):
        moved = Tensor(x, requires_grad=True)
        logits = model(moved)
        cross_entropy(logits, classes("fgsm", y, logits)).backward()
        x = (x + epsilon / steps * np.sign(moved.grad)).astype(x.dtype)
        if limits is not None:
            x = np.clip(x, *limits)
    return x
