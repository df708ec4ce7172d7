"""Subgroups, membership attacks, adversarial examples (A76)."""
import numpy as np
import pytest
import torch
from sklearn.metrics import roc_auc_score

from course_lib import F, Tensor, nn
from course_lib.audit import fgsm, membership_auc, roc, subgroup_audit


def rng(seed=0):
    return np.random.default_rng(seed)


def small_cnn(seed=0):
    return nn.cnn((1, 8, 8), [3], 5, dropout=0.3, rng=rng(seed)).to(np.float64)


def test_subgroup_accuracies_average_to_the_whole():
    """A76: weighted by size."""
    predicted, y, groups = rng(0).integers(0, 3, 200), rng(1).integers(0, 3, 200), rng(2).choice(["a", "b", "c"], 200)
    audit = subgroup_audit(predicted, y, groups)
    assert sum(audit.size.values()) == 200
    assert sum(audit.size[g] * audit.accuracy[g] for g in audit.size) / 200 == pytest.approx(audit.overall)
    assert audit.overall == (predicted == y).mean()
    assert audit.accuracy["b"] == (predicted == y)[groups == "b"].mean()


def test_an_empty_subgroup_is_named_and_has_no_accuracy():
    """A76's edge: nobody there is not the same as nobody right."""
    audit = subgroup_audit([1, 0], [1, 1], [7, 8], expected=[6, 7])
    assert audit == (0.5, {6: None, 7: 1.0, 8: 0.0}, {6: 0, 7: 1, 8: 1})


@pytest.mark.parametrize("arguments", [([1], [1, 2], [0, 0]), ([], [], []), ([[1]], [[1]], [[1]]), ([1, 1], [1, 1], [0])])
def test_subgroup_errors(arguments):
    with pytest.raises(ValueError, match=r"subgroup_audit: predicted, y and groups must have one shape \(N,\) with N > 0"):
        subgroup_audit(*arguments)


@pytest.mark.parametrize("digits", [15, 1])
def test_membership_auc_equals_scikit_learn_with_and_without_ties(digits):
    """A76's privacy audit, and the curve's area."""
    inside, outside = rng(0).exponential(1.0, 90).round(digits), rng(1).exponential(1.5, 70).round(digits)
    member = np.r_[np.ones(90), np.zeros(70)]
    theirs = roc_auc_score(member, -np.r_[inside, outside])
    assert membership_auc(inside, outside) == pytest.approx(theirs, abs=1e-12)
    curve = roc(inside, outside)
    assert np.trapezoid(curve[1], curve[0]) == pytest.approx(theirs, abs=1e-12)
    assert curve[:, 0].tolist() == [0, 0] and curve[:, -1].tolist() == [1, 1]
    assert (np.diff(curve) >= 0).all()


def test_membership_extremes():
    assert membership_auc([0.1], [0.2]) == 1 and membership_auc([0.2], [0.1]) == 0 and membership_auc([1], [1]) == 0.5


def test_membership_errors():
    with pytest.raises(ValueError, match=r"membership_auc: loss_out must have shape \(N,\), but is \(0,\)"):
        membership_auc([1.0], [])
    with pytest.raises(ValueError, match="roc: loss_in must be finite"):
        roc([np.inf], [1.0])


def test_fgsm_is_the_sign_of_torchs_gradient():
    model = nn.Sequential(nn.Flatten(), nn.Linear(16, 3, rng=rng())).to(np.float64)
    x, y = rng(1).uniform(0.2, 0.8, (4, 1, 4, 4)), np.array([0, 1, 2, 0])
    t = torch.tensor(x, requires_grad=True)
    logits = torch.nn.functional.linear(t.flatten(1), *(torch.tensor(p.data) for p in model.parameters()))
    torch.nn.functional.cross_entropy(logits, torch.tensor(y)).backward()
    np.testing.assert_allclose(fgsm(model, x, y, 0.1), x + 0.1 * t.grad.sign().numpy(), atol=1e-15)


@pytest.mark.parametrize("steps", [1, 5])
def test_fgsm_stays_near_and_within_the_limits_and_hurts(steps):
    model = small_cnn()
    x, y = rng(1).random((6, 1, 8, 8)), rng(2).integers(0, 5, 6)
    before = x.copy()
    moved = fgsm(model, x, y, 0.05, steps=steps)
    assert np.abs(moved - x).max() <= 0.05 + 1e-12 and moved.min() >= 0 and moved.max() <= 1
    model.eval()
    assert F.cross_entropy(model(moved), y).item() > F.cross_entropy(model(x), y).item()
    assert (x == before).all() and (fgsm(model, x, y, 0) == x).all()


def test_more_steps_hurt_more_than_one():
    model = small_cnn().eval()
    x, y = rng(1).random((20, 1, 8, 8)), rng(2).integers(0, 5, 20)
    losses = [F.cross_entropy(model(fgsm(model, x, y, 0.2, steps=steps)), y).item() for steps in (1, 20)]
    assert losses[1] > losses[0]


def test_fgsm_may_leave_the_limits_only_without_them():
    model, x = small_cnn(), np.ones((1, 1, 8, 8))
    assert fgsm(model, x, [0], 0.1).max() == 1 < fgsm(model, x, [0], 0.1, limits=None).max()
    assert fgsm(nn.cnn((1, 8, 8), [3], 5, rng=rng()), Tensor(x), [0], np.float64(0.1)).dtype == np.float32


@pytest.mark.parametrize("call, text", [
    (lambda m, x: fgsm(m, 2 * x, [0, 1], 0.1), "fgsm: x must lie in the trained range 0 to 1, but runs from"),
    (lambda m, x: fgsm(m, x, [0, 5], 0.1), "fgsm: there are classes 0 to 4, but 5 was asked for"),
    (lambda m, x: fgsm(m, x, [0, 1], -0.1), "fgsm: epsilon must be a finite number and at least 0, but is -0.1"),
    (lambda m, x: fgsm(m, x, [0, 1], 0.1, steps=0), "fgsm: steps must be at least 1, but is 0"),
])
def test_fgsm_errors(call, text):
    with pytest.raises((ValueError, TypeError)) as caught:
        call(small_cnn(), np.ones((2, 1, 8, 8)))
    assert text in str(caught.value) and "\n" not in str(caught.value)
