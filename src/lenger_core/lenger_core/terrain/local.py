"""The terrain in the local frame of a site: the same questions in metres east, north and above the origin."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lenger_core import geoid
from lenger_core.geodesy import LocalFrame
from lenger_core.terrain import ellipsoid_kernels
from lenger_core.terrain.model import Terrain
from lenger_core.terrain.radio import STANDARD_K
from lenger_core.terrain.sight import PathClearance, Sight, horizons, lines_of_sight, path_clearance, points3

Array = NDArray[np.float64]


@dataclass(frozen=True)
class LocalTerrain:
    """A terrain seen from a local frame. Points are (N, 3) or (3,) east, north, height above the origin in metres.

    Points (N, 2) or (2,) are taken at the height of the origin: where the ground is 1 km higher, 10 km away, the point
    of the ellipsoid under them lies 1.6 m further in.
    """

    terrain: Terrain
    frame: LocalFrame

    def heights_m(self, points_m: Array) -> Array:
        """Return (N,) heights of the ground above the origin; raises InputError outside the terrain."""
        lat, lon = self.geodetic(points_m)
        return self.terrain.heights_amsl_m(lat, lon) - self.frame.alt_amsl_m

    def clearances_m(self, points_m: Array) -> Array:
        """Return (N,) heights of points (N, 3) above the ground; raises InputError outside the terrain."""
        points = points3(points_m)
        return points[:, 2] - self.heights_m(points)

    def errors_m(self, points_m: Array) -> Array:
        """Return (N,) vertical error bounds; raises InputError outside the terrain."""
        return self.terrain.errors_m(*self.geodetic(points_m))

    def gradients(self, points_m: Array) -> Array:
        """Return (N, 2) rise over run to the east and north, of the point's own meridian; see `Terrain.gradients`."""
        return self.terrain.gradients(*self.geodetic(points_m))

    def lines_of_sight(self, one_m: Array, other_m: Array, frequency_hz: float = 2.4e9, k: float = STANDARD_K) -> Sight:
        """Return what stands between pairs of points (N, 3); see `sight.lines_of_sight`."""
        return lines_of_sight(self.terrain, self._amsl(one_m), self._amsl(other_m), frequency_hz, k)

    def path_clearance(self, path_m: Array) -> PathClearance:
        """Return where a path (N, 3) comes closest to the ground; see `sight.path_clearance`."""
        return path_clearance(self.terrain, self._amsl(path_m))

    def horizons(
        self,
        eyes_m: Array,
        azimuths_deg: Array,
        reach_m: float = 30_000.0,
        k: float = STANDARD_K,
        raised: bool = False,
    ) -> tuple[Array, Array]:
        """Return the horizon about points (N, 3); see `sight.horizons`."""
        return horizons(self.terrain, self._amsl(eyes_m), azimuths_deg, reach_m, k, raised=raised)

    def geodetic(self, points_m: Array) -> tuple[Array, Array]:
        """Return (lat_deg, lon_deg), each (N,), of points (N, 3) or (N, 2): `LocalFrame.to_geodetic` for arrays."""
        points = np.atleast_2d(np.asarray(points_m, dtype=np.float64))
        if points.shape[1] == 2:
            points = np.column_stack([points, np.zeros(len(points))])
        frame = self.frame
        undulation = geoid.undulation_m(frame.lat_deg, frame.lon_deg) if frame.geoid_m is None else frame.geoid_m
        out = ellipsoid_kernels.frame_to_geodetic(
            frame.lat_deg, frame.lon_deg, frame.alt_amsl_m + undulation, np.ascontiguousarray(points)
        )
        return np.ascontiguousarray(out[:, 0]), np.ascontiguousarray(out[:, 1])

    def _amsl(self, points_m: Array) -> Array:
        points = points3(points_m)
        lat, lon = self.geodetic(points)
        return np.column_stack([lat, lon, points[:, 2] + self.frame.alt_amsl_m])
