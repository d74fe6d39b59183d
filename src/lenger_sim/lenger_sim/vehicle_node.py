"""The embedded vehicle as a ROS node: it is the clock, tells the truth, takes faults; the rest goes over MAVLink."""

from __future__ import annotations

import struct
import time
from typing import Any

import rclpy
from builtin_interfaces.msg import Time
from lenger_interfaces.srv import InjectFault
from rclpy.executors import SingleThreadedExecutor
from rclpy.qos import QoSProfile, ReliabilityPolicy
from rclpy.subscription import Subscription
from rosgraph_msgs.msg import Clock

from lenger_core.ros.node import LengerNode, run_node
from lenger_core.ros.types import rclpy_types
from lenger_core.wire import TOPICS
from lenger_sim.host import VehicleHost
from lenger_sim.pacing import Lead
from lenger_sim.settings import VehicleNodeSettings

TRUTH_NS = 50_000_000
SERVE_S = 0.05
FOLLOWERS = {
    "mavros/timesync_status": "mavros_msgs/msg/TimesyncStatus",
    **{t: TOPICS[t].ros_type for t in ("fusion/odometry", "vehicle/status", "mission/command", "guard/command")},
}
"""Topics, with their types, whose stamps show how far each process of the graph has come; all begin with a
std_msgs/Header. The bridge's measurements would not do: their stamps go by the offset between the clocks that it
believes in, and a wrong one would stop the clock."""
FORGET_NS = 5_000_000_000
"""Starved of a processor for a second and more, a node lives on; with the clock going on, the autopilot would find its
stream of setpoints lost, and its failsafe would take the aircraft."""
STAMP = struct.Struct("<iI")
STAMP_OFFSET = 4
"""Behind the four bytes of the CDR encapsulation (DDS-XTypes 7.6.2.1.2)."""


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
        self._told_ns = 0
        self._lead = Lead(int(self.settings.lead_ms * 1e6), FORGET_NS)
        self._followers = {topic: self._follow(topic, kind) for topic, kind in FOLLOWERS.items()}

    def run(self) -> None:
        """Fly until ROS shuts down; a loop of its own, because ROS timers would follow the clock that it makes."""
        executor = SingleThreadedExecutor()
        executor.add_node(self)
        next_serve, told_ns = 0.0, 0
        while rclpy.ok():
            self._listen()
            pause_s = self.host.cycle(self._tick, self._lead.limit_ns(time.monotonic_ns()))
            now = time.monotonic()
            if now >= next_serve:
                executor.spin_once(timeout_sec=0.0)
                next_serve = now + SERVE_S
                if told_ns == self._told_ns:  # the clock stands: whoever missed its last tick would wait for it forever
                    self._tell_time()
                told_ns = self._told_ns
            time.sleep(pause_s)

    def close(self) -> None:
        """Release the ports."""
        self.host.close()

    def _follow(self, topic: str, ros_type: str) -> Subscription:
        quality = QoSProfile(depth=1, reliability=ReliabilityPolicy.BEST_EFFORT)
        kind = rclpy_types(ros_type)
        return self.create_subscription(kind, topic, lambda data: self._heard(topic, data), quality, raw=True)

    def _listen(self) -> None:
        """Take the newest message of each follower, undecoded and without the executor: this is done often."""
        for topic, subscription in self._followers.items():
            with subscription.handle:
                taken = subscription.handle.take_message(subscription.msg_type, True)
            if taken is not None:
                self._heard(topic, taken[0])

    def _heard(self, topic: str, data: bytes) -> None:
        seconds, nanoseconds = STAMP.unpack_from(data, STAMP_OFFSET)
        self._lead.heard(topic, seconds * 1_000_000_000 + nanoseconds)

    def _tick(self, t_ns: int) -> None:
        self._told_ns = t_ns
        self._tell_time()
        if t_ns >= self._next_truth_ns:
            self._next_truth_ns += TRUTH_NS
            self.publish("sim/truth", self.host.core.truth())

    def _tell_time(self) -> None:
        seconds, nanoseconds = divmod(self._told_ns, 1_000_000_000)
        self._clock_out.publish(Clock(clock=Time(sec=seconds, nanosec=nanoseconds)))

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
