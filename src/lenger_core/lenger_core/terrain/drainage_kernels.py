"""Rivers and valleys on a grid: flow routing and stream-power incision.

Depressions are filled from the edge inward (priority flood; Barnes, Lehman and Mulla 2014), water runs to the steepest
of eight neighbours (over a filled level: the way the flood came), and the stream-power law dh/dt = -K A^(1/2) dh/dx is
solved implicitly downstream to upstream (Braun and Willett 2013). Only + - * / and square roots: the same bits on every
machine.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lenger_core.terrain.landform_kernels import fine_row

Floats = NDArray[np.float64]
Pixels = NDArray[np.float32]
Ints = NDArray[np.int32]
Ways = NDArray[np.uint8]

EDGE, UNSEEN = 8, 255
"""Ways of a node besides those to its eight neighbours: water leaves the land here; not flooded yet."""

_ROW_WAYS = (-1, -1, -1, 0, 0, 1, 1, 1)
_COL_WAYS = (-1, 0, 1, -1, 1, -1, 0, 1)

_RISE_M = 1e-4
"""Least rise of the water from cell to cell in a filled depression."""

_FIRST_HEAP = 1 << 15
"""Room for cells at the water's edge; doubled when it is full."""


@njit(cache=True, nogil=True)
def _push(keys: Floats, items: Ints, size: int, key: float, item: int) -> int:
    at = size
    while at > 0:
        up = (at - 1) >> 1
        if keys[up] < key or (keys[up] == key and items[up] < item):
            break
        keys[at], items[at] = keys[up], items[up]
        at = up
    keys[at], items[at] = key, item
    return size + 1


@njit(cache=True, nogil=True)
def _pop(keys: Floats, items: Ints, size: int) -> int:
    size -= 1
    key, item = keys[size], items[size]
    at = 0
    while True:
        child = 2 * at + 1
        if child >= size:
            break
        other = child + 1
        if other < size and (keys[other] < keys[child] or (keys[other] == keys[child] and items[other] < items[child])):
            child = other
        if key < keys[child] or (key == keys[child] and item < items[child]):
            break
        keys[at], items[at] = keys[child], items[child]
        at = child
    keys[at], items[at] = key, item
    return size


@njit(cache=True, nogil=True)
def flood(height: Pixels, filled: Pixels, way: Ways) -> Ints:
    """Fill depressions; return the flat indices from the lowest to the highest.

    Args:
        height: (rows, columns).
        filled: (rows, columns), changed: heights with depressions filled.
        way: (rows, columns), changed: to the neighbour from which each node was flooded, EDGE at the edge.
    """
    rows, cols = height.shape
    keys, items = np.empty(_FIRST_HEAP), np.empty(_FIRST_HEAP, dtype=np.int32)
    order = np.empty(rows * cols, dtype=np.int32)
    size = 0
    way[:] = UNSEEN
    for r in range(rows):
        for c in range(cols):
            if r == 0 or c == 0 or r == rows - 1 or c == cols - 1:
                way[r, c], filled[r, c] = EDGE, height[r, c]
                if size == keys.size:
                    keys, items = np.append(keys, keys), np.append(items, items)
                size = _push(keys, items, size, float(height[r, c]), r * cols + c)
    done = 0
    while size > 0:
        level, at = keys[0], items[0]
        size = _pop(keys, items, size)
        order[done] = at
        done += 1
        r, c = at // cols, at % cols
        for k in range(8):
            nr, nc = r + _ROW_WAYS[k], c + _COL_WAYS[k]
            if nr < 0 or nc < 0 or nr >= rows or nc >= cols or way[nr, nc] != UNSEEN:
                continue
            if size == keys.size:
                keys, items = np.append(keys, keys), np.append(items, items)
            water = max(float(height[nr, nc]), level + _RISE_M)
            way[nr, nc], filled[nr, nc] = 7 - k, water
            size = _push(keys, items, size, water, nr * cols + nc)
    return order


@njit(cache=True, nogil=True)
def steepest_ways(filled: Pixels, way: Ways, dy_m: float, dx_m: float) -> None:
    """Turn each node's way to its steepest lower neighbour, in place; where there is none it keeps the flood's.

    Ways run from high to low, and on a level from late to early flooded: never in circles.
    """
    rows, cols = filled.shape
    runs = _runs(dy_m, dx_m)
    for r in range(1, rows - 1):
        for c in range(1, cols - 1):
            best = 0.0
            for k in range(8):
                fall = (float(filled[r, c]) - filled[r + _ROW_WAYS[k], c + _COL_WAYS[k]]) / runs[k]
                if fall > best:
                    best, way[r, c] = fall, k


@njit(cache=True, nogil=True)
def drained_area(order: Ints, way: Ways, area: Pixels) -> None:
    """Write the number of cells that drain through each cell, itself included, (rows, columns)."""
    area[:] = 1.0  # whole numbers below 2^24: exact
    flat, ways, offsets = area.reshape(-1), way.reshape(-1), _offsets(area.shape[1])
    for k in range(order.size - 1, -1, -1):
        at = order[k]
        if ways[at] != EDGE:
            flat[at + offsets[ways[at]]] += flat[at]


@njit(cache=True, nogil=True)
def incise(height: Pixels, order: Ints, way: Ways, strength: Pixels, steepest: float, dy_m: float, dx_m: float) -> None:
    """Cut valleys into `height` (rows, columns; in place): one implicit step, then no slope above `steepest`.

    `strength` is K dt A^(1/2), (rows, columns), metres.
    """
    flat, power, ways = height.reshape(-1), strength.reshape(-1), way.reshape(-1)
    offsets, runs = _offsets(height.shape[1]), _runs(dy_m, dx_m)
    for k in range(order.size):
        at = order[k]
        if ways[at] == EDGE:
            continue
        run, here, lower = runs[ways[at]], float(flat[at]), float(flat[at + offsets[ways[at]]])
        cut = power[at] / run
        if here > lower:
            here = (here + cut * lower) / (1.0 + cut)
        flat[at] = min(here, lower + steepest * run)


@njit(cache=True, nogil=True)
def breach(height: Pixels, order: Ints, way: Ways) -> None:
    """Lower what lies in the way of the water (rows, columns; in place), so that every river runs downhill."""
    flat, ways, offsets = height.reshape(-1), way.reshape(-1), _offsets(height.shape[1])
    for k in range(order.size - 1, -1, -1):
        at = order[k]
        if ways[at] != EDGE:
            to = at + offsets[ways[at]]
            flat[to] = min(flat[to], flat[at])


@njit(cache=True, nogil=True)
def diffuse(height: Pixels, share: float) -> None:
    """Move heights (rows, columns; in place) by `share` towards the mean of their four neighbours: soil creep."""
    rows, cols = height.shape
    above, here = height[0].copy(), height[1].copy()
    for r in range(1, rows - 1):
        for c in range(1, cols - 1):
            mean = 0.25 * ((float(above[c]) + height[r + 1, c]) + (float(here[c - 1]) + here[c + 1]))
            height[r, c] = here[c] + share * (mean - here[c])
        above[:], here[:] = here, height[r + 1]


@njit(cache=True, nogil=True)
def limit_slopes(height: Pixels, relief: Floats, steps: int, dy_m: float, dx_m: float) -> None:
    """Lower heights (rows, columns; in place) until no neighbour lies lower by more than a slope that fits the relief.

    Two sweeps from either corner, which carry a limit over any distance along the eight directions.
    """
    rows, cols = height.shape
    diagonal = math.sqrt(dx_m * dx_m + dy_m * dy_m)
    slope = np.empty(cols)
    for _ in range(2):
        for way in (1, -1):
            for n in range(1, rows):
                r, first = (n, 1) if way == 1 else (rows - 1 - n, cols - 2)
                fine_row(relief, steps, r, 0, slope)
                for k in range(cols - 2):
                    c = first + way * k
                    s = 0.10 + 0.90 * min(1.0, max(slope[c], 0.0) / 500.0)
                    straight = min(height[r - way, c] + s * dy_m, height[r, c - way] + s * dx_m)
                    slanted = min(height[r - way, c - 1], height[r - way, c + 1]) + s * diagonal
                    height[r, c] = min(float(height[r, c]), min(straight, slanted))


@njit(cache=True, nogil=True)
def _offsets(cols: int) -> tuple[int, int, int, int, int, int, int, int]:
    return -cols - 1, -cols, -cols + 1, -1, 1, cols - 1, cols, cols + 1


@njit(cache=True, nogil=True)
def _runs(dy_m: float, dx_m: float) -> tuple[float, float, float, float, float, float, float, float]:
    diagonal = math.sqrt(dx_m * dx_m + dy_m * dy_m)
    return diagonal, dy_m, diagonal, dx_m, dx_m, diagonal, dy_m, diagonal
