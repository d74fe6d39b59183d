"""Feet and rotor tips against the ground: spring, damper, friction; heights, impacts and crashes."""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np
from numba import njit

from lenger_core.atmosphere import GRAVITY_M_S2
from lenger_core.vehicles import VehicleProfile
from lenger_sim.layout import Array

TIP_SOFTNESS = 0.25
"""Of the rotor tips against the feet: as many stiff contacts at that arm would outrun the 4 ms step."""
FEET = 4
_STICK_M_S = 0.18
"""Below this speed friction is viscous, so that a foot can rest on a slope without chattering.

A step of 4 ms takes friction * weight / stick * height^2 / inertia * step out of the rocking: 0.6 of it with the quad,
0.4 with the hexa. At 0.06 m/s it was 1.9, and on level ground a dropped quad rocked for ever.
"""
_SINK_M = 0.01
"""How far the weight presses the feet in."""


@njit(cache=True)
def ground_step(t: Any, a: Any, p: Any, ground: Any, m: Array) -> None:
    """Push feet and rotor tips out of the ground plane.

    Update height, contact and impact.
    """
    north = (t.lat_rad - ground.lat_rad) * ground.north_m
    east = (t.lon_rad - ground.lon_rad) * ground.east_m
    below = t.alt_amsl_m - (ground.height_m + ground.slope_e * east + ground.slope_n * north)
    a.height_agl_m = below - p.foot_m[2]
    a.contact = 0
    if below > p.reach_m:
        return
    arm = np.empty(3)
    for i in range(FEET + p.rotors):
        foot = i < FEET
        if foot:
            arm[0] = p.foot_m[0] if i % 2 else -p.foot_m[0]
            arm[1] = p.foot_m[1] if i < 2 else -p.foot_m[1]
            arm[2] = -p.foot_m[2]
        else:
            outward = 1.0 + 0.7 * p.rotor_radius_m / p.arm_m
            arm[0], arm[1], arm[2] = outward * p.rotor_x[i - FEET], outward * p.rotor_y[i - FEET], 0.05
        speed = _contact(t, a, p, ground, m, arm, below, 1.0 if foot else TIP_SOFTNESS)
        if speed >= 0.0:
            a.contact = 1
            a.impact_m_s = max(a.impact_m_s, speed)
            if not foot or speed > p.crash_speed_m_s:
                a.crashed = 1


@njit(cache=True)
def _contact(t: Any, a: Any, p: Any, ground: Any, m: Array, arm: Array, below: float, softness: float) -> float:
    """Add one contact point's force to the wrench; return its speed into the ground, -1 when it does not touch."""
    offset = m @ arm
    depth = -(below + offset[2] - ground.slope_e * offset[0] - ground.slope_n * offset[1])
    if depth <= 0.0:
        return -1.0
    spin = np.cross(t.rate, arm)
    vel = t.vel + m @ spin
    norm = sqrt(1.0 + ground.slope_e**2 + ground.slope_n**2)
    normal = np.array([-ground.slope_e / norm, -ground.slope_n / norm, 1.0 / norm])
    into = -np.dot(vel, normal)
    push = softness * max(p.foot_stiffness * depth + p.foot_damping * into, 0.0)
    slide = vel + into * normal
    rubbing = p.friction * push / max(sqrt(np.dot(slide, slide)), _STICK_M_S)
    force = m.T @ (push * normal - rubbing * slide)
    moment = np.cross(arm, force)
    for k in range(3):
        a.wrench[k] += force[k]
        a.wrench[3 + k] += moment[k]
    return float(max(into, 0.0))


def set_gear(p: np.void, profile: VehicleProfile) -> None:
    """Fill the landing gear's constants into AIRFRAME_PARAMS."""
    gear, weight = profile.landing_gear, profile.mass_kg * GRAVITY_M_S2
    p["arm_m"] = profile.arm_length_m
    p["foot_m"] = (gear.half_length_m, gear.half_width_m, gear.height_m)
    p["foot_stiffness"] = weight / FEET / _SINK_M
    p["foot_damping"] = 0.7 * 2.0 * sqrt(p["foot_stiffness"] * FEET * profile.mass_kg) / FEET
    p["friction"], p["crash_speed_m_s"] = 0.7, gear.crash_speed_m_s
    p["reach_m"] = 1.0 + profile.arm_length_m + profile.rotor_radius_m
