"""Boot, arming and modes of the ArduCopter flavour, over MAVLink bytes, as measured on 4.7.0."""

from __future__ import annotations

from math import nan
from typing import Any

import pytest

from lenger_mavlink.codec import mavlink

from .copter_rig import NUMBERS

ACCEPTED, DENIED, UNSUPPORTED, FAILED = 0, 2, 3, 4
PREARM, POS_ABS = mavlink.MAV_SYS_STATUS_PREARM_CHECK, mavlink.EKF_POS_HORIZ_ABS


def test_nothing_is_streamed_but_the_heartbeat_until_it_is_asked_for(copter: Any) -> None:
    copter.run(5.0)
    kinds = {msg.get_type() for msg in copter.heard}
    assert kinds <= {"HEARTBEAT", "STATUSTEXT"}
    assert len(copter.of("HEARTBEAT")) == pytest.approx(6, abs=1)
    assert copter.stream(mavlink.MAVLINK_MSG_ID_ATTITUDE, 20.0) == ACCEPTED
    copter.run(5.0)
    assert len(copter.of("ATTITUDE")) == pytest.approx(100, abs=3)


def test_unknown_message_ids_are_denied(copter: Any) -> None:
    assert copter.stream(60_000, 5.0) == DENIED
    assert copter.stream(mavlink.MAVLINK_MSG_ID_ODOMETRY, 5.0) == DENIED  # a message of PX4's


def test_the_prearm_bit_is_healthy_before_there_is_a_position_and_armable_after_42_s(copter: Any) -> None:
    copter.stream(mavlink.MAVLINK_MSG_ID_SYS_STATUS, 2.0)
    copter.stream(mavlink.MAVLINK_MSG_ID_EKF_STATUS_REPORT, 5.0)
    copter.run(22.0)
    assert copter.last("SYS_STATUS").onboard_control_sensors_health & PREARM
    assert not copter.last("EKF_STATUS_REPORT").flags & POS_ABS
    assert copter.set_mode("GUIDED") == ACCEPTED  # disarmed, any mode goes
    assert copter.arm() == FAILED
    copter.run(0.1)
    assert "Arm: Need Position Estimate" in copter.texts()
    copter.run_until(lambda: bool(copter.last("EKF_STATUS_REPORT").flags & POS_ABS), 40.0)
    assert copter.now_s == pytest.approx(42.0, abs=1.0)
    assert copter.arm() == ACCEPTED
    copter.run(0.1)
    assert copter.armed


def test_what_stands_against_arming_is_told_every_30_s(copter: Any) -> None:
    copter.set_mode("GUIDED")
    copter.run(36.0)
    prearm = [t for t in copter.texts() if t.startswith("PreArm: ")]
    assert prearm == ["PreArm: AHRS: waiting for home"]
    copter.core.autopilot.params.put("FENCE_ENABLE", 1)
    copter.core.autopilot.params.put("FENCE_TYPE", 4)
    copter.run(30.0)
    prearm = [t for t in copter.texts() if t.startswith("PreArm: ")]
    assert prearm[1:] == ["PreArm: Fences enabled, but none selected"]


@pytest.mark.parametrize(("mode", "title"), [("RTL", "RTL"), ("LAND", "LAND"), ("BRAKE", "BRAKE"), ("AUTO", "AUTO")])
def test_modes_that_cannot_be_armed_in(copter: Any, mode: str, title: str) -> None:
    copter.get_ready()
    copter.upload([(16, 3, (0.0,) * 4, *copter.place(0, 0), 10.0)] * 2)
    assert copter.set_mode(mode) == ACCEPTED
    assert copter.arm() == FAILED
    copter.run(0.1)
    assert f"Arm: {title} mode not armable" in copter.texts()


def test_auto_is_armed_in_only_when_auto_options_says_so(copter: Any) -> None:
    copter.get_ready()
    copter.upload([(16, 3, (0.0,) * 4, *copter.place(0, 0), 10.0), (22, 3, (0.0,) * 4, 0, 0, 10.0)])
    copter.set_mode("AUTO")
    copter.set_param("AUTO_OPTIONS", 1)
    assert copter.arm() == ACCEPTED


def test_do_set_mode_needs_the_custom_flag(copter: Any) -> None:
    assert copter.command(mavlink.MAV_CMD_DO_SET_MODE, 0, NUMBERS["GUIDED"]) == DENIED
    assert copter.command(mavlink.MAV_CMD_DO_SET_MODE, 1, NUMBERS["GUIDED"]) == ACCEPTED
    assert copter.command(mavlink.MAV_CMD_DO_SET_MODE, 1, 8) == FAILED  # no such mode
    assert copter.command(mavlink.MAV_CMD_DO_SET_MODE, nan, nan) == DENIED


def test_set_mode_message_has_no_answer(copter: Any) -> None:
    copter.send(mavlink.MAVLink_set_mode_message(1, 1, NUMBERS["LOITER"]))
    copter.run(0.1)
    assert copter.mode == "LOITER"
    assert copter.of("COMMAND_ACK") == []


@pytest.mark.parametrize(
    "mode", ["STABILIZE", "ALT_HOLD", "AUTO", "GUIDED", "LOITER", "RTL", "LAND", "BRAKE", "SMART_RTL"]
)
def test_mode_numbers_on_the_wire(copter: Any, mode: str) -> None:
    assert copter.set_mode(mode) == ACCEPTED
    assert copter.last("HEARTBEAT").custom_mode == NUMBERS[mode]


def test_in_the_air_a_mode_without_its_needs_is_refused_with_a_text(copter: Any) -> None:
    copter.take_off(8.0)
    assert copter.set_mode("AUTO") == FAILED
    assert "Mode change to AUTO failed: init failed" in copter.texts()
    copter.core.faults.inject("gnss_outage", 0.0, 60.0, copter.core.now_ns)
    copter.run_until(lambda: copter.mode == "LAND", 12.0)
    assert copter.set_mode("LOITER") == FAILED
    assert "Mode change to LOITER failed: requires position" in copter.texts()


def test_take_off_wants_guided_armed_and_a_height_above_home(copter: Any) -> None:
    copter.get_ready()
    takeoff = (mavlink.MAV_CMD_NAV_TAKEOFF, 0, 0, 0, 0, 0, 0, 10.0)
    assert copter.command(*takeoff) == FAILED
    copter.set_mode("GUIDED")
    assert copter.command(*takeoff) == FAILED
    copter.arm()
    assert copter.command(mavlink.MAV_CMD_NAV_TAKEOFF, 0, 0, 0, 0, 0, 0, -1.0) == FAILED
    assert copter.command_int(mavlink.MAV_CMD_NAV_TAKEOFF, 0, (0, 0, 0, 0), 0, 0, 800.0) == DENIED  # AMSL
    assert copter.command(*takeoff) == ACCEPTED
    lift_off = copter.run_until(lambda: copter.agl_m > 0.3, 10.0)
    assert lift_off == pytest.approx(4.0, abs=0.7)  # idle for 2 s after arming, then the thrust rises slowly
    copter.run_until(lambda: copter.agl_m > 9.0, 20.0)
    copter.run(5.0)
    assert copter.pilot.height_above_home_m() == pytest.approx(10.0, abs=0.6)
    assert copter.command(*takeoff) == FAILED  # already in the air


def test_a_setpoint_right_after_the_take_off_command_keeps_it_on_the_ground(copter: Any) -> None:
    copter.get_ready()
    copter.set_mode("GUIDED")
    copter.arm()
    copter.command(mavlink.MAV_CMD_NAV_TAKEOFF, 0, 0, 0, 0, 0, 0, 10.0)
    copter.run(6.0, lambda: copter.fly_velocity(0.0, 0.0, 2.0))
    assert copter.agl_m < 0.2


def test_disarms_by_itself_after_10_s_on_the_ground(copter: Any) -> None:
    copter.get_ready()
    copter.set_mode("GUIDED")
    copter.arm()
    copter.run(9.5)
    assert copter.armed
    copter.run(1.0)
    assert not copter.armed
    copter.set_param("DISARM_DELAY", 0)
    copter.arm()
    copter.run(15.0)
    assert copter.armed


def test_disarming_in_the_air_takes_force(copter: Any) -> None:
    copter.take_off(5.0)
    assert copter.command(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 0) == FAILED
    assert copter.command(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 2) == UNSUPPORTED
    assert copter.command(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 0, 21196) == ACCEPTED
    copter.run(6.0)
    assert not copter.armed
    assert copter.core.truth().crashed


def test_base_mode_and_system_status(copter: Any) -> None:
    copter.run(2.0)
    beat = copter.last("HEARTBEAT")
    assert (beat.type, beat.autopilot) == (mavlink.MAV_TYPE_QUADROTOR, mavlink.MAV_AUTOPILOT_ARDUPILOTMEGA)
    assert beat.base_mode == 81  # custom, stabilize, manual input
    assert beat.system_status == mavlink.MAV_STATE_STANDBY
    copter.set_mode("GUIDED")
    assert copter.last("HEARTBEAT").base_mode == 89  # the position controller runs, also on the ground
    copter.take_off(5.0)
    copter.run(1.0)
    beat = copter.last("HEARTBEAT")
    assert beat.base_mode == 81 | mavlink.MAV_MODE_FLAG_SAFETY_ARMED | mavlink.MAV_MODE_FLAG_GUIDED_ENABLED
    assert beat.system_status == mavlink.MAV_STATE_ACTIVE


def test_home_is_the_place_of_arming_unless_it_was_set(copter: Any) -> None:
    copter.get_ready()
    lat, lon = copter.place(3.0, 4.0)
    assert copter.command_int(mavlink.MAV_CMD_DO_SET_HOME, 0, (0, 0, 0, 0), lat, lon, 760.0) == ACCEPTED
    copter.run(0.1)
    assert (copter.last("HOME_POSITION").latitude, copter.last("HOME_POSITION").altitude) == (lat, 760_000)
    copter.set_mode("GUIDED")
    copter.arm()
    copter.run(0.1)
    assert copter.last("HOME_POSITION").latitude == lat  # locked
    copter.command(mavlink.MAV_CMD_COMPONENT_ARM_DISARM, 0)
    assert copter.command(mavlink.MAV_CMD_DO_SET_HOME, 1) == ACCEPTED
    copter.run(0.1)
    assert abs(copter.last("HOME_POSITION").latitude - lat) > 100


def test_the_profiles_failsafe_values_are_there_when_the_vehicle_is_prepared(make_copter: Any) -> None:
    rig = make_copter(prepared=True)
    expected = rig.core.params
    assert (expected["FENCE_ENABLE"], expected["FENCE_ACTION"], expected["RTL_ALT_M"]) == (1, 4, 60.0)
    rig.get_ready()
    rig.set_mode("GUIDED")
    assert rig.arm() == FAILED  # the fence is asked for, and there is none
    assert rig.fence_square(100.0) == 0
    rig.run(1.0)
    assert rig.arm() == ACCEPTED


def test_run_prearm_checks(copter: Any) -> None:
    copter.set_mode("GUIDED")
    copter.run(22.0)
    assert copter.command(mavlink.MAV_CMD_RUN_PREARM_CHECKS) == ACCEPTED
    copter.run(0.1)
    assert copter.texts()[-1] == "PreArm: Need Position Estimate"
    copter.set_mode("AUTO")
    copter.command(mavlink.MAV_CMD_RUN_PREARM_CHECKS)
    copter.run(0.1)
    assert "PreArm: Mode requires mission" in copter.texts()
