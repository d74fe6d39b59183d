"""The mission runner and its legs on a point mass that flies what is asked."""

from __future__ import annotations

import itertools
from dataclasses import replace
from math import atan2, hypot, inf, nan, pi, radians, remainder
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lenger_mavlink.codec import mavlink as m
from lenger_mavlink.transfer_client import MissionItem
from lenger_sim.legs import LegLimits, circle_velocity, corner_speed, leg_velocity
from lenger_sim.mission_items import Aim, EventKind, Locator, MissionRules, MissionView, Motion
from lenger_sim.mission_run import MissionRun

LIMITS = LegLimits(5.0, 3.0, 1.5, 3.0)
RULES = MissionRules(2.0, 0.8, LIMITS)
PARALLEL = replace(RULES, parallel=True, circles=True, item_yaw=False)
TICK_NS = 20_000_000


def to_local(lat: float, lon: float, alt: float) -> tuple[float, float, float]:
    return lon * 1e5, lat * 1e5, alt - 700.0


def item(command: int, east: float = 0.0, north: float = 0.0, up: float = 20.0, **fields: Any) -> MissionItem:
    return MissionItem(3, command, north * 1e-5, east * 1e-5, up, **{"param4": nan, **fields})


class Point:
    """A mass that has at once whatever velocity it is asked for, on flat ground at height 50 (home)."""

    def __init__(self, *items: MissionItem, rules: MissionRules = RULES, first: int = 0) -> None:
        self.run = MissionRun(Locator(to_local, lambda: (0.0, 0.0, 50.0)), first)
        self.run.load(items)
        self.run.start()
        self.rules = rules
        self.position, self.yaw, self.landed, self.now_ns = (0.0, 0.0, 50.0), 0.0, True, 1_000_000_000
        self.aim: Aim | None = None
        self.events: list[tuple[EventKind, int]] = []
        self.track: list[tuple[float, float, float]] = []

    def tick(self) -> None:
        self.aim = self.run.step(self.now_ns, MissionView(self.position, self.yaw, self.landed), self.rules)
        self.events += [(event.kind, event.seq) for event in self.run.take_events()]
        if self.aim is not None:
            self._move(self.aim)
        self.now_ns += TICK_NS
        self.track.append(self.position)

    def _move(self, aim: Aim) -> None:
        limits = replace(self.rules.limits, speed_m_s=aim.speed_m_s, exit_m_s=aim.exit_m_s)
        velocity = {
            Motion.STAY: lambda: (0.0, 0.0, 0.0),
            Motion.RETURN: lambda: (0.0, 0.0, 0.0),
            Motion.CLIMB: lambda: (0.0, 0.0, 1.5),
            Motion.LAND: lambda: (0.0, 0.0, -1.0),
            Motion.LEG: lambda: leg_velocity(self.position, aim.start, aim.place, limits),
            Motion.CIRCLE: lambda: circle_velocity(self.position, aim.place, aim.radius_m, limits),
        }[aim.motion]()
        if aim.yaw_rad == aim.yaw_rad:
            self.yaw += min(max(remainder(aim.yaw_rad - self.yaw, 2.0 * pi), -0.002), 0.002)
        east, north, up = (a + b * 0.02 for a, b in zip(self.position, velocity, strict=True))
        self.position = (east, north, max(up, 50.0))
        self.landed = up <= 50.0 and velocity[2] <= 0.0

    def fly(self, limit_s: float = 300.0, until: Any = None) -> None:
        done = until or (lambda: self.run.finished)
        end = self.now_ns + int(limit_s * 1e9)
        while not done():
            assert self.now_ns < end, (self.run.seq, self.position, self.aim, self.events)
            self.tick()

    def reached(self) -> list[int]:
        return [seq for kind, seq in self.events if kind is EventKind.REACHED]


TAKEOFF = item(m.MAV_CMD_NAV_TAKEOFF)
LAND = item(m.MAV_CMD_NAV_LAND, 0.0, 60.0, 0.0)


def square(*more: MissionItem) -> tuple[MissionItem, ...]:
    corners = ((60.0, 0.0), (60.0, 60.0), (0.0, 60.0))
    return (TAKEOFF, *(item(m.MAV_CMD_NAV_WAYPOINT, e, n) for e, n in corners), *more)


def test_a_square_is_flown_in_order_along_its_sides_and_ends_on_the_ground() -> None:
    point = Point(*square(LAND))
    point.fly()
    assert point.reached() == [0, 1, 2, 3, 4]
    assert point.run.state == m.MISSION_STATE_COMPLETE
    assert point.landed and hypot(point.position[0], point.position[1] - 60.0) < 2.5
    sides = [min(abs(n), abs(e - 60.0), abs(n - 60.0), abs(e)) for e, n, _ in point.track]
    assert max(sides) <= RULES.acceptance_m


def test_corners_are_taken_slower_than_straights_and_stops_at_nil() -> None:
    right = corner_speed((0, 0, 0), (50, 0, 0), (50, 50, 0), 2.0, LIMITS)
    blunt = corner_speed((0, 0, 0), (50, 0, 0), (100, 20, 0), 2.0, LIMITS)
    assert right == pytest.approx(6.0**0.5)
    assert right < blunt <= 5.0
    assert corner_speed((0, 0, 0), (50, 0, 0), (0, 0, 0), 2.0, LIMITS) == pytest.approx(0.0, abs=1e-3)
    assert corner_speed((0, 0, 0), (50, 0, 0), (100, 0, 0), 2.0, LIMITS) == 5.0
    point = Point(TAKEOFF, item(m.MAV_CMD_NAV_WAYPOINT, 80.0, 0.0, param1=2.0))
    point.fly()
    assert hypot(point.position[0] - 80.0, point.position[1]) < 2.0


@given(
    st.tuples(*[st.floats(-200, 200)] * 3),
    st.tuples(*[st.floats(-200, 200)] * 3),
    st.tuples(*[st.floats(-200, 200)] * 3),
    st.floats(0.0, 15.0),
)
@settings(max_examples=200, deadline=None)
def test_no_leg_asks_for_more_than_the_limits(position: Any, start: Any, end: Any, exit_m_s: float) -> None:
    east, north, up = leg_velocity(position, start, end, replace(LIMITS, exit_m_s=exit_m_s))
    assert hypot(east, north) <= 5.0 + 1e-6
    assert -1.5 - 1e-6 <= up <= 3.0 + 1e-6


@given(st.tuples(st.floats(-100, 100), st.floats(-100, 100)), st.tuples(st.floats(-100, 100), st.floats(-100, 100)))
@settings(max_examples=30, deadline=None)
def test_every_leg_ends_at_its_end(start: tuple[float, float], end: tuple[float, float]) -> None:
    position = (10.0, -10.0, 0.0)
    for _ in range(20_000):
        velocity = leg_velocity(position, (*start, 0.0), (*end, 10.0), LIMITS)
        position = tuple(a + 0.02 * b for a, b in zip(position, velocity, strict=True))  # type: ignore[assignment]
    assert position == pytest.approx((*end, 10.0), abs=0.1)


@given(st.floats(0.3, 40.0), st.floats(-5.0, 5.0), st.floats(0.0, 5.0))
@settings(max_examples=100, deadline=None)
def test_who_missed_the_end_is_led_back_to_it_however_fast_it_was_to_be_passed(
    beyond_m: float, beside_m: float, exit_m_s: float
) -> None:
    position: Any = (100.0 + beyond_m, beside_m, 0.0)
    for _ in range(5_000):
        velocity = leg_velocity(position, (0.0, 0.0, 0.0), (100.0, 0.0, 0.0), replace(LIMITS, exit_m_s=exit_m_s))
        position = tuple(a + 0.02 * b for a, b in zip(position, velocity, strict=True))
    assert hypot(position[0] - 100.0, position[1]) < 0.5


def test_hold_time_and_own_acceptance_radius() -> None:
    point = Point(TAKEOFF, item(m.MAV_CMD_NAV_WAYPOINT, 40.0, 0.0, param1=5.0, param2=8.0), LAND)
    point.fly(until=lambda: point.run.seq == 1)
    point.fly(until=lambda: hypot(point.position[0] - 40.0, point.position[1]) <= 8.0)
    arrived = point.now_ns
    point.fly(until=lambda: point.run.seq == 2)
    assert (point.now_ns - arrived) * 1e-9 == pytest.approx(5.0, abs=0.1)


def test_a_heading_is_awaited_only_where_the_flavour_does_so() -> None:
    turn = item(m.MAV_CMD_NAV_WAYPOINT, 30.0, 0.0, param4=180.0)  # compass south
    waits = Point(TAKEOFF, turn, rules=replace(RULES, yaw_error_rad=radians(12.0)))
    waits.yaw = pi / 2.0
    waits.fly()
    assert abs(remainder(waits.yaw + pi / 2.0, 2.0 * pi)) <= radians(12.0)
    hasty = Point(TAKEOFF, turn, rules=PARALLEL)
    hasty.yaw = pi / 2.0
    hasty.fly()
    assert hasty.yaw == pi / 2.0
    assert hasty.now_ns < waits.now_ns


def test_jumps_repeat_as_often_as_they_say_and_a_bare_loop_ends() -> None:
    jump = item(m.MAV_CMD_DO_JUMP, param1=1, param2=2)
    point = Point(*square(jump))
    point.fly()
    assert point.reached() == [0, 1, 2, 3, 1, 2, 3, 1, 2, 3]
    bare = Point(item(m.MAV_CMD_DO_SET_SERVO), item(m.MAV_CMD_DO_JUMP, param1=0, param2=-1))
    bare.fly(1.0)
    assert bare.run.finished


def test_speed_changes_and_strangers_are_events() -> None:
    change = item(m.MAV_CMD_DO_CHANGE_SPEED, param1=1.0, param2=2.0)
    point = Point(TAKEOFF, change, item(m.MAV_CMD_DO_SET_SERVO), item(m.MAV_CMD_NAV_WAYPOINT, 60.0, 0.0))
    point.fly(until=lambda: point.run.seq == 3)
    began = point.now_ns
    point.fly()
    assert (point.now_ns - began) * 1e-9 == pytest.approx(29.0, abs=2.0)
    assert [seq for kind, seq in point.events if kind is EventKind.DO] == [1, 2]


def test_delays_stop_one_flavour_and_not_the_other() -> None:
    delay = item(m.MAV_CMD_CONDITION_DELAY, param1=30.0)
    plan = (TAKEOFF, delay, item(m.MAV_CMD_DO_SET_SERVO), item(m.MAV_CMD_NAV_WAYPOINT, 60.0, 0.0))
    sequential, parallel = Point(*plan), Point(*plan, rules=PARALLEL)
    sequential.fly()
    parallel.fly()
    assert (sequential.now_ns - parallel.now_ns) * 1e-9 == pytest.approx(30.0, abs=1.0)
    assert (EventKind.DO, 2) in sequential.events
    assert (EventKind.DO, 2) not in parallel.events  # the leg ended before the delay did


def test_condition_distance_and_yaw_run_beside_the_leg() -> None:
    plan = (
        TAKEOFF,
        item(m.MAV_CMD_CONDITION_DISTANCE, param1=20.0),
        item(m.MAV_CMD_DO_SET_SERVO),
        item(m.MAV_CMD_CONDITION_YAW, param1=45.0, param4=0.0),
        item(m.MAV_CMD_NAV_WAYPOINT, 80.0, 0.0),
    )
    point = Point(*plan, rules=PARALLEL)
    point.fly(until=lambda: (EventKind.DO, 2) in point.events)
    assert 80.0 - point.position[0] == pytest.approx(20.0, abs=0.3)
    point.fly()
    assert point.yaw > 0.3  # on its way from east to north-east


def test_circles_turn_their_number_in_their_direction() -> None:
    for radius in (15.0, -15.0):
        point = Point(TAKEOFF, item(m.MAV_CMD_NAV_LOITER_TURNS, 50.0, 0.0, param1=2.0, param3=radius), rules=PARALLEL)
        point.fly(until=lambda: point.run.seq == 1)  # noqa: B023
        point.fly()
        tail = point.track[-500:]
        assert all(abs(hypot(e - 50.0, n) - 15.0) < 1.0 for e, n, _ in tail)
        bearings = [atan2(e - 50.0, n) for e, n, _ in tail]
        swept = sum(remainder(b - a, 2.0 * pi) for a, b in itertools.pairwise(bearings))
        assert swept * radius > 0.0


def test_set_current_pause_and_resume() -> None:
    point = Point(*square())
    point.fly(until=lambda: point.run.seq == 1)
    assert not point.run.set_current(9)
    assert point.run.set_current(3)
    point.run.pause()
    assert point.run.state == m.MISSION_STATE_PAUSED
    point.tick()
    assert [point.aim] == [None]
    point.position = (30.0, 30.0, 70.0)
    point.run.start()
    point.tick()
    assert point.aim is not None
    assert point.aim.start == pytest.approx((30.0, 30.0, 70.0))
    point.fly()
    assert point.reached() == [0, 3]


def test_loiters_unlimited_and_return_do_not_end_by_themselves() -> None:
    for command, motion in ((m.MAV_CMD_NAV_LOITER_UNLIM, Motion.LEG), (m.MAV_CMD_NAV_RETURN_TO_LAUNCH, Motion.RETURN)):
        point = Point(TAKEOFF, item(command, 10.0, 0.0))
        point.fly(60.0, until=lambda: point.now_ns > 50_000_000_000)  # noqa: B023
        assert not point.run.finished
        assert point.aim is not None and point.aim.motion is motion


def test_heights_by_frame() -> None:
    locator = Locator(to_local, lambda: (0.0, 0.0, 50.0), lambda _lat, _lon: 760.0)
    up = {}
    for frame in (0, 5, 3, 6, 10, 11):
        place = locator.place(MissionItem(frame, 16, 0.0, 0.0, 800.0 if frame in (0, 5) else 40.0))
        assert place is not None
        up[frame] = place[2]
    assert up == {0: 100.0, 5: 100.0, 3: 90.0, 6: 90.0, 10: 100.0, 11: 100.0}
    assert Locator(to_local, lambda: None).place(item(16)) is None
    assert Locator(to_local, lambda: (0.0, 0.0, 0.0)).place(MissionItem(10, 16, 0.0, 0.0, 40.0)) is None
    assert locator.place(MissionItem(3, 16, nan, 0.0, 40.0)) is None


def test_the_first_item_may_be_home() -> None:
    point = Point(item(m.MAV_CMD_NAV_WAYPOINT), *square(), first=1)
    point.fly()
    assert point.reached()[0] == 1
    assert inf not in point.position
