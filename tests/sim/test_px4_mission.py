"""AUTO.MISSION, DO_REPOSITION and their kin, flown over MAVLink bytes."""

from __future__ import annotations

from math import hypot, nan
from typing import Any

import pytest

from lenger_mavlink.codec import mavlink as m

from .px4_plans import RTL, TAKEOFF, Item, do, landing, offset, place, square_fence, upload, waypoint

ACCEPTED, REJECTED, DENIED, UNSUPPORTED = 0, 1, 2, 3
MISSION, LOITER = (4, 4), (4, 3)


def start(rig: Any) -> list[int]:
    rig.run_until(lambda: not rig.core.autopilot.commander.blockers(rig.core.now_ns), 10.0)
    return list(rig.command(m.MAV_CMD_MISSION_START, 0))


def reached(rig: Any) -> list[int]:
    """Return the items in the order in which they were first told as reached."""
    return list(dict.fromkeys(msg.seq for msg in rig.of("MISSION_ITEM_REACHED")))


def test_a_mission_is_flown_from_take_off_to_landing(rig: Any) -> None:
    assert upload(rig, TAKEOFF, waypoint(50, 0), waypoint(50, 40), landing(20, 40)) == ACCEPTED
    assert rig.core.autopilot.commander.mission.valid
    assert start(rig) == [ACCEPTED]
    farthest = 0.0
    while rig.armed or rig.now_s < 10.0:
        rig.run(0.5)
        north, east = offset(rig)
        if rig.of("MISSION_ITEM_REACHED"):
            seq = rig.last("MISSION_ITEM_REACHED").seq
            beside = abs(east) if seq == 0 else abs(north - 50.0) if seq == 1 else 0.0
            farthest = max(farthest, beside)
        assert rig.now_s < 150.0, (rig.mode, rig.texts())
    assert reached(rig) == [0, 1, 2, 3]
    assert hypot(offset(rig)[0] - 20.0, offset(rig)[1] - 40.0) < 3.0
    assert farthest < 4.0  # along the legs, corners included
    assert not rig.core.truth().crashed
    assert {msg.seq for msg in rig.of("MISSION_CURRENT")} == {0, 1, 2, 3}
    rig.run(1.5)
    assert rig.last("MISSION_CURRENT").mission_state == m.MISSION_STATE_COMPLETE
    began = len(rig.of("MISSION_CURRENT"))
    assert rig.command(m.MAV_CMD_MISSION_START, -1) == [ACCEPTED]  # and begins anew
    rig.run(1.5)
    assert {msg.seq for msg in rig.of("MISSION_CURRENT")[began:]} == {0}
    told = [msg.seq for msg in rig.of("MISSION_ITEM_REACHED")]
    assert told == sorted(told)  # nothing is told again behind a later one


def test_at_the_end_it_loiters_and_the_last_item_is_told_eleven_times(rig: Any) -> None:
    upload(rig, TAKEOFF, waypoint(30, 0))
    start(rig)
    rig.run_until(lambda: rig.mode == "AUTO.LOITER" and rig.agl_m > 10.0, 60.0)
    rig.run(15.0)
    assert [msg.seq for msg in rig.of("MISSION_ITEM_REACHED")].count(1) == 11
    current = rig.last("MISSION_CURRENT")
    assert (current.mission_state, current.mission_mode, current.total) == (m.MISSION_STATE_COMPLETE, 2, 2)
    assert hypot(offset(rig)[0] - 30.0, offset(rig)[1]) < 2.5


def test_hold_time_speed_and_heading_of_items(rig: Any) -> None:
    speed = do(m.MAV_CMD_DO_CHANGE_SPEED, 1.0, 2.0)
    upload(rig, TAKEOFF, waypoint(10, 0, p1=4.0, p4=180.0), speed, waypoint(40, 0))
    start(rig)
    rig.run_until(lambda: 0 in reached(rig), 40.0)
    rig.run_until(lambda: abs(offset(rig)[0] - 10.0) < 2.0, 20.0)
    arrived = rig.now_s
    rig.run_until(lambda: 1 in reached(rig), 40.0)
    assert rig.now_s - arrived > 4.0
    assert rig.last("GLOBAL_POSITION_INT").hdg * 0.01 == pytest.approx(180.0, abs=12.0)
    fastest = 0.0
    while 3 not in reached(rig):
        rig.run(0.5)
        fastest = max(fastest, rig.velocity[1])
    assert fastest == pytest.approx(2.0, abs=0.4)


def test_return_item_hands_over_to_rtl(rig: Any) -> None:
    upload(rig, TAKEOFF, waypoint(40, 0), RTL)
    start(rig)
    rig.run_until(lambda: rig.mode == "AUTO.RTL", 60.0)
    assert reached(rig) == [0, 1, 2]
    rig.run_until(lambda: not rig.armed, 120.0)
    assert hypot(*offset(rig)) < 3.0


def test_pause_and_continue_and_another_item(rig: Any) -> None:
    upload(rig, TAKEOFF, waypoint(60, 0), waypoint(60, 60), waypoint(0, 60))
    start(rig)
    rig.run_until(lambda: 0 in reached(rig), 40.0)
    rig.run(4.0)
    assert rig.set_mode(*LOITER)[-1] == ACCEPTED
    rig.run(5.0)
    assert hypot(*rig.velocity[:2]) < 0.3
    assert rig.last("MISSION_CURRENT").mission_state == m.MISSION_STATE_PAUSED
    rig.send(m.MAVLink_mission_set_current_message(1, 1, 3))
    rig.run(0.2)
    assert rig.last("MISSION_CURRENT").seq == 3
    assert rig.set_mode(*MISSION)[-1] == ACCEPTED
    rig.run_until(lambda: 3 in reached(rig), 60.0)
    assert reached(rig) == [0, 3]
    rig.send(m.MAVLink_mission_set_current_message(1, 1, 9))
    rig.run(0.2)
    assert "WPM: WP CURR CMD: Not in list" in rig.texts()


def test_a_waypoint_outside_the_fence_is_accepted_and_cannot_be_flown(rig: Any) -> None:
    rig.run(6.0)
    square_fence(rig, 60.0)
    assert upload(rig, TAKEOFF, waypoint(80, 0)) == m.MAV_MISSION_ACCEPTED
    rig.run(0.2)
    assert "Geofence violation for waypoint 2" in rig.texts()
    assert start(rig) == [DENIED]
    rig.run(0.1)
    assert "Mission start denied! No valid mission" in rig.texts()
    rig.set_mode(*MISSION)
    assert rig.arm() == [REJECTED]
    rig.run(0.2)
    assert "Arming denied: Preflight Fail: no valid mission available" in rig.texts()


@pytest.mark.parametrize(
    ("items", "text"),
    [
        ((landing(0, 0),), "Mission rejected: starts with landing"),
        ((waypoint(9, 0), TAKEOFF), "Mission rejected: takeoff not first waypoint item"),
        ((Item(m.MAV_CMD_NAV_TAKEOFF, up=-1.0),), "Mission rejected: Takeoff altitude below home altitude!"),
        (
            (TAKEOFF, Item(m.MAV_CMD_NAV_VTOL_LAND)),
            "Mission rejected: Mission contains VTOL items but vehicle is not a VTOL",
        ),
        ((TAKEOFF, do(m.MAV_CMD_CONDITION_YAW, 90.0)), "IGN MISSION_ITEM: Invalid item"),  # not even transferred
    ],
)
def test_infeasible_missions_are_told_of(rig: Any, items: tuple[Item, ...], text: str) -> None:
    upload(rig, *items)
    rig.run(0.2)
    assert text in rig.texts()
    assert not rig.core.autopilot.commander.mission.valid


def test_takeoff_and_landing_may_be_required(rig: Any) -> None:
    rig.set_param("MIS_TKO_LAND_REQ", 3)
    upload(rig, TAKEOFF, waypoint(9, 0))
    rig.run(0.2)
    assert "Mission rejected: Takeoff or Landing item missing." in rig.texts()
    rig.set_param("MIS_TKO_LAND_REQ", 0)
    rig.set_param("MIS_DIST_1WP", 50.0)
    upload(rig, TAKEOFF, waypoint(9, 0))
    upload(rig, waypoint(70, 0))
    rig.run(0.2)
    assert any(text.startswith("First waypoint far away from home: ") for text in rig.texts())
    assert rig.core.autopilot.commander.mission.valid  # a warning only


def test_a_fence_uploaded_later_makes_the_mission_infeasible(rig: Any) -> None:
    rig.run(6.0)
    upload(rig, TAKEOFF, waypoint(80, 0))
    assert rig.core.autopilot.commander.mission.valid
    square_fence(rig, 60.0)
    rig.run(0.2)
    assert "Geofence violation for waypoint 2" in rig.texts()
    assert not rig.core.autopilot.commander.mission.valid


def reposition(rig: Any, north: float, east: float, up: float, flags: float = 1.0) -> int:
    alt = rig.core.autopilot.commander.home[2] + up
    args = (1, 1, 6, m.MAV_CMD_DO_REPOSITION, 0, 0, -1.0, flags, 0.0, nan, *place(rig, north, east), alt)
    rig.send(m.MAVLink_command_int_message(*args))
    return int(rig.last("COMMAND_ACK").result)


def test_reposition_goes_there_and_outside_the_fence_only_a_text_tells(rig: Any) -> None:
    rig.run(6.0)
    square_fence(rig, 60.0)
    rig.take_off(15.0)
    assert reposition(rig, 30.0, -20.0, 25.0) == ACCEPTED
    rig.run(20.0)
    north, east = offset(rig)
    assert (north, east, rig.agl_m) == pytest.approx((30.0, -20.0, 25.0), abs=3.0)
    assert reposition(rig, 90.0, 0.0, 25.0) == ACCEPTED
    rig.run(8.0)
    assert "Reposition is outside geofence" in rig.texts()
    assert offset(rig) == pytest.approx((north, east), abs=2.5)
    assert reposition(rig, 0.0, 0.0, 25.0, flags=0.0) == UNSUPPORTED


def test_speed_height_and_home_by_command(rig: Any) -> None:
    rig.take_off(15.0)
    home = rig.core.autopilot.commander.home
    assert rig.command(m.MAV_CMD_DO_CHANGE_ALTITUDE, home[2] + 25.0, 1) == [ACCEPTED]
    rig.run(10.0)
    assert rig.last("GLOBAL_POSITION_INT").relative_alt * 1e-3 == pytest.approx(25.0, abs=1.5)
    reposition(rig, 80.0, 0.0, 25.0)
    assert rig.command(m.MAV_CMD_DO_CHANGE_SPEED, 1, 2.0, -1) == [ACCEPTED]
    rig.run(8.0)
    assert rig.velocity[1] == pytest.approx(2.0, abs=0.4)


def test_termination_stops_the_motors(rig: Any) -> None:
    rig.take_off(10.0)
    assert rig.command(m.MAV_CMD_DO_FLIGHTTERMINATION, 1) == [ACCEPTED]
    rig.run(8.0)
    assert not rig.armed
    assert rig.core.truth().crashed
    assert rig.arm() == [REJECTED]


def test_mission_without_take_off_item_rises_first(rig: Any) -> None:
    upload(rig, waypoint(40, 0, 15.0), landing(40, 0))
    start(rig)
    low = []
    while rig.agl_m < 10.0:
        rig.run(0.2)
        if rig.agl_m < 1.0:
            low.append(hypot(*offset(rig)))
        assert rig.now_s < 40.0
    assert max(low) < 1.0
    rig.run_until(lambda: not rig.armed, 90.0)
    assert not rig.core.truth().crashed
