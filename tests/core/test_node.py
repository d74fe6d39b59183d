"""The node shell as real processes: typed parameters, refusals in one line, records over DDS, a clean end."""

from __future__ import annotations

import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

TALKER = Path(__file__).with_name("talker_node.py")


def start(*ros_args: str) -> subprocess.Popen[str]:
    command = [sys.executable, str(TALKER), "--ros-args", *ros_args]
    return subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)


@pytest.fixture
def talker(ros_domain: int) -> Iterator[subprocess.Popen[str]]:
    process = start("-p", "rate_hz:=50", "-p", "site.lat_deg:=42.5")
    yield process
    process.kill()
    process.communicate()


@pytest.mark.parametrize(
    ("argument", "words"),
    [
        ("rate_hz:=-3.0", ["talker", "rate_hz", "-3.0", "greater than 0"]),
        ("rate_hz:=fast", ["talker", "rate_hz", "'fast'", "number"]),
        ("site.lat_deg:=95.0", ["site.lat_deg", "95.0", "less than or equal to 90"]),
        ("rate:=3.0", ["talker", "'rate'", "rate_hz"]),
        ("label:=3", ["label", "3", "string"]),
    ],
)
def test_a_bad_parameter_is_one_clear_line_and_exit_2(argument: str, words: list[str], ros_domain: int) -> None:
    process = start("-p", argument)
    _, err = process.communicate(timeout=60)
    assert process.returncode == 2
    assert len(err.strip().splitlines()) == 1
    for word in words:
        assert word in err


def test_settings_arrive_and_records_travel(talker: subprocess.Popen[str]) -> None:
    assert talker.stdout is not None
    assert talker.stdout.readline().split() == ["ready", "50.0", "42.5"]
    heard = listen(count=3)
    assert [c.source for c in heard] == ["talker"] * 3
    assert heard[1].sequence == heard[0].sequence + 1
    talker.send_signal(signal.SIGINT)
    out, err = talker.communicate(timeout=30)
    assert talker.returncode == 0
    assert out.strip().endswith("closed") and "Traceback" not in err


def listen(count: int) -> list[object]:
    import rclpy
    from rclpy.executors import SingleThreadedExecutor

    from lenger_core.ros.node import LengerNode
    from lenger_core.settings import Settings

    context = rclpy.Context()
    rclpy.init(context=context)
    heard: list[object] = []
    node: LengerNode[Settings] = LengerNode("listener", Settings, context=context)
    node.subscribe("guard/command", heard.append)
    executor = SingleThreadedExecutor(context=context)
    executor.add_node(node)
    deadline = time.monotonic() + 60.0
    while len(heard) < count and time.monotonic() < deadline:
        executor.spin_once(timeout_sec=0.2)
    node.destroy_node()
    rclpy.shutdown(context=context)
    return heard
