"""Outlines of zones in a local frame: every curve becomes a polygon on its legal side."""

from __future__ import annotations

import math
from typing import TypeAlias

import numpy as np
from numpy.typing import NDArray
from shapely import box, contains_xy
from shapely.geometry import LineString, MultiPolygon, Polygon
from shapely.ops import split, unary_union

from lenger_core.errors import InputError
from lenger_core.geodesy import LocalFrame
from lenger_core.zone_model import BorderShape, CircleShape, CorridorShape, PolygonShape, Ring, Zone, ZoneKind

CHORD_ERROR_M = 0.05
"""Circles and rounded corners become polygons on the legal side of the true line, at most this far from it."""

BORDER_REACH_M = 200_000.0
"""A border goes on straight this far beyond its ends and beyond the origin, and its far side is as deep at least."""

_SIDE_STEP_M = 1e-3

Outline: TypeAlias = Polygon | MultiPolygon
Array = NDArray[np.float64]


def outline_of(zone: Zone, frame: LocalFrame) -> Outline:
    """Return a zone's outline in `frame` (east, north, metres).

    Where the true outline is curved, the polygon lies on its legal side: inside of inclusions and approaches, outside
    of exclusions, by at most CHORD_ERROR_M.

    Raises:
        InputError: the line of a border crosses itself once its ends are drawn out straight.
    """
    shape, outward = zone.shape, zone.kind is ZoneKind.EXCLUSION
    if isinstance(shape, PolygonShape):
        rings = [_points(ring, frame) for ring in (shape.outer, *shape.holes)]
        return Polygon(rings[0], rings[1:])
    if isinstance(shape, CircleShape):
        return _circle(shape, frame, outward)
    if isinstance(shape, CorridorShape):
        return _around(LineString(_points(shape.line, frame)), 0.5 * shape.width_m, outward)
    return _beyond(zone.name, shape, frame, outward)


def _points(ring: Ring, frame: LocalFrame) -> Array:
    return frame.to_local_many(*np.array(ring, dtype=np.float64).T)


def _steps(radius_m: float) -> int:
    """Return into how many chords a quarter of a circle goes, so that each is within the chord error."""
    half = math.acos(1.0 - min(CHORD_ERROR_M / radius_m, 0.1))
    return max(4, math.ceil(0.25 * math.pi / half))


def _circle(shape: CircleShape, frame: LocalFrame, outward: bool) -> Polygon:
    centre = _points(((shape.lat_deg, shape.lon_deg),), frame)[0]
    count = 4 * _steps(shape.radius_m)
    radius = shape.radius_m / math.cos(math.pi / count) if outward else shape.radius_m
    angles = np.arange(count) * (2.0 * math.pi / count)
    return Polygon(centre + radius * np.column_stack((np.cos(angles), np.sin(angles))))


def _around(line: LineString, radius_m: float, outward: bool) -> Outline:
    """Return all that lies within a distance of a line."""
    steps = _steps(radius_m)
    made = line.buffer(radius_m / math.cos(0.25 * math.pi / steps) if outward else radius_m, quad_segs=steps)
    assert isinstance(made, Polygon | MultiPolygon)
    return made


def _beyond(name: str, shape: BorderShape, frame: LocalFrame, outward: bool) -> Outline:
    """Return the far side of a border, and the buffer on this side of it."""
    points = _points(shape.line, frame)
    low = np.minimum(points.min(axis=0), 0.0) - BORDER_REACH_M
    high = np.maximum(points.max(axis=0), 0.0) + BORDER_REACH_M
    far = 2.0 * float(np.hypot(*(high - low)))
    ends = (
        points[0] + far * _unit(points[0] - points[1]),
        points[-1] + far * _unit(points[-1] - points[-2]),
    )
    whole = LineString(np.vstack((ends[0], points, ends[1])))
    if not whole.is_simple:
        raise InputError("zone", name, "its border crosses itself, drawn out straight beyond its ends", "a simple line")
    pieces = [p for p in split(box(*low, *high), whole).geoms if isinstance(p, Polygon)]
    # A point beside the middle of the first stretch is on the far side.
    along = _unit(points[1] - points[0])
    left = 1.0 if shape.beyond == "left" else -1.0
    beside = 0.5 * (points[0] + points[1]) + _SIDE_STEP_M * left * np.array((-along[1], along[0]))
    side = next(p for p in pieces if contains_xy(p, *beside))
    if shape.buffer_m <= 0.0:
        return side
    near = _around(whole, shape.buffer_m, outward)
    made = unary_union([side, near.intersection(box(*low, *high))])
    assert isinstance(made, Polygon | MultiPolygon)
    return made


def _unit(vector: Array) -> Array:
    return np.asarray(vector / np.hypot(*vector))
