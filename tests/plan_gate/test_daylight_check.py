"""Daylight: against the spherical triangle of the equinox and against a printed almanac's times."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from math import acos, cos, degrees, pi, radians, sin

import pytest

from lenger_mission.plan_gate.conditions import Conditions
from lenger_mission.plan_gate.daylight_check import check_daylight, skipped_daylight
from lenger_mission.plan_gate.model import Finding, Severity
from plan_gate.scene import HOME, flight_of, of, out_and_back, plan_of, waypoint

UTC = timezone.utc
NOON = datetime(2026, 3, 20, 7, 28, tzinfo=UTC)
"""True noon at home: 12 h less 69.88 degrees of longitude at 15 an hour, plus the equation of time, 7.4 minutes."""


def after_noon(hours: float, lights: bool = False, night: bool = False, distance_m: float = 300.0) -> list[Finding]:
    day = Conditions(take_off_utc=NOON + timedelta(hours=hours), lights=lights, night_allowed=night)
    return list(check_daylight(flight_of(out_and_back(distance_m), day)))


def sunset_h(sun_deg: float) -> float:
    """Hours from noon until the sun stands so high on a day of declination 0: cos H = sin h / cos latitude."""
    return acos(sin(radians(sun_deg)) / cos(radians(HOME[0]))) / pi * 12.0


def test_without_a_time_nothing_is_checked_and_the_reason_is_given() -> None:
    flight = flight_of(out_and_back(300.0))
    assert list(check_daylight(flight)) == [] and "take-off" in skipped_daylight(flight)


def test_by_day_the_suns_height_is_noted() -> None:
    (found,) = after_noon(0.0)
    assert found.severity is Severity.NOTE and found.value == pytest.approx(90.0 - HOME[0], abs=0.6)


@pytest.mark.parametrize("minutes", [-14.0, 6.0])
def test_it_is_night_when_the_sun_is_six_degrees_under_the_horizon(minutes: float) -> None:
    """The flight lasts 3 minutes; before that moment it is dusk, after it night."""
    errors = of(after_noon(sunset_h(-6.0) + minutes / 60.0, lights=True), "night")
    assert bool(errors) is (minutes > 0.0)
    if errors:
        assert errors[0].limit == -6.0 and errors[0].value < -6.0 and errors[0].item == 0


def test_the_item_at_which_it_gets_dark_is_named() -> None:
    plan = plan_of(*(waypoint(400.0 + 400.0 * (k % 2), 0.0, 60.0) for k in range(40)))
    day = Conditions(take_off_utc=NOON + timedelta(hours=sunset_h(-6.0), minutes=-20), lights=True)
    flight = flight_of(plan, day)
    (found,) = of(list(check_daylight(flight)), "night")
    begun = float(flight.course.t_s[flight.course.item == found.item][0])
    assert begun == pytest.approx(20.0 * 60.0, abs=150.0)


@pytest.mark.parametrize(("minutes", "wanted"), [(-25.0, False), (10.0, True)])
def test_after_sunset_lights_must_be_on(minutes: float, wanted: bool) -> None:
    hours = sunset_h(-0.833) + minutes / 60.0
    assert bool(of(after_noon(hours), "lights")) is wanted
    assert not of(after_noon(hours, lights=True), "lights")


def test_a_night_flight_that_is_allowed_still_needs_lights() -> None:
    dark = after_noon(10.0, night=True)
    assert not of(dark, "night") and of(dark, "lights")
    assert after_noon(10.0, night=True, lights=True) == []


def test_landing_just_before_the_night_is_a_warning() -> None:
    hours = sunset_h(-6.0) - 8.0 / 60.0
    found = after_noon(hours, lights=True)
    assert not of(found, "night") and of(found, "dusk_near", Severity.WARNING)


def test_before_dawn_is_night_as_well() -> None:
    assert of(after_noon(-sunset_h(-6.0) - 0.5), "night")
    assert degrees(radians(-6.0)) == pytest.approx(-6.0)
