"""The limiter against slow oracles, and the motion model's laws."""

from __future__ import annotations

from math import inf, sqrt

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lenger_core.vehicles import load_vehicle
from lenger_safety.law_kernels import FULLY_GIVEN_UP, nearest
from lenger_safety.limiter import project
from lenger_safety.motion import Approach, Approaches, Motion
from lenger_safety.settings import GuardSettings
from lenger_safety.surroundings import Limit

from .limiter_oracle import FENCE, KEEP_OUT, SHAPES, dense, levels, normals_of, possible, room_m_s, slsqp

PROFILE, STEP_S = load_vehicle("quad_2kg"), 0.05
MOTION = Motion.of(GuardSettings(), PROFILE, STEP_S)
PER_SPEED = 1.0 / (2.0 * MOTION.limit_brake_m_s2)
TOP, RECOVER = 15.3, 1.0


def around(*single):
    return Approaches.of(single)


def allowed_m_s(distance_m, speed_m_s, age_s):
    """The greatest closing speed at a distance, for a whole speed of at most `speed_m_s`; negative is the way back."""
    left = distance_m - MOTION.buffer_m - MOTION.wind_m
    if left <= 0.0:
        return -min(MOTION.recover_m_s, -left * 0.5)
    return left / (MOTION.limit_latency_s + speed_m_s * PER_SPEED + age_s)


# ------------------------------------------------------------ the projection


def _check_projection(seed):
    rng = np.random.default_rng(seed)
    normals = normals_of(rng, SHAPES[seed % len(SHAPES)])
    lowest = 0.0 if rng.random() < 0.7 else -2.0
    rows = np.column_stack((normals, rng.uniform(lowest, 8.0, len(normals))))
    wanted = rng.uniform(-15.0, 15.0, 3)
    feasible, *velocity = project(wanted, rows)
    if lowest < 0.0 and not feasible:
        assert room_m_s(rows) < 1e-5, "a general solver finds a velocity that all rows allow"
        return
    assert feasible  # standing still satisfies every row
    v = np.array(velocity)
    assert (rows[:, :3] @ v <= rows[:, 3] + 1e-6).all()
    assert float(np.linalg.norm(v - wanted)) <= slsqp(wanted, rows) * (1.0 + 1e-6) + 1e-6


@pytest.mark.parametrize("first", range(0, 500, 100))
def test_projection_is_never_worse_than_a_general_solver(first):
    for seed in range(first, first + 100):
        _check_projection(seed)


@pytest.mark.campaign
@pytest.mark.timeout(3600)
def test_projection_campaign():
    for seed in range(10_000, 110_000):
        _check_projection(seed)


# ------------------------------------------------------------ the whole law


def _limits(rng, shape, lowest_m):
    normals = normals_of(rng, shape)
    count = len(normals)
    left = rng.uniform(lowest_m, 60.0 if shape == "wide" else 25.0, count)
    latency = MOTION.limit_latency_s + rng.uniform(0.0, 0.3, count)
    hold = rng.uniform(0.4, 2.0, count), rng.uniform(0.05, 0.25, count)
    return np.column_stack((normals, left, latency, *hold))


def _check_law(seed):
    """Return the distance that was found over that of the oracle."""
    rng = np.random.default_rng(seed)
    limits = _limits(rng, SHAPES[seed % len(SHAPES)], 0.0)
    wanted = rng.uniform(-1.0, 1.0, 3)
    wanted *= rng.uniform(0.5, TOP) / np.linalg.norm(wanted)
    ranks = np.full(len(limits), FENCE)
    stage, *velocity = nearest(wanted, limits, ranks, FENCE, TOP, PER_SPEED, RECOVER)
    assert stage == 0
    v = np.array(velocity)
    speed = np.linalg.norm(v)
    seconds = np.maximum(limits[:, 4] + speed * PER_SPEED, limits[:, 5] + speed * limits[:, 6])
    needs = (limits[:, :3] @ v) * seconds
    assert (needs <= limits[:, 3] + 1e-5).all(), f"seed {seed}: outside the allowed set"
    found, best = float(np.linalg.norm(v - wanted)), float(dense(wanted, limits, PER_SPEED, seed))
    assert found <= 1.01 * best + 1e-3, f"seed {seed}: {found:.4f} m/s from what is wanted, {best:.4f} is possible"
    return (found + 1e-3) / (best + 1e-3)


def test_the_law_is_within_a_hundredth_of_a_dense_search():
    for seed in range(500):
        _check_law(seed)


@pytest.mark.campaign
@pytest.mark.timeout(3600)
def test_law_campaign():
    worse = [_check_law(seed) for seed in range(10_000, 110_000)]
    print(f"\n{len(worse)} cases: at most {max(worse):.4f} times the distance of the dense search")


def _check_stage(seed):
    """What is given up is the least that must be."""
    rng = np.random.default_rng(seed)
    limits = _limits(rng, ("corner", "random", "wedge")[seed % 3], -12.0)
    ranks = rng.integers(0, 6, len(limits))  # 3 and 4 are keep-outs, 5 is the ground
    wanted = rng.uniform(-8.0, 8.0, 3)
    stage, *velocity = nearest(wanted, limits, ranks, KEEP_OUT + 1, TOP, PER_SPEED, RECOVER)
    v = np.array(velocity)
    speed = float(np.linalg.norm(v))
    assert speed <= TOP + 1e-6
    for lower in range(min(stage, 8)):
        assert possible(limits, ranks, lower, TOP, PER_SPEED, RECOVER) is not True, f"seed {seed}: {lower} is possible"
    if stage == FULLY_GIVEN_UP:
        assert speed == 0.0
        return
    assert (limits[:, :3] @ v <= levels(limits, ranks, stage, speed, PER_SPEED, RECOVER) + 1e-3).all()
    if stage < 4:
        assert (limits[:, :3] @ v <= np.maximum(levels(limits, ranks, 0, speed, PER_SPEED, RECOVER), 0.0) + 1e-3).all()


def test_no_more_is_given_up_than_must_be():
    for seed in range(120):
        _check_stage(seed)


@pytest.mark.campaign
@pytest.mark.timeout(3600)
def test_conflict_campaign():
    for seed in range(10_000, 14_000):
        _check_stage(seed)


# ------------------------------------------------------------ in the guard's terms

numbers = st.floats(-15.0, 15.0)
vectors = st.tuples(numbers, numbers, numbers)
limits = st.builds(
    lambda kind, n, d: Approach(Limit(kind, "x", tuple(c / sqrt(sum(x * x for x in n)) for c in n), d)),
    st.sampled_from(["fence", "keep_out", "ceiling", "floor", "ground"]),
    vectors.filter(lambda n: sum(c * c for c in n) > 1e-3),
    st.floats(-30.0, 100.0),
)


@given(vectors, st.lists(limits, max_size=10))
@settings(max_examples=400, deadline=None)
def test_nothing_closes_faster_than_it_can_stop_or_than_the_way_back_takes(wanted, near):
    velocity = MOTION.limit(wanted, Approaches.of(near))
    speed = float(np.linalg.norm(velocity))
    for limit, age, *_ in near:
        closing = float(np.dot(limit.normal, velocity))
        allowed = max(0.0, allowed_m_s(limit.distance_m, speed, age))
        urgent = any(a.limit.kind in ("keep_out", "ground") and a.limit.distance_m < 1.5 for a in near)
        if urgent and limit.kind in ("fence", "ceiling", "floor"):
            allowed = max(allowed, MOTION.recover_m_s)
        assert closing <= allowed + 1e-5


def test_limits_in_sharp_conflict_ask_for_no_speed_that_cannot_be_flown():
    s = 0.7071067811865475
    normals = [((0.0, 0.0, 1.0), 0.0), ((0.0, s, -s), 0.0), ((0.0, -1.0, 0.0), 10.0), ((0.06238, 0.0, -0.99805), 0.0)]
    near = around(*(Approach(Limit("fence", "x", normal, distance)) for normal, distance in normals))
    velocity = MOTION.limit((0.0, 0.0, 0.0), near)
    assert np.linalg.norm(velocity) <= np.hypot(MOTION.max_speed_m_s, MOTION.max_climb_m_s) + 1e-9


def test_sliding_along_a_wall_is_not_slowed():
    wall = around(Approach(Limit("fence", "wall", (1.0, 0.0, 0.0), 1.5)))
    assert MOTION.limit((8.0, 8.0, 0.0), wall) == pytest.approx((0.0, 8.0, 0.0), abs=1e-2)


def test_a_small_change_of_the_distance_changes_little():
    """No jitter: the answer moves no faster than the limits do."""
    n = (np.cos(0.6), np.sin(0.6), 0.0)

    def limited(metres):
        rows = [Approach(Limit("fence", "a", (1.0, 0.0, 0.0), metres)), Approach(Limit("fence", "b", n, metres + 3.0))]
        return np.array(MOTION.limit((9.0, 8.0, 1.0), Approaches.of(rows)))

    steps = np.diff([limited(30.0 - 0.01 * k) for k in range(2800)], axis=0)
    assert np.linalg.norm(steps, axis=1).max() < 0.15


def test_outside_only_the_way_back_is_left():
    wall = around(Approach(Limit("fence", "wall", (1.0, 0.0, 0.0), -4.0)))
    assert MOTION.limit((8.0, 0.0, 0.0), wall)[0] == pytest.approx(-1.0)
    assert MOTION.limit((-3.0, 0.0, 0.0), wall) == pytest.approx((-3.0, 0.0, 0.0))


DOWN, UP, EAST = (0.0, 0.0, -1.0), (0.0, 0.0, 1.0), (1.0, 0.0, 0.0)


def test_neither_ceiling_nor_floor_is_left_outward_for_the_other():
    squeezed = around(Approach(Limit("ceiling", "ceiling", UP, -2.0)), Approach(Limit("floor", "ground", DOWN, -2.0)))
    assert MOTION.limit((5.0, 0.0, -1.0), squeezed) == pytest.approx((5.0, 0.0, 0.0), abs=0.01)


def test_a_limit_that_is_just_reached_does_not_bar_the_way_back():
    near = around(Approach(Limit("fence", "f", EAST, -8.0)), Approach(Limit("ceiling", "c", UP, 1.5 - 1.3e-7)))
    assert MOTION.limit((4.0, 0.0, 3.0), near) == pytest.approx((-1.0, 0.0, 0.0), abs=1e-3)


def test_up_from_the_ground_leads_through_the_ceiling_and_the_mission_has_no_say():
    squeezed = around(Approach(Limit("ceiling", "ceiling", UP, -2.0)), Approach(Limit("ground", "ground", DOWN, -2.0)))
    assert MOTION.limit((5.0, 0.0, 3.0), squeezed) == pytest.approx((0.0, 0.0, 1.0), abs=1e-3)


def test_out_of_a_keep_out_leads_through_the_fence_where_there_is_no_other_way():
    west = (-1.0, 0.0, 0.0)
    inside = around(Approach(Limit("fence", "f", EAST, -0.5)), Approach(Limit("keep_out", "k", west, -4.0)))
    assert MOTION.limit((-5.0, 0.0, 0.0), inside) == pytest.approx((1.0, 0.0, 0.0), abs=1e-3)


def test_of_two_keep_outs_the_higher_priority_is_left_first():
    west = (-1.0, 0.0, 0.0)
    both = around(
        Approach(Limit("keep_out", "low", EAST, -4.0), priority=1),
        Approach(Limit("keep_out", "high", west, -4.0), priority=2),
    )
    assert MOTION.limit((0.0, 0.0, 0.0), both)[0] == 0.0  # into the low one, no further than it already is


@given(st.floats(2.0, 200.0), st.tuples(st.floats(0.0, 15.0), st.floats(-15.0, 15.0)), st.floats(0.0, 0.5))
def test_the_limiter_stops_before_a_full_brake_would_reach_the_wall(distance, wanted, age):
    wall = around(Approach(Limit("fence", "wall", EAST, distance), age))
    east, north, _ = MOTION.limit((*wanted, 0.0), wall)
    latency = PROFILE.response_latency_s + STEP_S + age
    stop = east * (latency + sqrt(east**2 + north**2) / (2.0 * PROFILE.max_brake_m_s2))
    assert stop <= max(0.0, distance - MOTION.wind_m) + 1e-5


@given(st.floats(-20.0, 200.0), st.floats(0.0, 15.0), st.floats(0.01, 10.0))
def test_the_speed_towards_a_wall_grows_with_the_distance(distance, speed, more):
    near, far = (
        MOTION.limit((speed, 0.0, 0.0), around(Approach(Limit("fence", "wall", EAST, metres))))[0]
        for metres in (distance, distance + more)
    )
    assert far >= near - 1e-5


def test_straight_at_a_wall_it_is_the_stopping_distance_of_the_textbook():
    wall = around(Approach(Limit("fence", "wall", (1.0, 0.0, 0.0), 40.0)))
    v = MOTION.limit((15.0, 0.0, 0.0), wall)[0]
    needs = v * MOTION.limit_latency_s + v * v / (2.0 * MOTION.limit_brake_m_s2)
    assert needs == pytest.approx(40.0 - MOTION.buffer_m - MOTION.wind_m, abs=0.05)


def test_the_top_speed_is_a_limit_too():
    east, north, up = MOTION.limit((30.0, 40.0, 20.0), around())
    assert sqrt(east**2 + north**2) == pytest.approx(MOTION.max_speed_m_s)
    assert north / east == pytest.approx(4.0 / 3.0)
    assert up == MOTION.max_climb_m_s


def test_what_binds_is_named():
    near = around(
        Approach(Limit("fence", "far", EAST, 40.0)),
        Approach(Limit("keep_out", "near", (0.0, 1.0, 0.0), 5.0)),
    )
    assert MOTION.binding((5.0, 8.0, 0.0), near) == "keep-out near"
    assert MOTION.binding((1.0, 0.0, 0.0), near) == ""
    assert MOTION.binding((inf, 0.0, 0.0), around()) == ""
