"""What is kept from the estimator: a sensor in a window (`--withhold gnss:60-70`), or altogether (`--without flow`)."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from lenger_core.errors import InputError
from lenger_fusion.replay.stream import SENSORS, Sample, seconds
from lenger_fusion.replay.window import WINDOW_TEXT, Window, parse_window

SENSOR_CHOICES = tuple(sensor for sensor in SENSORS if sensor not in ("imu", "landed"))
"""Without an IMU there is no estimate: `imu-gap` and `imu-freeze` are injections."""


@dataclass(frozen=True)
class Withheld:
    """One sensor in one window."""

    sensor: str
    window: Window

    def __str__(self) -> str:
        return f"{self.sensor}:{self.window}"


def parse_withhold(text: str) -> Withheld:
    """Return what `--withhold SENSOR:T0-T1` says. Raises InputError when it says nothing valid."""
    sensor, colon, window = text.partition(":")
    if not colon:
        raise InputError("--withhold", "", text, f"SENSOR:T0-T1: {' or '.join(SENSOR_CHOICES)}, then {WINDOW_TEXT}")
    return Withheld(_sensor("--withhold", sensor), parse_window("--withhold", window))


def parse_without(text: str) -> str:
    """Return the sensor of `--without SENSOR`. Raises InputError when it is none."""
    return _sensor("--without", text)


def _sensor(option: str, text: str) -> str:
    if text == "imu":
        valid = f"{' or '.join(SENSOR_CHOICES)} (the IMU carries the estimate; --inject imu-gap, imu-freeze break it)"
        raise InputError(option, "sensor", text, valid)
    if text not in SENSOR_CHOICES:
        raise InputError(option, "sensor", text, " or ".join(SENSOR_CHOICES))
    return text


def kept(samples: Iterator[Sample], withheld: Sequence[Withheld], without: Sequence[str]) -> Iterator[Sample]:
    """Return the samples that the estimator may have."""
    windows: dict[type, list[Window]] = {}
    for one in withheld:
        windows.setdefault(SENSORS[one.sensor], []).append(one.window)
    for sensor in without:
        windows[SENSORS[sensor]] = [Window(float("-inf"), float("inf"))]
    if not windows:
        return samples
    return (sample for sample in samples if not _held(sample, windows.get(type(sample))))


def _held(sample: Sample, windows: list[Window] | None) -> bool:
    return windows is not None and any(window.holds(seconds(sample.t_ns)) for window in windows)
