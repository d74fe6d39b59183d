"""Where a way may lead, seen from above: the legal outline drawn in by what is unsure, and the corners to turn at."""

from __future__ import annotations

from math import cos, pi

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import box

from lenger_safety.returns import graph_kernels as kernels
from lenger_safety.returns.slices import Slices, buffered, finished, prepared, simplified, united, without

Floats = NDArray[np.float64]

INSET_M = 0.3
"""Corners stand so far inside the walls, so that a leg between two of them touches no wall by rounding."""
ARC_QUARTER = 4
"""Segments of a quarter circle around a corner."""
MOST_NODES = 500
"""Outlines with more corners are drawn in a little further and simplified."""
FIRST_TOLERANCE_M = 0.5
COARSE_M = 0.1
"""An outline of many corners is simplified by so much first, and drawn in by as much more."""


class FreeSpace:
    """The walls of a space, the corners that shortest ways turn at, and questions about both.

    Args:
        legal: the legal outline, m.
        clearance_m: kept off its lines.

    Attributes:
        walls: the outline that a way may not touch.
        inner: the same, `INSET_M` further in: corners and ends of ways lie in it.
        nodes: (N, 2) corners.
        edges, boxes: of the walls, for the kernels.
    """

    def __init__(self, legal: shapely.Geometry, clearance_m: float) -> None:
        finished(self._draw_in(legal, clearance_m))

    @classmethod
    def in_slices(cls, legal: shapely.Geometry, clearance_m: float) -> Slices[FreeSpace]:
        """Make one in slices: drawing in an outline of 10,000 corners takes many steps of a guard."""
        space = cls.__new__(cls)
        yield from space._draw_in(legal, clearance_m)
        return space

    def _draw_in(self, legal: shapely.Geometry, clearance_m: float) -> Slices[None]:
        off = clearance_m / cos(pi / (4.0 * ARC_QUARTER))  # the chords of an arc lie nearer than the arc
        if shapely.get_num_coordinates(legal) > MOST_NODES:  # an outline of 10,000 corners takes long to draw in
            legal, off = (yield from simplified(legal, COARSE_M)), off + COARSE_M
            yield
        walls = yield from buffered(legal, -off, ARC_QUARTER)
        yield
        tolerance = FIRST_TOLERANCE_M
        while True:
            inner = yield from buffered(walls, -INSET_M, ARC_QUARTER)
            yield
            inner = yield from simplified(inner, INSET_M / 3.0)
            nodes = _corners(inner)
            yield
            if len(nodes) <= MOST_NODES:
                break
            walls = yield from buffered(walls, -1.01 * tolerance, 2)
            yield
            walls = yield from simplified(walls, tolerance)
            yield
            tolerance *= 2.0
        self.walls, self.inner, self.nodes = walls, inner, nodes
        self.edges = edges_of(walls)
        self.boxes = kernels.boxes_of(self.edges)
        for geometry in (walls, inner):
            yield from prepared(geometry)

    def holds(self, east_m: float, north_m: float) -> bool:
        """Return whether a point may be on a way."""
        return bool(shapely.contains_xy(self.walls, east_m, north_m))

    def entrance(self, east_m: float, north_m: float) -> tuple[float, float] | None:
        """Return the nearest point inside; None when there is no inside at all."""
        if self.inner.is_empty:
            return None
        nearest = shapely.shortest_line(self.inner, shapely.Point(east_m, north_m)).coords[0]
        return float(nearest[0]), float(nearest[1])

    def sees(self, a: tuple[float, float], b: tuple[float, float]) -> bool:
        """Return whether the straight leg between two points inside touches no wall."""
        return bool(kernels.sees(*a, *b, self.edges, self.boxes))


def legal_outline(
    inclusions: list[shapely.Geometry], walls: list[shapely.Geometry], about: tuple[float, float], reach_m: float
) -> Slices[shapely.Geometry]:
    """Find the union of the inclusions (without any: a square about a point) without the walls."""
    east, north = about
    whole = box(east - reach_m, north - reach_m, east + reach_m, north + reach_m)
    legal = (yield from united(inclusions)) if inclusions else whole
    return (yield from without(legal, (yield from united(walls)))) if walls else legal


def blocked(east_m: Floats, north_m: Floats, size_m: float) -> shapely.Geometry:
    """Return the union of squares about points (P,), row by row, so that it stays cheap."""
    half = 0.5 * size_m * 1.01
    boxes = shapely.box(east_m - half, north_m - half, east_m + half, north_m + half)
    return shapely.union_all(boxes)


def _rings(geometry: shapely.Geometry) -> tuple[Floats, NDArray[np.int64]]:
    """Return (P, 2) the points of an outline's rings, one after the other, with the interior on the left and the first
    point repeated at the end, and (R,) how many each ring has."""
    parts = shapely.get_parts(geometry)
    parts = parts[(shapely.get_type_id(parts) == shapely.GeometryType.POLYGON) & ~shapely.is_empty(parts)]
    rings = shapely.get_rings(shapely.orient_polygons(parts))
    return shapely.get_coordinates(rings), shapely.get_num_coordinates(rings).astype(np.int64)


def edges_of(geometry: shapely.Geometry) -> Floats:
    """Return (M, 4) the edges of an outline."""
    points, counts = _rings(geometry)
    first = np.setdiff1d(np.arange(len(points)), np.cumsum(counts) - 1, assume_unique=True)
    return np.ascontiguousarray(np.hstack((points[first], points[first + 1])))


def _corners(geometry: shapely.Geometry) -> Floats:
    """Return (N, 2) the corners that point into the space: only at these a shortest way turns."""
    points, counts = _rings(geometry)
    last = np.cumsum(counts) - 1
    here = np.setdiff1d(np.arange(len(points)), last, assume_unique=True)
    before = here - 1
    before[np.isin(here, last - counts + 1)] = last - 1
    into, out = points[here] - points[before], points[here + 1] - points[here]
    return np.ascontiguousarray(points[here][into[:, 0] * out[:, 1] - into[:, 1] * out[:, 0] < 0.0])
