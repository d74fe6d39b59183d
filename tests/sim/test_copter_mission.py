"""AUTO of the ArduCopter flavour."""

from __future__ import annotations

from math import hypot
from typing import Any

import pytest

from lenger_mavlink.codec import mavlink as m

ACCEPTED, FAILED = 0, 4
NONE = (0.0, 0.0, 0.0, 0.0)


def item(rig: Any, command: int, east: float = 0.0, north: float = 0.0, up: float = 0.0, params: Any = NONE) -> Any:
    return (command, 3, params, *rig.place(east, north), up)


def upload(rig: Any, *items: Any) -> None:
    """Upload behind a home item."""
    assert rig.upload([item(rig, m.MAV_CMD_NAV_WAYPOINT), *items]) == 0


def start(rig: Any) -> None:
    """Arm in GUIDED and start the mission from the ground."""
    assert rig.set_mode("GUIDED") == ACCEPTED
    assert rig.arm() == ACCEPTED
    assert rig.command(m.MAV_CMD_MISSION_START) == ACCEPTED
    rig.run(0.1)
    assert rig.armed


def reached(rig: Any) -> list[int]:
    return [msg.seq for msg in rig.of("MISSION_ITEM_REACHED")]


def test_a_mission_from_take_off_to_its_end_stays_in_auto(copter: Any) -> None:
    copter.get_ready()
    upload(
        copter,
        item(copter, m.MAV_CMD_NAV_TAKEOFF, up=12.0),
        item(copter, m.MAV_CMD_NAV_WAYPOINT, 0.0, 30.0, 12.0),
        item(copter, m.MAV_CMD_NAV_WAYPOINT, 30.0, 30.0, 15.0, (3.0, 0.0, 0.0, 0.0)),
    )
    copter.stream(m.MAVLINK_MSG_ID_MISSION_CURRENT, 5.0)
    start(copter)
    copter.run_until(lambda: reached(copter) == [1, 2, 3], 80.0)
    copter.run(6.0)
    assert copter.mode == "AUTO"
    assert copter.armed
    assert copter.offset_m() == pytest.approx((30.0, 30.0), abs=2.5)
    current = copter.last("MISSION_CURRENT")
    assert (current.seq, current.total, current.mission_state) == (3, 3, m.MISSION_STATE_COMPLETE)
    for text in ("Mission: 1 Takeoff", "Mission: 2 WP", "Reached command #2", "Reached command #3"):
        assert text in copter.texts(), text


def test_return_and_landing_disarm(copter: Any) -> None:
    copter.get_ready()
    upload(
        copter,
        item(copter, m.MAV_CMD_NAV_TAKEOFF, up=8.0),
        item(copter, m.MAV_CMD_NAV_WAYPOINT, 0.0, 20.0, 8.0),
        item(copter, m.MAV_CMD_NAV_RETURN_TO_LAUNCH),
    )
    start(copter)
    copter.run_until(lambda: not copter.armed, 120.0)
    assert hypot(*copter.offset_m()) < 2.0
    assert not copter.core.truth().crashed


def test_land_at_a_place(copter: Any) -> None:
    copter.get_ready()
    upload(copter, item(copter, m.MAV_CMD_NAV_TAKEOFF, up=8.0), item(copter, m.MAV_CMD_NAV_LAND, 15.0, 0.0))
    start(copter)
    copter.run_until(lambda: not copter.armed, 90.0)
    assert copter.offset_m() == pytest.approx((15.0, 0.0), abs=2.5)


def test_loiter_delay_speed_yaw_and_jump(copter: Any) -> None:
    copter.get_ready()
    upload(
        copter,
        item(copter, m.MAV_CMD_NAV_TAKEOFF, up=10.0),
        item(copter, m.MAV_CMD_DO_CHANGE_SPEED, params=(1.0, 3.0, 0.0, 0.0)),
        item(copter, m.MAV_CMD_NAV_WAYPOINT, 0.0, 25.0, 10.0),
        item(copter, m.MAV_CMD_NAV_LOITER_TIME, 0.0, 25.0, 10.0, (4.0, 0.0, 0.0, 0.0)),
        item(copter, m.MAV_CMD_DO_JUMP, params=(3.0, 1.0, 0.0, 0.0)),
        item(copter, m.MAV_CMD_NAV_LOITER_UNLIM, 0.0, 0.0, 10.0),
    )
    start(copter)
    fastest, times = 0.0, {}
    while copter.now_s < 160.0 and (len(reached(copter)) < 5 or hypot(*copter.offset_m()) > 3.0):
        copter.run(0.2)
        fastest = max(fastest, hypot(*copter.velocity[:2]))
        times.setdefault(len(reached(copter)), copter.now_s)
    assert reached(copter) == [2, 3, 4, 3, 4]  # the speed is changed in the cycle that ends the take-off
    assert "Mission: 5 Jump 1/1" in copter.texts()
    assert copter.texts().index("Mission: 2 ChangeSpeed") < copter.texts().index("Mission: 3 WP")
    assert times[4] - times[2] == pytest.approx(4.0, abs=1.5)
    assert fastest == pytest.approx(3.0, abs=0.5)
    copter.run(5.0)
    assert copter.mode == "AUTO"


def test_auto_wants_a_take_off_first_on_the_ground(copter: Any) -> None:
    copter.get_ready()
    upload(copter, item(copter, m.MAV_CMD_NAV_WAYPOINT, 0.0, 20.0, 10.0))
    copter.set_mode("GUIDED")
    copter.arm()
    assert copter.set_mode("AUTO") == FAILED
    assert "Auto: Missing Takeoff Cmd" in copter.texts()
    assert copter.command(m.MAV_CMD_MISSION_START, 1, 0) == 2


def test_auto_alone_waits_for_the_throttle(copter: Any) -> None:
    copter.get_ready()
    upload(copter, item(copter, m.MAV_CMD_NAV_TAKEOFF, up=8.0))
    copter.set_mode("GUIDED")
    copter.arm()
    assert copter.set_mode("AUTO") == ACCEPTED
    copter.run(4.0)
    assert copter.agl_m < 0.2
    copter.send(m.MAVLink_rc_channels_override_message(1, 1, 1500, 1500, 1600, 1500, 0, 0, 0, 0))
    copter.run(6.0)
    assert copter.agl_m > 2.0


def test_leaving_auto_pauses_and_coming_back_resumes(copter: Any) -> None:
    copter.get_ready()
    upload(
        copter,
        item(copter, m.MAV_CMD_NAV_TAKEOFF, up=8.0),
        item(copter, m.MAV_CMD_NAV_WAYPOINT, 0.0, 60.0, 8.0),
        item(copter, m.MAV_CMD_NAV_WAYPOINT, 60.0, 60.0, 8.0),
    )
    start(copter)
    copter.run_until(lambda: copter.offset_m()[1] > 20.0, 60.0)
    copter.set_mode("BRAKE")
    copter.run(4.0)
    copter.send(m.MAVLink_mission_clear_all_message(1, 1, 0))
    assert copter.set_mode("AUTO") == FAILED  # cleared
    assert copter.last("MISSION_ACK").type == 0


def test_a_mission_cannot_be_cleared_while_auto_flies_it(copter: Any) -> None:
    copter.get_ready()
    upload(copter, item(copter, m.MAV_CMD_NAV_TAKEOFF, up=8.0), item(copter, m.MAV_CMD_NAV_WAYPOINT, 0.0, 90.0, 8.0))
    start(copter)
    copter.run(15.0)
    copter.send(m.MAVLink_mission_clear_all_message(1, 1, 0))
    assert copter.last("MISSION_ACK").type == m.MAV_MISSION_ERROR
    assert copter.command(m.MAV_CMD_DO_SET_MISSION_CURRENT, 1) == ACCEPTED
    assert copter.last("MISSION_CURRENT").seq == 1


def test_an_item_above_unknown_terrain_trips_the_terrain_failsafe(copter: Any) -> None:
    copter.get_ready()
    lat, lon = copter.place(0.0, 40.0)
    upload(copter, item(copter, m.MAV_CMD_NAV_TAKEOFF, up=8.0), (m.MAV_CMD_NAV_WAYPOINT, 10, NONE, lat, lon, 20.0))
    start(copter)
    copter.run_until(lambda: copter.mode == "RTL", 60.0)
    assert "Failsafe: Terrain data missing" in copter.texts()


def test_pause_and_continue(copter: Any) -> None:
    copter.get_ready()
    upload(copter, item(copter, m.MAV_CMD_NAV_TAKEOFF, up=8.0), item(copter, m.MAV_CMD_NAV_WAYPOINT, 0.0, 60.0, 8.0))
    start(copter)
    copter.run_until(lambda: copter.offset_m()[1] > 15.0, 60.0)
    assert copter.command(m.MAV_CMD_DO_PAUSE_CONTINUE, 0) == ACCEPTED
    copter.run(6.0)
    assert hypot(*copter.velocity[:2]) < 0.4
    copter.command(m.MAV_CMD_DO_PAUSE_CONTINUE, 1)
    copter.run_until(lambda: 2 in reached(copter), 30.0)
