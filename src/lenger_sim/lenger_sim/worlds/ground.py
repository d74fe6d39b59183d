"""The terrain as a world sees it: metres east and north of the origin, height above the ground under the origin."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lenger_core.geodesy import LocalFrame
from lenger_core.terrain import LocalTerrain, Terrain

Array = NDArray[np.float64]

_ROUNDS = 2
"""A point of the tangent plane lies over another place of the ellipsoid the higher it is: 1.6 m at 10 km and 1 km. The
second look is right to a millimetre."""


@dataclass(frozen=True)
class SiteGround:
    """The ground about a world's origin, whose z of 0 is the ground under it.

    z is a height above sea level less the origin's, as in every local frame of Lenger, so the sea is flat in Gazebo and
    the horizontal axes are those of the plane that touches the ellipsoid at the origin.
    """

    land: LocalTerrain

    @staticmethod
    def at(terrain: Terrain, lat_deg: float, lon_deg: float) -> SiteGround:
        """Return the ground about a place.

        Raises:
            InputError: the place is outside the terrain.
        """
        height = terrain.height_amsl_m(lat_deg, lon_deg)
        return SiteGround(LocalTerrain(terrain, LocalFrame(lat_deg, lon_deg, height)))

    @property
    def frame(self) -> LocalFrame:
        """The local frame."""
        return self.land.frame

    def heights_m(self, east_m: Array, north_m: Array) -> Array:
        """Return z of the ground at points (N,).

        Raises:
            InputError: a point is outside the terrain.
        """
        z = np.zeros(np.shape(east_m))
        for _ in range(_ROUNDS):
            z = self.land.heights_m(np.column_stack([east_m, north_m, z]))
        return z

    def height_m(self, east_m: float, north_m: float) -> float:
        """Return z of the ground at a point; raises InputError outside the terrain."""
        return float(self.heights_m(np.array([east_m]), np.array([north_m]))[0])

    def to_local(self, lat_deg: float, lon_deg: float) -> tuple[float, float]:
        """Return (east, north) in metres of the ground at a place; raises InputError outside the terrain."""
        height = self.land.terrain.height_amsl_m(lat_deg, lon_deg)
        east, north, _ = self.frame.to_local(lat_deg, lon_deg, height)
        return east, north
