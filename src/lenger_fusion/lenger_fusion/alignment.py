"""The first state: level from gravity, gyro bias from rest, heading from the magnetometer, place from GNSS."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass
from math import atan2, hypot, radians, sqrt

import numpy as np
from numpy.typing import NDArray

from lenger_core.frames import quat_from_euler, quat_rotate
from lenger_core.geodesy import LocalFrame
from lenger_core.samples import GnssFix, ImuSample, MagSample, Vec3
from lenger_fusion import kernels
from lenger_fusion.settings import FusionSettings

Array = NDArray[np.float64]

_GRAVITY_RANGE = (8.0, 12.0)
_TILT_STD_RAD = 0.5
_MOTION_M_S2 = (0.03, 1.5)
"""Mean acceleration that an alignment at rest, and one in motion, may have taken for gravity."""
_YAW_STD_RAD = 0.17
_BARO_STD_M = 1000.0
_FIX_AGE_NS = 1_500_000_000


@dataclass(frozen=True)
class Start:
    """A first state (17,) and covariance (16, 16) at `t_ns`, and how it was found."""

    t_ns: int
    imu: tuple[Vec3, Vec3]
    x: Array
    p: Array
    at_rest: bool


class Aligner:
    """Collects samples until a first state can be told. `reason` says what is still missing."""

    def __init__(self, settings: FusionSettings) -> None:
        self._settings = settings
        self._window: deque[ImuSample] = deque()
        self._mag: deque[MagSample] = deque()
        self._next_try_ns = 0
        self.reason = "waiting for IMU"

    def on_imu(self, sample: ImuSample) -> None:
        """Keep the last `align_s` of IMU samples."""
        self._window.append(sample)
        oldest = sample.t_ns - int(self._settings.align_s * 1e9)
        while self._window[0].t_ns < oldest:
            self._window.popleft()

    def on_mag(self, sample: MagSample) -> None:
        """Keep as much of the magnetic field."""
        self._mag.append(sample)
        oldest = sample.t_ns - int(self._settings.align_s * 1e9)
        while self._mag[0].t_ns < oldest:
            self._mag.popleft()

    def try_start(self, frame: LocalFrame | None, fix: GnssFix | None, declination_rad: float) -> Start | None:
        """Return the first state, or None and set `reason`. Looks ten times a second at most."""
        newest = self._window[-1].t_ns
        if newest < self._next_try_ns:
            return None
        self._next_try_ns = newest + 100_000_000
        if newest - self._window[0].t_ns < 0.9e9 * self._settings.align_s or len(self._window) < 10:
            self.reason = f"averaging {self._settings.align_s:g} s of IMU"
            return None
        imu = np.array([(*s.gyro_rad_s, *s.accel_m_s2) for s in self._window])
        force = float(np.linalg.norm(imu[:, 3:].mean(axis=0)))
        if not _GRAVITY_RANGE[0] < force < _GRAVITY_RANGE[1]:
            self.reason = f"specific force {force:.1f} m/s2 is not gravity: falling, or a wrong unit"
            return None
        if frame is None or fix is None or not -_FIX_AGE_NS < newest - fix.t_ns < _FIX_AGE_NS:
            self.reason = "waiting for a 3-D GNSS fix"
            return None
        if not self._mag or newest - self._mag[-1].t_ns > _FIX_AGE_NS:
            self.reason = "waiting for a magnetic heading"
            return None
        return self._start(imu, frame, fix, declination_rad)

    def _start(self, imu: Array, frame: LocalFrame, fix: GnssFix, declination_rad: float) -> Start:
        s = self._settings
        newest = self._window[-1]
        mean, scatter = imu.mean(axis=0), imu.std(axis=0)
        slow = hypot(fix.vel_e_m_s, fix.vel_n_m_s) < 1.0
        still = scatter[:3].max() < s.rest_rate_rad_s and scatter[3:].max() < s.rest_accel_m_s2
        at_rest = bool(slow and still and np.abs(mean[:3]).max() < 0.2)
        x, p = np.zeros(kernels.NX), np.zeros((kernels.NE, kernels.NE))
        self._place(x, p, frame, fix, newest.t_ns)
        x[6:10] = self._attitude(mean[3:], declination_rad)
        p[6:9, 6:9] = _attitude_covariance(x, _TILT_STD_RAD, max(_YAW_STD_RAD, radians(s.mag_std_deg)))
        if at_rest:
            x[10:13] = mean[:3]
        mean_std = s.gyro_noise / sqrt(s.align_s)
        gyro_std = min(s.gyro_bias_std, 1.2 * mean_std) if at_rest else s.gyro_bias_std
        for i in range(3):
            p[9 + i, 9 + i] = gyro_std**2
            p[12 + i, 12 + i] = s.accel_bias_std**2
        p[15, 15] = _BARO_STD_M**2
        _level(x, p, hypot(_MOTION_M_S2[not at_rest], s.accel_noise / sqrt(s.align_s)))
        return Start(newest.t_ns, (newest.gyro_rad_s, newest.accel_m_s2), x, p, at_rest)

    def _place(self, x: Array, p: Array, frame: LocalFrame, fix: GnssFix, t_ns: int) -> None:
        s = self._settings
        age_s = (t_ns - fix.t_ns) * 1e-9 + s.gnss_latency_s
        east, north, up = frame.to_local(fix.lat_deg, fix.lon_deg, fix.alt_amsl_m)
        x[:6] = east + fix.vel_e_m_s * age_s, north + fix.vel_n_m_s * age_s, up, fix.vel_e_m_s, fix.vel_n_m_s, 0.0
        horizontal, vertical, speed = accuracies(fix, s)
        drift = 2.0 * age_s
        p[0, 0] = p[1, 1] = horizontal**2 + drift**2 * age_s**2
        p[2, 2] = vertical**2 + drift**2
        p[3, 3] = p[4, 4] = speed**2 + drift**2
        p[5, 5] = 1.0 + drift**2

    def _attitude(self, force: Array, declination_rad: float) -> Array:
        """Return the quaternion of a level found from the mean specific force and a heading from the mean field."""
        roll = atan2(force[1], force[2])
        pitch = atan2(-force[0], hypot(force[1], force[2]))
        field = np.mean([m.field_t for m in self._mag], axis=0)
        level = quat_rotate(quat_from_euler(roll, pitch, 0.0), (float(field[0]), float(field[1]), float(field[2])))
        return np.array(quat_from_euler(roll, pitch, atan2(level[0], level[1]) - declination_rad))


def accuracies(fix: GnssFix, settings: FusionSettings) -> Vec3:
    """Return one-sigma horizontal (m), vertical (m) and speed (m/s) of a fix: the receiver's word, never below the floors.

    A receiver that does not say counts as an ordinary one (2.5 m, 4 m, 0.5 m/s).
    """

    def bounded(said: float, default: float, floor: float) -> float:
        return min(max(said if said == said and said > 0.0 else default, floor), 1e3)

    return (
        bounded(fix.h_acc_m, 2.5, settings.gnss_min_h_std_m),
        bounded(fix.v_acc_m, 4.0, settings.gnss_min_v_std_m),
        bounded(fix.s_acc_m_s, 0.5, settings.gnss_min_speed_std_m_s),
    )


def _attitude_covariance(x: Array, tilt_std: float, yaw_std: float) -> Array:
    """Return (3, 3) in body axes of independent errors about the world's level axes and its vertical."""
    r = np.empty((3, 3))
    kernels.rotation(x, r)
    return np.asarray(r.T @ np.diag([tilt_std**2, tilt_std**2, yaw_std**2]) @ r)


def _level(x: Array, p: Array, std_m_s2: float) -> None:
    """Book that the attitude was levelled by the accelerometer: an unknown bias there is a tilt here, of known correlation."""
    r = np.empty((3, 3))
    kernels.rotation(x, r)
    gx, gy, gz = r[2] * kernels.GRAVITY_M_S2
    h = np.zeros((3, kernels.NE))
    h[:, 6:9] = np.array([[0.0, -gz, gy], [gz, 0.0, -gx], [-gy, gx, 0.0]])
    h[:, 12:15] = np.eye(3)
    kernels.fuse(x, p, h, np.zeros(3), np.full(3, std_m_s2**2), 1.0, np.zeros((8, kernels.NE)))
