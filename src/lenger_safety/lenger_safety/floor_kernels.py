"""Compiled rows of what follows the ground everywhere: the guard's floor and ceiling, and the ground itself.

The floor need not be kept within an approach: the cylinder about home, or an approach zone. That is a choice like that
between over and beside a keep-out: above the floor, or within the approach.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lenger_core.prism_kernels import bands
from lenger_core.zone_kernels import signed_distance
from lenger_safety.ground_kernels import surface_rows
from lenger_safety.row_kernels import CEILING, FLOOR, GROUND, Moving, Rows, keep, outline_rows, put, worth_of
from lenger_safety.survey_kernels import Fences, Place, zone_rows

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


_LANDING_COSINE = 0.95
"""Of the slope of ground on which one lands: up to 18 degrees."""


class Keeping(NamedTuple):
    """What is to be kept besides zones.

    Attributes:
        floor_m, ceiling_m: over the ground.
        floor: whether the floor and the ground count now.
        home_x, home_y, radius_m: the approach cylinder about home; the radius is negative while home is not known.
        first_approach: source of the first approach zone; then follow the cylinder, the ground and the ceiling.
    """

    floor_m: float
    ceiling_m: float
    floor: bool
    home_x: float
    home_y: float
    radius_m: float
    first_approach: int


class Found(NamedTuple):
    """What a survey found besides rows; see `surroundings.Surroundings`."""

    rows: int
    horizontal_m: float
    nearest: int
    ceiling_m: float
    floor_m: float
    ground_m: float


@njit(cache=True, nogil=True)
def within_approach(
    x: float, y: float, z: float, column: Floats, approaches: Fences, hpl: float, vpl: float
) -> tuple[float, int, int]:
    """Return (horizontal margin, approach zone, its nearest edge) of the approach that a place is deepest in; negative
    and -1 outside all."""
    best, which, near = -math.inf, -1, -1
    count = approaches.spans.shape[0]
    low, high = np.empty(count), np.empty(count)
    bands(approaches.limits, count, column, low, high)
    for a in range(count):
        if z - vpl < low[a] or z + vpl > high[a]:
            continue
        first, last, first_box, last_box = approaches.spans[a]
        lines, around = approaches.edges[first:last], approaches.boxes[first_box:last_box]
        margin, edge = signed_distance(x, y, lines, around, 0)
        if margin - hpl > max(best, 0.0):
            best, which, near = margin - hpl, a, edge
    return best, which, near


@njit(cache=True, nogil=True)
def home_margin(x: float, y: float, keeping: Keeping, hpl: float) -> float:
    """Return how far inside of the cylinder about home a place is; negative outside."""
    if keeping.radius_m < 0.0:
        return -math.inf
    return keeping.radius_m - math.hypot(x - keeping.home_x, y - keeping.home_y) - hpl


@njit(cache=True, nogil=True)
def _floor_rows(
    room: Rows,
    count: int,
    place: Place,
    approaches: Fences,
    keeping: Keeping,
    rim: float,
    zone: int,
    moving: Moving,
) -> int:
    """Add the rows of the floor, or of the approach in which it need not be kept."""
    cylinder = keeping.first_approach + approaches.spans.shape[0]
    lift = (keeping.floor_m - place.column[4] - place.z, 1.0, 1.0)
    levels = (moving.hpl_m, moving.vpl_m)
    end = surface_rows(room, count, place.corners, place.error, lift, moving, levels, (FLOOR, cylinder + 1))
    first, last, best = count, end, worth_of(room, count, end, moving)
    if rim > 0.0:
        dx, dy = place.x - keeping.home_x, place.y - keeping.home_y
        out = math.hypot(dx, dy)
        normal = (dx / out, dy / out, 0.0) if out > 1e-6 else (1.0, 0.0, 0.0)
        start = end
        end = put(room, start, normal, rim, FLOOR, cylinder)
        value = worth_of(room, start, end, moving)
        if value > best:
            first, last, best = start, end, value
    if zone >= 0:
        a, b, c, d = approaches.spans[zone]
        lines, around = approaches.edges[a:b], approaches.boxes[c:d]
        tag = (FLOOR, keeping.first_approach + zone)
        start = end
        end = outline_rows(room, start, (place.x, place.y), lines, around, moving, tag)
        end = _band_rows(room, end, place, approaches, zone, moving, tag)
        if worth_of(room, start, end, moving) > best:
            first, last = start, end
    return int(keep(room, count, first, last))


@njit(cache=True, nogil=True)
def _band_rows(
    room: Rows, count: int, place: Place, approaches: Fences, zone: int, moving: Moving, tag: tuple[int, int]
) -> int:
    """Add the top and the bottom of an approach zone, level at the heights that they have here."""
    low, high = np.empty(1), np.empty(1)
    bands(approaches.limits[zone : zone + 1], 1, place.column, low, high)
    for up, distance in ((1.0, high[0] - place.z), (-1.0, place.z - low[0])):
        if distance - moving.vpl_m < moving.reach_m:
            count = put(room, count, (0.0, 0.0, up), distance - moving.vpl_m, tag[0], tag[1])
    return count


@njit(cache=True, nogil=True)
def survey_rows(
    room: Rows, place: Place, fences: Fences, tables: Floats, approaches: Fences, keeping: Keeping, moving: Moving
) -> Found:
    """Write every row of one place into `room`, and return what else there is to say about it.

    Args:
        room: at least as many rows as there are edges and seams, four times, and eight for each cell of the ground.
        place, fences, approaches, keeping, moving: the question.
        tables: (3, A, 4) see `LocalZones.tables`.
    """
    known = not math.isnan(place.column[0])
    rim = home_margin(place.x, place.y, keeping, moving.hpl_m)
    zone_rim, zone, _ = within_approach(place.x, place.y, place.z, place.column, approaches, moving.hpl_m, moving.vpl_m)
    approaching = rim > 0.0 or zone >= 0
    limits = tables[(1 if approaching else 0) if keeping.floor else 2]
    count, horizontal, nearest, up, down = zone_rows(room, 0, place, fences, limits, moving)
    ground = place.z + place.column[4] - place.column[0]
    error, levels = place.column[1], (moving.hpl_m, moving.vpl_m)
    if known:
        up = min(up, keeping.ceiling_m - ground - error - moving.vpl_m)
        top = (keeping.ceiling_m - place.column[4] - place.z, 1.0, -1.0)
        tag = (CEILING, keeping.first_approach + approaches.spans.shape[0] + 2)
        count = surface_rows(room, count, place.corners, place.error, top, moving, levels, tag)
    if not keeping.floor or not known:
        return Found(count, horizontal, nearest, up, math.inf, math.inf)
    down = min(down, ground - error - keeping.floor_m - moving.vpl_m)
    down = max(down, max(rim, zone_rim)) if approaching else down
    count = _floor_rows(room, count, place, approaches, keeping, rim, zone, moving)
    # Where landing is allowed the ground counts only as far as it is certain, and only where it rises ahead.
    share = -1.0 if approaching else 1.0
    levels = (0.0, 0.0) if approaching else levels
    bottom = (-place.column[4] - place.z, share, 1.0)
    tag = (GROUND, keeping.first_approach + approaches.spans.shape[0] + 1)
    end = surface_rows(room, count, place.corners, place.error, bottom, moving, levels, tag)
    count = _steep(room, count, end) if approaching else end
    return Found(count, horizontal, nearest, up, down, ground - share * error - levels[1])


@njit(cache=True, nogil=True)
def _steep(room: Rows, first: int, last: int) -> int:
    """Drop the rows of ground on which one could land; return how many rows are left in all."""
    count = first
    for i in range(first, last):
        if room.rows[i, 2] > -_LANDING_COSINE:
            count = keep(room, count, i, i + 1)
    return count
