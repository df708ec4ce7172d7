"""Handwritten digits: scikit-learn's of 8 x 8 pixels, and MNIST in the IDX format."""
import contextlib
import gzip
import hashlib
import math
import os
import struct
import tempfile
import urllib.request
import zlib
from pathlib import Path
from typing import NamedTuple

import numpy as np

from .. import _check


class Split(NamedTuple):
    """Examples to learn from and examples to be judged on.

    Attributes
    ----------
    X_train, X_test : ndarray, float32, (N, D)
        Inputs, one example per row.
    y_train, y_test : ndarray, int64, (N,)
        Class numbers from 0.
    """
    X_train: np.ndarray
    y_train: np.ndarray
    X_test: np.ndarray
    y_test: np.ndarray


def digits(seed=0):
    """Return scikit-learn's 1797 handwritten digits of 8 x 8 pixels, a quarter of each kept for testing.

    The division is stratified: every digit has the same share in both parts.

    Parameters
    ----------
    seed : int
        Which division: the same seed gives the same one.

    Returns
    -------
    Split
        X float32 in [0, 1], 1347 and 450 rows of 64 pixels (row by row); y int64 from 0 to 9.

    Raises
    ------
    ValueError, TypeError
        If ``seed`` is not a whole number of at least 0.

    References
    ----------
    Alpaydin, E. & Kaynak, C. (1998). Optical recognition of handwritten digits. UCI Machine Learning
    Repository.

    Examples
    --------
    >>> data = digits()
    >>> data.X_train.shape, data.X_test.shape, float(data.X_train.max())
    ((1347, 64), (450, 64), 1.0)
    """
    _check.whole("digits", seed=seed, at_least=0)
    from sklearn.datasets import load_digits                # scikit-learn takes a second to import
    from sklearn.model_selection import train_test_split
    X, y = load_digits(return_X_y=True)
    X_train, X_test, y_train, y_test = train_test_split(
        (X / 16).astype(np.float32), y.astype(np.int64), test_size=0.25, stratify=y, random_state=int(seed))
    return Split(X_train, y_train, X_test, y_test)


# MD5 finds a damaged or incomplete file; it is no protection against a forged one.
MNIST_MD5 = {
    "train-images-idx3-ubyte.gz": "f68b3c2dcbeaaa9fbdd348bbdeb94873",
    "train-labels-idx1-ubyte.gz": "d53e105ee54ea40749a09fcbcd1e9432",
    "t10k-images-idx3-ubyte.gz": "9fb629c4189551a2d022fa330f9573f3",
    "t10k-labels-idx1-ubyte.gz": "ec29112dd5afa0611ce80d1b7f02629c",
}
MNIST_MIRRORS = ("https://ossci-datasets.s3.amazonaws.com/mnist/",
                 "https://storage.googleapis.com/cvdf-datasets/mnist/")


def mnist(folder, download=False, *, mirrors=MNIST_MIRRORS):
    """Read MNIST, 70 000 handwritten digits of 28 x 28 pixels, from its four files in ``folder``.

    Nothing is fetched unless asked. Every file's MD5 sum is checked, after a download and on every read.

    Parameters
    ----------
    folder : path
        Where the four ``.gz`` files are, or shall be put (12 MB).
    download : bool
        Fetch the files that are missing or damaged.
    mirrors : sequence of str
        Addresses to try in turn, each ending in ``/``.

    Returns
    -------
    Split
        X float32 in [0, 1], 60 000 and 10 000 rows of 784 pixels (row by row); y int64 from 0 to 9.

    Raises
    ------
    FileNotFoundError
        If a file is missing and ``download`` is false.
    ValueError
        If a file is damaged and ``download`` is false.
    OSError
        If no mirror delivers an undamaged file.

    References
    ----------
    LeCun, Y., Bottou, L., Bengio, Y. & Haffner, P. (1998). Gradient-based learning applied to document
    recognition.

    Examples
    --------
    >>> data = mnist("data/mnist", download=True)                    # doctest: +SKIP
    >>> data.X_train.shape                                           # doctest: +SKIP
    (60000, 784)
    """
    folder = Path(folder)
    for name, md5 in MNIST_MD5.items():
        path = folder / name
        if path.is_file() and _md5(path) == md5:
            continue
        if download:
            _download(name, path, md5, mirrors)
        elif path.exists():
            raise ValueError(f"mnist: {path} must have MD5 sum {md5}, but has {_md5(path)}; "
                             "mnist(folder, download=True) replaces it")
        else:
            raise FileNotFoundError(f"mnist: {path} must exist, but does not; "
                                    "mnist(folder, download=True) fetches it (12 MB in all)")
    parts = []
    for images, labels in zip(*[iter(MNIST_MD5)] * 2):       # the names come in pairs
        X, y = read_idx(folder / images), read_idx(folder / labels)
        parts += [X.reshape(len(X), -1).astype(np.float32) / 255, y.astype(np.int64)]
    return Split(*parts)


_IDX_DTYPES = {0x08: ">u1", 0x09: ">i1", 0x0B: ">i2", 0x0C: ">i4", 0x0D: ">f4", 0x0E: ">f8"}


def read_idx(path):
    """Read an array from an IDX file, gzipped or plain.

    The file holds two zero bytes, a byte for the type of number, a byte for the number of axes, the
    length of each axis (4 bytes, most significant first), then the numbers, last axis fastest.

    Parameters
    ----------
    path : path

    Returns
    -------
    ndarray
        Of the shape and type the file states, in the machine's byte order.

    Raises
    ------
    ValueError
        If the file is no IDX file, is cut off, or goes on after its last number.
    OSError
        If the file cannot be opened.

    References
    ----------
    LeCun, Y., Cortes, C. & Burges, C. J. C. (1998). The MNIST database of handwritten digits.

    Examples
    --------
    >>> folder = Path(tempfile.mkdtemp())
    >>> _ = (folder / "three").write_bytes(bytes([0, 0, 0x08, 1, 0, 0, 0, 3, 10, 20, 30]))
    >>> read_idx(folder / "three")
    array([10, 20, 30], dtype=uint8)
    """
    content = Path(path).read_bytes()
    if content[:2] == b"\x1f\x8b":                           # what every gzip file starts with
        try:
            content = gzip.decompress(content)
        except (EOFError, gzip.BadGzipFile, zlib.error) as error:
            raise ValueError(f"read_idx: {path} must be a whole gzip file, but: {error}") from None
    if len(content) < 4 or content[:2] != b"\0\0" or content[2] not in _IDX_DTYPES:
        raise ValueError(f"read_idx: {path} must start with 00 00, a type (08 09 0b 0c 0d or 0e) and the number "
                         f"of axes, but starts with {content[:4].hex(' ') or 'nothing'}")
    dtype, ndim = np.dtype(_IDX_DTYPES[content[2]]), content[3]
    start = 4 + 4 * ndim
    if len(content) < start:
        raise ValueError(f"read_idx: {path} must state {ndim} axis lengths in {start} bytes, "
                         f"but has {len(content)}")
    shape = struct.unpack(f">{ndim}I", content[4:start])
    expected = start + math.prod(shape) * dtype.itemsize
    if len(content) != expected:
        fault = "is cut off at" if len(content) < expected else "goes on to"
        raise ValueError(f"read_idx: {path} must have {expected} bytes for shape {shape}, "
                         f"but {fault} {len(content)}")
    return np.frombuffer(content, dtype, offset=start).reshape(shape).astype(dtype.newbyteorder("="))


def _md5(path):
    with open(path, "rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.md5(usedforsecurity=False)).hexdigest()


def _download(name, path, md5, mirrors):
    """Fetch ``name`` to ``path``: whole and checked, or not at all."""
    from tqdm import tqdm
    path.parent.mkdir(parents=True, exist_ok=True)
    faults = []
    for mirror in mirrors:
        handle, part = tempfile.mkstemp(prefix=name, suffix=".part", dir=path.parent)
        try:
            with os.fdopen(handle, "wb") as file, urllib.request.urlopen(mirror + name, timeout=30) as answer:
                size = answer.headers.get("Content-Length")
                with tqdm(desc=name, total=int(size) if size else None, unit="B", unit_scale=True) as bar:
                    while chunk := answer.read(1 << 16):
                        file.write(chunk)
                        bar.update(len(chunk))
            if _md5(part) != md5:
                faults.append(f"{mirror}: MD5 sum {_md5(part)} instead of {md5}")
                continue
            os.replace(part, path)                           # readers see the old file or the whole new one
            return
        except OSError as error:                             # includes urllib's errors and timeouts
            faults.append(f"{mirror}: {error}")
        finally:
            with contextlib.suppress(FileNotFoundError):
                os.unlink(part)
    raise OSError(f"mnist: no mirror delivered {name} ({'; '.join(faults) or 'none given'})")
