"""Compiled: a tile of synthetic detail at 1 arc second over the landform's 5."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lenger_core.terrain.noise_kernels import fractal_noise, gullies

Floats = NDArray[np.float64]
Pixels = NDArray[np.float32]

QUANTUM = 128.0
"""Heights are whole 1/128 m: exact in float32, and coarse enough to swallow a last bit."""

_GULLY_WAVES = 3
_GULLY_SHARE = 0.13
_SLOPE_KNEE = 0.20
_BEND = 0.16


@njit(cache=True, nogil=True)
def _spline(t: float) -> tuple[float, float, float, float]:
    u = 1.0 - t
    return u * u * u / 6.0, t * t * (0.5 * t - 1.0) + 4.0 / 6.0, u * u * (0.5 * u - 1.0) + 4.0 / 6.0, t * t * t / 6.0


@njit(cache=True, nogil=True)
def _spline_slope(t: float) -> tuple[float, float, float, float]:
    u = 1.0 - t
    return -0.5 * u * u, t * (1.5 * t - 2.0), -u * (1.5 * u - 2.0), 0.5 * t * t


@njit(cache=True, nogil=True)
def smooth_at(coarse: Pixels, row: float, col: float) -> tuple[float, float, float]:
    """Return (value, change per row, per column) of the cubic B-spline whose control points are the coarse nodes.

    It is C2 and passes near, not through, the nodes: the steps of rivers from node to node become bends.
    """
    rows, cols = coarse.shape
    r, c = min(max(int(row), 0), rows - 2), min(max(int(col), 0), cols - 2)
    wr, wc = _spline(row - r), _spline(col - c)
    sr, sc = _spline_slope(row - r), _spline_slope(col - c)
    value = by_row = by_col = 0.0
    for i in range(4):
        rr = min(max(r - 1 + i, 0), rows - 1)
        line = slant = 0.0
        for j in range(4):
            h = coarse[rr, min(max(c - 1 + j, 0), cols - 1)]
            line += wc[j] * h
            slant += sc[j] * h
        value += wr[i] * line
        by_row += sr[i] * line
        by_col += wr[i] * slant
    return value, by_row, by_col


@njit(cache=True, nogil=True)
def _ribs(x: float, y: float, slope_x: float, slope_y: float, spacing_m: float, seed: int) -> float:
    """Return the height of ribs and gullies down a slope: three sizes, the finer ones down the flanks of the coarser.

    Their height goes with the spacing and with the slope, and vanishes on the plain.
    """
    total, share = 0.0, _GULLY_SHARE
    for wave in range(_GULLY_WAVES):
        slope = math.sqrt(slope_x * slope_x + slope_y * slope_y)
        if slope < 1e-3:
            break
        height = share * spacing_m * slope * slope / (slope + _SLOPE_KNEE)
        value, by_x, by_y = gullies(x / spacing_m, y / spacing_m, -slope_x / slope, -slope_y / slope, seed + 101 * wave)
        total += height * value
        slope_x += height / spacing_m * by_x * 0.5
        slope_y += height / spacing_m * by_y * 0.5
        spacing_m *= 0.5
        share *= 0.7
    return total


@njit(cache=True, nogil=True)
def detail_tile(
    height: Pixels,
    relief: Pixels,
    window: tuple[int, int, int, int],
    part: tuple[int, int, int],
    steps: int,
    spacing_m: tuple[float, float],
    waves_m: tuple[float, float, float],
    seed: int,
) -> Floats:
    """Return (nodes, nodes) heights in metres of the fine lattice from node (row0, col0).

    Args:
        height, relief: of the landform about that part.
        window: their first row and column in the landform, and its last row and column.
        part: first row and column of the fine lattice, and nodes a side.
        steps: fine steps to a coarse one.
        spacing_m: of fine nodes, north to south and west to east.
        waves_m: first wavelength of the bends that valleys get, spacing of the coarsest gullies, first wavelength of
            the roughness that is everywhere.
        seed: of them all.
    """
    row0, col0, nodes = part
    winding_m, gully_m, rough_m = waves_m
    out = np.empty((nodes, nodes))
    row_m, col_m = steps * spacing_m[0], steps * spacing_m[1]
    for i in range(nodes):
        for j in range(nodes):
            y, x = (row0 + i) * spacing_m[0], (col0 + j) * spacing_m[1]
            bend_y = _BEND * winding_m * fractal_noise(x / winding_m, y / winding_m, 3, 0.45, seed + 31)
            bend_x = _BEND * winding_m * fractal_noise(x / winding_m, y / winding_m, 3, 0.45, seed + 67)
            row = min(max((y + bend_y) / row_m, 0.0), window[2]) - window[0]
            col = min(max((x + bend_x) / col_m, 0.0), window[3]) - window[1]
            base, by_row, by_col = smooth_at(height, row, col)
            around, _, _ = smooth_at(relief, row, col)
            ribs = _ribs(x, y, by_col / col_m, by_row / row_m, gully_m, seed)
            rough = (0.6 + 0.02 * around) * fractal_noise(x / rough_m, y / rough_m, 4, 0.5, seed + 7919)
            out[i, j] = base + ribs + rough
    return out
