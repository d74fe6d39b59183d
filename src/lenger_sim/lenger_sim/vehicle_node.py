"""The embedded vehicle as a ROS node: it is the clock, tells the truth, takes faults; everything else goes over MAVLink."""

from __future__ import annotations

import time
from typing import Any

import rclpy
from builtin_interfaces.msg import Time
from lenger_core.ros.node import LengerNode, run_node
from lenger_interfaces.srv import InjectFault
from rclpy.executors import SingleThreadedExecutor
from rclpy.qos import QoSProfile, ReliabilityPolicy
from rosgraph_msgs.msg import Clock

from lenger_sim.host import VehicleHost
from lenger_sim.settings import VehicleNodeSettings

TRUTH_NS = 50_000_000
SERVE_S = 0.05


class VehicleNode(LengerNode[VehicleNodeSettings]):
    """Shell of `VehicleCore`."""

    def __init__(self) -> None:
        super().__init__("vehicle", VehicleNodeSettings)
        self.host = VehicleHost(self.settings)
        quality = QoSProfile(depth=10, reliability=ReliabilityPolicy.BEST_EFFORT)
        self._clock_out = self.create_publisher(Clock, "/clock", quality)
        self.advertise("sim/truth")
        self.create_service(InjectFault, "sim/inject_fault", self._inject)
        self._next_truth_ns = TRUTH_NS

    def run(self) -> None:
        """Fly until ROS shuts down; a loop of its own, because ROS timers would follow the clock that it makes."""
        executor = SingleThreadedExecutor()
        executor.add_node(self)
        next_serve = 0.0
        while rclpy.ok():
            pause_s = self.host.cycle(self._tick)
            now = time.monotonic()
            if now >= next_serve:
                executor.spin_once(timeout_sec=0.0)
                next_serve = now + SERVE_S
            time.sleep(pause_s)

    def close(self) -> None:
        """Release the ports."""
        self.host.close()

    def _tick(self, t_ns: int) -> None:
        self._clock_out.publish(Clock(clock=Time(sec=t_ns // 1_000_000_000, nanosec=t_ns % 1_000_000_000)))
        if t_ns >= self._next_truth_ns:
            self._next_truth_ns += TRUTH_NS
            self.publish("sim/truth", self.host.core.truth())

    def _inject(self, request: Any, response: Any) -> Any:
        core = self.host.core
        refusal = core.faults.inject(request.kind, request.magnitude, request.duration_s, core.now_ns)
        response.accepted = refusal is None
        response.message = refusal or f"{request.kind} for {request.duration_s:g} s from {core.now_ns * 1e-9:.2f} s"
        return response


def main() -> None:
    """Run the node."""
    run_node(VehicleNode, VehicleNode.run)


if __name__ == "__main__":
    main()
