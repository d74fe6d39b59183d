"""The fast way between messages and bytes against pymavlink's own, for every message of the dialect."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lenger_mavlink.codec import MavCodec, mavlink
from lenger_mavlink.message_layout import layout_of

EVERY = sorted(mavlink.mavlink_map)


def pymavlink_frame(message_id: int, payload: bytes, system: int = 3, version_1: bool = False) -> bytes:
    """Return a frame with any payload, put together by pymavlink's parts."""
    if version_1:
        head = bytes([len(payload), 7, system, 4, message_id])
    else:
        head = bytes([len(payload), 0, 0, 7, system, 4]) + message_id.to_bytes(3, "little")
    crc = mavlink.x25crc(head + payload + bytes([mavlink.mavlink_map[message_id].crc_extra])).crc
    return bytes([0xFE if version_1 else 0xFD]) + head + payload + crc.to_bytes(2, "little")


def shown(msg: Any) -> tuple[object, ...]:
    header = msg.get_header()
    source = (header.seq, header.srcSystem, header.srcComponent, header.mlen, header.msgId)
    return (msg.get_type(), repr(msg.to_dict()), source, msg.get_crc())


@settings(max_examples=1500)
@given(st.sampled_from(EVERY), st.binary(max_size=255), st.booleans())
def test_decodes_as_pymavlink_does(message_id: int, payload: bytes, version_1: bool) -> None:
    frame = pymavlink_frame(message_id, payload or b"\0", version_1=version_1 and message_id < 256)
    (ours,) = MavCodec(1, 1).feed(frame)
    assert shown(ours) == shown(mavlink.MAVLink(None).decode(bytearray(frame)))


@settings(max_examples=1500)
@given(st.sampled_from(EVERY), st.binary(max_size=255))
def test_encodes_as_pymavlink_does(message_id: int, payload: bytes) -> None:
    layout = layout_of(message_id)
    assert layout is not None
    msg = layout.unpack(payload)
    assert MavCodec(9, 8).encode(msg) == msg.pack(mavlink.MAVLink(None, srcSystem=9, srcComponent=8))


def test_unwanted_messages_are_checked_and_skipped() -> None:
    sender = MavCodec(1, 1)
    codec = MavCodec(2, 2, frozenset({mavlink.MAVLINK_MSG_ID_HEARTBEAT}))
    attitude = sender.encode(mavlink.MAVLink_attitude_message(5, 1, 2, 3, 4, 5, 6))
    heartbeat = sender.encode(mavlink.MAVLink_heartbeat_message(2, 12, 81, 7, 4, 3))
    broken = bytearray(attitude)
    broken[15] ^= 1
    assert [m.get_type() for m in codec.feed(attitude + heartbeat + bytes(broken) + attitude)] == ["HEARTBEAT"]
    assert (codec.received, codec.skipped, codec.bad_bytes) == (1, 2, len(broken))


def test_signed_frames_and_unknown_flags_are_refused() -> None:
    frame = bytearray(MavCodec(1, 1).encode(mavlink.MAVLink_heartbeat_message(2, 12, 81, 7, 4, 3)))
    for flags, extra in ((1, bytes(13)), (2, b"")):
        flagged = bytes([*frame[:2], flags, *frame[3:]])
        crc = mavlink.x25crc(flagged[1:-2] + bytes([mavlink.MAVLink_heartbeat_message.crc_extra])).crc
        codec = MavCodec(2, 2)
        assert codec.feed_datagram(flagged[:-2] + crc.to_bytes(2, "little") + extra) == []
        assert codec.bad_bytes == len(frame) + len(extra)


@pytest.mark.parametrize("component", [None, 42])
def test_sender_and_sequence(component: int | None) -> None:
    codec, receiver = MavCodec(9, 8), MavCodec(1, 1)
    messages = [
        mavlink.MAVLink_heartbeat_message(2, 12, 81, 7, 4, 3),
        mavlink.MAVLink_statustext_message(6, b"text is packed by pymavlink", 0, 0),
        mavlink.MAVLink_heartbeat_message(2, 12, 81, 7, 4, 3),
    ]
    got = [receiver.feed(codec.encode(msg, component))[0] for msg in messages]
    assert [(m.get_seq(), m.get_srcSystem(), m.get_srcComponent()) for m in got] == [
        (n, 9, component or 8) for n in range(3)
    ]
