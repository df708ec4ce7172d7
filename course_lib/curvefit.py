"""Small networks fitted to points on a line, all the way to the minimum, many at once (chapters 10 to 12)."""
import numpy as np

from . import _check


class TanhNetworks:
    r"""B networks with one input, M tanh units and one linear output: :math:`f(x) = \sum_m w_m \tanh(v_m x + b_m) + c`.

    Attributes
    ----------
    v, b, w : ndarray, shape (B, M)
        Weights and biases of the hidden units, and the weights of the output.
    c : ndarray, shape (B,)
        Bias of the output.
    objective : ndarray, shape (B,)
        What was minimised, at the end.
    """

    def __init__(self, theta, objective):
        hidden = theta.shape[1] // 3
        self.v, self.b, self.w, self.c = (*np.split(theta[:, :-1], 3, axis=1), theta[:, -1])
        self.hidden, self.objective = hidden, objective

    def __call__(self, x):
        """The answers at K places, (K,) -> (B, K)."""
        x = _check.array("TanhNetworks", "x", x, ("K",))
        h = np.tanh(x[:, None] * self.v[:, None] + self.b[:, None])              # (B, K, M)
        return (h @ self.w[:, :, None])[:, :, 0] + self.c[:, None]


def fit_tanh(x, y, hidden, *, weight_decay=0.0, restarts=5, spread=3.0, steps=100, rng):
    r"""Fit one tanh network to each of B data sets by Levenberg and Marquardt's method.

    .. math:: E(\theta) = \tfrac12 \sum_n (f_\theta(x_n) - y_n)^2
              + \tfrac{\lambda}{2} (\lVert v \rVert^2 + \lVert w \rVert^2), \qquad
              (J^\top J + \lambda D + \mu I)\, \Delta = -\nabla E

    :math:`J` holds the slopes of the N answers by the 3M + 1 parameters, D picks the penalised ones. A step that
    lowers E is taken and :math:`\mu` falls (towards Newton's step); else :math:`\mu` grows (towards a short step down
    the gradient). Gradient descent would need thousands of steps for what takes fifty here; the price is a system of
    equations per step, which only small networks can afford.

    Parameters
    ----------
    x : array_like, shape (N,) or (B, N)
    y : array_like, shape (N,) or (B, N)
        One row per data set.
    hidden : int
        M.
    weight_decay : float
        :math:`\lambda`, at least 0. Biases are free.
    restarts : int
        Starts per data set; the network with the lowest E stays.
    spread : float
        Standard deviation of the first v and, divided by the root of M, w; the bends begin anywhere among the data.
    steps : int
        At most.
    rng : numpy.random.Generator

    Returns
    -------
    TanhNetworks

    Raises
    ------
    ValueError, TypeError
        If the shapes differ, numbers are not finite, or a setting is out of range.

    Examples
    --------
    >>> x = np.linspace(0, 1, 20)
    >>> network = fit_tanh(x, np.tanh(3 * x - 1), hidden=1, rng=np.random.default_rng(0))
    >>> bool(abs(network(x) - np.tanh(3 * x - 1)).max() < 1e-6)
    True

    References
    ----------
    Levenberg, K. (1944). A method for the solution of certain non-linear problems in least squares.
    Marquardt, D. (1963). An algorithm for least-squares estimation of nonlinear parameters.
    """
    x, y = _data_sets(x, y, restarts)                   # (B·restarts, N)
    _check.whole("fit_tanh", hidden=hidden, steps=steps, at_least=1)
    _check.number("fit_tanh", weight_decay=weight_decay, at_least=0)
    theta = _starts(x, hidden, spread, rng)             # (B·restarts, 3M + 1)
    decay = weight_decay * np.repeat([1, 0, 1, 0], [hidden] * 3 + [1])
    identity, mu = np.eye(len(decay)), np.full(len(y), 0.01)
    misses, J, E = _slopes(theta, x, y, decay)
    on = np.arange(len(y))                              # who has not arrived
    for _ in range(steps):
        gradient = (misses[:, None] @ J)[:, 0] + decay * theta[on]
        curvature = J.transpose(0, 2, 1) @ J + np.diag(decay)
        curvature += mu[on, None, None] * identity
        step = np.linalg.solve(curvature, gradient[:, :, None])[:, :, 0]
        new_misses, new_J, new_E = _slopes(theta[on] - step, x[on], y[on], decay)
        gain = E[on] - new_E
        good = gain > 0
        theta[on[good]] -= step[good]
        misses[good], J[good], E[on[good]] = new_misses[good], new_J[good], new_E[good]
        mu[on] = np.where(good, mu[on] / 4, mu[on] * 3).clip(1e-9)
        going = (E[on] > 1e-12) & np.where(good, gain > 1e-10 * E[on], mu[on] < 1e8)
        on, misses, J = on[going], misses[going], J[going]
        if not len(on):
            break
    best = E.reshape(-1, restarts).argmin(axis=1) + np.arange(0, len(E), restarts)
    return TanhNetworks(theta[best], E[best])


def _data_sets(x, y, restarts):
    """Check the data and repeat every set ``restarts`` times: x and y, each (B·restarts, N)."""
    x, y = (np.atleast_2d(_check.array("fit_tanh", name, value, ("N",) if np.ndim(value) == 1 else ("B", "N")))
            .astype(float) for name, value in (("x", x), ("y", y)))
    if x.shape[1] != y.shape[1] or len(x) not in (1, len(y)):
        raise ValueError(f"fit_tanh: x must have shape {y.shape} or ({y.shape[1]},), as y has, but is {x.shape}")
    _check.whole("fit_tanh", restarts=restarts, at_least=1)
    return [np.repeat(np.broadcast_to(a, y.shape), restarts, axis=0) for a in (x, y)]


def _starts(x, hidden, spread, rng):
    """Parameters v, b, w, c to begin with, side by side; the bends, where vx + b = 0, lie among the data."""
    _check.number("fit_tanh", spread=spread, above=0)
    _check.generator("fit_tanh", rng)
    B = len(x)
    v = spread * rng.standard_normal((B, hidden))
    w = spread / np.sqrt(hidden) * rng.standard_normal((B, hidden))
    bends = rng.uniform(x.min(axis=1, keepdims=True), x.max(axis=1, keepdims=True), (B, hidden))
    return np.concatenate([v, -v * bends, w, np.zeros((B, 1))], axis=1)


def _slopes(theta, x, y, decay):
    """Misses (B, N), slopes of the answers (B, N, 3M + 1), and what is minimised (B,)."""
    v, b, w = np.split(theta[:, None, :-1], 3, axis=2)                           # (B, 1, M) each
    x = x[:, :, None]
    h = np.tanh(v * x + b)                                                       # (B, N, M)
    misses = (w * h).sum(axis=2) + theta[:, -1:] - y
    bend = w * (1 - h * h)
    J = np.concatenate([bend * x, bend, h, np.ones_like(x)], axis=2)
    return misses, J, ((misses**2).sum(axis=1) + (decay * theta**2).sum(axis=1)) / 2
