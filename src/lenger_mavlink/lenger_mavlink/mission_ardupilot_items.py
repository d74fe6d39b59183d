"""What ArduCopter keeps of a mission, fence or rally item, and which it refuses.

Sources: ArduPilot 4.7, AP_Mission::mavlink_int_to_mission_cmd and mission_cmd_to_mavlink_int,
MissionItemProtocol_Fence and _Rally; codes and limits measured on 4.7.0 SITL. A stored command has 15 bytes: each
command keeps the parameters it has a use for, most of them as whole numbers; the rest reads back as 0.
"""

from __future__ import annotations

import struct
from dataclasses import replace
from math import floor, isfinite, isinf, isnan

from lenger_mavlink.codec import mavlink
from lenger_mavlink.mission_items import MissionItem

ALT_LIMIT_M = 83_000.0
_FRAMES = {0: 0, 5: 0, 3: 3, 6: 3, 10: 10, 11: 10}
"""MAV_FRAME as sent to the frame as kept: AMSL, above home, above terrain."""
_RULES = {
    16: "u---", 17: "--r-", 19: "u-sb", 20: "----", 21: "u--d", 22: "u---", 30: "u---", 31: "-r-b", 82: "u---",
    84: "----", 85: "u---", 92: "u---", 93: "fccc", 112: "f---", 114: "f---", 115: "ffcc", 177: "uh--", 178: "cff-",
    179: "u---", 181: "cc--", 182: "chf-", 183: "cu--", 184: "cuhf", 188: "----", 189: "----", 191: "----",
    195: "u---", 197: "u---", 201: "u---", 205: "fff-", 206: "f-c-", 207: "u---", 213: "ffc-", 222: "ufff",
    600: "u---", 601: "uh--", 1000: "ffff", 2000: "cfuu", 2001: "u---", 2500: "c---", 2501: "c---",
}  # fmt: skip
"""MAV_CMD to what is kept of parameters 1 to 4: u, h, c the whole part in 16 bits unsigned, 16 signed, 8 signed; f the
float; r a radius with the sign of its turn, whole metres; s the sign of a turn; d the sign of a yaw; b whether it is
positive; - nothing. 18 (LOITER_TURNS) has rules of its own. Commands that drop or place a load are left out."""
_WITH_PLACE = frozenset({16, 17, 18, 19, 21, 22, 30, 31, 82, 84, 85, 92, 179, 188, 189, 191, 195, 201})
_NAN_ALLOWED = {16: (4,), 17: (4,), 21: (4,), 22: (4,), 84: (4,), 85: (3, 4)}
_RANGES = {"u": (0.0, 65535.0), "h": (-32768.0, 32767.0), "c": (-128.0, 127.0), "r": (-65535.0, 65535.0)}
_INVALID_PARAM = (
    int(mavlink.MAV_MISSION_INVALID_PARAM1),
    int(mavlink.MAV_MISSION_INVALID_PARAM2),
    int(mavlink.MAV_MISSION_INVALID_PARAM3),
    int(mavlink.MAV_MISSION_INVALID_PARAM4),
)
_UNSUPPORTED = int(mavlink.MAV_MISSION_UNSUPPORTED)
_WRONG_FRAME = int(mavlink.MAV_MISSION_UNSUPPORTED_FRAME)
_WRONG_LAT = int(mavlink.MAV_MISSION_INVALID_PARAM5_X)
_WRONG_LON = int(mavlink.MAV_MISSION_INVALID_PARAM6_Y)
_WRONG_ALT = int(mavlink.MAV_MISSION_INVALID_PARAM7)

POLYGONS = (5001, 5002)
CIRCLES = (5003, 5004)
RETURN_POINT = 5000
_RALLY_POINT = 5100


def stored_mission_item(item: MissionItem) -> MissionItem | int:
    """Return what is kept of a mission item, or the MAV_MISSION_RESULT that refuses it."""
    params = (item.param1, item.param2, item.param3, item.param4)
    for index, value in enumerate(params):
        if isinf(value) or (isnan(value) and index + 1 not in _NAN_ALLOWED.get(item.command, ())):
            return _INVALID_PARAM[index]
    if item.command in (0, 1):
        return int(mavlink.MAV_MISSION_INVALID)
    kept: tuple[float, ...]
    if item.command == mavlink.MAV_CMD_NAV_LOITER_TURNS:
        kept = _loiter_turns(item)
    elif item.command in _RULES:
        kept = tuple(_kept(how, value) for how, value in zip(_RULES[item.command], params, strict=True))
    else:
        return _UNSUPPORTED
    frame, x, y, z = 0, 0.0, 0.0, 0.0
    if item.command in _WITH_PLACE:
        refused = _place_refusal(item)
        if refused is not None:
            return refused
        frame = _FRAMES.get(item.frame, 0)
        x, y, z = (
            _degrees(item.frame, item.x_lat_deg),
            _degrees(item.frame, item.y_lon_deg),
            _centimetres(item.z_alt_m) / 100.0,
        )
    elif item.command == mavlink.MAV_CMD_DO_GIMBAL_MANAGER_PITCHYAW:
        x, z = item.x_lat_deg, item.z_alt_m if isfinite(item.z_alt_m) else 0.0
    p1, p2, p3, p4 = kept
    return MissionItem(frame, item.command, x, y, z, p1, p2, p3, p4)


def stored_fence_item(item: MissionItem) -> MissionItem | int:
    """Return what is kept of a fence item, or the MAV_MISSION_RESULT that refuses it at once."""
    if item.frame not in _FRAMES:
        return _WRONG_FRAME
    if item.command in POLYGONS:
        if not 0.0 <= item.param1 <= 255.0:
            return _INVALID_PARAM[0]
        param1 = float(int(item.param1))
    elif item.command in CIRCLES:
        param1 = item.param1
    elif item.command == RETURN_POINT:
        param1 = 0.0
    else:
        return _UNSUPPORTED
    return MissionItem(0, item.command, item.x_lat_deg, item.y_lon_deg, 0.0, param1, autocontinue=False)


def stored_rally_item(item: MissionItem) -> MissionItem | int:
    """Return what is kept of a rally point, or the MAV_MISSION_RESULT that refuses it."""
    if item.command != _RALLY_POINT:
        return _UNSUPPORTED
    if not abs(item.x_lat_deg) <= 90.0:
        return _WRONG_LAT
    if not abs(item.y_lon_deg) <= 180.0:
        return _WRONG_LON
    if not -32768.0 <= item.z_alt_m <= 32767.0:
        return _WRONG_ALT
    if item.frame not in _FRAMES:
        return _WRONG_FRAME
    z = float(int(item.z_alt_m))
    return MissionItem(_FRAMES[item.frame], item.command, item.x_lat_deg, item.y_lon_deg, z, autocontinue=False)


def fence_problem(items: tuple[MissionItem, ...], storage_bytes: int) -> str | None:
    """Return ArduPilot's text for a fence that it refuses as a whole, None for a good one.

    A polygon that crosses itself is good (AC_PolyFence_loader::validate_fence does not look).

    Args:
        items: all items, as kept.
        storage_bytes: the room for fences: 4 bytes of header, 2 and 8 a vertex for a polygon, 13 for a circle, 9 for a
            return point, 1 at the end.
    """
    index, needed, returns = 0, 5, 0
    while index < len(items):
        item = items[index]
        size = 1
        if item.command in POLYGONS:
            size = int(item.param1)
            if size < 3:
                return f"Invalid vertex count ({size})"
            ring = items[index : index + size]
            if any(vertex.command != item.command or vertex.param1 != item.param1 for vertex in ring):
                return "Received incorrect vertex type"
            if len(ring) < size:
                return "Incorrect item count"
            needed += 2 + 8 * size
        elif item.command in CIRCLES:
            if not item.param1 > 0.0:
                return "Non-positive circle radius"
            needed += 13
        else:
            returns += 1
            needed += 9
        index += size
    if returns > 1:
        return "Multiple return points"
    if any(not (abs(item.x_lat_deg) <= 90.0 and abs(item.y_lon_deg) <= 180.0) for item in items):
        return "Bad lat or lon"
    return "Fence exceeds storage size" if needed > storage_bytes else None


def _place_refusal(item: MissionItem) -> int | None:
    if not abs(_degrees(item.frame, item.x_lat_deg)) <= 90.0:
        return _WRONG_LAT
    if not abs(_degrees(item.frame, item.y_lon_deg)) <= 180.0:
        return _WRONG_LON
    if not abs(item.z_alt_m) < ALT_LIMIT_M:
        return _WRONG_ALT
    return None if item.frame in _FRAMES or item.frame == mavlink.MAV_FRAME_MISSION else _WRONG_FRAME


def _degrees(frame: int, value: float) -> float:
    """Return a latitude or longitude: ArduPilot reads x and y of MAV_FRAME_MISSION as 1e-7 degrees too."""
    return value * 1e-7 if frame == mavlink.MAV_FRAME_MISSION else value


def _centimetres(alt_m: float) -> int:
    """Return whole centimetres, cut as a 32-bit float times 100 is."""
    return int(struct.unpack("<f", struct.pack("<f", alt_m * 100.0))[0])


def _kept(how: str, value: float) -> float:
    if how == "-":
        return 0.0
    if how == "f":
        return value
    if how == "b":
        return float(value > 0.0)
    if how in "sd":
        return -1.0 if value < 0.0 else 1.0
    if isnan(value):
        return 0.0
    lowest, highest = _RANGES[how]
    if how == "u" and -highest <= value < 0.0:
        return float(int(value) & 0xFFFF)  # -3 becomes 65533, measured on SITL
    return float(int(min(max(value, lowest), highest)))


def _loiter_turns(item: MissionItem) -> tuple[float, float, float, float]:
    """Return parameters 1 to 4 of LOITER_TURNS: turns in 8 bits or in 256ths, radius in 8 bits, over 255 m in tens."""
    turns = item.param1
    turns = floor(turns * 256.0) / 256.0 if 0.0 < turns < 1.0 else float(int(min(max(turns, 0.0), 255.0)))
    radius = abs(item.param3)
    radius = float(int(radius)) if radius <= 255.0 else 10.0 * int(min(radius * 0.1, 255.0))
    return turns, 0.0, -radius if item.param3 < 0.0 else radius, float(item.param4 > 0.0)


def home_item(home: tuple[float, float, float] | None) -> MissionItem:
    """Return mission item 0, which is home: frame 0, AMSL height in centimetres; zeros before there is a home."""
    lat_deg, lon_deg, alt_m = home if home is not None else (0.0, 0.0, 0.0)
    return replace(MissionItem(0, 16, lat_deg, lon_deg, 0.0), z_alt_m=_centimetres(alt_m) / 100.0)
