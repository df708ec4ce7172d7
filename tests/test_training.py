"""Modules, starting weights, gradient descent, the training loop, and accuracy."""
import math
from functools import partial

import numpy as np
import pytest
import sklearn.metrics
import torch

from course_lib import Diverged, F, Tensor, accuracy, fit, init, nn, optim
from course_lib._memory import keep_freed_memory
from course_lib.evaluation import classification_error
from course_lib.training import EarlyStopping, evaluate, fit_batches, minibatches


def rng():
    return np.random.default_rng(0)


def toy(n=60):
    X = rng().standard_normal((n, 3)).astype(np.float32)
    return X, (X[:, 0] > X[:, 1]).astype(int)


def small_model(**settings):
    return nn.mlp([3, 8, 2], **{"rng": rng(), **settings})


# -- modules ---------------------------------------------------------------------------------------

def test_weights_move_to_torch_and_back():
    """Names and layouts of Sequential and Linear are PyTorch's."""
    ours = nn.mlp([4, 5, 3], "tanh", init="default", rng=rng())
    theirs = torch.nn.Sequential(torch.nn.Linear(4, 5), torch.nn.Tanh(), torch.nn.Linear(5, 3))
    theirs.load_state_dict({name: torch.tensor(value) for name, value in ours.state_dict().items()})
    x = rng().standard_normal((6, 4)).astype(np.float32)
    np.testing.assert_allclose(ours(x).data, theirs(torch.tensor(x)).detach().numpy(), atol=1e-6)
    ours.load_state_dict({name: value.numpy() for name, value in theirs.state_dict().items()})


def test_load_state_dict_changes_nothing_unless_all_fits():
    model = small_model()
    before, state = model.state_dict(), model.state_dict()
    state["0.weight"] += 1
    state["2.bias"] = np.zeros(7)
    with pytest.raises(ValueError, match=r"2.bias must have shape \(2,\), but has \(7,\)"):
        model.load_state_dict(state)
    with pytest.raises(ValueError, match=r"expected \['0.bias'.*but got \['0.weight'\]"):
        model.load_state_dict({"0.weight": 1})
    assert all((before[name] == value).all() for name, value in model.state_dict().items())


def test_loading_copies_and_keeps_the_dtype():
    model, state = small_model(), small_model().state_dict()
    model.load_state_dict({name: value.astype(np.float64) for name, value in state.items()})
    assert model[0].weight.dtype == np.float32
    model.load_state_dict(state)
    state["0.weight"][:] = 7
    assert not (model[0].weight.data == 7).any()


def test_modes_reach_every_layer():
    model = small_model(dropout=0.5)
    model.eval()
    assert not any(layer.training for layer in model)
    x = np.ones((4, 3))
    assert (model(x).data == model(x).data).all()
    model.train()
    assert (model(x).data != model(x).data).any()


def test_layers_in_lists_and_slices():
    class Twin(nn.Module):
        def __init__(self):
            self.heads = [nn.Linear(2, 1, rng=rng()), nn.Linear(2, 1, bias=False, rng=rng())]

    assert [name for name, _ in Twin().named_parameters()] == ["heads.0.weight", "heads.0.bias", "heads.1.weight"]
    model = small_model()
    assert len(model) == 3 and len(model[:2]) == 2 and isinstance(model[1], nn.ReLU)
    with pytest.raises(NotImplementedError, match="Twin has no forward"):
        Twin()(1)


def test_every_activation_has_its_layer():
    x = np.array([[-2.0, 0.5]], np.float32)
    for name, layer in nn.ACTIVATIONS.items():
        operation = getattr(F, {"linear": "identity"}.get(name, name.replace(" ", "_")))
        np.testing.assert_array_equal(layer()(x).data, operation(x).data)
        assert nn.mlp([2, 3, 1], name.upper(), rng=rng())(x).shape == (1, 1)


@pytest.mark.parametrize("act, text", [
    (lambda: nn.Linear(3, 2, init="xavir", rng=rng()), "unknown scheme 'xavir'; there are zeros, constant, small normal,"),
    (lambda: nn.Linear(0, 2, rng=rng()), "Linear: in_features must be a positive whole number, but is 0"),
    (lambda: nn.mlp([3], rng=rng()), r"mlp: sizes needs an input and an output, but is \[3\]"),
    (lambda: nn.mlp([3, 2, 1], "rellu", rng=rng()), "unknown activation 'rellu'; there are linear, step, sigmoid, tanh"),
    (lambda: nn.mlp([3, 2, 1], dropout=1.5, rng=rng()), r"must be a number in \[0, 1\), but is 1.5"),
    (lambda: small_model()(np.ones((2, 4))), r"linear: x must have shape \(..., 3\)"),
    (lambda: init.fans((3,)), r"a weight needs shape \(out, in, ...\), but got \(3,\)"),
    (lambda: accuracy(np.ones((2, 3)), [1]), r"accuracy: expected logits .* but got \(2, 3\) and \(1,\)"),
    (lambda: accuracy(np.ones((0, 3)), []), "accuracy: expected"),
    (lambda: accuracy([3.0, 7.0], [3, 7]), r"accuracy: a single score says yes or no, .* but is \[3, 7\]"),
])
def test_bad_settings(act, text):
    with pytest.raises(ValueError, match=text):
        act()


# -- starting weights -------------------------------------------------------------------------------

@pytest.mark.parametrize("shape", [(200, 300), (64, 8, 5, 5)])
@pytest.mark.parametrize("name, variance", [
    ("zeros", lambda i, o: 0), ("small normal", lambda i, o: 1e-4), ("xavier", lambda i, o: 2 / (i + o)),
    ("he", lambda i, o: 2 / i), ("default", lambda i, o: 1 / (3 * i)), ("constant", lambda i, o: 0),
    ("lecun", lambda i, o: 1 / i), ("xavier uniform", lambda i, o: 2 / (i + o))])
def test_variance_of_each_scheme(name, variance, shape):
    """A31."""
    w = init.get(name.upper())(shape, rng())
    assert w.shape == shape and w.dtype == np.float32
    assert w.var() == pytest.approx(variance(*init.fans(shape)), rel=0.03, abs=1e-12)
    theirs = torch.nn.init._calculate_fan_in_and_fan_out(torch.empty(shape))
    assert init.fans(shape) == theirs


@pytest.mark.parametrize("shape", [(200, 300), (64, 8, 5, 5)])
@pytest.mark.parametrize("ours, theirs", [
    (init.xavier, torch.nn.init.xavier_normal_), (init.xavier_uniform, torch.nn.init.xavier_uniform_),
    (init.he, partial(torch.nn.init.kaiming_normal_, nonlinearity="relu")),
    (init.lecun, partial(torch.nn.init.kaiming_normal_, nonlinearity="linear")),
    (init.default, partial(torch.nn.init.kaiming_uniform_, a=math.sqrt(5)))])
def test_schemes_spread_as_torch_does(ours, theirs, shape):
    """A31: the same mean, variance and largest weight, up to chance."""
    torch.manual_seed(0)
    here, there = ours(shape, rng()), theirs(torch.empty(shape)).numpy()
    assert abs(here.mean()) < 4 * here.std() / math.sqrt(here.size)
    assert here.std() == pytest.approx(there.std(), rel=4 / math.sqrt(here.size))
    assert np.abs(here).max() == pytest.approx(np.abs(there).max(), rel=0.2)


def test_gain_and_bound():
    """A31: the gain multiplies; uniform weights reach the bound and never pass it."""
    for scheme in (init.xavier, init.xavier_uniform):
        np.testing.assert_allclose(scheme((3, 4), rng(), gain=5 / 3), 5 / 3 * scheme((3, 4), rng()), rtol=1e-6)
    bound = math.sqrt(6 / 400)
    assert 0.99 * bound < np.abs(init.xavier_uniform((100, 300), rng())).max() <= bound


@pytest.mark.parametrize("shape", [(5, 5), (3, 8), (8, 3), (4, 2, 3)])
def test_orthogonal(shape):
    w = init.orthogonal(shape, rng(), gain=2.0).reshape(shape[0], -1)
    gram = w @ w.T if w.shape[0] <= w.shape[1] else w.T @ w
    np.testing.assert_allclose(gram, 4 * np.eye(len(gram)), atol=1e-5)


# -- the loop ---------------------------------------------------------------------------------------

def test_every_example_once_per_epoch():
    batches = minibatches(10, 4, rng())
    assert [len(b) for b in batches] == [4, 4, 2]
    assert sorted(np.concatenate(batches)) == list(range(10))


def run(model, X, y, lr=0.5, **settings):
    return fit(model, X, y, **{"optimizer": optim.SGD(model.parameters(), lr=lr), "epochs": 15, "batch_size": 16,
                               "rng": rng(), "progress": False, **settings})


def test_history_and_repeatability():
    X, y = toy()
    histories = [run(small_model(dropout=0.2), X, y, validation=(X, y)) for _ in range(2)]
    assert histories[0] == histories[1]
    assert list(histories[0]) == ["train loss", "train accuracy", "test loss", "test accuracy"]
    assert all(len(values) == 15 for values in histories[0].values())
    assert histories[0]["test accuracy"][-1] > 0.9
    assert histories[0]["train loss"][-1] < histories[0]["train loss"][0] / 2


def test_training_switches_dropout_on_and_measuring_leaves_the_mode():
    X, y = toy()
    histories = [run(model, X, y) for model in (small_model(dropout=0.5), small_model(dropout=0.5).eval())]
    assert histories[0] == histories[1] != run(small_model(), X, y)
    model = small_model(dropout=0.5)
    for mode in (True, False):
        model.train(mode)
        assert evaluate(model, X, y) == evaluate(model, X, y)          # no dropout while measuring
        assert model.training == model[-1].training == mode


def test_means_do_not_depend_on_how_the_epoch_is_cut():
    """With lr 0 the mean over mini-batches is the loss of all data, short last batch or not."""
    X, y = toy()
    model = small_model()
    for batch_size in (7, 16, 60, 100):
        assert run(model, X, y, lr=0.0, epochs=1, batch_size=batch_size)["train loss"][0] == pytest.approx(
            evaluate(model, X, y)["loss"], rel=1e-6)


def test_data_in_another_dtype_and_regression():
    X, _ = toy()
    history = run(nn.mlp([3, 8, 1], rng=rng()), X.astype(np.float64), X[:, :1].astype(np.float64), lr=0.1, loss=F.mse_loss)
    assert list(history) == ["train loss"] and history["train loss"][-1] < 0.1
    assert run(small_model(), (X > 0).astype(int), (X[:, 0] > 0).astype(int))["train accuracy"][-1] == 1.0


@pytest.mark.filterwarnings("error")
def test_divergence_stops_with_step_and_reason():
    X, y = toy()
    model = nn.mlp([3, 8, 1], rng=rng())
    with pytest.raises(Diverged, match=r"^diverged at epoch \d+ \(step \d+\): the loss is (nan|inf)$") as raised:
        run(model, 100 * X, y[:, None].astype(float), lr=10.0, loss=F.mse_loss)
    stop = raised.value
    assert stop.step > 4 * (stop.epoch - 1) and len(stop.history["train loss"]) == stop.epoch - 1


@pytest.mark.parametrize("change, error, text", [
    ({"X": np.full((60, 3), np.nan)}, ValueError, r"the training inputs must be finite, but hold nan at \(0, 0\)"),
    ({"X": np.zeros((0, 3)), "y": np.zeros(0, int)}, ValueError, "at least one, but got 0 and 0"),
    ({"y": np.zeros(59, int)}, ValueError, "as many inputs as targets, at least one, but got 60 and 59"),
    ({"y": np.full(60, np.inf)}, ValueError, r"the training targets must be finite, but hold inf at \(0,\)"),
    ({"X": np.full((60, 3), "a")}, TypeError, "the training inputs must be numbers, but their dtype is <U1"),
    ({"validation": (np.full((1, 3), np.inf), [0])}, ValueError, "the validation inputs must be finite"),
    ({"epochs": 0}, ValueError, "fit: epochs must be at least 1, but is 0"),
    ({"batch_size": 1.5}, TypeError, "fit: batch_size must be a whole number, but is 1.5"),
])
def test_fit_refuses_bad_data(change, error, text):
    X, y = toy()
    settings = {"X": X, "y": y, **change}
    with pytest.raises(error, match=text):
        run(small_model(), settings.pop("X"), settings.pop("y"), **settings)


@pytest.mark.filterwarnings("error")
def test_batches_drawn_by_the_caller_train_like_fit_and_report_divergence():
    """The same batches give the same weights, bit for bit; the history keeps the losses before the trouble."""
    X, y = toy()
    ours, theirs = small_model(), small_model()
    settings = [{"optimizer": optimizer, "schedule": optim.StepLR(optimizer, 3), "clip_norm": 0.3}
                for optimizer in (optim.SGD(model.parameters(), lr=0.5) for model in (ours, theirs))]
    run_rng = rng()
    rows = [part for _ in range(2) for part in minibatches(len(X), 20, run_rng)]
    losses = fit_batches(ours, lambda step: F.cross_entropy(ours(X[rows[step]]), y[rows[step]]), 6, **settings[0])
    history = fit(theirs, X, y, epochs=2, batch_size=20, rng=rng(), progress=False, **settings[1])
    assert all(np.array_equal(a.data, b.data) for a, b in zip(ours.parameters(), theirs.parameters()))
    assert np.mean(losses[3:]) == pytest.approx(history["train loss"][1]) and not ours.training
    with pytest.raises(Diverged, match="^diverged at step 3: the loss is inf$") as raised:
        fit_batches(ours, lambda step: Tensor(np.array([1.0, 2.0, np.inf])[step]) * ours.parameters()[0].sum() ** 0, 9,
                    **settings[0])
    assert raised.value.history == {"train loss": [1.0, 2.0]} and raised.value.epoch is None
    with pytest.raises(ValueError, match="fit_batches: updates must be at least 1, but is 0"):
        fit_batches(ours, None, 0, optimizer=None)


def test_a_schedule_and_a_clipped_gradient_act_in_every_update():
    X, y = toy()
    model, calls, lengths = small_model(), [], []

    class Halve:
        def step(self):
            calls.append(optimizer.lr)
            optimizer.lr /= 2

    class Watch(optim.SGD):
        def step(self):
            lengths.append(np.sqrt(sum((p.grad**2).sum() for p in self.params)))
            super().step()

    optimizer = Watch(model.parameters(), lr=1.0)
    run(model, X, y, optimizer=optimizer, epochs=1, schedule=Halve(), clip_norm=0.01)
    assert calls == [1.0, 0.5, 0.25, 0.125]                             # 60 examples, batches of 16
    np.testing.assert_allclose(lengths, 0.01, rtol=1e-3)


def test_after_step_sees_every_loss_and_can_stop():
    X, y = toy()
    losses = {}
    history = run(small_model(), X, y, epochs=3, after_step=losses.__setitem__)
    assert list(losses) == list(range(1, 13))
    assert np.dot([losses[k] for k in (1, 2, 3, 4)], [16, 16, 16, 12]) / 60 == pytest.approx(history["train loss"][0])
    model = small_model().train()
    stopped = run(model, X, y, after_step=lambda step, loss: step == 6)
    assert stopped["train loss"] == history["train loss"][:1] and not model.training


# -- early stopping (A41) -----------------------------------------------------------------------------

def watch(values, **settings):
    """Run a stopper over scripted values, with a model whose weight counts the checks."""
    model, stopper = nn.Linear(1, 1, init="zeros", rng=None), EarlyStopping(**settings)
    for value in values:
        model.weight.data += 1
        if stopper.update(value, model):
            break
    return stopper, model


@pytest.mark.parametrize("values, settings, checks, best", [
    ([5, 4, 3, 3.5, 3.2, 1], {"patience": 2}, 5, 3),                    # stops before the 1 it cannot know of
    ([5, 4, 3, 3.5, 3.2, 1], {"patience": 3}, 6, 6),
    ([3, 3, 3], {"patience": 2}, 3, 1),                                 # a tie is no improvement
    ([3, 2.9, 2.8, 2.7], {"patience": 2, "min_delta": 0.15}, 4, 3),     # small steps count together
    ([3, np.nan, np.nan, 1], {"patience": 2}, 3, 1),
    ([0.1, 0.3, 0.2, 0.2], {"patience": 2, "mode": "max"}, 4, 2),
    ([2, 1], {"patience": 1}, 2, 2),
])
def test_early_stopping_follows_the_script(values, settings, checks, best):
    stopper, model = watch(values, **settings)
    assert (stopper.checks, stopper.best_check, stopper.best) == (checks, best, values[best - 1])
    model.weight.data[:] = -7                                           # the copy must not follow the model
    stopper.restore(model)
    assert model.weight.item() == best


def test_fit_stops_early_and_puts_the_best_weights_back_bit_for_bit():
    X, y = toy(200)
    noisy = np.where(rng().random(40) < 0.3, 1 - y[:40], y[:40])
    kept = {}

    def train(**settings):
        model = nn.mlp([3, 64, 2], batch_norm=True, rng=rng())
        history = run(model, X[:40], noisy, epochs=60, validation=(X[40:], y[40:]), **settings)
        return model, history

    _, long = train()
    best = int(np.argmin(long["test loss"]))
    assert best + 8 < 60                                                # it does get worse
    stopper = EarlyStopping(patience=8)
    update = stopper.update
    stopper.update = lambda value, model: (kept.setdefault(value, model.state_dict()), update(value, model))[1]
    model, history = train(early_stopping=stopper)
    assert stopper.best == min(history["test loss"]) == history["test loss"][stopper.best_check - 1]
    assert len(history["test loss"]) == stopper.best_check + 8 < 60
    for name, value in model.state_dict().items():
        np.testing.assert_array_equal(value, kept[stopper.best][name], err_msg=name)
    assert evaluate(model, X[40:], y[40:])["loss"] == pytest.approx(stopper.best, rel=1e-6)


def test_fit_restores_the_best_even_if_it_runs_to_the_end():
    X, y = toy(100)
    stopper = EarlyStopping(patience=100)
    model = small_model()
    history = run(model, X[:10], 1 - y[:10], lr=0.1, epochs=5, validation=(X[10:], y[10:]), early_stopping=stopper)
    assert stopper.checks == 5 and evaluate(model, X[10:], y[10:])["loss"] == pytest.approx(min(history["test loss"]))


@pytest.mark.parametrize("act, error, text", [
    (lambda: EarlyStopping(patience=-1), ValueError, "EarlyStopping: patience must be at least 1, but is -1"),
    (lambda: EarlyStopping(patience=2.5), TypeError, "EarlyStopping: patience must be a whole number, but is 2.5"),
    (lambda: EarlyStopping(min_delta=-1), ValueError, "EarlyStopping: min_delta must be a finite number and at least 0"),
    (lambda: EarlyStopping(mode="best"), ValueError, "EarlyStopping: mode must be one of 'min', 'max', but is 'best'"),
    (lambda: EarlyStopping().restore(small_model()), ValueError, "nothing to restore, none of 0 values was a number"),
    (lambda: run(small_model(), *toy(), early_stopping=EarlyStopping()), ValueError,
     "fit: early_stopping needs validation data, but validation is None"),
])
def test_early_stopping_refuses_bad_settings(act, error, text):
    with pytest.raises(error, match=text):
        act()


def test_progress_bar_names_what_it_does(capsys):
    X, y = toy()
    run(small_model(), X, y, epochs=2000, progress=True)
    assert "training" in capsys.readouterr().err


# -- accuracy (A15) ---------------------------------------------------------------------------------

def test_accuracy_equals_scikit_learn():
    scores, target = rng().standard_normal((50, 4)), rng().integers(0, 4, 50)
    assert accuracy(Tensor(scores), target) == sklearn.metrics.accuracy_score(target, scores.argmax(1))
    assert accuracy(scores, np.eye(4)[target]) == accuracy(scores, target)
    assert classification_error(scores, target) == pytest.approx(1 - accuracy(scores, target))
    assert accuracy(np.array([0.3, -0.2]), [1, 1]) == 0.5
    assert accuracy([[1.0, 1.0]], [0]) == 1.0                           # a tie goes to the first


def test_memory_request_can_be_turned_off(monkeypatch):
    monkeypatch.setenv("COURSE_LIB_KEEP_MEMORY", "0")
    assert keep_freed_memory() is False
