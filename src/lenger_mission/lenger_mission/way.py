"""The way that a flight takes from where it begins: a plan's remainder, its route, and what each leg costs."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass
from math import hypot, isfinite

import numpy as np
from numpy.typing import NDArray

from lenger_core.atmosphere import density_kg_m3
from lenger_core.energy import power_w
from lenger_core.plans import Land, ReturnHome
from lenger_core.samples import Vec3
from lenger_core.vehicles import VehicleProfile
from lenger_mission.remainder import Remainder
from lenger_mission.route import Leg, Route

Array = NDArray[np.float64]


@dataclass(frozen=True, slots=True)
class Left:
    """What is left to be flown: of the whole way, and of the item being flown.

    Attributes:
        distance_m: along the track, horizontally.
        time_s: at the speeds that the plan asks for, landing not counted.
        energy_wh: in steady flight through the wind that was told of at the start.
        progress: of the present leg, 0 to 1.
    """

    distance_m: float
    time_s: float
    energy_wh: float
    progress: float


class Way:
    """Legs with the items and waypoints of the whole plan that they belong to.

    Attributes:
        rest, route: as given.
        heights_amsl_m: (L + 1,) where the first leg begins, and at the end of each.

    Args:
        rest: what is left of the plan.
        route: its legs.
        costs: (L, 2) seconds and watt-hours of each leg, holds included.
    """

    def __init__(self, rest: Remainder, route: Route, costs: Array) -> None:
        self.rest = rest
        self.route = route
        self._numbers = rest.waypoint_numbers()
        self._number_of_item = {s: n for s, n in zip(rest.sources, self._numbers, strict=True) if n}
        self._items = [rest.sources[leg.item] for leg in route.legs]
        self._costs = costs
        self.heights_amsl_m = route.heights_amsl_m()
        after = np.cumsum(costs[::-1], axis=0)[::-1]
        self._after = np.vstack((after[1:], np.zeros((1, 2)))) if len(costs) else np.zeros((0, 2))

    @property
    def legs(self) -> tuple[Leg, ...]:
        """The legs."""
        return self.route.legs

    def item_of(self, leg: int) -> int:
        """Return the item of the whole plan that a leg belongs to; behind the last leg that of the landing."""
        if leg >= len(self.legs):
            ends = (n for n, item in enumerate(self.rest.plan.items) if isinstance(item, ReturnHome | Land))
            return self.rest.sources[next(ends, len(self.rest.sources) - 1)]
        return self._items[leg]

    def waypoint_of(self, leg: int) -> int:
        """Return the number of the waypoint at the end of a leg, 0 for none."""
        return self._numbers[self.legs[leg].item] if leg < len(self.legs) else 0

    def number_of(self, item: int) -> int:
        """Return the number of the waypoint that an item of the whole plan is, 0 where it is none or is not left."""
        return self._number_of_item.get(item, 0)

    def first_leg_of(self, item: int) -> int:
        """Return the first leg that belongs to an item of the whole plan or to one behind it."""
        return bisect_left(self._items, item)

    def left(self, leg: int, distance_m: float) -> Left:
        """Return what is left, `distance_m` before the end of a leg."""
        if leg >= len(self.legs):
            return Left(0.0, 0.0, 0.0, 1.0)
        length = self.legs[leg].length_m
        share = min(max(distance_m / length, 0.0), 1.0) if length > 0.01 else 0.0
        seconds, wh = self._after[leg] + share * self._costs[leg]
        return Left(self.route.remaining_after_m(leg) + distance_m, float(seconds), float(wh), 1.0 - share)


def leg_costs(route: Route, profile: VehicleProfile, wind_enu_m_s: Vec3) -> Array:
    """Return (L, 2) seconds and watt-hours of each leg: steady flight between its ends, then its hold.

    Args:
        route: the legs.
        profile: the vehicle.
        wind_enu_m_s: where the air goes; NaN counts as still air.
    """
    if not route.legs:
        return np.zeros((0, 2))
    wind = [w if isfinite(w) else 0.0 for w in wind_enu_m_s]
    heights = route.heights_amsl_m()
    length = np.array([leg.length_m for leg in route.legs])
    climb = np.diff(heights)
    limits = route.limits
    steep = np.maximum(climb / limits.climb_m_s, -climb / limits.descent_m_s)
    seconds = np.maximum(length / np.array([max(leg.speed_m_s, 0.1) for leg in route.legs]), steep)
    seconds = np.maximum(seconds, 1e-3)
    along = np.array([leg.along for leg in route.legs])
    through = along * (length / seconds)[:, None] - np.array(wind[:2])
    middle = 0.5 * (heights[:-1] + heights[1:])
    density = np.array([density_kg_m3(h) for h in middle])
    power = power_w(profile, density, np.hypot(*through.T), climb / seconds)
    hover = power_w(profile, density, np.full(len(length), hypot(*wind[:2])), 0.0)
    hold = np.array([leg.hold_s for leg in route.legs])
    return np.column_stack((seconds + hold, (power * seconds + hover * hold) / 3600.0))
