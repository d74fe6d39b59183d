"""What a metre of a way costs in the wind: speed over the ground and energy by direction of flight."""

from __future__ import annotations

from dataclasses import dataclass
from math import hypot, inf, pi

import numpy as np
from numpy.typing import NDArray

from lenger_core.atmosphere import density_kg_m3
from lenger_core.energy import power_w
from lenger_core.samples import Vec3
from lenger_core.vehicles import VehicleProfile
from lenger_safety.returns.graph_kernels import BEARINGS

Floats = NDArray[np.float64]

LEAST_SPEED_M_S = 1.0
"""A direction in which the wind leaves less speed over the ground is no way."""
HOVER_S = 5.0
"""Spent at the end of a way before the landing begins."""


@dataclass(frozen=True, slots=True)
class Costs:
    """Of flying in one wind at one air density.

    Attributes:
        wh_per_m: (BEARINGS,) from east counter-clockwise, infinite where the wind is too strong.
        speed_m_s: (BEARINGS,) over the ground.
        hover_w, climb_w: power of hovering (and of descending), and of climbing at the profile's rate.
        climb_m_s, descent_m_s: the profile's rates.
    """

    wh_per_m: Floats
    speed_m_s: Floats
    hover_w: float
    climb_w: float
    climb_m_s: float
    descent_m_s: float

    def leg(self, start: Vec3, end: Vec3) -> tuple[float, float]:
        """Return time in s and energy in Wh of a straight leg; climbing and descending may take longer than flying."""
        east, north, up = (b - a for a, b in zip(start, end, strict=True))
        length = hypot(east, north)
        place = np.arctan2(north, east) / (2.0 * pi) * BEARINGS
        k = int(np.floor(place))
        speed = min(self.speed_m_s[k % BEARINGS], self.speed_m_s[(k + 1) % BEARINGS])
        worst = max(self.wh_per_m[k % BEARINGS], self.wh_per_m[(k + 1) % BEARINGS])
        level_s = length / speed if length > 0.0 and speed > 0.0 else inf if length > 0.0 else 0.0
        steep_s = up / self.climb_m_s if up > 0.0 else -up / self.descent_m_s
        energy = worst * length if length > 0.0 else 0.0
        energy += self.hover_w * max(0.0, steep_s - level_s) / 3600.0  # an infinite way stays infinite
        if up > 0.0:
            energy += (self.climb_w - self.hover_w) * steep_s / 3600.0
        return float(max(level_s, steep_s)), float(energy)

    def landing(self, height_m: float) -> tuple[float, float]:
        """Return time and energy of a vertical landing from a height above ground."""
        seconds = HOVER_S + max(0.0, height_m) / self.descent_m_s
        return seconds, self.hover_w * seconds / 3600.0


def costs_of(profile: VehicleProfile, wind_enu_m_s: Vec3, alt_amsl_m: float) -> Costs:
    """Return the costs: cruise speed over the ground, less where the air speed would exceed the profile's greatest."""
    bearing = np.arange(BEARINGS) * (2.0 * pi / BEARINGS)
    along = wind_enu_m_s[0] * np.cos(bearing) + wind_enu_m_s[1] * np.sin(bearing)
    across = wind_enu_m_s[1] * np.cos(bearing) - wind_enu_m_s[0] * np.sin(bearing)
    room = profile.max_speed_m_s**2 - across**2
    fastest = np.where(room > 0.0, along + np.sqrt(np.maximum(room, 0.0)), 0.0)
    speed = np.minimum(profile.cruise_speed_m_s, fastest)
    flies = speed >= LEAST_SPEED_M_S
    density = density_kg_m3(alt_amsl_m)
    power = power_w(profile, density, np.hypot(speed - along, across), 0.0)
    with np.errstate(divide="ignore"):
        per_metre = np.where(flies, power / np.maximum(speed, 1e-9) / 3600.0, np.inf)
    level = hypot(wind_enu_m_s[0], wind_enu_m_s[1])
    hover, climb = power_w(profile, density, level, np.array([0.0, profile.max_climb_m_s]))
    return Costs(per_metre, speed, float(hover), float(climb), profile.max_climb_m_s, profile.max_descent_m_s)
