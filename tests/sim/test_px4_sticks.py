"""Stick modes, take-over by the sticks, and their loss, over MANUAL_CONTROL and RC_CHANNELS_OVERRIDE."""

from __future__ import annotations

from math import hypot
from typing import Any

import pytest

from lenger_mavlink.codec import mavlink as m

ACCEPTED, REJECTED = 0, 1
MANUAL, ALTCTL, POSCTL, STABILIZED = (1, 0), (2, 0), (3, 0), (7, 0)


def stick(rig: Any, pitch: int = 0, roll: int = 0, throttle: int = 500, yaw: int = 0) -> None:
    rig.send(m.MAVLink_manual_control_message(1, pitch, roll, throttle, yaw, 0))


def hold(rig: Any, seconds: float, **sticks: int) -> None:
    rig.run(seconds, lambda: stick(rig, **sticks), 0.1)


def fly_by_sticks(rig: Any, height_m: float = 15.0) -> None:
    """Take off, and have the sticks centred in POSCTL."""
    rig.take_off(height_m)
    hold(rig, 0.5)
    assert rig.set_mode(*POSCTL)[-1] == ACCEPTED
    hold(rig, 1.0)


def test_posctl_flies_where_the_sticks_point_and_brakes_when_they_are_let_go(rig: Any) -> None:
    fly_by_sticks(rig)
    hold(rig, 5.0, pitch=500)  # the nose points north
    assert rig.velocity[1] > 1.5
    assert abs(rig.velocity[0]) < 0.4
    hold(rig, 5.0, roll=500)
    assert rig.velocity[0] > 1.5
    hold(rig, 6.0)
    assert hypot(*rig.velocity[:2]) < 0.3
    height = rig.agl_m
    hold(rig, 3.0, throttle=1000)
    assert rig.agl_m - height > 5.0
    hold(rig, 3.0, yaw=1000)
    assert 30.0 < rig.last("GLOBAL_POSITION_INT").hdg * 0.01 < 180.0  # to the right
    assert rig.mode == "POSCTL"


def test_altctl_leans_and_keeps_the_height(rig: Any) -> None:
    fly_by_sticks(rig)
    assert rig.set_mode(*ALTCTL)[-1] == ACCEPTED
    height = rig.agl_m
    hold(rig, 4.0, pitch=300)
    assert rig.velocity[1] > 3.0
    assert rig.agl_m == pytest.approx(height, abs=2.0)
    hold(rig, 2.0)
    assert rig.velocity[1] > 1.0  # nobody brakes


@pytest.mark.parametrize("mode", [MANUAL, STABILIZED])
def test_stabilized_gives_the_throttle_to_the_pilot(rig: Any, mode: tuple[int, int]) -> None:
    fly_by_sticks(rig, 30.0)
    assert rig.set_mode(*mode)[-1] == ACCEPTED
    hold(rig, 2.0, throttle=750)
    assert rig.velocity[2] > 2.0
    hold(rig, 2.5, throttle=350)
    assert rig.velocity[2] < 1.0
    hold(rig, 1.0, throttle=500, pitch=200)
    assert rig.velocity[1] > 0.3


def test_take_off_and_landing_by_sticks(rig: Any) -> None:
    rig.run_until(lambda: not rig.core.autopilot.commander.blockers(rig.core.now_ns), 10.0)
    assert rig.set_mode(*POSCTL)[-1] == ACCEPTED
    assert rig.arm() == [REJECTED]  # a stick mode without sticks
    hold(rig, 0.5)
    assert rig.arm() == [ACCEPTED]
    hold(rig, 6.0, throttle=900)
    assert rig.agl_m > 5.0
    rig.run_until(lambda: not rig.armed, 60.0, lambda: stick(rig, throttle=0))
    assert rig.core.truth().on_ground
    assert not rig.core.truth().crashed


def test_stick_modes_are_refused_without_sticks(rig: Any) -> None:
    rig.take_off(10.0)
    assert rig.set_mode(*POSCTL)[-1] == REJECTED
    rig.run(0.2)
    assert any("no manual control" in text for text in rig.texts())


def test_moved_sticks_take_over_from_auto_and_not_from_offboard(rig: Any) -> None:
    rig.take_off(10.0)
    hold(rig, 1.0)
    assert rig.mode == "AUTO.LOITER"  # still sticks change nothing
    hold(rig, 0.3, pitch=600)
    assert rig.mode == "POSCTL"
    assert "Pilot took over using sticks" in rig.texts()

    def both() -> None:
        stick(rig)
        rig.velocity_setpoint(1.0, 0.0, 0.0)

    rig.run(0.5, both)
    rig.set_mode(6)
    rig.run(1.0, both)
    stick(rig, pitch=900)
    rig.run(0.3, both)
    assert rig.mode == "OFFBOARD"
    rig.set_param("COM_RC_OVERRIDE", 3)
    stick(rig, pitch=-900)
    rig.run(0.1, lambda: rig.velocity_setpoint(1.0, 0.0, 0.0))
    assert rig.mode == "POSCTL"


@pytest.mark.parametrize(("action", "mode"), [(1, "AUTO.LOITER"), (2, "AUTO.RTL"), (3, "AUTO.LAND")])
def test_lost_sticks(rig: Any, action: int, mode: str) -> None:
    rig.set_param("NAV_RCL_ACT", action)
    fly_by_sticks(rig)
    lost = rig.now_s
    rig.run_until(lambda: rig.mode != "POSCTL", 3.0)
    assert 0.5 < rig.now_s - lost < 1.0  # COM_RC_LOSS_T
    assert rig.mode == "AUTO.LOITER"  # COM_FAIL_ACT_T of holding first
    rig.run(5.5)
    assert rig.mode == mode
    assert any("manual control lost" in text for text in rig.texts())


def test_sticks_that_never_were_are_not_missed_and_exceptions_count(rig: Any) -> None:
    rig.take_off(10.0)
    rig.run(3.0)
    assert rig.mode == "AUTO.LOITER"
    rig.set_param("COM_RCL_EXCEPT", 2)
    hold(rig, 1.0)
    rig.run(8.0)
    assert rig.mode == "AUTO.LOITER"
    assert not any("manual control lost" in text for text in rig.texts())


def test_a_radio_counts_only_where_the_parameter_says_so(rig: Any) -> None:
    def radio() -> None:
        rig.send(m.MAVLink_rc_channels_override_message(1, 1, 1500, 1750, 1500, 1500, 0, 0, 0, 0))

    rig.take_off(15.0)
    rig.run(1.0, radio)
    assert rig.set_mode(*POSCTL)[-1] == REJECTED  # COM_RC_IN_MODE 1, the simulator's default: joystick only
    rig.set_param("COM_RC_IN_MODE", 2)
    rig.run(0.2, radio)
    assert rig.set_mode(*POSCTL)[-1] == ACCEPTED
    rig.run(4.0, radio)
    assert rig.velocity[1] > 1.0
    assert rig.command(m.MAV_CMD_REQUEST_MESSAGE, m.MAVLINK_MSG_ID_RC_CHANNELS) == [ACCEPTED]
    channels = rig.last("RC_CHANNELS")
    assert (channels.chancount, channels.chan2_raw, channels.chan5_raw) == (4, 1750, 65535)


def test_position_loss_in_posctl_falls_back_to_altctl_and_returns(rig: Any) -> None:
    fly_by_sticks(rig)
    rig.core.faults.inject("gnss_outage", 0.0, 8.0, rig.core.now_ns)
    hold(rig, 6.5)
    assert rig.mode == "ALTCTL"
    hold(rig, 5.0)
    assert rig.mode == "POSCTL"
