"""The rungs of the action ladder, the latch, and the events that tell of both."""

from __future__ import annotations

from lenger_core.samples import Event, GuardLevel

SOURCE = "guard"
QUIET_S = 2.0
"""A refusal that repeats is told again only after it has been away for so long."""

_KIND = {GuardLevel.WARN: "guard_warn", GuardLevel.LIMIT: "guard_limit", GuardLevel.HOLD: "guard_hold"}


class Ladder:
    """Level with hysteresis: it rises at once and falls after its cause was away for `clear_s`."""

    def __init__(self, clear_s: float, interventions: int = 0) -> None:
        self._clear_ns = int(clear_s * 1e9)
        self.level = GuardLevel.NOMINAL
        self.reason = ""
        self.interventions = interventions
        self.latch_ns: int | None = None
        self.latch_reason = ""
        self._quiet = False
        self._needed_ns = 0
        self._told: dict[str, int] = {}
        self._events: list[Event] = []

    def latch(self, now_ns: int, reason: str, quiet: bool = False) -> None:
        """Let no motion through until a newer consent; a `quiet` latch opens without an event on the ground."""
        self._quiet = quiet
        self.latch_ns = now_ns
        self.latch_reason = reason

    def hold(self, now_ns: int, reason: str) -> None:
        """Go to the latched hold and tell of it."""
        self.latch(now_ns, reason)
        self.level, self.reason, self._needed_ns = GuardLevel.HOLD, reason, now_ns
        self.interventions += 1
        self.tell(now_ns, "guard_hold", reason)

    def release(self, now_ns: int, flying: bool) -> None:
        """Open the latch: a newer consent came."""
        if flying or not self._quiet:
            self.tell(now_ns, "guard_release", f"a new consent opens the latch of: {self.latch_reason}")
        self.latch_ns, self.latch_reason = None, ""
        if self.level is GuardLevel.HOLD:
            self.level, self.reason = GuardLevel.NOMINAL, ""

    def settle(self, now_ns: int, needed: GuardLevel, reason: str) -> None:
        """Move to the level that this step needs."""
        if needed > self.level:
            self.level, self.reason = needed, reason
            if needed >= GuardLevel.LIMIT:
                self.interventions += 1
            self.tell(now_ns, _KIND[needed], reason)
        if needed >= self.level:
            self._needed_ns = now_ns
        elif now_ns - self._needed_ns >= self._clear_ns:
            self.level, self.reason, self._needed_ns = needed, reason, now_ns
            if needed is GuardLevel.NOMINAL:
                self.tell(now_ns, "guard_clear", "back to nominal")

    def refuse(self, now_ns: int, topic: str, detail: str) -> None:
        """Tell of a refusal, once for each `topic` until it has been quiet for a while."""
        last = self._told.get(topic)
        self._told[topic] = now_ns
        if last is None or now_ns - last > int(QUIET_S * 1e9):
            self.tell(now_ns, "guard_refused", detail)

    def tell(self, now_ns: int, kind: str, detail: str) -> None:
        """Queue an event."""
        self._events.append(Event(now_ns, SOURCE, kind, detail))

    def take_events(self) -> tuple[Event, ...]:
        """Return the queued events and forget them."""
        events, self._events = tuple(self._events), []
        return events
