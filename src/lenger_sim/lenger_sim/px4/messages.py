"""PX4's messages about the flight, made from the estimate, the sensors, the setpoints and the motors."""

from __future__ import annotations

from math import cos, hypot, nan, sin, sqrt

from lenger_core.samples import GnssFix
from lenger_mavlink import ned
from lenger_mavlink.codec import MavMessage, mavlink
from lenger_sim.autopilot import Body
from lenger_sim.channels import Channel
from lenger_sim.px4.commander import Commander
from lenger_sim.px4.modes import STICK_MODES, Pilot
from lenger_sim.sticks import RADIO
from lenger_sim.telemetry import Telemetry

_M = mavlink
_NO_PULSE = 0xFFFF
_TRIANGLE = 21
"""Entries of the upper triangle of a 6 x 6 covariance, by rows."""
_DIAGONAL = (0, 6, 11, 15, 18, 20)
_NO_RATES = 0b111
_IGNORE_PLACE, _IGNORE_HEIGHT = 0b011, 0b100
_IGNORE_YAW_RATE = 1 << 11
_MOVING = _M.ESTIMATOR_VELOCITY_HORIZ | _M.ESTIMATOR_POS_HORIZ_REL | _M.ESTIMATOR_POS_HORIZ_ABS
_PREDICTED = _M.ESTIMATOR_PRED_POS_HORIZ_REL | _M.ESTIMATOR_PRED_POS_HORIZ_ABS
_STANDING = _M.ESTIMATOR_ATTITUDE | _M.ESTIMATOR_VELOCITY_VERT | _M.ESTIMATOR_POS_VERT_ABS
_TILT_VARIANCE, _YAW_VARIANCE = 1e-4, 3e-4
"""Of the fixed-gain estimator at rest, rad^2: it keeps no covariance of its own."""


class Px4Messages(Telemetry):
    """Adds them to the common ones."""

    def __init__(self, commander: Commander, pilot: Pilot, body: Body) -> None:
        super().__init__(pilot, body.estimator, body.sensors)
        self._commander = commander
        self._px4_pilot = pilot
        self._control = body.control[0]
        self._rotors = body.profile.rotors
        self._accuracy = (nan, nan, nan)
        m = _M
        self.makers |= {
            m.MAVLINK_MSG_ID_VFR_HUD: self.vfr_hud,
            m.MAVLINK_MSG_ID_ALTITUDE: self.altitude,
            m.MAVLINK_MSG_ID_ODOMETRY: self.odometry,
            m.MAVLINK_MSG_ID_ESTIMATOR_STATUS: self.estimator_status,
            m.MAVLINK_MSG_ID_SCALED_IMU: self.scaled_imu,
            m.MAVLINK_MSG_ID_VIBRATION: self.vibration,
            m.MAVLINK_MSG_ID_POSITION_TARGET_LOCAL_NED: self.target_local,
            m.MAVLINK_MSG_ID_POSITION_TARGET_GLOBAL_INT: self.target_global,
            m.MAVLINK_MSG_ID_ATTITUDE_TARGET: self.attitude_target,
            m.MAVLINK_MSG_ID_SERVO_OUTPUT_RAW: self.servo_output,
            m.MAVLINK_MSG_ID_RC_CHANNELS: self.rc_channels,
            m.MAVLINK_MSG_ID_GPS_GLOBAL_ORIGIN: self.origin,
            m.MAVLINK_MSG_ID_MISSION_CURRENT: lambda _now_ns, _channel: commander.mission.current(commander.mode),
            m.MAVLINK_MSG_ID_TIMESYNC: lambda now_ns, _channel: m.MAVLink_timesync_message(0, now_ns),
        }

    def gps_raw(self, fix: GnssFix) -> MavMessage:
        """Return and remember the fix as GPS_RAW_INT."""
        self._accuracy = (fix.h_acc_m, fix.v_acc_m, fix.s_acc_m_s)
        return super().gps_raw(fix)

    # ------------------------------------------------------------ motion

    def vfr_hud(self, _now_ns: int, _channel: Channel) -> MavMessage:
        """Return VFR_HUD; without an airspeed sensor airspeed is NaN, as PX4 sends it."""
        east, north, up = self._pilot.velocity()
        altitude = self._estimator.to_geodetic(*self._pilot.position())[2]
        throttle = round(100.0 * self._thrust()) if self._commander.armed else 0
        heading = round(self._pilot.heading_deg()) % 360
        return _M.MAVLink_vfr_hud_message(nan, hypot(east, north), heading, throttle, altitude, up)

    def _thrust(self) -> float:
        """Return the collective thrust as a fraction of full: thrust goes by the square of the rotor speed."""
        motors = self._control["motors"][: self._rotors]
        return float((motors * motors).mean())

    def altitude(self, now_ns: int, _channel: Channel) -> MavMessage | None:
        """Return ALTITUDE; there is no terrain estimate."""
        if not self._estimator.ready():
            return None
        east, north, up = self._pilot.position()
        amsl = self._estimator.to_geodetic(east, north, up)[2]
        baro, relative = float(self._estimate["baro_alt_m"]), self._pilot.height_above_home_m()
        return _M.MAVLink_altitude_message(now_ns // 1000, baro, amsl, up, relative, nan, nan)

    def odometry(self, now_ns: int, _channel: Channel) -> MavMessage | None:
        """Return ODOMETRY: place and velocity both in local NED, as PX4's estimator has them."""
        if not self._estimator.ready():
            return None
        quat = ned.quat_enu_to_ned(tuple(self._estimate["quat"].tolist()))
        place, speed = ned.enu_to_ned(self._pilot.position()), ned.enu_to_ned(self._pilot.velocity())
        rates = ned.flu_to_frd(tuple(self._estimate["rate"].tolist()))
        h, v, s = self._accuracy
        pose = _triangle((h * h, h * h, v * v, _TILT_VARIANCE, _TILT_VARIANCE, _YAW_VARIANCE))
        twist = _triangle((s * s, s * s, s * s, nan, nan, nan))
        frame = _M.MAV_FRAME_LOCAL_NED
        estimator = _M.MAV_ESTIMATOR_TYPE_AUTOPILOT
        return _M.MAVLink_odometry_message(
            now_ns // 1000, frame, frame, *place, quat, *speed, *rates, pose, twist, 0, estimator
        )

    def estimator_status(self, now_ns: int, _channel: Channel) -> MavMessage:
        """Return which parts of the estimate are good, and the receiver's accuracy; test ratios are not kept."""
        flags = 0
        if self._estimate["aligned"]:
            flags |= _STANDING
        if self._estimator.ready():
            flags |= _MOVING | _PREDICTED if not self._commander.blind else _M.ESTIMATOR_CONST_POS_MODE
        h, v, _ = self._accuracy
        return _M.MAVLink_estimator_status_message(now_ns // 1000, flags, *[0.0] * 4, nan, nan, h, v)

    def origin(self, now_ns: int, _channel: Channel) -> MavMessage | None:
        """Return where local NED begins."""
        if self._estimator.last_fix_ns == 0:
            return None
        lat, lon, alt = self._estimator.to_geodetic(0.0, 0.0, 0.0)
        return _M.MAVLink_gps_global_origin_message(
            round(lat * 1e7), round(lon * 1e7), round(alt * 1000.0), now_ns // 1000
        )

    # ------------------------------------------------------------ sensors

    def scaled_imu(self, now_ns: int, channel: Channel) -> MavMessage:
        """Return mean acceleration (mg), rates (mrad/s) and the magnetic field (mgauss), FRD."""
        accel, gyro = self._mean_imu(channel, _M.MAVLINK_MSG_ID_SCALED_IMU)
        mag = ned.flu_to_frd(tuple((self._sensors["mag"] * 1e7).tolist()))
        parts = [value / 9.80665 * 1e3 for value in accel] + [value * 1e3 for value in gyro] + list(mag)
        whole = (min(max(round(part), -32767), 32767) for part in parts)
        return _M.MAVLink_scaled_imu_message(now_ns // 1_000_000, *whole, self.celsius_hundredths())

    def vibration(self, now_ns: int, channel: Channel) -> MavMessage:
        """Return how far the newest samples are off the mean since the last message (m/s^2)."""
        mean, _ = self._mean_imu(channel, _M.MAVLINK_MSG_ID_VIBRATION)
        newest = ned.flu_to_frd(tuple(self._sensors["accel"].tolist()))
        off = (abs(a - b) for a, b in zip(newest, mean, strict=True))
        return _M.MAVLink_vibration_message(now_ns // 1000, *off, 0, 0, 0)

    # ------------------------------------------------------------ setpoints and outputs

    def target_local(self, now_ns: int, _channel: Channel) -> MavMessage | None:
        """Return the position and velocity setpoints that are flown; None while the sticks or nobody flies."""
        control, mode = self._control, self._commander.mode
        if not self._commander.armed or (mode in STICK_MODES and mode != "POSCTL"):
            return None
        mask = _IGNORE_YAW_RATE
        mask |= 0 if control["use_position"] else _IGNORE_PLACE
        mask |= 0 if control["use_height"] else _IGNORE_HEIGHT
        place = ned.enu_to_ned(tuple(control["pos_sp"].tolist()))
        speed = ned.enu_to_ned(tuple(control["vel_ref"].tolist()))
        accel = ned.enu_to_ned(tuple(control["accel_ref"].tolist()))
        yaw = ned.yaw_enu_to_ned(float(control["yaw_sp"]))
        frame = _M.MAV_FRAME_LOCAL_NED
        return _M.MAVLink_position_target_local_ned_message(
            now_ns // 1_000_000, frame, mask, *place, *speed, *accel, yaw, 0.0
        )

    def attitude_target(self, now_ns: int, _channel: Channel) -> MavMessage | None:
        """Return the attitude that the cascade asks for: its thrust axis, turned to the yaw setpoint."""
        x, y, z = self._control["lift"].tolist()
        size = sqrt(x * x + y * y + z * z)
        if not self._commander.armed or size < 1e-3:
            return None
        # the shortest rotation of the vertical onto the thrust axis, behind the turn about the vertical
        w, tx, ty = 1.0 + z / size, -y / size, x / size
        norm = sqrt(w * w + tx * tx + ty * ty)
        w, tx, ty = w / norm, tx / norm, ty / norm
        c, s = cos(0.5 * float(self._control["yaw_sp"])), sin(0.5 * float(self._control["yaw_sp"]))
        quat = ned.quat_enu_to_ned((w * c, tx * c + ty * s, ty * c - tx * s, w * s))
        return _M.MAVLink_attitude_target_message(
            now_ns // 1_000_000, _NO_RATES, list(quat), 0.0, 0.0, 0.0, self._thrust()
        )

    def target_global(self, now_ns: int, _channel: Channel) -> MavMessage | None:
        """Return the place that an AUTO mode flies to."""
        target = self._px4_pilot.target() if self._commander.armed else None
        if target is None:
            return None
        lat, lon, alt = self._estimator.to_geodetic(*target)
        yaw = ned.yaw_enu_to_ned(float(self._control["yaw_sp"]))
        where = (round(lat * 1e7), round(lon * 1e7), alt)
        frame = _M.MAV_FRAME_GLOBAL_INT
        return _M.MAVLink_position_target_global_int_message(
            now_ns // 1_000_000, frame, 0, *where, *[0.0] * 6, yaw, 0.0
        )

    def servo_output(self, now_ns: int, _channel: Channel) -> MavMessage:
        """Return the motor outputs in microseconds, 1000 to 2000; 900 for a stopped motor, as in PX4's simulator."""
        motors = self._control["motors"][: self._rotors].tolist()
        pulses = [round(1000.0 + 1000.0 * u) if self._commander.armed else 900 for u in motors]
        pulses += [0] * (16 - len(pulses))
        return _M.MAVLink_servo_output_raw_message(now_ns // 1000 & 0xFFFFFFFF, 0, *pulses)

    def rc_channels(self, now_ns: int, _channel: Channel) -> MavMessage | None:
        """Return the radio's channels; None without a radio."""
        sticks = self._commander.manual.sticks
        if sticks is None or sticks.source != RADIO:
            return None
        count = max((n for n, pulse in enumerate(sticks.channels, start=1) if pulse), default=0)
        pulses = [pulse if n < count else _NO_PULSE for n, pulse in enumerate(sticks.channels)]
        return _M.MAVLink_rc_channels_message(now_ns // 1_000_000, count, *pulses, 255)


def _triangle(variances: tuple[float, ...]) -> list[float]:
    """Return the upper triangle of a covariance of which only the diagonal is known."""
    out = [nan] * _TRIANGLE
    for index, variance in zip(_DIAGONAL, variances, strict=True):
        out[index] = variance
    return out
