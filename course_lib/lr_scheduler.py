"""How the learning rate changes while a network trains (chapter 6). Also reached as ``optim.StepLR``, ..."""
import math

from . import _check


class Schedule:
    """After every ``step()`` the optimizer's learning rate is ``lr_at(t)`` (A27).

    A schedule counts its steps, and leaves the meaning of a step to you: an update (as in :func:`fit`) or an epoch.

    Parameters
    ----------
    optimizer : Optimizer
        Its learning rate when the first schedule is made is the one that all its schedules start from.

    Attributes
    ----------
    t : int
        Steps so far.
    base_lr : float
        The learning rate the schedule starts from.
    """

    def __init__(self, optimizer):
        self.base_lr = optimizer.__dict__.setdefault("initial_lr", optimizer.lr)
        self.optimizer, self.t = optimizer, 0
        optimizer.lr = self.lr_at(0)

    def lr_at(self, t):
        """The learning rate after ``t`` steps; each schedule defines its own."""
        raise NotImplementedError(f"{type(self).__name__} has no formula")

    def step(self):
        """Count one step and set the optimizer's learning rate."""
        self.t += 1
        self.optimizer.lr = self.lr_at(self.t)


class StepLR(Schedule):
    r"""Multiply the learning rate by ``gamma`` every ``step_size`` steps (A27).

    .. math:: \eta_t = \eta_0\, \gamma^{\lfloor t / k \rfloor}

    Parameters
    ----------
    optimizer : Optimizer
    step_size : int
        :math:`k`, at least 1.
    gamma : float
        Greater than 0.

    Raises
    ------
    ValueError
        If ``step_size`` is less than 1 or ``gamma`` not greater than 0.

    Examples
    --------
    >>> from course_lib import nn, optim
    >>> schedule = StepLR(optim.SGD([nn.Parameter(1.0)], lr=1.0), step_size=10, gamma=0.5)
    >>> [schedule.lr_at(t) for t in (0, 9, 10, 25)]
    [1.0, 1.0, 0.5, 0.25]
    """

    def __init__(self, optimizer, step_size, gamma=0.1):
        _check.whole("StepLR", at_least=1, step_size=step_size)
        _check.number("StepLR", above=0, gamma=gamma)
        self.step_size, self.gamma = step_size, gamma
        super().__init__(optimizer)

    def lr_at(self, t):
        return self.base_lr * self.gamma ** (t // self.step_size)


class ExponentialLR(Schedule):
    r"""Multiply the learning rate by ``gamma`` at every step (A27).

    .. math:: \eta_t = \eta_0\, \gamma^t

    Parameters
    ----------
    optimizer : Optimizer
    gamma : float
        Greater than 0.

    Raises
    ------
    ValueError
        If ``gamma`` is not greater than 0.

    Examples
    --------
    >>> from course_lib import nn, optim
    >>> schedule = ExponentialLR(optim.SGD([nn.Parameter(1.0)], lr=1.0), gamma=0.5)
    >>> [schedule.lr_at(t) for t in range(4)]
    [1.0, 0.5, 0.25, 0.125]
    """

    def __init__(self, optimizer, gamma):
        _check.number("ExponentialLR", above=0, gamma=gamma)
        self.gamma = gamma
        super().__init__(optimizer)

    def lr_at(self, t):
        return self.base_lr * self.gamma**t


class LinearLR(Schedule):
    r"""Warm up: from a part of the learning rate to the whole of it, in a straight line (A27).

    .. math:: \eta_t = \eta_0 \Bigl(a + (b - a) \frac{\min(t, T)}{T}\Bigr)

    Parameters
    ----------
    optimizer : Optimizer
    start_factor, end_factor : float
        :math:`a` in (0, 1] and :math:`b` in [0, 1].
    total_iters : int
        :math:`T`, the steps it takes; afterwards nothing changes.

    Raises
    ------
    ValueError
        If a factor is outside its range or ``total_iters`` is less than 1.

    Examples
    --------
    >>> from course_lib import nn, optim
    >>> schedule = LinearLR(optim.SGD([nn.Parameter(1.0)], lr=1.0), start_factor=0.25, total_iters=3)
    >>> [schedule.lr_at(t) for t in range(5)]
    [0.25, 0.5, 0.75, 1.0, 1.0]
    """

    def __init__(self, optimizer, start_factor=1 / 3, end_factor=1.0, total_iters=5):
        _check.whole("LinearLR", at_least=1, total_iters=total_iters)
        _check.number("LinearLR", above=0, at_most=1, start_factor=start_factor)
        _check.number("LinearLR", at_least=0, at_most=1, end_factor=end_factor)
        self.start_factor, self.end_factor, self.total_iters = start_factor, end_factor, total_iters
        super().__init__(optimizer)

    def lr_at(self, t):
        done = min(t, self.total_iters) / self.total_iters
        return self.base_lr * (self.start_factor + (self.end_factor - self.start_factor) * done)


class CosineAnnealingLR(Schedule):
    r"""Half a cosine down to ``eta_min`` in ``T_max`` steps, and up again if you go on (A27).

    .. math:: \eta_t = \eta_{\min} + \tfrac12 (\eta_0 - \eta_{\min}) \Bigl(1 + \cos\frac{\pi t}{T_{\max}}\Bigr)

    Parameters
    ----------
    optimizer : Optimizer
    T_max : int
        Steps from the top to the bottom, at least 1.
    eta_min : float
        The lowest learning rate, at least 0.

    Raises
    ------
    ValueError
        If ``T_max`` is less than 1 or ``eta_min`` is negative.

    Examples
    --------
    >>> from course_lib import nn, optim
    >>> schedule = CosineAnnealingLR(optim.SGD([nn.Parameter(1.0)], lr=1.0), T_max=10)
    >>> [round(schedule.lr_at(t), 3) for t in (0, 5, 10, 20)]
    [1.0, 0.5, 0.0, 1.0]

    References
    ----------
    Loshchilov, I. & Hutter, F. (2017). SGDR: stochastic gradient descent with warm restarts. ICLR.
    """

    def __init__(self, optimizer, T_max, eta_min=0.0):
        _check.whole("CosineAnnealingLR", at_least=1, T_max=T_max)
        _check.number(type(self).__name__, at_least=0, eta_min=eta_min)
        self.T_max, self.eta_min = T_max, eta_min
        super().__init__(optimizer)

    def lr_at(self, t):
        height = (1 + math.cos(math.pi * t / self.T_max)) / 2
        return self.eta_min + (self.base_lr - self.eta_min) * height


class CosineAnnealingWarmRestarts(CosineAnnealingLR):
    r"""Half a cosine down in ``T_0`` steps, then back to the top at once, again and again (A27).

    .. math:: \eta_t = \eta_{\min} + \tfrac12 (\eta_0 - \eta_{\min})
              \Bigl(1 + \cos\frac{\pi\,(t \bmod T_0)}{T_0}\Bigr)

    Parameters
    ----------
    optimizer : Optimizer
    T_0 : int
        Steps from one restart to the next, at least 1.
    eta_min : float
        The lowest learning rate, at least 0.

    Raises
    ------
    ValueError
        If ``T_0`` is less than 1 or ``eta_min`` is negative.

    Examples
    --------
    >>> from course_lib import nn, optim
    >>> schedule = CosineAnnealingWarmRestarts(optim.SGD([nn.Parameter(1.0)], lr=1.0), T_0=10)
    >>> [round(schedule.lr_at(t), 3) for t in (0, 5, 10, 15)]
    [1.0, 0.5, 1.0, 0.5]

    References
    ----------
    Loshchilov, I. & Hutter, F. (2017). SGDR: stochastic gradient descent with warm restarts. ICLR.
    """

    def __init__(self, optimizer, T_0, eta_min=0.0):
        _check.whole("CosineAnnealingWarmRestarts", at_least=1, T_0=T_0)
        super().__init__(optimizer, T_0, eta_min)

    def lr_at(self, t):
        return super().lr_at(t % self.T_max)


class SequentialLR(Schedule):
    """One schedule after another, such as a warm-up and then a cosine (A27).

    Each begins its own count at its milestone.

    Parameters
    ----------
    optimizer : Optimizer
    schedulers : list of Schedule
        Made for the same optimizer.
    milestones : list of int
        Steps after which the next one takes over: one fewer than schedules, increasing.

    Raises
    ------
    ValueError
        If the milestones are not one fewer, positive and increasing, or a schedule is another optimizer's.

    Examples
    --------
    >>> from course_lib import nn, optim
    >>> optimizer = optim.SGD([nn.Parameter(1.0)], lr=1.0)
    >>> warm, cool = LinearLR(optimizer, 0.5, total_iters=2), ExponentialLR(optimizer, 0.5)
    >>> schedule = SequentialLR(optimizer, [warm, cool], milestones=[2])
    >>> [schedule.lr_at(t) for t in range(5)]
    [0.5, 0.75, 1.0, 0.5, 0.25]
    """

    def __init__(self, optimizer, schedulers, milestones):
        starts = [0, *milestones]
        if not schedulers or len(starts) != len(schedulers) or any(a >= b for a, b in zip(starts, milestones)):
            raise ValueError(f"SequentialLR: milestones must be increasing positive steps, one fewer than the "
                             f"{len(schedulers)} schedulers, but is {milestones}")
        if any(scheduler.optimizer is not optimizer for scheduler in schedulers):
            raise ValueError("SequentialLR: schedulers must be made for the same optimizer, but one is not")
        self.parts = list(zip(starts, schedulers))
        super().__init__(optimizer)

    def lr_at(self, t):
        start, scheduler = [part for part in self.parts if part[0] <= t][-1]
        return scheduler.lr_at(t - start)
