"""PX4's own account of itself: heartbeat, health, landed state, version; and the streams of its links."""

from __future__ import annotations

from lenger_mavlink.codec import MavMessage, mavlink
from lenger_mavlink.modes import custom_mode_of
from lenger_sim.autopilot import Body
from lenger_sim.channels import Channel, Streams
from lenger_sim.px4.commander import Commander
from lenger_sim.px4.messages import Px4Messages
from lenger_sim.px4.modes import Pilot
from lenger_sim.px4.rtl import RtlStage
from lenger_sim.telemetry import ON_EVENT, centi

COMPANION_HZ = {
    mavlink.MAVLINK_MSG_ID_HEARTBEAT: 1.0,
    mavlink.MAVLINK_MSG_ID_HIGHRES_IMU: 100.0,
    mavlink.MAVLINK_MSG_ID_ATTITUDE_QUATERNION: 50.0,
    mavlink.MAVLINK_MSG_ID_GLOBAL_POSITION_INT: 20.0,
    mavlink.MAVLINK_MSG_ID_LOCAL_POSITION_NED: 20.0,
    mavlink.MAVLINK_MSG_ID_SYS_STATUS: 5.0,
    mavlink.MAVLINK_MSG_ID_EXTENDED_SYS_STATE: 5.0,
    mavlink.MAVLINK_MSG_ID_BATTERY_STATUS: 1.0,
    mavlink.MAVLINK_MSG_ID_HOME_POSITION: 0.5,
    mavlink.MAVLINK_MSG_ID_GPS_RAW_INT: 250.0,
}
"""The streams of a link to our own stack (docs/architecture.md); GPS_RAW_INT follows the receiver."""
_M = mavlink
ONBOARD_HZ = {
    _M.MAVLINK_MSG_ID_HEARTBEAT: 1.0,
    _M.MAVLINK_MSG_ID_TIMESYNC: 10.0,
    _M.MAVLINK_MSG_ID_HIGHRES_IMU: 50.0,
    _M.MAVLINK_MSG_ID_LOCAL_POSITION_NED: 30.0,
    _M.MAVLINK_MSG_ID_ATTITUDE: 100.0,
    _M.MAVLINK_MSG_ID_ALTITUDE: 10.0,
    _M.MAVLINK_MSG_ID_ODOMETRY: 30.0,
    _M.MAVLINK_MSG_ID_ATTITUDE_QUATERNION: 50.0,
    _M.MAVLINK_MSG_ID_ATTITUDE_TARGET: 10.0,
    _M.MAVLINK_MSG_ID_BATTERY_STATUS: 0.5,
    _M.MAVLINK_MSG_ID_DISTANCE_SENSOR: 10.0,
    _M.MAVLINK_MSG_ID_OPTICAL_FLOW_RAD: 10.0,
    _M.MAVLINK_MSG_ID_ESTIMATOR_STATUS: 1.0,
    _M.MAVLINK_MSG_ID_EXTENDED_SYS_STATE: 5.0,
    _M.MAVLINK_MSG_ID_GLOBAL_POSITION_INT: 50.0,
    _M.MAVLINK_MSG_ID_GPS_GLOBAL_ORIGIN: 1.0,
    _M.MAVLINK_MSG_ID_GPS_RAW_INT: 250.0,
    _M.MAVLINK_MSG_ID_HOME_POSITION: 0.5,
    _M.MAVLINK_MSG_ID_POSITION_TARGET_GLOBAL_INT: 10.0,
    _M.MAVLINK_MSG_ID_POSITION_TARGET_LOCAL_NED: 10.0,
    _M.MAVLINK_MSG_ID_RC_CHANNELS: 20.0,
    _M.MAVLINK_MSG_ID_SCALED_PRESSURE: 1.0,
    _M.MAVLINK_MSG_ID_SERVO_OUTPUT_RAW: 10.0,
    _M.MAVLINK_MSG_ID_SYS_STATUS: 5.0,
    _M.MAVLINK_MSG_ID_SYSTEM_TIME: 1.0,
    _M.MAVLINK_MSG_ID_VFR_HUD: 10.0,
    _M.MAVLINK_MSG_ID_VIBRATION: 0.5,
}
"""PX4's link to a companion computer (mavlink -m onboard): what of it a multicopter has news for."""
GROUND_HZ = {
    _M.MAVLINK_MSG_ID_HEARTBEAT: 1.0,
    _M.MAVLINK_MSG_ID_ALTITUDE: 1.0,
    _M.MAVLINK_MSG_ID_ATTITUDE: 50.0,
    _M.MAVLINK_MSG_ID_ATTITUDE_QUATERNION: 50.0,
    _M.MAVLINK_MSG_ID_ATTITUDE_TARGET: 50.0,
    _M.MAVLINK_MSG_ID_BATTERY_STATUS: 0.5,
    _M.MAVLINK_MSG_ID_DISTANCE_SENSOR: 0.5,
    _M.MAVLINK_MSG_ID_OPTICAL_FLOW_RAD: 1.0,
    _M.MAVLINK_MSG_ID_ESTIMATOR_STATUS: 0.5,
    _M.MAVLINK_MSG_ID_EXTENDED_SYS_STATE: 1.0,
    _M.MAVLINK_MSG_ID_GLOBAL_POSITION_INT: 50.0,
    _M.MAVLINK_MSG_ID_GPS_GLOBAL_ORIGIN: 1.0,
    _M.MAVLINK_MSG_ID_GPS_RAW_INT: 5.0,
    _M.MAVLINK_MSG_ID_HOME_POSITION: 0.5,
    _M.MAVLINK_MSG_ID_LOCAL_POSITION_NED: 50.0,
    _M.MAVLINK_MSG_ID_POSITION_TARGET_GLOBAL_INT: 1.0,
    _M.MAVLINK_MSG_ID_POSITION_TARGET_LOCAL_NED: 50.0,
    _M.MAVLINK_MSG_ID_RC_CHANNELS: 20.0,
    _M.MAVLINK_MSG_ID_SCALED_PRESSURE: 1.0,
    _M.MAVLINK_MSG_ID_SERVO_OUTPUT_RAW: 50.0,
    _M.MAVLINK_MSG_ID_SYS_STATUS: 1.0,
    _M.MAVLINK_MSG_ID_VFR_HUD: 4.0,
    _M.MAVLINK_MSG_ID_VIBRATION: 0.1,
}
"""PX4's link to a ground station with what its simulator adds to it."""
RATES_HZ = {"companion": COMPANION_HZ, "onboard": ONBOARD_HZ, "ground": GROUND_HZ}
"""Kind of link to its default streams."""

FIRMWARE_VERSION = 0x011001FF
"""PX4 v1.16.1, release."""
CAPABILITIES = (
    _M.MAV_PROTOCOL_CAPABILITY_MISSION_FLOAT
    | _M.MAV_PROTOCOL_CAPABILITY_MISSION_INT
    | _M.MAV_PROTOCOL_CAPABILITY_PARAM_FLOAT
    | _M.MAV_PROTOCOL_CAPABILITY_COMMAND_INT
    | _M.MAV_PROTOCOL_CAPABILITY_PARAM_ENCODE_BYTEWISE
    | _M.MAV_PROTOCOL_CAPABILITY_SET_POSITION_TARGET_LOCAL_NED
    | _M.MAV_PROTOCOL_CAPABILITY_SET_POSITION_TARGET_GLOBAL_INT
    | _M.MAV_PROTOCOL_CAPABILITY_FLIGHT_TERMINATION
    | _M.MAV_PROTOCOL_CAPABILITY_MAVLINK2
    | _M.MAV_PROTOCOL_CAPABILITY_MISSION_FENCE
    | _M.MAV_PROTOCOL_CAPABILITY_MISSION_RALLY
)
"""As PX4, without FTP and SET_ATTITUDE_TARGET, which are not there."""
_SENSORS = (
    _M.MAV_SYS_STATUS_SENSOR_3D_GYRO
    | _M.MAV_SYS_STATUS_SENSOR_3D_ACCEL
    | _M.MAV_SYS_STATUS_SENSOR_3D_MAG
    | _M.MAV_SYS_STATUS_SENSOR_ABSOLUTE_PRESSURE
    | _M.MAV_SYS_STATUS_SENSOR_MOTOR_OUTPUTS
    | _M.MAV_SYS_STATUS_LOGGING
)
_ATTITUDE = _M.MAV_SYS_STATUS_AHRS | _M.MAV_SYS_STATUS_SENSOR_ATTITUDE_STABILIZATION
_POSITION = _M.MAV_SYS_STATUS_SENSOR_XY_POSITION_CONTROL
_GPS, _RC = _M.MAV_SYS_STATUS_SENSOR_GPS, _M.MAV_SYS_STATUS_SENSOR_RC_RECEIVER
_BATTERY, _PREARM = _M.MAV_SYS_STATUS_SENSOR_BATTERY, _M.MAV_SYS_STATUS_PREARM_CHECK
_PRESENT = (_SENSORS | _POSITION | _GPS | _BATTERY) & ~_M.MAV_SYS_STATUS_SENSOR_MOTOR_OUTPUTS
"""What PX4 reports as present. Attitude, motors and the pre-arm check are told in the health alone, as seen on it."""


class Px4Telemetry(Px4Messages):
    """Adds heartbeat, health, landed state and version to the flight's messages."""

    def __init__(self, commander: Commander, pilot: Pilot, body: Body) -> None:
        super().__init__(commander, pilot, body)
        self._system_id = body.settings.system_id
        self.makers |= {
            _M.MAVLINK_MSG_ID_HEARTBEAT: self.heartbeat,
            _M.MAVLINK_MSG_ID_SYS_STATUS: self.sys_status,
            _M.MAVLINK_MSG_ID_EXTENDED_SYS_STATE: self.extended_sys_state,
            _M.MAVLINK_MSG_ID_AUTOPILOT_VERSION: self.autopilot_version,
        }

    def heartbeat(self, _now_ns: int, _channel: Channel | None = None) -> MavMessage:
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
        kind, family = self.vehicle_type, mavlink.MAV_AUTOPILOT_PX4
        return mavlink.MAVLink_heartbeat_message(kind, family, base, number, state, 3)

    def sys_status(self, now_ns: int, _channel: Channel) -> MavMessage:
        """Return sensor and pre-arm health, and the battery."""
        voltage, current, _, remaining = self.battery
        commander = self._commander
        manual = _RC if commander.manual.sticks is not None or commander.manual.input.first_source else 0
        present = _PRESENT | manual
        health = _SENSORS | (manual if commander.manual.sticks is not None else 0)
        if self._estimate["aligned"]:
            health |= _ATTITUDE
        if self._estimator.ready() and not commander.blind:
            health |= _POSITION
        health |= _GPS if self.has_fix else 0
        health |= _BATTERY if remaining > 0.0 and not commander.battery_alarm else 0
        if not commander.blockers(now_ns):
            health |= _PREARM
        return _M.MAVLink_sys_status_message(
            present, present, health, 300, round(voltage * 1e3), centi(current), round(remaining * 100.0), *[0] * 6
        )

    def extended_sys_state(self, _now_ns: int, _channel: Channel) -> MavMessage:
        """Return MAV_LANDED_STATE."""
        state = mavlink.MAV_LANDED_STATE_IN_AIR
        mode = self._commander.mode
        if not self._commander.armed or self._pilot.landed:
            state = mavlink.MAV_LANDED_STATE_ON_GROUND
        elif mode == "AUTO.TAKEOFF":
            state = mavlink.MAV_LANDED_STATE_TAKEOFF
        elif mode == "AUTO.LAND" or (mode == "AUTO.RTL" and self._px4_pilot.rtl_stage is RtlStage.LAND):
            state = mavlink.MAV_LANDED_STATE_LANDING
        return mavlink.MAVLink_extended_sys_state_message(mavlink.MAV_VTOL_STATE_UNDEFINED, state)

    def autopilot_version(self, _now_ns: int, _channel: Channel | None = None) -> MavMessage:
        """Return capabilities and versions."""
        none = [0] * 8
        return mavlink.MAVLink_autopilot_version_message(
            CAPABILITIES, FIRMWARE_VERSION, FIRMWARE_VERSION, 0, 0, none, none, none, 0, 0, self._system_id
        )


def streams_of(kind: str) -> Streams:
    """Return the default streams of a kind of link (a key of `RATES_HZ`)."""
    return Streams(RATES_HZ[kind], ON_EVENT)
