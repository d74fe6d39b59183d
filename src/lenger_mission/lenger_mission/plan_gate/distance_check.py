"""Distances: the way from home, the whole course; and home itself."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lenger_mission.plan_gate.by_item import least_by_item
from lenger_mission.plan_gate.case import Case
from lenger_mission.plan_gate.model import Finding, error, note


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
