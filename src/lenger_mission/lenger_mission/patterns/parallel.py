"""Parallel track search (PS): legs along the major axis of the area (IAMSAR Manual, volume II, chapter 5).

For a large area of even probability. The search commences half a track spacing inside two sides of a corner; the legs
are a track spacing apart and end half a spacing before the far side. `legs_over` serves the creeping line search, too.
"""

from __future__ import annotations

from math import atan2, ceil, degrees

import numpy as np
from shapely import Polygon, box

from lenger_core.errors import InputError
from lenger_mission.patterns.plane import Array, in_range, turned

MOST_LEGS = 2_000


def parallel_track(
    area_m: Array,
    spacing_m: float,
    bearing_deg: float | None = None,
    clockwise: bool = True,
    near_m: tuple[float, float] | None = None,
) -> Array:
    """Return the vertices (N, 2), two for each leg, of a parallel track search over an area.

    Over a rectangle L by W: n = ceil(W / S) legs, S' = W / n apart and L - S' long, in all
    n (L - S') + (n - 1) S'.

    Args:
        area_m: vertices (V, 2) of a polygon, east and north in metres.
        spacing_m: track spacing S, the most between legs.
        bearing_deg: of the first leg; None: along the major axis, from the end whose start is nearer to `near_m`.
        clockwise: the first turn is to the right.
        near_m: where the aircraft comes from.

    Raises:
        InputError: no polygon, or a number out of range.
    """
    axis = long_axis_deg("parallel track", area_m) if bearing_deg is None else bearing_deg
    return legs_over("parallel track", area_m, spacing_m, axis, bearing_deg is None, clockwise, near_m)


def long_axis_deg(pattern: str, area_m: Array) -> float:
    """Return the bearing, 0 to 180 degrees, of the longer sides of the smallest rectangle around an area (V, 2).

    Raises:
        InputError: no polygon.
    """
    corners = np.asarray(polygon_of(pattern, area_m).minimum_rotated_rectangle.exterior.coords)
    sides = np.diff(corners[:3], axis=0)
    east, north = sides[int(np.argmax(np.linalg.norm(sides, axis=1)))]
    return degrees(atan2(float(east), float(north))) % 180.0


def legs_over(
    pattern: str,
    area_m: Array,
    spacing_m: float,
    bearing_deg: float,
    either_way: bool,
    clockwise: bool,
    near_m: tuple[float, float] | None,
) -> Array:
    """Return the vertices (N, 2) of legs over an area, flown to and fro, see `parallel_track`.

    Each leg covers the span of the area within its own strip, so an area that is no rectangle is searched whole, too.

    Args:
        pattern: its name, for errors.
        area_m, spacing_m, clockwise, near_m: see `parallel_track`.
        bearing_deg: of the first leg.
        either_way: the opposite bearing is as good.
    """
    in_range(pattern, "spacing_m", spacing_m, 1.0, 10_000.0)
    ways = [bearing_deg, (bearing_deg + 180.0) % 360.0] if either_way else [bearing_deg]
    area = polygon_of(pattern, area_m)
    lines = [_legs(pattern, area, spacing_m, way, clockwise) for way in ways]
    if near_m is None:
        return lines[0]
    return min(lines, key=lambda line: float(np.hypot(*(line[0] - near_m))))


def polygon_of(pattern: str, area_m: Array) -> Polygon:
    """Return the polygon of vertices (V, 2).

    Raises:
        InputError: fewer than three vertices, crossing sides, or no area.
    """
    area = np.asarray(area_m, dtype=np.float64)
    if area.ndim != 2 or area.shape[1:] != (2,) or len(area) < 3 or not np.isfinite(area).all():
        raise InputError(pattern, "area", area.shape, "at least 3 vertices")
    polygon = Polygon(area)
    if not polygon.is_valid or polygon.area < 1.0:
        raise InputError(pattern, "area", f"{polygon.area:.3g} m2", "1 m2 or more, and sides that do not cross")
    return polygon


def _legs(pattern: str, area: Polygon, spacing_m: float, bearing_deg: float, clockwise: bool) -> Array:
    """Legs in axes in which the first one runs north and the search advances to the east."""
    side = 1.0 if clockwise else -1.0
    ring = np.asarray(area.exterior.coords)
    flat = turned(turned(ring, -bearing_deg), 0.0, clockwise)
    west, east = float(flat[:, 0].min()), float(flat[:, 0].max())
    count = max(1, ceil((east - west) / spacing_m - 1e-9))
    if count > MOST_LEGS:
        raise InputError(pattern, "spacing_m", spacing_m, f"at least {(east - west) / MOST_LEGS:.4g} over that area")
    step, shape = (east - west) / count, Polygon(flat)
    low, high = float(flat[:, 1].min()) - 1.0, float(flat[:, 1].max()) + 1.0
    points = []
    for number in range(count):
        left = west + number * step
        _, south, _, north = shape.intersection(box(left, low, left + step, high)).bounds
        inset = min(0.5 * step, 0.5 * (north - south))
        ends = [(left + 0.5 * step, south + inset), (left + 0.5 * step, north - inset)]
        points += ends if number % 2 == 0 else ends[::-1]
    return turned(np.array(points) * [side, 1.0], bearing_deg)
