"""What would excite it most? Images made by climbing a network's own gradient (chapter 18).

An objective is a function of (model, images) that gives one number for each image: make one with :func:`neuron`,
:func:`channel`, :func:`layer`, :func:`logit` or :func:`probability`, and hand it to :func:`visualize`.
"""
from typing import NamedTuple

import numpy as np

from . import _check
from .augmentation import affine
from .interpret import frozen, inputs
from .nn.activations import softmax
from .nn.module import Sequential
from .tensor import Tensor


# ---------------------------------------------------------------- objectives: n layer, (row, column) place, z channel

def neuron(n, z, row=None, column=None):
    r"""The objective of one neuron, :math:`\text{layer}_n[x, y, z]` (A74).

    Parameters
    ----------
    n : int
        The layer: an index of the Sequential, from 0.
    z : int, or array_like of int, shape (N,)
        Its channel; of a dense layer, its unit. Several: one for each image.
    row, column : int, optional
        The place, if the layer is convolutional.

    Returns
    -------
    callable
        ``objective(model, x) -> Tensor`` of shape (N,). It raises ValueError if there is no such layer, channel or
        place.

    Examples
    --------
    >>> from course_lib import nn
    >>> model = nn.Sequential(nn.Linear(2, 3, rng=np.random.default_rng(0)))
    >>> x = np.eye(2)
    >>> bool((neuron(0, [1, 2])(model, x).data == model(x).data[[0, 1], [1, 2]]).all())
    True
    """
    def objective(model, x):
        out = _layer("neuron", model, n, x)
        place = (z,) if row is None and column is None else (z, row, column)
        if out.ndim != 1 + len(place):
            raise ValueError(f"neuron: layer {n} gives {out.shape[1:]}: name its {_AXES.get(out.ndim, 'axes')}")
        for name, i, size in zip(("channels", "rows", "columns"), place, out.shape[1:]):
            _exists("neuron", n, name, i, size)
        return out[(np.arange(len(x)), *place)]
    return objective


def channel(n, z):
    r"""The objective of one feature map: the mean of :math:`\text{layer}_n[:, :, z]` (A74).

    Parameters, returned function and errors as in :func:`neuron`.

    Examples
    --------
    >>> from course_lib import nn
    >>> model = nn.Sequential(nn.Conv2d(1, 2, 3, rng=np.random.default_rng(0)))
    >>> channel(0, 1)(model, np.ones((4, 1, 5, 5))).shape
    (4,)
    """
    def objective(model, x):
        out = _layer("channel", model, n, x)
        _exists("channel", n, "channels", z, out.shape[1])
        chosen = out[np.arange(len(x)), z]                           # (N, H, W)
        return chosen.reshape(len(x), -1).mean(1)
    return objective


def layer(n):
    r"""The objective of a whole layer, DeepDream's: the mean of :math:`\text{layer}_n[:, :, :]^2` (A74).

    Without the square, what excites one channel and what silences another would cancel.

    Parameters, returned function and errors as in :func:`neuron`.

    Examples
    --------
    >>> from course_lib import nn
    >>> layer(0)(nn.Sequential(nn.Identity()), np.array([[3.0, -4.0]])).data.tolist()
    [12.5]
    """
    def objective(model, x):
        out = _layer("layer", model, n, x).reshape(len(x), -1)
        return (out * out).mean(1)
    return objective


def logit(k):
    r"""The objective of a class before the softmax, :math:`z_k` (A74); errors as in :func:`neuron`.

    Examples
    --------
    >>> from course_lib import nn
    >>> logit(1)(nn.Sequential(nn.Identity()), np.array([[3.0, -4.0]])).data.tolist()
    [-4.0]
    """
    def objective(model, x):
        logits = model(x)
        _exists("logit", len(model) - 1, "classes", k, logits.shape[1])
        return logits[np.arange(len(x)), k]
    return objective


def probability(k):
    r"""The objective of a class after the softmax, :math:`e^{z_k} / \sum_j e^{z_j}` (A74); errors as in :func:`neuron`.

    It can also be raised by lowering all other logits.

    Examples
    --------
    >>> from course_lib import nn
    >>> probability(1)(nn.Sequential(nn.Identity()), np.array([[3.0, 3.0]])).data.tolist()
    [0.5]
    """
    def objective(model, x):
        logits = model(x)
        _exists("probability", len(model) - 1, "classes", k, logits.shape[1])
        return softmax(logits)[np.arange(len(x)), k]
    return objective


_AXES = {2: "unit alone, as neuron(n, z)", 4: "channel and place, as neuron(n, z, row, column)"}


def _layer(operation, model, n, x):
    """What layer n gives."""
    if not isinstance(model, Sequential):
        raise TypeError(f"{operation}: model must be an nn.Sequential, but is {type(model).__name__}")
    _check.whole(operation, at_least=0, n=n)
    if n >= len(model):
        raise ValueError(f"{operation}: the model has layers 0 to {len(model) - 1}, but {n} was asked for")
    return model[:n + 1](x)


def _exists(operation, n, name, i, size):
    wanted = np.asarray(i)
    if wanted.dtype.kind not in "iu" or ((wanted < 0) | (wanted >= size)).any():
        raise ValueError(f"{operation}: layer {n} has {name} 0 to {size - 1}, but {i!r} was asked for")


# ---------------------------------------------------------------- climbing

class Visualization(NamedTuple):
    """Images on their way (A74)."""
    images: dict                    # step -> images (N, C, H, W), the start at step 0
    values: np.ndarray              # the objective before every step and at the end, (steps + 1, N)

    @property
    def last(self):
        """The images in the end."""
        return self.images[max(self.images)]


def visualize(model, objective, start, *, steps=256, lr=0.05, minimise=False,
              jitter=0, degrees=0.0, scale=0.0, penalty=0.0, smoothness=0.0,
              limits=(0.0, 1.0), radius=None, normalize=True, keep=(),
              rng=None):
    r"""Find the images that excite a part of the network most, or least (A74).

    .. math:: x \leftarrow \Pi\Bigl(x + \epsilon\,\bigl(\pm\tau^{-1}\nabla_x h(\tau x) - \nabla R(x)\bigr)\Bigr)

    The weights are fixed; the images are trained. Every step sees them moved, turned and scaled a little, by a random
    :math:`\tau`, so that only what survives this is kept; the step itself is turned back.

    Parameters
    ----------
    model : Sequential
        Not changed.
    objective : callable
        :math:`h`: one of this module's, or any ``objective(model, x) -> Tensor`` of shape (N,).
    start : array_like, shape (N, C, H, W) or (N, D)
        Mostly random noise. Each image climbs by itself.
    steps : int
    lr : float
        :math:`\epsilon`, the length of a step (root mean square over the pixels, if normalized).
    minimise : bool
        Go down instead of up.
    jitter : int
        Largest random shift, in pixels; what leaves on one side comes back on the other.
    degrees, scale : float
        Largest random turn; largest random change of size (0.1: from 0.9 to 1.1).
    penalty : float
        :math:`\lambda` of :math:`R = \frac\lambda2\lVert x\rVert^2`: dark unless needed.
    smoothness : float
        :math:`\mu` of :math:`R = \frac\mu2\sum(\text{neighbour} - \text{neighbour})^2`: no noise.
    limits : (float, float) or None
        :math:`\Pi` cuts every pixel to this range; None: no limits.
    radius : float, optional
        :math:`\Pi` also shortens an image to at most this length.
    normalize : bool
        Divide the gradient by its root mean square, so that objectives of any scale take equal steps.
    keep : sequence of int
        The steps after which to keep the images; the start and the end are always kept.
    rng : numpy.random.Generator, optional
        Needed for random transforms.

    Returns
    -------
    Visualization

    Raises
    ------
    ValueError, TypeError
        If a layer, unit or class does not exist, the start leaves the limits, a setting is out of range, or the
        gradient of an image is 0 everywhere at the start (a dead unit, a saturated probability).

    Examples
    --------
    >>> from course_lib import nn
    >>> model = nn.Sequential(nn.Linear(2, 1, bias=False, rng=np.random.default_rng(0))).to(float)
    >>> model[0].weight.data[...] = [[3.0, 4.0]]
    >>> best = visualize(model, neuron(0, 0), [[0.0, 0.0]], limits=None, radius=1.0)     # on the unit ball
    >>> best.last.round(3).tolist()                                                      # w / |w|
    [[0.6, 0.8]]

    References
    ----------
    Erhan, D., Bengio, Y., Courville, A. & Vincent, P. (2009). Visualizing higher-layer features of a deep network.
    Technical report 1341, Université de Montréal.
    Olah, C., Mordvintsev, A. & Schubert, L. (2017). Feature visualization. Distill.
    """
    x = inputs("visualize", model, start, limits, "start")
    _check_visualize(x, steps, lr, jitter, degrees, scale, penalty,
                     smoothness, radius, rng)
    model, sign = frozen(model), -1.0 if minimise else 1.0
    images, values = {0: x}, []
    for step in range(1, steps + 1):
        there, back = _transform(x.shape, jitter, degrees, scale, rng)
        seen = Tensor(there(x), requires_grad=True)
        value = objective(model, seen)
        value.sum().backward()                    # each image its own slope
        g = back(seen.grad)
        size = _length(g) / (g[0].size**0.5)
        if step == 1 and not size.all():
            raise ValueError(
                "visualize: the gradient is 0 at the start (a dead unit, a "
                "saturated probability): begin elsewhere, or choose the layer "
                "before the activation")
        if normalize:
            g = g / np.where(size > 0, size, 1)
        g = sign * g - penalty * x - smoothness * _unevenness(x)
        x = _project(x + lr * g, limits, radius).astype(x.dtype)
        values.append(value.data)
        if step in keep or step == steps:
            images[step] = x
    values.append(objective(model, x).data)
    return Visualization(images, np.array(values))


def _transform(shape, jitter, degrees, scale, rng):
    """A random shift, turn and change of size, and the way back."""
    shift = rng.integers(-jitter, jitter + 1, 2) if jitter else (0, 0)
    flat = (-1, *shape[-2:])
    A = np.eye(2)
    if degrees or scale:
        a = np.deg2rad(rng.uniform(-degrees, degrees))
        A = (1 + rng.uniform(-scale, scale)) * np.array(
            [[np.cos(a), -np.sin(a)], [np.sin(a), np.cos(a)]])

    def there(x):
        x = np.roll(x, shift, axis=(-2, -1)) if jitter else x
        return x if not (degrees or scale) else affine(
            x.reshape(flat), A).reshape(shape)

    def back(x):
        if degrees or scale:
            x = affine(x.reshape(flat), np.linalg.inv(A)).reshape(shape)
        return np.roll(x, (-shift[0], -shift[1]), axis=(-2, -1)) if jitter else x
    return there, back


def _unevenness(x):
    """The gradient of half the sum of squared differences between neighbours."""
    out = np.zeros_like(x)
    for axis in range(2, x.ndim):
        step = np.diff(x, axis=axis)
        first, last = ([slice(None)] * x.ndim for _ in range(2))
        first[axis], last[axis] = slice(None, -1), slice(1, None)
        out[tuple(first)] -= step
        out[tuple(last)] += step
    return out


def _project(x, limits, radius):
    """The nearest allowed images."""
    if limits is not None:
        x = np.clip(x, *limits)
    if radius is not None:
        x = x * np.minimum(1, radius / np.maximum(_length(x), 1e-30))
    return x


def _length(x):
    """Of each image, with axes to divide it by."""
    return np.sqrt((x * x).sum(axis=tuple(range(1, x.ndim)), keepdims=True))


def deep_dream(model, image, objective, *, octaves=3, octave_scale=1.4, steps=10, lr=0.02, jitter=8,
               limits=(0.0, 1.0), rng):
    """Let a network draw what it sees into a photograph: DeepDream (A74).

    The photograph is changed at a small size first, then larger and larger ("octaves"), so that patterns of every size
    appear; what the dream has added is enlarged and carried over.

    Parameters
    ----------
    model : Sequential
        Fully convolutional up to the layer of the objective, so that it takes images of any size.
    image : array_like, shape (C, H, W)
    objective : callable
        ``layer(n)`` for DeepDream, ``channel(n, z)`` for one pattern.
    octaves : int
    octave_scale : float
        From one size to the next.
    steps, lr, jitter, limits, rng
        As in :func:`visualize`, in every octave.

    Returns
    -------
    ndarray, shape (C, H, W)

    Raises
    ------
    ValueError, TypeError
        As :func:`visualize`, or if the smallest size is below 8 pixels.

    Examples
    --------
    >>> from course_lib import nn
    >>> rng = np.random.default_rng(0)
    >>> model = nn.Sequential(nn.Conv2d(3, 4, 3, rng=rng), nn.ReLU())
    >>> deep_dream(model, rng.random((3, 32, 24)), layer(1), rng=rng).shape
    (3, 32, 24)

    References
    ----------
    Mordvintsev, A., Olah, C. & Tyka, M. (2015). Inceptionism: going deeper into neural networks. Google AI Blog.
    """
    image = _check.array("deep_dream", "image", image, ("C", "H", "W"))
    _check.whole("deep_dream", at_least=1, octaves=octaves)
    _check.number("deep_dream", above=1, octave_scale=octave_scale)
    full = np.array(image.shape[1:])
    sizes = [tuple(np.round(full / octave_scale**i).astype(int))
             for i in reversed(range(octaves))]
    if min(sizes[0]) < 8:
        raise ValueError("deep_dream: the smallest octave must have at least 8 pixels, "
                         f"but would be {sizes[0][0]} x {sizes[0][1]}")
    added = np.zeros((len(image), *sizes[0]), image.dtype)
    for size in sizes:
        photo = resize(image, size)
        start = photo + resize(added, size)
        if limits is not None:
            start = np.clip(start, *limits)
        dream = visualize(model, objective, start[None], steps=steps, lr=lr,
                          jitter=jitter, limits=limits, rng=rng).last[0]
        added = dream - photo
    return dream


def resize(images, size):
    """Images of another size, by bilinear interpolation.

    Parameters
    ----------
    images : ndarray, shape (..., H, W)
    size : tuple of int
        (H', W').

    Returns
    -------
    ndarray, shape (..., H', W')

    Examples
    --------
    >>> resize(np.array([[0.0, 4.0]]), (1, 4)).tolist()
    [[0.0, 1.0, 3.0, 4.0]]
    """
    for axis, n in zip((-2, -1), size):
        _check.whole("resize", at_least=1, size=n)
        old = images.shape[axis]
        at = np.clip((np.arange(n) + 0.5) * old / n - 0.5, 0, old - 1)     # pixels have middles
        low = np.floor(at).astype(int)
        share = (at - low).astype(images.dtype)
        share = share[:, None] if axis == -2 else share
        images = (images.take(low, axis) * (1 - share)
                  + images.take(np.minimum(low + 1, old - 1), axis) * share)
    return images


def _check_visualize(x, steps, lr, jitter, degrees, scale, penalty, smoothness, radius, rng):
    _check.whole("visualize", at_least=1, steps=steps)
    _check.whole("visualize", at_least=0, jitter=jitter)
    _check.number("visualize", above=0, lr=lr)
    _check.number("visualize", at_least=0, degrees=degrees, penalty=penalty, smoothness=smoothness)
    _check.number("visualize", at_least=0, below=1, scale=scale)
    if radius is not None:
        _check.number("visualize", above=0, radius=radius)
    if jitter or degrees or scale:
        _check.generator("visualize", rng)
    if x.ndim != 4 and (jitter or degrees or scale or smoothness):
        raise ValueError("visualize: start must have shape (N, C, H, W) to be moved, turned, scaled or smoothed, but "
                         f"is {x.shape}")
