"""What the vehicle sends: streams at their rates, and the messages that a client may ask for."""

from __future__ import annotations

from collections.abc import Callable
from math import atan2, degrees, hypot

from lenger_core.samples import GnssFix
from lenger_mavlink import ned
from lenger_mavlink.codec import MavMessage, mavlink
from lenger_mavlink.modes import custom_mode_of
from lenger_sim.layout import Record
from lenger_sim.onboard import Estimator
from lenger_sim.px4_commander import Commander
from lenger_sim.px4_modes import Pilot, RtlStage

RATES_HZ = {
    mavlink.MAVLINK_MSG_ID_HEARTBEAT: 1.0,
    mavlink.MAVLINK_MSG_ID_HIGHRES_IMU: 100.0,
    mavlink.MAVLINK_MSG_ID_ATTITUDE_QUATERNION: 50.0,
    mavlink.MAVLINK_MSG_ID_GLOBAL_POSITION_INT: 20.0,
    mavlink.MAVLINK_MSG_ID_LOCAL_POSITION_NED: 20.0,
    mavlink.MAVLINK_MSG_ID_SYS_STATUS: 5.0,
    mavlink.MAVLINK_MSG_ID_EXTENDED_SYS_STATE: 5.0,
    mavlink.MAVLINK_MSG_ID_BATTERY_STATUS: 1.0,
    mavlink.MAVLINK_MSG_ID_HOME_POSITION: 0.5,
}
"""The default streams, message id to rate. GPS_RAW_INT follows the receiver."""

FIRMWARE_VERSION = 0x011001FF
"""PX4 v1.16.1, release."""
CAPABILITIES = (
    mavlink.MAV_PROTOCOL_CAPABILITY_MISSION_INT
    | mavlink.MAV_PROTOCOL_CAPABILITY_COMMAND_INT
    | mavlink.MAV_PROTOCOL_CAPABILITY_PARAM_ENCODE_BYTEWISE
    | mavlink.MAV_PROTOCOL_CAPABILITY_SET_POSITION_TARGET_LOCAL_NED
    | mavlink.MAV_PROTOCOL_CAPABILITY_SET_POSITION_TARGET_GLOBAL_INT
    | mavlink.MAV_PROTOCOL_CAPABILITY_MAVLINK2
    | mavlink.MAV_PROTOCOL_CAPABILITY_MISSION_FENCE
    | mavlink.MAV_PROTOCOL_CAPABILITY_MISSION_RALLY
)
_SENSORS = (
    mavlink.MAV_SYS_STATUS_SENSOR_3D_GYRO
    | mavlink.MAV_SYS_STATUS_SENSOR_3D_ACCEL
    | mavlink.MAV_SYS_STATUS_SENSOR_3D_MAG
    | mavlink.MAV_SYS_STATUS_SENSOR_ABSOLUTE_PRESSURE
    | mavlink.MAV_SYS_STATUS_SENSOR_BATTERY
)
_IMU_BITS, _SLOW_BITS = 0b000_111_111, 0b1101_111_000_000
SLOW_FIELDS_EVERY = 5
"""Every n-th HIGHRES_IMU carries magnetometer and barometer."""


class Telemetry:
    """Builds messages from the estimate, the sensors and the commander's state; never from the truth.

    Attributes:
        battery: terminal voltage V, current A, charge used A h, remaining 0 to 1.
        fix: the last fix that the receiver delivered.
        has_fix: whether it was a valid one.
    """

    def __init__(self, commander: Commander, pilot: Pilot, estimator: Estimator, sensors: Record) -> None:
        self._commander = commander
        self._pilot = pilot
        self._estimator = estimator
        self._estimate = estimator.state[0]
        self._sensors = sensors[0]
        self._imu_count = 0
        self.battery = (0.0, 0.0, 0.0, 1.0)
        self.has_fix = False
        self._fix: MavMessage | None = None
        self._makers: dict[int, Callable[[int], MavMessage | None]] = {
            mavlink.MAVLINK_MSG_ID_HEARTBEAT: self.heartbeat,
            mavlink.MAVLINK_MSG_ID_HIGHRES_IMU: self.highres_imu,
            mavlink.MAVLINK_MSG_ID_ATTITUDE_QUATERNION: self.attitude_quaternion,
            mavlink.MAVLINK_MSG_ID_GLOBAL_POSITION_INT: self.global_position,
            mavlink.MAVLINK_MSG_ID_LOCAL_POSITION_NED: self.local_position,
            mavlink.MAVLINK_MSG_ID_SYS_STATUS: self.sys_status,
            mavlink.MAVLINK_MSG_ID_EXTENDED_SYS_STATE: self.extended_sys_state,
            mavlink.MAVLINK_MSG_ID_BATTERY_STATUS: self.battery_status,
            mavlink.MAVLINK_MSG_ID_HOME_POSITION: self.home_position,
            mavlink.MAVLINK_MSG_ID_AUTOPILOT_VERSION: self.autopilot_version,
            mavlink.MAVLINK_MSG_ID_GPS_RAW_INT: lambda _now_ns: self._fix,
        }
        self._periods = {number: int(1e9 / rate) for number, rate in RATES_HZ.items()}
        self._due = dict.fromkeys(self._periods, 0)
        self._next_ns = 0

    def knows(self, message_id: int) -> bool:
        """Return whether a message can be sent at all."""
        return message_id in self._makers

    def set_interval(self, message_id: int, interval_us: float, now_ns: int) -> None:
        """Set a stream: microseconds, 0 default, -1 off (MAV_CMD_SET_MESSAGE_INTERVAL)."""
        default = RATES_HZ.get(message_id)
        if interval_us < 0.0 or (interval_us == 0.0 and default is None):
            self._periods.pop(message_id, None)
            self._due.pop(message_id, None)
        else:
            period = int(interval_us * 1000.0) if interval_us > 0.0 else int(1e9 / (default or 1.0))
            self._periods[message_id] = max(period, 4_000_000)
            self._due[message_id] = now_ns
        self._next_ns = now_ns

    def step(self, now_ns: int) -> list[MavMessage]:
        """Return the stream messages that are due."""
        if now_ns < self._next_ns:
            return []
        messages = []
        for number, due in self._due.items():
            if due > now_ns:
                continue
            # the grid of the period is kept, so that the mean rate is right although steps are 4 ms
            self._due[number] = max(due + self._periods[number], now_ns - self._periods[number])
            message = self._makers[number](now_ns)
            if message is not None:
                messages.append(message)
        self._next_ns = min(self._due.values(), default=now_ns + 1_000_000_000)
        return messages

    def one(self, message_id: int, now_ns: int) -> MavMessage | None:
        """Return one message now; None when it is unknown or has nothing to say yet."""
        maker = self._makers.get(message_id)
        return maker(now_ns) if maker is not None else None

    def gps_raw(self, fix: GnssFix) -> MavMessage:
        """Return and remember the fix as GPS_RAW_INT, stamped with the time of its delivery."""
        speed = hypot(fix.vel_e_m_s, fix.vel_n_m_s)
        course = degrees(atan2(fix.vel_e_m_s, fix.vel_n_m_s)) % 360.0
        self.has_fix = fix.fix_type >= 3
        self._fix = mavlink.MAVLink_gps_raw_int_message(
            fix.t_ns // 1000,
            fix.fix_type,
            round(fix.lat_deg * 1e7),
            round(fix.lon_deg * 1e7),
            round(fix.alt_amsl_m * 1000.0),
            80 if self.has_fix else 0xFFFF,
            120 if self.has_fix else 0xFFFF,
            min(round(speed * 100.0), 0xFFFE),
            round(course * 100.0) % 36000,
            fix.satellites,
            round(fix.alt_ellipsoid_m * 1000.0),
            round(fix.h_acc_m * 1000.0),
            round(fix.v_acc_m * 1000.0),
            round(fix.s_acc_m_s * 1000.0),
        )
        return self._fix

    def heartbeat(self, _now_ns: int) -> MavMessage:
        """Return HEARTBEAT with base_mode bits as PX4 sets them (GUIDED in AUTO modes, not in OFFBOARD)."""
        mode, armed = self._commander.mode, self._commander.armed
        base = mavlink.MAV_MODE_FLAG_CUSTOM_MODE_ENABLED | mavlink.MAV_MODE_FLAG_STABILIZE_ENABLED
        if mode.startswith("AUTO."):
            base |= mavlink.MAV_MODE_FLAG_AUTO_ENABLED | mavlink.MAV_MODE_FLAG_GUIDED_ENABLED
        elif mode == "OFFBOARD":
            base |= mavlink.MAV_MODE_FLAG_AUTO_ENABLED
        else:
            base |= mavlink.MAV_MODE_FLAG_MANUAL_INPUT_ENABLED
        state = mavlink.MAV_STATE_STANDBY if self._estimator.ready() else mavlink.MAV_STATE_CALIBRATING
        if armed:
            base |= mavlink.MAV_MODE_FLAG_SAFETY_ARMED
            state = mavlink.MAV_STATE_CRITICAL if self._commander.in_failsafe else mavlink.MAV_STATE_ACTIVE
        number = custom_mode_of(mavlink.MAV_AUTOPILOT_PX4, mode) or 0
        kind = mavlink.MAV_TYPE_QUADROTOR
        return mavlink.MAVLink_heartbeat_message(kind, mavlink.MAV_AUTOPILOT_PX4, base, number, state, 3)

    def highres_imu(self, now_ns: int) -> MavMessage | None:
        """Return the mean of the IMU samples since the last one; every fifth carries magnetometer and barometer."""
        s = self._sensors
        count = max(int(s["samples"]), 1)
        ax, ay, az = s["accel_sum"].tolist()
        gx, gy, gz = s["gyro_sum"].tolist()
        accel = ned.flu_to_frd((ax / count, ay / count, az / count))
        gyro = ned.flu_to_frd((gx / count, gy / count, gz / count))
        s["samples"], s["accel_sum"], s["gyro_sum"] = 0, 0.0, 0.0
        slow = self._imu_count % SLOW_FIELDS_EVERY == 0
        self._imu_count += 1
        mag, pressure, altitude, celsius = (0.0, 0.0, 0.0), 0.0, 0.0, 0.0
        if slow:
            mag = ned.flu_to_frd(tuple((s["mag"] * 1e4).tolist()))
            pressure, altitude = float(s["pressure_pa"]) * 0.01, float(self._estimate["baro_alt_m"])
            celsius = float(s["temperature_k"]) - 273.15
        bits = _IMU_BITS | (_SLOW_BITS if slow else 0)
        return mavlink.MAVLink_highres_imu_message(
            now_ns // 1000, *accel, *gyro, *mag, pressure, 0.0, altitude, celsius, bits
        )

    def attitude_quaternion(self, now_ns: int) -> MavMessage | None:
        """Return the estimated attitude once there is one."""
        e = self._estimate
        if not e["aligned"]:
            return None
        quat = ned.quat_enu_to_ned(tuple(e["quat"].tolist()))
        rates = ned.flu_to_frd(tuple(e["rate"].tolist()))
        return mavlink.MAVLink_attitude_quaternion_message(now_ns // 1_000_000, *quat, *rates)

    def global_position(self, now_ns: int) -> MavMessage | None:
        """Return the estimated position once it has settled."""
        if not self._estimator.ready():
            return None
        lat, lon, alt = self._estimator.to_geodetic(*self._pilot.position())
        home = self._commander.home
        north, east, down = ned.enu_to_ned(self._pilot.velocity())
        return mavlink.MAVLink_global_position_int_message(
            now_ns // 1_000_000,
            round(lat * 1e7),
            round(lon * 1e7),
            round(alt * 1000.0),
            round((alt - home[2]) * 1000.0) if home is not None else 0,
            _centi(north),
            _centi(east),
            _centi(down),
            round(self._pilot.heading_deg() * 100.0) % 36000,
        )

    def local_position(self, now_ns: int) -> MavMessage | None:
        """Return the estimate about its own origin once it has settled."""
        if not self._estimator.ready():
            return None
        place, speed = ned.enu_to_ned(self._pilot.position()), ned.enu_to_ned(self._pilot.velocity())
        return mavlink.MAVLink_local_position_ned_message(now_ns // 1_000_000, *place, *speed)

    def sys_status(self, now_ns: int) -> MavMessage:
        """Return sensor and pre-arm health, and the battery."""
        voltage, current, _, remaining = self.battery
        present = _SENSORS | mavlink.MAV_SYS_STATUS_SENSOR_GPS | mavlink.MAV_SYS_STATUS_PREARM_CHECK
        health = _SENSORS | (mavlink.MAV_SYS_STATUS_SENSOR_GPS if self.has_fix else 0)
        if not self._commander.blockers(now_ns):
            health |= mavlink.MAV_SYS_STATUS_PREARM_CHECK
        return mavlink.MAVLink_sys_status_message(
            present, present, health, 300, round(voltage * 1e3), _centi(current), round(remaining * 100.0), *[0] * 6
        )

    def extended_sys_state(self, _now_ns: int) -> MavMessage:
        """Return MAV_LANDED_STATE."""
        state = mavlink.MAV_LANDED_STATE_IN_AIR
        mode = self._commander.mode
        if not self._commander.armed or self._pilot.landed:
            state = mavlink.MAV_LANDED_STATE_ON_GROUND
        elif mode == "AUTO.TAKEOFF":
            state = mavlink.MAV_LANDED_STATE_TAKEOFF
        elif mode == "AUTO.LAND" or (mode == "AUTO.RTL" and self._pilot.rtl_stage is RtlStage.LAND):
            state = mavlink.MAV_LANDED_STATE_LANDING
        return mavlink.MAVLink_extended_sys_state_message(mavlink.MAV_VTOL_STATE_UNDEFINED, state)

    def battery_status(self, _now_ns: int) -> MavMessage:
        """Return the battery, its voltage as that of one cell group."""
        voltage, current, used_ah, remaining = self.battery
        volts = [round(voltage * 1e3), *[0xFFFF] * 9]
        used_mah, used_hj = round(used_ah * 1e3), round(used_ah * voltage * 36.0)
        return mavlink.MAVLink_battery_status_message(
            0, 1, 1, 0x7FFF, volts, _centi(current), used_mah, used_hj, round(remaining * 100.0)
        )

    def home_position(self, now_ns: int) -> MavMessage | None:
        """Return home once it is set."""
        home = self._commander.home
        if home is None:
            return None
        place = ned.enu_to_ned(self._estimator.to_local(*home))
        return mavlink.MAVLink_home_position_message(
            round(home[0] * 1e7),
            round(home[1] * 1e7),
            round(home[2] * 1000.0),
            *place,
            [1.0, 0.0, 0.0, 0.0],
            0.0,
            0.0,
            0.0,
            now_ns // 1000,
        )

    def autopilot_version(self, _now_ns: int) -> MavMessage:
        """Return capabilities and versions."""
        none = [0] * 8
        return mavlink.MAVLink_autopilot_version_message(
            CAPABILITIES, FIRMWARE_VERSION, FIRMWARE_VERSION, 0, 0, none, none, none, 0, 0, 1
        )


def _centi(value: float) -> int:
    """Return hundredths in the range of an int16."""
    return min(max(round(value * 100.0), -32767), 32767)
