"""What the guard permits of a place to go to and of a mission that the autopilot flies by itself."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from lenger_core.samples import Authority, CommandKind, GuardLevel
from lenger_core.vehicles import load_vehicle, vehicle_names
from lenger_safety.settings import GuardSettings

GOTO, MISSION = CommandKind.GOTO, CommandKind.MISSION
OPEN = GuardSettings(missions="watched")


def flying(rig: Any, settings: GuardSettings | None = None, **fields: Any) -> Any:
    """A flight that somebody has agreed to."""
    one = rig(**fields) if settings is None else rig(settings=settings, **fields)
    one.run(0.5)
    one.agree()
    one.run(0.5)
    return one


def go(one: Any, east_m: float, north_m: float, up_m: float = 0.0) -> Any:
    """Want a place relative to the site, at the present height plus `up_m`; run a second."""
    lat, lon, alt = one.frame.to_geodetic(east_m, north_m, float(one.position[2]) + up_m)
    plain = type(one).command

    def command(**changes: Any) -> Any:
        return replace(plain(one, **changes), kind=GOTO, lat_deg=lat, lon_deg=lon, alt_amsl_m=alt, yaw_enu_rad=0.5)

    one.command = command
    return one.run(1.0).command, (lat, lon, alt)


def test_a_legal_place_passes_with_its_heading(rig: Any) -> None:
    command, place = go(flying(rig), 40.0, -30.0)
    assert command.kind is GOTO
    assert (command.lat_deg, command.lon_deg, command.alt_amsl_m, command.yaw_enu_rad) == (*place, 0.5)


@pytest.mark.parametrize(
    ("place", "words"),
    [
        ((2_000.0, 0.0), "the straight path there breaks zone arena"),
        ((40.0, 0.0, 200.0), "breaks the ceiling by"),
        ((80.0, 0.0, -55.0), "breaks the floor by"),
    ],
)
def test_an_illegal_place_is_a_latched_hold(rig: Any, place: tuple[float, ...], words: str) -> None:
    one = flying(rig)
    command, _ = go(one, *place)
    assert command.kind is CommandKind.HOLD
    assert one.output.status.latched
    assert words in one.output.status.reason


def test_a_place_behind_a_keep_out_is_refused(rig: Any, zones: Any, a_feature: Any, a_square: Any) -> None:
    arena = a_feature("arena", "inclusion", a_square(300.0))
    wall = a_feature("wall", "exclusion", [(40.0, -50.0), (60.0, -50.0), (60.0, 50.0), (40.0, 50.0)])
    one = flying(rig, zones=zones(arena, wall))
    command, _ = go(one, 150.0, 0.0)
    assert command.kind is CommandKind.HOLD
    assert "wall" in one.output.status.reason


def test_after_a_hold_the_path_is_judged_from_where_the_aircraft_is_now(
    rig: Any, zones: Any, a_feature: Any, a_square: Any
) -> None:
    """The mission wants the same place all along; a pilot moves the aircraft behind the wall meanwhile."""
    arena = a_feature("arena", "inclusion", a_square(300.0))
    wall = a_feature("wall", "exclusion", [(-60.0, -50.0), (-40.0, -50.0), (-40.0, 50.0), (-60.0, 50.0)])
    one = flying(rig, zones=zones(arena, wall))
    command, _ = go(one, 150.0, 0.0)
    assert command.kind is GOTO
    one.authority = Authority.EXTERNAL
    one.run(0.5)
    one.position[0], one.velocity[:] = -120.0, 0.0
    one.run(0.5)
    one.authority = Authority.LENGER
    one.agree()
    output = one.run(0.5)
    assert output.command.kind is CommandKind.HOLD
    assert "wall" in output.status.reason


def test_a_place_is_no_way_off_the_ground(rig: Any) -> None:
    one = rig(landed=True, armed=False)
    one.agree()
    command, _ = go(one, 40.0, 0.0)
    assert command.kind is CommandKind.NONE


def test_silence_on_the_way_to_a_place_holds(rig: Any) -> None:
    one = flying(rig)
    go(one, 40.0, 0.0)
    one.mission_alive = False
    assert one.run(1.0).command.kind is CommandKind.HOLD
    assert one.output.status.latched


def test_an_uploaded_mission_needs_the_parameter(rig: Any) -> None:
    one = flying(rig, GuardSettings(missions="never"))
    one.wanted = MISSION
    assert one.run(1.0).command.kind is CommandKind.HOLD
    assert "parameter missions" in one.output.status.reason


def test_a_mission_passes_with_its_item_and_is_watched(rig: Any) -> None:
    one = flying(rig, OPEN)
    one.wanted = MISSION
    plain = one.command
    one.command = lambda **changes: replace(plain(**changes), mission_item=3)
    command = one.run(1.0).command
    assert (command.kind, command.mission_item) == (MISSION, 3)
    # The autopilot flies its mission at the fence: the guard holds before the line is reached.
    one._fly = lambda _command: setattr(one, "position", one.position + one.velocity * 0.05)
    one.velocity[0] = 8.0
    while one.step().command.kind is MISSION:
        assert one.lowest_margin_m > 0.0, "flew through the fence"
    assert one.output.status.level is GuardLevel.HOLD
    assert one.lowest_margin_m > one.output.status.stopping_distance_m - 1.0, "too late to stop"


def test_a_consent_does_not_let_a_watched_mission_fly_on_through_the_fence(rig: Any) -> None:
    """The hold came in time, but a person agrees again and again while the aircraft still moves at the line."""
    one = flying(rig, OPEN)
    one.wanted = MISSION
    one.run(1.0)
    one.position[0] = 150.0
    followed = one._fly
    kinds = []

    def fly(command: Any) -> None:
        if command.kind is MISSION:  # the autopilot flies its mission at the fence, whatever the guard thinks
            one.velocity[:] = (min(8.0, one.velocity[0] + 0.2), 0.0, 0.0)
            one.position = one.position + one.velocity * 0.05
        else:
            followed(command)
        kinds.append(command.kind)

    one._fly = fly
    for _ in range(400):
        one.step()
        one.agree()
    assert CommandKind.HOLD in kinds
    assert one.lowest_margin_m > 0.0


def test_a_mission_that_nobody_judged_starts_only_with_room_to_gain_speed(rig: Any) -> None:
    one = flying(rig, OPEN)
    one.position[0] = 197.0
    one.run(1.0)
    one.wanted = MISSION
    assert one.run(0.2).command.kind is CommandKind.HOLD
    assert "a mission that is only watched starts with 2.0 m" in one.output.status.reason
    one.position[0] = 195.0
    one.agree()
    assert one.run(0.2).command.kind is MISSION


@pytest.mark.parametrize(("goes_on", "kind"), [(True, CommandKind.NONE), (False, CommandKind.HOLD)])
def test_a_mission_without_its_source_goes_on_or_holds(rig: Any, goes_on: bool, kind: CommandKind) -> None:
    one = flying(rig, OPEN.model_copy(update={"mission_goes_on": goes_on}))
    one.wanted = MISSION
    one.run(1.0)
    one.mission_alive = False
    assert one.run(1.0).command.kind is kind
    assert any("mission silent" in detail for _, detail in one.events)


@pytest.mark.parametrize("name", vehicle_names())
@pytest.mark.parametrize(("autopilot", "height", "cone"), [
    ("px4", "RTL_RETURN_ALT", "RTL_CONE_ANG"), ("ardupilot", "RTL_ALT_M", "RTL_CONE_SLOPE"),
])  # fmt: skip
def test_the_contract_holds_the_return_that_the_guard_checks(name: str, autopilot: str, height: str, cone: str) -> None:
    contract = load_vehicle(name).failsafe_parameters[autopilot]
    assert contract[height] == GuardSettings().return_height_home_m
    assert contract[cone] == 0
