"""The ground under many points, NaN where a terrain has none."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lenger_core.terrain import Terrain
from lenger_core.terrain import raster_kernels as kernels

Array = NDArray[np.float64]


@dataclass(frozen=True)
class Ground:
    """Heights AMSL and vertical error bounds under points (N,); NaN off the terrain and in its gaps."""

    height_amsl_m: Array
    error_m: Array


def ground_of(terrain: Terrain, lat_deg: Array, lon_deg: Array) -> Ground:
    """Return the ground under points (N,); unlike the terrain's own questions, a point outside it raises nothing."""
    lat, lon = np.ascontiguousarray(lat_deg, dtype=float), np.ascontiguousarray(lon_deg, dtype=float)
    heights: Array = terrain.surface.ask(lambda view, wanted: kernels.heights(view, lat, lon, wanted))
    south, west, north, east = terrain.error.bounds_deg()
    inside = (lat >= south) & (lat <= north) & (lon >= west) & (lon <= east) & np.isfinite(heights)
    errors = np.full(lat.shape, np.nan)
    errors[inside] = terrain.errors_m(lat[inside], lon[inside])
    return Ground(np.where(inside, heights, np.nan), errors)
