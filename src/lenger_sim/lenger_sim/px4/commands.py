"""Commands and setpoints that come in over MAVLink: what each does, and its COMMAND_ACK."""

from __future__ import annotations

from math import cos, isfinite, nan, sin

from lenger_core.samples import Vec3
from lenger_mavlink import ned
from lenger_mavlink.codec import MavMessage, mavlink
from lenger_mavlink.modes import PX4_MODES, px4_mode_of_command
from lenger_sim.channels import Channel, Router
from lenger_sim.commands import ACCEPTED, DENIED, MAX_ALT_M, REJECTED, UNSUPPORTED, Action, Commands, Order
from lenger_sim.onboard import Estimator
from lenger_sim.px4.commander import FORCE, Commander
from lenger_sim.px4.failsafe import CRITICAL
from lenger_sim.px4.modes import Pilot, Reposition, Setpoint
from lenger_sim.px4.telemetry import Px4Telemetry

_IGNORE_POSITION, _IGNORE_VELOCITY = 0b111, 0b111_000
_IGNORE_YAW, _IGNORE_YAW_RATE = 1 << 10, 1 << 11
_LOCAL_FRAMES = (mavlink.MAV_FRAME_LOCAL_NED,)
_BODY_FRAMES = (mavlink.MAV_FRAME_BODY_NED,)
_AMSL_FRAMES = (mavlink.MAV_FRAME_GLOBAL, mavlink.MAV_FRAME_GLOBAL_INT)
_RELATIVE_FRAMES = (mavlink.MAV_FRAME_GLOBAL_RELATIVE_ALT, mavlink.MAV_FRAME_GLOBAL_RELATIVE_ALT_INT)
_MAX_SPEED_M_S = 100.0
_NO_PLACE = 2**31 - 1
_CHANGE_MODE = 1
"""Bit of DO_REPOSITION's parameter 2 without which PX4 does not support it."""


class Px4Commands(Commands):
    """Carries out orders on the commander. DO_SET_MODE gets two ACKs, the first always accepted."""

    def __init__(
        self, commander: Commander, pilot: Pilot, estimator: Estimator, telemetry: Px4Telemetry, router: Router
    ) -> None:
        super().__init__(telemetry)
        self._commander = commander
        self._pilot = pilot
        self._estimator = estimator
        self._router = router
        self.table |= {
            mavlink.MAV_CMD_COMPONENT_ARM_DISARM: self._arm,
            mavlink.MAV_CMD_NAV_TAKEOFF: self._takeoff,
            mavlink.MAV_CMD_NAV_LAND: lambda _order, _channel, now_ns: self._mode("AUTO.LAND", now_ns),
            mavlink.MAV_CMD_NAV_RETURN_TO_LAUNCH: lambda _order, _channel, now_ns: self._mode("AUTO.RTL", now_ns),
            mavlink.MAV_CMD_DO_SET_MODE: self._set_mode,
            mavlink.MAV_CMD_DO_SET_HOME: self._set_home,
            mavlink.MAV_CMD_MISSION_START: self._start_mission,
            mavlink.MAV_CMD_DO_REPOSITION: self._reposition,
            mavlink.MAV_CMD_DO_CHANGE_ALTITUDE: self._change_altitude,
            mavlink.MAV_CMD_DO_CHANGE_SPEED: self._change_speed,
            mavlink.MAV_CMD_DO_FLIGHTTERMINATION: self._terminate,
            mavlink.MAV_CMD_RUN_PREARM_CHECKS: lambda _order, _channel, _now_ns: self._checks(),
            mavlink.MAV_CMD_GET_HOME_POSITION: self._tell(mavlink.MAVLINK_MSG_ID_HOME_POSITION),
        }

    def _results(self, order: Order, result: int) -> tuple[int, ...]:
        return (ACCEPTED, result) if order.command == mavlink.MAV_CMD_DO_SET_MODE else (result,)

    def _tell(self, message_id: int) -> Action:
        """Return the action of an old command that asks for one message."""

        def tell(_order: Order, channel: Channel, now_ns: int) -> int:
            message = self._telemetry.one(message_id, channel, now_ns)
            if message is None:
                return REJECTED
            channel.send(message)
            return ACCEPTED

        return tell

    def on_set_mode(self, msg: MavMessage, now_ns: int) -> None:
        """Take the deprecated SET_MODE message, which has no answer."""
        mode = PX4_MODES.get(msg.custom_mode)
        if mode is not None and msg.base_mode & mavlink.MAV_MODE_FLAG_CUSTOM_MODE_ENABLED:
            self._mode(mode, now_ns)

    def on_setpoint(self, msg: MavMessage, now_ns: int) -> None:
        """Take SET_POSITION_TARGET_LOCAL_NED or _GLOBAL_INT; what it cannot follow is dropped without a word."""
        mask = msg.type_mask
        position, velocity = self._position_of(msg), None
        if mask & _IGNORE_VELOCITY == 0:
            velocity = self._velocity_of(msg)
        if mask & _IGNORE_POSITION or position is None:
            position = None
        if position is None and velocity is None:
            return
        yaw = nan if mask & _IGNORE_YAW else ned.yaw_ned_to_enu(msg.yaw) if isfinite(msg.yaw) else nan
        turning = not mask & _IGNORE_YAW_RATE and isfinite(msg.yaw_rate)
        rate = -min(max(msg.yaw_rate, -3.0), 3.0) if turning else nan
        self._pilot.setpoint = Setpoint(now_ns, velocity, position, yaw, rate)

    def _velocity_of(self, msg: MavMessage) -> Vec3 | None:
        velocity = (msg.vx, msg.vy, msg.vz)
        if not all(isfinite(part) and abs(part) <= _MAX_SPEED_M_S for part in velocity):
            return None
        if msg.coordinate_frame in _BODY_FRAMES:
            return _turned(ned.frd_to_flu(velocity), self._pilot.yaw_rad)
        return ned.ned_to_enu(velocity)

    def _position_of(self, msg: MavMessage) -> Vec3 | None:
        frame = msg.coordinate_frame
        if msg.get_type() == "SET_POSITION_TARGET_LOCAL_NED":
            place = ned.ned_to_enu((msg.x, msg.y, msg.z))
            return place if frame in _LOCAL_FRAMES and all(map(isfinite, place)) else None
        home = self._commander.home
        base = 0.0 if frame in _AMSL_FRAMES else home[2] if frame in _RELATIVE_FRAMES and home is not None else nan
        alt = msg.alt + base
        if not isfinite(alt) or self._estimator.last_fix_ns == 0:
            return None
        return self._estimator.to_local(msg.lat_int * 1e-7, msg.lon_int * 1e-7, alt)

    def _mode(self, mode: str, now_ns: int) -> int:
        if mode == "AUTO.TAKEOFF":
            return ACCEPTED if self._commander.takeoff(nan, now_ns) else REJECTED
        return ACCEPTED if self._commander.request_mode(mode, now_ns) else REJECTED

    def _arm(self, order: Order, _channel: Channel, now_ns: int) -> int:
        force = order.params[1] == FORCE
        if order.params[0] == 1.0:
            return ACCEPTED if self._commander.arm(now_ns, force) else REJECTED
        if order.params[0] != 0.0:
            return DENIED
        return ACCEPTED if self._commander.disarm("external command", force) else REJECTED

    def _takeoff(self, order: Order, _channel: Channel, now_ns: int) -> int:
        if not self._estimator.ready():
            return REJECTED
        up = self._estimator.to_local(0.0, 0.0, order.alt_m)[2] if isfinite(order.alt_m) and order.alt_m else nan
        return ACCEPTED if self._commander.takeoff(up, now_ns) else REJECTED

    def _start_mission(self, order: Order, _channel: Channel, now_ns: int) -> int:
        """Fly the mission from an item on, and arm for it."""
        mission, first = self._commander.mission, order.params[0]
        if not mission.valid:
            self._commander.texts.append((CRITICAL, "Mission start denied! No valid mission"))
            return DENIED
        if not (isfinite(first) and -1.0 <= first < len(mission.run.items)):
            return DENIED
        if first >= 0.0:
            mission.run.set_current(int(first))
        accepted = self._commander.request_mode("AUTO.MISSION", now_ns) and self._commander.arm(
            now_ns, by="mission start"
        )
        return ACCEPTED if accepted else REJECTED

    def _reposition(self, order: Order, _channel: Channel, now_ns: int) -> int:
        """Go to a place and stay there; NaN keeps a coordinate. Heights are AMSL in every frame, as on the real one."""
        flags = int(order.params[1]) if isfinite(order.params[1]) else 0
        if flags != _CHANGE_MODE:
            return UNSUPPORTED
        yaw_ned = order.params[3]
        yaw = ned.yaw_ned_to_enu(yaw_ned) if isfinite(yaw_ned) else nan
        return self._go_to(order, order.alt_m, order.params[0], yaw, now_ns, "Reposition is outside geofence")

    def _change_altitude(self, order: Order, _channel: Channel, now_ns: int) -> int:
        """Change the height (parameter 1, AMSL) and stay here."""
        keep = Order(order.command, order.params, nan, nan, order.params[0])
        return self._go_to(keep, order.params[0], nan, nan, now_ns, "Altitude change is outside geofence")

    def _go_to(self, order: Order, alt_m: float, speed: float, yaw: float, now_ns: int, refusal: str) -> int:
        """Hold, and go to a place if it is inside the fence: outside only a text tells that nothing moves."""
        here = self._pilot.position()
        place = here
        named = isfinite(order.lat_deg) and isfinite(order.lon_deg) and round(order.lat_deg * 1e7) != _NO_PLACE
        if named and self._estimator.last_fix_ns:
            east, north, _ = self._estimator.to_local(order.lat_deg, order.lon_deg, 0.0)
            place = (east, north, here[2])
        if isfinite(alt_m) and abs(alt_m) <= MAX_ALT_M and self._estimator.last_fix_ns:
            place = (place[0], place[1], self._estimator.to_local(0.0, 0.0, alt_m)[2])
        commander = self._commander
        reposition = None
        if not commander.fence.allows(place) and commander.fence.acts:
            commander.texts.append((CRITICAL, refusal))
        elif commander.armed and place != here:
            reposition = Reposition(place, here, yaw, speed if speed > 0.0 else nan)
        return ACCEPTED if commander.request_mode("AUTO.LOITER", now_ns, reposition) else REJECTED

    def _change_speed(self, order: Order, _channel: Channel, _now_ns: int) -> int:
        """Set the cruise speed of the mode that flies now; not above 0: the parameters' own."""
        speed = order.params[1]
        self._pilot.change_speed(speed if isfinite(speed) and speed > 0.0 else nan)
        self._commander.mission.run.speed_m_s = nan
        return ACCEPTED

    def _terminate(self, order: Order, _channel: Channel, _now_ns: int) -> int:
        if order.params[0] > 0.5:
            self._commander.terminate()
            return ACCEPTED
        return DENIED

    def _checks(self) -> int:
        return REJECTED if self._commander.armed else ACCEPTED

    def _set_mode(self, order: Order, _channel: Channel, now_ns: int) -> int:
        base, main, sub, _ = order.params
        if not all(isfinite(part) and 0.0 <= part < 256.0 for part in (base, main, sub)):
            return DENIED
        mode = px4_mode_of_command(base, main, sub)
        return DENIED if mode is None else self._mode(mode, now_ns)

    def _set_home(self, order: Order, channel: Channel, now_ns: int) -> int:
        if self._estimator.last_fix_ns == 0:
            return REJECTED
        here = self._estimator.to_geodetic(*self._pilot.position())
        place = here if order.params[0] == 1.0 else (order.lat_deg, order.lon_deg, order.alt_m)
        limits = zip(place, (90.0, 180.0, MAX_ALT_M), strict=True)
        if not all(isfinite(part) and abs(part) <= limit for part, limit in limits):
            return DENIED
        self._commander.set_home(place)
        self._telemetry.home = place
        message = self._telemetry.home_position(now_ns, channel)
        if message is not None:
            self._router.send(message)
        return ACCEPTED


def _turned(flu: Vec3, yaw_rad: float) -> Vec3:
    c, s = cos(yaw_rad), sin(yaw_rad)
    return c * flu[0] - s * flu[1], s * flu[0] + c * flu[1], flu[2]
