"""Every operation: its gradient against finite differences, its value and gradient against PyTorch."""
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib import F, Tensor
from course_lib.gradcheck import gradcheck

TF = torch.nn.functional
DRAW = dict(max_examples=25, deadline=None, derandomize=True)

# name: (ours, PyTorch's); both map tensors to a tensor
ELEMENTWISE = {
    "identity": (lambda x: F.identity(x, slope=-0.7), lambda x: -0.7 * x),
    "step": (F.step, lambda x: (x >= 0).to(x.dtype) + 0 * x),
    "sigmoid": (F.sigmoid, torch.sigmoid),
    "sigmoid with slope": (lambda x: F.sigmoid(x, slope=2.5), lambda x: torch.sigmoid(2.5 * x)),
    "tanh": (F.tanh, torch.tanh),
    "tanh with slope": (lambda x: F.tanh(x, slope=0.3), lambda x: torch.tanh(0.3 * x)),
    "relu": (F.relu, torch.relu),
    "leaky relu": (lambda x: F.leaky_relu(x, 0.2), lambda x: TF.leaky_relu(x, 0.2)),
    "leaky relu, slope over 1": (lambda x: F.leaky_relu(x, 1.5), lambda x: TF.leaky_relu(x, 1.5)),
    "softmax": (F.softmax, lambda x: torch.softmax(x, -1)),
    "softmax, first axis, warm": (lambda x: F.softmax(x, dim=0, temperature=3.0), lambda x: torch.softmax(x / 3, 0)),
    "hardmax": (F.hardmax, lambda x: TF.one_hot(x.argmax(-1), x.shape[-1]).to(x.dtype) + 0 * x),
    "exp": (lambda x: x.exp(), torch.exp),
    "log": (lambda x: (x * x + 0.1).log(), lambda x: (x * x + 0.1).log()),
    "power": (lambda x: (x * x + 0.1) ** 1.5, lambda x: (x * x + 0.1) ** 1.5),
    "arithmetic": (lambda x: 1 - (2 + x) / (x * x + 1) - x, lambda x: 1 - (2 + x) / (x * x + 1) - x),
    "reciprocal": (lambda x: 3 / (x * x + 1), lambda x: 3 / (x * x + 1)),
    "mean over an axis": (lambda x: x.mean(0), lambda x: x.mean(0)),
    "sum, axis kept": (lambda x: x * x.sum(-1, keepdim=True), lambda x: x * x.sum(-1, keepdim=True)),
    "reshape and transpose": (lambda x: x.reshape(-1, 1).T * 2, lambda x: x.reshape(-1, 1).T * 2),
    "an element picked twice": (lambda x: x[[0, 0, -1]], lambda x: x[[0, 0, -1]]),
}
TWO_INPUTS = {
    "add": (lambda a, b: a + b, torch.add), "subtract": (lambda a, b: a - b, torch.sub),
    "multiply": (lambda a, b: a * b, torch.mul), "divide": (lambda a, b: a / (b * b + 1), lambda a, b: a / (b * b + 1)),
}
shapes = st.lists(st.integers(1, 5), min_size=2, max_size=3).map(tuple)
seeds = st.integers(0, 2**32 - 1)


def away_from_zero(rng, shape):
    """Numbers of both signs, none within 0.05 of the kink at 0."""
    x = rng.standard_normal(shape)
    return x + 0.05 * np.where(x >= 0, 1, -1)


def compare(ours, theirs, arrays, rng):
    """Value and gradients equal PyTorch's to 1e-10, for a random gradient from above."""
    mine = [Tensor(a, requires_grad=True) for a in arrays]
    other = [torch.tensor(a, requires_grad=True) for a in arrays]
    out, expected = ours(*mine), theirs(*other)
    assert out.shape == tuple(expected.shape)
    np.testing.assert_allclose(out.data, expected.detach().numpy(), rtol=1e-10, atol=1e-10)
    upstream = rng.standard_normal(out.shape)
    out.backward(upstream)
    expected.backward(torch.tensor(upstream))
    for a, b in zip(mine, other):
        np.testing.assert_allclose(a.grad, b.grad.numpy(), rtol=1e-10, atol=1e-10)
        assert a.grad.flags.writeable and a.grad.flags.owndata


@pytest.mark.parametrize("name", ELEMENTWISE)
@settings(**DRAW)
@given(shape=shapes, seed=seeds)
def test_one_input(name, shape, seed):
    """Activations (A06 to A11, with ReLU A09 and leaky ReLU A10) and arithmetic: value and gradient."""
    rng = np.random.default_rng(seed)
    ours, theirs = ELEMENTWISE[name]
    x = away_from_zero(rng, shape)
    compare(ours, theirs, [x], rng)
    assert gradcheck(ours, [Tensor(x, requires_grad=True)], rng=rng) <= 1e-6


@pytest.mark.parametrize("name", TWO_INPUTS)
@settings(**DRAW)
@given(shape=shapes, squeeze=st.integers(0, 3), seed=seeds)
def test_two_inputs_broadcast(name, shape, squeeze, seed):
    rng = np.random.default_rng(seed)
    smaller = [shape, shape[1:], (1,) + shape[1:], shape[:-1] + (1,)][squeeze]
    arrays = [rng.standard_normal(shape), rng.standard_normal(smaller)]
    for order in (arrays, arrays[::-1]):
        compare(*TWO_INPUTS[name], order, rng)
        assert gradcheck(TWO_INPUTS[name][0], [Tensor(a, requires_grad=True) for a in order], rng=rng) <= 1e-6


@settings(**DRAW)
@given(n=st.integers(1, 6), d=st.integers(1, 6), f=st.integers(1, 6), batch=st.sampled_from([(), (2,), (1, 3)]),
       bias=st.booleans(), seed=seeds)
def test_linear_and_matmul(n, d, f, batch, bias, seed):
    """A05 against torch.nn.functional.linear: any batch shape, with and without bias."""
    rng = np.random.default_rng(seed)
    arrays = [rng.standard_normal(s) for s in ((*batch, n, d), (f, d), (f,))][:3 if bias else 2]
    compare(F.linear, TF.linear, arrays, rng)
    assert gradcheck(F.linear, [Tensor(a, requires_grad=True) for a in arrays], rng=rng) <= 1e-6
    matrices = [arrays[0], rng.standard_normal((*batch, d, f))]
    compare(lambda a, b: a @ b, torch.matmul, matrices, rng)
    compare(lambda a, b: a @ b, torch.matmul, [arrays[0], rng.standard_normal((d, f))], rng)


@pytest.mark.parametrize("reduction", ["mean", "sum", "none"])
@settings(**DRAW)
@given(n=st.integers(1, 6), c=st.integers(1, 5), scale=st.sampled_from([1.0, 50.0]), seed=seeds)
def test_losses(reduction, n, c, scale, seed):
    """A12, A13 and A14 against PyTorch, hard and soft targets, small and extreme scores."""
    rng = np.random.default_rng(seed)
    z, soft = scale * rng.standard_normal((n, c)), rng.dirichlet(np.ones(c), n)
    classes, yes = rng.integers(0, c, n), rng.random((n, c))
    pairs = [(lambda x: F.mse_loss(x, yes, reduction), lambda x: TF.mse_loss(x, torch.tensor(yes), reduction=reduction)),
             (lambda x: F.binary_cross_entropy_with_logits(x, yes, reduction),
              lambda x: TF.binary_cross_entropy_with_logits(x, torch.tensor(yes), reduction=reduction)),
             (lambda x: F.cross_entropy(x, classes, reduction),
              lambda x: TF.cross_entropy(x, torch.tensor(classes), reduction=reduction)),
             (lambda x: F.cross_entropy(x, soft, reduction),
              lambda x: TF.cross_entropy(x, torch.tensor(soft), reduction=reduction))]
    for ours, theirs in pairs:
        compare(ours, theirs, [z], rng)
        if scale == 1.0:
            assert gradcheck(ours, [Tensor(z, requires_grad=True)], rng=rng) <= 1e-6


def test_cross_entropy_is_its_composition():
    """The fused operation equals softmax, log and sum written one by one."""
    rng = np.random.default_rng(0)
    z, y = rng.standard_normal((5, 3)), np.array([0, 2, 1, 1, 0])
    fused, composed = Tensor(z, requires_grad=True), Tensor(z, requires_grad=True)
    F.cross_entropy(fused, y).backward()
    ((F.softmax(composed).log() * np.eye(3)[y]).sum() * (-1 / 5)).backward()
    np.testing.assert_allclose(fused.grad, composed.grad, atol=1e-12)


def test_binary_cross_entropy_is_logistic_regression():
    """A13 fitted to the end finds the weights of scikit-learn's unpenalised logistic regression."""
    from sklearn.linear_model import LogisticRegression
    rng = np.random.default_rng(0)
    X = rng.standard_normal((200, 3))
    y = (X @ [1.0, -2.0, 0.5] + rng.standard_normal(200) > 0).astype(float)
    w, b = Tensor(np.zeros((1, 3)), requires_grad=True), Tensor(np.zeros(1), requires_grad=True)
    for _ in range(4000):
        w.grad = b.grad = None
        F.binary_cross_entropy_with_logits(F.linear(X, w, b), y[:, None]).backward()
        w.data, b.data = w.data - 0.5 * w.grad, b.data - 0.5 * b.grad
    reference = LogisticRegression(C=np.inf, tol=1e-10).fit(X, y)
    np.testing.assert_allclose(w.data, reference.coef_, atol=1e-4)
    np.testing.assert_allclose(b.data, reference.intercept_, atol=1e-4)


def test_dropout():
    """Same mask forward and back; the expected value stays; nothing happens in evaluation."""
    x = Tensor(np.ones((400, 500)), requires_grad=True)
    out = F.dropout(x, 0.3, rng=np.random.default_rng(0))
    assert set(np.unique(out.data)) == {0.0, 1 / 0.7}
    assert abs((out.data == 0).mean() - 0.3) < 0.005
    assert abs(out.data.mean() - 1) < 0.005
    out.backward(np.full(x.shape, 2.0))
    np.testing.assert_array_equal(x.grad, 2 * out.data)
    assert F.dropout(x, 0.3, training=False, rng=None) is x
    assert gradcheck(lambda x: F.dropout(x, 0.5, rng=np.random.default_rng(1)),
                     [Tensor(np.arange(6.0), requires_grad=True)], rng=np.random.default_rng(2)) <= 1e-6


@pytest.mark.parametrize("name", ELEMENTWISE)
def test_dtype_is_kept(name):
    for dtype in (np.float32, np.float64):
        x = Tensor(np.array([[0.5, -1.5], [2.0, 0.1]], dtype), requires_grad=True)
        out = ELEMENTWISE[name][0](x)
        out.sum().backward()
        assert out.dtype == x.grad.dtype == dtype


def test_closed_forms():
    """Identities that need no second library (A06, A07, A08, A11)."""
    x = np.linspace(-30, 30, 101)
    np.testing.assert_allclose(F.sigmoid(-x).data, 1 - F.sigmoid(x).data, atol=1e-15)
    np.testing.assert_allclose(F.tanh(x).data, 2 * F.sigmoid(2 * x).data - 1, atol=1e-14)
    assert F.sigmoid(np.array([0.0, 1e4, -1e4])).data.tolist() == [0.5, 1.0, 0.0]
    z = np.array([1.0, 3.0, 2.0])
    np.testing.assert_allclose(F.softmax(z + 1e4).data, F.softmax(z).data, atol=1e-12)
    np.testing.assert_allclose(F.softmax(z, temperature=1e-3).data, F.hardmax(z).data)
    np.testing.assert_allclose(F.softmax(np.array([0.7, -0.4])).data[0], F.sigmoid(np.array([1.1])).data[0])
    assert F.softmax(np.array([0.0, -np.inf])).data.tolist() == [1.0, 0.0]
    assert F.mse_loss(np.array([[3.0, 1.0]]), [[1.0, 1.0]], "batchmean").item() == 4.0
    assert F.hardmax([2.0, 2.0, 1.0]).data.tolist() == [1, 0, 0]
