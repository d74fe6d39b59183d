"""FusionCore over simulated flights: accuracy, consistency, integrity, and the ways back from trouble."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import replace
from math import nan

import numpy as np
import pytest

from fusion.trajectory import T0_NS, Flight, Noise, Sample, heading_error_deg, new_core
from lenger_core.samples import ExtendedState, FusionStatus, GnssFix, ImuSample, Integrity, MagSample, PressureSample
from lenger_fusion.fusion import UNKNOWN_M, FusionCore
from lenger_fusion.replay.log import feed

Change = Callable[[Sample], "Sample | None"]
SECOND = 1_000_000_000


def seconds(t_ns: int) -> float:
    return (t_ns - T0_NS) * 1e-9


def fly(core: FusionCore, samples: Iterable[Sample], change: Change = lambda s: s) -> list[tuple[float, FusionStatus]]:
    """Feed readings, each changed or dropped by `change`; return (time, status) at 10 Hz."""
    statuses = []
    due_ns = 0
    for sample in samples:
        changed = change(sample)
        if changed is not None:
            feed(core, changed)
        if sample.t_ns >= due_ns:
            due_ns = sample.t_ns + SECOND // 10
            statuses.append((seconds(sample.t_ns), core.status(sample.t_ns)))
    return statuses


def within(statuses: list[tuple[float, FusionStatus]], start_s: float, end_s: float) -> set[Integrity]:
    return {status.integrity for t_s, status in statuses if start_s <= t_s < end_s}


def horizontal_error(core: FusionCore, flight: Flight, now_ns: int) -> float:
    odometry = core.odometry(now_ns)
    assert odometry is not None
    return float(np.linalg.norm(np.array(odometry.position_enu_m)[:2] - flight.truth(odometry.t_ns)[:2]))


def test_a_flight_is_followed_and_bounded() -> None:
    flight, core = Flight(11), new_core()
    misses, turns = [], []
    for sample in flight.readings():
        feed(core, sample)
        odometry = core.odometry(sample.t_ns) if isinstance(sample, ImuSample) else None
        if odometry is None or sample.t_ns % 100_000_000:
            continue
        truth, status = flight.truth(odometry.t_ns), core.status(sample.t_ns)
        miss = np.array(odometry.position_enu_m) - truth[:3]
        misses.append(np.concatenate([miss, np.array(odometry.velocity_enu_m_s) - truth[3:6]]))
        turns.append(heading_error_deg(truth, np.array(odometry.quat_wxyz)))
        assert np.hypot(miss[0], miss[1]) < status.hpl_m
        assert abs(miss[2]) < status.vpl_m
        assert status.integrity is Integrity.NOMINAL and status.gnss_used
        east, north, up = (
            core.frame.to_local(status.lat_deg, status.lon_deg, status.alt_amsl_m) if core.frame else (nan,) * 3
        )
        assert np.allclose((east, north, up), odometry.position_enu_m, atol=1e-6)
    rms = np.sqrt(np.mean(np.square(misses), axis=0))
    assert (rms < (0.5, 0.5, 0.7, 0.4, 0.4, 0.4)).all(), rms
    assert np.mean(turns[200:]) < 4.0
    assert status.hpl_m < 8.0


def test_without_gnss_it_coasts_says_so_and_comes_back() -> None:
    flight, core = Flight(4, 50.0), new_core()
    out = (25.0, 37.0)

    def change(sample: Sample) -> Sample | None:
        return None if isinstance(sample, GnssFix) and out[0] <= seconds(sample.t_ns) < out[1] else sample

    statuses = fly(core, flight.readings(), change)
    assert within(statuses, 5.0, out[0]) == {Integrity.NOMINAL}
    assert within(statuses, out[0] + 1.5, out[1]) == {Integrity.COASTING}
    assert within(statuses, out[1] + 2.0, 50.0) == {Integrity.NOMINAL}
    levels = {round(t_s): status.hpl_m for t_s, status in statuses}
    assert levels[24] < levels[30] < levels[36] and levels[48] < levels[30]
    reasons = [e.detail for e in core.take_events() if e.kind == "fusion_integrity"]
    assert reasons[1].startswith("coasting: no GNSS fix") and reasons[2] == "nominal"
    assert horizontal_error(core, flight, T0_NS + 50 * SECOND - 10_000_000) < 2.0


def test_a_false_position_is_refused_and_the_true_one_taken_back() -> None:
    flight, core = Flight(5, 50.0), new_core()

    def change(sample: Sample) -> Sample:
        if isinstance(sample, GnssFix) and 20.0 <= seconds(sample.t_ns) < 26.0:
            return replace(sample, lat_deg=sample.lat_deg + 0.001)
        return sample

    statuses = fly(core, (s for s in flight.readings() if seconds(s.t_ns) < 25.9), change)
    assert horizontal_error(core, flight, statuses[-1][1].t_ns) < 3.0
    assert within(statuses, 21.5, 25.8) == {Integrity.COASTING}
    assert "GNSS position refused" in statuses[-1][1].reason
    statuses = fly(core, (s for s in flight.readings() if seconds(s.t_ns) >= 25.9), change)
    assert within(statuses, 29.0, 50.0) == {Integrity.NOMINAL}


def test_a_position_that_stays_elsewhere_is_believed_in_the_end() -> None:
    flight, core = Flight(6, 60.0), new_core()

    def change(sample: Sample) -> Sample:
        if isinstance(sample, GnssFix) and seconds(sample.t_ns) >= 20.0:
            return replace(sample, lat_deg=sample.lat_deg + 0.01)
        return sample

    statuses = fly(core, flight.readings(), change)
    assert within(statuses, 50.0, 60.0) == {Integrity.NOMINAL}
    kinds = [event.kind for event in core.take_events()]
    assert kinds.count("fusion_position_reset") == 1
    north = core.odometry(statuses[-1][1].t_ns)
    assert north is not None
    assert north.position_enu_m[1] - flight.truth(north.t_ns)[1] == pytest.approx(1110.7, abs=3.0)


def test_a_barometer_step_is_levelled_out_without_moving_the_height() -> None:
    flight, core = Flight(7, 50.0), new_core()

    def change(sample: Sample) -> Sample:
        if isinstance(sample, PressureSample) and seconds(sample.t_ns) >= 20.0:
            return replace(sample, pressure_pa=sample.pressure_pa - 300.0)
        return sample

    statuses = fly(core, flight.readings(), change)
    assert Integrity.DEGRADED in within(statuses, 20.0, 25.0)
    assert "fusion_baro_reset" in [event.kind for event in core.take_events()]
    odometry = core.odometry(statuses[-1][1].t_ns)
    assert odometry is not None
    assert odometry.position_enu_m[2] == pytest.approx(flight.truth(odometry.t_ns)[2], abs=2.5)
    assert core.filter is not None and core.filter.gate("baro").rejecting_since_ns < 0


def test_a_creeping_gnss_height_is_noticed() -> None:
    flight, core = Flight(8, 60.0), new_core()

    def change(sample: Sample) -> Sample:
        if isinstance(sample, GnssFix) and (late_s := seconds(sample.t_ns) - 30.0) > 0.0:
            return replace(sample, alt_amsl_m=sample.alt_amsl_m + 1.5 * late_s)
        return sample

    statuses = fly(core, flight.readings(), change)
    assert within(statuses, 10.0, 30.0) == {Integrity.NOMINAL}
    assert within(statuses, 42.0, 60.0) == {Integrity.DEGRADED}
    assert statuses[-1][1].vpl_m > 30.0


def test_a_poor_receiver_degrades() -> None:
    flight, core = Flight(9, 15.0), new_core()
    statuses = fly(core, flight.readings(), lambda s: replace(s, h_acc_m=15.0) if isinstance(s, GnssFix) else s)
    assert within(statuses, 5.0, 15.0) == {Integrity.DEGRADED}
    assert "accuracy 15 m" in statuses[-1][1].reason


@pytest.mark.parametrize("missing", [ImuSample, GnssFix, MagSample])
def test_without_a_needed_sensor_it_says_what_it_waits_for(missing: type) -> None:
    flight, core = Flight(1, 3.0), new_core()
    statuses = fly(core, flight.readings(), lambda s: None if isinstance(s, missing) else s)
    last = statuses[-1][1]
    word = {ImuSample: "IMU", GnssFix: "GNSS", MagSample: "heading"}[missing]
    assert last.integrity is Integrity.ALIGNING and word in last.reason
    assert last.hpl_m == UNKNOWN_M and not last.gnss_used
    assert core.odometry(last.t_ns) is None


def test_without_a_barometer_it_flies_on_gnss_height() -> None:
    flight, core = Flight(2, 40.0), new_core()
    statuses = fly(core, flight.readings(), lambda s: None if isinstance(s, PressureSample) else s)
    assert within(statuses, 5.0, 40.0) == {Integrity.NOMINAL}
    odometry = core.odometry(statuses[-1][1].t_ns)
    assert odometry is not None
    assert odometry.position_enu_m[2] == pytest.approx(flight.truth(odometry.t_ns)[2], abs=2.5)


def test_a_fix_without_velocity_still_counts() -> None:
    flight, core = Flight(2, 40.0), new_core()
    statuses = fly(
        core, flight.readings(), lambda s: replace(s, vel_e_m_s=nan, vel_n_m_s=nan) if isinstance(s, GnssFix) else s
    )
    assert within(statuses, 5.0, 40.0) == {Integrity.NOMINAL}
    assert horizontal_error(core, flight, statuses[-1][1].t_ns) < 3.0


def test_heading_is_found_from_motion_without_a_magnetometer() -> None:
    flight, core = Flight(2, 60.0, Noise(gyro=1e-3, accel=0.02), 2.0), new_core(use_magnetometer=False)
    turns = []
    for sample in flight.readings():
        feed(core, sample)
        if isinstance(sample, GnssFix):
            core.on_extended(ExtendedState(sample.t_ns, 1 if seconds(sample.t_ns) < 3.0 else 2))
        odometry = core.odometry(sample.t_ns) if isinstance(sample, ImuSample) else None
        if odometry is not None:
            turns.append(heading_error_deg(flight.truth(odometry.t_ns), np.array(odometry.quat_wxyz)))
    assert len(turns) > 2000
    assert np.mean(turns[-500:]) < 8.0 and max(turns) < 40.0
    assert "aligned in motion" in [event.detail for event in core.take_events()]


def test_wrong_units_are_named() -> None:
    flight, core = Flight(1, 5.0), new_core()

    def in_g(sample: Sample) -> Sample:
        if not isinstance(sample, ImuSample):
            return sample
        x, y, z = sample.accel_m_s2
        return replace(sample, accel_m_s2=(x / 9.81, y / 9.81, z / 9.81))

    statuses = fly(core, flight.readings(), in_g)
    assert "wrong unit" in statuses[-1][1].reason


@pytest.mark.parametrize("jump_s", [-3600.0, 3600.0, 5.0])
def test_a_lasting_time_jump_starts_anew(jump_s: float) -> None:
    flight, core = Flight(3, 40.0), new_core()
    jump_ns = int(jump_s * SECOND)
    moved = [replace(s, t_ns=s.t_ns + jump_ns * (seconds(s.t_ns) > 20.0) + 4000 * SECOND) for s in flight.readings()]
    for sample in moved:
        feed(core, sample)
    kinds = [event.kind for event in core.take_events()]
    assert kinds.count("fusion_restart") == 1 and kinds.count("fusion_aligned") == 2
    odometry = core.odometry(moved[-1].t_ns)
    assert odometry is not None
    truth = flight.truth(odometry.t_ns - jump_ns - 4000 * SECOND)
    assert np.linalg.norm(np.array(odometry.position_enu_m) - truth[:3]) < 3.0


def test_single_wild_stamps_do_not_restart() -> None:
    flight, core = Flight(3, 20.0), new_core()
    samples = flight.readings()
    for i, sample in enumerate(samples):
        feed(core, sample)
        if i % 97 == 0:
            feed(core, replace(sample, t_ns=sample.t_ns + (-1) ** i * 7200 * SECOND))
        if i % 31 == 0:
            feed(core, sample)
    kinds = [event.kind for event in core.take_events()]
    assert "fusion_restart" not in kinds
    assert horizontal_error(core, flight, samples[-1].t_ns) < 2.0
    assert core.intake.refused["imu time jump"] > 0 and core.intake.refused["imu out of order or twice"] > 0


def test_a_silent_imu_ends_the_odometry() -> None:
    flight, core = Flight(3, 10.0), new_core()
    samples = flight.readings()
    for sample in samples:
        feed(core, sample)
    now = samples[-1].t_ns
    assert core.odometry(now) is not None
    assert core.odometry(now + SECOND) is None
    status = core.status(now + SECOND)
    assert status.integrity is Integrity.ALIGNING and "IMU silent" in status.reason


def test_landed_stops_the_drift_without_gnss() -> None:
    rest_noise = Noise(gyro=1e-3, accel=0.02)
    drift = {}
    for landed in (True, False):
        core = new_core()
        still = Flight(12, 60.0, rest_noise)
        still.velocity[:] = still.acceleration[:] = still.rates[:] = 0.0
        still.position[:] = 0.0
        still.attitude = still.attitude[np.zeros(len(still.t_s), dtype=int)]
        still.force = still.attitude.inv().apply(np.tile([0.0, 0.0, 9.80665], (len(still.t_s), 1)))
        for sample in still.readings():
            if isinstance(sample, GnssFix) and seconds(sample.t_ns) > 10.0:
                continue
            feed(core, sample)
            if isinstance(sample, PressureSample):
                core.on_extended(ExtendedState(sample.t_ns, 1 if landed else 2))
        drift[landed] = horizontal_error(core, still, T0_NS + 60 * SECOND - 10_000_000)
    assert drift[True] < 1.5 < drift[False]
