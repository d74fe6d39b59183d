"""A verdict that falls at once and is lifted slowly."""

from __future__ import annotations

from dataclasses import dataclass

_RELAPSE_NS = 60_000_000_000
_MOST_DOUBLINGS = 5


@dataclass
class Latch:
    """A verdict that stays until enough has spoken against it; after a relapse it takes twice as long.

    Attributes:
        since_ns: when it fell; -1 while there is none.
        reason: why, in words.
        agreeing_ns: since when everything has agreed again; -1 while it does not.
        relapses: how often it fell again within a minute of being lifted.
    """

    since_ns: int = -1
    reason: str = ""
    agreeing_ns: int = -1
    relapses: int = 0
    _lifted_ns: int | None = None

    @property
    def set(self) -> bool:
        """Whether the verdict stands."""
        return self.since_ns >= 0

    def fall(self, t_ns: int, reason: str) -> bool:
        """Set it, or keep it set; return whether that is new."""
        new = not self.set
        if new:
            relapsed = self._lifted_ns is not None and t_ns - self._lifted_ns < _RELAPSE_NS
            self.relapses = min(self.relapses + 1, _MOST_DOUBLINGS) if relapsed else 0
            self.since_ns, self.reason = t_ns, reason
        self.agreeing_ns = -1
        return new

    def agree(self, t_ns: int, agrees: bool, for_s: float) -> bool:
        """Book whether all agrees at `t_ns`; return whether the verdict was lifted by that."""
        if not self.set:
            return False
        if not agrees:
            self.agreeing_ns = -1
            return False
        if self.agreeing_ns < 0:
            self.agreeing_ns = t_ns
        if t_ns - self.agreeing_ns < int(for_s * 1e9) << self.relapses:
            return False
        self.lift(t_ns)
        return True

    def lift(self, t_ns: int) -> None:
        """Take the verdict back."""
        if self.set:
            self.since_ns = self.agreeing_ns = -1
            self._lifted_ns = t_ns
