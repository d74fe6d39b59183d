"""The route of a plan in a local frame: straight legs, with a height and a speed along each that the vehicle can fly.

Heights above ground are followed along the whole leg: the profile is ground plus a height interpolated between the
ends, on samples of the terrain model. Speeds respect the climb and descent limits on that profile, the corner at its
end, and the distance that braking needs, by a backward pass over the samples.
"""

from __future__ import annotations

from bisect import bisect_right
from dataclasses import dataclass
from math import acos, ceil, cos, hypot, inf, sqrt, tan

import numpy as np

from lenger_core.errors import InputError
from lenger_core.geodesy import LocalFrame
from lenger_core.plans import ChangeSpeed, Height, Land, Plan, ReturnHome, Takeoff, Waypoint
from lenger_core.terrain import Terrain

Point = tuple[float, float]


@dataclass(frozen=True)
class Limits:
    """What a route may ask of the vehicle, m/s and m/s2, and how its corners are flown.

    Attributes:
        speed_m_s: most speed over the ground.
        climb_m_s, descent_m_s: most vertical speeds, both positive.
        brake_m_s2: deceleration to plan with.
        corner_m_s2: lateral acceleration in corners.
        corner_cut_m: how far inside a corner the turn may pass.
        acceptance_m: acceptance radius of waypoints that leave it open.
        sample_m: spacing of profile samples.
    """

    speed_m_s: float
    climb_m_s: float
    descent_m_s: float
    brake_m_s2: float
    corner_m_s2: float
    corner_cut_m: float
    acceptance_m: float
    sample_m: float


@dataclass(frozen=True)
class Leg:
    """One straight leg in the local frame.

    Attributes:
        start, end: east and north, m.
        start_geo, end_geo: the same, latitude and longitude in degrees.
        length_m: horizontal length.
        along: unit vector from start to end; (0, 1) for a leg without length.
        height: wanted at the end.
        item: index of the plan's item.
        waypoint: its number from 1; 0 on the way to the landing place.
        speed_m_s: wanted speed over the ground.
        acceptance_m: radius within which the end counts as reached.
        hold_s: stop there this long.
    """

    start: Point
    end: Point
    start_geo: Point
    end_geo: Point
    length_m: float
    along: Point
    height: Height
    item: int
    waypoint: int
    speed_m_s: float
    acceptance_m: float
    hold_s: float


@dataclass(frozen=True)
class Turn:
    """The corner at the end of a leg: its speed, and how far before the end the turn begins."""

    speed_m_s: float
    lead_m: float


@dataclass(frozen=True)
class Profile:
    """Height and speed along a leg, on samples at `s_m` from 0 to the leg's length."""

    s_m: tuple[float, ...]
    height_amsl_m: tuple[float, ...]
    speed2: tuple[float, ...]
    """Squared speed limit: linear in the distance under constant braking."""

    def height(self, s: float) -> tuple[float, float]:
        """Return the height AMSL at `s` and its slope, metres per metre."""
        k = self._index(s)
        s0, s1 = self.s_m[k], self.s_m[k + 1]
        slope = (self.height_amsl_m[k + 1] - self.height_amsl_m[k]) / (s1 - s0)
        return self.height_amsl_m[k] + slope * (min(max(s, 0.0), s1) - s0), slope

    def speed(self, s: float) -> float:
        """Return the speed limit at `s`, m/s."""
        k = self._index(s)
        s0, s1 = self.s_m[k], self.s_m[k + 1]
        part = (min(max(s, s0), s1) - s0) / (s1 - s0)
        return sqrt(self.speed2[k] + part * (self.speed2[k + 1] - self.speed2[k]))

    def _index(self, s: float) -> int:
        return min(max(bisect_right(self.s_m, s) - 1, 0), len(self.s_m) - 2)


class Route:
    """The legs of a plan from a home, with profiles made when a leg is first asked for.

    Args:
        plan: passed the gate.
        home: lat_deg, lon_deg, alt_amsl_m of the vehicle's home.
        frame: local frame of the positions.
        terrain: ground model.
        limits: of the vehicle.
        default_speed_m_s: where the plan leaves the speed open.
        begin: where a flight that is in the air already begins, lat_deg, lon_deg, alt_amsl_m; None: above home at the
            takeoff's height.
        height: height in force there, for a landing place that comes first; None: the takeoff's.

    Raises:
        InputError: a point lies outside the terrain model.
    """

    def __init__(
        self,
        plan: Plan,
        home: tuple[float, float, float],
        frame: LocalFrame,
        terrain: Terrain,
        limits: Limits,
        default_speed_m_s: float,
        begin: tuple[float, float, float] | None = None,
        height: Height | None = None,
    ) -> None:
        self.limits = limits
        self._terrain = terrain
        self._frame = frame
        self._home = home
        self.takeoff_amsl_m = _takeoff(plan).height.amsl_m(home[2], home[2])
        self.takeoff_height_m = self.takeoff_amsl_m - home[2]
        self._begin = begin or (*home[:2], self.takeoff_amsl_m)
        self.legs = self._make_legs(plan, default_speed_m_s, height or _takeoff(plan).height)
        self._after = self._remaining()
        self._profiles: dict[int, Profile] = {}

    def profile(self, index: int) -> Profile:
        """Return the profile of a leg."""
        if index not in self._profiles:
            kept = {i: p for i, p in self._profiles.items() if index <= i}
            following = index + 1 < len(self.legs)
            end = min(self.turn(index).speed_m_s, self._make_profile(index + 1, 0.0).speed(0.0) if following else inf)
            self._profiles = {**kept, index: self._make_profile(index, end)}
        return self._profiles[index]

    def turn(self, index: int) -> Turn:
        """Return the corner at the end of a leg: an arc tangent to both legs that passes `corner_cut_m` inside."""
        leg = self.legs[index]
        if leg.hold_s > 0 or index + 1 >= len(self.legs):
            return Turn(0.0, 0.0)
        after = self.legs[index + 1]
        dot = max(-1.0, min(1.0, leg.along[0] * after.along[0] + leg.along[1] * after.along[1]))
        half = acos(dot) / 2
        if half < 1e-3:
            return Turn(leg.speed_m_s, 0.0)
        if half > 1.5:
            return Turn(0.5, 0.0)
        radius = self.limits.corner_cut_m * cos(half) / (1 - cos(half))
        # A turn starts inside the acceptance radius, and takes no more than half of either leg.
        lead = min(radius * tan(half), leg.acceptance_m, leg.length_m / 2, after.length_m / 2)
        return Turn(min(leg.speed_m_s, sqrt(self.limits.corner_m_s2 * lead / tan(half))), lead)

    def remaining_after_m(self, index: int) -> float:
        """Return the length of all legs after this one."""
        return self._after[index]

    def heights_amsl_m(self) -> np.ndarray:
        """Return (L + 1,) heights: where the first leg begins, and the end of each leg."""
        return np.array([self._start_amsl_m(index) for index in range(len(self.legs) + 1)])

    def _make_legs(self, plan: Plan, speed: float, height: Height) -> tuple[Leg, ...]:
        speed = plan.cruise_speed_m_s or speed
        place = self._begin[:2]
        at = self._local(place)
        legs: list[Leg] = []
        number = 0
        for index, item in enumerate(plan.items):
            if isinstance(item, ChangeSpeed):
                speed = item.speed_m_s
                continue
            acceptance, hold, target, waypoint = self.limits.acceptance_m, 0.0, place, 0
            if isinstance(item, Waypoint):
                number, waypoint = number + 1, number + 1
                speed, height = item.speed_m_s or speed, item.height
                acceptance, hold = item.acceptance_radius_m or acceptance, item.hold_s
                target = (item.lat_deg, item.lon_deg)
            elif isinstance(item, ReturnHome):
                target = self._home[:2]
            elif isinstance(item, Land) and item.lat_deg is not None and item.lon_deg is not None:
                target = (item.lat_deg, item.lon_deg)
            else:
                continue
            end = self._local(target)
            length = hypot(end[0] - at[0], end[1] - at[1])
            along = ((end[0] - at[0]) / length, (end[1] - at[1]) / length) if length > 0.01 else (0.0, 1.0)
            capped = min(speed, self.limits.speed_m_s)
            legs.append(Leg(at, end, place, target, length, along, height, index, waypoint, capped, acceptance, hold))
            at, place = end, target
        return tuple(legs)

    def _local(self, place: Point) -> Point:
        east, north, _ = self._frame.to_local(place[0], place[1], self._frame.alt_amsl_m)
        return east, north

    def _remaining(self) -> tuple[float, ...]:
        after, total = [], 0.0
        for leg in reversed(self.legs):
            after.append(total)
            total += leg.length_m
        return tuple(reversed(after))

    def _start_amsl_m(self, index: int) -> float:
        if index == 0:
            return self._begin[2]
        before = self.legs[index - 1]
        return before.height.amsl_m(self._terrain.height_amsl_m(*before.end_geo), self._home[2])

    def _make_profile(self, index: int, end_speed: float) -> Profile:
        leg = self.legs[index]
        count = max(2, ceil(leg.length_m / self.limits.sample_m) + 1)
        part = np.linspace(0.0, 1.0, count)
        lat = leg.start_geo[0] + part * (leg.end_geo[0] - leg.start_geo[0])
        lon = leg.start_geo[1] + part * (leg.end_geo[1] - leg.start_geo[1])
        ground = self._terrain.heights_amsl_m(lat, lon)
        start, end = self._start_amsl_m(index), leg.height.amsl_m(float(ground[-1]), self._home[2])
        if leg.height.datum.value == "agl":
            above = start - float(ground[0])
            height = ground + above + part * (leg.height.value_m - above)
        else:
            height = start + part * (end - start)
        s = part * max(leg.length_m, 0.01)
        speed2 = _speed2(s, height, leg.speed_m_s, min(end_speed, leg.speed_m_s), self.limits)
        return Profile(tuple(s.tolist()), tuple(height.tolist()), tuple(speed2))


def _takeoff(plan: Plan) -> Takeoff:
    for item in plan.items:
        if isinstance(item, Takeoff):
            return item
    raise InputError(plan.name, "items", "no takeoff", "a takeoff as the first item")


def _speed2(s: np.ndarray, height: np.ndarray, wanted: float, end_speed: float, limits: Limits) -> list[float]:
    """Return the squared speed limit on each sample: climb and descent on both sides of it, then braking, backward."""
    slope = np.diff(height) / np.diff(s)
    steep = np.maximum(slope / limits.climb_m_s, -slope / limits.descent_m_s)
    flat = np.minimum(wanted, 1.0 / np.maximum(steep, 1e-9))
    cap = np.minimum(np.append(flat, flat[-1]), np.insert(flat, 0, flat[0])) ** 2
    speed2: list[float] = cap.tolist()
    speed2[-1] = min(speed2[-1], end_speed**2)
    step = 2.0 * limits.brake_m_s2 * float(s[1] - s[0])
    for k in range(len(speed2) - 2, -1, -1):
        speed2[k] = min(speed2[k], speed2[k + 1] + step)
    return speed2
