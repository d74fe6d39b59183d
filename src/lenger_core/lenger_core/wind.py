"""The mean wind over terrain, and how much rougher it is behind a ridge.

One field for everybody: the simulator asks it where the aircraft is, a planner along a route. The same settings over
the same terrain are the same field; what varies by chance (the gusts) is made from it with a seed by whoever flies in
it.

Sources: logarithmic profile (Stull, An Introduction to Boundary Layer Meteorology, 9.7); speed-up over low hills by
linear theory, 2 H / L at the crest of a ridge of height H and half-length L (Jackson and Hunt 1975), here as potential
flow over the terrain's profile along the wind times their factor of 2 for the sheared approach flow; shelter by the
greatest upwind slope (Winstral and Marks 2002). The terrain is taken as two-dimensional along the wind.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import cos, log, pi, radians, sin
from typing import Protocol

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lenger_core.errors import InputError
from lenger_core.terrain import Terrain

Array = NDArray[np.float64]

ROUGHNESS_M = 0.05
"""Steppe and low crops."""
REFERENCE_M = 10.0
PROFILE_TOP_M = 500.0
"""Above it the mean wind stays as it is."""
SHEAR_FACTOR = 2.0
LEAST_SPEEDUP, MOST_SPEEDUP = 0.4, 2.0
"""Beyond these the linear theory means nothing."""
MOST_LEE = 2.5
LEE_BEGINS, LEE_FULL = 0.08, 0.20
"""Upwind slope of the sheltering terrain: from 5 degrees the flow separates now and then, from 11 always."""
REACH_M = 6000.0
SPACING_M = 250.0
INNER_M = 30.0
"""Depth of the layer next to the ground in which the outer flow's disturbance no longer grows."""


@njit(cache=True)
def log_profile(height_agl_m: float, roughness_m: float) -> float:
    """Return the mean wind at a height over flat ground as a multiple of that at 10 m."""
    height = min(max(height_agl_m, 0.5), PROFILE_TOP_M)
    return float(max(log(height / roughness_m) / log(REFERENCE_M / roughness_m), 0.0))


@dataclass(frozen=True, slots=True)
class WindSite:
    """What the terrain does to the wind at a point.

    Attributes:
        speedup: horizontal mean wind there over that of the same height above flat ground.
        updraft: vertical mean wind over the horizontal mean wind of flat ground.
        turbulence: standard deviation of the gusts over that above flat ground.
    """

    speedup: float = 1.0
    updraft: float = 0.0
    turbulence: float = 1.0


class Wind(Protocol):
    """A field that the simulator can fly in."""

    speed_10m_m_s: float
    towards: tuple[float, float]
    roughness_m: float

    def site(self, lat_deg: float, lon_deg: float, alt_amsl_m: float) -> WindSite:
        """Return what the terrain does at a point."""


class TerrainWind:
    """A steady wind from one direction over a terrain.

    Args:
        terrain: the ground.
        speed_10m_m_s: mean speed 10 m above flat ground.
        from_deg: compass direction that it comes from.
        roughness_m: aerodynamic roughness length of the ground.
    """

    def __init__(
        self, terrain: Terrain, speed_10m_m_s: float, from_deg: float, roughness_m: float = ROUGHNESS_M
    ) -> None:
        self._terrain = terrain
        self.speed_10m_m_s = speed_10m_m_s
        self.roughness_m = roughness_m
        self.towards = (sin(radians(from_deg + 180.0)), cos(radians(from_deg + 180.0)))
        count = round(REACH_M / SPACING_M)
        self._along_m: Array = np.arange(-count, count + 1, dtype=np.float64) * SPACING_M

    def site(self, lat_deg: float, lon_deg: float, alt_amsl_m: float) -> WindSite:
        """Return what the terrain does at a point; nothing in still air and where its surroundings are off the map."""
        if self.speed_10m_m_s <= 0.0:
            return WindSite()
        north_m, east_m = _metres_per_degree(lat_deg)
        east, north = self.towards
        try:
            heights = self._terrain.heights_amsl_m(
                lat_deg + self._along_m * north / north_m, lon_deg + self._along_m * east / east_m
            )
        except InputError:
            return WindSite()
        agl = max(alt_amsl_m - float(heights[len(heights) // 2]), 0.0)
        speedup, updraft = disturbance(self._along_m, heights, agl)
        return WindSite(speedup, updraft, lee_turbulence(self._along_m, heights, agl))

    def mean_enu_m_s(self, lat_deg: float, lon_deg: float, alt_amsl_m: float) -> tuple[float, float, float]:
        """Return the mean wind at a point, ENU; raises InputError off the terrain."""
        site = self.site(lat_deg, lon_deg, alt_amsl_m)
        agl = alt_amsl_m - self._terrain.height_amsl_m(lat_deg, lon_deg)
        flat = self.speed_10m_m_s * log_profile(agl, self.roughness_m)
        east, north = self.towards
        return flat * site.speedup * east, flat * site.speedup * north, flat * site.updraft


def disturbance(along_m: Array, heights_m: Array, height_agl_m: float) -> tuple[float, float]:
    """Return speed-up factor and updraft ratio of a low two-dimensional terrain at a height above `along_m` = 0.

    With slope h'(s) along the wind, potential flow gives u'/U = 1/pi integral h'(s) (x - s) / ((x - s)^2 + z^2) ds and
    w/U = 1/pi integral h'(s) z / ((x - s)^2 + z^2) ds; between samples the slope is constant, so both are exact.

    Args:
        along_m: positions along the wind, downwind positive, ascending, shape (N,).
        heights_m: ground heights there, shape (N,).
        height_agl_m: height of the point above the ground at position 0.
    """
    z = height_agl_m + INNER_M
    slope = np.diff(heights_m) / np.diff(along_m)
    u = -float(np.sum(slope * np.diff(np.log(along_m**2 + z * z)))) / (2.0 * pi)
    w = float(np.sum(slope * np.diff(np.arctan(along_m / z)))) / pi
    return min(max(1.0 + SHEAR_FACTOR * u, LEAST_SPEEDUP), MOST_SPEEDUP), w


def lee_turbulence(along_m: Array, heights_m: Array, height_agl_m: float) -> float:
    """Return the multiple of the gusts' standard deviation behind the terrain upwind, 1 where nothing shelters.

    Full where the steepest line from the ground up to an upwind crest has `LEE_FULL`, up to the crest's height; fading
    to nothing at twice that height above the ground.
    """
    middle = len(along_m) // 2
    rise = heights_m[:middle] - heights_m[middle]
    slopes = rise / -along_m[:middle]
    worst = int(np.argmax(slopes))
    crest = float(rise[worst])
    if crest <= 0.0:
        return 1.0
    steep = (float(slopes[worst]) - LEE_BEGINS) / (LEE_FULL - LEE_BEGINS)
    near = 2.0 - height_agl_m / crest
    return 1.0 + (MOST_LEE - 1.0) * min(max(steep, 0.0), 1.0) * min(max(near, 0.0), 1.0)


def _metres_per_degree(lat_deg: float) -> tuple[float, float]:
    """Return metres per degree of latitude and of longitude (WGS84 series)."""
    lat = radians(lat_deg)
    return 111132.95 - 559.85 * cos(2.0 * lat), 111412.88 * cos(lat) - 93.50 * cos(3.0 * lat)
