"""The shortest way into the legal space from a place outside of it, or too near to its lines."""

from __future__ import annotations

from dataclasses import dataclass
from itertools import pairwise
from math import ceil, hypot

import numpy as np
import shapely
from numpy.typing import NDArray

from lenger_core.samples import Vec3
from lenger_safety.returns import graph_kernels as kernels
from lenger_safety.returns.heights import Heights
from lenger_safety.returns.slices import BUFFERED_A_SLICE, Slices, beside
from lenger_safety.returns.space import FreeSpace, edges_of

Floats = NDArray[np.float64]
Point = tuple[float, float]

CORNERS = 200
"""Of the keep-outs that are in the way: at so many, the nearest ones, a way in may turn."""
OFF_M = 0.05
"""A way in passes the corners so far off, so that it touches nothing by rounding."""
GROUND_SPACING_M = 8.0
ENDS_A_SLICE = 25
"""Corners whose nearest place inside is looked up in one slice."""


@dataclass(frozen=True, slots=True)
class WayIn:
    """How to get in.

    Attributes:
        corners: after the present place, the last one inside; empty for a place inside.
        height_m: to fly it at, the present height or what the ground asks for.
        inside: where the legal way begins, at that height.
    """

    corners: tuple[Point, ...]
    height_m: float
    inside: Vec3


def way_in(position_m: Vec3, space: FreeSpace, heights: Heights) -> Slices[WayIn | None]:
    """Find the shortest way in that crosses no keep-out but those that the place itself is in; None: there is none."""
    here: Point = position_m[0], position_m[1]
    if space.holds(*here):
        return WayIn((), position_m[2], position_m)
    if space.inner.is_empty:
        return None
    corners = yield from _corners_in(here, space, (yield from heights.closed_at(position_m)))
    if corners is None:
        return None
    height = max(position_m[2], _ground_m((here, *corners), heights))
    return WayIn(corners, height, (*corners[-1], height))


def _corners_in(here: Point, space: FreeSpace, closed: shapely.Geometry) -> Slices[tuple[Point, ...] | None]:
    """Find the corners of the shortest way: Dijkstra over the corners of what is closed, and from each the nearest
    place inside."""
    nearest = space.entrance(*here)
    if nearest is not None and not closed.intersects(shapely.LineString([here, nearest])):
        return (nearest,)
    edges = edges_of(closed)
    boxes = kernels.boxes_of(edges)
    yield
    count = int(shapely.get_num_coordinates(closed))
    grown = yield from beside(lambda: shapely.buffer(closed, OFF_M, join_style="mitre"), count, BUFFERED_A_SLICE)
    around = shapely.get_coordinates(grown)
    order = np.argsort(np.hypot(*(around - np.array(here)).T), kind="stable")[:CORNERS]
    nodes = np.ascontiguousarray(np.vstack((around[order], [here])))
    yield
    parts = []
    for first in range(0, len(nodes), ENDS_A_SLICE):
        places = shapely.points(nodes[first : first + ENDS_A_SLICE])
        parts.append(shapely.get_coordinates(shapely.shortest_line(space.inner, places))[::2])
        yield
    ends = np.vstack(parts)
    last = np.hypot(*(ends - nodes).T)
    open_ended = [kernels.sees(*a, *b, edges, boxes) for a, b in zip(nodes, ends, strict=True)]
    cost = np.where(open_ended, last, np.inf)
    seen = np.zeros((len(nodes), len(nodes)), dtype=np.bool_)
    rows = kernels.rows_a_slice(len(nodes), len(edges))
    for first in range(0, len(nodes), rows):
        yield
        kernels.visibility_rows(seen, first, min(first + rows, len(nodes)), nodes, edges, boxes)
    yield
    onward, done = np.full(len(nodes), -1, dtype=np.int64), np.zeros(len(nodes), dtype=np.bool_)
    kernels.settle(cost, onward, done, len(nodes) + 1, seen, nodes, np.ones(kernels.BEARINGS))
    node = len(nodes) - 1
    if not np.isfinite(cost[node]):
        return None
    found: list[Point] = []
    while onward[node] >= 0:
        node = int(onward[node])
        found.append((float(nodes[node, 0]), float(nodes[node, 1])))
    return (*found, (float(ends[node, 0]), float(ends[node, 1])))


def _ground_m(corners: tuple[Point, ...], heights: Heights) -> float:
    """Return the height in the frame that keeps off the ground along a way in, minus infinity where it is not known."""
    parts = []
    for a, b in pairwise(corners):
        count = max(1, ceil(hypot(b[0] - a[0], b[1] - a[1]) / GROUND_SPACING_M))
        parts.append(np.linspace(a, b, count + 1))
    return heights.least_over_ground_m(np.vstack(parts))
