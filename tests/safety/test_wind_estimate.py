"""The wind from the lean of the airframe: against the model it inverts, and never senseless."""

from __future__ import annotations

from math import asin, atan, cos, hypot, inf, isfinite, nan, sin

import numpy as np
import pytest

from lenger_core.vehicles import load_vehicle
from lenger_safety.wind_estimate import MAX_WIND_M_S, ROTOR_DRAG_S_PER_M, WindEstimator

QUAD = load_vehicle("quad_2kg")
G, RHO = 9.80665, 1.1


def lean_for(air_en, yaw, accel_en=(0.0, 0.0)):
    """Return roll and pitch of an airframe that holds against air of a velocity over it."""
    speed = hypot(*air_en)
    drag = [RHO * QUAD.drag_area_m2 * speed * a / (2.0 * QUAD.mass_kg) + G * ROTOR_DRAG_S_PER_M * a for a in air_en]
    east, north = ((accel_en[i] - drag[i]) / G for i in range(2))
    forward, left = east * cos(yaw) + north * sin(yaw), -east * sin(yaw) + north * cos(yaw)
    up = 1.0 / np.sqrt(1.0 + forward * forward + left * left)
    return asin(-left * up), atan(forward)


@pytest.mark.parametrize("yaw", [0.0, 1.0, -2.5])
@pytest.mark.parametrize("velocity", [(0.0, 0.0, 0.0), (6.0, -3.0, 1.0)])
def test_it_finds_the_wind_that_the_lean_was_made_of(yaw, velocity):
    wind = (5.0, -6.0)
    estimator = WindEstimator(QUAD)
    air = (wind[0] - velocity[0], wind[1] - velocity[1])
    roll, pitch = lean_for(air, yaw)
    for k in range(200):
        estimator.update(k * 50_000_000, velocity, roll, pitch, yaw, RHO)
    found = estimator.wind()
    assert found is not None
    assert found.velocity_m_s == pytest.approx(wind, abs=0.1)
    assert found.gust_m_s < 0.1


def test_it_says_nothing_before_it_has_settled_and_nothing_new_after_a_gap():
    estimator = WindEstimator(QUAD)
    assert estimator.wind() is None
    for k in range(20):
        estimator.update(k * 50_000_000, (0.0, 0.0, 0.0), 0.0, 0.0, 0.0, RHO)
    assert estimator.wind() is None


def test_a_swinging_wind_states_gusts():
    estimator = WindEstimator(QUAD)
    for k in range(1200):
        wind = 8.0 + 3.0 * sin(k * 0.05 * 1.5)
        roll, pitch = lean_for((wind, 0.0), 0.0)
        estimator.update(k * 50_000_000, (0.0, 0.0, 0.0), roll, pitch, 0.0, RHO)
    found = estimator.wind()
    assert found is not None
    assert 2.0 < found.gust_m_s < 12.0
    assert found.speed_m_s < found.worst_m_s <= MAX_WIND_M_S


def test_light_wind_is_stated_as_less_certain_than_strong_wind():
    sigmas = []
    for wind in (1.0, 12.0):
        estimator = WindEstimator(QUAD)
        roll, pitch = lean_for((wind, 0.0), 0.0)
        for k in range(200):
            estimator.update(k * 50_000_000, (0.0, 0.0, 0.0), roll, pitch, 0.0, RHO)
        sigmas.append(estimator.wind().sigma_m_s / wind)
    assert sigmas[0] > sigmas[1]


@pytest.mark.parametrize("seed", range(30))
def test_nothing_senseless_comes_out(seed):
    rng = np.random.default_rng(seed)
    estimator, t_ns, seen = WindEstimator(QUAD), 0, 0
    for _ in range(300):
        values = rng.normal((0.0, 0.0, 0.0, 0.0, 0.0, 1.1), (20.0, 20.0, 0.4, 0.4, 3.0, 0.5))
        if rng.random() < 0.05:
            values[rng.integers(0, 6)] = rng.choice([nan, inf, -inf, 1e300, -1e300])
        t_ns += int(rng.integers(-2, 8)) * 50_000_000
        east, north, *rest = values.tolist()
        estimator.update(t_ns, (east, north, 0.0), *rest)
        found = estimator.wind()
        if found is not None:
            seen += 1
            assert all(map(isfinite, (*found.velocity_m_s, found.sigma_m_s, found.gust_m_s)))
            assert found.speed_m_s <= MAX_WIND_M_S + 1e-9
            assert found.gust_m_s >= 0.0
    assert seen > 50
