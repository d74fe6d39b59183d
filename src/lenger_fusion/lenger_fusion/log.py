"""Sensor logs: the CSV layout of the design document, read into records and replayed causally through a FusionCore."""

from __future__ import annotations

import csv
import json
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from heapq import merge
from math import nan
from pathlib import Path

from lenger_core.atmosphere import pressure_pa
from lenger_core.errors import InputError
from lenger_core.samples import GnssFix, ImuSample, MagSample, PressureSample
from lenger_fusion.fusion import FusionCore

Sample = ImuSample | GnssFix | PressureSample | MagSample
_EPOCH_NS = 1_000_000_000
"""Log time 0 s in record time: logs start at or a little before zero, records are positive."""


@dataclass(frozen=True)
class LogMeta:
    """`meta.json`."""

    vehicle: str
    gnss_latency_s: float
    mag_usable: bool
    starts_at_rest: bool


def read_meta(folder: Path) -> LogMeta:
    """Return the description of a log. Raises InputError when it is absent or incomplete."""
    path = folder / "meta.json"
    try:
        raw = json.loads(path.read_text(encoding="utf-8"))
        return LogMeta(
            str(raw["vehicle"]), float(raw["gnss_latency_s"]), bool(raw["mag_usable"]), bool(raw["starts_at_rest"])
        )
    except (OSError, ValueError, KeyError, TypeError) as error:
        raise InputError(str(path), "meta.json", repr(error), "the fields of the sensor-log layout") from error


def read_log(folder: Path) -> Iterator[Sample]:
    """Yield all samples of a log in the order of their stamps; `imu.csv` and `gnss.csv` must exist."""
    streams = [_rows(folder / "imu.csv", _imu), _rows(folder / "gnss.csv", _gnss)]
    optional = (("baro.csv", _baro), ("mag.csv", _mag))
    streams += [_rows(folder / name, make) for name, make in optional if (folder / name).exists()]
    return merge(*streams, key=lambda sample: sample.t_ns)


def seconds(t_ns: int) -> float:
    """Return the log time of a record's stamp."""
    return (t_ns - _EPOCH_NS) * 1e-9


def feed(core: FusionCore, sample: Sample) -> None:
    """Give one sample to the core."""
    if isinstance(sample, ImuSample):
        core.on_imu(sample)
    elif isinstance(sample, GnssFix):
        core.on_gnss(sample)
    elif isinstance(sample, PressureSample):
        core.on_pressure(sample)
    else:
        core.on_mag(sample)


def _rows(path: Path, make: Callable[[int, dict[str, float]], Sample]) -> Iterator[Sample]:
    try:
        with path.open(newline="", encoding="utf-8") as file:
            for number, row in enumerate(csv.DictReader(file), start=2):
                try:
                    values = {key: float(value) for key, value in row.items()}
                    yield make(round(values["t_s"] * 1e9) + _EPOCH_NS, values)
                except (KeyError, TypeError, ValueError) as error:
                    raise InputError(str(path), f"line {number}", repr(error), "numbers in every column") from error
    except OSError as error:
        raise InputError(str(path), "file", error.strerror, "a readable file of the sensor-log layout") from error


def _imu(t_ns: int, v: dict[str, float]) -> ImuSample:
    gyro = (v["gyro_x_rad_s"], v["gyro_y_rad_s"], v["gyro_z_rad_s"])
    return ImuSample(t_ns, gyro, (v["accel_x_m_s2"], v["accel_y_m_s2"], v["accel_z_m_s2"]))


def _gnss(t_ns: int, v: dict[str, float]) -> GnssFix:
    return GnssFix(
        t_ns=t_ns,
        lat_deg=v["lat_deg"],
        lon_deg=v["lon_deg"],
        alt_amsl_m=v["alt_amsl_m"],
        alt_ellipsoid_m=nan,
        vel_e_m_s=v["vel_e_m_s"],
        vel_n_m_s=v["vel_n_m_s"],
        fix_type=3,
        satellites=0,
        h_acc_m=v["h_acc_m"],
        v_acc_m=v["v_acc_m"],
        s_acc_m_s=v["s_acc_m_s"],
    )


def _baro(t_ns: int, v: dict[str, float]) -> PressureSample:
    return PressureSample(t_ns, pressure_pa(v["alt_m"]))


def _mag(t_ns: int, v: dict[str, float]) -> MagSample:
    return MagSample(t_ns, (v["mag_x_ut"] * 1e-6, v["mag_y_ut"] * 1e-6, v["mag_z_ut"] * 1e-6))
