"""From a log to its results: causal, complete, and true to what the flight was."""

from __future__ import annotations

import csv
import json
from math import degrees
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fusion.replay.written import DRAG, bin_bytes, flown, ulog_bytes, write_folder, write_recording
from fusion.trajectory import T0_NS, Flight, new_core
from lenger_core.errors import InputError
from lenger_core.frames import euler_from_quat
from lenger_core.samples import GnssFix, ImuSample
from lenger_fusion.replay.decimals import Lines
from lenger_fusion.replay.estimate import COLUMNS, EstimateWriter
from lenger_fusion.replay.fuse import fuse, options_of, run_log
from lenger_fusion.replay.log import feed
from lenger_fusion.replay.open_log import open_log
from lenger_fusion.replay.report import report_of

DATA = Path(__file__).resolve().parents[4] / "shared" / "data" / "fusion"
needs_logs = pytest.mark.skipif(not DATA.is_dir(), reason=f"no flight logs in {DATA}")
INTEGRITIES = {"nominal", "degraded", "coasting", "spoofing", "jamming"}


def run(log: Path, out: Path, **options: Any) -> dict[str, Any]:
    asked = options_of(
        options.get("withhold", ()),
        options.get("without", ()),
        options.get("inject", ()),
        "",
        options.get("changes", ()),
    )
    out.mkdir(exist_ok=True)
    return report_of(run_log(open_log(log), out / "estimate.csv", asked))


def rows_of(out: Path) -> list[dict[str, str]]:
    with (out / "estimate.csv").open(newline="") as file:
        return list(csv.DictReader(file))


@pytest.fixture(scope="module")
def log(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return write_folder(tmp_path_factory.mktemp("logs") / "flight", flown())


@pytest.fixture(scope="module")
def plain(log: Path, tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, dict[str, Any]]:
    out = tmp_path_factory.mktemp("plain")
    return out, fuse(log, out, options_of((), (), ()))


def test_a_row_for_each_imu_sample_with_the_columns_of_the_layout(plain: tuple[Path, dict[str, Any]]) -> None:
    out, report = plain
    assert (out / "estimate.csv").read_text().split("\n", 1)[0] == ",".join(COLUMNS)
    rows = rows_of(out)
    stamps = {f"{(s.t_ns - T0_NS) * 1e-9:.6f}" for s in flown() if isinstance(s, ImuSample)}
    times = [row["t_s"] for row in rows]
    assert set(times) <= stamps and times == sorted(times, key=float)
    last = max(float(t) for t in stamps)
    assert len(rows) == len([t for t in stamps if float(times[0]) <= float(t) <= last])
    assert {row["integrity"] for row in rows} <= INTEGRITIES and {row["gnss_used"] for row in rows} <= {"0", "1"}
    assert report["estimate"]["rows"] == len(rows) > 1500


def test_rows_are_where_the_flight_was(plain: tuple[Path, dict[str, Any]]) -> None:
    flight = Flight(3, 20.0, drag=DRAG)
    errors, turns = [], []
    for row in rows_of(plain[0])[500::50]:
        truth = flight.truth(T0_NS + round(float(row["t_s"]) * 1e9))
        east, north, up = flight.frame.to_local(*(float(row[k]) for k in ("lat_deg", "lon_deg", "alt_amsl_m")))
        errors.append(np.array([east, north, up]) - truth[:3])
        roll, pitch, _ = (degrees(a) for a in euler_from_quat(tuple(truth[6:10].tolist())))  # type: ignore[arg-type]
        turns.append((float(row["roll_deg"]) - roll, float(row["pitch_deg"]) - pitch))
        assert np.linalg.norm(errors[-1][:2]) < float(row["hpl_m"]) and abs(errors[-1][2]) < float(row["vpl_m"])
    assert np.sqrt(np.mean(np.square(errors), axis=0)).max() < 1.5
    # Six flights of this kind, either estimator: 0.7 to 0.9 degrees RMS, 2.5 at most.
    assert np.sqrt(np.mean(np.square(turns), axis=0)).max() < 1.5


def test_rows_are_what_the_core_says() -> None:
    """Worked out in blocks, with PROJ: the same as LocalFrame and the quaternion, one by one."""
    from io import StringIO

    core, file = new_core(), StringIO()
    writer, wanted = EstimateWriter(file), []
    for sample in flown()[:2500]:
        feed(core, sample)
        if isinstance(sample, ImuSample) and core.filter is not None and core.frame is not None:
            x = core.filter.output()
            writer.add(sample.t_ns, x, core.status(sample.t_ns), core.frame)
            angles = [degrees(a) for a in euler_from_quat(tuple(x[6:10].tolist()))]  # type: ignore[arg-type]
            wanted.append([*core.frame.to_geodetic(*x[:3].tolist()), *x[3:6].tolist(), *angles])
    writer.flush()
    lines = file.getvalue().splitlines()[1:]
    found = np.array([[float(v) for v in line.split(",")[1:10]] for line in lines])
    assert len(found) == len(wanted) > 1024
    np.testing.assert_allclose(found[:, :2], np.array(wanted)[:, :2], rtol=0.0, atol=1.01e-9)
    np.testing.assert_allclose(found[:, 2:], np.array(wanted)[:, 2:], rtol=0.0, atol=1e-4)


CHANGES = {
    "withhold": ["gnss:6-12", "mag:3-end"],
    "without": ["flow"],
    "inject": ["gnss-noise:2-5:4m", "baro-drift:8-end:0.5m/s", "imu-vibration:9-10:2m/s2"],
}


def test_a_folder_that_was_cut_gives_the_same_beginning(log: Path, tmp_path: Path) -> None:
    run(log, tmp_path / "whole", **CHANGES)
    whole = (tmp_path / "whole" / "estimate.csv").read_text()
    for until_s in (4.567, 11.1):
        short = write_folder(tmp_path / f"cut{until_s}", flown(), until_s)
        with (short / "imu.csv").open("a") as file:
            file.write(f"{until_s + 0.01:.6f},0.1,0.")  # killed in the middle of a line
        run(short, tmp_path / "out", **CHANGES)
        text = (tmp_path / "out" / "estimate.csv").read_text()
        assert len(text) > 10_000 and whole.startswith(text)


@pytest.mark.parametrize("name", ["flight.ulg", "flight.bin", "flight.mcap"])
def test_a_file_that_was_cut_anywhere_gives_the_same_beginning(name: str, tmp_path: Path) -> None:
    path = tmp_path / name
    if name.endswith("mcap"):
        write_recording(path, flown())
    else:
        path.write_bytes((ulog_bytes if name.endswith("ulg") else bin_bytes)(flown()))
    raw = path.read_bytes()
    run(path, tmp_path / "whole", **CHANGES)
    whole = (tmp_path / "whole" / "estimate.csv").read_text()
    for share in (0.41, 0.733):
        path.write_bytes(raw[: int(len(raw) * share)])
        run(path, tmp_path / "out", **CHANGES)
        text = (tmp_path / "out" / "estimate.csv").read_text()
        assert len(text) > 10_000 and whole.startswith(text)


def test_withheld_fixes_are_the_measure_of_dead_reckoning(log: Path, tmp_path: Path) -> None:
    report = run(log, tmp_path, withhold=["gnss:6-18", "baro:6-7"])
    gnss, baro = report["withheld"]
    marks = [at["after_s"] for at in gnss["after"]]
    assert marks == [10.0] and 11.0 < gnss["at_end"]["after_s"] < 12.0
    at = gnss["after"][0]
    assert 0.0 < at["horizontal_m"] < at["hpl_m"] and at["within_hpl"] and at["last_fix_held_m"] > 1.0
    assert baro == {"withheld": "baro:6-7", "fixes": 0} or "after" not in baro
    rows = [row for row in rows_of(tmp_path) if 8.0 < float(row["t_s"]) < 18.0]
    assert {(row["gnss_used"], row["integrity"]) for row in rows} == {("0", "coasting")}
    assert "coasting" in {part["integrity"] for part in report["integrity"]["timeline"]}


def test_errors_against_withheld_fixes_are_those_against_the_truth(log: Path, tmp_path: Path) -> None:
    """The report compares at the fix's own time: the latency must not show in it."""
    flight = Flight(3, 20.0, drag=DRAG)
    report = run(log, tmp_path, withhold=["gnss:10-20"], changes=["gnss_latency_s=0.12"])
    t_s = 10.0 + report["withheld"][0]["at_end"]["after_s"] - 0.12
    near = min(rows_of(tmp_path), key=lambda row: abs(float(row["t_s"]) - t_s))
    place = flight.frame.to_local(*(float(near[k]) for k in ("lat_deg", "lon_deg", "alt_amsl_m")))
    truth = flight.truth(T0_NS + round(float(near["t_s"]) * 1e9))[:3]
    real = float(np.hypot(*(np.array(place) - truth)[:2]))
    assert report["withheld"][0]["at_end"]["horizontal_m"] == pytest.approx(real, abs=4.0)


def test_an_injection_is_measured_against_the_clean_fixes(log: Path, tmp_path: Path) -> None:
    report = run(log, tmp_path, inject=["spoof-ramp:8-16:2m/s:consistent", "range-step:1-2:1m"])
    drawn, _ = report["injected"]
    assert drawn["difference"]["horizontal_m"]["max"] > 3.0
    assert report["options"]["inject"] == ["spoof-ramp:8-16:2m/s:consistent", "range-step:1-2:1m"]


def test_the_report_holds_what_was_read_and_found(plain: tuple[Path, dict[str, Any]]) -> None:
    out, report = plain
    assert json.loads((out / "report.json").read_text()) == json.loads(json.dumps(report))
    sensors = report["log"]["sensors"]
    assert sensors["imu"] == {"samples": 2000, "rate_hz": 100.0, "first_s": 0.0, "last_s": 19.99}
    assert set(sensors) == {"imu", "gnss", "baro", "mag", "airspeed", "range", "flow"}
    used = report["gnss_difference"]["used"]
    assert used["fixes"] > 100 and used["within_hpl"] > 0.99 and max(used["rms_enu_m"]) < 3.0
    tests = report["innovations"]
    assert tests["gnss_position"]["accepted"] > 100 and 0.2 < tests["gnss_position"]["nis_mean_accepted"] < 4.0
    assert sum(report["integrity"]["share"].values()) == pytest.approx(1.0, abs=0.001)
    assert report["integrity"]["timeline"][0]["integrity"] == "aligning"
    assert "fusion_aligned" in {event["kind"] for event in report["events"]}
    flight = Flight(3, 20.0, drag=DRAG)
    assert report["biases"]["gyro_rad_s"] == pytest.approx(flight.gyro_bias.tolist(), abs=0.02)


def test_the_page_stands_alone(plain: tuple[Path, dict[str, Any]]) -> None:
    page = (plain[0] / "report.html").read_text()
    assert page.count("<svg") == 12 and "$" not in page.split("<svg")[0]
    bare = page.replace("http://www.w3.org/", "")
    assert "http://" not in bare and "https://" not in bare and "<script" not in page
    assert len(page) < 3_000_000
    assert 'name="viewport"' in page and "@media print" in page


def test_no_estimate_says_why(log: Path, tmp_path: Path) -> None:
    report: Any = fuse(log, tmp_path, options_of((), ["gnss"], ()))
    assert report["estimate"]["rows"] == 0 and report["estimate"]["why"]
    assert (tmp_path / "estimate.csv").read_text() == ",".join(COLUMNS) + "\n"
    assert "No estimate" in (tmp_path / "report.html").read_text()


def test_a_pause_of_the_imu_is_in_the_timeline(log: Path, tmp_path: Path) -> None:
    report = run(log, tmp_path, inject=["imu-gap:8-11"])
    part = next(p for p in report["integrity"]["timeline"] if p["from_s"] > 7.0 and p["integrity"] == "aligning")
    assert 8.4 < part["from_s"] < 8.8 and "silent" in part["reason"]
    assert not [row for row in rows_of(tmp_path) if 8.1 < float(row["t_s"]) < 10.9]


def test_options_without_effect_are_said(log: Path, tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "few", [s for s in flown(8.0) if isinstance(s, (ImuSample, GnssFix))])
    asked = {"withhold": ["gnss:500-600", "mag:1-2"], "without": ["flow"], "inject": ["baro-step:1-2:3m"]}
    notes = " / ".join(run(folder, tmp_path / "out", **asked)["notes"])
    for said in ("gnss:500-600: outside of the log", "mag:1-2: the log has no mag", "--without flow", "no baro"):
        assert said in notes


def test_nothing_is_written_when_the_log_is_no_good(tmp_path: Path) -> None:
    with pytest.raises(InputError):
        fuse(tmp_path / "none", tmp_path / "out", options_of((), (), ()))
    assert not (tmp_path / "out").exists()
    (tmp_path / "file").write_text("")
    with pytest.raises(InputError, match="--out"):
        fuse(write_folder(tmp_path / "log", flown(8.0)), tmp_path / "file" / "out", options_of((), (), ()))


@needs_logs
@pytest.mark.parametrize(("name", "rows"), [("quad106", 32_800), ("f450_glitch", 1500)])
def test_real_logs(name: str, rows: int, tmp_path: Path) -> None:
    report = run(DATA / name, tmp_path, withhold=["gnss:60-80"], changes=["magnetic_year=2014"])
    assert report["estimate"]["rows"] >= rows
    if name == "quad106":
        assert report["gnss_difference"]["used"]["horizontal_m"]["median"] < 1.5
        assert report["withheld"][0]["after"][0]["horizontal_m"] < report["withheld"][0]["after"][0]["hpl_m"]


@given(st.lists(st.tuples(*[st.floats(-9.9e8, 9.9e8)] * 3), max_size=20), st.integers(0, 9))
def test_numbers_are_written_as_python_writes_them(rows: list[tuple[float, float, float]], decimals: int) -> None:
    kinds = [i % 2 for i in range(len(rows))]
    text = Lines((decimals, 0, 3), ["\n", ",second\n"]).text(np.array(rows).reshape(-1, 3), np.array(kinds, np.int64))
    lines = text.splitlines()
    assert len(lines) == len(rows)
    for line, row, kind in zip(lines, rows, kinds, strict=True):
        assert line.endswith(",second") is bool(kind)
        for found, value, n in zip(line.split(","), row, (decimals, 0, 3), strict=False):
            # Half a digit, and a rounding of value times 10^n.
            assert abs(float(found) - value) <= 0.5 * 10.0**-n + 3.0 * abs(np.spacing(value))
            assert len(found.partition(".")[2]) == n and found.startswith("-") is (value < 0.0)


def test_a_window_without_an_estimate_is_named(log: Path, tmp_path: Path) -> None:
    """What was withheld before the alignment says nothing about the estimator."""
    report = run(log, tmp_path, withhold=["baro:0-0.5"], inject=["mag-noise:0.1-0.3:5ut", "imu-gap:6-7"])
    notes = [note for note in report["notes"] if "too early" in note]
    assert len(notes) == 1 and notes[0].startswith("baro:0-0.5, mag-noise:0.1-0.3:5ut: too early, the estimate began")
    assert not [note for note in report["notes"] if "imu-gap" in note]
