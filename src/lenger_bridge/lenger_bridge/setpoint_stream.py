"""The stream of setpoints: one for each guard command, repeated while the command lives."""

from __future__ import annotations

from math import isnan, nan

from lenger_core.samples import Command, CommandKind, PositionSetpoint, VelocitySetpoint

Setpoint = VelocitySetpoint | PositionSetpoint

BROKEN_NS = 500_000_000
"""A longer pause ends a stream: PX4 wants more than 2 Hz."""
STREAMED = (CommandKind.VELOCITY, CommandKind.GOTO)


class SetpointStream:
    """Decides when a setpoint is due and how long they have been flowing.

    Args:
        repeat_hz: a living command is repeated at this rate when no newer one comes.
        keeps_heading: whether the autopilot keeps its heading when a setpoint names none; where it turns the nose along
            the track instead, the heading at the first such setpoint is sent.
    """

    def __init__(self, repeat_hz: float, keeps_heading: bool) -> None:
        self._repeat_ns = int(1e9 / repeat_hz)
        self._keeps_heading = keeps_heading
        self._since_ns: int | None = None
        self._last_ns = 0
        self._command: Command | None = None
        self._heading = nan

    @property
    def started(self) -> bool:
        """Whether any setpoint was sent since the last reset."""
        return self._since_ns is not None

    def feed(self, command: Command, now_ns: int, heading_enu_rad: float) -> list[Setpoint]:
        """Take the living command; return the setpoint if one is due.

        Args:
            command: VELOCITY or GOTO.
            now_ns: time.
            heading_enu_rad: the aircraft's, NaN unknown.
        """
        if command is self._command and now_ns - self._last_ns < self._repeat_ns:
            return []
        if self._since_ns is None or now_ns - self._last_ns > BROKEN_NS:
            self._since_ns = now_ns
            self._heading = nan
        self._command, self._last_ns = command, now_ns
        yaw = self._yaw(command.yaw_enu_rad, heading_enu_rad)
        if command.kind is CommandKind.GOTO:
            return [PositionSetpoint(now_ns, command.lat_deg, command.lon_deg, command.alt_amsl_m, yaw)]
        return [VelocitySetpoint(now_ns, command.velocity_enu_m_s, yaw)]

    def flowing_s(self, now_ns: int) -> float:
        """Return for how long setpoints have flowed without a break."""
        return 0.0 if self._since_ns is None else (now_ns - self._since_ns) / 1e9

    def broken(self, now_ns: int) -> bool:
        """Return whether a stream was there and has stopped."""
        return self._since_ns is not None and now_ns - self._last_ns > BROKEN_NS

    def reset(self) -> None:
        """Forget the stream."""
        self._since_ns = self._command = None

    def _yaw(self, wanted: float, heading: float) -> float:
        if not isnan(wanted) or self._keeps_heading:
            self._heading = nan
            return wanted
        if isnan(self._heading):
            self._heading = heading
        return self._heading
