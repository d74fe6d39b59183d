"""The codec survives any bytes and loses no valid frame among them."""

from __future__ import annotations

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lenger_mavlink.codec import MavCodec, for_us, mavlink


def heartbeat(mode: int = 7) -> object:
    return mavlink.MAVLink_heartbeat_message(2, 12, 81, mode, 4, 3)


def imu() -> object:
    return mavlink.MAVLink_highres_imu_message(5, *[0.5] * 9, 950.0, 0.0, 1.0, 20.0, 63)


def test_round_trip_keeps_fields_and_source() -> None:
    sender, receiver = MavCodec(7, 9), MavCodec(1, 1)
    (msg,) = receiver.feed(sender.encode(heartbeat(42)))
    assert (msg.get_type(), msg.custom_mode, msg.get_srcSystem(), msg.get_srcComponent()) == ("HEARTBEAT", 42, 7, 9)
    assert receiver.bad_bytes == 0


def test_sequence_counts_and_wraps() -> None:
    codec = MavCodec(1, 1)
    frames = [codec.encode(heartbeat()) for _ in range(300)]
    assert [frame[4] for frame in frames] == [n % 256 for n in range(300)]
    assert codec.sent == 300


def test_frames_may_come_in_any_pieces() -> None:
    sender, receiver = MavCodec(1, 1), MavCodec(2, 2)
    stream = b"".join(sender.encode(heartbeat(n)) for n in range(5))
    got = [msg.custom_mode for index in range(len(stream)) for msg in receiver.feed(stream[index : index + 1])]
    assert got == [0, 1, 2, 3, 4]


def test_understands_mavlink_1() -> None:
    old = mavlink.MAVLink(None, srcSystem=3, srcComponent=4)
    (msg,) = MavCodec(1, 1).feed(heartbeat(9).pack(old, force_mavlink1=True))  # type: ignore[attr-defined]
    assert msg.custom_mode == 9


def test_a_changed_byte_costs_only_its_own_frame() -> None:
    sender, receiver = MavCodec(1, 1), MavCodec(2, 2)
    first, second = bytearray(sender.encode(imu())), sender.encode(heartbeat())
    first[20] ^= 0xFF
    assert [msg.get_type() for msg in receiver.feed(bytes(first) + second)] == ["HEARTBEAT"]
    assert receiver.bad_bytes == len(first)


def test_a_cut_datagram_does_not_hold_up_the_next() -> None:
    sender, receiver = MavCodec(1, 1), MavCodec(2, 2)
    assert receiver.feed_datagram(sender.encode(imu())[:-10]) == []
    assert len(receiver.feed_datagram(sender.encode(heartbeat()))) == 1


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(st.binary(max_size=300), st.just(None)), max_size=12))
def test_valid_frames_survive_garbage_datagrams(parts: list[bytes | None]) -> None:
    sender, receiver = MavCodec(1, 1), MavCodec(2, 2)
    got = 0
    for part in parts:
        got += sum(
            msg.get_type() == "HEARTBEAT"
            for msg in receiver.feed_datagram(sender.encode(heartbeat()) if part is None else part)
        )
    assert got >= sum(part is None for part in parts)


@settings(max_examples=300, deadline=None)
@given(st.binary(max_size=600))
def test_garbage_never_raises(data: bytes) -> None:
    codec = MavCodec(1, 1)
    codec.feed(data)
    codec.feed_datagram(data)
    codec.flush()
    assert codec.feed(MavCodec(2, 2).encode(heartbeat()))


@pytest.mark.parametrize(
    ("system", "component", "ours"), [(1, 1, True), (0, 0, True), (1, 0, True), (2, 1, False), (1, 100, False)]
)
def test_addressing(system: int, component: int, ours: bool) -> None:
    msg = mavlink.MAVLink_param_request_list_message(system, component)
    assert for_us(msg, 1, 1) is ours
    assert for_us(heartbeat(), 1, 1)
