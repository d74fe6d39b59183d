"""The shortest way into the legal space from a place outside of it, or too near to its lines."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import shapely
from numpy.typing import NDArray

from lenger_core.samples import Vec3
from lenger_safety.returns import graph_kernels as kernels
from lenger_safety.returns.crossings import KeepOut, keep_outs_about, level_over
from lenger_safety.returns.heights import Heights
from lenger_safety.returns.slices import BUFFERED_A_SLICE, Slices, beside, united, without
from lenger_safety.returns.space import FreeSpace, edges_of

Floats = NDArray[np.float64]
Point = tuple[float, float]

CORNERS = 200
"""Of the keep-outs that are in the way: at so many, the nearest ones, a way in may turn."""
OFF_M = 0.05
"""A way in passes the corners so far off, so that it touches nothing by rounding."""
ENDS_A_SLICE = 25
"""Corners whose nearest place inside is looked up in one slice."""


@dataclass(frozen=True, slots=True)
class WayIn:
    """How to get in.

    Attributes:
        corners: after the present place, the last one inside; empty for a place inside.
        height_m: to fly it at, the present height or what the ground and the keep-outs on the way ask for.
        inside: where the legal way begins, at that height.
    """

    corners: tuple[Point, ...]
    height_m: float
    inside: Vec3


def way_in(position_m: Vec3, space: FreeSpace, heights: Heights) -> Slices[WayIn | None]:
    """Find the shortest way in that crosses no keep-out but those that the place itself is in; None: there is none.

    It is flown level. At which height that is, and so which keep-outs are in the way, only the ground along it says:
    those found to be are gone around from then on.
    """
    here: Point = position_m[0], position_m[1]
    if space.holds(*here):
        return WayIn((), position_m[2], position_m)
    if space.inner.is_empty:
        return None
    outs = yield from keep_outs_about(position_m, heights)
    shut, rest = [out for out in outs if not out.banded], [out for out in outs if out.banded]
    inner = space.inner
    while True:
        closed = yield from united([out.grown() for out in shut])
        corners = yield from _corners_in(here, inner, closed)
        if corners is None:
            return None
        level = yield from level_over((here, *corners), position_m[2], rest, heights)
        if level is None:
            return None
        if not level.shut:
            return WayIn(corners, level.height_m, (*corners[-1], level.height_m))
        shut, rest = [*shut, *level.shut], [out for out in rest if out not in level.shut]
        inner = yield from _without(inner, level.shut)


def _without(inner: shapely.Geometry, shut: tuple[KeepOut, ...]) -> Slices[shapely.Geometry]:
    """Return where a way in may end when it does not get past these, which the legal way may pass above or below."""
    walls = [out.grown() for out in shut]
    count = int(shapely.get_num_coordinates(walls).sum())
    off = yield from beside(lambda: shapely.buffer(shapely.union_all(walls), OFF_M), count, BUFFERED_A_SLICE)
    return (yield from without(inner, off))


def _corners_in(here: Point, inner: shapely.Geometry, closed: shapely.Geometry) -> Slices[tuple[Point, ...] | None]:
    """Find the corners of the shortest way: Dijkstra over the corners of what is closed, and from each the nearest
    place inside."""
    if inner.is_empty:
        return None
    straight = shapely.shortest_line(shapely.Point(here), inner)
    if not closed.intersects(straight):
        return ((float(straight.coords[1][0]), float(straight.coords[1][1])),)
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
        parts.append(shapely.get_coordinates(shapely.shortest_line(inner, places))[::2])
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
