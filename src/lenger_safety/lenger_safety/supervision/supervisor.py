"""All watchers together."""

from __future__ import annotations

from typing import Protocol

from lenger_core.samples import GuardLevel
from lenger_core.vehicles import VehicleProfile
from lenger_safety.settings import GuardSettings
from lenger_safety.supervision.attitude import CrashWatch, UpsetWatch
from lenger_safety.supervision.clocks import ClockWatch, OverrunWatch
from lenger_safety.supervision.duties import FenceWatch, NightWatch
from lenger_safety.supervision.energy import EnergyWatch
from lenger_safety.supervision.facts import Cause, Facts
from lenger_safety.supervision.links import link_watches
from lenger_safety.supervision.orders import MissionWatch, ModeWatch
from lenger_safety.supervision.position import (
    AgreementWatch,
    ClearanceWatch,
    EstimateWatch,
    GnssWatch,
    SilenceWatch,
)

ON_THE_GROUND_TOO = ("clock_jump", "touchdown", "mode_taken", "crash")
"""Causes that count although the aircraft does not fly."""


class Watcher(Protocol):
    """One kind of trouble."""

    def reset(self) -> None:
        """Start a flight anew: what was seen before it does not count."""

    def update(self, now_ns: int, facts: Facts) -> tuple[Cause, ...]:
        """Take a step's facts and return the causes that stand."""


class Supervisor:
    """Asks every watcher once a step; on the ground only a few of them may speak.

    Args:
        settings: parameters.
        profile: what the aircraft can do.
    """

    def __init__(self, settings: GuardSettings, profile: VehicleProfile) -> None:
        self._in_flight: tuple[Watcher, ...] = (
            EstimateWatch(settings),
            SilenceWatch(settings),
            AgreementWatch(settings),
            GnssWatch(settings),
            ClearanceWatch(settings),
            EnergyWatch(settings),
            MissionWatch(settings),
            UpsetWatch(settings, profile),
            FenceWatch(settings),
            NightWatch(settings),
        )
        self._always: tuple[Watcher, ...] = (
            *link_watches(settings),
            ClockWatch(settings),
            OverrunWatch(settings),
            ModeWatch(),
            CrashWatch(settings),
        )

    def update(self, now_ns: int, facts: Facts) -> tuple[Cause, ...]:
        """Return what stands now, the highest rung first. Call in every step, on the ground too.

        Args:
            now_ns: the guard's time.
            facts: what is known in this step.
        """
        causes = [cause for watcher in self._always for cause in watcher.update(now_ns, facts)]
        if facts.flying:
            causes += [cause for watcher in self._in_flight for cause in watcher.update(now_ns, facts)]
        else:
            for watcher in self._in_flight:
                watcher.reset()
            causes = [cause for cause in causes if cause.name in ON_THE_GROUND_TOO]
        return tuple(sorted(causes, key=lambda cause: -cause.level))


def highest(causes: tuple[Cause, ...]) -> GuardLevel:
    """Return the highest rung that is asked for."""
    return max((cause.level for cause in causes), default=GuardLevel.NOMINAL)
