"""The airframe: components built from a vehicle profile, around the rigid body, on the terrain."""

from __future__ import annotations

from math import cos, pi, radians, sin, sqrt

import numpy as np

from lenger_core import geoid
from lenger_core.atmosphere import GRAVITY_M_S2, density_kg_m3
from lenger_core.errors import InputError
from lenger_core.terrain import Terrain
from lenger_core.vehicles import VehicleProfile
from lenger_sim import dynamics
from lenger_sim.layout import AIRFRAME, AIRFRAME_PARAMS, GROUND, TRUTH, Array, Record, record
from lenger_sim.rigid_body import RAW_SIZE, RigidBody, yaw_of_heading
from lenger_sim.settings import VehicleSettings

STEP_NS = 4_000_000
STEP_S = STEP_NS * 1e-9
THRUST_COEFFICIENT = 0.0135
"""Static, of thrust / (density area tip speed squared); typical of 10 x 4.5 inch propellers."""
INDUCED_FACTOR = 1.2
DRIVE_EFFICIENCY = 0.85
CELL_NOMINAL_V = 3.7
CELL_FULL_V = 4.2
GROUND_HIGH_STEPS, GROUND_LOW_STEPS = 25, 10
_EARTH_A, _EARTH_E2 = 6378137.0, 6.69437999014e-3


def radii_m(lat_rad: float) -> tuple[float, float]:
    """Return metres per radian of latitude and of longitude on the WGS84 ellipsoid at a latitude."""
    s = 1.0 - _EARTH_E2 * sin(lat_rad) ** 2
    return _EARTH_A * (1.0 - _EARTH_E2) / s**1.5, _EARTH_A / sqrt(s) * cos(lat_rad)


class Airframe:
    """Body, rotors, battery, air and landing gear, stepped at 250 Hz.

    A body at rest on the ground with stopped rotors is parked: it is held exactly in place and costs next to nothing.

    Raises:
        InputError: home lies outside the terrain, or the body's definition does not fit the profile.
    """

    def __init__(
        self, settings: VehicleSettings, profile: VehicleProfile, terrain: Terrain, rng: np.random.Generator
    ) -> None:
        self._terrain = terrain
        self._rng = rng
        self._noise = np.empty((0, dynamics.NOISES))
        self._noise_row = 0
        self._steps_to_ground = 0
        self.truth = record(TRUTH)
        self.params = airframe_params(settings, profile)
        self.state = record(AIRFRAME)
        self._state = self.state[0]
        self._wrench: Array = self._state["wrench"]
        self._ground = record(GROUND)
        self._raw: Array = np.zeros(RAW_SIZE)
        self._undulation_m = geoid.undulation_m(settings.home_lat_deg, settings.home_lon_deg)
        height = terrain.height_amsl_m(settings.home_lat_deg, settings.home_lon_deg)
        feet = float(self.params["foot_m"][0][2])
        self.body = RigidBody(
            profile,
            settings.home_lat_deg,
            settings.home_lon_deg,
            height + feet + self._undulation_m,
            yaw_of_heading(settings.home_heading_deg),
            STEP_S,
        )
        self._start(settings)

    def _start(self, settings: VehicleSettings) -> None:
        state, params = self.state[0], self.params[0]
        state["used_c"] = (1.0 - settings.battery_start) * params["charge_c"]
        state["voltage_v"] = params["cells"] * dynamics.open_circuit_v(settings.battery_start)
        state["used_j"] = 0.0
        self._read()
        self._sense_ground()
        state["contact"] = 1
        self.truth["specific_force"][0] = (0.0, 0.0, GRAVITY_M_S2)
        self.parked = True

    def step(self, motors: Array) -> None:
        """Advance 4 ms under motor commands, shape (4,), 0 to 1."""
        if self._noise_row >= len(self._noise):
            self._noise = self._rng.standard_normal((1000, dynamics.NOISES))
            self._noise_row = 0
        noise = self._noise[self._noise_row]
        self._noise_row += 1
        self._steps_to_ground -= 1
        if self._steps_to_ground <= 0:
            self._sense_ground()
        dynamics.airframe_step(self.truth, self.state, self.params, self._ground, motors, noise)
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

    def _sense_ground(self) -> None:
        """Lay a plane through the terrain around the vehicle."""
        truth, ground = self.truth[0], self._ground[0]
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
    """Return the component constants of a profile on a day.

    The full rotor speed gives the profile's static thrust at sea level; the blades' profile power brings rotor and
    drive to its figure of merit in hover; charge is its energy at the nominal voltage.
    """
    params = record(AIRFRAME_PARAMS)
    p = params[0]
    area = pi * profile.rotor_radius_m**2
    weight = profile.mass_kg * GRAVITY_M_S2
    thrust = profile.thrust_to_weight * weight / profile.rotors
    density = density_kg_m3(0.0)
    tip = sqrt(thrust / (THRUST_COEFFICIENT * density * area))
    ideal = THRUST_COEFFICIENT**1.5 / sqrt(2.0)
    p["mass_kg"], p["dt_s"] = profile.mass_kg, STEP_S
    p["arm_m"], p["rotor_radius_m"] = profile.arm_length_m, profile.rotor_radius_m
    p["thrust_coefficient"], p["inflow_slope"] = THRUST_COEFFICIENT, 0.114
    p["induced_factor"] = INDUCED_FACTOR
    p["profile_power"] = ideal * max(DRIVE_EFFICIENCY / profile.figure_of_merit - INDUCED_FACTOR, 0.02)
    p["rotor_max_rad_s"] = tip / profile.rotor_radius_m
    p["motor_lag_s"], p["inflow_lag_s"] = 0.035, 0.05
    p["drive_efficiency"], p["avionics_w"] = DRIVE_EFFICIENCY, 6.0
    p["drag_area_m2"], p["rotor_drag"], p["rate_damping"] = profile.drag_area_m2, 0.006, 0.01
    p["cells"] = profile.battery_cells
    p["charge_c"] = profile.battery_wh / (CELL_NOMINAL_V * profile.battery_cells) * 3600.0
    p["resistance_ohm"] = 0.005 * profile.battery_cells
    p["full_voltage_v"] = CELL_FULL_V * profile.battery_cells
    _set_day(p, settings)
    p["foot_m"] = (0.13, 0.13, 0.14)
    p["foot_stiffness"] = weight / 4.0 / 0.01
    p["foot_damping"] = 0.7 * 2.0 * sqrt(p["foot_stiffness"] * 4.0 * profile.mass_kg) / 4.0
    p["friction"], p["crash_speed_m_s"] = 0.7, 3.5
    return params


def _set_day(p: np.void, settings: VehicleSettings) -> None:
    p["isa_offset_k"] = settings.isa_offset_k
    towards = radians(settings.wind_from_deg + 180.0)
    p["wind_to"] = (sin(towards), cos(towards))
    p["wind_10m_m_s"], p["turbulence"] = settings.wind_m_s, settings.turbulence
    p["roughness_m"] = 0.05
