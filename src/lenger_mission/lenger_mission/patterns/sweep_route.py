"""The shortest way from place to place inside a region: straight where that is legal, else round its corners.

A visibility graph (de Berg and others, Computational Geometry, ch. 15) over the region's reflex corners.
"""

from __future__ import annotations

from functools import cached_property

import numpy as np
import shapely
from numpy.typing import NDArray
from scipy.sparse.csgraph import shortest_path
from shapely.geometry import MultiPolygon, Polygon

from lenger_core.errors import InputError

Array = NDArray[np.float64]
Flags = NDArray[np.bool_]

MAX_CORNERS = 240
_TOUCH_M = 0.01
"""Lines along the edge of the region are inside."""
_SIMPLER_M = 0.25
_PAIRS = 200_000


class Router:
    """Shortest legal ways in a region.

    Args:
        flyable: the region, east and north in metres; ways may touch its edge.
    """

    def __init__(self, flyable: Polygon | MultiPolygon) -> None:
        self._exact = flyable
        self._region = flyable.buffer(_TOUCH_M, join_style="mitre")
        shapely.prepare(self._region)

    def legal(self, start_en_m: Array, end_en_m: Array) -> Flags:
        """Return (N,) whether the straight ways between points (N, 2) stay in the region."""
        start, end = np.asarray(start_en_m, float).reshape(-1, 2), np.asarray(end_en_m, float).reshape(-1, 2)
        return np.asarray(shapely.covers(self._region, shapely.linestrings(np.stack([start, end], axis=1))))

    def distances_m(self, points_en_m: Array) -> Array:
        """Return the (N, N) lengths of the shortest ways between points (N, 2); infinite where there is none."""
        points = np.asarray(points_en_m, float).reshape(-1, 2)
        straight = np.hypot(*(points[:, None] - points[None]).transpose(2, 0, 1))
        first, second = np.triu_indices(len(points), 1)
        clear = np.concatenate(
            [np.ones(0, bool)]
            + [
                self.legal(points[first[i : i + _PAIRS]], points[second[i : i + _PAIRS]])
                for i in range(0, len(first), _PAIRS)
            ]
        )
        if clear.all() or not len(self._corners):  # without reflex corners every straight way is inside
            return np.asarray(straight)
        out = np.full(straight.shape, np.inf)
        out[first[clear], second[clear]] = straight[first[clear], second[clear]]
        reach = self._to_corners(points)
        between = self._ways[0]
        through = np.array([np.min(row[:, None] + between, axis=0) for row in reach])
        around = np.array([np.min(row + reach, axis=1) for row in through])
        out = np.minimum(np.minimum(out, out.T), around)
        np.fill_diagonal(out, 0.0)
        return np.asarray(out)

    def way(self, start_en_m: Array, end_en_m: Array) -> Array:
        """Return the (K, 2) points of the shortest way between two points, both included.

        Raises:
            InputError: there is none.
        """
        ends = np.array([start_en_m, end_en_m], dtype=float)
        if self.legal(ends[:1], ends[1:])[0] or not len(self._corners):
            return ends
        reach = self._to_corners(ends)
        between, before = self._ways
        total = reach[0][:, None] + between + reach[1][None]
        if not total.size or not np.isfinite(total.min()):
            raise InputError("survey", "way", f"from {ends[0].round(1)} to {ends[1].round(1)}", "a legal way between")
        first, last = np.unravel_index(int(total.argmin()), total.shape)
        corners = [int(last)]
        while corners[-1] != first:
            corners.append(int(before[first, corners[-1]]))
        return np.vstack([ends[0], self._corners[corners[::-1]], ends[1]])

    def _to_corners(self, points: Array) -> Array:
        """Return (N, V) straight distances to the corners, infinite where they are out of sight."""
        corners = self._corners
        out = np.hypot(*(points[:, None] - corners[None]).transpose(2, 0, 1))
        start = np.repeat(points, len(corners), axis=0)
        seen = self.legal(start, np.tile(corners, (len(points), 1))) if len(corners) else np.zeros(0, bool)
        return np.asarray(np.where(seen.reshape(out.shape), out, np.inf))

    @cached_property
    def _corners(self) -> Array:
        """Corners (V, 2) round which a shortest way may lead; a simpler region's, inside, where there are too many."""
        corners, tolerance = reflex_corners(self._exact), _SIMPLER_M
        while len(corners) > MAX_CORNERS and tolerance < 1e4:
            inner = self._exact.buffer(-tolerance, join_style="mitre").simplify(tolerance)
            corners, tolerance = reflex_corners(inner), 2.0 * tolerance
        return corners

    @cached_property
    def _ways(self) -> tuple[Array, NDArray[np.int32]]:
        """Lengths of the shortest ways between corners, and the corner before the last of each."""
        straight = self._to_corners(self._corners)
        np.fill_diagonal(straight, 0.0)
        graph = np.where(np.isfinite(straight), straight, 0.0)
        if not len(graph):
            return graph, np.zeros(graph.shape, np.int32)
        lengths, before = shortest_path(graph, method="D", directed=False, return_predecessors=True)
        return np.asarray(lengths), np.asarray(before)


def reflex_corners(region: Polygon | MultiPolygon) -> Array:
    """Return the (V, 2) corners at which the region's inside angle is more than straight."""
    found = [np.empty((0, 2))]
    for part in shapely.get_parts(region):
        if part.geom_type != "Polygon" or part.is_empty:
            continue
        outline = shapely.geometry.polygon.orient(part)  # the inside is on the left of every ring
        for ring in (outline.exterior, *outline.interiors):
            points = np.asarray(ring.coords)[:-1, :2]
            before, after = points - np.roll(points, 1, axis=0), np.roll(points, -1, axis=0) - points
            found.append(points[before[:, 0] * after[:, 1] - before[:, 1] * after[:, 0] < 0.0])
    return np.vstack(found)
