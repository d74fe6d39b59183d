"""The provisional score while a flight goes on: the same rules, twice a second. The official score is `scoring`."""

from __future__ import annotations

from dataclasses import dataclass, field
from math import hypot, isfinite, nan

import numpy as np

from lenger_core.geodesy import LocalFrame
from lenger_core.plans import Plan
from lenger_core.samples import Event, ExerciseStatus, GuardStatus, MissionPhase, MissionStatus, SimTruth, VehicleStatus
from lenger_core.terrain import Terrain
from lenger_core.zones import ZoneSet
from lenger_training.exercise import Exercise
from lenger_training.route import LocalRoute
from lenger_training.rubric import BaseRule, Clearance, CrossTrack, HeightError

SETTLE_S = 1.0
"""Disarmed for so long after a flight: it is over."""
OVERTIME_S = 60.0
"""Beyond the time limit by so much: it is over, whatever still flies."""
_ENDED = (MissionPhase.DONE, MissionPhase.FAILED)


@dataclass(frozen=True, slots=True)
class ExerciseOutput:
    """What a step gives out."""

    status: ExerciseStatus
    events: tuple[Event, ...]


@dataclass(slots=True)
class _Tally:
    """How often a rule was broken so far, and whether it is broken now."""

    rule: BaseRule
    broken: bool = False
    count: int = 0

    def see(self, broken: bool) -> bool:
        """Take the present state; return whether an offence begins."""
        begins = broken and not self.broken
        self.broken = broken
        self.count += begins
        return begins

    @property
    def points(self) -> float:
        return min(self.count * self.rule.points, self.rule.max_points)


@dataclass(slots=True)
class _Now:
    """The newest of each input."""

    truth: SimTruth | None = None
    vehicle: VehicleStatus | None = None
    guard: GuardStatus | None = None
    mission: MissionStatus | None = None
    first_interventions: int | None = None
    armed_ns: int | None = None
    disarmed_ns: int | None = None
    events: list[Event] = field(default_factory=list)


class ExerciseCore:
    """Follows one flight of an exercise.

    Args:
        exercise: what is flown.
        plan: its plan.
        zones: its zones.
        terrain: what it is flown over.
    """

    def __init__(self, exercise: Exercise, plan: Plan, zones: ZoneSet, terrain: Terrain) -> None:
        self._exercise = exercise
        site = exercise.site
        self._frame = LocalFrame(site.lat_deg, site.lon_deg, site.alt_amsl_m)
        home = plan.home.alt_amsl_m if plan.home.alt_amsl_m is not None else site.alt_amsl_m
        self._route = LocalRoute.of(plan, self._frame, terrain, home)
        self._zones = zones.in_frame(self._frame)
        self._tallies: dict[str, _Tally] = {rule.rule: _Tally(rule) for rule in exercise.rubric}
        self._now = _Now()
        self._next = 1
        self._finished = False

    def on_truth(self, truth: SimTruth) -> None:
        """Take where the aircraft is, and pass the waypoints it comes by."""
        self._now.truth = truth
        if truth.on_ground or self._next > self._waypoints:
            return
        east, north, _ = self._frame.to_local(truth.lat_deg, truth.lon_deg, truth.alt_amsl_m)
        for node in range(self._next, self._waypoints + 1):
            wanted = self._route.en[node]
            if hypot(east - wanted[0], north - wanted[1]) <= self._exercise.waypoint_radius_m:
                self._next = node + 1
                return

    def on_vehicle(self, status: VehicleStatus) -> None:
        """Take the aircraft's state: arming begins the time, disarming ends it."""
        now = self._now
        now.vehicle = status
        if status.armed:
            now.armed_ns = status.t_ns if now.armed_ns is None else now.armed_ns
            now.disarmed_ns = None
        elif now.armed_ns is not None and now.disarmed_ns is None:
            now.disarmed_ns = status.t_ns

    def on_guard(self, status: GuardStatus) -> None:
        """Take what the guard does."""
        if self._now.first_interventions is None:
            self._now.first_interventions = status.interventions
        self._now.guard = status

    def on_mission(self, status: MissionStatus) -> None:
        """Take where the mission is."""
        self._now.mission = status

    def on_event(self, event: Event) -> None:
        """Take an event of another node; nothing is scored by events yet."""

    def step(self, now_ns: int) -> ExerciseOutput:
        """Judge the present moment. Called at 2 Hz."""
        if not self._finished:
            self._judge(now_ns)
            self._finished = self._is_over(now_ns)
            if self._finished:
                self._tell(now_ns, "exercise_finished", f"provisional score {self._score():.0f}")
        events, self._now.events = tuple(self._now.events), []
        return ExerciseOutput(self._status(now_ns), events)

    @property
    def _waypoints(self) -> int:
        return len(self._route.en) - 2

    def _elapsed_s(self, now_ns: int) -> float:
        begin, end = self._now.armed_ns, self._now.disarmed_ns
        return 0.0 if begin is None else ((end or now_ns) - begin) / 1e9

    def _judge(self, now_ns: int) -> None:
        truth, guard = self._now.truth, self._now.guard
        self._see(now_ns, "time_limit", self._elapsed_s(now_ns) > self._exercise.time_limit_s)
        if guard is not None and (tally := self._tallies.get("guard_intervention")):
            tally.count = guard.interventions - (self._now.first_interventions or 0)
        if truth is None:
            return
        self._see(now_ns, "crash", truth.crashed)
        if truth.on_ground:
            return
        east, north, _ = self._frame.to_local(truth.lat_deg, truth.lon_deg, truth.alt_amsl_m)
        self._see(now_ns, "fence_violation", self._zones.margin(east, north).margin_m < 0.0)
        self._judge_track(now_ns, truth, east, north)

    def _judge_track(self, now_ns: int, truth: SimTruth, east: float, north: float) -> None:
        """The rules of the planned line; height and clearance count between the waypoints."""
        ground = np.array([truth.alt_amsl_m - truth.height_agl_m])
        first = max(0, self._next - 1)
        off, planned = self._route.off_track(
            np.array([[east, north]]), ground, first, min(first + 2, self._waypoints + 1)
        )
        between = 1 < self._next <= self._waypoints
        for tally in self._tallies.values():
            rule = tally.rule
            if isinstance(rule, CrossTrack):
                self._see(now_ns, rule.rule, float(off[0]) > rule.tolerance_m)
            elif isinstance(rule, HeightError):
                self._see(now_ns, rule.rule, between and abs(truth.alt_amsl_m - float(planned[0])) > rule.tolerance_m)
            elif isinstance(rule, Clearance):
                self._see(now_ns, rule.rule, between and truth.height_agl_m < rule.minimum_agl_m)

    def _see(self, now_ns: int, rule: str, broken: bool) -> None:
        tally = self._tallies.get(rule)
        if tally is not None and tally.see(broken):
            self._tell(now_ns, f"offence_{rule}", f"costs {tally.rule.points:g} points (provisional)")

    def _is_over(self, now_ns: int) -> bool:
        now = self._now
        if self._elapsed_s(now_ns) > self._exercise.time_limit_s + OVERTIME_S:
            return True
        ended = now.mission is None or now.mission.phase in (*_ENDED, MissionPhase.IDLE)
        if now.armed_ns is None:
            return now.mission is not None and now.mission.phase is MissionPhase.FAILED
        return ended and now.disarmed_ns is not None and now_ns - now.disarmed_ns >= int(SETTLE_S * 1e9)

    def _score(self) -> float:
        return max(0.0, 100.0 - sum(tally.points for tally in self._tallies.values()))

    def _tell(self, now_ns: int, kind: str, detail: str) -> None:
        self._now.events.append(Event(now_ns, "exercise", kind, detail))

    def _status(self, now_ns: int) -> ExerciseStatus:
        now = self._now
        return ExerciseStatus(
            t_ns=now_ns,
            exercise=self._exercise.name,
            phase="finished" if self._finished else now.mission.phase.name.lower() if now.mission else "waiting",
            waypoint=min(self._next, self._waypoints),
            waypoints=self._waypoints,
            height_agl_m=now.truth.height_agl_m if now.truth else nan,
            fence_margin_m=self._margin(),
            battery_remaining=now.vehicle.battery_remaining if now.vehicle else nan,
            score=self._score(),
            elapsed_s=self._elapsed_s(now_ns),
            finished=self._finished,
        )

    def _margin(self) -> float:
        """Horizontal distance to the fence, by truth, else by the autopilot's estimate."""
        where = self._now.truth or self._now.vehicle
        if where is None or not isfinite(where.lat_deg) or (where.lat_deg, where.lon_deg) == (0.0, 0.0):
            return nan
        east, north, _ = self._frame.to_local(where.lat_deg, where.lon_deg, where.alt_amsl_m)
        return self._zones.margin(east, north).margin_m
