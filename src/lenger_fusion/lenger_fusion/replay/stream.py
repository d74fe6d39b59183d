"""Samples of a log, sensor by sensor as arrays, merged into one stream of records in the order of their arrival."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

import numpy as np
from numpy.typing import NDArray

from lenger_core.samples import (
    AirspeedSample,
    ExtendedState,
    FcuGlobal,
    FcuLocal,
    FlowSample,
    GnssFix,
    ImuSample,
    MagSample,
    PressureSample,
    RangeSample,
)

Aid = AirspeedSample | RangeSample | FlowSample
FcuWord = ExtendedState | FcuGlobal | FcuLocal
"""What the autopilot says."""
Sample = ImuSample | GnssFix | PressureSample | MagSample | Aid | FcuWord
Array = NDArray[np.float64]
Stamps = NDArray[np.int64]
Make = Callable[[int, list[float]], Sample]

SENSORS: dict[str, type] = {
    "imu": ImuSample,
    "gnss": GnssFix,
    "baro": PressureSample,
    "mag": MagSample,
    "airspeed": AirspeedSample,
    "range": RangeSample,
    "flow": FlowSample,
    "landed": ExtendedState,
}
"""Name of each sensor in options, files and reports, with its record."""

_EPOCH_NS = 1_000_000_000
"""Log time 0 s in record time: logs start at or a little before zero, records are positive."""
_BLOCK = 4096
_FAR_AHEAD_NS = 10_000_000_000


def seconds(t_ns: int) -> float:
    """Return the log time of a record's stamp."""
    return (t_ns - _EPOCH_NS) * 1e-9


def times_s(t_ns: Stamps) -> Array:
    """Return the log times (N,) of records' stamps, in seconds."""
    return np.asarray((t_ns - _EPOCH_NS) * 1e-9, dtype=np.float64)


def record_ns(t_s: Array) -> Stamps:
    """Return record stamps (N,) of log times (N,) in seconds; finite and within 200 years of zero."""
    return np.rint(t_s * 1e9).astype(np.int64) + _EPOCH_NS


def record_stamps(stamps_ns: Stamps, zero_ns: int) -> Stamps:
    """Return record stamps (N,) of a log's own clock, whose `zero_ns` is log time 0 s."""
    return stamps_ns - zero_ns + _EPOCH_NS


@dataclass(frozen=True)
class Stream:
    """What one sensor said.

    Attributes:
        sensor: a key of `SENSORS`.
        t_ns: (N,) stamps of the records.
        arrival_ns: (N,) when each had arrived, never falling; the order of the merged stream.
        rows: returns the N records; may be called again.
    """

    sensor: str
    t_ns: Stamps
    arrival_ns: Stamps
    rows: Callable[[], Iterator[Sample]]

    def rate_hz(self) -> float:
        """Return the mean rate; 0 where there are fewer than two samples."""
        span_s = float(self.t_ns.max() - self.t_ns.min()) * 1e-9 if len(self.t_ns) > 1 else 0.0
        return (len(self.t_ns) - 1) / span_s if span_s > 0.0 else 0.0


def table(sensor: str, t_ns: Stamps, values: Array, arrival_ns: Stamps | None = None) -> Stream:
    """Return the stream of a sensor's numbers.

    Args:
        sensor: a key of `SENSORS` other than a stranger's.
        t_ns: (N,) record stamps, in file order.
        values: (N, K) in the order of `MAKERS`' function for the sensor.
        arrival_ns: (N,) where it is not the stamp. A step back is lifted to what came before: the file's order is the
            order of arrival.
    """
    make = MAKERS[sensor]

    def rows() -> Iterator[Sample]:
        for start in range(0, len(t_ns), _BLOCK):
            part = slice(start, start + _BLOCK)
            yield from map(make, t_ns[part].tolist(), values[part].tolist())

    arrived = np.maximum.accumulate(t_ns if arrival_ns is None else np.maximum(arrival_ns, t_ns))
    return Stream(sensor, t_ns, arrived, rows)


def steady(sensor: str, t_ns: Stamps, values: Array, notes: list[str]) -> tuple[Stamps, Array]:
    """Return stamps (N,) and values (N, K) without what cannot be a time; a note says how many were left out.

    A stamp far ahead of the next one is a damaged one: it would hold up everything that the sensor said after it. One
    too far before log time zero has no record time.
    """
    keep = t_ns > 0
    keep[:-1] &= t_ns[:-1] - t_ns[1:] < _FAR_AHEAD_NS
    lost = len(t_ns) - int(keep.sum())
    if lost:
        notes.append(f"{sensor}: {lost} samples with impossible times were left out")
        return t_ns[keep], values[keep]
    return t_ns, values


def recorded(sensor: str, records: Sequence[Sample], arrival_ns: Sequence[int]) -> Stream:
    """Return the stream of records that exist already, with their times of arrival in record time."""
    stamps = np.array([record.t_ns for record in records], dtype=np.int64)
    arrived = np.maximum.accumulate(np.array(arrival_ns, dtype=np.int64))
    return Stream(sensor, stamps, arrived, lambda: iter(records))


def zeroed(records: Sequence[Sample], arrival_ns: Sequence[int], zero_ns: int) -> tuple[list[Sample], list[int]]:
    """Return records and times of arrival of a clock whose `zero_ns` is log time 0 s in record time.

    What came more than a second before that has no record time and is left out.
    """
    shift = _EPOCH_NS - zero_ns
    kept = [(replace(r, t_ns=r.t_ns + shift), at + shift) for r, at in zip(records, arrival_ns, strict=True)]
    kept = [pair for pair in kept if pair[0].t_ns > 0]
    return [record for record, _ in kept], [at for _, at in kept]


def merged(streams: Iterable[Stream]) -> Iterator[Sample]:
    """Yield all records in the order of their arrival; at one time the earlier stream in the list goes first."""
    parts = [stream for stream in streams if len(stream.t_ns)]
    if not parts:
        return
    owner = np.concatenate([np.full(len(s.t_ns), k, dtype=np.int16) for k, s in enumerate(parts)])
    order = owner[np.argsort(np.concatenate([s.arrival_ns for s in parts]), kind="stable")]
    following = [stream.rows().__next__ for stream in parts]
    for start in range(0, len(order), _BLOCK):
        for k in order[start : start + _BLOCK].tolist():
            yield following[k]()


def _imu(t_ns: int, v: list[float]) -> ImuSample:
    return ImuSample(t_ns, (v[0], v[1], v[2]), (v[3], v[4], v[5]))


def _gnss(t_ns: int, v: list[float]) -> GnssFix:
    fix = GnssFix(t_ns, v[0], v[1], v[2], v[3], v[4], v[5], _whole(v[6]), _whole(v[7]), v[8], v[9], v[10])
    return replace(fix, vel_u_m_s=v[11])


def _flow(t_ns: int, v: list[float]) -> FlowSample:
    return FlowSample(t_ns, (v[0], v[1]), (v[2], v[3]), _whole(v[4]))


def _whole(value: float) -> int:
    """An integer field; what is no number, or out of any range, counts as 0."""
    return int(value) if abs(value) < 1e9 else 0


MAKERS: dict[str, Make] = {
    "imu": _imu,
    "gnss": _gnss,
    "baro": lambda t_ns, v: PressureSample(t_ns, v[0]),
    "mag": lambda t_ns, v: MagSample(t_ns, (v[0], v[1], v[2])),
    "airspeed": lambda t_ns, v: AirspeedSample(t_ns, v[0]),
    "range": lambda t_ns, v: RangeSample(t_ns, v[0]),
    "flow": _flow,
    "landed": lambda t_ns, v: ExtendedState(t_ns, _whole(v[0])),
}
"""Columns: imu gyro xyz, accel xyz; gnss lat, lon (deg), amsl, ellipsoid (m), east, north (m/s), fix type, satellites,
h, v (m), s (m/s) accuracy, climb (m/s); baro Pa; mag xyz (T); airspeed m/s; range m; flow xy, gyro xy (rad/s), quality;
landed."""
