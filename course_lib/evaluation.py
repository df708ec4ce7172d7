"""How good is it, and would it be as good on new data? (chapters 4 and 10)"""
import itertools
import math
from typing import NamedTuple

import numpy as np

from . import _check
from .tensor import Tensor


def accuracy(logits, target):
    r"""The fraction of right answers, :math:`\frac1N\sum_n \mathbb 1[\arg\max_i z_{ni} = y_n]` (A15).

    Parameters
    ----------
    logits : Tensor or array_like, shape (N, C), or (N,) for yes/no scores
        The largest score wins (the first of several); a single score says yes when it is positive.
    target : array_like of int, shape (N,), or of probabilities, shape (N, C)

    Returns
    -------
    float in [0, 1]

    Raises
    ------
    ValueError
        If the shapes do not fit, there are no examples, or single scores meet targets other than 0 and 1.

    Examples
    --------
    >>> accuracy([[2.0, 1.0], [0.3, 0.4], [5.0, 1.0]], [0, 1, 1])
    0.6666666666666666
    """
    scores = logits.data if isinstance(logits, Tensor) else np.asarray(logits)
    target = np.asarray(target)
    if scores.ndim not in (1, 2) or target.shape not in (scores.shape[:1], scores.shape) or not len(scores):
        raise ValueError(f"accuracy: expected logits (N, C) or (N,) and target (N,) with N > 0, "
                         f"but got {scores.shape} and {target.shape}")
    if scores.ndim == 1 and not np.isin(target, (0, 1)).all():
        raise ValueError(f"accuracy: a single score says yes or no, so target must be 0 or 1, but is {target[:5].tolist()}; "
                         f"for classes give the scores (N, C), not the guesses")
    guess = scores.argmax(axis=1) if scores.ndim == 2 else scores > 0
    return float((guess == (target.argmax(axis=1) if target.ndim == 2 else target)).mean())


def classification_error(logits, target):
    """The fraction of wrong answers, 1 - :func:`accuracy` (A15).

    >>> classification_error([[2.0, 1.0], [0.4, 0.3]], [0, 1])
    0.5
    """
    return 1 - accuracy(logits, target)


# -- honest splits -----------------------------------------------------------------------------------

def split(X, y, fractions=(0.6, 0.2, 0.2), *, stratify=True, rng):
    r"""Divide examples at random: to learn from, choose by, report on (A37).

    Every part but the first has :math:`\lceil \text{fraction} \cdot N \rceil` examples, the first has the rest.

    Parameters
    ----------
    X : array_like, shape (N, ...)
    y : array_like, shape (N, ...)
        Targets; whole numbers in one dimension are classes.
    fractions : sequence of float
        One per part, above 0, sum 1.
    stratify : bool
        Whether every class gets the same share of every part, as nearly as whole examples allow. Targets that
        are no classes need False.
    rng : numpy.random.Generator

    Returns
    -------
    list of tuple (X, y)
        One per fraction, each in random order.

    Raises
    ------
    ValueError, TypeError
        If the fractions are none, the lengths differ, or a part would be empty or without any example of a class:
        on such a part nothing can be said about that class.

    Examples
    --------
    >>> X, y = np.arange(10.0)[:, None], np.array([0, 1] * 5)
    >>> train, validation, test = split(X, y, (0.6, 0.2, 0.2), rng=np.random.default_rng(0))
    >>> [len(part[0]) for part in (train, validation, test)], sorted(test[1].tolist())
    ([6, 2, 2], [0, 1])

    References
    ----------
    Stone, M. (1974). Cross-validatory choice and assessment of statistical predictions. JRSS B 36.
    """
    X, y = _pairs("split", X, y)
    _check.generator("split", rng)
    sizes = _sizes(fractions, len(X))
    order = rng.permutation(len(X))
    if stratify:
        _, y_of = _classes("split", y)
        piles = [order[y_of[order] == k] for k in range(y_of.max() + 1)]
        parts = []
        for size in sizes:
            share = _in_proportion([len(pile) for pile in piles], size, rng)
            part = [pile[:n] for pile, n in zip(piles, share)]
            piles = [pile[n:] for pile, n in zip(piles, share)]
            parts.append(rng.permutation(np.concatenate(part)))
    else:
        parts = np.split(order, np.cumsum(sizes)[:-1])
    for number, part in enumerate(parts, 1):
        name = f"part {number} of {len(parts)}"
        _no_class_missing("split", y, part, name, stratify)
    return [(X[part], y[part]) for part in parts]


def _sizes(fractions, n):
    """How many of ``n`` examples each part of :func:`split` has."""
    fractions = _check.array("split", "fractions", fractions, ("parts",)).astype(float)
    if len(fractions) < 2 or fractions.min() <= 0 or abs(fractions.sum() - 1) > 1e-9:
        raise ValueError(f"split: fractions must be two or more, above 0, with sum 1, but is {fractions.tolist()}")
    later = [math.ceil(round(fraction * n, 9)) for fraction in fractions[1:]]
    if n <= sum(later):
        raise ValueError(f"split: X must hold enough examples for {len(fractions)} parts of {fractions.tolist()}, "
                         f"but holds {n}")
    return [n - sum(later), *later]


def k_fold(y, k=5, *, stratify=True, rng):
    """Divide examples at random into ``k`` folds; each in turn validates what the others have trained (A37).

    Parameters
    ----------
    y : array_like, shape (N, ...)
        Targets; whole numbers in one dimension are classes.
    k : int
        At least 2 and at most N; N leaves out one example at a time.
    stratify : bool
        Whether every class gets the same share of every fold. Targets that are no classes need False.
    rng : numpy.random.Generator

    Returns
    -------
    list of tuple (train, validation)
        ``k`` pairs of arrays of row numbers, increasing. Every row validates once.

    Raises
    ------
    ValueError, TypeError
        If ``k`` does not fit, or a fold would be without any example of a class.

    Examples
    --------
    >>> folds = k_fold(np.array([0, 1] * 5), k=5, rng=np.random.default_rng(0))
    >>> [len(validation) for train, validation in folds]
    [2, 2, 2, 2, 2]

    References
    ----------
    Stone, M. (1974). Cross-validatory choice and assessment of statistical predictions. JRSS B 36.
    """
    y = np.asarray(y)
    _check.generator("k_fold", rng)
    _check.whole("k_fold", k=k, at_least=2)
    if y.ndim == 0 or len(y) < k:
        raise ValueError(f"k_fold: k must be at most the number of examples, but is {k} for y of shape {y.shape}")
    fold_of = np.empty(len(y), int)
    if stratify:
        classes, y_of = _classes("k_fold", y)
        in_order = np.sort(y_of)                            # dealing out cards sorted by class
        for c in range(len(classes)):
            counts = [np.count_nonzero(in_order[i::k] == c) for i in range(k)]
            fold_of[y_of == c] = rng.permutation(np.repeat(np.arange(k), counts))
    else:
        fold_of[rng.permutation(len(y))] = np.sort(np.arange(len(y)) % k)
    folds = [(np.flatnonzero(fold_of != i), np.flatnonzero(fold_of == i)) for i in range(k)]
    if stratify or k < len(y):                              # leaving one out is meant to leave one class out
        for i, (_, validation) in enumerate(folds, 1):
            _no_class_missing("k_fold", y, validation, f"fold {i} of {k}", stratify)
    return folds


class Search(NamedTuple):
    """What a search found.

    Attributes
    ----------
    best : dict
        The settings with the lowest mean validation loss; the first of several.
    settings : list of dict
        All that were tried.
    losses : ndarray, shape (number of settings, number of folds)
        Their validation losses.
    """
    best: dict
    settings: list
    losses: np.ndarray


def grid_search(fit, grid, X, y, *, folds, loss):
    r"""Try every combination of settings and keep the one that validates best (A37).

    .. math:: \alpha^* = \arg\min_\alpha L_{\text{val}}(\alpha)

    The loss of the winner is an optimistic estimate, because it won: report
    :math:`L_{\text{test}}(\alpha^*)`, on examples that were not among ``X``.

    Parameters
    ----------
    fit : callable
        ``fit(X, y, **settings) -> predict``, with ``predict(X) -> predictions``. It sees training rows only; whatever
        is computed from data, such as a mean to subtract, belongs inside, or the validation rows leak.
    grid : dict of str to sequence
        The values of each setting.
    X, y : array_like, shape (N, ...)
    folds : list of tuple (train, validation) of row numbers
        From :func:`k_fold`; a single pair is a plain validation set.
    loss : callable
        ``loss(predictions, targets) -> float``, lower is better.

    Returns
    -------
    Search

    Raises
    ------
    ValueError
        If the grid is empty, a fold's two halves share a row, or a loss is not a number.

    Examples
    --------
    >>> x = np.linspace(0, 1, 12); y = x**2
    >>> fit = lambda x, y, degree: np.poly1d(np.polyfit(x, y, degree))
    >>> mse = lambda prediction, y: np.mean((prediction - y) ** 2)
    >>> folds = k_fold(y, 3, stratify=False, rng=np.random.default_rng(0))
    >>> grid_search(fit, {"degree": [0, 1, 2]}, x, y, folds=folds, loss=mse).best
    {'degree': 2}

    References
    ----------
    Stone, M. (1974). Cross-validatory choice and assessment of statistical predictions. JRSS B 36.
    """
    X, y = _pairs("grid_search", X, y)
    _check_search(grid, folds)
    settings = [dict(zip(grid, values))
                for values in itertools.product(*grid.values())]
    losses = np.empty((len(settings), len(folds)))
    for s, setting in enumerate(settings):
        for f, (train, validation) in enumerate(folds):
            predict = fit(X[train], y[train], **setting)
            losses[s, f] = loss(predict(X[validation]), y[validation])
        if np.isnan(losses[s]).any():
            raise ValueError("grid_search: loss must be a number for all "
                             f"settings, but is nan for {setting}")
    best = losses.mean(axis=1).argmin()
    return Search(settings[best], settings, losses)


def _check_search(grid, folds):
    if not grid or not all(np.ndim(values) == 1 and len(values) for values in grid.values()):
        raise ValueError(f"grid_search: grid must name settings, each with values to try, but is {grid!r:.80}")
    if not folds:
        raise ValueError("grid_search: folds must hold at least one pair (train, validation), but is empty")
    for train, validation in folds:
        if both := set(np.asarray(train).tolist()) & set(np.asarray(validation).tolist()):
            raise ValueError(f"grid_search: folds must not validate on training rows, but row {min(both)} is in both")


# -- where the error comes from ----------------------------------------------------------------------

class BiasVariance(NamedTuple):
    """The parts of an expected squared error.

    Attributes
    ----------
    bias2, variance : float
        Means over the K places.
    mean : ndarray, shape (K,)
        The average prediction at every place.
    predictions : ndarray, shape (R, K)
        Of every fit.
    """
    bias2: float
    variance: float
    mean: np.ndarray
    predictions: np.ndarray


def decompose(predictions, truth, *, clip=None):
    r"""Split the error beyond the noise into bias² and variance (A38).

    .. math:: \underbrace{\mathbb E_x \mathbb E_D (f_D(x) - f(x))^2}_{\text{error beyond the noise}}
              = \underbrace{\mathbb E_x (\bar f(x) - f(x))^2}_{\text{bias}^2}
              + \underbrace{\mathbb E_x \mathrm{Var}_D f_D(x)}_{\text{variance}},
              \qquad \bar f = \mathbb E_D f_D

    The average of R predictions itself wobbles, by variance/R: that much is taken from the bias² and given to
    the variance. Both are then unbiased, and their sum is exact. (With few fits, a tiny bias² may come out below 0.)

    Parameters
    ----------
    predictions : array_like, shape (R, K)
        Row r: at K places, the predictions of a model fitted to data set r.
    truth : array_like, shape (K,)
        What the data would be without noise. Expected squared error on new, noisy data: the noise's variance more.
    clip : tuple (low, high), optional
        Limits for the predictions: one wild fit can hide all others.

    Returns
    -------
    BiasVariance

    Raises
    ------
    ValueError
        If there are fewer than two fits, the shapes differ, or predictions are not finite.

    Examples
    --------
    >>> parts = decompose([[1.0], [3.0]], [0.0])
    >>> parts.bias2, parts.variance                         # mean 2, variance 2: 2² - 2/2 and 2
    (3.0, 2.0)

    References
    ----------
    Geman, S., Bienenstock, E. & Doursat, R. (1992). Neural networks and the bias/variance dilemma.
    Neural Computation 4.
    """
    predictions, truth = _fits(predictions, truth, clip)
    mean = predictions.mean(axis=0)
    variance = predictions.var(axis=0, ddof=1).mean()
    bias2 = ((mean - truth) ** 2).mean() - variance / len(predictions)
    return BiasVariance(float(bias2), float(variance), mean, predictions)


def _fits(predictions, truth, clip):
    """What :func:`decompose` was given, checked and clipped."""
    predictions = _check.array("decompose", "predictions", predictions, ("R", "K"), finite=False).astype(float)
    truth = _check.array("decompose", "truth", truth, predictions.shape[1:])
    if clip is not None:
        low, high = _check.array("decompose", "clip", clip, (2,))
        if not low < high:
            raise ValueError(f"decompose: clip must be (low, high) with low < high, but is {(low, high)}")
        predictions = predictions.clip(low, high)
    if len(predictions) < 2:
        raise ValueError("decompose: predictions must come from at least 2 fits, but come from 1")
    wild = ~np.isfinite(predictions).all(axis=1)
    if wild.any():
        raise ValueError(f"decompose: predictions must be finite, but {wild.sum()} of {len(wild)} fits gave others")
    return predictions, truth


def bias_variance(fit, sample, x, f, n=100, *, clip=None, rng):
    r"""Bias² and variance of a learning method, by fitting it to ``n`` fresh data sets (A38).

    Parameters
    ----------
    fit : callable
        ``fit(X, y) -> predict``, with ``predict(x) -> (K,)``.
    sample : callable
        ``sample(rng) -> (X, y)``: a fresh data set.
    x : array_like, shape (K, ...)
        Places at which fits are compared.
    f : callable
        The truth, ``f(x) -> (K,)``.
    n : int
        How many data sets, at least 2.
    clip : tuple (low, high), optional
        As in :func:`decompose`.
    rng : numpy.random.Generator

    Returns
    -------
    BiasVariance

    Raises
    ------
    ValueError, TypeError
        As :func:`decompose`, and if ``n`` is below 2.

    Examples
    --------
    The mean of 4 noisy values, as a prediction of 0: no bias, variance 1/4.

    >>> parts = bias_variance(lambda X, y: lambda x: np.full(len(x), y.mean()),
    ...                       lambda rng: (None, rng.standard_normal(4)),
    ...                       [0.0], lambda x: [0.0], n=10_000, rng=np.random.default_rng(0))
    >>> round(abs(parts.bias2), 3), round(parts.variance, 2)
    (0.0, 0.25)

    References
    ----------
    Geman, S., Bienenstock, E. & Doursat, R. (1992). Neural networks and the bias/variance dilemma.
    """
    _check.whole("bias_variance", n=n, at_least=2)
    _check.generator("bias_variance", rng)
    x = np.asarray(x)
    return decompose([fit(*sample(rng))(x) for _ in range(n)], f(x), clip=clip)


class LearningCurve(NamedTuple):
    """Losses over the number of training examples.

    Attributes
    ----------
    sizes : ndarray, shape (S,)
    train, test : ndarray, shape (S, repeats)
    """
    sizes: np.ndarray
    train: np.ndarray
    test: np.ndarray


def learning_curve(fit, X, y, sizes, *, test, loss, repeats=1, rng):
    """Train on more and more examples; measure on them and on a fixed test set (A38).

    Parameters
    ----------
    fit : callable
        ``fit(X, y) -> predict``.
    X, y : array_like, shape (N, ...)
        Examples to draw from.
    sizes : sequence of int
        From 1 to N. Within one repeat, a smaller set is the beginning of a larger one.
    test : tuple (X, y)
    loss : callable
        ``loss(predictions, targets) -> float``; an accuracy does as well.
    repeats : int
        How many orders of the examples are tried.
    rng : numpy.random.Generator

    Returns
    -------
    LearningCurve

    Raises
    ------
    ValueError, TypeError
        If a size is not a whole number from 1 to N, or the lengths differ.

    Examples
    --------
    >>> X = np.arange(8.0)
    >>> mean = lambda X, y: lambda x: np.full(len(x), y.mean())
    >>> curve = learning_curve(mean, X, X, [1, 8], test=(X, X), loss=lambda p, y: np.mean((p - y) ** 2),
    ...                        rng=np.random.default_rng(0))
    >>> curve.train[:, 0]                                   # one example is learnt by heart
    array([0.  , 5.25])

    References
    ----------
    Cortes, C., Jackel, L. D., Solla, S. A., Vapnik, V. & Denker, J. S. (1994). Learning curves: asymptotic
    values and rate of convergence. NeurIPS 6.
    """
    X, y = _pairs("learning_curve", X, y)
    X_test, y_test = _pairs("learning_curve", *test)
    _check.generator("learning_curve", rng)
    _check.whole("learning_curve", repeats=repeats, at_least=1)
    sizes = _sizes_up_to(len(X), sizes)
    train_loss, test_loss = np.empty((2, len(sizes), repeats))
    for r in range(repeats):
        order = rng.permutation(len(X))
        for s, size in enumerate(sizes):
            rows = order[:size]
            predict = fit(X[rows], y[rows])
            train_loss[s, r] = loss(predict(X[rows]), y[rows])
            test_loss[s, r] = loss(predict(X_test), y_test)
    return LearningCurve(sizes, train_loss, test_loss)


def _sizes_up_to(n, sizes):
    sizes = list(sizes)
    for size in sizes:
        _check.whole("learning_curve", sizes=size, at_least=1)
    if not sizes or max(sizes) > n:
        raise ValueError(f"learning_curve: sizes must be from 1 to the {n} examples there are, but is {sizes}")
    return np.array(sizes)


# -- shared parts ------------------------------------------------------------------------------------

def _pairs(operation, X, y):
    X, y = np.asarray(X), np.asarray(y)
    if not X.ndim or not y.ndim or len(X) != len(y) or not len(X):
        raise ValueError(f"{operation}: X and y must hold equally many examples, at least one, "
                         f"but have shapes {X.shape} and {y.shape}")
    return X, y


def _classes(operation, y):
    """The class labels, and for every example the number of its class."""
    if y.ndim != 1 or y.dtype.kind == "f":
        raise ValueError(f"{operation}: y must hold one class per example to be stratified, but has shape {y.shape} "
                         f"and dtype {y.dtype}: pass stratify=False")
    return np.unique(y, return_inverse=True)


def _in_proportion(counts, size, rng):
    """How many of each class to take so that ``size`` have the classes' shares: largest remainders, ties by lot."""
    exact = np.array(counts) / sum(counts) * size
    whole = np.floor(exact).astype(int)
    by_remainder = np.lexsort((rng.random(len(counts)), (whole - exact).round(9)))
    whole[by_remainder[:size - whole.sum()]] += 1
    return whole


def _no_class_missing(operation, y, rows, name, stratified):
    if y.ndim != 1 or y.dtype.kind == "f":
        return                                              # no classes
    classes, counts = np.unique(y, return_counts=True)
    there = np.isin(classes, y[rows])
    if not there.all():
        first = (~there).argmax()
        raise ValueError(f"{operation}: {name} must hold every class, but its size is {len(rows)} and it leaves out "
                         f"class {classes[first]} ({counts[first]} of {len(y)} examples): "
                         + ("take a larger part, or find more examples" if stratified else "pass stratify=True"))
