"""An autopilot made of single messages, beside an endpoint core that is asked for every topic."""

from __future__ import annotations

import random
import sys
from math import inf, nan
from typing import Any

from lenger_bridge.endpoint import EndpointCore
from lenger_bridge.settings import EndpointSettings
from lenger_core.ros.types import rclpy_types
from lenger_core.wire import TOPICS
from lenger_mavlink.codec import MavCodec, MavMessage, mavlink

SECOND = 1_000_000_000
BITS = {"uint8_t": 8, "uint16_t": 16, "uint32_t": 32, "uint64_t": 64, "int8_t": 8, "int16_t": 16, "int32_t": 32}
BITS["int64_t"] = 64


def heartbeat(
    autopilot: int = mavlink.MAV_AUTOPILOT_PX4, base_mode: int = 81, custom_mode: int = 3 << 24 | 4 << 16
) -> Any:
    """Return HEARTBEAT; by default PX4's in AUTO.LOITER."""
    return mavlink.MAVLink_heartbeat_message(mavlink.MAV_TYPE_QUADROTOR, autopilot, base_mode, custom_mode, 4, 3)


class Fcu:
    """Sends messages and shows what the endpoint publishes, by topic and as ROS messages."""

    def __init__(self, autopilot: int = mavlink.MAV_AUTOPILOT_PX4, **settings: Any) -> None:
        self.core = EndpointCore(EndpointSettings(automatic_pulls=False, **settings), checked_types)
        self.core.want([stream.topic for stream in self.core.streams] + list(self.core.records))
        self.codec = MavCodec(1, 1)
        self.now_ns = 100 * SECOND
        self.send(heartbeat(autopilot))

    def send(self, message: MavMessage) -> dict[str, Any]:
        """Return what is published because of one message: the last by topic, without "mavros/"."""
        return self.take(self.codec.encode(message))

    def take(self, data: bytes) -> dict[str, Any]:
        """Return what is published because of some bytes."""
        published = self.core.on_bytes(data, self.now_ns)
        return {topic.removeprefix("mavros/"): as_message(topic, entry) for topic, entry in published}

    def say(self, topic: str, message: Any) -> list[MavMessage]:
        """Return what the endpoint sends for a ROS message on an input topic."""
        return MavCodec(1, 1).feed(self.core.receive(f"mavros/{topic}", message, self.now_ns))

    def step(self, seconds: float = 0.0) -> list[MavMessage]:
        """Let time pass and return what the endpoint sends then."""
        self.now_ns += int(seconds * SECOND)
        return MavCodec(1, 1).feed(self.core.step(self.now_ns).bytes_out)


def as_message(topic: str, entry: Any) -> Any:
    """Return a published entry as ROS message."""
    is_record = topic in TOPICS and isinstance(entry, TOPICS[topic].record)
    return TOPICS[topic].encode(checked_types, entry) if is_record else entry


UNCHECKED: dict[str, str] = {}
"""Message modules whose checks `checked_types` has turned on, and what their switch was."""


def checked_types(name: str) -> Any:
    """Return a message class whose fields check what they are given (left out by default, as the nodes run).

    The switch is the whole module's: tests/bridge/conftest.py turns it back.
    """
    kind = rclpy_types(name)
    module: Any = sys.modules[kind.__module__]
    UNCHECKED.setdefault(kind.__module__, module.ros_python_check_fields)
    module.ros_python_check_fields = "1"
    return kind


def any_message(name: str, rng: random.Random) -> MavMessage:
    """Return a MAVLink message of this name whose fields hold anything, the ends of their ranges often."""
    kind = getattr(mavlink, f"MAVLink_{name.lower()}_message")
    lengths = dict(zip(kind.ordered_fieldnames, kind.array_lengths, strict=True))
    return kind(*(_value(ctype, lengths[n], rng) for n, ctype in zip(kind.fieldnames, kind.fieldtypes, strict=True)))


def _value(ctype: str, length: int, rng: random.Random) -> Any:
    if ctype == "char":
        return rng.randbytes(rng.randint(0, length))
    return [_number(ctype, rng) for _ in range(length)] if length > 1 else _number(ctype, rng)


def _number(ctype: str, rng: random.Random) -> float | int:
    if ctype not in BITS:
        return rng.choice([0.0, nan, inf, -inf, 3.4e38, -3.4e38, rng.uniform(-10.0, 10.0), rng.uniform(-1e6, 1e6)])
    top = 2 ** BITS[ctype]
    low, high = (0, top - 1) if ctype.startswith("u") else (-top // 2, top // 2 - 1)
    return rng.choice([low, high, 0, rng.randint(low, high), rng.randint(max(low, -100), min(high, 100))])
