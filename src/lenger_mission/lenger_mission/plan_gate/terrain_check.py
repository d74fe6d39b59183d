"""Height over the ground along the legs: clearance after the terrain's error bound, and the ceiling.

Between samples the clearance is exact for the bilinear surface (`lenger_core.terrain.lines_of_sight`): one ray for a
straight leg, one for each segment of a leg that follows the ground.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from lenger_core.errors import InputError
from lenger_core.plans import Datum
from lenger_core.terrain import Terrain, lines_of_sight
from lenger_mission.patterns.leg_clearance import least_clearances_m
from lenger_mission.plan_gate.by_item import least_by_item, spans_text
from lenger_mission.plan_gate.case import Case
from lenger_mission.plan_gate.course import Course
from lenger_mission.plan_gate.course_legs import LegKind
from lenger_mission.plan_gate.model import Finding, error, note
from lenger_mission.plan_gate.zones_check import near_ends

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

LEVEL_BOUND_M = 0.01
"""An error bound that varies less than this along a course counts as level."""
MOST_SHARPENED = 500
"""Lines whose least clearance after the error bound is looked for again, exactly: those nearest to the ground."""


def clearance_findings(case: Case) -> Iterator[Finding]:
    """Return the items on whose way the ground, as high as its error bound allows, is too near."""
    course, floor = case.course, case.limits.floor_agl_m
    owner, low, sure = clearances(course, near_ends(course, case.limits.approach_radius_m))
    for item, worst in least_by_item(sure, owner):
        if sure[worst] < floor:
            yield _too_low(item, float(low[worst]), float(sure[worst]), floor)
    if len(sure) and sure.min() >= floor:
        worst = int(np.argmin(sure))
        known = f"The least clearance is {low[worst]:.1f} m"
        more = f"; {sure[worst]:.1f} m can be relied on over the real land." if sure[worst] < low[worst] else "."
        yield note("clearance", int(owner[worst]), float(sure[worst]), floor, "m", known + more)


def _too_low(item: int, low: float, sure: float, floor: float) -> Finding:
    if low <= 0.0:
        sentence = f"The way to item {item} runs into the ground."
        return error("terrain_hit", item, low, floor, "m", sentence)
    if low < floor:
        sentence = f"The way to item {item} passes {low:.1f} m over the ground."
        return error("terrain_clearance", item, low, floor, "m", sentence)
    sentence = (
        f"The way to item {item} passes {low:.1f} m over the ground as it is known; with its error bound only "
        f"{sure:.1f} m can be relied on."
    )
    return error("terrain_clearance", item, sure, floor, "m", sentence)


def clearances(course: Course, spared: NDArray[np.bool_]) -> tuple[Ints, Array, Array]:
    """Return the item, the least clearance, and that after the error bound, of each stretch in level flight.

    Args:
        course: of N samples.
        spared: (N,) samples near home and landing place, where no floor counts.
    """
    first, last = _stretches(course, spared)
    ok = np.isfinite(course.agl_m[first]) & np.isfinite(course.agl_m[last])
    first, last = first[ok], last[ok]
    if not len(first):
        return np.zeros(0, dtype=np.int64), np.zeros(0), np.zeros(0)
    path = np.column_stack([course.lat_deg, course.lon_deg, course.alt_amsl_m])
    try:
        sight = lines_of_sight(course.terrain, path[first], path[last], k=np.inf)
    except InputError:  # a gap in the terrain between two places: what its samples know is all that is known
        return course.item, course.agl_m, course.agl_m - course.ground_error_m
    sure = np.array(sight.sure_clearance_m)
    if np.ptp(course.ground_error_m[np.concatenate([first, last])]) > LEVEL_BOUND_M:
        _sharpen(course.terrain, path[first], path[last], sure)
    return course.item[last], np.asarray(sight.clearance_m), sure


def _sharpen(terrain: Terrain, one: Array, other: Array, sure: Array) -> None:
    """Write the exact least of clearance less error bound where the lines come nearest to the ground.

    `lines_of_sight` takes the bound where the bare clearance of a cell is least; where the bound slopes along the line
    the worst place is another one of the same cell.
    """
    nearest = np.argsort(sure)[:MOST_SHARPENED]
    ends = np.stack([one[nearest], other[nearest]], axis=1).reshape(-1, 3)
    sure[nearest] = np.minimum(sure[nearest], least_clearances_m(terrain, ends)[::2])


def _stretches(course: Course, spared: NDArray[np.bool_]) -> tuple[Ints, Ints]:
    """Return the first and last samples of what is to be looked at as one straight line each."""
    begins, ends = [np.zeros(0, dtype=np.int64)], [np.zeros(0, dtype=np.int64)]
    for leg, (first, last) in zip(course.legs, course.spans, strict=True):
        if leg.kind is not LegKind.FLY or course.length_m[course.leg[first]] < 0.01:
            continue
        free = np.flatnonzero(~spared[first : last + 1]) + first
        if not len(free):
            continue
        follows = leg.height is not None and leg.height.datum is Datum.AGL
        if follows or len(free) != last - first + 1:
            joined = free[:-1][np.diff(free) == 1]
            begins.append(joined)
            ends.append(joined + 1)
        else:
            begins.append(np.array([first]))
            ends.append(np.array([last]))
    return np.concatenate(begins), np.concatenate(ends)


def ceiling_findings(case: Case) -> Iterator[Finding]:
    """Return the items on whose way the plan may be higher than allowed, over the ground or over the sea."""
    course, limits = case.course, case.limits
    if not course.legs:
        return
    above, height = course.agl_m + course.ground_error_m, course.alt_amsl_m
    for item, worst in least_by_item(-above, course.item):
        most = float(above[worst])
        if most > limits.ceiling_agl_m:
            sentence = f"On the way to item {item} the plan is up to {most:.0f} m over the ground, error bound added."
            yield error("ceiling_agl", item, most, limits.ceiling_agl_m, "m", sentence)
    for item, worst in least_by_item(-height, course.item):
        most = float(height[worst])
        if most > limits.ceiling_amsl_m:
            sentence = f"On the way to item {item} the plan is {most:.0f} m above sea level."
            yield error("ceiling_amsl", item, most, limits.ceiling_amsl_m, "m", sentence)


def off_terrain_findings(case: Case) -> Iterator[Finding]:
    """Return one finding where nothing is known of the ground below a plan."""
    course = case.course
    items = sorted(set(course.item[~np.isfinite(course.ground_amsl_m)].tolist()))
    if items:
        sentence = (
            f"The plan leaves the terrain {course.terrain.name} on the way to items {spans_text(items)}: its clearance "
            "is not known (--dem FILE)."
        )
        yield error("off_terrain", items[0], "no ground", "ground below", "", sentence)
