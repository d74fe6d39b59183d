"""Compiled arithmetic of the error-state Kalman filter. `lenger_fusion.reference` is the same in plain numpy.

State `x` (24): position ENU m [0:3], velocity ENU m/s [3:6], attitude quaternion wxyz body FLU to world ENU [6:10],
gyro bias rad/s [10:13], accelerometer bias m/s2 [13:16], barometer bias m [16], wind east and north m/s [17:19], rotor
drag 1/s [19], height of the ground below m [20], scale of the optical flow [21], tilted thrust along
body x and y m/s2 [22:24]. Error state (23), covariance `p` (23,
23): the same with the attitude as a rotation vector in the body [6:9] (q_true = q exp(theta)), so that what follows has
an index one lower. Formulas: J. Sola, Quaternion kinematics for the error-state Kalman filter (2017), sections 5.3 and
6, local angular errors.

`noise` (14): gyro rad/s/sqrt(Hz), accelerometer m/s2/sqrt(Hz), gyro bias rad/s/sqrt(s), accelerometer bias
m/s2/sqrt(s), barometer bias m/sqrt(s), the same per m/s of vertical speed; for the part of a step that no sample
covers: angular rate rad/s and acceleration m/s2 that may have gone unseen; wind m/s/sqrt(s), drag 1/s/sqrt(s), ground
m/sqrt(s) and the same per m/s of level speed, flow scale 1/sqrt(s), tilted thrust m/s2/sqrt(s).
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lenger_fusion.quaternion import half_angle, multiply, normalise
from lenger_fusion.quaternion import rotate_by as rotate_by
from lenger_fusion.quaternion import rotation as rotation

Array = NDArray[np.float64]
Stamps = NDArray[np.int64]

NX = 24
NE = 23
MOVING = 9
"""The first error states: those that the motion changes. The others only drift."""
NOISES = 14
BARO, WIND, DRAG, GROUND, FLOW_SCALE, THRUST = 15, 16, 18, 19, 20, 21
"""Where the slow states stand in the error state."""
GRAVITY_M_S2 = 9.80665
MAX_STEP_S = 0.02
"""Longer intervals are cut, so that the first-order Jacobian stays good."""
GAP_S = 0.1
"""Beyond this, an interval between two IMU samples counts as unobserved motion."""


@njit(cache=True)
def _integrate(x: Array, imu: Array, dt: float, r: Array) -> None:
    """Do the work of `propagate`, but leave the quaternion some roundings from unit length."""
    wx, wy, wz = imu[0] - x[10], imu[1] - x[11], imu[2] - x[12]
    fx, fy, fz = imu[3] - x[13], imu[4] - x[14], imu[5] - x[15]
    half = 0.5 * dt
    tx, ty, tz = wx * half, wy * half, wz * half
    w, k = half_angle(tx * tx + ty * ty + tz * tz)
    multiply(x, w, k * tx, k * ty, k * tz)
    rotation(x, r)
    for i in range(3):
        a = r[i, 0] * fx + r[i, 1] * fy + r[i, 2] * fz
        if i == 2:
            a -= GRAVITY_M_S2
        x[i] += (x[3 + i] + half * a) * dt
        x[3 + i] += a * dt
    multiply(x, w, k * tx, k * ty, k * tz)


@njit(cache=True)
def propagate(x: Array, imu: Array, dt: float, r: Array) -> None:
    """Integrate the nominal state over `dt` seconds under `imu` (6: gyro, specific force); `r` (3, 3) is work space.

    The specific force acts through the attitude at the middle of the step.
    """
    _integrate(x, imu, dt, r)
    normalise(x)


@njit(cache=True)
def transition(x: Array, imu: Array, dt: float, f: Array) -> None:
    """Write the sparse parts of the error-state Jacobian at `x` (before the step) to `f` (9, 3).

    Rows 0 to 2: d velocity / d attitude; 3 to 5: d velocity / d accelerometer bias; 6 to 8: d attitude / d attitude.
    The rest of the Jacobian is the identity, dt on the position-velocity block and -dt on the attitude-gyro bias
    block.
    """
    wx, wy, wz = (imu[0] - x[10]) * dt, (imu[1] - x[11]) * dt, (imu[2] - x[12]) * dt
    hx, hy, hz = 0.5 * wx, 0.5 * wy, 0.5 * wz
    gx, gy, gz = imu[3] - x[13], imu[4] - x[14], imu[5] - x[15]
    # The force as seen from the attitude at the start: turned by half a step.
    fx, fy, fz = gx + hy * gz - hz * gy, gy + hz * gx - hx * gz, gz + hx * gy - hy * gx
    r = f[6:9]
    rotation(x, r)
    for i in range(3):
        f[i, 0] = -dt * (r[i, 1] * fz - r[i, 2] * fy)
        f[i, 1] = -dt * (r[i, 2] * fx - r[i, 0] * fz)
        f[i, 2] = -dt * (r[i, 0] * fy - r[i, 1] * fx)
        for j in range(3):
            f[3 + i, j] = -dt * r[i, j]
    # exp(-[w dt]x) to second order.
    f[6, 0] = 1.0 - 0.5 * (wy * wy + wz * wz)
    f[6, 1] = wz + 0.5 * wx * wy
    f[6, 2] = -wy + 0.5 * wx * wz
    f[7, 0] = -wz + 0.5 * wx * wy
    f[7, 1] = 1.0 - 0.5 * (wx * wx + wz * wz)
    f[7, 2] = wx + 0.5 * wy * wz
    f[8, 0] = wy + 0.5 * wx * wz
    f[8, 1] = -wx + 0.5 * wy * wz
    f[8, 2] = 1.0 - 0.5 * (wx * wx + wy * wy)


@njit(cache=True)
def _transit_row(row: Array, f: Array, dt: float) -> None:
    """Multiply one error vector (23) by the transition in place: only its first nine change."""
    t0, t1, t2, a0, a1, a2 = row[6], row[7], row[8], row[12], row[13], row[14]
    for i in range(3):
        dv = f[i, 0] * t0 + f[i, 1] * t1 + f[i, 2] * t2 + f[3 + i, 0] * a0 + f[3 + i, 1] * a1 + f[3 + i, 2] * a2
        row[i] += dt * (row[3 + i] + 0.5 * dv)
        row[3 + i] += dv
        row[6 + i] = f[6 + i, 0] * t0 + f[6 + i, 1] * t1 + f[6 + i, 2] * t2 - dt * row[9 + i]


@njit(cache=True)
def _transit_columns(p: Array, f: Array, dt: float) -> None:
    """Multiply every column of `p` by the transition in place, as `_transit_row` does one vector.

    Along the rows and about a flat array with fixed distances, so that the compiler takes several columns at once.
    """
    q = p.reshape(NE * NE)
    for i in range(3):
        a, b, c, d, e, g = f[i, 0], f[i, 1], f[i, 2], f[3 + i, 0], f[3 + i, 1], f[3 + i, 2]
        place, speed = i * NE, (3 + i) * NE
        for k in range(NE):
            dv = a * q[6 * NE + k] + b * q[7 * NE + k] + c * q[8 * NE + k]
            dv += d * q[12 * NE + k] + e * q[13 * NE + k] + g * q[14 * NE + k]
            q[place + k] += dt * (q[speed + k] + 0.5 * dv)
            q[speed + k] += dv
    r = f[6:9]
    a, b, c, d, e, g = r[0, 0], r[0, 1], r[0, 2], r[1, 0], r[1, 1], r[1, 2]
    for k in range(NE):
        t0, t1, t2 = q[6 * NE + k], q[7 * NE + k], q[8 * NE + k]
        q[6 * NE + k] = a * t0 + b * t1 + c * t2 - dt * q[9 * NE + k]
        q[7 * NE + k] = d * t0 + e * t1 + g * t2 - dt * q[10 * NE + k]
        q[8 * NE + k] = r[2, 0] * t0 + r[2, 1] * t1 + r[2, 2] * t2 - dt * q[11 * NE + k]


@njit(cache=True)
def spread(p: Array, f: Array, dt: float) -> None:
    """Replace the covariance `p` (23, 23), C order, by F p F' in place; `f` from `transition`.

    p is symmetric: what only drifts has nothing to gain from the second product, and its rows are the columns' copies.
    """
    _transit_columns(p, f, dt)
    for i in range(MOVING):
        _transit_row(p[i], f, dt)
        for j in range(i):
            p[i, j] = p[j, i]
    for i in range(MOVING, NE):
        for j in range(MOVING):
            p[i, j] = p[j, i]


@njit(cache=True)
def predict(x: Array, p: Array, imu: Array, dt: float, noise: Array, work: Array) -> None:
    """Advance state and covariance by `dt` seconds; `work` is (12, 3)."""
    transition(x, imu, dt, work[:9])
    spread(p, work[:9], dt)
    propagate(x, imu, dt, work[9:12])
    climb, level = noise[5] * x[5], noise[11] * noise[11] * (x[3] * x[3] + x[4] * x[4])
    for i in range(3):
        p[3 + i, 3 + i] += noise[1] * noise[1] * dt
        p[6 + i, 6 + i] += noise[0] * noise[0] * dt
        p[9 + i, 9 + i] += noise[2] * noise[2] * dt
        p[12 + i, 12 + i] += noise[3] * noise[3] * dt
    p[BARO, BARO] += (noise[4] * noise[4] + climb * climb) * dt
    p[WIND, WIND] += noise[8] * noise[8] * dt
    p[WIND + 1, WIND + 1] += noise[8] * noise[8] * dt
    p[DRAG, DRAG] += noise[9] * noise[9] * dt
    p[GROUND, GROUND] += (noise[10] * noise[10] + level) * dt
    p[THRUST, THRUST] += noise[13] * noise[13] * dt
    p[THRUST + 1, THRUST + 1] += noise[13] * noise[13] * dt
    p[FLOW_SCALE, FLOW_SCALE] += noise[12] * noise[12] * dt


@njit(cache=True)
def _interval(ring_t: Stamps, ring: Array, now: int, imu: Array) -> float:
    """Write the mean of the sample in row `now` and the one before to `imu`; return their distance in seconds."""
    before = now - 1 if now > 0 else ring_t.shape[0] - 1
    for i in range(6):
        imu[i] = 0.5 * (ring[now, i] + ring[before, i])
    return float(ring_t[now] - ring_t[before]) * 1e-9


@njit(cache=True)
def advance(
    x: Array, p: Array, ring_t: Stamps, ring: Array, index: int, t_ns: int, target_ns: int, noise: Array, work: Array
) -> int:
    """Predict from `t_ns` to `target_ns` through the IMU ring; return the index of the sample that ends the next
    interval.

    `index` counts samples ever stored; sample i lies in row i % size. Time `t_ns` lies in the interval that ends with
    `index`. The sample after `target_ns` must have been stored. `work` is at least (14, 3).
    """
    size = ring_t.shape[0]
    imu = work[12:14].reshape(6)
    while t_ns < target_ns:
        now = index % size
        gap_s = _interval(ring_t, ring, now, imu)
        end = min(ring_t[now], target_ns)
        left_s = (end - t_ns) * 1e-9
        if gap_s > GAP_S:
            for i in range(3):
                p[3 + i, 3 + i] += noise[7] * noise[7] * left_s * gap_s
                p[6 + i, 6 + i] += noise[6] * noise[6] * left_s * gap_s
        steps = int(left_s / MAX_STEP_S) + 1
        for _ in range(steps):
            predict(x, p, imu, left_s / steps, noise, work[:12])
        t_ns = end
        if ring_t[now] <= t_ns:
            index += 1
    return index


@njit(cache=True)
def extrapolate(x: Array, ring_t: Stamps, ring: Array, index: int, head: int, t_ns: int, work: Array) -> None:
    """Integrate `x` (without covariance) from `t_ns` to the newest sample, number `head` - 1.

    `work` is at least (14, 3).
    """
    size = ring_t.shape[0]
    imu, r = work[12:14].reshape(6), work[9:12]
    now = index % size
    for _ in range(index, head):
        _interval(ring_t, ring, now, imu)
        _integrate(x, imu, (ring_t[now] - t_ns) * 1e-9, r)
        t_ns = ring_t[now]
        now = now + 1 if now + 1 < size else 0
    normalise(x)


@njit(cache=True)
def carried(p: Array, ahead_s: float, out: Array) -> None:
    """Write the position covariance `ahead_s` later, if velocity errors hold, and below it the velocity variances.

    `out` is (4, 3).
    """
    for i in range(3):
        for j in range(3):
            cross = p[i, 3 + j] + p[3 + i, j]
            out[i, j] = p[i, j] + ahead_s * (cross + ahead_s * p[3 + i, 3 + j])
        out[3, i] = p[3 + i, 3 + i]


@njit(cache=True)
def is_sane(x: Array, p: Array, max_position_std_m: float) -> bool:
    """Return whether state and covariance are finite, variances positive and the position not lost altogether."""
    for i in range(NX):
        if not np.isfinite(x[i]):
            return False
    for i in range(NE):
        for j in range(NE):
            if not np.isfinite(p[i, j]):
                return False
        if p[i, i] <= 0.0:
            return False
    limit = max_position_std_m * max_position_std_m
    return bool(p[0, 0] < limit and p[1, 1] < limit and p[2, 2] < limit)


def warm() -> None:
    """Run every kernel of prediction once, so that no flight pays for compilation (compiled code is cached on disk)."""
    x, p = np.zeros(NX), np.eye(NE)
    x[6] = 1.0
    ring_t, ring = np.arange(4, dtype=np.int64) * 10_000_000, np.zeros((4, 6))
    noise, work = np.full(NOISES, 1e-3), np.zeros((14, 3))
    index = advance(x, p, ring_t, ring, 1, 0, 15_000_000, noise, work)
    extrapolate(x, ring_t, ring, index, 4, 15_000_000, work)
    predict(x, p, ring[0], 0.01, noise, work[:12])
    rotation(x, np.zeros((3, 3)))
    carried(p, 0.1, np.zeros((4, 3)))
    is_sane(x, p, 1e4)
