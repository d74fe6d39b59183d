"""The sun: against a written-out almanac, not the library's own formulas."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from math import acos, asin, atan2, cos, degrees, pi, radians, sin

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lenger_core.sun import CIVIL_TWILIGHT_RAD, sun_elevation_rad

LENGER = 42.1819, 69.8878
UTC = timezone.utc


def ns(when: datetime) -> int:
    return (when - datetime(1970, 1, 1, tzinfo=UTC)) // timedelta(microseconds=1) * 1000


def almanac_elevation_deg(when: datetime, lat_deg: float, lon_deg: float) -> float:
    """Low-precision coordinates of the sun as the Astronomical Almanac prints them (page C24), good to 0.01 degrees."""
    n = (when - datetime(2000, 1, 1, 12, tzinfo=UTC)) / timedelta(days=1)
    mean_longitude = radians(280.460 + 0.9856474 * n)
    anomaly = radians(357.528 + 0.9856003 * n)
    longitude = mean_longitude + radians(1.915 * sin(anomaly) + 0.020 * sin(2 * anomaly))
    obliquity = radians(23.439 - 0.0000004 * n)
    right_ascension = atan2(cos(obliquity) * sin(longitude), cos(longitude))
    declination = asin(sin(obliquity) * sin(longitude))
    sidereal = radians(280.46062 + 360.98564737 * n + lon_deg)
    hour_angle = sidereal - right_ascension
    lat = radians(lat_deg)
    return degrees(asin(sin(lat) * sin(declination) + cos(lat) * cos(declination) * cos(hour_angle)))


@settings(max_examples=200, deadline=None)
@given(
    st.datetimes(datetime(2020, 1, 1), datetime(2040, 1, 1)),
    st.floats(-80.0, 80.0),
    st.floats(-180.0, 180.0),
)
def test_the_height_is_that_of_the_almanac(when: datetime, lat: float, lon: float) -> None:
    when = when.replace(tzinfo=UTC)
    assert degrees(sun_elevation_rad(ns(when), lat, lon)) == pytest.approx(
        almanac_elevation_deg(when, lat, lon), abs=0.03
    )


def test_the_longest_day_at_lenger() -> None:
    """At true noon of the solstice the sun stands at 90 - latitude + obliquity."""
    noon = datetime(2026, 6, 21, 7, 22, tzinfo=UTC)
    highest = max(sun_elevation_rad(ns(noon + timedelta(minutes=m)), *LENGER) for m in range(-20, 21))
    assert degrees(highest) == pytest.approx(90.0 - LENGER[0] + 23.436, abs=0.02)


def test_the_civil_night_of_the_equinox() -> None:
    """From the spherical triangle: it is dark while cos(hour angle) is under sin(-6 degrees)/cos(latitude)."""
    day = datetime(2026, 3, 20, tzinfo=UTC)
    dark = sum(sun_elevation_rad(ns(day + timedelta(minutes=m)), *LENGER) < CIVIL_TWILIGHT_RAD for m in range(24 * 60))
    half_day = acos(sin(radians(-6.0)) / cos(radians(LENGER[0])))
    assert dark == pytest.approx((1.0 - half_day / pi) * 24 * 60, abs=3)
