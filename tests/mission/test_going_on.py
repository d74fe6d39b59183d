"""Missions that were broken off, handed over anew, or taken over: what goes on, from where, and what does not."""

from __future__ import annotations

from dataclasses import replace
from itertools import pairwise
from math import hypot

import pytest
from point_mass import NOMINAL_GUARD, Flight
from short_plans import HOME, agl, begin, short_plan

from lenger_core.plans import Datum, Height, Land, Plan, ReturnHome, Takeoff, Waypoint
from lenger_core.samples import Authority, CommandKind, GuardLevel
from lenger_core.vehicles import load_vehicle
from lenger_mission.mission import MissionCore
from lenger_mission.settings import MissionSettings
from lenger_mission.stages import Stage


def test_who_takes_over_in_the_air_has_time_for_it_once_everything_is_known() -> None:
    flight = begin()
    flight.until(Stage.ENROUTE)
    saved, plan = flight.core.progress, flight.core.plan
    assert plan is not None
    flight.core = MissionCore(flight.settings, load_vehicle("quad_2kg"), flight.terrain)
    flight.vehicle.authority, flight.vehicle.latch_ns = Authority.EXTERNAL, flight.now_ns
    flight.guard = None
    flight.step()
    assert flight.core.resume_saved(saved, plan, flight.now_ns) is None
    flight.run(10.0)  # longer than authority may take
    assert flight.stage is Stage.PREFLIGHT
    flight.guard = NOMINAL_GUARD
    flight.until(Stage.DONE)


def test_the_answer_to_a_list_that_was_replaced_says_nothing() -> None:
    flight = Flight(MissionSettings(plan_gate="off"))
    flight.answers = False
    flight.step()
    assert flight.core.start(short_plan(), flight.now_ns) is None
    flight.until(Stage.UPLOADING)
    flight.step()
    flight.core.on_uploaded(True, "", flight.now_ns)
    flight.until(Stage.ENROUTE)
    flight.run(2.0)
    assert flight.core.jump(2, flight.now_ns) is None
    flight.run(0.5)
    assert len(flight.uploads) == 2
    assert flight.core.jump(1, flight.now_ns) is None  # before the autopilot has answered
    flight.run(0.5)
    assert len(flight.uploads) == 2  # one at a time
    flight.core.on_uploaded(True, "", flight.now_ns)
    flight.step()
    assert flight.stage is Stage.UPLOADING and len(flight.uploads) == 3
    flight.core.on_uploaded(True, "", flight.now_ns)
    assert flight.stage is Stage.ENROUTE and flight.core.progress.item == 1


def far_plan() -> Plan:
    """A line of 600 m, which takes longer than progress may fail to come."""
    items = (
        Takeoff(height=Height(value_m=30.0, datum=Datum.HOME)),
        Waypoint(lat_deg=42.1812, lon_deg=69.8878, height=agl(30.0)),
        Waypoint(lat_deg=42.1812, lon_deg=69.8950, height=agl(30.0)),
        ReturnHome(),
    )
    return Plan(name="far", home=HOME, items=items, cruise_speed_m_s=8.0)


@pytest.mark.parametrize("engine", ["uploaded", "streamed"])
def test_a_long_rest_of_a_line_is_flown_to_its_end_after_going_back_to_where_it_was_broken_off(engine: str) -> None:
    flight = Flight(MissionSettings(plan_gate="off"))
    flight.step()
    assert flight.core.start(far_plan(), flight.now_ns, engine) is None
    flight.until(Stage.ENROUTE)
    while flight.outputs[-1].status.item < 2:
        flight.step()
    flight.run(8.0)
    flight.vehicle.mode, flight.vehicle.authority, flight.vehicle.latch_ns = "POSCTL", Authority.EXTERNAL, flight.now_ns
    flight.run(1.0)
    broken_off = flight.vehicle.position
    flight.vehicle.position = (broken_off[0], broken_off[1] + 50.0, broken_off[2])
    assert flight.core.resume(flight.now_ns) is None
    nearest, lefts = 1e9, []
    for _ in range(6_000):
        flight.step()
        east, north, _ = flight.vehicle.position
        nearest = min(nearest, hypot(east - broken_off[0], north - broken_off[1]))
        lefts.append(flight.outputs[-1].status.distance_remaining_m)
        if flight.stage is Stage.DONE:
            break
    assert flight.stage is Stage.DONE, flight.transcript
    assert nearest < 20.0  # it goes back to where it was a second before
    assert all(after < before + 30.0 for before, after in pairwise(lefts[40:]))


def test_a_landing_far_away_is_no_standstill() -> None:
    far = Land(lat_deg=42.1812, lon_deg=69.8950)
    flight = Flight(MissionSettings(plan_gate="off"))
    flight.vehicle.ground_amsl_m = flight.terrain.height_amsl_m(42.1812, 69.8950)
    flight.step()
    assert flight.core.start(short_plan(far), flight.now_ns, "uploaded") is None
    flight.until(Stage.DONE)


def test_a_resume_that_fails_before_it_begins_forgets_nothing() -> None:
    flight = begin()
    flight.until(Stage.ENROUTE)
    saved, plan = flight.core.progress, flight.core.plan
    assert plan is not None
    flight.core = MissionCore(flight.settings, load_vehicle("quad_2kg"), flight.terrain)
    assert flight.core.resume_saved(saved, plan, flight.now_ns) == (
        "the autopilot is not heard: whether the aircraft flies is not known"
    )
    flight.guard = None
    flight.step()
    assert flight.core.resume_saved(saved, plan, flight.now_ns) is None
    assert flight.core.progress == replace(saved, stage="preflight")
    assert flight.core.cancel(flight.now_ns) is None
    assert flight.core.progress == replace(saved, stage="failed")


def test_somebody_else_who_arms_is_not_us() -> None:
    flight = Flight(MissionSettings(plan_gate="off"))
    flight.answers = False
    flight.step()
    assert flight.core.start(short_plan(), flight.now_ns, "uploaded") is None
    flight.until(Stage.UPLOADING)
    flight.vehicle.armed, flight.vehicle.authority = True, Authority.EXTERNAL
    flight.until(Stage.FAILED, 5.0)
    flight.step()
    assert flight.result is not None and "somebody else armed the vehicle" in flight.result.message
    assert CommandKind.TAKEOFF not in flight.kinds


def test_a_step_that_takes_long_is_not_time_that_the_guard_had() -> None:
    flight = begin()
    flight.until(Stage.ENROUTE)
    flight.guard = replace(NOMINAL_GUARD, level=GuardLevel.HOLD, latched=True, reason="mission silent")
    flight.run(2.0)
    assert flight.stage is Stage.HOLDING
    assert flight.core.resume(flight.now_ns) is None
    flight.now_ns += 3_000_000_000  # planning took so long that the guard has heard nothing yet
    flight.run(1.0)
    assert flight.stage is Stage.ENROUTE
    flight.guard = NOMINAL_GUARD
    flight.until(Stage.DONE)
