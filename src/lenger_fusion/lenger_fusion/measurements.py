"""What each sensor says about the state: Jacobian rows, residual and variance, linearised where the filter stands.

A new sensor is one more function that returns a Measurement; filter and gates do not change. Layout: `kernels`.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import atan2, cos, hypot, sin

import numpy as np
from numpy.typing import NDArray

from lenger_core.frames import wrap_pi
from lenger_core.samples import GnssFix, Vec3
from lenger_fusion import kernels

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Rows:
    """One measurement at one state: `h` (m, 16), `residual` (m,) measured minus predicted, `variance` (m,).

    `about` (3,) body axis: a single row that may only turn the attitude about it, see `update.fuse_about`.
    """

    h: Array
    residual: Array
    variance: Array
    about: Array | None = None


Linearise = Callable[[Array, Array, float], "Rows | None"]
"""Takes the state, its covariance and the measurement's age in seconds at that state; None: nothing to fuse."""


@dataclass(frozen=True, slots=True)
class Measurement:
    """A reading on its way into the filter. `t_ns` is when it was true, not when it came."""

    t_ns: int
    sensor: str
    linearise: Linearise


def _selector(*error_states: int) -> Array:
    h = np.zeros((len(error_states), kernels.NE))
    for row, column in enumerate(error_states):
        h[row, column] = 1.0
    return h


_POSITION, _HEIGHT, _VELOCITY = _selector(0, 1), _selector(2), _selector(3, 4)
_BARO = _selector(2) + _selector(15)
_REST = _selector(3, 4, 5, 9, 10, 11)


def gnss_position(t_ns: int, east_m: float, north_m: float, std_m: float) -> Measurement:
    """Return the horizontal position of a fix."""

    def linearise(x: Array, _p: Array, late_s: float) -> Rows:
        residual = np.array([east_m - (x[0] - x[3] * late_s), north_m - (x[1] - x[4] * late_s)])
        return Rows(_POSITION, residual, np.array([std_m * std_m] * 2))

    return Measurement(t_ns, "gnss_position", linearise)


def gnss_height(t_ns: int, up_m: float, std_m: float) -> Measurement:
    """Return the height of a fix above the local origin."""

    def linearise(x: Array, _p: Array, late_s: float) -> Rows:
        return Rows(_HEIGHT, np.array([up_m - (x[2] - x[5] * late_s)]), np.array([std_m * std_m]))

    return Measurement(t_ns, "gnss_height", linearise)


def gnss_velocity(t_ns: int, fix: GnssFix, std_m_s: float) -> Measurement:
    """Return the horizontal velocity of a fix."""

    def linearise(x: Array, _p: Array, late_s: float) -> Rows:
        # A late reading is compared with the newest velocity: what the aircraft may have accelerated since widens it.
        variance = std_m_s * std_m_s + (3.0 * late_s) ** 2
        return Rows(_VELOCITY, np.array([fix.vel_e_m_s - x[3], fix.vel_n_m_s - x[4]]), np.array([variance] * 2))

    return Measurement(t_ns, "gnss_velocity", linearise)


def barometer(t_ns: int, height_m: float, std_m: float) -> Measurement:
    """Return a pressure altitude minus the origin's height; its offset is the filter's barometer bias."""

    def linearise(x: Array, _p: Array, late_s: float) -> Rows:
        return Rows(_BARO, np.array([height_m - (x[2] - x[5] * late_s) - x[16]]), np.array([std_m * std_m]))

    return Measurement(t_ns, "baro", linearise)


def magnetic_heading(t_ns: int, field: Vec3, declination_rad: float, std_rad: float, floor_rad: float) -> Measurement:
    """Return the heading of a magnetic field reading (body FLU, any unit).

    A disturbed field must not tilt the horizon, so only the turn about the vertical is corrected. Where the field
    dips, a tilt error looks like a heading error: the Jacobian says so, at the bearing that the field should have. (At
    the measured bearing it would vary with the noise of the very residual it multiplies, and the mean correction would
    not be zero.)
    """

    def linearise(x: Array, p: Array, _late_s: float) -> Rows | None:
        r = np.empty((3, 3))
        kernels.rotation(x, r)
        east, north, up = (float(v) for v in r @ np.array(field))
        level = hypot(east, north)
        if level < 0.1 * hypot(level, up) or r[2] @ p[6:9, 6:9] @ r[2] < floor_rad * floor_rad:
            return None
        dip = up / level
        h = np.zeros((1, kernels.NE))
        h[0, 6:9] = np.array([-dip * sin(declination_rad), -dip * cos(declination_rad), 1.0]) @ r
        # The reading's bearing moves against a turn to the left by as much as the turn.
        residual = wrap_pi(atan2(east, north) - declination_rad)
        return Rows(h, np.array([residual]), np.array([std_rad * std_rad]), about=r[2])

    return Measurement(t_ns, "mag", linearise)


def rest(t_ns: int, gyro_rad_s: Vec3, speed_std_m_s: float, rate_std_rad_s: float) -> Measurement:
    """Return standing still on the ground: no velocity, and a gyro that shows only its bias."""

    def linearise(x: Array, _p: Array, _late_s: float) -> Rows:
        residual = np.array([-x[3], -x[4], -x[5], *(gyro_rad_s[i] - x[10 + i] for i in range(3))])
        return Rows(_REST, residual, np.array([speed_std_m_s**2] * 3 + [rate_std_rad_s**2] * 3))

    return Measurement(t_ns, "rest", linearise)
