"""Characters, their model, teacher forcing and free writing (A61, A62)."""
import math

import numpy as np
import pytest
import torch
from hypothesis import given, settings
from hypothesis import strategies as st

from course_lib import F, Tensor, nn, optim
from course_lib.gradcheck import gradcheck
from course_lib.text import (STORY, CharacterModel, Vocabulary, best_without_memory, fit_text, generate, next_character,
                             pieces, sample)
from course_lib.training import Diverged


def rng(seed=0):
    return np.random.default_rng(seed)


HELO = Vocabulary("helo")


def model(hidden=8, seed=0, **settings):
    return CharacterModel(4, hidden, rng=rng(seed), **settings)


def adam(m, lr=0.03):
    return optim.Adam(m.parameters(), lr)


# -- characters and numbers -------------------------------------------------------------------------------

@settings(max_examples=50, deadline=None, derandomize=True)
@given(st.text(min_size=1, max_size=20))
def test_encoding_goes_there_and_back(text):
    vocabulary = Vocabulary(text)
    assert len(vocabulary) == len(set(text))
    numbers = vocabulary.encode(text)
    assert numbers.dtype == np.int64 and vocabulary.decode(numbers) == text
    one_hot = vocabulary.one_hot(text)
    assert one_hot.dtype == np.float32 and one_hot.shape == (len(text), len(vocabulary))
    assert (one_hot.sum(axis=1) == 1).all() and vocabulary.decode(one_hot.argmax(axis=1)) == text


def test_the_vocabulary_keeps_the_order_and_no_character_twice():
    assert Vocabulary("hello").characters == "helo" and repr(HELO) == "Vocabulary('helo')"


@pytest.mark.parametrize("call, message", [
    (lambda: Vocabulary(""), "Vocabulary: characters must have at least one character, but is empty"),
    (lambda: Vocabulary(["h"]), "Vocabulary: characters must be a string, but is list"),
    (lambda: HELO.encode("help!"), "encode: text must consist of the 4 characters 'helo', but has 'p' at place 3"),
    (lambda: HELO.one_hot("Hell"), "encode: text must consist of the 4 characters 'helo', but has 'H' at place 0"),
    (lambda: HELO.encode(""), "encode: text must have at least one character, but is empty"),
    (lambda: HELO.decode([0, 4]), "decode: numbers must hold class numbers from 0 to 3, but has 4"),
    (lambda: HELO.decode([0.5]), "decode: numbers must hold class numbers from 0 to 3, but has 0.5"),
    (lambda: HELO.decode([[0, 1]]), "decode: numbers must have shape (T,), but is (1, 2)"),
    (lambda: CharacterModel(0, 3, rng=rng()), "CharacterModel: characters must be at least 1, but is 0"),
    (lambda: model()([[0, 5]]), "CharacterModel: numbers must hold class numbers from 0 to 3, but has 5"),
    (lambda: model()([0, 1]), "CharacterModel: numbers must have shape (T, N), but is (2,)"),
    (lambda: model()(np.zeros((0, 1))), "CharacterModel: numbers must have shape (T, N), but is (0, 1)"),
    (lambda: model(initialization="best"), "init: unknown scheme 'best'"),
    (lambda: pieces([0, 1], 2, streams=2), "pieces: numbers must hold at least 3 characters for 2 streams, but"),
    (lambda: pieces([0, 1], 0), "pieces: length must be at least 1, but is 0"),
    (lambda: fit_text(model(), [0, 1], optimizer=None, updates=0), "fit_text: updates must be at least 1, but is 0"),
    (lambda: sample([0.0, np.nan]), "sample: logits must be finite, but is nan at index (1,)"),
    (lambda: sample([1.0, 2.0], -1, rng=rng()), "sample: temperature must be a finite number and at least 0, but"),
    (lambda: sample([1.0, 2.0], 1), "sample: rng must be a numpy.random.Generator such as"),
    (lambda: next_character(model(), HELO, "h", 0), "next_character: temperature must be a finite number and greater"),
    (lambda: generate(model(), HELO, "", 3, rng=rng()), "encode: text must have at least one character, but is empty"),
    (lambda: generate(model(), HELO, "xyz", 3, rng=rng()), "encode: text must consist of the 4 characters 'helo', but"),
    (lambda: generate(model(), HELO, "h", -1), "generate: n must be at least 0, but is -1"),
    (lambda: best_without_memory("h"), "best_without_memory: text must be longer than 1, but has 1 characters"),
    (lambda: best_without_memory(7), "best_without_memory: text must be a string, but is int"),
])
def test_wrong_input_is_named_in_one_line(call, message):
    with pytest.raises((ValueError, TypeError)) as error:
        call()
    assert str(error.value).startswith(message) and "\n" not in str(error.value)


# -- the model --------------------------------------------------------------------------------------------

@pytest.mark.parametrize("cell, theirs", [(nn.RNN, torch.nn.RNN), (nn.LSTM, torch.nn.LSTM), (nn.GRU, torch.nn.GRU)])
def test_the_model_equals_torch(cell, theirs):
    """A62: scores and gradients, on the same weights."""
    ours = model(5, cell=cell).to(np.float64)
    memory, answer = theirs(4, 5).double(), torch.nn.Linear(5, 4).double()
    state = {name: torch.tensor(value) for name, value in ours.state_dict().items()}
    memory.load_state_dict({name.removeprefix("memory."): v for name, v in state.items() if "memory" in name})
    answer.load_state_dict({name.removeprefix("answer."): v for name, v in state.items() if "answer" in name})
    x, y = rng().integers(0, 4, (2, 6, 3))
    logits, _ = ours(x)
    out = answer(memory(torch.nn.functional.one_hot(torch.tensor(x), 4).double())[0])
    np.testing.assert_allclose(logits.data, out.detach().numpy(), atol=1e-12)
    F.cross_entropy(logits.reshape(-1, 4), y.ravel()).backward()
    torch.nn.functional.cross_entropy(out.reshape(-1, 4), torch.tensor(y.ravel())).backward()
    for name, p in ours.named_parameters():
        part, key = name.split(".")
        expected = getattr({"memory": memory, "answer": answer}[part], key).grad.numpy()
        np.testing.assert_allclose(p.grad, expected, atol=1e-12)
    assert gradcheck(lambda *_: ours(x)[0], ours.parameters(), rng=rng()) <= 1e-6


def test_settings_reach_their_place():
    assert not model(initialization="zeros").memory.weight_hh_l0.data.any()
    U = model(6, initialization="orthogonal").memory.weight_hh_l0.data
    np.testing.assert_allclose(U @ U.T, np.eye(6), atol=1e-6)
    forgetful = model(200, dropout=0.5)
    x = [[0], [1]]
    assert not np.allclose(forgetful(x)[0].data, forgetful(x)[0].data)
    forgetful.eval()
    np.testing.assert_array_equal(forgetful(x)[0].data, forgetful(x)[0].data)


def test_reading_in_two_parts_is_reading_at_once():
    m, x = model(), rng().integers(0, 4, (7, 2))
    whole = m(x)[0].data
    first, state = m(x[:3])
    np.testing.assert_allclose(np.concatenate([first.data, m(x[3:], state)[0].data]), whole, atol=1e-6)


# -- pieces and training ----------------------------------------------------------------------------------

@settings(max_examples=60, deadline=None, derandomize=True)
@given(st.integers(2, 60), st.integers(1, 9), st.integers(1, 5))
def test_pieces_go_on_where_the_last_one_ended(M, length, streams):
    """A61: beside each other they give the text back, and every target is the next character."""
    if M <= streams:
        return
    text = np.arange(M)
    cut = pieces(text, length, streams)
    x, y = (np.concatenate(parts) for parts in zip(*cut))
    rows = (M - 1) // streams
    assert x.shape == (rows, streams) and all(len(part) == length for part, _ in cut[:-1])
    np.testing.assert_array_equal(x.T.ravel(), text[:rows * streams])
    np.testing.assert_array_equal(y, x + 1)


def test_truncation_carries_the_state_but_not_the_gradient():
    """A61: at learning rate 0 the losses are those of one long reading, the gradient is that of the last piece."""
    text = rng().integers(0, 4, 13)
    m = model().to(np.float64)
    losses = fit_text(m, text, optimizer=optim.SGD(m.parameters(), 0.0), updates=5, length=4, clip_norm=1e9)
    logits, _ = m(text[:12, None])
    expected = [F.cross_entropy(logits.data[t:t + 4, 0], text[t + 1:t + 5]).item() for t in (0, 4, 8)]
    np.testing.assert_allclose(losses, expected + expected[:2], atol=1e-12)      # after the end it begins anew
    _, state = m(text[:4, None])
    ours = {name: p.grad for name, p in m.named_parameters()}
    for p in m.parameters():
        p.grad = None
    F.cross_entropy(m(text[4:8, None], [state[0].detach()])[0].reshape(4, 4), text[5:9]).backward()
    for name, p in m.named_parameters():
        np.testing.assert_allclose(ours[name], p.grad, atol=1e-12)


@pytest.mark.parametrize("cell", [nn.RNN, nn.LSTM, nn.GRU])
def test_hello_is_learned_by_heart(cell):
    """A62: hell -> ello below 0.01, in every cell, and the model writes it freely."""
    m = model(cell=cell)
    losses = fit_text(m, HELO.encode("hello"), optimizer=adam(m), updates=400)
    assert losses[0] > 1 and losses[-1] < 0.01 and not m.training
    assert generate(m, HELO, "h", 4, temperature=0) == "ello"
    assert generate(m, HELO, "hel", 2, temperature=0) == "lo"


def test_short_pieces_carry_a_memory_across():
    """Two characters at a time cannot see from the h of hello to its o, but the state can carry it."""
    m = model()
    losses = fit_text(m, HELO.encode("hello"), optimizer=adam(m), updates=800, length=2)
    assert max(losses[-2:]) < 0.05


def test_the_gradient_is_clipped_and_divergence_is_told():
    m, before = model(), model()
    fit_text(m, [0, 1], optimizer=optim.SGD(m.parameters(), 1.0), updates=1, clip_norm=0.01)
    moved = math.sqrt(sum(((a.data - b.data) ** 2).sum() for a, b in zip(m.parameters(), before.parameters())))
    assert moved == pytest.approx(0.01, rel=1e-3)
    m = model()
    m.answer.weight.data[:] = np.inf
    with pytest.raises(Diverged, match="diverged at step 1: the loss is (nan|inf)") as error:
        fit_text(m, HELO.encode("hello"), optimizer=adam(m), updates=3)
    assert error.value.history == {"train loss": []}


# -- writing ----------------------------------------------------------------------------------------------

def test_samples_follow_their_probabilities():
    z = np.array([0.0, 1.0, 2.0])
    for T in (0.5, 1.0, 3.0):
        draw = rng()
        counts = np.bincount([sample(z, T, rng=draw) for _ in range(20_000)], minlength=3)
        np.testing.assert_allclose(counts / 20_000, F.softmax(z, temperature=T).data, atol=0.012)
    assert {sample(z, 0) for _ in range(5)} == {sample(z, 1e-6, rng=draw) for _ in range(50)} == {2}
    assert sample(np.float32([5, 1]), 0) == 0



def test_draws_at_the_ends():
    class Top(np.random.Generator):
        def random(self):
            return 1.0
    assert sample(np.zeros(3), rng=Top(np.random.PCG64(0))) == 2

    class Bottom(np.random.Generator):
        def random(self):
            return 0.0
    assert sample([-1e9, 0.0], rng=Bottom(np.random.PCG64(0))) == 1          # never one of probability 0


def test_writing_feeds_back_what_was_drawn():
    """A62: the same as reading the whole text again for every character; neither mode nor record is left behind."""
    m = model(dropout=0.3).to(np.float64)
    assert m.training
    text, draw = "he", rng(3)
    for _ in range(12):
        p = next_character(m, HELO, text)
        text += HELO.decode([min(np.searchsorted(p.cumsum(), draw.random(), side="right"), 3)])
    assert generate(m, HELO, "he", 12, rng=rng(3)) == text[2:] and m.training
    assert generate(m, HELO, "he", 0) == "" and all(p.grad is None for p in m.parameters())
    cold = next_character(m, HELO, "he", 0.5)
    warm = next_character(m, HELO, "he")
    np.testing.assert_allclose(cold, warm ** 2 / (warm ** 2).sum(), atol=1e-12)


# -- the bound ----------------------------------------------------------------------------------------------

def test_hello_without_memory():
    """A62: ln 2 / 2 and three of four; two characters are enough to know all."""
    assert best_without_memory("hello") == (pytest.approx(math.log(2) / 2), 0.75)
    assert best_without_memory("hello", seen=2) == (0, 1)
    loss, right = best_without_memory("hello", seen=0)
    assert loss == pytest.approx(-(0.4 * math.log(0.4) + 0.6 * math.log(0.2))) and right == 0.4


@settings(max_examples=25, deadline=None, derandomize=True)
@given(st.text("abc", min_size=4, max_size=30), st.integers(0, 2 ** 32 - 1))
def test_no_table_without_memory_is_better(text, seed):
    """A table of scores, one row for each character, has at least the loss of the bound; the counts reach it."""
    vocabulary = Vocabulary("abc")
    x, y = vocabulary.encode(text)[:-1], vocabulary.encode(text)[1:]
    bound, right = best_without_memory(text)
    z = rng(seed).standard_normal((3, 3))
    assert F.cross_entropy(z[x], y).item() >= bound - 1e-12
    assert (z[x].argmax(axis=1) == y).mean() <= right + 1e-12
    counts = np.zeros((3, 3))
    np.add.at(counts, (x, y), 1)
    with np.errstate(divide="ignore"):
        best = np.maximum(np.log(counts / np.maximum(counts.sum(axis=1, keepdims=True), 1)), -50)
    assert F.cross_entropy(best[x], y).item() == pytest.approx(bound, abs=1e-9)


def test_the_story_needs_memory_and_is_plain():
    assert set(STORY) <= set("abcdefghijklmnopqrstuvwxyz ,.?") and 600 < len(STORY) < 1500
    assert best_without_memory(STORY)[0] > 5 * best_without_memory(STORY, seen=5)[0]


def test_gradients_reach_the_first_character():
    m = model().to(np.float64)
    logits, _ = m([[0], [1], [2]], [Tensor(np.zeros((1, 8)), requires_grad=True)])
    logits[2].sum().backward()
    assert np.abs(m.memory.weight_ih_l0.grad[:, 0]).max() > 1e-4
