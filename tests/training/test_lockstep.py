"""Lockstep flights: they complete, repeat exactly, and keep the table of deaths."""

from __future__ import annotations

import json
from math import hypot
from pathlib import Path

import pytest

from lenger_core.samples import Authority, MissionPhase
from lenger_training.lockstep import Kill, LockstepOutcome, fly_lockstep
from lenger_training.recording import FlightRecording, read_flight
from training.hop import hop_exercise, hop_plan

DEATHS_S = {"px4": 26.0, "ardupilot": 66.0}
"""En route: the hop takes off at about 6 s (ArduCopter is armable after 42 s) and is at its height 14 s later."""
HOLD = {"px4": "AUTO.LOITER", "ardupilot": "BRAKE"}
FLAVOURS = pytest.mark.parametrize("flavour", DEATHS_S)


def fly(
    folder: Path,
    seed: int = 3,
    kills: tuple[Kill, ...] = (),
    until_s: float | None = None,
    flavour: str = "px4",
) -> LockstepOutcome:
    folder.mkdir(exist_ok=True)
    out = folder / "out"
    return fly_lockstep(hop_exercise(folder), hop_plan(), seed, out, flavour, kills=kills, until_s=until_s)


def fly_with_death(
    folder: Path, part: str, for_s: float = 8.0, flavour: str = "px4"
) -> tuple[LockstepOutcome, FlightRecording]:
    death_s = DEATHS_S[flavour]
    outcome = fly(folder, kills=(Kill(death_s, part),), until_s=death_s + for_s, flavour=flavour)
    recording = read_flight(outcome.folder / "flight.mcap")
    before = [s for s in recording.of("mission/status") if s.t_ns <= death_s * 1e9]
    assert before[-1].phase is MissionPhase.ENROUTE
    assert not outcome.result.passed
    assert any(d.rule == "process_died" and part in d.detail for d in outcome.result.deductions)
    return outcome, recording


def held_after(recording: FlightRecording, flavour: str) -> float:
    """Seconds from the death to the first report of the hold mode."""
    death_s, mode = DEATHS_S[flavour], HOLD[flavour]
    times = [s.t_ns / 1e9 for s in recording.of("mavros/state") if s.t_ns > death_s * 1e9 and s.mode == mode]
    assert times, f"{mode} never came"
    return times[0] - death_s


def last_truth_speed(recording: FlightRecording) -> float:
    truth = recording.of("sim/truth")[-1]
    assert not truth.crashed
    return hypot(*truth.velocity_enu_m_s[:2])


@pytest.fixture(scope="module")
def whole(tmp_path_factory: pytest.TempPathFactory) -> LockstepOutcome:
    return fly(tmp_path_factory.mktemp("whole"))


def test_the_hop_is_flown_and_graded(whole: LockstepOutcome) -> None:
    assert (whole.result.passed, whole.ended) == (True, "")
    assert whole.result.metrics.waypoints_reached == 2
    assert whole.result.metrics.max_fence_violation_m == 0.0
    assert {f.name for f in whole.folder.iterdir()} == {
        "exercise.json",
        "plan.json",
        "flight.mcap",
        "result.json",
        "debrief.html",
    }


def test_the_hop_is_flown_on_arducopter(tmp_path: Path) -> None:
    outcome = fly(tmp_path, flavour="ardupilot")
    assert (outcome.result.passed, outcome.ended) == (True, "")
    assert outcome.result.autopilot == "ardupilot"
    assert outcome.result.metrics.waypoints_reached == 2
    assert outcome.result.metrics.max_fence_violation_m == 0.0


def test_one_seed_gives_one_result_and_one_recording(whole: LockstepOutcome, tmp_path: Path) -> None:
    again = fly(tmp_path)
    first, second = (json.loads((o.folder / "result.json").read_text()) for o in (whole, again))
    first.pop("host"), second.pop("host")
    assert first == second
    assert (whole.folder / "flight.mcap").read_bytes() == (again.folder / "flight.mcap").read_bytes()


def test_another_seed_gives_another_flight(whole: LockstepOutcome, tmp_path: Path) -> None:
    other = fly(tmp_path, seed=4, until_s=30.0)
    assert read_flight(other.folder / "flight.mcap").of("sim/truth")[-1] not in read_flight(
        whole.folder / "flight.mcap"
    ).of("sim/truth")


@FLAVOURS
def test_mission_dies_and_the_guard_holds(flavour: str, tmp_path: Path) -> None:
    _, recording = fly_with_death(tmp_path, "mission", flavour=flavour)
    assert held_after(recording, flavour) < 2.0
    assert recording.of("guard/status")[-1].latched
    assert last_truth_speed(recording) < 1.0


@FLAVOURS
def test_guard_dies_and_the_autopilot_node_holds(flavour: str, tmp_path: Path) -> None:
    _, recording = fly_with_death(tmp_path, "guard", flavour=flavour)
    assert held_after(recording, flavour) < 2.0
    assert last_truth_speed(recording) < 1.0


def test_autopilot_node_dies_and_the_autopilots_own_failsafe_holds(tmp_path: Path) -> None:
    _, recording = fly_with_death(tmp_path, "autopilot")
    assert held_after(recording, "px4") < 2.0
    assert last_truth_speed(recording) < 1.0


def test_autopilot_node_dies_and_arducopter_stops_in_guided(tmp_path: Path) -> None:
    """GUID_TIMEOUT: velocities end 3 s after the last one, and the mode stays."""
    _, recording = fly_with_death(tmp_path, "autopilot", for_s=12.0, flavour="ardupilot")
    truth = recording.of("sim/truth")[-1]
    assert last_truth_speed(recording) < 1.0 and not truth.on_ground
    assert recording.of("mavros/state")[-1].mode == "GUIDED"


@pytest.mark.parametrize(("flavour", "for_s"), [("px4", 8.0), ("ardupilot", 12.0)])
def test_endpoint_dies_and_the_aircraft_stops_by_itself(flavour: str, for_s: float, tmp_path: Path) -> None:
    _, recording = fly_with_death(tmp_path, "mavros", for_s, flavour)
    truth = recording.of("sim/truth")[-1]
    assert last_truth_speed(recording) < 1.0 and not truth.on_ground


@FLAVOURS
def test_fusion_dies_and_the_flight_stays_legal(flavour: str, tmp_path: Path) -> None:
    outcome, recording = fly_with_death(tmp_path, "fusion", flavour=flavour)
    assert outcome.result.metrics.max_fence_violation_m == 0.0
    assert not recording.of("sim/truth")[-1].crashed
    death_s = DEATHS_S[flavour]
    assert any(e.kind == "fusion_lost" and 0 < e.t_ns / 1e9 - death_s < 2.0 for e in recording.of("events"))


@pytest.mark.parametrize("part", ["recorder", "exercise"])
def test_an_observer_dies_and_nothing_happens_in_the_air(part: str, tmp_path: Path) -> None:
    outcome = fly(tmp_path, kills=(Kill(DEATHS_S["px4"], part),))
    mission, vehicle = outcome.newest["mission/status"], outcome.newest["vehicle/status"]
    assert mission.phase is MissionPhase.DONE and not vehicle.armed
    assert not outcome.result.passed
    if part == "recorder":
        assert read_flight(outcome.folder / "flight.mcap").last_ns == pytest.approx(DEATHS_S["px4"] * 1e9, abs=20e6)


def test_nothing_moves_again_after_a_death(tmp_path: Path) -> None:
    """No one comes back by itself: 20 s after the guard died the aircraft still holds, where it stopped."""
    _, recording = fly_with_death(tmp_path, "guard", for_s=20.0)
    late = [t for t in recording.of("sim/truth") if t.t_ns > (DEATHS_S["px4"] + 10.0) * 1e9]
    assert max(hypot(*t.velocity_enu_m_s[:2]) for t in late) < 1.0
    assert recording.of("vehicle/status")[-1].authority is not Authority.EXTERNAL
