"""Commands and setpoints that come in over MAVLink: what each does, and its COMMAND_ACK."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from math import cos, isfinite, nan, sin

from lenger_core.samples import Vec3
from lenger_mavlink import ned
from lenger_mavlink.codec import MavMessage, mavlink
from lenger_mavlink.modes import PX4_MODES, px4_mode_of_command
from lenger_sim.onboard import Estimator
from lenger_sim.px4_commander import FORCE, Commander
from lenger_sim.px4_modes import Pilot, Setpoint
from lenger_sim.telemetry import Telemetry

ACCEPTED, REJECTED = int(mavlink.MAV_RESULT_ACCEPTED), int(mavlink.MAV_RESULT_TEMPORARILY_REJECTED)
DENIED, UNSUPPORTED = int(mavlink.MAV_RESULT_DENIED), int(mavlink.MAV_RESULT_UNSUPPORTED)
_IGNORE_POSITION, _IGNORE_VELOCITY = 0b111, 0b111_000
_IGNORE_YAW, _IGNORE_YAW_RATE = 1 << 10, 1 << 11
_LOCAL_FRAMES = (mavlink.MAV_FRAME_LOCAL_NED,)
_BODY_FRAMES = (mavlink.MAV_FRAME_BODY_NED,)
_AMSL_FRAMES = (mavlink.MAV_FRAME_GLOBAL, mavlink.MAV_FRAME_GLOBAL_INT)
_RELATIVE_FRAMES = (mavlink.MAV_FRAME_GLOBAL_RELATIVE_ALT, mavlink.MAV_FRAME_GLOBAL_RELATIVE_ALT_INT)
_MAX_SPEED_M_S = 100.0
MAX_ALT_M = 20_000.0


@dataclass(frozen=True, slots=True)
class Order:
    """A COMMAND_LONG or COMMAND_INT in one shape; places in degrees and metres."""

    command: int
    params: tuple[float, float, float, float]
    lat_deg: float
    lon_deg: float
    alt_m: float

    @classmethod
    def of(cls, msg: MavMessage) -> Order:
        """Return the order of either message."""
        params = (msg.param1, msg.param2, msg.param3, msg.param4)
        if msg.get_type() == "COMMAND_INT":
            return cls(msg.command, params, msg.x * 1e-7, msg.y * 1e-7, msg.z)
        return cls(msg.command, params, msg.param5, msg.param6, msg.param7)


class Commands:
    """Carries out orders on the commander and the streams.

    Attributes:
        requested: messages that REQUEST_MESSAGE asked for; the vehicle sends and empties it.
    """

    def __init__(self, commander: Commander, pilot: Pilot, estimator: Estimator, telemetry: Telemetry) -> None:
        self._commander = commander
        self._pilot = pilot
        self._estimator = estimator
        self._telemetry = telemetry
        self.requested: list[MavMessage] = []
        self._table: dict[int, Callable[[Order, int], int]] = {
            mavlink.MAV_CMD_COMPONENT_ARM_DISARM: self._arm,
            mavlink.MAV_CMD_NAV_TAKEOFF: self._takeoff,
            mavlink.MAV_CMD_NAV_LAND: lambda _order, now_ns: self._mode("AUTO.LAND", now_ns),
            mavlink.MAV_CMD_NAV_RETURN_TO_LAUNCH: lambda _order, now_ns: self._mode("AUTO.RTL", now_ns),
            mavlink.MAV_CMD_DO_SET_MODE: self._set_mode,
            mavlink.MAV_CMD_SET_MESSAGE_INTERVAL: self._set_interval,
            mavlink.MAV_CMD_REQUEST_MESSAGE: self._request,
            mavlink.MAV_CMD_REQUEST_AUTOPILOT_CAPABILITIES: self._capabilities,
            mavlink.MAV_CMD_DO_SET_HOME: self._set_home,
        }

    def on_command(self, msg: MavMessage, now_ns: int) -> list[MavMessage]:
        """Carry out a COMMAND_LONG or COMMAND_INT; return the ACKs. DO_SET_MODE gets two, the first always accepted."""
        order = Order.of(msg)
        action = self._table.get(order.command)
        result = action(order, now_ns) if action is not None else UNSUPPORTED
        results = [ACCEPTED, result] if order.command == mavlink.MAV_CMD_DO_SET_MODE else [result]
        peer = (msg.get_srcSystem(), msg.get_srcComponent())
        return [mavlink.MAVLink_command_ack_message(order.command, value, 0, 0, *peer) for value in results]

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

    def _arm(self, order: Order, now_ns: int) -> int:
        force = order.params[1] == FORCE
        if order.params[0] == 1.0:
            return ACCEPTED if self._commander.arm(now_ns, force) else REJECTED
        if order.params[0] != 0.0:
            return DENIED
        return ACCEPTED if self._commander.disarm("external command", force) else REJECTED

    def _takeoff(self, order: Order, now_ns: int) -> int:
        if not self._estimator.ready():
            return REJECTED
        up = self._estimator.to_local(0.0, 0.0, order.alt_m)[2] if isfinite(order.alt_m) and order.alt_m else nan
        return ACCEPTED if self._commander.takeoff(up, now_ns) else REJECTED

    def _set_mode(self, order: Order, now_ns: int) -> int:
        base, main, sub, _ = order.params
        if not all(isfinite(part) and 0.0 <= part < 256.0 for part in (base, main, sub)):
            return DENIED
        mode = px4_mode_of_command(base, main, sub)
        return DENIED if mode is None else self._mode(mode, now_ns)

    def _set_interval(self, order: Order, now_ns: int) -> int:
        number, interval = order.params[0], order.params[1]
        usable = isfinite(number) and isfinite(interval) and abs(interval) < 1e9
        if not usable or not self._telemetry.knows(int(number)):
            return DENIED
        self._telemetry.set_interval(int(number), interval, now_ns)
        return ACCEPTED

    def _request(self, order: Order, now_ns: int) -> int:
        number = order.params[0]
        if not isfinite(number) or not self._telemetry.knows(int(number)):
            return DENIED
        message = self._telemetry.one(int(number), now_ns)
        if message is None:
            return REJECTED
        self.requested.append(message)
        return ACCEPTED

    def _capabilities(self, _order: Order, now_ns: int) -> int:
        self.requested.append(self._telemetry.autopilot_version(now_ns))
        return ACCEPTED

    def _set_home(self, order: Order, _now_ns: int) -> int:
        if self._estimator.last_fix_ns == 0:
            return REJECTED
        here = self._estimator.to_geodetic(*self._pilot.position())
        place = here if order.params[0] == 1.0 else (order.lat_deg, order.lon_deg, order.alt_m)
        limits = zip(place, (90.0, 180.0, MAX_ALT_M), strict=True)
        if not all(isfinite(part) and abs(part) <= limit for part, limit in limits):
            return DENIED
        self._commander.set_home(place)
        message = self._telemetry.home_position(_now_ns)
        if message is not None:
            self.requested.append(message)
        return ACCEPTED


def _turned(flu: Vec3, yaw_rad: float) -> Vec3:
    c, s = cos(yaw_rad), sin(yaw_rad)
    return c * flu[0] - s * flu[1], s * flu[0] + c * flu[1], flu[2]
