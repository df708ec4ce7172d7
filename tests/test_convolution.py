"""Convolution and pooling: against PyTorch, SciPy, a matrix, and the lecture's numbers (A53, A54, A55, A56)."""
import numpy as np
import pytest
import scipy.signal
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib import F, Tensor, nn, optim
from course_lib.gradcheck import gradcheck
from course_lib.nn.convolution import conv_output_size, receptive_field
from test_gradients import DRAW, compare, seeds

TF = torch.nn.functional
pairs = st.tuples(st.integers(1, 3), st.integers(1, 3))


def rng():
    return np.random.default_rng(0)


@settings(**DRAW)
@given(n=st.integers(1, 3), groups=st.integers(1, 2), channels=st.integers(1, 2), filters=st.integers(1, 2),
       image=st.tuples(st.integers(5, 8), st.integers(5, 8)), kernel=pairs, stride=pairs, dilation=pairs,
       padding=st.tuples(st.integers(0, 2), st.integers(0, 2)), bias=st.booleans(), seed=seeds)
def test_conv2d(n, groups, channels, filters, image, kernel, stride, dilation, padding, bias, seed):
    """A53: value and all gradients equal PyTorch's, for pairs of everything and for groups."""
    image = [max(size, d * (k - 1) + 1 - 2 * p) for size, d, k, p in zip(image, dilation, kernel, padding)]
    draw = np.random.default_rng(seed)
    arrays = [draw.standard_normal(shape) for shape in ((n, channels * groups, *image),
                                                        (filters * groups, channels, *kernel), (filters * groups,))]
    arrays = arrays[:3 if bias else 2]
    settings = {"stride": stride, "padding": padding, "dilation": dilation, "groups": groups}
    compare(lambda *tensors: F.conv2d(*tensors, **settings), lambda *tensors: TF.conv2d(*tensors, **settings),
            arrays, draw)
    assert gradcheck(lambda *tensors: F.conv2d(*tensors, **settings),
                     [Tensor(a, requires_grad=True) for a in arrays], rng=draw) <= 1e-6


@pytest.mark.parametrize("kernel", [(1, 1), (3, 3), (2, 4)])
def test_same_padding(kernel):
    arrays = [rng().standard_normal(shape) for shape in ((2, 3, 6, 7), (4, 3, *kernel))]
    compare(lambda x, w: F.conv2d(x, w, padding="same", dilation=2), lambda x, w: TF.conv2d(x, w, padding="same", dilation=2),
            arrays, rng())


def test_conv2d_is_scipys_correlation_and_not_its_convolution():
    image, kernel = rng().standard_normal((6, 6)), rng().standard_normal((3, 3))

    def ours(kernel, **settings):
        return F.conv2d(image[None, None], Tensor(kernel[None, None]), **settings).data[0, 0]

    np.testing.assert_allclose(ours(kernel), scipy.signal.correlate2d(image, kernel, "valid"), atol=1e-12)
    np.testing.assert_allclose(ours(kernel, padding=2), scipy.signal.correlate2d(image, kernel, "full"), atol=1e-12)
    turned = kernel[::-1, ::-1].copy()
    np.testing.assert_allclose(ours(turned), scipy.signal.convolve2d(image, kernel, "valid"), atol=1e-12)


def test_conv2d_is_a_matrix_with_shared_entries():
    """The same map written as one big sparse matrix: nine different numbers, everywhere else 0."""
    kernel = Tensor(rng().standard_normal((1, 1, 3, 3)))
    matrix = np.stack([F.conv2d(unit.reshape(1, 1, 5, 5), kernel).data.ravel() for unit in np.eye(25)], axis=1)
    image = rng().standard_normal((5, 5))
    np.testing.assert_allclose(matrix @ image.ravel(), F.conv2d(image[None, None], kernel).data.ravel(), atol=1e-12)
    assert matrix.shape == (9, 25) and len(np.unique(matrix.round(9))) == 10 and (matrix != 0).sum() == 81


@settings(**DRAW)
@given(n=st.integers(1, 3), c=st.integers(1, 3), image=st.tuples(st.integers(4, 8), st.integers(4, 8)), kernel=pairs,
       stride=st.one_of(st.none(), pairs), padded=st.booleans(), ties=st.booleans(), seed=seeds)
def test_pooling(n, c, image, kernel, stride, padded, ties, seed):
    """A54, windows that overlap, leave rows out, are padded, and (for the maximum) hold the same value twice."""
    draw = np.random.default_rng(seed)
    x = draw.standard_normal((n, c, *image))
    settings = {"kernel_size": kernel, "stride": stride, "padding": tuple(k // 2 for k in kernel) if padded else 0}
    compare(lambda x: F.avg_pool2d(x, **settings), lambda x: TF.avg_pool2d(x, **settings), [x], draw)
    area = kernel[0] * kernel[1]
    compare(lambda x: F.sum_pool2d(x, **settings), lambda x: area * TF.avg_pool2d(x, **settings), [x], draw)
    for f in (F.avg_pool2d, F.sum_pool2d, F.max_pool2d):
        assert gradcheck(lambda x: f(x, **settings), [Tensor(x, requires_grad=True)], rng=draw) <= 1e-6
    x = draw.integers(0, 3, x.shape).astype(float) if ties else x
    compare(lambda x: F.max_pool2d(x, **settings), lambda x: TF.max_pool2d(x, **settings), [x], draw)


@settings(**DRAW)
@given(shape=st.tuples(*[st.integers(1, 4)] * 4), ties=st.booleans(), seed=seeds)
def test_global_pooling(shape, ties, seed):
    """A54: one number per map, as torch's adaptive pooling to 1 x 1; the first maximum gets the gradient."""
    draw = np.random.default_rng(seed)
    x = draw.integers(0, 3, shape).astype(float) if ties else draw.standard_normal(shape)
    compare(F.global_max_pool2d, lambda x: TF.adaptive_max_pool2d(x, 1).flatten(1), [x], draw)
    compare(F.global_avg_pool2d, lambda x: TF.adaptive_avg_pool2d(x, 1).flatten(1), [x], draw)


@pytest.mark.parametrize("head, inputs", [("flatten", 24), ("global max", 6), ("global average", 6)])
def test_cnn(head, inputs):
    """A56: conv, activation, pool, twice; the head decides what the dense layer sees."""
    model = nn.cnn((1, 9, 8), [4, 6], 10, head=head, activation="tanh", dropout=0.2, rng=rng())
    assert [layer.weight.shape for layer in (model[0], model[3], model[-1])] == [(4, 1, 3, 3), (6, 4, 3, 3), (10, inputs)]
    assert isinstance(model[1], nn.Tanh) and isinstance(model[-2], nn.Dropout) and model[-2].p == 0.2
    assert model(np.ones((5, 1, 9, 8), np.float32)).shape == (5, 10)
    assert len(nn.cnn((1, 8, 8), [4], 2, rng=rng())) == 5                     # no dropout layer


def test_a_cnn_with_global_pooling_does_not_see_where():
    model = nn.cnn((1, 16, 16), [3, 4], 2, head="global max", rng=rng())
    image = np.zeros((1, 1, 16, 16), np.float32)
    image[..., 6:9, 6:9] = rng().random((3, 3))
    moved = np.roll(image, (2, -2), axis=(2, 3))                             # by the stride of the one pooling
    np.testing.assert_allclose(model(image).data, model(moved).data, atol=1e-6)
    assert np.abs(model(image).data - model(np.roll(image, 1, axis=2)).data).max() > 1e-6


@pytest.mark.parametrize("contiguous", [True, False])
def test_a_network_of_convolutions_equals_torch_over_ten_steps(contiguous):
    """A56: convolution, pooling, batch norm, dense; the memory order of the input does not matter."""
    ours = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1, rng=rng()), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2),
                         nn.Conv2d(4, 6, 3, rng=rng()), nn.ReLU(), nn.AvgPool2d(2), nn.Flatten(),
                         nn.Linear(6, 3, rng=rng())).to(np.float64)
    theirs = torch.nn.Sequential(torch.nn.Conv2d(1, 4, 3, padding=1), torch.nn.BatchNorm2d(4), torch.nn.ReLU(),
                                 torch.nn.MaxPool2d(2), torch.nn.Conv2d(4, 6, 3), torch.nn.ReLU(), torch.nn.AvgPool2d(2),
                                 torch.nn.Flatten(), torch.nn.Linear(6, 3)).double()
    theirs.load_state_dict({name: torch.tensor(value) for name, value in ours.state_dict().items()})
    X, y = rng().standard_normal((20, 1, 8, 8)), rng().integers(0, 3, 20)
    X = X if contiguous else np.ascontiguousarray(X.transpose(1, 2, 3, 0)).transpose(3, 0, 1, 2)
    mine, other = optim.SGD(ours.parameters(), 0.1), torch.optim.SGD(theirs.parameters(), 0.1)
    for _ in range(10):
        mine.zero_grad()
        F.cross_entropy(ours(X), y).backward()
        mine.step()
        other.zero_grad()
        TF.cross_entropy(theirs(torch.tensor(X)), torch.tensor(y)).backward()
        other.step()
    for name, value in ours.state_dict().items():
        np.testing.assert_allclose(value, theirs.state_dict()[name].numpy(), rtol=0, atol=1e-10, err_msg=name)


@pytest.mark.parametrize("init, variance", [("he", 2 / 75), ("xavier", 2 / (75 + 400)), ("default", 1 / 225), ("zeros", 0)])
def test_starting_weights_count_the_inputs_of_a_window(init, variance):
    layer = nn.Conv2d(3, 160, 5, init=init, rng=rng())
    expected = variance if init != "xavier" else 2 / (75 + 160 * 25)
    assert layer.weight.data.var() == pytest.approx(expected, rel=0.05)
    assert layer.bias.data.any() == (init == "default") and nn.Conv2d(3, 2, 5, bias=False, rng=rng()).bias is None
    assert (np.abs(layer.bias.data) <= 75**-0.5).all()


def test_float32_stays_and_no_gradient_for_data():
    layer = nn.Conv2d(1, 2, 3, rng=rng())
    out = F.max_pool2d(layer(np.ones((2, 1, 6, 6), np.float32)), 2)
    out.sum().backward()
    assert out.dtype == layer.weight.grad.dtype == np.float32 and F.flatten(out).shape == (2, 8)


# -- sizes (A55) ---------------------------------------------------------------------------------------

@settings(**DRAW)
@given(n=st.integers(1, 20), k=st.integers(1, 6), s=st.integers(1, 4), p=st.integers(0, 3), d=st.integers(1, 3))
def test_output_size_equals_torch(n, k, s, p, d):
    if d * (k - 1) + 1 > n + 2 * p:
        with pytest.raises(ValueError, match="conv_output_size: the kernel reaches over"):
            conv_output_size(n, k, s, p, d)
    else:
        theirs = TF.conv1d(torch.zeros(1, 1, n), torch.zeros(1, 1, k), stride=s, padding=p, dilation=d).shape[-1]
        assert conv_output_size(n, k, s, p, d) == theirs


@settings(**DRAW)
@given(layers=st.lists(st.tuples(st.integers(1, 3), st.integers(1, 2), st.integers(1, 2)), min_size=1, max_size=4))
def test_receptive_field_is_the_support_of_the_gradient(layers):
    field = receptive_field(layers)
    x = Tensor(np.zeros((1, 1, 1, 2 * field + 20)), requires_grad=True)
    out = x
    for kernel, stride, dilation in layers:
        out = F.conv2d(out, Tensor(np.ones((1, 1, 1, kernel))), stride=(1, stride), dilation=(1, dilation))
    out[0, 0, 0, 0].backward()
    touched = np.flatnonzero(x.grad)
    assert touched[-1] - touched[0] + 1 == field


def test_receptive_fields_and_parameters_of_the_lectures():
    assert [receptive_field([(3, 1)] * depth) for depth in range(1, 6)] == [3, 5, 7, 9, 11]
    assert receptive_field([(3, 1), (2, 2), (3, 1), (2, 2)]) == 10
    vgg13, channels = 0, 3
    for width in (64, 64, 128, 128, 256, 256, 512, 512, 512, 512):
        layer = nn.Conv2d(channels, width, 3, init="zeros", rng=None)
        vgg13, channels = vgg13 + sum(p.size for p in layer.parameters()), width
    vgg13 += sum(a * b + b for a, b in ((512 * 49, 4096), (4096, 4096), (4096, 1000)))
    assert vgg13 == 133_047_848


@pytest.mark.parametrize("act, error, text", [
    (lambda: F.conv2d(np.ones((1, 2, 5, 5)), Tensor(np.ones((4, 3, 3, 3)))), ValueError,
     r"conv2d: x must have 3 channels because weight is \(4, 3, 3, 3\) with groups=1, but x is \(1, 2, 5, 5\)"),
    (lambda: F.conv2d(np.ones((5, 5)), Tensor(np.ones((1, 1, 3, 3)))), ValueError, r"conv2d: x must have shape \(N, C, H, W\)"),
    (lambda: F.conv2d(np.ones((1, 1, 2, 5)), Tensor(np.ones((1, 1, 3, 3)))), ValueError,
     "conv2d: the kernel must fit into the padded image, but reaches over 3 x 3 of 2 x 5"),
    (lambda: F.conv2d(np.ones((1, 1, 4, 4)), Tensor(np.ones((1, 1, 3, 3))), dilation=2), ValueError, "reaches over 5 x 5 of 4 x 4"),
    (lambda: F.conv2d(np.ones((1, 1, 4, 4)), Tensor(np.ones((1, 1, 3, 3))), stride=0), ValueError,
     "conv2d: stride must be at least 1, but is 0"),
    (lambda: F.conv2d(np.ones((1, 1, 4, 4)), Tensor(np.ones((1, 1, 3, 3))), stride=(1, 2, 3)), ValueError,
     r"conv2d: stride must be a whole number or a pair, but is \(1, 2, 3\)"),
    (lambda: F.conv2d(np.ones((1, 1, 4, 4)), Tensor(np.ones((1, 1, 3, 3))), padding=-1), ValueError, "padding must be at least 0"),
    (lambda: F.conv2d(np.ones((1, 1, 4, 4)), Tensor(np.ones((1, 1, 3, 3))), stride=2, padding="same"), ValueError,
     r"conv2d: padding 'same' needs stride 1, but stride is \(2, 2\)"),
    (lambda: F.conv2d(np.ones((1, 1, 4, 4)), Tensor(np.ones((2, 1, 3, 3))), Tensor(np.ones(3))), ValueError,
     r"conv2d: bias must have shape \(2,\), but is \(3,\)"),
    (lambda: F.conv2d(Tensor(np.ones((1, 1, 4, 4))), Tensor(np.ones((2, 1, 3, 3), np.float32))), TypeError,
     "conv2d: x is float64 but weight is float32"),
    (lambda: F.max_pool2d(np.ones((1, 1, 2, 2)), 3), ValueError,
     "max_pool2d: the kernel must fit into the padded image, but is 3 x 3 for 2 x 2"),
    (lambda: F.avg_pool2d(np.ones((4, 4)), 2), ValueError, r"avg_pool2d: x must have shape \(N, C, H, W\), but is \(4, 4\)"),
    (lambda: F.max_pool2d(np.ones((1, 1, 4, 4)), 2, padding=2), ValueError, "max_pool2d: padding must be at most half"),
    (lambda: nn.Conv2d(3, 4, 3, groups=2, rng=rng()), ValueError, "Conv2d: groups must divide in_channels and out_channels"),
    (lambda: F.global_max_pool2d(np.ones((2, 3))), ValueError,
     r"global_max_pool2d: x must have shape \(N, C, H, W\), but is \(2, 3\)"),
    (lambda: F.global_avg_pool2d(np.ones((2, 3))), ValueError, r"global_avg_pool2d: x must have shape \(N, C, H, W\)"),
    (lambda: nn.cnn((8, 8), [4], 10, rng=rng()), ValueError, r"cnn: image must be \(C, H, W\), but is \(8, 8\)"),
    (lambda: nn.cnn((1, 8, 8), [], 10, rng=rng()), ValueError, "cnn: channels needs at least one block, but is empty"),
    (lambda: nn.cnn((1, 8, 8), [4, 4, 4, 4], 10, rng=rng()), ValueError,
     r"cnn: 4 blocks need images of at least 16 x 16, but image is \(1, 8, 8\)"),
    (lambda: nn.cnn((1, 8, 8), [4], 10, head="mean", rng=rng()), ValueError, "cnn: head must be one of 'flatten', 'global max'"),
    (lambda: nn.cnn((1, 8, 8), [4], 10, activation="rellu", rng=rng()), ValueError, "cnn: unknown activation 'rellu'"),
    (lambda: nn.cnn((1, 8, 8), [4], 0, rng=rng()), ValueError, "cnn: classes must be at least 1, but is 0"),
    (lambda: receptive_field([(3, 0)]), ValueError, "receptive_field: stride must be at least 1, but is 0"),
])
def test_bad_input(act, error, text):
    with pytest.raises(error, match=text):
        act()
