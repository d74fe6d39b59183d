"""The autopilot's own return (RTL) from wherever the plan may be broken off: straight up, straight home, straight down.

The guard permits no return that is not legal and leads round instead; but when the companion computer is gone, nobody
leads. So an illegal one on the way is told as a warning, and one that the plan itself ends with is an error.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from itertools import pairwise

import numpy as np
from numpy.typing import NDArray

from lenger_core.plans import ReturnHome
from lenger_mission.plan_gate.by_item import spans_text
from lenger_mission.plan_gate.case import Case
from lenger_mission.plan_gate.course import Course
from lenger_mission.plan_gate.course_legs import LegKind
from lenger_mission.plan_gate.model import Finding, Severity
from lenger_mission.plan_gate.straight import Straight, straight_ways

Array = NDArray[np.float64]
Ints = NDArray[np.int64]


def return_findings(case: Case) -> Iterator[Finding]:
    """Return what stands in the way of the native return, from the end of every leg that is flown."""
    course, limits = case.course, case.limits
    legs, items, starts = _starts(course)
    if not len(legs) or not np.isfinite(course.home[2]):
        return
    high = np.maximum(starts[:, 2], course.home[2] + return_height_m(case))
    one = np.column_stack([starts[:, :2], high])
    two = np.column_stack([np.full(len(high), course.home[0]), np.full(len(high), course.home[1]), high])
    way = straight_ways(course, case.all_zones, one, two, limits.zone_margin_m)
    ordered = _ordered(course)
    for severity, chosen in ((Severity.ERROR, legs == ordered), (Severity.WARNING, legs != ordered)):
        yield from _findings(case, way, items, np.flatnonzero(chosen), severity)


def return_height_m(case: Case) -> float:
    """Return the height above home to which the autopilot climbs first: the lowest of what the profile's autopilots are
    set to, else the gate's."""
    found = [
        parameters[name]
        for autopilot, parameters in case.course.profile.failsafe_parameters.items()
        for name in ("RTL_RETURN_ALT", "RTL_ALT_M")
        if name in parameters and case.autopilot in ("", autopilot)
    ]
    return min(found, default=case.limits.return_height_home_m)


def _starts(course: Course) -> tuple[Ints, Ints, Array]:
    """Return the legs from whose ends a return is tried, their items, and the places (K, 3), unknown ones left out."""
    legs = np.array([n for n, leg in enumerate(course.legs) if leg.kind is not LegKind.DESCEND], dtype=np.int64)
    at = course.spans[legs, 1]
    places = np.column_stack([course.lat_deg, course.lon_deg, course.alt_amsl_m])[at]
    known = np.isfinite(places).all(axis=1) & np.isfinite(course.ground_amsl_m[at])
    return legs[known], course.item[at[known]], places[known]


def _ordered(course: Course) -> int:
    """Return the leg from whose end the plan itself orders a return, -1 when it ends otherwise."""
    for number, (before, leg) in enumerate(pairwise(course.legs)):
        if leg.item != before.item and isinstance(course.plan.items[leg.item], ReturnHome):
            return number
    return -1


@dataclass(frozen=True)
class _Words:
    """How a kind of obstacle is told."""

    code: str
    text: str
    limit: float


def _findings(case: Case, way: Straight, items: Ints, chosen: Ints, severity: Severity) -> Iterator[Finding]:
    floor, wanted = case.limits.floor_agl_m, case.limits.zone_margin_m
    sure, margin, zones = way.sure_clearance_m[chosen], way.margin_m[chosen], case.all_zones
    low = chosen[sure < floor]
    if len(low):
        words = _Words("return_terrain", "comes too near to the ground", floor)
        yield _finding(words, items[low], float(np.nanmin(way.sure_clearance_m[low])), severity)
    crossing = chosen[margin < wanted]
    for area in np.unique(way.area[crossing]):
        mine = crossing[way.area[crossing] == area]
        words = _Words("return_zone", f"breaks the zone {zones.areas[area].name!r}", wanted)
        yield _finding(words, items[mine], float(way.margin_m[mine].min()), severity)


def _finding(words: _Words, items: Ints, value: float, severity: Severity) -> Finding:
    numbers = sorted(set(items.tolist()))
    where = f"after item{'s' if len(numbers) > 1 else ''} {spans_text(numbers)}"
    if severity is Severity.ERROR:
        sentence = f"The return that the plan ends with, {where}, {words.text} where the autopilot flies it by itself."
    else:
        sentence = f"The autopilot's own return {where} {words.text}: the guard leads round, it alone would not."
    return Finding(words.code, numbers[0], value, words.limit, "m", severity, sentence)
