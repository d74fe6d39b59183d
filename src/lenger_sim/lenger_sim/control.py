"""The control cascade: position to velocity to thrust vector to attitude to body rates to motors. Compiled, 250 Hz.

Structure as in common multirotor autopilots (Mellinger and Kumar 2011 for the thrust vector). Velocity setpoints pass a
reference that respects the profile's acceleration and braking, so that what the aircraft does is what a planner
expects.
"""

from __future__ import annotations

from math import atan2, isfinite, pi, radians, sqrt, tan
from typing import Any

import numpy as np
from numba import njit

from lenger_core.atmosphere import GRAVITY_M_S2
from lenger_core.vehicles import VehicleProfile
from lenger_sim.airframe import STEP_S
from lenger_sim.dynamics import ROTOR_X, ROTOR_Y, ROTOR_YAW, rotation
from lenger_sim.layout import CONTROL_PARAMS, Array, Record, record

IDLE_COMMAND = 0.12
SPOOL_S = 1.0
_REF_GAIN = 1.6
_REF_LAG_S = 0.3
_MIN_LIFT = 3.0
_MAX_RATE = 3.8
_YAW_SHARE = 0.2


@njit(cache=True)
def control_step(estimate: Record, control: Record, params: Record) -> None:
    """Compute the motor commands of one step."""
    e, c, p = estimate[0], control[0], params[0]
    if not c.armed:
        c.motors[:] = 0.0
        return
    if c.idle:
        c.motors[:] = IDLE_COMMAND
        c.vel_ref[:] = 0.0
        c.accel_ref[:] = 0.0
        c.vel_int[:] = 0.0
        c.rate_int[:] = 0.0
        c.spool = 0.0
        c.thrust = 0.0
        return
    c.spool = min(1.0, c.spool + p.dt_s / SPOOL_S)
    _velocity_setpoint(e, c, p)
    lift = np.empty(3)
    _acceleration(e, c, p, lift)
    m = np.empty((3, 3))
    rotation(e.quat, m)
    rates = np.empty(3)
    _attitude(lift, m, c, p, rates)
    along = lift[0] * m[0, 2] + lift[1] * m[1, 2] + lift[2] * m[2, 2]
    c.thrust = max(along, 0.0) / GRAVITY_M_S2
    torque = np.empty(3)
    for i in range(3):
        error = rates[i] - e.rate[i]
        c.rate_int[i] = min(max(c.rate_int[i] + p.rate_i[i] * error * p.dt_s, -6.0), 6.0) * min(c.spool * 2.0, 1.0)
        torque[i] = p.inertia[i] * (p.rate_p[i] * error + c.rate_int[i])
    _mix(c, p, max(along, 0.0) * p.mass_kg * c.spool, torque)


@njit(cache=True)
def _velocity_setpoint(e: Any, c: Any, p: Any) -> None:
    """Turn a position setpoint into the velocity reference, and let the reference follow within the limits."""
    want = np.empty(3)
    want[:] = c.vel_sp
    if c.use_position:
        de, dn = c.pos_sp[0] - e.pos[0], c.pos_sp[1] - e.pos[1]
        distance = sqrt(de * de + dn * dn)
        speed = min(p.pos_p * distance, sqrt(max(2.0 * 0.6 * p.brake_m_s2 * distance, 0.0)), c.speed_limit)
        scale = speed / max(distance, 1e-6)
        want[0], want[1] = de * scale, dn * scale
    if c.use_height:
        want[2] = p.alt_p * (c.pos_sp[2] - e.pos[2])
    flat = sqrt(want[0] ** 2 + want[1] ** 2)
    if flat > p.max_speed_m_s:
        want[0] *= p.max_speed_m_s / flat
        want[1] *= p.max_speed_m_s / flat
    want[2] = min(max(want[2], -p.max_down_m_s), p.max_up_m_s)
    slower = want[0] * c.vel_ref[0] + want[1] * c.vel_ref[1] < c.vel_ref[0] ** 2 + c.vel_ref[1] ** 2
    brake = c.brake_m_s2 if c.brake_m_s2 > 0.0 else p.brake_m_s2
    rise = c.rise_m_s2 if c.rise_m_s2 > 0.0 else p.accel_m_s2
    limit = brake if slower else p.accel_m_s2
    ax, ay = _REF_GAIN * (want[0] - c.vel_ref[0]), _REF_GAIN * (want[1] - c.vel_ref[1])
    size = sqrt(ax * ax + ay * ay)
    cut = limit / size if size > limit else 1.0
    az = min(max(_REF_GAIN * (want[2] - c.vel_ref[2]), -rise), rise)
    lag = p.dt_s / _REF_LAG_S
    c.accel_ref[0] += lag * (ax * cut - c.accel_ref[0])
    c.accel_ref[1] += lag * (ay * cut - c.accel_ref[1])
    c.accel_ref[2] += lag * (az - c.accel_ref[2])
    for i in range(3):
        c.vel_ref[i] += c.accel_ref[i] * p.dt_s


@njit(cache=True)
def _acceleration(e: Any, c: Any, p: Any, lift: Array) -> None:
    """Fill the wanted specific force (ENU, gravity included), tilt-limited; integrate the velocity error."""
    for i in range(3):
        error = c.vel_ref[i] - e.vel[i]
        gain_p, gain_i = (p.climb_p, p.climb_i) if i == 2 else (p.vel_p, p.vel_i)
        if c.level:
            error = error if i == 2 else 0.0
        c.vel_int[i] = min(max(c.vel_int[i] + gain_i * error * p.dt_s, -6.0), 6.0)
        lift[i] = c.accel_ref[i] + gain_p * error + c.vel_int[i]
    lift[2] = min(max(lift[2] + GRAVITY_M_S2, _MIN_LIFT), 2.5 * GRAVITY_M_S2)
    if c.lift_sp > 0.0:
        lift[2] = c.lift_sp * GRAVITY_M_S2
        c.vel_int[2] = 0.0
        c.vel_ref[2] = e.vel[2]
    if c.level:
        lift[0], lift[1] = c.lean[0] * lift[2], c.lean[1] * lift[2]
        c.vel_ref[0], c.vel_ref[1] = e.vel[0], e.vel[1]  # so that a mode which flies velocities again starts from here
    flat = sqrt(lift[0] ** 2 + lift[1] ** 2)
    most = lift[2] * tan(p.max_tilt_rad)
    if flat > most:
        for i in range(2):
            lift[i] *= most / flat
            c.vel_int[i] *= 1.0 - p.dt_s


@njit(cache=True)
def _attitude(lift: Array, m: Array, c: Any, p: Any, rates: Array) -> None:
    """Fill the wanted body rates that turn the thrust axis towards `lift` and the nose towards the yaw setpoint."""
    size = sqrt(lift[0] ** 2 + lift[1] ** 2 + lift[2] ** 2)
    x, y, z = lift[0] / size, lift[1] / size, lift[2] / size
    axis = np.array([m[1, 2] * z - m[2, 2] * y, m[2, 2] * x - m[0, 2] * z, m[0, 2] * y - m[1, 2] * x])
    yaw_error = (c.yaw_sp - atan2(m[1, 0], m[0, 0]) + pi) % (2.0 * pi) - pi
    yaw_rate = min(max(p.yaw_p * yaw_error, -p.max_yaw_rate), p.max_yaw_rate)
    for i in range(3):
        turn = m[0, i] * axis[0] + m[1, i] * axis[1] + m[2, i] * axis[2]
        rate = (p.attitude_p * turn if i < 2 else 0.0) + yaw_rate * m[2, i]
        rates[i] = min(max(rate, -_MAX_RATE), _MAX_RATE)


@njit(cache=True)
def _mix(c: Any, p: Any, thrust: float, torque: Array) -> None:
    """Share thrust (N) and torque (N m) among the rotors: tilt first, then thrust, then yaw."""
    side = p.arm_m * sqrt(0.5)
    most = p.max_thrust_n / 4.0
    mean = min(thrust / 4.0, most)
    yaw = min(max(torque[2] / (4.0 * p.yaw_torque_m), -_YAW_SHARE * most), _YAW_SHARE * most)
    tilt = np.empty(4)
    for i in range(4):
        tilt[i] = (torque[0] * ROTOR_Y[i] - torque[1] * ROTOR_X[i]) / (4.0 * side)
    span = max(tilt.max() - tilt.min(), 1e-9)
    if span > most:
        tilt *= most / span
    room = max(min(most - mean - tilt.max(), mean + tilt.min() - 0.02 * most), 0.0)
    yaw = min(max(yaw, -max(room, 0.03 * most)), max(room, 0.03 * most))
    shift = 0.0
    if mean + tilt.max() > most:
        shift = most - mean - tilt.max()
    elif mean + tilt.min() < 0.02 * most:
        shift = 0.02 * most - mean - tilt.min()
    for i in range(4):
        wanted = mean + shift + tilt[i] + yaw * ROTOR_YAW[i]
        # An estimate that is no number must not reach the physics.
        c.motors[i] = sqrt(min(max(wanted / most, 0.0004), 1.0)) if isfinite(wanted) else IDLE_COMMAND


def control_params(profile: VehicleProfile, inertia_kg_m2: tuple[float, float, float]) -> Record:
    """Return the gains and limits for a profile."""
    params = record(CONTROL_PARAMS)
    p = params[0]
    p["dt_s"], p["mass_kg"], p["arm_m"], p["inertia"] = STEP_S, profile.mass_kg, profile.arm_length_m, inertia_kg_m2
    p["max_tilt_rad"] = radians(profile.max_tilt_deg)
    p["max_speed_m_s"], p["max_up_m_s"] = profile.max_speed_m_s, profile.max_climb_m_s
    p["max_down_m_s"] = profile.max_descent_m_s
    p["accel_m_s2"], p["brake_m_s2"] = profile.max_accel_m_s2, profile.max_brake_m_s2
    p["pos_p"], p["vel_p"], p["vel_i"] = 0.95, 2.2, 0.5
    p["alt_p"], p["climb_p"], p["climb_i"] = 1.0, 4.0, 1.5
    p["attitude_p"], p["yaw_p"], p["max_yaw_rate"] = 7.0, 2.0, 0.8
    p["rate_p"], p["rate_i"] = (18.0, 18.0, 5.0), (10.0, 10.0, 1.0)
    p["max_thrust_n"] = profile.thrust_to_weight * profile.mass_kg * GRAVITY_M_S2
    p["yaw_torque_m"] = 0.016
    return params


@njit(cache=True)
def scale_thrust(params: Record, static_n: float, density: float, voltage_ratio: float) -> None:
    """Tell the mixer the thrust that air and battery give now."""
    params[0].max_thrust_n = static_n * density / 1.225 * voltage_ratio * voltage_ratio
