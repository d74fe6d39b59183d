"""The least change of a velocity that satisfies a set of half-spaces: an exact projection in three dimensions.

Minimise |v - wanted| subject to rows[i, :3] . v <= rows[i, 3]. In three dimensions at most three independent planes are
active at the minimum (Karush, Kuhn, Tucker), so the minimum over a small working set is found by trying every subset
of one to three planes; the working set grows by the most violated plane until none is left (Kelley's cutting planes).
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]

TOLERANCE = 1e-7
MAX_WORKING = 24


@njit(cache=True)
def _worst(rows: Floats, count: int, v: Floats) -> tuple[int, float]:
    """Return the index and the amount of the largest violation among the first `count` rows."""
    index, amount = -1, TOLERANCE
    for i in range(count):
        excess = rows[i, 0] * v[0] + rows[i, 1] * v[1] + rows[i, 2] * v[2] - rows[i, 3]
        if excess > amount:
            index, amount = i, excess
    return index, amount


@njit(cache=True)
def _on_planes(rows: Floats, active: NDArray[np.int64], count: int, wanted: Floats, out: Floats) -> bool:
    """Project `wanted` on the intersection of `count` planes by Gram-Schmidt; False when they are nearly dependent."""
    basis = np.zeros((3, 3))
    levels = np.zeros(3)
    for k in range(count):
        row = rows[active[k]]
        n0, n1, n2, level = row[0], row[1], row[2], row[3]
        for j in range(k):
            along = n0 * basis[j, 0] + n1 * basis[j, 1] + n2 * basis[j, 2]
            n0, n1, n2 = n0 - along * basis[j, 0], n1 - along * basis[j, 1], n2 - along * basis[j, 2]
            level -= along * levels[j]
        length = math.sqrt(n0 * n0 + n1 * n1 + n2 * n2)
        if length < 1e-6:
            return False
        basis[k, 0], basis[k, 1], basis[k, 2], levels[k] = n0 / length, n1 / length, n2 / length, level / length
    for i in range(3):
        out[i] = wanted[i]
    for k in range(count):
        gap = levels[k] - (wanted[0] * basis[k, 0] + wanted[1] * basis[k, 1] + wanted[2] * basis[k, 2])
        for i in range(3):
            out[i] += gap * basis[k, i]
    return True


@njit(cache=True)
def _try(rows: Floats, total: int, active: NDArray[np.int64], count: int, wanted: Floats, best: Floats) -> None:
    """Keep the projection on these planes in `best` (v, squared distance) when it is feasible and nearer."""
    point = np.empty(3)
    if not _on_planes(rows, active, count, wanted, point):
        return
    d2 = (point[0] - wanted[0]) ** 2 + (point[1] - wanted[1]) ** 2 + (point[2] - wanted[2]) ** 2
    if d2 < best[3] and _worst(rows, total, point)[0] < 0:
        best[0], best[1], best[2], best[3] = point[0], point[1], point[2], d2


@njit(cache=True)
def _solve_small(rows: Floats, total: int, wanted: Floats, best: Floats) -> bool:
    """Project on the first `total` half-spaces by trying every active set; False when there is no feasible point."""
    active = np.zeros(3, dtype=np.int64)
    best[3] = math.inf
    for i in range(total):
        active[0] = i
        _try(rows, total, active, 1, wanted, best)
    if best[3] < math.inf and total == 1:
        return True
    for i in range(total):
        for j in range(i + 1, total):
            active[0], active[1] = i, j
            _try(rows, total, active, 2, wanted, best)
            for k in range(j + 1, total):
                active[2] = k
                _try(rows, total, active, 3, wanted, best)
    return bool(best[3] < math.inf)


@njit(cache=True)
def project(wanted: Floats, rows: Floats) -> tuple[bool, float, float, float]:
    """Return (feasible, velocity): the nearest velocity that every half-space allows.

    Args:
        wanted: (3,) m/s.
        rows: (N, 4): unit normal, greatest speed along it in m/s.

    Returns:
        False and zeros when no velocity satisfies all rows.
    """
    work = np.empty((MAX_WORKING, 4))
    best = np.array([wanted[0], wanted[1], wanted[2], 0.0])
    for total in range(MAX_WORKING):
        index, _ = _worst(rows, rows.shape[0], best)
        if index < 0:
            return True, best[0], best[1], best[2]
        work[total] = rows[index]
        if not _solve_small(work, total + 1, wanted, best):
            return False, 0.0, 0.0, 0.0
    return False, 0.0, 0.0, 0.0


def warm() -> None:
    """Compile the projection for the argument types that the guard uses."""
    rows = np.array([[1.0, 0.0, 0.0, 0.5], [0.0, 1.0, 0.0, 0.5], [0.0, 0.0, 1.0, 0.5]])
    project(np.array([1.0, 1.0, 1.0]), rows)
