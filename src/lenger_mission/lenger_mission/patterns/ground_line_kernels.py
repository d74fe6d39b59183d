"""Compiled: the polyline of few points between two profiles."""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]
Ints = NDArray[np.int64]
Flags = NDArray[np.bool_]

LEVELS = 6
"""Heights between lower and upper profile that a vertex may take."""

_TIE = 1e-9


@njit(cache=True, nogil=True)
def gentle(s: Floats, height: Floats, climb: float, descent: float) -> Floats:
    """Return the lowest profile (N,) that is nowhere below `height` and nowhere steeper than the slopes, flown forward.

    Args:
        s: distances (N,), ascending.
        height: what must be reached there (N,).
        climb, descent: steepest rise and fall, metres per metre, both above 0.
    """
    out = height.copy()
    for i in range(len(s) - 2, -1, -1):
        out[i] = max(out[i], out[i + 1] - climb * (s[i + 1] - s[i]))
    for i in range(1, len(s)):
        out[i] = max(out[i], out[i - 1] - descent * (s[i] - s[i - 1]))
    return out


@njit(cache=True, nogil=True)
def few_points(
    s: Floats, lower: Floats, room: float, fixed: Flags, longest: float, slopes: tuple[float, float], worth: float
) -> tuple[Ints, Floats]:
    """Return the samples (indices and heights) of the best polyline through the channel from `lower` to `lower + room`.

    Dynamic programming over samples and `LEVELS` heights at each; a leg is allowed while the cone of slopes that stays
    inside the channel is open (Imai and Iri 1988, polygonal approximations of a curve). Best is what costs least: one
    for each leg, and one for each `worth` m2 of area above `lower`.

    Args:
        s: distances (N,), strictly ascending.
        lower: lowest height allowed there (N,), itself no steeper than the slopes.
        room: height of the channel, m.
        fixed: (N,) samples that must be vertices; the first and last are anyway.
        longest: most distance between vertices, unless samples are further apart.
        slopes: steepest rise and fall, metres per metre.
        worth: area that is worth a point, m2.
    """
    count, step = len(s), room / (LEVELS - 1)
    area = np.zeros(count)
    for i in range(1, count):
        area[i] = area[i - 1] + 0.5 * (lower[i] + lower[i - 1]) * (s[i] - s[i - 1])
    cost = np.full((count, LEVELS), math.inf)
    parent = np.full((count, LEVELS), -1, dtype=np.int64)
    cost[0] = 0.0
    for i in range(count - 1):
        for level in range(LEVELS):
            here, z = cost[i, level], lower[i] + step * level
            if here == math.inf:
                continue
            least, most = -slopes[1] - _TIE, slopes[0] + _TIE
            for k in range(i + 1, count):
                run = s[k] - s[i]
                if run > longest and k > i + 1:
                    break
                least, most = max(least, (lower[k] - z) / run - _TIE), min(most, (lower[k] + room - z) / run + _TIE)
                if least > most:
                    break
                for end in range(LEVELS):
                    height = lower[k] + step * end
                    slope = (height - z) / run
                    if slope < least or slope > most:
                        continue
                    total = here + 1.0 + (0.5 * (z + height) * run - (area[k] - area[i])) / worth
                    if total < cost[k, end] - _TIE:
                        cost[k, end], parent[k, end] = total, i * LEVELS + level
                if fixed[k]:
                    break
    found, heights = _traced(lower, step, cost, parent)
    return found, heights


@njit(cache=True, nogil=True)
def _traced(lower: Floats, step: float, cost: Floats, parent: Ints) -> tuple[Ints, Floats]:
    at = (len(lower) - 1) * LEVELS + int(np.argmin(cost[-1]))
    found, heights = np.empty(len(lower), dtype=np.int64), np.empty(len(lower))
    number = 0
    while at >= 0:
        i, level = at // LEVELS, at % LEVELS
        found[number], heights[number] = i, lower[i] + step * level
        number += 1
        at = parent[i, level]
    return found[:number][::-1].copy(), heights[:number][::-1].copy()
