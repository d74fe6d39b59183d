"""PX4 logs (.ulg), read with pyulog. Fields by PX4's message definitions, v1.9 to v1.16."""

from __future__ import annotations

import re
from collections.abc import Mapping
from contextlib import redirect_stdout
from io import StringIO
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray
from pyulog import ULog  # type: ignore[import-untyped]

from lenger_core.errors import InputError
from lenger_fusion.replay import turned
from lenger_fusion.replay.dates import year_of_unix_us
from lenger_fusion.replay.log import LogMeta, SensorLog, require
from lenger_fusion.replay.stream import Array, Stamps, Stream, record_stamps, steady, table

Column = NDArray[Any]

TOPICS = (
    "sensor_combined", "vehicle_imu", "vehicle_gps_position", "sensor_gps", "vehicle_air_data", "sensor_baro",
    "vehicle_magnetometer", "sensor_mag", "airspeed_validated", "airspeed", "distance_sensor", "vehicle_optical_flow",
    "sensor_optical_flow", "vehicle_land_detected", "vehicle_status",
)  # fmt: skip
_DOWNWARD = 25
"""ROTATION_DOWNWARD_FACING of distance_sensor.orientation, MAV_SENSOR_ORIENTATION."""
_VEHICLES = {1: "multirotor", 2: "fixed_wing", 3: "ground"}
"""vehicle_status.vehicle_type."""
_GAUSS_T = 1e-4
_LATEST_NS = 500_000_000
"""A sample is not published later than this after it was taken."""
_AIR, _GROUND = 2, 1
_LONG_ARRAY = re.compile(rb"[a-z]\[\d{4,}\] \w")
"""PX4 has none; pyulog would make a field of each element, and three of them nested would never end."""
_OLDEST_US = 946_684_800_000_000
"""Receivers without a date say zero: 2000-01-01."""


class _Topic:
    """One topic's fields, instance 0."""

    def __init__(self, where: str, name: str, data: Mapping[str, Column]) -> None:
        self.where, self.name, self._data = where, name, data

    def __contains__(self, field: str) -> bool:
        return field in self._data

    def __call__(self, field: str) -> Array:
        """Return (N,) of a field. Raises InputError when the log's definition lacks it."""
        if field not in self._data:
            raise InputError(
                self.where, f"{self.name}.{field}", "no such field", "a field as PX4 v1.9 to v1.16 logs it"
            )
        return np.asarray(self._data[field], dtype=np.float64)

    def either(self, new: str, old: str, scale: float) -> Array:
        """Return a field by its new name, or by its old one times `scale`."""
        return self(new) if new in self else self(old) * scale

    def vector(self, field: str, size: int = 3) -> Array:
        """Return (N, size) of an array field."""
        return np.column_stack([self(f"{field}[{k}]") for k in range(size)])

    def ns(self, field: str = "timestamp") -> Stamps:
        """Return (N,) nanoseconds of the autopilot's clock; a time that is none counts as 0."""
        stamps = np.asarray(self._data[field])
        return np.where((stamps >= 0) & (stamps < 1 << 52), stamps, 0).astype(np.int64) * 1000

    def __len__(self) -> int:
        return len(self._data["timestamp"])


def read_ulog(path: Path) -> SensorLog:
    """Return a PX4 log; log time 0 s is its first IMU sample.

    Raises:
        InputError: no ULog file, damaged beyond reading, or without IMU or receiver.
    """
    log = _parse(path)
    topics = {
        data.name: _Topic(str(path), data.name, data.data)
        for data in log.data_list
        if data.multi_id == 0 and "timestamp" in data.data and len(data.data["timestamp"])
    }
    imu = topics.get("sensor_combined") or topics.get("vehicle_imu")
    if imu is None:
        raise InputError(str(path), "sensor_combined, vehicle_imu", "no samples", "at least one sample of the IMU")
    notes = ["the file is damaged; what could be read was"] if log.file_corruption else []
    if log.dropouts:
        notes.append(f"{len(log.dropouts)} dropouts, {sum(d.duration for d in log.dropouts) / 1000:.1f} s in all")
    zero_ns = int(imu.ns()[0])
    streams = [_stream(sensor, topics, zero_ns, notes) for sensor in _READERS]
    found = SensorLog(
        path, "PX4 ULog", _meta(log, topics), tuple(s for s in streams if s is not None), tuple(notes),
        f"{zero_ns * 1e-9:.6f} s after boot",
    )  # fmt: skip
    return require(found, {"imu": "sensor_combined", "gnss": "vehicle_gps_position, sensor_gps"})


def _parse(path: Path) -> Any:
    try:
        if found := _LONG_ARRAY.search(path.read_bytes()):
            raise InputError(
                str(path), f"format at byte {found.start()}", found[0], "arrays of fewer than 1000 elements"
            )
        with redirect_stdout(StringIO()):  # it prints what it thinks of damage
            return ULog(str(path), list(TOPICS))
    except OSError as error:
        raise InputError(str(path), "", error.strerror or "unreadable", "a readable file") from error
    except (InputError, MemoryError):
        raise
    except Exception as error:  # what pyulog raises on damaged bytes is not of one kind
        problem = f"{type(error).__name__}: {error}"
        raise InputError(str(path), "ULog", problem, "an undamaged PX4 log") from error


def _meta(log: Any, topics: Mapping[str, _Topic]) -> LogMeta:
    delay_ms = log.initial_parameters.get("EKF2_GPS_DELAY")
    status, gps = topics.get("vehicle_status"), topics.get("vehicle_gps_position") or topics.get("sensor_gps")
    kind = status("vehicle_type")[0] if status is not None and "vehicle_type" in status else 0.0
    utc_us = 0.0
    if gps is not None and "time_utc_usec" in gps:
        # The date of the fix that sets the origin, and no later one: a log that was cut must give the same beginning.
        fixed = np.flatnonzero(gps("fix_type") >= 3)
        utc_us = float(gps("time_utc_usec")[fixed[0]]) if len(fixed) else 0.0
    return LogMeta(
        vehicle=_VEHICLES.get(int(kind) if np.isfinite(kind) else 0),
        gnss_latency_s=delay_ms / 1000.0 if isinstance(delay_ms, (int, float)) and 0 <= delay_ms <= 500 else None,
        year=year_of_unix_us(utc_us) if _OLDEST_US < utc_us < 1e17 else None,
    )


def _stream(sensor: str, topics: Mapping[str, _Topic], zero_ns: int, notes: list[str]) -> Stream | None:
    """Return what the first of a sensor's topics that was logged says."""
    names, read = _READERS[sensor]
    topic = next((topics[name] for name in names if name in topics), None)
    if topic is None:
        return None
    arrived = taken = topic.ns()
    # A fix is stamped with its arrival: its age is the latency, which the filter knows.
    if sensor not in ("gnss", "landed") and "timestamp_sample" in topic:
        sampled = topic.ns("timestamp_sample")
        known = (sampled > 0) & (sampled <= arrived) & (arrived - sampled < _LATEST_NS)
        taken = np.where(known, sampled, arrived)
    values, used = read(topic)
    stamps = np.column_stack([taken, arrived])[used]
    if not len(stamps):
        return None
    rows = np.column_stack([values[used], record_stamps(stamps[:, 1], zero_ns).astype(np.float64)])
    own, kept = steady(sensor, record_stamps(stamps[:, 0], zero_ns), rows, notes)
    return table(sensor, own, kept[:, :-1], kept[:, -1].astype(np.int64))


Read = tuple[Array, NDArray[np.bool_]]
"""Values (N, K) for `stream.MAKERS` and which rows are readings at all."""


def _all(values: Array) -> Read:
    return values, np.ones(len(values), dtype=bool)


def _imu(topic: _Topic) -> Read:
    if topic.name == "sensor_combined":
        return _all(
            np.column_stack([turned.body(topic.vector("gyro_rad")), turned.body(topic.vector("accelerometer_m_s2"))])
        )
    spans = [topic(f"{name}_dt") * 1e-6 for name in ("delta_angle", "delta_velocity")]
    used = (spans[0] > 0.0) & (spans[1] > 0.0)
    angle_s, velocity_s = (np.where(used, span, 1.0)[:, None] for span in spans)
    rates, forces = topic.vector("delta_angle") / angle_s, topic.vector("delta_velocity") / velocity_s
    return np.column_stack([turned.body(rates), turned.body(forces)]), used


def _gnss(topic: _Topic) -> Read:
    lat, lon = topic.either("latitude_deg", "lat", 1e-7), topic.either("longitude_deg", "lon", 1e-7)
    heights = topic.either("altitude_msl_m", "alt", 1e-3), topic.either("altitude_ellipsoid_m", "alt_ellipsoid", 1e-3)
    known = topic("vel_ned_valid") > 0.0 if "vel_ned_valid" in topic else np.ones(len(topic), dtype=bool)
    east, north = (np.where(known, topic(f"vel_{axis}_m_s"), np.nan) for axis in "en")
    fix = [topic("fix_type"), topic("satellites_used")]
    accuracies = [topic("eph"), topic("epv"), topic("s_variance_m_s")]
    climb = np.where(known, -topic("vel_d_m_s"), np.nan) if "vel_d_m_s" in topic else np.full(len(topic), np.nan)
    return _all(np.column_stack([lat, lon, *heights, east, north, *fix, *accuracies, climb]))


def _baro(topic: _Topic) -> Read:
    pressure = topic("baro_pressure_pa") if topic.name == "vehicle_air_data" else topic("pressure")
    # sensor_baro was in millibar before v1.14.
    return _all(np.where(pressure < 2000.0, pressure * 100.0, pressure)[:, None])


def _mag(topic: _Topic) -> Read:
    if topic.name == "vehicle_magnetometer":
        gauss = topic.vector("magnetometer_ga")
    else:
        gauss = np.column_stack([topic(axis) for axis in "xyz"])
    return _all(turned.body(gauss) * _GAUSS_T)


def _airspeed(topic: _Topic) -> Read:
    speed = topic("true_airspeed_m_s")
    return speed[:, None], np.isfinite(speed)


def _range(topic: _Topic) -> Read:
    distance = topic("current_distance")
    used = (distance >= topic("min_distance")) & (distance <= topic("max_distance"))
    if "orientation" in topic:
        used &= topic("orientation") == _DOWNWARD
    if "signal_quality" in topic:
        used &= topic("signal_quality") != 0.0
    return distance[:, None], used


def _flow(topic: _Topic) -> Read:
    span_s = topic("integration_timespan_us") * 1e-6
    seen, gyro = topic.vector("pixel_flow", 2), topic.vector("delta_angle", 2)
    used = (span_s > 0.0) & np.isfinite(seen).all(axis=1) & np.isfinite(gyro).all(axis=1)
    whole_s = np.where(used, span_s, 1.0)[:, None]
    return np.column_stack([turned.flow(seen / whole_s, gyro / whole_s), topic("quality")]), used


def _landed(topic: _Topic) -> Read:
    return _all(np.where(topic("landed") > 0.0, _GROUND, _AIR)[:, None].astype(np.float64))


_READERS = {
    "imu": (("sensor_combined", "vehicle_imu"), _imu),
    "gnss": (("vehicle_gps_position", "sensor_gps"), _gnss),
    "baro": (("vehicle_air_data", "sensor_baro"), _baro),
    "mag": (("vehicle_magnetometer", "sensor_mag"), _mag),
    "airspeed": (("airspeed_validated", "airspeed"), _airspeed),
    "range": (("distance_sensor",), _range),
    "flow": (("vehicle_optical_flow", "sensor_optical_flow"), _flow),
    "landed": (("vehicle_land_detected",), _landed),
}
