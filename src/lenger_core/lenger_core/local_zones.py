"""Zones in a local frame, ready for queries of a few microseconds."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import NamedTuple

import numpy as np
from numpy.typing import NDArray
from shapely.ops import unary_union

from lenger_core import geoid, prism_kernels, zone_kernels
from lenger_core.errors import InputError
from lenger_core.geodesy import LocalFrame
from lenger_core.zone_model import Datum, HeightLimit, Zone, ZoneKind, ZoneSet
from lenger_core.zone_seams import oriented_edges, seams_of, without_gaps
from lenger_core.zone_shapes import Outline, outline_of

ALL_FLOORS, NO_AGL_FLOORS, NO_FLOORS = 0, 1, 2
"""Which floors of inclusions count: all en route, none over the ground in an approach, none for takeoff and landing."""

_CODES = {
    Datum.AMSL: prism_kernels.AMSL,
    Datum.AGL: prism_kernels.AGL,
    Datum.ELLIPSOID: prism_kernels.ELLIPSOID,
    Datum.HOME: prism_kernels.HOME,
}


@dataclass(frozen=True, slots=True)
class ZoneMargin:
    """How far a point is from the nearest zone line: positive metres inside the legal space, infinite without zones.

    `closing_en` is the unit vector (east, north) along which the margin shrinks fastest.
    """

    margin_m: float
    closing_en: tuple[float, float]
    name: str


class Lines(NamedTuple):
    """The lines of some areas.

    Attributes:
        edges: (M, 4) m, from (e, n) to (e, n); the interior is on the left.
        boxes: (B, 4) m around each block of them.
        spans: (A, 4) first and one-past-last edge, first and one-past-last box of each area.
        frames: (A, 4) m, the box around each area.
    """

    edges: NDArray[np.float64]
    boxes: NDArray[np.float64]
    spans: NDArray[np.int64]
    frames: NDArray[np.float64]


class Margins3d(NamedTuple):
    """Signed margins in metres to the legal space in three dimensions; positive inside.

    The shortest way to its outside for level heights. Heights above ground are taken at the ground under each point.

    Attributes:
        margin_m: (P,) of the cylinder about each point, infinite without zones.
        area: (P,) the area that decides, -1 without zones.
        least_m: (A,) the least over all points of each area by itself: inside an inclusion, outside an exclusion.
    """

    margin_m: NDArray[np.float64]
    area: NDArray[np.int64]
    least_m: NDArray[np.float64]


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
        approaches: the approach zones; they limit nothing, and have `approach_lines` and `approach_limits` of their
            own.
        edges: (M, 4) m, the line segments (e0, n0, e1, n1) of all areas; the interior is on the left.
        boxes: (B, 4) m, the boxes around blocks of edges, which spare most of them a look.
        spans: (A, 4) first and one-past-last edge, first and one-past-last box of each area.
        frames: (A, 4) m, the box around each area.
        signs: (A,) 1 for inclusions and -1 for exclusions.
        limits: (A, 4) datum code and height in metres of the floors and of the ceilings.
        tables: (3, A, 4) the same with ALL_FLOORS, NO_AGL_FLOORS and NO_FLOORS of the inclusions.
        seams: the lines between inclusions of different heights.
    """

    def __init__(self, zones: ZoneSet, frame: LocalFrame) -> None:
        self.zones = zones
        self.frame = frame
        parts = _merged(zones, frame)
        self.areas = tuple(
            Area(name, zone.kind, outline, zone.floor, zone.ceiling, zone.priority) for name, zone, outline in parts
        )
        self.edges, self.boxes, self.spans, self.frames = _lines(self.areas)
        self.signs = np.array([1.0 if a.kind is ZoneKind.INCLUSION else -1.0 for a in self.areas])
        self.limits = limit_table(self.areas)
        self._inclusions = sum(1 for a in self.areas if a.kind is ZoneKind.INCLUSION)
        self.tables = _floor_tables(self.limits, self._inclusions)
        self.seams = seams_of([area.outline for area in self.areas[: self._inclusions]])
        self.approaches = tuple(
            Area(z.name, z.kind, outline_of(z, frame), z.floor, z.ceiling, z.priority)
            for z in zones.zones
            if z.kind is ZoneKind.APPROACH
        )
        self.approach_lines = _lines(self.approaches)
        self.approach_limits = limit_table(self.approaches)
        tables = np.vstack((self.limits, self.approach_limits))
        self._ellipsoidal = bool((tables[:, ::2] == prism_kernels.ELLIPSOID).any())

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
        t = self
        margin, index, edge = zone_kernels.deciding(
            east_m, north_m, t.edges, t.boxes, t.spans, t.frames, self._inclusions
        )
        if index < 0:
            return ZoneMargin(math.inf, (0.0, 0.0), "")
        line, legal_left = self.edges[self.spans[index, 0] + edge], self.signs[index] > 0.0
        east, north = zone_kernels.closing(east_m, north_m, line, margin >= 0.0, legal_left)
        return ZoneMargin(margin, (east, north), self.areas[index].name)

    def columns(
        self,
        points_m: NDArray[np.float64],
        ground_amsl_m: NDArray[np.float64],
        ground_error_m: NDArray[np.float64],
        home_amsl_m: float,
    ) -> NDArray[np.float64]:
        """Return (P, 5): what heights are measured from at points (P, 3), as `prism_kernels.bands` takes it.

        Args:
            points_m: (P, 3) m, east, north, height AMSL minus the frame's origin's.
            ground_amsl_m: (P,) height of the ground below each; NaN where it is not known.
            ground_error_m: (P,) its vertical error bound.
            home_amsl_m: height of home; NaN while it is not known.
        """
        out = np.empty((len(points_m), 5))
        out[:, 0], out[:, 1], out[:, 2], out[:, 4] = ground_amsl_m, ground_error_m, home_amsl_m, self.frame.alt_amsl_m
        out[:, 3] = self._undulations_m(points_m) if self._ellipsoidal else 0.0
        return out

    def _undulations_m(self, points_m: NDArray[np.float64]) -> NDArray[np.float64] | float:
        if self.frame.geoid_m is not None:
            return self.frame.geoid_m
        try:
            return geoid.undulations_m(*self.frame.to_geodetic_many(points_m[:, :2]))
        except InputError:  # beyond the grid: the frame's own is within metres a hundred kilometres around
            return geoid.undulation_m(self.frame.lat_deg, self.frame.lon_deg)

    def margins_3d(
        self,
        points_m: NDArray[np.float64],
        radii_m: NDArray[np.float64],
        columns: NDArray[np.float64],
        floors: NDArray[np.int64] | None = None,
        reach_m: float = math.inf,
    ) -> Margins3d:
        """Return how far upright cylinders are from leaving the legal space, in three dimensions.

        Args:
            points_m: (P, 3) m, their centres.
            radii_m: (P, 2) m, their radius and half of their height: how far the aircraft may be from each point.
            columns: (P, 5) from `columns`.
            floors: (P,) which floors of inclusions count at each point: ALL_FLOORS, NO_AGL_FLOORS or NO_FLOORS; None:
                all.
            reach_m: what lies further away counts as at least so far away, which takes less time.
        """
        t = self
        found = prism_kernels.margins(
            np.ascontiguousarray(points_m, dtype=np.float64),
            np.ascontiguousarray(radii_m, dtype=np.float64),
            columns,
            reach_m,
            t.edges,
            t.boxes,
            t.spans,
            t.frames,
            t.tables,
            np.zeros(len(points_m), dtype=np.int64) if floors is None else floors,
            t.inclusions,
            *t.seams,
        )
        return Margins3d(*found)


def _merged(zones: ZoneSet, frame: LocalFrame) -> list[tuple[str, Zone, Outline]]:
    """Return (name, a zone with the limits, outline): inclusions of equal limits merged, exclusions as they are."""
    ordered = sorted(zones.zones, key=lambda z: -z.priority)
    inclusions = [z for z in ordered if z.kind is ZoneKind.INCLUSION]
    outlines = without_gaps([outline_of(z, frame) for z in inclusions])
    groups: dict[tuple[HeightLimit | None, HeightLimit | None], list[tuple[Zone, Outline]]] = {}
    for zone, outline in zip(inclusions, outlines, strict=True):
        groups.setdefault((zone.floor, zone.ceiling), []).append((zone, outline))
    parts = [
        (" + ".join(z.name for z, _ in members), members[0][0], unary_union([outline for _, outline in members]))
        for members in groups.values()
    ]
    parts += [(z.name, z, outline_of(z, frame)) for z in ordered if z.kind is ZoneKind.EXCLUSION]
    return parts


def _lines(areas: tuple[Area, ...]) -> Lines:
    tables = [oriented_edges(area.outline) for area in areas]
    boxes = [zone_kernels.block_boxes(table) for table in tables]
    ends, box_ends = np.cumsum([0, *map(len, tables)]), np.cumsum([0, *map(len, boxes)])
    spans = np.column_stack((ends[:-1], ends[1:], box_ends[:-1], box_ends[1:])).astype(np.int64)
    frames = np.array([area.outline.bounds for area in areas], dtype=np.float64).reshape(-1, 4)
    if not areas:
        return Lines(np.zeros((0, 4)), np.zeros((0, 4)), spans, frames)
    return Lines(np.ascontiguousarray(np.vstack(tables)), np.ascontiguousarray(np.vstack(boxes)), spans, frames)


def limit_table(areas: tuple[Area, ...]) -> NDArray[np.float64]:
    """Return (A, 4): datum code and height of each floor and ceiling, as `prism_kernels.bands` takes them."""
    rows = [(*_coded(area.floor), *_coded(area.ceiling)) for area in areas]
    return np.array(rows, dtype=np.float64).reshape(-1, 4)


def _floor_tables(limits: NDArray[np.float64], inclusions: int) -> NDArray[np.float64]:
    """Return (3, A, 4): all limits; without the inclusions' floors over the ground; without any of their floors."""
    out = np.repeat(limits[None], 3, axis=0)
    floors = out[:, :inclusions, 0]
    floors[NO_AGL_FLOORS][floors[NO_AGL_FLOORS] == prism_kernels.AGL] = prism_kernels.NO_LIMIT
    floors[NO_FLOORS] = prism_kernels.NO_LIMIT
    return out


def _coded(limit: HeightLimit | None) -> tuple[float, float]:
    return (prism_kernels.NO_LIMIT, 0.0) if limit is None else (_CODES[limit.datum], limit.height_m)
