"""Batch normalization, layer normalization and shortcuts: against PyTorch, differences and closed forms (A33, A34)."""
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib import F, Tensor, fit, nn, optim
from course_lib.gradcheck import gradcheck
from test_gradients import DRAW, compare, seeds

TF = torch.nn.functional


def rng():
    return np.random.default_rng(0)


def pairs(*arrays):
    return [Tensor(a, requires_grad=True) for a in arrays]


@settings(**DRAW)
@given(n=st.integers(1, 6), c=st.integers(1, 4), space=st.sampled_from([(), (3,), (2, 3)]), training=st.booleans(),
       affine=st.booleans(), seed=seeds)
def test_batch_norm(n, c, space, training, affine, seed):
    """A33, features or channels, a batch of one image too: value, gradients and running statistics equal PyTorch's."""
    draw = np.random.default_rng(seed)
    n += training and not space                       # one number has no variance
    arrays = [3 + 2 * draw.standard_normal((n, c, *space)), *draw.standard_normal((2, c))][:3 if affine else 1]
    mean, var = draw.standard_normal(c), draw.random(c) + 0.5
    their_mean, their_var = torch.tensor(mean), torch.tensor(var)
    compare(lambda x, *affine: F.batch_norm(x, mean, var, *affine, training=training, momentum=0.3),
            lambda x, *affine: TF.batch_norm(x, their_mean, their_var, *affine, training=training, momentum=0.3),
            arrays, draw)
    np.testing.assert_allclose(mean, their_mean.numpy(), rtol=0, atol=1e-12)
    np.testing.assert_allclose(var, their_var.numpy(), rtol=0, atol=1e-12)
    # gradcheck steps along x: with two values per feature they are +1 and -1 whatever x is, up to eps
    if n > 2 or space:
        mean, var = mean.copy(), var.copy()
        assert gradcheck(lambda x, *affine: F.batch_norm(x, mean, var, *affine, training=training, momentum=0.0),
                         pairs(*arrays), rng=draw) <= 1e-6


@settings(**DRAW)
@given(lead=st.sampled_from([(1,), (4,), (2, 3)]), sizes=st.sampled_from([(3,), (5,), (2, 3)]), affine=st.booleans(),
       seed=seeds)
def test_layer_norm(lead, sizes, affine, seed):
    """A33 over the features of one example, a batch of one included."""
    draw = np.random.default_rng(seed)
    arrays = [3 + 2 * draw.standard_normal(lead + sizes), *draw.standard_normal((2, *sizes))][:3 if affine else 1]
    shape = sizes if len(sizes) > 1 else sizes[0]
    compare(lambda x, *affine: F.layer_norm(x, shape, *affine),
            lambda x, *affine: TF.layer_norm(x, sizes, *affine), arrays, draw)
    assert gradcheck(lambda x, *affine: F.layer_norm(x, shape, *affine), pairs(*arrays), rng=draw) <= 1e-6


def test_batch_norm_equals_its_composition():
    """The fused operation equals mean, variance, division and affine written one by one."""
    x, gamma, beta = rng().standard_normal((6, 3)), np.array([1.0, -2.0, 0.5]), np.array([0.0, 1.0, 2.0])
    fused, composed = pairs(x, gamma, beta), pairs(x, gamma, beta)
    upstream = rng().standard_normal((6, 3))
    F.batch_norm(fused[0], weight=fused[1], bias=fused[2], training=True).backward(upstream)
    centred = composed[0] - composed[0].mean(0)
    (composed[1] * (centred * ((centred * centred).mean(0) + 1e-5) ** -0.5) + composed[2]).backward(upstream)
    for a, b in zip(fused, composed):
        np.testing.assert_allclose(a.grad, b.grad, atol=1e-12)


def test_a_training_run_leaves_torchs_running_statistics():
    """Twenty steps of a network with batch norm, then evaluation: parameters, averages and answers equal PyTorch's."""
    ours = nn.mlp([3, 5, 2], "tanh", batch_norm=True, rng=rng()).to(np.float64)
    theirs = torch.nn.Sequential(torch.nn.Linear(3, 5), torch.nn.BatchNorm1d(5), torch.nn.Tanh(),
                                 torch.nn.Linear(5, 2)).double()
    theirs.load_state_dict({name: torch.tensor(value) for name, value in ours.state_dict().items()})
    mine, other = optim.SGD(ours.parameters(), 0.1), torch.optim.SGD(theirs.parameters(), 0.1)
    X, y = 2 + rng().standard_normal((20, 7, 3)), rng().integers(0, 2, (20, 7))
    for batch, target in zip(X, y):
        mine.zero_grad()
        F.cross_entropy(ours(batch), target).backward()
        mine.step()
        other.zero_grad()
        TF.cross_entropy(theirs(torch.tensor(batch)), torch.tensor(target)).backward()
        other.step()
    for name, value in ours.state_dict().items():
        np.testing.assert_allclose(value, theirs.state_dict()[name].numpy(), rtol=0, atol=1e-10, err_msg=name)
    assert np.abs(ours.state_dict()["1.running_mean"]).max() > 0.1
    np.testing.assert_allclose(ours.eval()(X[0]).data, theirs.eval()(torch.tensor(X[0])).detach().numpy(), atol=1e-10)


def test_running_averages_are_saved_and_loaded_and_keep_their_dtype():
    model = nn.Sequential(nn.Linear(3, 4, rng=rng()), nn.BatchNorm1d(4))
    model(rng().standard_normal((5, 3)))
    state = model.state_dict()
    assert list(state) == ["0.weight", "0.bias", "1.weight", "1.bias", "1.running_mean", "1.running_var"]
    fresh = nn.Sequential(nn.Linear(3, 4, rng=rng()), nn.BatchNorm1d(4))
    fresh.load_state_dict(state)
    state["1.running_mean"][:] = 99
    np.testing.assert_array_equal(fresh[1].running_mean, model[1].running_mean)
    with pytest.raises(ValueError, match=r"1.running_var must have shape \(4,\), but has \(2,\)"):
        fresh.load_state_dict({**state, "1.running_var": np.ones(2)})
    assert fresh[1].running_mean.dtype == np.float32
    assert fresh.to(np.float64)[1].running_mean.dtype == np.float64


def test_evaluation_treats_every_example_alone():
    model = nn.mlp([3, 4, 2], batch_norm=True, rng=rng())
    X = rng().standard_normal((10, 3)).astype(np.float32)
    fit(model, X, (X[:, 0] > 0).astype(int), optimizer=optim.SGD(model.parameters(), 0.1), epochs=3, batch_size=5,
        rng=rng(), progress=False)
    np.testing.assert_allclose(model(X[:1]).data, model(X).data[:1], atol=1e-6)
    assert np.abs(model.train()(X[:5]).data - model(X).data[:5]).max() > 1e-3


def test_a_constant_feature_gives_zeros():
    x = Tensor(np.full((4, 2), 7.0), requires_grad=True)
    out = F.batch_norm(x, training=True)
    out.backward(rng().standard_normal((4, 2)))
    assert not out.data.any() and np.isfinite(x.grad).all()


@pytest.mark.parametrize("layer, x", [(nn.BatchNorm1d(3), np.ones((4, 3))), (nn.LayerNorm(3), np.ones((4, 3))),
                                      (nn.BatchNorm2d(3), np.ones((4, 3, 2, 2)))])
def test_dtype_is_kept(layer, x):
    for dtype in (np.float32, np.float64):
        layer.to(dtype)
        inputs = Tensor(x.astype(dtype), requires_grad=True)
        out = layer(inputs)
        out.sum().backward()
        assert out.dtype == inputs.grad.dtype == layer.weight.grad.dtype == dtype
        layer.weight.grad = None
    x = np.ones((2, 3), np.float32)
    assert F.batch_norm(x, np.zeros(3), np.ones(3)).dtype == np.float32


@pytest.mark.parametrize("act, text", [
    (lambda: nn.BatchNorm1d(3)(np.ones((1, 3))), "batch_norm: training needs at least two values per feature, but x is "
     r"\(1, 3\); use a larger batch or eval\(\)"),
    (lambda: nn.BatchNorm1d(3)(np.ones((4, 2))), r"running_mean must have shape \(2,\) because x is \(4, 2\), but is \(3,\)"),
    (lambda: nn.BatchNorm1d(3)(np.ones((4, 3, 1, 1))), r"BatchNorm1d: x must have shape \(N, D\), but is \(4, 3, 1, 1\)"),
    (lambda: nn.BatchNorm2d(3)(np.ones((4, 3))), r"BatchNorm2d: x must have shape \(N, C, H, W\), but is \(4, 3\)"),
    (lambda: nn.BatchNorm1d(0), "BatchNorm1d: num_features must be at least 1, but is 0"),
    (lambda: F.batch_norm(np.ones(3), training=True), r"batch_norm: x must have shape \(N, D\) or"),
    (lambda: F.batch_norm(np.ones((2, 3))), "batch_norm: evaluation needs running_mean and running_var"),
    (lambda: F.batch_norm(np.ones((2, 3)), weight=Tensor(np.ones(2)), training=True), r"weight must have shape \(3,\)"),
    (lambda: F.batch_norm(np.ones((2, 3)), training=True, momentum=1.5), r"momentum must lie in \[0, 1\], but is 1.5"),
    (lambda: F.batch_norm(np.ones((2, 3)), training=True, eps=0), "batch_norm: eps must be positive, but is 0"),
    (lambda: F.layer_norm(np.ones((2, 3)), 4), r"layer_norm: x must end in the axes \(4,\), but is \(2, 3\)"),
    (lambda: F.layer_norm(np.ones((2, 3)), 3, Tensor(np.ones(2))), r"layer_norm: weight must have shape \(3,\), but is \(2,\)"),
    (lambda: F.layer_norm(np.ones((2, 3)), 3, eps=-1), "layer_norm: eps must be positive, but is -1"),
    (lambda: nn.Residual(nn.Linear(3, 2, rng=rng()))(np.ones((4, 3))),
     r"Residual: block and shortcut must give the same shape, but give \(4, 2\) and \(4, 3\)"),
])
def test_bad_settings(act, text):
    with pytest.raises(ValueError, match=text):
        act()


# -- shortcuts (A34) ----------------------------------------------------------------------------------

def test_a_silent_block_is_the_identity():
    x = Tensor(rng().standard_normal((4, 3)), requires_grad=True)
    out = nn.Residual(nn.Linear(3, 3, init="zeros", rng=rng()).to(np.float64))(x)
    out.backward(np.full((4, 3), 2.0))
    np.testing.assert_array_equal(out.data, x.data)
    np.testing.assert_array_equal(x.grad, 2.0)


@pytest.mark.parametrize("shortcut, width", [(False, 3), (True, 5)])
def test_residual_gradients(shortcut, width):
    """y = S(x) + s F(x), with the identity and with a projection, against differences and against the formula."""
    block = nn.mlp([3, 4, width], "tanh", rng=rng()).to(np.float64)
    project = nn.Linear(3, width, rng=rng()).to(np.float64) if shortcut else None
    layer = nn.Residual(block, project, scale=0.3)
    x = Tensor(rng().standard_normal((4, 3)), requires_grad=True)
    straight = project(x).data if shortcut else x.data
    np.testing.assert_allclose(layer(x).data, straight + 0.3 * block(x).data, atol=1e-12)
    assert gradcheck(lambda *_: layer(x), [x, *layer.parameters()], rng=rng()) <= 1e-6
    assert len(layer.parameters()) == (6 if shortcut else 4)


def test_mlp_with_shortcuts_and_batch_norm():
    """A shortcut wherever the width stays, each scaled by one over the root of their number."""
    model = nn.mlp([6, 8, 8, 8, 4, 2], batch_norm=True, residual=True, dropout=0.1, rng=rng())
    blocks = [layer for layer in model if isinstance(layer, nn.Residual)]
    assert [type(layer).__name__ for layer in model] == ["Linear", "BatchNorm1d", "ReLU", "Dropout", "Residual", "Residual",
                                                         "Linear", "BatchNorm1d", "ReLU", "Dropout", "Linear"]
    assert all(block.scale == pytest.approx(2**-0.5) for block in blocks)
    assert [type(layer).__name__ for layer in blocks[0].block] == ["Linear", "BatchNorm1d", "ReLU", "Dropout"]
    assert isinstance(nn.mlp([8, 8, 8, 2], residual=True, rng=rng())[0], nn.Linear)     # the input is no hidden layer
    plain = nn.mlp([6, 8, 8, 2], rng=rng()), nn.mlp([6, 8, 8, 2], residual=True, rng=rng())
    for p, q in zip(*(model.parameters() for model in plain)):
        np.testing.assert_array_equal(p.data, q.data)                   # the same weights, drawn in the same order
    assert nn.mlp([6, 8, 2], residual=True, rng=rng())(np.ones((1, 6))).shape == (1, 2)
