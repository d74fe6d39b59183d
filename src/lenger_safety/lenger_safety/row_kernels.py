"""Compiled rows of limits: half-spaces near one point, and the choice between ways to keep one limit.

A row is a unit normal that points at the limit and the distance that is left. Where a limit can be kept in several ways
(pass a low keep-out over it or beside it), each way is a set of rows of its own, and one of them is kept: among those
that a stop from the present velocity keeps, the one that costs the wanted velocity least.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lenger_core.zone_kernels import BLOCK, nearest_on

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

FENCE, KEEP_OUT, CEILING, FLOOR, GROUND = 0, 1, 2, 3, 4
"""Kinds of limits, as in `surroundings.LimitKind`."""

_KEPT, _REACHED = 2e6, 1e6
_ON_LINE_M = 1e-9


class Rows(NamedTuple):
    """Room for rows; `tags` are (kind, source) of each."""

    rows: Floats
    tags: Ints


class Moving(NamedTuple):
    """How the aircraft moves, for choosing between ways to keep a limit.

    Attributes:
        velocity: (3,) m/s, now.
        wanted: (3,) m/s.
        speed, fastest: lengths of the first, and of the longer of both.
        latency_s, per_speed: a stop from a closing speed c at a speed v takes c (latency_s + per_speed v).
        reach_m: limits further away do not matter.
        hpl_m, vpl_m: protection levels.
    """

    velocity: Floats
    wanted: Floats
    speed: float
    fastest: float
    latency_s: float
    per_speed: float
    reach_m: float
    hpl_m: float
    vpl_m: float


@njit(cache=True, nogil=True)
def put(room: Rows, count: int, normal: tuple[float, float, float], distance: float, kind: int, source: int) -> int:
    """Add a row; return how many there are."""
    row = room.rows[count]
    row[0], row[1], row[2], row[3] = normal[0], normal[1], normal[2], distance
    room.tags[count, 0], room.tags[count, 1] = kind, source
    return count + 1


@njit(cache=True, nogil=True)
def slacks(moving: Moving, nx: float, ny: float, nz: float, distance: float) -> tuple[float, float]:
    """Return the metres left of one limit after a stop, from the velocity now and from the worse of it and the wanted
    one."""
    now, wish = moving.velocity, moving.wanted
    closing = max(0.0, now[0] * nx + now[1] * ny + now[2] * nz)
    wanted = max(closing, wish[0] * nx + wish[1] * ny + wish[2] * nz)
    return (
        distance - closing * (moving.latency_s + moving.per_speed * moving.speed),
        distance - wanted * (moving.latency_s + moving.per_speed * moving.fastest),
    )


@njit(cache=True, nogil=True)
def worth(distance: float, now: float, wanted: float) -> float:
    """Return how good a way to keep a limit is.

    Best is one that a stop from the velocity now keeps, by what the wanted velocity leaves; then one on whose legal
    side the aircraft is at least, by what a stop lacks; last one that is broken, by how far.

    Args:
        distance, now, wanted: metres left, now and after a stop from both velocities: see `slacks`.
    """
    if now >= 0.0:
        return _KEPT + wanted
    return _REACHED + now if distance >= 0.0 else distance


@njit(cache=True, nogil=True)
def worth_of(room: Rows, first: int, last: int, moving: Moving) -> float:
    """Return the worth of a way that needs all of some rows; infinite without any."""
    distance, now, wanted = math.inf, math.inf, math.inf
    for i in range(first, last):
        row = room.rows[i]
        a, b = slacks(moving, row[0], row[1], row[2], row[3])
        distance, now, wanted = min(distance, row[3]), min(now, a), min(wanted, b)
    return float(worth(distance, now, wanted))


@njit(cache=True, nogil=True)
def keep(room: Rows, base: int, first: int, last: int) -> int:
    """Keep the rows of one way, directly after `base`, and drop the others; return how many rows there are."""
    for i in range(last - first):
        if base != first:
            room.rows[base + i] = room.rows[first + i]
            room.tags[base + i] = room.tags[first + i]
    return base + last - first


@njit(cache=True, nogil=True)
def plane_row(room: Rows, count: int, height: float, up: float, moving: Moving, kind: int, source: int) -> int:
    """Add the row of a level height, in metres above the aircraft, that is above (up 1) or below (up -1) it."""
    distance = up * height - moving.vpl_m
    if distance > moving.reach_m:
        return count
    return int(put(room, count, (0.0, 0.0, up), distance, kind, source))


@njit(cache=True, nogil=True)
def way_back(
    room: Rows, count: int, place: tuple[float, float], edge: Floats, legal_left: bool, hpl: float, tag: tuple[int, int]
) -> int:
    """Add the one row of a place on the illegal side of an outline: back over its nearest edge."""
    x, y = place
    qx, qy = nearest_on(x, y, edge[0], edge[1], edge[2], edge[3])
    d = math.hypot(qx - x, qy - y)
    if d < _ON_LINE_M:  # on the line itself its own normal is the direction
        dx, dy = edge[2] - edge[0], edge[3] - edge[1]
        length = math.hypot(dx, dy) if legal_left else -math.hypot(dx, dy)
        return int(put(room, count, (dy / length, -dx / length, 0.0), -hpl, tag[0], tag[1]))
    return int(put(room, count, ((x - qx) / d, (y - qy) / d, 0.0), -d - hpl, tag[0], tag[1]))


@njit(cache=True, nogil=True)
def lowest_bit(mask: int) -> int:
    """Return the index of the lowest bit that is set; there has to be one."""
    index = 0
    while mask & 1 == 0:
        mask >>= 1
        index += 1
    return index


@njit(cache=True, nogil=True)
def outline_rows(
    room: Rows,
    count: int,
    place: tuple[float, float],
    edges: Floats,
    boxes: Floats,
    moving: Moving,
    tag: tuple[int, int],
) -> int:
    """Add a row for each edge of an outline within reach; the place is on its legal side."""
    x, y, reach = place[0], place[1], moving.reach_m + moving.hpl_m
    first = count
    for b in range(boxes.shape[0]):
        gap_x = max(0.0, max(boxes[b, 0] - x, x - boxes[b, 2]))
        gap_y = max(0.0, max(boxes[b, 1] - y, y - boxes[b, 3]))
        if gap_x * gap_x + gap_y * gap_y > reach * reach:
            continue
        for i in range(b * BLOCK, min((b + 1) * BLOCK, edges.shape[0])):
            count = _edge_row(room, first, count, place, edges[i], reach, moving.hpl_m, tag)
    return count


@njit(cache=True, nogil=True)
def _edge_row(
    room: Rows,
    first: int,
    count: int,
    place: tuple[float, float],
    edge: Floats,
    reach: float,
    hpl: float,
    tag: tuple[int, int],
) -> int:
    qx, qy = nearest_on(place[0], place[1], edge[0], edge[1], edge[2], edge[3])
    ux, uy = qx - place[0], qy - place[1]
    d = math.hypot(ux, uy)
    if d > reach or d < _ON_LINE_M:
        return count
    ux, uy = ux / d, uy / d
    if count > first:  # neighbours share a vertex: one row is enough for both
        last = room.rows[count - 1]
        if abs(last[0] - ux) + abs(last[1] - uy) + abs(last[3] + hpl - d) < 1e-9:
            return count
    return int(put(room, count, (ux, uy, 0.0), d - hpl, tag[0], tag[1]))


@njit(cache=True, nogil=True)
def union_rows(
    room: Rows,
    count: int,
    place: tuple[float, float],
    edges: Floats,
    boxes: Floats,
    left: Ints,
    right: Ints,
    mask: int,
    known: int,
    moving: Moving,
) -> int:
    """Add a row for each line within reach that bounds the union of the inclusions in `mask`, but not that in `known`.

    The place is inside that union; each row's source is an inclusion that ends at its line.
    """
    x, y, reach = place[0], place[1], moving.reach_m + moving.hpl_m
    first = count
    for b in range(boxes.shape[0]):
        gap_x = max(0.0, max(boxes[b, 0] - x, x - boxes[b, 2]))
        gap_y = max(0.0, max(boxes[b, 1] - y, y - boxes[b, 3]))
        if gap_x * gap_x + gap_y * gap_y > reach * reach:
            continue
        for i in range(b * BLOCK, min((b + 1) * BLOCK, edges.shape[0])):
            one, other = left[i] & mask, right[i] & mask
            if (one != 0) == (other != 0) or ((left[i] & known) != 0) != ((right[i] & known) != 0):
                continue
            tag = (FENCE, lowest_bit(one | other))
            count = _edge_row(room, first, count, place, edges[i], reach, moving.hpl_m, tag)
    return count
