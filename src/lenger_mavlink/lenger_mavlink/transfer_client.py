"""The client's side of MAVLink's mission protocol: missions, fences and rally points.

Each transfer is a small state machine without a clock or a socket: `start` and `step` return the messages to send,
`on_message` takes what came and returns answers. It ends by setting `result`. Lost messages are asked for again; an
autopilot that stays silent ends the transfer with a reason. Protocol: mavlink.io/en/services/mission.html (MAVLink
developer guide), with the deviations of PX4 v1.16 and ArduPilot 4.7.
"""

from __future__ import annotations

from abc import ABC, abstractmethod
from dataclasses import dataclass

from lenger_mavlink.codec import MavMessage, mavlink
from lenger_mavlink.mission_items import (
    MissionItem,
    MissionType,
    Peer,
    item_message,
    item_of,
    item_problem,
    mission_type_of,
    result_name,
)

__all__ = [
    "Clear",
    "Download",
    "MissionItem",
    "MissionType",
    "Peer",
    "SetCurrentItem",
    "Transfer",
    "TransferResult",
    "Upload",
    "item_message",
    "item_of",
    "item_problem",
    "result_name",
]

_OK = int(mavlink.MAV_MISSION_ACCEPTED)
_ERROR = int(mavlink.MAV_MISSION_ERROR)
_WRONG_SEQUENCE = int(mavlink.MAV_MISSION_INVALID_SEQUENCE)
# PX4 says ERROR of a duplicate count, and asks on every 0.25 s; ArduPilot says INVALID_SEQUENCE of a duplicate item,
# and asks on every second until it gives up after 8 s
_DOUBT_S = {_ERROR: 2.5, _WRONG_SEQUENCE: 10.0}
_GAVE_UP = int(mavlink.MAV_MISSION_OPERATION_CANCELLED)


@dataclass(frozen=True, slots=True)
class TransferResult:
    """How a transfer ended: `code` is MAV_MISSION_RESULT where the autopilot gave one, else -1."""

    success: bool
    detail: str = ""
    code: int = -1
    items: tuple[MissionItem, ...] = ()


class Transfer(ABC):
    """Base: repeats the last request every `retry_s` until `attempts` went unanswered."""

    retry_s = 1.0
    attempts = 8

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
            return self._on_silence(now_ns)
        self._tries += 1
        self._sent_ns = now_ns
        return list(self._last)

    def _on_silence(self, _now_ns: int) -> list[MavMessage]:
        asked = self._last[0].get_type() if self._last else "the request"
        self._finish(TransferResult(False, f"no answer from the autopilot to {asked}"))
        return []

    def _send(self, now_ns: int, *messages: MavMessage) -> list[MavMessage]:
        self._last, self._sent_ns, self._tries = list(messages), now_ns, 1
        return list(messages)

    def _finish(self, result: TransferResult) -> None:
        if self.result is None:
            self.result = result


class Upload(Transfer):
    """Sends a whole list: COUNT, then each item as the autopilot asks, until its ACK.

    An upload that the autopilot gave up, or whose last ACK was lost, is begun again from the count, at most `restarts`
    times. An answer that may be meant for a duplicate ends the upload only when no request follows.
    """

    restarts = 3

    def __init__(self, peer: Peer, kind: MissionType, items: tuple[MissionItem, ...]) -> None:
        super().__init__(peer)
        self._kind, self.items = kind, items
        self._begun = 0
        self._highest = -1
        self._doubt: tuple[int, int] | None = None

    def start(self, now_ns: int) -> list[MavMessage]:
        """Announce the count; an item that cannot be sent ends the transfer at once."""
        for sequence, item in enumerate(self.items):
            problem = item_problem(item)
            if problem is not None:
                self._finish(TransferResult(False, f"item {sequence}: {problem}"))
                return []
        return self._restart(now_ns)

    def on_message(self, message: MavMessage, now_ns: int) -> list[MavMessage]:
        """Answer item requests; end at the ACK."""
        name = message.get_type()
        if self.result is not None or mission_type_of(message) != self._kind:
            return []
        if name in ("MISSION_REQUEST", "MISSION_REQUEST_INT") and 0 <= message.seq < len(self.items):
            self._doubt = None
            self._highest = max(self._highest, message.seq)
            return self._send(now_ns, item_message(self.peer, self._kind, message.seq, self.items[message.seq]))
        return self._on_ack(int(message.type), now_ns) if name == "MISSION_ACK" else []

    def step(self, now_ns: int) -> list[MavMessage]:
        """Repeat; begin again or end when a doubtful answer was not followed by a request."""
        if self.result is None and self._doubt is not None:
            code, since_ns = self._doubt
            if now_ns - since_ns < int(_DOUBT_S[code] * 1e9):
                return []
            self._doubt = None
            return self._failed(code, now_ns)
        return super().step(now_ns)

    def _on_ack(self, code: int, now_ns: int) -> list[MavMessage]:
        if code == _OK:
            if self._highest == len(self.items) - 1:  # else it belongs to a transfer before this one
                self._finish(TransferResult(True, code=code))
        elif code in _DOUBT_S:
            self._doubt = self._doubt or (code, now_ns)
        elif code == _GAVE_UP:
            return self._failed(code, now_ns)
        else:
            self._finish(TransferResult(False, f"the autopilot refused the upload: {result_name(code)}", code))
        return []

    def _failed(self, code: int, now_ns: int) -> list[MavMessage]:
        all_sent = self._highest == len(self.items) - 1
        if self._begun <= self.restarts and (all_sent or code in (_GAVE_UP, _WRONG_SEQUENCE)):
            return self._restart(now_ns)
        self._finish(TransferResult(False, f"the autopilot refused the upload: {result_name(code)}", code))
        return []

    def _restart(self, now_ns: int) -> list[MavMessage]:
        self._begun += 1
        self._highest, self._doubt = -1, None
        count = mavlink.MAVLink_mission_count_message(
            self.peer.system, self.peer.component, len(self.items), int(self._kind)
        )
        return self._send(now_ns, count)


class Download(Transfer):
    """Fetches a whole list; begins again, at most `restarts` times, if the autopilot lost count or the list changed."""

    restarts = 3

    def __init__(self, peer: Peer, kind: MissionType) -> None:
        super().__init__(peer)
        self._kind = kind
        self._begun = 0
        self._count: int | None = None
        self._items: list[MissionItem] = []

    def start(self, now_ns: int) -> list[MavMessage]:
        """Ask for the count."""
        self._begun += 1
        self._count, self._items = None, []
        return self._send(
            now_ns,
            mavlink.MAVLink_mission_request_list_message(self.peer.system, self.peer.component, int(self._kind)),
        )

    def on_message(self, message: MavMessage, now_ns: int) -> list[MavMessage]:
        """Ask for item after item; acknowledge the last."""
        name = message.get_type()
        if self.result is not None or mission_type_of(message) != self._kind:
            return []
        if name == "MISSION_COUNT" and self._count is None:
            self._count = int(message.count)
            return self._next(now_ns)
        if name in ("MISSION_ITEM_INT", "MISSION_ITEM") and self._count is not None and message.seq == len(self._items):
            self._items.append(item_of(message))
            return self._next(now_ns)
        if name == "MISSION_ACK" and message.type != _OK:
            code = int(message.type)
            if code in (_ERROR, _WRONG_SEQUENCE) and self._count is not None and self._begun <= self.restarts:
                return self.start(now_ns)
            detail = f"the autopilot refused the download: {result_name(code)}"
            self._finish(TransferResult(False, detail, code))
        return []

    def _on_silence(self, now_ns: int) -> list[MavMessage]:
        if self._count is not None and self._begun <= self.restarts:
            return self.start(now_ns)  # PX4 forgets a download after 5 s and then ignores its requests
        return super()._on_silence(now_ns)

    def _next(self, now_ns: int) -> list[MavMessage]:
        if len(self._items) == self._count:
            self._finish(TransferResult(True, code=_OK, items=tuple(self._items)))
            ack = mavlink.MAVLink_mission_ack_message(self.peer.system, self.peer.component, _OK, int(self._kind))
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
        if message.get_type() == "MISSION_ACK" and mission_type_of(message) == self._kind:
            accepted = message.type == _OK
            detail = "" if accepted else f"the autopilot refused to clear: {result_name(message.type)}"
            self._finish(TransferResult(accepted, detail, int(message.type)))
        return []


class SetCurrentItem(Transfer):
    """Makes a mission item the current one; confirmed by MISSION_CURRENT. A refusal is silence, on both families."""

    def __init__(self, peer: Peer, sequence: int) -> None:
        super().__init__(peer)
        self._sequence = sequence
        self._current: int | None = None

    def start(self, now_ns: int) -> list[MavMessage]:
        """Send MISSION_SET_CURRENT."""
        if not 0 <= self._sequence <= 0xFFFF:
            self._finish(TransferResult(False, f"item {self._sequence} cannot be the current one, expected 0 to 65535"))
            return []
        return self._send(
            now_ns,
            mavlink.MAVLink_mission_set_current_message(self.peer.system, self.peer.component, self._sequence),
        )

    def on_message(self, message: MavMessage, now_ns: int) -> list[MavMessage]:
        """End when the autopilot names the item as current."""
        if message.get_type() == "MISSION_CURRENT":
            self._current = int(message.seq)
            if message.seq == self._sequence:
                self._finish(TransferResult(True))
        return []

    def _on_silence(self, now_ns: int) -> list[MavMessage]:
        if self._current is None:
            return super()._on_silence(now_ns)
        detail = f"the autopilot did not take item {self._sequence}: {self._current} stays the current one"
        self._finish(TransferResult(False, detail))
        return []
