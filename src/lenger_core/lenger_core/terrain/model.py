"""What everybody asks about the ground."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from typing import Literal

import numpy as np
from numpy.typing import NDArray

from lenger_core import geoid
from lenger_core.errors import InputError
from lenger_core.grid import LatLonGrid
from lenger_core.terrain.raster import Raster, read_only
from lenger_core.terrain.raster_kernels import Lattice

Array = NDArray[np.float64]

Trust = Literal["model", "ground"]
"""What a terrain is to a flight: a model of the real ground, wrong by up to its error bound, or, for an aircraft that
is simulated over it, the ground itself."""


@dataclass(frozen=True)
class Terrain:
    """A ground model with a vertical error bound. Any number of threads may ask it.

    Heights are metres AMSL (EGM96), positions WGS84 degrees. Questions about points outside the model, or in a gap of
    its data, raise InputError. Sight, horizon and clearance along a path: `lenger_core.terrain.sight`.

    Attributes:
        name: the source, as it is shown to people.
        synthetic: True where detail was invented: no model of the real ground, so heights above it are refused there.
        grid: heights, for a model without `raster`; else an overview of them at about 1 km.
        error: vertical error bound in metres.
        raster: finer heights, in tiles.
        trust: whether the error bound and the refusal of what is synthetic apply.
    """

    name: str
    synthetic: bool
    grid: LatLonGrid
    error: LatLonGrid
    raster: Raster | None = None
    trust: Trust = "model"

    def as_ground(self) -> Terrain:
        """Return the same terrain as a simulator's ground: its error bound is 0, because the aircraft flies over it."""
        none = np.zeros((2, 2))
        none.setflags(write=False)
        south, west, north, east = self.error.bounds_deg()
        error = LatLonGrid(f"{self.error.name}, none", none, south, west, north - south, east - west)
        return replace(self, trust="ground", error=error)

    def height_amsl_m(self, lat_deg: float, lon_deg: float) -> float:
        """Return the ground height; raises InputError outside the model."""
        return self.grid.at(lat_deg, lon_deg) if self.raster is None else self.raster.at(lat_deg, lon_deg)

    def heights_amsl_m(self, lat_deg: Array, lon_deg: Array) -> Array:
        """Return ground heights of points of any common shape; raises InputError outside the model."""
        if self.raster is None:
            return self.grid.at_many(lat_deg, lon_deg)
        return self.raster.heights(lat_deg, lon_deg)

    def error_m(self, lat_deg: float, lon_deg: float) -> float:
        """Return the vertical error bound at a point; raises InputError outside the model."""
        return self.error.at(lat_deg, lon_deg)

    def errors_m(self, lat_deg: Array, lon_deg: Array) -> Array:
        """Return the vertical error bounds of points of any common shape; raises InputError outside the model."""
        return self.error.at_many(lat_deg, lon_deg)

    def heights_ellipsoid_m(self, lat_deg: Array, lon_deg: Array) -> Array:
        """Return ground heights above the WGS84 ellipsoid; raises InputError outside the model or the geoid's grid."""
        return self.heights_amsl_m(lat_deg, lon_deg) + geoid.undulations_m(lat_deg, lon_deg)

    def agl_m(self, lat_deg: Array, lon_deg: Array, alt_amsl_m: Array) -> Array:
        """Return heights above the ground of points of any common shape; raises InputError outside the model."""
        return np.asarray(alt_amsl_m - self.heights_amsl_m(lat_deg, lon_deg))

    def gradients(self, lat_deg: Array, lon_deg: Array) -> Array:
        """Return (N, 2) rise over run of the ground to the east and to the north at points (N,).

        Exact for the bilinear surface, so it jumps from cell to cell. Raises InputError outside the model.
        """
        return self.surface.gradients(lat_deg, lon_deg)

    def slopes_deg(self, lat_deg: Array, lon_deg: Array) -> Array:
        """Return (N,) angles of the ground to the horizontal; raises InputError outside the model."""
        return np.asarray(np.degrees(np.arctan(np.linalg.norm(self.gradients(lat_deg, lon_deg), axis=-1))))

    def normals_enu(self, lat_deg: Array, lon_deg: Array) -> Array:
        """Return (N, 3) upward unit normals of the ground, east north up; raises InputError outside the model."""
        gradient = self.gradients(lat_deg, lon_deg)
        normal = np.column_stack([-gradient, np.ones(len(gradient))])
        return np.asarray(normal / np.linalg.norm(normal, axis=1, keepdims=True))

    def has(self, lat_deg: Array, lon_deg: Array) -> NDArray[np.bool_]:
        """Return for points of any common shape whether they lie within the model's outline."""
        south, west, north, east = self.surface.bounds_deg()
        lat, lon = np.asarray(lat_deg), np.asarray(lon_deg)
        return np.asarray((lat >= south) & (lat <= north) & (lon >= west) & (lon <= east))

    def prefetch(self, lat_deg: float, lon_deg: float, radius_m: float) -> None:
        """Get ready what lies around a place, so that no later question there has to wait for it."""
        if self.raster is not None:
            self.raster.prefetch(lat_deg, lon_deg, radius_m)

    def require_real(self, use: str) -> None:
        """Refuse to be used where an aircraft hangs on it, if detail of this model of the real ground was invented.

        Raises:
            InputError: the terrain is synthetic, and not a simulator's ground.
        """
        if self.synthetic and self.trust != "ground":
            raise InputError(
                use, "terrain", self.name, "a measured terrain (--dem FILE), or heights AMSL or above home"
            )

    @cached_property
    def surface(self) -> Raster:
        """The heights as the compiled questions take them."""
        return Raster.from_grid(self.grid) if self.raster is None else self.raster

    @cached_property
    def error_nodes(self) -> tuple[Array, Lattice]:
        """The error bound as the compiled questions take it: its nodes and where they are."""
        grid, (rows, cols) = self.error, self.error.values.shape
        corner = grid.first_lat_deg, grid.first_lon_deg
        nodes = read_only(np.ascontiguousarray(grid.values, dtype=np.float64))
        return nodes, Lattice(*corner, grid.step_lat_deg, grid.step_lon_deg, rows, cols)
