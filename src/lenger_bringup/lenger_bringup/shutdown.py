"""In which order, and how insistently, the processes of a stack are asked to stop. Pure logic: no process, no clock."""

from __future__ import annotations

import signal
from collections.abc import Collection, Mapping
from dataclasses import dataclass, field

LADDER: tuple[signal.Signals, ...] = (signal.SIGINT, signal.SIGTERM, signal.SIGKILL)


@dataclass(frozen=True, slots=True)
class Patience:
    """Seconds of wall time that a process gets after each signal before the next one follows."""

    after_sigint_s: float = 8.0
    after_sigterm_s: float = 3.0

    def of(self, rung: int) -> float:
        """Return the seconds to wait on rung 0 (SIGINT), 1 (SIGTERM) or 2 (SIGKILL: nothing follows)."""
        return (self.after_sigint_s, self.after_sigterm_s, float("inf"))[rung]


@dataclass(slots=True)
class Shutdown:
    """Walks the ranks of a stack, lowest first, and each rank up the ladder SIGINT, SIGTERM, SIGKILL.

    Args:
        ranks: the stop rank of each process by name.
        patience: how long each signal may take to work.
    """

    ranks: Mapping[str, int]
    patience: Patience = field(default_factory=Patience)
    _rank: int | None = None
    _rung: int = -1
    _since_s: float = 0.0
    _hasten: int = 0

    def hasten(self) -> None:
        """Take the next rung at once (a second Ctrl-C), in this rank and in those that follow."""
        self._hasten += 1

    def step(self, now_s: float, alive: Collection[str]) -> list[tuple[str, signal.Signals]]:
        """Return the signals to send at `now_s`, given the names still alive; all is done when `alive` is empty."""
        waiting = [name for name in alive if name in self.ranks]
        if not waiting:
            return []
        rank = min(self.ranks[name] for name in waiting)
        if rank != self._rank:
            self._rank, self._rung, self._since_s = rank, -1, now_s
        last = len(LADDER) - 1
        due = self._rung < 0 or now_s - self._since_s >= self.patience.of(self._rung)
        wanted = min(max(self._rung + int(due), min(self._hasten, last)), last)
        if wanted == self._rung:
            return []
        self._rung, self._since_s = wanted, now_s
        return [(name, LADDER[wanted]) for name in sorted(waiting) if self.ranks[name] == rank]
