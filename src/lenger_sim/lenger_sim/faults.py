"""Faults on command, simulation only. A new kind is one entry of `Faults._kinds`."""

from __future__ import annotations

from collections.abc import Callable
from math import isfinite

from lenger_sim.sensors import Sensors

MAX_DURATION_S = 86_400.0


class Faults:
    """Injects faults into the vehicle's parts."""

    def __init__(self, sensors: Sensors) -> None:
        self._sensors = sensors
        self._kinds: dict[str, Callable[[float, float, int], None]] = {"gnss_outage": self._gnss_outage}

    @property
    def kinds(self) -> tuple[str, ...]:
        """The kinds that can be injected."""
        return tuple(self._kinds)

    def inject(self, kind: str, magnitude: float, duration_s: float, now_ns: int) -> str | None:
        """Start a fault at `now_ns`; return None, or why it was refused.

        Args:
            kind: one of `kinds`.
            magnitude: its size in the kind's own unit (gnss_outage: not used).
            duration_s: how long it lasts.
        """
        action = self._kinds.get(kind)
        if action is None:
            return f"unknown fault {kind!r}, expected one of {', '.join(self.kinds)}"
        if not (isfinite(duration_s) and 0.0 < duration_s <= MAX_DURATION_S) or not isfinite(magnitude):
            return f"duration_s must be above 0 and at most {MAX_DURATION_S:g}, got {duration_s!r}"
        action(magnitude, duration_s, now_ns)
        return None

    def _gnss_outage(self, _magnitude: float, duration_s: float, now_ns: int) -> None:
        self._sensors.gnss_outage_until_ns = now_ns + int(duration_s * 1e9)
