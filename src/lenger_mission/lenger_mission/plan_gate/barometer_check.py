"""The cold-barometer error: in air colder than standard an aircraft is lower than its barometer says.

The barometer is zero at home, so what counts is the height above home. With the standard atmosphere's lapse and an
offset of temperature the true thickness of a layer between two pressures follows from the hydrostatic equation; the
sums of ICAO Doc 8168 (PANS-OPS) volume I, part III, 1.4.3 are an approximation of it.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from lenger_core.atmosphere import LAPSE_K_PER_M, SEA_LEVEL_K
from lenger_mission.plan_gate.course_legs import LegKind
from lenger_mission.plan_gate.flight import Flight
from lenger_mission.plan_gate.model import Finding, error, note

Array = NDArray[np.float64]

_WORTH_TELLING_M = 3.0


def barometer_error_m(indicated_m: Array, home_amsl_m: float, isa_offset_k: float) -> Array:
    """Return true less indicated height above home, negative where the aircraft is lower than it believes.

    The layer between the pressure altitudes h1 = home and h2 = home + indicated is really
    h2 - h1 + offset / L ln(T1 / T2) thick, T the standard temperatures there.

    Args:
        indicated_m: height above home by the barometer, of any shape, m.
        home_amsl_m: height of home.
        isa_offset_k: how much warmer the air is than standard.
    """
    at_home = SEA_LEVEL_K - LAPSE_K_PER_M * home_amsl_m
    return np.asarray(-isa_offset_k / LAPSE_K_PER_M * np.log1p(-LAPSE_K_PER_M * np.asarray(indicated_m) / at_home))


def check_barometer(flight: Flight) -> Iterator[Finding]:
    """Yield `cold_barometer` for the place where the error takes the clearance, that was there, under the least."""
    course, least = flight.course, flight.conditions.margins.clearance_m
    offset = flight.conditions.isa_offset_k(flight.home_amsl_m)
    if not course.legs:
        return
    shift = barometer_error_m(flight.alt_amsl_m - flight.home_amsl_m, flight.home_amsl_m, offset)
    clear = course.agl_m - course.ground_error_m
    true = np.where(_looked_at(flight, clear, least), clear + shift, np.inf)
    at = int(np.argmin(true))
    if true[at] < least:
        item, height = int(course.item[at]), round(float(true[at]), 1)
        sentence = (
            f"In this cold the barometer reads {-shift[at]:.0f} m too high at item {item}: the vehicle flies only "
            f"{height:.0f} m above the ground there, not {clear[at]:.0f} m."
        )
        yield error("cold_barometer", item, height, least, "m", sentence)
        return
    low = int(np.argmin(shift))
    if shift[low] < -_WORTH_TELLING_M:
        item, lower = int(course.item[low]), round(float(-shift[low]), 1)
        sentence = f"In this cold the barometer reads up to {lower:.0f} m too high, at item {item}."
        yield note("cold_barometer", item, lower, round(float(least), 1), "m", sentence)


def _looked_at(flight: Flight, clear_m: Array, least_m: float) -> NDArray[np.bool_]:
    """(N,) samples of legs that keep their clearance by the barometer; the others the clearance check refuses."""
    course = flight.course
    lowest = np.minimum.reduceat(np.nan_to_num(clear_m, nan=-np.inf), course.spans[:, 0])
    flying = np.array([leg.kind is LegKind.FLY for leg in course.legs])
    return np.asarray((flying & (lowest >= least_m))[course.leg])
