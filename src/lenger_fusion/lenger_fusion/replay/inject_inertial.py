"""Injections into the IMU and the magnetometer."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np

from lenger_core.samples import ImuSample
from lenger_fusion.replay.effects import (
    AXES,
    FORCE,
    RATE,
    TESLA,
    Argument,
    Change,
    Kind,
    Values,
    each,
    frozen,
    noisy,
    on_axis,
)


def _bias(field: str) -> Callable[[Values, np.random.Generator], Change]:
    def build(values: Values, _rng: np.random.Generator) -> Change:
        axis, size = values.word, values.number("bias")
        return each(lambda record, _t: replace(record, **{field: on_axis(getattr(record, field), axis, size)}))

    return build


def _clip(values: Values, _rng: np.random.Generator) -> Change:
    most = values.number("range")

    def change(sample: ImuSample, _since_s: float) -> ImuSample:
        x, y, z = (min(max(a, -most), most) for a in sample.accel_m_s2)
        return replace(sample, accel_m_s2=(x, y, z))

    return each(change)


def _vibration(values: Values, rng: np.random.Generator) -> Change:
    std = values.number("sigma")
    return each(lambda sample, _t: replace(sample, accel_m_s2=noisy(sample.accel_m_s2, std, rng)))


def _mag_noise(values: Values, rng: np.random.Generator) -> Change:
    std = values.number("sigma")
    return each(lambda sample, _t: replace(sample, field_t=noisy(sample.field_t, std, rng)))


def _gap(_values: Values, _rng: np.random.Generator) -> Change:
    return lambda record, since_s: record if since_s is None else None


_LAST_FIRST = AXES[::-1]

KINDS: tuple[Kind, ...] = (
    Kind("imu-freeze", "imu", "the IMU repeats its last sample", frozen("gyro_rad_s", "accel_m_s2")),
    Kind("imu-gap", "imu", "no IMU samples", _gap),
    Kind(
        "imu-clip", "imu", "accelerometers saturate at a range",
        _clip, (Argument("range", FORCE, 1.0, 400.0, "2g"),),
    ),
    Kind(
        "imu-vibration", "imu", "white noise on each accelerometer",
        _vibration, (Argument("sigma", FORCE, 0.0, 200.0, "5m/s2"),),
    ),
    Kind(
        "gyro-bias", "imu", "one gyro is off (z unless told)",
        _bias("gyro_rad_s"), (Argument("bias", RATE, -10.0, 10.0, "1deg/s"),), _LAST_FIRST,
    ),
    Kind(
        "accel-bias", "imu", "one accelerometer is off (x unless told)",
        _bias("accel_m_s2"), (Argument("bias", FORCE, -50.0, 50.0, "0.5m/s2"),), AXES,
    ),
    Kind(
        "mag-bias", "mag", "one axis of the magnetometer is off (x unless told)",
        _bias("field_t"), (Argument("bias", TESLA, -1e-3, 1e-3, "20ut"),), AXES,
    ),
    Kind(
        "mag-noise", "mag", "white noise on each axis",
        _mag_noise, (Argument("sigma", TESLA, 0.0, 1e-3, "5ut"),),
    ),
    Kind("mag-freeze", "mag", "the magnetometer repeats its last reading", frozen("field_t")),
)  # fmt: skip
