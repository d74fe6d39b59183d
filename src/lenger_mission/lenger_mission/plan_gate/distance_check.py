"""Distances: legs, the way from home, the whole course, doubled waypoints; and home itself."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from lenger_core.plans import Plan
from lenger_mission.plan_gate.by_item import least_by_item
from lenger_mission.plan_gate.case import Case
from lenger_mission.plan_gate.course import runs_m
from lenger_mission.plan_gate.course_legs import CourseLeg, LegKind, course_legs
from lenger_mission.plan_gate.limits import GateLimits
from lenger_mission.plan_gate.model import Finding, error, note, warning

Array = NDArray[np.float64]


def leg_lengths_m(plan: Plan) -> Array:
    """Return the length of each level leg of a plan of simple items, from home to the landing place."""
    return _lengths([leg for leg in course_legs(plan, 1.0) if leg.kind is LegKind.FLY])


def leg_findings(plan: Plan, limits: GateLimits) -> Iterator[Finding]:
    """Return the legs of a plan of simple items that are too long, or that lead nowhere."""
    legs = [leg for leg in course_legs(plan, 1.0) if leg.kind is LegKind.FLY]
    before: CourseLeg | None = None
    for leg, length in zip(legs, _lengths(legs).tolist(), strict=True):
        if length >= limits.max_leg_m:
            sentence = f"The leg to item {leg.item} is {length / 1000:.1f} km long."
            yield error("leg_too_long", leg.item, length, limits.max_leg_m, "m", sentence)
        doubled = before is not None and before.height == leg.height and before.item != leg.item
        if doubled and length < limits.min_leg_m and leg.hold_s == 0.0:
            sentence = f"Item {leg.item} is where the item before it is."
            yield warning("leg_too_short", leg.item, length, limits.min_leg_m, "m", sentence)
        before = leg


def distance_findings(case: Case) -> Iterator[Finding]:
    """Return what of a course is too far from home, its whole length, and home where it is not on the ground."""
    course, limits = case.course, case.limits
    flat = np.linalg.norm(course.points_m[:, :2], axis=1)
    for item, worst in least_by_item(-flat, course.item):
        if flat[worst] > limits.range_m:
            far = float(flat[worst])
            sentence = f"On the way to item {item} the plan is {far / 1000:.1f} km from home."
            yield error("out_of_range", item, far, limits.range_m, "m", sentence)
    whole = float(course.length_m.sum())
    sentence = f"The course is {whole / 1000:.1f} km long and takes {course.duration_s / 60.0:.0f} minutes."
    make = error if whole > limits.length_m else note
    yield make("course_length", None, whole, limits.length_m, "m", sentence)
    yield from _home(case)


def _home(case: Case) -> Iterator[Finding]:
    course, stated = case.course, case.course.plan.home.alt_amsl_m
    ground, bound = float(course.ground_amsl_m[0]), float(course.ground_error_m[0])
    if stated is None or not np.isfinite(ground + bound):
        return
    off, allowed = abs(stated - ground), case.limits.home_height_m + bound
    if off > allowed:
        sentence = f"The plan states home at {stated:.0f} m, and the ground there is at {ground:.0f} m."
        yield error("home_height", None, off, allowed, "m", sentence)


def _lengths(legs: list[CourseLeg]) -> Array:
    both = np.array([place for leg in legs for place in (leg.start, leg.end)]).reshape(-1, 2)
    return runs_m(both[:, 0], both[:, 1])[::2]
