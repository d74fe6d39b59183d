"""Rangefinder, optical flow and battery sensor against geometry and against what they stand for."""

from __future__ import annotations

from collections.abc import Callable
from math import cos, radians, sin
from typing import Any

import numpy as np
import pytest

from lenger_core.terrain import Terrain
from lenger_core.vehicles import VehicleProfile
from lenger_sim.airframe import Airframe, radii_m
from lenger_sim.battery import battery_step
from lenger_sim.power import PERIOD_S, BatterySensor
from lenger_sim.rangers import RANGE_MAX_M
from lenger_sim.sensors import Sensors
from lenger_sim.settings import VehicleSettings

STEP = 4_000_000


class Held:
    """A body that is held at a height over flat ground in any attitude and motion."""

    def __init__(self, profile: VehicleProfile, terrain: Terrain, height_m: float, daylight: float = 1.0) -> None:
        settings = VehicleSettings(daylight=daylight)
        rng = np.random.default_rng(3)
        self.frame = Airframe(settings, profile, terrain, 3)
        truth, ground = self.frame.truth, self.frame.ground
        ground["slope_e"] = ground["slope_n"] = 0.0
        truth["alt_amsl_m"] = ground["height_m"] + height_m
        self.tilt(0.0, 0.0)
        self.sensors = Sensors(settings, truth, rng, radii_m(float(truth["lat_rad"][0])), ground)
        self.now_ns = 0

    def tilt(self, roll: float, pitch: float) -> None:
        cr, sr, cp, sp = cos(roll / 2.0), sin(roll / 2.0), cos(pitch / 2.0), sin(pitch / 2.0)
        self.frame.truth["quat"][0] = (cr * cp, sr * cp, cr * sp, -sr * sp)

    def samples(self, seconds: float, *fields: str) -> np.ndarray[Any, Any]:
        """Return what was delivered, one row a delivery."""
        state, rows, count = self.sensors.state[0], [], -1
        for _ in range(round(seconds * 250)):
            self.now_ns += STEP
            self.sensors.step(self.now_ns, 0.0)
            if int(state["ranger_count"]) != count and int(state["ranger_count"]) > 1:
                rows.append(np.hstack([state[field] for field in fields]).astype(float))
            count = int(state["ranger_count"])
        return np.array(rows)


@pytest.fixture
def held(profile: VehicleProfile, terrain: Terrain) -> Callable[..., Held]:
    return lambda height_m, **fields: Held(profile, terrain, height_m, **fields)


@pytest.mark.parametrize(("roll_deg", "pitch_deg"), [(0.0, 0.0), (25.0, 0.0), (-10.0, 30.0)])
def test_range_is_along_the_bodys_down_axis(held: Callable[..., Held], roll_deg: float, pitch_deg: float) -> None:
    body = held(20.0)
    body.tilt(radians(roll_deg), radians(pitch_deg))
    rows = body.samples(10.0, "range_m", "range_ok")
    assert len(rows) == pytest.approx(250, abs=2)
    echoes = rows[rows[:, 1] == 1.0, 0]
    expected = 20.0 / (cos(radians(roll_deg)) * cos(radians(pitch_deg)))
    assert echoes.mean() == pytest.approx(expected, abs=0.05)
    assert echoes.std() == pytest.approx(0.02 + 0.005 * expected, rel=0.25)
    assert 0.97 < len(echoes) / len(rows) <= 1.0


def test_range_on_a_slope(held: Callable[..., Held]) -> None:
    body = held(20.0)
    body.tilt(0.0, radians(20.0))  # the nose is down and points east, so the beam leans to the west
    body.frame.ground["slope_e"] = 0.2
    rows = body.samples(4.0, "range_m", "range_ok")
    # along the beam down (-sin, -cos): 20 - r cos = -0.2 r sin
    expected = 20.0 / (cos(radians(20.0)) - 0.2 * sin(radians(20.0)))
    assert rows[rows[:, 1] == 1.0, 0].mean() == pytest.approx(expected, abs=0.06)


@pytest.mark.parametrize(("height_m", "roll_deg"), [(RANGE_MAX_M + 2.0, 0.0), (0.05, 0.0), (10.0, 75.0), (10.0, 180.0)])
def test_no_echo_beyond_the_range_and_past_the_horizon(
    held: Callable[..., Held], height_m: float, roll_deg: float
) -> None:
    body = held(height_m)
    body.tilt(radians(roll_deg), 0.0)
    assert not body.samples(2.0, "range_ok").any()


def test_samples_come_one_period_late(held: Callable[..., Held]) -> None:
    body = held(10.0)
    state = body.sensors.state[0]
    for _ in range(250):
        before = int(state["ranger_count"])
        body.now_ns += STEP
        body.sensors.step(body.now_ns, 0.0)
        if int(state["ranger_count"]) > max(before, 1):
            assert body.now_ns * 1e-9 - float(state["range_t_s"]) == pytest.approx(0.04)
            assert float(state["flow_t_s"]) == float(state["range_t_s"])


def test_flow_without_turning_is_speed_over_range(held: Callable[..., Held]) -> None:
    body = held(8.0)
    body.frame.truth["vel"][0] = (3.0, -1.0, 0.0)  # the nose points east: 3 forward, 1 to the right
    rows = body.samples(8.0, "flow_rad", "flow_dt_s", "flow_gyro_rad")
    rate = rows[:, :2].mean(axis=0) / rows[0, 2]
    assert rate == pytest.approx((-1.0 / 8.0, -3.0 / 8.0), abs=0.01)
    assert np.abs(rows[:, 3:].mean(axis=0) / rows[0, 2]).max() < 0.02  # the gyro's bias


def test_flow_of_pure_turning_is_the_gyros(held: Callable[..., Held]) -> None:
    body = held(8.0)
    body.frame.truth["rate"][0] = (0.4, -0.3, 0.2)
    rows = body.samples(8.0, "flow_rad", "flow_gyro_rad", "flow_dt_s")
    turned = rows.mean(axis=0)
    assert turned[:2] / turned[5] == pytest.approx((0.4, -0.3), abs=0.01)
    assert turned[2:5] / turned[5] == pytest.approx((0.4, -0.3, 0.2), abs=0.02)


def test_flow_quality_falls_with_height_speed_and_darkness(held: Callable[..., Held]) -> None:
    def quality(height_m: float, speed_m_s: float = 0.0, daylight: float = 1.0) -> float:
        body = held(height_m, daylight=daylight)
        body.frame.truth["vel"][0] = (speed_m_s, 0.0, 0.0)
        return float(body.samples(1.0, "flow_quality").mean())

    assert quality(5.0) > 235.0
    assert 60.0 < quality(40.0) < 150.0
    assert quality(80.0) == 0.0
    assert quality(1.0, 12.0) == 0.0
    assert 40.0 < quality(5.0, daylight=0.1) < 120.0
    assert quality(5.0, daylight=0.0) == 0.0


def drained(profile: VehicleProfile, terrain: Terrain, deg_c: float, watts: float, seconds: float) -> tuple[Any, Any]:
    settings = VehicleSettings(battery_deg_c=deg_c, isa_offset_k=deg_c - 10.0)
    frame = Airframe(settings, profile, terrain, 2)
    sensor = BatterySensor(profile, np.random.default_rng(5))
    a, p = frame.state.view(np.recarray)[0], frame.params.view(np.recarray)[0]
    sensor.step(frame.state)
    for n in range(round(seconds / 0.004)):
        battery_step(a, p, watts, deg_c + 273.15)
        if n % round(PERIOD_S / 0.004) == 0:
            sensor.step(frame.state)
    return a, sensor


def test_the_autopilot_counts_the_charge(profile: VehicleProfile, terrain: Terrain) -> None:
    a, sensor = drained(profile, terrain, 25.0, 220.0, 300.0)
    assert sensor.used_ah == pytest.approx(float(a.used_c) / 3600.0, rel=0.05)
    assert sensor.voltage_v == pytest.approx(float(a.voltage_v), abs=0.1)
    assert sensor.current_a == pytest.approx(float(a.current_a), rel=0.1)
    capacity_ah = profile.battery_wh / (3.7 * profile.battery_cells)
    assert sensor.remaining == pytest.approx(1.0 - float(a.used_c) / 3600.0 / capacity_ah, abs=0.06)


def test_in_the_cold_the_sagging_voltage_pulls_the_count_down(profile: VehicleProfile, terrain: Terrain) -> None:
    """The count alone would know nothing of the capacity that the cold takes."""
    capacity_ah = profile.battery_wh / (3.7 * profile.battery_cells)
    below_the_count = {}
    for deg_c in (25.0, -15.0):
        _, sensor = drained(profile, terrain, deg_c, 220.0, 120.0)
        below_the_count[deg_c] = 1.0 - sensor.used_ah / capacity_ah - sensor.remaining
    assert 0.0 <= below_the_count[25.0] < 0.03
    assert below_the_count[-15.0] > 0.08
