"""Geofence zones: where the aircraft may be and where it may not.

The legal space is the union of the inclusion zones (everywhere, when there is none) without the exclusion zones, each
between its floor and its ceiling. Files are read by `lenger_core.zones_geojson`; `ZoneSet.in_frame` gives the planar
form for queries.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from enum import Enum
from pathlib import Path
from typing import TYPE_CHECKING, Literal

import numpy as np
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon, Polygon
from shapely.ops import unary_union

from lenger_core import zone_kernels

if TYPE_CHECKING:
    from lenger_core.geodesy import LocalFrame

CHORD_ERROR_M = 0.05
"""Circles become polygons on the legal side of the true line, at most this far from it."""

Ring = tuple[tuple[float, float], ...]


class ZoneKind(str, Enum):
    """Inclusion: stay inside. Exclusion: stay out. Approach: under the lowest height over the ground is allowed here."""

    INCLUSION = "inclusion"
    EXCLUSION = "exclusion"
    APPROACH = "approach"


class Datum(str, Enum):
    """What a height is measured from: mean sea level, the ground below, the WGS84 ellipsoid, or the home point."""

    AMSL = "amsl"
    AGL = "agl"
    ELLIPSOID = "ellipsoid"
    HOME = "home"


@dataclass(frozen=True, slots=True)
class HeightLimit:
    """A floor or a ceiling of a zone: `height_m` above `datum`."""

    height_m: float
    datum: Datum

    def amsl_m(self, ground_amsl_m: float, home_amsl_m: float) -> float:
        """Return the limit in metres above mean sea level; NaN where its datum is unknown."""
        base = {Datum.AMSL: 0.0, Datum.AGL: ground_amsl_m, Datum.HOME: home_amsl_m}[self.datum]
        return base + self.height_m


@dataclass(frozen=True, slots=True)
class PolygonShape:
    """An outline and its holes: rings of (lat_deg, lon_deg), the first vertex not repeated at the end."""

    outer: Ring
    holes: tuple[Ring, ...] = ()


@dataclass(frozen=True, slots=True)
class CircleShape:
    """A circle about a geodetic centre."""

    lat_deg: float
    lon_deg: float
    radius_m: float


@dataclass(frozen=True, slots=True)
class CorridorShape:
    """All that lies within half of `width_m` of a line of (lat_deg, lon_deg): round at corners and ends."""

    line: Ring
    width_m: float


@dataclass(frozen=True, slots=True)
class BorderShape:
    """The far side of a border: all that lies beyond a line of (lat_deg, lon_deg), and within `buffer_m` on this side.

    The line goes on straight beyond its two ends. `beyond` says which side of it, seen along the line, is the far one.
    """

    line: Ring
    beyond: Literal["left", "right"]
    buffer_m: float


Shape = PolygonShape | CircleShape | CorridorShape | BorderShape


@dataclass(frozen=True, slots=True)
class TimeWindow:
    """When a zone is in force: UTC, integer nanoseconds since 1970; None is open on that side."""

    start_utc_ns: int | None
    end_utc_ns: int | None


@dataclass(frozen=True, slots=True)
class Zone:
    """One zone. A floor or ceiling of None means unlimited on that side; without `windows` it is always in force.

    Where not all zones can be kept, the one with the lower `priority` is given up first.
    """

    name: str
    kind: ZoneKind
    shape: Shape
    floor: HeightLimit | None = None
    ceiling: HeightLimit | None = None
    priority: int = 0
    windows: tuple[TimeWindow, ...] = ()


@dataclass(frozen=True, slots=True)
class ZoneSet:
    """The zones of one flight, replaced only as a whole."""

    zones: tuple[Zone, ...] = ()

    def in_frame(self, frame: LocalFrame) -> LocalZones:
        """Return the zones as planar areas in `frame` (east, north, metres)."""
        return LocalZones(self, frame)

    def full_height(self) -> tuple[Zone, ...]:
        """Return the zones that a purely horizontal fence of an autopilot can state without being stricter than meant.

        An inclusion bounds the aircraft horizontally at every height. An exclusion that may be overflown or
        underflown is left out: at full height it would forbid legal space.
        """
        return tuple(z for z in self.zones if z.kind is ZoneKind.INCLUSION or (z.floor is None and z.ceiling is None))

    def to_geojson(self) -> str:
        """Return the zones as the GeoJSON text that `parse_zones` reads."""
        from lenger_core.zones_geojson import dump_zones

        return dump_zones(self)


def load_zones(path: str | Path) -> ZoneSet:
    """Read a GeoJSON zone file.

    Raises:
        InputError: the file is missing, is not text, or says something invalid; the message names the feature and the
        field.
    """
    from lenger_core.zones_geojson import read_zones

    return read_zones(Path(path))


def parse_zones(text: str, where: str) -> ZoneSet:
    """Return the zones in the GeoJSON `text`; `where` names its source in errors.

    Raises:
        InputError: anything in the text is invalid; nothing of it is used then.
    """
    from lenger_core.zones_geojson import parse_zones as parse

    return parse(text, where)


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
    outline: Polygon | MultiPolygon
    floor: HeightLimit | None
    ceiling: HeightLimit | None


class LocalZones:
    """Zones in a local frame, ready for queries of a few microseconds.

    Inclusions with the same floor and ceiling are merged into one area, so that a line between two of them is no
    fence. Areas stand in order: inclusions, then exclusions, each by falling priority.

    Attributes:
        areas: the areas, in the order of every array below.
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
        self.areas = tuple(Area(name, zone.kind, outline, zone.floor, zone.ceiling) for name, zone, outline in parts)
        self.edges = np.ascontiguousarray(np.vstack(tables)) if tables else np.zeros((0, 4))
        self.boxes = np.ascontiguousarray(np.vstack(boxes)) if boxes else np.zeros((0, 4))
        self.spans = np.column_stack((ends[:-1], ends[1:], box_ends[:-1], box_ends[1:])).astype(np.int64)
        self.signs = np.array([1.0 if a.kind is ZoneKind.INCLUSION else -1.0 for a in self.areas])
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


def _merged(zones: ZoneSet, frame: LocalFrame) -> list[tuple[str, Zone, Polygon | MultiPolygon]]:
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


def outline_of(zone: Zone, frame: LocalFrame) -> Polygon:
    """Return a zone's outline in `frame`; a circle becomes a polygon on its legal side."""
    shape = zone.shape
    if isinstance(shape, PolygonShape):
        rings = [frame.to_local_many(*np.array(ring).T) for ring in (shape.outer, *shape.holes)]
        return Polygon(rings[0], rings[1:])
    centre = frame.to_local_many(np.array([shape.lat_deg]), np.array([shape.lon_deg]))[0]
    half = math.acos(1.0 - min(CHORD_ERROR_M / shape.radius_m, 0.1))
    count = max(16, math.ceil(math.pi / half))
    radius = shape.radius_m if zone.kind is ZoneKind.INCLUSION else shape.radius_m / math.cos(math.pi / count)
    angles = np.arange(count) * (2.0 * math.pi / count)
    return Polygon(centre + radius * np.column_stack((np.cos(angles), np.sin(angles))))


def _edges(outline: Polygon | MultiPolygon) -> NDArray[np.float64]:
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


def warm() -> None:
    """Compile the kernels into numba's cache, so that no flight waits for it."""
    zone_kernels.warm()
