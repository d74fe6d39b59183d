"""MCAP files as rosbag2 writes them (profile "ros2", CDR), and a reader that takes what a crash left of one."""

from __future__ import annotations

import os
import struct
import zlib
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from io import BytesIO
from pathlib import Path
from typing import IO, NamedTuple

import lz4.frame  # type: ignore[import-untyped]
import zstandard
from mcap.data_stream import ReadDataStream
from mcap.exceptions import McapError
from mcap.opcode import Opcode
from mcap.records import Channel, Chunk, Metadata, Schema
from mcap.writer import MCAP0_MAGIC, CompressionType, Writer

from lenger_core.errors import InputError
from lenger_core.whole_file import replacing
from lenger_training.message_types import schema_text, type_hash
from lenger_training.qos_text import offered_qos

CHUNK_BYTES = 1 << 20
MAX_RECORD_BYTES = 1 << 30
_MESSAGE = struct.Struct("<HIQQ")
_FOOTER_BYTES = 9 + 20


class RawMessage(NamedTuple):
    """One serialized message."""

    channel_id: int
    sequence: int
    log_time_ns: int
    publish_time_ns: int
    data: bytes


class FlightWriter:
    """Writes serialized messages into one MCAP file. `flush` makes everything so far survive a kill of the process.

    Args:
        path: the file, created or overwritten.
    """

    def __init__(self, path: Path) -> None:
        self._file = path.open("wb")
        self._writer = _start_writer(self._file)
        self._writer.add_metadata("rosbag2", {"ROS_DISTRO": "jazzy"})
        self._schemas: dict[str, int] = {}
        self._sequences: list[int] = [0]

    def add_channel(self, topic: str, ros_type: str, qos: str) -> int:
        """Return the channel of an absolute topic name; `qos` is a profile name of `lenger_core.wire`."""
        if ros_type not in self._schemas:
            text = schema_text(ros_type).encode()
            self._schemas[ros_type] = self._writer.register_schema(ros_type, "ros2msg", text)
        metadata = {"offered_qos_profiles": offered_qos(qos), "topic_type_hash": type_hash(ros_type)}
        self._sequences.append(0)
        return self._writer.register_channel(topic, "cdr", self._schemas[ros_type], metadata)

    def write(self, channel: int, t_ns: int, data: bytes) -> None:
        """Add one serialized message, logged and published at `t_ns`."""
        sequence = self._sequences[channel]
        self._sequences[channel] = sequence + 1
        self._writer.add_message(channel, t_ns, data, t_ns, sequence)

    def flush(self) -> None:
        """End the chunk and hand it to the operating system."""
        self._writer.flush()  # type: ignore[no-untyped-call]

    def close(self) -> None:
        """Write the summary and close the file."""
        if not self._file.closed:
            self._writer.finish()  # type: ignore[no-untyped-call]
            self._file.close()


@dataclass
class Contents:
    """What could be read of an MCAP file; `messages` is an iterator that fills the rest as it goes."""

    schemas: dict[int, Schema] = field(default_factory=dict)
    channels: dict[int, Channel] = field(default_factory=dict)
    metadata: list[Metadata] = field(default_factory=list)
    complete: bool = False
    """True when the file is a finished one and was read to its end."""


def is_complete(path: Path) -> bool:
    """Return whether the file ends as a finished MCAP file does: a footer, then the magic."""
    with path.open("rb") as file:
        size = file.seek(0, os.SEEK_END)
        if size < 2 * len(MCAP0_MAGIC) + _FOOTER_BYTES:
            return False
        file.seek(size - len(MCAP0_MAGIC) - _FOOTER_BYTES)
        tail = file.read()
    return tail.endswith(MCAP0_MAGIC) and tail[:9] == struct.pack("<BQ", Opcode.FOOTER, 20)


def scan(path: Path, contents: Contents, wanted: Callable[[Channel], bool] = lambda _: True) -> Iterator[RawMessage]:
    """Yield the messages of the wanted channels up to the end of the file or the first damage, in file order.

    Args:
        path: an MCAP file, perhaps truncated anywhere.
        contents: filled while scanning.
        wanted: chooses channels; asked once for each.

    Raises:
        InputError: not readable, or not an MCAP file at all.
    """
    try:
        file = path.open("rb")
    except OSError as error:
        raise InputError(str(path), "", error.strerror or "unreadable", "a readable MCAP file") from error
    with file:
        magic = file.read(len(MCAP0_MAGIC))
        if magic != MCAP0_MAGIC[: len(magic)]:
            raise InputError(str(path), "", magic, "an MCAP file")
        chosen: set[int] = set()
        for opcode, body in _records(file):
            if opcode == Opcode.FOOTER:
                contents.complete = is_complete(path)
                return
            try:
                messages = _take(opcode, body, contents, chosen, wanted)
            except (struct.error, ValueError, RuntimeError, EOFError, McapError, zstandard.ZstdError):
                return
            yield from messages


def rewrite(path: Path) -> int:
    """Write what can be read of `path` as a complete file in its place, atomically; return the number of messages."""
    contents, count = Contents(), 0
    with replacing(path, f".{path.name}.repair") as temporary, temporary.open("wb") as file:
        writer = _start_writer(file)
        schemas: dict[int, int] = {}
        channels: dict[int, int] = {}
        for message in scan(path, contents):
            if message.channel_id not in channels:
                old = contents.channels[message.channel_id]
                if old.schema_id not in schemas:
                    schema = contents.schemas[old.schema_id]
                    schemas[old.schema_id] = writer.register_schema(schema.name, schema.encoding, schema.data)
                channels[message.channel_id] = writer.register_channel(
                    old.topic, old.message_encoding, schemas[old.schema_id], old.metadata
                )
            writer.add_message(
                channels[message.channel_id],
                message.log_time_ns,
                message.data,
                message.publish_time_ns,
                message.sequence,
            )
            count += 1
        for entry in contents.metadata:
            writer.add_metadata(entry.name, entry.metadata)
        writer.finish()  # type: ignore[no-untyped-call]
    return count


def _start_writer(file: IO[bytes]) -> Writer:
    writer = Writer(file, chunk_size=CHUNK_BYTES, compression=CompressionType.ZSTD)
    writer.start(profile="ros2", library="lenger")
    return writer


def _records(file: IO[bytes]) -> Iterator[tuple[int, bytes]]:
    """Yield (opcode, body) of whole top-level records; index records are skipped unread."""
    skipped = (Opcode.MESSAGE_INDEX, Opcode.CHUNK_INDEX, Opcode.ATTACHMENT)
    while len(head := file.read(9)) == 9:
        opcode, length = struct.unpack("<BQ", head)
        if length > MAX_RECORD_BYTES:
            return
        if opcode in skipped:
            file.seek(length, os.SEEK_CUR)
            continue
        body = file.read(length)
        if len(body) < length:
            return
        yield opcode, body


def _take(
    opcode: int, body: bytes, contents: Contents, chosen: set[int], wanted: Callable[[Channel], bool]
) -> list[RawMessage]:
    """Take one record; return the messages in it."""
    if opcode == Opcode.CHUNK:
        found: list[RawMessage] = []
        for inner, part in _chunk_records(Chunk.read(ReadDataStream(BytesIO(body)))):
            found += _take(inner, part, contents, chosen, wanted)
        return found
    if opcode == Opcode.MESSAGE:
        channel_id, sequence, log_time, publish_time = _MESSAGE.unpack_from(body)
        if channel_id not in chosen:
            return []
        return [RawMessage(channel_id, sequence, log_time, publish_time, body[_MESSAGE.size :])]
    stream = ReadDataStream(BytesIO(body))
    if opcode == Opcode.SCHEMA:
        schema = Schema.read(stream)
        contents.schemas[schema.id] = schema
    elif opcode == Opcode.CHANNEL:
        channel = Channel.read(stream)
        if channel.id not in contents.channels and channel.schema_id in contents.schemas and wanted(channel):
            chosen.add(channel.id)
        contents.channels[channel.id] = channel
    elif opcode == Opcode.METADATA:
        contents.metadata.append(Metadata.read(stream))
    return []


def _chunk_records(chunk: Chunk) -> Iterator[tuple[int, bytes]]:
    if chunk.uncompressed_size > MAX_RECORD_BYTES:
        raise ValueError(f"chunk of {chunk.uncompressed_size} bytes")
    if chunk.compression == "zstd":
        data = zstandard.decompress(chunk.data, chunk.uncompressed_size)
    elif chunk.compression == "lz4":
        data = lz4.frame.decompress(chunk.data)
    else:
        data = chunk.data
    if chunk.uncompressed_crc and zlib.crc32(data) != chunk.uncompressed_crc:
        raise ValueError("chunk checksum")
    position = 0
    while position < len(data):
        opcode, length = struct.unpack_from("<BQ", data, position)
        position += 9
        yield opcode, data[position : position + length]
        position += length
