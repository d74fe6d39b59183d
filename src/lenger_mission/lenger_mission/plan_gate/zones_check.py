"""Legs against zones in three dimensions: between the waypoints too, and in height as well as in plan."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray
from shapely.geometry import Polygon

from lenger_core.local_zones import ALL_FLOORS, NO_AGL_FLOORS, NO_FLOORS, Area, LocalZones
from lenger_core.zone_model import ZoneKind
from lenger_mission.plan_gate.case import Case
from lenger_mission.plan_gate.course import Course
from lenger_mission.plan_gate.course_legs import LegKind
from lenger_mission.plan_gate.margins import LAT, LON, course_samples, least_margins
from lenger_mission.plan_gate.model import Finding, error, note

Ints = NDArray[np.int64]


def zone_findings(case: Case) -> Iterator[Finding]:
    """Return the items whose legs leave the legal space or come too near to its edge; borders have their own check."""
    yield from _against(case, case.local_zones, case.limits.zone_margin_m)


def fence_findings(case: Case) -> Iterator[Finding]:
    """Return the items whose legs break the fence that the plan itself carries."""
    crossed = False
    for number, polygon in enumerate(case.course.plan.fence_polygons, start=1):
        if not Polygon(polygon.vertices).is_valid:
            crossed = True
            sentence = f"The line of the plan's fence polygon {number} crosses itself."
            yield error("fence_invalid", None, f"polygon {number}", "a simple polygon", "", sentence)
    if not crossed:
        yield from _against(case, case.plan_fence, 0.0)


def _against(case: Case, zones: LocalZones, wanted: float) -> Iterator[Finding]:
    course = case.course
    if not zones.areas:
        return
    samples = course_samples(course, floors_of(case))
    if not len(samples):
        return
    least = least_margins(zones, samples, course.home[2], course.terrain, wanted)
    for owner, margin, index, place in zip(least.owner, least.margin_m, least.area, least.samples, strict=True):
        if margin < wanted:
            yield _finding(int(owner), float(margin), zones.areas[index], (place[LAT], place[LON]), wanted)
    nearest = int(np.argmin(least.margin_m))
    if least.margin_m[nearest] >= wanted:
        name, margin = zones.areas[least.area[nearest]].name, float(least.margin_m[nearest])
        sentence = f"The nearest zone line is that of {name!r}, {_metres(margin)} away."
        yield note("zone_margin", int(least.owner[nearest]), margin, wanted, "m", sentence)


def floors_of(case: Case) -> Ints:
    """Return (N,) which floors of inclusions count at a course's samples.

    None on the way up and down, none over the ground within the approach radius of home and of the landing place.
    """
    course = case.course
    vertical = np.array([leg.kind is not LegKind.FLY for leg in course.legs], dtype=bool)
    out = np.where(near_ends(course, case.limits.approach_radius_m), NO_AGL_FLOORS, ALL_FLOORS)
    if len(vertical):
        out = np.where(vertical[course.leg], NO_FLOORS, out)
    return np.asarray(out, dtype=np.int64)


def near_ends(course: Course, radius_m: float) -> NDArray[np.bool_]:
    """Return (N,) which samples lie within a radius of home or of the last sample."""
    flat = course.points_m[:, :2]
    return np.asarray(
        (np.linalg.norm(flat, axis=1) <= radius_m) | (np.linalg.norm(flat - flat[-1], axis=1) <= radius_m)
    )


def _finding(item: int, margin: float, area: Area, place: tuple[float, float], wanted: float) -> Finding:
    where = f"near {place[0]:.5f}, {place[1]:.5f}"
    enters = area.kind is ZoneKind.EXCLUSION
    if margin >= 0.0:
        side = f"{_metres(margin)} from the line of {area.name!r}"
        sentence = f"On the way to item {item} the plan comes within {side}, {where}."
        return error("zone_margin", item, margin, wanted, "m", sentence)
    verb, code = ("enters", "zone_entered") if enters else ("leaves", "zone_left")
    sentence = f"On the way to item {item} the plan {verb} the zone {area.name!r}, {where}."
    return error(code, item, margin, wanted, "m", sentence)


def _metres(value: float) -> str:
    return "100 m or more" if value >= 100.0 else f"{value:.0f} m"
