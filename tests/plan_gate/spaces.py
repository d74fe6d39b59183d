"""Zones and checks about the home of `plan_gate.scene`, for the checks in space."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from lenger_core.plans import Plan
from lenger_core.terrain import Terrain
from lenger_core.vehicles import load_vehicle
from lenger_core.zone_model import BorderShape, Datum, HeightLimit, PolygonShape, Zone, ZoneKind, ZoneSet
from lenger_mission.plan_gate.case import Autopilot, Case
from lenger_mission.plan_gate.course import make_course
from lenger_mission.plan_gate.limits import GateLimits
from lenger_mission.plan_gate.model import Finding
from plan_gate.scene import flat, place

QUAD = load_vehicle("quad_2kg")


def case_of(
    plan: Plan,
    *zones: Zone,
    terrain: Terrain | None = None,
    limits: GateLimits | None = None,
    autopilot: Autopilot = "",
) -> Case:
    """A plan among zones, over level ground if nothing else is said."""
    course = make_course(plan, QUAD, terrain or flat())
    return Case(course, ZoneSet(zones) if zones else None, limits=limits or GateLimits(), autopilot=autopilot)


def rectangle(
    west: float,
    south: float,
    east: float,
    north: float,
    kind: ZoneKind = ZoneKind.EXCLUSION,
    floor: HeightLimit | None = None,
    ceiling: HeightLimit | None = None,
    name: str = "box",
) -> Zone:
    """A zone between metres east and north of home."""
    ring = tuple(place(e, n) for e, n in ((west, south), (east, south), (east, north), (west, north)))
    return Zone(name, kind, PolygonShape(ring), floor, ceiling)


def agl(height_m: float) -> HeightLimit:
    """A limit above the ground."""
    return HeightLimit(height_m, Datum.AGL)


def border(east: float, buffer_m: float = 0.0) -> Zone:
    """A border from south to north so far east of home; abroad is east of it."""
    line = (place(east, -3000.0), place(east, 0.0), place(east, 3000.0))
    return Zone("border", ZoneKind.EXCLUSION, BorderShape(line, "right", buffer_m))


def codes(check: Callable[[Case], Iterator[Finding]], case: Case) -> list[tuple[str, int | None]]:
    """Code and item of what is no note."""
    return [(f.code, f.item) for f in check(case) if f.severity.value != "note"]
