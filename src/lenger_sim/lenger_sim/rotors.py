"""Rotors and motors: thrust and torque of each, and the electric power they draw.

Rotors: blade-element thrust with Glauert's momentum inflow (Leishman, Principles of Helicopter Aerodynamics, ch. 2 and
3). Motors: speed constant, winding resistance and no-load current (Drela, First-order DC electric motor model), behind
a first-order lag.
"""

from __future__ import annotations

from math import exp, pi, sqrt
from typing import Any

import numpy as np
from numba import njit

from lenger_core.atmosphere import GRAVITY_M_S2, density_kg_m3
from lenger_core.errors import InputError
from lenger_core.vehicles import VehicleProfile
from lenger_sim.battery import CELL_FULL_V
from lenger_sim.layout import Array

LIFT_SLOPE = 5.7
"""Of the blade section, per radian."""
THRUST_TOLERANCE = 0.05
_RPM = 2.0 * pi / 60.0


@njit(cache=True)
def rotors_step(air_body: Array, a: Any, p: Any, motors: Array) -> float:
    """Advance motors and inflow; add rotor forces and moments to the wrench; return the drive's electric power in W.

    Args:
        air_body: velocity of the vehicle through the air, body FLU.
        motors: commands, 0 to 1 of the battery's voltage, at least as many as there are rotors.
    """
    radius, area = p.rotor_radius_m, pi * p.rotor_radius_m**2
    climb = air_body[2]
    edge = sqrt(air_body[0] ** 2 + air_body[1] ** 2)
    lag = 1.0 - exp(-p.dt_s / p.motor_lag_s)
    static = sqrt(0.5 * p.thrust_coefficient)
    power, total = 0.0, 0.0
    for i in range(p.rotors):
        duty = min(max(motors[i], 0.0), 1.0)
        current = a.torque_n_m[i] * p.kv_rad_s_v + p.no_load_a
        speed = max(p.kv_rad_s_v * (duty * a.voltage_v - current * p.winding_ohm), 0.0) if duty > 0.0 else 0.0
        a.rotor_rad_s[i] += lag * (speed - a.rotor_rad_s[i])
        tip = max(a.rotor_rad_s[i] * radius, 1.0)
        ratio = static - (climb + a.induced_m_s) / tip
        coefficient = min(max(p.thrust_coefficient + p.inflow_slope * ratio, 0.0), 2.0 * p.thrust_coefficient)
        thrust = coefficient * a.density * area * tip * tip
        profile = p.profile_power * a.density * area * tip**3 * (1.0 + 4.65 * (edge / tip) ** 2)
        shaft = max(thrust * (p.induced_factor * a.induced_m_s + climb) + profile, 0.0)
        torque = shaft / max(a.rotor_rad_s[i], 20.0)
        a.torque_n_m[i] = torque
        if duty > 0.0:
            current = torque * p.kv_rad_s_v + p.no_load_a
            power += current * (a.rotor_rad_s[i] / p.kv_rad_s_v + current * p.winding_ohm) / p.controller_efficiency
        thrust *= 1.0 - a.thrust_loss[i]
        total += thrust
        a.wrench[3] += p.rotor_y[i] * thrust
        a.wrench[4] -= p.rotor_x[i] * thrust
        a.wrench[5] += p.rotor_yaw[i] * torque
    a.thrust_n = total
    a.wrench[2] += total
    for i in range(2):
        a.wrench[i] -= p.rotor_drag * total * air_body[i]
    target = _induced(total / (2.0 * p.rotors * a.density * area), climb, edge, a.induced_m_s)
    a.induced_m_s += (1.0 - exp(-p.dt_s / p.inflow_lag_s)) * (target - a.induced_m_s)
    return power


@njit(cache=True)
def _induced(square: float, climb: float, edge: float, guess: float) -> float:
    """Solve v = square / sqrt(edge^2 + (climb + v)^2) for the induced velocity.

    `square` is thrust / (2 density area).
    """
    v = max(guess, 0.1)
    for _ in range(3):
        flow = sqrt(edge * edge + (climb + v) ** 2)
        v = 0.5 * (v + square / max(flow, 0.3 * sqrt(square) + 0.05))
    return v


def power_coefficient(profile: VehicleProfile) -> tuple[float, float]:
    """Return static shaft power / (density area tip speed^3), and the part of it that is profile power."""
    propeller = profile.propeller
    blades = propeller.solidity * propeller.profile_drag / 8.0
    return propeller.induced_factor * propeller.thrust_coefficient**1.5 / sqrt(2.0) + blades, blades


def full_speed_rad_s(profile: VehicleProfile, density: float) -> float:
    """Return the rotors' static speed at full command and full battery: where motor and propeller torque are equal."""
    motor = profile.motor
    kv = motor.kv_rpm_per_v * _RPM
    torque = power_coefficient(profile)[0] * density * pi * profile.rotor_radius_m**5
    square, linear = kv * motor.resistance_ohm * torque, 1.0 / kv
    rest = motor.no_load_a * motor.resistance_ohm - CELL_FULL_V * profile.battery_cells
    return (-linear + sqrt(linear * linear - 4.0 * square * rest)) / (2.0 * square)


def set_rotors(p: np.void, profile: VehicleProfile) -> None:
    """Fill the constants of rotors and motors into AIRFRAME_PARAMS.

    Raises:
        InputError: the components do not give the thrust that the profile promises.
    """
    motor, propeller, density = profile.motor, profile.propeller, density_kg_m3(0.0)
    tip = full_speed_rad_s(profile, density) * profile.rotor_radius_m
    thrust = profile.rotors * propeller.thrust_coefficient * density * pi * (profile.rotor_radius_m * tip) ** 2
    ratio = thrust / (profile.mass_kg * GRAVITY_M_S2)
    if abs(ratio - profile.thrust_to_weight) > THRUST_TOLERANCE * profile.thrust_to_weight:
        valid = f"{ratio:.2f}, which motor and propeller give, within {THRUST_TOLERANCE * 100.0:.0f} %"
        raise InputError(f"{profile.name}.yaml", "thrust_to_weight", profile.thrust_to_weight, valid)
    p["rotors"], p["rotor_radius_m"] = profile.rotors, profile.rotor_radius_m
    for i, rotor in enumerate(profile.rotor_layout):
        forward, left = rotor.forward_left
        p["rotor_x"][i], p["rotor_y"][i] = profile.arm_length_m * forward, profile.arm_length_m * left
        p["rotor_yaw"][i] = rotor.yaw_sign
    p["thrust_coefficient"], p["induced_factor"] = propeller.thrust_coefficient, propeller.induced_factor
    p["inflow_slope"] = propeller.solidity * LIFT_SLOPE / 4.0
    p["profile_power"] = power_coefficient(profile)[1]
    p["rotor_max_rad_s"] = tip / profile.rotor_radius_m
    p["kv_rad_s_v"], p["winding_ohm"] = motor.kv_rpm_per_v * _RPM, motor.resistance_ohm
    p["no_load_a"], p["controller_efficiency"] = motor.no_load_a, motor.controller_efficiency
    p["motor_lag_s"], p["inflow_lag_s"] = motor.lag_s, 0.05
