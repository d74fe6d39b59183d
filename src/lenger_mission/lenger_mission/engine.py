"""What the two engines have in common: the streamed one flies by setpoints from here, the uploaded one lets the
autopilot fly a mission that was handed to it."""

from __future__ import annotations

from dataclasses import dataclass
from math import nan
from typing import Protocol

from lenger_core.samples import CommandKind, Vec3
from lenger_mission.stages import Happened, Stage
from lenger_mission.way import Left, Way
from lenger_mission.world import Position

STREAMED, UPLOADED = "streamed", "uploaded"
ENGINES = (UPLOADED, STREAMED)


@dataclass(frozen=True, slots=True)
class Moment:
    """One step, as an engine sees it.

    Attributes:
        now_ns: time.
        position: where the aircraft is.
        stage: ENROUTE, WAITING or LANDING.
        in_stage_s: for how long.
        dt_s: since the step before.
    """

    now_ns: int
    position: Position
    stage: Stage
    in_stage_s: float
    dt_s: float


@dataclass(frozen=True, slots=True)
class Advance:
    """What an engine sees in a step.

    Attributes:
        happened: for the state machine, None for nothing.
        left: a measure of what is left, which shrinks as long as there is progress.
    """

    happened: Happened | None
    left: float


@dataclass(frozen=True, slots=True)
class Wish:
    """What an engine wants of the aircraft: the fields of a command."""

    kind: CommandKind
    velocity_enu_m_s: Vec3 = (0.0, 0.0, 0.0)
    yaw_enu_rad: float = nan
    mission_item: int = -1


class Engine(Protocol):
    """One way to fly a `Way`."""

    name: str
    way: Way

    def begin(self, now_ns: int, position: Position | None, yaw_enu_rad: float) -> None:
        """Begin at the way's first leg, or go on after somebody else flew."""

    def advance(self, now: Moment) -> Advance:
        """Return what the position means; called in each step of ENROUTE and WAITING."""

    def wish(self, now: Moment) -> Wish:
        """Return what to order now."""

    @property
    def item(self) -> int:
        """Item of the whole plan that is being flown."""

    @property
    def rejoining(self) -> bool:
        """Whether it flies to where the plan was broken off: nothing of the plan is flown there."""

    @property
    def leg(self) -> int:
        """Index of the leg being flown; the number of legs at the end."""

    @property
    def cross_track_m(self) -> float:
        """Off the track, positive to the left; 0 where it is not known."""

    def left(self, position: Position | None) -> Left:
        """Return what is left to be flown."""
