"""The plan gate: what must hold before a plan may fly.

A check is a function from a plan to findings; `CHECKS` lists them. This is the structure class; classes that need
terrain, zones, energy or the vehicle are further functions with the same result.
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from enum import Enum

import numpy as np
from numpy.typing import NDArray

from lenger_core.errors import InputError
from lenger_core.plans import ChangeSpeed, Datum, Height, Land, Plan, ReturnHome, Takeoff, Waypoint

MAX_LEG_M = 5_000.0
MIN_AGL_M, MAX_AGL_M = 5.0, 500.0
MIN_TAKEOFF_M = 2.0
MIN_HOME_M, MAX_HOME_M = -1_000.0, 3_000.0
EARTH_RADIUS_M = 6_371_008.8


class Severity(str, Enum):
    """How bad a finding is: an error stops the plan, a warning is shown."""

    ERROR = "error"
    WARNING = "warning"


@dataclass(frozen=True)
class Finding:
    """One thing that is wrong with a plan.

    Attributes:
        code: short and stable, snake_case.
        item: index into the plan's items, None when it is the whole plan's.
        value: what was found.
        limit: what would be valid.
        severity: error or warning.
        sentence: for a person.
    """

    code: str
    item: int | None
    value: str
    limit: str
    severity: Severity
    sentence: str


Check = Callable[[Plan], Iterator[Finding]]


def check_plan(plan: Plan) -> list[Finding]:
    """Return every finding of every check, in the order of the checks."""
    return [finding for check in CHECKS for finding in check(plan)]


def require(plan: Plan, where: str) -> Plan:
    """Return the plan when no check finds an error.

    Raises:
        InputError: the first error, naming the item.
    """
    for finding in check_plan(plan):
        if finding.severity is Severity.ERROR:
            field = "items" if finding.item is None else f"items[{finding.item}]"
            raise InputError(where, field, finding.value, f"{finding.limit} ({finding.code})")
    return plan


def leg_lengths_m(plan: Plan) -> NDArray[np.float64]:
    """Return the great-circle length of each leg, from home over the waypoints to the landing place."""
    points = [(plan.home.lat_deg, plan.home.lon_deg)]
    points += [(waypoint.lat_deg, waypoint.lon_deg) for waypoint in plan.waypoints]
    last = plan.items[-1] if plan.items else None
    if isinstance(last, ReturnHome):
        points.append(points[0])
    elif isinstance(last, Land) and last.lat_deg is not None and last.lon_deg is not None:
        points.append((last.lat_deg, last.lon_deg))
    lat, lon = np.radians(np.asarray(points)).T
    half = np.sin(np.diff(lat) / 2) ** 2 + np.cos(lat[:-1]) * np.cos(lat[1:]) * np.sin(np.diff(lon) / 2) ** 2
    return np.asarray(2 * EARTH_RADIUS_M * np.arcsin(np.sqrt(np.clip(half, 0.0, 1.0))))


def _error(code: str, item: int | None, value: object, limit: str, sentence: str) -> Finding:
    return Finding(code, item, str(value), limit, Severity.ERROR, sentence)


def _order(plan: Plan) -> Iterator[Finding]:
    if not plan.items or not isinstance(plan.items[0], Takeoff):
        found = plan.items[0].type if plan.items else "no items"
        yield _error("no_takeoff", 0, found, "a takeoff as the first item", "The plan must begin with a takeoff.")
    for index, item in enumerate(plan.items[1:], start=1):
        if isinstance(item, Takeoff):
            yield _error("second_takeoff", index, item.type, "one takeoff", "Taking off again is not supported.")
    if not plan.waypoints:
        yield _error("no_waypoint", None, "no waypoint", "at least one waypoint", "There is nowhere to fly to.")
    last = len(plan.items) - 1
    for index, item in enumerate(plan.items):
        ends = isinstance(item, (ReturnHome, Land))
        if index == last and not ends:
            yield _error(
                "no_landing", index, item.type, "a return or land as the last item", "The plan must end on the ground."
            )
        if index < last and ends:
            yield _error(
                "early_landing", index, item.type, "nothing after a return or land", "Items after landing never fly."
            )


def _legs(plan: Plan) -> Iterator[Finding]:
    if not plan.waypoints:
        return
    owners = [i for i, item in enumerate(plan.items) if isinstance(item, Waypoint)] + [len(plan.items) - 1]
    for index, length in zip(owners, leg_lengths_m(plan), strict=False):
        if length >= MAX_LEG_M:
            sentence = f"The leg to item {index} is {length / 1000:.1f} km long."
            yield _error("leg_too_long", index, f"a leg of {length:.0f} m", f"less than {MAX_LEG_M:.0f} m", sentence)


def _heights(plan: Plan) -> Iterator[Finding]:
    for index, item in enumerate(plan.items):
        if isinstance(item, Takeoff):
            low, high = {Datum.AMSL: (-500.0, 9_000.0)}.get(item.height.datum, (MIN_TAKEOFF_M, MAX_AGL_M))
            yield from _height(index, item.height, low, high)
        elif isinstance(item, Waypoint):
            low, high = _RANGES[item.height.datum]
            yield from _height(index, item.height, low, high)


_RANGES = {Datum.AGL: (MIN_AGL_M, MAX_AGL_M), Datum.HOME: (MIN_HOME_M, MAX_HOME_M), Datum.AMSL: (-500.0, 9_000.0)}


def _height(index: int, height: Height, low: float, high: float) -> Iterator[Finding]:
    if not low <= height.value_m <= high:
        value = f"{height.value_m:g} m {height.datum.value}"
        yield _error("height", index, value, f"{low:g} to {high:g} m", f"The height of item {index} is {value}.")


def _speeds(plan: Plan) -> Iterator[Finding]:
    for index, item in enumerate(plan.items[:-1]):
        if isinstance(item, ChangeSpeed) and isinstance(plan.items[index + 1], ChangeSpeed):
            sentence = "Two changes of speed in a row: the second one counts."
            yield Finding("speed_twice", index, f"{item.speed_m_s:g} m/s", "one change", Severity.WARNING, sentence)


CHECKS: tuple[Check, ...] = (_order, _legs, _heights, _speeds)
