"""TCP links: a client that connects again by itself, and a server of several clients."""

from __future__ import annotations

import errno
import select
import socket
from collections.abc import Callable

from lenger_mavlink.link_clock import monotonic_ns
from lenger_mavlink.link_stream import Backoff, Connection, SendQueue
from lenger_mavlink.link_udp import bind_or_close, resolve
from lenger_mavlink.link_url import Address

_MOST_CLIENTS = 16
_CONNECT_NS = 5_000_000_000
_READ = select.EPOLLIN | select.EPOLLRDHUP


class TcpClientLink:
    """Connects to a server, and again whenever the connection ends; `receive` drives it, so call it regularly.

    What is sent while there is no connection is dropped: telemetry and setpoints of the past are worth nothing.

    Args:
        server: host and port.
        clock: monotonic time in nanoseconds.

    Attributes:
        stream: True: what is received is pieces of a stream.
        dropped: writes that were dropped.
        connections: how often a connection came about.

    Raises:
        MissingError: the host cannot be resolved.
    """

    stream = True

    def __init__(self, server: Address, clock: Callable[[], int] = monotonic_ns) -> None:
        self._server = resolve(server, socket.SOCK_STREAM)
        self._clock = clock
        self._backoff = Backoff()
        self._connecting: socket.socket | None = None
        self._deadline_ns = 0
        self._connection: Connection | None = None
        self._epoll = select.epoll()
        self._unsent = 0
        self.connections = 0
        self._connect()

    @property
    def dropped(self) -> int:
        """Writes that were dropped."""
        return self._unsent + (self._connection.queue.dropped if self._connection is not None else 0)

    @property
    def connected(self) -> bool:
        """Whether there is a connection now."""
        return self._connection is not None

    def peers(self) -> tuple[Address, ...]:
        """Return the server while it is connected."""
        return (self._server,) if self.connected else ()

    def receive_from(self) -> list[tuple[Address, bytes]]:
        """Return what has arrived, as `receive`, with the server's address."""
        return [(self._server, data) for data in self.receive()]

    def receive(self) -> list[bytes]:
        """Return the pieces that have arrived; connect when there is no connection. Never raises, never blocks."""
        if self._epoll.closed:
            return []
        if self._connection is None:
            self._connect()
        connection = self._connection
        if connection is None:
            return []
        pieces = connection.read()
        connection.write()
        self._watch(connection)
        return pieces

    def send(self, data: bytes, peer: Address | None = None) -> None:
        """Send whole frames, or drop them when there is no connection or no room. Never raises, never blocks."""
        connection = self._connection
        if connection is None or (peer is not None and peer != self._server):
            self._unsent += 1
            return
        connection.write(data)
        self._watch(connection)

    def fileno(self) -> int:
        """Return a descriptor that is readable when something has arrived, the same for the link's whole life."""
        return self._epoll.fileno()

    def close(self) -> None:
        """Close the connection."""
        if self._connecting is not None:
            self._connecting.close()
            self._connecting = None
        if self._connection is not None:
            self._connection.close()
            self._unsent += self._connection.queue.dropped
            self._connection = None
        self._epoll.close()

    def _connect(self) -> None:
        now_ns = self._clock()
        if self._connecting is None:
            if not self._backoff.due(now_ns):
                return
            self._connecting = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
            self._connecting.setblocking(False)
            self._deadline_ns = now_ns + _CONNECT_NS
            code = self._connecting.connect_ex(self._server)
            if code not in (0, errno.EINPROGRESS):
                self._give_up(now_ns)
                return
            self._epoll.register(self._connecting, select.EPOLLOUT)
        events = self._epoll.poll(0)
        if (events and events[0][1] & (select.EPOLLERR | select.EPOLLHUP)) or now_ns >= self._deadline_ns:
            self._give_up(now_ns)
        elif events:
            self._connection = Connection(self._connecting, SendQueue())
            self._epoll.modify(self._connecting, _READ)
            self._connecting = None
            self.connections += 1

    def _give_up(self, now_ns: int) -> None:
        if self._connecting is not None:
            self._connecting.close()
            self._connecting = None
        self._backoff.failed(now_ns)

    def _watch(self, connection: Connection) -> None:
        if not connection.alive:
            connection.close()
            self._unsent += connection.queue.dropped
            self._connection = None
            self._backoff.succeeded()
            self._backoff.failed(self._clock())
            return
        self._epoll.modify(connection.socket, _READ | (select.EPOLLOUT if len(connection.queue) else 0))


class TcpServerLink:
    """Listens, and serves up to 16 clients at once, each a peer of its own.

    Args:
        bind: local host and port; port 0 lets the system choose.

    Attributes:
        stream: True: what is received is pieces of a stream, one stream a peer.
        dropped: writes that were dropped, a write to two clients counting twice.

    Raises:
        MissingError: the port cannot be bound.
    """

    stream = True

    def __init__(self, bind: Address) -> None:
        self._listener = socket.socket(socket.AF_INET, socket.SOCK_STREAM)
        self._listener.setblocking(False)
        self._listener.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)  # else a restart waits a minute
        bind_or_close(self._listener, bind, "TCP")
        self._listener.listen(_MOST_CLIENTS)
        self._clients: dict[Address, Connection] = {}
        self._gone = 0
        self._epoll = select.epoll()
        self._epoll.register(self._listener, select.EPOLLIN)

    @property
    def bound(self) -> Address:
        """The local address, with the port that the system chose for port 0."""
        host, port = self._listener.getsockname()
        return host, port

    @property
    def dropped(self) -> int:
        """Writes that were dropped."""
        return self._gone + sum(client.queue.dropped for client in self._clients.values())

    @property
    def connected(self) -> bool:
        """Whether there is any client."""
        return bool(self._clients)

    def peers(self) -> tuple[Address, ...]:
        """Return the clients, the oldest first."""
        return tuple(self._clients)

    def receive_from(self) -> list[tuple[Address, bytes]]:
        """Return client and piece of what has arrived; takes new clients in. Never raises, never blocks."""
        if self._epoll.closed:
            return []
        self._accept()
        pieces: list[tuple[Address, bytes]] = []
        for peer, client in list(self._clients.items()):
            pieces += [(peer, data) for data in client.read()]
            client.write()
            self._watch(peer, client)
        return pieces

    def receive(self) -> list[bytes]:
        """Return the pieces of all clients; frames of two clients may interleave, so decode `receive_from` instead."""
        return [data for _, data in self.receive_from()]

    def send(self, data: bytes, peer: Address | None = None) -> None:
        """Send whole frames to one client, or to all; dropped where there is no room. Never raises, never blocks."""
        for address in tuple(self._clients) if peer is None else (peer,):
            client = self._clients.get(address)
            if client is not None:
                client.write(data)
                self._watch(address, client)

    def fileno(self) -> int:
        """Return a descriptor that is readable when there is a new client or something has arrived."""
        return self._epoll.fileno()

    def close(self) -> None:
        """Close the port and all clients."""
        for client in self._clients.values():
            client.close()
        self._clients.clear()
        self._listener.close()
        self._epoll.close()

    def _accept(self) -> None:
        for _ in range(_MOST_CLIENTS):
            try:
                accepted, peer = self._listener.accept()
            except OSError:
                return  # nobody (BlockingIOError), or somebody who went away again
            if len(self._clients) >= _MOST_CLIENTS:
                accepted.close()
                continue
            self._clients[peer] = Connection(accepted)
            self._epoll.register(accepted, _READ)

    def _watch(self, peer: Address, client: Connection) -> None:
        if not client.alive:
            client.close()
            self._gone += client.queue.dropped
            del self._clients[peer]
            return
        self._epoll.modify(client.socket, _READ | (select.EPOLLOUT if len(client.queue) else 0))
