"""A search item of a plan as the line that it is flown as."""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from lenger_core.errors import InputError
from lenger_core.plans import Search, SearchKind
from lenger_mission.patterns.creeping import creeping_line
from lenger_mission.patterns.parallel import parallel_track
from lenger_mission.patterns.plane import Array, plane_about, to_degrees
from lenger_mission.patterns.sector import sector_search, sectors_for
from lenger_mission.patterns.square import expanding_square

LatLon = tuple[float, float]

_OVER_AREA: dict[SearchKind, Callable[..., Array]] = {
    SearchKind.CREEPING_LINE: creeping_line,
    SearchKind.PARALLEL_TRACK: parallel_track,
}


def search_line(item: Search, near_deg: LatLon | None = None, wind_from_deg: float | None = None) -> Array:
    """Return the vertices (N, 2), latitude and longitude in degrees, of a search.

    Without a bearing of its own an expanding square and a sector search begin into the wind (north in still air), and
    a search over an area lies along or across it and begins at the end that is nearer.

    Args:
        item: the search; of a sector search the leg spacing is the most between spokes at the rim, without one the
            wheel has six sectors.
        near_deg: where the aircraft comes from; for a creeping line the item's datum, the likeliest place, counts more.
        wind_from_deg: where the wind comes from, clockwise from north.

    Raises:
        InputError: no such search can be laid.
    """
    if item.kind in _OVER_AREA:
        return _over_area(item, near_deg)
    if item.lat_deg is None or item.lon_deg is None or item.radius_m is None:
        raise InputError("search", "lat_deg, lon_deg, radius_m", None, "the datum and how far out to search")
    bearing = item.bearing_deg if item.bearing_deg is not None else wind_from_deg or 0.0
    if item.kind is SearchKind.EXPANDING_SQUARE:
        line = expanding_square(item.leg_spacing_m or 0.0, item.radius_m, bearing, item.clockwise)
    else:
        sectors = sectors_for(item.leg_spacing_m or item.radius_m, item.radius_m)
        line = sector_search(item.radius_m, bearing, item.clockwise, sectors)
    return to_degrees(plane_about(item.lat_deg, item.lon_deg), line)


def _over_area(item: Search, near_deg: LatLon | None) -> Array:
    if item.area is None:
        raise InputError("search", "area", None, "the polygon to search")
    lat, lon = np.array(item.area).T
    plane = plane_about(float(lat.mean()), float(lon.mean()))
    near = near_deg
    if item.kind is SearchKind.CREEPING_LINE and item.lat_deg is not None and item.lon_deg is not None:
        near = item.lat_deg, item.lon_deg
    near_m = None if near is None else plane.to_local(*near, 0.0)[:2]
    area = plane.to_local_many(lat, lon)
    line = _OVER_AREA[item.kind](area, item.leg_spacing_m or 0.0, item.bearing_deg, item.clockwise, near_m)
    return to_degrees(plane, line)
