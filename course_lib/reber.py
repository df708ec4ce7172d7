"""A grammar for recurrent networks: words in which the second letter comes again at the end (A67, chapter 16).

An automaton is a sequence of dicts, one per state: the letters that lead out of it, and where to. It starts in state 0
and ends in the state after the last dict.
"""
import numpy as np

from . import _check

LETTERS = "BTPSXVE"
REBER = ({"B": 1}, {"T": 2, "P": 3}, {"S": 2, "X": 4}, {"T": 3, "V": 5}, {"X": 3, "S": 6}, {"P": 4, "V": 6}, {"E": 7})


def _embed(inner):
    """Reber's automaton twice inside a larger one: after B, the letter T or P chooses the copy, and ends it."""
    size = len(inner)
    upper = [{letter: to + 2 for letter, to in state.items()} for state in inner]          # states 2 … 8, ends in 9
    lower = [{letter: to + 3 + size for letter, to in state.items()} for state in inner]   # states 10 … 16, ends in 17
    return ({"B": 1}, {"T": 2, "P": 3 + size}, *upper, {"T": 18}, *lower, {"P": 18}, {"E": 19})


EMBEDDED_REBER = _embed(REBER)


def embedded_reber(n, shortest, longest, *, rng):
    r"""Words of the embedded Reber grammar: the second letter comes again at the end (A67).

    A walk through Reber's automaton, between ``BT`` and ``TE`` or between ``BP`` and ``PE``. Lengths are uniform; given
    its length, a word is drawn as if every fork were a fair coin.

    Parameters
    ----------
    n : int
        Number of words.
    shortest, longest : int
        Letters of a word, from at least 9.
    rng : numpy.random.Generator

    Returns
    -------
    list of str
        Half of them with T and half with P, in random order.

    Raises
    ------
    ValueError, TypeError
        If an argument is out of its range or of the wrong type.

    Examples
    --------
    >>> embedded_reber(3, 9, 12, rng=np.random.default_rng(0))
    ['BTBPVPSETE', 'BTBPVVETE', 'BPBTXSEPE']

    References
    ----------
    Reber, A. (1967). Implicit learning of artificial grammars. Journal of Verbal Learning and Verbal Behavior 6.
    Cleeremans, A., Servan-Schreiber, D. & McClelland, J. (1989). Finite state automata and simple recurrent networks.
    Neural Computation 1.
    """
    _check.whole("embedded_reber", at_least=1, n=n)
    _check.whole("embedded_reber", at_least=9, shortest=shortest, longest=longest)
    if longest < shortest:
        raise ValueError(f"embedded_reber: longest must be at least shortest = {shortest}, but is {longest}")
    _check.generator("embedded_reber", rng)
    chance = _chances_to_end(EMBEDDED_REBER, longest)
    copies = rng.permutation(np.arange(n) % 2)
    return [_word("TP"[copy], int(rng.integers(shortest, longest + 1)), chance, rng) for copy in copies]


def _chances_to_end(automaton, most):
    """chance[k, s]: the probability that a walk of fair coins from state s ends after exactly k letters."""
    chance = np.zeros((most + 1, len(automaton) + 1))
    chance[0, -1] = 1
    for k in range(1, most + 1):
        for s, ways in enumerate(automaton):
            chance[k, s] = np.mean([chance[k - 1, to] for to in ways.values()])
    return chance


def _word(copy, length, chance, rng):
    word, state = "B" + copy, EMBEDDED_REBER[1][copy]
    while len(word) < length:
        letters, states = zip(*EMBEDDED_REBER[state].items())
        weight = chance[length - len(word) - 1, list(states)]
        pick = rng.choice(len(states), p=weight / weight.sum())
        word, state = word + letters[pick], states[pick]
    return word


def accepts(word, automaton=EMBEDDED_REBER):
    """Whether a word belongs to a grammar: whether its letters lead through the automaton to the end (A67).

    Parameters
    ----------
    word : str
    automaton : sequence of dict
        The ways out of each state, letter to state; one state more than dicts, the last one is the end.

    Returns
    -------
    bool

    Examples
    --------
    >>> accepts("BTBTXSETE"), accepts("BTBTXSEPE"), accepts("BTXSE", REBER)
    (True, False, True)
    """
    state = 0
    for letter in word:
        ways = automaton[state] if state < len(automaton) else {}
        if letter not in ways:
            return False
        state = ways[letter]
    return state == len(automaton)


def one_hot(words):
    """Words side by side as one array, the shorter ones filled up with zeros.

    Parameters
    ----------
    words : list of str
        Of the letters BTPSXVE.

    Returns
    -------
    ndarray, float32, (T, N, 7)
        T is the length of the longest word.

    Raises
    ------
    ValueError
        If there is no word, or one has another letter.

    Examples
    --------
    >>> one_hot(["BTE", "BP"]).argmax(axis=2).T
    array([[0, 1, 6],
           [0, 2, 0]])
    """
    if not words or not all(words):
        raise ValueError(f"one_hot: words must hold at least one word and no empty one, but is {words!r:.60}")
    X = np.zeros((max(map(len, words)), len(words), len(LETTERS)), np.float32)
    for i, word in enumerate(words):
        if unknown := set(word) - set(LETTERS):
            raise ValueError(f"one_hot: words must be of the letters {LETTERS}, but {word!r:.60} has "
                             f"{min(unknown)!r}")
        X[range(len(word)), i, [LETTERS.index(letter) for letter in word]] = 1
    return X
