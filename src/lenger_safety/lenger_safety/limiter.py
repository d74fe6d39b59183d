"""The least change of a velocity that satisfies a set of half-spaces: an exact projection in three dimensions.

Minimise |v - wanted| subject to rows[i, :3] . v <= rows[i, 3]. The problem is of LP type (Sharir and Welzl, A
combinatorial bound for linear programming and related problems, 1992) with a basis of at most three rows: while some
row is violated, the most violated one enters, and the basis of the then at most four rows is found by trying every
subset of them (Karush, Kuhn, Tucker). The distance grows with every step, so it ends, for any number of rows; four
rows that exclude each other show that there is no solution (Helly).
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

TOLERANCE = 1e-7
"""m/s by which a row may be exceeded."""

MAX_STEPS = 200
"""Against going in circles among rows that rounding makes equal; flights need fewer than ten."""


@njit(cache=True, nogil=True)
def _worst(rows: Floats, v: Floats) -> int:
    """Return the row that is exceeded most, -1 when none is by more than the tolerance."""
    index, amount = -1, TOLERANCE
    for i in range(rows.shape[0]):
        excess = rows[i, 0] * v[0] + rows[i, 1] * v[1] + rows[i, 2] * v[2] - rows[i, 3]
        if excess > amount:
            index, amount = i, excess
    return index


@njit(cache=True, nogil=True)
def _on_planes(rows: Floats, active: Ints, count: int, wanted: Floats, basis: Floats, out: Floats) -> bool:
    """Project `wanted` on the intersection of `count` planes by Gram-Schmidt; False when they are nearly dependent.

    `basis` is room for (3, 4).
    """
    for i in range(3):
        out[i] = wanted[i]
    for k in range(count):
        row = rows[active[k]]
        n0, n1, n2, level = row[0], row[1], row[2], row[3]
        for _ in range(2):  # once more against cancellation between nearly parallel planes
            for j in range(k):
                along = n0 * basis[j, 0] + n1 * basis[j, 1] + n2 * basis[j, 2]
                n0, n1, n2 = n0 - along * basis[j, 0], n1 - along * basis[j, 1], n2 - along * basis[j, 2]
                level -= along * basis[j, 3]
        length = math.sqrt(n0 * n0 + n1 * n1 + n2 * n2)
        if length < 1e-6:
            return False
        basis[k, 0], basis[k, 1], basis[k, 2], basis[k, 3] = n0 / length, n1 / length, n2 / length, level / length
        gap = basis[k, 3] - (wanted[0] * basis[k, 0] + wanted[1] * basis[k, 1] + wanted[2] * basis[k, 2])
        for i in range(3):
            out[i] += gap * basis[k, i]
    return True


@njit(cache=True, nogil=True)
def _allowed(rows: Floats, four: Ints, count: int, v: Floats) -> bool:
    for k in range(count):
        row = rows[four[k]]
        if row[0] * v[0] + row[1] * v[1] + row[2] * v[2] - row[3] > TOLERANCE:
            return False
    return True


@njit(cache=True, nogil=True)
def _basis_of(rows: Floats, four: Ints, count: int, wanted: Floats, active: Ints, best: Floats) -> bool:
    """Solve for at most four rows; put the basis into `active` and the velocity into `best`. False: no solution."""
    subset, point, room = np.empty(3, dtype=np.int64), np.empty(3), np.empty((3, 4))
    least = math.inf
    for mask in range(1 << count):
        size = 0
        for k in range(count):
            if mask >> k & 1:
                if size < 3:
                    subset[size] = four[k]
                size += 1
        if size > 3 or not _on_planes(rows, subset, size, wanted, room, point):
            continue
        d2 = (point[0] - wanted[0]) ** 2 + (point[1] - wanted[1]) ** 2 + (point[2] - wanted[2]) ** 2
        if d2 < least and _allowed(rows, four, count, point):
            least = d2
            for k in range(3):
                best[k] = point[k]
                active[k] = subset[k] if k < size else -1
    return least < math.inf


@njit(cache=True, nogil=True)
def project_from(wanted: Floats, rows: Floats, active: Ints, out: Floats) -> bool:
    """Put the nearest velocity that every row allows into `out`; False when there is none.

    Args:
        wanted: (3,) m/s.
        rows: (N, 4): unit normal, greatest speed along it in m/s.
        active: (3,) rows to begin with, such as those of a similar question, -1 for none; becomes the basis found.
        out: (3,) m/s.
    """
    four = np.empty(4, dtype=np.int64)
    entering = -1
    for _ in range(MAX_STEPS):
        count = 0
        for k in range(3):
            if active[k] >= 0:
                four[count] = active[k]
                count += 1
        if entering >= 0:
            four[count] = entering
            count += 1
        if not _basis_of(rows, four, count, wanted, active, out):
            return False
        entering = _worst(rows, out)
        if entering < 0:
            return True
    return False


@njit(cache=True, nogil=True)
def project(wanted: Floats, rows: Floats) -> tuple[bool, float, float, float]:
    """Return (feasible, velocity): the nearest velocity that every half-space allows.

    Args:
        wanted: (3,) m/s.
        rows: (N, 4): unit normal, greatest speed along it in m/s.

    Returns:
        False and zeros when no velocity satisfies all rows.
    """
    active, out = np.full(3, -1, dtype=np.int64), np.empty(3)
    if not project_from(wanted, rows, active, out):
        return False, 0.0, 0.0, 0.0
    return True, out[0], out[1], out[2]
