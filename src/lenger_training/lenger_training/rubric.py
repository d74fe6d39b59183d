"""The rubric: one small class a rule, each reads the measured flight and returns the points it takes.

A new rule is one class here and its name in `Rule`.
"""

from __future__ import annotations

from abc import abstractmethod
from typing import Annotated, Literal

import numpy as np
from numpy.typing import NDArray
from pydantic import BaseModel, ConfigDict, Field
from typing_extensions import override

from lenger_training.measures import Measures, runs
from lenger_training.result import Deduction

_MIN_EXCURSION_S = 0.5


class BaseRule(BaseModel):
    """What every rule has: the points of one offence, their cap, and whether an offence fails the flight by itself."""

    model_config = ConfigDict(frozen=True, extra="forbid", allow_inf_nan=False, strict=True)

    rule: str
    points: float = Field(ge=0.0, le=100.0)
    max_points: float = Field(100.0, ge=0.0, le=100.0)
    hard_fail: bool = False

    @abstractmethod
    def offences(self, flight: Measures) -> list[tuple[float, str]]:
        """Return (t_s, detail) of each offence, in the order of time."""

    def judge(self, flight: Measures) -> list[Deduction]:
        """Return a deduction for each offence; beyond the cap it is still listed, with what is left of the points."""
        left, found = self.max_points, []
        for t_s, detail in self.offences(flight):
            points = min(self.points, left)
            left -= points
            found.append(Deduction(t_s=round(t_s, 3), rule=self.rule, points=round(points, 2), detail=detail))
        return found


class MissionCompleted(BaseRule):
    """The aircraft flew, landed and disarmed, and the mission, where one was started, ended as done."""

    rule: Literal["mission_completed"]

    @override
    def offences(self, flight: Measures) -> list[tuple[float, str]]:
        if not flight.flew:
            return [(0.0, "the aircraft never left the ground")]
        if not flight.landed:
            return [(flight.duration_s, "the flight did not end landed and disarmed")]
        if flight.mission is not None and not flight.mission_done:
            phase = flight.mission.phase.name.lower()
            return [
                (flight.duration_s, f"the mission ended in phase {phase}: {flight.mission.detail or 'no reason given'}")
            ]
        return []


class WaypointMissed(BaseRule):
    """Each waypoint that was not passed within the exercise's `waypoint_radius_m`, in order."""

    rule: Literal["waypoint_missed"]

    @override
    def offences(self, flight: Measures) -> list[tuple[float, str]]:
        total = len(flight.visits)
        return [
            (flight.duration_s, f"waypoint {k} of {total} missed" + _closest(v.closest_m))
            for k, v in enumerate(flight.visits, 1)
            if v.sample is None
        ]


class CrossTrack(BaseRule):
    """Each excursion of at least 0.5 s farther than the tolerance from the planned line, horizontally."""

    rule: Literal["cross_track"]
    tolerance_m: float = Field(gt=0.0, le=1000.0)

    @override
    def offences(self, flight: Measures) -> list[tuple[float, str]]:
        return _excursions(flight, flight.cross_track_m, self.tolerance_m, "m off the line")


class HeightError(BaseRule):
    """Each excursion of at least 0.5 s beyond the tolerance above or below the planned height, between waypoints."""

    rule: Literal["height_error"]
    tolerance_m: float = Field(gt=0.0, le=1000.0)

    @override
    def offences(self, flight: Measures) -> list[tuple[float, str]]:
        return _excursions(flight, np.abs(flight.height_error_m), self.tolerance_m, "m off the planned height")


class Clearance(BaseRule):
    """Each excursion of at least 0.5 s below the least height above ground, between waypoints."""

    rule: Literal["clearance"]
    minimum_agl_m: float = Field(gt=0.0, le=1000.0)

    @override
    def offences(self, flight: Measures) -> list[tuple[float, str]]:
        missing = self.minimum_agl_m - flight.clearance_m
        return _excursions(flight, missing, 0.0, f"m below the least {self.minimum_agl_m:g} m above ground")


class FenceViolation(BaseRule):
    """Each time the aircraft left the legal space, however short."""

    rule: Literal["fence_violation"]

    @override
    def offences(self, flight: Measures) -> list[tuple[float, str]]:
        return _excursions(flight, flight.fence_violation_m, 0.0, "m outside the fence", min_s=0.0)


class LandingDistance(BaseRule):
    """Landed farther from the planned point than the tolerance."""

    rule: Literal["landing_distance"]
    tolerance_m: float = Field(gt=0.0, le=1000.0)

    @override
    def offences(self, flight: Measures) -> list[tuple[float, str]]:
        distance = flight.landing_distance_m
        if distance is None or distance <= self.tolerance_m:
            return []
        return [(flight.duration_s, f"landed {distance:.1f} m from the point, tolerance {self.tolerance_m:g} m")]


class GuardIntervention(BaseRule):
    """Each time the guard had to limit or replace a command."""

    rule: Literal["guard_intervention"]

    @override
    def offences(self, flight: Measures) -> list[tuple[float, str]]:
        return [(t_s, "the guard stepped in") for t_s in flight.intervention_times_s]


class TimeLimit(BaseRule):
    """The flight took longer than allowed, from the first arming to the last disarming."""

    rule: Literal["time_limit"]

    @override
    def offences(self, flight: Measures) -> list[tuple[float, str]]:
        if flight.duration_s <= flight.time_limit_s:
            return []
        return [(flight.time_limit_s, f"{flight.duration_s:.0f} s, limit {flight.time_limit_s:g} s")]


class Crash(BaseRule):
    """The aircraft hit the ground."""

    rule: Literal["crash"]

    @override
    def offences(self, flight: Measures) -> list[tuple[float, str]]:
        return [] if flight.crashed_s is None else [(flight.crashed_s, "the aircraft crashed")]


Rule = Annotated[
    MissionCompleted
    | WaypointMissed
    | CrossTrack
    | HeightError
    | Clearance
    | FenceViolation
    | LandingDistance
    | GuardIntervention
    | TimeLimit
    | Crash,
    Field(discriminator="rule"),
]


def _closest(distance_m: float) -> str:
    return f", closest {distance_m:.1f} m" if np.isfinite(distance_m) else ""


def _excursions(
    flight: Measures, value: NDArray[np.float64], tolerance: float, unit: str, min_s: float = _MIN_EXCURSION_S
) -> list[tuple[float, str]]:
    """The start and the worst value of each run of samples beyond `tolerance`."""
    t_s = flight.track.t_s
    with np.errstate(invalid="ignore"):
        beyond = value > tolerance
    return [
        (float(t_s[first]), f"up to {float(value[first:end].max()):.1f} {unit} for {t_s[end - 1] - t_s[first]:.1f} s")
        for first, end in runs(beyond)
        if t_s[end - 1] - t_s[first] >= min_s
    ]
