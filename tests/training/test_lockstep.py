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

DEATH_S = 26.0
"""En route: the hop takes off at about 6 s and is at its height at about 20 s."""


def fly(folder: Path, seed: int = 3, kills: tuple[Kill, ...] = (), until_s: float | None = None) -> LockstepOutcome:
    folder.mkdir(exist_ok=True)
    return fly_lockstep(hop_exercise(folder), hop_plan(), seed, folder / "out", kills=kills, until_s=until_s)


def fly_with_death(folder: Path, part: str, for_s: float = 8.0) -> tuple[LockstepOutcome, FlightRecording]:
    outcome = fly(folder, kills=(Kill(DEATH_S, part),), until_s=DEATH_S + for_s)
    recording = read_flight(outcome.folder / "flight.mcap")
    before = [s for s in recording.of("mission/status") if s.t_ns <= DEATH_S * 1e9]
    assert before[-1].phase is MissionPhase.ENROUTE
    assert not outcome.result.passed
    assert any(d.rule == "process_died" and part in d.detail for d in outcome.result.deductions)
    return outcome, recording


def first_mode_after(recording: FlightRecording, mode: str) -> float:
    """Seconds from the death to the first report of a mode."""
    times = [s.t_ns / 1e9 for s in recording.of("mavros/state") if s.t_ns > DEATH_S * 1e9 and s.mode == mode]
    assert times, f"{mode} never came"
    return times[0] - DEATH_S


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


def test_mission_dies_and_the_guard_holds(tmp_path: Path) -> None:
    _, recording = fly_with_death(tmp_path, "mission")
    assert first_mode_after(recording, "AUTO.LOITER") < 2.0
    assert recording.of("guard/status")[-1].latched
    assert last_truth_speed(recording) < 1.0


def test_guard_dies_and_the_autopilot_node_holds(tmp_path: Path) -> None:
    _, recording = fly_with_death(tmp_path, "guard")
    assert first_mode_after(recording, "AUTO.LOITER") < 2.0
    assert last_truth_speed(recording) < 1.0


def test_autopilot_node_dies_and_the_autopilots_own_failsafe_holds(tmp_path: Path) -> None:
    _, recording = fly_with_death(tmp_path, "autopilot")
    assert first_mode_after(recording, "AUTO.LOITER") < 2.0
    assert last_truth_speed(recording) < 1.0


def test_endpoint_dies_and_the_aircraft_stops_by_itself(tmp_path: Path) -> None:
    _, recording = fly_with_death(tmp_path, "mavros")
    truth = recording.of("sim/truth")[-1]
    assert last_truth_speed(recording) < 1.0 and not truth.on_ground


def test_fusion_dies_and_the_flight_stays_legal(tmp_path: Path) -> None:
    outcome, recording = fly_with_death(tmp_path, "fusion")
    assert outcome.result.metrics.max_fence_violation_m == 0.0
    assert not recording.of("sim/truth")[-1].crashed
    assert any(e.kind == "fusion_lost" and 0 < e.t_ns / 1e9 - DEATH_S < 2.0 for e in recording.of("events"))


@pytest.mark.parametrize("part", ["recorder", "exercise"])
def test_an_observer_dies_and_nothing_happens_in_the_air(part: str, tmp_path: Path) -> None:
    outcome = fly(tmp_path, kills=(Kill(DEATH_S, part),))
    mission, vehicle = outcome.newest["mission/status"], outcome.newest["vehicle/status"]
    assert mission.phase is MissionPhase.DONE and not vehicle.armed
    assert not outcome.result.passed
    if part == "recorder":
        assert read_flight(outcome.folder / "flight.mcap").last_ns == pytest.approx(DEATH_S * 1e9, abs=20e6)


def test_nothing_moves_again_after_a_death(tmp_path: Path) -> None:
    """No one comes back by itself: 20 s after the guard died the aircraft still holds, where it stopped."""
    _, recording = fly_with_death(tmp_path, "guard", for_s=20.0)
    late = [t for t in recording.of("sim/truth") if t.t_ns > (DEATH_S + 10.0) * 1e9]
    assert max(hypot(*t.velocity_enu_m_s[:2]) for t in late) < 1.0
    assert recording.of("vehicle/status")[-1].authority is not Authority.EXTERNAL
