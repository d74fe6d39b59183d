"""PX4's side of the mission protocol (v1.16: mavlink_mission.cpp, and measured on its SITL).

Items are asked for again every 0.25 s, a silent partner is given up after 5 s without an ACK, the last item again is
acknowledged again, a second uploader gets MAV_MISSION_ERROR, a count of 0 clears. An upload is atomic: the old list
stays until the last item has come. A download has a state too: items are served in order only, the last one again.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field

from lenger_mavlink.codec import MavMessage, mavlink
from lenger_mavlink.mission_items import MissionItem, Peer, item_message, mission_type_of
from lenger_mavlink.mission_px4_items import stored_item
from lenger_mavlink.mission_store import MissionStore, ack, count_message

RETRY_NS = 250_000_000
TIMEOUT_NS = 5_000_000_000
CAPACITY = {0: 10_000, 1: 64, 2: 32}
"""Mission type to the number of items that fit (dataman.h; missions of SITL, flight controllers have 500 or 1000)."""

_OK = int(mavlink.MAV_MISSION_ACCEPTED)
_ERROR = int(mavlink.MAV_MISSION_ERROR)
_CRITICAL = int(mavlink.MAV_SEVERITY_CRITICAL)
_INFO = int(mavlink.MAV_SEVERITY_INFO)


@dataclass(slots=True)
class _Upload:
    mission_type: int
    peer: Peer
    count: int
    heard_ns: int
    asked_ns: int
    items: list[MissionItem] = field(default_factory=list)


@dataclass(slots=True)
class _Download:
    mission_type: int
    next: int
    heard_ns: int


class Px4Missions:
    """PX4's missions, fences and rally points: `on_message` and `step` return the messages to send."""

    def __init__(self, store: MissionStore) -> None:
        self._store = store
        self._upload: _Upload | None = None
        self._downloads: dict[Peer, _Download] = {}
        self._partner: Peer | None = None
        self._last_taken: tuple[int, int] | None = None
        self._int_mode = False
        self._handlers: dict[str, Callable[[MavMessage, Peer, int], list[MavMessage]]] = {
            "MISSION_COUNT": self._begin,
            "MISSION_ITEM_INT": self._take,
            "MISSION_ITEM": self._take,
            "MISSION_REQUEST_LIST": self._announce,
            "MISSION_REQUEST_INT": self._serve,
            "MISSION_REQUEST": self._serve,
            "MISSION_CLEAR_ALL": self._clear,
            "MISSION_ACK": self._on_ack,
            "MISSION_SET_CURRENT": self._set_current,
        }

    def on_message(self, msg: MavMessage, now_ns: int) -> list[MavMessage]:
        """Take a message that is for us."""
        handler = self._handlers.get(msg.get_type())
        return handler(msg, Peer(msg.get_srcSystem(), msg.get_srcComponent()), now_ns) if handler is not None else []

    def step(self, now_ns: int) -> list[MavMessage]:
        """Return requests that are due again; give silent partners up."""
        for peer in [p for p, d in self._downloads.items() if now_ns - d.heard_ns > TIMEOUT_NS]:
            del self._downloads[peer]
            self._store.hooks.text(_CRITICAL, "Operation timeout")
        upload = self._upload
        if upload is None:
            return []
        if now_ns - upload.heard_ns >= TIMEOUT_NS:
            self._upload = None
            self._store.hooks.text(_CRITICAL, "Operation timeout")
            return []
        return self._ask(upload, now_ns) if now_ns - upload.asked_ns >= RETRY_NS else []

    def total(self) -> int:
        """Return what MISSION_CURRENT tells as the number of items."""
        return len(self._store.items(0)) or 0xFFFF

    def set_current(self, sequence: int) -> int:
        """Make a mission item the current one; return MAV_RESULT."""
        if not 0 <= sequence < len(self._store.items(0)):
            self._store.hooks.text(_CRITICAL, "WPM: WP CURR CMD: Not in list")
            return int(mavlink.MAV_RESULT_DENIED)
        if not self._store.hooks.set_current(sequence):
            return int(mavlink.MAV_RESULT_FAILED)
        self._store.current = sequence
        return int(mavlink.MAV_RESULT_ACCEPTED)

    # ------------------------------------------------------------ upload

    def _begin(self, msg: MavMessage, peer: Peer, now_ns: int) -> list[MavMessage]:
        mission_type, upload = mission_type_of(msg), self._upload
        if upload is not None:
            if peer != upload.peer or upload.items:
                if peer == upload.peer:
                    upload.heard_ns = now_ns
                    self._store.hooks.text(_CRITICAL, "WPM: REJ. CMD: Busy")
                return [ack(peer, _ERROR, mission_type)]
            if (mission_type, msg.count) == (upload.mission_type, upload.count):
                upload.heard_ns = now_ns  # our request was lost
                return self._ask(upload, now_ns)
        if mission_type not in self._store.capacity:
            return [ack(peer, int(mavlink.MAV_MISSION_UNSUPPORTED), mission_type)]
        if msg.count > self._store.capacity[mission_type]:
            return [ack(peer, int(mavlink.MAV_MISSION_NO_SPACE), mission_type)]
        self._downloads.pop(peer, None)
        self._partner, self._last_taken = peer, None
        if msg.count == 0:
            self._put(mission_type, ())
            return [ack(peer, _OK, mission_type)]
        self._upload = _Upload(mission_type, peer, msg.count, now_ns, now_ns)
        return self._ask(self._upload, now_ns)

    def _take(self, msg: MavMessage, peer: Peer, now_ns: int) -> list[MavMessage]:
        self._int_mode = msg.get_type() == "MISSION_ITEM_INT"
        mission_type, upload = mission_type_of(msg), self._upload
        if peer != self._partner:
            self._store.hooks.text(_CRITICAL, "REJ. MIS ITEM: partner id mismatch")
            return []
        if upload is None:
            if self._last_taken == (mission_type, msg.seq):
                return [ack(peer, _OK, mission_type)]  # also of an upload that was given up, as PX4 does
            self._store.hooks.text(_CRITICAL, "IGN MISSION_ITEM: No transfer")
            return [ack(peer, _ERROR, mission_type)]
        if mission_type != upload.mission_type:
            return [ack(peer, _ERROR, upload.mission_type)]
        upload.heard_ns = now_ns
        if msg.seq != len(upload.items):
            return []  # a duplicate or a gap: the request for the item we need is repeated by `step`
        kept = stored_item(msg, mission_type, self._int_mode)
        if isinstance(kept, int):
            self._upload = None
            self._store.hooks.text(_CRITICAL, "IGN MISSION_ITEM: Invalid item")
            return [ack(peer, kept, mission_type)]
        upload.items.append(kept)
        self._last_taken = (mission_type, msg.seq)
        if len(upload.items) < upload.count:
            return self._ask(upload, now_ns)
        self._upload = None
        self._put(mission_type, tuple(upload.items))
        return [ack(peer, _OK, mission_type)]

    def _ask(self, upload: _Upload, now_ns: int) -> list[MavMessage]:
        upload.asked_ns = now_ns
        kind = mavlink.MAVLink_mission_request_int_message
        if not self._int_mode:
            kind = mavlink.MAVLink_mission_request_message  # the first after boot, and what answers MISSION_ITEM
        return [kind(upload.peer.system, upload.peer.component, len(upload.items), upload.mission_type)]

    def _put(self, mission_type: int, items: tuple[MissionItem, ...]) -> None:
        if mission_type == 0:
            marked = [index for index, item in enumerate(items) if item.is_current]
            self._store.current = marked[-1] if marked else 0
        self._store.put(mission_type, items)

    def _on_ack(self, msg: MavMessage, peer: Peer, now_ns: int) -> list[MavMessage]:
        upload = self._upload
        if upload is not None and upload.peer == peer:
            if msg.type == mavlink.MAV_MISSION_OPERATION_CANCELLED:
                self._upload = None
            elif msg.type == mavlink.MAV_MISSION_UNSUPPORTED:
                self._int_mode = not self._int_mode  # the partner does not know this kind of item
                return self._ask(upload, now_ns)
        download = self._downloads.get(peer)
        if download is not None and download.mission_type == mission_type_of(msg):
            del self._downloads[peer]
        return []

    # ------------------------------------------------------------ download

    def _announce(self, msg: MavMessage, peer: Peer, now_ns: int) -> list[MavMessage]:
        mission_type = mission_type_of(msg)
        if mission_type not in self._store.capacity:
            return [ack(peer, int(mavlink.MAV_MISSION_UNSUPPORTED), mission_type)]
        if self._upload is not None and self._upload.peer == peer:
            self._store.hooks.text(_INFO, "Mission download request ignored, already active")
            return []
        count = len(self._store.items(mission_type))
        self._downloads[peer] = _Download(mission_type, 0, now_ns)
        return [count_message(peer, count, mission_type)]

    def _serve(self, msg: MavMessage, peer: Peer, now_ns: int) -> list[MavMessage]:
        self._int_mode = msg.get_type() == "MISSION_REQUEST_INT"
        download = self._downloads.get(peer)
        if download is None or download.mission_type != mission_type_of(msg):
            return []  # no transfer: silently ignored
        download.heard_ns = now_ns
        items = self._store.items(download.mission_type)
        if msg.seq not in (download.next, download.next - 1) or msg.seq >= len(items):
            del self._downloads[peer]
            self._store.hooks.text(_CRITICAL, "WPM: REJ. CMD: Req. WP was unexpected")
            return [ack(peer, _ERROR, download.mission_type)]
        download.next = msg.seq + 1
        return [self._item(peer, download.mission_type, msg.seq, items[msg.seq])]

    def _item(self, peer: Peer, mission_type: int, sequence: int, item: MissionItem) -> MavMessage:
        message = item_message(peer, mission_type, sequence, item, self._int_mode)
        if item.frame != mavlink.MAV_FRAME_MISSION:
            relative = item.frame == mavlink.MAV_FRAME_GLOBAL_RELATIVE_ALT and mission_type != 1
            message.frame = (6 if relative else 5) if self._int_mode else (3 if relative else 0)
        message.current = int(mission_type == 0 and sequence == self._store.current)
        return message

    # ------------------------------------------------------------ the rest

    def _clear(self, msg: MavMessage, peer: Peer, now_ns: int) -> list[MavMessage]:
        mission_type = mission_type_of(msg)
        if self._upload is not None or peer in self._downloads:
            self._store.hooks.text(_CRITICAL, "WPM: IGN CLEAR CMD: Busy")
            return []
        every = mission_type == mavlink.MAV_MISSION_TYPE_ALL
        for kind in list(self._store.capacity) if every else [mission_type]:
            if kind in self._store.capacity:
                self._put(kind, ())
        return [ack(peer, _OK, mission_type)]

    def _set_current(self, msg: MavMessage, peer: Peer, _now_ns: int) -> list[MavMessage]:
        if self._upload is not None or peer in self._downloads:
            self._store.hooks.text(_CRITICAL, "WPM: IGN WP CURR CMD: Busy")
            return []
        if self.set_current(msg.seq) != mavlink.MAV_RESULT_ACCEPTED:
            return []
        return [self._store.current_message(self.total())]
