"""Speeds, and rates of climb and descent: what the plan asks for against what the vehicle does.

A straight leg that cannot be flown at its speed is an error: the autopilot flies it otherwise than planned. Where a leg
follows the ground, the executor slows down over what is steep; that is said, and stops nothing.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np

from lenger_core.plans import Datum
from lenger_mission.plan_gate.course_legs import CourseLeg, LegKind
from lenger_mission.plan_gate.flight import Flight
from lenger_mission.plan_gate.model import Finding, error, warning

TOLERANCE = 1.02
"""A rate so much over the limit is still taken to be it: heights are written to a metre, lengths to some."""
SLOW_M_S = 0.5
CRAWL_SHARE = 0.4
"""Of the wanted speed: slower over steep ground is worth telling."""
_LEAST_RISE_M = 2.0


def check_rates(flight: Flight) -> Iterator[Finding]:
    """Yield `climb_rate` and `descent_rate` for each leg too steep for its speed, `slow_over_steep_ground` for the
    plan."""
    for k, leg in enumerate(flight.course.legs):
        if leg.kind is LegKind.FLY and not _follows(leg):
            yield from _straight(flight, k, leg)
    yield from _following(flight)


def _follows(leg: CourseLeg) -> bool:
    return leg.height is not None and leg.height.datum is Datum.AGL


def _straight(flight: Flight, k: int, leg: CourseLeg) -> Iterator[Finding]:
    course, profile = flight.course, flight.profile
    first, last = course.spans[k]
    rise, run = float(flight.alt_amsl_m[last] - flight.alt_amsl_m[first]), float(course.length_m[k])
    if abs(rise) < _LEAST_RISE_M or run < 1.0:
        return
    speed = min(leg.speed_m_s, profile.max_speed_m_s)
    rate = speed * rise / run
    code, limit = ("climb_rate", profile.max_climb_m_s) if rise > 0.0 else ("descent_rate", profile.max_descent_m_s)
    if abs(rate) > TOLERANCE * limit:
        way = "climbs" if rise > 0.0 else "descends"
        sentence = (
            f"The leg to item {leg.item} {way} {abs(rise):.0f} m over {run:.0f} m; at {speed:g} m/s that is "
            f"{abs(rate):.1f} m/s, the vehicle does {limit:g} m/s: fly it at {limit * run / abs(rise):.1f} m/s or "
            f"make it longer."
        )
        yield error(code, leg.item, round(abs(rate), 2), limit, "m/s", sentence)


def _following(flight: Flight) -> Iterator[Finding]:
    course = flight.course
    if not course.legs:
        return
    flies = np.array([leg.kind is LegKind.FLY and _follows(leg) for leg in course.legs])
    wanted = np.array([min(leg.speed_m_s, flight.profile.max_speed_m_s) for leg in course.legs])
    leg = course.leg[:-1]
    rise, run = np.abs(np.diff(flight.alt_amsl_m)), np.maximum(course.run_m, 1e-6)
    climbs = np.diff(flight.alt_amsl_m) > 0.0
    rate = np.where(climbs, flight.profile.max_climb_m_s, flight.profile.max_descent_m_s)
    able = np.where(rise > 0.0, rate * run / np.maximum(rise, 1e-9), np.inf)
    share = np.where(flies[leg] & (course.run_m > 1.0), able / wanted[leg], np.inf)
    at = int(np.argmin(share)) if len(share) else 0
    if len(share) and share[at] < CRAWL_SHARE:
        item, speed = int(course.segment_item[at]), round(float(able[at]), 2)
        sentence = f"Over the steep ground before item {item} the vehicle slows down to {speed:.1f} m/s."
        yield warning(
            "slow_over_steep_ground", item, speed, round(CRAWL_SHARE * float(wanted[leg[at]]), 2), "m/s", sentence
        )


def check_speed(flight: Flight) -> Iterator[Finding]:
    """Yield `speed` for each speed of the plan beyond the vehicle's, `slow` for one at which it hardly moves."""
    plan, most = flight.course.plan, flight.profile.max_speed_m_s
    items = [(index, getattr(item, "speed_m_s", None)) for index, item in enumerate(plan.items)]
    asked: list[tuple[int | None, float | None]] = [(None, plan.cruise_speed_m_s), *items]
    for index, speed in asked:
        who = "The plan" if index is None else f"Item {index}"
        if speed is not None and speed > TOLERANCE * most:
            sentence = f"{who} asks for {speed:g} m/s; the vehicle flies {most:g} m/s."
            yield error("speed", index, speed, most, "m/s", sentence)
        elif speed is not None and speed < SLOW_M_S:
            sentence = f"{who} asks for {speed:g} m/s: the vehicle hardly moves."
            yield warning("slow", index, speed, SLOW_M_S, "m/s", sentence)
