"""Messages from a link: one decoder a peer, so that the streams of two clients do not cut each other's frames."""

from __future__ import annotations

from collections.abc import Hashable

from lenger_mavlink.codec import MavCodec, MavMessage
from lenger_mavlink.links import Link


class LinkReader:
    """Decodes what arrives on a link.

    Args:
        link: where to read.
        wanted: message ids to decode, None for all (`MavCodec`).

    Attributes:
        received: messages so far.
    """

    def __init__(self, link: Link, wanted: frozenset[int] | None = None) -> None:
        self._link = link
        self._wanted = wanted
        self._codecs: dict[Hashable, MavCodec] = {}
        self._bad_bytes = 0
        self.received = 0

    @property
    def bad_bytes(self) -> int:
        """Bytes dropped because they belonged to no valid frame."""
        return self._bad_bytes + sum(codec.bad_bytes for codec in self._codecs.values())

    def read(self) -> list[tuple[Hashable, MavMessage]]:
        """Return peer and message of all that has arrived, in order per peer. Never raises, never blocks."""
        messages: list[tuple[Hashable, MavMessage]] = []
        for peer, data in self._link.receive_from():
            codec = self._codecs.get(peer)
            if codec is None:
                codec = self._codecs[peer] = MavCodec(0, 0, self._wanted)
            found = codec.feed(data) if self._link.stream else codec.feed_datagram(data)
            messages += [(peer, msg) for msg in found]
        self.received += len(messages)
        self._forget()
        return messages

    def _forget(self) -> None:
        """Drop the decoders of peers that are gone: a client that comes back starts with a whole frame."""
        here = self._link.peers()
        for peer in [peer for peer in self._codecs if peer not in here]:
            self._bad_bytes += self._codecs.pop(peer).bad_bytes
