"""A strip along a line (border, road, river, power line), flown in lanes beside each other, or its middle alone.

All planar, metres east and north of a local frame.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import ceil

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import LineString
from shapely.ops import linemerge

from lenger_core.errors import InputError
from lenger_mission.patterns.survey import Lines
from lenger_mission.patterns.survey_area import MAX_REACH_M, SurveyArea, survey_area
from lenger_mission.patterns.survey_gaps import gap_runs, unseen
from lenger_mission.patterns.sweep import Region, Run, SurveyTrack
from lenger_mission.patterns.sweep_order import ordered_track
from lenger_mission.patterns.sweep_route import Router

Array = NDArray[np.float64]

MAX_LANES = 200
_LINE_WIDTH_M = 1.0
"""A corridor without a width is a line to be seen this wide."""
_MITRE = 3.0
_LEAST_M = 0.5
_SAME_M = 0.01


@dataclass(frozen=True)
class CorridorRequest:
    """What is asked for.

    Attributes:
        line_en_m: (N, 2) the middle of the strip.
        width_m: of the whole strip; 0: the line alone.
        lines: how it is seen; `end_m` above 0 draws the lanes out at both ends.
        aside_m: the strip lies this far to the left of the line, negative to the right: stand off from a border.
        keep_out, keep_in, clearance_m: see `survey_area.survey_area`.
        start_en_m, end_en_m: where the vehicle comes from and goes to.
        goal: share of what can be seen that gaps are filled for.
    """

    line_en_m: Array
    width_m: float
    lines: Lines
    aside_m: float = 0.0
    keep_out: Region | None = None
    keep_in: Region | None = None
    clearance_m: float = 5.0
    start_en_m: tuple[float, float] | None = None
    end_en_m: tuple[float, float] | None = None
    goal: float = 0.99


@dataclass(frozen=True)
class CorridorPlan:
    """A corridor as it is flown, planar: track, what can be seen, the share of it that is seen, and how many lanes."""

    track: SurveyTrack
    area: SurveyArea
    coverage: float
    lanes: int


def plan_corridor(request: CorridorRequest) -> CorridorPlan:
    """Return the lanes of a corridor, flown up and down, round keep-out zones in their way.

    Raises:
        InputError: no line, one that is too long or too wide, or nothing of the strip can be seen.
    """
    middle = _offset(_line(request.line_en_m), request.aside_m)[0]
    width = max(request.width_m, _LINE_WIDTH_M)
    count = max(ceil(request.width_m / request.lines.spacing_m - 1e-9), 1)
    if not 0.0 <= request.width_m <= MAX_REACH_M or count > MAX_LANES:
        raise InputError("corridor", "width_m", request.width_m, f"0 to {MAX_LANES} spacings")
    strip = middle.buffer(0.5 * width, cap_style="flat", join_style="mitre", mitre_limit=_MITRE)
    start = None if request.start_en_m is None else np.array(request.start_en_m)
    sight = request.lines.frame.across_m
    area = survey_area(strip, request.keep_out, request.keep_in, request.clearance_m, sight, start)
    offsets = (np.arange(count) - 0.5 * (count - 1)) * (request.width_m / count)
    lanes = [_pieces(_offset(middle, float(d)), request.lines.end_m, area) for d in offsets]
    router = Router(area.flyable)
    track = _best_way([lane for lane in lanes if lane], router, request)
    seen = _runs(track)
    more = gap_runs(area.target, area.flyable, request.lines.frame, seen, 0.0, request.goal)
    if more:
        track = _then(track, more, router)
    missed = unseen(area.target, request.lines.frame, [*seen, *more]).area
    return CorridorPlan(track, area, 1.0 - float(missed) / float(shapely.area(area.target)), count)


def _line(points_en_m: Array) -> LineString:
    points = np.asarray(points_en_m, float).reshape(-1, 2)
    if len(points) < 2 or not np.isfinite(points).all() or np.abs(points).max() > MAX_REACH_M:
        raise InputError("corridor", "line", f"{len(points)} points", "two or more finite points within 50 km")
    line = LineString(points)
    if line.length < _LEAST_M:
        raise InputError("corridor", "line", f"{line.length:.2f} m long", f"at least {_LEAST_M} m")
    return line


def _offset(line: LineString, left_m: float) -> list[LineString]:
    """Return the line moved to its left, in its own sense, longest piece first."""
    if left_m == 0.0:
        return [line]
    moved = shapely.offset_curve(line, left_m, join_style="mitre", mitre_limit=_MITRE)
    parts = [p for p in shapely.get_parts(moved) if p.length > _LEAST_M]
    if not parts:
        raise InputError(
            "corridor", "width_m", f"a lane {abs(left_m):.0f} m beside the line", "less, or a straighter line"
        )
    along = [p if line.project(_tip(p, 0)) <= line.project(_tip(p, -1)) else p.reverse() for p in parts]
    return sorted(along, key=lambda p: -p.length)


def _tip(line: LineString, index: int) -> shapely.geometry.Point:
    return shapely.geometry.Point(line.coords[index])


def _pieces(lane: list[LineString], end_m: float, area: SurveyArea) -> list[Array]:
    """Return the legal pieces of a lane, each (K, 2), in the order along it."""
    drawn = [_drawn_out(np.asarray(part.coords), max(end_m, 0.0)) for part in lane]
    found: list[tuple[float, Array]] = []
    for whole in drawn:
        legal = shapely.intersection(whole, area.flyable)
        if legal.geom_type == "MultiLineString":
            legal = linemerge(legal)
        for part in shapely.get_parts(legal):
            if part.geom_type != "LineString" or part.length < _LEAST_M:
                continue
            at = whole.project(_tip(part, 0)), whole.project(_tip(part, -1))
            points = np.asarray(part.coords)[:: 1 if at[0] <= at[1] else -1]
            found.append((min(at), points))
    return [points for _, points in sorted(found, key=lambda f: f[0])]


def _drawn_out(points: Array, by_m: float) -> LineString:
    first, last = points[0] - points[1], points[-1] - points[-2]
    ends = points[0] + by_m * first / np.hypot(*first), points[-1] + by_m * last / np.hypot(*last)
    return LineString(np.vstack([ends[0], points[1:-1], ends[1]]))


def _best_way(lanes: list[list[Array]], router: Router, request: CorridorRequest) -> SurveyTrack:
    """Return the shortest of the four ways to fly the lanes up and down: from either side, from either end."""
    if not lanes:
        raise InputError("corridor", "line", "no lane that is legal", "a line outside keep-out zones")
    ways = [_up_and_down(order, back, router) for order in (lanes, lanes[::-1]) for back in (False, True)]
    return min(ways, key=lambda track: track.length_m + _to_and_fro(track, request))


def _to_and_fro(track: SurveyTrack, request: CorridorRequest) -> float:
    ends = (request.start_en_m, track.points_en_m[0]), (request.end_en_m, track.points_en_m[-1])
    return sum(float(np.hypot(*(np.array(a) - b))) for a, b in ends if a is not None)


def _up_and_down(lanes: list[list[Array]], back: bool, router: Router) -> SurveyTrack:
    pieces: list[Array] = []
    for lane in lanes:
        pieces += [p[::-1] for p in lane[::-1]] if back else lane
        back = not back
    return joined(pieces, router)


def joined(pieces: list[Array], router: Router) -> SurveyTrack:
    """Return one track through polylines (K, 2) in order, camera on along them, by the shortest legal ways between.

    Raises:
        InputError: no legal way between two of them.
    """
    points, photo = [pieces[0]], [True] * (len(pieces[0]) - 1)
    for before, piece in pairwise(pieces):
        if np.hypot(*(piece[0] - before[-1])) < _SAME_M:
            points.append(piece[1:])
            photo += [True] * (len(piece) - 1)
            continue
        way = router.way(before[-1], piece[0])
        points += [way[1:-1], piece]
        photo += [False] * (len(way) - 1) + [True] * (len(piece) - 1)
    return SurveyTrack(np.vstack(points), np.array(photo))


def _runs(track: SurveyTrack) -> list[Run]:
    runs = track.photo_runs
    long = np.hypot(*(runs[:, 1] - runs[:, 0]).T) > 1e-6
    return [Run(i, ((float(a[0]), float(a[1])), (float(b[0]), float(b[1])))) for i, (a, b) in enumerate(runs[long])]


def _then(track: SurveyTrack, more: list[Run], router: Router) -> SurveyTrack:
    """Return the track and after it further runs."""
    rest = ordered_track([np.array([run.ends_en_m]) for run in more], router, track.points_en_m[-1], None)
    way = router.way(track.points_en_m[-1], rest.points_en_m[0])
    points = np.vstack([track.points_en_m, way[1:-1], rest.points_en_m])
    return SurveyTrack(points, np.concatenate([track.photo, np.zeros(len(way) - 1, bool), rest.photo]))
