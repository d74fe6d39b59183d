"""The fence of the ArduCopter flavour: overshoot as FACTS measured it, and what it does not do."""

from __future__ import annotations

from typing import Any

import pytest

from lenger_mavlink.codec import mavlink

ACCEPTED, FAILED = 0, 4
RTL, LAND, BRAKE = 1, 2, 4
HALF_M = 110.0


def in_fence(rig: Any, action: int, avoid: int, half_m: float = HALF_M) -> None:
    """Take off inside a square fence of polygons only."""
    for name, value in (("FENCE_TYPE", 4), ("FENCE_ACTION", action), ("AVOID_ENABLE", avoid)):
        rig.set_param(name, value)
    rig.get_ready()
    assert rig.fence_square(half_m) == 0
    rig.set_param("FENCE_ENABLE", 1)
    rig.take_off(20.0)


class Line:
    """How far beyond the northern side of the fence the vehicle flies.

    The autopilot's own position carries the GNSS error of the day, a metre or two, into what it calls the line. So the
    true way is counted from where its own position crosses; while it has not crossed, its own distance is told.
    """

    def __init__(self, rig: Any) -> None:
        self._rig = rig
        self._line_m = max(corner[1] for corner in rig.pilot.fence.zones.inclusions[0].corners)
        self._crossed_at: float | None = None
        self.beyond_m = -1e9

    def look(self) -> None:
        true_m, own_m = self._rig.offset_m()[1], self._rig.pilot.position()[1] - self._line_m
        if self._crossed_at is None and own_m >= 0.0:
            self._crossed_at = true_m - own_m
        self.beyond_m = max(self.beyond_m, own_m if self._crossed_at is None else true_m - self._crossed_at)


def farthest(rig: Any, seconds: float, speed: float, gap_s: float) -> float:
    """Press north with a velocity; return how far beyond the line the vehicle came."""
    line, next_s, end = Line(rig), 0.0, rig.now_s + seconds
    while rig.now_s < end:
        if rig.now_s >= next_s:
            rig.fly_velocity(0.0, speed, 0.0)
            next_s = rig.now_s + gap_s
        rig.run(0.02, every_s=0.02)
        line.look()
    return line.beyond_m


@pytest.mark.parametrize(
    ("action", "speed", "measured_m"),
    [
        (RTL, 5.0, 6.5),
        (RTL, 10.0, 21.1),
        (RTL, 15.0, 42.9),
        (BRAKE, 5.0, 9.25),
        (BRAKE, 10.0, 21.1),
        (BRAKE, 15.0, 34.9),
    ],
)
def test_overshoot_without_avoidance(make_copter: Any, action: int, speed: float, measured_m: float) -> None:
    rig = make_copter(seed=int(speed))
    in_fence(rig, action, avoid=0)
    beyond = farthest(rig, HALF_M / speed + 14.0, speed, 0.05)
    assert beyond == pytest.approx(measured_m, rel=0.3)
    assert rig.mode == ("RTL" if action == RTL else "BRAKE")
    assert "Polygon fence breached" in rig.texts()


@pytest.mark.parametrize("speed", [5.0, 10.0, 15.0])
def test_avoidance_stops_a_steady_stream_before_the_line(make_copter: Any, speed: float) -> None:
    rig = make_copter(seed=int(speed) + 1)
    in_fence(rig, RTL, avoid=3)
    beyond = farthest(rig, HALF_M / speed + 15.0, speed, 0.05)
    assert beyond == pytest.approx(-2.0, rel=0.3)  # FENCE_MARGIN
    assert rig.mode == "GUIDED"


@pytest.mark.parametrize(("speed", "least_m", "most_m"), [(5.0, 0.0, 0.9), (10.0, 4.5, 4.9), (15.0, 4.5, 4.8)])
def test_setpoints_far_apart_press_it_through_the_avoidance(
    make_copter: Any, speed: float, least_m: float, most_m: float
) -> None:
    rig = make_copter(seed=2)
    in_fence(rig, RTL, avoid=3)
    beyond = farthest(rig, HALF_M / speed + 22.0, speed, 0.4)
    assert 0.7 * least_m < beyond < 1.3 * most_m
    assert rig.mode == "RTL"


@pytest.mark.parametrize(("action", "measured_m"), [(RTL, 2.4), (BRAKE, 4.1)])
def test_ceiling_at_5_m_s(make_copter: Any, action: int, measured_m: float) -> None:
    rig = make_copter(changes={"max_climb_m_s": 6.0})
    for name, value in (("FENCE_TYPE", 1), ("FENCE_ALT_MAX", 60.0), ("FENCE_ACTION", action), ("AVOID_ENABLE", 0)):
        rig.set_param(name, value)
    rig.set_param("FENCE_ENABLE", 1)
    rig.take_off(15.0)
    highest, end = 0.0, rig.now_s + 20.0
    while rig.now_s < end:
        rig.fly_velocity(0.0, 0.0, 5.0)
        rig.run(0.1, every_s=0.02)
        highest = max(highest, rig.pilot.height_above_home_m())
    assert highest - 60.0 == pytest.approx(measured_m, rel=0.3)
    assert "Max Alt fence breached" in rig.texts()


@pytest.mark.parametrize(
    ("action", "speed", "measured_m"),
    [
        pytest.param(RTL, 5.0, 6.5, marks=pytest.mark.slow),
        (RTL, 10.0, 21.4),
        pytest.param(RTL, 15.0, 43.7, marks=pytest.mark.slow),
        pytest.param(BRAKE, 5.0, 9.2, marks=pytest.mark.slow),
        (BRAKE, 10.0, 21.0),
        pytest.param(BRAKE, 15.0, 35.0, marks=pytest.mark.slow),
    ],
)
def test_a_mission_through_the_fence_is_accepted_and_breaches(
    make_copter: Any, action: int, speed: float, measured_m: float
) -> None:
    rig = make_copter(seed=4)
    in_fence(rig, action, avoid=3)
    rig.set_param("WP_SPD", speed)
    takeoff = (22, 3, (0.0,) * 4, 0, 0, 20.0)
    outside = (16, 3, (0.0,) * 4, *rig.place(0.0, 400.0), 20.0)
    assert rig.upload([takeoff, takeoff, outside]) == 0
    assert rig.set_mode("AUTO") == ACCEPTED
    line = Line(rig)
    for _ in range(round(50 * (HALF_M / speed + 22.0))):
        rig.run(0.02, every_s=0.02)
        line.look()
    print(f"AUTO, action {action}, {speed} m/s: {line.beyond_m:.1f} m beyond, measured {measured_m}")
    assert line.beyond_m == pytest.approx(measured_m, rel=0.3)


def test_places_outside_are_dropped_or_refused(copter: Any) -> None:
    in_fence(copter, RTL, avoid=3)
    copter.fly_to(0.0, 20.0, 20.0)
    copter.run(8.0)
    heard = len(copter.heard)
    copter.fly_to(0.0, HALF_M + 30.0, 20.0)
    copter.run(6.0)
    assert copter.offset_m()[1] == pytest.approx(20.0, abs=2.0)
    assert {msg.get_type() for msg in copter.heard[heard:]} <= {"HEARTBEAT"}
    lat, lon = copter.place(0.0, HALF_M + 30.0)
    assert copter.command_int(mavlink.MAV_CMD_DO_REPOSITION, 3, (-1, 1, 0, 0), lat, lon, 20.0) == FAILED


def test_arming_outside_is_refused_and_forced_arming_silences_the_fence(copter: Any) -> None:
    copter.set_param("FENCE_TYPE", 4)
    copter.get_ready()
    copter.fence_square(40.0, north_m=200.0)
    copter.set_param("FENCE_ENABLE", 1)
    copter.set_mode("GUIDED")
    copter.run(0.5)
    assert copter.arm() == FAILED
    copter.run(0.1)
    assert "Arm: Vehicle breaching Polygon fence" in copter.texts()
    assert copter.arm(force=True) == ACCEPTED
    assert copter.command(mavlink.MAV_CMD_NAV_TAKEOFF, 0, 0, 0, 0, 0, 0, 10.0) == ACCEPTED
    copter.run(20.0)
    assert copter.mode == "GUIDED"
    assert copter.agl_m > 8.0


def test_an_enabled_fence_with_nothing_in_it_refuses_arming(copter: Any) -> None:
    copter.set_param("FENCE_TYPE", 4)
    copter.set_param("FENCE_ENABLE", 1)
    copter.get_ready()
    copter.set_mode("GUIDED")
    assert copter.arm() == FAILED
    copter.run(0.1)
    assert "Arm: Fences enabled, but none selected" in copter.texts()


def test_guided_again_outside_does_not_fire_again(copter: Any) -> None:
    in_fence(copter, BRAKE, avoid=0, half_m=40.0)
    copter.run_until(lambda: copter.mode == "BRAKE", 30.0, lambda: copter.fly_velocity(0.0, 5.0, 0.0))
    copter.run(3.0)
    fired = copter.texts().count("Polygon fence breached")
    assert copter.set_mode("GUIDED") == ACCEPTED
    copter.run(6.0, lambda: copter.fly_velocity(0.0, 3.0, 0.0))
    assert copter.mode == "GUIDED"
    assert copter.texts().count("Polygon fence breached") == fired
    copter.run(20.0, lambda: copter.fly_velocity(0.0, -5.0, 0.0))
    assert "Fence breach cleared" in copter.texts()


def test_a_fence_moved_far_away_in_flight_lands(copter: Any) -> None:
    in_fence(copter, BRAKE, avoid=0)
    copter.fence_square(40.0, north_m=400.0)
    copter.run(1.0)
    assert copter.mode == "LAND"


@pytest.mark.parametrize(("action", "mode"), [(0, "GUIDED"), (LAND, "LAND"), (3, "SMART_RTL"), (5, "SMART_RTL")])
def test_other_actions(copter: Any, action: int, mode: str) -> None:
    in_fence(copter, action, avoid=0, half_m=30.0)
    copter.run(10.0, lambda: copter.fly_velocity(0.0, 4.0, 0.0))
    assert copter.mode == mode
    assert "Polygon fence breached" in copter.texts()


def test_circle_about_home(copter: Any) -> None:
    copter.set_param("FENCE_TYPE", 2)
    copter.set_param("FENCE_RADIUS", 30.0)
    copter.set_param("AVOID_ENABLE", 0)
    copter.set_param("FENCE_ENABLE", 1)
    copter.stream(mavlink.MAVLINK_MSG_ID_FENCE_STATUS, 2.0)
    copter.take_off(10.0)
    assert copter.last("FENCE_STATUS").breach_status == 0
    copter.run_until(lambda: copter.mode == "RTL", 30.0, lambda: copter.fly_velocity(4.0, 0.0, 0.0))
    copter.run(1.0)
    status = copter.last("FENCE_STATUS")
    assert (status.breach_status, status.breach_type) == (1, mavlink.FENCE_BREACH_BOUNDARY)


def test_a_union_of_inclusions_by_option(copter: Any) -> None:
    copter.set_param("FENCE_TYPE", 4)
    copter.get_ready()
    first = [copter.place(e, n) for e, n in ((-20, -20), (20, -20), (20, 20), (-20, 20))]
    second = [copter.place(e, n) for e, n in ((100, -20), (140, -20), (140, 20), (100, 20))]
    copter.upload([(5001, 0, (4.0, 0, 0, 0), lat, lon, 0.0) for lat, lon in first + second], 1)
    copter.set_param("FENCE_ENABLE", 1)
    copter.set_mode("GUIDED")
    copter.run(0.5)
    assert copter.arm() == FAILED  # every inclusion counts
    copter.set_param("FENCE_OPTIONS", 2)
    copter.run(0.5)
    assert copter.arm() == ACCEPTED
