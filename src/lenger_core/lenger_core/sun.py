"""The sun over a place: how high it stands, and whether it is dark in the sense of the law."""

from __future__ import annotations

from datetime import datetime, timedelta, timezone
from math import radians

from astral import Observer
from astral.sun import elevation

_EPOCH = datetime(1970, 1, 1, tzinfo=timezone.utc)
CIVIL_TWILIGHT_RAD = radians(-6.0)
"""Civil dusk and dawn: the centre of the sun is six degrees under the horizon, without refraction."""


def sun_elevation_rad(utc_ns: int, lat_deg: float, lon_deg: float) -> float:
    """Return the height of the sun's centre over the horizon, without refraction.

    The library computes it with the equations of NOAA's solar calculator (Meeus, Astronomical Algorithms, chapter 25):
    within 0.02 degrees between 1950 and 2050.

    Args:
        utc_ns: the instant, nanoseconds since 1970.
        lat_deg: latitude, WGS84.
        lon_deg: longitude, WGS84.
    """
    when = _EPOCH + timedelta(microseconds=utc_ns // 1000)
    return radians(elevation(Observer(lat_deg, lon_deg), when, with_refraction=False))
