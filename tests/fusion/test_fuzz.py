"""Whatever arrives: no exception, no NaN out, a covariance that stays one."""

from __future__ import annotations

import random
from dataclasses import fields, replace
from math import inf, isfinite, nan

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from fusion.trajectory import T0_NS, Flight, Sample, new_core
from lenger_core.samples import (
    AirspeedSample,
    ExtendedState,
    FcuGlobal,
    FcuLocal,
    FlowSample,
    FusionStatus,
    GnssFix,
    ImuSample,
    MagSample,
    Odometry,
    PressureSample,
    RangeSample,
)
from lenger_fusion.fusion import FusionCore
from lenger_fusion.replay.log import feed

NUMBERS = (nan, inf, -inf, 0.0, -0.0, 1e-300, 1e300, -1e18, 9.81, -9.81, 90.0, 180.1, 1e7, 3.4e38)
AIDED = {"use_drag": True, "watch_gnss": True}
"""As `./lenger fuse` sets a multirotor."""


def whole(flight: Flight) -> list[Sample]:
    """Return every sensor that the core knows, airspeed along the nose and what the autopilot says too."""
    more: list[Sample] = flight.downward()
    for i in range(0, len(flight.t_s), 100):
        t_ns = T0_NS + i * 1_000_000 + 7
        x = flight.truth(t_ns).tolist()
        lat, lon, alt = flight.frame.to_geodetic(*x[:3])
        more.append(FcuGlobal(t_ns, lat, lon, alt, alt - 40.0, 1.0, 1.5))
        more.append(FcuLocal(t_ns, (0.0, 0.0, 0.0), tuple(x[3:6]), tuple(x[6:10]), (0.0, 0.0, 0.0)))
    for i in range(0, len(flight.t_s), 200):
        ahead = float(flight.attitude[i].inv().apply(flight.velocity[i])[0])
        more.append(AirspeedSample(T0_NS + i * 1_000_000 + 5, max(0.0, ahead)))
        more.append(ExtendedState(T0_NS + i * 1_000_000 + 6, 1 if i < 3000 else 2))
    return sorted([*flight.readings(), *more], key=lambda s: s.t_ns)


FLIGHT = whole(Flight(21, 12.0, drag=0.2, wind_m_s=(2.0, 1.0)))


def wild_number(rng: random.Random) -> float:
    return rng.choice(NUMBERS) if rng.random() < 0.7 else rng.gauss(0.0, 10.0 ** rng.uniform(-3, 5))


def wild(sample: Sample, rng: random.Random) -> Sample:
    """Return the sample with one field spoilt: a number, a vector's component, or the stamp."""
    field = rng.choice(fields(sample)).name
    value = getattr(sample, field)
    if field == "t_ns":
        return replace(sample, t_ns=value + rng.choice((-1, 1)) * rng.choice((0, 1, 10**7, 10**9, 10**12, 2**62)))
    if isinstance(value, tuple):
        components = list(value)
        components[rng.randrange(len(components))] = wild_number(rng)
        return replace(sample, **{field: tuple(components)})
    return replace(sample, **{field: rng.randrange(-5, 300) if isinstance(value, int) else wild_number(rng)})


def scramble(seed: int, share: float) -> list[Sample]:
    """Return a flight with this share of its readings spoilt, repeated, dropped or out of order."""
    rng = random.Random(seed)
    samples: list[Sample] = []
    for sample in FLIGHT:
        samples.append(sample)
        if rng.random() < share:
            trouble = rng.randrange(5)
            if trouble == 0:
                samples.pop()
            elif trouble == 1:
                samples.append(sample)
            elif trouble == 2:
                samples.insert(max(0, len(samples) - rng.randrange(1, 60)), samples.pop())
            else:
                samples[-1] = wild(sample, rng)
    return samples


def check(core: FusionCore, now_ns: int) -> None:
    odometry, status = core.odometry(now_ns), core.status(now_ns)
    if odometry is not None:
        assert all(isfinite(v) for v in flat(odometry))
        assert abs(sum(v * v for v in odometry.quat_wxyz) - 1.0) < 1e-6
        assert min(odometry.position_var_m2 + odometry.velocity_var_m2_s2) > 0.0
    assert all(isfinite(v) for v in flat(status))
    if core.filter is not None:
        p = core.filter.p
        assert np.abs(p - p.T).max() <= 1e-9 * np.abs(p).max()
        scale = 1.0 / np.sqrt(np.diag(p))
        assert np.linalg.eigvalsh(p * np.outer(scale, scale)).min() > -1e-6


def flat(record: Odometry | FusionStatus) -> list[float]:
    values: list[float] = []
    for field in fields(record):
        value = getattr(record, field.name)
        values += value if isinstance(value, tuple) else [value] if isinstance(value, (int, float)) else []
    return values


def survive(seed: int, share: float) -> None:
    """Fly a scrambled flight, every third with the settings as they come and the others aided."""
    core = new_core(**(AIDED if seed % 3 else {}))
    for i, sample in enumerate(scramble(seed, share)):
        feed(core, sample)
        if i % 40 == 0:
            check(core, sample.t_ns)
    check(core, FLIGHT[-1].t_ns)


@settings(max_examples=15)
@given(st.integers(0, 2**32 - 1), st.sampled_from((0.01, 0.1, 0.5)))
def test_a_scrambled_flight_is_survived(seed: int, share: float) -> None:
    survive(seed, share)


@pytest.mark.timeout(7200)
@pytest.mark.campaign
def test_ten_thousand_scrambled_flights_are_survived() -> None:
    for seed in range(10_000):
        survive(seed, (0.01, 0.1, 0.5)[seed // 3 % 3])
    print("\n10,000 scrambled flights from seed 0: 0 failures (below 0.03 % each at 95 %)")


vectors, pairs = st.tuples(*[st.floats()] * 3), st.tuples(*[st.floats()] * 2)
stamps = st.integers(-(2**40), 2**62)
near = st.integers(T0_NS, T0_NS + 10**9)
times = st.one_of(near, near, near, stamps)
anything = st.one_of(
    st.builds(ImuSample, times, vectors, vectors),
    st.builds(MagSample, times, vectors),
    st.builds(PressureSample, times, st.floats()),
    st.builds(ExtendedState, times, st.integers(-1, 9)),
    st.builds(FlowSample, times, pairs, pairs, st.integers(-1, 300)),
    st.builds(RangeSample, times, st.floats()),
    st.builds(AirspeedSample, times, st.floats()),
    st.builds(FcuGlobal, times, *[st.floats()] * 6),
    st.builds(FcuLocal, times, vectors, vectors, st.tuples(*[st.floats()] * 4), vectors),
    st.builds(GnssFix, times, *[st.floats()] * 6, st.integers(-1, 9), st.integers(0, 255), *[st.floats()] * 3),
)


@settings(max_examples=50)
@given(st.lists(anything, max_size=30), st.booleans())
def test_anything_at_all_is_survived(samples: list[Sample], aligned: bool) -> None:
    core = new_core(**AIDED)
    for sample in FLIGHT[:350] if aligned else []:
        feed(core, sample)
    for sample in samples:
        feed(core, sample)
        check(core, sample.t_ns)
