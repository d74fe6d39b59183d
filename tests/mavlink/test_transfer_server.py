"""The autopilot's side of the mission protocol, against our own client and against single messages, with loss."""

from __future__ import annotations

import random
from dataclasses import replace
from typing import Any

import pytest

from lenger_mavlink.codec import MavCodec, mavlink
from lenger_mavlink.transfer_client import MissionItem, Peer, item_message
from lenger_mavlink.transfer_server import MissionHooks, MissionServer, item_of

S = 1_000_000_000
OK = mavlink.MAV_MISSION_ACCEPTED


def items(count: int, frame: int = 3) -> list[MissionItem]:
    return [
        MissionItem(frame, 16, 42.18 + n * 1e-4, 69.88 - n * 1e-4, 60.0 + n, 1.0, 2.0, 0.0, float(n % 360))
        for n in range(count)
    ]


def count(n: int, mission_type: int = 0) -> Any:
    return mavlink.MAVLink_mission_count_message(1, 1, n, mission_type)


def item(n: int, source: MissionItem, mission_type: int = 0) -> Any:
    return item_message(Peer(), mission_type, n, source)


class Wire:
    """Passes messages through real bytes from a peer to the server and back; may lose them."""

    def __init__(self, server: MissionServer, system: int = 255, loss: float = 0.0, seed: int = 0) -> None:
        self.server, self.loss, self.random = server, loss, random.Random(seed)
        self._up, self._down, self._peer = MavCodec(1, 1), MavCodec(system, 190), MavCodec(system, 190)

    def ask(self, msg: Any, now_ns: int) -> list[Any]:
        out = []
        for got in self._up.feed(self._peer.encode(msg)):
            if self.random.random() >= self.loss:
                out += self.server.on_message(got, now_ns)
        return self.down(out)

    def down(self, messages: list[Any]) -> list[Any]:
        sender = MavCodec(1, 1)
        kept = [msg for msg in messages if self.random.random() >= self.loss]
        return [back for msg in kept for back in self._down.feed(sender.encode(msg))]


def upload(wire: Wire, source: list[MissionItem], mission_type: int = 0, limit_s: float = 60.0) -> int | None:
    """Be an uploader that answers requests and repeats its COUNT; return the ACK's result."""
    now, asked = 0, -S
    while now < limit_s * S:
        inbox: list[Any] = []
        if asked <= now - S:
            asked = now
            inbox = wire.ask(count(len(source), mission_type), now)
        inbox += wire.down(wire.server.step(now))
        while inbox:
            msg = inbox.pop(0)
            if msg.get_type() == "MISSION_ACK":
                return int(msg.type)
            asked = now
            inbox += wire.ask(item(msg.seq, source[msg.seq], mission_type), now)
        now += S // 20
    return None


def download(server: MissionServer, mission_type: int = 0) -> list[MissionItem]:
    wire = Wire(server)
    (reply,) = wire.ask(mavlink.MAVLink_mission_request_list_message(1, 1, mission_type), 0)
    out = []
    for n in range(reply.count):
        (msg,) = wire.ask(request(n, mission_type), 0)
        assert msg.seq == n
        out.append(item_of(msg))
    return out


def same(a: list[MissionItem], b: list[MissionItem]) -> bool:
    def wire_values(i: MissionItem) -> tuple[object, ...]:
        place = (round(i.x_lat_deg * 1e7), round(i.y_lon_deg * 1e7), round(i.z_alt_m, 3))
        return ({5: 0, 6: 3}.get(i.frame, i.frame), i.command, *place, i.param1, i.param2, i.param3, i.param4)

    return [wire_values(i) for i in a] == [wire_values(i) for i in b]


@pytest.mark.parametrize("size", [1, 100, 650])
def test_round_trip(size: int) -> None:
    server = MissionServer()
    assert upload(Wire(server), items(size)) == OK
    assert same(download(server), items(size))


@pytest.mark.parametrize("seed", range(5))
def test_upload_survives_loss(seed: int) -> None:
    server = MissionServer()
    assert upload(Wire(server, loss=0.2, seed=seed), items(30)) == OK
    assert same(list(server.items(0)), items(30))


def test_lists_are_apart_and_clear_by_type() -> None:
    server = MissionServer()
    for kind in (0, 1, 2):
        assert upload(Wire(server), items(kind + 3), kind) == OK
    assert [len(server.items(kind)) for kind in (0, 1, 2)] == [3, 4, 5]
    (ack,) = Wire(server).ask(mavlink.MAVLink_mission_clear_all_message(1, 1, 1), 0)
    assert ack.type == OK
    assert [len(server.items(kind)) for kind in (0, 1, 2)] == [3, 0, 5]
    Wire(server).ask(mavlink.MAVLink_mission_clear_all_message(1, 1, 255), 0)
    assert [len(server.items(kind)) for kind in (0, 1, 2)] == [0, 0, 0]


def test_first_request_after_boot_is_the_old_one() -> None:
    wire = Wire(MissionServer())
    assert wire.ask(count(2), 0)[0].get_type() == "MISSION_REQUEST"
    assert wire.ask(item(0, items(1)[0]), 0)[0].get_type() == "MISSION_REQUEST_INT"


def test_requests_repeat_and_a_silent_uploader_is_given_up() -> None:
    server = MissionServer()
    wire = Wire(server)
    wire.ask(count(2), 0)
    assert server.step(S // 5) == []
    assert server.step(S // 4)[0].seq == 0
    assert server.step(S // 4 + 1) == []
    assert server.step(5 * S) == []
    assert server.step(6 * S) == []
    assert wire.ask(count(1), 6 * S)[0].get_type().startswith("MISSION_REQUEST")


def test_last_item_again_is_acked_again() -> None:
    wire = Wire(MissionServer())
    wire.ask(count(1), 0)
    assert [wire.ask(item(0, items(1)[0]), 0)[0].type for _ in range(3)] == [OK] * 3


def test_second_uploader_is_refused() -> None:
    server = MissionServer()
    Wire(server).ask(count(3), 0)
    (ack,) = Wire(server, system=99).ask(count(3), 0)
    assert ack.type == mavlink.MAV_MISSION_ERROR


@pytest.mark.parametrize("frame", [1, 10, 11])
def test_frames_that_px4_refuses(frame: int) -> None:
    server = MissionServer()
    assert upload(Wire(server), items(3, frame)) == mavlink.MAV_MISSION_UNSUPPORTED_FRAME
    assert server.items(0) == ()


@pytest.mark.parametrize("frame", [0, 3, 5, 6])
def test_frames_that_px4_takes(frame: int) -> None:
    assert upload(Wire(MissionServer()), items(2, frame)) == OK


def test_count_zero_clears_and_too_many_are_refused() -> None:
    server = MissionServer(capacity={0: 10, 1: 10, 2: 10})
    upload(Wire(server), items(3))
    assert Wire(server).ask(count(11), 0)[0].type == mavlink.MAV_MISSION_NO_SPACE
    assert len(server.items(0)) == 3
    assert Wire(server).ask(count(0), 0)[0].type == OK
    assert server.items(0) == ()


def request(n: int, mission_type: int = 0) -> Any:
    return mavlink.MAVLink_mission_request_int_message(1, 1, n, mission_type)


def test_a_download_goes_in_order_and_only_once_it_was_asked_for() -> None:
    server = MissionServer()
    upload(Wire(server), items(5))
    wire = Wire(server)
    assert wire.ask(request(0), 0) == []
    assert wire.ask(mavlink.MAVLink_mission_request_list_message(1, 1, 0), 0)[0].count == 5
    assert [wire.ask(request(n), 0)[0].seq for n in (0, 0, 1, 1, 2)] == [0, 0, 1, 1, 2]
    assert wire.ask(request(0), 0)[0].type == mavlink.MAV_MISSION_ERROR
    assert wire.ask(request(3), 0) == []  # it has ended


def test_a_silent_download_is_forgotten() -> None:
    server = MissionServer()
    upload(Wire(server), items(2))
    wire = Wire(server)
    wire.ask(mavlink.MAVLink_mission_request_list_message(1, 1, 0), 0)
    server.step(5 * S + 1)
    assert wire.ask(request(0), 6 * S) == []


def test_what_px4_keeps_of_an_item() -> None:
    server = MissionServer()
    sent = [
        MissionItem(3, 16, 42.0, 69.0, 30.0, 1.5, 2.5, 3.5, -90.0),
        MissionItem(0, 21, 42.0, 69.0, 30.0, 1.5, 2.5, 3.5, float("nan")),
        MissionItem(2, 177, 1.0, -7.0, 3.0, 1.0, -1.0, 3.0, 4.0),
    ]
    assert upload(Wire(server), sent) == OK
    got = download(server)
    assert got[0] == MissionItem(6, 16, 42.0, 69.0, 30.0, 1.5, 2.5, 0.0, 270.0, is_current=True)
    assert (got[1].frame, got[1].param1, got[1].param2, got[1].param4 != got[1].param4) == (5, 0.0, 2.0, True)
    assert got[2] == replace(sent[2], param2=65535.0)  # without a place x and y are plain numbers; a count has 16 bits


@pytest.mark.parametrize(
    ("source", "kind", "result"),
    [
        (MissionItem(3, 211, 42.0, 69.0, 30.0), 0, mavlink.MAV_MISSION_UNSUPPORTED),
        (MissionItem(2, 16, 0.0, 0.0, 30.0), 0, mavlink.MAV_MISSION_UNSUPPORTED),
        (MissionItem(3, 5001, 42.0, 69.0, 30.0, 4.0), 0, mavlink.MAV_MISSION_ERROR),
        (MissionItem(0, 5001, 42.0, 69.0, 0.0, 2.0), 1, mavlink.MAV_MISSION_ERROR),
        (MissionItem(3, 16, 91.0, 69.0, 30.0), 0, mavlink.MAV_MISSION_INVALID_PARAM5_X),
        (MissionItem(3, 16, 42.0, 181.0, 30.0), 0, mavlink.MAV_MISSION_INVALID_PARAM6_Y),
        (MissionItem(3, 201, 42.0, 69.0, 30.0, 1.0), 0, mavlink.MAV_MISSION_INVALID_PARAM1),
    ],
)
def test_items_that_px4_refuses(source: MissionItem, kind: int, result: int) -> None:
    server = MissionServer()
    assert upload(Wire(server), [source], kind) == result
    assert server.items(kind) == ()


def test_a_busy_server_refuses_a_count_and_ignores_clear_and_list() -> None:
    texts: list[str] = []
    server = MissionServer(hooks=MissionHooks(text=lambda _severity, text: texts.append(text)))
    wire = Wire(server)
    wire.ask(count(2), 0)
    assert wire.ask(count(2), 0)[0].get_type() == "MISSION_REQUEST"  # our request was lost
    wire.ask(item(0, items(1)[0]), 0)
    assert wire.ask(count(2), 0)[0].type == mavlink.MAV_MISSION_ERROR
    assert wire.ask(mavlink.MAVLink_mission_clear_all_message(1, 1, 0), 0) == []
    assert wire.ask(mavlink.MAVLink_mission_request_list_message(1, 1, 0), 0) == []
    assert wire.ask(item(1, items(2)[1]), 0)[0].type == OK
    assert len(texts) == 3


def test_items_of_nobody() -> None:
    server = MissionServer()
    wire = Wire(server)
    assert wire.ask(item(0, items(1)[0]), 0) == []
    wire.ask(count(1), 0)
    wire.ask(mavlink.MAVLink_mission_ack_message(1, 1, mavlink.MAV_MISSION_OPERATION_CANCELLED, 0), 0)
    assert wire.ask(item(0, items(1)[0]), 0)[0].type == mavlink.MAV_MISSION_ERROR
    assert Wire(server, system=99).ask(item(0, items(1)[0]), 0) == []


def test_the_last_item_of_an_upload_that_was_given_up_is_acknowledged_all_the_same() -> None:
    server = MissionServer()
    wire = Wire(server)
    wire.ask(count(2), 0)
    wire.ask(item(0, items(1)[0]), 0)
    server.step(6 * S)
    assert wire.ask(item(0, items(1)[0]), 6 * S)[0].type == OK  # measured: the mission is not stored
    assert wire.ask(item(1, items(2)[1]), 6 * S)[0].type == mavlink.MAV_MISSION_ERROR
    assert server.items(0) == ()


def test_float_items_are_answered_with_float_requests() -> None:
    server = MissionServer()
    wire = Wire(server)
    wire.ask(count(2), 0)
    message = mavlink.MAVLink_mission_item_message(1, 1, 0, 3, 16, 0, 1, 0, 0, 0, 0, 42.5, 69.5, 30.0, 0)
    assert wire.ask(message, 0)[0].get_type() == "MISSION_REQUEST"
    message = mavlink.MAVLink_mission_item_message(1, 1, 1, 6, 16, 0, 1, 0, 0, 0, 0, 42.5, 69.5, 30.0, 0)
    assert wire.ask(message, 0)[0].type == mavlink.MAV_MISSION_UNSUPPORTED_FRAME


def test_set_current_and_mission_current() -> None:
    taken: list[int] = []
    hooks = MissionHooks(set_current=lambda n: taken.append(n) is None and n != 2, progress=lambda: (3, True))
    server = MissionServer(hooks=hooks)
    wire = Wire(server)
    assert (server.current_message().seq, server.current_message().total) == (0, 65535)
    upload(wire, items(4))
    (reply,) = wire.ask(mavlink.MAVLink_mission_set_current_message(1, 1, 3), 0)
    assert (reply.seq, reply.total, reply.mission_state, reply.mission_mode) == (3, 4, 3, 1)
    assert wire.ask(mavlink.MAVLink_mission_set_current_message(1, 1, 2), 0) == []
    assert wire.ask(mavlink.MAVLink_mission_set_current_message(1, 1, 4), 0) == []
    assert server.set_current(1) == mavlink.MAV_RESULT_ACCEPTED
    assert server.set_current(9) == mavlink.MAV_RESULT_DENIED
    assert (server.current, taken) == (1, [3, 2, 1])


def test_capacities_of_px4() -> None:
    for kind, most in ((0, 10_000), (1, 64), (2, 32)):
        wire = Wire(MissionServer())
        assert wire.ask(count(most + 1, kind), 0)[0].type == mavlink.MAV_MISSION_NO_SPACE
        assert wire.ask(count(most, kind), 0)[0].get_type() == "MISSION_REQUEST"


def test_stored_may_drop_although_accepted() -> None:
    server = MissionServer(stored=lambda kind, _items: server.drop(kind) if kind == 1 else None)
    assert upload(Wire(server), items(4), 1) == OK
    assert download(server, 1) == []


def test_unfinished_upload_leaves_the_old_list() -> None:
    server = MissionServer()
    upload(Wire(server), items(3))
    wire = Wire(server)
    wire.ask(count(2), 0)
    wire.ask(item(0, items(1)[0]), 0)
    server.step(10 * S)
    assert same(list(server.items(0)), items(3))
