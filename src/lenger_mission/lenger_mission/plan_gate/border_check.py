"""Borders: every leg keeps the buffer, the zone file's or the gate's own, whichever is wider."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace

import numpy as np

from lenger_core.local_zones import ALL_FLOORS
from lenger_core.zone_model import BorderShape, Zone, ZoneSet
from lenger_mission.plan_gate.case import Case
from lenger_mission.plan_gate.margins import course_samples, least_margins
from lenger_mission.plan_gate.model import Finding, error, note


def border_findings(case: Case) -> Iterator[Finding]:
    """Return the items whose legs come nearer to a border than its buffer, or cross it, at any height."""
    course = case.course
    samples = course_samples(course, np.full(len(course.lat_deg), ALL_FLOORS))
    for border in case.borders if len(samples) else ():
        wanted = buffer_m(case, border)
        line = ZoneSet((_line_of(border),)).in_frame(course.frame)
        least = least_margins(line, samples, course.home[2], course.terrain, wanted, 2.0 * wanted + 1_000.0)
        for item, margin in zip(least.owner.tolist(), least.margin_m.tolist(), strict=True):
            if margin < wanted:
                yield _finding(item, margin, border.name, wanted)
        nearest = int(np.argmin(least.margin_m))
        if least.margin_m[nearest] >= wanted:
            margin = float(least.margin_m[nearest])
            sentence = f"The border {border.name!r} stays {margin:.0f} m away or more."
            yield note("border_buffer", int(least.owner[nearest]), margin, wanted, "m", sentence)


def buffer_m(case: Case, border: Zone) -> float:
    """Return how far a plan must stay from a border."""
    own = border.shape.buffer_m if isinstance(border.shape, BorderShape) else 0.0
    return max(own, case.limits.border_buffer_m)


def _line_of(border: Zone) -> Zone:
    assert isinstance(border.shape, BorderShape)
    return replace(border, shape=replace(border.shape, buffer_m=0.0), floor=None, ceiling=None)


def _finding(item: int, margin: float, name: str, wanted: float) -> Finding:
    if margin < 0.0:
        sentence = f"On the way to item {item} the plan crosses the border {name!r}."
        return error("border_crossed", item, margin, wanted, "m", sentence)
    sentence = f"On the way to item {item} the plan comes within {margin:.0f} m of the border {name!r}."
    return error("border_buffer", item, margin, wanted, "m", sentence)
