"""Zones as EUROCAE ED-269 JSON in the wrapping of national publications; only exclusions can be said there."""

from __future__ import annotations

import json
import math
from typing import Any

from lenger_core.zone_fence import flat_rings
from lenger_core.zone_files.collecting import listed
from lenger_core.zone_files.ed269_reader import DATUMS, PRIORITIES
from lenger_core.zone_files.geojson_writer import closed_rings
from lenger_core.zone_files.instants import iso_of
from lenger_core.zone_model import (
    BorderShape,
    CircleShape,
    Datum,
    HeightLimit,
    PolygonShape,
    TimeWindow,
    Zone,
    ZoneKind,
    ZoneSet,
)

_REFERENCES = {datum: name for name, datum in DATUMS.items()}
_RESTRICTIONS = {priority: name for name, priority in PRIORITIES.items()}
COUNTRY = "KAZ"


def write_ed269(zones: ZoneSet) -> tuple[str, tuple[str, ...]]:
    """Return the zones as ED-269 text, and notes on what it cannot say."""
    told: dict[str, list[str]] = {}
    features: list[dict[str, Any]] = []
    for zone in zones.zones:
        reason = _unsayable(zone)
        if reason:
            told.setdefault(reason, []).append(zone.name)
            continue
        features.append(_feature(zone, f"L{len(features) + 1:04d}", told))
    tree = {"title": "Lenger zones", "description": "UAS geographical zones (EUROCAE ED-269)", "features": features}
    return json.dumps(tree, indent=1), tuple(f"{text}: {listed(names)}" for text, names in told.items())


def _unsayable(zone: Zone) -> str:
    if zone.kind is not ZoneKind.EXCLUSION:
        return f"ED-269 only restricts: left out as {zone.kind.value}"
    if isinstance(zone.shape, BorderShape):
        return "ED-269 has no borders: left out"
    if any(limit is not None and limit.datum is Datum.HOME for limit in (zone.floor, zone.ceiling)):
        return "ED-269 has no heights above home: left out"
    return ""


def _feature(zone: Zone, identifier: str, told: dict[str, list[str]]) -> dict[str, Any]:
    restriction = _RESTRICTIONS.get(zone.priority, "PROHIBITED")
    if zone.priority not in _RESTRICTIONS:
        told.setdefault("its priority is read back as 30", []).append(zone.name)
    if any(h is not None and not h.height_m.is_integer() for h in (zone.floor, zone.ceiling)):
        told.setdefault("heights are whole metres, rounded outward", []).append(zone.name)
    return {
        "identifier": identifier,
        "country": COUNTRY,
        "name": zone.name,
        "type": "COMMON",
        "restriction": restriction,
        "reason": ["OTHER"],
        "applicability": [_period(w) for w in zone.windows] or [{"permanent": "YES"}],
        "zoneAuthority": [],
        "geometry": [_volume(zone, projection) for projection in _projections(zone, told)],
    }


def _projections(zone: Zone, told: dict[str, list[str]]) -> list[dict[str, Any]]:
    shape = zone.shape
    if isinstance(shape, CircleShape):
        return [{"type": "Circle", "center": [shape.lon_deg, shape.lat_deg], "radius": shape.radius_m}]
    if isinstance(shape, PolygonShape):
        return [{"type": "Polygon", "coordinates": closed_rings(shape)}]
    told.setdefault("ED-269 has no corridors: written as a polygon around it", []).append(zone.name)
    return [{"type": "Polygon", "coordinates": closed_rings(polygon)} for polygon in flat_rings(zone)]


def _volume(zone: Zone, projection: dict[str, Any]) -> dict[str, Any]:
    floor, ceiling = zone.floor or HeightLimit(0.0, Datum.AGL), zone.ceiling
    volume: dict[str, Any] = {
        "uomDimensions": "M",
        "lowerLimit": math.floor(floor.height_m),
        "lowerVerticalReference": _REFERENCES[floor.datum],
    }
    if ceiling is not None:
        volume["upperLimit"] = math.ceil(ceiling.height_m)
    volume["upperVerticalReference"] = _REFERENCES[ceiling.datum if ceiling is not None else Datum.AMSL]
    return {**volume, "horizontalProjection": projection}


def _period(window: TimeWindow) -> dict[str, str]:
    period = {"permanent": "YES" if window == TimeWindow(None, None) else "NO"}
    if window.start_utc_ns is not None:
        period["startDateTime"] = iso_of(window.start_utc_ns)
    if window.end_utc_ns is not None:
        period["endDateTime"] = iso_of(window.end_utc_ns)
    return period
