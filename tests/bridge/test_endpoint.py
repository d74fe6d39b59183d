"""The endpoint core alone: any bytes, the clock offset, long texts, command acknowledgements, setpoints."""

from __future__ import annotations

from math import pi
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lenger_bridge import requests as r
from lenger_bridge.endpoint import EndpointCore
from lenger_bridge.settings import EndpointSettings
from lenger_bridge.statustext import StatusTextJoiner
from lenger_bridge.targets import GlobalTarget, LocalTarget
from lenger_bridge.timesync import TimeSync
from lenger_core.errors import InputError
from lenger_core.samples import StatusText
from lenger_core.wire import TOPICS
from lenger_mavlink.codec import MavCodec, mavlink

SECOND = 1_000_000_000
ZERO = (0.0, 0.0, 0.0)
HEARTBEAT = mavlink.MAVLink_heartbeat_message(
    mavlink.MAV_TYPE_QUADROTOR, mavlink.MAV_AUTOPILOT_PX4, 81, 3 << 24 | 4 << 16, 4, 3
)


class Fcu:
    """Encodes messages as an autopilot, decodes what the endpoint sends."""

    def __init__(self, system: int = 1, component: int = 1) -> None:
        self.codec = MavCodec(system, component)
        self.core = EndpointCore(EndpointSettings())

    def send(self, message: Any, now_ns: int = 0) -> list[tuple[str, Any]]:
        return self.core.on_bytes(self.codec.encode(message), now_ns)

    def heard(self, now_ns: int) -> list[Any]:
        return self.codec.feed(self.core.step(now_ns).bytes_out)


UNDERSTOOD = [
    "HEARTBEAT",
    "TIMESYNC",
    "COMMAND_ACK",
    "HIGHRES_IMU",
    "RAW_IMU",
    "SCALED_PRESSURE",
    "ATTITUDE_QUATERNION",
    "GLOBAL_POSITION_INT",
    "LOCAL_POSITION_NED",
    "GPS_RAW_INT",
    "SYS_STATUS",
    "EXTENDED_SYS_STATE",
    "BATTERY_STATUS",
    "HOME_POSITION",
    "STATUSTEXT",
    "PARAM_VALUE",
    "MISSION_REQUEST",
    "MISSION_REQUEST_INT",
    "MISSION_ACK",
    "MISSION_COUNT",
    "MISSION_ITEM_INT",
    "MISSION_ITEM",
    "MISSION_CURRENT",
    "ATTITUDE",
]
BITS = {"uint8_t": 8, "uint16_t": 16, "uint32_t": 32, "uint64_t": 64, "int8_t": 8, "int16_t": 16, "int32_t": 32}
BITS["int64_t"] = 64


@st.composite
def frames(draw: st.DrawFn) -> bytes:
    """Return a valid frame of a message that the endpoint understands, with any values that fit its fields."""
    kind = getattr(mavlink, f"MAVLink_{draw(st.sampled_from(UNDERSTOOD)).lower()}_message")
    lengths = dict(zip(kind.ordered_fieldnames, kind.array_lengths, strict=True))
    values = [draw(_field(ctype, lengths[name])) for name, ctype in zip(kind.fieldnames, kind.fieldtypes, strict=True)]
    return MavCodec(1, 1).encode(kind(*values))


def _field(ctype: str, length: int) -> st.SearchStrategy[Any]:
    if ctype == "char":
        return st.binary(max_size=length)
    value: st.SearchStrategy[Any] = st.floats(width=32)
    if ctype in BITS:
        top = 2 ** BITS[ctype]
        value = st.integers(0, top - 1) if ctype.startswith("u") else st.integers(-top // 2, top // 2 - 1)
    return st.lists(value, min_size=length, max_size=length) if length > 1 else value


@given(st.lists(st.one_of(st.binary(max_size=80), frames()), max_size=12), st.integers(0, 10**18))
@settings(max_examples=300, deadline=None)
def test_no_bytes_break_the_endpoint(datagrams: list[bytes], now_ns: int) -> None:
    core = EndpointCore(EndpointSettings())
    core.on_bytes(MavCodec(1, 1).encode(HEARTBEAT), now_ns)
    core.call(r.PullParams(1), now_ns)
    core.call(r.Arm(2, True), now_ns)
    for index, data in enumerate(datagrams):
        for topic, record in core.on_bytes(data, now_ns + index):
            assert isinstance(record, TOPICS[topic].record)
            assert abs(record.t_ns - now_ns) <= 61 * SECOND
        core.step(now_ns + index)
    state = core.on_bytes(MavCodec(1, 1).encode(HEARTBEAT), now_ns)
    assert state[-1][1].connected


def test_only_the_vehicles_autopilot_is_listened_to() -> None:
    core = EndpointCore(EndpointSettings())
    for system, component in ((2, 1), (1, 191), (255, 190)):
        assert core.on_bytes(MavCodec(system, component).encode(HEARTBEAT), 0) == []
    ground = mavlink.MAVLink_heartbeat_message(mavlink.MAV_TYPE_GCS, mavlink.MAV_AUTOPILOT_PX4, 0, 0, 4, 3)
    assert core.on_bytes(MavCodec(1, 1).encode(ground), 0) == []
    assert not core.connected


def test_our_heartbeat_is_that_of_an_onboard_computer() -> None:
    fcu = Fcu()
    beats = [m for t in range(50) for m in fcu.heard(t * SECOND // 10) if m.get_type() == "HEARTBEAT"]
    assert len(beats) == 5
    assert (beats[0].get_srcSystem(), beats[0].get_srcComponent()) == (1, 191)
    assert (beats[0].type, beats[0].autopilot, beats[0].base_mode) == (18, 8, 192)


@pytest.mark.parametrize("jitter_ns", [0, 4_000_000])
def test_timesync_finds_the_offset(jitter_ns: int) -> None:
    sync, offset = TimeSync(), 123_456_789_000
    assert sync.to_ours_ns(5, 77) == 77
    for index in range(300):
        sent = 200 * SECOND + index * SECOND // 10
        there = sent + 1_000_000 + (jitter_ns if index % 3 else 0)
        sync.on_answer(sent, there - offset, there + 1_000_000)
    assert sync.offset_ns == pytest.approx(offset, abs=1_000_000 + jitter_ns)


def test_timesync_starts_again_after_a_jump_and_ignores_slow_answers() -> None:
    sync = TimeSync()
    for index in range(100):
        now = index * SECOND // 10
        sync.on_answer(now, now, now + 2_000_000)
    before = sync.offset_ns
    sync.on_answer(20 * SECOND, 20 * SECOND - 300_000_000, 20 * SECOND + 900_000_000)
    assert sync.offset_ns == before
    for index in range(300, 306):
        now = index * SECOND // 10
        sync.on_answer(now, now + 9 * SECOND, now + 2_000_000)
    assert sync.offset_ns == pytest.approx(-9 * SECOND, abs=5_000_000)


def test_one_answer_of_a_clock_that_is_far_off_moves_the_offset_by_nothing() -> None:
    sync = TimeSync()
    for index in range(100):
        now = index * SECOND // 10
        sync.on_answer(now, now, now + 2_000_000)
    before = sync.offset_ns
    for index in range(100, 104):
        now = index * SECOND // 10
        sync.on_answer(now, 5_000, now + 2_000_000)
    assert sync.offset_ns == before


def test_a_simulated_clock_that_is_told_late_bends_no_stamp() -> None:
    """/clock stood at 200 ms ago while the answers came: they seem to have come at once, and from the future."""
    sync, offset, late = TimeSync(late_clock=True), 5 * SECOND, 200_000_000
    for index in range(30):
        there = 100 * SECOND + index * SECOND // 10
        told = there - (late if index % 20 else 0)
        sync.on_answer(told, there - offset, told)
        assert sync.offset_ns == offset
    for index in range(30, 60):  # a vehicle that was started anew is believed after as many answers as are remembered
        there = 100 * SECOND + index * SECOND // 10
        sync.on_answer(there, there - 9 * SECOND, there)
    assert sync.offset_ns == 9 * SECOND


def test_the_endpoint_answers_timesync() -> None:
    fcu = Fcu()
    fcu.send(mavlink.MAVLink_timesync_message(0, 42), 7 * SECOND)
    answer = [m for m in fcu.heard(7 * SECOND) if m.get_type() == "TIMESYNC"]
    assert [(m.tc1, m.ts1) for m in answer] == [(7 * SECOND, 42)]


@given(st.text(st.characters(codec="ascii", exclude_characters="\0"), min_size=1, max_size=200), st.randoms())
@settings(deadline=None)
def test_long_texts_are_joined_in_any_order(text: str, order: Any) -> None:
    chunks = [(index, text[at : at + 50]) for index, at in enumerate(range(0, len(text), 50))]
    if len(chunks[-1][1]) == 50:
        chunks.append((len(chunks), ""))
    order.shuffle(chunks)
    joiner = StatusTextJoiner()
    whole = [done for index, chunk in chunks for done in joiner.take(4, chunk, 7, index, 0)]
    assert whole == [(4, text)]


def test_a_text_with_a_lost_chunk_comes_out_marked() -> None:
    fcu = Fcu()
    assert fcu.send(mavlink.MAVLink_statustext_message(3, b"a" * 50, 9, 0)) == []
    assert fcu.send(mavlink.MAVLink_statustext_message(3, b"end", 9, 2)) == []
    texts = [record for _, record in fcu.core.step(2 * SECOND).published if isinstance(record, StatusText)]
    assert [t.text for t in texts] == ["a" * 50 + "{...}end"]
    short = fcu.send(mavlink.MAVLink_statustext_message(6, b"Ready", 0, 0), 5)
    assert short == [("mavros/statustext/recv", StatusText(5, 6, "Ready"))]


def acks(fcu: Fcu, command: int, result: int, now_ns: int) -> list[r.Reply]:
    fcu.send(mavlink.MAVLink_command_ack_message(command, result, 0, 0, 1, 191), now_ns)
    return list(fcu.core.step(now_ns).replies)


def test_commands_of_one_number_wait_for_each_other_and_others_do_not() -> None:
    fcu = Fcu()
    for identity, request in enumerate((r.Arm(1, True), r.Arm(2, False), r.Takeoff(3, 800.0)), start=1):
        assert request.request_id == identity
        fcu.core.call(request, 0)
    sent = [(m.command, m.param1) for m in fcu.heard(0) if m.get_type() == "COMMAND_LONG"]
    assert sent == [(400, 1.0), (22, 0.0)]
    assert [reply.request_id for reply in acks(fcu, 22, 0, 1)] == [3]
    assert [(reply.request_id, reply.success) for reply in acks(fcu, 400, 0, 2)] == [(1, True)]
    assert acks(fcu, 400, 5, 4 * SECOND) == [], "IN_PROGRESS is waited out"
    assert [(reply.request_id, reply.result) for reply in acks(fcu, 400, 4, 8 * SECOND)] == [(2, 4)]
    assert acks(fcu, 400, 0, 9 * SECOND) == [], "a second acknowledgement finds nobody waiting"


def test_no_acknowledgement_in_five_seconds_looks_as_in_mavros() -> None:
    fcu = Fcu()
    fcu.core.call(r.Arm(1, True), 0)
    assert fcu.core.step(4_900_000_000).replies == ()
    (reply,) = fcu.core.step(5_000_000_000).replies
    assert (reply.success, reply.result) == (False, 0)


def test_an_acknowledgement_for_somebody_else_is_not_ours() -> None:
    fcu = Fcu()
    fcu.core.call(r.Arm(1, True), 0)
    fcu.send(mavlink.MAVLink_command_ack_message(400, 0, 0, 0, 255, 190), 1)
    assert fcu.core.step(1).replies == ()


@pytest.mark.parametrize(
    ("frame", "position", "yaw"),
    [
        (1, (2.0, 1.0, -3.0), pi / 2 - 0.3),
        (7, (2.0, 1.0, -3.0), pi / 2 - 0.3),
        (8, (1.0, -2.0, -3.0), -0.3),
        (9, (1.0, -2.0, -3.0), -0.3),
    ],
)
def test_local_setpoints_in_every_frame_that_has_axes(
    frame: int, position: tuple[float, float, float], yaw: float
) -> None:
    fcu = Fcu()
    target = LocalTarget(5 * SECOND, frame, 0, (1.0, 2.0, 3.0), (1.0, 2.0, 3.0), ZERO, 0.3, 0.1)
    (m,) = fcu.codec.feed(fcu.core.local_target(target))
    assert (m.x, m.y, m.z) == pytest.approx(position)
    assert (m.vx, m.vy, m.vz) == pytest.approx(position)
    assert m.yaw == pytest.approx(yaw)
    assert m.yaw_rate == pytest.approx(-0.1)
    assert (m.time_boot_ms, m.coordinate_frame) == (5000, frame)


@pytest.mark.parametrize("frame", [0, 3, 12, 20, 21, 255])
def test_frames_without_defined_axes_are_refused(frame: int) -> None:
    with pytest.raises(InputError, match="coordinate_frame"):
        Fcu().core.local_target(LocalTarget(0, frame, 0, ZERO, ZERO, ZERO, 0.0, 0.0))


def test_global_setpoints_pass_their_altitude_unchanged() -> None:
    fcu = Fcu()
    motion = LocalTarget(0, 1, 2552, ZERO, (1.0, 2.0, 3.0), ZERO, 0.0, 0.0)
    (m,) = fcu.codec.feed(fcu.core.global_target(GlobalTarget(5, 42.18, 69.88, 775.0, motion)))
    assert (m.lat_int, m.lon_int, m.alt, m.coordinate_frame) == (421800000, 698800000, 775.0, 5)
    assert (m.vx, m.vy, m.vz) == (2.0, 1.0, -3.0)
    for bad in (GlobalTarget(11, 42.18, 69.88, 775.0, motion), GlobalTarget(5, 95.0, 69.88, 775.0, motion)):
        with pytest.raises(InputError):
            fcu.core.global_target(bad)


def test_heights_outside_the_geoid_grid_are_unknown_and_said_once() -> None:
    fcu = Fcu()
    fcu.send(HEARTBEAT)
    elsewhere = mavlink.MAVLink_global_position_int_message(0, 473977419, 85455939, 488_000, 0, 0, 0, 0, 0)
    notes = []
    for _ in range(3):
        ((_, fix),) = fcu.send(elsewhere)
        assert fix.alt_amsl_m == 488.0
        assert fix.alt_ellipsoid_m != fix.alt_ellipsoid_m
        notes += fcu.core.step(0).notes
    assert len(notes) == 1
