"""The air along a course: density, temperature, mean wind with what the terrain does to it, and gusts."""

from __future__ import annotations

from dataclasses import dataclass
from math import log

import numpy as np
from numpy.typing import NDArray

from lenger_core.atmosphere import GAS_CONSTANT, SEA_LEVEL_K, SEA_LEVEL_PA, density_kg_m3, pressure_pa, temperature_k
from lenger_core.errors import InputError
from lenger_core.terrain import Terrain
from lenger_core.turbulence import LEAST_HEIGHT_M, MOST_HEIGHT_M
from lenger_core.wind import (
    PROFILE_TOP_M,
    REFERENCE_M,
    ROUGHNESS_M,
    TerrainWind,
    disturbance,
    lee_turbulence,
    metres_per_degree,
)
from lenger_mission.plan_gate.conditions import Conditions
from lenger_mission.plan_gate.course_ground import ground_of

Array = NDArray[np.float64]

SEA_LEVEL_KG_M3 = SEA_LEVEL_PA / (GAS_CONSTANT * SEA_LEVEL_K)
CELL_M = 125.0
"""What the terrain does to the wind is taken to be the same within so much."""
MOST_CELLS = 1200
"""More of them make the cells larger."""
_LAYERS_A_DOUBLING = 3.0
"""Layers in which it is taken to be the same, for each doubling of 10 m + height above ground."""
_MOST_LAYERS = 64
_FEET_20_M = 6.1


@dataclass(frozen=True)
class Air:
    """The air at N points.

    Attributes:
        density_kg_m3: (N,).
        wind_enu_m_s: (N, 3) mean wind.
        turbulence: (N,) standard deviation of the gusts over that above flat ground.
        gust_m_s: (N,) greatest horizontal wind with the gusts that the margins ask for.
    """

    density_kg_m3: Array
    wind_enu_m_s: Array
    turbulence: Array
    gust_m_s: Array

    @property
    def speed_m_s(self) -> Array:
        """Horizontal mean wind, (N,)."""
        return np.asarray(np.hypot(self.wind_enu_m_s[:, 0], self.wind_enu_m_s[:, 1]))


def air_at(
    terrain: Terrain, conditions: Conditions, home_amsl_m: float, lat_deg: Array, lon_deg: Array, alt_amsl_m: Array
) -> Air:
    """Return the air at points (N,); where the terrain does not reach, as above flat ground of home's height.

    Args:
        terrain: the ground.
        conditions: the day.
        home_amsl_m: height of home, where the temperature was taken.
        lat_deg, lon_deg, alt_amsl_m: (N,) the points.
    """
    density = densities_kg_m3(alt_amsl_m, conditions.isa_offset_k(home_amsl_m))
    ground = ground_of(terrain, lat_deg, lon_deg).height_amsl_m
    agl = np.maximum(alt_amsl_m - np.where(np.isnan(ground), home_amsl_m, ground), 0.0)
    if conditions.wind_m_s <= 0.0:
        gust = np.full(len(agl), conditions.gust_m_s or 0.0)
        return Air(density, np.zeros((len(agl), 3)), np.ones(len(agl)), gust)
    mean = TerrainWind(terrain, conditions.wind_m_s, conditions.wind_from_deg)
    site = _sites(mean, lat_deg, lon_deg, agl)
    flat = conditions.wind_m_s * log_profiles(agl)
    along, up = flat * site[:, 0], flat * site[:, 1]
    wind = np.column_stack([along * mean.towards[0], along * mean.towards[1], up])
    return Air(density, wind, site[:, 2], along + gusts_m_s(conditions, agl) * site[:, 2])


def densities_kg_m3(alt_amsl_m: Array, isa_offset_k: float) -> Array:
    """Return the densities at heights of any shape: those of `atmosphere`, read off a fine table."""
    low, high = float(np.min(alt_amsl_m, initial=0.0)), float(np.max(alt_amsl_m, initial=0.0))
    table = np.linspace(low - 1.0, high + 1.0, 2 + int((high - low) / 50.0))
    return np.interp(alt_amsl_m, table, [density_kg_m3(float(alt), isa_offset_k) for alt in table])


def density_altitude_m(alt_amsl_m: float, isa_offset_k: float) -> float:
    """Return the height in the standard atmosphere at which the air is as thin (NOAA, density altitude; dry air)."""
    ratio = pressure_pa(alt_amsl_m) / SEA_LEVEL_PA * SEA_LEVEL_K / temperature_k(alt_amsl_m, isa_offset_k)
    # rho / rho0 = (T / T0)^(g / (R L) - 1), with the exponent 4.2559 of the standard atmosphere
    return float(SEA_LEVEL_K / 0.0065 * (1.0 - ratio ** (1.0 / 4.25588)))


def log_profiles(agl_m: Array) -> Array:
    """Return the mean wind at heights above flat ground as a multiple of that at 10 m (`wind.log_profile`)."""
    height = np.clip(agl_m, 0.5, PROFILE_TOP_M)
    return np.maximum(np.log(height / ROUGHNESS_M) / log(REFERENCE_M / ROUGHNESS_M), 0.0)


def gusts_m_s(conditions: Conditions, agl_m: Array) -> Array:
    """Return what a gust adds to the mean wind above flat ground: the forecast's, else Dryden's (MIL-F-8785C 3.7.3)."""
    if conditions.gust_m_s is not None:
        return np.full(len(agl_m), max(conditions.gust_m_s - conditions.wind_m_s, 0.0))
    wind_20ft = conditions.wind_m_s * log(_FEET_20_M / ROUGHNESS_M) / log(REFERENCE_M / ROUGHNESS_M)
    feet = np.clip(agl_m, LEAST_HEIGHT_M, MOST_HEIGHT_M) / 0.3048
    sigma = 0.1 * wind_20ft / (0.177 + 0.000823 * feet) ** 0.4
    return np.asarray(conditions.margins.gust_sigmas * sigma)


def _sites(mean: TerrainWind, lat_deg: Array, lon_deg: Array, agl_m: Array) -> Array:
    """(N, 3) of speed-up, updraft ratio and turbulence factor at points, the same within a cell and a layer."""
    if len(lat_deg) == 0:
        return np.ones((0, 3))
    first, cell_of = _cells(lat_deg, lon_deg)
    profiles = [*_profiles(mean, lat_deg[first], lon_deg[first])]
    layers = np.round(_LAYERS_A_DOUBLING * np.log2(1.0 + agl_m / 10.0)).astype(np.int64)
    pairs, pair_of = np.unique(cell_of * _MOST_LAYERS + np.minimum(layers, _MOST_LAYERS - 1), return_inverse=True)
    out = np.tile((1.0, 0.0, 1.0), (len(pairs), 1))
    for row, pair in enumerate(pairs.tolist()):
        cell, layer = divmod(pair, _MOST_LAYERS)
        profile = profiles[cell]
        height = 10.0 * (2.0 ** (layer / _LAYERS_A_DOUBLING) - 1.0)
        if profile is not None:
            out[row, :2] = disturbance(mean.along_m, profile, height)
            out[row, 2] = lee_turbulence(mean.along_m, profile, height)
    return np.asarray(out[pair_of.ravel()])


def _cells(lat_deg: Array, lon_deg: Array) -> tuple[NDArray[np.int64], NDArray[np.int64]]:
    """Index of the first point of each cell, and (N,) the cell of each point."""
    north_m, east_m = metres_per_degree(float(np.mean(lat_deg)))
    size = CELL_M
    while True:
        row, col = np.floor(lat_deg * north_m / size), np.floor(lon_deg * east_m / size)
        key = row.astype(np.int64) * 10_000_000 + col.astype(np.int64)
        _, first, cell_of = np.unique(key, return_index=True, return_inverse=True)
        if len(first) <= MOST_CELLS:
            return first, cell_of.ravel()
        size *= 1.5


def _profiles(mean: TerrainWind, lat_deg: Array, lon_deg: Array) -> list[Array | None]:
    """The terrain's profile along the wind through each point; None where it leaves the terrain."""
    try:
        return list(mean.profiles_m(lat_deg, lon_deg))
    except InputError:
        return [_profile(mean, *place) for place in zip(lat_deg, lon_deg, strict=True)]


def _profile(mean: TerrainWind, lat_deg: float, lon_deg: float) -> Array | None:
    try:
        return np.asarray(mean.profiles_m(np.array([lat_deg]), np.array([lon_deg]))[0])
    except InputError:
        return None
