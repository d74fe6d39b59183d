"""Compiled point-to-outline distances for `lenger_core.zones`. Planar, metres; pure functions of arrays."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]

Spans = NDArray[np.int64]

BLOCK = 32
"""Edges in a block that share one box."""

_ON_LINE_M = 1e-9


@njit(cache=True)
def nearest_on(x: float, y: float, x0: float, y0: float, x1: float, y1: float) -> tuple[float, float]:
    """Return the point of the segment (x0, y0)-(x1, y1) that is nearest to (x, y)."""
    dx, dy = x1 - x0, y1 - y0
    length2 = dx * dx + dy * dy
    t = 0.0 if length2 == 0.0 else ((x - x0) * dx + (y - y0) * dy) / length2
    t = min(1.0, max(0.0, t))
    return x0 + t * dx, y0 + t * dy


@njit(cache=True)
def _outline(x: float, y: float, edges: Floats, boxes: Floats) -> tuple[bool, float, float, float, int]:
    """Return (inside by even-odd crossing, distance, nearest x, nearest y, index of the nearest edge).

    A block of edges whose box is further away than the best so far, and that no ray to the east from the point can
    cross, is skipped.
    """
    inside = False
    best2, best_x, best_y, best_i = math.inf, x, y, -1
    for b in range(boxes.shape[0]):
        gap_x = max(0.0, max(boxes[b, 0] - x, x - boxes[b, 2]))
        gap_y = max(0.0, max(boxes[b, 1] - y, y - boxes[b, 3]))
        if gap_x * gap_x + gap_y * gap_y >= best2 and (gap_y > 0.0 or x > boxes[b, 2]):
            continue
        for i in range(b * BLOCK, min((b + 1) * BLOCK, edges.shape[0])):
            x0, y0, x1, y1 = edges[i, 0], edges[i, 1], edges[i, 2], edges[i, 3]
            if (y0 > y) != (y1 > y) and x < x0 + (y - y0) * (x1 - x0) / (y1 - y0):
                inside = not inside
            qx, qy = nearest_on(x, y, x0, y0, x1, y1)
            d2 = (qx - x) * (qx - x) + (qy - y) * (qy - y)
            if d2 < best2:
                best2, best_x, best_y, best_i = d2, qx, qy, i
    return inside, math.sqrt(best2), best_x, best_y, best_i


@njit(cache=True)
def _margin(x: float, y: float, edges: Floats, boxes: Floats, sign: float) -> tuple[float, float, float]:
    """Return the signed margin of one area (sign 1 inclusion, -1 exclusion) and the closing direction."""
    inside, d, qx, qy, i = _outline(x, y, edges, boxes)
    if d < _ON_LINE_M:  # the direction to the line is undefined on it: take the line's own normal
        dx, dy = edges[i, 2] - edges[i, 0], edges[i, 3] - edges[i, 1]
        length = math.hypot(dx, dy)
        return 0.0, sign * dy / length, -sign * dx / length
    legal = inside == (sign > 0.0)
    side = 1.0 if legal else -1.0
    return side * d, side * (qx - x) / d, side * (qy - y) / d


@njit(cache=True)
def area_margins(x: float, y: float, edges: Floats, boxes: Floats, spans: Spans, signs: Floats) -> Floats:
    """Return (A, 3): signed margin in metres and closing direction of each area.

    Args:
        x, y: point in metres.
        edges: (M, 4) segments of all areas.
        boxes: (B, 4) boxes of their blocks, from `block_boxes`.
        spans: (A, 4) first and one-past-last edge, first and one-past-last box of each area.
        signs: (A,) 1 for an inclusion, -1 for an exclusion.
    """
    out = np.empty((spans.shape[0], 3))
    for a in range(spans.shape[0]):
        lines, around = edges[spans[a, 0] : spans[a, 1]], boxes[spans[a, 2] : spans[a, 3]]
        out[a, 0], out[a, 1], out[a, 2] = _margin(x, y, lines, around, signs[a])
    return out


@njit(cache=True, nogil=True)
def box_gap(x: float, y: float, box: Floats) -> float:
    """Return the distance from a point to a box (x0, y0, x1, y1); 0 inside."""
    gap_x = max(0.0, max(box[0] - x, x - box[2]))
    gap_y = max(0.0, max(box[1] - y, y - box[3]))
    return math.sqrt(gap_x * gap_x + gap_y * gap_y)


@njit(cache=True, nogil=True)
def _likely(x: float, y: float, edges: Floats, boxes: Floats) -> int:
    """Return the nearest edge of the block whose box is nearest."""
    block, least = 0, math.inf
    for b in range(boxes.shape[0] if boxes.shape[0] > 1 else 0):
        gap_x = max(0.0, max(boxes[b, 0] - x, x - boxes[b, 2]))
        gap_y = max(0.0, max(boxes[b, 1] - y, y - boxes[b, 3]))
        if gap_x * gap_x + gap_y * gap_y < least:
            block, least = b, gap_x * gap_x + gap_y * gap_y
    best, least = block * BLOCK, math.inf
    for i in range(block * BLOCK, min((block + 1) * BLOCK, edges.shape[0]) if boxes.shape[0] > 1 else 0):
        qx, qy = nearest_on(x, y, edges[i, 0], edges[i, 1], edges[i, 2], edges[i, 3])
        d2 = (qx - x) * (qx - x) + (qy - y) * (qy - y)
        if d2 < least:
            best, least = i, d2
    return best


@njit(cache=True, nogil=True)
def deciding(
    x: float, y: float, edges: Floats, boxes: Floats, spans: Spans, frames: Floats, inclusions: int
) -> tuple[float, int, int]:
    """Return (horizontal margin to the legal space at full height, the area that decides, its nearest edge).

    The best of the inclusions against the worst of the exclusions; infinite and -1 without areas.
    """
    least, which, near = math.inf, -1, -1
    if inclusions > 0:
        least = -math.inf
    for a in range(spans.shape[0]):
        gap = box_gap(x, y, frames[a])
        if a >= inclusions and gap > 0.0 and gap >= least:
            continue
        lines, around = edges[spans[a, 0] : spans[a, 1]], boxes[spans[a, 2] : spans[a, 3]]
        found, edge = signed_distance(x, y, lines, around, -1)
        if a < inclusions and found > least:
            least, which, near = found, a, edge
        elif a >= inclusions and -found < least:
            least, which, near = -found, a, edge
    return least, which, near


@njit(cache=True, nogil=True)
def signed_distance(
    x: float, y: float, edges: Floats, boxes: Floats, hint: int, reach: float = math.inf
) -> tuple[float, int]:
    """Return (distance to an outline, positive inside; index of the nearest edge).

    Args:
        x, y: m.
        edges: (M, 4) of one outline.
        boxes: of their blocks.
        hint: an edge that is likely to be near; it only saves time. Below 0: one is looked for.
        reach: where no edge is nearer than this, the answer is this distance, and the index means nothing.
    """
    inside, best2, best = False, math.inf, hint
    if edges.shape[0] == 0:
        return -math.inf, -1
    if hint < 0:
        hint = best = _likely(x, y, edges, boxes)
    qx, qy = nearest_on(x, y, edges[hint, 0], edges[hint, 1], edges[hint, 2], edges[hint, 3])
    best2 = min((qx - x) * (qx - x) + (qy - y) * (qy - y), reach * reach)
    for b in range(boxes.shape[0]):
        gap_x = max(0.0, max(boxes[b, 0] - x, x - boxes[b, 2]))
        gap_y = max(0.0, max(boxes[b, 1] - y, y - boxes[b, 3]))
        near = gap_x * gap_x + gap_y * gap_y < best2
        if not near and (gap_y > 0.0 or x > boxes[b, 2]):
            continue
        for i in range(b * BLOCK, min((b + 1) * BLOCK, edges.shape[0])):
            x0, y0, x1, y1 = edges[i, 0], edges[i, 1], edges[i, 2], edges[i, 3]
            if (y0 > y) != (y1 > y) and x < x0 + (y - y0) * (x1 - x0) / (y1 - y0):
                inside = not inside
            if near:
                qx, qy = nearest_on(x, y, x0, y0, x1, y1)
                d2 = (qx - x) * (qx - x) + (qy - y) * (qy - y)
                if d2 < best2:
                    best2, best = d2, i
    return math.sqrt(best2) if inside else -math.sqrt(best2), best


@njit(cache=True, nogil=True)
def union_distance(
    x: float, y: float, edges: Floats, boxes: Floats, left: Spans, right: Spans, mask: int
) -> tuple[float, int]:
    """Return (distance to the lines of the union of some inclusions, positive inside; index of the nearest piece).

    Args:
        x, y: m.
        edges, boxes, left, right: see `zone_seams.Seams`.
        mask: bits of the inclusions that count; without any, or without lines, all is outside.
    """
    inside, best2, best = False, math.inf, -1
    for b in range(boxes.shape[0]):
        gap_x = max(0.0, max(boxes[b, 0] - x, x - boxes[b, 2]))
        gap_y = max(0.0, max(boxes[b, 1] - y, y - boxes[b, 3]))
        if gap_x * gap_x + gap_y * gap_y >= best2 and (gap_y > 0.0 or x > boxes[b, 2]):
            continue
        for i in range(b * BLOCK, min((b + 1) * BLOCK, edges.shape[0])):
            if ((left[i] & mask) != 0) == ((right[i] & mask) != 0):
                continue
            x0, y0, x1, y1 = edges[i, 0], edges[i, 1], edges[i, 2], edges[i, 3]
            if (y0 > y) != (y1 > y) and x < x0 + (y - y0) * (x1 - x0) / (y1 - y0):
                inside = not inside
            qx, qy = nearest_on(x, y, x0, y0, x1, y1)
            d2 = (qx - x) * (qx - x) + (qy - y) * (qy - y)
            if d2 < best2:
                best2, best = d2, i
    return math.sqrt(best2) if inside else -math.sqrt(best2), best


@njit(cache=True)
def closing(x: float, y: float, edge: Floats, legal: bool, legal_left: bool) -> tuple[float, float]:
    """Return the unit vector along which the margin to an edge, the nearest of its area, shrinks fastest.

    Args:
        x, y: point in metres.
        edge: (4,) the segment.
        legal: whether the point is on the legal side.
        legal_left: whether that is the left of the edge.
    """
    qx, qy = nearest_on(x, y, edge[0], edge[1], edge[2], edge[3])
    d, side = math.hypot(qx - x, qy - y), 1.0 if legal else -1.0
    if d < _ON_LINE_M:  # the direction to the line is undefined on it: take the line's own normal
        dx, dy = edge[2] - edge[0], edge[3] - edge[1]
        length = math.hypot(dx, dy) if legal_left else -math.hypot(dx, dy)
        return dy / length, -dx / length
    return side * (qx - x) / d, side * (qy - y) / d


def block_boxes(edges: Floats) -> Floats:
    """Return (B, 4): the box (x0, y0, x1, y1) around each BLOCK consecutive edges."""
    starts = np.arange(0, len(edges), BLOCK)
    low = np.minimum(edges[:, :2], edges[:, 2:])
    high = np.maximum(edges[:, :2], edges[:, 2:])
    return np.hstack((np.minimum.reduceat(low, starts), np.maximum.reduceat(high, starts)))


def warm() -> None:
    """Compile every kernel for the argument types that `LocalZones` uses."""
    edges = np.array([[0.0, 0.0, 1.0, 0.0], [1.0, 0.0, 0.0, 1.0], [0.0, 1.0, 0.0, 0.0]])
    boxes = block_boxes(edges)
    spans = np.array([[0, 3, 0, 1]], dtype=np.int64)
    area_margins(0.2, 0.2, edges, boxes, spans, np.array([1.0]))
