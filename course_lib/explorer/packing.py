"""Pack the results of many runs into few bytes, and get them back.

A *cell* is the result of one run: a dict of numbers, arrays, strings and lists of strings. Numbers become
unsigned integers of 16 bits (8 for pictures) between the smallest and the largest value of their array, equal
arrays are stored once, and the whole is compressed. ``explorer.js`` holds the twin of :func:`unpack`.

The bytes, before compression: the length of the header (4 bytes, little endian), the header (JSON), and for
each key of arrays its codes. Codes are stored as differences along the flattened array, high bytes before low
bytes, because smooth curves then compress to about half.
"""

from __future__ import annotations

import json
import math
import struct
import zlib

import numpy as np

# The largest codes of a width are reserved, in this order, for what no interval holds.
_SPECIAL = (0.0, -math.inf, math.inf, math.nan)


def pack(cells, spec=None, *, bits=None):
    """Return the compressed bytes of a list of cells.

    Parameters
    ----------
    cells : list of dict
        Results by key. A key may be missing in some cells; arrays may differ in shape between cells.
    spec : dict, optional
        Anything JSON can hold, carried along.
    bits : dict of str to {8, 16}, optional
        Width of a key's codes; 16 where nothing is said.

    Examples
    --------
    >>> cells, spec = unpack(pack([{"loss": np.array([1.0, 0.5, np.nan])}, {"loss": np.array([2.0])}]))
    >>> cells[0]["loss"].tolist(), cells[1]["loss"].tolist()
    ([1.0, 0.5, nan], [2.0])
    """
    bits = bits or {}
    keys, blocks = {}, []
    for key in dict.fromkeys(key for cell in cells for key in cell):
        values = [cell.get(key) for cell in cells]
        if any(isinstance(value, (str, list)) for value in values):
            distinct, at = _distinct(values, lambda value: json.dumps(value))
            keys[key] = {"text": distinct, "at": at}
            continue
        width = bits.get(key, 16)
        arrays, at = _distinct(values, lambda value: (np.shape(value), np.asarray(value, float).tobytes()))
        coded = [_encode(np.asarray(array, float), width) for array in arrays]
        keys[key] = {"bits": width, "at": at, "arrays": [head for head, _ in coded]}
        blocks += _planes(np.concatenate([codes for _, codes in coded]) if coded else np.zeros(0), width)
    header = json.dumps(
        {"spec": spec, "count": len(cells), "keys": keys}, separators=(",", ":"), allow_nan=False
    )
    header = header.encode()
    return zlib.compress(struct.pack("<I", len(header)) + header + b"".join(blocks), 9)


def unpack(blob):
    """Return ``(cells, spec)`` from the bytes of :func:`pack`; arrays are float64, numbers have shape ()."""
    raw = zlib.decompress(blob)
    (length,) = struct.unpack_from("<I", raw)
    header, offset = json.loads(raw[4:4 + length]), 4 + length
    cells = [{} for _ in range(header["count"])]
    for key, column in header["keys"].items():
        values = column.get("text")
        if values is None:
            width = column["bits"]
            sizes = [math.prod(shape) for _, _, _, *shape in column["arrays"]]
            total = sum(sizes)
            planes = np.frombuffer(raw, np.uint8, total * width // 8, offset).reshape(width // 8, total)
            offset += planes.size
            codes = sum(plane.astype(np.int64) << 8 * i for i, plane in enumerate(planes[::-1]))
            parts = np.split(codes, np.cumsum(sizes)[:-1])
            values = [_decode(head, part, width) for head, part in zip(column["arrays"], parts, strict=True)]
        for cell, index in zip(cells, column["at"], strict=True):
            if index >= 0:
                cell[key] = values[index]
    return cells, header["spec"]


def error_bound(array, bits=16):
    """Return, for each value of an array, how far its unpacked value may be from it."""
    array = np.asarray(array, float)
    lo, hi, log, *_ = _encode(array, bits)[0]
    if log:
        half = (math.log(hi) - math.log(lo)) / (2 * _top(bits))
        return np.where(np.isfinite(array), np.abs(array), 0) * math.expm1(half + 1e-6)
    return (hi / 2 - lo / 2) / _top(bits) + 1e-6 * max(abs(lo), abs(hi)) + np.finfo(float).tiny


def _top(bits):
    """The largest code that stands for a number."""
    return 2**bits - 1 - len(_SPECIAL)


def _distinct(values, identity):
    """The different values in order of appearance, and for each value its place among them (-1 for None)."""
    places, distinct, at = {}, [], []
    for value in values:
        if value is None:
            at.append(-1)
            continue
        place = places.setdefault(identity(value), len(distinct))
        if place == len(distinct):
            distinct.append(value)
        at.append(place)
    return distinct, at


def _short(value):
    """Seven digits are enough for the end of an interval; whole numbers stay exact."""
    return float(value) if value == int(value) and abs(value) < 2**53 else float(f"{value:.7g}")


def _encode(array, bits):
    """Return ``([lo, hi, log, *shape], codes)``."""
    top, flat = _top(bits), array.ravel()
    finite = flat[np.isfinite(flat)]
    lo, hi = (finite.min(), finite.max()) if finite.size else (0.0, 0.0)
    positive = finite[finite > 0]
    # Losses fall over many decades; pictures are seen on a linear scale of colours, so they never use logs.
    log = bool(bits == 16 and lo >= 0 and positive.size and hi / 1e3 > positive.min())
    if log:
        lo = positive.min()
    elif hi / 2 - lo / 2 <= top / 2 and np.all(finite == np.round(finite)) and abs(lo) < 2**50:
        hi = lo + top if hi > lo else hi  # steps of 1: counts and classes come back exactly
    lo, hi = _short(lo), _short(hi)
    if hi < lo:
        hi = lo
    scaled = np.where(np.isfinite(flat), flat, lo)
    if log:
        scaled, lo_, hi_ = np.log(np.where(scaled > 0, scaled, lo)), math.log(lo), math.log(hi)
    else:
        lo_, hi_ = lo, hi
    span = hi_ / 2 - lo_ / 2  # halves: hi - lo itself may overflow
    codes = (
        np.clip(np.round((scaled / 2 - lo_ / 2) / span * top), 0, top) if span > 0 else np.zeros(flat.shape)
    )
    codes = codes.astype(np.int64)
    codes[np.isnan(flat)] = top + 4
    codes[flat == math.inf] = top + 3
    codes[flat == -math.inf] = top + 2
    if log:
        codes[flat == 0] = top + 1
    return [lo, hi, int(log), *array.shape], np.diff(codes, prepend=0) % 2**bits


def _decode(head, codes, bits):
    lo, hi, log, *shape = head
    top, codes = _top(bits), np.cumsum(codes) % 2**bits
    a, b = (math.log(lo), math.log(hi)) if log else (lo, hi)
    out = np.clip((a / 2 + np.minimum(codes, top) * ((b / 2 - a / 2) / top)) * 2, a, b)
    out = np.exp(out) if log else out
    for i, value in enumerate(_SPECIAL, 1):
        out[codes == top + i] = value
    return out.reshape(shape)


def _planes(codes, bits):
    """The bytes of the codes, the most significant byte of all of them first."""
    codes = codes.astype(np.int64)
    return [(codes >> shift & 255).astype(np.uint8).tobytes() for shift in range(bits - 8, -1, -8)]
