"""The air along a course against the functions that it is built of, and density altitude against its definition."""

from __future__ import annotations

import numpy as np
import pytest

from lenger_core.atmosphere import density_kg_m3
from lenger_core.turbulence import sigmas_m_s
from lenger_core.wind import TerrainWind, log_profile
from lenger_mission.plan_gate.air import (
    MOST_CELLS,
    air_at,
    densities_kg_m3,
    density_altitude_m,
    gusts_m_s,
    log_profiles,
)
from lenger_mission.plan_gate.conditions import Conditions
from plan_gate.scene import HOME, flat, place, ridge

HEIGHTS = np.array([0.0, 3.0, 20.0, 60.0, 150.0, 480.0, 800.0])


def test_density_is_that_of_the_atmosphere() -> None:
    heights = np.array([-50.0, 0.0, 333.3, 766.0, 2500.0, 4238.0])
    for offset in (-35.0, 0.0, 31.0):
        expected = [density_kg_m3(float(h), offset) for h in heights]
        assert densities_kg_m3(heights, offset) == pytest.approx(expected, rel=2e-5)


@pytest.mark.parametrize("alt_amsl_m", [0.0, 766.0, 2500.0, 3500.0])
@pytest.mark.parametrize("offset", [-30.0, 0.0, 20.0])
def test_density_altitude_is_where_standard_air_is_as_thin(alt_amsl_m: float, offset: float) -> None:
    found = density_altitude_m(alt_amsl_m, offset)
    assert density_kg_m3(found) == pytest.approx(density_kg_m3(alt_amsl_m, offset), rel=1e-4)


def test_a_degree_is_120_feet_of_density_altitude() -> None:
    """The pilots' rule: 120 ft for each degree above standard."""
    assert density_altitude_m(766.0, 20.0) - 766.0 == pytest.approx(20 * 120 * 0.3048, rel=0.06)


def test_over_level_ground_the_wind_is_the_log_profile() -> None:
    day = Conditions(wind_m_s=7.0, wind_from_deg=270.0)
    lat, lon = np.full(len(HEIGHTS), HOME[0]), np.full(len(HEIGHTS), HOME[1])
    air = air_at(flat(), day, 700.0, lat, lon, 700.0 + HEIGHTS)
    assert air.wind_enu_m_s[:, 0] == pytest.approx([7.0 * log_profile(float(h), 0.05) for h in HEIGHTS])
    assert air.wind_enu_m_s[:, 1:] == pytest.approx(0.0, abs=1e-9)
    assert log_profiles(HEIGHTS) == pytest.approx([log_profile(float(h), 0.05) for h in HEIGHTS])
    assert (air.turbulence == 1.0).all()


def test_gusts_are_the_standards_or_the_forecasts() -> None:
    day = Conditions(wind_m_s=8.0)
    wind_20ft = 8.0 * np.log(6.1 / 0.05) / np.log(10.0 / 0.05)
    expected = [2.5 * sigmas_m_s(float(h), wind_20ft)[0] for h in HEIGHTS]
    assert gusts_m_s(day, HEIGHTS) == pytest.approx(expected)
    assert gusts_m_s(Conditions(wind_m_s=8.0, gust_m_s=13.0), HEIGHTS) == pytest.approx(5.0)


def test_over_a_ridge_the_wind_is_the_simulators_within_a_cells_width() -> None:
    terrain, day = ridge(200.0), Conditions(wind_m_s=8.0, wind_from_deg=270.0)
    mean = TerrainWind(terrain, 8.0, 270.0)
    places = np.array([place(east, 40.0) for east in np.linspace(-1500.0, 5000.0, 80)])
    alt = terrain.heights_amsl_m(*places.T) + 60.0
    air = air_at(terrain, day, 700.0, places[:, 0], places[:, 1], alt)
    exact = np.array([mean.mean_enu_m_s(lat, lon, h) for (lat, lon), h in zip(places, alt, strict=True)])
    error = np.abs(air.wind_enu_m_s - exact)
    assert np.ptp(exact[:, 0]) > 4.0, "the ridge does something"
    assert error.max() < 1.1 and error.mean() < 0.12
    lee = np.array([mean.site(lat, lon, h).turbulence for (lat, lon), h in zip(places, alt, strict=True)])
    assert lee.max() > 2.0 and air.turbulence.max() == pytest.approx(lee.max(), rel=0.1)
    assert np.abs(air.turbulence - lee).mean() < 0.08


def test_a_wide_course_asks_for_no_more_than_so_many_cells(monkeypatch: pytest.MonkeyPatch) -> None:
    asked: list[int] = []
    original = TerrainWind.profiles_m

    def counted(self: TerrainWind, lat: np.ndarray, lon: np.ndarray) -> np.ndarray:
        asked.append(len(lat))
        return original(self, lat, lon)

    monkeypatch.setattr(TerrainWind, "profiles_m", counted)
    rng = np.random.default_rng(5)
    lat, lon = HOME[0] + rng.uniform(-0.1, 0.1, 4_000), HOME[1] + rng.uniform(-0.1, 0.1, 4_000)
    air_at(flat(), Conditions(wind_m_s=5.0), 700.0, lat, lon, np.full(4_000, 760.0))
    assert sum(asked) <= MOST_CELLS


def test_off_the_terrain_the_air_is_that_over_level_ground_at_home() -> None:
    air = air_at(
        flat(),
        Conditions(wind_m_s=5.0),
        700.0,
        np.array([HOME[0], 50.0]),
        np.array([HOME[1], 20.0]),
        np.array([760.0, 760.0]),
    )
    assert air.wind_enu_m_s[1] == pytest.approx(air.wind_enu_m_s[0], abs=1e-9)
