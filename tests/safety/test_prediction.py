"""The tube of a stop: where it ends, how wide it is, and what is left around it."""

from __future__ import annotations

from dataclasses import replace
from math import nan, radians, tan

import numpy as np
import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st
from pydantic import ValidationError

from lenger_core.atmosphere import GRAVITY_M_S2
from lenger_core.samples import Authority, VehicleStatus
from lenger_core.terrain import load_terrain
from lenger_core.vehicles import VehicleProfile, load_vehicle
from lenger_safety.air import MODE_S, Air
from lenger_safety.estimate import Estimate
from lenger_safety.prediction import (
    LEAST_BRAKE_M_S2,
    SEA_LEVEL_DENSITY,
    Response,
    available_brake_m_s2,
    margin_of,
    predict,
)
from lenger_safety.settings import GuardSettings
from lenger_safety.surroundings import Surveyor

from .conftest import SITE, feature, square, zone_set
from .stop_oracle import end_of_stop

QUAD = load_vehicle("quad_2kg")
HERE = Estimate("autopilot", (10.0, -20.0, 60.0), (9.0, 0.0, 0.0), 1.5, 2.0, 0.1)
PX4_HOLD = {v: v * v / 6.0 + 0.45 * v for v in (5.0, 10.0, 15.0)}
"""Speed to metres: the fit of stops that were measured, without the 0.36 s that its own fence takes to notice."""
BRAKE = {5.0: 9.3, 10.0: 21.2, 15.0: 35.0}
"""ArduCopter's BRAKE, from the fence line to the stop."""
speeds = st.floats(-15.0, 15.0)


@pytest.mark.parametrize(("autopilot", "measured"), [("px4", PX4_HOLD), ("ardupilot", BRAKE)])
def test_a_stop_by_the_hold_mode_is_no_shorter_than_on_the_real_autopilot_and_not_much_longer(autopilot, measured):
    response = Response.of(QUAD, autopilot, "hold")
    for speed, metres in measured.items():
        predicted = response.stop_m((speed, 0.0, 0.0))[0]
        assert metres <= predicted <= 1.25 * metres + 0.5, f"{autopilot} {speed:g} m/s"


def test_an_unknown_autopilot_stops_like_the_worst():
    unknown = Response.of(QUAD, "", "hold").stop_m((15.0, 0.0, 0.0))[0]
    assert unknown == max(Response.of(QUAD, a, "hold").stop_m((15.0, 0.0, 0.0))[0] for a in ("px4", "ardupilot"))


def test_thin_air_tilt_and_wind_take_from_the_braking():
    assert available_brake_m_s2(QUAD, SEA_LEVEL_DENSITY) == pytest.approx(9.80665 * tan(radians(QUAD.max_tilt_deg)))
    heavy = QUAD.model_copy(update={"thrust_to_weight": 1.5})
    assert available_brake_m_s2(heavy, 0.8) == pytest.approx(0.0, abs=1e-6) or available_brake_m_s2(heavy, 0.8) < 2.0
    still, windy = (Response.of(QUAD, "px4", "hold", 1.0, w) for w in (0.0, 12.0))
    push = 1.0 * QUAD.drag_area_m2 * 144.0 / (2.0 * QUAD.mass_kg)
    assert still.brake_m_s2 == windy.brake_m_s2 == QUAD.response["px4"].hold.brake_m_s2  # the autopilot leans more
    stormy = Response.of(QUAD, "px4", "hold", 1.0, 28.0)
    assert stormy.brake_m_s2 == pytest.approx(available_brake_m_s2(QUAD, 1.0) - push * (28.0 / 12.0) ** 2, abs=1e-6)
    assert stormy.brake_m_s2 < still.brake_m_s2
    assert Response.of(heavy, "px4", "hold", 0.7, 30.0).brake_m_s2 == LEAST_BRAKE_M_S2


@given(st.sampled_from([nan, -5.0, float("inf")]))
def test_what_is_not_known_of_the_wind_counts_as_none(bad):
    assert Response.of(QUAD, "px4", "hold", 1.1, bad, bad) == Response.of(QUAD, "px4", "hold", 1.1)


def test_a_profile_without_a_response_is_refused():
    fields = QUAD.model_dump()
    del fields["response"]["px4"]["hold"]["brake_m_s2"]
    with pytest.raises(ValidationError, match="brake_m_s2"):
        VehicleProfile.model_validate(fields)


@given(st.tuples(speeds, speeds, st.floats(-3.0, 3.0)))
def test_the_tube_ends_where_the_stop_ends(velocity):
    response = Response.of(QUAD, "px4", "hold")
    tube = predict(replace(HERE, velocity_m_s=velocity), response)
    assert tube.points_m.shape == (32, 3)
    assert tube.points_m[0] == pytest.approx(HERE.position_m)
    assert tube.points_m[-1] - tube.points_m[0] == pytest.approx(response.stop_m(velocity, HERE.age_s), abs=1e-6)


pushes = st.sampled_from((0.0, -3.0, -1.0, 1.5, 4.0, nan))


@settings(max_examples=60, deadline=None)
@example((5e-324, 0.0, -1e-310), (1.5, 0.0, 0.0), (3.0, 0.0), "px4", False)
@given(
    st.tuples(speeds, speeds, st.floats(-3.0, 3.0)),
    st.tuples(pushes, pushes, pushes),
    st.tuples(speeds, speeds),
    st.sampled_from(("px4", "ardupilot")),
    st.booleans(),
)
def test_the_compiled_way_ends_where_the_integrated_motion_does(velocity, push, wind, autopilot, under_way):
    response = replace(Response.of(QUAD, autopilot, "hold", wind_m_s=3.0), under_way=under_way, carry_s=0.6)
    estimate = replace(HERE, velocity_m_s=velocity)
    end = predict(estimate, response, push, wind).points_m[-1]
    assert end == pytest.approx(end_of_stop(estimate, response, push, wind), abs=0.02)


def test_the_tube_is_the_integral_of_the_braking():
    response = Response.of(QUAD, "ardupilot", "hold")
    tube = predict(HERE, response)
    way, v, t, dt = 0.0, 9.0, 0.0, 1e-4
    for at, point in zip(tube.t_s, tube.points_m, strict=True):
        while t < at:
            v = max(0.0, v - (response.brake_m_s2 * dt if t >= response.latency_s + HERE.age_s else 0.0))
            way += v * dt
            t += dt
        assert point[0] - 10.0 == pytest.approx(way, abs=0.01)


def test_an_acceleration_lengthens_the_stop_and_a_braking_one_is_not_counted_on():
    response = Response.of(QUAD, "px4", "hold")
    plain, faster, slower, broken = (
        predict(HERE, response, a).points_m[-1, 0] for a in ((0.0,) * 3, (2.0, 0.0, 0.0), (-3.0, 0.0, 0.0), (nan,) * 3)
    )
    assert faster > plain + 1.0
    assert slower == plain == broken


def test_gusts_widen_the_tube_and_time_only_goes_on():
    tube = predict(HERE, Response.of(QUAD, "px4", "hold", gust_m_s=6.0))
    assert (np.diff(tube.radius_h_m) >= 0.0).all()
    assert tube.radius_h_m[0] == HERE.hpl_m
    assert tube.radius_h_m[-1] > HERE.hpl_m + 0.05
    assert (np.diff(tube.t_s) > 0.0).all()


def test_the_margin_of_the_tube_is_what_is_left_at_its_end():
    terrain = load_terrain().as_ground()
    settings = GuardSettings()
    zones = zone_set(feature("arena", "inclusion", square(200.0)))
    from lenger_core.geodesy import LocalFrame

    local = zones.in_frame(LocalFrame(*SITE))
    surveyor = Surveyor(settings, local, terrain, 120.0)
    response = Response.of(QUAD, "px4", "hold")
    tube = predict(replace(HERE, position_m=(150.0, 0.0, 60.0)), response)
    margins = margin_of(tube, surveyor, None, True)
    left = 200.0 - tube.points_m[-1, 0] - HERE.hpl_m
    metres, kind, name = float(margins.zone_m.min()), "zone", local.areas[int(margins.zone[-1])].name
    assert (kind, name) == ("zone", "arena")
    assert metres == pytest.approx(left, abs=0.05)
    assert np.isfinite(margins.ground_m).all()


def test_a_wind_from_behind_lengthens_the_tube_by_the_creep_and_a_head_wind_shortens_nothing():
    response = Response.of(QUAD, "ardupilot", "hold")
    assert response.creep_s > 0.0
    still, behind, ahead = (predict(HERE, response, wind_m_s=(w, 0.0)).points_m[:, 0].max() for w in (0.0, 8.0, -8.0))
    assert behind - still == pytest.approx(8.0 * response.creep_s)
    assert ahead == pytest.approx(still)
    back = predict(HERE, response, wind_m_s=(-8.0, 0.0)).points_m[-1, 0]
    assert still - back == pytest.approx(8.0 * response.creep_s), "it drifts back after the stop"
    standing = predict(replace(HERE, velocity_m_s=(0.0, 0.0, 0.0)), response, wind_m_s=(8.0, 0.0))
    assert standing.points_m[-1] == pytest.approx(standing.points_m[0]), "who stands leans against the wind already"


def test_a_streamed_stop_that_brakes_already_has_its_latency_behind_it():
    response = replace(Response.of(QUAD, "px4", "velocity"), under_way=True)
    begun, half, not_yet = (predict(HERE, response, (-a, 0.0, 0.0)).points_m[-1, 0] for a in (5.0, 1.3, 0.0))
    assert begun < half < not_yet
    braking = 9.0 * HERE.age_s + 81.0 / (2.0 * response.brake_m_s2)
    assert begun - HERE.position_m[0] == pytest.approx(braking), "the braking itself is never credited"


def test_what_carries_on_longer_gains_more_speed_before_it_stops():
    short = replace(Response.of(QUAD, "ardupilot", "hold"), carry_s=0.2)
    long = replace(short, carry_s=0.6)
    ends = [predict(HERE, r, (2.0, 0.0, 0.0)).points_m[-1, 0] for r in (short, long)]
    latency = short.latency_s + HERE.age_s
    way = [9.0 * latency + 0.5 * g * latency + (9.0 + g) ** 2 / (2.0 * short.brake_m_s2) for g in (0.4, 1.2)]
    assert np.diff(ends) == pytest.approx(np.diff(way))
    assert predict(HERE, long).points_m[-1, 0] == pytest.approx(predict(HERE, short).points_m[-1, 0])


def _air(pitch_rad: tuple[float, ...], speed_m_s: tuple[float, ...]) -> Air:
    """Statuses at 20 Hz of a flight to the east."""
    air = Air(QUAD)
    for i, (pitch, speed) in enumerate(zip(pitch_rad, speed_m_s, strict=True)):
        t_ns = 1_000_000_000 + i * 50_000_000
        state = ("ardupilot", True, True, True, False, "AUTO", Authority.LENGER, "")
        place = (*SITE[:2], 800.0, (speed, 0.0, 0.0), 0.0, 0.3, 0.3)
        air.take(VehicleStatus(t_ns, *state, *place, *SITE, 1.0, 16.0, roll_rad=0.0, pitch_rad=pitch))
    return air


def test_a_lean_that_has_just_begun_counts_before_the_velocity_shows_it():
    steady = _air((0.1,) * 21, (5.0,) * 21)
    assert steady.newest_m_s2 == pytest.approx((0.0, 0.0, 0.0), abs=1e-9)
    begun = _air((0.1,) * 21 + (0.3,), (5.0,) * 21 + (5.05,))
    assert begun.acceleration_m_s2 == pytest.approx((0.0, 0.0, 0.0), abs=1e-9)
    assert begun.newest_m_s2[0] == pytest.approx(GRAVITY_M_S2 * (tan(0.3) - tan(0.1)))
    less = _air((0.1,) * 21 + (-0.2,), (5.0,) * 22)
    assert less.newest_m_s2 == less.acceleration_m_s2, "leaning back is not counted on"
    unknown = _air((0.1,) * 21 + (nan,), (5.0,) * 22)
    assert unknown.newest_m_s2 == unknown.acceleration_m_s2


def test_on_a_path_that_nobody_judged_the_autopilot_accelerates_until_its_mode_changes():
    air = _air((0.1,) * 21 + (0.3,), (5.0,) * 21 + (5.05,))
    ours, watched = air.stop("ardupilot", 0.2, True), air.stop("ardupilot", 0.2, False)
    assert watched.streamed is None
    assert watched.response.carry_s == pytest.approx(ours.response.carry_s + 0.2 + MODE_S)
    assert watched.acceleration_m_s2[0] > 1.0 > abs(ours.acceleration_m_s2[0])


def test_a_lean_from_before_a_gap_says_nothing_of_the_acceleration_after_it():
    air = _air((0.1,) * 21, (5.0,) * 21)
    place = (*SITE[:2], 800.0, (5.0, 0.0, 0.0), 0.0, 0.3, 0.3)
    state = ("ardupilot", True, True, True, False, "AUTO", Authority.LENGER, "")
    air.take(VehicleStatus(9_000_000_000, *state, *place, *SITE, 1.0, 16.0, roll_rad=0.0, pitch_rad=0.4))
    assert air.newest_m_s2 == (0.0, 0.0, 0.0)
