"""What flying takes: electric power of a multirotor in steady flight, and what its battery still gives.

Momentum theory with Glauert's inflow for forward flight and blade-element profile power (Leishman, Principles of
Helicopter Aerodynamics, ch. 2, 3 and 5), then the motors' three constants (Drela, First-order DC electric motor model).
"""

from __future__ import annotations

from math import pi

import numpy as np
from numpy.typing import ArrayLike, NDArray

from lenger_core.atmosphere import GRAVITY_M_S2
from lenger_core.vehicles import VehicleProfile

Array = NDArray[np.float64]

ROTOR_DRAG_S_M = 0.006
"""Drag of the rotors in their own plane over thrust and speed: what the simulated airframes have."""
LIFT_SLOPE = 5.7
"""Of the blade section, per radian."""
_RPM = 2.0 * pi / 60.0
_COLD_K = (233.15, 255.15, 273.15, 283.15, 293.15, 300.15)
_COLD_CAPACITY = (0.20, 0.50, 0.80, 0.91, 0.98, 1.0)
"""Share of the charge that can be drawn (about 100 % at 27 degrees, half at -18: Battery University 502)."""
_INFLOW_STEPS = 12
_DRAG_STEPS = 3


def power_w(
    profile: VehicleProfile, density_kg_m3: float | Array, airspeed_m_s: ArrayLike, climb_m_s: ArrayLike
) -> Array:
    """Return the electric power of steady flight in watts, avionics included.

    Args:
        profile: the airframe.
        density_kg_m3: of the air, or of the air at each place (the shape of the others).
        airspeed_m_s: horizontal speed through the air, of any shape.
        climb_m_s: through the air, negative when descending; broadcast against `airspeed_m_s`. Sinking in the own wash
            is taken as hovering: what a fast descent saves is not counted on.
    """
    speed, climb = np.broadcast_arrays(np.abs(np.asarray(airspeed_m_s, float)), np.asarray(climb_m_s, float))
    climb = np.maximum(climb, 0.0)
    thrust, sine = steady_thrust(profile, density_kg_m3, speed)
    cosine = np.sqrt(1.0 - sine * sine)
    through, edge = speed * sine + climb * cosine, np.abs(speed * cosine - climb * sine)
    area = pi * profile.rotor_radius_m**2
    each = thrust / profile.rotors
    induced = _induced(each / (2.0 * density_kg_m3 * area), through, edge)
    return _electric(profile, density_kg_m3 * area, each, induced, through, edge) + profile.avionics_w


def steady_thrust(profile: VehicleProfile, density: float | Array, speed: Array) -> tuple[Array, Array]:
    """Return the whole thrust in N and the sine of the tilt that balance weight and drag in steady level flight.

    Args:
        profile: the airframe.
        density: of the air, kg/m3, one number or of the shape of `speed`.
        speed: horizontal, through the air, m/s.
    """
    weight = profile.mass_kg * GRAVITY_M_S2
    thrust = np.full(speed.shape, weight)
    for _ in range(_DRAG_STEPS):
        drag = 0.5 * density * profile.drag_area_m2 * speed**2 + ROTOR_DRAG_S_M * thrust * speed
        thrust = np.hypot(weight, drag)
    return thrust, drag / thrust


def _induced(square: Array, through: Array, edge: Array) -> Array:
    """Solve v = square / sqrt(edge^2 + (through + v)^2) for the induced velocity (Glauert)."""
    v = np.sqrt(square)
    for _ in range(_INFLOW_STEPS):
        v = 0.5 * (v + square / np.sqrt(edge**2 + (through + v) ** 2))
    return np.asarray(v)


def _electric(
    profile: VehicleProfile, mass_per_m: float | Array, thrust: Array, induced: Array, through: Array, edge: Array
) -> Array:
    """Return the power that all motors draw, each rotor giving `thrust`; `mass_per_m` is density times disc area."""
    propeller, motor = profile.propeller, profile.motor
    static, slope = np.sqrt(0.5 * propeller.thrust_coefficient), propeller.solidity * LIFT_SLOPE / 4.0
    # thrust = mass_per_m (coefficient tip^2) with the coefficient falling as inflow over tip speed rises
    a, b = propeller.thrust_coefficient + slope * static, slope * (through + induced)
    tip = (b + np.sqrt(b * b + 4.0 * a * thrust / mass_per_m)) / (2.0 * a)
    blades = propeller.solidity * propeller.profile_drag / 8.0
    shaft = thrust * (propeller.induced_factor * induced + through)
    shaft = shaft + blades * mass_per_m * tip**3 * (1.0 + 4.65 * (edge / tip) ** 2)
    kv = motor.kv_rpm_per_v * _RPM
    rate = tip / profile.rotor_radius_m
    current = shaft / rate * kv + motor.no_load_a
    return np.asarray(
        profile.rotors * current * (rate / kv + current * motor.resistance_ohm) / motor.controller_efficiency
    )


def capacity_share(cell_k: float) -> float:
    """Return what of the charge on the label can be drawn at a battery temperature."""
    return float(np.interp(cell_k, _COLD_K, _COLD_CAPACITY))


def usable_wh(profile: VehicleProfile, remaining: float, cell_k: float = float("nan")) -> float:
    """Return the energy down to the reserve in Wh, at least 0; NaN where the state of charge is unknown.

    Args:
        profile: the airframe; its reserve is left.
        remaining: what the autopilot says, 0 to 1 of the label: it does not know of the cold.
        cell_k: temperature of the battery; NaN unknown: taken as warm.
    """
    lost = 0.0 if np.isnan(cell_k) else 1.0 - capacity_share(cell_k)
    left = remaining - lost - profile.battery_reserve
    return float(profile.battery_wh * left) if np.isnan(left) else float(profile.battery_wh * max(left, 0.0))
