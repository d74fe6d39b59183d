"""MAVLink's file transfer, refused: a client that asks for files is told at once that there are none.

Clients look for component metadata by it (COMPONENT_METADATA names such files) and would wait for a silent server.
"""

from __future__ import annotations

from lenger_mavlink.codec import MavMessage, mavlink
from lenger_sim.channels import Channel

_SIZE = 251
_ACK, _NAK = 128, 129
_NOT_FOUND, _NO_SESSION, _UNKNOWN = 10, 3, 7
_TERMINATE, _RESET = 1, 2
_BY_SESSION = (5, 7, 15)
"""Reading, writing and burst reading name a session."""
_BY_NAME = (3, 4, 6, 8, 9, 10, 11, 12, 13, 14)


def refuse_file_transfer(msg: MavMessage, channel: Channel, _now_ns: int) -> None:
    """Answer FILE_TRANSFER_PROTOCOL: sessions may be ended, every file and folder is "not found".

    Header (MAVLink FTP): sequence number, session, operation, size, requested operation, burst flag, offset, data.
    """
    payload = bytes(msg.payload)
    sequence = (int.from_bytes(payload[:2], "little") + 1) & 0xFFFF
    operation = payload[3]
    good = operation in (_TERMINATE, _RESET)
    error = _NOT_FOUND if operation in _BY_NAME else _NO_SESSION if operation in _BY_SESSION else _UNKNOWN
    head = bytes((payload[2], _ACK if good else _NAK, 0 if good else 1, operation, 0, 0))
    answer = sequence.to_bytes(2, "little") + head + payload[8:12] + (b"" if good else bytes((error,)))
    peer = (msg.get_srcSystem(), msg.get_srcComponent())
    channel.send(mavlink.MAVLink_file_transfer_protocol_message(0, *peer, list(answer.ljust(_SIZE, b"\0"))))
