"""The endpoint behind bad links: loss, doubles, dirt, disorder, silence, a link that is not there yet or goes away."""

from __future__ import annotations

import random
import select
import signal
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from itertools import pairwise
from typing import Any

import pytest

from bridge.fcu import checked_types, heartbeat
from bridge.rig import Rig
from bridge.test_ros_services import Client
from lenger_bridge import requests as r
from lenger_bridge.endpoint import EndpointCore
from lenger_bridge.settings import EndpointSettings
from lenger_core.wire import TOPICS
from lenger_mavlink.codec import MavCodec, mavlink
from lenger_mavlink.transfer_client import MissionItem, MissionType

SECOND = 1_000_000_000
SQUARE = ((42.17, 69.87), (42.17, 69.90), (42.19, 69.90), (42.19, 69.87))


class WorstLink:
    """Loses 10 %, doubles 10 %, soils 5 % and keeps 10 % back behind what comes later, from a seed."""

    def __init__(self, seed: int) -> None:
        self._random = random.Random(seed)
        self._held: list[bytes] = []

    def carry(self, data: bytes) -> list[bytes]:
        draw = self._random.random
        if draw() < 0.1:
            return []
        if draw() < 0.05:
            at = self._random.randrange(len(data))
            data = data[:at] + self._random.randbytes(5) + data[at + 3 :]
        if draw() < 0.1:
            self._held.append(data)
            return []
        late, self._held = self._held, []
        return [data, data, *late] if draw() < 0.1 else [data, *late]


@pytest.mark.parametrize("seed", [1, 2])
def test_every_service_and_topic_works_over_the_worst_link(seed: int) -> None:
    rig = Rig(WorstLink(seed))
    rig.endpoint = EndpointCore(EndpointSettings(command_ack_timeout_s=1.0), checked_types)
    rig.endpoint.want([stream.topic for stream in rig.endpoint.streams])
    rig.run(8.0)
    fence = tuple(MissionItem(0, 5001, lat, lon, 0.0, 4.0) for lat, lon in SQUARE)
    assert rig.call(r.PushItems, MissionType.FENCE, fence).success
    pulled = rig.call(r.PullItems, MissionType.FENCE)
    assert [(i.x_lat_deg, i.y_lon_deg) for i in pulled.payload] == [pytest.approx(c, abs=1e-7) for c in SQUARE]  # type: ignore[union-attr]
    assert rig.call(r.PullParams, wait_s=60.0).success
    assert rig.call(r.SetParam, "COM_OF_LOSS_T", 2.0).payload == pytest.approx(2.0)
    for _ in range(20):  # MAVLink repeats no command: the caller does
        if rig.call(r.Arm, True, wait_s=3.0).success:
            break
    rig.run(2.0, until=lambda: rig.last("mavros/state").armed)
    assert all(state.connected for state in rig.published["mavros/state"][1:])
    assert {topic for topic in TOPICS if topic in rig.endpoint.records} <= set(rig.published) | {
        "mavros/statustext/recv",
        "mavros/mission/reached",
    }
    stamps = [sample.t_ns for sample in rig.published["mavros/imu/data_raw"]]
    assert max(abs(b - a) for a, b in pairwise(stamps)) < SECOND


def test_after_a_silence_it_starts_anew_by_itself() -> None:
    rig = Rig()
    rig.run(3.0)
    assert rig.call(r.PullParams, wait_s=30.0).success
    rig.cut = True
    rig.run(13.0)
    assert not rig.last("mavros/state").connected
    lost = len(rig.published["mavros/state"])
    rig.cut = False
    rig.run(2.0, until=lambda: rig.last("mavros/state").connected)
    assert all(state.connected for state in rig.published["mavros/state"][lost:])
    before = len(rig.published["mavros/imu/data_raw"])
    rig.run(1.0)
    assert len(rig.published["mavros/imu/data_raw"]) - before == pytest.approx(100, abs=5)
    assert rig.call(r.GetParams, ("COM_OF_LOSS_T",)).payload == (1.0,), "what was known is not forgotten"
    assert rig.call(r.PullParams, wait_s=30.0).success


def test_another_autopilot_after_the_silence_is_read_as_what_it_is() -> None:
    core = EndpointCore(EndpointSettings(automatic_pulls=False))
    codec = MavCodec(1, 1)
    core.on_bytes(codec.encode(heartbeat()), 0)
    core.on_bytes(codec.encode(mavlink.MAVLink_highres_imu_message(0, *[0.0] * 13, 0x3F)), 0)
    raw = codec.encode(mavlink.MAVLink_raw_imu_message(0, 0, 0, -1000, 0, 0, 0, 0, 0, 0))
    assert core.on_bytes(raw, 1) == [], "HIGHRES_IMU comes"
    core.step(11 * SECOND)
    assert not core.connected
    other = heartbeat(mavlink.MAV_AUTOPILOT_ARDUPILOTMEGA, custom_mode=4)
    (state,) = (entry for _, entry in core.on_bytes(codec.encode(other), 12 * SECOND))
    assert state.mode == "GUIDED"
    assert [topic for topic, _ in core.on_bytes(raw, 12 * SECOND)] == ["mavros/imu/data_raw", "mavros/imu/mag"]


def test_pieces_of_a_stream_are_put_together() -> None:
    """TCP and serial links cut frames anywhere."""
    core, codec = EndpointCore(EndpointSettings()), MavCodec(1, 1)
    data = b"".join(codec.encode(heartbeat()) for _ in range(20))
    rng, states, at = random.Random(3), 0, 0
    while at < len(data):
        size = rng.randint(1, 40)
        states += len(core.on_bytes(data[at : at + size], 0, stream=True))
        at += size
    assert states == 20


# ---------------------------------------------------------------- the node


@contextmanager
def endpoint(*parameters: str) -> Iterator[subprocess.Popen[bytes]]:
    words = [word for parameter in parameters for word in ("-p", parameter)]
    command = [sys.executable, "-m", "lenger_bridge.endpoint_node", "--ros-args", *words]
    process = subprocess.Popen(command, stderr=subprocess.PIPE)
    yield process
    process.kill()
    process.communicate()


class TcpAutopilot:
    """A TCP server that sends heartbeats, and garbage between them, to whoever connects."""

    def __init__(self, port: int) -> None:
        self._server = socket.create_server(("127.0.0.1", port))
        self._stop = threading.Event()
        self._thread = threading.Thread(target=self._serve, daemon=True)
        self._thread.start()

    def close(self) -> None:
        """End, with the connections."""
        self._stop.set()
        self._thread.join(timeout=10.0)
        self._server.close()

    def _serve(self) -> None:
        codec, rng, peers = MavCodec(1, 1), random.Random(5), []
        while not self._stop.wait(0.1):
            if select.select([self._server], [], [], 0.0)[0]:
                peers.append(self._server.accept()[0])
            for peer in peers:
                try:
                    peer.sendall(rng.randbytes(20) + codec.encode(heartbeat()))
                except OSError:
                    peers.remove(peer)
                    break
        for peer in peers:
            peer.close()


def free_tcp_port() -> int:
    with socket.create_server(("127.0.0.1", 0)) as server:
        return int(server.getsockname()[1])


@pytest.mark.ros
def test_the_node_finds_an_autopilot_that_comes_later_goes_and_comes_back(ros_domain: int) -> None:
    port = free_tcp_port()
    with endpoint(f"fcu_url:=tcp://127.0.0.1:{port}", "conn_timeout_s:=1.0", "automatic_pulls:=false") as process:
        client = Client()
        client.listen("mavros/state", "mavros_msgs/msg/State", latched=True)

        def connected() -> bool | None:
            state: Any = client.seen.get("mavros/state")
            return None if state is None else bool(state.connected)

        client.until(lambda: connected() is False, "the first, disconnected state")
        for _ in range(2):
            autopilot = TcpAutopilot(port)
            client.until(lambda: connected() is True, "connected")
            assert client.seen["mavros/state"].mode == "AUTO.LOITER"
            autopilot.close()
            client.until(lambda: connected() is False, "disconnected")
        client.close()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0
        assert b"Traceback" not in errors


@pytest.mark.ros
def test_any_bytes_leave_the_node_alive(ros_domain: int) -> None:
    """Random datagrams, cut frames and frames of every message with any numbers; then a heartbeat is still heard."""
    from bridge.fcu import any_message
    from lenger_bringup.domains import free_udp_ports

    local, remote = free_udp_ports(2)
    with endpoint(f"fcu_url:=udp://127.0.0.1:{local}@127.0.0.1:{remote}", "automatic_pulls:=false") as process:
        client = Client()
        client.listen("mavros/state", "mavros_msgs/msg/State", latched=True)
        for stream in EndpointCore(EndpointSettings(), checked_types).streams:
            client.listen(stream.topic, stream.ros_type, latched=False)
        client.until(lambda: "mavros/state" in client.seen, "the first state")
        sender, rng, codec = socket.socket(socket.AF_INET, socket.SOCK_DGRAM), random.Random(11), MavCodec(1, 1)
        names = [kind.msgname for kind in mavlink.mavlink_map.values() if kind.msgname != "HEARTBEAT"]
        for index in range(1500):
            frame = (
                codec.encode(any_message(rng.choice(names), rng)) if index % 3 else rng.randbytes(rng.randint(1, 300))
            )
            sender.sendto(frame[: rng.randint(1, len(frame))] if index % 5 == 0 else frame, ("127.0.0.1", local))
            if index % 50 == 0:
                client.until(lambda: True, "")
        deadline = time.monotonic() + 60.0
        while not client.seen["mavros/state"].connected:
            assert time.monotonic() < deadline and process.poll() is None
            sender.sendto(codec.encode(heartbeat()), ("127.0.0.1", local))
            client._executor.spin_once(timeout_sec=0.1)
        client.close()
        process.send_signal(signal.SIGINT)
        _, errors = process.communicate(timeout=60)
        assert process.returncode == 0
        assert b"Traceback" not in errors
