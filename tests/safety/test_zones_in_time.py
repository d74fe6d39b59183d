"""Zones that come and go by the clock, and edits in flight that survive a restart."""

from __future__ import annotations

import json
from dataclasses import replace
from typing import Any

import pytest

from lenger_core.samples import CommandKind, GuardLevel
from lenger_core.zones import TimeWindow, ZoneSet
from lenger_safety.memory import GuardMemory
from lenger_safety.settings import GuardSettings

SECOND = 1_000_000_000
UTC_S = 1_780_000_000
"""UTC of simulated time 0."""
SETTINGS = GuardSettings(utc_at_zero_s=float(UTC_S), zone_announce_s=20.0)


def timed(zones: ZoneSet, name: str, start_s: float, end_s: float | None) -> ZoneSet:
    """Give one zone a window in simulated seconds."""
    window = TimeWindow((UTC_S + int(start_s)) * SECOND, None if end_s is None else (UTC_S + int(end_s)) * SECOND)
    return ZoneSet(tuple(replace(z, windows=(window,)) if z.name == name else z for z in zones.zones))


@pytest.fixture
def arena(zones: Any, a_feature: Any, a_square: Any) -> Any:
    """A square arena with a keep-out to the east of the site, in force for the given seconds of simulated time."""

    def make(start_s: float, end_s: float | None) -> ZoneSet:
        plain = zones(
            a_feature("arena", "inclusion", a_square(200.0)), a_feature("drill", "exclusion", a_square(20.0, 60.0, 0.0))
        )
        return timed(plain, "drill", start_s, end_s)

    return make


def kinds(one: Any, kind: str) -> list[str]:
    return [detail for k, detail in one.events if k == kind]


def test_a_zone_is_announced_comes_into_force_and_goes(rig: Any, arena: Any) -> None:
    one = rig(settings=SETTINGS, zones=arena(40.0, 60.0))  # the rig starts at 10 s
    one.step()
    one.agree()
    one.want((0.0, 0.0, 0.0))
    one.run(5.0)
    assert kinds(one, "guard_zones") == []
    assert one.output.status.nearest_zone == "arena"
    one.run(6.0)
    assert kinds(one, "guard_zones") == ["coming into force: drill in 20 s"]
    assert one.output.status.level is GuardLevel.NOMINAL  # it is not here
    one.run(20.0)
    assert kinds(one, "guard_zones")[1:] == ["in force: drill"]
    assert one.output.status.nearest_zone == "drill"
    one.run(20.0)
    assert kinds(one, "guard_zones")[2:] == ["over: drill"]
    assert one.output.status.nearest_zone == "arena"


def test_who_stands_where_a_zone_will_be_is_warned_and_then_held(rig: Any, arena: Any) -> None:
    one = rig(settings=SETTINGS, zones=arena(40.0, None))
    one.step()
    one.agree()
    one.position[0] = 60.0
    one.want((0.0, 0.0, 0.0))
    one.run(12.0)
    assert one.output.status.level is GuardLevel.WARN
    assert "drill comes into force here in" in one.output.status.reason
    assert one.output.command.kind is CommandKind.VELOCITY
    one.run(20.0)
    assert one.output.status.level is GuardLevel.HOLD
    one.agree()
    one.run(60.0)
    assert abs(one.position[0] - 60.0) > 20.0 or abs(one.position[1]) > 20.0  # led out of it


def test_a_zone_with_a_window_that_is_over_does_not_count(rig: Any, arena: Any) -> None:
    one = rig(settings=SETTINGS, zones=arena(0.0, 5.0))
    one.step()
    one.agree()
    one.want((2.0, 0.0, 0.0))
    one.run(40.0)
    assert one.position[0] > 60.0


def test_windows_survive_a_restart(rig: Any, arena: Any, zones: Any, a_feature: Any, a_square: Any) -> None:
    one = rig(settings=SETTINGS)
    one.step()
    one.core.set_zones(arena(40.0, 60.0), one.now_ns)
    saved = one.step().state_to_save
    assert saved is not None
    memory = GuardMemory(**{k: v for k, v in json.loads(saved).items() if k != "version"})
    one.restart(memory)
    one.run(25.0)
    assert one.core.zones == arena(40.0, 60.0)
    assert one.output.status.nearest_zone == "arena"
    one.run(10.0)
    assert one.output.status.nearest_zone == "drill"


def test_a_clock_that_is_set_back_brings_no_zone_back_late(rig: Any, arena: Any) -> None:
    one = rig(settings=SETTINGS, zones=arena(40.0, 60.0))
    one.run(35.0)
    assert one.output.status.nearest_zone == "drill"
    one.now_ns -= 30 * SECOND
    one.run(8.0)
    assert one.output.status.nearest_zone == "arena"


def test_without_utc_every_zone_counts(rig: Any, arena: Any) -> None:
    one = rig(settings=GuardSettings(), zones=arena(40.0, 60.0))
    one.run(1.0)
    assert one.output.status.nearest_zone == "drill"
    assert kinds(one, "guard_zones") == ["UTC is not known, these zones count at all times: drill"]


def test_where_no_inclusion_is_in_force_any_more_it_holds_and_takes_no_consent(rig: Any, arena: Any) -> None:
    plain = arena(0.0, None)
    window = TimeWindow(None, (UTC_S + 15) * SECOND)
    over = ZoneSet(tuple(replace(z, windows=(window,)) if z.name == "arena" else z for z in plain.zones))
    one = rig(settings=SETTINGS, zones=over)
    one.step()
    one.agree()
    one.want((1.0, 0.0, 0.0))
    assert one.run(4.0).command.kind is CommandKind.VELOCITY
    one.run(2.0)
    one.agree()
    output = one.run(1.0)
    assert output.command.kind is CommandKind.HOLD
    assert "no inclusion is in force" in output.status.reason
    assert any("no inclusion is in force" in detail for detail in kinds(one, "guard_refused"))
