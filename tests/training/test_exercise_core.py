"""The live score: the same flights as the official one, fed as they happen."""

from __future__ import annotations

from typing import Any

import pytest

from lenger_core.samples import MissionPhase
from lenger_core.terrain import load_terrain
from lenger_core.zones import ZoneSet
from lenger_training.exercise_core import ExerciseCore, ExerciseOutput
from training.flights import SQUARE, START_NS, Flight, exercise, square_plan
from training.test_scoring import FIELD


def run(flight: Flight, **changes: Any) -> list[ExerciseOutput]:
    """Feed a flight in the order of time, stepping at 2 Hz, and two seconds beyond its end."""
    core = ExerciseCore(exercise(**changes), square_plan(), ZoneSet((FIELD,)), load_terrain())
    inputs = {
        "sim/truth": core.on_truth,
        "vehicle/status": core.on_vehicle,
        "guard/status": core.on_guard,
        "mission/status": core.on_mission,
        "events": core.on_event,
    }
    outputs, due_ns = [], START_NS - 1_000_000_000
    for topic, record in flight.records():
        while record.t_ns > due_ns:
            outputs.append(core.step(due_ns))
            due_ns += 500_000_000
        if topic in inputs:
            inputs[topic](record)
    return outputs + [core.step(due_ns + k * 500_000_000) for k in range(5)]


def kinds(outputs: list[ExerciseOutput]) -> list[str]:
    return [event.kind for output in outputs for event in output.events]


def test_a_perfect_flight() -> None:
    outputs = run(Flight(SQUARE))
    assert [o.status.waypoint for o in outputs[::50]] == [1, 1, 2, 3, 3, 3][: len(outputs[::50])]
    last = outputs[-1].status
    assert (last.score, last.finished, last.waypoints, last.elapsed_s) == (100.0, True, 3, 131.0)
    assert kinds(outputs) == ["exercise_finished"]
    assert outputs[100].status.height_agl_m > 55.0
    assert outputs[0].status.fence_margin_m == pytest.approx(50.0, abs=0.1)


def test_offences_cost_once_each_and_are_told() -> None:
    knots = [*SQUARE[:3], (50.0, 162.0, 50.0, 60.0), *SQUARE[3:]]
    outputs = run(Flight(knots, interventions_at_s=[30.0]))
    assert kinds(outputs).count("offence_fence_violation") == 1
    assert kinds(outputs).count("offence_cross_track") == 1
    assert outputs[-1].status.score == 0.0


def test_guard_interventions_lower_the_score() -> None:
    assert run(Flight(SQUARE, interventions_at_s=[30.0, 50.0]))[-1].status.score == 90.0


def test_not_finished_while_armed_and_finished_after_overtime() -> None:
    assert not run(Flight(SQUARE, disarms=False))[-1].status.finished
    assert run(Flight(SQUARE, disarms=False), time_limit_s=60)[-1].status.finished


def test_a_mission_that_fails_on_the_ground_ends_the_exercise() -> None:
    waiting = Flight([(0.0, 0.0, 0.0, 0.0), (1.0, 0.0, 0.0, 0.0)], phases=[(0.5, MissionPhase.FAILED)], done=False)
    core = ExerciseCore(exercise(), square_plan(), ZoneSet(), load_terrain())
    for topic, record in waiting.records():
        if topic == "mission/status":
            core.on_mission(record)
    assert core.step(START_NS + 10**9).status.finished


def test_without_any_input_it_waits() -> None:
    status = ExerciseCore(exercise(), square_plan(), ZoneSet(), load_terrain()).step(0).status
    assert (status.phase, status.finished, status.score, status.elapsed_s) == ("waiting", False, 100.0, 0.0)
