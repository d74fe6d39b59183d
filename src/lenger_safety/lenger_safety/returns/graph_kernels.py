"""Compiled visibility and shortest paths for the return planner. Planar, metres; pure functions of arrays."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Flags = NDArray[np.bool_]

BLOCK = 32
"""Edges in a block that share one box."""
TESTS_A_SLICE = 10_000
"""Pairs of nodes whose visibility is looked at in one slice, per hundred edges."""
BEARINGS = 72
"""Entries of the table of what a metre costs by its direction, from east counter-clockwise."""


@njit(cache=True, nogil=True)
def boxes_of(edges: Floats) -> Floats:
    """Return (B, 4): the box (least e, least n, greatest e, greatest n) around each block of edges (M, 4)."""
    count = (edges.shape[0] + BLOCK - 1) // BLOCK
    out = np.empty((count, 4))
    for b in range(count):
        out[b, 0], out[b, 1], out[b, 2], out[b, 3] = math.inf, math.inf, -math.inf, -math.inf
        for i in range(b * BLOCK, min((b + 1) * BLOCK, edges.shape[0])):
            out[b, 0] = min(out[b, 0], min(edges[i, 0], edges[i, 2]))
            out[b, 1] = min(out[b, 1], min(edges[i, 1], edges[i, 3]))
            out[b, 2] = max(out[b, 2], max(edges[i, 0], edges[i, 2]))
            out[b, 3] = max(out[b, 3], max(edges[i, 1], edges[i, 3]))
    return out


@njit(cache=True, nogil=True)
def _side(px: float, py: float, qx: float, qy: float, rx: float, ry: float) -> float:
    return (qx - px) * (ry - py) - (qy - py) * (rx - px)


@njit(cache=True, nogil=True)
def sees(ax: float, ay: float, bx: float, by: float, edges: Floats, boxes: Floats) -> bool:
    """Return whether segment a-b meets none of the edges; touching one counts as meeting it."""
    low_x, low_y, high_x, high_y = min(ax, bx), min(ay, by), max(ax, bx), max(ay, by)
    for block in range(boxes.shape[0]):
        box = boxes[block]
        if box[0] > high_x or box[2] < low_x or box[1] > high_y or box[3] < low_y:
            continue
        for i in range(block * BLOCK, min((block + 1) * BLOCK, edges.shape[0])):
            x0, y0, x1, y1 = edges[i, 0], edges[i, 1], edges[i, 2], edges[i, 3]
            if min(x0, x1) > high_x or max(x0, x1) < low_x or min(y0, y1) > high_y or max(y0, y1) < low_y:
                continue
            if _side(ax, ay, bx, by, x0, y0) * _side(ax, ay, bx, by, x1, y1) > 0.0:
                continue
            if _side(x0, y0, x1, y1, ax, ay) * _side(x0, y0, x1, y1, bx, by) <= 0.0:
                return False
    return True


@njit(cache=True, nogil=True)
def visible_from(x: float, y: float, nodes: Floats, edges: Floats, boxes: Floats) -> Flags:
    """Return (N,) which of the nodes (N, 2) a point sees."""
    out = np.empty(nodes.shape[0], dtype=np.bool_)
    for i in range(nodes.shape[0]):
        out[i] = sees(x, y, nodes[i, 0], nodes[i, 1], edges, boxes)
    return out


@njit(cache=True, nogil=True)
def visibility_rows(seen: Flags, first: int, last: int, nodes: Floats, edges: Floats, boxes: Floats) -> None:
    """Fill rows first..last-1 of the symmetric (N, N) table of which node sees which."""
    for i in range(first, last):
        seen[i, i] = False
        for j in range(i):
            clear = sees(nodes[i, 0], nodes[i, 1], nodes[j, 0], nodes[j, 1], edges, boxes)
            seen[i, j] = clear
            seen[j, i] = clear


def rows_a_slice(nodes: int, edges: int) -> int:
    """Return how many rows of the table of visibility are one slice of work."""
    return max(1, TESTS_A_SLICE // (max(nodes, 1) * (1 + edges // 100)))


@njit(cache=True, nogil=True)
def cost_of(ax: float, ay: float, bx: float, by: float, per_metre: Floats) -> float:
    """Return the cost of flying straight from a to b.

    Args:
        ax, ay, bx, by: m.
        per_metre: (BEARINGS,) by direction of flight; between two entries the greater one counts.
    """
    dx, dy = bx - ax, by - ay
    place = math.atan2(dy, dx) / (2.0 * math.pi) * BEARINGS
    k = math.floor(place)
    worse = max(per_metre[int(k) % BEARINGS], per_metre[int(k + 1) % BEARINGS])
    length = math.hypot(dx, dy)
    return length * worse if length > 0.0 else 0.0


@njit(cache=True, nogil=True)
def settle(
    cost: Floats, onward: NDArray[np.int64], done: Flags, count: int, seen: Flags, nodes: Floats, per_metre: Floats
) -> bool:
    """Settle at most `count` more nodes of Dijkstra's tree towards the targets; return whether all are settled.

    Args:
        cost: (N,) to the nearest target; starts with the targets' own costs and infinity.
        onward: (N,) next node on the way, -1 at a target.
        done: (N,) settled nodes.
        count: how many.
        seen, nodes, per_metre: the graph; a leg is flown from the later settled node to the earlier one.
    """
    n = nodes.shape[0]
    for _ in range(count):
        best, least = -1, math.inf
        for i in range(n):
            if not done[i] and cost[i] < least:
                best, least = i, cost[i]
        if best < 0:
            return True
        done[best] = True
        for i in range(n):
            if done[i] or not seen[i, best]:
                continue
            found = least + cost_of(nodes[i, 0], nodes[i, 1], nodes[best, 0], nodes[best, 1], per_metre)
            if found < cost[i]:
                cost[i], onward[i] = found, best
    return False


@njit(cache=True, nogil=True)
def cheapest(x: float, y: float, seen: Flags, cost: Floats, nodes: Floats, per_metre: Floats) -> int:
    """Return the node that a point should fly to first, -1 when it sees none from which a target is reached."""
    best, least = -1, math.inf
    for i in range(nodes.shape[0]):
        if seen[i] and cost[i] < math.inf:
            found = cost[i] + cost_of(x, y, nodes[i, 0], nodes[i, 1], per_metre)
            if found < least:
                best, least = i, found
    return best


def warm() -> None:
    """Compile every kernel for the argument types that the planner uses."""
    edges = np.array([[0.0, 0.0, 1.0, 0.0], [1.0, 0.0, 0.0, 1.0], [0.0, 1.0, 0.0, 0.0]])
    boxes, nodes = boxes_of(edges), np.array([[5.0, 5.0], [6.0, 7.0]])
    seen, per_metre = np.zeros((2, 2), dtype=np.bool_), np.ones(BEARINGS)
    visibility_rows(seen, 0, 2, nodes, edges, boxes)
    cost, onward, done = np.array([0.0, np.inf]), np.full(2, -1, dtype=np.int64), np.zeros(2, dtype=np.bool_)
    settle(cost, onward, done, 4, seen, nodes, per_metre)
    cheapest(4.0, 4.0, visible_from(4.0, 4.0, nodes, edges, boxes), cost, nodes, per_metre)
