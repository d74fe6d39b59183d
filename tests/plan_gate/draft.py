"""A plan and its day before they are put together: what the seeded sets draw and spoil."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import numpy as np

from lenger_core.geodesy import LocalFrame
from lenger_core.plans import Datum, Height, Home, Plan, PlanItem, RallyPoint, Waypoint
from lenger_core.terrain import Terrain
from lenger_core.vehicles import load_vehicle
from lenger_core.zone_model import Zone, ZoneSet
from lenger_mission.plan_gate.case import Autopilot, Case
from lenger_mission.plan_gate.conditions import Conditions
from lenger_mission.plan_gate.course import make_course
from lenger_mission.plan_gate.limits import GateLimits

Point = tuple[float, float]


@dataclass
class Draft:
    """What a case is made of; places are metres east and north of home."""

    terrain: Terrain
    home: Point
    vehicle: str
    items: list[PlanItem]
    day: dict[str, Any] = field(default_factory=dict)
    zones: list[Zone] = field(default_factory=list)
    limits: dict[str, float] = field(default_factory=dict)
    rally: list[RallyPoint] = field(default_factory=list)
    autopilot: Autopilot = ""
    home_amsl_m: float | None = None
    extra: dict[str, Any] = field(default_factory=dict)
    item: int | None = None
    """The item at which what is wrong must be found; None: not said."""

    @property
    def ground_m(self) -> float:
        """Height of home's ground."""
        return self.terrain.height_amsl_m(*self.home)

    def geo(self, place: Point) -> Point:
        """Latitude and longitude of a place."""
        lat, lon, _ = LocalFrame(*self.home, self.ground_m).to_geodetic(*place, 0.0)
        return lat, lon

    def local(self, waypoint: Waypoint) -> Point:
        """Place of a waypoint."""
        east, north, _ = LocalFrame(*self.home, self.ground_m).to_local(
            waypoint.lat_deg, waypoint.lon_deg, self.ground_m
        )
        return east, north

    def waypoint(self, place: Point, height_m: float, datum: Datum, **more: Any) -> Waypoint:
        """A waypoint at a place."""
        lat, lon = self.geo(place)
        return Waypoint(lat_deg=lat, lon_deg=lon, height=Height(value_m=height_m, datum=datum), **more)

    @property
    def waypoints(self) -> list[int]:
        """Indices of the waypoints."""
        return [index for index, item in enumerate(self.items) if isinstance(item, Waypoint)]

    def at(self, index: int) -> Waypoint:
        """The waypoint of an index."""
        item = self.items[index]
        assert isinstance(item, Waypoint)
        return item

    def farthest(self) -> int:
        """Index of the waypoint farthest from home."""
        return max(self.waypoints, key=lambda index: float(np.hypot(*self.local(self.at(index)))))

    def case(self) -> Case:
        """Put it together."""
        home = Home(lat_deg=self.home[0], lon_deg=self.home[1], alt_amsl_m=self.home_amsl_m)
        plan = Plan(name="seeded", home=home, items=tuple(self.items), rally=tuple(self.rally), **self.extra)
        course = make_course(plan, load_vehicle(self.vehicle), self.terrain)
        day, limits = Conditions.model_validate(self.day), GateLimits(**self.limits)
        return Case(course, ZoneSet(tuple(self.zones)), day, limits, self.autopilot)
