"""The battery as a component: cells behind a resistance that falls with temperature and charge, warmed by their losses.

Open-circuit voltage by state of charge; an ohmic resistance and one polarisation branch (a first-order Thevenin model,
Plett, Battery Management Systems vol. 1, ch. 2); resistance by Arrhenius' law; capacity by temperature (about 100 % at
27 degrees, half at -18: Battery University 502); heat into a lumped mass cooled by the air.
"""

from __future__ import annotations

from math import exp, sqrt
from typing import Any

import numpy as np
from numba import njit

from lenger_core.vehicles import BatteryPack

CELL_FULL_V = 4.2
CELL_NOMINAL_V = 3.7
"""By this the energy on a pack's label becomes a charge."""
CHEMISTRIES = ("lipo", "liion")
REFERENCE_K = 298.15

_SOC = np.array([-0.1, 0.0, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0])
_CELL_V = np.array(
    [
        [2.0, 3.27, 3.55, 3.65, 3.72, 3.80, 3.91, 4.04, 4.20],
        [2.0, 2.90, 3.20, 3.32, 3.45, 3.60, 3.75, 3.94, 4.18],
    ]
)
_COLD_K = np.array([233.15, 255.15, 273.15, 283.15, 293.15, 300.15])
_COLD_CAPACITY = np.array([0.20, 0.50, 0.80, 0.91, 0.98, 1.0])
_ACTIVATION_K = 2200.0
"""Activation energy over the gas constant: three and a half times the resistance at -18 degrees."""
_OHMIC_SHARE = 0.6
_POLARISATION_S = 20.0
_HEAT_J_KG_K = 1000.0
_COOLING_W_K = 0.55
"""Of a pack of 0.5 kg in the propellers' wash; grows with the surface."""


@njit(cache=True)
def open_circuit_v(soc: float, chemistry: int) -> float:
    """Return the open-circuit voltage of one cell (a typical discharge curve of `CHEMISTRIES[chemistry]`)."""
    return float(np.interp(soc, _SOC, _CELL_V[chemistry]))


def charge_of_voltage(cell_v: float, chemistry: int) -> float:
    """Return the state of charge of a rested cell, 0 to 1; the inverse of `open_circuit_v`."""
    return float(np.clip(np.interp(cell_v, _CELL_V[chemistry], _SOC), 0.0, 1.0))


@njit(cache=True)
def capacity_share(cell_k: float) -> float:
    """Return what of the nominal charge can be drawn at a temperature."""
    return float(np.interp(cell_k, _COLD_K, _COLD_CAPACITY))


@njit(cache=True)
def resistance_factor(soc: float, cell_k: float) -> float:
    """Return the resistance over that at 25 degrees and half charge."""
    return float(exp(_ACTIVATION_K * (1.0 / cell_k - 1.0 / REFERENCE_K)) * (1.0 + 1.5 * exp(-max(soc, 0.0) / 0.08)))


@njit(cache=True)
def state_of_charge(a: Any, p: Any) -> float:
    """Return what is left of the charge that can be drawn at the pack's temperature, 0 to 1; below 0 when overdrawn."""
    return float(1.0 - a.used_c / (p.charge_c * capacity_share(a.battery_k)))


@njit(cache=True)
def battery_step(a: Any, p: Any, drive_w: Any, ambient_k: float) -> None:
    """Draw the drive's and the avionics' power; update voltage, current, charge, energy and temperature."""
    power = drive_w + p.avionics_w
    soc = state_of_charge(a, p)
    resistance = p.resistance_ohm * resistance_factor(soc, a.battery_k)
    ohmic, slow = _OHMIC_SHARE * resistance, (1.0 - _OHMIC_SHARE) * resistance
    source = max(p.cells * open_circuit_v(soc, p.chemistry) - a.polarisation_v - a.sag_v, 1.0)
    inner = max(source * source - 4.0 * ohmic * power, 0.0)
    a.voltage_v = 0.5 * (source + sqrt(inner))
    a.current_a = power / max(a.voltage_v, 1.0)
    a.power_w = power
    a.used_c += a.current_a * p.dt_s
    a.used_j += power * p.dt_s
    a.polarisation_v += p.dt_s / _POLARISATION_S * (a.current_a * slow - a.polarisation_v)
    losses = a.current_a * a.current_a * ohmic + a.current_a * a.polarisation_v
    cooling = p.battery_cooling_w_k * (a.battery_k - ambient_k)
    a.battery_k += p.dt_s * (losses - cooling) / p.battery_heat_j_k


def set_battery(p: np.void, pack: BatteryPack, cells: int, energy_wh: float) -> None:
    """Fill the battery's constants of a pack into AIRFRAME_PARAMS."""
    p["cells"], p["chemistry"] = cells, CHEMISTRIES.index(pack.chemistry)
    p["charge_c"] = energy_wh / (CELL_NOMINAL_V * cells) * 3600.0
    p["resistance_ohm"] = pack.cell_resistance_ohm * cells
    p["full_voltage_v"] = CELL_FULL_V * cells
    p["battery_heat_j_k"] = _HEAT_J_KG_K * pack.mass_kg
    p["battery_cooling_w_k"] = _COOLING_W_K * (pack.mass_kg / 0.5) ** (2.0 / 3.0)


def start_battery(a: np.void, p: np.void, state_of_charge_: float, cell_k: float) -> None:
    """Put a rested pack of that charge and temperature into AIRFRAME."""
    a["battery_k"] = cell_k
    a["used_c"] = (1.0 - state_of_charge_) * p["charge_c"] * capacity_share(cell_k)
    a["voltage_v"] = p["cells"] * open_circuit_v(state_of_charge_, int(p["chemistry"]))
    a["used_j"], a["polarisation_v"], a["sag_v"] = 0.0, 0.0, 0.0
