"""Images with captions, and the captioner that learns to write them (A72)."""
import numpy as np
import pytest

from course_lib import Diverged, F, Tensor, captions, nn, pretrained
from course_lib.gradcheck import gradcheck


def rng():
    return np.random.default_rng(0)


def test_images_show_what_captions_say():
    """Place and size can be measured in every image; the eight unseen scenes hold every word but no scene seen."""
    rows, columns = np.mgrid[:captions.SIDE, :captions.SIDE] + 0.5
    for size, shape, place in captions.SCENES:
        image = captions.draw(size, shape, place, rng=rng())
        mass = image.sum()
        middle = ((image * columns).sum() / mass, (image * rows).sum() / mass)
        assert np.abs(np.subtract(middle, captions.PLACES[place])).max() < 2.2
        assert image.min() == 0 and image.max() == 1
        assert mass < captions.draw("large", shape, place).sum() * 0.75 or size == "large"
    assert len(captions.UNSEEN) == 8 and set(captions.UNSEEN) < set(captions.SCENES)
    seen = set(captions.SCENES) - set(captions.UNSEEN)
    assert {word for scene in seen for word in scene} == {word for scene in captions.SCENES for word in scene}


def test_words_and_numbers_are_each_others_inverse():
    texts = [" ".join(scene) for scene in captions.SCENES]
    numbers = captions.encode(texts)
    assert captions.decode(numbers) == texts and numbers.shape == (40, captions.LONGEST)
    assert (captions.shifted(numbers)[:, 1:] == numbers[:, :-1]).all()


def test_the_loss_ends_with_the_first_end():
    """A72: words after <end> do not count, <end> itself does."""
    draw = rng()
    logits = draw.standard_normal((2, 5, 13))
    texts = captions.encode(["small cross centre", "large circle top left"])
    expected = F.cross_entropy(np.concatenate([logits[0, :4], logits[1]]), np.r_[texts[0, :4], texts[1]])
    assert captions.caption_loss(Tensor(logits), texts).item() == pytest.approx(expected.item(), rel=1e-12)
    changed = logits.copy()
    changed[0, 4] = 100
    assert captions.caption_loss(Tensor(changed), texts).item() == pytest.approx(expected.item(), rel=1e-12)


@pytest.mark.parametrize("encoder", captions.ENCODERS)
def test_gradients_flow_from_the_words_to_the_pixels(encoder):
    """A72, end to end."""
    draw = rng()
    model = captions.Captioner(encoder, hidden_size=4, rng=draw).to(np.float64)
    images, texts = captions.examples(2, rng=draw)
    images = images.astype(np.float64)
    loss = lambda *p: captions.caption_loss(model(images, captions.shifted(texts)), texts)      # noqa: E731
    assert gradcheck(loss, model.parameters(), rng=draw) <= 1e-6
    first = model.look.layers[0] if encoder == "flatten" else model.look.what.layers[0]
    assert np.abs(first.weight.grad).max() > 0


@pytest.mark.parametrize("encoder", captions.ENCODERS)
def test_reading_word_by_word_is_reading_at_once(encoder):
    """Greedy decoding says what teacher forcing with its own words finds likeliest."""
    model = captions.Captioner(encoder, rng=rng())
    images, _ = captions.examples(6, rng=rng())
    said = captions.describe(model, images)
    chances = captions.word_probabilities(model, images, said)
    np.testing.assert_allclose(chances.sum(-1), 1, atol=1e-5)
    np.testing.assert_array_equal(chances.argmax(-1), said)


def test_a_captioner_learns_few_scenes():
    draw = rng()
    scenes = [("small", "cross", "centre"), ("large", "circle", "top left"), ("large", "square", "bottom right")]
    images, texts = captions.examples(60, scenes, rng=draw)
    model = captions.Captioner(rng=draw)
    losses = captions.train(model, images, texts, updates=120, rng=draw)
    assert losses[-1] < losses[0] / 10
    assert captions.exact_match(model, *captions.examples(60, scenes, rng=draw)) > 0.9
    model.choose.bias.data[:] = np.nan
    with pytest.raises(Diverged, match="diverged at step 1: the loss is nan"):
        captions.train(model, images, texts, updates=3, rng=draw)


def test_hiding_the_shape_takes_its_words_and_hiding_the_ground_does_not():
    """Occlusion is the fall of each word's probability: with the stored captioners, most where the shape is."""
    stored = nn.Sequential(*(captions.Captioner(encoder, rng=rng()) for encoder in captions.ENCODERS for _ in range(3)))
    stored.load_state_dict(pretrained.load("captions"))
    image, text = captions.draw("small", "cross", "top left"), captions.encode(["small cross top left"])[0]
    for model in stored:
        falls = captions.occlusion(model, image, text, size=5, stride=1)
        assert falls.shape == (5, 12, 12)
        assert falls[1].max() > 0.2 and max(np.unravel_index(falls[1].argmax(), (12, 12))) < 7
        np.testing.assert_allclose(falls[:, 8:, :], 0, atol=1e-5)           # nothing but ground under the patch
        np.testing.assert_allclose(falls[:, :, 8:], 0, atol=1e-5)


@pytest.mark.parametrize("call, message", [
    (lambda: captions.draw("small", "ring", "centre"), "draw: shape must be one of 'circle', .* but is 'ring'"),
    (lambda: captions.draw("small", "cross", "centre", noise=0.1), "draw: noise needs an rng, but rng is None"),
    (lambda: captions.encode(["small red cross"]), "encode: the words are small, .* but a caption holds 'red'"),
    (lambda: captions.encode(["small cross top left now"]), "encode: a caption has at most 4 words, but is 'small cross top left now'"),
    (lambda: captions.Captioner("eyes", rng=rng()), "Captioner: encoder must be one of 'flatten', 'what and where', but is 'eyes'"),
    (lambda: captions.caption_loss(Tensor(np.zeros((1, 5, 13))), np.zeros((2, 5), int)),
     r"caption_loss: captions must have shape \(1, 5\), but is \(2, 5\)"),
])
def test_wrong_input_is_named(call, message):
    with pytest.raises(ValueError, match=message):
        call()
