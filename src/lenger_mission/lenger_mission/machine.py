"""The mission's state machine: a pure function from a state and what happened to the next state and what to do.

It knows stages and items, nothing about positions: `lenger_mission.observe` and the engines watch the world and turn it
into signals; `lenger_mission.mission` does what is asked for. A pair that the table does not list changes nothing.
"""

from __future__ import annotations

from collections.abc import Callable

from lenger_core.samples import MissionPhase
from lenger_mission.stages import (
    ACTIVE,
    AIRBORNE,
    EN_ROUTE,
    Do,
    Effect,
    End,
    Happened,
    Outcome,
    Signal,
    Stage,
    Standing,
    State,
    Tell,
)

_PHASES = {
    Stage.IDLE: MissionPhase.IDLE,
    Stage.PREFLIGHT: MissionPhase.PREFLIGHT,
    Stage.UPLOADING: MissionPhase.PREFLIGHT,
    Stage.ARMING: MissionPhase.PREFLIGHT,
    Stage.TAKEOFF: MissionPhase.TAKEOFF,
    Stage.ENROUTE: MissionPhase.ENROUTE,
    Stage.WAITING: MissionPhase.ENROUTE,
    Stage.LANDING: MissionPhase.LANDING,
    Stage.HOLDING: MissionPhase.HOLDING,
    Stage.RETURNING: MissionPhase.RETURNING,
    Stage.DONE: MissionPhase.DONE,
    Stage.FAILED: MissionPhase.FAILED,
}
_STANDING = {
    Stage.ARMING: Standing.ARM,
    Stage.TAKEOFF: Standing.TAKEOFF,
    Stage.ENROUTE: Standing.FLY,
    Stage.WAITING: Standing.FLY,
    Stage.LANDING: Standing.FLY,
    Stage.HOLDING: Standing.HOLD,
    Stage.FAILED: Standing.HOLD,
    Stage.RETURNING: Standing.RETURN,
}


def phase_of(state: State) -> MissionPhase:
    """Return the phase that others are told."""
    if state.stage in (Stage.PREFLIGHT, Stage.UPLOADING) and state.airborne:
        return MissionPhase.HOLDING
    return _PHASES[state.stage]


def standing_order(state: State) -> Standing:
    """Return what is ordered while the state lasts."""
    if state.stage is Stage.UPLOADING and state.airborne:
        return Standing.TAKE
    return _STANDING.get(state.stage, Standing.NOTHING)


_S, _G = Stage, Signal
_NEXT: dict[tuple[Stage, Signal], Stage] = {
    **{(stage, _G.GOAL): _S.PREFLIGHT for stage in (_S.IDLE, _S.DONE, _S.FAILED)},
    (_S.ARMING, _G.ARMED): _S.TAKEOFF,
    (_S.TAKEOFF, _G.AT_HEIGHT): _S.ENROUTE,
    (_S.ENROUTE, _G.ARRIVED): _S.WAITING,
    (_S.ENROUTE, _G.PASSED): _S.ENROUTE,
    (_S.WAITING, _G.PASSED): _S.ENROUTE,
    (_S.ENROUTE, _G.ROUTE_FLOWN): _S.LANDING,
    (_S.WAITING, _G.ROUTE_FLOWN): _S.LANDING,
    **{(stage, signal): _S.HOLDING for stage in AIRBORNE for signal in (_G.INTERRUPTED, _G.PAUSE)},
    **{(stage, _G.DOWN): _S.FAILED for stage in (AIRBORNE | {_S.HOLDING}) - {_S.LANDING}},
    (_S.LANDING, _G.DOWN): _S.DONE,
    **{(stage, _G.ABORT): _S.RETURNING for stage in (AIRBORNE | {_S.HOLDING}) - {_S.RETURNING}},
    (_S.ARMING, _G.ABORT): _S.FAILED,
    **{(stage, _G.CANCEL): _S.FAILED for stage in ACTIVE},
    **{(stage, _G.TIMED_OUT): _S.FAILED for stage in ACTIVE - {_S.HOLDING}},
}


def transition(state: State, what: Happened) -> tuple[State, tuple[Effect, ...]]:
    """Return the next state and what is to be done.

    Args:
        state: the state now.
        what: what happened.
    """
    branch = _BRANCHES.get(what.signal)
    stage = branch(state, what) if branch is not None else _NEXT.get((state.stage, what.signal))
    if stage is None:
        return state, ()
    if what.signal is Signal.GOAL:
        begun = State(stage, what.item, what.reached, what.uploads, what.airborne, detail=what.detail)
        return begun, (Tell("mission_accepted", what.detail),)
    after = _moved(state, what, stage)
    effects = (*_told(state, after, what), *_done_with(state, after, what))
    return after, effects


def _uploading(state: State, what: Happened) -> Stage | None:
    """READY, UPLOADED and what fails of it: on the ground the way leads to arming, in the air on to flying."""
    if what.signal is Signal.READY and state.stage is Stage.PREFLIGHT and state.uploads:
        return Stage.UPLOADING
    ready = what.signal is Signal.READY and state.stage is Stage.PREFLIGHT
    uploaded = what.signal is Signal.UPLOADED and state.stage is Stage.UPLOADING
    if ready or uploaded:
        return Stage.ENROUTE if state.airborne else Stage.ARMING
    if what.signal is Signal.NOT_UPLOADED and state.stage is Stage.UPLOADING:
        return Stage.HOLDING if state.airborne else Stage.FAILED
    return None


def _by_whether_it_flies(state: State, what: Happened) -> Stage | None:
    """INTERRUPTED, PAUSE, ABORT and DOWN: what they mean before it flies on depends on where the aircraft is."""
    if what.signal is Signal.ABORT and state.stage in (Stage.PREFLIGHT, Stage.UPLOADING):
        return Stage.RETURNING if state.airborne else Stage.FAILED
    if state.stage is not Stage.UPLOADING:
        return _NEXT.get((state.stage, what.signal))
    if not state.airborne:
        return None
    return Stage.FAILED if what.signal is Signal.DOWN else Stage.HOLDING


def _resumed(state: State, what: Happened) -> Stage | None:
    if state.stage is not Stage.HOLDING:
        return None
    # What is left is handed over anew: with its speeds, and whatever was stored on the autopilot meanwhile.
    return Stage.UPLOADING if state.uploads and state.interrupted in EN_ROUTE else state.interrupted


def _jumped(state: State, what: Happened) -> Stage | None:
    """JUMP and REPLAN: from anywhere on the way, and from where it holds."""
    doing = state.interrupted if state.stage is Stage.HOLDING else state.stage
    if doing not in EN_ROUTE and not (doing is Stage.UPLOADING and state.airborne):
        return None
    uploads = what.uploads if what.signal is Signal.REPLAN else state.uploads
    return Stage.UPLOADING if uploads else Stage.ENROUTE


_BRANCHES: dict[Signal, Callable[[State, Happened], Stage | None]] = {
    **dict.fromkeys((_G.READY, _G.UPLOADED, _G.NOT_UPLOADED), _uploading),
    **dict.fromkeys((_G.INTERRUPTED, _G.PAUSE, _G.ABORT, _G.DOWN), _by_whether_it_flies),
    _G.RESUME: _resumed,
    _G.JUMP: _jumped,
    _G.REPLAN: _jumped,
}


def _moved(state: State, what: Happened, stage: Stage) -> State:
    item, reached, uploads = state.item, state.reached, state.uploads
    if what.signal in (Signal.ARRIVED, Signal.PASSED, Signal.ROUTE_FLOWN):
        reached += bool(what.waypoint) and state.stage is Stage.ENROUTE
        item = item if what.signal is Signal.ARRIVED else what.item
    if what.signal in (Signal.JUMP, Signal.REPLAN):
        item = what.item
    if what.signal is Signal.REPLAN:
        reached, uploads = 0, what.uploads
    airborne = state.airborne or what.signal is Signal.AT_HEIGHT
    interrupted = state.stage if stage is Stage.HOLDING else None
    return State(stage, item, reached, uploads, airborne, interrupted, what.detail)


def _told(state: State, after: State, what: Happened) -> tuple[Tell, ...]:
    """Return the events of a transition."""
    told: list[Tell] = []
    if what.waypoint and state.stage is Stage.ENROUTE and after.reached > state.reached:
        told.append(Tell("waypoint_reached", f"waypoint {what.waypoint}"))
    named = _NAMED.get(what.signal)
    if after.stage is Stage.DONE:
        told.append(Tell("mission_done", "landed and disarmed"))
    elif after.stage is Stage.FAILED:
        kind = "mission_canceled" if what.signal is Signal.CANCEL else "mission_failed"
        told.append(Tell(kind, _why_over(state, what)))
    elif named is not None:
        kind, words = named
        told.append(Tell(kind, words(after, what)))
    elif after.stage is not state.stage:
        told.append(Tell(f"mission_{after.stage.value}", what.detail or f"after {state.stage.value}"))
    return tuple(told)


_NAMED: dict[Signal, tuple[str, Callable[[State, Happened], str]]] = {
    _G.PAUSE: ("mission_paused", lambda after, what: what.detail),
    _G.RESUME: ("mission_resumed", lambda after, what: f"back to {after.stage.value}"),
    _G.JUMP: ("mission_jumped", lambda after, what: f"to item {what.item}"),
    _G.REPLAN: ("mission_replanned", lambda after, what: f"{what.detail}, from item {what.item}"),
    _G.ABORT: ("mission_returning", lambda after, what: what.detail),
}
"""What a person asked for: the event, and its words."""


def _why_over(state: State, what: Happened) -> str:
    if what.signal is Signal.CANCEL:
        return f"canceled while {state.stage.value}"
    return f"{state.stage.value}: {what.detail}"


def _done_with(state: State, after: State, what: Happened) -> tuple[Do | End, ...]:
    """Return what is to be done, or how the mission ended."""
    if after.stage is Stage.DONE:
        return (End(Outcome.DONE, "landed and disarmed"),)
    if after.stage is Stage.FAILED:
        outcome = Outcome.CANCELED if what.signal is Signal.CANCEL else Outcome.ABORTED
        return (End(outcome, _why_over(state, what)),)
    if after.stage is Stage.UPLOADING:
        return (Do.UPLOAD,)
    begins = (Signal.AT_HEIGHT, Signal.RESUME, Signal.JUMP, Signal.REPLAN, Signal.READY, Signal.UPLOADED)
    return (Do.BEGIN,) if after.stage in EN_ROUTE and what.signal in begins else ()
