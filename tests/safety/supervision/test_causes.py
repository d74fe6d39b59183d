"""Every cause of the table: it comes in time and not before, goes again, and no jump of the clock stops it."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from math import nan, radians
from pathlib import Path
from typing import Any

import pytest

from lenger_core.samples import Authority, CommandKind, FenceState, GuardLevel, Integrity, LinkState
from lenger_safety.settings import GuardSettings
from lenger_safety.supervision.facts import WayHome
from lenger_safety.supervision.settings import RUNG_OF, SupervisionSettings
from lenger_safety.supervision.table import ROWS, TABLE, table_markdown

from .watched import ALL_WELL, GOOD, MIDNIGHT_NS, NOON_NS, SECOND, Watched

FUSION, AUTOPILOT = GOOD.estimates
VAGUE = tuple(replace(e, hpl_m=30.0) for e in GOOD.estimates)
LOST = tuple(replace(e, hpl_m=100.0) for e in GOOD.estimates)


@dataclass(frozen=True)
class Case:
    """A trouble, in which seconds it must show (earliest, latest), and in how many it must be forgotten at most."""

    name: str
    trouble: dict[str, Any]
    after_s: tuple[float, float]
    gone_s: float = 2.2
    words: str = ""


CASES = (
    Case("estimate", {"estimates": ()}, (0.0, 0.05), 0.05),
    Case("ground", {"ground_known": False}, (0.0, 0.05), 0.05),
    Case("clearance", {"clearance_m": 1.0}, (0.15, 0.3), words="1.0 m over the worst ground"),
    Case("disagreement", {"disagree_s": 3.1, "gap_m": 12.0}, (0.0, 0.05), 0.05, "12 m"),
    Case("estimate_jump", {"jump": "fusion's estimate jumped by 9.0 m"}, (0.0, 0.05), 0.05, "9.0 m"),
    Case("autopilot_silent", {"estimates": (FUSION,)}, (0.0, 0.05)),
    Case("fusion_silent", {"estimates": (AUTOPILOT,), "fusion": "lost", "integrity": None}, (0.0, 0.05)),
    Case("gnss_unsure", {"fusion": "unsure", "integrity": Integrity.DEGRADED}, (0.9, 1.1)),
    Case("gnss_lost", {"gnss_fix_type": 1, "gnss_satellites": 2}, (2.9, 3.1), words="no 3-D fix, 2 satellites"),
    Case("gnss_land", {"integrity": Integrity.JAMMING, "fusion": "unsure"}, (29.9, 30.1), words="jammed for 30 s"),
    Case("pilot_link", {"pilot_link": LinkState.LOST}, (1.4, 1.6), words="1.5 s"),
    Case("ground_link", {"ground_link": LinkState.LOST}, (9.9, 10.1)),
    Case("no_way_home", {"way_home": WayHome(False, reason="the gorge is closed")}, (0.0, 0.05), 0.05, "gorge"),
    Case("battery_unknown", {"battery_remaining": nan}, (9.9, 10.1), 0.1),
    Case("energy_low", {"way_home": WayHome(True, 10.0, 15.0)}, (2.9, 3.1), 10.1, "15.0 Wh usable"),
    Case("energy_return", {"way_home": WayHome(True, 10.0, 12.0)}, (2.9, 3.1), 10.1),
    Case("energy_land", {"way_home": WayHome(True, 10.0, 9.0)}, (2.9, 3.1), 10.1, "out of reach"),
    Case("mode_taken", {"external": True, "mode": "POSCTL"}, (0.0, 0.05), 0.05, "POSCTL"),
    Case("mission_silent", {"wanted": None}, (0.0, 0.05), 0.05, "VELOCITY"),
    Case("upset", {"roll_rad": radians(60.0)}, (0.25, 0.4), words="60 degrees"),
    Case("crash", {"roll_rad": radians(100.0)}, (0.95, 1.1)),
    Case("fence_missing", {"fence_state": FenceState.MISSING, "fence_text": "gone"}, (0.0, 0.05), 0.05, "gone"),
    Case("fence_differs", {"fence_state": FenceState.DIFFERS, "fence_text": "item 3"}, (0.0, 0.05), 0.05, "item 3"),
    Case("unlit", {"utc_ns": MIDNIGHT_NS}, (0.0, 0.05), 11.0, "under the horizon"),
)
BY_THEMSELVES = {"clock_jump", "overrun", "touchdown"}
"""Causes that are events, tested below."""


def by_name(case: Case) -> str:
    return case.name


def undo(watched: Watched, case: Case) -> None:
    well = Watched()
    for name in case.trouble:
        if name in ALL_WELL.__dataclass_fields__:
            watched.change({name: getattr(ALL_WELL, name)})
        elif name in GOOD.__dataclass_fields__:
            watched.change({name: getattr(GOOD, name)})
        else:
            watched.change({name: getattr(well, name)})


def test_the_cases_cover_the_table() -> None:
    assert {case.name for case in CASES} | BY_THEMSELVES == set(ROWS)


@pytest.mark.parametrize("case", CASES, ids=by_name)
def test_it_comes_in_time_and_goes_again(case: Case) -> None:
    watched = Watched()
    watched.run(5.0)
    assert watched.causes == ()
    watched.change(case.trouble)
    took = watched.run(case.after_s[1] + 0.05, until=lambda: case.name in watched.names)
    assert case.after_s[0] <= took <= case.after_s[1] + 1e-9
    cause, row = watched.cause(case.name), ROWS[case.name]
    assert case.words in cause.reason
    assert cause.lasting is row.lasting
    expected = row.rung
    if not isinstance(expected, GuardLevel):
        expected = RUNG_OF[getattr(SupervisionSettings(), expected)]
    assert cause.level is expected
    watched.run(1.0)
    undo(watched, case)
    watched.run(case.gone_s + 0.05, until=lambda: case.name not in watched.names)
    watched.run(15.0)
    assert watched.causes == ()


@pytest.mark.parametrize("back_s", [0.3, 3600.0])
@pytest.mark.parametrize("case", CASES, ids=by_name)
def test_a_clock_that_goes_back_freezes_nothing(case: Case, back_s: float) -> None:
    watched = Watched()
    watched.run(5.0)
    watched.change(case.trouble)
    watched.run(case.after_s[0] / 2.0)
    watched.now_ns -= int(back_s * SECOND)
    watched.run(case.after_s[1] + 0.3, until=lambda: case.name in watched.names)
    undo(watched, case)
    watched.run(0.5)
    watched.now_ns -= int(back_s * SECOND)
    watched.run(case.gone_s + 2.3, until=lambda: watched.names <= {"clock_jump"})
    watched.run(15.0)
    assert watched.causes == ()


@pytest.mark.parametrize("case", [c for c in CASES if c.after_s[0] > 0.0], ids=by_name)
def test_a_moment_of_it_is_nothing(case: Case) -> None:
    watched = Watched()
    watched.run(5.0)
    # A loss that counts already is not ended by a fix of a moment.
    gap_s = 2.3 if case.name == "gnss_land" else 0.1
    for _ in range(6):
        watched.change(case.trouble)
        watched.run(case.after_s[0] * 0.6)
        assert case.name not in watched.names
        undo(watched, case)
        watched.run(gap_s)
    watched.run(15.0)
    assert watched.causes == ()


@pytest.mark.parametrize("case", CASES, ids=by_name)
def test_on_the_ground_only_few_of_them_speak(case: Case) -> None:
    watched = Watched(flying=False, under_way=CommandKind.NONE)
    watched.run(1.0)
    watched.change(case.trouble)
    watched.run(case.after_s[1] + 0.5)
    assert watched.names <= {"mode_taken", "crash"}


def test_the_worst_comes_first() -> None:
    watched = Watched()
    watched.change({"estimates": (AUTOPILOT,), "fusion": "lost", "way_home": WayHome(True, 10.0, 9.0)})
    watched.run(5.0)
    levels = [cause.level for cause in watched.causes]
    assert levels == sorted(levels, reverse=True)
    assert levels[0] is GuardLevel.LAND


def test_the_docs_show_the_table() -> None:
    docs = Path(__file__).parents[3] / "docs" / "guard.md"
    assert table_markdown() in docs.read_text(encoding="utf-8")


def test_the_rungs_that_parameters_name_are_parameters() -> None:
    fields = SupervisionSettings.model_fields
    named = [row.rung for row in TABLE if not isinstance(row.rung, GuardLevel)]
    assert named
    assert all(name in fields for name in named)


# ------------------------------------------------------------ links


@pytest.mark.parametrize("action", ["none", "warn", "hold", "return", "land"])
def test_what_a_lost_link_asks_for_is_a_parameter(action: str) -> None:
    supervision = SupervisionSettings.model_validate({"pilot_link_action": action})
    watched = Watched(GuardSettings(supervision=supervision))
    watched.run(1.0)
    watched.change({"pilot_link": LinkState.LOST})
    watched.run(3.0)
    levels = [cause.level for cause in watched.causes]
    assert levels == ([] if action == "none" else [RUNG_OF[action]])


@pytest.mark.parametrize("never", [LinkState.UNKNOWN, LinkState.LOST])
def test_a_link_that_never_stood_cannot_be_lost(never: LinkState) -> None:
    watched = Watched(vehicle=replace(ALL_WELL, pilot_link=never, ground_link=never))
    watched.run(60.0)
    assert watched.causes == ()


def test_a_link_that_was_lost_on_the_ground_after_it_stood_counts_after_takeoff() -> None:
    watched = Watched(flying=False, under_way=CommandKind.NONE)
    watched.run(1.0)
    watched.change({"pilot_link": LinkState.LOST})
    watched.run(5.0)
    watched.change({"flying": True})
    watched.run(0.1, until=lambda: "pilot_link" in watched.names)


# ------------------------------------------------------------ position


@pytest.mark.parametrize(("estimates", "name"), [(VAGUE, "gnss_lost"), (LOST, "gnss_land")])
def test_how_unsure_the_position_is_decides_the_rung(estimates: tuple[Any, ...], name: str) -> None:
    watched = Watched()
    watched.run(1.0)
    watched.change({"estimates": estimates, "fusion": "unsure", "integrity": Integrity.COASTING})
    watched.run(1.1, until=lambda: name in watched.names)


def test_one_good_estimate_is_enough_to_hold_by() -> None:
    watched = Watched(picture=replace(GOOD, estimates=(LOST[0], AUTOPILOT)))
    watched.run(60.0)
    assert watched.causes == ()


def test_spoofing_holds_in_a_second() -> None:
    watched = Watched()
    watched.run(1.0)
    watched.change({"integrity": Integrity.SPOOFING, "fusion": "unsure"})
    watched.run(1.1, until=lambda: "gnss_lost" in watched.names)
    assert "spoofed" in watched.cause("gnss_lost").reason


@pytest.mark.parametrize("order", [CommandKind.TAKEOFF, CommandKind.LAND, CommandKind.RETURN])
def test_low_is_right_on_the_way_up_and_down(order: CommandKind) -> None:
    watched = Watched(clearance_m=-5.0, under_way=order, wanted=order)
    watched.run(60.0)
    assert watched.causes == ()


# ------------------------------------------------------------ energy


def test_the_energy_rungs_follow_one_another_in_time() -> None:
    """200 W against the wind: the way home grows by what is lost; each rung leaves time for the next."""
    watched = Watched()
    seen: dict[str, float] = {}
    usable, needed = 30.0, 10.0
    for step in range(20 * 600):
        usable -= 200.0 / 3600.0 / 20.0
        needed += 60.0 / 3600.0 / 20.0
        watched.way_home = WayHome(True, needed, usable)
        watched.step()
        for name in watched.names:
            seen.setdefault(name, step / 20.0)
    assert list(seen) == ["energy_low", "energy_return", "energy_land"]
    assert seen["energy_return"] - seen["energy_low"] > 20.0
    assert seen["energy_land"] - seen["energy_return"] > 20.0


def test_a_battery_that_says_little_flies_on_beside_home() -> None:
    watched = Watched(vehicle=replace(ALL_WELL, battery_remaining=0.2), way_home=WayHome(True, 0.4, 3.0))
    watched.run(30.0)
    assert watched.causes == ()


def test_what_is_not_known_of_the_way_is_not_guessed() -> None:
    watched = Watched(way_home=WayHome(True, nan, 40.0))
    watched.run(30.0)
    watched.way_home = None
    watched.run(30.0)
    assert watched.causes == ()


# ------------------------------------------------------------ clock


@pytest.mark.parametrize("jump_s", [-3600.0, -0.6, 0.6, 3600.0])
def test_a_jump_shows_beside_a_steady_clock(jump_s: float) -> None:
    watched = Watched(steady_ns=5 * SECOND)
    watched.run(2.0)
    watched.now_ns += int(jump_s * SECOND)
    watched.step()
    assert watched.names == {"clock_jump"}
    assert f"{jump_s:+.1f} s" in watched.cause("clock_jump").reason
    watched.run(2.2, until=lambda: not watched.names)


@pytest.mark.parametrize("jump_s", [-3600.0, -0.1, 10.0])
def test_without_one_only_what_no_stall_explains_is_a_jump(jump_s: float) -> None:
    watched = Watched()
    watched.run(2.0)
    watched.now_ns += int(jump_s * SECOND)
    watched.step()
    assert "clock_jump" in watched.names


def test_a_host_that_stalled_is_an_overrun_and_no_jump() -> None:
    for steady_ns in (None, 5 * SECOND):
        watched = Watched(steady_ns=steady_ns)
        watched.run(2.0)
        watched.step(SECOND)
        assert watched.names == {"overrun"}
        assert "1.00 s" in watched.cause("overrun").reason
        watched.run(5.2, until=lambda: not watched.names)  # noqa: B023
    assert not watched.causes


def test_jitter_of_the_steps_is_no_overrun() -> None:
    watched = Watched()
    for k in range(2000):
        watched.step((20, 80, 45, 130, 10, 200)[k % 6] * SECOND // 1000)
        assert watched.causes == ()


# ------------------------------------------------------------ the end of a flight


def landed(watched: Watched, disarmed: bool = False) -> None:
    watched.change({"flying": False, "landed": True, "armed": not disarmed})
    watched.run(1.0)


@pytest.mark.parametrize("disarmed", [False, True])
@pytest.mark.parametrize("order", [CommandKind.VELOCITY, CommandKind.GOTO, CommandKind.HOLD])
def test_the_ground_without_an_order_that_leads_there(order: CommandKind, disarmed: bool) -> None:
    watched = Watched(under_way=order)
    watched.run(5.0)
    landed(watched, disarmed)
    assert watched.names == {"touchdown"}
    assert order.name in watched.cause("touchdown").reason
    watched.change({"flying": True, "armed": True, "landed": False})
    watched.run(0.1)
    assert watched.causes == ()


@pytest.mark.parametrize(
    "trip",
    [
        {"under_way": CommandKind.LAND},
        {"under_way": CommandKind.RETURN},
        {"under_way": CommandKind.MISSION},
        {"under_way": CommandKind.TAKEOFF},
        {"under_way": CommandKind.VELOCITY, "rung": GuardLevel.LAND},
        {"under_way": CommandKind.VELOCITY, "authority": Authority.EXTERNAL},
    ],
    ids=str,
)
def test_a_landing_that_somebody_wanted_is_none(trip: dict[str, Any]) -> None:
    watched = Watched()
    watched.change(trip)
    watched.run(5.0)
    landed(watched)
    landed(watched, disarmed=True)
    assert watched.causes == ()


# ------------------------------------------------------------ night


@pytest.mark.parametrize(
    ("changes", "lights", "speaks"),
    [
        ({"utc_ns": NOON_NS}, "unlit", False),
        ({"utc_ns": MIDNIGHT_NS}, "unlit", True),
        ({"utc_ns": MIDNIGHT_NS}, "lit", False),
        ({"utc_ns": None}, "unlit", False),
        ({"utc_ns": 1000 * SECOND}, "unlit", False),
    ],
    ids=["day", "night", "lit", "no clock", "a simulator's clock"],
)
def test_lights_at_night(changes: dict[str, Any], lights: str, speaks: bool) -> None:
    watched = Watched(GuardSettings(supervision=SupervisionSettings.model_validate({"lights": lights})))
    watched.change(changes)
    watched.run(5.0)
    assert ("unlit" in watched.names) is speaks


def test_civil_dusk_is_told_once() -> None:
    """From half an hour before the sun sets until an hour after, in steps of ten seconds."""
    watched = Watched(utc_ns=1_798_365_600 * SECOND)
    told = []
    for _ in range(3 * 360):
        watched.step(SECOND // 5)
        watched.utc_ns += SECOND * 10 - SECOND // 5
        told.append("unlit" in watched.names)
    assert sum(a != b for a, b in pairwise(told)) == 1
    assert told[-1]
