"""What the autopilots in Gazebo are told at their start: the airframe's geometry and the failsafe contract."""

from __future__ import annotations

from collections.abc import Mapping

from lenger_core.vehicles import VehicleProfile
from lenger_sim.worlds.models.autopilot_plugins import ardupilot_parameters, px4_parameters

PX4_AIRFRAME = "4001"
"""gz_x500, the multirotor of PX4's own Gazebo models; the parameters make ours of it."""


def px4_environment(profile: VehicleProfile, alt_amsl_m: float) -> dict[str, str]:
    """Return the environment variables from which PX4's start script sets parameters (rcS: PX4_PARAM_NAME).

    It sets them before the airframe's own defaults, which do not replace what was set.
    """
    values = {**px4_parameters(profile, alt_amsl_m), **profile.failsafe_parameters["px4"]}
    return {f"PX4_PARAM_{name}": _text(value) for name, value in values.items()}


def ardupilot_file(profile: VehicleProfile) -> str:
    """Return the text of a default parameter file that comes after ArduCopter's own."""
    return _lines({**ardupilot_parameters(profile), **profile.failsafe_parameters["ardupilot"]})


def _lines(values: Mapping[str, float]) -> str:
    return "".join(f"{name} {_text(value)}\n" for name, value in values.items())


def _text(value: float) -> str:
    """Whole numbers without a point: PX4's integers take no other."""
    return str(int(value)) if float(value).is_integer() else repr(float(value))
