"""Whether a velocity that rows bar is clear all the same: the tubes of its stop keep off everything by the buffer."""

from __future__ import annotations

from math import cos, hypot, sin

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st
from shapely.geometry import LineString, Polygon

from lenger_core.geodesy import LocalFrame
from lenger_core.terrain import load_terrain
from lenger_core.vehicles import load_vehicle
from lenger_safety.air import Stop
from lenger_safety.estimate import Estimate, Picture
from lenger_safety.look import STEADY_M_S, look_around
from lenger_safety.motion import Motion
from lenger_safety.prediction import Response
from lenger_safety.settings import GuardSettings
from lenger_safety.surroundings import Surveyor

from .conftest import SITE, feature, square, zone_set

QUAD = load_vehicle("quad_2kg")
SETTINGS = GuardSettings()
MOTION = Motion.of(SETTINGS, QUAD, 0.05)
HPL_M, VPL_M, AGE_S = 1.5, 2.0, 0.1
TOWER = (60.0, 50.0)
"""Its south-west corner is at (40, 30)."""


@pytest.fixture(scope="module")
def surveyor() -> Surveyor:
    """A field, and in it a tower: a square of 40 m."""
    zones = zone_set(feature("field", "inclusion", square(400.0)), feature("tower", "exclusion", square(20.0, *TOWER)))
    local = zones.in_frame(LocalFrame(*SITE))
    return Surveyor(SETTINGS, local, load_terrain().as_ground(), MOTION.reach_m())


def estimate(position, velocity, source="autopilot"):
    return Estimate(source, position, velocity, HPL_M, VPL_M, AGE_S)


def look_at(surveyor, *estimates):
    stop = Stop(Response.of(QUAD, "px4", "hold"))
    return look_around(surveyor, MOTION, Picture(tuple(estimates), "good", "", 0.0, 0.0), None, None, True, stop)


HIGH = 60.0


def test_a_way_beside_a_corner_is_clear_although_a_row_bars_it(surveyor):
    east = (8.0, 0.0, 0.0)
    look = look_at(surveyor, estimate((22.0, 21.0, HIGH), east))
    limited = MOTION.limit(east, look.approaches)
    assert hypot(limited[0] - 8.0, limited[1], limited[2]) > 0.5, "the rows bar it"
    assert look.clear(east)


def test_into_the_corner_it_is_not(surveyor):
    towards = (6.4, 4.8, 0.0)
    look = look_at(surveyor, estimate((32.0, 24.0, HIGH), towards))
    assert not look.clear(towards)


def test_the_wanted_velocity_must_be_flown_nearly_already(surveyor):
    look = look_at(surveyor, estimate((-200.0, -200.0, HIGH), (5.0, 0.0, 0.0)))
    assert look.clear((5.0 + STEADY_M_S - 0.01, 0.0, 0.0))
    assert look.clear((5.0, STEADY_M_S - 0.01, 0.0))
    assert not look.clear((5.0 + STEADY_M_S + 0.01, 0.0, 0.0)), "too much faster"
    assert not look.clear((5.0, STEADY_M_S + 0.01, 0.0))
    assert not look.clear((-5.0, 0.0, 0.0))


@pytest.mark.parametrize(
    ("now", "wanted"),
    [
        ((QUAD.max_speed_m_s, 0.0, 0.0), (QUAD.max_speed_m_s + 0.1, 0.0, 0.0)),
        ((0.0, 0.0, QUAD.max_climb_m_s), (0.0, 0.0, QUAD.max_climb_m_s + 0.1)),
        ((0.0, 0.0, -QUAD.max_descent_m_s), (0.0, 0.0, -QUAD.max_descent_m_s - 0.1)),
    ],
)
def test_no_velocity_beyond_the_profile_is_clear(surveyor, now, wanted):
    look = look_at(surveyor, estimate((-200.0, -200.0, 90.0), now))
    assert look.clear(now)
    assert not look.clear(wanted)


def test_without_an_estimate_nothing_is_clear(surveyor):
    assert not look_at(surveyor).clear((0.0, 0.0, 0.0))


def test_every_estimate_must_be_clear_of_it(surveyor):
    east = (8.0, 0.0, 0.0)
    safe, other = estimate((22.0, 21.0, HIGH), east), estimate((22.0, 28.5, HIGH), east, "fusion")
    assert look_at(surveyor, safe).clear(east)
    assert not look_at(surveyor, other).clear(east)
    assert not look_at(surveyor, safe, other).clear(east)
    assert not look_at(surveyor, other, safe).clear(east)


def test_down_to_the_ground_is_not_clear(surveyor):
    look = look_at(surveyor, estimate((-200.0, -200.0, HIGH), (0.0, 0.0, -1.5)))
    low = look_at(surveyor, estimate((-200.0, -200.0, SETTINGS.floor_agl_m - 1.0), (0.0, 0.0, -1.5)))
    assert look.clear((0.0, 0.0, -1.5))
    assert not low.clear((0.0, 0.0, -1.5))


@given(st.floats(-60.0, 160.0), st.floats(-60.0, 160.0), st.floats(0.0, 12.0), st.floats(-np.pi, np.pi))
@settings(max_examples=150, deadline=None)
def test_what_is_clear_stops_off_the_tower_by_the_buffer(surveyor, east, north, speed, course):
    """Against shapely and the textbook's stop, which shares no code with the tube: v T + v^2 / (2 a) straight on."""
    velocity = speed * cos(course), speed * sin(course), 0.0
    assume(look_at(surveyor, estimate((east, north, HIGH), velocity)).clear(velocity))
    latency, brake = MOTION.limit_latency_s + AGE_S, MOTION.limit_brake_m_s2
    seconds = latency + speed / (2.0 * brake)
    end = east + velocity[0] * seconds, north + velocity[1] * seconds
    off = LineString([(east, north), end]).distance(Polygon(square(20.0, *TOWER)))
    assert off >= HPL_M + MOTION.buffer_m - 0.02
