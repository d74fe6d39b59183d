"""Who changed the flight mode: we, the autopilot by itself after what we asked for, or somebody else."""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum


class Verdict(Enum):
    """What a reported mode means."""

    NOTHING = "nothing new"
    CONFIRMED = "the mode that we asked for"
    EXTERNAL = "changed by somebody else"


@dataclass(frozen=True, slots=True)
class _Ask:
    modes: tuple[str, ...]
    deadline_ns: int
    after: str = ""
    """The mode of a request before this one that has not shown yet: until then the present mode confirms nothing."""


class ModeWatch:
    """Compares reported modes with what we asked for.

    `modes[0]` of a request is the mode asked for; the others are those that the autopilot may enter after it by itself
    (AUTO.TAKEOFF, then AUTO.LOITER). While a request is under way the modes before it are still ours: the report lags
    by up to a second.
    """

    def __init__(self, confirm_s: float) -> None:
        self._confirm_ns = int(confirm_s * 1e9)
        self._owned: tuple[str, ...] = ()
        self._transit: set[str] = set()
        self._ask: _Ask | None = None

    @property
    def owning(self) -> bool:
        """Whether the mode is one that we asked for, or a request of ours is under way."""
        return bool(self._owned) or self._ask is not None

    @property
    def asked(self) -> str:
        """The mode whose confirmation is awaited, "" when none is."""
        return self._ask.modes[0] if self._ask is not None else ""

    def owns(self, mode: str) -> bool:
        """Return whether `mode` is confirmed as ours."""
        return self._ask is None and mode in self._owned

    def ask(self, modes: tuple[str, ...], current: str, now_ns: int) -> None:
        """Note that a mode is being asked for."""
        self._transit |= {*self._owned, current}
        after = ""
        if self._ask is not None:
            self._transit |= set(self._ask.modes)
            after = self._ask.modes[0] if current == modes[0] else ""
        self._ask = _Ask(modes, now_ns + self._confirm_ns, after if after != modes[0] else "")

    def claim(self, modes: tuple[str, ...]) -> None:
        """Take the present mode as ours without asking (arming in a mode that needs no change)."""
        self._owned, self._ask = modes, None
        self._transit.clear()

    def release(self) -> None:
        """Own nothing."""
        self.claim(())

    def on_mode(self, mode: str) -> Verdict:
        """Take a reported mode."""
        if self._ask is not None:
            if mode == self._ask.after:
                self._ask = replace(self._ask, after="")
            if mode == self._ask.modes[0] and not self._ask.after:
                self.claim(self._ask.modes)
                return Verdict.CONFIRMED
            return Verdict.NOTHING if mode in self._transit or mode in self._ask.modes else Verdict.EXTERNAL
        return Verdict.NOTHING if not self._owned or mode in self._owned else Verdict.EXTERNAL

    def expired(self, mode: str, now_ns: int) -> str:
        """Return the mode that was asked for and did not come in time, "" otherwise; it is not waited for any more.

        The wish counts as fulfilled when the autopilot is already in a mode that follows from it.
        """
        if self._ask is None or now_ns < self._ask.deadline_ns:
            return ""
        modes = self._ask.modes
        self.claim(modes if mode in modes else tuple(sorted(self._transit)))
        return "" if mode in modes else modes[0]
