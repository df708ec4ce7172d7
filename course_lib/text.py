"""Text, character by character: numbers for letters, a model of the next one, and writing with it (A62, chapter 15)."""
import math

import numpy as np

from . import _check, init as schemes
from .nn.activations import softmax
from .nn.dropout import Dropout
from .nn.linear import Linear
from .nn.losses import cross_entropy
from .nn.module import Module
from .nn.recurrent import RNN
from .tensor import no_grad
from .training import fit_batches

# A tale of our own to learn from: what the visitor knocks at depends on who it is, some thirty characters before.
STORY = (
    "at the end of the road there is a house. in the house there is a room. in the room there is a table. "
    "on the table there is a lamp. "
    "at night the wind comes over the hill and knocks at the door. who is there? asks the lamp. "
    "it is only the wind, says the door. then let it knock, says the lamp, and they sleep. "
    "in the morning the sun comes over the hill and knocks at the window. who is there? asks the table. "
    "it is only the sun, says the window. then let it in, says the table, and they wake. "
    "at noon the rain comes over the hill and knocks at the roof. who is there? asks the room. "
    "it is only the rain, says the roof. then let it sing, says the room, and they listen. "
    "at the end of the day the road comes over the hill and stops at the house. who is there? asks the house. "
    "it is only the road, says the hill. then let it rest, says the house, and they are all at home. ")


class Vocabulary:
    """The characters of a text in a fixed order: each is a number, and a number is a character (A62).

    Parameters
    ----------
    characters : str
        Number k is the k-th different character: ``Vocabulary("helo")`` keeps the order h, e, l, o. Of a long text,
        ``"".join(sorted(set(text)))`` is a good choice.

    Raises
    ------
    ValueError, TypeError
        If there is no character, or it is no string; later, if a text holds a character that is not in the vocabulary.

    Examples
    --------
    >>> vocabulary = Vocabulary("helo")
    >>> vocabulary.encode("hello")
    array([0, 1, 2, 2, 3])
    >>> vocabulary.decode([0, 1, 2, 2, 3])
    'hello'
    >>> vocabulary.one_hot("he")
    array([[1., 0., 0., 0.],
           [0., 1., 0., 0.]], dtype=float32)
    """

    def __init__(self, characters):
        _text("Vocabulary", "characters", characters)
        self.characters = "".join(dict.fromkeys(characters))
        self.number = {character: k for k, character in enumerate(self.characters)}

    def __len__(self):
        return len(self.characters)

    def __repr__(self):
        return f"Vocabulary({self.characters!r})"

    def encode(self, text):
        """The numbers of a text's T characters, int64, shape (T,)."""
        _text("encode", "text", text)
        for place, character in enumerate(text):
            if character not in self.number:
                raise ValueError(f"encode: text must consist of the {len(self)} characters {self.characters!r}, "
                                 f"but has {character!r} at place {place}")
        return np.array([self.number[character] for character in text])

    def decode(self, numbers):
        """The text behind T numbers, shape (T,)."""
        numbers = _check.array("decode", "numbers", numbers, ("T",))
        return "".join(self.characters[k] for k in
                       _check.labels("decode", "numbers", numbers, len(numbers), classes=len(self)))

    def one_hot(self, text):
        """A row for each character, 1 at its number and 0 elsewhere: float32, shape (T, V)."""
        return np.eye(len(self), dtype=np.float32)[self.encode(text)]


class CharacterModel(Module):
    r"""Which character comes next? A recurrent network, and a score for every character (A59, A62).

    .. math:: h_t = f(W x_t + b + U h_{t-1} + b'), \qquad z_t = V h_t + c, \qquad \hat y_t = \text{softmax}(z_t)

    where :math:`x_t` is the one-hot code of character t.

    Parameters
    ----------
    characters : int
        Size V of the vocabulary.
    hidden_size : int
        Units H of the memory.
    cell : class
        ``nn.RNN``, ``nn.LSTM`` or ``nn.GRU``.
    dropout : float
        The share of the state's units that the answer does not see, in training.
    initialization : str, optional
        A name of :mod:`course_lib.init` for the recurrent weights U; by default the cell's own.
    rng : numpy.random.Generator

    Returns
    -------
    logits : Tensor, shape (T, N, V)
        Of a call with numbers, shape (T, N): T characters of N texts beside each other.
    state : list
        The last state of each layer; to be given to the next call.

    Raises
    ------
    ValueError, TypeError
        If a size is no positive whole number, or a call's numbers are not those of characters.

    Examples
    --------
    >>> model = CharacterModel(4, 3, rng=np.random.default_rng(0))
    >>> logits, state = model([[0], [1], [2], [2]])
    >>> logits.shape, state[0].shape
    ((4, 1, 4), (1, 3))

    References
    ----------
    Elman, J. (1990). Finding structure in time. Cognitive Science 14.
    Sutskever, I., Martens, J. & Hinton, G. (2011). Generating text with recurrent neural networks. ICML.
    """

    def __init__(self, characters, hidden_size, cell=RNN, *, dropout=0.0, initialization=None, rng):
        _check.whole("CharacterModel", at_least=1, characters=characters, hidden_size=hidden_size)
        self.memory = cell(characters, hidden_size, rng=rng)
        self.drop = Dropout(dropout, rng=rng)
        self.answer = Linear(hidden_size, characters, rng=rng)
        if initialization is not None:
            recurrent = self.memory.weight_hh_l0
            recurrent.data = schemes.get(initialization)(recurrent.shape, rng)

    def forward(self, numbers, state=None):
        numbers = _check.array("CharacterModel", "numbers", numbers, ("T", "N"))
        V, dtype = len(self.answer.weight), self.answer.weight.dtype
        flat = _check.labels("CharacterModel", "numbers", numbers.ravel(),
                             numbers.size, classes=V)
        one_hot = np.eye(V, dtype=dtype)[flat.reshape(numbers.shape)]
        states, last = self.memory(one_hot, state)           # (T, N, H)
        return self.answer(self.drop(states)), last


def pieces(numbers, length, streams=1):
    """Cut a long text for truncated back-propagation through time: every piece goes on where the last one ended (A61).

    The text is laid out as ``streams`` texts beside each other, and these are cut into pieces of ``length`` steps. The
    target of a character is the next one. A rest that fills no row is dropped.

    Parameters
    ----------
    numbers : array_like of int, shape (M,)
        The text.
    length : int
        Steps T of a piece: how far the gradient flows back.
    streams : int
        Texts N beside each other.

    Returns
    -------
    list of pairs of ndarray, int64, shapes (T, N)
        Inputs and targets; the last pair may be shorter.

    Raises
    ------
    ValueError, TypeError
        If the text is too short for the streams, or a size is no positive whole number.

    Examples
    --------
    >>> for x, y in pieces([0, 1, 2, 3, 4, 5, 6], length=2, streams=2):
    ...     print(x.tolist(), "->", y.tolist())
    [[0, 3], [1, 4]] -> [[1, 4], [2, 5]]
    [[2, 5]] -> [[3, 6]]
    """
    _check.whole("pieces", at_least=1, length=length, streams=streams)
    numbers = _check.array("pieces", "numbers", numbers, ("M",))
    rows = (len(numbers) - 1) // streams
    if rows < 1:
        raise ValueError(f"pieces: numbers must hold at least {streams + 1} characters for {streams} streams, "
                         f"but holds {len(numbers)}")
    x, y = (numbers[start:start + rows * streams].reshape(streams, rows).T for start in (0, 1))
    return [(x[t:t + length], y[t:t + length]) for t in range(0, rows, length)]


def fit_text(model, numbers, *, optimizer, updates, length=25, streams=1,
             clip_norm=5.0):
    r"""Train on a text by truncated back-propagation through time, with teacher forcing (A61, A62).

    The input at each step is the *true* character before, :math:`x_t = y_{t-1}`, whatever the model would have
    written. From piece to piece the state goes on, the gradient does not; after the last piece both begin anew.

    Parameters
    ----------
    model : CharacterModel
    numbers : array_like of int, shape (M,)
        The text, from :meth:`Vocabulary.encode`.
    optimizer : Optimizer
        Made from ``model.parameters()``.
    updates : int
        Number of pieces to learn from.
    length, streams : int
        As in :func:`pieces`.
    clip_norm : float
        The gradient is shortened to at most this length (chapter 16 says why).

    Returns
    -------
    list of float
        The loss of each piece before its update, in nats per character.

    Raises
    ------
    Diverged
        As soon as the loss is not finite; its history holds the "train loss" until then.

    Examples
    --------
    >>> from course_lib import optim
    >>> vocabulary = Vocabulary("helo")
    >>> model = CharacterModel(4, 8, rng=np.random.default_rng(0))
    >>> losses = fit_text(model, vocabulary.encode("hello"), updates=200,
    ...                   optimizer=optim.Adam(model.parameters(), 0.03))
    >>> losses[-1] < 0.01, generate(model, vocabulary, "h", 4, temperature=0)
    (True, 'ello')

    References
    ----------
    Williams, R. & Zipser, D. (1989). A learning algorithm for continually running fully recurrent neural networks.
    Neural Computation 1.
    Williams, R. & Peng, J. (1990). An efficient gradient-based algorithm for on-line training of recurrent network
    trajectories. Neural Computation 2.
    """
    _check.whole("fit_text", at_least=1, updates=updates)
    text, state = pieces(numbers, length, streams), None

    def piece_loss(step):
        nonlocal state
        x, y = text[step % len(text)]
        state = None if step % len(text) == 0 else state
        logits, state = model(x, state)
        state = [_detached(layer) for layer in state]    # no gradient beyond
        return cross_entropy(logits.reshape(y.size, -1), y.ravel())

    return fit_batches(model, piece_loss, updates, optimizer=optimizer,
                       clip_norm=clip_norm)


def _detached(state):
    return tuple(map(_detached, state)) if isinstance(state, tuple) else state.detach()


def sample(logits, temperature=1.0, *, rng=None):
    r"""Draw a character, surely or boldly (A62).

    .. math:: k \sim p, \qquad p_k \propto e^{z_k / T}

    Parameters
    ----------
    logits : array_like, shape (V,)
        Scores z.
    temperature : float
        T, at least 0. Towards 0 the best score always wins, and 0 means just that; large values make all equal.
    rng : numpy.random.Generator
        Not needed at temperature 0.

    Returns
    -------
    int

    Raises
    ------
    ValueError, TypeError
        If the scores or the temperature are unfit, or a generator is missing.

    Examples
    --------
    >>> rng = np.random.default_rng(0)
    >>> [sample([0.0, 2.0, 1.0], T, rng=rng) for T in (0, 0, 1, 1, 1, 1)]
    [1, 1, 1, 1, 0, 0]
    """
    logits = _check.array("sample", "logits", logits, ("V",)).astype(float)
    _check.number("sample", at_least=0, temperature=temperature)
    if temperature == 0:
        return int(logits.argmax())
    _check.generator("sample", rng)
    p = softmax(logits, temperature=temperature).data
    drawn = np.searchsorted(p.cumsum(), rng.random(), side="right")
    return int(min(drawn, len(p) - 1))           # p may sum to 0.999…


def next_character(model, vocabulary, prompt, temperature=1.0):
    """The probability of every character to come after a prompt, shape (V,), in the vocabulary's order (A62).

    Examples
    --------
    >>> model = CharacterModel(4, 3, rng=np.random.default_rng(0))
    >>> p = next_character(model, Vocabulary("helo"), "hel")
    >>> p.shape, round(float(p.sum()), 6)
    ((4,), 1.0)
    """
    _check.number("next_character", above=0, temperature=temperature)
    z = _read(model, vocabulary.encode(prompt))[0]
    return softmax(z.astype(float), temperature=temperature).data


def generate(model, vocabulary, prompt, n, *, temperature=1.0, rng=None):
    r"""Let a model write: each character it draws is its next input, :math:`x_t = \hat y_{t-1}` (A62).

    Parameters
    ----------
    model : CharacterModel
    vocabulary : Vocabulary
    prompt : str
        What the model reads first; at least one character.
    n : int
        How many characters to write.
    temperature, rng
        As in :func:`sample`.

    Returns
    -------
    str
        The n new characters, without the prompt.

    Raises
    ------
    ValueError, TypeError
        If the prompt is empty or holds unknown characters, or another argument is unfit.

    Examples
    --------
    >>> model = CharacterModel(4, 3, rng=np.random.default_rng(0))
    >>> len(generate(model, Vocabulary("helo"), "he", 7, rng=np.random.default_rng(0)))
    7
    """
    _check.whole("generate", at_least=0, n=n)
    written, z, state = [], *_read(model, vocabulary.encode(prompt))
    for _ in range(n):
        written.append(sample(z, temperature, rng=rng))
        z, state = _read(model, written[-1:], state)
    return vocabulary.decode(written) if written else ""


def _read(model, numbers, state=None):
    """The scores after the last of these characters, shape (V,), and the state; nothing is recorded or changed."""
    mode = model.training
    model.eval()
    with no_grad():
        logits, state = model(np.reshape(numbers, (-1, 1)), state)
    model.train(mode)
    return logits.data[-1, 0], state


def best_without_memory(text, seen=1):
    r"""The smallest loss per character of any predictor that sees only the last few characters.

    .. math:: -\frac1M \sum_t \log \frac{\text{how often } y_t \text{ follows these}}{\text{how often these occur}}

    Parameters
    ----------
    text : str
    seen : int
        How many characters the predictor sees, at least 0. The first ``seen`` characters are not predicted.

    Returns
    -------
    loss : float
        In nats per character.
    right : float
        The share of the characters that its best guess hits.

    Raises
    ------
    ValueError, TypeError
        If the text is not longer than ``seen``.

    Examples
    --------
    After l comes l once and o once, and who sees only the l cannot tell:

    >>> loss, right = best_without_memory("hello")
    >>> round(loss, 4), round(math.log(2) / 2, 4), right
    (0.3466, 0.3466, 0.75)
    """
    _text("best_without_memory", "text", text)
    _check.whole("best_without_memory", at_least=0, seen=seen)
    if len(text) <= seen:
        raise ValueError(f"best_without_memory: text must be longer than {seen}, but has {len(text)} characters")
    follows = {}
    for t in range(seen, len(text)):
        after = follows.setdefault(text[t - seen:t], {})
        after[text[t]] = after.get(text[t], 0) + 1
    total = len(text) - seen
    loss = -sum(n * math.log(n / sum(after.values())) for after in follows.values() for n in after.values())
    return abs(loss) / total, sum(max(after.values()) for after in follows.values()) / total


def _text(operation, name, value):
    if not isinstance(value, str):
        raise TypeError(f"{operation}: {name} must be a string, but is {type(value).__name__}")
    if not value:
        raise ValueError(f"{operation}: {name} must have at least one character, but is empty")
