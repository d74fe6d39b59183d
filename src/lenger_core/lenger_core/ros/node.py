"""The shell of every node: typed settings, records in and out by topic name, timers on ROS time, a clean end."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterable
from threading import Thread
from typing import Any, Generic, TypeVar

import rclpy
from diagnostic_msgs.msg import DiagnosticArray, DiagnosticStatus, KeyValue
from rclpy.context import Context
from rclpy.executors import ExternalShutdownException
from rclpy.impl.implementation_singleton import rclpy_implementation
from rclpy.node import Node
from rclpy.publisher import Publisher
from rclpy.task import Future

from lenger_core.errors import LengerError
from lenger_core.ros.executor import executor_of
from lenger_core.ros.parameters import load_settings
from lenger_core.ros.qos import profile
from lenger_core.ros.types import rclpy_types
from lenger_core.samples import Event
from lenger_core.settings import Settings
from lenger_core.wire import TOPICS

S = TypeVar("S", bound=Settings)
T = TypeVar("T")
SWITCH_S = 0.0005
"""Two threads of a node take turns so often: by Python's own 5 ms every callback would wait for that long."""
RCLError, InvalidHandle = rclpy_implementation.RCLError, rclpy_implementation.InvalidHandle

OK, WARN, ERROR, STALE = DiagnosticStatus.OK, DiagnosticStatus.WARN, DiagnosticStatus.ERROR, DiagnosticStatus.STALE


class LengerNode(Node, Generic[S]):
    """A node whose topics are those of `lenger_core.wire.TOPICS`.

    Args:
        name: node name (a launcher may remap it).
        settings_type: declared as ROS parameters; `self.settings` is the validated snapshot.
        context: rclpy context, the default one when None.

    Raises:
        InputError: a parameter is wrong.
    """

    def __init__(self, name: str, settings_type: type[S], context: Context | None = None) -> None:
        super().__init__(name, context=context)
        self.settings: S = load_settings(self, settings_type)
        self._outputs: dict[str, Publisher] = {}
        self._statuses: dict[str, DiagnosticStatus] = {}
        self._diagnostics: Publisher | None = None

    def now_ns(self) -> int:
        """Return ROS time (simulated with use_sim_time) in integer nanoseconds."""
        return int(self.get_clock().now().nanoseconds)

    def advertise(self, topic: str) -> Publisher:
        """Return the publisher of a topic, made on first use."""
        if topic not in self._outputs:
            spec = TOPICS[topic]
            self._outputs[topic] = self.create_publisher(rclpy_types(spec.ros_type), topic, profile(spec.qos, True))
        return self._outputs[topic]

    def publish(self, topic: str, record: Any) -> None:
        """Publish a record."""
        self.advertise(topic).publish(TOPICS[topic].encode(rclpy_types, record))

    def events(self, records: Iterable[Event]) -> None:
        """Publish events and write them to the log."""
        for record in records:
            self.get_logger().info(f"{record.kind}: {record.detail}")
            self.publish("events", record)

    def subscribe(self, topic: str, callback: Callable[[Any], None]) -> None:
        """Call back with each decoded record; a message that cannot be decoded is dropped with a diagnostic."""
        spec = TOPICS[topic]

        def receive(message: Any) -> None:
            try:
                record = spec.decode(message)
            except (ValueError, LengerError) as error:
                self.diagnose(topic, ERROR, f"undecodable message dropped: {error}")
                return
            callback(record)

        self.create_subscription(rclpy_types(spec.ros_type), topic, receive, profile(spec.qos, False))

    def every(self, rate_hz: float, callback: Callable[[], None]) -> None:
        """Call back at a rate of ROS time."""
        self.create_timer(1.0 / rate_hz, callback)

    def publishers_on(self, topic: str) -> int:
        """Return how many publishers a topic has now."""
        return int(self.count_publishers(topic))

    def diagnose(self, name: str, level: bytes, message: str, values: dict[str, object] | None = None) -> None:
        """Set one line of /diagnostics, published at 1 Hz."""
        if self._diagnostics is None:
            self._diagnostics = self.create_publisher(DiagnosticArray, "/diagnostics", 10)
            self.every(1.0, self._publish_diagnostics)
        pairs = [KeyValue(key=key, value=str(value)) for key, value in (values or {}).items()]
        status = DiagnosticStatus(
            level=level, name=f"{self.get_name()}: {name}", message=message, hardware_id="lenger", values=pairs
        )
        self._statuses[name] = status

    async def aside(self, call: Callable[..., T], *arguments: Any) -> T:
        """Return what a call returns that takes long, made by a thread of its own: the timers go on meanwhile."""
        sys.setswitchinterval(SWITCH_S)
        future: Any = Future(executor=self.executor)

        def make() -> None:
            try:
                future.set_result(call(*arguments))
            except Exception as error:
                future.set_exception(error)

        Thread(target=make, daemon=True).start()
        result: T = await future
        return result

    def close(self) -> None:
        """Finish files and threads; called once when the node ends, also on a signal."""

    def _publish_diagnostics(self) -> None:
        if self._diagnostics is not None and self._statuses:
            array = DiagnosticArray(status=list(self._statuses.values()))
            array.header.stamp = self.get_clock().now().to_msg()
            self._diagnostics.publish(array)


def run_node(factory: Callable[[], LengerNode[Any]], spin: Callable[[LengerNode[Any]], None] | None = None) -> None:
    """Be the `main` of a node: make it, spin it until SIGINT or SIGTERM, close it, exit.

    Args:
        factory: makes the node.
        spin: replaces the single-threaded executor's loop, for nodes with a loop of their own.

    Exit codes: 0 ended by a signal, else that of the LengerError, with its line on stderr.
    """
    sys.exit(_run(factory, spin))


def _run(factory: Callable[[], LengerNode[Any]], spin: Callable[[LengerNode[Any]], None] | None) -> int:
    node: LengerNode[Any] | None = None
    try:
        rclpy.init()
        node = factory()
        (spin or _spin)(node)
    except (KeyboardInterrupt, ExternalShutdownException):
        return 0
    except (RCLError, InvalidHandle):
        if rclpy.ok():
            raise
        return 0  # the signal handler of rclpy shut the context down in the middle of a call
    except LengerError as error:
        print(error, file=sys.stderr)
        return error.exit_code
    finally:
        if node is not None:
            node.close()
        rclpy.try_shutdown()
    return 0


def _spin(node: LengerNode[Any]) -> None:
    executor_of(node).spin()
