"""MAVLink 2 framing and messages: pymavlink's generated classes behind a frame scanner that survives any bytes.

Build a message from `mavlink` (pymavlink's ardupilotmega dialect, a superset of common), encode it with
`MavCodec.encode`, decode with `MavCodec.feed`. MAVLink 1 frames are understood too; answers are always MAVLink 2.
Signed frames are refused.
"""

from __future__ import annotations

import struct
from typing import Any, TypeAlias

from pymavlink.dialects.v20 import ardupilotmega as mavlink

from lenger_mavlink import event_message
from lenger_mavlink.message_layout import CRC_START, crc_of, layout_of

event_message.register()

__all__ = ["MavCodec", "MavMessage", "for_us", "mavlink"]

MavMessage: TypeAlias = Any
"""A pymavlink message object: fields as attributes, `get_type()`, `get_srcSystem()`, `get_srcComponent()`."""

_V1 = int(mavlink.PROTOCOL_MARKER_V1)
_V2 = int(mavlink.PROTOCOL_MARKER_V2)
_MARKERS = (_V1, _V2)
_MARK_V2 = bytes([_V2])
_HEADER_V2 = struct.Struct("<BBBBBBHB")
_OVERHEAD_V1 = 8
_OVERHEAD_V2 = 12
_SKIPPED: MavMessage = object()
_UNKNOWN: MavMessage = object()


class MavCodec:
    """Encodes and decodes for one end of one link; it owns the sequence number of what it sends.

    Args:
        system_id, component_id: the sender of what is encoded.
        wanted: message ids that are decoded; others are checked, counted in `skipped` and left alone, at half the
            cost or less. None: all.

    Attributes:
        bad_bytes: bytes dropped because they belonged to no valid frame.
        unknown: frames of messages that the dialect has not.
        received, sent, skipped: messages so far.
    """

    def __init__(self, system_id: int, component_id: int, wanted: frozenset[int] | None = None) -> None:
        self.system_id = system_id
        self.component_id = component_id
        self.bad_bytes = 0
        self.unknown = 0
        self.received = 0
        self.sent = 0
        self.skipped = 0
        self._wanted = wanted
        self._mav = mavlink.MAVLink(None, srcSystem=system_id, srcComponent=component_id)
        self._sequence = 0
        self._buffer = b""

    def want(self, message_ids: frozenset[int] | None) -> None:
        """Decode only these messages from now on; None: all."""
        self._wanted = message_ids

    def encode(self, msg: MavMessage, component_id: int | None = None) -> bytes:
        """Return the MAVLink 2 frame of a message, from another component of our system when one is given.

        Raises:
            struct.error: a field does not fit its wire type.
        """
        component = self.component_id if component_id is None else component_id
        message_id: int = type(msg).id  # a field of the same name may hide it in the object
        layout = layout_of(message_id)
        payload = layout.pack(msg) if layout is not None else None
        if layout is None or payload is None:
            self._mav.seq, self._mav.srcComponent = self._sequence, component
            frame: bytes = msg.pack(self._mav)
        else:
            header = (len(payload), 0, 0, self._sequence, self.system_id, component, message_id & 0xFFFF)
            body = _HEADER_V2.pack(*header, message_id >> 16) + payload
            frame = _MARK_V2 + body + crc_of(layout.crc_extra, crc_of(body, CRC_START)).to_bytes(2, "little")
        self._sequence = (self._sequence + 1) & 0xFF
        self.sent += 1
        return frame

    def feed(self, data: bytes) -> list[MavMessage]:
        """Take bytes as they arrive, in any pieces; return the complete valid messages, in order. Never raises."""
        buffer = self._buffer + data if self._buffer else bytes(data)
        messages: list[MavMessage] = []
        start, end = 0, len(buffer)
        while start < end:
            if buffer[start] not in _MARKERS:
                following = _next_marker(buffer, start)
                self.bad_bytes += following - start
                start = following
                continue
            size = _frame_size(buffer, start)
            if size is None or start + size > end:
                break
            msg = self._decode(buffer, start)
            if msg is None:
                self.bad_bytes += 1
                start += 1
            elif msg is _UNKNOWN:
                # Its checksum cannot be checked, so it counts as a frame only where another one, or nothing, follows.
                whole = start + size == end or buffer[start + size] in _MARKERS
                self.unknown += whole
                self.bad_bytes += not whole
                start += size if whole else 1
            else:
                if msg is not _SKIPPED:
                    messages.append(msg)
                start += size
        self._buffer = buffer[start:]
        self.received += len(messages)
        return messages

    def flush(self) -> None:
        """Forget a partial frame. Links of whole datagrams call it so that a truncated one cannot hold up the next."""
        self.bad_bytes += len(self._buffer)
        self._buffer = b""

    def feed_datagram(self, data: bytes) -> list[MavMessage]:
        """Decode one datagram: `feed`, then whatever is left over is scanned for frames behind a false start."""
        messages = self.feed(data)
        while self._buffer:
            rest = self._buffer[1:]
            self.bad_bytes += 1
            self._buffer = b""
            messages += self.feed(rest)
        return messages

    def _decode(self, buffer: bytes, at: int) -> MavMessage | None:
        """Return the message of the whole frame at an index.

        `_SKIPPED` stands for a valid one that nobody wants, `_UNKNOWN` for one of another dialect, None for what is no
        frame, is signed, or has flags that we do not know.
        """
        if buffer[at] == _V1:
            length, sequence, system, component, message_id = buffer[at + 1 : at + 6]
            start = at + 6
        else:
            length, flags, _, sequence, system, component, low, high = _HEADER_V2.unpack_from(buffer, at + 1)
            start, message_id = at + 10, low | high << 16
            if flags:
                return None
        layout = layout_of(message_id)
        if layout is None:
            return _UNKNOWN
        end = start + length
        crc = crc_of(layout.crc_extra, crc_of(buffer[at + 1 : end], CRC_START))
        if crc != buffer[end] | buffer[end + 1] << 8:
            return None
        if self._wanted is not None and message_id not in self._wanted:
            self.skipped += 1
            return _SKIPPED
        try:
            msg = layout.unpack(buffer[start:end])
        except (ValueError, IndexError, TypeError, struct.error):
            return None
        header = msg._header
        header.mlen, header.seq, header.srcSystem, header.srcComponent = length, sequence, system, component
        msg._msgbuf, msg._crc = buffer[at : end + 2], crc
        return msg


def _next_marker(buffer: bytes, start: int) -> int:
    """Return the index of the first start marker at or after `start`, or the end of the buffer."""
    found = [index for index in (buffer.find(marker, start) for marker in _MARKERS) if index >= 0]
    return min(found) if found else len(buffer)


def _frame_size(buffer: bytes, start: int) -> int | None:
    """Return the length of the frame that starts here, None while too little of its header is there."""
    if start + 1 >= len(buffer):
        return None
    if buffer[start] == mavlink.PROTOCOL_MARKER_V1:
        return buffer[start + 1] + _OVERHEAD_V1
    if start + 2 >= len(buffer):
        return None
    signed = buffer[start + 2] & mavlink.MAVLINK_IFLAG_SIGNED
    return buffer[start + 1] + _OVERHEAD_V2 + (mavlink.MAVLINK_SIGNATURE_BLOCK_LEN if signed else 0)


def for_us(msg: MavMessage, system_id: int, component_id: int) -> bool:
    """Return whether a message is addressed to this system and component (0 is a broadcast, absent fields too)."""
    system = getattr(msg, "target_system", 0)
    component = getattr(msg, "target_component", 0)
    return system in (0, system_id) and component in (0, component_id)
