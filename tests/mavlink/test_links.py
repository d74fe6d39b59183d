"""Links over the real loopback interface and over pseudo-terminals."""

from __future__ import annotations

import os
import pty
import select
import socket
import tty
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

from lenger_core.errors import InputError, MissingError
from lenger_mavlink.codec import MavCodec, mavlink
from lenger_mavlink.link_stream import Backoff, SendQueue
from lenger_mavlink.links import Link, SerialLink, TcpClientLink, TcpServerLink, UdpLink, open_link
from lenger_mavlink.reader import LinkReader

ANY = ("127.0.0.1", 0)
S = 1_000_000_000
Wait = Callable[..., None]


class Inbox:
    """Collects what a link receives."""

    def __init__(self, link: Link) -> None:
        self.link = link
        self.got: list[bytes] = []

    def has(self, count: int) -> Callable[[], bool]:
        return lambda: self.read() >= count

    def holds(self, data: bytes) -> Callable[[], bool]:
        return lambda: self.read() >= 0 and b"".join(self.got) == data

    def read(self) -> int:
        self.got += self.link.receive()
        return len(self.got)


class Clock:
    def __init__(self) -> None:
        self.now_ns = 0

    def __call__(self) -> int:
        return self.now_ns


# ---------------------------------------------------------------- UDP


def test_datagrams_both_ways(wait_until: Wait) -> None:
    a = UdpLink(ANY)
    b = UdpLink(ANY, a.bound)
    try:
        a.send(b"nobody is there yet")
        assert not a.connected
        b.send(b"one")
        b.send(b"two")
        inbox = Inbox(a)
        wait_until(inbox.has(2), 5.0)
        assert inbox.got == [b"one", b"two"]
        a.send(b"answer")  # to whoever spoke last
        back = Inbox(b)
        wait_until(back.has(1), 5.0)
        assert back.got == [b"answer"]
    finally:
        a.close()
        b.close()


def test_last_speaker_replaces_the_given_remote_unless_fixed(wait_until: Wait) -> None:
    given, other = UdpLink(ANY), UdpLink(ANY)
    follows, fixed = UdpLink(ANY, given.bound), UdpLink(ANY, given.bound, "fixed")
    try:
        for link in (follows, fixed):
            other.send(b"hello", link.bound)
            wait_until(Inbox(link).has(1), 5.0)
        assert follows.peers() == (other.bound,)
        assert fixed.peers() == (given.bound,)
    finally:
        for link in (given, other, follows, fixed):
            link.close()


def test_a_vehicle_answers_all_who_speak_and_forgets_the_silent(wait_until: Wait) -> None:
    clock = Clock()
    stations = [UdpLink(ANY) for _ in range(3)]
    vehicle = UdpLink(ANY, stations[0].bound, "all", clock)
    try:
        for station in stations[1:]:
            station.send(b"hello", vehicle.bound)
        wait_until(Inbox(vehicle).has(2), 5.0)
        vehicle.send(b"to all")
        vehicle.send(b"to one", stations[2].bound)
        boxes = [Inbox(station) for station in stations]
        for box, expected in zip(boxes, (b"to all", b"to all", b"to allto one"), strict=True):
            wait_until(box.holds(expected), 5.0)
        clock.now_ns = 61 * S
        assert vehicle.peers() == (stations[0].bound,)
    finally:
        for link in (*stations, vehicle):
            link.close()


def test_many_speakers_do_not_grow_without_bound(wait_until: Wait) -> None:
    clock = Clock()
    vehicle = UdpLink(ANY, partner="all", clock=clock)
    stations = [UdpLink(ANY) for _ in range(20)]
    try:
        for station in stations:
            clock.now_ns += 1
            station.send(b"hello", vehicle.bound)
            wait_until(Inbox(vehicle).has(1), 5.0)
        assert vehicle.peers() == tuple(station.bound for station in stations[4:])
    finally:
        for link in (*stations, vehicle):
            link.close()


def test_broadcast(wait_until: Wait) -> None:
    listener = UdpLink(("0.0.0.0", 0))
    link = UdpLink(ANY, ("127.255.255.255", listener.bound[1]))
    try:
        link.send(b"anybody?")
        wait_until(Inbox(listener).has(1), 5.0)
        listener.send(b"here")
        wait_until(Inbox(link).has(1), 5.0)
        assert link.peers() == (("127.0.0.1", listener.bound[1]),)  # no broadcast from now on
    finally:
        listener.close()
        link.close()


def test_receive_does_not_block_and_a_dead_peer_does_not_raise() -> None:
    gone = UdpLink(ANY)
    link = UdpLink(ANY, gone.bound)
    gone.close()
    for _ in range(5):
        link.send(b"x")
        assert link.receive() == []
    link.close()
    link.send(b"x")
    assert link.receive() == []


# ---------------------------------------------------------------- TCP


@pytest.fixture
def server() -> Iterator[TcpServerLink]:
    link = TcpServerLink(ANY)
    yield link
    link.close()


def test_two_clients_are_peers_of_their_own(server: TcpServerLink, wait_until: Wait) -> None:
    clients = [TcpClientLink(server.bound), TcpClientLink(server.bound)]
    try:
        assert not server.connected
        wait_until(lambda: server.receive_from() == [] and len(server.peers()) == 2, 5.0)
        wait_until(lambda: all(client.receive() == [] and client.connected for client in clients), 5.0)
        clients[0].send(b"first")
        got: list[tuple[object, bytes]] = []
        wait_until(lambda: bool(got.extend(server.receive_from()) or got), 5.0)
        ((peer, data),) = got
        assert data == b"first"
        server.send(b"you", peer)  # type: ignore[arg-type]
        server.send(b" all")
        boxes = [Inbox(client) for client in clients]
        wait_until(boxes[0].holds(b"you all"), 5.0)
        wait_until(boxes[1].holds(b" all"), 5.0)
        clients[0].close()
        wait_until(lambda: server.receive_from() == [] and len(server.peers()) == 1, 5.0)
        server.send(b"gone", peer)  # type: ignore[arg-type]
        assert clients[0].receive() == []
    finally:
        for client in clients:
            client.close()


def test_client_waits_for_its_server_and_comes_back(wait_until: Wait) -> None:
    first = TcpServerLink(ANY)
    address = first.bound
    first.close()
    clock = Clock()
    client = TcpClientLink(address, clock)
    descriptor = client.fileno()
    try:
        client.send(b"nobody")
        assert client.dropped == 1

        def connects() -> bool:
            clock.now_ns += S // 10
            client.receive()
            return client.connected

        for turn in range(2):
            assert not client.connected
            server = TcpServerLink(address)
            wait_until(connects, 5.0)
            assert client.connections == turn + 1
            client.send(b"hello")
            wait_until(Inbox(server).holds(b"hello"), 5.0)
            server.close()
            wait_until(lambda: client.receive() == [] and not client.connected, 5.0)
        assert client.fileno() == descriptor
    finally:
        client.close()


def test_attempts_to_connect_back_off() -> None:
    backoff, attempts, now = Backoff(), [], 0
    while now < 20 * S:
        if backoff.due(now):
            attempts.append(now / S)
            backoff.failed(now)
        now += S // 4
    assert attempts == [0.0, 0.25, 0.75, 1.75, 3.75, 7.75, 11.75, 15.75, 19.75]


def test_descriptor_becomes_readable_for_data_and_for_clients(server: TcpServerLink, wait_until: Wait) -> None:
    assert select.select([server], [], [], 0.0)[0] == []
    client = TcpClientLink(server.bound)
    try:
        assert select.select([server], [], [], 5.0)[0] == [server]
        wait_until(lambda: server.receive() == [] and client.receive() == [] and client.connected, 5.0)
        assert select.select([server, client], [], [], 0.0)[0] == []
        client.send(b"x")
        assert select.select([server], [], [], 5.0)[0] == [server]
    finally:
        client.close()


def test_a_client_that_does_not_read_loses_whole_writes_only(server: TcpServerLink, wait_until: Wait) -> None:
    slow = socket.create_connection(server.bound)
    frame = bytes(range(250))
    try:
        wait_until(lambda: server.receive() == [] and server.connected, 5.0)
        sent = 0
        while not server.dropped:
            server.send(frame)
            sent += 1
        kept = sent - server.dropped
        got = bytearray()
        slow.settimeout(5.0)
        while len(got) < kept * len(frame):
            server.receive()  # the rest goes out when there is room
            got += slow.recv(1 << 16)
        assert bytes(got) == frame * kept
    finally:
        slow.close()


def test_frames_of_two_clients_are_decoded_apart(server: TcpServerLink, wait_until: Wait) -> None:
    reader = LinkReader(server)
    clients = [socket.create_connection(server.bound) for _ in range(2)]
    frames = [MavCodec(n + 1, 1).encode(mavlink.MAVLink_heartbeat_message(2, 12, 81, n, 4, 3)) for n in range(2)]
    got: list[tuple[object, object]] = []
    try:
        for part in (slice(None, 9), slice(9, None)):  # halves interleave
            for client, frame in zip(clients, frames, strict=True):
                client.sendall(frame[part])
                wait_until(lambda: bool(select.select([server], [], [], 0.0)[0]), 5.0)
                got += reader.read()
        wait_until(lambda: bool(got.extend(reader.read()) or len(got) == 2), 5.0)
        assert {msg.custom_mode for _, msg in got} == {0, 1}  # type: ignore[attr-defined]
        assert len({peer for peer, _ in got}) == 2
        assert (reader.received, reader.bad_bytes) == (2, 0)
    finally:
        for client in clients:
            client.close()


def test_queue_finishes_what_it_began_and_forgets_it_with_the_connection() -> None:
    queue = SendQueue(10)
    out = bytearray()

    def three(view: memoryview) -> int:
        if len(out) % 3:
            raise BlockingIOError
        out.extend(view[:3])
        return len(view[:3])

    for data in (b"abcd", b"efgh", b"ijklm"):
        queue.push(data)
    assert (len(queue), queue.dropped) == (8, 1)
    queue.flush(three)
    assert (bytes(out), len(queue)) == (b"abc", 5)
    queue.push(b"12345")
    assert queue.dropped == 1
    queue.flush(lambda view: out.extend(view) or len(view))
    assert bytes(out) == b"abcdefgh12345"
    queue.push(b"zz")
    queue.flush(lambda view: 1)
    queue.clear()
    assert (len(queue), queue.dropped) == (0, 2)


# ---------------------------------------------------------------- serial


class Terminal:
    """A pseudo-terminal whose far end is the autopilot, under a stable name as udev gives it."""

    def __init__(self, path: Path) -> None:
        self.path = path
        self.plug_in()

    def plug_in(self) -> None:
        self.far, near = pty.openpty()
        tty.setraw(near)
        self.path.unlink(missing_ok=True)
        self.path.symlink_to(os.ttyname(near))
        self.near = near

    def unplug(self) -> None:
        os.close(self.near)
        os.close(self.far)
        self.path.unlink()


def test_serial_survives_unplugging(tmp_path: Path, wait_until: Wait) -> None:
    clock = Clock()
    terminal = Terminal(tmp_path / "autopilot")
    link = SerialLink(str(terminal.path), 921_600, clock=clock)
    descriptor = link.fileno()
    try:
        for turn in range(3):
            os.write(terminal.far, b"from the autopilot")
            assert select.select([link], [], [], 5.0)[0] == [link]
            wait_until(Inbox(link).holds(b"from the autopilot"), 5.0)
            link.send(b"to the autopilot")
            assert os.read(terminal.far, 100) == b"to the autopilot"
            assert link.openings == turn + 1
            terminal.unplug()
            wait_until(lambda: link.receive() == [] and not link.connected, 5.0)
            link.send(b"lost")
            assert link.dropped == turn + 1
            clock.now_ns += 2 * S
            assert link.receive() == []  # not there yet
            terminal.plug_in()
            clock.now_ns += 2 * S
            assert link.receive() == []
            assert link.connected
        assert link.fileno() == descriptor
    finally:
        link.close()
        terminal.unplug()
    assert link.receive() == []


def test_serial_keeps_whole_writes_when_the_line_is_slow(tmp_path: Path) -> None:
    terminal = Terminal(tmp_path / "autopilot")
    link = SerialLink(str(terminal.path))
    frame = bytes(range(200))
    try:
        sent = 0
        while not link.dropped:
            link.send(frame)
            sent += 1
        kept = (sent - link.dropped) * len(frame)
        got = bytearray()
        while len(got) < kept:
            got += os.read(terminal.far, 1 << 16)
            link.receive()
        assert bytes(got) == frame * (kept // len(frame))
    finally:
        link.close()
        terminal.unplug()


def test_a_missing_serial_port_is_named(tmp_path: Path) -> None:
    for path in (tmp_path / "none", Path("/dev/null")):
        with pytest.raises(MissingError, match=str(path)):
            SerialLink(str(path))


# ---------------------------------------------------------------- all


@pytest.mark.parametrize(("kind", "url"), [(UdpLink, "udp://{}:{}@"), (TcpServerLink, "tcp-l://{}:{}")])
def test_a_taken_port_is_named(kind: Callable[..., UdpLink | TcpServerLink], url: str) -> None:
    first = kind(ANY)
    try:
        with pytest.raises(MissingError, match=str(first.bound[1])):
            open_link(url.format(*first.bound))
    finally:
        first.close()


def test_a_host_that_is_none_is_named() -> None:
    for url in ("tcp://no-such-host.invalid", "udp://127.0.0.1:0@no-such-host.invalid"):
        with pytest.raises(MissingError, match=r"no-such-host\.invalid"):
            open_link(url)


@pytest.mark.parametrize(
    ("url", "kind"),
    [
        ("udp://127.0.0.1:0@", UdpLink),
        ("udp-b://127.0.0.1:0@", UdpLink),
        ("udp-pb://127.0.0.1:0@", UdpLink),
        ("tcp://127.0.0.1:9", TcpClientLink),
        ("tcp-l://127.0.0.1:0", TcpServerLink),
    ],
)
def test_schemes_and_silence_after_close(url: str, kind: type) -> None:
    link = open_link(url)
    assert isinstance(link, kind)
    assert link.receive() == []
    link.close()
    link.close()
    assert link.receive() == []
    assert list(link.receive_from()) == []
    link.send(b"x")
    assert not link.connected or isinstance(link, UdpLink)


def test_bad_urls_say_what_is_valid() -> None:
    with pytest.raises(InputError, match="udp://"):
        open_link("http://localhost")
