"""Zones as GeoJSON text; `geojson_reader` gives exactly the same zones back."""

from __future__ import annotations

import json
from typing import Any

from lenger_core.zone_files.instants import iso_of
from lenger_core.zone_model import (
    BorderShape,
    CircleShape,
    CorridorShape,
    HeightLimit,
    PolygonShape,
    Ring,
    Shape,
    Zone,
    ZoneSet,
)


def write_geojson(zones: ZoneSet) -> str:
    """Return the zones as a FeatureCollection."""
    tree: dict[str, Any] = {"type": "FeatureCollection", "features": [_feature(z) for z in zones.zones]}
    if not zones.zones:
        # An empty list is a mistake in a file unless it says that it is meant.
        tree["no_zones"] = True
    return json.dumps(tree, indent=1)


def _feature(zone: Zone) -> dict[str, Any]:
    geometry, extra = _geometry(zone.shape)
    properties = {
        "name": zone.name,
        "kind": zone.kind.value,
        "floor": _limit(zone.floor),
        "ceiling": _limit(zone.ceiling),
        "priority": zone.priority,
        **extra,
    }
    if zone.windows:
        properties["times"] = [{"start": _moment(w.start_utc_ns), "end": _moment(w.end_utc_ns)} for w in zone.windows]
    return {"type": "Feature", "properties": properties, "geometry": geometry}


def _geometry(shape: Shape) -> tuple[dict[str, Any], dict[str, Any]]:
    """Return the geometry and the properties that belong to it."""
    if isinstance(shape, CircleShape):
        return {"type": "Point", "coordinates": [shape.lon_deg, shape.lat_deg]}, {"radius_m": shape.radius_m}
    if isinstance(shape, CorridorShape):
        return {"type": "LineString", "coordinates": swapped(shape.line)}, {"width_m": shape.width_m}
    if isinstance(shape, BorderShape):
        extra = {"beyond": shape.beyond, "buffer_m": shape.buffer_m}
        return {"type": "LineString", "coordinates": swapped(shape.line)}, extra
    return {"type": "Polygon", "coordinates": closed_rings(shape)}, {}


def closed_rings(shape: PolygonShape) -> list[list[list[float]]]:
    """Return a polygon's rings as GeoJSON has them: [longitude, latitude], the first position again at the end."""
    return [swapped((*ring, ring[0])) for ring in (shape.outer, *shape.holes)]


def swapped(line: Ring) -> list[list[float]]:
    """Return positions as [longitude, latitude]."""
    return [[lon, lat] for lat, lon in line]


def _limit(limit: HeightLimit | None) -> dict[str, Any] | None:
    return None if limit is None else {"height_m": limit.height_m, "datum": limit.datum.value}


def _moment(utc_ns: int | None) -> str | None:
    return None if utc_ns is None else iso_of(utc_ns)
