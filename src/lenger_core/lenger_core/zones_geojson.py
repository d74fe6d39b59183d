"""Zones as GeoJSON (RFC 7946) with our properties, validated by pydantic.

A zone is a Feature. Its geometry is a Polygon (first ring the outline, further rings holes), or a Point with the
property `radius_m`. Properties: `name`, `kind` (inclusion, exclusion), `floor` and `ceiling` ({"height_m": 150,
"datum": "agl"}, or null for unlimited), `priority`. Positions are [longitude, latitude] in degrees without a height.
"""

from __future__ import annotations

import json
import math
from itertools import pairwise
from pathlib import Path
from typing import Annotated, Any, Literal, NoReturn, TypeVar

from pydantic import BaseModel, ConfigDict, Field, ValidationError
from shapely.geometry import Polygon
from shapely.validation import explain_validity

from lenger_core.errors import InputError
from lenger_core.zones import CircleShape, Datum, HeightLimit, PolygonShape, Ring, Zone, ZoneKind, ZoneSet

MAX_TEXT = 8_000_000
MAX_ZONES = 1_000
MAX_VERTICES = 50_000
MAX_SPAN_DEG = 3.0
MIN_AREA_M2 = 1.0
_M_PER_DEG = 111_195.0

ModelT = TypeVar("ModelT", bound=BaseModel)

Latitude = Annotated[float, Field(ge=-89.0, le=89.0, allow_inf_nan=False)]
Longitude = Annotated[float, Field(ge=-180.0, le=180.0, allow_inf_nan=False)]
Height = Annotated[float, Field(ge=-1_000.0, le=20_000.0, allow_inf_nan=False)]


class _Model(BaseModel):
    model_config = ConfigDict(strict=True, extra="ignore", frozen=True)


class _Limit(_Model):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)
    height_m: Height
    datum: Literal["amsl", "agl", "home"]


class _Properties(_Model):
    model_config = ConfigDict(strict=True, extra="forbid", frozen=True)
    name: Annotated[str, Field(min_length=1, max_length=80)]
    kind: Literal["inclusion", "exclusion"]
    floor: _Limit | None = None
    ceiling: _Limit | None = None
    priority: Annotated[int, Field(ge=-1_000, le=1_000)] = 0
    radius_m: Annotated[float, Field(ge=1.0, le=100_000.0, allow_inf_nan=False)] | None = None


class _PolygonGeometry(_Model):
    type: Literal["Polygon"]
    coordinates: Annotated[list[Annotated[list[Any], Field(min_length=4)]], Field(min_length=1)]


class _PointGeometry(_Model):
    type: Literal["Point"]
    coordinates: Any


class _Feature(_Model):
    type: Literal["Feature"]
    properties: _Properties
    geometry: Annotated[_PolygonGeometry | _PointGeometry, Field(discriminator="type")]


class _Position(_Model):
    lon: Longitude
    lat: Latitude


class _Collection(_Model):
    type: Literal["FeatureCollection"]
    features: Annotated[list[Any], Field(min_length=1, max_length=MAX_ZONES)]


def read_zones(path: Path) -> ZoneSet:
    """Return the zones of a GeoJSON file; InputError when it cannot be read or is invalid."""
    try:
        with path.open("rb") as file:
            data = file.read(MAX_TEXT + 1)
        text = data.decode("utf-8")
    except OSError as error:
        raise InputError(str(path), "", error.strerror or str(error), "a readable GeoJSON file of zones") from error
    except UnicodeDecodeError as error:
        raise InputError(str(path), f"byte {error.start}", data[error.start : error.start + 8], "UTF-8 text") from error
    return parse_zones(text, str(path))


def parse_zones(text: str, where: str) -> ZoneSet:
    """Return the zones in `text`; InputError names `where`, the feature, the field, the value and valid choices."""
    collection = _validate(_Collection, _json(text, where), where, "")
    zones: list[Zone] = []
    vertices = 0
    for index, raw in enumerate(collection.features):
        zone = _zone(raw, where, f"features[{index}]")
        if any(z.name == zone.name for z in zones):
            raise InputError(where, f"features[{index}].properties.name", zone.name, "a name that no other zone has")
        if isinstance(zone.shape, PolygonShape):
            vertices += sum(len(ring) for ring in (zone.shape.outer, *zone.shape.holes))
        if vertices > MAX_VERTICES:
            raise InputError(
                where, f"features[{index}]", f"{vertices} vertices so far", f"at most {MAX_VERTICES} in all"
            )
        zones.append(zone)
    return ZoneSet(tuple(zones))


def dump_zones(zones: ZoneSet) -> str:
    """Return zones as GeoJSON text; `parse_zones` gives the same zones back."""
    return json.dumps({"type": "FeatureCollection", "features": [_feature(z) for z in zones.zones]}, indent=1)


def _json(text: str, where: str) -> Any:
    if len(text) > MAX_TEXT:
        raise InputError(where, "", f"{len(text)} characters", f"at most {MAX_TEXT}")

    def refuse(constant: str) -> NoReturn:
        raise InputError(where, "", constant, "finite numbers (JSON has no NaN or Infinity)")

    def object_once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        made = dict(pairs)
        if len(made) < len(pairs):
            raise InputError(where, "", f"a key twice among {[k for k, _ in pairs]}", "each key once in an object")
        return made

    try:
        return json.loads(text, parse_constant=refuse, object_pairs_hook=object_once)
    except json.JSONDecodeError as error:
        excerpt = text[max(0, error.pos - 10) : error.pos + 10]
        raise InputError(where, f"line {error.lineno} column {error.colno}", excerpt, f"JSON ({error.msg})") from error
    except (RecursionError, ValueError) as error:  # ValueError: an integer of more than 4300 digits
        raise InputError(where, "", text[:20], f"a GeoJSON FeatureCollection ({type(error).__name__})") from error


def _validate(model: type[ModelT], raw: Any, where: str, prefix: str) -> ModelT:
    try:
        return model.model_validate(raw)
    except ValidationError as error:
        first = error.errors(include_url=False)[0]
    # A union puts the tag of its branch into the path; a reader of the file does not know it.
    steps = [s for s in first["loc"] if s not in ("Polygon", "Point")]
    path = "".join(f"[{s}]" if isinstance(s, int) else f".{s}" for s in steps)
    field = f"{prefix}{path}".lstrip(".")
    if first["type"] == "missing":
        raise InputError(where, field, "nothing", "this field to be present")
    if first["type"] == "extra_forbidden":
        valid = _valid_fields(model, steps)
        raise InputError(where, field, first["input"], f"no such field; valid fields: {valid}")
    raise InputError(where, field, first["input"], first["msg"].removeprefix("Input should be "))


def _valid_fields(model: type[BaseModel], steps: list[Any]) -> str:
    owner: type[BaseModel] = _Limit if {"floor", "ceiling"} & set(steps[:-1]) else _Properties
    return ", ".join(owner.model_fields if model is _Feature else model.model_fields)


def _zone(raw: Any, where: str, prefix: str) -> Zone:
    feature = _validate(_Feature, raw, where, prefix)
    p = feature.properties
    prefix = f"{prefix} '{p.name}'"
    floor, ceiling = _limit(p.floor), _limit(p.ceiling)
    if floor and ceiling and floor.datum is ceiling.datum and floor.height_m >= ceiling.height_m:
        expected = f"less than the ceiling's {ceiling.height_m}"
        raise InputError(where, f"{prefix} properties.floor.height_m", floor.height_m, expected)
    return Zone(p.name, ZoneKind(p.kind), _shape(feature, where, prefix), floor, ceiling, p.priority)


def _limit(limit: _Limit | None) -> HeightLimit | None:
    return None if limit is None else HeightLimit(limit.height_m, Datum(limit.datum))


def _shape(feature: _Feature, where: str, prefix: str) -> PolygonShape | CircleShape:
    radius_m = feature.properties.radius_m
    geometry = feature.geometry
    if isinstance(geometry, _PointGeometry):
        if radius_m is None:
            raise InputError(where, f"{prefix} properties.radius_m", "nothing", "a radius of 1 to 100000 m for a Point")
        lat, lon = _position(geometry.coordinates, where, f"{prefix} geometry.coordinates")
        return CircleShape(lat, lon, radius_m)
    if radius_m is not None:
        raise InputError(where, f"{prefix} properties.radius_m", radius_m, "no radius on a Polygon (only on a Point)")
    field = f"{prefix} geometry.coordinates"
    rings = [_ring(ring, where, f"{field}[{i}]") for i, ring in enumerate(geometry.coordinates)]
    _check_outline(rings, where, field)
    return PolygonShape(rings[0], tuple(rings[1:]))


def _position(raw: Any, where: str, field: str) -> tuple[float, float]:
    if not isinstance(raw, list) or len(raw) != 2:
        raise InputError(where, field, raw, "[longitude, latitude] (heights belong into floor and ceiling)")
    position = _validate(_Position, {"lon": raw[0], "lat": raw[1]}, where, field)
    return position.lat, position.lon


def _ring(raw: list[Any], where: str, field: str) -> Ring:
    if len(raw) > MAX_VERTICES:
        raise InputError(where, field, f"{len(raw)} positions", f"at most {MAX_VERTICES}")
    points = [_position(p, where, f"{field}[{i}]") for i, p in enumerate(raw)]
    if points[0] != points[-1]:
        raise InputError(
            where, f"{field}[{len(raw) - 1}]", raw[-1], f"a closed ring that ends at its first position {raw[0]}"
        )
    ring = [p for p, following in pairwise(points) if p != following]
    if len(ring) < 3:
        raise InputError(where, field, f"{len(set(points))} different corners", "at least 3")
    for name, values in (("latitude", [p[0] for p in ring]), ("longitude", [p[1] for p in ring])):
        span = max(values) - min(values)
        if span > MAX_SPAN_DEG:
            raise InputError(
                where, field, f"{name}s {span:.3g} degrees apart", f"at most {MAX_SPAN_DEG:g} (no antimeridian)"
            )
    return tuple(ring)


def _check_outline(rings: list[Ring], where: str, field: str) -> None:
    """Refuse an outline that crosses itself, is empty, or has a hole that is not inside."""
    lat0, lon0 = rings[0][0]
    scale = math.cos(math.radians(lat0)) * _M_PER_DEG
    flat = [[((lon - lon0) * scale, (lat - lat0) * _M_PER_DEG) for lat, lon in ring] for ring in rings]
    polygon = Polygon(flat[0], flat[1:])
    if not polygon.is_valid:
        reason = explain_validity(polygon).split("[")[0].lower()
        raise InputError(where, field, reason, "an outline that does not cross itself, with its holes inside")
    if polygon.area < MIN_AREA_M2:
        raise InputError(where, field, f"{polygon.area:.3g} m2", f"an area of at least {MIN_AREA_M2:g} m2")


def _feature(zone: Zone) -> dict[str, Any]:
    def limit(value: HeightLimit | None) -> dict[str, Any] | None:
        return None if value is None else {"height_m": value.height_m, "datum": value.datum.value}

    properties: dict[str, Any] = {"name": zone.name, "kind": zone.kind.value}
    properties |= {"floor": limit(zone.floor), "ceiling": limit(zone.ceiling), "priority": zone.priority}
    shape = zone.shape
    if isinstance(shape, CircleShape):
        properties["radius_m"] = shape.radius_m
        geometry: dict[str, Any] = {"type": "Point", "coordinates": [shape.lon_deg, shape.lat_deg]}
    else:
        rings = [[[lon, lat] for lat, lon in (*ring, ring[0])] for ring in (shape.outer, *shape.holes)]
        geometry = {"type": "Polygon", "coordinates": rings}
    return {"type": "Feature", "properties": properties, "geometry": geometry}
