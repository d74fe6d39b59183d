"""ArduCopter's messages about the flight, made from the estimate, the sensors and the pilot's part."""

from __future__ import annotations

from math import atan2, degrees, hypot

from lenger_mavlink import ned
from lenger_mavlink.codec import MavMessage, mavlink
from lenger_sim.channels import Channel
from lenger_sim.copter.pilot import CopterPilot
from lenger_sim.layout import Record
from lenger_sim.onboard import Estimator
from lenger_sim.telemetry import Telemetry

_M = mavlink
_NO_UNIX_TIME = 0
_ONLY_PLACE = 0x0DF8
"""POSITION_TARGET_TYPEMASK of a message that tells a place only."""
GROUPS: dict[int, tuple[int, ...]] = {
    _M.MAV_DATA_STREAM_RAW_SENSORS: (
        _M.MAVLINK_MSG_ID_RAW_IMU,
        _M.MAVLINK_MSG_ID_SCALED_IMU2,
        _M.MAVLINK_MSG_ID_SCALED_PRESSURE,
    ),
    _M.MAV_DATA_STREAM_EXTENDED_STATUS: (
        _M.MAVLINK_MSG_ID_SYS_STATUS,
        _M.MAVLINK_MSG_ID_POWER_STATUS,
        _M.MAVLINK_MSG_ID_MEMINFO,
        _M.MAVLINK_MSG_ID_MISSION_CURRENT,
        _M.MAVLINK_MSG_ID_GPS_RAW_INT,
        _M.MAVLINK_MSG_ID_NAV_CONTROLLER_OUTPUT,
        _M.MAVLINK_MSG_ID_FENCE_STATUS,
        _M.MAVLINK_MSG_ID_POSITION_TARGET_GLOBAL_INT,
    ),
    _M.MAV_DATA_STREAM_POSITION: (_M.MAVLINK_MSG_ID_GLOBAL_POSITION_INT, _M.MAVLINK_MSG_ID_LOCAL_POSITION_NED),
    _M.MAV_DATA_STREAM_RC_CHANNELS: (_M.MAVLINK_MSG_ID_SERVO_OUTPUT_RAW, _M.MAVLINK_MSG_ID_RC_CHANNELS),
    _M.MAV_DATA_STREAM_EXTRA1: (_M.MAVLINK_MSG_ID_ATTITUDE, _M.MAVLINK_MSG_ID_AHRS2),
    _M.MAV_DATA_STREAM_EXTRA2: (_M.MAVLINK_MSG_ID_VFR_HUD,),
    _M.MAV_DATA_STREAM_EXTRA3: (
        _M.MAVLINK_MSG_ID_DISTANCE_SENSOR,
        _M.MAVLINK_MSG_ID_AHRS,
        _M.MAVLINK_MSG_ID_SYSTEM_TIME,
        _M.MAVLINK_MSG_ID_TERRAIN_REPORT,
        _M.MAVLINK_MSG_ID_BATTERY_STATUS,
        _M.MAVLINK_MSG_ID_EKF_STATUS_REPORT,
        _M.MAVLINK_MSG_ID_VIBRATION,
    ),
}
"""MAV_DATA_STREAM to the messages of its group."""


class CopterMessages(Telemetry):
    """Adds them to the common ones."""

    def __init__(self, pilot: CopterPilot, estimator: Estimator, sensors: Record) -> None:
        super().__init__(pilot, estimator, sensors)
        self._copter = pilot
        m = _M
        self.makers |= {
            m.MAVLINK_MSG_ID_AHRS: self.ahrs,
            m.MAVLINK_MSG_ID_AHRS2: self.ahrs2,
            m.MAVLINK_MSG_ID_VFR_HUD: self.vfr_hud,
            m.MAVLINK_MSG_ID_RAW_IMU: self.raw_imu,
            m.MAVLINK_MSG_ID_SCALED_IMU2: self.scaled_imu2,
            m.MAVLINK_MSG_ID_NAV_CONTROLLER_OUTPUT: self.nav_controller,
            m.MAVLINK_MSG_ID_MISSION_CURRENT: self.mission_current,
            m.MAVLINK_MSG_ID_SERVO_OUTPUT_RAW: self.servo_output,
            m.MAVLINK_MSG_ID_RC_CHANNELS: self.rc_channels,
            m.MAVLINK_MSG_ID_VIBRATION: self.vibration,
            m.MAVLINK_MSG_ID_TERRAIN_REPORT: self.terrain_report,
            m.MAVLINK_MSG_ID_SYSTEM_TIME: self.system_time,
            m.MAVLINK_MSG_ID_POWER_STATUS: self.power_status,
            m.MAVLINK_MSG_ID_MEMINFO: self.meminfo,
            m.MAVLINK_MSG_ID_POSITION_TARGET_GLOBAL_INT: self.target_global,
            m.MAVLINK_MSG_ID_POSITION_TARGET_LOCAL_NED: self.target_local,
        }

    # ------------------------------------------------------------ attitude and motion

    def ahrs(self, _now_ns: int, _channel: Channel) -> MavMessage:
        """Return the gyro drift estimate."""
        drift = ned.flu_to_frd(tuple(self._estimate["gyro_bias"].tolist()))
        return _M.MAVLink_ahrs_message(*drift, 0.0, 0.0, 0.0, 0.0)

    def ahrs2(self, _now_ns: int, _channel: Channel) -> MavMessage | None:
        """Return the secondary estimate: there is one estimator, so it is the same."""
        if not self._estimator.ready():
            return None
        lat, lon, alt = self._estimator.to_geodetic(*self._pilot.position())
        return _M.MAVLink_ahrs2_message(*self.euler(), alt, round(lat * 1e7), round(lon * 1e7))

    def vfr_hud(self, _now_ns: int, _channel: Channel) -> MavMessage:
        """Return speeds, heading, throttle in percent, AMSL height and climb."""
        east, north, up = self._pilot.velocity()
        speed = hypot(east, north)
        throttle = round(min(max(float(self._copter.thrust), 0.0), 2.0) * 39.0)
        altitude = self._estimator.to_geodetic(*self._pilot.position())[2]
        return _M.MAVLink_vfr_hud_message(speed, speed, round(self._pilot.heading_deg()), throttle, altitude, up)

    # ------------------------------------------------------------ sensors

    def _imu(self, channel: Channel, message_id: int) -> tuple[int, ...]:
        """Return mean acceleration (mg), rates (mrad/s) and the magnetic field (mgauss), FRD."""
        accel, gyro = self._mean_imu(channel, message_id)
        mag = ned.flu_to_frd(tuple((self._sensors["mag"] * 1e7).tolist()))
        parts = [value / 9.80665 * 1e3 for value in accel] + [value * 1e3 for value in gyro] + list(mag)
        return tuple(min(max(round(part), -32767), 32767) for part in parts)

    def raw_imu(self, now_ns: int, channel: Channel) -> MavMessage:
        """Return RAW_IMU."""
        parts = self._imu(channel, _M.MAVLINK_MSG_ID_RAW_IMU)
        return _M.MAVLink_raw_imu_message(now_ns // 1000, *parts, 0, self.celsius_hundredths())

    def scaled_imu2(self, now_ns: int, channel: Channel) -> MavMessage:
        """Return SCALED_IMU2: there is one IMU, so it is the same."""
        parts = self._imu(channel, _M.MAVLINK_MSG_ID_SCALED_IMU2)
        return _M.MAVLink_scaled_imu2_message(now_ns // 1_000_000, *parts, self.celsius_hundredths())

    def vibration(self, now_ns: int, _channel: Channel) -> MavMessage:
        """Return a calm airframe's vibration."""
        return _M.MAVLink_vibration_message(now_ns // 1000, 0.05, 0.05, 0.1, 0, 0, 0)

    def terrain_report(self, _now_ns: int, _channel: Channel) -> MavMessage | None:
        """Return TERRAIN_REPORT: nothing is loaded, and the tile here is pending."""
        if not self._estimator.ready():
            return None
        lat, lon, _ = self._estimator.to_geodetic(*self._pilot.position())
        return _M.MAVLink_terrain_report_message(round(lat * 1e7), round(lon * 1e7), 0, 0.0, 0.0, 224, 0)

    def system_time(self, now_ns: int, _channel: Channel) -> MavMessage:
        """Return the time since boot; simulated time has no date."""
        return _M.MAVLink_system_time_message(_NO_UNIX_TIME, now_ns // 1_000_000)

    def power_status(self, _now_ns: int, _channel: Channel) -> MavMessage:
        """Return the board's supply."""
        return _M.MAVLink_power_status_message(5000, 0, 0)

    def meminfo(self, _now_ns: int, _channel: Channel) -> MavMessage:
        """Return free memory, as the simulator tells it."""
        return _M.MAVLink_meminfo_message(0, 0xFFFF, 0x20000)

    # ------------------------------------------------------------ the pilot's part

    def servo_output(self, now_ns: int, _channel: Channel) -> MavMessage:
        """Return the motors' pulses: 1000 when disarmed."""
        pulses = [round(1000.0 + 1000.0 * value) for value in self._copter.motors]
        return _M.MAVLink_servo_output_raw_message((now_ns // 1000) & 0xFFFFFFFF, 0, *pulses[:8])

    def rc_channels(self, now_ns: int, _channel: Channel) -> MavMessage:
        """Return the pulses of the pilot's transmitter and of what overrides it."""
        channels = [*self._copter.radio.channels(now_ns), 0, 0]
        return _M.MAVLink_rc_channels_message(now_ns // 1_000_000, 16, *channels, 255)

    def mission_current(self, _now_ns: int, _channel: Channel) -> MavMessage:
        """Return the current item and MISSION_STATE (5: complete)."""
        run = self._copter.auto.run
        mode = 2 if self._copter.mode == "AUTO" else 1
        return _M.MAVLink_mission_current_message(run.seq, max(len(run.items) - 1, 0), run.state, mode)

    def nav_controller(self, _now_ns: int, _channel: Channel) -> MavMessage:
        """Return the wanted attitude, and the bearing and distance of the target."""
        here, target = self._pilot.position(), self._copter.target
        bearing, distance, height = 0.0, 0.0, 0.0
        if target is not None:
            east, north, height = (b - a for a, b in zip(here, target, strict=True))
            bearing, distance = degrees(atan2(east, north)), hypot(east, north)
        roll, pitch, yaw = (degrees(angle) for angle in self.euler())
        return _M.MAVLink_nav_controller_output_message(
            roll, pitch, round(yaw), round(bearing), min(round(distance), 0xFFFF), height, 0.0, 0.0
        )

    def target_global(self, now_ns: int, _channel: Channel) -> MavMessage | None:
        """Return the target's place in AMSL while a mode flies to one."""
        target = self._copter.target
        if target is None or not self._estimator.ready():
            return None
        lat, lon, alt = self._estimator.to_geodetic(*target)
        place = (round(lat * 1e7), round(lon * 1e7), alt)
        return _M.MAVLink_position_target_global_int_message(
            now_ns // 1_000_000, _M.MAV_FRAME_GLOBAL, _ONLY_PLACE, *place, *[0.0] * 8
        )

    def target_local(self, now_ns: int, _channel: Channel) -> MavMessage | None:
        """Return the target about the EKF's origin."""
        target = self._copter.target
        if target is None:
            return None
        place = ned.enu_to_ned(target)
        return _M.MAVLink_position_target_local_ned_message(
            now_ns // 1_000_000, _M.MAV_FRAME_LOCAL_NED, _ONLY_PLACE, *place, *[0.0] * 8
        )
