"""The wind limits, the wind triangle along the course, and what ridges do."""

from __future__ import annotations

from math import asin, cos, degrees, hypot, radians, sin, sqrt

import pytest

from lenger_core.atmosphere import GRAVITY_M_S2, density_kg_m3
from lenger_core.energy import ROTOR_DRAG_S_M
from lenger_core.vehicles import load_vehicle
from lenger_core.wind import TerrainWind, log_profile
from lenger_mission.plan_gate.conditions import Conditions
from lenger_mission.plan_gate.model import Severity
from lenger_mission.plan_gate.wind_check import check_wind, skipped_wind
from plan_gate.scene import flight_of, of, out_and_back, place, plan_of, ridge, waypoint

AT_60 = log_profile(60.0, 0.05)


def test_without_wind_nothing_is_checked_and_the_reason_is_given() -> None:
    still = flight_of(out_and_back(500.0))
    assert list(check_wind(still)) == [] and skipped_wind(still) == "no wind is given"
    assert skipped_wind(flight_of(out_and_back(500.0), Conditions(wind_m_s=1.0))) == ""


@pytest.mark.parametrize(("wind", "refused"), [(7.3, False), (7.8, True), (12.0, True)])
def test_the_mean_wind_at_the_height_of_flight_counts(wind: float, refused: bool) -> None:
    """60 m up it is 1.34 times that at 10 m; the limit is 0.67 of 15 m/s."""
    found = list(check_wind(flight_of(out_and_back(500.0), Conditions(wind_m_s=wind, wind_from_deg=0.0))))
    errors = of(found, "wind_limit")
    assert bool(errors) is refused
    told = errors or of(found, "wind_limit", Severity.NOTE)
    assert told[0].value == pytest.approx(wind * AT_60, rel=0.02) and told[0].limit == pytest.approx(10.05)


def test_gusts_carry_it_away() -> None:
    calm = flight_of(out_and_back(500.0), Conditions(wind_m_s=5.0, gust_m_s=9.0))
    wild = flight_of(out_and_back(500.0), Conditions(wind_m_s=5.0, gust_m_s=15.0))
    assert not of(list(check_wind(calm)), "gust_limit")
    (found,) = of(list(check_wind(wild)), "gust_limit")
    assert found.value == pytest.approx(5.0 * AT_60 + 10.0, rel=0.02) and found.limit == 15.0


@pytest.mark.parametrize("from_deg", [90.0, 45.0, 0.0])
def test_the_speed_through_the_air_is_the_wind_triangle(from_deg: float) -> None:
    plan = plan_of(waypoint(900.0, 0.0, speed_m_s=12.0))
    found = list(check_wind(flight_of(plan, Conditions(wind_m_s=6.5, wind_from_deg=from_deg))))
    against, across = 6.5 * AT_60 * sin(radians(from_deg)), 6.5 * AT_60 * cos(radians(from_deg))
    through = hypot(12.0 + against, across)
    errors = of(found, "airspeed")
    assert bool(errors) is (through > 15.15)
    if errors:
        assert errors[0].value == pytest.approx(through, rel=0.01) and errors[0].limit == 15.0


def test_the_tilt_is_that_of_drag_and_weight() -> None:
    """Drag of the body and of the rotors against the weight: tan(tilt) = drag / weight."""
    profile, wind = load_vehicle("hexa_7kg"), 14.0
    flight = flight_of(out_and_back(900.0), Conditions(wind_m_s=wind, wind_from_deg=90.0), vehicle="hexa_7kg")
    (found,) = of(list(check_wind(flight)), "tilt")
    speed = float(flight.airspeed_m_s.max())
    weight, square = profile.mass_kg * GRAVITY_M_S2, 0.5 * density_kg_m3(760.0) * profile.drag_area_m2 * speed**2
    linear = ROTOR_DRAG_S_M * speed
    # thrust^2 = weight^2 + (square + linear thrust)^2, solved for thrust
    a, b, c = 1.0 - linear**2, -2.0 * square * linear, -(weight**2 + square**2)
    thrust = (-b + sqrt(b * b - 4.0 * a * c)) / (2.0 * a)
    assert found.value == pytest.approx(degrees(asin((square + linear * thrust) / thrust)), abs=1.0)
    assert found.limit == 30.0


def test_in_the_lee_of_a_ridge_it_is_rough_and_the_air_sinks() -> None:
    terrain, day = ridge(400.0, 500.0), Conditions(wind_m_s=8.0, wind_from_deg=270.0)
    lee = plan_of(waypoint(2_400.0, 0.0, 460.0), takeoff_m=460.0)
    found = list(check_wind(flight_of(lee, day, terrain)))
    mean = TerrainWind(terrain, 8.0, 270.0)
    way = [place(float(east), 0.0) for east in range(0, 2_401, 50)]
    sinking = -min(mean.mean_enu_m_s(lat, lon, 1_160.0)[2] for lat, lon in way)
    assert sinking > 1.8
    (down,) = of(found, "downdraft")
    assert down.value == pytest.approx(sinking, rel=0.1) and down.limit == pytest.approx(1.8)
    rough = plan_of(waypoint(3_600.0, 0.0, 460.0), waypoint(3_600.0, 10.0, 80.0), takeoff_m=460.0)
    (told,) = of(list(check_wind(flight_of(rough, day, terrain))), "lee_turbulence", Severity.WARNING)
    assert told.item in (2, 3) and float(told.value) > 1.5
    gentle = Conditions(wind_m_s=3.0, wind_from_deg=270.0)
    assert not of(list(check_wind(flight_of(rough, gentle, terrain))), "lee_turbulence", Severity.WARNING)
