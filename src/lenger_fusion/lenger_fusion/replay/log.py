"""A flight log, whatever its format: what is known about it, and its records in the order in which they arrived."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from lenger_core.errors import InputError
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
from lenger_fusion.fusion import FusionCore
from lenger_fusion.replay.stream import Sample, Stream, merged, seconds

VEHICLES = ("multirotor", "fixed_wing", "ground")
UNKNOWN_SATELLITES = 255


@dataclass(frozen=True)
class LogMeta:
    """What a log says about itself; None where it says nothing.

    Attributes:
        vehicle: one of `VEHICLES`.
        gnss_latency_s: a fix describes the aircraft this long before its stamp.
        mag_usable: whether the magnetometer may be used.
        starts_at_rest: whether the aircraft stands at first.
        heading_deg: of the nose at the start, clockwise from true north.
        year: decimal year of the flight, for the magnetic declination.
    """

    vehicle: str | None = None
    gnss_latency_s: float | None = None
    mag_usable: bool = True
    starts_at_rest: bool | None = None
    heading_deg: float | None = None
    year: float | None = None


@dataclass(frozen=True)
class SensorLog:
    """One log.

    Attributes:
        path: where it was read from.
        kind: its format in words.
        meta: what it says about itself.
        streams: what its sensors said; sensors that it lacks are absent.
        notes: what a reader should know: a cut, a corrupt part, what was left out.
        zero: what log time 0 s is.
    """

    path: Path
    kind: str
    meta: LogMeta
    streams: tuple[Stream, ...]
    notes: tuple[str, ...] = field(default=())
    zero: str = "the log's own t_s = 0"

    def samples(self) -> Iterator[Sample]:
        """Yield all records in the order of their arrival; each call starts anew."""
        return merged(self.streams)

    def count(self, sensor: str) -> int:
        """Return how many samples of a sensor there are."""
        return sum(len(stream.t_ns) for stream in self.streams if stream.sensor == sensor)

    def span_s(self) -> tuple[float, float]:
        """Return the first and the last log time of the IMU."""
        stamps = next(stream.t_ns for stream in self.streams if stream.sensor == "imu")
        return seconds(int(stamps.min())), seconds(int(stamps.max()))


def require(log: SensorLog, names: dict[str, str]) -> SensorLog:
    """Return the log when it has samples of the IMU and the receiver.

    Args:
        log: what was read.
        names: by sensor, what a log of its format would hold.

    Raises:
        InputError: one of them is missing.
    """
    for sensor, name in names.items():
        if not log.count(sensor):
            raise InputError(str(log.path), name, "no samples", f"at least one sample of the {sensor} sensor")
    return log


Take = Callable[[Sample], None]


def feeder(core: FusionCore) -> Take:
    """Return the function that gives a sample to the core's method for it."""
    methods: dict[type, Callable[[Any], None]] = {
        ImuSample: core.on_imu,
        GnssFix: core.on_gnss,
        PressureSample: core.on_pressure,
        MagSample: core.on_mag,
        ExtendedState: core.on_extended,
        FlowSample: core.on_flow,
        RangeSample: core.on_range,
        AirspeedSample: core.on_airspeed,
        FcuGlobal: core.on_autopilot,
        FcuLocal: core.on_autopilot,
    }

    return lambda sample: methods[type(sample)](sample)


def feed(core: FusionCore, sample: Sample) -> None:
    """Give one sample to the core."""
    feeder(core)(sample)
