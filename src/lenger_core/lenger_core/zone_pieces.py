"""Zones as pieces that a flat fence knows: polygons without holes, and circles."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

import numpy as np
from shapely.geometry import Polygon, box
from shapely.geometry.base import BaseGeometry
from shapely.ops import unary_union

from lenger_core.geodesy import LocalFrame
from lenger_core.zone_model import BorderShape, CircleShape, PolygonShape, Ring, Zone
from lenger_core.zone_shapes import CHORD_ERROR_M, outline_of

BORDER_REACH_M = 20_000.0
"""A border goes on this far beyond all that is not a border: an autopilot's fence has an end."""
_FIRST = 10_000
"""Before every priority that a zone may have."""


@dataclass(frozen=True, slots=True)
class Piece:
    """One polygon or circle of a fence, while it is made to fit.

    Attributes:
        inclusion: else an exclusion.
        outline: without holes, metres in a local frame; of a circle, its polygon.
        source: the circle or ring (lat_deg, lon_deg) that it is exactly, None when only `outline` says it.
        name: of its zone.
        priority: the higher, the longer it is kept.
        chord_m: how far the outline may be from the true line already.
    """

    inclusion: bool
    outline: Polygon
    source: Ring | CircleShape | None
    name: str
    priority: int
    chord_m: float = 0.0

    @property
    def ring(self) -> tuple[tuple[float, ...], ...]:
        """Return its vertices, or the one centre of a circle."""
        if isinstance(self.source, CircleShape):
            return ((self.source.lat_deg, self.source.lon_deg),)
        return self.source if self.source is not None else tuple(self.outline.exterior.coords)[:-1]


def frame_of(zones: Iterable[Zone]) -> LocalFrame:
    """Return a frame in the middle of zones, at sea level: distances are longer by height over the Earth's radius."""
    corners = np.array([p for zone in zones for p in _positions(zone)])
    lat, lon = 0.5 * (corners.min(axis=0) + corners.max(axis=0))
    return LocalFrame(float(lat), float(lon), 0.0, 0.0)


def _positions(zone: Zone) -> Ring:
    shape = zone.shape
    if isinstance(shape, PolygonShape):
        return shape.outer
    return ((shape.lat_deg, shape.lon_deg),) if isinstance(shape, CircleShape) else shape.line


def _outlines(zones: list[Zone], frame: LocalFrame) -> list[BaseGeometry]:
    """Return the zones' outlines, borders as far as `BORDER_REACH_M` around everything."""
    outlines: list[BaseGeometry] = [outline_of(zone, frame) for zone in zones]
    if not any(isinstance(zone.shape, BorderShape) for zone in zones):
        return outlines
    finite = [o for o, z in zip(outlines, zones, strict=True) if not isinstance(z.shape, BorderShape)]
    spots = frame.to_local_many(*np.array([p for z in zones for p in _positions(z)]).T)
    low, high = spots.min(axis=0), spots.max(axis=0)
    for outline in finite:
        low, high = np.minimum(low, outline.bounds[:2]), np.maximum(high, outline.bounds[2:])
    world = box(*(low - BORDER_REACH_M), *(high + BORDER_REACH_M))
    return [
        o.intersection(world) if isinstance(z.shape, BorderShape) else o for o, z in zip(outlines, zones, strict=True)
    ]


def inclusion_pieces(zones: list[Zone], frame: LocalFrame) -> list[Piece]:
    """Return inclusions, those that meet merged, and what they leave out in their middle as exclusions.

    Some autopilots want the aircraft inside every inclusion: two that overlap must be said as one.
    """
    outlines = _outlines(zones, frame)
    whole = unary_union(outlines)
    pieces = []
    for part in polygons_of(whole):
        members = [k for k, outline in enumerate(outlines) if outline.intersects(part)]
        alone = zones[members[0]] if len(members) == 1 else None
        name = " + ".join(zones[k].name for k in members)
        curved = any(not isinstance(zones[k].shape, PolygonShape) for k in members)
        pieces.append(_piece(Polygon(part.exterior), alone, True, name, _FIRST, curved))
        for number, hole in enumerate(part.interiors, start=1):
            # Another inclusion may lie within the hole.
            for left in polygons_of(Polygon(hole).difference(whole)):
                title = f"hole {number} of {name}"
                pieces += [_piece(p, None, False, title, _FIRST, curved) for p in without_holes(left)]
    return pieces


def exclusion_pieces(zones: list[Zone], frame: LocalFrame) -> list[Piece]:
    """Return exclusions, those with holes cut through their holes."""
    pieces = []
    for zone, outline in zip(zones, _outlines(zones, frame), strict=True):
        curved = not isinstance(zone.shape, PolygonShape)
        for part in polygons_of(outline):
            if not part.interiors:
                pieces.append(_piece(part, zone, False, zone.name, zone.priority, curved))
                continue
            pieces += [_piece(p, None, False, zone.name, zone.priority, curved) for p in without_holes(part)]
    return pieces


def _piece(outline: Polygon, zone: Zone | None, inclusion: bool, name: str, priority: int, curved: bool) -> Piece:
    """Return a piece; one that is a zone's own polygon or circle keeps that zone's own numbers."""
    source: Ring | CircleShape | None = None
    if zone is not None and isinstance(zone.shape, CircleShape):
        source = zone.shape
    elif zone is not None and isinstance(zone.shape, PolygonShape):
        source = zone.shape.outer
    chord_m = CHORD_ERROR_M if curved and source is None else 0.0
    return Piece(inclusion, outline, source, name, priority, chord_m)


def without_holes(polygon: Polygon) -> list[Polygon]:
    """Return polygons without holes that together are `polygon`: it is cut through its holes."""
    if not polygon.interiors:
        return [polygon]
    west, south, east, north = polygon.bounds
    middle = Polygon(polygon.interiors[0]).representative_point().x
    sides = (box(west - 1.0, south - 1.0, middle, north + 1.0), box(middle, south - 1.0, east + 1.0, north + 1.0))
    pieces: list[Polygon] = []
    for side in sides:
        cut = polygon.intersection(side)
        for part in getattr(cut, "geoms", (cut,)):
            if isinstance(part, Polygon) and part.area > 0.0:
                pieces += without_holes(part)
    return pieces


def polygons_of(shape: BaseGeometry) -> list[Polygon]:
    """Return the polygons of a geometry, those without an area left out."""
    parts = getattr(shape, "geoms", (shape,))
    return [p for p in parts if isinstance(p, Polygon) and p.area > 0.0]
