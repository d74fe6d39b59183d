"""Compiled horizon: the highest the ground stands over the level of an eye, by direction."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lenger_core.terrain.bound_kernels import bound_at
from lenger_core.terrain.ellipsoid_kernels import frame_to_geodetic, mean_radius_m
from lenger_core.terrain.raster_kernels import (
    TILE,
    TILE_SHIFT,
    Flags,
    Lattice,
    Pool,
    RasterView,
    Slots,
    height_at,
    next_crossing,
)
from lenger_core.terrain.sight_kernels import PIECE_M

Floats = NDArray[np.float64]


@njit(cache=True, nogil=True)
def _higher(best: Floats, rise: float, s: float) -> None:
    if rise / s > best[0]:
        best[0], best[1] = rise / s, s


@njit(cache=True, nogil=True)
def _raised_by(bounds: Floats, start: Floats, stop: Floats, share: float) -> float:
    if bounds.size == 0:
        return 0.0
    row, col = start[3] + share * (stop[3] - start[3]), start[4] + share * (stop[4] - start[4])
    return float(bound_at(bounds, row, col))


@njit(cache=True, nogil=True)
def _piece(
    pool: Pool,
    slots: Slots,
    lattice: Lattice,
    bounds: Floats,
    start: Floats,
    stop: Floats,
    eye_m: float,
    curvature: float,
    nearest_m: float,
    best: Floats,
    wanted: Flags,
) -> None:
    """Take one straight piece into the highest tangent and its distance.

    In a cell the ground over the eye's level is A + B s + C s^2 of the distance s; over s it is highest at the ends or
    at s = sqrt(A / C). What the ground is raised by changes too little within a cell to matter: linear there.

    Args:
        pool, slots, lattice: the terrain.
        bounds: nodes of what the ground is raised by; empty: nothing.
        start, stop: (row, column, distance, row and column in `bounds`) of its ends.
        eye_m, curvature, nearest_m: height of the eye, Earth's bulge, and from where on ground counts.
        best: tangent and distance so far, changed.
        wanted: tiles that are needed and absent.
    """
    row, col, s0 = start[0], start[1], start[2]
    dr, dc, ds = stop[0] - row, stop[1] - col, stop[2] - s0
    if not (0.0 <= stop[0] <= lattice.rows - 1 and 0.0 <= stop[1] <= lattice.cols - 1):
        best[1] = math.nan
        return
    r, way_r, next_r, step_r = next_crossing(row, dr)
    c, way_c, next_c, step_c = next_crossing(col, dc)
    t, g = 0.0, height_at(pool, slots, lattice, row, col, wanted) - eye_m - curvature * s0 * s0
    g += _raised_by(bounds, start, stop, 0.0)
    while t < 1.0:
        t1 = min(1.0, min(next_r, next_c))
        r, c = min(max(r, 0), lattice.rows - 2), min(max(c, 0), lattice.cols - 2)
        slot, i, j = slots[r >> TILE_SHIFT, c >> TILE_SHIFT], r & (TILE - 1), c & (TILE - 1)
        if slot < 0:
            wanted[r >> TILE_SHIFT, c >> TILE_SHIFT] = 1
            best[1] = math.nan
            return
        h00, h01 = float(pool[slot, i, j]), float(pool[slot, i, j + 1])
        h10, h11 = float(pool[slot, i + 1, j]), float(pool[slot, i + 1, j + 1])
        fr, fc, sa, sb = row + t1 * dr - r, col + t1 * dc - c, s0 + t * ds, s0 + t1 * ds
        ground = (h00 * (1.0 - fc) + h01 * fc) * (1.0 - fr) + (h10 * (1.0 - fc) + h11 * fc) * fr
        g1 = ground - eye_m - curvature * sb * sb + _raised_by(bounds, start, stop, t1)
        if math.isnan(g1):
            best[1] = math.nan
            return
        if sb >= nearest_m and sb > sa:
            _higher(best, g1, sb)
            square = (h00 - h01 - h10 + h11) * dr * dc / (ds * ds) - curvature
            constant = g - (g1 - g) / (sb - sa) * sa + square * sa * sb
            if square < 0.0 and constant < 0.0:
                s = math.sqrt(constant / square)
                if max(sa, nearest_m) < s < sb:
                    linear = (g1 - g) / (sb - sa) - square * (sa + sb)
                    _higher(best, constant + linear * s + square * s * s, s)
        if next_r <= t1:
            next_r += step_r
            r += way_r
        if next_c <= t1:
            next_c += step_c
            c += way_c
        t, g = t1, g1


@njit(cache=True, nogil=True)
def horizons(
    view: RasterView,
    bounds: Floats,
    bound_lattice: Lattice,
    eyes: Floats,
    azimuths_rad: Floats,
    reach: tuple[float, float],
    bulge: float,
    wanted: Flags,
) -> Floats:
    """Return (N, A, 2): tangent of the horizon's elevation and the distance to it in metres, NaN beyond the terrain.

    Args:
        view: the terrain.
        bounds, bound_lattice: what the ground is raised by; no nodes: nothing.
        eyes: (N, 3) latitude, longitude, height AMSL.
        azimuths_rad: (A,) clockwise from north.
        reach: nearest and furthest distance that counts, metres.
        bulge: 1 / (2 k).
        wanted: tiles that are needed and absent.
    """
    out = np.empty((eyes.shape[0], azimuths_rad.size, 2))
    pool, slots, lattice = view.pool, view.slots, view.lattice
    pieces = int(reach[1] / PIECE_M) + 1
    plane = np.zeros((pieces + 1, 3))
    start, stop = np.empty(5), np.empty(5)
    for i in range(eyes.shape[0]):
        curvature = bulge / mean_radius_m(eyes[i, 0])
        for j in range(azimuths_rad.size):
            best = out[i, j]
            best[:] = (-math.inf, 0.0)
            for k in range(pieces + 1):
                s = reach[1] * k / pieces
                plane[k, 0], plane[k, 1] = s * math.sin(azimuths_rad[j]), s * math.cos(azimuths_rad[j])
            places = frame_to_geodetic(eyes[i, 0], eyes[i, 1], 0.0, plane)
            for k in range(pieces + 1):
                stop[0] = (places[k, 0] - lattice.lat0_deg) / lattice.lat_step_deg
                stop[1] = (places[k, 1] - lattice.lon0_deg) / lattice.lon_step_deg
                stop[2] = reach[1] * k / pieces
                stop[3] = (places[k, 0] - bound_lattice.lat0_deg) / bound_lattice.lat_step_deg
                stop[4] = (places[k, 1] - bound_lattice.lon0_deg) / bound_lattice.lon_step_deg
                if k > 0 and not math.isnan(best[1]):
                    _piece(pool, slots, lattice, bounds, start, stop, eyes[i, 2], curvature, reach[0], best, wanted)
                start[:] = stop
            if math.isnan(best[1]):
                best[0] = math.nan
    return out
