"""The battery alone: sag, cold, heat, energy balance."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest

from lenger_core.vehicles import load_vehicle
from lenger_sim.airframe import KELVIN, airframe_params
from lenger_sim.battery import battery_step, open_circuit_v, start_battery, state_of_charge
from lenger_sim.layout import AIRFRAME, record
from lenger_sim.settings import VehicleSettings

AMBIENT_K = 283.15


def pack(name: str = "hexa_7kg", charge: float = 1.0, deg_c: float = 25.0) -> tuple[Any, Any]:
    params, state = airframe_params(VehicleSettings(), load_vehicle(name)), record(AIRFRAME)
    start_battery(state[0], params[0], charge, deg_c + KELVIN)
    params["dt_s"] = 0.1
    return state.view(np.recarray)[0], params.view(np.recarray)[0]


def draw(a: Any, p: Any, watts: float, seconds: float, ambient_k: float = AMBIENT_K) -> None:
    for _ in range(round(seconds / 0.1)):
        battery_step(a, p, watts - p.avionics_w, ambient_k)


def minutes_until(a: Any, p: Any, watts: float, cell_v: float) -> float:
    seconds = 0
    while a.voltage_v > cell_v * p.cells and seconds < 36_000:
        draw(a, p, watts, 10.0)
        seconds += 10
    return seconds / 60.0


def test_the_long_endurance_airframe_hovers_more_than_45_minutes_down_to_its_reserve() -> None:
    """At the power that momentum theory gives for its hover at sea level, until a quarter of the charge is left."""
    a, p = pack()
    seconds = 0
    while state_of_charge(a, p) > 0.25:
        draw(a, p, 540.0, 10.0)
        seconds += 10
    assert seconds / 60.0 > 45.0
    assert a.voltage_v > 3.3 * p.cells


@pytest.mark.parametrize("name", ["quad_2kg", "hexa_7kg"])
def test_the_cold_takes_capacity_and_sags_the_voltage(name: str) -> None:
    watts = {"quad_2kg": 230.0, "hexa_7kg": 540.0}[name]
    sag, minutes = {}, {}
    for deg_c in (25.0, -15.0):
        a, p = pack(name, 1.0, deg_c)
        resting = float(a.voltage_v)
        draw(a, p, watts, 5.0, deg_c + KELVIN)
        sag[deg_c] = resting - float(a.voltage_v)
        a, p = pack(name, 1.0, deg_c)
        p.battery_heat_j_k = 1e9  # held cold, without the warmth of its own losses
        minutes[deg_c] = minutes_until(a, p, watts, 3.1)
    assert 2.0 < sag[-15.0] / sag[25.0] < 4.5
    assert 0.35 < minutes[-15.0] / minutes[25.0] < 0.65


def test_it_warms_itself_and_cools_to_the_air() -> None:
    a, p = pack("quad_2kg", 1.0, 10.0)
    draw(a, p, 300.0, 300.0)
    hot = float(a.battery_k)
    assert 3.0 < hot - 283.15 < 30.0
    p.avionics_w = 0.0
    draw(a, p, 0.0, 7200.0)
    assert a.battery_k == pytest.approx(AMBIENT_K, abs=0.1)
    assert a.polarisation_v == pytest.approx(0.0, abs=1e-3)


def test_what_the_cells_give_is_what_is_drawn_and_what_heats() -> None:
    """Conservation: open-circuit work = terminal energy + ohmic and polarisation losses (and what the branch holds)."""
    a, p = pack("quad_2kg", 0.9)
    source, heat = 0.0, 0.0
    for n in range(3000):
        cell_v = open_circuit_v(state_of_charge(a, p), p.chemistry)
        before = float(a.polarisation_v)
        draw(a, p, 250.0 if n % 600 < 300 else 120.0, 0.1)
        source += float(a.current_a) * cell_v * p.cells * 0.1
        heat += (cell_v * p.cells - before - float(a.voltage_v)) * float(a.current_a) * 0.1
        heat += before * float(a.current_a) * 0.1
    assert source == pytest.approx(float(a.used_j) + heat, rel=1e-6)
    assert 0.01 < heat / source < 0.1
