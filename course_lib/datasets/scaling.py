"""Inputs on a common scale, learnt from the training examples alone."""
import numpy as np

from .. import _check


def standardize(X_train, *others):
    r"""Shift and scale features to mean 0 and deviation 1 *in training* (A28).

    :math:`\tilde x = (x - \mu_{\text{train}}) / \sigma_{\text{train}}`. Mean and deviation of the test part
    are never looked at. A feature that is constant in training is only shifted (divided by 1).

    Parameters
    ----------
    X_train : array_like, (N, D)
        What mean and deviation are measured on.
    *others : array_like, (M, D)
        Scaled by the same numbers.

    Returns
    -------
    ndarray or tuple of ndarray
        One array for one, else a tuple in the order given; floats keep their dtype, whole numbers
        become float32.

    Raises
    ------
    ValueError, TypeError
        If an array is not (N, D) with the same D, or not finite.

    Examples
    --------
    >>> train, test = standardize([[0.0, 7.0], [2.0, 7.0]], [[4.0, 8.0]])
    >>> train.tolist(), test.tolist()
    ([[-1.0, 0.0], [1.0, 0.0]], [[3.0, 1.0]])
    """
    X_train, others = _matrices("standardize", X_train, others)
    mean = X_train.mean(axis=0, dtype=np.float64)
    # Compare the extremes: rounding gives a constant float32 feature a tiny
    # deviation, and 1/tiny is huge.
    constant = X_train.max(axis=0) == X_train.min(axis=0)
    std = np.where(constant, 1.0, X_train.std(axis=0, dtype=np.float64))
    return _in_their_dtype(lambda X: (X - mean) / std, (X_train, *others))


def whiten(X_train, *others):
    r"""Turn and scale the features so that *on the training part* they are uncorrelated with deviation 1 (A28).

    With the covariance :math:`C = V \Lambda V^\top` of the training part,
    :math:`\tilde x = \Lambda^{-1/2} V^\top (x - \mu_{\text{train}})`: principal components, each divided by its
    standard deviation, the widest first. A direction in which nothing varies is only shifted (divided by 1).

    Parameters
    ----------
    X_train : array_like, (N, D)
        What mean and covariance are measured on.
    *others : array_like, (M, D)
        Turned and scaled by the same numbers.

    Returns
    -------
    ndarray or tuple of ndarray
        One array for one, else a tuple in the order given, D columns each; floats keep their dtype, whole
        numbers become float32.

    Raises
    ------
    ValueError, TypeError
        If an array is not (N, D) with the same D, or not finite.

    References
    ----------
    LeCun, Y., Bottou, L., Orr, G. & Müller, K.-R. (1998). Efficient BackProp.

    Examples
    --------
    >>> X = np.array([[3.0, 1.0], [1.0, 3.0], [-3.0, -1.0], [-1.0, -3.0]])      # wide along the diagonal
    >>> np.cov(X.T, bias=True).tolist()
    [[5.0, 3.0], [3.0, 5.0]]
    >>> np.abs(np.cov(whiten(X).T, bias=True).round(9)).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """
    X_train, others = _matrices("whiten", X_train, others)
    mean = X_train.mean(axis=0, dtype=np.float64)
    centred = X_train - mean
    variance, axes = np.linalg.eigh(centred.T @ centred / len(X_train))
    variance, axes = variance[::-1], axes[:, ::-1]          # widest first
    axes = axes * np.sign(axes[np.abs(axes).argmax(axis=0), range(len(axes))])      # one of two signs, always the same
    flat = variance <= variance[0] * max(X_train.shape) * np.finfo(float).eps       # 0 but for rounding
    std = np.sqrt(np.where(flat, 1.0, variance))
    return _in_their_dtype(lambda X: (X - mean) @ axes / std, (X_train, *others))


def _matrices(operation, X_train, others):
    X_train = _check.array(operation, "X_train", X_train, ("N", "D"))
    return X_train, [_check.array(operation, f"others[{i}]", X, ("N", X_train.shape[1]))
                     for i, X in enumerate(others)]


def _in_their_dtype(transform, arrays):
    """The transformed arrays, one alone or a tuple; what was no float becomes float32."""
    out = tuple(transform(X).astype(X.dtype if X.dtype.kind == "f" else np.float32) for X in arrays)
    return out if len(out) > 1 else out[0]
