"""A plan item by item as it will be flown: what `plan check` lists."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

import numpy as np

from lenger_core.plans import ChangeSpeed, PlanItem
from lenger_mission.plan_gate.course import Course
from lenger_mission.plan_gate.course_legs import LegKind
from lenger_mission.plan_gate.structure_check import heights_of


@dataclass(frozen=True)
class Row:
    """One item; None where something is not known or does not apply.

    Attributes:
        item, type: its number and kind.
        lat_deg, lon_deg: where the vehicle is when it is done.
        height_m, datum: as the plan says it.
        ground_amsl_m, agl_m: the ground there, and the height above it.
        least_agl_m: least height above the ground on the way, without climb-out and landing.
        leg_m: horizontal length of its legs.
        speed_m_s: wanted over the ground.
        t_s: since the take-off began, when it is done.
    """

    item: int
    type: str
    lat_deg: float | None = None
    lon_deg: float | None = None
    height_m: float | None = None
    datum: str | None = None
    ground_amsl_m: float | None = None
    agl_m: float | None = None
    least_agl_m: float | None = None
    leg_m: float | None = None
    speed_m_s: float | None = None
    t_s: float | None = None


def rows_of(course: Course) -> Iterator[Row]:
    """Return a row for each item of a plan, in order."""
    legs: dict[int, list[int]] = {}
    for number, leg in enumerate(course.legs):
        legs.setdefault(leg.item, []).append(number)
    for index, item in enumerate(course.plan.items):
        if isinstance(item, ChangeSpeed):
            yield Row(index, item.type, speed_m_s=item.speed_m_s)
        elif index in legs:
            yield _row(course, index, item, legs[index])
        else:
            yield Row(index, item.type)


def _row(course: Course, index: int, item: PlanItem, legs: list[int]) -> Row:
    last = int(course.spans[legs[-1], 1])
    heights = heights_of(item)
    level = [n for n in legs if course.legs[n].kind is LegKind.FLY]
    low = course.agl_m[int(course.spans[level[0], 0]) : int(course.spans[level[-1], 1]) + 1] if level else np.empty(0)
    there = last if not level else int(course.spans[level[-1], 1])
    return Row(
        index,
        item.type,
        round(float(course.lat_deg[last]), 7),
        round(float(course.lon_deg[last]), 7),
        heights[0].value_m if heights else None,
        heights[0].datum.value if heights else None,
        _known(course.ground_amsl_m[last], 2),
        _known(course.agl_m[there], 2) if level or index == 0 else None,
        _known(float(low.min()), 1) if len(low) else None,
        round(float(course.length_m[level].sum()), 1) if level else None,
        course.legs[legs[-1]].speed_m_s,
        round(float(course.t_s[last]), 1),
    )


def _known(value: float, digits: int) -> float | None:
    return round(float(value), digits) if np.isfinite(value) else None
