"""Why did it say that? Local surrogates, saliency, occlusion, galleries (chapter 18).

Networks here take images of shape (N, C, H, W) or rows of shape (N, D) and give logits (N, classes). They are never
changed: a copy in evaluation mode is run. Images must lie within ``limits``, the range of the training images; answers
about images from elsewhere would be about nothing the network has learned.
"""
import copy
from typing import NamedTuple

import numpy as np

from . import _check
from .regularization import ridge
from .tensor import Tensor, no_grad


# ---------------------------------------------------------------- LIME (A73)

class Explanation(NamedTuple):
    """What a linear model says about a black box near one point (A73)."""
    coefficients: np.ndarray        # per feature, (D,), or per patch, (H / patch, W / patch)
    intercept: float
    fidelity: float                 # weighted R²: 1 if the black box is linear here


def weighted_ridge(Z, answers, weights, strength=0.0):
    r"""The linear model with the smallest weighted squared error plus L2 penalty, in closed form (A73).

    .. math:: \arg\min_{g,\,b} \sum_z \pi_z \bigl(f(z) - g^\top z - b\bigr)^2 + \lambda \lVert g \rVert^2
              \quad\Rightarrow\quad g = (\tilde Z^\top \Pi \tilde Z + \lambda I)^{-1} \tilde Z^\top \Pi \tilde f

    with :math:`\tilde Z, \tilde f` centred by their weighted means: the intercept is not penalised.

    Parameters
    ----------
    Z : array_like, shape (N, D)
    answers : array_like, shape (N,)
        :math:`f(z)`.
    weights : array_like, shape (N,)
        :math:`\pi_z \ge 0`, not all zero.
    strength : float
        :math:`\lambda \ge 0`. The ``alpha`` of scikit-learn's ``Ridge``.

    Returns
    -------
    Explanation

    Raises
    ------
    ValueError, TypeError
        If the shapes do not fit, a weight is negative, all weights are 0, or the examples that count are too few for an
        answer (then ask for a wider kernel, more examples or a penalty).

    Examples
    --------
    >>> weighted_ridge([[0.0], [1.0], [9.0]], [1.0, 3.0, -7.0], weights=[1, 1, 0]).coefficients.tolist()
    [2.0]

    References
    ----------
    Hoerl, A. & Kennard, R. (1970). Ridge regression: biased estimation for nonorthogonal problems. Technometrics 12.
    """
    Z = _check.array("weighted_ridge", "Z", Z, ("N", "D"))
    answers = _check.array("weighted_ridge", "answers", answers, (len(Z),))
    weights = _check.array("weighted_ridge", "weights", weights, (len(Z),))
    _check.number("weighted_ridge", at_least=0, strength=strength)
    if weights.min() < 0 or not weights.any():
        raise ValueError(
            "weighted_ridge: weights must be at least 0 and not all 0, but run "
            f"from {weights.min():g} to {weights.max():g}")
    share = weights / weights.sum()
    centre, level = share @ Z, share @ answers
    root = np.sqrt(weights)
    Zc, fc = root[:, None] * (Z - centre), root * (answers - level)
    if not strength and np.linalg.matrix_rank(Zc) < Z.shape[1]:
        raise ValueError(
            f"weighted_ridge: {np.count_nonzero(weights)} examples with weight "
            f"do not determine {Z.shape[1]} coefficients: widen the kernel, "
            "draw more, or use a strength above 0")
    g = ridge(Zc, fc, strength)
    miss, all_of_it = ((fc - Zc @ g) ** 2).sum(), (fc**2).sum()
    return Explanation(g, float(level - centre @ g),
                       float(1 - miss / all_of_it) if all_of_it else 1.0)


def lime(f, x, *, n=1000, spread=1.0, kernel_width=None, strength=1.0, rng):
    r"""Explain one answer of any black box by a linear model nearby (A73).

    .. math:: \arg\min_g \sum_{z} \pi_x(z) \bigl(f(z) - g(z)\bigr)^2 + \lambda\lVert g\rVert^2,
              \qquad \pi_x(z) = e^{-\lVert z - x\rVert^2 / \kappa^2}, \quad z = x + s\,\varepsilon

    Parameters
    ----------
    f : callable
        The black box: ``f(Z)`` of shape (n, D) gives numbers of shape (n,), such as one class's probability.
    x : array_like, shape (D,)
        The instance, features on one scale (standardised).
    n : int
        How many perturbations.
    spread : float
        :math:`s`, how far they go.
    kernel_width : float, optional
        :math:`\kappa`, how near is near; by default :math:`\tfrac34\sqrt D`, as in the authors' program.
    strength : float
        :math:`\lambda` of :func:`weighted_ridge`.
    rng : numpy.random.Generator

    Returns
    -------
    Explanation
        ``coefficients`` (D,).

    Raises
    ------
    ValueError, TypeError
        If a setting is out of range, ``f`` does not give one number per row, or the kernel leaves no weight.

    Examples
    --------
    >>> box = lambda Z: 3 * Z[:, 0] - Z[:, 1]                        # a black box that is linear
    >>> lime(box, [0.5, 2.0], strength=0, rng=np.random.default_rng(0)).coefficients.round(6).tolist()
    [3.0, -1.0]

    References
    ----------
    Ribeiro, M., Singh, S. & Guestrin, C. (2016). "Why should I trust you?": explaining the predictions of any
    classifier. KDD.
    """
    x = _check.array("lime", "x", x, ("D",)).astype(float)
    _check.whole("lime", at_least=2, n=n)
    _check.number("lime", above=0, spread=spread)
    _check.generator("lime", rng)
    Z = x + spread * rng.standard_normal((n, len(x)))
    return _surrogate("lime", f(Z), Z, Z - x, kernel_width, strength)


def lime_image(f, image, *, patch=2, baseline=0.0, n=500, kernel_width=None, strength=1.0, rng):
    r"""LIME for an image: which patches, kept or blanked, make the answer? (A73)

    Each perturbation blanks a random half of the patches; the linear model sees only which ones are kept.

    Parameters
    ----------
    f : callable
        ``f(images)`` of shape (n, C, H, W) gives numbers of shape (n,).
    image : array_like, shape (C, H, W)
    patch : int
        Side of the square patches; must divide H and W.
    baseline : float
        What a blanked patch is filled with.
    n, kernel_width, strength, rng
        As in :func:`lime`; distances are between the rows of zeros and ones.

    Returns
    -------
    Explanation
        ``coefficients`` (H / patch, W / patch): what keeping that patch adds to the answer.

    Raises
    ------
    ValueError, TypeError
        As :func:`lime`, or if the patches do not tile the image.

    Examples
    --------
    >>> image = np.ones((1, 4, 4))
    >>> top_left = lambda images: images[:, 0, :2, :2].mean(axis=(1, 2))
    >>> g = lime_image(top_left, image, strength=0, rng=np.random.default_rng(0)).coefficients
    >>> np.abs(g.round(6)).tolist()
    [[1.0, 0.0], [0.0, 0.0]]

    References
    ----------
    Ribeiro, M., Singh, S. & Guestrin, C. (2016). "Why should I trust you?": explaining the predictions of any
    classifier. KDD.
    """
    image = _check.array("lime_image", "image", image, ("C", "H", "W"))
    _check.whole("lime_image", at_least=1, patch=patch)
    _check.whole("lime_image", at_least=2, n=n)
    _check.generator("lime_image", rng)
    _, H, W = image.shape
    if H % patch or W % patch:
        raise ValueError(f"lime_image: patch must divide {H} and {W}, but is {patch}")
    rows, columns = H // patch, W // patch
    kept = rng.integers(0, 2, (n, rows * columns)).astype(float)
    kept[0] = 1                                            # the image itself
    masks = kept.reshape(n, 1, rows, columns).repeat(patch, 2).repeat(patch, 3)
    images = (masks * image + (1 - masks) * baseline).astype(image.dtype)
    out = _surrogate("lime_image", f(images), kept, kept - 1, kernel_width, strength)
    return out._replace(coefficients=out.coefficients.reshape(rows, columns))


def _surrogate(operation, answers, Z, away, kernel_width, strength):
    """Weigh the perturbations by how near they are, and fit."""
    n, D = Z.shape
    answers = _check.array(operation, "f(z)", getattr(answers, "data", answers), (n,))
    width = 0.75 * D**0.5 if kernel_width is None else kernel_width
    _check.number(operation, above=0, kernel_width=width)
    weights = np.exp(-(away**2).sum(axis=1) / width**2)
    if not weights.any():
        raise ValueError(f"{operation}: no perturbation is near enough to count, "
                         f"kernel_width {width:g} is too small")
    return weighted_ridge(Z, answers, weights, strength)


# ---------------------------------------------------------------- which pixels mattered (A75)

def input_gradient(model, x, k, *, limits=(0.0, 1.0)):
    r"""The slope :math:`\partial z_k / \partial x` of one logit with respect to every input (A75).

    Parameters
    ----------
    model : Module
    x : array_like, shape (N, ...)
    k : int, or array_like of int, shape (N,)
        The class, for all or for each.
    limits : (float, float) or None
        The range the network was trained on; None for no check.

    Returns
    -------
    ndarray, shape of x

    Raises
    ------
    ValueError, TypeError
        If there is no such class, or ``x`` leaves the limits.

    Examples
    --------
    >>> from course_lib import nn
    >>> model = nn.Sequential(nn.Linear(3, 2, rng=np.random.default_rng(0)))
    >>> bool((input_gradient(model, np.ones((1, 3)), 1) == model[0].weight.data[1]).all())
    True

    References
    ----------
    Simonyan, K., Vedaldi, A. & Zisserman, A. (2014). Deep inside convolutional networks: visualising image
    classification models and saliency maps. ICLR workshop.
    """
    model, x = frozen(model), inputs("input_gradient", model, x, limits)
    x = Tensor(x, requires_grad=True)
    logits = model(x)
    k = classes("input_gradient", k, logits)
    logits[np.arange(len(x)), k].sum().backward()   # each image its own slope
    return x.grad


def saliency(model, x, k, *, limits=(0.0, 1.0)):
    r"""How much one logit answers to every input, :math:`|\partial z_k / \partial x|` (A75).

    Parameters, errors and reference as in :func:`input_gradient`.

    Returns
    -------
    ndarray, shape of x

    Examples
    --------
    >>> from course_lib import nn
    >>> model = nn.Sequential(nn.Flatten(), nn.Linear(4, 2, rng=np.random.default_rng(0)))
    >>> saliency(model, np.ones((5, 1, 2, 2)), 0).shape
    (5, 1, 2, 2)
    """
    return np.abs(input_gradient(model, x, k, limits=limits))


def occlusion(model, x, k, *, patch=2, stride=1, baseline=0.0,
              limits=(0.0, 1.0)):
    r"""What one logit loses when a square is blanked, :math:`z_k(x) - z_k(x_{\setminus\text{patch}})` (A75).

    Parameters
    ----------
    model : Module
    x : array_like, shape (N, C, H, W)
    k : int, or array_like of int, shape (N,)
    patch, stride : int
        Side of the square, and its step.
    baseline : float
        What the square is filled with: a choice that changes the answer. 0 says nothing about a black place.
    limits : (float, float) or None
        As in :func:`input_gradient`.

    Returns
    -------
    ndarray, shape (N, (H - patch) // stride + 1, (W - patch) // stride + 1)

    Raises
    ------
    ValueError, TypeError
        If there is no such class, the square does not fit, or ``x`` leaves the limits.

    Examples
    --------
    >>> from course_lib import nn
    >>> model = nn.Sequential(nn.Flatten(), nn.Linear(16, 2, rng=np.random.default_rng(0)))
    >>> occlusion(model, np.ones((5, 1, 4, 4)), 0).shape
    (5, 3, 3)

    References
    ----------
    Zeiler, M. & Fergus, R. (2014). Visualizing and understanding convolutional networks. ECCV.
    """
    _check.whole("occlusion", at_least=1, patch=patch, stride=stride)
    model, x = frozen(model), inputs("occlusion", model, x, limits)
    if x.ndim != 4 or patch > min(x.shape[2:]):
        raise ValueError("occlusion: x must have shape (N, C, H, W) with H and "
                         f"W at least patch = {patch}, but is {x.shape}")
    with no_grad():
        logits = model(x)
        k, each = classes("occlusion", k, logits), np.arange(len(x))
        rows, columns = (range(0, n - patch + 1, stride)
                         for n in x.shape[2:])
        out = np.empty((len(x), len(rows), len(columns)), x.dtype)
        for i, down in enumerate(rows):
            for j, right in enumerate(columns):
                blanked = x.copy()
                blanked[:, :, down:down + patch,
                        right:right + patch] = baseline
                out[:, i, j] = (logits.data - model(blanked).data)[each, k]
    return out


# ---------------------------------------------------------------- galleries (A76)

def top_k(activation, k):
    """The k examples that excite a unit most, the strongest first (A76).

    Parameters
    ----------
    activation : array_like, shape (N,)
    k : int
        At most N.

    Returns
    -------
    ndarray of int, shape (k,)
        Of equal ones the earlier comes first.

    Examples
    --------
    >>> top_k([0.2, 0.9, 0.0, 0.9], 2).tolist()
    [1, 3]

    References
    ----------
    Zeiler, M. & Fergus, R. (2014). Visualizing and understanding convolutional networks. ECCV.
    """
    activation = _check.array("top_k", "activation", activation, ("N",))
    _check.whole("top_k", at_least=1, k=k)
    if k > len(activation):
        raise ValueError(f"top_k: k must be at most {len(activation)}, the number of "
                         f"examples, but is {k}")
    return np.argsort(-activation, kind="stable")[:k]


def selectivity(activation, y):
    r"""How much each unit prefers one class to the others, from 0 (not at all) to 1 (a detector) (A76).

    .. math:: s = \frac{\mu_\text{best} - \mu_\text{others}}{\mu_\text{best} + \mu_\text{others}}

    with the unit's mean over its favourite class and the mean of its means over the other classes.

    Parameters
    ----------
    activation : array_like, shape (N, units), not negative
        After a ReLU.
    y : array_like of int, shape (N,)

    Returns
    -------
    ndarray, shape (units,)
        0 for a unit that is always silent.

    Raises
    ------
    ValueError, TypeError
        If an activation is negative, or there are not at least two classes.

    Examples
    --------
    >>> selectivity([[3.0, 1.0], [0.0, 1.0]], [0, 1]).tolist()
    [1.0, 0.0]

    References
    ----------
    Morcos, A., Barrett, D., Rabinowitz, N. & Botvinick, M. (2018). On the importance of single directions for
    generalization. ICLR.
    """
    activation = _check.array("selectivity", "activation", activation, ("N", "units"))
    y = _check.labels("selectivity", "y", y, len(activation))
    if activation.min() < 0:
        raise ValueError("selectivity: activation must be at least 0 (after a ReLU), "
                         f"but has {activation.min():g}")
    classes = np.unique(y)
    if len(classes) < 2:
        raise ValueError("selectivity: y must hold at least two classes, but holds "
                         f"only {classes[0]}")
    means = np.array([activation[y == c].mean(axis=0) for c in classes], float)
    best = means.max(axis=0)
    others = (means.sum(axis=0) - best) / (len(classes) - 1)
    total = best + others
    return np.where(total > 0, (best - others) / np.where(total > 0, total, 1), 0)


# ---------------------------------------------------------------- shared parts

def frozen(model):
    """A copy in evaluation mode that collects no gradients for its weights."""
    model = copy.deepcopy(model).eval()
    for p in model.parameters():
        p.requires_grad, p.grad = False, None
    return model


def inputs(operation, model, x, limits, name="x"):
    """``x`` in the dtype of the model; a clear error if it is not what the model was trained on."""
    dtype = next((p.dtype for p in model.parameters()), np.float32)
    x = _check.array(operation, name, getattr(x, "data", x) if isinstance(x, Tensor) else x, (...,))
    if x.ndim < 2 or not x.size:
        raise ValueError(f"{operation}: {name} must have shape (N, ...) with at least one example, but is {x.shape}")
    if limits is not None:
        low, high = limits
        _check.number(operation, low=low, high=high)
        if x.min() < low or x.max() > high:
            raise ValueError(f"{operation}: {name} must lie in the trained range {low:g} to {high:g}, "
                             f"but runs from {x.min():g} to {x.max():g}")
    return x.astype(dtype)


def classes(operation, k, logits):
    """One class per example, each of them existing."""
    N, count = logits.shape
    k = np.asarray(k)
    if k.dtype.kind not in "iu" or k.shape not in ((), (N,)):
        raise TypeError(f"{operation}: the class must be a whole number or {N} of them, but is {k!r:.60}")
    bad = (k < 0) | (k >= count)
    if bad.any():
        raise ValueError(f"{operation}: there are classes 0 to {count - 1}, but "
                         f"{np.ravel(k)[np.ravel(bad)][0]} was asked for")
    return np.broadcast_to(k, N)
