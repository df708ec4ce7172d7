"""New training examples from old ones: images, mixtures, sound, text (chapter 11).

Every random transform takes an explicit ``rng``, and none changes its input. Whether a transform keeps the
*class* is for a person to say: :func:`label_safe` collects what is known about digits and letters.
"""
from .images import (CONFUSIONS, TRANSFORMS, add_noise, affine, augment, flip, label_safe, rotate, shift,
                     symmetry, zoom)
from .mixtures import extrapolate, mixup
from .sound import spec_augment, spectrogram, time_warp
from .text import random_deletion, random_insertion, random_swap, synonym_replacement, typo

__all__ = ["CONFUSIONS", "TRANSFORMS", "add_noise", "affine", "augment", "extrapolate", "flip", "label_safe",
           "mixup", "random_deletion", "random_insertion", "random_swap", "rotate", "shift", "spec_augment",
           "spectrogram", "symmetry", "synonym_replacement", "time_warp", "typo", "zoom"]
