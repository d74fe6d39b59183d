"""UDP links: one peer as MAVROS has it, or every ground station that speaks to a vehicle."""

from __future__ import annotations

import socket
from collections.abc import Callable
from typing import Literal

from lenger_core.errors import MissingError
from lenger_mavlink.link_clock import monotonic_ns
from lenger_mavlink.link_url import Address

Partner = Literal["last", "fixed", "all"]

_MAX_DATAGRAM = 2048
_MAX_AT_ONCE = 256
_MOST_PEERS = 16
_SILENT_NS = 60_000_000_000


class UdpLink:
    """A bound UDP socket.

    Args:
        bind: local host and port; port 0 lets the system choose.
        peer: where to send before anybody has spoken.
        partner: who gets what is sent. "last": whoever spoke last, `peer` until then (MAVROS does this also when its
            URL names a remote: an autopilot may answer from another port than the one it listens on). "fixed": always
            `peer`. "all": `peer`, and everybody who spoke within the last minute, at most 16.
        clock: monotonic time in nanoseconds.

    Attributes:
        dropped: datagrams that the system did not take.
        stream: False: each piece that is received is a datagram of its own.

    Raises:
        MissingError: the port cannot be bound, or the name of the peer cannot be resolved.
    """

    stream = False

    def __init__(
        self,
        bind: Address,
        peer: Address | None = None,
        partner: Partner = "last",
        clock: Callable[[], int] = monotonic_ns,
    ) -> None:
        self._peer = resolve(peer, socket.SOCK_DGRAM) if peer is not None else None
        self._given = self._peer
        self._partner = partner
        self._clock = clock
        self._heard: dict[Address, int] = {}
        self.dropped = 0
        self._socket = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._socket.setblocking(False)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 1 << 20)
        self._socket.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        bind_or_close(self._socket, bind, "UDP")

    @property
    def bound(self) -> Address:
        """The local address, with the port that the system chose for port 0."""
        host, port = self._socket.getsockname()
        return host, port

    @property
    def connected(self) -> bool:
        """Whether anybody is known who may listen."""
        return bool(self.peers())

    def peers(self) -> tuple[Address, ...]:
        """Return whom a `send` without peer reaches."""
        if self._partner != "all":
            return (self._peer,) if self._peer is not None else ()
        oldest_ns = self._clock() - _SILENT_NS
        self._heard = {peer: heard_ns for peer, heard_ns in self._heard.items() if heard_ns >= oldest_ns}
        given = (self._given,) if self._given is not None and self._given not in self._heard else ()
        return (*given, *self._heard)

    def receive_from(self) -> list[tuple[Address, bytes]]:
        """Return sender and datagram of what has arrived, oldest first, at most 256: a flood must not stop the caller.

        Never raises.
        """
        datagrams: list[tuple[Address, bytes]] = []
        for _ in range(_MAX_AT_ONCE):
            try:
                data, sender = self._socket.recvfrom(_MAX_DATAGRAM)
            except ConnectionError:
                continue  # an ICMP "port unreachable" of an earlier send: the peer is not up yet
            except OSError:
                break  # nothing there (BlockingIOError), the network is down, or the link was closed
            datagrams.append((sender, data))
            self._note(sender)
        return datagrams

    def receive(self) -> list[bytes]:
        """Return the datagrams alone; as `receive_from`."""
        return [data for _, data in self.receive_from()]

    def send(self, data: bytes, peer: Address | None = None) -> None:
        """Send one datagram to `peer`, or to the partners; one that the system does not take is dropped and counted.

        Never raises.
        """
        for address in self.peers() if peer is None else (peer,):
            try:
                self._socket.sendto(data, address)
            except OSError:
                self.dropped += 1

    def fileno(self) -> int:
        """Return the socket's descriptor."""
        return self._socket.fileno()

    def close(self) -> None:
        """Close the socket."""
        self._socket.close()

    def _note(self, sender: Address) -> None:
        if self._partner == "last":
            self._peer = sender
        elif self._partner == "all":
            if sender not in self._heard and len(self._heard) >= _MOST_PEERS:
                del self._heard[min(self._heard, key=self._heard.__getitem__)]
            self._heard[sender] = self._clock()


def resolve(address: Address, kind: socket.SocketKind) -> Address:
    """Return an address with its host as an IPv4 number; it may ask a name server, so call it once.

    Raises:
        MissingError: the name is not known.
    """
    try:
        found = socket.getaddrinfo(address[0], address[1], socket.AF_INET, kind)
    except (OSError, UnicodeError) as error:
        raise MissingError(
            f"the host {address[0]} of a MAVLink link cannot be resolved ({error})",
            "correct the name, or write the IPv4 address",
        ) from error
    host, port = found[0][4][:2]
    return str(host), int(port)


def bind_or_close(unbound: socket.socket, address: Address, what: str) -> None:
    """Bind a socket.

    Raises:
        MissingError: the port is taken or the host is none of this machine's; the socket is closed then.
    """
    try:
        unbound.bind(address)
    except (OSError, UnicodeError) as error:
        unbound.close()
        reason = getattr(error, "strerror", None) or error
        raise MissingError(
            f"{what} port {address[0]}:{address[1]} cannot be bound ({reason})",
            "end the program that holds it, or choose another port",
        ) from error
