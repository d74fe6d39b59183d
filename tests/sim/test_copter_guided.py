"""GUIDED and the returns of the ArduCopter flavour."""

from __future__ import annotations

from math import cos, hypot, nan, radians, sin
from typing import Any

import pytest

from lenger_mavlink.codec import mavlink

from .copter_rig import BOTH, POSITION, VELOCITY

ACCEPTED, DENIED, UNSUPPORTED, FAILED = 0, 2, 3, 4


def heading(rig: Any) -> float:
    return float(rig.pilot.heading_deg())


def test_velocity_is_flown_nose_along_the_track_and_times_out_after_3_s(copter: Any) -> None:
    copter.take_off(15.0)
    copter.run(6.0, lambda: copter.fly_velocity(3.0, 4.0, 0.0))
    assert copter.velocity == pytest.approx((3.0, 4.0, 0.0), abs=0.5)
    assert heading(copter) == pytest.approx(36.87, abs=4.0)
    copter.run(2.5)
    assert hypot(*copter.velocity[:2]) == pytest.approx(5.0, abs=0.6)
    copter.run(4.5)
    assert hypot(*copter.velocity[:2]) < 0.3
    assert copter.mode == "GUIDED"


def test_a_yaw_that_is_given_is_held(copter: Any) -> None:
    copter.take_off(10.0)
    mask = VELOCITY & ~mavlink.POSITION_TARGET_TYPEMASK_YAW_IGNORE
    copter.run(8.0, lambda: copter.fly_velocity(0.0, 3.0, 0.0, mask=mask, yaw=radians(90.0)))
    assert heading(copter) == pytest.approx(90.0, abs=4.0)
    assert copter.velocity[1] == pytest.approx(3.0, abs=0.4)


def test_positions_in_every_frame(copter: Any) -> None:
    copter.take_off(20.0)
    home_alt = copter.core.autopilot.home[2]
    for index, (frame, alt) in enumerate([(3, 22.0), (6, 22.0), (0, home_alt + 22.0), (5, home_alt + 22.0)]):
        east = 8.0 if index % 2 else 0.0
        copter.fly_to(east, 10.0, alt, frame)
        copter.run(9.0)
        assert copter.offset_m() == pytest.approx((east, 10.0), abs=2.0), frame
        assert copter.pilot.height_above_home_m() == pytest.approx(22.0, abs=0.8), frame


def test_body_and_offset_frames(copter: Any) -> None:
    copter.take_off(15.0)
    mask = VELOCITY & ~mavlink.POSITION_TARGET_TYPEMASK_YAW_IGNORE
    copter.run(6.0, lambda: copter.fly_velocity(0.0, 0.0, 0.0, mask=mask, yaw=radians(90.0)))
    args = (0, 1, 1, mavlink.MAV_FRAME_BODY_NED, VELOCITY, 0, 0, 0, 3.0, 0, 0, 0, 0, 0, 0, 0)
    copter.run(5.0, lambda: copter.send(mavlink.MAVLink_set_position_target_local_ned_message(*args)))
    yaw = radians(heading(copter))
    assert copter.velocity[:2] == pytest.approx((3.0 * sin(yaw), 3.0 * cos(yaw)), abs=0.7)
    copter.run(6.0)
    east, north = copter.offset_m()
    place = (0, 1, 1, mavlink.MAV_FRAME_LOCAL_OFFSET_NED, POSITION, 6.0, 0, 0, *[0.0] * 8)
    copter.send(mavlink.MAVLink_set_position_target_local_ned_message(*place))
    copter.run(9.0)
    assert copter.offset_m() == pytest.approx((east, north + 6.0), abs=1.5)


def test_position_and_velocity_together(copter: Any) -> None:
    copter.take_off(15.0)
    for step in range(60):
        copter.fly_to(0.0, 2.0 * step * 0.1, 15.0, mask=BOTH, velocity_ned=(2.0, 0.0, 0.0))
        copter.run(0.1)
    assert abs(copter.offset_m()[0]) < 1.5
    assert copter.offset_m()[1] == pytest.approx(12.0, abs=2.0)


def test_a_terrain_target_without_terrain_data_descends_into_the_ground(copter: Any) -> None:
    copter.take_off(10.0)
    copter.fly_to(0.0, 5.0, 20.0, frame=11)
    copter.run(15.0)
    assert copter.agl_m < 0.5


def test_outside_guided_setpoints_are_ignored_silently(copter: Any) -> None:
    copter.take_off(10.0)
    copter.set_mode("BRAKE")
    copter.run(3.0)
    before, heard = copter.offset_m(), len(copter.of("STATUSTEXT"))
    copter.run(4.0, lambda: copter.fly_velocity(3.0, 0.0, 0.0))
    copter.fly_to(30.0, 0.0, 10.0)
    copter.run(3.0)
    assert copter.offset_m() == pytest.approx(before, abs=1.0)
    assert len(copter.of("STATUSTEXT")) == heard


@pytest.mark.parametrize("velocity", [(nan, 0.0, 0.0), (2000.0, 0.0, 0.0)])
def test_nonsense_stops_it(copter: Any, velocity: tuple[float, float, float]) -> None:
    copter.take_off(10.0)
    copter.run(4.0, lambda: copter.fly_velocity(4.0, 0.0, 0.0))
    copter.fly_velocity(*velocity)
    copter.run(4.0)
    assert hypot(*copter.velocity[:2]) < 0.4
    assert copter.mode == "GUIDED"


def test_reposition(copter: Any) -> None:
    copter.take_off(10.0)
    lat, lon = copter.place(12.0, 0.0)
    reposition = mavlink.MAV_CMD_DO_REPOSITION
    assert copter.command(reposition, -1, 0, 0, 0, lat * 1e-7, lon * 1e-7, 10.0) == UNSUPPORTED
    copter.set_mode("BRAKE")
    assert copter.command_int(reposition, 3, (-1, 0, 0, nan), lat, lon, 10.0) == DENIED
    assert copter.command_int(reposition, 3, (-1, 1, 0, nan), lat, lon, 10.0) == ACCEPTED
    copter.run(10.0)
    assert copter.mode == "GUIDED"
    assert copter.offset_m() == pytest.approx((12.0, 0.0), abs=2.0)
    assert copter.command_int(reposition, 4, (-1, 1, 0, nan), lat, lon, 10.0) == DENIED


def test_yaw_speed_and_pause(copter: Any) -> None:
    copter.take_off(10.0)
    assert copter.command(mavlink.MAV_CMD_CONDITION_YAW, 200.0, 30.0, 1.0, 0.0) == ACCEPTED
    copter.run(8.0)
    assert heading(copter) == pytest.approx(200.0, abs=4.0)
    assert copter.command(mavlink.MAV_CMD_CONDITION_YAW, 400.0) == FAILED
    assert copter.command(mavlink.MAV_CMD_DO_CHANGE_SPEED, 1, -1) == DENIED
    assert copter.command(mavlink.MAV_CMD_DO_CHANGE_SPEED, 1, 2.0) == ACCEPTED
    copter.fly_to(0.0, 40.0, 10.0)
    copter.run(6.0)
    assert hypot(*copter.velocity[:2]) == pytest.approx(2.0, abs=0.4)
    assert copter.command(mavlink.MAV_CMD_DO_PAUSE_CONTINUE, 0) == ACCEPTED
    copter.run(4.0)
    assert hypot(*copter.velocity[:2]) < 0.3
    assert copter.command(mavlink.MAV_CMD_DO_PAUSE_CONTINUE, 1) == ACCEPTED
    copter.run(5.0)
    assert copter.velocity[1] == pytest.approx(2.0, abs=0.4)


def test_the_nose_points_at_a_region_of_interest(copter: Any) -> None:
    copter.take_off(10.0)
    lat, lon = copter.place(60.0, 0.0)
    assert copter.command_int(mavlink.MAV_CMD_DO_SET_ROI_LOCATION, 3, (0, 0, 0, 0), lat, lon, 0.0) == ACCEPTED
    copter.run(6.0, lambda: copter.fly_velocity(0.0, 1.0, 0.0))
    assert heading(copter) == pytest.approx(95.0, abs=6.0)
    assert copter.command(mavlink.MAV_CMD_DO_SET_ROI_NONE) == ACCEPTED
    copter.run(6.0, lambda: copter.fly_velocity(0.0, 1.0, 0.0))
    assert min(heading(copter), 360.0 - heading(copter)) < 6.0


def test_land_is_fast_above_10_m_and_slow_below(copter: Any) -> None:
    copter.take_off(18.0)
    assert copter.command(mavlink.MAV_CMD_NAV_LAND) == ACCEPTED
    copter.run(3.0)
    assert copter.velocity[2] == pytest.approx(-1.5, abs=0.3)
    copter.run_until(lambda: copter.pilot.height_above_home_m() < 9.0, 20.0)
    copter.run(3.0)
    assert copter.velocity[2] == pytest.approx(-0.5, abs=0.2)
    copter.run_until(lambda: not copter.armed, 40.0)
    assert not copter.core.truth().crashed


def test_rtl_climbs_within_the_cone_waits_5_s_and_lands_at_home(copter: Any) -> None:
    copter.take_off(6.0)
    copter.fly_to(0.0, 40.0, 6.0)
    copter.run(12.0)
    assert copter.set_mode("RTL") == ACCEPTED
    highest, stages = 0.0, []
    while copter.armed:
        copter.run(0.5)
        highest = max(highest, copter.pilot.height_above_home_m())
        stages.append((copter.now_s, copter.pilot.rtl.stage.value))
        assert copter.now_s < 240.0
    assert highest == pytest.approx(15.0, abs=1.0)  # RTL_ALT_M
    loiter = [t for t, stage in stages if stage == "loiter"]
    assert loiter[-1] - loiter[0] == pytest.approx(5.0, abs=1.0)
    assert hypot(*copter.offset_m()) < 1.5
    assert not copter.core.truth().crashed


def test_rtl_near_home_stays_under_the_cone(copter: Any) -> None:
    copter.take_off(4.0)
    copter.fly_to(0.0, 3.0, 4.0)
    copter.run(5.0)
    copter.set_mode("RTL")
    copter.run(6.0)
    assert copter.pilot.height_above_home_m() < 11.0  # 3 m away, RTL_CONE_SLOPE 3: 9 m


def test_smart_rtl_flies_back_the_way_it_came(copter: Any) -> None:
    copter.take_off(10.0)
    for east, north in ((0.0, 40.0), (40.0, 40.0)):
        copter.fly_to(east, north, 10.0)
        copter.run(14.0)
    copter.core.autopilot.pilot.path.record()
    assert len(copter.pilot.path.points) < 12  # thinned
    assert copter.set_mode("SMART_RTL") == ACCEPTED
    corner = 1e9
    while copter.armed:
        copter.run(0.5)
        east, north = copter.offset_m()
        corner = min(corner, hypot(east, north - 40.0))
        assert copter.now_s < 240.0
    assert corner < 5.0
    assert hypot(*copter.offset_m()) < 2.0
    assert not copter.core.truth().crashed


def test_brake_stops_and_holds(copter: Any) -> None:
    copter.take_off(15.0)
    copter.run(6.0, lambda: copter.fly_velocity(0.0, 5.0, 0.0))
    start = copter.offset_m()[1]
    copter.set_mode("BRAKE")
    copter.run(6.0)
    assert copter.offset_m()[1] - start == pytest.approx(9.0, rel=0.3)
    held = copter.offset_m()
    copter.run(6.0)
    assert copter.offset_m() == pytest.approx(held, abs=0.6)
    assert copter.mode == "BRAKE"
