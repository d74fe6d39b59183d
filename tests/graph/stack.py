"""The sim stack as processes that a test may kill and start again, and an operator with a clock of its own."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
import threading
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import rclpy
import yaml
from lenger_interfaces.action import ExecuteMission
from rclpy.action import ActionClient
from rclpy.executors import SingleThreadedExecutor
from rclpy.node import Node as RosNode
from std_srvs.srv import Trigger

from lenger_bringup.domains import free_udp_ports
from lenger_bringup.stack_model import Node
from lenger_bringup.stacks import find_stack
from lenger_core.ros.qos import profile
from lenger_core.ros.types import rclpy_types
from lenger_core.samples import Event, GuardStatus, MissionStatus, VehicleStatus
from lenger_core.wire import TOPICS

COMPANION = ("mavros", "autopilot", "guard", "fusion", "mission")


class Stack:
    """The processes of the sim stack.

    Args:
        folder: for parameters, logs and what survives a restart.
        words: arguments of the stack.
    """

    def __init__(self, folder: Path, **words: str) -> None:
        vehicle, endpoint = free_udp_ports(2)
        ports = {"vehicle_port": str(vehicle), "endpoint_port": str(endpoint)}
        given = {"state_dir": str(folder / "state"), **ports, **words}
        self._folder = folder
        self._nodes = {node.name: node for node in find_stack("sim").started(given)}
        self._processes: dict[str, subprocess.Popen[bytes]] = {}
        self.start(*self._nodes)

    def start(self, *names: str) -> None:
        """Start nodes, anew where they were killed."""
        for name in names:
            self._processes[name] = self._started(self._nodes[name])

    def kill(self, *names: str) -> None:
        """Kill nodes with SIGKILL, one right after the other."""
        for name in names:
            os.kill(self._processes[name].pid, signal.SIGKILL)
        for name in names:
            self._processes[name].wait(30.0)

    def close(self) -> None:
        """End everything."""
        for process in self._processes.values():
            if process.poll() is None:
                process.kill()
        for process in self._processes.values():
            process.wait(30.0)

    def _started(self, node: Node) -> subprocess.Popen[bytes]:
        file, log = self._folder / f"{node.name}.yaml", self._folder / f"{node.name}.log"
        file.write_text(yaml.safe_dump(node.parameter_document()), encoding="utf-8")
        with log.open("ab") as sink:
            command = node.command(sys.executable, str(file))
            return subprocess.Popen(command, stdin=subprocess.DEVNULL, stdout=sink, stderr=subprocess.STDOUT)


class Operator:
    """Sends goals and keeps what was told."""

    def __init__(self) -> None:
        self._context = rclpy.Context()
        rclpy.init(context=self._context)
        self._node = RosNode("operator", context=self._context)
        self._executor = SingleThreadedExecutor(context=self._context)
        self._executor.add_node(self._node)
        self._action = ActionClient(self._node, ExecuteMission, "mission/execute")
        self._services: dict[str, Any] = {}
        self.events: list[Event] = []
        self.status: MissionStatus | None = None
        self.vehicle: VehicleStatus | None = None
        self.guard: GuardStatus | None = None
        self._listen("events", self.events.append)
        self._listen("guard/status", lambda guard: setattr(self, "guard", guard))
        self._listen("mission/status", lambda status: setattr(self, "status", status))
        self._listen("vehicle/status", lambda vehicle: setattr(self, "vehicle", vehicle))

    def _listen(self, topic: str, take: Callable[[Any], None]) -> None:
        spec = TOPICS[topic]

        def taken(message: Any) -> None:
            take(spec.decode(message))

        self._node.create_subscription(rclpy_types(spec.ros_type), spec.name, taken, profile(spec.qos, False))

    def until(self, seen: Callable[[], bool], timeout_s: float, what: str) -> None:
        """Spin until something is seen, or fail."""
        deadline = time.monotonic() + timeout_s
        while not seen():
            if time.monotonic() > deadline:
                told = [f"{e.source} {e.kind}: {e.detail}" for e in self.events[-12:]]
                pytest.fail(f"never saw {what}; {self.status}; {told}")
            self._executor.spin_once(timeout_sec=0.05)

    def until_ready(self) -> None:
        """Wait until the whole stack is there and the aircraft may be armed."""
        self.until(lambda: self.guard is not None, 120.0, "the guard")
        self.until(lambda: self.vehicle is not None and self.vehicle.ready, 120.0, "ready")

    def rest(self, wall_s: float) -> None:
        """Spin for a while."""
        deadline, pause = time.monotonic() + wall_s, threading.Event()
        while time.monotonic() < deadline:
            self._executor.spin_once(timeout_sec=0.05)
            pause.wait(0.001)

    def execute(self, **goal: Any) -> Any:
        """Send a goal; return its handle once it was taken."""
        self.until(self._action.server_is_ready, 60.0, "the action server")
        sent = self._action.send_goal_async(ExecuteMission.Goal(**goal))
        self.until(sent.done, 30.0, "the goal to be taken")
        return sent.result()

    def result(self, handle: Any, timeout_s: float) -> Any:
        """Return the result of a goal."""
        future = handle.get_result_async()
        self.until(future.done, timeout_s, "the result")
        return future.result().result

    def ask(self, name: str) -> Any:
        """Call a service of mission_node."""
        client = self._services.setdefault(name, self._node.create_client(Trigger, f"mission/{name}"))
        self.until(client.service_is_ready, 60.0, name)
        future = client.call_async(Trigger.Request())
        self.until(future.done, 30.0, f"the answer to {name}")
        return future.result()

    def close(self) -> None:
        """End."""
        self._action.destroy()
        self._executor.shutdown()
        self._node.destroy_node()
        rclpy.shutdown(context=self._context)
