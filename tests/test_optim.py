"""Optimizers, schedules and clipping: equal to torch's, and to closed forms."""
import numpy as np
import pytest
import torch

from course_lib import F, fit, nn, optim
from course_lib.training import minibatches

scheduler = torch.optim.lr_scheduler


def rng(seed=0):
    return np.random.default_rng(seed)


# -- optimizers -------------------------------------------------------------------------------------

OPTIMIZERS = {
    "gradient descent (A20)": (optim.SGD, torch.optim.SGD, {"lr": 0.3}),
    "momentum (A21)": (optim.SGD, torch.optim.SGD, {"lr": 0.1, "momentum": 0.9}),
    "Nesterov (A22)": (optim.SGD, torch.optim.SGD, {"lr": 0.1, "momentum": 0.9, "nesterov": True}),
    "Adagrad (A23)": (optim.Adagrad, torch.optim.Adagrad, {"lr": 0.1}),
    "Adadelta (A24)": (optim.Adadelta, torch.optim.Adadelta, {"lr": 1.0, "rho": 0.8}),
    "RMSprop (A25)": (optim.RMSprop, torch.optim.RMSprop, {"lr": 0.02, "alpha": 0.9}),
    "Adam (A26)": (optim.Adam, torch.optim.Adam, {"lr": 0.05, "betas": (0.8, 0.95)}),
    "SGD with weight decay (A39)": (optim.SGD, torch.optim.SGD, {"lr": 0.1, "momentum": 0.9, "nesterov": True,
                                                                 "weight_decay": 0.3}),
    "Adam with weight decay (A39)": (optim.Adam, torch.optim.Adam, {"lr": 0.05, "weight_decay": 0.3}),
    "AdamW (A39)": (optim.AdamW, torch.optim.AdamW, {"lr": 0.05, "weight_decay": 0.3}),
}


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizers_equal_torch_over_twenty_steps(name):
    make_mine, make_other, settings = OPTIMIZERS[name]
    X = rng().standard_normal((60, 3))
    y = (X[:, 0] > X[:, 1]).astype(int)
    ours = nn.mlp([3, 8, 2], "tanh", rng=rng()).to(np.float64)
    theirs = torch.nn.Sequential(torch.nn.Linear(3, 8), torch.nn.Tanh(), torch.nn.Linear(8, 2)).double()
    theirs.load_state_dict({name: torch.tensor(value) for name, value in ours.state_dict().items()})
    mine, other = make_mine(ours.parameters(), **settings), make_other(theirs.parameters(), **settings)
    start = ours.state_dict()
    for _ in range(20):
        mine.zero_grad()
        F.cross_entropy(ours(X), y).backward()
        mine.step()
        other.zero_grad()
        torch.nn.functional.cross_entropy(theirs(torch.tensor(X)), torch.tensor(y)).backward()
        other.step()
    for (part, p), q in zip(ours.named_parameters(), theirs.parameters()):
        np.testing.assert_allclose(p.data, q.detach().numpy(), rtol=0, atol=1e-10, err_msg=part)
        assert np.abs(p.data - start[part]).max() > 0.01                # it did move


@pytest.mark.parametrize("name", OPTIMIZERS)
def test_optimizers_equal_torch_when_gradients_are_missing_tiny_or_zero(name):
    """Adam counts steps for each parameter; the tiny gradients tell eps outside the root from eps inside."""
    make_mine, make_other, settings = OPTIMIZERS[name]
    start = np.array([1.0, -2.0, 3.0])
    ours = [nn.Parameter(start.copy()) for _ in range(2)]
    theirs = [torch.tensor(start, requires_grad=True) for _ in range(2)]
    mine, other = make_mine(ours, **settings), make_other(theirs, **settings)
    for t in range(100):
        for k, (p, q) in enumerate(zip(ours, theirs)):
            g = rng(t).standard_normal(3) * [1.0, 1e-6, 0.0]
            present = k == 0 or t % 3
            p.grad, q.grad = (g, torch.tensor(g)) if present else (None, None)
        mine.step()
        other.step()
    for p, q in zip(ours, theirs):
        np.testing.assert_allclose(p.data, q.detach().numpy(), rtol=0, atol=1e-10)
        assert (p.data[2] == 3.0) == ("weight_decay" not in settings)


@pytest.mark.parametrize("make", [optim.SGD, optim.Adagrad, optim.Adadelta, optim.RMSprop, optim.Adam])
def test_optimizers_keep_float32_and_skip_what_has_no_gradient(make):
    w, unused = nn.Parameter(1.0), nn.Parameter(5.0)
    optimizer = make([unused, w])
    for _ in range(3):
        optimizer.zero_grad()
        (w * w).backward()
        optimizer.step()
    assert w.dtype == np.float32 and w.item() < 1 and unused.item() == 5.0


def test_a_parameter_without_gradient_stays():
    w, unused = nn.Parameter(1.0), nn.Parameter(5.0)
    (w * w).backward()
    optim.SGD([w, unused], lr=0.1).step()
    assert w.item() == pytest.approx(0.8) and unused.item() == 5.0


def test_full_batch_descent_finds_least_squares():
    """A05 and A20: gradient descent on a linear layer ends where np.linalg.lstsq does."""
    X = rng().standard_normal((40, 3))
    y = X @ np.array([[1.0], [-2.0], [0.5]]) + 0.1 * rng().standard_normal((40, 1))
    layer = nn.Linear(3, 1, bias=False, rng=rng()).to(np.float64)
    fit(layer, X, y, loss=F.mse_loss, optimizer=optim.SGD(layer.parameters(), lr=0.2), epochs=300, batch_size=40,
        rng=rng(), progress=False)
    np.testing.assert_allclose(layer.weight.data, np.linalg.lstsq(X, y, rcond=None)[0].T, atol=1e-10)


def test_noise_of_the_gradient_falls_as_one_over_the_batch():
    """A20: a batch drawn without replacement has 1/B of the variance of one example, times (N - B)/(N - 1)."""
    g = rng().standard_normal(200)
    one = g.var()
    for size in (1, 8, 50, 200):
        batches = [g[rows].mean() for seed in range(300) for rows in minibatches(200, size, rng(seed)) if len(rows) == size]
        np.testing.assert_allclose(np.mean((np.array(batches) - g.mean()) ** 2),
                                   one / size * (200 - size) / 199, rtol=0.1, atol=1e-20)


@pytest.mark.parametrize("nesterov, limit", [(False, 2 * (1 + 0.9)), (True, 2 * (1 + 0.9) / (1 + 2 * 0.9))])
def test_momentum_is_stable_up_to_its_limit(nesterov, limit):
    """A21 and A22: on L = w²/2 a learning rate of 2 (1 + mu), or 2 (1 + mu) / (1 + 2 mu), is the largest."""
    for lr, stable in ((0.99 * limit, True), (1.01 * limit, False)):
        w = nn.Parameter(np.array(1.0))
        optimizer = optim.SGD([w], lr, momentum=0.9, nesterov=nesterov)
        for _ in range(3000):
            w.grad = w.data.copy()
            optimizer.step()
        assert (abs(w.item()) < 1) == stable


def test_nesterov_stores_the_place_it_looks_at():
    """A22: with the gradient taken at w + mu v, the library's parameter is that place; the path is the same."""
    w, v, mu, lr = 1.0, 0.0, 0.9, 0.1
    p = nn.Parameter(np.array(1.0))
    optimizer = optim.SGD([p], lr, momentum=mu, nesterov=True)
    for _ in range(30):
        ahead = w + mu * v
        assert p.item() == pytest.approx(ahead, abs=1e-8)
        v = mu * v - lr * np.sin(ahead)                                 # the slope of -cos
        w += v
        p.grad = np.sin(p.data)
        optimizer.step()


def test_first_steps_have_their_known_size():
    """A23: lr. A24: sqrt(eps / (1 - rho)). A25: lr / sqrt(1 - alpha). A26: lr, and again with a constant gradient."""
    for make, step in ((lambda p: optim.Adagrad([p], 0.1), 0.1), (lambda p: optim.Adadelta([p]), np.sqrt(1e-6 / 0.1)),
                       (lambda p: optim.RMSprop([p], 0.1, alpha=0.9), 0.1 / np.sqrt(0.1)),
                       (lambda p: optim.Adam([p], 0.1), 0.1)):
        p = nn.Parameter(np.zeros(3))
        p.grad = np.array([0.1, -1.0, 1e3])
        make(p).step()
        np.testing.assert_allclose(p.data, [-step, step, -step], rtol=2e-3)
    p = nn.Parameter(np.array(0.0))
    optimizer, p.grad = optim.Adam([p], 0.1), np.array(7.0)
    for t in range(1, 20):
        optimizer.step()
        assert p.item() == pytest.approx(-0.1 * t, rel=1e-7)


# -- schedules (A27) --------------------------------------------------------------------------------

SCHEDULES = {
    "StepLR": {"step_size": 4, "gamma": 0.3}, "ExponentialLR": {"gamma": 0.9}, "LinearLR": {"total_iters": 6},
    "CosineAnnealingLR": {"T_max": 7, "eta_min": 0.01}, "CosineAnnealingWarmRestarts": {"T_0": 5, "eta_min": 0.02},
}


def pair(lr=0.5):
    """An optimizer of ours and torch's, whose learning rates are compared."""
    return optim.SGD([nn.Parameter(1.0)], lr), torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr)


def assert_same_rates(mine, ours, other, theirs, steps=30):
    for t in range(steps):
        assert ours.lr == pytest.approx(theirs.param_groups[0]["lr"], abs=1e-12), f"step {t}"
        assert mine.t == t and mine.lr_at(t) == ours.lr
        theirs.step()
        other.step()
        mine.step()


@pytest.mark.filterwarnings("ignore:.*lr_scheduler.step:UserWarning")
@pytest.mark.parametrize("name", SCHEDULES)
def test_schedules_equal_torch(name):
    ours, theirs = pair()
    assert_same_rates(getattr(optim, name)(ours, **SCHEDULES[name]), ours,
                      getattr(scheduler, name)(theirs, **SCHEDULES[name]), theirs)


@pytest.mark.filterwarnings("ignore")
def test_schedules_in_sequence_equal_torch():
    ours, theirs = pair()

    def chain(module, optimizer):
        parts = [module.LinearLR(optimizer, 0.1, total_iters=5), module.CosineAnnealingLR(optimizer, 12),
                 module.ExponentialLR(optimizer, 0.8)]
        return module.SequentialLR(optimizer, parts, milestones=[5, 17])
    assert_same_rates(chain(optim, ours), ours, chain(scheduler, theirs), theirs)


def test_fit_steps_the_schedule_after_every_update():
    X = rng().standard_normal((10, 2))
    model = nn.mlp([2, 1], rng=rng())
    optimizer = optim.SGD(model.parameters(), lr=1.0)
    fit(model, X, X[:, :1], loss=F.mse_loss, optimizer=optimizer, schedule=optim.StepLR(optimizer, 3, gamma=0.5),
        epochs=2, batch_size=4, rng=rng())
    assert optimizer.lr == 0.25                                         # 2 epochs of 3 updates


# -- clipping ---------------------------------------------------------------------------------------

@pytest.mark.parametrize("max_norm", [0.3, 1e3])
def test_clipping_equals_torch(max_norm):
    """A27, A64: the gradients of all parameters shortened together."""
    arrays = [rng().standard_normal(shape) for shape in ((3, 4), (5,))]
    ours = [nn.Parameter(np.zeros_like(a)) for a in arrays] + [nn.Parameter(1.0)]
    theirs = [torch.zeros(a.shape, dtype=torch.float64, requires_grad=True) for a in arrays]
    for a, p, q in zip(arrays, ours, theirs):
        p.grad, q.grad = a.copy(), torch.tensor(a)
    norm = optim.clip_grad_norm(ours, max_norm)
    assert norm == pytest.approx(torch.nn.utils.clip_grad_norm_(theirs, max_norm).item(), abs=1e-12)
    for p, q in zip(ours, theirs):
        np.testing.assert_allclose(p.grad, q.grad.numpy(), rtol=0, atol=1e-12)


# -- wrong settings ---------------------------------------------------------------------------------

def sgd(lr=0.1):
    return optim.SGD([nn.Parameter(1.0)], lr)


@pytest.mark.parametrize("act, text", [
    (lambda: sgd(lr=-0.1), "SGD: lr must be a finite number and at least 0, but is -0.1"),
    (lambda: sgd(lr=float("nan")), "SGD: lr must be a finite number"),
    (lambda: optim.SGD([], lr=0.1), "SGD: expected at least one parameter, but got none"),
    (lambda: optim.SGD([nn.Parameter(1.0)], momentum=1.0), r"SGD: momentum must be a number in \[0, 1\), but is 1"),
    (lambda: optim.SGD([nn.Parameter(1.0)], nesterov=True), "SGD: nesterov needs momentum above 0"),
    (lambda: optim.Adadelta([nn.Parameter(1.0)], rho=-0.1), r"Adadelta: rho must be a number in \[0, 1\), but is -0.1"),
    (lambda: optim.RMSprop([nn.Parameter(1.0)], alpha=1), r"RMSprop: alpha must be a number in \[0, 1\), but is 1"),
    (lambda: optim.Adam([nn.Parameter(1.0)], betas=(0.9, 1.5)), r"Adam: beta2 must be a number in \[0, 1\), but is 1.5"),
    (lambda: optim.Adagrad([nn.Parameter(1.0)], eps=0), "Adagrad: eps must be a finite number and greater than 0, but is 0"),
    (lambda: optim.SGD([nn.Parameter(1.0)], weight_decay=-0.1), "SGD: weight_decay must be a finite number and at least 0, but is -0.1"),
    (lambda: optim.AdamW([nn.Parameter(1.0)], weight_decay=float("inf")), "AdamW: weight_decay must be a finite number and at"),
    (lambda: optim.clip_grad_norm([nn.Parameter(1.0)], 0), "clip_grad_norm: max_norm must be greater than 0, but is 0"),
    (lambda: optim.StepLR(sgd(), 0), "StepLR: step_size must be at least 1, but is 0"),
    (lambda: optim.StepLR(sgd(), 3, gamma=0.0), "StepLR: gamma must be a finite number and greater than 0, but is 0"),
    (lambda: optim.ExponentialLR(sgd(), -1), "ExponentialLR: gamma must be a finite number and greater than 0, but is -1"),
    (lambda: optim.LinearLR(sgd(), total_iters=2.5), "LinearLR: total_iters must be a whole number, but is 2.5"),
    (lambda: optim.LinearLR(sgd(), start_factor=0), r"LinearLR: start_factor must be a number in \(0, 1\], but is 0"),
    (lambda: optim.LinearLR(sgd(), end_factor=2), r"LinearLR: end_factor must be a number in \[0, 1\], but is 2"),
    (lambda: optim.CosineAnnealingLR(sgd(), 5, eta_min=-1), "CosineAnnealingLR: eta_min must be a finite number and at least 0, but is -1"),
    (lambda: optim.CosineAnnealingWarmRestarts(sgd(), 0),
     "CosineAnnealingWarmRestarts: T_0 must be at least 1, but is 0"),
    (lambda: optim.SequentialLR(sgd(), [], [3]), r"one fewer than the 0 schedulers, but is \[3\]"),
    (lambda: optim.SequentialLR((o := sgd()), [optim.ExponentialLR(o, 0.9)] * 3, [4, 4]),
     r"SequentialLR: milestones must be increasing positive steps, one fewer than the 3 schedulers, but is \[4, 4\]"),
    (lambda: optim.SequentialLR(sgd(), [optim.ExponentialLR(sgd(), 0.9)], []), "made for the same optimizer, but one is not"),
])
def test_bad_settings(act, text):
    with pytest.raises((TypeError, ValueError), match=text) as raised:
        act()
    assert "\n" not in str(raised.value)


def test_base_classes_have_no_rule_of_their_own():
    w = nn.Parameter(1.0)
    w.grad = w.data
    with pytest.raises(NotImplementedError, match="Optimizer has no update rule"):
        optim.Optimizer([w], 0.1).step()
    with pytest.raises(NotImplementedError, match="Schedule has no formula"):
        optim.Schedule(sgd())
