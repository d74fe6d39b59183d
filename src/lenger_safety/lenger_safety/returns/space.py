"""Where a way may lead, seen from above: the legal outline drawn in by what is unsure, and the corners to turn at."""

from __future__ import annotations

from collections.abc import Generator
from itertools import pairwise
from math import cos, hypot, pi

import numpy as np
import shapely
from numpy.typing import NDArray
from shapely.geometry import MultiPolygon, Polygon, box
from shapely.geometry.polygon import orient

from lenger_safety.returns import graph_kernels as kernels

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
        for _ in self._draw_in(legal, clearance_m):
            pass

    @classmethod
    def in_slices(cls, legal: shapely.Geometry, clearance_m: float) -> Generator[None, None, FreeSpace]:
        """Make one in slices: drawing in an outline of 10,000 corners takes many steps of a guard."""
        space = cls.__new__(cls)
        yield from space._draw_in(legal, clearance_m)
        return space

    def _draw_in(self, legal: shapely.Geometry, clearance_m: float) -> Generator[None, None, None]:
        off = clearance_m / cos(pi / (4.0 * ARC_QUARTER))  # the chords of an arc lie nearer than the arc
        if shapely.get_num_coordinates(legal) > MOST_NODES:  # an outline of 10,000 corners takes long to draw in
            legal, off = shapely.simplify(legal, COARSE_M), off + COARSE_M
            yield
        walls = shapely.buffer(legal, -off, quad_segs=ARC_QUARTER)
        yield
        tolerance = FIRST_TOLERANCE_M
        while True:
            inner = shapely.buffer(walls, -INSET_M, quad_segs=ARC_QUARTER)
            yield
            inner = shapely.simplify(inner, INSET_M / 3.0)
            nodes = _corners(inner)
            yield
            if len(nodes) <= MOST_NODES:
                break
            walls = shapely.buffer(walls, -1.01 * tolerance, quad_segs=2)
            yield
            walls = shapely.simplify(walls, tolerance)
            yield
            tolerance *= 2.0
        self.walls, self.inner, self.nodes = walls, inner, nodes
        self.edges = edges_of(walls)
        self.boxes = kernels.boxes_of(self.edges)
        for geometry in (walls, inner):
            shapely.prepare(geometry)

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
) -> shapely.Geometry:
    """Return the union of the inclusions (without any: a square about a point) without the walls."""
    east, north = about
    whole = box(east - reach_m, north - reach_m, east + reach_m, north + reach_m)
    legal = shapely.union_all(inclusions) if inclusions else whole
    return shapely.difference(legal, shapely.union_all(walls)) if walls else legal


def blocked(east_m: Floats, north_m: Floats, size_m: float) -> shapely.Geometry:
    """Return the union of squares about points (P,), row by row, so that it stays cheap."""
    half = 0.5 * size_m * 1.01
    boxes = shapely.box(east_m - half, north_m - half, east_m + half, north_m + half)
    return shapely.union_all(boxes)


def _rings(geometry: shapely.Geometry) -> list[Floats]:
    """Return the rings of an outline with the interior on the left, first point repeated at the end."""
    parts = geometry.geoms if isinstance(geometry, MultiPolygon) else [geometry]
    rings = []
    for part in parts:
        if isinstance(part, Polygon) and not part.is_empty:
            turned = orient(part)
            rings += [np.asarray(ring.coords)[:, :2] for ring in (turned.exterior, *turned.interiors)]
    return rings


def edges_of(geometry: shapely.Geometry) -> Floats:
    """Return (M, 4) the edges of an outline."""
    rows = [np.hstack((ring[:-1], ring[1:])) for ring in _rings(geometry)]
    return np.ascontiguousarray(np.vstack(rows)) if rows else np.zeros((0, 4))


def _corners(geometry: shapely.Geometry) -> Floats:
    """Return (N, 2) the corners that point into the space: only at these a shortest way turns."""
    found = []
    for ring in _rings(geometry):
        here = ring[:-1]
        before, after = np.roll(here, 1, axis=0), np.roll(here, -1, axis=0)
        into, out = here - before, after - here
        found.append(here[into[:, 0] * out[:, 1] - into[:, 1] * out[:, 0] < 0.0])
    return np.ascontiguousarray(np.vstack(found)) if found else np.zeros((0, 2))


def length_of(points: list[tuple[float, float]]) -> float:
    """Return the length of a polyline."""
    return sum(hypot(b[0] - a[0], b[1] - a[1]) for a, b in pairwise(points))
