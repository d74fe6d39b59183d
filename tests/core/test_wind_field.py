"""The field that simulator and Gazebo share: its profile, the real ridge's lee, the same bits for the same question."""

from __future__ import annotations

from math import log

import numpy as np
import pytest

from lenger_core.grid import LatLonGrid
from lenger_core.terrain import Terrain, lenger_terrain
from lenger_core.wind import ROUGHNESS_M, TerrainWind
from lenger_core.wind_field import PATCH_M, WindField

SECONDS = np.arange(0, 1800, 0.25)
RIDGE = (42.0625, 70.1208)
M_PER_LON = 82_720.0
GROUND = LatLonGrid("plain", np.full((60, 60), 700.0), 41.95, 69.7, 0.002, 0.002)
PLAIN = Terrain("plain", True, GROUND, GROUND)


@pytest.fixture(scope="module")
def land() -> Terrain:
    return lenger_terrain()


def hovering(field: WindField, lat: float, lon: float, alt: float, seconds: np.ndarray = SECONDS) -> np.ndarray:
    n = len(seconds)
    return field.series(np.full(n, lat), np.full(n, lon), np.full(n, alt), (seconds * 1e9).astype(np.int64))


@pytest.mark.parametrize("height", [3.0, 10.0, 40.0, 120.0, 400.0])
def test_the_mean_over_flat_ground_is_the_log_profile(height: float) -> None:
    """Half an hour's mean over four seeds, sampled, within 5 % of U10 ln(z / z0) / ln(10 / z0)."""
    field_means = [
        hovering(WindField(TerrainWind(PLAIN, 8.0, 270.0), seed), 42.0, 69.75, 700.0 + height, SECONDS[::4]).mean(
            axis=0
        )
        for seed in range(4)
    ]
    mean = np.mean(field_means, axis=0)
    assert mean[0] == pytest.approx(8.0 * log(height / ROUGHNESS_M) / log(10.0 / ROUGHNESS_M), rel=0.05)
    assert np.abs(mean[1:]).max() < 0.25


def test_the_mean_over_mountains_is_that_of_its_formula(land: Terrain) -> None:
    """Without gusts the field is `TerrainWind.mean_enu_m_s`, within 5 % of its speed, but for the lattice between."""
    mean = TerrainWind(land, 8.0, 270.0)
    calm = WindField(mean, 1, turbulence=0.0)
    rng = np.random.default_rng(2)
    off = []
    for _ in range(300):
        lat, lon = RIDGE[0] + rng.uniform(-0.04, 0.04), RIDGE[1] + rng.uniform(-0.05, 0.05)
        alt = land.height_amsl_m(lat, lon) + rng.uniform(30.0, 400.0)
        exact = np.array(mean.mean_enu_m_s(lat, lon, alt))
        off.append(np.linalg.norm(calm.at(lat, lon, alt, 0) - exact) / max(np.linalg.norm(exact), 4.0))
    assert np.median(off) < 0.01
    assert np.percentile(off, 97) < 0.05
    nodes = calm._nodes(140, 120, 5, 64.0)
    for lat, lon in zip(*nodes, strict=True):
        alt = land.height_amsl_m(lat, lon) + 70.0  # a level of the lattice
        np.testing.assert_allclose(calm.at(lat, lon, alt, 0), mean.mean_enu_m_s(lat, lon, alt), atol=0.06)


def test_behind_the_real_ridge_gusts_are_at_least_one_and_a_half_times_as_strong(land: Terrain) -> None:
    """Time series of half an hour 60 m above the ground on both sides, west wind, three seeds; all three axes."""
    lat, lon = RIDGE
    sigma = {}
    for side, metres in (("windward", -700.0), ("lee", 2000.0)):
        place = lon + metres / M_PER_LON
        alt = land.height_amsl_m(lat, place) + 60.0
        series = [hovering(WindField(TerrainWind(land, 8.0, 270.0), seed), lat, place, alt) for seed in range(3)]
        sigma[side] = np.mean([s.std(axis=0) for s in series], axis=0)
    assert (sigma["lee"] / sigma["windward"] >= 1.5).all()
    crest = land.height_amsl_m(lat, lon) + 20.0
    over = hovering(WindField(TerrainWind(land, 8.0, 270.0), 1), lat, lon, crest)[:, 0].mean()
    assert over > 1.3 * 8.0 * log(20.0 / ROUGHNESS_M) / log(10.0 / ROUGHNESS_M)


def test_the_same_question_has_the_same_bits_whoever_asked_what_before(land: Terrain) -> None:
    rng = np.random.default_rng(4)
    lat, lon = 42.1 + rng.uniform(-0.03, 0.03, 500), 69.95 + rng.uniform(-0.04, 0.04, 500)
    alt, t_ns = rng.uniform(800.0, 2500.0, 500), rng.integers(0, 3_600_000_000_000, 500)
    one = WindField(TerrainWind(land, 7.0, 200.0), 9).series(lat, lon, alt, t_ns)
    other = WindField(TerrainWind(land, 7.0, 200.0), 9)
    order = rng.permutation(500)
    again = other.series(lat[order], lon[order], alt[order], t_ns[order])
    np.testing.assert_array_equal(one[order], again)
    assert not np.array_equal(one, WindField(TerrainWind(land, 7.0, 200.0), 10).series(lat, lon, alt, t_ns))


def test_nothing_jumps_from_patch_to_patch(land: Terrain) -> None:
    field = WindField(TerrainWind(land, 10.0, 250.0), 3)
    metres = np.arange(0.0, 3.0 * PATCH_M, 0.5)
    n = len(metres)
    for lat, lon in (
        (np.full(n, 42.07), 70.10 + metres / M_PER_LON),
        (42.05 + metres / 111_080.0, np.full(n, 70.12)),
    ):
        winds = field.series(lat, lon, np.full(n, 3000.0), np.zeros(n, dtype=np.int64))
        assert np.abs(np.diff(winds, axis=0)).max() < 0.35  # 0.5 m of the shortest, 2 m long waves


def test_still_air_is_still_and_off_the_map_the_wind_goes_on() -> None:
    assert WindField(TerrainWind(PLAIN, 0.0, 90.0), 1).at(42.0, 69.75, 800.0, 5) == (0.0, 0.0, 0.0)
    calm = WindField(TerrainWind(PLAIN, 6.0, 270.0), 1, turbulence=0.0)
    assert calm.at(42.0, 75.0, 710.0, 0) == pytest.approx((6.0, 0.0, 0.0), abs=1e-9)
    assert calm.at(40.0, 60.0, 700.0, 0)[0] == pytest.approx(6.0 * log(0.5 / 0.05) / log(10.0 / 0.05))


def test_more_patches_than_the_first_pool_holds() -> None:
    field = WindField(TerrainWind(PLAIN, 6.0, 270.0), 1, turbulence=0.0)
    for k in range(36):
        assert field.at(41.96 + 0.0025 * k, 69.71 + 0.0025 * k, 710.0, 0)[0] == pytest.approx(6.0)
    assert len(field.arrays()[3]) > 16


def test_turbulence_scales_the_gusts_only() -> None:
    winds = [
        WindField(TerrainWind(PLAIN, 6.0, 270.0), 1, turbulence=k).at(42.0, 69.75, 750.0, 7) for k in (0.0, 1.0, 2.0)
    ]
    calm, one, two = (np.array(w) for w in winds)
    assert two - calm == pytest.approx(2.0 * (one - calm))
    assert np.abs(one - calm).max() > 0.05
