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

event_message.register()

__all__ = ["MavCodec", "MavMessage", "for_us", "mavlink"]

MavMessage: TypeAlias = Any
"""A pymavlink message object: fields as attributes, `get_type()`, `get_srcSystem()`, `get_srcComponent()`."""

_MARKERS = (mavlink.PROTOCOL_MARKER_V1, mavlink.PROTOCOL_MARKER_V2)
_OVERHEAD_V1 = 8
_OVERHEAD_V2 = 12


class MavCodec:
    """Encodes and decodes for one end of one link; it owns the sequence number of what it sends.

    Attributes:
        bad_bytes: bytes dropped because they belonged to no valid frame.
        unknown: frames of messages that the dialect has not.
        received, sent: messages so far.
    """

    def __init__(self, system_id: int, component_id: int, wanted: frozenset[int] | None = None) -> None:
        self._wanted = wanted
        self.system_id = system_id
        self.component_id = component_id
        self.bad_bytes = 0
        self.unknown = 0
        self.received = 0
        self.sent = 0
        self._mav = mavlink.MAVLink(None, srcSystem=system_id, srcComponent=component_id)
        self._buffer = bytearray()

    def encode(self, msg: MavMessage, component_id: int | None = None) -> bytes:
        """Return the MAVLink 2 frame of a message, from another component of our system when one is given.

        Raises:
            struct.error: a field does not fit its wire type.
        """
        self._mav.srcComponent = self.component_id if component_id is None else component_id
        frame: bytes = msg.pack(self._mav)
        self._mav.seq = (self._mav.seq + 1) & 0xFF
        self.sent += 1
        return frame

    def feed(self, data: bytes) -> list[MavMessage]:
        """Take bytes as they arrive, in any pieces; return the complete valid messages, in order. Never raises."""
        buffer = self._buffer
        buffer += data
        messages: list[MavMessage] = []
        start = 0
        while start < len(buffer):
            if buffer[start] not in _MARKERS:
                following = _next_marker(buffer, start)
                self.bad_bytes += following - start
                start = following
                continue
            size = _frame_size(buffer, start)
            if size is None or start + size > len(buffer):
                break
            msg = self._decode(buffer[start : start + size])
            if msg is None:
                self.bad_bytes += 1
                start += 1
            elif not isinstance(msg, mavlink.MAVLink_unknown):
                messages.append(msg)
                start += size
            else:
                # Its checksum cannot be checked, so it counts as a frame only where another one, or nothing, follows.
                whole = start + size == len(buffer) or buffer[start + size] in _MARKERS
                self.unknown += whole
                self.bad_bytes += not whole
                start += size if whole else 1
        del buffer[:start]
        self.received += len(messages)
        return messages

    def flush(self) -> None:
        """Forget a partial frame. Links of whole datagrams call it so that a truncated one cannot hold up the next."""
        self.bad_bytes += len(self._buffer)
        self._buffer.clear()

    def feed_datagram(self, data: bytes) -> list[MavMessage]:
        """Decode one datagram: `feed`, then whatever is left over is scanned for frames behind a false start."""
        messages = self.feed(data)
        while self._buffer:
            rest = bytes(self._buffer[1:])
            self.bad_bytes += 1
            self._buffer.clear()
            messages += self.feed(rest)
        return messages

    def _decode(self, frame: bytearray) -> MavMessage | None:
        try:
            return self._mav.decode(frame)
        except (mavlink.MAVError, struct.error, ValueError, UnicodeDecodeError, IndexError, TypeError):
            return None


def _next_marker(buffer: bytearray, start: int) -> int:
    """Return the index of the first start marker at or after `start`, or the end of the buffer."""
    found = [index for index in (buffer.find(marker, start) for marker in _MARKERS) if index >= 0]
    return min(found) if found else len(buffer)


def _frame_size(buffer: bytearray, start: int) -> int | None:
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
