"""Shaded relief with height tints and contour lines, as the background of a map."""

from __future__ import annotations

import base64
from dataclasses import dataclass
from io import BytesIO

import numpy as np
from matplotlib import image
from matplotlib.colors import LightSource, LinearSegmentedColormap
from numpy.typing import NDArray
from scipy.interpolate import RectBivariateSpline

from lenger_core.geodesy import LocalFrame
from lenger_core.terrain import Terrain

Array = NDArray[np.float64]

# Muted greens of the plain to the browns of the hills, light enough for lines on top of it.
_TINTS = LinearSegmentedColormap.from_list(
    "lenger", ["#c9d8b6", "#d9dfb9", "#e9e3be", "#e6d3a6", "#d8ba8c", "#c9a57d", "#bf9c80", "#e8e4de"]
)
_PIXELS = 360
_SUN_FROM_DEG, _SUN_HEIGHT_DEG = 315.0, 42.0


@dataclass(frozen=True)
class View:
    """The rectangle of a map in metres east and north of the site."""

    west: float
    south: float
    east: float
    north: float

    @property
    def width_m(self) -> float:
        """East to west."""
        return self.east - self.west

    @property
    def height_m(self) -> float:
        """North to south."""
        return self.north - self.south


@dataclass(frozen=True)
class Relief:
    """A picture and the contour lines of one view.

    Attributes:
        png: base64 of the picture, north up, filling the view.
        contours: (height AMSL in m, (N, 2) m east and north) of every line.
        step_m: between contour lines.
    """

    png: str
    contours: tuple[tuple[float, Array], ...]
    step_m: float


def relief_of(terrain: Terrain, frame: LocalFrame, view: View) -> Relief | None:
    """Return the relief of a view, None where it reaches beyond the terrain model."""
    east = np.linspace(view.west, view.east, _PIXELS)
    north = np.linspace(view.south, view.north, round(_PIXELS * view.height_m / view.width_m))
    heights = _heights(terrain, frame, east, north)
    if heights is None:
        return None
    low, high = float(heights.min()), float(heights.max())
    light = LightSource(_SUN_FROM_DEG, _SUN_HEIGHT_DEG)
    cell_m = view.width_m / _PIXELS
    steepness = float(np.clip(0.16 * view.width_m / max(high - low, 1.0), 1.0, 8.0))
    tints = _TINTS((heights - low) / max(high - low, 30.0))[..., :3]
    shaded = light.shade_rgb(tints, heights, vert_exag=steepness, dx=cell_m, dy=cell_m, blend_mode="soft")
    buffer = BytesIO()
    image.imsave(buffer, np.clip(shaded[::-1], 0.0, 1.0), format="png", pil_kwargs={"optimize": True})
    step = next(s for s in (2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0) if (high - low) / s <= 12)
    return Relief(base64.b64encode(buffer.getvalue()).decode(), _contours(east, north, heights, step), step)


def _heights(terrain: Terrain, frame: LocalFrame, east: Array, north: Array) -> Array | None:
    """(rows north, columns east) heights AMSL.

    Cubic splines through the model's cells, which are 0.9 km wide: joined by straight lines, as the flight uses them,
    every cell border would show as a crease. Over so small an area latitude and longitude are bilinear in the plane.
    """
    corners = np.array([(e, n) for n in (north[0], north[-1]) for e in (east[0], east[-1])])
    lat, lon = frame.to_geodetic_many(corners)
    south, west, top, right = terrain.grid.bounds_deg()
    if lat.min() < south or lat.max() > top or lon.min() < west or lon.max() > right:
        return None
    u = (east - east[0]) / (east[-1] - east[0])
    v = ((north - north[0]) / (north[-1] - north[0]))[:, None]

    def blend(c: Array) -> Array:
        return np.asarray((c[0] * (1 - u) + c[1] * u) * (1 - v) + (c[2] * (1 - u) + c[3] * u) * v)

    return np.asarray(_spline(terrain)(blend(lat), blend(lon), grid=False))


def _spline(terrain: Terrain) -> RectBivariateSpline:
    grid = terrain.grid
    rows, columns = grid.values.shape
    lats = grid.first_lat_deg + grid.step_lat_deg * np.arange(rows)
    lons = grid.first_lon_deg + grid.step_lon_deg * np.arange(columns)
    flip_lat, flip_lon = np.sign(grid.step_lat_deg).astype(int), np.sign(grid.step_lon_deg).astype(int)
    return RectBivariateSpline(lats[::flip_lat], lons[::flip_lon], grid.values[::flip_lat, ::flip_lon])


def _contours(east: Array, north: Array, heights: Array, step: float) -> tuple[tuple[float, Array], ...]:
    from contourpy import contour_generator

    generator = contour_generator(east, north, heights)
    levels = np.arange(np.ceil(heights.min() / step) * step, heights.max(), step)
    lines = ((level, np.asarray(line)) for level in levels for line in generator.lines(level))
    return tuple((float(level), line[::4]) for level, line in lines if len(line) > 12)
