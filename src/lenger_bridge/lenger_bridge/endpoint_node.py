"""endpoint_node: MAVROS's topics and services without MAVROS, one process, one link.

A thread of its own waits on the link, feeds the core and publishes, because waking the executor for every datagram
would cost more than all the rest. Topics that nobody listens to are not filled, but for the latched ones. Service calls
are answered when the reply is there: the executor is never kept waiting.
"""

from __future__ import annotations

import select
import threading
from functools import partial
from typing import Any

from rclpy.publisher import Publisher
from rclpy.service import Service

from lenger_bridge.endpoint import EndpointCore, EndpointOutput
from lenger_bridge.endpoint_service_specs import SERVED, ServedSpec
from lenger_bridge.mavros_services import ServiceSpec
from lenger_bridge.plugins.base import Input
from lenger_bridge.plugins.registry import LATCHED
from lenger_bridge.requests import Reply
from lenger_bridge.settings import EndpointSettings
from lenger_bridge.static_frames import STATIC_FRAMES_TOPIC, STATIC_FRAMES_TYPE, static_frames_msg
from lenger_core.errors import FlightError, LengerError
from lenger_core.ros.node import ERROR, OK, WARN, LengerNode, RCLError, run_node
from lenger_core.ros.qos import profile
from lenger_core.ros.types import rclpy_types
from lenger_core.wire import TOPICS
from lenger_mavlink.links import Link, open_link, parse_link_url

STEP_S = 0.05
LOOK_ROUND_NS = 200_000_000
"""How often it is looked which topics have subscribers, on our clock."""
_LEVELS = {0: OK, 1: WARN, 2: ERROR}


class EndpointNode(LengerNode[EndpointSettings]):
    """The shell of `EndpointCore`."""

    def __init__(self) -> None:
        super().__init__("mavros", EndpointSettings)
        ids = parse_link_url(self.settings.fcu_url).ids
        if ids is not None:
            self.settings = self.settings.model_copy(update={"system_id": ids[0], "component_id": ids[1]})
        simulated = bool(self.get_parameter("use_sim_time").value)
        self._core = EndpointCore(self.settings, rclpy_types, late_clock=simulated)
        self._link: Link = open_link(self.settings.fcu_url)
        self._lock = threading.Lock()
        self._calls: dict[int, tuple[Service, ServiceSpec | ServedSpec, Any]] = {}
        self._last_id = 0
        self._stop = threading.Event()
        self._published: dict[str, Publisher] = {}
        self._latched: frozenset[str] = frozenset()
        self._wanted: frozenset[str] = frozenset()
        self._looked_ns: int | None = None
        self._advertise_all()
        for entry in self._core.inputs:
            self._listen(entry)
        for spec in SERVED:
            self._serve(spec)
        self.create_timer(1.0, self._report)
        self._reader = threading.Thread(target=self._read, name="mavlink", daemon=True)
        self._reader.start()

    def close(self) -> None:
        """End the reader and release the port."""
        self._stop.set()
        self._reader.join(timeout=2.0)
        self._link.close()

    def _advertise_all(self) -> None:
        for topic in self._core.records:
            self._published[topic] = self.advertise(topic)
        for stream in self._core.streams:
            kind = rclpy_types(stream.ros_type)
            self._published[stream.topic] = self.create_publisher(kind, stream.topic, profile(stream.qos, True))
        latched = {stream.topic for stream in self._core.streams if stream.qos in LATCHED}
        self._latched = frozenset(latched | {topic for topic in self._core.records if TOPICS[topic].qos in LATCHED})
        frames = rclpy_types(STATIC_FRAMES_TYPE)
        self._frames = self.create_publisher(frames, STATIC_FRAMES_TOPIC, profile("latched", True))
        self._frames.publish(static_frames_msg(rclpy_types, self.now_ns()))

    # ------------------------------------------------------------ from the autopilot

    def _read(self) -> None:
        while not self._stop.is_set():
            select.select([self._link], [], [], STEP_S)
            pieces = self._link.receive()
            try:
                self._take(pieces)
            except RCLError:
                if self.context.ok():
                    raise
                return  # a signal shut ROS down in the middle of a call

    def _take(self, pieces: list[bytes]) -> None:
        self._look_round(self.now_ns())
        with self._lock:
            now_ns = self.now_ns()  # under the lock, or the core would see time go back after a service call
            stream = self._link.stream
            published = [entry for data in pieces for entry in self._core.on_bytes(data, now_ns, stream)]
            output = self._core.step(now_ns)
        self._hand_out(published, output)

    def _look_round(self, now_ns: int) -> None:
        """See which topics have subscribers."""
        if self._looked_ns is not None and 0 <= now_ns - self._looked_ns < LOOK_ROUND_NS:
            return
        self._looked_ns = now_ns
        wanted = self._latched | {topic for topic, p in self._published.items() if p.get_subscription_count() > 0}
        if wanted != self._wanted:
            self._wanted = wanted
            with self._lock:
                self._core.want(wanted)

    def _hand_out(self, published: list[tuple[str, Any]], output: EndpointOutput) -> None:
        if output.bytes_out:
            self._link.send(output.bytes_out)
        for topic, entry in (*published, *output.published):
            if topic in self._wanted:
                self._publish_one(topic, entry)
        for note in output.notes:
            self.get_logger().warning(note)
        for reply in output.replies:
            self._answer(reply)

    def _publish_one(self, topic: str, entry: Any) -> None:
        """Publish a record, or a ROS message as it is."""
        try:
            if topic in TOPICS and isinstance(entry, TOPICS[topic].record):
                self.publish(topic, entry)
            else:
                self._published[topic].publish(entry)
        except (LengerError, ValueError, AssertionError) as error:
            self.get_logger().warning(f"{topic}: not published: {error}", throttle_duration_sec=10.0)

    # ------------------------------------------------------------ services

    def _serve(self, spec: ServiceSpec | ServedSpec) -> None:
        service = self.create_service(rclpy_types(spec.ros_type), spec.name, lambda request, _response: request)
        # rclpy answers with what the callback returns, at once; we keep the header and answer when the reply is there.
        # (An `async def` callback would do too, but rclpy 7.1 polls it at full speed.)
        service.send_response = partial(self._accept, service, spec)

    def _accept(self, service: Service, spec: ServiceSpec | ServedSpec, message: Any, header: Any) -> None:
        with self._lock:
            self._last_id += 1
            self._calls[self._last_id] = (service, spec, header)
            now_ns = self.now_ns()
            self._core.call(spec.read(self._last_id, message), now_ns)
            output = self._core.step(now_ns)
        self._hand_out([], output)

    def _answer(self, reply: Reply) -> None:
        with self._lock:
            call = self._calls.pop(reply.request_id, None)
        if call is None:
            return
        service, spec, header = call
        if not reply.success and reply.detail:
            self.get_logger().warning(f"{spec.name}: {reply.detail}")
        response = rclpy_types(spec.ros_type).Response()
        spec.answer(rclpy_types, response, reply)
        Service.send_response(service, response, header)

    # ------------------------------------------------------------ to the autopilot

    def _listen(self, entry: Input) -> None:
        callback = partial(self._receive, entry.topic)
        self.create_subscription(rclpy_types(entry.ros_type), entry.topic, callback, profile(entry.qos, True))

    def _receive(self, topic: str, message: Any) -> None:
        try:
            with self._lock:
                frames = self._core.receive(topic, message, self.now_ns())
        except LengerError as error:
            self.get_logger().warning(f"refused: {error}", throttle_duration_sec=5.0)
            return
        if frames:
            self._link.send(frames)

    def _report(self) -> None:
        if not self._reader.is_alive() and not self._stop.is_set() and self.context.ok():
            # Half an endpoint is worse than none: setpoints would go out while heartbeats and all answers are gone.
            raise FlightError("the thread that reads the link has ended: see the error above")
        with self._lock:
            connected, values = self._core.connected, dict(self._core.counters)
            lines = self._core.diagnoses() if connected else ()
        level, text = (OK, "connected") if connected else (WARN, "no heartbeat from the autopilot")
        self.diagnose("MAVLink link", level, text, {**values, "datagrams dropped": self._link.dropped})
        for line in lines:
            self.diagnose(line.name, _LEVELS[line.level], line.text, dict(line.values))


def main() -> None:
    """Run the node."""
    run_node(EndpointNode)


if __name__ == "__main__":
    main()
