"""The state machine alone: every pair of stage and signal, against the table as a person would write it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenger_mission.machine import ACTIVE, AIRBORNE, PHASES, Outcome, Signal, Stage, State, transition

# One line a stage: what each signal that counts there leads to. Everything else changes nothing.
TABLE = {
    Stage.IDLE: "goal>preflight",
    Stage.PREFLIGHT: "ready>arming timed_out>failed cancel>failed",
    Stage.ARMING: "armed>takeoff timed_out>failed cancel>failed",
    Stage.TAKEOFF: "at_height>enroute interrupted>holding down>failed timed_out>failed cancel>failed",
    Stage.ENROUTE: (
        "arrived>waiting passed>enroute route_flown>landing interrupted>holding down>failed timed_out>failed "
        "cancel>failed"
    ),
    Stage.WAITING: "passed>enroute route_flown>landing interrupted>holding down>failed timed_out>failed cancel>failed",
    Stage.LANDING: "down>done interrupted>holding timed_out>failed cancel>failed",
    Stage.HOLDING: "resume>enroute down>failed cancel>failed",
    Stage.DONE: "goal>preflight",
    Stage.FAILED: "goal>preflight",
}


def expected(stage: Stage, signal: Signal) -> Stage | None:
    pairs = dict(pair.split(">") for pair in TABLE[stage].split())
    return Stage(pairs[signal.value]) if signal.value in pairs else None


@pytest.mark.parametrize("stage", list(Stage))
@pytest.mark.parametrize("signal", list(Signal))
def test_every_pair_of_stage_and_signal(stage: Stage, signal: Signal) -> None:
    before = State(stage, leg=2, reached=1, interrupted=Stage.ENROUTE if stage is Stage.HOLDING else None)
    after, effects = transition(before, signal, "why", waypoint=3)
    wanted = expected(stage, signal)
    if wanted is None:
        assert (after, effects) == (before, ())
        return
    assert after.stage is wanted
    ends = [effect.outcome for effect in effects if effect.outcome is not None]
    assert len(ends) == (wanted in (Stage.DONE, Stage.FAILED))


@pytest.mark.parametrize("stage", sorted(AIRBORNE, key=lambda s: s.value))
def test_an_interruption_remembers_where_it_came_from(stage: Stage) -> None:
    held, effects = transition(State(stage, leg=1, reached=1), Signal.INTERRUPTED, "guard: fence")
    assert held.stage is Stage.HOLDING and held.interrupted is stage and held.detail == "guard: fence"
    assert [effect.kind for effect in effects] == ["mission_holding"]
    resumed, effects = transition(held, Signal.RESUME)
    assert resumed == State(stage, leg=1, reached=1)
    assert [effect.kind for effect in effects] == ["mission_resumed"]


def test_legs_and_waypoints_are_counted_once() -> None:
    state = State(Stage.ENROUTE)
    state, effects = transition(state, Signal.ARRIVED, waypoint=1)
    assert (state.stage, state.leg, state.reached) == (Stage.WAITING, 0, 1)
    assert [effect.kind for effect in effects] == ["waypoint_reached", "mission_waiting"]
    state, effects = transition(state, Signal.PASSED)
    assert (state.stage, state.leg, state.reached) == (Stage.ENROUTE, 1, 1)
    state, effects = transition(state, Signal.PASSED, waypoint=2)
    assert (state.leg, state.reached) == (2, 2)
    assert [effect.kind for effect in effects] == ["waypoint_reached"]
    state, effects = transition(state, Signal.ROUTE_FLOWN)
    assert (state.stage, state.leg, state.reached) == (Stage.LANDING, 3, 2)


@given(st.lists(st.sampled_from(list(Signal)), max_size=60))
def test_any_story_has_one_end_for_each_beginning(signals: list[Signal]) -> None:
    state, begun, ended = State(), 0, 0
    for signal in signals:
        state, effects = transition(state, signal, "x", waypoint=1)
        begun += sum(effect.kind == "mission_accepted" for effect in effects)
        ended += sum(effect.outcome is not None for effect in effects)
        assert begun - ended == (state.stage in ACTIVE)
        assert (state.interrupted is not None) == (state.stage is Stage.HOLDING)
        assert state.stage in PHASES


def test_canceling_is_not_failing() -> None:
    _, effects = transition(State(Stage.ENROUTE), Signal.CANCEL)
    assert effects[-1].outcome is Outcome.CANCELED
    _, effects = transition(State(Stage.ENROUTE), Signal.TIMED_OUT, "no progress")
    assert effects[-1].outcome is Outcome.ABORTED
