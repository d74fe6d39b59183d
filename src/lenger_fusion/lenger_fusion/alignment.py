"""The first state: level from gravity, gyro bias from rest, heading from the magnetometer, place from GNSS."""

from __future__ import annotations

from collections import deque
from dataclasses import dataclass, replace
from math import atan2, hypot, radians, sqrt

import numpy as np
from numpy.typing import NDArray

from lenger_core.frames import quat_from_euler, quat_from_yaw, quat_multiply, quat_rotate
from lenger_core.geodesy import LocalFrame
from lenger_core.samples import GnssFix, ImuSample, MagSample, QuatWxyz, Vec3
from lenger_fusion import kernels, update
from lenger_fusion.motion_heading import MotionHeading
from lenger_fusion.settings import FusionSettings

Array = NDArray[np.float64]

_MAX_BIAS_RAD_S = 0.06
"""A mean rate beyond this is turning, not the bias of a flight gyro (up to 2 deg/s)."""
_MAX_PUSH_M_S2 = 0.5
_GRAVITY_RANGE = (8.0, 12.0)
_TILT_STD_RAD, _TILT_STD_MOVING_RAD = 0.5, 0.06
_MOTION_M_S2 = (0.03, 1.5)
"""Mean acceleration that an alignment at rest, and one in motion, may have taken for gravity."""
_YAW_STD_RAD = 0.17
_BARO_STD_M = 1000.0
_GROUND_STD_M = 300.0
_FIX_AGE_NS = 1_500_000_000


@dataclass(frozen=True)
class Start:
    """A first state (24,) and covariance (23, 23) at `t_ns`, and how it was found."""

    t_ns: int
    imu: tuple[Vec3, Vec3]
    x: Array
    p: Array
    at_rest: bool


class Aligner:
    """Collects samples until a first state can be told. `reason` says what is still missing.

    Heading comes from the magnetometer; without one, from motion (`motion_heading`), so that alignment ends some
    seconds after take-off.
    """

    def __init__(self, settings: FusionSettings) -> None:
        self._settings = settings
        self._window: deque[ImuSample] = deque()
        self._mag: deque[MagSample] = deque()
        self._motion: MotionHeading | None = None
        self._bias: Array | None = None
        self._stirred = False
        self._next_try_ns = 0
        self.airborne = False
        """The autopilot's word: then nothing counts as rest, however quiet it is."""
        self.reason = "waiting for IMU"

    def on_imu(self, sample: ImuSample) -> None:
        """Keep the last `align_s` of IMU samples."""
        self._window.append(sample)
        oldest = sample.t_ns - int(self._settings.align_s * 1e9)
        while self._window[0].t_ns < oldest:
            self._window.popleft()
        if self._motion is not None:
            self._motion.on_imu(sample)

    def on_mag(self, sample: MagSample) -> None:
        """Keep as much of the magnetic field."""
        self._mag.append(sample)
        oldest = sample.t_ns - int(self._settings.align_s * 1e9)
        while self._mag[0].t_ns < oldest:
            self._mag.popleft()

    def on_gnss(self, fix: GnssFix) -> None:
        """Take a fix's velocity for the heading from motion."""
        if self._motion is not None:
            self._motion.on_gnss(fix)

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
        if not _GRAVITY_RANGE[0] < force < _GRAVITY_RANGE[1] and self._motion is None:
            self.reason = f"specific force {force:.1f} m/s2 is not gravity: falling, or a wrong unit"
            return None
        if frame is None or fix is None or not -_FIX_AGE_NS < newest - fix.t_ns < _FIX_AGE_NS:
            self.reason = "waiting for a 3-D GNSS fix"
            return None
        if self._mag and newest - self._mag[-1].t_ns <= _FIX_AGE_NS:
            return self._start_levelled(imu, frame, fix, declination_rad)
        return self._start_moving(imu, frame, fix)

    def _at_rest(self, imu: Array, fix: GnssFix) -> bool:
        scatter = imu.std(axis=0)
        slow = hypot(fix.vel_e_m_s, fix.vel_n_m_s) < 1.0
        still = (
            scatter[:3].max() < self._settings.rest_rate_rad_s and scatter[3:].max() < self._settings.rest_accel_m_s2
        )
        mean = imu.mean(axis=0)
        turning = np.abs(mean[:3]).max() > _MAX_BIAS_RAD_S
        pushed = abs(np.linalg.norm(mean[3:]) - kernels.GRAVITY_M_S2) > _MAX_PUSH_M_S2
        return bool(slow and still and not (turning or pushed or self.airborne))

    def _start_levelled(self, imu: Array, frame: LocalFrame, fix: GnssFix, declination_rad: float) -> Start:
        s = self._settings
        mean, at_rest = imu.mean(axis=0), self._at_rest(imu, fix)
        field = np.mean([m.field_t for m in self._mag], axis=0)
        level = quat_rotate(_level_quat(mean[3:]), (float(field[0]), float(field[1]), float(field[2])))
        turn = quat_from_yaw(atan2(level[0], level[1]) - declination_rad)
        start = self._state(frame, fix, quat_multiply(turn, _level_quat(mean[3:])), mean[:3] if at_rest else None)
        start.p[6:9, 6:9] = _attitude_covariance(start.x, _TILT_STD_RAD, max(_YAW_STD_RAD, radians(s.mag_std_deg)))
        _level(start.x, start.p, hypot(_MOTION_M_S2[not at_rest], s.accel_noise / sqrt(s.align_s)))
        return start

    def _start_moving(self, imu: Array, frame: LocalFrame, fix: GnssFix) -> Start | None:
        self.reason = "waiting for a heading: no magnetometer, it will come from motion"
        mean, at_rest = imu.mean(axis=0), self._at_rest(imu, fix)
        # A hover can be as quiet as the ground: what has stirred after a rest rests no more.
        self._stirred = self._stirred or (self._bias is not None and not at_rest)
        rests = at_rest and not self._stirred
        if self._motion is None or rests:
            bias = (float(mean[0]), float(mean[1]), float(mean[2])) if rests else (0.0, 0.0, 0.0)
            self._motion = MotionHeading(_level_quat(mean[3:]), bias, int(self._settings.gnss_latency_s * 1e9))
            self._bias = mean[:3] if rests else None
            return None
        found = self._motion.heading()
        if found is None:
            return None
        start = self._state(frame, fix, quat_multiply(quat_from_yaw(found[0]), self._motion.quat), self._bias)
        start.p[6:9, 6:9] = _attitude_covariance(start.x, _TILT_STD_MOVING_RAD, 2.0 * found[1])
        return replace(start, at_rest=False)

    def _state(self, frame: LocalFrame, fix: GnssFix, quat: QuatWxyz, gyro_bias: Array | None) -> Start:
        """Return a start at the newest sample; attitude covariance is still to be filled in."""
        s = self._settings
        newest = self._window[-1]
        x, p = np.zeros(kernels.NX), np.zeros((kernels.NE, kernels.NE))
        self._place(x, p, frame, fix, newest.t_ns)
        x[6:10] = quat
        gyro_std = s.gyro_bias_std
        if gyro_bias is not None:
            x[10:13] = gyro_bias
            gyro_std = min(gyro_std, 1.2 * s.gyro_noise / sqrt(s.align_s))
        for i in range(3):
            p[9 + i, 9 + i] = gyro_std**2
            p[12 + i, 12 + i] = s.accel_bias_std**2
        p[kernels.BARO, kernels.BARO] = _BARO_STD_M**2
        self._slow_states(x, p, gyro_bias is not None)
        return Start(newest.t_ns, (newest.gyro_rad_s, newest.accel_m_s2), x, p, gyro_bias is not None)

    def _slow_states(self, x: Array, p: Array, at_rest: bool) -> None:
        """Fill in what is known of wind, drag, ground and flow scale before anything has shown it."""
        s = self._settings
        x[19], x[20], x[21] = s.drag, x[2], 1.0
        ground = 0.5 if at_rest else _GROUND_STD_M
        tilt = s.thrust_tilt_m_s2
        stds = (s.wind_std_m_s, s.wind_std_m_s, s.drag_std, ground, s.flow_scale_std, tilt, tilt)
        for i, std in enumerate(stds):
            p[kernels.WIND + i, kernels.WIND + i] = std**2
        # Whatever error the height has, the ground under an aircraft that stands on it shares.
        if at_rest:
            g = kernels.GROUND
            p[g, g] += p[2, 2]
            p[2, g] = p[g, 2] = p[2, 2]

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


def accuracies(fix: GnssFix, settings: FusionSettings) -> Vec3:
    """Return one-sigma horizontal (m), vertical (m) and speed (m/s) of a fix: the receiver's word, never below the
    floors.

    A receiver that does not say counts as an ordinary one (2.5 m, 4 m, 0.5 m/s).
    """

    def bounded(said: float, default: float, floor: float) -> float:
        return min(max(said if said == said and said > 0.0 else default, floor), 1e3)

    return (
        bounded(fix.h_acc_m, 2.5, settings.gnss_min_h_std_m),
        bounded(fix.v_acc_m, 4.0, settings.gnss_min_v_std_m),
        bounded(fix.s_acc_m_s, 0.5, settings.gnss_min_speed_std_m_s),
    )


def _level_quat(force: Array) -> QuatWxyz:
    """Return the attitude of heading zero whose up is the mean specific force."""
    return quat_from_euler(atan2(force[1], force[2]), atan2(-force[0], hypot(force[1], force[2])), 0.0)


def _attitude_covariance(x: Array, tilt_std: float, yaw_std: float) -> Array:
    """Return (3, 3) in body axes of independent errors about the world's level axes and its vertical."""
    r = np.empty((3, 3))
    kernels.rotation(x, r)
    return np.asarray(r.T @ np.diag([tilt_std**2, tilt_std**2, yaw_std**2]) @ r)


def _level(x: Array, p: Array, std_m_s2: float) -> None:
    """Book that the accelerometer levelled the attitude: an unknown bias there is a tilt here, fully correlated."""
    r = np.empty((3, 3))
    kernels.rotation(x, r)
    gx, gy, gz = r[2] * kernels.GRAVITY_M_S2
    h = np.zeros((3, kernels.NE))
    h[:, 6:9] = np.array([[0.0, -gz, gy], [gz, 0.0, -gx], [-gy, gx, 0.0]])
    h[:, 12:15] = np.eye(3)
    update.fuse(x, p, h, np.zeros(3), np.full(3, std_m_s2**2), 1.0, np.zeros((8, kernels.NE)))
