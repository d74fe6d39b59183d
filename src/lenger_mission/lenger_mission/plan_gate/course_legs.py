"""The legs of a plan: straight lines between places, with the height wanted at the end of each."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum
from math import acos, ceil, cos, pi, radians, sin

from lenger_core.geodesy import bearing_deg
from lenger_core.plans import ChangeSpeed, Height, Land, Loiter, Plan, ReturnHome, Takeoff, Waypoint
from lenger_core.wind import metres_per_degree

Place = tuple[float, float]

CIRCLE_M = 10.0
"""Radius of a loiter that leaves it to the autopilot (ArduCopter's default)."""
CHORD_ERROR_M = 0.5


class LegKind(str, Enum):
    """How a leg is flown."""

    CLIMB = "climb"
    """Straight up from the ground."""
    FLY = "fly"
    """Along a line, whose height is straight or follows the ground."""
    DESCEND = "descend"
    """Straight down to the ground."""


@dataclass(frozen=True)
class CourseLeg:
    """One leg of the course.

    Attributes:
        kind: how it is flown.
        item: index of the plan's item that it belongs to.
        start, end: latitude and longitude, degrees.
        height: wanted at the end; None: the ground.
        speed_m_s: wanted over the ground.
        acceptance_m: radius within which the end counts as reached; None: the executor's.
        hold_s: stopped so long at the end.
        stops: whether the vehicle stops at the end whatever the corner is.
        arc_m: radius of the circle that it is a chord of; None: it is a straight line.
    """

    kind: LegKind
    item: int
    start: Place
    end: Place
    height: Height | None
    speed_m_s: float
    acceptance_m: float | None = None
    hold_s: float = 0.0
    stops: bool = False
    arc_m: float | None = None


def course_legs(plan: Plan, cruise_m_s: float) -> tuple[CourseLeg, ...]:
    """Return the legs of a plan, from home to the landing place.

    Args:
        plan: of simple items.
        cruise_m_s: speed over the ground where the plan leaves it open.
    """
    return tuple(_Walk(plan, cruise_m_s).legs())


class _Walk:
    """Where the vehicle has come to while the items are gone through."""

    def __init__(self, plan: Plan, cruise_m_s: float) -> None:
        self._plan = plan
        self._home: Place = (plan.home.lat_deg, plan.home.lon_deg)
        self._at = self._home
        self._height: Height | None = None
        self._speed = plan.cruise_speed_m_s or cruise_m_s

    def legs(self) -> list[CourseLeg]:
        out: list[CourseLeg] = []
        for index, item in enumerate(self._plan.items):
            if isinstance(item, ChangeSpeed):
                self._speed = item.speed_m_s
            elif isinstance(item, Takeoff):
                self._height = item.height
                out.append(self._leg(LegKind.CLIMB, index, self._at, stops=True))
            elif isinstance(item, Waypoint):
                self._speed, self._height = item.speed_m_s or self._speed, item.height
                place, hold = (item.lat_deg, item.lon_deg), item.hold_s
                out.append(self._leg(LegKind.FLY, index, place, item.acceptance_radius_m, hold, hold > 0.0))
            elif isinstance(item, Loiter):
                self._height = item.height
                out += self._loiter(index, item)
            elif isinstance(item, ReturnHome):
                out += self._landing(index, self._home)
            elif isinstance(item, Land):
                here = item.lat_deg is None or item.lon_deg is None
                out += self._landing(index, self._at if here else (item.lat_deg or 0.0, item.lon_deg or 0.0))
        return out

    def _leg(
        self,
        kind: LegKind,
        item: int,
        to: Place,
        acceptance_m: float | None = None,
        hold_s: float = 0.0,
        stops: bool = False,
    ) -> CourseLeg:
        height = None if kind is LegKind.DESCEND else self._height
        made = CourseLeg(kind, item, self._at, to, height, self._speed, acceptance_m, hold_s, stops)
        self._at = to
        return made

    def _loiter(self, item: int, loiter: Loiter) -> list[CourseLeg]:
        place = (loiter.lat_deg, loiter.lon_deg)
        if loiter.turns is None:
            return [self._leg(LegKind.FLY, item, place, hold_s=loiter.time_s or 0.0, stops=True)]
        radius = loiter.radius_m or CIRCLE_M
        points = circle_points(place, self._at, radius, min(loiter.turns, 1.0 + loiter.turns % 1.0), loiter.clockwise)
        legs = [self._leg(LegKind.FLY, item, point) for point in points]
        legs[1:] = [replace(leg, arc_m=radius) for leg in legs[1:]]
        # Whole turns beyond the first lead over the same places: their time is a hold at the end.
        again_s = max(int(loiter.turns) - 1, 0) * 2.0 * pi * radius / self._speed
        return [*legs[:-1], replace(legs[-1], hold_s=again_s)]

    def _landing(self, item: int, place: Place) -> list[CourseLeg]:
        way = [self._leg(LegKind.FLY, item, place, stops=True)] if place != self._at else []
        down = self._leg(LegKind.DESCEND, item, place, stops=True)
        self._height = None
        return [*way, down]


def circle_points(centre: Place, start: Place, radius_m: float, turns: float, clockwise: bool) -> list[Place]:
    """Return the corners of a circle's chords, from its point nearest to `start`; the chords lie outside the circle.

    Args:
        centre, start: latitude and longitude, degrees.
        radius_m: of the circle.
        turns: how much of it; more than one goes on over the same places.
        clockwise: seen from above.
    """
    step = 2.0 * acos(max(1.0 - CHORD_ERROR_M / radius_m, cos(pi / 6.0)))
    count = max(ceil(turns * 2.0 * pi / max(step, pi / 64.0)), 2)
    step = turns * 2.0 * pi / count
    north_m, east_m = metres_per_degree(centre[0])
    first = radians(bearing_deg(*centre, *start)) if start != centre else 0.0
    reach = radius_m / cos(0.5 * step)
    angles = [first + (step if clockwise else -step) * k for k in range(count + 1)]
    lon = [centre[1] + reach * sin(a) / max(east_m, 1.0) for a in angles]
    return [
        (centre[0] + reach * cos(a) / north_m, (east + 180.0) % 360.0 - 180.0)
        for a, east in zip(angles, lon, strict=True)
    ]
