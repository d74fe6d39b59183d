"""The parameter protocol of the autopilot's side, in PX4's encoding."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenger_mavlink.codec import MavCodec, mavlink
from lenger_mavlink.params import (
    ParamServer,
    decode_bytewise,
    decode_cast,
    encode_bytewise,
    encode_cast,
    text_of,
)

INT32, REAL32 = mavlink.MAV_PARAM_TYPE_INT32, mavlink.MAV_PARAM_TYPE_REAL32


@given(st.integers(-(2**31), 2**31 - 1))
def test_bytewise_integers_survive_the_wire(value: int) -> None:
    field, kind = encode_bytewise(value)
    msg = mavlink.MAVLink_param_value_message(b"P", field, kind, 1, 0)
    (back,) = MavCodec(2, 2).feed(MavCodec(1, 1).encode(msg))
    decoded = decode_bytewise(back.param_value, back.param_type)
    # a signalling NaN pattern may be quieted by the processor: PX4 has the same limit
    if field == field:
        assert decoded == value
    assert kind == INT32


@given(st.floats(width=32, allow_nan=False, allow_infinity=False))
def test_floats(value: float) -> None:
    assert decode_bytewise(*encode_bytewise(value)) == value
    assert decode_cast(*encode_cast(value)) == value


def test_cast_encoding_and_foreign_types() -> None:
    assert encode_cast(5) == (5.0, INT32)
    assert decode_cast(5.0, INT32) == 5
    assert decode_cast(float("nan"), INT32) is None
    assert decode_bytewise(5.0, mavlink.MAV_PARAM_TYPE_INT8) is None


@pytest.fixture
def server() -> ParamServer:
    return ParamServer({"COM_OF_LOSS_T": 1.0, "COM_OBL_RC_ACT": 0, "A_FIRST": 3})


def read(server: ParamServer, name: str) -> list[object]:
    return server.on_message(mavlink.MAVLink_param_request_read_message(1, 1, name.encode(), -1))


def put(server: ParamServer, name: str, field: float, kind: int) -> list[object]:
    return server.on_message(mavlink.MAVLink_param_set_message(1, 1, name.encode(), field, kind))


def test_list_starts_with_the_hash_and_holds_all(server: ParamServer) -> None:
    (first,) = server.on_message(mavlink.MAVLink_param_request_list_message(1, 1))
    assert text_of(first.param_id) == "_HASH_CHECK"
    rest = server.step() + server.step()
    assert [text_of(msg.param_id) for msg in rest] == ["A_FIRST", "COM_OBL_RC_ACT", "COM_OF_LOSS_T"]
    assert [msg.param_index for msg in rest] == [0, 1, 2]
    assert {msg.param_count for msg in rest} == {3}


def test_read_by_name_and_index(server: ParamServer) -> None:
    assert read(server, "COM_OF_LOSS_T")[0].param_value == 1.0  # type: ignore[attr-defined]
    by_index = server.on_message(mavlink.MAVLink_param_request_read_message(1, 1, b"", 0))
    assert text_of(by_index[0].param_id) == "A_FIRST"


@pytest.mark.parametrize("name", ["NO_SUCH", ""])
def test_unknown_names_get_no_answer(server: ParamServer, name: str) -> None:
    assert read(server, name) == []
    assert put(server, name, 1.0, REAL32) == []
    assert server.on_message(mavlink.MAVLink_param_request_read_message(1, 1, b"", 99)) == []


def test_set_changes_and_tells(server: ParamServer) -> None:
    field = struct.unpack("<f", struct.pack("<i", 5))[0]
    (answer,) = put(server, "COM_OBL_RC_ACT", field, INT32)
    assert decode_bytewise(answer.param_value, answer.param_type) == 5  # type: ignore[attr-defined]
    assert server["COM_OBL_RC_ACT"] == 5


def test_mistyped_and_nan_are_ignored(server: ParamServer) -> None:
    assert put(server, "COM_OBL_RC_ACT", 5.0, REAL32) == []
    assert put(server, "COM_OF_LOSS_T", float("nan"), REAL32) == []
    assert (server["COM_OBL_RC_ACT"], server["COM_OF_LOSS_T"]) == (0, 1.0)


def test_another_system_is_not_answered(server: ParamServer) -> None:
    assert server.on_message(mavlink.MAVLink_param_request_list_message(2, 1)) == []
    assert server.step() == []


def test_hash_follows_the_values(server: ParamServer) -> None:
    before = read(server, "_HASH_CHECK")[0]
    server.put("A_FIRST", 4)
    after = read(server, "_HASH_CHECK")[0]
    pack = [struct.pack("<f", msg.param_value) for msg in (before, after)]  # type: ignore[attr-defined]
    assert pack[0] != pack[1]
