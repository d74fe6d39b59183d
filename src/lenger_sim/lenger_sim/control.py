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
from lenger_core.vehicles import VehicleProfile, rotor_effects
from lenger_sim.airframe import STEP_S
from lenger_sim.dynamics import rotation
from lenger_sim.layout import CONTROL_PARAMS, Array, Record, record
from lenger_sim.rotors import power_coefficient

IDLE_COMMAND = 0.12
SPOOL_S = 1.0
_REF_GAIN = 1.6
_REF_LAG_S = 0.3
_MIN_LIFT = 3.0
_MAX_RATE = 3.8
_YAW_SHARE = 0.2
_LEAST_THRUST = 0.02
_TUNED_LAG_S = 0.035
"""Motor lag for which the gains were found; slower motors get slower loops."""


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
    c.lift[:] = lift
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
    n, most = p.rotors, p.max_thrust_n / p.rotors
    tilt, turn = np.zeros(n), np.zeros(n)
    span, high, low = 0.0, -1e9, 1e9
    for i in range(n):
        tilt[i] = p.mix[i, 0] * torque[0] + p.mix[i, 1] * torque[1]
        turn[i] = p.mix[i, 2] * torque[2]
        span = max(span, abs(turn[i]))
        high, low = max(high, tilt[i]), min(low, tilt[i])
    if high - low > most:
        tilt *= most / (high - low)
        high, low = high * most / (high - low), low * most / (high - low)
    mean = min(thrust / n, most)
    least = _LEAST_THRUST * most
    room = max(min(most - mean - high, mean + low - least), 0.03 * most)
    if span > min(room, _YAW_SHARE * most):
        turn *= min(room, _YAW_SHARE * most) / span
    shift = min(most - mean - high, 0.0) if mean + high > most else max(least - mean - low, 0.0)
    for i in range(n):
        wanted = mean + shift + tilt[i] + turn[i]
        # An estimate that is no number must not reach the physics.
        c.motors[i] = sqrt(min(max(wanted / most, 0.0004), 1.0)) if isfinite(wanted) else IDLE_COMMAND


def mixer(profile: VehicleProfile) -> Array:
    """Return the thrusts of the rotors for a unit of roll, pitch and yaw moment (N m) and of lift (N), shape
    (rotors, 4): the pseudo-inverse of what the rotors do, of all solutions the one with the least thrusts."""
    effects = rotor_effects(profile)
    # torque per thrust of a rotor in hover, from its power coefficient
    effects[2] *= profile.rotor_radius_m * power_coefficient(profile)[0] / profile.propeller.thrust_coefficient
    out: Array = np.asarray(np.linalg.pinv(effects), dtype=np.float64)
    return out


def control_params(profile: VehicleProfile, inertia_kg_m2: tuple[float, float, float]) -> Record:
    """Return the gains and limits for a profile; the inner loops are as fast as its motors allow."""
    params = record(CONTROL_PARAMS)
    p = params[0]
    p["dt_s"], p["mass_kg"], p["inertia"] = STEP_S, profile.mass_kg, inertia_kg_m2
    p["rotors"] = profile.rotors
    p["mix"][: profile.rotors] = mixer(profile)
    p["max_tilt_rad"] = radians(profile.max_tilt_deg)
    p["max_speed_m_s"], p["max_up_m_s"] = profile.max_speed_m_s, profile.max_climb_m_s
    p["max_down_m_s"] = profile.max_descent_m_s
    p["accel_m_s2"], p["brake_m_s2"] = profile.max_accel_m_s2, profile.max_brake_m_s2
    quick = min(_TUNED_LAG_S / profile.motor.lag_s, 1.0)
    p["pos_p"], p["vel_p"], p["vel_i"] = 0.8 * sqrt(quick), 2.2 * sqrt(quick), 0.5 * quick
    p["alt_p"], p["climb_p"], p["climb_i"] = 1.0, 4.0 * sqrt(quick), 1.5 * quick
    p["attitude_p"], p["yaw_p"], p["max_yaw_rate"] = 7.0 * quick, 2.0 * quick, 0.8 * sqrt(quick)
    p["rate_p"] = (18.0 * quick, 18.0 * quick, 5.0 * quick)
    p["rate_i"] = (10.0 * quick, 10.0 * quick, 1.0)
    p["max_thrust_n"] = profile.thrust_to_weight * profile.mass_kg * GRAVITY_M_S2
    return params


@njit(cache=True)
def scale_thrust(params: Record, static_n: float, density: float, voltage_ratio: float) -> None:
    """Tell the mixer the thrust that air and battery give now."""
    params[0].max_thrust_n = static_n * density / 1.225 * voltage_ratio * voltage_ratio
