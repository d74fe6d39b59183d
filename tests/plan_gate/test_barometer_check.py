"""The cold-barometer error: against the hydrostatic equation step by step, and against ICAO's printed table."""

from __future__ import annotations

import numpy as np
import pytest

from lenger_core.atmosphere import GAS_CONSTANT, GRAVITY_M_S2, altitude_of_pressure_m, pressure_pa, temperature_k
from lenger_core.plans import Datum
from lenger_mission.plan_gate.barometer_check import barometer_error_m, check_barometer
from lenger_mission.plan_gate.conditions import Conditions
from lenger_mission.plan_gate.model import Severity
from plan_gate.scene import flat, flight_of, land, of, plan_of, waypoint

FEET = 0.3048


def true_height_m(indicated_m: float, home_amsl_m: float, offset_k: float) -> float:
    """Go up through the air until the pressure is that of the indicated height: dp = -p g / (R T) dh."""
    wanted, pressure, height = pressure_pa(home_amsl_m + indicated_m), pressure_pa(home_amsl_m), 0.0
    step = 0.25
    while pressure > wanted:
        pressure_altitude = altitude_of_pressure_m(pressure)
        pressure -= step * pressure * GRAVITY_M_S2 / (GAS_CONSTANT * temperature_k(pressure_altitude, offset_k))
        height += step
    return height


@pytest.mark.parametrize("indicated_m", [50.0, 300.0, 1_500.0])
@pytest.mark.parametrize("offset", [-35.0, 25.0])
def test_it_is_the_hydrostatic_equation(indicated_m: float, offset: float) -> None:
    error = float(barometer_error_m(np.array(indicated_m), 766.0, offset))
    assert indicated_m + error == pytest.approx(true_height_m(indicated_m, 766.0, offset), abs=0.5)


@pytest.mark.parametrize(
    ("celsius", "height_ft", "printed_ft"),
    [
        (0.0, 500.0, 30.0), (0.0, 1000.0, 60.0), (-10.0, 500.0, 50.0), (-10.0, 1000.0, 100.0), (-20.0, 300.0, 50.0),
        (-20.0, 1000.0, 140.0), (-30.0, 500.0, 100.0), (-30.0, 1000.0, 190.0), (-40.0, 1000.0, 240.0),
        (-50.0, 1000.0, 300.0),
    ],
)  # fmt: skip
def test_it_is_icaos_table_which_is_rounded_up_to_ten_feet(celsius: float, height_ft: float, printed_ft: float) -> None:
    """Doc 8168 volume I, table III-1-4-1 (b): corrections to be added by the pilot, aerodrome at sea level."""
    wanted = indicated = height_ft * FEET
    for _ in range(20):
        indicated = wanted - float(barometer_error_m(np.array(indicated), 0.0, celsius - 15.0))
    added_ft = (indicated - wanted) / FEET
    assert printed_ft - 13.0 <= added_ft <= printed_ft + 1.0


def test_four_percent_for_ten_degrees() -> None:
    """The pilots' rule of thumb."""
    assert float(barometer_error_m(np.array(1000.0), 0.0, -10.0)) == pytest.approx(-36.0, abs=4.0)
    assert float(barometer_error_m(np.array(0.0), 766.0, -30.0)) == 0.0


def test_high_above_home_over_high_ground_the_cold_takes_the_clearance() -> None:
    """400 m above home it is 55 m lower at -30 degrees: 60 m over the plateau become 5."""
    terrain = flat(700.0)
    plan = plan_of(waypoint(500.0, 0.0, 400.0), waypoint(2_000.0, 0.0, 400.0), takeoff_m=400.0)
    heights = np.full((401, 401), 700.0)
    heights[:, 195:] = 1_040.0
    plateau = land(heights)
    cold = list(check_barometer(flight_of(plan, Conditions(temperature_c=-30.0), plateau)))
    (found,) = of(cold, "cold_barometer")
    expected = 60.0 + float(
        barometer_error_m(np.array(400.0), 700.0, Conditions(temperature_c=-30.0).isa_offset_k(700.0))
    )
    assert found.value == pytest.approx(expected, abs=0.6) and found.limit == 15.0
    assert found.item in (2, 3)
    assert not of(list(check_barometer(flight_of(plan, Conditions(temperature_c=10.0), plateau))), "cold_barometer")
    low = list(check_barometer(flight_of(plan, Conditions(temperature_c=-30.0), terrain)))
    assert not of(low, "cold_barometer") and of(low, "cold_barometer", Severity.NOTE)


def test_what_is_too_low_anyway_is_another_checks_business() -> None:
    plan = plan_of(waypoint(500.0, 0.0, 10.0, Datum.AGL))
    assert not of(list(check_barometer(flight_of(plan, Conditions(temperature_c=-30.0)))), "cold_barometer")


def test_warm_air_says_nothing() -> None:
    plan = plan_of(waypoint(500.0, 0.0, 100.0))
    assert list(check_barometer(flight_of(plan, Conditions(temperature_c=35.0)))) == []
