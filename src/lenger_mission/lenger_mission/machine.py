"""The mission's state machine: a pure function from a state and a signal to the next state and what follows from it.

It knows stages and legs, nothing about positions: `lenger_mission.mission` watches the world, turns it into signals,
and flies the stage it is told. A pair that the table does not list changes nothing.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from enum import Enum

from lenger_core.samples import MissionPhase


class Stage(Enum):
    """What the mission is doing."""

    IDLE = "idle"
    PREFLIGHT = "preflight"
    ARMING = "arming"
    TAKEOFF = "takeoff"
    ENROUTE = "enroute"
    WAITING = "waiting"
    LANDING = "landing"
    HOLDING = "holding"
    DONE = "done"
    FAILED = "failed"


class Signal(Enum):
    """What happened."""

    GOAL = "goal"
    READY = "ready"
    ARMED = "armed"
    AT_HEIGHT = "at_height"
    ARRIVED = "arrived"
    """At the end of a leg, where the plan says to stop for a while."""
    PASSED = "passed"
    """At the end of a leg, or of the stop there."""
    ROUTE_FLOWN = "route_flown"
    """At the end of the last leg."""
    DOWN = "down"
    """Landed and disarmed."""
    INTERRUPTED = "interrupted"
    RESUME = "resume"
    CANCEL = "cancel"
    TIMED_OUT = "timed_out"


class Outcome(Enum):
    """lenger_interfaces/ExecuteMission outcome."""

    DONE = 0
    REFUSED = 1
    ABORTED = 2
    CANCELED = 3


@dataclass(frozen=True)
class State:
    """Where the mission is.

    Attributes:
        stage: what it is doing.
        leg: index of the leg being flown, the number of legs when all are flown.
        reached: waypoints reached.
        interrupted: the stage that a resume goes back to.
        detail: why, for a person.
    """

    stage: Stage = Stage.IDLE
    leg: int = 0
    reached: int = 0
    interrupted: Stage | None = None
    detail: str = ""


@dataclass(frozen=True)
class Effect:
    """What a transition leaves to be told: an event, and the end of the mission when `outcome` is set."""

    kind: str
    detail: str
    outcome: Outcome | None = None


PHASES = {
    Stage.IDLE: MissionPhase.IDLE,
    Stage.PREFLIGHT: MissionPhase.PREFLIGHT,
    Stage.ARMING: MissionPhase.PREFLIGHT,
    Stage.TAKEOFF: MissionPhase.TAKEOFF,
    Stage.ENROUTE: MissionPhase.ENROUTE,
    Stage.WAITING: MissionPhase.ENROUTE,
    Stage.LANDING: MissionPhase.LANDING,
    Stage.HOLDING: MissionPhase.HOLDING,
    Stage.DONE: MissionPhase.DONE,
    Stage.FAILED: MissionPhase.FAILED,
}

AIRBORNE = frozenset({Stage.TAKEOFF, Stage.ENROUTE, Stage.WAITING, Stage.LANDING})
ACTIVE = AIRBORNE | {Stage.PREFLIGHT, Stage.ARMING, Stage.HOLDING}

_S, _G = Stage, Signal
_NEXT: dict[tuple[Stage, Signal], Stage] = {
    **{(stage, _G.GOAL): _S.PREFLIGHT for stage in (_S.IDLE, _S.DONE, _S.FAILED)},
    (_S.PREFLIGHT, _G.READY): _S.ARMING,
    (_S.ARMING, _G.ARMED): _S.TAKEOFF,
    (_S.TAKEOFF, _G.AT_HEIGHT): _S.ENROUTE,
    (_S.ENROUTE, _G.ARRIVED): _S.WAITING,
    (_S.ENROUTE, _G.PASSED): _S.ENROUTE,
    (_S.WAITING, _G.PASSED): _S.ENROUTE,
    (_S.ENROUTE, _G.ROUTE_FLOWN): _S.LANDING,
    (_S.WAITING, _G.ROUTE_FLOWN): _S.LANDING,
    **{(stage, _G.INTERRUPTED): _S.HOLDING for stage in AIRBORNE},
    **{(stage, _G.DOWN): _S.FAILED for stage in (AIRBORNE | {_S.HOLDING}) - {_S.LANDING}},
    (_S.LANDING, _G.DOWN): _S.DONE,
    **{(stage, _G.CANCEL): _S.FAILED for stage in ACTIVE},
    **{(stage, _G.TIMED_OUT): _S.FAILED for stage in ACTIVE - {_S.HOLDING}},
}


def transition(state: State, signal: Signal, detail: str = "", waypoint: int = 0) -> tuple[State, tuple[Effect, ...]]:
    """Return the next state and its effects.

    Args:
        state: the state now.
        signal: what happened.
        detail: why, for a person.
        waypoint: number of the waypoint at the end of the leg, for ARRIVED, PASSED and ROUTE_FLOWN; 0 for none.
    """
    if signal is Signal.RESUME:
        return _resume(state)
    stage = _NEXT.get((state.stage, signal))
    if stage is None:
        return state, ()
    if signal is Signal.GOAL:
        return State(stage, detail=detail), (Effect("mission_accepted", detail),)
    effects: list[Effect] = []
    leg, reached = state.leg, state.reached
    if signal in (Signal.ARRIVED, Signal.PASSED, Signal.ROUTE_FLOWN):
        if waypoint and state.stage is Stage.ENROUTE:
            reached += 1
            effects.append(Effect("waypoint_reached", f"waypoint {waypoint}"))
        leg += 1 if signal is not Signal.ARRIVED else 0
    if stage is not state.stage:
        effects.append(_stage_effect(state, stage, signal, detail))
    interrupted = state.stage if stage is Stage.HOLDING else None
    return replace(state, stage=stage, leg=leg, reached=reached, interrupted=interrupted, detail=detail), tuple(effects)


def _resume(state: State) -> tuple[State, tuple[Effect, ...]]:
    if state.stage is not Stage.HOLDING or state.interrupted is None:
        return state, ()
    stage = state.interrupted
    return replace(state, stage=stage, interrupted=None, detail=""), (
        Effect("mission_resumed", f"back to {stage.value}"),
    )


def _stage_effect(state: State, stage: Stage, signal: Signal, detail: str) -> Effect:
    if stage is Stage.DONE:
        return Effect("mission_done", "landed and disarmed", Outcome.DONE)
    if stage is Stage.FAILED:
        if signal is Signal.CANCEL:
            return Effect("mission_canceled", f"canceled while {state.stage.value}", Outcome.CANCELED)
        return Effect("mission_failed", f"{state.stage.value}: {detail}", Outcome.ABORTED)
    if stage is Stage.HOLDING:
        return Effect("mission_holding", detail)
    return Effect(f"mission_{stage.value}", detail or f"after {state.stage.value}")
