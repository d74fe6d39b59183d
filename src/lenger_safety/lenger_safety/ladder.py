"""The action ladder in time: hysteresis, the latch, the reasons in words, and the events that tell of them.

Which rung follows on which is the table in `lenger_safety.rungs`.
"""

from __future__ import annotations

from dataclasses import replace

from lenger_core.samples import Event, GuardLevel
from lenger_safety.rungs import Situation, State, advance

SOURCE = "guard"
QUIET_S = 2.0
"""A refusal that repeats is told again only after it has been away for so long."""


class Ladder:
    """The rung now: it rises at once and falls after its cause was away for `clear_s`."""

    def __init__(self, clear_s: float, interventions: int = 0) -> None:
        self._clear_ns = int(clear_s * 1e9)
        self.state = State()
        self.reason = ""
        self.interventions = interventions
        self.latch_ns = 0
        self.latch_reason = ""
        self._quiet = False
        self._needed_ns = 0
        self._told: dict[str, int] = {}
        self._events: list[Event] = []

    @property
    def level(self) -> GuardLevel:
        """The rung."""
        return self.state.rung

    @property
    def latched(self) -> bool:
        """Whether motion waits for a newer consent."""
        return self.state.latched

    def latch(self, now_ns: int, reason: str, quiet: bool = False) -> None:
        """Let no motion through until a newer consent; a `quiet` latch opens without an event on the ground."""
        self._quiet = quiet
        self.state = State(self.state.rung, True)
        self.latch_ns, self.latch_reason = now_ns, reason

    def step(self, now_ns: int, now: Situation, reason: str, fresh: bool = False) -> None:
        """Go where the table leads.

        Args:
            now_ns: time.
            now: what is the case; `cleared` is filled in here.
            reason: why `now.demand` is asked for, in words.
            fresh: the demand is a new one: told of and latched anew, even where the rung stays.
        """
        before = self.state
        if now.demand >= before.rung or now_ns < self._needed_ns:  # a clock that was set back starts the wait anew
            self._needed_ns = now_ns
        cleared = now_ns - self._needed_ns >= self._clear_ns
        after, row = advance(before, replace(now, cleared=cleared))
        self.state = after
        if before.latched and not after.latched:
            self._released(now_ns, now.flying, after, reason)
        elif not now.flying and fresh and now.demand >= GuardLevel.HOLD:
            self.latch(now_ns, reason)
            self.tell(now_ns, "guard_hold", reason)
        elif after.rung >= GuardLevel.HOLD:
            self._guarding(now_ns, before, after, reason if now.demand >= GuardLevel.HOLD else "", row, fresh)
        elif after.rung > before.rung:
            self._rise(now_ns, after.rung, reason)
        elif after.rung < before.rung:
            self.reason, self._needed_ns = reason, now_ns
            if after.rung is GuardLevel.NOMINAL:
                self.tell(now_ns, "guard_clear", "back to nominal")

    def _released(self, now_ns: int, flying: bool, after: State, reason: str) -> None:
        if flying or not self._quiet:
            self.tell(now_ns, "guard_release", f"a new consent opens the latch of: {self.latch_reason}")
        self.latch_reason = self.reason = ""
        self._needed_ns = now_ns
        if after.rung > GuardLevel.NOMINAL:
            self._rise(now_ns, after.rung, reason)

    def _guarding(self, now_ns: int, before: State, after: State, reason: str, row: str, fresh: bool) -> None:
        changed = after.rung is not before.rung
        if not changed and not (fresh and reason):
            return
        if not reason:
            waits = f"waits for a new consent, after: {self.latch_reason}"
            reason = waits if row == "hold" else f"{row}, after: {self.latch_reason}"
        if fresh or not before.latched:
            self.latch(now_ns, reason)
        self._rise(now_ns, after.rung, reason)

    def _rise(self, now_ns: int, rung: GuardLevel, reason: str) -> None:
        self.reason, self._needed_ns = reason, now_ns
        if rung >= GuardLevel.LIMIT:
            self.interventions += 1
        self.tell(now_ns, f"guard_{rung.name.lower()}", reason)

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
