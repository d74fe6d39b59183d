"""The gate that every receiver of commands puts them through: no stale, reordered, foreign or duplicated stream."""

from __future__ import annotations

from math import inf, isfinite

from lenger_core.samples import STEPPED_BACK_NS, Command, CommandKind

MAX_LIFETIME_S = 2.0
"""A longer one would let motion outlive its source."""
MAX_ITEM = 65_000
"""MAVLink numbers mission items in 16 bits."""


class CommandGate:
    """Keeps the newest valid command of one source.

    A source may restart its sequence from 0 only after `silence_s` without a command, so that two live sources can
    never interleave.

    Args:
        max_future_s: how far a stamp may lie ahead of the receiver's clock.
        silence_s: after this time without a command another source may take over.
    """

    def __init__(self, max_future_s: float = 0.2, silence_s: float = 0.5) -> None:
        self._max_future_ns = int(max_future_s * 1e9)
        self._silence_ns = int(silence_s * 1e9)
        self._last: Command | None = None
        self._heard_ns: int | None = None

    def offer(self, command: Command, now_ns: int, publishers: int = 1) -> str | None:
        """Take a command, or return the reason for refusing it.

        Args:
            command: the command.
            now_ns: receiver's time.
            publishers: how many publishers the topic has now; more than one refuses every command.
        """
        reason = self._refusal(command, now_ns, publishers)
        if reason is None:
            self._last = command
            self._heard_ns = now_ns
        return reason

    def current(self, now_ns: int) -> Command | None:
        """Return the newest command if it may still be acted on."""
        return self._last if self._last is not None and self._last.fresh(now_ns) else None

    def silent_s(self, now_ns: int) -> float:
        """Return the seconds since the last accepted command; infinite before the first and after a step back."""
        if self._heard_ns is None or now_ns < self._heard_ns - STEPPED_BACK_NS:
            return inf
        return (now_ns - self._heard_ns) / 1e9

    def _refusal(self, command: Command, now_ns: int, publishers: int) -> str | None:
        if publishers > 1:
            return f"{publishers} publishers on the command topic, expected 1"
        if not 0.0 < command.lifetime_s <= MAX_LIFETIME_S:  # false for NaN too
            return f"lifetime {command.lifetime_s:g} s, expected above 0 and at most {MAX_LIFETIME_S:g} s"
        if command.t_ns - now_ns > self._max_future_ns:
            return f"stamp lies {(command.t_ns - now_ns) / 1e9:.3f} s in the future"
        if not command.fresh(now_ns):
            return f"stale: {(now_ns - command.t_ns) / 1e9:.3f} s old, lifetime {command.lifetime_s:g} s"
        if command.kind is CommandKind.VELOCITY and not all(map(isfinite, command.velocity_enu_m_s)):
            return f"velocity {command.velocity_enu_m_s} is not finite"
        if command.kind is CommandKind.TAKEOFF and not isfinite(command.alt_amsl_m):
            return f"takeoff height {command.alt_amsl_m} is not finite"
        if command.kind is CommandKind.GOTO and not _place(command):
            place = f"{command.lat_deg}, {command.lon_deg}, {command.alt_amsl_m} m AMSL"
            return f"goto {place} is no place: latitude -90..90, longitude -180..180 and a height are needed"
        if command.kind is CommandKind.MISSION and not -1 <= command.mission_item <= MAX_ITEM:
            return f"mission item {command.mission_item}, expected -1 (go on) to {MAX_ITEM}"
        last, heard = self._last, self._heard_ns
        if last is None or heard is None or not -STEPPED_BACK_NS <= now_ns - heard <= self._silence_ns:
            return None
        if command.source != last.source:
            return f"second source {command.source!r} beside {last.source!r}"
        if command.sequence <= last.sequence or command.t_ns < last.t_ns:
            return f"out of order: sequence {command.sequence} after {last.sequence}"
        return None


def _place(command: Command) -> bool:
    """Return whether a command names a place on earth; false for NaN."""
    return abs(command.lat_deg) <= 90.0 and abs(command.lon_deg) <= 180.0 and isfinite(command.alt_amsl_m)
