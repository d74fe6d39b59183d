"""The latch: interrupted motion stays interrupted until a person agrees anew."""

from __future__ import annotations

from lenger_core.samples import Command


class Latch:
    """Closed from a moment on, for a reason; opens only for a command whose consent is later."""

    def __init__(self) -> None:
        self._since_ns: int | None = None
        self.reason = ""

    @property
    def closed(self) -> bool:
        """Whether motion must wait."""
        return self._since_ns is not None

    def close(self, now_ns: int, reason: str) -> None:
        """Close; a later reason replaces an earlier one, because consent must be later than the last."""
        self._since_ns, self.reason = now_ns, reason

    def offer(self, command: Command) -> bool:
        """Open if the command's consent is newer; return whether it opened now."""
        if self._since_ns is None or command.consent_ns <= self._since_ns:
            return False
        self._since_ns, self.reason = None, ""
        return True
