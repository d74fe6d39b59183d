"""The client's side of MAVLink's transfer protocols: missions, fences, rally points and parameters.

Each transfer is a small state machine without a clock or a socket: `start` and `step` return the messages to send,
`on_message` takes what came and returns answers. It ends by setting `result`. Lost messages are asked for again; an
autopilot that stays silent ends the transfer with a reason. Protocols: mavlink.io/en/services/mission.html and
parameter.html (MAVLink developer guide), with the deviations of PX4 v1.16 and ArduCopter 4.7.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass
from enum import IntEnum
from math import isfinite

from lenger_mavlink.codec import MavMessage, mavlink

_LOCAL_FRAMES = (mavlink.MAV_FRAME_LOCAL_NED, mavlink.MAV_FRAME_LOCAL_ENU)
_LARGEST_FLOAT32 = 3.4e38


class MissionType(IntEnum):
    """MAV_MISSION_TYPE."""

    MISSION = 0
    FENCE = 1
    RALLY = 2


@dataclass(frozen=True, slots=True)
class MissionItem:
    """One mission, fence or rally item: degrees and metres in the datum of `frame` (MAV_FRAME)."""

    frame: int
    command: int
    x_lat_deg: float
    y_lon_deg: float
    z_alt_m: float
    param1: float = 0.0
    param2: float = 0.0
    param3: float = 0.0
    param4: float = 0.0
    is_current: bool = False
    autocontinue: bool = True


@dataclass(frozen=True, slots=True)
class TransferResult:
    """How a transfer ended: `code` is MAV_MISSION_RESULT where the autopilot gave one, else -1."""

    success: bool
    detail: str = ""
    code: int = -1
    items: tuple[MissionItem, ...] = ()


@dataclass(frozen=True, slots=True)
class Peer:
    """Whom the transfer is with."""

    system: int = 1
    component: int = 1


class Transfer(ABC):
    """Base: repeats the last request every `retry_s` until `attempts` went unanswered."""

    retry_s = 1.0
    attempts = 5

    def __init__(self, peer: Peer) -> None:
        self.peer = peer
        self.result: TransferResult | None = None
        self._last: list[MavMessage] = []
        self._sent_ns = 0
        self._tries = 0

    @abstractmethod
    def start(self, now_ns: int) -> list[MavMessage]:
        """Return the first messages to send."""

    @abstractmethod
    def on_message(self, message: MavMessage, now_ns: int) -> list[MavMessage]:
        """Take a message of the autopilot and return the answers."""

    def step(self, now_ns: int) -> list[MavMessage]:
        """Return what must be sent again; ends the transfer when nothing was answered."""
        if self.result is not None or now_ns - self._sent_ns < int(self.retry_s * 1e9):
            return []
        if self._tries >= self.attempts:
            self._finish(TransferResult(False, f"no answer from the autopilot to {self._last[0].get_type()}"))
            return []
        self._tries += 1
        self._sent_ns = now_ns
        return list(self._last)

    def _send(self, now_ns: int, *messages: MavMessage) -> list[MavMessage]:
        self._last, self._sent_ns, self._tries = list(messages), now_ns, 1
        return list(messages)

    def _finish(self, result: TransferResult) -> None:
        if self.result is None:
            self.result = result


def result_name(code: int) -> str:
    """Return the name of a MAV_MISSION_RESULT, without its prefix."""
    entry = mavlink.enums["MAV_MISSION_RESULT"].get(code)
    return entry.name.removeprefix("MAV_MISSION_") if entry is not None else f"result {code}"


def _mission_type(message: MavMessage) -> int:
    return int(getattr(message, "mission_type", 0))


def _scaled(frame: int, degrees: float) -> int:
    return round(degrees * (1e4 if frame in _LOCAL_FRAMES else 1e7))


def item_problem(item: MissionItem) -> str | None:
    """Return why an item cannot be put on the wire, None when it can."""
    limits = (214_000.0, 214_000.0) if item.frame in _LOCAL_FRAMES else (90.0, 180.0)
    for name, value, limit in zip(("x_lat", "y_long"), (item.x_lat_deg, item.y_lon_deg), limits, strict=True):
        if not abs(value) <= limit:
            return f"{name} is {value}, expected -{limit:g} to {limit:g}"
    for name in ("param1", "param2", "param3", "param4", "z_alt_m"):
        value = getattr(item, name)
        if isfinite(value) and abs(value) > _LARGEST_FLOAT32:
            return f"{name} is {value}, expected a 32-bit float"
    return None


def item_message(peer: Peer, kind: MissionType, sequence: int, item: MissionItem) -> MavMessage:
    """Return MISSION_ITEM_INT for an item."""
    return mavlink.MAVLink_mission_item_int_message(
        peer.system, peer.component, sequence, item.frame, item.command, int(item.is_current), int(item.autocontinue),
        item.param1, item.param2, item.param3, item.param4,
        _scaled(item.frame, item.x_lat_deg), _scaled(item.frame, item.y_lon_deg), item.z_alt_m, int(kind),
    )  # fmt: skip


def item_of(message: MavMessage) -> MissionItem:
    """Return the item of a MISSION_ITEM_INT or MISSION_ITEM."""
    scale = 1.0
    if message.get_type() == "MISSION_ITEM_INT":
        scale = 1e4 if message.frame in _LOCAL_FRAMES else 1e7
    return MissionItem(
        frame=int(message.frame), command=int(message.command),
        x_lat_deg=message.x / scale, y_lon_deg=message.y / scale, z_alt_m=float(message.z),
        param1=float(message.param1), param2=float(message.param2), param3=float(message.param3),
        param4=float(message.param4), is_current=bool(message.current), autocontinue=bool(message.autocontinue),
    )  # fmt: skip


class Upload(Transfer):
    """Sends a whole list: COUNT, then each item as the autopilot asks, until its ACK."""

    def __init__(self, peer: Peer, kind: MissionType, items: tuple[MissionItem, ...]) -> None:
        super().__init__(peer)
        self._kind, self.items = kind, items

    def start(self, now_ns: int) -> list[MavMessage]:
        """Announce the count."""
        return self._send(
            now_ns,
            mavlink.MAVLink_mission_count_message(
                self.peer.system, self.peer.component, len(self.items), int(self._kind)
            ),
        )

    def on_message(self, message: MavMessage, now_ns: int) -> list[MavMessage]:
        """Answer item requests; end at the ACK."""
        name = message.get_type()
        if self.result is not None or _mission_type(message) != self._kind:
            return []
        if name in ("MISSION_REQUEST", "MISSION_REQUEST_INT") and 0 <= message.seq < len(self.items):
            return self._send(now_ns, item_message(self.peer, self._kind, message.seq, self.items[message.seq]))
        if name == "MISSION_ACK":
            accepted = message.type == mavlink.MAV_MISSION_ACCEPTED
            detail = "" if accepted else f"the autopilot refused the upload: {result_name(message.type)}"
            self._finish(TransferResult(accepted, detail, int(message.type)))
        return []


class Download(Transfer):
    """Fetches a whole list."""

    def __init__(self, peer: Peer, kind: MissionType) -> None:
        super().__init__(peer)
        self._kind = kind
        self._count: int | None = None
        self._items: list[MissionItem] = []

    def start(self, now_ns: int) -> list[MavMessage]:
        """Ask for the count."""
        return self._send(
            now_ns,
            mavlink.MAVLink_mission_request_list_message(self.peer.system, self.peer.component, int(self._kind)),
        )

    def on_message(self, message: MavMessage, now_ns: int) -> list[MavMessage]:
        """Ask for item after item; acknowledge the last."""
        name = message.get_type()
        if self.result is not None or _mission_type(message) != self._kind:
            return []
        if name == "MISSION_COUNT" and self._count is None:
            self._count = int(message.count)
            return self._next(now_ns)
        if name in ("MISSION_ITEM_INT", "MISSION_ITEM") and self._count is not None and message.seq == len(self._items):
            self._items.append(item_of(message))
            return self._next(now_ns)
        if name == "MISSION_ACK" and message.type != mavlink.MAV_MISSION_ACCEPTED:
            detail = f"the autopilot refused the download: {result_name(message.type)}"
            self._finish(TransferResult(False, detail, int(message.type)))
        return []

    def _next(self, now_ns: int) -> list[MavMessage]:
        if len(self._items) == self._count:
            self._finish(TransferResult(True, code=mavlink.MAV_MISSION_ACCEPTED, items=tuple(self._items)))
            ack = mavlink.MAVLink_mission_ack_message(
                self.peer.system, self.peer.component, mavlink.MAV_MISSION_ACCEPTED, int(self._kind)
            )
            return [ack]
        request = mavlink.MAVLink_mission_request_int_message(
            self.peer.system, self.peer.component, len(self._items), int(self._kind)
        )
        return self._send(now_ns, request)


class Clear(Transfer):
    """Empties a list."""

    def __init__(self, peer: Peer, kind: MissionType) -> None:
        super().__init__(peer)
        self._kind = kind

    def start(self, now_ns: int) -> list[MavMessage]:
        """Send MISSION_CLEAR_ALL."""
        return self._send(
            now_ns, mavlink.MAVLink_mission_clear_all_message(self.peer.system, self.peer.component, int(self._kind))
        )

    def on_message(self, message: MavMessage, now_ns: int) -> list[MavMessage]:
        """End at the ACK."""
        if message.get_type() == "MISSION_ACK" and _mission_type(message) == self._kind:
            accepted = message.type == mavlink.MAV_MISSION_ACCEPTED
            detail = "" if accepted else f"the autopilot refused to clear: {result_name(message.type)}"
            self._finish(TransferResult(accepted, detail, int(message.type)))
        return []


class SetCurrentItem(Transfer):
    """Makes a mission item the current one; confirmed by MISSION_CURRENT."""

    def __init__(self, peer: Peer, sequence: int) -> None:
        super().__init__(peer)
        self._sequence = sequence

    def start(self, now_ns: int) -> list[MavMessage]:
        """Send MISSION_SET_CURRENT."""
        return self._send(
            now_ns,
            mavlink.MAVLink_mission_set_current_message(self.peer.system, self.peer.component, self._sequence),
        )

    def on_message(self, message: MavMessage, now_ns: int) -> list[MavMessage]:
        """End when the autopilot names the item as current."""
        if message.get_type() == "MISSION_CURRENT" and message.seq == self._sequence:
            self._finish(TransferResult(True))
        return []
