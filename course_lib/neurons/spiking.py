"""A neuron that charges, leaks and spikes (chapter 1)."""
from typing import NamedTuple

import numpy as np

from .. import _check


class Spikes(NamedTuple):
    """The record of a spiking neuron.

    Attributes
    ----------
    times : ndarray, float64, (T + 1,)
        Milliseconds, from 0.
    voltages : ndarray, float64, (T + 1,)
        Millivolts; at a spike the value that crossed the threshold, the reset follows.
    spike_times : ndarray, float64, (S,)
        Milliseconds.
    """
    times: np.ndarray
    voltages: np.ndarray
    spike_times: np.ndarray


def leaky_integrate_and_fire(current, duration=200.0, dt=0.1, *, tau=10.0,
                             v_rest=-70.0, v_threshold=-55.0,
                             v_reset=-70.0, resistance=10.0, refractory=2.0):
    r"""Charge a leaky membrane with a current; above a critical level it spikes and starts again (A03).

    :math:`\tau\,\dot v = -(v - v_{\text{rest}}) + R\,I`; where :math:`v \ge v_{\text{threshold}}`: a spike,
    :math:`v` stays at :math:`v_{\text{reset}}` for the refractory time. Solved by Euler steps of length
    ``dt``.

    Parameters
    ----------
    current : float or array_like, (T,)
        :math:`I` in nanoamperes, constant or one value per step, T = duration / dt.
    duration, dt : float
        Length of the record and of one step, milliseconds; ``dt`` at most ``tau`` / 2.
    tau : float
        Time constant of the membrane, milliseconds.
    v_rest, v_threshold, v_reset : float
        Voltage at rest, at which it spikes, and after a spike, millivolts.
    resistance : float
        :math:`R` in megaohms (times nanoamperes gives millivolts).
    refractory : float
        Time after a spike in which the neuron does not charge, milliseconds.

    Returns
    -------
    Spikes

    Raises
    ------
    ValueError, TypeError
        If a number is out of its range, or ``current`` has another length than T.

    References
    ----------
    Lapicque, L. (1907). Recherches quantitatives sur l'excitation électrique des nerfs traitée comme une
    polarisation.

    Examples
    --------
    >>> leaky_integrate_and_fire(2.0, duration=50).spike_times.round(1)
    array([13.8, 29.6, 45.4])
    >>> leaky_integrate_and_fire(1.5).spike_times.size     # RI just reaches the threshold: never over it
    0
    """
    _check_membrane("leaky_integrate_and_fire", tau, v_rest, v_threshold,
                    v_reset, resistance, refractory)
    _check.number("leaky_integrate_and_fire", duration=duration, dt=dt, above=0)
    if dt > tau / 2:                # Euler's steps overshoot from dt = tau on
        raise ValueError("leaky_integrate_and_fire: dt must be at most tau / 2 "
                         f"= {tau / 2:g} ms, but is {dt:g}")
    steps = round(duration / dt)
    if np.ndim(current) == 0:
        _check.number("leaky_integrate_and_fire", current=current)
        current = np.full(steps, float(current))
    current = _check.array("leaky_integrate_and_fire", "current", current,
                           (steps,))

    v, silent, voltages, spikes = float(v_rest), 0, [float(v_rest)], []
    for step, drive in enumerate((resistance * current).tolist(), start=1):
        if silent:
            silent -= 1
        else:
            v += dt / tau * (-(v - v_rest) + drive)
        voltages.append(v)
        if v >= v_threshold:
            spikes.append(step)
            v, silent = float(v_reset), round(refractory / dt)
    return Spikes(dt * np.arange(steps + 1), np.array(voltages),
                  dt * np.array(spikes, dtype=float))


def firing_rate(current, *, tau=10.0, v_rest=-70.0, v_threshold=-55.0, v_reset=-70.0, resistance=10.0,
                refractory=2.0):
    r"""Give the rate at which a leaky integrate-and-fire neuron spikes under a constant current (A03).

    .. math:: f = \Bigl(t_{\text{refractory}} + \tau \ln
        \frac{RI - (v_{\text{reset}} - v_{\text{rest}})}{RI - (v_{\text{threshold}} -
        v_{\text{rest}})}\Bigr)^{-1}

    and 0 if :math:`RI \le v_{\text{threshold}} - v_{\text{rest}}`.

    Parameters
    ----------
    current : float or array_like, (...)
        :math:`I` in nanoamperes.
    tau, v_rest, v_threshold, v_reset, resistance, refractory : float
        As in :func:`leaky_integrate_and_fire`: milliseconds, millivolts, megaohms.

    Returns
    -------
    float or ndarray, float64, (...)
        Spikes per second (hertz).

    Raises
    ------
    ValueError, TypeError
        If a number is out of its range.

    References
    ----------
    Lapicque, L. (1907). Recherches quantitatives sur l'excitation électrique des nerfs traitée comme une
    polarisation.

    Examples
    --------
    >>> firing_rate([1.0, 1.5, 2.0, 4.0]).round(1)
    array([  0. ,   0. ,  63. , 149.3])
    """
    _check_membrane("firing_rate", tau, v_rest, v_threshold, v_reset, resistance, refractory)
    current = _check.array("firing_rate", "current", current, (...,))
    drive = resistance * current.astype(np.float64)
    fires = drive > v_threshold - v_rest
    drive = np.where(fires, drive, np.inf)                  # the silent ones must not meet the logarithm
    interval = refractory + tau * np.log1p((v_threshold - v_reset) / (drive - (v_threshold - v_rest)))
    rate = np.where(fires, 1000 / np.where(fires, interval, 1.0), 0.0)
    return rate if rate.ndim else float(rate)


def _check_membrane(operation, tau, v_rest, v_threshold, v_reset, resistance, refractory):
    _check.number(operation, tau=tau, resistance=resistance, above=0)
    _check.number(operation, refractory=refractory, at_least=0)
    _check.number(operation, v_threshold=v_threshold)
    _check.number(operation, v_rest=v_rest, v_reset=v_reset, below=v_threshold)
