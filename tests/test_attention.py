"""Attention and the Transformer's blocks: against PyTorch on the same weights, masks included (A69, A70)."""
import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib import F, Tensor, nn
from course_lib.gradcheck import gradcheck
from course_lib.nn.attention import attention_weights, causal_mask, embedding, positional_encoding
from test_gradients import DRAW, compare, seeds

TF = torch.nn.functional


def rng():
    return np.random.default_rng(0)


@settings(**DRAW)
@given(lead=st.sampled_from([(), (2,), (2, 3)]), L=st.integers(1, 4), S=st.integers(1, 4), E=st.integers(1, 5),
       V=st.integers(1, 4), masked=st.booleans(), scale=st.sampled_from([None, 1.0]), seed=seeds)
def test_scaled_dot_product_attention(lead, L, S, E, V, masked, scale, seed):
    """A69, A70 with and without mask and scaling; the weights' rows sum to 1."""
    draw = np.random.default_rng(seed)
    arrays = [draw.standard_normal((*lead, *shape)) for shape in ((L, E), (S, E), (S, V))]
    mask = None
    if masked:
        mask = draw.random((L, S)) < 0.5
        mask[np.arange(L), draw.integers(0, S, L)] = True
    their_mask = None if mask is None else torch.tensor(mask)
    compare(lambda *t: F.scaled_dot_product_attention(*t, mask, scale=scale),
            lambda *t: TF.scaled_dot_product_attention(*t, attn_mask=their_mask, scale=scale), arrays, draw)
    assert gradcheck(lambda *t: F.scaled_dot_product_attention(*t, mask, scale=scale),
                     [Tensor(a, requires_grad=True) for a in arrays], rng=draw) <= 1e-6
    weights = attention_weights(*arrays[:2], mask, scale=scale)
    np.testing.assert_allclose(weights.sum(-1), 1, atol=1e-12)
    assert mask is None or not weights[..., ~mask].any()


def test_the_lectures_attention_example():
    """Encoder states and query of S1-101 ff.: scores 15, 60, 15, 35 and the context [5, 0, 1]."""
    states, query = np.array([[0.0, 1, 1], [5, 0, 1], [1, 1, 0], [0, 5, 1]]), np.array([[10.0, 5, 10]])
    assert (query @ states.T).ravel().tolist() == [15, 60, 15, 35]
    np.testing.assert_allclose(F.scaled_dot_product_attention(query, states, states, scale=1.0).data, [[5, 0, 1]], atol=1e-9)
    alike = np.ones((4, 3))
    np.testing.assert_allclose(F.scaled_dot_product_attention(query, alike, states).data, states.mean(0, keepdims=True))


def loaded(ours, theirs):
    theirs.double().load_state_dict({name: torch.tensor(value) for name, value in ours.state_dict().items()})
    return theirs.eval()


def same(ours, theirs, arrays, call, their_call=None):
    """Values and all gradients, of inputs and parameters, to 1e-10."""
    mine, other = [Tensor(a, requires_grad=True) for a in arrays], [torch.tensor(a, requires_grad=True) for a in arrays]
    out, expected = call(ours, *mine), (their_call or call)(theirs, *other)
    np.testing.assert_allclose(out.data, expected.detach().numpy(), rtol=0, atol=1e-10)
    upstream = rng().standard_normal(out.shape)
    out.backward(upstream)
    expected.backward(torch.tensor(upstream))
    for a, b in zip(mine, other):
        np.testing.assert_allclose(a.grad, b.grad.numpy(), rtol=0, atol=1e-10)
    for (name, p), q in zip(sorted(ours.named_parameters()), sorted(theirs.named_parameters())):
        np.testing.assert_allclose(p.grad, q[1].grad.numpy(), rtol=0, atol=1e-10, err_msg=name)


@pytest.mark.parametrize("batch_first", [True, False])
@pytest.mark.parametrize("masks", ["none", "causal", "padding", "both"])
def test_multihead_self_attention_equals_torch(batch_first, masks):
    ours = nn.MultiheadAttention(6, 3, batch_first, rng=rng()).to(np.float64)
    ours.in_proj_bias.data[:] = rng().standard_normal(18)
    theirs = loaded(ours, torch.nn.MultiheadAttention(6, 3, batch_first=batch_first))
    x = rng().standard_normal((2, 4, 6) if batch_first else (4, 2, 6))
    padding = np.array([[False, False, False, True], [False, False, True, True]]) if masks in ("padding", "both") else None
    causal = causal_mask(4) if masks in ("causal", "both") else None
    their_padding, their_causal = (None if m is None else torch.tensor(m) for m in (padding, causal))
    same(ours, theirs, [x], lambda m, x: m(x, x, x, key_padding_mask=padding, attn_mask=causal)[0],
         lambda m, x: m(x, x, x, key_padding_mask=their_padding, attn_mask=their_causal)[0])
    _, weights = ours(x, x, x, padding, causal)
    expected = theirs(*[torch.tensor(x)] * 3, key_padding_mask=their_padding, attn_mask=their_causal)[1]
    np.testing.assert_allclose(weights, expected.detach().numpy(), atol=1e-12)
    heads = ours(x, x, x, padding, causal, average_attn_weights=False)[1]
    assert heads.shape == (2, 3, 4, 4)
    np.testing.assert_allclose(heads.mean(axis=1), weights, atol=1e-12)
    theirs_heads = theirs(*[torch.tensor(x)] * 3, key_padding_mask=their_padding, attn_mask=their_causal,
                          average_attn_weights=False)[1]
    np.testing.assert_allclose(heads, theirs_heads.detach().numpy(), atol=1e-12)
    assert ours(x, x, x, need_weights=False)[1] is None


def test_multihead_cross_attention_equals_torch():
    ours = nn.MultiheadAttention(6, 2, batch_first=True, rng=rng()).to(np.float64)
    theirs = loaded(ours, torch.nn.MultiheadAttention(6, 2, batch_first=True))
    same(ours, theirs, [rng().standard_normal((2, n, 6)) for n in (3, 5, 5)], lambda m, q, k, v: m(q, k, v)[0])


@pytest.mark.parametrize("norm_first", [False, True])
def test_encoder_and_decoder_layers_equal_torch(norm_first):
    settings = {"dropout": 0.0, "batch_first": True, "norm_first": norm_first}
    x, memory = rng().standard_normal((2, 4, 6)), rng().standard_normal((2, 5, 6))
    padding = np.zeros((2, 5), bool)
    padding[1, 3:] = True
    ours = nn.TransformerEncoderLayer(6, 2, 11, **settings, rng=rng()).to(np.float64)
    theirs = loaded(ours, torch.nn.TransformerEncoderLayer(6, 2, 11, **settings)).train()
    same(ours, theirs, [memory], lambda m, x: m(x, src_key_padding_mask=padding),
         lambda m, x: m(x, src_key_padding_mask=torch.tensor(padding)))
    ours = nn.TransformerDecoderLayer(6, 2, 11, **settings, rng=rng()).to(np.float64)
    theirs = loaded(ours, torch.nn.TransformerDecoderLayer(6, 2, 11, **settings)).train()
    same(ours, theirs, [x, memory],
         lambda m, x, memory: m(x, memory, tgt_mask=causal_mask(4), memory_key_padding_mask=padding),
         lambda m, x, memory: m(x, memory, tgt_mask=torch.tensor(causal_mask(4)),
                                memory_key_padding_mask=torch.tensor(padding)))


def test_without_positions_the_order_does_not_matter():
    block = nn.TransformerEncoderLayer(6, 2, 11, batch_first=True, rng=rng()).to(np.float64).eval()
    x, order = rng().standard_normal((1, 5, 6)), rng().permutation(5)
    np.testing.assert_allclose(block(Tensor(x[:, order])).data, block(Tensor(x)).data[:, order], atol=1e-12)
    place = nn.PositionalEncoding(6)
    assert not np.allclose(block(place(Tensor(x[:, order]))).data, block(place(Tensor(x))).data[:, order], atol=1e-3)


def test_the_future_is_hidden():
    block = nn.TransformerEncoderLayer(6, 2, 11, batch_first=True, rng=rng()).to(np.float64).eval()
    x = rng().standard_normal((1, 5, 6))
    changed = x.copy()
    changed[:, 3:] += 1
    before, after = (block(Tensor(a), src_mask=causal_mask(5)).data for a in (x, changed))
    np.testing.assert_array_equal(before[:, :3], after[:, :3])
    assert np.abs(before[:, 3:] - after[:, 3:]).min() > 1e-6


def test_dropout_of_a_block_acts_in_training_only():
    block = nn.TransformerEncoderLayer(6, 2, 11, dropout=0.5, batch_first=True, rng=rng())
    x = Tensor(rng().standard_normal((1, 5, 6)).astype(np.float32))
    assert (block(x).data != block(x).data).any()
    block.eval()
    np.testing.assert_array_equal(block(x).data, block(x).data)


@settings(**DRAW)
@given(shape=st.sampled_from([(3,), (2, 4)]), seed=seeds)
def test_embedding_equals_torch(shape, seed):
    draw = np.random.default_rng(seed)
    indices = draw.integers(0, 5, shape)
    compare(lambda w: embedding(indices, w), lambda w: TF.embedding(torch.tensor(indices), w), [draw.standard_normal((5, 3))], draw)


@pytest.mark.parametrize("d_model", [6, 7])
def test_positions_are_sines_and_a_shift_is_a_rotation(d_model):
    table = positional_encoding(50, d_model)
    for p, i in ((0, 0), (3, 1), (49, 2)):
        assert table[p, 2 * i] == pytest.approx(np.sin(p / 10000 ** (2 * i / d_model)), abs=1e-6)
        assert table[p, 2 * i + 1] == pytest.approx(np.cos(p / 10000 ** (2 * i / d_model)), abs=1e-6)
    angle = 5 / 10000 ** (2 / d_model)
    turn = np.array([[np.cos(angle), np.sin(angle)], [-np.sin(angle), np.cos(angle)]])
    np.testing.assert_allclose(table[:45, 2:4] @ turn.T, table[5:, 2:4], atol=1e-5)


def test_additive_attention():
    """A69: weights by the formula, context as their mixture, gradients by differences."""
    attend = nn.AdditiveAttention(3, 4, 5, rng=rng()).to(np.float64)
    query, keys = rng().standard_normal((2, 3)), rng().standard_normal((2, 6, 4))
    context, weights = attend(Tensor(query), Tensor(keys))
    for n in range(2):
        scores = [attend.v.weight.data @ np.tanh(attend.W1.weight.data @ query[n] + attend.W2.weight.data @ h) for h in keys[n]]
        expected = np.exp(scores).ravel() / np.exp(scores).sum()
        np.testing.assert_allclose(weights.data[n], expected, atol=1e-12)
        np.testing.assert_allclose(context.data[n], expected @ keys[n], atol=1e-12)
    assert gradcheck(lambda q, k: attend(q, k)[0], [Tensor(query, requires_grad=True), Tensor(keys, requires_grad=True)],
                     rng=rng()) <= 1e-6


def attend(**masks):
    x = np.ones((2, 3, 4), np.float32)
    return nn.MultiheadAttention(4, 2, batch_first=True, rng=rng())(x, x, x, **masks)


@pytest.mark.parametrize("act, error, text", [
    (lambda: F.scaled_dot_product_attention(np.ones((2, 3)), np.ones((4, 2)), np.ones((4, 2))), ValueError,
     r"attention: query must have shape \(..., L, E\) and key \(..., S, E\), but are \(2, 3\) and \(4, 2\)"),
    (lambda: F.scaled_dot_product_attention(np.ones((2, 3)), np.ones((4, 3)), np.ones((5, 3))), ValueError,
     r"attention: key and value must be equally many, but are \(4, 3\) and \(5, 3\)"),
    (lambda: attention_weights(np.ones((2, 3)), np.ones((4, 3)), np.ones((3, 3), bool)), ValueError,
     r"attention: the mask must broadcast to \(2, 4\), but is \(3, 3\)"),
    (lambda: attention_weights(np.ones((2, 3)), np.ones((4, 3)), np.ones((2, 4))), TypeError, "attention: the mask must be of bool"),
    (lambda: attention_weights(np.ones((2, 3)), np.ones((4, 3)), np.arange(8).reshape(2, 4) < 4), ValueError,
     r"attention: the mask must leave every query something to look at, but query \(1,\) has nothing"),
    (lambda: attend(key_padding_mask=np.ones((2, 3), bool)), ValueError, "must leave every query something to look at"),
    (lambda: attend(key_padding_mask=np.zeros((3, 2), bool)), ValueError,
     r"MultiheadAttention: key_padding_mask must be of bool with shape \(2, 3\), but is of bool with \(3, 2\)"),
    (lambda: attend(attn_mask=np.zeros((3, 3))), ValueError, r"attn_mask must be of bool with shape \(3, 3\), but is of float64"),
    (lambda: nn.MultiheadAttention(5, 2, rng=rng()), ValueError, "num_heads must divide embed_dim, but is 2 for 5"),
    (lambda: nn.MultiheadAttention(4, 2, batch_first=True, rng=rng())(*[np.ones((3, 4))] * 3), ValueError,
     r"MultiheadAttention: query must have shape \(N, T, 4\), but is \(3, 4\)"),
    (lambda: nn.Embedding(5, 2, rng=rng())([0, 5]), ValueError, "embedding: indices must be whole numbers from 0 to 4, but has 5"),
    (lambda: nn.Embedding(5, 2, rng=rng())([0.5]), ValueError, "embedding: indices must be whole numbers from 0 to 4"),
    (lambda: nn.PositionalEncoding(4, max_len=3)(Tensor(np.ones((1, 5, 4)))), ValueError,
     r"PositionalEncoding: x must have shape \(N, T, 4\) with T at most 3, but is \(1, 5, 4\)"),
])
def test_bad_input(act, error, text):
    with pytest.raises(error, match=text):
        act()
