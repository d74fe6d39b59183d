"""CPU of the endpoint per 1,000 MAVLink messages, beside a bare pymavlink loop on the same traffic.

    .venv/bin/python benchmarks/bridge_cpu.py [simulated seconds]

The traffic is what the embedded vehicle sends while it stands and streams everything. "Core" decodes, converts frames
and datums and steps, as in the lockstep flight. "Messages" fills the ROS messages as well; "published" also hands them
to DDS, which is all that endpoint_node does for telemetry. Each row is the median of five runs; ratios are to the first
row.
"""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable
from statistics import median
from typing import Any

from pymavlink.dialects.v20 import ardupilotmega

from lenger_bridge.endpoint import EndpointCore
from lenger_bridge.settings import EndpointSettings
from lenger_core.ros.types import rclpy_types
from lenger_core.terrain import load_terrain
from lenger_core.vehicles import load_vehicle
from lenger_core.wire import TOPICS
from lenger_sim.settings import VehicleSettings
from lenger_sim.vehicle import VehicleCore

RUNS = 5
TICK_NS = 4_000_000
Traffic = list[tuple[int, bytes]]


def record(seconds: float) -> Traffic:
    """Return (time, datagram) of the vehicle's streams, with the clock synchronisation that an endpoint causes."""
    vehicle = VehicleCore(VehicleSettings(), load_vehicle("quad_2kg"), load_terrain(), seed=1)
    endpoint = EndpointCore(EndpointSettings())
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


def bare(traffic: Traffic) -> None:
    """Parse as a plain pymavlink program does."""
    parser = ardupilotmega.MAVLink(None)
    parser.robust_parsing = True
    for _, frame in traffic:
        parser.parse_buffer(frame)


def core(traffic: Traffic, use: Callable[[str, Any], object] = lambda _topic, _record: None) -> None:
    """Feed the endpoint core and use what it publishes."""
    endpoint = EndpointCore(EndpointSettings())
    for t_ns, frame in traffic:
        for topic, entry in endpoint.on_bytes(frame, t_ns):
            use(topic, entry)
        endpoint.step(t_ns)


def messages(traffic: Traffic) -> None:
    """Also fill ROS messages."""
    core(traffic, lambda topic, entry: TOPICS[topic].encode(rclpy_types, entry))


def measure(name: str, run: Callable[[Traffic], None], traffic: Traffic, base_us: float | None) -> float:
    """Print one row; return microseconds of CPU per message."""
    spent = []
    for _ in range(RUNS):
        start = time.process_time()
        run(traffic)
        spent.append((time.process_time() - start) / len(traffic) * 1e6)
    us = median(spent)
    ratio = us / base_us if base_us else 1.0
    print(f"| {name:28} | {us:8.1f} ms | {ratio:5.2f} |")
    return us


def main() -> None:
    """Record, measure, print."""
    seconds = float(sys.argv[1]) if len(sys.argv) > 1 else 20.0
    traffic = record(seconds)
    print(f"{len(traffic)} messages of {seconds:g} s simulated ({len(traffic) / seconds:.0f} Hz)\n")
    print(f"| {'':28} | CPU / 1,000 | ratio |\n|---|---:|---:|")
    base = measure("bare pymavlink", bare, traffic, None)
    measure("endpoint: core", core, traffic, base)
    measure("endpoint: messages filled", messages, traffic, base)
    os.environ.setdefault("ROS_AUTOMATIC_DISCOVERY_RANGE", "LOCALHOST")
    import rclpy

    from lenger_core.ros.node import LengerNode
    from lenger_core.settings import Settings

    rclpy.init()
    node: LengerNode[Settings] = LengerNode("bridge_cpu", Settings)
    measure("endpoint: published", lambda t: core(t, node.publish), traffic, base)
    rclpy.shutdown()


if __name__ == "__main__":
    main()
