"""Each format gives back the records that were written, on the axes, in the units and the order of the estimator."""

from __future__ import annotations

import struct
from pathlib import Path

import numpy as np
import pytest

from fusion.replay.written import BOOT_US, bin_bytes, flat, flown, of, ulog_bytes, write_folder, write_recording
from fusion.trajectory import T0_NS
from lenger_core.errors import InputError
from lenger_core.samples import (
    AirspeedSample,
    FlowSample,
    GnssFix,
    ImuSample,
    MagSample,
    PressureSample,
    RangeSample,
)
from lenger_fusion.replay.log import SensorLog, seconds
from lenger_fusion.replay.open_log import open_log

KINDS = (ImuSample, GnssFix, PressureSample, MagSample, AirspeedSample, RangeSample, FlowSample)
SHIFT_NS = T0_NS - 1_000_000_000
"""Record time of the trajectory minus that of a log whose time 0 s is its first IMU sample."""
COLUMN_TOLERANCE = {
    ImuSample: 1e-5, GnssFix: 1e-5, PressureSample: 1e-2, MagSample: 1e-11, AirspeedSample: 1e-5, RangeSample: 1e-5,
    FlowSample: 1e-5,
}  # fmt: skip


def check(log: SensorLog, kinds: tuple[type, ...], tolerance: dict[type, float], columns: int | None = None) -> None:
    samples = list(log.samples())
    for kind in kinds:
        wanted, found = flat(of(flown(), kind)), flat(of(samples, kind))
        assert wanted.shape == found.shape, kind
        assert (wanted[:, 0] - SHIFT_NS == found[:, 0]).all(), kind
        np.testing.assert_allclose(found[:, 1:columns], wanted[:, 1:columns], rtol=0.0, atol=tolerance[kind])
    assert len(samples) == sum(len(of(flown(), kind)) for kind in kinds)


def test_the_folder_layout(tmp_path: Path) -> None:
    log = open_log(write_folder(tmp_path / "log", flown(), heading_deg=93.5, vehicle="fixed_wing", mag_usable=False))
    assert (log.meta.vehicle, log.meta.heading_deg, log.meta.mag_usable) == ("fixed_wing", 93.5, False)
    samples = list(log.samples())
    for kind in KINDS:
        wanted, found = flat(of(flown(), kind)), flat(of(samples, kind))
        assert (wanted[:, 0] - SHIFT_NS == found[:, 0]).all()
        if kind is GnssFix:  # neither ellipsoid height nor satellites are in the layout
            wanted, found = np.delete(wanted, (4, 8), axis=1)[:, :10], np.delete(found, (4, 8), axis=1)[:, :10]
        np.testing.assert_allclose(found[:, 1:], wanted[:, 1:], rtol=1e-9, atol=1e-12, err_msg=str(kind))
    assert samples == sorted(samples, key=lambda s: s.t_ns)


@pytest.mark.parametrize("old", [False, True])
def test_a_px4_log(tmp_path: Path, old: bool) -> None:
    path = tmp_path / "flight.ulg"
    path.write_bytes(ulog_bytes(flown(), old))
    log = open_log(path)
    tolerance = {**COLUMN_TOLERANCE, GnssFix: 1e-3 if old else 1e-5}
    check(log, KINDS, tolerance, 13)
    if old:  # whole millimetres and 1e-7 degrees
        wanted, found = (flat(of(s, GnssFix))[:, 1:3] for s in (flown(), log.samples()))
        np.testing.assert_allclose(found, wanted, rtol=0.0, atol=0.51e-7)
    assert log.meta.gnss_latency_s == pytest.approx(0.13)
    assert log.meta.year == pytest.approx(2026.0, abs=0.01)
    assert log.zero == f"{BOOT_US * 1e-6:.6f} s after boot"


def test_an_ardupilot_log(tmp_path: Path) -> None:
    path = tmp_path / "00000042.BIN"
    path.write_bytes(bin_bytes(flown()))
    log = open_log(path)
    samples = list(log.samples())
    coarse = {**COLUMN_TOLERANCE, MagSample: 0.51e-7, RangeSample: 0.0051}
    for kind in (ImuSample, PressureSample, MagSample, RangeSample, FlowSample):
        wanted, found = flat(of(flown(), kind)), flat(of(samples, kind))
        assert (wanted[:, 0] - SHIFT_NS == found[:, 0]).all(), kind
        np.testing.assert_allclose(found[:, 1:], wanted[:, 1:], rtol=0.0, atol=coarse[kind])
    wanted, found = flat(of(flown(), GnssFix)), flat(of(samples, GnssFix))
    assert wanted.shape == found.shape
    np.testing.assert_allclose(found[:, 1:3], wanted[:, 1:3], rtol=0.0, atol=0.51e-7)
    for column, tolerance in (
        (3, 0.0051),
        (5, 1e-4),
        (6, 1e-4),
        (7, 0),
        (8, 0),
        (9, 0.0051),
        (10, 0.0051),
        (11, 0.0051),
    ):
        np.testing.assert_allclose(found[:, column], wanted[:, column], rtol=0.0, atol=tolerance)
    # Indicated to true airspeed: at some 760 m about 4 % more.
    ratio = flat(of(samples, AirspeedSample))[:, 1] / flat(of(flown(), AirspeedSample))[:, 1]
    assert 1.03 < ratio.min() <= ratio.max() < 1.06
    assert log.meta.vehicle == "multirotor"
    assert log.meta.year == pytest.approx(2026.0, abs=0.02)


@pytest.mark.parametrize("namespace", ["", "uav7"])
def test_a_recording(tmp_path: Path, namespace: str) -> None:
    log = open_log(write_recording(tmp_path / "flight.mcap", flown(), namespace))
    samples = list(log.samples())
    for kind in (ImuSample, PressureSample, MagSample):
        wanted, found = flat(of(flown(), kind)), flat(of(samples, kind))
        assert (wanted[:, 0] - SHIFT_NS == found[:, 0]).all()
        np.testing.assert_array_equal(found[:, 1:], wanted[:, 1:])
    wanted, found = flat(of(flown(), GnssFix))[:, :12], flat(of(samples, GnssFix))[:, :12]
    assert wanted.shape == found.shape
    np.testing.assert_allclose(found[:, 1:3], wanted[:, 1:3], rtol=0.0, atol=1e-12)
    np.testing.assert_allclose(found[:, 4:], wanted[:, 4:], rtol=0.0, atol=1e-3)


def test_samples_published_late_arrive_late(tmp_path: Path) -> None:
    """A pressure taken at 5.0 s and published 30 ms later comes after the IMU samples between."""
    whole = ulog_bytes([s for s in flown() if isinstance(s, (ImuSample, GnssFix))])
    air = struct.pack("<HQQf", 2, BOOT_US + 5_030_000, BOOT_US + 5_000_000, 92_000.0)
    path = tmp_path / "late.ulg"
    path.write_bytes(whole + struct.pack("<HB", len(air), ord("D")) + air)
    samples = list(open_log(path).samples())
    place = next(i for i, s in enumerate(samples) if isinstance(s, PressureSample))
    assert seconds(samples[place].t_ns) == pytest.approx(5.0)
    before = [seconds(s.t_ns) for s in samples[:place] if isinstance(s, ImuSample)]
    assert 5.0 < max(before) <= 5.03


def test_a_damaged_stamp_does_not_hold_up_its_sensor(tmp_path: Path) -> None:
    folder = write_folder(tmp_path / "log", flown())
    lines = (folder / "baro.csv").read_text().splitlines()
    lines[20] = "1" + lines[20]
    lines[20] = "99999." + lines[20].split(".", 1)[1]
    (folder / "baro.csv").write_text("\n".join(lines) + "\n")
    log = open_log(folder)
    assert log.count("baro") == len(lines) - 2
    assert "impossible times" in log.notes[0]


@pytest.mark.parametrize(
    ("name", "change", "message"),
    [
        ("imu.csv", lambda t: t.replace("gyro_y_rad_s", "gyro_y"), "header"),
        ("imu.csv", lambda t: t.replace("\n0.020000,", "\n0.020000,x", 1), "line 4 column 2"),
        ("gnss.csv", lambda t: t.replace("\n", "\n1,2,3\n", 1), "columns"),
        ("gnss.csv", lambda t: t.split("\n")[0] + "\n", "no samples"),
        ("baro.csv", lambda t: t.replace("\n0.000000,", "\nnan,", 1), "t_s"),
        ("meta.json", lambda t: t.replace("multirotor", "zeppelin"), "zeppelin.*multirotor"),
        ("meta.json", lambda t: t.replace("0.12", "5"), "gnss_latency_s.*0.5"),
        ("meta.json", lambda t: t.replace('"mag_usable"', '"mag"'), "mag_usable"),
    ],
)
def test_a_wrong_folder_says_where(tmp_path: Path, name: str, change: object, message: str) -> None:
    folder = write_folder(tmp_path / "log", flown())
    (folder / name).write_text(change((folder / name).read_text()))  # type: ignore[operator]
    with pytest.raises(InputError, match=message) as caught:
        open_log(folder)
    assert name in str(caught.value) and "\n" not in str(caught.value)


@pytest.mark.parametrize("missing", ["imu.csv", "gnss.csv", "meta.json"])
def test_a_missing_file_is_named(tmp_path: Path, missing: str) -> None:
    folder = write_folder(tmp_path / "log", flown())
    (folder / missing).unlink()
    with pytest.raises(InputError, match=missing):
        open_log(folder)


@pytest.mark.parametrize("content", [b"", b"PK\x03\x04 a zip", b"ULog\x01\x12\x35", b"\xa3\x95", b"\x89MCAP0\r\n"])
def test_no_log_at_all(tmp_path: Path, content: bytes) -> None:
    path = tmp_path / "some.file"
    path.write_bytes(content)
    with pytest.raises(InputError, match=r"some\.file"):
        open_log(path)
    with pytest.raises(InputError, match=r"none\.ulg.*\.mcap"):
        open_log(tmp_path / "none.ulg")


def test_a_log_without_a_receiver_says_what_it_lacks(tmp_path: Path) -> None:
    path = tmp_path / "indoors"
    imu = [s for s in flown() if isinstance(s, ImuSample)]
    for write, wanted in ((ulog_bytes, "sensor_gps"), (bin_bytes, "GPS")):
        path.write_bytes(write(imu))
        with pytest.raises(InputError, match=wanted):
            open_log(path)
    with pytest.raises(InputError, match="raw/fix"):
        open_log(write_recording(path, imu))


def test_a_format_that_would_never_end_is_refused(tmp_path: Path) -> None:
    """A message length of 0: pymavlink's reader would stand still on it."""
    raw = bytearray(bin_bytes(flown()[:50]))
    raw[89 + 4] = 0
    path = tmp_path / "endless.bin"
    path.write_bytes(raw)
    with pytest.raises(InputError, match="message length"):
        open_log(path)
