"""Each complex item of a plan to the simple items that our patterns fly it as."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from math import inf

import numpy as np
import shapely
from numpy.typing import NDArray

from lenger_core.errors import InputError
from lenger_core.geodesy import LocalFrame
from lenger_core.plans import Capture, Corridor, Coverage, Home, Orbit, Perimeter, Search, Simple, Survey
from lenger_mission.expand_context import Context, LatLon
from lenger_mission.expand_tracks import coverage_items, waypoints
from lenger_mission.patterns.camera import MAX_OVERLAP, camera_of
from lenger_mission.patterns.corridor import CorridorRequest, plan_corridor
from lenger_mission.patterns.orbit import orbit_track
from lenger_mission.patterns.perimeter import PerimeterRequest, plan_perimeter
from lenger_mission.patterns.search import search_line
from lenger_mission.patterns.survey import Lines, SurveyRequest, camera_lines, plan_survey
from lenger_mission.patterns.survey_area import area_en
from lenger_mission.patterns.survey_gaps import Frame
from lenger_mission.patterns.sweep import Region
from lenger_mission.patterns.sweep_direction import FlightCost

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Planned:
    """The simple items of a complex one, and what a person should know of them."""

    items: Sequence[Simple]
    notes: tuple[str, ...] = ()


@dataclass(frozen=True)
class Setting:
    """What an item is planned in.

    Attributes:
        context: the day and the place.
        home: of the plan.
        before, after: where the plan comes from, and where it goes on to.
        speed_m_s: in force before the item; None where nothing says it.
    """

    context: Context
    home: Home
    before: LatLon
    after: LatLon
    speed_m_s: float | None = None


def survey_items(item: Survey, setting: Setting) -> Planned:
    """Return the lines of a survey.

    Raises:
        InputError: it cannot be flown so; see `plan_survey`.
    """
    frame = _frame(item.area)
    area = area_en(_planar(frame, item.area), tuple(_planar(frame, hole) for hole in item.holes))
    lines = _lines(item, setting)
    request = SurveyRequest(
        area=area,
        lines=lines,
        keep_out=_keep_out(frame, setting),
        bearing_deg=item.angle_deg,
        cost=_cost(item, setting),
        start_en_m=_point(frame, setting.before),
        end_en_m=_point(frame, setting.after),
        crosswise=item.crosswise,
    )
    made = plan_survey(request)
    notes = made.notes
    if item.alternate:
        notes += ("a survey's lines are flown one after the other, not every other one first",)
    return Planned(coverage_items(item, made.track, _trigger_m(item, lines), frame), notes)


def corridor_items(item: Corridor, setting: Setting) -> Planned:
    """Return the lanes of a corridor.

    Raises:
        InputError: it cannot be flown so; see `plan_corridor`.
    """
    frame = _frame(item.line)
    lines = _lines(item, setting)
    request = CorridorRequest(
        line_en_m=_planar(frame, item.line),
        width_m=item.width_m,
        lines=lines,
        keep_out=_keep_out(frame, setting),
        start_en_m=_point(frame, setting.before),
        end_en_m=_point(frame, setting.after),
    )
    return Planned(coverage_items(item, plan_corridor(request).track, _trigger_m(item, lines), frame))


def perimeter_items(item: Perimeter, setting: Setting) -> Planned:
    """Return the laps of a perimeter; photos only where the item has a camera or a distance between them.

    Raises:
        InputError: it cannot be flown so; see `plan_perimeter`.
    """
    frame = _frame(item.area)
    request = PerimeterRequest(
        area=area_en(_planar(frame, item.area), where="perimeter"),
        inset_m=item.inset_m,
        laps=item.laps,
        clockwise=item.clockwise,
        keep_out=_keep_out(frame, setting),
        start_en_m=_point(frame, setting.before),
    )
    trigger = item.photo_distance_m or inf
    if item.camera is not None:
        trigger = _trigger_m(item, _lines(item, setting))
    return Planned(coverage_items(item, plan_perimeter(request), trigger, frame))


def orbit_items(item: Orbit, setting: Setting) -> Planned:
    """Return the rings of an orbit.

    Raises:
        InputError: more points than a plan takes; see `orbit_track`.
    """
    track = orbit_track(item, setting.before)
    headings = [None] * len(track.points_deg) if track.heading_deg is None else [[h] for h in track.heading_deg]
    made: list[Simple] = []
    for point, height, heading in zip(track.points_deg, track.heights, headings, strict=True):
        made += waypoints(point[None], height, None if heading is None else np.array(heading))
    return Planned(made)


def search_items(item: Search, setting: Setting) -> Planned:
    """Return the legs of a search.

    Raises:
        InputError: no such search can be laid; see `search_line`.
    """
    return Planned(waypoints(search_line(item, setting.before, setting.context.wind_from_deg), item.height))


def _lines(item: Coverage, setting: Setting) -> Lines:
    """Return how an area is seen: by the camera of the item, or by what it says of spacing and distance."""
    height = setting.context.above_ground_m(item.height, setting.home, setting.before)
    distance = item.photo_distance_m or inf
    if item.camera is None:
        if item.line_spacing_m is None:
            raise InputError("survey", "camera", None, "a camera, or line_spacing_m")
        half = 0.5 * item.line_spacing_m
        return Lines(Frame(half, half), item.line_spacing_m, item.turnaround_m, distance)
    side, front = (min(p / 100.0, MAX_OVERLAP) for p in (item.side_overlap_percent, item.frontal_overlap_percent))
    seen = camera_lines(camera_of(item.camera), height, side, front, item.turnaround_m or None)
    spacing = min(item.line_spacing_m or seen.spacing_m, 2.0 * seen.frame.across_m)
    return Lines(seen.frame, spacing, seen.end_m, min(distance, seen.trigger_m))


def _trigger_m(item: Coverage, lines: Lines) -> float:
    return inf if item.capture is Capture.NONE else lines.trigger_m


def _cost(item: Coverage, setting: Setting) -> FlightCost:
    context = setting.context
    speed = item.speed_m_s or setting.speed_m_s or context.speed_m_s
    ground = context.ground_amsl_m((setting.home.lat_deg, setting.home.lon_deg))
    height = 1_000.0 if ground is None else ground + item.height.value_m
    return FlightCost(speed, context.wind_en_m_s, context.profile, height)


def _keep_out(frame: LocalFrame, setting: Setting) -> Region | None:
    if not setting.context.keep_out:
        return None
    union = shapely.union_all([area_en(_planar(frame, ring), where="keep_out") for ring in setting.context.keep_out])
    return union if isinstance(union, Region) else None


def _frame(points: Sequence[LatLon]) -> LocalFrame:
    lat, lon = np.asarray(points, dtype=float).mean(axis=0)
    return LocalFrame(float(lat), float(lon), 0.0)


def _planar(frame: LocalFrame, points: Sequence[LatLon]) -> Array:
    lat, lon = np.asarray(points, dtype=float).T
    return frame.to_local_many(lat, lon)[:, :2]


def _point(frame: LocalFrame, place: LatLon) -> tuple[float, float]:
    east, north = _planar(frame, (place,))[0]
    return float(east), float(north)
