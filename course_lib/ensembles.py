"""Several networks that answer as one: averaging, and why it helps (chapter 12)."""
from typing import NamedTuple

import numpy as np

from . import _check
from .nn.activations import softmax
from .nn.module import Module
from .tensor import no_grad

AVERAGES = ("probabilities", "logits")


def average_probabilities(logits):
    r"""The average of what the members believe (A48).

    .. math:: \bar p_n = \frac1K \sum_k \mathrm{softmax}(z_{kn})

    Parameters
    ----------
    logits : array_like, shape (K, N, C)
        Scores of K members for N examples and C classes.

    Returns
    -------
    ndarray, shape (N, C)

    Raises
    ------
    ValueError
        If the shape is another one or a score is not finite.

    Examples
    --------
    >>> sure, unsure = [[10.0, 0.0]], [[0.0, 0.0]]
    >>> average_probabilities([sure, unsure]).round(2)
    array([[0.75, 0.25]])

    References
    ----------
    Hansen, L. K. & Salamon, P. (1990). Neural network ensembles. IEEE Trans. PAMI 12.
    """
    logits = _check_logits("average_probabilities", logits)
    return softmax(logits).data.mean(axis=0)


def average_logits(logits):
    r"""Softmax of the average score: the geometric mean of the members' probabilities, normalised (A48).

    .. math:: \bar p_{nc} \propto \prod_k p_{knc}^{1/K}

    A member that rules a class out nearly rules it out for all; the arithmetic mean is milder.

    Parameters
    ----------
    logits : array_like, shape (K, N, C)

    Returns
    -------
    ndarray, shape (N, C)

    Examples
    --------
    >>> sure, unsure = [[10.0, 0.0]], [[0.0, 0.0]]
    >>> average_logits([sure, unsure]).round(2)
    array([[0.99, 0.01]])
    """
    logits = _check_logits("average_logits", logits)
    return softmax(logits.mean(axis=0)).data


def _check_logits(operation, logits):
    return _check.array(operation, "logits", logits, ("K", "N", "C"))


class Decomposition(NamedTuple):
    """What :func:`ambiguity` measures: ``ensemble_error = average_error - ambiguity``."""
    ensemble_error: float
    average_error: float
    ambiguity: float


def ambiguity(predictions, target):
    r"""Why an average cannot be worse than its members are on average (A48).

    .. math:: \underbrace{(\bar f - y)^2}_{\text{ensemble}}
              = \underbrace{\frac1K\sum_k (f_k - y)^2}_{\text{average member}}
              - \underbrace{\frac1K\sum_k (f_k - \bar f)^2}_{\text{ambiguity} \,\ge\, 0}

    averaged over all predictions. It holds for the squared error, exactly.

    Parameters
    ----------
    predictions : array_like, shape (K, ...)
        Of K members.
    target : array_like, shape (...)

    Returns
    -------
    Decomposition
        ensemble_error, average_error, ambiguity.

    Raises
    ------
    ValueError
        If ``target`` has another shape than one member's predictions.

    Examples
    --------
    >>> ambiguity([[2.0], [5.0]], [3.0])
    Decomposition(ensemble_error=0.25, average_error=2.5, ambiguity=2.25)

    References
    ----------
    Krogh, A. & Vedelsby, J. (1995). Neural network ensembles, cross validation, and active learning. NeurIPS 7.
    """
    predictions, target = _check_ambiguity(predictions, target)
    mean = predictions.mean(axis=0)
    return Decomposition(
        ensemble_error=float(((mean - target) ** 2).mean()),
        average_error=float(((predictions - target) ** 2).mean()),
        ambiguity=float(((predictions - mean) ** 2).mean()))


def _check_ambiguity(predictions, target):
    axes = ("K", *"N" * (np.ndim(predictions) - 1))
    predictions = _check.array("ambiguity", "predictions", predictions, axes)
    target = _check.array("ambiguity", "target", target, predictions.shape[1:])
    return predictions.astype(np.float64), target.astype(np.float64)


class Ensemble(Module):
    """Several models that answer as one (A48): their averaged probabilities, as logarithms.

    Logarithms of probabilities are logits, so ``cross_entropy`` and ``accuracy`` take them as they are.

    Parameters
    ----------
    members : sequence of Module
        At least one; trained one by one.
    average : {"probabilities", "logits"}

    Raises
    ------
    ValueError
        If there is no member or ``average`` is unknown.

    Examples
    --------
    >>> from course_lib import nn
    >>> nets = [nn.mlp([4, 8, 3], rng=np.random.default_rng(seed)) for seed in range(5)]
    >>> Ensemble(nets)(np.ones((2, 4))).shape
    (2, 3)
    """

    def __init__(self, members, average="probabilities"):
        self.members = list(members)
        if not self.members:
            raise ValueError("Ensemble: members must hold at least one model, but is empty")
        _check.choice("Ensemble", "average", average, AVERAGES)
        self.average = average

    def forward(self, x):
        """Log-probabilities, shape (N, C), an ndarray: the members are already trained, no gradient flows."""
        with no_grad():
            logits = np.stack([member(x).data for member in self.members])
        mean = average_probabilities if self.average == "probabilities" else average_logits
        with np.errstate(divide="ignore"):
            return np.maximum(np.log(mean(logits)), np.log(np.finfo(logits.dtype).tiny))
