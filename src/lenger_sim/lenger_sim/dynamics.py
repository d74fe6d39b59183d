"""Forces on the body: rotors, motors, battery, drag, wind and the ground, put together. Compiled; one call a step."""

from __future__ import annotations

from math import cos, pi, sin, sqrt

import numpy as np
from numba import njit

from lenger_core.vehicles import MAX_ROTORS
from lenger_core.wind_field import Slots
from lenger_sim.battery import battery_step
from lenger_sim.contact import ground_step
from lenger_sim.gusts import air_step
from lenger_sim.layout import Array, Record
from lenger_sim.rigid_body import FT_M
from lenger_sim.rotors import rotors_step


@njit(cache=True)
def unpack(raw: Array, undulation_m: float, truth: Record) -> None:
    """Convert `RigidBody.read`'s raw state into a TRUTH record (all but the specific force)."""
    t = truth[0]
    t.lat_rad = raw[0]
    t.lon_rad = raw[1]
    t.alt_amsl_m = raw[2] * FT_M - undulation_m
    t.vel[0] = raw[3] * FT_M
    t.vel[1] = raw[4] * FT_M
    t.vel[2] = -raw[5] * FT_M
    roll, pitch, yaw = 0.5 * raw[6], -0.5 * raw[7], 0.5 * (0.5 * pi - raw[8])
    cr, sr, cp, sp, cy, sy = cos(roll), sin(roll), cos(pitch), sin(pitch), cos(yaw), sin(yaw)
    t.quat[0] = cr * cp * cy + sr * sp * sy
    t.quat[1] = sr * cp * cy - cr * sp * sy
    t.quat[2] = cr * sp * cy + sr * cp * sy
    t.quat[3] = cr * cp * sy - sr * sp * cy
    t.rate[0] = raw[9]
    t.rate[1] = -raw[10]
    t.rate[2] = -raw[11]


@njit(cache=True)
def rotation(q: Array, m: Array) -> None:
    """Fill the 3 x 3 matrix body to world of a quaternion (w, x, y, z)."""
    w, x, y, z = q[0], q[1], q[2], q[3]
    m[0, 0] = 1.0 - 2.0 * (y * y + z * z)
    m[0, 1] = 2.0 * (x * y - w * z)
    m[0, 2] = 2.0 * (x * z + w * y)
    m[1, 0] = 2.0 * (x * y + w * z)
    m[1, 1] = 1.0 - 2.0 * (x * x + z * z)
    m[1, 2] = 2.0 * (y * z - w * x)
    m[2, 0] = 2.0 * (x * z - w * y)
    m[2, 1] = 2.0 * (y * z + w * x)
    m[2, 2] = 1.0 - 2.0 * (x * x + y * y)


@njit(cache=True)
def airframe_step(
    truth: Record,
    airframe: Record,
    params: Record,
    ground: Record,
    motors: Array,
    t_s: float,
    constants: Array,
    bank: Array,
    slots: Slots,
    pool: Array,
) -> bool:
    """Advance rotors, battery, air and contact by one step; leave the wrench (FLU) and the specific force.

    False, and nothing done, where the wind field (the last four: `WindField.arrays`) has no patch yet.
    """
    t, a, p = truth[0], airframe[0], params[0]
    m = np.empty((3, 3))
    if not air_step(t, a, p, t_s, constants, bank, slots, pool, m[0]):
        return False
    rotation(t.quat, m)
    air_body = m.T @ (t.vel - a.wind)
    a.wrench[:] = 0.0
    drive = rotors_step(air_body, a, p, np.zeros(MAX_ROTORS) if a.crashed else motors)
    battery_step(a, p, drive, a.air_k)
    drag = 0.5 * a.density * p.drag_area_m2 * sqrt(np.dot(air_body, air_body))
    for k in range(3):
        a.wrench[k] -= drag * air_body[k]
        a.wrench[3 + k] -= p.rate_damping * t.rate[k]
    ground_step(t, a, p, ground[0], m)
    for k in range(3):
        t.specific_force[k] = a.wrench[k] / p.mass_kg
    a.spin = np.sum(a.rotor_rad_s) / p.rotors / p.rotor_max_rad_s
    limit = 0.3 if a.crashed else 0.03
    slow = np.dot(t.vel, t.vel) < limit**2 and (a.crashed or np.dot(t.rate, t.rate) < 0.05**2)
    a.still = 1 if a.contact and slow and a.spin < 0.01 and np.max(motors) == 0.0 else 0
    return True
