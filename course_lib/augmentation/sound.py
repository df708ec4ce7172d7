"""Sound as a picture, stretched in time and with bands blanked out: SpecAugment (A45, chapter 11)."""
import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from .. import _check
from .images import _floats


def spectrogram(signal, window=256, hop=64):
    r"""Which frequencies sound when: the short-time Fourier transform's magnitude, in decibels (A45).

    .. math:: S_{ft} = 20 \log_{10} \Bigl| \sum_n w_n\, s_{n + t\,\mathrm{hop}}\, e^{-2\pi i f n / N} \Bigr|

    with a Hann window :math:`w` of N samples.

    Parameters
    ----------
    signal : array_like, shape (..., T)
        Samples.
    window, hop : int
        N and the step from one window to the next, in samples.

    Returns
    -------
    ndarray, shape (..., N // 2 + 1, 1 + (T - N) // hop)
        Row f is the frequency f/N of the sampling rate, the lowest first. Silence is -100 dB.

    Raises
    ------
    ValueError, TypeError
        If the signal is shorter than a window.

    Examples
    --------
    >>> tone = np.sin(2 * np.pi * 0.25 * np.arange(1024))            # a quarter of the sampling rate
    >>> S = spectrogram(tone, window=64, hop=32)
    >>> S.shape, int(S.mean(axis=1).argmax())
    ((33, 31), 16)
    """
    signal = _check.array("spectrogram", "signal", signal, (..., "T"))
    _check.whole("spectrogram", at_least=2, window=window)
    _check.whole("spectrogram", at_least=1, hop=hop)
    if signal.shape[-1] < window:
        raise ValueError(f"spectrogram: signal must have at least {window} "
                         f"samples, but has {signal.shape[-1]}")
    frames = sliding_window_view(signal, window, axis=-1)[..., ::hop, :]
    magnitude = np.abs(np.fft.rfft(frames * np.hanning(window)))
    decibels = 20 * np.log10(np.maximum(magnitude, 1e-5))
    return decibels.swapaxes(-1, -2).astype(np.float32)


def spec_augment(S, *, F, T, W=0, frequency_masks=1, time_masks=1, fill=None,
                 rng):
    r"""Warp in time, then blank out bands of frequencies and stretches of time (A45).

    Widths are drawn, :math:`f \sim U\{0, \dots, F\}` and :math:`t \sim U\{0, \dots, T\}`, and so are places. For the
    warp a moment in the middle moves by up to W steps, and what lies on either side is stretched or pressed evenly.

    Parameters
    ----------
    S : array_like, shape (frequencies, times)
    F, T, W : int
        The most: rows and columns of a mask, steps of the warp.
    frequency_masks, time_masks : int
        How many masks.
    fill : float, optional
        The value of masked cells; by default the mean of ``S``.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray, shape of ``S``

    Raises
    ------
    ValueError, TypeError
        If a mask may be larger than the spectrogram, or the warp reaches over half of it.

    Examples
    --------
    >>> out = spec_augment(np.ones((20, 30)), F=5, T=8, fill=0.0, rng=np.random.default_rng(3))
    >>> rows, columns = (out == 0).all(axis=1), (out == 0).all(axis=0)
    >>> bool(rows.sum() <= 5 and columns.sum() <= 8)
    True

    References
    ----------
    Park, D. S. et al. (2019). SpecAugment: a simple data augmentation method for automatic speech recognition.
    Interspeech.
    """
    S = _check_spec_augment(S, F, T, W, frequency_masks, time_masks, rng)
    rows, columns = S.shape
    fill = S.mean() if fill is None else fill
    out = S.copy()
    if W:
        moment = rng.integers(W + 1, columns - W - 1)
        out = time_warp(S, moment, rng.integers(-W, W + 1))
    for _ in range(frequency_masks):
        width = rng.integers(0, F + 1)
        start = rng.integers(0, rows - width + 1)
        out[start:start + width] = fill
    for _ in range(time_masks):
        width = rng.integers(0, T + 1)
        start = rng.integers(0, columns - width + 1)
        out[:, start:start + width] = fill
    return out


def _check_spec_augment(S, F, T, W, frequency_masks, time_masks, rng):
    S = _floats(_check.array("spec_augment", "S", S, ("frequencies", "times")))
    _check.whole("spec_augment", at_least=0, F=F, T=T, W=W, frequency_masks=frequency_masks, time_masks=time_masks)
    _check.generator("spec_augment", rng)
    rows, columns = S.shape
    if F > rows or T > columns:
        raise ValueError(f"spec_augment: F and T must be at most {rows} and {columns} because S is {S.shape}, "
                         f"but are {F} and {T}")
    if W and 2 * W + 3 > columns:
        raise ValueError(f"spec_augment: W must be at most {max((columns - 3) // 2, 0)} because there are {columns} "
                         f"times, but is {W}")
    return S


def time_warp(S, moment, by):
    """Move one moment of a spectrogram to another time; both ends stay (A45).

    Parameters
    ----------
    S : ndarray, shape (frequencies, times)
    moment : int
        The column that moves.
    by : int
        How far; it must stay between the ends.

    Examples
    --------
    >>> time_warp(np.arange(5.0)[None], moment=2, by=1).round(2).tolist()
    [[0.0, 0.67, 1.33, 2.0, 4.0]]
    """
    S = _floats(_check.array("time_warp", "S", S, ("frequencies", "times")))
    last = S.shape[1] - 1
    if not (0 < moment < last and 0 < moment + by < last):
        raise ValueError(f"time_warp: moment and moment + by must lie from 1 to {last - 1}, but are {moment} and "
                         f"{moment + by}")
    came_from = np.interp(np.arange(last + 1), [0, moment + by, last], [0, moment, last])
    before = np.minimum(came_from.astype(int), last - 1)     # interpolate between this column and the next
    share = came_from - before
    return ((1 - share) * S[:, before] + share * S[:, before + 1]).astype(S.dtype)
