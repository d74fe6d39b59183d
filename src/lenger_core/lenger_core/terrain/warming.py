"""Compile the terrain's kernels, or load them from numba's cache; have the ground around Lenger made."""

from __future__ import annotations

import numpy as np

from lenger_core.geodesy import LocalFrame
from lenger_core.grid import LatLonGrid
from lenger_core.terrain.detail import Detail, DetailSettings
from lenger_core.terrain.globe import load_globe
from lenger_core.terrain.load import AROUND_SITE_M, load_terrain
from lenger_core.terrain.local import LocalTerrain
from lenger_core.terrain.sight import horizons, lines_of_sight


def warm() -> None:
    """Ask each kind of question once, and keep what lies around Lenger, so that no flight waits for it."""
    globe = load_globe()
    here = np.array([[42.18, 69.88, 900.0]])
    lines_of_sight(globe, here, here + np.array([0.01, 0.01, 0.0]))
    horizons(globe, here, np.array([0.0]), 1000.0)
    globe.surface.heights(here[:, 0], here[:, 1])
    globe.gradients(here[:, 0], here[:, 1])
    LocalTerrain(globe, LocalFrame(42.18, 69.88, 760.0)).heights_m(np.zeros((1, 3)))
    values = np.ascontiguousarray(globe.grid.values[:12, :12])
    corner = globe.grid.first_lat_deg, globe.grid.first_lon_deg
    small = LatLonGrid("a corner of GLOBE", values, *corner, globe.grid.step_lat_deg, globe.grid.step_lon_deg)
    Detail(small, DetailSettings(spots=(), level=()), None).tile(0, 0)
    load_terrain().prefetch(42.1819, 69.8878, AROUND_SITE_M)
