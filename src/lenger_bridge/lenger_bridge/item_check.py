"""Mission, fence and rally items: what may be uploaded, and whether what was read back is the same."""

from __future__ import annotations

from collections.abc import Iterable
from math import isclose, isfinite, isnan

from lenger_bridge.dialects import Dialect
from lenger_bridge.fence import fence_problem, outside_items
from lenger_mavlink.codec import mavlink
from lenger_mavlink.transfer_client import MissionItem, MissionType

TOLERANCE_DEG = 1.5e-7
"""The wire rounds to 1e-7 degrees (11 mm)."""
TOLERANCE_M = 0.011
"""ArduPilot keeps heights in centimetres."""

ALLOWED = {
    16: "WAYPOINT", 17: "LOITER_UNLIM", 18: "LOITER_TURNS", 19: "LOITER_TIME", 21: "LAND", 22: "TAKEOFF", 93: "DELAY",
    112: "CONDITION_DELAY", 115: "CONDITION_YAW", 178: "DO_CHANGE_SPEED", 195: "DO_SET_ROI_LOCATION",
    197: "DO_SET_ROI_NONE", 201: "DO_SET_ROI", 203: "DO_DIGICAM_CONTROL", 205: "DO_MOUNT_CONTROL",
    206: "DO_SET_CAM_TRIGG_DIST", 530: "SET_CAMERA_MODE", 1000: "DO_GIMBAL_MANAGER_PITCHYAW",
    2000: "IMAGE_START_CAPTURE", 2001: "IMAGE_STOP_CAPTURE", 2500: "VIDEO_START_CAPTURE", 2501: "VIDEO_STOP_CAPTURE",
}  # fmt: skip
"""Mission commands that may be uploaded: flying and looking. A return (20) is for the guard to permit, not an item."""
WITH_PLACE = (16, 17, 18, 19, 21, 22, 195, 201)
MAY_LACK_PLACE = (21, 22)
"""Landing and takeoff at 0, 0 (or NaN) mean "here"."""
# The integer twins of a frame mean the same; an autopilot may answer with either. 2 (no frame) becomes 0 in ArduPilot.
_SAME_FRAME = {5: 0, 6: 3, 11: 10}


def item_problem(kind: MissionType, items: Iterable[MissionItem], fence: tuple[MissionItem, ...]) -> str:
    """Return why a list must not be uploaded, "" when nothing speaks against it.

    Args:
        kind: which list.
        items: the list.
        fence: fence items that hold: the autopilot accepts a waypoint outside its fence, and breaches.
    """
    items = tuple(items)
    if kind is MissionType.FENCE:
        return fence_problem(items)
    check = _mission_item if kind is MissionType.MISSION else _rally_item
    for index, item in enumerate(items):
        why = check(item)
        if not why and _placed(item) and fence:
            why = outside_items(fence, item.x_lat_deg, item.y_lon_deg)
        if why:
            return f"item {index}: {why}"
    return ""


def _mission_item(item: MissionItem) -> str:
    if item.command not in ALLOWED:
        known = ", ".join(f"{number} {name}" for number, name in ALLOWED.items())
        return f"command {item.command} is not permitted in a mission, expected one of {known}"
    if item.command not in WITH_PLACE or (item.command in MAY_LACK_PLACE and not _placed(item)):
        return "" if isfinite(item.z_alt_m) or item.command not in WITH_PLACE else "height is not finite"
    return _place_problem(item)


def _rally_item(item: MissionItem) -> str:
    if item.command != mavlink.MAV_CMD_NAV_RALLY_POINT:
        return f"command {item.command}, expected {mavlink.MAV_CMD_NAV_RALLY_POINT} (NAV_RALLY_POINT)"
    return _place_problem(item)


def _place_problem(item: MissionItem) -> str:
    if _SAME_FRAME.get(item.frame, item.frame) not in (0, 3):
        return f"frame {item.frame}, expected 0 or 5 (AMSL), 3 or 6 (above home); terrain frames fly into the ground"
    if not (abs(item.x_lat_deg) <= 90.0 and abs(item.y_lon_deg) <= 180.0 and isfinite(item.z_alt_m)):
        return f"{item.x_lat_deg}, {item.y_lon_deg}, {item.z_alt_m} m is no place"
    if item.x_lat_deg == 0.0 and item.y_lon_deg == 0.0:
        return "0, 0 is no place that was meant"
    return ""


def _placed(item: MissionItem) -> bool:
    if item.command not in WITH_PLACE and item.command != mavlink.MAV_CMD_NAV_RALLY_POINT:
        return False
    known = isfinite(item.x_lat_deg) and isfinite(item.y_lon_deg)
    return known and (item.x_lat_deg, item.y_lon_deg) != (0.0, 0.0)


# ------------------------------------------------------------ read-back


def item_difference(
    dialect: Dialect, kind: MissionType, sent: tuple[MissionItem, ...], read: tuple[MissionItem, ...]
) -> str:
    """Return what differs between the list sent and the one read back, "" when nothing does."""
    name = {MissionType.MISSION: "mission", MissionType.FENCE: "fence", MissionType.RALLY: "rally"}[kind]
    if len(sent) != len(read):
        return f"sent {len(sent)} {name} items, the autopilot holds {len(read)}"
    for index, (ours, theirs) in enumerate(zip(sent, read, strict=True)):
        if not _same(dialect, kind, ours, theirs):
            return f"{name} item {index}: sent {_said(ours)}, the autopilot holds {_said(theirs)}"
    return ""


def _said(item: MissionItem) -> str:
    return (
        f"command {item.command} at {item.x_lat_deg:.7f}, {item.y_lon_deg:.7f}, {item.z_alt_m:.2f} m, {item.param1:g}"
    )


def _same(dialect: Dialect, kind: MissionType, a: MissionItem, b: MissionItem) -> bool:
    if a.command != b.command:
        return False
    if kind is MissionType.MISSION and not _params_same(dialect, a, b):
        return False
    if kind is MissionType.FENCE and not isclose(a.param1, b.param1, rel_tol=1e-6, abs_tol=1e-3):
        return False
    if kind is MissionType.MISSION and not _placed(a):
        return True
    frames = _SAME_FRAME.get(a.frame, a.frame) == _SAME_FRAME.get(b.frame, b.frame)
    here = abs(a.x_lat_deg - b.x_lat_deg) <= TOLERANCE_DEG and abs(a.y_lon_deg - b.y_lon_deg) <= TOLERANCE_DEG
    return frames and here and (kind is MissionType.FENCE or abs(a.z_alt_m - b.z_alt_m) <= TOLERANCE_M)


def _params_same(dialect: Dialect, a: MissionItem, b: MissionItem) -> bool:
    pairs = [(a.param1, b.param1), (a.param2, b.param2), (a.param3, b.param3), (a.param4, b.param4)]
    if a.command == mavlink.MAV_CMD_NAV_LAND and not dialect.keeps_item_params:
        pairs.pop()  # ArduPilot keeps only the sign, and gives 1 or -1 back
    return all(_number_same(ours, theirs, dialect.keeps_item_params) for ours, theirs in pairs)


def _number_same(ours: float, theirs: float, kept: bool) -> bool:
    """An autopilot that does not keep every parameter gives 0 for those it drops, and whole numbers for some."""
    if isnan(ours) and isnan(theirs):
        return True
    if isclose(ours, theirs, rel_tol=1e-5, abs_tol=1e-3):
        return True
    return not kept and (theirs == 0.0 or abs(ours - theirs) < 1.0)
