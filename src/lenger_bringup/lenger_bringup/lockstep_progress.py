"""Progress of a lockstep flight: a bar that fills up with the waypoints, or a line at each phase."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from rich.console import Console
from rich.progress import BarColumn, Progress, TextColumn, TimeElapsedColumn

from lenger_core.samples import MissionStatus, SimTruth


class LockstepProgress:
    """Shows a lockstep flight while it is entered.

    Args:
        console: where to.
        title: the exercise.
        time_limit_s: simulated seconds that the exercise allows: the bar's full length until the plan is known.
    """

    def __init__(self, console: Console, title: str, time_limit_s: float) -> None:
        self._console = console
        self._phase = ""
        columns = (
            TextColumn("{task.description}", markup=False),
            BarColumn(),
            TextColumn("{task.fields[text]}"),
            TimeElapsedColumn(),
        )
        self._bar = Progress(*columns, console=console, transient=True, disable=not console.is_terminal)
        self._task = self._bar.add_task(title, total=time_limit_s, text="starting")

    def __enter__(self) -> LockstepProgress:
        self._bar.start()
        return self

    def __exit__(self, *_: object) -> None:
        self.stop()

    def stop(self) -> None:
        """Take the bar away."""
        self._bar.stop()

    def show(self, newest: Mapping[str, Any]) -> None:
        """Show the newest records of the flight's topics."""
        mission: MissionStatus | None = newest.get("mission/status")
        truth: SimTruth | None = newest.get("sim/truth")
        if mission is None or truth is None:
            return
        time_s, phase = truth.t_ns / 1e9, mission.phase.name.lower()
        text = (
            f"{phase}, waypoint {mission.waypoint} of {mission.waypoints}, {truth.height_agl_m:.0f} m, {time_s:.0f} s"
        )
        done = max(mission.waypoint - 1, 0) + (phase in ("landing", "done"))
        self._bar.update(self._task, completed=done, total=max(mission.waypoints, 1), text=text)
        if phase != self._phase and not self._console.is_terminal:
            self._console.print(f"{time_s:.0f} s: {phase}", markup=False)
        self._phase = phase
