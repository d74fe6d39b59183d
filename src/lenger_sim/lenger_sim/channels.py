"""The MAVLink links of the vehicle: each has its own codec and streams; answers go where they belong."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

from lenger_mavlink.codec import MavCodec, MavMessage
from lenger_sim.link_faults import BadRadio

Peer = tuple[int, int]
"""MAVLink system and component."""

SHORTEST_NS = 4_000_000
_IDLE_NS = 1_000_000_000


class Streams:
    """Which messages one link gets by itself, and when each is due.

    Args:
        rates_hz: the default streams, message id to rate.
        on_event: messages that are sent when there is news (a GNSS fix), at most at their rate.
    """

    def __init__(self, rates_hz: Mapping[int, float], on_event: frozenset[int] = frozenset()) -> None:
        self._rates = dict(rates_hz)
        self._on_event = on_event
        self._periods = {number: int(1e9 / rate) for number, rate in rates_hz.items() if rate > 0.0}
        self._due = dict.fromkeys((n for n in self._periods if n not in on_event), 0)
        self._sent: dict[int, int] = {}
        self._next_ns = 0

    def interval_us(self, message_id: int) -> int:
        """Return the interval of a stream, -1 when it is off (MESSAGE_INTERVAL)."""
        period = self._periods.get(message_id)
        return -1 if period is None else period // 1000

    def set_interval(self, message_id: int, interval_us: float, now_ns: int) -> None:
        """Set a stream: microseconds, 0 the default rate, -1 off (MAV_CMD_SET_MESSAGE_INTERVAL)."""
        default = self._rates.get(message_id, 0.0)
        if interval_us < 0.0 or (interval_us == 0.0 and default <= 0.0):
            self._periods.pop(message_id, None)
            self._due.pop(message_id, None)
        else:
            period = int(interval_us * 1000.0) if interval_us > 0.0 else int(1e9 / default)
            self._periods[message_id] = max(period, SHORTEST_NS)
            if message_id not in self._on_event:
                self._due[message_id] = now_ns
        self._next_ns = now_ns

    def due(self, now_ns: int) -> list[int]:
        """Return the messages that are due, and count them as sent."""
        if now_ns < self._next_ns:
            return []
        numbers = [number for number, due in self._due.items() if due <= now_ns]
        for number in numbers:
            # the grid of the period is kept, so that the mean rate is right although steps are 4 ms
            period = self._periods[number]
            self._due[number] = max(self._due[number] + period, now_ns - period)
        self._next_ns = min(self._due.values(), default=now_ns + _IDLE_NS)
        return numbers

    def wants(self, message_id: int, now_ns: int) -> bool:
        """Return whether news of an event stream is to be sent now, and count it as sent."""
        period = self._periods.get(message_id)
        if period is None or now_ns - self._sent.get(message_id, -period) < period - SHORTEST_NS:
            return False
        self._sent[message_id] = now_ns
        return True


class Channel:
    """One link.

    Attributes:
        codec: counts and decodes what comes in, numbers what goes out.
        streams: what is sent by itself.
        radio: what becomes of bytes on their way, both ways.
        peers: systems and components that were heard on it.
        marks: what a message maker must remember of its last message on this link.
    """

    def __init__(self, codec: MavCodec, streams: Streams, radio: BadRadio | None = None) -> None:
        self.codec = codec
        self.radio = radio or BadRadio(0)
        self.streams = streams
        self.peers: set[Peer] = set()
        self.marks: dict[int | str, Any] = {}
        self._outgoing: list[bytes] = []

    def send(self, msg: MavMessage) -> None:
        """Queue a message."""
        self._outgoing.append(self.codec.encode(msg))

    def forward(self, frame: bytes) -> None:
        """Queue somebody else's frame as it came."""
        self._outgoing.append(frame)

    def take(self, now_ns: int) -> list[bytes]:
        """Return the frames that come out of the link now, in order."""
        frames, self._outgoing = self._outgoing, []
        return self.radio.down(frames, now_ns)


class Router:
    """Sends messages to the links they are for: a target that was heard on some links goes there, the rest to all.

    Args:
        channels: the open links; the owner may add and remove some later.
    """

    def __init__(self, channels: Sequence[Channel]) -> None:
        self.channels = channels

    def send(self, msg: MavMessage) -> None:
        """Send a message by its target fields."""
        peer = (getattr(msg, "target_system", 0), getattr(msg, "target_component", 0))
        heard = [channel for channel in self.channels if peer in channel.peers] if peer[0] else []
        for channel in heard or self.channels:
            channel.send(msg)

    def forward(self, msg: MavMessage, source: Channel) -> None:
        """Pass somebody's message on to all links but the one that it came by, unchanged."""
        for channel in self.channels:
            if channel is not source:
                channel.forward(bytes(msg.get_msgbuf()))
