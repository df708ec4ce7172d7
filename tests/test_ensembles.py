"""Ensembles (A48): the ambiguity decomposition, two averages, and when averaging gains nothing."""
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib import F, accuracy, nn
from course_lib.ensembles import Ensemble, ambiguity, average_logits, average_probabilities


def rng(seed=0):
    return np.random.default_rng(seed)


@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.integers(1, 7), st.lists(st.integers(1, 4), max_size=3), st.integers(0, 2**32 - 1))
def test_ambiguity_decomposition_is_exact(members, shape, seed):
    predictions, target = rng(seed).standard_normal((members, *shape)), rng(seed + 1).standard_normal(shape)
    parts = ambiguity(predictions, target)
    assert parts.ensemble_error == pytest.approx(parts.average_error - parts.ambiguity, abs=1e-12)
    assert parts.ensemble_error == pytest.approx(((predictions.mean(axis=0) - target) ** 2).mean(), abs=1e-12)
    assert 0 <= parts.ambiguity and (members > 1 or parts.ambiguity == 0)


def test_two_models_by_hand():
    assert ambiguity([[2.0], [5.0]], [3.0]) == (0.25, 2.5, 2.25)


def test_float32_predictions_are_decomposed_in_float64():
    predictions = (1000 + rng().standard_normal((5, 100))).astype(np.float32)
    parts = ambiguity(predictions, predictions[0])
    assert parts.ensemble_error == pytest.approx(parts.average_error - parts.ambiguity, abs=1e-9)


def test_identical_members_gain_nothing():
    z = rng().standard_normal((1, 6, 3))
    same = np.repeat(z, 4, axis=0)
    np.testing.assert_allclose(average_probabilities(same), F.softmax(z[0]).data, atol=1e-12)
    np.testing.assert_allclose(average_logits(same), F.softmax(z[0]).data, atol=1e-12)
    parts = ambiguity(F.softmax(same).data, np.eye(3)[[0, 1, 2, 0, 1, 2]])
    assert parts.ambiguity < 1e-30 and parts.ensemble_error == pytest.approx(parts.average_error)


def test_averages_are_the_arithmetic_and_the_geometric_mean():
    z = rng().standard_normal((5, 8, 4))
    p = F.softmax(z).data
    geometric = np.exp(np.log(p).mean(axis=0))
    np.testing.assert_allclose(average_probabilities(z), p.mean(axis=0), atol=1e-12)
    np.testing.assert_allclose(average_logits(z), geometric / geometric.sum(axis=1, keepdims=True), atol=1e-12)


def test_surprise_of_the_average_is_at_most_the_average_surprise():
    """Jensen: the cross-entropy of averaged probabilities never exceeds that of the members."""
    z, y = 3 * rng().standard_normal((5, 50, 4)), rng(1).integers(0, 4, 50)
    mean = -np.log(average_probabilities(z)[range(50), y]).mean()
    assert mean < np.mean([F.cross_entropy(member, y).item() for member in z]) - 0.1


def test_ensemble_answers_as_one_model():
    nets = [nn.mlp([4, 8, 3], dropout=0.5, rng=rng(seed)) for seed in range(5)]
    X, y = rng().standard_normal((30, 4)).astype(np.float32), rng(1).integers(0, 3, 30)
    together = Ensemble(nets).eval()                                      # reaches the members
    assert not any(net.training for net in nets)
    z = np.stack([net(X).data for net in nets])
    np.testing.assert_allclose(F.softmax(together(X)).data, average_probabilities(z), atol=1e-6)
    np.testing.assert_allclose(F.softmax(Ensemble(nets, "logits")(X)).data, average_logits(z), atol=1e-6)
    assert accuracy(together(X), y) == (average_probabilities(z).argmax(axis=1) == y).mean()
    assert len(together.parameters()) == 5 * 4


def test_an_impossible_class_has_a_finite_surprise():
    nets = [nn.mlp([1, 2], init="zeros", rng=None)]
    nets[0][0].bias.data[:] = 0, -1000
    assert np.isfinite(F.cross_entropy(Ensemble(nets)(np.ones((1, 1))), [1]).item())


@pytest.mark.parametrize("act, text", [
    (lambda: Ensemble([]), "Ensemble: members must hold at least one model, but is empty"),
    (lambda: Ensemble([nn.mlp([1, 1], rng=rng())], "vote"),
     "Ensemble: average must be one of 'probabilities', 'logits', but is 'vote'"),
    (lambda: average_probabilities(np.ones((2, 3))), "average_probabilities: logits must have shape (K, N, C), but is (2, 3)"),
    (lambda: average_logits([[[np.inf]]]), "average_logits: logits must be finite, but is inf at index (0, 0, 0)"),
    (lambda: ambiguity(np.ones((2, 3)), np.ones(2)), "ambiguity: target must have shape (3,), but is (2,)"),
    (lambda: ambiguity(np.ones((0, 3)), np.ones(3)), "ambiguity: predictions must have shape (K, N), but is (0, 3)"),
    (lambda: ambiguity(1.0, 1.0), "ambiguity: predictions must have shape (K,), but is ()"),
])
def test_errors_in_one_line(act, text):
    with pytest.raises(ValueError) as caught:
        act()
    assert str(caught.value) == text
