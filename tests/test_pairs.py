"""Pairs of sequences, and sequences as numbers (A68)."""
import datetime

import numpy as np
import pytest

from course_lib.pairs import (DATE_CHARACTERS, DIGITS, FORMATS, PAD, START, STOP, Alphabet, check_tokens, concatenate,
                              dates, reversal, shift, write_date)


def rng():
    return np.random.default_rng(0)


def test_texts_survive_the_way_there_and_back():
    texts = ["cab", "a", "bbbb"]
    for stop in (False, True):
        tokens = Alphabet("abc").encode(texts, stop)
        assert tokens.shape == (3, 4 + stop) and Alphabet("abc").decode(tokens) == texts
        assert (tokens == STOP).sum(axis=1).tolist() == [stop] * 3
    assert Alphabet("abc").encode(texts, stop=True)[1].tolist() == [3, STOP, PAD, PAD, PAD]
    assert Alphabet("abc").decode([[STOP, 3, 3]]) == [""]
    assert Alphabet("abc").symbols([PAD, START, STOP, 3, 5]) == [" ", ">", ".", "a", "c"]
    assert len(Alphabet("abc")) == 6 and repr(Alphabet("abc")) == "Alphabet('abc')"


@pytest.mark.parametrize("texts, message", [
    (["ab", "axb"], r"encode: text must consist of the 3 characters 'abc', but has 'x' at place 1"),
    (["ab", ""], r"text"),
    ([], r"Alphabet.encode: texts must be a list of at least one text, but is \[\]"),
    ("abc", r"Alphabet.encode: texts must be a list of at least one text, but is 'abc'"),
    ([">"], r"'>' at place 0"),
])
def test_what_an_alphabet_refuses(texts, message):
    with pytest.raises(ValueError, match=message):
        Alphabet("abc").encode(texts)


def test_reversal():
    sources, targets = reversal(200, (2, 5), rng=rng())
    assert targets == ["".join(reversed(source)) for source in sources]
    assert {len(source) for source in sources} == {2, 3, 4, 5}
    assert set("".join(sources)) == set("0123456789")
    assert DIGITS.decode(DIGITS.encode(sources)) == sources
    assert reversal(2, 5, rng=rng()) == reversal(2, (5, 5), rng=rng())


@pytest.mark.parametrize("arguments, message", [
    ((0, 5), "reversal: n must be at least 1, but is 0"), ((2, 0), "reversal: length must be at least 1, but is 0"),
    ((2, (5, 3)), "reversal: length must be at least 5, but is 3")])
def test_what_reversal_refuses(arguments, message):
    with pytest.raises(ValueError, match=message):
        reversal(*arguments, rng=rng())


def test_every_way_to_write_a_date_is_read_by_python_too():
    patterns = ["%d %B %Y", "%B %d, %Y", "%d %b %Y", "%d.%m.%Y", "%a, %b %d, %Y"]
    human, iso = dates(400, rng=rng())
    for text, date in zip(human, iso):
        read = set()
        for pattern in patterns:
            try:
                read.add(str(datetime.datetime.strptime(text, pattern).date()))
            except ValueError:
                pass
        assert read == {date}, text
    for name in FORMATS:                                           # each pattern is named by what it makes
        assert write_date(datetime.date(2020, 2, 4), name) == name
    styles = [sum(text == write_date(datetime.date.fromisoformat(date), style) for text, date in zip(human, iso))
              for style in FORMATS]
    assert min(styles) > 50
    assert DATE_CHARACTERS.decode(DATE_CHARACTERS.encode(human)) == human
    assert DATE_CHARACTERS.decode(DATE_CHARACTERS.encode(iso)) == iso


def test_dates_stay_within_their_limits():
    day = datetime.date(2024, 2, 29)
    assert set(dates(20, first=day, last=day, rng=rng())[1]) == {"2024-02-29"}
    both = dates(50, first=day, last=day + datetime.timedelta(1), rng=rng())[1]
    assert set(both) == {"2024-02-29", "2024-03-01"}
    with pytest.raises(ValueError, match="dates: last must not be before first, but is 2024-02-28 against 2024-02-29"):
        dates(1, first=day, last=day - datetime.timedelta(1), rng=rng())
    with pytest.raises(ValueError, match="write_date: style must be one of '4 February 2020', .* but is 'roman'"):
        write_date(day, "roman")


def test_what_the_decoder_reads_is_what_it_writes_one_step_late():
    target = np.array([[5, 6, STOP], [7, STOP, PAD]])
    read = shift(target)
    assert (read[:, 0] == START).all() and (read[:, 1:] == target[:, :-1]).all()


def test_concatenation_leaves_no_gap():
    """A68: target tokens follow the source at once, however much padding either has; the mask is where they are."""
    source, target = np.array([[3, 4, 5, PAD], [6, PAD, PAD, PAD]]), np.array([[1, 7, PAD], [1, 8, 9]])
    tokens, mask = concatenate(source, target)
    assert tokens.tolist() == [[3, 4, 5, 1, 7, 0], [6, 1, 8, 9, 0, 0]]
    assert tokens[mask].tolist() == [1, 7, 1, 8, 9]
    with pytest.raises(ValueError, match="concatenate: source and target must be equally many, but are 2 and 1"):
        concatenate(source, target[:1])


@pytest.mark.parametrize("tokens, message", [
    (np.zeros((2, 0), int), r"f: x must be whole numbers of shape \(N, T\) with T > 0, but has dtype int64 and shape \(2, 0\)"),
    ([3, 4], r"must be whole numbers of shape \(N, T\) with T > 0, but has dtype int64 and shape \(2,\)"),
    ([[3.0]], "but has dtype float64"),
    ([[3, 0], [0, 0]], "f: every sequence of x needs a token, padded at the end only, but sequence 1 is empty"),
    ([[3, 0], [0, 3]], "but sequence 1 has padding before its end"),
])
def test_what_is_no_batch_of_sequences(tokens, message):
    with pytest.raises(ValueError, match=message):
        check_tokens("f", "x", tokens)
