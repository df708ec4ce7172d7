"""Sentences with words replaced, inserted, swapped, dropped or mistyped (A46, chapter 11)."""
from .. import _check


def synonym_replacement(words, rate, synonyms, *, rng):
    """Exchange words for synonyms, each with probability ``rate`` (A46).

    Parameters
    ----------
    words : sequence of str
    rate : float
        In [0, 1].
    synonyms : dict of str to sequence of str
        Words that are not in it stay.
    rng : numpy.random.Generator

    Returns
    -------
    list of str
        As many words.

    Examples
    --------
    >>> import numpy as np
    >>> synonym_replacement("i have a new car".split(), 1.0, {"car": ["vehicle"]}, rng=np.random.default_rng(0))
    ['i', 'have', 'a', 'new', 'vehicle']

    References
    ----------
    Wei, J. & Zou, K. (2019). EDA: easy data augmentation techniques for boosting performance on text
    classification tasks. EMNLP.
    """
    words = _words("synonym_replacement", words, rate, rng)
    return [str(rng.choice(synonyms[word])) if word in synonyms and chosen else word
            for word, chosen in zip(words, rng.random(len(words)) < rate)]


def random_insertion(words, rate, synonyms, *, rng):
    """Put synonyms of its own words at random places, about ``rate`` per word (A46).

    Parameters as in :func:`synonym_replacement`; words without synonyms add nothing.

    >>> import numpy as np
    >>> random_insertion(["new", "car"], 0.5, {"car": ["vehicle"]}, rng=np.random.default_rng(0))
    ['new', 'vehicle', 'car']
    """
    words = _words("random_insertion", words, rate, rng)
    known = [word for word in words if word in synonyms]
    for _ in range(rng.binomial(len(words), rate) if known else 0):
        words.insert(rng.integers(0, len(words) + 1), str(rng.choice(synonyms[rng.choice(known)])))
    return words


def random_swap(words, rate, *, rng):
    """Exchange pairs of words, about ``rate`` swaps per word (A46).

    >>> import numpy as np
    >>> sorted(random_swap(["a", "b", "c"], 1.0, rng=np.random.default_rng(0)))
    ['a', 'b', 'c']
    """
    words = _words("random_swap", words, rate, rng)
    for _ in range(rng.binomial(len(words), rate) if len(words) > 1 else 0):
        i, j = rng.choice(len(words), 2, replace=False)
        words[i], words[j] = words[j], words[i]
    return words


def random_deletion(words, rate, *, rng):
    """Leave out words, each with probability ``rate``; one always stays (A46).

    >>> import numpy as np
    >>> random_deletion(["only"], 1.0, rng=np.random.default_rng(0))
    ['only']
    """
    words = _words("random_deletion", words, rate, rng)
    kept = [word for word, stays in zip(words, rng.random(len(words)) >= rate) if stays]
    return kept or [str(rng.choice(words))]


def typo(word, *, rng):
    """Exchange two neighbouring letters of a word (A46); a word of one letter stays.

    >>> import numpy as np
    >>> typo("car", rng=np.random.default_rng(0))
    'cra'
    """
    if not isinstance(word, str):
        raise TypeError(f"typo: word must be a string, but is {word!r:.60}")
    _check.generator("typo", rng)
    if len(word) < 2:
        return word
    i = rng.integers(0, len(word) - 1)
    return word[:i] + word[i + 1] + word[i] + word[i + 2:]


def _words(operation, words, rate, rng):
    """A list of its own, checked."""
    if isinstance(words, str) or not len(words) or not all(isinstance(word, str) for word in words):
        raise TypeError(f"{operation}: words must be a list of at least one word, but is {words!r:.60}")
    _check.number(operation, at_least=0, at_most=1, rate=rate)
    _check.generator(operation, rng)
    return list(words)
