"""Sensor statistics against what they claim, and the estimator against the truth that it never sees."""

from __future__ import annotations

from collections.abc import Callable
from math import degrees, radians

import numpy as np
import pytest

from lenger_core.atmosphere import altitude_of_pressure_m
from lenger_core.geodesy import LocalFrame
from lenger_core.terrain import Terrain
from lenger_core.vehicles import VehicleProfile
from lenger_sim.airframe import Airframe, radii_m
from lenger_sim.dynamics import rotation
from lenger_sim.gnss import GNSS_LATENCY_NS, REPORTED_H_M, REPORTED_S_M_S, REPORTED_V_M, RawFix
from lenger_sim.magnetic import magnetic_field_enu_t
from lenger_sim.sensors import Sensors
from lenger_sim.settings import VehicleSettings

STEP = 4_000_000


def parked(profile: VehicleProfile, terrain: Terrain, seed: int = 5, **fields: float) -> tuple[Airframe, Sensors]:
    settings = VehicleSettings(**fields)  # type: ignore[arg-type]
    rng = np.random.default_rng(seed)
    frame = Airframe(settings, profile, terrain, seed)
    return frame, Sensors(settings, frame.truth, rng, radii_m(float(frame.truth["lat_rad"][0])), frame.ground)


def test_imu_noise_and_gravity(profile: VehicleProfile, terrain: Terrain) -> None:
    _, sensors = parked(profile, terrain)
    gyro, accel = np.empty((5000, 3)), np.empty((5000, 3))
    for n in range(5000):
        sensors.step(n * STEP, 0.0)
        gyro[n], accel[n] = sensors.state["gyro"][0], sensors.state["accel"][0]
    assert gyro.std(axis=0) == pytest.approx(np.full(3, 0.003), rel=0.1)
    assert accel.std(axis=0) == pytest.approx(np.full(3, 0.05), rel=0.1)
    assert np.abs(gyro.mean(axis=0)).max() < 0.02
    assert accel.mean(axis=0)[2] == pytest.approx(9.80665, abs=0.15)


def fixes_of(sensors: Sensors, seconds: float) -> list[tuple[int, RawFix]]:
    out = []
    for n in range(1, int(seconds * 250)):
        sensors.step(n * STEP, 0.0)
        fix = sensors.take_fix(n * STEP)
        if fix is not None:
            out.append((n * STEP, fix))
    return out


def test_gnss_rate_latency_and_errors(profile: VehicleProfile, terrain: Terrain) -> None:
    errors, speeds = [], []
    for seed in range(12):
        frame, sensors = parked(profile, terrain, seed)
        t = frame.truth[0]
        local = LocalFrame(degrees(t["lat_rad"]), degrees(t["lon_rad"]), float(t["alt_amsl_m"]))
        fixes = fixes_of(sensors, 20.0)
        assert len(fixes) == pytest.approx(20.0 * 8.0, abs=2)
        for arrived, fix in fixes:
            assert GNSS_LATENCY_NS <= arrived - fix.measured_ns < GNSS_LATENCY_NS + 2 * STEP
            errors.append(local.to_local(degrees(fix.lat_rad), degrees(fix.lon_rad), fix.alt_amsl_m))
            speeds.append(fix.velocity_enu_m_s)
            assert fix.alt_ellipsoid_m - fix.alt_amsl_m == pytest.approx(-40.8, abs=0.3)
    rms = np.sqrt(np.mean(np.square(errors), axis=0))
    # what it reports is a fair one-sigma bound of what it does
    assert 0.3 < rms[0] < REPORTED_H_M
    assert 0.3 < rms[1] < REPORTED_H_M
    assert 0.4 < rms[2] < REPORTED_V_M
    assert np.std(speeds, axis=0).max() < REPORTED_S_M_S


def test_magnetic_field_at_lenger() -> None:
    east, north, up = magnetic_field_enu_t(42.1819, 69.8878, 757.0)
    assert np.hypot(np.hypot(east, north), up) == pytest.approx(54_413e-9, abs=15e-9)
    assert degrees(np.arctan2(east, north)) == pytest.approx(5.95, abs=0.05)
    assert degrees(np.arctan2(-up, np.hypot(east, north))) == pytest.approx(62.70, abs=0.05)


def test_magnetometer_points_along_the_field(profile: VehicleProfile, terrain: Terrain) -> None:
    frame, sensors = parked(profile, terrain, home_heading_deg=90.0)
    samples = []
    for n in range(500):
        if sensors.step(n * STEP, 0.0):
            samples.append(sensors.state["mag"][0].copy())
    to_world = np.empty((3, 3))
    rotation(frame.truth["quat"][0], to_world)
    assert to_world[:, 0] == pytest.approx((1.0, 0.0, 0.0), abs=0.15)  # nose east, standing on a gentle slope
    field = magnetic_field_enu_t(42.1819, 69.8878, 757.0)
    assert to_world @ np.mean(samples, axis=0) == pytest.approx(field, abs=1.5e-6)


@pytest.mark.parametrize("offset_k", [-25.0, 0.0, 15.0])
def test_barometer_misreads_height_off_standard_temperature(
    profile: VehicleProfile, terrain: Terrain, offset_k: float
) -> None:
    frame, sensors = parked(profile, terrain, isa_offset_k=offset_k)
    low = np.mean([pressure_of(sensors, n) for n in range(500)])
    frame.truth["alt_amsl_m"] += 1000.0
    high = np.mean([pressure_of(sensors, n) for n in range(500)])
    climbed = altitude_of_pressure_m(float(high)) - altitude_of_pressure_m(float(low))
    assert climbed == pytest.approx(1000.0 * (1.0 - 0.0036 * offset_k), rel=0.01)  # about 4 % per 10 degrees


def pressure_of(sensors: Sensors, n: int) -> float:
    sensors.step(n * STEP, 0.0)
    return float(sensors.state["pressure_pa"][0])


@pytest.mark.parametrize("seed", [1, 2])
def test_estimate_stays_near_the_truth_in_flight(make_rig: Callable[..., object], seed: int) -> None:
    rig = make_rig(seed, wind_m_s=6.0, wind_from_deg=200.0)
    rig.take_off(25.0)  # type: ignore[attr-defined]
    core = rig.core  # type: ignore[attr-defined]
    origin = core.truth()
    local = LocalFrame(origin.lat_deg, origin.lon_deg, 0.0)
    errors, yaw_errors = [], []
    for n in range(8):
        angle = n * np.pi / 2.0
        rig.fly_offboard(6.0 * np.cos(angle), 6.0 * np.sin(angle), 0.3 * (-1) ** n, 5.0)  # type: ignore[attr-defined]
        truth, msg = core.truth(), rig.last("GLOBAL_POSITION_INT")  # type: ignore[attr-defined]
        a = local.to_local(msg.lat * 1e-7, msg.lon * 1e-7, msg.alt * 1e-3)
        b = local.to_local(truth.lat_deg, truth.lon_deg, truth.alt_amsl_m)
        errors.append([p - q for p, q in zip(a, b, strict=True)])
        speed = (msg.vy * 0.01, msg.vx * 0.01, -msg.vz * 0.01)
        assert speed == pytest.approx(truth.velocity_enu_m_s, abs=0.6)
        w, x, y, z = truth.quat_wxyz
        yaw = np.arctan2(2.0 * (w * z + x * y), 1.0 - 2.0 * (y * y + z * z))
        yaw_errors.append(np.sin(yaw - (np.pi / 2.0 - radians(msg.hdg * 0.01))))
    assert np.sqrt(np.mean(np.square(errors), axis=0)) == pytest.approx(np.zeros(3), abs=2.5)
    assert np.abs(yaw_errors).max() < radians(6.0)
