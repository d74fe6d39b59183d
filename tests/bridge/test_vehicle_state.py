"""What the heartbeat says of the ground: ArduCopter's standby does, PX4's does not."""

from __future__ import annotations

import pytest

from lenger_bridge.vehicle_state import VehicleState
from lenger_core.samples import FcuState

STANDBY, ACTIVE = 3, 4


def heartbeat(system_status: int, armed: bool = False, connected: bool = True) -> FcuState:
    return FcuState(0, connected, armed, False, False, "LAND", system_status)


@pytest.mark.parametrize("autopilot", ["px4", "ardupilot"])
def test_standby_is_the_ground_for_arducopter_only(autopilot: str) -> None:
    state = VehicleState(autopilot, 1.0, standby_is_landed=autopilot == "ardupilot")
    state.take_fcu(heartbeat(STANDBY))
    assert state.landed == (autopilot == "ardupilot")


def test_a_flying_or_lost_arducopter_is_not_landed() -> None:
    state = VehicleState("ardupilot", 1.0, standby_is_landed=True)
    assert not state.landed
    state.take_fcu(heartbeat(ACTIVE, armed=True))
    assert not state.landed
    state.take_fcu(heartbeat(0, connected=False))
    assert not state.landed
