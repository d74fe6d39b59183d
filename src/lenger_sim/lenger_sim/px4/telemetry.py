"""What PX4 says of itself, and the streams of its links."""

from __future__ import annotations

from lenger_mavlink.codec import MavMessage, mavlink
from lenger_mavlink.modes import custom_mode_of
from lenger_sim.channels import Channel, Streams
from lenger_sim.layout import Record
from lenger_sim.onboard import Estimator
from lenger_sim.px4.commander import Commander
from lenger_sim.px4.modes import Pilot
from lenger_sim.px4.rtl import RtlStage
from lenger_sim.telemetry import ON_EVENT, Telemetry, centi

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
RATES_HZ = {"companion": COMPANION_HZ, "onboard": COMPANION_HZ, "ground": COMPANION_HZ}
"""Kind of link to its default streams."""

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


class Px4Telemetry(Telemetry):
    """Adds heartbeat, health, landed state and version to the common messages."""

    def __init__(self, commander: Commander, pilot: Pilot, estimator: Estimator, sensors: Record) -> None:
        super().__init__(pilot, estimator, sensors)
        self._commander = commander
        self._px4_pilot = pilot
        self.makers |= {
            mavlink.MAVLINK_MSG_ID_HEARTBEAT: self.heartbeat,
            mavlink.MAVLINK_MSG_ID_SYS_STATUS: self.sys_status,
            mavlink.MAVLINK_MSG_ID_EXTENDED_SYS_STATE: self.extended_sys_state,
            mavlink.MAVLINK_MSG_ID_AUTOPILOT_VERSION: self.autopilot_version,
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
        kind = mavlink.MAV_TYPE_QUADROTOR
        return mavlink.MAVLink_heartbeat_message(kind, mavlink.MAV_AUTOPILOT_PX4, base, number, state, 3)

    def sys_status(self, now_ns: int, _channel: Channel) -> MavMessage:
        """Return sensor and pre-arm health, and the battery."""
        voltage, current, _, remaining = self.battery
        present = _SENSORS | mavlink.MAV_SYS_STATUS_SENSOR_GPS | mavlink.MAV_SYS_STATUS_PREARM_CHECK
        health = _SENSORS | (mavlink.MAV_SYS_STATUS_SENSOR_GPS if self.has_fix else 0)
        if not self._commander.blockers(now_ns):
            health |= mavlink.MAV_SYS_STATUS_PREARM_CHECK
        return mavlink.MAVLink_sys_status_message(
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
            CAPABILITIES, FIRMWARE_VERSION, FIRMWARE_VERSION, 0, 0, none, none, none, 0, 0, 1
        )


def streams_of(kind: str) -> Streams:
    """Return the default streams of a kind of link (a key of `RATES_HZ`)."""
    return Streams(RATES_HZ[kind], ON_EVENT)
