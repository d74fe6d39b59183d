"""DEM files as people have them: SRTM `.hgt` and GeoTIFF, each behind one question: the heights at these places."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import rasterio
import rasterio.warp
from numpy.typing import NDArray
from rasterio.crs import CRS
from rasterio.enums import Resampling
from rasterio.windows import Window

from lenger_core.errors import InputError

Array = NDArray[np.float64]
Heights = NDArray[np.float32]
Flags = NDArray[np.bool_]
Bounds = tuple[float, float, float, float]

HGT_SIDES = {2 * side * side: side for side in (1201, 3601)}
HGT_VOID = -32768
FINEST_STEP_DEG = 1.0 / 10800.0
"""Files finer than a third of an arc second are averaged down to it when read."""

_MOST_BLOCK_BYTES = 1 << 28
_WGS84 = CRS.from_epsg(4326)
_KINDS = "an SRTM tile named like N42E069.hgt, or a GeoTIFF (.tif, .tiff)"


@dataclass(frozen=True)
class Source:
    """One DEM file.

    Attributes:
        name: of the file.
        bounds: (south, west, north, east) degrees of the outermost nodes.
        steps_deg: node spacing in latitude and longitude, above 0.
        anchor: latitude and longitude of a node, where the file's nodes lie on a latitude-longitude lattice.
        sample: takes (N,) latitudes and longitudes, returns bilinear heights in metres, NaN in voids and outside, and
            whether the file covers each point.
    """

    name: str
    bounds: Bounds
    steps_deg: tuple[float, float]
    anchor: tuple[float, float] | None
    sample: Callable[[Array, Array], tuple[Heights, Flags]]


@contextmanager
def open_source(path: Path) -> Iterator[Source]:
    """Open a DEM file for as long as the block runs.

    Raises:
        InputError: no such file, or not a DEM that can be read.
    """
    suffix = path.suffix.lower()
    if not path.is_file():
        raise InputError(str(path), "", "no such file", _KINDS)
    if suffix == ".hgt":
        yield _hgt(path)
    elif suffix in (".tif", ".tiff"):
        with _geotiff(path) as source:
            yield source
    else:
        raise InputError(str(path), "ending", suffix, _KINDS)


def _hgt(path: Path) -> Source:
    """An SRTM tile: big-endian int16, rows from the north, the name gives the south-west node (USGS, SRTM topo)."""
    match = re.fullmatch(r"([NS])(\d{2})([EW])(\d{3})", path.stem.upper())
    if match is None:
        raise InputError(str(path), "name", path.name, "the south-west corner, like N42E069.hgt")
    size = path.stat().st_size
    if size not in HGT_SIDES:
        valid = " or ".join(f"{n} (SRTM{4 - side // 1200}, {side} x {side})" for n, side in HGT_SIDES.items())
        raise InputError(str(path), "size in bytes", size, valid)
    south = int(match[2]) * (1 if match[1] == "N" else -1)
    west = int(match[4]) * (1 if match[3] == "E" else -1)
    side = HGT_SIDES[size]
    values = np.fromfile(path, dtype=">i2").reshape(side, side)
    per_deg = side - 1

    def sample(lat: Array, lon: Array) -> tuple[Heights, Flags]:
        row, col = (south + 1 - lat) * per_deg, (lon - west) * per_deg
        return _bilinear(lambda r0, r1, c0, c1: _voided(values[r0:r1, c0:c1], HGT_VOID), values.shape, row, col)

    bounds = float(south), float(west), south + 1.0, west + 1.0
    return Source(path.name, bounds, (1.0 / per_deg, 1.0 / per_deg), (float(south), float(west)), sample)


@contextmanager
def _geotiff(path: Path) -> Iterator[Source]:
    with rasterio.Env(GDAL_DISABLE_READDIR_ON_OPEN="EMPTY_DIR"):
        with _refusing(path, "", "a GeoTIFF that can be opened"):
            dataset = rasterio.open(path, driver="GTiff")
        with dataset:
            _check(path, dataset)
            yield _of_dataset(path, dataset)


@contextmanager
def _refusing(path: Path, field: str, valid: str) -> Iterator[None]:
    """Turn whatever GDAL raises over a file's content, which has no common base class, into an input error."""
    try:
        yield
    except InputError:
        raise
    except Exception as error:
        raise InputError(str(path), field, str(error), valid) from None


def _check(path: Path, dataset: rasterio.DatasetReader) -> None:
    """Refuse what is no DEM, or no place on Earth, before anything is read."""
    rows, cols = dataset.shape
    block = int(np.prod(dataset.block_shapes[0])) * np.dtype(dataset.dtypes[0]).itemsize
    wrong = (
        (dataset.count != 1, "bands", dataset.count, "one band of heights"),
        (np.dtype(dataset.dtypes[0]).kind not in "iuf", "band type", dataset.dtypes[0], "whole numbers or floats"),
        (min(rows, cols) < 2, "size in pixels", (cols, rows), "at least 2 x 2"),
        (dataset.crs is None, "CRS", None, "a coordinate reference system (EPSG code), to know where it lies"),
        (dataset.transform.is_identity, "transform", "none", "a geotransform, to know where it lies"),
        (abs(dataset.transform.determinant) < 1e-20, "transform", dataset.transform[:6], "pixels of some size"),
        (block > _MOST_BLOCK_BYTES, "block size in bytes", block, f"at most {_MOST_BLOCK_BYTES}, as in a tiled file"),
        ((dataset.units or ("",))[0] in ("ft", "feet", "us-ft"), "unit", (dataset.units or ("",))[0], "metres"),
    )
    for bad, field, value, valid in wrong:
        if bad:
            raise InputError(str(path), field, value, valid)


def _of_dataset(path: Path, dataset: rasterio.DatasetReader) -> Source:
    rows, cols = dataset.shape
    lat, lon = _edge_degrees(path, dataset)
    bounds = float(lat.min()), float(lon.min()), float(lat.max()), float(lon.max())
    t = dataset.transform
    on_lattice = dataset.crs.is_geographic and t.b == 0.0 and t.d == 0.0
    steps = (abs(t.e), abs(t.a)) if on_lattice else _steps(bounds, lat, lon, rows, cols)
    coarser = max(1, int(FINEST_STEP_DEG / min(steps) + 1e-6))
    back = ~t

    def read(r0: int, r1: int, c0: int, c1: int) -> Heights:
        window = Window(c0 * coarser, r0 * coarser, (c1 - c0) * coarser, (r1 - r0) * coarser)
        with _refusing(path, "pixels", "a whole file: this one is cut short or damaged"):
            shape = r1 - r0, c1 - c0
            band = dataset.read(1, window=window, out_shape=shape, masked=True, resampling=Resampling.average)
        values = np.ma.filled(band.astype(np.float32), np.nan) * dataset.scales[0] + dataset.offsets[0]
        return np.where(np.isfinite(values), values, np.nan).astype(np.float32)

    def sample(lat: Array, lon: Array) -> tuple[Heights, Flags]:
        with _refusing(path, "CRS", "one that WGS84 can be carried over to"):
            x, y = (np.asarray(v) for v in rasterio.warp.transform(_WGS84, dataset.crs, lon, lat))
        col, row = back.a * x + back.b * y + back.c, back.d * x + back.e * y + back.f
        shape = rows // coarser, cols // coarser
        return _bilinear(read, shape, row / coarser - 0.5, col / coarser - 0.5)

    anchor = (t.f + 0.5 * t.e, t.c + 0.5 * t.a) if on_lattice and coarser == 1 else None
    return Source(path.name, bounds, (steps[0] * coarser, steps[1] * coarser), anchor, sample)


def _edge_degrees(path: Path, dataset: rasterio.DatasetReader) -> tuple[Array, Array]:
    """Latitudes and longitudes of points along the file's edge, clockwise."""
    rows, cols = dataset.shape
    along = np.linspace(0.0, 1.0, 17)
    low, high = np.zeros(17), np.ones(17)
    col = np.concatenate([along, high, 1.0 - along, low]) * (cols - 1) + 0.5
    row = np.concatenate([low, along, high, 1.0 - along]) * (rows - 1) + 0.5
    t = dataset.transform
    x, y = t.a * col + t.b * row + t.c, t.d * col + t.e * row + t.f
    with _refusing(path, "CRS", "one that can be carried over to WGS84"):
        lon, lat = (np.asarray(v, dtype=float) for v in rasterio.warp.transform(dataset.crs, _WGS84, x, y))
    if not (np.isfinite(lat).all() and np.isfinite(lon).all() and (np.abs(lat) <= 90).all()):
        raise InputError(str(path), "CRS", str(dataset.crs), "one in which the file's corners lie on Earth")
    return lat, lon


def _steps(bounds: Bounds, lat: Array, lon: Array, rows: int, cols: int) -> tuple[float, float]:
    """Node spacing in degrees of a file that is projected or turned: that of its edges, the same distance both ways."""
    east = np.cos(np.radians(0.5 * (bounds[0] + bounds[2])))
    top = np.hypot(lat[16] - lat[0], (lon[16] - lon[0]) * east) / (cols - 1)
    side = np.hypot(lat[33] - lat[17], (lon[33] - lon[17]) * east) / (rows - 1)
    step = max(float(min(top, side)), 1e-7)
    return step, step / float(max(east, 1e-3))


def _voided(values: NDArray[np.int16], void: int) -> Heights:
    return np.where(values == void, np.nan, values).astype(np.float32)


def _bilinear(
    read: Callable[[int, int, int, int], Heights], shape: tuple[int, ...], row: Array, col: Array
) -> tuple[Heights, Flags]:
    """Bilinear heights at fractional pixels (N,); NaN outside and where a void takes part; and which are inside."""
    row, col = (np.where(np.abs(v - np.round(v)) < 1e-6, np.round(v), v) for v in (row, col))
    out = np.full(row.shape, np.nan, dtype=np.float32)
    inside = (row >= 0) & (row <= shape[0] - 1) & (col >= 0) & (col <= shape[1] - 1)
    if not inside.any():
        return out, inside
    r, c = row[inside], col[inside]
    i, j = np.minimum(r.astype(int), shape[0] - 2), np.minimum(c.astype(int), shape[1] - 2)
    values = read(int(i.min()), int(i.max()) + 2, int(j.min()), int(j.max()) + 2)
    fr, fc = r - i, c - j
    i, j = i - i.min(), j - j.min()
    total = np.zeros(r.shape)
    for dr, dc, weight in ((0, 0, (1 - fr) * (1 - fc)), (0, 1, (1 - fr) * fc), (1, 0, fr * (1 - fc)), (1, 1, fr * fc)):
        total += np.where(weight > 0.0, weight * values[i + dr, j + dc], 0.0)
    out[inside] = total
    return out, inside
