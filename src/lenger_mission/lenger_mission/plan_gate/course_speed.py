"""How fast a course is flown: what the slope, the corners, the stops and the accelerations leave of the wanted speed.

The squared speed is linear in the distance under a constant acceleration, so the fastest lawful profile is the lower
envelope of parabolas from every limit, forward and backward.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lenger_core.vehicles import VehicleProfile
from lenger_mission.preflight import limits_of
from lenger_mission.settings import MissionSettings

Array = NDArray[np.float64]

REVERSAL_HALF_RAD = 1.5
"""Half of a change of course beyond which the corner is a stop and a start."""
REVERSAL_M_S = 0.5
LAND_SLOW_M, LAND_SLOW_M_S = 10.0, 0.6
"""The last of a landing, and its rate: both autopilots slow down there (0.7 and 0.5 m/s)."""


@dataclass(frozen=True)
class Pace:
    """What the executor asks of a vehicle, m/s and m/s2, and how it flies corners.

    Attributes:
        speed_m_s: most speed over the ground.
        climb_m_s, descent_m_s: most vertical speeds, both positive.
        accel_m_s2, brake_m_s2: along the course.
        corner_m_s2: across it.
        corner_cut_m: how far inside a corner the turn may pass.
        acceptance_m: acceptance radius of waypoints that leave it open.
    """

    speed_m_s: float
    climb_m_s: float
    descent_m_s: float
    accel_m_s2: float
    brake_m_s2: float
    corner_m_s2: float
    corner_cut_m: float
    acceptance_m: float

    @staticmethod
    def of(profile: VehicleProfile, settings: MissionSettings | None = None) -> Pace:
        """Return the pace of the executor with its settings, None: its defaults."""
        settings = settings or MissionSettings()
        route = limits_of(settings, profile)
        return Pace(
            route.speed_m_s,
            route.climb_m_s,
            route.descent_m_s,
            settings.effort * profile.max_accel_m_s2,
            route.brake_m_s2,
            route.corner_m_s2,
            route.corner_cut_m,
            route.acceptance_m,
        )


def corner_speeds(turns_rad: Array, lengths_m: Array, acceptance_m: Array, pace: Pace) -> Array:
    """Return (L - 1,) speeds over the corners between L legs, m/s, by the executor's rule (`route.Route.turn`).

    An arc tangent to both legs passes `corner_cut_m` inside the corner, begins within the acceptance radius, and takes
    no more than half of either leg.

    Args:
        turns_rad: (L - 1,) change of course at each corner, 0 to pi.
        lengths_m: (L,) of the legs.
        acceptance_m: (L - 1,) acceptance radius of each corner.
        pace: of the vehicle.
    """
    half = np.clip(0.5 * turns_rad, 1e-3, REVERSAL_HALF_RAD)
    radius = pace.corner_cut_m * np.cos(half) / (1.0 - np.cos(half))
    lead = np.minimum.reduce([radius * np.tan(half), acceptance_m, 0.5 * lengths_m[:-1], 0.5 * lengths_m[1:]])
    speed = np.sqrt(pace.corner_m_s2 * lead / np.tan(half))
    speed = np.where(turns_rad < 2e-3, np.inf, speed)
    return np.where(turns_rad > 2.0 * REVERSAL_HALF_RAD, REVERSAL_M_S, speed)


def segment_times(run_m: Array, rise_m: Array, wanted_m_s: Array, at_most_m_s: Array, pace: Pace) -> Array:
    """Return (N - 1,) seconds that each segment between N samples takes.

    Args:
        run_m: (N - 1,) horizontal length of the segments.
        rise_m: (N - 1,) change of height along them.
        wanted_m_s: (N - 1,) wanted speed over the ground.
        at_most_m_s: (N,) greatest speed over each sample: 0 at a stop, infinite where nothing limits it.
        pace: of the vehicle.
    """
    moving = run_m > 1e-6
    slope = np.where(moving, rise_m / np.where(moving, run_m, 1.0), 0.0)
    steep = np.maximum(slope / pace.climb_m_s, -slope / pace.descent_m_s)
    cap = np.where(moving, np.minimum(wanted_m_s, 1.0 / np.maximum(steep, 1e-9)), np.inf)
    # A joint between two legs limits nothing; straight up or down the vehicle stands still over the ground.
    cap = np.where(~moving & (np.abs(rise_m) > 1e-6), 0.0, np.minimum(cap, pace.speed_m_s))
    start2, end2 = _envelope(run_m, cap, at_most_m_s, pace)
    level = _accelerated(run_m, start2, end2, cap, pace)
    vertical = np.maximum(rise_m / pace.climb_m_s, -rise_m / pace.descent_m_s)
    return np.asarray(np.maximum(np.where(moving, level, 0.0), vertical))


def landing_time_s(drop_m: float, pace: Pace) -> float:
    """Return the seconds of a landing from a height above the ground."""
    slow = min(max(drop_m, 0.0), LAND_SLOW_M)
    rate = min(LAND_SLOW_M_S, pace.descent_m_s)
    return slow / rate + max(drop_m - slow, 0.0) / pace.descent_m_s


def _envelope(run_m: Array, cap: Array, at_most: Array, pace: Pace) -> tuple[Array, Array]:
    """Return the squared speeds at both ends of each segment under the limits of acceleration and braking."""
    flat = np.minimum(np.append(cap, cap[-1:]), np.insert(cap, 0, cap[:1]))
    square = np.minimum(flat, np.where(np.isfinite(at_most), at_most, 1e6)) ** 2
    s = np.concatenate(([0.0], np.cumsum(run_m)))
    braking, gaining = 2.0 * pace.brake_m_s2, 2.0 * pace.accel_m_s2
    square = np.minimum.accumulate((square + braking * s)[::-1])[::-1] - braking * s
    square = np.minimum.accumulate(square - gaining * s) + gaining * s
    square = np.maximum(square, 0.0)
    return square[:-1], square[1:]


def _accelerated(run_m: Array, start2: Array, end2: Array, cap: Array, pace: Pace) -> Array:
    """Return the time of each segment: up to the cap or as far as its length allows, on, and down again."""
    up, down = pace.accel_m_s2, pace.brake_m_s2
    reach2 = (2.0 * up * down * run_m + down * start2 + up * end2) / (up + down)
    peak = np.sqrt(np.maximum(np.minimum(cap**2, reach2), np.maximum(start2, end2)))
    start, end = np.sqrt(start2), np.sqrt(end2)
    steady = np.maximum(run_m - (peak**2 - start2) / (2.0 * up) - (peak**2 - end2) / (2.0 * down), 0.0)
    return np.asarray((peak - start) / up + (peak - end) / down + steady / np.maximum(peak, 1e-6))
