"""Commands over MAVLink: what ArduCopter does with each, and its COMMAND_ACK."""

from __future__ import annotations

from math import isfinite, nan, radians

from lenger_core.samples import Vec3
from lenger_mavlink import ned
from lenger_mavlink.codec import MavMessage, mavlink
from lenger_mavlink.modes import COPTER_MODES
from lenger_mavlink.transfer_server import MissionServer
from lenger_sim.channels import Channel
from lenger_sim.commands import ACCEPTED, DENIED, FAILED, UNSUPPORTED, Commands, Order
from lenger_sim.copter.commander import Commander
from lenger_sim.copter.guided import ALONG_TRACK, Yaw
from lenger_sim.copter.modes import MODES
from lenger_sim.copter.pilot import CopterPilot
from lenger_sim.copter.setpoints import Setpoints
from lenger_sim.copter.state import FORCE, FORCE_ARM
from lenger_sim.copter.telemetry import CopterTelemetry
from lenger_sim.onboard import Estimator

BANNER = ("ArduCopter V4.7.0", "Frame: QUAD/PLUS")
_CHANGE_MODE = 1
"""Bit of DO_REPOSITION's parameter 2."""
_DEFAULT_FRAME = {mavlink.MAV_CMD_DO_SET_HOME: mavlink.MAV_FRAME_GLOBAL}


class CopterCommands(Commands):
    """Carries out orders on the commander; one ACK each."""

    def __init__(
        self,
        commander: Commander,
        pilot: CopterPilot,
        estimator: Estimator,
        telemetry: CopterTelemetry,
        setpoints: Setpoints,
        missions: MissionServer,
    ) -> None:
        super().__init__(telemetry)
        self._commander = commander
        self._pilot = pilot
        self._estimator = estimator
        self._setpoints = setpoints
        self._missions = missions
        m = mavlink
        self.table |= {
            m.MAV_CMD_COMPONENT_ARM_DISARM: self._arm,
            m.MAV_CMD_NAV_TAKEOFF: self._takeoff,
            m.MAV_CMD_NAV_VTOL_TAKEOFF: self._takeoff,
            m.MAV_CMD_NAV_LAND: lambda _order, _channel, now_ns: self._mode("LAND", now_ns),
            m.MAV_CMD_NAV_VTOL_LAND: lambda _order, _channel, now_ns: self._mode("LAND", now_ns),
            m.MAV_CMD_NAV_RETURN_TO_LAUNCH: lambda _order, _channel, now_ns: self._mode("RTL", now_ns),
            m.MAV_CMD_NAV_LOITER_UNLIM: lambda _order, _channel, now_ns: self._mode("LOITER", now_ns),
            m.MAV_CMD_DO_SET_MODE: self._set_mode,
            m.MAV_CMD_DO_SET_HOME: self._set_home,
            m.MAV_CMD_GET_HOME_POSITION: self._get_home,
            m.MAV_CMD_DO_REPOSITION: self._reposition,
            m.MAV_CMD_CONDITION_YAW: self._yaw,
            m.MAV_CMD_DO_CHANGE_SPEED: self._speed,
            m.MAV_CMD_MISSION_START: self._mission_start,
            m.MAV_CMD_DO_PAUSE_CONTINUE: self._pause,
            m.MAV_CMD_DO_SET_MISSION_CURRENT: self._set_current,
            m.MAV_CMD_DO_FENCE_ENABLE: self._fence_enable,
            m.MAV_CMD_RUN_PREARM_CHECKS: self._run_checks,
            m.MAV_CMD_REQUEST_MESSAGE: self._request_message,
            m.MAV_CMD_DO_SEND_BANNER: self._send_banner,
            m.MAV_CMD_DO_SET_ROI: self._look_at,
            m.MAV_CMD_DO_SET_ROI_LOCATION: self._look_at,
            m.MAV_CMD_DO_SET_ROI_NONE: self._look_at,
        }

    def on_set_mode(self, msg: MavMessage, now_ns: int) -> None:
        """Take the deprecated SET_MODE message; without the custom flag nothing happens, and there is no answer."""
        self._mode_number(msg.base_mode, msg.custom_mode, now_ns)

    # ------------------------------------------------------------ modes

    def _mode(self, mode: str, now_ns: int) -> int:
        return ACCEPTED if self._commander.set_mode(mode, "gcs", now_ns) else FAILED

    def _mode_number(self, base_mode: int, number: int, now_ns: int) -> int:
        if not base_mode & mavlink.MAV_MODE_FLAG_CUSTOM_MODE_ENABLED:
            return DENIED
        name = COPTER_MODES.get(number, "")
        if name not in MODES:
            self._commander.texts.append((int(mavlink.MAV_SEVERITY_WARNING), f"No such mode {number}"))
            return FAILED
        return self._mode(name, now_ns)

    def _set_mode(self, order: Order, _channel: Channel, now_ns: int) -> int:
        base, number = order.params[:2]
        if not (isfinite(base) and isfinite(number) and 0.0 <= base < 256.0):
            return DENIED
        return self._mode_number(int(base), int(number), now_ns)

    def _arm(self, order: Order, _channel: Channel, now_ns: int) -> int:
        wish, code = order.params[:2]
        if wish == 1.0:
            return ACCEPTED if self._commander.arm(now_ns, code in (FORCE, FORCE_ARM)) else FAILED
        if wish != 0.0:
            return UNSUPPORTED
        return ACCEPTED if self._commander.disarm(force=code == FORCE) else FAILED

    def _takeoff(self, order: Order, _channel: Channel, _now_ns: int) -> int:
        if order.frame not in (None, mavlink.MAV_FRAME_GLOBAL_RELATIVE_ALT):
            return DENIED
        return ACCEPTED if isfinite(order.alt_m) and self._commander.take_off(order.alt_m) else FAILED

    def _mission_start(self, order: Order, _channel: Channel, now_ns: int) -> int:
        if order.params[0] or order.params[1]:
            return DENIED
        if not self._commander.set_mode("AUTO", "gcs", now_ns):
            return FAILED
        self._pilot.auto.raised = True
        return ACCEPTED

    def _pause(self, order: Order, _channel: Channel, _now_ns: int) -> int:
        if order.params[0] not in (0.0, 1.0):
            return DENIED
        paused = order.params[0] == 0.0
        if self._commander.mode == "GUIDED":
            self._pilot.guided.paused = paused
        elif self._commander.mode == "AUTO":
            (self._pilot.auto.run.pause if paused else self._pilot.auto.run.start)()
        else:
            self._commander.texts.append((6, f"Failed to {'pause' if paused else 'resume'}"))
            return FAILED
        self._pilot.forget_hold()
        return ACCEPTED

    # ------------------------------------------------------------ places

    def _place(self, order: Order) -> Vec3 | None:
        frame = order.frame
        if frame is None:
            frame = _DEFAULT_FRAME.get(order.command, mavlink.MAV_FRAME_GLOBAL_RELATIVE_ALT)
        return self._setpoints.place(frame, order.lat_deg, order.lon_deg, order.alt_m)

    def _reposition(self, order: Order, _channel: Channel, now_ns: int) -> int:
        if order.frame is None:
            return UNSUPPORTED  # only COMMAND_INT says what its height means
        changes = isfinite(order.params[1]) and int(order.params[1]) & _CHANGE_MODE
        if self._commander.mode != "GUIDED" and not changes:
            return DENIED
        place = self._place(order)
        if place is None:
            return DENIED
        if not self._pilot.fence.allows(place):
            return FAILED
        if self._commander.mode != "GUIDED" and not self._commander.set_mode("GUIDED", "gcs", now_ns):
            return FAILED
        self._pilot.guided.go(place, None, ALONG_TRACK, now_ns)
        return ACCEPTED

    def _set_home(self, order: Order, _channel: Channel, _now_ns: int) -> int:
        if order.params[0] == 1.0 or (order.lat_deg == 0.0 and order.lon_deg == 0.0):
            return ACCEPTED if self._commander.set_home_here() else FAILED
        if order.params[0] != 0.0:
            return FAILED
        place = self._place(order)
        if place is None:
            return DENIED
        return ACCEPTED if self._commander.set_home(self._estimator.to_geodetic(*place), locked=True) else FAILED

    def _get_home(self, _order: Order, channel: Channel, now_ns: int) -> int:
        home = self._telemetry.one(mavlink.MAVLINK_MSG_ID_HOME_POSITION, channel, now_ns)
        origin = self._telemetry.one(mavlink.MAVLINK_MSG_ID_GPS_GLOBAL_ORIGIN, channel, now_ns)
        if home is None or origin is None:
            return FAILED
        channel.send(home)
        channel.send(origin)
        return ACCEPTED

    # ------------------------------------------------------------ on the way

    def _yaw(self, order: Order, _channel: Channel, _now_ns: int) -> int:
        angle, _rate, direction, relative = order.params
        if not (isfinite(angle) and 0.0 <= angle <= 360.0 and relative in (0.0, 1.0)):
            return FAILED
        if relative:
            yaw = self._pilot.yaw_rad + radians(angle) * (1.0 if direction < 0.0 else -1.0)
        else:
            yaw = ned.yaw_ned_to_enu(radians(angle))
        self._pilot.guided.turn_to(Yaw(yaw, nan))
        return ACCEPTED

    def _speed(self, order: Order, _channel: Channel, _now_ns: int) -> int:
        kind, speed = order.params[:2]
        if not (isfinite(speed) and speed > 0.0 and kind in (0.0, 1.0, 2.0, 3.0)):
            return DENIED
        if self._commander.mode == "AUTO":
            self._pilot.auto.set_speed(int(kind), speed)
        elif self._commander.mode == "GUIDED" and kind in (0.0, 1.0):
            self._pilot.guided.set_speed(speed)
        else:
            return FAILED
        return ACCEPTED

    def _set_current(self, order: Order, channel: Channel, now_ns: int) -> int:
        seq = order.params[0]
        result = self._missions.set_current(int(seq)) if isfinite(seq) else DENIED
        answer = self._telemetry.one(mavlink.MAVLINK_MSG_ID_MISSION_CURRENT, channel, now_ns)
        if result == ACCEPTED and answer is not None:
            channel.send(answer)
        return result

    def _look_at(self, order: Order, _channel: Channel, _now_ns: int) -> int:
        """Point the nose at a place; the place 0, 0 (or DO_SET_ROI_NONE) ends it."""
        self._pilot.look_at = None
        if order.command == mavlink.MAV_CMD_DO_SET_ROI_NONE or (order.lat_deg == 0.0 and order.lon_deg == 0.0):
            return ACCEPTED
        self._pilot.look_at = self._place(order)
        return ACCEPTED if self._pilot.look_at is not None else FAILED

    def _send_banner(self, _order: Order, _channel: Channel, _now_ns: int) -> int:
        self._commander.texts += [(int(mavlink.MAV_SEVERITY_INFO), text) for text in BANNER]
        return ACCEPTED

    def _fence_enable(self, order: Order, _channel: Channel, _now_ns: int) -> int:
        if order.params[0] not in (0.0, 1.0):
            return FAILED
        self._pilot.params.put("FENCE_ENABLE", int(order.params[0]))
        return ACCEPTED

    def _request_message(self, order: Order, channel: Channel, now_ns: int) -> int:
        """Send a message once; an unknown one fails, where SET_MESSAGE_INTERVAL denies it."""
        number, of = order.params[:2]
        if not isfinite(number) or number < 0.0:
            return FAILED
        if int(number) == mavlink.MAVLINK_MSG_ID_MESSAGE_INTERVAL:
            asked = Order(mavlink.MAV_CMD_GET_MESSAGE_INTERVAL, (of, 0.0, 0.0, 0.0), 0.0, 0.0, 0.0)
            return self._get_interval(asked, channel, now_ns)
        return self._request(order, channel, now_ns) if self._telemetry.knows(int(number)) else FAILED

    def _run_checks(self, _order: Order, _channel: Channel, now_ns: int) -> int:
        if self._commander.armed:
            return FAILED
        critical = int(mavlink.MAV_SEVERITY_CRITICAL)
        reasons = self._commander.arming.before(self._commander.mode, now_ns)
        self._commander.texts += [(critical, f"PreArm: {reason}") for reason in reasons]
        return ACCEPTED
