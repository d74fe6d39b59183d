"""What a step of the mission core leaves for others."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan

from lenger_core.plans import Plan
from lenger_core.samples import CameraTrigger, Command, Event, MissionStatus
from lenger_mavlink.mission_items import MissionItem
from lenger_mission.engine import Engine
from lenger_mission.machine import phase_of
from lenger_mission.stages import Outcome, Stage, State
from lenger_mission.way import Left
from lenger_mission.world import Position

STATUS_PERIOD_NS = 500_000_000


@dataclass(frozen=True, slots=True)
class MissionResult:
    """How a mission ended.

    Attributes:
        outcome: that of ExecuteMission: done, refused, aborted or canceled.
        message: for a person.
        waypoints_reached: how many.
    """

    outcome: Outcome
    message: str
    waypoints_reached: int


@dataclass(frozen=True, slots=True)
class MissionOutput:
    """What one step leaves.

    Attributes:
        command: for mission/command, in every step.
        status: where the mission is.
        status_due: whether the status should be published now (2 Hz and at every change).
        events: for events.
        result: the end of a mission, in the step in which it ended.
        upload: a list to hand to the autopilot; `MissionCore.on_uploaded` takes how that went.
        camera: photos and other orders to the camera that are due.
    """

    command: Command
    status: MissionStatus
    status_due: bool
    events: tuple[Event, ...]
    result: MissionResult | None
    upload: tuple[MissionItem, ...] | None = None
    camera: tuple[CameraTrigger, ...] = ()


class StatusRate:
    """Says when a status is due: every half second, and whenever it tells something new."""

    def __init__(self) -> None:
        self._told: tuple[object, ...] | None = None
        self._told_ns = 0

    def due(self, status: MissionStatus, stage: Stage, now_ns: int) -> bool:
        """Return whether to publish this status; a True counts as published."""
        key = (status.phase, stage, status.waypoint, status.detail)
        if key == self._told and 0 <= now_ns - self._told_ns < STATUS_PERIOD_NS:
            return False
        self._told, self._told_ns = key, now_ns
        return True


def make_status(
    now_ns: int,
    state: State,
    plan: Plan | None,
    engine: Engine | None,
    position: Position | None,
    agl_m: float,
    detail: str,
) -> MissionStatus:
    """Return the status record of a state."""
    waypoints = len(plan.waypoints) if plan is not None else 0
    waypoint, left, cross = 0, Left(0.0, nan, nan, 0.0), 0.0
    if engine is not None:
        waypoint = engine.way.waypoint_of(engine.leg) or waypoints
        left = engine.left(position)
        cross = engine.cross_track_m
    return MissionStatus(
        t_ns=now_ns,
        phase=phase_of(state),
        plan=plan.name if plan is not None else "",
        item=state.item if engine is None or not state.airborne else engine.item,
        waypoint=waypoint,
        waypoints=waypoints,
        distance_remaining_m=left.distance_m,
        cross_track_m=cross,
        height_agl_m=agl_m,
        detail=detail,
        engine=engine.name if engine is not None else "",
        items=len(plan.items) if plan is not None else 0,
        item_progress=left.progress,
        time_remaining_s=left.time_s,
        energy_remaining_wh=left.energy_wh,
    )
