"""Compiled point-to-outline distances for `lenger_core.zones`. Planar, metres; pure functions of arrays."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_ON_LINE_M = 1e-9


@njit(cache=True)
def _nearest(x: float, y: float, x0: float, y0: float, x1: float, y1: float) -> tuple[float, float]:
    """Return the point of the segment (x0, y0)-(x1, y1) that is nearest to (x, y)."""
    dx, dy = x1 - x0, y1 - y0
    length2 = dx * dx + dy * dy
    t = 0.0 if length2 == 0.0 else ((x - x0) * dx + (y - y0) * dy) / length2
    t = min(1.0, max(0.0, t))
    return x0 + t * dx, y0 + t * dy


@njit(cache=True)
def _outline(x: float, y: float, edges: Floats) -> tuple[bool, float, float, float, int]:
    """Return (inside by even-odd crossing, distance, nearest x, nearest y, index of the nearest edge)."""
    inside = False
    best2, best_x, best_y, best_i = math.inf, x, y, -1
    for i in range(edges.shape[0]):
        x0, y0, x1, y1 = edges[i, 0], edges[i, 1], edges[i, 2], edges[i, 3]
        if (y0 > y) != (y1 > y) and x < x0 + (y - y0) * (x1 - x0) / (y1 - y0):
            inside = not inside
        qx, qy = _nearest(x, y, x0, y0, x1, y1)
        d2 = (qx - x) * (qx - x) + (qy - y) * (qy - y)
        if d2 < best2:
            best2, best_x, best_y, best_i = d2, qx, qy, i
    return inside, math.sqrt(best2), best_x, best_y, best_i


@njit(cache=True)
def _margin(x: float, y: float, edges: Floats, sign: float) -> tuple[float, float, float]:
    """Return the signed margin of one area (sign 1 inclusion, -1 exclusion) and the closing direction."""
    inside, d, qx, qy, i = _outline(x, y, edges)
    if d < _ON_LINE_M:  # the direction to the line is undefined on it: take the line's own normal
        dx, dy = edges[i, 2] - edges[i, 0], edges[i, 3] - edges[i, 1]
        length = math.hypot(dx, dy)
        return 0.0, sign * dy / length, -sign * dx / length
    legal = inside == (sign > 0.0)
    side = 1.0 if legal else -1.0
    return side * d, side * (qx - x) / d, side * (qy - y) / d


@njit(cache=True)
def area_margins(x: float, y: float, edges: Floats, spans: NDArray[np.int64], signs: Floats) -> Floats:
    """Return (A, 3): signed margin in metres and closing direction of each area."""
    out = np.empty((spans.shape[0], 3))
    for a in range(spans.shape[0]):
        out[a, 0], out[a, 1], out[a, 2] = _margin(x, y, edges[spans[a, 0] : spans[a, 1]], signs[a])
    return out


@njit(cache=True)
def near_edges(x: float, y: float, edges: Floats, sign: float, reach_m: float) -> Floats:
    """Return (K, 3): distance and direction to each edge within reach; one negative row on the illegal side."""
    out = np.empty((edges.shape[0] + 1, 3))
    margin, nx, ny = _margin(x, y, edges, sign)
    if margin <= 0.0:
        out[0, 0], out[0, 1], out[0, 2] = margin, nx, ny
        return out[:1]
    count = 0
    for i in range(edges.shape[0]):
        qx, qy = _nearest(x, y, edges[i, 0], edges[i, 1], edges[i, 2], edges[i, 3])
        d = math.hypot(qx - x, qy - y)
        if d > reach_m:
            continue
        ux, uy = (qx - x) / d, (qy - y) / d
        # Neighbours share a vertex: one row is enough for both.
        if count > 0 and abs(out[count - 1, 1] - ux) + abs(out[count - 1, 2] - uy) + abs(out[count - 1, 0] - d) < 1e-9:
            continue
        out[count, 0], out[count, 1], out[count, 2] = d, ux, uy
        count += 1
    return out[:count]


@njit(cache=True)
def _side(px: float, py: float, qx: float, qy: float, rx: float, ry: float) -> float:
    return (qx - px) * (ry - py) - (qy - py) * (rx - px)


@njit(cache=True)
def _segment_gap(ax: float, ay: float, bx: float, by: float, edge: Floats) -> float:
    """Return the distance between segment a-b and an edge, 0 when they cross."""
    x0, y0, x1, y1 = edge[0], edge[1], edge[2], edge[3]
    if (
        _side(ax, ay, bx, by, x0, y0) * _side(ax, ay, bx, by, x1, y1) < 0.0
        and _side(x0, y0, x1, y1, ax, ay) * _side(x0, y0, x1, y1, bx, by) < 0.0
    ):
        return 0.0
    gap = math.inf
    for px, py in ((ax, ay), (bx, by)):
        qx, qy = _nearest(px, py, x0, y0, x1, y1)
        gap = min(gap, math.hypot(qx - px, qy - py))
    for px, py in ((x0, y0), (x1, y1)):
        qx, qy = _nearest(px, py, ax, ay, bx, by)
        gap = min(gap, math.hypot(qx - px, qy - py))
    return gap


@njit(cache=True)
def segment_clearances(ax: float, ay: float, bx: float, by: float, edges: Floats, spans: NDArray[np.int64]) -> Floats:
    """Return (A,): the distance from segment a-b to the lines of each area, 0 when it crosses one."""
    out = np.full(spans.shape[0], math.inf)
    for a in range(spans.shape[0]):
        for i in range(spans[a, 0], spans[a, 1]):
            out[a] = min(out[a], _segment_gap(ax, ay, bx, by, edges[i]))
    return out


def warm() -> None:
    """Compile every kernel for the argument types that `LocalZones` uses."""
    edges = np.array([[0.0, 0.0, 1.0, 0.0], [1.0, 0.0, 0.0, 1.0], [0.0, 1.0, 0.0, 0.0]])
    spans = np.array([[0, 3]], dtype=np.int64)
    area_margins(0.2, 0.2, edges, spans, np.array([1.0]))
    near_edges(0.2, 0.2, edges[0:3], 1.0, 5.0)
    segment_clearances(0.1, 0.1, 0.2, 0.2, edges, spans)
