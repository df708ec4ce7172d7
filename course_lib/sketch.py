"""Drawing with a recurrent network: what comes next is a mixture of Gaussians (chapter 17).

A drawing is a sequence of small moves of a pen. The network reads the moves made so far and answers with a
*distribution* over the next one, because a drawing can go on in several ways. Lengths are in **steps**: a pen that
draws moves one step at a time.
"""
import math
from typing import NamedTuple

import numpy as np

from . import _check
from .nn.linear import Linear
from .nn.module import Module
from .nn.recurrent import GRU
from .optim import Adam
from .lr_scheduler import CosineAnnealingLR
from .tensor import Tensor, as_tensor, no_grad
from .training import fit_batches

KINDS = ("circle", "square", "triangle", "star", "zigzag", "wave", "spiral", "face")
DOWN, LIFT, END = 0, 1, 2           # the pen after a move: stays on the paper, is lifted, the drawing is finished
SIGMA_MIN = 0.02                    # in steps: no Gaussian is narrower, so no density is infinite
RHO_MAX = 0.95                      # no Gaussian is a line


# -- drawings --------------------------------------------------------------------------------------------

def resample(points, step=1.0):
    """Walk along a line and leave a mark whenever the last one is exactly one step away (A71).

    Parameters
    ----------
    points : array_like, shape (N, 2)
    step : float

    Returns
    -------
    ndarray, shape (T, 2)
        Begins with the first point; what is left at the end, shorter than a step, is dropped.

    Raises
    ------
    ValueError
        If there is no point, or ``step`` is not positive.

    Examples
    --------
    >>> resample([[0, 0], [2.5, 0], [2.5, 3]]).round(2).tolist()
    [[0.0, 0.0], [1.0, 0.0], [2.0, 0.0], [2.5, 0.87], [2.5, 1.87], [2.5, 2.87]]
    """
    points = _check.array("resample", "points", points, ("N", 2)).astype(float)
    _check.number("resample", above=0, step=step)
    marks = [points[0]]
    for a, b in zip(points[:-1], points[1:]):
        while math.dist(marks[-1], b) >= step:
            # |a + t (b - a) - mark| = step: a quadratic equation for t; the later crossing leads onwards.
            d, e = b - a, a - marks[-1]
            p, q = (d @ e) / (d @ d), (e @ e - step * step) / (d @ d)
            marks.append(a + (math.sqrt(max(p * p - q, 0)) - p) * d)
    return np.array(marks)


def to_strokes(lines):
    """Pen lines as moves (dx, dy, pen): the *stroke-3* format (A71).

    Parameters
    ----------
    lines : list of array_like, shapes (T_i, 2)
        Where the pen goes; between two lines it is lifted.

    Returns
    -------
    ndarray of float32, shape (T, 3)
        Moves from the first point on, and the pen after each: 0 stays down, 1 is lifted, 2 the drawing ends.

    Raises
    ------
    ValueError
        If there is no line, the first has fewer than two points, or another none.

    Examples
    --------
    >>> to_strokes([[[0, 0], [1, 0], [1, 1]], [[3, 1], [3, 2]]]).tolist()
    [[1.0, 0.0, 0.0], [0.0, 1.0, 1.0], [2.0, 0.0, 0.0], [0.0, 1.0, 2.0]]
    """
    if not len(lines):
        raise ValueError("to_strokes: lines must hold at least one line, but is empty")
    lines = [_check.array("to_strokes", "every line", line, ("T", 2)) for line in lines]
    if len(lines[0]) < 2:
        raise ValueError("to_strokes: the first line must have at least 2 points, but has 1")
    moves = np.diff(np.concatenate(lines), axis=0)
    pen = np.zeros(len(moves))
    pen[np.cumsum([len(line) for line in lines]) - 2] = [LIFT] * (len(lines) - 1) + [END]
    return np.column_stack([moves, pen]).astype(np.float32)


def to_lines(strokes, start=(0.0, 0.0)):
    """Where the pen went: the inverse of :func:`to_strokes`.

    Parameters
    ----------
    strokes : array_like, shape (T, 3)
    start : pair of float

    Returns
    -------
    list of ndarray, shapes (T_i, 2)

    Examples
    --------
    >>> [line.tolist() for line in to_lines([[1, 0, 1], [2, 0, 0], [0, 1, 2]])]
    [[[0.0, 0.0], [1.0, 0.0]], [[3.0, 0.0], [3.0, 1.0]]]
    """
    strokes = _check.array("to_lines", "strokes", strokes, ("T", 3))
    places = np.vstack([start, np.cumsum(strokes[:, :2], axis=0) + start])
    ends = np.flatnonzero(strokes[:-1, 2] == LIFT) + 2
    return np.split(places, ends)


def draw(kind, *, rng):
    """One drawing as a hand would do it: size, place of the start, direction and tremor vary (A71).

    Parameters
    ----------
    kind : str
        One of :data:`KINDS`.
    rng : numpy.random.Generator

    Returns
    -------
    ndarray of float32, shape (T, 3)
        Moves in stroke-3 format, each one step long while the pen is on the paper.

    Examples
    --------
    >>> moves = draw("circle", rng=np.random.default_rng(0))
    >>> bool(np.hypot(*moves[:, :2].sum(axis=0)) < 1.5)                         # it ends where it began
    True
    """
    _check.choice("draw", "kind", kind, KINDS)
    _check.generator("draw", rng)
    lines = [_tremble(line, rng) for line in _ideal(kind, rng)]
    marks = [np.vstack([m := resample(line), *(line[-1:] if math.dist(m[-1], line[-1]) > 0.3 else [])])
             for line in lines]
    return to_strokes([m + rng.normal(0, 0.04, m.shape) for m in marks])


def drawings(n, kinds=KINDS, *, rng):
    """``n`` drawings, their kinds in turn (A71).

    Returns
    -------
    list of ndarray, shapes (T_i, 3), and list of str
    """
    _check.whole("drawings", at_least=1, n=n)
    names = [kinds[i % len(kinds)] for i in range(n)]
    return [draw(kind, rng=rng) for kind in names], names


def _ideal(kind, rng):
    """The lines of a shape without tremor; y points down, as on a screen."""
    turn, sign = rng.uniform(0, 2 * np.pi), rng.choice([-1, 1])
    if kind == "circle":
        r = rng.uniform(3, 7.5)
        return [_turned(_arc(r, r * rng.uniform(0.85, 1.15), turn, turn + sign * 2 * np.pi), rng.uniform(0, np.pi))]
    if kind in ("square", "triangle", "star"):
        corners = {"square": 4, "triangle": 3, "star": 5}[kind]
        r = rng.uniform(4.5, 7) if kind == "star" else rng.uniform(3.5, 8)
        top = -np.pi / (4 if kind == "square" else 2) + rng.normal(0, 0.06)
        skip = sign * (2 if kind == "star" else 1)
        angles = top + 2 * np.pi / corners * (rng.integers(corners) + skip * np.arange(corners + 1))
        return [r * np.column_stack([np.cos(angles), np.sin(angles)]) * [rng.uniform(0.9, 1.1), 1]]
    if kind == "zigzag":
        legs, leg, half = rng.integers(5, 9), rng.uniform(4, 7.5), rng.uniform(0.25, 0.6)
        across = leg * np.sin(half) * np.arange(legs + 1)
        line = np.column_stack([across, sign * leg * np.cos(half) * (np.arange(legs + 1) % 2)])
        return [_turned(line, rng.integers(4) * np.pi / 2 + rng.normal(0, 0.1))]
    if kind == "wave":
        x = np.linspace(0, rng.uniform(1.8, 3), 200)
        line = np.column_stack([rng.uniform(8, 12) * x, sign * rng.uniform(1.8, 4) * np.sin(2 * np.pi * x)])
        return [_turned(line, rng.integers(4) * np.pi / 2 + rng.normal(0, 0.1))]
    if kind == "spiral":
        angle = np.linspace(0, rng.uniform(2, 3) * 2 * np.pi, 300)
        r = 1 + rng.uniform(1.9, 2.4) * angle / (2 * np.pi)
        return [np.column_stack([r * np.cos(turn + sign * angle), r * np.sin(turn + sign * angle)])]
    # A face: outline, two eyes, a mouth. Hands begin at the top; a beginning anywhere would not tell where the eyes go.
    r = rng.uniform(4.5, 6.5)
    eye = np.array([[0, -0.3 * r], [0, -0.3 * r + 1.3]])
    return [_arc(r, r, -np.pi / 2, (sign - 0.25) * 2 * np.pi), eye - [0.38 * r, 0], eye + [0.38 * r, 0],
            _arc(0.55 * r, 0.5 * r, 0.88 * np.pi, 0.12 * np.pi)]


def _arc(rx, ry, first, last):
    angle = np.linspace(first, last, 120)
    return np.column_stack([rx * np.cos(angle), ry * np.sin(angle)])


def _turned(line, angle):
    c, s = math.cos(angle), math.sin(angle)
    return line @ np.array([[c, s], [-s, c]])


def _tremble(line, rng):
    """The line as an unsteady hand follows it: slow waves of a tenth of a step along the way."""
    lengths = np.hypot(*np.diff(line, axis=0).T)
    along = np.concatenate([[0], np.cumsum(lengths)])
    fine = np.arange(0, along[-1] + 0.25, 0.25).clip(max=along[-1])
    places = np.column_stack([np.interp(fine, along, line[:, axis]) for axis in (0, 1)])
    for wavelength in (4, 9, 20):
        phase = 2 * np.pi * (fine / (wavelength * rng.uniform(0.8, 1.25)) + rng.uniform())
        places += 0.012 * wavelength * np.sin(phase)[:, None] * rng.standard_normal(2)
    return places


# -- the head: a mixture of Gaussians, and the pen ---------------------------------------------------------

class Mixture(NamedTuple):
    """The distribution over the next move that M Gaussians and the pen make."""
    weight: np.ndarray                                   # (..., M), adds up to 1
    mean: np.ndarray                                     # (..., M, 2)
    sigma: np.ndarray                                    # (..., M, 2)
    rho: np.ndarray                                      # (..., M)
    pen: np.ndarray                                      # (..., 3): stays down, is lifted, ends

    def density(self, moves):
        """The density at moves (..., 2), broadcast against the mixture's leading axes."""
        moves = np.asarray(moves)[..., None, :]
        return np.exp(_log_normal(*np.moveaxis((moves - self.mean) / self.sigma, -1, 0), self.sigma, self.rho)
                      + np.log(self.weight)).sum(axis=-1)


def mixture(params, temperature=1.0):
    r"""The network's 6M + 3 numbers as a distribution (A71).

    .. math:: \pi = \mathrm{softmax}(\hat\pi / \tau), \quad \sigma = (\sigma_0 + e^{\hat\sigma}) \sqrt\tau, \quad
              \rho = \rho_0 \tanh\hat\rho, \quad q = \mathrm{softmax}(\hat q)

    Parameters
    ----------
    params : array_like, shape (..., 6M + 3)
        M weights, then M each of :math:`\mu_x, \mu_y, \hat\sigma_x, \hat\sigma_y, \hat\rho`, then 3 for the pen.
    temperature : float
        :math:`\tau`: below 1 steadier, above 1 more adventurous. The pen's chances stay as they are (Ha and Eck
        divide them too): "finished" is never the likeliest for long, and a cold network would draw on for ever.

    Returns
    -------
    Mixture

    Raises
    ------
    ValueError
        If the length is not 6M + 3 or the temperature not positive.

    Examples
    --------
    >>> mixture(np.zeros(9)).pen.round(3), mixture(np.zeros(9)).weight
    (array([0.333, 0.333, 0.333]), array([1.]))
    """
    params = np.asarray(params.data if isinstance(params, Tensor) else params)
    M = _check_params(params)
    _check.number("mixture", above=0, temperature=temperature)
    groups = params[..., :6 * M].reshape(*params.shape[:-1], 6, M)
    weight, mx, my, sx, sy, r = np.moveaxis(groups, -2, 0)
    sigma = SIGMA_MIN + np.exp(np.stack([sx, sy], axis=-1))
    return Mixture(weight=_softmax(weight / temperature),
                   mean=np.stack([mx, my], axis=-1),
                   sigma=sigma * math.sqrt(temperature),
                   rho=RHO_MAX * np.tanh(r),
                   pen=_softmax(params[..., 6 * M:]))


def mdn_nll(params, target, mask=None):
    r"""Negative log-likelihood of moves under a mixture of Gaussians and a pen (A71).

    .. math:: -\log \sum_m \pi_m \mathcal N(\Delta \mid \mu_m, \Sigma_m) - \log q_{pen}

    Its gradient needs how much each Gaussian is *responsible* for the move,
    :math:`\gamma_m = \pi_m \mathcal N_m / \sum_k \pi_k \mathcal N_k`. With :math:`z = (\Delta - \mu) / \sigma` and
    :math:`C = 1 / (1 - \rho^2)`

    .. math:: \frac{\partial}{\partial\hat\pi} = \pi - \gamma, \qquad
              \frac{\partial}{\partial\mu_x} = -\gamma\,\frac{C}{\sigma_x} (z_x - \rho z_y), \qquad
              \frac{\partial}{\partial\sigma_x} = \frac{\gamma}{\sigma_x} \bigl(1 - C z_x (z_x - \rho z_y)\bigr)

    .. math:: \frac{\partial}{\partial\rho} = -\gamma C \bigl(\rho + z_x z_y - \rho\,C (z_x^2 + z_y^2 - 2 \rho z_x z_y)\bigr),
              \qquad \frac{\partial}{\partial\hat q} = q - \text{one-hot}

    Parameters
    ----------
    params : Tensor or array_like, shape (..., 6M + 3)
        As :func:`mixture` reads them.
    target : array_like, shape (..., 3)
        Moves (dx, dy, pen).
    mask : array_like of bool, shape (...), optional
        Which moves count; by default all.

    Returns
    -------
    Tensor, a scalar
        The mean over the moves that count, in nats.

    Raises
    ------
    ValueError
        If the shapes do not fit, a pen is not 0, 1 or 2, or no move counts.

    Examples
    --------
    >>> round(mdn_nll(np.zeros((1, 9)), [[0.0, 0.0, 0.0]]).item(), 3)           # 2 log(sigma) + log(2 pi) + log 3
    2.976

    References
    ----------
    Bishop, C. (1994). Mixture density networks. Aston University, NCRG/94/004.
    Graves, A. (2013). Generating sequences with recurrent neural networks. arXiv:1308.0850.
    Ha, D. & Eck, D. (2018). A neural representation of sketch drawings. ICLR.
    """
    params = as_tensor(params)
    weight, mean, sigma, rho, q = mixture(params.data)
    target, count = _check_moves(params, target, mask)
    pen = np.eye(3, dtype=params.dtype)[target[..., 2].astype(int)]
    z = (target[..., None, :2] - mean) / sigma
    zx, zy = z[..., 0], z[..., 1]
    log_joint = _log_softmax(params.data[..., :rho.shape[-1]])
    log_joint = log_joint + _log_normal(zx, zy, sigma, rho)
    top = log_joint.max(axis=-1, keepdims=True)          # exp cannot overflow
    total = np.exp(log_joint - top).sum(axis=-1, keepdims=True)
    log_pen = (_log_softmax(params.data[..., -3:]) * pen).sum(axis=-1)
    nll = -(top + np.log(total))[..., 0] - log_pen

    def backward(grad):
        gamma = np.exp(log_joint - top) / total
        C = 1 / (1 - rho * rho)
        u, v = C * (zx - rho * zy), C * (zy - rho * zx)
        sx, sy = sigma[..., 0], sigma[..., 1]
        d_rho = -gamma * (C * rho + C * zx * zy - rho * C * (zx * u + zy * v))
        parts = [weight - gamma,
                 -gamma * u / sx, -gamma * v / sy,
                 gamma * (1 - zx * u) * (1 - SIGMA_MIN / sx),
                 gamma * (1 - zy * v) * (1 - SIGMA_MIN / sy),
                 d_rho * RHO_MAX * (1 - (rho / RHO_MAX) ** 2), q - pen]
        return (np.concatenate(parts, axis=-1) * (grad * count)[..., None],)
    return Tensor.from_op((nll * count).sum(), (params,), backward)


def _log_normal(zx, zy, sigma, rho):
    left = 1 - rho * rho
    return -(math.log(2 * math.pi) + np.log(sigma).sum(axis=-1) + np.log(left) / 2
             + (zx * zx + zy * zy - 2 * rho * zx * zy) / (2 * left))


def _log_softmax(z):
    z = z - z.max(axis=-1, keepdims=True)
    return z - np.log(np.exp(z).sum(axis=-1, keepdims=True))


def _softmax(z):
    return np.exp(_log_softmax(z))


def _check_params(params):
    """M, if there are 6M + 3 numbers."""
    if params.ndim < 1 or params.shape[-1] < 9 or params.shape[-1] % 6 != 3:
        raise ValueError(f"mixture: params must have shape (..., 6M + 3), but is {params.shape}")
    return params.shape[-1] // 6


def _check_moves(params, target, mask):
    """The moves in the parameters' dtype, and how much each counts in the mean."""
    target = _check.array("mdn_nll", "target", target, (*params.shape[:-1], 3)).astype(params.dtype)
    if not np.isin(target[..., 2], (DOWN, LIFT, END)).all():
        raise ValueError("mdn_nll: the pen (last column of target) must be 0, 1 or 2")
    mask = np.ones(target.shape[:-1]) if mask is None else np.asarray(mask)
    if mask.shape != target.shape[:-1]:
        raise ValueError(f"mdn_nll: mask must have shape {target.shape[:-1]}, but is {mask.shape}")
    if not mask.any():
        raise ValueError("mdn_nll: mask leaves no move that counts")
    return target, (mask / mask.sum()).astype(params.dtype)


# -- the network -------------------------------------------------------------------------------------------

class SketchRNN(Module):
    """A GRU that reads moves and answers each with a distribution over the next (A71).

    It is the decoder of Ha and Eck's model, without the code for the whole drawing.

    Parameters
    ----------
    hidden_size, mixtures : int
        H and M.
    rng : numpy.random.Generator

    Examples
    --------
    >>> model = SketchRNN(16, 4, rng=np.random.default_rng(0))
    >>> model(np.zeros((7, 2, 3)))[0].shape
    (7, 2, 27)
    """

    def __init__(self, hidden_size=64, mixtures=6, *, rng):
        _check.whole("SketchRNN", at_least=1, mixtures=mixtures)
        self.gru = GRU(5, hidden_size, rng=rng)
        self.head = Linear(hidden_size, 6 * mixtures + 3, rng=rng)

    def forward(self, strokes, state=None):
        """Moves (T, N, 3) to params (T, N, 6M + 3) of those that follow."""
        states, state = self.gru(five(strokes), state)
        return self.head(states), state


def five(strokes):
    """Moves (..., 3) as the network reads them: (dx, dy) and the pen as one of three (*stroke-5*, A71)."""
    strokes = np.asarray(strokes, np.float32)
    return np.concatenate([strokes[..., :2], np.eye(3, dtype=np.float32)[strokes[..., 2].astype(int)]], axis=-1)


def batch(strokes):
    """Drawings of different length side by side, for teacher forcing (A71).

    Parameters
    ----------
    strokes : list of ndarray, shapes (T_i, 3)

    Returns
    -------
    inputs, targets : ndarray, shape (T, N, 3)
        What the network reads, from a move of length 0 on, and what it should have expected.
    mask : ndarray of bool, shape (T, N)
        False after the end of a drawing.
    """
    T, N = max(map(len, strokes)), len(strokes)
    targets, mask = np.zeros((T, N, 3), np.float32), np.zeros((T, N), bool)
    for n, one in enumerate(strokes):
        targets[:len(one), n], mask[:len(one), n] = one, True
    inputs = np.concatenate([np.zeros((1, N, 3), np.float32), targets[:-1]])
    return inputs, targets, mask


def train(model, strokes, *, updates, lr=0.005, batch_size=64, rng):
    """Teach a model to expect the next move (A71).

    Teacher forcing, Adam with a cosine schedule, clipped gradients.

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
        chosen = rng.integers(len(strokes), size=batch_size)
        inputs, targets, mask = batch([strokes[i] for i in chosen])
        return mdn_nll(model(inputs)[0], targets, mask)

    return fit_batches(model, batch_loss, updates, optimizer=optimizer,
                       schedule=schedule, clip_norm=1.0)


def sample(mix, rng):
    """Draw a move (dx, dy, pen) from each of N mixtures (A71).

    First which Gaussian, then where in it: :math:`\\Delta = \\mu + \\sigma \\odot (a, \\rho a + \\sqrt{1 - \\rho^2} b)`
    with standard normal a and b; and the pen.
    """
    def pick(chances):
        return (rng.random((len(chances), 1)) > chances.cumsum(axis=-1)[:, :-1]).sum(axis=-1)
    rows, m = np.arange(len(mix.pen)), pick(mix.weight)
    a, b = rng.standard_normal((2, len(rows)))
    rho = mix.rho[rows, m]
    dx, dy = (mix.mean[rows, m] + mix.sigma[rows, m] * np.column_stack([a, rho * a + np.sqrt(1 - rho * rho) * b])).T
    return np.column_stack([dx, dy, pick(mix.pen)]).astype(np.float32)


def continuations(model, start, n=1, *, temperature=1.0, longest=80, rng):
    """Let the network go on with a drawing, ``n`` times (A71).

    Parameters
    ----------
    model : SketchRNN
    start : array_like, shape (T, 3)
        The moves so far; may be empty, shape (0, 3).
    n, longest : int
        How many continuations, and at most how many moves.
    temperature : float
    rng : numpy.random.Generator

    Returns
    -------
    list of n ndarray, shapes (T_i, 3)
        The new moves only.

    Examples
    --------
    >>> model = SketchRNN(8, 2, rng=np.random.default_rng(0))
    >>> len(continuations(model, [[1, 0, 0]], 3, rng=np.random.default_rng(0)))
    3
    """
    start = np.asarray(start, np.float32).reshape(-1, 3)
    _check.whole("continuations", at_least=1, n=n, longest=longest)
    _check.generator("continuations", rng)
    moves = np.vstack([np.zeros((1, 3), np.float32), start])[:, None].repeat(n, axis=1)
    made, running = [], np.ones(n, bool)
    with no_grad():
        params, state = model(moves)
        for _ in range(longest):
            move = sample(mixture(params.data[-1], temperature), rng)
            made.append(np.where(running[:, None], move, np.nan))
            running &= move[:, 2] != END
            if not running.any():
                break
            params, state = model(move[None], state)
    return [one[~np.isnan(one[:, 0])] for one in np.stack(made, axis=1)]
