"""The operator's side of the table of deaths."""

from __future__ import annotations

from math import isnan

import pytest

from bringup.records import S, exercise, fcu, truth, vehicle
from lenger_bringup.deaths import DeathWatch, Outcome
from lenger_bringup.flight_picture import FlightPicture


def picture(*records: object) -> FlightPicture:
    made = FlightPicture()
    for record in records:
        feed(made, record)
    return made


def feed(made: FlightPicture, record: object) -> None:
    kind = type(record).__name__
    if kind == "SimTruth":
        made.on_truth(record, record.t_ns / S)  # type: ignore[arg-type, attr-defined]
    else:
        setattr(made, {"VehicleStatus": "vehicle", "FcuState": "fcu", "ExerciseStatus": "exercise"}[kind], record)


def watch(name: str, at_s: float = 10.0, airborne: bool = True) -> DeathWatch:
    return DeathWatch(name, int(at_s * S), airborne)


@pytest.mark.parametrize(("name", "who"), [("mission", "the guard"), ("guard", "autopilot_node")])
def test_a_hold_in_time_is_as_designed(name: str, who: str) -> None:
    dead = watch(name)
    assert dead.outcome(picture(truth(10.1), vehicle(10.1))) is None
    held = picture(truth(10.7), vehicle(10.7, "AUTO.LOITER"))
    assert dead.outcome(held) == Outcome(True, f"{who} held in AUTO.LOITER after 0.7 s")


def test_a_hold_that_comes_late_or_never_is_not() -> None:
    late = watch("guard").outcome(picture(truth(12.5), vehicle(12.5, "AUTO.LOITER")))
    never = watch("guard").outcome(picture(truth(20.5), vehicle(20.5)))
    assert late == Outcome(False, "autopilot_node held in AUTO.LOITER after 2.5 s")
    assert never == Outcome(False, "no hold after 10 s, mode OFFBOARD")


def test_a_hold_from_before_the_death_does_not_count() -> None:
    assert watch("guard").outcome(picture(truth(10.1), vehicle(9.9, "AUTO.LOITER"))) is None


@pytest.mark.parametrize("name", ["autopilot", "mavros"])
def test_without_the_bridge_the_landing_counts(name: str) -> None:
    dead = watch(name)
    assert dead.outcome(picture(truth(11.0))) is None
    landed = dead.outcome(picture(truth(11.0), truth(70.0, 0.0, 0.0), fcu(69.0, "AUTO.RTL")))
    assert landed == Outcome(True, "landed by the autopilot's own failsafe after 60 s, mode AUTO.RTL")


def test_a_failsafe_that_holds_counts_when_the_mode_says_so() -> None:
    dead, seen = watch("autopilot"), picture(fcu(11.0, "AUTO.LOITER"))
    outcomes = []
    for second in range(11, 18):
        feed(seen, truth(float(second), speed_m_s=0.1))
        outcomes.append(dead.outcome(seen))
    assert outcomes[:5] == [None] * 5
    assert outcomes[5] == Outcome(True, "held by the autopilot's own failsafe, mode AUTO.LOITER")


def test_without_anybody_to_tell_the_mode_standing_still_counts() -> None:
    dead, seen = watch("mavros"), FlightPicture()
    for second in range(11, 17):
        feed(seen, truth(float(second), speed_m_s=0.1))
        outcome = dead.outcome(seen)
    assert outcome == Outcome(True, "held by the autopilot's own failsafe")


def test_a_crash_is_never_as_designed() -> None:
    outcome = watch("autopilot").outcome(picture(truth(15.0, 0.0, 0.0, crashed=True)))
    assert outcome is not None
    assert not outcome.as_designed


@pytest.mark.parametrize("name", ["fusion", "recorder", "exercise"])
def test_the_flight_goes_on_without_observers(name: str) -> None:
    assert watch(name).goes_on
    assert watch(name).outcome(picture(truth(100.0))) is None


def test_a_death_on_the_ground_ends_the_run_at_once() -> None:
    assert watch("guard", airborne=False).outcome(picture(truth(10.1, 0.0, 0.0))) is not None
    assert watch("vehicle").outcome(picture(truth(10.1))) == Outcome(True, "the simulated aircraft is gone with it")


def test_the_picture_knows_time_pace_and_what_it_waits_for() -> None:
    seen = FlightPicture()
    assert isnan(seen.realtime_factor)
    assert seen.now_ns == 0
    assert not seen.airborne
    assert seen.waiting_for() == "the first message of truth, vehicle, guard, mission, exercise"
    feed(seen, vehicle(2.0))
    for tick in range(5):
        seen.on_truth(truth(5.0 + 3 * tick), wall_s=float(tick))
    assert seen.realtime_factor == pytest.approx(3.0)
    assert seen.elapsed_s == pytest.approx(12.0)
    assert seen.airborne
    feed(seen, exercise(1.0))
    assert seen.since_arming_s(8 * S) == pytest.approx(3.0)
    assert "exercise" not in seen.waiting_for()
