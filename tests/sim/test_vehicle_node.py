"""vehicle_node as a real process in its own domain: the clock, the truth, the fault service, MAVLink, a clean end."""

from __future__ import annotations

import signal
import socket
import subprocess
import sys
from collections.abc import Callable, Iterator
from typing import Any

import pytest

from lenger_mavlink.codec import MavCodec

rclpy = pytest.importorskip("rclpy")
pytestmark = pytest.mark.ros


@pytest.fixture
def observer(ros_domain: int) -> Iterator[Any]:
    from rclpy.context import Context
    from rclpy.executors import SingleThreadedExecutor
    from rclpy.node import Node

    context = Context()
    rclpy.init(context=context, domain_id=ros_domain)
    node = Node("observer", context=context)
    executor = SingleThreadedExecutor(context=context)
    executor.add_node(node)
    yield node, executor
    node.destroy_node()
    rclpy.shutdown(context=context)


def test_vehicle_node(observer: Any, wait_until: Callable[..., None]) -> None:
    from lenger_interfaces.msg import SimTruth
    from lenger_interfaces.srv import InjectFault
    from rclpy.qos import qos_profile_sensor_data
    from rosgraph_msgs.msg import Clock

    node, executor = observer
    clocks: list[int] = []
    truths: list[Any] = []
    node.create_subscription(
        Clock, "/clock", lambda m: clocks.append(m.clock.sec * 10**9 + m.clock.nanosec), qos_profile_sensor_data
    )
    node.create_subscription(SimTruth, "sim/truth", truths.append, qos_profile_sensor_data)
    client = node.create_client(InjectFault, "sim/inject_fault")
    with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as endpoint:
        endpoint.bind(("127.0.0.1", 0))
        endpoint.setblocking(False)
        link = f"udp://127.0.0.1:0@127.0.0.1:{endpoint.getsockname()[1]}"
        args = [
            sys.executable,
            "-m",
            "lenger_sim.vehicle_node",
            "--ros-args",
            "-p",
            f"mavlink:={link}",
            "-p",
            "speed:=2.0",
        ]
        process = subprocess.Popen(args, stderr=subprocess.PIPE, text=True)
        try:

            def spun(done: Callable[[], bool]) -> Callable[[], bool]:
                def check() -> bool:
                    executor.spin_once(timeout_sec=0.0)
                    return done()

                return check

            wait_until(spun(lambda: len(clocks) > 50 and len(truths) > 20), 120.0, "clock and truth")
            assert all(stamp % 20_000_000 == 0 for stamp in clocks)
            assert clocks == sorted(clocks)
            assert truths[-1].on_ground
            assert truths[-1].lat_deg == pytest.approx(42.1819, abs=1e-4)

            kinds = {msg.get_type() for msg in MavCodec(2, 2).feed(drain(endpoint))}
            assert {"HEARTBEAT", "HIGHRES_IMU"} <= kinds

            for kind, accepted in (("gnss_outage", True), ("gremlins", False)):
                future = client.call_async(InjectFault.Request(kind=kind, magnitude=0.0, duration_s=2.0))
                wait_until(spun(future.done), 30.0, "the fault service")
                assert future.result().accepted is accepted
                assert future.result().message
            process.send_signal(signal.SIGINT)
            assert process.wait(timeout=30) == 0
        finally:
            if process.poll() is None:
                process.kill()
            process.communicate(timeout=10)


def test_a_clock_that_waits_for_a_node_is_told_again_and_again(observer: Any, wait_until: Callable[..., None]) -> None:
    """Whoever missed the last tick would wait for the next one, which never comes before he speaks."""
    from rclpy.qos import qos_profile_sensor_data
    from rosgraph_msgs.msg import Clock

    from mavros_msgs.msg import TimesyncStatus

    node, executor = observer
    clocks: list[Clock] = []
    node.create_subscription(Clock, "/clock", lambda m: clocks.append(m.clock), qos_profile_sensor_data)
    publisher = node.create_publisher(TimesyncStatus, "mavros/timesync_status", qos_profile_sensor_data)
    link = "mavlink:=udp://127.0.0.1:0@127.0.0.1:9"
    process = subprocess.Popen([sys.executable, "-m", "lenger_sim.vehicle_node", "--ros-args", "-p", link])
    follows = TimesyncStatus()

    def speaking() -> bool:
        executor.spin_once(timeout_sec=0.0)
        if clocks:
            follows.header.stamp = clocks[-1]
            publisher.publish(follows)
        return len(clocks) > 50 and publisher.get_subscription_count() > 0

    def told_again() -> bool:
        executor.spin_once(timeout_sec=0.0)
        return len(clocks) > 20 and clocks[-10] == clocks[-1]

    def went_on() -> bool:
        executor.spin_once(timeout_sec=0.0)
        return clocks[-1].sec > follows.header.stamp.sec + 2

    try:
        wait_until(speaking, 120.0, "the clock")
        wait_until(told_again, 30.0, "a clock that stands and is told again")
        lead_ns = (
            (clocks[-1].sec - follows.header.stamp.sec) * 10**9 + clocks[-1].nanosec - follows.header.stamp.nanosec
        )
        assert 0 < lead_ns <= 200_000_000
        wait_until(went_on, 60.0, "a clock that goes on without the dead")
    finally:
        process.kill()
        process.communicate(timeout=10)


def drain(endpoint: socket.socket) -> bytes:
    out = b""
    while True:
        try:
            out += endpoint.recv(4096)
        except BlockingIOError:
            return out


def test_a_bad_parameter_is_one_line_and_exit_2(ros_domain: int) -> None:
    args = [sys.executable, "-m", "lenger_sim.vehicle_node", "--ros-args", "-p", "speed:=-1.0"]
    done = subprocess.run(args, capture_output=True, text=True, timeout=120, check=False)
    assert done.returncode == 2
    assert "speed" in done.stderr
