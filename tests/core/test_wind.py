"""The wind field against its formulas: log profile, potential flow over a ridge, shelter behind it."""

from __future__ import annotations

from math import log, radians, tan

import numpy as np
import pytest

from lenger_core.grid import LatLonGrid
from lenger_core.terrain import Terrain
from lenger_core.wind import INNER_M, MOST_LEE, TerrainWind, WindSite, disturbance, log_profile

HEIGHT_M, HALF_M = 200.0, 1500.0


def ridge(x_m: np.ndarray) -> np.ndarray:
    """Agnesi's ridge, whose potential flow is known in closed form."""
    return HEIGHT_M / (1.0 + (x_m / HALF_M) ** 2)


def ridge_terrain(height_m: float = HEIGHT_M, half_m: float = HALF_M) -> Terrain:
    """A north-south ridge at 70 degrees east, 500 m above the sea's level on both sides."""
    lons = np.arange(69.7, 70.3, 0.002)
    heights = 500.0 + height_m / (1.0 + ((lons - 70.0) * 82_800.0 / half_m) ** 2)
    values = np.repeat(heights[None], 60, axis=0)
    grid = LatLonGrid("ridge", values, 41.95, 69.7, 0.002, 0.002)
    return Terrain("ridge", True, grid, grid)


@pytest.mark.parametrize("height", [5.0, 10.0, 80.0])
def test_log_profile(height: float) -> None:
    assert log_profile(height, 0.1) == pytest.approx(log(height / 0.1) / log(10.0 / 0.1))


@pytest.mark.parametrize("agl", [10.0, 100.0, 400.0])
def test_speed_up_on_a_crest_is_twice_height_over_half_length(agl: float) -> None:
    along = np.arange(-80, 81) * 250.0
    speedup, updraft = disturbance(along, ridge(along), agl)
    above = agl + INNER_M
    expected = 2.0 * HEIGHT_M / HALF_M * (HALF_M / (HALF_M + above)) ** 2  # closed form, above the surface it decays
    assert speedup - 1.0 == pytest.approx(expected, rel=0.06)
    assert updraft == pytest.approx(0.0, abs=1e-9)


def test_air_rises_on_the_windward_side_sinks_in_the_lee_and_is_slower_at_the_foot() -> None:
    along = np.arange(-80, 81) * 250.0
    windward, lee = (disturbance(along, ridge(along + place), 30.0) for place in (-HALF_M, HALF_M))
    slope = HEIGHT_M / (2.0 * HALF_M)  # of the ridge at its half length: the flow follows the ground
    assert windward[1] == pytest.approx(slope, rel=0.12)
    assert lee[1] == pytest.approx(-windward[1], abs=1e-9)
    assert disturbance(along, ridge(along - 3.0 * HALF_M), 30.0)[0] < 1.0


def test_the_lee_is_at_least_one_and_a_half_times_as_rough_as_windward() -> None:
    terrain = ridge_terrain(700.0)
    wind = TerrainWind(terrain, 8.0, 270.0)
    ground = terrain.height_amsl_m(42.0, 70.0 + 1.5 * HALF_M / 82_800.0)
    windward = wind.site(42.0, 70.0 - 1.5 * HALF_M / 82_800.0, ground + 60.0)
    lee = wind.site(42.0, 70.0 + 1.5 * HALF_M / 82_800.0, ground + 60.0)
    high = wind.site(42.0, 70.0 + 1.5 * HALF_M / 82_800.0, ground + 1500.0)
    assert windward.turbulence == 1.0
    assert 1.5 <= lee.turbulence <= MOST_LEE
    assert lee.turbulence >= 1.5 * windward.turbulence
    assert high.turbulence == 1.0
    # and the other way round in the opposite wind
    other = TerrainWind(terrain, 8.0, 90.0).site(42.0, 70.0 - 1.5 * HALF_M / 82_800.0, ground + 60.0)
    assert (other.speedup, other.turbulence) == pytest.approx((lee.speedup, lee.turbulence))


def test_a_gentle_plain_shelters_nothing_and_still_air_is_untouched() -> None:
    assert TerrainWind(ridge_terrain(40.0), 8.0, 270.0).site(42.0, 70.02, 560.0).turbulence == 1.0
    assert TerrainWind(ridge_terrain(700.0), 0.0, 270.0).site(42.0, 70.02, 560.0) == WindSite()


def test_off_the_map_the_wind_is_that_of_flat_ground() -> None:
    assert TerrainWind(ridge_terrain(), 8.0, 270.0).site(42.0, 75.0, 900.0) == WindSite()


def test_the_mean_wind_blows_from_where_it_comes_and_grows_on_the_crest() -> None:
    wind = TerrainWind(ridge_terrain(), 8.0, 300.0)
    crest = wind.mean_enu_m_s(42.0, 70.0, 500.0 + HEIGHT_M + 10.0)
    assert crest[0] > 0.0 > crest[1]
    assert crest[1] / crest[0] == pytest.approx(-tan(radians(30.0)))
    assert 8.0 * 1.1 < np.hypot(*crest[:2]) < 8.0 * 1.3
