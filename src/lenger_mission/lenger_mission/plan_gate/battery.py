"""The battery along a course: its charge, and its temperature between its losses and the air.

A lumped mass warmed by the current in its resistance and cooled by the air (Plett, Battery Management Systems vol. 1);
the resistance rises in the cold by Arrhenius' law. The constants are those of the simulated battery.
"""

from __future__ import annotations

from dataclasses import dataclass
from math import exp

import numpy as np
from numpy.typing import NDArray

from lenger_core.energy import capacity_share
from lenger_core.vehicles import VehicleProfile
from lenger_mission.plan_gate.conditions import Conditions

Array = NDArray[np.float64]

NOMINAL_V, FULL_V = 3.7, 4.2
HEAT_J_KG_K = 1000.0
COOLING_W_K = 0.55
"""Of a pack of 0.5 kg in the propellers' wash; grows with the surface."""
ACTIVATION_K = 2200.0
"""Activation energy over the gas constant."""
REFERENCE_K = 298.15
_STEPS = 200
_CHARGE = (0.0, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0)
_CELL_V = {
    "lipo": (3.27, 3.55, 3.65, 3.72, 3.80, 3.91, 4.04, 4.20),
    "liion": (2.90, 3.20, 3.32, 3.45, 3.60, 3.75, 3.94, 4.18),
}
"""Typical discharge curves, at rest."""


@dataclass(frozen=True)
class BatteryCourse:
    """The battery at N samples of a course.

    Attributes:
        temperature_k: (N,).
        charge: (N,) what is left of the charge that can be drawn, 0 to 1.
        voltage_share: (N,) voltage under the mean load over that of the full battery at rest, down to the reserve.
    """

    temperature_k: Array
    charge: Array
    voltage_share: Array


def battery_course(
    profile: VehicleProfile, conditions: Conditions, air_k: float, t_s: Array, used_wh: Array, mean_w: float
) -> BatteryCourse:
    """Return the battery along a course.

    Args:
        profile: the airframe.
        conditions: the day; temperature and charge at take-off.
        air_k: temperature of the air.
        t_s, used_wh: (N,) time and energy since take-off.
        mean_w: power, averaged over the flight.
    """
    times = np.linspace(0.0, max(float(t_s[-1]), 1.0), _STEPS + 1)
    used = np.interp(times, t_s, used_wh)
    power = np.diff(used) * 3600.0 / np.diff(times)
    kelvin = temperatures_k(profile, conditions.battery_k, air_k, times, power)
    temperature = np.interp(t_s, times, kelvin)
    start = conditions.battery_charge - used_wh / profile.battery_wh
    share = np.array([capacity_share(k) for k in kelvin])
    charge = 1.0 - (1.0 - start) / np.interp(t_s, times, share)
    # Nothing is flown under the reserve (the energy check says so), so no voltage is looked at there.
    flown = np.maximum(charge, profile.battery_reserve)
    return BatteryCourse(temperature, charge, voltage_shares(profile, flown, temperature, mean_w))


def temperatures_k(profile: VehicleProfile, start_k: float, air_k: float, times_s: Array, power_w: Array) -> Array:
    """Return (M + 1,) temperatures of the pack at times (M + 1,), drawing `power_w` (M,) between them.

    Over each step the losses are constant, so that m c dT/dt = I^2 R - h (T - air) is solved exactly.
    """
    mass = profile.battery_pack.mass_kg
    cooling = COOLING_W_K * (mass / 0.5) ** (2.0 / 3.0)
    out = [start_k]
    for seconds, watts in zip(np.diff(times_s).tolist(), power_w.tolist(), strict=True):
        current = watts / (NOMINAL_V * profile.battery_cells)
        settled = air_k + current**2 * resistance_ohm(profile, out[-1]) / cooling
        out.append(settled + (out[-1] - settled) * exp(-seconds * cooling / (HEAT_J_KG_K * mass)))
    return np.array(out)


def resistance_ohm(profile: VehicleProfile, cell_k: float) -> float:
    """Return the resistance of the whole pack at half charge and a temperature (Arrhenius)."""
    warm = profile.battery_pack.cell_resistance_ohm * profile.battery_cells
    return warm * exp(ACTIVATION_K * (1.0 / cell_k - 1.0 / REFERENCE_K))


def voltage_shares(profile: VehicleProfile, charge: Array, temperature_k: Array, power_w: float) -> Array:
    """Return (N,) voltages under a load over that of the full pack at rest.

    Args:
        profile: the airframe.
        charge: (N,) 0 to 1.
        temperature_k: (N,) of the pack.
        power_w: the load.
    """
    rest = np.interp(charge, _CHARGE, _CELL_V[profile.battery_pack.chemistry]) * profile.battery_cells
    warm = profile.battery_pack.cell_resistance_ohm * profile.battery_cells
    ohm = warm * np.exp(ACTIVATION_K * (1.0 / temperature_k - 1.0 / REFERENCE_K))
    loaded = 0.5 * (rest + np.sqrt(np.maximum(rest**2 - 4.0 * ohm * power_w, 0.0)))
    return np.asarray(loaded / (FULL_V * profile.battery_cells))
