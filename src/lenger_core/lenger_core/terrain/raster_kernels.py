"""Compiled questions to a tiled height raster: bilinear height and its gradient. Pure functions of arrays, no GIL."""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Pool = NDArray[np.float32]
Slots = NDArray[np.int32]
Flags = NDArray[np.uint8]

TILE_SHIFT = 8
TILE = 1 << TILE_SHIFT
"""Cells along the side of a tile. A tile holds one node more a side, so that no cell lies across two tiles."""

_LOW = TILE - 1


class RasterView(NamedTuple):
    """A raster as the kernels see it; never changed once handed out.

    Attributes:
        pool: (tiles, TILE + 1, TILE + 1) heights in metres.
        slots: (tile rows, tile columns) index into `pool`, -1 where the tile is not there yet.
        lat0_deg, lon0_deg: of node (0, 0).
        lat_step_deg, lon_step_deg: from node to node; may be negative.
        rows, cols: nodes.
    """

    pool: Pool
    slots: Slots
    lat0_deg: float
    lon0_deg: float
    lat_step_deg: float
    lon_step_deg: float
    rows: int
    cols: int


@njit(cache=True, nogil=True)
def corners(view: RasterView, r: int, c: int, wanted: Flags) -> tuple[float, float, float, float]:
    """Return the heights of the cell whose first node is (r, c); NaN, and the tile noted in `wanted`, if absent."""
    slot = view.slots[r >> TILE_SHIFT, c >> TILE_SHIFT]
    if slot < 0:
        wanted[r >> TILE_SHIFT, c >> TILE_SHIFT] = 1
        return math.nan, math.nan, math.nan, math.nan
    i, j = r & _LOW, c & _LOW
    pool = view.pool
    return (
        float(pool[slot, i, j]),
        float(pool[slot, i, j + 1]),
        float(pool[slot, i + 1, j]),
        float(pool[slot, i + 1, j + 1]),
    )


@njit(cache=True, nogil=True)
def height_at(view: RasterView, row: float, col: float, wanted: Flags) -> float:
    """Return the bilinear height at fractional node coordinates; NaN outside or where the tile is absent."""
    if not (0.0 <= row <= view.rows - 1 and 0.0 <= col <= view.cols - 1):
        return math.nan
    r, c = min(int(row), view.rows - 2), min(int(col), view.cols - 2)
    h00, h01, h10, h11 = corners(view, r, c, wanted)
    fr, fc = row - r, col - c
    top = h00 * (1.0 - fc) + h01 * fc
    bottom = h10 * (1.0 - fc) + h11 * fc
    return top * (1.0 - fr) + bottom * fr


@njit(cache=True, nogil=True)
def heights(view: RasterView, lat_deg: Floats, lon_deg: Floats, wanted: Flags) -> Floats:
    """Return bilinear heights, NaN outside or where a tile is absent (then noted in `wanted`)."""
    out = np.empty(lat_deg.size)
    for i in range(lat_deg.size):
        row = (lat_deg[i] - view.lat0_deg) / view.lat_step_deg
        col = (lon_deg[i] - view.lon0_deg) / view.lon_step_deg
        out[i] = height_at(view, row, col, wanted)
    return out


@njit(cache=True, nogil=True)
def metres_per_degree(lat_deg: float) -> tuple[float, float]:
    """Return the lengths of a degree of latitude and of longitude on the WGS84 ellipsoid (Torge 2001, 4.1)."""
    a, e2 = 6378137.0, 0.0066943799901413165
    s = math.sin(math.radians(lat_deg))
    w2 = 1.0 - e2 * s * s
    w = math.sqrt(w2)
    return math.radians(a * (1.0 - e2) / (w2 * w)), math.radians(a / w * math.sqrt(1.0 - s * s))


@njit(cache=True, nogil=True)
def gradients(view: RasterView, lat_deg: Floats, lon_deg: Floats, wanted: Flags) -> Floats:
    """Return (N, 2) rise per metre to the east and to the north of the bilinear surface, NaN as `heights`."""
    out = np.empty((lat_deg.size, 2))
    for i in range(lat_deg.size):
        row = (lat_deg[i] - view.lat0_deg) / view.lat_step_deg
        col = (lon_deg[i] - view.lon0_deg) / view.lon_step_deg
        out[i, 0] = out[i, 1] = math.nan
        if not (0.0 <= row <= view.rows - 1 and 0.0 <= col <= view.cols - 1):
            continue
        r, c = min(int(row), view.rows - 2), min(int(col), view.cols - 2)
        h00, h01, h10, h11 = corners(view, r, c, wanted)
        fr, fc = row - r, col - c
        north_m, east_m = metres_per_degree(lat_deg[i])
        out[i, 0] = ((h01 - h00) * (1.0 - fr) + (h11 - h10) * fr) / (view.lon_step_deg * east_m)
        out[i, 1] = ((h10 - h00) * (1.0 - fc) + (h11 - h01) * fc) / (view.lat_step_deg * north_m)
    return out
