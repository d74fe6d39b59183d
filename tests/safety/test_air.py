"""The air about the aircraft: density, wind and acceleration from one status after the other, and the stop in it."""

from __future__ import annotations

from dataclasses import replace
from math import hypot, inf, nan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lenger_core.samples import NAN3, Authority, VehicleStatus
from lenger_core.vehicles import load_vehicle
from lenger_safety.air import GAP_NS, WIND_SHARE, WINDOW_NS, Air
from lenger_safety.prediction import Response

from .conftest import SITE, STEP_NS
from .test_wind_estimate import lean_for

QUAD, HEXA = load_vehicle("quad_2kg"), load_vehicle("hexa_7kg")
FAMILIES = ("px4", "ardupilot", "")
WAYS = ("hold", "velocity")
flights = settings(max_examples=60, deadline=None)


def status(step, velocity=(0.0, 0.0, 0.0), lean=(0.0, 0.0), alt_m=760.0, **changes):
    """A status in flight, `step` steps of the guard after the start, nose to the east."""
    state = ("px4", True, True, True, False, "OFFBOARD", Authority.LENGER, "")
    place = (*SITE[:2], alt_m, velocity, 0.0, 0.3, 0.3)
    attitude = {"roll_rad": lean[0], "pitch_rad": lean[1]}
    return VehicleStatus(10**9 + step * STEP_NS, *state, *place, *SITE, 0.9, 16.0, **(attitude | changes))


def flown(statuses, profile=QUAD):
    air = Air(profile)
    for one in statuses:
        air.take(one)
    return air


def in_wind(wind, profile=QUAD, alt_m=760.0, steps=200):
    """An aircraft that hovers in this wind (where the air goes to) for long enough to know it."""
    lean = lean_for(wind, 0.0)
    return flown((status(k, lean=lean, alt_m=alt_m) for k in range(steps)), profile)


# ------------------------------------------------------------ density


@pytest.mark.parametrize(("alt_m", "kg_m3"), [(0.0, 1.1455), (760.0, 1.0630), (3500.0, 0.8027)])
def test_the_density_is_that_of_a_hot_day_at_this_height(alt_m, kg_m3):
    """By hand: the standard atmosphere's pressure over R (T + 20 K)."""
    assert flown([status(0, alt_m=alt_m)]).density_kg_m3 == pytest.approx(kg_m3, rel=1e-3)


@pytest.mark.parametrize("alt_m", [nan, inf, -inf, 50_000.0, -12_000.0])
def test_a_height_that_is_none_keeps_the_density(alt_m):
    air = flown([status(0, alt_m=3500.0)])
    before = air.density_kg_m3
    air.take(status(1, alt_m=alt_m))
    assert air.density_kg_m3 == before


# ------------------------------------------------------------ acceleration


def test_the_acceleration_is_the_mean_of_the_last_window():
    speeding = [status(k, (1.0 + 2.0 * k * 0.05, -1.0 * k * 0.05, 0.5 * k * 0.05)) for k in range(15)]
    assert flown(speeding).acceleration_m_s2 == pytest.approx((2.0, -1.0, 0.5))


def test_before_a_window_is_full_no_acceleration_is_known():
    steps = WINDOW_NS // STEP_NS
    assert flown(status(k, (k * 0.1, 0.0, 0.0)) for k in range(steps)).acceleration_m_s2 == (0.0, 0.0, 0.0)
    assert flown(status(k, (k * 0.1, 0.0, 0.0)) for k in range(steps + 1)).acceleration_m_s2[0] == pytest.approx(2.0)


@pytest.mark.parametrize(
    "broken",
    [
        {"landed": True},
        {"armed": False},
        {"velocity_enu_m_s": (nan, 0.0, 0.0)},
        {"velocity_enu_m_s": (0.0, inf, 0.0)},
        {"t_ns": 10**9},
        {"t_ns": 10**9 + 20 * STEP_NS + 2 * GAP_NS},
    ],
)
def test_ground_gaps_and_what_is_not_finite_begin_anew(broken):
    air = flown(status(k, (0.1 * k, 0.0, 0.0)) for k in range(15))
    assert air.acceleration_m_s2[0] == pytest.approx(2.0)
    air.take(replace(status(20, (50.0, 0.0, 0.0)), **broken))
    assert air.acceleration_m_s2 == (0.0, 0.0, 0.0), "a step of the velocity is no acceleration"


# ------------------------------------------------------------ wind


@pytest.mark.parametrize("wind", [(6.0, 0.0), (-4.0, 7.0)])
def test_the_wind_carries_a_stop_by_more_than_it_is_said_to_blow(wind):
    air = in_wind(wind)
    assert air.wind is not None
    # lean_for knows a density of 1.1, this height has 1.06: the wind found is a little stronger
    assert air.wind.velocity_m_s == pytest.approx(wind, rel=0.05)
    assert air.carries_m_s == pytest.approx(tuple(WIND_SHARE * w for w in air.wind.velocity_m_s))


def test_without_a_settled_wind_nothing_carries():
    air = in_wind((8.0, 0.0), steps=30)
    assert air.wind is None
    assert air.carries_m_s == (0.0, 0.0)
    assert air.response("px4", "hold") == Response.of(QUAD, "px4", "hold", air.density_kg_m3)


def test_on_the_ground_a_lean_is_no_wind():
    lean = lean_for((8.0, 0.0), 0.0)
    assert flown(replace(status(k, lean=lean), landed=True) for k in range(200)).wind is None


def test_the_wind_by_the_lean_is_told_only_where_the_autopilot_states_none():
    air = in_wind((6.0, 2.0))
    silent, stating = status(201, wind_enu_m_s=NAN3), status(201, wind_enu_m_s=(1.0, 0.0, 0.0))
    assert air.wind is not None
    told = air.with_wind(silent)
    assert told is not None
    assert told.wind_enu_m_s == (*air.wind.velocity_m_s, 0.0)
    assert air.with_wind(stating) is stating
    assert air.with_wind(None) is None
    assert Air(QUAD).with_wind(silent) is silent


# ------------------------------------------------------------ the stop


def stop_m(air, family, way, speed):
    return hypot(*air.response(family, way).stop_m((speed, 0.0, 0.0)))


@pytest.mark.parametrize("profile", [QUAD, HEXA], ids=lambda p: p.name)
@given(st.floats(0.0, 10_000.0), st.floats(0.0, 5_000.0), st.floats(0.0, 15.0))
@flights
def test_higher_up_no_stop_is_shorter(profile, alt_m, more_m, speed):
    low, high = (flown([status(0, alt_m=a)], profile) for a in (alt_m, min(alt_m + more_m, 10_999.0)))
    for family in FAMILIES:
        for way in WAYS:
            assert stop_m(high, family, way, speed) >= stop_m(low, family, way, speed)


def test_in_the_thinnest_air_the_heavy_airframe_needs_more_to_stop():
    """At 6,000 m thrust is down to about its weight, and what brakes is what is left of it."""
    low, high = (flown([status(0, alt_m=a)], HEXA) for a in (0.0, 9_000.0))
    assert stop_m(high, "px4", "hold", 15.0) > 1.5 * stop_m(low, "px4", "hold", 15.0)


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("way", WAYS)
def test_a_stronger_wind_shortens_no_stop(family, way):
    airs = [in_wind((wind, 0.0)) for wind in (0.0, 4.0, 8.0, 14.0, 22.0)]
    stops = [stop_m(air, family, way, 12.0) for air in airs]
    carried = [air.carries_m_s[0] for air in airs]
    assert stops == sorted(stops)
    assert carried == sorted(carried)
    tails = [air.response(family, way).tail_m_s2 for air in airs]
    assert tails == sorted(tails)
    assert tails[-1] > tails[0]


@pytest.mark.parametrize("family", FAMILIES)
def test_a_late_command_adds_its_lateness_and_a_streamed_stop_is_under_way(family):
    air = flown(status(k, (0.1 * k, 0.0, 0.0)) for k in range(15))
    soon, late = air.stop(family, 0.0, True), air.stop(family, 0.3, True)
    assert late.response.latency_s == pytest.approx(soon.response.latency_s + 0.3)
    assert late.response.vertical_latency_s == pytest.approx(soon.response.vertical_latency_s + 0.3)
    assert late.streamed is not None
    assert late.streamed == replace(air.response(family, "velocity").later(0.3), under_way=True)
    assert not late.response.under_way
    assert late.acceleration_m_s2 == air.acceleration_m_s2


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("gain_m_s2", [2.0, 0.0, -2.0])
def test_nobody_streams_on_a_path_that_nobody_judged(family, gain_m_s2):
    """And who gains speed first takes the lean back: at 2 m/s2 and 4 m/s3 half a second; who brakes has that behind."""
    speeds = [6.0 + gain_m_s2 * 0.05 * k for k in range(15)]
    stop = flown(status(k, (speed, 0.0, 0.0)) for k, speed in enumerate(speeds)).stop(family, 0.1, False)
    assert stop.streamed is None
    latency_s = Response.of(QUAD, family, "hold").latency_s + 0.1 + max(gain_m_s2, 0.0) / 4.0
    assert stop.response.latency_s == pytest.approx(latency_s)
