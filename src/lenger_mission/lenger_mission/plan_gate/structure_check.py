"""Structure: a plan takes off, goes somewhere, ends on the ground, and says nothing that cannot be meant."""

from __future__ import annotations

from collections.abc import Iterator

from lenger_core.plans import (
    CameraAction,
    ChangeSpeed,
    Complex,
    Datum,
    Foreign,
    Height,
    Land,
    Loiter,
    Plan,
    PlanItem,
    ReturnHome,
    Takeoff,
    Waypoint,
)
from lenger_mission.plan_gate.model import Finding, error, warning

MIN_AGL_M, MAX_AGL_M = 5.0, 500.0
MIN_TAKEOFF_M = 2.0
MIN_HOME_M, MAX_HOME_M = -1_000.0, 3_000.0
MIN_AMSL_M, MAX_AMSL_M = -500.0, 9_000.0
_RANGES = {
    Datum.AGL: (MIN_AGL_M, MAX_AGL_M),
    Datum.HOME: (MIN_HOME_M, MAX_HOME_M),
    Datum.AMSL: (MIN_AMSL_M, MAX_AMSL_M),
}
LAST_NAVIGATION = 95
"""MAV_CMD_NAV_LAST: commands up to it move the vehicle."""
DO_JUMP = 177


def structure_findings(plan: Plan) -> Iterator[Finding]:
    """Return what is wrong with a plan whatever it is flown over and by."""
    yield from _order(plan)
    yield from _heights(plan)
    yield from _commands(plan)
    yield from _speeds(plan)


def _order(plan: Plan) -> Iterator[Finding]:
    if not plan.items or not isinstance(plan.items[0], Takeoff):
        found = plan.items[0].type if plan.items else "no items"
        yield error("no_takeoff", 0, found, "a takeoff as the first item", "", "The plan must begin with a takeoff.")
    for index, item in enumerate(plan.items[1:], start=1):
        if isinstance(item, Takeoff):
            yield error("second_takeoff", index, item.type, "one takeoff", "", "Taking off again is not supported.")
    if not any(isinstance(item, Waypoint | Loiter | Complex) for item in plan.items):
        yield error("no_waypoint", None, "no waypoint", "at least one waypoint", "", "There is nowhere to fly to.")
    yield from _ending(plan)


def _ending(plan: Plan) -> Iterator[Finding]:
    flown = [index for index, item in enumerate(plan.items) if not _is_idle(item)]
    last = flown[-1] if flown else -1
    for index in flown:
        item = plan.items[index]
        ends = isinstance(item, ReturnHome | Land)
        if index == last and not ends:
            limit = "a return or land as the last item"
            yield error("no_landing", index, item.type, limit, "", "The plan must end on the ground.")
        if index < last and ends:
            limit = "nothing after a return or land"
            yield error("early_landing", index, item.type, limit, "", "Items after landing never fly.")


def _is_idle(item: PlanItem) -> bool:
    """Return whether an item moves nothing: it may stand after the landing."""
    return isinstance(item, CameraAction) or (isinstance(item, Foreign) and not _moves(item))


def _moves(item: Foreign) -> bool:
    return item.command <= LAST_NAVIGATION or item.command == DO_JUMP


def _heights(plan: Plan) -> Iterator[Finding]:
    for index, item in enumerate(plan.items):
        if isinstance(item, Takeoff):
            low, high = {Datum.AMSL: (MIN_AMSL_M, MAX_AMSL_M)}.get(item.height.datum, (MIN_TAKEOFF_M, MAX_AGL_M))
            yield from _height(index, item.height, low, high)
        else:
            for height in heights_of(item):
                yield from _height(index, height, *_RANGES[height.datum])


def heights_of(item: object) -> tuple[Height, ...]:
    """Return the heights that an item says."""
    one, many = getattr(item, "height", None), getattr(item, "heights", ())
    return (one, *many) if isinstance(one, Height) else tuple(many)


def _height(index: int, height: Height, low: float, high: float) -> Iterator[Finding]:
    if not low <= height.value_m <= high:
        value = f"{height.value_m:g} m {height.datum.value}"
        yield error("height", index, value, f"{low:g} to {high:g} m", "", f"The height of item {index} is {value}.")


def _commands(plan: Plan) -> Iterator[Finding]:
    for index, item in enumerate(plan.items):
        if not isinstance(item, Foreign):
            continue
        value = f"command {item.command}"
        if _moves(item):
            sentence = f"Item {index} moves the vehicle in a way that is not known here."
            yield error("foreign_command", index, value, "items that Lenger flies", "", sentence)
        else:
            sentence = f"Item {index} is kept for other programs and not carried out."
            yield warning("foreign_command", index, value, "items that Lenger flies", "", sentence)


def _speeds(plan: Plan) -> Iterator[Finding]:
    for index, item in enumerate(plan.items[:-1]):
        if isinstance(item, ChangeSpeed) and isinstance(plan.items[index + 1], ChangeSpeed):
            sentence = "Two changes of speed in a row: the second one counts."
            yield warning("speed_twice", index, f"{item.speed_m_s:g} m/s", "one change", "", sentence)
