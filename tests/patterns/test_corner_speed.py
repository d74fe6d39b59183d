"""Corner speeds against closed forms and the laws of uniform acceleration."""

from __future__ import annotations

from math import sqrt

import numpy as np
import pytest
from hypothesis import given
from hypothesis import settings as hypothesis_settings
from hypothesis import strategies as st

from lenger_core.errors import InputError
from lenger_core.vehicles import load_vehicle, vehicle_names
from lenger_mission.patterns.corner_speed import (
    CRAWL_M_S,
    EFFORT,
    Agility,
    agility_of,
    circling_speed_m_s,
    corner_plan,
    cornering_radius_m,
)

AGILITY = Agility(2.0, 2.5, 3.0)


def test_a_right_angle_is_taken_by_the_closed_form() -> None:
    line = np.array([[0.0, 0.0], [0.0, 500.0], [500.0, 500.0]])
    plan = corner_plan(line, 15.0, AGILITY, cut_m=2.0)
    radius = 2.0 / (sqrt(2.0) - 1.0)  # cut = r (sqrt 2 - 1)
    assert plan.radius_m[1] == pytest.approx(radius)
    assert plan.lead_m[1] == pytest.approx(radius)  # tan 45 degrees
    assert plan.corner_m_s[1] == pytest.approx(sqrt(3.0 * radius))
    assert plan.leg_m_s == pytest.approx([15.0, 15.0])


def test_a_straight_flight_lasts_as_long_as_the_trapezoid() -> None:
    plan = corner_plan(np.array([[0.0, 0.0], [0.0, 300.0], [0.0, 1000.0]]), 10.0, AGILITY)
    assert plan.corner_m_s == pytest.approx([0.0, 10.0, 0.0])
    assert plan.duration_s == pytest.approx(10.0 / 2.0 + 10.0 / 2.5 + (1000.0 - 25.0 - 20.0) / 10.0)
    short = corner_plan(np.array([[0.0, 0.0], [0.0, 9.0]]), 10.0, AGILITY)
    peak = sqrt(2.0 * 9.0 / (1.0 / 2.0 + 1.0 / 2.5))
    assert short.leg_m_s == pytest.approx([peak])
    assert short.duration_s == pytest.approx(peak / 2.0 + peak / 2.5)


def test_a_reversal_is_taken_at_a_crawl() -> None:
    plan = corner_plan(np.array([[0.0, 0.0], [0.0, 100.0], [0.0, 0.0]]), 10.0, AGILITY)
    assert plan.corner_m_s[1] == CRAWL_M_S


@given(
    st.lists(st.tuples(st.floats(-500.0, 500.0), st.floats(-500.0, 500.0)), min_size=2, max_size=12),
    st.floats(1.0, 25.0),
    st.floats(0.1, 20.0),
    st.floats(0.5, 8.0),
)
@hypothesis_settings(max_examples=60)
def test_no_corner_asks_for_more_than_the_vehicle_has(
    points: list[tuple[float, float]], wanted: float, cut: float, lateral: float
) -> None:
    line = np.array(points)
    if (np.hypot(*np.diff(line, axis=0).T) < 0.5).any():
        return
    agility = Agility(2.0, 3.0, lateral)
    plan = corner_plan(line, wanted, agility, cut)
    lengths = np.hypot(*np.diff(line, axis=0).T)
    speed, top = plan.corner_m_s, plan.leg_m_s
    fast = speed[1:-1] > CRAWL_M_S + 1e-9
    assert (speed[1:-1][fast] ** 2 <= lateral * plan.radius_m[1:-1][fast] * (1 + 1e-9)).all()
    assert (plan.lead_m[:-1] + plan.lead_m[1:] <= lengths * (1 + 1e-9)).all()
    runs = lengths - plan.lead_m[:-1] - plan.lead_m[1:]
    # Speeding up to the top and braking down from it fit between the arcs.
    used = (top**2 - speed[:-1] ** 2) / 4.0 + (top**2 - speed[1:] ** 2) / 6.0
    assert (used <= runs + 1e-6 * lengths + 1e-6).all()
    assert (top <= max(wanted, CRAWL_M_S) + 1e-9).all()
    assert (np.maximum(speed[:-1], speed[1:]) <= top + 1e-9).all()
    # The arc keeps within the cut: r (1 / cos(half turn) - 1).
    steps = np.diff(line, axis=0)
    cosine = np.einsum("ij,ij->i", steps[:-1], steps[1:]) / (lengths[:-1] * lengths[1:])
    half = 0.5 * np.arccos(np.clip(cosine, -1.0, 1.0))
    bent = np.isfinite(plan.radius_m[1:-1]) & (plan.radius_m[1:-1] > 0.0)
    cuts = plan.radius_m[1:-1][bent] * (1.0 / np.cos(half[bent]) - 1.0)
    assert (cuts <= cut * (1 + 1e-6)).all()


def test_turns_on_a_circle() -> None:
    assert circling_speed_m_s(cornering_radius_m(12.0, 2.5), 2.5) == pytest.approx(12.0)


@pytest.mark.parametrize("name", vehicle_names())
def test_wind_and_drag_leave_less_for_turning_and_at_last_nothing(name: str) -> None:
    profile = load_vehicle(name)
    still = agility_of(profile, profile.cruise_speed_m_s, 0.0, 800.0)
    assert 0.0 < still.lateral_m_s2 <= EFFORT * profile.max_accel_m_s2
    left = [agility_of(profile, 5.0, wind, 800.0).lateral_m_s2 for wind in (0.0, 5.0, 10.0)]
    assert left == sorted(left, reverse=True)
    with pytest.raises(InputError, match="speed through the air"):
        agility_of(profile, 50.0, 150.0, 800.0)


@pytest.mark.parametrize(
    ("line", "wanted", "cut", "field"),
    [
        ([[0.0, 0.0]], 5.0, 2.0, "line"),
        ([[0.0, 0.0], [float("nan"), 1.0]], 5.0, 2.0, "line"),
        ([[0.0, 0.0], [9.0, 1.0]], 0.0, 2.0, "wanted_m_s"),
        ([[0.0, 0.0], [9.0, 1.0]], 5.0, 0.0, "cut_m"),
    ],
)
def test_bad_input_is_refused_by_name(line: list[list[float]], wanted: float, cut: float, field: str) -> None:
    with pytest.raises(InputError) as caught:
        corner_plan(np.array(line), wanted, AGILITY, cut)
    assert caught.value.field == field
