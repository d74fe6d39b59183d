"""Transfer clients against scripted autopilots: the orders and failures of FACTS, and requests through the services."""

from __future__ import annotations

import struct
from collections.abc import Callable

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lenger_mavlink.codec import MavCodec, MavMessage, mavlink
from lenger_mavlink.param_client import ParamFetch, ParamSet
from lenger_mavlink.params import ParamServer, decode_bytewise, encode_bytewise
from lenger_mavlink.transfer_client import (
    Clear,
    Download,
    MissionItem,
    MissionType,
    Peer,
    SetCurrentItem,
    Transfer,
    Upload,
)
from lenger_mavlink.transfer_server import MissionServer

SECOND = 1_000_000_000
PEER = Peer()
ITEMS = tuple(MissionItem(3, 16, 42.18 + i * 1e-4, 69.88, 40.0 + i) for i in range(12))
Answer = Callable[[MavMessage], list[MavMessage]]


def over_the_wire(messages: list[MavMessage], system: int = 1, component: int = 191) -> list[MavMessage]:
    """Return the messages as the other side decodes them."""
    codec, other = MavCodec(system, component), MavCodec(9, 9)
    return [decoded for message in messages for decoded in other.feed(codec.encode(message))]


def converse(transfer: Transfer, answer: Answer, seconds: float = 60.0) -> None:
    """Let a transfer talk with an autopilot until it ends, in steps of 0.1 s."""
    now_ns = 0
    outgoing = transfer.start(now_ns)
    while transfer.result is None:
        assert now_ns < seconds * SECOND, "the transfer neither ends nor gives up"
        incoming = [reply for message in over_the_wire(outgoing) for reply in answer(message)]
        outgoing = [out for message in over_the_wire(incoming, 1, 1) for out in transfer.on_message(message, now_ns)]
        now_ns += SECOND // 10
        outgoing += transfer.step(now_ns)


def server() -> MissionServer:
    return MissionServer(1, 1, lambda _kind, _items: None)


def losing(answer: Answer, draws: list[bool]) -> Answer:
    """Return an autopilot that does not hear every message, and whose answers get lost as well."""
    pattern = iter(draws * 1000)

    def maybe(message: MavMessage) -> list[MavMessage]:
        return [] if next(pattern) else [reply for reply in answer(message) if not next(pattern)]

    return maybe


@given(st.lists(st.booleans(), min_size=5, max_size=40).filter(lambda lost: sum(lost) * 3 <= len(lost)))
@settings(max_examples=60, deadline=None)
def test_upload_and_download_survive_losses_or_say_that_nobody_answered(lost: list[bool]) -> None:
    autopilot = server()
    heard = losing(lambda message: autopilot.on_message(message, 0), lost)
    upload = Upload(PEER, MissionType.MISSION, ITEMS)
    converse(upload, heard, 900.0)
    assert upload.result is not None
    if not upload.result.success:
        assert upload.result.detail
        return
    download = Download(PEER, MissionType.MISSION)
    converse(download, lambda message: autopilot.on_message(message, 0))
    assert download.result is not None
    assert [item.z_alt_m for item in download.result.items] == [item.z_alt_m for item in ITEMS]


def test_a_silent_autopilot_ends_every_transfer_with_a_reason() -> None:
    transfers: list[Transfer] = [
        Upload(PEER, MissionType.FENCE, ITEMS),
        Download(PEER, MissionType.RALLY),
        Clear(PEER, MissionType.MISSION),
        SetCurrentItem(PEER, 3),
        ParamFetch(PEER, decode_bytewise),
        ParamFetch(PEER, decode_bytewise, known_hash=5),
        ParamSet(PEER, "GF_ACTION", 2, decode_bytewise, encode_bytewise),
    ]
    for transfer in transfers:
        converse(transfer, lambda _message: [])
        assert transfer.result is not None
        assert transfer.result.success is False
        assert "no answer" in transfer.result.detail


def test_a_refused_upload_names_the_result() -> None:
    upload = Upload(PEER, MissionType.MISSION, ITEMS)
    refuse = mavlink.MAVLink_mission_ack_message(1, 191, mavlink.MAV_MISSION_NO_SPACE, 0)
    converse(upload, lambda _message: [refuse])
    assert upload.result is not None
    assert "NO_SPACE" in upload.result.detail
    assert upload.result.code == mavlink.MAV_MISSION_NO_SPACE


def test_answers_about_another_list_are_not_ours() -> None:
    upload = Upload(PEER, MissionType.FENCE, ITEMS)
    upload.start(0)
    assert upload.on_message(mavlink.MAVLink_mission_ack_message(1, 191, 0, 0), 0) == []
    assert upload.on_message(mavlink.MAVLink_mission_request_int_message(1, 191, 2, 0), 0) == []
    assert upload.on_message(mavlink.MAVLink_mission_request_int_message(1, 191, 900, 1), 0) == []
    assert upload.result is None


def test_both_request_messages_are_answered_with_item_int() -> None:
    upload = Upload(PEER, MissionType.MISSION, ITEMS)
    upload.start(0)
    for request in (mavlink.MAVLink_mission_request_message, mavlink.MAVLink_mission_request_int_message):
        (item,) = upload.on_message(request(1, 191, 4, 0), 0)
        assert (item.get_type(), item.seq, item.x) == ("MISSION_ITEM_INT", 4, round(ITEMS[4].x_lat_deg * 1e7))


VALUES: dict[str, int | float] = {f"P_{i:03}": i if i % 2 else i / 7 for i in range(150)}


def answering(params: ParamServer) -> Answer:
    return lambda message: params.on_message(message) + [m for _ in range(20) for m in params.step()]


@given(st.sets(st.integers(0, 149), max_size=60))
@settings(max_examples=20, deadline=None)
def test_gaps_in_the_parameter_list_are_refilled(lost: set[int]) -> None:
    table = answering(ParamServer(VALUES))
    first = [True]

    def lossy(message: MavMessage) -> list[MavMessage]:
        replies = table(message)
        if first[0]:
            first[0] = False
            return [reply for reply in replies if reply.param_index not in lost]
        return replies

    fetch = ParamFetch(PEER, decode_bytewise)
    converse(fetch, lossy)
    assert fetch.result is not None
    assert fetch.result.success
    assert fetch.values == {name: pytest.approx(value, rel=1e-6) for name, value in VALUES.items()}


def test_an_unchanged_hash_spares_the_list() -> None:
    table = ParamServer(VALUES)
    fetch = ParamFetch(PEER, decode_bytewise)
    converse(fetch, answering(table))
    again = ParamFetch(PEER, decode_bytewise, fetch.hash)
    converse(again, answering(table))
    assert again.unchanged
    assert again.values == {}
    table.put("P_003", 77)
    changed = ParamFetch(PEER, decode_bytewise, fetch.hash)
    converse(changed, answering(table))
    assert not changed.unchanged
    assert changed.values["P_003"] == 77


def test_an_autopilot_without_a_hash_is_asked_for_the_list() -> None:
    table = answering(ParamServer(VALUES))
    fetch = ParamFetch(PEER, decode_bytewise, known_hash=123)
    converse(fetch, lambda m: [] if m.get_type() == "PARAM_REQUEST_READ" else table(m))
    assert fetch.result is not None
    assert fetch.result.success
    assert len(fetch.values) == len(VALUES)


def test_a_set_that_the_autopilot_corrects_is_no_success() -> None:
    field = struct.unpack("<f", struct.pack("<i", 3))[0]
    corrected = mavlink.MAVLink_param_value_message(b"GF_ACTION", field, mavlink.MAV_PARAM_TYPE_INT32, 1, 0)
    change = ParamSet(PEER, "GF_ACTION", 9, decode_bytewise, encode_bytewise)
    converse(change, lambda _message: [corrected])
    assert change.result is not None
    assert change.result.success is False
    assert change.held == 3
