"""What the return planner is asked for, and what it answers."""

from __future__ import annotations

from dataclasses import dataclass, replace
from math import isfinite, nan

from lenger_core.samples import Vec3


@dataclass(frozen=True, slots=True)
class ReturnPlan:
    """A legal way.

    Attributes:
        waypoints: from where it was asked for to above its end, m in the guard's frame; the third axis is AMSL height
            minus the origin's. Straight legs between them are legal, but for the way in from outside.
        length_m: horizontal length.
        time_s, energy_wh: of flying it with the wind, and of the landing at its end.
        target: where it leads, in words.
        way_in: how many legs, from the first on, lead back inside first; 0 from a legal place.
    """

    waypoints: tuple[Vec3, ...]
    length_m: float
    time_s: float
    energy_wh: float
    target: str
    way_in: int = 0


@dataclass(frozen=True, slots=True)
class Clearances:
    """What a way keeps off by.

    Attributes:
        horizontal_m, vertical_m: protection levels and what else is unsure.
        floor_agl_m, ceiling_agl_m: heights above ground to fly in.
    """

    horizontal_m: float
    vertical_m: float
    floor_agl_m: float
    ceiling_agl_m: float


@dataclass(frozen=True, slots=True)
class Asked:
    """What a plan is asked for with, in the guard's frame."""

    position_m: Vec3
    home_m: Vec3
    wind_m_s: Vec3
    remaining: float
    """Of the battery, 0 to 1; NaN unknown."""
    temperature_c: float
    hpl_m: float = 3.0
    vpl_m: float = 4.0
    """Protection levels of the worst estimate: the way keeps off by them."""

    @property
    def placed(self) -> bool:
        """Whether place, home and protection levels are finite; else there is nothing to plan from."""
        return all(map(isfinite, (*self.position_m, *self.home_m, self.hpl_m, self.vpl_m)))

    def stated(self, wind_m_s: Vec3) -> Asked:
        """Return it with this wind where its own is not finite; charge and temperature that are not are unknown."""
        wind = self.wind_m_s if all(map(isfinite, self.wind_m_s)) else wind_m_s
        battery = (value if isfinite(value) else nan for value in (self.remaining, self.temperature_c))
        return replace(self, wind_m_s=wind, remaining=next(battery), temperature_c=next(battery))
