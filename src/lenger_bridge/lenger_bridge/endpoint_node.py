"""endpoint_node: MAVROS's topics and services without MAVROS, one process, one UDP socket.

A thread of its own waits on the socket, feeds the core and publishes, because waking the executor for every datagram
would cost more than all the rest. Service calls are answered when the reply is there: the executor is never kept
waiting.
"""

from __future__ import annotations

import select
import threading
from functools import partial
from typing import Any

from rclpy.qos import DurabilityPolicy, HistoryPolicy, QoSProfile, ReliabilityPolicy
from rclpy.service import Service

from lenger_bridge.endpoint import EndpointCore, EndpointOutput
from lenger_bridge.mavros_services import LIST_TOPICS, SERVICES, ServiceSpec, waypoint_msg
from lenger_bridge.requests import PullItems, PushItems, Reply, Request
from lenger_bridge.settings import EndpointSettings
from lenger_bridge.targets import GlobalTarget, LocalTarget
from lenger_core.errors import LengerError
from lenger_core.ros.node import OK, WARN, LengerNode, RCLError, run_node
from lenger_core.ros.types import rclpy_types
from lenger_core.wire import TOPICS
from lenger_core.wire_types import stamp_ns, vector
from lenger_mavlink.links import UdpLink, open_link
from lenger_mavlink.transfer_client import MissionType

STEP_S = 0.05
SENSOR_IN = QoSProfile(
    history=HistoryPolicy.KEEP_LAST,
    depth=5,
    reliability=ReliabilityPolicy.BEST_EFFORT,
    durability=DurabilityPolicy.VOLATILE,
)
LATCHED = QoSProfile(
    history=HistoryPolicy.KEEP_LAST,
    depth=1,
    reliability=ReliabilityPolicy.RELIABLE,
    durability=DurabilityPolicy.TRANSIENT_LOCAL,
)


class EndpointNode(LengerNode[EndpointSettings]):
    """The shell of `EndpointCore`."""

    def __init__(self) -> None:
        super().__init__("mavros", EndpointSettings)
        self._core = EndpointCore(self.settings)
        self._link: UdpLink = open_link(self.settings.fcu_url)
        self._lock = threading.Lock()
        self._calls: dict[int, tuple[Service, ServiceSpec, Request, Any]] = {}
        self._last_id = 0
        self._stop = threading.Event()
        for topic in (name for name in TOPICS if name.startswith("mavros/") and "setpoint" not in name):
            self.advertise(topic)
        self._lists = {
            kind: self.create_publisher(rclpy_types("mavros_msgs/msg/WaypointList"), topic, LATCHED)
            for kind, topic in LIST_TOPICS.items()
        }
        local, world = (
            rclpy_types("mavros_msgs/msg/PositionTarget"),
            rclpy_types("mavros_msgs/msg/GlobalPositionTarget"),
        )
        self.create_subscription(local, "mavros/setpoint_raw/local", self._on_local, SENSOR_IN)
        self.create_subscription(world, "mavros/setpoint_raw/global", self._on_global, SENSOR_IN)
        for spec in SERVICES:
            self._serve(spec)
        self.create_timer(1.0, self._report)
        self._reader = threading.Thread(target=self._read, name="mavlink", daemon=True)
        self._reader.start()

    def close(self) -> None:
        """End the reader and release the port."""
        self._stop.set()
        self._reader.join(timeout=2.0)
        self._link.close()

    # ------------------------------------------------------------ from the autopilot

    def _read(self) -> None:
        while not self._stop.is_set():
            select.select([self._link], [], [], STEP_S)
            datagrams = self._link.receive()
            now_ns = self.now_ns()
            with self._lock:
                published = [entry for data in datagrams for entry in self._core.on_bytes(data, now_ns)]
                output = self._core.step(now_ns)
            try:
                self._hand_out(published, output)
            except RCLError:
                if self.context.ok():
                    raise
                return  # a signal shut ROS down in the middle of a call

    def _hand_out(self, published: list[tuple[str, Any]], output: EndpointOutput) -> None:
        if output.bytes_out:
            self._link.send(output.bytes_out)
        for topic, record in (*published, *output.published):
            try:
                self.publish(topic, record)
            except (LengerError, ValueError, AssertionError) as error:
                self.get_logger().warning(f"{topic}: not published: {error}", throttle_duration_sec=10.0)
        for note in output.notes:
            self.get_logger().warning(note)
        for reply in output.replies:
            self._answer(reply)

    # ------------------------------------------------------------ services

    def _serve(self, spec: ServiceSpec) -> None:
        service = self.create_service(rclpy_types(spec.ros_type), spec.name, lambda request, _response: request)
        # rclpy answers with what the callback returns, at once; we keep the header and answer when the reply is there.
        # (An `async def` callback would do too, but rclpy 7.1 polls it at full speed.)
        service.send_response = partial(self._accept, service, spec)

    def _accept(self, service: Service, spec: ServiceSpec, message: Any, header: Any) -> None:
        with self._lock:
            self._last_id += 1
            request = spec.read(self._last_id, message)
            self._calls[self._last_id] = (service, spec, request, header)
            now_ns = self.now_ns()
            self._core.call(request, now_ns)
            output = self._core.step(now_ns)
        self._hand_out([], output)

    def _answer(self, reply: Reply) -> None:
        with self._lock:
            call = self._calls.pop(reply.request_id, None)
        if call is None:
            return
        service, spec, request, header = call
        if not reply.success and reply.detail:
            self.get_logger().warning(f"{spec.name}: {reply.detail}")
        if reply.success and isinstance(request, PullItems):
            self._publish_list(request.mission_type, reply.payload)
        elif reply.success and isinstance(request, PushItems):
            self._publish_list(request.mission_type, request.items)
        response = rclpy_types(spec.ros_type).Response()
        spec.answer(rclpy_types, response, reply)
        Service.send_response(service, response, header)

    def _publish_list(self, kind: MissionType, items: Any) -> None:
        waypoints = [waypoint_msg(rclpy_types, item) for item in items]
        current = next((index for index, item in enumerate(items) if item.is_current), 0)
        message = rclpy_types("mavros_msgs/msg/WaypointList")(current_seq=current, waypoints=waypoints)
        self._lists[kind].publish(message)

    # ------------------------------------------------------------ setpoints

    def _on_local(self, message: Any) -> None:
        target = _motion(message, int(message.coordinate_frame), vector(message.position))
        self._send_target("setpoint_raw/local", target)

    def _on_global(self, message: Any) -> None:
        motion = _motion(message, 1, (0.0, 0.0, 0.0))
        frame, lat, lon = int(message.coordinate_frame), float(message.latitude), float(message.longitude)
        self._send_target("setpoint_raw/global", GlobalTarget(frame, lat, lon, float(message.altitude), motion))

    def _send_target(self, topic: str, target: LocalTarget | GlobalTarget) -> None:
        try:
            with self._lock:
                local = isinstance(target, LocalTarget)
                frame = self._core.local_target(target) if local else self._core.global_target(target)
        except LengerError as error:
            self.get_logger().warning(f"{topic} refused: {error}", throttle_duration_sec=5.0)
            return
        self._link.send(frame)

    def _report(self) -> None:
        with self._lock:
            level, text = (OK, "connected") if self._core.connected else (WARN, "no heartbeat from the autopilot")
            values = dict(self._core.counters)
        self.diagnose("MAVLink link", level, text, {**values, "datagrams dropped": self._link.dropped})


def _motion(m: Any, frame: int, position: tuple[float, float, float]) -> LocalTarget:
    return LocalTarget(
        stamp_ns(m), frame, int(m.type_mask), position, vector(m.velocity), vector(m.acceleration_or_force),
        float(m.yaw), float(m.yaw_rate),
    )  # fmt: skip


def main() -> None:
    """Run the node."""
    run_node(EndpointNode)


if __name__ == "__main__":
    main()
