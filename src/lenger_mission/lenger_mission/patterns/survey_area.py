"""What a survey is over: the area to see, where flight is allowed, and what of the area can be seen from there."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import cos, pi

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon, Point, Polygon
from shapely.validation import explain_validity

from lenger_core.errors import InputError
from lenger_mission.patterns.sweep import Region

Array = NDArray[np.float64]

MAX_REACH_M = 50_000.0
_ARC = 8
_ROOM_FRAMES = 4.0
"""Around an area without a border of its own flight is allowed this many half frames away, and a fifth of its size."""


@dataclass(frozen=True)
class SurveyArea:
    """A survey's ground and its sky.

    Attributes:
        target: what can be seen and is to be seen, east and north in metres.
        flyable: where lines and ways may be, in one piece.
        unreachable_m2: what of the area without its keep-out zones cannot be seen from there.
    """

    target: Region
    flyable: Polygon
    unreachable_m2: float


def area_en(outer_en_m: Array, holes_en_m: tuple[Array, ...] = (), where: str = "survey") -> Region:
    """Return the region within an outline (N, 2) without its holes.

    Raises:
        InputError: fewer than three corners, an outline that crosses itself, one that is too large, or nothing left.
    """
    rings = []
    for field, ring in [("area", outer_en_m), *((f"holes[{i}]", hole) for i, hole in enumerate(holes_en_m))]:
        points = np.asarray(ring, dtype=float).reshape(-1, 2)
        if len(points) < 3 or not np.isfinite(points).all():
            raise InputError(where, field, f"{len(points)} points", "three or more finite points")
        if np.abs(points).max() > MAX_REACH_M:
            far = f"{np.abs(points).max() / 1000.0:.0f} km away"
            raise InputError(where, field, far, f"points within {MAX_REACH_M / 1000.0:.0f} km")
        made = Polygon(points)
        if not made.is_valid or made.area <= 0.0:
            raise InputError(where, field, explain_validity(made), "an outline that does not cross or touch itself")
        rings.append(made)
    left = rings[0].difference(shapely.union_all(rings[1:])) if rings[1:] else rings[0]
    left = _solid(left)
    if left.area <= 0.0:
        raise InputError(where, "holes", "holes that cover the whole area", "some area left")
    return left


def survey_area(
    area: Region,
    keep_out: Region | None,
    keep_in: Region | None,
    clearance_m: float,
    sight_m: float,
    start_en_m: Array | None = None,
) -> SurveyArea:
    """Return what of an area can be seen, and from where.

    Args:
        area: to be seen; its holes are neither seen on purpose nor flown over.
        keep_out: never flown over, nor nearer than the clearance; not seen on purpose.
        keep_in: only flown within, with the clearance; None: anywhere near.
        clearance_m: from lines of zones and holes.
        sight_m: half a frame's width across the direction flown.
        start_en_m: (2,) where the vehicle comes from; decides where the flyable space is in pieces.

    Raises:
        InputError: nothing of the area can be seen from legal space.
    """
    holes = [Polygon(r) for p in shapely.get_parts(area) for r in p.interiors]
    wanted = area if keep_out is None else _solid(area.difference(keep_out))
    parts = legal_space(area, keep_out, keep_in, clearance_m, sight_m, holes)
    seen = [_solid(wanted.intersection(p.buffer(sight_m, quad_segs=4))) for p in parts]
    best = max(range(len(parts)), key=lambda i: _rank(parts[i], seen[i], start_en_m), default=None)
    if best is None or seen[best].area <= 0.0:
        raise InputError(
            "survey", "area", "no part that can be seen from legal space", "an area outside keep-out zones"
        )
    return SurveyArea(seen[best], parts[best], max(float(wanted.area - seen[best].area), 0.0))


def legal_space(
    around: Region,
    keep_out: Region | None,
    keep_in: Region | None,
    clearance_m: float,
    sight_m: float,
    holes: Sequence[Polygon] = (),
) -> list[Polygon]:
    """Return the pieces of the space near a region in which flight is allowed, the largest first.

    Args:
        around: where the flight is about; without `keep_in` there is room of some frames around it.
        keep_out, keep_in, clearance_m, sight_m: see `survey_area`.
        holes: kept out of as well.
    """
    closed = [*holes, *([] if keep_out is None else [keep_out])]
    space = grown(keep_in, -clearance_m) if keep_in is not None else _around(around, sight_m)
    if closed:
        space = space.difference(grown(shapely.union_all(closed), clearance_m))
    parts = [p for p in shapely.get_parts(space) if p.geom_type == "Polygon" and not p.is_empty]
    return sorted(parts, key=lambda p: -p.area)


def _rank(part: Polygon, seen: Region, start: Array | None) -> tuple[bool, float]:
    holds = start is not None and seen.area > 0.0 and bool(part.covers(Point(start)))
    return holds, float(seen.area)


def grown(region: Region, by_m: float) -> Region:
    """Return a region grown, or shrunk by a negative distance; round corners lie outside of the true circle."""
    return region.buffer(by_m / cos(0.25 * pi / _ARC), quad_segs=_ARC)


def _around(area: Region, sight_m: float) -> Polygon:
    west, south, east, north = area.bounds
    room = _ROOM_FRAMES * sight_m + 0.2 * max(east - west, north - south)
    return shapely.box(west - room, south - room, east + room, north + room)


def _solid(region: Region) -> Region:
    """Return the polygons of what an overlay gave, without stray lines and points."""
    parts = [p for p in shapely.get_parts(region) if p.geom_type == "Polygon"]
    return parts[0] if len(parts) == 1 else MultiPolygon(parts)
