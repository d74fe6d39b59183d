"""The heightmap: the ground sampled into 16-bit pixels, and read back as Gazebo does.

Gazebo takes the pixel's value over the brightest value times the size's z. Its physics (gz-physics, dartsim) sets the
pixels size / pixels apart, so the surface spans one cell less than the size says; its renderer (ogre2) drops the last
row and column and stretches the rest, 2^n of them, over the size. So that both put every pixel at the same place, the
collision's size is one cell more than the visual's.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lenger_sim.worlds.ground import SiteGround
from lenger_sim.worlds.spec import Ground

Array = NDArray[np.float64]
Pixels = NDArray[np.uint16]

FULL = 65535
LEAST_RISE_M = 1.0
"""Height of a heightmap of level ground, which must still hold a pixel of 0 and one of FULL."""

_ROWS_AT_ONCE = 128


@dataclass(frozen=True)
class Heightmap:
    """Pixels and where they are.

    Attributes:
        pixels: (N, N), row 0 in the north, values that reach from 0 to FULL.
        cell_m: between pixels.
        middle_m: east and north of the middle.
        lowest_m: z of a pixel of 0, metres above the origin.
        rise_m: from a pixel of 0 to one of FULL.
    """

    pixels: Pixels
    cell_m: float
    middle_m: tuple[float, float]
    lowest_m: float
    rise_m: float

    @property
    def collision_size_m(self) -> tuple[float, float, float]:
        """What the `<size>` of the collision must say."""
        side = len(self.pixels) * self.cell_m
        return side, side, self.rise_m

    @property
    def visual_size_m(self) -> tuple[float, float, float]:
        """What the `<size>` of the visual must say."""
        side = (len(self.pixels) - 1) * self.cell_m
        return side, side, self.rise_m


def sample(ground: SiteGround, where: Ground, progress: Callable[[float], None] | None = None) -> Heightmap:
    """Return the heightmap of the ground of a world.

    Args:
        ground: the terrain about its origin.
        where: which square, and how fine.
        progress: is told the share that is done.

    Raises:
        InputError: it reaches beyond the terrain.
    """
    count, cell = where.pixels, where.cell_m
    along = (np.arange(count) - (count - 1) / 2) * cell
    east, north = along + where.middle_m[0], where.middle_m[1] - along
    heights = np.empty((count, count))
    for first in range(0, count, _ROWS_AT_ONCE):
        rows = slice(first, min(first + _ROWS_AT_ONCE, count))
        n, e = (axis.ravel() for axis in np.meshgrid(north[rows], east, indexing="ij"))
        heights[rows] = ground.heights_m(e, n).reshape(-1, count)
        if progress is not None:
            progress(rows.stop / count)
    return from_heights(heights, cell, where.middle_m)


def from_heights(heights_m: Array, cell_m: float, middle_m: tuple[float, float] = (0.0, 0.0)) -> Heightmap:
    """Return the heightmap of heights (N, N), row 0 in the north, metres above the origin."""
    # Whole millimetres: the text of the world file says exactly what the pixels were made with.
    lowest = float(np.floor(heights_m.min() * 1000.0) / 1000.0)
    rise = float(np.ceil((heights_m.max() - lowest) * 1000.0) / 1000.0)
    ends = int(np.argmin(heights_m)), int(np.argmax(heights_m))
    if rise < LEAST_RISE_M:
        # Level ground: two corners give way, one up and one down.
        lowest = float(np.floor((lowest - 0.5 * (LEAST_RISE_M - rise)) * 1000.0) / 1000.0)
        rise, ends = LEAST_RISE_M, (0, heights_m.size - 1)
    pixels = np.rint((heights_m - lowest) * (FULL / rise)).astype(np.uint16)
    # Rounding to millimetres may leave the ends a step short of the full range, which Gazebo would stretch.
    pixels.flat[ends[0]], pixels.flat[ends[1]] = 0, FULL
    return Heightmap(pixels, cell_m, middle_m, lowest, rise)


def collision_heights_m(
    pixels: Pixels, size_m: tuple[float, float, float], east_m: Array, north_m: Array
) -> tuple[Array, Array]:
    """Return z of the surface that Gazebo collides with, over its middle, each (N,): by either diagonal of a cell.

    As gz-physics reads an image: the value over the brightest one times the size's z, cells of size / pixels, and two
    triangles to a cell, whose diagonal is the engine's choice.

    Args:
        pixels: (N, N), row 0 in the north.
        size_m: the collision's `<size>`.
        east_m, north_m: of the middle of the heightmap; points beyond it are taken at its edge.
    """
    count, brightest = len(pixels), float(pixels.max())
    scale = size_m[2] / brightest if brightest else 1.0
    col = np.clip(east_m / (size_m[0] / count) + (count - 1) / 2, 0.0, count - 1.0)
    row = np.clip((count - 1) / 2 - north_m / (size_m[1] / count), 0.0, count - 1.0)
    i, j = (np.minimum(v.astype(int), count - 2) for v in (row, col))
    v, u = row - i, col - j
    nw, ne, sw, se = (pixels[i + a, j + b] * scale for a, b in ((0, 0), (0, 1), (1, 0), (1, 1)))
    falling = np.where(u >= v, nw + (ne - nw) * u + (se - ne) * v, nw + (sw - nw) * v + (se - sw) * u)
    rising = np.where(
        u + v <= 1.0, nw + (ne - nw) * u + (sw - nw) * v, se + (sw - se) * (1.0 - u) + (ne - se) * (1.0 - v)
    )
    return falling, rising
