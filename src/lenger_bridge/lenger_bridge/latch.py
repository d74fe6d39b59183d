"""The latch: interrupted motion stays interrupted until a person agrees anew."""

from __future__ import annotations

from lenger_core.samples import Command

FUTURE_NS = 200_000_000
"""A consent may be so far ahead of our clock; later ones come from a clock that cannot be compared with ours."""


class Latch:
    """Closed from a moment on, for a reason; opens only for a command whose consent is later.

    Later than the moment of closing and than every consent seen until then: clocks step back, and a consent that moved
    the aircraft before the interruption must not do so again.
    """

    def __init__(self) -> None:
        self._since_ns: int | None = None
        self._newest_ns = 0
        self._refused_ns: int | None = None
        self.reason = ""

    @property
    def closed(self) -> bool:
        """Whether motion must wait."""
        return self._since_ns is not None

    def close(self, now_ns: int, reason: str) -> None:
        """Close; a later reason replaces an earlier one, because consent must be later than the last."""
        self._since_ns, self.reason = max(now_ns, self._newest_ns), reason

    def offer(self, command: Command, now_ns: int) -> bool:
        """Open if the command's consent is newer; return whether it opened now."""
        consent_ns = command.consent_ns
        if self._since_ns is not None and consent_ns > now_ns + FUTURE_NS:
            # Remembered, so that it does not open the latch by itself when its time has come.
            self._refused_ns = consent_ns
            return False
        self._newest_ns = max(self._newest_ns, consent_ns)
        if self._since_ns is None or consent_ns <= self._since_ns or consent_ns == self._refused_ns:
            return False
        self._since_ns, self.reason = None, ""
        return True
