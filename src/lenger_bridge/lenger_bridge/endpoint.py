"""The embedded MAVROS: MAVLink on one side, MAVROS's topics and services on the other. No ROS, no socket, no clock.

The topics are the business of `lenger_bridge.plugins`, the services of `lenger_bridge.endpoint_services`. Where MAVROS
has a bug the endpoint has the right meaning: transfers and commands do not block each other, IN_PROGRESS is waited out,
long status texts are joined, duplicated acknowledgements are harmless. What it shares with MAVROS on purpose: the
services' timeouts, "sent" as answer of set_mode, ten silent seconds before connected=false.
"""

from __future__ import annotations

import struct
from collections.abc import Collection
from dataclasses import dataclass, field
from typing import Any

from lenger_bridge.automatic_pulls import AutomaticPulls
from lenger_bridge.endpoint_schedule import Schedule
from lenger_bridge.endpoint_services import READ, Services
from lenger_bridge.plugins.base import Diagnosis, Input, Published, Stream
from lenger_bridge.plugins.companion import FromComponent
from lenger_bridge.plugins.registry import Plugins
from lenger_bridge.plugins.uas import Uas
from lenger_bridge.requests import INTERNAL_ID, Reply, Request
from lenger_bridge.settings import EndpointSettings
from lenger_bridge.targets import (
    GlobalTarget,
    LocalTarget,
    global_message,
    local_message,
    position_target,
    velocity_target,
)
from lenger_core.errors import InputError
from lenger_core.samples import FcuState, PositionSetpoint, VelocitySetpoint
from lenger_core.wire_types import TypeFactory
from lenger_mavlink.codec import MavCodec, MavMessage, for_us, mavlink
from lenger_mavlink.modes import mode_name
from lenger_mavlink.transfer_client import Peer

STATE_TOPIC = "mavros/state"
LOOK_AGAIN_NS = 5_000_000
"""What time alone brings about is looked at no more often than this: `step` is called for every datagram."""
_CORE = ("HEARTBEAT", "TIMESYNC", "AUTOPILOT_VERSION")
_MESSAGE_IDS = {kind.msgname: message_id for message_id, kind in mavlink.mavlink_map.items()}
_ANYBODYS = ("RADIO_STATUS", "RADIO")
"""Messages of the link's own radio, which is a system of its own."""


@dataclass(frozen=True, slots=True)
class EndpointOutput:
    """What a step gives.

    Attributes:
        bytes_out: MAVLink frames to send.
        published: (topic, record or ROS message) to publish.
        replies: to requests of `EndpointCore.call`.
        notes: problems to tell a person, each once.
    """

    bytes_out: bytes = b""
    published: tuple[tuple[str, Any], ...] = ()
    replies: tuple[Reply, ...] = ()
    notes: tuple[str, ...] = ()


NOTHING = EndpointOutput()


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
    stepped_ns: int = -LOOK_AGAIN_NS
    outbox: list[bytes] = field(default_factory=list)
    published: Published = field(default_factory=list)


class EndpointCore:
    """One vehicle behind one link.

    Args:
        settings: as the node's parameters.
        types: message classes; None where there is no ROS: then only records of `lenger_core.wire.TOPICS` come out.
        late_clock: the times given here are those of /clock, see `TimeSync`.

    Raises:
        InputError: a setting that the type cannot check is wrong.
    """

    def __init__(self, settings: EndpointSettings, types: TypeFactory | None = None, late_clock: bool = False) -> None:
        self._settings = settings
        self._codec = MavCodec(settings.system_id, settings.component_id)
        self._uas = Uas(settings, types, late_clock)
        self._plugins = Plugins(self._uas)
        self._services = Services(settings, Peer(settings.tgt_system, settings.tgt_component), self._plugins.vehicles)
        self._schedule = Schedule(settings, self._plugins, self._services)
        self._pulls = AutomaticPulls(settings.automatic_pulls)
        self._link = _Link()
        self._timers = _Timers()
        self.want(())

    @property
    def connected(self) -> bool:
        """Whether heartbeats come."""
        return self._link.connected

    @property
    def clock_offset_ns(self) -> int | None:
        """Our time minus the autopilot's; None until TIMESYNC was answered."""
        return self._uas.timesync.offset_ns

    @property
    def counters(self) -> dict[str, object]:
        """Figures for diagnostics."""
        return {
            "messages received": self._codec.received + self._codec.skipped,
            "messages sent": self._codec.sent,
            "bad bytes": self._codec.bad_bytes,
            "round trip ms": self._uas.timesync.round_trip_ns / 1e6,
        }

    @property
    def streams(self) -> tuple[Stream, ...]:
        """The topics that are published besides the records."""
        return self._plugins.streams

    @property
    def records(self) -> tuple[str, ...]:
        """The topics of `lenger_core.wire.TOPICS` that are published."""
        return (STATE_TOPIC, *self._plugins.records)

    @property
    def inputs(self) -> tuple[Input, ...]:
        """The topics to listen to."""
        return tuple(self._plugins.inputs.values())

    def want(self, topics: Collection[str]) -> None:
        """Fill the ROS messages of these topics only (and of the latched ones, always); decode what that takes."""
        self._plugins.want(topics)
        self._codec.want(frozenset(_MESSAGE_IDS[name] for name in {*READ, *_CORE, *_ANYBODYS, *self._plugins.read}))

    def diagnoses(self) -> tuple[Diagnosis, ...]:
        """Return the plugins' lines for /diagnostics."""
        return self._plugins.diagnoses()

    def on_bytes(self, data: bytes, now_ns: int, stream: bool = False) -> Published:
        """Take one datagram, or a piece of a byte stream; return what is to be published.

        Answers that it calls for wait in the next `step`.
        """
        out: Published = []
        for message in self._codec.feed(data) if stream else self._codec.feed_datagram(data):
            ours = (message.get_srcSystem(), message.get_srcComponent()) == self._uas.target
            if ours or message.get_type() in _ANYBODYS:
                out += self._on_message(message, now_ns)
            elif message.get_type() in ("HEARTBEAT", "AUTOPILOT_VERSION"):
                self._plugins.vehicles.on_any(message, now_ns)
        return out

    def step(self, now_ns: int) -> EndpointOutput:
        """Send what is due, notice a lost link, and hand out replies."""
        timers = self._timers
        passed_ns = now_ns - timers.stepped_ns
        if 0 <= passed_ns < LOOK_AGAIN_NS and not (timers.outbox or timers.published or self._services.has_news):
            return NOTHING
        self._turn_back(now_ns)
        if not self._link.told:
            self._link.told = True
            timers.published.append((STATE_TOPIC, self._disconnected(now_ns)))
        if self._link.connected and now_ns - self._link.heard_ns > int(self._settings.conn_timeout_s * 1e9):
            self._lose(now_ns)
        self._send(self._schedule.due(now_ns))
        if self._link.connected:
            self._pulls.step(now_ns, self._services.known, lambda request: self.call(request, now_ns))
        self._send(self._services.step(now_ns))
        self._list()
        published = (*timers.published, *self._plugins.step(now_ns))
        timers.published.clear()
        frames = b"".join(timers.outbox)
        timers.outbox.clear()
        replies = tuple(reply for reply in self._services.take_replies() if reply.request_id > INTERNAL_ID)
        return EndpointOutput(frames, published, replies, self._notes())

    def call(self, request: Request, now_ns: int) -> None:
        """Start a service; its reply comes out of a later `step`."""
        self._send(self._services.call(request, now_ns))

    def receive(self, topic: str, message: Any, now_ns: int) -> bytes:
        """Take a ROS message of one of `inputs`; return the frames to send.

        Raises:
            InputError: what must not be sent, or does not fit MAVLink's fields.
        """
        try:
            return b"".join(self._encode(m) for m in self._plugins.inputs[topic].read(message, now_ns))
        except (struct.error, OverflowError) as error:
            raise InputError(topic, "message", error, "numbers that fit the fields of the MAVLink message") from error

    def setpoint(self, setpoint: VelocitySetpoint | PositionSetpoint, now_ns: int) -> bytes:
        """Return SET_POSITION_TARGET_LOCAL_NED of an earth-frame velocity, or GLOBAL_INT of a place.

        Raises:
            InputError: a position out of range.
        """
        if isinstance(setpoint, PositionSetpoint):
            return self.global_target(position_target(setpoint))
        return self.local_target(velocity_target(setpoint))

    def local_target(self, target: LocalTarget) -> bytes:
        """Return SET_POSITION_TARGET_LOCAL_NED of any setpoint of setpoint_raw/local.

        Raises:
            InputError: a frame whose axes are not defined.
        """
        return self._encode(local_message(target, self._uas.target))

    def global_target(self, target: GlobalTarget) -> bytes:
        """Return SET_POSITION_TARGET_GLOBAL_INT; the altitude passes unchanged (AMSL in frame 5, above home in 6).

        Raises:
            InputError: another frame, or a position out of range.
        """
        return self._encode(global_message(target, self._uas.target))

    # ------------------------------------------------------------ from the autopilot

    def _on_message(self, message: MavMessage, now_ns: int) -> Published:
        kind = message.get_type()
        out: Published = []
        if kind == "HEARTBEAT":
            out = self._on_heartbeat(message, now_ns)
        elif kind == "TIMESYNC":
            self._send(self._plugins.time.on_timesync(message, now_ns))
        elif kind == "AUTOPILOT_VERSION":
            self._plugins.vehicles.on_any(message, now_ns)
        elif kind in READ and for_us(message, self._settings.system_id, self._settings.component_id):
            self._send(self._services.on_message(message, now_ns))
        return out + self._plugins.on_message(message, now_ns)

    def _on_heartbeat(self, message: MavMessage, now_ns: int) -> Published:
        if message.autopilot == mavlink.MAV_AUTOPILOT_INVALID or message.type == mavlink.MAV_TYPE_GCS:
            return []
        flags = message.base_mode
        armed = bool(flags & mavlink.MAV_MODE_FLAG_SAFETY_ARMED)
        self._services.heartbeat(message.autopilot, armed)
        self._uas.autopilot, self._uas.vehicle_type = message.autopilot, message.type
        if not self._link.connected:
            self._connect(now_ns)
        self._plugins.vehicles.on_any(message, now_ns)
        self._link.heard_ns, self._link.autopilot, self._link.armed = now_ns, message.autopilot, armed
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

    def _connect(self, now_ns: int) -> None:
        self._link.connected = self._link.told = True
        self._schedule.connected(now_ns)
        self._plugins.on_connection(True)
        self._pulls.on_connection(True, now_ns)

    def _lose(self, now_ns: int) -> None:
        self._link.connected = self._link.armed = False
        self._schedule.lost()
        self._services.link_lost()
        self._plugins.on_connection(False)
        self._pulls.on_connection(False, now_ns)
        self._timers.published.append((STATE_TOPIC, self._disconnected(now_ns)))

    # ------------------------------------------------------------ to the autopilot

    def _turn_back(self, now_ns: int) -> None:
        """Bear it that simulated time was set back."""
        if now_ns < self._timers.stepped_ns:
            self._schedule.turn_back(now_ns)
            self._link.heard_ns = min(self._link.heard_ns, now_ns)
        self._timers.stepped_ns = now_ns

    def _list(self) -> None:
        for listed in self._services.take_listed():
            self._timers.published += self._plugins.missions.listed(listed.kind, listed.items)

    def _disconnected(self, now_ns: int) -> FcuState:
        return FcuState(now_ns, False, False, False, False, "", 0)

    def _send(self, messages: list[MavMessage]) -> None:
        self._timers.outbox += [self._encode(message) for message in messages]

    def _encode(self, message: MavMessage | FromComponent) -> bytes:
        if isinstance(message, FromComponent):
            return self._codec.encode(message.message, message.component)
        return self._codec.encode(message)

    def _notes(self) -> tuple[str, ...]:
        notes = tuple(self._uas.notes)
        self._uas.notes.clear()
        return notes
