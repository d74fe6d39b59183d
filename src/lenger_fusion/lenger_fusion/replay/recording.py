"""Flight recordings (.mcap): the MAVROS topics of `lenger_core.wire`, joined to fixes as fusion_node joins them."""

from __future__ import annotations

import struct
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO, Any

from mcap.exceptions import McapError
from mcap.records import Channel, Message, Schema
from mcap.stream_reader import CRCValidationError, StreamReader
from rosbags.serde.errors import SerdeError
from rosbags.typesys import Stores, get_types_from_msg, get_typestore
from rosbags.typesys.base import TypesysError
from zstandard import ZstdError

from lenger_core.errors import InputError
from lenger_core.samples import GnssFix
from lenger_core.wire import TOPICS, TopicSpec
from lenger_fusion.join import FixJoiner
from lenger_fusion.replay.dates import year_of_unix_us
from lenger_fusion.replay.log import LogMeta, SensorLog, require
from lenger_fusion.replay.stream import SENSORS, Sample, recorded, zeroed

_FIX, _VELOCITY, _EXTRAS = (
    "mavros/global_position/raw/fix",
    "mavros/global_position/raw/gps_vel",
    "mavros/gpsstatus/gps1/raw",
)
_SENSOR_OF = {record: sensor for sensor, record in SENSORS.items() if record is not GnssFix}
_TOPICS = {
    name: spec
    for name, spec in TOPICS.items()
    if name.startswith("mavros/") and (spec.record in _SENSOR_OF or name in (_FIX, _VELOCITY, _EXTRAS))
}
_MAX_RECORD = 1 << 30
_LATEST_NS = 1 << 62
_UNIX_2000_NS = 946_684_800_000_000_000
_DAMAGE = (
    McapError,
    CRCValidationError,
    struct.error,
    ValueError,
    RuntimeError,
    EOFError,
    ZstdError,
    OverflowError,
    MemoryError,
)
_UNDECODABLE = (
    SerdeError,
    ValueError,
    AssertionError,
    IndexError,
    TypeError,
    struct.error,
    AttributeError,
    OverflowError,
)
Said = tuple[int, str, Any]
"""Log time in nanoseconds, topic, record."""


@dataclass
class _Tape:
    """What was read: by namespace, in file order."""

    said: dict[str, list[Said]] = field(default_factory=dict)
    decoders: dict[int, tuple[str, str, Callable[[bytes], Any]] | None] = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)
    undecoded: int = 0


def read_recording(path: Path) -> SensorLog:
    """Return a recording; log time 0 s is its first IMU sample.

    Args:
        path: an MCAP file with ROS 2 messages, perhaps cut off by a crash.

    Raises:
        InputError: not readable, no MCAP file, or without IMU or receiver.
    """
    tape = _read(path)
    imu = next(name for name, spec in _TOPICS.items() if _SENSOR_OF.get(spec.record) == "imu")
    flown = [space for space, said in tape.said.items() if any(topic == imu for _, topic, _ in said)]
    if not flown:
        raise InputError(str(path), imu, "no messages", "at least one message of the IMU")
    if len(flown) > 1:
        tape.notes.append(f"vehicle {flown[0]} of {len(flown)}")
    said = sorted(tape.said[flown[0]], key=lambda one: one[0])
    zero_ns = next(record.t_ns for _, topic, record in said if topic == imu)
    if tape.undecoded:
        tape.notes.append(f"{tape.undecoded} messages could not be decoded")
    by_sensor: dict[str, tuple[list[Sample], list[int]]] = {sensor: ([], []) for sensor in SENSORS}
    for arrival_ns, sensor, record in _samples(said):
        by_sensor[sensor][0].append(record)
        by_sensor[sensor][1].append(arrival_ns)
    streams = tuple(recorded(sensor, *zeroed(*pair, zero_ns)) for sensor, pair in by_sensor.items() if pair[0])
    year = year_of_unix_us(said[0][0] / 1000.0) if said[0][0] > _UNIX_2000_NS else None
    log = SensorLog(
        path, "MCAP recording", LogMeta(year=year), streams, tuple(tape.notes), f"ROS time {zero_ns * 1e-9:.6f} s"
    )
    return require(log, {"imu": imu, "gnss": _FIX})


def _read(path: Path) -> _Tape:
    tape = _Tape()
    try:
        with path.open("rb") as file:
            for message, channel, schema in _messages(file, tape.notes):
                _take(tape, message, channel, schema)
    except OSError as error:
        raise InputError(str(path), "", error.strerror or "unreadable", "a readable MCAP file") from error
    return tape


def _messages(file: IO[bytes], notes: list[str]) -> Iterator[tuple[Message, Channel, Schema]]:
    """Yield the messages up to the end of the file or the first damage."""
    schemas: dict[int, Schema] = {}
    channels: dict[int, Channel] = {}
    try:
        for record in StreamReader(file, record_size_limit=_MAX_RECORD, validate_crcs=True).records:
            if isinstance(record, Schema):
                schemas[record.id] = record
            elif isinstance(record, Channel):
                channels[record.id] = record
            elif isinstance(record, Message):
                channel = channels.get(record.channel_id)
                if channel is not None and channel.schema_id in schemas:
                    yield record, channel, schemas[channel.schema_id]
    except _DAMAGE as error:
        notes.append(f"cut off or damaged ({type(error).__name__}); what comes before was read")


def _take(tape: _Tape, message: Message, channel: Channel, schema: Schema) -> None:
    if channel.id not in tape.decoders:
        tape.decoders[channel.id] = _decoder(channel, schema)
    decoder = tape.decoders[channel.id]
    if decoder is None:
        return
    space, topic, decode = decoder
    try:
        record = decode(message.data)
    except _UNDECODABLE:
        tape.undecoded += 1
        return
    if message.log_time < _LATEST_NS:
        tape.said.setdefault(space, []).append((message.log_time, topic, record))


def _decoder(channel: Channel, schema: Schema) -> tuple[str, str, Callable[[bytes], Any]] | None:
    """Return (namespace, our topic, bytes to record) of a channel; None for what the estimator does not listen to."""
    named = next((name for name in _TOPICS if f"/{channel.topic.lstrip('/')}".endswith(f"/{name}")), None)
    if named is None or channel.message_encoding != "cdr" or schema.encoding != "ros2msg":
        return None
    spec: TopicSpec = _TOPICS[named]
    if schema.name != spec.ros_type:
        return None
    store = get_typestore(Stores.EMPTY)
    try:
        store.register(get_types_from_msg(schema.data.decode("utf-8"), schema.name))
    except (TypesysError, ValueError, KeyError):
        return None
    space = channel.topic.lstrip("/")[: -len(named)].strip("/")
    return space, named, lambda data: spec.decode(store.deserialize_cdr(data, spec.ros_type))


def _samples(said: list[Said]) -> Iterator[tuple[int, str, Sample]]:
    """Yield (arrival, sensor, record); a fix arrives with the message that completes it."""
    joiner = FixJoiner()
    for arrival_ns, topic, record in said:
        if topic == _EXTRAS:
            joiner.on_extras(record)
            continue
        if topic in (_FIX, _VELOCITY):
            fix = joiner.on_fix(record) if topic == _FIX else joiner.on_velocity(record)
            if fix is not None:
                yield arrival_ns, "gnss", fix
            continue
        yield arrival_ns, _SENSOR_OF[type(record)], record
