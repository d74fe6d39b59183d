"""Several ground stations at once over real sockets: each has its own streams and gets its own answers."""

from __future__ import annotations

import socket
from collections.abc import Callable, Iterator
from contextlib import suppress
from typing import Any

import pytest

from lenger_mavlink.codec import MavCodec, mavlink
from lenger_sim.host import VehicleHost
from lenger_sim.settings import VehicleNodeSettings

ATTITUDE_QUATERNION = mavlink.MAVLINK_MSG_ID_ATTITUDE_QUATERNION


class Station:
    """A client on a TCP or UDP socket."""

    def __init__(self, kind: socket.SocketKind, port: int, system: int) -> None:
        self._socket = socket.socket(socket.AF_INET, kind)
        self._socket.connect(("127.0.0.1", port))
        self._socket.setblocking(False)
        self._codec = MavCodec(system, 190)
        self.heard: list[Any] = []

    def send(self, msg: Any) -> None:
        self._socket.send(self._codec.encode(msg))

    def ask(self, command: int, *params: float) -> None:
        self.send(mavlink.MAVLink_command_long_message(1, 1, command, 0, *params, *[0.0] * (7 - len(params))))

    def listen(self) -> None:
        with suppress(BlockingIOError, ConnectionError):  # nothing more has arrived
            while data := self._socket.recv(65536):
                self.heard += self._codec.feed(data)

    def of(self, kind: str) -> list[Any]:
        return [msg for msg in self.heard if msg.get_type() == kind]

    def close(self) -> None:
        self._socket.close()


@pytest.fixture
def host() -> Iterator[VehicleHost]:
    links = "tcp-l://127.0.0.1:0,udp://127.0.0.1:0@"
    vehicle = VehicleHost(VehicleNodeSettings(mavlink=links, speed=20.0, streams="ground"))
    yield vehicle
    vehicle.close()


@pytest.fixture
def meet(host: VehicleHost) -> Iterator[Callable[..., Station]]:
    stations: list[Station] = []

    def make(kind: socket.SocketKind, system: int) -> Station:
        port = host.ports[0 if kind is socket.SOCK_STREAM else 1].link.bound[1]  # type: ignore[attr-defined]
        stations.append(Station(kind, port, system))
        return stations[-1]

    yield make
    for station in stations:
        station.close()


def run(host: VehicleHost, stations: list[Station], done: Callable[[], bool], wait: Callable[..., None]) -> None:
    """Cycle the vehicle until `done`."""

    def look() -> bool:
        host.cycle(lambda _t_ns: None)
        for station in stations:
            station.listen()
        return done()

    wait(look, 30.0)


TCP, UDP = socket.SOCK_STREAM, socket.SOCK_DGRAM


def test_streams_and_answers_belong_to_their_link(host: VehicleHost, meet: Any, wait_until: Any) -> None:
    one, two, three = stations = [meet(TCP, 251), meet(TCP, 252), meet(UDP, 253)]
    three.send(mavlink.MAVLink_heartbeat_message(6, 8, 0, 0, 0, 3))
    run(host, stations, lambda: all(s.of("HEARTBEAT") for s in stations), wait_until)
    assert len(host.core.channels) == 3
    one.ask(mavlink.MAV_CMD_SET_MESSAGE_INTERVAL, ATTITUDE_QUATERNION, -1)
    run(host, stations, lambda: bool(one.of("COMMAND_ACK")), wait_until)
    for station in stations:
        station.heard.clear()
    run(host, stations, lambda: all(len(s.of("ATTITUDE_QUATERNION")) > 5 for s in (two, three)), wait_until)
    assert not one.of("ATTITUDE_QUATERNION")
    assert not two.of("COMMAND_ACK")
    assert not three.of("COMMAND_ACK")


def test_only_who_asks_gets_the_list_of_parameters(host: VehicleHost, meet: Any, wait_until: Any) -> None:
    one, two = stations = [meet(TCP, 251), meet(TCP, 252)]
    run(host, stations, lambda: all(s.of("HEARTBEAT") for s in stations), wait_until)
    one.send(mavlink.MAVLink_param_request_list_message(1, 1))
    count = len(host.core.params.names())
    run(host, stations, lambda: len({m.param_id for m in one.of("PARAM_VALUE")}) >= count, wait_until)
    assert not two.of("PARAM_VALUE")


def test_a_client_that_goes_takes_its_channel_along(host: VehicleHost, meet: Any, wait_until: Any) -> None:
    one, two = stations = [meet(TCP, 251), meet(TCP, 252)]
    run(host, stations, lambda: len(host.core.channels) == 2, wait_until)
    one.close()
    run(host, [two], lambda: len(host.core.channels) == 1, wait_until)
    two.heard.clear()
    run(host, [two], lambda: bool(two.of("HEARTBEAT")), wait_until)


def test_a_frame_in_pieces_arrives_whole_over_tcp(host: VehicleHost, meet: Any, wait_until: Any) -> None:
    station = meet(TCP, 251)
    run(host, [station], lambda: bool(station.of("HEARTBEAT")), wait_until)
    frame = MavCodec(251, 190).encode(
        mavlink.MAVLink_command_long_message(1, 1, mavlink.MAV_CMD_REQUEST_MESSAGE, 0, 148, 0, 0, 0, 0, 0, 0)
    )
    for byte in frame:
        station._socket.send(bytes([byte]))
        host.cycle(lambda _t_ns: None)
    run(host, [station], lambda: bool(station.of("AUTOPILOT_VERSION")), wait_until)
