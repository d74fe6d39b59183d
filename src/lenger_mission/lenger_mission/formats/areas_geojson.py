"""Areas, lines and points as GeoJSON (RFC 7946), both ways.

Heights: RFC 7946 measures the third number from the ellipsoid, and most programs write what they please there, so it is
not read; ours stand in the properties `heights_m` and `datum`.
"""

from __future__ import annotations

import json
from typing import Any

from lenger_core.plans import MAX_HEIGHT_M, MIN_HEIGHT_M, Datum
from lenger_core.strict_json import JsonField
from lenger_core.zone_files.collecting import printable
from lenger_core.zone_files.places import MAX_VERTICES, Place
from lenger_core.zone_files.rules import Point, checked_line, checked_polygon, checked_position, opened
from lenger_mission.formats.areas_model import MAX_FEATURES, MAX_NAME, AreaFeature, AreaFile, Gathering, Kind

_WHOLE = ("FeatureCollection", "Feature")
_SIMPLE = ("Polygon", "LineString", "Point")
_MULTIPLE = {"MultiPolygon": "Polygon", "MultiLineString": "LineString", "MultiPoint": "Point"}
_GEOMETRIES = (*_SIMPLE, *_MULTIPLE, "GeometryCollection")
_KINDS = {"Polygon": Kind.AREA, "LineString": Kind.LINE, "Point": Kind.POINT}
_TYPES = {kind: name for name, kind in _KINDS.items()}
_NAMES = ("name", "Name", "NAME", "title", "id")
_CRS84 = ("urn:ogc:def:crs:OGC:1.3:CRS84", "urn:ogc:def:crs:OGC::CRS84", "EPSG:4326", "urn:ogc:def:crs:EPSG::4326")
_HEIGHTS_NOT_READ = "the third number of positions is not read (GeoJSON measures it from the ellipsoid)"


def read_geojson_areas(root: JsonField) -> AreaFile:
    """Return the features of a GeoJSON tree: a collection, one feature, or a bare geometry.

    Raises:
        InputError: anything in it is invalid, or it holds no geometry.
    """
    kind = root["type"].one_of(*_WHOLE, *_GEOMETRIES)
    crs = root.get("crs")
    if crs is not None and crs.value is not None:
        crs["properties"]["name"].one_of(*_CRS84)
    gathering = Gathering(root.where)
    if kind == "FeatureCollection":
        for feature in root["features"].elements(at_least=1, at_most=MAX_FEATURES):
            _feature(feature, gathering)
    elif kind == "Feature":
        _feature(root, gathering)
    else:
        _geometry(root, None, "", gathering)
    return gathering.file()


def write_geojson_areas(features: tuple[AreaFeature, ...]) -> str:
    """Return features as a FeatureCollection that `read_geojson_areas` reads back."""
    tree = {"type": "FeatureCollection", "features": [_tree_of(f) for f in features]}
    return json.dumps(tree, indent=1) + "\n"


def _feature(feature: JsonField, gathering: Gathering) -> None:
    feature["type"].one_of("Feature")
    geometry, properties = feature["geometry"], feature.get("properties")
    if properties is not None and properties.value is None:
        properties = None
    if geometry.value is None:
        gathering.tell("a feature without a geometry is left out")
        return
    _geometry(geometry, properties, _name(feature, properties), gathering)


def _name(feature: JsonField, properties: JsonField | None) -> str:
    for holder, names in ((properties, _NAMES), (feature, ("id",))):
        for name in names:
            found = holder.get(name) if holder is not None else None
            if found is not None and isinstance(found.value, (str, int)):
                return printable(str(found.value))[:MAX_NAME]
    return ""


def _geometry(geometry: JsonField, properties: JsonField | None, name: str, gathering: Gathering) -> None:
    """Take a geometry apart, without recursion: a file may nest collections as deep as it likes."""
    pending = [geometry]
    while pending:
        part = pending.pop()
        kind = part["type"].one_of(*_GEOMETRIES)
        if kind == "GeometryCollection":
            pending += reversed(list(part["geometries"].elements(at_most=MAX_FEATURES)))
        elif kind in _MULTIPLE:
            for piece in part["coordinates"].elements(at_least=1, at_most=MAX_FEATURES):
                gathering.add(_simple(_MULTIPLE[kind], piece, None, name, gathering))
        else:
            gathering.add(_simple(kind, part["coordinates"], properties, name, gathering))


def _simple(
    kind: str, coordinates: JsonField, properties: JsonField | None, name: str, gathering: Gathering
) -> AreaFeature:
    place = Place(coordinates.where, coordinates.path + (f" '{name}'" if name else ""))
    if kind == "Polygon":
        rings = [
            opened(_positions(ring, 4, gathering), Place(ring.where, ring.path))
            for ring in coordinates.elements(at_least=1, at_most=MAX_VERTICES)
        ]
        shape = checked_polygon(rings, place, gathering.put_right)
        return AreaFeature(name, Kind.AREA, (shape.outer, *shape.holes))
    if kind == "Point":
        line: tuple[Point, ...] = (_position(coordinates, gathering),)
    else:
        line = checked_line(_positions(coordinates, 2, gathering), place, gathering.put_right, MAX_VERTICES)
    heights_m, datum = _heights(properties, len(line))
    return AreaFeature(name, _KINDS[kind], (line,), heights_m, datum)


def _positions(field: JsonField, at_least: int, gathering: Gathering) -> list[Point]:
    return [_position(p, gathering) for p in field.elements(at_least=at_least, at_most=MAX_VERTICES)]


def _position(field: JsonField, gathering: Gathering) -> Point:
    numbers = list(field.elements(at_least=2, at_most=4))
    lon, lat = (number.number(-1e6, 1e6, "degrees") for number in numbers[:2])
    if any(isinstance(n.value, (int, float)) and n.value != 0 for n in numbers[2:]):
        gathering.tell(_HEIGHTS_NOT_READ)
    return checked_position(lat, lon, Place(field.where, field.path))


def _heights(properties: JsonField | None, count: int) -> tuple[tuple[float, ...] | None, Datum | None]:
    """Return our heights where a feature has them for each of its positions."""
    given = properties.get("heights_m") if properties is not None else None
    if properties is None or given is None or given.value is None:
        return None, None
    heights = tuple(h.number(MIN_HEIGHT_M, MAX_HEIGHT_M, "m") for h in given.elements(count, count))
    return heights, Datum(properties["datum"].one_of(Datum.AGL.value, Datum.AMSL.value))


def _tree_of(feature: AreaFeature) -> dict[str, Any]:
    properties: dict[str, Any] = {"name": feature.name, **feature.said}
    if feature.heights_m is not None and feature.datum is not None:
        properties |= {"heights_m": list(feature.heights_m), "datum": feature.datum.value}
    coordinates: Any = [[lon, lat] for lat, lon in feature.outline]
    if feature.kind is Kind.AREA:
        coordinates = [[[lon, lat] for lat, lon in (*ring, ring[0])] for ring in feature.rings]
    elif feature.kind is Kind.POINT:
        coordinates = coordinates[0]
    geometry = {"type": _TYPES[feature.kind], "coordinates": coordinates}
    return {"type": "Feature", "properties": properties, "geometry": geometry}
