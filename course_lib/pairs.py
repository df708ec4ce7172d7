"""Pairs of sequences to learn from: strings and their reversal, dates as people write them and as ISO 8601 (chapter 17)."""
import datetime

import numpy as np

from . import _check
from .text import Vocabulary

PAD, START, STOP, FIRST = 0, 1, 2, 3             # what fills up a row, is read first, is written last; first character


class Alphabet:
    """A :class:`~course_lib.text.Vocabulary` for batches: 0, 1 and 2 stand for padding, start and stop (A68).

    Parameters
    ----------
    characters : str
        Number 3 is the first of them.

    Raises
    ------
    ValueError
        If there is no character; in ``encode`` for an empty text or an unknown character.

    Examples
    --------
    >>> letters = Alphabet("abc")
    >>> letters.encode(["cab", "a"], stop=True).tolist()
    [[5, 3, 4, 2], [3, 2, 0, 0]]
    >>> letters.decode([[5, 3, 4, 2], [3, 2, 0, 0]])
    ['cab', 'a']
    """

    def __init__(self, characters):
        self.vocabulary = Vocabulary(characters)

    def __len__(self):
        return FIRST + len(self.vocabulary)

    def encode(self, texts, stop=False):
        """A list of N texts as (N, T) whole numbers, padded at the end; with ``stop``, every text ends in one."""
        if isinstance(texts, str) or not len(texts):
            raise ValueError(f"Alphabet.encode: texts must be a list of at least one text, but is {texts!r:.60}")
        rows = [self.vocabulary.encode(text) + FIRST for text in texts]
        out = np.full((len(rows), max(map(len, rows)) + stop), PAD)
        for line, row in zip(out, rows):
            line[:len(row)] = row
            line[len(row):len(row) + stop] = STOP
        return out

    def decode(self, tokens):
        """The texts behind (N, T) whole numbers, each as far as its stop or padding."""
        return ["".join(self.symbols(row[:_length(row)])) for row in np.asarray(tokens)]

    def symbols(self, tokens):
        """One character for each number; padding, start and stop are shown as a space, ">" and "."."""
        return [(" >." + self.vocabulary.characters)[token] for token in tokens]

    def __repr__(self):
        return f"Alphabet({self.vocabulary.characters!r})"


def _length(tokens):
    """Number of tokens before the first stop or padding."""
    ends = np.isin(tokens, (PAD, STOP))
    return int(ends.argmax()) if ends.any() else len(ends)


DIGITS = Alphabet("0123456789")


def reversal(n, length, *, rng):
    """Strings of random digits, and the same read from the end (A68).

    Parameters
    ----------
    n : int
    length : int or (int, int)
        Number of digits; or its smallest and largest value, all equally often.
    rng : numpy.random.Generator

    Returns
    -------
    sources, targets : list of str

    Examples
    --------
    >>> reversal(2, 5, rng=np.random.default_rng(0))
    (['86523', '00018'], ['32568', '81000'])
    """
    low, high = (length, length) if np.ndim(length) == 0 else length
    _check.whole("reversal", at_least=1, n=n, length=low)
    _check.whole("reversal", at_least=low, length=high)
    _check.generator("reversal", rng)
    sizes = rng.integers(low, high + 1, size=n)
    sources = ["".join(map(str, rng.integers(10, size=size))) for size in sizes]
    return sources, [source[::-1] for source in sources]


MONTHS = ("January February March April May June July August September October November December").split()
DAYS = "Monday Tuesday Wednesday Thursday Friday Saturday Sunday".split()
FORMATS = {                                      # one pattern for each way to write 4 February 2020
    "4 February 2020": "{day} {month} {year}", "February 4, 2020": "{month} {day}, {year}",
    "4 Feb 2020": "{day} {short} {year}", "04.02.2020": "{day:02}.{number:02}.{year}",
    "Tue, Feb 4, 2020": "{weekday}, {short} {day}, {year}"}
DATE_CHARACTERS = Alphabet(" ,.-0123456789" + "".join(sorted(set("".join(MONTHS + DAYS)))))


def write_date(date, style):
    """A date in one of :data:`FORMATS`.

    >>> write_date(datetime.date(2020, 2, 4), "Tue, Feb 4, 2020")
    'Tue, Feb 4, 2020'
    """
    _check.choice("write_date", "style", style, tuple(FORMATS))
    month = MONTHS[date.month - 1]
    return FORMATS[style].format(day=date.day, number=date.month, year=date.year, month=month, short=month[:3],
                                 weekday=DAYS[date.weekday()][:3])


def dates(n, *, first=datetime.date(1900, 1, 1), last=datetime.date(2099, 12, 31), rng):
    """Random dates, each written in a random one of :data:`FORMATS`, and as ISO 8601 (A68).

    Parameters
    ----------
    n : int
    first, last : datetime.date
    rng : numpy.random.Generator

    Returns
    -------
    human, iso : list of str

    Examples
    --------
    >>> dates(2, rng=np.random.default_rng(0))
    (['15 Feb 2070', 'May 24, 2027'], ['2070-02-15', '2027-05-24'])
    """
    _check.whole("dates", at_least=1, n=n)
    _check.generator("dates", rng)
    if last < first:
        raise ValueError(f"dates: last must not be before first, but is {last} against {first}")
    chosen = [first + datetime.timedelta(days=int(d)) for d in rng.integers((last - first).days + 1, size=n)]
    styles = rng.choice(list(FORMATS), size=n)
    return [write_date(date, str(style)) for date, style in zip(chosen, styles)], [str(date) for date in chosen]


# -- tokens ----------------------------------------------------------------------------------------------

def check_tokens(operation, name, tokens):
    """Return ``tokens`` as an array (N, T) of whole numbers; no row may be empty, and padding comes last."""
    tokens = np.asarray(tokens)
    if tokens.ndim != 2 or tokens.dtype.kind not in "iu" or not tokens.size:
        raise ValueError(f"{operation}: {name} must be whole numbers of shape (N, T) with T > 0, but has dtype "
                         f"{tokens.dtype} and shape {tokens.shape}")
    real = tokens != PAD
    lengths = real.sum(axis=1)
    for wrong, what in ((lengths == 0, "is empty"),
                        ((real != (np.arange(real.shape[1]) < lengths[:, None])).any(axis=1),
                         "has padding before its end")):
        if wrong.any():
            raise ValueError(f"{operation}: every sequence of {name} needs a token, padded at the end only, but "
                             f"sequence {wrong.argmax()} {what}")
    return tokens


def check_pairs(operation, source, target):
    """Return source and target, checked, if they are equally many."""
    source = check_tokens(operation, "source", source)
    target = check_tokens(operation, "target", target)
    if len(source) != len(target):
        raise ValueError(f"{operation}: source and target must be equally many, but are {len(source)} and {len(target)}")
    return source, target


def shift(target):
    """What a decoder reads while it learns to write ``target``: the start, then each token one step late (A68).

    >>> shift([[5, 6, 2], [7, 2, 0]]).tolist()
    [[1, 5, 6], [1, 7, 2]]
    """
    target = check_tokens("shift", "target", target)
    start = np.full_like(target[:, :1], START)
    return np.concatenate([start, target[:, :-1]], axis=1)


def concatenate(source, target):
    """Source and target as one sequence, and where in it the target is (A68).

    Returns
    -------
    tokens, mask : ndarrays of int and of bool, shape (N, S + U)

    Examples
    --------
    >>> tokens, mask = concatenate([[3, 4, 5], [6, 7, 0]], [[1, 8], [1, 9]])
    >>> tokens.tolist()
    [[3, 4, 5, 1, 8], [6, 7, 1, 9, 0]]
    >>> mask.astype(int).tolist()
    [[0, 0, 0, 1, 1], [0, 0, 1, 1, 0]]
    """
    source, target = check_pairs("concatenate", source, target)
    lengths = (source != PAD).sum(axis=1)
    S, U = lengths.max(), target.shape[1]
    tokens = np.full((len(source), S + U), PAD)
    tokens[:, :S] = source[:, :S]
    rows = np.arange(len(source))[:, None]
    places = lengths[:, None] + np.arange(U)
    tokens[rows, places] = target
    mask = np.zeros(tokens.shape, bool)
    mask[rows, places] = target != PAD
    return tokens, mask
