"""The autopilot core against a scripted PX4: golden transcripts and the rules of the chain of command."""

from __future__ import annotations

from math import isnan

import pytest

from lenger_bridge import requests as r
from lenger_core.samples import Authority, CommandKind
from lenger_core.zones import PolygonShape, ZoneSet

from .fake_mavros import SECOND, Bench, FakePx4

NONE, ARM, TAKEOFF, VELOCITY = CommandKind.NONE, CommandKind.ARM, CommandKind.TAKEOFF, CommandKind.VELOCITY
HOLD, LAND, RETURN, DISARM = CommandKind.HOLD, CommandKind.LAND, CommandKind.RETURN, CommandKind.DISARM
EAST = (4.0, 0.0, 0.0)
FIELD = PolygonShape(((42.17, 69.87), (42.17, 69.89), (42.19, 69.89), (42.19, 69.87)))


def ready_bench(fcu: FakePx4 | None = None, zones: ZoneSet | None = None) -> Bench:
    bench = Bench(fcu, zones)
    bench.run(1.0, NONE)
    assert bench.status.ready, bench.status.reason
    return bench


def flying_bench(phase: str, zones: ZoneSet | None = None) -> tuple[Bench, int]:
    """Return a bench that is armed, taking_off, holding, offboard, landing or returning, and its consent."""
    bench = ready_bench(zones=zones)
    consent = bench.consent()
    bench.run(2.0, ARM, consent, until=lambda: bench.status.armed)
    if phase == "armed":
        bench.run(0.1, ARM, consent)
        return bench, consent
    bench.run(2.0, TAKEOFF, consent, alt_amsl_m=817.0, until=lambda: bench.status.mode == "AUTO.TAKEOFF")
    if phase == "taking_off":
        bench.run(0.2, TAKEOFF, consent, alt_amsl_m=817.0)
        return bench, consent
    bench.run(5.0, TAKEOFF, consent, alt_amsl_m=817.0, until=lambda: bench.status.mode == "AUTO.LOITER")
    wanted = {"holding": HOLD, "offboard": VELOCITY, "landing": LAND, "returning": RETURN}[phase]
    bench.run(1.5, wanted, consent, velocity_enu_m_s=EAST)
    return bench, consent


def test_a_whole_flight_reads_like_this() -> None:
    bench = Bench()
    bench.run(1.0, NONE)
    consent = bench.consent()
    bench.run(3.0, ARM, consent, until=lambda: bench.status.armed)
    bench.run(6.0, TAKEOFF, consent, alt_amsl_m=817.0, until=lambda: bench.status.mode == "AUTO.LOITER")
    bench.run(3.0, VELOCITY, consent, velocity_enu_m_s=EAST)
    assert bench.status.mode == "OFFBOARD"
    assert bench.status.authority is Authority.LENGER
    bench.run(2.0, HOLD, consent)
    bench.run(8.0, LAND, consent, until=lambda: not bench.status.armed)
    bench.run(1.0, NONE, consent)
    assert bench.status.authority is Authority.NONE
    assert bench.log == [
        "not_ready: failsafe parameters not read yet",
        "ask PullParams",
        "ask GetParams",
        "ready: may be armed",
        "consent: latch opened by consent, command ARM",
        "arm_asked: in AUTO.LOITER",
        "ask Arm",
        "armed: armed in AUTO.LOITER",
        "takeoff_asked: to 817.0 m AMSL",
        "ask Takeoff 817 m",
        "mode_confirmed: AUTO.TAKEOFF",
        "mode_asked: OFFBOARD",
        "ask SetMode OFFBOARD",
        "mode_confirmed: OFFBOARD",
        "mode_asked: AUTO.LOITER",
        "ask SetMode AUTO.LOITER",
        "mode_confirmed: AUTO.LOITER",
        "mode_asked: AUTO.LAND",
        "ask SetMode AUTO.LAND",
        "mode_confirmed: AUTO.LAND",
        "disarmed: disarmed in AUTO.LAND",
        "ask GetParams",
    ]


def test_velocity_streams_half_a_second_before_offboard_and_at_each_command() -> None:
    bench, consent = flying_bench("holding")
    start = bench.now_ns
    bench.run(3.0, VELOCITY, consent, velocity_enu_m_s=EAST, until=lambda: "ask SetMode OFFBOARD" in bench.log)
    assert 0.45 * SECOND <= bench.now_ns - start <= 0.65 * SECOND
    before = len(bench.setpoints)
    bench.run(2.0, VELOCITY, consent, velocity_enu_m_s=EAST)
    assert 40 <= len(bench.setpoints) - before <= 81
    assert {velocity for _, velocity in bench.setpoints} == {EAST}


def test_hold_after_takeoff_asks_for_nothing_because_the_autopilot_holds_already() -> None:
    bench, consent = flying_bench("holding")
    assert "ask SetMode AUTO.LOITER" not in bench.log
    assert bench.status.authority is Authority.LENGER
    bench.fcu.mode = "POSCTL"
    bench.run(0.2, HOLD, consent)
    assert bench.status.authority is Authority.EXTERNAL


PHASES = ["armed", "taking_off", "holding", "offboard", "landing", "returning"]


@pytest.mark.parametrize("phase", PHASES)
def test_external_mode_change_lets_go_and_waits_for_newer_consent(phase: str) -> None:
    bench, consent = flying_bench(phase)
    asked = len(bench.requests())
    sent = len(bench.setpoints)
    bench.fcu.mode = "POSCTL"
    bench.run(5.0, VELOCITY, consent, velocity_enu_m_s=EAST)
    assert bench.requests()[asked:] == []
    assert len(bench.setpoints) <= sent + 1
    assert bench.status.authority is Authority.EXTERNAL
    assert "not by us" in bench.status.reason
    assert any(line.startswith("mode_lost") for line in bench.log)
    # Even the mode that was ours, chosen by somebody else, stays theirs.
    bench.fcu.mode = "OFFBOARD"
    bench.run(1.0, VELOCITY, consent, velocity_enu_m_s=EAST)
    assert bench.status.authority is Authority.EXTERNAL
    assert bench.requests()[asked:] == []
    bench.run(2.0, VELOCITY, bench.consent(), velocity_enu_m_s=EAST)
    assert bench.requests()[asked:] == ["SetMode OFFBOARD"]
    assert bench.status.authority is Authority.LENGER


@pytest.mark.parametrize("phase", PHASES)
def test_a_silent_guard_means_the_hold_mode_and_a_latch(phase: str) -> None:
    bench, consent = flying_bench(phase)
    asked, sent, died = len(bench.requests()), len(bench.setpoints), bench.now_ns
    bench.run(3.0)
    holds_already = phase in ("armed", "holding")
    assert bench.requests()[asked:] == ([] if holds_already else ["SetMode AUTO.LOITER"])
    assert bench.status.mode == "AUTO.LOITER"
    assert "guard" in bench.status.reason
    assert all(t <= died + 0.51 * SECOND for t, _ in bench.setpoints[sent:]), "a command outlived its lifetime"
    assert (0.0, 0.0, 0.0) not in {velocity for _, velocity in bench.setpoints}
    asked, sent = len(bench.requests()), len(bench.setpoints)
    bench.run(3.0, VELOCITY, consent, velocity_enu_m_s=EAST)
    assert bench.requests()[asked:] == []
    assert len(bench.setpoints) == sent
    bench.run(2.0, VELOCITY, bench.consent(), velocity_enu_m_s=EAST)
    assert bench.requests()[asked:] == ["SetMode OFFBOARD"]


def test_a_guard_that_dies_while_the_hold_mode_is_under_way_is_not_answered_with_a_second_request() -> None:
    bench, consent = flying_bench("offboard")
    bench.fcu.ignores_modes = {"AUTO.LOITER"}
    asked = len(bench.requests())
    bench.run(0.2, HOLD, consent)
    bench.run(5.0)
    assert bench.requests()[asked:] == ["SetMode AUTO.LOITER"]


def test_a_silent_guard_on_the_ground_changes_nothing() -> None:
    bench = ready_bench()
    bench.run(3.0)
    assert [line for line in bench.requests() if line not in ("PullParams", "GetParams")] == []


def test_silence_is_not_answered_in_a_pilots_hands() -> None:
    bench, consent = flying_bench("offboard")
    bench.fcu.mode = "POSCTL"
    bench.run(0.5, VELOCITY, consent, velocity_enu_m_s=EAST)
    asked = len(bench.requests())
    bench.run(3.0)
    assert bench.requests()[asked:] == []


def test_a_mode_that_does_not_come_is_not_asked_for_again() -> None:
    fcu = FakePx4(ignores_modes={"AUTO.LAND"})
    bench = ready_bench(fcu)
    consent = bench.consent()
    bench.run(2.0, ARM, consent, until=lambda: bench.status.armed)
    bench.run(6.0, TAKEOFF, consent, alt_amsl_m=817.0, until=lambda: bench.status.mode == "AUTO.LOITER")
    bench.run(1.5, VELOCITY, consent, velocity_enu_m_s=EAST)
    asked = len(bench.requests())
    bench.run(2.5, LAND, consent)
    fcu.text = "Landing denied: no position"
    bench.run(7.0, LAND, consent)
    assert bench.requests()[asked:] == ["SetMode AUTO.LAND", "SetMode AUTO.LOITER"]
    assert "AUTO.LAND asked for, still OFFBOARD" in bench.status.reason
    assert "Landing denied" in bench.status.reason
    assert bench.status.authority is Authority.LENGER
    fcu.ignores_modes.clear()
    bench.run(1.0, LAND, bench.consent())
    assert bench.requests()[asked + 2 :] == ["SetMode AUTO.LAND"]


def test_a_refused_arming_latches_with_the_autopilots_words() -> None:
    bench = ready_bench(FakePx4(refuses={r.Arm: "the autopilot answered TEMPORARILY_REJECTED"}))
    bench.fcu.text = "Preflight Fail: compass uncalibrated"
    bench.run(5.0, ARM, bench.consent())
    assert bench.requests().count("Arm") == 1
    assert "TEMPORARILY_REJECTED" in bench.status.reason
    assert "compass uncalibrated" in bench.status.reason
    del bench.fcu.refuses[r.Arm]
    bench.run(1.0, ARM, bench.consent())
    assert bench.status.armed


def test_arming_that_does_not_show_latches() -> None:
    bench = ready_bench(FakePx4(ignores={r.Arm}))
    bench.run(6.0, ARM, bench.consent())
    assert bench.requests().count("Arm") == 1
    assert "not armed" in bench.status.reason


def test_the_stream_that_stops_with_a_living_guard_ends_in_hold() -> None:
    bench, consent = flying_bench("offboard")
    asked = len(bench.requests())
    bench.run(2.0, NONE, consent)
    assert bench.requests()[asked:] == ["SetMode AUTO.LOITER"]
    bench.run(2.0, VELOCITY, consent, velocity_enu_m_s=EAST)
    assert bench.requests()[asked:] == ["SetMode AUTO.LOITER"]


def test_restart_in_flight_touches_nothing_without_newer_consent() -> None:
    bench, consent = flying_bench("offboard")
    bench.fcu.mode = "AUTO.LOITER"
    bench.restart()
    asked, sent = len(bench.requests()), len(bench.setpoints)
    bench.run(5.0, VELOCITY, consent, velocity_enu_m_s=EAST)
    assert bench.requests()[asked:] == []
    assert len(bench.setpoints) == sent
    assert bench.status.authority is Authority.EXTERNAL
    assert "consent" in bench.status.reason
    bench.run(2.0, VELOCITY, bench.consent(), velocity_enu_m_s=EAST)
    assert bench.requests()[asked:] == ["SetMode OFFBOARD"]


def test_consent_given_before_the_start_arms_nothing() -> None:
    bench = Bench()
    old = bench.consent()
    bench.run(3.0, ARM, old)
    assert "Arm" not in bench.requests()
    bench.run(1.0, ARM, bench.consent())
    assert bench.status.armed


def test_a_lost_link_latches() -> None:
    bench, consent = flying_bench("offboard")
    bench.connected = False
    bench.run(1.0, VELOCITY, consent, velocity_enu_m_s=EAST)
    assert bench.status.authority is Authority.NONE
    assert bench.status.armed, "a lost link does not mean disarmed"
    bench.connected = True
    asked, sent = len(bench.requests()), len(bench.setpoints)
    bench.run(3.0, VELOCITY, consent, velocity_enu_m_s=EAST)
    assert bench.requests()[asked:] == []
    assert len(bench.setpoints) == sent
    assert bench.status.authority is Authority.EXTERNAL


def test_two_publishers_are_refused_and_end_in_hold() -> None:
    bench, consent = flying_bench("offboard")
    asked = len(bench.requests())
    bench.publishers = 2
    bench.run(2.0, VELOCITY, consent, velocity_enu_m_s=EAST)
    assert bench.requests()[asked:] == ["SetMode AUTO.LOITER"]
    assert any("2 publishers" in line for line in bench.log)
    assert "2 publishers" in bench.status.reason


def test_a_stale_command_is_never_acted_on() -> None:
    bench, consent = flying_bench("holding")
    sent = len(bench.setpoints)
    refusal = bench.command(VELOCITY, consent, age_s=0.7, velocity_enu_m_s=EAST)
    assert refusal is not None
    assert "stale" in refusal
    assert len(bench.setpoints) == sent


def test_arming_waits_for_a_mode_to_arm_in() -> None:
    bench = ready_bench(FakePx4(mode="MANUAL"))
    bench.run(2.0, ARM, bench.consent())
    assert bench.requests()[-2:] == ["SetMode AUTO.LOITER", "Arm"]
    assert bench.status.armed


def test_takeoff_and_velocity_need_an_armed_aircraft() -> None:
    bench = ready_bench()
    consent = bench.consent()
    bench.run(1.0, TAKEOFF, consent, alt_amsl_m=800.0)
    bench.run(1.0, VELOCITY, consent, velocity_enu_m_s=EAST)
    assert not bench.setpoints
    assert "Takeoff 800 m" not in bench.requests()
    assert "command_refused: takeoff refused: not armed" in bench.log


def test_disarm_only_on_the_ground() -> None:
    bench, consent = flying_bench("holding")
    bench.run(1.0, DISARM, consent)
    assert bench.status.armed
    bench.fcu.landed = True
    bench.run(1.0, DISARM, consent)
    assert not bench.status.armed


def test_somebody_else_arms() -> None:
    bench = ready_bench()
    bench.fcu.armed = True
    bench.run(1.0, NONE)
    assert bench.status.authority is Authority.EXTERNAL
    assert "somebody else" in bench.status.reason


def test_old_estimates_are_not_passed_on() -> None:
    bench = ready_bench()
    assert bench.status.lat_deg == pytest.approx(42.18)
    later = bench.core.step(bench.now_ns + 2 * SECOND).status
    assert isnan(later.lat_deg)
    assert isnan(later.velocity_enu_m_s[0])
    assert later.home_alt_amsl_m == 757.0
