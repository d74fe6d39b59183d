"""Byte links. UDP now; a TCP or serial link is another class with `receive`, `send`, `fileno` and `close`."""

from __future__ import annotations

import socket
from typing import Protocol
from urllib.parse import urlsplit

from lenger_core.errors import InputError, MissingError

Address = tuple[str, int]

_MAX_DATAGRAM = 2048
_MAX_AT_ONCE = 256
_EXPECTED = "udp://[bind_host]:port@[remote_host]:[port], such as udp://:14540@127.0.0.1:14580"


class Link(Protocol):
    """What every link offers; none of the methods blocks."""

    def receive(self) -> list[bytes]:
        """Return what has arrived since the last call, a list of datagrams or pieces."""

    def send(self, data: bytes) -> None:
        """Send bytes to the peer, or drop them when it cannot take them now."""

    def fileno(self) -> int:
        """Return the descriptor to wait on."""

    def close(self) -> None:
        """Release the port."""


class UdpLink:
    """A bound UDP socket with one peer: the given one, or else whoever spoke last.

    Raises:
        MissingError: the port cannot be bound.
    """

    def __init__(self, bind: Address, peer: Address | None = None) -> None:
        self._peer = peer
        self._fixed = peer is not None
        self.dropped = 0
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        try:
            self._socket.bind(bind)
        except OSError as error:
            self._socket.close()
            raise MissingError(
                f"UDP port {bind[0]}:{bind[1]} cannot be bound ({error.strerror})",
                "end the program that holds it, or choose another port",
            ) from error

    @property
    def bound(self) -> Address:
        """The local address, with the port that the system chose for port 0."""
        host, port = self._socket.getsockname()
        return host, port

    def receive(self) -> list[bytes]:
        """Return the datagrams that have arrived, oldest first, at most 256: a flood must not stop the caller."""
        datagrams: list[bytes] = []
        for _ in range(_MAX_AT_ONCE):
            try:
                data, sender = self._socket.recvfrom(_MAX_DATAGRAM)
            except BlockingIOError:
                break
            except ConnectionError:
                continue  # an ICMP "port unreachable" of an earlier send: the peer is not up yet
            datagrams.append(data)
            if not self._fixed:
                self._peer = sender
        return datagrams

    def send(self, data: bytes) -> None:
        """Send one datagram; without a peer, or when the system has no room, it is dropped and counted."""
        if self._peer is None:
            return
        try:
            self._socket.sendto(data, self._peer)
        except (BlockingIOError, ConnectionError, OSError):
            self.dropped += 1

    def fileno(self) -> int:
        """Return the socket's descriptor."""
        return self._socket.fileno()

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()


def open_link(url: str, bind_default: Address = ("0.0.0.0", 14540), peer_default_port: int = 14557) -> UdpLink:
    """Open the link of a URL in MAVROS's fcu_url syntax, `udp://[bind_host][:port]@[remote_host][:port]`.

    Raises:
        InputError: the URL is malformed or of a scheme that is not there.
        MissingError: the port cannot be bound.
    """
    bind, peer = parse_udp_url(url, bind_default, peer_default_port)
    return UdpLink(bind, peer)


def parse_udp_url(url: str, bind_default: Address, peer_default_port: int) -> tuple[Address, Address | None]:
    """Return the bind and peer address of a udp:// URL; the peer is None when no remote host is given.

    Raises:
        InputError: as for `open_link`.
    """
    parts = urlsplit(url)
    if parts.scheme != "udp" or parts.path not in ("", "/"):
        raise InputError("mavlink link", "url", url, _EXPECTED)
    local, at, remote = parts.netloc.rpartition("@")
    if not at:
        local, remote = remote, ""
    bind = _address(url, local, bind_default)
    peer = _address(url, remote, ("", peer_default_port))
    return bind, (peer if peer[0] else None)


def _address(url: str, text: str, default: Address) -> Address:
    host, _, port = text.partition(":")
    if port and not (port.isascii() and port.isdigit() and int(port) <= 65535):
        raise InputError("mavlink link", "url", url, _EXPECTED)
    return host or default[0], int(port) if port else default[1]
