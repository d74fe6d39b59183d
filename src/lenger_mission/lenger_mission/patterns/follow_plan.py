"""A flat plan with heights above ground becomes one with heights above sea level that any autopilot can follow.

Each leg to a waypoint above ground gets the few points between that terrain following needs; everything else stays as
and where it is.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenger_core.errors import InputError
from lenger_core.plans import (
    MAX_ITEMS,
    Datum,
    Height,
    Land,
    Loiter,
    Plan,
    ReturnHome,
    Simple,
    Takeoff,
    Waypoint,
)
from lenger_core.terrain import Terrain
from lenger_mission.patterns.ground_line import Following, GroundLine, ground_line

Array = NDArray[np.float64]
LatLon = tuple[float, float]

BESIDE_M = 5.0
"""Ground this far beside the line counts: cross-track error and cut corners."""

_LOITER_RADIUS_M = 10.0
_LOWER_M = 0.05


@dataclass(frozen=True)
class Followed:
    """A plan over the ground, and where its items came from.

    Attributes:
        plan: with heights AMSL in place of those above ground.
        sources: for each of its items the index of the one in the plan before.
        added: for each whether it is a point that was put in on the way to that one.
    """

    plan: Plan
    sources: tuple[int, ...]
    added: tuple[bool, ...]


def follow_plan(plan: Plan, terrain: Terrain, room_m: float = 10.0, beside_m: float = BESIDE_M) -> Plan:
    """Return the plan with every height above ground turned into heights AMSL along the ground; see `followed`."""
    return followed(plan, terrain, room_m, beside_m).plan


def followed(
    plan: Plan,
    terrain: Terrain,
    room_m: float = 10.0,
    beside_m: float = BESIDE_M,
    begin: tuple[float, float, float] | None = None,
) -> Followed:
    """Return the plan with every height above ground turned into heights AMSL along the ground; that of the take-off is
    one above home.

    Legs to waypoints above ground keep that height above the ground and its error bound everywhere, see `ground_line`;
    where the leg before ended lower, the aircraft first climbs on the spot. So does the way home, or to a landing
    place, after such a leg. Give `terrain.as_ground()` for a flight over a simulator's ground.

    Args:
        plan: flat, of simple items.
        terrain: the ground.
        room_m: how far above the wanted height a leg may pass.
        beside_m: how far beside the line the ground counts.
        begin: latitude, longitude and height AMSL of where the first leg begins; None: above home, after the take-off.

    Raises:
        InputError: the plan is not flat, leaves the terrain, or becomes too long.
    """
    walk = _Walk(plan, terrain, Following(1.0, room_m=room_m, beside_m=beside_m))
    for index, item in enumerate(plan.items):
        walk.take(index, item)
        if begin is not None and isinstance(item, Takeoff):
            walk.begin_at(begin)
    walk.flush()
    if len(walk.items) > MAX_ITEMS:
        raise InputError(plan.name, "items", len(walk.items), f"at most {MAX_ITEMS} after terrain following")
    laid = plan.model_copy(update={"items": tuple(walk.items)})
    return Followed(laid, tuple(walk.sources), tuple(walk.added))


@dataclass
class _Leg:
    """A leg above ground that waits to be laid: the item it belongs to, its end, and what is done there."""

    index: int
    to: Waypoint | Loiter
    added: bool = False
    then: list[tuple[int, Simple]] = field(default_factory=list)


class _Walk:
    """Goes through a plan, gathers legs of one height above ground, and lays them over the ground together.

    Attributes:
        items: done.
        sources, added: of each of them, as in `Followed`.
    """

    def __init__(self, plan: Plan, terrain: Terrain, following: Following) -> None:
        self.items: list[Simple] = []
        self.sources: list[int] = []
        self.added: list[bool] = []
        self._terrain = terrain
        self._following = following
        self._home: LatLon = plan.home.lat_deg, plan.home.lon_deg
        self._home_amsl_m = plan.home.alt_amsl_m
        self._name = plan.name
        self._place, self._amsl_m = self._home, -np.inf
        self._agl_m: float | None = None
        self._legs: list[_Leg] = []

    def begin_at(self, place: tuple[float, float, float]) -> None:
        """The take-off is behind: the aircraft is somewhere in the air."""
        self._place, self._amsl_m, self._agl_m = place[:2], place[2], None

    def take(self, index: int, item: Any) -> None:
        """Take the next item."""
        if isinstance(item, Waypoint | Loiter):
            self._to(index, item)
        elif isinstance(item, ReturnHome):
            self._land(index, self._home, item)
        elif isinstance(item, Land):
            here = item.lat_deg is None or item.lon_deg is None
            self._land(index, None if here else (item.lat_deg or 0.0, item.lon_deg or 0.0), item)
        elif isinstance(item, Takeoff):
            self.flush()
            agl = item.height.datum is Datum.AGL
            self._agl_m = item.height.value_m if agl else None
            self._amsl_m = self._amsl(item.height, self._place)
            # Straight up from home the two are one, and this one needs no terrain.
            height = Height(value_m=item.height.value_m, datum=Datum.HOME) if agl else item.height
            self._put(item.model_copy(update={"height": height}), index)
        elif not isinstance(item, Simple):
            raise InputError(self._name, "items", type(item).__name__, "simple items: the plan expanded")
        elif self._legs:
            self._legs[-1].then.append((index, item))
        else:
            self._put(item, index)

    def flush(self) -> None:
        """Lay the legs that were gathered."""
        if not self._legs:
            return
        assert self._agl_m is not None
        places = [self._place, *((leg.to.lat_deg, leg.to.lon_deg) for leg in self._legs)]
        laid = ground_line(self._terrain, np.array(places), replace(self._following, height_agl_m=self._agl_m))
        first = laid.points[0]
        if self._amsl_m < first[2] - _LOWER_M:
            height = _amsl(float(first[2]))
            climb = Waypoint(lat_deg=self._place[0], lon_deg=self._place[1], height=height)
            self._put(climb, self._legs[0].index, added=True)
        heading = None
        for number, leg in enumerate(self._legs):
            self._lay(laid, number, leg, heading)
            for index, item in leg.then:
                self._put(item, index)
            heading = leg.to.heading_deg if isinstance(leg.to, Waypoint) else None
        self._place = places[-1]
        self._legs = []

    def _put(self, item: Simple, index: int, added: bool = False) -> None:
        self.items.append(item)
        self.sources.append(index)
        self.added.append(added)

    def _to(self, index: int, item: Waypoint | Loiter) -> None:
        if item.height.datum is Datum.AGL:
            if self._agl_m != item.height.value_m:
                self.flush()
            self._agl_m = item.height.value_m
            self._legs.append(_Leg(index, item))
            return
        self.flush()
        self._agl_m = None
        self._place = item.lat_deg, item.lon_deg
        self._amsl_m = self._amsl(item.height, self._place)
        self._put(item, index)

    def _land(self, index: int, place: LatLon | None, item: ReturnHome | Land) -> None:
        """Fly to the landing place over the ground, where the height of the last leg was above ground."""
        if place is not None and self._agl_m is not None and (self._legs or place != self._place):
            height = Height(value_m=self._agl_m, datum=Datum.AGL)
            over = Waypoint(lat_deg=place[0], lon_deg=place[1], height=height)
            self._legs.append(_Leg(index, over, added=True))
        self.flush()
        self._put(item, index)

    def _lay(self, laid: GroundLine, number: int, part: _Leg, heading: float | None) -> None:
        """Add the points of one leg: those between, and its end, which keeps all that the item says."""
        leg = part.to
        start, end = int(laid.vertex[number]), int(laid.vertex[number + 1])
        speed = leg.speed_m_s if isinstance(leg, Waypoint) else None
        to = leg.heading_deg if isinstance(leg, Waypoint) else None
        for index in range(start + 1, end):
            lat, lon, alt = laid.points[index].tolist()
            nose = _between(heading, to, (index - start) / (end - start))
            point = Waypoint(lat_deg=lat, lon_deg=lon, height=_amsl(alt), speed_m_s=speed, heading_deg=nose)
            self._put(point, part.index, added=True)
            speed = None
        self._amsl_m = float(laid.points[end, 2])
        if isinstance(leg, Loiter) and leg.turns is not None:
            self._amsl_m = max(self._amsl_m, self._around_m(leg))
        self._put(leg.model_copy(update={"height": _amsl(self._amsl_m)}), part.index, part.added)

    def _around_m(self, leg: Loiter) -> float:
        """Return the height AMSL over the highest ground under the circles of a loiter."""
        beside = min(max(leg.radius_m, _LOITER_RADIUS_M) + self._following.beside_m, 500.0)
        wanted = replace(self._following, height_agl_m=leg.height.value_m, beside_m=beside)
        return float(ground_line(self._terrain, np.array([[leg.lat_deg, leg.lon_deg]]), wanted).points[0, 2])

    def _amsl(self, height: Height, place: LatLon) -> float:
        if height.datum is Datum.AMSL:
            return height.value_m
        if height.datum is Datum.HOME and self._home_amsl_m is not None:
            return height.amsl_m(0.0, self._home_amsl_m)
        ground = self._terrain.height_amsl_m(*(self._home if height.datum is Datum.HOME else place))
        return ground + height.value_m


def _amsl(value_m: float) -> Height:
    return Height(value_m=round(value_m, 2), datum=Datum.AMSL)


def _between(one: float | None, other: float | None, part: float) -> float | None:
    """A heading between two, the short way round; None where the end has none."""
    if one is None or other is None:
        return other
    return round((one + part * ((other - one + 180.0) % 360.0 - 180.0)) % 360.0, 1)
