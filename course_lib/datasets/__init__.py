"""Data small enough to look at: two-dimensional toys, handwritten digits, MNIST.

The toys return ``X``, float32 of shape (N, D), and ``y``, int64 class numbers of shape (N,).
Digits and MNIST come divided into a training and a test part, a :class:`Split`.
"""
from .handwriting import MNIST_MD5, MNIST_MIRRORS, Split, digits, mnist, read_idx
from .scaling import standardize, whiten
from .sound import CHIRPS, CHIRP_RATE, chirps
from .toys import blobs, moons, parity, spirals, xor

__all__ = ["CHIRPS", "CHIRP_RATE", "MNIST_MD5", "MNIST_MIRRORS", "Split", "blobs", "chirps", "digits",
           "mnist", "moons", "parity", "read_idx", "spirals", "standardize", "whiten", "xor"]
