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

BLOCK_SHIFT = 4
BLOCK = 1 << BLOCK_SHIFT
BLOCKS = TILE // BLOCK
"""Cells along the side of a block, and blocks along the side of a tile."""

_LOW = TILE - 1


class Lattice(NamedTuple):
    """Where the nodes of a raster are.

    Attributes:
        lat0_deg, lon0_deg: of node (0, 0).
        lat_step_deg, lon_step_deg: from node to node; may be negative.
        rows, cols: nodes.
    """

    lat0_deg: float
    lon0_deg: float
    lat_step_deg: float
    lon_step_deg: float
    rows: int
    cols: int


class RasterView(NamedTuple):
    """A raster as the kernels see it; never changed once handed out.

    Inner kernels take its arrays one by one: a tuple of arrays is counted in and out at each call, which costs more
    than the call.

    Attributes:
        pool: (tiles, TILE + 1, TILE + 1) heights in metres.
        tops: (tiles, BLOCKS, BLOCKS) highest node of every block of BLOCK x BLOCK cells.
        slots: (tile rows, tile columns) index into both, -1 where the tile is not there yet.
        lattice: where the nodes are.
    """

    pool: Pool
    tops: Pool
    slots: Slots
    lattice: Lattice


@njit(cache=True, nogil=True)
def height_at(pool: Pool, slots: Slots, lattice: Lattice, row: float, col: float, wanted: Flags) -> float:
    """Return the bilinear height at fractional node coordinates; NaN outside, or where the tile is absent.

    An absent tile is noted in `wanted`, (tile rows, tile columns).
    """
    if not (0.0 <= row <= lattice.rows - 1 and 0.0 <= col <= lattice.cols - 1):
        return math.nan
    r, c = min(int(row), lattice.rows - 2), min(int(col), lattice.cols - 2)
    slot = slots[r >> TILE_SHIFT, c >> TILE_SHIFT]
    if slot < 0:
        wanted[r >> TILE_SHIFT, c >> TILE_SHIFT] = 1
        return math.nan
    i, j, fr, fc = r & _LOW, c & _LOW, row - r, col - c
    top = pool[slot, i, j] * (1.0 - fc) + pool[slot, i, j + 1] * fc
    bottom = pool[slot, i + 1, j] * (1.0 - fc) + pool[slot, i + 1, j + 1] * fc
    return float(top * (1.0 - fr) + bottom * fr)


@njit(cache=True, nogil=True)
def heights(view: RasterView, lat_deg: Floats, lon_deg: Floats, wanted: Flags) -> Floats:
    """Return bilinear heights, NaN outside or where a tile is absent (then noted in `wanted`)."""
    out = np.empty(lat_deg.size)
    pool, slots, lattice = view.pool, view.slots, view.lattice
    lat0, lon0 = lattice.lat0_deg, lattice.lon0_deg
    last_row, last_col = lattice.rows - 1, lattice.cols - 1
    per_lat, per_lon = 1.0 / lattice.lat_step_deg, 1.0 / lattice.lon_step_deg
    for i in range(lat_deg.size):
        row, col = (lat_deg[i] - lat0) * per_lat, (lon_deg[i] - lon0) * per_lon
        out[i] = math.nan
        if not (0.0 <= row <= last_row and 0.0 <= col <= last_col):
            continue
        # As height_at, without handing its arrays over at each point.
        r, c = min(int(row), last_row - 1), min(int(col), last_col - 1)
        slot = slots[r >> TILE_SHIFT, c >> TILE_SHIFT]
        if slot < 0:
            wanted[r >> TILE_SHIFT, c >> TILE_SHIFT] = 1
            continue
        j, k, fr, fc = r & _LOW, c & _LOW, row - r, col - c
        top = pool[slot, j, k] * (1.0 - fc) + pool[slot, j, k + 1] * fc
        bottom = pool[slot, j + 1, k] * (1.0 - fc) + pool[slot, j + 1, k + 1] * fc
        out[i] = top * (1.0 - fr) + bottom * fr
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
    pool, slots, lattice = view.pool, view.slots, view.lattice
    for i in range(lat_deg.size):
        row = (lat_deg[i] - lattice.lat0_deg) / lattice.lat_step_deg
        col = (lon_deg[i] - lattice.lon0_deg) / lattice.lon_step_deg
        out[i, 0] = out[i, 1] = math.nan
        if not (0.0 <= row <= lattice.rows - 1 and 0.0 <= col <= lattice.cols - 1):
            continue
        r, c = min(int(row), lattice.rows - 2), min(int(col), lattice.cols - 2)
        slot = slots[r >> TILE_SHIFT, c >> TILE_SHIFT]
        if slot < 0:
            wanted[r >> TILE_SHIFT, c >> TILE_SHIFT] = 1
            continue
        j, k, fr, fc = r & _LOW, c & _LOW, row - r, col - c
        h00, h01 = float(pool[slot, j, k]), float(pool[slot, j, k + 1])
        h10, h11 = float(pool[slot, j + 1, k]), float(pool[slot, j + 1, k + 1])
        north_m, east_m = metres_per_degree(lat_deg[i])
        out[i, 0] = ((h01 - h00) * (1.0 - fr) + (h11 - h10) * fr) / (lattice.lon_step_deg * east_m)
        out[i, 1] = ((h10 - h00) * (1.0 - fc) + (h11 - h01) * fc) / (lattice.lat_step_deg * north_m)
    return out


@njit(cache=True, nogil=True)
def next_crossing(at: float, rate: float) -> tuple[int, int, float, float]:
    """Return how a coordinate at + rate t crosses the lattice for t > 0.

    First cell, its change per crossing, t of the first crossing, t from crossing to crossing.
    """
    if rate > 0.0:
        cell = math.floor(at)
        return cell, 1, (cell + 1.0 - at) / rate, 1.0 / rate
    if rate < 0.0:
        cell = math.ceil(at) - 1
        return cell, -1, (cell - at) / rate, -1.0 / rate
    return math.floor(at), 0, math.inf, math.inf
