"""What looks at the ground: a laser rangefinder along the body's down axis, and an optical flow camera beside it.

Both at 25 Hz, delivered one sample (40 ms) late. Flow is the apparent rotation of the ground about the body's axes,
integrated over the sample, in the sense of the gyro: turning alone gives the same as the gyro, moving at v over ground
at range r adds (v_left, -v_forward) / r (FLU).
"""

from __future__ import annotations

from math import sqrt
from typing import Any

import numpy as np
from numba import njit

from lenger_sim.dynamics import rotation
from lenger_sim.layout import Array, Record

RANGE_NOISES = 5
RANGE_MIN_M, RANGE_MAX_M = 0.1, 50.0
STEEPEST = 0.4
"""Least cosine between beam and vertical that still gets an echo."""
DROPOUT = 0.005
"""Share of echoes that are lost anyway."""
FLOW_FULL_M, FLOW_NONE_M = 10.0, 60.0
"""The camera sees enough texture up to the first, none from the second."""
FLOW_MAX_RAD_S = 7.4
_DROPOUT_SIGMAS = 2.807
"""Of a normal number, both tails together `DROPOUT`."""


@njit(cache=True)
def ground_range(t: Any, ground: Any, m: Array) -> float:
    """Return the distance to the ground plane along the body's down axis, -1 when the beam misses it."""
    north = (t.lat_rad - ground.lat_rad) * ground.north_m
    east = (t.lon_rad - ground.lon_rad) * ground.east_m
    below = t.alt_amsl_m - (ground.height_m + ground.slope_e * east + ground.slope_n * north)
    closing = m[2, 2] - ground.slope_e * m[0, 2] - ground.slope_n * m[1, 2]
    if m[2, 2] < STEEPEST or closing < 0.1:
        return -1.0
    return float(max(below / closing, 0.0))


@njit(cache=True)
def ranger_step(
    truth: Record, sensors: Record, params: Record, ground: Record, now_s: float, period_s: float, noise: Array
) -> None:
    """Deliver the last sample of rangefinder and flow, and take a new one."""
    t, s, p = truth[0], sensors[0], params[0]
    s.range_m, s.range_ok, s.range_t_s = s.range_new[0], s.range_new[1] > 0.5, s.range_new[2]
    for i in range(2):
        s.flow_rad[i] = s.flow_new[i]
    for i in range(3):
        s.flow_gyro_rad[i] = s.flow_new[2 + i]
    s.flow_quality, s.flow_dt_s, s.flow_t_s = s.flow_new[5], s.flow_new[6], s.flow_new[7]
    s.ranger_count += 1
    m = np.empty((3, 3))
    rotation(t.quat, m)
    true = ground_range(t, ground[0], m)
    seen = RANGE_MIN_M <= true <= RANGE_MAX_M and abs(noise[1]) < _DROPOUT_SIGMAS
    s.range_new[0] = true + (p.range_noise_m + p.range_noise_share * true) * noise[0] if seen else 0.0
    s.range_new[1] = 1.0 if seen else 0.0
    s.range_new[2] = now_s
    quality = flow_quality(t, s, true, p.daylight, period_s) * max(1.0 - 0.05 * abs(noise[2]), 0.0)
    forward = m[0, 0] * t.vel[0] + m[1, 0] * t.vel[1] + m[2, 0] * t.vel[2]
    left = m[0, 1] * t.vel[0] + m[1, 1] * t.vel[1] + m[2, 1] * t.vel[2]
    near = max(true, 0.05)
    noisy = p.flow_noise_rad_s * period_s / max(sqrt(quality), 0.1)
    s.flow_new[0] = s.turn_sum[0] + left / near * period_s + noisy * noise[3] if quality > 0.0 else 0.0
    s.flow_new[1] = s.turn_sum[1] - forward / near * period_s + noisy * noise[4] if quality > 0.0 else 0.0
    for i in range(3):
        s.flow_new[2 + i] = s.turn_gyro_sum[i]
        s.turn_sum[i] = 0.0
        s.turn_gyro_sum[i] = 0.0
    s.flow_new[5], s.flow_new[6], s.flow_new[7] = quality * 255.0, period_s, now_s


@njit(cache=True)
def flow_quality(t: Any, s: Any, range_m: float, daylight: float, period_s: float) -> float:
    """Return how well the camera can follow the ground, 0 to 1: by light, by height, and not when it turns too fast."""
    if range_m < 2.0 * RANGE_MIN_M:
        return 0.0
    fast = (abs(s.turn_sum[0]) + abs(s.turn_sum[1])) / period_s
    speed = sqrt(t.vel[0] ** 2 + t.vel[1] ** 2)
    if fast + speed / range_m > FLOW_MAX_RAD_S:
        return 0.0
    height = (FLOW_NONE_M - range_m) / (FLOW_NONE_M - FLOW_FULL_M)
    return float(min(max(height, 0.0), 1.0) * min(daylight / 0.3, 1.0))
