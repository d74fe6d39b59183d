"""Compiled way of a stop: from now over the latency and the braking to the standstill, and the drift after it."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Triple = tuple[float, float, float]

GUST_LAG_S = 1.0
"""How long a gust pushes before the autopilot's velocity loop has taken it up."""

CREEP_S = 6.0
"""For so long an autopilot that stopped drifts with the wind: its velocity loop finds the lean only then."""

_STANDS = 1e-9


class Stopping(NamedTuple):
    """How a stop goes, of level flight and of a climb or descent: `prediction.Response` in plain numbers.

    Attributes:
        latency_s, brake_m_s2, vertical_latency_s, vertical_brake_m_s2: until it brakes, and how hard.
        gust_m, creep_s, carry_s, under_way: see `Response`.
    """

    latency_s: float
    brake_m_s2: float
    vertical_latency_s: float
    vertical_brake_m_s2: float
    gust_m: float
    creep_s: float
    carry_s: float
    under_way: bool


@njit(cache=True)
def way_of_stop(
    position: Triple, velocity: Triple, acceleration: Triple, age_s: float, wind: tuple[float, float], stop: Stopping,
    points: int,
) -> tuple[Floats, Floats, Floats]:  # fmt: skip
    """Return (N, 3) m the points of a stop that is ordered now, (N,) s their times, and (N,) m what gusts add.

    Args:
        position, velocity, acceleration: in the guard's frame; what of the acceleration is not finite counts as none.
        age_s: of the estimate, adds to the latency.
        wind: east and north, where the air goes to.
        stop: how it goes.
        points: N.
    """
    speed = math.hypot(velocity[0], velocity[1])
    along = 0.0
    if speed > _STANDS:
        east = acceleration[0] if math.isfinite(acceleration[0]) else 0.0
        north = acceleration[1] if math.isfinite(acceleration[1]) else 0.0
        along = (east * velocity[0] + north * velocity[1]) / speed
    to_come = 1.0 - min(max(-along, 0.0) / stop.brake_m_s2, 1.0) if stop.under_way else 1.0
    latency = (stop.latency_s * to_come + age_s, stop.vertical_latency_s + age_s)
    # An acceleration lasts until the attitude has turned over, most of it.
    gain = max(along, 0.0) * min(0.5 * latency[0], stop.carry_s)
    up = acceleration[2] if math.isfinite(acceleration[2]) and acceleration[2] * velocity[2] > 0.0 else 0.0
    level, climb = speed + gain if speed > _STANDS else speed, velocity[2] + up * min(0.5 * latency[1], stop.carry_s)
    rest = (level / stop.brake_m_s2, abs(climb) / stop.vertical_brake_m_s2)
    end_s = max(latency[0] + rest[0], latency[1] + rest[1])
    blows = math.hypot(wind[0], wind[1])
    creep = to_come * stop.creep_s * min(blows, level) / max(blows, _STANDS)
    drifting = points // 4 if creep * blows > 0.0 else 0
    moving = points - drifting
    along_e, along_n = (velocity[0] / speed, velocity[1] / speed) if speed > _STANDS else (0.0, 0.0)
    way, times, gusts = np.empty((points, 3)), np.empty(points), np.empty(points)
    for i in range(points):
        if i < moving:
            t = end_s * i / (moving - 1)
            gone = _gone(t, speed, level, stop.brake_m_s2, latency[0], rest[0])
            brake = math.copysign(stop.vertical_brake_m_s2, climb)
            way[i, 0], way[i, 1] = position[0] + along_e * gone, position[1] + along_n * gone
            way[i, 2] = position[2] + _gone(t, velocity[2], climb, brake, latency[1], rest[1])
        else:  # after the stop, so that a head wind shortens nothing
            share = (i - moving + 1) / drifting
            t = end_s + share * CREEP_S
            way[i, 0] = way[moving - 1, 0] + share * creep * wind[0]
            way[i, 1] = way[moving - 1, 1] + share * creep * wind[1]
            way[i, 2] = way[moving - 1, 2]
        times[i], gusts[i] = t, stop.gust_m * min(t / GUST_LAG_S, 1.0) ** 2
    return way, times, gusts


@njit(cache=True)
def _gone(t: float, now: float, faster: float, brake: float, latency_s: float, rest_s: float) -> float:
    """Return how far one has gone: from one speed to the other over the latency, then braking for `rest_s`."""
    during, after = min(t, latency_s), min(max(t - latency_s, 0.0), rest_s)
    ramp = (faster - now) * during * during / (2.0 * max(latency_s, _STANDS))
    return now * during + ramp + faster * after - 0.5 * brake * after * after


def warm() -> None:
    """Compile it into numba's cache."""
    stop = Stopping(0.5, 2.0, 0.5, 2.0, 0.1, 0.2, 0.25, True)
    way_of_stop((0.0, 0.0, 60.0), (1.0, 0.0, 0.0), (0.0, 0.0, 0.0), 0.1, (1.0, 0.0), stop, 32)
