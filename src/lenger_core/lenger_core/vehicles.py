"""Vehicle profiles: what an airframe can do, read from config/vehicles/NAME.yaml."""

from __future__ import annotations

from math import cos, radians, sin
from typing import Literal

import numpy as np
import yaml
from pydantic import Field, ValidationError, model_validator
from typing_extensions import Self

from lenger_core.errors import InputError
from lenger_core.resources import config_path
from lenger_core.settings import Settings, input_error

MAX_ROTORS = 12


class Rotor(Settings):
    """One rotor; the order in the profile is that of the autopilot's motor numbers."""

    angle_deg: float = Field(ge=-180.0, le=360.0, description="of its arm, clockwise from the nose, seen from above")
    spin: Literal["ccw", "cw"] = Field(description="sense of rotation, seen from above")

    @property
    def forward_left(self) -> tuple[float, float]:
        """Unit vector of the arm, FLU."""
        return cos(radians(self.angle_deg)), -sin(radians(self.angle_deg))

    @property
    def yaw_sign(self) -> float:
        """Sign about up of the torque that it puts on the body: against its own rotation."""
        return -1.0 if self.spin == "ccw" else 1.0


class Propeller(Settings):
    """Coefficients of blade-element momentum theory (Leishman, Principles of Helicopter Aerodynamics, ch. 2 and 3)."""

    thrust_coefficient: float = Field(gt=0.001, le=0.05, description="static thrust / (density area tip speed^2)")
    solidity: float = Field(gt=0.01, le=0.4, description="blade area / disc area")
    profile_drag: float = Field(gt=0.003, le=0.1, description="mean drag coefficient of the blade section")
    induced_factor: float = Field(ge=1.0, le=1.5, description="induced power / ideal induced power")


class Motor(Settings):
    """A brushless motor behind its speed controller: the usual three constants."""

    kv_rpm_per_v: float = Field(gt=20.0, le=5000.0, description="no-load speed per volt")
    resistance_ohm: float = Field(gt=0.0, le=2.0, description="winding and controller")
    no_load_a: float = Field(ge=0.0, le=5.0)
    controller_efficiency: float = Field(gt=0.5, le=1.0)
    lag_s: float = Field(ge=0.01, le=0.5, description="time constant from command to speed, with the propeller")


class BatteryPack(Settings):
    """What a pack is besides its cells in series and its energy at 27 degrees Celsius."""

    chemistry: Literal["lipo", "liion"]
    cell_resistance_ohm: float = Field(
        gt=0.0, le=0.2, description="of one group of parallel cells, 25 degrees, half full, after a minute of load"
    )
    mass_kg: float = Field(gt=0.02, le=50.0, description="heat capacity and cooling surface follow from it")


class LandingGear(Settings):
    """Four feet under the centre of gravity."""

    half_length_m: float = Field(gt=0.02, le=1.0)
    half_width_m: float = Field(gt=0.02, le=1.0)
    height_m: float = Field(gt=0.02, le=1.0, description="of the centre of gravity above the feet")
    crash_speed_m_s: float = Field(gt=0.5, le=20.0, description="into the ground, that breaks it")


class StopResponse(Settings):
    """How one way of stopping stops: v latency + v^2 / (2 brake), fitted to stops from several speeds and no less.

    The latency is an equivalent one: delay in the autopilot, attitude lag and the ramp of the deceleration together.
    """

    latency_s: float = Field(ge=0.0, le=4.0, description="equivalent latency, level flight")
    brake_m_s2: float = Field(gt=0.0, le=15.0, description="mean deceleration after it, level flight")
    vertical_latency_s: float = Field(ge=0.0, le=4.0, description="equivalent latency of a climb or descent")
    vertical_brake_m_s2: float = Field(gt=0.0, le=15.0, description="mean deceleration of a climb or descent")
    creep_s: float = Field(
        0.0, ge=0.0, le=3.0, description="drift with the wind until the autopilot leans against it, metres per m/s"
    )


class AutopilotResponse(Settings):
    """The two ways in which the guard can stop an aircraft."""

    velocity: StopResponse = Field(description="a stream of velocity setpoints that says zero")
    hold: StopResponse = Field(description="the hold mode (PX4 Hold, ArduCopter BRAKE), its mode switch included")


class VehicleProfile(Settings):
    """One airframe. Speeds and accelerations are what planner and guard may count on, not what the airframe peaks
    at."""

    name: str
    title: str
    airframe: Literal["multirotor"]
    mass_kg: float = Field(gt=0.1, le=100.0)
    rotors: int = Field(ge=4, le=MAX_ROTORS)
    rotor_layout: tuple[Rotor, ...]
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
    response: dict[Literal["px4", "ardupilot"], AutopilotResponse] = Field(
        description="autopilot -> how it stops this airframe; the guard counts on it"
    )
    battery_cells: int = Field(ge=1, le=14)
    battery_wh: float = Field(gt=1.0, le=5000.0)
    battery_reserve: float = Field(ge=0.0, le=0.6, description="fraction that a plan must leave")
    drag_area_m2: float = Field(gt=0.0, le=2.0, description="drag coefficient times frontal area")
    avionics_w: float = Field(ge=0.0, le=500.0, description="what everything but the motors draws")
    propeller: Propeller
    motor: Motor
    battery_pack: BatteryPack
    landing_gear: LandingGear
    failsafe_parameters: dict[str, dict[str, float]] = Field(
        description="autopilot -> parameter -> value that must stand before arming"
    )

    @model_validator(mode="after")
    def _can_be_flown(self) -> Self:
        layout = self.rotor_layout
        if len(layout) != self.rotors:
            raise ValueError(
                f"rotor_layout has {len(layout)} entries, expected one for each of the {self.rotors} rotors"
            )
        places = np.array([rotor.forward_left for rotor in layout]) * self.arm_length_m
        gaps = np.hypot(*(places[:, None] - places[None]).transpose(2, 0, 1)) + np.diag(np.full(len(layout), 9e9))
        if gaps.min() < 1.99 * self.rotor_radius_m:
            first, second = divmod(int(gaps.argmin()), len(layout))
            raise ValueError(
                f"rotor_layout: the discs of rotors {first + 1} and {second + 1} overlap, expected at least "
                f"{2.0 * self.rotor_radius_m:g} m between their axes, got {gaps.min():.3f}"
            )
        if sum(rotor.yaw_sign for rotor in layout) != 0.0:
            raise ValueError("rotor_layout: torques do not cancel, expected as many ccw rotors as cw ones")
        if np.linalg.matrix_rank(rotor_effects(self)) < 4:
            raise ValueError("rotor_layout: these rotors cannot roll, pitch, yaw and lift independently")
        return self


def rotor_effects(profile: VehicleProfile) -> np.ndarray[tuple[int, int], np.dtype[np.float64]]:
    """Return what a unit of thrust of each rotor does, shape (4, rotors): roll and pitch moment in N m per N (FLU), the
    sign of the yaw torque, and lift."""
    arm = profile.arm_length_m
    columns = [(arm * r.forward_left[1], -arm * r.forward_left[0], r.yaw_sign, 1.0) for r in profile.rotor_layout]
    return np.array(columns, dtype=np.float64).T


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
