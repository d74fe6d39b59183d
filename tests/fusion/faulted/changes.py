"""Faults that the injections of `./lenger fuse` do not know."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from dataclasses import replace
from math import cos, pi, sin

import numpy as np

from lenger_core.samples import FlowSample, GnssFix, RangeSample
from lenger_fusion.replay.inject_gnss import shifted
from lenger_fusion.replay.stream import Sample

Change = Callable[[Sample, float], "Sample | None"]
"""Takes a sample and the seconds since the fault began; returns what comes instead of it."""


def within(samples: Iterable[Sample], window_ns: tuple[int, ...], change: Change) -> Iterator[Sample]:
    """Yield the samples, those of the window [start, end) changed, in the order of their stamps.

    What a change moves beyond the end is lost: the sensor is in order again and has newer things to say.
    """
    start_ns, end_ns = window_ns
    kept: list[Sample] = []
    for sample in samples:
        if not start_ns <= sample.t_ns < end_ns:
            kept.append(sample)
        elif (changed := change(sample, (sample.t_ns - start_ns) * 1e-9)) is not None and changed.t_ns < end_ns:
            kept.append(changed)
    yield from sorted(kept, key=lambda sample: sample.t_ns)


def noise_told(times: float, rng: np.random.Generator) -> Change:
    """Errors and stated accuracies of a receiver grow to so many times over 5 s."""

    def change(sample: Sample, since_s: float) -> Sample:
        if not isinstance(sample, GnssFix):
            return sample
        worse = 1.0 + (times - 1.0) * min(1.0, since_s / 5.0)
        east, north, up, v_east, v_north = (np.sqrt(worse**2 - 1.0) * rng.standard_normal(5)).tolist()
        return replace(
            shifted(sample, sample.h_acc_m * east, sample.h_acc_m * north),
            alt_amsl_m=sample.alt_amsl_m + sample.v_acc_m * up,
            vel_e_m_s=sample.vel_e_m_s + sample.s_acc_m_s * v_east,
            vel_n_m_s=sample.vel_n_m_s + sample.s_acc_m_s * v_north,
            h_acc_m=sample.h_acc_m * worse,
            v_acc_m=sample.v_acc_m * worse,
            s_acc_m_s=sample.s_acc_m_s * worse,
        )

    return change


def outage(_rng: np.random.Generator) -> Change:
    """No fix."""
    return lambda sample, _since_s: None if isinstance(sample, GnssFix) else sample


def flow_outage(_rng: np.random.Generator) -> Change:
    """Flow and range end."""
    return lambda sample, _since_s: None if isinstance(sample, (FlowSample, RangeSample)) else sample


def height_ramp(rate_m_s: float, rng: np.random.Generator) -> Change:
    """Heights of fixes climb away, or sink."""
    rate = rate_m_s * rng.choice((-1.0, 1.0))

    def change(sample: Sample, since_s: float) -> Sample:
        return replace(sample, alt_amsl_m=sample.alt_amsl_m + rate * since_s) if isinstance(sample, GnssFix) else sample

    return change


def velocity(size_m_s: float, rng: np.random.Generator) -> Change:
    """Velocities of fixes are off by so much along some bearing."""
    bearing = rng.uniform(-pi, pi)
    east, north = size_m_s * sin(bearing), size_m_s * cos(bearing)

    def change(sample: Sample, _since_s: float) -> Sample:
        if not isinstance(sample, GnssFix):
            return sample
        return replace(sample, vel_e_m_s=sample.vel_e_m_s + east, vel_n_m_s=sample.vel_n_m_s + north)

    return change


def latency(more_s: float, _rng: np.random.Generator) -> Change:
    """Fixes come so much later, and their stamps with them."""

    def change(sample: Sample, _since_s: float) -> Sample:
        return replace(sample, t_ns=sample.t_ns + int(more_s * 1e9)) if isinstance(sample, GnssFix) else sample

    return change
