"""What ArduCopter says of itself, and the streams of its links: by itself only HEARTBEAT, the rest when asked."""

from __future__ import annotations

from lenger_mavlink import ned
from lenger_mavlink.codec import MavMessage, mavlink
from lenger_mavlink.modes import custom_mode_of
from lenger_sim.channels import Channel, Streams
from lenger_sim.copter.commander import Commander
from lenger_sim.copter.messages import CopterMessages
from lenger_sim.copter.modes import MODES
from lenger_sim.copter.pilot import CopterPilot
from lenger_sim.layout import Record
from lenger_sim.onboard import Estimator
from lenger_sim.telemetry import ON_EVENT, centi

_M = mavlink
RATES_HZ: dict[int, float] = {_M.MAVLINK_MSG_ID_HEARTBEAT: 1.0}
"""Default streams of every kind of link."""

FIRMWARE_VERSION = 0x040700FF
"""ArduCopter 4.7.0, release."""
CAPABILITIES = (
    _M.MAV_PROTOCOL_CAPABILITY_PARAM_FLOAT
    | _M.MAV_PROTOCOL_CAPABILITY_MISSION_FLOAT
    | _M.MAV_PROTOCOL_CAPABILITY_MISSION_INT
    | _M.MAV_PROTOCOL_CAPABILITY_COMMAND_INT
    | _M.MAV_PROTOCOL_CAPABILITY_MISSION_FENCE
    | _M.MAV_PROTOCOL_CAPABILITY_MISSION_RALLY
    | _M.MAV_PROTOCOL_CAPABILITY_MAVLINK2
    | _M.MAV_PROTOCOL_CAPABILITY_SET_POSITION_TARGET_LOCAL_NED
    | _M.MAV_PROTOCOL_CAPABILITY_SET_POSITION_TARGET_GLOBAL_INT
    | _M.MAV_PROTOCOL_CAPABILITY_FLIGHT_TERMINATION
)
_SENSORS = (
    _M.MAV_SYS_STATUS_SENSOR_3D_GYRO
    | _M.MAV_SYS_STATUS_SENSOR_3D_ACCEL
    | _M.MAV_SYS_STATUS_SENSOR_3D_MAG
    | _M.MAV_SYS_STATUS_SENSOR_ABSOLUTE_PRESSURE
    | _M.MAV_SYS_STATUS_SENSOR_ANGULAR_RATE_CONTROL
    | _M.MAV_SYS_STATUS_SENSOR_ATTITUDE_STABILIZATION
    | _M.MAV_SYS_STATUS_SENSOR_YAW_POSITION
    | _M.MAV_SYS_STATUS_SENSOR_BATTERY
)
_MODE_SENSORS = _M.MAV_SYS_STATUS_SENSOR_Z_ALTITUDE_CONTROL | _M.MAV_SYS_STATUS_SENSOR_XY_POSITION_CONTROL
_MOTORS, _RC = _M.MAV_SYS_STATUS_SENSOR_MOTOR_OUTPUTS, _M.MAV_SYS_STATUS_SENSOR_RC_RECEIVER
_GPS, _FENCE, _AHRS = _M.MAV_SYS_STATUS_SENSOR_GPS, _M.MAV_SYS_STATUS_GEOFENCE, _M.MAV_SYS_STATUS_AHRS
_PREARM = _M.MAV_SYS_STATUS_PREARM_CHECK


class CopterTelemetry(CopterMessages):
    """Adds heartbeat, health, landed state, fence and version to the flight's messages."""

    def __init__(self, commander: Commander, pilot: CopterPilot, estimator: Estimator, sensors: Record) -> None:
        super().__init__(pilot, estimator, sensors)
        self._commander = commander
        self.makers |= {
            _M.MAVLINK_MSG_ID_HEARTBEAT: self.heartbeat,
            _M.MAVLINK_MSG_ID_SYS_STATUS: self.sys_status,
            _M.MAVLINK_MSG_ID_EXTENDED_SYS_STATE: self.extended_sys_state,
            _M.MAVLINK_MSG_ID_EKF_STATUS_REPORT: self.ekf_status,
            _M.MAVLINK_MSG_ID_FENCE_STATUS: self.fence_status,
            _M.MAVLINK_MSG_ID_AUTOPILOT_VERSION: self.autopilot_version,
            _M.MAVLINK_MSG_ID_GPS_GLOBAL_ORIGIN: self.origin,
        }

    def heartbeat(self, _now_ns: int, _channel: Channel | None = None) -> MavMessage:
        """Return HEARTBEAT: GUIDED_ENABLED while the position controller runs, STANDBY on the ground."""
        commander = self._commander
        base = _M.MAV_MODE_FLAG_STABILIZE_ENABLED | _M.MAV_MODE_FLAG_MANUAL_INPUT_ENABLED
        base |= _M.MAV_MODE_FLAG_CUSTOM_MODE_ENABLED
        rules = MODES[commander.mode]
        landed = not commander.armed and self._copter.is_landing
        if (rules.needs_position and not landed) or (commander.mode == "LAND" and commander.armed):
            base |= _M.MAV_MODE_FLAG_GUIDED_ENABLED
        if commander.armed:
            base |= _M.MAV_MODE_FLAG_SAFETY_ARMED
        state = _M.MAV_STATE_STANDBY if self._pilot.landed else _M.MAV_STATE_ACTIVE
        if commander.in_failsafe:
            state = _M.MAV_STATE_CRITICAL
        number = custom_mode_of(_M.MAV_AUTOPILOT_ARDUPILOTMEGA, commander.mode) or 0
        kind, family = self.vehicle_type, _M.MAV_AUTOPILOT_ARDUPILOTMEGA
        return _M.MAVLink_heartbeat_message(kind, family, base, number, state, 3)

    def sys_status(self, _now_ns: int, _channel: Channel) -> MavMessage:
        """Return what is there, what is used and what is healthy; and the battery."""
        commander, pilot = self._commander, self._copter
        voltage, current, _, remaining = self.battery
        present = _SENSORS | _MODE_SENSORS | _GPS | _RC | _MOTORS | _AHRS | _PREARM | _FENCE
        enabled = present & ~(_MODE_SENSORS | _FENCE | _MOTORS)
        health = _SENSORS | (_GPS if self.has_fix else 0) | (0 if pilot.radio.lost else _RC) | _MOTORS
        health |= _AHRS if commander.ekf.aligned and not commander.ekf.bad else 0
        if commander.armed:
            enabled |= _MOTORS
            if not MODES[commander.mode].manual_throttle:
                enabled |= _MODE_SENSORS
                health |= _MODE_SENSORS
        if pilot.fence.enabled:
            enabled |= _FENCE
        if not pilot.fence.breached:
            health |= _FENCE
        if commander.arming.ready:
            health |= _PREARM
        left = round(remaining * 100.0)
        return _M.MAVLink_sys_status_message(
            present, enabled, health, 300, round(voltage * 1e3), centi(current), left, *[0] * 6
        )

    def extended_sys_state(self, _now_ns: int, _channel: Channel) -> MavMessage:
        """Return MAV_LANDED_STATE."""
        state = _M.MAV_LANDED_STATE_IN_AIR
        if not self._commander.armed or self._pilot.landed:
            state = _M.MAV_LANDED_STATE_ON_GROUND
        elif self._copter.is_landing:
            state = _M.MAV_LANDED_STATE_LANDING
        elif self._copter.taking_off:
            state = _M.MAV_LANDED_STATE_TAKEOFF
        return _M.MAVLink_extended_sys_state_message(_M.MAV_VTOL_STATE_UNDEFINED, state)

    def ekf_status(self, _now_ns: int, _channel: Channel) -> MavMessage:
        """Return the EKF's flags; its variances are those of a healthy filter."""
        bad = self._commander.ekf.aligned and not self._commander.ekf.has_position
        spread = (1.0, 1.0) if bad else (0.05, 0.05)
        return _M.MAVLink_ekf_status_report_message(self._commander.ekf.flags, *spread, 0.05, 0.05, 0.0, 0.0)

    def fence_status(self, _now_ns: int, _channel: Channel) -> MavMessage | None:
        """Return FENCE_STATUS while a fence is enabled."""
        fence = self._copter.fence
        if not fence.enabled:
            return None
        kinds = ((8, _M.FENCE_BREACH_MINALT), (1, _M.FENCE_BREACH_MAXALT), (6, _M.FENCE_BREACH_BOUNDARY))
        kind = next((value for bits, value in kinds if fence.breached & bits), _M.FENCE_BREACH_NONE)
        breached = int(bool(fence.breached))
        return _M.MAVLink_fence_status_message(
            breached, min(fence.count, 0xFFFF), kind, fence.breach_ns // 1_000_000, _M.FENCE_MITIGATE_NONE
        )

    def origin(self, now_ns: int, _channel: Channel) -> MavMessage | None:
        """Return the EKF's origin once it is set."""
        if not self._commander.ekf.has_origin:
            return None
        lat, lon, alt = self._estimator.to_geodetic(0.0, 0.0, 0.0)
        return _M.MAVLink_gps_global_origin_message(
            round(lat * 1e7), round(lon * 1e7), round(alt * 1e3), now_ns // 1000
        )

    def home_position(self, now_ns: int, _channel: Channel) -> MavMessage | None:
        """Return home once it is set."""
        home = self._commander.home
        if home is None:
            return None
        place = ned.enu_to_ned(self._estimator.to_local(*home))
        numbers = (round(home[0] * 1e7), round(home[1] * 1e7), round(home[2] * 1e3))
        return _M.MAVLink_home_position_message(*numbers, *place, [1.0, 0.0, 0.0, 0.0], 0.0, 0.0, 0.0, now_ns // 1000)

    def autopilot_version(self, _now_ns: int, _channel: Channel | None = None) -> MavMessage:
        """Return capabilities and versions."""
        none = [0] * 8
        return _M.MAVLink_autopilot_version_message(CAPABILITIES, FIRMWARE_VERSION, 0, 0, 0, none, none, none, 0, 0, 1)


def streams_of(_kind: str) -> Streams:
    """Return the default streams of a kind of link."""
    return Streams(RATES_HZ, ON_EVENT)
