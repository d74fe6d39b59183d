"""The wind with its gusts at any place and time: one seeded field, for the simulator's vehicle and for Gazebo's.

The mean wind over the terrain (`lenger_core.wind`) carries gusts (`lenger_core.turbulence`) whose strength follows the
height above ground and the lee of ridges. An answer depends on nothing but terrain, settings, seed, place and time, so
that two programs that ask for the same get the same bits. What the terrain does is worked out on a lattice, in patches,
when it is first asked for, and read between the nodes; a question then costs a microsecond.
"""

from __future__ import annotations

from math import log

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lenger_core.errors import InputError
from lenger_core.terrain import Terrain
from lenger_core.turbulence import sigmas_m_s, unit_gust, wave_bank
from lenger_core.wind import (
    REFERENCE_M,
    TerrainWind,
    disturbance,
    lee_turbulence,
    log_profile,
    metres_per_degree,
)

Array = NDArray[np.float64]
Slots = NDArray[np.int32]

GROUND_M, SITE_M = 32.0, 64.0
"""Between the nodes of the ground's heights, and of what the terrain does to the wind."""
SITES = 5
"""Nodes of a patch along each side, those of its border shared with its neighbours."""
GROUNDS = (SITES - 1) * int(SITE_M / GROUND_M) + 1
PATCH_M = (SITES - 1) * SITE_M
LEVELS = 9
"""Heights above ground of the site's values: 10 (2^l - 1) m, so 0, 10, 30, 70 ... 2,550 m."""
_PATCH = GROUNDS * GROUNDS + SITES * SITES * LEVELS * 3
_ORIGIN_DEG = (42.1819, 69.8878)
"""Where the gusts' coordinates begin: Lenger. Any place would do, but it must be the same for everybody."""
_CARRIED_AT_M = 50.0
"""Height whose mean wind carries the gusts: one speed for all heights, or their pattern would be sheared apart."""

_LAT0, _LON0, _NORTH_M, _EAST_M, _WEST, _SOUTH, _SPEED, _ROUGHNESS, _TO_E, _TO_N, _TURBULENCE, _20FT = range(12)


class WindField:
    """A mean wind with its gusts. Not for several threads at once.

    Args:
        mean: the wind over the terrain.
        seed: of the gusts.
        turbulence: factor on the standard deviation of the gusts that belong to the mean wind.
    """

    def __init__(self, mean: TerrainWind, seed: int, turbulence: float = 1.0) -> None:
        self.mean = mean
        speed, roughness = mean.speed_10m_m_s, mean.roughness_m
        self.speed_20ft_m_s = speed * log(6.1 / roughness) / log(REFERENCE_M / roughness)
        north_m, east_m = metres_per_degree(_ORIGIN_DEG[0])
        south, west, north, east = mean.terrain.surface.bounds_deg()
        self._bounds = south, west, north, east
        corner = ((west - _ORIGIN_DEG[1]) * east_m, (south - _ORIGIN_DEG[0]) * north_m)
        size = ((east - west) * east_m / PATCH_M, (north - south) * north_m / PATCH_M)
        self._constants: Array = np.array(
            [*_ORIGIN_DEG, north_m, east_m, *corner, speed, roughness, *mean.towards, turbulence, self.speed_20ft_m_s]
        )
        carried = speed * log_profile(_CARRIED_AT_M, roughness)
        sigma, _ = sigmas_m_s(_CARRIED_AT_M, self.speed_20ft_m_s)
        self._bank = wave_bank(seed, (carried * mean.towards[0], carried * mean.towards[1]), sigma)
        self._slots: Slots = np.full((int(size[1]) + 1, int(size[0]) + 1), -1, dtype=np.int32)
        self._pool: Array = np.empty((16, _PATCH))
        self._used = 0
        self._out: Array = np.empty(3)

    def arrays(self) -> tuple[Array, Array, Slots, Array]:
        """Return what `wind_at` takes; ask again after `add`."""
        return self._constants, self._bank, self._slots, self._pool

    def at(self, lat_deg: float, lon_deg: float, alt_amsl_m: float, t_ns: int) -> tuple[float, float, float]:
        """Return the wind, ENU in m/s, at a place and a simulated time."""
        if not wind_at(*self.arrays(), lat_deg, lon_deg, alt_amsl_m, t_ns * 1e-9, self._out):
            self.add(lat_deg, lon_deg)
            wind_at(*self.arrays(), lat_deg, lon_deg, alt_amsl_m, t_ns * 1e-9, self._out)
        east, north, up = self._out.tolist()
        return east, north, up

    def series(self, lat_deg: Array, lon_deg: Array, alt_amsl_m: Array, t_ns: NDArray[np.int64]) -> Array:
        """Return (N, 3) winds of places and times (N,): the same numbers as `at`."""
        places = zip(lat_deg.tolist(), lon_deg.tolist(), alt_amsl_m.tolist(), t_ns.tolist(), strict=True)
        return np.array([self.at(*place) for place in places]).reshape(-1, 3)

    def add(self, lat_deg: float, lon_deg: float) -> None:
        """Work out the patch of a place."""
        row, col = patch_of(self._constants, self._slots, lat_deg, lon_deg)
        if self._slots[row, col] >= 0:
            return
        if self._used == len(self._pool):
            self._pool = np.concatenate([self._pool, np.empty_like(self._pool)])
        patch = self._pool[self._used]
        patch[: GROUNDS * GROUNDS] = self._ground(*self._nodes(row, col, GROUNDS, GROUND_M))
        patch[GROUNDS * GROUNDS :] = self._sites(*self._nodes(row, col, SITES, SITE_M))
        self._slots[row, col] = self._used
        self._used += 1

    def _nodes(self, row: int, col: int, count: int, step_m: float) -> tuple[Array, Array]:
        """(lat, lon) of a patch's nodes, (count * count,), by rows from the south-west; those beyond the map on it."""
        c = self._constants
        along = np.arange(count) * step_m
        north, east = np.meshgrid(c[_SOUTH] + row * PATCH_M + along, c[_WEST] + col * PATCH_M + along, indexing="ij")
        south, west, top, right = self._bounds
        lat = np.clip(c[_LAT0] + north.ravel() / c[_NORTH_M], south, top)
        return lat, np.clip(c[_LON0] + east.ravel() / c[_EAST_M], west, right)

    def _ground(self, lat: Array, lon: Array) -> Array:
        try:
            return self.mean.terrain.heights_amsl_m(lat, lon)
        except InputError:  # a gap in the data
            return np.asarray([_height(self.mean.terrain, *place) for place in zip(lat, lon, strict=True)])

    def _sites(self, lat: Array, lon: Array) -> Array:
        try:
            profiles = self.mean.profiles_m(lat, lon)
        except InputError:
            profiles = np.concatenate([self._profile(*place) for place in zip(lat, lon, strict=True)])
        out = np.empty((len(lat), LEVELS, 3))
        _fill_sites(self.mean.along_m, profiles, out)
        return out.ravel()

    def _profile(self, lat: float, lon: float) -> Array:
        """One profile; level ground where it leaves the map."""
        try:
            return self.mean.profiles_m(np.array([lat]), np.array([lon]))
        except InputError:
            return np.zeros((1, len(self.mean.along_m)))


def _height(terrain: Terrain, lat: float, lon: float) -> float:
    try:
        return terrain.height_amsl_m(lat, lon)
    except InputError:
        return 0.0


@njit(cache=True)
def patch_of(constants: Array, slots: Slots, lat_deg: float, lon_deg: float) -> tuple[int, int]:
    """Return row and column of a place's patch; beyond the map that of the nearest border."""
    c = constants
    north = (lat_deg - c[_LAT0]) * c[_NORTH_M] - c[_SOUTH]
    east = (lon_deg - c[_LON0]) * c[_EAST_M] - c[_WEST]
    row = int(min(max(north / PATCH_M, 0.0), slots.shape[0] - 1.0))
    return row, int(min(max(east / PATCH_M, 0.0), slots.shape[1] - 1.0))


@njit(cache=True)
def wind_at(
    constants: Array,
    bank: Array,
    slots: Slots,
    pool: Array,
    lat_deg: float,
    lon_deg: float,
    alt_amsl_m: float,
    t_s: float,
    out: Array,
) -> bool:
    """Fill the wind (ENU, m/s) at a place and time; False, and nothing done, where the patch is not worked out yet."""
    c = constants
    if c[_SPEED] <= 0.0:
        out[:] = 0.0
        return True
    row, col = patch_of(c, slots, lat_deg, lon_deg)
    slot = slots[row, col]
    if slot < 0:
        return False
    patch = pool[slot]
    north, east = (lat_deg - c[_LAT0]) * c[_NORTH_M], (lon_deg - c[_LON0]) * c[_EAST_M]
    y = min(max(north - c[_SOUTH] - row * PATCH_M, 0.0), PATCH_M)
    x = min(max(east - c[_WEST] - col * PATCH_M, 0.0), PATCH_M)
    agl = max(alt_amsl_m - _between(patch, 0, GROUNDS, 1, x / GROUND_M, y / GROUND_M), 0.0)
    level = min(log(1.0 + agl / 10.0) / log(2.0), LEVELS - 1.0)
    low = min(int(level), LEVELS - 2)
    share = level - low
    flat = c[_SPEED] * log_profile(agl, c[_ROUGHNESS])
    first = GROUNDS * GROUNDS + 3 * low
    x, y = x / SITE_M, y / SITE_M
    speedup = _site(patch, first, x, y, share)
    updraft = _site(patch, first + 1, x, y, share)
    along, up = flat * speedup, flat * updraft
    out[:] = 0.0
    if c[_TURBULENCE] > 0.0:
        horizontal, vertical = sigmas_m_s(agl, c[_20FT])
        rough = c[_TURBULENCE] * _site(patch, first + 2, x, y, share)
        unit_gust(bank, east, north, alt_amsl_m, t_s, agl, out)
        out[0] *= horizontal * rough
        out[1] *= horizontal * rough
        out[2] *= vertical * rough
    out[0] += along * c[_TO_E]
    out[1] += along * c[_TO_N]
    out[2] += up
    return True


@njit(cache=True)
def _site(patch: Array, first: int, x: float, y: float, share: float) -> float:
    """One of a site's three values between nodes and levels."""
    low = _between(patch, first, SITES, 3 * LEVELS, x, y)
    return float(low + share * (_between(patch, first + 3, SITES, 3 * LEVELS, x, y) - low))


@njit(cache=True)
def _between(patch: Array, first: int, count: int, stride: int, x: float, y: float) -> float:
    """Bilinear between the nodes of a patch: count x count of them by rows, `stride` numbers each."""
    col, row = min(int(x), count - 2), min(int(y), count - 2)
    u, v = x - col, y - row
    at = first + (row * count + col) * stride
    above = at + count * stride
    south = patch[at] + u * (patch[at + stride] - patch[at])
    return float(south + v * (patch[above] + u * (patch[above + stride] - patch[above]) - south))


@njit(cache=True)
def _fill_sites(along_m: Array, profiles_m: Array, out: Array) -> None:
    for i in range(len(profiles_m)):
        for level in range(LEVELS):
            agl = 10.0 * (2.0**level - 1.0)
            out[i, level, 0], out[i, level, 1] = disturbance(along_m, profiles_m[i], agl)
            out[i, level, 2] = lee_turbulence(along_m, profiles_m[i], agl)
