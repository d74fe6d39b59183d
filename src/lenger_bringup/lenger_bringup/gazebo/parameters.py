"""What the autopilots in Gazebo are told at their start: the airframe's geometry and the failsafe contract."""

from __future__ import annotations

from collections.abc import Mapping
from math import pi, sqrt

from lenger_core.atmosphere import GRAVITY_M_S2, density_kg_m3
from lenger_core.vehicles import VehicleProfile
from lenger_sim.worlds.models.autopilot_plugins import ardupilot_parameters, px4_parameters

PX4_AIRFRAME = "4001"
"""gz_x500, the multirotor of PX4's own Gazebo models; the parameters make ours of it."""


def px4_environment(profile: VehicleProfile, alt_amsl_m: float) -> dict[str, str]:
    """Return the environment variables from which PX4's start script sets parameters (rcS: PX4_PARAM_NAME).

    It sets them before the airframe's own defaults, which do not replace what was set; but a value that equals the
    firmware's default is not stored, and is replaced: `contract` mends that for the failsafe parameters.
    """
    battery = {
        "SIM_BAT_DRAIN": round(hover_endurance_s(profile, alt_amsl_m)),
        "SIM_BAT_MIN_PCT": 0,
        "BAT1_N_CELLS": profile.battery_cells,
    }
    values = {**px4_parameters(profile, alt_amsl_m), **battery, **profile.failsafe_parameters["px4"]}
    return {f"PX4_PARAM_{name}": _text(value) for name, value in values.items()}


def hover_endurance_s(profile: VehicleProfile, alt_amsl_m: float) -> float:
    """Return how long a full battery hovers, by momentum theory: P = T^1.5 / (FM sqrt(2 rho A)) and the avionics.

    PX4's simulated battery runs empty at a steady rate while armed; left alone that takes a minute, and stops at half.
    """
    area = profile.rotors * pi * profile.rotor_radius_m**2
    thrust = profile.mass_kg * GRAVITY_M_S2
    power = thrust**1.5 / (profile.figure_of_merit * sqrt(2.0 * density_kg_m3(alt_amsl_m) * area))
    return float(3600.0 * profile.battery_wh / (power + profile.avionics_w))


def ardupilot_file(profile: VehicleProfile) -> str:
    """Return the text of a default parameter file that comes after ArduCopter's own."""
    return _lines({**ardupilot_parameters(profile), **profile.failsafe_parameters["ardupilot"]})


def _lines(values: Mapping[str, float]) -> str:
    return "".join(f"{name} {_text(value)}\n" for name, value in values.items())


def _text(value: float) -> str:
    """Whole numbers without a point: PX4's integers take no other."""
    return str(int(value)) if float(value).is_integer() else repr(float(value))
