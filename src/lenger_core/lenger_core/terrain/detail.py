"""Lenger's terrain: GLOBE's relief with synthetic detail at 1 arc second, pinned to published heights."""

from __future__ import annotations

import hashlib
from dataclasses import dataclass, field
from functools import cached_property
from importlib import resources
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

from lenger_core.grid import LatLonGrid
from lenger_core.terrain import pins
from lenger_core.terrain.cache import ArrayCache, Windows, default_cache_dir
from lenger_core.terrain.detail_kernels import QUANTUM, detail_tile
from lenger_core.terrain.globe import bound_of, load_globe
from lenger_core.terrain.landform import STEPS, LandformSettings, padded, relief_of, shape_land
from lenger_core.terrain.landform_kernels import fine_row
from lenger_core.terrain.model import Terrain
from lenger_core.terrain.pins import Bump, LevelArea, SpotHeight, around, bump_for
from lenger_core.terrain.raster import Raster, Tile
from lenger_core.terrain.raster_kernels import TILE

Array = NDArray[np.float64]

FINE_STEPS = 5
"""Fine steps to one of the landform: 1 arc second, 30.9 m by 23.0 m."""

PLAIN_ERROR_M = 20.0
"""Least error bound: GLOBE's on the plain, and the detail on it."""

STEP_DEG = 1.0 / 3600.0
SPACING_M = (pins.NORTH_M_PER_DEG / 3600.0, pins.EAST_M_PER_DEG / 3600.0)

_SOURCES = (
    "pins.py",
    "landform.py",
    "landform_kernels.py",
    "detail.py",
    "detail_kernels.py",
    "noise_kernels.py",
    "drainage_kernels.py",
)


@dataclass(frozen=True)
class DetailSettings:
    """What makes the detail; part of the terrain's identity.

    Attributes:
        landform: valleys and ridges.
        winding_m: first wavelength of the bends of valleys.
        gully_m: spacing of the coarsest gullies, each next is half of that.
        rough_m: first wavelength of the roughness that is everywhere.
        spots: published heights to hit.
        level: level areas.
    """

    landform: LandformSettings = field(default_factory=LandformSettings)
    winding_m: float = 900.0
    gully_m: float = 420.0
    rough_m: float = 500.0
    spots: tuple[SpotHeight, ...] = pins.SPOT_HEIGHTS
    level: tuple[LevelArea, ...] = pins.LEVEL_AREAS


class Detail:
    """Makes tiles of the detailed terrain; the landform, seconds of work, is made when the first tile is.

    Args:
        globe: the base.
        settings: what to make of it.
        folder: where tiles are kept between runs; None: nowhere.
    """

    def __init__(self, globe: LatLonGrid, settings: DetailSettings, folder: Path | None) -> None:
        self._globe = globe
        self._settings = settings
        self._cache = ArrayCache(None if folder is None else folder / f"lenger-{self.identity()}")

    @property
    def shape(self) -> tuple[int, int]:
        """Nodes of the fine lattice, rows and columns; node (0, 0) is GLOBE's."""
        rows, cols = self._globe.values.shape
        return (rows - 1) * STEPS * FINE_STEPS + 1, (cols - 1) * STEPS * FINE_STEPS + 1

    def identity(self) -> str:
        """Return a digest of everything the heights come from: the base, the settings and the code."""
        digest = hashlib.blake2b(self._globe.values.tobytes(), digest_size=10)
        digest.update(repr(self._settings).encode())
        for name in _SOURCES:
            digest.update(resources.files("lenger_core.terrain").joinpath(name).read_bytes())
        return digest.hexdigest()

    def tile(self, row: int, col: int) -> Tile:
        """Return the (TILE + 1, TILE + 1) heights of a tile."""
        return self._cache.get(f"{row:02}_{col:02}", (TILE + 1, TILE + 1), lambda: self._made_tile(row, col))

    def _made_tile(self, row: int, col: int) -> Tile:
        row0, col0 = row * TILE, col * TILE
        height = self._pinned(row0, col0, TILE + 1)
        for area, level in self._levels:
            _level(height, area, level, row0, col0)
        return np.asarray(np.floor(height * QUANTUM + 0.5) / QUANTUM, dtype=np.float32)

    @cached_property
    def land(self) -> Windows:
        """The shaped land at 5 arc seconds: see `shape_land`."""
        rows, cols = (n // FINE_STEPS + 1 for n in self.shape)
        return self._cache.windows("landform", (2, rows, cols), self._made_land)

    @property
    def ready(self) -> bool:
        """Whether the landform was made and kept before, so that tiles come without a wait of seconds."""
        return self._cache.has("landform")

    def _made_land(self) -> Tile:
        globe, settings = np.asarray(self._globe.values), self._settings
        smooth, bumps, present = padded(globe), [], np.empty(1)
        for spot in settings.spots:
            row = round((pins.NORTH_EDGE_DEG - spot.lat_deg) * 3600.0 / FINE_STEPS)
            col = round((spot.lon_deg - pins.WEST_EDGE_DEG) * 3600.0 / FINE_STEPS)
            fine_row(smooth, STEPS, row, col, present)
            bumps.append(bump_for(spot, float(present[0]), 900.0))
        return shape_land(globe, bumps, settings.landform)

    @cached_property
    def _relief(self) -> Array:
        return relief_of(np.asarray(self._globe.values))

    @cached_property
    def _bumps(self) -> tuple[Bump, ...]:
        """What the spot heights still need above the detail."""
        bumps = []
        for spot in self._settings.spots:
            row, col = _node(spot.lat_deg, spot.lon_deg)
            bumps.append(bump_for(spot, float(self._raw(row, col, 1)[0, 0]), 500.0))
        return tuple(bumps)

    @cached_property
    def _levels(self) -> tuple[tuple[LevelArea, float], ...]:
        """The level areas and their heights."""
        areas = self._settings.level
        return tuple((a, float(self._pinned(*_node(a.lat_deg, a.lon_deg), 1)[0, 0])) for a in areas)

    def _pinned(self, row0: int, col0: int, nodes: int) -> Array:
        height = self._raw(row0, col0, nodes)
        for bump in self._bumps:
            bump.add_to(height, *SPACING_M, row0, col0)
        return height

    def _raw(self, row0: int, col0: int, nodes: int) -> Array:
        s, (last_row, last_col) = self._settings, (n - 1 for n in self.land.shape[1:])
        # Bends reach two coarse nodes further, the spline another two.
        rows = range(max(0, row0 // FINE_STEPS - 6), min(last_row, (row0 + nodes) // FINE_STEPS + 7) + 1)
        cols = range(max(0, col0 // FINE_STEPS - 6), min(last_col, (col0 + nodes) // FINE_STEPS + 7) + 1)
        relief = np.empty((len(rows), len(cols)))
        for number, row in enumerate(rows):
            fine_row(self._relief, STEPS, row, cols.start, relief[number])
        made = detail_tile(
            self.land.read(0, rows, cols),
            np.maximum(relief, 0.0).astype(np.float32),
            (rows.start, cols.start, last_row, last_col),
            (row0, col0, nodes),
            FINE_STEPS,
            SPACING_M,
            (s.winding_m, s.gully_m, s.rough_m),
            s.landform.seed,
        )
        return np.asarray(made)


def _node(lat_deg: float, lon_deg: float) -> tuple[int, int]:
    return round((pins.NORTH_EDGE_DEG - lat_deg) * 3600.0), round((lon_deg - pins.WEST_EDGE_DEG) * 3600.0)


def _level(height: Array, area: LevelArea, level_m: float, row0: int, col0: int) -> None:
    box = around(area.lat_deg, area.lon_deg, area.radius_m + area.blend_m, height.shape, SPACING_M, (row0, col0))
    if box is None:
        return
    rows, cols, distance2 = box
    t = np.clip((np.sqrt(distance2) - area.radius_m) / area.blend_m, 0.0, 1.0)
    share = t * t * (3.0 - 2.0 * t)
    height[rows, cols] = level_m + share * (height[rows, cols] - level_m)


def lenger_terrain(folder: Path | None = None, settings: DetailSettings | None = None, keep: bool = True) -> Terrain:
    """Return the terrain around Lenger at 1 arc second: GLOBE's relief, **synthetic** detail, published spot heights.

    The same heights on every machine and in every run. Tiles of 8 km by 6 km are made when first asked for and kept.

    Args:
        folder: where to keep them between runs; None: `default_cache_dir()`.
        settings: another seed, roughness or level areas; None: Lenger's own.
        keep: False writes and reads no file.
    """
    globe = load_globe()
    detail = Detail(globe.grid, settings or DetailSettings(), (folder or default_cache_dir()) if keep else None)
    grid = globe.grid
    raster = Raster(
        "Lenger terrain", grid.first_lat_deg, grid.first_lon_deg, -STEP_DEG, STEP_DEG, *detail.shape, detail.tile
    )
    name = "NOAA GLOBE 30 arc seconds with synthetic detail, pinned to published heights"
    return Terrain(name, True, grid, bound_of(grid, PLAIN_ERROR_M), raster)


def detail_is_made(folder: Path | None = None) -> bool:
    """Return whether the seconds of work behind Lenger's first tile were done before, on this machine."""
    return Detail(load_globe().grid, DetailSettings(), folder or default_cache_dir()).ready
