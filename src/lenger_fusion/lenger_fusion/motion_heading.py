"""Heading without a magnetometer: the turn that makes the acceleration felt agree with the velocity changes GNSS shows.

While heading is unknown, attitude is carried in a frame that is level but turned by an unknown angle. Over each second
of flight the accelerometer gives a horizontal velocity change there, GNSS gives it in the world. Written as complex
numbers, the turn is the argument of sum(gnss * conj(felt)), the least-squares rotation (Kabsch 1976, in the plane).
"""

from __future__ import annotations

import cmath
from collections import deque
from math import sqrt

from lenger_core.frames import quat_multiply, quat_rotate, quat_rotate_inverse
from lenger_core.samples import GnssFix, ImuSample, QuatWxyz, Vec3
from lenger_fusion.kernels import GRAVITY_M_S2

_PAIR_NS = 1_000_000_000
_KEEP_NS = 2_000_000_000
_LEVEL_GAIN = 0.1
"""Share of the tilt seen by the accelerometer that is corrected in a second, while it feels about one g."""
_KEPT = 0.95
"""Of what earlier pairs said, at each new one: the carried heading drifts."""
_SLOW = 0.2
_MIN_MOTION_M_S = 0.8
_MIN_PAIRS = 2.5
_CHANGE_STD_M_S = 0.4
_MAX_STD_RAD = 0.17
_RATIO = (0.6, 1.6)
"""Of the velocity changes, world to felt: anything else is not the same motion."""


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
        self._slow = (0j, 0j)
        self._pair: tuple[int, complex, complex] | None = None
        self._product, self._felt_sum, self._seen_sum, self._pairs = 0j, 0.0, 0.0, 0.0

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
        """Compare the velocity change since about a second ago with the one felt."""
        t_ns = fix.t_ns - self._latency_ns
        felt = self._felt_at(t_ns)
        if felt is None:
            return
        seen = complex(fix.vel_e_m_s, fix.vel_n_m_s)
        if self._pair is None or not 0 <= t_ns - self._pair[0] < 2 * _PAIR_NS:
            self._pair = (t_ns, seen, felt)
        elif t_ns - self._pair[0] >= 0.95 * _PAIR_NS:
            change, push = seen - self._pair[1], felt - self._pair[2]
            self._pair = (t_ns, seen, felt)
            # A tilt error feels like a lasting push: taking the slow mean off both leaves their relation as it is.
            change, push = change - self._slow[0], push - self._slow[1]
            self._slow = (self._slow[0] + _SLOW * change, self._slow[1] + _SLOW * push)
            if max(abs(change), abs(push)) > _MIN_MOTION_M_S:
                self._pairs = _KEPT * self._pairs + 1.0
                self._product = _KEPT * self._product + change * push.conjugate()
                self._felt_sum = _KEPT * self._felt_sum + abs(push) ** 2
                self._seen_sum = _KEPT * self._seen_sum + abs(change) ** 2

    def heading(self) -> tuple[float, float] | None:
        """Return the angle from the carried frame to the world and its sigma in rad, when it is known well enough."""
        if self._pairs < _MIN_PAIRS or not _RATIO[0] < sqrt(self._seen_sum / self._felt_sum) < _RATIO[1]:
            return None
        # The scatter of a component of one pair: what the best turn leaves unexplained, above what is always there.
        left = max(0.0, self._seen_sum + self._felt_sum - 2.0 * abs(self._product))
        std = sqrt(_CHANGE_STD_M_S**2 + left / (2.0 * self._pairs)) / sqrt(self._felt_sum)
        return (cmath.phase(self._product), std) if std < _MAX_STD_RAD else None

    def _felt_at(self, t_ns: int) -> complex | None:
        if not self._history or not self._history[0][0] <= t_ns <= self._history[-1][0]:
            return None
        return min(self._history, key=lambda entry: abs(entry[0] - t_ns))[1]

    def _turn(self, hx: float, hy: float, hz: float) -> None:
        w, x, y, z = quat_multiply(self.quat, (1.0, hx, hy, hz))
        scale = 1.0 / sqrt(w * w + x * x + y * y + z * z)
        self.quat = (w * scale, x * scale, y * scale, z * scale)
