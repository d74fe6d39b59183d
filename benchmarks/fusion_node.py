"""Latency and CPU of fusion_node over real DDS: `.venv/bin/python benchmarks/fusion_node.py [--seconds S]`.

One process publishes a composed flight in real time: IMU at 100, then at 250 Hz, with GNSS, barometer and compass.
Beside fusion_node a bare rclpy node relays the same IMU messages, for scale: the ratio holds on a busy machine, the
times do not. Latency goes from the call that publishes an IMU sample to the arrival, in a third process, of the
odometry (50 Hz) or of the relayed message with its stamp. CPU is that of the whole process, as a share of one core.
"""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
import tempfile
import time
from contextlib import suppress
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenger_bringup.domains import claim_domain

Times = dict[int, int]
"""Monotonic nanoseconds by stamp."""
TICKS_PER_S = os.sysconf("SC_CLK_TCK")
SECOND = 1_000_000_000
SETTLE_S = 5.0
"""The aircraft stands for 3 s and is aligned within one."""
LEAD_S = 3.0
"""From the start of the publisher to its first sample: discovery."""
SAMPLES = {
    "ImuSample": ("mavros/imu/data_raw",),
    "MagSample": ("mavros/imu/mag",),
    "PressureSample": ("mavros/imu/static_pressure",),
    "GnssFix": ("mavros/gpsstatus/gps1/raw", "mavros/global_position/raw/fix", "mavros/global_position/raw/gps_vel"),
}


def relay() -> None:
    """Be the peer: every IMU message goes out again as it came in."""
    import rclpy
    from rclpy.executors import ExternalShutdownException
    from rclpy.qos import qos_profile_sensor_data
    from sensor_msgs.msg import Imu

    rclpy.init()
    node = rclpy.create_node("relay")
    out = node.create_publisher(Imu, "relayed", qos_profile_sensor_data)
    node.create_subscription(Imu, "mavros/imu/data_raw", out.publish, qos_profile_sensor_data)
    with suppress(ExternalShutdownException, KeyboardInterrupt):
        rclpy.spin(node)


def publish(seconds: float, imu_step: int, target: Path) -> None:
    """Publish a flight in real time; write stamp and time of the call of each IMU sample to a file."""
    from dataclasses import replace

    import rclpy
    from fuse_speed import composed

    from lenger_core.ros.node import LengerNode
    from lenger_core.ros.types import rclpy_types
    from lenger_core.settings import Settings
    from lenger_core.wire import TOPICS

    samples = [sample for sample in composed(seconds, imu_step) if type(sample).__name__ in SAMPLES]
    rclpy.init()
    node: Any = LengerNode("sensors", Settings)
    writers = {topic: node.advertise(topic) for topics in SAMPLES.values() for topic in topics}
    shift_ns = time.time_ns() + int(LEAD_S * SECOND) - samples[0].t_ns
    queue = []
    for sample in samples:
        moved = replace(sample, t_ns=sample.t_ns + shift_ns)
        messages = [(writers[t], TOPICS[t].encode(rclpy_types, moved)) for t in SAMPLES[type(sample).__name__]]
        queue.append((moved.t_ns, type(sample).__name__ == "ImuSample", messages))
    sent = []
    for t_ns, is_imu, messages in queue:
        time.sleep(max(0.0, (t_ns - time.time_ns()) * 1e-9))
        if is_imu:
            sent.append((t_ns, time.monotonic_ns()))
        for writer, message in messages:
            writer.publish(message)
    np.save(target, np.array(sent, dtype=np.int64))


def measure(seconds: float, imu_step: int, folder: Path) -> tuple[dict[str, NDArray[np.float64]], dict[str, float]]:
    """Return latencies in milliseconds and CPU seconds per second, of fusion_node and of the relay."""
    import rclpy
    from nav_msgs.msg import Odometry
    from rclpy.executors import SingleThreadedExecutor
    from rclpy.qos import qos_profile_sensor_data
    from sensor_msgs.msg import Imu

    rclpy.init()
    node = rclpy.create_node("listener")
    heard: dict[str, Times] = {"fusion_node": {}, "relay": {}}

    def listen(kind: Any, topic: str, times: Times) -> None:
        def receive(message: Any) -> None:
            stamp = message.header.stamp
            times[stamp.sec * SECOND + stamp.nanosec] = time.monotonic_ns()

        node.create_subscription(kind, topic, receive, qos_profile_sensor_data)

    listen(Odometry, "fusion/odometry", heard["fusion_node"])
    listen(Imu, "relayed", heard["relay"])
    executor = SingleThreadedExecutor()
    executor.add_node(node)
    this, sent = [sys.executable, __file__], folder / "sent.npy"
    commands = {"fusion_node": [sys.executable, "-m", "lenger_fusion.fusion_node"], "relay": [*this, "--relay"]}
    nodes = {name: subprocess.Popen(command) for name, command in commands.items()}
    try:
        while node.count_publishers("fusion/odometry") < 1 or node.count_publishers("relayed") < 1:
            executor.spin_once(timeout_sec=0.1)
        source = subprocess.Popen([*this, "--publish", str(sent), "--step", str(imu_step), "--seconds", str(seconds)])
        while not heard["relay"] and source.poll() is None:
            executor.spin_once(timeout_sec=0.1)
        begin_ns, before = time.monotonic_ns(), {name: _cpu_s(process.pid) for name, process in nodes.items()}
        while source.poll() is None:
            executor.spin_once(timeout_sec=0.1)
        span_s = (time.monotonic_ns() - begin_ns) * 1e-9
        shares = {name: (_cpu_s(process.pid) - before[name]) / span_s for name, process in nodes.items()}
    finally:
        for process in nodes.values():
            process.terminate()
            process.wait()
        executor.shutdown()
        rclpy.try_shutdown()
    called = dict(np.load(sent).tolist())
    first = min(called) + int(SETTLE_S * SECOND)
    # The relay answers every sample: those that an odometry came of are compared.
    stamps = [t for t in heard["fusion_node"] if t in called and t >= first]
    latencies = {
        name: np.array([(times[t] - called[t]) * 1e-6 for t in stamps if t in times]) for name, times in heard.items()
    }
    return latencies, shares


def _cpu_s(pid: int) -> float:
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / TICKS_PER_S


def report(rate_hz: int, latencies: dict[str, NDArray[np.float64]], shares: dict[str, float]) -> None:
    """Print both nodes' figures and their ratios."""
    rows = {}
    for name, values in latencies.items():
        rows[name] = (*np.quantile(values, (0.5, 0.99)).tolist(), float(values.max()), 100.0 * shares[name])
        p50, p99, most, share = rows[name]
        print(
            f"IMU {rate_hz} Hz  {name:12} p50 {p50:7.2f}  p99 {p99:7.2f}  max {most:7.2f} ms  CPU {share:5.1f} %"
            f"  ({len(values)} messages)"
        )
    ratios = [a / b for a, b in zip(rows["fusion_node"], rows["relay"], strict=True)]
    print(f"IMU {rate_hz} Hz  ratio        p50 {ratios[0]:7.2f}  p99 {ratios[1]:7.2f}  max {ratios[2]:7.2f}", end="")
    print(f"     CPU {ratios[3]:5.2f}")


def main() -> None:
    """Measure at both rates and print, or be one of the processes."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--seconds", type=float, default=60.0)
    parser.add_argument("--relay", action="store_true", help=argparse.SUPPRESS)
    parser.add_argument("--publish", type=Path, help=argparse.SUPPRESS)
    parser.add_argument("--step", type=int, default=4, help=argparse.SUPPRESS)
    options = parser.parse_args()
    if options.relay:
        relay()
    elif options.publish is not None:
        publish(options.seconds, options.step, options.publish)
    else:
        print(f"load of the machine: {os.getloadavg()[0]:.1f} on {os.cpu_count()} cores")
        for step in (10, 4):
            with tempfile.TemporaryDirectory() as folder, claim_domain() as domain:
                os.environ["ROS_DOMAIN_ID"] = str(domain)
                report(1000 // step, *measure(options.seconds, step, Path(folder)))


if __name__ == "__main__":
    from lenger_bringup.setup.environment import ensure

    ensure()
    main()
