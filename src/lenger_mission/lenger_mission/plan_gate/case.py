"""What a plan is checked against: its course, the zones, the day, the limits and the autopilot."""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

from lenger_core.local_zones import LocalZones
from lenger_core.plans import Plan
from lenger_core.zone_model import BorderShape, CircleShape, PolygonShape, Zone, ZoneKind, ZoneSet
from lenger_mission.plan_gate.conditions import Conditions
from lenger_mission.plan_gate.course import Course
from lenger_mission.plan_gate.limits import GateLimits

Autopilot = Literal["", "px4", "ardupilot"]


@dataclass(frozen=True)
class Case:
    """One plan and all that it is checked against.

    Attributes:
        course: what the plan flies.
        zones: None: no zone file was given.
        conditions: the day.
        limits: of the checks in space.
        autopilot: that the plan is for; "": not decided.
    """

    course: Course
    zones: ZoneSet | None = None
    conditions: Conditions = field(default_factory=Conditions)
    limits: GateLimits = field(default_factory=GateLimits)
    autopilot: Autopilot = ""

    @cached_property
    def zones_in_force(self) -> tuple[Zone, ...]:
        """The zones that hold at some moment of the flight; without a take-off time all of them."""
        if self.zones is None:
            return ()
        begin, end = self.conditions.utc_ns(0.0), self.conditions.utc_ns(self.course.duration_s)
        if begin is None or end is None:
            return self.zones.zones
        return tuple(zone for zone in self.zones.zones if _overlaps(zone, begin, end))

    @cached_property
    def borders(self) -> tuple[Zone, ...]:
        """Those of them that are borders not to be crossed."""
        return tuple(
            zone
            for zone in self.zones_in_force
            if isinstance(zone.shape, BorderShape) and zone.kind is ZoneKind.EXCLUSION
        )

    @cached_property
    def all_zones(self) -> LocalZones:
        """All zones in force in the course's frame, borders with their own buffers."""
        return ZoneSet(self.zones_in_force).in_frame(self.course.frame)

    @cached_property
    def local_zones(self) -> LocalZones:
        """All but the borders in the course's frame."""
        if not self.borders:
            return self.all_zones
        rest = tuple(zone for zone in self.zones_in_force if zone not in self.borders)
        return ZoneSet(rest).in_frame(self.course.frame)

    @cached_property
    def plan_fence(self) -> LocalZones:
        """The fence that the plan itself carries, in the course's frame."""
        return fence_zones(self.course.plan).in_frame(self.course.frame)


def fence_zones(plan: Plan) -> ZoneSet:
    """Return a plan's own fence as zones of full height."""
    made = [
        Zone(f"the plan's fence polygon {n}", _kind(p.inclusion), PolygonShape(p.vertices))
        for n, p in enumerate(plan.fence_polygons, start=1)
    ]
    made += [
        Zone(f"the plan's fence circle {n}", _kind(c.inclusion), CircleShape(c.lat_deg, c.lon_deg, c.radius_m))
        for n, c in enumerate(plan.fence_circles, start=1)
    ]
    return ZoneSet(tuple(made))


def _kind(inclusion: bool) -> ZoneKind:
    return ZoneKind.INCLUSION if inclusion else ZoneKind.EXCLUSION


def _overlaps(zone: Zone, begin_ns: int, end_ns: int) -> bool:
    return not zone.windows or any(
        (w.start_utc_ns is None or w.start_utc_ns <= end_ns) and (w.end_utc_ns is None or begin_ns < w.end_utc_ns)
        for w in zone.windows
    )
