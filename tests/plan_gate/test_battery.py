"""The battery along a course, against the simulated battery and against closed forms."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lenger_core.vehicles import load_vehicle
from lenger_mission.plan_gate import battery
from lenger_mission.plan_gate.battery import battery_course, temperatures_k, voltage_shares
from lenger_mission.plan_gate.battery_check import check_battery
from lenger_mission.plan_gate.conditions import KELVIN, Conditions, Margins
from lenger_mission.plan_gate.model import Severity
from lenger_sim import battery as simulated
from lenger_sim.airframe import airframe_params
from lenger_sim.layout import AIRFRAME, record
from lenger_sim.settings import VehicleSettings
from plan_gate.scene import flight_of, of, out_and_back

TIMES = np.linspace(0.0, 900.0, 201)


def drawn(name: str, watts: float, start_c: float, air_c: float, seconds: float) -> Any:
    """The simulated pack after it gave a constant power."""
    state, params = record(AIRFRAME), airframe_params(VehicleSettings(), load_vehicle(name))
    simulated.start_battery(state[0], params[0], 1.0, start_c + KELVIN)
    params["dt_s"] = 0.1
    a, p = state.view(np.recarray)[0], params.view(np.recarray)[0]
    for _ in range(round(seconds / 0.1)):
        simulated.battery_step(a, p, watts - p.avionics_w, air_c + KELVIN)
    return a


@pytest.mark.parametrize(
    ("name", "watts", "start_c", "air_c"),
    [("quad_2kg", 230.0, 20.0, -15.0), ("quad_2kg", 260.0, 35.0, 38.0), ("hexa_7kg", 800.0, 10.0, -20.0)],
)
def test_temperature_and_voltage_are_those_of_the_simulated_pack(
    name: str, watts: float, start_c: float, air_c: float
) -> None:
    profile, seconds = load_vehicle(name), 600.0
    day = Conditions(battery_c=start_c)
    t = np.linspace(0.0, seconds, 61)
    course = battery_course(profile, day, air_c + KELVIN, t, t * watts / 3600.0, watts)
    pack = drawn(name, watts, start_c, air_c, seconds)
    assert course.temperature_k[-1] == pytest.approx(float(pack.battery_k), abs=1.5)
    full = simulated.CELL_FULL_V * profile.battery_cells
    assert course.voltage_share[-1] == pytest.approx(float(pack.voltage_v) / full, abs=0.02)


def test_without_a_load_it_comes_to_the_airs_temperature_exponentially() -> None:
    profile = load_vehicle("quad_2kg")
    kelvin = temperatures_k(profile, 293.15, 253.15, TIMES, np.zeros(200))
    assert kelvin == pytest.approx(253.15 + 40.0 * np.exp(-TIMES * 0.55 / 500.0))


def test_in_the_end_losses_and_cooling_are_equal() -> None:
    profile, long = load_vehicle("quad_2kg"), np.linspace(0.0, 50_000.0, 2001)
    end = float(temperatures_k(profile, 290.0, 290.0, long, np.full(2000, 250.0))[-1])
    losses = (250.0 / (3.7 * 4)) ** 2 * battery.resistance_ohm(profile, end)
    assert battery.COOLING_W_K * (end - 290.0) == pytest.approx(losses, rel=1e-3)


def test_no_voltage_is_looked_at_beyond_an_empty_battery_and_a_cold_one_sags() -> None:
    profile = load_vehicle("quad_2kg")
    charge = np.array([1.0, 0.6, 0.2])
    warm = voltage_shares(profile, charge, np.full(3, 298.15), 250.0)
    cold = voltage_shares(profile, charge, np.full(3, 255.15), 250.0)
    assert (np.diff(warm) < 0.0).all() and (cold < warm).all() and (warm < 1.0).all()
    assert voltage_shares(profile, np.ones(1), np.full(1, 298.15), 0.0) == pytest.approx(1.0)


@pytest.mark.parametrize(
    ("celsius", "code", "severity"),
    [
        (-12.0, "battery_cold", Severity.ERROR),
        (4.9, "battery_cold", Severity.ERROR),
        (9.0, "battery_cool", Severity.WARNING),
        (47.0, "battery_hot", Severity.ERROR),
    ],
)
def test_take_off_with_a_cold_or_hot_battery(celsius: float, code: str, severity: Severity) -> None:
    findings = list(check_battery(flight_of(out_and_back(300.0), Conditions(battery_c=celsius))))
    (found,) = of(findings, code, severity)
    assert found.item == 0 and found.value == celsius and found.unit == "degrees C"
    assert f"{celsius:g}" in found.sentence


@pytest.mark.parametrize("celsius", [15.0, 25.0, 45.0])
def test_a_battery_of_the_right_temperature_is_not_told(celsius: float) -> None:
    assert list(check_battery(flight_of(out_and_back(300.0), Conditions(battery_c=celsius)))) == []


def test_a_warm_battery_that_would_cool_too_far_on_the_way() -> None:
    plan = out_and_back(2_000.0)
    cools = flight_of(plan, Conditions(battery_c=6.0, temperature_c=-45.0))
    (found,) = of(list(check_battery(cools)), "battery_cools")
    assert found.value < 5.0 and found.limit == 5.0
    warm = flight_of(plan, Conditions(battery_c=25.0, temperature_c=-20.0))
    assert not of(list(check_battery(warm)), "battery_cools")


def test_a_hot_battery_that_would_get_too_hot_on_the_way() -> None:
    day = Conditions(battery_c=44.0, temperature_c=48.0, margins=Margins(battery_flying_c=47.0))
    (found,) = of(list(check_battery(flight_of(out_and_back(2_500.0), day))), "battery_overheats")
    assert found.value > found.limit == 47.0
    assert found.item == 1, "it takes minutes: not during the take-off"
