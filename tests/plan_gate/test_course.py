"""The course of a plan: laws of lengths, heights and times."""

from __future__ import annotations

from itertools import pairwise
from math import pi

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lenger_core.geodesy import distance_m
from lenger_core.plans import Datum, Height, Home, Land, Loiter, Orbit, Plan, ReturnHome, Takeoff
from lenger_core.terrain import Terrain
from lenger_core.vehicles import load_vehicle
from lenger_mission.plan_gate import course_track
from lenger_mission.plan_gate.course import Course, make_course
from lenger_mission.plan_gate.course_legs import LegKind, circle_points
from lenger_mission.plan_gate.course_speed import Pace, landing_time_s
from plan_gate.scene import HOME, flat, place, plan_of, ridge, waypoint

QUAD = load_vehicle("quad_2kg")
PACE = Pace.of(QUAD)


def course_of(plan: Plan, terrain: Terrain | None = None) -> Course:
    return make_course(plan, QUAD, terrain or flat())


def test_legs_are_as_long_as_the_geodesics() -> None:
    course = course_of(plan_of(waypoint(800.0, 0.0), waypoint(800.0, 1500.0)))
    ends = [HOME, place(800.0, 0.0), place(800.0, 1500.0), HOME]
    expected = [distance_m(*a, *b) for a, b in pairwise(ends)]
    level = [n for n, leg in enumerate(course.legs) if leg.kind is LegKind.FLY]
    assert course.length_m[level] == pytest.approx(expected, rel=1e-5)
    assert course.distance_m[-1] == pytest.approx(sum(expected), rel=1e-5)


def test_a_leg_between_stops_takes_what_mechanics_says() -> None:
    leg_m, speed = 1000.0, 8.0
    course = course_of(plan_of(waypoint(leg_m, 0.0, hold_s=30.0), cruise_m_s=speed))
    first, last = course.spans[1]
    ramps = 0.5 * speed / PACE.accel_m_s2 + 0.5 * speed / PACE.brake_m_s2
    assert course.t_s[last] - course.t_s[first] == pytest.approx(leg_m / speed + ramps, rel=1e-3)
    assert course.segment_s[last] == 30.0
    assert course.t_s[first] == pytest.approx(60.0 / PACE.climb_m_s)
    down = course.spans[-1]
    assert course.t_s[down[1]] - course.t_s[down[0]] == pytest.approx(landing_time_s(60.0, PACE))


def test_waypoints_in_line_are_passed_without_slowing() -> None:
    one = course_of(plan_of(waypoint(900.0, 0.0), cruise_m_s=8.0))
    many = course_of(plan_of(*(waypoint(100.0 * n, 0.0) for n in range(1, 10)), cruise_m_s=8.0))
    assert many.duration_s == pytest.approx(one.duration_s, abs=0.1)
    corner = course_of(plan_of(waypoint(500.0, 0.0), waypoint(500.0, 500.0), cruise_m_s=8.0))
    at = corner.spans[1, 1]
    assert 0.5 < corner.speed_m_s[at - 1] < 8.0


def test_a_leg_too_short_for_its_speed_is_a_triangle() -> None:
    course = course_of(plan_of(waypoint(5.0, 0.0, hold_s=1.0), cruise_m_s=10.0))
    first, last = course.spans[1]
    a, b = PACE.accel_m_s2, PACE.brake_m_s2
    peak = np.sqrt(2.0 * 5.0 * a * b / (a + b))
    assert course.t_s[last] - course.t_s[first] == pytest.approx(peak / a + peak / b, rel=1e-2)


@settings(max_examples=25)
@given(
    st.lists(st.tuples(st.floats(-900, 900), st.floats(-900, 900), st.floats(20, 140)), min_size=1, max_size=6),
    st.sampled_from(list(Datum)),
    st.floats(2.0, 14.0),
)
def test_no_segment_is_faster_than_wanted_or_steeper_than_the_pace(
    spots: list[tuple[float, float, float]], datum: Datum, speed: float
) -> None:
    base = 700.0 if datum is Datum.AMSL else 0.0
    plan = plan_of(*(waypoint(e, n, base + h, datum) for e, n, h in spots), cruise_m_s=speed)
    course = course_of(plan, ridge(120.0, east_m=300.0))
    assert (np.diff(course.t_s) >= 0.0).all() and np.isfinite(course.duration_s)
    assert course.speed_m_s.max() <= min(speed, QUAD.max_speed_m_s) + 1e-6
    assert course.climb_m_s.max() <= PACE.climb_m_s + 1e-6
    assert course.climb_m_s.min() >= -PACE.descent_m_s - 1e-6
    assert np.all(np.diff(course.item) >= 0) and course.known


def test_heights_above_ground_follow_it_and_others_are_straight() -> None:
    land = ridge(200.0, east_m=1000.0)
    over = course_of(plan_of(waypoint(2000.0, 0.0, 60.0, Datum.AGL)), land)
    first, last = over.spans[1]
    start = over.agl_m[first]
    part = np.linspace(0.0, 1.0, last - first + 1)
    assert over.agl_m[first : last + 1] == pytest.approx(start + part * (60.0 - start), abs=1e-6)
    straight = course_of(plan_of(waypoint(2000.0, 0.0, 60.0)), land)
    first, last = straight.spans[1]
    assert np.ptp(straight.alt_amsl_m[first : last + 1]) == pytest.approx(0.0, abs=1e-6)
    assert straight.agl_m[first : last + 1].min() < -80.0


def test_a_return_flies_at_the_last_height_and_ends_on_the_ground() -> None:
    course = course_of(plan_of(waypoint(500.0, 0.0, 80.0)))
    assert [leg.kind for leg in course.legs] == [LegKind.CLIMB, LegKind.FLY, LegKind.FLY, LegKind.DESCEND]
    assert [leg.item for leg in course.legs] == [0, 1, 2, 2]
    assert course.agl_m[course.spans[2]] == pytest.approx([80.0, 80.0])
    assert course.agl_m[-1] == pytest.approx(0.0)
    landed = plan_of(waypoint(500.0, 0.0)).model_copy(
        update={"items": (*plan_of(waypoint(500.0, 0.0)).items[:-1], Land())}
    )
    assert course_of(landed).points_m[-1, :2] == pytest.approx([500.0, 0.0], abs=0.1)


@pytest.mark.parametrize("turns", [0.5, 1.0, 3.25])
@pytest.mark.parametrize("clockwise", [True, False])
def test_turns_of_a_loiter_are_circles(turns: float, clockwise: bool) -> None:
    lat, lon = place(600.0, 300.0)
    height = Height(value_m=60.0, datum=Datum.HOME)
    loiter = Loiter(lat_deg=lat, lon_deg=lon, height=height, turns=turns, radius_m=80.0, clockwise=clockwise)
    course = course_of(plan_of(loiter, cruise_m_s=5.0))
    arcs = [n for n, leg in enumerate(course.legs) if leg.item == 1][1:]
    seconds = course.t_s[course.spans[arcs[-1], 1] + 1] - course.t_s[course.spans[arcs[0], 0]]
    ramps = 5.0 / PACE.accel_m_s2 + 5.0 / PACE.brake_m_s2
    assert seconds == pytest.approx(turns * 2.0 * pi * 80.0 / 5.0, rel=0.03, abs=ramps)
    centre = np.hypot(*(course.points_m[course.leg == arcs[0], :2] - [600.0, 300.0]).T)
    assert centre.min() >= 79.9 and centre.max() <= 81.2


def test_circles_turn_the_way_they_are_told() -> None:
    lat, lon = np.array(circle_points((0.0, 0.0), (0.01, 0.0), 100.0, 0.25, True)).T
    assert lat[0] > 0.0 and lon[0] == pytest.approx(0.0, abs=1e-9) and lon[-1] > 0.0


def test_a_complex_item_is_told_by_its_own_number() -> None:
    lat, lon = place(800.0, 0.0)
    height = Height(value_m=60.0, datum=Datum.AGL)
    orbit = Orbit(lat_deg=lat, lon_deg=lon, radii_m=(100.0,), heights=(height,))
    course = course_of(plan_of(waypoint(400.0, 0.0), orbit, waypoint(800.0, 500.0)))
    assert set(course.item.tolist()) == {0, 1, 2, 3, 4}
    assert len(course.flat.items) > len(course.plan.items)


def test_off_the_terrain_nothing_is_raised_and_nothing_invented() -> None:
    home = Home(lat_deg=47.3977, lon_deg=8.5456, alt_amsl_m=488.0)
    up = Takeoff(height=Height(value_m=30.0, datum=Datum.HOME))
    far = waypoint(0.0, 0.0).model_copy(update={"lat_deg": 47.40, "lon_deg": 8.5456})
    course = course_of(Plan(name="far", home=home, items=(up, far, ReturnHome())))
    assert course.home[2] == 488.0 and not course.known
    assert np.isnan(course.ground_amsl_m).all() and np.isfinite(course.duration_s)


def test_a_huge_course_keeps_within_its_samples() -> None:
    spots = [waypoint(4_000.0 * (n % 2), 2.0 * n) for n in range(3_000)]
    course = course_of(plan_of(*spots))
    assert len(course.lat_deg) < course_track.MOST_SAMPLES + 2 * len(course.legs) + 10
    assert course.length_m.sum() == pytest.approx(course.distance_m[-1])


def test_the_short_way_across_the_antimeridian() -> None:
    lat, lon = np.array([10.0, 10.0]), np.array([179.999, -179.999])
    assert course_track.runs_m(lat, lon)[0] == pytest.approx(distance_m(10.0, 179.999, 10.0, -179.999), rel=1e-5)


def test_an_empty_plan_has_a_course_of_one_place() -> None:
    course = course_of(Plan(name="none", home=Home(lat_deg=HOME[0], lon_deg=HOME[1]), items=()))
    assert len(course.lat_deg) == 1 and course.duration_s == 0.0 and course.legs == ()
