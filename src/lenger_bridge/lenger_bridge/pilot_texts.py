"""What the guard does, in STATUSTEXTs to the pilot: short, seldom, and loud by the rung."""

from __future__ import annotations

from itertools import takewhile

from lenger_core.samples import GuardLevel, GuardStatus, StatusText

LINE = 49
"""Bytes that are sure to come through: STATUSTEXT has 50, and MAVROS ends the text with a zero byte."""
MOST_LINES = 3
"""MAVROS can send no chunk numbers: a long reason goes out as texts of their own."""
MORE = "> "
AGAIN_NS = 10_000_000_000
"""The same rung for another reason is told at most so often; a higher rung at once, a lower one after `LOWER_NS`."""
LOWER_NS = 1_000_000_000
EMERGENCY, ALERT, CRITICAL, ERROR, WARNING, NOTICE, INFO = range(7)
SEVERITY = {
    GuardLevel.NOMINAL: INFO,
    GuardLevel.WARN: WARNING,
    GuardLevel.LIMIT: NOTICE,
    GuardLevel.HOLD: ERROR,
    GuardLevel.RETURN: CRITICAL,
    GuardLevel.LAND: ALERT,
}
"""MAV_SEVERITY of each rung. Limiting is normal work and only noted; ground stations show errors and worse at once."""


class PilotTexts:
    """Turns guard/status into texts, on a change of the rung or of what the reason is about."""

    def __init__(self) -> None:
        self._told: tuple[GuardLevel, str] = (GuardLevel.NOMINAL, "")
        self._told_ns: int | None = None
        self._status: GuardStatus | None = None

    def on_guard(self, status: GuardStatus) -> None:
        """Take guard/status."""
        self._status = status

    def step(self, now_ns: int) -> tuple[StatusText, ...]:
        """Return the texts to send now, the first line first."""
        status = self._status
        if status is None:
            return ()
        level, about = status.level, _about(status.reason)
        if level is self._told[0] and (about == self._told[1] or level is GuardLevel.NOMINAL):
            return ()
        if self._told_ns is not None and level <= self._told[0]:
            wait_ns = AGAIN_NS if level is self._told[0] else LOWER_NS
            if 0 <= now_ns - self._told_ns < wait_ns:
                return ()
        self._told, self._told_ns = (level, about), now_ns
        reason = "back to nominal" if level is GuardLevel.NOMINAL else status.reason
        lines = lines_of(f"Guard {level.name}: {reason}")
        return tuple(StatusText(now_ns, SEVERITY[level], line) for line in lines)


def _about(reason: str) -> str:
    """Return a reason without its numbers: they change in every step."""
    return "".join(c for c in reason if not (c.isdigit() or c in ".-+"))


def lines_of(text: str) -> tuple[str, ...]:
    """Return a text as ASCII lines of at most `LINE` bytes, broken at words; what does not fit three lines is cut."""
    words = text.encode("ascii", "replace").decode().split()
    lines: list[str] = []
    while words and len(lines) < MOST_LINES:
        start = MORE if lines else ""
        room = LINE - len(start)
        ends = (len(" ".join(words[: k + 1])) <= room for k in range(len(words)))
        taken = max(1, sum(1 for _ in takewhile(bool, ends)))
        lines.append(start + " ".join(words[:taken])[:room])
        words = words[taken:]
    if words:
        lines[-1] = lines[-1][: LINE - 2].rstrip() + ".."
    return tuple(lines)
