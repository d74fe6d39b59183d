"""Zones in a local frame, ready for queries of a few microseconds."""

from __future__ import annotations

import math
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon
from shapely.ops import unary_union

from lenger_core import zone_kernels
from lenger_core.geodesy import LocalFrame
from lenger_core.zone_model import HeightLimit, Zone, ZoneKind, ZoneSet
from lenger_core.zone_shapes import Outline, outline_of


@dataclass(frozen=True, slots=True)
class ZoneMargin:
    """How far a point is from the nearest zone line: positive metres inside the legal space, infinite without zones.

    `closing_en` is the unit vector (east, north) along which the margin shrinks fastest.
    """

    margin_m: float
    closing_en: tuple[float, float]
    name: str


@dataclass(frozen=True, slots=True)
class Area:
    """A horizontal outline that shares one pair of height limits."""

    name: str
    kind: ZoneKind
    outline: Outline
    floor: HeightLimit | None
    ceiling: HeightLimit | None
    priority: int = 0


class LocalZones:
    """Zones in a local frame, ready for queries of a few microseconds.

    Inclusions with the same floor and ceiling are merged into one area, so that a line between two of them is no
    fence. Areas stand in order: inclusions, then exclusions, each by falling priority.

    Attributes:
        areas: the inclusions and exclusions, in the order of every array below.
        approaches: the approach zones; they limit nothing, and are in no array below.
        edges: (M, 4) m, the line segments (e0, n0, e1, n1) of all areas; the interior is on the left.
        boxes: (B, 4) m, the boxes around blocks of edges, which spare most of them a look.
        spans: (A, 4) first and one-past-last edge, first and one-past-last box of each area.
        signs: (A,) 1 for inclusions and -1 for exclusions.
    """

    def __init__(self, zones: ZoneSet, frame: LocalFrame) -> None:
        self.zones = zones
        self.frame = frame
        parts = _merged(zones, frame)
        tables = [_edges(outline) for _, _, outline in parts]
        boxes = [zone_kernels.block_boxes(table) for table in tables]
        ends = np.cumsum([0, *(len(t) for t in tables)])
        box_ends = np.cumsum([0, *(len(t) for t in boxes)])
        self.areas = tuple(
            Area(name, zone.kind, outline, zone.floor, zone.ceiling, zone.priority) for name, zone, outline in parts
        )
        self.edges = np.ascontiguousarray(np.vstack(tables)) if tables else np.zeros((0, 4))
        self.boxes = np.ascontiguousarray(np.vstack(boxes)) if boxes else np.zeros((0, 4))
        self.spans = np.column_stack((ends[:-1], ends[1:], box_ends[:-1], box_ends[1:])).astype(np.int64)
        self.signs = np.array([1.0 if a.kind is ZoneKind.INCLUSION else -1.0 for a in self.areas])
        self.approaches = tuple(
            Area(z.name, z.kind, outline_of(z, frame), z.floor, z.ceiling, z.priority)
            for z in zones.zones
            if z.kind is ZoneKind.APPROACH
        )
        self._inclusions = sum(1 for a in self.areas if a.kind is ZoneKind.INCLUSION)

    @property
    def inclusions(self) -> int:
        """Return how many of `areas`, from the first on, are inclusions."""
        return self._inclusions

    def area_margins(self, east_m: float, north_m: float) -> NDArray[np.float64]:
        """Return (A, 3): for each area the signed margin in metres and the unit closing direction (east, north)."""
        table: NDArray[np.float64] = zone_kernels.area_margins(
            east_m, north_m, self.edges, self.boxes, self.spans, self.signs
        )
        return table

    def margin(self, east_m: float, north_m: float) -> ZoneMargin:
        """Return the horizontal margin at a point, all zones taken at full height."""
        table = self.area_margins(east_m, north_m)
        index = self.deciding(table[:, 0])
        if index < 0:
            return ZoneMargin(math.inf, (0.0, 0.0), "")
        row = table[index]
        return ZoneMargin(float(row[0]), (float(row[1]), float(row[2])), self.areas[index].name)

    def deciding(self, margins: NDArray[np.float64]) -> int:
        """Return the area that decides: the best of the inclusions against the worst of the exclusions; -1 without
        areas.

        Args:
            margins: (A,) signed metres, one for each area.
        """
        n = self._inclusions
        best = int(np.argmax(margins[:n])) if n else -1
        if len(margins) == n:
            return best
        worst = n + int(np.argmin(margins[n:]))
        return worst if best < 0 or margins[worst] < margins[best] else best

    def segment_margin(self, start_en: tuple[float, float], end_en: tuple[float, float]) -> ZoneMargin:
        """Return the smallest horizontal margin along a straight segment, all zones taken at full height.

        Not positive where the segment touches, crosses or lies beyond a line of the legal space. The closing
        direction is the one at the segment's worse end.
        """
        lowest = min(self.margin(*start_en), self.margin(*end_en), key=lambda m: m.margin_m)
        if lowest.margin_m <= 0.0 or not self.areas:
            return lowest
        clearances = zone_kernels.segment_clearances(*start_en, *end_en, self.edges, self.spans)
        table = np.copysign(clearances, self.area_margins(*start_en)[:, 0])
        index = self.deciding(table)
        return ZoneMargin(float(table[index]), lowest.closing_en, self.areas[index].name)

    def near_edges(self, index: int, east_m: float, north_m: float, reach_m: float) -> NDArray[np.float64]:
        """Return (K, 3): distance and unit direction to each line of one area within `reach_m`.

        The distance to every single segment is a smooth barrier of its own, so a limiter that respects all rows is
        right for concave outlines too. On the illegal side there is one row, with a negative distance.
        """
        first, last, first_box, last_box = self.spans[index]
        lines, boxes = self.edges[first:last], self.boxes[first_box:last_box]
        rows: NDArray[np.float64] = zone_kernels.near_edges(
            east_m, north_m, lines, boxes, float(self.signs[index]), reach_m
        )
        return rows


def _merged(zones: ZoneSet, frame: LocalFrame) -> list[tuple[str, Zone, Outline]]:
    """Return (name, a zone with the limits, outline): inclusions of equal limits merged, exclusions as they are."""
    groups: dict[tuple[HeightLimit | None, HeightLimit | None], list[Zone]] = {}
    ordered = sorted(zones.zones, key=lambda z: -z.priority)
    for zone in ordered:
        if zone.kind is ZoneKind.INCLUSION:
            groups.setdefault((zone.floor, zone.ceiling), []).append(zone)
    parts = [
        (" + ".join(z.name for z in members), members[0], unary_union([outline_of(z, frame) for z in members]))
        for members in groups.values()
    ]
    parts += [(z.name, z, outline_of(z, frame)) for z in ordered if z.kind is ZoneKind.EXCLUSION]
    return parts


def _edges(outline: Outline) -> NDArray[np.float64]:
    """Return (M, 4) m: the edges of an outline, oriented so that the interior is on the left."""
    polygons = outline.geoms if isinstance(outline, MultiPolygon) else [outline]
    rows = []
    for polygon in polygons:
        for ring, counter_clockwise in [(polygon.exterior, True), *((hole, False) for hole in polygon.interiors)]:
            points = np.asarray(ring.coords)[:, :2]
            if ring.is_ccw is not counter_clockwise:
                points = points[::-1]
            rows.append(np.hstack((points[:-1], points[1:])))
    return np.vstack(rows)
