"""The pilot's sticks: the simulator's transmitter at rest, RC_CHANNELS_OVERRIDE and MANUAL_CONTROL over it.

As in ArduPilot's simulator a transmitter is always there, sticks centred and the throttle down, until SIM_RC_FAIL takes
it away (1: no pulses, 2: throttle below FS_THR_VALUE).
"""

from __future__ import annotations

from dataclasses import dataclass

from lenger_mavlink.codec import MavMessage
from lenger_mavlink.params import ParamServer

CHANNELS = 16
AT_REST = (1500, 1500, 1000, 1500, 1800, 1000, 1000, 1800) + (0,) * 8
NO_PULSES, LOW_THROTTLE = 1, 2
FAILED_THROTTLE = 950
LOST_NS = 500_000_000
"""Without pulses for this long the radio counts as lost."""
LOW_COUNT_NS = 300_000_000
_RELEASED = (0, 0xFFFF)


@dataclass(frozen=True, slots=True)
class Sticks:
    """Roll right, pitch forward, yaw right: -1 to 1; throttle 0 to 1."""

    roll: float = 0.0
    pitch: float = 0.0
    throttle: float = 0.0
    yaw: float = 0.0


class Radio:
    """What comes from the transmitter.

    Attributes:
        lost: whether the throttle failsafe is on.
    """

    def __init__(self, params: ParamServer) -> None:
        self._params = params
        self._override: dict[int, tuple[int, int]] = {}
        self._bad_since_ns: int | None = None
        self.lost = False

    # ------------------------------------------------------------ messages

    def on_override(self, msg: MavMessage, now_ns: int) -> None:
        """Take RC_CHANNELS_OVERRIDE of the ground station MAV_GCS_SYSID: 0 releases, 65535 leaves a channel."""
        for index in range(CHANNELS):
            value = getattr(msg, f"chan{index + 1}_raw", 0)
            if index < 8:
                gone, kept = value == 0, value == 0xFFFF
            else:  # extended channels: 0 and 65535 leave, 65534 releases
                gone, kept = value == 0xFFFE, value in _RELEASED
            if gone:
                self._override.pop(index, None)
            elif not kept:
                self._override[index] = (min(value, 2200), now_ns)

    def on_manual(self, msg: MavMessage, now_ns: int) -> None:
        """Take MANUAL_CONTROL: x forward, y right, z throttle 0 to 1000, r yaw."""
        if msg.z < 0:
            return
        for index, value, low, high in ((0, msg.y, -1000, 1000), (1, -msg.x, -1000, 1000), (2, msg.z, 0, 1000)):
            self._axis(index, value, low, high, now_ns)
        self._axis(3, msg.r, -1000, 1000, now_ns)

    def clear_overrides(self) -> None:
        """Forget them, as the ground-station failsafe does."""
        self._override.clear()

    def _axis(self, index: int, value: int, low: int, high: int, now_ns: int) -> None:
        if abs(value) <= 1000:
            self._override[index] = (1000 + round(1000 * (value - low) / (high - low)), now_ns)

    # ------------------------------------------------------------ state

    def channels(self, now_ns: int) -> tuple[int, ...]:
        """Return the pulse widths of all channels in microseconds."""
        values = list(AT_REST)
        failure = int(self._params["SIM_RC_FAIL"])
        if failure == LOW_THROTTLE:
            values[2] = FAILED_THROTTLE
        limit_ns = float(self._params["RC_OVERRIDE_TIME"]) * 1e9
        for index, (value, since_ns) in self._override.items():
            if limit_ns < 0.0 or (limit_ns > 0.0 and now_ns - since_ns <= limit_ns):
                values[index] = value
        return tuple(values)

    def step(self, now_ns: int) -> None:
        """Judge whether the radio is lost."""
        channels = self.channels(now_ns)
        overridden = 2 in self._override and channels[2] == self._override[2][0]
        silent = int(self._params["SIM_RC_FAIL"]) == NO_PULSES and not overridden
        low = channels[2] < int(self._params["FS_THR_VALUE"])
        if not (silent or low) or not self._params["FS_THR_ENABLE"]:
            self._bad_since_ns, self.lost = None, False
            return
        self._bad_since_ns = self._bad_since_ns or now_ns
        self.lost = now_ns - self._bad_since_ns >= (LOST_NS if silent else LOW_COUNT_NS)

    def sticks(self, now_ns: int) -> Sticks:
        """Return the sticks behind their dead zones; centred with the throttle at rest while the radio is lost."""
        if self.lost:
            return Sticks()
        roll, pitch, throttle, yaw = self.channels(now_ns)[:4]
        low, high = float(self._params["RC3_MIN"]), float(self._params["RC3_MAX"])
        share = min(max((throttle - low) / max(high - low, 1.0), 0.0), 1.0)
        return Sticks(self._norm(1, roll), -self._norm(2, pitch), share, self._norm(4, yaw))

    def _norm(self, number: int, pulse: int) -> float:
        low, mid, high = (float(self._params[f"RC{number}_{end}"]) for end in ("MIN", "TRIM", "MAX"))
        dead = float(self._params[f"RC{number}_DZ"])
        off = pulse - mid
        if abs(off) <= dead:
            return 0.0
        span = (high - mid if off > 0.0 else mid - low) - dead
        value = (abs(off) - dead) / max(span, 1.0) * (1.0 if off > 0.0 else -1.0)
        return min(max(value, -1.0), 1.0)
