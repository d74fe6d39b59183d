"""Own DEM files: known functions come back, what is wrong is refused with one clear line, memory stays bounded."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest
import rasterio
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from numpy.typing import NDArray
from rasterio.transform import Affine, from_origin
from rasterio.warp import transform as carry

from lenger_core import geoid
from lenger_core.errors import InputError
from lenger_core.terrain.dem import AREA, DemSettings, dem_terrain

Array = NDArray[np.float64]

LENGER = (42.1819, 69.8878)


def land(lat: Array, lon: Array) -> Array:
    """A smooth land of known heights: 760 m at Lenger, hills of 3 km."""
    y, x = (lat - LENGER[0]) * 111.07, (lon - LENGER[1]) * 82.6
    return np.asarray(760.0 + 60.0 * np.sin(x / 3.0) * np.cos(y / 3.0) + 4.0 * x - 3.0 * y)


def write_hgt(
    folder: Path, side: int, name: str = "N42E069.hgt", height: Callable[[Array, Array], Array] = land
) -> Path:
    south, west = int(name[1:3]), int(name[4:7])
    lat = south + 1 - np.arange(side) / (side - 1)
    lon = west + np.arange(side) / (side - 1)
    path = folder / name
    np.round(height(lat[:, None], lon[None, :])).astype(">i2").tofile(path)
    return path


def write_tif(
    path: Path,
    transform: Affine,
    shape: tuple[int, int] = (300, 300),
    crs: str | None = "EPSG:32642",
    change: Callable[[Any], Any] = lambda a: a,
    **options: Any,
) -> Path:
    rows, cols = np.mgrid[0 : shape[0], 0 : shape[1]]
    t, cols, rows = transform, cols + 0.5, rows + 0.5
    x, y = t.a * cols + t.b * rows + t.c, t.d * cols + t.e * rows + t.f
    lon, lat = x, y
    if crs not in (None, "EPSG:4326"):
        lon, lat = (np.reshape(v, shape) for v in carry(crs, "EPSG:4326", x.ravel(), y.ravel()))
    values = change(land(np.asarray(lat), np.asarray(lon)).astype(np.float32))
    bands = values if values.ndim == 3 else values[None]
    profile = {
        "height": shape[0],
        "width": shape[1],
        "count": len(bands),
        "dtype": bands.dtype,
        **options,
    }
    with rasterio.open(path, "w", crs=crs, transform=transform, **profile) as file:
        file.write(bands)
    return path


def utm_corner() -> tuple[float, float]:
    (x,), (y,) = carry("EPSG:4326", "EPSG:32642", [LENGER[1]], [LENGER[0]])
    return x - 4500.0, y + 4500.0


def within(points: int = 2000, half_deg: float = 0.03) -> tuple[Array, Array]:
    rng = np.random.default_rng(5)
    return LENGER[0] + rng.uniform(-half_deg, half_deg, points), LENGER[1] + rng.uniform(-half_deg, half_deg, points)


@pytest.mark.parametrize("side", [1201, 3601])
def test_an_hgt_tile_comes_back_within_half_a_metre_and_its_rounding(tmp_path: Path, side: int) -> None:
    terrain = dem_terrain([write_hgt(tmp_path, side)], keep=False)
    lat, lon = within()
    # Heights in the file are whole metres; within 0.5 m beyond that rounding's own half a metre only at 3 seconds.
    off = terrain.heights_amsl_m(lat, lon) - land(lat, lon)
    assert np.abs(off).max() < 0.5 + (0.5 if side == 1201 else 0.05)
    assert np.sqrt(np.mean(off**2)) < 0.35
    assert not terrain.synthetic
    terrain.require_real("test")


def test_hgt_nodes_are_read_unchanged(tmp_path: Path) -> None:
    terrain = dem_terrain([write_hgt(tmp_path, 1201)], keep=False)
    lat, lon = 43 - np.arange(700, 900) / 1200, 69 + np.arange(800, 1000) / 1200
    np.testing.assert_allclose(terrain.heights_amsl_m(lat, lon), np.round(land(lat, lon)), atol=1e-3)


@pytest.mark.parametrize(
    ("crs", "transform"),
    [
        ("EPSG:4326", from_origin(69.8378, 42.2319, 1 / 3600, 1 / 3600)),
        ("EPSG:32642", from_origin(*utm_corner(), 30.0, 30.0)),
        (
            "EPSG:32642",
            from_origin(*utm_corner(), 30.0, 30.0)
            * Affine.translation(150, 150)
            * Affine.rotation(30.0)
            * Affine.translation(-150, -150),
        ),
        ("EPSG:3857", from_origin(LENGER[1] * 111319.49 - 6000, 5188600 + 6000, 40.0, 40.0)),
    ],
    ids=["degrees", "utm", "turned", "mercator"],
)
def test_a_geotiff_of_any_crs_comes_back_within_half_a_metre(tmp_path: Path, crs: str, transform: Affine) -> None:
    terrain = dem_terrain([write_tif(tmp_path / "a.tif", transform, crs=crs)], keep=False)
    lat, lon = within(half_deg=0.015)
    assert np.abs(terrain.heights_amsl_m(lat, lon) - land(lat, lon)).max() < 0.5


def test_a_finer_file_is_averaged_down_and_stays_true(tmp_path: Path) -> None:
    path = write_tif(tmp_path / "a.tif", from_origin(*utm_corner(), 4.0, 4.0), (2250, 2250), tiled=True)
    terrain = dem_terrain([path], keep=False)
    lat, lon = within(half_deg=0.015)
    assert np.abs(terrain.heights_amsl_m(lat, lon) - land(lat, lon)).max() < 0.5
    assert terrain.surface.shape[0] < 1300


def test_tiles_join_without_a_seam(tmp_path: Path) -> None:
    tiles = [write_hgt(tmp_path, 1201, name) for name in ("N42E069.hgt", "N42E070.hgt", "N41E069.hgt", "N41E070.hgt")]
    terrain = dem_terrain(tiles, keep=False)
    lat = np.linspace(41.9, 42.1, 400)
    for line in (np.full(400, 70.0), np.linspace(69.95, 70.05, 400)):
        assert np.abs(terrain.heights_amsl_m(lat, line) - land(lat, line)).max() < 1.0


def test_voids_are_filled_and_counted(tmp_path: Path) -> None:
    def holed(lat: Array, lon: Array) -> Array:
        heights = land(lat, lon)
        heights[500:507, 1000:1005] = -32768
        return heights

    terrain = dem_terrain([write_hgt(tmp_path, 1201, height=holed)], keep=False)
    assert "35 voids filled" in terrain.name
    lat, lon = np.array([43 - 503 / 1200]), np.array([69 + 1002 / 1200])
    assert terrain.heights_amsl_m(lat, lon)[0] == pytest.approx(land(lat, lon)[0], abs=15.0)


def test_heights_over_the_ellipsoid_become_amsl(tmp_path: Path) -> None:
    def raised(heights: Any) -> Any:
        return heights + np.float32(geoid.undulation_m(*LENGER))

    path = write_tif(tmp_path / "a.tif", from_origin(*utm_corner(), 30.0, 30.0), change=raised)
    terrain = dem_terrain([path], DemSettings(ellipsoid=True), keep=False)
    assert terrain.height_amsl_m(*LENGER) == pytest.approx(760.0, abs=0.5)


def test_the_bound_is_the_makers_accuracy_and_what_hides_between_nodes(tmp_path: Path) -> None:
    terrain = dem_terrain([write_hgt(tmp_path, 1201)], DemSettings(accuracy_m=7.0), keep=False)
    lat, lon = within(200)
    bound = terrain.errors_m(lat, lon)
    assert (bound >= 7.0).all() and (bound < 30.0).all()
    south, west, north, east = terrain.surface.bounds_deg()
    terrain.errors_m(np.array([south, north]), np.array([west, east]))


def test_what_was_made_is_kept_and_a_broken_file_is_made_again(tmp_path: Path) -> None:
    path, kept = write_hgt(tmp_path, 1201), tmp_path / "kept"
    first = dem_terrain([path], folder=kept).height_amsl_m(*LENGER)
    (file,) = kept.glob("dem-*.npy")
    stamp = file.stat().st_mtime_ns
    assert dem_terrain([path], folder=kept).height_amsl_m(*LENGER) == first
    assert file.stat().st_mtime_ns == stamp
    data = bytearray(file.read_bytes())
    data[len(data) // 2] ^= 1
    file.write_bytes(data)
    assert dem_terrain([path], folder=kept).height_amsl_m(*LENGER) == first
    assert file.read_bytes() != bytes(data)
    write_hgt(tmp_path, 1201, height=lambda lat, lon: land(lat, lon) + 5)
    assert dem_terrain([path], folder=kept).height_amsl_m(*LENGER) == pytest.approx(first + 5, abs=0.6)


HERE = from_origin(*utm_corner(), 30.0, 30.0)


def truncated(path: Path) -> Path:
    write_tif(path, HERE)
    path.write_bytes(path.read_bytes()[:200_000])
    return path


REFUSED: dict[str, tuple[Callable[[Path], Path], str]] = {
    "absent": (lambda d: d / "none.tif", "no such file"),
    "ending": (lambda d: put(d / "a.png", b"x"), "ending"),
    "hgt name": (lambda d: put(d / "lenger.hgt", b"x"), "south-west corner"),
    "hgt size": (lambda d: put(d / "N42E069.hgt", b"x" * 1000), "size in bytes: got 1000"),
    "hgt cut": (lambda d: cut(write_hgt(d, 1201)), "size in bytes"),
    "not a tiff": (lambda d: put(d / "a.tif", b"II*\0junk" * 50), "a GeoTIFF that can be opened"),
    "cut tiff": (lambda d: truncated(d / "a.tif"), "GeoTIFF|cut short"),
    "bands": (lambda d: write_tif(d / "a.tif", HERE, change=lambda a: np.stack([a, a, a])), "one band"),
    "no CRS": (lambda d: write_tif(d / "a.tif", HERE, crs=None), "CRS"),
    "wrong CRS": (lambda d: relabelled(d / "a.tif", "EPSG:32636"), "is its CRS right"),
    "all nodata": (
        lambda d: write_tif(d / "a.tif", HERE, change=lambda a: a * 0 - 9999, nodata=-9999),
        "nothing but voids",
    ),
    "half nodata": (
        lambda d: write_tif(d / "a.tif", HERE, change=lambda a: np.where(a > 760, -9999, a), nodata=-9999),
        "% voids",
    ),
    "not a number": (lambda d: write_tif(d / "a.tif", HERE, change=lambda a: a * np.nan), "nothing but voids"),
    "feet": (lambda d: write_tif(d / "a.tif", HERE, change=lambda a: a * 3.28), "height of Lenger"),
    "centimetres": (lambda d: write_tif(d / "a.tif", HERE, change=lambda a: a * 100), "metres above sea level"),
    "complex": (lambda d: write_tif(d / "a.tif", HERE, change=lambda a: a.astype(np.complex64)), "band type"),
    "elsewhere": (lambda d: write_tif(d / "a.tif", from_origin(10, 50, 0.001, 0.001), crs="EPSG:4326"), "a part of"),
    "one big block": (lambda d: bomb(d / "a.tif"), "block size"),
}


def put(path: Path, data: bytes) -> Path:
    path.write_bytes(data)
    return path


def cut(path: Path) -> Path:
    return put(path, path.read_bytes()[:-2])


def relabelled(path: Path, crs: str) -> Path:
    write_tif(path, HERE)
    with rasterio.open(path, "r+") as file:
        file.crs = crs
    return path


def bomb(path: Path) -> Path:
    """A small file whose one block unpacks to 400 MB."""
    profile = {
        "height": 10_000,
        "width": 10_000,
        "count": 1,
        "dtype": "float32",
        "compress": "deflate",
    }
    with rasterio.open(
        path, "w", driver="GTiff", crs="EPSG:32642", transform=HERE, blockysize=10_000, SPARSE_OK=True, **profile
    ):
        return path


@pytest.mark.parametrize("case", REFUSED)
def test_one_clear_error(case: str, tmp_path: Path) -> None:
    make, message = REFUSED[case]
    with pytest.raises(InputError, match=message) as raised:
        dem_terrain([make(tmp_path)], keep=False)
    assert "\n" not in str(raised.value) and ", expected " in str(raised.value)


def test_too_many_heights_are_refused_before_they_are_read(tmp_path: Path) -> None:
    path = tmp_path / "a.tif"
    profile = {"height": 90_000, "width": 120_000, "count": 1, "dtype": "int16", "tiled": True}
    place = from_origin(69.2, 42.7, 1e-5, 1e-5)
    with rasterio.open(
        path, "w", driver="GTiff", crs="EPSG:4326", transform=place, nodata=0, SPARSE_OK=True, **profile
    ):
        pass
    with pytest.raises(InputError, match=r"heights: got .*at most 24000000"):
        dem_terrain([path], keep=False)
    with pytest.raises(InputError, match="nothing but voids"):
        dem_terrain([path], DemSettings(area=(42.1, 69.8, 42.11, 69.81)), keep=False)


def test_nothing_is_refused() -> None:
    with pytest.raises(InputError, match="at least one file"):
        dem_terrain([], keep=False)
    assert AREA[0] < LENGER[0] < AREA[2]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(at=st.integers(0, 3000), what=st.binary(min_size=1, max_size=8), keep=st.integers(0, 20_000))
def test_damaged_geotiffs_never_end_in_anything_but_a_terrain_or_an_input_error(
    tmp_path: Path, at: int, what: bytes, keep: int
) -> None:
    path = tmp_path / "fuzz.tif"
    if not path.exists() or path.stat().st_size < 100:
        write_tif(tmp_path / "good.tif", HERE, (64, 64), compress="deflate")
    data = bytearray((tmp_path / "good.tif").read_bytes())
    data[at % len(data) : at % len(data) + len(what)] = what
    path.write_bytes(bytes(data[: max(8, len(data) - keep % 3000)]))
    try:
        dem_terrain([path], keep=False)
    except InputError:
        return  # the one way that a damaged file may end
