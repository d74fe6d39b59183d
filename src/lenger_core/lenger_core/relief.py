"""Shaded relief with height tints and contour lines: heights in, colours out.

Row 0 of every array is the north. Nothing here draws text or reads a file; debrief, console and PNG maps put their own
things on top.
"""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray
from scipy.interpolate import RectBivariateSpline
from scipy.ndimage import gaussian_filter

from lenger_core.errors import InputError
from lenger_core.terrain.local import LocalTerrain

Array = NDArray[np.float64]
Picture = NDArray[np.uint8]

TINTS = (
    (0.00, (176, 200, 160)),
    (0.12, (199, 213, 170)),
    (0.28, (224, 219, 176)),
    (0.45, (218, 193, 144)),
    (0.62, (193, 158, 118)),
    (0.78, (170, 138, 117)),
    (0.90, (190, 178, 172)),
    (1.00, (245, 245, 246)),
)
"""Share of the height range and colour: steppe, foothills, mountains, snow; light enough for lines on top."""

_SUNS_DEG = ((225.0, 0.18), (270.0, 0.27), (315.0, 0.37), (360.0, 0.18))
"""Azimuths of the lights and their shares: USGS's four (Mark 1992), the north-west strongest, as eyes expect."""

_SUN_HEIGHT_DEG = 38.0
_COARSE_SHARE = 0.35
_SHADOW, _LIGHT = np.array([0.30, 0.33, 0.46]), np.array([1.13, 1.10, 1.02])
_CONTOUR = np.array([112.0, 84.0, 58.0])
_CONTOUR_STEPS_M = (1.0, 2.0, 5.0, 10.0, 20.0, 50.0, 100.0, 200.0, 500.0, 1000.0)


@dataclass(frozen=True)
class ReliefStyle:
    """How a relief looks.

    Attributes:
        span_m: heights of the first and the last tint; None: the picture's lowest and highest, 600 m apart or more.
        exaggeration: of slopes; None: more where the land is flat.
        contour_m: between contour lines, every fifth bolder; 0: none, None: about ten of them.
    """

    span_m: tuple[float, float] | None = None
    exaggeration: float | None = None
    contour_m: float | None = 0.0


def relief_rgb(heights_m: Array, spacing_m: tuple[float, float], style: ReliefStyle | None = None) -> Picture:
    """Return (rows, columns, 3) colours of a shaded relief.

    Args:
        heights_m: (rows, columns), row 0 in the north; NaN is left light grey.
        spacing_m: between rows and between columns.
        style: how it looks.

    Raises:
        InputError: less than 2 x 2 heights, or a spacing that is not above 0.
    """
    style = style or ReliefStyle()
    heights = _checked(heights_m, spacing_m)
    known = np.isfinite(heights)
    filled = np.where(known, heights, heights[known].mean() if known.any() else 0.0)
    low, high = style.span_m or _span(filled)
    shade = hillshade(filled, spacing_m, style.exaggeration or exaggeration_for(filled, spacing_m))[..., None]
    colour = tint(filled, low, high) * (_SHADOW + shade * (_LIGHT - _SHADOW))
    step = contour_step(filled) if style.contour_m is None else style.contour_m
    if step > 0.0:
        cover = contour_cover(filled, step)[..., None]
        colour = colour * (1.0 - cover) + _CONTOUR * cover
    colour[~known] = 225.0
    return np.asarray(np.clip(colour + 0.5, 0.0, 255.0), dtype=np.uint8)


def tint(heights_m: Array, low_m: float, high_m: float) -> Array:
    """Return (..., 3) colours of 0 to 255 by height."""
    share = np.clip((np.asarray(heights_m) - low_m) / max(high_m - low_m, 1e-9), 0.0, 1.0)
    stops = [stop for stop, _ in TINTS]
    return np.stack([np.interp(share, stops, [colour[i] for _, colour in TINTS]) for i in range(3)], axis=-1)


def hillshade(heights_m: Array, spacing_m: tuple[float, float], exaggeration: float = 1.0) -> Array:
    """Return light of 0 to 1 from four directions, 0.75 on level ground; broad forms count beside fine ones.

    Lambert's law for each light; fine ground and the same ground smoothed are both lit, so that the large forms are
    read through the gullies (after Leonowicz et al. 2010).
    """
    heights = np.asarray(heights_m, dtype=float)
    fine = _lit(heights, spacing_m, exaggeration)
    coarse = _lit(_blurred(heights, 0.012 * max(heights.shape)), spacing_m, 2.0 * exaggeration)
    return np.clip(fine * (1.0 - _COARSE_SHARE) + coarse * _COARSE_SHARE, 0.0, 1.0)


def contour_cover(heights_m: Array, step_m: float) -> Array:
    """Return how much of each pixel contour lines cover, 0 to 1, smooth-edged; every fifth line is bolder."""
    heights = np.asarray(heights_m, dtype=float)
    by_row, by_col = np.gradient(heights)
    per_pixel = np.maximum(np.hypot(by_row, by_col), 1e-6)
    cover = np.zeros_like(heights)
    for step, half_width, strength in ((step_m, 0.45, 0.45), (5.0 * step_m, 0.75, 0.75)):
        off = np.abs(heights / step - np.round(heights / step)) * step / per_pixel
        # Where lines would run into each other they fade, and where the ground is level there is none.
        room = np.clip(step / per_pixel / 3.0 - 1.0, 0.0, 1.0) * np.clip(per_pixel / (0.004 * step), 0.0, 1.0)
        cover = np.maximum(cover, strength * np.clip(half_width + 0.5 - off, 0.0, 1.0) * room)
    return cover


def contour_step(heights_m: Array) -> float:
    """Return a round distance between contour lines that makes about ten of them."""
    rise = float(np.nanmax(heights_m) - np.nanmin(heights_m))
    return next((step for step in _CONTOUR_STEPS_M if rise / step <= 14.0), _CONTOUR_STEPS_M[-1])


def exaggeration_for(heights_m: Array, spacing_m: tuple[float, float]) -> float:
    """Return how much slopes must be steepened for the picture to show them: 1 in mountains, up to 8 on a plain."""
    by_row, by_col = np.gradient(np.asarray(heights_m, dtype=float), *spacing_m)
    steep = float(np.percentile(np.hypot(by_row, by_col), 90))
    return float(np.clip(0.42 / max(steep, 1e-6), 1.0, 8.0))


def heights_over(
    land: LocalTerrain, west_m: float, south_m: float, east_m: float, north_m: float, columns: int
) -> tuple[Array, tuple[float, float]]:
    """Return ((rows, columns) heights AMSL, row 0 in the north; spacing in metres) of a rectangle of the local frame.

    Raises:
        InputError: it reaches beyond the terrain, or is empty.
    """
    if not (east_m > west_m and north_m > south_m and columns >= 2):
        raise InputError(
            "map", "rectangle", (west_m, south_m, east_m, north_m, columns), "some area, 2 columns or more"
        )
    rows = max(2, round((columns - 1) * (north_m - south_m) / (east_m - west_m)) + 1)
    east, north = np.linspace(west_m, east_m, columns), np.linspace(north_m, south_m, rows)
    points = np.stack(np.meshgrid(east, north), axis=-1).reshape(-1, 2)
    heights = land.heights_m(points).reshape(rows, columns) + land.frame.alt_amsl_m
    return heights, ((north_m - south_m) / (rows - 1), (east_m - west_m) / (columns - 1))


def smooth_heights_over(
    land: LocalTerrain, west_m: float, south_m: float, east_m: float, north_m: float, columns: int
) -> tuple[Array, tuple[float, float]]:
    """Return `heights_over` for the eye: where pixels are finer than the terrain's cells, cubic between those.

    Flights use the bilinear surface, whose slope jumps from cell to cell: lit, every cell would show as a facet.

    Raises:
        InputError: it reaches beyond the terrain, or is empty.
    """
    step_lat, step_lon = land.terrain.surface.steps_deg
    cell_m = 111_320.0 * min(abs(step_lat), abs(step_lon) * float(np.cos(np.radians(land.frame.lat_deg))))
    cells = int(np.ceil((east_m - west_m) / cell_m)) + 1
    if cells >= columns:
        return heights_over(land, west_m, south_m, east_m, north_m, columns)
    coarse, _ = heights_over(land, west_m, south_m, east_m, north_m, max(cells, 4))
    rows = max(2, round((columns - 1) * (north_m - south_m) / (east_m - west_m)) + 1)
    by_cells = np.linspace(0.0, 1.0, coarse.shape[0]), np.linspace(0.0, 1.0, coarse.shape[1])
    order = min(3, coarse.shape[0] - 1)
    spline = RectBivariateSpline(*by_cells, coarse, kx=order)
    heights = np.asarray(spline(np.linspace(0.0, 1.0, rows), np.linspace(0.0, 1.0, columns)))
    return heights, ((north_m - south_m) / (rows - 1), (east_m - west_m) / (columns - 1))


def _blurred(heights: Array, sigma_px: float) -> Array:
    """Smoothed, with slopes going on beyond the edges: a frame of level ground would be lit as one."""
    pad = min(int(np.ceil(4.0 * sigma_px)) + 1, min(heights.shape) - 1)
    wide = np.pad(heights, pad, mode="reflect", reflect_type="odd")
    return np.asarray(gaussian_filter(wide, sigma_px)[pad : wide.shape[0] - pad, pad : wide.shape[1] - pad])


def _lit(heights: Array, spacing_m: tuple[float, float], exaggeration: float) -> Array:
    """Light on a surface; 0.75 on level ground, whatever the sun's height."""
    by_row, by_col = np.gradient(heights, *spacing_m)
    east, north = by_col * exaggeration, -by_row * exaggeration
    length = np.sqrt(1.0 + east * east + north * north)
    height = np.radians(_SUN_HEIGHT_DEG)
    total = np.zeros_like(heights)
    for azimuth_deg, share in _SUNS_DEG:
        azimuth = np.radians(azimuth_deg)
        sun = np.sin(azimuth) * np.cos(height), np.cos(azimuth) * np.cos(height), np.sin(height)
        total += share * np.maximum(0.0, (sun[2] - east * sun[0] - north * sun[1]) / length)
    return np.asarray(total * 0.75 / np.sin(height))


def _span(heights: Array) -> tuple[float, float]:
    low, high = float(heights.min()), float(heights.max())
    return low, max(high, low + 600.0)


def _checked(heights_m: Array, spacing_m: tuple[float, float]) -> Array:
    heights = np.asarray(heights_m, dtype=np.float64)
    if heights.ndim != 2 or min(heights.shape) < 2:
        raise InputError("relief", "heights", heights.shape, "rows and columns, 2 of each or more")
    if not min(spacing_m) > 0.0:
        raise InputError("relief", "spacing_m", spacing_m, "metres above 0")
    return heights
