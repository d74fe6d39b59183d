"""The air at the vehicle: density, and the wind of the field that it flies in."""

from __future__ import annotations

from math import pi
from typing import Any

from numba import njit

from lenger_core.atmosphere import GAS_CONSTANT, GRAVITY_M_S2, LAPSE_K_PER_M, SEA_LEVEL_K, SEA_LEVEL_PA
from lenger_core.wind_field import Slots, wind_at
from lenger_sim.layout import Array

_EXPONENT = GRAVITY_M_S2 / (GAS_CONSTANT * LAPSE_K_PER_M)


@njit(cache=True)
def air_pressure(alt_amsl_m: float, isa_offset_k: float) -> float:
    """Return the pressure in a hydrostatic column of standard sea-level pressure, warmer than standard by an offset."""
    base = SEA_LEVEL_K + isa_offset_k
    return float(SEA_LEVEL_PA * (1.0 - LAPSE_K_PER_M * alt_amsl_m / base) ** _EXPONENT)


@njit(cache=True)
def air_temperature(alt_amsl_m: float, isa_offset_k: float) -> float:
    """Return the air's temperature in kelvin."""
    return float(SEA_LEVEL_K + isa_offset_k - LAPSE_K_PER_M * alt_amsl_m)


@njit(cache=True)
def air_step(
    t: Any, a: Any, p: Any, t_s: float, constants: Array, bank: Array, slots: Slots, pool: Array, out: Array
) -> bool:
    """Update density and wind at the vehicle at a simulated time; False, and no wind, where the field has no patch yet.

    The four arrays are `WindField.arrays`; what a fault adds blows along the mean wind.
    """
    a.air_k = air_temperature(t.alt_amsl_m, p.isa_offset_k)
    a.density = air_pressure(t.alt_amsl_m, p.isa_offset_k) / (GAS_CONSTANT * a.air_k)
    lat_deg, lon_deg = t.lat_rad * (180.0 / pi), t.lon_rad * (180.0 / pi)
    if not wind_at(constants, bank, slots, pool, lat_deg, lon_deg, t.alt_amsl_m, t_s, out):
        return False
    for i in range(3):
        a.wind[i] = out[i]
    for i in range(2):
        a.wind[i] += a.gust_m_s * p.wind_to[i]
    return True
