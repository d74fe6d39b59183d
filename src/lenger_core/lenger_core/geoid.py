"""Geoid undulation of EGM96 around Lenger.

The grid is the 15' crop 41 to 43.25 N, 68.5 to 71.5 E of the EGM96 model (NGA, public domain), bilinear between nodes,
which is within 0.3 m of the full model here.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np
from numpy.typing import NDArray

from lenger_core.grid import LatLonGrid


@lru_cache(maxsize=1)
def _grid() -> LatLonGrid:
    return LatLonGrid.load("EGM96 geoid around Lenger", "egm96_15_lenger.npz", "undulation_m")


def undulation_m(lat_deg: float, lon_deg: float) -> float:
    """Return the height of the geoid above the WGS84 ellipsoid: ellipsoid height = AMSL height + undulation.

    Raises:
        InputError: outside the grid.
    """
    return _grid().at(lat_deg, lon_deg)


def undulations_m(lat_deg: NDArray[np.float64], lon_deg: NDArray[np.float64]) -> NDArray[np.float64]:
    """Return `undulation_m` of points of any common shape; raises InputError outside the grid."""
    return _grid().at_many(lat_deg, lon_deg)
