"""The dynamics against independent physics: momentum theory, free fall, energy, drag, gust statistics, contact."""

from __future__ import annotations

from math import exp, pi, sqrt

import numpy as np
import pytest

from lenger_core.atmosphere import GRAVITY_M_S2, density_kg_m3
from lenger_core.errors import InputError
from lenger_core.terrain import Terrain
from lenger_core.vehicles import MAX_ROTORS, VehicleProfile, load_vehicle
from lenger_core.wind import TerrainWind
from lenger_core.wind_field import WindField
from lenger_sim.airframe import STEP_NS, STEP_S, Airframe, airframe_params
from lenger_sim.battery import resistance_factor
from lenger_sim.control import mixer
from lenger_sim.dynamics import rotation
from lenger_sim.gusts import air_pressure
from lenger_sim.layout import AIRFRAME, record
from lenger_sim.rotors import rotors_step
from lenger_sim.settings import VehicleSettings

AIRFRAMES = ("quad_2kg", "hexa_7kg")


def hover(
    profile: VehicleProfile, alt_amsl_m: float, settings: VehicleSettings | None = None
) -> tuple[float, float, float]:
    """Return motor command, thrust and battery power when the rotors carry the weight in still air at a height."""
    params = airframe_params(settings or VehicleSettings(), profile)
    state = record(AIRFRAME)
    a, p = state.view(np.recarray)[0], params.view(np.recarray)[0]
    a.voltage_v = p.full_voltage_v
    a.density = density_kg_m3(alt_amsl_m)
    weight = profile.mass_kg * GRAVITY_M_S2
    low, high = 0.0, 1.0
    for _ in range(40):
        command = 0.5 * (low + high)
        for _ in range(200):
            a.wrench[:] = 0.0
            a.voltage_v = p.full_voltage_v
            drive = rotors_step(np.zeros(3), a, p, np.full(MAX_ROTORS, command))
        low, high = (command, high) if a.thrust_n < weight else (low, command)
    return command, float(a.thrust_n), drive + float(p.avionics_w)


@pytest.mark.parametrize("name", AIRFRAMES)
@pytest.mark.parametrize("alt_amsl_m", [0.0, 2000.0, 3500.0])
def test_hover_power_against_momentum_theory(name: str, alt_amsl_m: float) -> None:
    profile = load_vehicle(name)
    weight, area = profile.mass_kg * GRAVITY_M_S2, profile.rotors * pi * profile.rotor_radius_m**2
    expected = weight**1.5 / (profile.figure_of_merit * sqrt(2.0 * density_kg_m3(alt_amsl_m) * area))
    command, thrust, power = hover(profile, alt_amsl_m)
    assert thrust == pytest.approx(weight, rel=0.01)
    assert power == pytest.approx(expected, rel=0.10)
    assert command < 0.95


@pytest.mark.parametrize("name", AIRFRAMES)
def test_static_thrust_is_the_profiles(name: str) -> None:
    profile = load_vehicle(name)
    params = airframe_params(VehicleSettings(), profile)
    state = record(AIRFRAME)
    a, p = state.view(np.recarray)[0], params.view(np.recarray)[0]
    a.density = density_kg_m3(0.0)
    for _ in range(500):
        a.wrench[:] = 0.0
        a.voltage_v = p.full_voltage_v
        rotors_step(np.zeros(3), a, p, np.ones(MAX_ROTORS))
    ratio = float(a.thrust_n) / (profile.mass_kg * GRAVITY_M_S2)
    assert ratio == pytest.approx(profile.thrust_to_weight, rel=0.03)


def test_the_mountain_airframe_has_thrust_to_spare_on_a_hot_day_at_3500_m() -> None:
    """At ISA + 20 and a battery that is down to 3.5 V a cell it still lifts 1.2 times its weight."""
    profile = load_vehicle("hexa_7kg")
    params = airframe_params(VehicleSettings(), profile)
    state = record(AIRFRAME)
    a, p = state.view(np.recarray)[0], params.view(np.recarray)[0]
    a.density = density_kg_m3(3500.0, 20.0)
    for _ in range(500):
        a.wrench[:] = 0.0
        a.voltage_v = 3.5 * p.cells
        rotors_step(np.zeros(3), a, p, np.ones(MAX_ROTORS))
    assert float(a.thrust_n) > 1.2 * profile.mass_kg * GRAVITY_M_S2


@pytest.mark.parametrize("name", AIRFRAMES)
@pytest.mark.parametrize("axis", [0, 1, 2])
def test_each_moment_that_the_mixer_asks_for_comes_alone(name: str, axis: int) -> None:
    """The mixer's thrusts put through the rotors' places and torques: one moment, no lift, no other moment."""
    profile = load_vehicle(name)
    wanted = np.zeros(4)
    wanted[axis] = 0.05
    thrusts = mixer(profile) @ wanted
    arms = [np.radians(rotor.angle_deg) for rotor in profile.rotor_layout]
    roll = sum(-np.sin(angle) * profile.arm_length_m * thrust for angle, thrust in zip(arms, thrusts, strict=True))
    pitch = sum(-np.cos(angle) * profile.arm_length_m * thrust for angle, thrust in zip(arms, thrusts, strict=True))
    signs = [-1.0 if rotor.spin == "ccw" else 1.0 for rotor in profile.rotor_layout]
    assert (roll, pitch) == pytest.approx((wanted[0], wanted[1]), abs=1e-9)
    assert np.dot(signs, thrusts) * (1.0 if axis == 2 else 0.0) >= 0.0
    assert abs(np.dot(signs, thrusts)) > 0.1 if axis == 2 else abs(np.dot(signs, thrusts)) < 1e-9
    assert thrusts.sum() == pytest.approx(0.0, abs=1e-9)


def test_a_promise_of_thrust_that_the_motors_cannot_keep_is_refused(profile: VehicleProfile) -> None:
    with pytest.raises(InputError, match=r"thrust_to_weight: got 3\.0, expected 2\.21"):
        airframe_params(VehicleSettings(), profile.model_copy(update={"thrust_to_weight": 3.0}))


def test_higher_needs_more_throttle(profile: VehicleProfile) -> None:
    commands = [hover(profile, alt)[0] for alt in (0.0, 2000.0, 3500.0)]
    assert commands == sorted(commands)


def airborne(profile: VehicleProfile, terrain: Terrain, height_m: float, **fields: float) -> Airframe:
    frame = Airframe(VehicleSettings(**fields), profile, terrain, 1)  # type: ignore[arg-type]
    truth = frame.truth[0]
    lat, lon = np.degrees(truth["lat_rad"]), np.degrees(truth["lon_rad"])
    frame.body.place(float(lat), float(lon), float(truth["alt_amsl_m"]) + height_m + frame._undulation_m, 0.0)
    frame._read()
    return frame


def test_free_fall_accelerates_with_gravity(profile: VehicleProfile, terrain: Terrain) -> None:
    frame = airborne(profile, terrain, 200.0)
    start = float(frame.truth["alt_amsl_m"][0])
    for _ in range(100):
        frame.step(np.zeros(4))
    fallen, time = start - float(frame.truth["alt_amsl_m"][0]), 100 * STEP_S
    local_gravity = 9.801  # at 42 degrees north, 760 m
    assert fallen == pytest.approx(0.5 * local_gravity * time**2, rel=0.02)
    assert -float(frame.truth["vel"][0][2]) == pytest.approx(local_gravity * time, rel=0.02)
    assert np.linalg.norm(frame.truth["specific_force"][0]) < 0.3


def test_terminal_speed_is_where_drag_is_the_weight(profile: VehicleProfile, terrain: Terrain) -> None:
    frame = airborne(profile, terrain, 1500.0)
    for _ in range(int(15.0 / STEP_S)):
        frame.step(np.zeros(4))
    air = float(frame.state["density"][0])
    expected = sqrt(2.0 * profile.mass_kg * GRAVITY_M_S2 / (air * profile.drag_area_m2))
    speed = -float(frame.truth["vel"][0][2])
    # short of it by tanh(g t / v): the fall has not lasted for ever
    assert speed == pytest.approx(expected * np.tanh(GRAVITY_M_S2 * 15.0 / expected), rel=0.05)


def test_energy_is_the_integral_of_power_and_the_battery_sags(profile: VehicleProfile, terrain: Terrain) -> None:
    frame = airborne(profile, terrain, 500.0)
    resting = float(frame.state["voltage_v"][0])
    joules = 0.0
    for _ in range(2500):
        frame.step(np.full(4, 0.7))
        joules += float(frame.state["power_w"][0]) * STEP_S
    assert float(frame.state["used_j"][0]) == pytest.approx(joules, rel=1e-9)
    volts, amps = float(frame.state["voltage_v"][0]), float(frame.state["current_a"][0])
    assert volts * amps == pytest.approx(float(frame.state["power_w"][0]), rel=1e-9)
    drop = amps * float(frame.params["resistance_ohm"][0]) * resistance_factor(0.95, float(frame.state["battery_k"][0]))
    assert 0.6 * drop < resting - volts < 1.3 * drop  # ohmic at once, polarisation after 10 s of 20; and some charge


def test_an_empty_battery_cannot_hover(profile: VehicleProfile, terrain: Terrain) -> None:
    frame = airborne(profile, terrain, 500.0)
    frame.state["used_c"] = frame.params["charge_c"] * 1.08
    for _ in range(2500):
        frame.step(np.full(4, 0.72))
    assert float(frame.truth["vel"][0][2]) < -3.0


def test_parked_body_does_not_move(profile: VehicleProfile, terrain: Terrain) -> None:
    frame = Airframe(VehicleSettings(wind_m_s=12.0), profile, terrain, 1)
    before = frame.truth.copy()
    for _ in range(2500):
        frame.step(np.zeros(4))
    assert frame.parked
    for name in ("lat_rad", "lon_rad", "alt_amsl_m"):
        assert frame.truth[name] == before[name]


@pytest.mark.parametrize("name", AIRFRAMES)
def test_hard_impact_is_a_crash_and_comes_to_rest(name: str, terrain: Terrain) -> None:
    frame = airborne(load_vehicle(name), terrain, 30.0)
    for _ in range(int(20.0 / STEP_S)):
        frame.step(np.zeros(4))
    assert frame.state["crashed"][0]
    assert frame.parked
    assert abs(float(frame.state["height_agl_m"][0])) < 0.6


@pytest.mark.parametrize("name", AIRFRAMES)
def test_gentle_drop_is_no_crash(name: str, terrain: Terrain) -> None:
    frame = airborne(load_vehicle(name), terrain, 0.3)
    for _ in range(int(4.0 / STEP_S)):
        frame.step(np.zeros(4))
    assert not frame.state["crashed"][0]
    assert frame.parked


@pytest.mark.parametrize(
    ("name", "seed"), [*(("quad_2kg", seed) for seed in range(6)), ("hexa_7kg", 1), ("hexa_7kg", 2)]
)
def test_any_tumble_into_the_ground_stays_finite_and_ends_at_rest(name: str, terrain: Terrain, seed: int) -> None:
    frame = airborne(load_vehicle(name), terrain, 40.0)
    motors = np.random.default_rng(seed).uniform(0.2, 1.0, MAX_ROTORS)
    for step in range(int(40.0 / STEP_S)):
        frame.step(motors if step < 2000 else np.zeros(MAX_ROTORS))
        assert np.isfinite(frame.truth["alt_amsl_m"][0])
        assert np.linalg.norm(frame.truth["vel"][0]) < 90.0
    assert frame.state["crashed"][0]
    assert frame.parked


@pytest.mark.parametrize("name", AIRFRAMES)
def test_on_a_hillside_it_stands_on_its_feet_and_stays(name: str, terrain: Terrain) -> None:
    """A slope of 25 degrees near Sairam: parked from the first step, leaning with the ground, no rotor in it."""
    place = {"home_lat_deg": 42.081, "home_lon_deg": 70.420, "home_heading_deg": 60.0}
    frame = Airframe(VehicleSettings(**place), load_vehicle(name), terrain, 1)  # type: ignore[arg-type]
    before = frame.truth.copy()
    for _ in range(500):
        frame.step(np.zeros(MAX_ROTORS))
        assert frame.parked
    assert frame.truth["alt_amsl_m"] == before["alt_amsl_m"]
    assert not frame.state["crashed"][0]
    east, north = float(frame.ground["slope_e"][0]), float(frame.ground["slope_n"][0])
    assert np.hypot(east, north) > 0.2
    up = np.empty((3, 3))
    rotation(frame.truth["quat"][0], up)
    assert up[:, 2] == pytest.approx(np.array((-east, -north, 1.0)) / np.sqrt(1.0 + east**2 + north**2), abs=1e-4)


def test_beyond_the_edge_of_the_terrain_the_ground_goes_on(profile: VehicleProfile, terrain: Terrain) -> None:
    frame = airborne(profile, terrain, 40.0)
    frame.truth["lat_rad"] = np.radians(50.0)
    frame._sense_ground()
    assert np.isfinite(frame.ground["height_m"][0])


def test_the_vehicle_flies_in_the_field(profile: VehicleProfile, terrain: Terrain) -> None:
    """At every step the wind is the field's at that place and time, bit for bit, also when another program asks."""
    frame = airborne(profile, terrain, 80.0, wind_m_s=9.0, wind_from_deg=240.0, turbulence=1.5)
    places, winds = [], []
    for n in range(3000):
        t = frame.truth[0]
        places.append((np.degrees(t["lat_rad"]), np.degrees(t["lon_rad"]), float(t["alt_amsl_m"]), n * STEP_NS))
        frame.step(np.full(4, 0.6))
        winds.append(frame.state["wind"][0].copy())
    other = WindField(TerrainWind(terrain, 9.0, 240.0), 1, 1.5)
    lat, lon, alt = (np.array([place[i] for place in places]) for i in range(3))
    np.testing.assert_array_equal(winds, other.series(lat, lon, alt, np.array([place[3] for place in places])))
    assert np.ptp(lat) > 1e-4 and np.ptp(winds, axis=0).min() > 0.5
    assert not np.array_equal(winds[5], WindField(TerrainWind(terrain, 9.0, 240.0), 2, 1.5).at(*places[5]))


def test_a_gust_of_a_fault_blows_along_the_mean_wind(profile: VehicleProfile, terrain: Terrain) -> None:
    frame = airborne(profile, terrain, 50.0, wind_m_s=6.0, wind_from_deg=300.0)
    t = frame.truth[0]
    calm = frame.wind.at(np.degrees(t["lat_rad"]), np.degrees(t["lon_rad"]), float(t["alt_amsl_m"]), 0)
    frame.state["gust_m_s"] = 5.0
    frame.step(np.zeros(4))
    added = frame.state["wind"][0] - calm
    assert added == pytest.approx((5.0 * np.sqrt(3.0) / 2.0, -2.5, 0.0))


def test_cold_day_air(profile: VehicleProfile) -> None:
    """The pressure at a height against a numerical integration of the hydrostatic equation 25 K below standard."""
    pressure, step = 101325.0, 1.0
    for n in range(2000):
        temperature = 288.15 - 25.0 - 0.0065 * (n + 0.5) * step
        pressure *= exp(-GRAVITY_M_S2 * step / (287.05287 * temperature))
    assert air_pressure(2000.0, -25.0) == pytest.approx(pressure, rel=1e-5)
