"""QGroundControl `.plan` files: the polygons and circles of their geoFence (geoFence version 2).

Format: docs.qgroundcontrol.com, "Plan File Format". A fence there has neither names nor heights nor times, and
positions are [latitude, longitude].
"""

from __future__ import annotations

import json

import numpy as np

from lenger_core.strict_json import JsonField
from lenger_core.zone_fence import FenceCircle, fence_of
from lenger_core.zone_files.collecting import Collector
from lenger_core.zone_files.places import MAX_VERTICES, MAX_ZONES, Place, ZoneFile
from lenger_core.zone_files.rules import Point, checked_circle, checked_polygon, checked_position
from lenger_core.zone_model import Shape, Zone, ZoneKind, ZoneSet


def read_plan_fence(root: JsonField) -> ZoneFile:
    """Return the zones of a `.plan` file.

    Raises:
        InputError: not a plan, no fence in it, or something invalid in the fence.
    """
    root["fileType"].one_of("Plan")
    root["version"].one_of(1)
    fence = root["geoFence"]
    fence["version"].one_of(2)
    collector = Collector(root.where, "plan")
    polygons = list(fence["polygons"].elements(at_most=MAX_ZONES))
    circles = list(fence["circles"].elements(at_most=MAX_ZONES))
    if not polygons and not circles:
        raise fence.error("at least one polygon or circle", "no polygons and no circles")
    for number, entry in enumerate(polygons, start=1):
        ring = entry["polygon"]
        place = Place(ring.where, ring.path)
        points = [_position(p) for p in ring.elements(at_least=3, at_most=MAX_VERTICES)]
        _add(collector, entry, f"polygon {number}", checked_polygon([points], place, collector.notes))
    for number, entry in enumerate(circles, start=1):
        circle = entry["circle"]
        lat, lon = _position(circle["center"])
        radius_m = circle["radius"].number(1.0, 100_000.0, "m")
        place = Place(circle.where, circle.path)
        _add(collector, entry, f"circle {number}", checked_circle(lat, lon, radius_m, place))
    _tell_the_rest(root, fence, collector)
    return collector.file()


def _add(collector: Collector, entry: JsonField, name: str, shape: Shape) -> None:
    kind = ZoneKind.INCLUSION if entry["inclusion"].boolean() else ZoneKind.EXCLUSION
    collector.add(Zone(name, kind, shape), Place(entry.where, entry.path))


def _position(field: JsonField) -> Point:
    lat, lon = field.elements(2, 2)
    place = Place(field.where, field.path)
    return checked_position(lat.number(-400, 400, "degrees"), lon.number(-400, 400, "degrees"), place)


def _tell_the_rest(root: JsonField, fence: JsonField, collector: Collector) -> None:
    back = fence.get("breachReturn")
    if back is not None and back.value is not None:
        collector.notes.append("breachReturn is not kept: the guard finds its own way back")
    for name, inner, said in (("mission", "items", "items"), ("rallyPoints", "points", "rally points")):
        part = root.get(name)
        entries = part.get(inner) if part is not None and isinstance(part.value, dict) else None
        if entries is not None and isinstance(entries.value, list) and entries.value:
            collector.notes.append(f"the plan's {len(entries.value)} {said} are no zones and were not read")


def write_plan_fence(zones: ZoneSet) -> tuple[str, tuple[str, ...]]:
    """Return the text of a `.plan` file with an empty mission and the zones that a flat fence can say, and notes."""
    fence = fence_of(zones)
    polygons, circles = [], []
    for part in fence.parts:
        if isinstance(part, FenceCircle):
            shape = {"center": [part.lat_deg, part.lon_deg], "radius": part.radius_m}
            circles.append({"circle": shape, "inclusion": part.inclusion, "version": 1})
        else:
            polygons.append({"polygon": [list(p) for p in part.ring], "inclusion": part.inclusion, "version": 1})
    places = [p for part in fence.parts for p in part.points]
    home = [*(float(v) for v in np.mean(places, axis=0)), 0.0] if places else [0.0, 0.0, 0.0]
    tree = {
        "fileType": "Plan",
        "version": 1,
        "groundStation": "QGroundControl",
        "mission": {
            "version": 2,
            "firmwareType": 12,
            "vehicleType": 2,
            "globalPlanAltitudeMode": 1,
            "cruiseSpeed": 15,
            "hoverSpeed": 5,
            "plannedHomePosition": home,
            "items": [],
        },
        "geoFence": {"version": 2, "polygons": polygons, "circles": circles},
        "rallyPoints": {"version": 2, "points": []},
    }
    names = () if not zones.zones else ("a .plan fence has no names, priorities or heights",)
    return json.dumps(tree, indent=1), (*fence.notes, *names)
