"""What helps without GNSS, and a receiver that is caught: Jacobians, simulated flights, the public logs."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from math import cos
from pathlib import Path

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fusion.trajectory import T0_NS, Flight, Sample, new_core
from lenger_core.samples import AirspeedSample, FlowSample, FusionStatus, GnssFix, ImuSample, Integrity, RangeSample
from lenger_fusion import kernels, measurements
from lenger_fusion.measurements import Measurement
from lenger_fusion.reference import add_error
from lenger_fusion.replay.inject_gnss import shifted
from lenger_fusion.replay.log import feed
from lenger_fusion.replay.open_log import open_log
from lenger_fusion.replay.stream import seconds

AIDED = {"use_drag": True, "watch_gnss": True}
MAKERS: dict[str, Callable[[], Measurement]] = {
    "drag": lambda: measurements.drag(0, (0.4, -0.3), 1.0),
    "flow": lambda: measurements.flow(0, (0.2, 0.5), 0.1),
    "range": lambda: measurements.ground_range(0, 14.0, 0.1),
    "airspeed": lambda: measurements.airspeed(0, 9.0, 1.0),
}
SECOND = 1_000_000_000


def a_state(seed: int) -> np.ndarray:
    rng = np.random.default_rng(seed)
    x = np.zeros(kernels.NX)
    x[:6] = rng.normal(0.0, 3.0, 6)
    x[2] += 25.0
    turn = rng.uniform(-0.2, 0.2, 3)
    x[6:10] = 1.0, *turn
    x[6:10] /= np.linalg.norm(x[6:10])
    x[10:17] = rng.normal(0.0, 0.1, 7)
    x[17:] = *rng.normal(0.0, 3.0, 2), 0.25, 3.0, 0.9, 0.1, -0.1
    return x


@pytest.mark.parametrize("name", sorted(MAKERS))
@given(seed=st.integers(0, 10_000))
def test_a_jacobian_is_the_slope_of_its_prediction(name: str, seed: int) -> None:
    x, p, step = a_state(seed), np.eye(kernels.NE), 1e-6
    measurement = MAKERS[name]()
    rows = measurement.linearise(x, p, 0.0)
    assert rows is not None
    for column in range(kernels.NE):
        change = np.zeros(kernels.NE)
        change[column] = step
        high, low = (measurement.linearise(add_error(x, sign * change), p, 0.0) for sign in (1.0, -1.0))
        assert high is not None and low is not None
        slope = (low.residual - high.residual) / (2.0 * step)
        assert np.allclose(rows.h[:, column], slope, atol=1e-4), column


def test_what_looks_down_says_nothing_on_its_side_or_near_the_ground() -> None:
    x = a_state(1)
    near = x.copy()
    near[2] = near[20] + 0.1
    assert MAKERS["flow"]().linearise(near, np.eye(kernels.NE), 0.0) is None
    tilted = x.copy()
    tilted[6:10] = cos(0.6), np.sin(0.6), 0.0, 0.0
    for name in ("flow", "range"):
        assert MAKERS[name]().linearise(tilted, np.eye(kernels.NE), 0.0) is None


def coasted(flight: Flight, samples: list[Sample], off_s: float, **settings: object) -> tuple[float, FusionStatus]:
    """Return the horizontal error at the end of a flight whose GNSS stops at `off_s`, and the last status."""
    core = new_core(**settings)
    newest = 0
    for sample in samples:
        if isinstance(sample, GnssFix) and sample.t_ns > T0_NS + int(off_s * SECOND):
            continue
        feed(core, sample)
        newest = sample.t_ns if isinstance(sample, ImuSample) else newest
    odometry = core.odometry(newest)
    assert odometry is not None
    truth = flight.truth(newest)
    error = float(np.hypot(odometry.position_enu_m[0] - truth[0], odometry.position_enu_m[1] - truth[1]))
    return error, core.status(newest)


def test_drag_bounds_the_drift_without_gnss_and_finds_the_wind() -> None:
    aided, alone = [], []
    for seed in range(6):
        flight = Flight(seed, 90.0, drag=0.25, wind_m_s=(3.0, -2.0))
        error, status = coasted(flight, flight.readings(), 60.0, **AIDED)
        aided.append(error)
        assert error < status.hpl_m
        alone.append(coasted(flight, flight.readings(), 60.0)[0])
    assert np.median(aided) < 0.4 * np.median(alone), (aided, alone)


def test_flow_and_range_carry_a_flight_for_a_minute() -> None:
    for seed in range(4):
        flight = Flight(seed, 90.0)
        samples = sorted([*flight.readings(), *flight.downward()], key=lambda s: s.t_ns)
        error, status = coasted(flight, samples, 30.0)
        assert error < 4.0
        assert error < status.hpl_m


def led(flight: Flight, change: Callable[[GnssFix, float], GnssFix], *more: Sample) -> tuple[float, list[FusionStatus]]:
    """Return the greatest horizontal error and every status of a flight whose fixes are changed from 40 s to 70 s."""
    core, worst, statuses = new_core(**AIDED), 0.0, []
    for sample in sorted([*flight.readings(), *more], key=lambda s: s.t_ns):
        late_s = (sample.t_ns - T0_NS) * 1e-9 - 40.0
        if isinstance(sample, GnssFix) and 0.0 <= late_s < 30.0:
            sample = change(sample, late_s)
        feed(core, sample)
        if isinstance(sample, ImuSample) and sample.t_ns % (SECOND // 5) == 0 and late_s > -20.0:
            statuses.append(core.status(sample.t_ns))
            odometry = core.odometry(sample.t_ns)
            assert odometry is not None
            miss = np.array(odometry.position_enu_m[:2]) - flight.truth(sample.t_ns)[:2]
            worst = max(worst, float(np.hypot(*miss)))
    return worst, statuses


def moved(fix: GnssFix, east_m: float, speed_m_s: float = 0.0) -> GnssFix:
    return replace(shifted(fix, east_m, 0.0), vel_e_m_s=fix.vel_e_m_s + speed_m_s)


def between(statuses: list[FusionStatus], since_s: float, to_s: float) -> set[Integrity]:
    return {s.integrity for s in statuses if since_s <= (s.t_ns - T0_NS) * 1e-9 < to_s}


@pytest.mark.parametrize("step_m", [10.0, 30.0, 100.0])
def test_a_step_does_not_pull_and_the_receiver_is_taken_back(step_m: float) -> None:
    worst, statuses = led(Flight(3, 90.0, drag=0.2), lambda fix, _: moved(fix, step_m))
    assert worst < 3.0
    assert between(statuses, 20.0, 40.0) == {Integrity.NOMINAL}
    assert Integrity.NOMINAL not in between(statuses, 42.0, 70.0)
    assert Integrity.SPOOFING in between(statuses, 44.0, 70.0)
    assert all(s.gnss_used for s in statuses if s.t_ns > T0_NS + 80 * SECOND)


def test_a_position_that_creeps_without_its_velocity_is_caught_and_taken_back() -> None:
    worst, statuses = led(Flight(4, 90.0, drag=0.2), lambda fix, late_s: moved(fix, 2.0 * late_s))
    assert worst < 6.0
    assert Integrity.NOMINAL not in between(statuses, 46.0, 70.0)


def test_a_consistent_lie_is_seen_by_optical_flow() -> None:
    flight = Flight(5, 90.0, drag=0.2)
    worst, statuses = led(flight, lambda fix, late_s: moved(fix, 4.0 * late_s, 4.0), *flight.downward())
    assert worst < 15.0
    assert between(statuses, 55.0, 70.0) == {Integrity.SPOOFING}


def test_flights_in_order_are_never_doubted() -> None:
    for seed in range(20, 26):
        _, statuses = led(Flight(seed, 90.0, drag=0.2, wind_m_s=(2.0, 1.0)), lambda fix, _: fix)
        assert {s.integrity for s in statuses} == {Integrity.NOMINAL}, seed


@given(
    st.floats(allow_nan=True, allow_infinity=True), st.floats(allow_nan=True, allow_infinity=True), st.integers(0, 255)
)
def test_wild_readings_are_refused_or_harmless(a: float, b: float, quality: int) -> None:
    core = new_core(**AIDED)
    for i in range(150):
        feed(core, ImuSample(T0_NS + i * 10_000_000, (0.0, 0.0, 0.0), (0.0, 0.0, 9.81)))
        core.on_flow(FlowSample(T0_NS + i * 10_000_000, (a, b), (b, a), quality))
        core.on_range(RangeSample(T0_NS + i * 10_000_000, a))
        core.on_airspeed(AirspeedSample(T0_NS + i * 10_000_000, b))
    core.status(T0_NS + 2 * SECOND)


DATA = Path(__file__).resolve().parents[3] / "shared" / "data" / "fusion"
needs_logs = pytest.mark.skipif(not DATA.is_dir(), reason=f"no flight logs in {DATA}")


@needs_logs
@pytest.mark.parametrize("speed_m_s", [0.0, 2.0])
def test_a_real_flight_is_not_led_away(speed_m_s: float) -> None:
    """quadflow with flow: from 60 s on the position creeps by 2 m/s, without its velocity or with it."""
    latency_s = 0.2
    cores = [new_core(**AIDED, gnss_latency_s=latency_s, magnetic_year=2014.0) for _ in range(2)]
    pulls, findings = [], []
    for sample in open_log(DATA / "quadflow").samples():
        t_s = seconds(sample.t_ns)
        if t_s > 100.0:
            break
        false = sample
        if isinstance(sample, GnssFix) and t_s >= 60.0:
            false = moved(sample, 2.0 * (t_s - 60.0), speed_m_s)
        for core, heard in zip(cores, (sample, false), strict=True):
            feed(core, heard)
        if isinstance(sample, ImuSample) and t_s > 20.0:
            straight, led_away = (core.odometry(sample.t_ns) for core in cores)
            if straight is not None and led_away is not None:
                miss = np.subtract(straight.position_enu_m, led_away.position_enu_m)
                pulls.append(float(np.hypot(miss[0], miss[1])))
                findings.append((t_s, cores[1].status(sample.t_ns).integrity))
    assert max(pulls) < 5.0
    assert {found for t_s, found in findings if t_s < 60.0} == {Integrity.NOMINAL}
    assert min(t_s for t_s, found in findings if found is not Integrity.NOMINAL) < 65.0
