"""Photos fall due by distance, by time and by item, and where the aircraft was is told with each."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from lenger_core.plans import CameraAction, CameraDo, Datum, Height, Home, Plan, PlanItem, ReturnHome, Takeoff, Waypoint
from lenger_core.samples import CameraKind
from lenger_mission.camera_log import MOST_A_STEP, CameraLog, Shot
from lenger_mission.world import Position

UP = Height(value_m=30.0, datum=Datum.HOME)
STEP_NS = 50_000_000


def plan(*items: PlanItem) -> Plan:
    point = Waypoint(lat_deg=42.0, lon_deg=69.0, height=UP)
    return Plan(
        name="p", home=Home(lat_deg=42.0, lon_deg=69.0), items=(Takeoff(height=UP), point, *items, point, ReturnHome())
    )


def at(east_m: float) -> Shot:
    return Shot(Position(east_m, 0.0, 800.0, (8.0, 0.0, 0.0), "fusion"), 42.0, 69.0 + east_m * 1e-5, 30.0, 0.0)


def fly(log: CameraLog, item: int, metres: float, speed_m_s: float = 8.0, begin_ns: int = 0) -> list[float]:
    """Fly straight east; return where photos fell due."""
    places, steps = [], round(metres / (speed_m_s * STEP_NS / 1e9))
    for step in range(steps + 1):
        east = step * speed_m_s * STEP_NS / 1e9
        for trigger in log.step(begin_ns + step * STEP_NS, item, at(east)):
            assert trigger.kind is CameraKind.PHOTO and trigger.lon_deg == 69.0 + east * 1e-5
            places.append(east)
    return places


def test_photos_by_distance_are_that_far_apart() -> None:
    log = CameraLog(plan(CameraAction(action=CameraDo.START_DISTANCE, distance_m=25.0)), by_autopilot=False)
    places = fly(log, 3, 101.0)
    assert len(places) == 5 and log.photos == 5
    assert all(abs(place - 25.0 * n) <= 0.41 for n, place in enumerate(places))


def test_photos_by_time_come_so_often_and_no_more_than_asked_for() -> None:
    action = CameraAction(action=CameraDo.START_TIME, interval_s=2.0, count=3)
    assert fly(CameraLog(plan(action), by_autopilot=False), 3, 200.0) == [0.0, 16.0, 32.0]


def test_a_single_photo_is_taken_once() -> None:
    log = CameraLog(plan(CameraAction(action=CameraDo.PHOTO)), by_autopilot=True)
    assert fly(log, 1, 10.0) == [] and fly(log, 3, 10.0) == [0.0]


def test_stopping_stops_and_a_jump_back_starts_again() -> None:
    start, stop = CameraAction(action=CameraDo.START_DISTANCE, distance_m=5.0), CameraAction(action=CameraDo.STOP)
    point = Waypoint(lat_deg=42.0, lon_deg=69.0, height=UP)
    log = CameraLog(plan(start, point, stop), by_autopilot=False)
    assert len(fly(log, 3, 21.0)) == 5
    assert fly(log, 5, 50.0) == []
    log.go_to(3)
    assert len(fly(log, 3, 21.0)) == 5
    log.go_to(5)
    assert fly(log, 5, 50.0) == []


def test_the_gimbal_is_told_with_its_angles() -> None:
    log = CameraLog(plan(CameraAction(action=CameraDo.POINT, pitch_deg=-90.0, yaw_deg=10.0)), by_autopilot=False)
    (trigger,) = log.step(0, 3, at(0.0))
    assert (trigger.kind, trigger.pitch_deg, trigger.pan_deg) == (CameraKind.POINT, -90.0, 10.0)


@given(st.lists(st.floats(-1e7, 1e7), min_size=1, max_size=40))
def test_a_position_that_jumps_asks_for_no_thousand_photos(places: list[float]) -> None:
    log = CameraLog(plan(CameraAction(action=CameraDo.START_DISTANCE, distance_m=1.0)), by_autopilot=False)
    for step, east in enumerate(places):
        assert len(log.step(step * STEP_NS, 3, at(east))) <= MOST_A_STEP
