"""Heading without a magnetometer: the turn that makes the acceleration felt agree with the velocity GNSS shows.

While heading is unknown, attitude is carried in a frame that is level but turned by an unknown angle. Velocities of the
plane are complex numbers: the one felt there, turned by a unit number u, is the one in the world, v' = u f + c, with c
the push that a tilt error feigns. As u stands there as a factor, the problem is linear: a Kalman filter of v, u and c
finds it from any start, without a bank of guesses. That u comes out of length one is the proof that both saw the same
motion: nothing demands it.
"""

from __future__ import annotations

import cmath
from collections import deque
from math import pi, sqrt

import numpy as np

from lenger_core.frames import quat_multiply, quat_rotate, quat_rotate_inverse
from lenger_core.samples import GnssFix, ImuSample, QuatWxyz, Vec3
from lenger_fusion.kernels import GRAVITY_M_S2

_KEEP_NS = 2_000_000_000
_LEVEL_GAIN = 0.1
"""Share of the tilt seen by the accelerometer that is corrected in a second, while it feels about one g."""
_PUSH_M_S2, _PUSH_S = 0.5, 10.0
"""What a tilt error feigns, one sigma, and for how long it stays."""
_FELT_NOISE = 0.3
"""Of the velocity felt, m/s/sqrt(s): vibration, and what the tilt does in a manoeuvre."""
_FELT_SHARE = 0.2
"""Of a velocity change felt that is something else: tilt in a manoeuvre, a latency that is not quite known."""
_START_PUSH_M_S2 = 2.0
_MIN_S, _HELD_S = 10.0, 2.0
"""For how long motion is watched at the least, and for how long a heading has to stay good."""
_TURN_WALK = 0.02
"""Of the carried heading, rad/sqrt(s)."""
_SPEED_STD_M_S, _SPEED_S = 0.4, 0.5
"""GNSS velocity: one sigma at the least, and for how long its error stays."""
_FAR_SIGMA = 3.0
"""An innovation beyond this counts for less."""
_MISS_S, _MAX_MISS = 10.0, 2.0
_LENGTH = (0.75, 1.35)
_MAX_STD_RAD = 0.17


class MotionHeading:
    """Carries a level attitude of unknown heading and finds the heading from motion.

    Args:
        quat_wxyz: level attitude with heading zero.
        gyro_bias: rad/s.
        latency_ns: of GNSS.
    """

    def __init__(self, quat_wxyz: QuatWxyz, gyro_bias: Vec3, latency_ns: int) -> None:
        self.quat = quat_wxyz
        self._bias, self._latency_ns = gyro_bias, latency_ns
        self._last_ns: int | None = None
        self._felt = 0j
        self._history: deque[tuple[int, complex]] = deque()
        self._fix: tuple[int, complex] | None = None
        self._x = np.zeros(3, dtype=complex)
        self._p = np.diag([1e4, 1.0, 2.0 * _START_PUSH_M_S2**2]).astype(complex)
        self._miss = 1.0
        self._watched_s = self._good_s = 0.0

    def on_imu(self, sample: ImuSample) -> None:
        """Turn the attitude and add up the velocity felt."""
        dt = 0.0 if self._last_ns is None else min(0.1, (sample.t_ns - self._last_ns) * 1e-9)
        self._last_ns = sample.t_ns
        x, y, z = (w - b for w, b in zip(sample.gyro_rad_s, self._bias, strict=True))
        up = quat_rotate_inverse(self.quat, (0.0, 0.0, 1.0))
        fx, fy, fz = sample.accel_m_s2
        size = sqrt(fx * fx + fy * fy + fz * fz)
        if abs(size - GRAVITY_M_S2) < 1.0:
            k = _LEVEL_GAIN / size
            x, y, z = (
                x + k * (fy * up[2] - fz * up[1]),
                y + k * (fz * up[0] - fx * up[2]),
                z + k * (fx * up[1] - fy * up[0]),
            )
        self._turn(0.5 * dt * x, 0.5 * dt * y, 0.5 * dt * z)
        east, north, _ = quat_rotate(self.quat, sample.accel_m_s2)
        self._felt += complex(east, north) * dt
        self._history.append((sample.t_ns, self._felt))
        while sample.t_ns - self._history[0][0] > _KEEP_NS:
            self._history.popleft()

    def on_gnss(self, fix: GnssFix) -> None:
        """Carry the velocity on by what was felt since the last fix, and compare it with this one's."""
        t_ns = fix.t_ns - self._latency_ns
        felt = self._felt_at(t_ns)
        if felt is None:
            return
        before, self._fix = self._fix, (t_ns, felt)
        dt = 0.0 if before is None else (t_ns - before[0]) * 1e-9
        if before is not None and 0.0 < dt < 2.0:
            self._predict(felt - before[1], dt)
        else:
            self._p[0, :] = self._p[:, 0] = 0.0
            self._p[0, 0] = 1e4
        std = max(_SPEED_STD_M_S, fix.s_acc_m_s if fix.s_acc_m_s == fix.s_acc_m_s else 0.0)
        self._update(complex(fix.vel_e_m_s, fix.vel_n_m_s), 2.0 * std**2, max(dt, 0.05))

    def heading(self) -> tuple[float, float] | None:
        """Return the angle from the carried frame to the world and its sigma in rad, when it is known well enough."""
        if self._watched_s < _MIN_S or self._good_s < _HELD_S:
            return None
        return cmath.phase(complex(self._x[1])), self.std_rad()

    def std_rad(self) -> float:
        """Return one sigma of the heading, never more than what nothing at all leaves."""
        spread = sqrt(max(0.0, self._p[1, 1].real) / 2.0) * sqrt(max(1.0, self._miss))
        return float(min(pi / sqrt(3.0), spread / max(0.1, abs(self._x[1]))))

    def _predict(self, felt: complex, dt: float) -> None:
        kept = 1.0 - min(1.0, dt / _PUSH_S)
        f = np.array([[1.0, felt, dt], [0.0, 1.0, 0.0], [0.0, 0.0, kept]], dtype=complex)
        noise = (
            _FELT_NOISE**2 * dt + 0.5 * (_FELT_SHARE * abs(felt)) ** 2,
            _TURN_WALK**2 * dt,
            _PUSH_M_S2**2 * (1.0 - kept**2),
        )
        self._x = f @ self._x
        self._p = f @ self._p @ f.conj().T + 2.0 * np.diag(noise)

    def _update(self, seen: complex, variance: float, dt: float) -> None:
        variance *= max(1.0, _SPEED_S / dt)
        off = seen - self._x[0]
        nis = abs(off) ** 2 / (self._p[0, 0].real + variance)
        self._miss += min(1.0, dt / _MISS_S) * (min(nis, 50.0) - self._miss)
        if nis > _FAR_SIGMA**2:
            variance *= nis / _FAR_SIGMA**2
        gain = self._p[:, 0] / (self._p[0, 0].real + variance)
        self._x = self._x + gain * off
        self._p = self._p - np.outer(gain, self._p[0, :])
        self._p = 0.5 * (self._p + self._p.conj().T)
        good = _LENGTH[0] < abs(self._x[1]) < _LENGTH[1] and self._miss < _MAX_MISS and self.std_rad() < _MAX_STD_RAD
        self._watched_s += dt
        self._good_s = self._good_s + dt if good else 0.0

    def _felt_at(self, t_ns: int) -> complex | None:
        if not self._history or not self._history[0][0] <= t_ns <= self._history[-1][0]:
            return None
        return min(self._history, key=lambda entry: abs(entry[0] - t_ns))[1]

    def _turn(self, hx: float, hy: float, hz: float) -> None:
        w, x, y, z = quat_multiply(self.quat, (1.0, hx, hy, hz))
        scale = 1.0 / sqrt(w * w + x * x + y * y + z * z)
        self.quat = (w * scale, x * scale, y * scale, z * scale)
