"""The sensor-log layout of docs/fuse.md: a folder with meta.json and one CSV for each sensor."""

from __future__ import annotations

import re
import warnings
from collections.abc import Callable
from dataclasses import dataclass
from io import BytesIO
from pathlib import Path

import numpy as np

from lenger_core.atmosphere import GAS_CONSTANT, GRAVITY_M_S2, LAPSE_K_PER_M, SEA_LEVEL_K, SEA_LEVEL_PA
from lenger_core.errors import InputError
from lenger_core.strict_json import Limits, parse, read_text
from lenger_fusion.replay.log import UNKNOWN_SATELLITES, VEHICLES, LogMeta, SensorLog, require
from lenger_fusion.replay.stream import Array, Stream, record_ns, steady, table

_META = Limits(1 << 20, 1000, "a short description")
_MAX_BYTES = 1 << 31
_FARTHEST_S = 6e9
"""Times beyond 190 years from zero are no times."""
_FIX_3D = 3.0


@dataclass(frozen=True)
class _Layout:
    """One file: its columns after t_s, and how their numbers become those of `stream.MAKERS`."""

    sensor: str
    columns: tuple[str, ...]
    convert: Callable[[Array], Array] = lambda values: values


def _gnss(v: Array) -> Array:
    """lat, lon, amsl, east, north, up, h, v, s: the layout has neither ellipsoid height, fix type nor satellites."""
    rest = np.ones(len(v))
    unknown = [np.nan * rest, v[:, 3], v[:, 4], _FIX_3D * rest, UNKNOWN_SATELLITES * rest]
    return np.column_stack([v[:, :3], *unknown, v[:, 6:9], v[:, 5]])


def _baro(v: Array) -> Array:
    """Pressure altitude to pressure, as `lenger_core.atmosphere.pressure_pa` does for one."""
    with np.errstate(invalid="ignore", over="ignore"):
        return np.asarray(
            SEA_LEVEL_PA * (1.0 - LAPSE_K_PER_M * v / SEA_LEVEL_K) ** (GRAVITY_M_S2 / (GAS_CONSTANT * LAPSE_K_PER_M))
        )


def _axes(name: str, unit: str, axes: str = "xyz") -> tuple[str, ...]:
    return tuple(f"{name}_{axis}_{unit}" for axis in axes)


_PLACE = ("lat_deg", "lon_deg", "alt_amsl_m", "vel_e_m_s", "vel_n_m_s", "vel_u_m_s", "h_acc_m", "v_acc_m", "s_acc_m_s")
LAYOUT: tuple[_Layout, ...] = (
    _Layout("imu", (*_axes("gyro", "rad_s"), *_axes("accel", "m_s2"))),
    _Layout("gnss", _PLACE, _gnss),
    _Layout("baro", ("alt_m",), _baro),
    _Layout("mag", _axes("mag", "ut"), lambda v: v * 1e-6),
    _Layout("airspeed", ("airspeed_m_s",)),
    _Layout("range", ("range_m",)),
    _Layout("flow", (*_axes("flow", "rad_s", "xy"), *_axes("gyro", "rad_s", "xy"), "quality")),
)
"""In the order in which samples of one time are taken."""


def read_folder(folder: Path) -> SensorLog:
    """Return a log of the layout.

    Raises:
        InputError: a file that must be there is not, or one holds something else than the layout says.
    """
    meta = read_meta(folder)
    notes: list[str] = []
    streams = []
    for layout in LAYOUT:
        path = folder / f"{layout.sensor}.csv"
        if layout.sensor in ("imu", "gnss") or path.exists():
            streams.append(_read(path, layout, notes))
    log = SensorLog(folder, "sensor-log folder", meta, tuple(streams), tuple(notes))
    return require(log, {"imu": "imu.csv", "gnss": "gnss.csv"})


def read_meta(folder: Path) -> LogMeta:
    """Return the description of a log. Raises InputError when it is absent, incomplete or wrong."""
    path = folder / "meta.json"
    root = parse(read_text(path, _META), str(path), _META)
    heading = root.get("heading_deg")
    return LogMeta(
        vehicle=str(root["vehicle"].one_of(*VEHICLES)),
        gnss_latency_s=root["gnss_latency_s"].number(0.0, 0.5, "s"),
        mag_usable=root["mag_usable"].boolean(),
        starts_at_rest=root["starts_at_rest"].boolean(),
        heading_deg=None if heading is None else heading.optional_number(-180.0, 360.0, "degrees"),
    )


def _read(path: Path, layout: _Layout, notes: list[str]) -> Stream:
    raw = _bytes(path)
    if raw and not raw.endswith(b"\n"):
        # A line without its end may have lost digits: a log that was cut must give the same beginning.
        raw = raw[: raw.rfind(b"\n") + 1]
        notes.append(f"{path.name}: the last line has no end and was left out")
    head, _, body = raw.partition(b"\n")
    rows = _numbers(path, body, *_picked(path, head, layout))
    t_s = rows[:, 0]
    wrong = np.flatnonzero(~(np.abs(t_s) < _FARTHEST_S))
    if len(wrong):
        at = f"line {_line(body, int(wrong[0]))} t_s"
        raise InputError(str(path), at, float(t_s[wrong[0]]), "a time in seconds")
    stamps, values = steady(layout.sensor, record_ns(t_s), layout.convert(rows[:, 1:]), notes)
    return table(layout.sensor, stamps, values)


def _bytes(path: Path) -> bytes:
    try:
        with path.open("rb") as file:
            raw = file.read(_MAX_BYTES + 1)
    except OSError as error:
        raise InputError(
            str(path), "", error.strerror or "unreadable", "a readable file of the sensor-log layout"
        ) from error
    if len(raw) > _MAX_BYTES:
        raise InputError(str(path), "", f"more than {_MAX_BYTES} bytes", f"at most {_MAX_BYTES} bytes")
    return raw.replace(b"\r\n", b"\n")


def _picked(path: Path, head: bytes, layout: _Layout) -> tuple[list[int], int]:
    """Return the places of the columns that are wanted, t_s first, and how many columns there are."""
    names = [name.strip() for name in head.decode("utf-8-sig", errors="replace").split(",")]
    wanted = ("t_s", *layout.columns)
    missing = [name for name in wanted if name not in names]
    if missing:
        raise InputError(str(path), "header", ",".join(names), f"the columns {','.join(wanted)}")
    twice = [name for name in wanted if names.count(name) > 1]
    if twice:
        raise InputError(str(path), "header", twice[0], "each column once")
    return [names.index(name) for name in wanted], len(names)


def _numbers(path: Path, body: bytes, places: list[int], width: int) -> Array:
    """Return (N, columns) of the lines after the header."""
    if not body.strip():
        return np.empty((0, len(places)))
    if width == len(places) == 1 + places[-1]:
        places = list(range(width))
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("error")
            rows = np.loadtxt(BytesIO(body), delimiter=",", comments=None, ndmin=2, encoding="latin-1")
    except (ValueError, UserWarning) as error:
        raise _refusal(path, body, str(error)) from error
    if rows.shape[1] != width:
        raise InputError(str(path), "line 2", f"{rows.shape[1]} columns", f"{width} columns as in the header")
    return rows if places == list(range(width)) else rows[:, places]


def _refusal(path: Path, body: bytes, problem: str) -> InputError:
    """Say which line numpy could not read: its message counts rows from 0 or 1, without empty lines."""
    if found := re.search(r"could not convert string '(.*)' to float64 at row (\d+), column (\d+)", problem):
        place = f"line {_line(body, int(found[2]))} column {found[3]}"
        return InputError(str(path), place, found[1], "a number")
    if found := re.search(r"number of columns changed from (\d+) to (\d+) at row (\d+)", problem):
        place = f"line {_line(body, int(found[3]) - 1)}"
        return InputError(str(path), place, f"{found[2]} columns", f"{found[1]} columns as in the lines before")
    return InputError(str(path), "", problem, "a number in every column of every line")


def _line(body: bytes, row: int) -> int:
    """Return the line number of a row of numbers: the header is line 1, empty lines count."""
    for number, line in enumerate(body.split(b"\n"), start=2):
        if line.strip():
            if row == 0:
                return number
            row -= 1
    return 2
