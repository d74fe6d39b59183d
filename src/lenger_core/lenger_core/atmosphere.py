"""The International Standard Atmosphere up to 11 km (ICAO Doc 7488/3), with a temperature offset for hot and cold
days."""

from __future__ import annotations

GRAVITY_M_S2 = 9.80665
GAS_CONSTANT = 287.05287
"""Specific gas constant of dry air, J/(kg K)."""
SEA_LEVEL_K = 288.15
SEA_LEVEL_PA = 101325.0
LAPSE_K_PER_M = 0.0065
_EXPONENT = GRAVITY_M_S2 / (GAS_CONSTANT * LAPSE_K_PER_M)


def temperature_k(alt_amsl_m: float, isa_offset_k: float = 0.0) -> float:
    """Return the air temperature."""
    return SEA_LEVEL_K - LAPSE_K_PER_M * alt_amsl_m + isa_offset_k


def pressure_pa(alt_amsl_m: float) -> float:
    """Return the standard static pressure."""
    return float(SEA_LEVEL_PA * (1.0 - LAPSE_K_PER_M * alt_amsl_m / SEA_LEVEL_K) ** _EXPONENT)


def density_kg_m3(alt_amsl_m: float, isa_offset_k: float = 0.0) -> float:
    """Return the air density (standard pressure, offset temperature)."""
    return pressure_pa(alt_amsl_m) / (GAS_CONSTANT * temperature_k(alt_amsl_m, isa_offset_k))


def altitude_of_pressure_m(pressure: float) -> float:
    """Return the pressure altitude of a static pressure in pascal; the inverse of `pressure_pa`."""
    return float((1.0 - (pressure / SEA_LEVEL_PA) ** (1.0 / _EXPONENT)) * SEA_LEVEL_K / LAPSE_K_PER_M)
