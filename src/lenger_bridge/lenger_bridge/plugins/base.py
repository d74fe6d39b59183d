"""What a plugin of the endpoint is: one file a group of MAVROS plugins, and in it everything of that group.

A plugin turns MAVLink messages into topics and topics into MAVLink messages. What our own cores read leaves as records
of `lenger_core.wire.TOPICS`. The rest of MAVROS's interface leaves as ROS messages (`Stream`), filled straight from the
MAVLink message and only while somebody listens, so that a rarely used topic costs nothing.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass
from typing import Any

from lenger_bridge.plugins.uas import Uas
from lenger_core.wire_types import TypeFactory
from lenger_mavlink.codec import MavMessage

Published = list[tuple[str, Any]]
"""(topic, record of lenger_core.wire.TOPICS or ROS message of a Stream)."""
Handler = Callable[[Any, int], Published]
"""(MAVLink message, now_ns) -> what to publish."""
Fill = Callable[[TypeFactory, Any, int], Any]
"""(message classes, MAVLink message, now_ns) -> ROS message; None when there is nothing to publish."""


@dataclass(frozen=True, slots=True)
class Stream:
    """A topic that is filled from MAVLink messages while somebody listens.

    Attributes:
        topic: relative to the vehicle's namespace.
        ros_type: "package/msg/Name".
        qos: name of a profile of `lenger_core.ros.qos`.
        fills: MAVLink message name to what fills the topic from it; empty for topics that the plugin publishes itself.
    """

    topic: str
    ros_type: str
    qos: str
    fills: Mapping[str, Fill]


@dataclass(frozen=True, slots=True)
class Input:
    """A topic that the endpoint listens to.

    Attributes:
        topic, ros_type, qos: as for `Stream`.
        read: (ROS message, now_ns) -> MAVLink messages to send; raises InputError for what must not be sent.
    """

    topic: str
    ros_type: str
    qos: str
    read: Callable[[Any, int], list[MavMessage]]


@dataclass(frozen=True, slots=True)
class Diagnosis:
    """One line of /diagnostics: `level` 0 ok, 1 warning, 2 error."""

    name: str
    level: int
    text: str
    values: Mapping[str, object]


class Plugin:
    """Base of the plugins. All of them share one `Uas`.

    Attributes:
        records: topics of `lenger_core.wire.TOPICS` that the plugin publishes.
    """

    records: tuple[str, ...] = ()

    def __init__(self, uas: Uas) -> None:
        self.uas = uas

    def handlers(self) -> dict[str, Handler]:
        """Return what always runs, by MAVLink message name: records, and whatever must be remembered."""
        return {}

    def streams(self) -> tuple[Stream, ...]:
        """Return the topics that are filled on demand."""
        return ()

    def inputs(self) -> tuple[Input, ...]:
        """Return the topics to listen to."""
        return ()

    def on_connection(self, connected: bool) -> None:
        """Forget what belongs to a vehicle that has gone or come anew."""

    def step(self, now_ns: int) -> Published:
        """Return what time alone brings about."""
        return []

    def diagnoses(self) -> tuple[Diagnosis, ...]:
        """Return lines for /diagnostics."""
        return ()
