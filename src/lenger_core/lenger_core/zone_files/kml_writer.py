"""Zones as KML 2.2 text: what it has elements for is drawn, and all of it stands in ExtendedData as well."""

from __future__ import annotations

from lxml import etree

from lenger_core.zone_files.kml_text import text_of_limit, text_of_windows
from lenger_core.zone_files.kml_tree import Element
from lenger_core.zone_model import (
    BorderShape,
    CircleShape,
    CorridorShape,
    Datum,
    HeightLimit,
    PolygonShape,
    Ring,
    Zone,
    ZoneKind,
    ZoneSet,
)

_NAMESPACE = "http://www.opengis.net/kml/2.2"
_COLOURS = {ZoneKind.INCLUSION: "4000ff00", ZoneKind.EXCLUSION: "600000ff", ZoneKind.APPROACH: "40ff8000"}
"""aabbggrr."""
_MODES = {Datum.AGL: "relativeToGround", Datum.AMSL: "absolute"}


def write_kml(zones: ZoneSet) -> tuple[str, tuple[str, ...]]:
    """Return the zones as KML text, and notes on what a map shows otherwise than it is."""
    root = etree.Element("kml", nsmap={None: _NAMESPACE})
    document = etree.SubElement(root, "Document")
    _leaf(document, "name", "Lenger zones")
    for kind, colour in _COLOURS.items():
        style = etree.SubElement(document, "Style", id=kind.value)
        _leaf(etree.SubElement(style, "LineStyle"), "color", f"ff{colour[2:]}")
        _leaf(etree.SubElement(style, "PolyStyle"), "color", colour)
    for zone in zones.zones:
        _placemark(document, zone)
    text = etree.tostring(root, encoding="unicode", pretty_print=True)
    lines = any(not isinstance(zone.shape, PolygonShape) for zone in zones.zones)
    notes = ("a map shows circles as their centre and corridors and borders as their line",) if lines else ()
    return f'<?xml version="1.0" encoding="UTF-8"?>\n{text}', notes


def _placemark(document: Element, zone: Zone) -> None:
    mark = etree.SubElement(document, "Placemark")
    _leaf(mark, "name", zone.name)
    _leaf(mark, "styleUrl", f"#{zone.kind.value}")
    extended = etree.SubElement(mark, "ExtendedData")
    for key, value in _data(zone).items():
        _leaf(etree.SubElement(extended, "Data", name=key), "value", value)
    _geometry(mark, zone)


def _data(zone: Zone) -> dict[str, str]:
    shape, data = zone.shape, {
        "kind": zone.kind.value,
        "floor": text_of_limit(zone.floor),
        "ceiling": text_of_limit(zone.ceiling),
        "priority": str(zone.priority),
        "times": text_of_windows(zone.windows),
    }  # fmt: skip
    if isinstance(shape, CircleShape):
        data["radius_m"] = repr(float(shape.radius_m))
    elif isinstance(shape, CorridorShape):
        data["width_m"] = repr(float(shape.width_m))
    elif isinstance(shape, BorderShape):
        data |= {"beyond": shape.beyond, "buffer_m": repr(float(shape.buffer_m))}
    return data


def _geometry(mark: Element, zone: Zone) -> None:
    shape = zone.shape
    if isinstance(shape, PolygonShape):
        polygon = etree.SubElement(mark, "Polygon")
        height = _height(polygon, zone.ceiling)
        for number, ring in enumerate((shape.outer, *shape.holes)):
            boundary = etree.SubElement(polygon, "innerBoundaryIs" if number else "outerBoundaryIs")
            _leaf(etree.SubElement(boundary, "LinearRing"), "coordinates", _coordinates((*ring, ring[0]), height))
        return
    circle = isinstance(shape, CircleShape)
    line: Ring = ((shape.lat_deg, shape.lon_deg),) if isinstance(shape, CircleShape) else shape.line
    element = etree.SubElement(mark, "Point" if circle else "LineString")
    if not circle:
        _leaf(element, "tessellate", "1")
    _leaf(element, "coordinates", _coordinates(line, None))


def _height(element: Element, ceiling: HeightLimit | None) -> float | None:
    """Draw walls up to the ceiling where KML has its datum."""
    if ceiling is None or ceiling.datum not in _MODES:
        return None
    _leaf(element, "extrude", "1")
    _leaf(element, "altitudeMode", _MODES[ceiling.datum])
    return ceiling.height_m


def _coordinates(line: Ring, height_m: float | None) -> str:
    tail = "" if height_m is None else f",{height_m!r}"
    return " ".join(f"{float(lon)!r},{float(lat)!r}{tail}" for lat, lon in line)


def _leaf(parent: Element, name: str, text: str) -> None:
    etree.SubElement(parent, name).text = text
