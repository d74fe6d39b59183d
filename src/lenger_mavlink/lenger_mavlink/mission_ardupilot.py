"""ArduPilot's side of the mission protocol (4.7: MissionItemProtocol.cpp, and measured on ArduCopter 4.7.0 SITL).

It asks with MISSION_REQUEST and wants MISSION_ITEM_INT. Requests repeat every second; after 8 s without an item the
upload ends with MAV_MISSION_OPERATION_CANCELLED. Missions and rally points are written item by item: a refused item or
a lost uploader leaves a mixture of new and old. A fence is written when it is complete. Mission item 0 is home.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

from lenger_mavlink.codec import MavMessage, mavlink
from lenger_mavlink.mission_ardupilot_items import (
    fence_problem,
    home_item,
    stored_fence_item,
    stored_mission_item,
    stored_rally_item,
)
from lenger_mavlink.mission_items import MissionItem, Peer, item_message, item_of, mission_type_of
from lenger_mavlink.mission_store import MissionStore, ack, count_message

RETRY_NS = 1_000_000_000
TIMEOUT_NS = 8_000_000_000
CAPACITY = {0: 650, 1: 70, 2: 46}
"""Mission type to the largest count that is let in (16 KiB of storage); home counts, 70 vertices fail at the end."""
FENCE_BYTES = 560

_MISSION, _FENCE, _RALLY = 0, 1, 2
_OK = int(mavlink.MAV_MISSION_ACCEPTED)
_ERROR = int(mavlink.MAV_MISSION_ERROR)
_DENIED = int(mavlink.MAV_MISSION_DENIED)
_UNSUPPORTED = int(mavlink.MAV_MISSION_UNSUPPORTED)
_WRONG_SEQUENCE = int(mavlink.MAV_MISSION_INVALID_SEQUENCE)
_WARNING = int(mavlink.MAV_SEVERITY_WARNING)
_INFO = int(mavlink.MAV_SEVERITY_INFO)
_JUMP = int(mavlink.MAV_CMD_DO_JUMP)
_TIMEOUT_TEXT = {_MISSION: "Mission upload timeout", _FENCE: "Fence upload timeout", _RALLY: "Rally upload timeout"}
_KEEP: dict[int, Callable[[MissionItem], MissionItem | int]] = {
    _MISSION: stored_mission_item,
    _FENCE: stored_fence_item,
    _RALLY: stored_rally_item,
}


@dataclass(slots=True)
class _Upload:
    peer: Peer
    next: int
    last: int
    heard_ns: int
    asked_ns: int
    fence: list[MissionItem | None]
    """What a fence upload has so far; None: not sent, the old item stays."""


class ArdupilotMissions:
    """ArduPilot's missions, fences and rally points: `on_message` and `step` return the messages to send."""

    def __init__(self, store: MissionStore) -> None:
        self._store = store
        self._uploads: dict[int, _Upload] = {}
        self._warned: set[str] = set()
        self._handlers: dict[str, Callable[[MavMessage, Peer, int], list[MavMessage]]] = {
            "MISSION_COUNT": self._begin,
            "MISSION_WRITE_PARTIAL_LIST": self._begin_part,
            "MISSION_ITEM_INT": self._take,
            "MISSION_ITEM": self._take,
            "MISSION_REQUEST_LIST": self._announce,
            "MISSION_REQUEST_INT": self._serve,
            "MISSION_REQUEST": self._serve,
            "MISSION_CLEAR_ALL": self._clear,
            "MISSION_SET_CURRENT": self._set_current,
        }

    def on_message(self, msg: MavMessage, now_ns: int) -> list[MavMessage]:
        """Take a message that is for us."""
        handler = self._handlers.get(msg.get_type())
        if handler is None:
            return []
        peer = Peer(msg.get_srcSystem(), msg.get_srcComponent())
        if msg.get_type() != "MISSION_SET_CURRENT" and mission_type_of(msg) not in self._store.capacity:
            return [ack(peer, _UNSUPPORTED, mission_type_of(msg))]
        return handler(msg, peer, now_ns)

    def step(self, now_ns: int) -> list[MavMessage]:
        """Return requests that are due again, and the ACK that gives a silent uploader up."""
        out: list[MavMessage] = []
        for kind, upload in list(self._uploads.items()):
            if now_ns - upload.heard_ns > TIMEOUT_NS:
                self._store.hooks.text(_WARNING, _TIMEOUT_TEXT[kind])
                self._end(kind, changed=kind != _FENCE)
                out.append(ack(upload.peer, int(mavlink.MAV_MISSION_OPERATION_CANCELLED), kind))
            elif now_ns - upload.asked_ns > RETRY_NS:
                out += self._ask(kind, upload, now_ns)
        return out

    def total(self) -> int:
        """Return what MISSION_CURRENT tells as the number of items: home does not count."""
        return max(len(self._store.items(_MISSION)) - 1, 0)

    def set_current(self, sequence: int) -> int:
        """Make a mission item the current one; return MAV_RESULT."""
        count = len(self._store.items(_MISSION))
        if not 0 <= sequence < count:
            return int(mavlink.MAV_RESULT_DENIED)
        if count == 1 or not self._store.hooks.set_current(sequence):
            return int(mavlink.MAV_RESULT_FAILED)
        self._store.current = sequence
        return int(mavlink.MAV_RESULT_ACCEPTED)

    # ------------------------------------------------------------ upload

    def _begin(self, msg: MavMessage, peer: Peer, now_ns: int) -> list[MavMessage]:
        kind = mission_type_of(msg)
        if not self._may_restart(kind, peer):
            return [ack(peer, _DENIED, kind)]
        if msg.count > self._store.capacity[kind]:
            self._store.hooks.text(_WARNING, f"Only {self._store.capacity[kind]} items are supported")
            return [ack(peer, int(mavlink.MAV_MISSION_NO_SPACE), kind)]
        if kind != _FENCE and msg.count < len(self._store.items(kind)):
            self._store.put(kind, self._store.items(kind)[: msg.count], tell=msg.count > 0)
        upload = _Upload(peer, 0, msg.count - 1, now_ns, now_ns, [None] * msg.count if kind == _FENCE else [])
        self._uploads[kind] = upload
        return self._ask(kind, upload, now_ns) if msg.count else self._complete(kind, upload)

    def _begin_part(self, msg: MavMessage, peer: Peer, now_ns: int) -> list[MavMessage]:
        kind = mission_type_of(msg)
        if kind in self._uploads:
            return [ack(peer, _DENIED, kind)]
        count = len(self._store.items(kind))
        if not 0 <= msg.start_index <= msg.end_index <= count:
            self._store.hooks.text(_WARNING, "Flight plan update rejected")
            return [ack(peer, _ERROR, kind)]
        fence: list[MissionItem | None] = [None] * count if kind == _FENCE else []
        upload = _Upload(peer, msg.start_index, msg.end_index, now_ns, now_ns, fence)
        self._uploads[kind] = upload
        return self._ask(kind, upload, now_ns)

    def _take(self, msg: MavMessage, peer: Peer, now_ns: int) -> list[MavMessage]:
        kind, item = mission_type_of(msg), item_of(msg)
        if kind == _MISSION and msg.current in (2, 3):
            return [ack(peer, self._guided(item), kind)]
        if msg.get_type() == "MISSION_ITEM":
            self._warn("got MISSION_ITEM; GCS should send MISSION_ITEM_INT")
        upload = self._uploads.get(kind)
        if upload is None:
            return [ack(peer, _ERROR, kind)]
        if msg.seq != upload.next:
            return [ack(peer, _WRONG_SEQUENCE, kind)]
        if peer != upload.peer:
            return [ack(peer, _DENIED, kind)]
        result = self._write(kind, upload, msg.seq, item)
        if result != _OK:
            self._end(kind, changed=kind != _FENCE)
            return [ack(peer, result, kind)]
        upload.heard_ns = now_ns
        upload.next += 1
        return self._ask(kind, upload, now_ns) if upload.next <= upload.last else self._complete(kind, upload)

    def _write(self, kind: int, upload: _Upload, sequence: int, item: MissionItem) -> int:
        kept = _KEEP[kind](item)
        if isinstance(kept, int):
            return kept
        if kind == _FENCE:
            if sequence >= len(upload.fence):
                return _WRONG_SEQUENCE
            upload.fence[sequence] = kept
            return _OK
        items = list(self._store.items(kind))
        if kind == _MISSION and kept.command == _JUMP:
            beyond = kept.param1 >= len(items) and kept.param1 > upload.last
            if beyond or kept.param1 == 0.0:
                return _ERROR
        if sequence < len(items):
            if kind != _MISSION or sequence > 0:  # writing home is accepted and does nothing
                items[sequence] = kept
        elif sequence == len(items) < self._store.capacity[kind]:
            if kind == _MISSION and not items:
                items.append(home_item(None))  # an item is never at home's place: of an empty list it becomes item 1
            items.append(kept)
        else:
            return _ERROR
        self._store.put(kind, tuple(items), tell=False)
        return _OK

    def _complete(self, kind: int, upload: _Upload) -> list[MavMessage]:
        result = _OK
        if kind == _FENCE:
            old = self._store.items(_FENCE)
            items = tuple(old[n] if item is None else item for n, item in enumerate(upload.fence))
            problem = fence_problem(items, FENCE_BYTES)
            if problem is not None:
                self._store.hooks.text(_WARNING, problem)
                if problem != "Fence exceeds storage size":
                    self._store.hooks.text(_WARNING, "Fence validation failed")
                result = _ERROR
            else:
                self._store.put(_FENCE, items, tell=False)
        elif kind == _MISSION:
            self._store.hooks.text(_INFO, "Flight plan received")
        self._end(kind, changed=result == _OK)
        return [ack(upload.peer, result, kind)]

    def _end(self, kind: int, changed: bool = True) -> None:
        """Forget the upload, and tell the vehicle what the list is now: a mixture, if it was cut short."""
        del self._uploads[kind]
        if changed:
            self._store.put(kind, self._store.items(kind))

    def _may_restart(self, kind: int, peer: Peer) -> bool:
        upload = self._uploads.get(kind)
        if upload is None:
            return True
        if upload.peer != peer:
            return False
        del self._uploads[kind]
        return True

    def _ask(self, kind: int, upload: _Upload, now_ns: int) -> list[MavMessage]:
        upload.asked_ns = now_ns
        peer = upload.peer
        return [mavlink.MAVLink_mission_request_message(peer.system, peer.component, upload.next, kind)]

    def _guided(self, item: MissionItem) -> int:
        kept = stored_mission_item(item)
        if isinstance(kept, int):
            return kept
        return _OK if self._store.hooks.guided(kept) else _ERROR

    # ------------------------------------------------------------ download

    def _announce(self, msg: MavMessage, peer: Peer, _now_ns: int) -> list[MavMessage]:
        kind = mission_type_of(msg)
        if kind in self._uploads:
            return [ack(peer, _DENIED, kind)]
        return [count_message(peer, len(self._store.items(kind)), kind)]

    def _serve(self, msg: MavMessage, peer: Peer, _now_ns: int) -> list[MavMessage]:
        kind, as_int = mission_type_of(msg), msg.get_type() == "MISSION_REQUEST_INT"
        if as_int and kind in self._uploads:
            return [ack(peer, _DENIED, kind)]
        items = self.items(kind)
        if kind == _MISSION and msg.seq == 0:
            items = items or (home_item(self._store.hooks.home()),)  # home can always be read
        if msg.seq >= len(items):
            count = [count_message(peer, len(self._store.items(kind)), kind)] if as_int else []
            return [*count, ack(peer, _WRONG_SEQUENCE, kind)]
        if not as_int:
            self._warn("got MISSION_REQUEST; use MISSION_REQUEST_INT!")
        return [item_message(peer, kind, msg.seq, items[msg.seq], as_int)]

    def items(self, kind: int) -> tuple[MissionItem, ...]:
        """Return a list as it reads back: mission item 0 is home as it is now."""
        items = self._store.items(kind)
        if kind == _MISSION and items:
            return (home_item(self._store.hooks.home()), *items[1:])
        return items

    # ------------------------------------------------------------ the rest

    def _clear(self, msg: MavMessage, peer: Peer, _now_ns: int) -> list[MavMessage]:
        kind = mission_type_of(msg)
        if not self._may_restart(kind, peer):
            return [ack(peer, _DENIED, kind), ack(peer, _ERROR, kind)]
        if kind == _MISSION and self._store.hooks.running():
            return [ack(peer, _ERROR, kind)]
        if kind == _MISSION:
            self._store.current = 0
        self._store.put(kind, ())
        return [ack(peer, _OK, kind)]

    def _set_current(self, msg: MavMessage, _peer: Peer, _now_ns: int) -> list[MavMessage]:
        if self.set_current(msg.seq) != mavlink.MAV_RESULT_ACCEPTED:
            return []
        return [self._store.current_message(self.total())]

    def _warn(self, text: str) -> None:
        """Say something once."""
        if text not in self._warned:
            self._warned.add(text)
            self._store.hooks.text(_WARNING, text)
