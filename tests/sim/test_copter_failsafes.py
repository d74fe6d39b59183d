"""Failsafes of the ArduCopter flavour: names, defaults and timings as measured."""

from __future__ import annotations

from typing import Any

import pytest

from lenger_mavlink.codec import MavCodec, mavlink

ACCEPTED, FAILED = 0, 4


def beat(rig: Any, system: int = 255) -> None:
    codec = MavCodec(system, 190)
    kind = mavlink.MAV_TYPE_GCS if system == 255 else mavlink.MAV_TYPE_ONBOARD_CONTROLLER
    rig.core.receive(codec.encode(mavlink.MAVLink_heartbeat_message(kind, 8, 0, 0, 4, 3)), rig.core.now_ns)


def test_the_ground_station_failsafe_is_off_by_default(copter: Any) -> None:
    assert copter.core.params["FS_GCS_ENABLE"] == 0
    copter.take_off(8.0)
    beat(copter)
    copter.run(12.0)
    assert copter.mode == "GUIDED"
    assert not any("GCS Failsafe" in text for text in copter.texts())


@pytest.mark.parametrize(("option", "mode"), [(1, "RTL"), (4, "SMART_RTL"), (5, "LAND"), (7, "BRAKE")])
def test_ground_station_loss(copter: Any, option: int, mode: str) -> None:
    copter.set_param("FS_GCS_ENABLE", option)
    copter.take_off(8.0)
    copter.run(1.0, lambda: beat(copter), 0.5)
    beat(copter)
    start = copter.now_s
    # another station and a companion do not count
    copter.run_until(lambda: copter.mode != "GUIDED", 8.0, lambda: (beat(copter, 1), beat(copter, 254)))
    assert copter.mode == mode
    assert copter.now_s - start == pytest.approx(5.2, abs=0.25)
    assert "GCS Failsafe" in copter.texts()
    assert copter.last("HEARTBEAT").system_status == mavlink.MAV_STATE_CRITICAL
    copter.run(3.0, lambda: beat(copter), 0.5)
    assert "GCS Failsafe Cleared" in copter.texts()
    assert copter.mode == mode  # it does not go back by itself


def test_the_ground_stations_system_id_is_a_parameter(copter: Any) -> None:
    copter.set_param("FS_GCS_ENABLE", 1)
    copter.set_param("MAV_GCS_SYSID", 1)
    copter.take_off(8.0)
    copter.run(8.0, lambda: beat(copter, 1), 0.5)
    assert copter.mode == "GUIDED"
    copter.run(7.0)
    assert copter.mode == "RTL"


def low_volt(rig: Any, name: str = "BATT_LOW_VOLT") -> None:
    rig.set_param(name, 30.0)


def test_low_battery_is_a_text_only_by_default(copter: Any) -> None:
    copter.take_off(8.0)
    low_volt(copter)
    copter.run(9.0)
    assert not any("Battery" in text for text in copter.texts())
    copter.run(2.0)
    assert any(text.startswith("Battery 1 is low ") for text in copter.texts())
    copter.run(3.0)
    assert copter.mode == "GUIDED"


@pytest.mark.parametrize(("name", "action", "mode"), [("LOW", 2, "RTL"), ("CRT", 1, "LAND")])
def test_battery_actions_come_10_s_after_the_step(copter: Any, name: str, action: int, mode: str) -> None:
    copter.set_param(f"BATT_FS_{name}_ACT", action)
    copter.take_off(12.0)
    low_volt(copter, f"BATT_{name}_VOLT")
    start = copter.now_s
    copter.run_until(lambda: copter.mode == mode, 15.0)
    assert copter.now_s - start == pytest.approx(10.0, abs=0.4)
    assert "Battery Failsafe" in copter.texts()


def test_charge_that_is_left_counts_at_once(copter: Any) -> None:
    copter.set_param("BATT_FS_LOW_ACT", 2)
    copter.take_off(8.0)
    copter.set_param("BATT_LOW_MAH", 90_000.0)
    copter.run_until(lambda: copter.mode == "RTL", 1.0)


@pytest.mark.parametrize(("option", "mode"), [(1, "RTL"), (7, "BRAKE"), (0, "GUIDED")])
def test_radio_loss(copter: Any, option: int, mode: str) -> None:
    copter.set_param("FS_THR_ENABLE", option)
    copter.take_off(8.0)
    copter.set_param("SIM_RC_FAIL", 1)
    start = copter.now_s
    copter.run_until(lambda: copter.mode == mode, 3.0)
    copter.run(1.0)
    assert copter.now_s - start < 2.6
    assert ("Radio Failsafe" in copter.texts()) == (option > 0)
    copter.set_param("SIM_RC_FAIL", 0)
    copter.run(1.0)
    assert ("Radio Failsafe Cleared" in copter.texts()) == (option > 0)
    assert copter.mode == mode


def test_radio_loss_within_a_second_and_no_arming_without_it(copter: Any) -> None:
    copter.take_off(8.0)
    copter.set_param("SIM_RC_FAIL", 2)  # throttle below FS_THR_VALUE
    copter.run(1.0)
    assert copter.mode == "RTL"
    copter.run_until(lambda: not copter.armed, 90.0)
    copter.set_mode("GUIDED")
    assert copter.arm() == FAILED
    copter.run(0.1)
    assert "Arm: Throttle below failsafe" in copter.texts()


def test_options_continue_in_auto_and_guided(copter: Any) -> None:
    copter.set_param("FS_OPTIONS", 16 | 4)
    copter.take_off(8.0)
    copter.set_param("SIM_RC_FAIL", 1)
    copter.run(2.0)
    assert copter.mode == "GUIDED"
    assert "Radio Failsafe - Continuing Guided Mode" in copter.texts()


@pytest.mark.parametrize(("action", "mode"), [(1, "LAND"), (2, "ALT_HOLD"), (0, "GUIDED")])
def test_gnss_loss_lands_in_8_s(copter: Any, action: int, mode: str) -> None:
    copter.set_param("FS_EKF_ACTION", action)
    copter.take_off(10.0)
    copter.core.faults.inject("gnss_outage", 0.0, 20.0, copter.core.now_ns)
    start = copter.now_s
    copter.run_until(lambda: "EKF variance" in copter.texts(), 12.0)
    assert copter.now_s - start == pytest.approx(8.2, abs=0.5)
    copter.run(1.0)
    assert copter.mode == mode
    assert any(text.startswith("EKF Failsafe") for text in copter.texts())
    copter.run_until(lambda: "EKF Failsafe Cleared" in copter.texts(), 20.0)
    assert copter.mode == mode


def test_a_short_outage_is_ridden_out(copter: Any) -> None:
    copter.take_off(10.0)
    copter.core.faults.inject("gnss_outage", 0.0, 4.0, copter.core.now_ns)
    copter.run(8.0)
    assert copter.mode == "GUIDED"


def test_a_blind_landing_waits_and_reaches_the_ground(copter: Any) -> None:
    copter.take_off(6.0)
    copter.core.faults.inject("gnss_outage", 0.0, 120.0, copter.core.now_ns)
    copter.run_until(lambda: copter.mode == "LAND", 12.0)
    copter.run(3.5)
    assert copter.agl_m > 4.5  # a failsafe's LAND waits for 4 s
    copter.run_until(lambda: not copter.armed, 40.0)
    assert not copter.core.truth().crashed


def test_a_crash_disarms_for_good(copter: Any) -> None:
    copter.take_off(8.0)
    copter.command(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 0, 21196)
    copter.run(5.0)
    assert copter.core.truth().crashed
    copter.set_mode("GUIDED")
    assert copter.arm() == FAILED
