"""Mission, fence and rally items, and their way into MISSION_ITEM_INT and MISSION_ITEM and back."""

from __future__ import annotations

from dataclasses import dataclass
from enum import IntEnum
from math import isfinite

from lenger_mavlink.codec import MavMessage, mavlink

_LOCAL_FRAMES = (mavlink.MAV_FRAME_LOCAL_NED, mavlink.MAV_FRAME_LOCAL_ENU)
_LARGEST_FLOAT32 = 3.4e38
_LARGEST_INT32 = 2**31 - 1


class MissionType(IntEnum):
    """MAV_MISSION_TYPE."""

    MISSION = 0
    FENCE = 1
    RALLY = 2


@dataclass(frozen=True, slots=True)
class MissionItem:
    """One mission, fence or rally item, in the datum of `frame` (MAV_FRAME).

    `x_lat_deg` and `y_lon_deg` are degrees in global frames, metres in local ones, and in MAV_FRAME_MISSION, where
    items have no place, the whole numbers of parameters 5 and 6. `z_alt_m` is metres, in MAV_FRAME_MISSION parameter 7.
    """

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
class Peer:
    """A MAVLink system and component."""

    system: int = 1
    component: int = 1


def per_unit(frame: int) -> float:
    """Return what x and y of MISSION_ITEM_INT count per unit of the item (MAVLink guide, mission protocol)."""
    if frame == mavlink.MAV_FRAME_MISSION:
        return 1.0
    return 1e4 if frame in _LOCAL_FRAMES else 1e7


def item_of(message: MavMessage) -> MissionItem:
    """Return the item of a MISSION_ITEM_INT or MISSION_ITEM."""
    x, y = float(message.x), float(message.y)
    if message.get_type() == "MISSION_ITEM_INT":
        scale = per_unit(message.frame)
        x, y = x / scale, y / scale
    return MissionItem(
        int(message.frame), int(message.command), x, y, float(message.z),
        float(message.param1), float(message.param2), float(message.param3), float(message.param4),
        bool(message.current), bool(message.autocontinue),
    )  # fmt: skip


def item_message(peer: Peer, kind: int, sequence: int, item: MissionItem, as_int: bool = True) -> MavMessage:
    """Return MISSION_ITEM_INT, or MISSION_ITEM, whose places are coarse by metres; the item has no `item_problem`."""
    scale = per_unit(item.frame)
    maker = mavlink.MAVLink_mission_item_int_message if as_int else mavlink.MAVLink_mission_item_message
    x, y = item.x_lat_deg, item.y_lon_deg
    return maker(
        peer.system, peer.component, sequence, item.frame, item.command, int(item.is_current), int(item.autocontinue),
        item.param1, item.param2, item.param3, item.param4,
        round(x * scale) if as_int else x, round(y * scale) if as_int else y, item.z_alt_m, int(kind),
    )  # fmt: skip


def item_problem(item: MissionItem) -> str | None:
    """Return why an item cannot be put on the wire, None when it can."""
    limits = (90.0, 180.0)
    if item.frame in _LOCAL_FRAMES or item.frame == mavlink.MAV_FRAME_MISSION:
        limits = (_LARGEST_INT32 // per_unit(item.frame),) * 2
    for name, value, limit in zip(("x_lat", "y_long"), (item.x_lat_deg, item.y_lon_deg), limits, strict=True):
        if not abs(value) <= limit:
            return f"{name} is {value}, expected -{limit:.10g} to {limit:.10g}"
    for name in ("param1", "param2", "param3", "param4", "z_alt_m"):
        value = getattr(item, name)
        if isfinite(value) and abs(value) > _LARGEST_FLOAT32:
            return f"{name} is {value}, expected a 32-bit float"
    for name, number, highest in (("frame", item.frame, 0xFF), ("command", item.command, 0xFFFF)):
        if not 0 <= number <= highest:
            return f"{name} is {number}, expected 0 to {highest}"
    return None


def mission_type_of(message: MavMessage) -> int:
    """Return the MAV_MISSION_TYPE of a message of the mission protocol; MAVLink 1 has missions only."""
    return int(getattr(message, "mission_type", 0))


def result_name(code: int) -> str:
    """Return the name of a MAV_MISSION_RESULT, without its prefix."""
    entry = mavlink.enums["MAV_MISSION_RESULT"].get(code)
    return entry.name.removeprefix("MAV_MISSION_") if entry is not None else f"result {code}"
