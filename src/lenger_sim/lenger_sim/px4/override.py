"""What overrides the mode that the user asked for: a failsafe that latches, and a fallback that lasts as its cause."""

from __future__ import annotations

from lenger_core.samples import Vec3
from lenger_sim.px4.failsafe import SEVERITY, Trip

REACTION_NS = 150_000_000
"""From detection to the change of mode: with the 5 Hz fence check, the measured latency of up to 0.36 s."""


class Override:
    """The failsafe that has fired, if any, and the fallback.

    Attributes:
        fallback: what replaces a mode that cannot run now, "" for none.
    """

    def __init__(self) -> None:
        self.fallback = ""
        self._trip: Trip | None = None
        self._starts_ns = 0
        self._place: Vec3 | None = None

    @property
    def active(self) -> bool:
        """Whether anything overrides."""
        return self._trip is not None or bool(self.fallback)

    def clear(self) -> None:
        """Forget all: the user has chosen."""
        self._trip, self.fallback = None, ""

    def trip(self, trip: Trip, now_ns: int, place: Vec3 | None) -> None:
        """Take a failsafe unless a harder one acts already; `place` is where its hold goes to, ENU."""
        if SEVERITY[trip.mode] > SEVERITY[self._trip.mode if self._trip is not None else ""]:
            self._trip, self._starts_ns, self._place = trip, now_ns + REACTION_NS, place

    def mode(self, intended: str, blind: bool, now_ns: int) -> tuple[str, Vec3 | None]:
        """Return the mode or action to take, and where its hold goes to; before a delayed action it holds."""
        mode, place = self.fallback or intended, None
        trip = self._trip
        if trip is not None and now_ns >= self._starts_ns:
            wanted = trip.mode if self._acts(trip, now_ns) else "AUTO.LOITER"
            if wanted and SEVERITY[wanted] >= SEVERITY.get(self.fallback, 0):
                mode, place = wanted, self._place if wanted == trip.mode else None
        # without a position nothing that needs one can run: it descends
        return ("AUTO.LAND", None) if blind and mode.startswith("AUTO.") else (mode, place)

    def yields_to_sticks(self, now_ns: int) -> bool:
        """Return whether moved sticks may end it."""
        trip = self._trip
        return trip is None or not trip.mode or (self._acts(trip, now_ns) and trip.sticks_end_it)

    def _acts(self, trip: Trip, now_ns: int) -> bool:
        return now_ns >= self._starts_ns + int(trip.delay_s * 1e9)
