"""Daylight: civil twilight by the sun's height, and lights after sunset.

Night is when the sun's centre is more than six degrees under the horizon; from sunset to there and from there to
sunrise an unmanned aircraft shows anti-collision lights (as in 14 CFR 107.29). Mountains around are left out.
"""

from __future__ import annotations

from collections.abc import Iterator
from math import degrees, radians

import numpy as np

from lenger_core.sun import CIVIL_TWILIGHT_RAD, sun_elevation_rad
from lenger_mission.plan_gate.flight import Flight
from lenger_mission.plan_gate.model import Finding, error, note, warning

SUNSET_RAD = radians(-0.833)
"""The upper limb on the horizon, with the usual refraction (NOAA)."""
_STEP_S, _MOST_STEPS = 60.0, 400


def skipped_daylight(flight: Flight) -> str:
    """Return why daylight is not checked, "" when it is."""
    return "no time of take-off is given" if flight.conditions.take_off_utc is None else ""


def check_daylight(flight: Flight) -> Iterator[Finding]:
    """Yield `night` (flown in the dark without leave), `lights` (after sunset without them), `dusk_near`."""
    if skipped_daylight(flight):
        return
    day, duration = flight.conditions, flight.course.duration_s
    times = np.linspace(0.0, duration, int(min(max(duration / _STEP_S, 1.0), _MOST_STEPS)) + 1)
    sun = np.array([_sun_rad(flight, float(t)) for t in times])
    lowest = int(np.argmin(sun))
    low = round(degrees(float(sun[lowest])), 2)
    dark, dim = sun < CIVIL_TWILIGHT_RAD, sun < SUNSET_RAD
    figures = round(degrees(CIVIL_TWILIGHT_RAD), 2), "degrees"
    if dark.any() and not day.night_allowed:
        item = _item(flight, float(times[int(np.argmax(dark))]))
        sentence = f"It is night at item {item}, the sun {-low:.1f} degrees down, and night flight is not allowed."
        yield error("night", item, low, *figures, sentence)
    if dim.any() and not day.lights:
        item = _item(flight, float(times[int(np.argmax(dim))]))
        sentence = f"The sun is down at item {item}: anti-collision lights must be on."
        yield error("lights", item, low, round(degrees(SUNSET_RAD), 2), "degrees", sentence)
    if dark.any():
        return
    ends_s = duration + 60.0 * day.margins.twilight_min
    after = _sun_rad(flight, ends_s)
    if after < CIVIL_TWILIGHT_RAD and not day.night_allowed:
        sentence = f"It is night {day.margins.twilight_min:g} minutes after the planned landing."
        yield warning("dusk_near", len(flight.course.plan.items) - 1, round(degrees(after), 2), *figures, sentence)
    else:
        yield note("daylight", None, low, *figures, f"The sun stands at {low:.1f} degrees or higher.")


def _sun_rad(flight: Flight, t_s: float) -> float:
    instant = flight.conditions.utc_ns(t_s)
    return sun_elevation_rad(instant or 0, flight.course.home[0], flight.course.home[1])


def _item(flight: Flight, t_s: float) -> int:
    """The item that is flown at a time."""
    at = int(np.searchsorted(flight.course.t_s, t_s, side="right")) - 1
    return int(flight.course.item[min(max(at, 0), len(flight.course.item) - 1)])
