"""Faults on command: each acts as its row in docs/faults.md says, ends, stacks with others, and is refused in words."""

from __future__ import annotations

from collections.abc import Callable
from math import hypot, nan
from typing import Any

import numpy as np
import pytest

from lenger_core.geodesy import LocalFrame
from lenger_core.resources import home
from lenger_core.vehicles import VehicleProfile
from lenger_sim.fault_kinds import KINDS
from lenger_sim.gnss import LEAST_SATELLITES, reception

Make = Callable[..., Any]


@pytest.fixture
def flying(make_rig: Make) -> Any:
    """A rig that hovers in still air, and the frame of its true place."""
    rig = make_rig(2)
    rig.take_off(30.0)
    return rig


def inject(rig: Any, kind: str, magnitude: float, duration_s: float) -> None:
    assert rig.core.faults.inject(kind, magnitude, duration_s, rig.core.now_ns) is None


def true_place(rig: Any, start: Any) -> np.ndarray[Any, Any]:
    truth = rig.core.truth()
    frame = LocalFrame(start.lat_deg, start.lon_deg, start.alt_amsl_m)
    return np.array(frame.to_local(truth.lat_deg, truth.lon_deg, truth.alt_amsl_m))


def fixes(rig: Any, seconds: float) -> list[Any]:
    before = len(rig.of("GPS_RAW_INT"))
    rig.run(seconds)
    return list(rig.of("GPS_RAW_INT")[before:])


# ---------------------------------------------------------------- the list


def test_every_kind_has_an_effect_and_a_row_in_the_documentation(rig: Any) -> None:
    assert set(rig.core.faults.kinds) == set(KINDS)
    table = (home() / "docs" / "faults.md").read_text(encoding="utf-8")
    for kind, fault in KINDS.items():
        row = next(line for line in table.splitlines() if line.startswith(f"| `{kind}` "))
        assert f"| {fault.usual_s:g} s |" in row
        if fault.magnitude:
            assert f"{fault.least:g} to {fault.most:g}" in row


@pytest.mark.parametrize(
    ("kind", "magnitude", "words"),
    [
        ("gnss_jamming", 0.0, "1 to 60, got 0.0"),
        ("gnss_jamming", -20.0, "1 to 60, got -20.0"),
        ("gnss_spoof_step", 0.2, "1 to 5000 or the negative of that"),
        ("mag_bias", nan, "microtesla"),
        ("motor_efficiency_loss", 5.3, "motors are 1 to 4"),
        ("motor_efficiency_loss", 2.0, ".01 to .99"),
        ("imu_frozen_axis", 2.5, "whole number"),
        ("imu_frozen_axis", 7.0, "1 to 6"),
        ("link_loss", 1.2, "0.001 to 1"),
        ("gremlins", 1.0, "expected one of gnss_outage, gnss_jamming"),
    ],
)
def test_a_wrong_kind_or_magnitude_is_refused_with_what_would_be_right(
    rig: Any, kind: str, magnitude: float, words: str
) -> None:
    refusal = rig.core.faults.inject(kind, magnitude, 5.0, 0)
    assert words in refusal
    assert not rig.core.faults.active


def test_faults_overlap_and_each_ends_by_itself(rig: Any) -> None:
    rig.run(1.0)
    state, faults = rig.core._sensors.state[0], rig.core.faults
    inject(rig, "mag_bias", 10.0, 2.0)
    inject(rig, "mag_bias", 5.0, 1.0)
    inject(rig, "motor_efficiency_loss", 1.5, 1.5)
    inject(rig, "motor_efficiency_loss", 1.5, 0.5)
    losses = rig.core._airframe.state[0]["thrust_loss"]
    assert state["mag_fault_t"][0] == pytest.approx(15e-6)
    assert losses[0] == pytest.approx(0.75)
    rig.run(0.75)
    assert losses[0] == pytest.approx(0.5)
    rig.run(0.5)
    assert state["mag_fault_t"][0] == pytest.approx(10e-6)
    assert losses[0] == pytest.approx(0.5)
    rig.run(1.0)
    assert state["mag_fault_t"][0] == 0.0
    assert losses[0] == 0.0
    assert not faults.active


# ---------------------------------------------------------------- GNSS


def test_jamming_worsens_accuracy_then_takes_satellites_then_the_fix(rig: Any) -> None:
    rig.run(6.0)
    seen = {}
    for strength in (5.0, 12.0, 16.0, 30.0):
        inject(rig, "gnss_jamming", strength, 3.0)
        seen[strength] = fixes(rig, 2.9)[-1]
        rig.run(3.0)
    accuracy = [seen[s].h_acc for s in (5.0, 12.0, 16.0)]
    assert accuracy == sorted(accuracy)
    assert accuracy[0] < 1_500 < 4_000 < accuracy[2]
    satellites = [seen[s].satellites_visible for s in (5.0, 12.0, 16.0, 30.0)]
    assert satellites == sorted(satellites, reverse=True)
    assert satellites[2] >= LEAST_SATELLITES > satellites[3]
    assert [seen[s].fix_type for s in (5.0, 12.0, 16.0, 30.0)] == [3, 3, 3, 0]
    assert rig.last("GPS_RAW_INT").fix_type == 3  # comes back after a hot start


def test_what_a_jammed_receiver_claims_is_about_what_it_does(rig: Any) -> None:
    rig.run(6.0)
    truth = rig.core.truth()
    frame = LocalFrame(truth.lat_deg, truth.lon_deg, truth.alt_amsl_m)
    inject(rig, "gnss_jamming", 14.0, 60.0)
    errors = [frame.to_local(m.lat * 1e-7, m.lon * 1e-7, m.alt * 1e-3)[:2] for m in fixes(rig, 60.0)]
    claimed = rig.last("GPS_RAW_INT").h_acc * 1e-3
    assert 0.3 * claimed < np.sqrt(np.mean(np.sum(np.square(errors), axis=1))) < 1.6 * claimed
    assert reception(14.0)[1] > 2.5


def test_a_spoofed_jump_is_refused_and_then_followed(flying: Any) -> None:
    """PX4's rule: velocity still fits, so the position alone is refused for 14 s, then the filter is reset to it."""
    rig, start = flying, flying.core.truth()
    resets = int(rig.core._estimator.state["resets"][0])
    inject(rig, "gnss_spoof_step", 60.0, 40.0)
    rig.run(12.0)
    assert rig.core._estimator.gate.position_ratio > 1.0
    assert np.abs(true_place(rig, start)[:2]).max() < 3.0
    rig.run_until(lambda: int(rig.core._estimator.state["resets"][0]) > resets, 6.0)
    rig.run(15.0)
    assert true_place(rig, start)[0] == pytest.approx(-60.0, abs=8.0)  # it flies to where the lie says its place is
    assert not rig.core.truth().crashed


def test_a_slow_spoof_carries_the_aircraft_away_unnoticed(flying: Any) -> None:
    rig, start = flying, flying.core.truth()
    resets = int(rig.core._estimator.state["resets"][0])
    inject(rig, "gnss_spoof_ramp", 0.8, 60.0)
    rig.run(40.0)
    assert rig.core._estimator.gate.position_ratio < 1.0
    assert true_place(rig, start)[0] == pytest.approx(-0.8 * 40.0, abs=5.0)
    assert int(rig.core._estimator.state["resets"][0]) == resets


def test_a_consistent_spoof_leaves_smaller_innovations(make_rig: Make) -> None:
    ratios = {}
    for kind in ("gnss_spoof_ramp", "gnss_spoof_ramp_consistent"):
        rig = make_rig(2)
        rig.take_off(20.0)
        start = rig.core.truth()
        inject(rig, kind, 1.5, 60.0)
        rig.run(15.0)
        samples = []
        for _ in range(20):
            rig.run(0.5)
            samples.append(rig.core._estimator.gate.position_ratio)
        ratios[kind] = np.mean(samples)
        assert true_place(rig, start)[0] == pytest.approx(-1.5 * 25.0, abs=6.0)
    assert ratios["gnss_spoof_ramp_consistent"] < 0.5 * ratios["gnss_spoof_ramp"]


# ---------------------------------------------------------------- other sensors


def test_a_drifting_barometer_shifts_the_height_and_gnss_holds_it_back(flying: Any) -> None:
    rig, start = flying, flying.core.truth()
    inject(rig, "baro_drift", 0.3, 60.0)
    rig.run(30.0)
    sunk = -true_place(rig, start)[2]
    assert 0.5 < sunk < 0.5 * 0.3 * 30.0
    rig.run(90.0)
    assert abs(true_place(rig, start)[2]) < 3.0


def test_a_magnetic_bias_turns_the_nose_and_a_huge_one_is_refused(flying: Any) -> None:
    rig = flying
    heading = rig.last("GLOBAL_POSITION_INT").hdg * 0.01
    rig.core.faults.inject("mag_bias", 80.0, 20.0, rig.core.now_ns)
    rig.run(8.0)
    assert int(rig.core._estimator.state["yaw_refused"][0]) > 100
    assert abs((true_heading(rig) - heading + 180.0) % 360.0 - 180.0) < 8.0
    rig.run(15.0)
    assert int(rig.core._estimator.state["yaw_refused"][0]) == 0
    assert rig.mode == "AUTO.LOITER"


def test_a_small_magnetic_bias_is_followed(make_rig: Make) -> None:
    rig = make_rig(2, home_heading_deg=90.0)
    rig.take_off(20.0)
    before = true_heading(rig)
    inject(rig, "mag_bias", 8.0, 30.0)
    rig.run(15.0)
    # nose east, the horizontal field of 25 uT points north: 8 uT along the nose turns it by 18 degrees
    assert 10.0 < abs(true_heading(rig) - before) < 26.0
    assert not rig.core.truth().crashed


def true_heading(rig: Any) -> float:
    w, x, y, z = rig.core.truth().quat_wxyz
    return float(np.degrees(np.pi / 2.0 - np.arctan2(2.0 * (w * z + x * y), 1.0 - 2.0 * (y * y + z * z))) % 360.0)


@pytest.mark.parametrize("axis", [1, 6])
def test_a_frozen_axis_repeats_its_value(rig: Any, axis: int) -> None:
    rig.run(2.0)
    state = rig.core._sensors.state[0]
    values = {1: lambda: float(state["gyro"][0]), 6: lambda: float(state["accel"][2])}[axis]
    inject(rig, "imu_frozen_axis", float(axis), 1.0)
    frozen = values()
    rig.run(0.5)
    assert values() == frozen
    rig.run(1.0)
    assert values() != frozen


def test_a_frozen_roll_gyro_in_flight_is_fatal(flying: Any) -> None:
    """There is one IMU, as on the smallest autopilots: the rate loop flies on a number that never changes."""
    inject(flying, "imu_frozen_axis", 1.0, 20.0)
    flying.run_until(lambda: flying.core.truth().crashed, 20.0)


# ---------------------------------------------------------------- body, air, battery


def test_losing_a_fifth_of_a_motor_is_flown_out_and_losing_most_is_not(make_rig: Make) -> None:
    outcomes = {}
    for share in (0.20, 0.90):
        rig = make_rig(2)
        rig.take_off(20.0)
        start = rig.core.truth()
        inject(rig, "motor_efficiency_loss", 2.0 + share, 10.0)
        rig.run(1.5)
        motors = rig.core._control["motors"][0]
        if share < 0.5:
            assert motors[1] > motors[0] + 0.03  # it works harder
        rig.run(8.0)
        outcomes[share] = rig.core.truth().crashed
        if share < 0.5:
            assert hypot(*true_place(rig, start)[:2]) < 3.0
    assert outcomes == {0.20: False, 0.90: True}


def test_a_hexarotor_survives_what_breaks_a_quadrotor(make_rig: Make) -> None:
    rig = make_rig(2, vehicle="hexa_7kg")
    rig.take_off(20.0)
    inject(rig, "motor_efficiency_loss", 3.60, 10.0)
    rig.run(10.0)
    assert not rig.core.truth().crashed


def test_a_gust_blows_along_the_wind_and_is_over_in_time(make_rig: Make) -> None:
    rig = make_rig(2, wind_m_s=2.0, wind_from_deg=270.0, turbulence=0.0)
    rig.take_off(20.0)
    calm, start = rig.core.truth().wind_enu_m_s[0], rig.core.truth()
    inject(rig, "wind_gust", 10.0, 6.0)
    winds, places = [], []
    for _ in range(60):
        rig.run(0.1)
        winds.append(rig.core.truth().wind_enu_m_s[0] - calm)
        places.append(true_place(rig, start)[0])
    assert winds[29] == max(winds) == pytest.approx(10.0, abs=0.3)
    assert winds[-1] == pytest.approx(0.0, abs=0.3)
    assert 0.3 < max(places) < 8.0  # blown to the east, and back
    assert not rig.core.truth().crashed


def test_a_weak_cell_sags_the_battery_and_brings_the_failsafe_forward(make_rig: Make, profile: VehicleProfile) -> None:
    rig = make_rig(2, battery_start=0.6)
    rig.take_off(20.0)
    before = rig.last("BATTERY_STATUS")
    inject(rig, "battery_sag", 1.2, 60.0)
    rig.run(3.0)
    assert before.voltages[0] - rig.last("BATTERY_STATUS").voltages[0] == pytest.approx(1200, abs=250)
    rig.run(30.0)
    # drawn in half a minute: 2 to 3 %; the rest is what the voltage made the autopilot believe
    assert before.battery_remaining - rig.last("BATTERY_STATUS").battery_remaining > 8


# ---------------------------------------------------------------- links


def test_link_loss_and_delay_end_by_themselves(rig: Any) -> None:
    rig.run(6.0)
    usual = len(fixes(rig, 4.0))
    inject(rig, "link_loss", 0.5, 4.0)
    assert 0.2 * usual < len(fixes(rig, 4.0)) < 0.8 * usual
    rig.run(1.0)
    assert len(fixes(rig, 4.0)) == pytest.approx(usual, abs=2)
    inject(rig, "link_delay", 1.5, 4.0)
    assert len(fixes(rig, 1.0)) <= 2
    rig.run(6.0)
    assert len(fixes(rig, 4.0)) == pytest.approx(usual, abs=2)
