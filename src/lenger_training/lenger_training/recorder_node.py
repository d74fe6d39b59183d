"""recorder_node: writes every recorded topic into flight.mcap, bytes as they come. An observer.

Messages are never decoded. The file is flushed every second of wall time, so that a kill loses no more than that; what
a kill leaves is read, and repaired, by `lenger_training.recording`.
"""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path

from rclpy.clock import Clock, ClockType
from rclpy.qos import QoSProfile, ReliabilityPolicy

from lenger_core.errors import FlightError, InputError, MissingError
from lenger_core.ros.node import LengerNode, run_node
from lenger_core.ros.qos import profile
from lenger_core.ros.types import rclpy_types
from lenger_core.wire import TOPICS, TopicSpec
from lenger_training.mcap_file import FlightWriter
from lenger_training.recording import absolute_name
from lenger_training.settings import RecorderSettings

FLUSH_EVERY_S = 1.0
DEPTH = 50
"""Of every subscription: a burst must not lose a message while the disk is slow."""


class RecorderNode(LengerNode[RecorderSettings]):
    """Subscribes to all that is recorded, whether it has a publisher yet or not."""

    def __init__(self) -> None:
        self._writer: FlightWriter | None = None
        super().__init__("recorder", RecorderSettings)
        path = _new_file(self.settings.out)
        self._writer = FlightWriter(path)
        for spec in TOPICS.values():
            if spec.recorded:
                self._record(spec)
        self.create_timer(FLUSH_EVERY_S, self._flush, clock=Clock(clock_type=ClockType.STEADY_TIME))
        self.get_logger().info(f"recording to {path}")

    def close(self) -> None:
        """Finish the file."""
        if self._writer is not None:
            self._writer.close()

    def _record(self, spec: TopicSpec) -> None:
        try:
            message_type = rclpy_types(spec.ros_type)
        except ImportError as error:
            raise MissingError(f"the message {spec.ros_type} is not built", "./lenger doctor") from error
        self.create_subscription(message_type, spec.name, self._sink(spec), _recording_qos(spec), raw=True)

    def _sink(self, spec: TopicSpec) -> Callable[[bytes], None]:
        """A callback that opens its channel at the first message."""
        channel: int | None = None

        def take(data: bytes) -> None:
            nonlocal channel
            if self._writer is None:
                return
            try:
                if channel is None:
                    name = absolute_name(spec.name, self.get_namespace().strip("/"))
                    channel = self._writer.add_channel(name, spec.ros_type, spec.qos)
                self._writer.write(channel, self.now_ns(), data)
            except OSError as error:
                raise FlightError(f"recording to {self.settings.out}: {error.strerror}") from error

        return take

    def _flush(self) -> None:
        if self._writer is not None:
            try:
                self._writer.flush()
            except OSError as error:
                raise FlightError(f"recording to {self.settings.out}: {error.strerror}") from error


def _new_file(out: str) -> Path:
    path = Path(out) / "flight.mcap"
    if not out:
        raise InputError("node recorder", "out", out, "the folder for flight.mcap")
    try:
        path.parent.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError("node recorder", "out", out, f"a folder that can be made ({error.strerror})") from error
    if path.exists():
        raise InputError("node recorder", "out", out, "a folder without a flight.mcap: nothing is overwritten")
    return path


def _recording_qos(spec: TopicSpec) -> QoSProfile:
    """Ask for no more than is offered: best effort where MAVROS or its clients offer only that."""
    qos = profile(spec.qos, publish=True)
    loose = spec.qos == "command" and spec.name.startswith("mavros/")
    return QoSProfile(
        history=qos.history,
        depth=max(DEPTH, qos.depth),
        reliability=ReliabilityPolicy.BEST_EFFORT if loose else qos.reliability,
        durability=qos.durability,
    )


def main() -> None:
    """Run the node."""
    run_node(RecorderNode)


if __name__ == "__main__":
    main()
