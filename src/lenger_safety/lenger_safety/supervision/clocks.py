"""The guard's own time: jumps of the clock, and steps that come late."""

from __future__ import annotations

from lenger_safety.settings import GuardSettings
from lenger_safety.supervision.facts import Cause, Facts
from lenger_safety.supervision.table import ROWS
from lenger_safety.supervision.timing import Persist

OVERRUN_SHOWN_S = 5.0
BACK_NS = 0
SIMULATED_GAP_NS = 5_000_000_000
"""Without a steady clock a gap may be a host that stalled: only a long one is surely a jump."""


class ClockWatch:
    """A clock that jumped makes ages wrong: commands and estimates of before cannot be told from new ones.

    With a steady clock beside it every difference shows; without one (simulated time) going back does, and a gap that
    no stalled host explains.
    """

    def __init__(self, settings: GuardSettings) -> None:
        self._jump_ns = int(settings.supervision.clock_jump_s * 1e9)
        self._shown = Persist(0.0, settings.supervision.settle_s)
        self._last: tuple[int, int | None] | None = None
        self._words = ""

    def reset(self) -> None:
        """The clock is watched on the ground as well."""

    def update(self, now_ns: int, facts: Facts) -> tuple[Cause, ...]:
        """Return the cause after a jump."""
        last, self._last = self._last, (now_ns, facts.steady_ns)
        jumped = last is not None and self._jumped(now_ns - last[0], last[1], facts.steady_ns)
        if not self._shown.update(now_ns, jumped):
            return ()
        return (ROWS["clock_jump"].cause(self._words),)

    def _jumped(self, passed_ns: int, steady_before_ns: int | None, steady_ns: int | None) -> bool:
        if steady_ns is not None and steady_before_ns is not None:
            off_ns = passed_ns - (steady_ns - steady_before_ns)
            jumped = abs(off_ns) > self._jump_ns
        else:
            off_ns = passed_ns
            jumped = passed_ns < BACK_NS or passed_ns > SIMULATED_GAP_NS
        if jumped:
            self._words = f"the clock jumped by {off_ns / 1e9:+.1f} s"
        return jumped


class OverrunWatch:
    """A guard that is called late guards late: it says so itself. Silence for longer is autopilot_node's to notice."""

    def __init__(self, settings: GuardSettings) -> None:
        self._late_ns = int(settings.supervision.overrun_s * 1e9)
        self._shown = Persist(0.0, OVERRUN_SHOWN_S)
        self._last_ns: int | None = None
        self._words = ""

    def reset(self) -> None:
        """Steps are watched on the ground as well."""

    def update(self, now_ns: int, facts: Facts) -> tuple[Cause, ...]:
        """Return the cause after a late step."""
        clock_ns = now_ns if facts.steady_ns is None else facts.steady_ns
        passed_ns = 0 if self._last_ns is None else clock_ns - self._last_ns
        self._last_ns = clock_ns
        late = passed_ns > self._late_ns
        if late:
            self._words = f"the guard's step came {passed_ns / 1e9:.2f} s after the one before"
        if not self._shown.update(now_ns, late) or not facts.flying:
            return ()
        return (ROWS["overrun"].cause(self._words),)
