"""The autopilot's side of the mission protocol for missions, fences and rally points
(mavlink.io/en/services/mission.html).

A pure state machine: `on_message` takes what came, `step` repeats requests and times out, both return the messages to
send, each with the system and component it is for in its target fields. Behaviour and timings as measured on PX4 v1.16:
items are requested again every 0.25 s, a silent uploader is given up after 5 s without an ACK, a duplicate of the last
item is ACKed again, a second uploader gets MAV_MISSION_ERROR, frames other than 0, 3, 5 and 6 are refused, a count of 0
clears.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from math import isfinite

from lenger_mavlink.codec import MavMessage, for_us, mavlink
from lenger_mavlink.transfer_client import MissionItem

RETRY_NS = 250_000_000
TIMEOUT_NS = 5_000_000_000
FRAMES = (0, 3, 5, 6)
CAPACITY = {0: 2000, 1: 256, 2: 32}
"""Mission type to the number of items that fit."""

_ACCEPTED = mavlink.MAV_MISSION_ACCEPTED
_ITEM_KINDS = ("MISSION_ITEM_INT", "MISSION_ITEM")
_REQUEST_KINDS = ("MISSION_REQUEST_INT", "MISSION_REQUEST")

Stored = Callable[[int, tuple[MissionItem, ...]], None]


@dataclass(slots=True)
class _Upload:
    mission_type: int
    peer: tuple[int, int]
    count: int
    heard_ns: int
    asked_ns: int
    items: list[MissionItem] = field(default_factory=list)


class MissionServer:
    """Stores the three lists and serves them.

    Args:
        stored: called with mission type and items after each complete upload or clear; it may call `drop`.
        capacity: mission type to the largest list, default `CAPACITY`.
    """

    def __init__(
        self,
        system_id: int = 1,
        component_id: int = 1,
        stored: Stored | None = None,
        capacity: Mapping[int, int] = CAPACITY,
    ) -> None:
        self._system_id = system_id
        self._component_id = component_id
        self._stored = stored
        self._capacity = dict(capacity)
        self._lists: dict[int, tuple[MissionItem, ...]] = dict.fromkeys(self._capacity, ())
        self._upload: _Upload | None = None
        self._finished: tuple[tuple[int, int], int, int] | None = None
        self._asked_before = False

    def items(self, mission_type: int) -> tuple[MissionItem, ...]:
        """Return a stored list; empty for a type that is not kept."""
        return self._lists.get(mission_type, ())

    def drop(self, mission_type: int) -> None:
        """Forget a list without telling anybody, as PX4 does with a fence that it will not use."""
        self._lists[mission_type] = ()

    def on_message(self, msg: MavMessage, now_ns: int) -> list[MavMessage]:
        """Take a message of the protocol; return the answers."""
        if not for_us(msg, self._system_id, self._component_id):
            return []
        kind = msg.get_type()
        peer = (msg.get_srcSystem(), msg.get_srcComponent())
        if kind == "MISSION_COUNT":
            return self._begin(msg, peer, now_ns)
        if kind in _ITEM_KINDS:
            return self._take(msg, peer, now_ns)
        if kind == "MISSION_REQUEST_LIST":
            return self._announce(msg, peer)
        if kind in _REQUEST_KINDS:
            return self._serve(msg, peer)
        if kind == "MISSION_CLEAR_ALL":
            return self._clear(msg, peer)
        if kind == "MISSION_ACK" and self._upload is not None and self._upload.peer == peer:
            self._upload = None  # the uploader cancels
        return []

    def step(self, now_ns: int) -> list[MavMessage]:
        """Return the requests that must be repeated; gives up a silent uploader."""
        upload = self._upload
        if upload is None:
            return []
        if now_ns - upload.heard_ns >= TIMEOUT_NS:
            self._upload = None
            return []
        return self._ask(upload, now_ns) if now_ns - upload.asked_ns >= RETRY_NS else []

    def _begin(self, msg: MavMessage, peer: tuple[int, int], now_ns: int) -> list[MavMessage]:
        mission_type = msg.mission_type
        if mission_type not in self._capacity:
            return [_ack(peer, mavlink.MAV_MISSION_UNSUPPORTED, mission_type)]
        if self._upload is not None and (self._upload.peer, self._upload.mission_type) != (peer, mission_type):
            return [_ack(peer, mavlink.MAV_MISSION_ERROR, mission_type)]
        if msg.count > self._capacity[mission_type]:
            return [_ack(peer, mavlink.MAV_MISSION_NO_SPACE, mission_type)]
        self._finished = None
        if msg.count == 0:
            return self._store(mission_type, peer, ())
        self._upload = _Upload(mission_type, peer, msg.count, now_ns, now_ns)
        return self._ask(self._upload, now_ns)

    def _take(self, msg: MavMessage, peer: tuple[int, int], now_ns: int) -> list[MavMessage]:
        upload = self._upload
        if upload is None or upload.peer != peer or upload.mission_type != msg.mission_type:
            if self._finished == (peer, msg.mission_type, msg.seq):
                return [_ack(peer, _ACCEPTED, msg.mission_type)]
            return []
        upload.heard_ns = now_ns
        if msg.seq != len(upload.items):
            return []  # a duplicate or a gap: the request for the item we need is repeated by `step`
        refused = _refusal(msg)
        if refused is not None:
            self._upload = None
            return [_ack(peer, refused, msg.mission_type)]
        upload.items.append(item_of(msg))
        if len(upload.items) < upload.count:
            return self._ask(upload, now_ns)
        self._upload = None
        self._finished = (peer, upload.mission_type, msg.seq)
        return self._store(upload.mission_type, peer, tuple(upload.items))

    def _ask(self, upload: _Upload, now_ns: int) -> list[MavMessage]:
        upload.asked_ns = now_ns
        kind = mavlink.MAVLink_mission_request_int_message
        if not self._asked_before:
            kind, self._asked_before = mavlink.MAVLink_mission_request_message, True
        return [kind(*upload.peer, len(upload.items), upload.mission_type)]

    def _store(self, mission_type: int, peer: tuple[int, int], items: tuple[MissionItem, ...]) -> list[MavMessage]:
        self._lists[mission_type] = items
        if self._stored is not None:
            self._stored(mission_type, items)
        return [_ack(peer, _ACCEPTED, mission_type)]

    def _announce(self, msg: MavMessage, peer: tuple[int, int]) -> list[MavMessage]:
        if msg.mission_type not in self._lists:
            return [_ack(peer, mavlink.MAV_MISSION_UNSUPPORTED, msg.mission_type)]
        count = len(self._lists[msg.mission_type])
        return [mavlink.MAVLink_mission_count_message(*peer, count, msg.mission_type)]

    def _serve(self, msg: MavMessage, peer: tuple[int, int]) -> list[MavMessage]:
        items = self.items(msg.mission_type)
        if msg.seq >= len(items):
            return [_ack(peer, mavlink.MAV_MISSION_INVALID_SEQUENCE, msg.mission_type)]
        return [_item_message(peer, msg, items[msg.seq])]

    def _clear(self, msg: MavMessage, peer: tuple[int, int]) -> list[MavMessage]:
        every = mavlink.MAV_MISSION_TYPE_ALL
        kinds = list(self._lists) if msg.mission_type == every else [msg.mission_type]
        if any(kind not in self._lists for kind in kinds):
            return [_ack(peer, mavlink.MAV_MISSION_UNSUPPORTED, msg.mission_type)]
        if self._upload is not None and self._upload.mission_type in kinds:
            return [_ack(peer, mavlink.MAV_MISSION_ERROR, msg.mission_type)]
        for kind in kinds:
            self._store(kind, peer, ())
        return [_ack(peer, _ACCEPTED, msg.mission_type)]


def item_of(msg: MavMessage) -> MissionItem:
    """Return the item of a MISSION_ITEM_INT or MISSION_ITEM."""
    scale = 1e-7 if msg.get_type() == "MISSION_ITEM_INT" else 1.0
    return MissionItem(
        msg.frame,
        msg.command,
        msg.x * scale,
        msg.y * scale,
        msg.z,
        msg.param1,
        msg.param2,
        msg.param3,
        msg.param4,
        bool(msg.current),
        bool(msg.autocontinue),
    )


def _refusal(msg: MavMessage) -> int | None:
    """Return the MAV_MISSION_RESULT that refuses an item, None for a good one."""
    if msg.frame == mavlink.MAV_FRAME_MISSION:
        return None  # items without a place, such as DO_ commands
    if msg.frame not in FRAMES:
        return int(mavlink.MAV_MISSION_UNSUPPORTED_FRAME)
    item = item_of(msg)
    if not (isfinite(item.x_lat_deg) and abs(item.x_lat_deg) <= 90.0):
        return int(mavlink.MAV_MISSION_INVALID_PARAM5_X)
    if not (isfinite(item.y_lon_deg) and abs(item.y_lon_deg) <= 180.0):
        return int(mavlink.MAV_MISSION_INVALID_PARAM6_Y)
    return None


def _item_message(peer: tuple[int, int], request: MavMessage, item: MissionItem) -> MavMessage:
    as_int = request.get_type() == "MISSION_REQUEST_INT"
    kind = mavlink.MAVLink_mission_item_int_message if as_int else mavlink.MAVLink_mission_item_message
    x, y = (round(item.x_lat_deg * 1e7), round(item.y_lon_deg * 1e7)) if as_int else (item.x_lat_deg, item.y_lon_deg)
    return kind(
        *peer,
        request.seq,
        item.frame,
        item.command,
        int(item.is_current),
        int(item.autocontinue),
        item.param1,
        item.param2,
        item.param3,
        item.param4,
        x,
        y,
        item.z_alt_m,
        request.mission_type,
    )


def _ack(peer: tuple[int, int], result: int, mission_type: int) -> MavMessage:
    return mavlink.MAVLink_mission_ack_message(*peer, result, mission_type)
