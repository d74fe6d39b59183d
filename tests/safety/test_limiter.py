"""The limiter against a slow oracle, and the motion model's laws."""

from __future__ import annotations

from math import inf, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from scipy.optimize import minimize

from lenger_core.vehicles import load_vehicle
from lenger_safety.limiter import project
from lenger_safety.motion import Approach, Motion
from lenger_safety.settings import GuardSettings
from lenger_safety.surroundings import Limit

MOTION = Motion.of(GuardSettings(), load_vehicle("quad_2kg"), 0.05)


def _unit(rng, count):
    n = rng.normal(size=(count, 3))
    return n / np.linalg.norm(n, axis=1)[:, None]


def _dense_best(wanted, rows, rng):
    """The least distance over many random allowed points, refined around the best: never better than the optimum."""
    spread, centre, best = 20.0, np.zeros(3), inf
    for _ in range(8):
        points = centre + rng.uniform(-spread, spread, (20_000, 3))
        allowed = points[(points @ rows[:, :3].T <= rows[:, 3] + 1e-9).all(axis=1)]
        if len(allowed):
            distances = np.linalg.norm(allowed - wanted, axis=1)
            if distances.min() < best:
                best, centre = float(distances.min()), allowed[distances.argmin()]
        spread /= 2.5
    return best


def _check(seed, oracle):
    rng = np.random.default_rng(seed)
    count = int(rng.integers(1, 13))
    rows = np.column_stack((_unit(rng, count), rng.uniform(0.0, 8.0, count)))
    wanted = rng.uniform(-15.0, 15.0, 3)
    feasible, *velocity = project(wanted, rows)
    assert feasible  # standing still satisfies every row
    v = np.array(velocity)
    assert (rows[:, :3] @ v <= rows[:, 3] + 1e-6).all()
    distance, best = float(np.linalg.norm(v - wanted)), oracle(wanted, rows, rng)
    assert distance <= best * (1.0 + 1e-6) + 1e-6


def _slsqp(wanted, rows, rng):
    """The same problem by a general solver; a point that breaks a constraint does not count."""
    constraint = {"type": "ineq", "fun": lambda v: rows[:, 3] - rows[:, :3] @ v, "jac": lambda v: -rows[:, :3]}
    solved = minimize(
        lambda v: float((v - wanted) @ (v - wanted)),
        np.zeros(3),
        jac=lambda v: 2.0 * (v - wanted),
        constraints=[constraint],
        method="SLSQP",
        options={"ftol": 1e-12, "maxiter": 200},
    )
    v = solved.x
    excess = float((rows[:, :3] @ v - rows[:, 3]).max())
    return float(np.linalg.norm(v - wanted)) + (1e3 * max(0.0, excess))


@pytest.mark.parametrize("seed", range(12))
def test_projection_is_never_worse_than_a_dense_search(seed):
    _check(seed, _dense_best)


@pytest.mark.parametrize("seed", range(100, 250))
def test_projection_is_never_worse_than_a_general_solver(seed):
    _check(seed, _slsqp)


@pytest.mark.campaign
@pytest.mark.timeout(3600)
def test_projection_campaign():
    for seed in range(10_000, 20_000):
        _check(seed, _slsqp)


numbers = st.floats(-15.0, 15.0)
vectors = st.tuples(numbers, numbers, numbers)
limits = st.builds(
    lambda kind, n, d: Approach(Limit(kind, "x", tuple(c / sqrt(sum(x * x for x in n)) for c in n), d)),
    st.sampled_from(["fence", "keep_out", "ceiling", "floor"]),
    vectors.filter(lambda n: sum(c * c for c in n) > 1e-3),
    st.floats(-30.0, 100.0),
)


@given(vectors, st.lists(limits, max_size=10))
@settings(max_examples=400, deadline=None)
def test_nothing_closes_faster_than_it_can_stop(wanted, around):
    velocity = MOTION.limit(wanted, around)
    speed = float(np.linalg.norm(velocity))
    for limit, age, _ in around:
        closing = float(np.dot(limit.normal, velocity))
        assert closing <= max(0.0, MOTION.allowed_speed_m_s(limit.distance_m, speed, age)) + 1e-6


def test_limits_in_sharp_conflict_ask_for_no_speed_that_cannot_be_flown():
    s = 0.7071067811865475
    normals = [((0.0, 0.0, 1.0), 0.0), ((0.0, s, -s), 0.0), ((0.0, -1.0, 0.0), 10.0), ((0.06238, 0.0, -0.99805), 0.0)]
    around = [Approach(Limit("fence", "x", normal, distance)) for normal, distance in normals]
    velocity = MOTION.limit((0.0, 0.0, 0.0), around)
    assert np.linalg.norm(velocity) <= np.hypot(MOTION.max_speed_m_s, MOTION.max_climb_m_s) + 1e-9


@given(vectors, st.lists(limits, max_size=8))
@settings(max_examples=100, deadline=None)
def test_less_speed_is_not_asked_than_needed(wanted, around):
    """The assumed speed is the least: assuming clearly less gives a velocity that breaks the assumption."""
    velocity = MOTION.limit(wanted, around)
    if any(MOTION.allowed_speed_m_s(limit.distance_m, 0.0, age) < 0.0 for limit, age, _ in around):
        return  # the way back has a speed of its own
    speed = float(np.linalg.norm(velocity))
    wider = MOTION._project(MOTION._within_speed(wanted, inf), around, max(0.0, speed - 0.5))
    assert np.linalg.norm(wider) >= speed - 0.5


def test_sliding_along_a_wall_is_not_slowed():
    wall = [Approach(Limit("fence", "wall", (1.0, 0.0, 0.0), 1.5))]
    assert MOTION.limit((8.0, 8.0, 0.0), wall) == pytest.approx((0.0, 8.0, 0.0), abs=1e-6)


def test_outside_only_the_way_back_is_left():
    wall = [Approach(Limit("fence", "wall", (1.0, 0.0, 0.0), -4.0))]
    assert MOTION.limit((8.0, 0.0, 0.0), wall)[0] == pytest.approx(-1.0)
    assert MOTION.limit((-3.0, 0.0, 0.0), wall) == pytest.approx((-3.0, 0.0, 0.0))


def test_the_ground_comes_first_when_limits_contradict():
    squeezed = [
        Approach(Limit("ceiling", "ceiling", (0.0, 0.0, 1.0), -2.0)),
        Approach(Limit("floor", "ground", (0.0, 0.0, -1.0), -2.0)),
    ]
    east, _, up = MOTION.limit((5.0, 0.0, -1.0), squeezed)
    assert up == pytest.approx(0.0, abs=1e-6)
    assert east == pytest.approx(5.0, abs=1e-6)


@given(st.floats(2.0, 200.0), st.floats(0.0, 15.0), st.floats(0.0, 0.5))
def test_the_limiter_stops_before_the_hold_would_act(distance, speed, age):
    allowed = MOTION.allowed_speed_m_s(distance, speed, age)
    assert MOTION.stopping_distance_m(allowed, speed, age) <= distance


@given(st.floats(-20.0, 200.0), st.floats(0.0, 15.0), st.floats(0.01, 10.0))
def test_allowed_speed_grows_with_distance(distance, speed, more):
    assert MOTION.allowed_speed_m_s(distance + more, speed) >= MOTION.allowed_speed_m_s(distance, speed)


def test_straight_at_a_wall_it_is_the_stopping_distance_of_the_textbook():
    wall = [Approach(Limit("fence", "wall", (1.0, 0.0, 0.0), 40.0))]
    v = MOTION.limit((15.0, 0.0, 0.0), wall)[0]
    needs = v * MOTION.limit_latency_s + v * v / (2.0 * MOTION.limit_brake_m_s2)
    assert needs == pytest.approx(40.0 - MOTION.buffer_m - MOTION.wind_m, abs=0.5)


def test_the_top_speed_is_a_limit_too():
    east, north, up = MOTION.limit((30.0, 40.0, 20.0), [])
    assert sqrt(east**2 + north**2) == pytest.approx(MOTION.max_speed_m_s)
    assert north / east == pytest.approx(4.0 / 3.0)
    assert up == MOTION.max_climb_m_s
