"""KML 2.2 and 2.3 (OGC 12-007r2): placemarks with polygons, lines and points as zones.

What KML has no element for stands in ExtendedData, of the placemark or of a folder around it; docs/zones.md has the
names. What only concerns the look of a map is passed over.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from difflib import get_close_matches

from lenger_core.zone_files.collecting import (
    MAX_NAME,
    MAX_PRIORITY,
    Collector,
    checked_limits,
)
from lenger_core.zone_files.kml_geometry import coordinates_of, rings_of
from lenger_core.zone_files.kml_text import NONE, limit_of, number_of, windows_of_text
from lenger_core.zone_files.kml_tree import Element, child_text, children, local_name, parse_kml, place_of
from lenger_core.zone_files.places import Place, ZoneFile
from lenger_core.zone_files.rules import (
    checked_border,
    checked_circle,
    checked_corridor,
    checked_polygon,
)
from lenger_core.zone_model import Datum, HeightLimit, Shape, Zone, ZoneKind

KEYS = ("kind", "floor", "ceiling", "priority", "times", "radius_m", "width_m", "beyond", "buffer_m")
_CONTAINERS = ("Document", "Folder")
_GEOMETRIES = ("Polygon", "LineString", "LinearRing", "Point", "MultiGeometry")
_NO_GEOMETRIES = ("Model", "Track", "MultiTrack")
_OTHER_FEATURES = ("NetworkLink", "GroundOverlay", "PhotoOverlay", "ScreenOverlay", "Tour")
_DATUMS = {"relativeToGround": Datum.AGL, "absolute": Datum.AMSL}
_SAME_HEIGHT_M = 0.01

Data = dict[str, str]


@dataclass(frozen=True, slots=True)
class _Mark:
    """A placemark.

    Attributes:
        name: of its zone.
        data: our properties, its own and those of the folders around it.
        own_kind: whether it says its kind itself, so that it must be a zone.
        place: in the file.
    """

    name: str
    data: Data
    own_kind: bool
    place: Place

    def number(self, key: str, low: float, high: float, unit: str) -> float:
        return number_of(self.data[key], low, high, self.place.at(f" {key}"), unit)


def read_kml(text: str, where: str, default_kind: ZoneKind | None = None) -> ZoneFile:
    """Return the zones of a KML text.

    Args:
        text: the content.
        where: what errors call it.
        default_kind: what a placemark is that does not say its kind.

    Raises:
        InputError: anything in it is invalid, or there is no zone in it.
    """
    collector = Collector(where, "kml")
    given: Data = {} if default_kind is None else {"kind": default_kind.value}
    pending: list[tuple[Element, Data]] = [(parse_kml(text, where), given)]
    while pending:
        container, inherited = pending.pop()
        data = inherited | _data(container, collector)
        inner = list(children(container, *_CONTAINERS))
        for mark in children(container, "Placemark"):
            _placemark(mark, data, collector)
        for other in children(container, *_OTHER_FEATURES):
            collector.notes.append(f"{place_of(other, where).path} is no zone and was not read")
        pending += [(child, data) for child in reversed(inner)]
    found = collector.file()
    if not found.zones.zones:
        raise collector.place("Placemark").error("none that is a zone", "at least one Polygon, LineString or Point")
    return found


def _data(element: Element, collector: Collector) -> Data:
    """Return our properties of a placemark or folder; anything but empty texts."""
    place, found = place_of(element, collector.where), {}
    span = next(children(element, "TimeSpan"), None)
    if span is not None:
        found["times"] = f"{child_text(span, 'begin') or '..'}/{child_text(span, 'end') or '..'}"
    for extended in children(element, "ExtendedData"):
        entries = [*children(extended, "Data")]
        entries += [e for schema in children(extended, "SchemaData") for e in children(schema, "SimpleData")]
        for entry in entries:
            key = entry.get("name") or ""
            value = child_text(entry, "value") if local_name(entry) == "Data" else (entry.text or "").strip()
            if key in KEYS:
                if value:
                    found[key] = value
            elif get_close_matches(key, KEYS, 1, 0.75):
                raise place.at(f" {key}").error(value, f"no such field; valid fields: {', '.join(KEYS)}")
            else:
                collector.tell(f"data {key[:40]!r} is not kept", child_text(element, "name") or local_name(element))
    return found


def _placemark(element: Element, inherited: Data, collector: Collector) -> None:
    own = _data(element, collector)
    name = collector.free_name(child_text(element, "name") or "zone")
    mark = _Mark(name, inherited | own, "kind" in own, place_of(element, collector.where))
    geometries = _geometries(element, mark, collector)
    if not geometries:
        if mark.own_kind:
            raise mark.place.error("no geometry of a zone", "a Polygon, a LineString or a Point")
        collector.tell("a placemark without a zone's geometry is left out", name)
    shapes = [(g, s) for g in geometries if (s := _shape(g, mark, collector)) is not None]
    for number, (geometry, shape) in enumerate(shapes, start=1):
        named = name if len(shapes) == 1 else collector.free_name(f"{name[: MAX_NAME - 7]} ({number})")
        collector.add(_zone(replace(mark, name=named), geometry, shape, collector), mark.place)


def _geometries(element: Element, mark: _Mark, collector: Collector) -> list[Element]:
    """Return the geometries of a placemark, those inside of MultiGeometry too."""
    found: list[Element] = []
    pending = [element]
    while pending:
        parent = pending.pop()
        for child in children(parent, *_GEOMETRIES):
            (pending if local_name(child) == "MultiGeometry" else found).append(child)
        for child in children(parent, *_NO_GEOMETRIES):
            collector.tell(f"a {local_name(child)} is no zone", mark.name)
    return found


def _zone(mark: _Mark, geometry: Element, shape: Shape, collector: Collector) -> Zone:
    data, place = mark.data, mark.place
    kinds = [k.value for k in ZoneKind]
    kind = data.get("kind", "").lower()
    if kind not in kinds:
        got = data.get("kind", "nothing")
        raise place.at(" kind").error(got, f"{' or '.join(kinds)}, as Data in ExtendedData of it or of its folder")
    if "floor" in data or "ceiling" in data:
        floor, ceiling = (limit_of(data.get(k, NONE), place.at(f" {k}")) for k in ("floor", "ceiling"))
    else:
        floor, ceiling = None, _drawn_ceiling(geometry, mark, collector)
    checked_limits(floor, ceiling, place.at(" floor"))
    priority = number_of(data.get("priority", "0"), -MAX_PRIORITY, MAX_PRIORITY, place.at(" priority"))
    if not priority.is_integer():
        raise place.at(" priority").error(data["priority"], "a whole number")
    windows = windows_of_text(data.get("times", NONE), place.at(" times"))
    return Zone(mark.name, ZoneKind(kind), shape, floor, ceiling, int(priority), windows)


def _drawn_ceiling(geometry: Element, mark: _Mark, collector: Collector) -> HeightLimit | None:
    """Return the ceiling that altitudeMode and the altitudes of the corners draw."""
    mode = child_text(geometry, "altitudeMode") or "clampToGround"
    if mode == "clampToGround":
        return None
    if mode not in _DATUMS:
        expected = "clampToGround, relativeToGround or absolute"
        raise mark.place.at(" altitudeMode").error(mode, expected)
    heights = [h for ring in geometry.iter("{*}coordinates") for _, h in coordinates_of(ring, mark.place)]
    low, high = min(heights), max(heights)
    if high - low > _SAME_HEIGHT_M:
        expected = "one height for all corners, or floor and ceiling in ExtendedData"
        raise mark.place.at(" coordinates").error(f"heights from {low:g} to {high:g} m", expected)
    if high == 0.0 and mode == "relativeToGround":
        collector.tell("drawn on the ground: read as without a ceiling", mark.name)
        return None
    if child_text(geometry, "extrude") not in ("1", "true"):
        collector.tell("drawn as a surface without extrude: read as the ceiling, from the ground up", mark.name)
    return HeightLimit(high, _DATUMS[mode])


def _shape(geometry: Element, mark: _Mark, collector: Collector) -> Shape | None:
    name, data, place = local_name(geometry), mark.data, mark.place
    if name in ("Polygon", "LinearRing"):
        return checked_polygon(rings_of(geometry, place), place.at(" coordinates"), collector.notes)
    points = [p for p, _ in coordinates_of(geometry, place)]
    if name == "Point":
        if len(points) != 1:
            raise place.at(" coordinates").error(f"{len(points)} positions", "1")
        if "radius_m" in data:
            radius_m = mark.number("radius_m", 1.0, 100_000.0, "m")
            return checked_circle(*points[0], radius_m, place.at(" coordinates"))
        _no_zone(mark, collector, "a Point without radius_m")
        return None
    if "width_m" in data and "beyond" in data:
        raise place.error("width_m and beyond", "width_m (a corridor) or beyond (a border) on a LineString")
    if "width_m" in data:
        width_m = mark.number("width_m", 1.0, 20_000.0, "m")
        return checked_corridor(points, width_m, place.at(" coordinates"), collector.notes)
    if "beyond" in data:
        buffer_m = mark.number("buffer_m", 0.0, 20_000.0, "m") if "buffer_m" in data else 0.0
        return checked_border(points, data["beyond"].lower(), buffer_m, place, collector.notes)
    _no_zone(mark, collector, "a LineString without width_m or beyond")
    return None


def _no_zone(mark: _Mark, collector: Collector, what: str) -> None:
    if mark.own_kind:
        raise mark.place.error(what, "these numbers as Data in ExtendedData")
    collector.tell(f"{what} is no zone and is left out", mark.name)
