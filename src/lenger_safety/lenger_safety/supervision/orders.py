"""Who flies, and whether the mission lives."""

from __future__ import annotations

from lenger_core.samples import CommandKind
from lenger_safety.settings import GuardSettings
from lenger_safety.supervision.facts import Cause, Facts
from lenger_safety.supervision.table import ROWS

HELD_WHEN_SILENT = (CommandKind.TAKEOFF, CommandKind.VELOCITY, CommandKind.GOTO)


class ModeWatch:
    """A mode that nobody asked for: a pilot or the autopilot's failsafe flies, and the guard only warns."""

    def reset(self) -> None:
        """Nothing is kept."""

    def update(self, _now_ns: int, facts: Facts) -> tuple[Cause, ...]:
        """Return the cause while others fly."""
        if not facts.external or facts.vehicle is None:
            return ()
        return (ROWS["mode_taken"].cause(f"mode {facts.vehicle.mode} was chosen by somebody else"),)


class MissionWatch:
    """The mission died in the middle of something that needs it; what the autopilot flies by itself may go on."""

    def __init__(self, settings: GuardSettings) -> None:
        self._held = HELD_WHEN_SILENT if settings.mission_goes_on else (*HELD_WHEN_SILENT, CommandKind.MISSION)

    def reset(self) -> None:
        """Nothing is kept: the life of a command has its own time."""

    def update(self, _now_ns: int, facts: Facts) -> tuple[Cause, ...]:
        """Return the cause in the step in which the silence is noticed; the hold is under way from then on."""
        if facts.wanted is not None or facts.external or facts.under_way not in self._held:
            return ()
        return (ROWS["mission_silent"].cause(f"mission silent while {facts.under_way.name} was under way"),)
