"""The areas of an uploaded fence on the estimator's plane: how far outside a point is, and which way the edge lies."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from math import hypot

from lenger_core.samples import Vec3
from lenger_sim.fence import Circle, Fence, Polygon

Point = tuple[float, float]
"""East and north in metres."""


@dataclass(frozen=True, slots=True)
class FlatPolygon:
    """Corners in metres."""

    corners: tuple[Point, ...]

    def edges(self) -> Iterator[tuple[Point, Point]]:
        """Yield the edges."""
        previous = self.corners[-1]
        for corner in self.corners:
            yield previous, corner
            previous = corner

    def inside(self, point: Point) -> bool:
        """Return whether a point is inside (even-odd rule)."""
        within = False
        for (xa, ya), (xb, yb) in self.edges():
            if (ya > point[1]) != (yb > point[1]):
                within ^= point[0] < xa + (point[1] - ya) / (yb - ya) * (xb - xa)
        return within

    def outside_m(self, point: Point) -> float:
        """Return the distance outside, negative inside."""
        distance = min(hypot(*_to_segment(point, a, b)) for a, b in self.edges())
        return -distance if self.inside(point) else distance

    def ways(self, point: Point) -> Iterator[Point]:
        """Yield the vectors from a point to the nearest point of each edge."""
        for a, b in self.edges():
            yield _to_segment(point, a, b)


@dataclass(frozen=True, slots=True)
class FlatCircle:
    """A centre and a radius in metres."""

    centre: Point
    radius_m: float

    def inside(self, point: Point) -> bool:
        """Return whether a point is inside."""
        return self.outside_m(point) < 0.0

    def outside_m(self, point: Point) -> float:
        """Return the distance outside, negative inside."""
        return hypot(point[0] - self.centre[0], point[1] - self.centre[1]) - self.radius_m

    def ways(self, point: Point) -> Iterator[Point]:
        """Yield the vector from a point to the nearest point of the circle."""
        east, north = point[0] - self.centre[0], point[1] - self.centre[1]
        distance = hypot(east, north)
        if distance > 1e-6:
            share = self.radius_m / distance - 1.0
            yield east * share, north * share


Area = FlatPolygon | FlatCircle


@dataclass(frozen=True, slots=True)
class FlatFence:
    """Areas to stay in and out of."""

    inclusions: tuple[Area, ...] = ()
    exclusions: tuple[Area, ...] = ()

    def outside_m(self, point: Point, union: bool) -> float:
        """Return how far outside of what is allowed a point is, negative when it is allowed.

        Every inclusion holds; with `union` (FENCE_OPTIONS bit 1) one of them is enough.
        """
        distances = [area.outside_m(point) for area in self.inclusions]
        worst = [min(distances)] if union and distances else distances
        worst += [-area.outside_m(point) for area in self.exclusions]
        return max(worst, default=-1e9)


def flatten(fence: Fence, to_local: Callable[[float, float, float], Vec3]) -> FlatFence:
    """Return a fence in metres; `to_local` takes latitude, longitude in degrees and a height."""

    def flat(area: Polygon | Circle) -> Area:
        if isinstance(area, Circle):
            return FlatCircle(to_local(area.lat_deg, area.lon_deg, 0.0)[:2], area.radius_m)
        return FlatPolygon(tuple(to_local(lat, lon, 0.0)[:2] for lat, lon in area.vertices))

    return FlatFence(tuple(map(flat, fence.inclusions)), tuple(map(flat, fence.exclusions)))


def _to_segment(point: Point, a: Point, b: Point) -> Point:
    along = (b[0] - a[0], b[1] - a[1])
    square = along[0] ** 2 + along[1] ** 2
    share = ((point[0] - a[0]) * along[0] + (point[1] - a[1]) * along[1]) / square if square > 0.0 else 0.0
    share = min(max(share, 0.0), 1.0)
    return a[0] + share * along[0] - point[0], a[1] + share * along[1] - point[1]
