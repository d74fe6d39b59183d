"""Orbits: rings around a centre, one or several, at one height or several.

A ring is flown as a regular polygon whose sides and corners lie equally far off the circle, so that an autopilot that
knows only waypoints flies it, and one that rounds corners flies it better.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import acos, atan2, ceil, degrees, pi, radians

import numpy as np
from numpy.typing import NDArray

from lenger_core.errors import InputError
from lenger_core.plans import Height, Orbit
from lenger_mission.patterns.plane import Array, in_range, plane_about, to_degrees

MOST_POINTS = 8_000
LEAST_SIDES = 8


@dataclass(frozen=True)
class OrbitTrack:
    """An orbit to fly.

    Attributes:
        points_deg: (N, 2) latitude and longitude.
        heights: N wanted heights.
        heading_deg: (N,) bearing of the nose, toward the centre; None: along the track.
        radius_m: (N,) of the ring that the point belongs to.
    """

    points_deg: Array
    heights: tuple[Height, ...]
    heading_deg: Array | None
    radius_m: Array


def sides_for(radius_m: float, deviation_m: float) -> int:
    """Return the number of sides of a ring that is nowhere further than `deviation_m` off its circle.

    Corners stand out by r (2 / (1 + c) - 1) and middles of sides lie in by as much, c = cos(180 degrees / n).

    Raises:
        InputError: a number out of range.
    """
    in_range("orbit", "radius_m", radius_m, 1.0, 10_000.0)
    in_range("orbit", "deviation_m", deviation_m, 0.05, 1_000.0)
    share = min(deviation_m / radius_m, 0.5)
    return max(LEAST_SIDES, ceil(pi / acos((1.0 - share) / (1.0 + share)) - 1e-9))


def ring(
    radius_m: float, turns: float = 1.0, start_deg: float = 0.0, clockwise: bool = True, deviation_m: float = 0.5
) -> Array:
    """Return the vertices (N, 2) of a ring about the origin, east and north in metres.

    Args:
        radius_m: of the circle.
        turns: how often around; the sides of the last turn are as long as all others, so the end may lie up to half a
            side off.
        start_deg: bearing of the first vertex from the centre.
        clockwise: seen from above.
        deviation_m: most distance of the polygon from its circle.

    Raises:
        InputError: a number out of range, or more than `MOST_POINTS` points.
    """
    in_range("orbit", "turns", turns, 0.01, 1_000.0)
    in_range("orbit", "start_bearing_deg", start_deg, -360.0, 360.0)
    sides = sides_for(radius_m, deviation_m)
    count = max(1, round(sides * turns))
    if count > MOST_POINTS:
        raise InputError("orbit", "turns", turns, f"at most {MOST_POINTS / sides:.4g} of that radius")
    out = radius_m * 2.0 / (1.0 + np.cos(pi / sides))
    steps = np.arange(count + 1) * (2.0 * pi / sides) * (1.0 if clockwise else -1.0)
    angles = radians(start_deg) + steps
    return np.asarray(np.column_stack([np.sin(angles), np.cos(angles)]) * out)


def rings(
    radii_m: tuple[float, ...],
    turns: float = 1.0,
    start_deg: float = 0.0,
    clockwise: bool = True,
    deviation_m: float = 0.5,
) -> tuple[Array, NDArray[np.int64]]:
    """Return the vertices (N, 2) of rings flown one after the other, and the ring of each (N,).

    From ring to ring the aircraft flies straight out or in, on the bearing on which the ring before ended.

    Raises:
        InputError: no radius, or see `ring`.
    """
    if not radii_m:
        raise InputError("orbit", "radii_m", radii_m, "at least one radius")
    points, number, start = [], [], start_deg
    for index, radius in enumerate(radii_m):
        around = ring(radius, turns, start, clockwise, deviation_m)
        points.append(around)
        number += [index] * len(around)
        start = bearing_from_centre_deg(around[-1])
        if len(number) > MOST_POINTS:
            raise InputError("orbit", "radii_m", len(radii_m), f"rings of at most {MOST_POINTS} points in all")
    return np.concatenate(points), np.array(number, dtype=np.int64)


def bearing_from_centre_deg(point_m: Array) -> float:
    """Return the bearing of a point (2,) from the origin, 0 to 360 degrees."""
    return degrees(atan2(float(point_m[0]), float(point_m[1]))) % 360.0


def orbit_track(item: Orbit, near_deg: tuple[float, float] | None = None, deviation_m: float = 0.5) -> OrbitTrack:
    """Return what an orbit item flies: every ring at the first height, then again at the next.

    Args:
        item: the orbit.
        near_deg: where the aircraft comes from: without a start bearing the orbit begins on the nearest side.
        deviation_m: most distance of the polygons from their circles.

    Raises:
        InputError: more than `MOST_POINTS` points.
    """
    plane = plane_about(item.lat_deg, item.lon_deg)
    start = item.start_bearing_deg
    if start is None:
        start = 0.0
        if near_deg is not None:
            start = bearing_from_centre_deg(np.array(plane.to_local(*near_deg, 0.0)[:2]))
    points, numbers, heights = [], [], []
    for height in item.heights:
        around, number = rings(item.radii_m, item.turns, start, item.clockwise, deviation_m)
        start = bearing_from_centre_deg(around[-1])
        points.append(around)
        numbers.append(number)
        heights += [height] * len(around)
        if len(heights) > MOST_POINTS:
            raise InputError("orbit", "heights", len(item.heights), f"rings of at most {MOST_POINTS} points in all")
    line, radius = np.concatenate(points), np.array(item.radii_m)[np.concatenate(numbers)]
    inward = (np.degrees(np.arctan2(line[:, 0], line[:, 1])) + 180.0) % 360.0
    return OrbitTrack(to_degrees(plane, line), tuple(heights), inward if item.face_centre else None, radius)
