"""Four kinds of chirps: sounds that only their course in time tells apart."""
import numpy as np

from .. import _check

CHIRPS = ("rising", "falling", "steady", "wobbling")
CHIRP_RATE = 4000                                            # samples per second


def chirps(n, noise=0.3, *, rng):
    r"""Short whistles whose pitch rises, falls, stays or wobbles.

    :math:`s(t) = a \sin\bigl(2\pi \int_0^t f(u)\,du\bigr)` plus noise, half a second at 4,000 samples per second. The
    middle of the pitch is drawn from 500 to 1,500 Hz, its change from 300 to 800 Hz.

    Parameters
    ----------
    n : int
        How many, the classes as equally many as possible, in random order.
    noise : float
        Standard deviation of white noise; the whistles have amplitudes from 0.5 to 1.
    rng : numpy.random.Generator

    Returns
    -------
    X : ndarray, float32, (n, 2000)
        Samples.
    y : ndarray, int64, (n,)
        Index into ``CHIRPS``.

    Raises
    ------
    ValueError, TypeError
        If ``n`` is no positive whole number, ``noise`` negative or ``rng`` no generator.

    Examples
    --------
    >>> X, y = chirps(8, rng=np.random.default_rng(0))
    >>> X.shape, sorted(y.tolist())
    ((8, 2000), [0, 0, 1, 1, 2, 2, 3, 3])
    """
    _check.whole("chirps", at_least=1, n=n)
    _check.number("chirps", at_least=0, noise=noise)
    _check.generator("chirps", rng)
    y = rng.permutation(np.arange(n) % len(CHIRPS))
    t = np.linspace(-0.5, 0.5, CHIRP_RATE // 2)              # the half second, from -0.5 to 0.5
    shapes = np.stack([t, -t, 0 * t, 0.5 * np.sin(4 * np.pi * t)])
    middle, change = rng.uniform(500, 1500, (n, 1)), rng.uniform(300, 800, (n, 1))
    phase = 2 * np.pi * np.cumsum(middle + change * shapes[y], axis=1) / CHIRP_RATE
    X = rng.uniform(0.5, 1, (n, 1)) * np.sin(phase + rng.uniform(0, 2 * np.pi, (n, 1)))
    return (X + noise * rng.standard_normal(X.shape)).astype(np.float32), y
