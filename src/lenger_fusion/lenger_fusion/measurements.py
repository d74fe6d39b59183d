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

MIN_FLOW_M = 0.3
"""Nearer to the ground a flow camera sees nothing sharp."""
MIN_UPRIGHT = 0.7
"""Cosine of the tilt beyond which what looks down looks elsewhere."""


@dataclass(frozen=True, slots=True)
class Rows:
    """One measurement at one state: `h` (m, 23), `residual` (m,) measured minus predicted, `variance` (m,).

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
    probe: bool = False
    """Only compared, not fused."""


def _selector(*error_states: int) -> Array:
    h = np.zeros((len(error_states), kernels.NE))
    for row, column in enumerate(error_states):
        h[row, column] = 1.0
    return h


_POSITION, _HEIGHT, _VELOCITY = _selector(0, 1), _selector(2), _selector(3, 4)
_BARO = _selector(2) + _selector(kernels.BARO)
_REST = _selector(3, 4, 5, 9, 10, 11)
_WIND = slice(kernels.WIND, kernels.WIND + 2)


def gnss_position(t_ns: int, east_m: float, north_m: float, std_m: float, probe: bool = False) -> Measurement:
    """Return the horizontal position of a fix."""

    def linearise(x: Array, _p: Array, late_s: float) -> Rows:
        residual = np.array([east_m - (x[0] - x[3] * late_s), north_m - (x[1] - x[4] * late_s)])
        return Rows(_POSITION, residual, np.array([std_m * std_m] * 2))

    return Measurement(t_ns, "gnss_position", linearise, probe)


def gnss_height(t_ns: int, up_m: float, std_m: float, probe: bool = False) -> Measurement:
    """Return the height of a fix above the local origin."""

    def linearise(x: Array, _p: Array, late_s: float) -> Rows:
        return Rows(_HEIGHT, np.array([up_m - (x[2] - x[5] * late_s)]), np.array([std_m * std_m]))

    return Measurement(t_ns, "gnss_height", linearise, probe)


def gnss_velocity(t_ns: int, fix: GnssFix, std_m_s: float, probe: bool = False) -> Measurement:
    """Return the horizontal velocity of a fix."""

    def linearise(x: Array, _p: Array, late_s: float) -> Rows:
        # A late reading is compared with the newest velocity: what the aircraft may have accelerated since widens it.
        variance = std_m_s * std_m_s + (3.0 * late_s) ** 2
        return Rows(_VELOCITY, np.array([fix.vel_e_m_s - x[3], fix.vel_n_m_s - x[4]]), np.array([variance] * 2))

    return Measurement(t_ns, "gnss_velocity", linearise, probe)


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


def drag(t_ns: int, force_m_s2: tuple[float, float], std_m_s2: float) -> Measurement:
    """Return the level push of the air, which the accelerometer feels: rotors drag in proportion to their airspeed.

    `force_m_s2` is the mean specific force along body x and y (P. Martin, E. Salaun, The true role of accelerometer
    feedback in quadrotor control, 2010): f = -drag * R' (v - wind).
    """

    def linearise(x: Array, _p: Array, _late_s: float) -> Rows:
        r = np.empty((3, 3))
        kernels.rotation(x, r)
        bx, by, bz = (float(v) for v in r.T @ np.array([x[3] - x[17], x[4] - x[18], x[5]]))
        k = x[19]
        h = np.zeros((2, kernels.NE))
        h[:, 3:6] = -k * r.T[:2]
        h[:, 6:9] = -k * np.array([[0.0, -bz, by], [bz, 0.0, -bx]])
        h[0, 12] = h[1, 13] = h[0, kernels.THRUST] = h[1, kernels.THRUST + 1] = 1.0
        h[:, _WIND] = k * r.T[:2, :2]
        h[:, kernels.DRAG] = -bx, -by
        still = x[13] + x[22], x[14] + x[23]
        residual = np.array([force_m_s2[0] - still[0] + k * bx, force_m_s2[1] - still[1] + k * by])
        return Rows(h, residual, np.array([std_m_s2**2] * 2))

    return Measurement(t_ns, "drag", linearise)


def airspeed(t_ns: int, airspeed_m_s: float, std_m_s: float) -> Measurement:
    """Return the true airspeed along body x."""

    def linearise(x: Array, _p: Array, _late_s: float) -> Rows:
        r = np.empty((3, 3))
        kernels.rotation(x, r)
        bx, by, bz = (float(v) for v in r.T @ np.array([x[3] - x[17], x[4] - x[18], x[5]]))
        h = np.zeros((1, kernels.NE))
        h[0, 3:6], h[0, 6:9], h[0, _WIND] = r[:, 0], (0.0, -bz, by), -r[:2, 0]
        return Rows(h, np.array([airspeed_m_s - bx]), np.array([std_m_s * std_m_s]))

    return Measurement(t_ns, "airspeed", linearise)


def flow(t_ns: int, rate_rad_s: tuple[float, float], std_rad_s: float) -> Measurement:
    """Return optical flow less the turn: angular rate of the ground about body x and y, `flow + gyro` of the layout."""

    def linearise(x: Array, _p: Array, _late_s: float) -> Rows | None:
        r = np.empty((3, 3))
        kernels.rotation(x, r)
        height = x[2] - x[20]
        if height < MIN_FLOW_M or r[2, 2] < MIN_UPRIGHT:
            return None
        bx, by, bz = (float(v) for v in r.T @ x[3:6])
        share = x[21] * r[2, 2] / height
        # A ground that passes backwards turns positive about y, one that passes to the right negative about x.
        predicted = np.array([-share * by, share * bx])
        h = np.zeros((2, kernels.NE))
        h[0, 3:6], h[1, 3:6] = -share * r[:, 1], share * r[:, 0]
        h[0, 6:9], h[1, 6:9] = -share * np.array([bz, 0.0, -bx]), share * np.array([0.0, -bz, by])
        h[:, 6:9] += np.outer(predicted / r[2, 2], _upright_by_turn(r))
        h[:, 2], h[:, kernels.GROUND] = -predicted / height, predicted / height
        h[:, kernels.FLOW_SCALE] = predicted / x[21]
        return Rows(h, np.array(rate_rad_s) - predicted, np.array([std_rad_s**2] * 2))

    return Measurement(t_ns, "flow", linearise)


def ground_range(t_ns: int, range_m: float, std_m: float) -> Measurement:
    """Return a rangefinder's distance along body down: height above the ground below, over the cosine of the tilt."""

    def linearise(x: Array, _p: Array, late_s: float) -> Rows | None:
        r = np.empty((3, 3))
        kernels.rotation(x, r)
        if r[2, 2] < MIN_UPRIGHT:
            return None
        h = np.zeros((1, kernels.NE))
        predicted = (x[2] - x[5] * late_s - x[20]) / r[2, 2]
        h[0, 2], h[0, kernels.GROUND] = 1.0 / r[2, 2], -1.0 / r[2, 2]
        h[0, 6:9] = -predicted / r[2, 2] * _upright_by_turn(r)
        return Rows(h, np.array([range_m - predicted]), np.array([std_m * std_m]))

    return Measurement(t_ns, "range", linearise)


def _upright_by_turn(r: Array) -> Array:
    """Return (3,) how the cosine of the tilt changes with a small turn of the body, for the body-to-world matrix."""
    return np.array([-r[2, 1], r[2, 0], 0.0])
