"""`ros2 launch` with real processes: the hardware stack without hardware, as far as a bench can show it."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from typing import Any

import pytest

pytest.importorskip("launch_pytest", reason="launch_pytest is absent (it comes with ROS, not from PyPI)")

import launch_pytest
from launch.actions import SetLaunchConfiguration

from launch import LaunchDescription
from lenger_bringup.domains import claim_domain
from lenger_bringup.launch_adapter import launch_description

NODES = {"autopilot", "guard", "mission", "fusion"}


@launch_pytest.fixture
def bench() -> Iterator[LaunchDescription]:
    """The hardware stack in a domain of its own; state files go nowhere."""
    with claim_domain() as domain:
        os.environ["ROS_DOMAIN_ID"] = str(domain)
        yield LaunchDescription(
            [
                SetLaunchConfiguration("state_dir", ""),
                launch_description("hardware"),
                launch_pytest.actions.ReadyToTest(),
            ]
        )
        del os.environ["ROS_DOMAIN_ID"]


@pytest.mark.ros
@pytest.mark.launch(fixture=bench)
def test_the_hardware_stack_comes_up_and_commands_nothing(wait_until: Callable[..., None]) -> None:
    import rclpy
    from lenger_interfaces.msg import VehicleStatus
    from rclpy.node import Node

    context = rclpy.Context()
    rclpy.init(context=context)
    node: Node = Node("observer", context=context)
    executor = rclpy.executors.SingleThreadedExecutor(context=context)
    executor.add_node(node)
    heard: list[Any] = []
    node.create_subscription(VehicleStatus, "vehicle/status", heard.append, 10)
    try:
        wait_until(lambda: executor.spin_once(timeout_sec=0.1) or (bool(heard) and set(node.get_node_names()) >= NODES))
        assert not heard[-1].connected
        assert node.count_publishers("clock") == 0
        assert node.get_publishers_info_by_topic("sim/truth") == []
    finally:
        executor.shutdown()
        node.destroy_node()
        rclpy.shutdown(context=context)
