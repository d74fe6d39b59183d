"""The autopilot's own estimator: attitude, velocity and position from the noisy sensors, with fixed gains. Never the
truth.

Inertial navigation corrected by GNSS (compared with the estimate of 120 ms ago), barometer and magnetometer. Tilt and
gyro bias are observed through the velocity error, as in a Kalman filter at steady state: with correction psi of the
tilt the velocity error grows as psi x f, so psi = k (f x dv) / |f|^2 (Farrell, Aided Navigation, ch. 11).
"""

from __future__ import annotations

from math import atan2, cos, isfinite, pi, sin, sqrt
from typing import Any

import numpy as np
from numba import njit

from lenger_core.atmosphere import (
    GAS_CONSTANT,
    GRAVITY_M_S2,
    LAPSE_K_PER_M,
    SEA_LEVEL_K,
    SEA_LEVEL_PA,
)
from lenger_sim.airframe import STEP_S
from lenger_sim.dynamics import rotation
from lenger_sim.innovation import GATE
from lenger_sim.layout import HISTORY, Array, Record

ALIGN_TICKS = 375
"""Steps at rest over which the first attitude is averaged (1.5 s)."""
DELAY_STEPS = 30
"""GNSS latency in steps."""

_EXPONENT = GAS_CONSTANT * LAPSE_K_PER_M / GRAVITY_M_S2
# gains per GNSS fix (8 Hz): velocity settles in about 0.4 s, position in 1 s, tilt in 3 s, gyro bias in 20 s
_K_POS, _K_VEL, _K_VEL_POS, _K_TILT, _K_GYRO_BIAS = 0.12, 0.25, 0.04, 0.010, 0.0005
_K_HEIGHT, _K_CLIMB, _K_BARO_OFFSET = 0.02, 0.08, 0.02
# gains per barometer sample (50 Hz)
_K_BARO_POS, _K_BARO_VEL, _K_BARO_BIAS = 0.03, 0.016, 0.0005
# gains per magnetometer sample (50 Hz)
_K_YAW, _K_YAW_BIAS = 0.008, 0.0002
_K_LEVEL_PER_S = 0.03
HEIGHT_STD_M = 3.5
"""EKF2_BARO_NOISE; the barometer is refused beyond `GATE` times it, and followed after 5 s (hgt_fusion_timeout_max)."""
_HEIGHT_RESET_TICKS = 250
_YAW_GATE_RAD = 0.78
"""EKF2_HDG_GATE times EKF2_HEAD_NOISE."""
_FIELD_GATE_T = 2e-5
"""EKF2_MAG_CHK_STR, on the field found at the start."""
_YAW_RESET_TICKS = 350


@njit(cache=True)
def pressure_altitude(pressure: float) -> float:
    """Return the standard-atmosphere altitude of a pressure."""
    return float((1.0 - (pressure / SEA_LEVEL_PA) ** _EXPONENT) * SEA_LEVEL_K / LAPSE_K_PER_M)


@njit(cache=True)
def _turn(q: Array, psi_x: float, psi_y: float, psi_z: float, world: bool) -> None:
    """Turn a quaternion by a small rotation vector in the world (left) or in the body (right); normalise."""
    w, x, y, z = q[0], q[1], q[2], q[3]
    a, b, c = 0.5 * psi_x, 0.5 * psi_y, 0.5 * psi_z
    side = 1.0 if world else -1.0
    q[0] = w - a * x - b * y - c * z
    q[1] = x + a * w + side * (b * z - c * y)
    q[2] = y + b * w + side * (c * x - a * z)
    q[3] = z + c * w + side * (a * y - b * x)
    q /= sqrt(q[0] * q[0] + q[1] * q[1] + q[2] * q[2] + q[3] * q[3])


@njit(cache=True)
def align_step(estimate: Record, sensors: Record) -> None:
    """Average at rest; at the end set tilt from gravity, yaw from the magnetic field, gyro bias from the mean."""
    e, s = estimate[0], sensors[0]
    e.ticks += 1
    for i in range(3):
        e.level[i] += s.accel[i]
        e.mag_sum[i] += s.mag[i]
        e.gyro_mean[i] += s.gyro[i]
    if e.ticks < ALIGN_TICKS:
        return
    e.gyro_bias[:] = e.gyro_mean / e.ticks
    roll = atan2(e.level[1], e.level[2])
    pitch = atan2(-e.level[0], sqrt(e.level[1] ** 2 + e.level[2] ** 2))
    m = e.mag_sum
    flat_x = cos(pitch) * m[0] + sin(pitch) * (sin(roll) * m[1] + cos(roll) * m[2])
    flat_y = cos(roll) * m[1] - sin(roll) * m[2]
    yaw = 0.5 * pi - e.declination_rad - atan2(flat_y, flat_x)
    cr, sr, cp, sp = cos(0.5 * roll), sin(0.5 * roll), cos(0.5 * pitch), sin(0.5 * pitch)
    cy, sy = cos(0.5 * yaw), sin(0.5 * yaw)
    e.quat[0] = cr * cp * cy + sr * sp * sy
    e.quat[1] = sr * cp * cy - cr * sp * sy
    e.quat[2] = cr * sp * cy + sr * cp * sy
    e.quat[3] = cr * cp * sy - sr * sp * cy
    e.accel_bias_z = e.level[2] / e.ticks - GRAVITY_M_S2 * cos(roll) * cos(pitch)
    e.baro_alt_m = pressure_altitude(s.pressure_pa)
    e.baro_offset_m = e.baro_alt_m
    e.field_t = sqrt(m[0] ** 2 + m[1] ** 2 + m[2] ** 2) / e.ticks
    e.aligned = 1


@njit(cache=True)
def inertial_step(estimate: Record, sensors: Record, aided: bool) -> None:
    """Integrate the IMU over one step; `aided` is false while no GNSS holds the tilt, which then follows gravity."""
    e, s = estimate[0], sensors[0]
    dt = STEP_S
    for i in range(3):
        e.rate[i] = s.gyro[i] - e.gyro_bias[i]
    _turn(e.quat, e.rate[0] * dt, e.rate[1] * dt, e.rate[2] * dt, False)
    m = np.empty((3, 3))
    rotation(e.quat, m)
    fx, fy, fz = s.accel[0], s.accel[1], s.accel[2] - e.accel_bias_z
    for i in range(3):
        e.accel[i] = m[i, 0] * fx + m[i, 1] * fy + m[i, 2] * fz
    if not aided:
        gain = _K_LEVEL_PER_S * dt / GRAVITY_M_S2
        _turn(e.quat, gain * e.accel[1], -gain * e.accel[0], 0.0, True)
    e.accel[2] -= GRAVITY_M_S2
    for i in range(3):
        moving = i == 2 or e.gnss_fixes > 0
        e.pos[i] += (e.vel[i] * dt + 0.5 * e.accel[i] * dt * dt) if moving else 0.0
        e.vel[i] += e.accel[i] * dt if moving else 0.0
    e.head = (e.head + 1) % HISTORY
    for i in range(3):
        e.history[e.head, i] = e.pos[i]
        e.history[e.head, 3 + i] = e.vel[i]


@njit(cache=True)
def slow_aid(estimate: Record, sensors: Record) -> None:
    """Correct height by the barometer and yaw by the magnetometer."""
    e, s = estimate[0], sensors[0]
    e.baro_alt_m = pressure_altitude(s.pressure_pa)
    error = e.baro_alt_m - e.baro_offset_m - e.pos[2]
    e.height_ratio = (error / (GATE * HEIGHT_STD_M)) ** 2
    if e.height_ratio <= 1.0:
        e.height_refused = 0
        e.pos[2] += _K_BARO_POS * error
        e.vel[2] += _K_BARO_VEL * error
        e.accel_bias_z -= _K_BARO_BIAS * error
    else:
        e.height_refused += 1
        if e.height_refused > _HEIGHT_RESET_TICKS:
            e.baro_offset_m += error
            e.resets += 1
    _yaw_aid(e, s)


@njit(cache=True)
def _yaw_aid(e: Any, s: Any) -> None:
    """Correct yaw by the magnetometer, unless the field is not the Earth's or it contradicts the gyro too much."""
    m = np.empty((3, 3))
    rotation(e.quat, m)
    east = m[0, 0] * s.mag[0] + m[0, 1] * s.mag[1] + m[0, 2] * s.mag[2]
    north = m[1, 0] * s.mag[0] + m[1, 1] * s.mag[1] + m[1, 2] * s.mag[2]
    angle = 0.5 * pi - e.declination_rad - atan2(north, east)
    angle = (angle + pi) % (2.0 * pi) - pi
    strength = sqrt(s.mag[0] ** 2 + s.mag[1] ** 2 + s.mag[2] ** 2)
    e.yaw_ratio = (angle / _YAW_GATE_RAD) ** 2
    if abs(strength - e.field_t) > _FIELD_GATE_T or e.yaw_ratio > 1.0:
        e.yaw_refused += 1
        if e.yaw_ratio > 1.0 and e.yaw_refused > _YAW_RESET_TICKS:
            _turn(e.quat, 0.0, 0.0, angle, True)
            e.yaw_refused = 0
            e.resets += 1
        return
    e.yaw_refused = 0
    _turn(e.quat, 0.0, 0.0, _K_YAW * angle, True)
    for i in range(3):
        e.gyro_bias[i] -= _K_YAW_BIAS * angle * m[2, i]


@njit(cache=True)
def gnss_aid(estimate: Record, innovation: Array, weight: Array) -> None:
    """Correct position, velocity, tilt and gyro bias by a fix that was measured `DELAY_STEPS` ago.

    Args:
        innovation: fix minus the estimate of that time: position and velocity, ENU, shape (6,).
        weight: factors on the gains for horizontal position, height and velocity, shape (3,).
    """
    e = estimate[0]
    de, dn, du = weight[0] * innovation[0], weight[0] * innovation[1], weight[1] * innovation[2]
    dve, dvn, dvu = weight[2] * innovation[3], weight[2] * innovation[4], weight[2] * innovation[5]
    step = np.array(
        [
            _K_POS * de,
            _K_POS * dn,
            _K_HEIGHT * du,
            _K_VEL * dve + _K_VEL_POS * de,
            _K_VEL * dvn + _K_VEL_POS * dn,
            _K_CLIMB * dvu,
        ]
    )
    _shift(e, step)
    e.baro_offset_m -= _K_BARO_OFFSET * du
    _turn(e.quat, -_K_TILT * dvn, _K_TILT * dve, 0.0, True)
    m = np.empty((3, 3))
    rotation(e.quat, m)
    for i in range(3):
        e.gyro_bias[i] -= _K_GYRO_BIAS * (-dvn * m[0, i] + dve * m[1, i])
    e.gnss_fixes += 1


@njit(cache=True)
def _shift(e: Any, step: Array) -> None:
    """Move the estimate and its past by (position, velocity), shape (6,)."""
    for i in range(3):
        e.pos[i] += step[i]
        e.vel[i] += step[3 + i]
    for k in range(HISTORY):
        for i in range(6):
            e.history[k, i] += step[i]


@njit(cache=True)
def gnss_reset(estimate: Record, innovation: Array) -> None:
    """Take horizontal position and velocity from a fix at once."""
    e = estimate[0]
    step = innovation.copy()
    step[2] = step[5] = 0.0
    _shift(e, step)
    e.resets += 1
    e.gnss_fixes += 1


@njit(cache=True)
def finite(estimate: Record) -> bool:
    """Return whether the estimate consists of numbers."""
    e = estimate[0]
    return isfinite(e.pos.sum() + e.vel.sum() + e.quat.sum())
