"""CPU of the endpoint per 1,000 MAVLink messages, beside a bare pymavlink loop on the same traffic.

    .venv/bin/python benchmarks/bridge_cpu.py [simulated seconds]

The traffic is what the embedded vehicle sends while it stands and streams everything. The first table is measured in
one process, the median of five runs: "core" decodes, converts frames and datums and steps, as in the lockstep flight;
"every topic" fills a ROS message of each topic as well. The second table is what a companion computer pays: whole
processes that hear the same traffic over UDP at its own pace, the bare loop of `mavutil.recv_match` and endpoint_node
with nobody, with the flight stack's nodes, and with somebody on every topic listening (publishing to DDS included).
Ratios are to the first row of each table.
"""

from __future__ import annotations

import json
import os
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from statistics import median
from typing import Any

from pymavlink.dialects.v20 import ardupilotmega

from lenger_bridge.endpoint import EndpointCore
from lenger_bridge.settings import EndpointSettings
from lenger_bringup.domains import claim_domain, free_udp_ports
from lenger_core.ros.types import rclpy_types
from lenger_core.terrain import load_terrain
from lenger_core.vehicles import load_vehicle
from lenger_core.wire import TOPICS
from lenger_sim.settings import VehicleSettings
from lenger_sim.vehicle import VehicleCore

RUNS = 5
SETTLE_S = 3.0
TICK_NS = 4_000_000
Traffic = list[tuple[int, bytes]]
BARE = """
import sys
from pymavlink import mavutil
link = mavutil.mavlink_connection("udpin:127.0.0.1:" + sys.argv[1])
print("ready", flush=True)
while True:
    link.recv_match(blocking=True, timeout=1.0)
"""
LISTENER = """
import json, sys, threading, rclpy
from rclpy.qos import QoSProfile, ReliabilityPolicy
from lenger_core.ros.types import rclpy_types
rclpy.init()
node = rclpy.create_node("listener")
qos = QoSProfile(depth=1, reliability=ReliabilityPolicy.BEST_EFFORT)
held = [node.create_subscription(rclpy_types(kind), topic, print, qos) for topic, kind in json.loads(sys.argv[1])]
print("ready", flush=True)
threading.Event().wait()
"""
STACK = (
    "state", "extended_state", "sys_status", "battery", "statustext/recv", "home_position/home", "imu/data_raw",
    "imu/data", "imu/mag", "imu/static_pressure", "global_position/global", "global_position/raw/fix",
    "global_position/raw/gps_vel", "gpsstatus/gps1/raw", "local_position/odom",
)  # fmt: skip
"""What autopilot_node, fusion_node and the recorder listen to."""


def record(seconds: float) -> Traffic:
    """Return (time, datagram) of the vehicle's streams, with the clock synchronisation that an endpoint causes."""
    vehicle = VehicleCore(VehicleSettings(), load_vehicle("quad_2kg"), load_terrain(), seed=1)
    endpoint = EndpointCore(EndpointSettings(automatic_pulls=False))
    traffic: Traffic = []
    while vehicle.now_ns < seconds * 1e9:
        vehicle.step_to(vehicle.now_ns + TICK_NS)
        for frame in vehicle.take_outgoing():
            traffic.append((vehicle.now_ns, frame))
            endpoint.on_bytes(frame, vehicle.now_ns)
        answer = endpoint.step(vehicle.now_ns).bytes_out
        if answer:
            vehicle.receive(answer, vehicle.now_ns)
    return traffic


# ---------------------------------------------------------------- in one process


def bare(traffic: Traffic) -> None:
    """Parse as a plain pymavlink program does."""
    parser = ardupilotmega.MAVLink(None)
    parser.robust_parsing = True
    for _, frame in traffic:
        parser.parse_buffer(frame)


def core(
    traffic: Traffic, endpoint: EndpointCore | None = None, use: Callable[[str, Any], object] | None = None
) -> None:
    """Feed the endpoint core and use what it publishes."""
    endpoint = endpoint or EndpointCore(EndpointSettings(automatic_pulls=False))
    for t_ns, frame in traffic:
        for topic, entry in endpoint.on_bytes(frame, t_ns):
            if use is not None:
                use(topic, entry)
        endpoint.step(t_ns)


def every_topic(traffic: Traffic) -> None:
    """Fill a ROS message of every topic."""
    endpoint = EndpointCore(EndpointSettings(automatic_pulls=False), rclpy_types)
    endpoint.want([stream.topic for stream in endpoint.streams])

    def fill(topic: str, entry: Any) -> None:
        if topic in TOPICS and isinstance(entry, TOPICS[topic].record):
            TOPICS[topic].encode(rclpy_types, entry)

    core(traffic, endpoint, fill)


def measure(name: str, run: Callable[[Traffic], None], traffic: Traffic, base_us: float | None) -> float:
    """Print one row; return microseconds of CPU per message."""
    spent = []
    for _ in range(RUNS):
        start = time.process_time()
        run(traffic)
        spent.append((time.process_time() - start) / len(traffic) * 1e6)
    return show(name, median(spent), base_us)


def show(name: str, us: float, base_us: float | None) -> float:
    """Print one row."""
    print(f"| {name:34} | {us:8.1f} ms | {us / base_us if base_us else 1.0:5.2f} |", flush=True)
    return us


# ---------------------------------------------------------------- whole processes


def cpu_s(pid: int) -> float:
    """Return the CPU time of a process with all its threads, in seconds."""
    fields = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    return (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


@contextmanager
def running(command: list[str]) -> Iterator[subprocess.Popen[str]]:
    """A child process that says "ready" first, or an endpoint_node, which says nothing."""
    process = subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, text=True)
    if "lenger_bridge.endpoint_node" not in command and process.stdout is not None:
        process.stdout.readline()
    yield process
    process.kill()
    process.wait()


def replay(traffic: Traffic, port: int) -> None:
    """Send the traffic to a UDP port of this machine at its own pace."""
    sender = socket.socket(socket.AF_INET, socket.SOCK_DGRAM)
    start = time.monotonic() - traffic[0][0] / 1e9
    for t_ns, frame in traffic:
        time.sleep(max(0.0, start + t_ns / 1e9 - time.monotonic()))
        sender.sendto(frame, ("127.0.0.1", port))
    sender.close()


def process_cost(command: list[str], traffic: Traffic, port: int, heard_at: int | None = None) -> float:
    """Return microseconds of CPU per message that a process spends beyond what it spends without traffic.

    Args:
        command: the process, which listens on UDP `port`.
        traffic: what it hears.
        heard_at: where an endpoint's heartbeats come: it is up then; None: it is up when it says "ready".
    """
    seconds = (traffic[-1][0] - traffic[0][0]) / 1e9
    with running(command) as process:
        if heard_at is not None:
            with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as listener:
                listener.bind(("127.0.0.1", heard_at))
                listener.settimeout(60.0)
                listener.recv(1024)
        replay(traffic[: len(traffic) // 4], port)  # until everybody has found everybody, and is warm
        time.sleep(SETTLE_S)
        before = cpu_s(process.pid)
        time.sleep(seconds)
        idle = cpu_s(process.pid) - before
        before = cpu_s(process.pid)
        replay(traffic, port)
        return (cpu_s(process.pid) - before - idle) / len(traffic) * 1e6


def processes(traffic: Traffic) -> None:
    """Print the table of whole processes."""
    listened = EndpointCore(EndpointSettings(), rclpy_types)
    every = [(s.topic, s.ros_type) for s in listened.streams] + [(t, TOPICS[t].ros_type) for t in listened.records]
    rows = (("nobody listens", []), ("the flight stack listens", [f"mavros/{t}" for t in STACK]), ("every topic", None))
    local, remote = free_udp_ports(2)
    base = show("mavutil.recv_match", process_cost([sys.executable, "-c", BARE, str(local)], traffic, local), None)
    url = f"fcu_url:=udp://127.0.0.1:{local}@127.0.0.1:{remote}"
    node = [
        sys.executable,
        "-m",
        "lenger_bridge.endpoint_node",
        "--ros-args",
        "-p",
        url,
        "-p",
        "automatic_pulls:=false",
    ]
    for name, topics in rows:
        pairs = [pair for pair in every if topics is None or pair[0] in topics]
        with claim_domain() as domain:
            os.environ |= {"ROS_DOMAIN_ID": str(domain)}
            with running([sys.executable, "-c", LISTENER, json.dumps(pairs)]):
                show(f"endpoint_node, {name}", process_cost(node, traffic, local, remote), base)


def main() -> None:
    """Record, measure, print."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 10.0
    traffic = record(seconds)
    print(f"{len(traffic)} messages of {seconds:g} s simulated ({len(traffic) / seconds:.0f} Hz)\n")
    head = "| {:34} | CPU / 1,000 | ratio |\n|---|---:|---:|"
    print(head.format("in one process"))
    base = measure("bare pymavlink", bare, traffic, None)
    measure("endpoint core", core, traffic, base)
    measure("endpoint core, every topic filled", every_topic, traffic, base)
    print("\n" + head.format("a process hearing UDP"))
    processes(traffic)


if __name__ == "__main__":
    main()
