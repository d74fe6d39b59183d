"""Small timers of the mission: progress, and touchdown."""

from __future__ import annotations

from math import inf

from lenger_core.samples import CommandKind, VehicleStatus

MIN_STEP = 1.0
"""A change smaller than this (metres, or seconds of a planned stop) is not progress."""
DISARM_AFTER_S = 5.0
"""Autopilots disarm by themselves after touchdown; one that has not by then is asked to."""


class ProgressWatch:
    """Tells for how long a measure of what is left has not shrunk."""

    def __init__(self) -> None:
        self._best = inf
        self._since_ns = 0

    def restart(self, now_ns: int) -> None:
        """Begin anew: another stage, another measure."""
        self._best = inf
        self._since_ns = now_ns

    def stuck_s(self, left: float, now_ns: int) -> float:
        """Take the measure; return the seconds since it last shrank."""
        if left < self._best - MIN_STEP or self._best == inf:
            self._best = left
            self._since_ns = now_ns
        return (now_ns - self._since_ns) / 1e9


class Touchdown:
    """Orders the landing, and disarming when the vehicle does not disarm by itself."""

    def __init__(self) -> None:
        self._landed_ns: int | None = None

    def order(self, vehicle: VehicleStatus | None, now_ns: int) -> CommandKind:
        """Return LAND, or DISARM when the vehicle has stood on the ground too long."""
        if vehicle is None or not vehicle.landed:
            self._landed_ns = None
        elif self._landed_ns is None:
            self._landed_ns = now_ns
        overdue = self._landed_ns is not None and now_ns - self._landed_ns > DISARM_AFTER_S * 1e9
        return CommandKind.DISARM if overdue else CommandKind.LAND
