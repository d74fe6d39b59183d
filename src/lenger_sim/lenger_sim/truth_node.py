"""Truth and clock of a flight in Gazebo, from the one topic that ros_gz_bridge brings over.

The clock is made of the odometry's stamps, 50 a second as the embedded vehicle's: Gazebo's own comes with every step
of its physics, 250 or 1,000 a second, which would keep every node busy with nothing else.
"""

from __future__ import annotations

from typing import Any

from builtin_interfaces.msg import Time
from lenger_interfaces.srv import InjectFault
from nav_msgs.msg import Odometry as OdometryMessage
from rclpy.qos import QoSProfile, ReliabilityPolicy
from rosgraph_msgs.msg import Clock

from lenger_core.geodesy import LocalFrame
from lenger_core.ros.node import LengerNode, run_node
from lenger_core.terrain import load_terrain
from lenger_core.vehicles import load_vehicle
from lenger_core.wind import TerrainWind
from lenger_core.wind_field import WindField
from lenger_sim.fault_kinds import KINDS
from lenger_sim.gazebo_truth import GazeboTruth, Odometry
from lenger_sim.settings import TruthNodeSettings

TRUTH_NS = 50_000_000


class TruthNode(LengerNode[TruthNodeSettings]):
    """Shell of `GazeboTruth`."""

    def __init__(self) -> None:
        super().__init__("truth", TruthNodeSettings)
        origin = LocalFrame(*(getattr(self.settings.origin, name) for name in ("lat_deg", "lon_deg", "alt_amsl_m")))
        gear, terrain = load_vehicle(self.settings.vehicle).landing_gear, load_terrain(self.settings.dem)
        mean = TerrainWind(terrain, self.settings.wind_m_s, self.settings.wind_from_deg)
        wind = WindField(mean, self.settings.seed, self.settings.turbulence)
        self._truth = GazeboTruth(origin, terrain, gear.crash_speed_m_s, wind)
        quality = QoSProfile(depth=10, reliability=ReliabilityPolicy.BEST_EFFORT)
        self._clock_out = self.create_publisher(Clock, "/clock", quality)
        self.advertise("sim/truth")
        self._next_truth_ns = 0
        self.create_subscription(OdometryMessage, "gazebo/odometry", self._on_odometry, quality)
        self.create_service(InjectFault, "sim/inject_fault", self._refuse)

    def _on_odometry(self, message: Any) -> None:
        stamp = message.header.stamp
        t_ns = stamp.sec * 1_000_000_000 + stamp.nanosec
        self._clock_out.publish(Clock(clock=Time(sec=stamp.sec, nanosec=stamp.nanosec)))
        at, turn, speed = message.pose.pose.position, message.pose.pose.orientation, message.twist.twist.linear
        truth = self._truth.on_odometry(
            Odometry(t_ns, (at.x, at.y, at.z), (turn.w, turn.x, turn.y, turn.z), (speed.x, speed.y, speed.z))
        )
        if truth is not None and t_ns >= self._next_truth_ns:
            self._next_truth_ns = t_ns + TRUTH_NS - TRUTH_NS // 10
            self.publish("sim/truth", truth)

    def _refuse(self, request: Any, response: Any) -> Any:
        response.accepted = False
        response.message = f"{request.kind}: Gazebo has no faults; --sim embedded has {', '.join(KINDS)}"
        return response


def main() -> None:
    """Run the node."""
    run_node(TruthNode)


if __name__ == "__main__":
    main()
