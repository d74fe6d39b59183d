"""Nothing that comes over the wire makes a server, a client or the codec raise, grow without bound or hang."""

from __future__ import annotations

import random
from collections.abc import Callable
from typing import Any

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lenger_mavlink import params
from lenger_mavlink.codec import MavCodec, mavlink
from lenger_mavlink.message_layout import layout_of
from lenger_mavlink.mission_items import MissionItem, MissionType, Peer
from lenger_mavlink.param_client import ParamFetch, ParamSet
from lenger_mavlink.params import ParamServer
from lenger_mavlink.transfer_client import Clear, Download, SetCurrentItem, Transfer, Upload
from lenger_mavlink.transfer_server import ARDUPILOT, PX4, MissionDialect, MissionHooks, MissionServer

S = 1_000_000_000
WORDS = ("MISSION_", "PARAM_")
IDS = sorted(number for number, kind in mavlink.mavlink_map.items() if kind.msgname.startswith(WORDS))
TABLE: dict[str, int | float] = {"A_INT": 1, "B_FLOAT": 2.5, "C_INT": -3}


LIKELY: dict[str, tuple[int, ...]] = {
    "target_system": (1,),
    "target_component": (1,),
    "mission_type": (0, 0, 1, 2, 255),
    "count": (0, 1, 2, 3, 4),
    "seq": (0, 1, 2, 3, 4),
    "frame": (0, 1, 2, 3, 5, 6, 10),
    "command": (16, 17, 18, 21, 22, 177, 178, 1000, 5000, 5001, 5003, 5100),
    "current": (0, 0, 1, 2, 3),
    "x": (0, 421800000, 10),
    "y": (0, 698800000, 10),
    "z": (0.0, 30.0, 750.5),
    "param1": (0.0, 1.0, 3.0, 4.0),
    "start_index": (0, 1, 2, 3),
    "end_index": (0, 1, 2, 3),
    "param_index": (0, 1, 2, 3, 65535),
    "param_count": (0, 1, 2, 3),
}
USUAL = [mavlink.MAVLINK_MSG_ID_MISSION_COUNT, mavlink.MAVLINK_MSG_ID_MISSION_REQUEST_INT] * 4
USUAL += [mavlink.MAVLINK_MSG_ID_MISSION_ITEM_INT, mavlink.MAVLINK_MSG_ID_MISSION_REQUEST_LIST] * 4
SEEDS = st.integers(0, 2**32)


def any_message(chance: random.Random) -> Any:
    """Return a message of the protocols with any fields, mostly for us and mostly with small numbers: it gets far."""
    kind = chance.choice([*IDS, *USUAL])
    layout = layout_of(kind)
    assert layout is not None
    msg = layout.unpack(chance.choice([chance.randbytes(layout.size), bytes(layout.size)]))
    if "param_id" in msg.get_fieldnames() and chance.random() < 0.8:
        msg._param_id_raw = chance.choice([*TABLE, "_HASH_CHECK"]).encode()
    for name, values in LIKELY.items():
        if name in msg.get_fieldnames() and chance.random() < 0.9:
            value = chance.choice(values)
            signed = dict(zip(msg.fieldnames, msg.fieldtypes, strict=True))[name] == "int16_t"
            setattr(msg, name, -1 if signed and value == 65535 else value)
    source = chance.choice([(255, 190), (255, 190), (1, 1), (7, 7)])
    (got,) = MavCodec(1, 1).feed(MavCodec(*source).encode(msg))
    return got


def fitting_item(chance: random.Random, request: Any) -> Any:
    """Return an item that answers a request, any otherwise."""
    while True:
        msg = any_message(chance)
        if msg.get_type() == "MISSION_ITEM_INT":
            msg.seq, msg.mission_type, msg.current = request.seq, request.mission_type, 0
            if chance.random() < 0.8:
                msg.command, msg.frame = {0: 16, 1: 5003, 2: 5100}[request.mission_type], 3
                msg.x, msg.y = 421800000, 698800000
            source = (request.target_system, request.target_component)
            return MavCodec(1, 1).feed(MavCodec(*source).encode(msg))[0]


def any_trace(seed: int) -> list[tuple[Any, int]]:
    """Return messages and the waits before them."""
    chance = random.Random(seed)
    waits = (0, 0, S // 10, 2 * S, 20 * S)
    return [(any_message(chance), chance.choice(waits)) for _ in range(chance.randrange(60))]


@pytest.mark.parametrize("dialect", [PX4, ARDUPILOT], ids=lambda d: d.name)
@settings(max_examples=150)
@given(seed=SEEDS)
def test_servers_live_on_and_answer_what_can_be_sent(dialect: MissionDialect, seed: int) -> None:
    fuzz_servers(dialect, seed)


@pytest.mark.parametrize("dialect", [PX4, ARDUPILOT], ids=lambda d: d.name)
def test_the_fuzz_gets_far_enough_to_store_lists(dialect: MissionDialect) -> None:
    stored = [length for seed in range(60) for length in fuzz_servers(dialect, seed)]
    assert sum(length > 1 for length in stored) >= 10


def fuzz_servers(dialect: MissionDialect, seed: int) -> list[int]:
    """Let both servers of a dialect live through a seed; return the lengths of the lists that were stored."""
    stored: list[int] = []
    hooks = MissionHooks(home=lambda: (42.0, 69.0, 750.0), guided=lambda _item: True)
    missions = MissionServer(stored=lambda _kind, items: stored.append(len(items)), dialect=dialect, hooks=hooks)
    table = ParamServer(TABLE, dialect=params.PX4 if dialect is PX4 else params.ARDUPILOT)
    out, now_ns = MavCodec(1, 1), 0
    chance = random.Random(seed)
    request: Any = None
    for anything, wait_ns in any_trace(seed):
        now_ns += wait_ns
        msg = fitting_item(chance, request) if request is not None and chance.random() < 0.7 else anything
        answers = missions.on_message(msg, now_ns) + table.on_message(msg) + missions.step(now_ns) + table.step()
        asked = [answer for answer in answers if answer.get_type().startswith("MISSION_REQUEST")]
        request = asked[-1] if asked else None
        assert len(answers) <= 20
        for answer in answers:
            out.encode(answer)
        for kind, most in dialect.capacity.items():
            assert len(missions.items(kind)) <= most
    out.encode(missions.current_message())
    assert {name: type(table[name]) for name in table.names()} == {name: type(value) for name, value in TABLE.items()}
    # whatever was begun is given up, and the next one is served
    for at in range(3):
        missions.step(now_ns + (at + 1) * 30 * S)
    (count,) = MavCodec(1, 1).feed(MavCodec(200, 1).encode(mavlink.MAVLink_mission_count_message(1, 1, 1, 0)))
    assert missions.on_message(count, now_ns + 200 * S)[0].get_type().startswith("MISSION_REQUEST")
    return stored


def clients() -> list[Callable[[], Transfer]]:
    items = tuple(MissionItem(3, 16, 42.0, 69.0, 30.0) for _ in range(4))
    return [
        lambda: Upload(Peer(), MissionType.MISSION, items),
        lambda: Download(Peer(), MissionType.MISSION),
        lambda: Clear(Peer(), MissionType.FENCE),
        lambda: SetCurrentItem(Peer(), 2),
        lambda: ParamFetch(Peer(), params.decode_bytewise, known_hash=5),
        lambda: ParamFetch(Peer(), params.decode_cast),
        lambda: ParamSet(Peer(), "A_INT", 3, params.decode_cast, params.encode_cast),
    ]


@pytest.mark.parametrize("number", range(len(clients())))
@settings(max_examples=100)
@given(seed=SEEDS)
def test_clients_live_on_and_end(number: int, seed: int) -> None:
    transfer, out, now_ns = clients()[number](), MavCodec(255, 190), 0
    sent = transfer.start(now_ns)
    for msg, wait_ns in any_trace(seed):
        now_ns += wait_ns
        sent = [*transfer.on_message(msg, now_ns), *transfer.step(now_ns)]
        assert len(sent) <= 25
        for message in sent:
            out.encode(message)
    ends_ns = now_ns + 120 * S
    while transfer.result is None:
        now_ns += S
        assert now_ns < ends_ns, "the transfer hangs"
        for message in transfer.step(now_ns):
            out.encode(message)
    assert transfer.result.success or transfer.result.detail


@settings(max_examples=200)
@given(st.lists(st.binary(max_size=120), max_size=20))
def test_bytes_into_servers(pieces: list[bytes]) -> None:
    codec, missions, table = MavCodec(1, 1), MissionServer(dialect=ARDUPILOT), ParamServer(TABLE)
    for piece in pieces:
        for msg in codec.feed(piece) + codec.feed_datagram(piece):
            missions.on_message(msg, 0)
            table.on_message(msg)
    assert len(codec.feed_datagram(MavCodec(2, 2).encode(mavlink.MAVLink_heartbeat_message(2, 12, 81, 7, 4, 3)))) == 1


def test_a_million_bytes_of_noise_cost_no_message_behind_them() -> None:
    codec, sender = MavCodec(1, 1), MavCodec(2, 2)
    noise = np.random.default_rng(5).integers(0, 256, 1_000_000, dtype=np.uint8).tobytes()
    heard = 0
    for start in range(0, len(noise), 1000):
        codec.feed_datagram(noise[start : start + 1000])
        heard += len(codec.feed_datagram(sender.encode(mavlink.MAVLink_heartbeat_message(2, 12, 81, 7, 4, 3))))
    assert heard == 1000
