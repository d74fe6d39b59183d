"""The rigid body in JSBSim: one force and one moment at the centre of gravity in, position, velocity and attitude out.

JSBSim speaks feet, slugs, NED and FRD; this file is its edge, everything beyond is SI, ENU and FLU. Its position is
ellipsoidal; heights here are AMSL by one undulation, that of the home point.
"""

from __future__ import annotations

from functools import cache
from math import asin, atan2, cos, pi, radians, sin, sqrt
from typing import Any

import jsbsim
import numpy as np
from numpy.typing import NDArray

from lenger_core.errors import InputError
from lenger_core.resources import config_path
from lenger_core.vehicles import VehicleProfile

FT_M = 0.3048
LBF_N = 4.4482216152605
LBF_FT_NM = LBF_N * FT_M
SLUG_KG = 14.593902937206
MASS_TOLERANCE = 0.01

_READ = (
    "position/lat-geod-rad",
    "position/long-gc-rad",
    "position/geod-alt-ft",
    "velocities/v-east-fps",
    "velocities/v-north-fps",
    "velocities/v-down-fps",
    "attitude/phi-rad",
    "attitude/theta-rad",
    "attitude/psi-rad",
    "velocities/p-rad_sec",
    "velocities/q-rad_sec",
    "velocities/r-rad_sec",
)
RAW_SIZE = len(_READ)
"""Length of the raw state, see `RigidBody.read`."""

_FORCE = "external_reactions/components/"


class RigidBody:
    """One JSBSim body at a place, at rest, with a heading.

    Args:
        profile: whose body (config/vehicles/jsbsim/NAME) is loaded.
        lat_deg, lon_deg, alt_ellipsoid_m: where the centre of gravity starts.
        yaw_enu_rad: heading.
        step_s: length of a step.

    Raises:
        InputError: the definition's mass is not the profile's.
    """

    def __init__(
        self,
        profile: VehicleProfile,
        lat_deg: float,
        lon_deg: float,
        alt_ellipsoid_m: float,
        yaw_enu_rad: float,
        step_s: float,
    ) -> None:
        _silence()
        self._fdm = jsbsim.FGFDMExec(str(config_path("vehicles", "jsbsim")))
        self._fdm.set_aircraft_path(".")
        self._fdm.load_model(profile.name)
        self._fdm.set_dt(step_s)
        self.place(lat_deg, lon_deg, alt_ellipsoid_m, yaw_enu_rad)
        self.mass_kg = self._fdm["inertia/mass-slugs"] * SLUG_KG
        if abs(self.mass_kg - profile.mass_kg) > MASS_TOLERANCE * profile.mass_kg:
            raise InputError(f"{profile.name}.xml", "emptywt", self.mass_kg, f"{profile.mass_kg} kg, as in the profile")
        properties = self._fdm.get_property_manager()
        self._get = [_node(properties, name).get_double_value for name in _READ]
        self._set = [_node(properties, _FORCE + axis).set_double_value for axis in ("x", "y", "z", "l", "m", "n")]
        self._run = self._fdm.run

    def place(
        self,
        lat_deg: float,
        lon_deg: float,
        alt_ellipsoid_m: float,
        yaw_enu_rad: float,
        slope: tuple[float, float] = (0.0, 0.0),
    ) -> None:
        """Put the body somewhere at rest, standing on ground that rises by `slope` towards the east and the north."""
        fdm = self._fdm
        fdm["ic/lat-geod-deg"] = lat_deg
        fdm["ic/long-gc-deg"] = lon_deg
        fdm["ic/psi-true-rad"] = pi / 2.0 - yaw_enu_rad
        fdm["ic/phi-rad"], fdm["ic/theta-rad"] = _lean(slope, yaw_enu_rad)
        fdm["ic/h-sl-ft"] = alt_ellipsoid_m / FT_M
        fdm.run_ic()
        # the initial height counts from a slightly different sea level: correct by what came out
        error_ft = fdm["position/geod-alt-ft"] - alt_ellipsoid_m / FT_M
        fdm["ic/h-sl-ft"] = fdm["ic/h-sl-ft"] - error_ft
        fdm.run_ic()
        fdm[_FORCE + "magnitude"] = 1.0
        fdm[_FORCE + "magnitude-lbsft"] = 1.0

    @property
    def inertia_kg_m2(self) -> tuple[float, float, float]:
        """Moments of inertia about the body axes."""
        ixx, iyy, izz = (self._fdm[f"inertia/i{axis}-slugs_ft2"] for axis in ("xx", "yy", "zz"))
        unit = SLUG_KG * FT_M * FT_M
        return ixx * unit, iyy * unit, izz * unit

    def step(self, wrench: NDArray[np.float64]) -> None:
        """Advance one step under a constant (force FLU in N, moment FLU in N m), shape (6,)."""
        x, y, z, roll, pitch, yaw = wrench.tolist()
        put = self._set
        put[0](x / LBF_N)
        put[1](-y / LBF_N)
        put[2](-z / LBF_N)
        put[3](roll / LBF_FT_NM)
        put[4](-pitch / LBF_FT_NM)
        put[5](-yaw / LBF_FT_NM)
        self._run()

    def read(self, raw: NDArray[np.float64]) -> None:
        """Fill `raw`, shape (RAW_SIZE,), with JSBSim's own units and frames; `dynamics.unpack` converts it."""
        raw[:] = [get() for get in self._get]


def _lean(slope: tuple[float, float], yaw_enu_rad: float) -> tuple[float, float]:
    """Return roll and pitch (FRD) of a body of that heading whose up axis is the normal of sloping ground."""
    east, north = slope
    norm = sqrt(1.0 + east * east + north * north)
    forward = -(east * cos(yaw_enu_rad) + north * sin(yaw_enu_rad)) / norm
    left = (east * sin(yaw_enu_rad) - north * cos(yaw_enu_rad)) / norm
    return -asin(left), -atan2(forward, 1.0 / norm)


def _node(properties: Any, name: str) -> Any:
    """Return a property's node, which reads and writes faster than its name."""
    return properties.get_node(name)


@cache
def _silence() -> None:
    """Keep JSBSim from printing its banner and its model summary."""
    library: Any = jsbsim  # its stubs are behind the library
    library.FGJSBBase().debug_lvl = 0
    library.get_logger().set_min_level(library.LogLevel.ERROR)


def yaw_of_heading(heading_deg: float) -> float:
    """Return the ENU yaw of a compass heading."""
    return pi / 2.0 - radians(heading_deg)
