"""Mode numbers and names, as MAVROS prints them."""

from __future__ import annotations

import pytest

from lenger_mavlink.codec import mavlink
from lenger_mavlink.modes import COPTER_MODES, PX4_MODES, custom_mode_of, mode_name, px4_mode_of_command

PX4, COPTER = mavlink.MAV_AUTOPILOT_PX4, mavlink.MAV_AUTOPILOT_ARDUPILOTMEGA


@pytest.mark.parametrize(
    ("autopilot", "number", "name"),
    [
        (PX4, 3 << 16, "POSCTL"),
        (PX4, 6 << 16, "OFFBOARD"),
        (PX4, 4 << 16 | 2 << 24, "AUTO.TAKEOFF"),
        (PX4, 4 << 16 | 3 << 24, "AUTO.LOITER"),
        (PX4, 4 << 16 | 5 << 24, "AUTO.RTL"),
        (PX4, 4 << 16 | 6 << 24, "AUTO.LAND"),
        (COPTER, 4, "GUIDED"),
        (COPTER, 17, "BRAKE"),
        (COPTER, 21, "SMART_RTL"),
    ],
)
def test_known_modes(autopilot: int, number: int, name: str) -> None:
    assert mode_name(autopilot, number) == name
    assert custom_mode_of(autopilot, name.lower()) == number


def test_every_name_goes_back_to_its_number() -> None:
    for autopilot, table in ((PX4, PX4_MODES), (COPTER, COPTER_MODES)):
        assert all(custom_mode_of(autopilot, name) == number for number, name in table.items())


def test_unknown_modes() -> None:
    assert mode_name(PX4, 4) == "CMODE(4)"
    assert custom_mode_of(PX4, "BOGUS") is None
    assert custom_mode_of(COPTER, "5") == 5


def test_mode_of_command_wants_the_custom_flag() -> None:
    assert px4_mode_of_command(1, 4, 3) == "AUTO.LOITER"
    assert px4_mode_of_command(0, 4, 3) is None
    assert px4_mode_of_command(1, 4, 99) is None
