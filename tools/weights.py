"""Train the models whose weights are stored, and store them: course_lib/weights/NAME.npz.

    python tools/weights.py                list the models and what is stored
    python tools/weights.py NAME …         train, print what was measured, store
    python tools/weights.py --all

Each trainer below is the whole provenance of its file: data, seed, settings. Another processor gives other last
digits, so the checksum in weights/SHA256.json names the file that the chapters were run with.
"""

from __future__ import annotations

import argparse
import sys
import time
from functools import partial
from pathlib import Path

import numpy as np

ROOT = Path(__file__).resolve().parent.parent
sys.path.insert(0, str(ROOT))

from course_lib import (captions, feature_visualization, fit, nn, optim, pairs,  # noqa: E402
                        pretrained, seq2seq, sketch)

BUDGET = 2_000_000              # bytes of all stored weights together


def train_pairs(model, alphabet, texts, *, updates, lr, rng):
    """Teach a sequence-to-sequence model pairs of texts; the learning rate falls to 0 (chapter 17)."""
    sources, targets = alphabet.encode(texts[0]), alphabet.encode(texts[1], stop=True)
    optimizer = optim.Adam(model.parameters(), lr)
    seq2seq.train(model, sources, targets, optimizer=optimizer, updates=updates,
                  schedule=optim.CosineAnnealingLR(optimizer, updates), rng=rng)
    return model


def train_reversal(hidden_size, attention):
    """Chapter 17: strings of 1 to 12 digits, read from the end."""
    rng = np.random.default_rng(0)
    texts, size = pairs.reversal(40_000, (1, 12), rng=rng), len(pairs.DIGITS)
    model = seq2seq.Seq2Seq(size, size, hidden_size, attention=attention, rng=rng)
    return train_pairs(model, pairs.DIGITS, texts, updates=4000, lr=5e-3, rng=rng)


def train_dates(kind, *arguments, lr, **options):
    """Chapter 17: 10,000 dates as people write them, into ISO 8601."""
    rng = np.random.default_rng(0)
    texts, size = pairs.dates(10_000, rng=rng), len(pairs.DATE_CHARACTERS)
    model = kind(size, size, *arguments, **options, rng=rng)
    return train_pairs(model, pairs.DATE_CHARACTERS, texts, updates=1500, lr=lr, rng=rng)


def train_sketch():
    """The drawing network of chapter 17: 12,000 generated drawings of eight kinds, 14,000 updates."""
    rng = np.random.default_rng(0)
    drawings, _ = sketch.drawings(12_000, rng=rng)
    model = sketch.SketchRNN(72, mixtures=6, rng=rng)
    losses = sketch.train(model, drawings, updates=14_000, lr=0.008, rng=rng)
    print(f"sketch: mean loss of the last 100 updates {np.mean(losses[-100:]):.3f}")
    return model


def train_captions():
    """The captioners of chapter 17: both encoders, three seeds each, on 4,000 images of the 32 scenes to be seen."""
    models = nn.Sequential(*(captions.Captioner(encoder, rng=np.random.default_rng(seed))
                             for encoder in captions.ENCODERS for seed in range(3)))
    seen = [scene for scene in captions.SCENES if scene not in captions.UNSEEN]
    for i, model in enumerate(models):
        rng = np.random.default_rng(100 + i)
        images, texts = captions.examples(4000, seen, rng=rng)
        captions.train(model, images, texts, updates=4000, rng=rng)
        print(f"captions {i}:", *(f"{captions.exact_match(model, *captions.examples(1000, scenes, rng=rng)):.3f}"
                                  for scenes in (seen, captions.UNSEEN)))
    return models


def texture_patches(photographs, n, rng):
    """Patches of 24 x 24 pixels, each with the number of its region (16 in each photograph); light and colours vary."""
    X, regions = np.empty((n, 3, 24, 24), np.float32), rng.integers(0, 16 * len(photographs), n)
    for i, region in enumerate(regions):
        photograph, place = photographs[region // 16], region % 16
        height, width = (size // 4 for size in photograph.shape[1:])
        top = place // 4 * height + rng.integers(0, height - 23)
        left = place % 4 * width + rng.integers(0, width - 23)
        patch = photograph[:, top:top + 24, left:left + 24][:, :, ::rng.choice([-1, 1])]
        contrast, light = rng.uniform(0.6, 1.4, (3, 1, 1)), rng.uniform(0.3, 0.7) + rng.uniform(-0.15, 0.15, (3, 1, 1))
        X[i] = np.clip((patch - patch.mean()) * contrast + light, 0, 1)
    return X, regions


def train_textures():
    """Chapter 18: which of 32 regions of scikit-learn's two photographs, at half size, does a patch come from?"""
    from sklearn.datasets import load_sample_images
    photographs = [feature_visualization.resize(image.transpose(2, 0, 1) / 255, (213, 320))
                   for image in load_sample_images().images]
    rng = np.random.default_rng(0)
    model = nn.cnn((3, 24, 24), [16, 32, 48], 32, kernel_size=5, head="global average", rng=rng)
    optimizer = optim.AdamW(model.parameters(), lr=0.002, weight_decay=1.0)
    for epoch in range(60):
        optimizer.lr = 0.002 if epoch < 40 else 0.0005
        history = fit(model, *texture_patches(photographs, 2048, rng), optimizer=optimizer, epochs=1, rng=rng,
                      progress=False)
    print(f"textures: accuracy {history['train accuracy'][-1]:.2f} on the last 2048 patches")
    return model


# name -> (function that trains and returns a Module, dtype to store)
TRAINERS = {
    "reversal-16-attention": (partial(train_reversal, 16, True), "float16"),
    "reversal-16-vector": (partial(train_reversal, 16, False), "float16"),
    "reversal-32-attention": (partial(train_reversal, 32, True), "float16"),
    "reversal-32-vector": (partial(train_reversal, 32, False), "float16"),
    "dates-attention": (partial(train_dates, seq2seq.Seq2Seq, 48, lr=5e-3), "float16"),
    "dates-vector": (partial(train_dates, seq2seq.Seq2Seq, 48, attention=False, lr=5e-3), "float16"),
    "dates-transformer": (partial(train_dates, seq2seq.Transformer, lr=3e-3), "float16"),
    "dates-no-positions": (partial(train_dates, seq2seq.Transformer, positions=False, lr=3e-3), "float16"),
    "captions": (train_captions, "float16"),
    "sketch": (train_sketch, "float16"),
    "textures": (train_textures, "float16"),
}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", metavar="NAME")
    parser.add_argument("--all", action="store_true", help="every model")
    arguments = parser.parse_args()
    unknown = set(arguments.names) - set(TRAINERS)
    if unknown:
        parser.error(f"unknown model {', '.join(sorted(unknown))}; there are {', '.join(TRAINERS)}")
    for name in TRAINERS if arguments.all else arguments.names:
        train, dtype = TRAINERS[name]
        start = time.perf_counter()
        state = {key: value.astype(dtype) for key, value in train().state_dict().items()}
        path = pretrained.save(name, state)
        print(f"{name}: {time.perf_counter() - start:.0f} s, {path.stat().st_size / 1e3:.0f} KB")
    stored = sorted(pretrained.FOLDER.glob("*.npz"))
    total = sum(path.stat().st_size for path in stored)
    print(f"stored: {', '.join(path.stem for path in stored) or 'nothing'}; {total / 1e6:.2f} of {BUDGET / 1e6:.0f} MB")
    return total > BUDGET


if __name__ == "__main__":
    sys.exit(main())
