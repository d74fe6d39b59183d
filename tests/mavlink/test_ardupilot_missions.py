"""ArduPilot's side of the mission protocol, line by line as measured on ArduCopter 4.7 and read in its sources."""

from __future__ import annotations

from dataclasses import replace
from typing import Any

import pytest

from lenger_mavlink.codec import MavCodec, mavlink
from lenger_mavlink.mission_items import MissionItem, Peer, item_message, item_of
from lenger_mavlink.transfer_server import ARDUPILOT, MissionHooks, MissionServer

S = 1_000_000_000
OK, ERROR, DENIED = mavlink.MAV_MISSION_ACCEPTED, mavlink.MAV_MISSION_ERROR, mavlink.MAV_MISSION_DENIED
HOME = (42.18, 69.88, 750.126)
NAN = float("nan")


def waypoint(n: int = 1, frame: int = 3, **changes: Any) -> MissionItem:
    return replace(MissionItem(frame, 16, 42.18 + n * 1e-4, 69.88 - n * 1e-4, 60.0 + n), **changes)


def mission(count: int) -> list[MissionItem]:
    """Return home and waypoints, `count` items together."""
    return [waypoint(n) for n in range(count)]


class Bench:
    """An ArduPilot, what it was told, and a ground station on a wire of real bytes."""

    def __init__(self) -> None:
        self.texts: list[str] = []
        self.stored: list[tuple[int, int]] = []
        self.running = False
        hooks = MissionHooks(
            home=lambda: HOME,
            running=lambda: self.running,
            guided=lambda item: item.command == 16,
            text=lambda _severity, text: self.texts.append(text),
        )
        self.server = MissionServer(
            1, 1, lambda kind, items: self.stored.append((kind, len(items))), dialect=ARDUPILOT, hooks=hooks
        )

    def ask(self, msg: Any, now_ns: int = 0, system: int = 255) -> list[Any]:
        (got,) = MavCodec(1, 1).feed(MavCodec(system, 190).encode(msg))
        sender, receiver = MavCodec(1, 1), MavCodec(0, 0)
        return [back for out in self.server.on_message(got, now_ns) for back in receiver.feed(sender.encode(out))]

    def count(self, n: int, kind: int = 0, system: int = 255) -> list[Any]:
        return self.ask(mavlink.MAVLink_mission_count_message(1, 1, n, kind), system=system)

    def item(self, n: int, source: MissionItem, kind: int = 0, now_ns: int = 0, system: int = 255) -> list[Any]:
        return self.ask(item_message(Peer(), kind, n, source), now_ns, system)

    def upload(self, items: list[MissionItem], kind: int = 0) -> int:
        (reply,) = self.count(len(items), kind)
        while reply.get_type() == "MISSION_REQUEST":
            (reply,) = self.item(reply.seq, items[reply.seq], kind)
        return int(reply.type)

    def download(self, kind: int = 0) -> list[MissionItem]:
        (reply,) = self.ask(mavlink.MAVLink_mission_request_list_message(1, 1, kind))
        requests = (mavlink.MAVLink_mission_request_int_message(1, 1, n, kind) for n in range(reply.count))
        return [item_of(self.ask(request)[0]) for request in requests]

    def clear(self, kind: int = 0, system: int = 255) -> list[int]:
        return [a.type for a in self.ask(mavlink.MAVLink_mission_clear_all_message(1, 1, kind), system=system)]


@pytest.fixture
def bench() -> Bench:
    return Bench()


def test_item_0_is_home_with_centimetres(bench: Bench) -> None:
    assert bench.upload(mission(4)) == OK
    got = bench.download()
    assert got[0] == MissionItem(0, 16, 42.18, 69.88, pytest.approx(750.12, abs=1e-4))  # type: ignore[arg-type]
    assert [round(item.z_alt_m, 3) for item in got[1:]] == [61.0, 62.0, 63.0]
    assert bench.texts == ["Flight plan received"]
    assert bench.stored == [(0, 4)]


def test_home_can_be_read_from_an_empty_mission(bench: Bench) -> None:
    (home,) = bench.ask(mavlink.MAVLink_mission_request_int_message(1, 1, 0, 0))
    assert (home.seq, home.frame, home.x) == (0, 0, 421800000)


def test_a_single_item_for_an_empty_mission_lands_behind_home(bench: Bench) -> None:
    assert bench.upload([waypoint(7)]) == OK
    assert [round(item.z_alt_m) for item in bench.download()] == [750, 67]
    assert bench.upload([waypoint(8)]) == OK  # now it is home's place, and writing that does nothing
    assert [round(item.z_alt_m) for item in bench.download()] == [750]


@pytest.mark.parametrize(
    ("frame", "stored"), [(0, 0), (5, 0), (2, 0), (3, 3), (6, 3), (10, 10), (11, 10), (1, None), (8, None), (12, None)]
)
def test_frames(bench: Bench, frame: int, stored: int | None) -> None:
    bench.upload(mission(1))
    place = waypoint(1, frame) if frame != 2 else waypoint(1, 2, x_lat_deg=421801000, y_lon_deg=698799000)
    result = bench.upload([waypoint(0), place])
    assert result == (OK if stored is not None else mavlink.MAV_MISSION_UNSUPPORTED_FRAME)
    if stored is not None:
        item = bench.download()[1]
        assert (item.frame, item.x_lat_deg) == (stored, pytest.approx(42.1801, abs=1e-7))


@pytest.mark.parametrize(
    ("sent", "kept"),
    [
        (waypoint(param1=3.7, param2=2.0, param3=1.0, param4=NAN), (3.0, 0.0, 0.0, 0.0)),
        (waypoint(param1=-3.7), (65533.0, 0.0, 0.0, 0.0)),
        (waypoint(command=21, param1=1.0, param4=NAN), (1.0, 0.0, 0.0, 1.0)),
        (waypoint(command=17, param3=-50.5), (0.0, 0.0, -50.0, 0.0)),
        (waypoint(command=18, param1=0.5, param3=-400.0, param4=1.0), (0.5, 0.0, -400.0, 1.0)),
        (waypoint(command=18, param1=999.0, param3=9999.0), (255.0, 0.0, 2550.0, 0.0)),
        (waypoint(command=19, param1=12.9, param3=-3.0), (12.0, 0.0, -1.0, 0.0)),
        (waypoint(command=178, param1=1.0, param2=7.25, param3=-1.0), (1.0, 7.25, -1.0, 0.0)),
        (waypoint(command=177, param1=1.0, param2=-1.0), (1.0, -1.0, 0.0, 0.0)),
    ],
)
def test_what_is_kept_of_parameters(bench: Bench, sent: MissionItem, kept: tuple[float, ...]) -> None:
    assert bench.upload([waypoint(0), sent]) == OK
    got = bench.download()[1]
    assert (got.param1, got.param2, got.param3, got.param4) == kept
    if sent.command in (177, 178):
        assert (got.frame, got.x_lat_deg, got.y_lon_deg, got.z_alt_m) == (0, 0.0, 0.0, 0.0)


@pytest.mark.parametrize(
    ("bad", "code"),
    [
        (waypoint(z_alt_m=NAN), 12),
        (waypoint(z_alt_m=83000.0), 12),
        (waypoint(param1=NAN), 6),
        (waypoint(param2=float("inf")), 7),
        (waypoint(command=115, param4=NAN), 9),
        (waypoint(x_lat_deg=90.5), 10),
        (waypoint(y_lon_deg=-180.5), 11),
        (waypoint(command=1), mavlink.MAV_MISSION_INVALID),
        (waypoint(command=31000), mavlink.MAV_MISSION_UNSUPPORTED),
        (waypoint(command=177, param1=0.0), ERROR),
        (waypoint(command=177, param1=9.0), ERROR),
    ],
)
def test_refused_items(bench: Bench, bad: MissionItem, code: int) -> None:
    assert bench.upload([waypoint(0), bad, waypoint(2)]) == code


def test_a_refused_item_leaves_a_mixture(bench: Bench) -> None:
    assert bench.upload(mission(6)) == OK
    assert bench.upload([waypoint(n) for n in (20, 21, 22)] + [waypoint(z_alt_m=NAN), waypoint(24)]) == 12
    assert [round(item.z_alt_m) for item in bench.download()] == [750, 81, 82, 63, 64]
    assert bench.stored[-1] == (0, 5)


def test_requests_repeat_each_second_and_end_with_15(bench: Bench) -> None:
    assert bench.upload(mission(4)) == OK
    bench.count(3)
    bench.item(0, waypoint(0))
    bench.item(1, waypoint(9))
    asked = {t: bench.server.step(t * S // 10) for t in range(81)}
    times = [t for t, out in asked.items() if out]
    assert times == [11, 22, 33, 44, 55, 66, 77]
    assert {(out[0].get_type(), out[0].seq) for out in asked.values() if out} == {("MISSION_REQUEST", 2)}
    (end,) = bench.server.step(8 * S + 1)
    assert end.type == mavlink.MAV_MISSION_OPERATION_CANCELLED == 15
    assert bench.texts[-1] == "Mission upload timeout"
    assert [round(item.z_alt_m) for item in bench.download()] == [750, 69, 62]  # cut to 3 by the count, half new
    assert bench.server.step(9 * S) == []


def test_a_wrong_sequence_gets_13_and_the_upload_goes_on(bench: Bench) -> None:
    bench.count(3)
    assert bench.item(2, waypoint())[0].type == mavlink.MAV_MISSION_INVALID_SEQUENCE == 13
    assert bench.item(0, waypoint())[0].seq == 1
    assert bench.item(0, waypoint())[0].type == 13
    assert bench.item(1, waypoint())[0].seq == 2


def test_an_item_without_an_upload_and_the_last_one_again(bench: Bench) -> None:
    assert bench.item(0, waypoint())[0].type == ERROR
    assert bench.upload(mission(2)) == OK
    assert bench.item(1, waypoint(1))[0].type == ERROR  # PX4 would acknowledge it again


def test_650_items_fit_and_651_do_not(bench: Bench) -> None:
    assert bench.upload(mission(650)) == OK
    assert bench.count(651)[0].type == mavlink.MAV_MISSION_NO_SPACE == 4
    assert bench.texts[-1] == "Only 650 items are supported"
    assert len(bench.download()) == 650


def test_clear_is_refused_in_auto(bench: Bench) -> None:
    bench.upload(mission(3))
    bench.running = True
    assert bench.clear() == [ERROR]
    assert len(bench.download()) == 3
    bench.running = False
    assert bench.clear() == [OK]
    assert bench.download() == []
    assert bench.clear(255) == [mavlink.MAV_MISSION_UNSUPPORTED]


def test_a_second_uploader_is_denied_on_the_same_list_only(bench: Bench) -> None:
    bench.count(3)
    assert bench.count(3, system=99)[0].type == DENIED
    assert bench.item(0, waypoint(), system=99)[0].type == DENIED
    assert bench.clear(system=99) == [DENIED, ERROR]
    assert bench.ask(mavlink.MAVLink_mission_request_list_message(1, 1, 0))[0].type == DENIED
    assert bench.count(2, 2, system=99)[0].get_type() == "MISSION_REQUEST"  # rally points go on beside it
    assert bench.count(2)[0].seq == 0  # the same one may begin again


def test_partial_list(bench: Bench) -> None:
    bench.upload(mission(5))

    def part(first: int, last: int) -> Any:
        return bench.ask(mavlink.MAVLink_mission_write_partial_list_message(1, 1, first, last, 0))[0]

    for first, last in ((4, 6), (3, 2), (-1, 2)):
        assert part(first, last).type == ERROR
    assert part(2, 3).seq == 2
    assert part(1, 1).type == DENIED
    assert bench.item(2, waypoint(12))[0].seq == 3
    assert bench.item(3, waypoint(13))[0].type == OK
    assert [round(item.z_alt_m) for item in bench.download()] == [750, 61, 72, 73, 64]
    assert part(5, 5).seq == 5  # one behind the end appends
    assert bench.item(5, waypoint(15))[0].type == OK
    assert len(bench.download()) == 6


def vertex(command: int = 5001, count: float = 4.0, n: int = 0, frame: int = 0) -> MissionItem:
    return MissionItem(frame, command, 42.0 + n * 1e-3, 69.0 + (n % 2) * 1e-3, 33.0, count)


def test_fence_item_0_is_a_vertex_and_crossing_edges_are_accepted(bench: Bench) -> None:
    crossing = [replace(vertex(), x_lat_deg=42.0 + x, y_lon_deg=69.0 + y) for x, y in ((0, 0), (1, 1), (1, 0), (0, 1))]
    assert bench.upload(crossing, 1) == OK
    got = bench.download(1)
    assert [(item.x_lat_deg, item.y_lon_deg) for item in got] == [(i.x_lat_deg, i.y_lon_deg) for i in crossing]
    assert {(item.frame, item.z_alt_m, item.param1) for item in got} == {(0, 0.0, 4.0)}


@pytest.mark.parametrize(
    ("items", "code", "text"),
    [
        ([vertex(count=69.0, n=n) for n in range(69)], OK, None),
        ([vertex(count=70.0, n=n) for n in range(70)], ERROR, "Fence exceeds storage size"),
        ([vertex(count=71.0, n=n) for n in range(71)], 4, "Only 70 items are supported"),
        ([vertex(count=2.0, n=n) for n in range(2)], ERROR, "Invalid vertex count (2)"),
        ([vertex(n=n) for n in range(3)], ERROR, "Incorrect item count"),
        ([vertex(n=n) for n in range(3)] + [vertex(5002)], ERROR, "Received incorrect vertex type"),
        ([vertex(5003, 0.0)], ERROR, "Non-positive circle radius"),
        ([vertex(5000), vertex(5000)], ERROR, "Multiple return points"),
        ([vertex(5003, 10.5), vertex(5004, 20.0), vertex(5000)], OK, None),
        ([vertex(5001, 300.0)], mavlink.MAV_MISSION_INVALID_PARAM1, None),
        ([vertex(frame=1)], mavlink.MAV_MISSION_UNSUPPORTED_FRAME, None),
        ([vertex(16)], mavlink.MAV_MISSION_UNSUPPORTED, None),
    ],
)
def test_fences(bench: Bench, items: list[MissionItem], code: int, text: str | None) -> None:
    old = [vertex(n=n) for n in range(4)]
    assert bench.upload(old, 1) == OK
    assert bench.upload(items, 1) == code
    assert len(bench.download(1)) == (len(items) if code == OK else 4)  # a fence is atomic
    assert text is None or text in bench.texts


def test_partial_fence_keeps_the_rest(bench: Bench) -> None:
    bench.upload([vertex(n=n) for n in range(4)], 1)
    bench.ask(mavlink.MAVLink_mission_write_partial_list_message(1, 1, 1, 1, 1))
    assert bench.item(1, vertex(n=9), 1)[0].type == OK
    assert [round((item.x_lat_deg - 42.0) * 1e3) for item in bench.download(1)] == [0, 9, 2, 3]


def test_rally_points(bench: Bench) -> None:
    points = [MissionItem(frame, 5100, 42.0, 69.0, 30.7) for frame in (0, 3, 6, 10)]
    assert bench.upload(points, 2) == OK
    assert [(item.frame, item.z_alt_m) for item in bench.download(2)] == [(0, 30.0), (3, 30.0), (3, 30.0), (10, 30.0)]
    assert bench.upload([replace(points[0], z_alt_m=40000.0)], 2) == 12
    assert bench.upload([replace(points[0], command=16)], 2) == mavlink.MAV_MISSION_UNSUPPORTED
    assert bench.count(47, 2)[0].type == 4


def test_set_current(bench: Bench) -> None:
    bench.upload(mission(4))
    (reply,) = bench.ask(mavlink.MAVLink_mission_set_current_message(1, 1, 2))
    assert (reply.get_type(), reply.seq, reply.total) == ("MISSION_CURRENT", 2, 3)  # home does not count
    assert bench.ask(mavlink.MAVLink_mission_set_current_message(1, 1, 4)) == []
    assert bench.server.set_current(4) == mavlink.MAV_RESULT_DENIED
    bench.upload(mission(1))
    assert bench.server.set_current(0) == mavlink.MAV_RESULT_FAILED


def test_guided_items_and_old_requests(bench: Bench) -> None:
    message = item_message(Peer(), 0, 0, waypoint())
    message.current = 2
    assert bench.ask(message)[0].type == OK
    message.command = 22
    assert bench.ask(message)[0].type == ERROR
    bench.upload(mission(2))
    (old,) = bench.ask(mavlink.MAVLink_mission_request_message(1, 1, 1, 0))
    assert (old.get_type(), old.x) == ("MISSION_ITEM", pytest.approx(42.1801, abs=1e-5))
    assert [a.get_type() for a in bench.ask(mavlink.MAVLink_mission_request_int_message(1, 1, 2, 0))] == [
        "MISSION_COUNT",
        "MISSION_ACK",
    ]
    assert bench.count(1, 7)[0].type == mavlink.MAV_MISSION_UNSUPPORTED
    assert bench.texts.count("got MISSION_REQUEST; use MISSION_REQUEST_INT!") == 1
