"""The legs by themselves: too long ones, and doubled waypoints."""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from lenger_core.plans import Plan
from lenger_mission.plan_gate.course_legs import CourseLeg, LegKind, course_legs
from lenger_mission.plan_gate.course_track import runs_m
from lenger_mission.plan_gate.limits import GateLimits
from lenger_mission.plan_gate.model import Finding, error, warning

Array = NDArray[np.float64]


def leg_lengths_m(plan: Plan) -> Array:
    """Return the length of each level leg of a plan of simple items, from home to the landing place."""
    return _lengths([leg for leg in course_legs(plan, 1.0) if leg.kind is LegKind.FLY])


def leg_findings(all_legs: tuple[CourseLeg, ...], limits: GateLimits) -> Iterator[Finding]:
    """Return the legs that are too long, or that lead nowhere."""
    legs = [leg for leg in all_legs if leg.kind is LegKind.FLY]
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


def _lengths(legs: list[CourseLeg]) -> Array:
    both = np.array([place for leg in legs for place in (leg.start, leg.end)]).reshape(-1, 2)
    return runs_m(both[:, 0], both[:, 1])[::2]
