"""The state machine alone: every pair of stage and signal, against the table as a person would write it."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from lenger_mission.machine import phase_of, standing_order, transition
from lenger_mission.stages import (
    ACTIVE,
    AIRBORNE,
    EN_ROUTE,
    Do,
    End,
    Happened,
    Outcome,
    Signal,
    Stage,
    Standing,
    State,
    Tell,
)

# One line a stage: what each signal that counts there leads to. Everything else changes nothing.
# "u:" is for plans that the autopilot flies, "s:" for streamed ones, "air:" and "ground:" for where the aircraft is.
TABLE = {
    Stage.IDLE: "goal>preflight",
    Stage.PREFLIGHT: (
        "u:ready>uploading ground:s:ready>arming air:s:ready>enroute timed_out>failed cancel>failed "
        "ground:abort>failed air:abort>returning"
    ),
    Stage.UPLOADING: (
        "ground:uploaded>arming air:uploaded>enroute ground:not_uploaded>failed air:not_uploaded>holding "
        "air:interrupted>holding air:pause>holding air:down>failed ground:abort>failed air:abort>returning "
        "air:u:jump>uploading air:u:replan>uploading air:s:jump>enroute timed_out>failed cancel>failed"
    ),
    Stage.ARMING: "armed>takeoff timed_out>failed cancel>failed abort>failed",
    Stage.TAKEOFF: (
        "at_height>enroute interrupted>holding pause>holding down>failed abort>returning timed_out>failed cancel>failed"
    ),
    Stage.ENROUTE: (
        "arrived>waiting passed>enroute route_flown>landing interrupted>holding pause>holding down>failed "
        "u:jump>uploading s:jump>enroute u:replan>uploading s:replan>enroute abort>returning timed_out>failed "
        "cancel>failed"
    ),
    Stage.WAITING: (
        "passed>enroute route_flown>landing interrupted>holding pause>holding down>failed "
        "u:jump>uploading s:jump>enroute u:replan>uploading s:replan>enroute abort>returning timed_out>failed "
        "cancel>failed"
    ),
    Stage.LANDING: (
        "down>done interrupted>holding pause>holding "
        "u:jump>uploading s:jump>enroute u:replan>uploading s:replan>enroute abort>returning timed_out>failed "
        "cancel>failed"
    ),
    Stage.HOLDING: (
        "u:resume>uploading s:resume>enroute u:jump>uploading s:jump>enroute u:replan>uploading s:replan>enroute "
        "down>failed abort>returning cancel>failed"
    ),
    Stage.RETURNING: "interrupted>holding pause>holding down>failed timed_out>failed cancel>failed",
    Stage.DONE: "goal>preflight",
    Stage.FAILED: "goal>preflight",
}


def expected(stage: Stage, signal: Signal, uploads: bool, airborne: bool) -> Stage | None:
    holds = {"u": uploads, "s": not uploads, "air": airborne, "ground": not airborne}
    for words in TABLE[stage].split():
        *conditions, pair = words.split(":")
        name, leads = pair.split(">")
        if name == signal.value and all(holds[condition] for condition in conditions):
            return Stage(leads)
    return None


def before(stage: Stage, uploads: bool, airborne: bool) -> State:
    held = Stage.ENROUTE if stage is Stage.HOLDING else None
    return State(stage, item=2, reached=1, uploads=uploads, airborne=airborne, interrupted=held)


@pytest.mark.parametrize("airborne", [False, True])
@pytest.mark.parametrize("uploads", [False, True])
@pytest.mark.parametrize("stage", list(Stage))
@pytest.mark.parametrize("signal", list(Signal))
def test_every_pair_of_stage_and_signal(stage: Stage, signal: Signal, uploads: bool, airborne: bool) -> None:
    first = before(stage, uploads, airborne)
    if stage is Stage.UPLOADING and not uploads and signal is Signal.REPLAN:
        return  # a streamed plan is never uploaded
    after, effects = transition(first, Happened(signal, "why", item=3, waypoint=3, uploads=uploads, airborne=airborne))
    wanted = expected(stage, signal, uploads, airborne)
    if wanted is None:
        assert (after, effects) == (first, ())
        return
    assert after.stage is wanted
    ends = [effect.outcome for effect in effects if isinstance(effect, End)]
    assert len(ends) == (wanted in (Stage.DONE, Stage.FAILED))
    assert (Do.UPLOAD in effects) == (wanted is Stage.UPLOADING)


@pytest.mark.parametrize("stage", sorted(AIRBORNE, key=lambda s: s.value))
def test_an_interruption_remembers_where_it_came_from(stage: Stage) -> None:
    held, effects = transition(State(stage, item=1, reached=1), Happened(Signal.INTERRUPTED, "guard: fence"))
    assert held.stage is Stage.HOLDING and held.interrupted is stage and held.detail == "guard: fence"
    assert effects == (Tell("mission_holding", "guard: fence"),)
    resumed, effects = transition(held, Happened(Signal.RESUME))
    assert resumed == State(stage, item=1, reached=1)
    begins = (Do.BEGIN,) if stage in EN_ROUTE else ()
    assert effects == (Tell("mission_resumed", f"back to {stage.value}"), *begins)


def test_items_and_waypoints_are_counted_once() -> None:
    state = State(Stage.ENROUTE, item=1)
    state, effects = transition(state, Happened(Signal.ARRIVED, waypoint=1))
    assert (state.stage, state.item, state.reached) == (Stage.WAITING, 1, 1)
    assert effects == (Tell("waypoint_reached", "waypoint 1"), Tell("mission_waiting", "after enroute"))
    state, effects = transition(state, Happened(Signal.PASSED, item=2))
    assert (state.stage, state.item, state.reached) == (Stage.ENROUTE, 2, 1)
    state, effects = transition(state, Happened(Signal.PASSED, item=4, waypoint=2))
    assert (state.item, state.reached) == (4, 2)
    assert effects == (Tell("waypoint_reached", "waypoint 2"),)
    state, effects = transition(state, Happened(Signal.ROUTE_FLOWN, item=5))
    assert (state.stage, state.item, state.reached) == (Stage.LANDING, 5, 2)


def test_another_plan_counts_its_waypoints_anew() -> None:
    state, effects = transition(State(Stage.ENROUTE, item=7, reached=6), Happened(Signal.REPLAN, "b", item=1))
    assert (state.stage, state.item, state.reached) == (Stage.ENROUTE, 1, 0)
    assert effects == (Tell("mission_replanned", "b, from item 1"), Do.BEGIN)


def test_no_jump_out_of_a_takeoff() -> None:
    for stage in (State(Stage.TAKEOFF), State(Stage.HOLDING, airborne=True, interrupted=Stage.TAKEOFF)):
        assert transition(stage, Happened(Signal.JUMP, item=3)) == (stage, ())


def test_uploading_in_the_air_holds_and_on_the_ground_orders_nothing() -> None:
    assert standing_order(State(Stage.UPLOADING, airborne=True)) is Standing.TAKE
    assert standing_order(State(Stage.UPLOADING)) is Standing.NOTHING
    assert phase_of(State(Stage.UPLOADING, airborne=True)) is not phase_of(State(Stage.UPLOADING))


SIGNALS = st.tuples(st.sampled_from(list(Signal)), st.booleans(), st.booleans())


@given(st.lists(SIGNALS, max_size=60))
def test_any_story_has_one_end_for_each_beginning(signals: list[tuple[Signal, bool, bool]]) -> None:
    state, begun, ended = State(), 0, 0
    for signal, uploads, airborne in signals:
        state, effects = transition(state, Happened(signal, "x", 1, 1, uploads, airborne))
        begun += sum(isinstance(effect, Tell) and effect.kind == "mission_accepted" for effect in effects)
        ended += sum(isinstance(effect, End) for effect in effects)
        assert begun - ended == (state.stage in ACTIVE)
        assert (state.interrupted is not None) == (state.stage is Stage.HOLDING)
        assert phase_of(state) is not None


def test_the_outcome_says_how_it_ended() -> None:
    ways = {Signal.CANCEL: Outcome.CANCELED, Signal.TIMED_OUT: Outcome.ABORTED, Signal.DOWN: Outcome.ABORTED}
    for signal, outcome in ways.items():
        _, effects = transition(State(Stage.ENROUTE), Happened(signal, "why"))
        assert [effect.outcome for effect in effects if isinstance(effect, End)] == [outcome]
    _, effects = transition(State(Stage.LANDING), Happened(Signal.DOWN))
    assert End(Outcome.DONE, "landed and disarmed") in effects
