"""Convolution and pooling: look at a small window, everywhere with the same weights (chapter 13).

Images are (N, C, H, W). Inside the operations the batch is the last axis, so that every copy runs over long
contiguous stretches of memory, and a convolution becomes one matrix product.
"""
import numpy as np

from .. import _check
from .. import init as schemes
from ..tensor import Tensor, as_tensor
from .module import Module, Parameter


def conv2d(x, weight, bias=None, stride=1, padding=0, dilation=1, groups=1):
    r"""Slide F kernels over images: cross-correlation, which the field calls convolution (A53).

    .. math:: y_{f,i,j} = b_f + \sum_{c,u,v} w_{f,c,u,v}\; x_{c,\; is + ud,\; js + vd}

    Every window becomes a column of a matrix ("im2col"); the gradient with respect to ``x`` adds each column back to
    where it came from.

    Parameters
    ----------
    x : Tensor or array_like, shape (N, C, H, W)
    weight : Tensor, shape (F, C / groups, K, L)
    bias : Tensor, shape (F,), optional
    stride, padding, dilation : int or pair of int
        Step s from window to window; zeros around the image; distance d between the inputs of a window. ``padding``
        may be "same": as many zeros as keep H and W (stride 1 only).
    groups : int
        Channels and kernels are split into so many groups that do not see each other.

    Returns
    -------
    Tensor, shape (N, F, H', W')
        With H' and W' from :func:`conv_output_size`.

    Raises
    ------
    ValueError
        If channels do not match, the kernel is larger than the padded image, or a setting is out of range.
    TypeError
        If ``x`` is a tensor of another dtype than ``weight``.

    Examples
    --------
    >>> image = np.arange(9.0).reshape(1, 1, 3, 3)
    >>> conv2d(image, Tensor(np.array([[[[1.0, 0.0], [0.0, -1.0]]]]))).data
    array([[[[-4., -4.],
             [-4., -4.]]]])

    References
    ----------
    Fukushima, K. (1980). Neocognitron: a self-organizing neural network model. Biological Cybernetics 36.
    LeCun, Y. et al. (1989). Backpropagation applied to handwritten zip code recognition. Neural Computation 1.
    """
    x = as_tensor(x, weight.dtype)
    (s, t), (d, e), (top, bottom, left, right) = _check_conv2d(
        x, weight, bias, stride, padding, dilation, groups)
    (N, C, H, W), (F, _, K, L) = x.shape, weight.shape
    OH = conv_output_size(H + top + bottom, K, s, 0, d)
    OW = conv_output_size(W + left + right, L, t, 0, e)
    padded = np.zeros((C, H + top + bottom, W + left + right, N), x.dtype)
    padded[:, top:top + H, left:left + W] = x.data.transpose(1, 2, 3, 0)
    patches = np.empty((C, K, L, OH, OW, N), x.dtype)
    windows = [(u, v, slice(u * d, u * d + s * OH - s + 1, s),
                slice(v * e, v * e + t * OW - t + 1, t))
               for u in range(K) for v in range(L)]
    for u, v, rows, columns in windows:
        patches[:, u, v] = padded[:, rows, columns]
    patches = patches.reshape(groups, -1, OH * OW * N)   # (G, C/G*K*L, H'W'N)
    kernel = weight.data.reshape(groups, F // groups, -1)  # (G, F/G, C/G*K*L)
    out = (kernel @ patches).reshape(F, OH, OW, N)
    if bias is not None:
        out += bias.data[:, None, None, None]

    def backward(grad):
        columns = grad.transpose(1, 2, 3, 0).reshape(groups, F // groups, -1)
        dweight = (patches @ columns.swapaxes(1, 2)).swapaxes(1, 2)
        dx = None
        if x.requires_grad:
            dpatches = kernel.swapaxes(1, 2) @ columns
            dpatches = dpatches.reshape(C, K, L, OH, OW, N)
            dpadded = np.zeros_like(padded)
            for u, v, down, across in windows:
                dpadded[:, down, across] += dpatches[:, u, v]
            dx = dpadded[:, top:top + H, left:left + W].transpose(3, 0, 1, 2)
        dweight = dweight.reshape(weight.shape)
        return (dx, dweight, columns.sum(axis=2).reshape(F))[:len(parents)]
    parents = (x, weight) if bias is None else (x, weight, bias)
    return Tensor.from_op(out.transpose(3, 0, 1, 2), parents, backward)


def max_pool2d(x, kernel_size, stride=None, padding=0):
    r"""The largest value of every window (A54).

    .. math:: y_{c,i,j} = \max_{u,v} x_{c,\; is + u,\; js + v}

    The gradient goes to the place of the maximum; to the first one, row by row, if there are several.

    Parameters
    ----------
    x : Tensor or array_like, shape (N, C, H, W)
    kernel_size : int or pair of int
    stride : int or pair of int, optional
        By default ``kernel_size``: the windows do not overlap. Rows and columns that fill no window are left out.
    padding : int or pair of int
        At most half of the kernel; the padding never wins.

    Returns
    -------
    Tensor, shape (N, C, H', W')

    Raises
    ------
    ValueError
        If the kernel is larger than the padded image or a setting is out of range.

    Examples
    --------
    >>> max_pool2d(np.arange(16.0).reshape(1, 1, 4, 4), 2).data
    array([[[[ 5.,  7.],
             [13., 15.]]]])

    References
    ----------
    Weng, J., Ahuja, N. & Huang, T. (1992). Cresceptron: a self-organizing neural network which grows
    adaptively. IJCNN.
    """
    x, windows, pad, overlap = _pooling("max_pool2d", x,
                                        kernel_size, stride, padding)
    padded = pad(x.data, -np.inf)
    first, *rest = [padded[:, :, rows, columns] for rows, columns in windows]
    out = first.copy(order="K")          # in the memory order of the maps
    for corner in rest:
        np.maximum(out, corner, out=out)

    def backward(grad):
        dpadded = np.zeros_like(padded)
        free = np.ones_like(out, bool)   # of two equal maxima the first wins
        for rows, columns in windows:
            hit = (padded[:, :, rows, columns] == out) & free
            free ^= hit
            if overlap:
                dpadded[:, :, rows, columns] += grad * hit
            else:
                np.multiply(grad, hit, out=dpadded[:, :, rows, columns])
        return (pad.undo(dpadded),)
    return Tensor.from_op(out, (x,), backward)


def avg_pool2d(x, kernel_size, stride=None, padding=0):
    r"""The mean of every window (A54).

    .. math:: y_{c,i,j} = \frac{1}{KL} \sum_{u,v} x_{c,\; is + u,\; js + v}

    Parameters, returned shape and errors as in :func:`max_pool2d`; padding counts as zeros.

    Examples
    --------
    >>> avg_pool2d(np.arange(16.0).reshape(1, 1, 4, 4), 2).data
    array([[[[ 2.5,  4.5],
             [10.5, 12.5]]]])

    References
    ----------
    LeCun, Y. et al. (1990). Handwritten digit recognition with a back-propagation network. NIPS 2.
    """
    return _mean_or_sum("avg_pool2d", x, kernel_size, stride, padding, True)


def sum_pool2d(x, kernel_size, stride=None, padding=0):
    r"""The sum of every window (A54); see :func:`avg_pool2d`.

    >>> sum_pool2d(np.ones((1, 1, 4, 4)), 2).data
    array([[[[4., 4.],
             [4., 4.]]]])
    """
    return _mean_or_sum("sum_pool2d", x, kernel_size, stride, padding, False)


def _mean_or_sum(operation, x, kernel_size, stride, padding, mean):
    x, windows, pad, _ = _pooling(operation, x, kernel_size, stride, padding)
    share = 1 / len(windows) if mean else 1.0
    padded = pad(x.data, 0)
    out = sum(padded[:, :, rows, columns] for rows, columns in windows) * share

    def backward(grad):
        dpadded = np.zeros_like(padded)
        for rows, columns in windows:
            dpadded[:, :, rows, columns] += grad * share
        return (pad.undo(dpadded),)
    return Tensor.from_op(out, (x,), backward)


def global_max_pool2d(x):
    r"""The largest value of every map, wherever it is (A54, A56): (N, C, H, W) to (N, C).

    .. math:: y_c = \max_{i,j} x_{c,i,j}

    The gradient goes to the first place of the maximum.

    >>> global_max_pool2d(np.arange(8.0).reshape(1, 2, 2, 2)).data
    array([[3., 7.]])
    """
    x = _maps("global_max_pool2d", x)
    flat = x.data.reshape(*x.shape[:2], -1)
    place = flat.argmax(axis=2)[..., None]

    def backward(grad):
        dflat = np.zeros_like(flat)
        np.put_along_axis(dflat, place, grad[..., None], axis=2)
        return (dflat.reshape(x.shape),)
    out = np.take_along_axis(flat, place, axis=2)[..., 0]
    return Tensor.from_op(out, (x,), backward)


def global_avg_pool2d(x):
    r"""The mean of every map (A54, A56): (N, C, H, W) to (N, C).

    .. math:: y_c = \frac{1}{HW} \sum_{i,j} x_{c,i,j}

    >>> global_avg_pool2d(np.arange(8.0).reshape(1, 2, 2, 2)).data
    array([[1.5, 5.5]])
    """
    x = _maps("global_avg_pool2d", x)

    def backward(grad):
        share = grad[..., None, None] / (x.shape[2] * x.shape[3])
        return (np.broadcast_to(share, x.shape).astype(x.dtype, copy=False),)
    return Tensor.from_op(x.data.mean(axis=(2, 3)), (x,), backward)


def flatten(x, start_dim=1):
    """All axes from ``start_dim`` on as one: from feature maps to a vector for a dense layer (A55).

    >>> flatten(np.zeros((5, 2, 3, 3))).shape
    (5, 18)
    """
    x = as_tensor(x)

    def backward(grad):
        dx = np.empty_like(x.data)       # in the memory order of the maps
        dx[...] = grad.reshape(x.shape)
        return (dx,)
    out = x.data.reshape(*x.shape[:start_dim], -1)
    return Tensor.from_op(out, (x,), backward)


# -- how large, how far, how many (A55) ----------------------------------------------------------------

def conv_output_size(n, kernel_size, stride=1, padding=0, dilation=1):
    r"""Along one axis, how many windows fit (A53, A55).

    .. math:: n_{\text{out}} = \Bigl\lfloor \frac{n + 2p - d(k - 1) - 1}{s} \Bigr\rfloor + 1

    Examples
    --------
    >>> conv_output_size(6, 3), conv_output_size(6, 3, padding=1), conv_output_size(28, 5, stride=2)
    (4, 6, 12)
    """
    _check.whole("conv_output_size", at_least=1, n=n, kernel_size=kernel_size,
                 stride=stride, dilation=dilation)
    _check.whole("conv_output_size", at_least=0, padding=padding)
    reach = dilation * (kernel_size - 1) + 1
    if reach > n + 2 * padding:
        raise ValueError(f"conv_output_size: the kernel reaches over {reach} "
                         f"inputs, but there are {n + 2 * padding}")
    return (n + 2 * padding - reach) // stride + 1


def receptive_field(layers):
    r"""How many inputs, along one axis, one output can see (A55).

    .. math:: r_l = r_{l-1} + (k_l - 1)\, d_l\, j_{l-1}, \qquad j_l = j_{l-1} s_l, \qquad r_0 = j_0 = 1

    Parameters
    ----------
    layers : sequence of tuples (kernel_size, stride) or (kernel_size, stride, dilation)
        Convolutions and poolings from the input on.

    Returns
    -------
    int

    Examples
    --------
    >>> [receptive_field([(3, 1)] * depth) for depth in (1, 2, 3)]
    [3, 5, 7]
    >>> receptive_field([(3, 1), (2, 2), (3, 1), (2, 2)])             # convolution, pooling, twice
    10
    """
    field, jump = 1, 1
    for kernel_size, stride, *dilation in layers:
        dilation = dilation[0] if dilation else 1
        _check.whole("receptive_field", at_least=1, kernel_size=kernel_size,
                     stride=stride, dilation=dilation)
        field += (kernel_size - 1) * dilation * jump
        jump *= stride
    return field


# -- layers ----------------------------------------------------------------------------------------------

class Conv2d(Module):
    """:func:`conv2d` with its own weight and bias.

    Parameters
    ----------
    in_channels, out_channels : int
    kernel_size, stride, padding, dilation : int or pair of int
    groups : int
    bias : bool
        Whether to add a bias. It starts at 0, except with ``init="default"``, where it is drawn as in PyTorch.
    init : str or callable
        Where the weights start; see :mod:`course_lib.init`.
    rng : numpy.random.Generator

    Examples
    --------
    >>> layer = Conv2d(1, 4, 3, padding=1, rng=np.random.default_rng(0))
    >>> layer(np.ones((2, 1, 8, 8))).shape
    (2, 4, 8, 8)
    """

    def __init__(self, in_channels, out_channels, kernel_size, stride=1, padding=0, dilation=1, groups=1, bias=True,
                 *, init="default", rng):
        _check.whole("Conv2d", at_least=1, in_channels=in_channels, out_channels=out_channels, groups=groups)
        if in_channels % groups or out_channels % groups:
            raise ValueError(f"Conv2d: groups must divide in_channels and out_channels, but is {groups} for "
                             f"{in_channels} and {out_channels}")
        shape = (out_channels, in_channels // groups, *_pair("Conv2d", "kernel_size", kernel_size, 1))
        self.stride, self.padding, self.dilation, self.groups = stride, padding, dilation, groups
        self.weight = Parameter(schemes.get(init)(shape, rng))
        self.bias = None
        if bias and init == "default":
            self.bias = Parameter(schemes.default(shape, rng).reshape(out_channels, -1)[:, 0].copy())
        elif bias:
            self.bias = Parameter(np.zeros(out_channels, np.float32))

    def forward(self, x):
        return conv2d(x, self.weight, self.bias, self.stride, self.padding, self.dilation, self.groups)

    def __repr__(self):
        F, C, K, L = self.weight.shape
        more = "".join(f", {name}={value}" for name, value in (("stride", self.stride), ("padding", self.padding))
                       if value != {"stride": 1, "padding": 0}[name])
        return f"Conv2d({C * self.groups}, {F}, {K if K == L else (K, L)}{more})"


class MaxPool2d(Module):
    """:func:`max_pool2d` as a layer."""

    def __init__(self, kernel_size, stride=None, padding=0):
        self.kernel_size, self.stride, self.padding = kernel_size, stride, padding

    def forward(self, x):
        return max_pool2d(x, self.kernel_size, self.stride, self.padding)

    def __repr__(self):
        return f"{type(self).__name__}({self.kernel_size})"


class AvgPool2d(MaxPool2d):
    """:func:`avg_pool2d` as a layer."""

    def forward(self, x):
        return avg_pool2d(x, self.kernel_size, self.stride, self.padding)


class GlobalMaxPool2d(Module):
    """:func:`global_max_pool2d` as a layer."""

    def forward(self, x):
        return global_max_pool2d(x)


class GlobalAvgPool2d(Module):
    """:func:`global_avg_pool2d` as a layer."""

    def forward(self, x):
        return global_avg_pool2d(x)


class Flatten(Module):
    """:func:`flatten` as a layer."""

    def forward(self, x):
        return flatten(x)


# -- shared parts ------------------------------------------------------------------------------------------

def _maps(operation, x):
    x = as_tensor(x)
    _check.array(operation, "x", x.data, ("N", "C", "H", "W"), finite=False)
    return x


def _pair(operation, name, value, at_least):
    pair = tuple(value) if isinstance(value, (tuple, list)) else (value, value)
    if len(pair) != 2:
        raise ValueError(f"{operation}: {name} must be a whole number or a pair, but is {value!r}")
    _check.whole(operation, at_least=at_least, **{name: pair[0]})
    _check.whole(operation, at_least=at_least, **{name: pair[1]})
    return pair


def _check_conv2d(x, weight, bias, stride, padding, dilation, groups):
    """Stride and dilation as pairs, padding as (top, bottom, left, right)."""
    if x.ndim != 4 or weight.ndim != 4:
        raise ValueError(f"conv2d: x must have shape (N, C, H, W) and weight (F, C, K, L), but are {x.shape} and "
                         f"{weight.shape}")
    _check.whole("conv2d", at_least=1, groups=groups)
    if x.shape[1] != weight.shape[1] * groups or weight.shape[0] % groups:
        raise ValueError(f"conv2d: x must have {weight.shape[1] * groups} channels because weight is {weight.shape} "
                         f"with groups={groups}, but x is {x.shape}")
    if x.dtype != weight.dtype:
        raise TypeError(f"conv2d: x is {x.dtype} but weight is {weight.dtype}; use .to({x.dtype}) on the module")
    if bias is not None and bias.shape != weight.shape[:1]:
        raise ValueError(f"conv2d: bias must have shape {weight.shape[:1]}, but is {bias.shape}")
    stride, dilation = _pair("conv2d", "stride", stride, 1), _pair("conv2d", "dilation", dilation, 1)
    reach = [d * (k - 1) + 1 for d, k in zip(dilation, weight.shape[2:])]
    if padding == "same":
        if stride != (1, 1):
            raise ValueError(f"conv2d: padding 'same' needs stride 1, but stride is {stride}")
        sides = [((r - 1) // 2, r - 1 - (r - 1) // 2) for r in reach]
    else:
        sides = [(p, p) for p in _pair("conv2d", "padding", padding, 0)]
    size = [n + sum(side) for n, side in zip(x.shape[2:], sides)]
    if reach[0] > size[0] or reach[1] > size[1]:
        raise ValueError(f"conv2d: the kernel must fit into the padded image, but reaches over {reach[0]} x {reach[1]} "
                         f"of {size[0]} x {size[1]}")
    return stride, dilation, (*sides[0], *sides[1])


def _pooling(operation, x, kernel_size, stride, padding):
    """The tensor, the slices of all places of the window, the function that pads, and whether windows overlap."""
    x = as_tensor(x)
    if x.ndim != 4:
        raise ValueError(f"{operation}: x must have shape (N, C, H, W), but is {x.shape}")
    kernel = _pair(operation, "kernel_size", kernel_size, 1)
    stride = kernel if stride is None else _pair(operation, "stride", stride, 1)
    padding = _pair(operation, "padding", padding, 0)
    size = [n + 2 * p for n, p in zip(x.shape[2:], padding)]
    if any(2 * p > k for p, k in zip(padding, kernel)):
        raise ValueError(f"{operation}: padding must be at most half of the kernel {kernel}, but is {padding}")
    if any(k > n for k, n in zip(kernel, size)):
        raise ValueError(f"{operation}: the kernel must fit into the padded image, but is {kernel[0]} x {kernel[1]} for "
                         f"{size[0]} x {size[1]}")
    last = [(n - k) // s * s for n, k, s in zip(size, kernel, stride)]          # where the last window begins
    windows = [(slice(u, u + last[0] + 1, stride[0]), slice(v, v + last[1] + 1, stride[1]))
               for u in range(kernel[0]) for v in range(kernel[1])]
    return x, windows, _Padding(*padding), any(s < k for s, k in zip(stride, kernel))


class _Padding:
    """Puts a frame around images, and takes it off again; no copy if there is none."""

    def __init__(self, down, right):
        self.down, self.right = down, right

    def __call__(self, images, value):
        if not self.down and not self.right:
            return images
        return np.pad(images, ((0, 0), (0, 0), (self.down,) * 2, (self.right,) * 2), constant_values=value)

    def undo(self, images):
        H, W = images.shape[2:]
        return images[:, :, self.down:H - self.down, self.right:W - self.right]
