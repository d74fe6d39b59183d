"""The air at the vehicle: density, wind with height and terrain, Dryden gusts (MIL-F-8785C 3.7.2, low altitude)."""

from __future__ import annotations

from math import log, sqrt
from typing import Any

from numba import njit

from lenger_core.atmosphere import GAS_CONSTANT, GRAVITY_M_S2, LAPSE_K_PER_M, SEA_LEVEL_K, SEA_LEVEL_PA
from lenger_core.wind import PROFILE_TOP_M, log_profile
from lenger_sim.layout import Array
from lenger_sim.rigid_body import FT_M

NOISES = 3
"""Normal random numbers that one step takes."""

_EXPONENT = GRAVITY_M_S2 / (GAS_CONSTANT * LAPSE_K_PER_M)
_GUST_MIN_AIRSPEED = 2.0
_SITE_LAG_S = 1.0
"""Over which the terrain's effect follows the place: it is asked for only now and then."""


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
def air_step(alt_amsl_m: float, vel: Array, a: Any, p: Any, noise: Array) -> None:
    """Update density, wind and gust at the vehicle."""
    a.air_k = air_temperature(alt_amsl_m, p.isa_offset_k)
    a.density = air_pressure(alt_amsl_m, p.isa_offset_k) / (GAS_CONSTANT * a.air_k)
    follow = p.dt_s / _SITE_LAG_S
    for i in range(3):
        a.site[i] += follow * (a.site_ahead[i] - a.site[i])
    height = min(max(a.height_agl_m, 0.5), PROFILE_TOP_M)
    flat = p.wind_10m_m_s * log_profile(height, p.roughness_m)
    mean = flat * a.site[0]
    feet = min(max(height / FT_M, 10.0), 1000.0)
    shape = 0.177 + 0.000823 * feet
    wind_20ft = p.wind_10m_m_s * log(6.1 / p.roughness_m) / log(10.0 / p.roughness_m)
    sigma_up = 0.1 * wind_20ft * p.turbulence * a.site[2]
    sigma_h = sigma_up / shape**0.4
    along, across = p.wind_to[0], p.wind_to[1]
    dx, dy = vel[0] - a.wind[0], vel[1] - a.wind[1]
    speed = max(sqrt(dx * dx + dy * dy), _GUST_MIN_AIRSPEED)
    rate_h = speed * shape**1.2 / (feet * FT_M)
    rate_up = speed / (feet * FT_M)
    g = a.gust_state
    k = min(rate_h * p.dt_s, 1.0)
    g[0] += -k * g[0] + sqrt(2.0 * k) * noise[0]
    u = sigma_h * g[0] + a.gust_m_s
    v = sigma_h * _second_order(g, 1, k, noise[1])
    w = sigma_up * _second_order(g, 3, min(rate_up * p.dt_s, 1.0), noise[2])
    a.wind[0] = (mean + u) * along - v * across
    a.wind[1] = (mean + u) * across + v * along
    a.wind[2] = flat * a.site[1] + w


@njit(cache=True)
def _second_order(g: Array, i: int, k: float, noise: float) -> float:
    """Advance the Dryden filter (1 + sqrt 3 s/a) / (1 + s/a)^2 with a dt = k, scaled to unit variance.

    Return its output.
    """
    g[i + 1] += k * (g[i] - g[i + 1])
    g[i] += -k * g[i] + sqrt(k) * noise
    return float(sqrt(3.0) * g[i] + (1.0 - sqrt(3.0)) * g[i + 1])
