"""The best place to land where there is no way home: near, legal, and as level as can be had."""

from __future__ import annotations

from math import cos, hypot, pi, sin

import numpy as np

from lenger_core.errors import InputError
from lenger_core.samples import Vec3
from lenger_core.terrain import Terrain
from lenger_safety.returns.costs import Costs
from lenger_safety.returns.heights import Heights
from lenger_safety.returns.plan import ReturnPlan
from lenger_safety.returns.route import Blocked, Judge, Point, in_the_air, plan_of
from lenger_safety.returns.slices import Slices
from lenger_safety.returns.space import FreeSpace
from lenger_safety.returns.way_in import WayIn

RINGS_M = (0.0, 20.0, 40.0, 80.0, 160.0, 320.0)
BEARINGS = 12
LEVEL_DEG = 5.0
"""Ground that is less steep is level enough."""
STEEPEST_DEG = 20.0
METRES_A_DEGREE = 40.0
"""How far to fly for ground that is one degree more level."""
SLOPE = 0.3
A_SLICE = 12
"""Places whose ground is looked at in one slice."""


class Spots:
    """Looks around a place.

    Args:
        terrain: the ground.
        space: where a way may lead.
        heights: between which it may.
        judge: proves ways.
    """

    def __init__(self, terrain: Terrain, space: FreeSpace, heights: Heights, judge: Judge) -> None:
        self._terrain, self._space, self._heights, self._judge = terrain, space, heights, judge

    def best(self, position: Vec3, entry: WayIn | None, costs: Costs) -> Slices[ReturnPlan | None]:
        """Find the way to the best place to land that is seen from here, in slices of work; None: here."""
        if entry is None:
            return None
        here, start = position[:2], entry.inside[:2]
        for place in (yield from self._by_merit(start)):
            if place == start == here:
                return None
            way = yield from in_the_air([start, place], self._heights, entry.inside[2], SLOPE)
            if isinstance(way, Blocked):
                continue
            worst, _ = yield from self._judge.worst(way)
            if worst < 0.0:
                continue
            return plan_of(position, entry, way, costs, self._heights, "the best place to land")
        return None

    def _by_merit(self, start: Point) -> Slices[list[Point]]:
        """Find the places that are seen from the start, best first."""
        places = [start]
        for radius in RINGS_M[1:]:
            for k in range(BEARINGS):
                bearing = 2.0 * pi * k / BEARINGS
                places.append((start[0] + radius * cos(bearing), start[1] + radius * sin(bearing)))
        inside = [p for p in places if self._space.holds(*p) and (p == start or self._space.sees(start, p))]
        merits = []
        for k, place in enumerate(inside):
            if k % A_SLICE == 0:
                yield
            merits.append((self._steepness(place, start), k))
        return [inside[k] for merit, k in sorted(merits) if merit < np.inf]

    def _steepness(self, place: Point, start: Point) -> float:
        """Return what a place costs in degrees: its slope beyond level ground, and the way there."""
        if self._heights.lands_in_a_keep_out(*place):
            return np.inf
        lat, lon = self._heights.geodetic(place)
        try:
            slope = float(self._terrain.slopes_deg(np.array([lat]), np.array([lon]))[0])
        except InputError:
            return np.inf
        if slope > STEEPEST_DEG:
            return np.inf
        return max(0.0, slope - LEVEL_DEG) + hypot(place[0] - start[0], place[1] - start[1]) / METRES_A_DEGREE
