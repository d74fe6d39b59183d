"""Terrain following for every pattern: a line over the ground becomes few points with straight legs between them.

The legs never come nearer to the ground than wanted: first a polyline is laid through a channel above densely sampled
ground (its error bound added), then each leg is held against the bilinear surface exactly and lifted where samples
missed something.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import ceil, inf, pi

import numpy as np
from numpy.typing import NDArray

from lenger_core.errors import InputError
from lenger_core.geodesy import distance_m
from lenger_core.terrain import LocalTerrain, Terrain
from lenger_core.terrain.raster_kernels import metres_per_degree
from lenger_mission.patterns.ground_line_kernels import few_points, gentle
from lenger_mission.patterns.leg_clearance import least_clearances_m

Array = NDArray[np.float64]
Ints = NDArray[np.int64]

SAMPLE_M = 8.0
"""Spacing of ground samples: a third of the cells of Lenger's terrain."""

MOST_SAMPLES = 400_000
"""3,200 km of line."""

_RING_M = 12.0
_ROUND_DEG = 45.0
_MM = 0.001

_WAYS_M = 0.05
"""Ways to fly straight for 1 km (geodesic, local plane, linear in degrees) lie 2 cm apart on a map; on ground twice as
steep as any here that is 5 cm of height. It grows with the square of the leg."""


@dataclass(frozen=True)
class Following:
    """How a line follows the ground.

    Attributes:
        height_agl_m: the least height above ground that is wanted, above 0.
        room_m: how far above that a leg may pass where the ground falls away under it; less needs more points.
        beside_m: the ground this far to either side counts too (sampled, `_RING_M` apart): cross-track error, cut
            corners, or the radius of a turn.
        climb_slope, descent_slope: steepest legs, rise and fall over run, flown forward; infinite: any.
        longest_m: longest leg. A leg of 1 km is flown within 2 cm of the same line on a map, whoever flies it.
        worth_m2: area between line and lowest line that is worth a point.
    """

    height_agl_m: float
    room_m: float = 10.0
    beside_m: float = 0.0
    climb_slope: float = inf
    descent_slope: float = inf
    longest_m: float = 1_000.0
    worth_m2: float = 4_000.0

    def __post_init__(self) -> None:
        for name, least, most in (
            ("height_agl_m", 0.0, 9_000.0),
            ("room_m", 0.1, 9_000.0),
            ("beside_m", 0.0, 500.0),
            ("climb_slope", 0.005, inf),
            ("descent_slope", 0.005, inf),
            ("longest_m", SAMPLE_M, 20_000.0),
            ("worth_m2", 1.0, inf),
        ):
            value = getattr(self, name)
            if not least <= value <= most or (name == "height_agl_m" and value <= 0.0):
                raise InputError("terrain following", name, value, f"{least:g} to {most:g}")


@dataclass(frozen=True)
class GroundLine:
    """A line with heights; arrays are read-only.

    Attributes:
        points: (M, 3) latitude and longitude in degrees, height AMSL in metres; straight legs between them.
        vertex: (N,) which of the points are the vertices of the line that was given.
    """

    points: Array
    vertex: Ints


def ground_line(terrain: Terrain, line_deg: Array, following: Following) -> GroundLine:
    """Return the line with a height at every vertex, and as few points between them as terrain following needs.

    A leg's height changes linearly with distance. Nowhere along it is the ground, its error bound added, nearer than
    `height_agl_m` below it: exact for the bilinear surface of the terrain. For a flight over the terrain as a
    simulator's ground give `terrain.as_ground()`, whose error bound is 0.

    Args:
        terrain: the ground model.
        line_deg: (N, 2) latitude and longitude in degrees, N of at least 1; vertices that fall together share a point.
        following: heights wanted.

    Raises:
        InputError: a point outside the terrain, a line that is no (N, 2) of finite numbers, or one that is too long.
    """
    line = np.asarray(line_deg, dtype=np.float64)
    if line.ndim != 2 or line.shape[1:] != (2,) or len(line) < 1 or not np.isfinite(line).all():
        raise InputError("line", "points", line.shape, "finite numbers of shape (N, 2): latitude, longitude")
    place, s, fixed, vertex = _sampled(line)
    needed = _needed_m(terrain, place, following)
    if len(place) == 1:
        return _frozen(np.column_stack([place, _up(needed)]), vertex)
    lower = gentle(s, needed, following.climb_slope, following.descent_slope)
    slopes = following.climb_slope, following.descent_slope
    index, heights = few_points(s, lower, following.room_m, fixed, following.longest_m, slopes, following.worth_m2)
    points = _lifted(terrain, np.column_stack([place[index], heights]), _wanted_m(following))
    return _frozen(points, np.searchsorted(index, np.flatnonzero(fixed))[vertex])


def follow_ground(
    line_en_m: Array, height_agl_m: float, ground: LocalTerrain, tolerance_m: float = 10.0
) -> tuple[Array, Ints]:
    """Return a planar line with heights: `ground_line` in the local frame of a site.

    Args:
        line_en_m: (N, 2) east and north of the frame's origin.
        height_agl_m: the least height above ground, its error bound added.
        ground: the ground in that frame.
        tolerance_m: how far above that a leg may pass where the ground falls away.

    Returns:
        (M, 3) east, north and height above the origin, and the index (N,) of each given vertex among them. A vertex
        keeps its place on Earth: 1 km above the origin and 10 km away its east and north are 1.6 m larger.

    Raises:
        InputError: see `ground_line`.
    """
    line = np.column_stack(ground.geodetic(np.asarray(line_en_m, dtype=np.float64).reshape(-1, 2)))
    found = ground_line(ground.terrain, line, Following(height_agl_m, room_m=tolerance_m))
    points = np.array([ground.frame.to_local(*point) for point in found.points.tolist()])
    return points, found.vertex


def _frozen(points: Array, vertex: Ints) -> GroundLine:
    for array in (points, vertex):
        array.setflags(write=False)
    return GroundLine(points, vertex)


def _sampled(line: Array) -> tuple[Array, Array, NDArray[np.bool_], Ints]:
    """Return places (S, 2), distances (S,), which are vertices (S,), and each vertex's number among those (N,)."""
    lengths = [distance_m(*a, *b) for a, b in zip(line[:-1].tolist(), line[1:].tolist(), strict=True)]
    if sum(lengths) > MOST_SAMPLES * SAMPLE_M:
        raise InputError(
            "line", "length in km", round(sum(lengths) / 1e3), f"at most {MOST_SAMPLES * SAMPLE_M / 1e3:g}"
        )
    places, distances, fixed, vertex = [line[:1]], [np.zeros(1)], [True], [0]
    at = 0.0
    for start, end, length in zip(line[:-1], line[1:], lengths, strict=True):
        if length < 0.01:
            vertex.append(vertex[-1])
            continue
        count = ceil(length / SAMPLE_M)
        part = np.arange(1, count + 1) / count
        places.append(start + part[:, None] * (end - start))
        distances.append(at + part * length)
        fixed += [False] * (count - 1) + [True]
        vertex.append(vertex[-1] + 1)
        at += length
    return np.concatenate(places), np.concatenate(distances), np.array(fixed), np.array(vertex, dtype=np.int64)


def _needed_m(terrain: Terrain, place: Array, following: Following) -> Array:
    """Return (S,) the lowest height AMSL over each sample, with what lies beside it."""
    north_m, east_m = metres_per_degree(float(place[:, 0].mean()))
    around = [(0.0, 0.0)]
    rings = ceil(following.beside_m / _RING_M)
    for ring in range(1, rings + 1):
        radius = following.beside_m * ring / rings
        angles = np.arange(0.0, 2.0 * pi, min(np.radians(_ROUND_DEG), _RING_M / radius))
        around += [(radius * float(np.cos(a)) / north_m, radius * float(np.sin(a)) / east_m) for a in angles]
    highest = np.full(len(place), -inf)
    for d_lat, d_lon in around:
        lat, lon = place[:, 0] + d_lat, place[:, 1] + d_lon
        highest = np.maximum(highest, terrain.heights_amsl_m(lat, lon) + terrain.errors_m(lat, lon))
    return np.asarray(highest + _wanted_m(following))


def _wanted_m(following: Following) -> float:
    return following.height_agl_m + _WAYS_M * (following.longest_m / 1e3) ** 2


def _lifted(terrain: Terrain, points: Array, height_agl_m: float) -> Array:
    """Lift the ends of legs that come nearer to the ground than wanted by what they lack, and round up."""
    lack = np.maximum(height_agl_m - least_clearances_m(terrain, points), 0.0)
    lift = np.maximum(np.append(lack, 0.0), np.append(0.0, lack))
    return np.column_stack([points[:, :2], _up(points[:, 2] + lift)])


def _up(heights: Array) -> Array:
    """Round up to centimetres, as plan files hold them, and a millimetre for the last bit."""
    return np.asarray(np.ceil((heights + _MM) * 100.0) / 100.0)
