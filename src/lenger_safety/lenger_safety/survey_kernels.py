"""The compiled survey: every limit within reach of one point, as rows.

Inclusions of different heights are one space. The aircraft is in those that hold its height, and their union's lines
are limits. Further up and down others begin and end: from each such level on, the aircraft has either to stay on this
side of the level or to be within the union that counts beyond it, and one of both is kept (see `row_kernels`). So it
may pass from one prism to the other at a common height, and never climbs out of one while it leaves the other.
"""

from __future__ import annotations

import math
from typing import NamedTuple

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lenger_core.prism_kernels import (
    AGL,
    ON_LEVEL_M,
    bands,
    holding,
    mask_beyond,
    next_level,
    prism_margin,
)
from lenger_core.zone_kernels import box_gap, signed_distance, union_distance
from lenger_core.zone_seams import MOST_INCLUSIONS
from lenger_safety.ground_kernels import surface_rows
from lenger_safety.row_kernels import (
    CEILING,
    FENCE,
    FLOOR,
    KEEP_OUT,
    Moving,
    Rows,
    keep,
    lowest_bit,
    outline_rows,
    plane_row,
    union_rows,
    way_back,
    worth_of,
)

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]


class Fences(NamedTuple):
    """The zones, as `LocalZones` holds them."""

    edges: Floats
    boxes: Floats
    spans: Ints
    frames: Floats
    limits: Floats
    inclusions: int
    seam_edges: Floats
    seam_boxes: Floats
    left: Ints
    right: Ints


class Place(NamedTuple):
    """Where the aircraft is.

    Attributes:
        x, y, z: m, in the frame.
        column: (5,) see `prism_kernels.bands`.
        relief_m: how much the ground within reach differs in height from that under the aircraft.
        corners, error: cells of the ground; see `facets.Facets`.
    """

    x: float
    y: float
    z: float
    column: Floats
    relief_m: float
    corners: Floats
    error: Floats


@njit(cache=True, nogil=True)
def zone_rows(
    room: Rows, count: int, place: Place, fences: Fences, limits: Floats, moving: Moving
) -> tuple[int, float, int, float, float]:
    """Add the rows of the zones.

    Args:
        room, count: where to.
        place, fences, moving: the question.
        limits: the floors and ceilings that count now, (A, 4).

    Returns:
        How many rows there are; the least horizontal margin in metres and its area, -1 without any; the metres up to
        the top and down to the bottom of the inclusions here. All after the protection levels.
    """
    areas = fences.spans.shape[0]
    low, high, flat = np.empty(areas), np.empty(areas), np.empty(areas)
    near = np.empty(areas, dtype=np.int64)
    bands(limits, fences.inclusions, place.column, low, high)
    for a in range(fences.inclusions):
        lines, around = _lines(fences, a)
        flat[a], near[a] = signed_distance(place.x, place.y, lines, around, -1)
    least, which, up, down = math.inf, -1, math.inf, math.inf
    if fences.inclusions > 0:
        count, least, which = _inclusion_rows(room, count, place, fences, limits, low, high, flat, near, moving)
        up, down = _column(place, fences, low, high, flat)
    for a in range(fences.inclusions, areas):
        away = box_gap(place.x, place.y, fences.frames[a]) - moving.hpl_m
        if away >= moving.reach_m and away >= least:
            continue
        lines, around = _lines(fences, a)
        flat[a], near[a] = signed_distance(place.x, place.y, lines, around, -1)
        margin = -flat[a] - moving.hpl_m
        counts = margin < least
        if margin < moving.reach_m:
            count, beside = _exclusion_rows(room, count, a, place, fences, limits, low, high, flat, near, moving)
            counts = counts and beside
        elif counts:
            counts = _in_band(place.z, low[a], high[a], moving.vpl_m)
        if counts:
            least, which = margin, a
    return count, least, which, up - moving.vpl_m, down - moving.vpl_m


@njit(cache=True, nogil=True)
def _lines(fences: Fences, a: int) -> tuple[Floats, Floats]:
    first, last, first_box, last_box = fences.spans[a]
    return fences.edges[first:last], fences.boxes[first_box:last_box]


@njit(cache=True, nogil=True)
def _in_band(z: float, low: float, high: float, vpl: float) -> bool:
    return low - vpl < z < high + vpl


@njit(cache=True, nogil=True)
def _column(place: Place, fences: Fences, low: Floats, high: Floats, flat: Floats) -> tuple[float, float]:
    """Return the metres up and down to the ends of the inclusions that follow on each other here; negative beyond."""
    best, margin = 0, -math.inf
    for i in range(fences.inclusions):
        found = prism_margin(flat[i], high[i] - place.z, place.z - low[i])
        if found > margin:
            best, margin = i, found
    top, bottom = high[best], low[best]
    for _ in range(fences.inclusions):
        for i in range(fences.inclusions):
            if flat[i] > 0.0 and flat[best] > 0.0 and low[i] <= top and high[i] >= bottom:
                top, bottom = max(top, high[i]), min(bottom, low[i])
    return top - place.z, place.z - bottom


@njit(cache=True, nogil=True)
def _limit_rows(
    room: Rows, count: int, a: int, limits: Floats, ceiling: bool, up: float, place: Place, moving: Moving, kind: int
) -> int:
    """Add the rows of an area's floor or ceiling, when it lies above (up 1) or below (up -1) the aircraft."""
    datum, height = limits[a, 2 if ceiling else 0], limits[a, 3 if ceiling else 1]
    tag = (kind, a)
    if datum == AGL and place.corners.shape[0] > 0:
        lift = (height - place.column[4] - place.z, 1.0, -up)
        levels = (moving.hpl_m, moving.vpl_m)
        return int(surface_rows(room, count, place.corners, place.error, lift, moving, levels, tag))
    low, high = np.empty(1), np.empty(1)
    # The error bound counts on the far side of the limit: as for an inclusion's ceiling above, or its floor below.
    one = limits[a : a + 1]
    bands(one, 1 if ceiling == (up > 0.0) else 0, place.column, low, high)
    level = high[0] if ceiling else low[0]
    if math.isinf(level):
        return count
    return int(plane_row(room, count, level - place.z, up, moving, kind, a))


@njit(cache=True, nogil=True)
def _exclusion_rows(
    room: Rows,
    count: int,
    a: int,
    place: Place,
    fences: Fences,
    limits: Floats,
    low: Floats,
    high: Floats,
    flat: Floats,
    near: Ints,
    moving: Moving,
) -> tuple[int, bool]:
    """Add the rows of one exclusion: beside, over or under it; return also whether it is beside."""
    lines, around = _lines(fences, a)
    tag, here = (KEEP_OUT, a), (place.x, place.y)
    if flat[a] >= 0.0:
        end = way_back(room, count, here, lines[near[a]], False, moving.hpl_m, tag)
    else:
        end = outline_rows(room, count, here, lines, around, moving, tag)
    first, last, best = count, end, worth_of(room, count, end, moving)
    for ceiling in (True, False):
        if math.isinf(high[a] if ceiling else low[a]):
            continue
        start = end
        end = _limit_rows(room, start, a, limits, ceiling, -1.0 if ceiling else 1.0, place, moving, KEEP_OUT)
        value = worth_of(room, start, end, moving)
        if value > best:
            first, last, best = start, end, value
    return keep(room, count, first, last), first == count


@njit(cache=True, nogil=True)
def _inclusion_rows(
    room: Rows,
    count: int,
    place: Place,
    fences: Fences,
    limits: Floats,
    low: Floats,
    high: Floats,
    flat: Floats,
    near: Ints,
    moving: Moving,
) -> tuple[int, float, int]:
    """Add the rows of the union of the inclusions; return also the horizontal margin to it, and an area of it."""
    together = min(fences.inclusions, MOST_INCLUSIONS)
    here, mask = (place.x, place.y), holding(place.z, low, high, together)
    seams = fences.seam_edges, fences.seam_boxes, fences.left, fences.right
    margin, piece = -math.inf, -1
    if mask != 0:
        margin, piece = union_distance(place.x, place.y, seams[0], seams[1], seams[2], seams[3], mask)
    if margin <= 0.0:
        count, margin, area = _alone(room, count, place, fences, limits, low, high, flat, near, moving)
        return count, margin, area
    area = lowest_bit((fences.left[piece] | fences.right[piece]) & mask)
    count = union_rows(room, count, here, seams[0], seams[1], seams[2], seams[3], mask, 0, moving)
    for up in (1.0, -1.0):
        count = _levels(room, count, place, fences, limits, low, high, mask, up, moving)
    return count, margin - moving.hpl_m, area


@njit(cache=True, nogil=True)
def _alone(
    room: Rows,
    count: int,
    place: Place,
    fences: Fences,
    limits: Floats,
    low: Floats,
    high: Floats,
    flat: Floats,
    near: Ints,
    moving: Moving,
) -> tuple[int, float, int]:
    """Add the rows of the one inclusion that is nearest: the way back into it where the aircraft is outside."""
    best, margin = 0, -math.inf
    for i in range(fences.inclusions):
        found = prism_margin(flat[i], high[i] - place.z, place.z - low[i])
        if found > margin:
            best, margin = i, found
    lines, around = _lines(fences, best)
    here, tag = (place.x, place.y), (FENCE, best)
    if flat[best] <= 0.0:
        count = way_back(room, count, here, lines[near[best]], True, moving.hpl_m, tag)
    else:
        count = outline_rows(room, count, here, lines, around, moving, tag)
    count = _limit_rows(room, count, best, limits, True, 1.0, place, moving, CEILING)
    count = _limit_rows(room, count, best, limits, False, -1.0, place, moving, FLOOR)
    return count, flat[best] - moving.hpl_m, best


@njit(cache=True, nogil=True)
def _ending(level: float, mask: int, ceiling: bool, low: Floats, high: Floats, count: int) -> int:
    """Return an inclusion in `mask` whose ceiling or floor is that level; -1 where none of them ends there."""
    for i in range(count):
        if mask & (1 << i) != 0 and (high[i] if ceiling else low[i]) == level:
            return i
    return -1


@njit(cache=True, nogil=True)
def _levels(
    room: Rows,
    count: int,
    place: Place,
    fences: Fences,
    limits: Floats,
    low: Floats,
    high: Floats,
    mask: int,
    up: float,
    moving: Moving,
) -> int:
    """Add what bounds the inclusions above (up 1) or below (up -1): the first level that is not passed, and the lines
    beyond each that may be."""
    together = min(fences.inclusions, MOST_INCLUSIONS)
    here, level, last = (place.x, place.y), place.z - up * ON_LEVEL_M, mask
    seams = fences.seam_edges, fences.seam_boxes, fences.left, fences.right
    for _ in range(2 * together):
        level = next_level(level, up, low, high, together)
        if (level - place.z) * up - moving.vpl_m - place.relief_m > moving.reach_m:
            return count
        beyond = mask_beyond(level, up, low, high, together)
        if beyond & last == last:
            last = beyond
            continue
        ends = _ending(level, last, up > 0.0, low, high, together)
        kind = CEILING if up > 0.0 else FLOOR
        stay = _limit_rows(room, count, ends, limits, up > 0.0, up, place, moving, kind)
        inside = -1.0
        if beyond != 0:
            inside = union_distance(place.x, place.y, seams[0], seams[1], seams[2], seams[3], beyond)[0]
        if inside <= 0.0:
            return int(stay)
        end = union_rows(room, stay, here, seams[0], seams[1], seams[2], seams[3], beyond, last, moving)
        if worth_of(room, count, stay, moving) >= worth_of(room, stay, end, moving):
            return int(stay)
        count, last = keep(room, count, stay, end), beyond
    return count
