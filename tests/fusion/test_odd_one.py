"""An IMU that steps in flight and a receiver that freezes: what everything else contradicts is not followed."""

from __future__ import annotations

from dataclasses import replace
from math import hypot

import pytest

from fusion.trajectory import T0_NS, Flight, new_core
from fusion.watched import SECOND, Statuses, fly, reasons, with_fault, within
from lenger_core.samples import GnssFix, Integrity
from lenger_fusion.fix_repeats import FixRepeats
from lenger_fusion.fusion import FusionCore

AIR = {"watch_gnss": True, "use_drag": True}


def flight(seed: int) -> Flight:
    return Flight(seed, 40.0, drag=0.2, wind_m_s=(2.0, -1.0))


def worst_m(core: FusionCore, flown: Flight, statuses: Statuses, start_s: float, end_s: float) -> float:
    """Return the largest level error of what was offered as an estimate."""
    assert core.frame is not None
    errors = [0.0]
    for t_s, status in statuses:
        if start_s <= t_s < end_s and status.integrity is not Integrity.ALIGNING:
            east, north, _ = core.frame.to_local(status.lat_deg, status.lon_deg, status.alt_amsl_m)
            truth = flown.truth(T0_NS + round(t_s * 1e9))
            errors.append(hypot(east - truth[0], north - truth[1]))
    return max(errors)


@pytest.mark.parametrize(
    "fault", ["gyro-bias:20-40:14deg/s:x", "gyro-bias:20-40:-14deg/s:y", "accel-bias:20-40:4m/s2:y"]
)
def test_an_imu_that_steps_is_given_up_and_the_position_is_not_lost(fault: str) -> None:
    flown, core = flight(91), new_core(**AIR)
    statuses = fly(core, with_fault(flown.readings(), fault))
    assert within(statuses, 5.0, 20.0) == {Integrity.NOMINAL}
    assert any("the IMU contradicted GNSS and" in e.detail for e in core.take_events() if e.kind == "fusion_restart")
    assert "a moment ago the IMU contradicted GNSS and" in reasons(statuses, 21.0, 40.0)
    assert worst_m(core, flown, statuses, 20.0, 40.0) < 25.0


def test_a_receiver_led_astray_does_not_put_the_blame_on_the_imu() -> None:
    flown, core = flight(92), new_core(**AIR)
    fly(core, with_fault(flown.readings(), "spoof-ramp:20-40:6m/s:consistent"))
    assert not [e for e in core.take_events() if e.kind == "fusion_restart"]


def test_a_receiver_that_repeats_one_fix_is_no_receiver() -> None:
    flown, core = flight(93), new_core(**AIR)
    statuses = fly(core, with_fault(flown.readings(), "gnss-freeze:20-28"))
    assert "no GNSS fix" in reasons(statuses, 22.0, 27.0)
    assert within(statuses, 22.0, 27.0) == {Integrity.COASTING}
    assert within(statuses, 31.0, 40.0) == {Integrity.NOMINAL}
    assert worst_m(core, flown, statuses, 20.0, 40.0) < 8.0


def test_only_in_flight_is_a_held_fix_a_frozen_one() -> None:
    watch, fix = FixRepeats(), GnssFix(0, 43.0, 68.0, 700.0, 660.0, 0.0, 0.0, 3, 12, 1.0, 1.5, 0.2)
    for i in range(10):
        watch.on_fix(replace(fix, t_ns=i * SECOND), flying=False)
        assert not watch.frozen
    frozen = []
    for i in range(10, 14):
        watch.on_fix(replace(fix, t_ns=i * SECOND), flying=True)
        frozen.append(watch.frozen)
    assert frozen == [False, True, True, True]
    assert watch.reason() == "GNSS repeats one fix"
