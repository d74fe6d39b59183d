"""What PX4 keeps of a mission, fence or rally item, and which it refuses (v1.16, parse_mavlink_mission_item).

Of each command PX4 stores the parameters it knows; the others read back as 0. Heights and places are kept as they come,
relative or absolute; both kinds of frame read back as the twin that fits the request (3 as 6, 0 as 5).
"""

from __future__ import annotations

from dataclasses import replace
from math import fmod, isfinite

from lenger_mavlink.codec import MavMessage, mavlink
from lenger_mavlink.mission_items import MissionItem, item_of

_GLOBAL = {0: 0, 5: 0, 3: 3, 6: 3}
"""MAV_FRAME as sent to the frame as kept: absolute or relative to home."""
_INT_FRAMES = (5, 6)

_PLACES: dict[int, str] = {
    16: "ff-y", 17: "--fy", 19: "fbfb", 21: "-i-y", 22: "---y", 31: "bf-b", 80: "f---", 84: "---y", 85: "---y",
    195: "----", 201: "f---", 400: "i---", 4501: "----",
    5000: "----", 5001: "n---", 5002: "n---", 5003: "f---", 5004: "f---", 5100: "----",
}  # fmt: skip
"""MAV_CMD with a place to what is kept of parameters 1 to 4: f the float, i its whole part, n the nearest whole number,
b whether it is positive, y a yaw wrapped to 0..360 degrees, - nothing; u (jumps) is 16 bits, so that -1 is 65535."""
_FENCE_OR_RALLY = frozenset(range(5001, 5005)) | {5100}
_VERTICES = (5001, 5002)
_ROI = (80, 201)

_WITHOUT_PLACE = frozenset(
    {20, 80, 93, 112, 114, 177, 178, 179, 189, 196, 197, 200, 201, 203, 204, 205, 206, 214, 260, 400}
    | {530, 532, 534, 1000, 1001, 2000, 2001, 2003, 2500, 2501, 3000}
)
"""MAV_CMD that PX4 takes in MAV_FRAME_MISSION; those that drop or place a load have no use in this stack."""


def stored_item(msg: MavMessage, mission_type: int, int_mode: bool) -> MissionItem | int:
    """Return what is kept of a MISSION_ITEM_INT or MISSION_ITEM, or the MAV_MISSION_RESULT that refuses it."""
    item = item_of(msg)
    if item.frame == mavlink.MAV_FRAME_MISSION:
        if item.command not in _WITHOUT_PLACE:
            return int(mavlink.MAV_MISSION_UNSUPPORTED)
        if item.command == mavlink.MAV_CMD_DO_JUMP:
            item = replace(item, param1=_kept("u", item.param1), param2=_kept("u", item.param2))
        return item if isfinite(item.x_lat_deg) and isfinite(item.y_lon_deg) else int(mavlink.MAV_MISSION_INVALID)
    if item.frame not in _GLOBAL or (item.frame in _INT_FRAMES and not int_mode):
        return int(mavlink.MAV_MISSION_UNSUPPORTED_FRAME)
    rule = _PLACES.get(item.command)
    if rule is None:
        return int(mavlink.MAV_MISSION_UNSUPPORTED)
    if item.command in _ROI and item.param1 not in (0.0, 3.0):
        return int(mavlink.MAV_MISSION_INVALID_PARAM1)
    # PX4 has no such check and flies nowhere with such an item; a simulated one must not compute with it
    if not abs(item.x_lat_deg) <= 90.0:
        return int(mavlink.MAV_MISSION_INVALID_PARAM5_X)
    if not abs(item.y_lon_deg) <= 180.0:
        return int(mavlink.MAV_MISSION_INVALID_PARAM6_Y)
    params = (item.param1, item.param2, item.param3, item.param4)
    p1, p2, p3, p4 = (_kept(how, value) for how, value in zip(rule, params, strict=True))
    if (mission_type == 0 and item.command in _FENCE_OR_RALLY) or (item.command in _VERTICES and not p1 >= 3.0):
        return int(mavlink.MAV_MISSION_ERROR)
    item = replace(item, frame=_GLOBAL[item.frame], param1=p1, param2=p2, param3=p3, param4=p4)
    return replace(item, autocontinue=False) if mission_type == 1 else item


def _kept(how: str, value: float) -> float:
    if how == "-":
        return 0.0
    if how == "b":
        return float(value > 0.0)
    if not isfinite(value) or how == "f":
        return value
    if how == "y":
        return fmod(fmod(value, 360.0) + 360.0, 360.0)
    if abs(value) >= 65536.0:
        return 0.0
    whole = int(value + 0.5) if how == "n" else int(value)
    return float(whole & 0xFFFF if how == "u" else whole)
