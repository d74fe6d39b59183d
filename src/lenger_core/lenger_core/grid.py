"""A regular latitude-longitude grid with bilinear interpolation, shared by the terrain and the geoid."""

from __future__ import annotations

from dataclasses import dataclass
from importlib import resources

import numpy as np
from numpy.typing import NDArray

from lenger_core.errors import InputError

Array = NDArray[np.float64]


@dataclass(frozen=True)
class LatLonGrid:
    """Values at cell centres, row 0 at `first_lat_deg`, column 0 at `first_lon_deg`; steps may be negative."""

    name: str
    values: Array
    first_lat_deg: float
    first_lon_deg: float
    step_lat_deg: float
    step_lon_deg: float

    @staticmethod
    def load(name: str, file: str, key: str) -> LatLonGrid:
        """Read a grid that ships inside this package."""
        with resources.files("lenger_core").joinpath("data", file).open("rb") as stream, np.load(stream) as data:
            values = np.ascontiguousarray(data[key], dtype=np.float64)
            corners = [float(data[k]) for k in ("first_lat_deg", "first_lon_deg", "step_lat_deg", "step_lon_deg")]
        values.setflags(write=False)
        return LatLonGrid(name, values, *corners)

    def bounds_deg(self) -> tuple[float, float, float, float]:
        """Return (south, west, north, east) of the outermost cell centres."""
        rows, cols = self.values.shape
        lats = sorted((self.first_lat_deg, self.first_lat_deg + (rows - 1) * self.step_lat_deg))
        lons = sorted((self.first_lon_deg, self.first_lon_deg + (cols - 1) * self.step_lon_deg))
        return lats[0], lons[0], lats[1], lons[1]

    def at(self, lat_deg: float, lon_deg: float) -> float:
        """Return the bilinear value at one point.

        Raises:
            InputError: outside the grid.
        """
        row = (lat_deg - self.first_lat_deg) / self.step_lat_deg
        col = (lon_deg - self.first_lon_deg) / self.step_lon_deg
        rows, cols = self.values.shape
        if not (0.0 <= row <= rows - 1 and 0.0 <= col <= cols - 1):
            raise self._outside(lat_deg, lon_deg)
        r, c = min(int(row), rows - 2), min(int(col), cols - 2)
        fr, fc = row - r, col - c
        v = self.values
        top = v.item(r, c) * (1.0 - fc) + v.item(r, c + 1) * fc
        bottom = v.item(r + 1, c) * (1.0 - fc) + v.item(r + 1, c + 1) * fc
        return float(top * (1.0 - fr) + bottom * fr)

    def at_many(self, lat_deg: Array, lon_deg: Array) -> Array:
        """Return the bilinear values at points of any common shape.

        Raises:
            InputError: a point outside the grid.
        """
        lat, lon = np.asarray(lat_deg, dtype=float), np.asarray(lon_deg, dtype=float)
        row = (lat - self.first_lat_deg) / self.step_lat_deg
        col = (lon - self.first_lon_deg) / self.step_lon_deg
        rows, cols = self.values.shape
        outside = ~((row >= 0) & (row <= rows - 1) & (col >= 0) & (col <= cols - 1))
        if outside.any():
            first = tuple(np.argwhere(np.atleast_1d(outside))[0])
            raise self._outside(float(np.atleast_1d(lat)[first]), float(np.atleast_1d(lon)[first]))
        r, c = np.minimum(row.astype(int), rows - 2), np.minimum(col.astype(int), cols - 2)
        fr, fc = row - r, col - c
        v = self.values
        top = v[r, c] * (1.0 - fc) + v[r, c + 1] * fc
        bottom = v[r + 1, c] * (1.0 - fc) + v[r + 1, c + 1] * fc
        out: Array = top * (1.0 - fr) + bottom * fr
        return out

    def _outside(self, lat_deg: float, lon_deg: float) -> InputError:
        south, west, north, east = self.bounds_deg()
        valid = f"latitude {south:.3f} to {north:.3f}, longitude {west:.3f} to {east:.3f}"
        return InputError(self.name, "position", f"{lat_deg:.6f}, {lon_deg:.6f}", valid)
