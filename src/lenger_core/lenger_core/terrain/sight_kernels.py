"""Compiled rays over the bilinear surface, exact from cell to cell.

Along a straight line through one cell the bilinear surface is a parabola, and so are a straight ray and the Earth's
bulge: the least clearance in the cell is at its ends or at the parabola's vertex. A line over the ellipsoid is cut into
pieces short enough to be straight in latitude and longitude. A few points give a first answer; then blocks of cells
whose highest node cannot come as close are passed over.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lenger_core.terrain.ellipsoid_kernels import mean_radius_m, surface_distance_m, to_ecef, to_geodetic
from lenger_core.terrain.raster_kernels import (
    BLOCK,
    BLOCK_SHIFT,
    BLOCKS,
    TILE,
    Flags,
    Lattice,
    Pool,
    RasterView,
    Slots,
    height_at,
)

Floats = NDArray[np.float64]

PIECE_M = 2500.0
"""A line over the ellipsoid strays from one straight in degrees by at most 0.11 m over this length."""

_ANTENNA_M = 1.0
"""Nearer to an antenna than this the Fresnel zone is not looked at: it narrows to nothing there."""

MOST_SHARES = 4.0
"""Clearances of more first Fresnel radii than this are not told apart: from 0.6 on the ground costs a link nothing."""

_FIRST_POINTS = 4
"""Points of a piece that are looked at first, less one."""

CLEARANCE, CLEARANCE_AT, SURE, SURE_AT, FRESNEL, FRESNEL_AT, LENGTH, GAP = range(8)
"""Columns of the answers of `least_clearances`."""


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


@njit(cache=True, nogil=True)
def _error_at(pool: Pool, slots: Slots, lattice: Lattice, lat_deg: float, lon_deg: float, wanted: Flags) -> float:
    """Return the error bound at a point of the terrain, whose lattice may end a rounding error beyond the bound's."""
    row, col = (lat_deg - lattice.lat0_deg) / lattice.lat_step_deg, (lon_deg - lattice.lon0_deg) / lattice.lon_step_deg
    row, col = min(max(row, 0.0), lattice.rows - 1.0), min(max(col, 0.0), lattice.cols - 1.0)
    return float(height_at(pool, slots, lattice, row, col, wanted))


@njit(cache=True, nogil=True)
def _worst_error(
    pool: Pool, slots: Slots, error: Lattice, lattice: Lattice, start: Floats, stop: Floats, wanted: Flags
) -> float:
    """Return an upper limit of the error bound over the rectangle about a piece."""
    per_row, per_col = lattice.lat_step_deg / error.lat_step_deg, lattice.lon_step_deg / error.lon_step_deg
    row0 = (lattice.lat0_deg - error.lat0_deg) / error.lat_step_deg
    col0 = (lattice.lon0_deg - error.lon0_deg) / error.lon_step_deg
    r0, r1 = row0 + start[0] * per_row, row0 + stop[0] * per_row
    c0, c1 = col0 + start[1] * per_col, col0 + stop[1] * per_col
    worst = 0.0
    for r in range(max(0, int(min(r0, r1))), min(int(max(r0, r1)) + 2, error.rows)):
        for c in range(max(0, int(min(c0, c1))), min(int(max(c0, c1)) + 2, error.cols)):
            tile_r, tile_c = min(r // TILE, slots.shape[0] - 1), min(c // TILE, slots.shape[1] - 1)
            slot = slots[tile_r, tile_c]
            if slot < 0:
                wanted[tile_r, tile_c] = 1
            else:
                worst = max(worst, float(pool[slot, r - tile_r * TILE, c - tile_c * TILE]))
    return worst


@njit(cache=True, nogil=True)
def _follow(tile: Floats, ray: Floats, line: Floats, worst_error: float, best: Floats, doubtful: Floats) -> int:
    """Follow a ray along a straight line within one tile, from cell to cell; return how many points are doubtful.

    At most two points of a cell can be its worst. The ray (z0, z1, length, curvature) stands at z0 + (z1 - z0) s /
    length - curvature s (length - s).

    Args:
        tile: heights of the nodes.
        ray: (4,).
        line: (6,) row, column (within the tile), distance s at its start, and their change along it.
        worst_error: an upper limit of the error bound.
        best: the answer so far, changed.
        doubtful: (M, 2) gets share of the line and clearance of the points whose error bound must be looked at.
    """
    row, col, s0, dr, dc, ds = line[0], line[1], line[2], line[3], line[4], line[5]
    z0, rise, length, curvature = ray[0], (ray[1] - ray[0]) / ray[2], ray[2], ray[3]
    r, way_r, next_r, step_r = next_crossing(row, dr)
    c, way_c, next_c, step_c = next_crossing(col, dc)
    last_r, last_c = tile.shape[0] - 2, tile.shape[1] - 2
    clearance, sure, fresnel = best[CLEARANCE], best[SURE], best[FRESNEL]
    found = 0
    t = f = 0.0
    first = True
    while first or t < 1.0:
        t1 = 0.0 if first else min(1.0, min(next_r, next_c))
        r, c = min(max(r, 0), last_r), min(max(c, 0), last_c)
        h00, h01 = float(tile[r, c]), float(tile[r, c + 1])
        h10, h11 = float(tile[r + 1, c]), float(tile[r + 1, c + 1])
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
        if low < clearance:
            clearance = low
            best[CLEARANCE], best[CLEARANCE_AT] = low, s0 + at * ds
        if low - worst_error < sure:
            # The bound is at least 0, so nothing above the least clearance plus the worst bound matters any more.
            doubtful[found, 0], doubtful[found, 1] = at, low
            found += 1
        s = s0 + at * ds
        if low * abs(low) < fresnel * (s * (length - s)) and s > _ANTENNA_M and length - s > _ANTENNA_M:
            fresnel = low * abs(low) / (s * (length - s))
            best[FRESNEL], best[FRESNEL_AT] = fresnel, s
        if not first:
            if next_r <= t1:
                next_r += step_r
                r += way_r
            if next_c <= t1:
                next_c += step_c
                c += way_c
        t, f, first = t1, f1, False
    return found


@njit(cache=True, nogil=True)
def _hopeless(ray: Floats, from_s: float, to_s: float, top: float, worst_error: float, best: Floats) -> bool:
    """Return whether ground no higher than `top` between two distances cannot change the answer."""
    z0, rise, length, curvature = ray[0], (ray[1] - ray[0]) / ray[2], ray[2], ray[3]
    start = z0 + rise * from_s - curvature * from_s * (length - from_s)
    stop = z0 + rise * to_s - curvature * to_s * (length - to_s)
    low = min(start, stop) - 0.25 * curvature * (to_s - from_s) * (to_s - from_s) - top
    if not (low > best[CLEARANCE] and low - worst_error > best[SURE]):
        return False
    # The product of the distances is greatest at the middle of the ray, or as near to it as the stretch comes.
    middle = min(max(0.5 * length, from_s), to_s)
    return bool(low * abs(low) > best[FRESNEL] * middle * (length - middle))


@njit(cache=True, nogil=True)
def _piece(
    view: RasterView,
    error: RasterView,
    ray: Floats,
    start: Floats,
    stop: Floats,
    best: Floats,
    wanted: Flags,
    wanted_error: Flags,
) -> None:
    """Follow a ray over one straight piece from block to block, and into those that can matter."""
    pool, tops, slots, lattice = view.pool, view.tops, view.slots, view.lattice
    error_pool, error_slots, error_lattice = error.pool, error.slots, error.lattice
    row, col, s0 = start[0], start[1], start[2]
    dr, dc, ds = stop[0] - row, stop[1] - col, stop[2] - s0
    piece_error = _worst_error(error_pool, error_slots, error_lattice, lattice, start, stop, wanted_error)
    r, way_r, next_r, step_r = next_crossing(row / BLOCK, dr / BLOCK)
    c, way_c, next_c, step_c = next_crossing(col / BLOCK, dc / BLOCK)
    last_r, last_c = (lattice.rows - 2) >> BLOCK_SHIFT, (lattice.cols - 2) >> BLOCK_SHIFT
    line, doubtful, one, other = np.empty(6), np.empty((4 * BLOCK + 8, 2)), np.empty(2), np.empty(2)
    t = 0.0
    while t < 1.0:
        t1 = min(1.0, min(next_r, next_c))
        r, c = min(max(r, 0), last_r), min(max(c, 0), last_c)
        tile_r, tile_c = r // BLOCKS, c // BLOCKS
        slot = slots[tile_r, tile_c]
        if slot < 0:
            wanted[tile_r, tile_c] = 1
            return
        top = float(tops[slot, r % BLOCKS, c % BLOCKS])
        hopeless = _hopeless(ray, s0 + t * ds, s0 + t1 * ds, top, piece_error, best)
        if not hopeless:
            one[0], one[1] = row + t * dr, col + t * dc
            other[0], other[1] = row + t1 * dr, col + t1 * dc
            worst_error = _worst_error(error_pool, error_slots, error_lattice, lattice, one, other, wanted_error)
            hopeless = _hopeless(ray, s0 + t * ds, s0 + t1 * ds, top, worst_error, best)
        if not hopeless:
            line[0], line[1], line[2] = row + t * dr - tile_r * TILE, col + t * dc - tile_c * TILE, s0 + t * ds
            line[3], line[4], line[5] = (t1 - t) * dr, (t1 - t) * dc, (t1 - t) * ds
            found = _follow(pool[slot], ray, line, worst_error, best, doubtful)
            for k in range(found):
                at = t + doubtful[k, 0] * (t1 - t)
                if doubtful[k, 1] - worst_error < best[SURE]:
                    lat = lattice.lat0_deg + (row + at * dr) * lattice.lat_step_deg
                    lon = lattice.lon0_deg + (col + at * dc) * lattice.lon_step_deg
                    bound = _error_at(error_pool, error_slots, error_lattice, lat, lon, wanted_error)
                    if doubtful[k, 1] - bound < best[SURE]:
                        best[SURE], best[SURE_AT] = doubtful[k, 1] - bound, s0 + at * ds
        if next_r <= t1:
            next_r += step_r
            r += way_r
        if next_c <= t1:
            next_c += step_c
            c += way_c
        t = t1


@njit(cache=True, nogil=True)
def _first_look(
    view: RasterView,
    error: RasterView,
    ray: Floats,
    start: Floats,
    stop: Floats,
    best: Floats,
    wanted: Flags,
    wanted_error: Flags,
) -> None:
    """Take a few points of a piece into the answer."""
    pool, slots, lattice = view.pool, view.slots, view.lattice
    error_pool, error_slots, error_lattice = error.pool, error.slots, error.lattice
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
        if low < best[SURE]:
            lat, lon = lattice.lat0_deg + row * lattice.lat_step_deg, lattice.lon0_deg + col * lattice.lon_step_deg
            bound = _error_at(error_pool, error_slots, error_lattice, lat, lon, wanted_error)
            if low - bound < best[SURE]:
                best[SURE], best[SURE_AT] = low - bound, s
        zone = s * (ray[2] - s)
        if low * abs(low) < best[FRESNEL] * zone and s > _ANTENNA_M and ray[2] - s > _ANTENNA_M:
            best[FRESNEL], best[FRESNEL_AT] = low * abs(low) / zone, s


@njit(cache=True, nogil=True)
def _nodes(lattice: Lattice, ends: Floats, radius_m: float) -> Floats:
    """Return (pieces + 1, 3): fractional row and column and distance where a ray is cut into straight pieces."""
    a, b = to_ecef(ends[0], ends[1], 0.0), to_ecef(ends[3], ends[4], 0.0)
    length = surface_distance_m(a, b, radius_m)
    pieces = int(length / PIECE_M) + 1
    out = np.empty((pieces + 1, 3))
    for k in range(pieces + 1):
        share = k / pieces
        lat, lon = (ends[0], ends[1]) if k == 0 else (ends[3], ends[4])
        if 0 < k < pieces:
            x, y, z = (a[0] + share * (b[0] - a[0]), a[1] + share * (b[1] - a[1]), a[2] + share * (b[2] - a[2]))
            lat, lon, _ = to_geodetic(x, y, z)
        out[k, 0] = (lat - lattice.lat0_deg) / lattice.lat_step_deg
        out[k, 1] = (lon - lattice.lon0_deg) / lattice.lon_step_deg
        out[k, 2] = share * length
    return out


@njit(cache=True, nogil=True)
def least_clearances(
    view: RasterView,
    error: RasterView,
    rays: Floats,
    bulge: float,
    wavelength_m: float,
    wanted: Flags,
    wanted_error: Flags,
) -> Floats:
    """Return (N, 8) of rays (N, 6): lat, lon, AMSL height of either end.

    Columns: least clearance and the distance to it; least clearance after the error bound and the distance; least of
    f |f| / (s (D - s)), which orders clearances by their share of the Fresnel radius, and the distance; length; 1 where
    the ray leaves the terrain.

    Args:
        view, error: the terrain and its error bound.
        rays: the ends.
        bulge: 1 / (2 k) for a radio ray of effective Earth radius factor k, 0 for a path of given height above sea.
        wavelength_m: of the radio; 0 leaves the Fresnel zone out.
        wanted, wanted_error: tiles that are needed and absent.
    """
    out = np.empty((rays.shape[0], 8))
    ray = np.empty(4)
    for i in range(rays.shape[0]):
        best = out[i]
        best[:] = (math.inf, 0.0, math.inf, 0.0, 0.0, 0.0, 0.0, 0.0)
        radius = mean_radius_m(0.5 * (rays[i, 0] + rays[i, 3]))
        nodes = _nodes(view.lattice, rays[i], radius)
        length = nodes[-1, 2]
        best[LENGTH], best[FRESNEL] = length, MOST_SHARES * MOST_SHARES * wavelength_m / max(length, 1e-9)
        ray[:] = (rays[i, 2], rays[i, 5], max(length, 1e-9), bulge / radius)
        for k in range(len(nodes) - 1):
            _first_look(view, error, ray, nodes[k], nodes[k + 1], best, wanted, wanted_error)
        if best[GAP] > 0.0:
            continue  # an end of a piece is outside, or a tile is absent and the question will be asked again
        for k in range(len(nodes) - 1):
            _piece(view, error, ray, nodes[k], nodes[k + 1], best, wanted, wanted_error)
    return out
