"""The autopilot core against a scripted ArduCopter: golden transcript, and every interruption that we know of."""

from __future__ import annotations

from math import isnan, nan

import pytest

from lenger_bridge import requests as r
from lenger_core.samples import Authority, CommandKind

from .fake_mavros import HOME, SECOND, Bench, FakeCopter

NONE, ARM, TAKEOFF, VELOCITY = CommandKind.NONE, CommandKind.ARM, CommandKind.TAKEOFF, CommandKind.VELOCITY
HOLD, LAND, RETURN, GOTO = CommandKind.HOLD, CommandKind.LAND, CommandKind.RETURN, CommandKind.GOTO
MISSION = CommandKind.MISSION
EAST = (4.0, 0.0, 0.0)
CONTRACT = {"FS_GCS_ENABLE": 0.0, "RTL_ALT_M": 60.0}
PLACE = {"lat_deg": 42.181, "lon_deg": 69.881, "alt_amsl_m": 800.0}


def copter(**fields: object) -> FakeCopter:
    return FakeCopter(params={"FS_GCS_ENABLE": 0, "RTL_ALT_M": 60.0}, **fields)  # type: ignore[arg-type]


def ready_bench(fcu: FakeCopter | None = None) -> Bench:
    bench = Bench(fcu or copter(), contract=CONTRACT)
    bench.run(2.0, NONE)
    assert bench.status.ready, bench.status.reason
    return bench


def flying_bench(phase: str, fcu: FakeCopter | None = None) -> tuple[Bench, int]:
    """Return a bench that is armed, taking_off, holding, guided, landing, returning or in its mission."""
    bench = ready_bench(fcu)
    if phase == "mission":
        items = tuple(r.MissionItem(6, 16, 42.18 + k * 1e-4, 69.88, 30.0) for k in range(3))
        assert bench.core.upload(1, r.MissionType.MISSION, items) == ""
        bench.run(2.0, NONE, until=lambda: bool(bench.uploads))
    consent = bench.consent()
    bench.run(2.0, ARM, consent, until=lambda: bench.status.armed)
    if phase == "armed":
        bench.run(0.2, ARM, consent)
        return bench, consent
    bench.run(2.0, TAKEOFF, consent, alt_amsl_m=817.0)
    wanted = {"taking_off": TAKEOFF, "holding": HOLD, "guided": VELOCITY, "landing": LAND, "returning": RETURN}
    wanted["mission"] = MISSION
    bench.run(1.5, wanted[phase], consent, velocity_enu_m_s=EAST, alt_amsl_m=817.0)
    return bench, consent


PHASES = ["armed", "taking_off", "holding", "guided", "landing", "returning", "mission"]
IN_THE_AIR = PHASES[1:]


def test_a_whole_flight_reads_like_this() -> None:
    bench = Bench(copter(), contract=CONTRACT)
    bench.run(2.0, NONE)
    consent = bench.consent()
    bench.run(3.0, ARM, consent, until=lambda: bench.status.armed)
    bench.run(2.0, TAKEOFF, consent, alt_amsl_m=817.0)
    bench.run(2.0, VELOCITY, consent, velocity_enu_m_s=EAST)
    bench.run(2.0, HOLD, consent)
    bench.run(8.0, LAND, consent, until=lambda: not bench.status.armed)
    bench.run(1.0, NONE, consent)
    asked = [line for line in bench.log if not line.startswith("ask SetMessageInterval")]
    assert asked == [
        "not_ready: failsafe parameters not read yet",
        "ask PullParams",
        "ask GetParams",
        "ready: may be armed",
        "consent: latch opened by consent, command ARM",
        "mode_asked: GUIDED",
        "ask SetMode GUIDED",
        "mode_confirmed: GUIDED",
        "arm_asked: in GUIDED",
        "ask Arm",
        "armed: armed in GUIDED",
        "takeoff_asked: to 817.0 m AMSL",
        "ask Takeoff 60 m",
        "mode_confirmed: GUIDED",
        "mode_asked: BRAKE",
        "ask SetMode BRAKE",
        "mode_confirmed: BRAKE",
        "mode_asked: LAND",
        "ask SetMode LAND",
        "mode_confirmed: LAND",
        "disarmed: disarmed in LAND",
        "ask GetParams",
    ]


def test_every_stream_is_asked_for_one_after_the_other() -> None:
    bench = ready_bench()
    asked = [line for line in bench.requests() if line.startswith("SetMessageInterval")]
    wanted = [f"SetMessageInterval {number}" for number in (1, 24, 27, 29, 31, 32, 33, 42, 147, 168, 242, 245)]
    assert asked == wanted


def test_streams_that_fell_silent_are_asked_for_again() -> None:
    bench = ready_bench()
    bench.fcu.local = False
    before = len(bench.requests())
    bench.run(8.0, NONE)
    again = [line for line in bench.requests()[before:] if line.startswith("SetMessageInterval")]
    assert len(again) in (12, 24), "at most every 5 s"
    assert not bench.status.ready


def test_an_unanswered_interval_does_not_stop_arming_for_ever_nor_flood() -> None:
    bench = ready_bench(copter(refuses={r.SetMessageInterval: "no acknowledgement"}))
    bench.run(1.0, ARM, bench.consent(), until=lambda: bench.status.armed)


def test_without_a_local_position_the_arming_bit_is_not_believed() -> None:
    bench = Bench(copter(local=False), contract=CONTRACT)
    bench.run(3.0, ARM, bench.consent())
    assert "Arm" not in bench.requests()
    assert "no local position" in bench.status.reason


@pytest.mark.parametrize("phase", PHASES)
@pytest.mark.parametrize("mode", ["LOITER", "RTL", "CMODE(29)"])
def test_a_pilots_mode_or_a_failsafe_lets_go_and_nothing_is_asked_again(phase: str, mode: str) -> None:
    if phase == "returning" and mode == "RTL":
        mode = "SMART_RTL"
    bench, consent = flying_bench(phase)
    asked, sent = len(bench.requests()), len(bench.setpoints)
    bench.fcu.mode = mode
    bench.run(5.0, VELOCITY, consent, velocity_enu_m_s=EAST)
    assert bench.requests()[asked:] == []
    assert len(bench.setpoints) <= sent + 1
    assert bench.status.authority is Authority.EXTERNAL
    assert f"to {mode}, not by us" in bench.status.reason
    # The mode that was ours, chosen by somebody else: theirs.
    bench.fcu.mode = "GUIDED"
    bench.run(1.0, VELOCITY, consent, velocity_enu_m_s=EAST)
    assert bench.requests()[asked:] == []
    bench.run(2.0, VELOCITY, bench.consent(), velocity_enu_m_s=EAST)
    assert bench.requests()[asked:] == ["SetMode GUIDED"]
    assert bench.status.authority is Authority.LENGER


@pytest.mark.parametrize("phase", PHASES)
def test_a_silent_guard_means_brake_and_a_latch(phase: str) -> None:
    bench, consent = flying_bench(phase)
    asked, died = len(bench.requests()), bench.now_ns
    bench.run(3.0)
    assert bench.requests()[asked:] == ([] if phase == "holding" else ["SetMode BRAKE"])
    assert bench.status.mode == "BRAKE"
    assert all(t <= died + 0.51 * SECOND for t, _ in bench.setpoints)
    asked = len(bench.requests())
    bench.run(3.0, VELOCITY, consent, velocity_enu_m_s=EAST)
    assert bench.requests()[asked:] == []


@pytest.mark.parametrize("phase", IN_THE_AIR)
def test_an_autopilot_that_starts_again_in_the_air_latches(phase: str) -> None:
    bench, consent = flying_bench(phase)
    bench.fcu.armed, bench.fcu.mode, bench.fcu.landed = False, "STABILIZE", True  # as it says after its start
    asked, sent = len(bench.requests()), len(bench.setpoints)
    bench.run(4.0, VELOCITY, consent, velocity_enu_m_s=EAST)
    assert len(bench.setpoints) <= sent + 1
    assert any(line.startswith("disarmed_in_air") for line in bench.log)
    assert not [line for line in bench.requests()[asked:] if line.startswith(("SetMode", "Arm", "Takeoff"))]
    bench.fcu.armed = True
    bench.run(3.0, VELOCITY, consent, velocity_enu_m_s=EAST)
    assert bench.status.authority is Authority.EXTERNAL
    assert len(bench.setpoints) <= sent + 1


@pytest.mark.parametrize("phase", [phase for phase in PHASES if phase != "landing"])
def test_a_lost_link_is_no_disarming_and_latches(phase: str) -> None:
    bench, consent = flying_bench(phase)
    bench.connected = False
    bench.run(2.0, VELOCITY, consent, velocity_enu_m_s=EAST)
    assert bench.status.armed
    assert bench.status.authority is Authority.NONE
    bench.connected = True
    asked, sent = len(bench.requests()), len(bench.setpoints)
    bench.run(3.0, VELOCITY, consent, velocity_enu_m_s=EAST)
    assert not [line for line in bench.requests()[asked:] if line.startswith(("SetMode", "Arm", "Takeoff"))]
    assert len(bench.requests()) > asked, "the streams are asked for again"
    assert len(bench.setpoints) == sent
    assert bench.status.authority is Authority.EXTERNAL


@pytest.mark.parametrize("what", ["arming", "takeoff"])
def test_an_acknowledgement_that_was_lost_changes_nothing_when_it_was_done(what: str) -> None:
    """MAVROS answers success=false, result=0 after five seconds although the autopilot did it."""
    bench = ready_bench()
    consent = bench.consent()
    kind = r.Arm if what == "arming" else r.Takeoff
    late: list[r.Request] = []
    plain = bench.fcu.answer

    def answer(request: r.Request, now_ns: int) -> r.Reply | None:
        reply = plain(request, now_ns)
        if type(request) is kind:
            late.append(request)
            return None
        return reply

    bench.fcu.answer = answer  # type: ignore[method-assign]
    bench.run(2.0, ARM, consent, until=lambda: bench.status.armed)
    bench.run(2.0, TAKEOFF, consent, alt_amsl_m=817.0)
    bench.run(2.0, VELOCITY, consent, velocity_enu_m_s=EAST)
    bench.core.on_reply(r.Reply(late[0].request_id, False, 0, None, "no acknowledgement"))
    sent = len(bench.setpoints)
    bench.run(2.0, VELOCITY, consent, velocity_enu_m_s=EAST)
    assert bench.status.authority is Authority.LENGER
    assert len(bench.setpoints) > sent + 30
    assert any(line.startswith("ack_lost") for line in bench.log)


def test_a_second_acknowledgement_finds_nobody() -> None:
    bench, consent = flying_bench("guided")
    for identity in range(1, 60):
        bench.core.on_reply(r.Reply(identity, False, 4, None, "FAILED"))
    bench.run(1.0, VELOCITY, consent, velocity_enu_m_s=EAST)
    assert bench.status.authority is Authority.LENGER
    assert not any(line.startswith("request_refused") for line in bench.log)


def test_a_refused_takeoff_latches_on_the_ground_without_another_mode() -> None:
    bench = ready_bench(copter(refuses={r.Takeoff: "FAILED"}))
    bench.fcu.text = "Takeoff denied: motors not spinning"
    consent = bench.consent()
    bench.run(2.0, ARM, consent, until=lambda: bench.status.armed)
    asked = len(bench.requests())
    bench.run(3.0, TAKEOFF, consent, alt_amsl_m=817.0)
    assert bench.requests()[asked:] == ["Takeoff 60 m"]
    assert "Takeoff denied" in bench.status.reason


def test_the_auto_disarm_on_the_ground_is_no_alarm_and_nothing_is_armed_again() -> None:
    bench, consent = flying_bench("armed")
    bench.fcu.armed = False
    asked = len(bench.requests())
    bench.run(3.0, ARM, consent)
    assert "Arm" not in bench.requests()[asked:]
    assert not any(line.startswith("disarmed_in_air") for line in bench.log)


def test_the_first_state_without_a_mode_name_is_waited_out() -> None:
    bench = Bench(copter(mode="CMODE(4)"), contract=CONTRACT)
    bench.run(1.0, NONE)
    bench.fcu.mode = "GUIDED"
    bench.run(1.0, NONE)
    bench.run(3.0, ARM, bench.consent(), until=lambda: bench.status.armed)
    assert not any(line.startswith("mode_lost") for line in bench.log)


def test_a_velocity_without_heading_keeps_the_nose_where_it_is() -> None:
    bench, consent = flying_bench("guided")
    assert not any(isnan(yaw) for yaw in bench.yaws), "ArduCopter turns the nose along the track without one"
    assert set(bench.yaws) == {0.0}
    bench.run(1.0, VELOCITY, consent, velocity_enu_m_s=EAST, yaw_enu_rad=1.25)
    assert bench.yaws[-1] == 1.25
    bench.run(1.0, VELOCITY, consent, velocity_enu_m_s=EAST, yaw_enu_rad=nan)
    assert bench.yaws[-1] == 0.0


def test_a_place_is_streamed_and_its_silence_is_a_brake() -> None:
    bench, consent = flying_bench("holding")
    bench.run(2.0, GOTO, consent, **PLACE)
    assert bench.requests()[-1] == "SetMode GUIDED"
    assert bench.setpoints[-1][1] == (42.181, 69.881, 800.0)
    asked = len(bench.requests())
    bench.run(2.0, NONE, consent)
    assert bench.requests()[asked:] == ["SetMode BRAKE"]
    assert any(line.startswith("stream_ended") for line in bench.log)


def test_a_takeoff_below_home_is_refused() -> None:
    bench, consent = flying_bench("armed")
    bench.run(1.0, TAKEOFF, consent, alt_amsl_m=HOME[2] - 1.0)
    assert not any(line.startswith("Takeoff") for line in bench.requests())
    assert any("is not above home" in line for line in bench.log)


def test_a_mission_starts_at_an_item_behind_home_and_only_after_the_item_was_taken() -> None:
    bench, _ = flying_bench("mission")
    bench.run(1.0, HOLD, bench.consent())
    asked = len(bench.requests())
    bench.run(2.0, MISSION, bench.consent(), mission_item=2)
    assert bench.requests()[asked:] == ["SetCurrent 3", "SetMode AUTO"]
    assert bench.status.mode == "AUTO"
    bench.run(1.0, HOLD, bench.consent())
    bench.fcu.refuses[r.SetCurrent] = "no such item"
    asked = len(bench.requests())
    bench.run(2.0, MISSION, bench.consent(), mission_item=1)
    assert bench.requests()[asked:] == ["SetCurrent 2"], "the mode is not asked for"
    assert "no such item" in bench.status.reason


def test_an_item_that_takes_its_time_is_waited_for_in_hold_not_in_a_broken_stream() -> None:
    bench, _ = flying_bench("mission")
    consent = bench.consent()
    bench.run(1.0, VELOCITY, consent, velocity_enu_m_s=EAST)
    plain = bench.fcu.answer
    waiting: list[r.Request] = []

    def answer(request: r.Request, now_ns: int) -> r.Reply | None:
        if isinstance(request, r.SetCurrent):
            waiting.append(request)
            return None
        return plain(request, now_ns)

    bench.fcu.answer = answer  # type: ignore[method-assign]
    asked = len(bench.requests())
    bench.run(3.0, MISSION, consent, mission_item=1)
    bench.core.on_reply(r.Reply(waiting[0].request_id, True))
    bench.run(1.0, MISSION, consent, mission_item=1)
    assert bench.requests()[asked:] == ["SetMode BRAKE", "SetCurrent 2", "SetMode AUTO"]
    assert bench.status.authority is Authority.LENGER


def test_a_hold_while_the_item_is_under_way_wins() -> None:
    bench, _ = flying_bench("mission")
    bench.run(1.0, HOLD, bench.consent())
    held = bench.fcu.answer
    waiting: list[r.Request] = []

    def answer(request: r.Request, now_ns: int) -> r.Reply | None:
        if isinstance(request, r.SetCurrent):
            waiting.append(request)
            return None
        return held(request, now_ns)

    bench.fcu.answer = answer  # type: ignore[method-assign]
    consent = bench.consent()
    bench.run(0.5, MISSION, consent, mission_item=1)
    bench.run(0.5, LAND, consent)
    asked = len(bench.requests())
    bench.core.on_reply(r.Reply(waiting[0].request_id, True))
    bench.run(0.5, LAND, consent)
    assert bench.requests()[asked:] == []


@pytest.mark.parametrize("item", [-1, 1])
def test_the_mission_that_is_being_started_is_not_replaced(item: int) -> None:
    bench, _ = flying_bench("mission")
    bench.run(1.0, HOLD, bench.consent())
    other = (r.MissionItem(6, 16, 42.181, 69.881, 30.0),)
    bench.fcu.ignores_modes.add("AUTO")
    bench.fcu.ignores.add(r.SetCurrent)
    bench.run(0.5, MISSION, bench.consent(), mission_item=item)
    refusal = bench.core.upload(7, r.MissionType.MISSION, other)
    assert refusal == "mission upload refused: an order that needs what is there now is under way"


def test_an_item_that_was_refused_leaves_the_list_free() -> None:
    bench, _ = flying_bench("mission")
    bench.run(1.0, HOLD, bench.consent())
    bench.fcu.refuses[r.SetCurrent] = "no such item"
    bench.run(0.5, MISSION, bench.consent(), mission_item=1)
    assert bench.core.upload(7, r.MissionType.MISSION, (r.MissionItem(6, 16, 42.181, 69.881, 30.0),)) == ""


@pytest.mark.parametrize(("item", "words"), [(-1, "no mission was uploaded"), (7, "no mission was uploaded")])
def test_a_mission_that_we_did_not_read_back_is_not_started(item: int, words: str) -> None:
    bench, consent = flying_bench("holding")
    bench.run(1.0, MISSION, consent, mission_item=item)
    assert "SetMode AUTO" not in bench.requests()
    assert any(words in line for line in bench.log)


def test_return_is_refused_where_rally_points_would_take_it_elsewhere() -> None:
    bench, consent = flying_bench("holding")
    bench.core.on_rally(2)
    bench.run(1.0, RETURN, consent)
    assert "SetMode RTL" not in bench.requests()
    assert any("rally points" in line for line in bench.log)


def test_a_clock_that_jumped_gives_no_position_of_the_future() -> None:
    bench = ready_bench()
    earlier = bench.core.step(bench.now_ns - 5 * SECOND).status
    assert isnan(earlier.lat_deg)
