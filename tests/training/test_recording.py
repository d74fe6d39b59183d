"""Recordings: what goes in comes out, a cut file gives all before the cut, and other tools read the file."""

from __future__ import annotations

from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st
from mcap.reader import make_reader
from mcap_ros2.decoder import DecoderFactory

from lenger_core.errors import InputError
from lenger_core.wire import TOPICS
from lenger_training.mcap_file import FlightWriter, is_complete
from lenger_training.message_types import schema_text, type_store
from lenger_training.recording import LockstepRecorder, read_flight, repair
from training.flights import SQUARE, Flight


@pytest.fixture(scope="module")
def flight_file(tmp_path_factory: pytest.TempPathFactory) -> Path:
    path = tmp_path_factory.mktemp("flight") / "flight.mcap"
    Flight(SQUARE[:3]).write(path)
    return path


def test_records_come_back(flight_file: Path) -> None:
    written: dict[str, list[object]] = {}
    for topic, record in Flight(SQUARE[:3]).records():
        written.setdefault(topic, []).append(record)
    flight = read_flight(flight_file)
    assert not flight.truncated
    assert set(flight.records) == set(written)
    for topic, records in written.items():
        assert [r.t_ns for r in flight.of(topic)] == [r.t_ns for r in records]
    assert flight.of("sim/truth")[7].lat_deg == written["sim/truth"][7].lat_deg


def test_only_the_asked_topics_are_decoded(flight_file: Path) -> None:
    assert set(read_flight(flight_file, topics={"sim/truth"}).records) == {"sim/truth"}


def test_foreign_reader_decodes_every_message(flight_file: Path) -> None:
    """mcap-ros2-support decodes by the schema text alone, as Foxglove and PlotJuggler do."""
    with flight_file.open("rb") as stream:
        reader = make_reader(stream, decoder_factories=[DecoderFactory()])
        assert reader.get_header().profile == "ros2"
        rows = list(reader.iter_decoded_messages())
        metadata = {c.topic: c.metadata for c in reader.get_summary().channels.values()}
    assert len(rows) == len(Flight(SQUARE[:3]).records())
    assert "best_effort" in metadata["/sim/truth"]["offered_qos_profiles"]
    assert metadata["/sim/truth"]["topic_type_hash"].startswith("RIHS01_")


@pytest.mark.parametrize("topic", sorted(TOPICS))
def test_schema_of_every_topic_is_whole(topic: str) -> None:
    """Every type named in a definition is defined below it, and rosbags builds the same type from the text."""
    from rosbags.typesys import get_types_from_msg

    ros_type = TOPICS[topic].ros_type
    types = get_types_from_msg(schema_text(ros_type), ros_type)
    assert types[ros_type][1] == type_store().fielddefs[ros_type][1]


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.floats(0.0, 1.0))
def test_cut_anywhere_is_readable_up_to_the_cut(flight_file: Path, tmp_path: Path, share: float) -> None:
    whole = flight_file.read_bytes()
    cut = tmp_path / "cut.mcap"
    cut.write_bytes(whole[: int(share * (len(whole) - 1))])
    before = read_flight(cut)
    full = read_flight(flight_file)
    for topic, records in before.records.items():
        assert [r.t_ns for r in records] == [r.t_ns for r in full.of(topic)[: len(records)]]
    assert before.truncated
    assert repair(cut)
    assert is_complete(cut) and not repair(cut)
    after = read_flight(cut)
    assert {k: len(v) for k, v in after.records.items()} == {k: len(v) for k, v in before.records.items()}


def test_all_but_the_last_second_survives_a_cut_before_the_end(flight_file: Path, tmp_path: Path) -> None:
    """Chunks end every second of flight: without the summary nothing but the index is lost."""
    whole = flight_file.read_bytes()
    cut = tmp_path / "cut.mcap"
    cut.write_bytes(whole[: int(len(whole) * 0.5)])
    assert read_flight(cut).last_ns > read_flight(flight_file).first_ns + 5_000_000_000


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.data())
def test_flipped_bytes_never_raise_anything_but_input_error(
    flight_file: Path, tmp_path: Path, data: st.DataObject
) -> None:
    raw = bytearray(flight_file.read_bytes())
    for _ in range(data.draw(st.integers(1, 8))):
        raw[data.draw(st.integers(0, len(raw) - 1))] = data.draw(st.integers(0, 255))
    broken = tmp_path / "broken.mcap"
    broken.write_bytes(raw)
    try:
        read_flight(broken)
    except InputError:
        assert bytes(raw[:8]) != flight_file.read_bytes()[:8]


def test_not_mcap_is_one_clear_line(tmp_path: Path) -> None:
    path = tmp_path / "flight.mcap"
    path.write_text("hello, this is no recording")
    with pytest.raises(InputError, match="an MCAP file"):
        read_flight(path)
    with pytest.raises(InputError, match="readable"):
        read_flight(tmp_path / "missing.mcap")


def test_recorder_passes_over_topics_that_are_not_recorded(tmp_path: Path) -> None:
    from lenger_core.samples import AttitudeSample

    recorder = LockstepRecorder(tmp_path / "flight.mcap")
    recorder.record("mavros/imu/data", AttitudeSample(1, (1.0, 0.0, 0.0, 0.0), (0.0,) * 3, (0.0,) * 3), 1)
    recorder.close()
    assert not read_flight(tmp_path / "flight.mcap").records


def test_an_interrupt_while_writing_and_a_second_close_write_no_message_twice(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    recorder = LockstepRecorder(tmp_path / "flight.mcap")
    records = Flight(SQUARE[:2]).records()
    first, last = records[0][1].t_ns, records[-1][1].t_ns
    for topic, record in records:
        recorder.record(topic, record, first)
    whole, written = FlightWriter.write, 0

    def interrupted(writer: FlightWriter, channel: int, t_ns: int, data: bytes) -> None:
        nonlocal written
        written += 1
        whole(writer, channel, t_ns, data)
        if written == 1:
            raise KeyboardInterrupt

    monkeypatch.setattr(FlightWriter, "write", interrupted)
    with pytest.raises(KeyboardInterrupt):
        recorder.record(*records[-1], last)
    recorder.close()
    recorder.close()
    flight = read_flight(tmp_path / "flight.mcap")
    assert sum(map(len, flight.records.values())) == len(records) + 1
    assert not flight.truncated


def test_qos_text_is_what_our_publishers_offer() -> None:
    qos = pytest.importorskip("lenger_core.ros.qos")
    from lenger_training.qos_text import _PROFILES

    assert set(_PROFILES) == set(qos.PUBLISH)
    for name, (depth, reliability, durability) in _PROFILES.items():
        offered = qos.PUBLISH[name]
        assert (offered.depth, offered.reliability.name.lower(), offered.durability.name.lower()) == (
            depth,
            reliability,
            durability,
        )
