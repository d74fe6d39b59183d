"""The stream of velocity setpoints: one for each guard command, repeated while the command lives."""

from __future__ import annotations

from lenger_core.samples import Command, VelocitySetpoint

BROKEN_NS = 500_000_000
"""A longer pause ends a stream: PX4 wants more than 2 Hz."""


class VelocityStream:
    """Decides when a setpoint is due and how long they have been flowing.

    Args:
        repeat_hz: a living command is repeated at this rate when no newer one comes.
    """

    def __init__(self, repeat_hz: float) -> None:
        self._repeat_ns = int(1e9 / repeat_hz)
        self._since_ns: int | None = None
        self._last_ns = 0
        self._command: Command | None = None

    @property
    def started(self) -> bool:
        """Whether any setpoint was sent since the last reset."""
        return self._since_ns is not None

    def feed(self, command: Command, now_ns: int) -> list[VelocitySetpoint]:
        """Take the living velocity command; return the setpoint if one is due."""
        if command is self._command and now_ns - self._last_ns < self._repeat_ns:
            return []
        if self._since_ns is None or now_ns - self._last_ns > BROKEN_NS:
            self._since_ns = now_ns
        self._command, self._last_ns = command, now_ns
        return [VelocitySetpoint(now_ns, command.velocity_enu_m_s, command.yaw_enu_rad)]

    def flowing_s(self, now_ns: int) -> float:
        """Return for how long setpoints have flowed without a break."""
        return 0.0 if self._since_ns is None else (now_ns - self._since_ns) / 1e9

    def broken(self, now_ns: int) -> bool:
        """Return whether a stream was there and has stopped."""
        return self._since_ns is not None and now_ns - self._last_ns > BROKEN_NS

    def reset(self) -> None:
        """Forget the stream."""
        self._since_ns = self._command = None
