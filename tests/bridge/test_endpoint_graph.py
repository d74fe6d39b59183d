"""The endpoint node in a real ROS graph beside what a real MAVROS 2.12 showed there: names, types, QoS.

`mavros_interface.csv` holds MAVROS's side: measured on a running mavros_node where that offers it, read in the sources
of mavros_extras otherwise. `offered` is yes, no (docs/bridge.md says why) or internal (MAVROS's plugins subscribe to
each other's topics; ours share memory).
"""

from __future__ import annotations

import csv
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

import pytest

from bridge.fcu import Fcu
from lenger_bridge.endpoint_service_specs import SERVED
from lenger_bringup.domains import free_udp_ports

TABLE = list(csv.DictReader((Path(__file__).parent / "mavros_interface.csv").open(encoding="utf-8")))
OFFERED = [row for row in TABLE if row["offered"] == "yes"]
OF_EVERY_NODE = {"/parameter_events", "/rosout", "/clock"}


def full(name: str) -> str:
    return name if name.startswith("/") else f"/mavros/{name}"


def rows(direction: str) -> dict[str, dict[str, str]]:
    return {full(row["name"]): row for row in OFFERED if row["direction"] == direction}


def test_the_core_offers_what_the_table_says() -> None:
    """Without ROS: exactly these names, with these types."""
    core = Fcu().core
    published = {f"/{topic}" for topic in (*core.records, *(stream.topic for stream in core.streams))}
    assert published | {"/diagnostics", "/tf_static"} == set(rows("out"))
    assert {f"/{entry.topic}": entry.ros_type for entry in core.inputs} == {
        name: row["type"] for name, row in rows("in").items()
    }
    assert {f"/{spec.name}": spec.ros_type for spec in SERVED} == {
        name: row["type"] for name, row in rows("srv").items()
    }
    assert len(SERVED) == len({spec.name for spec in SERVED})


@pytest.fixture(scope="module")
def graph() -> Iterator[Any]:
    """The node of a test beside an endpoint node, in a domain of their own."""
    import os

    import rclpy

    from lenger_bringup.domains import claim_domain

    with claim_domain() as domain:
        environment = {**os.environ, "ROS_DOMAIN_ID": str(domain)}
        local, remote = free_udp_ports(2)
        url = f"fcu_url:=udp://127.0.0.1:{local}@127.0.0.1:{remote}"
        command = [sys.executable, "-m", "lenger_bridge.endpoint_node", "--ros-args", "-p", url]
        process = subprocess.Popen(command, env=environment)
        context = rclpy.Context()
        rclpy.init(context=context, domain_id=domain)
        node = rclpy.create_node("observer", context=context)
        yield node
        node.destroy_node()
        rclpy.shutdown(context=context)
        process.kill()
        process.wait()


def settle(look: Callable[[], Any], expected: Any, timeout_s: float = 60.0) -> Any:
    """Return what is seen once it is what is expected, or at last."""
    from rclpy.impl.implementation_singleton import rclpy_implementation

    deadline = time.monotonic() + timeout_s
    seen = None
    while time.monotonic() < deadline:
        try:
            seen = look()
        except rclpy_implementation.NodeNameNonExistentError:  # the node is not known yet
            seen = None
        if seen == expected:
            break
    return seen


@pytest.mark.ros
def test_topics_out_have_mavros_names_and_types(graph: Any) -> None:
    expected = {name: [row["type"]] for name, row in rows("out").items()}

    def look() -> dict[str, list[str]]:
        pairs = graph.get_publisher_names_and_types_by_node("mavros", "/")
        return {name: types for name, types in pairs if name not in OF_EVERY_NODE}

    assert settle(look, expected) == expected


@pytest.mark.ros
def test_topics_in_have_mavros_names_and_types(graph: Any) -> None:
    expected = {name: [row["type"]] for name, row in rows("in").items()}

    def look() -> dict[str, list[str]]:
        pairs = graph.get_subscriber_names_and_types_by_node("mavros", "/")
        return {name: types for name, types in pairs if name not in OF_EVERY_NODE}

    assert settle(look, expected) == expected


@pytest.mark.ros
def test_services_have_mavros_names_and_types(graph: Any) -> None:
    expected = {name: [row["type"]] for name, row in rows("srv").items()}
    own = ("get_parameters", "set_parameters", "set_parameters_atomically", "list_parameters", "describe_parameters")
    ours = {f"/mavros/{name}" for name in (*own, "get_parameter_types", "get_type_description")}

    def look() -> dict[str, list[str]]:
        pairs = graph.get_service_names_and_types_by_node("mavros", "/")
        return {name: types for name, types in pairs if name not in ours}

    assert settle(look, expected) == expected


@pytest.mark.ros
@pytest.mark.parametrize("direction", ["out", "in"])
def test_qos_is_mavros(graph: Any, direction: str) -> None:
    wanted = {name: (row["reliability"], row["durability"]) for name, row in rows(direction).items()}
    find = graph.get_publishers_info_by_topic if direction == "out" else graph.get_subscriptions_info_by_topic

    def look() -> dict[str, tuple[str, str]]:
        seen = {}
        for name in wanted:
            for info in find(name):
                if info.node_name == "mavros":
                    seen[name] = (info.qos_profile.reliability.name, info.qos_profile.durability.name)
        return seen

    assert settle(look, wanted) == wanted


@pytest.mark.ros
def test_the_static_frames_are_mavros(graph: Any) -> None:
    from rclpy.executors import SingleThreadedExecutor
    from rclpy.qos import DurabilityPolicy, QoSProfile

    from tf2_msgs.msg import TFMessage

    seen: list[Any] = []
    latched = QoSProfile(depth=1, durability=DurabilityPolicy.TRANSIENT_LOCAL)
    graph.create_subscription(TFMessage, "/tf_static", seen.append, latched)
    executor = SingleThreadedExecutor(context=graph.context)
    executor.add_node(graph)
    deadline = time.monotonic() + 60.0
    while not seen and time.monotonic() < deadline:
        executor.spin_once(timeout_sec=0.1)
    pairs = {(t.header.frame_id, t.child_frame_id): t.transform.rotation for t in seen[0].transforms}
    assert set(pairs) == {("map", "map_ned"), ("odom", "odom_ned"), ("base_link", "base_link_frd")}
    world = pairs["map", "map_ned"]
    assert (world.w, world.x, world.y, world.z) == pytest.approx((0.0, 0.5**0.5, 0.5**0.5, 0.0))
