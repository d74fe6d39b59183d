"""The cells of the ground around one point, exactly as the model has them, for whoever keeps off the ground.

Between its nodes the ground is bilinear, so a cell lies under the plane of its mean slope, raised by a quarter of its
twist, and nowhere higher than its highest corner.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lenger_core.terrain.model import Terrain
from lenger_core.terrain.raster_kernels import TILE_SHIFT, Flags, Lattice, RasterView, metres_per_degree

Floats = NDArray[np.float64]

_RADIUS_M = 6_371_000.0
_LOW = (1 << TILE_SHIFT) - 1


class Facets(NamedTuple):
    """Cells around a point.

    Attributes:
        corners_m: (C, 4, 3) east and north of the point, and height AMSL, of the corners in the order (row, column),
            (row, column + 1), (row + 1, column), (row + 1, column + 1). Infinitely high where nothing is known.
        error_m: (C,) the greatest error bound at the corners.
        here: (4,) height AMSL, error bound and rise over run to the east and north at the point itself; NaN where it is
            not known.
    """

    corners_m: Floats
    error_m: Floats
    here: Floats


def facets_about(
    terrain: Terrain, lat_deg: float, lon_deg: float, alt_amsl_m: float, turn_rad: float, reach_m: float
) -> Facets:
    """Return the cells of a terrain within a distance of a point.

    Args:
        terrain: the ground.
        lat_deg, lon_deg, alt_amsl_m: the point.
        turn_rad: how far the axes of the answer are turned against the meridian there, clockwise: the convergence of
            a local frame, (lon - lon0) sin(lat).
        reach_m: cells that are further away do not count.
    """
    nodes, lattice = terrain.error_nodes
    at = lat_deg, lon_deg, alt_amsl_m, math.cos(turn_rad), math.sin(turn_rad), reach_m
    return Facets(*terrain.surface.ask(lambda view, wanted: _facets(view, nodes, lattice, at, wanted)))


@njit(cache=True, nogil=True)
def _error(nodes: Floats, lattice: Lattice, lat_deg: float, lon_deg: float) -> float:
    """Return the bilinear error bound, beyond the edge that at the edge."""
    row = min(max((lat_deg - lattice.lat0_deg) / lattice.lat_step_deg, 0.0), lattice.rows - 1.0)
    col = min(max((lon_deg - lattice.lon0_deg) / lattice.lon_step_deg, 0.0), lattice.cols - 1.0)
    r, c = min(int(row), lattice.rows - 2), min(int(col), lattice.cols - 2)
    fr, fc = row - r, col - c
    top = nodes[r, c] * (1.0 - fc) + nodes[r, c + 1] * fc
    bottom = nodes[r + 1, c] * (1.0 - fc) + nodes[r + 1, c + 1] * fc
    return float(top * (1.0 - fr) + bottom * fr)


@njit(cache=True, nogil=True)
def _corner(view: RasterView, r: int, c: int, row: int, col: int, wanted: Flags) -> float:
    """Return the height of node (row, col) as a corner of cell (r, c), infinite where nothing is known."""
    lattice = view.lattice
    if r < 0 or c < 0 or r > lattice.rows - 2 or c > lattice.cols - 2:
        return math.inf
    slot = view.slots[r >> TILE_SHIFT, c >> TILE_SHIFT]
    if slot < 0:
        wanted[r >> TILE_SHIFT, c >> TILE_SHIFT] = 1
        return math.inf
    height = float(view.pool[slot, (r & _LOW) + row - r, (c & _LOW) + col - c])
    return math.inf if math.isnan(height) else height


@njit(cache=True, nogil=True)
def _here(corners: Floats, error_m: float, fr: float, fc: float, u: Floats, v: Floats, out: Floats) -> None:
    """Write the height, the error bound and the slope inside a cell whose sides are `u` and `v`."""
    h00, h01, h10, h11 = corners[0, 2], corners[1, 2], corners[2, 2], corners[3, 2]
    height = (h00 * (1.0 - fc) + h01 * fc) * (1.0 - fr) + (h10 * (1.0 - fc) + h11 * fc) * fr
    if not math.isfinite(height):
        return
    along = ((h01 - h00) * (1.0 - fr) + (h11 - h10) * fr) / (u[0] * u[0] + u[1] * u[1])
    across = ((h10 - h00) * (1.0 - fc) + (h11 - h01) * fc) / (v[0] * v[0] + v[1] * v[1])
    out[0], out[1] = height, error_m
    out[2], out[3] = along * u[0] + across * v[0], along * u[1] + across * v[1]


@njit(cache=True, nogil=True)
def _facets(
    view: RasterView,
    nodes: Floats,
    errors: Lattice,
    at: tuple[float, float, float, float, float, float],
    wanted: Flags,
) -> tuple[Floats, Floats, Floats]:
    lat, lon, alt, cos_turn, sin_turn, reach = at
    lattice = view.lattice
    north_m, east_m = metres_per_degree(lat)
    north_m, east_m = north_m * (1.0 + alt / _RADIUS_M), east_m * (1.0 + alt / _RADIUS_M)
    row, col = (lat - lattice.lat0_deg) / lattice.lat_step_deg, (lon - lattice.lon0_deg) / lattice.lon_step_deg
    down_m, right_m = lattice.lat_step_deg * north_m, lattice.lon_step_deg * east_m
    # From column to column and from row to row, in the turned axes.
    u = np.array([right_m * cos_turn, right_m * sin_turn])
    v = np.array([-down_m * sin_turn, down_m * cos_turn])
    dr, dc = reach / abs(down_m), reach / abs(right_m)
    first_r, last_r = math.floor(row - dr), math.floor(row + dr)
    first_c, last_c = math.floor(col - dc), math.floor(col + dc)
    most = (last_r - first_r + 1) * (last_c - first_c + 1)
    corners, bound, here = np.empty((most, 4, 3)), np.empty(most), np.full(4, math.nan)
    count = 0
    for r in range(first_r, last_r + 1):
        for c in range(first_c, last_c + 1):
            off_r = max(0.0, max(r - row, row - r - 1.0)) * abs(down_m)
            off_c = max(0.0, max(c - col, col - c - 1.0)) * abs(right_m)
            if off_r * off_r + off_c * off_c > reach * reach:
                continue
            cell, bound[count] = corners[count], 0.0
            for k in range(4):
                i, j = r + k // 2, c + k % 2
                cell[k, 0] = (j - col) * u[0] + (i - row) * v[0]
                cell[k, 1] = (j - col) * u[1] + (i - row) * v[1]
                cell[k, 2] = _corner(view, r, c, i, j, wanted)
                lat_k, lon_k = lattice.lat0_deg + i * lattice.lat_step_deg, lattice.lon0_deg + j * lattice.lon_step_deg
                bound[count] = max(bound[count], _error(nodes, errors, lat_k, lon_k))
            if r <= row < r + 1 and c <= col < c + 1:
                _here(cell, _error(nodes, errors, lat, lon), row - r, col - c, u, v, here)
            count += 1
    return corners[:count], bound[:count], here


def warm() -> None:
    """Compile the kernels into numba's cache."""
    from lenger_core.terrain.globe import load_globe

    facets_about(load_globe(), 42.2, 69.9, 800.0, 0.0, 50.0)
