"""The parameter protocol of the autopilot's side, in PX4's encoding."""

from __future__ import annotations

import struct

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenger_core.errors import InputError
from lenger_mavlink.codec import MavCodec, mavlink
from lenger_mavlink.params import (
    ARDUPILOT,
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


def test_a_second_list_skips_the_hash_and_a_hash_set_stops_it(server: ParamServer) -> None:
    request = mavlink.MAVLink_param_request_list_message(1, 1)
    server.on_message(request)
    server.step(2)
    assert server.on_message(request) == []
    assert [msg.param_index for msg in server.step(2)] == [0, 1]
    assert put(server, "_HASH_CHECK", 0.0, REAL32) == []
    assert server.step() == []


# ---------------------------------------------------------------- ArduPilot

INT8, INT16 = mavlink.MAV_PARAM_TYPE_INT8, mavlink.MAV_PARAM_TYPE_INT16
COPTER: dict[str, int | float] = {"FORMAT_VERSION": 120, "RTL_ALT_M": 15.0, "FENCE_ACTION": 1, "SYSID": 1, "BIG": 7}


@pytest.fixture
def copter() -> ParamServer:
    types = {"FENCE_ACTION": INT8, "SYSID": INT16, "FORMAT_VERSION": INT16}
    return ParamServer(COPTER, dialect=ARDUPILOT, types=types, read_only=frozenset({"FORMAT_VERSION"}))


def source_of(server: ParamServer, msg: object) -> list[object]:
    (got,) = MavCodec(1, 1).feed(MavCodec(255, 190).encode(msg))
    return server.on_message(got)


def test_ardupilot_lists_in_order_without_a_hash(copter: ParamServer) -> None:
    assert copter.on_message(mavlink.MAVLink_param_request_list_message(1, 1)) == []
    values = copter.step(2) + copter.step()
    assert [text_of(msg.param_id) for msg in values] == list(COPTER)
    assert [(msg.param_index, msg.param_value, msg.param_type) for msg in values] == [
        (0, 120.0, INT16),
        (1, 15.0, REAL32),
        (2, 1.0, INT8),
        (3, 1.0, INT16),
        (4, 7.0, INT32),
    ]
    assert copter.step() == []
    assert read(copter, "_HASH_CHECK")[0].get_type() == "PARAM_ERROR"  # type: ignore[attr-defined]


def test_ardupilot_answers_a_name_without_an_index(copter: ParamServer) -> None:
    (by_name,) = read(copter, "RTL_ALT_M")
    (by_index,) = copter.on_message(mavlink.MAVLink_param_request_read_message(1, 1, b"", 1))
    assert (by_name.param_index, by_index.param_index) == (65535, 1)  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    ("name", "sent", "stored"),
    [
        ("FENCE_ACTION", 3.0, 3),
        ("FENCE_ACTION", 300.0, 127),  # cut to its type, not to its documented range
        ("FENCE_ACTION", -3.995, -4),
        ("FENCE_ACTION", 2.9, 2),
        ("SYSID", 40000.0, 32767),
        ("BIG", -3.0e9, -(2**31)),
        ("RTL_ALT_M", -1.0e9, -1.0e9),
        ("FORMAT_VERSION", 3.0, 120),
    ],
)
def test_ardupilot_stores_out_of_range_values(copter: ParamServer, name: str, sent: float, stored: float) -> None:
    (answer,) = put(copter, name, sent, REAL32)  # the type that is sent does not matter
    assert copter[name] == stored
    assert (answer.param_value, answer.param_index) == (pytest.approx(float(stored)), 65535)  # type: ignore[attr-defined]


def test_ardupilot_says_what_it_has_not(copter: ParamServer) -> None:
    cases = [
        (mavlink.MAVLink_param_request_read_message(1, 1, b"NO_SUCH", -1), ("NO_SUCH", -1, 1)),
        (mavlink.MAVLink_param_request_read_message(1, 1, b"", 99), ("", 99, 1)),
        (mavlink.MAVLink_param_set_message(1, 1, b"NO_SUCH", 1.0, REAL32), ("NO_SUCH", -1, 1)),
        (mavlink.MAVLink_param_set_message(1, 1, b"BIG", float("nan"), REAL32), ("BIG", -1, 2)),
    ]
    for msg, expected in cases:
        (error,) = source_of(copter, msg)
        (back,) = MavCodec(255, 190).feed(MavCodec(1, 1).encode(error))
        assert (text_of(back.param_id), back.param_index, back.error) == expected
        assert (back.target_system, back.target_component) == (255, 190)


@pytest.mark.parametrize(
    ("values", "types"), [({"A": 1}, {"A": REAL32}), ({"A": 1.0}, {"A": INT8}), ({"N" * 17: 1}, {})]
)
def test_a_wrong_table_is_named(values: dict[str, float], types: dict[str, int]) -> None:
    with pytest.raises(InputError, match="parameter table"):
        ParamServer(values, types=types)
