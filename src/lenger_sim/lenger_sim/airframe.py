"""The airframe: components built from a vehicle profile, around the rigid body, on the terrain."""

from __future__ import annotations

from math import cos, degrees, pi, sin, sqrt

import numpy as np

from lenger_core import geoid
from lenger_core.atmosphere import GRAVITY_M_S2
from lenger_core.errors import InputError
from lenger_core.terrain import Terrain
from lenger_core.vehicles import VehicleProfile
from lenger_core.wind import TerrainWind
from lenger_core.wind_field import WindField
from lenger_sim import dynamics
from lenger_sim.battery import set_battery, start_battery
from lenger_sim.contact import set_gear
from lenger_sim.layout import AIRFRAME, AIRFRAME_PARAMS, GROUND, TRUTH, Array, Record, record
from lenger_sim.rigid_body import RAW_SIZE, RigidBody, yaw_of_heading
from lenger_sim.rotors import set_rotors
from lenger_sim.settings import VehicleSettings

STEP_NS = 4_000_000
STEP_S = STEP_NS * 1e-9
KELVIN = 273.15
TOUCH_M = 0.001
"""How deep the feet stand in the ground at the start, so that they touch it."""
GROUND_HIGH_STEPS, GROUND_LOW_STEPS = 25, 10
_EARTH_A, _EARTH_E2 = 6378137.0, 6.69437999014e-3


def radii_m(lat_rad: float) -> tuple[float, float]:
    """Return metres per radian of latitude and of longitude on the WGS84 ellipsoid at a latitude."""
    s = 1.0 - _EARTH_E2 * sin(lat_rad) ** 2
    return _EARTH_A * (1.0 - _EARTH_E2) / s**1.5, _EARTH_A / sqrt(s) * cos(lat_rad)


class Airframe:
    """Body, rotors, battery, air and landing gear, stepped at 250 Hz.

    A body at rest on the ground with stopped rotors is parked: it is held exactly in place and costs next to nothing.

    Args:
        settings: start and the day's air.
        profile: the airframe.
        terrain: the ground.
        seed: of the gusts.
        wind: the field to fly in; None: the settings' wind over the terrain.

    Raises:
        InputError: home lies outside the terrain, or the body's definition does not fit the profile.
    """

    def __init__(
        self,
        settings: VehicleSettings,
        profile: VehicleProfile,
        terrain: Terrain,
        seed: int,
        wind: WindField | None = None,
    ) -> None:
        self._terrain = terrain
        mean = TerrainWind(terrain, settings.wind_m_s, settings.wind_from_deg)
        self.wind = wind or WindField(mean, seed, settings.turbulence)
        self._air = self.wind.arrays()
        self._steps = 0
        self._steps_to_ground = 0
        self.truth = record(TRUTH)
        self.params = airframe_params(settings, profile)
        self.params[0]["wind_to"] = self.wind.mean.towards
        self.state = record(AIRFRAME)
        self._state = self.state[0]
        self._wrench: Array = self._state["wrench"]
        self.ground = record(GROUND)
        self._raw: Array = np.zeros(RAW_SIZE)
        self._undulation_m = geoid.undulation_m(settings.home_lat_deg, settings.home_lon_deg)
        self.body = RigidBody(
            profile,
            settings.home_lat_deg,
            settings.home_lon_deg,
            terrain.height_amsl_m(settings.home_lat_deg, settings.home_lon_deg) + self._undulation_m,
            yaw_of_heading(settings.home_heading_deg),
            STEP_S,
        )
        self._start(settings)

    def _start(self, settings: VehicleSettings) -> None:
        state = self.state[0]
        start_battery(state, self.params[0], settings.battery_start, settings.battery_deg_c + KELVIN)
        self._read()
        self._sense_ground()
        self._stand(settings)
        state["contact"] = 1
        self._hold_still()
        self.parked = True

    def _stand(self, settings: VehicleSettings) -> None:
        """Put the body on its feet on the slope."""
        ground = self.ground[0]
        slope = float(ground["slope_e"]), float(ground["slope_n"])
        up = float(self.params["foot_m"][0][2]) * sqrt(1.0 + slope[0] ** 2 + slope[1] ** 2)
        height = float(ground["height_m"]) + up - TOUCH_M + self._undulation_m
        yaw = yaw_of_heading(settings.home_heading_deg)
        self.body.place(settings.home_lat_deg, settings.home_lon_deg, height, yaw, slope)
        self._read()

    def step(self, motors: Array) -> None:
        """Advance 4 ms under motor commands, 0 to 1, shape (N,) with N at least the number of rotors."""
        self._steps_to_ground -= 1
        if self._steps_to_ground <= 0:
            self._sense_ground()
        t_s = self._steps * STEP_NS * 1e-9
        self._steps += 1
        if not dynamics.airframe_step(self.truth, self.state, self.params, self.ground, motors, t_s, *self._air):
            self._sense_wind()
            dynamics.airframe_step(self.truth, self.state, self.params, self.ground, motors, t_s, *self._air)
        self.parked = bool(self._state["still"])
        if self.parked:
            self._hold_still()
            return
        self.body.step(self._wrench)
        self._read()

    def spin(self) -> float:
        """Return the rotors' mean speed as a fraction of full."""
        return float(self._state["spin"])

    def _hold_still(self) -> None:
        truth = self.truth[0]
        truth["vel"] = 0.0
        truth["rate"] = 0.0
        m = np.empty((3, 3))
        dynamics.rotation(truth["quat"], m)
        truth["specific_force"] = m[2] * GRAVITY_M_S2

    def _read(self) -> None:
        self.body.read(self._raw)
        dynamics.unpack(self._raw, self._undulation_m, self.truth)

    def _sense_wind(self) -> None:
        """Have the field work out what the terrain here does to the wind."""
        self.wind.add(degrees(self.truth["lat_rad"][0]), degrees(self.truth["lon_rad"][0]))
        self._air = self.wind.arrays()

    def _sense_ground(self) -> None:
        """Lay a plane through the terrain around the vehicle."""
        truth, ground = self.truth[0], self.ground[0]
        lat, lon = float(truth["lat_rad"]), float(truth["lon_rad"])
        north_m, east_m = radii_m(lat)
        step = 20.0
        lat_deg, lon_deg = lat * 180.0 / pi, lon * 180.0 / pi
        dlat, dlon = step / north_m * 180.0 / pi, step / east_m * 180.0 / pi
        at = self._terrain.height_amsl_m
        try:
            height, north, east = at(lat_deg, lon_deg), at(lat_deg + dlat, lon_deg), at(lat_deg, lon_deg + dlon)
        except InputError:
            if ground["north_m"] == 0.0:  # at the start; in flight the last plane goes on beyond the terrain's edge
                raise
            self._steps_to_ground = GROUND_HIGH_STEPS
            return
        ground["lat_rad"], ground["lon_rad"], ground["height_m"] = lat, lon, height
        ground["slope_n"], ground["slope_e"] = (north - height) / step, (east - height) / step
        ground["north_m"], ground["east_m"] = north_m, east_m
        high = float(truth["alt_amsl_m"]) - height > 20.0
        self._steps_to_ground = GROUND_HIGH_STEPS if high else GROUND_LOW_STEPS


def airframe_params(settings: VehicleSettings, profile: VehicleProfile) -> Record:
    """Return the constants of a profile's components on a day.

    Raises:
        InputError: the components do not give the thrust that the profile promises.
    """
    params = record(AIRFRAME_PARAMS)
    p = params[0]
    p["mass_kg"], p["dt_s"] = profile.mass_kg, STEP_S
    set_rotors(p, profile)
    set_battery(p, profile.battery_pack, profile.battery_cells, profile.battery_wh)
    set_gear(p, profile)
    p["avionics_w"] = profile.avionics_w
    p["drag_area_m2"], p["rotor_drag"] = profile.drag_area_m2, 0.006
    p["rate_damping"] = 0.01 * (profile.rotor_radius_m / 0.127) ** 2
    p["isa_offset_k"] = settings.isa_offset_k
    return params
