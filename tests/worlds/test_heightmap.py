"""The heightmap read back as Gazebo does is the ground: by laws, by known surfaces, by a slow reference."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import example, given
from hypothesis import strategies as st

from lenger_core.errors import InputError
from lenger_core.geodesy import LocalFrame
from lenger_core.terrain import Terrain
from lenger_sim.worlds import png
from lenger_sim.worlds.ground import SiteGround
from lenger_sim.worlds.heightmap import FULL, LEAST_RISE_M, Heightmap, collision_heights_m, from_heights, sample
from lenger_sim.worlds.spec import Ground


def surface(heightmap: Heightmap, east_m: np.ndarray, north_m: np.ndarray) -> np.ndarray:
    """Return z (2, N) over the origin of a heightmap whose middle is the origin."""
    both = collision_heights_m(heightmap.pixels, heightmap.collision_size_m, east_m, north_m)
    return np.stack(both) + heightmap.lowest_m


def slow_height(heightmap: Heightmap, east: float, north: float) -> float:
    """Gazebo's way, one vertex at a time: cells of size / vertices, the grid's middle over the model's origin."""
    count = len(heightmap.pixels)
    side, _, rise = heightmap.collision_size_m
    cell, half = side / count, 0.5 * (count - 1)
    col, row = east / cell + half, half - north / cell
    j, i = min(int(col), count - 2), min(int(row), count - 2)
    z = [[int(heightmap.pixels[i + a, j + b]) / int(heightmap.pixels.max()) * rise for b in (0, 1)] for a in (0, 1)]
    u, v = col - j, row - i
    corners = [(0, 0), (0, 1), (1, 1)] if u >= v else [(0, 0), (1, 0), (1, 1)]
    matrix = np.array([[b, a, 1.0] for a, b in corners])
    plane = np.linalg.solve(matrix, [z[a][b] for a, b in corners])
    return float(plane @ [u, v, 1.0]) + heightmap.lowest_m


@given(st.floats(-0.4, 0.4), st.floats(-0.4, 0.4), st.floats(-500.0, 4000.0), st.sampled_from([0.5, 2.0, 8.0]))
@example(0.0, 0.002, 0.0, 8.0)
@example(0.0, 0.0, 0.0, 0.5)
def test_a_plane_stays_that_plane(per_east: float, per_north: float, level: float, cell: float) -> None:
    along = (np.arange(33) - 16) * cell
    heights = level + along[None, :] * per_east - along[:, None] * per_north
    heightmap = from_heights(heights, cell)
    rng = np.random.default_rng(1)
    east, north = rng.uniform(-16 * cell, 16 * cell, (2, 200))
    wanted = level + east * per_east + north * per_north
    step = heightmap.rise_m / FULL
    if heightmap.rise_m == LEAST_RISE_M:  # all but level: two corners give way
        inside = np.minimum(np.abs(east), np.abs(north)) < 15 * cell
        east, north, wanted = east[inside], north[inside], wanted[inside]
    np.testing.assert_allclose(surface(heightmap, east, north), np.stack([wanted, wanted]), atol=1e-3 + step)


def test_pixels_use_the_full_range_and_the_sizes_differ_by_a_cell() -> None:
    heights = np.random.default_rng(2).uniform(700.0, 950.0, (65, 65))
    heightmap = from_heights(heights, 4.0)
    assert heightmap.pixels.dtype == np.uint16 and heightmap.pixels.min() == 0 and heightmap.pixels.max() == FULL
    assert heightmap.collision_size_m == (260.0, 260.0, heightmap.rise_m)
    assert heightmap.visual_size_m == (256.0, 256.0, heightmap.rise_m)
    back = heightmap.pixels / FULL * heightmap.rise_m + heightmap.lowest_m
    np.testing.assert_allclose(back, heights, atol=1e-3 + heightmap.rise_m / FULL)


def test_level_ground_keeps_its_height() -> None:
    heightmap = from_heights(np.full((65, 65), 3.0), 1.0)
    assert heightmap.pixels.min() == 0 and heightmap.pixels.max() == FULL  # two corners give way to the full range
    east = np.linspace(5.0, 25.0, 50)
    np.testing.assert_allclose(surface(heightmap, east, -east), 3.0, atol=1e-4)


def test_the_fast_reading_is_the_slow_one() -> None:
    heights = np.random.default_rng(3).normal(0.0, 30.0, (65, 65))
    heightmap = from_heights(heights, 2.5)
    east, north = np.random.default_rng(4).uniform(-80.0, 80.0, (2, 300))
    fast = surface(heightmap, east, north)
    slow = [slow_height(heightmap, e, n) for e, n in zip(east, north, strict=True)]
    np.testing.assert_allclose(fast[0], slow, atol=1e-9)


def test_row_0_is_the_north_and_column_0_the_west() -> None:
    heights = np.zeros((65, 65))
    heights[10, 20] = 100.0
    heightmap = from_heights(heights, 3.0)
    peak = surface(heightmap, np.array([(20 - 32) * 3.0]), np.array([(32 - 10) * 3.0]))
    np.testing.assert_allclose(peak, 100.0, atol=0.01)


def test_the_ground_is_that_of_the_place_and_the_sea_is_flat(terrain: Terrain) -> None:
    ground = SiteGround.at(terrain, 42.0636, 70.1063)
    east, north = np.random.default_rng(5).uniform(-4000.0, 4000.0, (2, 200))
    heights = ground.heights_m(east, north)
    frame = LocalFrame(42.0636, 70.1063, ground.frame.alt_amsl_m)
    for e, n, z in zip(east, north, heights, strict=True):
        lat, lon, alt = frame.to_geodetic(e, n, z)
        assert terrain.height_amsl_m(lat, lon) == pytest.approx(alt, abs=0.01)
    assert ground.height_m(0.0, 0.0) == pytest.approx(0.0, abs=1e-9)
    assert ground.to_local(*frame.to_geodetic(123.0, -45.0, ground.height_m(123.0, -45.0))[:2]) == pytest.approx(
        (123.0, -45.0), abs=1e-3
    )


def test_a_heightmap_may_lie_beside_the_origin(globe: Terrain) -> None:
    ground = SiteGround.at(globe, 42.1819, 69.8878)
    heightmap = sample(ground, Ground(cell_m=8.0, pixels=513, middle_m=(700.0, -300.0)))
    east, north = np.random.default_rng(6).uniform(-1500.0, 1500.0, (2, 100))
    np.testing.assert_allclose(
        surface(heightmap, east, north), np.tile(ground.heights_m(east + 700.0, north - 300.0), (2, 1)), atol=0.1
    )


def test_a_world_beyond_the_terrain_is_refused(globe: Terrain) -> None:
    ground = SiteGround.at(globe, 41.21, 69.0)
    with pytest.raises(InputError, match="GLOBE terrain around Lenger: position"):
        sample(ground, Ground(cell_m=50.0, pixels=513))


@given(st.integers(2, 40), st.integers(2, 40), st.integers(0, 2**32 - 1), st.sampled_from(["u1", "u2"]))
def test_a_grey_picture_is_read_as_it_was_written(rows: int, cols: int, seed: int, kind: str) -> None:
    dtype = np.dtype(kind)
    picture = np.random.default_rng(seed).integers(0, np.iinfo(dtype).max, (rows, cols), dtype=dtype, endpoint=True)
    data = png.encode(picture)
    assert png.header(data) == (cols, rows, 8 * dtype.itemsize, 0)
    assert png.encode(picture) == data


def test_pictures_are_read_by_another_library(tmp_path: object) -> None:
    from PIL import Image

    rng = np.random.default_rng(8)
    grey, colours = rng.integers(0, 65536, (31, 17), dtype=np.uint16), rng.integers(0, 256, (9, 14, 3), dtype=np.uint8)
    path = tmp_path / "a.png"  # type: ignore[operator]
    path.write_bytes(png.encode(grey))
    np.testing.assert_array_equal(png.read_grey(path), grey)
    path.write_bytes(png.encode(colours))
    with Image.open(path) as picture:
        np.testing.assert_array_equal(np.array(picture), colours)
    with pytest.raises(InputError, match=r"colours: got 'RGB', expected a grey PNG"):
        png.read_grey(path)
    path.write_bytes(png.encode(grey)[:200])
    with pytest.raises(InputError, match="expected a grey PNG"):
        png.read_grey(path)
    path.write_bytes(b"nothing")
    with pytest.raises(InputError, match="not a picture"):
        png.read_grey(path)
