"""The mean wind over terrain, and how much rougher it is behind a ridge.

The same settings over the same terrain are the same mean wind, for the simulator and for a planner along a route.
`lenger_core.wind_field` puts seeded gusts on it.

Sources: logarithmic profile (Stull, An Introduction to Boundary Layer Meteorology, 9.7); speed-up over low hills by
linear theory, 2 H / L at the crest of a ridge of height H and half-length L (Jackson and Hunt 1975), here as potential
flow over the terrain's profile along the wind times their factor of 2 for the sheared approach flow; shelter by the
greatest upwind slope (Winstral and Marks 2002). The terrain is taken as two-dimensional along the wind, and as the mean
over some 100 m: what is smaller is too steep for the theory, and the wind passes over it as over roughness.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import atan, cos, log, pi, radians, sin

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
STEEPEST_FLOW = 0.6
"""Vertical over horizontal wind: over steeper ground (31 degrees) the flow leaves it."""
MOST_LEE = 2.5
LEE_BEGINS, LEE_FULL = 0.08, 0.20
"""Upwind slope of the sheltering terrain: from 5 degrees the flow separates now and then, from 11 always."""
REACH_M = 6000.0
SPACING_M = 125.0
_MEAN_OVER_M = (-50.0, 0.0, 50.0)
"""Where, along and across the wind, heights are taken for the mean around each point of a profile."""
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
        self.terrain = terrain
        self.speed_10m_m_s = speed_10m_m_s
        self.roughness_m = roughness_m
        self.towards = (sin(radians(from_deg + 180.0)), cos(radians(from_deg + 180.0)))
        count = round(REACH_M / SPACING_M)
        self.along_m: Array = np.arange(-count, count + 1, dtype=np.float64) * SPACING_M
        along, ahead, aside = np.meshgrid(self.along_m, _MEAN_OVER_M, _MEAN_OVER_M, indexing="ij")
        east, north = self.towards
        self._around_m = (along + ahead) * east - aside * north, (along + ahead) * north + aside * east

    def profiles_m(self, lat_deg: Array, lon_deg: Array) -> Array:
        """Return (N, M) mean ground heights AMSL at `along_m` (M,) along the wind from points (N,).

        Raises:
            InputError: a profile leaves the terrain.
        """
        lat, lon = (np.asarray(v, dtype=np.float64)[:, None, None, None] for v in (lat_deg, lon_deg))
        north_m, east_m = metres_per_degree(float(np.mean(lat)))
        east, north = self._around_m
        heights = self.terrain.heights_amsl_m(lat + north / north_m, lon + east / east_m)
        return np.asarray(heights.mean(axis=(2, 3)))

    def site(self, lat_deg: float, lon_deg: float, alt_amsl_m: float) -> WindSite:
        """Return what the terrain does at a point; nothing in still air and where its surroundings are off the map."""
        if self.speed_10m_m_s <= 0.0:
            return WindSite()
        try:
            (profile,) = self.profiles_m(np.array([lat_deg]), np.array([lon_deg]))
        except InputError:
            return WindSite()
        agl = max(alt_amsl_m - self.terrain.height_amsl_m(lat_deg, lon_deg), 0.0)
        speedup, updraft = disturbance(self.along_m, profile, agl)
        return WindSite(speedup, updraft, lee_turbulence(self.along_m, profile, agl))

    def mean_enu_m_s(self, lat_deg: float, lon_deg: float, alt_amsl_m: float) -> tuple[float, float, float]:
        """Return the mean wind at a point, ENU; raises InputError off the terrain."""
        site = self.site(lat_deg, lon_deg, alt_amsl_m)
        agl = alt_amsl_m - self.terrain.height_amsl_m(lat_deg, lon_deg)
        flat = self.speed_10m_m_s * log_profile(agl, self.roughness_m)
        east, north = self.towards
        return flat * site.speedup * east, flat * site.speedup * north, flat * site.updraft


@njit(cache=True)
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
    u = w = 0.0
    logarithm, angle = log(along_m[0] ** 2 + z * z), atan(along_m[0] / z)
    for i in range(1, len(along_m)):
        slope = (heights_m[i] - heights_m[i - 1]) / (along_m[i] - along_m[i - 1])
        next_logarithm, next_angle = log(along_m[i] ** 2 + z * z), atan(along_m[i] / z)
        u -= slope * (next_logarithm - logarithm)
        w += slope * (next_angle - angle)
        logarithm, angle = next_logarithm, next_angle
    speedup = min(max(1.0 + SHEAR_FACTOR * u / (2.0 * pi), LEAST_SPEEDUP), MOST_SPEEDUP)
    steepest = STEEPEST_FLOW * speedup
    return speedup, min(max(w / pi, -steepest), steepest)


@njit(cache=True)
def lee_turbulence(along_m: Array, heights_m: Array, height_agl_m: float) -> float:
    """Return the multiple of the gusts' standard deviation behind the terrain upwind, 1 where nothing shelters.

    A crest upwind that stands `LEE_FULL` steep or more above the ground here shelters fully up to its height, fading to
    nothing at twice that height above the ground; the crest that does so most counts.
    """
    middle = len(along_m) // 2
    most = 0.0
    for i in range(middle):
        rise = heights_m[i] - heights_m[middle]
        if rise > LEE_BEGINS * -along_m[i]:
            steep = min((rise / -along_m[i] - LEE_BEGINS) / (LEE_FULL - LEE_BEGINS), 1.0)
            most = max(most, steep * min(max(2.0 - height_agl_m / rise, 0.0), 1.0))
    return 1.0 + (MOST_LEE - 1.0) * most


def metres_per_degree(lat_deg: float) -> tuple[float, float]:
    """Return metres per degree of latitude and of longitude (WGS84 series)."""
    lat = radians(lat_deg)
    return 111132.95 - 559.85 * cos(2.0 * lat), 111412.88 * cos(lat) - 93.50 * cos(3.0 * lat)
