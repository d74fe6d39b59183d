"""Both sides of the transfer protocols against each other over a bad radio, in simulated time."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import Any

import pytest

from lenger_mavlink import params
from lenger_mavlink.codec import MavCodec, mavlink
from lenger_mavlink.lossy import LossyPipe, LossyProfile
from lenger_mavlink.mission_ardupilot_items import home_item
from lenger_mavlink.mission_items import MissionItem, MissionType, Peer
from lenger_mavlink.param_client import ParamFetch, ParamSet
from lenger_mavlink.params import ParamServer
from lenger_mavlink.transfer_client import Clear, Download, SetCurrentItem, Transfer, TransferResult, Upload
from lenger_mavlink.transfer_server import ARDUPILOT, PX4, MissionDialect, MissionHooks, MissionServer

S = 1_000_000_000
STEP_NS = 20_000_000
HOME = (42.18, 69.88, 750.0)
GOOD = LossyProfile()
RADIO = LossyProfile(delay_s=0.2, loss=0.1)
AWFUL = LossyProfile(delay_s=0.2, jitter_s=0.05, loss=0.1, duplicate=0.05, reorder=0.05, corrupt=0.02)
DIALECTS = pytest.mark.parametrize("dialect", [PX4, ARDUPILOT], ids=lambda d: d.name)


class Radio:
    """A ground station and an autopilot with a bad radio between them; time is a number."""

    def __init__(self, dialect: MissionDialect, profile: LossyProfile = GOOD, seed: int = 0) -> None:
        self.missions = MissionServer(dialect=dialect, hooks=MissionHooks(home=lambda: HOME))
        self.params = ParamServer(table(), dialect=params.PX4 if dialect is PX4 else params.ARDUPILOT)
        self.up, self.down = LossyPipe(profile, 2 * seed), LossyPipe(profile, 2 * seed + 1)
        self._ground, self._air = MavCodec(255, 190), MavCodec(1, 1)
        self.now_ns = 0
        self.silent = False

    def run(self, transfer: Transfer, limit_s: float = 900.0) -> TransferResult:
        """Run a transfer to its end, which must come."""
        self._send(transfer.start(self.now_ns))
        end_ns = self.now_ns + int(limit_s * S)
        while transfer.result is None:
            assert self.now_ns < end_ns, "the transfer hangs"
            self.now_ns += STEP_NS
            for data in self.up.pop(self.now_ns):
                for msg in self._air.feed_datagram(data):
                    self._answer(self.missions.on_message(msg, self.now_ns) + self.params.on_message(msg))
            self._answer(self.missions.step(self.now_ns) + self.params.step())
            for data in self.down.pop(self.now_ns):
                for msg in self._ground.feed_datagram(data):
                    self._send(transfer.on_message(msg, self.now_ns))
            self._send(transfer.step(self.now_ns))
        return transfer.result

    def settle(self, seconds: float = 10.0) -> None:
        """Let pass what is still under way: the next user of the radio comes later."""
        for _ in range(int(seconds * S / STEP_NS)):
            self.now_ns += STEP_NS
            for data in self.up.pop(self.now_ns):
                for msg in self._air.feed_datagram(data):
                    self._answer(self.missions.on_message(msg, self.now_ns))
            self._answer(self.missions.step(self.now_ns))
            self.down.pop(self.now_ns)

    def _send(self, messages: list[Any]) -> None:
        for msg in messages:
            self.up.push(self._ground.encode(msg), self.now_ns)

    def _answer(self, messages: list[Any]) -> None:
        for msg in messages if not self.silent else []:
            self.down.push(self._air.encode(msg), self.now_ns)


def table() -> dict[str, int | float]:
    return {f"P{n:03d}": n if n % 2 else n * 0.5 for n in range(300)}


def mission(count: int) -> tuple[MissionItem, ...]:
    """Return a mission of the kinds that both families keep as they come, home first."""
    items = [home_item(HOME)]
    for n in range(1, count):
        place = MissionItem(3, 16, 42.18 + n * 1e-4, 69.88 - n * 1e-4, 60.0 + n % 200, float(n % 10))
        items.append(replace(place, frame=0, command=22, param1=0.0) if n % 7 == 0 else place)
    return tuple(items)


def same(sent: tuple[MissionItem, ...], got: tuple[MissionItem, ...]) -> bool:
    """Compare as the wire has them; the integer frames mean the same as the others."""

    def key(item: MissionItem) -> tuple[object, ...]:
        frame = {5: 0, 6: 3}.get(item.frame, item.frame)
        place = (round(item.x_lat_deg * 1e7), round(item.y_lon_deg * 1e7), round(item.z_alt_m * 100.0))
        return (frame, item.command, *place, item.param1, item.param2, item.param3, item.param4, item.autocontinue)

    return [key(item) for item in sent] == [key(item) for item in got]


@DIALECTS
@pytest.mark.parametrize("size", [1, 100, 650])
def test_mission_round_trip(dialect: MissionDialect, size: int) -> None:
    radio = Radio(dialect)
    if dialect is ARDUPILOT and size == 1:
        radio.run(Upload(Peer(), MissionType.MISSION, mission(2)))  # else the one item lands behind home
    assert radio.run(Upload(Peer(), MissionType.MISSION, mission(size))).success
    got = radio.run(Download(Peer(), MissionType.MISSION))
    assert got.success
    assert same(mission(size), got.items)


@DIALECTS
@pytest.mark.parametrize(("size", "seed"), [(1, 0), (1, 1), (100, 2), (100, 3), (100, 4), (650, 5), (650, 6)])
def test_mission_round_trip_over_a_bad_radio(dialect: MissionDialect, size: int, seed: int) -> None:
    radio = Radio(dialect, RADIO, seed)
    radio.run(Upload(Peer(), MissionType.MISSION, mission(2)))
    radio.settle()
    result = radio.run(Upload(Peer(), MissionType.MISSION, mission(size)))
    assert result.success, result
    radio.settle()
    got = radio.run(Download(Peer(), MissionType.MISSION))
    assert got.success, got
    assert same(mission(size), got.items)


@DIALECTS
@pytest.mark.parametrize("seed", range(8))
def test_every_transfer_over_an_awful_radio(dialect: MissionDialect, seed: int) -> None:
    radio = Radio(dialect, AWFUL, seed)
    fence = tuple(MissionItem(0, 5001, 42.0 + n * 1e-3, 69.0 + (n % 2) * 1e-3, 0.0, 12.0) for n in range(12))
    rally = tuple(MissionItem(3, 5100, 42.0 + n * 1e-3, 69.0, 30.0) for n in range(5))
    for kind, items in ((MissionType.MISSION, mission(30)), (MissionType.FENCE, fence), (MissionType.RALLY, rally)):
        done = [radio.run(Upload(Peer(), kind, items))]
        radio.settle()
        done.append(radio.run(Download(Peer(), kind)))
        radio.settle()
        assert all(result.success for result in done), done
        assert [item.x_lat_deg for item in done[-1].items] == pytest.approx([i.x_lat_deg for i in items], abs=1e-7)
    assert radio.run(SetCurrentItem(Peer(), 7)).success
    assert radio.missions.current == 7
    assert radio.run(Clear(Peer(), MissionType.FENCE)).success
    assert [len(radio.missions.items(kind)) for kind in (0, 1, 2)] == [30, 0, 5]


@DIALECTS
@pytest.mark.parametrize("seed", range(4))
def test_parameters_over_an_awful_radio(dialect: MissionDialect, seed: int) -> None:
    radio = Radio(dialect, AWFUL, seed)
    decode = params.decode_bytewise if dialect is PX4 else params.decode_cast
    encode = params.encode_bytewise if dialect is PX4 else params.encode_cast
    fetch = ParamFetch(Peer(), decode)
    assert radio.run(fetch).success
    assert fetch.values == table()
    assert (fetch.hash is not None) or dialect is ARDUPILOT or seed
    change = ParamSet(Peer(), "P007", 70, decode, encode)
    assert radio.run(change).success
    assert radio.params["P007"] == 70


# ---------------------------------------------------------------- failures


@DIALECTS
@pytest.mark.parametrize(
    "make",
    [
        lambda: Upload(Peer(), MissionType.MISSION, mission(3)),
        lambda: Download(Peer(), MissionType.MISSION),
        lambda: Clear(Peer(), MissionType.MISSION),
        lambda: SetCurrentItem(Peer(), 1),
        lambda: ParamFetch(Peer(), params.decode_cast),
        lambda: ParamSet(Peer(), "P001", 5, params.decode_cast, params.encode_cast),
    ],
)
def test_silence_ends_every_transfer_with_a_reason(dialect: MissionDialect, make: Callable[[], Transfer]) -> None:
    radio = Radio(dialect)
    radio.silent = True
    result = radio.run(make(), limit_s=60.0)
    assert not result.success
    assert "no answer from the autopilot to" in result.detail


@DIALECTS
@pytest.mark.parametrize("after", [1, 20, 49])
def test_a_link_that_dies_ends_a_transfer(dialect: MissionDialect, after: int) -> None:
    for transfer in (
        Upload(Peer(), MissionType.MISSION, mission(50)),
        Download(Peer(), MissionType.MISSION),
    ):
        radio = Radio(dialect)
        radio.run(Upload(Peer(), MissionType.MISSION, mission(50)))
        start_ns = radio.now_ns
        for pipe in (radio.up, radio.down):
            pipe.set_delay(0.05, start_ns + S * 1000)
        dies_ns = start_ns + after * 100_000_000
        push = radio.up.push
        radio.up.push = lambda data, now, push=push, dies=dies_ns: push(data, now) if now < dies else None  # type: ignore[method-assign]
        result = radio.run(transfer, limit_s=120.0)
        assert result.success or result.detail


@pytest.mark.parametrize("lost", ["ack", "item"])
def test_an_upload_whose_last_ack_is_lost_begins_again_on_ardupilot(lost: str) -> None:
    radio = Radio(ARDUPILOT, LossyProfile(delay_s=0.05))
    sent: list[str] = []
    push = radio.down.push

    def losing(data: bytes, now_ns: int) -> None:
        (msg,) = MavCodec(0, 0).feed(data)
        sent.append(msg.get_type())
        if not (msg.get_type() == "MISSION_ACK" and sent.count("MISSION_ACK") == 1):
            push(data, now_ns)

    radio.down.push = losing  # type: ignore[method-assign]
    result = radio.run(Upload(Peer(), MissionType.MISSION, mission(3)))
    assert result.success
    assert sent.count("MISSION_ACK") == 3  # the lost one, the error to the last item again, the new one


@DIALECTS
def test_refusals_have_names(dialect: MissionDialect) -> None:
    radio = Radio(dialect)
    bad = (*mission(2), MissionItem(1, 16, 42.0, 69.0, 10.0))
    result = radio.run(Upload(Peer(), MissionType.MISSION, bad))
    assert (result.success, result.code) == (False, mavlink.MAV_MISSION_UNSUPPORTED_FRAME)
    assert "UNSUPPORTED_FRAME" in result.detail
    result = radio.run(Upload(Peer(), MissionType.FENCE, (MissionItem(0, 5001, 42.0, 69.0, 0.0, 2.0),) * 2))
    assert (result.success, result.code) == (False, mavlink.MAV_MISSION_ERROR)
    assert len(radio.missions.items(0)) == (2 if dialect is ARDUPILOT else 0)


def test_an_item_that_cannot_be_sent_is_refused_before_anything_is() -> None:
    upload = Upload(Peer(), MissionType.MISSION, (*mission(2), MissionItem(2, 177, 3e9, 0.0, 0.0)))
    assert upload.start(0) == []
    assert upload.result is not None
    assert "item 2: x_lat is 3000000000" in upload.result.detail


def test_a_download_begins_again_when_the_list_changes() -> None:
    radio = Radio(ARDUPILOT, LossyProfile(delay_s=0.1))
    radio.run(Upload(Peer(), MissionType.MISSION, mission(20)))
    download = Download(Peer(), MissionType.MISSION)
    step = radio.missions.step

    def shrinks(now_ns: int) -> list[Any]:
        if len(download._items) == 10:
            radio.missions._store.put(0, mission(8))
        return step(now_ns)

    radio.missions.step = shrinks  # type: ignore[method-assign]
    result = radio.run(download)
    assert result.success
    assert len(result.items) == 8


def test_unknown_parameters() -> None:
    radio = Radio(ARDUPILOT)
    result = radio.run(ParamSet(Peer(), "NO_SUCH", 1.0, params.decode_cast, params.encode_cast))
    assert result.detail == "NO_SUCH: the autopilot answered DOES_NOT_EXIST"
    radio = Radio(PX4)
    result = radio.run(ParamSet(Peer(), "NO_SUCH", 1.0, params.decode_bytewise, params.encode_bytewise), 60.0)
    assert "no answer" in result.detail


def test_set_current_of_an_item_that_is_not_there() -> None:
    radio = Radio(PX4)
    result = radio.run(SetCurrentItem(Peer(), 3), 60.0)
    assert not result.success
    result = radio.run(SetCurrentItem(Peer(), 70000), 60.0)
    assert "70000" in result.detail


@pytest.mark.campaign
@DIALECTS
@pytest.mark.parametrize(("profile", "size", "runs"), [(RADIO, 650, 150), (AWFUL, 100, 300)], ids=["radio", "awful"])
def test_no_transfer_of_many_fails(dialect: MissionDialect, profile: LossyProfile, size: int, runs: int) -> None:
    failed: list[tuple[int, str]] = []
    for seed in range(1000, 1000 + runs):
        radio = Radio(dialect, profile, seed)
        radio.run(Upload(Peer(), MissionType.MISSION, mission(2)))
        radio.settle()
        up = radio.run(Upload(Peer(), MissionType.MISSION, mission(size)), 3000.0)
        radio.settle()
        down = radio.run(Download(Peer(), MissionType.MISSION), 3000.0)
        if not (up.success and down.success and same(mission(size), down.items)):
            failed.append((seed, up.detail or down.detail or "differs"))
    print(f"{dialect.name}: {len(failed)} of {runs} failed, seeds 1000 to {999 + runs}; 0: less than {3.0 / runs:.1%}")
    assert not failed
