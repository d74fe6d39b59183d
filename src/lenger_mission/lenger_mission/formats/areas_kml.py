"""Areas, lines and points as KML 2.2 (OGC 12-007r2), both ways.

Heights of lines and points are read where altitudeMode says what they are measured from: `relativeToGround` is above
the ground, `absolute` above mean sea level. What only concerns the look of a map is passed over.
"""

from __future__ import annotations

from collections import deque

from lxml import etree

from lenger_core.plans import Datum
from lenger_core.zone_files.collecting import printable
from lenger_core.zone_files.kml_geometry import coordinates_of, rings_of
from lenger_core.zone_files.kml_tree import Element, child_text, children, local_name, parse_kml, place_of
from lenger_core.zone_files.places import MAX_VERTICES, Place
from lenger_core.zone_files.rules import checked_line, checked_polygon
from lenger_mission.formats.areas_model import MAX_NAME, AreaFeature, AreaFile, Gathering, Kind, Positions

_NAMESPACE = "http://www.opengis.net/kml/2.2"
_CONTAINERS = ("Document", "Folder")
_GEOMETRIES = ("Polygon", "LinearRing", "LineString", "Point")
_PASSED_OVER = ("NetworkLink", "GroundOverlay", "PhotoOverlay", "ScreenOverlay", "Tour")
_DATUMS = {"relativeToGround": Datum.AGL, "absolute": Datum.AMSL}
_MODES = {datum: mode for mode, datum in _DATUMS.items()}


def read_kml_areas(text: str, where: str) -> AreaFile:
    """Return the features of a KML text.

    Raises:
        InputError: anything in it is invalid, or it holds no geometry.
    """
    gathering = Gathering(where)
    pending = [parse_kml(text, where)]
    while pending:
        container = pending.pop()
        inner = list(children(container, *_CONTAINERS))
        for mark in children(container, "Placemark"):
            _placemark(mark, gathering)
        for other in children(container, *_PASSED_OVER):
            gathering.tell(f"a {local_name(other)} is not read")
        pending += reversed(inner)
    return gathering.file()


def write_kml_areas(title: str, features: tuple[AreaFeature, ...]) -> str:
    """Return features as a KML text that `read_kml_areas` reads back."""
    root = etree.Element("kml", nsmap={None: _NAMESPACE})
    document = etree.SubElement(root, "Document")
    _leaf(document, "name", title)
    for feature in features:
        _write_placemark(document, feature)
    text = etree.tostring(root, encoding="unicode", pretty_print=True)
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}'


def _placemark(mark: Element, gathering: Gathering) -> None:
    name = printable(child_text(mark, "name") or "")[:MAX_NAME]
    place = place_of(mark, gathering.where)
    geometries = _geometries(mark)
    if not geometries:
        gathering.tell("placemarks without a polygon, a line or a point are left out")
    for geometry in geometries:
        gathering.add(_feature(geometry, name, place, gathering))


def _geometries(mark: Element) -> list[Element]:
    found: list[Element] = []
    pending = deque([mark])
    while pending:
        parent = pending.popleft()
        found += children(parent, *_GEOMETRIES)
        pending += children(parent, "MultiGeometry")
    return found


def _feature(geometry: Element, name: str, place: Place, gathering: Gathering) -> AreaFeature:
    kind, at = local_name(geometry), place.at(" coordinates")
    if kind in ("Polygon", "LinearRing"):
        shape = checked_polygon(rings_of(geometry, place), at, gathering.put_right)
        return AreaFeature(name, Kind.AREA, (shape.outer, *shape.holes))
    told = coordinates_of(geometry, place)
    points = [point for point, _ in told]
    mode = child_text(geometry, "altitudeMode") or "clampToGround"
    datum = _DATUMS.get(mode)
    if kind == "Point":
        if len(points) != 1:
            raise at.error(f"{len(points)} positions", "1")
        line: Positions = (points[0],)
    else:
        line = checked_line(points, at, gathering.put_right, MAX_VERTICES)
    kept = len(line) == len(told)
    if datum is not None and not kept:
        gathering.tell("heights of a line with doubled points are not kept")
    if datum is None and any(height for _, height in told):
        gathering.tell(f"heights that altitudeMode {mode[:40]} does not use are not kept")
    heights = tuple(height for _, height in told) if datum is not None and kept else None
    return AreaFeature(name, Kind.POINT if kind == "Point" else Kind.LINE, (line,), heights, datum if heights else None)


def _write_placemark(document: Element, feature: AreaFeature) -> None:
    mark = etree.SubElement(document, "Placemark")
    _leaf(mark, "name", feature.name)
    if feature.said:
        extended = etree.SubElement(mark, "ExtendedData")
        for key, value in feature.said.items():
            _leaf(etree.SubElement(extended, "Data", name=key), "value", str(value))
    if feature.kind is Kind.AREA:
        polygon = etree.SubElement(mark, "Polygon")
        for number, ring in enumerate(feature.rings):
            boundary = etree.SubElement(polygon, "innerBoundaryIs" if number else "outerBoundaryIs")
            _leaf(etree.SubElement(boundary, "LinearRing"), "coordinates", _coordinates((*ring, ring[0]), None))
        return
    element = etree.SubElement(mark, "Point" if feature.kind is Kind.POINT else "LineString")
    if feature.datum is not None:
        _leaf(element, "altitudeMode", _MODES[feature.datum])
    elif feature.kind is Kind.LINE:
        _leaf(element, "tessellate", "1")
    _leaf(element, "coordinates", _coordinates(feature.outline, feature.heights_m))


def _coordinates(line: Positions, heights_m: tuple[float, ...] | None) -> str:
    tails = [""] * len(line) if heights_m is None else [f",{float(h)!r}" for h in heights_m]
    return " ".join(f"{float(lon)!r},{float(lat)!r}{tail}" for (lat, lon), tail in zip(line, tails, strict=True))


def _leaf(parent: Element, name: str, text: str) -> None:
    etree.SubElement(parent, name).text = printable(text)
