"""Byte links of every kind that MAVROS's URLs name, behind one face: `open_link`."""

from __future__ import annotations

from collections.abc import Hashable, Sequence
from typing import Any, Protocol

from lenger_mavlink.link_serial import SerialLink
from lenger_mavlink.link_tcp import TcpClientLink, TcpServerLink
from lenger_mavlink.link_udp import UdpLink
from lenger_mavlink.link_url import (
    DEFAULT_UDP_BIND,
    DEFAULT_UDP_REMOTE_PORT,
    Address,
    LinkUrl,
    parse_link_url,
)

__all__ = [
    "Address",
    "Link",
    "LinkUrl",
    "SerialLink",
    "TcpClientLink",
    "TcpServerLink",
    "UdpLink",
    "open_link",
    "parse_link_url",
]


class Link(Protocol):
    """What every link offers. `receive`, `receive_from` and `send` neither block nor raise, also after `close`."""

    @property
    def stream(self) -> bool:
        """Whether what is received is pieces of a byte stream per peer, rather than datagrams of whole frames."""

    @property
    def connected(self) -> bool:
        """Whether a `send` now reaches anybody, as far as the link can know."""

    @property
    def dropped(self) -> int:
        """How many sends were dropped."""

    def peers(self) -> Sequence[Hashable]:
        """Return the keys of those whom a `send` without peer reaches."""

    def receive(self) -> list[bytes]:
        """Return what has arrived since the last call, a list of datagrams or pieces."""

    def receive_from(self) -> Sequence[tuple[Any, bytes]]:
        """Return what has arrived, each with the key of the peer that sent it."""

    def send(self, data: bytes, peer: Any = None) -> None:
        """Send whole frames to one peer, or to all of `peers`; they are dropped whole where they cannot be taken."""

    def fileno(self) -> int:
        """Return the descriptor to wait on; it stays the same when the link reconnects."""

    def close(self) -> None:
        """Release the port."""


def open_link(
    url: str,
    bind_default: Address = DEFAULT_UDP_BIND,
    peer_default_port: int = DEFAULT_UDP_REMOTE_PORT,
    several: bool = False,
) -> Link:
    """Open the link of a URL in MAVROS's `fcu_url` syntax (`lenger_mavlink.link_url`).

    Args:
        url: the URL; its `ids` are the caller's to use (`parse_link_url`).
        bind_default: local address of a UDP URL that names none.
        peer_default_port: port of a UDP remote that names none.
        several: a UDP link answers everybody who speaks to it, as a vehicle must, instead of the last one only.

    Raises:
        InputError: the URL is malformed.
        MissingError: a port cannot be bound or opened, or a host's name cannot be resolved.
    """
    parsed = parse_link_url(url, bind_default, peer_default_port)
    if parsed.scheme.startswith("serial"):
        return SerialLink(parsed.device, parsed.baud, flow_control=parsed.scheme == "serial-hwfc")
    if parsed.scheme == "tcp" and parsed.remote is not None:
        return TcpClientLink(parsed.remote)
    bind = parsed.bind if parsed.bind is not None else bind_default
    if parsed.scheme == "tcp-l":
        return TcpServerLink(bind)
    partner = "fixed" if parsed.scheme == "udp-pb" else "all" if several else "last"
    return UdpLink(bind, parsed.remote, partner)  # type: ignore[arg-type]
