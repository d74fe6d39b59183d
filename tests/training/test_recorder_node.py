"""recorder_node as a real process: it records what others publish, and a kill costs no more than the last second."""

from __future__ import annotations

import signal
import subprocess
import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from lenger_core.samples import FcuState
from lenger_core.settings import Settings
from lenger_core.wire import TOPICS
from lenger_training.mcap_file import Contents, is_complete, scan
from lenger_training.recording import FlightRecording, read_flight
from training.flights import SQUARE, Flight

rclpy = pytest.importorskip("rclpy")

from lenger_core.ros.node import LengerNode  # noqa: E402  after the check that ROS is there
from lenger_core.ros.qos import profile  # noqa: E402
from lenger_core.ros.types import rclpy_types  # noqa: E402

WaitUntil = Callable[..., None]


@contextmanager
def recorder(out: Path, *arguments: str) -> Iterator[subprocess.Popen[str]]:
    command = [sys.executable, "-m", "lenger_training.recorder_node", "--ros-args", "-p", f"out:={out}", *arguments]
    process = subprocess.Popen(command, stderr=subprocess.PIPE, text=True)
    try:
        yield process
    finally:
        process.kill()
        process.communicate()


@contextmanager
def publisher() -> Iterator[Any]:
    context = rclpy.Context()
    rclpy.init(context=context)
    node = LengerNode("talker", Settings, context=context)
    try:
        yield node
    finally:
        node.destroy_node()
        rclpy.shutdown(context=context)


def records(topic: str) -> list[Any]:
    return [record for name, record in Flight(SQUARE[:3]).records() if name == topic]


def read(out: Path) -> FlightRecording | None:
    path = out / "flight.mcap"
    return read_flight(path) if path.exists() and path.stat().st_size > 8 else None


def test_a_killed_recorder_leaves_a_readable_file(ros_domain: int, wait_until: WaitUntil, tmp_path: Path) -> None:
    statuses = iter(records("vehicle/status") * 50)
    sent = 0
    with recorder(tmp_path) as process, publisher() as node:

        def recorded() -> bool:
            nonlocal sent
            node.publish("vehicle/status", next(statuses))
            sent += 1
            flight = read(tmp_path)
            return flight is not None and len(flight.of("vehicle/status")) >= 20

        wait_until(recorded, 60.0, "20 recorded messages")
        process.send_signal(signal.SIGKILL)
        process.wait()
    flight = read(tmp_path)
    assert flight is not None and flight.truncated
    assert 20 <= len(flight.of("vehicle/status")) <= sent


def test_late_and_latched_publishers_are_recorded_and_sigint_finishes_the_file(
    ros_domain: int, wait_until: WaitUntil, tmp_path: Path
) -> None:
    """The recorder starts first; a state that was published once, before it was discovered, is there too."""
    state = FcuState(5, True, False, True, False, "AUTO.LOITER", 3)
    truth = records("sim/truth")[7]
    with recorder(tmp_path) as process:
        wait_until(lambda: (tmp_path / "flight.mcap").exists(), 60.0, "the file")
        with publisher() as node:
            node.publish("mavros/state", state)

            def both() -> bool:
                node.publish("sim/truth", truth)
                flight = read(tmp_path)
                return flight is not None and bool(flight.of("mavros/state")) and bool(flight.of("sim/truth"))

            wait_until(both, 60.0, "both topics")
        process.send_signal(signal.SIGINT)
        assert process.wait(timeout=30) == 0
    assert is_complete(tmp_path / "flight.mcap")
    flight = read(tmp_path)
    assert flight is not None and not flight.truncated
    assert flight.of("mavros/state") == (state,)
    assert flight.of("sim/truth")[0].lat_deg == truth.lat_deg


def test_an_earlier_recording_is_never_overwritten(ros_domain: int, tmp_path: Path) -> None:
    (tmp_path / "flight.mcap").write_bytes(b"precious")
    with recorder(tmp_path) as process:
        _, stderr = process.communicate(timeout=60)
    assert process.returncode == 2
    assert "nothing is overwritten" in stderr and "Traceback" not in stderr
    assert (tmp_path / "flight.mcap").read_bytes() == b"precious"


def test_the_namespace_stands_in_the_topic_names(ros_domain: int, wait_until: WaitUntil, tmp_path: Path) -> None:
    spec = TOPICS["vehicle/status"]
    record = records(spec.name)[0]
    with recorder(tmp_path, "-r", "__ns:=/uav7"), publisher() as node:
        kind = rclpy_types(spec.ros_type)
        sender = node.create_publisher(kind, f"/uav7/{spec.name}", profile(spec.qos, True))

        def heard() -> bool:
            sender.publish(spec.encode(rclpy_types, record))
            flight = read(tmp_path)
            return flight is not None and bool(flight.of(spec.name))

        wait_until(heard, 60.0, "the namespaced topic")
    contents = Contents()
    assert list(scan(tmp_path / "flight.mcap", contents))
    assert {channel.topic for channel in contents.channels.values()} == {"/uav7/vehicle/status"}
