"""Step responses of the whole vehicle, on its own noisy estimate, judged on the truth."""

from __future__ import annotations

from collections.abc import Callable
from math import atan2, cos, hypot, pi, sin
from typing import Any

import numpy as np
import pytest

from lenger_mavlink.codec import mavlink

Make = Callable[..., Any]

HIGH = {"home_lat_deg": 42.081, "home_lon_deg": 70.420}  # the ground near Sairam, far above the field


def track(rig: Any, seconds: float, east: float, north: float) -> np.ndarray[Any, Any]:
    rows = []
    for _ in range(int(seconds / 0.05)):
        rig.velocity_setpoint(east, north, 0.0)
        rig.run(0.05)
        rows.append(rig.velocity)
    return np.array(rows)


@pytest.mark.parametrize("where", [{}, {"wind_m_s": 8.0, "wind_from_deg": 240.0, "turbulence": 0.3}, HIGH])
def test_velocity_step_of_5_m_s(make_rig: Make, where: dict[str, float]) -> None:
    rig = make_rig(**where)
    rig.take_off(30.0)
    rig.fly_offboard(0.0, 0.0, 0.0, 5.0)
    speeds = track(rig, 10.0, 5.0, 0.0)
    assert speeds[:, 0].max() < 5.0 * 1.15
    assert np.abs(speeds[100:, 0] - 5.0).max() < 0.75  # settled within 5 s
    assert np.abs(speeds[:, 1]).max() < 1.0
    assert np.abs(speeds[:, 2]).max() < 0.8


@pytest.mark.parametrize("speed", [5.0, 10.0])
def test_braking_distance_is_that_of_the_real_one(make_rig: Make, speed: float) -> None:
    """FACTS: the measured PX4 overshoots by v^2 / 6 + 0.45 v from the command to stop."""
    rig = make_rig()
    rig.take_off(30.0)
    rig.fly_offboard(speed, 0.0, 0.0, 9.0)
    speeds = track(rig, 9.0, 0.0, 0.0)
    distance = speeds[:, 0].clip(0.0).sum() * 0.05
    assert distance == pytest.approx(speed**2 / 6.0 + 0.45 * speed, rel=0.3)
    assert speeds[:, 0].min() > -0.15 * speed


def test_position_step_of_10_m(make_rig: Make) -> None:
    rig = make_rig()
    rig.take_off(20.0)
    start = rig.last("LOCAL_POSITION_NED")
    target = (start.x + 10.0, start.y, start.z)

    def ask() -> None:
        args = (0, 1, 1, 1, 2552, *target, 0, 0, 0, 0, 0, 0, 0.0, 0)
        rig.send(mavlink.MAVLink_set_position_target_local_ned_message(*args))

    ask()
    rig.set_mode(6)
    north = []
    for _ in range(160):
        rig.run(0.1, ask, 0.1)
        north.append(rig.last("LOCAL_POSITION_NED").x - start.x)
    assert max(north) < 11.5
    assert all(abs(value - 10.0) < 0.6 for value in north[80:])


def test_yaw_step_of_90_degrees(make_rig: Make) -> None:
    rig = make_rig()
    rig.take_off(20.0)
    rig.velocity_setpoint(0.0, 0.0, 0.0, 2503, 0.0)
    rig.set_mode(6)
    rig.run(5.0, lambda: rig.velocity_setpoint(0.0, 0.0, 0.0, 2503, 0.0))
    yaws = []
    for _ in range(80):
        rig.run(0.1, lambda: rig.velocity_setpoint(0.0, 0.0, 0.0, 2503, pi / 2.0))
        yaws.append(heading(rig))
    assert abs(yaws[-1] - pi / 2.0) < 0.1
    assert max(yaws) < pi / 2.0 * 1.15
    assert hypot(*rig.velocity[:2]) < 0.6


def heading(rig: Any) -> float:
    """True heading, clockwise from north."""
    w, x, y, z = rig.core.truth().quat_wxyz
    yaw = atan2(2.0 * (w * z + x * y), 1.0 - 2.0 * (y * y + z * z))
    return atan2(sin(pi / 2.0 - yaw), cos(pi / 2.0 - yaw))


def test_hover_holds_its_place_in_gusts(make_rig: Make) -> None:
    rig = make_rig(wind_m_s=8.0, wind_from_deg=30.0)
    rig.take_off(20.0)
    rig.run(5.0)
    places = []
    for _ in range(60):
        rig.run(0.5)
        msg = rig.last("LOCAL_POSITION_NED")
        places.append((msg.x, msg.y, msg.z))
    spread = np.ptp(np.array(places), axis=0)
    assert spread.max() < 2.5
    assert rig.mode == "AUTO.LOITER"
