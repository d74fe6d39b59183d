"""The mission that the autopilot flies by itself passes only where its whole path is legal."""

from __future__ import annotations

from math import nan
from typing import Any

import pytest

from lenger_core.geodesy import LocalFrame
from lenger_core.samples import CommandKind, FcuMission, FcuMissionItem
from lenger_safety.mission_path import ListedMission, Place, UnflyableError, mission_legs
from lenger_safety.settings import GuardSettings

MISSION = CommandKind.MISSION
FRAME = LocalFrame(42.1819, 69.8878, 757.0)
SPEED = FcuMissionItem(2, 178, (1.0, 6.0, -1.0, 0.0), 0.0, 0.0, 0.0)
ARENA = (-200.0, 200.0)


def item(east: float, north: float, alt_m: float, command: int = 16, frame: int = 3, **changes: Any) -> FcuMissionItem:
    lat, lon, _ = FRAME.to_geodetic(east, north, 0.0)
    return FcuMissionItem(frame, command, changes.get("params", (0.0, 0.0, 0.0, nan)), lat, lon, alt_m)


def bare(command: int, **changes: Any) -> FcuMissionItem:
    return FcuMissionItem(2, command, changes.get("params", (0.0, 0.0, 0.0, 0.0)), 0.0, 0.0, 0.0)


def fly(rig: Any, items: list[FcuMissionItem] | None, first: int = 0, **fields: Any) -> Any:
    """A flight that is asked for a mission 60 m over the site, after a second of it."""
    one = rig(**fields)
    one.run(0.5)
    one.agree()
    one.run(0.5)
    if items is not None:
        one.core.on_mission(FcuMission(0, tuple(items), 0))
    one.wanted = MISSION
    plain = one.command
    one.command = lambda **changes: plain(mission_item=first, **changes)
    one.run(1.0)
    return one


def refusal(one: Any) -> str:
    assert one.output.command.kind is CommandKind.HOLD
    assert one.output.status.latched
    return str(one.output.status.reason)


LEGAL = [bare(93), SPEED, item(100.0, 100.0, 60.0), item(-100.0, 100.0, 50.0), bare(20)]


def test_a_legal_mission_passes(rig: Any) -> None:
    one = fly(rig, LEGAL)
    assert one.output.command.kind is MISSION
    assert one.output.command.mission_item == 0


@pytest.mark.parametrize(
    ("items", "words"),
    [
        ([item(100.0, 0.0, 60.0), item(250.0, 0.0, 60.0)], "the leg to item 1 breaks zone arena"),
        ([item(100.0, 0.0, 160.0)], "the leg to item 0 breaks the ceiling"),
        ([item(100.0, 0.0, 60.0), item(100.0, 100.0, 5.0)], "the leg to item 1 breaks the floor"),
        ([item(180.0, 0.0, 60.0, 18, params=(1.0, 0.0, 30.0, nan))], "the circle at item 0 breaks zone arena"),
        ([item(190.0, 0.0, 60.0), item(250.0, 0.0, 60.0, 21)], "the leg to item 1 breaks zone arena"),
        ([item(0.0, 0.0, 200.0, 22)], "the takeoff of item 0 breaks the ceiling"),
        ([item(100.0, 0.0, 160.0, frame=10)], "the leg to item 0 breaks the ceiling"),
        ([item(100.0, 0.0, 60.0, frame=0)], "the leg to item 0 breaks the floor"),  # 60 m AMSL lies deep in the ground
        ([item(100.0, 0.0, 60.0, frame=1)], "item 0 is in frame 1"),
        ([item(100.0, 0.0, 60.0, 82)], "item 0 is command 82, whose path is not known"),
        ([item(100.0, 0.0, 60.0), bare(177)], "item 1 is command 177"),
        ([item(100.0, 0.0, 60.0), bare(178, params=(1.0, 99.0, -1.0, 0.0))], "item 1 asks for 99.0 m/s"),
        ([item(100.0, 0.0, nan)], "item 0 has no place"),
        ([bare(16)], "item 0 has no place"),
        ([], "no item 0"),
        (None, "the mission on the autopilot is not known"),
    ],
)
def test_an_illegal_mission_is_refused_with_its_item(rig: Any, items: list[FcuMissionItem] | None, words: str) -> None:
    assert words in refusal(fly(rig, items))


def test_legs_count_not_only_waypoints(rig: Any, zones: Any, a_feature: Any, a_square: Any) -> None:
    """Both waypoints are legal, and the straight way between them, or home from the last one, is not."""
    arena = a_feature("arena", "inclusion", a_square(300.0))
    wall = a_feature("wall", "exclusion", [(-60.0, 40.0), (60.0, 40.0), (60.0, 60.0), (-60.0, 60.0)])
    around = [item(100.0, 0.0, 60.0), item(100.0, 100.0, 60.0), item(0.0, 100.0, 60.0)]
    assert fly(rig, around, zones=zones(arena, wall)).output.command.kind is MISSION
    assert "the leg to item 0 breaks zone wall" in refusal(fly(rig, around[2:], zones=zones(arena, wall)))
    assert "the straight path home breaks zone wall" in refusal(fly(rig, [*around, bare(20)], zones=zones(arena, wall)))


def test_a_keep_out_may_be_overflown_as_high_as_the_mission_says(
    rig: Any, zones: Any, a_feature: Any, a_square: Any
) -> None:
    low = {"ceiling": {"height_m": 60.0, "datum": "agl"}}
    arena = a_feature("arena", "inclusion", a_square(300.0))
    wall = a_feature("wall", "exclusion", [(60.0, -40.0), (90.0, -40.0), (90.0, 40.0), (60.0, 40.0)], **low)
    over = [item(0.0, 0.0, 90.0), item(150.0, 0.0, 90.0)]
    assert fly(rig, over, zones=zones(arena, wall)).output.command.kind is MISSION
    under = [item(0.0, 0.0, 60.0), item(150.0, 0.0, 60.0)]
    assert "the leg to item 1 breaks zone wall" in refusal(fly(rig, under, zones=zones(arena, wall)))


def test_a_mission_that_is_exchanged_in_flight_holds(rig: Any) -> None:
    one = fly(rig, LEGAL)
    one.core.on_mission(FcuMission(0, tuple(LEGAL), 3))  # it went on to another item: the same mission
    one.run(0.5)
    assert one.output.command.kind is MISSION
    one.core.on_mission(FcuMission(0, (*LEGAL[:-1], item(0.0, -100.0, 60.0)), 3))
    one.run(0.2)
    assert "another one" in refusal(one)
    one.agree()
    assert one.run(0.2).command.kind is MISSION  # judged anew from here, with a person's consent


def test_ardupilots_first_item_is_home_and_no_leg() -> None:
    home = item(0.0, 0.0, 800.0, frame=0)
    listed = FcuMission(0, (home, item(50.0, 0.0, 60.0), item(50.0, 50.0, 60.0)), 1)
    place = Place(FRAME, (0.0, 0.0, 3.0), "ardupilot", 60.0, 15.0, lambda _e, _n: 3.0)
    legs = mission_legs(listed, 0, (0.0, 0.0, 63.0), place)
    assert [leg.name for leg in legs] == ["the leg to item 0", "the leg to item 1"]
    assert legs[1].end == pytest.approx((50.0, 50.0, 63.0), abs=0.02)
    assert len(mission_legs(listed, 1, (0.0, 0.0, 63.0), place)) == 1
    other = FcuMission(0, (item(9.0, 9.0, 801.0, frame=0), *listed.items[1:]), 2)
    assert ListedMission(listed).digest("ardupilot") == ListedMission(other).digest("ardupilot")
    assert ListedMission(listed).digest("px4") != ListedMission(other).digest("px4")


def test_a_terrain_frame_follows_the_ground() -> None:
    place = Place(FRAME, (0.0, 0.0, 0.0), "px4", 60.0, 15.0, lambda e, _n: 0.1 * e)
    items = (item(100.0, 0.0, 50.0, frame=10), item(200.0, 0.0, 80.0, frame=11))
    first, second = mission_legs(FcuMission(0, items), 0, (0.0, 0.0, 40.0), place)
    assert first.agl_m == pytest.approx((40.0, 50.0))
    assert second.agl_m == pytest.approx((50.0, 80.0))
    assert second.end[2] == pytest.approx(0.1 * second.end[0] + 80.0)


def test_a_landing_ends_the_mission_and_begins_at_the_height_that_is_flown() -> None:
    place = Place(FRAME, (0.0, 0.0, 3.0), "px4", 60.0, 15.0, lambda _e, _n: 3.0)
    items = (item(50.0, 0.0, 60.0), item(60.0, 0.0, 0.0, 21), item(500.0, 0.0, 60.0))
    legs = mission_legs(FcuMission(0, items), 0, (0.0, 0.0, 50.0), place)
    assert [leg.name for leg in legs] == ["the leg to item 0", "the leg to item 1", "the landing of item 1"]
    assert legs[1].end[2] == legs[1].start[2]
    assert (legs[2].end[2], legs[2].floor) == (3.0, False)


def test_a_start_beyond_the_mission_is_refused() -> None:
    place = Place(FRAME, (0.0, 0.0, 3.0), "px4", 60.0, 15.0, lambda _e, _n: 3.0)
    with pytest.raises(UnflyableError, match="no item 7"):
        mission_legs(FcuMission(0, (item(50.0, 0.0, 60.0),)), 7, (0.0, 0.0, 50.0), place)


def test_watched_flies_what_it_cannot_check(rig: Any) -> None:
    one = fly(rig, [item(100.0, 0.0, 60.0, 82)], settings=GuardSettings(missions="watched"))
    assert one.output.command.kind is MISSION
