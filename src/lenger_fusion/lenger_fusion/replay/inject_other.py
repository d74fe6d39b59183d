"""Injections into barometer, optical flow, rangefinder and airspeed."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from lenger_core.atmosphere import altitude_of_pressure_m, pressure_pa
from lenger_core.samples import FlowSample, PressureSample
from lenger_fusion.replay.effects import (
    METRES,
    METRES_PER_SECOND,
    RATE,
    TIMES,
    Argument,
    Change,
    Kind,
    Values,
    added,
    each,
    frozen,
    noisy,
)


def _raised(sample: PressureSample, up_m: float) -> PressureSample:
    """Return the pressure that far above; what is no pressure of the atmosphere stays."""
    if not 10_000.0 < sample.pressure_pa < 120_000.0:
        return sample
    return replace(sample, pressure_pa=pressure_pa(altitude_of_pressure_m(sample.pressure_pa) + up_m))


def _baro_step(values: Values, _rng: np.random.Generator) -> Change:
    size = values.number("offset")
    return each(lambda sample, _t: _raised(sample, size))


def _baro_drift(values: Values, _rng: np.random.Generator) -> Change:
    rate = values.number("rate")
    return each(lambda sample, t: _raised(sample, max(-500.0, min(500.0, rate * t))))


def _flow_scale(values: Values, _rng: np.random.Generator) -> Change:
    times = values.number("scale")

    def change(sample: FlowSample, _since_s: float) -> FlowSample:
        """Only what motion over the ground adds is scaled: flow and gyro of a pure turn still cancel."""
        (x, y), (gx, gy) = sample.flow_rad_s, sample.gyro_rad_s
        return replace(sample, flow_rad_s=((x + gx) * times - gx, (y + gy) * times - gy))

    return each(change)


def _flow_noise(values: Values, rng: np.random.Generator) -> Change:
    std = values.number("sigma")
    return each(lambda sample, _t: replace(sample, flow_rad_s=noisy(sample.flow_rad_s, std, rng)))


KINDS: tuple[Kind, ...] = (
    Kind(
        "baro-step", "baro", "pressure as if higher by a distance",
        _baro_step, (Argument("offset", METRES, -500.0, 500.0, "5m"),),
    ),
    Kind(
        "baro-drift", "baro", "pressure as if climbing, to 500 m at most. Ends at T1",
        _baro_drift, (Argument("rate", METRES_PER_SECOND, -50.0, 50.0, "0.5m/s"),),
    ),
    Kind("baro-freeze", "baro", "the barometer repeats its last reading", frozen("pressure_pa")),
    Kind(
        "flow-scale", "flow", "flow of motion over the ground is multiplied",
        _flow_scale, (Argument("scale", TIMES, -10.0, 10.0, "1.5x"),),
    ),
    Kind(
        "flow-noise", "flow", "white noise on each axis",
        _flow_noise, (Argument("sigma", RATE, 0.0, 10.0, "0.3rad/s"),),
    ),
    Kind(
        "flow-freeze", "flow", "the sensor repeats its last reading",
        frozen("flow_rad_s", "gyro_rad_s", "quality"),
    ),
    Kind(
        "range-step", "range", "ranges are off",
        added("range_m", "offset"), (Argument("offset", METRES, -1000.0, 1000.0, "2m"),),
    ),
    Kind("range-freeze", "range", "the rangefinder repeats its last reading", frozen("range_m")),
    Kind(
        "airspeed-step", "airspeed", "airspeeds are off",
        added("airspeed_m_s", "offset"), (Argument("offset", METRES_PER_SECOND, -100.0, 100.0, "5m/s"),),
    ),
    Kind(
        "airspeed-freeze", "airspeed", "a blocked pitot repeats its last reading",
        frozen("airspeed_m_s"),
    ),
)  # fmt: skip
