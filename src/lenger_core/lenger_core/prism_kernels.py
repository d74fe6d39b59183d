"""Compiled signed distances to the legal space in three dimensions: a union of prisms without other prisms.

A prism is an outline between two heights. Points are metres in a local frame; a point may be the centre of an upright
cylinder, all of which has to be legal. At one height the legal space of the inclusions is the union of the outlines
whose heights hold it, so the distance to its outside is found level by level: from a height at which other inclusions
begin to count, the way out is the vertical gap to it and the horizontal distance there. For level heights that is the
exact Euclidean distance; heights above ground are taken at the ground under the point.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

from lenger_core.zone_kernels import box_gap, signed_distance, union_distance

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]

ON_LEVEL_M = 1e-9

AMSL, AGL, ELLIPSOID, HOME, NO_LIMIT = 0.0, 1.0, 2.0, 3.0, -1.0
"""Datum codes in the table of limits."""


@njit(cache=True, nogil=True)
def bands(limits: Floats, inclusions: int, column: Floats, low: Floats, high: Floats) -> None:
    """Write the lowest and greatest height of each area, by all that is not known of them on the safe side.

    Inclusions become lower and exclusions higher by the ground's error bound. A height whose datum is not known limits
    no inclusion, and an exclusion then has it nowhere.

    Args:
        limits: (A, 4) datum code and height of the floor, and of the ceiling.
        inclusions: how many areas, from the first on, are inclusions.
        column: (5,) ground, its error bound, home, the geoid, and the frame's origin; the heights AMSL except for the
            error, and the geoid's above the ellipsoid.
        low, high: (A,) m above the frame's origin, written.
    """
    for a in range(limits.shape[0]):
        inward = 1.0 if a < inclusions else -1.0
        low[a] = _height(limits[a, 0], limits[a, 1], column, inward, -math.inf)
        high[a] = _height(limits[a, 2], limits[a, 3], column, -inward, math.inf)


@njit(cache=True, nogil=True)
def _height(datum: float, height_m: float, column: Floats, error_sign: float, unlimited: float) -> float:
    base = 0.0
    if datum == NO_LIMIT:
        return unlimited
    if datum == AGL:
        base = column[0] + error_sign * column[1]
    elif datum == ELLIPSOID:
        base = -column[3]
    elif datum == HOME:
        base = column[2]
    found = base + height_m - column[4]
    return unlimited if math.isnan(found) else found


@njit(cache=True, nogil=True)
def prism_margin(horizontal: float, up: float, down: float) -> float:
    """Return the signed distance to the outside of a prism from the distances to its wall, top and bottom."""
    vertical = min(up, down)
    if horizontal >= 0.0 and vertical >= 0.0:
        return min(horizontal, vertical)
    return -math.hypot(min(horizontal, 0.0), min(vertical, 0.0))


@njit(cache=True, nogil=True)
def next_level(z: float, up: float, low: Floats, high: Floats, count: int) -> float:
    """Return the next height above (up 1) or below (up -1) at which other inclusions count; infinite for none."""
    best = math.inf
    for i in range(count):
        for t in (low[i], high[i]):
            if (t - z) * up > 0.0 and (t - z) * up < best:
                best = (t - z) * up
    return z + up * best


@njit(cache=True, nogil=True)
def holding(z: float, low: Floats, high: Floats, count: int) -> int:
    """Return the bits of the inclusions whose heights hold `z`."""
    mask = 0
    for i in range(count):
        if low[i] <= z <= high[i]:
            mask |= 1 << i
    return mask


@njit(cache=True, nogil=True)
def mask_beyond(level: float, up: float, low: Floats, high: Floats, count: int) -> int:
    """Return the bits of the inclusions that hold the heights just beyond a level."""
    following = next_level(level, up, low, high, count)
    middle = level + up if math.isinf(following) else 0.5 * (level + following)
    return int(holding(middle, low, high, count))


@njit(cache=True, nogil=True)
def levels_margin(
    x: float,
    y: float,
    z: float,
    radii: tuple[float, float],
    low: Floats,
    high: Floats,
    count: int,
    edges: Floats,
    boxes: Floats,
    left: Ints,
    right: Ints,
) -> float:
    """Return the distance from a cylinder inside the union of inclusions to the outside; not positive when it leaves.

    Only the sign of a value that is not positive has a meaning.
    """
    mask = holding(z, low, high, count)
    if mask == 0:
        return -1.0
    least = union_distance(x, y, edges, boxes, left, right, mask)[0] - radii[0]
    for up in (1.0, -1.0):
        level, last = z - up * ON_LEVEL_M, mask  # a level at the point's own height is beyond it on both sides
        while least > 0.0:
            level = next_level(level, up, low, high, count)
            gap = (level - z) * up - radii[1]
            if gap >= least:
                break
            here = mask_beyond(level, up, low, high, count)
            if here & last == last:  # nothing ends here
                last = here
                continue
            last = here
            clear = -1.0
            if here != 0:
                clear = union_distance(x, y, edges, boxes, left, right, here)[0] - radii[0]
            least = min(least, math.hypot(max(gap, 0.0), clear) if clear > 0.0 else gap)
            if clear <= 0.0:
                break
    return float(least)


@njit(cache=True, nogil=True)
def margins(
    points: Floats,
    radii: Floats,
    columns: Floats,
    reach: float,
    edges: Floats,
    boxes: Floats,
    spans: Ints,
    frames: Floats,
    limits: Floats,
    table: Ints,
    inclusions: int,
    seam_edges: Floats,
    seam_boxes: Floats,
    left: Ints,
    right: Ints,
) -> tuple[Floats, Ints, Floats]:
    """Return the signed margins of cylinders to the legal space, the areas that decide, and the least of each area.

    Args:
        points: (P, 3) m, in the frame.
        radii: (P, 2) m, horizontal and vertical, of the cylinder about each point that has to be legal.
        columns: (P, 5); see `bands`.
        reach: what lies further away than this counts as at least so far away.
        edges, boxes, spans, frames: of all areas; see `local_zones.Lines`.
        limits: (V, A, 4) tables of limits; see `bands`.
        table: (P,) which of them counts at each point.
        inclusions: see `bands`.
        seam_edges, seam_boxes, left, right: of the inclusions; see `zone_seams.Seams`.

    Returns:
        (P,) m, infinite without areas; (P,) area, -1 without; (A,) m, least over the points, of each area alone.
    """
    count, areas = points.shape[0], spans.shape[0]
    out, which = np.full(count, math.inf), np.full(count, -1, dtype=np.int64)
    least, hints = np.full(areas, math.inf), np.full(areas, -1, dtype=np.int64)
    low, high = np.empty(areas), np.empty(areas)
    together = min(inclusions, 62)
    for p in range(count):
        x, y, z, rh, rv = points[p, 0], points[p, 1], points[p, 2], radii[p, 0], radii[p, 1]
        bands(limits[table[p]], inclusions, columns[p], low, high)
        best, best_area = -math.inf, -1
        for a in range(areas):
            away = box_gap(x, y, frames[a]) - rh
            if a >= inclusions and away >= reach:
                least[a] = min(least[a], away)
                if away < out[p]:
                    out[p], which[p] = away, a
                continue
            lines, around = edges[spans[a, 0] : spans[a, 1]], boxes[spans[a, 2] : spans[a, 3]]
            flat, hints[a] = signed_distance(x, y, lines, around, hints[a], reach + rh)
            if a < inclusions:
                margin = prism_margin(flat - rh, high[a] - z - rv, z - low[a] - rv)
                if margin > best:
                    best, best_area = margin, a
            else:
                margin = -prism_margin(flat + rh, high[a] - z + rv, z - low[a] + rv)
                if margin < out[p]:
                    out[p], which[p] = margin, a
            least[a] = min(least[a], margin)
        if together > 1:
            joined = levels_margin(x, y, z, (rh, rv), low, high, together, seam_edges, seam_boxes, left, right)
            best = max(best, joined) if joined > 0.0 else best
        if inclusions > 0 and best < out[p]:
            out[p], which[p] = best, best_area
    return out, which, least
