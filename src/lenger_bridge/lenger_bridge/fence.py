"""The autopilot's own fence, our second line of defence: zones to fence items, and what came back compared."""

from __future__ import annotations

from lenger_core.geodesy import distance_m
from lenger_core.zones import CircleShape, Ring, Zone, ZoneKind, ZoneSet
from lenger_mavlink.codec import mavlink
from lenger_mavlink.transfer_client import MissionItem

FRAME_GLOBAL = 0
TOLERANCE_DEG = 1.5e-7
"""The wire rounds to 1e-7 degrees (11 mm)."""
TOLERANCE_PARAM = 1e-3

_POLYGON = {
    ZoneKind.INCLUSION: mavlink.MAV_CMD_NAV_FENCE_POLYGON_VERTEX_INCLUSION,
    ZoneKind.EXCLUSION: mavlink.MAV_CMD_NAV_FENCE_POLYGON_VERTEX_EXCLUSION,
}
_CIRCLE = {
    ZoneKind.INCLUSION: mavlink.MAV_CMD_NAV_FENCE_CIRCLE_INCLUSION,
    ZoneKind.EXCLUSION: mavlink.MAV_CMD_NAV_FENCE_CIRCLE_EXCLUSION,
}
# The integer twins of a frame mean the same; an autopilot may answer with either.
_SAME_FRAME = {5: 0, 6: 3, 11: 10}


def fence_items(zones: ZoneSet) -> tuple[MissionItem, ...]:
    """Return the fence items of the zones that a full-height fence can state without being stricter than meant."""
    return tuple(item for zone in zones.full_height() for item in _items(zone))


def fence_difference(sent: tuple[MissionItem, ...], read: tuple[MissionItem, ...]) -> str:
    """Return what differs between the fence sent and the one read back, "" when nothing does."""
    if len(sent) != len(read):
        return f"sent {len(sent)} fence items, the autopilot holds {len(read)}"
    for index, (ours, theirs) in enumerate(zip(sent, read, strict=True)):
        if not _same(ours, theirs):
            return (
                f"fence item {index}: sent command {ours.command} at {ours.x_lat_deg:.7f}, {ours.y_lon_deg:.7f},"
                f" the autopilot holds command {theirs.command} at {theirs.x_lat_deg:.7f}, {theirs.y_lon_deg:.7f}"
            )
    return ""


def outside_fence(zones: ZoneSet, lat_deg: float, lon_deg: float) -> str:
    """Return why a point is illegal for the full-height zones, "" when it is legal.

    PX4 drops a fence that excludes home although it acknowledges the upload, so home is checked here as well.
    """
    full = zones.full_height()
    inclusions = [zone for zone in full if zone.kind is ZoneKind.INCLUSION]
    if inclusions and not any(_contains(zone, lat_deg, lon_deg) for zone in inclusions):
        return "outside every inclusion zone"
    for zone in full:
        if zone.kind is ZoneKind.EXCLUSION and _contains(zone, lat_deg, lon_deg):
            return f"inside the exclusion zone {zone.name}"
    return ""


def _items(zone: Zone) -> list[MissionItem]:
    if isinstance(zone.shape, CircleShape):
        circle = zone.shape
        return [MissionItem(FRAME_GLOBAL, _CIRCLE[zone.kind], circle.lat_deg, circle.lon_deg, 0.0, circle.radius_m)]
    items = _ring(zone.shape.outer, _POLYGON[zone.kind])
    # A hole of an inclusion is forbidden ground; a hole of an exclusion stays forbidden, which is the safe side.
    if zone.kind is ZoneKind.INCLUSION:
        for hole in zone.shape.holes:
            items += _ring(hole, _POLYGON[ZoneKind.EXCLUSION])
    return items


def _ring(ring: Ring, command: int) -> list[MissionItem]:
    count = float(len(ring))
    return [MissionItem(FRAME_GLOBAL, command, lat, lon, 0.0, count) for lat, lon in ring]


def _same(a: MissionItem, b: MissionItem) -> bool:
    return (
        a.command == b.command
        and _SAME_FRAME.get(a.frame, a.frame) == _SAME_FRAME.get(b.frame, b.frame)
        and abs(a.x_lat_deg - b.x_lat_deg) <= TOLERANCE_DEG
        and abs(a.y_lon_deg - b.y_lon_deg) <= TOLERANCE_DEG
        and abs(a.param1 - b.param1) <= TOLERANCE_PARAM
    )


def _contains(zone: Zone, lat_deg: float, lon_deg: float) -> bool:
    if isinstance(zone.shape, CircleShape):
        return distance_m(zone.shape.lat_deg, zone.shape.lon_deg, lat_deg, lon_deg) <= zone.shape.radius_m
    holes = any(_in_ring(hole, lat_deg, lon_deg) for hole in zone.shape.holes)
    return _in_ring(zone.shape.outer, lat_deg, lon_deg) and not holes


def _in_ring(ring: Ring, lat_deg: float, lon_deg: float) -> bool:
    """Even-odd rule. Degrees serve: a fence is small, and its edges are straight in degrees for the autopilot too."""
    inside = False
    for (lat_a, lon_a), (lat_b, lon_b) in zip(ring, (*ring[1:], ring[0]), strict=True):
        if (lat_a > lat_deg) != (lat_b > lat_deg):
            crossing = lon_a + (lat_deg - lat_a) / (lat_b - lat_a) * (lon_b - lon_a)
            inside ^= lon_deg < crossing
    return inside
