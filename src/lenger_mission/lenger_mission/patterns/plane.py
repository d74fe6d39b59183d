"""What the search patterns share in the plane: metres east and north of a datum, bearings clockwise from north."""

from __future__ import annotations

from math import cos, isfinite, radians, sin

import numpy as np
from numpy.typing import NDArray

from lenger_core.errors import InputError
from lenger_core.geodesy import LocalFrame

Array = NDArray[np.float64]


def in_range(pattern: str, field: str, value: float, least: float, most: float) -> None:
    """Raise InputError where a number is not within its bounds."""
    if not (isfinite(value) and least <= value <= most):
        raise InputError(pattern, field, value, f"{least:g} to {most:g}")


def turned(points_m: Array, bearing_deg: float, clockwise: bool = True) -> Array:
    """Return points (N, 2) with north turned to a bearing; what was clockwise is mirrored first where wanted.

    Raises:
        InputError: a bearing that is no number of degrees.
    """
    in_range("pattern", "bearing_deg", bearing_deg, -360.0, 360.0)
    angle, side = radians(bearing_deg), 1.0 if clockwise else -1.0
    east, north = points_m[:, 0] * side, points_m[:, 1]
    return np.column_stack([east * cos(angle) + north * sin(angle), north * cos(angle) - east * sin(angle)])


def direction(bearing_deg: float) -> Array:
    """Return the unit vector (2,) east and north of a bearing."""
    return np.array([sin(radians(bearing_deg)), cos(radians(bearing_deg))])


def length_m(points_m: Array) -> float:
    """Return the length of a line (N, 2) or (N, 3)."""
    return float(np.linalg.norm(np.diff(points_m, axis=0), axis=1).sum())


def plane_about(lat_deg: float, lon_deg: float) -> LocalFrame:
    """Return the plane of a pattern: at the height of the ellipsoid, anywhere on Earth."""
    return LocalFrame(lat_deg, lon_deg, 0.0, geoid_m=0.0)


def to_degrees(plane: LocalFrame, points_m: Array) -> Array:
    """Return (N, 2) latitude and longitude in degrees of points (N, 2) of a plane."""
    return np.column_stack(plane.to_geodetic_many(points_m))
