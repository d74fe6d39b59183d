"""A pilot's sticks, from MANUAL_CONTROL or RC_CHANNELS_OVERRIDE, and what a mode makes of them. Shared, pure."""

from __future__ import annotations

from dataclasses import dataclass
from math import copysign, cos, isfinite, sin, tan

from lenger_core.samples import Vec3
from lenger_mavlink.codec import MavMessage

JOYSTICK, RADIO = "joystick", "radio"
"""Where sticks come from: MANUAL_CONTROL, RC_CHANNELS_OVERRIDE."""
CHANNELS = 18
_NOT_USED = 0x7FFF
_IGNORED, _RELEASED = 0xFFFF, 0
_STILL_NS = 1_000_000


@dataclass(frozen=True, slots=True)
class Sticks:
    """Stick positions at a time, -1 to 1: roll right, pitch forward, yaw right; throttle 0 is its centre.

    `channels` are the pulse widths in microseconds of a radio (0: none), for switches.
    """

    t_ns: int
    source: str
    roll: float
    pitch: float
    yaw: float
    throttle: float
    channels: tuple[int, ...] = ()
    buttons: int = 0


class StickInput:
    """Takes both kinds of messages, and tells which sticks count now.

    Args:
        pitch_reversed: whether a longer pulse on channel 2 pulls the nose up (ArduPilot's convention).
    """

    def __init__(self, pitch_reversed: bool = False) -> None:
        self._pitch_sign = -1.0 if pitch_reversed else 1.0
        self._last: dict[str, Sticks] = {}
        self._rate: dict[str, float] = {}
        self._first: str | None = None
        self._pulses = [0] * CHANNELS

    def on_manual_control(self, msg: MavMessage, now_ns: int) -> None:
        """Take MANUAL_CONTROL; an axis that it does not use is centred."""
        throttle = msg.z / 500.0 - 1.0 if msg.z != _NOT_USED else 0.0
        axes = (_axis(msg.y), _axis(msg.x), _axis(msg.r), _clip(throttle))
        self._take(Sticks(now_ns, JOYSTICK, *axes, buttons=msg.buttons))

    def on_rc_override(self, msg: MavMessage, now_ns: int) -> None:
        """Take RC_CHANNELS_OVERRIDE, channels 1 to 4 as roll, pitch, throttle, yaw: 0 releases one, 65535 keeps it."""
        for index in range(CHANNELS):
            pulse = getattr(msg, f"chan{index + 1}_raw", _IGNORED)
            # channels 9 to 18 are later additions, where 0 means "ignore" and 65534 releases
            if index < 8 and pulse != _IGNORED:
                self._pulses[index] = pulse
            elif index >= 8 and pulse not in (_RELEASED, _IGNORED):
                self._pulses[index] = 0 if pulse == _IGNORED - 1 else pulse
        if not all(self._pulses[:4]):  # the pilot has let go of the sticks: nothing is overridden
            self._last.pop(RADIO, None)
            return
        roll, pitch, throttle, yaw = (_clip((pulse - 1500) / 500.0) for pulse in self._pulses[:4])
        self._take(Sticks(now_ns, RADIO, roll, self._pitch_sign * pitch, yaw, throttle, tuple(self._pulses)))

    def _take(self, sticks: Sticks) -> None:
        before = self._last.get(sticks.source)
        moved = 0.0
        if before is not None:
            seconds = max(sticks.t_ns - before.t_ns, _STILL_NS) * 1e-9
            moved = max(abs(a - b) for a, b in zip(_axes(sticks), _axes(before), strict=True)) / seconds
        self._last[sticks.source], self._rate[sticks.source] = sticks, moved
        self._first = self._first or sticks.source

    def latest(self, now_ns: int, loss_s: float, sources: tuple[str, ...] = (JOYSTICK, RADIO)) -> Sticks | None:
        """Return the newest sticks of the allowed sources that are not older than `loss_s`, or None."""
        live = [s for s in self._last.values() if s.source in sources and now_ns - s.t_ns < loss_s * 1e9]
        return max(live, key=lambda s: s.t_ns, default=None)

    @property
    def first_source(self) -> str | None:
        """The source that was heard first."""
        return self._first

    def rate_per_s(self, sticks: Sticks) -> float:
        """Return how fast the fastest stick moves, in full half-ways a second."""
        return self._rate.get(sticks.source, 0.0)


def shaped(value: float, dead_zone: float = 0.0, expo: float = 0.0) -> float:
    """Return a stick position behind a dead zone, with a share `expo` of cubic response."""
    if not abs(value) > dead_zone:
        return 0.0
    beyond = copysign((abs(value) - dead_zone) / (1.0 - dead_zone), value)
    return (1.0 - expo) * beyond + expo * beyond**3


def stick_velocity(forward: float, right: float, yaw_rad: float, speed_m_s: float) -> Vec3:
    """Return the level ENU velocity of shaped sticks, no faster than `speed_m_s` in any direction."""
    size = max((forward * forward + right * right) ** 0.5, 1.0)
    east, north = _turned(forward / size, right / size, yaw_rad)
    return east * speed_m_s, north * speed_m_s, 0.0


def stick_lean(forward: float, right: float, yaw_rad: float, tilt_rad: float) -> tuple[float, float]:
    """Return the tangent of the tilt to the east and to the north of shaped sticks, at most `tilt_rad`."""
    size = (forward * forward + right * right) ** 0.5
    if size < 1e-6:
        return 0.0, 0.0
    slope = tan(min(size, 1.0) * tilt_rad) / size
    return _turned(forward * slope, right * slope, yaw_rad)


def _turned(forward: float, right: float, yaw_rad: float) -> tuple[float, float]:
    c, s = cos(yaw_rad), sin(yaw_rad)
    return c * forward + s * right, s * forward - c * right


def _axes(sticks: Sticks) -> tuple[float, float, float, float]:
    return sticks.roll, sticks.pitch, sticks.yaw, sticks.throttle


def _axis(value: float) -> float:
    return 0.0 if value == _NOT_USED else _clip(value / 1000.0)


def _clip(value: float) -> float:
    return min(max(value, -1.0), 1.0) if isfinite(value) else 0.0
