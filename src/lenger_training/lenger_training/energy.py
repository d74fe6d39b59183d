"""How much energy a route should take, in still air: what a flight's use is compared with."""

from __future__ import annotations

import numpy as np

from lenger_core.atmosphere import density_kg_m3
from lenger_core.energy import power_w
from lenger_core.vehicles import VehicleProfile
from lenger_training.route import LocalRoute


def predict_wh(route: LocalRoute, vehicle: VehicleProfile, speed_m_s: float | None, isa_offset_k: float = 0.0) -> float:
    """Return the energy in Wh of a vertical take-off, the legs at one speed, and a vertical landing.

    Power is that of `lenger_core.energy`; wind and acceleration are left out.

    Args:
        route: the plan's.
        vehicle: the airframe.
        speed_m_s: over the ground, None for the profile's cruise speed.
        isa_offset_k: air temperature above the standard atmosphere.
    """
    speed = min(speed_m_s or vehicle.cruise_speed_m_s, vehicle.max_speed_m_s)
    alt, ground = route.alt_amsl_m, route.ground_amsl_m
    first_climb, last_descent = max(0.0, alt[0] - ground[0]), max(0.0, alt[-1] - ground[-1])
    climb_s = first_climb / vehicle.max_climb_m_s
    more_climb_s = float(np.clip(np.diff(alt), 0.0, None).sum()) / vehicle.max_climb_m_s
    density = density_kg_m3(float(alt.mean()), isa_offset_k)
    hover, cruise, climb = power_w(vehicle, density, [0.0, speed, 0.0], [0.0, 0.0, vehicle.max_climb_m_s]).tolist()
    joule = cruise * route.length_m() / speed + climb * climb_s + hover * last_descent / vehicle.max_descent_m_s
    return float((joule + (climb - hover) * more_climb_s) / 3600.0)
