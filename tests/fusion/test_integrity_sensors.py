"""A barometer and a magnetometer that freeze or measure something else, and ordinary flights that raise nothing."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from math import radians

import numpy as np
import pytest
from scipy.spatial.transform import Rotation

from fusion.trajectory import Flight, Sample, heading_error_deg, new_core
from fusion.watched import SECOND, first, fly, ordinary, reasons, seconds, with_fault, within
from lenger_core.samples import Integrity, MagSample
from lenger_fusion.baro_watch import BaroWatch
from lenger_fusion.mag_watch import MagWatch

QUIET = {Integrity.NOMINAL}


def magnetic(flight: Flight, change: Callable[[np.ndarray, float], np.ndarray]) -> Iterator[Sample]:
    """Yield the readings with every magnetic field (3,) changed; `change` gets its time."""
    for s in flight.readings():
        if isinstance(s, MagSample):
            x, y, z = change(np.array(s.field_t), seconds(s.t_ns)).tolist()
            s = replace(s, field_t=(x, y, z))
        yield s


def test_a_barometer_frozen_in_flight_is_said_and_left_out() -> None:
    flight, core = ordinary(81), new_core()
    statuses = fly(core, with_fault(flight.readings(), "baro-freeze:15-30"))
    assert 16.0 < first(statuses, Integrity.DEGRADED) < 21.0
    assert within(statuses, 21.0, 30.0) == {Integrity.DEGRADED}
    assert "barometer frozen for" in reasons(statuses, 21.0, 30.0)
    assert within(statuses, 36.0, 40.0) == QUIET
    for t_s, status in statuses:
        if t_s > 5.0 and core.frame is not None:
            truth = flight.truth(5_000_000_000 + round(t_s * 1e9))[2]
            assert abs(status.alt_amsl_m - core.frame.alt_amsl_m - truth) < status.vpl_m


def test_a_barometer_that_freezes_in_a_climb_is_known_within_seconds() -> None:
    watch = BaroWatch()
    rng = np.random.default_rng(3)
    for i in range(200):
        t_s, frozen = 0.05 * i, i > 100
        height = 5.0 if frozen else float(t_s + 0.3 * rng.standard_normal())
        watch.on_height(round(t_s * 1e9), height, t_s, None, False)
        assert not (watch.frozen and not frozen)
    assert watch.frozen and "frozen for" in watch.reason()
    watch.on_height(10 * SECOND, 9.9, 10.0, None, False)
    assert not watch.frozen and watch.reason() == ""


def test_the_receiver_s_climb_shows_it_too() -> None:
    watch = BaroWatch()
    for i in range(100):
        watch.on_height(i * SECOND // 20, 5.0, None, 0.1 * i, False)
    assert watch.frozen


@pytest.mark.parametrize("step_m", [0.1, 1.0, 8.0])
def test_a_coarse_barometer_is_not_frozen(step_m: float) -> None:
    watch = BaroWatch()
    rng = np.random.default_rng(4)
    for i in range(4000):
        height = 10.0 * np.sin(0.02 * i)
        told = step_m * round((height + 0.5 * rng.standard_normal()) / step_m)
        watch.on_height(i * SECOND // 20, float(told), float(height), float(height), False)
        assert not watch.frozen


def test_on_the_ground_a_barometer_may_repeat_itself() -> None:
    watch = BaroWatch()
    for i in range(1000):
        watch.on_height(i * SECOND // 20, 3.0, 0.3 * np.sin(i), 2.0 * np.sin(i), False)
        assert not watch.frozen


@pytest.mark.parametrize(
    ("change", "word"),
    [
        (lambda field: 1.5 * field, "magnetic field 1.4"),
        (lambda field: 0.6 * field, "magnetic field 0.6"),
    ],
)
def test_another_strength_is_suspect_and_back_again(change: Callable[[np.ndarray], np.ndarray], word: str) -> None:
    flight, core = ordinary(82), new_core()
    statuses = fly(core, magnetic(flight, lambda field, t: change(field) if 20.0 <= t < 30.0 else field))
    assert 20.9 < first(statuses, Integrity.DEGRADED) < 24.0
    assert within(statuses, 25.0, 30.0) == {Integrity.DEGRADED}
    assert word in reasons(statuses, 28.0, 30.0)
    assert within(statuses, 36.0, 40.0) == QUIET


def test_another_dip_is_suspect_and_the_heading_keeps_out_of_it() -> None:
    """Iron aboard moves: heading comes from the gyro and GNSS as long as it is known, not from a field that lies."""
    flight, core = ordinary(83), new_core()
    extra = 18e-6

    def lies(field: np.ndarray, t: float) -> np.ndarray:
        return field + np.array([extra, extra, 0.0]) if 20.0 <= t < 34.0 else field

    statuses, worst = [], 0.0
    for s in magnetic(flight, lies):
        statuses += fly(core, [s])
        odometry = core.odometry(s.t_ns) if 22.0 < seconds(s.t_ns) < 34.0 else None
        if odometry is not None:
            worst = max(worst, heading_error_deg(flight.truth(odometry.t_ns), np.array(odometry.quat_wxyz)))
    assert within(statuses, 24.0, 34.0) == {Integrity.DEGRADED}
    assert "magnet" in reasons(statuses, 24.0, 34.0)
    assert worst < 10.0


def test_a_frozen_magnetometer_is_known_when_the_body_has_turned() -> None:
    watch, field = MagWatch(), np.array([0.0, 1.0, -1.9])
    x = np.zeros(24)
    for i in range(200):
        turn = Rotation.from_euler("z", 0.0 if i < 100 else radians(1.0) * (i - 100))
        x[6:10] = np.roll(turn.as_quat(), 1)
        told = turn.inv().apply(field) if i < 100 else field
        watch.on_mag(MagSample(i * SECOND // 10, tuple(told.tolist())), x)
        assert i > 100 or not watch.frozen
    assert watch.frozen and "magnetometer frozen" in watch.reason()


def test_a_frozen_magnetometer_is_left_out_in_flight() -> None:
    flight, core = ordinary(84), new_core()
    statuses = fly(core, with_fault(flight.readings(), "mag-freeze:15-30"))
    assert "magnetometer frozen" in reasons(statuses, 16.0, 30.0)
    assert within(statuses, 36.0, 40.0) == QUIET


def test_a_field_that_stays_another_is_adopted() -> None:
    watch = MagWatch()
    x = np.zeros(24)
    x[6] = 1.0
    seen = []
    for i in range(1500):
        watch.on_mag(MagSample(i * SECOND // 10, (0.0, 2e-5 * (1.0 if i < 300 else 2.2), -4e-5)), x)
        seen.append(watch.suspect)
    assert not any(seen[:300]) and any(seen[320:600]) and not any(seen[1200:])


def test_the_scale_of_the_field_does_not_matter() -> None:
    """ArduPilot's field comes wrongly scaled through MAVROS, but always by as much."""
    statuses = fly(new_core(), magnetic(ordinary(85), lambda field, _t: 1e-4 * field))
    assert within(statuses, 5.0, 40.0) == QUIET


@pytest.mark.parametrize(("seed", "vigour"), [(86, 1.0), (87, 2.5)])
def test_ordinary_flights_are_nominal(seed: int, vigour: float) -> None:
    statuses = fly(new_core(), ordinary(seed, vigour).readings())
    assert within(statuses, 5.0, 40.0) == QUIET
