"""The delayed horizon: what was measured is fused at its own time, whatever the order in which it came."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest

from fusion.trajectory import Flight, Noise, new_core
from lenger_core.samples import GnssFix, ImuSample
from lenger_fusion import kernels, measurements
from lenger_fusion.filter import ErrorStateFilter
from lenger_fusion.fusion import FusionCore
from lenger_fusion.replay.log import feed

GRAVITY = (0.0, 0.0, kernels.GRAVITY_M_S2)
STILL = (0.0, 0.0, 0.0)
STEP_NS = 10_000_000
NOISE = np.array([0.004, 0.12, 5e-5, 0.002, 0.05, 0.2, 0.5, 3.0, 0.1, 0.002, 0.02, 0.1, 0.001, 0.002])


def new_filter(delay_ns: int = 170_000_000) -> ErrorStateFilter:
    x = np.zeros(kernels.NX)
    x[6] = 1.0
    p = np.diag([4.0] * 3 + [1.0] * 3 + [0.01] * 3 + [1e-4] * 3 + [0.01] * 3 + [100.0] + [0.01] * 7)
    return ErrorStateFilter(NOISE, delay_ns, 5.0, x, p, 0, (STILL, GRAVITY))


def test_arrays_of_another_size_are_refused_before_compiled_code_writes_beside_them() -> None:
    x, p = np.zeros(kernels.NX), np.eye(kernels.NE)
    for noise, state, covariance in ((NOISE[:8], x, p), (NOISE, x[:17], p), (NOISE, x, p[:16, :16])):
        with pytest.raises(ValueError, match="layout"):
            ErrorStateFilter(noise, 170_000_000, 5.0, state, covariance, 0, (STILL, GRAVITY))


def run_imu(estimate: ErrorStateFilter, seconds: float) -> None:
    for _ in range(round(seconds * 100)):
        estimate.push_imu(estimate.newest_ns + STEP_NS, STILL, GRAVITY)


def test_the_output_runs_ahead_of_the_filter_to_the_newest_sample() -> None:
    estimate = new_filter()
    estimate.x[3] = 8.0
    run_imu(estimate, 1.0)
    assert estimate.t_ns == 830_000_000
    assert estimate.x[0] == pytest.approx(8.0 * 0.83, abs=1e-9)
    assert estimate.output()[0] == pytest.approx(8.0, abs=1e-9)
    ahead, block = 0.17, estimate.p[:6, :6]
    carry = np.eye(6)
    carry[:3, 3:] = np.eye(3) * ahead
    expected = carry @ block @ carry.T
    variances = estimate.output_variances()
    assert np.allclose(variances[:3], expected[:3, :3], rtol=1e-12)
    assert np.allclose(variances[3], np.diag(expected)[3:], rtol=1e-12)


def test_arrival_order_within_the_horizon_does_not_matter() -> None:
    readings = [
        measurements.gnss_position(505_000_000, 1.0, 2.0, 1.0),
        measurements.barometer(510_000_000, 0.4, 0.5),
        measurements.gnss_height(505_000_001, 0.3, 1.0),
    ]
    results = []
    for order in ((0, 1, 2), (2, 1, 0)):
        estimate = new_filter()
        run_imu(estimate, 0.6)
        for i in order:
            estimate.offer(readings[i])
        run_imu(estimate, 0.5)
        results.append((estimate.x.copy(), estimate.p.copy()))
    assert np.array_equal(results[0][0], results[1][0])
    assert np.array_equal(results[0][1], results[1][1])


def test_a_late_reading_is_shifted_by_the_velocity() -> None:
    estimate = new_filter()
    estimate.x[3] = 10.0
    run_imu(estimate, 1.0)
    before = float(estimate.x[0])
    estimate.offer(measurements.gnss_position(estimate.t_ns - 300_000_000, before - 3.0, 0.0, 1.0))
    assert estimate.gate("gnss_position").accepted == 1
    assert estimate.x[0] == pytest.approx(before, abs=1e-9)


def test_readings_from_another_time_are_not_kept() -> None:
    estimate = new_filter()
    run_imu(estimate, 2.0)
    for t_ns in (estimate.t_ns - 2_000_000_000, estimate.newest_ns + 5_000_000_000):
        estimate.offer(measurements.gnss_position(t_ns, 0.0, 0.0, 1.0))
    for _ in range(5000):
        estimate.offer(measurements.gnss_position(estimate.newest_ns + 1, 0.0, 0.0, 1.0))
    assert len(estimate._queue) <= 256
    assert not estimate.gates


def test_a_gap_in_the_imu_widens_what_is_known() -> None:
    narrow, wide = new_filter(), new_filter()
    run_imu(narrow, 2.0)
    run_imu(wide, 1.0)
    wide.push_imu(wide.newest_ns + 800_000_000, STILL, GRAVITY)
    for _ in range(20):
        wide.push_imu(wide.newest_ns + STEP_NS, STILL, GRAVITY)
    assert wide.t_ns == narrow.t_ns
    assert wide.p[3, 3] > 2.0 * narrow.p[3, 3]


def _final_error(core: FusionCore, flight: Flight, latency_s: float) -> float:
    worst = 0.0
    for sample in flight.readings():
        if isinstance(sample, GnssFix):
            sample = replace(sample, h_acc_m=0.3, s_acc_m_s=0.1)
        feed(core, sample)
        odometry = core.odometry(sample.t_ns) if isinstance(sample, ImuSample) else None
        if odometry is not None and sample.t_ns > 25_000_000_000:
            miss = np.array(odometry.position_enu_m) - flight.truth(odometry.t_ns)[:3]
            worst = max(worst, float(np.hypot(miss[0], miss[1])))
    return worst


def test_the_latency_of_a_fix_is_taken_out() -> None:
    noise = Noise(gnss_h_m=0.05, gnss_v_m=0.05, gnss_speed_m_s=0.02, gyro=1e-3, accel=0.01, gnss_latency_s=0.2)
    flight = Flight(3, 45.0, noise)
    changes = {"gnss_min_h_std_m": 0.3, "gnss_min_speed_std_m_s": 0.1}
    told = _final_error(new_core(gnss_latency_s=0.2, **changes), Flight(3, 45.0, noise), 0.2)
    untold = _final_error(new_core(gnss_latency_s=0.0, **changes), flight, 0.0)
    assert told < 0.5 * untold
    assert told < 0.5
