"""Sequence tasks (A67): exact targets, balance, baselines, the grammar's acceptor, and one clear line for wrong input."""
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib import sequences

DRAW = dict(max_examples=60, deadline=None, derandomize=True)
many, seeds = st.integers(1, 30), st.integers(0, 2**32 - 1)


def rng(seed=0):
    return np.random.default_rng(seed)


def balanced(y, classes=2):
    counts = np.bincount(y, minlength=classes)
    return len(counts) == classes and counts.max() - counts.min() <= 1


@settings(**DRAW)
@given(many, st.integers(2, 20), st.floats(0, 1), seeds)
def test_the_latch_holds_its_last_pulse(n, length, pulses, seed):
    X, y = sequences.latch(n, length, pulses=pulses, rng=rng(seed))
    assert X.shape == (length, n, 3) and X.dtype == np.float32 and y.shape == (n,) and y.dtype == np.int64
    for sequence, answer in zip(X.swapaxes(0, 1), y):
        switch = None
        for t, (on, off, ask) in enumerate(sequence):
            assert (on, off) in [(0, 0), (0, 1), (1, 0)] and ask == (t == length - 1)
            switch = 1 if on else 0 if off else switch
        assert sequence[0, :2].sum() == 1 and sequence[-1, :2].sum() == 0 and switch == answer
    assert balanced(y)


def test_pulses_of_the_latch_are_as_frequent_as_asked_for():
    for chance in (0, 0.2, 1):
        X, _ = sequences.latch(500, 22, pulses=chance, rng=rng())
        assert abs(X[1:-1, :, :2].sum(axis=2).mean() - chance) < 0.01
    X, _ = sequences.latch(500, 22, rng=rng())
    assert abs(X[..., 0].sum() - X[..., 1].sum()) < 150                # neither kind is preferred


@settings(**DRAW)
@given(many, st.integers(0, 9).map(lambda k: 2 * k + 1), seeds)
def test_the_majority_wins(n, length, seed):
    X, y = sequences.majority(n, length, rng=rng(seed))
    assert X.shape == (length, n, 1) and X.dtype == np.float32 and y.dtype == np.int64 and set(np.unique(X)) <= {-1, 1}
    np.testing.assert_array_equal(y, [np.sum(s > 0) > np.sum(s < 0) for s in X.swapaxes(0, 1)])
    assert balanced(y)


ERRORS = [
    (lambda: sequences.latch(0, 5, rng=rng()), ValueError, "latch: n must be at least 1, but is 0"),
    (lambda: sequences.latch(3, 1, rng=rng()), ValueError, "latch: length must be at least 2, but is 1"),
    (lambda: sequences.latch(3, 5, pulses=1.5, rng=rng()), ValueError,
     "latch: pulses must be a chance from 0 to 1, but is 1.5"),
    (lambda: sequences.latch(3, 5, pulses=-1, rng=rng()), ValueError,
     "latch: pulses must be a finite number and at least 0, but is -1"),
    (lambda: sequences.majority(3, 4, rng=rng()), ValueError,
     "majority: length must be odd, so that there is no draw, but is 4"),
    (lambda: sequences.majority(3, 5, rng=0), TypeError, "majority: rng must be a numpy.random.Generator such as "
     "np.random.default_rng(0), but is 0"),
]


@pytest.mark.parametrize("call, kind, message", ERRORS, ids=[message for _, _, message in ERRORS])
def test_wrong_input_is_named(call, kind, message):
    with pytest.raises(kind) as error:
        call()
    assert str(error.value) == message
