"""The words of the mission's state machine: stages, signals, what happened, the state, and what is to be done."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum


class Stage(Enum):
    """What the mission is doing."""

    IDLE = "idle"
    PREFLIGHT = "preflight"
    UPLOADING = "uploading"
    ARMING = "arming"
    TAKEOFF = "takeoff"
    ENROUTE = "enroute"
    WAITING = "waiting"
    LANDING = "landing"
    HOLDING = "holding"
    RETURNING = "returning"
    DONE = "done"
    FAILED = "failed"


class Signal(Enum):
    """What happened."""

    GOAL = "goal"
    READY = "ready"
    UPLOADED = "uploaded"
    NOT_UPLOADED = "not_uploaded"
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
    PAUSE = "pause"
    RESUME = "resume"
    JUMP = "jump"
    REPLAN = "replan"
    ABORT = "abort"
    CANCEL = "cancel"
    TIMED_OUT = "timed_out"


class Outcome(Enum):
    """lenger_interfaces/ExecuteMission outcome."""

    DONE = 0
    REFUSED = 1
    ABORTED = 2
    CANCELED = 3


@dataclass(frozen=True)
class Happened:
    """A signal and what belongs to it.

    Attributes:
        signal: what happened.
        detail: why, for a person.
        item: the item that is flown from now on; for PASSED, ROUTE_FLOWN, GOAL, JUMP and REPLAN.
        waypoint: number of the waypoint that was reached, 0 for none; for ARRIVED, PASSED and ROUTE_FLOWN.
        uploads: whether the autopilot is to fly the plan; for GOAL and REPLAN.
        airborne: whether the aircraft is in the air already; for GOAL.
        reached: waypoints that were reached before; for GOAL.
    """

    signal: Signal
    detail: str = ""
    item: int = 0
    waypoint: int = 0
    uploads: bool = False
    airborne: bool = False
    reached: int = 0


@dataclass(frozen=True)
class State:
    """Where the mission is.

    Attributes:
        stage: what it is doing.
        item: index of the item being flown, or to be flown first.
        reached: waypoints reached.
        uploads: whether the autopilot flies the plan.
        airborne: whether the takeoff is behind it.
        interrupted: the stage that a resume goes back to.
        detail: why, for a person.
    """

    stage: Stage = Stage.IDLE
    item: int = 0
    reached: int = 0
    uploads: bool = False
    airborne: bool = False
    interrupted: Stage | None = None
    detail: str = ""


class Do(Enum):
    """What is to be done once."""

    UPLOAD = "upload"
    """Hand the plan to the autopilot."""
    BEGIN = "begin"
    """Begin to fly at the state's item, from wherever the aircraft is."""


@dataclass(frozen=True)
class Tell:
    """An event to be told."""

    kind: str
    detail: str


@dataclass(frozen=True)
class End:
    """The mission is over."""

    outcome: Outcome
    detail: str


Effect = Do | Tell | End


class Standing(Enum):
    """What is ordered as long as a stage lasts."""

    NOTHING = "nothing"
    ARM = "arm"
    TAKEOFF = "takeoff"
    FLY = "fly"
    """What the engine says."""
    HOLD = "hold"
    """Where holding is ours to ask."""
    TAKE = "take"
    """Hold, whoever had the aircraft before: a person has just agreed that we take it."""
    RETURN = "return"


AIRBORNE = frozenset({Stage.TAKEOFF, Stage.ENROUTE, Stage.WAITING, Stage.LANDING, Stage.RETURNING})
"""Stages in which somebody is to fly; uploading in the air holds."""
EN_ROUTE = frozenset({Stage.ENROUTE, Stage.WAITING, Stage.LANDING})
ACTIVE = AIRBORNE | {Stage.PREFLIGHT, Stage.UPLOADING, Stage.ARMING, Stage.HOLDING}
