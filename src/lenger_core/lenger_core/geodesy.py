"""Positions on WGS84 and in the local frame of a site.

The local frame is topocentric: east and north are measured in the plane tangent to the ellipsoid at the origin (through
Earth-centred coordinates, so the map is exact and invertible), while the third axis is the height above mean sea level
minus the origin's. Heights therefore stay heights: a level flight has a constant third coordinate however far it goes.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from math import atan2, cos, degrees, radians, sin, sqrt

import numpy as np
from geographiclib.geodesic import Geodesic
from numpy.typing import NDArray

from lenger_core import geoid
from lenger_core.samples import Vec3

WGS84_A_M = 6378137.0
WGS84_F = 1.0 / 298.257223563
_E2 = WGS84_F * (2.0 - WGS84_F)

Array = NDArray[np.float64]


@dataclass(frozen=True)
class LocalFrame:
    """East, north and height about an origin.

    Args:
        lat_deg, lon_deg: origin, WGS84.
        alt_amsl_m: height of the origin above mean sea level (EGM96).
        geoid_m: undulation at the origin; None: EGM96, whose grid covers the training area only. An error of 100 m
        changes
            horizontal distances by 16 mm per kilometre.
    """

    lat_deg: float
    lon_deg: float
    alt_amsl_m: float
    geoid_m: float | None = None
    _undulation_m: float = field(init=False, repr=False)
    _origin_ecef_m: Vec3 = field(init=False, repr=False)
    _trig: tuple[float, float, float, float] = field(init=False, repr=False)

    def __post_init__(self) -> None:
        lat, lon = radians(self.lat_deg), radians(self.lon_deg)
        undulation = geoid.undulation_m(self.lat_deg, self.lon_deg) if self.geoid_m is None else self.geoid_m
        object.__setattr__(self, "_undulation_m", undulation)
        object.__setattr__(self, "_trig", (sin(lat), cos(lat), sin(lon), cos(lon)))
        object.__setattr__(self, "_origin_ecef_m", _ecef(lat, lon, self.alt_amsl_m + undulation))

    @property
    def undulation_m(self) -> float:
        """Height of the geoid above the ellipsoid that the frame goes by."""
        return self._undulation_m

    def to_local(self, lat_deg: float, lon_deg: float, alt_amsl_m: float) -> Vec3:
        """Return (east, north, height above the origin) in metres."""
        x, y, z = _ecef(radians(lat_deg), radians(lon_deg), alt_amsl_m + self._undulation_m)
        ox, oy, oz = self._origin_ecef_m
        dx, dy, dz = x - ox, y - oy, z - oz
        slat, clat, slon, clon = self._trig
        east = -slon * dx + clon * dy
        north = -slat * clon * dx - slat * slon * dy + clat * dz
        return east, north, alt_amsl_m - self.alt_amsl_m

    def to_geodetic(self, east_m: float, north_m: float, up_m: float) -> Vec3:
        """Return (lat_deg, lon_deg, alt_amsl_m) of a local point; the inverse of `to_local` to well below a
        millimetre."""
        alt_amsl = self.alt_amsl_m + up_m
        # The tangent-plane height belonging to this AMSL height is found by iteration: it converges by a factor of d /
        # R.
        plane_up = up_m
        lat = lon = 0.0
        for _ in range(4):
            lat, lon, height = _geodetic(*self._plane_to_ecef(east_m, north_m, plane_up))
            plane_up += alt_amsl + self._undulation_m - height
        return degrees(lat), degrees(lon), alt_amsl

    def to_local_many(self, lat_deg: Array, lon_deg: Array) -> Array:
        """Return (N, 2) east and north in metres of points at the height of the origin."""
        lat, lon = np.radians(lat_deg), np.radians(lon_deg)
        height = self.alt_amsl_m + self._undulation_m
        n = WGS84_A_M / np.sqrt(1.0 - _E2 * np.sin(lat) ** 2)
        ox, oy, oz = self._origin_ecef_m
        dx = (n + height) * np.cos(lat) * np.cos(lon) - ox
        dy = (n + height) * np.cos(lat) * np.sin(lon) - oy
        dz = (n * (1.0 - _E2) + height) * np.sin(lat) - oz
        slat, clat, slon, clon = self._trig
        return np.stack([-slon * dx + clon * dy, -slat * clon * dx - slat * slon * dy + clat * dz], axis=-1)

    def to_geodetic_many(self, east_north_m: Array) -> tuple[Array, Array]:
        """Return (lat_deg, lon_deg), each (N,), of points (N, 2) at the height of the origin."""
        pairs = [self.to_geodetic(float(e), float(n), 0.0)[:2] for e, n in np.atleast_2d(east_north_m)]
        out = np.asarray(pairs, dtype=float).reshape(-1, 2)
        return out[:, 0], out[:, 1]

    def _plane_to_ecef(self, east: float, north: float, up: float) -> Vec3:
        slat, clat, slon, clon = self._trig
        ox, oy, oz = self._origin_ecef_m
        return (
            ox - slon * east - slat * clon * north + clat * clon * up,
            oy + clon * east - slat * slon * north + clat * slon * up,
            oz + clat * north + slat * up,
        )


def distance_m(lat1_deg: float, lon1_deg: float, lat2_deg: float, lon2_deg: float) -> float:
    """Return the geodesic distance in metres (Karney 2013, through geographiclib)."""
    return float(Geodesic.WGS84.Inverse(lat1_deg, lon1_deg, lat2_deg, lon2_deg, Geodesic.DISTANCE)["s12"])


def bearing_deg(lat1_deg: float, lon1_deg: float, lat2_deg: float, lon2_deg: float) -> float:
    """Return the initial bearing, degrees clockwise from north in [0, 360)."""
    azimuth = Geodesic.WGS84.Inverse(lat1_deg, lon1_deg, lat2_deg, lon2_deg, Geodesic.AZIMUTH)["azi1"]
    return float(azimuth) % 360.0


def destination(lat_deg: float, lon_deg: float, bearing_from_north_deg: float, range_m: float) -> tuple[float, float]:
    """Return (lat_deg, lon_deg) of the point at `range_m` along a geodesic."""
    out = Geodesic.WGS84.Direct(lat_deg, lon_deg, bearing_from_north_deg, range_m)
    return float(out["lat2"]), float(out["lon2"])


def _ecef(lat: float, lon: float, height: float) -> Vec3:
    slat, clat = sin(lat), cos(lat)
    n = WGS84_A_M / sqrt(1.0 - _E2 * slat * slat)
    return (n + height) * clat * cos(lon), (n + height) * clat * sin(lon), (n * (1.0 - _E2) + height) * slat


def _geodetic(x: float, y: float, z: float) -> Vec3:
    """Return (lat, lon, height) of an Earth-centred point: Bowring's start, then fixed-point steps to 1e-12 rad."""
    p = sqrt(x * x + y * y)
    lat = atan2(z, p * (1.0 - _E2))
    n = WGS84_A_M
    for _ in range(6):
        slat = sin(lat)
        n = WGS84_A_M / sqrt(1.0 - _E2 * slat * slat)
        lat = atan2(z + _E2 * n * slat, p)
    slat = sin(lat)
    height = p * cos(lat) + z * slat - WGS84_A_M * sqrt(1.0 - _E2 * slat * slat)
    return lat, atan2(y, x), height
