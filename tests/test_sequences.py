"""Sequence tasks (A67): exact targets, balance, baselines, the grammar's acceptor, and one clear line for wrong input."""
import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib import reber, sequences

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


@settings(**DRAW)
@given(many, st.integers(2, 40), seeds)
def test_two_marked_numbers_are_added(n, length, seed):
    X, y = sequences.adding_problem(n, length, rng=rng(seed))
    assert X.shape == (length, n, 2) and y.shape == (n, 1) and X.dtype == y.dtype == np.float32
    values, marks = X[..., 0], X[..., 1]
    assert values.min() >= 0 and values.max() < 1 and set(np.unique(marks)) <= {0, 1}
    assert (marks[:length // 2].sum(axis=0) == 1).all() and (marks[length // 2:].sum(axis=0) == 1).all()
    for i in range(n):
        first, second = np.flatnonzero(marks[:, i])
        assert y[i, 0] == values[first, i] + values[second, i]


def test_the_adding_baseline_is_a_sixth():
    X, y = sequences.adding_problem(40_000, 10, rng=rng())
    assert abs(((y - 1) ** 2).mean() - 1 / 6) < 0.003
    for half in (X[:5, :, 1], X[5:, :, 1]):                              # every place is marked as often as the others
        assert abs(half.mean(axis=1) - 0.2).max() < 0.01


@settings(**DRAW)
@given(many, st.integers(2, 20), st.integers(2, 5), seeds)
def test_the_first_symbol_is_the_answer_and_nothing_else_tells(n, length, symbols, seed):
    X, y = sequences.first_symbol(n, length, symbols=symbols, rng=rng(seed))
    assert X.shape == (length, n, symbols + 2) and X.dtype == np.float32 and y.dtype == np.int64
    assert (X.sum(axis=2) == 1).all() and (X[0].argmax(axis=1) == y).all() and not X[1:, :, :symbols].any()
    assert balanced(y, symbols)


def test_both_distractors_come_as_often():
    X, _ = sequences.first_symbol(500, 21, rng=rng())
    assert abs(X[1:, :, 2].mean() - 0.5) < 0.01


@settings(**DRAW)
@given(many, st.integers(1, 6), st.integers(1, 12), st.integers(2, 6), seeds)
def test_the_copy_comes_after_the_bell(n, symbols, delay, alphabet, seed):
    X, y = sequences.copy(n, symbols, delay, alphabet=alphabet, rng=rng(seed))
    heard, length = X.argmax(axis=2), 2 * symbols + delay
    assert X.shape == (length, n, alphabet + 2) and y.shape == (length, n) and (X.sum(axis=2) == 1).all()
    np.testing.assert_array_equal(y[-symbols:], heard[:symbols])
    assert (y[:-symbols] == alphabet).all() and (heard[:symbols] < alphabet).all()
    bell = np.zeros(length, bool)
    bell[symbols + delay - 1] = True
    assert (heard[bell] == alphabet + 1).all() and (heard[symbols:][~bell[symbols:]] == alphabet).all()


# ------------------------------------------------------------------------------------------------- Reber's grammar

@settings(**DRAW)
@given(many, st.integers(9, 40), st.integers(0, 30), seeds)
def test_words_are_of_the_grammar_and_as_long_as_asked_for(n, shortest, more, seed):
    words = reber.embedded_reber(n, shortest, shortest + more, rng=rng(seed))
    assert len(words) == n and all(map(reber.accepts, words))
    assert all(shortest <= len(word) <= shortest + more for word in words)
    assert all(word[:1] + word[2] + word[-1] == "BBE" and word[1] == word[-2] for word in words)
    assert all(reber.accepts(word[2:-2], reber.REBER) for word in words)
    assert balanced(np.array([word[1] == "T" for word in words]).astype(int))


def walks(automaton, state, letters):
    """Every word of at most so many letters, by exhaustive search, with its probability under fair coins."""
    if state == len(automaton):
        return {"": 1.0}
    if not letters:
        return {}
    return {letter + rest: chance / len(automaton[state]) for letter, to in automaton[state].items()
            for rest, chance in walks(automaton, to, letters - 1).items()}


def test_known_words_of_the_grammar():
    short = walks(reber.REBER, 0, 6)
    assert sorted(short) == ["BPTVVE", "BPVPSE", "BPVVE", "BTSXSE", "BTXSE"]
    for word in ("BTXXVPSE", "BTSSXXVPXTTVVE", "BPTTVPXVPSE"):
        assert reber.accepts(word, reber.REBER)
    for word in ("", "B", "BTE", "BTXSEE", "BPXSE", "BTXSe", "TXSE", "BTSXVE"):
        assert not reber.accepts(word, reber.REBER)


@pytest.mark.parametrize("change", ["swap the letter that comes back", "drop the end", "an unknown letter", "go on"])
def test_wrong_words_are_refused(change):
    for word in reber.embedded_reber(50, 9, 30, rng=rng()):
        wrong = {"swap the letter that comes back": word[:-2] + {"T": "P", "P": "T"}[word[-2]] + "E",
                 "drop the end": word[:-1], "an unknown letter": word[:4] + "Q" + word[5:], "go on": word + "E"}[change]
        assert not reber.accepts(wrong)


def test_of_one_length_words_come_as_often_as_fair_coins_say():
    """The draw is conditioned on the length: compared with every word of 12 letters, found by exhaustive search."""
    every = {word: chance for word, chance in walks(reber.EMBEDDED_REBER, 0, 12).items() if len(word) == 12}
    total = sum(every.values())
    drawn = reber.embedded_reber(4000, 12, 12, rng=rng())
    assert set(drawn) == set(every)
    for word, chance in every.items():
        assert abs(drawn.count(word) / 4000 - chance / total) < 0.015
    lengths = np.bincount([len(word) for word in reber.embedded_reber(4000, 9, 12, rng=rng())])
    assert abs(lengths[9:] / 4000 - 0.25).max() < 0.03


def test_one_hot_words():
    words = reber.embedded_reber(20, 9, 15, rng=rng())
    X = reber.one_hot(words)
    assert X.shape == (max(map(len, words)), 20, 7) and X.dtype == np.float32
    for word, letters in zip(words, X.swapaxes(0, 1)):
        assert "".join(reber.LETTERS[k] for k in letters[:len(word)].argmax(axis=1)) == word
        assert letters[:len(word)].sum() == len(word) and not letters[len(word):].any()


ERRORS = [
    (lambda: sequences.latch(0, 5, rng=rng()), ValueError, "latch: n must be at least 1, but is 0"),
    (lambda: sequences.latch(3, 1, rng=rng()), ValueError, "latch: length must be at least 2, but is 1"),
    (lambda: sequences.latch(3, 5, pulses=1.5, rng=rng()), ValueError,
     "latch: pulses must be a number in [0, 1], but is 1.5"),
    (lambda: sequences.latch(3, 5, pulses=-1, rng=rng()), ValueError,
     "latch: pulses must be a number in [0, 1], but is -1"),
    (lambda: sequences.majority(3, 4, rng=rng()), ValueError,
     "majority: length must be odd, so that there is no draw, but is 4"),
    (lambda: sequences.adding_problem(3, 1, rng=rng()), ValueError,
     "adding_problem: length must be at least 2, but is 1"),
    (lambda: sequences.adding_problem(2.0, 5, rng=rng()), TypeError,
     "adding_problem: n must be a whole number, but is 2.0"),
    (lambda: sequences.first_symbol(3, 5, symbols=1, rng=rng()), ValueError,
     "first_symbol: symbols must be at least 2, but is 1"),
    (lambda: sequences.copy(3, 0, 5, rng=rng()), ValueError, "copy: symbols must be at least 1, but is 0"),
    (lambda: sequences.copy(3, 2, 5, alphabet=1, rng=rng()), ValueError, "copy: alphabet must be at least 2, but is 1"),
    (lambda: reber.embedded_reber(3, 8, 12, rng=rng()), ValueError,
     "embedded_reber: shortest must be at least 9, but is 8"),
    (lambda: reber.embedded_reber(3, 12, 11, rng=rng()), ValueError,
     "embedded_reber: longest must be at least shortest = 12, but is 11"),
    (lambda: reber.one_hot([]), ValueError, "one_hot: words must hold at least one word and no empty one, but is []"),
    (lambda: reber.one_hot(["BTX", "BaT"]), ValueError, "one_hot: words must be of the letters BTPSXVE, but 'BaT' has 'a'"),
    (lambda: sequences.majority(3, 5, rng=0), TypeError, "majority: rng must be a numpy.random.Generator such as "
     "np.random.default_rng(0), but is 0"),
]


@pytest.mark.parametrize("call, kind, message", ERRORS, ids=[message for _, _, message in ERRORS])
def test_wrong_input_is_named(call, kind, message):
    with pytest.raises(kind) as error:
        call()
    assert str(error.value) == message
