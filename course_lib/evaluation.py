"""How good is it? Numbers that people understand (chapters 4 and 10)."""
import numpy as np

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
        If the shapes do not fit or there are no examples.

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
    guess = scores.argmax(axis=1) if scores.ndim == 2 else scores > 0
    return float((guess == (target.argmax(axis=1) if target.ndim == 2 else target)).mean())


def classification_error(logits, target):
    """The fraction of wrong answers, 1 - :func:`accuracy` (A15).

    >>> classification_error([[2.0, 1.0], [0.4, 0.3]], [0, 1])
    0.5
    """
    return 1 - accuracy(logits, target)
