"""What a step of the mission core leaves for others."""

from __future__ import annotations

from dataclasses import dataclass

from lenger_core.plans import Plan
from lenger_core.samples import Command, Event, MissionStatus
from lenger_mission.follow import Follower, Tracking
from lenger_mission.machine import PHASES, Outcome, Stage, State

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
    """

    command: Command
    status: MissionStatus
    status_due: bool
    events: tuple[Event, ...]
    result: MissionResult | None


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


def item_index(state: State, plan: Plan | None, follower: Follower | None) -> int:
    """Return the index of the plan's item being flown."""
    doing = state.interrupted or state.stage
    if plan is None or follower is None or doing in (Stage.PREFLIGHT, Stage.ARMING, Stage.TAKEOFF):
        return 0
    legs = follower.route.legs
    return len(plan.items) - 1 if state.leg >= len(legs) else legs[state.leg].item


def make_status(
    now_ns: int,
    state: State,
    plan: Plan | None,
    follower: Follower | None,
    tracking: Tracking | None,
    height_agl_m: float,
    detail: str,
) -> MissionStatus:
    """Return the status record of a state."""
    waypoint, left, cross = 0, 0.0, 0.0
    waypoints = len(plan.waypoints) if plan is not None else 0
    if follower is not None and state.leg < len(follower.route.legs):
        leg = follower.route.legs[state.leg]
        waypoint = leg.waypoint or waypoints
        left = follower.route.remaining_after_m(state.leg) + (tracking.distance_m if tracking else leg.length_m)
        cross = tracking.cross_track_m if tracking else 0.0
    elif follower is not None:
        waypoint = waypoints
    return MissionStatus(
        t_ns=now_ns,
        phase=PHASES[state.stage],
        plan=plan.name if plan is not None else "",
        item=item_index(state, plan, follower),
        waypoint=waypoint,
        waypoints=waypoints,
        distance_remaining_m=left,
        cross_track_m=cross,
        height_agl_m=height_agl_m,
        detail=detail,
    )
