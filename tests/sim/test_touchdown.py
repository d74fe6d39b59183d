"""What an aircraft does whose feet have touched the ground and whose autopilot does not know it yet."""

from __future__ import annotations

from math import acos, degrees
from typing import Any

import pytest

from lenger_mavlink.codec import mavlink

DRIFT_M_S = 0.4


def tilt_deg(rig: Any) -> float:
    _, x, y, _ = rig.core.truth().quat_wxyz
    return degrees(acos(1.0 - 2.0 * (x * x + y * y)))


def lands_while_the_receiver_drifts(rig: Any) -> float:
    """Land; from the touch on the place to hold is another one. Return the greatest tilt after it."""
    assert rig.command(mavlink.MAV_CMD_NAV_LAND) in (0, [0])
    rig.run_until(lambda: rig.core.truth().on_ground, 60.0)
    rig.run(0.5)
    autopilot, tilts = rig.core.autopilot, []
    guidance = getattr(autopilot, "pilot", None) or autopilot._pilot
    east, north, up = guidance._control["pos_sp"].tolist()
    touch_s = rig.now_s

    def drift() -> None:
        off_m = DRIFT_M_S * (rig.now_s - touch_s)
        guidance._control["pos_sp"] = (east + off_m, north - off_m, up)
        tilts.append(tilt_deg(rig))

    rig.run_until(lambda: not rig.armed, 20.0, drift)
    return max(tilts)


@pytest.mark.parametrize("flavour", ["copter", "px4"])
def test_a_drift_after_the_touch_does_not_tip_it_over(flavour: str, request: pytest.FixtureRequest) -> None:
    rig = request.getfixturevalue("copter" if flavour == "copter" else "rig")
    rig.take_off(6.0)
    assert lands_while_the_receiver_drifts(rig) < 5.0
    assert not [text for text in rig.texts() if "Crash" in str(text)]


def test_guided_flies_on_after_a_touch(copter: Any) -> None:
    """A touch that was not meant as a landing leaves the mode its place: it moves level again once it climbs."""
    copter.take_off(3.0)
    copter.run_until(lambda: copter.core.truth().on_ground, 30.0, lambda: copter.fly_velocity(0.0, 0.0, -0.5))
    copter.run(0.6, lambda: copter.fly_velocity(0.0, 0.0, -0.5))
    assert copter.armed
    copter.run(6.0, lambda: copter.fly_velocity(2.0, 0.0, 1.0))
    assert copter.velocity[0] == pytest.approx(2.0, abs=0.4)
