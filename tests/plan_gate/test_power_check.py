"""Thrust margin: against its formula, the simulated rotors, and the figures of the profiles."""

from __future__ import annotations

from math import pi

import pytest

from lenger_core.atmosphere import GRAVITY_M_S2, density_kg_m3, temperature_k
from lenger_core.plans import Datum
from lenger_core.vehicles import load_vehicle
from lenger_mission.plan_gate.conditions import Conditions
from lenger_mission.plan_gate.model import Severity
from lenger_mission.plan_gate.power_check import check_thrust, hover_throttle, thrust_margins
from lenger_sim.battery import open_circuit_v
from lenger_sim.rotors import full_speed_rad_s
from plan_gate.scene import flat, flight_of, of, out_and_back, plan_of, waypoint


def celsius(alt_amsl_m: float, offset_k: float = 0.0) -> float:
    return temperature_k(alt_amsl_m, offset_k) - 273.15


def hover_margin(vehicle: str, ground_m: float, offset_k: float) -> float:
    """Of a moment's hover with a battery that is nearly full."""
    day = Conditions(temperature_c=celsius(ground_m, offset_k), battery_c=27.0)
    flight = flight_of(out_and_back(30.0, height_m=10.0), day, flat(ground_m), vehicle)
    return float(thrust_margins(flight)[0])


@pytest.mark.parametrize("vehicle", ["quad_2kg", "hexa_7kg"])
@pytest.mark.parametrize("ground_m", [0.0, 760.0, 2_000.0, 3_500.0])
@pytest.mark.parametrize("offset", [-20.0, 0.0, 20.0])
def test_it_is_no_more_than_the_simulated_rotors_give_at_full_command(
    vehicle: str, ground_m: float, offset: float
) -> None:
    profile, density = load_vehicle(vehicle), density_kg_m3(ground_m + 5.0, offset)
    tip = full_speed_rad_s(profile, density) * profile.rotor_radius_m
    thrust = profile.rotors * profile.propeller.thrust_coefficient * density * pi * (profile.rotor_radius_m * tip) ** 2
    full = thrust / (profile.mass_kg * GRAVITY_M_S2)
    found = hover_margin(vehicle, ground_m, offset)
    assert 0.75 * full < found < 1.03 * full, "the voltage sags under the load; thin air lets the motors turn faster"


def test_thrust_goes_with_density() -> None:
    low, high = hover_margin("hexa_7kg", 0.0, 0.0), hover_margin("hexa_7kg", 3_500.0, 20.0)
    assert high / low == pytest.approx(density_kg_m3(3_505.0, 20.0) / density_kg_m3(5.0), rel=0.02)
    assert high / low == pytest.approx(0.65, abs=0.02), "FACTS: 65 % of sea level's"


def test_the_long_endurance_airframe_has_what_its_profile_says_at_half_charge_up_there() -> None:
    """Its comment: at 3,500 m on a hot day with half the battery 1.4 is left."""
    ratio = (open_circuit_v(0.5, 1) / 4.18) ** 2
    assert 2.8 * 0.65 * ratio == pytest.approx(1.4, abs=0.1)
    day = Conditions(temperature_c=celsius(3_500.0, 20.0), battery_c=27.0, battery_charge=0.5)
    flight = flight_of(out_and_back(30.0, height_m=10.0), day, flat(3_500.0), "hexa_7kg")
    assert float(thrust_margins(flight)[0]) == pytest.approx(1.35, abs=0.1)


@pytest.mark.parametrize("margin", [1.0, 1.3, 2.0, 4.0])
def test_thrust_goes_with_the_square_of_the_command(margin: float) -> None:
    assert margin * hover_throttle(margin) ** 2 == pytest.approx(1.0)


def test_too_high_and_too_hot_is_refused_with_the_place_and_the_density_altitude() -> None:
    day = Conditions(temperature_c=celsius(3_400.0, 20.0))
    plan = plan_of(waypoint(300.0, 0.0), waypoint(600.0, 0.0, 250.0))
    (found,) = of(list(check_thrust(flight_of(plan, day, flat(3_400.0)))), "thrust_margin")
    assert found.item in (2, 3) and found.value < found.limit == 1.3
    assert "density altitude" in found.sentence and "throttle" in found.sentence


def test_the_training_quadrotor_is_strong_enough_at_home_in_the_hottest_summer() -> None:
    found = list(check_thrust(flight_of(out_and_back(1_000.0), Conditions(temperature_c=41.0, battery_c=30.0))))
    assert not of(found, "thrust_margin")


def test_between_the_limits_it_is_a_warning() -> None:
    day = Conditions(temperature_c=celsius(2_300.0, 5.0))
    (found,) = list(check_thrust(flight_of(out_and_back(1_000.0), day, flat(2_300.0))))
    assert found.severity is Severity.WARNING and 1.3 <= float(found.value) < 1.5


def test_height_above_home_counts_too() -> None:
    low = plan_of(waypoint(500.0, 0.0, 60.0))
    high = plan_of(waypoint(500.0, 0.0, 2_500.0, Datum.AMSL))
    margins = [float(thrust_margins(flight_of(plan)).min()) for plan in (low, high)]
    assert margins[1] < margins[0]
