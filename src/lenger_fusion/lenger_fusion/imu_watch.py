"""Whether the IMU lives: frozen values, saturated ranges, vibration that has grown.

A real sensor is never still: noise moves its last digit. So values that repeat are old ones, and the sooner the more of
them repeat together; on the ground, only all of them, and for longer. A saturated axis piles up at one value: several
readings at the very top, hardly any just below, whatever the range is. Vibration is measured by the change from sample
to sample, against its own usual in flight.

While any of that lasts, the process noise is what it is for motion that nobody observed, so that covariance and
protection levels grow as in a gap.
"""

from __future__ import annotations

from collections import deque
from math import isclose, radians, sqrt

from lenger_core.samples import ImuSample
from lenger_fusion.usual import Usual

_GRAVITY = 9.80665
_FULL_SCALES = (
    *(_GRAVITY * g for g in (2.0, 4.0, 8.0, 16.0, 32.0)),
    *(radians(rate) for rate in (250.0, 500.0, 1000.0, 2000.0)),
)
_NAMES = ("gyro x", "gyro y", "gyro z", "accelerometer x", "accelerometer y", "accelerometer z")
_RATE, _FORCE = 4.0, 14.0
"""No range of a flight IMU ends below this, rad/s and m/s2."""
_AT_TOP, _BELOW_TOP, _AT_SCALE = 1e-4, 0.02, 0.002
_PILE, _PILE_AT_SCALE = 3, 2
_SECOND_NS = 1_000_000_000
_MAX_STEP_NS = 200_000_000
_KEPT = 64
_ALL, _SENSOR, _AXIS = (4, 100_000_000), (10, 500_000_000), (20, 1_000_000_000)
"""Repeats, and the time they must take, before all six values, the three of one sensor, or a single one are frozen."""
_AT_REST = (20, 1_000_000_000)
"""On the ground, for all six: rounded to what a message can say, readings at rest may well repeat."""
_FREEZES: tuple[tuple[tuple[int, ...], tuple[int, int]], ...] = (
    ((0, 1, 2, 3, 4, 5), _ALL),
    ((0, 1, 2), _SENSOR),
    ((3, 4, 5), _SENSOR),
    *(((axis,), _AXIS) for axis in range(6)),
)
_FEEL_S = 0.1
_SHAKE_TIMES, _SHAKE_M_S2, _SHAKE_NS = 3.0, 3.0, 2_000_000_000
_EASED = 0.6
_GROWN_TIMES = 2.0


class ImuWatch:
    """Judges every sample.

    Args:
        unobserved: process noise of motion that is not observed: rate (rad/s/sqrt(Hz)), force (m/s2/sqrt(Hz)).
    """

    def __init__(self, unobserved: tuple[float, float]) -> None:
        self._unobserved = unobserved
        self._last = (0.0,) * 6
        self._since_ns = [0] * 6
        self._repeats = [0] * 6
        self._repeating = False
        self._flew = False
        self._t_ns = -1
        self._frozen: tuple[int, ...] = ()
        self._peaks: deque[tuple[int, int, float]] = deque(maxlen=_KEPT)
        self._clipped: dict[int, tuple[int, float]] = {}
        self._shake = Usual(learn_s=10.0)
        self._sum = self._span_s = self._square = 0.0
        self._count = 0
        self._step_s = 0.01
        self._shaking_ns = -1

    def on_imu(self, sample: ImuSample, flying: bool) -> None:
        """Take a sample, and whether the aircraft flies."""
        before_ns, self._t_ns = self._t_ns, sample.t_ns
        dt_ns = sample.t_ns - before_ns
        now, last = sample.gyro_rad_s + sample.accel_m_s2, self._last
        self._last = now
        if not 0 < dt_ns < _SECOND_NS:
            self._repeats = [0] * 6
            self._frozen = ()
            return
        if not self._repeating:
            self._flew = flying
        if self._repeating or True in map(isclose, now, last):
            self._look_for_repeats(now, last, before_ns)
            if 0 not in self._repeats:
                return
        if max(now[:3]) > _RATE or min(now[:3]) < -_RATE or max(now[3:]) > _FORCE or min(now[3:]) < -_FORCE:
            self._look_for_plateau(now)
        if dt_ns < _MAX_STEP_NS:
            x, y, z = now[3] - last[3], now[4] - last[4], now[5] - last[5]
            self._sum += x * x + y * y + z * z
            self._count += 1
            self._span_s += 1e-9 * dt_ns
            if self._span_s >= _FEEL_S:
                self._feel(flying)

    def reason(self) -> str:
        """Return what is wrong in words; empty: nothing."""
        if self._frozen:
            return f"{self._frozen_name()} frozen for {self.frozen_s():.1f} s"
        for axis, (until_ns, top) in self._clipped.items():
            if self._t_ns < until_ns:
                unit = "rad/s" if axis < 3 else "m/s2"
                return f"{_NAMES[axis]} saturates at {top:.1f} {unit}"
        if self._shaking():
            scatter = sqrt(self._square)
            return f"vibration {scatter:.1f} m/s2, {self._shake.times(scatter):.0f} times its usual"
        return ""

    def frozen_s(self) -> float:
        """Return for how long what is frozen has been so."""
        return (self._t_ns - max(self._since_ns[axis] for axis in self._frozen)) * 1e-9 if self._frozen else 0.0

    def dead(self, after_s: float) -> bool:
        """Return whether a whole sensor has been frozen so long that nothing can be made of it."""
        return len(self._frozen) >= 3 and self.frozen_s() > after_s

    def noise(self) -> tuple[float, float]:
        """Return the least process noise that the state of the IMU calls for, rate and force; zero when it is well."""
        if not (self._frozen or self._clipped or self._shaking_ns >= 0):
            return 0.0, 0.0
        clipped = [axis for axis, (until_ns, _) in self._clipped.items() if self._t_ns < until_ns]
        gyro = self._frozen or any(axis < 3 for axis in clipped)
        accel = self._frozen or any(axis >= 3 for axis in clipped)
        rate, force = self._unobserved
        shaken = min(force, _GROWN_TIMES * sqrt(self._square * self._step_s)) if self._shaking() else 0.0
        return rate if gyro else 0.0, force if accel else shaken

    def _look_for_repeats(self, now: tuple[float, ...], last: tuple[float, ...], before_ns: int) -> None:
        repeats, since = self._repeats, self._since_ns
        for axis in range(6):
            if not isclose(now[axis], last[axis]):
                repeats[axis] = 0
                continue
            if repeats[axis] == 0:
                since[axis] = before_ns
            repeats[axis] += 1
        self._repeating = any(repeats)
        self._frozen = ()
        freezes = _FREEZES if self._flew else ((_FREEZES[0][0], _AT_REST),)
        for axes, (count, span_ns) in freezes:
            if all(repeats[a] >= count and self._t_ns - since[a] >= span_ns for a in axes):
                self._frozen = axes
                return

    def _frozen_name(self) -> str:
        whole = {6: "IMU", 3: "gyro" if 0 in self._frozen else "accelerometer"}
        return whole.get(len(self._frozen), _NAMES[self._frozen[0]])

    def _look_for_plateau(self, now: tuple[float, ...]) -> None:
        for axis, value in enumerate(now):
            if abs(value) < (_RATE if axis < 3 else _FORCE):
                continue
            self._peaks.append((self._t_ns, axis, value))
            alike = [
                abs(v) for t, a, v in self._peaks if a == axis and v * value > 0.0 and 0 <= self._t_ns - t < _SECOND_NS
            ]
            top = max(alike)
            hits = sum(v >= top * (1.0 - _AT_TOP) for v in alike)
            below = sum(v >= top * (1.0 - _BELOW_TOP) for v in alike) - hits
            scale = any(abs(top - full) < _AT_SCALE * full for full in _FULL_SCALES)
            if hits >= (_PILE_AT_SCALE if scale else _PILE) and hits > below:
                self._clipped[axis] = (self._t_ns + _SECOND_NS, top)

    def _feel(self, flying: bool) -> None:
        """Follow the mean square of vibration on one axis: half that of the change from sample to sample."""
        span_s, self._step_s = self._span_s, self._span_s / self._count
        self._square += min(1.0, span_s) * (self._sum / self._count / 6.0 - self._square)
        self._sum = self._span_s = 0.0
        self._count = 0
        scatter = sqrt(self._square)
        eased = _EASED if self._shaking() else 1.0
        grown = scatter > eased * _SHAKE_M_S2 and self._shake.times(scatter) > eased * _SHAKE_TIMES
        if not grown:
            self._shaking_ns = -1
            if flying:
                self._shake.learn(scatter, span_s)
        elif self._shaking_ns < 0:
            self._shaking_ns = self._t_ns

    def _shaking(self) -> bool:
        return 0 <= self._shaking_ns <= self._t_ns - _SHAKE_NS
