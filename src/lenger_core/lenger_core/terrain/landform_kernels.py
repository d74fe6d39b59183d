"""Compiled: fields over the landform's fine lattice, row by row, so that few of them are in memory at once.

A coarse field (GLOBE's lattice) comes padded by one node all around; its fine rows are made where they are needed.
"""

from __future__ import annotations

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lenger_core.terrain.noise_kernels import fractal_noise

Floats = NDArray[np.float64]
Pixels = NDArray[np.float32]


@njit(cache=True, nogil=True)
def _cubic(t: float) -> tuple[float, float, float, float]:
    """Return the weights of the four nodes about a point `t` of the way from the second to the third (Keys 1981)."""
    return (
        t * (t * (1.0 - 0.5 * t) - 0.5),
        t * t * (1.5 * t - 2.5) + 1.0,
        t * (t * (2.0 - 1.5 * t) + 0.5),
        t * t * (0.5 * t - 0.5),
    )


@njit(cache=True, nogil=True)
def fine_row(padded: Floats, steps: int, row: int, col0: int, out: Floats) -> None:
    """Write a stretch of one fine row of a coarse field, joined by cubic convolution: through the nodes, C1.

    Args:
        padded: (rows + 2, columns + 2) of the coarse field.
        steps: fine steps to a coarse one.
        row, col0: fine row, and its first column.
        out: (columns wanted,).
    """
    rows, cols = padded.shape[0] - 2, padded.shape[1] - 2
    r = min(row // steps, rows - 2)
    v = _cubic((row - r * steps) / steps)
    for j in range(out.size):
        c = min((col0 + j) // steps, cols - 2)
        h = _cubic((col0 + j - c * steps) / steps)
        value = 0.0
        for k in range(4):
            column = v[0] * padded[r, c + k] + v[1] * padded[r + 1, c + k]
            column += v[2] * padded[r + 2, c + k] + v[3] * padded[r + 3, c + k]
            value += h[k] * column
        out[j] = value


@njit(cache=True, nogil=True)
def add_fine(field: Pixels, padded: Floats, steps: int) -> None:
    """Add a coarse field to a fine one, in place."""
    row = np.empty(field.shape[1])
    for r in range(field.shape[0]):
        fine_row(padded, steps, r, 0, row)
        for c in range(row.size):
            field[r, c] += row[c]


@njit(cache=True, nogil=True)
def cell_means(field: Pixels, steps: int) -> Floats:
    """Return the means of a fine field over the cells about the coarse nodes; the edge is mirrored."""
    last_row, last_col = field.shape[0] - 1, field.shape[1] - 1
    rows, cols, half = last_row // steps + 1, last_col // steps + 1, steps // 2
    out = np.empty((rows, cols))
    for i in range(rows):
        for j in range(cols):
            total = 0.0
            for k in range(-half, half + 1):
                r = last_row - abs(last_row - abs(i * steps + k))
                line = 0.0
                for m in range(-half, half + 1):
                    c = last_col - abs(last_col - abs(j * steps + m))
                    line += field[r, c] * (0.5 if abs(m) == half else 1.0)
                total += line * (0.5 if abs(k) == half else 1.0)
            out[i, j] = total / (steps * steps)
    return out


@njit(cache=True, nogil=True)
def roughen(field: Pixels, relief: Floats, steps: int, roughness: float, spacing: float, seed: int) -> None:
    """Add noise to a fine field, in place: its height a share of the (padded, coarse) relief."""
    row = np.empty(field.shape[1])
    for r in range(field.shape[0]):
        fine_row(relief, steps, r, 0, row)
        for c in range(row.size):
            noise = fractal_noise(c / spacing, r / spacing, 4, 0.55, seed)
            field[r, c] += noise * (max(row[c] - 15.0, 4.0) * roughness)


@njit(cache=True, nogil=True)
def erodibility(area: Pixels, relief: Floats, steps: int, incision_m: float) -> None:
    """Turn drained areas into what the stream-power law multiplies slopes with, K dt A^(1/2), in place."""
    row = np.empty(area.shape[1])
    for r in range(area.shape[0]):
        fine_row(relief, steps, r, 0, row)
        for c in range(row.size):
            area[r, c] = min(1.0, 0.1 + max(row[c], 0.0) / 250.0) * incision_m * np.sqrt(area[r, c])


@njit(cache=True, nogil=True)
def cut_at_most(field: Pixels, cut: Pixels, relief: Floats, steps: int) -> None:
    """Lower a fine field to `cut`, in place, but by no more than 3 m and 0.12 of the relief."""
    row = np.empty(field.shape[1])
    for r in range(field.shape[0]):
        fine_row(relief, steps, r, 0, row)
        for c in range(row.size):
            field[r, c] = max(float(cut[r, c]), field[r, c] - (3.0 + 0.12 * max(row[c], 0.0)))


@njit(cache=True, nogil=True)
def hold(field: Pixels, smooth: Floats, relief: Floats, steps: int, hold_m: float, hold_share: float) -> None:
    """Draw a fine field towards a smooth one, in place, so that it stays closer than a limit: a plain stays one."""
    row, near = np.empty(field.shape[1]), np.empty(field.shape[1])
    for r in range(field.shape[0]):
        fine_row(relief, steps, r, 0, row)
        fine_row(smooth, steps, r, 0, near)
        for c in range(row.size):
            limit = hold_m + hold_share * max(row[c], 0.0)
            off = (field[r, c] - near[c]) / limit
            field[r, c] = near[c] + off * limit / np.sqrt(off * off + 1.0)
