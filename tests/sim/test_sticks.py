"""Sticks as messages bring them, and as modes use them."""

from __future__ import annotations

from math import pi, radians, tan

import pytest

from lenger_mavlink.codec import mavlink
from lenger_sim.sticks import JOYSTICK, RADIO, StickInput, shaped, stick_lean, stick_velocity

S = 1_000_000_000


def joystick(x: int = 0, y: int = 0, z: int = 500, r: int = 0) -> mavlink.MAVLink_manual_control_message:
    return mavlink.MAVLink_manual_control_message(1, x, y, z, r, 0)


def radio(*pulses: int) -> mavlink.MAVLink_rc_channels_override_message:
    return mavlink.MAVLink_rc_channels_override_message(1, 1, *pulses, *[0xFFFF] * (8 - len(pulses)))


def test_a_joystick_and_a_radio_give_the_same_sticks() -> None:
    sticks = StickInput()
    sticks.on_manual_control(joystick(500, -250, 750, 1000), S)
    one = sticks.latest(S, 0.5)
    assert one is not None and one.source == JOYSTICK
    assert (one.pitch, one.roll, one.throttle, one.yaw) == (0.5, -0.25, 0.5, 1.0)
    sticks.on_rc_override(radio(1375, 1750, 1750, 2000), 2 * S)
    two = sticks.latest(2 * S, 0.5)
    assert two is not None and two.source == RADIO
    assert (two.pitch, two.roll, two.throttle, two.yaw) == (0.5, -0.25, 0.5, 1.0)
    assert sticks.first_source == JOYSTICK
    reversed_pitch = StickInput(pitch_reversed=True)
    reversed_pitch.on_rc_override(radio(1500, 1750, 1500, 1500), 0)
    back = reversed_pitch.latest(0, 0.5)
    assert back is not None and back.pitch == -0.5


def test_old_sticks_and_released_channels_are_none() -> None:
    sticks = StickInput()
    sticks.on_manual_control(joystick(), S)
    assert sticks.latest(S + 400_000_000, 0.5) is not None
    assert sticks.latest(S + 500_000_000, 0.5) is None
    assert sticks.latest(S, 0.5, (RADIO,)) is None
    sticks.on_rc_override(radio(1500, 1500, 1500, 1500), 2 * S)
    sticks.on_rc_override(radio(0, 0, 0, 0), 2 * S)
    assert sticks.latest(2 * S, 0.5) is None


def test_unused_and_wild_axes_are_harmless() -> None:
    sticks = StickInput()
    sticks.on_manual_control(joystick(32767, 32767, 32767, 32767), 0)
    sticks.on_manual_control(joystick(-32768, 30000, -5000, 4), 1)
    last = sticks.latest(1, 0.5)
    assert last is not None
    assert (last.pitch, last.roll, last.throttle) == (-1.0, 1.0, -1.0)


def test_moving_is_told_from_holding() -> None:
    sticks = StickInput()
    for n, x in enumerate((300, 300, 320)):
        sticks.on_manual_control(joystick(x), n * S // 20)
        last = sticks.latest(n * S // 20, 0.5)
        assert last is not None
        assert sticks.rate_per_s(last) == pytest.approx(0.4 if x == 320 else 0.0)


def test_dead_zone_and_expo() -> None:
    assert shaped(0.1, 0.1) == 0.0
    assert shaped(1.0, 0.1, 0.6) == pytest.approx(1.0)
    assert shaped(-0.5, 0.0, 1.0) == pytest.approx(-0.125)


@pytest.mark.parametrize(("yaw", "forward", "right"), [(pi / 2, (0, 1), (1, 0)), (0.0, (1, 0), (0, -1))])
def test_forward_is_where_the_nose_is(yaw: float, forward: tuple[int, int], right: tuple[int, int]) -> None:
    assert stick_velocity(1.0, 0.0, yaw, 5.0)[:2] == pytest.approx((5 * forward[0], 5 * forward[1]), abs=1e-9)
    assert stick_velocity(0.0, 1.0, yaw, 5.0)[:2] == pytest.approx((5 * right[0], 5 * right[1]), abs=1e-9)
    assert stick_lean(0.0, 0.5, yaw, radians(30.0)) == pytest.approx(
        (tan(radians(15.0)) * right[0], tan(radians(15.0)) * right[1]), abs=1e-9
    )
    assert stick_velocity(1.0, 1.0, yaw, 5.0)[0] ** 2 + stick_velocity(1.0, 1.0, yaw, 5.0)[1] ** 2 == pytest.approx(25)
