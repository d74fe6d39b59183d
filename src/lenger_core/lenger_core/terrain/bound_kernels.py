"""The error bound of a terrain along straight lines: bilinear over its own lattice."""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lenger_core.terrain.raster_kernels import next_crossing

Floats = NDArray[np.float64]


@njit(cache=True, nogil=True)
def bound_at(bounds: Floats, row: float, col: float) -> float:
    """Return the bilinear error bound at fractional nodes, at the edge's beyond it.

    The bound's lattice may end a rounding error before the terrain's.
    """
    row, col = min(max(row, 0.0), bounds.shape[0] - 1.0), min(max(col, 0.0), bounds.shape[1] - 1.0)
    r, c = min(int(row), bounds.shape[0] - 2), min(int(col), bounds.shape[1] - 2)
    fr, fc = row - r, col - c
    top = bounds[r, c] * (1.0 - fc) + bounds[r, c + 1] * fc
    bottom = bounds[r + 1, c] * (1.0 - fc) + bounds[r + 1, c + 1] * fc
    return float(top * (1.0 - fr) + bottom * fr)


@njit(cache=True, nogil=True)
def worst_bound(bounds: Floats, row0: float, row1: float, col0: float, col1: float) -> float:
    """Return an upper limit of the error bound over the rectangle between two fractional nodes."""
    worst = 0.0
    for r in range(max(0, int(min(row0, row1))), min(int(max(row0, row1)) + 2, bounds.shape[0])):
        for c in range(max(0, int(min(col0, col1))), min(int(max(col0, col1)) + 2, bounds.shape[1])):
            worst = max(worst, bounds[r, c])
    return worst


@njit(cache=True, nogil=True)
def least_after_bound(
    bounds: Floats, line: tuple[float, float, float, float], over: tuple[float, float, float], end: float
) -> tuple[float, float]:
    """Return the least of a parabola less the error bound under it, for 0 <= u <= end, and the u of it.

    In a cell of the bound's own lattice that difference is a parabola, too.

    Args:
        bounds: nodes of the error bound.
        line: row and column in `bounds` at u = 0, and their change over u.
        over: (a, b, c) of a + b u + c u^2.
        end: at least 0.
    """
    row, col, dr, dc = line
    a, b, c = over
    least, at = a - bound_at(bounds, row, col), 0.0
    i, way_i, next_i, step_i = next_crossing(row, dr)
    j, way_j, next_j, step_j = next_crossing(col, dc)
    u, g = 0.0, least
    while u < end:
        u1 = min(end, min(next_i, next_j))
        g1 = a + u1 * (b + u1 * c) - bound_at(bounds, row + u1 * dr, col + u1 * dc)
        if g1 < least:
            least, at = g1, u1
        p, q = min(max(i, 0), bounds.shape[0] - 2), min(max(j, 0), bounds.shape[1] - 2)
        twist = bounds[p, q] - bounds[p, q + 1] - bounds[p + 1, q] + bounds[p + 1, q + 1]
        bend, h = c - twist * dr * dc, u1 - u
        if h > 0.0 and abs(g1 - g) < bend * h * h:
            v = 0.5 * h - (g1 - g) / (2.0 * bend * h)
            low = g + ((g1 - g) / h - bend * h) * v + bend * v * v
            if low < least:
                least, at = low, u + v
        if next_i <= u1:
            next_i += step_i
            i += way_i
        if next_j <= u1:
            next_j += step_j
            j += way_j
        u, g = u1, g1
    return least, at
