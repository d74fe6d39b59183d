"""The modes that a pilot flies, by RC_CHANNELS_OVERRIDE and MANUAL_CONTROL."""

from __future__ import annotations

from math import hypot
from typing import Any

import pytest

from lenger_mavlink.codec import MavCodec, mavlink

ACCEPTED = 0


def sticks(rig: Any, roll: int = 1500, pitch: int = 1500, throttle: int = 1500, yaw: int = 1500) -> None:
    rig.send(mavlink.MAVLink_rc_channels_override_message(1, 1, roll, pitch, throttle, yaw, 0, 0, 0, 0))


def lift_off(rig: Any, mode: str, height_m: float) -> None:
    """Arm in a mode and climb by the throttle stick."""
    rig.get_ready()
    assert rig.set_mode(mode) == ACCEPTED
    assert rig.arm() == ACCEPTED
    rig.run_until(lambda: rig.agl_m > height_m, 40.0, lambda: sticks(rig, throttle=1750))
    rig.run(2.0, lambda: sticks(rig))


def test_loiter_takes_off_flies_stops_and_holds(copter: Any) -> None:
    lift_off(copter, "LOITER", 8.0)
    copter.run(5.0, lambda: sticks(copter, pitch=1300))
    assert copter.velocity[1] > 2.0  # a short pulse on channel 2 is forward, the nose is north
    copter.run(5.0, lambda: sticks(copter))
    held, height = copter.offset_m(), copter.agl_m
    copter.run(5.0, lambda: sticks(copter))
    assert copter.offset_m() == pytest.approx(held, abs=0.8)
    assert copter.agl_m == pytest.approx(height, abs=0.5)
    copter.run(3.0, lambda: sticks(copter, yaw=1700))
    assert 30.0 < copter.pilot.heading_deg() < 330.0


def test_loiter_without_sticks_sinks_because_the_throttle_is_down(copter: Any) -> None:
    copter.take_off(8.0)
    assert copter.set_mode("LOITER") == ACCEPTED
    copter.run_until(lambda: not copter.armed, 40.0)
    assert not copter.core.truth().crashed


def test_loiter_stops_at_the_fence(copter: Any) -> None:
    copter.set_param("FENCE_TYPE", 2)
    copter.set_param("FENCE_RADIUS", 40.0)
    lift_off(copter, "LOITER", 8.0)
    copter.set_param("FENCE_ENABLE", 1)
    copter.run(20.0, lambda: sticks(copter, pitch=1000))
    assert copter.offset_m()[1] == pytest.approx(38.0, abs=1.5)
    assert copter.mode == "LOITER"


def test_alt_hold_holds_the_height_and_leans(copter: Any) -> None:
    lift_off(copter, "ALT_HOLD", 8.0)
    height = copter.pilot.height_above_home_m()
    copter.run(4.0, lambda: sticks(copter, roll=1600))
    assert copter.velocity[0] > 1.5
    assert copter.pilot.height_above_home_m() == pytest.approx(height, abs=1.0)
    copter.run(2.0, lambda: sticks(copter))
    assert copter.velocity[0] > 0.5  # nothing stops it: there is no position in this mode


def test_alt_hold_is_armed_without_a_position(copter: Any) -> None:
    copter.run(20.0)
    assert copter.set_mode("ALT_HOLD") == ACCEPTED
    assert copter.arm() == ACCEPTED


def test_stabilize_climbs_and_falls_with_the_throttle(copter: Any) -> None:
    copter.get_ready()
    copter.arm()
    copter.run_until(lambda: copter.agl_m > 5.0, 20.0, lambda: sticks(copter, throttle=1600))
    copter.run(1.5, lambda: sticks(copter, throttle=1400))
    assert copter.velocity[2] < 0.5
    copter.run(1.0, lambda: sticks(copter, throttle=1700))
    assert copter.velocity[2] > 0.5


def test_throttle_too_high_refuses_arming_by_hand_modes(copter: Any) -> None:
    copter.run(20.0)
    sticks(copter, throttle=1600)
    assert copter.arm() == mavlink.MAV_RESULT_FAILED
    copter.run(0.1)
    assert "Arm: Throttle too high" in copter.texts()


def test_manual_control_flies_loiter(copter: Any) -> None:
    copter.take_off(8.0)
    copter.set_mode("LOITER")
    copter.run(5.0, lambda: copter.send(mavlink.MAVLink_manual_control_message(1, 0, 500, 500, 0, 0)))
    assert copter.velocity[0] > 2.0
    assert copter.agl_m == pytest.approx(8.0, abs=1.5)


def test_sticks_of_a_stranger_are_ignored(copter: Any) -> None:
    stranger = MavCodec(42, 190)
    message = mavlink.MAVLink_rc_channels_override_message(1, 1, 1500, 1500, 1900, 1500, 0, 0, 0, 0)
    copter.run(1.0)
    copter.core.receive(stranger.encode(message), copter.core.now_ns)
    assert copter.pilot.radio.channels(copter.core.now_ns)[2] == 1000


def test_overrides_end_and_the_transmitter_is_back(copter: Any) -> None:
    lift_off(copter, "LOITER", 8.0)
    copter.run(3.5)
    copter.run(4.0)
    assert copter.velocity[2] < -0.5  # the transmitter's own throttle is down
    assert hypot(*copter.velocity[:2]) < 1.0
