"""What only drifts during a simulated flight: biases, wind, drag, thrust, ground and flow scale, as time series."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
from numpy.typing import NDArray

from lenger_fusion.settings import FusionSettings

Array = NDArray[np.float64]

KNOT_S = 0.5
"""Walks are straight in between: the attitude follows wind and thrust, and a gyro read at 100 Hz must be able to."""


@dataclass
class SlowStates:
    """Series on the grid of a flight, one row a step: n steps.

    Attributes:
        gyro_bias, accel_bias: (n, 3) body FLU, rad/s and m/s2.
        wind: (n, 2) east and north, m/s.
        drag: (n,) of the rotors, 1/s.
        tilt: (n, 2) push of a thrust that does not stand square to the sensor, body x and y, m/s2.
        flow_scale: (n,) of the optical flow.
        baro: (n,) barometer above the true height, m.
        ground: (n,) height of the ground below, m.
    """

    gyro_bias: Array
    accel_bias: Array
    wind: Array
    drag: Array
    tilt: Array
    flow_scale: Array
    baro: Array
    ground: Array

    def at(self, i: int) -> Array:
        """Return the slow part (8,) of the state of `lenger_fusion.kernels` at a step."""
        return np.array(
            [self.baro[i], *self.wind[i], self.drag[i], self.ground[i], self.flow_scale[i], *self.tilt[i]],
        )


def constant(steps: int, wind_m_s: tuple[float, float], drag: float, baro_m: float) -> SlowStates:
    """Return states that stay; biases are zero until somebody draws them."""
    zeros = np.zeros(steps)
    pair = np.zeros((steps, 2))
    return SlowStates(
        np.zeros((steps, 3)), np.zeros((steps, 3)), pair + wind_m_s, zeros + drag, pair, zeros + 1.0, zeros + baro_m,
        zeros,
    )  # fmt: skip


def drawn(states: SlowStates, settings: FusionSettings, rng: np.random.Generator, step_s: float) -> None:
    """Replace wind, drag, thrust and flow scale by draws from what the settings assume of them, and let them walk."""
    s, steps = settings, len(states.drag)
    times = step_s * np.arange(steps)
    knots = np.arange(0.0, times[-1] + KNOT_S, KNOT_S)

    def walk(start: Array | float, density: float, width: int) -> Array:
        path = start + np.cumsum(rng.normal(0.0, density * np.sqrt(KNOT_S), (len(knots), width)), axis=0)
        return np.column_stack([np.interp(times, knots, column) for column in path.T])

    states.wind = walk(rng.normal(0.0, s.wind_std_m_s, 2), s.wind_walk, 2)
    drag = max(0.02, rng.normal(s.drag, s.drag_std))
    states.drag = np.maximum(0.02, walk(drag, s.drag_walk, 1)[:, 0])
    states.tilt = walk(rng.normal(0.0, s.thrust_tilt_m_s2, 2), s.thrust_tilt_walk, 2)
    states.flow_scale = walk(max(0.5, rng.normal(1.0, s.flow_scale_std)), s.flow_scale_walk, 1)[:, 0]
    states.gyro_bias = walk(0.0, s.gyro_bias_walk, 3)
    states.accel_bias = walk(0.0, s.accel_bias_walk, 3)


def drift_with_motion(
    states: SlowStates, settings: FusionSettings, rng: np.random.Generator, step_s: float, velocity: Array
) -> None:
    """Let the barometer drift as it climbs and the ground change as it passes.

    Args:
        states: what is changed.
        settings: densities of the walks.
        rng: of the flight.
        step_s: of the grid, s.
        velocity: (n, 3) ENU, m/s.
    """
    s = settings
    level, climb = np.hypot(velocity[:, 0], velocity[:, 1]), np.abs(velocity[:, 2])
    baro = np.hypot(s.baro_walk, s.baro_climb_walk * climb)
    ground = np.hypot(s.ground_walk, s.ground_slope_walk * level)
    noise = np.sqrt(step_s) * rng.standard_normal((2, len(level)))
    states.baro = states.baro + np.cumsum(baro * noise[0])
    states.ground = states.ground + np.cumsum(ground * noise[1])
