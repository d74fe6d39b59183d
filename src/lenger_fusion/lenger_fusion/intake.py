"""What is let in: finite numbers of plausible size, with stamps that move forward."""

from __future__ import annotations

from collections import Counter, deque
from dataclasses import dataclass, field
from enum import IntEnum
from math import isfinite

from lenger_core.samples import GnssFix, ImuSample, Vec3

MAX_RATE_RAD_S = 60.0
MAX_ACCEL_M_S2 = 320.0
"""Beyond the range of any flight IMU (2000 deg/s, 32 g): a wrong unit or a broken link."""
MAX_SPEED_M_S = 400.0
_AGREEING = 3
_REMEMBERED = 16


class Verdict(IntEnum):
    """What to do with an IMU sample."""

    USE = 0
    DROP = 1
    RESTART = 2
    """Time has jumped for good: the filter's past is worthless."""


def _within(v: Vec3, limit: float) -> bool:
    # NaN is within nothing.
    x, y, z = v
    return -limit < x < limit and -limit < y < limit and -limit < z < limit


@dataclass
class Intake:
    """Checks samples of all sensors and counts what it refuses, by reason.

    Args:
        gap_ns: an IMU stamp farther than this from the last, either way, is a jump. A jump is believed once three
            samples agree with each other on the new time; until then its samples are dropped.
    """

    gap_ns: int
    refused: Counter[str] = field(default_factory=Counter)
    imu_ns: int | None = None
    _jump_ns: int = 0
    _agreed: int = 0
    _stamps: dict[str, deque[int]] = field(default_factory=dict)

    def imu(self, sample: ImuSample) -> Verdict:
        """Judge an IMU sample and remember its stamp."""
        if not (_within(sample.gyro_rad_s, MAX_RATE_RAD_S) and _within(sample.accel_m_s2, MAX_ACCEL_M_S2)):
            return self._drop("imu not finite or out of range")
        if self.imu_ns is None:
            self.imu_ns = sample.t_ns
            return Verdict.USE
        step = sample.t_ns - self.imu_ns
        if abs(step) > self.gap_ns:
            return self._jump(sample.t_ns)
        if step <= 0:
            return self._drop("imu out of order or twice")
        self.imu_ns = sample.t_ns
        self._agreed = 0
        return Verdict.USE

    def fix(self, fix: GnssFix) -> bool:
        """Return whether a fix can be used: three-dimensional, finite, new. A velocity of NaN means none."""
        place = abs(fix.lat_deg) <= 90.0 and abs(fix.lon_deg) <= 180.0 and -1000.0 < fix.alt_amsl_m < 20000.0
        fast = abs(fix.vel_e_m_s) > MAX_SPEED_M_S or abs(fix.vel_n_m_s) > MAX_SPEED_M_S
        if not place or fast or (fix.lat_deg == 0.0 and fix.lon_deg == 0.0):
            self.refused["gnss not finite or out of range"] += 1
            return False
        if fix.fix_type < 3:
            self.refused["gnss without 3-D fix"] += 1
            return False
        return self.newer("gnss", fix.t_ns)

    def scalar(self, sensor: str, t_ns: int, value: float, low: float, high: float) -> bool:
        """Return whether a reading lies in [low, high] and is new."""
        if not (isfinite(value) and low <= value <= high):
            self.refused[f"{sensor} not finite or out of range"] += 1
            return False
        return self.newer(sensor, t_ns)

    def newer(self, sensor: str, t_ns: int) -> bool:
        """Return whether a stamp has not been seen and lies near IMU time; late readings are the filter's business."""
        if self.imu_ns is None or abs(t_ns - self.imu_ns) > self.gap_ns:
            self.refused[f"{sensor} not at IMU time"] += 1
            return False
        seen = self._stamps.setdefault(sensor, deque(maxlen=_REMEMBERED))
        if t_ns in seen:
            self.refused[f"{sensor} twice"] += 1
            return False
        seen.append(t_ns)
        return True

    def _jump(self, t_ns: int) -> Verdict:
        agrees = 0 < t_ns - self._jump_ns <= self.gap_ns
        self._agreed = self._agreed + 1 if agrees and self._agreed else 1
        self._jump_ns = t_ns
        if self._agreed < _AGREEING:
            return self._drop("imu time jump")
        self._agreed = 0
        self.imu_ns = t_ns
        self._stamps.clear()
        return Verdict.RESTART

    def _drop(self, reason: str) -> Verdict:
        self.refused[reason] += 1
        return Verdict.DROP
