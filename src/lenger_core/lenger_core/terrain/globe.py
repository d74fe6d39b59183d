"""Height of the ground.

Base: NOAA GLOBE 1.0, 30 arc seconds (GLOBE Task Team, Hastings et al. 1999, doi 10.7289/V52R3PMS; public domain),
cropped to 68.8-71.2 E, 41.2-43.0 N. Heights are metres above mean sea level. The model averages over about 0.9 km, so
it is within about 10 m on the plain and clips summits by 80 to 300 m: `error_m` says how far to trust it where.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from lenger_core.grid import LatLonGrid
from lenger_core.terrain.model import Terrain

Array = NDArray[np.float64]

PLAIN_ERROR_M = 15.0
"""Vertical error bound of GLOBE where the relief of the neighbouring cells is flat."""


@lru_cache(maxsize=1)
def load_globe() -> Terrain:
    """Return GLOBE as it is: bilinear between cells of 0.9 km, nothing invented."""
    grid = LatLonGrid.load("GLOBE terrain around Lenger", "globe30_lenger.npz", "height_amsl_m")
    return Terrain("NOAA GLOBE 30 arc seconds", False, grid, bound_of(grid, PLAIN_ERROR_M))


def bound_of(grid: LatLonGrid, least_m: float) -> LatLonGrid:
    """Return how far the true ground may be from GLOBE's, or from detail on it, which is invented below a kilometre.

    What averaging over a cell hides goes with the relief of the 3 x 3 neighbouring cells: 0.6 of it in low hills to 1.3
    on high ridges. Of the published summits, Kazygurt lies 0.2 of it above its cell, Sairam peak 1.2.
    """
    relief = globe_relief(grid.values)
    bound = np.maximum(least_m, relief * np.minimum(1.3, 0.6 + relief / 600.0))
    bound.setflags(write=False)
    corner = grid.first_lat_deg, grid.first_lon_deg
    return LatLonGrid(f"{grid.name}, error bound", bound, *corner, grid.step_lat_deg, grid.step_lon_deg)


def globe_relief(heights: Array) -> Array:
    """Return the height range over 3 x 3 neighbouring cells, fewer at the edge."""
    p = np.pad(heights, 1, mode="edge")
    high, low = (f(f(p[:-2], p[1:-1]), p[2:]) for f in (np.maximum, np.minimum))
    high, low = (f(f(v[:, :-2], v[:, 1:-1]), v[:, 2:]) for f, v in ((np.maximum, high), (np.minimum, low)))
    return np.asarray(high - low)
