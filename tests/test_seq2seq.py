"""Encoder-decoder, Transformer and language model: against PyTorch, by definition, and when they learn (A68, A69, A70)."""
import itertools
import re

import numpy as np
import pytest
import torch

from course_lib import F, Tensor, nn, optim
from course_lib.gradcheck import gradcheck
from course_lib.pairs import DATE_CHARACTERS, DIGITS, PAD, START, STOP, concatenate, reversal, shift
from course_lib.seq2seq import (LanguageModel, Seq2Seq, Transformer, attention_maps, beam, exact, greedy,
                                masked_cross_entropy, train)
from course_lib.training import Diverged

SOURCE = np.array([[3, 4, 5, 6], [5, 4, PAD, PAD], [6, 6, 3, PAD], [4, PAD, PAD, PAD]])
TARGET = np.array([[5, 6, STOP], [7, STOP, PAD], [3, 4, STOP], [STOP, PAD, PAD]])
MODELS = {
    "gru": lambda r: Seq2Seq(8, 9, 5, 3, attention=False, rng=r), "gru, attention": lambda r: Seq2Seq(8, 9, 5, 3, rng=r),
    "lstm": lambda r: Seq2Seq(8, 9, 5, 3, attention=False, cell="lstm", rng=r),
    "lstm, attention": lambda r: Seq2Seq(8, 9, 5, 3, cell="lstm", rng=r),
    "transformer": lambda r: Transformer(8, 9, 4, 2, 6, num_layers=2, rng=r),
    "transformer, no positions": lambda r: Transformer(8, 9, 4, 2, 6, positions=False, rng=r),
    "language model": lambda r: LanguageModel(9, 4, 2, 6, num_layers=2, rng=r)}
every_model = pytest.mark.parametrize("name", MODELS)


def rng(seed=0):
    return np.random.default_rng(seed)


def make(name, seed=0):
    return MODELS[name](rng(seed)).to(np.float64)


@every_model
def test_gradients(name):
    """A68, A69, A70: of the masked loss, with respect to every parameter; every parameter has one."""
    model = make(name)

    def loss(*_):
        return masked_cross_entropy(model(SOURCE, shift(TARGET)), TARGET)
    assert gradcheck(loss, model.parameters(), rng=rng()) <= 1e-6
    for p in model.parameters():
        p.grad = None
    loss().backward()
    assert all(p.grad is not None and np.isfinite(p.grad).all() for p in model.parameters())


@every_model
def test_padding_changes_nothing(name):
    """A sequence gets the same scores alone, and among longer ones."""
    model = make(name)
    together = model(SOURCE, shift(TARGET)).data
    for n, (source, target) in enumerate(zip(SOURCE, TARGET)):
        source, target = source[source != PAD], target[target != PAD]
        alone = model(source[None], shift(target[None])).data[0]
        np.testing.assert_allclose(together[n, :len(target)], alone, atol=1e-12)


@every_model
def test_nothing_is_seen_of_the_future(name):
    model, inputs = make(name), shift(TARGET)
    before = model(SOURCE, inputs).data
    inputs[:, -1] = np.where(inputs[:, -1] == PAD, PAD, 8)
    np.testing.assert_array_equal(model(SOURCE, inputs).data[:, :-1], before[:, :-1])


@every_model
def test_every_token_of_the_source_matters(name):
    model = make(name)
    before = model(SOURCE, shift(TARGET)).data[0]
    for place in range(SOURCE.shape[1]):
        changed = SOURCE.copy()
        changed[0, place] = 7
        assert np.abs(model(changed, shift(TARGET)).data[0] - before).max() > 1e-6


@pytest.mark.parametrize("cell", ["gru", "lstm"])
@pytest.mark.parametrize("attention", [True, False])
def test_the_same_network_in_torch(cell, attention):
    """A68, A69: packed sequences, the last state handed on, dot-product attention; values and gradients."""
    ours = Seq2Seq(8, 9, 5, 3, attention, cell, rng=rng()).to(np.float64)
    theirs = torch.nn.ModuleDict({
        "source": torch.nn.Embedding(8, 3), "target": torch.nn.Embedding(9, 3),
        "encoder": getattr(torch.nn, cell.upper())(3, 5, batch_first=True),
        "decoder": getattr(torch.nn, cell.upper())(3, 5, batch_first=True), "output": torch.nn.Linear(5, 9)})
    if attention:
        theirs["mix"] = torch.nn.Linear(10, 5)
    theirs.double().load_state_dict({key: torch.tensor(value) for key, value in ours.state_dict().items()})
    source, lengths = torch.tensor(SOURCE), torch.tensor((SOURCE != PAD).sum(axis=1))
    packed = torch.nn.utils.rnn.pack_padded_sequence(theirs["source"](source), lengths, batch_first=True,
                                                     enforce_sorted=False)
    h, last = theirs["encoder"](packed)
    h = torch.nn.utils.rnn.pad_packed_sequence(h, batch_first=True)[0]
    s, _ = theirs["decoder"](theirs["target"](torch.tensor(shift(TARGET))), last)
    if attention:
        e = (s @ h.transpose(1, 2)).masked_fill(source[:, None] == PAD, -torch.inf)
        s = torch.tanh(theirs["mix"](torch.cat([torch.softmax(e, -1) @ h, s], -1)))
    expected = theirs["output"](s)
    out = ours(SOURCE, shift(TARGET))
    np.testing.assert_allclose(out.data, expected.detach().numpy(), atol=1e-10)
    torch.nn.functional.cross_entropy(expected.transpose(1, 2), torch.tensor(TARGET), ignore_index=PAD).backward()
    masked_cross_entropy(out, TARGET).backward()
    mine, other = dict(ours.named_parameters()), dict(theirs.named_parameters())
    for key in mine:
        np.testing.assert_allclose(mine[key].grad, other[key].grad.numpy(), atol=1e-10, err_msg=key)


def test_the_transformer_in_torch():
    """A70: PyTorch's encoder and decoder layers on the same weights, with causal and padding masks."""
    ours = Transformer(8, 9, 4, 2, 6, num_layers=2, rng=rng()).to(np.float64)
    layer = dict(d_model=4, nhead=2, dim_feedforward=6, dropout=0.0, batch_first=True)
    theirs = torch.nn.ModuleDict({
        "source": torch.nn.Embedding(8, 4), "target": torch.nn.Embedding(9, 4), "output": torch.nn.Linear(4, 9),
        "encoder": torch.nn.ModuleList(torch.nn.TransformerEncoderLayer(**layer) for _ in range(2)),
        "decoder": torch.nn.ModuleList(torch.nn.TransformerDecoderLayer(**layer) for _ in range(2))})
    theirs.double().load_state_dict({key: torch.tensor(value) for key, value in ours.state_dict().items()})
    table = torch.tensor(ours.positions.table.astype(np.float64))
    padding = torch.tensor(SOURCE == PAD)
    x = theirs["source"](torch.tensor(SOURCE)) + table[:4]
    for block in theirs["encoder"]:
        x = block(x, src_key_padding_mask=padding)
    y = theirs["target"](torch.tensor(shift(TARGET))) + table[:3]
    for block in theirs["decoder"]:
        y = block(y, x, tgt_mask=torch.triu(torch.ones(3, 3, dtype=bool), 1), memory_key_padding_mask=padding)
    expected, out = theirs["output"](y), ours(SOURCE, shift(TARGET))
    np.testing.assert_allclose(out.data, expected.detach().numpy(), atol=1e-10)
    torch.nn.functional.cross_entropy(expected.transpose(1, 2), torch.tensor(TARGET), ignore_index=PAD).backward()
    masked_cross_entropy(out, TARGET).backward()
    other = dict(theirs.named_parameters())
    for key, p in ours.named_parameters():
        np.testing.assert_allclose(p.grad, other[key].grad.numpy(), atol=1e-10, err_msg=key)


def test_without_positions_the_encoder_is_permutation_equivariant():
    """A70: permuted input, permuted output; with positions not."""
    source, order = np.array([[3, 4, 5, 6, 7]]), [3, 0, 4, 1, 2]
    for positions, equal in ((False, True), (True, False)):
        model = Transformer(8, 9, 8, 2, 6, num_layers=2, positions=positions, rng=rng()).to(np.float64)
        straight, permuted = model.encode(source)[0].data, model.encode(source[:, order])[0].data
        assert np.allclose(straight[:, order], permuted, atol=1e-12) == equal


def test_the_decoders_weights_look_at_real_tokens_only():
    model = make("gru, attention")
    scores, weights = model.decode(shift(TARGET), model.encode(SOURCE), need_weights=True)
    assert weights.shape == (4, 3, 4) and not weights[np.broadcast_to((SOURCE == PAD)[:, None], weights.shape)].any()
    np.testing.assert_allclose(weights.sum(-1), 1)
    np.testing.assert_array_equal(scores.data, model(SOURCE, shift(TARGET)).data)
    assert make("gru").decode(shift(TARGET), make("gru").encode(SOURCE), need_weights=True)[1] is None


# -- the loss --------------------------------------------------------------------------------------------

def test_masked_loss_is_the_loss_on_the_target_part():
    """A68: with a mask over source and target, the mean over the target's positions alone."""
    tokens, mask = concatenate(SOURCE, TARGET)
    logits = rng().standard_normal((*tokens.shape, 9))
    masked = masked_cross_entropy(Tensor(logits), tokens, mask).item()
    assert masked == pytest.approx(F.cross_entropy(logits[mask], tokens[mask]).item(), abs=1e-12)
    everything = masked_cross_entropy(Tensor(logits), tokens, np.ones_like(mask)).item()
    assert everything == pytest.approx(F.cross_entropy(logits.reshape(-1, 9), tokens.ravel()).item(), abs=1e-12)
    assert masked_cross_entropy(Tensor(logits), tokens).item() == pytest.approx(
        F.cross_entropy(logits[tokens != PAD], tokens[tokens != PAD]).item(), abs=1e-12)


def test_the_language_model_scores_what_follows_each_token():
    model = make("language model")
    tokens, _ = concatenate(SOURCE, shift(TARGET))
    scores, at_target = model(tokens).data, model(SOURCE, shift(TARGET)).data
    for n, length in enumerate((SOURCE != PAD).sum(axis=1)):
        np.testing.assert_allclose(at_target[n], scores[n, length:length + 3], atol=1e-12)


@pytest.mark.parametrize("change, message", [
    (dict(target=TARGET[:, :2]), r"masked_cross_entropy: target must have shape \(4, 3\) because logits are \(4, 3, 9\), but is "
                                 r"\(4, 2\)"),
    (dict(mask=np.ones((4, 2), bool)), r"masked_cross_entropy: mask must be of bool with shape \(4, 3\), but is of bool with \(4, 2\)"),
    (dict(mask=np.ones((4, 3))), r"but is of float64 with \(4, 3\)"),
    (dict(mask=np.zeros((4, 3), bool)), "masked_cross_entropy: mask must leave at least one position, but leaves none")])
def test_what_the_loss_refuses(change, message):
    with pytest.raises(ValueError, match=message):
        masked_cross_entropy(**{"logits": Tensor(np.zeros((4, 3, 9))), "target": TARGET} | change)


# -- learning --------------------------------------------------------------------------------------------

@pytest.mark.parametrize("name, options", [
    ("with attention", dict(attention=True)), ("without", dict(attention=False)), ("lstm", dict(cell="lstm")),
    ("transformer", None), ("language model", None)])
def test_each_learns_to_copy_one_digit(name, options):
    """A68: a single digit and its copy need no memory to speak of: all get it right."""
    digits = [str(d) for d in range(10)]
    X, Y = DIGITS.encode(digits), DIGITS.encode(digits, stop=True)
    make_model = {"transformer": lambda: Transformer(13, 13, 16, 2, 32, rng=rng()),
                  "language model": lambda: LanguageModel(13, 16, 2, 32, rng=rng())}
    model = make_model.get(name, lambda: Seq2Seq(13, 13, 16, **(options or {}), rng=rng()))()
    losses = train(model, X, Y, optimizer=optim.Adam(model.parameters(), 0.01), updates=150, batch_size=20, rng=rng())
    assert len(losses) == 150 and losses[-1] < 0.1 < losses[0] and not model.training
    assert exact(greedy(model, X, 2), Y).all() and DIGITS.decode(greedy(model, X, 2)) == digits


def test_attention_reverses_what_a_single_vector_forgets():
    """A69 (E77): the same budget, eight digits."""
    right = {}
    sources, targets = reversal(2000, 8, rng=rng())
    X, Y = DIGITS.encode(sources), DIGITS.encode(targets, stop=True)
    new, answers = (DIGITS.encode(texts, stop) for texts, stop in zip(reversal(200, 8, rng=rng(1)), (False, True)))
    for attention in (True, False):
        model = Seq2Seq(13, 13, 32, attention=attention, rng=rng())
        train(model, X, Y, optimizer=optim.Adam(model.parameters(), 0.01), updates=400, rng=rng())
        right[attention] = exact(greedy(model, new, 9), answers).mean()
    assert right[True] > 0.95 and right[False] < 0.6


def test_a_schedule_counts_updates_and_a_rate_too_large_is_reported():
    digits = [str(d) for d in range(10)]
    X, Y = DIGITS.encode(digits), DIGITS.encode(digits, stop=True)
    model = Seq2Seq(13, 13, 8, rng=rng())
    optimizer = optim.SGD(model.parameters(), 1.0)
    train(model, X, Y, optimizer=optimizer, updates=6, schedule=optim.StepLR(optimizer, 2, gamma=0.1), rng=rng())
    assert optimizer.lr == pytest.approx(1e-3)
    model.output.bias.data[:] = np.nan
    with pytest.raises(Diverged, match="diverged at step 1: the loss is nan"):
        train(model, X, Y, optimizer=optimizer, updates=6, rng=rng())
    with pytest.raises(ValueError, match="train: source and target must be equally many, but are 10 and 9"):
        train(model, X, Y[:9], optimizer=optimizer, updates=6, rng=rng())
    with pytest.raises(ValueError, match="train: updates must be at least 1, but is 0"):
        train(model, X, Y, optimizer=optimizer, updates=0, rng=rng())


# -- writing ---------------------------------------------------------------------------------------------

class Table:
    """Probabilities of the next token after each beginning, by hand; what is not listed stops."""

    def __init__(self, table, size=6):
        self.table, self.size = table, size

    def encode(self, source):
        return source

    def decode(self, inputs, memory):
        p = np.full((*inputs.shape, self.size), 1e-12)
        for n, u in np.ndindex(inputs.shape):
            for token, value in self.table.get(tuple(inputs[n, 1:u + 1].tolist()), {STOP: 1.0}).items():
                p[n, u, token] = value
        return Tensor(np.log(p))


# 3 looks better at first, but what follows it is uncertain: 0.6 * 0.5 = 0.3 against 0.4 * 0.9 = 0.36.
TRAP = Table({(): {3: 0.6, 4: 0.4}, (3,): {3: 0.5, 4: 0.5}, (4,): {5: 0.9, 3: 0.1}})


def test_greedy_takes_the_best_token_and_beam_the_best_sequence():
    source = np.array([[3]])
    assert greedy(TRAP, source, 5).tolist() == [[3, 3, STOP]]
    assert beam(TRAP, source[0], 1, 5)[0] == ([3, 3, STOP], pytest.approx(np.log(0.3)))
    best = beam(TRAP, source[0], 2, 5)
    assert best[0] == ([4, 5, STOP], pytest.approx(np.log(0.36))) and len(best) == 2
    assert best[0][1] >= best[1][1]


def test_a_complete_sequence_gives_up_its_place_in_the_beam():
    """The best comes first, though it was complete later; never more than ``width``; no error when nothing is left."""
    early = Table({(): {STOP: 0.3, 3: 0.5, 4: 0.2}, (3,): {3: 0.6, 4: 0.4}})
    found = beam(early, np.array([3]), 2, 5)
    assert sorted(tokens for tokens, _ in found) == [[STOP], [3, 3, STOP]]
    late = beam(Table({(): {STOP: 0.3, 3: 0.7}}), np.array([3]), 2, 5)
    assert late == [([3, STOP], pytest.approx(np.log(0.7))), ([STOP], pytest.approx(np.log(0.3)))]
    only_stop = Seq2Seq(8, 3, 5, 3, rng=rng())
    assert beam(only_stop, np.array([3, 4]), 2, 5) == [([STOP], pytest.approx(0))]


def test_greedy_ends_at_the_stop_or_the_longest_length():
    endless = Table({(): {3: 1.0}, (3,): {3: 1.0}, (3, 3): {3: 1.0}})
    assert greedy(endless, np.array([[3]]), 2).tolist() == [[3, 3]]
    assert beam(endless, np.array([3]), 1, 2) == [([3, 3], pytest.approx(0, abs=1e-9))]
    assert greedy(Table({}), np.array([[3], [3]]), 4).tolist() == [[STOP], [STOP]]
    never = Table({(): {PAD: 0.6, START: 0.3, 3: 0.1}})                    # these two are never written
    assert greedy(never, np.array([[3]]), 4).tolist() == [[3, STOP]]


def test_a_beam_as_wide_as_the_tree_finds_the_best_of_all():
    model, source = make("gru, attention", seed=3), np.array([3, 4, 5])
    width = 7 ** 3
    found = dict((tuple(tokens), score) for tokens, score in beam(model, source, width, 3))
    every = [(*start, STOP) for n in range(3) for start in itertools.product(range(3, 9), repeat=n)]
    every += list(itertools.product(range(3, 9), repeat=3))
    assert set(found) == set(every)
    log = F.softmax(model(np.tile(source, (6, 1)), np.array([[START, t, 3] for t in range(3, 9)]))).data.astype(float)
    log[..., [PAD, START]] = 0
    log = np.log(log / log.sum(-1, keepdims=True), where=log > 0, out=np.full_like(log, -np.inf))
    assert found[(4, 3, 7)] == pytest.approx(log[1, 0, 4] + log[1, 1, 3] + log[1, 2, 7], abs=1e-9)
    assert beam(model, source, width, 3)[0][1] == max(found.values())


@every_model
def test_a_beam_of_one_is_greedy(name):
    model = make(name, seed=1)
    written = greedy(model, SOURCE, 5)
    assert written.shape[1] <= 5 and not np.isin(written, START).any()
    for source, row in zip(SOURCE, written):
        assert beam(model, source[source != PAD], 1, 5)[0][0] == row[row != PAD].tolist()


def test_exact():
    assert exact([[5, 2, 0], [5, 6, 7], [5, 0, 0]], [[5, 2], [5, 6], [5, 2]]).tolist() == [True, False, False]


# -- looking inside --------------------------------------------------------------------------------------

def test_attention_maps_are_torchs_weights():
    """A70: of every head, with masks; averaged they are what the layer itself reports; the model is left alone."""
    model = make("transformer")
    before = model(SOURCE, shift(TARGET)).data
    maps = attention_maps(model, SOURCE, shift(TARGET))
    assert list(maps) == ["encoder.0.self_attn", "encoder.1.self_attn", "decoder.0.self_attn", "decoder.0.multihead_attn",
                          "decoder.1.self_attn", "decoder.1.multihead_attn"]
    x, attend = model.place(model.source(SOURCE)).data, model.encoder[0].self_attn
    theirs = torch.nn.MultiheadAttention(4, 2, batch_first=True).double()
    theirs.load_state_dict({key: torch.tensor(value) for key, value in attend.state_dict().items()})
    _, expected = theirs(*[torch.tensor(x)] * 3, key_padding_mask=torch.tensor(SOURCE == PAD), average_attn_weights=False)
    np.testing.assert_allclose(maps["encoder.0.self_attn"], expected.detach().numpy(), atol=1e-10)
    np.testing.assert_allclose(maps["encoder.0.self_attn"].mean(axis=1), attend(x, x, x, SOURCE == PAD)[1], atol=1e-12)
    assert not np.triu(maps["decoder.1.self_attn"], 1).any()
    assert not maps["decoder.0.multihead_attn"][:, :, :, 1:][3].any()
    np.testing.assert_array_equal(model(SOURCE, shift(TARGET)).data, before)
    assert "forward" not in vars(model.encoder[0].self_attn)
    assert list(attention_maps(make("language model"), SOURCE)) == ["layers.0.self_attn", "layers.1.self_attn"]


# -- bad input -------------------------------------------------------------------------------------------

def bad(text):
    return pytest.raises(ValueError, match=re.escape(text))


@every_model
def test_one_line_for_an_empty_or_unknown_sequence(name):
    model = make(name)
    with bad("needs a token, padded at the end only, but sequence 1 is empty"):
        model(np.array([[3, 4], [PAD, PAD]]), shift(TARGET[:2]))
    with bad("must be whole numbers of shape (N, T) with T > 0, but has dtype int64 and shape (2, 0)"):
        model(np.zeros((2, 0), int), shift(TARGET[:2]))
    with bad("sequence 0 has padding before its end"):
        model(np.array([[PAD, 3]]), shift(TARGET[:1]))
    with bad("embedding: indices must be whole numbers from 0 to"):
        model(np.array([[3, 99]]), shift(TARGET[:1]))


def test_one_line_for_other_mistakes():
    with bad("encode: text must consist of the"):
        DATE_CHARACTERS.encode(["4. Février 2020"])
    short = Transformer(8, 9, 4, 2, 6, max_len=5, rng=rng())
    with bad("PositionalEncoding: x must have shape (N, T, 4) with T at most 5, but is (1, 6, 4)"):
        short(np.full((1, 6), 3), [[START]])
    with bad("Seq2Seq: cell must be one of 'gru', 'lstm', but is 'rnn'"):
        Seq2Seq(8, 9, 5, cell="rnn", rng=rng())
    with bad("MultiheadAttention: num_heads must divide embed_dim, but is 3 for 4"):
        Transformer(8, 9, 4, 3, 6, rng=rng())
    with bad("greedy: max_length must be at least 1, but is 0"):
        greedy(TRAP, np.array([[3]]), 0)
    with bad("beam: width must be at least 1, but is 0"):
        beam(TRAP, np.array([3]), 0, 5)
    with bad("beam: source must have shape (S,), but is (1, 1)"):
        beam(TRAP, np.array([[3]]), 2, 5)
    x = np.zeros((1, 3, 4), np.float32)
    attend = nn.MultiheadAttention(4, 2, batch_first=True, rng=rng())
    with bad("MultiheadAttention: attn_mask must be of bool with shape (3, 3), but is of bool with (3, 4)"):
        attend(x, x, x, attn_mask=np.zeros((3, 4), bool))
    with bad("attention: the mask must leave every query something to look at"):
        attend(x, x, x, key_padding_mask=np.ones((1, 3), bool))
