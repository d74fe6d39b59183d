"""Step responses of the whole vehicle, on its own noisy estimate, judged on the truth."""

from __future__ import annotations

from collections.abc import Callable
from math import atan2, cos, hypot, pi, sin, sqrt
from typing import Any

import numpy as np
import pytest

from lenger_core.atmosphere import GRAVITY_M_S2, density_kg_m3
from lenger_core.geodesy import LocalFrame
from lenger_core.vehicles import load_vehicle
from lenger_mavlink.codec import mavlink

VELOCITY, POSITION = 2503, 2552
Make = Callable[..., Any]

HIGH = {"home_lat_deg": 41.8042, "home_lon_deg": 70.4458}  # high flat ground at 3,450 m; 50 m above it is 3,500 m
WINDY = {"wind_m_s": 10.0, "wind_from_deg": 240.0}
HARSH: dict[str, float] = {**HIGH, **WINDY, "isa_offset_k": 20.0}


def track(rig: Any, seconds: float, east: float, north: float) -> np.ndarray[Any, Any]:
    rows = []
    for _ in range(int(seconds / 0.05)):
        rig.velocity_setpoint(east, north, 0.0)
        rig.run(0.05)
        rows.append(rig.velocity)
    return np.array(rows)


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


def judge(name: str, times: np.ndarray[Any, Any], values: np.ndarray[Any, Any], goal: float, band: float) -> None:
    """Hold a step response to the bars: overshoot below 15 %, inside the band for good within 8 s."""
    response = values
    outside = np.nonzero(np.abs(response - goal) > band)[0]
    settled_s = float(times[outside[-1]]) if len(outside) else 0.0
    print(f"{name}: overshoot {100.0 * (response.max() / goal - 1.0):.1f} %, within {band:.2g} after {settled_s:.1f} s")
    assert response.max() < 1.15 * goal
    assert settled_s < 8.0


@pytest.mark.parametrize(
    ("vehicle", "where"),
    [
        ("quad_2kg", {}),
        ("quad_2kg", WINDY),
        ("quad_2kg", HIGH),
        ("quad_2kg", HARSH),
        ("hexa_7kg", {}),
        ("hexa_7kg", HIGH),
        ("hexa_7kg", HARSH),
    ],
)
def test_steps_of_position_velocity_and_yaw(make_rig: Make, vehicle: str, where: dict[str, float]) -> None:
    """In wind the mean over three fields of gusts is judged: one gust alone can move the aircraft further."""
    times = np.arange(0.0, 10.0, 0.1)
    flights = [steps(make_rig, vehicle, where, seed, times) for seed in ((1, 2, 3) if "wind_m_s" in where else (1,))]
    north, speed, yaw, left_over = np.mean(flights, axis=0)
    judge("position", times, north[:-1], 10.0, 0.8)
    judge("velocity", times, speed[:-1], 5.0, 0.5)
    judge("yaw", times, yaw[:-1], float(yaw[-1]), 0.1)
    assert hypot(*left_over[:2]) < 0.8


def steps(make_rig: Make, vehicle: str, where: dict[str, float], seed: int, times: Any) -> np.ndarray[Any, Any]:
    """Fly one step of each: north, northward, turned, at the times; yaw ends with its goal; then the velocity left."""
    rig = make_rig(vehicle=vehicle, seed=seed, **where)
    rig.take_off(50.0 if "home_lat_deg" in where else 20.0)
    truth = rig.core.truth
    hold = rig.last("LOCAL_POSITION_NED")
    frame = LocalFrame(truth().lat_deg, truth().lon_deg, 0.0)

    def place(north: float) -> None:
        args = (0, 1, 1, 1, POSITION, north, hold.y, hold.z, 0, 0, 0, 0, 0, 0, 0.0, 0)
        rig.send(mavlink.MAVLink_set_position_target_local_ned_message(*args))

    def velocity(north: float, yaw: float) -> None:
        rig.velocity_setpoint(0.0, north, 0.0, VELOCITY, yaw)

    def response(ask: Callable[[], None], value: Callable[[], float]) -> list[float]:
        values = []
        for _ in times:
            rig.run(0.1, ask)
            values.append(value())
        return values

    place(hold.x)
    rig.set_mode(6)
    rig.run(6.0, lambda: place(hold.x))
    if "wind_m_s" not in where:
        hovers_at_the_power_of_momentum_theory(rig, vehicle, lambda: place(hold.x))
    before = frame.to_local(truth().lat_deg, truth().lon_deg, 0.0)[1]
    north = response(
        lambda: place(hold.x + 10.0), lambda: frame.to_local(truth().lat_deg, truth().lon_deg, 0.0)[1] - before
    )
    speed = response(lambda: velocity(5.0, 0.0), lambda: rig.velocity[1])
    rig.run(5.0, lambda: velocity(0.0, 0.0))
    start = heading(rig)
    yaw = response(lambda: velocity(0.0, pi / 2.0), lambda: turned(heading(rig) - start))
    left_over = [*rig.velocity[:2], *[0.0] * (len(times) - 1)]
    return np.array([[*north, 0.0], [*speed, 0.0], [*yaw, pi / 2.0 - start], left_over])


def hovers_at_the_power_of_momentum_theory(rig: Any, vehicle: str, ask: Callable[[], None]) -> None:
    """Compare the battery's mean power in 5 s of real hovering with T^1.5 / (FM sqrt(2 rho A)), and print both."""
    profile, used_wh = load_vehicle(vehicle), rig.core.truth().energy_used_wh
    rig.run(5.0, ask)
    power = (rig.core.truth().energy_used_wh - used_wh) * 3600.0 / 5.0
    weight, area = profile.mass_kg * GRAVITY_M_S2, profile.rotors * pi * profile.rotor_radius_m**2
    height = rig.core.truth().alt_amsl_m
    expected = weight**1.5 / (profile.figure_of_merit * sqrt(2.0 * density_kg_m3(height) * area))
    print(f"{vehicle} hovers at {height:.0f} m on {power:.0f} W, momentum theory {expected:.0f} W")
    assert power == pytest.approx(expected, rel=0.10)


def turned(angle: float) -> float:
    return atan2(sin(angle), cos(angle))


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
