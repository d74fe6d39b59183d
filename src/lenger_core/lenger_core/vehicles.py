"""Vehicle profiles: what an airframe can do, read from config/vehicles/NAME.yaml."""

from __future__ import annotations

from typing import Literal

import yaml
from pydantic import Field, ValidationError

from lenger_core.errors import InputError
from lenger_core.resources import config_path
from lenger_core.settings import Settings, input_error


class VehicleProfile(Settings):
    """One airframe. Speeds and accelerations are what planner and guard may count on, not what the airframe peaks
    at."""

    name: str
    title: str
    airframe: Literal["multirotor"]
    mass_kg: float = Field(gt=0.1, le=100.0)
    rotors: int = Field(ge=3, le=12)
    rotor_radius_m: float = Field(gt=0.02, le=1.0)
    arm_length_m: float = Field(gt=0.05, le=2.0)
    thrust_to_weight: float = Field(gt=1.1, le=6.0, description="static, sea level, full battery")
    figure_of_merit: float = Field(gt=0.3, lt=1.0, description="rotor and drive efficiency for hover power")
    cruise_speed_m_s: float = Field(gt=0.0, le=30.0)
    max_speed_m_s: float = Field(gt=0.0, le=40.0)
    max_climb_m_s: float = Field(gt=0.0, le=10.0)
    max_descent_m_s: float = Field(gt=0.0, le=10.0)
    max_tilt_deg: float = Field(gt=5.0, le=60.0)
    max_accel_m_s2: float = Field(gt=0.0, le=15.0)
    max_brake_m_s2: float = Field(gt=0.0, le=15.0)
    response_latency_s: float = Field(ge=0.0, le=3.0, description="command to the start of a change of velocity")
    battery_cells: int = Field(ge=1, le=14)
    battery_wh: float = Field(gt=1.0, le=5000.0)
    battery_reserve: float = Field(ge=0.0, le=0.6, description="fraction that a plan must leave")
    drag_area_m2: float = Field(gt=0.0, le=2.0, description="drag coefficient times frontal area")
    failsafe_parameters: dict[str, dict[str, float]] = Field(
        description="autopilot -> parameter -> value that must stand before arming"
    )


def vehicle_names() -> list[str]:
    """Return the names of the profiles that ship."""
    return sorted(path.stem for path in config_path("vehicles").glob("*.yaml"))


def load_vehicle(name: str) -> VehicleProfile:
    """Return the profile of that name.

    Raises:
        InputError: no such profile, or a field of it is wrong.
    """
    if name not in vehicle_names():
        raise InputError("vehicle", "name", name, f"one of {', '.join(vehicle_names())}")
    path = config_path("vehicles", f"{name}.yaml")
    try:
        return VehicleProfile.model_validate(yaml.safe_load(path.read_text(encoding="utf-8")))
    except yaml.YAMLError as error:
        raise InputError(path.name, "", str(error), "valid YAML") from error
    except ValidationError as error:
        raise input_error(path.name, error) from error
