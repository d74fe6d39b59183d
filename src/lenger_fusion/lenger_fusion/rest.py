"""Standing on the ground: a quiet IMU and somebody's word for it.

A steady cruise or climb is as quiet as the ground, so quiet alone never counts: the autopilot must say that it has
landed, or the aircraft must not have stirred since an alignment at rest. Stirring is any unrest of the IMU, a changed
mean force, horizontal speed, another pressure height, or the autopilot's word, and lasts until the next alignment.
"""

from __future__ import annotations

from collections import deque

import numpy as np
from numpy.typing import NDArray

from lenger_core.samples import ImuSample
from lenger_fusion import measurements
from lenger_fusion.measurements import Measurement
from lenger_fusion.settings import FusionSettings

_WINDOW = 25
_EVERY_NS = 200_000_000
_LANDED_FOR_NS = 2_000_000_000
_MAX_SPEED_M_S = 1.0
_MAX_FORCE_CHANGE_M_S2 = 0.3
_MAX_HEIGHT_CHANGE_M = 2.5
_SPEED_STD_M_S, _RATE_STD_RAD_S = 0.1, 0.02


class RestDetector:
    """Decides five times a second whether the aircraft rests, and makes the measurement that says so."""

    def __init__(self, settings: FusionSettings) -> None:
        self._settings = settings
        self._window: deque[ImuSample] = deque(maxlen=_WINDOW)
        self._next_ns = 0
        self._unstirred = False
        self._landed_ns: int | None = None
        self._speed_m_s = 0.0
        self._force: NDArray[np.float64] | None = None
        self._height_m: float | None = None
        self._quiet = True
        self._airborne: bool | None = None

    @property
    def flying(self) -> bool:
        """Whether the aircraft flies: by the autopilot's word, else it has stirred and is not quiet."""
        if self._airborne is not None:
            return self._airborne
        return not self._unstirred and not self._quiet

    def begin(self, at_rest: bool) -> None:
        """Start after an alignment."""
        self._unstirred = at_rest
        self._force = self._height_m = None

    def on_landed(self, t_ns: int, landed: bool, airborne: bool) -> None:
        """Take the autopilot's landed state; neither landed nor airborne: it does not know."""
        self._airborne = airborne if landed or airborne else None
        self._landed_ns = t_ns if landed else None
        if not landed:
            self._unstirred = False

    def on_speed(self, _t_ns: int, speed_m_s: float) -> None:
        """Take the receiver's horizontal speed: what moves does not rest."""
        self._speed_m_s = speed_m_s
        if speed_m_s > _MAX_SPEED_M_S:
            self._unstirred = False

    def on_height(self, height_m: float) -> None:
        """Take a pressure height."""
        if self._height_m is None:
            self._height_m = height_m
        elif abs(height_m - self._height_m) > _MAX_HEIGHT_CHANGE_M:
            self._unstirred = False

    def on_imu(self, sample: ImuSample) -> bool:
        """Return whether a rest measurement is due now."""
        self._window.append(sample)
        if 0 <= self._next_ns - sample.t_ns <= _EVERY_NS:
            return False
        self._next_ns = sample.t_ns + _EVERY_NS
        imu = np.array([s.gyro_rad_s + s.accel_m_s2 for s in self._window])
        mean = imu.mean(axis=0)
        scatter, force = np.sqrt(np.square(imu - mean).mean(axis=0)), mean[3:]
        limits = self._settings.rest_rate_rad_s, self._settings.rest_accel_m_s2
        self._quiet = quiet = bool(scatter[:3].max() < limits[0] and scatter[3:].max() < limits[1])
        landed = self._landed_ns is not None and abs(sample.t_ns - self._landed_ns) < _LANDED_FOR_NS
        if not (landed or self._unstirred) or self._speed_m_s > _MAX_SPEED_M_S:
            return False
        if self._force is None:
            self._force = force
        pushed = float(np.linalg.norm(force - self._force)) > _MAX_FORCE_CHANGE_M_S2
        self._unstirred = self._unstirred and quiet and not pushed
        return quiet and (landed or self._unstirred)

    def measurement(self) -> Measurement:
        """Return the rest measurement of the middle of the window."""
        gyro = np.mean([s.gyro_rad_s for s in self._window], axis=0)
        middle = self._window[len(self._window) // 2]
        return measurements.rest(
            middle.t_ns, (float(gyro[0]), float(gyro[1]), float(gyro[2])), _SPEED_STD_M_S, _RATE_STD_RAD_S
        )
