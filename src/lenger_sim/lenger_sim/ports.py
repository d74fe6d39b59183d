"""The sockets of the vehicle: every peer of a link gets a channel of its own, with its own streams."""

from __future__ import annotations

from collections.abc import Hashable, Sequence

from lenger_mavlink.links import Link, open_link
from lenger_sim.channels import Channel
from lenger_sim.vehicle import VehicleCore

MAX_DATAGRAM = 1400
BIND = ("127.0.0.1", 14580)


class Port:
    """One link of the vehicle.

    Args:
        core: the vehicle.
        url: as in MAVROS's fcu_url, seen from the vehicle: `tcp-l://` waits for ground stations.
        kind: of every channel of this link, see `VehicleCore.open_channel`.

    Raises:
        InputError: the URL is malformed.
        MissingError: the port is taken.
    """

    def __init__(self, core: VehicleCore, url: str, kind: str) -> None:
        self._core = core
        self._kind = kind
        self.link: Link = open_link(url, BIND, several=True)
        self._channels: dict[Hashable, Channel] = {}

    def listen(self) -> None:
        """Take what has arrived; open and close channels as peers come and go."""
        arrived = self.link.receive_from()
        self._follow(self.link.peers())
        for peer, data in arrived:
            channel = self._channels.get(peer)
            if channel is not None:
                self._core.receive(data, self._core.now_ns, channel, whole=not self.link.stream)

    def send(self) -> None:
        """Send what waits on each channel to its peer."""
        for peer, channel in self._channels.items():
            for datagram in datagrams(self._core.take_outgoing(channel)):
                self.link.send(datagram, peer)

    def close(self) -> None:
        """Release the port."""
        self.link.close()

    def _follow(self, peers: Sequence[Hashable]) -> None:
        if len(peers) == len(self._channels) and all(peer in self._channels for peer in peers):
            return
        for peer in [peer for peer in self._channels if peer not in peers]:
            self._core.close_channel(self._channels.pop(peer))
        for peer in peers:
            if peer not in self._channels:
                self._channels[peer] = self._core.open_channel(self._kind)


def datagrams(frames: Sequence[bytes], limit: int = MAX_DATAGRAM) -> list[bytes]:
    """Join whole frames into datagrams of at most `limit` bytes, in order."""
    out: list[bytes] = []
    batch: list[bytes] = []
    size = 0
    for frame in frames:
        if batch and size + len(frame) > limit:
            out.append(b"".join(batch))
            batch, size = [], 0
        batch.append(frame)
        size += len(frame)
    if batch:
        out.append(b"".join(batch))
    return out
