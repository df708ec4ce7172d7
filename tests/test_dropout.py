"""Dropout in its forms (A47): expectations over all masks, PyTorch's semantics, gradients, errors."""
import itertools

import numpy as np
import pytest
import torch

from course_lib import F, Tensor, nn
from course_lib.gradcheck import gradcheck
from course_lib.nn.dropout import ClassicDropout, DropConnect, classic_dropout, dropout, mc_dropout


def rng(seed=0):
    return np.random.default_rng(seed)


class Chosen:
    """Stands in for a generator: "draws" the masks it is given, 1 to keep."""

    def __init__(self, mask):
        self.mask = np.asarray(mask)

    def random(self, shape, dtype):
        return self.mask.reshape(shape).astype(dtype) * 0.999             # kept where at least p


def every_mask(n, p):
    """All masks of n units with their probabilities."""
    for mask in itertools.product((0, 1), repeat=n):
        yield Chosen(mask), np.prod([1 - p if kept else p for kept in mask])


@pytest.mark.parametrize("p", [0.2, 0.5, 0.8])
@pytest.mark.parametrize("form", [dropout, classic_dropout])
def test_the_average_over_all_masks_is_the_network_of_test_time(form, p):
    """Exact for what is linear behind the mask; both forms."""
    h, W = rng().standard_normal((1, 5)), rng(1).standard_normal((3, 5))
    trained = sum(chance * F.linear(form(h, p, rng=mask), Tensor(W)).data for mask, chance in every_mask(5, p))
    tested = F.linear(form(h, p, training=False, rng=None), Tensor(W)).data
    np.testing.assert_allclose(trained, tested, rtol=1e-12)


def test_the_two_forms_differ_by_the_factor_alone():
    x = rng().standard_normal((4, 6))
    classic, inverted = (form(x, 0.2, rng=rng(3)).data for form in (classic_dropout, dropout))
    np.testing.assert_allclose(classic, 0.8 * inverted, rtol=1e-12)
    np.testing.assert_array_equal(classic_dropout(x, 0.2, False, rng=None).data, 0.8 * x)
    np.testing.assert_array_equal(classic_dropout(x, 0.2, False, rng=None, scale_at_test=False).data, x)


def test_p_drops_as_in_torch():
    """p, the probability of dropping, in both libraries; what stays is x / (1 - p)."""
    x = np.ones(40_000, np.float32)
    torch.manual_seed(0)
    for y in (dropout(x, 0.2, rng=rng()).data, torch.nn.functional.dropout(torch.tensor(x), 0.2).numpy()):
        assert abs((y == 0).mean() - 0.2) < 0.01
        np.testing.assert_allclose(y[y > 0], 1.25, rtol=1e-6)
    assert dropout(x, 0.2, training=False, rng=None).data is x


@pytest.mark.parametrize("form", [dropout, classic_dropout])
def test_the_gradient_uses_the_mask_of_the_value(form):
    x = Tensor(rng().uniform(1, 2, (5, 7)), requires_grad=True)
    out = form(x, 0.3, rng=rng(4))
    out.sum().backward()
    np.testing.assert_allclose(x.grad, out.data / x.data, rtol=1e-12)
    assert gradcheck(lambda x: form(x, 0.5, rng=rng(1)), [x], rng=rng()) <= 1e-6
    assert gradcheck(lambda x: form(x, 0.5, False, rng=None), [x], rng=rng()) <= 1e-6


@pytest.mark.parametrize("form", [dropout, classic_dropout])
def test_nothing_is_dropped_at_rate_0(form):
    x = rng().standard_normal((3, 4))
    for training in (True, False):
        np.testing.assert_array_equal(form(x, 0.0, training, rng=rng()).data, x)


def test_layers_follow_the_mode_and_a_scale_can_be_forgotten():
    layer, x = ClassicDropout(0.5, rng=rng()), np.ones((2, 8))
    assert set(layer(x).data.ravel()) == {0, 1}
    layer.eval()
    assert set(layer(x).data.ravel()) == {0.5}
    layer.scale_at_test = False
    assert set(layer(x).data.ravel()) == {1}
    assert repr(layer) == "ClassicDropout(p=0.5, scale_at_test=False)"


def test_drop_connect_masks_weights():
    layer = DropConnect(4, 3, p=0.5, rng=rng()).to(np.float64)
    W, b, x = layer.weight.data, layer.bias.data, rng(1).standard_normal((5, 4))
    layer.rng = Chosen(mask := rng(2).integers(0, 2, (3, 4)))
    out = layer(x)
    theirs = torch.tensor(W, requires_grad=True)
    expected = torch.nn.functional.linear(torch.tensor(x), theirs * torch.tensor(mask) * 2, torch.tensor(b))
    np.testing.assert_allclose(out.data, expected.detach().numpy(), atol=1e-12)
    out.sum().backward()
    expected.sum().backward()
    np.testing.assert_allclose(layer.weight.grad, theirs.grad.numpy(), atol=1e-12)
    assert ((layer.weight.grad != 0) == (mask == 1)).all()
    np.testing.assert_array_equal(layer.eval()(x).data, F.linear(x, layer.weight, layer.bias).data)


def test_mc_dropout_averages_thinned_networks():
    model = nn.mlp([6, 64, 3], dropout=0.2, batch_norm=True, rng=rng())
    X = rng(1).standard_normal((20, 6)).astype(np.float32)
    model(X)                                                              # moves the running averages
    before, state = model.state_dict(), model[3].rng.bit_generator.state
    mean, std = mc_dropout(model, X, 400, rng=rng(2))
    assert mean.shape == std.shape == (20, 3) and (std > 0).all()
    np.testing.assert_allclose(mean.sum(axis=1), 1, atol=1e-5)
    np.testing.assert_allclose(mean, F.softmax(model.eval()(X)).data, atol=0.05)
    again = mc_dropout(model, X, 400, rng=rng(2))
    np.testing.assert_array_equal(mean, again[0])
    model.train()
    np.testing.assert_array_equal(mean, mc_dropout(model, X, 400, rng=rng(2))[0])     # batch norm: always the averages
    assert model.training and model[3].rng.bit_generator.state == state
    for name, value in model.state_dict().items():
        np.testing.assert_array_equal(value, before[name])
    np.testing.assert_allclose(mc_dropout(model, X, 1, rng=rng())[1], 0)


def test_mc_dropout_is_mean_and_standard_deviation_over_its_own_masks():
    model = nn.Sequential(DropConnect(6, 8, p=0.3, rng=rng()), nn.ReLU(), ClassicDropout(0.5, rng=rng()),
                          nn.Linear(8, 3, rng=rng()))
    X, draw = rng(1).standard_normal((5, 6)).astype(np.float32), rng(7)
    p = []
    for _ in range(3):
        hidden = classic_dropout(F.relu(F.linear(X, dropout(model[0].weight, 0.3, rng=draw), model[0].bias)), rng=draw)
        p.append(F.softmax(model[3](hidden)).data)
    mean, std = mc_dropout(model, X, 3, rng=rng(7))
    np.testing.assert_allclose(mean, np.mean(p, axis=0), atol=1e-6)
    np.testing.assert_allclose(std, np.std(p, axis=0), atol=1e-6)
    assert (mc_dropout(model, X, 3, rng=rng(8))[0] != mean).any()
    only = nn.Sequential(DropConnect(6, 3, rng=rng()))
    assert (mc_dropout(only, X, 5, rng=rng())[1] > 0).any()


@pytest.mark.parametrize("act, error, text", [
    (lambda: dropout([1.0], 1, rng=rng()), ValueError,
     "dropout: p, the probability of dropping, must be a number in [0, 1), but is 1"),
    (lambda: classic_dropout([1.0], 1.0, rng=rng()), ValueError, "classic_dropout: p, the probability of dropping"),
    (lambda: ClassicDropout(1.0, rng=rng()), ValueError, "but is 1"),
    (lambda: DropConnect(2, 2, p=-0.1, rng=rng()), ValueError, "DropConnect: p, the probability of dropping"),
    (lambda: nn.Dropout("0.5", rng=rng()), TypeError, "Dropout: p, the probability of dropping, must be a number in [0, 1), but is '0.5'"),
    (lambda: nn.Dropout(float("nan"), rng=rng()), ValueError, "Dropout: p, the probability of dropping, must be a number in [0, 1), but is nan"),
    (lambda: mc_dropout(nn.mlp([2, 2], dropout=0.5, rng=rng()), [[1.0, 2.0]], rng=rng()), ValueError,
     "mc_dropout: model must have a dropout layer, but is Sequential without one"),
    (lambda: mc_dropout(nn.mlp([2, 3, 2], dropout=0.5, rng=rng()), [[1.0, 2.0]], 0, rng=rng()), ValueError,
     "mc_dropout: n must be at least 1, but is 0"),
    (lambda: mc_dropout(nn.mlp([2, 3, 2], dropout=0.5, rng=rng()), [[1.0, 2.0]], rng=0), TypeError,
     "mc_dropout: rng must be a numpy.random.Generator"),
])
def test_errors_in_one_line(act, error, text):
    with pytest.raises(error) as caught:
        act()
    assert text in str(caught.value) and "\n" not in str(caught.value)
