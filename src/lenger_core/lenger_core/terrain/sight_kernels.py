"""Compiled rays over the bilinear surface, exact from cell to cell.

Along a straight line through one cell the bilinear surface is a parabola, and so are a straight ray and the Earth's
bulge: the least clearance in the cell is at its ends or at the parabola's vertex. The error bound is bilinear over a
lattice of its own, and taken into account in the same way. A line over the ellipsoid is cut into pieces short enough to
be straight in latitude and longitude. A few points give a first answer; then blocks of cells whose highest node cannot
come as close are passed over.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lenger_core.terrain.bound_kernels import bound_at, least_after_bound, worst_bound
from lenger_core.terrain.ellipsoid_kernels import mean_radius_m, surface_distance_m, to_ecef, to_geodetic
from lenger_core.terrain.raster_kernels import (
    BLOCK,
    BLOCK_SHIFT,
    BLOCKS,
    TILE,
    TILE_SHIFT,
    Flags,
    Lattice,
    Pool,
    RasterView,
    height_at,
    next_crossing,
)

Floats = NDArray[np.float64]

PIECE_M = 2500.0
"""A line over the ellipsoid strays from one straight in degrees by at most 0.11 m over this length."""

_ANTENNA_M = 1.0
"""Nearer to an antenna than this the Fresnel zone is not looked at: it narrows to nothing there."""

MOST_SHARES = 4.0
"""Clearances of more first Fresnel radii than this are not told apart: from 0.6 on the ground costs a link nothing."""

_BLOCKS_SHIFT = TILE_SHIFT - BLOCK_SHIFT

_FIRST_POINTS = 4
"""Points of a piece that are looked at first, less one."""

CLEARANCE, CLEARANCE_AT, SURE, SURE_AT, FRESNEL, FRESNEL_AT, LENGTH, GAP = range(8)
"""Columns of the answers of `least_clearances`."""


@njit(cache=True, nogil=True)
def _follow(
    pool: Pool,
    slot: int,
    bounds: Floats,
    ray: Floats,
    line: Floats,
    worst_error: float,
    best: Floats,
) -> None:
    """Follow a ray along a straight line within one tile, from cell to cell.

    At most two points of a cell can be its worst. The ray (z0, z1, length, curvature) stands at z0 + (z1 - z0) s /
    length - curvature s (length - s).

    Args:
        pool, slot: heights of the nodes, and which tile of them.
        bounds: nodes of the error bound.
        ray: (4,).
        line: (10,) row, column (within the tile), distance s, row and column in `bounds` at its start, and the
            changes of these along it.
        worst_error: an upper limit of the error bound.
        best: the answer so far, changed.
    """
    row, col, s0, bound_row, bound_col = line[0], line[1], line[2], line[3], line[4]
    dr, dc, ds, bound_dr, bound_dc = line[5], line[6], line[7], line[8], line[9]
    z0, rise, length, curvature = ray[0], (ray[1] - ray[0]) / ray[2], ray[2], ray[3]
    r, way_r, next_r, step_r = next_crossing(row, dr)
    c, way_c, next_c, step_c = next_crossing(col, dc)
    clearance, sure, fresnel = best[CLEARANCE], best[SURE], best[FRESNEL]
    t = f = 0.0
    first = True
    while first or t < 1.0:
        t1 = 0.0 if first else min(1.0, min(next_r, next_c))
        r, c = min(max(r, 0), TILE - 1), min(max(c, 0), TILE - 1)
        h00, h01 = float(pool[slot, r, c]), float(pool[slot, r, c + 1])
        h10, h11 = float(pool[slot, r + 1, c]), float(pool[slot, r + 1, c + 1])
        fr, fc, s = row + t1 * dr - r, col + t1 * dc - c, s0 + t1 * ds
        ground = (h00 * (1.0 - fc) + h01 * fc) * (1.0 - fr) + (h10 * (1.0 - fc) + h11 * fc) * fr
        f1 = z0 + rise * s - curvature * s * (length - s) - ground
        low, at, h = f1, t1, t1 - t
        bend = curvature * ds * ds - (h00 - h01 - h10 + h11) * dr * dc
        if h > 0.0 and abs(f1 - f) < bend * h * h:
            u = 0.5 * h - (f1 - f) / (2.0 * bend * h)
            low, at = f + ((f1 - f) / h - bend * h) * u + bend * u * u, t + u
        if math.isnan(low):
            best[GAP] = 1.0
        s = s0 + at * ds
        if low < clearance:
            clearance = best[CLEARANCE] = low
            best[CLEARANCE_AT] = s
        if low - worst_error < sure:
            bound_line = bound_row + t * bound_dr, bound_col + t * bound_dc, bound_dr, bound_dc
            slope = (f1 - f) / h - bend * h if h > 0.0 else 0.0
            certain, after = least_after_bound(bounds, bound_line, (f1 if first else f, slope, bend), max(h, 0.0))
            if certain < sure:
                sure = best[SURE] = certain
                best[SURE_AT] = s0 + (t + after) * ds
        if low * abs(low) < fresnel * (s * (length - s)) and s > _ANTENNA_M and length - s > _ANTENNA_M:
            fresnel = best[FRESNEL] = low * abs(low) / (s * (length - s))
            best[FRESNEL_AT] = s
        if not first:
            if next_r <= t1:
                next_r += step_r
                r += way_r
            if next_c <= t1:
                next_c += step_c
                c += way_c
        t, f, first = t1, f1, False


@njit(cache=True, nogil=True)
def _hopeless(
    low: float, worst_error: float, from_s: float, to_s: float, length: float, answer: tuple[float, float, float]
) -> bool:
    """Return whether clearances of `low` or more between two distances cannot change the answer.

    Numbers only: each array that is handed to a kernel is counted in and out.
    """
    if not (low > answer[0] and low - worst_error > answer[1]):
        return False
    # The product of the distances is greatest at the middle of the ray, or as near to it as the stretch comes.
    middle = min(max(0.5 * length, from_s), to_s)
    return bool(low * abs(low) > answer[2] * middle * (length - middle))


@njit(cache=True, nogil=True)
def _piece(
    view: RasterView, bounds: Floats, ray: Floats, start: Floats, stop: Floats, best: Floats, wanted: Flags
) -> None:
    """Follow a ray over one straight piece from block to block, and into those that can matter."""
    pool, tops, slots, rows, cols = view.pool, view.tops, view.slots, view.lattice.rows, view.lattice.cols
    row, col, s0, bound_row, bound_col = start[0], start[1], start[2], start[3], start[4]
    dr, dc, ds = stop[0] - row, stop[1] - col, stop[2] - s0
    bound_dr, bound_dc = stop[3] - bound_row, stop[4] - bound_col
    piece_error = worst_bound(bounds, bound_row, bound_row + bound_dr, bound_col, bound_col + bound_dc)
    r, way_r, next_r, step_r = next_crossing(row / BLOCK, dr / BLOCK)
    c, way_c, next_c, step_c = next_crossing(col / BLOCK, dc / BLOCK)
    last_r, last_c = (rows - 2) >> BLOCK_SHIFT, (cols - 2) >> BLOCK_SHIFT
    z0, rise, length, curvature = ray[0], (ray[1] - ray[0]) / ray[2], ray[2], ray[3]
    line = np.empty(10)
    t = 0.0
    while t < 1.0:
        t1 = min(1.0, min(next_r, next_c))
        r, c = min(max(r, 0), last_r), min(max(c, 0), last_c)
        tile_r, tile_c = r >> _BLOCKS_SHIFT, c >> _BLOCKS_SHIFT
        slot = slots[tile_r, tile_c]
        if slot < 0:
            wanted[tile_r, tile_c] = 1
            return
        sa, sb = s0 + t * ds, s0 + t1 * ds
        za, zb = z0 + rise * sa - curvature * sa * (length - sa), z0 + rise * sb - curvature * sb * (length - sb)
        low = min(za, zb) - 0.25 * curvature * (sb - sa) * (sb - sa)
        low -= float(tops[slot, r & (BLOCKS - 1), c & (BLOCKS - 1)])
        answer = best[CLEARANCE], best[SURE], best[FRESNEL]
        worst_error = piece_error
        hopeless = _hopeless(low, worst_error, sa, sb, length, answer)
        if not hopeless and low > answer[1]:
            one, other = bound_row + t * bound_dr, bound_col + t * bound_dc
            worst_error = worst_bound(bounds, one, bound_row + t1 * bound_dr, other, bound_col + t1 * bound_dc)
            hopeless = _hopeless(low, worst_error, sa, sb, length, answer)
        if not hopeless:
            line[0], line[1], line[2] = row + t * dr - tile_r * TILE, col + t * dc - tile_c * TILE, sa
            line[3], line[4] = bound_row + t * bound_dr, bound_col + t * bound_dc
            line[5], line[6], line[7] = (t1 - t) * dr, (t1 - t) * dc, sb - sa
            line[8], line[9] = (t1 - t) * bound_dr, (t1 - t) * bound_dc
            _follow(pool, slot, bounds, ray, line, worst_error, best)
        if next_r <= t1:
            next_r += step_r
            r += way_r
        if next_c <= t1:
            next_c += step_c
            c += way_c
        t = t1


@njit(cache=True, nogil=True)
def _first_look(
    view: RasterView, bounds: Floats, ray: Floats, start: Floats, stop: Floats, best: Floats, wanted: Flags
) -> None:
    """Take a few points of a piece into the answer."""
    pool, slots, lattice = view.pool, view.slots, view.lattice
    for k in range(_FIRST_POINTS + 1):
        share = k / _FIRST_POINTS
        row, col = start[0] + share * (stop[0] - start[0]), start[1] + share * (stop[1] - start[1])
        s = start[2] + share * (stop[2] - start[2])
        level = ray[0] + (ray[1] - ray[0]) * s / ray[2] - ray[3] * s * (ray[2] - s)
        low = level - height_at(pool, slots, lattice, row, col, wanted)
        if math.isnan(low):
            best[GAP] = 1.0
        if low < best[CLEARANCE]:
            best[CLEARANCE], best[CLEARANCE_AT] = low, s
        bound_row, bound_col = start[3] + share * (stop[3] - start[3]), start[4] + share * (stop[4] - start[4])
        sure = low - bound_at(bounds, bound_row, bound_col)
        if sure < best[SURE]:
            best[SURE], best[SURE_AT] = sure, s
        zone = s * (ray[2] - s)
        if low * abs(low) < best[FRESNEL] * zone and s > _ANTENNA_M and ray[2] - s > _ANTENNA_M:
            best[FRESNEL], best[FRESNEL_AT] = low * abs(low) / zone, s


@njit(cache=True, nogil=True)
def _nodes(lattice: Lattice, bound_lattice: Lattice, ends: Floats, radius_m: float) -> Floats:
    """Return (pieces + 1, 5) of where a ray is cut: row, column, distance s, row and column in the bound."""
    a, b = to_ecef(ends[0], ends[1], 0.0), to_ecef(ends[3], ends[4], 0.0)
    length = surface_distance_m(a, b, radius_m)
    pieces = int(length / PIECE_M) + 1
    out = np.empty((pieces + 1, 5))
    for k in range(pieces + 1):
        share = k / pieces
        lat, lon = (ends[0], ends[1]) if k == 0 else (ends[3], ends[4])
        if 0 < k < pieces:
            x, y, z = (a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1]), a[2] + share * (b[2] - a[2]))
            lat, lon, _ = to_geodetic(x, y, z)
        out[k, 0] = (lat - lattice.lat0_deg) / lattice.lat_step_deg
        out[k, 1] = (lon - lattice.lon0_deg) / lattice.lon_step_deg
        out[k, 2] = share * length
        out[k, 3] = (lat - bound_lattice.lat0_deg) / bound_lattice.lat_step_deg
        out[k, 4] = (lon - bound_lattice.lon0_deg) / bound_lattice.lon_step_deg
    return out


@njit(cache=True, nogil=True)
def least_clearances(
    view: RasterView,
    bounds: Floats,
    bound_lattice: Lattice,
    rays: Floats,
    bulge: float,
    wavelength_m: float,
    wanted: Flags,
) -> Floats:
    """Return (N, 8) of rays (N, 6): lat, lon, AMSL height of either end.

    Columns: least clearance and the distance to it; least clearance after the error bound and the distance; least of
    f |f| / (s (D - s)), which orders clearances by their share of the Fresnel radius, and the distance; length; 1 where
    the ray leaves the terrain.

    Args:
        view: the terrain.
        bounds, bound_lattice: its error bound, 2 x 2 nodes or more.
        rays: the ends.
        bulge: 1 / (2 k) for a radio ray of effective Earth radius factor k, 0 for a path of given height above sea.
        wavelength_m: of the radio; 0 leaves the Fresnel zone out.
        wanted: tiles that are needed and absent.
    """
    out = np.empty((rays.shape[0], 8))
    ray = np.empty(4)
    for i in range(rays.shape[0]):
        best = out[i]
        best[:] = (math.inf, 0.0, math.inf, 0.0, 0.0, 0.0, 0.0, 0.0)
        radius = mean_radius_m(0.5 * (rays[i, 0] + rays[i, 3]))
        nodes = _nodes(view.lattice, bound_lattice, rays[i], radius)
        length = nodes[-1, 2]
        best[LENGTH], best[FRESNEL] = length, MOST_SHARES * MOST_SHARES * wavelength_m / max(length, 1e-9)
        ray[:] = (rays[i, 2], rays[i, 5], max(length, 1e-9), bulge / radius)
        for k in range(len(nodes) - 1):
            _first_look(view, bounds, ray, nodes[k], nodes[k + 1], best, wanted)
        if best[GAP] > 0.0:
            continue  # an end of a piece is outside, or a tile is absent and the question will be asked again
        for k in range(len(nodes) - 1):
            _piece(view, bounds, ray, nodes[k], nodes[k + 1], best, wanted)
    return out
