"""Positions and rings of KML geometries (OGC 12-007r2)."""

from __future__ import annotations

from lenger_core.zone_files.collecting import MAX_HEIGHT_M, MIN_HEIGHT_M
from lenger_core.zone_files.kml_text import number_of
from lenger_core.zone_files.kml_tree import Element, children, local_name
from lenger_core.zone_files.places import MAX_VERTICES, Place
from lenger_core.zone_files.rules import Point, checked_position, opened


def rings_of(geometry: Element, place: Place) -> list[list[Point]]:
    """Return the rings of a Polygon or LinearRing as (lat_deg, lon_deg), each without the repetition of its first
    position.

    Raises:
        InputError: not one outline, a ring that is not closed, or a position that is none.
    """
    if local_name(geometry) == "LinearRing":
        boundaries = [geometry]
    else:
        outer = [r for b in children(geometry, "outerBoundaryIs") for r in children(b, "LinearRing")]
        if len(outer) != 1:
            raise place.at(" outerBoundaryIs").error(f"{len(outer)} rings", "1 LinearRing")
        boundaries = outer + [r for b in children(geometry, "innerBoundaryIs") for r in children(b, "LinearRing")]
    rings = []
    for number, ring in enumerate(boundaries):
        points = [p for p, _ in coordinates_of(ring, place)]
        rings.append(list(opened(points, place.at(f" coordinates[{number}]"))))
    return rings


def coordinates_of(element: Element, place: Place) -> list[tuple[Point, float]]:
    """Return ((lat_deg, lon_deg), altitude in metres) of an element's `coordinates`, or of itself.

    Raises:
        InputError: none, too many, or one that is no position.
    """
    holder = element if local_name(element) == "coordinates" else next(children(element, "coordinates"), None)
    words = ((holder.text or "") if holder is not None else "").split()
    at = place.at(" coordinates")
    if not words:
        raise at.error("nothing", "longitude,latitude or longitude,latitude,altitude, by spaces")
    if len(words) > MAX_VERTICES:
        raise at.error(f"{len(words)} positions", f"at most {MAX_VERTICES}")
    return [_coordinate(word, at.at(f"[{k}]")) for k, word in enumerate(words)]


def _coordinate(word: str, place: Place) -> tuple[Point, float]:
    parts = word.split(",")
    if len(parts) not in (2, 3):
        raise place.error(word, "longitude,latitude or longitude,latitude,altitude")
    lon, lat = (number_of(part, -400.0, 400.0, place, "degrees") for part in parts[:2])
    height = number_of(parts[2], MIN_HEIGHT_M, MAX_HEIGHT_M, place, "m") if len(parts) == 3 else 0.0
    return checked_position(lat, lon, place), height
