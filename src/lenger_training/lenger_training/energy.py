"""How much energy a route should take: hover power by momentum theory, parasite drag, and climb. Thin on purpose."""

from __future__ import annotations

from math import pi, sqrt

import numpy as np

from lenger_core.atmosphere import GRAVITY_M_S2, density_kg_m3
from lenger_core.vehicles import VehicleProfile
from lenger_training.route import LocalRoute


def predict_wh(route: LocalRoute, vehicle: VehicleProfile, speed_m_s: float | None, isa_offset_k: float = 0.0) -> float:
    """Return the energy in Wh of a vertical take-off, the legs at one speed, and a vertical landing.

    Hover power is T^1.5 / (FM sqrt(2 rho A)) (momentum theory, with the figure of merit). It is kept in forward flight,
    where the induced part really falls; wind and acceleration are left out.

    Args:
        route: the plan's.
        vehicle: the airframe.
        speed_m_s: over the ground, None for the profile's cruise speed.
        isa_offset_k: air temperature above the standard atmosphere.
    """
    speed = min(speed_m_s or vehicle.cruise_speed_m_s, vehicle.max_speed_m_s)
    alt, ground = route.alt_amsl_m, route.ground_amsl_m
    first_climb, last_descent = max(0.0, alt[0] - ground[0]), max(0.0, alt[-1] - ground[-1])
    cruise_s = route.length_m() / speed
    vertical_s = first_climb / vehicle.max_climb_m_s + last_descent / vehicle.max_descent_m_s
    climb_m = first_climb + float(np.clip(np.diff(alt), 0.0, None).sum())

    density = density_kg_m3(float(alt.mean()), isa_offset_k)
    weight_n = vehicle.mass_kg * GRAVITY_M_S2
    disc_m2 = vehicle.rotors * pi * vehicle.rotor_radius_m**2
    hover_w = weight_n**1.5 / (vehicle.figure_of_merit * sqrt(2.0 * density * disc_m2))
    drag_w = 0.5 * density * vehicle.drag_area_m2 * speed**3 / vehicle.figure_of_merit
    joule = hover_w * (cruise_s + vertical_s) + drag_w * cruise_s + weight_n * climb_m / vehicle.figure_of_merit
    return float(joule / 3600.0)
