"""From one sequence to another: encoder and decoder, attention between them, the Transformer (chapter 17).

Every model here has the same two halves: ``encode(source)`` gives a memory, ``decode(inputs, memory)`` the scores of
the next token after each input. Training, greedy and beam decoding need no more than that.
"""
import copy

import numpy as np

from . import _check
from .nn import (GRU, LSTM, Embedding, Linear, Module, MultiheadAttention, PositionalEncoding, TransformerDecoderLayer,
                 TransformerEncoderLayer)
from .nn.activations import tanh
from .nn.attention import attention_weights, causal_mask, scaled_dot_product_attention
from .nn.losses import cross_entropy
from .pairs import PAD, START, STOP, check_pairs, check_tokens, concatenate, shift
from .tensor import cat, no_grad
from .training import fit_batches

CELLS = {"gru": GRU, "lstm": LSTM}


class Seq2Seq(Module):
    r"""One recurrent network reads, another writes; with attention it may look back at all the first has read (A68, A69).

    .. math:: h_t = \mathrm{GRU}(h_{t-1}, x_t), \qquad s_u = \mathrm{GRU}(s_{u-1}, y_{u-1}), \quad s_0 = h_T, \qquad
              z_u = V s_u + b

    and with attention the state that is read out is mixed with the context of this step,

    .. math:: a_{ut} = \operatorname{softmax}_t(s_u^\top h_t), \qquad c_u = \sum_t a_{ut} h_t, \qquad
              z_u = V \tanh\bigl(W [c_u; s_u] + b'\bigr) + b

    Parameters
    ----------
    source_size, target_size : int
        Numbers of tokens, padding, start and stop included.
    hidden_size : int
        H, of both networks.
    embedding_size : int
    attention : bool
    cell : {"gru", "lstm"}
    rng : numpy.random.Generator

    Raises
    ------
    ValueError
        If a sequence is empty, padded at the start, or holds an unknown token.

    Examples
    --------
    >>> model = Seq2Seq(13, 13, 16, rng=np.random.default_rng(0))
    >>> model([[3, 4, 5], [6, 7, 0]], [[1, 8], [1, 9]]).shape          # 0 is padding, 1 the start
    (2, 2, 13)

    References
    ----------
    Sutskever, I., Vinyals, O. & Le, Q. (2014). Sequence to sequence learning with neural networks. NIPS.
    Cho, K. et al. (2014). Learning phrase representations using RNN encoder-decoder. EMNLP.
    Luong, M.-T., Pham, H. & Manning, C. (2015). Effective approaches to attention-based neural machine translation. EMNLP.
    """

    def __init__(self, source_size, target_size, hidden_size, embedding_size=16, attention=True, cell="gru", *, rng):
        _check.choice("Seq2Seq", "cell", cell, tuple(CELLS))
        self.attention = attention
        self.source = Embedding(source_size, embedding_size, rng=rng)
        self.target = Embedding(target_size, embedding_size, rng=rng)
        self.encoder = CELLS[cell](embedding_size, hidden_size, rng=rng)
        self.decoder = CELLS[cell](embedding_size, hidden_size, rng=rng)
        if attention:
            self.mix = Linear(2 * hidden_size, hidden_size, rng=rng)
        self.output = Linear(hidden_size, target_size, rng=rng)

    def encode(self, source):
        """All states (N, S, H), where they are real (N, S), and each sequence's last state."""
        source = check_tokens("Seq2Seq", "source", source)
        real = source != PAD
        lengths, x = real.sum(axis=1), self.source(source.T)
        states, state, last, start = [], None, None, 0
        for end in np.unique(lengths):         # read until the next sequence ends
            out, state = self.encoder(x[start:end], state)
            states.append(out)
            ends_here = (lengths == end)[:, None].astype(x.dtype)
            mine = [part * ends_here for part in _flat(state)]
            last = mine if last is None else [a + b for a, b in zip(last, mine)]
            start = end
        last = [tuple(last)] if len(last) == 2 else last
        return cat(states).transpose(0, 1), real[:, :start], last

    def decode(self, inputs, memory, need_weights=False):
        """Scores (N, U, target_size) of what follows each input; with ``need_weights`` also a_ut, shape (N, U, S)."""
        inputs = check_tokens("Seq2Seq", "inputs", inputs)
        h, real, last = memory
        s, _ = self.decoder(self.target(inputs.T), last)
        s, weights = s.transpose(0, 1), None                  # (N, U, H)
        if self.attention:
            look = dict(attn_mask=real[:, None], scale=1.0)
            context = scaled_dot_product_attention(s, h, h, **look)
            if need_weights:
                weights = attention_weights(s.data, h.data, **look)
            s = tanh(self.mix(cat([context, s], dim=2)))
        scores = self.output(s)
        return (scores, weights) if need_weights else scores

    def forward(self, source, inputs):
        return self.decode(inputs, self.encode(source))


def _flat(state):
    return state[0] if isinstance(state[0], tuple) else state


class Transformer(Module):
    r"""Encoder and decoder without recurrence: attention layers only (A70).

    Parameters
    ----------
    source_size, target_size : int
        Numbers of tokens, padding, start and stop included.
    d_model, nhead, dim_feedforward : int
    num_layers : int
        Of the encoder, and of the decoder.
    dropout : float
    positions : bool
        Whether sine waves mark the positions; without them the encoder cannot tell any order.
    max_len : int
        The longest sequence it takes.
    rng : numpy.random.Generator

    Raises
    ------
    ValueError
        If a sequence is empty, longer than ``max_len``, padded at the start, or holds an unknown token.

    Examples
    --------
    >>> model = Transformer(13, 13, 16, 4, 32, rng=np.random.default_rng(0))
    >>> model([[3, 4, 5], [6, 7, 0]], [[1, 8], [1, 9]]).shape
    (2, 2, 13)

    References
    ----------
    Vaswani, A. et al. (2017). Attention is all you need. NIPS.
    """

    def __init__(self, source_size, target_size, d_model=32, nhead=4, dim_feedforward=64, num_layers=1, dropout=0.0,
                 positions=True, max_len=64, *, rng):
        sizes = d_model, nhead, dim_feedforward, dropout
        self.source = Embedding(source_size, d_model, rng=rng)
        self.target = Embedding(target_size, d_model, rng=rng)
        self.positions = PositionalEncoding(d_model, max_len) if positions else None
        self.encoder = [TransformerEncoderLayer(*sizes, batch_first=True, rng=rng) for _ in range(num_layers)]
        self.decoder = [TransformerDecoderLayer(*sizes, batch_first=True, rng=rng) for _ in range(num_layers)]
        self.output = Linear(d_model, target_size, rng=rng)

    def place(self, x):
        """Mark the positions, if this network does."""
        return x if self.positions is None else self.positions(x)

    def encode(self, source):
        """What the encoder says of each token (N, S, E), and where there is padding (N, S)."""
        source = check_tokens("Transformer", "source", source)
        padding = source == PAD
        x = self.place(self.source(source))
        for layer in self.encoder:
            x = layer(x, src_key_padding_mask=padding)
        return x, padding

    def decode(self, inputs, memory):
        """Scores (N, U, target_size) of what follows each input; each sees only those before it."""
        inputs = check_tokens("Transformer", "inputs", inputs)
        memory, padding = memory
        x = self.place(self.target(inputs))
        for layer in self.decoder:
            x = layer(x, memory, causal_mask(inputs.shape[1]),
                      memory_key_padding_mask=padding)
        return self.output(x)

    def forward(self, source, inputs):
        return self.decode(inputs, self.encode(source))


class LanguageModel(Module):
    r"""One network for both sequences: it reads source and target as *one* and predicts only the target (A68).

    A causal Transformer; every token sees itself and those before it.

    Parameters
    ----------
    size : int
        Number of tokens, common to source and target.
    d_model, nhead, dim_feedforward, num_layers, dropout, max_len, rng
        As in :class:`Transformer`.

    Examples
    --------
    >>> model = LanguageModel(13, 16, 4, 32, rng=np.random.default_rng(0))
    >>> tokens, mask = concatenate([[3, 4, 5], [6, 7, 0]], [[1, 8], [1, 9]])
    >>> model(tokens).shape, model.decode([[1, 8], [1, 9]], model.encode([[3, 4, 5], [6, 7, 0]])).shape
    ((2, 5, 13), (2, 2, 13))
    """

    def __init__(self, size, d_model=32, nhead=4, dim_feedforward=64, num_layers=1, dropout=0.0, max_len=64, *, rng):
        self.embedding, self.positions = Embedding(size, d_model, rng=rng), PositionalEncoding(d_model, max_len)
        self.layers = [TransformerEncoderLayer(d_model, nhead, dim_feedforward, dropout, batch_first=True, rng=rng)
                       for _ in range(num_layers)]
        self.output = Linear(d_model, size, rng=rng)

    def forward(self, tokens, inputs=None):
        """Scores (N, T, size) of what follows each token; given ``inputs``, of what follows those after ``tokens``."""
        if inputs is not None:
            return self.decode(inputs, self.encode(tokens))
        x = self.positions(self.embedding(check_tokens("LanguageModel", "tokens", tokens)))
        for layer in self.layers:
            x = layer(x, causal_mask(x.shape[1]))
        return self.output(x)

    def encode(self, source):
        """The source itself: there is no encoder."""
        return check_tokens("LanguageModel", "source", source)

    def decode(self, inputs, source):
        """Scores (N, U, size) at the places of ``inputs``, behind each source."""
        inputs = check_tokens("LanguageModel", "inputs", inputs)
        places = (source != PAD).sum(axis=1)[:, None] + np.arange(inputs.shape[1])
        scores = self(concatenate(source, inputs)[0])
        return scores[np.arange(len(source))[:, None], places]


# -- learning --------------------------------------------------------------------------------------------

def masked_cross_entropy(logits, target, mask=None):
    r"""Cross-entropy over the positions that count (A68).

    .. math:: L = -\frac{1}{|M|} \sum_{(n,u) \in M} \log p(y_{nu} \mid y_{n,<u}, x_n)

    Parameters
    ----------
    logits : Tensor, shape (N, U, V)
    target : array_like of int, shape (N, U)
    mask : array_like of bool, shape (N, U), optional
        M; by default all positions that are not padding.

    Returns
    -------
    Tensor, a scalar in nats

    Raises
    ------
    ValueError
        If the shapes do not fit, or the mask leaves no position.

    Examples
    --------
    >>> from course_lib import Tensor
    >>> logits = Tensor(np.zeros((1, 3, 4)))
    >>> round(masked_cross_entropy(logits, [[3, 2, 0]]).item(), 4)          # log 4, over two positions
    1.3863
    """
    target = np.asarray(target)
    mask = target != PAD if mask is None else np.asarray(mask)
    _check_masked(logits, target, mask)
    losses = cross_entropy(logits.reshape(-1, logits.shape[2]),
                           target.ravel(), "none")
    losses = losses * mask.ravel().astype(logits.dtype)
    return losses.sum() / int(mask.sum())


def _check_masked(logits, target, mask):
    if logits.ndim != 3 or target.shape != logits.shape[:2]:
        raise ValueError(f"masked_cross_entropy: target must have shape {logits.shape[:2]} because logits are "
                         f"{logits.shape}, but is {target.shape}")
    if mask.shape != target.shape or mask.dtype != bool:
        raise ValueError(f"masked_cross_entropy: mask must be of bool with shape {target.shape}, but is of {mask.dtype} "
                         f"with {mask.shape}")
    if not mask.any():
        raise ValueError("masked_cross_entropy: mask must leave at least one position, but leaves none")


def train(model, source, target, *, optimizer, updates, batch_size=64,
          clip_norm=1.0, schedule=None, rng):
    """Teach ``model`` to write ``target`` after ``source``, with teacher forcing (A68).

    At every step the decoder reads the *right* tokens before it, not those it would have written itself.

    Parameters
    ----------
    model : Seq2Seq, Transformer or LanguageModel
    source, target : ndarrays of int, shapes (N, S), (N, U)
        Padded at the end; every target ends in a stop.
    optimizer : Optimizer
    updates, batch_size : int
    clip_norm : float
    schedule : Schedule, optional
        Its ``step()`` is called after every update.
    rng : numpy.random.Generator

    Returns
    -------
    list of float
        The loss before every update.

    Raises
    ------
    ValueError
        If source and target are not equally many.
    Diverged
        As soon as the loss is not finite.
    """
    source, target = check_pairs("train", source, target)
    _check.whole("train", at_least=1, updates=updates, batch_size=batch_size)
    _check.generator("train", rng)

    def batch_loss(step):
        rows = rng.integers(len(source), size=batch_size)
        logits = model(source[rows], shift(target[rows]))
        return masked_cross_entropy(logits, target[rows])

    return fit_batches(model, batch_loss, updates, optimizer=optimizer,
                       schedule=schedule, clip_norm=clip_norm)


# -- writing ---------------------------------------------------------------------------------------------

def greedy(model, source, max_length):
    """Write the most probable token, read it, and so on until the stop (A68).

    Parameters
    ----------
    model
        Anything with ``encode(source)`` and ``decode(inputs, memory)``.
    source : ndarray of int, shape (N, S)
    max_length : int
        A sequence without a stop ends here.

    Returns
    -------
    ndarray of int, shape (N, U)
        Stops included, padded behind them; U is at most ``max_length``.
    """
    _check.whole("greedy", at_least=1, max_length=max_length)
    with no_grad():
        memory = model.encode(source)
        written = np.full((len(source), 1), START)
        running = np.ones(len(source), bool)
        while running.any() and written.shape[1] <= max_length:
            scores = _log_probabilities(model, written, memory)
            chosen = np.where(running, scores.argmax(axis=1), PAD)
            written = np.column_stack([written, chosen])
            running &= chosen != STOP
    return written[:, 1:]


def beam(model, source, width, max_length):
    """Keep the ``width`` most probable beginnings at every step, and compare whole sequences in the end (A68).

    Parameters
    ----------
    model
        As in :func:`greedy`, which this is for ``width=1``.
    source : ndarray of int, shape (S,)
        One sequence.
    width, max_length : int

    Returns
    -------
    list of (list of int, float)
        Sequences and the logarithm of their probability, the most probable first.

    References
    ----------
    Sutskever, I., Vinyals, O. & Le, Q. (2014). Sequence to sequence learning with neural networks. NIPS.
    """
    _check.whole("beam", at_least=1, width=width, max_length=max_length)
    source = _check.array("beam", "source", source, ("S",))
    written, total, complete = np.full((1, 1), START), np.zeros(1), []
    with no_grad():
        for _ in range(max_length):
            memory = model.encode(np.tile(source, (len(written), 1)))
            sums = (total[:, None]
                    + _log_probabilities(model, written, memory))
            best = np.argsort(-sums, axis=None, kind="stable")
            best = best[:width - len(complete)]        # places left in the beam
            best = best[np.isfinite(sums.ravel()[best])]
            rows, tokens = np.unravel_index(best, sums.shape)
            written = np.column_stack([written[rows], tokens])
            total, ends = sums[rows, tokens], tokens == STOP
            complete += _named(written[ends], total[ends])
            written, total = written[~ends], total[~ends]
            if len(complete) == width or not len(written):
                break
    return sorted(complete + _named(written, total), key=lambda pair: -pair[1])


def _named(written, total):
    return [(row[1:].tolist(), float(score)) for row, score in zip(written, total)]


def _log_probabilities(model, written, memory):
    """Of the next token, (N, V); padding and a second start are never written."""
    scores = model.decode(written, memory).data[:, -1].astype(np.float64)
    scores[:, [PAD, START]] = -np.inf
    scores -= scores.max(axis=1, keepdims=True)
    return scores - np.log(np.exp(scores).sum(axis=1, keepdims=True))


def exact(written, target):
    """Which sequences are right from the first token to the stop, as an array (N,) of bool (A68).

    >>> exact([[5, 2, 0], [5, 6, 7]], [[5, 2], [5, 6]]).tolist()
    [True, False]
    """
    written, target = np.asarray(written), np.asarray(target)
    width = max(written.shape[1], target.shape[1])
    written, target = (np.pad(a, ((0, 0), (0, width - a.shape[1]))) for a in (written, target))
    return (written == target).all(axis=1)


# -- looking inside --------------------------------------------------------------------------------------

def attention_maps(model, *inputs):
    """Who looks where: the weights of every head while ``model`` computes its answer to ``inputs`` (A70).

    Parameters
    ----------
    model : Module
        With :class:`~course_lib.nn.MultiheadAttention` somewhere inside. It is not changed.
    *inputs
        What the model is called with.

    Returns
    -------
    dict of str to ndarray, shape (N, heads, L, S)
        By the name of the layer, such as "decoder.0.multihead_attn".

    Examples
    --------
    >>> model = Transformer(13, 13, 16, 4, 32, rng=np.random.default_rng(0))
    >>> for name, weights in attention_maps(model, [[3, 4, 5]], [[1, 8]]).items():
    ...     print(name, weights.shape)
    encoder.0.self_attn (1, 4, 3, 3)
    decoder.0.self_attn (1, 4, 2, 2)
    decoder.0.multihead_attn (1, 4, 2, 3)
    """
    model, maps = copy.deepcopy(model).eval(), {}
    for name, layer in _attentions(model):
        layer.forward = _recorded(layer, name, maps)
    with no_grad():
        model(*inputs)
    return maps


def _attentions(module, prefix=""):
    for name, child in module.children():
        if isinstance(child, MultiheadAttention):
            yield prefix + name, child
        yield from _attentions(child, f"{prefix}{name}.")


def _recorded(layer, name, maps):
    forward = layer.forward

    def record(query, key, value, key_padding_mask=None, attn_mask=None, need_weights=True):
        out, maps[name] = forward(query, key, value, key_padding_mask, attn_mask, average_attn_weights=False)
        return out, maps[name].mean(axis=1) if need_weights else None
    return record
