"""Captions: a convolutional network looks, a recurrent one says what it sees (chapter 17).

The images show one shape, and a small grammar says what there is to say: *size shape place*.
"""
from itertools import product

import numpy as np

from . import _check
from .nn.attention import Embedding
from .nn.activations import ReLU
from .nn.cnn import cnn
from .nn.convolution import AvgPool2d, Conv2d, Flatten, GlobalMaxPool2d, MaxPool2d
from .nn.linear import Linear
from .nn.losses import cross_entropy
from .nn.module import Module, Sequential
from .nn.recurrent import LSTM
from .lr_scheduler import CosineAnnealingLR
from .optim import Adam
from .tensor import Tensor, as_tensor, cat, no_grad
from .training import fit_batches

SIDE = 16                                                # pixels
SIZES = {"small": 2.3, "large": 3.7}                     # radius in pixels
SHAPES = ("circle", "square", "triangle", "cross")
PLACES = {"top left": (4, 4), "top right": (12, 4), "bottom left": (4, 12), "bottom right": (12, 12), "centre": (8, 8)}
SCENES = tuple(product(SIZES, SHAPES, PLACES))           # all 40 things an image can show
# Each size and shape is never seen at one place in training; each word is seen, each of these combinations is not.
UNSEEN = tuple(scene for scene in SCENES
               if (2 * list(SIZES).index(scene[0]) + SHAPES.index(scene[1])
                   + list(PLACES).index(scene[2])) % 5 == 4)
START, STOP = "<start>", "<end>"
WORDS = (START, STOP, *SIZES, *SHAPES, "top", "bottom", "left", "right", "centre")
LONGEST = 5                                              # size, shape, two words for the place, <end>


# -- images and captions -----------------------------------------------------------------------------------

def draw(size, shape, place, *, noise=0.0, rng=None):
    """One image of a scene (A72).

    Parameters
    ----------
    size, shape, place : str
        One of :data:`SIZES`, :data:`SHAPES`, :data:`PLACES`.
    noise : float
        Standard deviation of the noise on each pixel.
    rng : numpy.random.Generator, optional
        Shifts the shape by up to a pixel, changes its size a little and draws the noise; without it the shape stands
        exactly at its place.

    Returns
    -------
    ndarray of float32, shape (16, 16)
        0 is the ground, 1 the shape; pixels on its border lie between.

    Examples
    --------
    >>> draw("small", "square", "top left").sum().round() == draw("small", "square", "centre").sum().round()
    np.True_
    """
    for name, value, known in (("size", size, SIZES), ("shape", shape, SHAPES), ("place", place, PLACES)):
        _check.choice("draw", name, value, tuple(known))
    _check.number("draw", at_least=0, noise=noise)
    if noise and rng is None:
        raise ValueError("draw: noise needs an rng, but rng is None")
    radius, centre = SIZES[size], np.array(PLACES[place], float)
    if rng is not None:
        radius, centre = radius * rng.uniform(0.93, 1.07), centre + rng.uniform(-1, 1, 2)
    fine = (np.arange(4 * SIDE) + 0.5) / 4               # four samples per pixel and direction
    x, y = (fine[None] - centre[0]) / radius, (fine[:, None] - centre[1]) / radius
    inside = {"circle": x * x + y * y < 1, "square": np.maximum(abs(x), abs(y)) < 0.88,
              "triangle": (y < 0.8) & (y > 2 * abs(x) - 1.1),
              "cross": (np.minimum(abs(x), abs(y)) < 0.3) & (np.maximum(abs(x), abs(y)) < 1)}[shape]
    image = inside.reshape(SIDE, 4, SIDE, 4).mean(axis=(1, 3))
    if noise:
        image = image + rng.normal(0, noise, image.shape)
    return image.astype(np.float32)


def encode(captions):
    """Captions as numbers, each ended, the shorter ones filled up with ends (A72).

    Parameters
    ----------
    captions : list of str

    Returns
    -------
    ndarray of int64, shape (N, 5)

    Raises
    ------
    ValueError
        If a caption is too long or holds an unknown word.

    Examples
    --------
    >>> encode(["small cross centre", "large circle top left"]).tolist()
    [[2, 7, 12, 1, 1], [3, 4, 8, 10, 1]]
    """
    numbers = np.full((len(captions), LONGEST), WORDS.index(STOP))
    for n, caption in enumerate(captions):
        words = caption.split()
        if len(words) >= LONGEST:
            raise ValueError(f"encode: a caption has at most {LONGEST - 1} words, but is {caption!r}")
        for word in words:
            if word not in WORDS[2:]:
                raise ValueError(f"encode: the words are {', '.join(WORDS[2:])}, but a caption holds {word!r}")
        numbers[n, :len(words)] = [WORDS.index(word) for word in words]
    return numbers


def decode(numbers):
    """Numbers as captions, each up to its first end: the inverse of :func:`encode`.

    >>> decode([[2, 7, 12, 1, 1]])
    ['small cross centre']
    """
    captions = []
    for row in np.asarray(numbers):
        words = [WORDS[i] for i in row]
        captions.append(" ".join(words[:words.index(STOP)] if STOP in words else words))
    return captions


def examples(n, scenes=SCENES, *, noise=0.1, rng):
    """``n`` images with their captions, scenes drawn at random (A72).

    Returns
    -------
    images : ndarray of float32, shape (n, 1, 16, 16)
    captions : ndarray of int64, shape (n, 5)
    """
    _check.whole("examples", at_least=1, n=n)
    _check.generator("examples", rng)
    chosen = [scenes[i] for i in rng.integers(len(scenes), size=n)]
    images = np.stack([draw(*scene, noise=noise, rng=rng) for scene in chosen])[:, None]
    return images, encode([" ".join(scene) for scene in chosen])


# -- the captioner -----------------------------------------------------------------------------------------

class WhatAndWhere(Module):
    """One eye sees shapes wherever they are, the other where they are (A72).

    *What*: convolutions and the maximum over the whole image, which forgets the place. *Where*: the image in 4 by 4
    coarse pixels, which hardly show a shape.

    Parameters
    ----------
    hidden_size : int
        Numbers in the answer.
    rng : numpy.random.Generator
    """

    def __init__(self, hidden_size, *, rng):
        self.what = Sequential(
            Conv2d(1, 8, 3, padding="same", rng=rng), ReLU(), MaxPool2d(2),
            Conv2d(8, 32, 3, padding="same", rng=rng), ReLU(), GlobalMaxPool2d())
        self.where = Sequential(AvgPool2d(SIDE // 4), Flatten())
        self.join = Linear(32 + 16, hidden_size, rng=rng)

    def forward(self, images):
        images = as_tensor(images, self.join.weight.dtype)
        return self.join(cat([self.what(images), self.where(images)], dim=1))


ENCODERS = ("flatten", "what and where")


class Captioner(Module):
    r"""CNN looks, LSTM speaks (A72).

    .. math:: h_0 = \mathrm{CNN}(I), \qquad h_t = \mathrm{LSTM}(w_{t-1}, h_{t-1}), \qquad
              p(w_t \mid w_{<t}, I) = \mathrm{softmax}(W h_t + b)

    Parameters
    ----------
    encoder : {"flatten", "what and where"}
        ``nn.cnn`` with its dense layer, or :class:`WhatAndWhere`.
    hidden_size : int
        H: all the decoder knows of the image are these H numbers.
    rng : numpy.random.Generator

    Examples
    --------
    >>> model = Captioner(rng=np.random.default_rng(0))
    >>> model(np.zeros((2, 1, 16, 16)), np.zeros((2, 5), int)).shape
    (2, 5, 13)

    References
    ----------
    Vinyals, O., Toshev, A., Bengio, S. & Erhan, D. (2015). Show and tell: a neural image caption generator. CVPR.
    """

    def __init__(self, encoder="flatten", hidden_size=48, *, rng):
        _check.choice("Captioner", "encoder", encoder, ENCODERS)
        if encoder == "flatten":
            self.look = cnn((1, SIDE, SIDE), [8, 16], hidden_size, rng=rng)
        else:
            self.look = WhatAndWhere(hidden_size, rng=rng)
        self.embed = Embedding(len(WORDS), 16, rng=rng)
        self.speak = LSTM(16, hidden_size, batch_first=True, rng=rng)
        self.choose = Linear(hidden_size, len(WORDS), rng=rng)

    def first_state(self, images):
        """What the decoder knows of the image, and an empty memory."""
        h0 = self.look(images)
        return [(h0, Tensor(np.zeros_like(h0.data)))]

    def forward(self, images, words):
        """Scores (N, L, V) of the word after each of the words (N, L)."""
        states, _ = self.speak(self.embed(words), self.first_state(images))
        return self.choose(states)


def shifted(captions):
    """What the decoder reads with teacher forcing: <start>, then every word but the last.

    >>> shifted(np.array([[2, 7, 12, 1, 1]])).tolist()
    [[0, 2, 7, 12, 1]]
    """
    captions = np.asarray(captions)
    return np.column_stack([np.full(len(captions), WORDS.index(START)), captions[:, :-1]])


def caption_loss(logits, captions):
    """Cross-entropy of every word, up to and with the first end of each caption (A72).

    Parameters
    ----------
    logits : Tensor, shape (N, L, V)
    captions : array_like of int, shape (N, L)

    Returns
    -------
    Tensor, a scalar
    """
    captions = np.asarray(captions)
    if captions.shape != logits.shape[:2]:
        raise ValueError(f"caption_loss: captions must have shape {logits.shape[:2]}, but is {captions.shape}")
    ends = np.cumsum(captions == WORDS.index(STOP), axis=1)
    counts = np.column_stack([np.zeros(len(ends)), ends[:, :-1]]) == 0       # no end before this word
    return cross_entropy(logits[np.nonzero(counts)], captions[counts])


def train(model, images, captions, *, updates, lr=0.005, batch_size=50, rng):
    """Teach a captioner: teacher forcing, Adam with a cosine schedule (A72).

    Returns
    -------
    list of float
        The loss before every update.

    Raises
    ------
    Diverged
        As soon as the loss is not finite.
    """
    optimizer = Adam(model.parameters(), lr=lr)
    schedule = CosineAnnealingLR(optimizer, updates)

    def batch_loss(step):
        rows = rng.integers(len(images), size=batch_size)
        logits = model(images[rows], shifted(captions[rows]))
        return caption_loss(logits, captions[rows])

    return fit_batches(model, batch_loss, updates, optimizer=optimizer, schedule=schedule)


def word_probabilities(model, images, captions):
    """How likely each word of the vocabulary is at each place of a caption, after the words before it.

    Returns
    -------
    ndarray, shape (N, L, V)
    """
    with no_grad():
        logits = model(images, shifted(captions)).data
    e = np.exp(logits - logits.max(axis=-1, keepdims=True))
    return e / e.sum(axis=-1, keepdims=True)


def describe(model, images):
    """Captions word by word: say the likeliest word, read it, go on (A72).

    Parameters
    ----------
    model : Captioner
    images : array_like, shape (N, 1, 16, 16)

    Returns
    -------
    ndarray of int64, shape (N, 5)
        For :func:`decode`.
    """
    captions = np.full((len(images), LONGEST), WORDS.index(STOP))
    with no_grad():
        word, state = shifted(captions[:, :1]), model.first_state(images)
        for t in range(LONGEST):
            states, state = model.speak(model.embed(word), state)
            word = model.choose(states).data.argmax(axis=-1)
            captions[:, t] = word[:, 0]
    return captions


def exact_match(model, images, captions):
    """The share of images whose whole caption is right (E82)."""
    return float(np.mean([a == b for a, b in zip(decode(describe(model, images)), decode(captions))]))


def occlusion(model, image, caption, *, size=5, stride=1):
    """Which part of the image each word of a caption needs: hide a patch and see how far its probability falls.

    Parameters
    ----------
    model : Captioner
    image : array_like, shape (16, 16)
    caption : array_like of int, shape (5,)
    size, stride : int
        Side of the patch of background, and by how many pixels it moves.

    Returns
    -------
    ndarray, shape (5, P, P)
        Fall of the probability, at each place of the patch, for each word.
    """
    image, caption = np.asarray(image, np.float32), np.asarray(caption)
    _check.whole("occlusion", at_least=1, size=size, stride=stride)
    corners = list(product(range(0, SIDE - size + 1, stride), repeat=2))
    images = np.repeat(image[None, None], len(corners) + 1, axis=0)
    for n, (i, j) in enumerate(corners):
        images[n, 0, i:i + size, j:j + size] = 0
    chances = word_probabilities(model, images, np.repeat(caption[None], len(images), axis=0))
    own = chances[:, np.arange(len(caption)), caption]
    side = int(len(corners) ** 0.5)
    return (own[-1] - own[:-1]).T.reshape(len(caption), side, side)
