"""Commands and setpoints that come in over MAVLink: what each does, and its COMMAND_ACK."""

from __future__ import annotations

from math import cos, isfinite, nan, sin

from lenger_core.samples import Vec3
from lenger_mavlink import ned
from lenger_mavlink.codec import MavMessage, mavlink
from lenger_mavlink.modes import PX4_MODES, px4_mode_of_command
from lenger_sim.channels import Channel, Router
from lenger_sim.commands import ACCEPTED, DENIED, MAX_ALT_M, REJECTED, Commands, Order
from lenger_sim.onboard import Estimator
from lenger_sim.px4.commander import FORCE, Commander
from lenger_sim.px4.modes import Pilot, Setpoint
from lenger_sim.px4.telemetry import Px4Telemetry

_IGNORE_POSITION, _IGNORE_VELOCITY = 0b111, 0b111_000
_IGNORE_YAW, _IGNORE_YAW_RATE = 1 << 10, 1 << 11
_LOCAL_FRAMES = (mavlink.MAV_FRAME_LOCAL_NED,)
_BODY_FRAMES = (mavlink.MAV_FRAME_BODY_NED,)
_AMSL_FRAMES = (mavlink.MAV_FRAME_GLOBAL, mavlink.MAV_FRAME_GLOBAL_INT)
_RELATIVE_FRAMES = (mavlink.MAV_FRAME_GLOBAL_RELATIVE_ALT, mavlink.MAV_FRAME_GLOBAL_RELATIVE_ALT_INT)
_MAX_SPEED_M_S = 100.0


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
        }

    def _results(self, order: Order, result: int) -> tuple[int, ...]:
        return (ACCEPTED, result) if order.command == mavlink.MAV_CMD_DO_SET_MODE else (result,)

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
