"""A terrain from one's own DEM files: mosaicked, cropped, voids filled and counted, checked, and kept."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from contextlib import ExitStack
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray
from rasterio.fill import fillnodata

from lenger_core import geoid
from lenger_core.errors import InputError
from lenger_core.grid import LatLonGrid
from lenger_core.terrain.cache import ArrayCache, default_cache_dir
from lenger_core.terrain.dem_sources import Bounds, Heights, Source, open_source
from lenger_core.terrain.model import Terrain
from lenger_core.terrain.raster import Raster, tile_of

Array = NDArray[np.float64]

AREA: Bounds = (41.65, 69.2, 42.7, 70.6)
"""South, west, north, east of what is taken where nothing else is asked: Lenger, Shymkent, the ridge, the border."""

SRTM_ACCURACY_M = 16.0
"""Absolute vertical accuracy of SRTM, 90 % (Farr et al. 2007 measured 6 m over Eurasia; the mission promised 16)."""

MOST_NODES = 24_000_000
"""Heights that a DEM may have after cropping: 96 MB."""

MOST_VOID_SHARE = 0.25

_LENGER = (42.1819, 69.8878, 700.0, 900.0)
_LOWEST_M, _HIGHEST_M = -430.0, 8850.0
_VERSION = 1
_STRIP_NODES = 1 << 18


@dataclass(frozen=True)
class DemSettings:
    """How DEM files become a terrain.

    Attributes:
        area: south, west, north, east in degrees of what is taken.
        accuracy_m: vertical accuracy that the files' maker states, at least 90 % of heights.
        ellipsoid: True where the files hold heights above the WGS84 ellipsoid; False: above mean sea level.
    """

    area: Bounds = AREA
    accuracy_m: float = SRTM_ACCURACY_M
    ellipsoid: bool = False


def dem_terrain(
    files: Sequence[Path], settings: DemSettings | None = None, folder: Path | None = None, keep: bool = True
) -> Terrain:
    """Return the terrain of DEM files, bilinear between nodes as fine as the finest file (at most a third of a second).

    Args:
        files: SRTM `.hgt` or GeoTIFF; where they overlap, the first that has a height counts.
        settings: area, accuracy and datum.
        folder: where to keep the result between runs; None: `default_cache_dir()`.
        keep: False writes and reads no file.

    Raises:
        InputError: a file cannot be read as a DEM, covers none of the area, has too many voids or heights that are not
            metres, or puts Lenger at another height than 700 to 900 m.
    """
    settings = settings or DemSettings()
    if not files:
        raise InputError("DEM", "files", 0, "at least one file")
    with ExitStack() as stack:
        sources = [stack.enter_context(open_source(path)) for path in files]
        lattice = Lattice.over(sources, settings.area)
        cache = ArrayCache((folder or default_cache_dir()) if keep else None)
        # The last row says for how many nodes a height was made up.
        shape = lattice.rows + 1, lattice.cols
        made = cache.get(f"dem-{_identity(files, settings)}", shape, lambda: _made(sources, lattice, settings))
    heights, voids = made[:-1], int(made[-1, 0]) * 1000 + int(made[-1, 1])
    names = ", ".join(source.name for source in sources[:3]) + (", ..." if len(sources) > 3 else "")
    filled = f", {voids} voids filled" if voids else ""
    raster = Raster(
        f"DEM {names}",
        lattice.north_deg,
        lattice.west_deg,
        -lattice.lat_step_deg,
        lattice.lon_step_deg,
        lattice.rows,
        lattice.cols,
        lambda row, col: tile_of(heights, row, col),
    )
    overview, error = _coarse(heights, lattice, settings.accuracy_m)
    terrain = Terrain(f"DEM {names}{filled}", False, overview, error, raster)
    _check_lenger(terrain, names)
    return terrain


@dataclass(frozen=True)
class Lattice:
    """Nodes of the mosaic, from the north-west."""

    north_deg: float
    west_deg: float
    lat_step_deg: float
    lon_step_deg: float
    rows: int
    cols: int

    @staticmethod
    def over(sources: Sequence[Source], area: Bounds) -> Lattice:
        """Return the lattice over what the files cover of the area; raises InputError where that is nothing or huge."""
        south, west = (max(area[i], min(s.bounds[i] for s in sources)) for i in (0, 1))
        north, east = (min(area[i], max(s.bounds[i] for s in sources)) for i in (2, 3))
        finest = min(sources, key=lambda s: s.steps_deg[0])
        d_lat, d_lon = finest.steps_deg
        lat0, lon0 = finest.anchor or (0.0, 0.0)
        # Inward to whole steps from the anchor, forgiving a rounding error.
        top, bottom = int(np.floor((north - lat0) / d_lat + 1e-6)), int(np.ceil((south - lat0) / d_lat - 1e-6))
        left, right = int(np.ceil((west - lon0) / d_lon - 1e-6)), int(np.floor((east - lon0) / d_lon + 1e-6))
        rows, cols = top - bottom + 1, right - left + 1
        names = ", ".join(s.name for s in sources)
        if rows < 2 or cols < 2:
            covered = "; ".join("{:.3f} {:.3f} {:.3f} {:.3f}".format(*s.bounds) for s in sources)
            wanted = "{:.3f} {:.3f} {:.3f} {:.3f}".format(*area)
            raise InputError(names, "south west north east", covered, f"a part of {wanted}; is its CRS right?")
        if rows * cols > MOST_NODES:
            raise InputError(names, "heights", rows * cols, f"at most {MOST_NODES}: a smaller area or coarser files")
        return Lattice(lat0 + top * d_lat, lon0 + left * d_lon, d_lat, d_lon, rows, cols)

    def lats_deg(self, first: int, count: int) -> Array:
        """Return the latitudes of some rows."""
        return np.asarray(self.north_deg - (first + np.arange(count)) * self.lat_step_deg)

    @property
    def lons_deg(self) -> Array:
        """Longitudes of the columns."""
        return np.asarray(self.west_deg + np.arange(self.cols) * self.lon_step_deg)


def _made(sources: Sequence[Source], lattice: Lattice, settings: DemSettings) -> Heights:
    """The mosaic, one strip of rows after the other, voids filled; one row more holds their number."""
    names = ", ".join(s.name for s in sources)
    out = np.full((lattice.rows + 1, lattice.cols), np.nan, dtype=np.float32)
    covered = np.zeros((lattice.rows, lattice.cols), dtype=bool)
    at_once = max(1, _STRIP_NODES // lattice.cols)
    for first in range(0, lattice.rows, at_once):
        lats = lattice.lats_deg(first, min(at_once, lattice.rows - first))
        lat, lon = (v.ravel() for v in np.meshgrid(lats, lattice.lons_deg, indexing="ij"))
        strip = out[first : first + len(lats)].reshape(-1)
        for source in sources:
            south, west, north, east = source.bounds
            within = (lat >= south) & (lat <= north) & (lon >= west) & (lon <= east)
            open_nodes = np.flatnonzero(np.isnan(strip) & within)
            if open_nodes.size:
                strip[open_nodes], inside = source.sample(lat[open_nodes], lon[open_nodes])
                covered[first : first + len(lats)].reshape(-1)[open_nodes] |= inside
        if settings.ellipsoid:
            strip -= geoid.undulations_m(lat, lon).astype(np.float32)
        out[first : first + len(lats)] = strip.reshape(len(lats), -1)
    heights = out[:-1]
    voids = _fill(heights, covered, names)
    low, high = float(np.nanmin(heights)), float(np.nanmax(heights))
    if low < _LOWEST_M or high > _HIGHEST_M:
        raise InputError(
            names, "heights", f"{low:g} to {high:g}", "metres above sea level: is it another unit or datum?"
        )
    out[-1] = 0.0
    out[-1, :2] = divmod(voids, 1000)
    return out


def _fill(heights: Heights, covered: NDArray[np.bool_], names: str) -> int:
    """Fill voids from around them (inverse distance; GDAL's FillNodata), in place; return how many there were."""
    missing = np.isnan(heights)
    voids, whole = int((missing & covered).sum()), int(covered.sum())
    if whole == 0 or voids == whole:
        raise InputError(names, "heights", "nothing but voids", "heights within the area")
    if voids > MOST_VOID_SHARE * whole:
        valid = f"at most {MOST_VOID_SHARE:.0%} voids"
        raise InputError(names, "heights", f"{voids / whole:.0%} voids", valid)
    if voids:
        filled = fillnodata(np.nan_to_num(heights), mask=~missing, max_search_distance=200.0, smoothing_iterations=0)
        at = missing & covered
        heights[at] = filled[at]
    return voids


def _coarse(heights: Heights, lattice: Lattice, accuracy_m: float) -> tuple[LatLonGrid, LatLonGrid]:
    """An overview of the heights, and the error bound: the maker's, and what can hide between neighbouring nodes."""
    block = max(1, round(30.0 / 3600.0 / lattice.lat_step_deg))
    rows, cols = -(-(lattice.rows - 1) // block), -(-(lattice.cols - 1) // block)
    relief = np.zeros((rows, cols))
    for i in range(rows):
        strip = heights[i * block : min((i + 1) * block + 1, lattice.rows)]
        lows, highs = np.fmin(strip[:-1], strip[1:]), np.fmax(strip[:-1], strip[1:])
        ranges = np.nan_to_num(np.fmax(highs[:, :-1], highs[:, 1:]) - np.fmin(lows[:, :-1], lows[:, 1:])).max(axis=0)
        relief[i] = np.maximum.reduceat(ranges, np.arange(0, lattice.cols - 1, block))
    # At a corner of blocks the worst of those that meet there, so that between corners nothing is too low.
    worst = np.pad(relief, 1, mode="edge")
    worst = np.maximum(np.maximum(worst[:-1, :-1], worst[1:, 1:]), np.maximum(worst[:-1, 1:], worst[1:, :-1]))
    # One block more all around: the lattices' ends agree to a rounding error only.
    bound = accuracy_m + 0.5 * np.pad(worst, 1, mode="edge")
    picked = np.minimum(np.arange(rows + 1) * block, lattice.rows - 1)[:, None]
    overview = heights[picked, np.minimum(np.arange(cols + 1) * block, lattice.cols - 1)].astype(np.float64)
    overview = np.where(np.isnan(overview), np.nanmin(heights), overview)
    for values in (bound, overview):
        values.setflags(write=False)
    steps = -block * lattice.lat_step_deg, block * lattice.lon_step_deg
    corner = lattice.north_deg, lattice.west_deg
    wider = corner[0] - steps[0], corner[1] - steps[1]
    return LatLonGrid("DEM overview", overview, *corner, *steps), LatLonGrid("DEM error bound", bound, *wider, *steps)


def _check_lenger(terrain: Terrain, names: str) -> None:
    lat, lon, low, high = _LENGER
    if terrain.surface.covers(lat, lon):
        height = terrain.height_amsl_m(lat, lon)
        if not low <= height <= high:
            valid = f"{low:g} to {high:g} m: is it another place, unit or datum?"
            raise InputError(names, "height of Lenger", f"{height:.0f} m", valid)


def _identity(files: Sequence[Path], settings: DemSettings) -> str:
    """A digest of the settings and of each file's name, size, time, start and end."""
    digest = hashlib.blake2b(repr((settings, _VERSION)).encode(), digest_size=10)
    for path in files:
        stat = path.stat()
        digest.update(repr((str(path.resolve()), stat.st_size, stat.st_mtime_ns)).encode())
        with path.open("rb") as stream:
            digest.update(stream.read(1 << 16))
            stream.seek(max(0, stat.st_size - (1 << 16)))
            digest.update(stream.read(1 << 16))
    return digest.hexdigest()
