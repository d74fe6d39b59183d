"""What an autopilot can take of a plan when it is uploaded: number of items, kinds of items, its own fence.

Limits: ArduCopter 4.7 takes 650 items and 69 fence vertices by default, measured on its SITL. PX4's store (dataman) has
room for 500 items on a flight controller, 64 fence vertices and 32 rally points; its mission mode knows no turns of a
multirotor about a point.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass

from lenger_core.plans import Datum, Loiter, Plan, Simple, Waypoint
from lenger_mission.plan_gate.case import Case
from lenger_mission.plan_gate.model import Finding, Severity, note


@dataclass(frozen=True)
class Capability:
    """What one autopilot takes.

    Attributes:
        title: as people call it.
        items: most mission items.
        home_item: whether its first item is home.
        loiter_turns: whether a multirotor may be sent around a point a number of times.
        fence_vertices: most vertices of a fence.
        rally_points: most of them; None: not known.
    """

    title: str
    items: int
    home_item: bool
    loiter_turns: bool
    fence_vertices: int
    rally_points: int | None


CAPABILITIES = {
    "px4": Capability("PX4", 500, False, False, 64, 32),
    "ardupilot": Capability("ArduCopter", 650, True, True, 69, None),
}


def autopilot_findings(case: Case) -> Iterator[Finding]:
    """Return what the autopilot would not take; while it is not decided, as warnings unless none would take it."""
    plan, flat = case.course.plan, case.course.flat
    names = [case.autopilot] if case.autopilot else list(CAPABILITIES)
    found = {name: list(_of(plan, flat, CAPABILITIES[name])) for name in names}
    common = set.intersection(*({f.code for f in each} for each in found.values()))
    for each in found.values():
        for finding in each:
            if finding.severity is Severity.ERROR and finding.code not in common:
                finding = _lowered(finding)
            yield finding
    if any(getattr(getattr(item, "height", None), "datum", None) is Datum.AGL for item in flat.items):
        count = item_count(flat)
        sentence = "Heights above ground are followed along the legs: an uploaded mission needs further items for it."
        yield note("items_for_terrain", None, count, min(c.items for c in CAPABILITIES.values()), "items", sentence)


def item_count(plan: Plan) -> int:
    """Return how many mission items an autopilot needs for a plan of simple items, home not counted."""
    return sum(_items_of(item) for item in plan.items if isinstance(item, Simple))


def _items_of(item: Simple) -> int:
    return 2 if isinstance(item, Waypoint) and item.speed_m_s is not None else 1


def _of(plan: Plan, flat: Plan, takes: Capability) -> Iterator[Finding]:
    count = item_count(flat) + takes.home_item
    if count > takes.items:
        sentence = f"{takes.title} takes {takes.items} mission items, the plan needs {count}."
        yield _error("item_count", None, count, takes.items, "items", sentence)
    for index, item in enumerate(plan.items):
        if isinstance(item, Loiter) and item.turns is not None and not takes.loiter_turns:
            sentence = f"{takes.title} flies no turns about a point with a multirotor."
            yield _error("loiter_turns", index, "loiter with turns", "loiter with a time, or an orbit", "", sentence)
    corners = sum(len(polygon.vertices) for polygon in plan.fence_polygons)
    if corners > takes.fence_vertices:
        sentence = f"{takes.title} takes {takes.fence_vertices} fence vertices, the plan's fence has {corners}."
        yield _error("fence_size", None, corners, takes.fence_vertices, "vertices", sentence)
    if takes.rally_points is not None and len(plan.rally) > takes.rally_points:
        sentence = f"{takes.title} takes {takes.rally_points} rally points, the plan has {len(plan.rally)}."
        yield _error("rally_count", None, len(plan.rally), takes.rally_points, "points", sentence)


def _error(code: str, item: int | None, value: float | str, limit: float | str, unit: str, sentence: str) -> Finding:
    return Finding(code, item, value, limit, unit, Severity.ERROR, sentence)


def _lowered(finding: Finding) -> Finding:
    return Finding(
        finding.code, finding.item, finding.value, finding.limit, finding.unit, Severity.WARNING, finding.sentence
    )
