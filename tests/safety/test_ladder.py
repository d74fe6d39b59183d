"""Every transition of the ladder, as the events it tells of."""

from __future__ import annotations

from dataclasses import replace
from math import nan

import pytest

from lenger_core.samples import Authority, Command, CommandKind, GuardLevel

SECOND = 1_000_000_000


@pytest.fixture
def flight(rig):
    """An aircraft at rest 60 m over the middle of a 400 m square, whose mission has consent."""

    def make(**fields):
        made = rig(**fields)
        made.step()
        made.agree()
        made.run(0.2)
        made.events.clear()
        made.levels.clear()
        made.before = made.output.status.interventions
        return made

    return make


def kinds(flight):
    return [kind for kind, _ in flight.events]


def test_a_legal_flight_is_left_alone(flight):
    f = flight()
    f.want((6.0, 2.0, 0.5))
    for _ in range(100):
        output = f.step()
        assert output.command.kind is CommandKind.VELOCITY
        assert output.command.velocity_enu_m_s == (6.0, 2.0, 0.5)
    assert f.events == []
    assert f.levels == [GuardLevel.NOMINAL]
    assert output.status.interventions == f.before


def test_warn_limit_and_back(flight):
    f = flight()
    f.want((5.0, 0.0, 0.0))
    f.run(60.0)
    assert f.levels[-1] is GuardLevel.LIMIT
    assert set(kinds(f)) <= {"guard_warn", "guard_limit"}
    assert "velocity limited by fence arena" in f.events[-1][1]
    assert 1.0 < f.lowest_margin_m < 4.0
    assert f.output.command.velocity_enu_m_s[0] == pytest.approx(0.0, abs=0.2)
    f.want((-5.0, 0.0, 0.0))
    f.run(4.0)
    assert kinds(f)[-1] == "guard_clear"
    assert f.levels[-1] is GuardLevel.NOMINAL
    assert f.output.status.interventions == f.before + 1


def test_sliding_along_the_fence(flight):
    f = flight()
    f.want((4.0, 4.0, 0.0))
    f.run(70.0)
    f.want((4.0, -4.0, 0.0))
    f.run(10.0)
    east, north, _ = f.output.command.velocity_enu_m_s
    assert north == pytest.approx(-4.0, abs=0.1)
    assert abs(east) < 0.2
    assert f.lowest_margin_m > 0.5


def test_a_shove_that_can_not_be_stopped_in_time_holds_and_latches(flight):
    f = flight()
    f.position[0] = 185.0
    f.run(0.2)
    f.velocity[0] = 9.0  # a gust that no command asked for
    f.run(0.2)
    assert f.output.command.kind is CommandKind.HOLD
    assert f.output.status.latched
    assert "stopping needs" in f.output.status.reason
    f.want((-3.0, 0.0, 0.0))
    assert f.run(5.0).command.kind is CommandKind.HOLD  # the mission may want what it likes
    f.agree()
    assert f.run(0.2).command.kind is CommandKind.VELOCITY
    assert "guard_hold" in kinds(f)
    assert "guard_release" in kinds(f)


def test_a_hold_that_still_brakes_before_a_line_is_not_broken_off_by_a_consent(flight):
    f = flight(brake_m_s2=2.7)  # hardly better than the guard foresees, so that nothing comes to spare meanwhile
    f.position[0] = 184.0
    f.run(0.2)
    f.velocity[0] = 9.0
    f.run(0.2)
    assert f.output.command.kind is CommandKind.HOLD
    f.want((3.0, 0.0, 0.0))
    while f.velocity[0] > 1.2:
        f.agree()
        assert f.run(0.1).command.kind is CommandKind.HOLD, f"released at {f.velocity[0]:.1f} m/s"
    assert any("still brakes before" in why for kind, why in f.events if kind == "guard_refused")
    f.run(2.0)
    f.agree()
    assert f.run(0.2).command.kind is CommandKind.VELOCITY
    f.run(10.0)
    assert f.lowest_margin_m > 0.0


def test_a_hold_far_from_any_line_opens_at_any_speed(flight):
    f = flight()
    f.velocity[0] = 9.0
    f.want((9.0, 0.0, 0.0))
    f.mission_alive = False
    while f.output.command.kind is not CommandKind.HOLD:
        f.step()
    f.mission_alive = True
    f.agree()
    assert f.run(0.2).command.kind is CommandKind.VELOCITY
    assert f.velocity[0] > 3.0


def test_outside_only_the_way_back_passes(flight):
    f = flight()
    f.position[0] = 230.0
    f.run(0.2)
    assert f.output.status.latched
    f.agree()
    f.want((5.0, 2.0, 0.0))
    east, north, _ = f.run(0.2).command.velocity_enu_m_s
    assert east == pytest.approx(-1.0, abs=0.01)
    assert north == pytest.approx(2.0, abs=0.01)
    f.run(40.0)
    assert f.local.margin(*f.position[:2]).margin_m > 0.0


def test_mission_silence_holds_until_newer_consent(flight):
    f = flight()
    f.want((3.0, 0.0, 0.0))
    f.run(1.0)
    f.mission_alive = False
    f.run(0.4)
    assert f.output.command.kind is not CommandKind.HOLD
    f.run(0.3)
    assert f.output.command.kind is CommandKind.HOLD
    assert "mission silent" in f.events[0][1]
    f.mission_alive = True
    assert f.run(2.0).command.kind is CommandKind.HOLD  # it is back, with the old consent
    f.agree()
    assert f.run(0.2).command.kind is CommandKind.VELOCITY
    assert kinds(f) == ["guard_hold", "guard_release"]
    assert f.output.status.interventions == f.before + 1


def test_a_landing_goes_on_without_the_mission(flight):
    f = flight()
    f.wanted = CommandKind.LAND
    f.run(0.5)
    f.mission_alive = False
    f.run(2.0)
    assert f.output.command.kind is CommandKind.NONE
    assert not f.output.status.latched
    assert [detail for _, detail in f.events] == ["mission silent: the autopilot's own LAND goes on"]


def test_in_a_pilots_hands_the_guard_only_warns(flight):
    f = flight()
    f.want((3.0, 0.0, 0.0))
    f.run(0.5)
    f.authority = Authority.EXTERNAL
    f.position[0] = 196.0
    for _ in range(40):
        assert f.step().command.kind is CommandKind.NONE
    assert kinds(f) == ["guard_warn"]
    assert not f.output.status.authority
    assert f.output.status.level is GuardLevel.WARN
    f.position[0] = 0.0
    f.run(1.0)
    assert kinds(f) == ["guard_warn"]  # others fly: that by itself is worth a warning
    assert "was chosen by somebody else" in f.events[0][1]


def test_after_a_pilot_only_newer_consent_goes_through(flight):
    f = flight()
    f.want((3.0, 0.0, 0.0))
    f.run(0.5)
    f.authority = Authority.EXTERNAL
    f.run(0.5)
    f.agree()
    assert f.run(0.1).command.kind is CommandKind.VELOCITY  # authority returns only when the autopilot obeys this
    f.authority = Authority.LENGER
    assert f.run(0.5).command.kind is CommandKind.VELOCITY
    f.authority = Authority.EXTERNAL
    assert f.run(0.1).command.kind is CommandKind.NONE


def test_an_authority_that_comes_back_by_itself_stays_latched(flight):
    f = flight()
    f.want((3.0, 0.0, 0.0))
    f.run(0.5)
    f.authority = Authority.EXTERNAL
    f.run(0.5)
    f.authority = Authority.LENGER
    assert f.run(0.5).command.kind is CommandKind.HOLD


def test_a_restart_in_flight_is_latched(flight):
    f = flight()
    f.want((3.0, 0.0, 0.0))
    f.run(1.0)
    f.restart()
    assert f.run(1.0).command.kind is CommandKind.HOLD
    assert f.output.status.latched
    f.agree()
    assert f.run(0.2).command.kind is CommandKind.VELOCITY


def test_on_the_ground_the_first_consent_opens_without_a_word(rig):
    f = rig(armed=False, landed=True)
    f.wanted = CommandKind.ARM
    assert f.run(0.2).command.kind is CommandKind.NONE
    assert [k for k, _ in f.events] == ["guard_refused"]
    f.events.clear()
    f.agree()
    assert f.run(0.2).command.kind is CommandKind.ARM
    assert f.events == []


def test_no_estimate_holds_and_is_not_released_before_it_is_back(flight):
    f = flight()
    f.want((3.0, 0.0, 0.0))
    f.run(1.0)
    f.vehicle_alive = False
    f.run(0.7)
    assert f.output.command.kind is CommandKind.HOLD
    assert "no estimate" in f.output.status.reason
    f.agree()
    f.run(1.0)
    assert f.output.command.kind is CommandKind.HOLD
    assert "guard_refused" in kinds(f)
    f.vehicle_alive = True
    assert f.run(0.2).command.kind is CommandKind.VELOCITY  # that consent is newer than the hold


def test_fusion_lost_widens_and_says_so_and_the_flight_goes_on(flight):
    f = flight(fusion="good", sigma_m=0.5)
    f.want((2.0, 0.0, 0.0))
    f.run(1.0)
    before = f.output.status.horizontal_margin_m
    f.fusion = "silent"
    f.run(0.7)
    assert kinds(f) == ["fusion_lost", "guard_warn"]
    assert f.output.command.kind is CommandKind.VELOCITY
    after = f.output.status.horizontal_margin_m
    hpl = f.settings.accuracy_factor * f.settings.lost_fusion_factor * 0.5
    truth = f.local.margin(*(f.position + f.error)[:2]).margin_m
    assert after == pytest.approx(truth - hpl, abs=0.2)
    assert after < before
    f.fusion = "good"
    f.run(4.0)
    assert kinds(f) == ["fusion_lost", "guard_warn", "fusion_back", "guard_clear"]


def test_disagreement_widens_then_holds(flight):
    f = flight(fusion="good", sigma_m=0.5)
    f.want((1.0, 0.0, 0.0))
    f.run(1.0)
    f.fusion_offset = (0.0, 20.0, 0.0)
    f.run(2.0)
    assert kinds(f) == ["fusion_disagrees"]
    assert f.output.command.kind is CommandKind.VELOCITY
    f.run(2.0)
    assert f.output.command.kind is CommandKind.HOLD
    assert kinds(f)[-1] == "guard_hold"
    f.agree()
    assert f.run(0.5).command.kind is CommandKind.HOLD
    f.fusion_offset = (0.0, 0.0, 0.0)
    f.run(0.5)
    f.agree()
    assert f.run(0.5).command.kind is CommandKind.VELOCITY


def test_without_the_autopilots_estimate_fusion_carries_on(flight):
    f = flight(fusion="good")
    f.want((1.0, 0.0, 0.0))
    f.run(1.0)
    f.vehicle_alive = False
    f.run(2.0)
    assert kinds(f) == ["autopilot_lost", "guard_warn"]
    assert f.output.command.kind is CommandKind.VELOCITY


def test_the_worse_estimate_counts(flight):
    f = flight(fusion="good", sigma_m=0.3)
    f.position[0] = 150.0
    f.fusion_offset = (3.0, 0.0, 0.0)
    f.run(0.5)
    assert f.output.status.horizontal_margin_m == pytest.approx(200.0 - 153.0 - 3.0, abs=0.3)


BAD = [
    ({"t_ns": 0}, "stale"),
    ({"t_ns": 10**15}, "future"),
    ({"velocity_enu_m_s": (nan, 0.0, 0.0)}, "not finite"),
    ({"velocity_enu_m_s": (0.0, float("inf"), 0.0)}, "not finite"),
    ({"kind": CommandKind.TAKEOFF, "alt_amsl_m": nan}, "not finite"),
    ({"source": "intruder"}, "second source"),
    ({"sequence": 1}, "out of order"),
    ({"consent_ns": 10**15}, "consent lies in the future"),
]


@pytest.mark.parametrize(("change", "word"), BAD)
def test_a_senseless_command_is_refused_and_changes_nothing(flight, change, word):
    f = flight()
    f.want((3.0, 0.0, 0.0))
    f.run(0.5)
    f.events.clear()
    f.core.on_command(replace(f.command(), **change), f.now_ns)
    f.run(0.5)
    assert kinds(f) == ["guard_refused"]
    assert word in f.events[0][1]
    assert f.output.command.velocity_enu_m_s == (3.0, 0.0, 0.0)


def test_two_publishers_silence_the_mission(flight):
    f = flight()
    f.want((3.0, 0.0, 0.0))
    f.run(0.5)
    f.mission_alive = False
    for _ in range(20):
        f.core.on_command(f.command(), f.now_ns, publishers=2)
        f.step()
    assert kinds(f) == ["guard_refused", "guard_hold"]
    assert "2 publishers" in f.events[0][1]
    assert f.output.command.kind is CommandKind.HOLD


def test_a_vehicle_status_that_is_not_finite_is_no_estimate(flight):
    f = flight()
    f.vehicle_alive = False
    for _ in range(14):
        f.now_ns += 50_000_000
        f.core.on_vehicle(replace(f.status(), lat_deg=nan))
        output = f.core.step(f.now_ns)
    assert output.command.kind is CommandKind.HOLD
    assert "no estimate" in output.status.reason


def test_the_output_is_a_command_a_receiver_accepts(flight):
    from lenger_core.command_gate import CommandGate

    f, gate = flight(), CommandGate()
    f.want((3.0, 0.0, 0.0))
    for _ in range(40):
        output = f.step()
        assert gate.offer(output.command, f.now_ns) is None
        assert isinstance(output.command, Command)
        assert output.command.source == "guard"
        assert output.command.consent_ns == f.consent_ns


def test_status_is_due_at_5_hz_and_on_change(flight):
    f = flight()
    due = [f.step().status_due for _ in range(40)]
    assert sum(due) == 10
    f.vehicle_alive = False
    flags = []
    while f.output.status.level is not GuardLevel.HOLD:
        flags.append(f.step().status_due)
    assert flags[-1]


def test_new_zones_around_the_aircraft_hold_it(flight, zones, a_feature, a_square):
    f = flight()
    f.want((1.0, 0.0, 0.0))
    f.run(0.5)
    f.core.set_zones(zones(a_feature("pop-up", "exclusion", a_square(50.0))), f.now_ns)
    f.run(0.2)
    assert kinds(f)[:2] == ["guard_zones", "guard_hold"]
    assert "pop-up" in f.output.status.reason
    f.agree()
    f.want((0.0, 0.0, 0.0))
    f.run(0.5)
    assert f.output.command.velocity_enu_m_s != (0.0, 0.0, 0.0)  # out by the shortest way


def test_a_consent_from_before_the_latch_never_opens_it_even_when_the_clock_steps_back(flight):
    f = flight()
    f.want((1.0, 0.0, 0.0))
    f.run(1.0)
    f.now_ns -= 5 * SECOND
    f.run(9.0)  # the clock is past the old consent again, and the mission still sends it
    assert f.output.status.latched
    assert f.output.command.kind is CommandKind.HOLD
    f.agree()
    assert f.run(0.2).command.kind is CommandKind.VELOCITY
