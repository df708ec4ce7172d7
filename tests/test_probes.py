"""Probes of a network's layers (A32): against PyTorch's hooks, closed forms and planted faults."""
import numpy as np
import pytest
import torch

from course_lib import F, Tensor, datasets, nn
from course_lib.probes import (activations, dead_fraction, gradient_norms, linear_probe, saturation,
                               weight_gradients)


def rng():
    return np.random.default_rng(0)


def data(n=30):
    X = rng().standard_normal((n, 4)).astype(np.float32)
    return X, (X[:, 0] > 0).astype(int)


def test_activations_equal_torchs_hooks():
    """Values behind every activation function, batch norm in evaluation mode included."""
    ours = nn.mlp([4, 6, 5, 2], "tanh", batch_norm=True, rng=rng())
    ours(data()[0])                                                     # moves the running averages
    theirs = torch.nn.Sequential(*[layer for n_in, n_out in ((4, 6), (6, 5)) for layer in
                                   (torch.nn.Linear(n_in, n_out), torch.nn.BatchNorm1d(n_out), torch.nn.Tanh())],
                                 torch.nn.Linear(5, 2))
    theirs.load_state_dict({name: torch.tensor(value) for name, value in ours.eval().state_dict().items()})
    theirs.eval()
    seen = []
    for layer in theirs:
        if isinstance(layer, torch.nn.Tanh):
            layer.register_forward_hook(lambda layer, inputs, output: seen.append(output.detach().numpy()))
    theirs(torch.tensor(data()[0]))
    mine = activations(ours, data()[0])
    assert len(mine) == len(seen) == 2
    for a, b in zip(mine, seen):
        np.testing.assert_allclose(a, b, atol=1e-6)


def test_a_residual_block_counts_as_one_layer():
    model = nn.mlp([4, 6, 6, 6, 2], residual=True, dropout=0.3, rng=rng()).eval()
    hidden = activations(model, data()[0])
    assert [h.shape for h in hidden] == [(30, 6)] * 3
    np.testing.assert_array_equal(hidden[1], model[3](hidden[0]).data)


def test_feature_maps_behind_every_activation_and_pooling():
    model = nn.cnn((1, 8, 8), [3, 4], 2, dropout=0.5, rng=rng()).eval()
    X = rng().random((5, 1, 8, 8), np.float32)
    maps = activations(model, X)
    assert [h.shape for h in maps] == [(5, 3, 8, 8), (5, 3, 4, 4), (5, 4, 4, 4), (5, 4, 2, 2)]
    np.testing.assert_array_equal(maps[-1], model[:6](X).data)


def test_weight_gradients_equal_torch_in_the_order_of_the_layers():
    X, y = data()
    ours = nn.mlp([4, 6, 5, 2], "sigmoid", rng=rng()).to(np.float64)
    theirs = torch.nn.Sequential(torch.nn.Linear(4, 6), torch.nn.Sigmoid(), torch.nn.Linear(6, 5), torch.nn.Sigmoid(),
                                 torch.nn.Linear(5, 2)).double()
    theirs.load_state_dict({name: torch.tensor(value) for name, value in ours.state_dict().items()})
    torch.nn.functional.cross_entropy(theirs(torch.tensor(X).double()), torch.tensor(y)).backward()
    mine = weight_gradients(ours, X.astype(np.float64), y)
    assert list(mine) == ["0.weight", "2.weight", "4.weight"]
    for name, grad in mine.items():
        np.testing.assert_allclose(grad, theirs.get_parameter(name).grad.numpy(), rtol=0, atol=1e-12)
    norms = gradient_norms(ours, X.astype(np.float64), y)
    assert norms == {name: pytest.approx(np.sqrt((grad**2).sum())) for name, grad in mine.items()}


def test_a_chain_of_single_units_gives_the_analytic_product():
    """y = w₃ tanh(w₂ tanh(w₁ x)), every derivative by hand."""
    chain = nn.mlp([1, 1, 1, 1], "tanh", rng=rng()).to(np.float64)
    w1, w2, w3 = (layer.weight.data.item() for layer in chain if isinstance(layer, nn.Linear))
    x, h1 = 0.7, np.tanh(w1 * 0.7)
    h2 = np.tanh(w2 * h1)
    by_hand = [w3 * (1 - h2**2) * w2 * (1 - h1**2) * x, w3 * (1 - h2**2) * h1, h2]
    norms = gradient_norms(chain, np.array([[x]]), None, loss=lambda output, target: output.sum())
    np.testing.assert_allclose(list(norms.values()), np.abs(by_hand), rtol=1e-12)


def test_looking_changes_nothing():
    X, y = data()
    model = nn.mlp([4, 6, 2], batch_norm=True, dropout=0.5, rng=rng())
    clean = weight_gradients(model, X, y)
    model[0].weight.grad = np.ones((6, 4), np.float32)
    state = model.state_dict()
    noise = model[3].rng.bit_generator.state
    activations(model, X)
    np.testing.assert_array_equal(weight_gradients(model, X, y)["0.weight"], clean["0.weight"])    # 1 is not added
    assert all((state[name] == value).all() for name, value in model.state_dict().items())
    assert model[3].rng.bit_generator.state == noise and model.training
    assert (model[0].weight.grad == 1).all()


def test_a_weight_that_does_not_matter_has_gradient_zero():
    class Half(nn.Module):
        def __init__(self):
            self.used, self.unused = nn.Linear(4, 2, rng=rng()), nn.Linear(4, 2, rng=rng())

        def forward(self, x):
            return self.used(x)

    norms = gradient_norms(Half(), *data())
    assert norms["unused.weight"] == 0 < norms["used.weight"]


def test_saturation():
    assert saturation(np.tanh([0.0, 1.0, 3.0, -4.0])) == 0.5
    z = np.linspace(-8, 8, 101)
    assert saturation(F.sigmoid(2 * z).data, low=0.0) == saturation(np.tanh(z)) > 0.5      # the same function
    assert saturation([0.4, -0.6], margin=0.5) == 0.5


def test_planted_dead_units_are_found():
    model = nn.mlp([4, 10, 2], rng=rng())
    alive = dead_fraction(activations(model, data()[0])[0])
    model[0].bias.data[:3] = -100
    assert alive == 0 and dead_fraction(activations(model, data()[0])[0]) == 0.3


def test_linear_probe_reads_what_is_linear_and_no_more():
    X, y = datasets.xor(400, rng=rng())
    raw = linear_probe(X[:300], y[:300], X[300:], y[300:])
    product = (X[:, :1] - X.mean()) * (X[:, 1:] - X.mean())
    assert raw < 0.7 and linear_probe(product[:300], y[:300], product[300:], y[300:]) > 0.97


def test_linear_probe_is_as_good_as_logistic_regression():
    from sklearn.linear_model import LogisticRegression
    split = datasets.digits()
    train, test = datasets.standardize(split.X_train, split.X_test)
    reference = LogisticRegression(max_iter=2000).fit(train, split.y_train).score(test, split.y_test)
    assert linear_probe(*(split[i] for i in (0, 1, 2, 3))) == pytest.approx(reference, abs=0.02)


@pytest.mark.parametrize("act, error, text", [
    (lambda: activations(nn.Linear(4, 2, rng=rng()), data()[0]), TypeError,
     "activations: model must be an nn.Sequential, but is Linear"),
    (lambda: saturation([0.5], low=1.0), ValueError, "saturation: low must be a finite number and less than 1, but is 1"),
    (lambda: saturation([0.5], margin=0), ValueError, "saturation: margin must be a finite number and greater than 0"),
    (lambda: saturation([]), ValueError, "saturation: hidden must hold values, but is empty"),
    (lambda: dead_fraction(np.zeros(3)), ValueError, r"dead_fraction: hidden must have shape \(N, units\), but is \(3,\)"),
    (lambda: linear_probe(np.zeros(3), [0, 1, 1], np.zeros((1, 1)), [0]), ValueError,
     r"linear_probe: features_train must have shape \(N, D\), but is \(3,\)"),
    (lambda: linear_probe(np.zeros((3, 2)), [0, 1], np.zeros((1, 2)), [0]), ValueError,
     r"linear_probe: y_train must have shape \(3,\), but is \(2,\)"),
    (lambda: linear_probe(np.zeros((3, 2)), [0, 1, 1], np.zeros((1, 3)), [0]), ValueError, r"standardize: .*\(1, 3\)"),
])
def test_bad_input(act, error, text):
    with pytest.raises(error, match=text):
        act()


def test_gradients_stay_float32_and_tensors_are_welcome():
    X, y = data()
    model = nn.mlp([4, 3, 2], rng=rng())
    assert weight_gradients(model, Tensor(X), y)["0.weight"].dtype == np.float32
