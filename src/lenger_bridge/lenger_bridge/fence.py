"""The autopilot's own fence, our second line of defence: zones to fence items, and which points they allow."""

from __future__ import annotations

from math import isfinite

from lenger_core.geodesy import distance_m
from lenger_core.zone_fence import FenceCircle, FencePolygon, ZoneFence, fence_of
from lenger_core.zones import ZoneKind, ZoneSet
from lenger_mavlink.codec import mavlink
from lenger_mavlink.transfer_client import MissionItem

FRAME_GLOBAL = 0

_POLYGON = {
    ZoneKind.INCLUSION: mavlink.MAV_CMD_NAV_FENCE_POLYGON_VERTEX_INCLUSION,
    ZoneKind.EXCLUSION: mavlink.MAV_CMD_NAV_FENCE_POLYGON_VERTEX_EXCLUSION,
}
_CIRCLE = {
    ZoneKind.INCLUSION: mavlink.MAV_CMD_NAV_FENCE_CIRCLE_INCLUSION,
    ZoneKind.EXCLUSION: mavlink.MAV_CMD_NAV_FENCE_CIRCLE_EXCLUSION,
}
_INCLUSIONS = (_POLYGON[ZoneKind.INCLUSION], _CIRCLE[ZoneKind.INCLUSION])
_POLYGONS = tuple(_POLYGON.values())
_CIRCLES = tuple(_CIRCLE.values())

Points = tuple[tuple[float, float], ...]


def fence_items(zones: ZoneSet, vertices: int = 0) -> tuple[MissionItem, ...]:
    """Return the fence items of what a flat fence can say of the zones; see `lenger_core.zone_fence`.

    Args:
        zones: all zones.
        vertices: room of the autopilot, 0 for plenty.

    Raises:
        InputError: there is no room for the inclusions.
    """
    return items_of(fence_of(zones, vertices))


def items_of(fence: ZoneFence) -> tuple[MissionItem, ...]:
    """Return a fence as items."""
    return tuple(item for part in fence.parts for item in _items(part))


def _items(part: FencePolygon | FenceCircle) -> list[MissionItem]:
    kind = ZoneKind.INCLUSION if part.inclusion else ZoneKind.EXCLUSION
    if isinstance(part, FenceCircle):
        return [MissionItem(FRAME_GLOBAL, _CIRCLE[kind], part.lat_deg, part.lon_deg, 0.0, part.radius_m)]
    count = float(len(part.ring))
    return [MissionItem(FRAME_GLOBAL, _POLYGON[kind], lat, lon, 0.0, count) for lat, lon in part.ring]


def fence_problem(items: tuple[MissionItem, ...]) -> str:
    """Return why fence items must not be uploaded, "" when nothing speaks against it."""
    index = 0
    while index < len(items):
        item = items[index]
        if item.command in _POLYGONS:
            count = int(item.param1) if isfinite(item.param1) else 0
            ring = items[index : index + count]
            whole = len(ring) == count and all((i.command, i.param1) == (item.command, item.param1) for i in ring)
            if count < 3 or not whole:
                return f"item {index}: a polygon names its number of vertices (3 or more) in each, one after the other"
        elif item.command in _CIRCLES:
            count = 1
            if not (isfinite(item.param1) and item.param1 > 0.0):
                return f"item {index}: circle radius {item.param1} m, expected more than 0"
        else:
            return f"item {index}: command {item.command}, expected one of {(*_POLYGONS, *_CIRCLES)}"
        for k, vertex in enumerate(items[index : index + count], start=index):
            if not (abs(vertex.x_lat_deg) <= 90.0 and abs(vertex.y_lon_deg) <= 180.0):
                return f"item {k}: {vertex.x_lat_deg}, {vertex.y_lon_deg} is no place"
        index += count
    return ""


def outside_items(fence: tuple[MissionItem, ...], lat_deg: float, lon_deg: float) -> str:
    """Return why a point is illegal for a valid fence, "" when it is legal.

    PX4 drops a fence that excludes home although it acknowledges the upload, so home is checked by us as well.
    """
    shapes = _shapes(fence)
    inside = [command for command, points, radius in shapes if _contains(points, radius, lat_deg, lon_deg)]
    if any(command in _INCLUSIONS for command, _, _ in shapes) and not any(c in _INCLUSIONS for c in inside):
        return "outside every inclusion zone"
    if any(command not in _INCLUSIONS for command in inside):
        return "inside an exclusion zone"
    return ""


def _shapes(fence: tuple[MissionItem, ...]) -> list[tuple[int, Points, float]]:
    """Return (command, points, radius) of each zone; the radius is 0 for a polygon."""
    shapes = []
    index = 0
    while index < len(fence):
        item = fence[index]
        count = 1 if item.command in _CIRCLES else max(int(item.param1), 1)
        points = tuple((i.x_lat_deg, i.y_lon_deg) for i in fence[index : index + count])
        shapes.append((item.command, points, item.param1 if item.command in _CIRCLES else 0.0))
        index += count
    return shapes


def _contains(points: Points, radius_m: float, lat_deg: float, lon_deg: float) -> bool:
    """Even-odd rule. Degrees serve: a fence is small, and its edges are straight in degrees for the autopilot too."""
    if radius_m > 0.0:
        return distance_m(*points[0], lat_deg, lon_deg) <= radius_m
    inside = False
    for (lat_a, lon_a), (lat_b, lon_b) in zip(points, (*points[1:], points[0]), strict=True):
        if (lat_a > lat_deg) != (lat_b > lat_deg):
            crossing = lon_a + (lat_deg - lat_a) / (lat_b - lat_a) * (lon_b - lon_a)
            inside ^= lon_deg < crossing
    return inside
