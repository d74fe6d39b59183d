"""Lenger's detailed terrain: pinned, flat where it is a plain, the same everywhere, kept between runs."""

from __future__ import annotations

import hashlib
import threading
from pathlib import Path

import numpy as np
import pytest

from lenger_core.errors import InputError
from lenger_core.terrain import Terrain, lenger_terrain, load_globe
from lenger_core.terrain.cache import ArrayCache
from lenger_core.terrain.detail import FINE_STEPS, Detail, DetailSettings
from lenger_core.terrain.landform import STEPS, LandformSettings, padded, relief_of, upsample
from lenger_core.terrain.landform_kernels import cell_means, fine_row
from lenger_core.terrain.noise_kernels import gradient_noise, hashed_pair
from lenger_core.terrain.pins import LEVEL_AREAS, LevelArea
from lenger_core.terrain.raster import Tile


@pytest.fixture(scope="module")
def folder(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("terrain")


@pytest.fixture(scope="module")
def terrain(folder: Path) -> Terrain:
    return lenger_terrain(folder)


@pytest.mark.parametrize(
    ("lat", "lon", "published_m", "within_m"),
    [
        (42.1819, 69.8878, 760.0, 6.0),  # Lenger, 754 to 766
        (42.3155, 69.5873, 513.0, 15.0),  # Shymkent, 28.9 km at 301 degrees
        (42.3167, 69.5958, 513.0, 15.0),  # Shymkent, another published place of it
        (42.3642, 69.4789, 422.0, 15.0),  # Shymkent airport, not pinned
        (42.0625, 69.7292, 1768.0, 60.0),  # Kazygurt
        (42.0625, 70.1208, 2840.0, 60.0),  # highest ridge near by
        (42.081, 70.420, 4236.0, 60.0),  # Sairam peak
        (42.0234, 70.0571, 2700.0, 60.0),  # source of the Badam
    ],
)
def test_published_heights(terrain: Terrain, lat: float, lon: float, published_m: float, within_m: float) -> None:
    assert terrain.height_amsl_m(lat, lon) == pytest.approx(published_m, abs=within_m)


def test_it_is_named_synthetic_and_refused_on_hardware(terrain: Terrain) -> None:
    assert terrain.synthetic and "synthetic" in terrain.name
    with pytest.raises(InputError, match=r"hover: terrain: got .*synthetic.*measured terrain"):
        terrain.require_real("hover")
    load_globe().require_real("hover")


def test_the_same_bits_on_every_machine(folder: Path) -> None:
    detail = Detail(load_globe().grid, DetailSettings(), folder)
    tiles = b"".join(detail.tile(*at).astype("<f4").tobytes() for at in ((11, 15), (13, 18)))
    assert hashlib.blake2b(tiles, digest_size=8).hexdigest() == "f6337a41450bf060"


def test_hashed_noise_is_what_it_was() -> None:
    assert hashed_pair(3, -5, 7) == (-0.7458878755569458, -0.7206940650939941)
    assert gradient_noise(3.25, -7.5, 1) == 0.2266401537344791


def test_tiles_do_not_hang_on_the_order_of_asking_nor_on_neighbours(folder: Path, terrain: Terrain) -> None:
    detail = Detail(load_globe().grid, DetailSettings(), folder)
    one, other = detail.tile(10, 14), detail.tile(10, 15)
    np.testing.assert_array_equal(one[:, -1], other[:, 0])
    lat, lon = terrain.raster.bounds_deg()[2] - 2700 / 3600, 68.0 + 193.0 / 240.0 + 3700 / 3600  # type: ignore[union-attr]
    assert terrain.height_amsl_m(lat, lon) == pytest.approx(one[2700 - 2560, 3700 - 3584], abs=0.02)


def test_kept_tiles_are_read_and_broken_ones_are_made_again(folder: Path, terrain: Terrain) -> None:
    height = terrain.height_amsl_m(42.2, 69.9)
    detail = Detail(load_globe().grid, DetailSettings(), folder)
    tile = folder / f"lenger-{detail.identity()}" / "11_15.npy"
    good = tile.read_bytes()
    for bad in (b"", good[:1000], good[:-1] + bytes([good[-1] ^ 1]), good[:500] + b"\0\0\0\0" + good[504:]):
        tile.write_bytes(bad)
        assert lenger_terrain(folder).height_amsl_m(42.2, 69.9) == height
        assert tile.read_bytes() == good


def test_a_folder_that_cannot_be_written_only_costs_time(tmp_path: Path) -> None:
    (tmp_path / "file").write_text("")
    cache = ArrayCache(tmp_path / "file" / "below")
    assert cache.get("a", (2,), lambda: np.ones(2, dtype=np.float32)).tolist() == [1.0, 1.0]
    assert cache.fault


def test_the_plain_stays_a_plain_and_cells_keep_their_means(folder: Path, terrain: Terrain) -> None:
    globe = load_globe().grid
    height = _whole(Detail(globe, DetailSettings(), folder), 0)
    relief = upsample(relief_of(np.asarray(globe.values))[1:-1, 1:-1])
    off = np.abs(height - upsample(np.asarray(globe.values)))
    assert np.percentile(off[relief < 30], 99) < 15.0
    means = cell_means(height, STEPS)[5:-5, 5:-5]
    rough = cell_means(relief, STEPS)[5:-5, 5:-5] > 300
    assert np.percentile(np.abs(means - globe.values[5:-5, 5:-5])[rough], 90) < 75.0


def test_fields_between_nodes_are_what_their_definition_says() -> None:
    """Against plain NumPy: cubic convolution with edges in line, and means with mirrored edges."""
    coarse = np.random.default_rng(5).normal(size=(7, 9)) * 100.0
    fine = upsample(coarse)
    np.testing.assert_allclose(fine[::STEPS, ::STEPS], coarse, rtol=1e-6)
    t = np.arange(STEPS) / STEPS
    ends = -0.5 * t + t**2 - 0.5 * t**3, 0.5 * (t**3 - t**2)
    weights = np.stack([ends[0], 1 - 2.5 * t**2 + 1.5 * t**3, 0.5 * t + 2 * t**2 - 1.5 * t**3, ends[1]])
    p = padded(coarse)
    np.testing.assert_allclose(fine[12:18, 18:24], np.einsum("ik,ij,jl->kl", weights, p[2:6, 3:7], weights), rtol=1e-5)
    row = np.empty(5)
    fine_row(p, STEPS, 14, 20, row)
    np.testing.assert_allclose(row, fine[14, 20:25], rtol=1e-6)
    mirrored = np.pad(fine.astype(float), STEPS // 2, mode="reflect")
    window = np.array([0.5, *np.ones(STEPS - 1), 0.5]) / STEPS
    means = [[window @ mirrored[r : r + 7, c : c + 7] @ window for c in range(0, 54, 6)] for r in range(0, 42, 6)]
    np.testing.assert_allclose(cell_means(fine, STEPS), means, rtol=1e-5, atol=1e-4)


def _whole(detail: Detail, layer: int) -> Tile:
    _, rows, cols = detail.land.shape
    return detail.land.read(layer, range(rows), range(cols))


def test_the_badam_runs_downhill_past_lenger_to_its_mouth(folder: Path) -> None:
    """From its published source by steepest descent of drained area: near the reservoir, and down to about 245 m."""
    detail = Detail(load_globe().grid, DetailSettings(), folder)
    height, drained = _whole(detail, 0), _whole(detail, 1)
    step = FINE_STEPS / 3600.0
    row, col = round((42.99583 - 42.0234) / step), round((70.0571 - 68.80417) / step)
    heights, nearest_km = [float(height[row, col])], 99.0
    for _ in range(4000):
        box = drained[row - 1 : row + 2, col - 1 : col + 2]
        if box.shape != (3, 3) or box.max() <= drained[row, col]:
            break
        r, c = np.unravel_index(int(np.argmax(box)), (3, 3))
        row, col = row + int(r) - 1, col + int(c) - 1
        heights.append(float(height[row, col]))
        north, east = (42.99583 - row * step - 42.2164) * 111.1, (68.80417 + col * step - 69.7797) * 82.7
        nearest_km = min(nearest_km, float(np.hypot(north, east)))
    assert nearest_km < 4.0
    assert 200.0 < heights[-1] < 300.0
    assert np.diff(heights).max() < 60.0  # dammed no more than the cells' means make it


@pytest.mark.parametrize("area", LEVEL_AREAS, ids=lambda area: area.name)
def test_level_areas_are_level_and_join_the_land(terrain: Terrain, area: LevelArea) -> None:
    turn = np.linspace(0, 2 * np.pi, 60)
    ring = area.radius_m - 39.0  # a cell's diagonal: further out a node beyond the area counts
    lat, lon = area.lat_deg + ring * np.cos(turn) / 111_075, area.lon_deg + ring * np.sin(turn) / 82_500
    heights = terrain.heights_amsl_m(lat, lon)
    assert np.ptp(heights) < 0.02
    out = (area.radius_m + area.blend_m) * 1.1 / 111_075
    slopes = terrain.slopes_deg(area.lat_deg + np.linspace(-out, out, 300), np.full(300, area.lon_deg))
    assert slopes.max() < (18.0 if area.name == "ridge pad" else 12.0)  # the ridge itself is as steep


def test_another_seed_is_another_land_within_the_error_bound(folder: Path, terrain: Terrain) -> None:
    other = lenger_terrain(folder, DetailSettings(landform=LandformSettings(seed=5)))
    rng = np.random.default_rng(3)
    lat, lon = rng.uniform(42.0, 42.2, 4000), rng.uniform(69.8, 70.2, 4000)
    off = np.abs(terrain.heights_amsl_m(lat, lon) - other.heights_amsl_m(lat, lon))
    assert off.max() > 20.0
    assert (off <= terrain.errors_m(lat, lon)).mean() > 0.995


def test_the_bound_covers_what_cells_hide_of_published_summits(terrain: Terrain) -> None:
    globe = load_globe()
    for lat, lon, height in ((42.0625, 69.7292, 1768.0), (42.081, 70.42, 4236.0), (42.0234, 70.0571, 2700.0)):
        assert height - globe.height_amsl_m(lat, lon) < terrain.error_m(lat, lon)
    assert 20.0 <= terrain.error_m(42.35, 69.5) < 60.0


def test_many_threads_get_the_same_answers(folder: Path) -> None:
    shared = lenger_terrain(folder)
    lat, lon = np.random.default_rng(1).uniform((42.1, 69.7), (42.3, 70.0), (2000, 2)).T
    answers: list[float] = []

    def ask() -> None:
        answers.append(float(shared.heights_amsl_m(lat, lon).sum()))

    threads = [threading.Thread(target=ask) for _ in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert len(answers) == 6 and len(set(answers)) == 1
