"""Jamming against all that only looks like it: a poor receiver, a broken cable, a spoofer, a restart."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import replace
from math import inf, nan

import numpy as np
import pytest

from fusion.trajectory import Flight, Sample, new_core
from fusion.watched import SECOND, Statuses, first, fly, ordinary, reasons, seconds, with_fault, within
from lenger_core.samples import GnssFix, Integrity
from lenger_fusion.jamming import JammingWatch
from lenger_fusion.replay.inject_gnss import shifted
from lenger_sim.gnss import LEAST_SATELLITES, RawFix, reception

STEP_NS = SECOND // 8
GOOD = GnssFix(0, 42.18, 69.89, 760.0, 719.0, 0.0, 0.0, 3, 14, 0.9, 1.4, 0.15)


def watched(samples: Iterator[Sample] | list[Sample]) -> Statuses:
    return fly(new_core(watch_gnss=True), samples)


def changed(flight: Flight, change: Callable[[GnssFix, float], GnssFix | None]) -> Iterator[Sample]:
    """Yield the readings with every fix changed or dropped; `change` gets its time."""
    for sample in flight.readings():
        new = change(sample, seconds(sample.t_ns)) if isinstance(sample, GnssFix) else sample
        if new is not None:
            yield new


def simulated(flight: Flight, jamming_db: Callable[[float], float]) -> Iterator[Sample]:
    """Yield a flight whose receiver reports as the simulator's does under a jammer of so many dB."""
    rng, lost_until = np.random.default_rng(flight.seed), -inf

    def change(fix: GnssFix, t_s: float) -> GnssFix:
        nonlocal lost_until
        satellites, spread = reception(jamming_db(t_s))
        if satellites < LEAST_SATELLITES:
            lost_until = t_s + 2.0
        said = RawFix(0, 0.0, 0.0, 0.0, (0.0, 0.0, 0.0), 0.0, t_s >= lost_until, satellites, spread).sample(fix.t_ns)
        east, north = (0.6 * (spread - 1.0) * rng.standard_normal(2)).tolist()
        moved = shifted(fix, east, north)
        return replace(
            moved, fix_type=said.fix_type, satellites=satellites,
            h_acc_m=said.h_acc_m, v_acc_m=said.v_acc_m, s_acc_m_s=said.s_acc_m_s,
        )  # fmt: skip

    return changed(flight, change)


def test_a_receiver_that_fades_and_falls_silent_is_jammed_until_it_is_well_again() -> None:
    statuses = watched(list(with_fault(ordinary(41).readings(), "jam:20-28")))
    assert 20.5 < first(statuses, Integrity.JAMMING) < 24.0
    assert within(statuses, 24.0, 28.0) == {Integrity.JAMMING}
    assert "times its usual" in reasons(statuses, 22.0, 24.9) and "fix lost" in reasons(statuses, 26.0, 28.0)
    assert within(statuses, 0.0, 20.0) <= {Integrity.ALIGNING, Integrity.NOMINAL}
    assert within(statuses, 38.0, 40.0) == {Integrity.NOMINAL}


@pytest.mark.parametrize("strength_db", [14.0, 16.0, 20.0])
def test_the_jammer_of_the_simulator_is_seen(strength_db: float) -> None:
    statuses = watched(simulated(ordinary(42), lambda t: strength_db if 20.0 <= t < 28.0 else 0.0))
    assert first(statuses, Integrity.JAMMING) < 22.0
    assert within(statuses, 22.0, 28.0) == {Integrity.JAMMING}
    assert within(statuses, 0.0, 20.0) <= {Integrity.ALIGNING, Integrity.NOMINAL}
    assert within(statuses, 38.0, 40.0) == {Integrity.NOMINAL}


def test_a_jammer_that_comes_nearer_is_seen_before_the_fix_is_lost() -> None:
    statuses = watched(simulated(ordinary(43), lambda t: max(0.0, min(40.0, 2.0 * (t - 15.0)))))
    assert first(statuses, Integrity.JAMMING) < 15.0 + 9.0
    assert within(statuses, 25.0, 40.0) == {Integrity.JAMMING}


def test_a_receiver_poor_from_the_start_is_only_poor() -> None:
    def poor(fix: GnssFix, _t: float) -> GnssFix:
        return replace(fix, h_acc_m=12.0, v_acc_m=18.0, s_acc_m_s=1.5, satellites=5)

    statuses = watched(changed(ordinary(44), poor))
    assert within(statuses, 5.0, 40.0) == {Integrity.DEGRADED}
    assert "accuracy 12 m" in reasons(statuses, 5.0, 40.0)


def test_messages_that_stop_are_coasting() -> None:
    statuses = watched(changed(ordinary(45), lambda fix, t: None if 20.0 < t < 28.0 else fix))
    assert within(statuses, 22.0, 28.0) == {Integrity.COASTING}
    assert first(statuses, Integrity.JAMMING) == inf


def test_all_satellites_at_once_is_coasting_with_its_reason_and_so_is_the_way_back() -> None:
    """A broken antenna or a restart: no satellites, then few, then a poor fix, then a good one."""

    def restart(fix: GnssFix, t: float) -> GnssFix:
        if t < 20.0:
            return fix
        if t < 26.0:
            return replace(fix, fix_type=0, satellites=max(0, round(t - 22.0)), h_acc_m=9999.0, v_acc_m=9999.0)
        worse = max(1.0, 6.0 - 0.6 * (t - 26.0))
        return replace(fix, satellites=min(14, round(t - 20.0)), h_acc_m=worse, v_acc_m=1.6 * worse)

    statuses = watched(changed(ordinary(46), restart))
    assert within(statuses, 22.0, 26.0) == {Integrity.COASTING}
    assert "all satellites lost at once" in reasons(statuses, 22.0, 26.0)
    assert first(statuses, Integrity.JAMMING) == inf


@pytest.mark.parametrize("fault", ["spoof-step:20-30:30m", "spoof-ramp:20-30:3m/s", "gnss-freeze:20-30"])
def test_a_receiver_led_astray_is_not_jammed(fault: str) -> None:
    statuses = watched(list(with_fault(ordinary(47).readings(), fault)))
    assert within(statuses, 20.0, 30.0) & {Integrity.DEGRADED, Integrity.SPOOFING, Integrity.COASTING}
    assert first(statuses, Integrity.JAMMING) == inf


def test_noise_alone_is_neither_jamming_nor_a_story_told() -> None:
    statuses = watched(list(with_fault(ordinary(48).readings(), "gnss-noise:20-30:6m")))
    assert Integrity.DEGRADED in within(statuses, 22.0, 30.0)
    assert not within(statuses, 23.0, 30.0) & {Integrity.JAMMING, Integrity.SPOOFING}


@pytest.mark.parametrize(("seed", "vigour"), [(51, 1.0), (52, 2.5)])
def test_ordinary_flights_are_nominal(seed: int, vigour: float) -> None:
    statuses = watched(ordinary(seed, vigour).readings())
    assert within(statuses, 5.0, 40.0) == {Integrity.NOMINAL}


def test_without_watch_gnss_nothing_is_said_of_jamming() -> None:
    statuses = fly(new_core(), list(with_fault(ordinary(41, duration_s=28.0).readings(), "jam:20-28")))
    assert first(statuses, Integrity.JAMMING) == inf
    assert within(statuses, 27.0, 28.0) == {Integrity.COASTING}


# ------------------------------------------------------------ the watch alone


def say(watch: JammingWatch, count: int, start: int = 0, **changes: object) -> int:
    for i in range(start, start + count):
        watch.on_fix(replace(GOOD, t_ns=(i + 1) * STEP_NS, **changes), None)  # type: ignore[arg-type]
    return (start + count) * STEP_NS


def test_one_sign_alone_is_reception() -> None:
    for change in ({"h_acc_m": 9.0}, {"satellites": 6}, {"hdop": 9.0}):
        watch = JammingWatch()
        say(watch, 200, hdop=0.8)
        now = say(watch, 80, 200, **{"hdop": 0.8, **change})
        assert not watch.reason(now), change


def test_two_signs_for_a_second_are_jamming_and_a_flicker_is_none() -> None:
    watch = JammingWatch()
    say(watch, 200)
    assert not watch.reason(say(watch, 6, 200, h_acc_m=9.0, satellites=6))
    assert not watch.reason(say(watch, 20, 206))
    now = say(watch, 12, 226, h_acc_m=9.0, satellites=6)
    assert "accuracy 9.0 m" in watch.reason(now) and "6 satellites where there were 14" in watch.reason(now)
    # Half way back is not back: the verdict stays as long as satellites are missing.
    assert watch.reason(say(watch, 80, 238, h_acc_m=1.0, satellites=11))
    assert watch.reason(say(watch, 30, 318))
    assert not watch.reason(say(watch, 15, 348))


def test_messages_that_stop_after_growing_worse_are_jamming() -> None:
    watch = JammingWatch()
    say(watch, 200)
    now = say(watch, 20, 200, h_acc_m=9.0)
    assert not watch.reason(now)
    assert "nothing more" in watch.reason(now + 2 * SECOND)


def test_poor_reception_that_lasts_becomes_the_usual() -> None:
    watch = JammingWatch()
    say(watch, 200)
    now = say(watch, 4000, 200, h_acc_m=5.0, satellites=8)
    assert watch.reason(now)
    assert not watch.reason(say(watch, 1200, 4200, h_acc_m=5.0, satellites=8))


@pytest.mark.parametrize(("left", "jammed"), [(2, True), (0, False)])
def test_the_satellites_may_come_a_message_after_the_loss(left: int, jammed: bool) -> None:
    """Through MAVROS they do: raw/fix is joined before gps1/raw of its stamp has come."""
    watch = JammingWatch()
    say(watch, 200)
    say(watch, 1, 200, fix_type=0)
    now = say(watch, 10, 201, fix_type=0, satellites=left)
    assert bool(watch.reason(now)) == jammed and watch.cut_off == (not jammed)
    now = say(watch, 40, 211, fix_type=0, satellites=3)
    assert bool(watch.reason(now)) == jammed
    assert not watch.reason(say(watch, 100, 251)) and not watch.cut_off


def test_nonsense_from_a_receiver_says_nothing() -> None:
    watch, rng = JammingWatch(), np.random.default_rng(1)
    odd = [nan, inf, -inf, 0.0, -1.0, 1e300, 3.0]
    for _ in range(3000):
        lat, lon, east, north, h, v, s, dop = (float(x) for x in rng.choice(odd, 8))
        fix = GnssFix(
            int(rng.integers(-9, 9)) * STEP_NS, lat, lon, 0.0, 0.0, east, north,
            int(rng.integers(-1, 9)), int(rng.integers(-9, 300)), h, v, s, dop,
        )  # fmt: skip
        watch.on_fix(fix, (east, nan))
        assert isinstance(watch.reason(fix.t_ns), str)
