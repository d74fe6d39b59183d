"""The embedded MAVROS: MAVLink on one side, MAVROS's topics and services on the other. No ROS, no socket, no clock.

Where MAVROS has a bug the endpoint has the right meaning: transfers and commands do not block each other, IN_PROGRESS
is waited out, long status texts are joined, duplicated acknowledgements are harmless. What it shares with MAVROS on
purpose: the services' timeouts, "sent" as answer of set_mode, ten silent seconds before connected=false.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import isfinite
from typing import Any

from lenger_bridge.endpoint_services import Services
from lenger_bridge.endpoint_streams import Published, TelemetryDecoder
from lenger_bridge.requests import Reply, Request
from lenger_bridge.settings import EndpointSettings
from lenger_bridge.targets import MASK_IGNORE_YAW, MASK_VELOCITY_YAW, GlobalTarget, LocalTarget, wire_vectors
from lenger_bridge.timesync import TimeSync
from lenger_core.samples import FcuState, VelocitySetpoint
from lenger_mavlink.codec import MavCodec, MavMessage, for_us, mavlink
from lenger_mavlink.modes import mode_name
from lenger_mavlink.ned import enu_to_ned, yaw_enu_to_ned
from lenger_mavlink.transfer_client import Peer

STATE_TOPIC = "mavros/state"


@dataclass(frozen=True, slots=True)
class EndpointOutput:
    """What a step gives.

    Attributes:
        bytes_out: MAVLink frames to send.
        published: (topic, record) to publish.
        replies: to requests of `EndpointCore.call`.
        notes: problems to tell a person, each once.
    """

    bytes_out: bytes = b""
    published: tuple[tuple[str, Any], ...] = ()
    replies: tuple[Reply, ...] = ()
    notes: tuple[str, ...] = ()


@dataclass
class _Link:
    """What the last heartbeats said."""

    connected: bool = False
    autopilot: int = mavlink.MAV_AUTOPILOT_INVALID
    armed: bool = False
    heard_ns: int = 0
    told: bool = False


@dataclass
class _Timers:
    stepped_ns: int = 0
    heartbeat_ns: int | None = None
    timesync_ns: int | None = None
    outbox: list[bytes] = field(default_factory=list)
    published: Published = field(default_factory=list)


class EndpointCore:
    """One vehicle behind one link.

    Args:
        settings: as the node's parameters.
    """

    def __init__(self, settings: EndpointSettings) -> None:
        self._settings = settings
        self._codec = MavCodec(settings.system_id, settings.component_id)
        self._timesync = TimeSync()
        self._telemetry = TelemetryDecoder(self._timesync)
        self._services = Services(settings, Peer(settings.tgt_system, settings.tgt_component))
        self._link = _Link()
        self._timers = _Timers()

    @property
    def connected(self) -> bool:
        """Whether heartbeats come."""
        return self._link.connected

    @property
    def clock_offset_ns(self) -> int | None:
        """Our time minus the autopilot's; None until TIMESYNC was answered."""
        return self._timesync.offset_ns

    @property
    def counters(self) -> dict[str, object]:
        """Figures for diagnostics."""
        return {
            "messages received": self._codec.received,
            "messages sent": self._codec.sent,
            "bad bytes": self._codec.bad_bytes,
            "round trip ms": self._timesync.round_trip_ns / 1e6,
        }

    def on_bytes(self, data: bytes, now_ns: int) -> Published:
        """Take one datagram; return the records to publish. Answers it calls for wait in the next `step`."""
        out: Published = []
        for message in self._codec.feed_datagram(data):
            if message.get_srcSystem() != self._settings.tgt_system:
                continue
            if message.get_srcComponent() != self._settings.tgt_component:
                continue
            out += self._on_message(message, now_ns)
        return out

    def step(self, now_ns: int) -> EndpointOutput:
        """Send what is due, notice a lost link, and hand out replies."""
        if now_ns < self._timers.stepped_ns:  # simulated time was set back
            self._timers.heartbeat_ns = self._timers.timesync_ns = None
            self._link.heard_ns = min(self._link.heard_ns, now_ns)
        self._timers.stepped_ns = now_ns
        if not self._link.told:
            self._link.told = True
            self._timers.published.append((STATE_TOPIC, self._disconnected(now_ns)))
        if self._link.connected and now_ns - self._link.heard_ns > int(self._settings.conn_timeout_s * 1e9):
            self._link.connected = self._link.armed = False
            self._services.link_lost()
            self._timers.published.append((STATE_TOPIC, self._disconnected(now_ns)))
        self._send(self._due(now_ns))
        self._send(self._services.step(now_ns))
        published = (*self._timers.published, *self._telemetry.expire(now_ns))
        self._timers.published.clear()
        frames = b"".join(self._timers.outbox)
        self._timers.outbox.clear()
        return EndpointOutput(frames, published, self._services.take_replies(), self._notes())

    def call(self, request: Request, now_ns: int) -> None:
        """Start a service; its reply comes out of a later `step`."""
        self._send(self._services.call(request, self._link.autopilot, self._link.armed, now_ns))

    def setpoint(self, setpoint: VelocitySetpoint, now_ns: int) -> bytes:
        """Return SET_POSITION_TARGET_LOCAL_NED of an earth-frame velocity."""
        yaw = setpoint.yaw_enu_rad
        mask = MASK_VELOCITY_YAW if isfinite(yaw) else MASK_VELOCITY_YAW | MASK_IGNORE_YAW
        north, east, down = enu_to_ned(setpoint.velocity_enu_m_s)
        yaw_ned = yaw_enu_to_ned(yaw) if isfinite(yaw) else 0.0
        zero = (0.0, 0.0, 0.0)
        return self._encode(
            mavlink.MAVLink_set_position_target_local_ned_message(
                _boot_ms(setpoint.t_ns),
                self._settings.tgt_system,
                self._settings.tgt_component,
                mavlink.MAV_FRAME_LOCAL_NED,
                mask,
                *zero,
                north,
                east,
                down,
                *zero,
                yaw_ned,
                0.0,
            )
        )

    def local_target(self, target: LocalTarget) -> bytes:
        """Return SET_POSITION_TARGET_LOCAL_NED of any setpoint of setpoint_raw/local.

        Raises:
            InputError: a frame whose axes are not defined.
        """
        position, velocity, accel, yaw, yaw_rate = wire_vectors(target)
        return self._encode(
            mavlink.MAVLink_set_position_target_local_ned_message(
                _boot_ms(target.t_ns),
                self._settings.tgt_system,
                self._settings.tgt_component,
                target.frame,
                target.type_mask,
                *position,
                *velocity,
                *accel,
                yaw,
                yaw_rate,
            )
        )

    def global_target(self, target: GlobalTarget) -> bytes:
        """Return SET_POSITION_TARGET_GLOBAL_INT; the altitude passes unchanged (AMSL in frame 5, above home in 6).

        Raises:
            InputError: another frame, or a position out of range.
        """
        lat, lon = target.wire_position()
        _, velocity, accel, yaw, yaw_rate = wire_vectors(target.motion)
        return self._encode(
            mavlink.MAVLink_set_position_target_global_int_message(
                _boot_ms(target.motion.t_ns),
                self._settings.tgt_system,
                self._settings.tgt_component,
                target.frame,
                target.motion.type_mask,
                lat,
                lon,
                target.altitude_m,
                *velocity,
                *accel,
                yaw,
                yaw_rate,
            )
        )

    def _on_message(self, message: MavMessage, now_ns: int) -> Published:
        kind = message.get_type()
        if kind == "HEARTBEAT":
            return self._on_heartbeat(message, now_ns)
        if kind == "TIMESYNC":
            self._on_timesync(message, now_ns)
        elif for_us(message, self._settings.system_id, self._settings.component_id):
            self._send(self._services.on_message(message, now_ns))
        return self._telemetry.decode(message, now_ns)

    def _on_heartbeat(self, message: MavMessage, now_ns: int) -> Published:
        if message.autopilot == mavlink.MAV_AUTOPILOT_INVALID or message.type == mavlink.MAV_TYPE_GCS:
            return []
        flags = message.base_mode
        armed = bool(flags & mavlink.MAV_MODE_FLAG_SAFETY_ARMED)
        self._link = _Link(True, message.autopilot, armed, now_ns, told=True)
        self._services.autopilot(message.autopilot)
        state = FcuState(
            t_ns=now_ns,
            connected=True,
            armed=armed,
            guided=bool(flags & mavlink.MAV_MODE_FLAG_GUIDED_ENABLED),
            manual_input=bool(flags & mavlink.MAV_MODE_FLAG_MANUAL_INPUT_ENABLED),
            mode=mode_name(message.autopilot, message.custom_mode),
            system_status=message.system_status,
        )
        return [(STATE_TOPIC, state)]

    def _on_timesync(self, message: MavMessage, now_ns: int) -> None:
        if message.tc1 == 0:
            self._send([mavlink.MAVLink_timesync_message(now_ns, message.ts1)])
        elif 0 <= now_ns - message.ts1 < 10_000_000_000:
            self._timesync.on_answer(message.ts1, message.tc1, now_ns)

    def _due(self, now_ns: int) -> list[MavMessage]:
        timers, messages = self._timers, []
        if timers.heartbeat_ns is None or now_ns >= timers.heartbeat_ns:
            timers.heartbeat_ns = now_ns + int(1e9 / self._settings.heartbeat_rate_hz)
            messages.append(
                mavlink.MAVLink_heartbeat_message(
                    mavlink.MAV_TYPE_ONBOARD_CONTROLLER,
                    mavlink.MAV_AUTOPILOT_INVALID,
                    mavlink.MAV_MODE_MANUAL_ARMED,
                    0,
                    mavlink.MAV_STATE_ACTIVE,
                    3,
                )
            )
        if self._link.connected and (timers.timesync_ns is None or now_ns >= timers.timesync_ns):
            timers.timesync_ns = now_ns + int(1e9 / self._settings.timesync_rate_hz)
            messages.append(mavlink.MAVLink_timesync_message(0, now_ns))
        return messages

    def _disconnected(self, now_ns: int) -> FcuState:
        return FcuState(now_ns, False, False, False, False, "", 0)

    def _send(self, messages: list[MavMessage]) -> None:
        self._timers.outbox += [self._encode(message) for message in messages]

    def _encode(self, message: MavMessage) -> bytes:
        return self._codec.encode(message)

    def _notes(self) -> tuple[str, ...]:
        notes = tuple(self._telemetry.notes)
        self._telemetry.notes.clear()
        return notes


def _boot_ms(t_ns: int) -> int:
    """Return time_boot_ms as MAVROS fills it: the stamp in milliseconds, 32 bits."""
    return (t_ns // 1_000_000) & 0xFFFFFFFF
