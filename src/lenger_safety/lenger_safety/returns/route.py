"""From a way on the map to a way in the air: heights along it, few legs, and the proof that it is legal."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import ceil, dist, hypot, inf

import numpy as np
from numpy.typing import NDArray

from lenger_core.samples import Vec3
from lenger_safety.returns.costs import Costs
from lenger_safety.returns.heights import Heights, profile
from lenger_safety.returns.plan import ReturnPlan
from lenger_safety.returns.slices import Slices
from lenger_safety.returns.way_in import WayIn
from lenger_safety.surroundings import Surveyor

Floats = NDArray[np.float64]
Point = tuple[float, float]

APART_M = 1.0
"""A way that begins no further off than this begins here."""
CORNERS_APART_M = 0.01
"""Corners of a way in that are nearer than this are one; no further ones: to leave one out cuts through what it is
around."""
SPACING_M = 8.0
"""Between the places whose legal heights are looked up."""
JUDGED_M = 4.0
"""A way is judged in pieces of at most this length, each as the upright cylinder that holds it."""
A_SLICE = 48
"""Points that are looked at in one slice of work."""
TOLERANCE_M = 1.0
"""Heights may be so far off those that were planned, for the sake of few legs."""
SLOPE_SHARE = 0.8
"""Of climb rate over cruise speed: the slope of an ordinary climb."""


@dataclass(frozen=True, slots=True)
class Blocked:
    """There is no legal height at a place on the way."""

    east_m: float
    north_m: float


@dataclass(frozen=True, slots=True)
class Judge:
    """Proves ways legal by the same margins that the guard itself keeps.

    Attributes:
        surveyor: of the zones in force.
        hpl_m, vpl_m: protection levels.
        home: in the guard's frame.
    """

    surveyor: Surveyor
    hpl_m: float
    vpl_m: float
    home: Vec3

    def worst(self, waypoints: tuple[Vec3, ...]) -> Slices[tuple[float, Point]]:
        """Find the least margin along a way and where it is, in slices of work."""
        points = dense(np.array(waypoints), JUDGED_M)
        steps = np.abs(np.diff(points[:, 2], prepend=points[0, 2], append=points[-1, 2]))
        radii_h = np.full(len(points), self.hpl_m + 0.5 * JUDGED_M)
        radii_v = self.vpl_m + 0.5 * np.maximum(steps[:-1], steps[1:])
        least, place = inf, (float(points[0, 0]), float(points[0, 1]))
        for first in range(0, len(points), A_SLICE):
            part = slice(first, first + A_SLICE)
            found = self.surveyor.margins_along(points[part], radii_h[part], radii_v[part], self.home, True).all_m()
            k = int(np.argmin(found))
            if found[k] < least:
                least, place = float(found[k]), (float(points[first + k, 0]), float(points[first + k, 1]))
            yield
        return least, place


def dense(corners: Floats, spacing_m: float) -> Floats:
    """Return a polyline's points (P, D), its corners among them, at most `spacing_m` apart on the map."""
    parts = [corners[:1]]
    for a, b in pairwise(corners):
        count = max(1, ceil(float(np.abs(b - a).max() * 1.4143) / spacing_m))
        parts.append(a + (b - a) * (np.arange(1, count) / count)[:, None])
        parts.append(b[None])  # exactly: a corner that rounding moves is no corner to `in_the_air`, and would be cut
    return np.vstack(parts)


def in_the_air(path: list[Point], heights: Heights, start_m: float, slope: float) -> Slices[tuple[Vec3, ...] | Blocked]:
    """Find the heights of a way, or where it has none, in slices of work.

    Args:
        path: on the map.
        heights: legal ones.
        start_m: present height.
        slope: of an ordinary climb.
    """
    points = dense(np.array(path), SPACING_M)
    low, high = np.empty(len(points)), np.empty(len(points))
    for first in range(0, len(points), A_SLICE):
        part = slice(first, first + A_SLICE)
        low[part], high[part] = heights.between(points[part])
        yield
    bad = np.flatnonzero(~(low <= high))
    if len(bad):
        return Blocked(*points[bad[0]].tolist())
    along = np.concatenate(([0.0], np.cumsum(np.hypot(*np.diff(points, axis=0).T))))
    height = profile(along, low, high, start_m, slope)
    corners = set(np.flatnonzero((points[:, None] == np.array(path)[None]).all(axis=2).any(axis=1)).tolist())
    keep = _few(along, height, sorted(corners | {0, len(points) - 1}), TOLERANCE_M)
    way: list[Vec3] = [(float(points[k, 0]), float(points[k, 1]), float(height[k])) for k in keep]
    return tuple(way)


def _few(along: Floats, height: Floats, fixed: list[int], tolerance_m: float) -> list[int]:
    """Return the indices of the points to keep: the fixed ones, and those without which a height would be further off
    than the tolerance (Douglas and Peucker)."""
    keep, stack = set(fixed), list(pairwise(fixed))
    while stack:
        first, last = stack.pop()
        if last - first < 2:
            continue
        between = np.arange(first + 1, last)
        share = (along[between] - along[first]) / max(along[last] - along[first], 1e-9)
        off = np.abs(height[between] - (height[first] + share * (height[last] - height[first])))
        k = int(np.argmax(off))
        if off[k] > tolerance_m:
            keep.add(first + 1 + k)
            stack += [(first, first + 1 + k), (first + 1 + k, last)]
    return sorted(keep)


def plan_of(
    position: Vec3, entry: WayIn, way: tuple[Vec3, ...], costs: Costs, heights: Heights, target: str
) -> ReturnPlan:
    """Return the plan of a way: from the present place in, along it, and down at its end."""
    before, apart = [position], CORNERS_APART_M if entry.corners else APART_M
    for point in ((*position[:2], entry.height_m), *((*corner, entry.height_m) for corner in entry.corners), way[0]):
        if dist(before[-1], point) > apart:
            before.append(point)
    waypoints = (*before, *way[1:]) if before[-1] == way[0] else (*before[:-1], *way)
    time_s = energy_wh = length_m = 0.0
    for a, b in pairwise(waypoints):
        seconds, energy = costs.leg(a, b)
        time_s, energy_wh = time_s + seconds, energy_wh + energy
        length_m += hypot(b[0] - a[0], b[1] - a[1])
    seconds, energy = costs.landing(heights.over_ground_m(way[-1]))
    return ReturnPlan(waypoints, length_m, time_s + seconds, energy_wh + energy, target, len(waypoints) - len(way))
