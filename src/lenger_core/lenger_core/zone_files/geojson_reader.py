"""Zones as GeoJSON (RFC 7946) with our properties; docs/zones.md has the table of them."""

from __future__ import annotations

from lenger_core.strict_json import JsonField
from lenger_core.zone_files.collecting import (
    MAX_HEIGHT_M,
    MAX_NAME,
    MAX_PRIORITY,
    MIN_HEIGHT_M,
    Collector,
    checked_limits,
    printable,
)
from lenger_core.zone_files.instants import MAX_WINDOWS, checked_window, utc_ns_of
from lenger_core.zone_files.places import MAX_VERTICES, MAX_ZONES, Place, ZoneFile
from lenger_core.zone_files.rules import (
    Point,
    checked_border,
    checked_circle,
    checked_corridor,
    checked_polygon,
    checked_position,
    opened,
)
from lenger_core.zone_model import Datum, HeightLimit, PolygonShape, Shape, TimeWindow, Zone, ZoneKind

PROPERTIES = ("name", "kind", "floor", "ceiling", "priority", "times", "radius_m", "width_m", "beyond", "buffer_m")
GEOMETRIES = ("Polygon", "MultiPolygon", "Point", "LineString")
_OF_GEOMETRY = (
    ("radius_m", "Point"),
    ("width_m", "LineString"),
    ("beyond", "LineString"),
    ("buffer_m", "LineString"),
)
_CRS84 = ("urn:ogc:def:crs:OGC:1.3:CRS84", "urn:ogc:def:crs:OGC::CRS84", "EPSG:4326", "urn:ogc:def:crs:EPSG::4326")


def read_geojson(root: JsonField) -> ZoneFile:
    """Return the zones of a FeatureCollection.

    Raises:
        InputError: anything in it is invalid; nothing of it is used then.
    """
    root["type"].one_of("FeatureCollection")
    crs = root.get("crs")
    if crs is not None and crs.value is not None:
        crs["properties"]["name"].one_of(*_CRS84)
    collector = Collector(root.where, "geojson")
    none_meant = root.get("no_zones")
    empty = none_meant is not None and none_meant.boolean()
    features = root["features"].elements(at_least=0 if empty else 1, at_most=0 if empty else MAX_ZONES)
    for feature in features:
        _feature(feature, collector)
    return collector.file()


def _feature(feature: JsonField, collector: Collector) -> None:
    feature["type"].one_of("Feature")
    p = feature["properties"]
    only(p, PROPERTIES)
    name = checked_name(p["name"])
    kind = ZoneKind(p["kind"].one_of(*(k.value for k in ZoneKind)))
    floor, ceiling = _limit(p.get("floor")), _limit(p.get("ceiling"))
    place = Place(feature.where, f"{feature.path} '{name}'")
    checked_limits(floor, ceiling, place.at(" properties.floor.height_m"))
    windows = _windows(p.get("times"))
    given = _given(p, "priority")
    priority = given.integer(-MAX_PRIORITY, MAX_PRIORITY) if given is not None else 0
    shapes = _shapes(feature["geometry"], p, place, collector.notes)
    for number, shape in enumerate(shapes, start=1):
        named = name if len(shapes) == 1 else f"{name[: MAX_NAME - 7]} ({number})"
        collector.add(Zone(named, kind, shape, floor, ceiling, priority, windows), Place(feature.where, f"{p.path}"))
    if len(shapes) > 1:
        collector.notes.append(f"{place.path}: its {len(shapes)} polygons are zones of their own")


def checked_name(field: JsonField) -> str:
    """Return a zone's name: 1 to 80 printable characters."""
    name = field.text()
    if not 1 <= len(name) <= MAX_NAME or name != printable(name):
        raise field.error(f"at least 1 and at most {MAX_NAME} printable characters on one line")
    return name


def only(field: JsonField, names: tuple[str, ...]) -> None:
    """Refuse members of an object that have no meaning: a misspelt ceiling would be no ceiling."""
    if not isinstance(field.value, dict):
        raise field.error("an object")
    for key in field.value:
        if key not in names:
            unknown = field[key]
            raise unknown.error(f"no such field; valid fields: {', '.join(names)}")


def _limit(field: JsonField | None) -> HeightLimit | None:
    if field is None or field.value is None:
        return None
    only(field, ("height_m", "datum"))
    height_m = field["height_m"].number(MIN_HEIGHT_M, MAX_HEIGHT_M, "m")
    return HeightLimit(height_m, Datum(field["datum"].one_of(*(d.value for d in Datum))))


def _windows(field: JsonField | None) -> tuple[TimeWindow, ...]:
    if field is None or field.value is None:
        return ()
    windows = []
    for entry in field.elements(at_least=1, at_most=MAX_WINDOWS):
        only(entry, ("start", "end"))
        start, end = (_moment(entry.get(name)) for name in ("start", "end"))
        windows.append(checked_window(start, end, Place(entry.where, f"{entry.path}.end")))
    return tuple(windows)


def _moment(field: JsonField | None) -> int | None:
    return None if field is None or field.value is None else utc_ns_of(field.value, Place(field.where, field.path))


def _shapes(geometry: JsonField, p: JsonField, place: Place, notes: list[str]) -> list[Shape]:
    kind = geometry["type"].one_of(*GEOMETRIES)
    for name, needed in _OF_GEOMETRY:
        if kind != needed and (field := _given(p, name)) is not None:
            raise place.at(f" properties.{name}").error(field.value, f"no {name} on a {kind} (only on a {needed})")
    coordinates = geometry["coordinates"]
    at = place.at(" geometry.coordinates")
    if kind == "Point":
        return [_circle(coordinates, p, place)]
    if kind == "LineString":
        return [_along(coordinates, p, place, notes)]
    if kind == "Polygon":
        return [_polygon(coordinates, at, notes)]
    parts = list(coordinates.elements(at_least=1, at_most=MAX_ZONES))
    return [_polygon(part, at.at(f"[{i}]"), notes) for i, part in enumerate(parts)]


def _given(p: JsonField, name: str) -> JsonField | None:
    """Return a member that is there and not null."""
    field = p.get(name)
    return None if field is None or field.value is None else field


def _circle(coordinates: JsonField, p: JsonField, place: Place) -> Shape:
    radius = _given(p, "radius_m")
    if radius is None:
        raise place.at(" properties.radius_m").error("nothing", "a radius of 1 to 100000 m for a Point")
    radius_m = radius.number(1.0, 100_000.0, "m")
    lat, lon = position(coordinates, place.at(" geometry.coordinates"))
    return checked_circle(lat, lon, radius_m, place.at(" geometry.coordinates"))


def _along(coordinates: JsonField, p: JsonField, place: Place, notes: list[str]) -> Shape:
    """Return what a LineString means: a corridor of `width_m`, or the border of what is `beyond`."""
    width, beyond, buffer = (_given(p, name) for name in ("width_m", "beyond", "buffer_m"))
    at = place.at(" geometry.coordinates")
    line = [position(c, at.at(f"[{i}]")) for i, c in enumerate(coordinates.elements(at_least=2, at_most=MAX_VERTICES))]
    if (width is None) == (beyond is None):
        got = "neither" if width is None else "both"
        raise place.at(" properties").error(got, "width_m (a corridor) or beyond (a border) on a LineString")
    if width is not None:
        if buffer is not None:
            raise place.at(" properties.buffer_m").error(buffer.value, "no buffer_m on a corridor (only on a border)")
        return checked_corridor(line, width.number(1.0, 20_000.0, "m"), at, notes)
    assert beyond is not None
    buffer_m = 0.0 if buffer is None else buffer.number(0.0, 20_000.0, "m")
    return checked_border(line, str(beyond.one_of("left", "right")), buffer_m, at, notes)


def _polygon(coordinates: JsonField, place: Place, notes: list[str]) -> PolygonShape:
    return checked_polygon(rings_of(coordinates, place), place, notes)


def rings_of(coordinates: JsonField, place: Place) -> list[list[Point]]:
    """Return the rings of a GeoJSON Polygon, each without the repetition of its first position."""
    rings = []
    for i, ring in enumerate(coordinates.elements(at_least=1, at_most=MAX_VERTICES)):
        at = place.at(f"[{i}]")
        points = [position(p, at.at(f"[{k}]")) for k, p in enumerate(ring.elements(at_least=4, at_most=MAX_VERTICES))]
        rings.append(list(opened(points, at)))
    return rings


def position(field: JsonField, place: Place) -> Point:
    """Return (lat_deg, lon_deg) of a GeoJSON position [longitude, latitude]."""
    if not isinstance(field.value, list) or len(field.value) != 2:
        raise place.error(field.value, "[longitude, latitude] (heights belong into floor and ceiling)")
    lon, lat = field.value
    for name, value in ((".lon", lon), (".lat", lat)):
        if type(value) not in (int, float):
            raise place.at(name).error(value, "a number of degrees")
    # An integer of forty digits is a number, and no place.
    return checked_position(float(lat), float(lon), place)
