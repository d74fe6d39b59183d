"""Thrust at the height, temperature and charge of every place: what hovering, drag and climbing leave of it.

Thrust at full command goes with the density and with the square of the voltage (propeller and motor at a fixed advance
ratio; Leishman, Principles of Helicopter Aerodynamics, 2.2). The profile's figure is for sea level and a full battery.
"""

from __future__ import annotations

from collections.abc import Iterator

import numpy as np
from numpy.typing import NDArray

from lenger_core.atmosphere import GRAVITY_M_S2
from lenger_core.energy import steady_thrust
from lenger_mission.plan_gate.air import SEA_LEVEL_KG_M3, density_altitude_m
from lenger_mission.plan_gate.flight import Flight
from lenger_mission.plan_gate.model import Finding, error, note, warning

Array = NDArray[np.float64]


def thrust_margins(flight: Flight) -> Array:
    """Return (N - 1,) greatest thrust over the thrust that steady flight along the course takes, on each segment."""
    voltage = flight.battery.voltage_share
    share = np.minimum(voltage[:-1], voltage[1:]) ** 2 * flight.air.density_kg_m3 / SEA_LEVEL_KG_M3
    weight = flight.profile.mass_kg * GRAVITY_M_S2
    needed, _ = steady_thrust(flight.profile, flight.air.density_kg_m3, flight.airspeed_m_s)
    return np.asarray(flight.profile.thrust_to_weight * weight * share / needed)


def hover_throttle(margin: float) -> float:
    """Return the command, 0 to 1 of the full one, at which a vehicle of a thrust margin hovers: thrust goes with its
    square."""
    return float(min(1.0, margin**-0.5))


def check_thrust(flight: Flight) -> Iterator[Finding]:
    """Yield `thrust_margin` for the place where least thrust is left."""
    if len(flight.course.segment_s) == 0:
        return
    margins, limits = thrust_margins(flight), flight.conditions.margins
    worst = int(np.argmin(margins))
    margin, item = float(margins[worst]), int(flight.course.segment_item[worst])
    height = float(flight.alt_amsl_m[worst])
    density = density_altitude_m(height, flight.conditions.isa_offset_k(flight.home_amsl_m))
    charge = float(np.clip(flight.battery.charge[worst], flight.profile.battery_reserve, 1.0))
    words = (
        f"{margin:.2f} times the thrust that is needed, at {height:.0f} m AMSL (density altitude {density:.0f} m) with "
        f"{100.0 * charge:.0f} % of the battery: it flies at {100.0 * hover_throttle(margin):.0f} % throttle."
    )
    figures = "thrust_margin", item, round(margin, 3)
    if margin < limits.thrust_to_weight:
        yield error(*figures, limits.thrust_to_weight, "", f"The vehicle is too weak at item {item}: {words}")
    elif margin < limits.good_thrust_to_weight:
        yield warning(*figures, limits.good_thrust_to_weight, "", f"Little thrust is left at item {item}: {words}")
    else:
        yield note(*figures, limits.thrust_to_weight, "", f"The least thrust is left at item {item}: {words}")
