"""Compiled WGS84: points along a straight line over the ellipsoid, and the plane of a local frame.

The same conventions as `lenger_core.geodesy.LocalFrame`, for arrays and inside other kernels.
"""

from __future__ import annotations

import math

import numpy as np
from numba import njit
from numpy.typing import NDArray

Floats = NDArray[np.float64]

_A = 6378137.0
_E2 = 0.0066943799901413165


@njit(cache=True, nogil=True)
def to_ecef(lat_deg: float, lon_deg: float, height_m: float) -> tuple[float, float, float]:
    """Return the Earth-centred position of a point given by its height above the ellipsoid."""
    lat, lon = math.radians(lat_deg), math.radians(lon_deg)
    s, c = math.sin(lat), math.cos(lat)
    n = _A / math.sqrt(1.0 - _E2 * s * s)
    return (n + height_m) * c * math.cos(lon), (n + height_m) * c * math.sin(lon), (n * (1.0 - _E2) + height_m) * s


@njit(cache=True, nogil=True)
def to_geodetic(x: float, y: float, z: float) -> tuple[float, float, float]:
    """Return (lat_deg, lon_deg, height above the ellipsoid): Bowring (1976), one step, below 1e-9 m near the ground."""
    p = math.sqrt(x * x + y * y)
    b = _A * math.sqrt(1.0 - _E2)
    u = math.atan2(z * _A, p * b)
    su, cu = math.sin(u), math.cos(u)
    lat = math.atan2(z + _E2 / (1.0 - _E2) * b * su * su * su, p - _E2 * _A * cu * cu * cu)
    s = math.sin(lat)
    height = p * math.cos(lat) + z * s - _A * math.sqrt(1.0 - _E2 * s * s)
    return math.degrees(lat), math.degrees(math.atan2(y, x)), height


@njit(cache=True, nogil=True)
def mean_radius_m(lat_deg: float) -> float:
    """Return the Gaussian mean radius of curvature, sqrt(M N)."""
    s = math.sin(math.radians(lat_deg))
    return _A * math.sqrt(1.0 - _E2) / (1.0 - _E2 * s * s)


@njit(cache=True, nogil=True)
def surface_distance_m(a: tuple[float, float, float], b: tuple[float, float, float], radius_m: float) -> float:
    """Return the length over the ellipsoid between two Earth-centred points on it; within 1 mm up to 100 km."""
    dx, dy, dz = b[0] - a[0], b[1] - a[1], b[2] - a[2]
    chord = math.sqrt(dx * dx + dy * dy + dz * dz)
    return chord * (1.0 + chord * chord / (24.0 * radius_m * radius_m))


@njit(cache=True, nogil=True)
def frame_to_geodetic(lat0_deg: float, lon0_deg: float, height0_m: float, enu_m: Floats) -> Floats:
    """Return (N, 2) latitude and longitude in degrees of points (N, 3) east, north, height above the origin.

    Args:
        lat0_deg, lon0_deg: the frame's origin.
        height0_m: of the origin above the ellipsoid.
        enu_m: the points; the third number is height above the ellipsoid minus the origin's, as in a LocalFrame.
    """
    out = np.empty((enu_m.shape[0], 2))
    lat0, lon0 = math.radians(lat0_deg), math.radians(lon0_deg)
    sl, cl, so, co = math.sin(lat0), math.cos(lat0), math.sin(lon0), math.cos(lon0)
    ox, oy, oz = to_ecef(lat0_deg, lon0_deg, height0_m)
    for i in range(enu_m.shape[0]):
        e, n, up = enu_m[i, 0], enu_m[i, 1], enu_m[i, 2]
        wanted = height0_m + up
        for _ in range(3):
            x = ox - so * e - sl * co * n + cl * co * up
            y = oy + co * e - sl * so * n + cl * so * up
            z = oz + cl * n + sl * up
            out[i, 0], out[i, 1], height = to_geodetic(x, y, z)
            up += wanted - height
    return out
