"""Live progress of a flight on the terminal: a panel that redraws, or plain lines where there is no terminal."""

from __future__ import annotations

import re
from collections.abc import Callable
from math import isfinite, nan
from typing import TYPE_CHECKING

from rich.console import Console
from rich.live import Live
from rich.markup import escape
from rich.table import Table

from lenger_bringup.flight_picture import FlightPicture, metres, percent
from lenger_core.samples import GuardLevel, GuardStatus

if TYPE_CHECKING:
    from lenger_bringup.console_map import ConsoleMap

_LINE_EVERY_S = 10.0
_FIGURES = re.compile(r"-?\d+(\.\d+)?")


def rows(picture: FlightPicture) -> list[tuple[str, str]]:
    """Return what is shown: name and value."""
    mission, exercise, guard = picture.mission, picture.exercise, picture.guard
    phase = mission.phase.name.lower() if mission else "starting"
    waypoint = f"{mission.waypoint} of {mission.waypoints}" if mission and mission.waypoints else "-"
    score = f"{exercise.score:.0f}" if exercise and isfinite(exercise.score) else "-"
    factor = picture.realtime_factor
    return [
        ("phase", phase),
        ("waypoint", waypoint),
        ("height above ground", metres(picture.truth.height_agl_m) if picture.truth else "-"),
        ("fence margin", metres(exercise.fence_margin_m) if exercise else "-"),
        ("battery", percent(exercise.battery_remaining) if exercise else "-"),
        ("score", score),
        ("guard", _guard(guard)),
        ("time", f"{exercise.elapsed_s if exercise else 0.0:.0f} s"),
        ("realtime factor", f"{factor:.1f}" if isfinite(factor) else "-"),
    ]


def _guard(guard: GuardStatus | None) -> str:
    if guard is None:
        return "-"
    return GuardLevel(guard.level).name.lower() + (" (latched)" if guard.latched else "")


def guard_line(guard: GuardStatus | None) -> str:
    """Return what the guard does and why, in words; "" while it neither acts nor waits."""
    if guard is None or not (guard.reason or guard.latched or guard.level):
        return ""
    return f"guard {_guard(guard)}: {guard.reason or 'no reason given'}"


class Progress:
    """Shows a flight while it is entered.

    Args:
        console: where to.
        title: the exercise.
        clock: wall seconds.
        ground: a map beside the figures.
    """

    def __init__(
        self, console: Console, title: str, clock: Callable[[], float], ground: ConsoleMap | None = None
    ) -> None:
        self._ground = ground
        self._console, self._title, self._clock = console, title, clock
        self._live = Live(console=console, auto_refresh=False, transient=True) if console.is_terminal else None
        self._last_s = float("-inf")
        self._last_step = ("", "")
        self._last_guard = ""

    def __enter__(self) -> Progress:
        if self._live:
            self._live.start()
        return self

    def __exit__(self, *_: object) -> None:
        if self._live:
            self._live.stop()

    def say(self, text: str) -> None:
        """Print a line that stays."""
        self._console.print(text, markup=False)

    def waiting(self, text: str) -> None:
        """Show what the start-up waits for; on a terminal only, where it can be replaced."""
        if self._live:
            self._live.update(f"[dim]waiting for {escape(text)}[/dim]", refresh=True)

    def show(self, picture: FlightPicture) -> None:
        """Show the flight: at each call on a terminal, else at each new phase or waypoint and every ten seconds.

        What the guard does and why stays as a line of its own whenever it changes, on a terminal too.
        """
        self._tell_guard(picture)
        shown = rows(picture)
        now_s = self._clock()
        if self._live:
            if now_s - self._last_s >= 0.2:
                self._last_s = now_s
                self._live.update(self._panel(shown, picture), refresh=True)
            return
        step = (shown[0][1], shown[1][1])
        if step != self._last_step or now_s - self._last_s >= _LINE_EVERY_S:
            self._last_step, self._last_s = step, now_s
            self._console.print("  ".join(f"{name} {value}" for name, value in shown), markup=False)

    def _tell_guard(self, picture: FlightPicture) -> None:
        """Print the guard's reason when it changes; figures in it change all the time and are no news."""
        line = guard_line(picture.guard)
        news = _FIGURES.sub("#", line)
        if news == self._last_guard:
            return
        self._last_guard = news
        self._console.print(
            f"{picture.elapsed_s:.1f} s: {line or 'guard nominal'}", markup=False, soft_wrap=True, highlight=False
        )

    def _panel(self, shown: list[tuple[str, str]], picture: FlightPicture) -> Table:
        table = Table(title=escape(self._title), show_header=False, title_justify="left")
        for name, value in shown:
            table.add_row(name, value)
        if self._ground is None:
            return table
        truth = picture.truth
        beside = Table.grid(padding=(0, 2))
        beside.add_row(table, self._ground.at(truth.lat_deg, truth.lon_deg) if truth else self._ground.at(nan, nan))
        return beside
