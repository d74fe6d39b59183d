"""The autopilot's own fence: uploaded polygons and circles."""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, hypot, radians

from lenger_mavlink.codec import mavlink
from lenger_mavlink.transfer_client import MissionItem

_INSIDE = (mavlink.MAV_CMD_NAV_FENCE_POLYGON_VERTEX_INCLUSION, mavlink.MAV_CMD_NAV_FENCE_CIRCLE_INCLUSION)
_POLYGONS = (
    mavlink.MAV_CMD_NAV_FENCE_POLYGON_VERTEX_INCLUSION,
    mavlink.MAV_CMD_NAV_FENCE_POLYGON_VERTEX_EXCLUSION,
)
_CIRCLES = (mavlink.MAV_CMD_NAV_FENCE_CIRCLE_INCLUSION, mavlink.MAV_CMD_NAV_FENCE_CIRCLE_EXCLUSION)
_METRES_PER_DEG = 111_195.0


@dataclass(frozen=True, slots=True)
class Polygon:
    """Vertices as (latitude, longitude) in degrees."""

    vertices: tuple[tuple[float, float], ...]

    def holds(self, lat_deg: float, lon_deg: float) -> bool:
        """Return whether a point is inside (even-odd rule)."""
        inside = False
        previous_lat, previous_lon = self.vertices[-1]
        for lat, lon in self.vertices:
            if (lat > lat_deg) != (previous_lat > lat_deg):
                crossing = lon + (lat_deg - lat) / (previous_lat - lat) * (previous_lon - lon)
                inside ^= lon_deg < crossing
            previous_lat, previous_lon = lat, lon
        return inside


@dataclass(frozen=True, slots=True)
class Circle:
    """A centre in degrees and a radius in metres."""

    lat_deg: float
    lon_deg: float
    radius_m: float

    def holds(self, lat_deg: float, lon_deg: float) -> bool:
        """Return whether a point is inside."""
        north = (lat_deg - self.lat_deg) * _METRES_PER_DEG
        east = (lon_deg - self.lon_deg) * _METRES_PER_DEG * cos(radians(self.lat_deg))
        return hypot(north, east) < self.radius_m


@dataclass(frozen=True, slots=True)
class Fence:
    """Areas to stay in (at least one of them) and out of (all of them)."""

    inclusions: tuple[Polygon | Circle, ...] = ()
    exclusions: tuple[Polygon | Circle, ...] = ()

    def allows(self, lat_deg: float, lon_deg: float) -> bool:
        """Return whether a point is inside the fence."""
        if self.inclusions and not any(area.holds(lat_deg, lon_deg) for area in self.inclusions):
            return False
        return not any(area.holds(lat_deg, lon_deg) for area in self.exclusions)


def fence_of(items: tuple[MissionItem, ...]) -> Fence | None:
    """Return the fence of uploaded items.

    None when they make no sense (a polygon with too few vertices, an unknown item).
    """
    inclusions: list[Polygon | Circle] = []
    exclusions: list[Polygon | Circle] = []
    index = 0
    while index < len(items):
        item = items[index]
        count = 1
        area: Polygon | Circle
        if item.command in _POLYGONS:
            count = int(item.param1) if 3 <= item.param1 <= len(items) - index else 0
            corners = items[index : index + count]
            if not corners or any(corner.command != item.command for corner in corners):
                return None
            area = Polygon(tuple((corner.x_lat_deg, corner.y_lon_deg) for corner in corners))
        elif item.command in _CIRCLES and item.param1 > 0.0:
            area = Circle(item.x_lat_deg, item.y_lon_deg, item.param1)
        else:
            return None
        (inclusions if item.command in _INSIDE else exclusions).append(area)
        index += count
    return Fence(tuple(inclusions), tuple(exclusions))
