"""The sun over a place: how high it stands, and whether it is dark in the sense of the law."""

from __future__ import annotations

from datetime import datetime
from math import radians

from astral import Observer
from astral.sun import elevation

from lenger_core.errors import InputError

CIVIL_TWILIGHT_RAD = radians(-6.0)
"""Civil dusk and dawn: the centre of the sun is six degrees under the horizon, without refraction."""


def sun_elevation_rad(when: datetime, lat_deg: float, lon_deg: float) -> float:
    """Return the height of the sun's centre over the horizon, without refraction.

    The library computes it with the equations of NOAA's solar calculator (Meeus, Astronomical Algorithms, chapter 25):
    within 0.02 degrees between 1950 and 2050.

    Args:
        when: an instant; it must carry its time zone.
        lat_deg: latitude, WGS84.
        lon_deg: longitude, WGS84.

    Raises:
        InputError: the instant has no time zone.
    """
    if when.tzinfo is None:
        raise InputError("sun", "when", when.isoformat(), "an instant with its time zone")
    return radians(elevation(Observer(lat_deg, lon_deg), when, with_refraction=False))


def is_night(when: datetime, lat_deg: float, lon_deg: float) -> bool:
    """Return whether it is between civil dusk and civil dawn."""
    return sun_elevation_rad(when, lat_deg, lon_deg) < CIVIL_TWILIGHT_RAD
