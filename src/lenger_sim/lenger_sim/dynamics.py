"""Forces on the body: rotors, motors, battery, drag, wind and the ground. Compiled; one call a step.

Rotors: blade-element thrust with Glauert's momentum inflow (Leishman, Principles of Helicopter Aerodynamics, ch. 2 and
3). Gusts: Dryden, low altitude, MIL-F-8785C 3.7.2. Battery: open-circuit voltage by state of charge behind a
resistance.
"""

from __future__ import annotations

from math import cos, exp, log, pi, sin, sqrt
from typing import Any

import numpy as np
from numba import njit

from lenger_core.atmosphere import GAS_CONSTANT, GRAVITY_M_S2, LAPSE_K_PER_M, SEA_LEVEL_K, SEA_LEVEL_PA
from lenger_sim.layout import Array, Record
from lenger_sim.rigid_body import FT_M

NOISES = 3
"""Normal random numbers that one step takes."""

_EXPONENT = GRAVITY_M_S2 / (GAS_CONSTANT * LAPSE_K_PER_M)
_SOC = np.array([-0.1, 0.0, 0.05, 0.1, 0.2, 0.4, 0.6, 0.8, 1.0])
_CELL_V = np.array([2.0, 3.27, 3.55, 3.65, 3.72, 3.80, 3.91, 4.04, 4.20])
_GUST_MIN_AIRSPEED = 2.0
_WIND_TOP_M = 500.0
TIP_SOFTNESS = 0.25
"""Of the rotor tips against the feet: eight stiff contacts at that arm would outrun the 4 ms step."""

# Rotors of the X frame as signs of (forward, left) and of the torque on the body about up; the order of PX4's quad X:
# front right, rear left, front left, rear right. The first two turn counter-clockwise, so they push the body clockwise.
ROTOR_X = np.array([1.0, -1.0, 1.0, -1.0])
ROTOR_Y = np.array([-1.0, 1.0, 1.0, -1.0])
ROTOR_YAW = np.array([-1.0, -1.0, 1.0, 1.0])


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
def air_pressure(alt_amsl_m: float, isa_offset_k: float) -> float:
    """Return the pressure in a hydrostatic column of standard sea-level pressure, warmer than standard by an offset."""
    base = SEA_LEVEL_K + isa_offset_k
    return float(SEA_LEVEL_PA * (1.0 - LAPSE_K_PER_M * alt_amsl_m / base) ** _EXPONENT)


@njit(cache=True)
def open_circuit_v(soc: float) -> float:
    """Return the open-circuit voltage of one lithium-polymer cell (a typical discharge curve)."""
    return float(np.interp(soc, _SOC, _CELL_V))


@njit(cache=True)
def air_step(alt_amsl_m: float, vel: Array, a: Any, p: Any, noise: Array) -> None:
    """Update density, wind and gust at the vehicle."""
    pressure = air_pressure(alt_amsl_m, p.isa_offset_k)
    a.density = pressure / (GAS_CONSTANT * (SEA_LEVEL_K + p.isa_offset_k - LAPSE_K_PER_M * alt_amsl_m))
    height = min(max(a.height_agl_m, 0.5), _WIND_TOP_M)
    profile = max(log(height / p.roughness_m) / log(10.0 / p.roughness_m), 0.0)
    mean = p.wind_10m_m_s * profile
    feet = min(max(height / FT_M, 10.0), 1000.0)
    shape = 0.177 + 0.000823 * feet
    wind_20ft = p.wind_10m_m_s * log(6.1 / p.roughness_m) / log(10.0 / p.roughness_m)
    sigma_up = 0.1 * wind_20ft * p.turbulence
    sigma_h = sigma_up / shape**0.4
    along, across = p.wind_to[0], p.wind_to[1]
    dx, dy = vel[0] - a.wind[0], vel[1] - a.wind[1]
    speed = max(sqrt(dx * dx + dy * dy), _GUST_MIN_AIRSPEED)
    rate_h = speed * shape**1.2 / (feet * FT_M)
    rate_up = speed / (feet * FT_M)
    g = a.gust_state
    k = min(rate_h * p.dt_s, 1.0)
    g[0] += -k * g[0] + sqrt(2.0 * k) * noise[0]
    u = sigma_h * g[0]
    v = sigma_h * _second_order(g, 1, k, noise[1])
    w = sigma_up * _second_order(g, 3, min(rate_up * p.dt_s, 1.0), noise[2])
    a.wind[0] = (mean + u) * along - v * across
    a.wind[1] = (mean + u) * across + v * along
    a.wind[2] = w


@njit(cache=True)
def _second_order(g: Array, i: int, k: float, noise: float) -> float:
    """Advance the Dryden filter (1 + sqrt 3 s/a) / (1 + s/a)^2 with a dt = k, scaled to unit variance.

    Return its output.
    """
    g[i + 1] += k * (g[i] - g[i + 1])
    g[i] += -k * g[i] + sqrt(k) * noise
    return float(sqrt(3.0) * g[i] + (1.0 - sqrt(3.0)) * g[i + 1])


@njit(cache=True)
def rotors_step(air_body: Array, a: Any, p: Any, motors: Array) -> float:
    """Advance motors and inflow; add rotor forces and moments to the wrench; return the drive's electric power in W.

    Args:
        air_body: velocity of the vehicle through the air, body FLU.
        motors: commands, 0 to 1 of the full speed at full battery.
    """
    radius, area = p.rotor_radius_m, pi * p.rotor_radius_m**2
    side = p.arm_m * sqrt(0.5)
    climb = air_body[2]
    edge = sqrt(air_body[0] ** 2 + air_body[1] ** 2)
    full = p.rotor_max_rad_s * a.voltage_v / p.full_voltage_v
    lag = 1.0 - exp(-p.dt_s / p.motor_lag_s)
    power, total = 0.0, 0.0
    for i in range(4):
        a.rotor_rad_s[i] += lag * (min(max(motors[i], 0.0), 1.0) * full - a.rotor_rad_s[i])
        tip = max(a.rotor_rad_s[i] * radius, 1.0)
        ratio = sqrt(0.5 * p.thrust_coefficient) - (climb + a.induced_m_s) / tip
        coefficient = min(max(p.thrust_coefficient + p.inflow_slope * ratio, 0.0), 2.0 * p.thrust_coefficient)
        thrust = coefficient * a.density * area * tip * tip
        profile = p.profile_power * a.density * area * tip**3 * (1.0 + 4.65 * (edge / tip) ** 2)
        shaft = max(thrust * (p.induced_factor * a.induced_m_s + climb) + profile, 0.0)
        total += thrust
        power += shaft / p.drive_efficiency
        torque = shaft / max(a.rotor_rad_s[i], 20.0)
        a.wrench[3] += side * ROTOR_Y[i] * thrust
        a.wrench[4] -= side * ROTOR_X[i] * thrust
        a.wrench[5] += ROTOR_YAW[i] * torque
    a.thrust_n = total
    a.wrench[2] += total
    for i in range(2):
        a.wrench[i] -= p.rotor_drag * total * air_body[i]
    target = _induced(total / (8.0 * a.density * area), climb, edge, a.induced_m_s)
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


@njit(cache=True)
def battery_step(a: Any, p: Any, drive_w: Any) -> None:
    """Draw the drive's and the avionics' power from the battery; update voltage, current, charge and energy."""
    power = drive_w + p.avionics_w
    source = p.cells * open_circuit_v(1.0 - a.used_c / p.charge_c)
    inner = max(source * source - 4.0 * p.resistance_ohm * power, 0.0)
    a.voltage_v = 0.5 * (source + sqrt(inner))
    a.current_a = power / max(a.voltage_v, 1.0)
    a.power_w = power
    a.used_c += a.current_a * p.dt_s
    a.used_j += power * p.dt_s


@njit(cache=True)
def ground_step(t: Any, a: Any, p: Any, ground: Any, m: Array) -> None:
    """Push feet and rotor tips out of the ground plane (spring, damper, friction).

    Update height, contact and impact.
    """
    north = (t.lat_rad - ground.lat_rad) * ground.north_m
    east = (t.lon_rad - ground.lon_rad) * ground.east_m
    below = t.alt_amsl_m - (ground.height_m + ground.slope_e * east + ground.slope_n * north)
    a.height_agl_m = below - p.foot_m[2]
    a.contact = 0
    if below > 2.0:
        return
    side = p.arm_m * sqrt(0.5)
    for i in range(8):
        foot = i < 4
        arm = np.array(
            [
                ROTOR_X[i % 4] * (p.foot_m[0] if foot else side + 0.7 * p.rotor_radius_m),
                ROTOR_Y[i % 4] * (p.foot_m[1] if foot else side + 0.7 * p.rotor_radius_m),
                -p.foot_m[2] if foot else 0.05,
            ]
        )
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
    rubbing = p.friction * push / max(sqrt(np.dot(slide, slide)), 0.15)
    force = m.T @ (push * normal - rubbing * slide)
    moment = np.cross(arm, force)
    for k in range(3):
        a.wrench[k] += force[k]
        a.wrench[3 + k] += moment[k]
    return float(max(into, 0.0))


@njit(cache=True)
def airframe_step(truth: Record, airframe: Record, params: Record, ground: Record, motors: Array, noise: Array) -> None:
    """Advance rotors, battery, air and contact by one step; leave the wrench (FLU) and the specific force."""
    t, a, p = truth[0], airframe[0], params[0]
    m = np.empty((3, 3))
    rotation(t.quat, m)
    air_step(t.alt_amsl_m, t.vel, a, p, noise)
    air_body = m.T @ (t.vel - a.wind)
    a.wrench[:] = 0.0
    drive = rotors_step(air_body, a, p, np.zeros(4) if a.crashed else motors)
    battery_step(a, p, drive)
    drag = 0.5 * a.density * p.drag_area_m2 * sqrt(np.dot(air_body, air_body))
    for k in range(3):
        a.wrench[k] -= drag * air_body[k]
        a.wrench[3 + k] -= p.rate_damping * t.rate[k]
    ground_step(t, a, p, ground[0], m)
    for k in range(3):
        t.specific_force[k] = a.wrench[k] / p.mass_kg
    a.spin = np.mean(a.rotor_rad_s) / p.rotor_max_rad_s
    limit = 0.3 if a.crashed else 0.03
    slow = np.dot(t.vel, t.vel) < limit**2 and (a.crashed or np.dot(t.rate, t.rate) < 0.05**2)
    a.still = 1 if a.contact and slow and a.spin < 0.01 and np.max(motors) == 0.0 else 0
