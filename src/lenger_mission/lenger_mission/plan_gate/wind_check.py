"""Wind: whether the vehicle can stand and fly in it, and what the terrain does to it."""

from __future__ import annotations

from collections.abc import Iterator
from math import degrees, radians, sin

import numpy as np

from lenger_core.energy import steady_thrust
from lenger_mission.plan_gate.flight import Flight
from lenger_mission.plan_gate.model import Finding, error, note, warning

ROTOR_WIND_M_S = 7.7
"""15 knots across a ridge: from here on rotors are to be expected in its lee (FAA Aeronautical Information Manual)."""
ROTOR_TURBULENCE = 1.5
CLIMB_SHARE = 0.6
"""Of the rate of climb that a downdraft may take."""


def skipped_wind(flight: Flight) -> str:
    """Return why the wind is not checked, "" when it is."""
    still = flight.conditions.wind_m_s <= 0.0 and not flight.conditions.gust_m_s
    return "no wind is given" if still else ""


def check_wind(flight: Flight) -> Iterator[Finding]:
    """Yield `wind_limit`, `gust_limit`, `airspeed`, `tilt`, `downdraft` and `lee_turbulence`, each for its worst
    place."""
    if len(flight.course.segment_s) == 0 or skipped_wind(flight):
        return
    yield from _standing(flight)
    yield from _flying(flight)
    yield from _terrain(flight)


def _standing(flight: Flight) -> Iterator[Finding]:
    items, fastest = flight.course.segment_item, flight.profile.max_speed_m_s
    limit = round(flight.conditions.margins.wind_share * fastest, 2)
    mean, gust = flight.air.speed_m_s, flight.air.gust_m_s
    at = int(np.argmax(mean))
    item, speed = int(items[at]), round(float(mean[at]), 2)
    if speed > limit:
        sentence = f"The mean wind at item {item} is {speed:.1f} m/s, more than the vehicle's {limit:.1f} m/s."
        yield error("wind_limit", item, speed, limit, "m/s", sentence)
    else:
        sentence = f"The strongest mean wind is {speed:.1f} m/s, at item {item}."
        yield note("wind_limit", item, speed, limit, "m/s", sentence)
    at = int(np.argmax(gust))
    item, speed = int(items[at]), round(float(gust[at]), 2)
    if speed > fastest:
        sentence = f"Gusts of {speed:.1f} m/s at item {item} carry the vehicle away: it flies {fastest:g} m/s."
        yield error("gust_limit", item, speed, fastest, "m/s", sentence)


def _flying(flight: Flight) -> Iterator[Finding]:
    items, fastest = flight.course.segment_item, flight.profile.max_speed_m_s
    through = flight.airspeed_m_s
    at = int(np.argmax(np.where(flight.air.speed_m_s <= fastest, through, 0.0)))
    item, speed = int(items[at]), round(float(through[at]), 2)
    if speed > 1.01 * fastest:
        sentence = (
            f"Keeping {flight.course.speed_m_s[at]:.1f} m/s over the ground at item {item} takes {speed:.1f} m/s "
            f"through the air; the vehicle flies {fastest:g} m/s."
        )
        yield error("airspeed", item, speed, fastest, "m/s", sentence)
    _, sine = steady_thrust(flight.profile, flight.air.density_kg_m3, through)
    at = int(np.argmax(sine))
    if sine[at] > sin(radians(flight.profile.max_tilt_deg)):
        item, tilt = int(items[at]), round(degrees(float(np.arcsin(sine[at]))), 1)
        sentence = f"Against the wind at item {item} the vehicle must tilt {tilt:.0f} degrees."
        yield error("tilt", item, tilt, flight.profile.max_tilt_deg, "degrees", sentence)


def _terrain(flight: Flight) -> Iterator[Finding]:
    items, air = flight.course.segment_item, flight.air
    limit = round(CLIMB_SHARE * flight.profile.max_climb_m_s, 2)
    at = int(np.argmin(air.wind_enu_m_s[:, 2]))
    item, sinking = int(items[at]), round(float(-air.wind_enu_m_s[at, 2]), 2)
    if sinking > limit:
        sentence = f"Behind the terrain at item {item} the air sinks at {sinking:.1f} m/s."
        yield error("downdraft", item, sinking, limit, "m/s", sentence)
    rough = np.where(air.speed_m_s >= ROTOR_WIND_M_S, air.turbulence, 1.0)
    at = int(np.argmax(rough))
    item, factor = int(items[at]), round(float(rough[at]), 2)
    if factor > ROTOR_TURBULENCE:
        sentence = f"Item {item} lies in the lee of a ridge: gusts {factor:.1f} times those of open ground, and rotors."
        yield warning("lee_turbulence", item, factor, ROTOR_TURBULENCE, "", sentence)
