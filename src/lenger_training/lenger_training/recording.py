"""Recordings of flights: typed records by topic, from any MCAP with our topics, finished or cut off."""

from __future__ import annotations

from collections.abc import Collection, Mapping
from dataclasses import dataclass
from pathlib import Path
from types import MappingProxyType
from typing import Any

from lenger_core.wire import TOPICS, TopicSpec
from lenger_training.mcap_file import Contents, FlightWriter, is_complete, rewrite, scan
from lenger_training.message_types import type_store

FLUSH_EVERY_NS = 1_000_000_000


@dataclass(frozen=True)
class FlightRecording:
    """What was recorded: records by relative topic name, each list in the order of the log.

    Attributes:
        records: topic -> records; a topic that was not recorded has no key.
        first_ns, last_ns: log times of the first and last message, 0 when there is none.
        truncated: the file ended without a footer: the recorder was killed.
        undecoded: messages whose bytes did not fit their type.
    """

    records: Mapping[str, tuple[Any, ...]]
    first_ns: int
    last_ns: int
    truncated: bool
    undecoded: int = 0

    def of(self, topic: str) -> tuple[Any, ...]:
        """Return the records of a topic, empty when it was not recorded."""
        return self.records.get(topic, ())


def read_flight(path: Path, topics: Collection[str] | None = None) -> FlightRecording:
    """Return the records of a flight, up to the cut when the file is truncated.

    Args:
        path: an MCAP file.
        topics: relative names to decode, None for all of `lenger_core.wire.TOPICS`.

    Raises:
        InputError: not readable, or not an MCAP file at all.
    """
    contents, store = Contents(), type_store()
    specs: dict[int, TopicSpec | None] = {}
    records: dict[str, list[tuple[int, Any]]] = {}
    first = last = undecoded = 0

    for message in scan(path, contents):
        first = message.log_time_ns if first == 0 else min(first, message.log_time_ns)
        last = max(last, message.log_time_ns)
        if message.channel_id not in specs:
            channel = contents.channels[message.channel_id]
            specs[message.channel_id] = _spec_of(channel.topic, contents.schemas[channel.schema_id].name)
        spec = specs[message.channel_id]
        if spec is None or (topics is not None and spec.name not in topics):
            continue
        try:
            record = spec.decode(store.deserialize_cdr(message.data, spec.ros_type))
        except (ValueError, AssertionError, IndexError):
            undecoded += 1
            continue
        records.setdefault(spec.name, []).append((message.log_time_ns, record))

    ordered = {name: tuple(r for _, r in sorted(rows, key=_log_time)) for name, rows in sorted(records.items())}
    return FlightRecording(MappingProxyType(ordered), first, last, not contents.complete, undecoded)


def repair(path: Path) -> bool:
    """Finish a truncated recording in place, atomically; return whether it needed it.

    Raises:
        InputError: not readable, or not an MCAP file at all.
    """
    if not path.is_file() or is_complete(path):
        return False
    rewrite(path)
    return True


class LockstepRecorder:
    """Records a lockstep flight: the same topics, types and file as recorder_node, without ROS.

    Records are kept for up to a second and then serialized together: in one go that costs less than half.

    Args:
        path: the MCAP file to write.
        namespace: in front of every relative topic.
    """

    def __init__(self, path: Path, namespace: str = "") -> None:
        self._writer = FlightWriter(path)
        self._namespace = namespace.strip("/")
        self._store = type_store()
        self._channels: dict[str, tuple[int, TopicSpec] | None] = {}
        self._kept: list[tuple[str, Any, int]] = []
        self._flushed_ns = 0

    def record(self, topic: str, record: Any, t_ns: int) -> None:
        """Record one record at simulated time `t_ns`; topics that are not recorded are passed over."""
        self._kept.append((topic, record, t_ns))
        if t_ns - self._flushed_ns >= FLUSH_EVERY_NS:
            self._flushed_ns = t_ns
            self._write()
            self._writer.flush()

    def close(self) -> None:
        """Finish the file; a second call does nothing."""
        try:
            self._write()
        finally:
            self._writer.close()

    def _write(self) -> None:
        channels, serialize, write = self._channels, self._store.serialize_cdr, self._writer.write
        types, done = self._store.types.__getitem__, 0
        try:
            for topic, record, t_ns in self._kept:
                done += 1
                known = channels[topic] if topic in channels else self._open(topic)
                if known is not None:
                    channel, spec = known
                    write(channel, t_ns, bytes(serialize(spec.encode(types, record), spec.ros_type)))
        finally:
            del self._kept[:done]  # after an interrupt, too: nothing is written twice

    def _open(self, topic: str) -> tuple[int, TopicSpec] | None:
        spec = TOPICS[topic]
        known = None
        if spec.recorded:
            name = absolute_name(topic, self._namespace)
            known = (self._writer.add_channel(name, spec.ros_type, spec.qos), spec)
        self._channels[topic] = known
        return known


def absolute_name(topic: str, namespace: str = "") -> str:
    """Return the absolute name of a relative topic in a vehicle's namespace."""
    return f"/{namespace}/{topic}" if namespace else f"/{topic}"


def _spec_of(name: str, ros_type: str) -> TopicSpec | None:
    """The topic of ours that an absolute name means, whatever the namespace; None for foreign topics and types."""
    for topic, spec in TOPICS.items():
        if (name == f"/{topic}" or name.endswith(f"/{topic}")) and spec.ros_type == ros_type:
            return spec
    return None


def _log_time(row: tuple[int, Any]) -> int:
    return row[0]
