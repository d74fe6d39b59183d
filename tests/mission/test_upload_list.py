"""What a plan is uploaded as, what is left of one, and whether a list read back is the same."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from math import isnan

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lenger_core.plans import (
    CameraAction,
    CameraDo,
    ChangeSpeed,
    Datum,
    Height,
    Home,
    Land,
    Plan,
    PlanItem,
    ReturnHome,
    Takeoff,
    Waypoint,
)
from lenger_core.samples import FcuMission, FcuMissionItem
from lenger_core.terrain import load_terrain
from lenger_mission.formats import plan_commands as cmd
from lenger_mission.remainder import first_item, remainder
from lenger_mission.upload_list import CONDITION_YAW, UploadList, upload_list

HOME = (42.1819, 69.8878, 757.0)
UP = Height(value_m=30.0, datum=Datum.HOME)
AUTOPILOTS = ("px4", "ardupilot")
CRUISE = 9.0


def point(n: int, **said: object) -> Waypoint:
    return Waypoint.model_validate({"lat_deg": 42.18 + 0.001 * n, "lon_deg": 69.89, "height": UP, **said})


def plan(*items: PlanItem, last: PlanItem | None = None, speed_m_s: float | None = 8.0) -> Plan:
    home = Home(lat_deg=HOME[0], lon_deg=HOME[1])
    return Plan(
        name="p", home=home, items=(Takeoff(height=UP), *items, last or ReturnHome()), cruise_speed_m_s=speed_m_s
    )


def listed(
    whole: Plan, autopilot: str = "px4", item: int = 0, via: tuple[float, float, float] | None = None
) -> UploadList:
    return upload_list(remainder(whole, item, via), HOME, load_terrain().as_ground(), autopilot, CRUISE)


def commands(entries: UploadList) -> list[int]:
    return [entry.command for entry in entries.items]


@pytest.mark.parametrize("autopilot", AUTOPILOTS)
def test_a_return_is_a_leg_home_and_a_landing(autopilot: str) -> None:
    entries = listed(plan(point(1), point(2)), autopilot)
    assert commands(entries) == [cmd.TAKEOFF, cmd.CHANGE_SPEED, cmd.WAYPOINT, cmd.WAYPOINT, cmd.WAYPOINT, cmd.LAND]
    assert (entries.items[-1].x_lat_deg, entries.items[-1].y_lon_deg) == HOME[:2]
    assert entries.sources == (0, 1, 1, 2, 3, 3)
    assert entries.ends == (False, False, True, True, False, True)


@pytest.mark.parametrize("autopilot", AUTOPILOTS)
def test_a_plan_without_a_speed_is_flown_at_the_vehicles_not_at_the_autopilots_default(autopilot: str) -> None:
    entries = listed(plan(point(1), point(2), speed_m_s=None), autopilot)
    assert [entry.param2 for entry in entries.items if entry.command == cmd.CHANGE_SPEED] == [CRUISE]
    own = listed(plan(ChangeSpeed(speed_m_s=5.0), point(1), speed_m_s=None), autopilot)
    assert [entry.param2 for entry in own.items if entry.command == cmd.CHANGE_SPEED] == [5.0]


def test_a_landing_where_the_plan_has_come_to_says_where_that_is() -> None:
    for item in (0, 3):
        last = listed(plan(point(1), point(2), last=Land()), item=item).items[-1]
        assert (last.command, last.x_lat_deg) == (cmd.LAND, point(2).lat_deg)


def test_headings_are_said_in_the_autopilots_own_way() -> None:
    whole = plan(point(1, heading_deg=90.0), point(2))
    px4, ardupilot = listed(whole, "px4"), listed(whole, "ardupilot")
    assert px4.items[2].param4 == 90.0 and isnan(px4.items[3].param4)
    assert CONDITION_YAW in commands(ardupilot) and not any(isnan(entry.param4) for entry in ardupilot.items)


def test_heights_above_ground_become_points_that_belong_to_their_item() -> None:
    agl = Height(value_m=40.0, datum=Datum.AGL)
    hills = (Waypoint(lat_deg=42.09, lon_deg=70.05, height=agl), Waypoint(lat_deg=42.08, lon_deg=70.07, height=agl))
    home = (42.095, 70.045)
    whole = Plan(
        name="p", home=Home(lat_deg=home[0], lon_deg=home[1]), items=(Takeoff(height=UP), *hills, ReturnHome())
    )
    terrain = load_terrain().as_ground()
    entries = upload_list(remainder(whole), (*home, terrain.height_amsl_m(*home)), terrain, "px4", CRUISE)
    assert len(entries.items) > 8
    assert {entry.frame for entry in entries.items if entry.command == cmd.WAYPOINT} == {0}
    assert list(entries.sources) == sorted(entries.sources)
    assert [entries.sources[n] for n, ends in enumerate(entries.ends) if ends] == [1, 2, 3]


def test_what_is_left_keeps_the_speed_and_the_photos_in_force() -> None:
    start = CameraAction(action=CameraDo.START_DISTANCE, distance_m=20.0)
    whole = plan(point(1), start, ChangeSpeed(speed_m_s=5.0), point(2), point(3), CameraAction(action=CameraDo.STOP))
    entries = listed(whole, item=5, via=(42.1825, 69.89, 790.0))
    assert commands(entries)[:5] == [cmd.TAKEOFF, cmd.CHANGE_SPEED, cmd.WAYPOINT, cmd.CAMERA_DISTANCE, cmd.WAYPOINT]
    assert entries.items[1].param2 == 5.0 and entries.items[2].z_alt_m == 790.0
    assert entries.ends[:5] == (False, False, False, False, True) and entries.joined == 3
    rest = remainder(whole, 5, (42.1825, 69.89, 790.0))
    assert [number for number in rest.waypoint_numbers() if number] == [3]


@given(st.integers(-2, 9))
def test_an_item_to_begin_at_is_one_that_is_flown(item: int) -> None:
    whole = plan(point(1), ChangeSpeed(speed_m_s=5.0), point(2), CameraAction(action=CameraDo.STOP))
    found = first_item(whole, item)
    assert isinstance(whole.items[found], Waypoint | ReturnHome)
    assert found >= min(item, 5)


def held(entries: UploadList, offset: int) -> FcuMission:
    home = FcuMissionItem(0, cmd.WAYPOINT, (0.0, 0.0, 0.0, 0.0), *HOME)
    items = tuple(
        FcuMissionItem(e.frame, e.command, (0.0, 0.0, 0.0, 0.0), e.x_lat_deg, e.y_lon_deg, e.z_alt_m)
        for e in entries.items
    )
    return FcuMission(0, (home,) * offset + items)


@given(st.data(), st.sampled_from([0, 1]))
@settings(max_examples=60, deadline=None)
def test_another_list_on_the_autopilot_is_told_from_this_one(data: st.DataObject, offset: int) -> None:
    entries = listed(plan(point(1), point(2), point(3)))
    mission = held(entries, offset)
    assert entries.stands_in(mission, offset)
    index = data.draw(st.integers(0, len(entries.items) - 1))
    items = list(mission.items)
    if data.draw(st.booleans()):
        del items[index + offset]
    elif entries.items[index].command == cmd.WAYPOINT:
        items[index + offset] = replace(items[index + offset], lat_deg=items[index + offset].lat_deg + 1e-4)
    else:
        items[index + offset] = replace(items[index + offset], command=cmd.DELAY)
    assert not entries.stands_in(FcuMission(0, tuple(items)), offset)


def test_what_is_left_over_hills_begins_where_the_aircraft_is() -> None:
    agl = Height(value_m=40.0, datum=Datum.AGL)
    hills = tuple(Waypoint(lat_deg=42.09 - 0.01 * n, lon_deg=70.05 + 0.02 * n, height=agl) for n in range(3))
    home = (42.095, 70.045)
    items = (Takeoff(height=UP), *hills, ReturnHome())
    whole = Plan(name="p", home=Home(lat_deg=home[0], lon_deg=home[1]), items=items)
    terrain = load_terrain().as_ground()
    here = (42.079, 70.072)
    begin = (*here, terrain.height_amsl_m(*here) + 45.0)
    entries = upload_list(remainder(whole, 3), (*home, terrain.height_amsl_m(*home)), terrain, "px4", CRUISE, begin)
    flown = [entry for entry in entries.items if entry.command == cmd.WAYPOINT]
    assert 42.0699 <= flown[0].x_lat_deg <= here[0] and flown[0].y_lon_deg >= here[1]
    assert max(abs(a.x_lat_deg - b.x_lat_deg) for a, b in pairwise(flown)) < 0.02


@pytest.mark.parametrize("last", [ReturnHome(), Land(lat_deg=42.19, lon_deg=69.9)])
def test_who_only_has_to_land_flies_there_at_the_height_in_force(last: PlanItem) -> None:
    whole = plan(point(1, height=Height(value_m=80.0, datum=Datum.HOME)), last=last)
    rest = remainder(whole, 2)
    entries = upload_list(rest, HOME, load_terrain().as_ground(), "px4", CRUISE, (42.2, 69.95, 840.0))
    way, down = entries.items[-2:]
    assert (way.command, way.frame, way.z_alt_m, down.command) == (cmd.WAYPOINT, 3, 80.0, cmd.LAND)
    assert (way.x_lat_deg, way.y_lon_deg) == (down.x_lat_deg, down.y_lon_deg)
    assert entries.ends[-2:] == (False, True)
