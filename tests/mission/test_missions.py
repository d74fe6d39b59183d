"""Whole missions of the core against a point mass: what a person would read, line by line."""

from __future__ import annotations

from dataclasses import replace
from math import hypot

import pytest
from point_mass import NOMINAL_GUARD, Flight
from short_plans import HOME, agl, begin, short_plan

from lenger_core.plans import Datum, Height, Land, Plan, ReturnHome, Takeoff, Waypoint
from lenger_core.resources import config_path
from lenger_core.samples import Authority, CommandKind, GuardLevel, MissionPhase
from lenger_core.terrain import load_globe, load_terrain
from lenger_core.vehicles import load_vehicle
from lenger_mission.load import load_plan
from lenger_mission.mission import MissionCore
from lenger_mission.settings import MissionSettings
from lenger_mission.stages import Outcome, Stage


def test_first_patrol_as_a_transcript() -> None:
    flight = begin(load_plan(config_path("plans", "first_patrol.plan")))
    flight.until(Stage.DONE)
    assert flight.transcript == [
        "event mission_accepted: first_patrol",
        "event mission_arming: after preflight",
        "command ARM",
        "event mission_takeoff: after arming",
        "command TAKEOFF",
        "event mission_enroute: after takeoff",
        "command VELOCITY",
        "event waypoint_reached: waypoint 1",
        "event waypoint_reached: waypoint 2",
        "event waypoint_reached: waypoint 3",
        "event waypoint_reached: waypoint 4",
        "event waypoint_reached: waypoint 5",
        "event waypoint_reached: waypoint 6",
        "event mission_landing: after enroute",
        "command LAND",
        "event mission_done: landed and disarmed",
        "command NONE",
        "result DONE: landed and disarmed",
    ]
    assert hypot(*flight.vehicle.position[:2]) < 2.0
    assert flight.outputs[-1].status.detail == "landed and disarmed"


def test_a_stop_at_a_waypoint_lasts_as_long_as_the_plan_says() -> None:
    flight = begin(short_plan(hold_s=8.0))
    flight.until(Stage.WAITING)
    begun = flight.now_ns
    flight.until(Stage.ENROUTE)
    assert (flight.now_ns - begun) / 1e9 == pytest.approx(8.0, abs=0.1)
    assert flight.speed_m_s < 0.6
    flight.until(Stage.DONE)
    assert flight.result is not None and flight.result.waypoints_reached == 2


def test_landing_somewhere_else() -> None:
    place = Land(lat_deg=42.1815, lon_deg=69.8890)
    flight = begin(short_plan(place))
    flight.vehicle.ground_amsl_m = flight.terrain.height_amsl_m(42.1815, 69.8890)
    flight.until(Stage.DONE)
    east, north, _ = flight.vehicle.frame.to_local(42.1815, 69.8890, 757.0)
    assert hypot(flight.vehicle.position[0] - east, flight.vehicle.position[1] - north) < 2.0


def test_landing_where_the_plan_has_come_to() -> None:
    flight = begin(short_plan(Land()))
    flight.vehicle.ground_amsl_m = flight.terrain.height_amsl_m(42.1812, 69.8886)
    flight.until(Stage.DONE)
    assert [event.detail for event in flight.events if event.kind == "waypoint_reached"] == ["waypoint 1", "waypoint 2"]


def test_preflight_says_what_it_waits_for_and_gives_up() -> None:
    flight = Flight()
    flight.hears, flight.guard = False, None
    flight.step()
    flight.core.start(short_plan(), flight.now_ns)
    assert flight.step().status.detail == "the autopilot is not heard"
    flight.hears = True
    assert flight.step().status.detail == "the guard is not heard"
    flight.guard = NOMINAL_GUARD
    flight.vehicle.ready, flight.vehicle.reason = False, "gyro not calibrated"
    output = flight.step()
    assert (output.status.detail, output.status.phase) == ("gyro not calibrated", MissionPhase.PREFLIGHT)
    flight.until(Stage.FAILED, 61.0)
    assert flight.result is not None and flight.result.outcome is Outcome.ABORTED
    assert flight.result.message == "preflight: not ready: gyro not calibrated"
    assert flight.kinds == {CommandKind.NONE}


def test_a_goal_that_is_older_than_the_guard_is_told_to_be_sent_again() -> None:
    flight = begin()
    flight.vehicle.arms, flight.guard = False, replace(NOMINAL_GUARD, latched=True, reason="the guard started")
    flight.until(Stage.FAILED, 20.0)
    flight.step()
    assert flight.result is not None
    assert "the guard waits for a newer consent (the guard started): send the goal again" in flight.result.message


def test_a_vehicle_that_never_arms_is_given_up() -> None:
    flight = begin()
    flight.vehicle.arms = False
    flight.until(Stage.FAILED, 20.0)
    assert flight.result is not None and "did not arm" in flight.result.message


def test_home_of_the_wrong_datum_stays_on_the_ground() -> None:
    flight = Flight()
    status = flight.vehicle.status(flight.now_ns)
    flight.core.on_vehicle(replace(status, home_alt_amsl_m=status.home_alt_amsl_m - 100.0))
    flight.core.on_guard(replace(NOMINAL_GUARD, t_ns=flight.now_ns))
    flight.core.start(short_plan(), flight.now_ns)
    detail = flight.core.step(flight.now_ns).status.detail
    assert "differs from the terrain by -100 m" in detail


@pytest.mark.parametrize("stage", [Stage.TAKEOFF, Stage.ENROUTE, Stage.LANDING])
def test_a_guard_hold_stops_the_mission_until_somebody_agrees(stage: Stage) -> None:
    flight = begin()
    flight.until(stage)
    flight.run(3.0)
    flight.guard = replace(NOMINAL_GUARD, level=GuardLevel.HOLD, latched=True, reason="10 m to mine shaft")
    flight.step()
    assert flight.stage is Stage.HOLDING
    flight.guard = NOMINAL_GUARD
    flight.run(40.0)
    assert flight.stage is Stage.HOLDING
    assert flight.outputs[-1].status.detail == "guard: 10 m to mine shaft"
    assert {output.command.kind for output in flight.outputs[-700:]} == {CommandKind.HOLD}
    before = flight.outputs[-1].command.consent_ns
    assert flight.core.resume(flight.now_ns) is None
    assert flight.stage is stage
    flight.until(Stage.DONE)
    assert flight.outputs[-1].command.consent_ns > before


def test_a_guard_that_does_not_let_go_holds_again() -> None:
    flight = begin()
    flight.until(Stage.ENROUTE)
    flight.run(3.0)
    flight.guard = replace(NOMINAL_GUARD, level=GuardLevel.HOLD, latched=True, reason="outside")
    flight.run(1.0)
    flight.core.resume(flight.now_ns)
    flight.run(1.0)
    assert flight.stage is Stage.ENROUTE
    flight.run(1.0)
    assert flight.stage is Stage.HOLDING


def test_a_pilot_takes_over_and_gives_back() -> None:
    flight = begin()
    flight.until(Stage.ENROUTE)
    flight.run(3.0)
    flight.vehicle.authority, flight.vehicle.mode = Authority.EXTERNAL, "POSCTL"
    flight.vehicle.latch_ns = flight.now_ns
    flight.step()
    assert flight.stage is Stage.HOLDING
    flight.run(20.0)
    assert flight.outputs[-1].command.kind is CommandKind.NONE
    flight.core.resume(flight.now_ns)
    flight.until(Stage.DONE)


def test_a_lost_link_interrupts_and_its_return_moves_nothing() -> None:
    flight = begin()
    flight.until(Stage.ENROUTE)
    flight.run(5.0)
    flight.hears = False
    flight.run(1.2)
    assert flight.stage is Stage.HOLDING
    assert flight.core.resume(flight.now_ns) == "the autopilot is not heard"
    flight.hears = True
    flight.run(10.0)
    assert flight.stage is Stage.HOLDING
    assert flight.outputs[-1].command.kind is CommandKind.HOLD
    assert flight.core.resume(flight.now_ns) is None
    flight.until(Stage.DONE)


@pytest.mark.parametrize("stage", [Stage.PREFLIGHT, Stage.ARMING, Stage.TAKEOFF, Stage.ENROUTE, Stage.LANDING])
def test_cancel_holds_in_the_air_and_is_quiet_on_the_ground(stage: Stage) -> None:
    flight = Flight()
    flight.vehicle.ready = stage is not Stage.PREFLIGHT
    flight.step()
    flight.core.start(short_plan(), flight.now_ns)
    flight.until(stage)
    airborne = stage in (Stage.TAKEOFF, Stage.ENROUTE, Stage.LANDING)
    flight.run(3.0 if airborne else 0.0)
    assert flight.core.cancel(flight.now_ns) is None
    flight.step()
    assert flight.result is not None and flight.result.outcome is Outcome.CANCELED
    assert flight.outputs[-1].command.kind is (CommandKind.HOLD if airborne else CommandKind.NONE)
    assert flight.outputs[-1].status.phase is MissionPhase.FAILED
    assert flight.core.cancel(flight.now_ns) == "no mission is running"


def test_standing_still_for_half_a_minute_fails_with_a_hold() -> None:
    flight = begin()
    flight.until(Stage.ENROUTE)
    flight.run(3.0)
    here = flight.vehicle.position
    for _ in range(31 * 20):
        flight.step()
        flight.vehicle.position = here
    assert flight.result is not None and "no progress for 30 s" in flight.result.message
    assert flight.outputs[-1].command.kind is CommandKind.HOLD


def test_landing_by_somebody_else_ends_the_mission() -> None:
    flight = begin()
    flight.until(Stage.ENROUTE)
    flight.vehicle.authority, flight.vehicle.latch_ns = Authority.EXTERNAL, flight.now_ns
    flight.step()
    flight.vehicle.armed = False
    east, north, _ = flight.vehicle.position
    flight.vehicle.position = (east, north, flight.vehicle.ground_amsl_m - flight.vehicle.frame.alt_amsl_m)
    flight.run(0.2)
    assert flight.result is not None and flight.result.outcome is Outcome.ABORTED
    assert flight.outputs[-1].command.kind is CommandKind.NONE


def test_a_vehicle_that_does_not_disarm_is_asked_to() -> None:
    flight = begin()
    flight.until(Stage.LANDING)
    for _ in range(60 * 20):
        output = flight.step()
        if flight.vehicle.landed:
            flight.vehicle.armed = output.command.kind is not CommandKind.DISARM
            flight.vehicle.authority = Authority.LENGER
        if flight.stage is Stage.DONE:
            break
    assert flight.stage is Stage.DONE
    assert CommandKind.DISARM in flight.kinds


def test_refusals_of_a_goal() -> None:
    flight = begin()
    assert flight.core.start(short_plan(), flight.now_ns) == "mission short is running (preflight)"
    idle = Flight()
    idle.vehicle.armed = True
    idle.step()
    assert idle.core.start(short_plan(), idle.now_ns) == "the vehicle is armed: land and disarm it first"
    far = Waypoint(lat_deg=47.4, lon_deg=8.5, height=agl(50.0))
    plan = Plan(name="zurich", home=HOME, items=(Takeoff(height=agl(30.0)), far, ReturnHome()))
    assert "terrain" in str(Flight().core.start(plan, 1))


def test_a_restart_in_flight_moves_nothing() -> None:
    flight = begin()
    flight.until(Stage.ENROUTE)
    flight.run(2.0)
    again = Flight()
    again.vehicle, again.now_ns = flight.vehicle, flight.now_ns
    again.run(5.0)
    assert again.kinds == {CommandKind.NONE}
    assert again.stage is Stage.IDLE
    assert again.core.resume(again.now_ns) == "the mission is idle, not holding"


def test_commands_are_a_stream_with_lifetime_and_consent() -> None:
    flight = begin()
    consent = flight.now_ns
    flight.until(Stage.DONE)
    commands = [output.command for output in flight.outputs]
    assert [c.sequence for c in commands] == list(range(1, len(commands) + 1))
    assert {c.source for c in commands} == {"mission"}
    assert {c.lifetime_s for c in commands} == {0.5}
    assert {c.consent_ns for c in commands[1:]} == {consent}
    dues = [output for output in flight.outputs if output.status_due]
    assert len(dues) >= 2 * len(flight.outputs) / 20


def test_progress_counts_items_and_waypoints() -> None:
    flight = begin()
    seen = []
    while flight.result is None:
        flight.step()
        progress = flight.core.progress
        if not seen or seen[-1] != (progress.item, progress.waypoints_reached):
            seen.append((progress.item, progress.waypoints_reached))
    assert seen == [(0, 0), (1, 0), (2, 1), (3, 2)]


def test_heights_above_invented_ground_are_refused_where_it_is_not_the_ground() -> None:
    core = MissionCore(MissionSettings(engine="streamed", plan_gate="off"), load_vehicle("quad_2kg"), load_terrain())
    reason = core.start(short_plan(), 1)
    assert reason is not None and "\n" not in reason
    assert reason.startswith("plan, heights above ground: terrain: got") and "synthetic" in reason
    settings = MissionSettings(engine="streamed", plan_gate="off")
    assert MissionCore(settings, load_vehicle("quad_2kg"), load_globe()).start(short_plan(), 1) is None


def test_a_take_off_is_not_done_on_the_ground_however_high_the_estimate() -> None:
    """Two metres too high, an estimate has a hover at 3 m reached before the feet have left the ground."""
    low = replace_takeoff(short_plan(), 3.0)
    flight = Flight()
    flight.vehicle.height_error_m = 2.0
    flight.step()
    assert flight.core.start(low, flight.now_ns) is None
    flight.until(Stage.TAKEOFF)
    while flight.stage is Stage.TAKEOFF:
        landed = flight.vehicle.landed
        output = flight.step()
        assert not (landed and output.command.kind is CommandKind.VELOCITY)
    assert flight.stage is Stage.ENROUTE
    assert not flight.vehicle.landed
    flight.run(20.0)  # what is flown is as high above where it stood, not above where home was thought to be
    assert 2.0 < flight.vehicle.alt_amsl_m - flight.vehicle.ground_amsl_m < 45.0


def replace_takeoff(plan: Plan, height_m: float) -> Plan:
    takeoff = Takeoff(height=Height(value_m=height_m, datum=Datum.HOME))
    return plan.model_copy(update={"items": (takeoff, *plan.items[1:])})
