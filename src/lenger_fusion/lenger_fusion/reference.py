"""The filter's arithmetic in plain numpy, written from the equations and not from the kernels: tests compare the two.

Slow (about 100 us a step) and dense. State and error-state layout as in `lenger_fusion.kernels`.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import NDArray
from scipy.spatial.transform import Rotation

from lenger_fusion.kernels import GRAVITY_M_S2, NE

Array = NDArray[np.float64]


def _rotation(quat_wxyz: Array) -> Rotation:
    return Rotation.from_quat(np.roll(quat_wxyz, -1))


def _skew(v: Array) -> Array:
    return np.array([[0.0, -v[2], v[1]], [v[2], 0.0, -v[0]], [-v[1], v[0], 0.0]])


def propagate(x: Array, imu: Array, dt: float) -> Array:
    """Return the nominal state after `dt` seconds: rate and force constant, attitude of mid-step."""
    out = x.copy()
    rate, force = imu[:3] - x[10:13], imu[3:] - x[13:16]
    start = _rotation(x[6:10])
    accel = (start * Rotation.from_rotvec(rate * dt / 2)).apply(force) - np.array([0.0, 0.0, GRAVITY_M_S2])
    out[:3] += x[3:6] * dt + 0.5 * accel * dt * dt
    out[3:6] += accel * dt
    out[6:10] = np.roll((start * Rotation.from_rotvec(rate * dt)).as_quat(), 1)
    return out


def jacobian(x: Array, imu: Array, dt: float) -> Array:
    """Return the (23, 23) error-state transition, of first order in `dt` but for the turn (Sola 2017, 5.3.3)."""
    rate, force = imu[:3] - x[10:13], imu[3:] - x[13:16]
    r = _rotation(x[6:10]).as_matrix()
    half = Rotation.from_rotvec(rate * dt / 2).as_matrix()
    f = np.eye(NE)
    f[3:6, 6:9] = -r @ _skew(half @ force) * dt
    f[3:6, 12:15] = -r * dt
    f[0:3, 3:6] = np.eye(3) * dt
    f[0:3, 6:15] = 0.5 * dt * f[3:6, 6:15]
    f[6:9, 6:9] = Rotation.from_rotvec(rate * dt).as_matrix().T
    f[6:9, 9:12] = -np.eye(3) * dt
    return f


def predict(x: Array, p: Array, imu: Array, dt: float, noise: Array) -> tuple[Array, Array]:
    """Return state and covariance after one prediction."""
    f = jacobian(x, imu, dt)
    after = propagate(x, imu, dt)
    baro = np.hypot(noise[4], noise[5] * after[5])
    ground = np.hypot(noise[10], noise[11] * np.hypot(after[3], after[4]))
    slow = [baro, noise[8], noise[8], noise[9], ground, noise[12], noise[13], noise[13]]
    q = np.concatenate([np.zeros(3), np.repeat(noise[[1, 0, 2, 3]], 3), slow]) ** 2 * dt
    return after, f @ p @ f.T + np.diag(q)


def add_error(x: Array, dx: Array) -> Array:
    """Return the state with an error state (23) applied."""
    out = x.copy()
    out[:6] += dx[:6]
    out[6:10] = np.roll((_rotation(x[6:10]) * Rotation.from_rotvec(dx[6:9])).as_quat(), 1)
    out[10:] += dx[9:]
    return out


def error_between(truth: Array, x: Array) -> Array:
    """Return the error state (23) that takes `x` to `truth`."""
    turn = (_rotation(x[6:10]).inv() * _rotation(truth[6:10])).as_rotvec()
    return np.concatenate([truth[:6] - x[:6], turn, truth[10:] - x[10:]])


def fuse(x: Array, p: Array, h: Array, residual: Array, variance: Array, gate: float) -> tuple[Array, Array, float]:
    """Return state, covariance (Joseph form) and NIS after a measurement; unchanged when the NIS is above the gate."""
    s = h @ p @ h.T + np.diag(variance)
    nis = float(residual @ np.linalg.solve(s, residual))
    if nis > gate:
        return x, p, nis
    gain = np.linalg.solve(s, h @ p).T
    keep = np.eye(NE) - gain @ h
    return add_error(x, gain @ residual), keep @ p @ keep.T + gain @ np.diag(variance) @ gain.T, nis


def fuse_about(
    x: Array, p: Array, h: Array, residual: float, variance: float, axis: Array, gate: float
) -> tuple[Array, Array, float]:
    """Return state, covariance and NIS after a row that corrects attitude and gyro bias about an axis only."""
    s = float(h @ p @ h + variance)
    nis = residual * residual / s
    if nis > gate:
        return x, p, nis
    along = np.zeros((NE, NE))
    along[6:9, 6:9] = along[9:12, 9:12] = np.outer(axis, axis)
    gain = along @ p @ h / s
    keep = np.eye(NE) - np.outer(gain, h)
    return add_error(x, gain * residual), keep @ p @ keep.T + variance * np.outer(gain, gain), nis
