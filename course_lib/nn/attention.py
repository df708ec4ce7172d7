"""Attention: every position asks all others, and mixes their answers by how well they fit (chapter 17)."""
import math

import numpy as np

from .. import _check
from .. import init as schemes
from ..tensor import Tensor, as_tensor
from .activations import relu, softmax, tanh
from .dropout import Dropout
from .linear import Linear, linear
from .module import Module, Parameter
from .normalization import LayerNorm


def attention_weights(query, key, attn_mask=None, *, scale=None):
    r"""How much each query attends to each key (A69, A70).

    .. math:: A = \operatorname{softmax}\bigl(s\,Q K^\top + M\bigr), \qquad s = 1 / \sqrt E

    Parameters
    ----------
    query, key : ndarray, shapes (..., L, E), (..., S, E)
    attn_mask : ndarray of bool, shape broadcasting to (..., L, S), optional
        True where a query *may* look.
    scale : float, optional
        s; 1 for the lecture's plain dot products.

    Returns
    -------
    ndarray, shape (..., L, S)
        Rows sum to 1.

    Raises
    ------
    ValueError
        If the shapes do not fit, or the mask leaves a query nothing to look at.

    Examples
    --------
    >>> attention_weights(np.array([[10.0, 5.0]]), np.array([[0.0, 1.0], [1.0, 1.0]]), scale=1.0).round(4)
    array([[0., 1.]])
    """
    _check_query(query, key)
    # (..., S, L), a query in each column: NumPy adds rows up fastest.
    scores = key @ np.ascontiguousarray(query.swapaxes(-1, -2))
    scores *= 1 / math.sqrt(query.shape[-1]) if scale is None else scale
    if attn_mask is not None:
        mask = _check_mask(attn_mask, scores.swapaxes(-1, -2).shape)
        scores[~mask.swapaxes(-1, -2)] = -np.inf
    scores -= scores.max(axis=-2, keepdims=True)   # exp cannot overflow
    np.exp(scores, out=scores)
    total = np.ones(key.shape[-2], scores.dtype) @ scores        # a fast sum
    scores /= total[..., None, :]
    return scores.swapaxes(-1, -2)


def scaled_dot_product_attention(query, key, value, attn_mask=None,
                                 *, scale=None):
    r"""Mixtures of values, by how well their keys fit the query (A69, A70).

    .. math:: O = A V, \qquad A = \operatorname{softmax}(s\,Q K^\top + M), \qquad
              \frac{\partial L}{\partial S} = A \odot \Bigl(D - \sum_j A_j D_j\Bigr), \quad D = \frac{\partial L}{\partial O} V^\top

    with the scores :math:`S = s\,QK^\top`, of which :math:`Q` and :math:`K` get their gradients.

    Parameters
    ----------
    query, key, value : Tensor or array_like, shapes (..., L, E), (..., S, E), (..., S, V)
    attn_mask, scale
        As in :func:`attention_weights`.

    Returns
    -------
    Tensor, shape (..., L, V)

    Raises
    ------
    ValueError
        If the shapes do not fit, or the mask leaves a query nothing to look at.

    Examples
    --------
    >>> states = np.array([[0.0, 1, 1], [5, 0, 1], [1, 1, 0], [0, 5, 1]])          # the lecture's encoder states
    >>> scaled_dot_product_attention(np.array([[10.0, 5, 10]]), states, states, scale=1.0).data.round(3)
    array([[5., 0., 1.]])

    References
    ----------
    Bahdanau, D., Cho, K. & Bengio, Y. (2015). Neural machine translation by jointly learning to align and
    translate. ICLR.
    Vaswani, A. et al. (2017). Attention is all you need. NIPS.
    """
    query, key, value = as_tensor(query), as_tensor(key), as_tensor(value)
    if value.shape[:-1] != key.shape[:-1]:
        raise ValueError("attention: key and value must be equally many, "
                         f"but are {key.shape} and {value.shape}")
    scale = 1 / math.sqrt(query.shape[-1]) if scale is None else scale
    weights = attention_weights(query.data, key.data, attn_mask, scale=scale)
    out = weights @ value.data

    def backward(grad):
        A = weights.swapaxes(-1, -2)               # (..., S, L), as computed
        dS = value.data @ np.ascontiguousarray(grad.swapaxes(-1, -2))    # D
        # The sum of A_j D_j, with D_j = grad · v_j, is grad · out.
        dS -= np.einsum("...v,...v->...", grad, out)[..., None, :]
        dS *= A
        dS *= scale
        return dS.swapaxes(-1, -2) @ key.data, dS @ query.data, A @ grad
    return Tensor.from_op(out, (query, key, value), backward)


def embedding(indices, weight):
    """Row ``indices`` of a table: the learned vector of each word (A70).

    Parameters
    ----------
    indices : array_like of int, any shape
    weight : Tensor, shape (V, E)

    Returns
    -------
    Tensor, shape (*indices.shape, E)

    Raises
    ------
    ValueError
        If an index is not in the table.

    Examples
    --------
    >>> embedding([2, 0], Tensor([[1.0, 2.0], [3.0, 4.0], [5.0, 6.0]])).data.tolist()
    [[5.0, 6.0], [1.0, 2.0]]
    """
    indices = _check.array("embedding", "indices", indices, (...,))
    if indices.dtype.kind not in "iu" or (indices.size and not 0 <= indices.min() <= indices.max() < len(weight)):
        bad = indices[(indices < 0) | (indices >= len(weight)) | (indices != np.floor(indices))]
        what = f"has {bad[0]}" if bad.size else f"has dtype {indices.dtype}"
        raise ValueError(f"embedding: indices must be whole numbers from 0 to {len(weight) - 1}, but {what}")

    def backward(grad):
        out = np.zeros_like(weight.data)
        np.add.at(out, indices, grad)
        return (out,)
    return Tensor.from_op(weight.data[indices], (weight,), backward)


def positional_encoding(length, d_model):
    r"""Waves that tell positions apart: a fast clock in the first features, slow ones in the last (A70).

    .. math:: P_{p,2i} = \sin\bigl(p / 10000^{2i/d}\bigr), \qquad P_{p,2i+1} = \cos\bigl(p / 10000^{2i/d}\bigr)

    Returns
    -------
    ndarray, float32, shape (length, d_model)

    Examples
    --------
    >>> positional_encoding(2, 4).round(3)
    array([[0.   , 1.   , 0.   , 1.   ],
           [0.841, 0.54 , 0.01 , 1.   ]], dtype=float32)
    """
    _check.whole("positional_encoding", at_least=1, length=length,
                 d_model=d_model)
    even = np.arange(0, d_model, 2)
    angle = np.arange(length)[:, None] / 10000 ** (even / d_model)
    out = np.empty((length, d_model), np.float32)
    out[:, 0::2], out[:, 1::2] = np.sin(angle), np.cos(angle[:, :d_model // 2])
    return out


def causal_mask(length):
    """True where a position must *not* look: at its future. For ``attn_mask`` of the layers below (A70).

    >>> causal_mask(3).astype(int).tolist()
    [[0, 1, 1], [0, 0, 1], [0, 0, 0]]
    """
    return np.triu(np.ones((length, length), bool), 1)


def _check_query(query, key):
    if query.ndim < 2 or key.ndim < 2 or query.shape[:-2] != key.shape[:-2] or query.shape[-1] != key.shape[-1]:
        raise ValueError(f"attention: query must have shape (..., L, E) and key (..., S, E), but are {query.shape} and "
                         f"{key.shape}")


def _check_mask(mask, shape):
    mask = np.asarray(mask)
    if mask.dtype != bool:
        raise TypeError(f"attention: the mask must be of bool, but is of {mask.dtype}")
    try:
        full = np.broadcast_to(mask, shape)
    except ValueError:
        raise ValueError(f"attention: the mask must broadcast to {shape}, but is {mask.shape}") from None
    if not full.any(axis=-1).all():
        where = tuple(int(i) for i in np.argwhere(~full.any(axis=-1))[0])
        raise ValueError(f"attention: the mask must leave every query something to look at, but query {where} has nothing")
    return full


# -- layers ----------------------------------------------------------------------------------------------

class Embedding(Module):
    """:func:`embedding` with its own table, drawn from a standard normal distribution."""

    def __init__(self, num_embeddings, embedding_dim, *, rng):
        _check.whole("Embedding", at_least=1, num_embeddings=num_embeddings, embedding_dim=embedding_dim)
        self.weight = Parameter(rng.standard_normal((num_embeddings, embedding_dim), np.float32))

    def forward(self, indices):
        return embedding(indices, self.weight)

    def __repr__(self):
        return f"Embedding{self.weight.shape}"


class PositionalEncoding(Module):
    """Add :func:`positional_encoding` to a sequence (N, T, E).

    Parameters
    ----------
    d_model : int
    max_len : int
        The longest sequence it takes.
    """

    def __init__(self, d_model, max_len=1000):
        self.table = positional_encoding(max_len, d_model)

    def forward(self, x):
        if x.ndim != 3 or x.shape[1] > len(self.table) or x.shape[2] != self.table.shape[1]:
            raise ValueError(f"PositionalEncoding: x must have shape (N, T, {self.table.shape[1]}) with T at most "
                             f"{len(self.table)}, but is {x.shape}")
        return x + self.table[:x.shape[1]].astype(x.dtype)


class AdditiveAttention(Module):
    r"""Bahdanau's attention: a small network scores how well query and key fit (A69).

    .. math:: e_t = v^\top \tanh(W_1 s + W_2 h_t), \qquad a = \operatorname{softmax}(e), \qquad c = \sum_t a_t h_t

    Parameters
    ----------
    query_size, key_size, hidden_size : int
    rng : numpy.random.Generator
    """

    def __init__(self, query_size, key_size, hidden_size, *, rng):
        self.W1 = Linear(query_size, hidden_size, bias=False, rng=rng)
        self.W2 = Linear(key_size, hidden_size, bias=False, rng=rng)
        self.v = Linear(hidden_size, 1, bias=False, rng=rng)

    def forward(self, query, keys):
        """query (N, Q), keys (N, T, K) -> context (N, K), weights (N, T)."""
        query = self.W1(query)
        query = query.reshape(query.shape[0], 1, -1)
        scores = self.v(tanh(query + self.W2(keys)))       # (N, T, 1)
        weights = softmax(scores, dim=1)
        return (weights * keys).sum(1), weights.reshape(*weights.shape[:2])


class MultiheadAttention(Module):
    r"""Several attentions side by side, each on its own projection (A70).

    .. math:: \operatorname{head}_i = \operatorname{attention}(Q W_i^Q, K W_i^K, V W_i^V), \qquad
              O = [\operatorname{head}_1, \dots, \operatorname{head}_h]\, W^O

    Parameters
    ----------
    embed_dim, num_heads : int
        The heads must divide ``embed_dim``.
    batch_first : bool
        Whether sequences are (N, T, E) instead of (T, N, E).
    rng : numpy.random.Generator

    Raises
    ------
    ValueError
        If the heads do not divide the features; in ``forward`` if shapes or masks do not fit.

    Examples
    --------
    >>> attend = MultiheadAttention(8, 2, batch_first=True, rng=np.random.default_rng(0))
    >>> x = np.ones((5, 7, 8), np.float32)
    >>> output, weights = attend(x, x, x)
    >>> output.shape, weights.shape
    ((5, 7, 8), (5, 7, 7))
    """

    def __init__(self, embed_dim, num_heads, batch_first=False, *, rng):
        _check.whole("MultiheadAttention", at_least=1, embed_dim=embed_dim, num_heads=num_heads)
        if embed_dim % num_heads:
            raise ValueError(f"MultiheadAttention: num_heads must divide embed_dim, but is {num_heads} for {embed_dim}")
        self.num_heads, self.batch_first = num_heads, batch_first
        self.in_proj_weight = Parameter(schemes.xavier_uniform((3 * embed_dim, embed_dim), rng))
        self.in_proj_bias = Parameter(np.zeros(3 * embed_dim, np.float32))
        self.out_proj = Linear(embed_dim, embed_dim, rng=rng)
        self.out_proj.bias.data[:] = 0

    def forward(self, query, key, value, key_padding_mask=None,
                attn_mask=None, need_weights=True, average_attn_weights=True):
        """Output, and the weights averaged over the heads (None without ``need_weights``).

        ``key_padding_mask`` (N, S) and ``attn_mask`` (L, S) are of bool, True where *not* to look, as in PyTorch.
        Without ``average_attn_weights`` the weights of every head come alone, (N, heads, L, S).
        """
        alone = query is key and key is value
        W, b = self.in_proj_weight, self.in_proj_bias
        E = W.shape[1]
        query, key, value = (self._input(name, x) for name, x in
                             (("query", query), ("key", key), ("value", value)))
        if alone:
            projected = (linear(query, W, b),)             # all three in one product
        else:
            thirds = [slice(i * E, (i + 1) * E) for i in range(3)]
            projected = tuple(linear(x, W[third], b[third]) for x, third
                              in zip((query, key, value), thirds))
        q, k, v = (part for x in projected for part in self._split(x.data))
        allowed = self._allowed(key_padding_mask, attn_mask, len(q), q.shape[2], k.shape[2])
        mixed = self._attend(projected, (q, k, v), allowed)
        weights = None
        if need_weights:
            weights = attention_weights(q, k, allowed)
            weights = weights.mean(axis=1) if average_attn_weights else weights
        return self.out_proj(mixed), weights

    def _input(self, name, x):
        E = self.in_proj_weight.shape[1]
        x = as_tensor(x, self.in_proj_weight.dtype)
        if x.ndim != 3 or x.shape[2] != E:
            axes = f"(N, T, {E})" if self.batch_first else f"(T, N, {E})"
            raise ValueError(f"MultiheadAttention: {name} must have shape {axes}, but is {x.shape}")
        return x

    def _attend(self, projected, parts, allowed):
        """All heads as one operation: around their attention nothing but copies."""
        inputs = (Tensor(part, requires_grad=True) for part in parts)
        heads = scaled_dot_product_attention(*inputs, allowed)

        def backward(grad):
            grads = heads._backward(*self._split(grad))
            if len(projected) == 1:                        # q, k and v in one
                return (self._join(*grads),)
            return tuple(self._join(g) for g in grads)
        return Tensor.from_op(self._join(heads.data), projected, backward)

    def _split(self, x):
        """(N, T, E) as (1, N, heads, T, E / heads), in memory too; (N, T, 3 E) as three of them."""
        x = x if self.batch_first else x.swapaxes(0, 1)
        E = self.in_proj_weight.shape[1]
        x = x.reshape(*x.shape[:2], -1, self.num_heads, E // self.num_heads)
        return np.ascontiguousarray(x.transpose(2, 0, 3, 1, 4))

    def _join(self, *parts):
        """The inverse: heads side by side."""
        x = np.stack(parts).transpose(1, 3, 0, 2, 4)       # (N, T, parts, heads, E / heads)
        x = x if self.batch_first else x.swapaxes(0, 1)
        return x.reshape(*x.shape[:2], -1)

    @staticmethod
    def _allowed(key_padding_mask, attn_mask, N, L, S):
        """One mask, True where to look; shape broadcasting to (N, heads, L, S)."""
        masks = []
        for name, mask, shape in (("key_padding_mask", key_padding_mask, (N, S)), ("attn_mask", attn_mask, (L, S))):
            if mask is not None:
                mask = np.asarray(mask)
                if mask.shape != shape or mask.dtype != bool:
                    raise ValueError(f"MultiheadAttention: {name} must be of bool with shape {shape}, but is of {mask.dtype} "
                                     f"with {mask.shape}")
                masks.append(~mask[:, None, None] if name == "key_padding_mask" else ~mask)
        return np.logical_and(*masks) if len(masks) == 2 else masks[0] if masks else None


class TransformerEncoderLayer(Module):
    r"""Self-attention, then a small network at every position, each with shortcut and normalization (A70).

    .. math:: x \leftarrow \operatorname{LN}(x + \operatorname{attention}(x)), \qquad
              x \leftarrow \operatorname{LN}\bigl(x + W_2\,\mathrm{relu}(W_1 x + b_1) + b_2\bigr)

    Parameters
    ----------
    d_model, nhead, dim_feedforward : int
    dropout : float
        On the output of both parts, and inside the small network.
    batch_first : bool
    norm_first : bool
        Normalise before each part instead of after the sum: :math:`x + \operatorname{part}(\operatorname{LN}(x))`.
    rng : numpy.random.Generator

    Examples
    --------
    >>> block = TransformerEncoderLayer(8, 2, 16, batch_first=True, rng=np.random.default_rng(0))
    >>> block(Tensor(np.ones((5, 7, 8), np.float32))).shape
    (5, 7, 8)

    References
    ----------
    Vaswani, A. et al. (2017). Attention is all you need. NIPS.
    """

    def __init__(self, d_model, nhead, dim_feedforward=2048, dropout=0.1,
                 batch_first=False, norm_first=False, *, rng):
        self.self_attn = MultiheadAttention(d_model, nhead, batch_first,
                                            rng=rng)
        self.linear1 = Linear(d_model, dim_feedforward, rng=rng)
        self.dropout = Dropout(dropout, rng=rng)
        self.linear2 = Linear(dim_feedforward, d_model, rng=rng)
        self.norm1, self.norm2 = LayerNorm(d_model), LayerNorm(d_model)
        self.norm_first = norm_first

    def forward(self, src, src_mask=None, src_key_padding_mask=None):
        def attend(x):
            return self.self_attn(x, x, x, src_key_padding_mask, src_mask,
                                  need_weights=False)[0]

        x = self.add(src, attend, self.norm1)
        return self.add(x, self.feed_forward, self.norm2)

    def feed_forward(self, x):
        """The small network, the same at every position."""
        return self.linear2(self.dropout(relu(self.linear1(x))))

    def add(self, x, part, norm):
        """Shortcut around a part, and normalization."""
        if self.norm_first:
            return x + self.dropout(part(norm(x)))
        return norm(x + self.dropout(part(x)))


class TransformerDecoderLayer(TransformerEncoderLayer):
    """As the encoder's, and in the middle an attention to what the encoder says (A70). Parameters as there.

    Examples
    --------
    >>> block = TransformerDecoderLayer(8, 2, 16, batch_first=True, rng=np.random.default_rng(0))
    >>> sentence, memory = Tensor(np.ones((5, 4, 8), np.float32)), Tensor(np.ones((5, 7, 8), np.float32))
    >>> block(sentence, memory, tgt_mask=causal_mask(4)).shape
    (5, 4, 8)
    """

    def __init__(self, d_model, nhead, dim_feedforward=2048, dropout=0.1,
                 batch_first=False, norm_first=False, *, rng):
        super().__init__(d_model, nhead, dim_feedforward, dropout, batch_first,
                         norm_first, rng=rng)
        self.multihead_attn = MultiheadAttention(d_model, nhead, batch_first,
                                                 rng=rng)
        self.norm3 = LayerNorm(d_model)

    def forward(self, tgt, memory, tgt_mask=None, memory_mask=None,
                tgt_key_padding_mask=None, memory_key_padding_mask=None):
        def attend(x):
            return self.self_attn(x, x, x, tgt_key_padding_mask, tgt_mask,
                                  need_weights=False)[0]

        def ask(x):
            return self.multihead_attn(x, memory, memory,
                                       memory_key_padding_mask, memory_mask,
                                       need_weights=False)[0]

        x = self.add(tgt, attend, self.norm1)
        x = self.add(x, ask, self.norm2)
        return self.add(x, self.feed_forward, self.norm3)
