"""Barometer or GNSS height, resets, heading from motion: on flights that are simulated."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

import numpy as np
import pytest

from fusion.trajectory import T0_NS, Flight, Noise, heading_error_deg, new_core
from lenger_core.atmosphere import altitude_of_pressure_m, pressure_pa
from lenger_core.samples import GnssFix, ImuSample, Integrity, MagSample, PressureSample
from lenger_fusion.fusion import FusionCore
from lenger_fusion.latch import Latch
from lenger_fusion.replay.log import feed
from lenger_fusion.replay.stream import Sample

SECOND = 1_000_000_000


def since_s(t_ns: int) -> float:
    return (t_ns - T0_NS) * 1e-9


def climbing(flight: Flight, fix: GnssFix) -> GnssFix:
    """Return the fix with the vertical velocity that a receiver tells."""
    i = min(len(flight.t_s) - 1, round((fix.t_ns - T0_NS) * 1e-6) - 120)
    return replace(fix, vel_u_m_s=float(flight.velocity[i, 2] + flight.rng.normal(0.0, 0.4) - 0.15))


def raised(sample: PressureSample, up_m: float) -> PressureSample:
    return replace(sample, pressure_pa=pressure_pa(altitude_of_pressure_m(sample.pressure_pa) + up_m))


def height_errors(
    flight: Flight, change: Callable[[Sample, float], Sample], core: FusionCore
) -> tuple[np.ndarray, list[tuple[float, Integrity, str]]]:
    """Return rows of time, height error and VPL, and what was said."""
    rows, said = [], []
    for raw in flight.readings():
        sample = climbing(flight, raw) if isinstance(raw, GnssFix) else raw
        t_s = since_s(sample.t_ns)
        feed(core, change(sample, t_s))
        if isinstance(sample, ImuSample) and (odometry := core.odometry(sample.t_ns)) is not None:
            status = core.status(sample.t_ns)
            error = odometry.position_enu_m[2] - flight.truth(sample.t_ns)[2]
            rows.append((t_s, error, status.vpl_m))
            said.append((t_s, status.integrity, status.reason))
    return np.array(rows), said


@pytest.mark.parametrize("rate_m_s", [-0.6, 0.6, 3.0])
def test_a_drifting_barometer_loses_against_gnss(rate_m_s: float) -> None:
    def change(sample: Sample, t_s: float) -> Sample:
        drifts = isinstance(sample, PressureSample) and t_s > 60.0
        return raised(sample, rate_m_s * (t_s - 60.0)) if drifts else sample

    rows, said = height_errors(Flight(3, 110.0), change, new_core(watch_gnss=True))
    late = rows[rows[:, 0] > 60.0]
    assert np.sqrt(np.mean(late[:, 1] ** 2)) <= 2.0 and np.abs(late[:, 1]).max() <= 5.0
    assert (np.abs(rows[:, 1]) <= rows[:, 2]).all()
    assert any("barometer moved" in reason for t_s, _, reason in said if t_s < 85.0)
    assert {state for t_s, state, _ in said if 5.0 < t_s < 60.0} == {Integrity.NOMINAL}


@pytest.mark.parametrize("rate_m_s", [1.0, 8.0])
def test_a_height_that_leaves_its_own_velocity_loses_against_the_barometer(rate_m_s: float) -> None:
    def change(sample: Sample, t_s: float) -> Sample:
        if not isinstance(sample, GnssFix) or t_s < 60.0:
            return sample
        return replace(sample, alt_amsl_m=sample.alt_amsl_m + rate_m_s * (t_s - 60.0))

    # While it is not decided who is wrong the height goes along for some metres, inside its protection level.
    rows, said = height_errors(Flight(3, 110.0), change, new_core(watch_gnss=True))
    late = rows[rows[:, 0] > 60.0]
    assert np.sqrt(np.mean(late[:, 1] ** 2)) <= 2.0 and np.abs(late[:, 1]).max() <= 7.0
    assert (np.abs(rows[:, 1]) <= rows[:, 2]).all()
    assert any("GNSS height" in reason for t_s, _, reason in said if t_s < 85.0)


def test_a_barometer_that_has_drifted_is_levelled_and_used_again() -> None:
    def change(sample: Sample, t_s: float) -> Sample:
        drifts = isinstance(sample, PressureSample) and t_s > 40.0
        return raised(sample, min(20.0, t_s - 40.0)) if drifts else sample

    core = new_core(watch_gnss=True)
    rows, _ = height_errors(Flight(4, 120.0), change, core)
    assert not core.watch.trust.pressure.set
    assert np.abs(rows[rows[:, 0] > 40.0, 1]).max() <= 5.0


def test_a_relapse_takes_twice_as_long() -> None:
    latch, now, spans = Latch(), 0, []
    for _ in range(3):
        assert latch.fall(now, "a reason")
        begun = now
        while not latch.agree(now, True, 2.0):
            now += SECOND // 10
        spans.append((now - begun) // SECOND)
        now += SECOND
    assert spans == [2, 4, 8]
    now += 100 * SECOND
    latch.fall(now, "a reason")
    assert not latch.agree(now, True, 2.0) and latch.agree(now + 2 * SECOND, True, 2.0)


def test_a_held_offset_keeps_its_value_and_grows_less_sure() -> None:
    core = new_core()
    for sample in Flight(5, 30.0).readings():
        feed(core, sample)
    estimate = core.filter
    assert estimate is not None
    estimate.hold_baro(True)
    before, variance = float(estimate.x[16]), float(estimate.p[15, 15])
    for _ in range(20):
        core.on_pressure(PressureSample(core.intake.imu_ns or 0, 90_000.0))
    later = [s for s in Flight(5, 40.0).readings() if s.t_ns > (core.intake.imu_ns or 0)]
    for sample in later:
        if not isinstance(sample, GnssFix):
            feed(core, sample)
    assert float(estimate.x[16]) == before and float(estimate.p[15, 15]) > variance
    assert np.linalg.eigvalsh(estimate.p).min() > 0.0


def without_heading(flight: Flight, core: FusionCore) -> float | None:
    """Return the heading error (degrees) of the alignment without a magnetometer; None: there was none."""
    for sample in flight.readings():
        if isinstance(sample, MagSample):
            continue
        feed(core, sample)
        if isinstance(sample, ImuSample) and (odometry := core.odometry(sample.t_ns)) is not None:
            return heading_error_deg(flight.truth(odometry.t_ns), np.array(odometry.quat_wxyz))
    return None


@pytest.mark.parametrize("seed", [0, 1])
def test_a_heading_from_motion_is_near_the_truth(seed: int) -> None:
    found = without_heading(Flight(seed, 60.0), new_core(use_magnetometer=False))
    assert found is not None and found < 30.0


@pytest.mark.campaign
def test_no_false_heading_is_declared() -> None:
    """Of 60 flights of all kinds of vigour; those that hardly move may find none."""
    errors = []
    for seed in range(60):
        noise = Noise(gyro=0.002, accel=0.05)
        flight = Flight(seed, 80.0, noise, (0.15, 0.6, 1.0, 2.0)[seed % 4])
        errors.append(without_heading(flight, new_core(use_magnetometer=False)))
    found = [error for error in errors if error is not None]
    print(f"{len(found)} of 60 found, median {np.median(found):.1f} deg, at most {max(found):.1f}")
    assert len(found) >= 20 and max(found) < 30.0
