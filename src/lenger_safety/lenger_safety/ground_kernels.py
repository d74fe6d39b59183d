"""Compiled rows of surfaces that follow the ground: one for each piece of it that a straight stop could meet.

A surface is the ground moved up by an offset; the aircraft has to stay above it (the ground itself, a floor) or below
it (a ceiling). Over each cell of the terrain there are three ways to keep off: above its highest corner, above the
plane of its slope, or beside it. The first that leaves the wanted velocity enough is kept, so level ground is one level
row, a slope ahead a sloped one, and what rises above the aircraft may be a wall. A cell that turns its back on the
aircraft is hidden by others that a straight line meets first.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lenger_safety.row_kernels import Moving, Rows, put, slacks, worth

Floats = NDArray[np.float64]

_AMPLE_M = 3.0
"""A way to keep off that leaves so much after a stop is good enough: level is preferred to sloped, that to a wall."""

_LEVEL_BONUS_M = 0.5
"""A level row is preferred to a sloped one that is better by less than this: all level rows become one."""


@njit(cache=True, nogil=True)
def relief(corners: Floats, here_m: float) -> float:
    """Return how much the known cells differ in height from the ground here."""
    most = 0.0
    for c in range(corners.shape[0]):
        for k in range(4):
            if math.isfinite(corners[c, k, 2]):
                most = max(most, abs(corners[c, k, 2] - here_m))
    return most


@njit(cache=True, nogil=True)
def surface_rows(
    room: Rows,
    count: int,
    corners: Floats,
    error: Floats,
    lift: tuple[float, float, float],
    moving: Moving,
    levels: tuple[float, float],
    tag: tuple[int, int],
) -> int:
    """Add the rows of one surface.

    Args:
        room, count: where to.
        corners: (C, 4, 3); see `facets.Facets`.
        error: (C,) m, error bounds.
        lift: of the surface: metres to add to the ground's height AMSL so that it is measured from the aircraft; the
            share of the error bound that comes on top; and 1 where the aircraft stays above, -1 where below.
        moving: for the choice.
        levels: protection levels to take off, horizontal and vertical.
        tag: kind and source.
    """
    offset, share, side = lift
    top = -math.inf
    cell = np.empty((4, 3))
    for c in range(corners.shape[0]):
        highest = -math.inf
        for k in range(4):
            cell[k, 0], cell[k, 1] = corners[c, k, 0], corners[c, k, 1]
            cell[k, 2] = side * (corners[c, k, 2] + offset) + share * error[c]
            highest = max(highest, corners[c, k, 2])
        if highest == math.inf:  # not known: no ceiling can be told, and the ground may be anywhere
            if side < 0.0:
                continue
            cell[:, 2] = math.inf
        count, over = _cell_row(room, count, cell, side, moving, levels, tag)
        top = max(top, over)
    distance = -top - levels[1]
    if distance < moving.reach_m:
        count = put(room, count, (0.0, 0.0, -side), distance, tag[0], tag[1])
    return count


@njit(cache=True, nogil=True)
def _cell_row(
    room: Rows, count: int, q: Floats, side: float, moving: Moving, levels: tuple[float, float], tag: tuple[int, int]
) -> tuple[int, float]:
    """Add the row of one cell, unless it is a level one: then return its height (mirrored: the aircraft is above)."""
    rh, rv = levels
    top = max(max(q[0, 2], q[1, 2]), max(q[2, 2], q[3, 2]))
    if top == -math.inf or -top - rv >= moving.reach_m:
        return count, -math.inf
    gap, qx, qy, s, t = _nearest(q)
    wall = (qx / gap, qy / gap) if gap > 0.0 else (0.0, 0.0)
    if top == math.inf:  # nothing is known about it: stay beside it
        if gap > 0.0 and side > 0.0 and gap - rh < moving.reach_m:
            count = put(room, count, (wall[0], wall[1], 0.0), gap - rh, tag[0], tag[1])
        return count, -math.inf
    gx, gy, at_origin = _plane(q)
    if at_origin > 0.0:
        if gap > 0.0:
            return count, -math.inf
        # So near to a twisted cell the plane that covers it is above the aircraft: its slope, through the surface here.
        at_origin = q[0, 2] * (1 - s) * (1 - t) + q[1, 2] * s * (1 - t) + q[2, 2] * (1 - s) * t + q[3, 2] * s * t
        length = math.sqrt(1.0 + gx * gx + gy * gy)
        clear = (-at_origin - rh * math.sqrt(gx * gx + gy * gy) - rv) / length
        count = put(room, count, (gx / length, gy / length, -side / length), clear, tag[0], tag[1])
        return count, -math.inf
    length = math.sqrt(1.0 + gx * gx + gy * gy)
    slope = math.sqrt(gx * gx + gy * gy)
    clear = (-at_origin - rh * slope - rv) / length
    normal = (gx / length, gy / length, -side / length)
    over = slacks(moving, 0.0, 0.0, -side, -top - rv)
    along = slacks(moving, normal[0], normal[1], normal[2], clear)
    level = worth(-top - rv, over[0], over[1]) + _LEVEL_BONUS_M
    best = worth(clear, along[0], along[1])
    if gap > 0.0 and min(along[0], along[1]) < _AMPLE_M:
        aside = slacks(moving, wall[0], wall[1], 0.0, gap - rh)
        beside = worth(gap - rh, aside[0], aside[1])
        if beside > best:
            best, normal, clear = beside, (wall[0], wall[1], 0.0), gap - rh
    if level >= best or min(over[0], over[1]) >= _AMPLE_M:
        return count, top
    if clear < moving.reach_m:
        count = put(room, count, normal, clear, tag[0], tag[1])
    return count, -math.inf


@njit(cache=True, nogil=True)
def _nearest(q: Floats) -> tuple[float, float, float, float, float]:
    """Return (distance, east, north) of the point of a cell that is nearest to the origin, and its place in the
    cell."""
    ux, uy, vx, vy = q[1, 0] - q[0, 0], q[1, 1] - q[0, 1], q[2, 0] - q[0, 0], q[2, 1] - q[0, 1]
    s = min(1.0, max(0.0, -(q[0, 0] * ux + q[0, 1] * uy) / (ux * ux + uy * uy)))
    t = min(1.0, max(0.0, -(q[0, 0] * vx + q[0, 1] * vy) / (vx * vx + vy * vy)))
    x, y = q[0, 0] + s * ux + t * vx, q[0, 1] + s * uy + t * vy
    d = math.hypot(x, y)
    return (0.0 if d < 1e-6 else d), x, y, s, t


@njit(cache=True, nogil=True)
def _plane(q: Floats) -> tuple[float, float, float]:
    """Return the slope of a plane that covers a cell, and its height over the origin."""
    ux, uy, vx, vy = q[1, 0] - q[0, 0], q[1, 1] - q[0, 1], q[2, 0] - q[0, 0], q[2, 1] - q[0, 1]
    along = 0.5 * (q[1, 2] - q[0, 2] + q[3, 2] - q[2, 2]) / (ux * ux + uy * uy)
    across = 0.5 * (q[2, 2] - q[0, 2] + q[3, 2] - q[1, 2]) / (vx * vx + vy * vy)
    gx, gy = along * ux + across * vx, along * uy + across * vy
    twist = q[3, 2] - q[2, 2] - q[1, 2] + q[0, 2]
    mean = 0.25 * (q[0, 2] + q[1, 2] + q[2, 2] + q[3, 2])
    centre_x, centre_y = 0.5 * (q[0, 0] + q[3, 0]), 0.5 * (q[0, 1] + q[3, 1])
    return gx, gy, mean - gx * centre_x - gy * centre_y + 0.25 * abs(twist)
