"""What the live figures tell of the guard: its reason in words, once, whenever it changes."""

from __future__ import annotations

import io
from dataclasses import replace
from math import nan

from rich.console import Console

from bringup import records
from lenger_bringup.flight_picture import FlightPicture
from lenger_bringup.live import Progress
from lenger_core.samples import GuardLevel, GuardStatus

TAKEN = "mode AUTO.LOITER was chosen by somebody else"


def guard(level: GuardLevel, reason: str = "", latched: bool = False) -> GuardStatus:
    return GuardStatus(0, level, latched, True, reason, "", nan, nan, nan, 0.0, 0)


def told(*states: GuardStatus, terminal: bool = False) -> str:
    """What a console of 80 columns shows of a flight with these states of the guard, one after the other."""
    out = io.StringIO()
    picture = FlightPicture(vehicle=records.vehicle(0.0), exercise=records.exercise(0.0))
    picture.on_truth(records.truth(100.0), 0.0)
    console = Console(file=out, width=80, force_terminal=terminal, color_system=None)
    with Progress(console, "hop", lambda: 0.0) as progress:
        for second, state in enumerate(states):
            picture.on_truth(replace(records.truth(100.0), t_ns=(100 + second) * records.S), float(second))
            picture.guard = state
            progress.show(picture)
    return out.getvalue()


def test_why_the_guard_warns_and_waits_stands_on_a_line_of_its_own() -> None:
    text = told(guard(GuardLevel.NOMINAL), guard(GuardLevel.WARN, TAKEN, latched=True))
    assert f"1.0 s: guard warn (latched): {TAKEN}\n" in text


def test_a_terminal_keeps_the_line_too() -> None:
    assert f"guard hold (latched): {TAKEN}" in told(guard(GuardLevel.HOLD, TAKEN, latched=True), terminal=True)


def test_a_reason_is_told_once_and_other_figures_are_no_news() -> None:
    text = told(*(guard(GuardLevel.LIMIT, f"fence: {left:.1f} m left") for left in (3.0, 2.9, 2.84)))
    assert text.count("guard limit: fence") == 1


def test_another_reason_on_the_same_rung_and_the_end_of_it_are_told() -> None:
    text = told(
        guard(GuardLevel.WARN, "GNSS unsure"),
        guard(GuardLevel.WARN, "no way home"),
        guard(GuardLevel.NOMINAL),
    )
    lines = [line for line in text.splitlines() if " s: guard" in line]
    assert lines == ["0.0 s: guard warn: GNSS unsure", "1.0 s: guard warn: no way home", "2.0 s: guard nominal"]
