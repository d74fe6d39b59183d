"""Round the edge of an area, inside or outside of it, as often as wanted; planar, metres of a local frame."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString, Point, Polygon
from shapely.geometry.polygon import orient

from lenger_core.errors import InputError
from lenger_mission.patterns.corridor import joined
from lenger_mission.patterns.survey_area import legal_space
from lenger_mission.patterns.sweep import Region, SurveyTrack
from lenger_mission.patterns.sweep_route import Router

Array = NDArray[np.float64]

MAX_LAPS = 100
_LEAST_M = 0.5
_MITRE = 5.0


@dataclass(frozen=True)
class PerimeterRequest:
    """What is asked for.

    Attributes:
        area: its outer edge is followed.
        inset_m: distance inside the edge, negative outside; the track is nowhere nearer to the edge.
        laps: how often.
        clockwise: seen from above.
        keep_out, keep_in, clearance_m: see `survey_area.survey_area`.
        start_en_m: where the vehicle comes from: the lap begins at the nearest corner.
    """

    area: Region
    inset_m: float = 0.0
    laps: int = 1
    clockwise: bool = True
    keep_out: Region | None = None
    keep_in: Region | None = None
    clearance_m: float = 5.0
    start_en_m: tuple[float, float] | None = None


def plan_perimeter(request: PerimeterRequest) -> SurveyTrack:
    """Return the laps, with the camera on except where they lead round a zone; closed where none is in the way.

    Where the inset parts the area into several, the largest is flown round.

    Raises:
        InputError: the area is too narrow for the inset, or no part of the lap is legal.
    """
    if not 1 <= request.laps <= MAX_LAPS:
        raise InputError("perimeter", "laps", request.laps, f"1 to {MAX_LAPS}")
    inner = request.area.buffer(-request.inset_m, join_style="mitre", mitre_limit=_MITRE)
    parts = [p for p in shapely.get_parts(inner) if p.geom_type == "Polygon" and p.area > 0.0]
    if not parts:
        raise InputError("perimeter", "inset_m", request.inset_m, "less than half the width of the area")
    outline = max(parts, key=lambda p: p.area)
    ring = _ring(outline, request)
    pieces, space = _legal(ring, request)
    if not pieces:
        raise InputError("perimeter", "area", "no part of its edge that is legal", "an edge outside keep-out zones")
    if len(pieces) == 1 and pieces[0] is ring:
        return _closed(ring, request.laps)
    return joined(pieces * request.laps, Router(space))


def _ring(outline: Polygon, request: PerimeterRequest) -> Array:
    """Return the closed ring (N, 2) in the sense wanted, beginning at the corner nearest to the start."""
    points = np.asarray(orient(outline, -1.0 if request.clockwise else 1.0).exterior.coords)[:-1, :2]
    if request.start_en_m is not None:
        points = np.roll(points, -int(np.hypot(*(points - np.array(request.start_en_m)).T).argmin()), axis=0)
    return np.vstack([points, points[:1]])


def _closed(ring: Array, laps: int) -> SurveyTrack:
    points = np.vstack([ring[:1], *[ring[1:]] * laps])
    return SurveyTrack(points, np.ones(len(points) - 1, bool))


def _legal(ring: Array, request: PerimeterRequest) -> tuple[list[Array], Polygon]:
    """Return the legal pieces of the ring in order, the ring itself where all of it is, and the space they lie in."""
    line = LineString(ring)
    room = abs(request.inset_m) + 10.0 * request.clearance_m + 10.0
    spaces = legal_space(request.area, request.keep_out, request.keep_in, request.clearance_m, room)
    if not spaces:
        raise InputError("perimeter", "keep_out", "no legal space", "zones that leave room to fly")
    space = max(spaces, key=lambda p: line.intersection(p).length)
    if shapely.covers(space.buffer(0.01), line):
        return [ring], space
    legal = shapely.intersection(line, space)
    found = []
    for part in shapely.get_parts(legal):
        if part.geom_type == "LineString" and part.length >= _LEAST_M:
            points = np.asarray(part.coords)
            at, on = line.project(Point(points[0])), line.project(part.interpolate(0.1))
            if (on - at) % line.length > 0.5 * line.length:
                points = points[::-1]
                at = line.project(Point(points[0]))
            found.append((at, points))
    return [points for _, points in sorted(found, key=lambda f: f[0])], space
