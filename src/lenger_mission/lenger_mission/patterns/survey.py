"""Survey of any polygon: lines for the least cost in this wind, gaps beside zones filled, cells in a good order.

All planar, metres east and north of a local frame; `survey_ground` gives the track heights over terrain.
"""

from __future__ import annotations

from dataclasses import dataclass, field

import numpy as np
import shapely
from numpy.typing import NDArray

from lenger_core.errors import InputError
from lenger_mission.patterns.camera import Camera
from lenger_mission.patterns.survey_area import SurveyArea, survey_area
from lenger_mission.patterns.survey_gaps import Frame, gap_runs, unseen
from lenger_mission.patterns.sweep import Region, Run, SurveyTrack, sweep_runs
from lenger_mission.patterns.sweep_cells import cells_of
from lenger_mission.patterns.sweep_direction import FlightCost, best_bearings_deg
from lenger_mission.patterns.sweep_order import ordered_track
from lenger_mission.patterns.sweep_route import Router

Array = NDArray[np.float64]

_TRIED = 3, 12
"""Bearings that are planned in full: least, and most where a line more or less counts."""
_TRIED_LINES = 150
"""About how many lines those are that are planned in full altogether."""
_SPARED = 0.75
"""How much of what the goal lets be unseen is spent on shorter lines."""


@dataclass(frozen=True)
class Lines:
    """How an area is seen: what is seen around the aircraft, how far apart the lines are, and how they end.

    Attributes:
        frame: half sides of what is seen, across and along.
        spacing_m: greatest distance between neighbouring lines.
        end_m: how far lines go on beyond the area; negative: end before its edge.
        trigger_m: distance between photos; infinite without photos.
    """

    frame: Frame
    spacing_m: float
    end_m: float = 0.0
    trigger_m: float = float("inf")

    def __post_init__(self) -> None:
        limits = {"spacing_m": (self.spacing_m, 0.5, 2.0 * self.frame.across_m + 1e-9)}
        limits |= {"end_m": (self.end_m, -self.frame.along_m - 1e-9, 1_000.0)}
        for name, (value, low, high) in limits.items():
            if not low <= value <= high:
                raise InputError("survey", name, value, f"{low:.2f} to {high:.2f} m")


def camera_lines(
    camera: Camera, height_agl_m: float, side_overlap: float, front_overlap: float, turnaround_m: float | None = None
) -> Lines:
    """Return the lines for a camera that looks straight down.

    Lines end where points on the edge of the area are in as many photos as points inside, but not beyond the edge
    unless a turnaround is asked for: half a frame less a trigger distance before it.

    Raises:
        InputError: an overlap or a height out of range.
    """
    if not 1.0 <= height_agl_m <= 5_000.0:
        raise InputError("survey", "height_agl_m", height_agl_m, "1 to 5000 m")
    across, along = camera.frame_m(height_agl_m)
    trigger = camera.trigger_m(height_agl_m, front_overlap)
    end = min(along * (front_overlap - 0.5), 0.0) if turnaround_m is None else turnaround_m
    return Lines(Frame(0.5 * across, 0.5 * along), camera.spacing_m(height_agl_m, side_overlap), end, trigger)


@dataclass(frozen=True)
class SurveyRequest:
    """What is asked for.

    Attributes:
        area: to be seen; holes are not flown over.
        lines: how it is seen.
        keep_out, keep_in: where not, and where only, to fly; see `survey_area`.
        clearance_m: from their lines.
        bearing_deg: of the lines; None: chosen for the least cost.
        cost: of flying, with its wind.
        start_en_m, end_en_m: where the vehicle comes from and goes to, to begin and end near there.
        crosswise: the area is seen a second time by lines at right angles.
        goal: share of what can be seen that is to be seen; the rest is spent on shorter lines.
    """

    area: Region
    lines: Lines
    keep_out: Region | None = None
    keep_in: Region | None = None
    clearance_m: float = 5.0
    bearing_deg: float | None = None
    cost: FlightCost = field(default_factory=FlightCost)
    start_en_m: tuple[float, float] | None = None
    end_en_m: tuple[float, float] | None = None
    crosswise: bool = False
    goal: float = 0.99

    def __post_init__(self) -> None:
        if not 0.0 <= self.clearance_m <= 1_000.0:
            raise InputError("survey", "clearance_m", self.clearance_m, "0 to 1000 m")
        if self.bearing_deg is not None and not -360.0 <= self.bearing_deg <= 360.0:
            raise InputError("survey", "bearing_deg", self.bearing_deg, "-360 to 360")


@dataclass(frozen=True)
class SurveyPlan:
    """A survey as it is flown, planar.

    Attributes:
        track: from the beginning of the first run to the end of the last.
        bearing_deg: of the lines, 0 to below 180.
        area: what can be seen, and from where.
        coverage: share of that which is seen over flat ground.
        cells, gaps: how many cells of lines there are, and how many of them fill gaps.
    """

    track: SurveyTrack
    bearing_deg: float
    area: SurveyArea
    coverage: float
    cells: int
    gaps: int

    @property
    def notes(self) -> tuple[str, ...]:
        """What a person should know of it, one sentence each."""
        lost = self.area.unreachable_m2
        return (f"{lost:.0f} m2 of the area cannot be seen from legal space.",) if lost >= 1.0 else ()


def plan_survey(request: SurveyRequest) -> SurveyPlan:
    """Return the survey of an area, at the least cost of the directions looked at.

    Raises:
        InputError: nothing of the area can be seen, the wind is too strong, or the area is too large for the spacing.
    """
    start = None if request.start_en_m is None else np.array(request.start_en_m)
    area = survey_area(
        request.area, request.keep_out, request.keep_in, request.clearance_m, request.lines.frame.across_m, start
    )
    lines, spare = request.lines, _SPARED * (1.0 - request.goal) * float(area.target.area)
    if request.bearing_deg is not None:
        bearings = [request.bearing_deg % 180.0]
    else:
        bearings = best_bearings_deg(
            area.target, area.flyable, lines.spacing_m, lines.end_m, request.cost, _tried(area, lines), spare
        )
    router = Router(area.flyable)
    plans = [_planned(request, area, router, bearing, spare) for bearing in bearings]
    return min(plans, key=lambda plan: request.cost.of_track(plan.track.points_en_m))


def _tried(area: SurveyArea, lines: Lines) -> int:
    """Return how many bearings are planned in full: the fewer lines, the more, since the estimate is coarser."""
    least, most = _TRIED
    across = float(np.sqrt(area.target.area)) / lines.spacing_m
    return int(np.clip(_TRIED_LINES / max(across, 1.0), least, most))


def _planned(
    request: SurveyRequest, area: SurveyArea, router: Router, bearing_deg: float, spare_m2: float
) -> SurveyPlan:
    lines = request.lines
    families = [bearing_deg, (bearing_deg + 90.0) % 180.0] if request.crosswise else [bearing_deg]
    cells: list[Array] = []
    flown: list[Run] = []
    for bearing in families:
        runs = sweep_runs(area.target, area.flyable, bearing, lines.spacing_m, lines.end_m, spare_m2)
        cells += cells_of(runs, bearing)
        flown += runs
    more = gap_runs(area.target, area.flyable, lines.frame, flown, bearing_deg, request.goal)
    cells += [np.array([run.ends_en_m]) for run in more]
    if not cells:
        raise InputError("survey", "area", "no line that is legal", "an area with room for a line")
    start, end = (None if p is None else np.array(p) for p in (request.start_en_m, request.end_en_m))
    track = ordered_track(cells, router, start, end)
    missed = unseen(area.target, lines.frame, [*flown, *more]).area
    coverage = 1.0 - float(missed) / float(shapely.area(area.target))
    return SurveyPlan(track, bearing_deg, area, coverage, len(cells), len(more))
