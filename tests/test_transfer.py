"""Freezing, new heads, fine-tuning (A57)."""
import copy

import numpy as np
import pytest
from sklearn.linear_model import LogisticRegression

from course_lib import F, Tensor, datasets, fit, nn, optim
from course_lib.training import evaluate
from course_lib.transfer import Frozen, Together, embed, few_per_class, freeze, replace_head, trainable


def rng(seed=0):
    return np.random.default_rng(seed)


def network(seed=0, classes=5):
    """Convolution, batch norm, dropout: what a frozen part can hold; 4 layers with weights."""
    r = rng(seed)
    return nn.Sequential(nn.Conv2d(1, 4, 3, padding="same", rng=r), nn.BatchNorm2d(4), nn.ReLU(), nn.MaxPool2d(2),
                         nn.Conv2d(4, 6, 3, padding="same", rng=r), nn.BatchNorm2d(6), nn.ReLU(), nn.Flatten(),
                         nn.Linear(96, 12, rng=r), nn.ReLU(), nn.Dropout(0.3, rng=r), nn.Linear(12, classes, rng=r))


def data(n=60, classes=5):
    X = rng(1).standard_normal((n, 1, 8, 8)).astype(np.float32)
    return X, rng(2).integers(classes, size=n)


def arrays(layers):
    return {name: array for name, array in nn.Sequential(*layers).state_dict().items()}


@pytest.mark.parametrize("depth, frozen_layers", [(0, 0), (1, 4), (2, 8), (3, 11)])
@pytest.mark.parametrize("make", [lambda p: optim.SGD(p, 0.1, momentum=0.9, weight_decay=0.01),
                                  lambda p: optim.AdamW(p, 0.01, weight_decay=0.1)])
def test_frozen_parts_are_bit_identical_after_training(depth, frozen_layers, make):
    """Weights, and the running statistics of batch norm too, whatever the optimizer; the rest has moved."""
    source, (X, y) = network(), data()
    fit(source, X, y, optimizer=optim.SGD(source.parameters(), 0.05), epochs=2, rng=rng(), progress=False)
    model = freeze(copy.deepcopy(source), depth)
    layers = [inner for layer in model for inner in (layer if isinstance(layer, Frozen) else [layer])]
    before = arrays(layers)
    fit(model, X, y, optimizer=make(trainable(model)), epochs=3, rng=rng(), progress=False)
    for name, array in arrays(layers).items():
        still = int(name.split(".")[0]) < frozen_layers
        assert np.array_equal(array, before[name]) == still, name


def test_all_parameters_in_the_optimizer_do_no_harm():
    """A frozen parameter gets no gradient, so even weight decay and momentum leave it alone."""
    X, y = data()
    model = freeze(network(), 3)
    before = copy.deepcopy(model[0].state_dict())
    fit(model, X, y, optimizer=optim.SGD(model.parameters(), 0.1, momentum=0.9, weight_decay=0.1), epochs=2, rng=rng(),
        progress=False)
    assert all(np.array_equal(array, before[name]) for name, array in model[0].state_dict().items())
    assert all(p.grad is None for p in model[0].parameters())


def test_freezing_forgets_old_gradients_and_rests_at_once():
    model, (X, y) = network(), data()
    F.cross_entropy(model(X), y).backward()
    before = model.state_dict()
    frozen = freeze(model, 3)
    assert not frozen[0][1].training and not frozen[0][5].training
    optim.SGD(model.parameters(), 0.1).step()                        # no zero_grad in between
    moved = {name for name, array in model.state_dict().items() if not np.array_equal(array, before[name])}
    assert moved == {"11.weight", "11.bias"}


def test_batch_norm_follows_the_new_data_unless_frozen():
    """The trap: no weight moves, and yet the features change."""
    X, y = data()
    careless = network()
    for p in careless[:-1].parameters():
        p.requires_grad = False                                      # but not Frozen
    before = embed(careless, X)
    fit(careless, 3 * X + 1, y, optimizer=optim.SGD(trainable(careless), 0.1), epochs=3, rng=rng(), progress=False)
    assert np.abs(embed(careless, X) - before).max() > 0.1
    careful = freeze(network(), 3)
    before = embed(careful, X)
    fit(careful, 3 * X + 1, y, optimizer=optim.SGD(trainable(careful), 0.1), epochs=3, rng=rng(), progress=False)
    np.testing.assert_array_equal(embed(careful, X), before)


def test_freeze_counts_layers_with_weights_and_thaws():
    model = network()
    assert [len(trainable(freeze(model, depth))) for depth in (3, 2, 1, 0)] == [2, 4, 8, 12]
    assert [type(layer).__name__ for layer in freeze(model, 3)] == ["Frozen", "Linear"]      # dropout rests with it
    again = freeze(freeze(freeze(model, 3), 1), 2)                                           # never Frozen in Frozen
    assert [type(layer).__name__ for layer in again] == ["Frozen", "Linear", "ReLU", "Dropout", "Linear"]
    assert not any(isinstance(layer, Frozen) for layer in again[0])
    assert not any(isinstance(layer, Frozen) for layer in freeze(again, 0))
    assert again[0][0] is model[0]                                                           # used, not copied


def test_layer_norm_belongs_to_the_layer_before():
    model = nn.Sequential(nn.Linear(4, 3, rng=rng()), nn.LayerNorm(3), nn.ReLU(), nn.Linear(3, 2, rng=rng()))
    assert len(freeze(model, 1)[0]) == 3


def test_no_gradient_is_computed_below():
    model = freeze(network(), 2)
    assert not model[0](Tensor(data()[0])).requires_grad
    model.train()
    assert not model[0].training and not model[0][1].training and model[1].training


@pytest.mark.parametrize("classes", [2, 5, 9])
def test_a_new_head_and_nothing_else(classes):
    source = freeze(network(), 2)
    before = source.state_dict()
    model = replace_head(source, classes, rng=rng(3))
    assert model[-1].weight.shape == (classes, 12) and not model[-1].bias.data.any()
    assert all(np.array_equal(array, before[name]) for name, array in source.state_dict().items())     # untouched
    old, new = arrays([*source[0], *source[1:-1]]), arrays(model[:-1])
    assert old.keys() == new.keys() and all(np.array_equal(old[name], new[name]) for name in old)
    assert len(trainable(model)) == 12                               # thawed, as the docstring says
    model[0].weight.data += 1
    assert not np.array_equal(model[0].weight.data, source[0][0].weight.data)                # a copy


def test_embed_is_what_the_head_reads():
    model, (X, _) = network(), data()
    model.train()
    features = embed(model, X)
    assert model.training and model[1].training                      # mode as before
    np.testing.assert_array_equal(features @ model[-1].weight.data.T + model[-1].bias.data, model.eval()(X).data)
    np.testing.assert_array_equal(embed(freeze(model, 2), X), features)
    np.testing.assert_array_equal(embed(nn.Sequential(nn.Linear(4, 2, rng=rng())), np.ones((3, 4))), np.ones((3, 4)))


def test_training_the_head_on_features_is_training_with_everything_below_frozen():
    source, (X, y) = network(), data()
    slow, quick = (freeze(replace_head(source, 5, rng=rng(4)), 3) for _ in range(2))
    run = {"epochs": 3, "batch_size": 20, "progress": False}
    fit(slow, X, y, optimizer=optim.SGD(trainable(slow), 0.1, momentum=0.9), rng=rng(5), **run)
    fit(quick[-1], embed(quick, X), y, optimizer=optim.SGD(quick[-1].parameters(), 0.1, momentum=0.9), rng=rng(5), **run)
    np.testing.assert_allclose(slow[-1].weight.data, quick[-1].weight.data, atol=1e-6)


def test_training_only_the_head_is_logistic_regression_on_features():
    """The same minimum as scikit-learn's, in float64: head weights, bias, and probabilities."""
    digits = datasets.digits()
    rows = few_per_class(digits.y_train, 5, rng=rng())
    X, y = digits.X_train[rows].reshape(-1, 1, 8, 8).astype(float), digits.y_train[rows]
    source = network(classes=10).to(np.float64)
    source.eval()
    model = freeze(replace_head(source, 10, init="zeros", rng=rng()), 3).to(np.float64)
    features, strength = embed(model, X), 0.02
    optimizer = optim.SGD(trainable(model), 0.5, momentum=0.95)

    def loss(output, target):                                        # scikit-learn does not punish the bias
        return F.cross_entropy(output, target) + (model[-1].weight ** 2).sum() * (strength / 2)

    fit(model, X, y, optimizer=optimizer, loss=loss, epochs=4000, batch_size=50, rng=rng(), progress=False)
    theirs = LogisticRegression(C=1 / (strength * len(y)), tol=1e-12, max_iter=20_000).fit(features, y)
    np.testing.assert_allclose(model[-1].weight.data, theirs.coef_, atol=2e-6)
    np.testing.assert_allclose(F.softmax(model(X)).data, theirs.predict_proba(features), atol=2e-6)


def test_together_takes_every_step():
    """The same as one optimizer if the rates agree; with rate 0 for one, only the other moves."""
    X, y = data()
    one, two, half = (network() for _ in range(3))
    run = {"epochs": 2, "progress": False}
    fit(one, X, y, optimizer=optim.SGD(one.parameters(), 0.1, momentum=0.9), rng=rng(), **run)
    fit(two, X, y, rng=rng(), **run, optimizer=Together(optim.SGD(two[:-1].parameters(), 0.1, momentum=0.9),
                                                        optim.SGD(two[-1].parameters(), 0.1, momentum=0.9)))
    assert all(np.array_equal(a.data, b.data) for a, b in zip(one.parameters(), two.parameters()))
    before = half.state_dict()
    fit(half, X, y, rng=rng(), **run, optimizer=Together(optim.SGD(half[:-1].parameters(), 0.0),
                                                         optim.SGD(half[-1].parameters(), 0.1)))
    moved = {name for name, array in half.state_dict().items() if not np.array_equal(array, before[name])}
    assert {name for name in moved if "running" not in name} == {"11.weight", "11.bias"}


def test_few_per_class():
    y = datasets.digits().y_train
    small, large = (few_per_class(y, k, rng=rng(7)) for k in (2, 5))
    assert np.bincount(y[large]).tolist() == [5] * 10 and len(set(large)) == 50
    assert set(small) < set(large) and small.tolist() == large[:20].tolist()
    assert small.tolist() != few_per_class(y, 2, rng=rng(8)).tolist()


def test_it_pays_when_labels_are_few():
    """Clean digits to noisy ones, 2 labels per class: frozen features beat a start from scratch by 0.1."""
    digits = datasets.digits()
    X, y, T, t = digits.X_train, digits.y_train, digits.X_test, digits.y_test
    source = nn.mlp([64, 64, 32, 10], rng=rng())
    fit(source, X[:700], y[:700], optimizer=optim.SGD(source.parameters(), 0.1, momentum=0.9), epochs=20, rng=rng(),
        progress=False)
    noisy, test = (A + 0.5 * rng(1).standard_normal(A.shape).astype(np.float32) for A in (X[700:], T))
    gains = []
    for seed in range(5):
        rows = few_per_class(y[700:], 2, rng=rng(seed))
        scores = []
        for model in (freeze(replace_head(source, 10, rng=rng(seed)), 2), nn.mlp([64, 64, 32, 10], rng=rng(seed))):
            fit(model, noisy[rows], y[700:][rows], optimizer=optim.SGD(trainable(model), 0.05, momentum=0.9), epochs=40,
                batch_size=20, rng=rng(seed), progress=False)
            scores.append(evaluate(model, test, t)["accuracy"])
        gains.append(scores[0] - scores[1])
    assert np.mean(gains) > 0.1


@pytest.mark.parametrize("act, error, text", [
    (lambda: freeze(network(), 4), ValueError,
     "freeze: depth must be less than 4, the number of layers with weights, but is 4"),
    (lambda: freeze(network(), -1), ValueError, "freeze: depth must be at least 0, but is -1"),
    (lambda: freeze(nn.Linear(3, 2, rng=rng()), 0), TypeError,
     "freeze: model must be an nn.Sequential, but is Linear"),
    (lambda: replace_head(network(), 0, rng=rng()), ValueError,
     "replace_head: n_classes must be at least 1, but is 0"),
    (lambda: replace_head(nn.Sequential(nn.ReLU()), 3, rng=rng()), ValueError,
     "replace_head: model must end with a Linear, but ends with ReLU"),
    (lambda: embed(nn.Sequential(), [[1.0]]), ValueError, "embed: model must end with a Linear, but ends with nothing"),
    (lambda: few_per_class([0, 0, 1], 2, rng=rng()), ValueError,
     "few_per_class: k must be at most 1, the examples of class 1, but is 2"),
    (lambda: few_per_class([0, 1], 1, rng=0), TypeError,
     "few_per_class: rng must be a numpy.random.Generator such as np.random.default_rng(0), but is 0"),
    (lambda: Together(), ValueError, "Together: expected at least one optimizer, but got none"),
    (lambda: Together(*[optim.SGD([p], 0.1) for p in network().parameters()[:1] * 2]), ValueError,
     "Together: every parameter must belong to one optimizer, but one belongs to two"),
])
def test_errors(act, error, text):
    with pytest.raises(error) as caught:
        act()
    assert str(caught.value) == text
