"""Landing and rally points: on ground that can be landed on, legal, and to be reached."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from lenger_core.errors import InputError
from lenger_core.local_zones import NO_FLOORS
from lenger_core.plans import RallyPoint
from lenger_mission.plan_gate.case import Case
from lenger_mission.plan_gate.course import Course
from lenger_mission.plan_gate.course_ground import ground_of
from lenger_mission.plan_gate.course_legs import LegKind
from lenger_mission.plan_gate.margins import least_margins
from lenger_mission.plan_gate.model import Finding, error, warning
from lenger_mission.plan_gate.straight import straight_ways

Array = NDArray[np.float64]

MOST_STARTS = 12
"""Places of the course from which the way to a rally point is tried, the nearest among them."""


def landing_findings(case: Case) -> Iterator[Finding]:
    """Return what is wrong with the landing place and with each rally point."""
    course = case.course
    if course.legs and course.legs[-1].kind is LegKind.DESCEND:
        leg = course.legs[-1]
        yield from _slope(case, leg.end, leg.item, "The landing place", leg.end != course.home[:2])
    for number, rally in enumerate(course.plan.rally, start=1):
        yield from _rally(case, number, rally)


def slope_deg(course: Course, place: tuple[float, float]) -> float:
    """Return the slope of the ground at a place; NaN off the terrain."""
    try:
        return float(course.terrain.slopes_deg(np.array(place[:1]), np.array(place[1:]))[0])
    except InputError:
        return float("nan")


def _slope(case: Case, place: tuple[float, float], item: int | None, what: str, chosen: bool) -> Iterator[Finding]:
    """Tell of steep ground; at home, where the vehicle stood before, only as a warning."""
    slope, limit = slope_deg(case.course, place), case.limits.landing_slope_deg
    if slope > limit:
        make = error if chosen else warning
        sentence = f"{what} slopes by {slope:.0f} degrees."
        yield make("landing_slope", item, slope, limit, "deg", sentence)


def _rally(case: Case, number: int, rally: RallyPoint) -> Iterator[Finding]:
    course, limits, name = case.course, case.limits, f"Rally point {number}"
    place = (rally.lat_deg, rally.lon_deg)
    ground = ground_of(course.terrain, np.array(place[:1]), np.array(place[1:]))
    base, bound = float(ground.height_amsl_m[0]), float(ground.error_m[0])
    east, north = course.frame.to_local_many(np.array(place[:1]), np.array(place[1:]))[0]
    away = float(np.hypot(east, north))
    if away > limits.range_m:
        yield error("rally_range", None, away, limits.range_m, "m", f"{name} is {away / 1000:.1f} km from home.")
        return
    if not np.isfinite(base + bound):
        yield error("rally_ground", None, "no ground", "ground below", "", f"{name} lies off the terrain.")
        return
    yield from _slope(case, place, None, name, True)
    alt = rally.height.amsl_m(base, course.home[2])
    clear = alt - base - bound
    if clear < limits.floor_agl_m:
        sentence = f"{name} is {alt - base:.0f} m over the ground, of which {clear:.0f} m can be relied on."
        yield error("rally_height", None, clear, limits.floor_agl_m, "m", sentence)
    yield from _legal(case, name, np.array([east, north]), (*place, base, bound), alt)
    yield from _reachable(case, name, np.array([*place, alt]))


def _legal(case: Case, name: str, spot: Array, column: tuple[float, ...], alt: float) -> Iterator[Finding]:
    """Look at the way down from a rally point's height to its ground."""
    zones, course, wanted = case.all_zones, case.course, case.limits.zone_margin_m
    if not zones.areas:
        return
    heights = np.linspace(alt, column[2], 12) - course.frame.alt_amsl_m
    rows = [[*spot, up, *column, NO_FLOORS, 0] for up in heights]
    least = least_margins(zones, np.array(rows), course.home[2], course.terrain, wanted)
    if least.margin_m[0] < wanted:
        zone = zones.areas[least.area[0]].name
        sentence = f"{name} is not legal: its landing breaks the zone {zone!r}."
        yield error("rally_zone", None, float(least.margin_m[0]), wanted, "m", sentence)


def _reachable(case: Case, name: str, rally: Array) -> Iterator[Finding]:
    """Try straight ways from the course, at the greater of both heights."""
    course, limits = case.course, case.limits
    starts = _starts(course, rally)
    if not len(starts):
        return
    high = np.maximum(starts[:, 2], rally[2])
    one = np.column_stack([starts[:, :2], high])
    two = np.column_stack([np.repeat(rally[None, :2], len(high), axis=0), high])
    way = straight_ways(course, case.all_zones, one, two, limits.zone_margin_m)
    good = (way.margin_m >= limits.zone_margin_m) & ~(way.sure_clearance_m < limits.floor_agl_m)
    if not good.any():
        sentence = f"No straight way from the course leads to {name.lower()} legally and clear of the ground."
        yield error("rally_unreachable", None, "no way", "one straight way", "", sentence)
    elif not good[0]:
        sentence = f"{name} cannot be flown to straight from the nearest place of the course."
        yield warning("rally_blocked", None, "no straight way", "a straight way", "", sentence)


def _starts(course: Course, rally: Array) -> Array:
    """Return places (K, 3) of the course in the air, the nearest to a rally point first."""
    flown = np.array([leg.kind is LegKind.FLY for leg in course.legs], dtype=bool)
    if not flown.any():
        return np.zeros((0, 3))
    known = np.flatnonzero(flown[course.leg] & np.isfinite(course.agl_m))
    if not len(known):
        return np.zeros((0, 3))
    north, east = course.lat_deg[known] - rally[0], course.lon_deg[known] - rally[1]
    off = np.hypot(north, east * np.cos(np.radians(rally[0])))
    spread = np.linspace(0, len(known) - 1, min(MOST_STARTS, len(known))).astype(np.int64)
    at = known[np.concatenate([[int(np.argmin(off))], spread])]
    return np.asarray(np.column_stack([course.lat_deg, course.lon_deg, course.alt_amsl_m])[at])
