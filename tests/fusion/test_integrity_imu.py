"""An IMU that freezes, saturates or shakes, and ordinary flights that do none of it."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from math import radians

import numpy as np
import pytest

from fusion.trajectory import Noise, Sample, new_core
from fusion.watched import SECOND, fly, ordinary, reasons, seconds, with_fault, within
from lenger_core.samples import ImuSample, Integrity
from lenger_fusion.imu_watch import ImuWatch

UNOBSERVED = (0.5, 3.0)
QUIET = {Integrity.NOMINAL}


def sample(i: int, gyro: object, accel: object, step_ns: int = SECOND // 100) -> ImuSample:
    g, a = (tuple(np.asarray(v, dtype=float).tolist()) for v in (gyro, accel))
    return ImuSample((i + 1) * step_ns, g, a)  # type: ignore[arg-type]


def judge(rows: np.ndarray, step_ns: int = SECOND // 100) -> tuple[ImuWatch, set[str]]:
    """Return the watch after (N, 6) samples of flight, and what it said on the way, without the figures."""
    watch, said = ImuWatch(UNOBSERVED), set()
    for i, row in enumerate(rows):
        watch.on_imu(sample(i, row[:3], row[3:], step_ns), True)
        said.add(watch.reason().split(" for ")[0].split(" at ")[0].rstrip(".0123456789"))
    return watch, said


def noise(count: int, gyro: float = 0.04, accel: float = 1.2, seed: int = 1) -> np.ndarray:
    rng = np.random.default_rng(seed)
    rows = rng.standard_normal((count, 6)) * np.array([gyro] * 3 + [accel] * 3)
    rows[:, 5] += 9.8
    return rows


def changed(seed: int, change: Callable[[ImuSample, float], ImuSample]) -> Iterator[Sample]:
    for s in ordinary(seed).readings():
        yield change(s, seconds(s.t_ns)) if isinstance(s, ImuSample) else s


def test_a_short_freeze_is_degraded_widens_the_levels_and_passes() -> None:
    core = new_core()
    statuses = fly(core, with_fault(ordinary(61).readings(), "imu-freeze:20-20.45"))
    assert within(statuses, 20.25, 20.45) == {Integrity.DEGRADED}
    assert "IMU frozen" in reasons(statuses, 20.25, 20.45)
    levels = {round(t_s, 1): (status.hpl_m, status.vpl_m) for t_s, status in statuses}
    assert levels[20.4][0] > levels[19.9][0]
    assert within(statuses, 22.0, 40.0) == QUIET
    assert [e.kind for e in core.take_events()].count("fusion_restart") == 0


def test_a_long_freeze_ends_the_estimate_and_a_living_imu_brings_it_back() -> None:
    flight, core = ordinary(62), new_core()
    statuses = fly(core, with_fault(flight.readings(), "imu-freeze:20-26"))
    assert within(statuses, 20.7, 26.0) == {Integrity.ALIGNING}
    assert all("IMU frozen for" in s.reason and s.hpl_m > 1000.0 for t, s in statuses if 20.7 < t < 26.0)
    assert within(statuses, 29.0, 40.0) <= {Integrity.NOMINAL}
    odometry = core.odometry(core.filter.newest_ns) if core.filter is not None else None
    assert odometry is not None
    error = np.array(odometry.position_enu_m) - flight.truth(odometry.t_ns)[:3]
    assert np.hypot(*error[:2]) < statuses[-1][1].hpl_m


@pytest.mark.parametrize(
    ("axes", "name"), [((0, 1, 2), "gyro"), ((3, 4, 5), "accelerometer"), ((1,), "gyro y"), ((5,), "accelerometer z")]
)
def test_parts_of_an_imu_freeze_alone(axes: tuple[int, ...], name: str) -> None:
    rows = noise(400)
    rows[200:, list(axes)] = rows[200, list(axes)]
    watch, said = judge(rows)
    assert said - {""} == {f"{name} frozen"}
    assert watch.noise() == UNOBSERVED
    assert watch.dead(0.5) == (len(axes) == 3)


def test_a_frozen_axis_in_flight_is_degraded_and_the_estimate_lives() -> None:
    kept: list[float] = []

    def freeze(s: ImuSample, t: float) -> ImuSample:
        if not 20.0 <= t < 26.0:
            return s
        kept.append(s.gyro_rad_s[2])
        return replace(s, gyro_rad_s=(s.gyro_rad_s[0], s.gyro_rad_s[1], kept[0]))

    statuses = fly(new_core(), changed(63, freeze))
    assert within(statuses, 21.3, 26.0) == {Integrity.DEGRADED}
    assert "gyro z frozen" in reasons(statuses, 21.3, 26.0)
    assert within(statuses, 30.0, 40.0) == QUIET


@pytest.mark.parametrize(("repeated", "step_ns"), [(2, SECOND // 200), (4, SECOND // 400)])
def test_samples_that_are_sent_again_are_no_freeze(repeated: int, step_ns: int) -> None:
    """A link faster than its sensor repeats each sample."""
    rows = np.repeat(noise(600, accel=6.0), repeated, axis=0)
    assert judge(rows, step_ns)[1] == {""}


def test_a_coarse_sensor_at_rest_is_not_frozen() -> None:
    """ArduPilot's RAW_IMU: mrad/s and mg."""
    rows = np.round(noise(6000, 0.0007, 0.02) / np.array([0.001] * 3 + [0.00980665] * 3)) * np.array(
        [0.001] * 3 + [0.00980665] * 3
    )
    assert judge(rows)[1] == {""}


@pytest.mark.parametrize("limit", [2.0 * 9.80665, 4.0 * 9.80665, 23.7])
def test_a_saturated_accelerometer_is_known_by_its_plateau(limit: float) -> None:
    rows = noise(3000, accel=8.0 if limit < 30.0 else 18.0)
    rows[:, 3:] = np.clip(rows[:, 3:], -limit, limit)
    watch, said = judge(rows)
    assert any("saturates" in text for text in said)
    assert watch.noise()[1] == UNOBSERVED[1] and watch.noise()[0] == 0.0


def test_a_saturated_gyro_raises_the_noise_of_rates() -> None:
    rows = noise(300)
    rate = np.sin(np.arange(300) * 0.05) * radians(400.0)
    rows[:, 2] = np.clip(rate + rows[:, 2], -radians(250.0), radians(250.0))
    watch, said = judge(rows)
    assert "gyro z saturates" in said
    assert watch.noise()[0] == UNOBSERVED[0]


def test_a_saturating_flight_is_degraded_with_wider_levels_and_well_again() -> None:
    def clip(s: ImuSample, t: float) -> ImuSample:
        rng = np.random.default_rng(s.t_ns % 2**32)
        shaken = np.array(s.accel_m_s2) + (8.0 * rng.standard_normal(3) if 20.0 <= t < 26.0 else 0.0)
        x, y, z = np.clip(shaken, -19.6, 19.6).tolist()
        return replace(s, accel_m_s2=(x, y, z))

    statuses = fly(new_core(), changed(64, clip))
    assert within(statuses, 21.5, 26.0) == {Integrity.DEGRADED}
    assert "accelerometer z saturates at 19.6 m/s2" in reasons(statuses, 20.0, 26.0)
    levels = {round(t_s, 1): status.vpl_m for t_s, status in statuses}
    assert levels[25.0] > levels[19.9]
    assert within(statuses, 33.0, 40.0) == QUIET


def test_vibration_that_has_grown_is_said_and_ends() -> None:
    statuses = fly(new_core(), with_fault(ordinary(65).readings(), "imu-vibration:20-27:6m/s2"))
    assert "vibration" in reasons(statuses, 22.5, 27.0)
    assert within(statuses, 23.0, 27.0) == {Integrity.DEGRADED}
    assert within(statuses, 32.0, 40.0) == QUIET


def test_a_landing_bump_is_no_vibration() -> None:
    rows = noise(3000, accel=0.3)
    rows[2000:2030, 3:] += np.random.default_rng(2).standard_normal((30, 3)) * 12.0
    assert judge(rows)[1] == {""}


def test_an_aircraft_that_always_shakes_is_as_usual() -> None:
    assert judge(noise(4000, accel=7.0))[1] == {""}


@pytest.mark.parametrize(
    ("seed", "vigour", "noisy"), [(71, 1.0, 0.12), (72, 3.0, 0.12), (73, 2.0, 0.5), (74, 1.0, 0.01)]
)
def test_ordinary_flights_raise_nothing(seed: int, vigour: float, noisy: float) -> None:
    """Slow and fast flight, a shaking airframe and one that hardly does."""
    flight = ordinary(seed, vigour)
    watch, said = ImuWatch(UNOBSERVED), set()
    flight.noise = Noise(accel=noisy)
    for s in flight._imu():
        watch.on_imu(s, seconds(s.t_ns) > 3.0)
        said.add(watch.reason())
    assert said == {""}
