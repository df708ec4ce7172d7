"""The loop that everything runs in: batch, forward, loss, backward, step (chapter 6)."""
import math

import numpy as np
from tqdm import tqdm

from . import _check
from .evaluation import accuracy
from .nn.losses import cross_entropy
from .optim import clip_grad_norm
from .tensor import no_grad


class Diverged(ArithmeticError):
    """Training has left the finite numbers.

    Attributes
    ----------
    epoch, step : int
        Where, counted from 1; ``step`` counts mini-batches from the start of the training. ``epoch`` is None where
        training has no epochs.
    history : dict
        What was recorded before.
    """

    def __init__(self, epoch, step, loss, history):
        place = f"step {step}" if epoch is None else f"epoch {epoch} (step {step})"
        super().__init__(f"diverged at {place}: the loss is {loss}")
        self.epoch, self.step, self.history = epoch, step, history


class EarlyStopping:
    r"""Watch a number, keep the best weights, and say when to stop (A41).

    Stop after ``patience`` checks in a row without a new best; then :meth:`restore` the weights of the best.

    Parameters
    ----------
    patience : int
        At least 1.
    min_delta : float
        How much better a new best has to be, at least 0.
    mode : {"min", "max"}
        Whether small is good (a loss) or large (an accuracy).

    Attributes
    ----------
    best : float
        The best value so far, infinite before the first.
    best_check, checks : int
        Number of the best check, and of checks so far, counted from 1; in :func:`fit` these are epochs.

    Raises
    ------
    ValueError
        If a setting is out of range, or nothing was kept that could be restored.

    Examples
    --------
    >>> from course_lib import nn
    >>> model, stopper = nn.Linear(1, 1, init="zeros", rng=None), EarlyStopping(patience=2)
    >>> for loss in [0.9, 0.5, 0.7, 0.6, 0.1]:
    ...     model.weight.data += 1
    ...     if stopper.update(loss, model):
    ...         break
    >>> stopper.restore(model)
    >>> stopper.checks, stopper.best_check, stopper.best, model.weight.item()
    (4, 2, 0.5, 2.0)

    References
    ----------
    Morgan, N. & Bourlard, H. (1990). Generalization and parameter estimation in feedforward nets. NIPS 2.
    Prechelt, L. (1998). Early stopping - but when? Neural Networks: Tricks of the Trade.
    """

    def __init__(self, patience=10, min_delta=0.0, mode="min"):
        _check.whole("EarlyStopping", at_least=1, patience=patience)
        _check.number("EarlyStopping", at_least=0, min_delta=min_delta)
        _check.choice("EarlyStopping", "mode", mode, ("min", "max"))
        self.patience, self.min_delta = patience, min_delta
        self.sign = 1 if mode == "min" else -1
        self.best, self.state = self.sign * math.inf, None
        self.checks = self.best_check = 0

    def update(self, value, model):
        """Take a value; if it is the best, copy the weights. Whether to stop."""
        self.checks += 1
        gain = self.sign * (self.best - value)
        if gain > self.min_delta:                    # never true for NaN
            self.best, self.best_check = value, self.checks
            self.state = model.state_dict()
        return self.checks - self.best_check >= self.patience

    def restore(self, model):
        """Put the best weights back, bit for bit."""
        if self.state is None:
            raise ValueError("EarlyStopping: nothing to restore, none of "
                             f"{self.checks} values was a number")
        model.load_state_dict(self.state)


def minibatches(n, batch_size, rng):
    """The numbers 0 … n-1 in random order, in pieces of ``batch_size`` (A20).

    The last piece may be shorter.

    Examples
    --------
    >>> [len(batch) for batch in minibatches(10, 4, np.random.default_rng(0))]
    [4, 4, 2]
    """
    order = rng.permutation(n)
    return [order[i:i + batch_size] for i in range(0, n, batch_size)]


def fit(model, X, y, *, optimizer, loss=cross_entropy, epochs, batch_size=64, rng, validation=None,
        metrics=None, schedule=None, clip_norm=None, after_step=None, early_stopping=None, progress=True):
    """Train ``model`` on mini-batches and record how it goes (A20).

    Parameters
    ----------
    model : Module
    X : ndarray, shape (N, ...)
        Inputs, taken in the dtype of the model's parameters.
    y : ndarray, shape (N, ...)
        Targets, as the loss wants them.
    optimizer : Optimizer
        Made from ``model.parameters()``.
    loss : callable
        ``loss(output, target) -> scalar Tensor``.
    epochs, batch_size : int
    rng : numpy.random.Generator
        Shuffles the examples; fix its seed and the run repeats.
    validation : tuple (X, y), optional
        Measured after every epoch, in evaluation mode.
    metrics : dict of name to function ``(output, target) -> float``, optional
        Accuracy if the targets are whole numbers, else nothing.
    schedule : Schedule, optional
        Its ``step()`` is called after every update, so it counts updates; see :mod:`course_lib.optim`.
    clip_norm : float, optional
        The gradient is shortened to at most this length before every update.
    after_step : callable, optional
        ``after_step(step, loss)`` is called after every update; training stops if it returns True.
    early_stopping : EarlyStopping, optional
        Gets the "test loss" after every epoch; in the end the best weights are put back. Needs ``validation``.
    progress : bool
        Whether to show a progress bar, if it takes longer than half a second.

    Returns
    -------
    dict of str to list of float
        One value per completed epoch: "train loss", "train accuracy" (means over the mini-batches, dropout on), and
        "test loss", "test accuracy" if ``validation`` is given.

    Raises
    ------
    ValueError
        If the data are empty, hold NaN or infinity, or differ in length; or for a bad ``epochs`` or ``batch_size``.
    Diverged
        As soon as the loss is not finite: with the epoch, the step, and the history until then.

    Examples
    --------
    >>> from course_lib import nn, optim
    >>> rng = np.random.default_rng(0)
    >>> X = rng.standard_normal((100, 2)); y = (X[:, 0] > 0).astype(int)
    >>> model = nn.mlp([2, 8, 2], rng=rng)
    >>> history = fit(model, X, y, optimizer=optim.SGD(model.parameters(), lr=0.5), epochs=20, rng=rng,
    ...               progress=False)
    >>> history["train accuracy"][-1] > 0.9
    True
    """
    _check.whole("fit", at_least=1, epochs=epochs, batch_size=batch_size)
    if early_stopping is not None and validation is None:
        raise ValueError("fit: early_stopping needs validation data, but validation is None")
    dtype = optimizer.params[0].dtype
    X, y = _examples("training", X, y, dtype)
    if validation is not None:
        validation = _examples("validation", *validation, dtype)
    if metrics is None:
        metrics = {"accuracy": accuracy} if y.dtype.kind in "iu" else {}

    history = {f"{part} {name}": [] for part in (("train", "test") if validation else ("train",))
               for name in ("loss", *metrics)}
    step = 0
    rounds = range(1, epochs + 1)
    for epoch in tqdm(rounds, desc="training", unit="epoch", leave=False, delay=0.5) if progress else rounds:
        model.train()
        sums = dict.fromkeys(("loss", *metrics), 0.0)
        for rows in minibatches(len(X), batch_size, rng):
            step += 1
            with np.errstate(over="ignore", invalid="ignore", divide="ignore"):     # reported below instead
                output = model(X[rows])
                value = loss(output, y[rows])
                if not math.isfinite(value.item()):
                    raise Diverged(epoch, step, value.item(), history)
                update(value, optimizer, schedule, clip_norm)
            if after_step is not None and after_step(step, value.item()):
                model.eval()
                return history
            _add(sums, value, metrics, output, y[rows], len(rows) / len(X))
        _append(history, "train", sums)
        if validation is not None:
            _append(history, "test", evaluate(model, *validation, loss=loss, metrics=metrics))
        if early_stopping is not None and early_stopping.update(history["test loss"][-1], model):
            break
    if early_stopping is not None:
        early_stopping.restore(model)
    model.eval()
    return history


def fit_batches(model, batch_loss, updates, *, optimizer, schedule=None,
                clip_norm=None):
    """Train ``model`` on batches that the caller draws: the loop of sequences, captions and drawings (A20).

    Parameters
    ----------
    model : Module
        Put in training mode, and in evaluation mode at the end.
    batch_loss : callable
        ``batch_loss(step) -> scalar Tensor``: draws a batch and gives its loss; ``step`` counts from 0.
    updates : int
    optimizer, schedule, clip_norm
        As in :func:`fit`.

    Returns
    -------
    list of float
        The loss before every update.

    Raises
    ------
    ValueError
        If ``updates`` is less than 1.
    Diverged
        As soon as the loss is not finite; its history holds the "train loss" until then.

    Examples
    --------
    >>> from course_lib import nn, optim
    >>> model = nn.Linear(1, 1, init="zeros", rng=None)
    >>> losses = fit_batches(model, lambda step: ((model([[1.0]]) - 3) ** 2).sum(), 50,
    ...                      optimizer=optim.SGD(model.parameters(), lr=0.1))
    >>> losses[0], round(losses[-1], 4)
    (9.0, 0.0)
    """
    _check.whole("fit_batches", at_least=1, updates=updates)
    losses = []
    model.train()
    with np.errstate(all="ignore"):              # divergence is reported instead
        for step in range(updates):
            loss = batch_loss(step)
            if not math.isfinite(loss.item()):
                raise Diverged(None, step + 1, loss.item(),
                               {"train loss": losses})
            update(loss, optimizer, schedule, clip_norm)
            losses.append(loss.item())
    model.eval()
    return losses


def update(loss, optimizer, schedule=None, clip_norm=None):
    """One step downhill: the gradient of the loss, shortened if it is too long, then the optimizer and its schedule.

    Parameters
    ----------
    loss : Tensor, a scalar
    optimizer, schedule, clip_norm
        As in :func:`fit`.
    """
    optimizer.zero_grad()
    loss.backward()
    if clip_norm is not None:
        clip_grad_norm(optimizer.params, clip_norm)
    optimizer.step()
    if schedule is not None:
        schedule.step()


def evaluate(model, X, y, *, loss=cross_entropy, metrics=None):
    """The loss and metrics of ``model`` in evaluation mode; nothing is recorded or changed.

    Returns
    -------
    dict of str to float
    """
    metrics = {"accuracy": accuracy} if metrics is None else metrics
    mode, sums = model.training, dict.fromkeys(("loss", *metrics), 0.0)
    model.eval()
    with no_grad(), np.errstate(over="ignore", invalid="ignore"):
        output = model(X)
        _add(sums, loss(output, y), metrics, output, y, 1.0)
    model.train(mode)
    return sums


def _add(sums, value, metrics, output, target, share):
    sums["loss"] += value.item() * share
    for name, metric in metrics.items():
        sums[name] += metric(output, target) * share


def _append(history, part, values):
    for name, value in values.items():
        history[f"{part} {name}"].append(value)


def _examples(part, X, y, dtype):
    X, y = np.asarray(X), np.asarray(y)
    if X.dtype.kind not in "fiub":
        raise TypeError(f"fit: the {part} inputs must be numbers, but their dtype is {X.dtype}")
    if len(X) == 0 or len(X) != len(y):
        raise ValueError(f"fit: {part} needs as many inputs as targets, at least one, but got {len(X)} and {len(y)}")
    for name, values in (("inputs", X), ("targets", y)):
        if values.dtype.kind == "f" and not np.isfinite(values).all():
            where = tuple(int(i) for i in np.argwhere(~np.isfinite(values))[0])
            raise ValueError(f"fit: the {part} {name} must be finite, but hold {values[where]} at {where}")
    return X.astype(dtype, copy=False), y.astype(dtype, copy=False) if y.dtype.kind == "f" else y
