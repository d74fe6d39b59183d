"""Rivers and valleys on a grid: flow routing and stream-power incision.

Depressions are filled from the edge inward (priority flood; Barnes, Lehman and Mulla 2014), water runs to the steepest
of eight neighbours, and the stream-power law dh/dt = -K A^(1/2) dh/dx is solved implicitly downstream to upstream
(Braun and Willett 2013). Only + - * / and square roots: the same bits on every machine.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int32]
Areas = NDArray[np.float32]

_RISE_M = 1e-4
"""Least rise from cell to cell in a filled depression."""

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
def flood(height: Floats) -> tuple[Floats, Ints]:
    """Return (heights with depressions filled, flat indices from the lowest to the highest)."""
    rows, cols = height.shape
    filled = height.copy()
    closed = np.zeros((rows, cols), dtype=np.uint8)
    keys, items = np.empty(_FIRST_HEAP), np.empty(_FIRST_HEAP, dtype=np.int32)
    order = np.empty(rows * cols, dtype=np.int32)
    size = 0
    for r in range(rows):
        for c in range(cols):
            if r == 0 or c == 0 or r == rows - 1 or c == cols - 1:
                closed[r, c] = 1
                if size == keys.size:
                    keys, items = np.append(keys, keys), np.append(items, items)
                size = _push(keys, items, size, filled[r, c], r * cols + c)
    done = 0
    while size > 0:
        at = items[0]
        size = _pop(keys, items, size)
        order[done] = at
        done += 1
        r, c = at // cols, at % cols
        for dr in range(-1, 2):
            for dc in range(-1, 2):
                nr, nc = r + dr, c + dc
                if nr < 0 or nc < 0 or nr >= rows or nc >= cols or closed[nr, nc]:
                    continue
                closed[nr, nc] = 1
                if size == keys.size:
                    keys, items = np.append(keys, keys), np.append(items, items)
                filled[nr, nc] = max(filled[nr, nc], filled[r, c] + _RISE_M)
                size = _push(keys, items, size, filled[nr, nc], nr * cols + nc)
    return filled, order


@njit(cache=True, nogil=True)
def receivers(filled: Floats, dy_m: float, dx_m: float) -> Ints:
    """Return the flat index of each node's steepest lower neighbour; the edge drains into itself."""
    rows, cols = filled.shape
    to = np.empty(rows * cols, dtype=np.int32)
    diagonal = math.sqrt(dx_m * dx_m + dy_m * dy_m)
    for r in range(rows):
        for c in range(cols):
            at = r * cols + c
            to[at] = at
            if r == 0 or c == 0 or r == rows - 1 or c == cols - 1:
                continue
            best = 0.0
            for dr in range(-1, 2):
                for dc in range(-1, 2):
                    if dr == 0 and dc == 0:
                        continue
                    run = diagonal if dr != 0 and dc != 0 else (dx_m if dr == 0 else dy_m)
                    fall = (filled[r, c] - filled[r + dr, c + dc]) / run
                    if fall > best:
                        best, to[at] = fall, (r + dr) * cols + c + dc
    return to


@njit(cache=True, nogil=True)
def drained_area(order: Ints, to: Ints) -> Areas:
    """Return the number of cells that drain through each cell, itself included, flat."""
    area = np.ones(order.size, dtype=np.float32)  # whole numbers below 2^24: exact
    for k in range(order.size - 1, -1, -1):
        at = order[k]
        if to[at] != at:
            area[to[at]] += area[at]
    return area


@njit(cache=True, nogil=True)
def incise(
    height: Floats, order: Ints, to: Ints, area: Areas, strength: Floats, steepest: float, dy_m: float, dx_m: float
) -> None:
    """Cut valleys into `height` (rows, columns; in place): one implicit step, then no slope above `steepest`.

    `strength` is K dt per metre of length, (rows, columns).
    """
    cols = height.shape[1]
    flat, power = height.reshape(-1), strength.reshape(-1)
    diagonal = math.sqrt(dx_m * dx_m + dy_m * dy_m)
    for k in range(order.size):
        at = order[k]
        down = to[at]
        if down == at:
            continue
        apart = abs(down - at)
        run = dx_m if apart == 1 else (dy_m if apart == cols else diagonal)
        cut = power[at] * math.sqrt(float(area[at])) / run
        lower = flat[down]
        if flat[at] > lower:
            flat[at] = (flat[at] + cut * lower) / (1.0 + cut)
        flat[at] = min(flat[at], lower + steepest * run)


@njit(cache=True, nogil=True)
def breach(height: Floats, order: Ints, to: Ints) -> None:
    """Lower what lies in the way of the water (flat, changed in place), so that every river runs downhill."""
    for k in range(order.size - 1, -1, -1):
        at = order[k]
        if to[at] != at and height[to[at]] > height[at]:
            height[to[at]] = height[at]


@njit(cache=True, nogil=True)
def diffuse(height: Floats, share: float) -> Floats:
    """Return the heights (rows, columns) moved by `share` towards the mean of their four neighbours: soil creep."""
    rows, cols = height.shape
    out = height.copy()
    for r in range(1, rows - 1):
        for c in range(1, cols - 1):
            mean = 0.25 * ((height[r - 1, c] + height[r + 1, c]) + (height[r, c - 1] + height[r, c + 1]))
            out[r, c] = height[r, c] + share * (mean - height[r, c])
    return out


@njit(cache=True, nogil=True)
def limit_slopes(height: Floats, steepest: Floats, dy_m: float, dx_m: float) -> None:
    """Lower heights (rows, columns; in place) until no neighbour lies lower by more than `steepest` times the run.

    Two sweeps from either corner, which carry a limit over any distance along the eight directions.
    """
    rows, cols = height.shape
    diagonal = math.sqrt(dx_m * dx_m + dy_m * dy_m)
    for _ in range(2):
        for r in range(1, rows):
            for c in range(1, cols - 1):
                s = steepest[r, c]
                straight = min(height[r - 1, c] + s * dy_m, height[r, c - 1] + s * dx_m)
                slanted = min(height[r - 1, c - 1], height[r - 1, c + 1]) + s * diagonal
                height[r, c] = min(height[r, c], min(straight, slanted))
        for r in range(rows - 2, -1, -1):
            for c in range(cols - 2, 0, -1):
                s = steepest[r, c]
                straight = min(height[r + 1, c] + s * dy_m, height[r, c + 1] + s * dx_m)
                slanted = min(height[r + 1, c + 1], height[r + 1, c - 1]) + s * diagonal
                height[r, c] = min(height[r, c], min(straight, slanted))
