"""ArduPilot logs (.bin), indexed by pymavlink's DFReader. Fields and units by ArduPilot's log message documentation.

The reader finds the messages and their formats; their numbers are then taken out of the file all at once, because one
Python object for each of some hundred thousand messages would cost more than the estimator.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, redirect_stderr, redirect_stdout
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

from lenger_core.atmosphere import SEA_LEVEL_PA, altitude_of_pressure_m, density_kg_m3
from lenger_core.errors import InputError
from lenger_fusion.replay import turned
from lenger_fusion.replay.dates import year_of_gps
from lenger_fusion.replay.log import LogMeta, SensorLog, require
from lenger_fusion.replay.stream import Array, Stamps, Stream, record_stamps, steady, table

_HEADER = b"\xa3\x95\x80"
_FORMATS = b"abBghHiIfnNZcCeELdMqQ"
_DTYPES = {
    "b": "i1", "B": "u1", "M": "u1", "g": "<f2", "h": "<i2", "H": "<u2", "c": "<i2", "C": "<u2", "i": "<i4",
    "I": "<u4", "e": "<i4", "E": "<u4", "L": "<i4", "f": "<f4", "d": "<f8", "q": "<i8", "Q": "<u8",
    "a": "V64", "n": "V4", "N": "V16", "Z": "V64",
}  # fmt: skip
_SCALES = {"c": 0.01, "C": 0.01, "e": 0.01, "E": 0.01, "L": 1e-7}
_DOWNWARD, _GOOD = 25, 4
"""ROTATION_PITCH_270 of RFND.Orient, and Good of RFND.Stat."""
_MILLIGAUSS_T = 1e-7
_NEAR_US = 500_000
_LONGEST_US = 1 << 52
_VEHICLES = {b"ArduCopter": "multirotor", b"ArduPlane": "fixed_wing", b"ArduRover": "ground", b"Rover": "ground"}


def read_dataflash(path: Path) -> SensorLog:
    """Return an ArduPilot log; log time 0 s is its first IMU sample.

    Raises:
        InputError: no such log, damaged beyond reading, or without IMU or receiver.
    """
    with _indexed(path) as (reader, raw):
        found = _Messages(str(path), reader, raw)
        imu = found.of("IMU")
        if imu is None:
            raise InputError(str(path), "IMU", "no samples", "at least one IMU message")
        zero_us = int(imu["TimeUS"][0])
        notes: list[str] = []
        streams = [_stream(sensor, found, zero_us, notes) for sensor in _READERS]
        meta = LogMeta(vehicle=_vehicle(reader, raw), year=_year(found))
    log = SensorLog(
        path, "ArduPilot DataFlash", meta, tuple(s for s in streams if s is not None), tuple(notes),
        f"{zero_us * 1e-6:.6f} s after boot",
    )  # fmt: skip
    return require(log, {"imu": "IMU", "gnss": "GPS"})


@contextmanager
def _indexed(path: Path) -> Iterator[tuple[Any, bytes]]:
    """Yield pymavlink's reader of the file, and the file."""
    try:
        raw = path.read_bytes()
        _check_formats(path, raw)
        with open(os.devnull, "w") as silent, redirect_stdout(silent), redirect_stderr(silent):
            # It prints what it thinks of damage, and imports every dialect's tools: only where it is wanted.
            from pymavlink.DFReader import DFReader_binary

            reader = DFReader_binary(str(path))
    except OSError as error:
        raise InputError(str(path), "", error.strerror or "unreadable", "a readable file") from error
    except (InputError, MemoryError, ImportError):
        raise
    except Exception as error:  # what the reader raises on damaged bytes is not of one kind
        problem = f"{type(error).__name__}: {error}"
        raise InputError(str(path), "DataFlash", problem, "an undamaged ArduPilot log") from error
    with reader:
        yield reader, raw


def _check_formats(path: Path, raw: bytes) -> None:
    """Refuse a format whose messages would be shorter than their header: the reader would never get past one."""
    at = raw.find(_HEADER)
    while at >= 0:
        length, letters = raw[at + 4 : at + 5], raw[at + 9 : at + 25].split(b"\0")[0]
        if length and length[0] < 3 and all(letter in _FORMATS for letter in letters):
            raise InputError(str(path), f"format at byte {at}", length[0], "a message length of 3 or more")
        at = raw.find(_HEADER, at + 1)


Row = NDArray[Any]


class _Messages:
    """The messages of a log by name, first instance, as structured arrays."""

    def __init__(self, where: str, reader: Any, raw: bytes) -> None:
        self.where, self._reader = where, reader
        self._bytes = np.frombuffer(raw, dtype=np.uint8)

    def of(self, name: str) -> dict[str, Array] | None:
        """Return {column: (N,)} of a message in its documented unit, None where there is none of it.

        Raises:
            InputError: its format does not fit its length.
        """
        kind = self._reader.name_to_id.get(name)
        if kind is None:
            return None
        layout = self._reader.formats[kind]
        letters, columns = [str(c) for c in layout.msg_fmts], [str(c) for c in layout.columns]
        fields = list(zip(columns, letters, strict=False))
        dtype = np.dtype([(f"{k}", _DTYPES[letter]) for k, letter in enumerate(letters)])
        if len(letters) != len(columns) or dtype.itemsize != layout.len - 3:
            raise InputError(self.where, f"format of {name}", layout.format, "columns that fit the length")
        rows = self._rows(self._reader.offsets[kind], dtype)
        found = {
            column: rows[f"{k}"].astype(np.float64) * _SCALES.get(letter, 1.0)
            for k, (column, letter) in enumerate(fields)
            if not _DTYPES[letter].startswith("V")
        }
        instance = next((found[key] for key in ("I", "Instance") if key in found), None)
        if "TimeUS" not in found:
            raise InputError(self.where, f"format of {name}", layout.format, "a TimeUS that is a number")
        first = (found["TimeUS"] >= 0.0) & (found["TimeUS"] < _LONGEST_US)
        if instance is not None:
            first &= instance == 0.0
        return {column: values[first] for column, values in found.items()} if first.any() else None

    def _rows(self, offsets: Any, dtype: np.dtype[Any]) -> Row:
        starts = np.asarray(offsets, dtype=np.int64) + 3
        starts = starts[starts + dtype.itemsize <= len(self._bytes)]
        picked = self._bytes[starts[:, None] + np.arange(dtype.itemsize)]
        return np.ascontiguousarray(picked).view(dtype)[:, 0]


def _stream(sensor: str, found: _Messages, zero_us: int, notes: list[str]) -> Stream | None:
    name, columns, read = _READERS[sensor]
    message = found.of(name)
    if message is None:
        return None
    missing = [column for column in columns if column not in message]
    if missing:
        raise InputError(found.where, f"format of {name}", ",".join(message), f"the column {missing[0]}")
    values, used = read(message, found)
    stamps = _ns(message["TimeUS"][used], zero_us)
    if not len(stamps):
        return None
    return table(sensor, *steady(sensor, stamps, values[used], notes))


def _ns(time_us: Array, zero_us: int) -> Stamps:
    return record_stamps(np.asarray(time_us, dtype=np.int64) * 1000, zero_us * 1000)


Message = dict[str, Array]
Read = tuple[Array, NDArray[np.bool_]]
"""Values (N, K) for `stream.MAKERS` and which rows are readings at all."""


def _every(message: Message) -> NDArray[np.bool_]:
    return np.ones(len(message["TimeUS"]), dtype=bool)


def _columns(message: Message, *names: str) -> Array:
    return np.column_stack([message[name] for name in names])


def _latest(times: Array, values: Array, at: Array) -> Array:
    """Return (N,) the newest value at or before each time; NaN before the first."""
    place = np.searchsorted(times, at, side="right") - 1
    return np.where(place >= 0, values[np.maximum(place, 0)], np.nan)


def _imu(message: Message, _found: _Messages) -> Read:
    gyro, accel = _columns(message, "GyrX", "GyrY", "GyrZ"), _columns(message, "AccX", "AccY", "AccZ")
    return np.column_stack([turned.body(gyro), turned.body(accel)]), _every(message)


def _gnss(message: Message, found: _Messages) -> Read:
    """GPS, with the accuracies of the GPA message that was written with it."""
    time_us, course = message["TimeUS"], np.radians(message["GCrs"])
    east, north = message["Spd"] * np.sin(course), message["Spd"] * np.cos(course)
    accuracies = [np.full(len(time_us), np.nan)] * 3
    extra = found.of("GPA")
    if extra is not None and {"HAcc", "VAcc", "SAcc"} <= set(extra):
        order = np.argsort(extra["TimeUS"], kind="stable")
        times = extra["TimeUS"][order]
        near = time_us - _latest(times, times, time_us) < _NEAR_US
        accuracies = [
            np.where(near, _latest(times, extra[name][order], time_us), np.nan) for name in ("HAcc", "VAcc", "SAcc")
        ]
    unknown = np.full(len(time_us), np.nan)
    place = [message["Lat"], message["Lng"], message["Alt"], unknown, east, north]
    climb = -message["VZ"] if "VZ" in message else unknown
    return np.column_stack([*place, message["Status"], message["NSats"], *accuracies, climb]), _every(message)


def _baro(message: Message, _found: _Messages) -> Read:
    return message["Press"][:, None], _every(message)


def _mag(message: Message, _found: _Messages) -> Read:
    return turned.body(_columns(message, "MagX", "MagY", "MagZ")) * _MILLIGAUSS_T, _every(message)


def _airspeed(message: Message, found: _Messages) -> Read:
    """The log has indicated airspeed; the air's density (ISA at the newest pressure) makes it true airspeed."""
    scale = _every(message).astype(np.float64)
    baro = found.of("BARO")
    if baro is not None and "Press" in baro:
        order = np.argsort(baro["TimeUS"], kind="stable")
        pressure = _latest(baro["TimeUS"][order], baro["Press"][order], message["TimeUS"])
        scale = np.array([_true_to_indicated(p) for p in pressure.tolist()])
    return (message["Airspeed"] * scale)[:, None], np.isfinite(message["Airspeed"])


def _true_to_indicated(pressure_pa: float) -> float:
    if not 20_000.0 < pressure_pa < 1.1 * SEA_LEVEL_PA:
        return 1.0
    return float((density_kg_m3(0.0) / density_kg_m3(altitude_of_pressure_m(pressure_pa))) ** 0.5)


def _range(message: Message, _found: _Messages) -> Read:
    used = _every(message)
    if "Stat" in message:
        used &= message["Stat"] == _GOOD
    if "Orient" in message:
        used &= message["Orient"] == _DOWNWARD
    return message["Dist"][:, None], used


def _flow(message: Message, _found: _Messages) -> Read:
    rates = turned.flow(_columns(message, "flowX", "flowY"), _columns(message, "bodyX", "bodyY"))
    return np.column_stack([rates, message["Qual"]]), np.asarray(np.isfinite(rates).all(axis=1))


_READERS: dict[str, tuple[str, tuple[str, ...], Callable[[Message, _Messages], Read]]] = {
    "imu": ("IMU", ("GyrX", "GyrY", "GyrZ", "AccX", "AccY", "AccZ"), _imu),
    "gnss": ("GPS", ("Status", "NSats", "Lat", "Lng", "Alt", "Spd", "GCrs"), _gnss),
    "baro": ("BARO", ("Press",), _baro),
    "mag": ("MAG", ("MagX", "MagY", "MagZ"), _mag),
    "airspeed": ("ARSP", ("Airspeed",), _airspeed),
    "range": ("RFND", ("Dist",), _range),
    "flow": ("OF", ("Qual", "flowX", "flowY", "bodyX", "bodyY"), _flow),
}


def _year(found: _Messages) -> float | None:
    """The date of the fix that sets the origin, and no later one: a log that was cut must give the same beginning."""
    gps = found.of("GPS")
    if gps is None or not {"GWk", "GMS", "Status"} <= set(gps):
        return None
    fixed = np.flatnonzero(gps["Status"] >= 3)
    if not len(fixed) or not 1000 < gps["GWk"][fixed[0]] < 4000:
        return None
    return year_of_gps(float(gps["GWk"][fixed[0]]), float(gps["GMS"][fixed[0]]))


def _vehicle(reader: Any, raw: bytes) -> str | None:
    """The firmware's name in the first text messages of the log."""
    kind = reader.name_to_id.get("MSG")
    if kind is None:
        return None
    length = reader.formats[kind].len
    for offset in list(reader.offsets[kind])[:20]:
        text = raw[offset : offset + length]
        for word, vehicle in _VEHICLES.items():
            if word in text:
                return vehicle
    return None
